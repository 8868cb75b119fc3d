// SPDX-License-Identifier: GPL-2.0
/*
 * Keys: the daemon makes and takes the MIKEY messages, and the kernel's sessions
 * by them (`answer` of mikey-helper, RTSP). What passes here are messages.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base64.h"
#include "camera.h"
#include "mikey/mikey.h"

static const char *mikey_of(const char *value)
{
	return value && g_str_has_prefix(value, "mikey ") ? value + strlen("mikey ") : NULL;
}

/* RFC 4567 4.1: that of the medium, or else that of all of them. */
static const char *message_of(const struct camera *cam, const struct medium *medium)
{
	const char *text;
	guint i;

	for (i = 0; (text = gst_sdp_media_get_attribute_val_n(medium->sdp, "key-mgmt", i)); i++)
		if (mikey_of(text))
			return mikey_of(text);
	for (i = 0; (text = gst_sdp_message_get_attribute_val_n(cam->sdp, "key-mgmt", i)); i++)
		if (mikey_of(text))
			return mikey_of(text);
	return NULL;
}

/* An MKI, in a message whose keys are in clear. */
static bool names_key(const uint8_t *octets, size_t len)
{
	static struct mikey_chain chain;
	static struct mikey_msg msg;
	const struct mikey_payload *kemac;
	struct mikey_error err;
	bool found = false;
	size_t i;

	if (mikey_parse(&msg, octets, len, &err))
		return false;
	kemac = mikey_find(&msg, MIKEY_PL_KEMAC, 0);
	if (!kemac || kemac->kemac.encr_alg != MIKEY_ENCR_NULL ||
	    mikey_parse_chain(&chain, kemac->kemac.encr_data, MIKEY_PL_KEY, 0, &err))
		return false;
	for (i = 0; i < chain.n; i++)
		found = found || (chain.sub[i].type == MIKEY_PL_KEY &&
				  chain.sub[i].key.kv.kv == MIKEY_KV_SPI);
	explicit_bzero(&chain, sizeof(chain));
	return found;
}

static bool has_mki(const char *message)
{
	size_t len, bad;
	uint8_t *octets = base64_decode(message, strlen(message), &len, &bad);
	bool found = octets && names_key(octets, len);

	if (octets)
		explicit_bzero(octets, len);
	free(octets);
	return found;
}

/*
 * ONVIF wants an MKI in every message, and the client's key counts; GStreamer has
 * none, and each side's own counts; live555 says who it is.
 */
enum key_model keys_guess(const struct camera *cam)
{
	const char *tool = gst_sdp_message_get_attribute_val(cam->sdp, "tool");
	const char *message = message_of(cam, &cam->media[0]);

	if (!message)
		return MODEL_CLIENT;
	if (tool && g_str_has_prefix(tool, "LIVE555"))
		return MODEL_SERVER;
	return has_mki(message) ? MODEL_CLIENT : MODEL_SENDER;
}

static struct json_object *group_of(const struct camera *cam, const struct medium *medium)
{
	struct json_object *group = json_object_new_object(), *object = json_object_new_object();
	struct json_object *media = json_object_new_array();
	const char *message = message_of(cam, medium);

	json_object_object_add(object, "position", json_object_new_int64(0));
	json_object_object_add(object, "line", json_object_new_int64(medium->line));
	json_object_array_add(media, object);
	json_object_object_add(group, "media", media);
	if (message && cam->model != MODEL_CLIENT)
		json_object_object_add(group, "message", json_object_new_string(message));
	return group;
}

static struct json_object *make_order(const struct camera *cam)
{
	struct json_object *groups = json_object_new_array(), *order;
	size_t i;

	for (i = 0; i < cam->n_media; i++)
		json_object_array_add(groups, group_of(cam, &cam->media[i]));
	order = reach_order(&cam->options.shared.reach, "answer", cam->call, groups);
	reach_model(order, cam->model, cam->held < 0);
	return order;
}

static int take_group(struct medium *medium, struct json_object *group)
{
	struct json_object *media = json_object_object_get(group, "media");
	const char *message = json_object_get_string(json_object_object_get(group, "message"));
	struct json_object *first = media ? json_object_array_get_idx(media, 0) : NULL;

	medium->session = json_object_get_int64(json_object_object_get(first, "session"));
	g_free(medium->message);
	medium->message = g_strdup(message);
	return medium->session && message ? 0 : -1;
}

static int take_answer(struct camera *cam, struct json_object *answer, struct failure *failure)
{
	struct json_object *groups = json_object_object_get(answer, "groups");
	size_t i;

	for (i = 0; i < cam->n_media; i++)
		if (!groups || take_group(&cam->media[i], json_object_array_get_idx(groups, i)))
			return failure_set(failure, MIKEY_EXIT_SYSTEM, "daemon-gone",
					   "the daemon's answer is not complete");
	return 0;
}

static int ask(struct camera *cam, struct failure *failure)
{
	struct json_object *answer = NULL;
	int *held = cam->held < 0 ? &cam->held : NULL;
	int ret = reach_ask(&cam->options.shared.reach, make_order(cam), &answer, held, failure);

	if (!ret)
		ret = take_answer(cam, answer, failure);
	json_object_put(answer);
	return ret;
}

/* What there was of another model ends first. */
int keys_agree(struct camera *cam, struct failure *failure)
{
	static unsigned int count;

	reach_let_go(&cam->held);
	g_free(cam->call);
	cam->call = g_strdup_printf("mikey-rtsp-%d-%u-%08x", getpid(), count++, g_random_int());
	return ask(cam, failure);
}

int keys_renew(struct camera *cam, struct failure *failure)
{
	return ask(cam, failure);
}
