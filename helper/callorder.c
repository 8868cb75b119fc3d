// SPDX-License-Identifier: GPL-2.0
/*
 * Orders of `offer`, `answer` and `accept`, read strictly: they come from users
 * without privileges.
 */
#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include "base64.h"
#include "callorder.h"
#include "exchange.h"
#include "option.h"
#include "order.h"
#include <linux/srtp.h>

/* An order that can be made of nothing: the longest list of protocols. */
#define PROTOCOLS_MAX 1024

static const char *const verbs[] = {
	[CALL_OFFER] = "offer", [CALL_ANSWER] = "answer", [CALL_ACCEPT] = "accept",
};

static bool find_verb(const char *command, enum call_verb *verb)
{
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(command, verbs[i]))
			continue;
		*verb = i;
		return true;
	}
	return false;
}

bool call_order_is(const char *command)
{
	enum call_verb verb;

	return find_verb(command, &verb);
}

static bool take_uint(struct json_object *value, int64_t max, unsigned int *number)
{
	int64_t n = json_object_get_int64(value);

	*number = n;
	return json_object_is_type(value, json_type_int) && n >= 0 && n <= max;
}

static bool take_bool(struct json_object *value, bool *yes)
{
	*yes = json_object_get_boolean(value);
	return json_object_is_type(value, json_type_boolean);
}

static bool take_text(struct json_object *value, size_t max, const char **text)
{
	if (!json_object_is_type(value, json_type_string))
		return false;
	*text = json_object_get_string(value);
	return **text && strlen(*text) == (size_t)json_object_get_string_len(value) &&
	       strlen(*text) <= max;
}

static bool take_model(struct json_object *value, struct call_order *order)
{
	const char *word;

	order->has_model = true;
	return take_text(value, 1, &word) && option_key_model(word, &order->model);
}

static bool take_message(struct json_object *value, struct group_order *group)
{
	const char *text;
	size_t bad;

	if (group->msg || !take_text(value, 2 * MIKEY_MSG_MAX, &text))
		return false;
	group->msg = base64_decode(text, strlen(text), &group->len, &bad);
	return group->msg;
}

static bool take_medium(struct json_object *object, struct medium_order *medium)
{
	bool good = json_object_is_type(object, json_type_object);

	if (!good)
		return false;
	json_object_object_foreach(object, name, value) {
		if (!strcmp(name, "position"))
			good = good && take_uint(value, CALL_MEDIA_MAX - 1, &medium->position);
		else if (!strcmp(name, "line"))
			good = good && take_uint(value, CALL_MEDIA_MAX - 1, &medium->line);
		else if (!strcmp(name, "ssrc"))
			good = good && take_uint(value, UINT32_MAX, &medium->ssrc);
		else
			good = false;
	}
	return good;
}

static bool take_media(struct json_object *list, struct group_order *group)
{
	size_t i, n, k;

	if (!json_object_is_type(list, json_type_array) || group->n_media)
		return false;
	n = json_object_array_length(list);
	if (n > CALL_MEDIA_MAX)
		return false;
	for (i = 0; i < n; i++) {
		if (!take_medium(json_object_array_get_idx(list, i), &group->media[i]))
			return false;
		for (k = 0; k < i; k++)
			if (group->media[k].position == group->media[i].position)
				return false;
	}
	group->n_media = n;
	return true;
}

static bool take_group(struct json_object *object, struct group_order *group)
{
	bool good = json_object_is_type(object, json_type_object);

	if (!good)
		return false;
	json_object_object_foreach(object, name, value) {
		if (!strcmp(name, "protocols"))
			good = good && take_text(value, PROTOCOLS_MAX, &group->protocols);
		else if (!strcmp(name, "message"))
			good = good && take_message(value, group);
		else if (!strcmp(name, "positions"))
			good = good && take_uint(value, CALL_MEDIA_MAX, &group->positions);
		else if (!strcmp(name, "index"))
			good = good && take_uint(value, CALL_MEDIA_MAX, &group->index);
		else if (!strcmp(name, "media"))
			good = good && take_media(value, group);
		else
			good = false;
	}
	return good;
}

static bool take_groups(struct json_object *list, struct call_order *order)
{
	size_t i, n;

	if (!json_object_is_type(list, json_type_array) || order->groups)
		return false;
	n = json_object_array_length(list);
	if (!n || n > CALL_MEDIA_MAX)
		return false;
	order->groups = calloc(n, sizeof(*order->groups));
	if (!order->groups)
		return false;
	order->n_groups = n;
	for (i = 0; i < n; i++)
		if (!take_group(json_object_array_get_idx(list, i), &order->groups[i]))
			return false;
	return true;
}

static bool take_member(struct call_order *order, const char *name, struct json_object *value,
			const char **netns)
{
	const char *command;

	if (!strcmp(name, "command"))
		return take_text(value, 16, &command) && find_verb(command, &order->verb);
	if (!strcmp(name, "netns"))
		return take_text(value, 64, netns);
	if (!strcmp(name, "peer"))
		return take_text(value, 64, &order->peer);
	if (!strcmp(name, "expect_id"))
		return take_text(value, IDENTITY_TEXT_MAX, &order->expect_id);
	if (!strcmp(name, "call"))
		return take_text(value, CALL_NAME_MAX, &order->call);
	if (!strcmp(name, "session_name"))
		return take_text(value, SRTP_NAME_MAX, &order->session_name);
	if (!strcmp(name, "timeout"))
		return take_uint(value, EXCHANGE_TIMEOUT_MAX, &order->timeout);
	if (!strcmp(name, "tls"))
		return take_bool(value, &order->tls);
	if (!strcmp(name, "rtsp"))
		return take_bool(value, &order->rtsp);
	if (!strcmp(name, "hold"))
		return take_bool(value, &order->hold);
	if (!strcmp(name, "key_model"))
		return take_model(value, order);
	if (!strcmp(name, "groups"))
		return take_groups(value, order);
	return false;
}

static int bad_order(struct failure *failure, const char *member)
{
	return failure_set(failure, MIKEY_EXIT_USAGE, "bad-request",
			   "the order's member '%.40s' is unknown, missing or wrong", member);
}

/* What the verb needs in every group. */
static int check_groups(const struct call_order *order, struct failure *failure)
{
	size_t i, k;

	for (i = 0; i < order->n_groups; i++) {
		const struct group_order *group = &order->groups[i];

		/* An RTSP client may bring the keys where the server offers none. */
		if (!group->msg != (order->verb == CALL_OFFER) &&
		    !(order->rtsp && order->verb == CALL_ANSWER))
			return bad_order(failure, "message");
		for (k = 0; order->verb == CALL_OFFER && k < group->n_media; k++)
			if (group->media[k].position >= group->positions)
				return bad_order(failure, "position");
		if (order->verb != CALL_ACCEPT && !group->n_media)
			return bad_order(failure, "media");
	}
	return order->n_groups ? 0 : bad_order(failure, "groups");
}

int call_order_parse(struct json_object *object, struct call_order *order,
		     struct failure *failure)
{
	const char *netns = NULL;

	memset(order, 0, sizeof(*order));
	json_object_object_foreach(object, name, value)
		if (!take_member(order, name, value, &netns))
			return bad_order(failure, name);
	if (!order->peer == !order->expect_id)
		return bad_order(failure, "peer");
	return order_netns(netns, failure) ? -1 : check_groups(order, failure);
}

void call_order_clear(struct call_order *order)
{
	size_t i;

	for (i = 0; i < order->n_groups; i++) {
		if (order->groups[i].msg)
			OPENSSL_cleanse(order->groups[i].msg, order->groups[i].len);
		free(order->groups[i].msg);
	}
	free(order->groups);
	memset(order, 0, sizeof(*order));
}
