/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects of the kernel in netlink messages.
 */
#ifndef HELPER_ATTRS_H
#define HELPER_ATTRS_H

#include <netlink/msg.h>
#include "fields.h"

/**
 * attrs_put - append attributes to a message
 * @msg: message
 * @set: fields
 * @object: structure
 * @which: bits of those to append, as far as the object has them
 *
 * Return: 0 or -EMSGSIZE.
 */
int attrs_put(struct nl_msg *msg, const struct field_set *set, const void *object,
	      uint64_t which);

/**
 * attrs_get - read the attributes of a message
 * @first: first attribute
 * @len: octets of all
 * @set: fields; attributes that are none of them are passed over
 * @object: filled; what it owned stays owned
 *
 * Return: 0, -ENOMEM, or -EBADMSG for an attribute that cannot be.
 */
int attrs_get(struct nlattr *first, int len, const struct field_set *set, void *object);

#endif
