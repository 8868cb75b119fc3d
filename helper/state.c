// SPDX-License-Identifier: GPL-2.0
/*
 * The state directory.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "state.h"

/* More than the largest cache that the daemon keeps takes. */
#define FILE_SIZE_MAX (16u << 20)

struct state {
	char *path;
	int dir;
	int lock;
};

static int broken(struct failure *failure, const struct state *state, const char *why)
{
	return failure_set(failure, MIKEY_EXIT_SYSTEM, "bad-state-directory",
			   "state directory %s %s", state->path, why);
}

static int failed(struct failure *failure, const struct state *state, const char *file)
{
	return failure_errno(failure, errno, "state file %s/%s", state->path, file);
}

/* Whoever can write here can make us repeat a T or take a message twice. */
static int check_rights(const struct state *state, struct failure *failure)
{
	struct stat st;

	if (fstat(state->dir, &st))
		return failed(failure, state, "");
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return broken(failure, state, "belongs to somebody else");
	if (st.st_mode & 022)
		return broken(failure, state, "can be written by others than its owner");
	return 0;
}

int state_open(const char *path, struct state **result, struct failure *failure)
{
	struct state *state = calloc(1, sizeof(*state));

	*result = NULL;
	if (!state)
		return failure_errno(failure, ENOMEM, "state directory");
	state->lock = -1;
	state->dir = -1;
	state->path = strdup(path);
	if (state->path && (!mkdir(path, 0700) || errno == EEXIST))
		state->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (state->dir < 0)
		failure_errno(failure, errno, "cannot open state directory %s", path);
	if (state->dir < 0 || check_rights(state, failure)) {
		state_close(state);
		return -1;
	}
	*result = state;
	return 0;
}

void state_close(struct state *state)
{
	if (!state)
		return;
	if (state->lock >= 0)
		close(state->lock);
	if (state->dir >= 0)
		close(state->dir);
	free(state->path);
	free(state);
}

static int open_lock(const struct state *state, const char *file)
{
	return openat(state->dir, file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

int state_lock(struct state *state, struct failure *failure)
{
	state->lock = open_lock(state, "lock");
	if (state->lock < 0)
		return failed(failure, state, "lock");
	if (!flock(state->lock, LOCK_EX | LOCK_NB))
		return 0;
	if (errno != EWOULDBLOCK)
		return failed(failure, state, "lock");
	return failure_set(failure, MIKEY_EXIT_SYSTEM, "state-locked",
			   "another daemon uses the state directory %s", state->path);
}

static int write_all(int fd, const uint8_t *data, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(fd, data, len);
		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			data += n;
			len -= n;
		}
	}
	return fsync(fd);
}

/* Either the old contents or the new ones are there, whatever happens. */
static int replace(const struct state *state, const char *file, const void *data, size_t len)
{
	char temp[32];
	int fd, ret;

	snprintf(temp, sizeof(temp), "%s.new", file);
	fd = openat(state->dir, temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		    0600);
	if (fd < 0)
		return -1;
	ret = write_all(fd, data, len);
	close(fd);
	if (ret || renameat(state->dir, temp, state->dir, file))
		return -1;
	return fsync(state->dir);
}

/* A whole file, or NULL with errno. */
static uint8_t *slurp(const struct state *state, const char *file, size_t *len)
{
	int fd = openat(state->dir, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	uint8_t *data = NULL;
	struct stat st;
	ssize_t n = -1;

	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st)) {
		errno = EFBIG;
		if (st.st_size >= 0 && st.st_size < FILE_SIZE_MAX)
			data = malloc(st.st_size + 1);
	}
	if (data)
		n = read(fd, data, st.st_size + 1);
	if (n < 0) {
		free(data);
		data = NULL;
	}
	*len = n;
	close(fd);
	return data;
}

static int read_clock(const struct state *state, const char *name, struct mikey_clock *clock,
		      struct failure *failure)
{
	size_t len;
	char *text = (char *)slurp(state, name, &len);
	int end = 0;

	if (!text && errno == ENOENT) {
		clock->used = false;
		return 0;
	}
	if (!text)
		return failed(failure, state, name);
	text[len] = '\0';
	clock->used = true;
	if (sscanf(text, "%16" SCNx64 "\n%n", &clock->last, &end) != 1 || (size_t)end != len)
		end = 0;
	free(text);
	if (end)
		return 0;
	return failure_set(failure, MIKEY_EXIT_REPLAY, "bad-state-file",
			   "state file %s/%s is damaged; %s than that of any message that this "
			   "host has sent", state->path, name, strcmp(name, "counter") ?
			   "remove it once its time is later" :
			   "write a number of 16 hexadecimal digits into it that is higher");
}

/* Counters go on from the last one, times from the clock: neither is mixed with the other. */
static const char *clock_name(uint32_t type)
{
	return type == MIKEY_TS_COUNTER ? "counter" : "clock";
}

static int next_ts(const struct state *state, uint32_t type, uint64_t now, struct mikey_ts *ts,
		   struct failure *failure)
{
	const char *name = clock_name(type);
	struct mikey_clock clock = { 0 };
	char text[32];
	int len;

	if (read_clock(state, name, &clock, failure))
		return -1;
	if (mikey_clock_next(&clock, type, now, ts))
		return broken(failure, state, "has no further timestamp");
	len = snprintf(text, sizeof(text), "%016" PRIx64 "\n", clock.last);
	return replace(state, name, text, len) ? failed(failure, state, name) : 0;
}

int state_next_ts(struct state *state, uint32_t type, uint64_t now, struct mikey_ts *ts,
		  struct failure *failure)
{
	int lock = open_lock(state, "clock.lock");
	int ret = -1;

	if (lock < 0)
		return failed(failure, state, "clock.lock");
	while (flock(lock, LOCK_EX))
		if (errno != EINTR)
			goto out;
	ret = next_ts(state, type, now, ts, failure);
	close(lock);
	return ret;
out:
	failed(failure, state, "clock.lock");
	close(lock);
	return -1;
}

bool state_gave_ts(const struct state *state, const struct mikey_ts *ts)
{
	struct mikey_clock clock = { 0 };
	struct failure failure;

	return !read_clock(state, clock_name(ts->type), &clock, &failure) && clock.used &&
	       mikey_ntp_diff(mikey_ts_64(ts), clock.last) <= 0;
}

static int mark_ran(const struct state *state)
{
	int fd = openat(state->dir, "ran", O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -1;
	close(fd);
	return fsync(state->dir);
}

/* Does the file hold a good cache? */
static bool load(const struct state *state, struct mikey_replay *cache)
{
	struct mikey_view view = { 0 };
	struct mikey_error err;
	uint8_t *data = slurp(state, "replay", &view.len);
	bool good;

	view.data = data;
	good = data && !mikey_replay_load(cache, view, &err);
	free(data);
	return good;
}

int state_load_replay(struct state *state, uint64_t now, struct mikey_replay *cache,
		      bool *lost, struct failure *failure)
{
	bool ran = !faccessat(state->dir, "ran", F_OK, 0);

	*lost = false;
	if (!load(state, cache) && ran) {
		mikey_replay_unclean(cache, now);
		*lost = true;
	}
	if (state_save_replay(state, cache, failure))
		return -1;
	return mark_ran(state) ? failed(failure, state, "ran") : 0;
}

int state_save_replay(struct state *state, const struct mikey_replay *cache,
		      struct failure *failure)
{
	size_t len = mikey_replay_save_size(cache);
	uint8_t *data = malloc(len ? len : 1);
	int ret = 0;

	if (!data || mikey_replay_save(cache, data))
		ret = failure_errno(failure, ENOMEM, "replay cache");
	else if (replace(state, "replay", data, len))
		ret = failed(failure, state, "replay");
	free(data);
	return ret;
}
