// SPDX-License-Identifier: GPL-2.0
/*
 * Verification messages, written and read: RFC 3830 3.1, 3.2, 5.2, 6.1.1.
 */
#include <openssl/crypto.h>

#include "pending.h"
#include "request.h"

/*
 * RFC 3830 5.2: V covers the message, then IDi, IDr and T as sent. The V of
 * an Error covers the message alone (RFC 6043 5.4, 5.5).
 */
enum mikey_reason pending_verify_v(const struct mikey_pending *pending,
				   const struct mikey_msg *msg, const struct mikey_payload *v,
				   bool with_ids, struct mikey_error *err)
{
	const struct mikey_payload *idi, *idr;
	struct mikey_view pieces[4] = { { msg->raw.data, msg->raw.len - v->v.ver_data.len } };
	enum mikey_reason reason;

	if (v->v.auth_alg != pending->keys->mac_alg)
		return mikey_fail(err, MIKEY_AUTH_FAILED, v->offset,
				  "V has another MAC algorithm than the request");
	if (v->v.auth_alg == MIKEY_MAC_NULL)
		return MIKEY_OK;
	mikey_find_ids(&pending->sent, &idi, &idr);
	pieces[1] = idi->id.data;
	pieces[2] = idr->id.data;
	pieces[3] = ts_octets(&pending->sent);
	reason = mikey_mac_verify(pending->env.crypto, pending->keys, pieces, with_ids ? 4 : 1,
				  v->v.ver_data);
	return reason ? mikey_fail(err, reason, v->offset, "V is not the peer's") : MIKEY_OK;
}

/*
 * RFC 3830 6.1.1: the responder fills in what was left open and changes
 * nothing else. An SSRC for a stream of the initiator is passed over: who
 * sends chooses.
 */
enum mikey_reason pending_check_map(const struct mikey_hdr *sent, const struct mikey_hdr *got,
				    struct mikey_error *err)
{
	uint32_t i;

	if (!got->n_cs)
		return MIKEY_OK;
	if (got->n_cs != sent->n_cs || got->map_type != sent->map_type)
		return mikey_fail(err, MIKEY_BAD_RESPONSE, 8,
				  "the response has other crypto sessions");
	for (i = 0; i < got->n_cs; i++) {
		const struct mikey_cs *s = &sent->cs[i], *g = &got->cs[i];

		if (s->policy_no != g->policy_no || (s->ssrc && s->ssrc != g->ssrc) ||
		    (s->roc && s->roc != g->roc))
			return mikey_fail(err, MIKEY_BAD_RESPONSE, g->offset,
					  "the response alters CS %u", s->id);
	}
	return MIKEY_OK;
}

void pending_fill_in(struct mikey_csb *csb, const struct mikey_hdr *got)
{
	uint32_t i;

	for (i = 0; csb && i < got->n_cs; i++) {
		struct mikey_session *s = &csb->sessions[i];

		if (s->from_initiator)
			continue;
		if (!s->ssrc)
			s->ssrc = got->cs[i].ssrc;
		if (!s->roc)
			s->roc = got->cs[i].roc;
	}
}

enum mikey_reason pending_take_v(struct mikey_pending *pending, const struct mikey_msg *msg,
				 struct mikey_error *err)
{
	const struct mikey_payload *idi, *idr, *ours;
	struct mikey_id a, b;
	enum mikey_reason reason = pending_verify_v(pending, msg, mikey_find(msg, MIKEY_PL_V, 0), true,
					    err);

	if (reason)
		return reason;
	mikey_find_ids(msg, &idi, &idr);
	mikey_find_ids(&pending->sent, &idi, &ours);
	a = id_of(idr);
	b = id_of(ours);
	if (idr && !mikey_id_equal(&a, &b))
		return mikey_fail(err, MIKEY_BAD_RESPONSE, idr->offset,
				  "the response comes from another identity");
	reason = pending_check_map(&pending->sent.hdr, &msg->hdr, err);
	if (!reason)
		pending_fill_in(pending->csb, &msg->hdr);
	return reason;
}

enum mikey_reason request_answer_v(struct mikey_request *rq)
{
	struct mikey_view tail[] = {
		rq->peer.idi.data, rq->peer.idr.data, ts_octets(&rq->msg),
	};
	struct mikey_payload v = { .type = MIKEY_PL_V };
	struct mikey_msg *msg = OPENSSL_zalloc(sizeof(*msg));
	enum mikey_reason reason;

	if (!msg)
		return mikey_fail(rq->err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory");
	msg->hdr = rq->msg.hdr;
	msg->hdr.data_type = rq->mode->resp_type;
	msg->hdr.v = 0;
	request_write_map(rq->answer->csb, &msg->hdr);
	mikey_add(msg, mikey_find(&rq->msg, MIKEY_PL_T, 0));
	if (rq->peer.idr.data.len)
		draft_add_id(msg, &rq->peer.idr);
	v.v.auth_alg = rq->keys->mac_alg;
	v.v.ver_data = (struct mikey_view){ mac_room, mikey_mac_len(v.v.auth_alg) };
	mikey_add(msg, &v);
	reason = draft_emit(rq->cfg->env.crypto, rq->keys, msg, tail, 3, &rq->answer->msg,
			    &rq->answer->len, rq->err);
	OPENSSL_free(msg);
	return reason;
}
