/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What this implementation says to itself in vendor ID extensions (RFC 3830 6.15):
 * a word and a number. Others pass over it.
 */
#ifndef HELPER_VENDOR_H
#define HELPER_VENDOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** VENDOR_MAX - octets of what is said, with a 0 at the end */
#define VENDOR_MAX 32
/** VENDOR_RENEWS - the new bundle takes the place of the one with this CSB ID */
#define VENDOR_RENEWS "ksrtp-renews:"
/** VENDOR_GROUP - the keys are those of a group; the SSRC of who gets the message, or 0 */
#define VENDOR_GROUP "ksrtp-group:"

/**
 * vendor_text - write it
 * @word: one of the above
 * @number: its number
 * @text: room for it, VENDOR_MAX octets
 * Return: @text.
 */
const char *vendor_text(const char *word, uint32_t number, char *text);

/**
 * vendor_read - does a message say it?
 * @octets: an authentic message
 * @len: its length
 * @word: one of the above
 * @number: its number
 * Return: false if it says nothing of that.
 */
bool vendor_read(const uint8_t *octets, size_t len, const char *word, uint32_t *number);

#endif
