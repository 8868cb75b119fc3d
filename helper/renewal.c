// SPDX-License-Identifier: GPL-2.0
/*
 * A bundle that takes the place of another one. RFC 3830 4.5 forbids a RAND in
 * updates and RFC 4738 3.6 demands one, so reverse RSA has none.
 */
#include <string.h>
#include "renewal.h"

bool renewal_needed(const struct mikey_csb *csb)
{
	return csb->data_type == MIKEY_RSAR_INIT;
}

static bool same_stream(const struct mikey_session *a, const struct mikey_session *b)
{
	return a->cs_id == b->cs_id && a->from_initiator == b->from_initiator &&
	       a->ssrc == b->ssrc && a->suite == b->suite &&
	       !memcmp(&a->policy, &b->policy, sizeof(a->policy)) &&
	       a->keys[0].mki_len == b->keys[0].mki_len;
}

bool renewal_fits(const struct mikey_csb *old, const struct mikey_csb *csb)
{
	size_t i;

	if (!renewal_needed(old) || csb->data_type != old->data_type ||
	    csb->n_sessions != old->n_sessions || csb->initiator != old->initiator)
		return false;
	for (i = 0; i < csb->n_sessions; i++)
		if (!same_stream(&old->sessions[i], &csb->sessions[i]))
			return false;
	return true;
}
