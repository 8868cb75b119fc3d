// SPDX-License-Identifier: GPL-2.0
/*
 * mikey-helper show: what the kernel holds.
 */
#include <errno.h>
#include <getopt.h>
#include "command.h"
#include "number.h"
#include "output.h"
#include "report.h"
#include "showjson.h"
#include "showtext.h"

static int show_sessions(struct kernel *kernel, uint32_t session)
{
	struct model model = { 0 };
	int err;

	err = model_read(kernel, session, &model);
	if (err) {
		model_clear(&model);
		if (session)
			return kernel_report(kernel, err, "cannot show session %u", session);
		return kernel_report(kernel, err, "cannot show the sessions");
	}
	if (report_json)
		output_json(model_to_json(&model));
	else
		model_print(&model);
	model_clear(&model);
	return output_flush();
}

static int add_suite(const struct kernel_suite *suite, void *arg)
{
	struct json_object *object;

	if (!report_json) {
		suite_print(suite);
		return 0;
	}
	object = json_object_new_object();
	fields_to_json(&suite_fields, suite, FIELD_STATE, object);
	json_object_array_add(arg, object);
	return 0;
}

static int show_suites(struct kernel *kernel)
{
	struct json_object *suites = json_object_new_array();
	struct json_object *top = json_object_new_object();
	int err;

	json_object_object_add(top, "suites", suites);
	err = kernel_suite_dump(kernel, add_suite, suites);
	if (!err && report_json)
		output_json(top);
	else
		json_object_put(top);
	return err ? kernel_report(kernel, err, "cannot show the suites") : output_flush();
}

static int show(int argc, char **argv)
{
	static const struct option options[] = {
		{ "suites", no_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	struct kernel *kernel;
	uint32_t session = 0;
	bool suites = false;
	int opt, code;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt != 's')
			return report_usage("show", "there is no option '%s'", argv[optind - 1]);
		suites = true;
	}
	if (argc - optind > (suites ? 0 : 1))
		return report_usage("show", "show takes one session");
	if (optind < argc && !number_parse(argv[optind], 1, SESSION_ID_MAX, &session))
		return report_usage("show", "'%s' is not the number of a session", argv[optind]);
	code = kernel_connect(&kernel);
	if (code)
		return code;
	code = suites ? show_suites(kernel) : show_sessions(kernel, session);
	kernel_close(kernel);
	return code;
}

const struct command command_show = {
	.name = "show",
	.run = show,
	.usage = "[SESSION | --suites]",
	.summary = "shows what the kernel holds, or which suites it knows",
	.help =
"Sessions with their sockets, streams and keys, and the counters that are not zero.\n"
"Everybody sees his own sessions, CAP_NET_ADMIN sees all. With --json the output is\n"
"what load reads, without keys, plus state and counters. Keys are never shown: the\n"
"kernel does not give them out.\n",
};
