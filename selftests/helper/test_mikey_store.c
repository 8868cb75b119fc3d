// SPDX-License-Identifier: GPL-2.0
/*
 * What a daemon leaves to the next one, as octets: it comes back as it was, and with
 * any bit altered, or any octet left out, nothing comes back at all. Behind a right
 * hash any octets are good records, or are refused.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "exchange.h"
#include "ktap.h"
#include "pki.h"
/* The unit under test is no part of the library that is linked. */
#include "saved.c"

#define CALLS 2

/**
 * struct seen - what a visitor was told
 * @csb_id: of the bundles
 * @bundles: their heads, without names
 * @n_bundles: how many
 * @calls: the calls
 * @n_calls: how many
 * @group: the group
 * @n_groups: how many
 * @n_members: how many members, with keys
 * @names: the names of all of them, one after the other
 */
struct seen {
	uint32_t csb_id[2];
	struct saved_bundle bundles[2];
	size_t n_bundles;
	struct saved_call calls[CALLS];
	size_t n_calls;
	struct saved_group group;
	size_t n_groups;
	size_t n_members;
	char names[256];
};

static void add_name(struct seen *seen, struct mikey_view name)
{
	strncat(seen->names, name.data ? (const char *)name.data : "", name.len);
	strcat(seen->names, "/");
}

static void on_bundle(void *arg, const struct saved_bundle *bundle, struct mikey_csb **csb)
{
	struct seen *seen = arg;

	if (seen->n_bundles < 2) {
		seen->csb_id[seen->n_bundles] = (*csb)->csb_id;
		seen->bundles[seen->n_bundles] = *bundle;
		add_name(seen, bundle->peer);
	}
	seen->n_bundles++;
}

static void on_call(void *arg, const struct saved_call *call)
{
	struct seen *seen = arg;

	if (seen->n_calls < CALLS) {
		seen->calls[seen->n_calls] = *call;
		add_name(seen, call->name);
		add_name(seen, call->session_name);
		add_name(seen, call->peer);
	}
	seen->n_calls++;
}

static void on_group(void *arg, const struct saved_group *group, struct mikey_csb **csb)
{
	struct seen *seen = arg;

	seen->group = *group;
	seen->n_groups += !!(*csb)->n_sessions;
	add_name(seen, group->name);
	add_name(seen, group->session_name);
}

static void on_member(void *arg, const struct saved_member *member, struct mikey_csb **csb)
{
	struct seen *seen = arg;

	seen->n_members += !!(*csb)->n_sessions;
	add_name(seen, member->group);
	add_name(seen, member->peer);
}

/** struct world - a bundle, and octets of a store */
struct world {
	struct fixture *f;
	struct mikey_pending *pending;
	uint8_t *data;
	size_t len;
};

static void fill(const struct world *w, struct record_writer *writer, bool *good)
{
	static struct saved_call call;
	const struct saved_bundle bundle = {
		.peer = view("bob"), .session = 7, .cookie = 0x123456789abcdef0, .owner = 1000,
		.before = 0xfedcba98, .wait = 1 + CHANGEOVER_LATE,
	};

	const struct saved_group group = {
		.name = view("team"), .session = 8, .cookie = 9, .owner = 1001, .timeout = 15,
		.unfinished = 1,
	};
	const struct saved_member member = { .group = view("team"), .peer = view("dave") };

	saved_begin(writer, 42);
	saved_put_bundle(writer, &bundle, mikey_pending_csb(w->pending));
	call = (struct saved_call){
		.name = view("17@host"), .peer = view("carol"), .user = 4711, .model = MODEL_CLIENT,
		.timeout = 180, .n_media = 2,
		.media = {
			{ .position = 0, .line = 1, .round = 3, .session = 9, .cookie = 10 },
			{ .position = 126, .line = 300, .wait = 1 },
		},
	};
	saved_put_call(writer, &call);
	call.session_name = view("door");
	call.name = (struct mikey_view){ NULL, 0 };
	call.n_media = SAVED_MEDIA_MAX;
	saved_put_call(writer, &call);
	saved_put_group(writer, &group, mikey_pending_csb(w->pending));
	saved_put_member(writer, &member, mikey_pending_csb(w->pending));
	*good = saved_end(writer, w->f->crypto);
}

static struct world world_new(void)
{
	struct record_writer count = { 0 }, writer = { 0 };
	struct world w = { .f = fixture_new() };
	bool good, counted;

	if (fixture_offer(w.f, &w.pending, NULL))
		abort();
	fill(&w, &count, &counted);
	writer.data = w.data = malloc(count.len);
	writer.room = count.len;
	fill(&w, &writer, &good);
	w.len = writer.len;
	check(counted && good && writer.len == count.len, "a store of %zu octets, as counted",
	      w.len);
	return w;
}

/* From memory of the exact size, so that the sanitizer sees what reads past its end */
static enum mikey_reason read_it(const struct world *w, const uint8_t *data, size_t len,
				 struct seen *seen)
{
	const struct saved_visitor visitor = { on_bundle, on_call, on_group, on_member, seen };
	uint8_t *copy = malloc(len ? len : 1);
	enum mikey_reason reason;
	struct mikey_error err;

	memset(seen, 0, sizeof(*seen));
	memcpy(copy, data, len);
	reason = saved_read(w->f->crypto, (struct mikey_view){ copy, len }, &visitor, &err);
	free(copy);
	return reason;
}

static void test_back(const struct world *w)
{
	static struct seen seen;
	enum mikey_reason reason = read_it(w, w->data, w->len, &seen);
	const struct saved_bundle *bundle = &seen.bundles[0];
	const struct saved_medium *media = seen.calls[0].media;

	check(!reason && seen.n_bundles == 1 && seen.n_calls == 2, "one bundle, two calls");
	check(!strcmp(seen.names, "bob/17@host//carol//door/carol/team//team/dave/"), "their names: %s",
	      seen.names);
	check(seen.csb_id[0] == mikey_pending_csb(w->pending)->csb_id && bundle->session == 7 &&
	      bundle->cookie == 0x123456789abcdef0 && bundle->owner == 1000 &&
	      bundle->before == 0xfedcba98 && bundle->wait == 1 + CHANGEOVER_LATE, "the bundle, its session and its owner");
	check(seen.calls[0].user == 4711 && seen.calls[0].model == MODEL_CLIENT &&
	      seen.calls[0].timeout == 180 && seen.calls[0].n_media == 2 &&
	      media[0].line == 1 && media[0].round == 3 && media[0].session == 9 &&
	      media[0].cookie == 10 && media[1].position == 126 && media[1].line == 300 &&
	      !media[1].session && media[1].wait == 1, "the call and its media");
	check(seen.n_groups == 1 && seen.group.session == 8 && seen.group.cookie == 9 &&
	      seen.group.owner == 1001 && seen.group.timeout == 15 && seen.group.unfinished == 1 &&
	      seen.n_members == 1, "the group, with its keys and those of its member");
	check(seen.calls[1].n_media == SAVED_MEDIA_MAX, "a call with as many media as there may be");
	check(saved_generation((struct mikey_view){ w->data, w->len }) == 42, "its generation");
}

static void test_room(const struct world *w)
{
	struct record_writer small = { .data = malloc(w->len - 1), .room = w->len - 1 };
	bool good;

	fill(w, &small, &good);
	check(!good && small.len == w->len, "room for one octet less is noticed");
	free(small.data);
}

static void test_cut(const struct world *w)
{
	static struct seen seen;
	size_t i, taken = 0, told = 0;

	for (i = 0; i < w->len; i += i < 2048 ? 1 : 97) {
		taken += !read_it(w, w->data, i, &seen);
		told += seen.n_bundles + seen.n_calls;
	}
	check(!taken && !told, "no store that is cut off is taken, and none in part");
}

static void test_flipped(const struct world *w)
{
	static struct seen seen;
	size_t i, taken = 0, told = 0;

	for (i = 0; i < 8 * 1024; i++) {
		w->data[i / 8] ^= 1 << i % 8;
		taken += !read_it(w, w->data, w->len, &seen);
		told += seen.n_bundles + seen.n_calls;
		w->data[i / 8] ^= 1 << i % 8;
	}
	check(!taken && !told, "none with one of %zu bits altered, and none in part", i);
}

static void hash_again(const struct world *w)
{
	const struct mikey_view body = { w->data, w->len - MIKEY_HASH_LEN };

	mikey_hash(w->f->crypto, &body, 1, w->data + body.len);
}

static void test_version(const struct world *w)
{
	static struct seen seen;

	w->data[11]++;
	hash_again(w);
	check(read_it(w, w->data, w->len, &seen) == MIKEY_BAD_VERSION && !seen.n_bundles,
	      "another version is refused");
	w->data[11]--;
	hash_again(w);
}

/* As another version might write it, or somebody who can hash: no crash, no part */
static void test_records(const struct world *w)
{
	static struct seen seen;
	size_t i, refused = 0, part = 0;

	for (i = 8 * HEAD_LEN; i < 8 * 700; i++) {
		w->data[i / 8] ^= 1 << i % 8;
		hash_again(w);
		if (read_it(w, w->data, w->len, &seen)) {
			refused++;
			part += seen.n_bundles + seen.n_calls;
		}
		w->data[i / 8] ^= 1 << i % 8;
	}
	hash_again(w);
	check(refused && !part, "of %zu altered bits behind a right hash %zu are refused, as a whole",
	      i - 8 * HEAD_LEN, refused);
	check(!read_it(w, w->data, w->len, &seen) && seen.n_calls == 2, "as it was it is taken");
}

int main(void)
{
	struct world w;

	CRYPTO_secure_malloc_init(1 << 20, 32);
	ktap_begin();
	w = world_new();
	test_back(&w);
	test_room(&w);
	test_cut(&w);
	test_flipped(&w);
	test_version(&w);
	test_records(&w);
	free(w.data);
	mikey_pending_free(w.pending);
	fixture_free(w.f);
	pki_free();
	return ktap_end();
}
