/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The attributes of the kernel's objects as tables: where each is in its
 * structure, how it looks in netlink and how it looks in JSON. Everything that
 * reads or writes objects goes by these tables.
 */
#ifndef HELPER_FIELDS_H
#define HELPER_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * enum field_kind - how a member is stored and sent
 * @FIELD_UINT: number of 1, 2, 4 or 8 octets
 * @FIELD_BE16: number of 2 octets, big endian in netlink
 * @FIELD_STRING: array of char with a NUL
 * @FIELD_FIXED: array of octets, all of them
 * @FIELD_OCTETS: struct kernel_octets
 * @FIELD_SECRET: array of octets that is wiped and never shown; its length is
 *	an uint8_t at @len_offset
 * @FIELD_STATS: struct kernel_stats
 */
enum field_kind {
	FIELD_UINT,
	FIELD_BE16,
	FIELD_STRING,
	FIELD_FIXED,
	FIELD_OCTETS,
	FIELD_SECRET,
	FIELD_STATS,
};

/**
 * enum field_flags - how a member looks in JSON
 * @FIELD_LOAD: load accepts it; show prints it among the settings
 * @FIELD_STATE: show prints it among the state
 * @FIELD_BOOL: true or false
 * @FIELD_ANY: "any" if it is absent
 * @FIELD_NULL: null if it is absent
 * @FIELD_NEEDED: load insists on it
 */
enum field_flags {
	FIELD_LOAD = 1 << 0,
	FIELD_STATE = 1 << 1,
	FIELD_BOOL = 1 << 2,
	FIELD_ANY = 1 << 3,
	FIELD_NULL = 1 << 4,
	FIELD_NEEDED = 1 << 5,
};

/**
 * struct field_words - the words of an enumeration
 * @first: value of the first word
 * @count: how many words
 * @word: the words
 */
struct field_words {
	unsigned int first;
	unsigned int count;
	const char *const *word;
};

/**
 * struct field - one attribute
 * @name: its name in JSON
 * @attr: its number in netlink, and its bit in the structure's "has"
 * @kind: enum field_kind
 * @flags: enum field_flags
 * @offset: where it is in the structure
 * @size: of the member
 * @len_offset: of FIELD_SECRET
 * @words: if it is an enumeration
 */
struct field {
	const char *name;
	uint16_t attr;
	uint8_t kind;
	uint8_t flags;
	uint16_t offset;
	uint16_t size;
	uint16_t len_offset;
	const struct field_words *words;
};

/**
 * struct field_set - all attributes of one kind of object
 * @what: the object's name in sentences
 * @size: of the structure
 * @max: highest attribute number
 * @count: how many fields
 * @fields: in the order of JSON
 */
struct field_set {
	const char *what;
	size_t size;
	unsigned int max;
	unsigned int count;
	const struct field *fields;
};

extern const struct field_set session_fields;
extern const struct field_set stream_fields;
extern const struct field_set key_fields;
extern const struct field_set socket_fields;
extern const struct field_set suite_fields;
extern const struct field_set event_fields;

extern const struct field_words direction_words;
extern const struct field_words role_words;
extern const struct field_words suite_words;
extern const struct field_words stats_words;
extern const struct field_words key_state_words;
extern const struct field_words event_words;

/**
 * field_word - the word of a value
 * @words: enumeration
 * @value: value
 *
 * Return: NULL if there is none.
 */
const char *field_word(const struct field_words *words, uint64_t value);

/**
 * field_value - the value of a word
 * @words: enumeration
 * @word: word
 * @value: filled if there is one
 */
bool field_value(const struct field_words *words, const char *word, unsigned int *value);

/**
 * field_by_attr - find a field by its number
 * @set: fields
 * @attr: number
 */
const struct field *field_by_attr(const struct field_set *set, unsigned int attr);

/**
 * field_has - does the object have it?
 * @field: field
 * @object: structure
 */
bool field_has(const struct field *field, const void *object);

/**
 * field_uint - read a number
 * @field: FIELD_UINT or FIELD_BE16
 * @object: structure
 */
uint64_t field_uint(const struct field *field, const void *object);

/**
 * field_set_uint - write a number
 * @field: FIELD_UINT or FIELD_BE16
 * @object: structure
 * @value: value
 *
 * Return: false if the member is too small for it.
 */
bool field_set_uint(const struct field *field, void *object, uint64_t value);

/**
 * field_mark - the object has it now
 * @field: field
 * @object: structure
 */
void field_mark(const struct field *field, void *object);

/**
 * fields_clear - release and wipe what an object owns, and zero it
 * @set: its fields
 * @object: structure
 */
void fields_clear(const struct field_set *set, void *object);

#endif
