// SPDX-License-Identifier: GPL-2.0
/*
 * Reads and writes payloads by their layouts. Total: every octet string is
 * either parsed or refused with a reason and an offset. Bounded: each payload
 * consumes octets, and everything has a fixed maximum.
 */
#include <string.h>

#include "layout.h"
#include "wire.h"

/**
 * struct reader - position in octets that are being read
 * @data: the octets
 * @end: their number, in bits
 * @pos: next bit
 * @base: what to add for offsets in errors
 * @next: Next payload octet that was read last
 * @alt: struct layout_field's @alt_len counts
 * @err: where failures go
 */
struct reader {
	const uint8_t *data;
	size_t end;
	size_t pos;
	size_t base;
	uint32_t next;
	bool alt;
	struct mikey_error *err;
};

static bool is_dhhmac(const struct mikey_hdr *hdr)
{
	return hdr->data_type == MIKEY_DHHMAC_INIT || hdr->data_type == MIKEY_DHHMAC_RESP;
}

static size_t reader_offset(const struct reader *r)
{
	return r->base + r->pos / 8;
}

static enum mikey_reason need(struct reader *r, const struct layout *layout,
			      const struct layout_field *field, size_t bits)
{
	if (bits <= r->end - r->pos)
		return MIKEY_OK;
	return mikey_fail(r->err, MIKEY_TRUNCATED, reader_offset(r),
			  "%s: %s takes %zu octets, %zu are left", layout->tag,
			  field->name ? field->name : "next payload", (bits + 7) / 8,
			  (r->end - r->pos) / 8);
}

static uint32_t read_bits(struct reader *r, unsigned int bits)
{
	uint32_t value = 0;

	if ((r->pos | bits) % 8 == 0) {
		value = (uint32_t)get_be(r->data + r->pos / 8, bits / 8);
		r->pos += bits;
		return value;
	}
	for (; bits; bits--, r->pos++)
		value = value << 1 | (r->data[r->pos / 8] >> (7 - r->pos % 8) & 1);
	return value;
}

static enum mikey_reason read_uint(struct reader *r, const struct layout *layout,
				   const struct layout_field *field, uint32_t *value)
{
	size_t offset = reader_offset(r);
	enum mikey_reason reason = need(r, layout, field, field->bits);

	if (reason)
		return reason;
	*value = read_bits(r, field->bits);
	if (!field->limit || *value <= field->limit)
		return MIKEY_OK;
	return mikey_fail(r->err, field->reason, offset, "%s: %s %u is not supported",
			  layout->tag, field->name, *value);
}

static enum mikey_reason sized_len(const struct layout *layout, const struct layout_field *field,
				   const void *object, size_t offset, size_t *len,
				   struct mikey_error *err)
{
	uint32_t by = layout_u32(object, field->by);

	if (by >= field->sizes->n)
		return mikey_fail(err, field->sizes->reason, offset,
				  "%s: %s %u is not supported", layout->tag, field->sizes->what,
				  by);
	*len = field->sizes->len[by];
	return MIKEY_OK;
}

static enum mikey_reason read_view(struct reader *r, const struct layout *layout,
				   const struct layout_field *field, void *object)
{
	struct mikey_view *view = (void *)((uint8_t *)object + field->at);
	enum mikey_reason reason;
	size_t len = 0;

	if (field->kind == LAYOUT_SIZED) {
		reason = sized_len(layout, field, object, reader_offset(r), &len, r->err);
		if (!reason && !len && r->alt && r->end - r->pos == field->alt_len * 8u)
			len = field->alt_len;
	} else {
		reason = need(r, layout, field, field->bits);
		if (!reason)
			len = read_bits(r, field->bits);
	}
	if (!reason)
		reason = need(r, layout, field, len * 8);
	if (reason)
		return reason;
	*view = (struct mikey_view){ r->data + r->pos / 8, len };
	r->pos += len * 8;
	return MIKEY_OK;
}

static enum mikey_reason read_field(struct reader *r, const struct layout *layout,
				    const struct layout_field *field, void *object)
{
	size_t offset = reader_offset(r);
	enum mikey_reason reason;

	if (!layout_holds(object, &field->when))
		return MIKEY_OK;
	switch (field->kind) {
	case LAYOUT_NEXT:
		reason = need(r, layout, field, 8);
		if (!reason)
			r->next = read_bits(r, 8);
		break;
	case LAYOUT_UINT:
		reason = read_uint(r, layout, field, (void *)((uint8_t *)object + field->at));
		break;
	default:
		reason = read_view(r, layout, field, object);
		offset = reader_offset(r) - layout_view(object, field->at)->len;
	}
	if (!reason && field->check)
		reason = field->check(object, offset, r->err);
	return reason;
}

static enum mikey_reason read_fields(struct reader *r, const struct layout *layout, void *object)
{
	const struct layout_field *field;
	enum mikey_reason reason = MIKEY_OK;

	for (field = layout->fields; !reason && field->kind != LAYOUT_END; field++)
		reason = read_field(r, layout, field, object);
	return reason;
}

/*
 * Can a payload of this type stand here? Types of other RFCs have no common
 * length field, so they cannot be skipped (RFC 3830 6.15 has that for GenExt).
 */
static const struct layout *payload_here(uint32_t type, enum layout_place place, size_t offset,
					 enum mikey_reason *reason, struct mikey_error *err)
{
	const struct layout *layout = layout_payload(type);
	const char *name = mikey_name(MIKEY_NS_PAYLOAD, type);

	*reason = MIKEY_OK;
	if (!layout)
		*reason = mikey_fail(err, MIKEY_UNSUP_PAYLOAD, offset,
				     "payload type %u%s%s is not supported", type,
				     name ? ", " : "", name ? name : "");
	else if (!(layout->places & place))
		*reason = mikey_fail(err, MIKEY_UNEXPECTED, offset, "%s payload %s a KEMAC", name,
				     place == IN_KEMAC ? "inside" : "outside");
	return *reason ? NULL : layout;
}

/* One payload after the other, as the Next payload octets say */
static enum mikey_reason read_chain(struct reader *r, enum layout_place place,
				    struct mikey_payload *payloads, size_t max, size_t *n)
{
	enum mikey_reason reason;

	for (*n = 0; r->next != MIKEY_PL_LAST; ++*n) {
		struct mikey_payload *payload = &payloads[*n];
		size_t start = reader_offset(r);
		const struct layout *layout;

		if (*n == max)
			return mikey_fail(r->err, MIKEY_TOO_MANY, start,
					  "more than %zu payloads", max);
		layout = payload_here(r->next, place, start, &reason, r->err);
		if (!layout)
			return reason;
		memset(payload, 0, sizeof(*payload));
		payload->type = r->next;
		payload->offset = start;
		r->next = MIKEY_PL_LAST;
		reason = read_fields(r, layout, payload);
		if (reason)
			return reason;
		payload->len = reader_offset(r) - start;
	}
	if (r->pos == r->end)
		return MIKEY_OK;
	return mikey_fail(r->err, MIKEY_TRAILING, reader_offset(r),
			  "%zu octets follow the last payload", (r->end - r->pos) / 8);
}

static enum mikey_reason read_map(struct reader *r, struct mikey_hdr *hdr)
{
	const struct layout *layout = layout_map(hdr->map_type);
	enum mikey_reason reason = MIKEY_OK;
	uint32_t i;

	if (hdr->map_type == MIKEY_MAP_EMPTY)
		return MIKEY_OK;
	for (i = 0; !reason && i < hdr->n_cs; i++) {
		struct mikey_cs *cs = &hdr->cs[i];

		memset(cs, 0, sizeof(*cs));
		cs->offset = reader_offset(r);
		cs->id = i + 1;
		reason = read_fields(r, layout, cs);
	}
	if (reason)
		hdr->n_cs = i - 1;
	return reason;
}

/* RFC 3830 6.1: the first octet decides whether the others mean anything */
static enum mikey_reason check_version(const uint8_t *data, size_t len, struct mikey_error *err)
{
	if (len > MIKEY_MSG_MAX)
		return mikey_fail(err, MIKEY_TOO_LONG, MIKEY_MSG_MAX,
				  "a message has at most %d octets", MIKEY_MSG_MAX);
	if (!len)
		return mikey_fail(err, MIKEY_TRUNCATED, 0, "the message is empty");
	if (data[0] != MIKEY_VERSION)
		return mikey_fail(err, MIKEY_BAD_VERSION, 0, "version %u, not 1", data[0]);
	return MIKEY_OK;
}

/*
 * Messages of RFC 6043, 6267 and 6509 start with HDR and T as well; T is kept
 * so that an Error message can be made.
 */
static enum mikey_reason read_unsupported(struct reader *r, struct mikey_msg *msg)
{
	const char *name = mikey_name(MIKEY_NS_DATA_TYPE, msg->hdr.data_type);
	struct mikey_error *err = r->err;

	r->err = NULL;
	if (r->next == MIKEY_PL_T)
		read_chain(r, IN_MESSAGE, msg->payload, 1, &msg->n_payloads);
	return mikey_fail(err, MIKEY_UNSUP_MSG, 1, "message type %u%s%s is not supported",
			  msg->hdr.data_type, name ? ", " : "", name ? name : "");
}

enum mikey_reason mikey_parse(struct mikey_msg *msg, const void *buf, size_t len,
			      struct mikey_error *err)
{
	struct reader r = { .data = buf, .end = len * 8, .err = err };
	enum mikey_reason reason;

	msg->raw = (struct mikey_view){ buf, len };
	msg->n_payloads = 0;
	memset(&msg->hdr, 0, offsetof(struct mikey_hdr, cs));
	reason = check_version(buf, len, err);
	if (!reason)
		reason = read_fields(&r, &layout_hdr, &msg->hdr);
	if (reason) {
		msg->hdr.n_cs = 0;
		return reason;
	}
	r.alt = is_dhhmac(&msg->hdr);
	reason = read_map(&r, &msg->hdr);
	if (reason)
		return reason;
	if (msg->hdr.data_type > MIKEY_RSAR_RESP)
		return read_unsupported(&r, msg);
	return read_chain(&r, IN_MESSAGE, msg->payload, MIKEY_PAYLOAD_MAX, &msg->n_payloads);
}

enum mikey_reason mikey_parse_chain(struct mikey_chain *chain, struct mikey_view data,
				    uint32_t first, size_t base, struct mikey_error *err)
{
	struct reader r = {
		.data = data.data, .end = data.len * 8, .base = base, .next = first, .err = err,
	};

	return read_chain(&r, IN_KEMAC, chain->sub, MIKEY_SUB_MAX, &chain->n);
}

/**
 * struct writer - octets that are being written
 * @data: where to
 * @end: room, in bits
 * @pos: next bit
 * @next: value for the Next payload octet
 * @alt: as in struct reader
 * @err: where failures go
 */
struct writer {
	uint8_t *data;
	size_t end;
	size_t pos;
	uint32_t next;
	bool alt;
	struct mikey_error *err;
};

static enum mikey_reason write_bits(struct writer *w, uint32_t value, unsigned int bits,
				    const struct layout *layout, const char *name)
{
	if (bits > w->end - w->pos)
		return mikey_fail(w->err, MIKEY_TOO_LONG, w->pos / 8, "no room for %s %s",
				  layout->tag, name);
	if (bits < 32 && value >> bits)
		return mikey_fail(w->err, MIKEY_BAD_VALUE, w->pos / 8,
				  "%s: %s %u does not fit %u bits", layout->tag, name, value,
				  bits);
	if ((w->pos | bits) % 8 == 0) {
		put_be(w->data + w->pos / 8, value, bits / 8);
		w->pos += bits;
		return MIKEY_OK;
	}
	while (bits--) {
		if (w->pos % 8 == 0)
			w->data[w->pos / 8] = 0;
		w->data[w->pos / 8] |= (value >> bits & 1) << (7 - w->pos % 8);
		w->pos++;
	}
	return MIKEY_OK;
}

static enum mikey_reason write_view(struct writer *w, const struct layout *layout,
				    const struct layout_field *field, const void *object)
{
	const struct mikey_view *view = layout_view(object, field->at);
	enum mikey_reason reason;
	size_t len = 0;

	if (field->kind == LAYOUT_SIZED) {
		reason = sized_len(layout, field, object, w->pos / 8, &len, w->err);
		if (!reason && len != view->len && (len || !w->alt || view->len != field->alt_len))
			reason = mikey_fail(w->err, MIKEY_BAD_LENGTH, w->pos / 8,
					    "%s: %s has %zu octets, not %zu", layout->tag,
					    field->name, len, view->len);
	} else if (view->len > UINT16_MAX) {
		reason = mikey_fail(w->err, MIKEY_TOO_LONG, w->pos / 8, "%s: %s is too long",
				    layout->tag, field->name);
	} else {
		reason = write_bits(w, (uint32_t)view->len, field->bits, layout, field->name);
	}
	if (reason)
		return reason;
	if (view->len * 8 > w->end - w->pos)
		return mikey_fail(w->err, MIKEY_TOO_LONG, w->pos / 8, "no room for %s %s",
				  layout->tag, field->name);
	if (view->len)
		memcpy(w->data + w->pos / 8, view->data, view->len);
	w->pos += view->len * 8;
	return MIKEY_OK;
}

static enum mikey_reason write_field(struct writer *w, const struct layout *layout,
				     const struct layout_field *field, const void *object)
{
	uint32_t value;

	if (!layout_holds(object, &field->when)) {
		if (!layout_view(object, field->at)->len)
			return MIKEY_OK;
		return mikey_fail(w->err, MIKEY_BAD_VALUE, w->pos / 8,
				  "%s: %s does not belong here", layout->tag, field->name);
	}
	if (field->kind == LAYOUT_NEXT)
		return write_bits(w, w->next, 8, layout, "next payload");
	if (field->kind != LAYOUT_UINT)
		return write_view(w, layout, field, object);
	value = layout_u32(object, field->at);
	if (field->limit && value > field->limit)
		return mikey_fail(w->err, field->reason, w->pos / 8, "%s: %s %u is not supported",
				  layout->tag, field->name, value);
	return write_bits(w, value, field->bits, layout, field->name);
}

static enum mikey_reason write_fields(struct writer *w, const struct layout *layout,
				      const void *object)
{
	const struct layout_field *field;
	enum mikey_reason reason = MIKEY_OK;

	for (field = layout->fields; !reason && field->kind != LAYOUT_END; field++) {
		reason = write_field(w, layout, field, object);
		if (!reason && field->check)
			reason = field->check(object, w->pos / 8, w->err);
	}
	return reason;
}

static enum mikey_reason write_chain(struct writer *w, enum layout_place place,
				     const struct mikey_payload *payloads, size_t n)
{
	enum mikey_reason reason = MIKEY_OK;
	size_t i;

	for (i = 0; !reason && i < n; i++) {
		const struct layout *layout = payload_here(payloads[i].type, place, w->pos / 8,
							   &reason, w->err);

		if (!layout)
			break;
		w->next = i + 1 < n ? payloads[i + 1].type : MIKEY_PL_LAST;
		if (w->next && payloads[i].type == MIKEY_PL_SIGN)
			reason = mikey_fail(w->err, MIKEY_BAD_ORDER, w->pos / 8,
					    "SIGN has no next payload (RFC 3830 6.5)");
		else
			reason = write_fields(w, layout, &payloads[i]);
	}
	return reason;
}

static enum mikey_reason write_map(struct writer *w, const struct mikey_hdr *hdr)
{
	const struct layout *layout = layout_map(hdr->map_type);
	enum mikey_reason reason = MIKEY_OK;
	uint32_t i;

	if (hdr->map_type == MIKEY_MAP_EMPTY)
		return MIKEY_OK;
	for (i = 0; !reason && i < hdr->n_cs; i++) {
		if (hdr->map_type == MIKEY_MAP_SRTP && hdr->cs[i].id != i + 1)
			return mikey_fail(w->err, MIKEY_BAD_VALUE, w->pos / 8,
					  "SRTP-ID map: entry %u cannot have CS ID %u", i + 1,
					  hdr->cs[i].id);
		reason = write_fields(w, layout, &hdr->cs[i]);
	}
	return reason;
}

enum mikey_reason mikey_build(const struct mikey_msg *msg, void *buf, size_t size, size_t *len,
			      struct mikey_error *err)
{
	struct writer w = { .data = buf, .err = err };
	enum mikey_reason reason;

	w.end = (size < MIKEY_MSG_MAX ? size : MIKEY_MSG_MAX) * 8;
	w.alt = is_dhhmac(&msg->hdr);
	w.next = msg->n_payloads ? msg->payload[0].type : MIKEY_PL_LAST;
	reason = write_fields(&w, &layout_hdr, &msg->hdr);
	if (!reason)
		reason = write_map(&w, &msg->hdr);
	if (!reason)
		reason = write_chain(&w, IN_MESSAGE, msg->payload, msg->n_payloads);
	*len = w.pos / 8;
	return reason;
}

enum mikey_reason mikey_build_chain(const struct mikey_chain *chain, void *buf, size_t size,
				    size_t *len, struct mikey_error *err)
{
	struct writer w = { .data = buf, .end = size * 8, .err = err };
	enum mikey_reason reason = write_chain(&w, IN_KEMAC, chain->sub, chain->n);

	*len = w.pos / 8;
	return reason;
}

const struct mikey_payload *mikey_find(const struct mikey_msg *msg, uint32_t type, size_t n)
{
	size_t i;

	for (i = 0; i < msg->n_payloads; i++)
		if (msg->payload[i].type == type && !n--)
			return &msg->payload[i];
	return NULL;
}

struct mikey_payload *mikey_add(struct mikey_msg *msg, const struct mikey_payload *payload)
{
	struct mikey_payload *slot;

	if (msg->n_payloads == MIKEY_PAYLOAD_MAX)
		return NULL;
	slot = &msg->payload[msg->n_payloads++];
	*slot = *payload;
	return slot;
}

bool mikey_sp_next(struct mikey_view *params, uint32_t *type, struct mikey_view *value)
{
	size_t len;

	if (params->len < 2 || (size_t)params->data[1] + 2 > params->len)
		return false;
	len = params->data[1];
	*type = params->data[0];
	*value = (struct mikey_view){ params->data + 2, len };
	*params = (struct mikey_view){ params->data + 2 + len, params->len - 2 - len };
	return true;
}
