// SPDX-License-Identifier: GPL-2.0
/*
 * What a daemon leaves to the next one, as octets.
 */
#include <stdlib.h>
#include <string.h>
#include "changeover.h"
#include "config.h"
#include "mikey/wire.h"
#include "saved.h"

static const uint8_t magic[8] = { 'K', 'S', 'R', 'T', 'P', 'C', 'S', 'B' };

#define VERSION_NUMBER 2
#define LENGTH_AT 12
#define GENERATION_AT 20
#define HEAD_LEN 28
/* Names of peers, calls and sessions are shorter. */
#define NAME_LEN_MAX 1024

/** enum saved_kind - what a record is */
enum saved_kind { SAVED_END, SAVED_BUNDLE, SAVED_CALL, SAVED_GROUP, SAVED_MEMBER };

static const struct record_field bundle_fields[] = {
	RECORD_OCTETS(struct saved_bundle, peer, NAME_LEN_MAX),
	RECORD_NUMBER(struct saved_bundle, session, 4, UINT32_MAX),
	RECORD_NUMBER(struct saved_bundle, cookie, 8, UINT64_MAX),
	RECORD_NUMBER(struct saved_bundle, owner, 4, UINT32_MAX),
	RECORD_NUMBER(struct saved_bundle, before, 4, UINT32_MAX),
	RECORD_NUMBER(struct saved_bundle, wait, 1, CHANGEOVER_GROUP + 1),
	{ .kind = RECORD_END }
};

static const struct record_field group_fields[] = {
	RECORD_OCTETS(struct saved_group, name, NAME_LEN_MAX),
	RECORD_OCTETS(struct saved_group, session_name, NAME_LEN_MAX),
	RECORD_NUMBER(struct saved_group, session, 4, UINT32_MAX),
	RECORD_NUMBER(struct saved_group, cookie, 8, UINT64_MAX),
	RECORD_NUMBER(struct saved_group, owner, 4, UINT32_MAX),
	RECORD_NUMBER(struct saved_group, timeout, 4, UINT32_MAX),
	RECORD_NUMBER(struct saved_group, unfinished, 1, 1),
	{ .kind = RECORD_END }
};

static const struct record_field member_fields[] = {
	RECORD_OCTETS(struct saved_member, group, NAME_LEN_MAX),
	RECORD_OCTETS(struct saved_member, peer, NAME_LEN_MAX),
	{ .kind = RECORD_END }
};

static const struct record_field call_fields[] = {
	RECORD_OCTETS(struct saved_call, name, NAME_LEN_MAX),
	RECORD_OCTETS(struct saved_call, session_name, NAME_LEN_MAX),
	RECORD_OCTETS(struct saved_call, peer, NAME_LEN_MAX),
	RECORD_NUMBER(struct saved_call, user, 4, UINT32_MAX),
	RECORD_NUMBER(struct saved_call, model, 1, MODEL_SERVER),
	RECORD_NUMBER(struct saved_call, timeout, 4, UINT32_MAX),
	RECORD_NUMBER(struct saved_call, n_media, 2, SAVED_MEDIA_MAX),
	{ .kind = RECORD_END }
};

static const struct record_field medium_fields[] = {
	RECORD_NUMBER(struct saved_medium, position, 1, UINT8_MAX),
	RECORD_NUMBER(struct saved_medium, line, 4, UINT32_MAX),
	RECORD_NUMBER(struct saved_medium, round, 4, UINT32_MAX),
	RECORD_NUMBER(struct saved_medium, session, 4, UINT32_MAX),
	RECORD_NUMBER(struct saved_medium, cookie, 8, UINT64_MAX),
	RECORD_NUMBER(struct saved_medium, wait, 1, CHANGEOVER_LATE + 1),
	{ .kind = RECORD_END }
};

void saved_begin(struct record_writer *writer, uint64_t generation)
{
	record_put(writer, get_be(magic, sizeof(magic)), sizeof(magic));
	record_put(writer, VERSION_NUMBER, 4);
	record_put(writer, 0, 8);
	record_put(writer, generation, 8);
}

uint64_t saved_generation(struct mikey_view octets)
{
	return octets.len < HEAD_LEN ? 0 : get_be(octets.data + GENERATION_AT, 8);
}

void saved_put_bundle(struct record_writer *writer, const struct saved_bundle *bundle,
		      const struct mikey_csb *csb)
{
	record_put(writer, SAVED_BUNDLE, 1);
	record_write(writer, bundle_fields, bundle);
	mikey_csb_save(writer, csb);
}

void saved_put_group(struct record_writer *writer, const struct saved_group *group,
		     const struct mikey_csb *csb)
{
	record_put(writer, SAVED_GROUP, 1);
	record_write(writer, group_fields, group);
	mikey_csb_save(writer, csb);
}

void saved_put_member(struct record_writer *writer, const struct saved_member *member,
		      const struct mikey_csb *csb)
{
	record_put(writer, SAVED_MEMBER, 1);
	record_write(writer, member_fields, member);
	mikey_csb_save(writer, csb);
}

void saved_put_call(struct record_writer *writer, const struct saved_call *call)
{
	size_t i;

	record_put(writer, SAVED_CALL, 1);
	record_write(writer, call_fields, call);
	for (i = 0; i < call->n_media; i++)
		record_write(writer, medium_fields, &call->media[i]);
}

bool saved_end(struct record_writer *writer, const struct mikey_crypto *crypto)
{
	struct mikey_view body = { writer->data, 0 };
	uint8_t hash[MIKEY_HASH_LEN] = { 0 };

	record_put(writer, SAVED_END, 1);
	body.len = writer->len;
	if (writer->data && writer->len + MIKEY_HASH_LEN <= writer->room) {
		put_be64(writer->data + LENGTH_AT, writer->len + MIKEY_HASH_LEN);
		if (mikey_hash(crypto, &body, 1, hash))
			return false;
		memcpy(writer->data + writer->len, hash, sizeof(hash));
	}
	writer->len += sizeof(hash);
	return !writer->data || writer->len <= writer->room;
}

static enum mikey_reason check_whole(const struct mikey_crypto *crypto, struct mikey_view octets,
				     struct mikey_error *err)
{
	struct mikey_view body = octets;
	uint8_t hash[MIKEY_HASH_LEN];

	if (octets.len < HEAD_LEN + MIKEY_HASH_LEN || memcmp(octets.data, magic, sizeof(magic)))
		return mikey_fail(err, MIKEY_BAD_STATE, 0, "this is no store of bundles");
	if (get_be(octets.data + 8, 4) != VERSION_NUMBER)
		return mikey_fail(err, MIKEY_BAD_VERSION, 8,
				  "the store of bundles has version %u, not %u",
				  (unsigned int)get_be(octets.data + 8, 4), VERSION_NUMBER);
	if (get_be(octets.data + LENGTH_AT, 8) != octets.len)
		return mikey_fail(err, MIKEY_BAD_STATE, LENGTH_AT,
				  "the store of bundles is cut off, or too long");
	body.len -= MIKEY_HASH_LEN;
	if (mikey_hash(crypto, &body, 1, hash) ||
	    memcmp(hash, octets.data + body.len, MIKEY_HASH_LEN))
		return mikey_fail(err, MIKEY_BAD_STATE, body.len,
				  "the store of bundles is damaged");
	return MIKEY_OK;
}

static enum mikey_reason read_bundle(struct record_reader *reader,
				     const struct saved_visitor *visitor,
				     struct mikey_error *err)
{
	struct saved_bundle bundle = { 0 };
	struct mikey_csb *csb = NULL;
	enum mikey_reason reason = record_read(reader, bundle_fields, &bundle, err);

	if (!reason)
		reason = mikey_csb_load(reader, &csb, err);
	if (!reason && visitor)
		visitor->bundle(visitor->arg, &bundle, &csb);
	mikey_csb_free(csb);
	return reason;
}

static enum mikey_reason read_group(struct record_reader *reader,
				    const struct saved_visitor *visitor,
				    struct mikey_error *err)
{
	struct saved_group group = { 0 };
	struct mikey_csb *csb = NULL;
	enum mikey_reason reason = record_read(reader, group_fields, &group, err);

	if (!reason)
		reason = mikey_csb_load(reader, &csb, err);
	if (!reason && visitor)
		visitor->group(visitor->arg, &group, &csb);
	mikey_csb_free(csb);
	return reason;
}

static enum mikey_reason read_member(struct record_reader *reader,
				     const struct saved_visitor *visitor,
				     struct mikey_error *err)
{
	struct saved_member member = { 0 };
	struct mikey_csb *csb = NULL;
	enum mikey_reason reason = record_read(reader, member_fields, &member, err);

	if (!reason)
		reason = mikey_csb_load(reader, &csb, err);
	if (!reason && visitor)
		visitor->member(visitor->arg, &member, &csb);
	mikey_csb_free(csb);
	return reason;
}

static enum mikey_reason fill_call(struct record_reader *reader, struct saved_call *call,
				   struct mikey_error *err)
{
	enum mikey_reason reason = record_read(reader, call_fields, call, err);
	size_t i;

	for (i = 0; !reason && i < call->n_media; i++)
		reason = record_read(reader, medium_fields, &call->media[i], err);
	return reason;
}

static enum mikey_reason read_call(struct record_reader *reader,
				   const struct saved_visitor *visitor, struct mikey_error *err)
{
	struct saved_call *call = calloc(1, sizeof(*call));
	enum mikey_reason reason;

	if (!call)
		return mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory for a call");
	reason = fill_call(reader, call, err);
	if (!reason && visitor)
		visitor->call(visitor->arg, call);
	free(call);
	return reason;
}

static enum mikey_reason walk(struct mikey_view octets, const struct saved_visitor *visitor,
			      struct mikey_error *err)
{
	struct record_reader reader = {
		.data = octets.data, .len = octets.len - MIKEY_HASH_LEN, .pos = HEAD_LEN,
	};
	static enum mikey_reason (*const read[])(struct record_reader *reader,
						 const struct saved_visitor *visitor,
						 struct mikey_error *err) = {
		[SAVED_BUNDLE] = read_bundle, [SAVED_CALL] = read_call,
		[SAVED_GROUP] = read_group, [SAVED_MEMBER] = read_member,
	};
	uint64_t kind = SAVED_END;
	enum mikey_reason reason;

	do {
		reason = record_get(&reader, "the kind of a record", 1, SAVED_MEMBER, &kind, err);
		if (!reason && kind != SAVED_END)
			reason = read[kind](&reader, visitor, err);
	} while (!reason && kind != SAVED_END);
	if (!reason && reader.pos != reader.len)
		reason = mikey_fail(err, MIKEY_TRAILING, reader.pos,
				    "octets behind the last record");
	return reason;
}

enum mikey_reason saved_read(const struct mikey_crypto *crypto, struct mikey_view octets,
			     const struct saved_visitor *visitor, struct mikey_error *err)
{
	enum mikey_reason reason = check_whole(crypto, octets, err);

	if (!reason)
		reason = walk(octets, NULL, err);
	return reason ? reason : walk(octets, visitor, err);
}
