// SPDX-License-Identifier: GPL-2.0
/*
 * Policies: which combinations of suite and modifiers there are.
 *
 * A policy is a set of features; one table says which of them do not go
 * together, and why.
 */
#include <linux/log2.h>

#include "compat/compat.h"
#include "modifier.h"
#include "netlink.h"
#include "trailer.h"

enum {
	SRTP_RX_WINDOW = 1024,		/* default of window, receiving */
	SRTP_TX_WINDOW = 512,		/* default of window, sending */
	SRTCP_WINDOW = 128,		/* default of srtcp-window */
	SRTP_TAG_MIN = 4,		/* of HMAC-SHA1, RFC 3711 7.5 */
	SRTCP_TAG_MIN = 10,		/* RFC 3711 5.2 */
	SRTP_RARE_ROC = 0x8000,
};

/**
 * struct srtp_rule - a combination that is refused
 * @all: it has all of these features
 * @any: and at least one of these
 * @none: and none of these
 * @err: the error
 * @sentence: why
 */
struct srtp_rule {
	u32 all;
	u32 any;
	u32 none;
	int err;
	const char *sentence;
};

#define F(_name)	SRTP_F_##_name

static const struct srtp_rule srtp_rules[] = {
	{ F(AEAD), F(NO_ENCRYPTION) | F(NO_AUTH), 0, -EINVAL,
	  "no-srtp-encryption, no-srtp-authentication: an AEAD suite does both (RFC 7714 8)" },
	{ F(NO_AUTH), F(NO_ENCRYPTION) | F(NULL), 0, -EINVAL,
	  "no-srtp-authentication: without encryption nothing would be protected" },
	{ F(MUST_AUTH), F(NO_AUTH) | F(RCC_M1) | F(RCC_M3), 0, -EINVAL,
	  "no-srtp-authentication, rcc-mode: ARIA and SEED authenticate (RFC 8269, RFC 5669)" },
	{ F(NO_AUTH), F(RCC_M1) | F(RCC_M2), 0, -EINVAL,
	  "no-srtp-authentication: rcc-mode m1 and m2 do authenticate" },
	{ F(RCC_M3), F(NO_ENCRYPTION) | F(NULL), 0, -EINVAL,
	  "rcc-mode m3 does not authenticate: without encryption nothing would be protected" },
	{ F(AEAD), F(RCC_M1) | F(RCC_M2), 0, -EOPNOTSUPP,
	  "rcc-mode: an AEAD suite has its own tag, m3 goes with it" },
	{ F(RCC_M1) | F(RARE_ROC), F(RCC_M1), 0, -EINVAL,
	  "rcc-rate above 32768: with rcc-mode m1 a receiver could not tell the ROC in between" },
	{ F(KDR), F(RCC), 0, -EOPNOTSUPP,
	  "kdr: with rcc-mode a packet could ask for any session key" },
	{ F(KDR), F(WILDCARD), 0, -EOPNOTSUPP,
	  "kdr: the SSRCs of a wildcard stream share session keys; name the ssrc" },
	{ F(NO_AUTH) | F(WILDCARD), F(RX), 0, -EINVAL,
	  "no-srtp-authentication: a wildcard creates streams for authentic packets only" },
	{ F(RCC_M3) | F(WILDCARD), F(RX), F(AEAD), -EINVAL,
	  "rcc-mode m3: a wildcard creates streams for authentic packets only" },
	{ F(HDREXT), F(NULL) | F(NO_ENCRYPTION), 0, -EINVAL,
	  "encrypted-ext-ids: the policy has no encryption" },
	{ F(HDREXT), F(F8), 0, -EOPNOTSUPP,
	  "encrypted-ext-ids: not supported with an F8 suite" },
	{ F(CRYPTEX), F(NULL) | F(NO_ENCRYPTION), 0, -EINVAL,
	  "cryptex: the policy has no encryption" },
	{ F(CRYPTEX), F(HDREXT), 0, -EINVAL,
	  "cryptex and encrypted-ext-ids exclude each other (RFC 9335)" },
	{ F(RTCP_ONLY), F(NO_ENCRYPTION) | F(NO_AUTH) | F(RCC) | F(HDREXT) | F(CRYPTEX), 0, -EINVAL,
	  "srtcp-only: the policy has modifiers of SRTP" },
};

static u32 srtp_suite_features(const struct srtp_cipher_suite *suite)
{
	return (srtp_suite_is_aead(suite) ? F(AEAD) : 0) |
	       (suite->kind == SRTP_KIND_NONE ? F(NULL) : 0) |
	       (suite->kind == SRTP_KIND_F8 ? F(F8) : 0) |
	       (suite->must_authenticate ? F(MUST_AUTH) : 0);
}

/* Features that are switched on by an attribute other than 0. */
static const struct {
	u16 attr;
	u32 feature;
} srtp_switches[] = {
	{ SRTP_A_STREAM_NO_SRTP_ENCRYPTION, F(NO_ENCRYPTION) },
	{ SRTP_A_STREAM_NO_SRTCP_ENCRYPTION, F(NO_RTCP_ENCRYPTION) },
	{ SRTP_A_STREAM_NO_SRTP_AUTHENTICATION, F(NO_AUTH) },
	{ SRTP_A_STREAM_SRTCP_ONLY, F(RTCP_ONLY) },
	{ SRTP_A_STREAM_CRYPTEX, F(CRYPTEX) },
};

static u8 srtp_u8(struct nlattr **attrs, int attr, u8 absent)
{
	return attrs[attr] ? nla_get_u8(attrs[attr]) : absent;
}

static void srtp_parse_switches(struct srtp_policy *policy, struct nlattr **attrs)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(srtp_switches); i++)
		if (srtp_u8(attrs, srtp_switches[i].attr, 0))
			policy->features |= srtp_switches[i].feature;
	policy->cryptex = srtp_u8(attrs, SRTP_A_STREAM_CRYPTEX, SRTP_CRYPTEX_OFF);
	policy->mki_len = srtp_u8(attrs, SRTP_A_STREAM_MKI_LEN, 0);
}

static int srtp_parse_windows(struct srtp_policy *policy, u8 direction, struct nlattr **attrs)
{
	const struct nlattr *window = attrs[SRTP_A_STREAM_WINDOW];
	const struct nlattr *srtcp_window = attrs[SRTP_A_STREAM_SRTCP_WINDOW];

	policy->window = direction == SRTP_DIRECTION_TX ? SRTP_TX_WINDOW : SRTP_RX_WINDOW;
	policy->srtcp_window = SRTCP_WINDOW;
	if (window)
		policy->window = roundup_pow_of_two(nla_get_u32(window));
	if (srtcp_window)
		policy->srtcp_window = roundup_pow_of_two(nla_get_u32(srtcp_window));
	return 0;
}

static int srtp_parse_kdr(struct srtp_policy *policy, struct nlattr **attrs,
			  struct netlink_ext_ack *extack)
{
	u32 kdr = attrs[SRTP_A_STREAM_KDR] ? nla_get_u32(attrs[SRTP_A_STREAM_KDR]) : 0;

	if (!kdr)
		return 0;
	if (!is_power_of_2(kdr)) {
		NL_SET_ERR_MSG_ATTR(extack, attrs[SRTP_A_STREAM_KDR],
				    "kdr is neither 0 nor a power of two");
		return -EINVAL;
	}
	policy->features |= F(KDR);
	policy->kdr_shift = ilog2(kdr);
	return 0;
}

/* RFC 4771 section 4: the rate is 1 if it is not given. */
static int srtp_parse_rcc(struct srtp_policy *policy, struct nlattr **attrs,
			  struct netlink_ext_ack *extack)
{
	static const u32 modes[SRTP_RCC_MODE_LAST + 1] = {
		[SRTP_RCC_MODE_M1] = F(RCC_M1),
		[SRTP_RCC_MODE_M2] = F(RCC_M2),
		[SRTP_RCC_MODE_M3] = F(RCC_M3),
	};
	const struct nlattr *rate = attrs[SRTP_A_STREAM_RCC_RATE];
	u8 mode = srtp_u8(attrs, SRTP_A_STREAM_RCC_MODE, SRTP_RCC_MODE_NONE);

	if (mode == SRTP_RCC_MODE_NONE) {
		if (!rate)
			return 0;
		NL_SET_ERR_MSG_ATTR(extack, rate, "rcc-rate needs an rcc-mode");
		return -EINVAL;
	}
	policy->features |= modes[mode];
	policy->rcc_rate = rate ? nla_get_u16(rate) : 1;
	if (policy->rcc_rate > SRTP_RARE_ROC)
		policy->features |= F(RARE_ROC);
	return 0;
}

static int srtp_parse_ext_ids(struct srtp_policy *policy, struct nlattr **attrs,
			      struct netlink_ext_ack *extack)
{
	const struct nlattr *ids = attrs[SRTP_A_STREAM_ENCRYPTED_EXT_IDS];
	int i;

	for (i = 0; ids && i < nla_len(ids); i++) {
		u8 id = ((const u8 *)nla_data(ids))[i];

		if (!id) {
			NL_SET_ERR_MSG_ATTR(extack, ids,
					    "encrypted-ext-ids: 0 is padding (RFC 8285 4.2)");
			return -EINVAL;
		}
		__set_bit(id, policy->ext_ids);
		policy->features |= F(HDREXT);
	}
	return 0;
}

/**
 * struct srtp_tag_range - which lengths a tag may have
 * @least: smallest
 * @most: largest
 * @usual: if none is given
 * @sentence: if another one is given
 */
struct srtp_tag_range {
	u8 least;
	u8 most;
	u8 usual;
	const char *sentence;
};

/* srtp-tag-len of a mode that carries the ROC includes it (RFC 4771 section 4). */
static void srtp_tag_range(const struct srtp_policy *policy, struct srtp_tag_range *range)
{
	u8 usual = policy->suite->srtp_tag_len;

	range->least = SRTP_TAG_MIN;
	range->most = SRTP_MAC_LEN;
	range->usual = usual;
	range->sentence = "srtp-tag-len: HMAC-SHA1 has 4 to 20 octets";
	if (policy->features & F(AEAD)) {
		range->least = usual;
		range->most = usual;
		range->sentence = "srtp-tag-len: the tag of an AEAD suite is not cut";
	} else if (policy->features & (F(RCC_M1) | F(RCC_M2))) {
		range->least = SRTP_ROC_LEN + SRTP_TAG_MIN;
		range->usual = SRTP_ROC_LEN + usual;
		range->sentence = "srtp-tag-len: with the ROC 8 to 20 octets";
	} else if (policy->features & F(RCC_M3)) {
		range->most = SRTP_ROC_LEN;
		range->usual = SRTP_ROC_LEN;
		range->sentence = "srtp-tag-len: with rcc-mode m3 it is 4, the ROC (RFC 4771 4)";
	} else if (policy->features & F(NO_AUTH)) {
		range->least = 0;
		range->most = 0;
		range->usual = 0;
		range->sentence = "srtp-tag-len: without authentication there is no tag";
	}
}

static int srtp_parse_tag(u8 *len, const struct srtp_tag_range *range, const struct nlattr *attr,
			  struct netlink_ext_ack *extack)
{
	*len = attr ? nla_get_u8(attr) : range->usual;
	if (*len >= range->least && *len <= range->most)
		return 0;
	srtp_extack(extack, range->sentence);
	NL_SET_BAD_ATTR(extack, attr);
	return -EINVAL;
}

/* What of the tag lies on the wire, beside the ROC. */
static void srtp_set_tags(struct srtp_policy *policy, u8 len)
{
	u32 features = policy->features;

	policy->tag_len = len;
	policy->roc_tag_len = len;
	if (features & F(AEAD))
		return;
	if (features & F(RCC))
		policy->roc_tag_len = len - SRTP_ROC_LEN;
	if (features & (F(RCC_M1) | F(RCC_M3)))
		policy->tag_len = 0;
}

static int srtp_parse_tags(struct srtp_policy *policy, struct nlattr **attrs,
			   struct netlink_ext_ack *extack)
{
	struct srtp_tag_range rtcp = {
		.least = SRTCP_TAG_MIN, .most = SRTP_MAC_LEN, .usual = policy->suite->srtcp_tag_len,
		.sentence = "srtcp-tag-len: HMAC-SHA1 of SRTCP has 10 to 20 octets (RFC 3711 5.2)",
	}, rtp;
	u8 len;
	int err;

	srtp_tag_range(policy, &rtp);
	err = srtp_parse_tag(&len, &rtp, attrs[SRTP_A_STREAM_SRTP_TAG_LEN], extack);
	if (err)
		return err;
	srtp_set_tags(policy, len);
	if (policy->features & F(AEAD)) {
		rtcp.least = rtcp.usual;
		rtcp.most = rtcp.usual;
		rtcp.sentence = "srtcp-tag-len: the tag of an AEAD suite is not cut";
	}
	return srtp_parse_tag(&policy->srtcp_tag_len, &rtcp, attrs[SRTP_A_STREAM_SRTCP_TAG_LEN],
			      extack);
}

static int srtp_policy_check(const struct srtp_policy *policy, struct netlink_ext_ack *extack)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(srtp_rules); i++) {
		const struct srtp_rule *rule = &srtp_rules[i];

		if ((policy->features & rule->all) != rule->all ||
		    !(policy->features & rule->any) || (policy->features & rule->none))
			continue;
		srtp_extack(extack, rule->sentence);
		return rule->err;
	}
	return 0;
}

static int srtp_parse_suite(struct srtp_policy *policy, struct nlattr **attrs,
			    struct netlink_ext_ack *extack)
{
	const struct nlattr *suite = attrs[SRTP_A_STREAM_SUITE];

	if (!suite) {
		NL_SET_ERR_MSG(extack, "the suite is missing");
		return -EINVAL;
	}
	policy->suite = srtp_suite_find(nla_get_u16(suite), extack);
	if (IS_ERR(policy->suite)) {
		NL_SET_BAD_ATTR(extack, suite);
		return PTR_ERR(policy->suite);
	}
	policy->features |= srtp_suite_features(policy->suite);
	return 0;
}

/**
 * srtp_policy_parse() - the policy that a request asks for
 * @policy: result, zeroed
 * @direction: enum srtp_direction of the stream
 * @wildcard: the stream is one
 * @attrs: attributes of the request
 * @extack: gets the reason of a refusal
 *
 * Sleeps.
 *
 * Return: 0; -EINVAL it contradicts itself; -EOPNOTSUPP it cannot be had
 */
int srtp_policy_parse(struct srtp_policy *policy, u8 direction, bool wildcard,
		      struct nlattr **attrs, struct netlink_ext_ack *extack)
{
	int err = srtp_parse_suite(policy, attrs, extack);

	if (err)
		return err;
	policy->features |= (wildcard ? F(WILDCARD) : 0) |
			    (direction == SRTP_DIRECTION_RX ? F(RX) : 0);
	srtp_parse_switches(policy, attrs);
	return srtp_parse_windows(policy, direction, attrs) ?:
	       srtp_parse_kdr(policy, attrs, extack) ?:
	       srtp_parse_rcc(policy, attrs, extack) ?:
	       srtp_parse_ext_ids(policy, attrs, extack) ?:
	       srtp_policy_check(policy, extack) ?:
	       srtp_parse_tags(policy, attrs, extack);
}

static int srtp_put_switches(struct sk_buff *skb, const struct srtp_policy *policy)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(srtp_switches); i++)
		if ((policy->features & srtp_switches[i].feature) &&
		    srtp_switches[i].feature != F(CRYPTEX) &&
		    nla_put_u8(skb, srtp_switches[i].attr, 1))
			return -EMSGSIZE;
	return policy->cryptex ? nla_put_u8(skb, SRTP_A_STREAM_CRYPTEX, policy->cryptex) : 0;
}

static int srtp_put_rcc(struct sk_buff *skb, const struct srtp_policy *policy)
{
	u8 mode = policy->features & F(RCC_M1) ? SRTP_RCC_MODE_M1 :
		  policy->features & F(RCC_M2) ? SRTP_RCC_MODE_M2 : SRTP_RCC_MODE_M3;

	if (!(policy->features & F(RCC)))
		return 0;
	return nla_put_u8(skb, SRTP_A_STREAM_RCC_MODE, mode) ?:
	       nla_put_u16(skb, SRTP_A_STREAM_RCC_RATE, policy->rcc_rate);
}

static int srtp_put_ext_ids(struct sk_buff *skb, const struct srtp_policy *policy)
{
	u8 ids[255];
	int id, n = 0;

	for_each_set_bit(id, policy->ext_ids, 256)
		ids[n++] = id;
	return n ? nla_put(skb, SRTP_A_STREAM_ENCRYPTED_EXT_IDS, n, ids) : 0;
}

/* The length as it was asked for: with a ROC if the MAC shares its place. */
static u8 srtp_tag_len_asked(const struct srtp_policy *policy)
{
	bool with_roc = (policy->features & F(RCC)) && !(policy->features & F(AEAD));

	return policy->roc_tag_len + (with_roc ? SRTP_ROC_LEN : 0);
}

/**
 * srtp_policy_put() - add a policy to a message
 * @skb: the message
 * @policy: the policy
 *
 * What is 0 or off is left out, but for the lengths of tags and windows.
 *
 * Return: 0 or -EMSGSIZE
 */
int srtp_policy_put(struct sk_buff *skb, const struct srtp_policy *policy)
{
	if (nla_put_u16(skb, SRTP_A_STREAM_SUITE, policy->suite->id) ||
	    nla_put_u8(skb, SRTP_A_STREAM_SRTP_TAG_LEN, srtp_tag_len_asked(policy)) ||
	    nla_put_u8(skb, SRTP_A_STREAM_SRTCP_TAG_LEN, policy->srtcp_tag_len) ||
	    (policy->mki_len && nla_put_u8(skb, SRTP_A_STREAM_MKI_LEN, policy->mki_len)) ||
	    ((policy->features & F(KDR)) &&
	     nla_put_u32(skb, SRTP_A_STREAM_KDR, 1U << policy->kdr_shift)) ||
	    nla_put_u32(skb, SRTP_A_STREAM_WINDOW, policy->window) ||
	    nla_put_u32(skb, SRTP_A_STREAM_SRTCP_WINDOW, policy->srtcp_window))
		return -EMSGSIZE;
	return srtp_put_switches(skb, policy) ?: srtp_put_rcc(skb, policy) ?:
	       srtp_put_ext_ids(skb, policy);
}
