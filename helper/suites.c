// SPDX-License-Identifier: GPL-2.0
/*
 * Which suites the kernel of this host has.
 */
#include <string.h>
#include "kernel.h"
#include "suites.h"

/**
 * struct question - one suite in the kernel's list
 * @name: the suite
 * @lacking: the kernel knows it, and has not its algorithms
 */
struct question {
	const char *name;
	bool lacking;
};

static int compare(const struct kernel_suite *suite, void *arg)
{
	struct question *question = arg;

	if (!strcmp(suite->name, question->name))
		question->lacking = !suite->available;
	return 0;
}

static bool ask(const struct mikey_suite *suite)
{
	struct question question = { .name = suite->name };
	struct kernel *kernel = NULL;

	if (!kernel_open(&kernel))
		kernel_suite_dump(kernel, compare, &question);
	kernel_close(kernel);
	return !question.lacking;
}

/* An algorithm that is there stays; one that is not may have come since. */
bool suites_available(const struct mikey_suite *suite)
{
	static uint64_t known;
	size_t n;
	uint64_t bit = UINT64_C(1) << (suite - mikey_suites(&n));

	if (!(known & bit) && ask(suite))
		known |= bit;
	return known & bit;
}
