// SPDX-License-Identifier: GPL-2.0
/*
 * mikey-helper load: sessions from JSON into the kernel.
 */
#include <stdio.h>
#include "command.h"
#include "loadjson.h"
#include "output.h"
#include "report.h"

static struct json_object *stream_ids(const struct stream_spec *stream)
{
	struct json_object *ids = json_object_new_object();
	struct json_object *keys = json_object_new_array();
	size_t i;

	json_object_object_add(ids, "id", json_object_new_int64(stream->attrs.id));
	for (i = 0; i < stream->n_keys; i++)
		json_object_array_add(keys, json_object_new_int64(stream->keys[i].id));
	json_object_object_add(ids, "keys", keys);
	return ids;
}

static struct json_object *session_ids(const struct session_spec *session)
{
	struct json_object *ids = json_object_new_object();
	struct json_object *streams = json_object_new_array();
	size_t i;

	json_object_object_add(ids, "id", json_object_new_int64(session->attrs.id));
	json_object_object_add(ids, "cookie",
			       json_object_new_uint64(session->attrs.cookie));
	for (i = 0; i < session->n_streams; i++)
		json_object_array_add(streams, stream_ids(&session->streams[i]));
	json_object_object_add(ids, "streams", streams);
	return ids;
}

static void print_ids(const struct model *model)
{
	struct json_object *top, *sessions;
	size_t i;

	if (!report_json) {
		for (i = 0; i < model->n_sessions; i++)
			printf("%u\n", model->sessions[i].attrs.id);
		return;
	}
	top = json_object_new_object();
	sessions = json_object_new_array();
	for (i = 0; i < model->n_sessions; i++)
		json_object_array_add(sessions, session_ids(&model->sessions[i]));
	json_object_object_add(top, "sessions", sessions);
	output_json(top);
}

static int install(struct kernel *kernel, const char *name, struct model *model)
{
	struct model_place place;
	char path[96];
	int err;

	err = model_install(kernel, model, &place);
	if (err) {
		model_place_text(&place, path, sizeof(path));
		return kernel_report(kernel, err, "%s: %s", json_text_name(name), path);
	}
	print_ids(model);
	return output_flush();
}

/* The text goes as soon as the keys are in the model. */
static int read_model(const char *path, struct model *model)
{
	struct json_text json;
	int code;

	code = json_text_read(&json, path);
	if (!code)
		code = model_from_json(&json, model);
	json_text_clear(&json);
	return code;
}

static int load(int argc, char **argv)
{
	struct model model = { 0 };
	struct kernel *kernel;
	const char *path;
	int code;

	if (argc > 2)
		return report_usage("load", "load takes one file");
	if (argc == 2 && argv[1][0] == '-' && argv[1][1])
		return report_usage("load", "there is no option '%s'", argv[1]);
	path = argc == 2 ? argv[1] : "-";
	code = read_model(path, &model);
	if (!code)
		code = kernel_connect(&kernel);
	if (!code) {
		code = install(kernel, path, &model);
		kernel_close(kernel);
	}
	model_clear(&model);
	return code;
}

const struct command command_load = {
	.name = "load",
	.run = load,
	.usage = "[FILE|-]",
	.summary = "creates sessions with streams and keys from JSON",
	.help =
"Reads from standard input without FILE. Prints the numbers of the sessions, with\n"
"--json those of streams and keys as well. If one part is refused, nothing is\n"
"created. Needs CAP_NET_ADMIN.\n"
"\n"
"The text is what show --json prints, plus master_key and master_salt:\n"
"\n"
"  {\"sessions\":[{\"id\":7,\"owner\":1000,\"name\":\"call\",\n"
"    \"streams\":[\n"
"      {\"direction\":\"tx\",\"ssrc\":\"any\",\"suite\":\"AES_CM_128_HMAC_SHA1_80\",\n"
"       \"fresh\":true,\n"
"       \"keys\":[{\"active\":true,\"master_key\":\"...\",\"master_salt\":\"...\"}]},\n"
"      {\"direction\":\"rx\",\"ssrc\":\"any\",\"suite\":\"AES_CM_128_HMAC_SHA1_80\",\n"
"       \"keys\":[{\"master_key\":\"...\",\"master_salt\":\"...\"}]}]}]}\n"
"\n"
"Octet strings are hex. A sending stream needs \"fresh\":true, which says that its\n"
"key was never used with its SSRC, or explicit indexes (roc, seq, srtcp_index).\n",
};
