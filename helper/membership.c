// SPDX-License-Identifier: GPL-2.0
/*
 * What is peculiar to the messages of a group. All members have all keys, so an SSRC
 * belongs to one of them, and is named: two senders that chose it by themselves could
 * choose the same, and would use a keystream twice (RFC 3711 9.1).
 */
#include <openssl/crypto.h>
#include <string.h>
#include "membership.h"
#include "proposal.h"
#include "running.h"
#include "vendor.h"

size_t membership_map(const struct group *group, uint32_t session, struct mikey_cs_offer *cs)
{
	uint32_t ssrc = group->common.local_ssrc;
	size_t i, n = 0;

	if (ssrc) {
		cs[n] = (struct mikey_cs_offer){ .ssrc = ssrc };
		cs[n++].roc = running_roc(session, &ssrc);
	}
	for (i = 0; i < group->n_members; i++)
		if (group->members[i]->remote_ssrc)
			cs[n++] = (struct mikey_cs_offer){
				.ssrc = group->members[i]->remote_ssrc,
			};
	return n;
}

/* A key that nobody has, for a message that nobody gets */
static int random_psk(const struct mikey_env *mikey, uint8_t *psk, size_t len,
		      struct failure *failure)
{
	if (!mikey->random(mikey->arg, psk, len))
		return 0;
	return failure_set(failure, MIKEY_EXIT_SYSTEM, "no-random", "no random octets");
}

int membership_keys(const struct exchange_env *env, struct config *config,
		    const struct group *group, const struct mikey_csb *old,
		    struct mikey_csb **csb, struct failure *failure)
{
	struct mikey_cs_offer cs[CONFIG_MEMBERS_MAX + 1];
	struct mikey_pending *pending;
	struct peer nobody = group->common;
	struct proposal proposal = {
		.config = config,
		.peer = &nobody,
		.cs = cs,
		.n_cs = old ? 0 : membership_map(group, 0, cs),
		.update = old,
	};
	uint8_t psk[32];
	int ret;

	nobody.psk = (struct psk){ .data = psk, .len = sizeof(psk) };
	nobody.identity = (struct mikey_id){
		MIKEY_ID_BYTES, { (const uint8_t *)nobody.name, strlen(nobody.name) },
	};
	ret = random_psk(&env->mikey, psk, sizeof(psk), failure);
	if (!ret)
		ret = proposal_make(env, &proposal, &pending, failure);
	OPENSSL_cleanse(psk, sizeof(psk));
	if (ret)
		return ret;
	*csb = mikey_pending_take(pending);
	mikey_pending_free(pending);
	return 0;
}

/* Each SSRC is named, and by one crypto session */
static bool has_named_streams(const struct mikey_csb *csb)
{
	size_t i, k;

	for (i = 0; i < csb->n_sessions; i++) {
		if (!csb->sessions[i].ssrc)
			return false;
		for (k = 0; k < i; k++)
			if (csb->sessions[i].ssrc == csb->sessions[k].ssrc)
				return false;
	}
	return true;
}

int membership_check(struct mikey_view msg, const struct mikey_csb *csb,
		     const struct peer *peer, struct failure *failure)
{
	uint32_t ssrc = peer->local_ssrc;
	bool says = msg.len && vendor_read(msg.data, msg.len, VENDOR_GROUP, &ssrc);

	if (says && !peer->group)
		return failure_set(failure, MIKEY_EXIT_POLICY, "group-refused",
				   "peer %s gives the keys of a group, and 'group = yes' does not "
				   "stand in its section", peer->name);
	if (!peer->group)
		return 0;
	if (!has_named_streams(csb))
		return failure_set(failure, MIKEY_EXIT_POLICY, "bad-group",
				   "the group of peer %s does not name each SSRC once", peer->name);
	if (ssrc != peer->local_ssrc)
		return failure_set(failure, MIKEY_EXIT_POLICY, "bad-group",
				   "the group of peer %s has SSRC %#x for this host, and its "
				   "local-ssrc is %#x", peer->name, ssrc, peer->local_ssrc);
	return 0;
}

static bool same_key(const struct mikey_session_key *a, const struct mikey_session_key *b)
{
	return a->key_len == b->key_len && !CRYPTO_memcmp(a->key, b->key, a->key_len);
}

bool membership_same(const struct mikey_csb *a, const struct mikey_csb *b, bool *keys)
{
	size_t i;

	*keys = true;
	if (a->n_sessions != b->n_sessions || a->initiator != b->initiator)
		return false;
	for (i = 0; i < a->n_sessions; i++) {
		const struct mikey_session *x = &a->sessions[i], *y = &b->sessions[i];

		if (x->ssrc != y->ssrc || x->suite != y->suite ||
		    memcmp(&x->policy, &y->policy, sizeof(x->policy)) ||
		    x->keys[0].mki_len != y->keys[0].mki_len)
			return false;
		*keys = *keys && same_key(&x->keys[0], &y->keys[0]);
	}
	return true;
}
