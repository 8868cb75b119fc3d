// SPDX-License-Identifier: GPL-2.0
/*
 * Tables of MIKEY's own algorithms, and which of them go together.
 */
#include "algs.h"
#include "wire.h"

#define ENTRY(table, i) ((i) < ARRAY_SIZE(table) ? &(table)[i] : NULL)

const struct mac_alg *prf_alg(uint32_t prf)
{
	static const struct mac_alg table[] = {
		[MIKEY_PRF_HMAC_SHA1] = { "SHA1", 20, 128 },
		[MIKEY_PRF_HMAC_SHA256] = { "SHA256", 32, 256 },
	};

	return ENTRY(table, prf);
}

const struct mac_alg *mac_alg(uint32_t mac)
{
	static const struct mac_alg table[] = {
		[MIKEY_MAC_NULL] = { NULL, 0, 0 },
		[MIKEY_MAC_HMAC_SHA1] = { "SHA1", 20, 128 },
		[MIKEY_MAC_HMAC_SHA256] = { "SHA256", 32, 256 },
	};

	return ENTRY(table, mac);
}

const struct encr_alg *encr_alg(uint32_t encr)
{
	static const struct encr_alg table[] = {
		[MIKEY_ENCR_NULL] = { 0, 0, 0, false },
		[MIKEY_ENCR_AES_CM_128] = { 16, 14, 128, false },
		[MIKEY_ENCR_AES_KW_128] = { 16, 8, 128, true },
		[MIKEY_ENCR_AES_CM_256] = { 32, 14, 256, false },
	};

	return ENTRY(table, encr);
}

bool mikey_prf_known(uint32_t prf)
{
	return prf_alg(prf);
}

size_t mikey_mac_len(uint32_t mac)
{
	const struct mac_alg *alg = mac_alg(mac);

	return alg ? alg->len : 0;
}

unsigned int mikey_encr_strength(uint32_t encr)
{
	const struct encr_alg *alg = encr_alg(encr);

	return alg ? alg->bits : 0;
}

/* RFC 6043 12.1: algorithms of 128 and of 256 bits are not mixed */
enum mikey_reason mikey_algs_check(uint32_t prf, uint32_t encr, uint32_t mac, size_t offset,
				   struct mikey_error *err)
{
	const struct mac_alg *p = prf_alg(prf);
	const struct encr_alg *e = encr_alg(encr);
	const struct mac_alg *m = mac_alg(mac);

	if (!p)
		return mikey_fail(err, MIKEY_UNSUP_PRF, 3, "PRF function %u is not supported",
				  prf);
	if (!e)
		return mikey_fail(err, MIKEY_UNSUP_ENCR, offset,
				  "KEMAC encryption %u is not supported", encr);
	if (!m)
		return mikey_fail(err, MIKEY_UNSUP_MAC, offset, "MAC algorithm %u is not supported",
				  mac);
	if ((e->bits && e->bits != p->bits) || (m->bits && m->bits != p->bits))
		return mikey_fail(err, MIKEY_MIXED_STRENGTH, offset,
				  "%s, %s and %s mix 128 and 256 bits",
				  mikey_name(MIKEY_NS_PRF, prf), mikey_name(MIKEY_NS_ENCR, encr),
				  mikey_name(MIKEY_NS_MAC, mac));
	return MIKEY_OK;
}
