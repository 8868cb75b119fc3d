// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions: their table, their life and their end.
 */
#include <linux/random.h>
#include <linux/slab.h>

#include "compat/compat.h"
#include "event.h"
#include "session.h"
#include "stream.h"
#include "trailer.h"

static atomic64_t srtp_cookies = ATOMIC64_INIT(0);
static struct workqueue_struct *srtp_expiries __read_mostly;

/*
 * Cookies that this module gives are not those that it gave when it was loaded before,
 * so that a number and a cookie are the same session for who was away meanwhile. With
 * 52 bits they stay exact in JSON.
 */
#define SRTP_COOKIE_BITS 52

/**
 * srtp_session_module_init() - make what ends provisional sessions
 */
int srtp_session_module_init(void)
{
	atomic64_set(&srtp_cookies, get_random_u64() >> (64 - SRTP_COOKIE_BITS));
	srtp_expiries = alloc_workqueue("srtp", WQ_UNBOUND, 0);
	return srtp_expiries ? 0 : -ENOMEM;
}

/**
 * srtp_session_module_exit() - release it, waiting for what it is doing
 */
void srtp_session_module_exit(void)
{
	destroy_workqueue(srtp_expiries);
}

/**
 * srtp_session_put() - give a reference back
 * @ss: the session
 */
void srtp_session_put(struct srtp_session *ss)
{
	if (refcount_dec_and_test(&ss->refs)) {
		mutex_destroy(&ss->mutex);
		kfree_rcu(ss, rcu);
	}
}

/**
 * srtp_session_get() - find a session and take a reference
 * @sn: network namespace
 * @id: its number
 *
 * Return: the session, or NULL
 */
struct srtp_session *srtp_session_get(struct srtp_net *sn, u32 id)
{
	struct srtp_session *ss;

	rcu_read_lock();
	ss = xa_load(&sn->sessions, id);
	if (ss && !refcount_inc_not_zero(&ss->refs))
		ss = NULL;
	rcu_read_unlock();
	return ss;
}

static void srtp_session_expire(struct work_struct *work)
{
	struct srtp_session *ss = container_of(to_delayed_work(work), struct srtp_session, expiry);

	srtp_session_delete(ss, SRTP_CLOSE_REASON_PROVISIONAL);
	srtp_session_put(ss);
}

/* The pending work holds a reference. */
static void srtp_session_arm(struct srtp_session *ss, u32 seconds)
{
	if (seconds) {
		refcount_inc(&ss->refs);
		if (mod_delayed_work(srtp_expiries, &ss->expiry, seconds * HZ))
			srtp_session_put(ss);
	} else if (cancel_delayed_work(&ss->expiry)) {
		srtp_session_put(ss);
	}
}

static int srtp_session_insert(struct srtp_net *sn, struct srtp_session *ss, u32 id)
{
	int err;

	if (id) {
		ss->id = id;
		err = xa_insert(&sn->sessions, id, ss, GFP_KERNEL_ACCOUNT);
		return err == -EBUSY ? -EEXIST : err;
	}
	err = xa_alloc_cyclic(&sn->sessions, &ss->id, ss, XA_LIMIT(1, S32_MAX),
			      &sn->next_session, GFP_KERNEL_ACCOUNT);
	return err < 0 ? err : 0;
}

/* Once it is in the table others may delete it, and must find its timer set. */
static int srtp_session_publish(struct srtp_net *sn, struct srtp_session *ss, u32 id)
{
	int err;

	mutex_lock(&ss->mutex);
	err = srtp_session_insert(sn, ss, id);
	if (!err)
		srtp_session_arm(ss, ss->set.provisional);
	mutex_unlock(&ss->mutex);
	return err;
}

static struct srtp_session *srtp_session_alloc(struct srtp_net *sn,
					       const struct srtp_settings *set)
{
	struct srtp_session *ss = kzalloc(sizeof(*ss), GFP_KERNEL_ACCOUNT);

	if (!ss)
		return NULL;
	refcount_set(&ss->refs, 2);	/* the table's and the caller's */
	ss->sn = sn;
	ss->cookie = atomic64_inc_return(&srtp_cookies);
	ss->set = *set;
	ss->trailer = SRTP_TRAILER_USUAL;
	mutex_init(&ss->mutex);
	spin_lock_init(&ss->lock);
	xa_init_flags(&ss->streams, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_BH);
	xa_init_flags(&ss->history, XA_FLAGS_LOCK_BH);
	INIT_DELAYED_WORK(&ss->expiry, srtp_session_expire);
	return ss;
}

/**
 * srtp_session_create() - make a session
 * @sn: its network namespace
 * @id: the number it shall have, or 0 for any
 * @set: its settings
 * @extack: gets the reason of a refusal
 *
 * Return: the session with a reference for the caller, or ERR_PTR: -ENOSPC a
 * cap is reached, -EEXIST the number is taken, -ENOMEM
 */
struct srtp_session *srtp_session_create(struct srtp_net *sn, u32 id,
					 const struct srtp_settings *set,
					 struct netlink_ext_ack *extack)
{
	struct srtp_session *ss;
	int err;

	if (!srtp_net_charge_session(sn)) {
		NL_SET_ERR_MSG(extack,
			       "as many sessions as net.srtp.max_sessions or the module allow");
		return ERR_PTR(-ENOSPC);
	}
	ss = srtp_session_alloc(sn, set);
	err = ss ? srtp_session_publish(sn, ss, id) : -ENOMEM;
	if (err) {
		if (err == -EEXIST)
			NL_SET_ERR_MSG(extack, "the session number is taken");
		srtp_net_uncharge_session(sn);
		kfree(ss);
		return ERR_PTR(err);
	}
	return ss;
}

/**
 * srtp_session_change() - give a session other settings
 * @ss: the session; the caller holds its mutex
 * @set: the settings
 * @rearm: the provisional time begins again, or ends if it is 0
 */
void srtp_session_change(struct srtp_session *ss, const struct srtp_settings *set, bool rearm)
{
	struct srtp_settings *s = &ss->set;

	spin_lock_bh(&ss->lock);
	s->provisional = set->provisional;
	s->ssrc_cap = set->ssrc_cap;
	s->auto_delete = set->auto_delete;
	memcpy(s->name, set->name, sizeof(s->name));
	/* Packets, and whoever asks for a right, look at these without a lock. */
	WRITE_ONCE(s->owner, set->owner);
	WRITE_ONCE(s->pass_non_rtp, set->pass_non_rtp);
	WRITE_ONCE(s->forbid_detach, set->forbid_detach);
	spin_unlock_bh(&ss->lock);
	if (rearm)
		srtp_session_arm(ss, set->provisional);
}

/**
 * srtp_session_live() - whether a session is not deleted
 * @ss: the session; the caller holds its mutex
 */
bool srtp_session_live(struct srtp_session *ss)
{
	lockdep_assert_held(&ss->mutex);
	return !ss->dead;
}

/* From here on no stream is added: that is done under the lock. */
static bool srtp_session_kill(struct srtp_session *ss)
{
	bool was_dead;

	spin_lock_bh(&ss->lock);
	was_dead = ss->dead;
	WRITE_ONCE(ss->dead, true);
	spin_unlock_bh(&ss->lock);
	return !was_dead;
}

static void srtp_session_clear(struct srtp_session *ss)
{
	struct srtp_stream *st;
	unsigned long i;

	xa_for_each(&ss->streams, i, st)
		srtp_stream_delete(ss, st);
	xa_destroy(&ss->streams);
	srtp_history_clear(ss);
	srtp_net_uncharge_streams(ss->sn, ss->n_charged);
	ss->n_charged = 0;
}

static bool srtp_session_end(struct srtp_session *ss)
{
	bool first;

	mutex_lock(&ss->mutex);
	first = srtp_session_kill(ss);
	if (first) {
		srtp_session_clear(ss);
		xa_erase(&ss->sn->sessions, ss->id);
		srtp_net_uncharge_session(ss->sn);
	}
	mutex_unlock(&ss->mutex);
	return first;
}

/**
 * srtp_session_delete() - delete a session with its streams and keys
 * @ss: the session; the caller has a reference
 * @reason: why
 *
 * Attached sockets stay attached to it and protect and accept nothing more.
 */
void srtp_session_delete(struct srtp_session *ss, enum srtp_close_reason reason)
{
	if (!srtp_session_end(ss))
		return;
	srtp_event_session_closed(ss, reason);
	srtp_session_arm(ss, 0);
	srtp_session_put(ss);
}

/**
 * srtp_session_delete_all() - delete the sessions of a dying namespace
 * @sn: the namespace
 */
void srtp_session_delete_all(struct srtp_net *sn)
{
	struct srtp_session *ss;
	unsigned long id;

	xa_for_each(&sn->sessions, id, ss) {
		/* one that expires at this moment may be freed */
		ss = srtp_session_get(sn, id);
		if (!ss)
			continue;
		if (cancel_delayed_work_sync(&ss->expiry))
			srtp_session_put(ss);
		if (srtp_session_end(ss))
			srtp_session_put(ss);
		srtp_session_put(ss);
	}
	/* One that just expired is in no table and still tells of it. */
	flush_workqueue(srtp_expiries);
}

/**
 * srtp_session_socket_add() - count one more attached socket
 * @ss: the session
 *
 * Return: 0, or -ENOENT if it is deleted
 */
int srtp_session_socket_add(struct srtp_session *ss)
{
	int err = -ENOENT;

	spin_lock_bh(&ss->lock);
	if (!ss->dead) {
		ss->n_sockets++;
		err = 0;
	}
	spin_unlock_bh(&ss->lock);
	return err;
}

/**
 * srtp_session_socket_gone() - count one attached socket less
 * @ss: the session
 */
void srtp_session_socket_gone(struct srtp_session *ss)
{
	bool last;

	spin_lock_bh(&ss->lock);
	last = !--ss->n_sockets && ss->set.auto_delete;
	spin_unlock_bh(&ss->lock);
	if (last)
		srtp_session_delete(ss, SRTP_CLOSE_REASON_LAST_SOCKET);
}
