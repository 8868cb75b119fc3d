// SPDX-License-Identifier: GPL-2.0
/*
 * Peers of the configuration: finding them, and what may be agreed with them.
 */
#include <string.h>
#include "config.h"

struct peer *config_peer(const struct config *config, const char *name)
{
	struct peer *peer;

	for (peer = config->peers; peer; peer = peer->next)
		if (!strcmp(peer->name, name))
			return peer;
	return NULL;
}

/* No early exit: how long it takes does not tell who is configured. */
struct peer *peer_find(const struct config *config, const struct mikey_id *id,
		       const union udp_addr *from)
{
	struct peer *peer, *found = NULL;

	for (peer = config->peers; peer; peer = peer->next) {
		bool hit = id->data.len ? mikey_id_equal(&peer->identity, id) :
			   peer->has_address && udp_addr_same_host(&peer->address, from);

		if (hit)
			found = peer;
	}
	return found;
}

struct mikey_accept peer_accept(const struct peer *peer, bool tls)
{
	struct mikey_accept accept = {
		.suites = peer->suites,
		.n_suites = peer->n_suites,
		/* RFC 3830 9.1: never carry a key with something weaker. */
		.flags = peer->compat | MIKEY_MATCH_STRENGTH,
	};

	if (tls && peer->allow_null == NULL_TLS_ONLY)
		accept.flags |= MIKEY_ALLOW_NULL;
	return accept;
}
