/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The KeyMgmt header of RTSP (RFC 4567 3.2), read and written.
 */
#ifndef HELPER_KEYMGMT_H
#define HELPER_KEYMGMT_H

#include <stdbool.h>
#include <stddef.h>

/** KEYMGMT_HEADER - name of the header, capitals do not matter */
#define KEYMGMT_HEADER "KeyMgmt:"
/** KEYMGMT_BODY - what cameras send in bodies instead (ONVIF) */
#define KEYMGMT_BODY "mikey:"

/**
 * struct span - part of a text
 * @text: first character, NULL if it is not there
 * @len: characters
 */
struct span {
	const char *text;
	size_t len;
};

/**
 * struct keymgmt - one element of a KeyMgmt header
 * @mikey: prot is mikey
 * @uri: what it is about; empty or absent: the request's own
 * @data: the message in base64
 */
struct keymgmt {
	bool mikey;
	struct span uri;
	struct span data;
};

/**
 * keymgmt_next - the next element
 * @text: behind the header's name, or where the last call ended
 * @end: of the header
 * @keymgmt: filled
 * Return: where the next call goes on, or NULL if there was no more element.
 */
const char *keymgmt_next(const char *text, const char *end, struct keymgmt *keymgmt);

/**
 * keymgmt_line - a header line
 * @uri: what it is about, or NULL
 * @base64: the message
 * Return: without line end, to be released by free(), or NULL without memory.
 */
char *keymgmt_line(const char *uri, const char *base64);

#endif
