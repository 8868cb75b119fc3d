// SPDX-License-Identifier: GPL-2.0
/*
 * Shows scripts what the protocol library does:
 *
 *	mikey_tool dump			each line of hex on stdin, as a line of JSON
 *	mikey_tool emit			one of every message it makes: name, tab, hex
 *	mikey_tool prf FUNC KEY LABEL N	N octets of the PRF
 *	mikey_tool oracle		exchanges with their keys, as lines of JSON
 *	mikey_tool oracle-dhhmac SEED...	the same with DH-HMAC
 *	mikey_tool oracle-pk		the same with certificates, and these
 *	mikey_tool corpus DIR		seeds for the fuzzer
 *
 * All keys here are test keys.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emit.h"
#include "fixture.h"
#include "pki.h"

static bool comma;

static void print_name(const char *name)
{
	if (comma)
		putchar(',');
	if (name)
		printf("\"%s\":", name);
	comma = true;
}

/* The kind of each open bracket, innermost last */
static char brackets[16];
static size_t depth;

static void open_bracket(const char *name, char bracket, char closing)
{
	print_name(name);
	putchar(bracket);
	brackets[depth++] = closing;
	comma = false;
}

static void on_object(void *arg, const char *name)
{
	(void)arg;
	open_bracket(name, '{', '}');
}

static void on_array(void *arg, const char *name)
{
	(void)arg;
	open_bracket(name, '[', ']');
}

static void on_end(void *arg)
{
	(void)arg;
	putchar(brackets[--depth]);
	comma = true;
}

static void print_hex(const uint8_t *data, size_t len)
{
	while (len--)
		printf("%02x", *data++);
}

static void on_field(void *arg, const char *name, const struct mikey_value *value)
{
	(void)arg;
	print_name(name);
	if (value->kind == MIKEY_VALUE_NUMBER || value->kind == MIKEY_VALUE_BOOL) {
		printf("%llu", (unsigned long long)value->number);
		return;
	}
	putchar('"');
	if (value->kind == MIKEY_VALUE_NAME)
		printf("%s", value->symbol);
	else if (value->secret && !value->data)
		printf("secret");
	else
		print_hex(value->data, value->len);
	putchar('"');
}

static const struct mikey_visitor printer = {
	.object = on_object, .array = on_array, .end = on_end, .field = on_field,
};

static void begin(void)
{
	comma = false;
	depth = 0;
	on_object(NULL, NULL);
}

static void finish(void)
{
	on_end(NULL);
	putchar('\n');
}

static int dump_line(const struct fixture *f, const char *line, bool secrets)
{
	static uint8_t buf[MIKEY_MSG_MAX];
	static struct mikey_msg msg;
	struct mikey_visitor visitor = printer;
	const struct mikey_creds nothing = { 0 };
	struct mikey_opened opened;
	struct mikey_error err;
	long len = unhex(line, buf, sizeof(buf));
	bool open;

	if (len < 0)
		return 1;
	visitor.secrets = secrets;
	begin();
	if (mikey_parse(&msg, buf, (size_t)len, &err) || mikey_validate(&msg, &err)) {
		print_name("reason");
		printf("\"%s\"", mikey_reason_token(err.reason));
	}
	open = !mikey_inspect(f->crypto, &msg, &nothing, NULL, &opened, &err);
	mikey_visit_msg(&msg, open ? &opened.chain : NULL, &visitor);
	mikey_opened_clear(&opened);
	finish();
	return 0;
}

static int dump(bool secrets)
{
	static char line[2 * MIKEY_MSG_MAX + 2];
	struct fixture *f = fixture_new();
	int bad = 0;

	while (!bad && fgets(line, sizeof(line), stdin))
		bad = dump_line(f, line, secrets);
	fixture_free(f);
	return bad;
}

static int emit(void)
{
	struct emitted list[MAX_EMITTED];
	size_t i, n = emit_all(list);

	for (i = 0; i < n; i++) {
		printf("%s\t", list[i].name);
		print_hex(list[i].msg, list[i].len);
		putchar('\n');
	}
	emitted_free(list, n);
	return 0;
}

static int prf(char **argv)
{
	uint8_t key[512], label[512], out[512];
	long key_len = unhex(argv[1], key, sizeof(key));
	long label_len = unhex(argv[2], label, sizeof(label));
	size_t n = strtoul(argv[3], NULL, 10);
	struct fixture *f = fixture_new();
	enum mikey_reason reason = MIKEY_USAGE;

	if (key_len > 0 && label_len >= 0 && n <= sizeof(out))
		reason = mikey_prf(f->crypto, (uint32_t)strtoul(argv[0], NULL, 10),
				   (struct mikey_view){ key, (size_t)key_len },
				   (struct mikey_view){ label, (size_t)label_len }, out, n);
	fixture_free(f);
	if (reason)
		return 1;
	print_hex(out, n);
	putchar('\n');
	return 0;
}

static void print_octets(const char *name, struct mikey_view octets)
{
	print_name(name);
	putchar('"');
	print_hex(octets.data, octets.len);
	putchar('"');
}

/* What a mode adds to the description of an exchange */
static void (*more)(struct fixture *f);

/* One exchange as its initiator sees it in the end */
static void oracle_one(struct fixture *f)
{
	struct mikey_visitor visitor = printer;
	struct mikey_pending *pending;
	struct mikey_answer answer;
	struct mikey_error err;

	uint8_t exponent[32];

	if (fixture_offer(f, &pending, &err)) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	memcpy(exponent, f->drawn, sizeof(exponent));
	if (fixture_respond(f, mikey_pending_message(pending), &answer, &err) ||
	    mikey_pending_process(pending, answer.msg, answer.len, NULL, &err)) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	visitor.secrets = true;
	begin();
	print_octets("psk", f->init.creds.psk);
	print_octets("exponent", (struct mikey_view){ exponent, sizeof(exponent) });
	print_octets("request", mikey_pending_message(pending));
	print_octets("response", (struct mikey_view){ answer.msg, answer.len });
	if (more)
		more(f);
	on_object(NULL, "initiator");
	mikey_visit_csb(mikey_pending_csb(pending), &visitor);
	on_end(NULL);
	on_object(NULL, "responder");
	mikey_visit_csb(answer.csb, &visitor);
	on_end(NULL);
	finish();
	mikey_answer_clear(&answer);
	mikey_pending_free(pending);
}

static void set_algs(struct fixture *f, int algs)
{
	static const struct {
		uint32_t prf, encr, mac;
		const char *suite;
	} choices[] = {
		{ 0, MIKEY_ENCR_AES_CM_128, MIKEY_MAC_HMAC_SHA1, "AES_CM_128_HMAC_SHA1_80" },
		{ 0, MIKEY_ENCR_AES_KW_128, MIKEY_MAC_HMAC_SHA1, "AES_256_CM_HMAC_SHA1_80" },
		{ 1, MIKEY_ENCR_AES_CM_256, MIKEY_MAC_HMAC_SHA256, "AEAD_AES_256_GCM" },
	};

	f->offer.prf = choices[algs].prf;
	f->init.encr_alg = choices[algs].encr;
	f->init.mac_alg = choices[algs].mac;
	mikey_suite_policy(mikey_suite_by_name(choices[algs].suite), &f->policies[0]);
}

/*
 * Keys of lengths around and on the PRF's block of 32 octets; those of AES key
 * wrap must fill its blocks of 8 together with 4 octets of header. Unwrapping by
 * hand is slow, so that one is tried with one PSK only.
 */
static int oracle(void)
{
	static const size_t psk_lens[] = { 16, 20, 31, 32, 33, 64, 192 };
	static const size_t tgk_lens[] = { 16, 20, 31, 32, 33, 64, 192 };
	static const size_t kw_lens[] = { 20, 28, 36, 44, 52, 60, 68 };
	static uint8_t psk[192];
	size_t i, j;
	int algs;

	for (i = 0; i < sizeof(psk); i++)
		psk[i] = (uint8_t)(i * 7 + 1);
	for (algs = 0; algs < 3; algs++)
		for (i = 0; i < (algs == 1 ? 1 : 7); i++)
			for (j = 0; j < 7; j++) {
				struct fixture *f = fixture_new();

				f->seed = i * 100 + j;
				set_algs(f, algs);
				f->init.creds.psk = (struct mikey_view){ psk, psk_lens[i] };
				f->bob_psk = f->init.creds.psk;
				f->keys[0].key_len = algs == 1 ? kw_lens[j] : tgk_lens[j];
				f->offer.n_keys = 1;
				f->offer.n_cs = 3;
				oracle_one(f);
				fixture_free(f);
			}
	return 0;
}

/* Exchanges of the mode of RFC 4650, with alice's exponent, one for each seed */
static int oracle_dhhmac(char **seeds)
{
	for (; *seeds; seeds++) {
		struct fixture *f = fixture_new();

		f->seed = strtoull(*seeds, NULL, 10);
		f->init.mode = MIKEY_DHHMAC_INIT;
		oracle_one(f);
		fixture_free(f);
	}
	return 0;
}

static void print_pem(const char *name, struct mikey_view pem)
{
	size_t i;

	print_name(name);
	putchar('"');
	for (i = 0; i < pem.len; i++)
		if (pem.data[i] == '\n')
			printf("\\n");
		else
			putchar(pem.data[i]);
	putchar('"');
}

static void print_pki(struct fixture *f)
{
	const struct pki_files *files = fixture_pki();

	print_pem("alice", files->alice);
	print_pem("alice_key", files->alice_key);
	print_pem("bob", files->bob);
	print_pem("bob_key", files->bob_key);
	print_name("pss");
	printf("%s", f->init.creds.sign == MIKEY_PSS_SHA256 ? "true" : "false");
	print_name("oaep");
	printf("%s", f->init.creds.oaep ? "true" : "false");
}

static void ask_group(struct fixture *f)
{
	static const struct mikey_cs_offer cs[1] = { { .ssrc = 0x33333333 } };
	static struct mikey_group group = { .csb_id = 0xabcdef01, .cs = cs, .n_cs = 1 };

	group.rand = view("sixteen octets..");
	group.key.key = view("a group's TGK...");
	mikey_policy_default(&group.policy);
	f->group = &group;
	f->offer.group = true;
	f->offer.n_policies = f->offer.n_cs = 0;
}

static int oracle_pk(void)
{
	static const struct { uint32_t mode; bool strong; bool group; } cases[] = {
		{ MIKEY_PK_INIT, false, false }, { MIKEY_PK_INIT, true, false },
		{ MIKEY_RSAR_INIT, false, false }, { MIKEY_RSAR_INIT, true, false },
		{ MIKEY_RSAR_INIT, false, true },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture *f = fixture_new();
		enum mikey_signature sign = cases[i].strong ? MIKEY_PSS_SHA256 : MIKEY_RSA_SHA1;

		f->seed = i + 1;
		if (fixture_certify(f, cases[i].mode, NULL, NULL))
			return 1;
		f->init.creds.sign = f->bob_creds.sign = sign;
		f->init.creds.oaep = f->bob_creds.oaep = cases[i].strong;
		if (cases[i].group)
			ask_group(f);
		more = print_pki;
		oracle_one(f);
		more = NULL;
		fixture_free(f);
	}
	pki_free();
	return 0;
}

static int corpus(const char *dir)
{
	struct emitted list[MAX_EMITTED];
	size_t i, n = emit_all(list);
	char path[4096];

	for (i = 0; i < n; i++) {
		FILE *file;

		snprintf(path, sizeof(path), "%s/emitted-%zu", dir, i);
		file = fopen(path, "wb");
		if (!file || fwrite(list[i].msg, 1, list[i].len, file) != list[i].len)
			return 1;
		fclose(file);
	}
	emitted_free(list, n);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "dump"))
		return dump(argc > 2);
	if (!strcmp(what, "emit"))
		return emit();
	if (!strcmp(what, "prf") && argc == 6)
		return prf(argv + 2);
	if (!strcmp(what, "oracle"))
		return oracle();
	if (!strcmp(what, "oracle-pk"))
		return oracle_pk();
	if (!strcmp(what, "oracle-dhhmac"))
		return oracle_dhhmac(argv + 2);
	if (!strcmp(what, "corpus") && argc == 3)
		return corpus(argv[2]);
	fprintf(stderr, "usage: mikey_tool dump [secrets] | emit | oracle | oracle-pk | oracle-dhhmac SEED... |\n"
		"\tprf FUNC KEY LABEL N | corpus DIR\n");
	return 2;
}
