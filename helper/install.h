/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a MIKEY bundle to a session of the kernel: each crypto session is one
 * stream, which sends or receives.
 */
#ifndef HELPER_INSTALL_H
#define HELPER_INSTALL_H

#include "config.h"
#include "failure.h"
#include "kernel.h"
#include "mikey/mikey.h"

/**
 * struct install - what to make of a bundle
 * @peer: settings of the session
 * @name: name of the session; NULL takes the peer's
 * @owner: user who may attach sockets
 * @provisional: seconds after which the session goes unless it is confirmed,
 *	0 for a session that stays
 * @receive_only: leave out the streams that send
 */
struct install {
	const struct peer *peer;
	const char *name;
	uid_t owner;
	uint32_t provisional;
	bool receive_only;
};

/**
 * install_bundle - create a session with the streams of a bundle
 * @csb: bundle
 * @how: settings
 * @session: its number
 * @failure: why not; nothing is left behind then
 * Return: 0 or -1.
 */
int install_bundle(const struct mikey_csb *csb, const struct install *how, uint32_t *session,
		   struct failure *failure);

/**
 * install_confirm - add the streams that send, and let the session stay
 * @csb: bundle, as the response completed it
 * @session: made with @receive_only and @provisional
 * @failure: why not; the session is as it was, or incomplete
 * Return: 0 or -1.
 */
int install_confirm(const struct mikey_csb *csb, uint32_t session, struct failure *failure);

/**
 * install_remove - delete a session
 * @session: its number
 */
void install_remove(uint32_t session);

#endif
