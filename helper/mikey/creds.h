/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What proves this side to a peer, and the peer to this side, in any mode.
 */
#ifndef MIKEY_CREDS_H
#define MIKEY_CREDS_H

#include "msg.h"

/**
 * struct mikey_creds - the secrets that two parties use with each other
 * @psk: pre-shared key, empty if there is none
 */
struct mikey_creds {
	struct mikey_view psk;
};

#endif
