/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One fetch by HTTP.
 */
#ifndef FETCH_GET_H
#define FETCH_GET_H

#include <stddef.h>
#include "order.h"

/**
 * struct fetched - an answer, as it is sent
 * @head: how it ended
 * @data: what is there, a URL, or a sentence
 * @len: octets of @data; not sent
 */
struct fetched {
	struct fetch_answer head;
	char data[FETCH_SIZE_MAX];
	size_t len;
};

/**
 * get - fetch what is at a URL
 * @order: URL and patience
 * @fetched: filled in any case
 */
void get(const struct fetch_order *order, struct fetched *fetched);

#endif
