/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sessions written as JSON: what load reads and show prints.
 */
#ifndef HELPER_LOADJSON_H
#define HELPER_LOADJSON_H

#include "jsontext.h"
#include "model.h"

/**
 * model_from_json - read sessions
 * @json: text that was read; what goes into @model is not wiped here
 * @model: empty; to be cleared also on failure
 *
 * Return: 0, or MIKEY_EXIT_MALFORMED after a report.
 */
int model_from_json(const struct json_text *json, struct model *model);

/**
 * model_place_text - the path of a part of a model
 * @place: which
 * @text: at least 96 octets
 * @size: of @text
 */
void model_place_text(const struct model_place *place, char *text, size_t size);

#endif
