/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The contents of a KEMAC in clear: made from an offer, or decrypted. Internal.
 */
#ifndef MIKEY_KEYDATA_H
#define MIKEY_KEYDATA_H

#include "offer.h"

/**
 * struct key_data - sub-payloads and the octets that they view
 * @chain: sub-payloads
 * @octets: secret
 * @size: octets allocated
 * @len: of the clear text
 */
struct key_data {
	struct mikey_chain chain;
	uint8_t *octets;
	size_t size;
	size_t len;
};

/**
 * key_data_make - the keys of an offer, missing ones from the random source
 * @env: random source
 * @offer: keys wanted
 * @encr: enum mikey_encr_alg, for the length of a key that nobody chose
 * @data: filled; clear with key_data_clear()
 * @err: why not
 */
enum mikey_reason key_data_make(const struct mikey_env *env, const struct mikey_offer *offer,
				uint32_t encr, struct key_data *data, struct mikey_error *err);

/**
 * key_data_seal - sub-payloads to encrypted data
 * @crypto: algorithms
 * @keys: keys of the exchange
 * @csb_id: for the IV
 * @ts: for the IV
 * @data: sub-payloads; none give no octets
 * @out: encrypted octets, to be freed with OPENSSL_free()
 * @err: why not
 */
enum mikey_reason key_data_seal(const struct mikey_crypto *crypto,
				const struct mikey_msg_keys *keys, uint32_t csb_id,
				const struct mikey_ts *ts, const struct key_data *data,
				struct mikey_view *out, struct mikey_error *err);

/**
 * key_data_open - encrypted data to sub-payloads
 * @crypto: algorithms
 * @keys: keys of the exchange
 * @csb_id: for the IV
 * @ts: for the IV
 * @kemac: KEMAC payload
 * @first: type of the first sub-payload
 * @data: filled; clear with key_data_clear()
 * @err: why not
 */
enum mikey_reason key_data_open(const struct mikey_crypto *crypto,
				const struct mikey_msg_keys *keys, uint32_t csb_id,
				const struct mikey_ts *ts, const struct mikey_payload *kemac,
				uint32_t first, struct key_data *data, struct mikey_error *err);

/**
 * key_data_copy - the Key data among sub-payloads, with octets of their own
 * @from: sub-payloads
 * @to: filled; clear with key_data_clear()
 * Return: false without memory.
 */
bool key_data_copy(const struct mikey_chain *from, struct key_data *to);

/**
 * key_data_clear - wipe and release
 * @data: key data
 */
void key_data_clear(struct key_data *data);

#endif
