// SPDX-License-Identifier: GPL-2.0
/*
 * The daemon's life: what it takes and gives back, its loop and its signals.
 */
#include <errno.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "bundles.h"
#include "calls.h"
#include "daemon.h"
#include "fetch.h"
#include "groups.h"
#include "log.h"
#include "notify.h"
#include "now.h"
#include "parked.h"
#include "store.h"
#include "udp.h"
#include "watch.h"

/* Messages that the replay cache keeps; more in one skew window shrink it. */
#define REPLAY_MAX 8192
/* Answers kept for retransmissions, for 32 seconds each. */
#define RESEND_MAX 1024
/* Datagrams of one turn, so that a flood leaves time for signals and users. */
#define TURN_MAX 64

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	static uint8_t buf[UDP_DATAGRAM_MAX];
	struct daemon *daemon = arg;
	struct udp_flow flow;
	ssize_t len;
	int i;

	(void)what;
	for (i = 0; i < TURN_MAX; i++) {
		len = udp_recv(fd, buf, &flow);
		if (len < 0)
			break;
		respond(daemon, fd, buf, len, &flow);
	}
}

/* A host without IPv6 (or IPv4) has no such wildcard: no mistake. */
static bool may_lack(const struct config *config, int err)
{
	return !config->listen_given && (err == EAFNOSUPPORT || err == EADDRNOTAVAIL);
}

static int open_socket(struct daemon *daemon, const union udp_addr *addr,
		       struct failure *failure)
{
	char text[UDP_TEXT_MAX];
	struct event *event;
	int fd = udp_bind(addr);

	if (fd < 0 && may_lack(daemon->config, errno))
		return 0;
	if (fd < 0)
		return failure_errno(failure, errno, "cannot listen on %s",
				     udp_addr_text(addr, text));
	event = event_new(daemon->base, fd, EV_READ | EV_PERSIST, on_readable, daemon);
	if (!event) {
		close(fd);
		return failure_errno(failure, ENOMEM, "daemon");
	}
	event_add(event, NULL);
	daemon->sockets[daemon->n_sockets++] = event;
	return 0;
}

static int open_sockets(struct daemon *daemon, struct failure *failure)
{
	size_t i;

	for (i = 0; i < daemon->config->n_listen; i++)
		if (open_socket(daemon, &daemon->config->listen[i], failure))
			return -1;
	if (daemon->n_sockets || !daemon->config->n_listen)
		return 0;
	return failure_set(failure, MIKEY_EXIT_SYSTEM, "system", "this host has no IP address");
}

static int open_state(struct daemon *daemon, struct failure *failure)
{
	const struct config *config = daemon->config;
	bool lost;

	if (state_open(config->state, &daemon->state, failure) ||
	    state_lock(daemon->state, failure) ||
	    state_load_replay(daemon->state, now_ntp(), daemon->replay, &lost, failure))
		return -1;
	if (lost) {
		struct json_object *fields = json_object_new_object();

		log_string(fields, "reason", "recovering");
		log_number(fields, "seconds", config->skew);
		log_event("state-lost", fields);
	}
	return 0;
}

static bool make_memory(struct daemon *daemon)
{
	uint8_t secret[16];
	bool good = !daemon->env.random(NULL, secret, sizeof(secret));

	daemon->replay = mikey_replay_new(daemon->crypto, REPLAY_MAX,
					  MIKEY_SECONDS(daemon->config->skew));
	daemon->resend = mikey_resend_new(daemon->crypto, RESEND_MAX);
	daemon->errors = limit_new(1024, 1, 5, secret);
	daemon->all_errors = limit_new(1, 100, 200, secret);
	daemon->verifies = limit_new(1024, 2, 20, secret);
	daemon->all_verifies = limit_new(1, 200, 400, secret);
	daemon->lines = limit_new(1, 10, 50, secret);
	daemon->calls = calls_new(daemon);
	daemon->bundles = bundles_new(daemon);
	daemon->groups = groups_new(daemon);
	daemon->parked = parked_new(daemon);
	OPENSSL_cleanse(secret, sizeof(secret));
	return good && daemon->replay && daemon->resend && daemon->errors &&
	       daemon->all_errors && daemon->verifies && daemon->all_verifies &&
	       daemon->lines && daemon->calls &&
	       daemon->bundles && daemon->groups && daemon->parked;
}

static int set_up(struct daemon *daemon, struct failure *failure)
{
	daemon->base = event_base_new();
	daemon->crypto = mikey_crypto_new(NULL, NULL);
	daemon->env = (struct mikey_env){
		.crypto = daemon->crypto,
		.random = mikey_random_openssl,
	};
	if (!daemon->base || !daemon->crypto || !make_memory(daemon))
		return failure_errno(failure, ENOMEM, "daemon");
	if (fetch_new(daemon->base, daemon->config, log_event, &daemon->fetch, failure) ||
	    open_state(daemon, failure) || open_sockets(daemon, failure) ||
	    watch_new(daemon, &daemon->watch, failure) ||
	    control_new(daemon, daemon->config->control, &daemon->control, failure))
		return -1;
	daemon->store = store_new(daemon);
	return daemon->store ? 0 : failure_errno(failure, ENOMEM, "daemon");
}

int daemon_new(struct config *config, struct daemon **result, struct failure *failure)
{
	struct daemon *daemon = calloc(1, sizeof(*daemon));

	if (!daemon)
		return failure_errno(failure, ENOMEM, "daemon");
	daemon->config = config_get(config);
	if (set_up(daemon, failure)) {
		daemon_free(daemon);
		return -1;
	}
	store_restore(daemon->store);
	*result = daemon;
	return 0;
}

void daemon_free(struct daemon *daemon)
{
	size_t i;

	if (!daemon)
		return;
	/* First: what ends with this process does not end for the next one. */
	store_free(daemon->store);
	daemon->store = NULL;
	control_free(daemon->control);
	watch_free(daemon->watch);
	calls_free(daemon->calls);
	bundles_free(daemon->bundles);
	groups_free(daemon->groups);
	for (i = 0; i < daemon->n_sockets; i++) {
		close(event_get_fd(daemon->sockets[i]));
		event_free(daemon->sockets[i]);
	}
	parked_free(daemon->parked);
	fetch_free(daemon->fetch);
	limit_free(daemon->errors);
	limit_free(daemon->all_errors);
	limit_free(daemon->verifies);
	limit_free(daemon->all_verifies);
	limit_free(daemon->lines);
	mikey_resend_free(daemon->resend);
	mikey_replay_free(daemon->replay);
	mikey_crypto_free(daemon->crypto);
	state_close(daemon->state);
	config_put(daemon->config);
	if (daemon->base)
		event_base_free(daemon->base);
	free(daemon);
}

static void log_listening(const struct daemon *daemon)
{
	struct json_object *fields = json_object_new_object();
	struct json_object *list = json_object_new_array();
	char text[UDP_TEXT_MAX];
	size_t i;

	for (i = 0; i < daemon->config->n_listen; i++)
		json_object_array_add(list, json_object_new_string(
			udp_addr_text(&daemon->config->listen[i], text)));
	json_object_object_add(fields, "addresses", list);
	log_string(fields, "control", daemon->config->control);
	json_object_object_add(fields, "bundles_kept",
			       json_object_new_boolean(store_present(daemon->store)));
	log_event("listening", fields);
}

static bool same_sockets(const struct config *a, const struct config *b)
{
	return a->n_listen == b->n_listen && a->skew == b->skew &&
	       !memcmp(a->listen, b->listen, a->n_listen * sizeof(a->listen[0])) &&
	       !strcmp(a->state, b->state) && !strcmp(a->control, b->control);
}

/* Who fetches certificates was started before the rights to do that were given up. */
static bool same_fetcher(const struct daemon *daemon, const struct config *config)
{
	return daemon->fetch ? !strcmp(config->cert_user, daemon->config->cert_user) :
			       !fetch_wanted(config);
}

/*
 * Peers and identity change at once; running exchanges keep what they began
 * with. What is bound to open files stays until the next start.
 */
static void on_reload(evutil_socket_t number, short what, void *arg)
{
	struct daemon *daemon = arg;
	struct json_object *fields = json_object_new_object();
	struct failure failure;
	struct config *config;

	(void)number;
	(void)what;
	notify_reloading();
	if (config_load(daemon->config->path, &config, &failure) ||
	    config_read_keys(config, NULL, &failure)) {
		config_put(config);
		log_string(fields, "reason", failure.reason);
		log_string(fields, "message", failure.text);
		log_event("reload-failed", fields);
		notify_ready();
		return;
	}
	json_object_object_add(fields, "restart_needed", json_object_new_boolean(
		!same_sockets(config, daemon->config) || !same_fetcher(daemon, config)));
	config_put(daemon->config);
	daemon->config = config;
	fetch_serve(daemon->fetch, config);
	log_event("reloaded", fields);
	notify_ready();
}

static void on_stop(evutil_socket_t number, short what, void *arg)
{
	struct daemon *daemon = arg;

	(void)number;
	(void)what;
	event_base_loopbreak(daemon->base);
}

int daemon_run(struct daemon *daemon)
{
	static const struct {
		int number;
		event_callback_fn fn;
	} signals[] = {
		{ SIGTERM, on_stop }, { SIGINT, on_stop }, { SIGHUP, on_reload },
	};
	struct event *event[3];
	size_t i;

	signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < 3; i++) {
		event[i] = evsignal_new(daemon->base, signals[i].number, signals[i].fn, daemon);
		event_add(event[i], NULL);
	}
	log_listening(daemon);
	notify_ready();
	watch_catch_up(daemon->watch);
	event_base_dispatch(daemon->base);
	store_flush(daemon->store);
	notify_stopping();
	for (i = 0; i < 3; i++)
		event_free(event[i]);
	log_event("stopped", NULL);
	return daemon->status;
}
