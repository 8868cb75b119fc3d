/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What playing a camera and being one have in common.
 */
#ifndef RTSP_SHARED_H
#define RTSP_SHARED_H

#include <json-c/json.h>
#include <signal.h>
#include <gst/sdp/gstsdpmessage.h>
#include "config.h"
#include "failure.h"
#include "supervise.h"

/** MEDIA_MAX - most media of a description */
#define MEDIA_MAX 16

/**
 * struct reach - the daemon
 * @peer: section of its configuration
 * @config: where its control socket is configured
 * @option: control socket that the command line names, or NULL
 * @control: control socket
 */
struct reach {
	const char *peer;
	const char *config;
	const char *option;
	char *control;
};

/**
 * struct shared - what both command lines have
 * @argv: COMMAND and its arguments
 * @model: whose key protects what
 * @reach: the daemon
 * @timeout: seconds to wait for a word of the other side
 * @first_port: where to look for free ports from, 0 for anywhere
 * @clear: ports of COMMAND that stay in clear
 */
struct shared {
	char **argv;
	enum key_model model;
	struct reach reach;
	uint32_t timeout;
	uint32_t first_port;
	struct ports clear;
};

/**
 * reach_daemon - find the control socket; where no daemon runs, root gets one
 * @reach: @control is filled
 * @mask: signals that a daemon of one's own has blocked
 * @failure: why not
 * Return: 0 or -1.
 *
 * To be called before libraries make threads: the daemon is a fork.
 */
int reach_daemon(struct reach *reach, const sigset_t *mask, struct failure *failure);

/**
 * reach_order - an order about keys that come in RTSP over TLS
 * @reach: daemon
 * @command: what it wants
 * @call: name of the call
 * @groups: its messages and media
 */
struct json_object *reach_order(const struct reach *reach, const char *command, const char *call,
				struct json_object *groups);

/**
 * reach_model - say whose key protects what, and how long the sessions live
 * @order: of reach_order()
 * @model: whose key protects what
 * @hold: sessions live as long as the connection to the daemon
 */
void reach_model(struct json_object *order, enum key_model model, bool hold);

/**
 * reach_ask - give the daemon an order
 * @reach: daemon
 * @order: put here
 * @answer: to be put, with 0
 * @held: connection that what is made lives as long as, or NULL
 * @failure: no daemon, or its refusal
 * Return: 0 or -1.
 */
int reach_ask(const struct reach *reach, struct json_object *order, struct json_object **answer,
	      int *held, struct failure *failure);

/**
 * reach_let_go - end what a connection holds, and wait until it is gone
 * @held: connection, -1 for none; -1 afterwards
 */
void reach_let_go(int *held);

/**
 * own_daemon_start - a daemon for this process and its children
 * @reach: @control is filled
 * @mask: signals that it has blocked
 * @failure: why not
 * Return: 0 or -1.
 */
int own_daemon_start(struct reach *reach, const sigset_t *mask, struct failure *failure);

/** own_daemon_end - end it, if there is one */
void own_daemon_end(void);

/**
 * pair_reserve - keep two ports for COMMAND, an even one for RTP and the next one
 * @pair: two placements, filled
 * @first: where to look from, 0 for anywhere
 * @session: of both
 * @failure: why not
 * Return: 0 or -1.
 */
int pair_reserve(struct placement *pair, unsigned int first, uint32_t session,
		 struct failure *failure);

/**
 * description_begin - a description without media
 * @from: its session attributes are copied, but for what is about keys and control
 * @name: of the session, if @from has none
 * @address: of the session
 * @connection: address that media come from
 */
GstSDPMessage *description_begin(const GstSDPMessage *from, const char *name,
				 const char *address, const char *connection);

/**
 * description_medium - a copy of a medium without what is about keys and control
 * @medium: medium
 * @secure: profile of the copy: RTP/SAVP, or RTP/AVP; with feedback if @medium has it
 * @port: of the copy
 * Return: to be freed with gst_sdp_media_free().
 */
GstSDPMedia *description_medium(const GstSDPMedia *medium, bool secure, uint16_t port);

#endif
