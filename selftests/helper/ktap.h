/* SPDX-License-Identifier: GPL-2.0 */
/*
 * KTAP for tests written in C: ktap_begin(); check(...); ...; return ktap_end();
 */
#ifndef KTAP_H
#define KTAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static int ktap_count, ktap_failed;

static inline void ktap_begin(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("KTAP version 1");
}

/**
 * check - one result
 * @ok: did it pass?
 * @fmt: what was checked
 * Return: @ok.
 */
__attribute__((format(printf, 2, 3)))
static inline bool check(bool ok, const char *fmt, ...)
{
	va_list args;

	printf("%s %d ", ok ? "ok" : "not ok", ++ktap_count);
	ktap_failed += !ok;
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	return ok;
}

/** note - a remark */
__attribute__((format(printf, 1, 2)))
static inline void note(const char *fmt, ...)
{
	va_list args;

	printf("# ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
}

static inline int ktap_end(void)
{
	printf("1..%d\n", ktap_count);
	return ktap_failed || !ktap_count;
}

#endif
