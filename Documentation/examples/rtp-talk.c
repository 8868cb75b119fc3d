// SPDX-License-Identifier: GPL-2.0
/*
 * rtp-talk: lines of text as RTP packets, protected by the kernel.
 *
 *	rtp-talk receive SESSION PORT
 *	rtp-talk send SESSION ADDRESS PORT <TEXT
 *
 * The sender ends with an RTCP BYE, and the receiver when that comes. Whoever is
 * neither the session's owner nor has CAP_NET_ADMIN cannot attach, and then nothing
 * is sent. SESSION 0 attaches nothing: the same in clear.
 */
#include <arpa/inet.h>
#include <err.h>
#include <linux/srtp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#define RTP_VERSION	0x80
#define PT_TEXT		96
#define PT_BYE		203
#define HEADER		12

/* From here on the socket carries SRTP and SRTCP, and the program does not notice. */
static void protect(int fd, const char *session)
{
	struct srtp_attach at = { .session = atoi(session), .role = SRTP_ROLE_MUX };

	if (at.session && setsockopt(fd, SOL_IP, SRTP_SESSION, &at, sizeof(at)))
		err(1, "cannot attach to session %s", session);
}

static int udp_socket(const char *session)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0)
		err(1, "socket");
	protect(fd, session);
	return fd;
}

static struct sockaddr_in ipv4(const char *text, const char *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(atoi(port)) };

	if (inet_pton(AF_INET, text, &a.sin_addr) != 1)
		errx(1, "%s is no IPv4 address", text);
	return a;
}

static void put32(unsigned char *to, unsigned int value)
{
	value = htonl(value);
	memcpy(to, &value, sizeof(value));
}

static void transmit(int fd, const void *packet, size_t len)
{
	if (send(fd, packet, len, 0) != (ssize_t)len)
		err(1, "send");
}

static void say(int fd, unsigned int ssrc, unsigned short seq, const char *text)
{
	unsigned char packet[HEADER + 256] = { RTP_VERSION, PT_TEXT, seq >> 8, seq };
	size_t len = strcspn(text, "\n");

	put32(packet + 4, seq * 160U);
	put32(packet + 8, ssrc);
	memcpy(packet + HEADER, text, len);
	transmit(fd, packet, HEADER + len);
}

static void bye(int fd, unsigned int ssrc)
{
	unsigned char packet[8] = { RTP_VERSION | 1, PT_BYE, 0, 1 };

	put32(packet + 4, ssrc);
	transmit(fd, packet, sizeof(packet));
}

static int talk(const char *session, const char *host, const char *port)
{
	struct sockaddr_in to = ipv4(host, port);
	int fd = udp_socket(session);
	unsigned short seq = 1;
	unsigned int ssrc;
	char line[256];

	/* Another one each time, or the kernel refuses: packet 1 of an SSRC is sent once. */
	if (getrandom(&ssrc, sizeof(ssrc), 0) != sizeof(ssrc))
		err(1, "getrandom");
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		err(1, "connect");
	while (fgets(line, sizeof(line), stdin))
		say(fd, ssrc, seq++, line);
	bye(fd, ssrc);
	return 0;
}

static int hear(const char *session, const char *port)
{
	struct sockaddr_in own = ipv4("0.0.0.0", port);
	int fd = udp_socket(session);
	unsigned char packet[2048];
	ssize_t len;

	if (bind(fd, (struct sockaddr *)&own, sizeof(own)))
		err(1, "bind");
	while ((len = recv(fd, packet, sizeof(packet), 0)) >= 0) {
		if (len >= 8 && packet[1] == PT_BYE)
			return 0;
		if (len > HEADER)
			printf("%.*s\n", (int)len - HEADER, packet + HEADER);
	}
	err(1, "recv");
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "receive"))
		return hear(argv[2], argv[3]);
	if (argc == 5 && !strcmp(argv[1], "send"))
		return talk(argv[2], argv[3], argv[4]);
	errx(2, "usage: rtp-talk receive SESSION PORT | send SESSION ADDRESS PORT");
}
