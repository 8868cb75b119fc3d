/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The clocks: one that tells the time, and one that never goes back.
 */
#ifndef HELPER_NOW_H
#define HELPER_NOW_H

#include <time.h>
#include "mikey/clock.h"

/**
 * now_ntp - the time, as an NTP timestamp
 */
static inline uint64_t now_ntp(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return mikey_ntp_from_unix(&ts);
}

/**
 * now_ms - milliseconds of a clock that never goes back
 */
static inline uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec * UINT64_C(1000) + ts.tv_nsec / 1000000;
}

#endif
