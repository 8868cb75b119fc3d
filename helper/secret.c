// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that holds keys.
 */
#include <openssl/crypto.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include "secret.h"

void secret_process(void)
{
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* Enough for some hundred bundles at a time; allocation fails beyond that. */
#define HEAP_SIZE (4u << 20)
#define HEAP_MIN 32

void secret_heap(void)
{
	CRYPTO_secure_malloc_init(HEAP_SIZE, HEAP_MIN);
}

void *secret_alloc(size_t len)
{
	void *secret = mmap(NULL, len ? len : 1, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (secret == MAP_FAILED)
		return NULL;
	mlock(secret, len);
	madvise(secret, len, MADV_DONTDUMP);
	return secret;
}

void secret_free(void *secret, size_t len)
{
	if (!secret)
		return;
	explicit_bzero(secret, len);
	munmap(secret, len ? len : 1);
}
