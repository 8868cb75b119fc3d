// SPDX-License-Identifier: GPL-2.0
/*
 * The configuration file: reading it. What the options mean is in option.c.
 *
 * libinih calls back without a line number, and joins sections of one name.
 * So its reader is ours: it counts the lines and sees where sections begin.
 */
#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "certfile.h"
#include "config.h"
#include "option.h"

struct parser {
	struct config *config;
	FILE *file;
	int line;
	int section_line;
	bool section_empty;
	struct peer *peer;
	struct option_seen daemon_seen;
	struct option_seen peer_seen;
	struct failure *failure;
	bool failed;
};

/* Line 0 is the file as a whole. */
static void mistake(struct parser *parser, int line, const char *text)
{
	char place[16] = "";

	if (parser->failed)
		return;
	parser->failed = true;
	if (line)
		snprintf(place, sizeof(place), ":%d", line);
	failure_set(parser->failure, MIKEY_EXIT_USAGE, "bad-config", "%s%s: %s",
		    parser->config->path, place, text);
}

static void end_section(struct parser *parser)
{
	if (parser->section_empty)
		mistake(parser, parser->section_line, "the section has no option");
}

static void begin_section(struct parser *parser)
{
	end_section(parser);
	parser->section_line = parser->line;
	parser->section_empty = true;
	parser->peer = NULL;
	memset(&parser->peer_seen, 0, sizeof(parser->peer_seen));
}

static char *read_line(char *buf, int size, void *arg)
{
	struct parser *parser = arg;
	const char *text;

	if (parser->failed || !fgets(buf, size, parser->file))
		return NULL;
	parser->line++;
	if (!strchr(buf, '\n') && !feof(parser->file)) {
		mistake(parser, parser->line, "the line is too long");
		return NULL;
	}
	for (text = buf; isspace((unsigned char)*text); text++)
		;
	if (*text == '[')
		begin_section(parser);
	else if (text != buf && *text && *text != ';' && *text != '#')
		mistake(parser, parser->line, "lines must not be indented");
	return buf;
}

static struct peer *add_peer(struct parser *parser, const char *name)
{
	struct peer **end = &parser->config->peers;
	struct peer *peer;

	while (*end)
		end = &(*end)->next;
	peer = calloc(1, sizeof(*peer));
	if (!peer)
		return NULL;
	peer->line = parser->section_line;
	peer->name = strdup(name);
	option_peer_defaults(peer);
	*end = peer;
	return peer->name ? peer : NULL;
}

static const char *bad_name(const struct config *config, const char *name)
{
	if (!*name)
		return "a peer needs a name: [peer NAME]";
	if (strlen(name) > 63)
		return "the name of the peer is too long";
	if (name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			"0123456789-_.@")])
		return "the name of a peer has letters, digits and -_.@ only";
	if (config_peer(config, name))
		return "there is a peer of this name already";
	return NULL;
}

/* The peer whose section we are in, made at its first option. */
static struct peer *section_peer(struct parser *parser, const char *name)
{
	const char *why;

	if (parser->peer)
		return parser->peer;
	why = bad_name(parser->config, name);
	if (!why) {
		parser->peer = add_peer(parser, name);
		why = "no memory";
	}
	if (!parser->peer)
		mistake(parser, parser->section_line, why);
	return parser->peer;
}

static int on_option(void *arg, const char *section, const char *name, const char *value)
{
	struct parser *parser = arg;
	char text[FAILURE_TEXT_MAX];
	const char *rest = section + strlen("peer");
	int ret = 0;

	parser->section_empty = false;
	if (!strcmp(section, "daemon")) {
		ret = option_daemon(parser->config, &parser->daemon_seen, name, value, text);
	} else if (!strncmp(section, "peer", 4) && (!*rest || isspace((unsigned char)*rest))) {
		if (section_peer(parser, rest + strspn(rest, " \t")))
			ret = option_peer(parser->peer, &parser->peer_seen, name, value, text);
	} else {
		snprintf(text, sizeof(text), *section ? "unknown section [%.60s]" :
			 "the option stands before any section", section);
		ret = -1;
	}
	if (ret)
		mistake(parser, parser->line, text);
	return !parser->failed;
}

static void parse(struct parser *parser)
{
	int line = ini_parse_stream(read_line, parser, on_option, parser);
	char text[FAILURE_TEXT_MAX];

	if (line > 0)
		mistake(parser, line, "neither an option 'name = value' nor a section");
	else if (line < 0 || ferror(parser->file))
		mistake(parser, parser->line, "cannot be read");
	end_section(parser);
	if (parser->failed)
		return;
	line = 0;
	if (option_check(parser->config, &line, text))
		mistake(parser, line, text);
}

int config_load(const char *path, struct config **result, struct failure *failure)
{
	struct parser parser = { .failure = failure };
	struct config *config = calloc(1, sizeof(*config));

	*result = NULL;
	if (config)
		config->path = strdup(path);
	if (!config || !config->path) {
		free(config);
		return failure_errno(failure, ENOMEM, "configuration %s", path);
	}
	config->refs = 1;
	option_daemon_defaults(config);
	parser.config = config;
	parser.file = fopen(path, "re");
	if (!parser.file) {
		failure_set(failure, errno == ENOENT ? MIKEY_EXIT_USAGE : MIKEY_EXIT_SYSTEM,
			    errno == ENOENT ? "no-config" : "system",
			    "cannot read the configuration %s: %s", path, strerror(errno));
		config_put(config);
		return -1;
	}
	parse(&parser);
	fclose(parser.file);
	if (parser.failed) {
		config_put(config);
		return -1;
	}
	*result = config;
	return 0;
}

/* Whom to trust differs between peers that have a certificate configured */
static int read_trust(const struct config *config, struct peer *peer, struct failure *failure)
{
	const struct certfile_trust files = {
		.anchors = config->anchors, .crls = config->crls, .peer = peer->certificate,
	};

	return certfile_trust(&files, &peer->trust, failure);
}

static int read_certs(struct config *config, struct peer *peer, struct failure *failure)
{
	if (!(peer->modes & CONFIG_SIGN_MODES) || peer->trust)
		return 0;
	if (!config->own && certfile_own(config->certificate, config->key, &config->own, failure))
		return -1;
	/* Too weak for its transforms: every message of it would be refused */
	if (peer->strength > 128 && mikey_own_bits(config->own) < MIKEY_RSA_MIN_256)
		return failure_set(failure, MIKEY_EXIT_USAGE, "bad-certificate-file",
				   "%s: an RSA key of %u bits; peer %s has strength = 256, which "
				   "needs %d", config->key, mikey_own_bits(config->own), peer->name,
				   MIKEY_RSA_MIN_256);
	return read_trust(config, peer, failure);
}

int config_read_keys(struct config *config, const struct peer *only, struct failure *failure)
{
	struct peer *peer;

	for (peer = config->peers; peer; peer = peer->next) {
		if (only && peer != only)
			continue;
		if (peer->psk_file && !peer->psk.data &&
		    psk_read(peer->psk_file, &peer->psk, failure))
			return -1;
		if (read_certs(config, peer, failure))
			return -1;
	}
	return 0;
}

struct config *config_get(struct config *config)
{
	config->refs++;
	return config;
}

static void free_peer(struct peer *peer)
{
	psk_free(&peer->psk);
	free((void *)peer->identity.data.data);
	free(peer->name);
	mikey_trust_free(peer->trust);
	free(peer->certificate);
	free(peer->psk_file);
	free(peer->session_name);
	free(peer);
}

void config_put(struct config *config)
{
	struct peer *peer;

	if (!config || --config->refs)
		return;
	while ((peer = config->peers)) {
		config->peers = peer->next;
		free_peer(peer);
	}
	free((void *)config->identity.data.data);
	mikey_own_free(config->own);
	free(config->certificate);
	free(config->key);
	free(config->anchors);
	free(config->crls);
	free(config->path);
	free(config->state);
	free(config->control);
	free(config);
}
