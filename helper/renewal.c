// SPDX-License-Identifier: GPL-2.0
/*
 * A bundle that takes the place of another one. RFC 3830 4.5 forbids a RAND in
 * updates and RFC 4738 3.6 demands one, so reverse RSA has none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "renewal.h"

#define PREFIX "ksrtp-renews:"

bool renewal_needed(const struct mikey_csb *csb)
{
	return csb->data_type == MIKEY_RSAR_INIT;
}

const char *renewal_name(const struct mikey_csb *csb, char *text)
{
	snprintf(text, RENEWAL_MAX, PREFIX "%08x", csb->csb_id);
	return text;
}

static bool parse_name(struct mikey_view data, uint32_t *csb_id)
{
	const size_t prefix = strlen(PREFIX);
	char text[RENEWAL_MAX];
	size_t i;

	if (data.len != prefix + 8 || memcmp(data.data, PREFIX, prefix))
		return false;
	memcpy(text, data.data + prefix, 8);
	text[8] = '\0';
	for (i = 0; i < 8; i++)
		if (!strchr("0123456789abcdef", text[i]))
			return false;
	*csb_id = strtoul(text, NULL, 16);
	return true;
}

bool renewal_read(const uint8_t *octets, size_t len, uint32_t *csb_id)
{
	struct mikey_msg *msg = malloc(sizeof(*msg));
	bool found = false;
	size_t i;

	if (!msg)
		return false;
	if (!mikey_parse(msg, octets, len, NULL))
		for (i = 0; i < msg->n_payloads && !found; i++)
			found = msg->payload[i].type == MIKEY_PL_EXT &&
				msg->payload[i].ext.ext_type == MIKEY_EXT_VENDOR_ID &&
				parse_name(msg->payload[i].ext.data, csb_id);
	free(msg);
	return found;
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
