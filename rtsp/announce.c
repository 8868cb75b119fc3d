// SPDX-License-Identifier: GPL-2.0
/*
 * What a client is told by DESCRIBE: what COMMAND sends, as RTP/SAVP, and in model a
 * with a MIKEY message for each medium (RFC 4567 4.2).
 */
#include <string.h>
#include "server.h"

static void add_message(GstSDPMedia *medium, const char *message)
{
	char *value = g_strconcat("mikey ", message, NULL);

	gst_sdp_media_add_attribute(medium, "key-mgmt", value);
	explicit_bzero(value, strlen(value));
	g_free(value);
}

/*
 * In model b the key is the client's. One that is told here would protect nothing, and
 * GStreamer would take it for that of the stream.
 */
static void add_medium(GstSDPMessage *sdp, const struct visit *visit, size_t index)
{
	const GstSDPMedia *from = gst_sdp_message_get_media(visit->serving->sdp, index);
	GstSDPMedia *medium = description_medium(from, true, 0);
	char *control = g_strdup_printf("stream=%zu", index);

	gst_sdp_media_add_attribute(medium, "control", control);
	if (visit->serving->shared.model != MODEL_CLIENT)
		add_message(medium, visit->streams[index].message);
	gst_sdp_message_add_media(sdp, medium);
	gst_sdp_media_free(medium);
	g_free(control);
}

char *announce(const struct visit *visit)
{
	const char *any = strchr(visit->local, ':') ? "::" : "0.0.0.0";
	GstSDPMessage *sdp = description_begin(visit->serving->sdp, SERVER_NAME, visit->local, any);
	char *text;
	size_t i;

	gst_sdp_message_add_attribute(sdp, "control", "*");
	for (i = 0; i < visit->n_streams; i++)
		add_medium(sdp, visit, i);
	text = gst_sdp_message_as_text(sdp);
	gst_sdp_message_free(sdp);
	return text;
}
