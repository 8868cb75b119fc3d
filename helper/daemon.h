/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The daemon: one process that answers peers, calls peers for local users, and
 * owns all state of both.
 */
#ifndef HELPER_DAEMON_H
#define HELPER_DAEMON_H

#include <event2/event.h>
#include "config.h"
#include "exchange.h"
#include "limit.h"
#include "state.h"

/** DAEMON_SENT_MAX - own messages that are remembered against reflection */
#define DAEMON_SENT_MAX 1024

/**
 * struct sent_mark - a message that this host sent as initiator
 * @csb_id: its CSB ID
 * @ts: its T
 */
struct sent_mark {
	uint32_t csb_id;
	uint64_t ts;
};

/**
 * struct daemon - the daemon
 * @base: event loop
 * @config: configuration in force
 * @state: state directory
 * @crypto: algorithms
 * @env: the same with randomness, for the protocol library
 * @replay: messages that were taken
 * @resend: answers to retransmissions
 * @fetch: certificates by URL; NULL if there are none
 * @parked: messages that wait for one
 * @errors: how many unauthenticated Errors one source gets
 * @all_errors: and all sources together
 * @verifies: how many signatures of one source are verified
 * @all_verifies: and of all sources together
 * @lines: how many lines of log the datagrams of strangers make
 * @silent_lines: lines that were not written
 * @sent: own messages, the oldest is overwritten
 * @n_sent: how many were ever sent
 * @sockets: bound to config->listen
 * @n_sockets: how many
 * @control: control socket
 * @calls: calls whose messages others carry
 * @bundles: calls by UDP
 * @groups: groups that this host controls
 * @watch: the kernel's events
 * @store: what survives this process; NULL while it begins and ends
 * @status: exit status when the loop ends
 */
struct daemon {
	struct event_base *base;
	struct config *config;
	struct state *state;
	struct mikey_crypto *crypto;
	struct mikey_env env;
	struct mikey_replay *replay;
	struct mikey_resend *resend;
	struct fetch *fetch;
	struct parked *parked;
	struct limit *errors;
	struct limit *all_errors;
	struct limit *verifies;
	struct limit *all_verifies;
	struct limit *lines;
	unsigned int silent_lines;
	struct sent_mark sent[DAEMON_SENT_MAX];
	size_t n_sent;
	struct event *sockets[CONFIG_LISTEN_MAX];
	size_t n_sockets;
	struct control *control;
	struct calls *calls;
	struct bundles *bundles;
	struct groups *groups;
	struct watch *watch;
	struct store *store;
	int status;
};

/**
 * daemon_new - take what the configuration names: state, sockets
 * @config: configuration with its keys; the daemon holds it
 * @daemon: the result
 * @failure: why not
 * Return: 0 or -1.
 */
int daemon_new(struct config *config, struct daemon **daemon, struct failure *failure);

/**
 * daemon_run - serve until a signal ends it
 * @daemon: daemon
 * Return: exit status.
 */
int daemon_run(struct daemon *daemon);

/**
 * daemon_free - give everything back; sessions stay in the kernel
 * @daemon: daemon or NULL
 */
void daemon_free(struct daemon *daemon);

/**
 * respond - a datagram has come to a MIKEY port
 * @daemon: daemon
 * @fd: the socket
 * @buf: its octets
 * @len: how many
 * @flow: where it came from, and where to
 */
void respond(struct daemon *daemon, int fd, const uint8_t *buf, size_t len,
	     const struct udp_flow *flow);

/**
 * sent_add - remember an own message
 * @daemon: daemon
 * @csb_id: its CSB ID
 * @ts: its T
 */
void sent_add(struct daemon *daemon, uint32_t csb_id, const struct mikey_ts *ts);

/**
 * sent_find - is it an own message?
 * @daemon: daemon
 * @csb_id: its CSB ID
 * @ts: its T, NULL for any
 */
bool sent_find(const struct daemon *daemon, uint32_t csb_id, const struct mikey_ts *ts);

/**
 * sent_env - what an exchange needs of the daemon, whose messages are remembered
 * @daemon: daemon
 */
struct exchange_env sent_env(struct daemon *daemon);

struct control;

/**
 * control_new - listen on the control socket
 * @daemon: daemon
 * @path: of the socket
 * @control: the result
 * @failure: why not
 * Return: 0 or -1.
 */
int control_new(struct daemon *daemon, const char *path, struct control **control,
		struct failure *failure);

/**
 * control_free - stop, give up the running exchanges, remove the socket
 * @control: control socket or NULL
 */
void control_free(struct control *control);

#endif
