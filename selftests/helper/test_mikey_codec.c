// SPDX-License-Identifier: GPL-2.0
/*
 * The codec: every payload and header, to octets and back.
 */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "ktap.h"

static uint8_t filler[70000];

static struct mikey_view octets(size_t len)
{
	return (struct mikey_view){ filler, len };
}

static bool views_equal(struct mikey_view a, struct mikey_view b)
{
	return a.len == b.len && (!a.len || !memcmp(a.data, b.data, a.len));
}

static bool kvs_equal(const struct mikey_kv_data *a, const struct mikey_kv_data *b)
{
	return a->kv == b->kv && views_equal(a->spi, b->spi) && views_equal(a->from, b->from) &&
	       views_equal(a->to, b->to);
}

static bool payloads_equal(const struct mikey_payload *a, const struct mikey_payload *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case MIKEY_PL_KEMAC:
		return a->kemac.encr_alg == b->kemac.encr_alg &&
		       a->kemac.mac_alg == b->kemac.mac_alg &&
		       views_equal(a->kemac.encr_data, b->kemac.encr_data) &&
		       views_equal(a->kemac.mac, b->kemac.mac);
	case MIKEY_PL_PKE:
		return a->pke.cache == b->pke.cache && views_equal(a->pke.data, b->pke.data);
	case MIKEY_PL_DH:
		return a->dh.group == b->dh.group && a->dh.reserved == b->dh.reserved &&
		       views_equal(a->dh.value, b->dh.value) && kvs_equal(&a->dh.kv, &b->dh.kv);
	case MIKEY_PL_SIGN:
		return a->sign.s_type == b->sign.s_type &&
		       views_equal(a->sign.signature, b->sign.signature);
	case MIKEY_PL_T:
		return a->t.ts_type == b->t.ts_type && views_equal(a->t.value, b->t.value);
	case MIKEY_PL_ID:
	case MIKEY_PL_CERT:
		return a->id.id_type == b->id.id_type && views_equal(a->id.data, b->id.data);
	case MIKEY_PL_CHASH:
		return a->chash.hash == b->chash.hash &&
		       views_equal(a->chash.value, b->chash.value);
	case MIKEY_PL_V:
		return a->v.auth_alg == b->v.auth_alg && views_equal(a->v.ver_data, b->v.ver_data);
	case MIKEY_PL_SP:
		return a->sp.policy_no == b->sp.policy_no && a->sp.prot == b->sp.prot &&
		       views_equal(a->sp.params, b->sp.params);
	case MIKEY_PL_RAND:
		return views_equal(a->rand.value, b->rand.value);
	case MIKEY_PL_ERR:
		return a->err.err_no == b->err.err_no && a->err.reserved == b->err.reserved;
	case MIKEY_PL_KEY:
		return a->key.key_type == b->key.key_type &&
		       views_equal(a->key.data, b->key.data) &&
		       views_equal(a->key.salt, b->key.salt) && kvs_equal(&a->key.kv, &b->key.kv);
	case MIKEY_PL_EXT:
		return a->ext.ext_type == b->ext.ext_type && views_equal(a->ext.data, b->ext.data);
	default:
		return false;
	}
}

static bool cs_equal(const struct mikey_cs *a, const struct mikey_cs *b)
{
	return a->id == b->id && a->policy_no == b->policy_no && a->ssrc == b->ssrc &&
	       a->roc == b->roc && a->prot == b->prot && a->has_index == b->has_index &&
	       views_equal(a->policies, b->policies) &&
	       views_equal(a->session_data, b->session_data) && views_equal(a->spi, b->spi);
}

static bool msgs_equal(const struct mikey_msg *a, const struct mikey_msg *b)
{
	size_t i;

	if (memcmp(&a->hdr, &b->hdr, offsetof(struct mikey_hdr, cs)) ||
	    a->n_payloads != b->n_payloads)
		return false;
	for (i = 0; i < a->hdr.n_cs && a->hdr.map_type != MIKEY_MAP_EMPTY; i++)
		if (!cs_equal(&a->hdr.cs[i], &b->hdr.cs[i]))
			return false;
	for (i = 0; i < a->n_payloads; i++)
		if (!payloads_equal(&a->payload[i], &b->payload[i]))
			return false;
	return true;
}

static struct mikey_msg *new_msg(void)
{
	struct mikey_msg *msg = calloc(1, sizeof(*msg));

	msg->hdr = (struct mikey_hdr){ .version = 1, .prf = 0x55, .v = 1, .csb_id = 0xdeadbeef };
	return msg;
}

/* To octets, back, and to octets again */
static bool round_trip(const struct mikey_msg *msg)
{
	static uint8_t buf[MIKEY_MSG_MAX], again[MIKEY_MSG_MAX];
	struct mikey_msg *back = malloc(sizeof(*back));
	struct mikey_error err = { .reason = MIKEY_OK };
	size_t len = 0, len2 = 0;
	bool ok = !mikey_build(msg, buf, sizeof(buf), &len, &err) &&
		  !mikey_parse(back, buf, len, &err) && msgs_equal(msg, back) &&
		  !mikey_build(back, again, sizeof(again), &len2, &err) && len == len2 &&
		  !memcmp(buf, again, len);

	if (err.reason)
		note("%s: %s", mikey_reason_token(err.reason), err.text);
	free(back);
	return ok;
}

static bool payload_round_trip(const struct mikey_payload *payload)
{
	struct mikey_msg *msg = new_msg();
	bool ok, last = payload->type == MIKEY_PL_SIGN;
	struct mikey_payload t = { .type = MIKEY_PL_T };

	t.t.value = octets(8);
	if (last)
		mikey_add(msg, &t);
	mikey_add(msg, payload);
	if (!last)
		mikey_add(msg, &t);
	ok = round_trip(msg);
	free(msg);
	return ok;
}

static bool sub_round_trip(const struct mikey_payload *sub)
{
	struct mikey_chain chain = { .n = 2, .sub = { *sub, *sub } };
	struct mikey_chain back;
	static uint8_t buf[4096];
	size_t len = 0;

	return !mikey_build_chain(&chain, buf, sizeof(buf), &len, NULL) &&
	       !mikey_parse_chain(&back, (struct mikey_view){ buf, len }, sub->type, 0, NULL) &&
	       back.n == 2 && payloads_equal(&back.sub[0], sub) &&
	       payloads_equal(&back.sub[1], sub);
}

#define PAYLOAD(name, member, ...) \
	((struct mikey_payload){ .type = MIKEY_PL_##name, .member = { __VA_ARGS__ } })

static const struct mikey_kv_data null_kv = { .kv = MIKEY_KV_NULL };
static struct mikey_kv_data spi_kv, interval_kv;

static void test_payloads(void)
{
	static const uint16_t dh_len[] = { 192, 96, 128 };
	static const uint16_t mac_len[] = { 0, 20, 32 };
	static const uint16_t hash_len[] = { 20, 16, 32 };
	static const uint16_t ts_len[] = { 8, 8, 4, 4 };
	static const uint16_t sp_len[] = { 0, 5, 9 };
	const struct mikey_kv_data *kvs[] = { &null_kv, &spi_kv, &interval_kv };
	bool ok[16] = { [0 ... 15] = true };
	uint32_t i, j;

	for (i = 0; i < 3; i++) {
		ok[0] &= payload_round_trip(&PAYLOAD(KEMAC, kemac, 77 + i, octets(i * 100), i,
						     octets(mac_len[i])));
		ok[1] &= payload_round_trip(&PAYLOAD(PKE, pke, i, octets(i * 8000)));
		ok[2] &= payload_round_trip(&PAYLOAD(CHASH, chash, i, octets(hash_len[i])));
		ok[3] &= payload_round_trip(&PAYLOAD(V, v, i, octets(mac_len[i])));
		ok[4] &= payload_round_trip(&PAYLOAD(SIGN, sign, i * 7, octets(i * 2047)));
		ok[5] &= payload_round_trip(&PAYLOAD(ID, id, i * 100, octets(i * 10000)));
		ok[6] &= payload_round_trip(&PAYLOAD(CERT, cert, i * 100, octets(i * 10000)));
		ok[7] &= payload_round_trip(&PAYLOAD(RAND, rand, octets(i * 127)));
		ok[8] &= payload_round_trip(&PAYLOAD(ERR, err, i * 100, i * 30000));
		ok[9] &= payload_round_trip(&PAYLOAD(EXT, ext, i * 100, octets(i * 10000)));
		ok[10] &= payload_round_trip(&PAYLOAD(SP, sp, i * 100, i,
						      { (const uint8_t *)"\1\1\20\6\0\7\2ab",
							sp_len[i] }));
		for (j = 0; j < 3; j++)
			ok[11] &= payload_round_trip(&PAYLOAD(DH, dh, i, octets(dh_len[i]), i * 7,
							      *kvs[j]));
	}
	for (i = 0; i < 4; i++) {
		ok[12] &= payload_round_trip(&PAYLOAD(T, t, i, octets(ts_len[i])));
		for (j = 0; j < 3; j++)
			ok[13] &= sub_round_trip(&PAYLOAD(KEY, key, i, octets(16 * i),
							  octets(i & 1 ? 14 : 0), *kvs[j]));
	}
	ok[14] = sub_round_trip(&PAYLOAD(ID, id, 1, octets(20)));
	check(ok[0], "KEMAC: to octets and back");
	check(ok[1], "PKE: to octets and back");
	check(ok[2], "CHASH: to octets and back, all hashes");
	check(ok[3], "V: to octets and back, all algorithms");
	check(ok[4], "SIGN: to octets and back, up to 4095 octets");
	check(ok[5], "ID: to octets and back");
	check(ok[6], "CERT: to octets and back");
	check(ok[7], "RAND: to octets and back");
	check(ok[8], "ERR: to octets and back, with reserved bits");
	check(ok[9], "General Extension: to octets and back");
	check(ok[10], "SP: to octets and back");
	check(ok[11], "DH: to octets and back, all groups and validities");
	check(ok[12], "T: to octets and back, all types");
	check(ok[13], "Key data: to octets and back, all types and validities");
	check(ok[14], "ID inside KEMAC: to octets and back");
}

static void test_maps(void)
{
	static const size_t data_len[] = { 0, 4, 10 };
	struct mikey_msg *msg = new_msg();
	uint32_t i;

	for (i = 0; i < 255; i++)
		msg->hdr.cs[i] = (struct mikey_cs){ .id = i + 1, .policy_no = 255 - i,
						    .ssrc = i * 0x01010101, .roc = ~i };
	msg->hdr.n_cs = 255;
	check(round_trip(msg), "SRTP-ID map: to octets and back, 255 sessions");
	msg->hdr.n_cs = 0;
	check(round_trip(msg), "SRTP-ID map: to octets and back, no session");
	msg->hdr.map_type = MIKEY_MAP_EMPTY;
	msg->hdr.n_cs = 9;
	check(round_trip(msg), "empty map: to octets and back, whatever #CS says");
	for (i = 0; i < 255; i++)
		msg->hdr.cs[i] = (struct mikey_cs){
			.id = 255 - i, .prot = 0, .has_index = i % 3 == 2,
			.policies = octets(i % 128), .session_data = octets(data_len[i % 3]),
			.spi = octets(i),
		};
	msg->hdr.map_type = MIKEY_MAP_GENERIC;
	msg->hdr.n_cs = 255;
	check(round_trip(msg), "GENERIC-ID map: to octets and back, 255 sessions");
	msg->hdr.cs[0].session_data = octets(5);
	check(!round_trip(msg), "GENERIC-ID map: 5 octets are no session data of SRTP");
	msg->hdr.cs[0].prot = 3;
	check(round_trip(msg), "GENERIC-ID map: for another protocol they may be");
	free(msg);
}

static void test_many(void)
{
	struct mikey_payload ext = PAYLOAD(EXT, ext, 0, octets(3));
	struct mikey_msg *msg = new_msg();
	static uint8_t buf[MIKEY_MSG_MAX];
	struct mikey_error err;
	size_t len;

	while (mikey_add(msg, &ext))
		;
	check(msg->n_payloads == MIKEY_PAYLOAD_MAX && round_trip(msg),
	      "a message of %d payloads goes to octets and back", MIKEY_PAYLOAD_MAX);
	if (mikey_build(msg, buf, sizeof(buf), &len, NULL))
		abort();
	/* One more of them */
	buf[len - 7] = MIKEY_PL_EXT;
	memcpy(buf + len, "\0\0\0\3abc", 7);
	check(mikey_parse(msg, buf, len + 7, &err) == MIKEY_TOO_MANY && err.offset == len,
	      "a message of one payload more is refused, with its offset");
	free(msg);
}

static enum mikey_reason build(const struct mikey_payload *payload)
{
	struct mikey_msg *msg = new_msg();
	static uint8_t buf[MIKEY_MSG_MAX];
	enum mikey_reason reason;
	size_t len;

	mikey_add(msg, payload);
	reason = mikey_build(msg, buf, sizeof(buf), &len, NULL);
	free(msg);
	return reason;
}

static void test_unbuildable(void)
{
	struct mikey_msg *msg = new_msg();
	struct mikey_payload t = PAYLOAD(T, t, 0, octets(8));
	static uint8_t buf[MIKEY_MSG_MAX];
	size_t len;

	check(build(&PAYLOAD(RAND, rand, octets(256))) == MIKEY_BAD_VALUE,
	      "a RAND of 256 octets cannot be written");
	check(build(&PAYLOAD(PKE, pke, 4, octets(1))) == MIKEY_BAD_VALUE,
	      "a cache indicator of 4 cannot be written");
	check(build(&PAYLOAD(PKE, pke, 0, octets(16384))) == MIKEY_BAD_VALUE,
	      "a PKE of 16384 octets cannot be written");
	check(build(&PAYLOAD(ID, id, 0, octets(65536))) == MIKEY_TOO_LONG,
	      "an ID of 65536 octets cannot be written");
	check(build(&PAYLOAD(ID, id, 0, octets(65530))) == MIKEY_TOO_LONG,
	      "an ID that does not fit a message cannot be written");
	check(build(&PAYLOAD(T, t, 2, octets(8))) == MIKEY_BAD_LENGTH,
	      "a COUNTER of 8 octets cannot be written");
	check(build(&PAYLOAD(T, t, 4, octets(8))) == MIKEY_UNSUP_TS,
	      "a timestamp of unknown type cannot be written");
	check(build(&PAYLOAD(KEY, key, 0, octets(16))) == MIKEY_UNEXPECTED,
	      "Key data outside a KEMAC cannot be written");
	check(build(&PAYLOAD(SP, sp, 0, 0, octets(1))) == MIKEY_TRUNCATED,
	      "half an SP parameter cannot be written");
	check(!sub_round_trip(&PAYLOAD(KEY, key, MIKEY_KEY_TGK, octets(16), octets(14))),
	      "a salt in a TGK without SALT cannot be written");
	mikey_add(msg, &PAYLOAD(SIGN, sign, 0, octets(8)));
	mikey_add(msg, &t);
	check(mikey_build(msg, buf, sizeof(buf), &len, NULL) == MIKEY_BAD_ORDER,
	      "nothing can be written behind a signature");
	msg->n_payloads = 0;
	check(mikey_build(msg, buf, 9, &len, NULL) == MIKEY_TOO_LONG, "a header needs its room");
	msg->hdr.n_cs = 1;
	check(mikey_build(msg, buf, sizeof(buf), &len, NULL) == MIKEY_BAD_VALUE,
	      "an SRTP-ID map numbers its sessions from 1");
	free(msg);
}

static const struct {
	const char *what;
	const char *hex;
	enum mikey_reason reason;
	size_t offset;
} faulty[] = {
	{ "an empty message", "", MIKEY_TRUNCATED, 0 },
	{ "version 0", "0000000000000000", MIKEY_BAD_VERSION, 0 },
	{ "version 2", "0200", MIKEY_BAD_VERSION, 0 },
	{ "half a header", "01000000", MIKEY_TRUNCATED, 4 },
	{ "a map that is cut off", "0100050000000001" "0100" "00112233", MIKEY_TRUNCATED, 11 },
	{ "an unknown map type", "01000500000000010103", MIKEY_UNSUP_MAP, 9 },
	{ "octets after the last payload", "0100000000000001000001", MIKEY_TRAILING, 10 },
	{ "a message that ends where a payload should be", "01000500000000010000", MIKEY_TRUNCATED,
	  10 },
	{ "a TICKET payload, by name", "01001100000000010000" "00", MIKEY_UNSUP_PAYLOAD, 10 },
	{ "payload type 99", "01006300000000010000" "00", MIKEY_UNSUP_PAYLOAD, 10 },
	{ "Key data outside KEMAC", "01001400000000010000" "00", MIKEY_UNEXPECTED, 10 },
	{ "timestamp type 4", "01000500000000010000" "0004" "0000000000000000", MIKEY_UNSUP_TS,
	  12 },
	{ "MAC algorithm 3", "01000100000000010000" "00" "01" "0000" "03", MIKEY_UNSUP_MAC, 15 },
	{ "DH group 14", "01000300000000010000" "000e" "00", MIKEY_UNSUP_DH, 12 },
	{ "hash 3", "01000800000000010000" "0003" "00", MIKEY_UNSUP_HASH, 12 },
	{ "an SP parameter past the end of its SP",
	  "01000a00000000010000" "00" "00" "00" "0005" "010110" "0702", MIKEY_TRUNCATED, 18 },
	{ "an ID longer than the message", "01000600000000010000" "0000" "00ff" "61",
	  MIKEY_TRUNCATED, 14 },
	{ "a REQUEST_INIT of RFC 6043", "010b0500000000010000", MIKEY_UNSUP_MSG, 1 },
	{ "an I_MESSAGE_1 of RFC 6267", "01160500000000010000", MIKEY_UNSUP_MSG, 1 },
	{ "a SAKKE message of RFC 6509", "011a0500000000010000", MIKEY_UNSUP_MSG, 1 },
	{ "message type 200", "01c80500000000010000", MIKEY_UNSUP_MSG, 1 },
};

static void test_faulty(void)
{
	struct mikey_msg *msg = malloc(sizeof(*msg));
	uint8_t buf[256];
	size_t i;

	for (i = 0; i < sizeof(faulty) / sizeof(faulty[0]); i++) {
		struct mikey_error err = { .reason = MIKEY_OK };
		size_t len = (size_t)unhex(faulty[i].hex, buf, sizeof(buf));
		enum mikey_reason reason = mikey_parse(msg, buf, len, &err);

		if (!check(reason == faulty[i].reason && err.offset == faulty[i].offset &&
			   err.text[0], "refused with reason and offset: %s", faulty[i].what))
			note("%s at %zu: %s", mikey_reason_token(reason), err.offset, err.text);
	}
	check(mikey_parse(msg, filler, MIKEY_MSG_MAX + 1, NULL) == MIKEY_TOO_LONG,
	      "refused: a message of 65536 octets");
	free(msg);
}

static void test_chains(void)
{
	struct mikey_chain chain;
	struct mikey_error err;
	uint8_t buf[512];
	size_t len;

	len = (size_t)unhex("0000000401020304", buf, sizeof(buf));
	check(!mikey_parse_chain(&chain, (struct mikey_view){ buf, len }, MIKEY_PL_KEY, 100, &err) &&
	      chain.n == 1 && chain.sub[0].offset == 100 && chain.sub[0].key.data.len == 4,
	      "Key data is found at its offset in the message");
	len = (size_t)unhex("0040000401020304", buf, sizeof(buf));
	check(mikey_parse_chain(&chain, (struct mikey_view){ buf, len }, MIKEY_PL_KEY, 100, &err) ==
	      MIKEY_UNSUP_KEY && err.offset == 101, "a GTGK of RFC 6043 is not supported");
	len = (size_t)unhex("0003000401020304", buf, sizeof(buf));
	check(mikey_parse_chain(&chain, (struct mikey_view){ buf, len }, MIKEY_PL_KEY, 0, &err) ==
	      MIKEY_UNSUP_KEY && err.offset == 1, "a key validity of type 3 is not supported");
	check(mikey_parse_chain(&chain, (struct mikey_view){ buf, len }, MIKEY_PL_SP, 0, &err) ==
	      MIKEY_UNEXPECTED, "SP inside KEMAC is refused");
	check(mikey_parse_chain(&chain, (struct mikey_view){ NULL, 0 }, MIKEY_PL_KEY, 7, &err) ==
	      MIKEY_TRUNCATED && err.offset == 7, "no key data at all is refused");
	for (len = 0; len < 4 * 33; len += 4)
		memcpy(buf + len, "\24\0\0\0", 4);
	check(mikey_parse_chain(&chain, (struct mikey_view){ buf, len }, MIKEY_PL_KEY, 0, &err) ==
	      MIKEY_TOO_MANY, "more than %d keys are refused", MIKEY_SUB_MAX);
}

int main(void)
{
	size_t i;

	for (i = 0; i < sizeof(filler); i++)
		filler[i] = (uint8_t)(i * 13 + (i >> 8));
	spi_kv = (struct mikey_kv_data){ .kv = MIKEY_KV_SPI, .spi = octets(255) };
	interval_kv = (struct mikey_kv_data){ .kv = MIKEY_KV_INTERVAL, .from = octets(6),
					      .to = octets(0) };
	ktap_begin();
	test_payloads();
	test_maps();
	test_many();
	test_unbuildable();
	test_faulty();
	test_chains();
	return ktap_end();
}
