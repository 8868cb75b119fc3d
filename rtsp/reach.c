// SPDX-License-Identifier: GPL-2.0
/*
 * The daemon: where it is, and how it is asked for keys. What passes here are MIKEY
 * messages and numbers of sessions.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include "client.h"
#include "order.h"
#include "shared.h"

/* As mikey-helper finds it: from the configuration, if that can be read. */
static char *find_control(const struct reach *reach)
{
	struct config *config = NULL;
	struct failure failure;
	char *path;

	if (reach->option)
		return g_strdup(reach->option);
	config_load(reach->config, &config, &failure);
	path = g_strdup(config ? config->control : CONFIG_CONTROL);
	config_put(config);
	return path;
}

int reach_daemon(struct reach *reach, const sigset_t *mask, struct failure *failure)
{
	reach->control = find_control(reach);
	if (reach->option || client_reaches(reach->control) || geteuid())
		return 0;
	return own_daemon_start(reach, mask, failure);
}

struct json_object *reach_order(const struct reach *reach, const char *command, const char *call,
				struct json_object *groups)
{
	struct json_object *order = order_begin(command);

	json_object_object_add(order, "peer", json_object_new_string(reach->peer));
	json_object_object_add(order, "call", json_object_new_string(call));
	json_object_object_add(order, "tls", json_object_new_boolean(true));
	json_object_object_add(order, "rtsp", json_object_new_boolean(true));
	json_object_object_add(order, "groups", groups);
	return order;
}

void reach_model(struct json_object *order, enum key_model model, bool hold)
{
	static const char *const names[] = {
		[MODEL_SENDER] = "a", [MODEL_CLIENT] = "b", [MODEL_SERVER] = "c",
	};

	json_object_object_add(order, "key_model", json_object_new_string(names[model]));
	json_object_object_add(order, "hold", json_object_new_boolean(hold));
}

int reach_ask(const struct reach *reach, struct json_object *order, struct json_object **answer,
	      int *held, struct failure *failure)
{
	enum client_result result = client_hold(reach->control, order, answer, held, failure);

	json_object_put(order);
	return client_granted(result, *answer, failure);
}

/* The daemon closes its end when the sessions are gone. */
void reach_let_go(int *held)
{
	const struct timeval patience = { .tv_sec = 5 };
	char octet;

	if (*held < 0)
		return;
	setsockopt(*held, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	shutdown(*held, SHUT_WR);
	while (read(*held, &octet, 1) > 0)
		;
	close(*held);
	*held = -1;
}
