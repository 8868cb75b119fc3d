// SPDX-License-Identifier: GPL-2.0
/*
 * Responder of the pre-shared key mode: RFC 3830 3.1, 5.3, 5.4.
 */
#include <openssl/crypto.h>
#include <string.h>

#include "pskpriv.h"

/**
 * struct request - a message on its way through the responder
 * @cfg: configuration and state
 * @kemac: its KEMAC
 * @ts: its T
 * @late: what the clock says against it; told only to a peer that is proven
 * @timeless: T and replays do not matter: a protected carrier, and a peer
 *	whose clock is known to be wrong
 * @peer: who sent it
 * @known: @peer holds
 * @keys: of the exchange; apart, in secure memory
 * @answer: result
 * @err: why not
 * @msg: the message; large, and set by the parser
 */
struct request {
	const struct mikey_psk_responder *cfg;
	const struct mikey_payload *kemac;
	struct mikey_ts ts;
	struct mikey_error late;
	bool timeless;
	struct mikey_psk_peer peer;
	bool known;
	struct mikey_msg_keys *keys;
	struct mikey_answer *answer;
	struct mikey_error *err;
	struct mikey_msg msg;
};

/* An unknown peer takes the way of a wrong key with this one */
static const uint8_t nobodys_psk[16];

static uint32_t peer_flags(const struct request *rq)
{
	return rq->known && rq->peer.accept ? rq->peer.accept->flags : 0;
}

static bool is_response(uint32_t type)
{
	return type == MIKEY_PSK_RESP || type == MIKEY_PK_RESP || type == MIKEY_DH_RESP ||
	       type == MIKEY_DHHMAC_RESP || type == MIKEY_RSAR_RESP;
}

static enum mikey_reason read_request(struct request *rq, const void *buf, size_t len)
{
	enum mikey_reason reason = mikey_parse(&rq->msg, buf, len, rq->err);
	uint32_t type = rq->msg.hdr.data_type;

	if (reason != MIKEY_BAD_VERSION && (type == MIKEY_ERROR || is_response(type)))
		return mikey_fail(rq->err, MIKEY_UNEXPECTED_MSG, 1,
				  "a message of type %u that answers nothing", type);
	if (reason)
		return reason;
	if (type != MIKEY_PSK_INIT)
		return mikey_fail(rq->err, MIKEY_UNSUP_MODE, 1,
				  "this responder takes pre-shared key messages only");
	reason = mikey_validate(&rq->msg, rq->err);
	if (reason)
		return reason;
	rq->kemac = mikey_find(&rq->msg, MIKEY_PL_KEMAC, 0);
	mikey_ts_read(mikey_find(&rq->msg, MIKEY_PL_T, 0), &rq->ts);
	return MIKEY_OK;
}

/* RFC 3830 5.3, first step. A counter is compared once the peer is known. */
static enum mikey_reason check_time(struct request *rq)
{
	const struct mikey_payload *t = mikey_find(&rq->msg, MIKEY_PL_T, 0);
	const struct mikey_psk_responder *cfg = rq->cfg;

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

static bool is_ours(const struct mikey_psk_responder *cfg, const struct mikey_id *id)
{
	size_t i;

	for (i = 0; i < cfg->n_ids; i++)
		if (mikey_id_equal(&cfg->ids[i], id))
			return true;
	return false;
}

static enum mikey_reason check_ids(struct request *rq, const struct mikey_payload *idi,
				   const struct mikey_payload *idr)
{
	const struct mikey_psk_responder *cfg = rq->cfg;

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

static enum mikey_reason identify(struct request *rq)
{
	const struct mikey_psk_responder *cfg = rq->cfg;
	const struct mikey_payload *idi, *idr;
	enum mikey_reason reason;

	mikey_find_ids(&rq->msg, &idi, &idr);
	rq->peer.idi = psk_id_of(idi);
	rq->peer.idr = psk_id_of(idr);
	reason = check_ids(rq, idi, idr);
	if (reason)
		return reason;
	rq->known = cfg->lookup(cfg->arg, rq->msg.hdr.csb_id, &rq->peer) && rq->peer.accept;
	if (idi)
		rq->peer.idi = psk_id_of(idi);
	if (idr)
		rq->peer.idr = psk_id_of(idr);
	else if (!rq->peer.idr.data.len && cfg->n_ids)
		rq->peer.idr = cfg->ids[0];
	rq->answer->peer = rq->known ? rq->peer.peer : NULL;
	return MIKEY_OK;
}

/*
 * RFC 3830 4.5: a message without RAND updates a bundle. Cameras leave it out
 * of first messages that carry plain TEKs.
 */
static enum mikey_reason check_rand(const struct request *rq)
{
	const struct mikey_payload *rand = mikey_find(&rq->msg, MIKEY_PL_RAND, 0);
	bool plain = rq->kemac->kemac.encr_alg == MIKEY_ENCR_NULL &&
		     rq->kemac->kemac.mac_alg == MIKEY_MAC_NULL;

	if (rand && rand->rand.value.len)
		return MIKEY_OK;
	if (plain && peer_flags(rq) & MIKEY_COMPAT_NO_RAND)
		return MIKEY_OK;
	return mikey_fail(rq->err, MIKEY_UNSUP_UPDATE, rq->msg.raw.len,
			  "no RAND: updates of a bundle are not supported");
}

/*
 * RFC 3830 5.3, third step; the MAC closes the message and covers all of it.
 * Without a MAC the carrier vouches, if this peer may rely on one.
 */
static enum mikey_reason authenticate(struct request *rq)
{
	struct mikey_view covered = rq->msg.raw;
	struct mikey_view psk = rq->peer.psk;
	struct mikey_label_ctx ctx = psk_label_ctx(&rq->msg);
	uint32_t encr = rq->kemac->kemac.encr_alg, mac = rq->kemac->kemac.mac_alg;
	enum mikey_reason reason = mikey_algs_check(ctx.prf, encr, mac, rq->kemac->offset, rq->err);

	if (!reason)
		reason = check_rand(rq);
	if (reason)
		return reason;
	if (mac == MIKEY_MAC_NULL)
		return psk_check_null(encr, mac, peer_flags(rq), rq->kemac->offset, rq->err);
	rq->known = rq->known && psk.len;
	if (!rq->known)
		psk = (struct mikey_view){ nobodys_psk, sizeof(nobodys_psk) };
	reason = mikey_msg_keys_derive(rq->cfg->env.crypto, &ctx, psk, encr, mac, rq->keys);
	if (reason)
		return mikey_fail(rq->err, reason, MIKEY_NO_OFFSET, "the key derivation failed");
	covered.len -= rq->kemac->kemac.mac.len;
	reason = mikey_mac_verify(rq->cfg->env.crypto, rq->keys, &covered, 1,
				  rq->kemac->kemac.mac);
	if (!rq->known)
		reason = MIKEY_UNKNOWN_PEER;
	rq->answer->authenticated = !reason;
	return reason ? mikey_fail(rq->err, reason, rq->kemac->offset,
				   reason == MIKEY_UNKNOWN_PEER ? "nobody of that name is known" :
								  "the MAC is wrong") :
			MIKEY_OK;
}

/* Time again, now that it is known who asks */
static enum mikey_reason judge_time(struct request *rq)
{
	bool bare = rq->kemac->kemac.mac_alg == MIKEY_MAC_NULL;

	if (rq->ts.type == MIKEY_TS_COUNTER)
		return mikey_replay_check_counter(rq->cfg->replay, rq->peer.idi.data,
						  (uint32_t)rq->ts.value, rq->err);
	if (!rq->late.reason)
		return MIKEY_OK;
	if (bare && peer_flags(rq) & MIKEY_COMPAT_ANY_TIME) {
		rq->timeless = true;
		rq->late.reason = MIKEY_OK;
		return MIKEY_OK;
	}
	if (rq->err)
		*rq->err = rq->late;
	return rq->late.reason;
}

static void choose_ssrcs(const struct request *rq, struct mikey_csb *csb)
{
	const struct mikey_psk_responder *cfg = rq->cfg;
	size_t i;

	if (!cfg->choose_ssrc || rq->msg.hdr.map_type != MIKEY_MAP_SRTP)
		return;
	for (i = 0; i < csb->n_sessions; i++)
		if (!csb->sessions[i].ssrc && !csb->sessions[i].from_initiator)
			csb->sessions[i].ssrc = cfg->choose_ssrc(cfg->arg, rq->peer.peer,
								 csb->sessions[i].cs_id);
}

static enum mikey_reason take_keys(struct request *rq)
{
	const struct mikey_crypto *crypto = rq->cfg->env.crypto;
	struct key_data data;
	enum mikey_reason reason;

	reason = psk_check_null(rq->kemac->kemac.encr_alg, rq->kemac->kemac.mac_alg, peer_flags(rq),
				rq->kemac->offset, rq->err);
	if (reason)
		return reason;
	reason = key_data_open(crypto, rq->keys, rq->msg.hdr.csb_id, &rq->ts, rq->kemac,
			       MIKEY_PL_KEY, &data, rq->err);
	if (!reason)
		reason = psk_make_csb(crypto, &rq->msg, &data.chain, rq->peer.accept, &rq->peer.idi,
				      &rq->peer.idr, false, &rq->answer->csb, rq->err);
	key_data_clear(&data);
	if (!reason)
		choose_ssrcs(rq, rq->answer->csb);
	return reason;
}

static enum mikey_reason remember(struct request *rq)
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

/* RFC 3830 3.1: HDR, T, [IDr], V */
static enum mikey_reason verify_message(const struct request *rq)
{
	const struct mikey_csb *csb = rq->answer->csb;
	struct mikey_view tail[] = {
		rq->peer.idi.data, rq->peer.idr.data, psk_ts_octets(&rq->msg),
	};
	struct mikey_payload v = { .type = MIKEY_PL_V };
	struct mikey_msg *msg = OPENSSL_zalloc(sizeof(*msg));
	enum mikey_reason reason;
	size_t i;

	if (!msg)
		return mikey_fail(rq->err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory");
	msg->hdr = rq->msg.hdr;
	msg->hdr.data_type = MIKEY_PSK_RESP;
	msg->hdr.v = 0;
	for (i = 0; i < csb->n_sessions; i++)
		msg->hdr.cs[i].ssrc = csb->sessions[i].ssrc;
	mikey_add(msg, mikey_find(&rq->msg, MIKEY_PL_T, 0));
	if (rq->peer.idr.data.len)
		draft_add_id(msg, &rq->peer.idr);
	v.v.auth_alg = rq->kemac->kemac.mac_alg;
	v.v.ver_data = (struct mikey_view){ psk_mac_room, mikey_mac_len(v.v.auth_alg) };
	mikey_add(msg, &v);
	reason = draft_emit(rq->cfg->env.crypto, rq->keys, msg, tail, 3, &rq->answer->msg,
			    &rq->answer->len, rq->err);
	OPENSSL_free(msg);
	return reason;
}

/*
 * RFC 3830 5.3. A processed message is remembered whether or not its contents
 * were acceptable, but not if the fault was here; what cannot be remembered is
 * not taken.
 */
static enum mikey_reason handle(struct request *rq, const void *buf, size_t len)
{
	enum mikey_reason reason = read_request(rq, buf, len);
	enum mikey_reason memory = MIKEY_OK;

	if (!reason)
		reason = check_time(rq);
	if (!reason)
		reason = identify(rq);
	if (!reason)
		reason = authenticate(rq);
	if (!reason)
		reason = judge_time(rq);
	if (reason)
		return reason;
	reason = take_keys(rq);
	if (mikey_reason_exit(reason) != MIKEY_EXIT_SYSTEM)
		memory = remember(rq);
	if (!reason)
		reason = memory;
	if (!reason && rq->msg.hdr.v)
		reason = verify_message(rq);
	return reason;
}

/*
 * Who gets no answer: a message that is no request, was taken before, or comes
 * at a wrong time from somebody who has not proved to be a peer. Faults of
 * this host are not the peer's business either.
 */
static bool is_silent(const struct request *rq, enum mikey_reason reason)
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

static void report(const struct request *rq, enum mikey_reason reason)
{
	struct error_answer from = {
		.crypto = rq->cfg->env.crypto,
		.request = &rq->msg,
		.reason = reason,
		.keys = rq->answer->authenticated ? rq->keys : NULL,
		.accept = rq->peer.accept,
	};

	mikey_csb_free(rq->answer->csb);
	rq->answer->csb = NULL;
	if (!is_silent(rq, reason))
		answer_error(&from, rq->answer);
}

static enum mikey_reason serve(struct request *rq, const void *buf, size_t len)
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

enum mikey_reason mikey_psk_respond(const struct mikey_psk_responder *responder, const void *buf,
				    size_t len, struct mikey_answer *answer,
				    struct mikey_error *err)
{
	struct request *rq = OPENSSL_malloc(sizeof(*rq));
	struct mikey_msg_keys *keys = OPENSSL_secure_zalloc(sizeof(*keys));
	enum mikey_reason reason;

	memset(answer, 0, sizeof(*answer));
	if (rq && keys) {
		memset(rq, 0, offsetof(struct request, msg));
		rq->cfg = responder;
		rq->keys = keys;
		rq->answer = answer;
		rq->err = err;
		reason = serve(rq, buf, len);
	} else {
		reason = mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory");
	}
	OPENSSL_secure_clear_free(keys, sizeof(*keys));
	OPENSSL_free(rq);
	return reason;
}
