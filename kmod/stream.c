// SPDX-License-Identifier: GPL-2.0
/*
 * Streams: one table for all of them, wildcards and what they create.
 *
 * Lookup is by (session, direction, SSRC, peer) and, failing that, by the session's
 * wildcard of that direction and peer; then the same with less of the peer.
 * Nothing is created for a packet that did not authenticate.  How far an SSRC has
 * sent to a peer outlives its stream: a later stream of the two in the same session
 * starts above it.
 */
#include <linux/jhash.h>
#include <linux/memcontrol.h>
#include <linux/rculist.h>
#include <linux/rhashtable.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include <net/netlink.h>

#include "compat/compat.h"
#include "event.h"
#include "packet.h"
#include "recent.h"
#include "session.h"
#include "stream.h"

static struct kmem_cache *srtp_stream_cache __read_mostly;
static struct rhashtable srtp_streams;

/*
 * A stream that is bound to no peer is the common one: less to hash.  The upper
 * half of a pointer says little.
 */
static u32 srtp_stream_hash(const void *data, u32 len, u32 seed)
{
	const struct srtp_stream_key *key = data;

	if (unlikely(key->peer.kind))
		return jhash2(data, len / sizeof(u32), seed);
	return jhash_3words((unsigned long)key->session, key->ssrc,
			    key->direction | key->wildcard << 16, seed);
}

static int srtp_stream_differs(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct srtp_stream_key *a = arg->key;
	const struct srtp_stream_key *b = &((const struct srtp_stream *)obj)->key;

	return a->session != b->session || a->ssrc != b->ssrc || a->direction != b->direction ||
	       a->wildcard != b->wildcard || a->peer.kind != b->peer.kind ||
	       (unlikely(a->peer.kind) && memcmp(&a->peer, &b->peer, sizeof(a->peer)));
}

/*
 * The table doubles at most once before a worker has moved its entries: many
 * SSRCs that are heard for the first time within one softirq find room in what
 * is there from the beginning.
 */
static const struct rhashtable_params srtp_stream_params = {
	.hashfn = srtp_stream_hash,
	.obj_cmpfn = srtp_stream_differs,
	.key_len = sizeof(struct srtp_stream_key),
	.key_offset = offsetof(struct srtp_stream, key),
	.head_offset = offsetof(struct srtp_stream, node),
	.min_size = 4096,
	.automatic_shrinking = true,
};

/**
 * srtp_stream_module_init() - make the table
 */
int srtp_stream_module_init(void)
{
	int err;

	srtp_stream_cache = KMEM_CACHE(srtp_stream, SLAB_HWCACHE_ALIGN | SLAB_ACCOUNT);
	if (!srtp_stream_cache)
		return -ENOMEM;
	err = rhashtable_init(&srtp_streams, &srtp_stream_params);
	if (err)
		kmem_cache_destroy(srtp_stream_cache);
	return err;
}

/**
 * srtp_stream_module_exit() - release the table, which is empty by now
 */
void srtp_stream_module_exit(void)
{
	rhashtable_destroy(&srtp_streams);
	kmem_cache_destroy(srtp_stream_cache);
}

/* The stream of an SSRC, or the wildcard that others are made from. */
static struct srtp_stream *srtp_stream_find(struct srtp_stream_key *key)
{
	struct srtp_stream *st = rhashtable_lookup(&srtp_streams, key, srtp_stream_params);
	u32 ssrc = key->ssrc;

	if (likely(st))
		return st;
	key->ssrc = 0;
	key->wildcard = 1;
	st = rhashtable_lookup(&srtp_streams, key, srtp_stream_params);
	key->ssrc = ssrc;
	key->wildcard = 0;
	return st;
}

/* The same, of those that are bound to the peer. */
static struct srtp_stream *srtp_stream_of_peer(struct srtp_stream_key *key, u8 kinds,
					       const struct srtp_peer *peer)
{
	struct srtp_stream *st = NULL;
	int kind;

	for (kind = SRTP_PEER_EXACT; !st && kind > SRTP_PEER_ANY; kind--) {
		if (!(kinds & BIT(kind)))
			continue;
		key->peer = srtp_peer_narrow(peer, kind);
		st = srtp_stream_find(key);
	}
	key->peer = (struct srtp_peer){};
	return st;
}

/**
 * srtp_stream_lookup() - the stream of a packet
 * @ss: session
 * @direction: enum srtp_direction
 * @ssrc: SSRC of the packet
 * @peer: whom it is from or for, all of it; may be anything if the session has
 *	no streams that are bound to a peer
 *
 * What is bound to the peer goes before what is not: its keys are the peer's.
 *
 * Return: the stream, the wildcard, or NULL; valid inside the caller's RCU read
 * section
 */
struct srtp_stream *srtp_stream_lookup(struct srtp_session *ss, u8 direction, u32 ssrc,
				       const struct srtp_peer *peer)
{
	struct srtp_stream_key key = { .session = ss, .direction = direction, .ssrc = ssrc };
	u8 kinds = READ_ONCE(ss->peer_kinds);
	struct srtp_stream *st = NULL;

	if (unlikely(kinds))
		st = srtp_stream_of_peer(&key, kinds, peer);
	return st ?: srtp_stream_find(&key);
}

/* Streams whose SSRC is remembered after them. */
static bool srtp_stream_sends(const struct srtp_stream *st)
{
	return st->key.direction == SRTP_DIRECTION_TX && !st->key.wildcard;
}

static void srtp_stream_free(struct srtp_stream *st)
{
	kfree(st->history);
	srtp_track_free(&st->srtp);
	srtp_track_free(&st->srtcp);
	srtp_keys_put(st->keys);
	mem_cgroup_put(st->memcg);
	kmem_cache_free(srtp_stream_cache, st);
}

static void srtp_stream_free_rcu(struct rcu_head *rcu)
{
	srtp_stream_free(container_of(rcu, struct srtp_stream, rcu));
}

static int srtp_stream_fill_in(struct srtp_stream *st, gfp_t gfp)
{
	bool sends = srtp_stream_sends(st);

	if (sends) {
		st->history = kzalloc(sizeof(*st->history), gfp);
		if (!st->history)
			return -ENOMEM;
	}
	return srtp_track_init(&st->srtp, st->policy.window, sends, gfp) ?:
	       srtp_track_init(&st->srtcp, st->policy.srtcp_window, false, gfp);
}

/* Consumes the reference to the keys. */
static struct srtp_stream *srtp_stream_alloc(const struct srtp_stream_key *key,
					     const struct srtp_policy *policy,
					     struct srtp_keys *keys, gfp_t gfp)
{
	struct srtp_stream *st = keys ? kmem_cache_zalloc(srtp_stream_cache, gfp) : NULL;

	if (!st) {
		srtp_keys_put(keys);
		return NULL;
	}
	st->key = *key;
	st->policy = *policy;
	st->trailer = srtp_trailer_most(policy);
	st->keys = keys;
	if (!srtp_stream_fill_in(st, gfp))
		return st;
	srtp_stream_free(st);
	return NULL;
}

/* Whether a wildcard's keys would be used for an SSRC a second time. */
static bool srtp_stream_pad(struct srtp_session *ss, const struct srtp_stream *st)
{
	const struct srtp_key *key;

	if (!srtp_stream_sends(st))
		return false;
	list_for_each_entry_rcu(key, &st->keys->list, node)
		if (srtp_history_sent_with(ss, st, key))
			return true;
	return false;
}

static void srtp_stream_count_kind(struct srtp_session *ss, u16 kind, int n)
{
	if (!kind)
		return;
	ss->n_of_kind[kind] += n;
	if (ss->n_of_kind[kind])
		WRITE_ONCE(ss->peer_kinds, ss->peer_kinds | BIT(kind));
	else
		WRITE_ONCE(ss->peer_kinds, ss->peer_kinds & ~BIT(kind));
}

static int srtp_stream_link_locked(struct srtp_session *ss, struct srtp_stream *st)
{
	int err;

	err = xa_alloc_cyclic_bh(&ss->streams, &st->id, st, XA_LIMIT(1, S32_MAX),
				 &ss->next_stream, GFP_ATOMIC);
	if (err < 0)
		return err;
	err = rhashtable_lookup_insert_fast(&srtp_streams, &st->node, srtp_stream_params);
	if (err) {
		xa_erase_bh(&ss->streams, st->id);
		return err;
	}
	ss->n_streams++;
	srtp_stream_count_kind(ss, st->key.peer.kind, 1);
	return 0;
}

/* Makes the stream and begins its history, if that is not there. */
static int srtp_stream_admit_new(struct srtp_session *ss, struct srtp_stream *st)
{
	bool sends = srtp_stream_sends(st);
	int err = 0;

	if (!srtp_net_charge_stream(ss->sn))
		return -ENOSPC;
	if (sends)
		err = srtp_history_add(ss, st);
	if (!err) {
		err = srtp_stream_link_locked(ss, st);
		if (err && sends)
			srtp_history_undo(ss, st);
	}
	if (err) {
		srtp_net_uncharge_streams(ss->sn, 1);
		return err;
	}
	ss->n_charged++;
	if (sends)
		WRITE_ONCE(st->history->live, st);
	st->history = NULL;
	return 0;
}

/*
 * A send stream and its history are one charge, and the history keeps it: so
 * making and deleting streams of ever new SSRCs is bounded too.
 */
static int srtp_stream_admit_locked(struct srtp_session *ss, struct srtp_stream *st)
{
	struct srtp_history *old = NULL;
	int err;

	if (srtp_stream_sends(st))
		old = srtp_history_find(ss, st->key.ssrc, &st->key.peer);
	if (st->template && srtp_stream_pad(ss, st))
		return -EKEYREJECTED;
	if (!old)
		return srtp_stream_admit_new(ss, st);
	if (old->sent && st->template) {
		srtp_track_set(&st->srtp, old->index, true);
		st->srtcp.highest = old->srtcp_index;
	}
	err = srtp_stream_link_locked(ss, st);
	if (!err)
		WRITE_ONCE(old->live, st);
	return err;
}

/* @from: the wildcard that the stream is made from, or NULL. */
static int srtp_stream_insert(struct srtp_session *ss, struct srtp_stream *st,
			      const struct srtp_stream *from)
{
	int err;

	rcu_read_lock();
	spin_lock_bh(&ss->lock);
	if (ss->dead || (from && xa_load(&ss->streams, st->template) != from))
		err = -ENOENT;
	else if (from && ss->n_spawned >= ss->set.ssrc_cap)
		err = -ENOSPC;
	else
		err = srtp_stream_admit_locked(ss, st);
	if (!err && from)
		ss->n_spawned++;
	spin_unlock_bh(&ss->lock);
	rcu_read_unlock();
	return err;
}

static int srtp_start_check(const struct srtp_history *history, const struct srtp_start *start,
			    struct netlink_ext_ack *extack)
{
	u64 index = (u64)start->roc << 16 | start->seq;

	if (!history || !history->sent)
		return 0;
	if (!start->fresh && start->srtcp_index >= history->srtcp_index &&
	    (start->has_seq ? index >= history->index : start->roc > history->index >> 16))
		return 0;
	NL_SET_ERR_MSG(extack,
		       "this SSRC has sent in this session: give indexes not below those it reached");
	return -EEXIST;
}

static void srtp_track_start(struct srtp_track *t, u64 index, const struct nlattr *window)
{
	if (window)
		srtp_track_import(t, index, nla_data(window), nla_len(window));
	else
		srtp_track_set(t, index, true);
}

/*
 * Where nothing is known of what lies below a given index, it counts as seen; of
 * an SSRC that has sent here, nothing that is given is better known.
 */
static void srtp_stream_start(struct srtp_stream *st, const struct srtp_start *start,
			      const struct srtp_history *history)
{
	u64 index = (u64)start->roc << 16 | start->seq;

	if (start->has_seq)
		srtp_track_start(&st->srtp, index,
				 history && history->sent ? NULL : start->replay);
	else
		st->srtp.highest = index;
	if (st->key.direction == SRTP_DIRECTION_TX)
		st->srtcp.highest = start->srtcp_index;
	else if (start->srtcp_index || start->srtcp_replay)
		srtp_track_start(&st->srtcp, start->srtcp_index, start->srtcp_replay);
}

static int srtp_stream_refuse(int err, struct netlink_ext_ack *extack)
{
	if (err == -EEXIST)
		NL_SET_ERR_MSG(extack, "the session has a stream of this direction, SSRC and peer");
	else if (err == -ENOSPC)
		NL_SET_ERR_MSG(extack,
			       "as many streams as net.srtp.max_streams or the module allow");
	else if (err == -ENOENT)
		NL_SET_ERR_MSG(extack, "the session is being deleted");
	return err;
}

/**
 * srtp_stream_create() - make a stream without keys
 * @ss: its session; the caller holds its mutex
 * @direction: enum srtp_direction
 * @ssrc: its SSRC, or NULL for a wildcard
 * @peer: what it is bound to
 * @policy: what it does to packets
 * @start: where its indexes start
 * @extack: gets the reason of a refusal
 *
 * Return: the stream, or ERR_PTR
 */
struct srtp_stream *srtp_stream_create(struct srtp_session *ss, u8 direction, const u32 *ssrc,
				       const struct srtp_peer *peer,
				       const struct srtp_policy *policy,
				       const struct srtp_start *start,
				       struct netlink_ext_ack *extack)
{
	struct srtp_stream_key key = {
		.session = ss, .direction = direction, .ssrc = ssrc ? *ssrc : 0, .wildcard = !ssrc,
		.peer = *peer,
	};
	const struct srtp_history *history = NULL;
	struct srtp_stream *st;
	int err;

	if (direction == SRTP_DIRECTION_TX && ssrc)
		history = srtp_history_find(ss, *ssrc, peer);
	err = srtp_start_check(history, start, extack);
	if (err)
		return ERR_PTR(err);
	st = srtp_stream_alloc(&key, policy,
			       srtp_keys_create(direction == SRTP_DIRECTION_TX, policy->mki_len),
			       GFP_KERNEL_ACCOUNT);
	if (!st)
		return ERR_PTR(-ENOMEM);
	st->keys->owner = st;
	srtp_stream_start(st, start, history);
	WRITE_ONCE(ss->trailer, max_t(u16, ss->trailer, srtp_trailer_most(policy)));
	if (st->key.wildcard && direction == SRTP_DIRECTION_RX)
		st->memcg = get_mem_cgroup_from_mm(current->mm);
	err = srtp_stream_insert(ss, st, NULL);
	if (err) {
		srtp_stream_free(st);
		return ERR_PTR(srtp_stream_refuse(err, extack));
	}
	return st;
}

/* What a wildcard gives to a stream that is made from it. */
struct srtp_spawn {
	struct srtp_stream_key key;
	const struct srtp_stream *from;
	struct srtp_policy policy;
	struct srtp_keys *keys;
	struct mem_cgroup *memcg;
	u32 template;
	u64 highest;
};

static int srtp_spawn_plan(struct srtp_session *ss, struct srtp_spawn *plan)
{
	u8 direction = plan->key.direction;
	struct srtp_stream *from = srtp_stream_lookup(ss, direction, plan->key.ssrc,
						      &plan->key.peer);

	/* It has a stream by now: another CPU was faster. */
	if (from && !from->key.wildcard)
		return -EEXIST;
	if (!from || !READ_ONCE(from->keys->n) || READ_ONCE(from->srtp.stopped))
		return -ENOKEY;
	if (srtp_stream_meets_itself(ss, direction, plan->key.ssrc, from->keys))
		return -EKEYREJECTED;
	plan->from = from;
	plan->key.peer = from->key.peer;
	plan->policy = from->policy;
	plan->keys = srtp_keys_get(from->keys);
	plan->memcg = from->memcg;
	plan->template = from->id;
	plan->highest = srtp_track_highest(&from->srtp);
	return 0;
}

/*
 * In softirq the wildcard's memory cgroup pays, and not whom the interrupt
 * happened to hit; the wildcard holds the cgroup and the caller's RCU read
 * section the wildcard.
 */
static struct srtp_stream *srtp_spawn_build(const struct srtp_spawn *plan, gfp_t gfp)
{
	struct mem_cgroup *old = NULL;
	struct srtp_stream *st;

	if (plan->memcg)
		old = set_active_memcg(plan->memcg);
	st = srtp_stream_alloc(&plan->key, &plan->policy, plan->keys, gfp | __GFP_ACCOUNT);
	if (plan->memcg)
		set_active_memcg(old);
	if (!st)
		return NULL;
	st->template = plan->template;
	st->srtp.highest = plan->highest;
	return st;
}

/**
 * srtp_stream_spawn() - make the stream of one SSRC from a wildcard
 * @ss: session
 * @direction: enum srtp_direction
 * @ssrc: SSRC of a packet that authenticated, or that shall be sent
 * @peer: whom it is from or for, as for srtp_stream_lookup()
 * @gfp: GFP_KERNEL when sending, outside RCU read sections; GFP_ATOMIC when
 *	receiving, inside one
 *
 * Return: 0 if the stream exists now; -ENOKEY no wildcard with a key, -ENOSPC a
 * cap, -EKEYREJECTED the other direction of the SSRC, or the SSRC and another
 * peer, has the same key, -ENOMEM
 */
int srtp_stream_spawn(struct srtp_session *ss, u8 direction, u32 ssrc,
		      const struct srtp_peer *peer, gfp_t gfp)
{
	struct srtp_spawn plan = {
		.key = { .session = ss, .direction = direction, .ssrc = ssrc, .peer = *peer },
	};
	struct srtp_stream *st;
	int err;

	rcu_read_lock();
	err = srtp_spawn_plan(ss, &plan);
	rcu_read_unlock();
	if (err)
		return err == -EEXIST ? 0 : err;
	st = srtp_spawn_build(&plan, gfp);
	if (!st)
		return -ENOMEM;
	rcu_read_lock();
	err = srtp_stream_insert(ss, st, plan.from);
	if (!err)
		srtp_event_ssrc_new(ss, st);
	rcu_read_unlock();
	if (err)
		srtp_stream_free(st);
	if (err == -EEXIST)	/* another CPU was faster */
		return 0;
	return err == -ENOENT ? -ENOKEY : err;
}

static void srtp_stream_unlink(struct srtp_session *ss, struct srtp_stream *st)
{
	rhashtable_remove_fast(&srtp_streams, &st->node, srtp_stream_params);
	srtp_recent_forget();
	spin_lock_bh(&ss->lock);
	xa_erase_bh(&ss->streams, st->id);
	ss->n_streams--;
	srtp_stream_count_kind(ss, st->key.peer.kind, -1);
	ss->n_spawned -= !!st->template;
	if (!srtp_stream_sends(st)) {
		srtp_net_uncharge_streams(ss->sn, 1);
		ss->n_charged--;
	}
	spin_unlock_bh(&ss->lock);
	if (srtp_stream_sends(st))
		srtp_history_keep(ss, st);
}

static void srtp_stream_unlink_children(struct srtp_session *ss, u32 id)
{
	struct srtp_stream *child;
	unsigned long i;

	xa_for_each(&ss->streams, i, child) {
		if (child->template != id)
			continue;
		srtp_stream_unlink(ss, child);
		call_rcu(&child->rcu, srtp_stream_free_rcu);
	}
}

/**
 * srtp_stream_delete() - delete a stream, its keys and what it created
 * @ss: its session; the caller holds its mutex
 * @st: the stream
 *
 * What it created uses its keys, whose events are its own: it goes last.
 */
void srtp_stream_delete(struct srtp_session *ss, struct srtp_stream *st)
{
	srtp_stream_unlink(ss, st);
	if (st->key.wildcard)
		srtp_stream_unlink_children(ss, st->id);
	if (!st->template)
		srtp_keys_end(st->keys);
	call_rcu(&st->rcu, srtp_stream_free_rcu);
}
