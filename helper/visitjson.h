/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages and bundles as JSON, by the library's visitor.
 */
#ifndef HELPER_VISITJSON_H
#define HELPER_VISITJSON_H

#include <json-c/json.h>
#include "mikey/visit.h"

/** VISIT_DEPTH - deepest nesting of objects and arrays */
#define VISIT_DEPTH 12

/**
 * struct visit_json - a tree being built
 * @visitor: to be given to mikey_visit_msg() and the like
 * @stack: the open objects and arrays; the first one is the caller's
 * @depth: how many
 */
struct visit_json {
	struct mikey_visitor visitor;
	struct json_object *stack[VISIT_DEPTH];
	unsigned int depth;
};

/**
 * visit_json_begin - build into an object
 * @build: filled
 * @object: the caller's
 * @secrets: show key material
 */
void visit_json_begin(struct visit_json *build, struct json_object *object, bool secrets);

/**
 * visit_text_print - print such a tree for people
 * @object: object
 */
void visit_text_print(struct json_object *object);

#endif
