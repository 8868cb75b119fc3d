// SPDX-License-Identifier: GPL-2.0
/*
 * Playing: COMMAND runs under the seccomp filter of `mikey-helper run`; when it
 * has its ports, the camera plays; then signs of life and new keys, until COMMAND
 * or the camera ends it. One event loop for both.
 */
#include <glib-unix.h>
#include <stdio.h>
#include <string.h>
#include "camera.h"
#include "child.h"
#include "report.h"

/* For COMMAND to make its other sockets, once it has the first one. */
#define PORTS_SECONDS 10
/* For COMMAND to end when it is asked to, and for the camera to say goodbye. */
#define END_SECONDS 5
/* Requests on their way. */
#define ASKED_MAX 32

/**
 * struct player - what is going on
 * @cam: camera
 * @child: COMMAND
 * @loop: event loop
 * @watch: the connection to the camera in it
 * @asked: methods of the requests whose responses have not come, oldest first
 * @n_asked: how many
 * @playing: PLAY has been sent
 * @proved: the password has been sent again since the last good response
 * @gone: the camera has ended it
 * @rekey: timer of new keys, 0 if there are none any more
 * @failure: why the camera ended it
 */
struct player {
	struct camera *cam;
	struct child child;
	GMainLoop *loop;
	GstRTSPWatch *watch;
	GstRTSPMethod asked[ASKED_MAX];
	unsigned int n_asked;
	bool playing;
	bool proved;
	bool gone;
	guint rekey;
	struct failure failure;
};

static gboolean on_stubborn(gpointer user)
{
	struct player *player = user;

	if (!player->child.gone)
		kill(player->child.pid, SIGTERM);
	return G_SOURCE_REMOVE;
}

/* SIGINT is what recorders finish their file by. */
static void stop_command(struct player *player)
{
	if (player->gone)
		return;
	player->gone = true;
	note("%s (%s)", player->failure.text, player->failure.reason);
	if (player->child.gone)
		return;
	kill(player->child.pid, SIGINT);
	g_timeout_add_seconds(END_SECONDS, on_stubborn, player);
}

static void send_request(struct player *player, GstRTSPMessage *request)
{
	GstRTSPMethod method = request->type_data.request.method;

	if (!player->gone && player->n_asked < ASKED_MAX &&
	    gst_rtsp_watch_send_message(player->watch, request, NULL) == GST_RTSP_OK)
		player->asked[player->n_asked++] = method;
	gst_rtsp_message_unset(request);
}

/* What is about the presentation as a whole. */
static void ask(struct player *player, GstRTSPMethod method)
{
	GstRTSPMessage request = { 0 };

	gst_rtsp_message_init_request(&request, method, player->cam->base);
	if (method == GST_RTSP_PLAY)
		gst_rtsp_message_add_header(&request, GST_RTSP_HDR_RANGE, "npt=0.000-");
	send_request(player, &request);
}

static void set_key(struct player *player, const struct medium *medium)
{
	GstRTSPMessage request = { 0 };
	char *body = g_strdup_printf("mikey: %s\r\n", medium->message);
	gsize len = strlen(body);

	gst_rtsp_message_init_request(&request, GST_RTSP_SET_PARAMETER, medium->uri);
	gst_rtsp_message_add_header(&request, GST_RTSP_HDR_CONTENT_TYPE, "text/parameters");
	gst_rtsp_message_take_body(&request, (guint8 *)body, len);
	send_request(player, &request);
}

static bool is_asked(const struct player *player, GstRTSPMethod method)
{
	unsigned int i;

	for (i = 0; i < player->n_asked; i++)
		if (player->asked[i] == method)
			return true;
	return false;
}

/* The kernel can receive with the new keys before the camera gets them. */
static void renew(struct player *player)
{
	struct camera *cam = player->cam;
	struct failure failure;
	size_t i;

	if (keys_renew(cam, &failure)) {
		note("no new keys: %s (%s); those in use stay", failure.text, failure.reason);
		return;
	}
	for (i = 0; i < cam->n_media; i++)
		set_key(player, &cam->media[i]);
}

/* A camera that is slow gets no others before it has said what it thinks of the last ones. */
static gboolean on_rekey(gpointer user)
{
	struct player *player = user;

	if (player->gone)
		return G_SOURCE_REMOVE;
	if (!is_asked(player, GST_RTSP_SET_PARAMETER))
		renew(player);
	return G_SOURCE_CONTINUE;
}

static void stop_rekeying(struct player *player, int code)
{
	if (!player->rekey)
		return;
	note("the camera does not take a new key (%d): the one in use stays", code);
	g_source_remove(player->rekey);
	player->rekey = 0;
}

static gboolean on_alive(gpointer user)
{
	struct player *player = user;
	bool get = player->cam->methods & GST_RTSP_GET_PARAMETER;

	ask(player, get ? GST_RTSP_GET_PARAMETER : GST_RTSP_OPTIONS);
	return !player->gone;
}

/* A camera that does not list SET_PARAMETER is not asked to take a key by it. */
static void begin_timers(struct player *player)
{
	const struct camera *cam = player->cam;
	unsigned int seconds = cam->session_seconds / 2;

	g_timeout_add_seconds(seconds ? seconds : 1, on_alive, player);
	if (cam->model == MODEL_CLIENT && cam->options.rekey &&
	    (cam->methods & GST_RTSP_SET_PARAMETER))
		player->rekey = g_timeout_add_seconds(cam->options.rekey, on_rekey, player);
}

static void refused(struct player *player, GstRTSPMethod method, GstRTSPMessage *response)
{
	if (method == GST_RTSP_SET_PARAMETER) {
		stop_rekeying(player, response->type_data.response.code);
	} else if (method == GST_RTSP_PLAY) {
		dialogue_status(response, "PLAY", &player->failure);
		stop_command(player);
	}
}

/* A nonce may be too old; what was refused for it comes again but for new keys. */
static bool prove_again(struct player *player, GstRTSPMethod method, GstRTSPMessage *response)
{
	struct failure failure;

	if (response->type_data.response.code != GST_RTSP_STS_UNAUTHORIZED || player->proved ||
	    dialogue_prove(player->cam, response, &failure))
		return false;
	player->proved = true;
	player->cam->challenged = false;
	if (method == GST_RTSP_SET_PARAMETER)
		renew(player);
	else
		ask(player, method);
	return true;
}

static void on_response(struct player *player, GstRTSPMessage *response)
{
	GstRTSPMethod method;
	bool good = response->type_data.response.code / 100 == 2;

	if (!player->n_asked)
		return;
	method = player->asked[0];
	memmove(player->asked, player->asked + 1, --player->n_asked * sizeof(method));
	if (good)
		player->proved = false;
	else if (!prove_again(player, method, response))
		refused(player, method, response);
	if (good && method == GST_RTSP_PLAY) {
		note("playing");
		begin_timers(player);
	}
	if (method == GST_RTSP_TEARDOWN)
		g_main_loop_quit(player->loop);
}

static void on_request(struct player *player, GstRTSPMessage *request)
{
	GstRTSPMessage response = { 0 };
	bool goes_on = dialogue_reply(request, &response);

	gst_rtsp_watch_send_message(player->watch, &response, NULL);
	gst_rtsp_message_unset(&response);
	if (goes_on)
		return;
	failure_set(&player->failure, MIKEY_EXIT_NO_ANSWER, "camera-gone",
		    "the camera has ended the session");
	stop_command(player);
}

static GstRTSPResult on_message(GstRTSPWatch *watch, GstRTSPMessage *message, gpointer user)
{
	(void)watch;
	if (message->type == GST_RTSP_MESSAGE_RESPONSE)
		on_response(user, message);
	else if (message->type == GST_RTSP_MESSAGE_REQUEST)
		on_request(user, message);
	return GST_RTSP_OK;
}

static GstRTSPResult on_closed(GstRTSPWatch *watch, gpointer user)
{
	struct player *player = user;

	(void)watch;
	failure_set(&player->failure, MIKEY_EXIT_NO_ANSWER, "camera-gone",
		    "the camera has closed the connection");
	stop_command(player);
	if (child_done(&player->child))
		g_main_loop_quit(player->loop);
	return GST_RTSP_OK;
}

static GstRTSPResult on_error(GstRTSPWatch *watch, GstRTSPResult result, gpointer user)
{
	(void)result;
	return on_closed(watch, user);
}

static void begin_playing(struct player *player)
{
	if (player->playing)
		return;
	player->playing = true;
	ask(player, GST_RTSP_PLAY);
}

static gboolean on_patience(gpointer user)
{
	begin_playing(user);
	return G_SOURCE_REMOVE;
}

/* RTCP may stay without a socket; RTP must not. */
static void look_at_ports(struct player *player)
{
	static bool waiting;
	const struct camera *cam = player->cam;
	size_t i, bound = 0;

	if (player->playing)
		return;
	for (i = 0; i < cam->n_media; i++)
		bound += cam->placements[2 * i].bound;
	if (bound == cam->n_media)
		begin_playing(player);
	else if (bound && !waiting)
		waiting = g_timeout_add_seconds(PORTS_SECONDS, on_patience, player);
}

static void look_at_child(struct player *player)
{
	if (child_done(&player->child))
		g_main_loop_quit(player->loop);
}

static gboolean on_notify(gint fd, GIOCondition condition, gpointer user)
{
	struct player *player = user;

	(void)fd;
	child_on_notify(&player->child, condition & G_IO_IN);
	look_at_ports(player);
	look_at_child(player);
	return !player->child.unfiltered;
}

static gboolean on_signal(gint fd, GIOCondition condition, gpointer user)
{
	struct player *player = user;

	(void)fd;
	(void)condition;
	if (!child_on_signal(&player->child))
		g_main_loop_quit(player->loop);
	look_at_child(player);
	return G_SOURCE_CONTINUE;
}

static gboolean on_silence(gpointer user)
{
	g_main_loop_quit(((struct player *)user)->loop);
	return G_SOURCE_REMOVE;
}

static void say_goodbye(struct player *player)
{
	if (player->gone)
		return;
	ask(player, GST_RTSP_TEARDOWN);
	g_timeout_add_seconds(END_SECONDS, on_silence, player);
	g_main_loop_run(player->loop);
}

static void converse(struct player *player)
{
	static GstRTSPWatchFuncs funcs = {
		.message_received = on_message, .closed = on_closed, .error = on_error };

	player->loop = g_main_loop_new(NULL, FALSE);
	player->watch = gst_rtsp_watch_new(player->cam->conn, &funcs, player, NULL);
	gst_rtsp_watch_attach(player->watch, NULL);
	g_unix_fd_add(player->child.sup->notify, G_IO_IN | G_IO_HUP, on_notify, player);
	g_unix_fd_add(player->child.signals, G_IO_IN, on_signal, player);
	g_main_loop_run(player->loop);
	say_goodbye(player);
	g_source_destroy((GSource *)player->watch);
	gst_rtsp_watch_unref(player->watch);
	g_main_loop_unref(player->loop);
}

static void say_media(const struct camera *cam)
{
	size_t i;

	for (i = 0; i < cam->n_media; i++)
		note("%s: session %u, port %u, model %c", gst_sdp_media_get_media(cam->media[i].sdp),
		     cam->media[i].session, cam->media[i].port, "abc"[cam->model]);
}

int play(struct camera *cam)
{
	static struct player player;
	struct supervisor *sup = &cam->supervisor;
	int code;

	player.cam = cam;
	sup->session = cam->media[0].session;
	sup->role = SRTP_ROLE_MUX;
	sup->clear = cam->options.shared.clear;
	say_media(cam);
	sigprocmask(SIG_SETMASK, &cam->mask, NULL);
	code = child_start(&player.child, sup, cam->options.shared.argv);
	if (!code) {
		converse(&player);
		code = player.gone ? (int)player.failure.code :
				     child_status(&player.child);
	}
	child_end(&player.child);
	return code;
}
