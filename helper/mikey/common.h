/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the modes share. Internal.
 */
#ifndef MIKEY_COMMON_H
#define MIKEY_COMMON_H

#include "draft.h"
#include "keydata.h"

/** mac_room - what MACs are written over; it only gives them their length */
extern const uint8_t mac_room[MIKEY_MAC_MAX];

/**
 * label_ctx_of - PRF, CSB ID and RAND of a message
 * @msg: initiator's message
 * @update: the bundle that it updates, whose RAND counts; NULL for a first one
 */
struct mikey_label_ctx label_ctx_of(const struct mikey_msg *msg, const struct mikey_csb *update);

/**
 * ts_octets - value of the T payload
 * @msg: validated message
 */
struct mikey_view ts_octets(const struct mikey_msg *msg);

/**
 * id_of - identity in an ID payload
 * @id: payload, or NULL for the empty identity
 */
struct mikey_id id_of(const struct mikey_payload *id);

/**
 * check_null - are NULL encryption and NULL MAC allowed?
 * @encr: enum mikey_encr_alg
 * @mac: enum mikey_mac_alg
 * @flags: enum mikey_accept_flags
 * @offset: for the error
 * @err: why not
 */
enum mikey_reason check_null(uint32_t encr, uint32_t mac, uint32_t flags, size_t offset,
			     struct mikey_error *err);

/**
 * make_csb - the bundle of a message that carries its keys in a KEMAC
 * @crypto: algorithms
 * @msg: initiator's message
 * @chain: its keys
 * @accept: what is allowed
 * @idi: initiator's identity
 * @idr: responder's identity
 * @initiator: this side is the initiator
 * @update: the bundle that the message updates, NULL for a first message
 * @csb: the bundle
 * @err: why not
 */
enum mikey_reason make_csb(const struct mikey_crypto *crypto, const struct mikey_msg *msg,
			   const struct mikey_chain *chain, const struct mikey_accept *accept,
			   const struct mikey_id *idi, const struct mikey_id *idr, bool initiator,
			   const struct mikey_csb *update, struct mikey_csb **csb, struct mikey_error *err);

#endif
