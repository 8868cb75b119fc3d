/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What this host proposes to a peer as initiator, whatever carries it.
 */
#ifndef HELPER_PROPOSAL_H
#define HELPER_PROPOSAL_H

#include "exchange.h"

/**
 * struct proposal - what is to be proposed
 * @config: configuration
 * @peer: to whom
 * @cs: crypto sessions; their policy_no is 0
 * @n_cs: how many
 * @protocols: list for the SDP IDs extension (RFC 4567 4.1.4), or NULL
 * @verify: ask for a verification message
 * @plain: TEKs without encryption and MAC: the carrier is TLS, and the peer
 *	has no key; see peer_is_plain()
 * @update: the live bundle to renew (RFC 3830 4.5), or NULL
 * @renews: the live bundle whose place this one takes, or NULL; see renewal.h
 * @member: the bundle whose keys another member of a group gets, or NULL
 * @group: the keys are those of a group, and the message says so
 * @group_ssrc: what its receiver sends with there, 0 for nothing
 * @mki: MKI of the key, if @mki_len
 * @mki_len: its octets
 */
struct proposal {
	const struct config *config;
	const struct peer *peer;
	const struct mikey_cs_offer *cs;
	size_t n_cs;
	const char *protocols;
	bool verify;
	bool plain;
	const struct mikey_csb *update;
	const struct mikey_csb *renews;
	const struct mikey_csb *member;
	bool group;
	uint32_t group_ssrc;
	uint8_t mki[255];
	size_t mki_len;
};

/**
 * proposal_make - the message, and the exchange that waits for its response
 * @env: T comes from its state directory
 * @proposal: what is to be proposed
 * @pending: the exchange
 * @failure: why not
 * Return: 0 or -1.
 */
int proposal_make(const struct exchange_env *env, const struct proposal *proposal,
		  struct mikey_pending **pending, struct failure *failure);

/**
 * message_csb_id - CSB ID of a message, RFC 3830 6.1
 * @msg: octets; whether they are a message is not looked at
 * Return: 0 if they are too few.
 */
uint32_t message_csb_id(struct mikey_view msg);

#endif
