/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Descriptors and memory of another process, which needs the right to trace it.
 */
#ifndef HELPER_TRACEE_H
#define HELPER_TRACEE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "address.h"

/**
 * tracee_open - a descriptor of a process
 * @pid: process, not a thread
 *
 * Return: descriptor, or a negative errno.
 */
int tracee_open(pid_t pid);

/**
 * tracee_fd - a copy of a descriptor of a process
 * @pidfd: process
 * @fd: its descriptor
 *
 * Return: descriptor, or a negative errno.
 */
int tracee_fd(int pidfd, int fd);

/**
 * struct tracee - a thread and the process that it belongs to
 * @tid: thread, 0 if there is none
 * @leader: process
 * @pidfd: descriptor of the process
 */
struct tracee {
	pid_t tid;
	pid_t leader;
	int pidfd;
};

/**
 * tracee_thread_fd - a copy of a descriptor of a thread
 * @tracee: zeroed, or that of the last call, which is looked up anew if it has to
 * @tid: thread
 * @fd: its descriptor
 *
 * Return: descriptor, or a negative errno: -EBADF if there is no such
 * descriptor; -EACCES if the thread does not share those of its process, of
 * which alone they can be had.
 */
int tracee_thread_fd(struct tracee *tracee, pid_t tid, int fd);

/**
 * tracee_read - read memory
 * @tid: thread
 * @from: address there
 * @to: buffer
 * @len: octets
 *
 * Return: 0 or -EFAULT.
 */
int tracee_read(pid_t tid, uint64_t from, void *to, size_t len);

/**
 * tracee_write - write memory
 * @tid: thread
 * @to: address there
 * @from: octets
 * @len: how many
 *
 * Return: 0 or -EFAULT.
 */
int tracee_write(pid_t tid, uint64_t to, const void *from, size_t len);

/**
 * socket_is_udp - is it a socket of UDP over IPv4 or IPv6?
 * @fd: any descriptor
 */
bool socket_is_udp(int fd);

/**
 * socket_local - the address that a socket is bound to
 * @fd: socket
 * @local: filled; port 0 if it is not bound
 */
void socket_local(int fd, struct address *local);

/**
 * socket_cookie - the number of a socket that no other one has
 * @fd: socket
 */
uint64_t socket_cookie(int fd);

/**
 * socket_session - the session that a socket is attached to
 * @fd: socket
 *
 * Return: its number, or 0 if it is not attached.
 */
uint32_t socket_session(int fd);

#endif
