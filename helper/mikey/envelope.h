/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Envelopes: a key encrypted with RSA (PKE), and the KEMAC under it. RFC 3830
 * 3.2, 4.2.5, 6.2, 6.3; RFC 4738 3.6. Internal.
 */
#ifndef MIKEY_ENVELOPE_H
#define MIKEY_ENVELOPE_H

#include "certpriv.h"
#include "creds.h"
#include "draft.h"
#include "keydata.h"

/** ENVELOPE_KEY_MAX - most octets of an envelope key: one block of the PRF */
#define ENVELOPE_KEY_MAX 32

/**
 * struct envelope - what an envelope holds, in secure memory
 * @key: the envelope key
 * @key_len: its octets
 * @keys: what is derived from it
 */
struct envelope {
	uint8_t key[ENVELOPE_KEY_MAX];
	size_t key_len;
	struct mikey_msg_keys keys;
};

/** envelope_new - an empty one in secure memory, NULL without memory */
struct envelope *envelope_new(void);

/** envelope_free - wipe and release; NULL is allowed */
void envelope_free(struct envelope *env);

/**
 * kemac_mac - MAC of a KEMAC in an envelope: RFC 3830 3.2
 * @crypto: algorithms
 * @keys: keys
 * @msg: octets of the message
 * @kemac: its KEMAC, parsed from there
 * @out: MIKEY_MAC_MAX octets, or as many as the MAC has
 *
 * It covers the KEMAC alone, as if nothing followed it.
 */
enum mikey_reason kemac_mac(const struct mikey_crypto *crypto, const struct mikey_msg_keys *keys,
			    const uint8_t *msg, const struct mikey_payload *kemac, uint8_t *out);

/**
 * envelope_make - a new envelope key, and the keys derived from it
 * @env: random source
 * @ctx: PRF, CSB ID, RAND
 * @encr_alg: enum mikey_encr_alg
 * @mac_alg: enum mikey_mac_alg of the KEMAC; V has one even if that is NULL
 * @envelope: filled
 * @err: why not
 */
enum mikey_reason envelope_make(const struct mikey_env *env, const struct mikey_label_ctx *ctx,
				uint32_t encr_alg, uint32_t mac_alg, struct envelope *envelope,
				struct mikey_error *err);

/**
 * envelope_seal - PKE payload
 * @env: algorithms
 * @to: public key that cert_key_check() passed
 * @creds: padding and C
 * @envelope: what to seal
 * @room: MIKEY_RSA_MAX / 8 octets
 * @pke: filled, views @room
 * @err: why not
 */
enum mikey_reason envelope_seal(const struct mikey_env *env, EVP_PKEY *to,
				const struct mikey_creds *creds, const struct envelope *envelope,
				uint8_t *room, struct mikey_payload *pke, struct mikey_error *err);

/**
 * envelope_open - the keys of a message that has PKE and KEMAC
 * @env: algorithms, and random octets for an envelope that cannot be opened
 * @ctx: PRF, CSB ID, RAND
 * @creds: own key, padding
 * @msg: message
 * @envelope: filled
 * @err: why not: MIKEY_AUTH_FAILED if the MAC of the KEMAC is wrong, which is
 *	also what comes of an envelope that cannot be opened, with the same
 *	work
 */
enum mikey_reason envelope_open(const struct mikey_env *env, const struct mikey_label_ctx *ctx,
				const struct mikey_creds *creds, const struct mikey_msg *msg,
				struct envelope *envelope, struct mikey_error *err);

/**
 * envelope_key_data - Key data with an identity in front
 * @id: whose; the octets are not copied
 * @data: keys
 * @err: why not
 */
enum mikey_reason envelope_key_data(const struct mikey_id *id, struct key_data *data,
				    struct mikey_error *err);

/**
 * envelope_take - decrypt the KEMAC and look whose keys they are
 * @crypto: algorithms
 * @envelope: keys
 * @csb_id: for the IV
 * @ts: for the IV
 * @msg: message
 * @id: who must stand in front
 * @data: filled in any case; clear with key_data_clear()
 * @err: why not
 */
enum mikey_reason envelope_take(const struct mikey_crypto *crypto, const struct envelope *envelope,
				uint32_t csb_id, const struct mikey_ts *ts,
				const struct mikey_msg *msg, const struct mikey_id *id,
				struct key_data *data, struct mikey_error *err);

#endif
