/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of the benchmark share.  A figure is a number of ticks of the
 * time stamp counter; in a guest that counts instructions, it counts those.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <linux/srtp.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define BATCH		64	/* packets between two looks at the clock */
#define VECTOR		32	/* packets of one sendmmsg() or of one segmented send() */
#define ROOM		2048	/* for a packet and its trailer */
#define SSRC		0x5eed0000u

/* bench.c: what was measured goes out as a line of JSON */
__attribute__((format(printf, 3, 4)))
void figure(double value, const char *unit, const char *name, ...);
__attribute__((noreturn, format(printf, 1, 2)))
void die(const char *format, ...);
void *must_alloc(size_t size);

/**
 * struct suite - a cipher suite to measure
 * @name: registered name
 * @id: enum srtp_suite
 * @profile: srtp_profile_t of libsrtp
 * @key_len: octets of the master key
 * @salt_len: octets of the master salt
 * @tag_len: octets that protection adds to an RTP packet
 */
struct suite {
	const char *name;
	uint16_t id;
	int profile;
	uint8_t key_len;
	uint8_t salt_len;
	uint8_t tag_len;
};

extern const struct suite suites[];
extern const size_t n_suites;
extern const uint8_t master[46];	/* key, then salt, of whatever length */

/* control.c: sessions of the kernel */
void control_open(void);
uint32_t session_new(uint32_t ssrc_cap);
void session_del(uint32_t id);
/* A wildcard with its key. */
uint32_t stream_new(uint32_t session, int direction, const struct suite *suite);
void key_new(uint32_t session, uint32_t stream, const struct suite *suite, const uint8_t *octets);
void attach(int fd, uint32_t session);

/* library.c: libsrtp, in as many builds as there are */
struct library;
struct context;		/* an srtp_t */

struct library *library_open(const char *path);
struct context *context_new(struct library *library, const struct suite *suite, bool send);
void context_free(struct context *context);
/* Both return the new length. */
int protect(struct context *context, void *packet, int len);
int unprotect(struct context *context, void *packet, int len);

/* flood.c: packets that nobody wanted, beside valid ones */
void measure_floods(struct library *library, int rounds);

/* net.c: sockets and packets */
int sender(int port);			/* to nowhere: a device that drops what it gets */
void loop(int fds[2]);			/* sends to the other one by way of lo */
void rtp_header(uint8_t *packet, uint32_t ssrc, uint16_t seq);
int send_segments(int fd, const void *data, size_t len, uint16_t segment);

/* Instructions, in a guest that counts them. */
static inline uint64_t ticks(void)
{
	uint32_t low, high;

	asm volatile("lfence; rdtsc; lfence" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/* Tells profile/plugin.c that a figure begins or ends: a nop with a number. */
static inline void mark_figure(void)
{
	asm volatile(".byte 0x0f, 0x1f, 0x84, 0x00, 0xed, 0x5e, 0xed, 0x5e");
}

#endif
