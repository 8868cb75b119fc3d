/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MIKEY in RTSP messages: the KeyMgmt header (RFC 4567 3.2), and the bodies of
 * SET_PARAMETER, which have either that header's line or "mikey: " and base64
 * (ONVIF Streaming).
 */
#ifndef HELPER_RTSP_H
#define HELPER_RTSP_H

#include "failure.h"

/** RTSP_KEYS_MAX - most messages of one text */
#define RTSP_KEYS_MAX 16

/**
 * struct rtsp_key - one message
 * @uri: what it is about, "" for the request's own
 * @base64: the message
 */
struct rtsp_key {
	char *uri;
	char *base64;
};

/**
 * struct rtsp_keys - the messages of a text
 * @list: messages in their order
 * @n: how many
 */
struct rtsp_keys {
	struct rtsp_key list[RTSP_KEYS_MAX];
	int n;
};

/**
 * rtsp_find - the messages of a request, a response, or lines of them
 * @text: text
 * @len: octets
 * @keys: filled; to be cleared in any case
 * @failure: why not: there is none, or too many
 * Return: 0 or -1.
 */
int rtsp_find(const char *text, size_t len, struct rtsp_keys *keys, struct failure *failure);

/**
 * rtsp_clear - wipe and release
 * @keys: filled by rtsp_find()
 */
void rtsp_clear(struct rtsp_keys *keys);

#endif
