/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An unmodified program whose UDP sockets are attached from the start
 * (supervise.h). It is started here, and whoever has started it waits for two
 * descriptors, in an event loop of his own: the notifications of the filter
 * (@sup->notify) and the signals (@signals).
 */
#ifndef HELPER_CHILD_H
#define HELPER_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>
#include "supervise.h"

/**
 * struct child - the program
 * @sup: what its sockets are attached to
 * @pid: its process
 * @channel: this end of the socket pair that its process has until it runs the
 *	program
 * @signals: descriptor of the signals of @set
 * @set: signals that are passed on, and that of a process that ended
 * @before: what was blocked before
 * @req: memory for a call
 * @resp: memory for its answer
 * @status: of waitpid(), once @gone
 * @gone: it has ended; other processes of it may go on
 * @unfiltered: there is no process any more that has the filter
 */
struct child {
	struct supervisor *sup;
	pid_t pid;
	int channel;
	int signals;
	sigset_t set;
	sigset_t before;
	struct seccomp_notif *req;
	struct seccomp_notif_resp *resp;
	int status;
	bool gone;
	bool unfiltered;
};

/**
 * child_start - start the program
 * @child: filled
 * @sup: what its sockets are to be attached to; @notify is filled
 * @argv: program and arguments
 *
 * Return: 0, or the exit code of a failure that has been reported.
 */
int child_start(struct child *child, struct supervisor *sup, char **argv);

/**
 * child_signals - what is blocked while the program runs
 * @set: filled
 */
void child_signals(sigset_t *set);

/**
 * child_on_notify - something happened on the filter's descriptor
 * @child: program
 * @call: a call stopped; otherwise the filter is gone, and the descriptor is not to
 *	be waited for any more
 */
void child_on_notify(struct child *child, bool call);

/**
 * child_on_signal - a signal came
 * @child: program
 *
 * What the terminal sends, it sends to the program as well; what somebody sends
 * to this process alone is for the program.
 *
 * Return: false if this process has to end.
 */
bool child_on_signal(struct child *child);

/**
 * child_done - is the last process gone that has the filter?
 * @child: program
 */
bool child_done(const struct child *child);

/**
 * child_status - exit status of the program, 128 + N if signal N ended it
 * @child: program that is gone
 */
int child_status(const struct child *child);

/**
 * child_end - give back what child_start() took
 * @child: program
 */
void child_end(struct child *child);

#endif
