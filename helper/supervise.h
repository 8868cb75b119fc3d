/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How mikey-helper run keeps a program's UDP sockets attached.
 *
 * The program's socket(2) calls that would make a UDP socket stop in a seccomp
 * filter, and the supervisor makes the socket in its place: already attached,
 * then handed over. No UDP socket of the program exists that is not attached,
 * so neither write(2), splice(2), a race between threads nor anything else
 * can send in clear from it, and nothing is decided by memory that the program
 * could change meanwhile.
 *
 * Only where some ports are to stay in clear (DNS), or where RTCP has a session
 * of its own, the calls that name a port stop as well. Whatever takes a socket
 * out of a session is then carried out by the supervisor itself, on its own
 * copy of socket, address and data.
 */
#ifndef HELPER_SUPERVISE_H
#define HELPER_SUPERVISE_H

#include <seccomp.h>
#include "kernel.h"
#include "ports.h"
#include "tracee.h"

/** RECENT_MAX - sockets that are remembered between bind(port 0) and their first peer */
#define RECENT_MAX 256

/**
 * struct placement - a medium's port, whose sockets have a session of their own
 * @port: local port that the program is to bind a socket to
 * @session: the session
 * @reserved: socket of this process that keeps the port free until then, or -1
 * @bound: the program has it
 */
struct placement {
	uint16_t port;
	uint32_t session;
	int reserved;
	bool bound;
};

/**
 * struct supervisor - what is attached to what
 * @kernel: connection
 * @session: session of all sockets, or those of RTP if @rtcp_session is set
 * @rtcp_session: session of RTCP, or 0
 * @role: enum srtp_role of sockets in @session
 * @clear: local and remote ports that stay in clear
 * @placements: ports with sessions of their own
 * @n_placements: how many
 * @notify: descriptor of the filter's notifications
 * @netns: inode of this process's network namespace
 * @unnamed: cookies of sockets that were bound to port 0, the latest ones
 * @next_unnamed: where the next one goes
 * @last_error: errno that was told last, so that it is not told for each call
 * @caller: whose call stopped last
 */
struct supervisor {
	struct kernel *kernel;
	uint32_t session;
	uint32_t rtcp_session;
	enum srtp_role role;
	struct ports clear;
	struct placement *placements;
	size_t n_placements;
	int notify;
	uint64_t netns;
	uint64_t unnamed[RECENT_MAX];
	unsigned int next_unnamed;
	int last_error;
	struct tracee caller;
};

/**
 * filter_make - the seccomp filter of the program
 * @sup: supervisor; decides which calls have to stop
 * @filter: to be loaded in the program's process, and released
 *
 * Return: 0, or the exit code of a failure that has been reported.
 */
int filter_make(const struct supervisor *sup, scmp_filter_ctx *filter);

/**
 * supervise_begin - attach the UDP sockets that the program inherits
 * @sup: supervisor; @netns is filled
 *
 * Return: 0, or the exit code of a failure that has been reported.
 */
int supervise_begin(struct supervisor *sup);

/**
 * supervise_call - answer one notification
 * @sup: supervisor
 * @req: the call
 * @resp: answer, to be sent unless the call is done
 *
 * Return: false if the call has been answered already.
 */
bool supervise_call(struct supervisor *sup, const struct seccomp_notif *req,
		    struct seccomp_notif_resp *resp);

/**
 * struct call - a call that stopped, on the way to its answer
 * @sup: supervisor
 * @req: the call
 * @socket: copy of the socket
 * @session: session that it was attached to when the call stopped, or 0
 */
struct call {
	struct supervisor *sup;
	const struct seccomp_notif *req;
	int socket;
	uint32_t session;
};

/** CALL_CONTINUE - answer: let the program's own call go on */
#define CALL_CONTINUE 1

/**
 * guard_bind - bind(2) of a UDP socket
 * @call: the call
 *
 * Return: CALL_CONTINUE, 0: done in the program's place, or a negative errno.
 */
int guard_bind(struct call *call);

/**
 * guard_connect - connect(2) of a UDP socket
 * @call: the call
 *
 * Return: as guard_bind()
 */
int guard_connect(struct call *call);

/**
 * guard_send - sendto(2), sendmsg(2) or sendmmsg(2) of a UDP socket
 * @call: the call
 * @result: what the call returns if it has been done
 *
 * Return: as guard_bind()
 */
int guard_send(struct call *call, int64_t *result);

/**
 * place_socket - put a socket where it belongs
 * @sup: supervisor
 * @fd: socket
 * @local: port it is bound to by name, or 0
 * @peer: port of its peer, or 0
 * @clear: set if it is to stay in clear
 *
 * Return: 0 or a negative errno, when nothing may be sent.
 */
int place_socket(struct supervisor *sup, int fd, uint16_t local, uint16_t peer, bool *clear);

/**
 * find_placement - has a port a session of its own?
 * @sup: supervisor
 * @port: local port
 *
 * Return: the placement or NULL.
 */
struct placement *find_placement(const struct supervisor *sup, uint16_t port);

/**
 * supervisor_errno - what the program is told when its socket cannot be attached
 * @err: negative errno of the kernel module
 */
int supervisor_errno(int err);

#endif
