/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_LIMIT_H
#define _SRTP_LIMIT_H

#include <linux/atomic.h>
#include <linux/percpu-defs.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/**
 * struct srtp_limit - counts packets up to a limit, exactly, without sharing
 * @lock: guards all but the budgets
 * @soft: packets after which somebody is told, or 0
 * @hard: packets after which there are no more
 * @stop: the one of the two that comes next
 * @granted: packets that the CPUs may have counted
 * @budget: per CPU: those of them that it has not counted yet
 *
 * A CPU counts on its own until its budget is used up.  Budgets shrink towards a
 * limit, and what other CPUs have left is taken back before it counts as
 * reached.
 */
struct srtp_limit {
	spinlock_t lock;	/* all but the budgets */
	u64 soft;
	u64 hard;
	u64 stop;
	u64 granted;
	atomic_t __percpu *budget;
};

enum srtp_take {
	SRTP_TAKE_OK,
	SRTP_TAKE_SOFT,		/* this one reached the soft limit */
	SRTP_TAKE_LAST,		/* this one reached the hard limit */
	SRTP_TAKE_NONE,		/* there are no more */
};

int srtp_limit_init(struct srtp_limit *l, u64 hard);
void srtp_limit_free(struct srtp_limit *l);
enum srtp_take srtp_limit_set(struct srtp_limit *l, u64 soft, u64 hard);
u64 srtp_limit_used(struct srtp_limit *l);
enum srtp_take srtp_limit_refill(struct srtp_limit *l);
void srtp_limit_undo(struct srtp_limit *l);

/**
 * srtp_limit_within_budget() - count one packet if the CPU may on its own
 * @l: the limit
 *
 * On whichever CPU: a budget may be used by another one, too.  Where it returns
 * false srtp_limit_refill() counts the packet.
 */
static inline bool srtp_limit_within_budget(struct srtp_limit *l)
{
	return atomic_dec_if_positive(raw_cpu_ptr(l->budget)) >= 0;
}

/**
 * srtp_limit_give_back() - a packet that was counted was none
 * @l: the limit
 * @how: what srtp_key_take() said
 */
static inline void srtp_limit_give_back(struct srtp_limit *l, enum srtp_take how)
{
	if (likely(how == SRTP_TAKE_OK))
		atomic_inc(raw_cpu_ptr(l->budget));
	else
		srtp_limit_undo(l);
}

#endif
