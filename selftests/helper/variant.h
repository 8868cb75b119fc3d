/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ways in which an exchange may differ from the plain one, and be as right.
 */
#ifndef VARIANT_H
#define VARIANT_H

#include "fixture.h"

/** without_v - alice asks for no verification message */
void without_v(struct fixture *f);

/** strong_transforms - the algorithms of 256 bits */
void strong_transforms(struct fixture *f);

/** bare_keys - NULL encryption and MAC, and bob allows it */
void bare_keys(struct fixture *f);

/** one_mki - one TGK with an MKI */
void one_mki(struct fixture *f);

/** two_mkis - two TGKs, the second one with its salt */
void two_mkis(struct fixture *f);

/** one_interval - one TGK for the first packets */
void one_interval(struct fixture *f);

/** one_tek - one session with a TEK and its salt */
void one_tek(struct fixture *f);

/** generic_map - CS IDs of its own choice, and a sequence number */
void generic_map(struct fixture *f);

/** empty_map - no session is named (RFC 4563) */
void empty_map(struct fixture *f);

/** counter_time - T is a COUNTER, and bob takes it */
void counter_time(struct fixture *f);

/** weak_group - OAKLEY 2, and bob allows it */
void weak_group(struct fixture *f);

/** gcm_policy - the policy is AEAD_AES_128_GCM */
void gcm_policy(struct fixture *f);

/** group_member - alice asks, by RSA-R, for the keys of a group that bob has */
void group_member(struct fixture *f);

/** wrong_psk - bob has another key */
void wrong_psk(struct fixture *f);

/** stranger - bob does not know alice */
void stranger(struct fixture *f);

#endif
