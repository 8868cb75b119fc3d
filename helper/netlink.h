/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests to the family "srtp", and the kernel's answers.
 */
#ifndef HELPER_NETLINK_H
#define HELPER_NETLINK_H

#include <netlink/msg.h>
#include <netlink/netlink.h>
#include "fields.h"
#include "kernel.h"

/**
 * struct kernel - a connection
 * @sock: generic netlink socket
 * @family: number of the family
 * @error: sentence of the last failure
 */
struct kernel {
	struct nl_sock *sock;
	int family;
	char error[512];
};

/**
 * struct netlink_call - a request and what to do with its answers
 * @cmd: enum srtp_cmd
 * @dump: ask for all objects
 * @set: fields of request and answers
 * @request: structure to send, or NULL
 * @which: bits of the attributes to send
 * @reply: structure for the answers, or NULL; zeroed before each if @fn is set
 * @fn: called for each answer, or NULL: the one answer is left in @reply
 * @arg: passed on
 */
struct netlink_call {
	enum srtp_cmd cmd;
	bool dump;
	const struct field_set *set;
	const void *request;
	uint64_t which;
	void *reply;
	int (*fn)(void *reply, void *arg);
	void *arg;
};

/**
 * netlink_call - ask the kernel
 * @kernel: connection
 * @call: what
 *
 * Every message that was sent is wiped, it may hold a key.
 *
 * Return: 0, what @fn returned, or a negative errno.
 */
int netlink_call(struct kernel *kernel, const struct netlink_call *call);

/**
 * netlink_fail - remember a sentence
 * @kernel: connection
 * @err: negative errno
 * @fmt: printf format
 *
 * Return: @err
 */
int netlink_fail(struct kernel *kernel, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * netlink_socket - a generic netlink socket that keeps its messages to itself
 *
 * Return: connected socket, or NULL with errno.
 */
struct nl_sock *netlink_socket(void);

/**
 * netlink_errno - libnl's error as an errno
 * @nlerr: what libnl returned
 */
int netlink_errno(int nlerr);

#endif
