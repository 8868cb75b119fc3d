// SPDX-License-Identifier: GPL-2.0
/*
 * What the KUnit suites call. Part of srtp.ko in the debug kernel only: nothing
 * is exported anywhere else.
 */
#include <linux/export.h>

#include "../../kmod/netlink.h"
#include "../../kmod/packet.h"

EXPORT_SYMBOL_GPL(srtp_track_init);
EXPORT_SYMBOL_GPL(srtp_track_free);
EXPORT_SYMBOL_GPL(srtp_track_set);
EXPORT_SYMBOL_GPL(srtp_track_estimate_any);
EXPORT_SYMBOL_GPL(srtp_track_check);
EXPORT_SYMBOL_GPL(srtp_track_commit_any);
EXPORT_SYMBOL_GPL(srtp_track_reserve_any);
EXPORT_SYMBOL_GPL(srtp_track_settle_repeat);
EXPORT_SYMBOL_GPL(srtp_track_next);

EXPORT_SYMBOL_GPL(srtp_classify_other);
EXPORT_SYMBOL_GPL(srtp_rtp_long_header_len);

EXPORT_SYMBOL_GPL(srtp_session_settings_policy);
EXPORT_SYMBOL_GPL(srtp_session_id_policy);
EXPORT_SYMBOL_GPL(srtp_stream_new_policy);
EXPORT_SYMBOL_GPL(srtp_stream_set_policy);
EXPORT_SYMBOL_GPL(srtp_stream_id_policy);
EXPORT_SYMBOL_GPL(srtp_key_new_policy);
EXPORT_SYMBOL_GPL(srtp_key_set_policy);
EXPORT_SYMBOL_GPL(srtp_key_id_policy);
EXPORT_SYMBOL_GPL(srtp_socket_new_policy);
EXPORT_SYMBOL_GPL(srtp_socket_set_policy);
EXPORT_SYMBOL_GPL(srtp_socket_get_policy);
EXPORT_SYMBOL_GPL(srtp_socket_del_policy);

EXPORT_SYMBOL_GPL(srtp_suite_find);
EXPORT_SYMBOL_GPL(srtp_crypto_probe);
EXPORT_SYMBOL_GPL(srtp_key_create);
EXPORT_SYMBOL_GPL(srtp_key_free);
EXPORT_SYMBOL_GPL(srtp_key_equal);

EXPORT_SYMBOL_GPL(srtp_trailer_len);
EXPORT_SYMBOL_GPL(srtp_protect);
EXPORT_SYMBOL_GPL(srtp_unprotect);
EXPORT_SYMBOL_GPL(srtp_accept_any);
EXPORT_SYMBOL_GPL(srtp_track_count);
