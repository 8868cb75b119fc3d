/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The codec: octets <-> struct mikey_msg.
 *
 * A parsed message holds views into the buffer that it was parsed from; the
 * buffer must outlive it. Everything has a fixed upper bound, so parsing
 * allocates nothing.
 */
#ifndef MIKEY_MSG_H
#define MIKEY_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codepoint.h"
#include "reason.h"

/** MIKEY_MSG_MAX - longest message that is read or written */
#define MIKEY_MSG_MAX 65535
/** MIKEY_PAYLOAD_MAX - most payloads of one message (256 SP and the others) */
#define MIKEY_PAYLOAD_MAX 320
/** MIKEY_SUB_MAX - most sub-payloads inside one KEMAC */
#define MIKEY_SUB_MAX 32
/** MIKEY_CS_MAX - most crypto sessions: #CS has eight bits */
#define MIKEY_CS_MAX 255

/**
 * struct mikey_view - octets that somebody else owns
 * @data: first octet; NULL only if @len is 0
 * @len: how many
 */
struct mikey_view {
	const uint8_t *data;
	size_t len;
};

/**
 * struct mikey_cs - one entry of the CS ID map
 * @offset: of the entry in the message (parsing only)
 * @id: CS ID; in an SRTP-ID map the position, counted from 1, says it
 * @policy_no: SRTP-ID: the policy
 * @ssrc: SRTP-ID: 0 stands for "the other side fills it in"
 * @roc: SRTP-ID: rollover counter, 0 if the stream has not started
 * @prot: GENERIC-ID: enum mikey_prot
 * @has_index: GENERIC-ID: the S flag, @session_data carries ROC and SEQ
 * @policies: GENERIC-ID: policy numbers, at most 127 octets
 * @session_data: GENERIC-ID: for SRTP empty, SSRC, or SSRC || ROC || SEQ
 * @spi: GENERIC-ID: at most 255 octets
 */
struct mikey_cs {
	size_t offset;
	uint32_t id;
	uint32_t policy_no;
	uint32_t ssrc;
	uint32_t roc;
	uint32_t prot;
	uint32_t has_index;
	struct mikey_view policies;
	struct mikey_view session_data;
	struct mikey_view spi;
};

/**
 * struct mikey_hdr - common header, RFC 3830 6.1
 * @version: 1
 * @data_type: enum mikey_data_type
 * @v: the V flag
 * @prf: enum mikey_prf
 * @csb_id: crypto session bundle ID
 * @n_cs: number of crypto sessions (#CS)
 * @map_type: enum mikey_map_type
 * @cs: the map; @n_cs entries, none if the map is empty
 */
struct mikey_hdr {
	uint32_t version;
	uint32_t data_type;
	uint32_t v;
	uint32_t prf;
	uint32_t csb_id;
	uint32_t n_cs;
	uint32_t map_type;
	struct mikey_cs cs[MIKEY_CS_MAX];
};

/**
 * struct mikey_kv_data - key validity, RFC 3830 6.14
 * @kv: enum mikey_kv
 * @spi: KV SPI: the MKI
 * @from: KV Interval: first index
 * @to: KV Interval: last index
 */
struct mikey_kv_data {
	uint32_t kv;
	struct mikey_view spi;
	struct mikey_view from;
	struct mikey_view to;
};

/**
 * struct mikey_payload - any payload of RFC 3830 6.2 to 6.15
 * @type: enum mikey_payload_type; says which member of the union holds
 * @offset: of its first octet (parsing only)
 * @len: its octets (parsing only)
 */
struct mikey_payload {
	uint32_t type;
	size_t offset;
	size_t len;
	union {
		struct {
			uint32_t encr_alg;
			struct mikey_view encr_data;
			uint32_t mac_alg;
			struct mikey_view mac;
		} kemac;
		struct {
			uint32_t cache;
			struct mikey_view data;
		} pke;
		struct {
			uint32_t group;
			struct mikey_view value;
			uint32_t reserved;
			struct mikey_kv_data kv;
		} dh;
		struct {
			uint32_t s_type;
			struct mikey_view signature;
		} sign;
		struct {
			uint32_t ts_type;
			struct mikey_view value;
		} t;
		struct {
			uint32_t id_type;
			struct mikey_view data;
		} id;
		struct {
			uint32_t cert_type;
			struct mikey_view data;
		} cert;
		struct {
			uint32_t hash;
			struct mikey_view value;
		} chash;
		struct {
			uint32_t auth_alg;
			struct mikey_view ver_data;
		} v;
		struct {
			uint32_t policy_no;
			uint32_t prot;
			struct mikey_view params;
		} sp;
		struct {
			struct mikey_view value;
		} rand;
		struct {
			uint32_t err_no;
			uint32_t reserved;
		} err;
		struct {
			uint32_t key_type;
			struct mikey_view data;
			struct mikey_view salt;
			struct mikey_kv_data kv;
		} key;
		struct {
			uint32_t ext_type;
			struct mikey_view data;
		} ext;
	};
};

/**
 * struct mikey_msg - one message
 * @raw: the octets it was parsed from (parsing only)
 * @hdr: common header
 * @n_payloads: how many of @payload are set
 * @payload: in the order of the wire; Next payload octets follow from it
 */
struct mikey_msg {
	struct mikey_view raw;
	struct mikey_hdr hdr;
	size_t n_payloads;
	struct mikey_payload payload[MIKEY_PAYLOAD_MAX];
};

/**
 * struct mikey_chain - the sub-payloads of a KEMAC in clear
 * @n: how many
 * @sub: ID and Key data payloads
 */
struct mikey_chain {
	size_t n;
	struct mikey_payload sub[MIKEY_SUB_MAX];
};

/**
 * mikey_parse - octets to message
 * @msg: filled; on failure it holds what came before the fault
 * @buf: the octets
 * @len: how many; anything is allowed
 * @err: why not
 *
 * Checks the encoding of each payload and the chain, not whether the payloads
 * belong together: see mikey_validate(). A message type or payload of another
 * RFC is MIKEY_UNSUP_MSG or MIKEY_UNSUP_PAYLOAD, not a malformed message.
 */
enum mikey_reason mikey_parse(struct mikey_msg *msg, const void *buf, size_t len,
			      struct mikey_error *err);

/**
 * mikey_parse_chain - the clear text of a KEMAC to sub-payloads
 * @chain: filled; views into @data
 * @data: decrypted octets
 * @first: type of the first sub-payload, which only the mode knows:
 *         MIKEY_PL_KEY for PSK, MIKEY_PL_ID for PK and RSA-R
 * @base: offset of @data in the message, for error texts
 * @err: why not
 */
enum mikey_reason mikey_parse_chain(struct mikey_chain *chain, struct mikey_view data,
				    uint32_t first, size_t base, struct mikey_error *err);

/**
 * mikey_build - message to octets
 * @msg: to write; mikey_parse() of the result gives it back
 * @buf: where to
 * @size: room
 * @len: octets written
 * @err: why not: a value that its field cannot hold, or no room
 */
enum mikey_reason mikey_build(const struct mikey_msg *msg, void *buf, size_t size,
			      size_t *len, struct mikey_error *err);

/**
 * mikey_build_chain - sub-payloads to the clear text of a KEMAC
 * @chain: to write
 * @buf: where to
 * @size: room
 * @len: octets written
 * @err: why not
 */
enum mikey_reason mikey_build_chain(const struct mikey_chain *chain, void *buf, size_t size,
				    size_t *len, struct mikey_error *err);

/**
 * mikey_validate - do the payloads make a message of its type?
 * @msg: parsed or to be built
 * @err: why not
 *
 * One table says for each data type what must, may and may not be there, how
 * often, what is last, and whose a lone ID payload is.
 */
enum mikey_reason mikey_validate(const struct mikey_msg *msg, struct mikey_error *err);

/**
 * mikey_find - the n-th payload of a type
 * @msg: where to look
 * @type: enum mikey_payload_type
 * @n: 0 is the first
 * Return: the payload or NULL.
 */
const struct mikey_payload *mikey_find(const struct mikey_msg *msg, uint32_t type, size_t n);

/**
 * mikey_find_ids - the ID payloads by role
 * @msg: validated message
 * @idi: the initiator's, or NULL if there is none
 * @idr: the responder's, or NULL if there is none
 *
 * ID payloads say no role; their number and the data type do.
 */
void mikey_find_ids(const struct mikey_msg *msg, const struct mikey_payload **idi,
		    const struct mikey_payload **idr);

/**
 * mikey_add - append a payload to a message that is being built
 * @msg: message
 * @payload: copied; its views are not
 * Return: the copy, or NULL if the message is full.
 */
struct mikey_payload *mikey_add(struct mikey_msg *msg, const struct mikey_payload *payload);

/**
 * mikey_sp_next - walk the parameters of an SP payload
 * @params: sp.params; set forward with each call
 * @type: parameter type
 * @value: its octets
 * Return: false at the end.
 */
bool mikey_sp_next(struct mikey_view *params, uint32_t *type, struct mikey_view *value);

#endif
