// SPDX-License-Identifier: GPL-2.0
/*
 * mikey-helper unload: deletes sessions.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include "command.h"
#include "freeze.h"
#include "model.h"
#include "number.h"
#include "output.h"
#include "report.h"
#include "showjson.h"

/**
 * struct ids - numbers of sessions
 * @id: numbers
 * @count: how many
 */
struct ids {
	uint32_t *id;
	size_t count;
};

static int add_id(const struct kernel_session *session, void *arg)
{
	struct ids *ids = arg;
	uint32_t *larger = realloc(ids->id, (ids->count + 1) * sizeof(*larger));

	if (!larger)
		return -ENOMEM;
	ids->id = larger;
	larger[ids->count++] = session->id;
	return 0;
}

/* What changes meanwhile is somebody else's; those that are there now go. */
static int all_ids(struct kernel *kernel, struct ids *ids)
{
	int err = kernel_session_dump(kernel, add_id, ids);

	if (err && err != -EAGAIN)
		return kernel_report(kernel, err, "cannot list the sessions");
	return 0;
}

static int parse_ids(int argc, char **argv, struct ids *ids)
{
	struct kernel_session session = { 0 };
	int i;

	for (i = 0; i < argc; i++) {
		if (!number_parse(argv[i], 1, SESSION_ID_MAX, &session.id))
			return report_usage("unload", "'%s' is not the number of a session",
					    argv[i]);
		if (add_id(&session, ids))
			return report_errno(ENOMEM, "cannot unload");
	}
	return 0;
}

static int freeze_all(struct kernel *kernel, const struct ids *ids, struct json_object *sessions)
{
	size_t i;

	for (i = 0; i < ids->count; i++) {
		struct model model = { 0 };
		struct json_object *json, *one;
		int err = session_freeze(kernel, ids->id[i], &model);

		if (err) {
			model_clear(&model);
			return kernel_report(kernel, err, "cannot freeze session %u", ids->id[i]);
		}
		json = model_to_json(&model);
		model_clear(&model);
		one = json_object_array_get_idx(json_object_object_get(json, "sessions"), 0);
		json_object_array_add(sessions, json_object_get(one));
		json_object_put(json);
	}
	return 0;
}

/* What was not printed whole is not deleted: it can be frozen, and read, again. */
static int print_frozen(struct kernel *kernel, const struct ids *ids)
{
	struct json_object *sessions = json_object_new_array();
	struct json_object *top = json_object_new_object();
	int code;

	json_object_object_add(top, "sessions", sessions);
	code = freeze_all(kernel, ids, sessions);
	if (code) {
		json_object_put(top);
		return code;
	}
	output_json(top);
	return output_flush();
}

/* Goes on after a failure, so that as much as possible is gone; the first one counts. */
static int delete_all(struct kernel *kernel, const struct ids *ids, bool all, bool quiet)
{
	struct json_object *deleted = json_object_new_array();
	struct json_object *top = json_object_new_object();
	int code = 0;
	size_t i;

	json_object_object_add(top, "deleted", deleted);
	for (i = 0; i < ids->count; i++) {
		int err = kernel_session_del(kernel, ids->id[i]);
		int failed = 0;

		if (!err)
			json_object_array_add(deleted, json_object_new_int64(ids->id[i]));
		else if (!all || err != -ENOENT)
			failed = kernel_report(kernel, err, "cannot unload session %u", ids->id[i]);
		if (!code)
			code = failed;
	}
	if (report_json && !code && !quiet)
		output_json_line(top);
	else
		json_object_put(top);
	return code ? code : output_flush();
}

static int unload_ids(struct ids *ids, bool all, bool freeze)
{
	struct kernel *kernel;
	int code;

	code = kernel_connect(&kernel);
	if (code)
		return code;
	if (all)
		code = all_ids(kernel, ids);
	if (!code && freeze)
		code = print_frozen(kernel, ids);
	if (!code)
		code = delete_all(kernel, ids, all, freeze);
	kernel_close(kernel);
	return code;
}

static int unload(int argc, char **argv)
{
	static const struct option options[] = {
		{ "all", no_argument, NULL, 'a' },
		{ "freeze", no_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 },
	};
	struct ids ids = { 0 };
	bool all = false, freeze = false;
	int opt, code;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt != 'a' && opt != 'f')
			return report_usage("unload", "there is no option '%s'", argv[optind - 1]);
		all |= opt == 'a';
		freeze |= opt == 'f';
	}
	if (all == (optind < argc))
		return report_usage("unload", "unload takes numbers of sessions, or --all");
	code = parse_ids(argc - optind, argv + optind, &ids);
	if (!code)
		code = unload_ids(&ids, all, freeze);
	free(ids.id);
	return code;
}

const struct command command_unload = {
	.name = "unload",
	.run = unload,
	.usage = "[--freeze] SESSION... | --all",
	.summary = "deletes sessions with their streams and keys",
	.help =
"The sockets of a deleted session stay attached: they send nothing any more and\n"
"drop what they receive, until they are detached or closed. Needs CAP_NET_ADMIN.\n"
"\n"
"  --freeze    first stop the streams and print, as JSON for load, where each\n"
"              stands: ROC, sequence number, SRTCP index, windows. With the keys\n"
"              put in, load goes on from there on another host or namespace\n",
};
