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

static char *make_text(const struct camera *cam)
{
	GstSDPMessage *sdp = description_begin(cam->sdp, "camera", cam->source, cam->source);
	GstSDPMedia *media;
	char *text;
	size_t i;

	for (i = 0; i < cam->n_media; i++) {
		media = description_medium(cam->media[i].sdp, false, cam->media[i].port);
		gst_sdp_message_add_media(sdp, media);
		gst_sdp_media_free(media);
	}
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
	for (argument = cam->options.shared.argv + 1; *argument; argument++) {
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
