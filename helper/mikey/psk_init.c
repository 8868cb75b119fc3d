// SPDX-License-Identifier: GPL-2.0
/*
 * Initiator of the pre-shared key mode: RFC 3830 3.1, 5.1.2, 5.2.
 */
#include <openssl/crypto.h>
#include <string.h>

#include "pskpriv.h"

/**
 * struct mikey_psk_pending - an exchange that waits for its response
 * @env: algorithms and randomness
 * @octets: the initiator's message
 * @len: its octets
 * @sent: the same, parsed
 * @ts: its T
 * @keys: for V; apart, in secure memory
 * @flags: enum mikey_accept_flags
 * @csb: the bundle, until it is taken
 */
struct mikey_psk_pending {
	struct mikey_env env;
	uint8_t *octets;
	size_t len;
	struct mikey_msg sent;
	struct mikey_ts ts;
	struct mikey_msg_keys *keys;
	uint32_t flags;
	struct mikey_csb *csb;
};

static enum mikey_reason check_init(const struct mikey_psk_init *init,
				    const struct mikey_offer *offer, struct mikey_error *err)
{
	enum mikey_reason reason = mikey_algs_check(offer->prf, init->encr_alg, init->mac_alg,
						    MIKEY_NO_OFFSET, err);

	if (!reason)
		reason = psk_check_null(init->encr_alg, init->mac_alg, offer->accept->flags,
					MIKEY_NO_OFFSET, err);
	if (!reason && !init->psk.len && init->mac_alg)
		reason = mikey_fail(err, MIKEY_USAGE, MIKEY_NO_OFFSET, "no pre-shared key");
	if (!reason && (!init->idi.data.len || !init->idr.data.len))
		reason = mikey_fail(err, MIKEY_USAGE, MIKEY_NO_OFFSET,
				    "both identities are needed");
	return reason;
}

/* RFC 3830 3.1: HDR, T, RAND, IDi, IDr, {SP}, KEMAC */
static enum mikey_reason write_offer(struct mikey_psk_pending *pending, struct draft *draft,
				     const struct mikey_psk_init *init,
				     const struct mikey_offer *offer, const struct key_data *data,
				     struct mikey_error *err)
{
	struct mikey_payload kemac = { .type = MIKEY_PL_KEMAC };
	enum mikey_reason reason;

	draft_add_id(&draft->msg, &init->idi);
	draft_add_id(&draft->msg, &init->idr);
	reason = draft_add_policies(draft, offer, err);
	if (reason)
		return reason;
	kemac.kemac.encr_alg = init->encr_alg;
	kemac.kemac.mac_alg = init->mac_alg;
	kemac.kemac.mac = (struct mikey_view){ psk_mac_room, mikey_mac_len(init->mac_alg) };
	reason = key_data_seal(pending->env.crypto, pending->keys, draft->msg.hdr.csb_id,
			       &offer->ts, data, &kemac.kemac.encr_data, err);
	mikey_add(&draft->msg, &kemac);
	if (!reason)
		reason = draft_emit(pending->env.crypto, pending->keys, &draft->msg, NULL, 0,
				    &pending->octets, &pending->len, err);
	OPENSSL_clear_free((void *)kemac.kemac.encr_data.data, kemac.kemac.encr_data.len);
	return reason;
}

/*
 * What was written is parsed again, and the bundle made of that: both sides
 * get their sessions from the same octets by the same code.
 */
static enum mikey_reason read_offer(struct mikey_psk_pending *pending,
				    const struct mikey_psk_init *init,
				    const struct mikey_offer *offer, const struct key_data *data,
				    struct mikey_error *err)
{
	enum mikey_reason reason = mikey_parse(&pending->sent, pending->octets, pending->len, err);

	if (reason)
		return reason;
	return psk_make_csb(pending->env.crypto, &pending->sent, &data->chain, offer->accept,
			&init->idi, &init->idr, true, &pending->csb, err);
}

static enum mikey_reason fill_pending(struct mikey_psk_pending *pending,
				      const struct mikey_psk_init *init,
				      const struct mikey_offer *offer, struct draft *draft,
				      struct mikey_error *err)
{
	struct mikey_label_ctx ctx = psk_label_ctx(&draft->msg);
	struct key_data data;
	enum mikey_reason reason = key_data_make(&pending->env, offer, init->encr_alg, &data, err);

	if (!reason && init->psk.len)
		reason = mikey_msg_keys_derive(pending->env.crypto, &ctx, init->psk,
					       init->encr_alg, init->mac_alg, pending->keys);
	if (!reason)
		reason = write_offer(pending, draft, init, offer, &data, err);
	if (!reason)
		reason = read_offer(pending, init, offer, &data, err);
	key_data_clear(&data);
	return reason;
}

static enum mikey_reason new_pending(const struct mikey_env *env, const struct mikey_offer *offer,
				     struct mikey_psk_pending **pending, struct mikey_error *err)
{
	*pending = OPENSSL_zalloc(sizeof(**pending));
	if (*pending)
		(*pending)->keys = OPENSSL_secure_zalloc(sizeof(*(*pending)->keys));
	if (!*pending || !(*pending)->keys)
		return mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory");
	(*pending)->env = *env;
	(*pending)->ts = offer->ts;
	(*pending)->flags = offer->accept->flags;
	return MIKEY_OK;
}

enum mikey_reason mikey_psk_offer(const struct mikey_env *env, const struct mikey_psk_init *init,
				  const struct mikey_offer *offer,
				  struct mikey_psk_pending **pending, struct mikey_error *err)
{
	struct draft *draft = NULL;
	enum mikey_reason reason = check_init(init, offer, err);

	*pending = NULL;
	if (!reason)
		reason = new_pending(env, offer, pending, err);
	if (!reason)
		reason = draft_start(env, offer, MIKEY_PSK_INIT, &draft, err);
	if (!reason)
		reason = fill_pending(*pending, init, offer, draft, err);
	OPENSSL_free(draft);
	if (reason) {
		mikey_psk_pending_free(*pending);
		*pending = NULL;
	}
	return reason;
}

void mikey_psk_pending_free(struct mikey_psk_pending *pending)
{
	if (!pending)
		return;
	OPENSSL_clear_free(pending->octets, pending->len);
	OPENSSL_secure_clear_free(pending->keys, sizeof(*pending->keys));
	mikey_csb_free(pending->csb);
	OPENSSL_free(pending);
}

struct mikey_view mikey_psk_message(const struct mikey_psk_pending *pending)
{
	return (struct mikey_view){ pending->octets, pending->len };
}

const struct mikey_csb *mikey_psk_csb(const struct mikey_psk_pending *pending)
{
	return pending->csb;
}

struct mikey_csb *mikey_psk_take(struct mikey_psk_pending *pending)
{
	struct mikey_csb *csb = pending->csb;

	pending->csb = NULL;
	return csb;
}

/*
 * The responder repeats CSB ID, PRF and T: whatever has others answers
 * something else (RFC 3830 5.2, 6.1)
 */
static enum mikey_reason match_exchange(const struct mikey_psk_pending *pending,
					const struct mikey_msg *msg, struct mikey_error *err)
{
	struct mikey_ts ts;

	if (msg->hdr.data_type == MIKEY_PSK_INIT && msg->raw.len == pending->len &&
	    !memcmp(msg->raw.data, pending->octets, pending->len))
		return mikey_fail(err, MIKEY_REFLECTED, 1, "this is the message that was sent");
	if (msg->hdr.data_type != MIKEY_PSK_RESP && msg->hdr.data_type != MIKEY_ERROR)
		return mikey_fail(err, MIKEY_UNEXPECTED_MSG, 1,
				  "message type %u does not answer a pre-shared key message",
				  msg->hdr.data_type);
	mikey_ts_read(mikey_find(msg, MIKEY_PL_T, 0), &ts);
	if (msg->hdr.csb_id != pending->sent.hdr.csb_id)
		return mikey_fail(err, MIKEY_FOREIGN, 4, "a response with another CSB ID");
	if (ts.type != pending->ts.type || ts.value != pending->ts.value)
		return mikey_fail(err, MIKEY_FOREIGN, mikey_find(msg, MIKEY_PL_T, 0)->offset,
				  "a response with another T");
	if (msg->hdr.prf != pending->sent.hdr.prf)
		return mikey_fail(err, MIKEY_FOREIGN, 3, "a response with another PRF function");
	return MIKEY_OK;
}

/*
 * RFC 3830 5.2: V covers the message, then IDi, IDr and T as sent. The V of
 * an Error covers the message alone (RFC 6043 5.4, 5.5).
 */
static enum mikey_reason verify_v(const struct mikey_psk_pending *pending,
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
	pieces[3] = psk_ts_octets(&pending->sent);
	reason = mikey_mac_verify(pending->env.crypto, pending->keys, pieces, with_ids ? 4 : 1,
				  v->v.ver_data);
	return reason ? mikey_fail(err, reason, v->offset, "V is not the peer's") : MIKEY_OK;
}

/*
 * RFC 3830 6.1.1: the responder fills in what was left open and changes
 * nothing else. An SSRC for a stream of the initiator is passed over: who
 * sends chooses.
 */
static enum mikey_reason check_map(const struct mikey_hdr *sent, const struct mikey_hdr *got,
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

static void fill_in(struct mikey_csb *csb, const struct mikey_hdr *got)
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

static enum mikey_reason take_response(struct mikey_psk_pending *pending,
				       const struct mikey_msg *msg, struct mikey_error *err)
{
	const struct mikey_payload *idi, *idr, *ours;
	struct mikey_id a, b;
	enum mikey_reason reason = verify_v(pending, msg, mikey_find(msg, MIKEY_PL_V, 0), true,
					    err);

	if (reason)
		return reason;
	mikey_find_ids(msg, &idi, &idr);
	mikey_find_ids(&pending->sent, &idi, &ours);
	a = psk_id_of(idr);
	b = psk_id_of(ours);
	if (idr && !mikey_id_equal(&a, &b))
		return mikey_fail(err, MIKEY_BAD_RESPONSE, idr->offset,
				  "the response comes from another identity");
	reason = check_map(&pending->sent.hdr, &msg->hdr, err);
	if (!reason)
		fill_in(pending->csb, &msg->hdr);
	return reason;
}

/* RFC 3830 5.1.2: an Error that proves nothing is a hint */
static enum mikey_reason take_error(const struct mikey_psk_pending *pending,
				    const struct mikey_msg *msg,
				    struct mikey_peer_error *peer_err, struct mikey_error *err)
{
	const struct mikey_payload *v = mikey_find(msg, MIKEY_PL_V, 0);
	const struct mikey_payload *first = mikey_find(msg, MIKEY_PL_ERR, 0);
	const char *name = first ? mikey_name(MIKEY_NS_ERR, first->err.err_no) : NULL;
	bool verified = v && v->v.auth_alg != MIKEY_MAC_NULL;
	enum mikey_reason reason = v ? verify_v(pending, msg, v, false, err) : MIKEY_OK;

	if (reason)
		return reason;
	if (peer_err)
		peer_error_read(msg, pending->flags, verified, peer_err);
	return mikey_fail(err, verified ? MIKEY_PEER_ERROR : MIKEY_PEER_HINT,
			  first ? first->offset : MIKEY_NO_OFFSET,
			  "the peer%s reports an error: %s",
			  verified ? "" : ", or somebody in its name,",
			  name ? name : "none that has a name");
}

enum mikey_reason mikey_psk_process(struct mikey_psk_pending *pending, const void *buf,
				    size_t len, struct mikey_peer_error *peer_err,
				    struct mikey_error *err)
{
	struct mikey_msg *msg = OPENSSL_malloc(sizeof(*msg));
	enum mikey_reason reason;

	if (!msg)
		return mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory");
	reason = mikey_parse(msg, buf, len, err);
	if (!reason)
		reason = mikey_validate(msg, err);
	if (!reason)
		reason = match_exchange(pending, msg, err);
	if (!reason)
		reason = msg->hdr.data_type == MIKEY_ERROR ?
				 take_error(pending, msg, peer_err, err) :
				 take_response(pending, msg, err);
	OPENSSL_free(msg);
	return reason;
}
