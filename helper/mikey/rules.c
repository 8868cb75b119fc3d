// SPDX-License-Identifier: GPL-2.0
/*
 * Which payloads make a message: RFC 3830 3.1 to 3.3, 5.1.2; RFC 4650 3;
 * RFC 4738 3. Initial and updating messages share a row, so RAND and keys are
 * optional here where updates leave them out; the modes know which it is.
 */
#include "msg.h"
#include "wire.h"

#define B(name) (1u << MIKEY_PL_##name)

/* These may come more than once; all others may not */
#define REPEATABLE (B(SP) | B(CERT) | B(ERR) | B(EXT))

/**
 * enum role - whose an ID payload is
 */
enum role { NOBODY, IDI, IDR };

/**
 * struct rule - what a message of one type is made of
 * @must: payload types, as bits
 * @may: more payload types
 * @last: the type that closes the message; 0 if nothing has to
 * @closing: types that stand last if they are there
 * @max_ids: most ID payloads
 * @lone: whose a single ID is; ID payloads carry no role (RFC 3830 6.7)
 * @first: whose the first of two is
 * @max_dh: most DH payloads
 * @unique_sp: each policy number once (RFC 3830 6.10), else alternatives
 */
struct rule {
	uint32_t must;
	uint32_t may;
	uint32_t last;
	uint32_t closing;
	uint8_t max_ids;
	uint8_t lone;
	uint8_t first;
	uint8_t max_dh;
	bool unique_sp;
};

static const struct rule rules[] = {
	[MIKEY_PSK_INIT] = {
		B(T) | B(KEMAC), B(RAND) | B(ID) | B(SP) | B(EXT),
		MIKEY_PL_KEMAC, 0, 2, IDI, IDI, 0, true },
	[MIKEY_PSK_RESP] = {
		B(T) | B(V), B(ID) | B(EXT),
		MIKEY_PL_V, 0, 1, IDR, NOBODY, 0, true },
	[MIKEY_PK_INIT] = {
		B(T) | B(PKE) | B(SIGN),
		B(RAND) | B(ID) | B(CERT) | B(SP) | B(KEMAC) | B(CHASH) | B(EXT),
		MIKEY_PL_SIGN, 0, 2, IDI, IDI, 0, true },
	[MIKEY_PK_RESP] = {
		B(T) | B(V), B(ID) | B(EXT),
		MIKEY_PL_V, 0, 1, IDR, NOBODY, 0, true },
	[MIKEY_DH_INIT] = {
		B(T) | B(SIGN), B(RAND) | B(ID) | B(CERT) | B(SP) | B(DH) | B(EXT),
		MIKEY_PL_SIGN, 0, 2, IDI, IDI, 1, true },
	[MIKEY_DH_RESP] = {
		B(T) | B(ID) | B(SIGN), B(CERT) | B(DH) | B(EXT),
		MIKEY_PL_SIGN, 0, 2, IDI, IDR, 2, true },
	[MIKEY_ERROR] = {
		B(T), B(ERR) | B(SP) | B(V) | B(SIGN) | B(KEMAC) | B(EXT),
		0, B(V) | B(SIGN) | B(KEMAC), 0, NOBODY, NOBODY, 0, false },
	[MIKEY_DHHMAC_INIT] = {
		B(T) | B(ID) | B(KEMAC), B(RAND) | B(SP) | B(DH) | B(EXT),
		MIKEY_PL_KEMAC, 0, 2, IDR, IDI, 1, true },
	[MIKEY_DHHMAC_RESP] = {
		B(T) | B(ID) | B(KEMAC), B(DH) | B(EXT),
		MIKEY_PL_KEMAC, 0, 2, IDI, IDR, 2, true },
	[MIKEY_RSAR_INIT] = {
		B(T) | B(SIGN), B(RAND) | B(ID) | B(CERT) | B(SP) | B(EXT),
		MIKEY_PL_SIGN, 0, 2, IDI, IDI, 0, false },
	[MIKEY_RSAR_RESP] = {
		B(T) | B(KEMAC) | B(PKE) | B(SIGN), B(RAND) | B(ID) | B(CERT) | B(SP) | B(EXT),
		MIKEY_PL_SIGN, 0, 1, IDR, NOBODY, 0, true },
};

static const struct rule *rule_of(const struct mikey_msg *msg)
{
	uint32_t type = msg->hdr.data_type;

	return type < ARRAY_SIZE(rules) ? &rules[type] : NULL;
}

static unsigned int most(const struct rule *rule, uint32_t type)
{
	if (type == MIKEY_PL_ID)
		return rule->max_ids;
	if (type == MIKEY_PL_DH)
		return rule->max_dh;
	return 1u << type & REPEATABLE ? MIKEY_PAYLOAD_MAX : 1;
}

static enum mikey_reason check_place(const struct mikey_msg *msg, const struct rule *rule,
				     size_t i, struct mikey_error *err)
{
	const struct mikey_payload *p = &msg->payload[i];
	bool closes = p->type == rule->last || 1u << p->type & rule->closing;

	if (!closes || i + 1 == msg->n_payloads)
		return MIKEY_OK;
	return mikey_fail(err, MIKEY_BAD_ORDER, msg->payload[i + 1].offset,
			  "%s is the last payload of this message",
			  mikey_name(MIKEY_NS_PAYLOAD, p->type));
}

/* Every payload may be there, often enough, and in its place */
static enum mikey_reason check_payloads(const struct mikey_msg *msg, const struct rule *rule,
					struct mikey_error *err)
{
	unsigned int seen[32] = { 0 };
	enum mikey_reason reason = MIKEY_OK;
	size_t i;

	for (i = 0; !reason && i < msg->n_payloads; i++) {
		const struct mikey_payload *p = &msg->payload[i];
		const char *name = mikey_name(MIKEY_NS_PAYLOAD, p->type);

		if (p->type >= 32 || !(1u << p->type & (rule->must | rule->may)))
			return mikey_fail(err, MIKEY_UNEXPECTED, p->offset,
					  "%s has no place in a message of type %u",
					  name ? name : "payload", msg->hdr.data_type);
		if (++seen[p->type] > most(rule, p->type))
			return mikey_fail(err, MIKEY_DUPLICATE, p->offset,
					  "one %s payload too many", name);
		reason = check_place(msg, rule, i, err);
	}
	return reason;
}

static enum mikey_reason check_missing(const struct mikey_msg *msg, const struct rule *rule,
				       struct mikey_error *err)
{
	uint32_t type;

	for (type = 0; type < 32; type++)
		if (1u << type & rule->must && !mikey_find(msg, type, 0))
			return mikey_fail(err, MIKEY_MISSING, msg->raw.len, "no %s payload",
					  mikey_name(MIKEY_NS_PAYLOAD, type));
	return MIKEY_OK;
}

/* RFC 3830 6.10: policy_no is unique; RFC 4563 5: none with the empty map */
static enum mikey_reason check_sp(const struct mikey_msg *msg, const struct rule *rule,
				  struct mikey_error *err)
{
	bool seen[256] = { false };
	const struct mikey_payload *sp;
	size_t i;

	for (i = 0; (sp = mikey_find(msg, MIKEY_PL_SP, i)); i++) {
		if (msg->hdr.map_type == MIKEY_MAP_EMPTY)
			return mikey_fail(err, MIKEY_UNEXPECTED, sp->offset,
					  "SP in a message with the empty map");
		if (rule->unique_sp && seen[sp->sp.policy_no & 255])
			return mikey_fail(err, MIKEY_DUPLICATE, sp->offset,
					  "policy number %u occurs twice", sp->sp.policy_no);
		seen[sp->sp.policy_no & 255] = true;
	}
	return MIKEY_OK;
}

static enum mikey_reason check_map(const struct mikey_msg *msg, struct mikey_error *err)
{
	bool seen[256] = { false };
	uint32_t i;

	if (msg->hdr.map_type != MIKEY_MAP_GENERIC)
		return MIKEY_OK;
	for (i = 0; i < msg->hdr.n_cs; i++) {
		const struct mikey_cs *cs = &msg->hdr.cs[i];

		if (seen[cs->id & 255])
			return mikey_fail(err, MIKEY_DUPLICATE, cs->offset,
					  "CS ID %u occurs twice", cs->id);
		seen[cs->id & 255] = true;
	}
	return MIKEY_OK;
}

enum mikey_reason mikey_validate(const struct mikey_msg *msg, struct mikey_error *err)
{
	const struct rule *rule = rule_of(msg);
	enum mikey_reason reason;

	if (!rule)
		return mikey_fail(err, MIKEY_UNSUP_MSG, 1, "message type %u is not supported",
				  msg->hdr.data_type);
	reason = check_payloads(msg, rule, err);
	if (!reason)
		reason = check_missing(msg, rule, err);
	if (!reason)
		reason = check_sp(msg, rule, err);
	if (!reason)
		reason = check_map(msg, err);
	return reason;
}

void mikey_find_ids(const struct mikey_msg *msg, const struct mikey_payload **idi,
		    const struct mikey_payload **idr)
{
	const struct rule *rule = rule_of(msg);
	const struct mikey_payload *one = mikey_find(msg, MIKEY_PL_ID, 0);
	const struct mikey_payload *two = mikey_find(msg, MIKEY_PL_ID, 1);
	bool reversed = rule && (two ? rule->first : rule->lone) == IDR;

	*idi = reversed ? two : one;
	*idr = reversed ? one : two;
}
