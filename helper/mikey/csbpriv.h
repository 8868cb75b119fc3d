/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files that make bundles share. Internal.
 */
#ifndef MIKEY_CSBPRIV_H
#define MIKEY_CSBPRIV_H

#include "csb.h"

/**
 * csb_copy_view - octets of one's own
 * @to: filled; to be freed with OPENSSL_free()
 * @from: octets
 * Return: false without memory.
 */
bool csb_copy_view(struct mikey_view *to, struct mikey_view from);

/**
 * struct key_set - the keys of a message, checked
 * @n: how many
 * @key: Key data sub-payloads
 * @is_tek: all are TEKs, else all are TGKs
 */
struct key_set {
	size_t n;
	const struct mikey_payload *key[MIKEY_SUB_MAX];
	bool is_tek;
};

/**
 * csb_collect_keys - the Key data among sub-payloads
 * @chain: sub-payloads
 * @set: filled
 * @err: why not: a key that cannot be, or keys that nothing tells apart
 */
enum mikey_reason csb_collect_keys(const struct mikey_chain *chain, struct key_set *set,
				   struct mikey_error *err);

/**
 * csb_make_keys - the master keys of one session
 * @src: what the bundle is made from
 * @cs: its map entry
 * @all: keys of the message
 * @s: session with its policy
 * @err: why not
 */
enum mikey_reason csb_make_keys(const struct mikey_csb_source *src, const struct mikey_cs *cs,
				const struct key_set *all, struct mikey_session *s,
				struct mikey_error *err);

/**
 * csb_check_tek_sharing - does each TEK serve one stream?
 * @src: what the bundle is made from
 * @csb: bundle with its keys
 * @err: why not
 */
enum mikey_reason csb_check_tek_sharing(const struct mikey_csb_source *src,
					const struct mikey_csb *csb, struct mikey_error *err);

/**
 * csb_old_session - a session of the bundle that is being updated
 * @src: what the bundle is made from
 * @cs_id: its number
 * Return: NULL if there is none, or nothing is being updated.
 */
const struct mikey_session *csb_old_session(const struct mikey_csb_source *src, uint32_t cs_id);

/**
 * csb_compare - what an update changed, and whether it may
 * @src: what the bundle is made from
 * @csb: the bundle as updated; the changes of its sessions are filled in
 * @err: why not
 */
enum mikey_reason csb_compare(const struct mikey_csb_source *src, struct mikey_csb *csb,
			      struct mikey_error *err);

#endif
