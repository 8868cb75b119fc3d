// SPDX-License-Identifier: GPL-2.0
/*
 * Secure Real-time Transport Protocol (RFC 3711) on UDP sockets.
 */
#include <linux/module.h>

#include "buffer.h"
#include "crypto.h"
#include "kdr.h"
#include "key.h"
#include "netlink.h"
#include "netns.h"
#include "selftest.h"
#include "session.h"
#include "sock.h"
#include "stream.h"

static int __init srtp_init(void)
{
	int err;

	srtp_key_module_init();
	err = srtp_cipher_module_init();
	if (err)
		return err;
	err = srtp_selftest() ?: srtp_kdr_module_init();
	if (err)
		goto err_cipher;
	err = srtp_stream_module_init();
	if (err)
		goto err_kdr;
	err = srtp_session_module_init();
	if (err)
		goto err_stream;
	err = srtp_netns_init();
	if (err)
		goto err_session;
	err = srtp_sock_init();
	if (err)
		goto err_netns;
	err = srtp_netlink_init();
	if (err)
		goto err_sock;
	pr_info("SRTP on UDP sockets\n");
	return 0;

err_sock:
	srtp_sock_exit();
err_netns:
	srtp_netns_exit();
err_session:
	srtp_session_module_exit();
err_stream:
	rcu_barrier();
	srtp_stream_module_exit();
err_kdr:
	srtp_kdr_module_exit();
err_cipher:
	srtp_cipher_module_exit();
	return err;
}

static void __exit srtp_exit(void)
{
	srtp_netlink_exit();
	srtp_sock_exit();
	srtp_netns_exit();
	srtp_session_module_exit();
	/* Streams and keys go after a grace period, sockets' contexts too. */
	rcu_barrier();
	srtp_stream_module_exit();
	srtp_kdr_module_exit();
	srtp_cipher_module_exit();
	srtp_buffer_module_exit();
}

module_init(srtp_init);
module_exit(srtp_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Secure Real-time Transport Protocol on UDP sockets");
MODULE_ALIAS_GENL_FAMILY(SRTP_FAMILY_NAME);
MODULE_SOFTDEP("pre: ctr gcm cbc hmac sha1 sha1-ssse3 ghash-clmulni-intel aesni_intel");
