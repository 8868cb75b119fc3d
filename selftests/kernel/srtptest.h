/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the socket tests share: a harness, two hosts in network namespaces with
 * a wire between them, sessions, packets, an SRTP of our own to check against,
 * and a capture of the wire.
 *
 * Whatever here cannot do its work ends the test as failed; functions whose
 * failure is part of a test are named try_*.
 */
#ifndef SRTPTEST_H
#define SRTPTEST_H

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include <linux/srtp.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* lib_ktap.c: the harness */

/* How a test reaches the other host. Each test runs once per way. */
enum family {
	IPV4 = 1,
	IPV6 = 2,
	MAPPED = 4,	/* IPv4 on AF_INET6 sockets */
	ONCE = 8,	/* the way makes no difference, runs over IPv4 */
	EVERY = IPV4 | IPV6 | MAPPED,
};

/**
 * struct test - one test
 * @name: what it checks, as a sentence without a full stop
 * @run: the test; returns if it passed
 * @families: enum family, or'ed
 * @seconds: bound for one run; 0 is 30
 */
struct test {
	const char *name;
	void (*run)(enum family family);
	unsigned int families;
	unsigned int seconds;
};

int run_tests(int argc, char **argv, const struct test *tests, size_t count);

__attribute__((noreturn, format(printf, 3, 4)))
void fail(const char *file, int line, const char *format, ...);
__attribute__((noreturn, format(printf, 1, 2)))
void skip(const char *format, ...);
void check_equal(const char *file, int line, const char *what, long long is, long long shall);
void check_errno(const char *file, int line, const char *what, long long result, int error);
void check_same(const char *file, int line, const char *what,
		const void *is, size_t is_len, const void *shall, size_t shall_len);

#define FAIL(...)	fail(__FILE__, __LINE__, __VA_ARGS__)
#define CHECK(what)	do { if (!(what)) FAIL("%s", #what); } while (0)
/* The system call must work. */
#define MUST(what)	must(__FILE__, __LINE__, #what, (what))
#define EQUAL(is, shall) check_equal(__FILE__, __LINE__, #is, (is), (shall))
/* The system call must fail with this errno. */
#define ERRNO(what, error) check_errno(__FILE__, __LINE__, #what, (what), (error))
#define SAME(is, is_len, shall, shall_len) \
	check_same(__FILE__, __LINE__, #is, is, is_len, shall, shall_len)

static inline long long must(const char *file, int line, const char *what, long long result)
{
	if (result < 0)
		fail(file, line, "%s: %s", what, strerror(errno));
	return result;
}

double now(void);
/* true while the bound is not over; naps a millisecond between two looks */
bool waiting(double *until, double seconds);
#define WAIT_FOR(what, seconds)					\
	do {							\
		double until_ = 0;				\
								\
		while (!(what))					\
			if (!waiting(&until_, seconds))		\
				FAIL("never happened: %s", #what); \
	} while (0)
/* The number that a variable of the environment gives, if it is there. */
unsigned int from_environment(const char *name, unsigned int otherwise);
pid_t must_fork(void);
/* The child must exit with 0. */
void must_exit(pid_t pid);

/* lib_net.c: two hosts and the wire between them */

enum side { LEFT, RIGHT, SIDES };

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

void net_setup(void);
void net_reset(void);
void net_enter(enum side side);
/* What is sent from several processors may arrive in another order. */
void stay_on_one_processor(void);
/* Gives this process a new, empty network in place of a host's. */
void net_replace(enum side side);
void set_mtu(int mtu);
__attribute__((format(printf, 1, 2)))
void command(const char *format, ...);

int domain(enum family family);
int level(enum family family);
bool on_ipv4(enum family family);
union address address_of(enum side side, enum family family, uint16_t port);
socklen_t address_len(const union address *address);
uint16_t port_of(const union address *address);
int udp_socket(enum side side, enum family family);
int bound_socket(enum side side, enum family family, uint16_t port);
void bind_to(int fd, const union address *address);
void connect_to(int fd, const union address *address);
void set_int(int fd, int level, int option, int value);
int try_attach(int fd, enum family family, uint32_t session, int role);
void attach(int fd, enum family family, uint32_t session, int role);
int try_detach(int fd, enum family family);
struct srtp_info info_of(int fd, enum family family);
uint64_t stat_of(int fd, enum family family, enum srtp_a_stats stat);
ssize_t send_to(int fd, const void *data, size_t len, const union address *to);
/* Waits for a datagram; fails if none comes. */
size_t receive(int fd, void *data, size_t len);
void receive_exactly(int fd, const void *shall, size_t len);
void nothing_to_receive(int fd);
uint64_t snmp(enum side side, enum family family, const char *counter);
uint64_t drops_of(enum side side, enum family family, uint16_t port);

/* lib_netlink.c: sessions, streams and keys */

struct master {
	uint8_t key[16];
	uint8_t salt[14];
};

extern const struct master master_b3;	/* RFC 3711 B.3 */
extern const struct master master_other;

/* A key of any suite; of the octets as many count as the suite says. */
struct long_master {
	uint8_t key[32];
	uint8_t salt[14];
};

/* What a stream does to packets; 0 is the default everywhere. */
struct policy {
	uint16_t suite;
	bool no_srtp_encryption, no_srtcp_encryption, no_srtp_authentication, srtcp_only;
	uint8_t srtp_tag_len, srtcp_tag_len;
	uint8_t mki_len;
	uint8_t mki[255];
	uint32_t kdr;
	uint8_t rcc_mode;
	uint16_t rcc_rate;
	uint8_t cryptex;
	uint8_t ext_ids_len;
	uint8_t ext_ids[16];
};

struct stream {
	uint32_t session;
	uint32_t id;
	uint8_t direction;
	bool any;		/* wildcard */
	uint32_t ssrc;
	uint32_t template;
	const struct master *master;
	const struct policy *policy;	/* with long_master; NULL: AES_CM_128_HMAC_SHA1_80 */
	const struct long_master *long_master;
	uint32_t window, srtcp_window;	/* 0: default */
	bool fresh;
	bool indexes;		/* roc, seq and srtcp_index are given */
	uint32_t roc;
	uint16_t seq;
	uint32_t srtcp_index;
	uint64_t stats[32];
};

struct session {
	uint32_t id;
	uint32_t owner;		/* 0: the caller */
	bool pass_non_rtp, forbid_detach, auto_delete;
	uint32_t ssrc_cap;	/* 0: default */
	uint32_t sockets, streams;	/* as read */
};

uint32_t session_new(enum side side);
uint32_t session_with(enum side side, const struct session *session);
int try_session_get(enum side side, uint32_t id, struct session *session);
struct session session_get(enum side side, uint32_t id);
void session_del(enum side side, uint32_t id);
void sessions_del(enum side side);
/* Dumps of all that the kernel holds, read and thrown away. */
void dump_all(enum side side);
/* Creates the stream and, if master is given, its key. -errno or the id. */
int64_t try_stream_new(enum side side, const struct stream *stream);
uint32_t stream_new(enum side side, const struct stream *stream);
/* What the kernel said about the latest refusal. */
const char *refusal(void);
uint32_t stream_any(enum side side, uint32_t session, int direction, const struct master *master);
int try_stream_get(enum side side, uint32_t session, uint32_t id, struct stream *stream);
struct stream stream_get(enum side side, uint32_t session, uint32_t id);
void stream_del(enum side side, uint32_t session, uint32_t id);
bool stream_find(enum side side, uint32_t session, int direction, uint32_t ssrc,
		 struct stream *stream);
uint32_t key_new(enum side side, uint32_t session, uint32_t stream, const struct master *master);
/* A key of any suite for the stream with this id. */
uint32_t long_key_new(enum side side, const struct stream *stream, uint32_t id, bool active);
int key_state(enum side side, uint32_t session, uint32_t stream, uint32_t key);
void key_del(enum side side, uint32_t session, uint32_t stream, uint32_t key);

/* lib_rtp.c: packets with a payload that is found wherever it appears */

#define MARK		"KSRTP-PLAIN!"
#define MARK_LEN	(sizeof(MARK) - 1)
#define RTP_HEADER	12
#define RTCP_HEADER	8
#define PACKET_MAX	65536
#define SRTP_TRAILER	10
#define SRTCP_TRAILER	14

struct rtp {
	uint16_t seq;
	uint32_t ssrc;
	uint8_t csrcs;
	int extension;		/* words of the extension, -1: none */
	uint8_t padding;
	bool marker;
	uint8_t type;
};

void fill_payload(uint8_t *payload, size_t len, uint32_t number);
bool has_mark(const void *data, size_t len);
/* Build a packet of len octets altogether. */
void rtp_build(uint8_t *packet, size_t len, const struct rtp *rtp);
void rtp_simple(uint8_t *packet, size_t len, uint32_t ssrc, uint16_t seq);
/* A sender report, or with a length below 28 a receiver report. */
void rtcp_build(uint8_t *packet, size_t len, uint32_t ssrc, uint32_t number);
uint16_t seq_of(const uint8_t *packet);
uint32_t ssrc_of(const uint8_t *packet, bool rtcp);
bool is_rtcp(const uint8_t *packet);

/* lib_reference.c: AES_CM_128_HMAC_SHA1_80 by OpenSSL */

struct reference {
	struct {
		uint8_t cipher[16], salt[14], auth[20];
	} rtp, rtcp;
};

void reference_derive(struct reference *ref, const struct master *master);
/* Both return the length written; out needs room for the trailer. */
size_t reference_rtp(const struct reference *ref, uint32_t roc,
		     const uint8_t *plain, size_t len, uint8_t *out);
size_t reference_rtcp(const struct reference *ref, uint32_t index,
		      const uint8_t *plain, size_t len, uint8_t *out);
/* Both return the plain length, or -1 if the tag is wrong. */
ssize_t reference_open_rtp(const struct reference *ref, uint32_t roc,
			   const uint8_t *wire, size_t len, uint8_t *plain);
ssize_t reference_open_rtcp(const struct reference *ref, uint32_t *index,
			    const uint8_t *wire, size_t len, uint8_t *plain);

/* lib_suite.c: every suite and modifier by OpenSSL's block ciphers and HMAC */

struct suite {
	uint16_t id;
	const char *name;
	const char *block;	/* of OpenSSL */
	const char *algorithm;	/* of the kernel */
	int kind;
	uint8_t key_len, salt_len, tag_len, srtcp_tag_len;
};

struct session_key {
	uint8_t cipher[32], auth[20], salt[14];
};

extern const struct suite suites[];
extern const size_t suite_count;

const struct suite *suite_of(uint16_t id);
/* The packet on the wire; both return its length; out needs room for 300 octets more. */
size_t suite_rtp(const struct policy *policy, const struct long_master *master, uint32_t roc,
		 const uint8_t *plain, size_t len, uint8_t *out);
size_t suite_rtcp(const struct policy *policy, const struct long_master *master, uint32_t index,
		  const uint8_t *plain, size_t len, uint8_t *out);

/* lib_capture.c: what crosses the wire */

struct datagram {
	uint8_t *data;
	size_t len;
	uint16_t from, to;
};

struct capture {
	int fd;
	enum side side;
	size_t count, room;
	struct datagram *datagrams;
	bool marked;		/* a frame held the payload's mark */
	size_t fragments;
	size_t split;		/* 0, or the size of segments to split at */
};

void capture_open(struct capture *capture, enum side side, const char *device);
/* Reads until all that was sent before the call has been seen. */
void capture_flush(struct capture *capture);
/* Reads what is there. */
void capture_read(struct capture *capture);
void capture_close(struct capture *capture);

/* lib_call.c: two hosts with attached sockets */

#define LEFT_PORT	5004
#define RIGHT_PORT	6004
#define SSRC		0x12345678

/**
 * struct call - a call from the left host to the right one and back
 * @family: as the test was told
 * @role: enum srtp_role
 * @session: on each side
 * @sock: on each side, bound and attached, not connected
 * @at: their addresses
 * @there: for each side, the wildcard stream to send (tx) and receive (rx)
 * @reference: by sending side
 * @wire: the frames between the two
 */
struct call {
	enum family family;
	int role;
	uint32_t session[SIDES];
	int sock[SIDES];
	union address at[SIDES];
	uint32_t tx[SIDES], rx[SIDES];
	struct reference reference[SIDES];
	struct capture wire;
};

void call_begin(struct call *call, enum family family, int role);
/* The same without attaching. */
void call_prepare(struct call *call, enum family family, int role);
void call_attach(struct call *call, enum side side);
/* Closes and deletes all of it, for a test that makes several calls. */
void call_end(struct call *call);
void call_connect(struct call *call);
/* Sends from one side, must be sent whole, and arrive as it was. */
void call_pass(struct call *call, enum side from, const void *packet, size_t len);
/* Sends, must be sent whole. */
void call_send(struct call *call, enum side from, const void *packet, size_t len);
/* As call_send, through the independent implementation and a plain socket. */
void call_inject(struct call *call, enum side to, const void *wire, size_t len);
/*
 * Everything that crossed the wire since the capture began: this many
 * datagrams, all authenticate and none shows plaintext. The second form also
 * wants the packets in the order and form given.
 */
void wire_check(struct call *call, size_t count);
void wire_expect(struct call *call, size_t at, const void *plain, size_t len);
void wire_forget(struct call *call);
/* Opens a captured datagram by its port and ROC; -1 if it is not authentic. */
ssize_t wire_open(struct call *call, const struct datagram *datagram, uint8_t *plain);

/* lib_policy.c: both ways, byte-exact */

extern const struct long_master master_long;

/*
 * RTP and RTCP of all forms over a wrap of SEQ: what is sent is what lib_suite.c
 * gives, and what that gives is received. With forge also with a bit wrong.
 */
void policy_both_ways(enum family family, const struct policy *policy, bool forge);
/* A stream under RFC 3711 B.3's master key. */
struct stream b3_stream(const struct policy *policy, uint32_t session, int direction,
			uint32_t ssrc);
/* A call from left to right with one such stream at each side. */
void b3_call(struct call *call, enum family family, const struct policy *tx,
	     const struct policy *rx, uint32_t ssrc);

#endif
