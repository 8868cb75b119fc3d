/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_SUITE_H
#define _SRTP_SUITE_H

#include <linux/types.h>
#include <net/genetlink.h>

#define SRTP_AUTH_KEY_LEN	20	/* HMAC-SHA1, RFC 3711 5.2 */
#define SRTP_SALT_LEN		14	/* AES-CM, RFC 3711 5.3 */

/**
 * struct srtp_cipher_suite - one row per cipher suite
 * @id: enum srtp_suite
 * @name: registered name
 * @refusal: why it cannot be had if it is not built
 * @cipher: kernel algorithm that encrypts; NULL if the suite is not built
 * @mac: kernel algorithm that authenticates
 * @key_len: octets of master key and of session encryption key
 * @salt_len: octets of master salt and of session salt
 * @srtp_tag_len: octets of the SRTP tag
 * @srtcp_tag_len: octets of the SRTCP tag
 */
struct srtp_cipher_suite {
	u16 id;
	const char *name;
	const char *refusal;
	const char *cipher;
	const char *mac;
	u8 key_len;
	u8 salt_len;
	u8 srtp_tag_len;
	u8 srtcp_tag_len;
};

const struct srtp_cipher_suite *srtp_suite_find(u16 id, struct netlink_ext_ack *extack);
int srtp_suite_dump(struct sk_buff *skb, struct netlink_callback *cb);

#endif
