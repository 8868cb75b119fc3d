// SPDX-License-Identifier: GPL-2.0
/*
 * Timestamps: RFC 3830 4.2.8, 5.2, 6.6; RFC 6043 6.3; eras by RFC 4330 3.
 */
#include "clock.h"
#include "wire.h"

/* Seconds from 1900-01-01 to 1970-01-01 */
#define NTP_UNIX 2208988800ULL
#define NANO 1000000000ULL

uint64_t mikey_ntp_from_unix(const struct timespec *ts)
{
	uint64_t seconds = (uint64_t)ts->tv_sec + NTP_UNIX;

	return seconds << 32 | ((uint64_t)ts->tv_nsec << 32) / NANO;
}

/* The top bit of the seconds tells 1968 to 2036 from 2036 to 2104 */
void mikey_ntp_to_unix(uint64_t ntp, struct timespec *ts)
{
	int64_t seconds = (int64_t)(ntp >> 32);

	if (!(ntp >> 63))
		seconds += 1LL << 32;
	ts->tv_sec = seconds - (int64_t)NTP_UNIX;
	ts->tv_nsec = (long)(((ntp & UINT32_MAX) * NANO) >> 32);
}

int64_t mikey_ntp_diff(uint64_t a, uint64_t b)
{
	return (int64_t)(a - b);
}

size_t mikey_ts_octets(uint32_t type)
{
	static const uint8_t octets[] = {
		[MIKEY_TS_NTP_UTC] = 8,
		[MIKEY_TS_NTP] = 8,
		[MIKEY_TS_COUNTER] = 4,
		[MIKEY_TS_NTP_UTC_32] = 4,
	};

	return type < sizeof(octets) ? octets[type] : 0;
}

void mikey_ts_read(const struct mikey_payload *t, struct mikey_ts *ts)
{
	ts->type = t->t.ts_type;
	ts->value = get_be(t->t.value.data, t->t.value.len);
}

size_t mikey_ts_write(const struct mikey_ts *ts, uint8_t *buf)
{
	size_t n = mikey_ts_octets(ts->type);

	put_be(buf, ts->value, n);
	return n;
}

uint64_t mikey_ts_64(const struct mikey_ts *ts)
{
	return ts->type == MIKEY_TS_NTP_UTC_32 ? ts->value << 32 : ts->value;
}

/*
 * RFC 3830 5.2: all messages from the initiator have a unique timestamp. The
 * step is the unit of the type, so that the value changes on the wire too.
 */
enum mikey_reason mikey_clock_next(struct mikey_clock *clock, uint32_t type, uint64_t now,
				   struct mikey_ts *ts)
{
	bool seconds = type == MIKEY_TS_NTP_UTC_32;
	uint64_t step = seconds ? MIKEY_SECONDS(1) : 1;
	uint64_t value = seconds ? now & ~(uint64_t)UINT32_MAX : now;

	if (!mikey_ts_octets(type))
		return MIKEY_UNSUP_TS;
	if (type == MIKEY_TS_COUNTER) {
		value = clock->used ? clock->last + 1 : 1;
		if (value > UINT32_MAX)
			return MIKEY_UNSUP_TS;
	} else if (clock->used && mikey_ntp_diff(value, clock->last) <= 0) {
		value = clock->last + step;
		if (seconds)
			value &= ~(uint64_t)UINT32_MAX;
	}
	*clock = (struct mikey_clock){ .used = true, .last = value };
	*ts = (struct mikey_ts){ .type = type, .value = seconds ? value >> 32 : value };
	return MIKEY_OK;
}

uint64_t mikey_clock_ahead(const struct mikey_clock *clock, uint64_t now)
{
	int64_t ahead = clock->used ? mikey_ntp_diff(clock->last, now) : 0;

	return ahead > 0 ? (uint64_t)ahead : 0;
}
