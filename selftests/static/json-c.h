/* SPDX-License-Identifier: GPL-2.0 */
/* The one macro of json-c that is a statement: what cppcheck takes it for. */
#define json_object_object_foreach(object, name, value) \
	char *name; struct json_object *value; \
	for (name = first_name(object), value = first_value(object); name; \
	     name = next_name(object), value = next_value(object))
