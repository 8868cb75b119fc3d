// SPDX-License-Identifier: GPL-2.0
/*
 * The registered names of MIKEY's numbers, also of those that only get
 * reported: RFC 3830, 4563, 4650, 4738, 4771, 5410, 6043, 6267, 6509.
 */
#include <stddef.h>

#include "codepoint.h"
#include "wire.h"

static const char *const data_types[] = {
	"PSK init", "PSK verification", "PK init", "PK verification", "DH init", "DH response",
	"Error", "DHHMAC init", "DHHMAC response", "RSA-R init", "RSA-R response",
	"REQUEST_INIT_PSK (RFC 6043)", "REQUEST_INIT_PK (RFC 6043)", "REQUEST_RESP (RFC 6043)",
	"TRANSFER_INIT (RFC 6043)", "TRANSFER_RESP (RFC 6043)", "RESOLVE_INIT_PSK (RFC 6043)",
	"RESOLVE_INIT_PK (RFC 6043)", "RESOLVE_RESP (RFC 6043)", "REQUEST_KEY_PSK (RFC 6267)",
	"REQUEST_KEY_PK (RFC 6267)", "REQUEST_KEY_RESP (RFC 6267)", "I_MESSAGE_1 (RFC 6267)",
	"R_MESSAGE_1 (RFC 6267)", "I_MESSAGE_2 (RFC 6267)", "R_MESSAGE_2 (RFC 6267)",
	"SAKKE init (RFC 6509)",
};

static const char *const payloads[] = {
	"LAST", "KEMAC", "PKE", "DH", "SIGN", "T", "ID", "CERT", "CHASH", "V", "SP", "RAND",
	"ERR", "TR (RFC 6043)", "IDR (RFC 6043)", "RANDR (RFC 6043)", "TP (RFC 6043)",
	"TICKET (RFC 6043)", [20] = "KEY", "EXT", "IBAKE (RFC 6267)", "ESK (RFC 6267)",
	"SK (RFC 6267)", "ECCPT (RFC 6267)", "SAKKE (RFC 6509)",
};

static const char *const prfs[] = { "MIKEY-1", "PRF-HMAC-SHA-256" };

static const char *const maps[] = { "SRTP-ID", "Empty", "GENERIC-ID" };

static const char *const encrs[] = { "NULL", "AES-CM-128", "AES-KW-128", "AES-CM-256" };

static const char *const macs[] = { "NULL", "HMAC-SHA-1-160", "HMAC-SHA-256-256" };

static const char *const caches[] = { "no cache", "cache", "cache for this CSB" };

static const char *const groups[] = { "OAKLEY 5", "OAKLEY 1", "OAKLEY 2" };

static const char *const signs[] = { "RSA PKCS#1 v1.5", "RSA PSS", "ECCSI" };

static const char *const stamps[] = { "NTP-UTC", "NTP", "COUNTER", "NTP-UTC-32" };

static const char *const ids[] = { "NAI", "URI", "byte string" };

static const char *const certs[] = { "X.509", "X.509 URL", "X.509 sign", "X.509 encrypt" };

static const char *const hashes[] = { "SHA-1", "MD5", "SHA-256" };

static const char *const keys[] = {
	"TGK", "TGK+SALT", "TEK", "TEK+SALT", "GTGK", "GTGK+SALT", "MPK", "K_PR",
};

static const char *const validities[] = { "NULL", "SPI/MKI", "Interval" };

static const char *const protocols[] = { "SRTP", "TESLA" };

static const char *const extensions[] = {
	"Vendor ID", "SDP IDs", "TESLA I-Key", "Key ID", "CSB_ID", "OMA BCAST",
	"SAKKE-to-self", "3GPP key parameters",
};

static const char *const errors[] = {
	"Auth failure", "Invalid TS", "Invalid PRF", "Invalid MAC", "Invalid EA", "Invalid HA",
	"Invalid DH", "Invalid ID", "Invalid Cert", "Invalid SP", "Invalid SPpar", "Invalid DT",
	"Unspecified error", "Unsupported message type", "Invalid TICKET", "Invalid TPpar",
};

static const char *const sp_params[] = {
	"encr_alg", "encr_len", "auth_alg", "auth_key_len", "salt_len", "prf", "kd_rate",
	"srtp_encr", "srtcp_encr", "fec", "srtp_auth", "auth_tag_len", "srtp_prefix",
	"roc_rate", "srtp_auth_alg", "srtcp_auth_alg", "srtp_auth_key_len",
	"srtcp_auth_key_len", "srtp_tag_len", "srtcp_tag_len", "aead_tag_len",
};

static const char *const srtp_encrs[] = {
	"NULL", "AES-CM", "AES-F8", "SEED-CTR", "SEED-CCM", "SEED-GCM", "AES-GCM", "ARIA-CTR",
	"ARIA-GCM",
};

static const char *const srtp_auths[] = { "NULL", "HMAC-SHA-1", "RCCm1", "RCCm2", "RCCm3" };

static const char *const srtp_prfs[] = { "AES-CM", "SEED-CTR", "ARIA-CTR" };

static const char *const on_off[] = { "off", "on" };

#define SPACE(array) { array, ARRAY_SIZE(array) }

static const struct {
	const char *const *names;
	size_t n;
} spaces[MIKEY_NS_COUNT] = {
	[MIKEY_NS_DATA_TYPE] = SPACE(data_types),
	[MIKEY_NS_PAYLOAD] = SPACE(payloads),
	[MIKEY_NS_PRF] = SPACE(prfs),
	[MIKEY_NS_MAP] = SPACE(maps),
	[MIKEY_NS_ENCR] = SPACE(encrs),
	[MIKEY_NS_MAC] = SPACE(macs),
	[MIKEY_NS_CACHE] = SPACE(caches),
	[MIKEY_NS_DH_GROUP] = SPACE(groups),
	[MIKEY_NS_SIGN] = SPACE(signs),
	[MIKEY_NS_TS] = SPACE(stamps),
	[MIKEY_NS_ID] = SPACE(ids),
	[MIKEY_NS_CERT] = SPACE(certs),
	[MIKEY_NS_HASH] = SPACE(hashes),
	[MIKEY_NS_KEY_TYPE] = SPACE(keys),
	[MIKEY_NS_KV] = SPACE(validities),
	[MIKEY_NS_PROT] = SPACE(protocols),
	[MIKEY_NS_EXT] = SPACE(extensions),
	[MIKEY_NS_ERR] = SPACE(errors),
	[MIKEY_NS_SP_PARAM] = SPACE(sp_params),
	[MIKEY_NS_SRTP_ENCR] = SPACE(srtp_encrs),
	[MIKEY_NS_SRTP_AUTH] = SPACE(srtp_auths),
	[MIKEY_NS_SRTP_PRF] = SPACE(srtp_prfs),
	[MIKEY_NS_ON_OFF] = SPACE(on_off),
};

const char *mikey_name(enum mikey_space space, unsigned int number)
{
	if ((unsigned int)space >= MIKEY_NS_COUNT || number >= spaces[space].n)
		return NULL;
	return spaces[space].names[number];
}
