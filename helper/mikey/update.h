/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Updates of a live bundle, RFC 3830 4.5: new keys, further crypto sessions, or
 * both, under the CSB ID, the RAND and the key that made it. Only the initiator
 * of a bundle updates it; who else wants new keys opens a bundle of his own.
 *
 * Initiator: the way of a first message, with @update set in the offer:
 *	key.kv.spi = (struct mikey_view){ mki, mikey_next_mki(csb, mki) };
 *	offer.update = csb;	the live bundle: sessions, policies, PRF as they are
 *	offer.keys = &key;	n_keys = 0 leaves the keys that there are
 *	offer.ts		later than that of @csb: from the same clock
 *	mikey_psk_offer(), mikey_psk_process(), mikey_psk_take()
 * What is taken stands in the place of @csb, which is then freed. Nothing of
 * @csb is changed before.
 *
 * Responder: the live() of its configuration finds the bundle that a message
 * without RAND is about. answer.csb then is the bundle as updated, and
 * answer.updated the one that it replaces.
 *
 * Make before break: to the streams that receive, the new keys are added (they
 * have another MKI); a stream that sends changes over when the other side has
 * said that it has them: the initiator with the response, the responder when
 * it has answered. The old keys go when nothing can be on its way any more.
 */
#ifndef MIKEY_UPDATE_H
#define MIKEY_UPDATE_H

#include "csb.h"

/**
 * mikey_next_mki - an MKI that the keys of a bundle do not have
 * @csb: bundle
 * @mki: 255 octets
 * Return: its octets, as many as the MKIs of the bundle have; 0 if they have
 * none.
 */
size_t mikey_next_mki(const struct mikey_csb *csb, uint8_t *mki);

/**
 * mikey_update_check - may this message update this bundle?
 * @csb: live bundle
 * @msg: authenticated message without RAND, and with its CSB ID
 * @err: why not: not from the initiator, not later than what the bundle was
 *	made by, or with other algorithms or identities
 */
enum mikey_reason mikey_update_check(const struct mikey_csb *csb, const struct mikey_msg *msg,
				     struct mikey_error *err);

#endif
