// SPDX-License-Identifier: GPL-2.0
/*
 * What this host proposes to a peer as initiator.
 */
#include <arpa/inet.h>
#include <string.h>
#include "now.h"
#include "proposal.h"
#include "vendor.h"

static struct mikey_init init_of(const struct proposal *proposal)
{
	struct mikey_init init = peer_init(proposal->config, proposal->peer);

	if (proposal->plain) {
		init.idi = init.idr = (struct mikey_id){ 0 };
		init.encr_alg = MIKEY_ENCR_NULL;
		init.mac_alg = MIKEY_MAC_NULL;
	}
	return init;
}

/*
 * A TGK, from which every crypto session gets keys of its own. Cameras want a
 * TEK, for CM suites with the salt behind the key in one string, for AEAD with
 * a salt (ONVIF Streaming).
 */
static struct mikey_key_offer key_offer(const struct proposal *proposal)
{
	const struct mikey_suite *suite = proposal->peer->suites[0];
	bool split = proposal->peer->compat & MIKEY_COMPAT_SPLIT_TEK && !suite->aead_tag_len;
	struct mikey_key_offer key = {
		.type = MIKEY_KEY_TGK,
		.key_len = suite->key_len > 16 ? suite->key_len : 16,
	};

	if (proposal->plain) {
		key.type = split ? MIKEY_KEY_TEK : MIKEY_KEY_TEK_SALT;
		key.key_len = suite->key_len + (split ? suite->salt_len : 0);
		key.salt_len = suite->salt_len;
	}
	if (proposal->mki_len) {
		key.kv.kv = MIKEY_KV_SPI;
		key.kv.spi = (struct mikey_view){ proposal->mki, proposal->mki_len };
	}
	return key;
}

uint32_t message_csb_id(struct mikey_view msg)
{
	uint32_t csb_id = 0;

	if (msg.len >= 8)
		memcpy(&csb_id, msg.data + 4, sizeof(csb_id));
	return ntohl(csb_id);
}

/* Who has no key gets none in clear, unless the caller knows its carrier. */
static int check_carrier(const struct proposal *proposal, struct failure *failure)
{
	if (proposal->plain || !peer_is_plain(proposal->peer))
		return 0;
	return failure_set(failure, MIKEY_EXIT_POLICY, "null-encryption",
			   "peer %s has no key, and its carrier is not said to be TLS",
			   proposal->peer->name);
}

/* What the message says besides, in @room; never two of them. */
static size_t add_extension(const struct proposal *proposal, struct mikey_payload *ext,
			    char *room)
{
	const char *text = proposal->protocols;

	if (proposal->group)
		text = vendor_text(VENDOR_GROUP, proposal->group_ssrc, room);
	else if (proposal->renews)
		text = vendor_text(VENDOR_RENEWS, proposal->renews->csb_id, room);
	ext->type = MIKEY_PL_EXT;
	ext->ext.ext_type = text == room ? MIKEY_EXT_VENDOR_ID : MIKEY_EXT_SDP_IDS;
	if (!text)
		return 0;
	ext->ext.data = (struct mikey_view){ (const uint8_t *)text, strlen(text) };
	return 1;
}

/* RFC 4563: the empty map says nothing of what is meant, so that has to be this much */
static int check_map(const struct proposal *proposal, struct failure *failure)
{
	size_t i;

	if (proposal->peer->map_type != MIKEY_MAP_EMPTY || proposal->update)
		return 0;
	if (proposal->n_cs != CONFIG_EMPTY_MAP_CS)
		return failure_set(failure, MIKEY_EXIT_POLICY, "media-mismatch",
				   "peer %s has map = empty, which is good for one medium",
				   proposal->peer->name);
	for (i = 0; i < proposal->n_cs; i++)
		if (proposal->cs[i].ssrc)
			return failure_set(failure, MIKEY_EXIT_POLICY, "media-mismatch",
					   "peer %s has map = empty, which names no SSRC",
					   proposal->peer->name);
	return 0;
}

int proposal_make(const struct exchange_env *env, const struct proposal *proposal,
		  struct mikey_pending **pending, struct failure *failure)
{
	const struct mikey_key_offer key = key_offer(proposal);
	const struct mikey_accept accept = peer_accept(proposal->peer, proposal->plain);
	const struct mikey_init init = init_of(proposal);
	const bool empty = proposal->peer->map_type == MIKEY_MAP_EMPTY;
	char room[VENDOR_MAX];
	struct mikey_payload ext = { 0 };
	struct mikey_policy policy;
	struct mikey_offer offer = {
		.prf = proposal->peer->strength == 256 && !proposal->plain ?
			       MIKEY_PRF_HMAC_SHA256 : MIKEY_PRF_HMAC_SHA1,
		.verify = proposal->verify,
		.map_type = proposal->peer->map_type,
		.cs = proposal->cs,
		.n_cs = empty ? 0 : proposal->n_cs,
		.policies = &policy,
		.n_policies = proposal->update || proposal->member || empty ? 0 : 1,
		.keys = &key,
		.n_keys = proposal->member ? 0 : 1,
		.ext = &ext,
		.n_ext = add_extension(proposal, &ext, room),
		.accept = &accept,
		.csb_in_use = env->csb_in_use,
		.arg = env->arg,
		.update = proposal->update,
		.member = proposal->member,
	};
	struct mikey_error err;

	peer_policy(proposal->peer, &policy);
	if (check_carrier(proposal, failure) || check_map(proposal, failure) ||
	    state_next_ts(env->state, proposal->peer->ts_type, now_ntp(), &offer.ts, failure))
		return -1;
	if (mikey_initiate(&env->mikey, &init, &offer, pending, &err))
		return failure_mikey(failure, &err);
	if (env->sent)
		env->sent(env->arg, mikey_pending_id(*pending), &offer.ts);
	return 0;
}
