/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The modes of MIKEY as a table: what differs between them, and nothing else.
 *
 * initiator.c, responder.c and inspect.c do what every mode does - parsing,
 * time, replay, identities, memory, Errors - and call these operations for the
 * rest. A mode is one entry of the table in mode.c.
 */
#ifndef MIKEY_MODE_H
#define MIKEY_MODE_H

#include "creds.h"
#include "csb.h"

struct draft;
struct mikey_init;
struct mikey_offer;
struct mikey_opened;
struct mikey_pending;
struct mikey_request;

/** MIKEY_MODE_BIT - a mode in a set of modes, by the type of its first message */
#define MIKEY_MODE_BIT(init_type) (1u << (init_type))

/**
 * struct mikey_mode - a mode
 * @name: word for configurations and logs
 * @title: for sentences
 * @init_type: enum mikey_data_type of the initiator's message
 * @resp_type: enum mikey_data_type of the response
 * @always_answers: there is a response whatever the V flag says, and no bundle
 *	at the initiator before it has come
 * @costly: authenticating takes a public-key operation: nothing that is late,
 *	and nobody who is unknown, gets as far as that
 * @updates: a message without RAND updates a bundle (RFC 3830 4.5)
 * @offer: initiator: write the message into @pending (octets, len, sent, keys,
 *	and csb unless @always_answers) from a draft with HDR, T and RAND
 * @finish: initiator: take a response that matches the exchange; on anything
 *	but MIKEY_OK @pending is as before
 * @forget: initiator: release @pending->scratch; NULL if there is none
 * @authenticate: responder: does the message come from @rq->peer? Sets
 *	answer->authenticated
 * @take: responder: contents to answer->csb
 * @answer: responder: answer->msg
 * @release: responder: release @rq->scratch; NULL if there is none
 * @open: offline: verify and decrypt; NULL if its messages cannot be opened
 */
struct mikey_mode {
	const char *name;
	const char *title;
	uint32_t init_type;
	uint32_t resp_type;
	bool always_answers;
	bool costly;
	bool updates;
	enum mikey_reason (*offer)(struct mikey_pending *pending, const struct mikey_init *init,
				   const struct mikey_offer *offer, struct draft *draft,
				   struct mikey_error *err);
	enum mikey_reason (*finish)(struct mikey_pending *pending, const struct mikey_msg *msg,
				    struct mikey_error *err);
	void (*forget)(struct mikey_pending *pending);
	enum mikey_reason (*authenticate)(struct mikey_request *rq);
	enum mikey_reason (*take)(struct mikey_request *rq);
	enum mikey_reason (*answer)(struct mikey_request *rq);
	void (*release)(struct mikey_request *rq);
	enum mikey_reason (*open)(const struct mikey_crypto *crypto, const struct mikey_msg *msg,
				  const struct mikey_creds *creds,
				  const struct mikey_accept *accept, struct mikey_opened *opened,
				  struct mikey_error *err);
};

/**
 * mikey_mode_of - the mode that a message type belongs to
 * @data_type: of an initiator's message or of a response
 * Return: the mode, or NULL if the library has none for it.
 */
const struct mikey_mode *mikey_mode_of(uint32_t data_type);

/**
 * mikey_mode_by_name - find a mode
 * @name: as in struct mikey_mode
 * Return: the mode or NULL.
 */
const struct mikey_mode *mikey_mode_by_name(const char *name);

extern const struct mikey_mode mikey_mode_psk;
extern const struct mikey_mode mikey_mode_dh;
extern const struct mikey_mode mikey_mode_dhhmac;
extern const struct mikey_mode mikey_mode_pk;
extern const struct mikey_mode mikey_mode_rsar;

#endif
