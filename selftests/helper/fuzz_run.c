// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a fuzzer's target without a fuzzer, so that make check needs no clang and
 * always does the same: over every input of a corpus, and over a fixed number of
 * copies of it with octets altered, left out, put in or repeated.
 *
 *	test_fuzz_NAME		corpus-NAME.hex, a line of hex for each input
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ktap.h"

#define INPUT_MAX 65536

/* How many altered copies of each input */
#define COPIES 40

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

static uint64_t seed = 1;

static unsigned int draw(size_t below)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned int)((seed >> 33) % below);
}

/* A copy of the exact size, so that the sanitizer sees what reads past its end */
static void try_input(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static size_t alter(uint8_t *data, size_t size)
{
	size_t at = draw(size), n = 1 + draw(8);

	if (n > size - at)
		n = size - at;
	switch (draw(4)) {
	case 0:
		data[at] ^= (uint8_t)(1 << draw(8));
		break;
	case 1:
		data[at] = (uint8_t)draw(256);
		break;
	case 2:
		memmove(data + at, data + at + n, size - at - n);
		size -= n;
		break;
	default:
		memmove(data + at + n, data + at, size - at);
		size += n;
	}
	return size;
}

static void try_altered(const uint8_t *data, size_t size)
{
	static uint8_t copy[INPUT_MAX + 64];
	unsigned int i, k;
	size_t len;

	for (i = 0; i < COPIES; i++) {
		memcpy(copy, data, size);
		len = size;
		for (k = 0; k <= i % 4 && len; k++)
			len = alter(copy, len);
		try_input(copy, len);
	}
}

static size_t unhex_line(const char *line, uint8_t *out)
{
	unsigned int octet;
	size_t n = 0;

	while (n < INPUT_MAX && sscanf(line + 2 * n, "%2x", &octet) == 1)
		out[n++] = (uint8_t)octet;
	return n;
}

int main(int argc, char **argv)
{
	static uint8_t input[INPUT_MAX];
	FILE *file = fopen(TEST_SOURCES "/" CORPUS, "re");
	size_t n = 0, room = 0;
	char *line = NULL;

	ktap_begin();
	if (LLVMFuzzerInitialize)
		LLVMFuzzerInitialize(&argc, &argv);
	while (file && getline(&line, &room, file) > 0) {
		size_t len = unhex_line(line, input);

		try_input(input, len);
		try_altered(input, len);
		n++;
	}
	check(n, "%zu inputs of %s, and %d altered copies of each: nothing is found", n, CORPUS,
	      COPIES);
	free(line);
	if (file)
		fclose(file);
	return ktap_end();
}
