/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How payloads look on the wire, as data. codec.c reads and writes by it,
 * visit.c prints by it; a payload is described nowhere else.
 */
#ifndef MIKEY_LAYOUT_H
#define MIKEY_LAYOUT_H

#include "msg.h"

/**
 * enum layout_kind - what a field is
 * @LAYOUT_END: no more fields
 * @LAYOUT_NEXT: the Next payload octet
 * @LAYOUT_UINT: an unsigned number of @bits, stored in an uint32_t
 * @LAYOUT_VIEW: octets behind a length of @bits
 * @LAYOUT_SIZED: octets whose number follows from the field at @by
 */
enum layout_kind {
	LAYOUT_END,
	LAYOUT_NEXT,
	LAYOUT_UINT,
	LAYOUT_VIEW,
	LAYOUT_SIZED,
};

/**
 * enum layout_show - how a field is printed
 * @SHOW_PLAIN: number or octets
 * @SHOW_HEX: number in hexadecimal
 * @SHOW_BOOL: flag
 * @SHOW_TEXT: octets as text
 * @SHOW_PARAMS: SP parameters
 * @SHOW_STAMP: timestamp
 * @SHOW_RESERVED: only if not 0
 */
enum layout_show {
	SHOW_PLAIN,
	SHOW_HEX,
	SHOW_BOOL,
	SHOW_TEXT,
	SHOW_PARAMS,
	SHOW_STAMP,
	SHOW_RESERVED,
};

/**
 * struct layout_cond - does the number at @at have its bit in @mask?
 * @at: offset of an uint32_t
 * @mask: values, as bits; 0 for no condition
 */
struct layout_cond {
	uint16_t at;
	uint32_t mask;
};

/**
 * struct layout_sizes - lengths by the value of another field
 * @n: values from 0 to @n - 1 are known
 * @reason: for the others
 * @what: what the other field is, for the error
 * @len: octets
 */
struct layout_sizes {
	uint32_t n;
	enum mikey_reason reason;
	const char *what;
	uint16_t len[4];
};

/**
 * struct layout_field - one field
 * @kind: enum layout_kind
 * @name: for printing and errors
 * @bits: width of the number or of the length
 * @at: offset of the member
 * @space: names of the number
 * @show: how to print
 * @when: present only then
 * @secret: key material: always if @secret_if is empty, else only then
 * @secret_if: see @secret
 * @sizes: of LAYOUT_SIZED
 * @by: offset of the number that @sizes goes by
 * @limit: if not 0, numbers above it are refused with @reason
 * @reason: see @limit
 * @alt_len: of LAYOUT_SIZED in messages of RFC 4650: octets that there may be
 *	where @sizes says none, at the end of the message
 * @check: further rules, after the field was read; NULL for none
 */
struct layout_field {
	enum layout_kind kind;
	const char *name;
	uint8_t bits;
	uint16_t at;
	enum mikey_space space;
	enum layout_show show;
	struct layout_cond when;
	bool secret;
	struct layout_cond secret_if;
	const struct layout_sizes *sizes;
	uint16_t by;
	uint16_t alt_len;
	uint32_t limit;
	enum mikey_reason reason;
	enum mikey_reason (*check)(const void *object, size_t offset, struct mikey_error *err);
};

/**
 * enum layout_place - where a payload may stand
 * @IN_MESSAGE: behind the header
 * @IN_KEMAC: in the encrypted data of a KEMAC
 */
enum layout_place {
	IN_MESSAGE = 1,
	IN_KEMAC = 2,
};

/**
 * struct layout - one payload, header or map entry
 * @tag: name
 * @fields: up to LAYOUT_END
 * @places: enum layout_place bits
 */
struct layout {
	const char *tag;
	const struct layout_field *fields;
	unsigned int places;
};

extern const struct layout layout_hdr;

/**
 * layout_map - layout of a CS ID map entry
 * @map_type: enum mikey_map_type
 * Return: NULL for an unknown map type. The entries of the empty map have no
 * fields.
 */
const struct layout *layout_map(uint32_t map_type);

/**
 * layout_payload - layout of a payload
 * @type: enum mikey_payload_type
 * Return: NULL for types that are not of RFC 3830.
 */
const struct layout *layout_payload(uint32_t type);

/** layout_u32 - the number at @at of @object */
static inline uint32_t layout_u32(const void *object, uint16_t at)
{
	return *(const uint32_t *)((const uint8_t *)object + at);
}

/** layout_view - the view at @at of @object */
static inline const struct mikey_view *layout_view(const void *object, uint16_t at)
{
	return (const struct mikey_view *)((const uint8_t *)object + at);
}

/** layout_holds - is a condition true? No condition is. */
static inline bool layout_holds(const void *object, const struct layout_cond *cond)
{
	uint32_t value;

	if (!cond->mask)
		return true;
	value = layout_u32(object, cond->at);
	return value < 32 && (cond->mask >> value & 1);
}

#endif
