// SPDX-License-Identifier: GPL-2.0
/*
 * What the daemon tells its clients of a call.
 */
#include <stdlib.h>
#include "base64.h"
#include "calls.h"

static void add_ssrc(struct json_object *object, const char *name, uint32_t ssrc)
{
	json_object_object_add(object, name, ssrc ? json_object_new_int64(ssrc) :
						    json_object_new_string("any"));
}

static void add_keys(struct json_object *object, const struct mikey_csb *csb,
		     unsigned int position)
{
	const struct mikey_session *cs;
	size_t i;

	for (i = 0; i < csb->n_sessions; i++) {
		cs = &csb->sessions[i];
		if ((cs->cs_id - 1u) / 2 != position)
			continue;
		if (!json_object_object_get(object, "suite"))
			json_object_object_add(object, "suite",
					       json_object_new_string(cs->suite->name));
		add_ssrc(object, cs->from_initiator == csb->initiator ? "tx_ssrc" : "rx_ssrc",
			 cs->ssrc);
	}
}

static struct json_object *medium_json(const struct call_medium *medium,
				       const struct mikey_csb *csb)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "position", json_object_new_int64(medium->position));
	json_object_object_add(object, "session", json_object_new_int64(medium->session));
	if (csb)
		add_keys(object, csb, medium->position);
	return object;
}

struct json_object *call_group_json(const struct call *call, unsigned int bundle,
				    const struct mikey_csb *csb, struct mikey_view msg)
{
	struct json_object *group = json_object_new_object();
	struct json_object *media = json_object_new_array();
	char *text = msg.len ? base64_encode(msg.data, msg.len) : NULL;
	size_t i;

	json_object_object_add(group, "csb_id",
			       json_object_new_int64(call->bundles[bundle].csb_id));
	if (text)
		json_object_object_add(group, "message", json_object_new_string(text));
	free(text);
	for (i = 0; i < call->n_media; i++)
		if (call->media[i].bundle == bundle && call->media[i].session)
			json_object_array_add(media, medium_json(&call->media[i], csb));
	json_object_object_add(group, "media", media);
	return group;
}

struct json_object *call_json(const struct call *call, struct json_object *groups)
{
	struct json_object *object = json_object_new_object();
	char text[IDENTITY_TEXT_MAX];

	if (call->name)
		json_object_object_add(object, "call", json_object_new_string(call->name));
	json_object_object_add(object, "peer", json_object_new_string(call->peer->name));
	json_object_object_add(object, "peer_identity",
			       json_object_new_string(identity_text(&call->peer->identity, text)));
	json_object_object_add(object, "groups", groups);
	return object;
}
