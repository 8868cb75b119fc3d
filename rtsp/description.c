// SPDX-License-Identifier: GPL-2.0
/*
 * From the description of one side to that of the other: all that is about the
 * media stays, and what is about keys and control is written anew.
 */
#include <string.h>
#include "shared.h"

/* What is that side's alone. */
static bool is_private(const char *name)
{
	return !strcmp(name, "key-mgmt") || !strcmp(name, "control") || !strcmp(name, "crypto");
}

static void copy_attributes(const GstSDPMessage *from, GstSDPMessage *to)
{
	const GstSDPAttribute *attribute;
	guint i;

	for (i = 0; i < gst_sdp_message_attributes_len(from); i++) {
		attribute = gst_sdp_message_get_attribute(from, i);
		if (!is_private(attribute->key))
			gst_sdp_message_add_attribute(to, attribute->key, attribute->value);
	}
}

static const char *type_of(const char *address)
{
	return strchr(address, ':') ? "IP6" : "IP4";
}

GstSDPMessage *description_begin(const GstSDPMessage *from, const char *name,
				 const char *address, const char *connection)
{
	const char *own = gst_sdp_message_get_session_name(from);
	GstSDPMessage *sdp;

	gst_sdp_message_new(&sdp);
	gst_sdp_message_set_version(sdp, "0");
	gst_sdp_message_set_origin(sdp, "-", "0", "0", "IN", type_of(address), address);
	gst_sdp_message_set_session_name(sdp, own && *own ? own : name);
	gst_sdp_message_set_connection(sdp, "IN", type_of(connection), connection, 0, 0);
	gst_sdp_message_add_time(sdp, "0", "0", NULL);
	copy_attributes(from, sdp);
	return sdp;
}

static void clean_medium(GstSDPMedia *media)
{
	guint i = gst_sdp_media_attributes_len(media);

	while (i-- > 0)
		if (is_private(gst_sdp_media_get_attribute(media, i)->key))
			gst_sdp_media_remove_attribute(media, i);
	for (i = gst_sdp_media_connections_len(media); i-- > 0;)
		gst_sdp_media_remove_connection(media, i);
}

GstSDPMedia *description_medium(const GstSDPMedia *medium, bool secure, uint16_t port)
{
	static const char *const profiles[2][2] = {
		{ "RTP/AVP", "RTP/AVPF" }, { "RTP/SAVP", "RTP/SAVPF" },
	};
	bool feedback = g_str_has_suffix(gst_sdp_media_get_proto(medium), "F");
	GstSDPMedia *copy;

	gst_sdp_media_copy(medium, &copy);
	clean_medium(copy);
	gst_sdp_media_set_proto(copy, profiles[secure][feedback]);
	gst_sdp_media_set_port_info(copy, port, 1);
	return copy;
}
