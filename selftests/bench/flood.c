// SPDX-License-Identifier: GPL-2.0
/*
 * What a packet costs the receiver that nobody wanted, beside one that is valid:
 * the send() over lo and the softirq, without the recv().
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

#define SIZE	172

/**
 * struct flood - a socket that gets packets
 * @fd: sends, and receives
 * @source: protects what is sent; NULL for plain UDP
 * @seq: of the next packet
 * @packet: those of a batch
 * @len: their octets
 */
struct flood {
	int fd[2];
	struct context *source;
	uint16_t seq;
	uint8_t packet[BATCH][ROOM];
	int len[BATCH];
};

static void make_valid(struct flood *flood)
{
	int i;

	for (i = 0; i < BATCH; i++) {
		rtp_header(flood->packet[i], SSRC, flood->seq++);
		flood->len[i] = flood->source ?
				protect(flood->source, flood->packet[i], SIZE) : SIZE;
	}
}

static void send_batch(struct flood *flood)
{
	int i;

	for (i = 0; i < BATCH; i++)
		if (send(flood->fd[0], flood->packet[i], flood->len[i], 0) != flood->len[i])
			die("flood: %s", strerror(errno));
}

/* The last octet of the tag is wrong. */
static void make_forged(struct flood *flood)
{
	int i;

	make_valid(flood);
	for (i = 0; i < BATCH; i++)
		flood->packet[i][flood->len[i] - 1] ^= 1;
}

static void make_replayed(struct flood *flood)
{
	make_valid(flood);
	send_batch(flood);
}

/* Neither RTP nor RTCP: version 0. */
static void make_garbage(struct flood *flood)
{
	int i;

	make_valid(flood);
	for (i = 0; i < BATCH; i++)
		flood->packet[i][0] = 0;
}

/* Empties the queue; returns how many there were. */
static int drain(struct flood *flood)
{
	uint8_t packet[ROOM];
	int n = 0;

	while (recv(flood->fd[1], packet, sizeof(packet), MSG_DONTWAIT) >= 0)
		n++;
	return n;
}

static uint64_t counted(const struct flood *flood, int stat)
{
	struct srtp_info info = {};
	socklen_t len = sizeof(info);

	if (getsockopt(flood->fd[1], SOL_IP, SRTP_INFO, &info, &len))
		die("SRTP_INFO: %s", strerror(errno));
	return info.stats[stat];
}

/* Of @stat, which each packet must be counted as, or that are in the queue of a plain socket. */
static uint64_t arrived(struct flood *flood, int stat)
{
	return stat ? counted(flood, stat) : (uint64_t)drain(flood);
}

/*
 * A softirq may be put off to a thread, and then the packets are only put aside in
 * this time: such a batch is none, and the thread gets a chance before the next one.
 */
static double least(struct flood *flood, const char *what, int stat,
		    void (*make)(struct flood *flood), int rounds)
{
	uint64_t best = UINT64_MAX, start, before;
	int tries = 10 * rounds;

	while (rounds) {
		if (!tries--)
			die("flood: not all packets were %s", what);
		make(flood);
		usleep(1000);
		drain(flood);
		before = arrived(flood, stat);
		start = ticks();
		send_batch(flood);
		start = ticks() - start;
		if (arrived(flood, stat) - before != BATCH)
			continue;
		rounds--;
		if (start < best)
			best = start;
	}
	drain(flood);
	return (double)best / BATCH;
}

static void measure(struct flood *flood, const char *suite, const char *what, int stat,
		    void (*make)(struct flood *flood), int rounds)
{
	double value;

	mark_figure();
	value = least(flood, what, stat, make, rounds);
	mark_figure();
	figure(value, "instructions/packet", "flood/%d/%s/%s", SIZE, suite, what);
}

static void close_both(struct flood *flood)
{
	close(flood->fd[0]);
	close(flood->fd[1]);
}

static void flood_plain(int rounds)
{
	struct flood *flood = must_alloc(sizeof(*flood));

	loop(flood->fd);
	measure(flood, "none", "plain", 0, make_valid, rounds);
	close_both(flood);
	free(flood);
}

static void flood_suite(struct library *library, const struct suite *suite, int rounds)
{
	struct flood *flood = must_alloc(sizeof(*flood));
	uint32_t session = session_new(16), stream;
	uint8_t other[sizeof(master)];
	size_t i;

	stream = stream_new(session, SRTP_DIRECTION_RX, suite);
	flood->source = context_new(library, suite, true);
	loop(flood->fd);
	attach(flood->fd[1], session);
	measure(flood, suite->name, "valid", SRTP_A_STATS_RX_SRTP_PACKETS, make_valid, rounds);
	measure(flood, suite->name, "replayed", SRTP_A_STATS_RX_REPLAYED, make_replayed, rounds);
	measure(flood, suite->name, "garbage", SRTP_A_STATS_RX_NOT_RTP, make_garbage, rounds);
	measure(flood, suite->name, "forged", SRTP_A_STATS_RX_AUTH_FAILED, make_forged, rounds);
	/* A rekey is open: there are two keys to try. */
	for (i = 0; i < sizeof(other); i++)
		other[i] = ~master[i];
	key_new(session, stream, suite, other);
	measure(flood, suite->name, "forged, two keys", SRTP_A_STATS_RX_AUTH_FAILED, make_forged,
		rounds);
	close_both(flood);
	session_del(session);
	context_free(flood->source);
	free(flood);
}

/**
 * measure_floods - figures of packets that come in, wanted or not
 * @library: makes them
 * @rounds: of which the least counts
 */
void measure_floods(struct library *library, int rounds)
{
	size_t i;

	flood_plain(rounds);
	for (i = 0; i < n_suites; i++)
		flood_suite(library, &suites[i], rounds);
}
