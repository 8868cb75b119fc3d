/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mikey-rtsp serve: being a camera. The server listens; each client is the matter of
 * a process of its own, which is one visit. RTSP itself, TLS and SDP are libgstrtsp's
 * and libgstsdp's.
 */
#ifndef RTSP_SERVER_H
#define RTSP_SERVER_H

#include <gst/rtsp/gstrtspconnection.h>
#include "address.h"
#include "child.h"
#include "shared.h"

/** SERVER_NAME - of the headers Server and WWW-Authenticate */
#define SERVER_NAME "mikey-rtsp"

/**
 * struct serving - the command line
 * @listen: address and port
 * @certificate: PEM: certificate, and those of its issuers
 * @key: PEM: its key
 * @users: file of users and passwords, or NULL for everybody
 * @sdp_file: description of what COMMAND sends
 * @path: of the URL, with / in front and none behind
 * @shared: what those of mikey-rtsp are, too
 * @clients: how many at a time
 * @sdp: what is in @sdp_file
 * @mask: signals that are blocked for COMMAND
 */
struct serving {
	struct address listen;
	const char *certificate;
	const char *key;
	const char *users;
	const char *sdp_file;
	char *path;
	struct shared shared;
	unsigned int clients;
	GstSDPMessage *sdp;
	sigset_t mask;
};

/**
 * struct stream - one medium, as it is sent to one client
 * @message: MIKEY message for the client, in base64
 * @call: name of the call at the daemon
 * @held: connection to the daemon that the session lives as long as, or -1
 * @session: of the kernel
 * @port: RTP is sent from here, and RTCP from the next one; 0 before SETUP
 * @to: the client's port of RTP
 * @to_rtcp: the client's port of RTCP
 */
struct stream {
	char *message;
	char *call;
	int held;
	uint32_t session;
	uint16_t port;
	uint16_t to;
	uint16_t to_rtcp;
};

/**
 * struct visit - one client, from its connection to its end
 * @serving: command line
 * @conn: connection
 * @watch: the same in @loop
 * @loop: event loop
 * @host: the client's address
 * @local: this host's
 * @id: of the RTSP session, "" before the first SETUP
 * @nonce: of the digest
 * @wrong: times that user and password were wrong
 * @streams: media
 * @n_streams: how many
 * @described: the client has the keys of the streams
 * @child: COMMAND
 * @started: COMMAND runs or has run
 * @leaving: the client is to go, or has gone
 * @farewell: it has to be told so first, and may close its connection itself
 * @timer: after which it is gone
 * @supervisor: COMMAND's sockets
 * @placements: two ports for each medium
 */
struct visit {
	const struct serving *serving;
	GstRTSPConnection *conn;
	GstRTSPWatch *watch;
	GMainLoop *loop;
	char host[ADDRESS_TEXT_MAX];
	char local[ADDRESS_TEXT_MAX];
	char id[17];
	char nonce[33];
	unsigned int wrong;
	struct stream streams[MEDIA_MAX];
	size_t n_streams;
	bool described;
	struct child child;
	bool started;
	bool leaving;
	bool farewell;
	guint timer;
	struct supervisor supervisor;
	struct placement placements[2 * MEDIA_MAX];
};

/**
 * serve_options - read the command line
 * @argc: number of @argv
 * @argv: "serve", options, PATH, --, COMMAND
 * @serving: filled
 * Return: 0, or the exit code of a failure that has been reported.
 */
int serve_options(int argc, char **argv, struct serving *serving);

/** serve_help - print what there is */
void serve_help(void);

/**
 * serve - the whole program
 * @argc: number of @argv
 * @argv: see serve_options()
 * Return: exit status.
 */
int serve(int argc, char **argv);

/**
 * serve_load - read what the command line names
 * @serving: @sdp is filled
 * @failure: why not
 * Return: 0 or -1.
 */
int serve_load(struct serving *serving, struct failure *failure);

/**
 * serve_certificate - certificate and key
 * @serving: command line
 * @failure: why not
 * Return: to be unreferenced, or NULL.
 */
GTlsCertificate *serve_certificate(const struct serving *serving, struct failure *failure);

/**
 * visit - serve one client
 * @serving: command line
 * @fd: its connection
 * @leash: descriptor whose end is the end of the visit
 * Return: exit status.
 */
int visit(const struct serving *serving, int fd, int leash);

/**
 * visit_leave - the client is to go: COMMAND ends, and then the visit
 * @visit: visit
 */
void visit_leave(struct visit *visit);

/**
 * visit_part - the same, when the client has got its last answer and closes
 * @visit: visit
 */
void visit_part(struct visit *visit);

/**
 * requests_answer - answer a request
 * @visit: visit
 * @request: request
 * @response: filled, to be unset
 */
void requests_answer(struct visit *visit, GstRTSPMessage *request, GstRTSPMessage *response);

/**
 * announce - the description for the client, with its keys
 * @visit: visit
 * Return: text, which holds keys; to be wiped, and freed with g_free().
 */
char *announce(const struct visit *visit);

/**
 * grant - SETUP of one stream: transport, keys and ports
 * @visit: visit
 * @index: of the stream
 * @request: SETUP
 * @response: gets a header
 */
GstRTSPStatusCode grant(struct visit *visit, size_t index, GstRTSPMessage *request,
			GstRTSPMessage *response);

/**
 * offers_make - a key for each stream; sessions that do not send yet
 * @visit: visit
 * @failure: why not
 * Return: 0 or -1.
 */
int offers_make(struct visit *visit, struct failure *failure);

/**
 * offers_accept - take the client's message: from here on the session sends
 * @visit: visit
 * @index: of the stream
 * @message: base64
 * @failure: why not
 * Return: 0 or -1.
 */
int offers_accept(const struct visit *visit, size_t index, const char *message,
		  struct failure *failure);

/**
 * offers_drop - end the sessions, and wait until they are gone
 * @visit: visit
 */
void offers_drop(struct visit *visit);

/**
 * sending_start - run COMMAND
 * @visit: visit; all streams are granted
 * Return: 0, or the exit code of a failure that has been reported.
 */
int sending_start(struct visit *visit);

/**
 * users_check - can the file of users be used?
 * @path: file
 * @failure: why not
 * Return: 0 or -1.
 */
int users_check(const char *path, struct failure *failure);

/**
 * users_admit - does the request prove who sends it (RFC 2617)?
 * @visit: visit
 * @request: request
 * @response: gets a challenge if it does not
 */
bool users_admit(struct visit *visit, GstRTSPMessage *request, GstRTSPMessage *response);

#endif
