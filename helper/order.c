// SPDX-License-Identifier: GPL-2.0
/*
 * What a user asks for with `call`.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/srtp.h>
#include "order.h"

/*
 * The network namespace of the caller. It is no secret and no proof: it saves
 * a user from a session in a namespace where he has no sockets.
 */
static void own_netns(char *text, size_t size)
{
	struct stat st;

	*text = '\0';
	if (!stat("/proc/self/ns/net", &st))
		snprintf(text, size, "%llu:%llu", (unsigned long long)st.st_dev,
			 (unsigned long long)st.st_ino);
}

int order_netns(const char *netns, struct failure *failure)
{
	char own[ORDER_NETNS_MAX];

	own_netns(own, sizeof(own));
	if (netns && strcmp(netns, own))
		return failure_set(failure, MIKEY_EXIT_SYSTEM, "other-netns",
				   "the daemon is in another network namespace; --control names "
				   "the control socket of the right one");
	return 0;
}

struct json_object *order_begin(const char *command)
{
	struct json_object *object = json_object_new_object();
	char netns[ORDER_NETNS_MAX];

	own_netns(netns, sizeof(netns));
	json_object_object_add(object, "command", json_object_new_string(command));
	json_object_object_add(object, "netns", json_object_new_string(netns));
	return object;
}

struct json_object *order_json(const struct order *order)
{
	struct json_object *object = order_begin("call");

	json_object_object_add(object, "peer", json_object_new_string(order->peer));
	if (order->session_name)
		json_object_object_add(object, "session_name",
				       json_object_new_string(order->session_name));
	if (order->has_ssrc)
		json_object_object_add(object, "ssrc", json_object_new_int64(order->ssrc));
	if (order->timeout)
		json_object_object_add(object, "timeout", json_object_new_int64(order->timeout));
	if (order->no_verify)
		json_object_object_add(object, "no_verify", json_object_new_boolean(true));
	return object;
}

static int bad_order(struct failure *failure, const char *member)
{
	return failure_set(failure, MIKEY_EXIT_USAGE, "bad-request",
			   "the order's member '%.40s' is unknown or wrong", member);
}

static bool take_number(struct json_object *value, int64_t max, int64_t *number)
{
	if (!json_object_is_type(value, json_type_int))
		return false;
	*number = json_object_get_int64(value);
	return *number > 0 && *number <= max;
}

static bool take_string(struct json_object *value, const char **string)
{
	if (!json_object_is_type(value, json_type_string))
		return false;
	*string = json_object_get_string(value);
	return strlen(*string) == (size_t)json_object_get_string_len(value);
}

static bool take_member(struct order *order, const char *name, struct json_object *value,
			const char **command, const char **netns)
{
	int64_t number;

	if (!strcmp(name, "command"))
		return take_string(value, command);
	if (!strcmp(name, "netns"))
		return take_string(value, netns);
	if (!strcmp(name, "peer"))
		return take_string(value, &order->peer);
	if (!strcmp(name, "session_name"))
		return take_string(value, &order->session_name);
	if (!strcmp(name, "no_verify")) {
		order->no_verify = json_object_get_boolean(value);
		return json_object_is_type(value, json_type_boolean);
	}
	if (!strcmp(name, "ssrc") && take_number(value, UINT32_MAX, &number)) {
		order->ssrc = number;
		return order->has_ssrc = true;
	}
	if (!strcmp(name, "timeout") && take_number(value, EXCHANGE_TIMEOUT_MAX, &number)) {
		order->timeout = number;
		return true;
	}
	return false;
}

int order_parse(struct json_object *object, struct order *order, struct failure *failure)
{
	const char *command = NULL, *netns = NULL;

	memset(order, 0, sizeof(*order));
	if (!json_object_is_type(object, json_type_object))
		return bad_order(failure, "(not an object)");
	json_object_object_foreach(object, name, value)
		if (!take_member(order, name, value, &command, &netns))
			return bad_order(failure, name);
	if (!command || strcmp(command, "call"))
		return bad_order(failure, "command");
	if (!order->peer)
		return bad_order(failure, "peer");
	return order_netns(netns, failure);
}

/* Names go to the kernel and to terminals. */
static bool good_name(const char *name)
{
	size_t len = strlen(name), i;

	for (i = 0; i < len; i++)
		if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f)
			return false;
	return len > 0 && len <= SRTP_NAME_MAX;
}

/* The owner may have his own sessions made, root everybody's. */
int order_may(const struct peer *peer, uid_t caller, struct failure *failure)
{
	if (caller == 0 || caller == geteuid() || (peer->has_owner && peer->owner == caller))
		return 0;
	return failure_set(failure, MIKEY_EXIT_SYSTEM, "not-permitted",
			   "user %u does not own peer %s", caller, peer->name);
}

int order_session_name(const char *name, struct failure *failure)
{
	if (!name || good_name(name))
		return 0;
	return failure_set(failure, MIKEY_EXIT_USAGE, "bad-name",
			   "a session's name has 1 to %d printable characters", SRTP_NAME_MAX);
}

int order_request(const struct order *order, struct config *config, uid_t caller,
		  struct exchange_request *request, struct failure *failure)
{
	struct peer *peer = config_peer(config, order->peer);

	if (!peer && config_group(config, order->peer))
		return failure_set(failure, MIKEY_EXIT_SYSTEM, "no-daemon",
				   "no daemon answers; only a daemon calls a group");
	if (!peer)
		return failure_set(failure, MIKEY_EXIT_USAGE, "unknown-peer-name",
				   "there is no peer '%.63s' in %s", order->peer, config->path);
	if (order_may(peer, caller, failure) || order_session_name(order->session_name, failure))
		return -1;
	*request = (struct exchange_request){
		.config = config,
		.peer = peer,
		.session_name = order->session_name,
		.ssrc = order->has_ssrc ? order->ssrc : peer->local_ssrc,
		.owner = peer->has_owner ? peer->owner : caller,
		.timeout = order->timeout ? order->timeout : EXCHANGE_TIMEOUT,
		.verify = peer->verify && !order->no_verify,
	};
	return 0;
}
