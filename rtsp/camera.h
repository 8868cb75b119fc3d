/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A camera, from the first request to the last: what the files of mikey-rtsp
 * share. RTSP itself (RFC 2326), TLS and SDP are libgstrtsp's and libgstsdp's.
 */
#ifndef RTSP_CAMERA_H
#define RTSP_CAMERA_H

#include <signal.h>
#include <gst/rtsp/gstrtspconnection.h>
#include <gst/sdp/gstsdpmessage.h>
#include "shared.h"

/** REKEY_SECONDS - default age of a key that is renewed */
#define REKEY_SECONDS 3600

/**
 * struct options - the command line
 * @url: of the camera, without password
 * @shared: what those of mikey-rtsp serve are, too
 * @auto_model: the camera's answers say which model it has
 * @media: kinds of media to play, with "," between them, or NULL for all
 * @password_file: file with the password, or NULL
 * @ca_file: PEM: roots of the camera's certificate, or NULL for those of the system
 * @insecure: take any certificate
 * @rekey: age at which a key is renewed, 0 for never
 */
struct options {
	const char *url;
	struct shared shared;
	bool auto_model;
	const char *media;
	const char *password_file;
	const char *ca_file;
	bool insecure;
	unsigned int rekey;
};

/**
 * struct medium - one medium that is played
 * @line: its m-line, from 0
 * @sdp: the same in the camera's description
 * @uri: of SETUP and SET_PARAMETER
 * @message: MIKEY message for the camera, in base64
 * @session: of the kernel
 * @port: RTP is received here, and RTCP on the next one
 */
struct medium {
	unsigned int line;
	const GstSDPMedia *sdp;
	char *uri;
	char *message;
	uint32_t session;
	uint16_t port;
};

/**
 * struct camera - a camera
 * @options: command line
 * @url: of the camera
 * @password: for @url's user, or NULL
 * @tls_errors: what was wrong with its certificate
 * @conn: connection
 * @challenged: it has asked for the password already
 * @methods: what it can do
 * @base: what relative URIs are relative to
 * @sdp: its description
 * @media: what is played
 * @n_media: how many
 * @model: whose key protects what
 * @source: address that its media come from
 * @session_seconds: how long it waits for a sign of life
 * @call: name of the call at the daemon
 * @held: connection to the daemon that the sessions live as long as, or -1
 * @sdp_path: description for COMMAND, or NULL
 * @mask: signals that are blocked for COMMAND
 * @supervisor: COMMAND's sockets
 * @placements: two ports for each medium
 */
struct camera {
	struct options options;
	GstRTSPUrl *url;
	char *password;
	GTlsCertificateFlags tls_errors;
	GstRTSPConnection *conn;
	bool challenged;
	GstRTSPMethod methods;
	char *base;
	GstSDPMessage *sdp;
	struct medium media[MEDIA_MAX];
	size_t n_media;
	enum key_model model;
	char *source;
	unsigned int session_seconds;
	char *call;
	int held;
	char *sdp_path;
	sigset_t mask;
	struct supervisor supervisor;
	struct placement placements[2 * MEDIA_MAX];
};

/**
 * options_parse - read the command line
 * @argc: as given to main()
 * @argv: as given to main()
 * @options: filled
 * Return: 0, or the exit code of a failure that has been reported.
 */
int options_parse(int argc, char **argv, struct options *options);

/** options_help - print what there is */
void options_help(void);

/*
 * The steps, each in a file of its own name. They return 0, or -1 with the
 * failure filled.
 */
int password_read(struct camera *cam, struct failure *failure);
int dialogue_open(struct camera *cam, struct failure *failure);
int describe(struct camera *cam, struct failure *failure);
int keys_agree(struct camera *cam, struct failure *failure);
int setup(struct camera *cam, struct failure *failure);
int plain_write(struct camera *cam, struct failure *failure);

/**
 * dialogue_ask - a request and its response
 * @cam: camera
 * @request: sent, again with the password if the camera asks for it; unset here
 * @response: filled, to be unset with 0
 * @failure: no answer; what the response says is the caller's matter
 * Return: 0 or -1.
 */
int dialogue_ask(struct camera *cam, GstRTSPMessage *request, GstRTSPMessage *response,
		 struct failure *failure);

/**
 * dialogue_status - is it a good response?
 * @response: response
 * @what: method and object, for the sentence
 * @failure: why not
 * Return: 0 or -1.
 */
int dialogue_status(GstRTSPMessage *response, const char *what, struct failure *failure);

/**
 * dialogue_prove - take a challenge (RFC 2617)
 * @cam: camera
 * @response: 401
 * @failure: no password, or none that helps
 * Return: 0 if the request is worth another try, or -1.
 */
int dialogue_prove(struct camera *cam, GstRTSPMessage *response, struct failure *failure);

/**
 * dialogue_reply - answer a request of the camera
 * @request: request
 * @response: filled, to be unset
 * Return: does it go on? Not after TEARDOWN.
 */
bool dialogue_reply(GstRTSPMessage *request, GstRTSPMessage *response);

/**
 * keys_guess - which model does a camera have that describes itself so?
 * @cam: camera; its media are known
 */
enum key_model keys_guess(const struct camera *cam);

/**
 * keys_renew - new keys for all media; the kernel has them, the camera not yet
 * @cam: camera of model b
 * @failure: why not
 * Return: 0 or -1.
 */
int keys_renew(struct camera *cam, struct failure *failure);

/**
 * play - run COMMAND, play, renew keys, until one of both ends
 * @cam: camera, set up
 * Return: exit status.
 */
int play(struct camera *cam);

#endif
