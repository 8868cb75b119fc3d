// SPDX-License-Identifier: GPL-2.0
/*
 * The JSON tree of a message as indented text.
 */
#include <stdio.h>
#include <string.h>
#include "visitjson.h"

static void print(struct json_object *value, unsigned int indent);

static bool is_compound(struct json_object *value)
{
	return json_object_is_type(value, json_type_object) ||
	       json_object_is_type(value, json_type_array);
}

/* "mac_alg_name" and "key_data_len" are printed with what they belong to. */
static bool has_owner(struct json_object *object, const char *name)
{
	static const char *const suffixes[] = { "_name", "_len" };
	struct json_object *owner;
	char own[64];
	size_t i, len;

	for (i = 0; i < 2; i++) {
		len = strlen(name) - strlen(suffixes[i]);
		if (strlen(name) <= strlen(suffixes[i]) || len >= sizeof(own) ||
		    strcmp(name + len, suffixes[i]))
			continue;
		snprintf(own, sizeof(own), "%.*s", (int)len, name);
		if (json_object_object_get_ex(object, own, &owner) && (i == 0 || !owner))
			return true;
	}
	return false;
}

static struct json_object *beside(struct json_object *object, const char *name,
				  const char *suffix)
{
	char full[80];

	snprintf(full, sizeof(full), "%s%s", name, suffix);
	return json_object_object_get(object, full);
}

static void print_scalar(struct json_object *object, const char *name, struct json_object *value)
{
	struct json_object *more;

	if (value) {
		fputs(json_object_get_string(value), stdout);
		more = beside(object, name, "_name");
		if (more)
			printf(" (%s)", json_object_get_string(more));
	} else {
		more = beside(object, name, "_len");
		if (more)
			printf("hidden, %s octets", json_object_get_string(more));
		else
			fputs("none", stdout);
	}
	putchar('\n');
}

static void print_object(struct json_object *object, unsigned int indent)
{
	json_object_object_foreach(object, name, value) {
		if (has_owner(object, name))
			continue;
		printf("%*s%s:", indent, "", name);
		if (is_compound(value)) {
			putchar('\n');
			print(value, indent + 2);
		} else {
			putchar(' ');
			print_scalar(object, name, value);
		}
	}
}

static void print_array(struct json_object *array, unsigned int indent)
{
	size_t i, n = json_object_array_length(array);

	for (i = 0; i < n; i++) {
		struct json_object *value = json_object_array_get_idx(array, i);

		if (is_compound(value)) {
			printf("%*s%zu:\n", indent, "", i + 1);
			print(value, indent + 2);
		} else {
			printf("%*s%s\n", indent, "", json_object_get_string(value));
		}
	}
}

static void print(struct json_object *value, unsigned int indent)
{
	if (json_object_is_type(value, json_type_object))
		print_object(value, indent);
	else
		print_array(value, indent);
}

void visit_text_print(struct json_object *object)
{
	print(object, 0);
}
