// SPDX-License-Identifier: GPL-2.0
/*
 * Every two of the things that can happen to an attached socket, its session or
 * the module, at the same time, under senders and receivers: each pair of the
 * table below, by two processes, while a third one sends packets and batches of
 * them and a fourth one sends back and reads.  Packets are steered (RPS) and
 * aggregated (GRO) on their way in.
 *
 * Nothing leaves in clear unless one of the two detaches, nothing crashes, and
 * afterwards a call is possible.
 *
 * PAIRS is how many pairs of each row are tried (1; 0 is all), ROUNDS how often
 * each of the two does its part (10), FUZZ_SEED chooses the pairs.
 *
 * ktap-only: debug kcsan
 * ktap-timeout: 3600
 */
#include "srtptest.h"

#include <fcntl.h>
#include <netinet/udp.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#define SIZE	172
#define BATCH	4

/* What the processes of a pair share. */
struct shared {
	atomic_bool stop;
	atomic_uint seq;
};

struct scene {
	struct call call;
	struct shared *shared;
	uint32_t key;		/* the one that this process added, or 0 */
	unsigned int round;
	bool held;		/* the sockets of the call are attached */
};

/* The call must work, or give one of these errors; EEXIST is an index that was used. */
static bool worked(const char *what, long result, const int *errors)
{
	if (result >= 0)
		return true;
	while (*errors && *errors != errno)
		errors++;
	if (!*errors)
		FAIL("%s: %s", what, strerror(errno));
	return false;
}

#define WORKED(call, ...) worked(#call, (call), (const int[]){ __VA_ARGS__, 0 })

static void send_on(struct scene *scene, int fd)
{
	union address to = scene->call.at[RIGHT];
	uint8_t packet[SIZE];

	rtp_simple(packet, SIZE, SSRC, atomic_fetch_add(&scene->shared->seq, 1));
	WORKED(send_to(fd, packet, SIZE, &to), ENOKEY, EEXIST, ENOSPC, EKEYEXPIRED);
}

static void send_batch(struct scene *scene, int fd)
{
	unsigned int i, first = atomic_fetch_add(&scene->shared->seq, BATCH);
	struct msghdr message = {
		.msg_name = &scene->call.at[RIGHT].any,
		.msg_namelen = address_len(&scene->call.at[RIGHT]),
	};
	char control[CMSG_SPACE(sizeof(uint16_t))] = {};
	uint8_t packets[BATCH * SIZE];
	struct iovec part = { packets, sizeof(packets) };
	struct cmsghdr *cmsg = (struct cmsghdr *)control;
	const uint16_t size = SIZE;

	for (i = 0; i < BATCH; i++)
		rtp_simple(packets + i * SIZE, SIZE, SSRC, first + i);
	cmsg->cmsg_level = SOL_UDP;
	cmsg->cmsg_type = UDP_SEGMENT;
	cmsg->cmsg_len = CMSG_LEN(sizeof(size));
	memcpy(CMSG_DATA(cmsg), &size, sizeof(size));
	message.msg_iov = &part;
	message.msg_iovlen = 1;
	message.msg_control = control;
	message.msg_controllen = sizeof(control);
	WORKED(sendmsg(fd, &message, 0), ENOKEY, EEXIST, ENOSPC, EKEYEXPIRED, EIO);
}

/* Another socket of the session; -1 if it cannot be attached any more. */
static int another(struct scene *scene)
{
	int fd = bound_socket(LEFT, scene->call.family, 0);

	if (WORKED(try_attach(fd, scene->call.family, scene->call.session[LEFT],
			      SRTP_ROLE_RTP), ENOENT, ENOPROTOOPT))
		return fd;
	close(fd);
	return -1;
}

/* What happens */

static void do_attach(struct scene *scene)
{
	int fd = another(scene);

	if (fd < 0)
		return;
	send_on(scene, fd);
	WORKED(try_detach(fd, scene->call.family), EALREADY);
	close(fd);
}

static void do_detach(struct scene *scene)
{
	int fd = scene->call.sock[LEFT];

	WORKED(try_detach(fd, scene->call.family), EALREADY);
	WORKED(try_attach(fd, scene->call.family, scene->call.session[LEFT], SRTP_ROLE_MUX),
	       EBUSY, ENOENT);
}

/* With half a datagram in it, every other time. */
static void do_close(struct scene *scene)
{
	int fd = another(scene);

	if (fd < 0)
		return;
	connect_to(fd, &scene->call.at[RIGHT]);
	if (scene->round & 1)
		MUST(send(fd, MARK, MARK_LEN, MSG_MORE));
	else
		send_on(scene, fd);
	close(fd);
}

static void do_fork(struct scene *scene)
{
	pid_t pid = must_fork();

	if (!pid) {
		send_on(scene, scene->call.sock[LEFT]);
		_exit(0);
	}
	must_exit(pid);
}

static void do_dup(struct scene *scene)
{
	int fd = MUST(dup(scene->call.sock[LEFT]));

	send_on(scene, fd);
	close(fd);
}

static void do_exec(struct scene *scene)
{
	pid_t pid = must_fork();

	if (!pid) {
		MUST(fcntl(scene->call.sock[LEFT], F_SETFD, 0));
		execl("/bin/true", "true", NULL);
		_exit(1);
	}
	must_exit(pid);
}

static void do_connect(struct scene *scene)
{
	connect_to(scene->call.sock[LEFT], &scene->call.at[RIGHT]);
}

static void do_disconnect(struct scene *scene)
{
	const struct sockaddr nobody = { .sa_family = AF_UNSPEC };

	MUST(connect(scene->call.sock[LEFT], &nobody, sizeof(nobody)));
}

/* A namespace that ends with a session and an attached socket in it. */
static void do_netns(struct scene *scene)
{
	uint32_t session;
	pid_t pid = must_fork();
	int fd;

	if (!pid) {
		net_replace(LEFT);
		session = session_new(LEFT);
		stream_any(LEFT, session, SRTP_DIRECTION_TX, &master_other);
		fd = udp_socket(LEFT, IPV4);
		attach(fd, IPV4, session, SRTP_ROLE_RTP);
		_exit(0);
	}
	must_exit(pid);
}

/* One that is deleted under its socket. */
static void do_session(struct scene *scene)
{
	const struct session settings = { .auto_delete = scene->round % 3 == 1 };
	int fd = bound_socket(LEFT, scene->call.family, 0);
	uint32_t id = session_with(LEFT, &settings);
	uint8_t packet[SIZE];

	stream_any(LEFT, id, SRTP_DIRECTION_TX, &master_other);
	attach(fd, scene->call.family, id, SRTP_ROLE_RTP);
	send_on(scene, fd);
	if (scene->round % 3 != 1) {
		session_del(LEFT, id);
		rtp_simple(packet, SIZE, SSRC, 0);
		ERRNO(send_to(fd, packet, SIZE, &scene->call.at[RIGHT]), ENOKEY);
	}
	close(fd);
}

/* The sender's key is exchanged. */
static void do_key(struct scene *scene)
{
	struct master master = master_b3;
	uint32_t before = scene->key;

	master.key[0] = getpid();
	master.key[1] = getpid() >> 8;
	master.key[2] = scene->round;
	scene->key = key_new(LEFT, scene->call.session[LEFT], scene->call.tx[LEFT], &master);
	if (before)
		key_del(LEFT, scene->call.session[LEFT], scene->call.tx[LEFT], before);
}

static void do_dump(struct scene *scene)
{
	dump_all(LEFT);
}

static void do_rmmod(struct scene *scene)
{
	if (syscall(SYS_delete_module, "srtp", O_NONBLOCK) == 0)
		FAIL("the module was unloaded under an attached socket");
	CHECK(errno == EAGAIN || errno == EBUSY);
}

/* Where no socket holds it. */
static void do_reload(struct scene *scene)
{
	int fd = MUST(open(getenv("SRTP_KO"), O_RDONLY | O_CLOEXEC));

	WORKED(syscall(SYS_delete_module, "srtp", O_NONBLOCK), EAGAIN, EBUSY, ENOENT);
	WORKED(syscall(SYS_finit_module, fd, "", 0), EEXIST, EBUSY);
	close(fd);
}

/* X(function, what it is) */
#define THINGS(X)					\
	X(attach, "attach")				\
	X(detach, "detach")				\
	X(close, "close")				\
	X(fork, "fork")					\
	X(dup, "dup")					\
	X(exec, "exec")					\
	X(connect, "connect")				\
	X(disconnect, "disconnect")			\
	X(netns, "the end of a network namespace")	\
	X(session, "session-new and session-del")	\
	X(key, "key-new and key-del")			\
	X(dump, "dumps")				\
	X(rmmod, "rmmod")				\
	X(reload, "module reload")

#define ENUM(name, text) DO_##name,
enum { THINGS(ENUM) COUNT };

#define ROW(name, text) { text, do_##name },
static const struct {
	const char *name;
	void (*run)(struct scene *scene);
} things[] = { THINGS(ROW) };

/* The traffic */

static void send_until_stopped(struct scene *scene)
{
	while (!scene->shared->stop) {
		send_on(scene, scene->call.sock[LEFT]);
		send_batch(scene, scene->call.sock[LEFT]);
		sched_yield();
	}
}

static void answer_until_stopped(struct scene *scene)
{
	uint8_t packet[SIZE + 20];
	unsigned int seq = 0;

	while (!scene->shared->stop) {
		rtp_simple(packet, SIZE, SSRC + 1, seq++);
		WORKED(send_to(scene->call.sock[RIGHT], packet, SIZE, &scene->call.at[LEFT]),
		       ECONNREFUSED);
		while (recv(scene->call.sock[LEFT], packet, sizeof(packet), MSG_DONTWAIT) > 0)
			;
		while (recv(scene->call.sock[RIGHT], packet, sizeof(packet), MSG_DONTWAIT) > 0)
			;
		sched_yield();
	}
}

static pid_t start(struct scene *scene, void (*run)(struct scene *scene))
{
	pid_t pid = must_fork();

	if (pid)
		return pid;
	run(scene);
	fflush(stdout);
	_exit(0);
}

/* Where the module comes and goes, each try may fail, but not be killed. */
static void try_alone(struct scene *scene, int thing)
{
	pid_t pid = must_fork();
	int status;

	if (!pid) {
		MUST(dup2(MUST(open("/dev/null", O_WRONLY)), STDOUT_FILENO));
		things[thing].run(scene);
		_exit(0);
	}
	MUST(waitpid(pid, &status, 0));
	CHECK(WIFEXITED(status));
}

static pid_t start_thing(struct scene *scene, int thing)
{
	unsigned int rounds = from_environment("ROUNDS", 10);
	pid_t pid = must_fork();

	if (pid)
		return pid;
	for (scene->round = 0; scene->round < rounds; scene->round++) {
		if (scene->held || thing == DO_reload)
			things[thing].run(scene);
		else
			try_alone(scene, thing);
	}
	fflush(stdout);
	_exit(0);
}

static bool over(pid_t *pid)
{
	int status;

	if (!*pid || waitpid(*pid, &status, WNOHANG) != *pid)
		return !*pid;
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		FAIL("a process failed, status %#x", status);
	*pid = 0;
	return true;
}

static void run_both(struct scene *scene, int a, int b)
{
	pid_t first = start_thing(scene, a), second = start_thing(scene, b);
	bool done = false;

	while (!done) {
		done = over(&first) & over(&second);
		if (scene->held)
			capture_read(&scene->call.wire);
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
}

static void afterwards(enum family family)
{
	struct call call;
	uint8_t packet[SIZE];

	call_begin(&call, family, SRTP_ROLE_MUX);
	rtp_simple(packet, SIZE, SSRC, 1);
	call_pass(&call, LEFT, packet, SIZE);
	call_pass(&call, RIGHT, packet, SIZE);
	wire_check(&call, 2);
	call_end(&call);
}

static void held_pair(struct scene *scene, enum family family, int a, int b)
{
	pid_t sender, answerer;

	scene->held = true;
	call_begin(&scene->call, family, SRTP_ROLE_MUX);
	sender = start(scene, send_until_stopped);
	answerer = start(scene, answer_until_stopped);
	run_both(scene, a, b);
	scene->shared->stop = true;
	must_exit(sender);
	must_exit(answerer);
	capture_read(&scene->call.wire);
	if (a != DO_detach && b != DO_detach)
		CHECK(!scene->call.wire.marked);
	call_end(&scene->call);
}

/* rmmod must fail under an attached socket, which is not the case here. */
static void loose_pair(struct scene *scene, enum family family, int a, int b)
{
	call_prepare(&scene->call, family, SRTP_ROLE_MUX);
	run_both(scene, a, b);
	close(scene->call.sock[LEFT]);
	close(scene->call.sock[RIGHT]);
	capture_close(&scene->call.wire);
}

static void run_pair(enum family family, int a, int b)
{
	struct scene scene = {};
	pid_t pid;

	printf("# %s and %s\n", things[a].name, things[b].name);
	scene.shared = mmap(NULL, sizeof(*scene.shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(scene.shared != MAP_FAILED);
	/* netlink families have another number after a reload: a process each */
	pid = must_fork();
	if (!pid) {
		if (a == DO_reload || b == DO_reload)
			loose_pair(&scene, family, a, b);
		else
			held_pair(&scene, family, a, b);
		fflush(stdout);
		_exit(0);
	}
	must_exit(pid);
	pid = must_fork();
	if (!pid) {
		afterwards(family);
		_exit(0);
	}
	must_exit(pid);
	munmap(scene.shared, sizeof(*scene.shared));
}

/* RPS, to all processors, and aggregation on the way in. */
static void steer(enum side side)
{
	static const char *const device[SIDES] = { "left", "right" };
	const char *dir = getenv("TMPDIR");

	MUST(unshare(CLONE_NEWNS));
	MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	net_enter(side);
	MUST(mount("sysfs", dir, "sysfs", 0, NULL));
	/* there is none where there is one processor */
	command("f=%s/class/net/%s/queues/rx-0/rps_cpus; [ ! -e $f ] || echo 3 >$f", dir,
		device[side]);
	MUST(umount2(dir, MNT_DETACH));
	command("ethtool -K %s gro on rx-gro-list %s >/dev/null", device[side],
		side == LEFT ? "on" : "off");
	net_enter(LEFT);
}

static void with_others(int thing, enum family family)
{
	unsigned int wanted = from_environment("PAIRS", 1), i;
	unsigned int seed = from_environment("FUZZ_SEED", time(NULL));

	steer(LEFT);
	steer(RIGHT);
	srand(seed + thing);
	if (wanted)
		printf("# FUZZ_SEED=%u\n", seed);
	for (i = 0; i < (wanted ? wanted : COUNT); i++)
		run_pair(family, thing, wanted ? rand() % COUNT : (int)i);
}

#define TEST(name, text)					\
	static void test_##name(enum family family)		\
	{							\
		with_others(DO_##name, family);			\
	}
THINGS(TEST)

#define CASE(name, text) { text " at the same time as others", test_##name, ONCE, 3000 },
static const struct test tests[] = { THINGS(CASE) };

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
