/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The configuration file: this host, and the peers it talks to.
 */
#ifndef HELPER_CONFIG_H
#define HELPER_CONFIG_H

#include <sys/types.h>
#include "failure.h"
#include "mikey/mikey.h"
#include "pskfile.h"
#include "udp.h"

/** CONFIG_FILE - where the configuration is unless --config says otherwise */
#define CONFIG_FILE "/etc/mikey/mikey.conf"
/** CONFIG_CONTROL - default path of the daemon's control socket */
#define CONFIG_CONTROL "/run/mikey/control"
/** CONFIG_STATE - default state directory */
#define CONFIG_STATE "/var/lib/mikey"
/** CONFIG_LISTEN_MAX - most addresses to listen on */
#define CONFIG_LISTEN_MAX 16
/** CONFIG_SUITES_MAX - most suites of one peer */
#define CONFIG_SUITES_MAX 20
/** CONFIG_SKEW - default clock skew in seconds */
#define CONFIG_SKEW 300

/**
 * enum null_rule - when NULL encryption or a NULL MAC is taken from a peer
 * @NULL_NEVER: never
 * @NULL_TLS_ONLY: when the caller says that the carrier was TLS
 */
enum null_rule { NULL_NEVER, NULL_TLS_ONLY };

/**
 * enum key_model - whose key protects what in RTSP, where keys come in TEKs
 * @MODEL_SENDER: a, each side sends its own (RFC 4567, GStreamer)
 * @MODEL_CLIENT: b, the client's is used both ways (ONVIF, Axis)
 * @MODEL_SERVER: c, the server's is used both ways (live555)
 */
enum key_model { MODEL_SENDER, MODEL_CLIENT, MODEL_SERVER };

struct fetch;

/** CONFIG_CERT_USER - default user who fetches certificates */
#define CONFIG_CERT_USER "nobody"
/** CONFIG_CERT_SECONDS - default patience with a server of certificates */
#define CONFIG_CERT_SECONDS 5
/** CONFIG_CERT_CACHE - default seconds that a certificate is kept */
#define CONFIG_CERT_CACHE 300

/** PEER_IN - the peer may call us */
#define PEER_IN 1
/** PEER_OUT - we may call the peer */
#define PEER_OUT 2

/**
 * struct peer - one section [peer NAME]
 * @next: the next one in the file
 * @name: its name
 * @line: where its section begins
 * @faulty: a mistake in its section was told
 * @has_address: @address holds
 * @address: where to call it
 * @has_local: @local holds
 * @local: address to call from
 * @identity: as in its ID payload; the octets belong to the peer
 * @psk_file: path
 * @psk: its contents after config_read_keys()
 * @certificate: path of the peer's own certificate, or NULL
 * @trust: whom to trust to be this peer, after config_read_keys()
 * @sign: what we sign with
 * @sign_accept: what we take of it, as bits 1 << enum mikey_signature
 * @oaep: envelopes are RSAES-OAEP
 * @cache: enum mikey_cache of the envelopes that we send
 * @direction: PEER_IN, PEER_OUT
 * @mode: enum mikey_data_type of the message that we call with
 * @modes: set of MIKEY_MODE_BIT(): what the peer may come with
 * @dh_group: enum mikey_dh_group that we call with
 * @kdr: key derivation rate that we propose
 * @rcc: enum mikey_srtp_auth of RFC 4771 that we propose, 0 for none
 * @roc_rate: every how many packets carry the ROC then
 * @allow: MIKEY_ALLOW_ flags: what the peer may propose
 * @strength: bits of the MIKEY transforms that we call with: 128 or 256
 * @suites: what may be agreed, best first
 * @n_suites: how many
 * @compat: MIKEY_COMPAT_ flags
 * @allow_null: see enum null_rule
 * @key_model: see enum key_model
 * @verify: ask for a verification message
 * @has_owner: @owner holds; otherwise sessions belong to who calls, or root
 * @owner: user who may attach sockets
 * @session_name: name of the kernel's sessions
 * @local_ssrc: what we send with, 0 for any
 * @remote_ssrc: what the peer sends with, 0 for any
 * @pass_non_rtp: STUN and the like pass the session's sockets
 * @auto_delete: the session goes with its last socket
 * @rekey_packets: packets after which a key is renewed, 0 for the kernel's limit
 * @rekey_seconds: seconds after which a key is renewed, 0 for never
 * @group: its keys are those of a group: others have them, too
 * @ts_type: enum mikey_ts_type of our messages
 * @map_type: enum mikey_map_type of the messages that we call with
 * @cert_url: where the peer finds our certificate, sent in its place; or NULL
 * @cert_urls: where its certificates may be fetched from, or NULL
 * @fetch: who fetches them; NULL for nobody
 */
struct peer {
	struct peer *next;
	char *name;
	int line;
	bool faulty;
	bool has_address;
	union udp_addr address;
	bool has_local;
	union udp_addr local;
	struct mikey_id identity;
	char *psk_file;
	struct psk psk;
	char *certificate;
	struct mikey_trust *trust;
	enum mikey_signature sign;
	uint32_t sign_accept;
	bool oaep;
	uint32_t cache;
	unsigned int direction;
	uint32_t mode;
	uint32_t modes;
	uint32_t dh_group;
	uint32_t kdr;
	uint32_t rcc;
	unsigned int roc_rate;
	uint32_t allow;
	unsigned int strength;
	const struct mikey_suite *suites[CONFIG_SUITES_MAX];
	size_t n_suites;
	uint32_t compat;
	enum null_rule allow_null;
	enum key_model key_model;
	bool verify;
	bool has_owner;
	uid_t owner;
	char *session_name;
	uint32_t local_ssrc;
	uint32_t remote_ssrc;
	bool pass_non_rtp;
	bool auto_delete;
	uint64_t rekey_packets;
	unsigned int rekey_seconds;
	bool group;
	uint32_t ts_type;
	uint32_t map_type;
	char *cert_url;
	char *cert_urls;
	struct fetch *fetch;
};

/** CONFIG_EMPTY_MAP_CS - crypto sessions of a message with the empty map: one each way */
#define CONFIG_EMPTY_MAP_CS 2

/** CONFIG_MEMBERS_MAX - most members of a group */
#define CONFIG_MEMBERS_MAX 64

/**
 * struct group - one section [group NAME]: peers that this host gives the same keys
 * @common: what it shares with a peer: name, line, suite, settings of the session,
 *	SSRC that this host sends with. It stands in front, so that both have options.
 * @next: the next one in the file
 * @names: of its members, as they stand there
 * @members: peers, after option_check()
 * @n_members: how many
 */
struct group {
	struct peer common;
	struct group *next;
	char *names;
	struct peer *members[CONFIG_MEMBERS_MAX];
	size_t n_members;
};

/**
 * struct config - the file
 * @refs: holders, see config_get()
 * @path: of the file
 * @faulty: a mistake outside of the peers' sections was told
 * @listen: addresses to listen on
 * @n_listen: how many
 * @listen_given: the file names them; otherwise they are the wildcards
 * @port: for addresses without one
 * @state: state directory
 * @control: path of the control socket
 * @identity: this host's; the octets belong to the configuration
 * @certificate: path of this host's certificate, or NULL
 * @key: path of its private key, or NULL
 * @anchors: path of the roots that all peers may have, or NULL
 * @crls: path of revocation lists, or NULL
 * @own: certificate and key, after config_read_keys()
 * @cert_urls: where certificates of all peers may be fetched from, or NULL
 * @cert_user: user who fetches them
 * @cert_seconds: patience with the server
 * @cert_cache: seconds that they are kept
 * @skew: how far a peer's clock may be off, in seconds
 * @peers: list
 * @groups: list
 */
struct config {
	unsigned int refs;
	char *path;
	bool faulty;
	union udp_addr listen[CONFIG_LISTEN_MAX];
	size_t n_listen;
	bool listen_given;
	uint16_t port;
	char *state;
	char *control;
	struct mikey_id identity;
	char *certificate;
	char *key;
	char *anchors;
	char *crls;
	struct mikey_own *own;
	char *cert_urls;
	char *cert_user;
	unsigned int cert_seconds;
	unsigned int cert_cache;
	unsigned int skew;
	struct peer *peers;
	struct group *groups;
};

/** config_tell_fn - a mistake in a configuration file, with file and line */
typedef void (*config_tell_fn)(void *arg, const struct failure *mistake);

/**
 * config_read - read a configuration file with all its mistakes, but no key files
 * @path: the file
 * @config: the result, to be released by config_put(); also if there are mistakes,
 *	NULL if there is no file
 * @tell: called for each mistake
 * @arg: for @tell
 * Return: 0, or -1 if there are mistakes.
 */
int config_read(const char *path, struct config **config, config_tell_fn tell, void *arg);

/**
 * config_load - read a configuration file, but not the key files
 * @path: the file
 * @config: the result, to be released by config_put()
 * @failure: the first mistake, with file and line
 * Return: 0 or -1.
 */
int config_load(const char *path, struct config **config, struct failure *failure);

/**
 * config_read_psk - read the file of a peer's shared key, if it has one
 * @peer: peer
 * @failure: why not
 * Return: 0 or -1.
 */
int config_read_psk(struct peer *peer, struct failure *failure);

/**
 * config_read_certs - read the certificates that a peer's modes need, if they do
 * @config: configuration
 * @peer: peer
 * @failure: why not
 * Return: 0 or -1.
 */
int config_read_certs(struct config *config, struct peer *peer, struct failure *failure);

/**
 * config_read_keys - read the files of keys and certificates
 * @config: configuration
 * @only: of this peer, NULL for all
 * @failure: why not
 * Return: 0 or -1.
 */
int config_read_keys(struct config *config, const struct peer *only, struct failure *failure);

/**
 * config_get - hold a configuration
 * @config: configuration
 * Return: @config
 */
struct config *config_get(struct config *config);

/**
 * config_put - let go of a configuration; the last one wipes its keys
 * @config: configuration or NULL
 */
void config_put(struct config *config);

/**
 * config_peer - find a peer by name
 * @config: configuration
 * @name: its name
 * Return: the peer or NULL.
 */
struct peer *config_peer(const struct config *config, const char *name);

/**
 * config_group - find a group by name
 * @config: configuration
 * @name: its name
 * Return: the group or NULL.
 */
struct group *config_group(const struct config *config, const char *name);

/**
 * peer_find - who sent this?
 * @config: configuration
 * @id: initiator's identity; empty if the message has none
 * @from: where it came from, counts only without identity
 * Return: the peer that has this identity, or this address; NULL if there is
 * none. Looks at every peer in any case.
 */
struct peer *peer_find(const struct config *config, const struct mikey_id *id,
		       const union udp_addr *from);

/**
 * peer_accept - what may be agreed with a peer
 * @peer: peer
 * @tls: the carrier is known to be TLS
 */
struct mikey_accept peer_accept(const struct peer *peer, bool tls);

/** CONFIG_SIGN_MODES - modes that need certificates, as MIKEY_MODE_BIT() */
#define CONFIG_SIGN_MODES (MIKEY_MODE_BIT(MIKEY_PK_INIT) | MIKEY_MODE_BIT(MIKEY_DH_INIT) | \
			   MIKEY_MODE_BIT(MIKEY_RSAR_INIT))

/**
 * CONFIG_GROUP_MODES - modes in which one host gives others the same keys, the same way:
 * with Diffie-Hellman each pair has its own (RFC 3830 3.3), in reverse RSA who is called
 * chooses them
 */
#define CONFIG_GROUP_MODES (MIKEY_MODE_BIT(MIKEY_PSK_INIT) | MIKEY_MODE_BIT(MIKEY_PK_INIT))

/**
 * peer_creds - what we and a peer prove ourselves with
 * @config: configuration; its keys have been read
 * @peer: peer
 */
struct mikey_creds peer_creds(const struct config *config, const struct peer *peer);

/**
 * peer_init - how we call a peer
 * @config: configuration
 * @peer: peer; its key has been read
 */
struct mikey_init peer_init(const struct config *config, const struct peer *peer);

/**
 * peer_policy - what we propose to a peer
 * @peer: peer
 * @policy: of its first suite, with the modifiers of its section
 */
void peer_policy(const struct peer *peer, struct mikey_policy *policy);

/**
 * peer_is_plain - has this peer no key, so that its carrier must be TLS?
 * @peer: peer
 */
bool peer_is_plain(const struct peer *peer);

/** IDENTITY_MAX - most octets of an identity */
#define IDENTITY_MAX 1024
/** IDENTITY_TEXT_MAX - room for an identity as text */
#define IDENTITY_TEXT_MAX (4 * IDENTITY_MAX + 8)

/**
 * identity_parse - text to identity
 * @text: "nai:alice@example.org", "uri:sip:alice@example.org" or "bytes:HEX";
 *	without such a word what has an "@" and no ":" is a NAI
 * @id: filled, with octets from malloc()
 * @failure: why not
 * Return: 0 or -1.
 */
int identity_parse(const char *text, struct mikey_id *id, struct failure *failure);

/**
 * identity_text - identity to text
 * @id: identity
 * @text: IDENTITY_TEXT_MAX octets, filled with what identity_parse() takes;
 *	octets that a terminal might obey are escaped
 * Return: @text
 */
const char *identity_text(const struct mikey_id *id, char *text);

#endif
