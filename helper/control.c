// SPDX-License-Identifier: GPL-2.0
/*
 * The daemon's end of the control socket: one order on a line, one answer on a
 * line. Who may order what is decided by the uid that the kernel vouches for.
 *
 * A client that goes away takes its exchange with it, and the call that it holds.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "bundles.h"
#include "calls.h"
#include "daemon.h"
#include "fetch.h"
#include "groups.h"
#include "log.h"
#include "now.h"
#include "order.h"

/* Clients at a time; more wait in the backlog. */
#define CLIENTS_MAX 64
/* Clients of one user other than root: nobody can keep the others out. */
#define CLIENTS_PER_USER 8
/* Clients whose connection holds a call, and those of one user. */
#define HELD_MAX 512
#define HELD_PER_USER 64
/* Seconds for a client to say what it wants, and to take its answer. */
#define PATIENCE 5
/* Milliseconds for the certificates that an order needs. */
#define FETCH_MS 60000

/**
 * struct client - a connection
 * @next: list
 * @prev: list
 * @control: whose it is
 * @stream: the connection
 * @uid: of the process at the other end
 * @exchange: running for it, or NULL
 * @waiting: for keys to be renewed, for a group, or for a certificate
 * @order: what it wants, as long as a certificate is waited for
 * @since: since when that is, ms
 * @waiter: told when the certificate is there
 * @answered: the answer is on its way; nothing else is taken
 * @held: its connection holds a call, and does not count as one that wants something
 */
struct client {
	struct client *next;
	struct client **prev;
	struct control *control;
	struct bufferevent *stream;
	uid_t uid;
	struct exchange *exchange;
	bool waiting;
	struct json_object *order;
	uint64_t since;
	struct fetch_waiter waiter;
	bool answered;
	bool held;
};

/**
 * struct control - the socket
 * @daemon: daemon
 * @path: where it is
 * @listener: accepts
 * @clients: connections
 * @n_clients: how many want something
 * @n_held: how many hold a call
 */
struct control {
	struct daemon *daemon;
	char *path;
	struct evconnlistener *listener;
	struct client *clients;
	unsigned int n_clients;
	unsigned int n_held;
};

static void count_out(struct control *control)
{
	if (control->n_clients-- == CLIENTS_MAX)
		evconnlistener_enable(control->listener);
}

static void drop(struct client *client)
{
	struct control *control = client->control;

	exchange_cancel(client->exchange);
	if (client->waiting) {
		bundles_forget(control->daemon->bundles, client);
		groups_forget(control->daemon->groups, client);
	}
	fetch_forget(&client->waiter);
	json_object_put(client->order);
	bufferevent_free(client->stream);
	*client->prev = client->next;
	if (client->next)
		client->next->prev = client->prev;
	if (client->held)
		control->n_held--;
	else
		count_out(control);
	free(client);
}

static void on_written(struct bufferevent *stream, void *arg)
{
	struct client *client = arg;

	(void)stream;
	if (client->held)
		bufferevent_set_timeouts(client->stream, NULL, NULL);
	else if (client->answered)
		drop(client);
}

static void answer(struct client *client, struct json_object *object)
{
	const struct timeval patience = { .tv_sec = PATIENCE };
	struct evbuffer *out = bufferevent_get_output(client->stream);

	client->answered = true;
	json_object_put(client->order);
	client->order = NULL;
	/* The order may have taken longer than the patience: count from now. */
	event_base_update_cache_time(client->control->daemon->base);
	bufferevent_set_timeouts(client->stream, NULL, &patience);
	evbuffer_add_printf(out, "%s\n", json_object_to_json_string_ext(object,
			    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

static void log_call(const struct exchange_request *request,
		     const struct exchange_result *result)
{
	struct json_object *fields = exchange_json(result, request);
	struct json_object *error = json_object_object_get(fields, "error");

	if (error) {
		log_event("call-failed", json_object_get(error));
		json_object_put(fields);
	} else {
		log_event("called", fields);
	}
}

static void on_done(void *arg, const struct exchange_request *request,
		    const struct exchange_result *result, struct mikey_csb **csb)
{
	struct client *client = arg;

	client->exchange = NULL;
	log_call(request, result);
	if (*csb && !result->failure.code) {
		bundles_add(client->control->daemon->bundles, *csb, request->config,
			    request->peer, result->session, request->owner);
		*csb = NULL;
	}
	answer(client, exchange_json(result, request));
}

static void on_rekeyed(void *arg, const struct exchange_request *request,
		       const struct exchange_result *result, struct mikey_csb **csb)
{
	struct client *client = arg;

	(void)csb;
	client->waiting = false;
	answer(client, exchange_json(result, request));
}

static void on_group(void *arg, struct json_object *object)
{
	struct client *client = arg;

	client->waiting = false;
	answer(client, object);
}

static int rekey(struct client *client, uint32_t session, struct failure *failure)
{
	struct daemon *daemon = client->control->daemon;

	if (groups_have(daemon->groups, session))
		return groups_rekey(daemon->groups, session, client->uid, on_group, client,
				    failure);
	return bundles_rekey(daemon->bundles, session, client->uid, on_rekeyed, client, failure);
}

/* {"command":"rekey","session":7}. A client that goes away changes nothing. */
static int do_rekey(struct client *client, struct json_object *object, struct failure *failure)
{
	struct json_object *number = NULL;
	int64_t session = 0;

	if (json_object_object_get_ex(object, "session", &number) &&
	    json_object_is_type(number, json_type_int))
		session = json_object_get_int64(number);
	if (session < 1 || session > UINT32_MAX)
		return failure_set(failure, MIKEY_EXIT_USAGE, "bad-request",
				   "the order names no session");
	client->waiting = true;
	if (rekey(client, session, failure)) {
		client->waiting = false;
		return -1;
	}
	return 0;
}

/* {"command":"call","peer":GROUP}: each member gets its own message. */
static int start_group(struct client *client, const struct order *order, struct group *group,
		       struct failure *failure)
{
	const struct groups_order what = {
		.group = group,
		.session_name = order->session_name,
		.timeout = order->timeout ? order->timeout : EXCHANGE_TIMEOUT,
		.user = client->uid,
	};

	if (order->has_ssrc || order->no_verify)
		return failure_set(failure, MIKEY_EXIT_USAGE, "bad-argument",
				   "a group has its SSRCs from the configuration, and its members "
				   "have to answer");
	if (order_may(&group->common, client->uid, failure) ||
	    order_session_name(order->session_name, failure))
		return -1;
	client->waiting = true;
	if (groups_call(client->control->daemon->groups, &what, on_group, client, failure)) {
		client->waiting = false;
		return -1;
	}
	return 0;
}

static int start_exchange(struct client *client, struct json_object *object,
			  struct failure *failure)
{
	struct daemon *daemon = client->control->daemon;
	const struct exchange_env env = sent_env(daemon);
	struct exchange_request request;
	struct group *group;
	struct order order;

	if (order_parse(object, &order, failure))
		return -1;
	group = config_group(daemon->config, order.peer);
	if (group)
		return start_group(client, &order, group, failure);
	if (order_request(&order, daemon->config, client->uid, &request, failure))
		return -1;
	return exchange_start(&env, &request, on_done, client, &client->exchange, failure);
}

/* Held connections are bounded apart, so that they keep nobody out who wants something. */
static int check_held(const struct control *control, uid_t uid, struct failure *failure)
{
	const struct client *client;
	unsigned int n = 0;

	for (client = control->clients; client; client = client->next)
		n += client->held && client->uid == uid;
	if (control->n_held < HELD_MAX && (!uid || n < HELD_PER_USER))
		return 0;
	return failure_set(failure, MIKEY_EXIT_SYSTEM, "too-many-calls",
			   "user %u holds too many calls", uid);
}

static void hold(struct client *client)
{
	client->held = true;
	client->control->n_held++;
	count_out(client->control);
}

/* The order begins anew when a certificate has come. */
static int await_certificate(struct client *client, struct json_object *object,
			     const struct failure *failure)
{
	struct fetch *fetch = client->control->daemon->fetch;
	uint64_t now = now_ms();

	if (strcmp(failure->reason, mikey_reason_token(MIKEY_CERT_AWAITED)) || !fetch)
		return -1;
	if (!client->order)
		client->since = now;
	if (now - client->since > FETCH_MS)
		return -1;
	if (!client->order)
		client->order = json_object_get(object);
	client->waiting = true;
	fetch_wait(fetch, &client->waiter);
	return 0;
}

/* What concerns messages that others carry is answered at once, if nothing is to be fetched. */
static int do_call_order(struct client *client, struct json_object *object,
			 struct failure *failure)
{
	struct calls *calls = client->control->daemon->calls;
	struct json_object *reply;

	client->waiting = false;
	if (json_object_get_boolean(json_object_object_get(object, "hold")) &&
	    check_held(client->control, client->uid, failure))
		return -1;
	reply = calls_order(calls, object, client->uid, client, failure);
	if (!reply)
		return await_certificate(client, object, failure);
	if (calls_held(calls, client))
		hold(client);
	answer(client, reply);
	return 0;
}

static void on_certificate(void *arg)
{
	struct client *client = arg;
	struct failure failure;

	if (do_call_order(client, client->order, &failure))
		answer(client, failure_json(&failure));
}

static int start(struct client *client, const char *line, struct failure *failure)
{
	struct json_object *object = json_tokener_parse(line), *command = NULL;
	int ret;

	if (!json_object_is_type(object, json_type_object)) {
		ret = failure_set(failure, MIKEY_EXIT_USAGE, "bad-request",
				  "the order is no JSON object");
	} else if (json_object_object_get_ex(object, "command", &command) &&
		   call_order_is(json_object_get_string(command))) {
		ret = do_call_order(client, object, failure);
	} else if (command && !strcmp(json_object_get_string(command), "rekey")) {
		ret = do_rekey(client, object, failure);
	} else {
		ret = start_exchange(client, object, failure);
	}
	json_object_put(object);
	return ret;
}

static void on_line(struct bufferevent *stream, void *arg)
{
	struct client *client = arg;
	struct evbuffer *in = bufferevent_get_input(stream);
	struct failure failure;
	char *line;

	if (client->answered || client->exchange || client->waiting) {
		evbuffer_drain(in, evbuffer_get_length(in));
		return;
	}
	line = evbuffer_readln(in, NULL, EVBUFFER_EOL_LF);
	if (!line && evbuffer_get_length(in) < ORDER_MAX)
		return;
	bufferevent_set_timeouts(stream, NULL, NULL);
	if (!line) {
		failure_set(&failure, MIKEY_EXIT_USAGE, "bad-request", "the order is too long");
		answer(client, failure_json(&failure));
	} else if (start(client, line, &failure)) {
		answer(client, failure_json(&failure));
	}
	free(line);
}

static void on_end(struct bufferevent *stream, short what, void *arg)
{
	struct client *client = arg;

	(void)stream;
	(void)what;
	if (client->held)
		calls_let_go(client->control->daemon->calls, client);
	drop(client);
}

static int peer_uid(int fd, uid_t *uid)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		return -1;
	*uid = cred.uid;
	return 0;
}

static bool has_room(const struct control *control, uid_t uid)
{
	const struct client *client;
	unsigned int n = 0;

	for (client = control->clients; client; client = client->next)
		n += client->uid == uid && !client->held;
	return uid == 0 || n < CLIENTS_PER_USER;
}

static void add_client(struct control *control, struct client *client)
{
	const struct timeval patience = { .tv_sec = PATIENCE };

	client->control = control;
	client->waiter.again = on_certificate;
	client->waiter.arg = client;
	client->next = control->clients;
	client->prev = &control->clients;
	if (client->next)
		client->next->prev = &client->next;
	control->clients = client;
	bufferevent_setcb(client->stream, on_line, on_written, on_end, client);
	bufferevent_setwatermark(client->stream, EV_READ, 0, ORDER_MAX);
	bufferevent_set_timeouts(client->stream, &patience, &patience);
	bufferevent_enable(client->stream, EV_READ | EV_WRITE);
	if (++control->n_clients == CLIENTS_MAX)
		evconnlistener_disable(control->listener);
}

static void on_connection(struct evconnlistener *listener, evutil_socket_t fd,
			  struct sockaddr *addr, int len, void *arg)
{
	struct control *control = arg;
	struct client *client = calloc(1, sizeof(*client));

	(void)listener;
	(void)addr;
	(void)len;
	if (client && !peer_uid(fd, &client->uid) && has_room(control, client->uid))
		client->stream = bufferevent_socket_new(control->daemon->base, fd,
							BEV_OPT_CLOSE_ON_FREE);
	if (client && client->stream) {
		add_client(control, client);
		return;
	}
	free(client);
	close(fd);
}

/* A socket whose daemon was killed is in the way; one that answers is not ours. */
static int clear_way(const struct sockaddr_un *addr, struct failure *failure)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return failure_errno(failure, errno, "control socket %s", addr->sun_path);
	err = connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) ? errno : 0;
	close(fd);
	if (err == ENOENT)
		return 0;
	if (err == ECONNREFUSED && !unlink(addr->sun_path))
		return 0;
	if (!err)
		return failure_set(failure, MIKEY_EXIT_SYSTEM, "control-in-use",
				   "another daemon answers on %s", addr->sun_path);
	return failure_errno(failure, err, "control socket %s", addr->sun_path);
}

/* The directory may be in a tmpfs, and new at each boot. */
static void make_directory(const char *path)
{
	char *copy = strdup(path), *slash = copy ? strrchr(copy, '/') : NULL;

	if (slash && slash != copy) {
		*slash = '\0';
		mkdir(copy, 0755);
	}
	free(copy);
}

static int bind_socket(const char *path, struct failure *failure)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	strncpy(addr.sun_path, path, sizeof(addr.sun_path) - 1);
	make_directory(path);
	if (clear_way(&addr, failure))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && !bind(fd, (struct sockaddr *)&addr, sizeof(addr)) &&
	    !chmod(path, 0666) && !listen(fd, CLIENTS_MAX))
		return fd;
	failure_errno(failure, errno, "control socket %s", path);
	if (fd >= 0)
		close(fd);
	return -1;
}

int control_new(struct daemon *daemon, const char *path, struct control **result,
		struct failure *failure)
{
	struct control *control = calloc(1, sizeof(*control));
	int fd = control ? bind_socket(path, failure) : -1;

	if (fd < 0) {
		free(control);
		return control ? -1 : failure_errno(failure, ENOMEM, "control socket");
	}
	control->daemon = daemon;
	control->path = strdup(path);
	control->listener = evconnlistener_new(daemon->base, on_connection, control,
					       LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC,
					       0, fd);
	*result = control;
	return control->listener ? 0 : failure_errno(failure, ENOMEM, "control socket");
}

void control_free(struct control *control)
{
	if (!control)
		return;
	while (control->clients)
		drop(control->clients);
	if (control->listener) {
		unlink(control->path);
		evconnlistener_free(control->listener);
	}
	free(control->path);
	free(control);
}
