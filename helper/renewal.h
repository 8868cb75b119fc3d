/* SPDX-License-Identifier: GPL-2.0 */
/*
 * New keys of a call whose mode has no update: reverse RSA, RFC 4738. A new bundle
 * takes the place of the old one, and names it in a vendor ID extension (RFC 3830
 * 6.15), which the signature covers.
 */
#ifndef HELPER_RENEWAL_H
#define HELPER_RENEWAL_H

#include "mikey/mikey.h"

/**
 * renewal_needed - is a bundle renewed by a new one?
 * @csb: bundle
 */
bool renewal_needed(const struct mikey_csb *csb);

/**
 * renewal_fits - may a bundle take the place of another one?
 * @old: live bundle
 * @csb: new one
 *
 * The streams of a session keep their SSRCs and policies.
 */
bool renewal_fits(const struct mikey_csb *old, const struct mikey_csb *csb);

#endif
