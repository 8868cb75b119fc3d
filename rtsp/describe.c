// SPDX-License-Identifier: GPL-2.0
/*
 * What the camera can do (OPTIONS), and what it has (DESCRIBE).
 */
#include <errno.h>
#include <string.h>
#include "camera.h"
#include "report.h"

/* OPTIONS is a courtesy: a camera that refuses it may still play. */
static int ask_options(struct camera *cam, const char *uri, struct failure *failure)
{
	GstRTSPMessage request = { 0 }, response;
	char *text = NULL;
	int i;

	gst_rtsp_message_init_request(&request, GST_RTSP_OPTIONS, uri);
	if (dialogue_ask(cam, &request, &response, failure))
		return -1;
	/* The library makes a header of each name in the list. */
	for (i = 0; gst_rtsp_message_get_header(&response, GST_RTSP_HDR_PUBLIC, &text, i) ==
		    GST_RTSP_OK; i++)
		cam->methods |= gst_rtsp_options_from_text(text);
	gst_rtsp_message_unset(&response);
	return 0;
}

/* RFC 2326 C.1.1 */
static char *find_base(GstRTSPMessage *response, const char *uri)
{
	static const GstRTSPHeaderField fields[] = {
		GST_RTSP_HDR_CONTENT_BASE, GST_RTSP_HDR_CONTENT_LOCATION };
	char *text;
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(fields); i++)
		if (gst_rtsp_message_get_header(response, fields[i], &text, 0) == GST_RTSP_OK &&
		    *text)
			return g_strdup(text);
	return g_strdup(uri);
}

static int take_sdp(struct camera *cam, GstRTSPMessage *response, struct failure *failure)
{
	guint8 *body = NULL;
	guint size = 0;

	gst_rtsp_message_get_body(response, &body, &size);
	gst_sdp_message_new(&cam->sdp);
	if (size && !memchr(body, '\0', size - 1) &&
	    gst_sdp_message_parse_buffer(body, size, cam->sdp) == GST_SDP_OK &&
	    gst_sdp_message_medias_len(cam->sdp))
		return 0;
	return failure_set(failure, MIKEY_EXIT_MALFORMED, "bad-sdp",
			   "the camera has no description that can be read");
}

static int ask_description(struct camera *cam, const char *uri, struct failure *failure)
{
	GstRTSPMessage request = { 0 }, response;
	int ret;

	gst_rtsp_message_init_request(&request, GST_RTSP_DESCRIBE, uri);
	gst_rtsp_message_add_header(&request, GST_RTSP_HDR_ACCEPT, "application/sdp");
	if (dialogue_ask(cam, &request, &response, failure))
		return -1;
	ret = dialogue_status(&response, "DESCRIBE", failure);
	if (!ret)
		ret = take_sdp(cam, &response, failure);
	if (!ret)
		cam->base = find_base(&response, uri);
	gst_rtsp_message_unset(&response);
	return ret;
}

/* RFC 2326 C.1.1: a=control is absolute, "*", or relative to the base. */
static char *resolve(const char *base, const char *control)
{
	if (!control || !*control || !strcmp(control, "*"))
		return g_strdup(base);
	if (strstr(control, "://"))
		return g_strdup(control);
	return g_strconcat(base, g_str_has_suffix(base, "/") ? "" : "/", control, NULL);
}

static bool is_wanted(const struct camera *cam, const GstSDPMedia *sdp)
{
	gchar **list;
	bool wanted;

	if (!cam->options.media)
		return true;
	list = g_strsplit(cam->options.media, ",", -1);
	wanted = g_strv_contains((const gchar *const *)list, gst_sdp_media_get_media(sdp));
	g_strfreev(list);
	return wanted;
}

/* RTSP lets a medium be in clear beside a secure one; here nothing is in clear by accident. */
static int take_medium(struct camera *cam, unsigned int line, struct failure *failure)
{
	const GstSDPMedia *sdp = gst_sdp_message_get_media(cam->sdp, line);
	const char *proto = gst_sdp_media_get_proto(sdp);

	if (!is_wanted(cam, sdp))
		return 0;
	if (!proto || (strcmp(proto, "RTP/SAVP") && strcmp(proto, "RTP/SAVPF")))
		return failure_set(failure, MIKEY_EXIT_POLICY, "unprotected-medium",
				   "m-line %u (%s) is %s and not secure; --media chooses others",
				   line + 1, gst_sdp_media_get_media(sdp), proto);
	if (cam->n_media == MEDIA_MAX)
		return failure_set(failure, MIKEY_EXIT_UNSUPPORTED, "too-many-media",
				   "the camera has more than %d media", MEDIA_MAX);
	cam->media[cam->n_media++] = (struct medium){
		.line = line,
		.sdp = sdp,
		.uri = resolve(cam->base, gst_sdp_media_get_attribute_val(sdp, "control")),
	};
	return 0;
}

int describe(struct camera *cam, struct failure *failure)
{
	char *uri = gst_rtsp_url_get_request_uri(cam->url);
	unsigned int i;
	int ret;

	ret = ask_options(cam, uri, failure);
	if (!ret)
		ret = ask_description(cam, uri, failure);
	g_free(uri);
	for (i = 0; !ret && i < gst_sdp_message_medias_len(cam->sdp); i++)
		ret = take_medium(cam, i, failure);
	if (ret || cam->n_media)
		return ret;
	return failure_set(failure, MIKEY_EXIT_POLICY, "no-media",
			   "the camera has no medium that --media names");
}
