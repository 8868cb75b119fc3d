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
	struct group *group;
	struct option_seen daemon_seen;
	struct option_seen section_seen;
	bool section_bad;
	config_tell_fn tell;
	void *arg;
	bool failed;
};

/* Line 0 is the file as a whole. */
static void mistake(struct parser *parser, int line, const char *text)
{
	struct failure failure;
	char place[16] = "";

	parser->failed = true;
	if (line)
		snprintf(place, sizeof(place), ":%d", line);
	failure_set(&failure, MIKEY_EXIT_USAGE, "bad-config", "%s%s: %s", parser->config->path,
		    place, text);
	parser->tell(parser->arg, &failure);
}

/* What the section lacks is no mistake of its own then */
static void section_mistake(struct parser *parser, int line, const char *text)
{
	mistake(parser, line, text);
	if (parser->peer)
		parser->peer->faulty = true;
	else if (parser->group)
		parser->group->common.faulty = true;
	else
		parser->config->faulty = true;
}

static void end_section(struct parser *parser)
{
	if (parser->section_empty)
		mistake(parser, parser->section_line, "the section has no option");
	parser->section_empty = false;
}

static void begin_section(struct parser *parser)
{
	end_section(parser);
	parser->section_line = parser->line;
	parser->section_empty = true;
	parser->section_bad = false;
	parser->peer = NULL;
	parser->group = NULL;
	memset(&parser->section_seen, 0, sizeof(parser->section_seen));
}

/* What is wrong with a line as such, NULL if nothing is. */
static const char *bad_line(const char *line, const char *text)
{
	if (!*text || *text == ';' || *text == '#')
		return NULL;
	if (*text == '[' ? !strchr(text, ']') : !strpbrk(text, "=:"))
		return "neither an option 'name = value' nor a section";
	if (*text != '[' && text != line)
		return "lines must not be indented";
	return NULL;
}

static void skip_line(FILE *file)
{
	int c;

	do
		c = getc(file);
	while (c != '\n' && c != EOF);
}

/* A line that is wrong is told, and an empty one stands for it. */
static char *read_line(char *buf, int size, void *arg)
{
	struct parser *parser = arg;
	const char *text, *why;

	if (!fgets(buf, size, parser->file))
		return NULL;
	parser->line++;
	for (text = buf; isspace((unsigned char)*text); text++)
		;
	why = bad_line(buf, text);
	if (!strchr(buf, '\n') && !feof(parser->file)) {
		skip_line(parser->file);
		why = "the line is too long";
	}
	if (why) {
		section_mistake(parser, parser->line, why);
		parser->section_empty = false;
		*buf = '\0';
	} else if (*text == '[') {
		begin_section(parser);
	}
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

static struct group *add_group(struct parser *parser, const char *name)
{
	struct group **end = &parser->config->groups;
	struct group *group;

	while (*end)
		end = &(*end)->next;
	group = calloc(1, sizeof(*group));
	if (!group)
		return NULL;
	group->common.line = parser->section_line;
	group->common.name = strdup(name);
	option_peer_defaults(&group->common);
	group->common.group = true;
	*end = group;
	return group->common.name ? group : NULL;
}

static const char *bad_name(const struct config *config, const char *name)
{
	if (!*name)
		return "the section needs a name: [peer NAME] or [group NAME]";
	if (strlen(name) > 63)
		return "the name of the section is too long";
	if (name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			"0123456789-_.@")])
		return "the name of a section has letters, digits and -_.@ only";
	if (config_peer(config, name))
		return "there is a peer of this name already";
	if (config_group(config, name))
		return "there is a group of this name already";
	return NULL;
}

/* The peer or the group whose section we are in, made at its first option. */
static bool in_section(struct parser *parser, const char *name, bool group)
{
	const char *why;

	if (parser->peer || parser->group)
		return true;
	why = bad_name(parser->config, name);
	if (!why && group)
		parser->group = add_group(parser, name);
	else if (!why)
		parser->peer = add_peer(parser, name);
	if (parser->peer || parser->group)
		return true;
	if (!parser->section_bad)
		mistake(parser, parser->section_line, why ? why : "no memory");
	parser->section_bad = true;
	return false;
}

/* What stands behind the first word of a section, NULL if that is another one. */
static const char *section_name(const char *section, const char *word)
{
	const char *rest = section + strlen(word);

	if (strncmp(section, word, strlen(word)) || (*rest && !isspace((unsigned char)*rest)))
		return NULL;
	return rest + strspn(rest, " \t");
}

static int on_option(void *arg, const char *section, const char *name, const char *value)
{
	struct parser *parser = arg;
	char text[FAILURE_TEXT_MAX];
	const char *peer = section_name(section, "peer");
	const char *group = section_name(section, "group");
	int ret = 0;

	parser->section_empty = false;
	if (!strcmp(section, "daemon")) {
		ret = option_daemon(parser->config, &parser->daemon_seen, name, value, text);
	} else if (peer) {
		if (in_section(parser, peer, false))
			ret = option_peer(parser->peer, &parser->section_seen, name, value, text);
	} else if (group) {
		if (in_section(parser, group, true))
			ret = option_group(parser->group, &parser->section_seen, name, value,
					   text);
	} else {
		snprintf(text, sizeof(text), *section ? "unknown section [%.60s]" :
			 "the option stands before any section", section);
		ret = parser->section_bad ? 0 : -1;
		parser->section_bad = true;
	}
	if (ret)
		section_mistake(parser, parser->line, text);
	return 1;
}

static void misfit(void *arg, int line, const char *text)
{
	mistake(arg, line, text);
}

static void parse(struct parser *parser)
{
	int line = ini_parse_stream(read_line, parser, on_option, parser);

	if (line > 0)
		mistake(parser, line, "neither an option 'name = value' nor a section");
	else if (line < 0 || ferror(parser->file))
		mistake(parser, parser->line, "cannot be read");
	end_section(parser);
	option_check(parser->config, misfit, parser);
}

/* Nothing of the file is known yet. */
static struct config *config_new(const char *path)
{
	struct config *config = calloc(1, sizeof(*config));

	if (config)
		config->path = strdup(path);
	if (!config || !config->path) {
		free(config);
		return NULL;
	}
	config->refs = 1;
	option_daemon_defaults(config);
	return config;
}

static FILE *open_file(const char *path, struct failure *failure)
{
	FILE *file = fopen(path, "re");

	if (!file)
		failure_set(failure, errno == ENOENT ? MIKEY_EXIT_USAGE : MIKEY_EXIT_SYSTEM,
			    errno == ENOENT ? "no-config" : "system",
			    "cannot read the configuration %s: %s", path, strerror(errno));
	return file;
}

int config_read(const char *path, struct config **result, config_tell_fn tell, void *arg)
{
	struct parser parser = { .config = config_new(path), .tell = tell, .arg = arg };
	struct failure failure;

	*result = NULL;
	if (!parser.config) {
		failure_errno(&failure, ENOMEM, "configuration %s", path);
		tell(arg, &failure);
		return -1;
	}
	parser.file = open_file(path, &failure);
	if (!parser.file) {
		tell(arg, &failure);
		config_put(parser.config);
		return -1;
	}
	parse(&parser);
	fclose(parser.file);
	*result = parser.config;
	return parser.failed ? -1 : 0;
}

static void keep_first(void *arg, const struct failure *failure)
{
	struct failure *first = arg;

	if (!first->code)
		*first = *failure;
}

int config_load(const char *path, struct config **config, struct failure *failure)
{
	failure->code = MIKEY_EXIT_OK;
	if (!config_read(path, config, keep_first, failure))
		return 0;
	config_put(*config);
	*config = NULL;
	return -1;
}

/* Whom to trust differs between peers that have a certificate configured */
static int read_trust(const struct config *config, struct peer *peer, struct failure *failure)
{
	const struct certfile_trust files = {
		.anchors = config->anchors, .crls = config->crls, .peer = peer->certificate,
	};

	return certfile_trust(&files, &peer->trust, failure);
}

int config_read_certs(struct config *config, struct peer *peer, struct failure *failure)
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

int config_read_psk(struct peer *peer, struct failure *failure)
{
	if (!peer->psk_file || peer->psk.data)
		return 0;
	return psk_read(peer->psk_file, &peer->psk, failure);
}

int config_read_keys(struct config *config, const struct peer *only, struct failure *failure)
{
	struct peer *peer;

	for (peer = config->peers; peer; peer = peer->next) {
		if (only && peer != only)
			continue;
		if (config_read_psk(peer, failure) || config_read_certs(config, peer, failure))
			return -1;
	}
	return 0;
}

struct config *config_get(struct config *config)
{
	config->refs++;
	return config;
}

static void clear_peer(struct peer *peer)
{
	psk_free(&peer->psk);
	free((void *)peer->identity.data.data);
	free(peer->name);
	mikey_trust_free(peer->trust);
	free(peer->certificate);
	free(peer->psk_file);
	free(peer->session_name);
	free(peer->cert_url);
	free(peer->cert_urls);
}

static void free_group(struct group *group)
{
	clear_peer(&group->common);
	free(group->names);
	free(group);
}

void config_put(struct config *config)
{
	struct group *group;
	struct peer *peer;

	if (!config || --config->refs)
		return;
	while ((group = config->groups)) {
		config->groups = group->next;
		free_group(group);
	}
	while ((peer = config->peers)) {
		config->peers = peer->next;
		clear_peer(peer);
		free(peer);
	}
	free((void *)config->identity.data.data);
	mikey_own_free(config->own);
	free(config->certificate);
	free(config->key);
	free(config->anchors);
	free(config->crls);
	free(config->cert_urls);
	free(config->cert_user);
	free(config->path);
	free(config->state);
	free(config->control);
	free(config);
}
