// SPDX-License-Identifier: GPL-2.0
/*
 * mikey-rtsp: an unmodified program plays a camera that sends SRTP, or is one (serve.c).
 *
 * This file is the order of the steps of playing; each step is a file.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "camera.h"
#include "child.h"
#include "kernel.h"
#include "output.h"
#include "report.h"
#include "secret.h"
#include "server.h"

static int prepare(struct camera *cam, struct failure *failure)
{
	if (reach_daemon(&cam->options.shared.reach, &cam->mask, failure) || password_read(cam, failure) ||
	    dialogue_open(cam, failure) || describe(cam, failure) || setup(cam, failure) ||
	    plain_write(cam, failure))
		return -1;
	return 0;
}

/* The sessions go with the connection to the daemon. */
static void clean_up(struct camera *cam)
{
	size_t i;

	if (cam->sdp_path)
		unlink(cam->sdp_path);
	if (cam->conn)
		gst_rtsp_connection_free(cam->conn);
	for (i = 0; i < cam->n_media; i++) {
		g_free(cam->media[i].uri);
		g_free(cam->media[i].message);
	}
	if (cam->sdp)
		gst_sdp_message_free(cam->sdp);
	if (cam->url)
		gst_rtsp_url_free(cam->url);
	if (cam->password)
		explicit_bzero(cam->password, strlen(cam->password));
	free(cam->password);
	kernel_close(cam->supervisor.kernel);
	reach_let_go(&cam->held);
	own_daemon_end();
}

static int run(struct camera *cam)
{
	struct failure failure;
	int code;

	if (prepare(cam, &failure))
		return failure_report(&failure);
	code = kernel_connect(&cam->supervisor.kernel);
	return code ? code : play(cam);
}

static bool is_word(const char *text, const char *word)
{
	return text && !strcmp(text, word);
}

int main(int argc, char **argv)
{
	static struct camera cam = { .held = -1 };
	sigset_t signals;
	int code;

	secret_process();
	if (is_word(argv[1], "serve"))
		return serve(argc - 1, argv + 1);
	if (argc == 2 && (is_word(argv[1], "--help") || is_word(argv[1], "-h"))) {
		options_help();
		return output_flush();
	}
	if (argc == 2 && is_word(argv[1], "--version")) {
		printf("mikey-rtsp %s\n", VERSION);
		return output_flush();
	}
	code = options_parse(argc, argv, &cam.options);
	if (code)
		return code;
	/* For all threads to come; a signal ends the waiting, or is passed on. */
	child_signals(&signals);
	sigprocmask(SIG_BLOCK, &signals, &cam.mask);
	code = run(&cam);
	clean_up(&cam);
	return code;
}
