/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Timestamps: conversion, comparison across NTP eras, and the generator of
 * the initiator's T, which never gives a value twice.
 */
#ifndef MIKEY_CLOCK_H
#define MIKEY_CLOCK_H

#include <time.h>

#include "crypto.h"

/** MIKEY_SECONDS - seconds in the unit of NTP timestamps */
#define MIKEY_SECONDS(s) ((uint64_t)(s) << 32)

/**
 * mikey_ntp_from_unix - NTP timestamp of a UTC time
 * @ts: as clock_gettime(CLOCK_REALTIME) gives it
 * Return: seconds since 1900 modulo 2^32, and the fraction in 32 bits.
 */
uint64_t mikey_ntp_from_unix(const struct timespec *ts);

/**
 * mikey_ntp_to_unix - UTC time of an NTP timestamp
 * @ntp: timestamp; by RFC 4330 3 it lies between 1968 and 2104
 * @ts: filled
 */
void mikey_ntp_to_unix(uint64_t ntp, struct timespec *ts);

/**
 * mikey_ntp_diff - a - b, right across the era change of 2036
 * @a: timestamp
 * @b: timestamp
 * Return: in 1/2^32 seconds; the two must be less than 68 years apart.
 */
int64_t mikey_ntp_diff(uint64_t a, uint64_t b);

/**
 * mikey_ts_octets - length of a timestamp on the wire
 * @type: enum mikey_ts_type
 * Return: 8, 4, or 0 for an unknown type.
 */
size_t mikey_ts_octets(uint32_t type);

/**
 * mikey_ts_read - timestamp of a T payload
 * @t: payload of type MIKEY_PL_T
 * @ts: filled
 */
void mikey_ts_read(const struct mikey_payload *t, struct mikey_ts *ts);

/**
 * mikey_ts_write - octets of a timestamp
 * @ts: timestamp
 * @buf: 8 octets
 * Return: octets written.
 */
size_t mikey_ts_write(const struct mikey_ts *ts, uint8_t *buf);

/**
 * mikey_ts_64 - as 64 bits, for the IV and for comparison
 * @ts: COUNTER is padded on the left, NTP-UTC-32 on the right (RFC 6043 6.3)
 */
uint64_t mikey_ts_64(const struct mikey_ts *ts);

/**
 * struct mikey_clock - the last T given out under one identity
 * @used: @last holds
 * @last: timestamp as 64 bits; of COUNTER the value, so that COUNTER needs a
 *	clock of its own
 *
 * Persist it before the message goes out, restore it at the next start: with
 * AES-CM, T is what keeps keystreams apart (RFC 3830 4.2.3).
 */
struct mikey_clock {
	bool used;
	uint64_t last;
};

/**
 * mikey_clock_next - a T that was never given out before
 * @clock: set forward
 * @type: enum mikey_ts_type
 * @now: NTP time
 * @ts: the clock if that is later than the last T, else the next value after
 *      it: a clock that was set back makes T run on, not repeat
 * Return: MIKEY_UNSUP_TS for unknown types and for a COUNTER at its end.
 */
enum mikey_reason mikey_clock_next(struct mikey_clock *clock, uint32_t type, uint64_t now,
				   struct mikey_ts *ts);

/**
 * mikey_clock_ahead - how far T has run ahead of the clock
 * @clock: clock
 * @now: NTP time
 * Return: 1/2^32 seconds, 0 if it has not. Peers refuse T beyond their skew.
 */
uint64_t mikey_clock_ahead(const struct mikey_clock *clock, uint64_t now);

#endif
