// SPDX-License-Identifier: GPL-2.0
/*
 * The options of the configuration file.
 *
 * A row of the table names the option, the function that reads its text, the
 * member that it goes to, and what may be in it: bounds, or words.
 */
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fetch/order.h"
#include "option.h"
#include "urllist.h"

struct option {
	const char *name;
	int (*read)(void *object, const struct option *option, const char *value, char *text);
	size_t at;
	unsigned long min;
	unsigned long max;
	const struct word *words;
};

/**
 * struct word - what may stand for a number
 * @word: text, NULL at the end of a list
 * @value: number
 */
struct word {
	const char *word;
	uint32_t value;
};

/* Words go to members of 32 bits, whichever type they have */
static_assert(!offsetof(struct group, common), "what a group shares with a peer");
static_assert(sizeof(enum null_rule) == 4 && sizeof(enum key_model) == 4 &&
	      sizeof(unsigned int) == 4, "members of words");

#define DAEMON(member) offsetof(struct config, member)
#define PEER(member) offsetof(struct peer, member)

static int wrong(char *text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int wrong(char *text, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, FAILURE_TEXT_MAX, fmt, ap);
	va_end(ap);
	return -1;
}

static void *member(void *object, const struct option *option)
{
	return (char *)object + option->at;
}

static bool number(const char *value, unsigned long min, unsigned long max, unsigned long *out)
{
	char *end;

	if (*value < '0' || *value > '9')
		return false;
	errno = 0;
	*out = strtoul(value, &end, 0);
	return !errno && !*end && *out >= min && *out <= max;
}

static int read_uint(void *object, const struct option *option, const char *value, char *text)
{
	unsigned long n;

	if (!number(value, option->min, option->max, &n))
		return wrong(text, "%s is a number from %lu to %lu, not '%s'", option->name,
			     option->min, option->max, value);
	*(unsigned int *)member(object, option) = n;
	return 0;
}

static int read_packets(void *object, const struct option *option, const char *value,
			char *text)
{
	unsigned long n;

	if (!number(value, option->min, option->max, &n))
		return wrong(text, "%s is a number of packets, not '%s'", option->name, value);
	*(uint64_t *)member(object, option) = n;
	return 0;
}

static int read_port(void *object, const struct option *option, const char *value, char *text)
{
	unsigned int n = 0;
	int ret = read_uint(&n, &(struct option){ .name = option->name, .min = 1,
						  .max = UINT16_MAX }, value, text);

	if (!ret)
		*(uint16_t *)member(object, option) = n;
	return ret;
}

static int read_ssrc(void *object, const struct option *option, const char *value, char *text)
{
	unsigned long n = 0;

	if (strcmp(value, "any") && !number(value, 1, UINT32_MAX, &n))
		return wrong(text, "%s is 'any' or a number from 1 to %u, not '%s'", option->name,
			     UINT32_MAX, value);
	*(uint32_t *)member(object, option) = n;
	return 0;
}

static int read_bool(void *object, const struct option *option, const char *value, char *text)
{
	bool yes = !strcmp(value, "yes");

	if (!yes && strcmp(value, "no"))
		return wrong(text, "%s is yes or no, not '%s'", option->name, value);
	*(bool *)member(object, option) = yes;
	return 0;
}

static int read_text(void *object, const struct option *option, const char *value, char *text)
{
	char **string = member(object, option);

	if (strlen(value) < option->min || strlen(value) > option->max)
		return wrong(text, "%s has %lu to %lu characters", option->name, option->min,
			     option->max);
	free(*string);
	*string = strdup(value);
	return *string ? 0 : wrong(text, "no memory");
}

static int bad_url(const struct option *option, struct mikey_view url, char *text)
{
	return wrong(text, "%s: '%.*s' is no URL like http://HOST/PATH", option->name,
		     url.len < 200 ? (int)url.len : 200, (const char *)url.data);
}

static int read_url(void *object, const struct option *option, const char *value, char *text)
{
	const struct mikey_view url = { (const uint8_t *)value, strlen(value) };

	if (!url_is_good(url))
		return bad_url(option, url, text);
	return read_text(object, option, value, text);
}

/* Lines are short and URLs are not: each line that has the option adds to the list. */
static int read_urls(void *object, const struct option *option, const char *value, char *text)
{
	const struct mikey_view bad = urllist_bad(value);
	char **list = member(object, option), *longer;

	if (bad.data)
		return bad_url(option, bad, text);
	if (!*list || strlen(value) < option->min)
		return read_text(object, option, value, text);
	if (asprintf(&longer, "%s %s", *list, value) < 0)
		return wrong(text, "no memory");
	free(*list);
	*list = longer;
	return 0;
}

/* Of somebody whose rights are none. */
static int read_user(void *object, const struct option *option, const char *value, char *text)
{
	const struct passwd *user = getpwnam(value);

	if (!user)
		return wrong(text, "%s: there is no user '%s'", option->name, value);
	if (!user->pw_uid)
		return wrong(text, "%s is a user without rights, not '%s'", option->name, value);
	return read_text(object, option, value, text);
}

static int read_identity(void *object, const struct option *option, const char *value,
			 char *text)
{
	struct failure failure;

	if (identity_parse(value, member(object, option), &failure))
		return wrong(text, "%s", failure.text);
	return 0;
}

/* Call back for each word; words are separated by blanks and commas. */
static int each_word(const char *value, int (*fn)(void *object, const char *word, char *text),
		     void *object, char *text)
{
	char *copy = strdup(value), *rest = copy, *word;
	int ret = copy ? 0 : wrong(text, "no memory");

	while (!ret && (word = strsep(&rest, ", \t")))
		if (*word)
			ret = fn(object, word, text);
	free(copy);
	return ret;
}

int option_listen(void *object, const char *word, char *text)
{
	struct config *config = object;

	if (config->n_listen == CONFIG_LISTEN_MAX)
		return wrong(text, "more than %d addresses to listen on", CONFIG_LISTEN_MAX);
	if (!udp_addr_parse(word, 0, &config->listen[config->n_listen]))
		return wrong(text, "listen: '%s' is no numeric address", word);
	config->n_listen++;
	return 0;
}

static int read_listen(void *object, const struct option *option, const char *value, char *text)
{
	struct config *config = object;

	config->listen_given = true;
	if (!strcmp(value, "none"))
		return 0;
	if (each_word(value, option_listen, object, text))
		return -1;
	return config->n_listen ? 0 : wrong(text, "%s is empty", option->name);
}

static int read_address(void *object, const struct option *option, const char *value, char *text)
{
	struct peer *peer = object;

	if (!udp_addr_parse(value, UDP_MIKEY_PORT, &peer->address) ||
	    !udp_addr_port(&peer->address))
		return wrong(text, "%s: '%s' is no numeric address", option->name, value);
	peer->has_address = true;
	return 0;
}

static int read_local(void *object, const struct option *option, const char *value, char *text)
{
	struct peer *peer = object;

	if (!udp_addr_parse(value, 0, &peer->local))
		return wrong(text, "%s: '%s' is no numeric address", option->name, value);
	peer->has_local = true;
	return 0;
}

static int read_owner(void *object, const struct option *option, const char *value, char *text)
{
	struct peer *peer = object;
	const struct passwd *user;
	unsigned long uid;

	if (number(value, 0, UINT32_MAX - 1, &uid)) {
		peer->owner = uid;
	} else {
		user = getpwnam(value);
		if (!user)
			return wrong(text, "%s: there is no user '%s'", option->name, value);
		peer->owner = user->pw_uid;
	}
	peer->has_owner = true;
	return 0;
}

static const struct word directions[] = {
	{ "in", PEER_IN }, { "out", PEER_OUT }, { "both", PEER_IN | PEER_OUT }, { NULL, 0 },
};

static const struct word null_rules[] = {
	{ "no", NULL_NEVER }, { "tls-only", NULL_TLS_ONLY }, { NULL, 0 },
};

static const struct word compats[] = {
	{ "onvif", MIKEY_COMPAT_ONVIF }, { "gstreamer", MIKEY_COMPAT_GSTREAMER },
	{ "rfc4650", MIKEY_COMPAT_DHHMAC_4650 }, { NULL, 0 },
};

static const struct word allowances[] = {
	{ "kdr", MIKEY_ALLOW_KDR }, { "rcc", MIKEY_ALLOW_RCC },
	{ "clear-srtp", MIKEY_ALLOW_CLEAR_SRTP }, { "clear-srtcp", MIKEY_ALLOW_CLEAR_SRTCP },
	{ "unauthenticated-srtp", MIKEY_ALLOW_UNAUTH_SRTP },
	{ "shared-tek", MIKEY_ALLOW_SHARED_TEK }, { "weak-dh", MIKEY_ALLOW_WEAK_DH },
	{ NULL, 0 },
};

static const struct word rcc_modes[] = {
	{ "none", MIKEY_SRTP_AUTH_NULL }, { "m1", MIKEY_SRTP_AUTH_RCCM1 },
	{ "m2", MIKEY_SRTP_AUTH_RCCM2 }, { "m3", MIKEY_SRTP_AUTH_RCCM3 }, { NULL, 0 },
};

static const struct word dh_groups[] = {
	{ "oakley5", MIKEY_OAKLEY_5 }, { "oakley2", MIKEY_OAKLEY_2 },
	{ "oakley1", MIKEY_OAKLEY_1 }, { NULL, 0 },
};

static const struct word strengths[] = {
	{ "128", 128 }, { "256", 256 }, { NULL, 0 },
};

static const struct word key_models[] = {
	{ "a", MODEL_SENDER }, { "b", MODEL_CLIENT }, { "c", MODEL_SERVER }, { NULL, 0 },
};

static const struct word signatures[] = {
	{ "rsa-sha1", MIKEY_RSA_SHA1 }, { "rsa-sha256", MIKEY_RSA_SHA256 },
	{ "pss-sha1", MIKEY_PSS_SHA1 }, { "pss-sha256", MIKEY_PSS_SHA256 }, { NULL, 0 },
};

static const struct word timestamps[] = {
	{ "ntp-utc", MIKEY_TS_NTP_UTC }, { "ntp", MIKEY_TS_NTP },
	{ "counter", MIKEY_TS_COUNTER }, { NULL, 0 },
};

static const struct word maps[] = {
	{ "srtp", MIKEY_MAP_SRTP }, { "empty", MIKEY_MAP_EMPTY },
	{ "generic", MIKEY_MAP_GENERIC }, { NULL, 0 },
};

static const struct word caches[] = {
	{ "no", MIKEY_NO_CACHE }, { "yes", MIKEY_CACHE }, { "bundle", MIKEY_CACHE_CSB },
	{ NULL, 0 },
};

static const struct word *find_word(const struct word *words, const char *value)
{
	while (words->word && strcmp(words->word, value))
		words++;
	return words->word ? words : NULL;
}

/* "a, b or c" */
static void list_words(const struct word *words, char *text, size_t size)
{
	size_t n = 0;

	for (*text = '\0'; words->word && n < size; words++)
		n += snprintf(text + n, size - n, "%s%s",
			      !n ? "" : words[1].word ? ", " : " or ", words->word);
}

static int not_of(const struct option *option, const char *value, char *text)
{
	char list[FAILURE_TEXT_MAX / 2];

	list_words(option->words, list, sizeof(list));
	return wrong(text, "%s is %s, not '%s'", option->name, list, value);
}

static int read_word(void *object, const struct option *option, const char *value, char *text)
{
	const struct word *word = find_word(option->words, value);

	if (!word)
		return not_of(option, value, text);
	*(uint32_t *)member(object, option) = word->value;
	return 0;
}

bool option_key_model(const char *text, enum key_model *model)
{
	const struct word *word = find_word(key_models, text);

	if (word)
		*model = word->value;
	return word;
}

/* Several words, each of which is a bit */
static int read_flags(void *object, const struct option *option, const char *value, char *text)
{
	char *copy = strdup(value), *rest = copy, *next;
	const struct word *word;
	int ret = copy ? 0 : wrong(text, "no memory");

	while (!ret && (next = strsep(&rest, ", \t"))) {
		word = find_word(option->words, next);
		if (word)
			*(uint32_t *)member(object, option) |= word->value;
		else if (*next)
			ret = not_of(option, next, text);
	}
	free(copy);
	return ret;
}

/* The first one is what we call with */
static int add_mode(void *object, const char *word, char *text)
{
	const struct mikey_mode *mode = mikey_mode_by_name(word);
	struct peer *peer = object;

	if (!mode)
		return wrong(text, "modes: there is no mode '%s'", word);
	if (!peer->modes)
		peer->mode = mode->init_type;
	peer->modes |= MIKEY_MODE_BIT(mode->init_type);
	return 0;
}

static int read_modes(void *object, const struct option *option, const char *value, char *text)
{
	struct peer *peer = object;

	peer->modes = 0;
	if (each_word(value, add_mode, object, text))
		return -1;
	return peer->modes ? 0 : wrong(text, "%s is empty", option->name);
}

static int read_kdr(void *object, const struct option *option, const char *value, char *text)
{
	struct peer *peer = object;
	unsigned long kdr;

	if (!number(value, 0, 1 << 24, &kdr) || kdr & (kdr - 1))
		return wrong(text, "%s is 0 or a power of two up to 2^24, not '%s'", option->name,
			     value);
	peer->kdr = kdr;
	return 0;
}

/* The first one is what we sign with */
static int add_signature(void *object, const char *value, char *text)
{
	const struct word *word = find_word(signatures, value);
	struct peer *peer = object;

	if (!word)
		return wrong(text, "signatures: there is no signature '%s'", value);
	if (!peer->sign_accept)
		peer->sign = word->value;
	peer->sign_accept |= 1u << word->value;
	return 0;
}

static int read_signatures(void *object, const struct option *option, const char *value,
			   char *text)
{
	struct peer *peer = object;

	peer->sign_accept = 0;
	if (each_word(value, add_signature, object, text))
		return -1;
	return peer->sign_accept ? 0 : wrong(text, "%s is empty", option->name);
}

static int read_envelope(void *object, const struct option *option, const char *value, char *text)
{
	if (strcmp(value, "pkcs1") && strcmp(value, "oaep"))
		return wrong(text, "%s is pkcs1 or oaep, not '%s'", option->name, value);
	((struct peer *)object)->oaep = *value == 'o';
	return 0;
}

static int add_suite(void *object, const char *word, char *text)
{
	const struct mikey_suite *suite = mikey_suite_by_name(word);
	struct peer *peer = object;
	size_t i;

	if (!suite)
		return wrong(text, "suites: there is no suite '%s'", word);
	for (i = 0; i < peer->n_suites; i++)
		if (peer->suites[i] == suite)
			return wrong(text, "suites: '%s' stands there twice", word);
	if (peer->n_suites == CONFIG_SUITES_MAX)
		return wrong(text, "more than %d suites", CONFIG_SUITES_MAX);
	peer->suites[peer->n_suites++] = suite;
	return 0;
}

static int read_suites(void *object, const struct option *option, const char *value, char *text)
{
	struct peer *peer = object;

	peer->n_suites = 0;
	if (each_word(value, add_suite, object, text))
		return -1;
	return peer->n_suites ? 0 : wrong(text, "%s is empty", option->name);
}

/* All members have to take it, so there is no second best */
static int read_suite(void *object, const struct option *option, const char *value, char *text)
{
	struct peer *common = object;

	common->n_suites = 0;
	return add_suite(common, value, text) ? wrong(text, "%s: there is no suite '%s'",
						      option->name, value) : 0;
}

static const struct option daemon_options[] = {
	{ "identity", read_identity, DAEMON(identity), 0, 0, NULL },
	{ "certificate", read_text, DAEMON(certificate), 1, PATH_MAX - 1, NULL },
	{ "key", read_text, DAEMON(key), 1, PATH_MAX - 1, NULL },
	{ "trust-anchors", read_text, DAEMON(anchors), 1, PATH_MAX - 1, NULL },
	{ "crl-file", read_text, DAEMON(crls), 1, PATH_MAX - 1, NULL },
	{ "certificate-urls", read_urls, DAEMON(cert_urls), 1, 4096, NULL },
	{ "certificate-user", read_user, DAEMON(cert_user), 1, 32, NULL },
	{ "certificate-seconds", read_uint, DAEMON(cert_seconds), 1, FETCH_SECONDS_MAX, NULL },
	{ "certificate-cache", read_uint, DAEMON(cert_cache), 1, 86400, NULL },
	{ "listen", read_listen, 0, 0, 0, NULL },
	{ "port", read_port, DAEMON(port), 1, UINT16_MAX, NULL },
	{ "state-directory", read_text, DAEMON(state), 1, PATH_MAX - 32, NULL },
	{ "control", read_text, DAEMON(control), 1, 100, NULL },
	{ "clock-skew", read_uint, DAEMON(skew), 1, 3600, NULL },
	{ NULL, NULL, 0, 0, 0, NULL },
};

static const struct option peer_options[] = {
	{ "address", read_address, 0, 0, 0, NULL },
	{ "local-address", read_local, 0, 0, 0, NULL },
	{ "identity", read_identity, PEER(identity), 0, 0, NULL },
	{ "psk-file", read_text, PEER(psk_file), 1, PATH_MAX - 1, NULL },
	{ "peer-certificate", read_text, PEER(certificate), 1, PATH_MAX - 1, NULL },
	{ "certificate-url", read_url, PEER(cert_url), 1, FETCH_URL_MAX, NULL },
	{ "certificate-urls", read_urls, PEER(cert_urls), 1, 4096, NULL },
	{ "signatures", read_signatures, 0, 0, 0, NULL },
	{ "envelope", read_envelope, 0, 0, 0, NULL },
	{ "cache-envelope", read_word, PEER(cache), 0, 0, caches },
	{ "direction", read_word, PEER(direction), 0, 0, directions },
	{ "modes", read_modes, 0, 0, 0, NULL },
	{ "strength", read_word, PEER(strength), 0, 0, strengths },
	{ "suites", read_suites, 0, 0, 0, NULL },
	{ "dh-group", read_word, PEER(dh_group), 0, 0, dh_groups },
	{ "kdr", read_kdr, 0, 0, 0, NULL },
	{ "rcc", read_word, PEER(rcc), 0, 0, rcc_modes },
	{ "roc-rate", read_uint, PEER(roc_rate), 1, UINT16_MAX, NULL },
	{ "allow", read_flags, PEER(allow), 0, 0, allowances },
	{ "verify", read_bool, PEER(verify), 0, 0, NULL },
	{ "allow-null", read_word, PEER(allow_null), 0, 0, null_rules },
	{ "key-model", read_word, PEER(key_model), 0, 0, key_models },
	{ "compat", read_flags, PEER(compat), 0, 0, compats },
	{ "owner", read_owner, 0, 0, 0, NULL },
	{ "session-name", read_text, PEER(session_name), 1, 63, NULL },
	{ "local-ssrc", read_ssrc, PEER(local_ssrc), 0, 0, NULL },
	{ "remote-ssrc", read_ssrc, PEER(remote_ssrc), 0, 0, NULL },
	{ "pass-non-rtp", read_bool, PEER(pass_non_rtp), 0, 0, NULL },
	{ "auto-delete", read_bool, PEER(auto_delete), 0, 0, NULL },
	{ "rekey-packets", read_packets, PEER(rekey_packets), 1, INT64_MAX, NULL },
	{ "rekey-seconds", read_uint, PEER(rekey_seconds), 1, INT32_MAX, NULL },
	{ "group", read_bool, PEER(group), 0, 0, NULL },
	{ "timestamp", read_word, PEER(ts_type), 0, 0, timestamps },
	{ "map", read_word, PEER(map_type), 0, 0, maps },
	{ NULL, NULL, 0, 0, 0, NULL },
};

/* What it shares with a peer stands in front of a group */
static const struct option group_options[] = {
	{ "members", read_text, offsetof(struct group, names), 1, 4096, NULL },
	{ "suite", read_suite, 0, 0, 0, NULL },
	{ "local-ssrc", read_ssrc, PEER(local_ssrc), 0, 0, NULL },
	{ "owner", read_owner, 0, 0, 0, NULL },
	{ "session-name", read_text, PEER(session_name), 1, 63, NULL },
	{ "pass-non-rtp", read_bool, PEER(pass_non_rtp), 0, 0, NULL },
	{ "auto-delete", read_bool, PEER(auto_delete), 0, 0, NULL },
	{ "rekey-packets", read_packets, PEER(rekey_packets), 1, INT64_MAX, NULL },
	{ "rekey-seconds", read_uint, PEER(rekey_seconds), 1, INT32_MAX, NULL },
	{ NULL, NULL, 0, 0, 0, NULL },
};

static int set(void *object, const struct option *options, struct option_seen *seen,
	       const char *name, const char *value, char *text)
{
	const struct option *option = options;
	uint64_t bit;

	while (option->name && strcmp(option->name, name))
		option++;
	if (!option->name)
		return wrong(text, "unknown option '%.60s'", name);
	bit = UINT64_C(1) << (option - options);
	if (seen->bits & bit && option->read != read_urls)
		return wrong(text, "%s stands there a second time", name);
	seen->bits |= bit;
	return option->read(object, option, value, text);
}

int option_daemon(struct config *config, struct option_seen *seen, const char *name,
		  const char *value, char *text)
{
	return set(config, daemon_options, seen, name, value, text);
}

int option_peer(struct peer *peer, struct option_seen *seen, const char *name,
		const char *value, char *text)
{
	return set(peer, peer_options, seen, name, value, text);
}

int option_group(struct group *group, struct option_seen *seen, const char *name,
		 const char *value, char *text)
{
	return set(group, group_options, seen, name, value, text);
}
