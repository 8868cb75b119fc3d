// SPDX-License-Identifier: GPL-2.0
/*
 * Objects of the kernel in netlink messages.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <netlink/attr.h>
#include "attrs.h"
#include "kernel.h"

static int put_uint(struct nl_msg *msg, const struct field *field, const void *object)
{
	const void *member = (const char *)object + field->offset;

	/* A number has the size of its attribute. */
	return nla_put(msg, field->attr, field->size, member);
}

static int put_field(struct nl_msg *msg, const struct field *field, const void *object)
{
	const char *member = (const char *)object + field->offset;
	const struct kernel_octets *octets = (const void *)member;

	switch ((enum field_kind)field->kind) {
	case FIELD_UINT:
		return put_uint(msg, field, object);
	case FIELD_BE16:
		return nla_put_u16(msg, field->attr, htons((uint16_t)field_uint(field, object)));
	case FIELD_STRING:
		return nla_put_string(msg, field->attr, member);
	case FIELD_FIXED:
		return nla_put(msg, field->attr, field->size, member);
	case FIELD_OCTETS:
		return nla_put(msg, field->attr, (int)octets->len, octets->data);
	case FIELD_SECRET:
		return nla_put(msg, field->attr, ((const uint8_t *)object)[field->len_offset],
			       member);
	case FIELD_STATS:
		break;
	}
	return 0;
}

int attrs_put(struct nl_msg *msg, const struct field_set *set, const void *object,
	      uint64_t which)
{
	unsigned int i;

	for (i = 0; i < set->count; i++) {
		const struct field *field = &set->fields[i];

		if (!(which & KERNEL_BIT(field->attr)) || !field_has(field, object))
			continue;
		if (put_field(msg, field, object) < 0)
			return -EMSGSIZE;
	}
	return 0;
}

static int get_uint(const struct field *field, void *object, const struct nlattr *attr)
{
	if (nla_len(attr) != field->size)
		return -EBADMSG;
	memcpy((char *)object + field->offset, nla_data(attr), field->size);
	return 0;
}

static int get_be16(const struct field *field, void *object, const struct nlattr *attr)
{
	uint16_t value;

	if (nla_len(attr) != sizeof(value))
		return -EBADMSG;
	memcpy(&value, nla_data(attr), sizeof(value));
	field_set_uint(field, object, ntohs(value));
	return 0;
}

static int get_string(const struct field *field, void *object, const struct nlattr *attr)
{
	size_t len = strnlen(nla_data(attr), (size_t)nla_len(attr));
	char *member = (char *)object + field->offset;

	if (len >= field->size)
		len = field->size - 1u;
	memcpy(member, nla_data(attr), len);
	member[len] = '\0';
	return 0;
}

static int get_octets(const struct field *field, void *object, const struct nlattr *attr)
{
	struct kernel_octets *octets = (void *)((char *)object + field->offset);
	size_t len = (size_t)nla_len(attr);
	uint8_t *data = malloc(len ? len : 1);

	if (!data)
		return -ENOMEM;
	memcpy(data, nla_data(attr), len);
	free(octets->data);
	octets->data = data;
	octets->len = (uint32_t)len;
	return 0;
}

static int get_stats(const struct field *field, void *object, struct nlattr *nest)
{
	struct kernel_stats *stats = (void *)((char *)object + field->offset);
	struct nlattr *attr;
	int rest;

	nla_for_each_nested(attr, nest, rest) {
		unsigned int type = (unsigned int)nla_type(attr);

		/* A newer kernel may count more. */
		if (type > SRTP_A_STATS_MAX || nla_len(attr) != sizeof(uint64_t))
			continue;
		memcpy(&stats->value[type], nla_data(attr), sizeof(uint64_t));
	}
	return 0;
}

static int get_field(const struct field *field, void *object, struct nlattr *attr)
{
	switch ((enum field_kind)field->kind) {
	case FIELD_UINT:
	case FIELD_FIXED:
		return get_uint(field, object, attr);
	case FIELD_BE16:
		return get_be16(field, object, attr);
	case FIELD_STRING:
		return get_string(field, object, attr);
	case FIELD_OCTETS:
		return get_octets(field, object, attr);
	case FIELD_STATS:
		return get_stats(field, object, attr);
	case FIELD_SECRET:
		break;
	}
	return -EBADMSG;
}

int attrs_get(struct nlattr *first, int len, const struct field_set *set, void *object)
{
	struct nlattr *attr;
	int rest;

	nla_for_each_attr(attr, first, len, rest) {
		const struct field *field = field_by_attr(set, (unsigned int)nla_type(attr));
		int err;

		if (!field)
			continue;
		err = get_field(field, object, attr);
		if (err)
			return err;
		field_mark(field, object);
	}
	return 0;
}
