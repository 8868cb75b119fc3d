/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MIKEY in session descriptions (RFC 4567 3.1, 4.1): which message keys which
 * medium, and where the messages go.
 */
#ifndef HELPER_SDPKEYS_H
#define HELPER_SDPKEYS_H

#include "sdp.h"

/**
 * struct sdp_group - one message and the media that it keys
 * @part: SDP_SESSION or the medium whose attribute it is
 * @message: base64 of the message, NULL in a description without; belongs to
 *	the description
 * @protocols: key management protocols of the part in their order, with ";"
 * @media: indexes of the media
 * @n_media: how many
 */
struct sdp_group {
	int part;
	const char *message;
	char protocols[1025];
	int media[SDP_MEDIA_MAX];
	int n_media;
};

/**
 * struct sdp_groups - all messages of a description
 * @list: messages; one at the level of the session comes first
 * @n: how many
 */
struct sdp_groups {
	struct sdp_group list[SDP_MEDIA_MAX + 1];
	int n;
};

/**
 * enum sdp_flags - how to look at a description
 * @SDP_ALLOW_CLEAR: RTP without security is no mistake; it is not keyed
 * @SDP_ANY_PORT: RTSP: port 0 says nothing, and a message may be missing, since
 *	clients may bring the keys
 * @SDP_MEDIA_LEVEL: offers have a message for each medium
 */
enum sdp_flags {
	SDP_ALLOW_CLEAR = 1,
	SDP_ANY_PORT = 2,
	SDP_MEDIA_LEVEL = 4,
};

/**
 * sdp_keys_plan - which messages a description of this host is to have
 * @sdp: own description; its RTP media become secure
 * @flags: enum sdp_flags
 * @groups: filled
 * @failure: why not: there is nothing to be keyed
 * Return: 0 or -1.
 */
int sdp_keys_plan(struct sdp *sdp, unsigned int flags, struct sdp_groups *groups,
		  struct failure *failure);

/**
 * sdp_keys_find - which messages a description of the peer has
 * @sdp: its description
 * @flags: enum sdp_flags
 * @groups: filled
 * @failure: why not: a secure medium without a message, a medium in clear
 * Return: 0 or -1.
 */
int sdp_keys_find(const struct sdp *sdp, unsigned int flags, struct sdp_groups *groups,
		  struct failure *failure);

/**
 * sdp_keys_match - an own answer to the peer's offer
 * @offer: the peer's description
 * @answer: own description; media that are secure there become so here
 * @groups: what sdp_keys_find() found in the offer; media that the answer
 *	rejects are taken out
 * @failure: why not: they have not the same media
 * Return: 0 or -1.
 */
int sdp_keys_match(const struct sdp *offer, struct sdp *answer, struct sdp_groups *groups,
		   struct failure *failure);

/**
 * sdp_keys_put - write a message into a description
 * @sdp: description; MIKEY messages that it had in this part go
 * @part: SDP_SESSION or a medium
 * @base64: message
 * Return: false without memory.
 */
bool sdp_keys_put(struct sdp *sdp, int part, const char *base64);

#endif
