// SPDX-License-Identifier: GPL-2.0
/*
 * A bundle as octets: the bundle, its Key data, its sessions with their keys.
 *
 * What follows from something else is not there: the direction of a session from
 * its number, its suite from its policy. What is read is looked at as a message is.
 */
#include <openssl/crypto.h>
#include <string.h>

#include "clock.h"
#include "csbpriv.h"
#include "csbsave.h"
#include "keydata.h"
#include "mode.h"
#include "wire.h"

#define INDEX_MAX ((UINT64_C(1) << 48) - 1)
#define PRF_MAX 127
#define ID_MAX UINT16_MAX
#define RAND_MAX_LEN 255
#define ENV_KEY_MAX 32

#define CSB(member, width, most) RECORD_NUMBER(struct mikey_csb, member, width, most)
#define KEY(member, width, most) RECORD_NUMBER(struct mikey_payload, member, width, most)
#define SESSION(member, width, most) RECORD_NUMBER(struct mikey_session, member, width, most)
#define MASTER(member, width, most) RECORD_NUMBER(struct mikey_session_key, member, width, most)
#define POLICY(member, most) RECORD_NUMBER(struct mikey_session, policy.member, 4, most)

static const struct record_field csb_fields[] = {
	CSB(csb_id, 4, UINT32_MAX),
	CSB(initiator, 1, 1),
	CSB(data_type, 1, UINT8_MAX),
	CSB(prf, 1, PRF_MAX),
	CSB(map_type, 1, MIKEY_MAP_GENERIC),
	CSB(encr_alg, 1, MIKEY_ENCR_AES_CM_256),
	CSB(mac_alg, 1, MIKEY_MAC_HMAC_SHA256),
	CSB(ts.type, 1, MIKEY_TS_NTP_UTC_32),
	CSB(ts.value, 8, UINT64_MAX),
	CSB(idi.type, 1, UINT8_MAX),
	RECORD_OCTETS(struct mikey_csb, idi.data, ID_MAX),
	CSB(idr.type, 1, UINT8_MAX),
	RECORD_OCTETS(struct mikey_csb, idr.data, ID_MAX),
	RECORD_OCTETS(struct mikey_csb, rand, RAND_MAX_LEN),
	RECORD_OCTETS(struct mikey_csb, env_key, ENV_KEY_MAX),
	{ .kind = RECORD_END }
};

static const struct record_field key_fields[] = {
	KEY(key.key_type, 1, MIKEY_KEY_TEK_SALT),
	RECORD_OCTETS(struct mikey_payload, key.data, UINT16_MAX),
	RECORD_OCTETS(struct mikey_payload, key.salt, UINT16_MAX),
	KEY(key.kv.kv, 1, MIKEY_KV_INTERVAL),
	RECORD_OCTETS(struct mikey_payload, key.kv.spi, UINT8_MAX),
	RECORD_OCTETS(struct mikey_payload, key.kv.from, UINT8_MAX),
	RECORD_OCTETS(struct mikey_payload, key.kv.to, UINT8_MAX),
	{ .kind = RECORD_END }
};

static const struct record_field session_fields[] = {
	SESSION(cs_id, 1, UINT8_MAX),
	SESSION(ssrc, 4, UINT32_MAX),
	SESSION(roc, 4, UINT32_MAX),
	SESSION(has_seq, 1, 1),
	SESSION(seq, 2, UINT16_MAX),
	SESSION(policy_no, 1, UINT8_MAX),
	POLICY(encr_alg, UINT32_MAX),
	POLICY(key_len, sizeof(((struct mikey_session_key *)0)->key)),
	POLICY(salt_len, sizeof(((struct mikey_session_key *)0)->salt)),
	POLICY(prf, UINT32_MAX),
	POLICY(kdr, 1 << 24),
	POLICY(srtp_encr, 1),
	POLICY(srtcp_encr, 1),
	POLICY(fec, UINT32_MAX),
	POLICY(srtp_auth, 1),
	POLICY(prefix_len, UINT32_MAX),
	POLICY(roc_rate, UINT32_MAX),
	POLICY(srtp_auth_alg, UINT32_MAX),
	POLICY(srtcp_auth_alg, UINT32_MAX),
	POLICY(srtp_auth_key_len, UINT32_MAX),
	POLICY(srtcp_auth_key_len, UINT32_MAX),
	POLICY(srtp_tag_len, UINT32_MAX),
	POLICY(srtcp_tag_len, UINT32_MAX),
	POLICY(aead_tag_len, UINT32_MAX),
	{ .kind = RECORD_END }
};

static const struct record_field master_fields[] = {
	RECORD_INSIDE(struct mikey_session_key, mki, mki_len),
	MASTER(has_interval, 1, 1),
	MASTER(from, 6, INDEX_MAX),
	MASTER(to, 6, INDEX_MAX),
	RECORD_INSIDE(struct mikey_session_key, key, key_len),
	RECORD_INSIDE(struct mikey_session_key, salt, salt_len),
	{ .kind = RECORD_END }
};

static void save_session(struct record_writer *writer, const struct mikey_session *s)
{
	size_t i;

	record_write(writer, session_fields, s);
	record_put(writer, s->n_keys, 1);
	for (i = 0; i < s->n_keys; i++)
		record_write(writer, master_fields, &s->keys[i]);
}

void mikey_csb_save(struct record_writer *writer, const struct mikey_csb *csb)
{
	const struct mikey_chain *chain = &csb->keys->chain;
	size_t i;

	record_write(writer, csb_fields, csb);
	record_put(writer, chain->n, 1);
	for (i = 0; i < chain->n; i++)
		record_write(writer, key_fields, &chain->sub[i]);
	record_put(writer, csb->n_sessions, 1);
	for (i = 0; i < csb->n_sessions; i++)
		save_session(writer, &csb->sessions[i]);
}

static enum mikey_reason no_memory(struct mikey_error *err)
{
	return mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory for a bundle");
}

static enum mikey_reason check_csb(const struct mikey_csb *csb, size_t offset,
				   struct mikey_error *err)
{
	const struct mikey_mode *mode = mikey_mode_of(csb->data_type);

	if (!mode || mode->init_type != csb->data_type)
		return mikey_fail(err, MIKEY_UNSUP_MODE, offset,
				  "a bundle of messages of type %u", csb->data_type);
	if (!mikey_prf_known(csb->prf))
		return mikey_fail(err, MIKEY_UNSUP_PRF, offset, "a bundle with PRF %u", csb->prf);
	if (mikey_ts_octets(csb->ts.type) < 8 && csb->ts.value > UINT32_MAX)
		return mikey_fail(err, MIKEY_BAD_VALUE, offset, "a T that its type cannot have");
	return MIKEY_OK;
}

/* The bundle gets octets of its own in the place of those of the record. */
static bool take_octets(struct mikey_csb *csb)
{
	const struct mikey_csb from = *csb;

	csb->idi.data = csb->idr.data = csb->rand = csb->env_key =
		(struct mikey_view){ NULL, 0 };
	csb->keys = OPENSSL_zalloc(sizeof(*csb->keys));
	return csb->keys && csb_copy_view(&csb->idi.data, from.idi.data) &&
	       csb_copy_view(&csb->idr.data, from.idr.data) &&
	       csb_copy_view(&csb->rand, from.rand) &&
	       (!from.env_key.len || mikey_csb_cache(csb, from.env_key));
}

static enum mikey_reason load_keys(struct record_reader *reader, struct mikey_csb *csb,
				   struct mikey_error *err)
{
	struct mikey_chain chain = { 0 };
	struct key_set set;
	uint64_t n;
	enum mikey_reason reason = record_get(reader, "the number of keys", 1, MIKEY_SUB_MAX, &n,
					      err);

	while (!reason && chain.n < n) {
		chain.sub[chain.n].type = MIKEY_PL_KEY;
		reason = record_read(reader, key_fields, &chain.sub[chain.n++], err);
	}
	if (!reason && n)
		reason = csb_collect_keys(&chain, &set, err);
	if (!reason && !key_data_copy(&chain, csb->keys))
		reason = no_memory(err);
	return reason;
}

static enum mikey_reason check_master(const struct mikey_session *s,
				      const struct mikey_session_key *key, size_t offset,
				      struct mikey_error *err)
{
	if (key->key_len != s->policy.key_len || key->salt_len != s->policy.salt_len ||
	    key->mki_len != s->keys[0].mki_len || key->from > key->to)
		return mikey_fail(err, MIKEY_BAD_KEY, offset,
				  "a key that the policy of CS %u does not fit", s->cs_id);
	return MIKEY_OK;
}

static enum mikey_reason load_masters(struct record_reader *reader, struct mikey_session *s,
				      struct mikey_error *err)
{
	uint64_t n;
	enum mikey_reason reason = record_get(reader, "the number of master keys", 1,
					      MIKEY_SUB_MAX, &n, err);
	size_t i;

	if (!reason && !n)
		reason = mikey_fail(err, MIKEY_BAD_KEY, reader->pos, "CS %u has no key", s->cs_id);
	if (reason)
		return reason;
	s->keys = OPENSSL_secure_zalloc(n * sizeof(*s->keys));
	if (!s->keys)
		return no_memory(err);
	s->n_keys = n;
	for (i = 0; !reason && i < n; i++) {
		reason = record_read(reader, master_fields, &s->keys[i], err);
		if (!reason)
			reason = check_master(s, &s->keys[i], reader->pos, err);
	}
	return reason;
}

static enum mikey_reason load_session(struct record_reader *reader, struct mikey_csb *csb,
				      struct mikey_session *s, struct mikey_error *err)
{
	const struct mikey_session *other;
	enum mikey_reason reason = record_read(reader, session_fields, s, err);

	if (reason)
		return reason;
	for (other = csb->sessions; other < s; other++)
		if (other->cs_id == s->cs_id)
			return mikey_fail(err, MIKEY_DUPLICATE, reader->pos, "CS %u twice", s->cs_id);
	s->from_initiator = s->cs_id & 1;
	s->suite = mikey_suite_of(&s->policy);
	if (!s->suite)
		return mikey_fail(err, MIKEY_UNSUP_SUITE, reader->pos,
				  "CS %u has a policy that is no registered suite", s->cs_id);
	return load_masters(reader, s, err);
}

static enum mikey_reason load_sessions(struct record_reader *reader, struct mikey_csb *csb,
				       struct mikey_error *err)
{
	uint64_t n;
	enum mikey_reason reason = record_get(reader, "the number of sessions", 1, MIKEY_CS_MAX,
					      &n, err);

	if (!reason && !n)
		reason = mikey_fail(err, MIKEY_NO_SESSION, reader->pos, "a bundle without sessions");
	if (reason)
		return reason;
	csb->sessions = OPENSSL_zalloc(n * sizeof(*csb->sessions));
	if (!csb->sessions)
		return no_memory(err);
	while (!reason && csb->n_sessions < n) {
		csb->n_sessions++;
		reason = load_session(reader, csb, &csb->sessions[csb->n_sessions - 1], err);
	}
	return reason;
}

/* All views of @csb are its own once take_octets() has been called. */
static enum mikey_reason load_csb(struct record_reader *reader, struct mikey_csb *csb,
				  struct mikey_error *err)
{
	size_t offset = reader->pos;
	struct mikey_csb read = { 0 };
	enum mikey_reason reason = record_read(reader, csb_fields, &read, err);

	if (!reason)
		reason = check_csb(&read, offset, err);
	if (reason)
		return reason;
	*csb = read;
	if (!take_octets(csb))
		return no_memory(err);
	reason = load_keys(reader, csb, err);
	return reason ? reason : load_sessions(reader, csb, err);
}

enum mikey_reason mikey_csb_load(struct record_reader *reader, struct mikey_csb **csb,
				 struct mikey_error *err)
{
	enum mikey_reason reason;

	*csb = OPENSSL_zalloc(sizeof(**csb));
	reason = *csb ? load_csb(reader, *csb, err) : no_memory(err);
	if (reason) {
		mikey_csb_free(*csb);
		*csb = NULL;
	}
	return reason;
}
