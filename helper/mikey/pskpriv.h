/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the pre-shared key mode share. Internal.
 */
#ifndef MIKEY_PSKPRIV_H
#define MIKEY_PSKPRIV_H

#include "common.h"
#include "mode.h"

/** psk_open - see struct mikey_mode */
enum mikey_reason psk_open(const struct mikey_crypto *crypto, const struct mikey_msg *msg,
			   const struct mikey_creds *creds, const struct mikey_accept *accept,
			   struct mikey_opened *opened, struct mikey_error *err);

#endif
