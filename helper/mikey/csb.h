/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an exchange yields: a crypto session bundle with the master keys of
 * every crypto session. All modes end here.
 */
#ifndef MIKEY_CSB_H
#define MIKEY_CSB_H

#include "crypto.h"
#include "policy.h"

/**
 * struct mikey_id - an identity
 * @type: enum mikey_id_type
 * @data: its octets; empty for "none"
 */
struct mikey_id {
	uint32_t type;
	struct mikey_view data;
};

/**
 * mikey_id_equal - same type and same octets
 * @a: one
 * @b: the other
 */
bool mikey_id_equal(const struct mikey_id *a, const struct mikey_id *b);

/**
 * struct mikey_session_key - one master key of a crypto session
 * @mki: Master Key Identifier
 * @mki_len: its octets, 0 for none
 * @has_interval: @from and @to hold
 * @from: first 48-bit index
 * @to: last 48-bit index
 * @key: master key
 * @key_len: its octets
 * @salt: master salt
 * @salt_len: its octets
 */
struct mikey_session_key {
	uint8_t mki[255];
	uint8_t mki_len;
	bool has_interval;
	uint64_t from;
	uint64_t to;
	uint8_t key[32];
	uint8_t key_len;
	uint8_t salt[14];
	uint8_t salt_len;
};

/**
 * struct mikey_session - one crypto session
 * @cs_id: its number
 * @from_initiator: the stream runs from initiator to responder (odd CS IDs)
 * @ssrc: 0 if neither side named one (a wildcard for the receiver)
 * @roc: rollover counter to start with
 * @has_seq: @seq holds
 * @seq: sequence number that goes with @roc (GENERIC-ID map only)
 * @policy_no: number of its policy
 * @policy: the policy, resolved
 * @suite: its registered suite
 * @n_keys: at least 1
 * @keys: in the order of the message; the first is the one to send with
 */
struct mikey_session {
	uint8_t cs_id;
	bool from_initiator;
	uint32_t ssrc;
	uint32_t roc;
	bool has_seq;
	uint16_t seq;
	uint8_t policy_no;
	struct mikey_policy policy;
	const struct mikey_suite *suite;
	size_t n_keys;
	struct mikey_session_key *keys;
};

/**
 * struct mikey_csb - crypto session bundle
 * @csb_id: its ID
 * @initiator: this side is the initiator
 * @data_type: of the initiator's message
 * @prf: MIKEY PRF function
 * @ts: T of the initiator's message
 * @idi: initiator's identity; the octets belong to the bundle
 * @idr: responder's identity; the octets belong to the bundle
 * @n_sessions: crypto sessions
 * @sessions: in the order of the map
 */
struct mikey_csb {
	uint32_t csb_id;
	bool initiator;
	uint32_t data_type;
	uint32_t prf;
	struct mikey_ts ts;
	struct mikey_id idi;
	struct mikey_id idr;
	size_t n_sessions;
	struct mikey_session *sessions;
};

/**
 * mikey_csb_free - wipe and release
 * @csb: bundle or NULL
 */
void mikey_csb_free(struct mikey_csb *csb);

/**
 * struct mikey_csb_source - what a bundle is made from, in every mode
 * @crypto: algorithms
 * @msg: the initiator's message: HDR, map, SP, T
 * @ctx: PRF, CSB ID and RAND for the derivations
 * @keys: Key data sub-payloads, others are passed over
 * @accept: what is allowed
 * @idi: initiator's identity
 * @idr: responder's identity
 * @transport_bits: strength of what carried the keys
 * @initiator: this side is the initiator
 */
struct mikey_csb_source {
	const struct mikey_crypto *crypto;
	const struct mikey_msg *msg;
	struct mikey_label_ctx ctx;
	const struct mikey_chain *keys;
	const struct mikey_accept *accept;
	struct mikey_id idi;
	struct mikey_id idr;
	unsigned int transport_bits;
	bool initiator;
};

/**
 * mikey_csb_make - policies and keys of all crypto sessions
 * @src: what from
 * @csb: the new bundle
 * @err: why not
 */
enum mikey_reason mikey_csb_make(const struct mikey_csb_source *src, struct mikey_csb **csb,
				 struct mikey_error *err);

#endif
