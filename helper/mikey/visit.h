/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One walk over a message or bundle, for text and JSON alike.
 *
 * Names are those of tshark's mikey dissector where it has one: "encr_alg" of a
 * KEMAC is its field mikey.kemac.encr_alg.
 */
#ifndef MIKEY_VISIT_H
#define MIKEY_VISIT_H

#include "csb.h"

/**
 * enum mikey_value_kind - which members of struct mikey_value hold
 * @MIKEY_VALUE_NUMBER: @number, and @symbol if the number has a name
 * @MIKEY_VALUE_BOOL: @number is 0 or 1
 * @MIKEY_VALUE_OCTETS: @data, @len
 * @MIKEY_VALUE_TEXT: @data, @len: octets meant to be read, from the peer:
 *	print with care
 * @MIKEY_VALUE_NAME: @symbol
 */
enum mikey_value_kind {
	MIKEY_VALUE_NUMBER,
	MIKEY_VALUE_BOOL,
	MIKEY_VALUE_OCTETS,
	MIKEY_VALUE_TEXT,
	MIKEY_VALUE_NAME,
};

/**
 * struct mikey_value - one field
 * @kind: which members hold
 * @secret: key material; octets are given only to a visitor with @secrets,
 *	else @data is NULL and @len tells the length
 * @hex: the number is better read in hexadecimal
 * @number: value
 * @symbol: registered name or NULL
 * @data: octets
 * @len: how many
 * @offset: octet of the message, or MIKEY_NO_OFFSET
 */
struct mikey_value {
	enum mikey_value_kind kind;
	bool secret;
	bool hex;
	uint64_t number;
	const char *symbol;
	const uint8_t *data;
	size_t len;
	size_t offset;
};

/**
 * struct mikey_visitor - who is told
 * @object: an object begins; @name is NULL inside an array
 * @array: an array begins
 * @end: the innermost object or array ends
 * @field: a field of the innermost object; @name is NULL inside an array
 * @arg: for the callbacks
 * @secrets: show key material
 */
struct mikey_visitor {
	void (*object)(void *arg, const char *name);
	void (*array)(void *arg, const char *name);
	void (*end)(void *arg);
	void (*field)(void *arg, const char *name, const struct mikey_value *value);
	void *arg;
	bool secrets;
};

/**
 * mikey_visit_msg - walk a message
 * @msg: parsed message; also what mikey_parse() left of a faulty one
 * @clear: the decrypted Key data, or NULL
 * @visitor: who is told
 *
 * Fields "hdr" { ... } and "payloads" [ { "payload": name, ... } ... ].
 */
void mikey_visit_msg(const struct mikey_msg *msg, const struct mikey_chain *clear,
		     const struct mikey_visitor *visitor);

/**
 * mikey_visit_policy - walk a resolved policy
 * @policy: policy
 * @visitor: who is told; an object has been begun
 */
void mikey_visit_policy(const struct mikey_policy *policy, const struct mikey_visitor *visitor);

/**
 * mikey_visit_csb - walk a bundle: its identities, sessions, policies, keys
 * @csb: bundle
 * @visitor: who is told; an object has been begun
 */
void mikey_visit_csb(const struct mikey_csb *csb, const struct mikey_visitor *visitor);

#endif
