/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Base64 as RFC 4567 3.1 wants it (RFC 4648 4).
 */
#ifndef HELPER_BASE64_H
#define HELPER_BASE64_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** BASE64_DIGITS - the alphabet, without the padding */
#define BASE64_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

/** BASE64_NO_MEMORY - for base64_decode() */
#define BASE64_NO_MEMORY ((size_t)-1)

/**
 * base64_decode - text to octets
 * @text: white space in it is passed over
 * @len: characters
 * @n: octets
 * @bad: place of the first wrong character, or BASE64_NO_MEMORY
 * Return: octets, to be wiped and released by free(), or NULL.
 */
uint8_t *base64_decode(const char *text, size_t len, size_t *n, size_t *bad);

/**
 * base64_encode - octets to text, without line breaks
 * @octets: octets
 * @len: how many
 * Return: to be released by free(), or NULL without memory.
 */
char *base64_encode(const void *octets, size_t len);

/**
 * squeeze - copy the characters of a set
 * @text: text
 * @len: characters
 * @set: which may be there, beside white space that is passed over
 * @out: room for @len and a NUL
 * @bad: place of the first character that is neither
 * Return: how many were copied, or -1.
 */
ssize_t squeeze(const char *text, size_t len, const char *set, char *out, size_t *bad);

#endif
