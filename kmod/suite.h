/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_SUITE_H
#define _SRTP_SUITE_H

#include <linux/types.h>
#include <net/genetlink.h>

#define SRTP_AUTH_KEY_LEN	20	/* HMAC-SHA1, RFC 3711 5.2 */
#define SRTP_SALT_LEN		14	/* AES-CM, RFC 3711 5.3 */
#define SRTP_AEAD_SALT_LEN	12	/* RFC 7714 12.1, RFC 5669 3.1 */

/**
 * enum srtp_kind - how a suite encrypts
 * @SRTP_KIND_NONE: not at all
 * @SRTP_KIND_CTR: counter mode, RFC 3711 4.1.1
 * @SRTP_KIND_F8: output feedback with a second key, RFC 3711 4.1.2
 * @SRTP_KIND_GCM: with the tag, RFC 7714
 * @SRTP_KIND_CCM: with the tag, RFC 5669 2.2
 */
enum srtp_kind {
	SRTP_KIND_NONE,
	SRTP_KIND_CTR,
	SRTP_KIND_F8,
	SRTP_KIND_GCM,
	SRTP_KIND_CCM,
};

/**
 * struct srtp_cipher_suite - one row per cipher suite
 * @id: enum srtp_suite
 * @kind: how it encrypts
 * @must_authenticate: SRTP without a tag is not allowed
 * @tag_last: an AEAD whose tag stands where that of a MAC would
 * @name: registered name
 * @refusal: the sentence where the kernel lacks an algorithm
 * @prf: kernel algorithm that derives session keys
 * @cipher: kernel algorithm that encrypts, an AEAD with GCM and CCM, or NULL
 * @mac: kernel algorithm that authenticates, or NULL with an AEAD
 * @key_len: octets of master key and of session encryption key
 * @salt_len: octets of master salt and of session salt
 * @srtp_tag_len: octets of the SRTP tag
 * @srtcp_tag_len: octets of the SRTCP tag
 */
struct srtp_cipher_suite {
	u16 id;
	u8 kind;
	bool must_authenticate;
	bool tag_last;
	const char *name;
	const char *refusal;
	const char *prf;
	const char *cipher;
	const char *mac;
	u8 key_len;
	u8 salt_len;
	u8 srtp_tag_len;
	u8 srtcp_tag_len;
};

static inline bool srtp_suite_is_aead(const struct srtp_cipher_suite *suite)
{
	return suite->kind >= SRTP_KIND_GCM;
}

const struct srtp_cipher_suite *srtp_suite_find(u16 id, struct netlink_ext_ack *extack);
const struct srtp_cipher_suite *srtp_suite_row(u16 id);
int srtp_suite_dump(struct sk_buff *skb, struct netlink_callback *cb);

#endif
