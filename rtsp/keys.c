// SPDX-License-Identifier: GPL-2.0
/*
 * Keys: the daemon makes and takes the MIKEY messages, and the kernel's sessions
 * by them (`answer` of mikey-helper, RTSP). What passes here are messages.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base64.h"
#include "camera.h"
#include "client.h"
#include "mikey/mikey.h"
#include "order.h"

static const char *const model_names[] = {
	[MODEL_SENDER] = "a", [MODEL_CLIENT] = "b", [MODEL_SERVER] = "c",
};

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

static void add_text(struct json_object *object, const char *name, const char *text)
{
	json_object_object_add(object, name, json_object_new_string(text));
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
		add_text(group, "message", message);
	return group;
}

static struct json_object *make_order(const struct camera *cam)
{
	struct json_object *order = order_begin("answer");
	struct json_object *groups = json_object_new_array();
	size_t i;

	add_text(order, "peer", cam->options.peer);
	add_text(order, "call", cam->call);
	add_text(order, "key_model", model_names[cam->model]);
	json_object_object_add(order, "tls", json_object_new_boolean(true));
	json_object_object_add(order, "rtsp", json_object_new_boolean(true));
	json_object_object_add(order, "hold", json_object_new_boolean(cam->held < 0));
	for (i = 0; i < cam->n_media; i++)
		json_object_array_add(groups, group_of(cam, &cam->media[i]));
	json_object_object_add(order, "groups", groups);
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
	struct json_object *error = json_object_object_get(answer, "error");
	struct json_object *groups = json_object_object_get(answer, "groups");
	size_t i;

	if (error)
		return client_refused(error, failure);
	for (i = 0; i < cam->n_media; i++)
		if (!groups || take_group(&cam->media[i], json_object_array_get_idx(groups, i)))
			return failure_set(failure, MIKEY_EXIT_SYSTEM, "daemon-gone",
					   "the daemon's answer is not complete");
	return 0;
}

static int ask(struct camera *cam, struct failure *failure)
{
	struct json_object *order = make_order(cam), *answer = NULL;
	int *held = cam->held < 0 ? &cam->held : NULL;
	enum client_result result = client_hold(cam->control, order, &answer, held, failure);
	int ret;

	json_object_put(order);
	if (result == CLIENT_NO_DAEMON)
		return failure_set(failure, MIKEY_EXIT_SYSTEM, "no-daemon",
				   "no daemon answers; start one with mikey-helper daemon");
	if (result != CLIENT_DONE)
		return -1;
	ret = take_answer(cam, answer, failure);
	json_object_put(answer);
	return ret;
}

/* The daemon closes its end when the sessions are gone. */
void keys_let_go(struct camera *cam)
{
	const struct timeval patience = { .tv_sec = 5 };
	char octet;

	if (cam->held < 0)
		return;
	setsockopt(cam->held, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	shutdown(cam->held, SHUT_WR);
	while (read(cam->held, &octet, 1) > 0)
		;
	close(cam->held);
	cam->held = -1;
}

/* What there was of another model ends first. */
int keys_agree(struct camera *cam, struct failure *failure)
{
	static unsigned int count;

	keys_let_go(cam);
	g_free(cam->call);
	cam->call = g_strdup_printf("mikey-rtsp-%d-%u-%08x", getpid(), count++, g_random_int());
	return ask(cam, failure);
}

int keys_renew(struct camera *cam, struct failure *failure)
{
	return ask(cam, failure);
}
