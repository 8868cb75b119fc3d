/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_EVENT_H
#define _SRTP_EVENT_H

#include "../uapi/linux/srtp.h"

struct srtp_session;
struct srtp_stream;

void srtp_event_session_closed(struct srtp_session *ss, enum srtp_close_reason reason);
void srtp_event_ssrc_new(struct srtp_session *ss, struct srtp_stream *st);
void srtp_event_ssrc_collision(struct srtp_session *ss, struct srtp_stream *st, u32 ssrc);

#endif
