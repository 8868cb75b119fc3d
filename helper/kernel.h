/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The generic netlink family "srtp" of the kernel: sessions, streams, keys,
 * sockets and events as structures. uapi/linux/srtp.h and its netlink spec
 * say what each member means.
 *
 * Functions return 0 or a negative errno; kernel_error() has the sentence that
 * goes with the last one, which is the kernel's own where it gave one.
 */
#ifndef HELPER_KERNEL_H
#define HELPER_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <netinet/in.h>
#include <linux/srtp.h>

/**
 * KERNEL_BIT - the bit of an attribute in a member "has"
 * @attr: number of the attribute
 */
#define KERNEL_BIT(attr) (UINT64_C(1) << (attr))

/**
 * KERNEL_SET - give a member a value, so that it is sent
 * @object: pointer to one of the structures below
 * @attr: number of the member's attribute
 * @member: the member
 * @value: its value
 */
#define KERNEL_SET(object, attr, member, value) \
	((object)->member = (value), (object)->has |= KERNEL_BIT(attr))

/**
 * KERNEL_HAS - is there a value?
 * @object: pointer to one of the structures below
 * @attr: number of the attribute
 */
#define KERNEL_HAS(object, attr) (!!((object)->has & KERNEL_BIT(attr)))

/**
 * struct kernel_octets - octets of which there may be many
 * @len: how many
 * @data: from malloc(), or NULL
 */
struct kernel_octets {
	uint32_t len;
	uint8_t *data;
};

/**
 * struct kernel_session - attributes of a session (enum srtp_a_session)
 * @has: which of the others hold, KERNEL_BIT(SRTP_A_SESSION_x)
 */
struct kernel_session {
	uint64_t has;
	uint64_t cookie;
	uint32_t id;
	uint32_t owner;
	uint32_t provisional;
	uint32_t ssrc_cap;
	uint32_t sockets;
	uint32_t streams;
	uint32_t event_seq;
	uint8_t state;
	uint8_t pass_non_rtp;
	uint8_t forbid_detach;
	uint8_t auto_delete;
	char name[SRTP_NAME_MAX + 1];
};

/**
 * struct kernel_stats - counters of a stream or socket
 * @value: indexed by enum srtp_a_stats
 */
struct kernel_stats {
	uint64_t value[SRTP_A_STATS_MAX + 1];
};

/**
 * struct kernel_stream - attributes of a stream (enum srtp_a_stream)
 * @has: which of the others hold, KERNEL_BIT(SRTP_A_STREAM_x)
 * @encrypted_ext_ids: owned, see kernel_stream_clear()
 * @replay_state: owned
 * @srtcp_replay_state: owned
 * @peer_port: in host byte order
 */
struct kernel_stream {
	uint64_t has;
	uint32_t session;
	uint32_t id;
	uint32_t ssrc;
	uint32_t template;
	uint32_t kdr;
	uint32_t window;
	uint32_t srtcp_window;
	uint32_t roc;
	uint32_t srtcp_index;
	uint32_t roc_pending;
	uint32_t events;
	uint32_t event_seq;
	uint32_t ack_events;
	uint16_t suite;
	uint16_t rcc_rate;
	uint16_t seq;
	uint16_t peer_port;
	uint8_t peer_v4[4];
	uint8_t peer_v6[16];
	uint8_t direction;
	uint8_t no_srtp_encryption;
	uint8_t no_srtcp_encryption;
	uint8_t no_srtp_authentication;
	uint8_t srtp_tag_len;
	uint8_t srtcp_tag_len;
	uint8_t mki_len;
	uint8_t rcc_mode;
	uint8_t cryptex;
	uint8_t srtcp_only;
	uint8_t fresh;
	uint8_t frozen;
	struct kernel_octets encrypted_ext_ids;
	struct kernel_octets replay_state;
	struct kernel_octets srtcp_replay_state;
	struct kernel_stats stats;
};

/** KERNEL_DRIVER_MAX - room for the name of a driver of the crypto API */
#define KERNEL_DRIVER_MAX 128

/**
 * struct kernel_key - attributes of a key (enum srtp_a_key)
 * @has: which of the others hold, KERNEL_BIT(SRTP_A_KEY_x)
 * @mki: owned, see kernel_key_clear()
 * @master_key: secret; never filled by the kernel
 * @master_key_len: its octets
 * @master_salt: secret; never filled by the kernel
 * @master_salt_len: its octets
 */
struct kernel_key {
	uint64_t has;
	uint64_t from;
	uint64_t to;
	uint64_t soft_packets;
	uint64_t hard_packets;
	uint64_t srtp_packets;
	uint64_t srtcp_packets;
	uint32_t session;
	uint32_t stream;
	uint32_t id;
	uint32_t soft_srtcp_packets;
	uint32_t hard_srtcp_packets;
	uint32_t soft_seconds;
	uint32_t hard_seconds;
	uint8_t active;
	uint8_t state;
	uint8_t master_key_len;
	uint8_t master_salt_len;
	uint8_t master_key[SRTP_MASTER_KEY_MAX];
	uint8_t master_salt[SRTP_MASTER_SALT_MAX];
	struct kernel_octets mki;
	char cipher_driver[KERNEL_DRIVER_MAX];
	char auth_driver[KERNEL_DRIVER_MAX];
};

/**
 * struct kernel_socket - attributes of a socket (enum srtp_a_socket)
 * @has: which of the others hold, KERNEL_BIT(SRTP_A_SOCKET_x)
 * @local_port: in host byte order
 * @remote_port: in host byte order
 */
struct kernel_socket {
	uint64_t has;
	uint64_t cookie;
	uint32_t fd;
	uint32_t session;
	uint16_t local_port;
	uint16_t remote_port;
	uint8_t role;
	uint8_t local_v4[4];
	uint8_t local_v6[16];
	uint8_t remote_v4[4];
	uint8_t remote_v6[16];
	struct kernel_stats stats;
};

/**
 * struct kernel_suite - what the kernel has of a suite (enum srtp_a_suite)
 * @has: which of the others hold, KERNEL_BIT(SRTP_A_SUITE_x)
 */
struct kernel_suite {
	uint64_t has;
	uint16_t id;
	uint8_t available;
	uint8_t key_len;
	uint8_t salt_len;
	uint8_t srtp_tag_len;
	uint8_t srtcp_tag_len;
	char name[64];
	char missing[KERNEL_DRIVER_MAX];
	char cipher_driver[KERNEL_DRIVER_MAX];
	char auth_driver[KERNEL_DRIVER_MAX];
};

/**
 * struct kernel_event - something happened (enum srtp_a_event)
 * @has: which of the others hold, KERNEL_BIT(SRTP_A_EVENT_x)
 * @mki: belongs to the event, valid during the callback
 */
struct kernel_event {
	uint64_t has;
	uint64_t session_cookie;
	uint64_t index;
	uint64_t limit;
	uint32_t type;
	uint32_t seq;
	uint32_t session;
	uint32_t stream;
	uint32_t ssrc;
	uint32_t key;
	uint32_t reason;
	uint8_t direction;
	struct kernel_octets mki;
};

struct kernel;

/**
 * kernel_open - connect to the family; the kernel loads the module if it can
 * @kernel: the connection; to be closed also when this fails, for its sentence
 *
 * Return: 0, -ENOENT if there is no such family, -ENOMEM with @kernel NULL, or
 * another negative errno.
 */
int kernel_open(struct kernel **kernel);

/**
 * kernel_close - end the connection
 * @kernel: may be NULL
 */
void kernel_close(struct kernel *kernel);

/**
 * kernel_error - why the last function failed
 * @kernel: may be NULL
 *
 * Return: a sentence without a full stop; never NULL.
 */
const char *kernel_error(const struct kernel *kernel);

/**
 * kernel_reason - the stable token for an errno of the kernel module
 * @err: errno, of either sign
 */
const char *kernel_reason(int err);

/**
 * kernel_exit - the exit code for an errno of the kernel module
 * @err: errno, of either sign
 */
int kernel_exit(int err);

/**
 * kernel_report - report() that a function of this file failed
 * @kernel: connection, for its sentence
 * @err: what the function returned
 * @fmt: printf format of what could not be done
 *
 * Return: the exit code.
 */
int kernel_report(const struct kernel *kernel, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * kernel_connect - kernel_open() that reports
 * @kernel: the connection, NULL if it failed
 *
 * Return: 0 or the exit code.
 */
int kernel_connect(struct kernel **kernel);

/**
 * kernel_stream_clear - release what a stream owns, and zero it
 * @stream: stream
 */
void kernel_stream_clear(struct kernel_stream *stream);

/**
 * kernel_key_clear - release what a key owns, and wipe it
 * @key: key
 */
void kernel_key_clear(struct kernel_key *key);

/**
 * kernel_session_new - create a session
 * @kernel: connection
 * @session: settings; @id and @cookie are filled in
 */
int kernel_session_new(struct kernel *kernel, struct kernel_session *session);

/**
 * kernel_session_set - change settings, e.g. @provisional to 0 to confirm
 * @kernel: connection
 * @session: @id and what is to change
 */
int kernel_session_set(struct kernel *kernel, const struct kernel_session *session);

/**
 * kernel_session_get - read a session
 * @kernel: connection
 * @id: its number
 * @session: filled
 */
int kernel_session_get(struct kernel *kernel, uint32_t id, struct kernel_session *session);

/**
 * kernel_session_del - delete a session with all that it has
 * @kernel: connection
 * @id: its number
 */
int kernel_session_del(struct kernel *kernel, uint32_t id);

/**
 * kernel_stream_new - create a stream
 * @kernel: connection
 * @stream: @session and settings; @id is filled in
 */
int kernel_stream_new(struct kernel *kernel, struct kernel_stream *stream);

/**
 * kernel_stream_set - set indexes or acknowledge events
 * @kernel: connection
 * @stream: @session, @id and what is to change
 */
int kernel_stream_set(struct kernel *kernel, const struct kernel_stream *stream);

/**
 * kernel_stream_get - read a stream
 * @kernel: connection
 * @session: number of its session
 * @id: its number
 * @stream: filled, also on failure to be cleared by kernel_stream_clear()
 */
int kernel_stream_get(struct kernel *kernel, uint32_t session, uint32_t id,
		      struct kernel_stream *stream);

/**
 * kernel_stream_freeze - stop a stream and read its final state
 * @kernel: connection
 * @session: number of its session
 * @id: its number
 * @stream: filled, also on failure to be cleared by kernel_stream_clear()
 */
int kernel_stream_freeze(struct kernel *kernel, uint32_t session, uint32_t id,
			 struct kernel_stream *stream);

/**
 * kernel_stream_del - delete a stream with its keys
 * @kernel: connection
 * @session: number of its session
 * @id: its number
 */
int kernel_stream_del(struct kernel *kernel, uint32_t session, uint32_t id);

/**
 * kernel_key_new - add a key
 * @kernel: connection
 * @key: @session, @stream, master key and settings; @id is filled in. The copy
 *	in the message is wiped before this returns, @key is the caller's to
 *	wipe.
 */
int kernel_key_new(struct kernel *kernel, struct kernel_key *key);

/**
 * kernel_key_set - activate a key, or change its limits
 * @kernel: connection
 * @key: @session, @stream, @id and what is to change
 */
int kernel_key_set(struct kernel *kernel, const struct kernel_key *key);

/**
 * kernel_key_get - read a key, without its octets
 * @kernel: connection
 * @session: number of its session
 * @stream: number of its stream
 * @id: its number
 * @key: filled, also on failure to be cleared by kernel_key_clear()
 */
int kernel_key_get(struct kernel *kernel, uint32_t session, uint32_t stream, uint32_t id,
		   struct kernel_key *key);

/**
 * kernel_key_del - take a key away
 * @kernel: connection
 * @session: number of its session
 * @stream: number of its stream
 * @id: its number
 */
int kernel_key_del(struct kernel *kernel, uint32_t session, uint32_t stream, uint32_t id);

/**
 * kernel_socket_new - attach a socket of this process
 * @kernel: connection
 * @fd: the socket
 * @session: number of the session
 * @role: enum srtp_role
 */
int kernel_socket_new(struct kernel *kernel, int fd, uint32_t session, enum srtp_role role);

/**
 * kernel_socket_set - change the role of a socket
 * @kernel: connection
 * @fd: the socket
 * @role: enum srtp_role
 */
int kernel_socket_set(struct kernel *kernel, int fd, enum srtp_role role);

/**
 * kernel_socket_get - read a socket
 * @kernel: connection
 * @fd: the socket
 * @socket: filled
 */
int kernel_socket_get(struct kernel *kernel, int fd, struct kernel_socket *socket);

/**
 * kernel_socket_del - detach a socket of this process
 * @kernel: connection
 * @fd: the socket
 */
int kernel_socket_del(struct kernel *kernel, int fd);

/*
 * Dumps call back once for each object. A callback that returns something else
 * than 0 is not called again, and the dump returns that value. -EAGAIN means
 * that objects changed meanwhile, so that some may be missing or twice.
 */

/**
 * kernel_session_dump - all sessions that the caller may see
 * @kernel: connection
 * @fn: called for each
 * @arg: passed on
 */
int kernel_session_dump(struct kernel *kernel,
			int (*fn)(const struct kernel_session *session, void *arg), void *arg);

/**
 * kernel_stream_dump - streams
 * @kernel: connection
 * @session: of this session, 0 of all
 * @fn: called for each; may take what the stream owns and zero it
 * @arg: passed on
 */
int kernel_stream_dump(struct kernel *kernel, uint32_t session,
		       int (*fn)(struct kernel_stream *stream, void *arg), void *arg);

/**
 * kernel_key_dump - keys, without their octets
 * @kernel: connection
 * @session: of this session, 0 of all
 * @fn: called for each; may take what the key owns and zero it
 * @arg: passed on
 */
int kernel_key_dump(struct kernel *kernel, uint32_t session,
		    int (*fn)(struct kernel_key *key, void *arg), void *arg);

/**
 * kernel_socket_dump - attached sockets
 * @kernel: connection
 * @session: of this session, 0 of all
 * @fn: called for each
 * @arg: passed on
 */
int kernel_socket_dump(struct kernel *kernel, uint32_t session,
		       int (*fn)(const struct kernel_socket *socket, void *arg), void *arg);

/**
 * kernel_suite_dump - suites that the module knows
 * @kernel: connection
 * @fn: called for each
 * @arg: passed on
 */
int kernel_suite_dump(struct kernel *kernel,
		      int (*fn)(const struct kernel_suite *suite, void *arg), void *arg);

struct kernel_events;

/**
 * kernel_events_open - subscribe to events; needs CAP_NET_ADMIN
 * @kernel: connection, for the number of the group and the sentence on failure
 * @events: the subscription
 */
int kernel_events_open(struct kernel *kernel, struct kernel_events **events);

/**
 * kernel_events_close - end the subscription
 * @events: may be NULL
 */
void kernel_events_close(struct kernel_events *events);

/** KERNEL_MODULE_GONE - the module was unloaded, and all sessions with it */
#define KERNEL_MODULE_GONE 1
/** KERNEL_MODULE_BACK - it was loaded; connections and subscriptions are to be made anew */
#define KERNEL_MODULE_BACK 2

/**
 * kernel_events_module - what happened to the module, as kernel_events_read() saw it
 * @events: subscription
 * Return: KERNEL_MODULE_GONE, KERNEL_MODULE_BACK, both or nothing, once.
 */
unsigned int kernel_events_module(struct kernel_events *events);

/**
 * kernel_events_fd - descriptor that is readable when events wait
 * @events: subscription; the descriptor does not block
 */
int kernel_events_fd(const struct kernel_events *events);

/**
 * kernel_events_read - take all events that wait
 * @events: subscription
 * @fn: called for each
 * @arg: passed on
 *
 * Return: 0, or -ENOBUFS when events were lost, after which only a dump tells
 * what is so; further events can be read. Something may be left, then the
 * descriptor is still readable.
 */
int kernel_events_read(struct kernel_events *events,
		       void (*fn)(const struct kernel_event *event, void *arg), void *arg);

#endif
