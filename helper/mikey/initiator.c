// SPDX-License-Identifier: GPL-2.0
/*
 * The initiator's side of every mode: RFC 3830 5.1.2, 5.2.
 */
#include <openssl/crypto.h>
#include <string.h>

#include "pending.h"
#include "signer.h"

/* RFC 3830 4.5: under a cached envelope key an update is a pre-shared key message */
static uint32_t type_of(const struct mikey_init *init, const struct mikey_offer *offer)
{
	return offer->update && offer->update->env_key.len ? MIKEY_PSK_INIT : init->mode;
}

static enum mikey_reason new_pending(const struct mikey_env *env, const struct mikey_init *init,
				     const struct mikey_offer *offer,
				     struct mikey_pending **pending, struct mikey_error *err)
{
	uint32_t type = type_of(init, offer);
	const struct mikey_mode *mode = mikey_mode_of(type);

	if (!mode || mode->init_type != type)
		return mikey_fail(err, MIKEY_USAGE, MIKEY_NO_OFFSET,
				  "message type %u begins no exchange", init->mode);
	/* Without a MAC identities prove nothing, and cameras choke on them. */
	if ((init->mac_alg || init->mode != MIKEY_PSK_INIT) &&
	    (!init->idi.data.len || !init->idr.data.len))
		return mikey_fail(err, MIKEY_USAGE, MIKEY_NO_OFFSET,
				  "both identities are needed");
	*pending = OPENSSL_zalloc(sizeof(**pending));
	if (*pending)
		(*pending)->keys = OPENSSL_secure_zalloc(sizeof(*(*pending)->keys));
	if (!*pending || !(*pending)->keys)
		return mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory");
	(*pending)->mode = mode;
	(*pending)->env = *env;
	(*pending)->creds = init->creds;
	(*pending)->now = init->now;
	(*pending)->ts = offer->ts;
	(*pending)->flags = offer->accept->flags;
	(*pending)->accept = *offer->accept;
	(*pending)->update = offer->update;
	return MIKEY_OK;
}

enum mikey_reason mikey_initiate(const struct mikey_env *env, const struct mikey_init *init,
				 const struct mikey_offer *offer, struct mikey_pending **pending,
				 struct mikey_error *err)
{
	struct draft *draft = NULL;
	enum mikey_reason reason;

	*pending = NULL;
	reason = new_pending(env, init, offer, pending, err);
	if (!reason)
		reason = draft_start(env, offer, type_of(init, offer), &draft, err);
	if (!reason)
		reason = (*pending)->mode->offer(*pending, init, offer, draft, err);
	OPENSSL_free(draft);
	if (reason) {
		mikey_pending_free(*pending);
		*pending = NULL;
	}
	return reason;
}

enum mikey_reason pending_parse(struct mikey_pending *pending, struct mikey_error *err)
{
	return mikey_parse(&pending->sent, pending->octets, pending->len, err);
}

void mikey_pending_free(struct mikey_pending *pending)
{
	if (!pending)
		return;
	if (pending->scratch && pending->mode->forget)
		pending->mode->forget(pending);
	OPENSSL_clear_free(pending->octets, pending->len);
	OPENSSL_secure_clear_free(pending->keys, sizeof(*pending->keys));
	mikey_csb_free(pending->csb);
	OPENSSL_free(pending);
}

struct mikey_view mikey_pending_message(const struct mikey_pending *pending)
{
	return (struct mikey_view){ pending->octets, pending->len };
}

uint32_t mikey_pending_id(const struct mikey_pending *pending)
{
	return pending->sent.hdr.csb_id;
}

const struct mikey_csb *mikey_pending_csb(const struct mikey_pending *pending)
{
	return pending->csb;
}

struct mikey_csb *mikey_pending_take(struct mikey_pending *pending)
{
	struct mikey_csb *csb = pending->csb;

	pending->csb = NULL;
	return csb;
}

/*
 * The responder repeats CSB ID, PRF and T: whatever has others answers
 * something else (RFC 3830 5.2, 6.1)
 */
static enum mikey_reason match_exchange(const struct mikey_pending *pending,
					const struct mikey_msg *msg, struct mikey_error *err)
{
	struct mikey_ts ts;

	if (msg->hdr.data_type == pending->mode->init_type && msg->raw.len == pending->len &&
	    !memcmp(msg->raw.data, pending->octets, pending->len))
		return mikey_fail(err, MIKEY_REFLECTED, 1, "this is the message that was sent");
	if (msg->hdr.data_type != pending->mode->resp_type && msg->hdr.data_type != MIKEY_ERROR)
		return mikey_fail(err, MIKEY_UNEXPECTED_MSG, 1,
				  "message type %u does not answer a %s message",
				  msg->hdr.data_type, pending->mode->title);
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

/* What closes an Error is its V, or in the mode of RFC 4650 its KEMAC */
static enum mikey_reason verify_error(const struct mikey_pending *pending,
				      const struct mikey_msg *msg, bool *verified,
				      struct mikey_error *err)
{
	const struct mikey_payload *v = mikey_find(msg, MIKEY_PL_V, 0);
	const struct mikey_payload *kemac = mikey_find(msg, MIKEY_PL_KEMAC, 0);
	struct mikey_view covered = msg->raw;

	*verified = (v && v->v.auth_alg) || (kemac && kemac->kemac.mac_alg);
	if (v)
		return pending_verify_v(pending, msg, v, false, err);
	if (!kemac)
		return MIKEY_OK;
	covered.len -= kemac->kemac.mac.len;
	if (kemac->kemac.mac_alg != pending->keys->mac_alg ||
	    mikey_mac_verify(pending->env.crypto, pending->keys, &covered, 1, kemac->kemac.mac))
		return mikey_fail(err, MIKEY_AUTH_FAILED, kemac->offset,
				  "the MAC of an Error is wrong");
	return MIKEY_OK;
}

/* An Error has no certificates with it: the signature needs a configured one */
static enum mikey_reason verify_error_sign(const struct mikey_pending *pending,
					   const struct mikey_msg *msg, bool *verified,
					   struct mikey_error *err)
{
	const struct mikey_payload *idi, *idr;
	struct peer_certs certs = { 0 };
	struct mikey_id id;
	const struct signer signer = {
		.crypto = pending->env.crypto, .creds = &pending->creds, .id = &id,
		.now = pending->now,
	};
	enum mikey_reason reason = MIKEY_NO_CERT;

	mikey_find_ids(&pending->sent, &idi, &idr);
	id = id_of(idr);
	if (pending->creds.trust)
		reason = signer_check(&signer, msg, &certs, err);
	certs_clear(&certs);
	*verified = !reason;
	return reason == MIKEY_NO_CERT ? MIKEY_OK : reason;
}

/* RFC 3830 5.1.2: an Error that proves nothing is a hint */
static enum mikey_reason take_error(const struct mikey_pending *pending,
				    const struct mikey_msg *msg,
				    struct mikey_peer_error *peer_err, struct mikey_error *err)
{
	const struct mikey_payload *first = mikey_find(msg, MIKEY_PL_ERR, 0);
	const char *name = first ? mikey_name(MIKEY_NS_ERR, first->err.err_no) : NULL;
	bool verified;
	enum mikey_reason reason = verify_error(pending, msg, &verified, err);

	if (mikey_find(msg, MIKEY_PL_SIGN, 0))
		reason = verify_error_sign(pending, msg, &verified, err);
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

enum mikey_reason mikey_pending_process(struct mikey_pending *pending, const void *buf,
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
				 pending->mode->finish(pending, msg, err);
	OPENSSL_free(msg);
	return reason;
}
