// SPDX-License-Identifier: GPL-2.0
/*
 * The daemon's log on standard output.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "log.h"
#include "output.h"
#include "report.h"

void log_string(struct json_object *fields, const char *name, const char *value)
{
	json_object_object_add(fields, name, json_object_new_string(value));
}

void log_number(struct json_object *fields, const char *name, int64_t value)
{
	json_object_object_add(fields, name, json_object_new_int64(value));
}

static void add_time(struct json_object *line)
{
	struct timespec ts;
	struct tm tm;
	char text[40], all[64];

	clock_gettime(CLOCK_REALTIME, &ts);
	gmtime_r(&ts.tv_sec, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(all, sizeof(all), "%s.%03ldZ", text, ts.tv_nsec / 1000000);
	log_string(line, "time", all);
}

/* JSON escapes the control characters of strings. */
static void print_text(const char *event, struct json_object *fields)
{
	printf("mikey-helper: %s", event);
	json_object_object_foreach(fields, name, value)
		printf(" %s=%s", name, json_object_to_json_string_ext(value,
			JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	putchar('\n');
	fflush(stdout);
}

void log_event(const char *event, struct json_object *fields)
{
	struct json_object *line;

	if (!fields)
		fields = json_object_new_object();
	if (!report_json) {
		print_text(event, fields);
		json_object_put(fields);
		return;
	}
	line = json_object_new_object();
	add_time(line);
	log_string(line, "event", event);
	json_object_object_foreach(fields, name, value)
		json_object_object_add(line, name, json_object_get(value));
	json_object_put(fields);
	output_json_line(line);
}
