/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where `decode` finds messages: a whole file in one encoding, or the carriers
 * inside a document or a capture.
 */
#ifndef HELPER_SOURCE_H
#define HELPER_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "failure.h"

/**
 * struct source - one message, or what should have been one
 * @where: where it was, for people
 * @octets: the message
 * @len: how many
 * @failure: code 0, or why there are no octets
 */
struct source {
	char where[160];
	uint8_t *octets;
	size_t len;
	struct failure failure;
};

/**
 * struct source_list - all messages of an input
 * @list: in their order
 * @n: how many
 * @lost: there was no memory for one
 */
struct source_list {
	struct source *list;
	size_t n;
	bool lost;
};

/**
 * struct input - what was given to decode
 * @data: octets, with a NUL behind them
 * @len: how many
 * @port: UDP port of MIKEY in captures
 */
struct input {
	const char *data;
	size_t len;
	uint16_t port;
};

/**
 * struct source_format - a way to find messages
 * @name: for --format
 * @looks: does the input look like it? Asked in the order of source_formats[].
 * @find: add what is there
 */
struct source_format {
	const char *name;
	bool (*looks)(const struct input *input);
	void (*find)(const struct input *input, struct source_list *list);
};

/** source_formats - all formats, up to one without a name */
extern const struct source_format source_formats[];

/**
 * source_add - append a message
 * @list: list
 * @octets: copied
 * @len: how many
 * Return: the element, for @where and @failure; NULL without memory.
 */
struct source *source_add(struct source_list *list, const void *octets, size_t len);

/**
 * source_add_base64 - append a message in base64
 * @list: list
 * @text: RFC 4648 4, white space is passed over
 * @len: characters
 * @at: place of @text in the input, for the failure
 * Return: as source_add().
 */
struct source *source_add_base64(struct source_list *list, const char *text, size_t len,
				 size_t at);

/**
 * source_clear - wipe and release a list
 * @list: list
 */
void source_clear(struct source_list *list);

/* The formats that have a file of their own. */
bool sdp_source_looks(const struct input *input);
void sdp_source_find(const struct input *input, struct source_list *list);
bool rtsp_source_looks(const struct input *input);
void rtsp_source_find(const struct input *input, struct source_list *list);
bool pcap_looks(const struct input *input);
void pcap_find(const struct input *input, struct source_list *list);

#endif
