/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two parties, alice and bob, who share a key: what the tests of the protocol
 * library start from. The random source and the clock are deterministic.
 */
#ifndef FIXTURE_H
#define FIXTURE_H

#include "mikey/mikey.h"

#define FIXTURE_SUITES 32

/**
 * struct fixture - the world of one test; change it before use
 * @now: both clocks, NTP
 * @init: alice's side
 * @offer: what she proposes: CS 1 to bob, CS 2 back, default policy, a TGK
 * @accept: what both allow; all suites, no flags
 * @bob: bob's side
 * @bob_ids: who he is
 * @bob_knows: his lookup finds alice
 * @bob_modes: how alice may come to him
 * @bob_creds: what he has for alice besides the pre-shared key
 * @alice_own: her certificate, once fixture_certify() made one; so the others
 * @bob_psk: the key that he has for alice
 * @group: bob answers about this group
 * @bob_ssrc: he fills in this plus the CS ID for his streams, nothing if 0
 * @bob_roc: rollover counter of the streams that he sends already
 * @bob_sent: what he says of having sent a message himself
 * @bob_live: the bundle with alice that he has, NULL for none
 * @lookups: how often he looked
 * @seed: state of the random source
 * @drawn: the last 32 random octets that were asked for in one piece
 * @random_fails: the random source fails once this many calls were made
 */
struct fixture {
	struct mikey_crypto *crypto;
	struct mikey_env env;
	uint64_t now;
	struct mikey_clock clock;
	const struct mikey_suite *suites[FIXTURE_SUITES];
	struct mikey_accept accept;
	struct mikey_init init;
	struct mikey_cs_offer cs[MIKEY_CS_MAX];
	struct mikey_policy policies[8];
	struct mikey_key_offer keys[8];
	struct mikey_offer offer;
	struct mikey_responder bob;
	struct mikey_id bob_ids[2];
	bool bob_knows;
	uint32_t bob_modes;
	struct mikey_view bob_psk;
	struct mikey_creds bob_creds;
	struct mikey_own *alice_own;
	struct mikey_own *bob_own;
	struct mikey_trust *alice_trust;
	struct mikey_trust *bob_trust;
	const struct mikey_group *group;
	uint32_t bob_ssrc;
	uint32_t bob_roc;
	bool bob_sent;
	const struct mikey_csb *bob_live;
	unsigned int lookups;
	uint64_t seed;
	uint8_t drawn[32];
	int random_fails;
};

/** fixture_new - alice, bob, and their key of 16 octets */
struct fixture *fixture_new(void);

/** fixture_free - release */
void fixture_free(struct fixture *f);

/** fixture_uncertify - take the certificates away */
void fixture_uncertify(struct fixture *f);

/** view - octets of a string */
struct mikey_view view(const char *text);

/** fixture_offer - alice's message, with the next T of her clock */
enum mikey_reason fixture_offer(struct fixture *f, struct mikey_pending **pending,
				struct mikey_error *err);

/** fixture_respond - give octets to bob */
enum mikey_reason fixture_respond(struct fixture *f, struct mikey_view msg,
				  struct mikey_answer *answer, struct mikey_error *err);

/**
 * unhex - hexadecimal to octets
 * @text: digits
 * @out: where to
 * @size: room
 * Return: octets, or -1.
 */
long unhex(const char *text, uint8_t *out, size_t size);

/**
 * read_sample - a file of base64
 * @path: file
 * @out: where to
 * @size: room
 * Return: octets, or -1.
 */
long read_sample(const char *path, uint8_t *out, size_t size);

/** samples_dir - the folder with captured messages, from anywhere */
const char *samples_dir(void);

#endif
