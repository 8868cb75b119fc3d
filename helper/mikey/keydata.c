// SPDX-License-Identifier: GPL-2.0
/*
 * Key data sub-payloads: RFC 3830 6.2, 6.13.
 */
#include <openssl/crypto.h>
#include <string.h>

#include "keydata.h"

#define DEFAULT_KEY_LEN 16
#define DEFAULT_SALT_LEN 14
/* Next payload, type and KV, length of the key: what a TGK sub-payload adds */
#define KEY_HEAD 4
#define KW_BLOCK 8

void key_data_clear(struct key_data *data)
{
	OPENSSL_secure_clear_free(data->octets, data->size);
	memset(data, 0, sizeof(*data));
}

static bool allocate(struct key_data *data, size_t size)
{
	data->octets = OPENSSL_secure_zalloc(size ? size : 1);
	data->size = size ? size : 1;
	return data->octets;
}

static bool has_salt(const struct mikey_key_offer *key)
{
	return key->type == MIKEY_KEY_TGK_SALT || key->type == MIKEY_KEY_TEK_SALT;
}

/*
 * As long as the longest master key, and, if AES key wrap is to carry it, a
 * bit longer so that the sub-payload fills its blocks (RFC 3394 2).
 */
static size_t usual_key_len(const struct mikey_offer *offer, uint32_t encr)
{
	size_t i, len = DEFAULT_KEY_LEN;

	for (i = 0; i < offer->n_policies; i++)
		if (offer->policies[i].key_len > len)
			len = offer->policies[i].key_len;
	while (encr == MIKEY_ENCR_AES_KW_128 && (KEY_HEAD + len) % KW_BLOCK)
		len++;
	return len;
}

static size_t key_len(const struct mikey_key_offer *key, size_t usual)
{
	if (key->key.len)
		return key->key.len;
	return key->key_len ? key->key_len : usual;
}

static size_t salt_len(const struct mikey_key_offer *key)
{
	if (!has_salt(key))
		return 0;
	if (key->salt.len)
		return key->salt.len;
	return key->salt_len ? key->salt_len : DEFAULT_SALT_LEN;
}

/* Octets that were given, or random ones */
static bool fill(const struct mikey_env *env, struct mikey_view given, uint8_t *out, size_t len)
{
	if (!given.len)
		return !len || !env->random(env->arg, out, len);
	memcpy(out, given.data, len);
	return true;
}

static bool fill_key(const struct mikey_env *env, const struct mikey_key_offer *key, size_t usual,
		     uint8_t *out, struct mikey_payload *sub)
{
	size_t k = key_len(key, usual), s = salt_len(key);

	*sub = (struct mikey_payload){ .type = MIKEY_PL_KEY };
	sub->key.key_type = key->type;
	sub->key.kv = key->kv;
	sub->key.data = (struct mikey_view){ out, k };
	sub->key.salt = (struct mikey_view){ s ? out + k : NULL, s };
	return fill(env, key->key, out, k) && fill(env, key->salt, out + k, s);
}

enum mikey_reason key_data_make(const struct mikey_env *env, const struct mikey_offer *offer,
				uint32_t encr, struct key_data *data, struct mikey_error *err)
{
	static const struct mikey_key_offer one_tgk = { .type = MIKEY_KEY_TGK };
	const struct mikey_key_offer *keys = offer->n_keys ? offer->keys : &one_tgk;
	size_t i, n = offer->n_keys ? offer->n_keys : offer->update ? 0 : 1;
	size_t usual = usual_key_len(offer, encr), total = 0, pos = 0;

	memset(data, 0, sizeof(*data));
	if (offer->member)
		return key_data_copy(&offer->member->keys->chain, data) ? MIKEY_OK :
			mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory for keys");
	if (n > MIKEY_SUB_MAX)
		return mikey_fail(err, MIKEY_TOO_MANY, MIKEY_NO_OFFSET, "more than %d keys",
				  MIKEY_SUB_MAX);
	for (i = 0; i < n; i++)
		total += key_len(&keys[i], usual) + salt_len(&keys[i]);
	if (!allocate(data, total))
		return mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory for keys");
	for (i = 0; i < n; i++) {
		if (!fill_key(env, &keys[i], usual, data->octets + pos, &data->chain.sub[i]))
			return mikey_fail(err, MIKEY_NO_RANDOM, MIKEY_NO_OFFSET,
					  "no random octets for a key");
		pos += key_len(&keys[i], usual) + salt_len(&keys[i]);
	}
	data->chain.n = n;
	return MIKEY_OK;
}

static void move_view(struct mikey_view *view, uint8_t **out)
{
	if (!view->len)
		return;
	memcpy(*out, view->data, view->len);
	view->data = *out;
	*out += view->len;
}

static size_t octets_of(const struct mikey_payload *key)
{
	const struct mikey_kv_data *kv = &key->key.kv;

	return key->key.data.len + key->key.salt.len + kv->spi.len + kv->from.len + kv->to.len;
}

bool key_data_copy(const struct mikey_chain *from, struct key_data *to)
{
	size_t i, total = 0;
	uint8_t *out;

	memset(to, 0, sizeof(*to));
	for (i = 0; i < from->n; i++) {
		if (from->sub[i].type != MIKEY_PL_KEY)
			continue;
		to->chain.sub[to->chain.n++] = from->sub[i];
		total += octets_of(&from->sub[i]);
	}
	if (!allocate(to, total))
		return false;
	out = to->octets;
	for (i = 0; i < to->chain.n; i++) {
		move_view(&to->chain.sub[i].key.data, &out);
		move_view(&to->chain.sub[i].key.salt, &out);
		move_view(&to->chain.sub[i].key.kv.spi, &out);
		move_view(&to->chain.sub[i].key.kv.from, &out);
		move_view(&to->chain.sub[i].key.kv.to, &out);
	}
	return true;
}

/* Room for the sub-payloads: RFC 3830 6.13 with every optional field */
static size_t chain_room(const struct mikey_chain *chain)
{
	size_t i, room = 0;

	for (i = 0; i < chain->n; i++)
		room += KEY_HEAD + 2 + 3 * (1 + 255) + chain->sub[i].key.data.len +
			chain->sub[i].key.salt.len;
	return room;
}

static enum mikey_reason seal(const struct mikey_crypto *crypto,
			      const struct mikey_msg_keys *keys, uint32_t csb_id,
			      const struct mikey_ts *ts, struct mikey_view clear,
			      struct mikey_view *out, struct mikey_error *err)
{
	size_t len = mikey_kemac_len(keys->encr_alg, clear.len);
	uint8_t *sealed;
	enum mikey_reason reason;

	if (!len)
		return mikey_fail(err, MIKEY_BAD_KEY_DATA, MIKEY_NO_OFFSET,
				  "%s cannot carry key data of %zu octets (RFC 3394 2)",
				  mikey_name(MIKEY_NS_ENCR, keys->encr_alg), clear.len);
	sealed = OPENSSL_malloc(len);
	if (!sealed)
		return mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory");
	*out = (struct mikey_view){ sealed, len };
	reason = mikey_kemac_encrypt(crypto, keys, csb_id, ts, clear, sealed);
	if (reason)
		mikey_fail(err, reason, MIKEY_NO_OFFSET, "the keys cannot be encrypted");
	return reason;
}

enum mikey_reason key_data_seal(const struct mikey_crypto *crypto,
				const struct mikey_msg_keys *keys, uint32_t csb_id,
				const struct mikey_ts *ts, const struct key_data *data,
				struct mikey_view *out, struct mikey_error *err)
{
	size_t room = chain_room(&data->chain), len = 0;
	enum mikey_reason reason;
	uint8_t *clear;

	*out = (struct mikey_view){ NULL, 0 };
	if (!room)
		return MIKEY_OK;
	clear = OPENSSL_secure_malloc(room);
	if (!clear)
		return mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory for keys");
	reason = mikey_build_chain(&data->chain, clear, room, &len, err);
	if (!reason)
		reason = seal(crypto, keys, csb_id, ts, (struct mikey_view){ clear, len }, out,
			      err);
	OPENSSL_secure_clear_free(clear, room);
	return reason;
}

enum mikey_reason key_data_open(const struct mikey_crypto *crypto,
				const struct mikey_msg_keys *keys, uint32_t csb_id,
				const struct mikey_ts *ts, const struct mikey_payload *kemac,
				uint32_t first, struct key_data *data, struct mikey_error *err)
{
	struct mikey_view in = kemac->kemac.encr_data;
	size_t base = kemac->offset + 4;
	enum mikey_reason reason;

	memset(data, 0, sizeof(*data));
	if (!in.len)
		return MIKEY_OK;
	if (!allocate(data, in.len))
		return mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory for keys");
	reason = mikey_kemac_decrypt(crypto, keys, csb_id, ts, in, data->octets, &data->len);
	if (reason)
		return mikey_fail(err, reason, base, "key data of %zu octets cannot be decrypted",
				  in.len);
	return mikey_parse_chain(&data->chain, (struct mikey_view){ data->octets, data->len },
				 first, base, err);
}
