// SPDX-License-Identifier: GPL-2.0
/*
 * Opens messages of any mode without taking part in the exchange.
 */
#include <openssl/crypto.h>
#include <string.h>

#include "inspect.h"
#include "mode.h"

void mikey_opened_clear(struct mikey_opened *opened)
{
	OPENSSL_secure_clear_free(opened->clear, opened->clear_size);
	mikey_csb_free(opened->csb);
	memset(opened, 0, sizeof(*opened));
}

enum mikey_reason mikey_inspect(const struct mikey_crypto *crypto, const struct mikey_msg *msg,
				const struct mikey_creds *creds, const struct mikey_accept *accept,
				struct mikey_opened *opened, struct mikey_error *err)
{
	const struct mikey_mode *mode = mikey_mode_of(msg->hdr.data_type);
	enum mikey_reason reason;

	memset(opened, 0, sizeof(*opened));
	if (!mode || !mode->open || msg->hdr.data_type != mode->init_type)
		return mikey_fail(err, MIKEY_UNSUP_MODE, 1,
				  "messages of type %u are not opened", msg->hdr.data_type);
	reason = mikey_validate(msg, err);
	return reason ? reason : mode->open(crypto, msg, creds, accept, opened, err);
}
