// SPDX-License-Identifier: GPL-2.0
/*
 * Messages that wait for a certificate. Their senders have proved nothing, so there are
 * few, and fewer in the name of one peer; who finds no room sends again.
 */
#include <stdlib.h>
#include <string.h>
#include "now.h"
#include "parked.h"

/* Messages, and those in the name of one peer. */
#define PARKED_MAX 32
#define PER_PEER 8
/* Milliseconds after which an initiator has given up: EXCHANGE_TIMEOUT. */
#define PATIENCE_MS 15000

/**
 * struct entry - a message
 * @next: list
 * @message: where it came from; its octets are @octets
 * @peer: name
 * @octets: the message
 */
struct entry {
	struct entry *next;
	struct parked_message message;
	char *peer;
	uint8_t octets[];
};

struct parked {
	struct daemon *daemon;
	struct fetch_waiter waiter;
	struct entry *list;
};

static void free_entry(struct entry *entry)
{
	free(entry->peer);
	free(entry);
}

/* In the order in which they came. */
static void append(struct entry **end, struct entry *entry)
{
	while (*end)
		end = &(*end)->next;
	*end = entry;
}

static void on_certificate(void *arg)
{
	struct parked *parked = arg;
	struct entry *list = parked->list, *entry;

	parked->list = NULL;
	while ((entry = list)) {
		list = entry->next;
		respond_again(parked->daemon, &entry->message);
		free_entry(entry);
	}
}

struct parked *parked_new(struct daemon *daemon)
{
	struct parked *parked = calloc(1, sizeof(*parked));

	if (!parked)
		return NULL;
	parked->daemon = daemon;
	parked->waiter.again = on_certificate;
	parked->waiter.arg = parked;
	return parked;
}

void parked_free(struct parked *parked)
{
	struct entry *entry;

	if (!parked)
		return;
	fetch_forget(&parked->waiter);
	while ((entry = parked->list)) {
		parked->list = entry->next;
		free_entry(entry);
	}
	free(parked);
}

static bool same_flow(const struct udp_flow *a, const struct udp_flow *b)
{
	uint8_t one[UDP_FLOW_KEY_MAX], two[UDP_FLOW_KEY_MAX];
	size_t len = udp_flow_key(a, one);

	return udp_flow_key(b, two) == len && !memcmp(one, two, len);
}

bool parked_has(const struct parked *parked, struct mikey_view msg, const struct udp_flow *flow)
{
	const struct entry *entry;

	for (entry = parked->list; entry; entry = entry->next)
		if (entry->message.msg.len == msg.len &&
		    !memcmp(entry->octets, msg.data, msg.len) &&
		    same_flow(&entry->message.flow, flow))
			return true;
	return false;
}

static bool has_room(const struct parked *parked, const char *peer)
{
	const struct entry *entry;
	size_t n = 0, of_peer = 0;

	for (entry = parked->list; entry; entry = entry->next) {
		n++;
		of_peer += !strcmp(entry->peer, peer);
	}
	return n < PARKED_MAX && of_peer < PER_PEER;
}

bool parked_add(struct parked *parked, const struct parked_message *message, const char *peer)
{
	struct entry *entry;

	if (now_ms() - message->since > PATIENCE_MS || !has_room(parked, peer))
		return false;
	entry = malloc(sizeof(*entry) + message->msg.len);
	if (!entry)
		return false;
	*entry = (struct entry){ .message = *message, .peer = strdup(peer) };
	if (!entry->peer) {
		free(entry);
		return false;
	}
	memcpy(entry->octets, message->msg.data, message->msg.len);
	entry->message.msg.data = entry->octets;
	append(&parked->list, entry);
	fetch_wait(parked->daemon->fetch, &parked->waiter);
	return true;
}
