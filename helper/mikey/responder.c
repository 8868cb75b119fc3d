// SPDX-License-Identifier: GPL-2.0
/*
 * The responder's side of every mode: RFC 3830 5.1.2, 5.3, 5.4.
 */
#include <openssl/crypto.h>
#include <string.h>

#include "request.h"
#include "update.h"

uint32_t request_flags(const struct mikey_request *rq)
{
	return rq->known && rq->peer.accept ? rq->peer.accept->flags : 0;
}

enum mikey_reason request_stranger(const struct mikey_request *rq, size_t offset)
{
	if (rq->refused)
		return mikey_fail(rq->err, MIKEY_MODE_REFUSED, offset,
				  "this peer may not come with %s messages", rq->mode->title);
	return mikey_fail(rq->err, MIKEY_UNKNOWN_PEER, offset, "nobody of that name is known");
}

static bool is_response(uint32_t type)
{
	return type == MIKEY_PSK_RESP || type == MIKEY_PK_RESP || type == MIKEY_DH_RESP ||
	       type == MIKEY_DHHMAC_RESP || type == MIKEY_RSAR_RESP;
}

/*
 * RFC 3830 4.5: a bundle whose envelope key is kept is updated by pre-shared key
 * messages, which have no RAND. Whether there is such a bundle is seen later.
 */
static bool is_supported(const struct mikey_request *rq)
{
	uint32_t type = rq->msg.hdr.data_type, modes = rq->cfg->modes;

	if (modes & MIKEY_MODE_BIT(MIKEY_PK_INIT) && !mikey_find(&rq->msg, MIKEY_PL_RAND, 0))
		modes |= MIKEY_MODE_BIT(MIKEY_PSK_INIT);
	return rq->mode && (!modes || modes & MIKEY_MODE_BIT(type));
}

static enum mikey_reason read_request(struct mikey_request *rq, const void *buf, size_t len)
{
	enum mikey_reason reason = mikey_parse(&rq->msg, buf, len, rq->err);
	uint32_t type = rq->msg.hdr.data_type;

	rq->mode = mikey_mode_of(type);
	if (reason != MIKEY_BAD_VERSION && (type == MIKEY_ERROR || is_response(type)))
		return mikey_fail(rq->err, MIKEY_UNEXPECTED_MSG, 1,
				  "a message of type %u that answers nothing", type);
	if (reason)
		return reason;
	if (!is_supported(rq))
		return mikey_fail(rq->err, MIKEY_UNSUP_MODE, 1,
				  "messages of type %u are not supported", type);
	reason = mikey_validate(&rq->msg, rq->err);
	if (reason)
		return reason;
	rq->kemac = mikey_find(&rq->msg, MIKEY_PL_KEMAC, 0);
	mikey_ts_read(mikey_find(&rq->msg, MIKEY_PL_T, 0), &rq->ts);
	return MIKEY_OK;
}

/* RFC 3830 5.3, first step. A counter is compared once the peer is known. */
static enum mikey_reason check_time(struct mikey_request *rq)
{
	const struct mikey_payload *t = mikey_find(&rq->msg, MIKEY_PL_T, 0);
	const struct mikey_responder *cfg = rq->cfg;

	if (rq->ts.type == MIKEY_TS_COUNTER) {
		if (cfg->counters)
			return MIKEY_OK;
		return mikey_fail(rq->err, MIKEY_UNSUP_TS, t->offset,
				  "COUNTER timestamps are not taken");
	}
	if (mikey_replay_check_time(cfg->replay, cfg->now, &rq->ts, &rq->late))
		rq->late.offset = t->offset;
	return mikey_replay_check(cfg->replay, &rq->ts, rq->msg.raw, rq->err);
}

static bool is_ours(const struct mikey_responder *cfg, const struct mikey_id *id)
{
	size_t i;

	for (i = 0; i < cfg->n_ids; i++)
		if (mikey_id_equal(&cfg->ids[i], id))
			return true;
	return false;
}

static enum mikey_reason check_ids(struct mikey_request *rq, const struct mikey_payload *idi,
				   const struct mikey_payload *idr)
{
	const struct mikey_responder *cfg = rq->cfg;

	if (idi && idi->id.id_type > MIKEY_ID_BYTES)
		return mikey_fail(rq->err, MIKEY_UNSUP_ID, idi->offset,
				  "IDi is of type %u, which is not supported", idi->id.id_type);
	if (idr && idr->id.id_type > MIKEY_ID_BYTES)
		return mikey_fail(rq->err, MIKEY_UNSUP_ID, idr->offset,
				  "IDr is of type %u, which is not supported", idr->id.id_type);
	if ((idi && is_ours(cfg, &rq->peer.idi)) ||
	    (cfg->sent && cfg->sent(cfg->arg, rq->msg.hdr.csb_id, &rq->ts)))
		return mikey_fail(rq->err, MIKEY_REFLECTED, idi ? idi->offset : MIKEY_NO_OFFSET,
				  "a message of our own came back");
	if (idr && !is_ours(cfg, &rq->peer.idr))
		return mikey_fail(rq->err, MIKEY_NOT_FOR_US, idr->offset,
				  "the message is for another identity");
	return MIKEY_OK;
}

/*
 * RFC 3830 4.5: a message without RAND updates a bundle. Cameras leave it out
 * of first messages, too, that carry plain TEKs.
 */
static bool is_update(const struct mikey_request *rq)
{
	const struct mikey_payload *rand = mikey_find(&rq->msg, MIKEY_PL_RAND, 0);
	bool plain = rq->kemac && rq->msg.hdr.data_type == MIKEY_PSK_INIT &&
		     rq->kemac->kemac.encr_alg == MIKEY_ENCR_NULL &&
		     rq->kemac->kemac.mac_alg == MIKEY_MAC_NULL;

	if (rand && rand->rand.value.len)
		return false;
	return rq->mode->updates && !(plain && request_flags(rq) & MIKEY_COMPAT_NO_RAND);
}

/* A bundle may be updated by its envelope key, even if its peer has no other */
static enum mikey_reason find_bundle(struct mikey_request *rq, bool found)
{
	const struct mikey_responder *cfg = rq->cfg;

	if (!is_update(rq))
		return MIKEY_OK;
	if (cfg->live)
		rq->update = cfg->live(cfg->arg, rq->msg.hdr.csb_id, found ? rq->peer.peer : NULL);
	if (!rq->update)
		return mikey_fail(rq->err, MIKEY_UNKNOWN_CSB, 4,
				  "no RAND, and no bundle %08x that this could update",
				  rq->msg.hdr.csb_id);
	if (rq->refused && rq->update->env_key.len && rq->mode->init_type == MIKEY_PSK_INIT) {
		rq->refused = false;
		rq->known = true;
	}
	return MIKEY_OK;
}

/*
 * Public-key operations are for somebody who is known, and in time: what they
 * cost would be an attack by itself
 */
static enum mikey_reason check_worth(const struct mikey_request *rq)
{
	if (!rq->known)
		return request_stranger(rq, MIKEY_NO_OFFSET);
	if (rq->late.reason && rq->err)
		*rq->err = rq->late;
	return rq->late.reason;
}

static enum mikey_reason identify(struct mikey_request *rq)
{
	const struct mikey_responder *cfg = rq->cfg;
	const struct mikey_payload *idi, *idr;
	enum mikey_reason reason;
	bool found;

	mikey_find_ids(&rq->msg, &idi, &idr);
	rq->peer.idi = id_of(idi);
	rq->peer.idr = id_of(idr);
	rq->peer.data_type = rq->msg.hdr.data_type;
	reason = check_ids(rq, idi, idr);
	if (reason)
		return reason;
	found = cfg->lookup(cfg->arg, rq->msg.hdr.csb_id, &rq->peer) && rq->peer.accept;
	rq->known = found;
	rq->refused = rq->known && !(rq->peer.modes & MIKEY_MODE_BIT(rq->mode->init_type));
	rq->known = rq->known && !rq->refused;
	if (idi)
		rq->peer.idi = id_of(idi);
	if (idr)
		rq->peer.idr = id_of(idr);
	else if (!rq->peer.idr.data.len && cfg->n_ids)
		rq->peer.idr = cfg->ids[0];
	reason = find_bundle(rq, found);
	rq->answer->peer = rq->known ? rq->peer.peer : NULL;
	if (!reason && rq->mode->costly)
		reason = check_worth(rq);
	return reason;
}

/* Time again, now that it is known who asks */
static enum mikey_reason judge_time(struct mikey_request *rq)
{
	if (rq->ts.type == MIKEY_TS_COUNTER && request_flags(rq) & MIKEY_REFUSE_COUNTER)
		return mikey_fail(rq->err, MIKEY_UNSUP_TS, MIKEY_NO_OFFSET,
				  "COUNTER timestamps are not taken of this peer");
	if (rq->ts.type == MIKEY_TS_COUNTER)
		return mikey_replay_check_counter(rq->cfg->replay, rq->peer.idi.data,
						  (uint32_t)rq->ts.value, rq->err);
	if (!rq->late.reason)
		return MIKEY_OK;
	if (!rq->answer->authenticated && request_flags(rq) & MIKEY_COMPAT_ANY_TIME) {
		rq->timeless = true;
		rq->late.reason = MIKEY_OK;
		return MIKEY_OK;
	}
	if (rq->err)
		*rq->err = rq->late;
	return rq->late.reason;
}

void request_fill_in(const struct mikey_request *rq, uint8_t cs_id, uint32_t *ssrc, uint32_t *roc)
{
	const struct mikey_responder *cfg = rq->cfg;

	if (!*ssrc && cfg->choose_ssrc)
		*ssrc = cfg->choose_ssrc(cfg->arg, rq->peer.peer, cs_id);
	if (!*roc && cfg->running)
		*roc = cfg->running(cfg->arg, rq->peer.peer, cs_id, ssrc);
}

void request_complete(const struct mikey_request *rq, struct mikey_csb *csb)
{
	struct mikey_session *s;

	if (rq->msg.hdr.map_type != MIKEY_MAP_SRTP)
		return;
	for (s = csb->sessions; s < csb->sessions + csb->n_sessions; s++)
		if (!s->from_initiator)
			request_fill_in(rq, s->cs_id, &s->ssrc, &s->roc);
}

void request_write_map(const struct mikey_csb *csb, struct mikey_hdr *hdr)
{
	size_t i;

	for (i = 0; i < hdr->n_cs && i < csb->n_sessions; i++) {
		hdr->cs[i].ssrc = csb->sessions[i].ssrc;
		if (!hdr->cs[i].roc && !csb->sessions[i].from_initiator)
			hdr->cs[i].roc = csb->sessions[i].roc;
	}
}

static enum mikey_reason remember(struct mikey_request *rq)
{
	struct mikey_replay *replay = rq->cfg->replay;
	enum mikey_reason reason;

	if (rq->timeless)
		return MIKEY_OK;
	if (rq->ts.type == MIKEY_TS_COUNTER)
		reason = mikey_replay_add_counter(replay, rq->peer.idi.data,
						  (uint32_t)rq->ts.value);
	else
		reason = mikey_replay_add(replay, rq->cfg->now, &rq->ts, rq->msg.raw);
	if (reason)
		mikey_fail(rq->err, reason, MIKEY_NO_OFFSET, "the message cannot be remembered");
	return reason;
}

/*
 * RFC 3830 5.3. A processed message is remembered whether or not its contents
 * were acceptable, but not if the fault was here; what cannot be remembered is
 * not taken.
 */
static enum mikey_reason handle(struct mikey_request *rq, const void *buf, size_t len)
{
	enum mikey_reason reason = read_request(rq, buf, len);
	enum mikey_reason memory = MIKEY_OK;

	if (!reason)
		reason = check_time(rq);
	if (!reason)
		reason = identify(rq);
	if (!reason)
		reason = rq->mode->authenticate(rq);
	if (!reason)
		reason = judge_time(rq);
	if (reason)
		return reason;
	if (rq->update)
		reason = mikey_update_check(rq->update, &rq->msg, rq->err);
	if (!reason)
		reason = rq->mode->take(rq);
	if (!reason)
		rq->answer->updated = rq->update;
	if (mikey_reason_exit(reason) != MIKEY_EXIT_SYSTEM)
		memory = remember(rq);
	if (!reason)
		reason = memory;
	if (!reason && (rq->msg.hdr.v || rq->mode->always_answers))
		reason = rq->mode->answer(rq);
	if (!reason && rq->cfg->settle)
		reason = rq->cfg->settle(rq->cfg->arg, rq->answer, rq->err);
	return reason;
}

/*
 * Who gets no answer: a message that is no request, was taken before, or comes
 * at a wrong time from somebody who has not proved to be a peer. Faults of
 * this host are not the peer's business either.
 */
static bool is_silent(const struct mikey_request *rq, enum mikey_reason reason)
{
	switch (reason) {
	case MIKEY_REPLAYED:
	case MIKEY_REFLECTED:
	case MIKEY_UNEXPECTED_MSG:
		return true;
	default:
		return mikey_reason_exit(reason) == MIKEY_EXIT_SYSTEM ||
		       (rq->late.reason && !rq->answer->authenticated);
	}
}

static void report(const struct mikey_request *rq, enum mikey_reason reason)
{
	bool has_v = rq->answer->authenticated && rq->keys->mac_alg;
	bool signs = rq->answer->authenticated && !has_v && rq->mode && rq->mode->costly &&
		     rq->mode->always_answers && rq->peer.creds.own;
	struct error_answer from = {
		.crypto = rq->cfg->env.crypto,
		.request = &rq->msg,
		.reason = reason,
		.keys = has_v ? rq->keys : NULL,
		.creds = signs ? &rq->peer.creds : NULL,
		.accept = rq->peer.accept,
	};

	OPENSSL_free(rq->answer->msg);
	rq->answer->msg = NULL;
	mikey_csb_free(rq->answer->csb);
	rq->answer->csb = NULL;
	rq->answer->updated = NULL;
	if (!is_silent(rq, reason))
		answer_error(&from, rq->answer);
}

static enum mikey_reason serve(struct mikey_request *rq, const void *buf, size_t len)
{
	enum mikey_reason reason = handle(rq, buf, len);

	/* Time is the first thing to be wrong, if nothing was proven */
	if (reason && rq->late.reason && !rq->answer->authenticated) {
		reason = rq->late.reason;
		if (rq->err)
			*rq->err = rq->late;
	}
	if (reason)
		report(rq, reason);
	return reason;
}

enum mikey_reason mikey_respond(const struct mikey_responder *responder, const void *buf,
				size_t len, struct mikey_answer *answer,
				    struct mikey_error *err)
{
	struct mikey_request *rq = OPENSSL_malloc(sizeof(*rq));
	struct mikey_msg_keys *keys = OPENSSL_secure_zalloc(sizeof(*keys));
	enum mikey_reason reason;

	memset(answer, 0, sizeof(*answer));
	if (rq && keys) {
		memset(rq, 0, offsetof(struct mikey_request, msg));
		rq->cfg = responder;
		rq->keys = keys;
		rq->answer = answer;
		rq->err = err;
		reason = serve(rq, buf, len);
		if (rq->scratch && rq->mode->release)
			rq->mode->release(rq);
	} else {
		reason = mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory");
	}
	OPENSSL_secure_clear_free(keys, sizeof(*keys));
	OPENSSL_free(rq);
	return reason;
}
