// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "mikey/sign.h"
#include "tamper.h"

#define MAC_LEN 20

void tamper_nothing(struct mikey_msg *msg)
{
	(void)msg;
}

void tamper_no_mac(struct mikey_msg *msg)
{
	struct mikey_payload *kemac = payload_of(msg, MIKEY_PL_KEMAC, 0);

	kemac->kemac.mac_alg = MIKEY_MAC_NULL;
	kemac->kemac.mac.len = 0;
}

struct mikey_msg *parsed(struct mikey_view octets)
{
	struct mikey_msg *msg = malloc(sizeof(*msg));

	if (mikey_parse(msg, octets.data, octets.len, NULL))
		abort();
	return msg;
}

struct mikey_payload *payload_of(struct mikey_msg *msg, uint32_t type, size_t n)
{
	return (struct mikey_payload *)mikey_find(msg, type, n);
}

void drop_first(struct mikey_msg *msg, uint32_t type)
{
	struct mikey_payload *p = payload_of(msg, type, 0);

	memmove(p, p + 1, (size_t)(msg->payload + --msg->n_payloads - p) * sizeof(*p));
}

void drop_all(struct mikey_msg *msg, uint32_t type)
{
	while (payload_of(msg, type, 0))
		drop_first(msg, type);
}

void swap_pair(struct mikey_msg *msg, uint32_t type)
{
	struct mikey_payload *a = payload_of(msg, type, 0), *b = payload_of(msg, type, 1);
	struct mikey_payload first = *a;

	*a = *b;
	*b = first;
}

struct mikey_view damaged(struct mikey_view octets, size_t at)
{
	static uint8_t copy[MIKEY_MSG_MAX];

	memcpy(copy, octets.data, octets.len);
	copy[at] ^= 1;
	return (struct mikey_view){ copy, octets.len };
}

static uint8_t buf[MIKEY_MSG_MAX];

struct mikey_view built(const struct mikey_msg *msg)
{
	size_t len;

	if (mikey_build(msg, buf, sizeof(buf), &len, NULL))
		abort();
	return (struct mikey_view){ buf, len };
}

/* The MAC over @pieces goes to the end of buf; a PRF that is none makes no key */
static void mac_at_end(const struct call *c, const struct mikey_msg *msg,
		       struct mikey_view *pieces, size_t n, size_t len)
{
	struct mikey_msg *request = parsed(mikey_pending_message(c->pending));
	struct mikey_label_ctx ctx = {
		msg->hdr.prf, msg->hdr.csb_id, payload_of(request, MIKEY_PL_RAND, 0)->rand.value,
	};
	struct mikey_msg_keys keys;

	pieces[0] = (struct mikey_view){ buf, len - MAC_LEN };
	if (!mikey_msg_keys_derive(c->f->crypto, &ctx, c->f->init.creds.psk,
				   MIKEY_ENCR_AES_CM_128, MIKEY_MAC_HMAC_SHA1, &keys) &&
	    mikey_mac(c->f->crypto, &keys, pieces, n, buf + len - MAC_LEN))
		abort();
	free(request);
}

struct mikey_view resealed(const struct call *c, struct mikey_view octets, tamper_fn change)
{
	struct mikey_msg *msg = parsed(octets);
	struct mikey_view out, pieces[1];

	change(msg);
	out = built(msg);
	if (msg->payload[msg->n_payloads - 1].kemac.mac.len == MAC_LEN)
		mac_at_end(c, msg, pieces, 1, out.len);
	free(msg);
	return out;
}

struct mikey_view reproved(const struct call *c, struct mikey_view octets, tamper_fn change,
			   bool with_ids)
{
	struct mikey_msg *request = parsed(mikey_pending_message(c->pending));
	struct mikey_view t = payload_of(request, MIKEY_PL_T, 0)->t.value;
	struct mikey_view pieces[4] = {
		{ NULL, 0 }, c->f->init.idi.data, c->f->init.idr.data, t,
	};
	struct mikey_msg *msg = parsed(octets);
	struct mikey_view out;

	change(msg);
	out = built(msg);
	if (!with_ids)
		pieces[1] = t;
	mac_at_end(c, msg, pieces, with_ids ? 4 : 2, out.len);
	free(request);
	free(msg);
	return out;
}

struct mikey_view resigned(const struct call *c, const struct mikey_creds *creds,
			   struct mikey_view octets, tamper_fn change,
			   const struct mikey_view *tail, size_t n)
{
	struct mikey_msg *msg = parsed(octets);
	struct mikey_view out = { buf, 0 };
	uint8_t *made;

	msg->n_payloads--;
	change(msg);
	if (!sign_emit(c->f->crypto, creds, NULL, msg, tail, n, &made, &out.len, NULL)) {
		memcpy(buf, made, out.len);
		OPENSSL_free(made);
	}
	free(msg);
	return out;
}

size_t tampered_requests(struct call *c, uint8_t mask, size_t step)
{
	struct mikey_view msg = mikey_pending_message(c->pending);
	struct mikey_answer answer;
	size_t i, taken = 0;
	uint8_t *copy = malloc(msg.len);
	unsigned int bit;

	memcpy(copy, msg.data, msg.len);
	for (i = 0; i < msg.len; i += step)
		for (bit = 1; bit < 256; bit <<= 1) {
			if (!(mask & bit))
				continue;
			copy[i] ^= (uint8_t)bit;
			taken += !fixture_respond(c->f, (struct mikey_view){ copy, msg.len },
						  &answer, NULL);
			mikey_answer_clear(&answer);
			copy[i] ^= (uint8_t)bit;
		}
	free(copy);
	return taken;
}

size_t tampered_answers(struct call *c, uint8_t mask, size_t step)
{
	size_t i, taken = 0;
	unsigned int bit;

	for (i = 0; i < c->answer.len; i += step)
		for (bit = 1; bit < 256; bit <<= 1) {
			if (!(mask & bit))
				continue;
			c->answer.msg[i] ^= (uint8_t)bit;
			taken += !mikey_pending_process(c->pending, c->answer.msg, c->answer.len,
							NULL, NULL);
			c->answer.msg[i] ^= (uint8_t)bit;
		}
	return taken;
}
