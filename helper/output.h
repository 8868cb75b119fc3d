/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What mikey-helper prints on standard output.
 */
#ifndef HELPER_OUTPUT_H
#define HELPER_OUTPUT_H

#include <stddef.h>
#include <stdint.h>
#include <json-c/json.h>

/**
 * output_json_line - print an object on one line and flush it
 * @object: printed and put
 */
void output_json_line(struct json_object *object);

/**
 * output_json - print an object for people and programs, on several lines
 * @object: printed and put
 */
void output_json(struct json_object *object);

/**
 * output_hex - an octet string as a JSON string of lower case hex digits
 * @data: octets
 * @len: how many
 */
struct json_object *output_hex(const uint8_t *data, size_t len);

/**
 * output_flush - was everything written?
 *
 * Return: 0, or the exit code of a failure that has been reported.
 */
int output_flush(void);

#endif
