// SPDX-License-Identifier: GPL-2.0
/*
 * What the options of the configuration are without the file, and whether they
 * fit together with it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "option.h"

void option_daemon_defaults(struct config *config)
{
	config->port = UDP_MIKEY_PORT;
	config->skew = CONFIG_SKEW;
	config->state = strdup(CONFIG_STATE);
	config->control = strdup(CONFIG_CONTROL);
	config->cert_user = strdup(CONFIG_CERT_USER);
	config->cert_seconds = CONFIG_CERT_SECONDS;
	config->cert_cache = CONFIG_CERT_CACHE;
}

void option_peer_defaults(struct peer *peer)
{
	peer->direction = PEER_IN | PEER_OUT;
	peer->strength = 128;
	peer->sign = MIKEY_RSA_SHA1;
	peer->sign_accept = (1u << MIKEY_SIGNATURE_COUNT) - 1;
	peer->mode = MIKEY_PSK_INIT;
	peer->modes = MIKEY_MODE_BIT(MIKEY_PSK_INIT);
	peer->roc_rate = 1;
	peer->verify = true;
	peer->suites[0] = mikey_suite_by_name("AES_CM_128_HMAC_SHA1_80");
	peer->n_suites = 1;
	peer->session_name = strndup(peer->name ? peer->name : "", 63);
}

/* Modes that need a pre-shared key, and those that agree on one by group */
#define PSK_MODES (MIKEY_MODE_BIT(MIKEY_PSK_INIT) | MIKEY_MODE_BIT(MIKEY_DHHMAC_INIT))
#define DH_MODES (MIKEY_MODE_BIT(MIKEY_DH_INIT) | MIKEY_MODE_BIT(MIKEY_DHHMAC_INIT))

static const char *check_certs(const struct config *config, const struct peer *peer)
{
	if (!(peer->modes & CONFIG_SIGN_MODES))
		return NULL;
	if (!config->certificate || !config->key)
		return "has a mode that needs 'certificate' and 'key' in [daemon]";
	if (!config->anchors && !peer->certificate)
		return "has a mode that needs 'trust-anchors' in [daemon] or a peer-certificate";
	if (peer->mode == MIKEY_PK_INIT && peer->direction & PEER_OUT && !peer->certificate)
		return "cannot be called with mode pk without a peer-certificate";
	if (peer->identity.type == MIKEY_ID_BYTES || config->identity.type == MIKEY_ID_BYTES)
		return "has a mode with certificates, which name no identity of type bytes";
	return NULL;
}

static const char *check_group_peer(const struct peer *peer)
{
	if (!peer->group)
		return NULL;
	if (!(peer->direction & PEER_IN))
		return "has 'group = yes', and may not call us";
	if (peer->modes & ~CONFIG_GROUP_MODES)
		return "has 'group = yes', and a mode that makes no groups";
	if (peer->map_type != MIKEY_MAP_SRTP)
		return "has 'group = yes', and a map that is not srtp";
	return NULL;
}

/* RFC 4563 5: the empty map names no SSRC, and leaves no room for a policy */
static const char *check_map(const struct peer *peer)
{
	if (peer->map_type == MIKEY_MAP_SRTP)
		return NULL;
	if (peer->modes & MIKEY_MODE_BIT(MIKEY_RSAR_INIT))
		return "has the mode rsar, and a map that is not srtp";
	if (peer->map_type == MIKEY_MAP_EMPTY && (peer->local_ssrc || peer->remote_ssrc))
		return "has 'map = empty', which names no SSRC, and an SSRC";
	if (peer->map_type == MIKEY_MAP_EMPTY && (peer->kdr || peer->rcc))
		return "has 'map = empty', which carries no policy, and kdr or rcc";
	return NULL;
}

static const char *check_peer(const struct config *config, const struct peer *peer)
{
	const struct peer *other;
	size_t i;

	if (!peer->identity.data.len)
		return "has no identity";
	if (!peer->psk_file && peer->modes & PSK_MODES && !peer_is_plain(peer))
		return "has no psk-file";
	if (peer->dh_group != MIKEY_OAKLEY_5 && !(peer->allow & MIKEY_ALLOW_WEAK_DH))
		return "has a dh-group that 'allow = weak-dh' does not stand beside";
	if (peer->modes & DH_MODES && peer->strength > 128)
		return "has a mode whose Diffie-Hellman group does not carry keys of 256 bits";
	if (check_certs(config, peer))
		return check_certs(config, peer);
	if (check_group_peer(peer))
		return check_group_peer(peer);
	if (check_map(peer))
		return check_map(peer);
	if (mikey_id_equal(&peer->identity, &config->identity))
		return "has the identity of this host";
	for (other = config->peers; other != peer; other = other->next)
		if (mikey_id_equal(&peer->identity, &other->identity))
			return "has the identity of another peer";
	if (peer->has_local && peer->has_address &&
	    peer->local.any.sa_family != peer->address.any.sa_family)
		return "has addresses of two families";
	for (i = 0; i < peer->n_suites; i++)
		if (!peer_is_plain(peer) && peer->suites[i]->key_len * 8u > peer->strength)
			return "has a suite that is stronger than what carries its keys (strength)";
	return NULL;
}

/* A key file is looked for beside the configuration that names it. */
static bool make_absolute(const struct config *config, char **path)
{
	const char *slash = strrchr(config->path, '/');
	char *full;

	if (!*path || **path == '/' || !slash)
		return true;
	if (asprintf(&full, "%.*s/%s", (int)(slash - config->path), config->path, *path) < 0)
		return false;
	free(*path);
	*path = full;
	return true;
}

static bool daemon_paths(struct config *config)
{
	return make_absolute(config, &config->certificate) &&
	       make_absolute(config, &config->key) && make_absolute(config, &config->anchors) &&
	       make_absolute(config, &config->crls);
}

/* Who has no list of its own has that of all, where certificates are used. */
static bool peer_urls(const struct config *config, struct peer *peer)
{
	if (peer->cert_urls || !config->cert_urls || !(peer->modes & CONFIG_SIGN_MODES))
		return true;
	peer->cert_urls = strdup(config->cert_urls);
	return peer->cert_urls;
}

static bool peer_paths(const struct config *config, struct peer *peer)
{
	return make_absolute(config, &peer->psk_file) && make_absolute(config, &peer->certificate);
}

static void listen_somewhere(struct config *config)
{
	char text[FAILURE_TEXT_MAX];
	size_t i;

	if (!config->listen_given) {
		option_listen(config, "0.0.0.0", text);
		option_listen(config, "::", text);
	}
	for (i = 0; i < config->n_listen; i++)
		if (!udp_addr_port(&config->listen[i]))
			udp_addr_set_port(&config->listen[i], config->port);
}

static void check_peers(struct config *config,
			void (*tell)(void *arg, int line, const char *text), void *arg)
{
	char text[FAILURE_TEXT_MAX];
	struct peer *peer;
	const char *why;

	for (peer = config->peers; peer; peer = peer->next) {
		why = peer->faulty || config->faulty ? NULL : check_peer(config, peer);
		snprintf(text, sizeof(text), "peer %s %s", peer->name, why ? why : "");
		if (why)
			tell(arg, peer->line, text);
		if (!peer_paths(config, peer) || !peer_urls(config, peer))
			tell(arg, peer->line, "no memory");
	}
}

void option_check(struct config *config, void (*tell)(void *arg, int line, const char *text),
		  void *arg)
{
	char text[FAILURE_TEXT_MAX], line[FAILURE_TEXT_MAX];
	struct group *group;

	if (!config->identity.data.len && !config->faulty)
		tell(arg, 0, "[daemon] has no identity");
	listen_somewhere(config);
	if (!daemon_paths(config))
		tell(arg, 0, "no memory");
	check_peers(config, tell, arg);
	for (group = config->groups; group; group = group->next) {
		if (config->faulty || group->common.faulty ||
		    !option_check_group(config, group, text))
			continue;
		snprintf(line, sizeof(line), "group %s %.*s", group->common.name,
			 FAILURE_TEXT_MAX - 80, text);
		tell(arg, group->common.line, line);
	}
}
