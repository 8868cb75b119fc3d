// SPDX-License-Identifier: GPL-2.0
/*
 * mikey-rtsp serve: it listens, and has a process for each client, on a leash: a pipe
 * that ends with this process, however that does.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include "output.h"
#include "report.h"
#include "secret.h"
#include "server.h"

/**
 * struct guest - the process of a client
 * @pid: process, 0 for none
 * @leash: this end of its pipe
 */
struct guest {
	pid_t pid;
	int leash;
};

/**
 * struct server - what is going on
 * @serving: command line
 * @sock: listens
 * @signals: descriptor
 * @guests: as many as there may be
 */
struct server {
	struct serving serving;
	int sock;
	int signals;
	struct guest *guests;
};

static socklen_t name_of(const struct address *address, struct sockaddr_storage *name)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)name;
	struct sockaddr_in *v4 = (struct sockaddr_in *)name;

	memset(name, 0, sizeof(*name));
	if (address->family == AF_INET) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(address->port);
		memcpy(&v4->sin_addr, address->octets, sizeof(v4->sin_addr));
		return sizeof(*v4);
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(address->port);
	memcpy(&v6->sin6_addr, address->octets, sizeof(v6->sin6_addr));
	return sizeof(*v6);
}

static int try_listen(const struct address *address)
{
	struct sockaddr_storage name;
	socklen_t len = name_of(address, &name);
	int sock = socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1;

	if (sock < 0)
		return -1;
	setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (!bind(sock, (struct sockaddr *)&name, len) && !listen(sock, SOMAXCONN))
		return sock;
	close(sock);
	return -1;
}

/* Where there is no IPv6, all addresses are those of IPv4. */
static int start_listening(struct server *server)
{
	struct address *address = &server->serving.listen;
	char text[ADDRESS_TEXT_MAX];

	server->sock = try_listen(address);
	if (server->sock < 0 && !address->family && errno == EAFNOSUPPORT) {
		address->family = AF_INET;
		server->sock = try_listen(address);
	}
	if (server->sock < 0)
		return report_errno(errno, "cannot listen on %s", address_format(address, text));
	note("listening on %s", address_format(address, text));
	return 0;
}

static struct guest *find_room(struct server *server)
{
	unsigned int i;

	for (i = 0; i < server->serving.clients; i++)
		if (!server->guests[i].pid)
			return &server->guests[i];
	return NULL;
}

/* Whatever is the server's alone is closed, so that the leashes of others are not held. */
static void become_visit(struct server *server, int fd, int leash)
{
	unsigned int i;
	int code;

	close(server->sock);
	close(server->signals);
	for (i = 0; i < server->serving.clients; i++)
		if (server->guests[i].pid)
			close(server->guests[i].leash);
	code = visit(&server->serving, fd, leash);
	_exit(code);
}

static int admit(struct server *server, struct guest *guest, int fd)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -1;
	guest->pid = fork();
	if (!guest->pid) {
		close(ends[1]);
		become_visit(server, fd, ends[0]);
	}
	close(ends[0]);
	if (guest->pid > 0) {
		guest->leash = ends[1];
		return 0;
	}
	close(ends[1]);
	guest->pid = 0;
	return -1;
}

static int on_client(struct server *server)
{
	int fd = accept4(server->sock, NULL, NULL, SOCK_CLOEXEC);
	struct guest *guest = find_room(server);

	if (fd < 0)
		return errno == EMFILE || errno == ENFILE || errno == ENOMEM ?
		       report_errno(errno, "cannot take a client") : 0;
	if (!guest)
		note("a client is refused: there are %u already (--clients)",
		     server->serving.clients);
	else if (admit(server, guest, fd))
		note("a client is refused: %s", strerror(errno));
	close(fd);
	return 0;
}

static void bury(struct server *server, int flags)
{
	struct guest *guest;
	unsigned int i;

	for (i = 0; i < server->serving.clients; i++) {
		guest = &server->guests[i];
		if (!guest->pid || waitpid(guest->pid, NULL, flags) != guest->pid)
			continue;
		close(guest->leash);
		guest->pid = 0;
	}
}

static bool on_signal(struct server *server)
{
	struct signalfd_siginfo info;

	if (read(server->signals, &info, sizeof(info)) != sizeof(info))
		return true;
	if (info.ssi_signo != SIGCHLD)
		return info.ssi_signo == SIGWINCH;
	bury(server, WNOHANG);
	return true;
}

static int listen_on(struct server *server)
{
	struct pollfd fds[] = {
		{ .fd = server->sock, .events = POLLIN },
		{ .fd = server->signals, .events = POLLIN },
	};
	int code = 0;

	while (!code) {
		if (poll(fds, G_N_ELEMENTS(fds), -1) < 0 && errno != EINTR)
			return report_errno(errno, "poll");
		if ((fds[1].revents & POLLIN) && !on_signal(server))
			return 0;
		if (fds[0].revents & POLLIN)
			code = on_client(server);
	}
	return code;
}

/* All leashes first, so that they end at the same time. */
static void send_home(struct server *server)
{
	unsigned int i;

	for (i = 0; i < server->serving.clients; i++)
		if (server->guests[i].pid) {
			close(server->guests[i].leash);
			server->guests[i].leash = -1;
		}
	bury(server, 0);
}

static int run(struct server *server)
{
	struct serving *serving = &server->serving;
	struct failure failure;
	sigset_t signals;
	int code;

	child_signals(&signals);
	sigprocmask(SIG_BLOCK, &signals, &serving->mask);
	signal(SIGPIPE, SIG_IGN);
	if (reach_daemon(&serving->shared.reach, &serving->mask, &failure) ||
	    serve_load(serving, &failure))
		return failure_report(&failure);
	server->guests = calloc(serving->clients, sizeof(*server->guests));
	server->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (!server->guests || server->signals < 0)
		return report_errno(errno, "cannot serve");
	code = start_listening(server);
	if (!code)
		code = listen_on(server);
	send_home(server);
	return code;
}

int serve(int argc, char **argv)
{
	static struct server server;
	int code;

	if (argc == 2 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		serve_help();
		return output_flush();
	}
	code = serve_options(argc, argv, &server.serving);
	if (code)
		return code;
	code = run(&server);
	own_daemon_end();
	return code;
}
