/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Session descriptions (RFC 4566) as lines.
 *
 * Whatever a description says stays as it was, octet for octet, but for what
 * key management is about: the transport word of m= lines and the attribute
 * a=key-mgmt (RFC 4567). So a description is a list of lines that knows where
 * its media begin, and not a tree that would be printed anew.
 */
#ifndef HELPER_SDP_H
#define HELPER_SDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "failure.h"

/** SDP_MAX - longest description in octets */
#define SDP_MAX (256 * 1024)
/** SDP_MEDIA_MAX - most m-lines: MIKEY counts two crypto sessions for each, up to 255 */
#define SDP_MEDIA_MAX 127
/** SDP_SESSION - the part above the first m-line; media are 0, 1, 2 ... */
#define SDP_SESSION (-1)

/**
 * enum sdp_proto - transport of an m-line
 * @SDP_OTHER: none of the others; none of our business
 * @SDP_CLEAR: RTP/AVP or RTP/AVPF
 * @SDP_SECURE: RTP/SAVP or RTP/SAVPF
 */
enum sdp_proto { SDP_OTHER, SDP_CLEAR, SDP_SECURE };

/**
 * struct sdp_medium - what an m-line and its attributes say
 * @media: "audio", "video" ...
 * @port: 0 if the medium is rejected, or nobody has chosen one yet
 * @proto: transport
 * @feedback: it is AVPF or SAVPF
 * @rtcp_mux: a=rtcp-mux (RFC 5761)
 * @direction: "sendrecv", "sendonly", "recvonly" or "inactive"
 * @ssrc: the only SSRC of a=ssrc, 0 if there is none or more than one
 * @control: a=control (RTSP), or NULL
 */
struct sdp_medium {
	char media[32];
	unsigned int port;
	enum sdp_proto proto;
	bool feedback;
	bool rtcp_mux;
	const char *direction;
	uint32_t ssrc;
	const char *control;
};

struct sdp;

/**
 * sdp_parse - read a description
 * @data: octets
 * @len: how many
 * @sdp: the description, to be released by sdp_free()
 * @failure: why not, with the number of the line
 * Return: 0 or -1.
 */
int sdp_parse(const char *data, size_t len, struct sdp **sdp, struct failure *failure);

/**
 * sdp_free - release a description
 * @sdp: description or NULL
 */
void sdp_free(struct sdp *sdp);

/**
 * sdp_text - the description
 * @sdp: description
 * @len: its octets
 * Return: to be released by free(), or NULL without memory.
 */
char *sdp_text(const struct sdp *sdp, size_t *len);

/**
 * sdp_n_media - how many m-lines there are
 * @sdp: description
 */
int sdp_n_media(const struct sdp *sdp);

/**
 * sdp_medium - what the description says of a medium
 * @sdp: description
 * @index: from 0
 * @medium: filled; strings belong to the description until it is changed
 */
void sdp_medium(const struct sdp *sdp, int index, struct sdp_medium *medium);

/**
 * sdp_attribute - an attribute of a part
 * @sdp: description
 * @part: SDP_SESSION or a medium
 * @name: name of the attribute, case counts
 * @n: 0 is the first of that name
 * Return: what follows the colon, "" without one, NULL if there is none.
 */
const char *sdp_attribute(const struct sdp *sdp, int part, const char *name, int n);

/**
 * sdp_insert - add an attribute to a part
 * @sdp: description
 * @part: SDP_SESSION or a medium
 * @name: name; it comes before others of that name, else at the end of the part
 * @value: what follows the colon
 * Return: false without memory.
 */
bool sdp_insert(struct sdp *sdp, int part, const char *name, const char *value);

/**
 * sdp_remove - take attributes away
 * @sdp: description
 * @part: SDP_SESSION or a medium
 * @name: name
 * @prefix: only those whose value begins so
 */
void sdp_remove(struct sdp *sdp, int part, const char *name, const char *prefix);

/**
 * sdp_secure - make RTP/AVP to RTP/SAVP, and RTP/AVPF to RTP/SAVPF
 * @sdp: description
 * @index: medium
 * Return: false without memory.
 */
bool sdp_secure(struct sdp *sdp, int index);

#endif
