// SPDX-License-Identifier: GPL-2.0
/*
 * The layouts of RFC 3830 section 6, RFC 4563 (empty map) and RFC 6043 6.1.1
 * (GENERIC-ID map).
 */
#include "layout.h"
#include "wire.h"

#define HDR(member) offsetof(struct mikey_hdr, member)
#define CS(member) offsetof(struct mikey_cs, member)
#define PL(member) offsetof(struct mikey_payload, member)

#define IS(member, ...) { PL(member), (__VA_ARGS__) }
#define V(value) (1u << (value))

/* Lengths that follow from an algorithm. An MD5 hash is read, never used. */
static const struct layout_sizes mac_sizes = {
	3, MIKEY_UNSUP_MAC, "MAC algorithm", { 0, 20, 32 }
};

static const struct layout_sizes ts_sizes = {
	4, MIKEY_UNSUP_TS, "timestamp type", { 8, 8, 4, 4 }
};

static const struct layout_sizes dh_sizes = {
	3, MIKEY_UNSUP_DH, "DH group", { 192, 96, 128 }
};

static const struct layout_sizes hash_sizes = {
	3, MIKEY_UNSUP_HASH, "hash", { 20, 16, 32 }
};

#define NEXT { .kind = LAYOUT_NEXT }
#define END { .kind = LAYOUT_END }
#define UINT(nm, width, off, sp, ...) \
	{ .kind = LAYOUT_UINT, .name = nm, .bits = width, .at = off, .space = sp, __VA_ARGS__ }
#define VIEW(nm, width, off, ...) \
	{ .kind = LAYOUT_VIEW, .name = nm, .bits = width, .at = off, __VA_ARGS__ }
#define SIZED(nm, off, size_table, off_by, ...) \
	{ .kind = LAYOUT_SIZED, .name = nm, .at = off, .sizes = &(size_table), .by = off_by, \
	  __VA_ARGS__ }

/* RFC 3830 6.14: what follows a KV nibble, in Key data and in DH */
#define KV_NIBBLE(payload) \
	UINT("kv", 4, PL(payload.kv.kv), MIKEY_NS_KV, .limit = MIKEY_KV_INTERVAL, \
	     .reason = MIKEY_UNSUP_KEY)
#define KV_DATA(payload) \
	VIEW("spi", 8, PL(payload.kv.spi), .when = IS(payload.kv.kv, V(MIKEY_KV_SPI))), \
	VIEW("from", 8, PL(payload.kv.from), .when = IS(payload.kv.kv, V(MIKEY_KV_INTERVAL))), \
	VIEW("to", 8, PL(payload.kv.to), .when = IS(payload.kv.kv, V(MIKEY_KV_INTERVAL)))

/* RFC 3830 6.10: the parameters fill their length exactly */
static enum mikey_reason check_params(const void *object, size_t offset, struct mikey_error *err)
{
	const struct mikey_payload *sp = object;
	struct mikey_view params = sp->sp.params;
	struct mikey_view value;
	uint32_t type;

	while (mikey_sp_next(&params, &type, &value))
		;
	if (!params.len)
		return MIKEY_OK;
	return mikey_fail(err, MIKEY_TRUNCATED, offset + sp->sp.params.len - params.len,
			  "SP: a parameter runs past the end of the policy");
}

/* RFC 6043 6.1.1: SRTP's session data is nothing, SSRC, or SSRC, ROC and SEQ */
static enum mikey_reason check_session_data(const void *object, size_t offset,
					    struct mikey_error *err)
{
	const struct mikey_cs *cs = object;
	size_t len = cs->session_data.len;

	if (cs->prot != MIKEY_PROT_SRTP || !len || len == (cs->has_index ? 10 : 4))
		return MIKEY_OK;
	return mikey_fail(err, MIKEY_BAD_LENGTH, offset,
			  "GENERIC-ID map: %zu octets are no session data of SRTP", len);
}

/* 6.1 */
static const struct layout_field hdr_fields[] = {
	UINT("version", 8, HDR(version), 0),
	UINT("type", 8, HDR(data_type), MIKEY_NS_DATA_TYPE),
	NEXT,
	UINT("v", 1, HDR(v), 0, .show = SHOW_BOOL),
	UINT("prf_func", 7, HDR(prf), MIKEY_NS_PRF),
	UINT("csb_id", 32, HDR(csb_id), 0, .show = SHOW_HEX),
	UINT("cs_count", 8, HDR(n_cs), 0),
	UINT("cs_id_map_type", 8, HDR(map_type), MIKEY_NS_MAP, .limit = MIKEY_MAP_GENERIC,
	     .reason = MIKEY_UNSUP_MAP),
	END
};

const struct layout layout_hdr = { "HDR", hdr_fields, 0 };

/* 6.1.1 */
static const struct layout_field srtp_id_fields[] = {
	UINT("policy_no", 8, CS(policy_no), 0),
	UINT("ssrc", 32, CS(ssrc), 0, .show = SHOW_HEX),
	UINT("roc", 32, CS(roc), 0),
	END
};

static const struct layout_field empty_map_fields[] = { END };

/* RFC 6043 6.1.1 */
static const struct layout_field generic_id_fields[] = {
	UINT("cs_id", 8, CS(id), 0),
	UINT("prot_type", 8, CS(prot), MIKEY_NS_PROT),
	UINT("s", 1, CS(has_index), 0, .show = SHOW_BOOL),
	VIEW("policies", 7, CS(policies)),
	VIEW("session_data", 16, CS(session_data), .check = check_session_data),
	VIEW("spi", 8, CS(spi)),
	END
};

const struct layout *layout_map(uint32_t map_type)
{
	static const struct layout maps[] = {
		[MIKEY_MAP_SRTP] = { "srtp_id", srtp_id_fields, 0 },
		[MIKEY_MAP_EMPTY] = { "empty", empty_map_fields, 0 },
		[MIKEY_MAP_GENERIC] = { "generic_id", generic_id_fields, 0 },
	};

	return map_type <= MIKEY_MAP_GENERIC ? &maps[map_type] : NULL;
}

/* 6.2 */
static const struct layout_field kemac_fields[] = {
	NEXT,
	UINT("encr_alg", 8, PL(kemac.encr_alg), MIKEY_NS_ENCR),
	VIEW("key_data", 16, PL(kemac.encr_data), .secret = true,
	     .secret_if = IS(kemac.encr_alg, V(MIKEY_ENCR_NULL))),
	UINT("mac_alg", 8, PL(kemac.mac_alg), MIKEY_NS_MAC),
	/* HMAC-SHA-1 has the number 0 in the table of RFC 4650 4.2 */
	SIZED("mac", PL(kemac.mac), mac_sizes, PL(kemac.mac_alg), .alt_len = 20),
	END
};

/* 6.3 */
static const struct layout_field pke_fields[] = {
	NEXT,
	UINT("c", 2, PL(pke.cache), MIKEY_NS_CACHE),
	VIEW("data", 14, PL(pke.data)),
	END
};

/* 6.4 */
static const struct layout_field dh_fields[] = {
	NEXT,
	UINT("group", 8, PL(dh.group), MIKEY_NS_DH_GROUP),
	SIZED("value", PL(dh.value), dh_sizes, PL(dh.group)),
	UINT("reserv", 4, PL(dh.reserved), 0, .show = SHOW_RESERVED),
	KV_NIBBLE(dh),
	KV_DATA(dh),
	END
};

/* 6.5 */
static const struct layout_field sign_fields[] = {
	UINT("type", 4, PL(sign.s_type), MIKEY_NS_SIGN),
	VIEW("data", 12, PL(sign.signature)),
	END
};

/* 6.6 */
static const struct layout_field t_fields[] = {
	NEXT,
	UINT("ts_type", 8, PL(t.ts_type), MIKEY_NS_TS),
	SIZED("ntp", PL(t.value), ts_sizes, PL(t.ts_type), .show = SHOW_STAMP),
	END
};

/* 6.7 */
static const struct layout_field id_fields[] = {
	NEXT,
	UINT("type", 8, PL(id.id_type), MIKEY_NS_ID),
	VIEW("data", 16, PL(id.data), .show = SHOW_TEXT),
	END
};

static const struct layout_field cert_fields[] = {
	NEXT,
	UINT("type", 8, PL(cert.cert_type), MIKEY_NS_CERT),
	VIEW("data", 16, PL(cert.data)),
	END
};

/* 6.8 */
static const struct layout_field chash_fields[] = {
	NEXT,
	UINT("hash", 8, PL(chash.hash), MIKEY_NS_HASH),
	SIZED("value", PL(chash.value), hash_sizes, PL(chash.hash)),
	END
};

/* 6.9 */
static const struct layout_field v_fields[] = {
	NEXT,
	UINT("auth_alg", 8, PL(v.auth_alg), MIKEY_NS_MAC),
	SIZED("ver_data", PL(v.ver_data), mac_sizes, PL(v.auth_alg)),
	END
};

/* 6.10 */
static const struct layout_field sp_fields[] = {
	NEXT,
	UINT("no", 8, PL(sp.policy_no), 0),
	UINT("proto_type", 8, PL(sp.prot), MIKEY_NS_PROT),
	VIEW("param", 16, PL(sp.params), .show = SHOW_PARAMS, .check = check_params),
	END
};

/* 6.11 */
static const struct layout_field rand_fields[] = {
	NEXT,
	VIEW("data", 8, PL(rand.value)),
	END
};

/* 6.12 */
static const struct layout_field err_fields[] = {
	NEXT,
	UINT("no", 8, PL(err.err_no), MIKEY_NS_ERR),
	UINT("reserved", 16, PL(err.reserved), 0, .show = SHOW_RESERVED),
	END
};

/* 6.13; types 4 and up belong to RFC 6043 and RFC 6267 */
static const struct layout_field key_fields[] = {
	NEXT,
	UINT("type", 4, PL(key.key_type), MIKEY_NS_KEY_TYPE, .limit = MIKEY_KEY_TEK_SALT,
	     .reason = MIKEY_UNSUP_KEY),
	KV_NIBBLE(key),
	VIEW("data", 16, PL(key.data), .secret = true),
	VIEW("salt", 16, PL(key.salt), .secret = true,
	     .when = IS(key.key_type, V(MIKEY_KEY_TGK_SALT) | V(MIKEY_KEY_TEK_SALT))),
	KV_DATA(key),
	END
};

/* 6.15 */
static const struct layout_field ext_fields[] = {
	NEXT,
	UINT("type", 8, PL(ext.ext_type), MIKEY_NS_EXT),
	VIEW("data", 16, PL(ext.data)),
	END
};

const struct layout *layout_payload(uint32_t type)
{
	static const struct layout payloads[] = {
		[MIKEY_PL_KEMAC] = { "kemac", kemac_fields, IN_MESSAGE },
		[MIKEY_PL_PKE] = { "pke", pke_fields, IN_MESSAGE },
		[MIKEY_PL_DH] = { "dh", dh_fields, IN_MESSAGE },
		[MIKEY_PL_SIGN] = { "sign", sign_fields, IN_MESSAGE },
		[MIKEY_PL_T] = { "t", t_fields, IN_MESSAGE },
		[MIKEY_PL_ID] = { "id", id_fields, IN_MESSAGE | IN_KEMAC },
		[MIKEY_PL_CERT] = { "cert", cert_fields, IN_MESSAGE },
		[MIKEY_PL_CHASH] = { "chash", chash_fields, IN_MESSAGE },
		[MIKEY_PL_V] = { "v", v_fields, IN_MESSAGE },
		[MIKEY_PL_SP] = { "sp", sp_fields, IN_MESSAGE },
		[MIKEY_PL_RAND] = { "rand", rand_fields, IN_MESSAGE },
		[MIKEY_PL_ERR] = { "err", err_fields, IN_MESSAGE },
		[MIKEY_PL_KEY] = { "key", key_fields, IN_KEMAC },
		[MIKEY_PL_EXT] = { "ext", ext_fields, IN_MESSAGE },
	};

	if (type >= ARRAY_SIZE(payloads) || !payloads[type].fields)
		return NULL;
	return &payloads[type];
}
