/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the daemon and mikey-fetch say to each other.
 *
 * mikey-fetch has a socket as its standard input. It says one octet there when it is
 * ready. The daemon sends a struct fetch_order, and with it one end of a pair of sockets.
 * One message comes back through that: a struct fetch_answer, and the octets. A pair that
 * ends without one was that of a process that died. All are SOCK_SEQPACKET: a message is
 * whole, or it is none.
 */
#ifndef FETCH_ORDER_H
#define FETCH_ORDER_H

#include <stdint.h>

/** FETCH_URL_MAX - most characters of a URL */
#define FETCH_URL_MAX 500
/** FETCH_SIZE_MAX - most octets of what is fetched: a chain of certificates is none */
#define FETCH_SIZE_MAX 16384
/** FETCH_SECONDS_MAX - most patience with a server */
#define FETCH_SECONDS_MAX 30
/** FETCH_TEXT_MAX - most characters of a sentence about what went wrong */
#define FETCH_TEXT_MAX 120

/**
 * struct fetch_order - a URL
 * @seconds: how long it may take, all in all
 * @url: with a NUL
 */
struct fetch_order {
	uint32_t seconds;
	char url[FETCH_URL_MAX + 1];
};

/**
 * enum fetch_status - how it ended
 * @FETCH_DONE: octets follow: what is there
 * @FETCH_MOVED: octets follow: the URL where it is now, which was not asked
 * @FETCH_FAILED: octets follow: a sentence
 */
enum fetch_status { FETCH_DONE, FETCH_MOVED, FETCH_FAILED };

/**
 * struct fetch_answer - the beginning of an answer; its octets follow
 * @status: enum fetch_status
 */
struct fetch_answer {
	uint32_t status;
};

#endif
