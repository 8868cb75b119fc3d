// SPDX-License-Identifier: GPL-2.0
/*
 * Every captured message, and every message that the library makes, cut off at
 * each length and with each bit changed: parsed, checked, printed, and given to
 * a responder and an initiator. Whatever is refused has a reason, a place and a
 * sentence; whatever is parsed is written back octet for octet.
 *
 * ktap-timeout: 900
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "emit.h"
#include "fixture.h"
#include "ktap.h"

/**
 * struct verdict - what was seen of one message's mutants
 * @tried: mutants
 * @parsed: of these
 * @unexplained: refused without reason, place or sentence
 * @altered: parsed, and written back as something else
 * @taken: by the responder
 * @values: fields printed
 */
struct verdict {
	size_t tried;
	size_t parsed;
	size_t unexplained;
	size_t altered;
	size_t taken;
	size_t values;
};

static struct mikey_msg msg;
static uint8_t again[MIKEY_MSG_MAX];

static void on_bracket(void *arg, const char *name)
{
	(void)arg;
	(void)name;
}

static void on_end(void *arg)
{
	(void)arg;
}

static void on_field(void *arg, const char *name, const struct mikey_value *value)
{
	struct verdict *v = arg;
	size_t i;

	(void)name;
	for (i = 0; value->data && i < value->len; i++)
		v->values += value->data[i];
	v->values += value->symbol ? strlen(value->symbol) : 1;
}

static bool explained(const struct mikey_error *err, enum mikey_reason reason, size_t len)
{
	return err->reason == reason && err->text[0] &&
	       (err->offset == MIKEY_NO_OFFSET || err->offset <= len);
}

static void read_it(struct fixture *f, const uint8_t *buf, size_t len, struct verdict *v)
{
	const struct mikey_visitor visitor = { on_bracket, on_bracket, on_end, on_field, v, true };
	const struct mikey_creds nothing = { 0 };
	struct mikey_opened opened;
	struct mikey_error err = { .reason = MIKEY_OK };
	enum mikey_reason reason = mikey_parse(&msg, buf, len, &err);
	size_t again_len;

	mikey_visit_msg(&msg, NULL, &visitor);
	if (reason) {
		v->unexplained += !explained(&err, reason, len);
		return;
	}
	v->parsed++;
	if (mikey_build(&msg, again, sizeof(again), &again_len, &err) || again_len != len ||
	    memcmp(again, buf, len))
		v->altered++;
	reason = mikey_validate(&msg, &err);
	if (reason) {
		v->unexplained += !explained(&err, reason, len);
		return;
	}
	if (!mikey_inspect(f->crypto, &msg, &nothing, &f->accept, &opened, &err))
		mikey_visit_msg(&msg, &opened.chain, &visitor);
	if (opened.csb)
		mikey_visit_csb(opened.csb, &visitor);
	mikey_opened_clear(&opened);
}

static void try_it(struct fixture *f, struct mikey_pending *pending, const uint8_t *buf,
		   size_t len, struct verdict *v)
{
	struct mikey_error err = { .reason = MIKEY_OK };
	struct mikey_peer_error peer_err;
	struct mikey_answer answer;
	enum mikey_reason reason;

	/* Behind its own end, so that reading too far is noticed */
	uint8_t *exact = malloc(len ? len : 1);

	memcpy(exact, buf, len);
	v->tried++;
	read_it(f, exact, len, v);
	reason = fixture_respond(f, (struct mikey_view){ exact, len }, &answer, &err);
	v->taken += !reason;
	v->unexplained += reason && !explained(&err, reason, len);
	mikey_answer_clear(&answer);
	memset(&err, 0, sizeof(err));
	reason = mikey_pending_process(pending, exact, len, &peer_err, &err);
	v->taken += !reason;
	v->unexplained += reason && !explained(&err, reason, len);
	free(exact);
}

static void test_message(const char *name, const uint8_t *octets, size_t len)
{
	struct fixture *f = fixture_new();
	struct mikey_pending *pending;
	struct verdict cut = { 0 }, flip = { 0 };
	uint8_t *copy = malloc(len);
	size_t i;

	if (fixture_offer(f, &pending, NULL))
		abort();
	memcpy(copy, octets, len);
	for (i = 0; i < len; i++)
		try_it(f, pending, copy, i, &cut);
	for (i = 0; i < len * 8; i++) {
		copy[i / 8] ^= 1 << i % 8;
		try_it(f, pending, copy, len, &flip);
		copy[i / 8] ^= 1 << i % 8;
	}
	if (!check(!cut.unexplained && !cut.altered && !cut.taken && !cut.parsed,
		   "%s: refused with reason and offset at each of %zu lengths", name, cut.tried))
		note("%zu parsed, %zu taken, %zu altered, %zu unexplained", cut.parsed, cut.taken,
		     cut.altered, cut.unexplained);
	if (!check(!flip.unexplained && !flip.altered && !flip.taken,
		   "%s: parsed exactly or refused with reason for each of %zu bits", name,
		   flip.tried))
		note("%zu parsed, %zu taken, %zu altered, %zu unexplained", flip.parsed, flip.taken,
		     flip.altered, flip.unexplained);
	free(copy);
	mikey_pending_free(pending);
	fixture_free(f);
}

static size_t test_samples(void)
{
	DIR *dir = opendir(samples_dir());
	struct dirent *entry;
	char path[8192];
	uint8_t buf[8192];
	size_t n = 0;

	while (dir && (entry = readdir(dir))) {
		long len;

		if (!strstr(entry->d_name, ".b64"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", samples_dir(), entry->d_name);
		len = read_sample(path, buf, sizeof(buf));
		if (len > 0)
			test_message(entry->d_name, buf, (size_t)len);
		n += len > 0;
	}
	if (dir)
		closedir(dir);
	return n;
}

int main(void)
{
	struct emitted list[MAX_EMITTED];
	size_t i, n;

	ktap_begin();
	n = test_samples();
	check(n >= 6, "there are captured messages: %zu", n);
	n = emit_all(list);
	check(n >= 30, "there are messages that the library makes: %zu", n);
	for (i = 0; i < n; i++)
		test_message(list[i].name, list[i].msg, list[i].len);
	emitted_free(list, n);
	return ktap_end();
}
