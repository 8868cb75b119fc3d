// SPDX-License-Identifier: GPL-2.0
/*
 * SP payloads for SRTP: RFC 3830 6.10.1, RFC 4771 4, RFC 7714 14.3.
 */
#include <string.h>

#include "policy.h"
#include "wire.h"

/**
 * struct params - parameters as they came
 * @set: was it there?
 * @value: its number
 * @at: offset of the payload, for errors
 * @err: where failures go
 */
struct params {
	bool set[MIKEY_SP_PARAM_COUNT];
	uint32_t value[MIKEY_SP_PARAM_COUNT];
	size_t at;
	struct mikey_error *err;
};

/*
 * What each parameter may look like. The RFC gives no width for the key
 * derivation rate; 24 bits are its largest exponent.
 */
static const struct {
	uint8_t min_len;
	uint8_t max_len;
	uint32_t min;
	uint32_t max;
} forms[MIKEY_SP_PARAM_COUNT] = {
	[MIKEY_SP_ENCR_ALG] = { 1, 1, 0, MIKEY_SRTP_ARIA_GCM },
	[MIKEY_SP_ENCR_KEY_LEN] = { 1, 1, 16, 32 },
	[MIKEY_SP_AUTH_ALG] = { 1, 1, 0, MIKEY_SRTP_AUTH_RCCM3 },
	[MIKEY_SP_AUTH_KEY_LEN] = { 1, 1, 0, 255 },
	[MIKEY_SP_SALT_LEN] = { 1, 1, 12, 14 },
	[MIKEY_SP_PRF] = { 1, 1, 0, MIKEY_SRTP_PRF_ARIA_CTR },
	[MIKEY_SP_KDR] = { 1, 4, 0, 1 << 24 },
	[MIKEY_SP_SRTP_ENCR] = { 1, 1, 0, 1 },
	[MIKEY_SP_SRTCP_ENCR] = { 1, 1, 0, 1 },
	[MIKEY_SP_FEC] = { 1, 1, 0, 0 },
	[MIKEY_SP_SRTP_AUTH] = { 1, 1, 0, 1 },
	[MIKEY_SP_TAG_LEN] = { 1, 1, 0, 20 },
	[MIKEY_SP_PREFIX_LEN] = { 1, 1, 0, 0 },
	[MIKEY_SP_ROC_RATE] = { 2, 2, 1, 65535 },
	[MIKEY_SP_SRTP_AUTH_ALG] = { 1, 1, 0, MIKEY_SRTP_AUTH_RCCM3 },
	[MIKEY_SP_SRTCP_AUTH_ALG] = { 1, 1, 0, MIKEY_SRTP_AUTH_HMAC_SHA1 },
	[MIKEY_SP_SRTP_AUTH_KEY_LEN] = { 1, 1, 0, 255 },
	[MIKEY_SP_SRTCP_AUTH_KEY_LEN] = { 1, 1, 0, 255 },
	[MIKEY_SP_SRTP_TAG_LEN] = { 1, 1, 0, 24 },
	[MIKEY_SP_SRTCP_TAG_LEN] = { 1, 1, 0, 20 },
	[MIKEY_SP_AEAD_TAG_LEN] = { 1, 1, 10, 16 },
};

static enum mikey_reason read_param(struct params *p, uint32_t type, struct mikey_view value)
{
	if (type >= MIKEY_SP_PARAM_COUNT)
		return mikey_fail(p->err, MIKEY_BAD_POLICY, p->at,
				  "SP parameter %u is unknown", type);
	if (p->set[type])
		return mikey_fail(p->err, MIKEY_BAD_POLICY, p->at, "SP parameter %s occurs twice",
				  mikey_name(MIKEY_NS_SP_PARAM, type));
	if (value.len < forms[type].min_len || value.len > forms[type].max_len)
		return mikey_fail(p->err, MIKEY_BAD_POLICY, p->at,
				  "SP parameter %s cannot have %zu octets",
				  mikey_name(MIKEY_NS_SP_PARAM, type), value.len);
	p->value[type] = (uint32_t)get_be(value.data, value.len);
	p->set[type] = true;
	if (p->value[type] >= forms[type].min && p->value[type] <= forms[type].max)
		return MIKEY_OK;
	return mikey_fail(p->err, MIKEY_BAD_POLICY, p->at, "SP parameter %s cannot be %u",
			  mikey_name(MIKEY_NS_SP_PARAM, type), p->value[type]);
}

static enum mikey_reason read_params(struct params *p, struct mikey_view octets)
{
	enum mikey_reason reason = MIKEY_OK;
	struct mikey_view value;
	uint32_t type;

	while (!reason && mikey_sp_next(&octets, &type, &value))
		reason = read_param(p, type, value);
	return reason;
}

/*
 * The first of two parameters that is there, else the default: RFC 4771 4 lets
 * 14 to 19 override 2, 3 and 11.
 */
static uint32_t pick(const struct params *p, unsigned int special, unsigned int general,
		     uint32_t absent)
{
	if (p->set[special])
		return p->value[special];
	return p->set[general] ? p->value[general] : absent;
}

static uint32_t get(const struct params *p, unsigned int type, uint32_t absent)
{
	return pick(p, type, type, absent);
}

static bool is_rcc(uint32_t auth)
{
	return auth >= MIKEY_SRTP_AUTH_RCCM1;
}

/* RFC 5748, 7714, 8269: ciphers that authenticate, and their tags */
static uint32_t aead_tag(uint32_t encr)
{
	static const uint8_t tags[] = {
		[MIKEY_SRTP_SEED_CCM] = 10,
		[MIKEY_SRTP_SEED_GCM] = 12,
		[MIKEY_SRTP_AES_GCM] = 16,
		[MIKEY_SRTP_ARIA_GCM] = 16,
	};

	return encr < sizeof(tags) ? tags[encr] : 0;
}

static void resolve_cipher(const struct params *p, struct mikey_policy *policy)
{
	uint32_t encr = get(p, MIKEY_SP_ENCR_ALG, MIKEY_SRTP_AES_CM);
	uint32_t aead = aead_tag(encr);

	policy->encr_alg = encr;
	policy->key_len = get(p, MIKEY_SP_ENCR_KEY_LEN, 16);
	policy->salt_len = get(p, MIKEY_SP_SALT_LEN, aead ? 12 : 14);
	policy->prf = get(p, MIKEY_SP_PRF, MIKEY_SRTP_PRF_AES_CM);
	policy->kdr = get(p, MIKEY_SP_KDR, 0);
	policy->srtp_encr = get(p, MIKEY_SP_SRTP_ENCR, 1);
	policy->srtcp_encr = get(p, MIKEY_SP_SRTCP_ENCR, 1);
	policy->fec = get(p, MIKEY_SP_FEC, 0);
	policy->prefix_len = get(p, MIKEY_SP_PREFIX_LEN, 0);
	policy->roc_rate = get(p, MIKEY_SP_ROC_RATE, 1);
	policy->aead_tag_len = get(p, MIKEY_SP_AEAD_TAG_LEN, aead);
	/* Parameter 10 is about the separate function, which AEAD lacks */
	policy->srtp_auth = aead ? 1 : get(p, MIKEY_SP_SRTP_AUTH, 1);
}

/*
 * RFC 7714 14.2: with AEAD an absent authentication algorithm is none. RCC is
 * for RTP only (RFC 4771 2), so as a general algorithm it leaves SRTCP to the
 * default.
 */
static void resolve_auth(const struct params *p, struct mikey_policy *policy)
{
	uint32_t ordinary = aead_tag(policy->encr_alg) ? MIKEY_SRTP_AUTH_NULL :
							 MIKEY_SRTP_AUTH_HMAC_SHA1;
	uint32_t rtcp = pick(p, MIKEY_SP_SRTCP_AUTH_ALG, MIKEY_SP_AUTH_ALG, ordinary);
	uint32_t rtp = pick(p, MIKEY_SP_SRTP_AUTH_ALG, MIKEY_SP_AUTH_ALG, ordinary);

	policy->srtp_auth_alg = rtp;
	policy->srtcp_auth_alg = is_rcc(rtcp) ? ordinary : rtcp;
	if (rtp != MIKEY_SRTP_AUTH_NULL && rtp != MIKEY_SRTP_AUTH_RCCM3)
		policy->srtp_auth_key_len = pick(p, MIKEY_SP_SRTP_AUTH_KEY_LEN,
						 MIKEY_SP_AUTH_KEY_LEN, 20);
	if (policy->srtcp_auth_alg != MIKEY_SRTP_AUTH_NULL)
		policy->srtcp_auth_key_len = pick(p, MIKEY_SP_SRTCP_AUTH_KEY_LEN,
						  MIKEY_SP_AUTH_KEY_LEN, 20);
}

/*
 * RFC 3711 5.2 sets 80 bits for SRTCP: a general tag length of 4 is that of
 * the _32 suites, whose SRTCP tag is 10.
 */
static void resolve_tags(const struct params *p, struct mikey_policy *policy)
{
	static const uint8_t usual[] = {
		[MIKEY_SRTP_AUTH_NULL] = 0,
		[MIKEY_SRTP_AUTH_HMAC_SHA1] = 10,
		[MIKEY_SRTP_AUTH_RCCM1] = 14,
		[MIKEY_SRTP_AUTH_RCCM2] = 14,
		[MIKEY_SRTP_AUTH_RCCM3] = 4,
	};
	uint32_t rtp = policy->srtp_auth_alg;

	if (rtp != MIKEY_SRTP_AUTH_NULL)
		policy->srtp_tag_len = pick(p, MIKEY_SP_SRTP_TAG_LEN, MIKEY_SP_TAG_LEN, usual[rtp]);
	if (policy->srtcp_auth_alg == MIKEY_SRTP_AUTH_NULL)
		return;
	policy->srtcp_tag_len = is_rcc(rtp) ? get(p, MIKEY_SP_SRTCP_TAG_LEN, 10) :
			pick(p, MIKEY_SP_SRTCP_TAG_LEN, MIKEY_SP_TAG_LEN, 10);
	if (policy->srtcp_tag_len == 4 && !p->set[MIKEY_SP_SRTCP_TAG_LEN])
		policy->srtcp_tag_len = 10;
}

/* Combinations that no suite and no switch can make right */
static const char *contradiction(const struct params *p, const struct mikey_policy *policy)
{
	uint32_t aead = aead_tag(policy->encr_alg);
	uint32_t rtp = policy->srtp_auth_alg;

	if (policy->kdr & (policy->kdr - 1))
		return "the key derivation rate is no power of two (RFC 3711 4.3.1)";
	if (aead != policy->aead_tag_len)
		return "the cipher has another AEAD tag length";
	if (aead && !policy->srtp_encr)
		return "AEAD without encryption of RTP (RFC 7714 8.2)";
	if (!aead && policy->srtcp_auth_alg == MIKEY_SRTP_AUTH_NULL)
		return "SRTCP without authentication (RFC 3711 3.4)";
	if (policy->srtcp_auth_alg == MIKEY_SRTP_AUTH_HMAC_SHA1 && policy->srtcp_tag_len < 10)
		return "an SRTCP tag below 80 bits (RFC 3711 5.2)";
	if (rtp == MIKEY_SRTP_AUTH_RCCM3 && policy->srtp_tag_len != 4)
		return "RCCm3 has a tag of 4 octets (RFC 4771 3.1)";
	if (is_rcc(rtp) && policy->srtp_tag_len < 4)
		return "an RCC tag holds at least the ROC (RFC 4771 4)";
	if (p->set[MIKEY_SP_ROC_RATE] && !is_rcc(rtp))
		return "a ROC transmission rate without RCC";
	return NULL;
}

/* GStreamer writes the tag length into the parameter of the key length */
static void fix_auth_key_len(struct params *p)
{
	uint32_t *len = &p->value[MIKEY_SP_AUTH_KEY_LEN];

	if (!p->set[MIKEY_SP_AUTH_KEY_LEN] || (*len != 10 && *len != 4))
		return;
	if (!p->set[MIKEY_SP_TAG_LEN]) {
		p->set[MIKEY_SP_TAG_LEN] = true;
		p->value[MIKEY_SP_TAG_LEN] = *len;
	}
	*len = 20;
}

enum mikey_reason mikey_policy_parse(const struct mikey_payload *sp, uint32_t flags,
				     struct mikey_policy *policy, struct mikey_error *err)
{
	struct params p = { .at = sp->offset, .err = err };
	enum mikey_reason reason;
	const char *why;

	if (sp->sp.prot != MIKEY_PROT_SRTP)
		return mikey_fail(err, MIKEY_UNSUP_PROT, sp->offset,
				  "security protocol %u is not supported", sp->sp.prot);
	reason = read_params(&p, sp->sp.params);
	if (reason)
		return reason;
	if (flags & MIKEY_COMPAT_AUTH_KEY_LEN)
		fix_auth_key_len(&p);
	memset(policy, 0, sizeof(*policy));
	resolve_cipher(&p, policy);
	resolve_auth(&p, policy);
	resolve_tags(&p, policy);
	why = contradiction(&p, policy);
	if (why)
		return mikey_fail(err, MIKEY_BAD_POLICY, sp->offset, "policy %u: %s",
				  sp->sp.policy_no, why);
	return MIKEY_OK;
}

static void set(struct params *p, unsigned int type, uint32_t value)
{
	p->set[type] = true;
	p->value[type] = value;
}

static void set_unless(struct params *p, unsigned int type, uint32_t value, uint32_t absent)
{
	if (value != absent)
		set(p, type, value);
}

/* The authentication of RTP and RTCP in the fewest parameters */
static void express_auth(const struct mikey_policy *policy, struct params *p)
{
	set(p, MIKEY_SP_AUTH_ALG, policy->srtcp_auth_alg);
	if (policy->srtcp_auth_alg == MIKEY_SRTP_AUTH_HMAC_SHA1) {
		set(p, MIKEY_SP_AUTH_KEY_LEN, policy->srtcp_auth_key_len);
		set(p, MIKEY_SP_TAG_LEN, is_rcc(policy->srtp_auth_alg) ? policy->srtcp_tag_len :
									 policy->srtp_tag_len);
	}
	if (is_rcc(policy->srtp_auth_alg)) {
		set(p, MIKEY_SP_SRTP_AUTH_ALG, policy->srtp_auth_alg);
		set(p, MIKEY_SP_ROC_RATE, policy->roc_rate);
	}
	if (policy->srtp_auth_key_len != policy->srtcp_auth_key_len &&
	    policy->srtp_auth_alg != MIKEY_SRTP_AUTH_RCCM3)
		set(p, MIKEY_SP_SRTP_AUTH_KEY_LEN, policy->srtp_auth_key_len);
	if (policy->srtp_tag_len != policy->srtcp_tag_len) {
		set(p, MIKEY_SP_SRTP_TAG_LEN, policy->srtp_tag_len);
		set(p, MIKEY_SP_SRTCP_TAG_LEN, policy->srtcp_tag_len);
	}
}

static void express(const struct mikey_policy *policy, struct params *p)
{
	uint32_t aead = aead_tag(policy->encr_alg);

	set(p, MIKEY_SP_ENCR_ALG, policy->encr_alg);
	set(p, MIKEY_SP_ENCR_KEY_LEN, policy->key_len);
	set_unless(p, MIKEY_SP_SALT_LEN, policy->salt_len, aead ? 12 : 14);
	set_unless(p, MIKEY_SP_PRF, policy->prf, MIKEY_SRTP_PRF_AES_CM);
	set_unless(p, MIKEY_SP_KDR, policy->kdr, 0);
	set(p, MIKEY_SP_SRTP_ENCR, policy->srtp_encr);
	set(p, MIKEY_SP_SRTCP_ENCR, policy->srtcp_encr);
	set(p, MIKEY_SP_SRTP_AUTH, policy->srtp_auth);
	set_unless(p, MIKEY_SP_FEC, policy->fec, 0);
	set_unless(p, MIKEY_SP_PREFIX_LEN, policy->prefix_len, 0);
	if (aead)
		set(p, MIKEY_SP_AEAD_TAG_LEN, policy->aead_tag_len);
	express_auth(policy, p);
}

size_t mikey_policy_build(const struct mikey_policy *policy, uint8_t *buf)
{
	struct params p = { .at = 0 };
	unsigned int type;
	size_t len = 0;

	express(policy, &p);
	for (type = 0; type < MIKEY_SP_PARAM_COUNT; type++) {
		if (!p.set[type])
			continue;
		buf[len] = (uint8_t)type;
		buf[len + 1] = forms[type].max_len;
		put_be(buf + len + 2, p.value[type], forms[type].max_len);
		len += 2 + forms[type].max_len;
	}
	return len;
}

/* The modifiers of a suite, and the flag that allows each */
static const char *forbidden(const struct mikey_policy *policy, uint32_t flags)
{
	if (!policy->srtp_encr && !(flags & MIKEY_ALLOW_CLEAR_SRTP))
		return "unencrypted SRTP";
	if (!policy->srtcp_encr && !(flags & MIKEY_ALLOW_CLEAR_SRTCP))
		return "unencrypted SRTCP";
	if (!policy->srtp_auth && !(flags & MIKEY_ALLOW_UNAUTH_SRTP))
		return "unauthenticated SRTP";
	if (policy->kdr && !(flags & MIKEY_ALLOW_KDR))
		return "a key derivation rate";
	if (is_rcc(policy->srtp_auth_alg) && !(flags & MIKEY_ALLOW_RCC))
		return "RCC";
	return NULL;
}

static enum mikey_reason no_suite(const struct mikey_policy *policy, size_t offset,
				  struct mikey_error *err)
{
	return mikey_fail(err, MIKEY_UNSUP_SUITE, offset,
			  "%s with a key of %u and a salt of %u octets, PRF %s, %s with tags of %u and %u octets is no registered suite",
			  mikey_name(MIKEY_NS_SRTP_ENCR, policy->encr_alg), policy->key_len,
			  policy->salt_len, mikey_name(MIKEY_NS_SRTP_PRF, policy->prf),
			  mikey_name(MIKEY_NS_SRTP_AUTH, policy->srtp_auth_alg),
			  policy->srtp_tag_len, policy->srtcp_tag_len);
}

bool mikey_accept_has(const struct mikey_accept *accept, const struct mikey_suite *suite)
{
	return !accept->available || accept->available(suite);
}

enum mikey_reason mikey_policy_accept(const struct mikey_policy *policy,
				      const struct mikey_accept *accept, size_t offset,
				      const struct mikey_suite **suite, struct mikey_error *err)
{
	const char *what = forbidden(policy, accept->flags);
	size_t i;

	*suite = mikey_suite_of(policy);
	if (!*suite)
		return no_suite(policy, offset, err);
	if (what)
		return mikey_fail(err, MIKEY_POLICY_REFUSED, offset,
				  "%s is not allowed with this peer", what);
	for (i = 0; i < accept->n_suites; i++)
		if (accept->suites[i] == *suite)
			break;
	if (i < accept->n_suites && mikey_accept_has(accept, *suite))
		return MIKEY_OK;
	if (i < accept->n_suites)
		return mikey_fail(err, MIKEY_NO_SUITE, offset,
				  "%s is allowed with this peer, but this host does not have it",
				  (*suite)->name);
	return mikey_fail(err, MIKEY_SUITE_REFUSED, offset, "%s is not allowed with this peer",
			  (*suite)->name);
}
