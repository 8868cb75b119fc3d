// SPDX-License-Identifier: GPL-2.0
/*
 * Results of exchanges as JSON: what `call --json` prints and the control
 * socket carries.
 */
#include "exchange.h"

static void add_string(struct json_object *object, const char *name, const char *value)
{
	json_object_object_add(object, name, json_object_new_string(value));
}

static void add_number(struct json_object *object, const char *name, uint32_t value)
{
	json_object_object_add(object, name, json_object_new_int64(value));
}

static void add_ssrc(struct json_object *object, const char *name, uint32_t ssrc)
{
	if (ssrc)
		add_number(object, name, ssrc);
	else
		add_string(object, name, "any");
}

static void add_ignored(struct json_object *object, const struct exchange_result *result)
{
	struct json_object *ignored = json_object_new_object();
	unsigned int i;

	for (i = 0; i < MIKEY_REASON_COUNT; i++)
		if (result->ignored[i])
			add_number(ignored, mikey_reason_token(i), result->ignored[i]);
	json_object_object_add(object, "ignored", ignored);
}

static void add_peer_errors(struct json_object *object, const struct exchange_result *result)
{
	struct json_object *errors = json_object_new_array();
	size_t i;

	for (i = 0; i < result->n_errors; i++)
		json_object_array_add(errors, json_object_new_int(result->err_no[i]));
	json_object_object_add(object, "peer_errors", errors);
	json_object_object_add(object, "peer_errors_verified",
			       json_object_new_boolean(result->err_verified));
}

static void add_failure(struct json_object *object, const struct failure *failure)
{
	add_number(object, "exit", failure->code);
	add_string(object, "reason", failure->reason);
	add_string(object, "message", failure->text);
}

static struct json_object *error_of(struct json_object *error)
{
	struct json_object *top = json_object_new_object();

	json_object_object_add(top, "error", error);
	return top;
}

struct json_object *failure_json(const struct failure *failure)
{
	struct json_object *error = json_object_new_object();

	add_failure(error, failure);
	return error_of(error);
}

static struct json_object *failed_json(const struct exchange_result *result,
				       const struct exchange_request *request)
{
	struct json_object *error = json_object_new_object();

	add_failure(error, &result->failure);
	add_string(error, "peer", request->peer->name);
	if (result->n_errors)
		add_peer_errors(error, result);
	add_number(error, "sent", result->sent);
	add_ignored(error, result);
	return error_of(error);
}

struct json_object *exchange_json(const struct exchange_result *result,
				  const struct exchange_request *request)
{
	const struct peer *peer = request->peer;
	char identity[IDENTITY_TEXT_MAX];
	struct json_object *object;

	if (result->failure.code)
		return failed_json(result, request);
	object = json_object_new_object();
	add_number(object, "session", result->session);
	add_string(object, "name", request->session_name ? request->session_name :
		   peer->session_name);
	add_string(object, "peer", peer->name);
	add_string(object, "peer_identity", identity_text(&peer->identity, identity));
	json_object_object_add(object, "verified", json_object_new_boolean(result->verified));
	add_string(object, "suite", result->suite);
	add_ssrc(object, "tx_ssrc", result->tx_ssrc);
	add_ssrc(object, "rx_ssrc", result->rx_ssrc);
	add_number(object, "owner", request->owner);
	add_number(object, "csb_id", result->csb_id);
	add_number(object, "sent", result->sent);
	add_ignored(object, result);
	return object;
}
