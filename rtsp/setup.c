// SPDX-License-Identifier: GPL-2.0
/*
 * SETUP of each medium: RTP/SAVP over UDP, with the KeyMgmt header (RFC 4567 3.2).
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "camera.h"
#include "report.h"

/* RFC 2326 12.37 */
#define SESSION_SECONDS 60

static int reserve(struct camera *cam, size_t index, struct failure *failure)
{
	struct placement *pair = &cam->placements[2 * index];
	unsigned int first = cam->options.shared.first_port;

	if (pair_reserve(pair, first ? first + 2 * index : 0, cam->media[index].session, failure))
		return -1;
	cam->media[index].port = pair->port;
	cam->supervisor.n_placements += 2;
	return 0;
}

/* What Hanwha and ONVIF's own example have in model b is an empty URI. */
static char *key_header(const struct camera *cam, const struct medium *medium)
{
	const char *uri = cam->model == MODEL_CLIENT || strchr(medium->uri, '"') ? "" : medium->uri;

	return g_strdup_printf("prot=mikey;uri=\"%s\";data=\"%s\"", uri, medium->message);
}

static void make_request(const struct camera *cam, const struct medium *medium,
			 GstRTSPMessage *request)
{
	gst_rtsp_message_init_request(request, GST_RTSP_SETUP, medium->uri);
	gst_rtsp_message_take_header(request, GST_RTSP_HDR_TRANSPORT, g_strdup_printf(
		"%s;unicast;client_port=%u-%u", gst_sdp_media_get_proto(medium->sdp),
		medium->port, medium->port + 1));
	gst_rtsp_message_take_header(request, GST_RTSP_HDR_KEYMGMT, key_header(cam, medium));
}

static bool is_asked_for(const struct medium *medium, const GstRTSPTransport *transport)
{
	return (transport->profile == GST_RTSP_PROFILE_SAVP ||
		transport->profile == GST_RTSP_PROFILE_SAVPF) &&
	       transport->lower_transport == GST_RTSP_LOWER_TRANS_UDP &&
	       (transport->client_port.min == -1 || transport->client_port.min == medium->port);
}

static int take_transport(struct camera *cam, const struct medium *medium,
			  GstRTSPMessage *response, struct failure *failure)
{
	GstRTSPTransport *transport;
	char *text = NULL;
	int ret = 0;

	gst_rtsp_transport_new(&transport);
	gst_rtsp_message_get_header(response, GST_RTSP_HDR_TRANSPORT, &text, 0);
	if (!text || gst_rtsp_transport_parse(text, transport) != GST_RTSP_OK ||
	    !is_asked_for(medium, transport))
		ret = failure_set(failure, MIKEY_EXIT_UNSUPPORTED, "unsupported-transport",
				  "the camera does not send RTP/SAVP over UDP to port %u",
				  medium->port);
	else if (!cam->source)
		cam->source = g_strdup(transport->source ? transport->source :
				       gst_rtsp_connection_get_ip(cam->conn));
	gst_rtsp_transport_free(transport);
	return ret;
}

static void take_session(struct camera *cam, GstRTSPMessage *response)
{
	const char *seconds;
	char *text;

	if (gst_rtsp_message_get_header(response, GST_RTSP_HDR_SESSION, &text, 0) != GST_RTSP_OK)
		return;
	seconds = strstr(text, "timeout=");
	cam->session_seconds = seconds ? strtoul(seconds + strlen("timeout="), NULL, 10) : 0;
	if (!cam->session_seconds || cam->session_seconds > 86400)
		cam->session_seconds = SESSION_SECONDS;
}

static int setup_medium(struct camera *cam, size_t index, struct failure *failure)
{
	struct medium *medium = &cam->media[index];
	GstRTSPMessage request = { 0 }, response;
	int ret;

	if (reserve(cam, index, failure))
		return -1;
	make_request(cam, medium, &request);
	if (dialogue_ask(cam, &request, &response, failure))
		return -1;
	ret = dialogue_status(&response, "SETUP", failure);
	if (!ret)
		ret = take_transport(cam, medium, &response, failure);
	if (!ret)
		take_session(cam, &response);
	gst_rtsp_message_unset(&response);
	return ret;
}

static void release_ports(struct camera *cam)
{
	size_t i;

	for (i = 0; i < cam->supervisor.n_placements; i++)
		close(cam->placements[i].reserved);
	cam->supervisor.n_placements = 0;
}

static int try_model(struct camera *cam, struct failure *failure)
{
	size_t i;
	int ret = keys_agree(cam, failure);

	cam->session_seconds = SESSION_SECONDS;
	cam->supervisor.placements = cam->placements;
	for (i = 0; !ret && i < cam->n_media; i++)
		ret = setup_medium(cam, i, failure);
	return ret;
}

/* 463 says that the client has to bring the key. */
int setup(struct camera *cam, struct failure *failure)
{
	cam->model = cam->options.auto_model ? keys_guess(cam) : cam->options.shared.model;
	if (!try_model(cam, failure))
		return 0;
	if (!cam->options.auto_model || cam->model == MODEL_CLIENT ||
	    strcmp(failure->reason, "key-management-failure"))
		return -1;
	note("the camera does not take this key: trying model b");
	release_ports(cam);
	cam->model = MODEL_CLIENT;
	return try_model(cam, failure);
}
