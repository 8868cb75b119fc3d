// SPDX-License-Identifier: GPL-2.0
/*
 * The description for COMMAND: what the camera has, as RTP/AVP on local ports,
 * without any key.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "camera.h"
#include "report.h"

/* What is the camera's and ours alone. */
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

static void clean_medium(GstSDPMedia *media)
{
	guint i = gst_sdp_media_attributes_len(media);

	while (i-- > 0)
		if (is_private(gst_sdp_media_get_attribute(media, i)->key))
			gst_sdp_media_remove_attribute(media, i);
	for (i = gst_sdp_media_connections_len(media); i-- > 0;)
		gst_sdp_media_remove_connection(media, i);
}

static void add_medium(GstSDPMessage *sdp, const struct medium *medium)
{
	bool feedback = !strcmp(gst_sdp_media_get_proto(medium->sdp), "RTP/SAVPF");
	GstSDPMedia *media;

	gst_sdp_media_copy(medium->sdp, &media);
	clean_medium(media);
	gst_sdp_media_set_proto(media, feedback ? "RTP/AVPF" : "RTP/AVP");
	gst_sdp_media_set_port_info(media, medium->port, 1);
	gst_sdp_message_add_media(sdp, media);
	gst_sdp_media_free(media);
}

static char *make_text(const struct camera *cam)
{
	const char *type = strchr(cam->source, ':') ? "IP6" : "IP4";
	const char *name = gst_sdp_message_get_session_name(cam->sdp);
	GstSDPMessage *sdp;
	char *text;
	size_t i;

	gst_sdp_message_new(&sdp);
	gst_sdp_message_set_version(sdp, "0");
	gst_sdp_message_set_origin(sdp, "-", "0", "0", "IN", type, cam->source);
	gst_sdp_message_set_session_name(sdp, name && *name ? name : "camera");
	gst_sdp_message_set_connection(sdp, "IN", type, cam->source, 0, 0);
	gst_sdp_message_add_time(sdp, "0", "0", NULL);
	copy_attributes(cam->sdp, sdp);
	for (i = 0; i < cam->n_media; i++)
		add_medium(sdp, &cam->media[i]);
	text = gst_sdp_message_as_text(sdp);
	gst_sdp_message_free(sdp);
	return text;
}

static int write_all(int fd, const char *text, const char *path, struct failure *failure)
{
	size_t len = strlen(text);
	ssize_t written = write(fd, text, len);

	if (written == (ssize_t)len)
		return 0;
	return failure_errno(failure, written < 0 ? errno : ENOSPC, "cannot write %s", path);
}

/* $SDP, and {} in the arguments. */
static void tell_command(struct camera *cam)
{
	char **argument, **parts;

	g_setenv("SDP", cam->sdp_path, TRUE);
	for (argument = cam->options.argv + 1; *argument; argument++) {
		if (!strstr(*argument, "{}"))
			continue;
		parts = g_strsplit(*argument, "{}", -1);
		*argument = g_strjoinv(cam->sdp_path, parts);
		g_strfreev(parts);
	}
}

int plain_write(struct camera *cam, struct failure *failure)
{
	GError *error = NULL;
	char *text;
	int fd, ret;

	fd = g_file_open_tmp("mikey-rtsp-XXXXXX.sdp", &cam->sdp_path, &error);
	if (fd < 0) {
		failure_set(failure, MIKEY_EXIT_SYSTEM, "system", "%s", error->message);
		g_error_free(error);
		return -1;
	}
	text = make_text(cam);
	ret = write_all(fd, text, cam->sdp_path, failure);
	close(fd);
	g_free(text);
	if (!ret)
		tell_command(cam);
	return ret;
}
