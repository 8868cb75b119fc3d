/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the daemon tells while it runs: one line for each event, as JSON with
 * --json, else as text.
 */
#ifndef HELPER_LOG_H
#define HELPER_LOG_H

#include <json-c/json.h>

/**
 * log_event - write a line
 * @event: what happened, a stable word
 * @fields: more about it, put here; NULL for none. Strings that came from
 *	outside are escaped.
 */
void log_event(const char *event, struct json_object *fields);

/**
 * log_string - add a string to the fields
 * @fields: object
 * @name: name
 * @value: value
 */
void log_string(struct json_object *fields, const char *name, const char *value);

/**
 * log_number - add a number to the fields
 * @fields: object
 * @name: name
 * @value: value
 */
void log_number(struct json_object *fields, const char *name, int64_t value);

#endif
