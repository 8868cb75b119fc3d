// SPDX-License-Identifier: GPL-2.0
/*
 * Where no daemon runs, root gets one for this process alone: the daemon's own
 * code, in a process that ends with this one and listens to nobody else.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "daemon.h"
#include "privileges.h"
#include "sandbox.h"
#include "secret.h"
#include "shared.h"

static pid_t process = -1;
static char directory[] = "/run/mikey-rtsp-XXXXXX";

static const char configuration[] =
"[daemon]\n"
"identity = uri:rtsps://localhost\n"
"listen = none\n"
"state-directory = %1$s/state\n"
"control = %1$s/control\n"
"\n"
"[peer %2$s]\n"
"identity = uri:rtsps://camera\n"
"allow-null = tls-only\n"
"compat = onvif gstreamer\n";

static int write_config(const char *path, const char *peer)
{
	FILE *file = fopen(path, "wxe");
	bool good = file && fprintf(file, configuration, directory, peer) > 0;

	if (file && fclose(file))
		good = false;
	return good ? 0 : -1;
}

static int begin(const char *path, struct daemon **daemon, struct failure *failure)
{
	struct config *config;

	if (config_load(path, &config, failure) || config_read_keys(config, NULL, failure) ||
	    daemon_new(config, daemon, failure))
		return -1;
	return privileges_drop(failure) || sandbox_enter(failure) ? -1 : 0;
}

/* Its events are nobody's; a failure goes to standard error before it is ready. */
static void serve(const sigset_t *mask, const char *path, int ready)
{
	struct daemon *daemon = NULL;
	struct failure failure;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	setpgid(0, 0);
	unsetenv("NOTIFY_SOCKET");
	sigprocmask(SIG_SETMASK, mask, NULL);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		_exit(MIKEY_EXIT_SYSTEM);
	secret_heap();
	if (begin(path, &daemon, &failure))
		_exit(failure_report(&failure));
	if (write(ready, "", 1) != 1)
		_exit(MIKEY_EXIT_SYSTEM);
	close(ready);
	_exit(daemon_run(daemon));
}

static int await_ready(int ready, struct failure *failure)
{
	char octet;
	bool good = read(ready, &octet, 1) == 1;

	close(ready);
	if (good)
		return 0;
	return failure_set(failure, MIKEY_EXIT_SYSTEM, "no-daemon",
			   "no daemon runs, and none can be started here");
}

static int spawn(const sigset_t *mask, const char *path, struct failure *failure)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return failure_errno(failure, errno, "daemon");
	process = fork();
	if (!process) {
		close(ends[0]);
		serve(mask, path, ends[1]);
	}
	close(ends[1]);
	if (process < 0) {
		close(ends[0]);
		return failure_errno(failure, errno, "daemon");
	}
	return await_ready(ends[0], failure);
}

int own_daemon_start(struct reach *reach, const sigset_t *mask, struct failure *failure)
{
	char *path;
	int ret;

	if (!mkdtemp(directory)) {
		directory[0] = '\0';
		return failure_errno(failure, errno, "/run");
	}
	path = g_build_filename(directory, "mikey.conf", NULL);
	if (write_config(path, reach->peer))
		ret = failure_errno(failure, errno, "%s", path);
	else
		ret = spawn(mask, path, failure);
	g_free(path);
	g_free(reach->control);
	reach->control = g_build_filename(directory, "control", NULL);
	return ret;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void own_daemon_end(void)
{
	if (process > 0) {
		kill(process, SIGTERM);
		waitpid(process, NULL, 0);
	}
	if (process >= 0)
		nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
