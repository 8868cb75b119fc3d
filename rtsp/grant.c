// SPDX-License-Identifier: GPL-2.0
/*
 * SETUP of a stream: RTP/SAVP over UDP to the address that the client comes from, and
 * to no other that it names.
 */
#include <string.h>
#include "keymgmt.h"
#include "report.h"
#include "server.h"

static bool can_serve(const GstRTSPTransport *transport, GstRTSPProfile profile)
{
	const GstRTSPRange *ports = &transport->client_port;

	return transport->trans == GST_RTSP_TRANS_RTP && transport->profile == profile &&
	       transport->lower_transport == GST_RTSP_LOWER_TRANS_UDP &&
	       ports->min >= 1024 && ports->max <= UINT16_MAX && ports->max != ports->min &&
	       ports->max >= 1024;
}

/* RFC 2326 12.39: the first one of the client's that is possible. */
static bool choose_transport(struct stream *stream, const GstSDPMedia *sdp, const char *text)
{
	GstRTSPProfile profile = g_str_has_suffix(gst_sdp_media_get_proto(sdp), "F") ?
				 GST_RTSP_PROFILE_SAVPF : GST_RTSP_PROFILE_SAVP;
	char **list = g_strsplit(text, ",", 16), **one;
	GstRTSPTransport *transport;
	bool found = false;

	gst_rtsp_transport_new(&transport);
	for (one = list; *one && !found; one++) {
		gst_rtsp_transport_init(transport);
		found = gst_rtsp_transport_parse(g_strstrip(*one), transport) == GST_RTSP_OK &&
			can_serve(transport, profile);
		if (found) {
			stream->to = transport->client_port.min;
			stream->to_rtcp = transport->client_port.max;
		}
	}
	gst_rtsp_transport_free(transport);
	g_strfreev(list);
	return found;
}

/* The only message for MIKEY, or NULL; to be freed with g_free(). */
static char *find_message(const char *header)
{
	const char *end = header + strlen(header);
	struct keymgmt keymgmt;

	while ((header = keymgmt_next(header, end, &keymgmt)))
		if (keymgmt.mikey && keymgmt.data.len)
			return g_strndup(keymgmt.data.text, keymgmt.data.len);
	return NULL;
}

static int take_key(const struct visit *visit, size_t index, GstRTSPMessage *request,
		    struct failure *failure)
{
	char *header = NULL, *message;
	int ret;

	gst_rtsp_message_get_header(request, GST_RTSP_HDR_KEYMGMT, &header, 0);
	message = header ? find_message(header) : NULL;
	if (!message)
		return failure_set(failure, MIKEY_EXIT_POLICY, "no-key-management",
				   "its SETUP has no KeyMgmt header for MIKEY");
	ret = offers_accept(visit, index, message, failure);
	explicit_bzero(message, strlen(message));
	g_free(message);
	return ret;
}

static int reserve(struct visit *visit, size_t index, struct failure *failure)
{
	struct supervisor *sup = &visit->supervisor;
	struct placement *pair = &visit->placements[sup->n_placements];
	struct stream *stream = &visit->streams[index];
	unsigned int first = visit->serving->shared.first_port;

	if (pair_reserve(pair, first, stream->session, failure))
		return -1;
	stream->port = pair->port;
	sup->placements = visit->placements;
	sup->n_placements += 2;
	return 0;
}

static void tell_transport(const struct stream *stream, const GstSDPMedia *sdp,
			   GstRTSPMessage *response)
{
	bool feedback = g_str_has_suffix(gst_sdp_media_get_proto(sdp), "F");

	gst_rtsp_message_take_header(response, GST_RTSP_HDR_TRANSPORT, g_strdup_printf(
		"RTP/SAVP%s;unicast;client_port=%u-%u;server_port=%u-%u", feedback ? "F" : "",
		stream->to, stream->to_rtcp, stream->port, stream->port + 1));
}

GstRTSPStatusCode grant(struct visit *visit, size_t index, GstRTSPMessage *request,
			GstRTSPMessage *response)
{
	const GstSDPMedia *sdp = gst_sdp_message_get_media(visit->serving->sdp, index);
	struct stream *stream = &visit->streams[index];
	struct failure failure;
	char *text = NULL;

	gst_rtsp_message_get_header(request, GST_RTSP_HDR_TRANSPORT, &text, 0);
	if (!text || !choose_transport(stream, sdp, text))
		return GST_RTSP_STS_UNSUPPORTED_TRANSPORT;
	if (take_key(visit, index, request, &failure)) {
		note("%s: no key is agreed: %s (%s)", visit->host, failure.text, failure.reason);
		return GST_RTSP_STS_KEY_MANAGEMENT_FAILURE;
	}
	if (reserve(visit, index, &failure)) {
		note("%s: %s (%s)", visit->host, failure.text, failure.reason);
		return GST_RTSP_STS_INTERNAL_SERVER_ERROR;
	}
	tell_transport(stream, sdp, response);
	return GST_RTSP_STS_OK;
}
