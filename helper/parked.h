/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages that wait for a certificate: octets and where they came from, and nothing that
 * was made of them. They are read from the beginning when one has come.
 */
#ifndef HELPER_PARKED_H
#define HELPER_PARKED_H

#include "daemon.h"
#include "fetch.h"

struct parked;

/**
 * struct parked_message - a message
 * @fd: socket that it came to
 * @msg: octets
 * @flow: where it came from, and where to
 * @since: when it came, ms
 */
struct parked_message {
	int fd;
	struct mikey_view msg;
	struct udp_flow flow;
	uint64_t since;
};

/**
 * parked_new - a table of messages
 * @daemon: daemon; its messages go to respond_again()
 * Return: NULL without memory.
 */
struct parked *parked_new(struct daemon *daemon);

/**
 * parked_free - forget all
 * @parked: table or NULL
 */
void parked_free(struct parked *parked);

/**
 * parked_has - does this very message wait already? Then it was sent again.
 * @parked: table
 * @msg: octets
 * @flow: where it came from
 */
bool parked_has(const struct parked *parked, struct mikey_view msg, const struct udp_flow *flow);

/**
 * parked_add - let a message wait
 * @parked: table
 * @message: copied
 * @peer: in whose name it comes; only so many of one wait
 * Return: false if there is no room, or it has waited for too long.
 */
bool parked_add(struct parked *parked, const struct parked_message *message, const char *peer);

/**
 * respond_again - a message that waited may find its certificate now
 * @daemon: daemon
 * @message: message
 */
void respond_again(struct daemon *daemon, const struct parked_message *message);

#endif
