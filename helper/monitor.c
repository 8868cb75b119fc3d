// SPDX-License-Identifier: GPL-2.0
/*
 * mikey-helper monitor: events of the kernel as they come.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include "command.h"
#include "fields.h"
#include "output.h"
#include "report.h"
#include "showjson.h"
#include "showtext.h"

static void print_value(const struct field *field, const void *object)
{
	uint64_t value = field_uint(field, object);
	const char *word = field->words ? field_word(field->words, value) : NULL;

	if (word)
		printf(" %s %s", field->name, word);
	else if (field->attr == SRTP_A_EVENT_SSRC)
		printf(" %s 0x%08llx", field->name, (unsigned long long)value);
	else
		printf(" %s %llu", field->name, (unsigned long long)value);
}

static void print_mki(const struct kernel_octets *mki)
{
	uint32_t i;

	printf(" mki ");
	for (i = 0; i < mki->len; i++)
		printf("%02x", mki->data[i]);
}

/* The session and the event come first, so that a line can be found by them. */
static void print_event(const struct kernel_event *event)
{
	const char *type = field_word(&event_words, event->type);
	unsigned int i;

	printf("session %u ", event->session);
	if (type)
		printf("%s", type);
	else
		printf("event-%u", event->type);
	for (i = 0; i < event_fields.count; i++) {
		const struct field *field = &event_fields.fields[i];

		if (field->attr == SRTP_A_EVENT_TYPE || field->attr == SRTP_A_EVENT_SESSION ||
		    !field_has(field, event))
			continue;
		if (field->kind == FIELD_OCTETS)
			print_mki(&event->mki);
		else
			print_value(field, event);
	}
	putchar('\n');
}

static void on_event(const struct kernel_event *event, void *arg)
{
	struct json_object *object;

	(void)arg;
	if (report_json) {
		object = json_object_new_object();
		fields_to_json(&event_fields, event, FIELD_STATE, object);
		output_json_line(object);
	} else {
		print_event(event);
		fflush(stdout);
	}
}

/* After a loss only a dump tells what is so. */
static int print_all(struct kernel *kernel)
{
	struct model model = { 0 };
	int err;

	err = model_read(kernel, 0, &model);
	if (err) {
		model_clear(&model);
		return kernel_report(kernel, err, "events were lost, and the sessions cannot be read");
	}
	if (report_json) {
		struct json_object *dump = model_to_json(&model);

		json_object_object_add(dump, "type", json_object_new_string("lost"));
		output_json_line(dump);
	} else {
		printf("events were lost; what the kernel holds now:\n");
		model_print(&model);
		printf("end of what the kernel holds\n");
		fflush(stdout);
	}
	model_clear(&model);
	return 0;
}

/* Ends when nobody reads any more, which a write or the other end of the pipe tells. */
static int wait_for_events(struct kernel_events *events)
{
	struct pollfd fds[] = {
		{ .fd = kernel_events_fd(events), .events = POLLIN },
		{ .fd = 1, .events = 0 },
	};

	while (poll(fds, 2, -1) < 0)
		if (errno != EINTR)
			return report_errno(errno, "cannot wait for events");
	if (fds[1].revents & (POLLERR | POLLNVAL))
		return report_errno(EPIPE, "cannot write to standard output");
	return 0;
}

static int follow(struct kernel *kernel, struct kernel_events *events)
{
	int code = 0;

	while (!code) {
		int err;

		code = wait_for_events(events);
		if (code)
			break;
		err = kernel_events_read(events, on_event, NULL);
		if (err == -ENOBUFS)
			code = print_all(kernel);
		else if (err)
			code = report_errno(-err, "cannot read events");
		if (!code)
			code = output_flush();
	}
	return code;
}

static void print_ready(void)
{
	struct json_object *ready;

	if (report_json) {
		ready = json_object_new_object();
		json_object_object_add(ready, "type", json_object_new_string("ready"));
		output_json_line(ready);
	} else {
		printf("waiting for events\n");
		fflush(stdout);
	}
}

static int monitor(int argc, char **argv)
{
	struct kernel_events *events;
	struct kernel *kernel;
	int code, err;

	if (argc > 1)
		return report_usage("monitor", "monitor takes no argument, not '%s'", argv[1]);
	code = kernel_connect(&kernel);
	if (code)
		return code;
	err = kernel_events_open(kernel, &events);
	if (err) {
		code = kernel_report(kernel, err, "cannot subscribe to events");
	} else {
		print_ready();
		code = follow(kernel, events);
		kernel_events_close(events);
	}
	kernel_close(kernel);
	return code;
}

const struct command command_monitor = {
	.name = "monitor",
	.run = monitor,
	.usage = "",
	.summary = "prints events of the kernel as they come",
	.help =
"One line for each event, with --json one object on a line. The first line says\n"
"that nothing will be missed from then on. If the kernel has to drop events because\n"
"they are not read fast enough, that is said, and followed by everything that the\n"
"kernel holds. Needs CAP_NET_ADMIN.\n",
};
