/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The MIKEY protocol (RFC 3830) as a library: no I/O, no clock, no randomness
 * and no globals of its own; all of that is passed in.
 *
 *	reason.h	why something was refused; exit codes, ERR numbers
 *	codepoint.h	numbers and their names
 *	msg.h		octets <-> message
 *	urls.h		certificates that a message names by URL
 *	crypto.h	PRF, derivations, KEMAC, MAC
 *	policy.h	SRTP policies and suites
 *	csb.h		the result: sessions with master keys
 *	csbsave.h	the same as octets, for the next process
 *	clock.h		timestamps
 *	replay.h	replay cache
 *	resend.h	answers for retransmitted requests
 *	offer.h		what is common to all modes
 *	creds.h		secrets of two parties
 *	mode.h		the modes
 *	initiator.h	beginning an exchange
 *	responder.h	answering one
 *	inspect.h	opening a message offline
 *	visit.h		a walk for printing
 */
#ifndef MIKEY_H
#define MIKEY_H

#include "cert.h"
#include "clock.h"
#include "codepoint.h"
#include "crypto.h"
#include "creds.h"
#include "csb.h"
#include "csbsave.h"
#include "initiator.h"
#include "inspect.h"
#include "mode.h"
#include "msg.h"
#include "offer.h"
#include "policy.h"
#include "reason.h"
#include "record.h"
#include "replay.h"
#include "resend.h"
#include "responder.h"
#include "update.h"
#include "visit.h"

#endif
