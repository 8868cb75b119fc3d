// SPDX-License-Identifier: GPL-2.0
/*
 * What outlives a send stream, as long as its session: how far its SSRC has sent
 * to its peer, and with which keys.  A later stream of that SSRC and peer starts
 * above it; one of that SSRC and another peer has keys of its own.
 */
#include <linux/rculist.h>
#include <linux/slab.h>

#include "compat/compat.h"
#include "history.h"
#include "session.h"
#include "stream.h"

/**
 * srtp_history_find() - what is known of an SSRC and peer
 * @ss: session; the caller holds its mutex or lock, or is in an RCU read section
 * @ssrc: the SSRC
 * @peer: what streams of it are bound to
 *
 * Return: the history or NULL
 */
struct srtp_history *srtp_history_find(struct srtp_session *ss, u32 ssrc,
				       const struct srtp_peer *peer)
{
	struct srtp_history *h = xa_load(&ss->history, ssrc);

	while (h && memcmp(&h->peer, peer, sizeof(*peer)))
		h = READ_ONCE(h->next);
	return h;
}

/**
 * srtp_history_add() - begin the history of a stream
 * @ss: its session; the caller holds its lock
 * @st: a send stream with an unused history, which is the session's from now on
 *
 * Return: 0 or -ENOMEM
 */
int srtp_history_add(struct srtp_session *ss, struct srtp_stream *st)
{
	struct srtp_history *h = st->history;

	h->peer = st->key.peer;
	h->next = xa_load(&ss->history, st->key.ssrc);
	return xa_err(xa_store_bh(&ss->history, st->key.ssrc, h, GFP_ATOMIC));
}

static void srtp_history_free_rcu(struct rcu_head *rcu)
{
	struct srtp_history *h = container_of(rcu, struct srtp_history, rcu);

	kfree(h->prints);
	kfree(h);
}

/**
 * srtp_history_undo() - take back what srtp_history_add() did just now
 * @ss: the session; the caller holds its lock
 * @st: the stream
 */
void srtp_history_undo(struct srtp_session *ss, struct srtp_stream *st)
{
	struct srtp_history *h = st->history;

	if (h->next)	/* cannot fail: the entry is there */
		xa_store_bh(&ss->history, st->key.ssrc, h->next, GFP_ATOMIC);
	else
		xa_erase_bh(&ss->history, st->key.ssrc);
	st->history = NULL;
	call_rcu(&h->rcu, srtp_history_free_rcu);
}

static void srtp_history_remember(struct srtp_history *h, const struct srtp_key *key)
{
	struct srtp_fingerprint *more;

	/* Room is made at powers of two. */
	if (!(h->n_prints & (h->n_prints - 1))) {
		more = h->n_prints >= SRTP_PRINTS_MAX ? NULL :
		       krealloc(h->prints, max(2 * h->n_prints, 1) * sizeof(*more),
				GFP_ATOMIC | __GFP_ACCOUNT | __GFP_NOWARN);
		if (!more) {
			h->forgot = true;
			return;
		}
		h->prints = more;
	}
	h->prints[h->n_prints++] = key->print;
}

/**
 * srtp_history_keep() - a send stream is going
 * @ss: its session; the caller holds its mutex
 * @st: the stream; a sender that still holds it gets no index any more
 */
void srtp_history_keep(struct srtp_session *ss, struct srtp_stream *st)
{
	struct srtp_history *h = srtp_history_find(ss, st->key.ssrc, &st->key.peer);
	struct srtp_key *key;

	srtp_track_stop(&st->srtp);
	srtp_track_stop(&st->srtcp);
	spin_lock_bh(&ss->lock);
	h->index = srtp_track_highest(&st->srtp);
	h->srtcp_index = srtp_track_highest(&st->srtcp);
	h->sent |= st->srtp.started || st->srtp.restarted || st->srtcp.started;
	list_for_each_entry(key, &st->keys->list, node)
		srtp_history_remember(h, key);
	WRITE_ONCE(h->live, NULL);
	spin_unlock_bh(&ss->lock);
}

/**
 * srtp_history_forget() - a key is going, its streams stay
 * @ss: their session; the caller holds its mutex
 * @keys: the set that it is in
 * @key: the key
 */
void srtp_history_forget(struct srtp_session *ss, const struct srtp_keys *keys,
			 const struct srtp_key *key)
{
	struct srtp_stream *st;
	unsigned long i;

	if (!keys->tx)
		return;
	xa_for_each(&ss->streams, i, st) {
		if (st->keys != keys || st->key.wildcard)
			continue;
		spin_lock_bh(&ss->lock);
		srtp_history_remember(srtp_history_find(ss, st->key.ssrc, &st->key.peer), key);
		spin_unlock_bh(&ss->lock);
	}
}

static bool srtp_history_lives_with(const struct srtp_history *h, const struct srtp_key *key)
{
	const struct srtp_stream *live = READ_ONCE(h->live);

	return live && srtp_keys_have(live->keys, key);
}

/**
 * srtp_history_sends_with() - whether an SSRC is sent with a key, to whomever
 * @ss: session
 * @ssrc: the SSRC
 * @key: the key
 */
bool srtp_history_sends_with(struct srtp_session *ss, u32 ssrc, const struct srtp_key *key)
{
	const struct srtp_history *h;
	bool found = false;

	rcu_read_lock();
	for (h = xa_load(&ss->history, ssrc); h && !found; h = READ_ONCE(h->next))
		found = srtp_history_lives_with(h, key);
	rcu_read_unlock();
	return found;
}

static bool srtp_history_had(const struct srtp_history *h, const struct srtp_key *key)
{
	int i;

	for (i = 0; i < h->n_prints; i++)
		if (!memcmp(&h->prints[i], &key->print, sizeof(key->print)))
			return true;
	return h->forgot || srtp_history_lives_with(h, key);
}

/**
 * srtp_history_sent_with() - whether a key was used for a stream's SSRC and
 *	another peer: two packets would share a keystream
 * @ss: session; the caller holds its lock and is in an RCU read section
 * @st: a send stream of one SSRC
 * @key: the key
 */
bool srtp_history_sent_with(struct srtp_session *ss, const struct srtp_stream *st,
			    const struct srtp_key *key)
{
	const struct srtp_history *h;

	for (h = xa_load(&ss->history, st->key.ssrc); h; h = h->next)
		if (memcmp(&h->peer, &st->key.peer, sizeof(h->peer)) && srtp_history_had(h, key))
			return true;
	return false;
}

/**
 * srtp_history_clear() - forget all, with the session
 * @ss: the session, which has no streams any more
 */
void srtp_history_clear(struct srtp_session *ss)
{
	struct srtp_history *h, *next;
	unsigned long i;

	xa_for_each(&ss->history, i, h) {
		xa_erase_bh(&ss->history, i);
		for (; h; h = next) {
			next = h->next;
			call_rcu(&h->rcu, srtp_history_free_rcu);
		}
	}
	xa_destroy(&ss->history);
}
