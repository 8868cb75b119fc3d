/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_EVENT_H
#define _SRTP_EVENT_H

#include "../uapi/linux/srtp.h"

struct srtp_key;
struct srtp_keys;
struct srtp_session;
struct srtp_stream;

void srtp_event_session_closed(struct srtp_session *ss, enum srtp_close_reason reason);
void srtp_event_ssrc_new(struct srtp_session *ss, struct srtp_stream *st);
void srtp_event_ssrc_collision(struct srtp_session *ss, struct srtp_stream *st, u32 ssrc);
void srtp_event_mki_unknown(struct srtp_session *ss, struct srtp_stream *st, u32 ssrc);
void srtp_event_roc_resync(struct srtp_session *ss, struct srtp_stream *st);
void srtp_event_key(struct srtp_keys *keys, struct srtp_key *key, enum srtp_event event,
		    u64 limit);
void srtp_event_rearm(struct srtp_stream *st, unsigned long events);

#endif
