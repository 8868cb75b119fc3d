/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_KDR_H
#define _SRTP_KDR_H

#include "crypto.h"
#include "demux.h"

struct srtp_kdr;
struct srtp_key;

int srtp_kdr_module_init(void);
void srtp_kdr_module_exit(void);

struct srtp_kdr *srtp_kdr_create(const struct srtp_master *master, u8 shift);
void srtp_kdr_put(struct srtp_kdr *kdr);
int srtp_kdr_prepare(struct srtp_kdr *kdr, u64 index, u64 srtcp_index);
void srtp_kdr_follow(struct srtp_kdr *kdr, enum srtp_class class, u64 index);
void srtp_kdr_seek(struct srtp_kdr *kdr, enum srtp_class class, u64 index);
const struct srtp_transform *srtp_kdr_find(const struct srtp_kdr *kdr, enum srtp_class class,
					   u64 index);
void srtp_kdr_wait(void);

#endif
