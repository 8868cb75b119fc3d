// SPDX-License-Identifier: GPL-2.0
/*
 * Requests and responses, over TLS, with the camera's password.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include "camera.h"
#include "child.h"
#include "report.h"

/* How often a wait looks whether a signal came. */
#define SLICE_USEC (G_USEC_PER_SEC / 5)
#define USER_AGENT "mikey-rtsp/" VERSION

/* What can be wrong with a certificate, worst first. */
static const struct {
	GTlsCertificateFlags flag;
	const char *text;
} faults[] = {
	{ G_TLS_CERTIFICATE_UNKNOWN_CA, "its issuer is not trusted (--ca names others)" },
	{ G_TLS_CERTIFICATE_BAD_IDENTITY, "it is somebody else's" },
	{ G_TLS_CERTIFICATE_EXPIRED, "it has expired" },
	{ G_TLS_CERTIFICATE_NOT_ACTIVATED, "it is not valid yet" },
	{ G_TLS_CERTIFICATE_REVOKED, "it is revoked" },
	{ G_TLS_CERTIFICATE_INSECURE, "its algorithm is insecure" },
};

static const char *fault_text(GTlsCertificateFlags errors)
{
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(faults); i++)
		if (errors & faults[i].flag)
			return faults[i].text;
	return "it cannot be verified";
}

/* The answer to a certificate that failed: no, but remember why. */
static gboolean on_certificate(GTlsConnection *tls, GTlsCertificate *certificate,
			       GTlsCertificateFlags errors, gpointer user)
{
	struct camera *cam = user;

	(void)tls;
	(void)certificate;
	cam->tls_errors = errors;
	return FALSE;
}

static bool is_interrupted(void)
{
	sigset_t wanted, pending;
	int i;

	child_signals(&wanted);
	sigdelset(&wanted, SIGCHLD);
	sigdelset(&wanted, SIGWINCH);
	sigpending(&pending);
	for (i = 1; i < NSIG; i++)
		if (sigismember(&wanted, i) == 1 && sigismember(&pending, i) == 1)
			return true;
	return false;
}

static int fail(const struct camera *cam, GstRTSPResult result, const char *what,
		struct failure *failure)
{
	char *text;

	if (is_interrupted())
		return failure_set(failure, MIKEY_EXIT_SYSTEM, "interrupted", "interrupted");
	if (cam->tls_errors)
		return failure_set(failure, MIKEY_EXIT_AUTH, "bad-certificate",
				   "the camera's certificate is refused: %s",
				   fault_text(cam->tls_errors));
	if (result == GST_RTSP_EPARSE)
		return failure_set(failure, MIKEY_EXIT_MALFORMED, "bad-rtsp",
				   "what the camera says is no RTSP");
	text = gst_rtsp_strresult(result);
	failure_set(failure, MIKEY_EXIT_NO_ANSWER, "no-answer", "%s: no answer from %s: %s", what,
		    cam->url->host, text);
	g_free(text);
	return -1;
}

static int trust(struct camera *cam, struct failure *failure)
{
	GError *error = NULL;
	GTlsDatabase *database;
	char *path;

	if (cam->options.insecure) {
		note("WARNING: --insecure: the camera's certificate is not verified. Whoever is between here and %s can be the camera, and has the keys and the password.",
		     cam->url->host);
		gst_rtsp_connection_set_tls_validation_flags(cam->conn, 0);
		return 0;
	}
	gst_rtsp_connection_set_accept_certificate_func(cam->conn, on_certificate, cam, NULL);
	if (!cam->options.ca_file)
		return 0;
	/* Relative names are taken, and not found. */
	path = g_canonicalize_filename(cam->options.ca_file, NULL);
	database = g_tls_file_database_new(path, &error);
	g_free(path);
	if (!database) {
		failure_set(failure, MIKEY_EXIT_USAGE, "bad-certificate-file", "%s: %s",
			    cam->options.ca_file, error->message);
		g_error_free(error);
		return -1;
	}
	gst_rtsp_connection_set_tls_database(cam->conn, database);
	g_object_unref(database);
	return 0;
}

static gint64 patience(const struct camera *cam)
{
	return (gint64)cam->options.shared.timeout * G_USEC_PER_SEC;
}

int dialogue_open(struct camera *cam, struct failure *failure)
{
	GstRTSPResult result;

	if (gst_rtsp_url_parse(cam->options.url, &cam->url) != GST_RTSP_OK ||
	    gst_rtsp_connection_create(cam->url, &cam->conn) != GST_RTSP_OK)
		return failure_set(failure, MIKEY_EXIT_USAGE, "usage", "'%s' is no URL",
				   cam->options.url);
	if (trust(cam, failure))
		return -1;
	/* Descriptions and messages are short. */
	gst_rtsp_connection_set_content_length_limit(cam->conn, 256 * 1024);
	result = gst_rtsp_connection_connect_usec(cam->conn, patience(cam));
	return result == GST_RTSP_OK ? 0 : fail(cam, result, "connecting", failure);
}

static void set_auth(struct camera *cam, const GstRTSPAuthCredential *credential)
{
	GstRTSPAuthParam **param = credential->params;

	gst_rtsp_connection_clear_auth_params(cam->conn);
	gst_rtsp_connection_set_auth(cam->conn, credential->scheme, cam->url->user, cam->password);
	for (; param && *param; param++)
		gst_rtsp_connection_set_auth_param(cam->conn, (*param)->name, (*param)->value);
}

/* Digest, where there is a choice. */
static const GstRTSPAuthCredential *choose(GstRTSPAuthCredential **list)
{
	const GstRTSPAuthCredential *basic = NULL;

	for (; list && *list; list++) {
		if ((*list)->scheme == GST_RTSP_AUTH_DIGEST)
			return *list;
		if ((*list)->scheme == GST_RTSP_AUTH_BASIC)
			basic = *list;
	}
	return basic;
}

int dialogue_prove(struct camera *cam, GstRTSPMessage *response, struct failure *failure)
{
	GstRTSPAuthCredential **list;
	const GstRTSPAuthCredential *credential;

	if (!cam->url->user || !cam->password)
		return failure_set(failure, MIKEY_EXIT_AUTH, "auth-failed",
				   "the camera wants a user and a password: rtsps://USER@HOST/PATH and --password-file");
	if (cam->challenged)
		return failure_set(failure, MIKEY_EXIT_AUTH, "auth-failed",
				   "the camera does not take user and password");
	list = gst_rtsp_message_parse_auth_credentials(response, GST_RTSP_HDR_WWW_AUTHENTICATE);
	credential = choose(list);
	if (credential)
		set_auth(cam, credential);
	gst_rtsp_auth_credentials_free(list);
	cam->challenged = true;
	if (credential)
		return 0;
	return failure_set(failure, MIKEY_EXIT_UNSUPPORTED, "unsupported-authentication",
			   "the camera wants neither digest nor basic authentication");
}

bool dialogue_reply(GstRTSPMessage *request, GstRTSPMessage *response)
{
	GstRTSPMethod method = GST_RTSP_INVALID;
	bool known;

	gst_rtsp_message_parse_request(request, &method, NULL, NULL);
	known = method & (GST_RTSP_OPTIONS | GST_RTSP_GET_PARAMETER | GST_RTSP_TEARDOWN);
	gst_rtsp_message_init_response(response, known ? GST_RTSP_STS_OK :
				       GST_RTSP_STS_NOT_IMPLEMENTED, NULL, request);
	return method != GST_RTSP_TEARDOWN;
}

/* Something to read, the end of patience, or a signal. */
static GstRTSPResult await(struct camera *cam)
{
	gint64 end = g_get_monotonic_time() + patience(cam);
	GstRTSPEvent event;
	GstRTSPResult result;

	do {
		result = gst_rtsp_connection_poll_usec(cam->conn, GST_RTSP_EV_READ, &event,
						       SLICE_USEC);
	} while (result == GST_RTSP_ETIMEOUT && !is_interrupted() &&
		 g_get_monotonic_time() < end);
	return result;
}

/* The next response; requests of the camera are answered on the way. */
static GstRTSPResult receive(struct camera *cam, GstRTSPMessage *response)
{
	GstRTSPMessage reply = { 0 };
	GstRTSPResult result;

	for (;;) {
		result = await(cam);
		if (result == GST_RTSP_OK)
			result = gst_rtsp_connection_receive_usec(cam->conn, response,
								  patience(cam));
		if (result != GST_RTSP_OK || response->type == GST_RTSP_MESSAGE_RESPONSE)
			return result;
		if (response->type == GST_RTSP_MESSAGE_REQUEST) {
			dialogue_reply(response, &reply);
			result = gst_rtsp_connection_send_usec(cam->conn, &reply, patience(cam));
			gst_rtsp_message_unset(&reply);
		}
		gst_rtsp_message_unset(response);
		if (result != GST_RTSP_OK)
			return result;
	}
}

static int ask_once(struct camera *cam, GstRTSPMessage *request, GstRTSPMessage *response,
		    struct failure *failure)
{
	const char *what = gst_rtsp_method_as_text(request->type_data.request.method);
	GstRTSPResult result;

	/* gst_rtsp_message_init() would free what a caller's message is taken to hold. */
	memset(response, 0, sizeof(*response));
	result = gst_rtsp_connection_send_usec(cam->conn, request, patience(cam));
	if (result == GST_RTSP_OK)
		result = receive(cam, response);
	return result == GST_RTSP_OK ? 0 : fail(cam, result, what, failure);
}

int dialogue_ask(struct camera *cam, GstRTSPMessage *request, GstRTSPMessage *response,
		 struct failure *failure)
{
	int ret;

	gst_rtsp_message_add_header(request, GST_RTSP_HDR_USER_AGENT, USER_AGENT);
	ret = ask_once(cam, request, response, failure);
	if (!ret && response->type_data.response.code == GST_RTSP_STS_UNAUTHORIZED) {
		ret = dialogue_prove(cam, response, failure);
		gst_rtsp_message_unset(response);
		if (!ret)
			ret = ask_once(cam, request, response, failure);
	}
	if (!ret)
		cam->challenged = response->type_data.response.code == GST_RTSP_STS_UNAUTHORIZED;
	gst_rtsp_message_unset(request);
	return ret;
}

int dialogue_status(GstRTSPMessage *response, const char *what, struct failure *failure)
{
	GstRTSPStatusCode code = GST_RTSP_STS_INVALID;
	const char *reason = NULL;

	gst_rtsp_message_parse_response(response, &code, &reason, NULL);
	if (code >= 200 && code < 300)
		return 0;
	if (code == GST_RTSP_STS_UNAUTHORIZED)
		return failure_set(failure, MIKEY_EXIT_AUTH, "auth-failed",
				   "%s: the camera does not take user and password", what);
	return failure_set(failure, MIKEY_EXIT_PEER, code == GST_RTSP_STS_KEY_MANAGEMENT_FAILURE ?
			   "key-management-failure" : "peer-error",
			   "%s: the camera refuses: %d %.100s", what, code, reason ? reason : "");
}
