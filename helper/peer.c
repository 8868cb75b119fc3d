// SPDX-License-Identifier: GPL-2.0
/*
 * Peers of the configuration: finding them, and what may be agreed with them.
 */
#include <string.h>
#include "config.h"
#include "fetch.h"
#include "now.h"

struct peer *config_peer(const struct config *config, const char *name)
{
	struct peer *peer;

	for (peer = config->peers; peer; peer = peer->next)
		if (!strcmp(peer->name, name))
			return peer;
	return NULL;
}

struct group *config_group(const struct config *config, const char *name)
{
	struct group *group;

	for (group = config->groups; group; group = group->next)
		if (!strcmp(group->common.name, name))
			return group;
	return NULL;
}

/* No early exit: how long it takes does not tell who is configured. */
struct peer *peer_find(const struct config *config, const struct mikey_id *id,
		       const union udp_addr *from)
{
	struct peer *peer, *found = NULL;

	for (peer = config->peers; peer; peer = peer->next) {
		bool hit = id->data.len ? mikey_id_equal(&peer->identity, id) :
			   from && peer->has_address && udp_addr_same_host(&peer->address, from);

		if (hit)
			found = peer;
	}
	return found;
}

/* What we propose ourselves, the peer may, too */
static uint32_t implied(const struct peer *peer)
{
	return (peer->kdr ? MIKEY_ALLOW_KDR : 0) | (peer->rcc ? MIKEY_ALLOW_RCC : 0);
}

struct mikey_accept peer_accept(const struct peer *peer, bool tls)
{
	struct mikey_accept accept = {
		.suites = peer->suites,
		.n_suites = peer->n_suites,
		/* RFC 3830 9.1: never carry a key with something weaker. */
		.flags = peer->compat | peer->allow | implied(peer) | MIKEY_MATCH_STRENGTH,
	};

	if (peer->ts_type != MIKEY_TS_COUNTER)
		accept.flags |= MIKEY_REFUSE_COUNTER;
	/* RFC 4563 5: there, what it would say is agreed on elsewhere: here. */
	if (peer->map_type == MIKEY_MAP_EMPTY)
		accept.empty_map_cs = CONFIG_EMPTY_MAP_CS;
	if (tls && peer->allow_null == NULL_TLS_ONLY)
		accept.flags |= MIKEY_ALLOW_NULL;
	return accept;
}

struct mikey_creds peer_creds(const struct config *config, const struct peer *peer)
{
	return (struct mikey_creds){
		.psk = { .data = peer->psk.data, .len = peer->psk.len },
		.own = config->own,
		.trust = peer->trust,
		.sign = peer->sign,
		.sign_accept = peer->sign_accept,
		.oaep = peer->oaep,
		.cache = peer->cache,
		.url = { (const uint8_t *)peer->cert_url,
			 peer->cert_url ? strlen(peer->cert_url) : 0 },
		.urls = { peer->fetch ? fetch_find : NULL, (void *)peer },
	};
}

struct mikey_init peer_init(const struct config *config, const struct peer *peer)
{
	bool strong = peer->strength == 256;

	return (struct mikey_init){
		.mode = peer->mode,
		.creds = peer_creds(config, peer),
		.now = now_ntp(),
		.idi = config->identity,
		.idr = peer->identity,
		.encr_alg = strong ? MIKEY_ENCR_AES_CM_256 : MIKEY_ENCR_AES_CM_128,
		.mac_alg = strong ? MIKEY_MAC_HMAC_SHA256 : MIKEY_MAC_HMAC_SHA1,
		.dh_group = peer->dh_group,
	};
}

/* RFC 4771 4: the tag of a packet that carries the ROC is longer by that */
void peer_policy(const struct peer *peer, struct mikey_policy *policy)
{
	mikey_suite_policy(peer->suites[0], policy);
	policy->kdr = peer->kdr;
	if (!peer->rcc)
		return;
	policy->roc_rate = peer->roc_rate;
	policy->srtp_auth_alg = peer->rcc;
	policy->srtp_auth_key_len = peer->rcc == MIKEY_SRTP_AUTH_RCCM3 ? 0 : 20;
	policy->srtp_tag_len = 4 + (peer->rcc == MIKEY_SRTP_AUTH_RCCM3 ? 0 :
							peer->suites[0]->srtp_tag_len);
}

bool peer_is_plain(const struct peer *peer)
{
	return peer->mode == MIKEY_PSK_INIT && !peer->psk_file &&
	       peer->allow_null == NULL_TLS_ONLY;
}
