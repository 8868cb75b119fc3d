// SPDX-License-Identifier: GPL-2.0
/*
 * The requests of a client (RFC 2326 10), and what is answered. There is one session
 * in a connection, and it ends with it.
 */
#include <string.h>
#include "report.h"
#include "rtsp.h"
#include "server.h"

/* Where a URI points to: a stream's index, or one of these. */
#define ALL MEDIA_MAX
#define NOWHERE (MEDIA_MAX + 1)

/**
 * struct request - a request on its way to its answer
 * @visit: whose
 * @message: as it came
 * @response: its answer
 * @place: where its URI points to
 */
struct request {
	struct visit *visit;
	GstRTSPMessage *message;
	GstRTSPMessage *response;
	size_t place;
};

static char *header(const struct request *request, GstRTSPHeaderField field)
{
	char *text = NULL;

	gst_rtsp_message_get_header(request->message, field, &text, 0);
	return text;
}

static GstRTSPStatusCode on_options(struct request *request)
{
	gst_rtsp_message_add_header(request->response, GST_RTSP_HDR_PUBLIC,
		"OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER, SET_PARAMETER");
	return GST_RTSP_STS_OK;
}

/* The response has the keys: they are the library's to free, and TLS's to keep. */
static void add_description(struct request *request)
{
	char *text = announce(request->visit), *base;
	const char *uri = request->message->type_data.request.uri;

	base = g_strconcat(uri, g_str_has_suffix(uri, "/") ? "" : "/", NULL);
	gst_rtsp_message_add_header(request->response, GST_RTSP_HDR_CONTENT_TYPE,
				    "application/sdp");
	gst_rtsp_message_take_header(request->response, GST_RTSP_HDR_CONTENT_BASE, base);
	gst_rtsp_message_set_body(request->response, (guint8 *)text, strlen(text));
	explicit_bzero(text, strlen(text));
	g_free(text);
}

static GstRTSPStatusCode on_describe(struct request *request)
{
	const char *accept = header(request, GST_RTSP_HDR_ACCEPT);
	struct visit *visit = request->visit;
	struct failure failure;

	if (request->place != ALL)
		return GST_RTSP_STS_NOT_FOUND;
	if (accept && !strstr(accept, "application/sdp") && !strstr(accept, "*/*"))
		return GST_RTSP_STS_NOT_ACCEPTABLE;
	if (!visit->described && offers_make(visit, &failure)) {
		note("%s: no keys: %s (%s)", visit->host, failure.text, failure.reason);
		return GST_RTSP_STS_SERVICE_UNAVAILABLE;
	}
	visit->described = true;
	add_description(request);
	return GST_RTSP_STS_OK;
}

static void tell_session(struct request *request)
{
	struct visit *visit = request->visit;

	if (!visit->id[0])
		g_snprintf(visit->id, sizeof(visit->id), "%08x%08x", g_random_int(),
			   g_random_int());
	gst_rtsp_message_remove_header(request->response, GST_RTSP_HDR_SESSION, -1);
	gst_rtsp_message_take_header(request->response, GST_RTSP_HDR_SESSION, g_strdup_printf(
		"%s;timeout=%u", visit->id, visit->serving->shared.timeout));
}

static GstRTSPStatusCode on_setup(struct request *request)
{
	struct visit *visit = request->visit;
	GstRTSPStatusCode code;

	if (request->place == ALL)
		return GST_RTSP_STS_AGGREGATE_OPERATION_NOT_ALLOWED;
	if (!visit->described || visit->started || visit->streams[request->place].port)
		return GST_RTSP_STS_METHOD_NOT_VALID_IN_THIS_STATE;
	code = grant(visit, request->place, request->message, request->response);
	if (code == GST_RTSP_STS_OK)
		tell_session(request);
	return code;
}

/* COMMAND sends all media, and has to know where to. */
static bool is_set_up(const struct visit *visit)
{
	size_t i;

	for (i = 0; i < visit->n_streams; i++)
		if (!visit->streams[i].port)
			return false;
	return true;
}

static GstRTSPStatusCode on_play(struct request *request)
{
	struct visit *visit = request->visit;

	if (!is_set_up(visit))
		return GST_RTSP_STS_METHOD_NOT_VALID_IN_THIS_STATE;
	if (!visit->started && sending_start(visit))
		return GST_RTSP_STS_INTERNAL_SERVER_ERROR;
	gst_rtsp_message_add_header(request->response, GST_RTSP_HDR_RANGE, "npt=now-");
	return GST_RTSP_STS_OK;
}

static GstRTSPStatusCode on_teardown(struct request *request)
{
	visit_part(request->visit);
	return GST_RTSP_STS_OK;
}

static const char *body_of(const struct request *request, size_t *len)
{
	guint8 *body = NULL;
	guint size = 0;

	gst_rtsp_message_get_body(request->message, &body, &size);
	*len = body ? strnlen((char *)body, size) : 0;
	return (char *)body;
}

/* A sign of life; there are no parameters. */
static GstRTSPStatusCode on_get_parameter(struct request *request)
{
	size_t len;

	body_of(request, &len);
	return len ? GST_RTSP_STS_PARAMETER_NOT_UNDERSTOOD : GST_RTSP_STS_OK;
}

/* The URI of the request, or that of the header in its body (GStreamer 1.26). */
static size_t stream_of(const struct request *request, const struct rtsp_key *key);

static GstRTSPStatusCode take_key(struct request *request, const struct rtsp_key *key)
{
	struct visit *visit = request->visit;
	size_t index = stream_of(request, key);
	const char *base64 = key->base64 + strspn(key->base64, " \t");
	struct failure failure;

	if (index >= visit->n_streams)
		return GST_RTSP_STS_AGGREGATE_OPERATION_NOT_ALLOWED;
	if (!offers_accept(visit, index, base64, &failure))
		return GST_RTSP_STS_OK;
	note("%s: the new key is refused: %s (%s)", visit->host, failure.text, failure.reason);
	return GST_RTSP_STS_KEY_MANAGEMENT_FAILURE;
}

/* ONVIF Streaming: new keys of model b, and nothing else. */
static GstRTSPStatusCode on_set_parameter(struct request *request)
{
	GstRTSPStatusCode code = GST_RTSP_STS_PARAMETER_NOT_UNDERSTOOD;
	struct visit *visit = request->visit;
	struct rtsp_keys keys = { .n = 0 };
	struct failure failure;
	size_t len;
	const char *body = body_of(request, &len);
	int i;

	if (!len)
		return GST_RTSP_STS_OK;
	if (visit->serving->shared.model == MODEL_CLIENT && is_set_up(visit) &&
	    !rtsp_find(body, len, &keys, &failure))
		for (i = 0, code = GST_RTSP_STS_OK; i < keys.n && code == GST_RTSP_STS_OK; i++)
			code = take_key(request, &keys.list[i]);
	rtsp_clear(&keys);
	return code;
}

static const struct {
	GstRTSPMethod method;
	GstRTSPStatusCode (*answer)(struct request *request);
	bool needs_session;
} methods[] = {
	{ GST_RTSP_OPTIONS, on_options, false },
	{ GST_RTSP_DESCRIBE, on_describe, false },
	{ GST_RTSP_SETUP, on_setup, false },
	{ GST_RTSP_PLAY, on_play, true },
	{ GST_RTSP_TEARDOWN, on_teardown, true },
	{ GST_RTSP_GET_PARAMETER, on_get_parameter, false },
	{ GST_RTSP_SET_PARAMETER, on_set_parameter, false },
};

/* PATH, PATH/, or PATH/stream=N */
static size_t find_place(const struct visit *visit, const char *path)
{
	static const char stream[] = "/stream=";
	size_t len = strlen(visit->serving->path), i;

	if (strncmp(path, visit->serving->path, len))
		return NOWHERE;
	path += len;
	if (!*path || !strcmp(path, "/"))
		return ALL;
	if (strncmp(path, stream, sizeof(stream) - 1))
		return NOWHERE;
	path += sizeof(stream) - 1;
	for (i = 0; i < visit->n_streams; i++)
		if (g_ascii_isdigit(*path) && g_ascii_strtoull(path, NULL, 10) == i &&
		    strlen(path) == (i < 10 ? 1 : 2))
			return i;
	return NOWHERE;
}

static size_t place_of(const struct visit *visit, const char *uri)
{
	GstRTSPUrl *url = NULL;
	size_t place = NOWHERE;

	if (uri && gst_rtsp_url_parse(uri, &url) == GST_RTSP_OK && url->abspath)
		place = find_place(visit, url->abspath);
	gst_rtsp_url_free(url);
	return place;
}

static size_t stream_of(const struct request *request, const struct rtsp_key *key)
{
	const struct visit *visit = request->visit;

	if (request->place < visit->n_streams)
		return request->place;
	if (*key->uri)
		return place_of(visit, key->uri);
	return visit->n_streams == 1 ? 0 : ALL;
}

/* RFC 2326 12.37: the name without its parameters. */
static bool is_session(const struct visit *visit, const char *text)
{
	size_t len = strlen(visit->id);

	return len && !strncmp(text, visit->id, len) && (!text[len] || text[len] == ';');
}

static GstRTSPStatusCode check_session(const struct request *request, bool needed)
{
	const char *text = header(request, GST_RTSP_HDR_SESSION);

	if (text ? is_session(request->visit, text) : !needed)
		return GST_RTSP_STS_OK;
	return GST_RTSP_STS_SESSION_NOT_FOUND;
}

/* RFC 2326 12.32: nothing that a client may require is here. */
static bool requires(struct request *request)
{
	char *text = header(request, GST_RTSP_HDR_REQUIRE);

	if (text)
		gst_rtsp_message_add_header(request->response, GST_RTSP_HDR_UNSUPPORTED, text);
	return text;
}

static GstRTSPStatusCode decide(struct request *request)
{
	const GstRTSPMethod method = request->message->type_data.request.method;
	GstRTSPStatusCode code;
	size_t i;

	if (request->message->type_data.request.version != GST_RTSP_VERSION_1_0)
		return GST_RTSP_STS_RTSP_VERSION_NOT_SUPPORTED;
	for (i = 0; i < G_N_ELEMENTS(methods) && methods[i].method != method; i++)
		;
	if (i == G_N_ELEMENTS(methods))
		return GST_RTSP_STS_NOT_IMPLEMENTED;
	if (requires(request))
		return GST_RTSP_STS_OPTION_NOT_SUPPORTED;
	if (method == GST_RTSP_OPTIONS)
		return methods[i].answer(request);
	if (!users_admit(request->visit, request->message, request->response))
		return GST_RTSP_STS_UNAUTHORIZED;
	request->place = place_of(request->visit, request->message->type_data.request.uri);
	if (request->place == NOWHERE)
		return GST_RTSP_STS_NOT_FOUND;
	code = check_session(request, methods[i].needs_session);
	return code == GST_RTSP_STS_OK ? methods[i].answer(request) : code;
}

void requests_answer(struct visit *visit, GstRTSPMessage *message, GstRTSPMessage *response)
{
	struct request request = { visit, message, response, NOWHERE };
	GstRTSPStatusCode code;

	gst_rtsp_message_init_response(response, GST_RTSP_STS_OK, NULL, message);
	gst_rtsp_message_add_header(response, GST_RTSP_HDR_SERVER, SERVER_NAME "/" VERSION);
	code = decide(&request);
	if (code == GST_RTSP_STS_OK)
		return;
	response->type_data.response.code = code;
	g_free(response->type_data.response.reason);
	response->type_data.response.reason = g_strdup(gst_rtsp_status_as_text(code));
}
