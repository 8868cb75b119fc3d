// SPDX-License-Identifier: GPL-2.0
/*
 * One client, from its connection to its end, in a process of its own. One event loop
 * has its requests, and the sockets and the end of COMMAND.
 */
#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>
#include "report.h"
#include "server.h"

/* From one way to ask COMMAND to end to the next one. */
#define END_SECONDS 5
/* Requests are short. */
#define REQUEST_MAX (64 * 1024)

static bool is_over(const struct visit *visit)
{
	return visit->leaving && !visit->farewell &&
	       (!visit->started || child_done(&visit->child));
}

static void look(struct visit *visit)
{
	if (is_over(visit))
		g_main_loop_quit(visit->loop);
}

/* The whole process group, of which this process is one. */
static gboolean on_deaf(gpointer user)
{
	(void)user;
	return kill(0, SIGKILL);
}

static gboolean on_stubborn(gpointer user)
{
	struct visit *visit = user;

	if (!visit->child.gone)
		kill(visit->child.pid, SIGTERM);
	g_timeout_add_seconds(END_SECONDS, on_deaf, visit);
	return G_SOURCE_REMOVE;
}

static gboolean on_quit(gpointer user)
{
	look(user);
	return G_SOURCE_REMOVE;
}

void visit_leave(struct visit *visit)
{
	if (visit->leaving)
		return;
	visit->leaving = true;
	if (visit->started && !child_done(&visit->child)) {
		if (!visit->child.gone)
			kill(visit->child.pid, SIGINT);
		g_timeout_add_seconds(END_SECONDS, on_stubborn, visit);
	}
	g_idle_add(on_quit, visit);
}

static gboolean on_farewell(gpointer user)
{
	struct visit *visit = user;

	visit->farewell = false;
	look(visit);
	return G_SOURCE_REMOVE;
}

void visit_part(struct visit *visit)
{
	visit->farewell = true;
	g_timeout_add_seconds(END_SECONDS, on_farewell, visit);
	visit_leave(visit);
}

static gboolean on_silence(gpointer user)
{
	struct visit *visit = user;

	note("%s: nothing heard for too long", visit->host);
	visit->timer = 0;
	visit_leave(visit);
	return G_SOURCE_REMOVE;
}

/* Half as much again as it was told: a sign of life may be on its way. */
static void be_patient(struct visit *visit)
{
	unsigned int seconds = visit->serving->shared.timeout;

	if (visit->timer)
		g_source_remove(visit->timer);
	visit->timer = g_timeout_add_seconds(seconds + seconds / 2 + 1, on_silence, visit);
}

static gboolean on_notify(gint fd, GIOCondition condition, gpointer user)
{
	struct visit *visit = user;

	(void)fd;
	child_on_notify(&visit->child, condition & G_IO_IN);
	look(visit);
	return !visit->child.unfiltered;
}

static void say_end(const struct visit *visit)
{
	note("%s: COMMAND has ended with %d", visit->host, child_status(&visit->child));
}

static gboolean on_signal(gint fd, GIOCondition condition, gpointer user)
{
	struct visit *visit = user;
	bool gone = visit->child.gone;

	(void)fd;
	(void)condition;
	if (!child_on_signal(&visit->child))
		visit_leave(visit);
	if (visit->child.gone && !gone)
		say_end(visit);
	look(visit);
	return G_SOURCE_CONTINUE;
}

static void watch_command(struct visit *visit)
{
	g_unix_fd_add(visit->supervisor.notify, G_IO_IN | G_IO_HUP, on_notify, visit);
	g_unix_fd_add(visit->child.signals, G_IO_IN, on_signal, visit);
}

static GstRTSPResult on_message(GstRTSPWatch *watch, GstRTSPMessage *message, gpointer user)
{
	struct visit *visit = user;
	GstRTSPMessage response = { 0 };
	bool started = visit->started;

	if (message->type != GST_RTSP_MESSAGE_REQUEST || visit->leaving)
		return GST_RTSP_OK;
	/* A client whose media have ended is not kept by signs of life. */
	if (!visit->started || !visit->child.gone)
		be_patient(visit);
	requests_answer(visit, message, &response);
	gst_rtsp_watch_send_message(watch, &response, NULL);
	gst_rtsp_message_unset(&response);
	if (visit->started && !started)
		watch_command(visit);
	return GST_RTSP_OK;
}

static GstRTSPResult on_closed(GstRTSPWatch *watch, gpointer user)
{
	struct visit *visit = user;

	(void)watch;
	visit->farewell = false;
	visit_leave(visit);
	look(visit);
	return GST_RTSP_OK;
}

static GstRTSPResult on_error(GstRTSPWatch *watch, GstRTSPResult result, gpointer user)
{
	struct visit *visit = user;
	char *text = gst_rtsp_strresult(result);

	if (!visit->leaving)
		note("%s: connection: %s", visit->host, text);
	g_free(text);
	return on_closed(watch, visit);
}

static gboolean on_leash(gint fd, GIOCondition condition, gpointer user)
{
	(void)fd;
	(void)condition;
	visit_leave(user);
	return G_SOURCE_REMOVE;
}

static void converse(struct visit *visit, int leash)
{
	static GstRTSPWatchFuncs funcs = {
		.message_received = on_message, .closed = on_closed, .error = on_error };

	visit->loop = g_main_loop_new(NULL, FALSE);
	visit->watch = gst_rtsp_watch_new(visit->conn, &funcs, visit, NULL);
	gst_rtsp_watch_attach(visit->watch, NULL);
	g_unix_fd_add(leash, G_IO_HUP, on_leash, visit);
	be_patient(visit);
	g_main_loop_run(visit->loop);
	g_source_destroy((GSource *)visit->watch);
	gst_rtsp_watch_unref(visit->watch);
	g_main_loop_unref(visit->loop);
}

static int start_tls(struct visit *visit, struct failure *failure)
{
	GTlsCertificate *certificate = serve_certificate(visit->serving, failure);
	GError *error = NULL;
	GTlsConnection *tls;

	if (!certificate)
		return -1;
	tls = gst_rtsp_connection_get_tls(visit->conn, &error);
	if (tls)
		g_tls_connection_set_certificate(tls, certificate);
	else
		failure_set(failure, MIKEY_EXIT_SYSTEM, "system", "TLS: %s", error->message);
	g_clear_error(&error);
	g_object_unref(certificate);
	return tls ? 0 : -1;
}

static void text_of(int fd, int (*get)(int, struct sockaddr *, socklen_t *), char *text)
{
	struct sockaddr_storage name;
	struct address address;
	socklen_t len = sizeof(name);

	strcpy(text, "0.0.0.0");
	if (get(fd, (struct sockaddr *)&name, &len) || !address_from(&name, len, &address))
		return;
	address.port = 0;
	address_format(&address, text);
}

static int take_connection(struct visit *visit, int fd, struct failure *failure)
{
	GError *error = NULL;
	GSocket *sock = g_socket_new_from_fd(fd, &error);
	GstRTSPResult result = GST_RTSP_ERROR;

	if (sock) {
		result = gst_rtsp_connection_create_from_socket(sock, visit->host, 0, NULL,
								&visit->conn);
		g_object_unref(sock);
	}
	g_clear_error(&error);
	if (result != GST_RTSP_OK)
		return failure_set(failure, MIKEY_EXIT_SYSTEM, "system",
				   "the client's connection cannot be used");
	gst_rtsp_connection_set_remember_session_id(visit->conn, FALSE);
	gst_rtsp_connection_set_content_length_limit(visit->conn, REQUEST_MAX);
	return start_tls(visit, failure);
}

static int make_nonce(struct visit *visit, struct failure *failure)
{
	uint8_t octets[16];
	size_t i;

	if (getrandom(octets, sizeof(octets), 0) != sizeof(octets))
		return failure_set(failure, MIKEY_EXIT_SYSTEM, "no-random", "no random octets");
	for (i = 0; i < sizeof(octets); i++)
		g_snprintf(visit->nonce + 2 * i, 3, "%02x", octets[i]);
	return 0;
}

/* Clients do not share standard input. */
static void detach(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null >= 0)
		dup2(null, STDIN_FILENO);
	setpgid(0, 0);
}

static void clean_up(struct visit *visit)
{
	if (visit->conn)
		gst_rtsp_connection_free(visit->conn);
	if (visit->started)
		child_end(&visit->child);
	kernel_close(visit->supervisor.kernel);
	offers_drop(visit);
}

int visit(const struct serving *serving, int fd, int leash)
{
	static struct visit visit;
	struct failure failure;
	int code = 0;
	size_t i;

	visit.serving = serving;
	visit.n_streams = gst_sdp_message_medias_len(serving->sdp);
	for (i = 0; i < visit.n_streams; i++)
		visit.streams[i].held = -1;
	detach();
	text_of(fd, getpeername, visit.host);
	text_of(fd, getsockname, visit.local);
	note("%s: a client", visit.host);
	if (make_nonce(&visit, &failure) || take_connection(&visit, fd, &failure))
		code = failure_report(&failure);
	else
		converse(&visit, leash);
	clean_up(&visit);
	note("%s: gone", visit.host);
	return code;
}
