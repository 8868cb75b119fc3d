/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state directory: what must survive a restart so that no T is given out
 * twice and no message is taken twice. Timestamps, hashes and counters; no key
 * material.
 *
 *	lock		held by the daemon as long as it runs
 *	clock		the last T that was given out
 *	counter		the last one that is a COUNTER
 *	replay		the replay cache
 *	ran		exists once a daemon has kept a replay cache here
 *
 * Files are replaced as a whole (written beside, synchronized, renamed), and
 * before what they record has an effect outside. So a daemon that was killed
 * has lost nothing, and RFC 3830 5.4's wait after a loss of state is needed
 * only when "ran" is there but no good "replay" is.
 */
#ifndef HELPER_STATE_H
#define HELPER_STATE_H

#include "failure.h"
#include "mikey/mikey.h"

struct state;

/**
 * state_open - open the directory; make it if it is not there
 * @path: directory
 * @state: the result
 * @failure: why not
 * Return: 0 or -1.
 */
int state_open(const char *path, struct state **state, struct failure *failure);

/**
 * state_close - close the directory, give up the lock
 * @state: state or NULL
 */
void state_close(struct state *state);

/**
 * state_lock - be the one daemon of this directory
 * @state: state
 * @failure: why not; "state-locked" if there is another
 * Return: 0 or -1.
 */
int state_lock(struct state *state, struct failure *failure);

/**
 * state_next_ts - a T that was never given out before, by any process
 * @state: state
 * @type: enum mikey_ts_type
 * @now: NTP time
 * @ts: filled once it is recorded on disk
 * @failure: why not
 * Return: 0 or -1.
 */
int state_next_ts(struct state *state, uint32_t type, uint64_t now, struct mikey_ts *ts,
		  struct failure *failure);

/**
 * state_gave_ts - has this directory recorded that T?
 * @state: state
 * @ts: a T of this host
 * Return: false if it may be given out again: then it is not the directory that the
 * T was taken from.
 */
bool state_gave_ts(const struct state *state, const struct mikey_ts *ts);

/**
 * state_load_replay - fill a replay cache from the directory
 * @state: state
 * @now: NTP time
 * @cache: a new cache; recovering if the old state is lost
 * @lost: filled: the old state is lost
 * @failure: why the directory cannot be used
 * Return: 0 or -1.
 */
int state_load_replay(struct state *state, uint64_t now, struct mikey_replay *cache,
		      bool *lost, struct failure *failure);

/**
 * state_save_replay - record a replay cache
 * @state: state
 * @cache: cache
 * @failure: why not
 * Return: 0 or -1.
 */
int state_save_replay(struct state *state, const struct mikey_replay *cache,
		      struct failure *failure);

#endif
