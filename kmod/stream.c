// SPDX-License-Identifier: GPL-2.0
/*
 * Streams: one table for all of them, wildcards and what they create.
 *
 * Lookup is by (session, direction, SSRC) and, failing that, by the session's
 * wildcard of that direction.  Nothing is created for a packet that did not
 * authenticate.  How far an SSRC has sent outlives its stream: a later stream
 * of that SSRC in the same session starts above it.
 */
#include <linux/memcontrol.h>
#include <linux/rhashtable.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include <net/netlink.h>

#include "compat/compat.h"
#include "event.h"
#include "packet.h"
#include "session.h"
#include "stream.h"

static struct kmem_cache *srtp_stream_cache __read_mostly;
static struct rhashtable srtp_streams;

static const struct rhashtable_params srtp_stream_params = {
	.key_len = sizeof(struct srtp_stream_key),
	.key_offset = offsetof(struct srtp_stream, key),
	.head_offset = offsetof(struct srtp_stream, node),
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

static struct srtp_stream *srtp_stream_find(struct srtp_session *ss, u16 direction, u32 ssrc,
					    u16 wildcard)
{
	struct srtp_stream_key key = {
		.session = ss, .ssrc = ssrc, .direction = direction, .wildcard = wildcard,
	};

	return rhashtable_lookup(&srtp_streams, &key, srtp_stream_params);
}

/**
 * srtp_stream_lookup() - the stream of an SSRC
 * @ss: session
 * @direction: enum srtp_direction
 * @ssrc: the SSRC
 *
 * Return: the stream or NULL; valid inside the caller's RCU read section
 */
struct srtp_stream *srtp_stream_lookup(struct srtp_session *ss, u8 direction, u32 ssrc)
{
	return srtp_stream_find(ss, direction, ssrc, 0);
}

/**
 * srtp_stream_wildcard() - the stream that others are made from
 * @ss: session
 * @direction: enum srtp_direction
 *
 * Return: as srtp_stream_lookup()
 */
struct srtp_stream *srtp_stream_wildcard(struct srtp_session *ss, u8 direction)
{
	return srtp_stream_find(ss, direction, 0, 1);
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
	st->keys = keys;
	if (!srtp_stream_fill_in(st, gfp))
		return st;
	srtp_stream_free(st);
	return NULL;
}

/* A sender that still holds the stream gets no index after this. */
static void srtp_history_keep(struct srtp_session *ss, struct srtp_stream *st)
{
	struct srtp_history *history = xa_load(&ss->history, st->key.ssrc);

	srtp_track_stop(&st->srtp);
	srtp_track_stop(&st->srtcp);
	history->index = srtp_track_highest(&st->srtp);
	history->srtcp_index = srtp_track_highest(&st->srtcp);
	history->sent |= st->srtp.started || st->srtp.restarted || st->srtcp.started;
}

static int srtp_stream_link_locked(struct srtp_session *ss, struct srtp_stream *st)
{
	int err;

	err = xa_alloc_cyclic_bh(&ss->streams, &st->id, st, XA_LIMIT(1, S32_MAX),
				 &ss->next_stream, GFP_ATOMIC);
	if (err < 0)
		return err;
	err = rhashtable_lookup_insert_fast(&srtp_streams, &st->node, srtp_stream_params);
	if (err)
		xa_erase_bh(&ss->streams, st->id);
	else
		ss->n_streams++;
	return err;
}

/*
 * A send stream and its history are one charge, and the history keeps it: so
 * making and deleting streams of ever new SSRCs is bounded too.
 */
static int srtp_stream_admit_locked(struct srtp_session *ss, struct srtp_stream *st)
{
	bool sends = srtp_stream_sends(st);
	struct srtp_history *old = sends ? xa_load(&ss->history, st->key.ssrc) : NULL;
	int err = 0;

	if (!old && !srtp_net_charge_stream(ss->sn))
		return -ENOSPC;
	if (old && old->sent && st->template) {
		srtp_track_set(&st->srtp, old->index, true);
		st->srtcp.highest = old->srtcp_index;
	}
	if (sends && !old)
		err = xa_err(xa_store_bh(&ss->history, st->key.ssrc, st->history, GFP_ATOMIC));
	if (!err)
		err = srtp_stream_link_locked(ss, st);
	if (old)
		return err;
	if (err) {
		if (sends)
			xa_erase_bh(&ss->history, st->key.ssrc);
		srtp_net_uncharge_streams(ss->sn, 1);
		return err;
	}
	ss->n_charged++;
	st->history = NULL;
	return 0;
}

/* @from: the wildcard that the stream is made from, or NULL. */
static int srtp_stream_insert(struct srtp_session *ss, struct srtp_stream *st,
			      const struct srtp_stream *from)
{
	int err;

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
		NL_SET_ERR_MSG(extack, "the session has a stream of this direction and SSRC");
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
 * @policy: what it does to packets
 * @start: where its indexes start
 * @extack: gets the reason of a refusal
 *
 * Return: the stream, or ERR_PTR
 */
struct srtp_stream *srtp_stream_create(struct srtp_session *ss, u8 direction, const u32 *ssrc,
				       const struct srtp_policy *policy,
				       const struct srtp_start *start,
				       struct netlink_ext_ack *extack)
{
	struct srtp_stream_key key = {
		.session = ss, .direction = direction, .ssrc = ssrc ? *ssrc : 0, .wildcard = !ssrc,
	};
	const struct srtp_history *history = NULL;
	struct srtp_stream *st;
	int err;

	if (direction == SRTP_DIRECTION_TX && ssrc)
		history = xa_load(&ss->history, *ssrc);
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
	struct srtp_stream *from = srtp_stream_wildcard(ss, direction);

	if (!from || !READ_ONCE(from->keys->n) || READ_ONCE(from->srtp.stopped))
		return -ENOKEY;
	if (srtp_stream_meets_itself(ss, direction, plan->key.ssrc, from->keys))
		return -EKEYREJECTED;
	plan->from = from;
	plan->policy = from->policy;
	plan->keys = srtp_keys_get(from->keys);
	plan->memcg = from->memcg;
	plan->template = from->id;
	plan->highest = from->srtp.highest;
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
 * @gfp: GFP_KERNEL when sending, outside RCU read sections; GFP_ATOMIC when
 *	receiving, inside one
 *
 * Return: 0 if the stream exists now; -ENOKEY no wildcard with a key, -ENOSPC a
 * cap, -EKEYREJECTED the other direction of the SSRC has the same key, -ENOMEM
 */
int srtp_stream_spawn(struct srtp_session *ss, u8 direction, u32 ssrc, gfp_t gfp)
{
	struct srtp_spawn plan = {
		.key = { .session = ss, .direction = direction, .ssrc = ssrc },
	};
	struct srtp_stream *st;
	int err;

	rcu_read_lock();
	err = srtp_spawn_plan(ss, &plan);
	rcu_read_unlock();
	if (err)
		return err;
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
	spin_lock_bh(&ss->lock);
	xa_erase_bh(&ss->streams, st->id);
	ss->n_streams--;
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
