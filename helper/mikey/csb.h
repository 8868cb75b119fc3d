/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an exchange yields: a crypto session bundle with the master keys of
 * every crypto session. All modes end here.
 */
#ifndef MIKEY_CSB_H
#define MIKEY_CSB_H

#include "crypto.h"
#include "policy.h"

struct key_data;

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
 * enum mikey_change - what a message did to a crypto session
 * @MIKEY_CS_ADDED: it is new; so are all of a first message
 * @MIKEY_CS_REKEYED: it has other master keys; its ROC and its SRTCP index go on
 * @MIKEY_CS_REPOLICED: it has another policy (and other keys)
 * @MIKEY_CS_NAMED: its SSRC, which was open, is known now
 */
enum mikey_change {
	MIKEY_CS_ADDED = 1 << 0,
	MIKEY_CS_REKEYED = 1 << 1,
	MIKEY_CS_REPOLICED = 1 << 2,
	MIKEY_CS_NAMED = 1 << 3,
};

/**
 * struct mikey_session - one crypto session
 * @cs_id: its number
 * @from_initiator: the stream runs from initiator to responder (odd CS IDs)
 * @ssrc: 0 if neither side named one (a wildcard for the receiver)
 * @roc: rollover counter to start with
 * @has_seq: @seq holds
 * @seq: sequence number that goes with @roc (GENERIC-ID map only)
 * @changes: enum mikey_change bits: by the message that made this bundle
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
	unsigned int changes;
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
 * @data_type: of the initiator's first message
 * @prf: MIKEY PRF function
 * @map_type: enum mikey_map_type of the first message
 * @encr_alg: enum mikey_encr_alg of the first message
 * @mac_alg: enum mikey_mac_alg of the first message
 * @ts: T of the initiator's last message
 * @idi: initiator's identity; the octets belong to the bundle
 * @idr: responder's identity; the octets belong to the bundle
 * @rand: RAND of the first message; the octets belong to the bundle
 * @keys: TGKs or TEKs as they came, for sessions that are added later
 * @env_key: an envelope key that both sides cache (RFC 3830 3.2): updates are
 *	pre-shared key messages under it. In secure memory of the bundle; empty
 *	in other modes.
 * @n_sessions: crypto sessions
 * @sessions: in the order of the map
 *
 * A bundle does not change: what an update (update.h) yields is another one,
 * with all sessions and not only those that it touches.
 */
struct mikey_csb {
	uint32_t csb_id;
	bool initiator;
	uint32_t data_type;
	uint32_t prf;
	uint32_t map_type;
	uint32_t encr_alg;
	uint32_t mac_alg;
	struct mikey_ts ts;
	struct mikey_id idi;
	struct mikey_id idr;
	struct mikey_view rand;
	struct key_data *keys;
	struct mikey_view env_key;
	size_t n_sessions;
	struct mikey_session *sessions;
};

/**
 * mikey_csb_free - wipe and release
 * @csb: bundle or NULL
 */
void mikey_csb_free(struct mikey_csb *csb);

/**
 * mikey_csb_cache - keep the envelope key of a bundle for its updates
 * @csb: bundle without one
 * @env_key: copied
 * Return: false without memory.
 */
bool mikey_csb_cache(struct mikey_csb *csb, struct mikey_view env_key);

/**
 * struct mikey_csb_source - what a bundle is made from, in every mode
 * @crypto: algorithms
 * @msg: the initiator's message: HDR, map, SP, T
 * @ctx: PRF, CSB ID and RAND for the derivations
 * @keys: Key data sub-payloads, others are passed over
 * @accept: what is allowed
 * @idi: initiator's identity
 * @idr: responder's identity
 * @encr_alg: enum mikey_encr_alg that carried the keys
 * @mac_alg: enum mikey_mac_alg that protected the message
 * @transport_bits: strength of what carried the keys
 * @initiator: this side is the initiator
 * @update: the bundle that the message updates, NULL if it makes a new one
 */
struct mikey_csb_source {
	const struct mikey_crypto *crypto;
	const struct mikey_msg *msg;
	struct mikey_label_ctx ctx;
	const struct mikey_chain *keys;
	const struct mikey_accept *accept;
	struct mikey_id idi;
	struct mikey_id idr;
	uint32_t encr_alg;
	uint32_t mac_alg;
	unsigned int transport_bits;
	bool initiator;
	const struct mikey_csb *update;
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
