// SPDX-License-Identifier: GPL-2.0
/*
 * Counting packets up to a limit.
 */
#include <linux/cpumask.h>
#include <linux/minmax.h>
#include <linux/percpu.h>

#include "limit.h"

/* So that a count that is read is not far off, and a CPU's loss is small. */
#define SRTP_BUDGET_MAX	1024

static u64 srtp_limit_next_stop(const struct srtp_limit *l)
{
	return l->soft && l->granted < l->soft && l->soft < l->hard ? l->soft : l->hard;
}

/**
 * srtp_limit_init() - set up a limit that nothing has been counted for
 * @l: the limit, zeroed
 * @hard: packets after which there are no more
 *
 * Return: 0 or -ENOMEM
 */
int srtp_limit_init(struct srtp_limit *l, u64 hard)
{
	spin_lock_init(&l->lock);
	l->hard = hard;
	l->stop = hard;
	l->budget = alloc_percpu_gfp(atomic_t, GFP_KERNEL_ACCOUNT);
	return l->budget ? 0 : -ENOMEM;
}

/**
 * srtp_limit_free() - release what srtp_limit_init() took, or nothing
 * @l: the limit
 */
void srtp_limit_free(struct srtp_limit *l)
{
	free_percpu(l->budget);
}

static u64 srtp_limit_left(const struct srtp_limit *l)
{
	u64 left = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		left += max(atomic_read(per_cpu_ptr(l->budget, cpu)), 0);
	return left;
}

static void srtp_limit_reclaim(struct srtp_limit *l)
{
	int cpu;

	for_each_possible_cpu(cpu)
		l->granted -= atomic_xchg(per_cpu_ptr(l->budget, cpu), 0);
}

/* One packet is the caller's, the rest of what is granted the CPU's. */
static enum srtp_take srtp_limit_grant(struct srtp_limit *l)
{
	u64 n = (l->stop - l->granted) / (2 * num_possible_cpus());

	n = clamp_t(u64, n, 1, SRTP_BUDGET_MAX);
	l->granted += n;
	atomic_add(n - 1, raw_cpu_ptr(l->budget));
	if (l->granted == l->stop)
		srtp_limit_reclaim(l);
	if (l->granted < l->stop)
		return SRTP_TAKE_OK;
	if (l->stop == l->hard)
		return SRTP_TAKE_LAST;
	l->stop = l->hard;
	return SRTP_TAKE_SOFT;
}

/**
 * srtp_limit_refill() - count one packet where the CPU's budget is used up
 * @l: the limit
 */
enum srtp_take srtp_limit_refill(struct srtp_limit *l)
{
	enum srtp_take how = SRTP_TAKE_NONE;

	spin_lock_bh(&l->lock);
	if (l->granted >= l->stop)
		srtp_limit_reclaim(l);
	if (l->granted < l->stop)
		how = srtp_limit_grant(l);
	spin_unlock_bh(&l->lock);
	return how;
}

/**
 * srtp_limit_undo() - a packet that reached a limit was none
 * @l: the limit
 */
void srtp_limit_undo(struct srtp_limit *l)
{
	spin_lock_bh(&l->lock);
	l->granted--;
	l->stop = srtp_limit_next_stop(l);
	spin_unlock_bh(&l->lock);
}

/**
 * srtp_limit_set() - change the limits; what was counted stays counted
 * @l: the limit
 * @soft: packets after which somebody is told, or 0
 * @hard: packets after which there are no more
 *
 * Return: SRTP_TAKE_SOFT or SRTP_TAKE_LAST if one of them is reached already
 */
enum srtp_take srtp_limit_set(struct srtp_limit *l, u64 soft, u64 hard)
{
	enum srtp_take how = SRTP_TAKE_OK;

	spin_lock_bh(&l->lock);
	srtp_limit_reclaim(l);
	/* Who tells that one is reached reads it without the lock. */
	WRITE_ONCE(l->soft, soft);
	WRITE_ONCE(l->hard, hard);
	l->stop = srtp_limit_next_stop(l);
	if (l->granted >= hard)
		how = SRTP_TAKE_LAST;
	else if (soft && l->granted >= soft)
		how = SRTP_TAKE_SOFT;
	spin_unlock_bh(&l->lock);
	return how;
}

/**
 * srtp_limit_used() - how many were counted
 * @l: the limit
 */
u64 srtp_limit_used(struct srtp_limit *l)
{
	u64 left, granted;

	spin_lock_bh(&l->lock);
	left = srtp_limit_left(l);
	granted = l->granted;
	spin_unlock_bh(&l->lock);
	return granted > left ? granted - left : 0;
}
