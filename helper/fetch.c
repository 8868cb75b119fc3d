// SPDX-License-Identifier: GPL-2.0
/*
 * Which certificates are there, which are being fetched, and which are not to be had.
 *
 * RFC 4738 3.8: a URL comes in a message that has proved nothing. So what is asked for is
 * on a list that the peer has, each peer asks only so often, and what was found, or was
 * not, is remembered for a while. No RFC gives a hash to compare it with: what comes is
 * verified as if it had come in the message.
 */
#include <errno.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "fetch.h"
#include "fetch/order.h"
#include "fetcher.h"
#include "limit.h"
#include "log.h"
#include "now.h"
#include "urllist.h"

/* URLs that are known, and those of a peer; those of a peer that are being fetched, and of all. */
#define ITEMS_MAX 64
#define KNOWN_PER_PEER 8
#define PER_PEER 4
#define AT_ONCE 8
/* Milliseconds until what was not to be had is asked for again. */
#define AGAIN_MS 10000
/* Seconds beyond the patience of the process that fetches. */
#define MARGIN 4
/* A server may send on, within the list. */
#define HOPS_MAX 3

/**
 * enum item_state - what is known of a URL
 * @ITEM_FREE: there is none
 * @ITEM_QUEUED: to be fetched when others are done
 * @ITEM_FETCHING: being fetched
 * @ITEM_THERE: here it is
 * @ITEM_FAILED: not to be had
 */
enum item_state { ITEM_FREE, ITEM_QUEUED, ITEM_FETCHING, ITEM_THERE, ITEM_FAILED };

/**
 * struct item - a URL of a peer
 * @fetch: whose it is
 * @state: what is known
 * @order: a number that grows, for who comes first
 * @peer: name
 * @allowed: what the peer may have fetched, as it was when that began
 * @url: as in the message
 * @where: where it is now
 * @hops: how often it was sent on
 * @until: when this is forgotten, ms
 * @reason: why it is not to be had
 * @text: the same in words
 * @data: octets
 * @len: how many
 * @answer: from the process, with a time limit
 */
struct item {
	struct fetch *fetch;
	enum item_state state;
	uint64_t order;
	char *peer;
	char *allowed;
	char url[FETCH_URL_MAX + 1];
	char where[FETCH_URL_MAX + 1];
	unsigned int hops;
	uint64_t until;
	enum mikey_reason reason;
	char text[FETCH_TEXT_MAX];
	uint8_t *data;
	size_t len;
	struct event *answer;
};

/**
 * struct fetch - all URLs
 * @base: event loop
 * @tell: see fetch_new()
 * @fetcher: the process
 * @rate: how often one peer asks
 * @all_rate: and all together
 * @items: URLs
 * @n_orders: how many there ever were
 * @n_fetching: how many are under way
 * @seconds: patience with a server
 * @keep_ms: how long a certificate is kept
 * @waiters: who waits
 * @wake: calls them, when nothing else is being done
 */
struct fetch {
	struct event_base *base;
	fetch_tell_fn tell;
	struct fetcher *fetcher;
	struct limit *rate;
	struct limit *all_rate;
	struct item items[ITEMS_MAX];
	uint64_t n_orders;
	unsigned int n_fetching;
	unsigned int seconds;
	uint64_t keep_ms;
	struct fetch_waiter *waiters;
	struct event *wake;
};

void fetch_wait(struct fetch *fetch, struct fetch_waiter *waiter)
{
	if (waiter->prev)
		return;
	waiter->next = fetch->waiters;
	waiter->prev = &fetch->waiters;
	if (waiter->next)
		waiter->next->prev = &waiter->next;
	fetch->waiters = waiter;
}

void fetch_forget(struct fetch_waiter *waiter)
{
	if (!waiter->prev)
		return;
	*waiter->prev = waiter->next;
	if (waiter->next)
		waiter->next->prev = waiter->prev;
	waiter->next = NULL;
	waiter->prev = NULL;
}

/* Whoever waits again meanwhile is for the next time. */
static void on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct fetch *fetch = arg;
	struct fetch_waiter *all = fetch->waiters, *waiter;

	(void)fd;
	(void)what;
	fetch->waiters = NULL;
	if (all)
		all->prev = &all;
	while ((waiter = all)) {
		fetch_forget(waiter);
		waiter->again(waiter->arg);
	}
}

static bool is_active(const struct item *item)
{
	return item->state == ITEM_QUEUED || item->state == ITEM_FETCHING;
}

static void close_answer(struct item *item)
{
	if (!item->answer)
		return;
	close(event_get_fd(item->answer));
	event_free(item->answer);
	item->answer = NULL;
}

static void clear_item(struct item *item)
{
	if (item->state == ITEM_FETCHING)
		item->fetch->n_fetching--;
	close_answer(item);
	free(item->peer);
	free(item->allowed);
	free(item->data);
	*item = (struct item){ .fetch = item->fetch };
}

static void tell_end(const struct item *item)
{
	bool there = item->state == ITEM_THERE;
	struct json_object *fields;

	if (!item->fetch->tell)
		return;
	fields = json_object_new_object();
	log_string(fields, "peer", item->peer);
	log_string(fields, "url", item->url);
	if (there)
		log_number(fields, "octets", (unsigned int)item->len);
	else
		log_string(fields, "message", item->text);
	item->fetch->tell(there ? "fetched" : "not-fetched", fields);
}

static void start_queued(struct fetch *fetch);

static void end(struct item *item, enum item_state state, uint64_t keep_ms)
{
	struct fetch *fetch = item->fetch;

	if (item->state == ITEM_FETCHING)
		fetch->n_fetching--;
	close_answer(item);
	item->state = state;
	item->until = now_ms() + keep_ms;
	tell_end(item);
	event_active(fetch->wake, 0, 0);
	start_queued(fetch);
}

static void give_up(struct item *item, enum mikey_reason reason, const char *text, size_t len)
{
	size_t i;

	if (len >= sizeof(item->text))
		len = sizeof(item->text) - 1;
	for (i = 0; i < len; i++)
		item->text[i] = text[i] >= ' ' && text[i] < 0x7f ? text[i] : '?';
	item->text[len] = '\0';
	item->reason = reason;
	end(item, ITEM_FAILED, AGAIN_MS);
}

static void give_up_for(struct item *item, enum mikey_reason reason, const char *text)
{
	give_up(item, reason, text, strlen(text));
}

static void ask(struct item *item);

static void take_there(struct item *item, const uint8_t *data, size_t len)
{
	item->data = malloc(len ? len : 1);
	if (!item->data)
		return give_up_for(item, MIKEY_CERT_UNAVAILABLE, "no memory");
	memcpy(item->data, data, len);
	item->len = len;
	end(item, ITEM_THERE, item->fetch->keep_ms);
}

/* Where it is now has to be on the list as well; the process asked nobody there yet. */
static void follow(struct item *item, const uint8_t *url, size_t len)
{
	if (!urllist_has(item->allowed, (struct mikey_view){ url, len }))
		return give_up_for(item, MIKEY_URL_REFUSED,
				   "the server names another place, where this peer may have "
				   "nothing fetched");
	if (item->hops++ == HOPS_MAX)
		return give_up_for(item, MIKEY_CERT_UNAVAILABLE,
				   "the server names one place after the other");
	memcpy(item->where, url, len);
	item->where[len] = '\0';
	close_answer(item);
	ask(item);
}

static void on_answer(evutil_socket_t fd, short what, void *arg)
{
	static union {
		struct fetch_answer head;
		uint8_t octets[sizeof(struct fetch_answer) + FETCH_SIZE_MAX];
	} got;
	const uint8_t *data = got.octets + sizeof(got.head);
	struct item *item = arg;
	ssize_t len;

	if (what & EV_TIMEOUT)
		return give_up_for(item, MIKEY_CERT_UNAVAILABLE,
				   "the process that fetches it does not answer");
	len = recv(fd, got.octets, sizeof(got.octets), MSG_DONTWAIT) - (ssize_t)sizeof(got.head);
	if (len < 0)
		give_up_for(item, MIKEY_CERT_UNAVAILABLE, "the process that fetched it has died");
	else if (got.head.status == FETCH_DONE)
		take_there(item, data, len);
	else if (got.head.status == FETCH_MOVED)
		follow(item, data, len);
	else
		give_up(item, MIKEY_CERT_UNAVAILABLE, (const char *)data, len);
}

static void ask(struct item *item)
{
	struct fetch *fetch = item->fetch;
	const struct timeval patience = { .tv_sec = fetch->seconds + MARGIN };
	int fd = fetcher_ask(fetch->fetcher, item->where, fetch->seconds);

	if (fd < 0)
		return give_up_for(item, MIKEY_CERT_UNAVAILABLE,
				   "the process that fetches certificates takes no order");
	item->answer = event_new(fetch->base, fd, EV_READ, on_answer, item);
	if (item->answer && !event_add(item->answer, &patience))
		return;
	if (!item->answer)
		close(fd);
	give_up_for(item, MIKEY_CERT_UNAVAILABLE, "no memory");
}

static struct item *first_queued(struct fetch *fetch)
{
	struct item *item, *first = NULL;

	for (item = fetch->items; item < fetch->items + ITEMS_MAX; item++)
		if (item->state == ITEM_QUEUED && (!first || item->order < first->order))
			first = item;
	return first;
}

static void start_queued(struct fetch *fetch)
{
	struct item *item;

	while (fetch->n_fetching < AT_ONCE && (item = first_queued(fetch))) {
		item->state = ITEM_FETCHING;
		fetch->n_fetching++;
		ask(item);
	}
}

static bool is_of(const struct item *item, const struct peer *peer)
{
	return item->state != ITEM_FREE && !strcmp(item->peer, peer->name);
}

static struct item *find_item(struct fetch *fetch, const struct peer *peer, struct mikey_view url)
{
	struct item *item;

	for (item = fetch->items; item < fetch->items + ITEMS_MAX; item++)
		if (is_of(item, peer) && strlen(item->url) == url.len &&
		    !memcmp(item->url, url.data, url.len))
			return item;
	return NULL;
}

/* Whether the place of one is rather to be had than that of another one. */
static bool is_worse(const struct item *item, const struct item *than)
{
	if (!than || item->state != than->state)
		return !than || item->state == ITEM_FREE ||
		       (item->state == ITEM_FAILED && than->state == ITEM_THERE);
	return item->order < than->order;
}

/*
 * A place that is free, that of a failure, or of the oldest certificate. A peer that has
 * its share gives one of its own: names that are made up displace nobody else's.
 */
static struct item *find_room(struct fetch *fetch, const struct peer *peer)
{
	struct item *item, *worst = NULL;
	unsigned int n = 0;

	for (item = fetch->items; item < fetch->items + ITEMS_MAX; item++)
		n += is_of(item, peer);
	for (item = fetch->items; item < fetch->items + ITEMS_MAX; item++)
		if (!is_active(item) && (n < KNOWN_PER_PEER || is_of(item, peer)) &&
		    is_worse(item, worst))
			worst = item;
	return worst;
}

/* Who speaks in a peer's name holds up no other one. */
static bool may_fetch(struct fetch *fetch, const struct peer *peer)
{
	const struct item *item;
	uint64_t now = now_ms();
	unsigned int n = 0;

	for (item = fetch->items; item < fetch->items + ITEMS_MAX; item++)
		n += is_active(item) && is_of(item, peer);
	return n < PER_PEER && limit_take_name(fetch->rate, peer->name, now) &&
	       limit_take(fetch->all_rate, NULL, now);
}

static bool fill_item(struct item *item, const struct peer *peer, struct mikey_view url)
{
	clear_item(item);
	item->peer = strdup(peer->name);
	item->allowed = strdup(peer->cert_urls);
	if (!item->peer || !item->allowed) {
		clear_item(item);
		return false;
	}
	memcpy(item->url, url.data, url.len);
	memcpy(item->where, url.data, url.len);
	item->order = ++item->fetch->n_orders;
	item->state = ITEM_QUEUED;
	return true;
}

static enum mikey_reason begin(struct fetch *fetch, const struct peer *peer, struct mikey_view url,
			       struct item **item, struct mikey_error *err)
{
	*item = may_fetch(fetch, peer) ? find_room(fetch, peer) : NULL;
	if (!*item || !fill_item(*item, peer, url))
		return mikey_fail(err, MIKEY_BUSY, MIKEY_NO_OFFSET,
				  "too many certificates would have to be fetched");
	start_queued(fetch);
	return MIKEY_OK;
}

static enum mikey_reason result(const struct item *item, struct mikey_view *der,
				struct mikey_error *err)
{
	if (is_active(item))
		return mikey_fail(err, MIKEY_CERT_AWAITED, MIKEY_NO_OFFSET,
				  "the certificate is being fetched");
	if (item->state == ITEM_FAILED)
		return mikey_fail(err, item->reason, MIKEY_NO_OFFSET,
				  "the certificate cannot be fetched: %s", item->text);
	*der = (struct mikey_view){ item->data, item->len };
	return MIKEY_OK;
}

enum mikey_reason fetch_find(void *arg, struct mikey_view url, struct mikey_view *der,
			     struct mikey_error *err)
{
	struct peer *peer = arg;
	struct fetch *fetch = peer->fetch;
	enum mikey_reason reason = MIKEY_OK;
	struct item *item;

	if (!urllist_has(peer->cert_urls, url))
		return mikey_fail(err, MIKEY_URL_REFUSED, MIKEY_NO_OFFSET,
				  "the URL of the certificate is none of those that this peer "
				  "may have fetched");
	item = find_item(fetch, peer, url);
	if (item && !is_active(item) && now_ms() >= item->until) {
		clear_item(item);
		item = NULL;
	}
	if (!item)
		reason = begin(fetch, peer, url, &item, err);
	return reason ? reason : result(item, der, err);
}

static void on_gone(void *arg)
{
	struct fetch *fetch = arg;
	struct item *item;

	if (fetch->tell)
		fetch->tell("fetcher-gone", NULL);
	for (item = fetch->items; item < fetch->items + ITEMS_MAX; item++)
		if (item->state == ITEM_QUEUED)
			give_up_for(item, MIKEY_CERT_UNAVAILABLE,
				    "the process that fetches certificates has ended");
}

bool fetch_wanted(const struct config *config)
{
	const struct peer *peer;

	for (peer = config->peers; peer; peer = peer->next)
		if (peer->cert_urls)
			return true;
	return false;
}

static void clear_items(struct fetch *fetch)
{
	struct item *item;

	for (item = fetch->items; item < fetch->items + ITEMS_MAX; item++)
		clear_item(item);
}

/* What was begun under another configuration is not gone on with. */
void fetch_serve(struct fetch *fetch, struct config *config)
{
	struct peer *peer;

	if (!fetch)
		return;
	clear_items(fetch);
	fetch->seconds = config->cert_seconds;
	fetch->keep_ms = config->cert_cache * UINT64_C(1000);
	for (peer = config->peers; peer; peer = peer->next)
		peer->fetch = peer->cert_urls ? fetch : NULL;
	event_active(fetch->wake, 0, 0);
}

static bool make_limits(struct fetch *fetch)
{
	uint8_t secret[16];

	if (RAND_bytes(secret, sizeof(secret)) != 1)
		return false;
	fetch->rate = limit_new(256, 1, 8, secret);
	fetch->all_rate = limit_new(1, 8, 64, secret);
	return fetch->rate && fetch->all_rate;
}

static int set_up(struct fetch *fetch, const struct config *config, struct failure *failure)
{
	size_t i;

	for (i = 0; i < ITEMS_MAX; i++)
		fetch->items[i].fetch = fetch;
	fetch->wake = event_new(fetch->base, -1, 0, on_wake, fetch);
	if (!fetch->wake || !make_limits(fetch))
		return failure_errno(failure, ENOMEM, "certificates by URL");
	return fetcher_start(fetch->base, config->cert_user, on_gone, fetch, &fetch->fetcher,
			     failure);
}

int fetch_new(struct event_base *base, struct config *config, fetch_tell_fn tell,
	      struct fetch **result, struct failure *failure)
{
	struct fetch *fetch;

	*result = NULL;
	if (!fetch_wanted(config))
		return 0;
	fetch = calloc(1, sizeof(*fetch));
	if (!fetch)
		return failure_errno(failure, ENOMEM, "certificates by URL");
	fetch->base = base;
	fetch->tell = tell;
	if (set_up(fetch, config, failure)) {
		fetch_free(fetch);
		return -1;
	}
	fetch_serve(fetch, config);
	*result = fetch;
	return 0;
}

void fetch_free(struct fetch *fetch)
{
	if (!fetch)
		return;
	clear_items(fetch);
	fetcher_free(fetch->fetcher);
	if (fetch->wake)
		event_free(fetch->wake);
	limit_free(fetch->rate);
	limit_free(fetch->all_rate);
	free(fetch);
}
