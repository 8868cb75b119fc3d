// SPDX-License-Identifier: GPL-2.0
/*
 * Session keys that change every so many packets (RFC 3711 4.3.1).
 *
 * Generation r serves the packets whose index DIV rate is r.  The one before
 * the present one is kept for packets that come late, and the next two are
 * derived ahead, in process context; with rates so low that this would not be
 * many packets, more of them.  Only authentic packets, or packets that are sent,
 * move this on.
 *
 * After a gap that is longer, no packet could prove itself any more.  So a
 * packet beyond what is derived has its surroundings derived aside, at most once
 * a second, and in process context too; until one of those is authentic nothing
 * else changes.
 */
#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "kdr.h"

enum {
	SRTP_KDR_BEHIND = 16,	/* packets that may come late, at least */
	SRTP_KDR_AHEAD = 32,	/* packets that have their keys beforehand, at least */
};

/**
 * struct srtp_generation - session keys for some packets
 * @r: which packets
 * @tf: the keys
 * @rcu: packets in flight use it
 */
struct srtp_generation {
	u64 r;
	struct srtp_transform tf;
	struct rcu_head rcu;
};

/**
 * struct srtp_kdr_side - generations of SRTP or of SRTCP
 * @label: which of them
 * @present: the generation of the latest packet
 * @sought: the generation of a packet beyond those, not proven
 * @seek_next: when another one may be sought, in jiffies
 * @slots: generation r lies in slot r mod their number
 * @aside: the same of @sought, or empty
 */
struct srtp_kdr_side {
	enum srtp_label label;
	u64 present;
	u64 sought;
	unsigned long seek_next;
	struct srtp_generation __rcu **slots;
	struct srtp_generation __rcu **aside;
};

/**
 * struct srtp_kdr - a master key, its rate, and what was derived
 * @refs: its key, and work that is under way
 * @master: points to @key and @salt
 * @key: the master key; kept, since it is needed again and again
 * @salt: the master salt
 * @shift: log2 of the rate
 * @behind: generations kept before the present one
 * @ahead: generations derived beyond it
 * @mask: number of slots, less one
 * @mutex: one derives at a time
 * @work: derives
 * @srtp: generations of SRTP
 * @srtcp: generations of SRTCP
 */
struct srtp_kdr {
	refcount_t refs;
	struct srtp_master master;
	u8 key[SRTP_MASTER_KEY_MAX];
	u8 salt[SRTP_MASTER_SALT_MAX];
	u8 shift;
	u8 behind;
	u8 ahead;
	u8 mask;
	struct mutex mutex;	/* derivation */
	struct work_struct work;
	struct srtp_kdr_side srtp;
	struct srtp_kdr_side srtcp;
};

static struct workqueue_struct *srtp_kdr_workqueue __read_mostly;

/**
 * srtp_kdr_module_init() - make what derives
 */
int srtp_kdr_module_init(void)
{
	srtp_kdr_workqueue = alloc_workqueue("srtp_kdr", WQ_UNBOUND, 0);
	return srtp_kdr_workqueue ? 0 : -ENOMEM;
}

/**
 * srtp_kdr_module_exit() - the same backwards; no key is left
 */
void srtp_kdr_module_exit(void)
{
	destroy_workqueue(srtp_kdr_workqueue);
	rcu_barrier();	/* generations that the last work replaced */
}

static void srtp_generation_free(struct srtp_generation *g)
{
	if (!g)
		return;
	srtp_transform_free(&g->tf);
	kfree(g);
}

static void srtp_generation_free_rcu(struct rcu_head *rcu)
{
	srtp_generation_free(container_of(rcu, struct srtp_generation, rcu));
}

static struct srtp_generation *srtp_generation_create(const struct srtp_kdr *kdr,
						      enum srtp_label label, u64 r)
{
	struct srtp_generation *g = kzalloc(sizeof(*g), GFP_KERNEL_ACCOUNT);
	int err;

	if (!g)
		return ERR_PTR(-ENOMEM);
	g->r = r;
	err = srtp_transform_init(&g->tf, &kdr->master, label, r);
	if (!err)
		return g;
	srtp_generation_free(g);
	return ERR_PTR(err);
}

static int srtp_kdr_derive_one(struct srtp_kdr *kdr, enum srtp_label label,
			       struct srtp_generation __rcu **slot, u64 r)
{
	struct srtp_generation *old, *g;

	old = rcu_dereference_protected(*slot, lockdep_is_held(&kdr->mutex));
	if (old && old->r == r)
		return 0;
	g = srtp_generation_create(kdr, label, r);
	if (IS_ERR(g))
		return PTR_ERR(g);
	rcu_assign_pointer(*slot, g);
	if (old)
		call_rcu(&old->rcu, srtp_generation_free_rcu);
	return 0;
}

/* All around a generation, into one of the two sets of slots. */
static int srtp_kdr_derive_around(struct srtp_kdr *kdr, enum srtp_label label,
				  struct srtp_generation __rcu **slots, u64 middle)
{
	u64 r = middle - min_t(u64, middle, kdr->behind);
	int err = 0;

	mutex_lock(&kdr->mutex);
	for (; !err && r <= middle + kdr->ahead; r++)
		err = srtp_kdr_derive_one(kdr, label, &slots[r & kdr->mask], r);
	mutex_unlock(&kdr->mutex);
	return err;
}

static int srtp_kdr_derive(struct srtp_kdr *kdr, struct srtp_kdr_side *side)
{
	u64 present = READ_ONCE(side->present), sought = READ_ONCE(side->sought);
	int err = srtp_kdr_derive_around(kdr, side->label, side->slots, present);

	if (err || sought <= present)
		return err;
	return srtp_kdr_derive_around(kdr, side->label, side->aside, sought);
}

static void srtp_kdr_work(struct work_struct *work)
{
	struct srtp_kdr *kdr = container_of(work, struct srtp_kdr, work);

	srtp_kdr_derive(kdr, &kdr->srtp);
	srtp_kdr_derive(kdr, &kdr->srtcp);
	srtp_kdr_put(kdr);
}

static bool srtp_kdr_side_init(struct srtp_kdr_side *side, size_t n)
{
	side->seek_next = jiffies;
	side->slots = kcalloc(n, sizeof(*side->slots), GFP_KERNEL_ACCOUNT);
	side->aside = kcalloc(n, sizeof(*side->aside), GFP_KERNEL_ACCOUNT);
	return side->slots && side->aside;
}

static bool srtp_kdr_slots(struct srtp_kdr *kdr)
{
	size_t n;

	kdr->behind = max(SRTP_KDR_BEHIND >> kdr->shift, 1);
	kdr->ahead = max(SRTP_KDR_AHEAD >> kdr->shift, 2);
	n = roundup_pow_of_two(kdr->behind + 1 + kdr->ahead);
	kdr->mask = n - 1;
	return srtp_kdr_side_init(&kdr->srtp, n) && srtp_kdr_side_init(&kdr->srtcp, n);
}

static void srtp_kdr_slots_free(struct srtp_kdr *kdr, struct srtp_generation __rcu **slots)
{
	int i;

	for (i = 0; slots && i <= kdr->mask; i++)
		srtp_generation_free(rcu_dereference_protected(slots[i], true));
	kfree(slots);
}

static void srtp_kdr_side_free(struct srtp_kdr *kdr, struct srtp_kdr_side *side)
{
	srtp_kdr_slots_free(kdr, side->slots);
	srtp_kdr_slots_free(kdr, side->aside);
}

/**
 * srtp_kdr_create() - keep a master key, with nothing derived yet
 * @master: the master key
 * @shift: log2 of the rate
 *
 * Return: it, or NULL
 */
struct srtp_kdr *srtp_kdr_create(const struct srtp_master *master, u8 shift)
{
	struct srtp_kdr *kdr = kzalloc(sizeof(*kdr), GFP_KERNEL_ACCOUNT);

	if (!kdr)
		return NULL;
	refcount_set(&kdr->refs, 1);
	memcpy(kdr->key, master->key, master->suite->key_len);
	memcpy(kdr->salt, master->salt, master->suite->salt_len);
	kdr->master = *master;
	kdr->master.key = kdr->key;
	kdr->master.salt = kdr->salt;
	kdr->shift = shift;
	mutex_init(&kdr->mutex);
	INIT_WORK(&kdr->work, srtp_kdr_work);
	kdr->srtp.label = SRTP_LABEL_SRTP;
	kdr->srtcp.label = SRTP_LABEL_SRTCP;
	if (srtp_kdr_slots(kdr))
		return kdr;
	srtp_kdr_put(kdr);
	return NULL;
}

/**
 * srtp_kdr_put() - wipe it, once no work is under way
 * @kdr: it, or NULL; no packet uses it any more
 */
void srtp_kdr_put(struct srtp_kdr *kdr)
{
	if (!kdr || !refcount_dec_and_test(&kdr->refs))
		return;
	srtp_kdr_side_free(kdr, &kdr->srtp);
	srtp_kdr_side_free(kdr, &kdr->srtcp);
	kfree_sensitive(kdr);
}

static struct srtp_kdr_side *srtp_kdr_side(struct srtp_kdr *kdr, enum srtp_class class)
{
	return class == SRTP_CLASS_RTP ? &kdr->srtp : &kdr->srtcp;
}

/**
 * srtp_kdr_prepare() - derive what the next packets need, before they come
 * @kdr: it
 * @index: where SRTP stands
 * @srtcp_index: where SRTCP stands
 *
 * Sleeps.
 *
 * Return: 0 or a negative error
 */
int srtp_kdr_prepare(struct srtp_kdr *kdr, u64 index, u64 srtcp_index)
{
	WRITE_ONCE(kdr->srtp.present, index >> kdr->shift);
	WRITE_ONCE(kdr->srtcp.present, srtcp_index >> kdr->shift);
	return srtp_kdr_derive(kdr, &kdr->srtp) ?: srtp_kdr_derive(kdr, &kdr->srtcp);
}

/**
 * srtp_kdr_find() - the session keys of a packet
 * @kdr: it, of a key that the caller's RCU read section holds
 * @class: SRTP_CLASS_RTP or SRTP_CLASS_RTCP
 * @index: the packet's index
 *
 * Return: the keys, or NULL if they are not there yet, or no more
 */
const struct srtp_transform *srtp_kdr_find(const struct srtp_kdr *kdr, enum srtp_class class,
					   u64 index)
{
	const struct srtp_kdr_side *side = class == SRTP_CLASS_RTP ? &kdr->srtp : &kdr->srtcp;
	u64 r = index >> kdr->shift;
	const struct srtp_generation *g = rcu_dereference(side->slots[r & kdr->mask]);

	if (likely(g && g->r == r))
		return &g->tf;
	g = rcu_dereference(side->aside[r & kdr->mask]);
	return g && g->r == r ? &g->tf : NULL;
}

static void srtp_kdr_queue(struct srtp_kdr *kdr)
{
	if (!refcount_inc_not_zero(&kdr->refs))
		return;
	if (!queue_work(srtp_kdr_workqueue, &kdr->work))
		srtp_kdr_put(kdr);
}

/**
 * srtp_kdr_follow() - go where a stream has got to
 * @kdr: it, of a key that the caller's RCU read section holds
 * @class: SRTP_CLASS_RTP or SRTP_CLASS_RTCP
 * @index: of an authentic packet, or of one that is sent
 */
void srtp_kdr_follow(struct srtp_kdr *kdr, enum srtp_class class, u64 index)
{
	struct srtp_kdr_side *side = srtp_kdr_side(kdr, class);
	u64 r = index >> kdr->shift;

	if (READ_ONCE(side->present) == r && srtp_kdr_find(kdr, class, index))
		return;
	WRITE_ONCE(side->present, r);
	srtp_kdr_queue(kdr);
}

/**
 * srtp_kdr_seek() - have the session keys of a packet derived, proven or not
 * @kdr: it, of a key that the caller's RCU read section holds
 * @class: SRTP_CLASS_RTP or SRTP_CLASS_RTCP
 * @index: of a received packet that srtp_kdr_find() has no keys for
 *
 * Does nothing if the packet is an old one, or another was sought just before.
 */
void srtp_kdr_seek(struct srtp_kdr *kdr, enum srtp_class class, u64 index)
{
	struct srtp_kdr_side *side = srtp_kdr_side(kdr, class);
	unsigned long next = READ_ONCE(side->seek_next);
	u64 r = index >> kdr->shift;

	if (r <= READ_ONCE(side->present) || time_before(jiffies, next) ||
	    cmpxchg(&side->seek_next, next, jiffies + HZ) != next)
		return;
	WRITE_ONCE(side->sought, r);
	srtp_kdr_queue(kdr);
}

/**
 * srtp_kdr_wait() - wait for what srtp_kdr_follow() began
 *
 * Sleeps; holds nobody's key.
 */
void srtp_kdr_wait(void)
{
	flush_workqueue(srtp_kdr_workqueue);
}
