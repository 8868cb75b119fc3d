/* SPDX-License-Identifier: GPL-2.0 */
/*
 * New keys of a call whose mode has no update: reverse RSA, RFC 4738. A new bundle
 * takes the place of the old one, and names it in a vendor ID extension (RFC 3830
 * 6.15), which the signature covers.
 */
#ifndef HELPER_RENEWAL_H
#define HELPER_RENEWAL_H

#include "mikey/mikey.h"

/** RENEWAL_MAX - octets of the name of a bundle, with a 0 at the end */
#define RENEWAL_MAX 32

/**
 * renewal_needed - is a bundle renewed by a new one?
 * @csb: bundle
 */
bool renewal_needed(const struct mikey_csb *csb);

/**
 * renewal_name - what says that a message takes the place of a bundle
 * @csb: bundle
 * @text: room for it, RENEWAL_MAX octets
 * Return: @text.
 */
const char *renewal_name(const struct mikey_csb *csb, char *text);

/**
 * renewal_read - which bundle a message takes the place of
 * @octets: an authentic message
 * @len: its length
 * @csb_id: CSB ID of the bundle
 * Return: false if it says nothing of that.
 */
bool renewal_read(const uint8_t *octets, size_t len, uint32_t *csb_id);

/**
 * renewal_fits - may a bundle take the place of another one?
 * @old: live bundle
 * @csb: new one
 *
 * The streams of a session keep their SSRCs and policies.
 */
bool renewal_fits(const struct mikey_csb *old, const struct mikey_csb *csb);

#endif
