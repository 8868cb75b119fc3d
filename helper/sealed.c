// SPDX-License-Identifier: GPL-2.0
/*
 * Sealed memory files: memfd_create(2).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "sealed.h"

/* Linux 6.3; older kernels refuse it, older headers do not know it. */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static int create(void)
{
	const unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = memfd_create("mikey-bundles", flags | MFD_NOEXEC_SEAL);

	return fd < 0 && errno == EINVAL ? memfd_create("mikey-bundles", flags) : fd;
}

int sealed_new(size_t len, uint8_t **octets, struct failure *failure)
{
	int fd = create();
	void *map = MAP_FAILED;

	if (fd >= 0 && !ftruncate(fd, (off_t)len))
		map = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) {
		failure_errno(failure, errno, "memory for bundles");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	madvise(map, len, MADV_DONTDUMP);
	*octets = map;
	return fd;
}

int sealed_finish(int fd, uint8_t *octets, size_t len, struct sealed *sealed,
		  struct failure *failure)
{
	*sealed = (struct sealed){ .fd = -1 };
	/* What somebody may still write to cannot be sealed against writing. */
	munmap(octets, len);
	if (fcntl(fd, F_ADD_SEALS, SEALS))
		return failure_errno(failure, errno, "memory for bundles");
	return sealed_open(fd, len, sealed, failure);
}

static int refuse(struct failure *failure, const char *why)
{
	return failure_set(failure, MIKEY_EXIT_SYSTEM, "bad-store", "the store of bundles %s", why);
}

/*
 * A descriptor that was passed shares its lock with all its copies; one that was
 * opened anew has a lock of its own.
 */
static int claim(int fd, struct failure *failure)
{
	char path[32];
	int own;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	own = open(path, O_RDONLY | O_CLOEXEC);
	if (own < 0)
		return failure_errno(failure, errno, "the store of bundles");
	if (!flock(own, LOCK_EX | LOCK_NB))
		return own;
	close(own);
	return failure_set(failure, MIKEY_EXIT_SYSTEM, "store-in-use",
			   "another daemon has read the store of bundles, and is running");
}

/* Locked, so that what the pages hold does not go to a swap device. */
static int map_octets(struct sealed *sealed, struct failure *failure)
{
	void *map = mmap(NULL, sealed->len, PROT_READ, MAP_PRIVATE, sealed->fd, 0);

	if (map == MAP_FAILED)
		return failure_errno(failure, errno, "the store of bundles");
	mlock(map, sealed->len);
	madvise(map, sealed->len, MADV_DONTDUMP);
	sealed->octets = map;
	return 0;
}

int sealed_open(int fd, size_t max, struct sealed *sealed, struct failure *failure)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;

	*sealed = (struct sealed){ .fd = -1 };
	if (seals < 0 || (seals & SEALS) != SEALS)
		return refuse(failure, "is no sealed memory");
	if (fstat(fd, &st) || st.st_size <= 0 || (size_t)st.st_size > max)
		return refuse(failure, "is empty or too large");
	sealed->len = st.st_size;
	sealed->fd = claim(fd, failure);
	if (sealed->fd >= 0 && !map_octets(sealed, failure))
		return 0;
	sealed_close(sealed);
	return -1;
}

void sealed_close(struct sealed *sealed)
{
	if (sealed->octets)
		munmap((void *)sealed->octets, sealed->len);
	if (sealed->fd >= 0)
		close(sealed->fd);
	*sealed = (struct sealed){ .fd = -1 };
}
