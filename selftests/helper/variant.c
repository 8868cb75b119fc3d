// SPDX-License-Identifier: GPL-2.0
#include "variant.h"

void without_v(struct fixture *f)
{
	f->offer.verify = false;
}

void strong_transforms(struct fixture *f)
{
	f->offer.prf = MIKEY_PRF_HMAC_SHA256;
	f->init.encr_alg = MIKEY_ENCR_AES_CM_256;
	f->init.mac_alg = MIKEY_MAC_HMAC_SHA256;
	mikey_suite_policy(mikey_suite_by_name("AEAD_AES_256_GCM"), &f->policies[0]);
}

void bare_keys(struct fixture *f)
{
	f->init.encr_alg = MIKEY_ENCR_NULL;
	f->init.mac_alg = MIKEY_MAC_NULL;
	f->accept.flags |= MIKEY_ALLOW_NULL;
}

void one_mki(struct fixture *f)
{
	f->keys[0].kv = (struct mikey_kv_data){ .kv = MIKEY_KV_SPI, .spi = view("\1\2\3\4") };
	f->offer.n_keys = 1;
}

void two_mkis(struct fixture *f)
{
	one_mki(f);
	f->keys[1].kv = (struct mikey_kv_data){ .kv = MIKEY_KV_SPI, .spi = view("\1\2\3\5") };
	f->keys[1].type = MIKEY_KEY_TGK_SALT;
	f->offer.n_keys = 2;
}

void one_interval(struct fixture *f)
{
	static const uint8_t ends[2][6] = { { 0 }, { 0, 0, 0, 255, 255, 255 } };

	f->keys[0].kv = (struct mikey_kv_data){ .kv = MIKEY_KV_INTERVAL,
						.from = { ends[0], 6 }, .to = { ends[1], 6 } };
	f->offer.n_keys = 1;
}

void one_tek(struct fixture *f)
{
	f->keys[0].type = MIKEY_KEY_TEK_SALT;
	f->offer.n_keys = 1;
	f->offer.n_cs = 1;
}

void generic_map(struct fixture *f)
{
	f->offer.map_type = MIKEY_MAP_GENERIC;
	f->cs[0].has_seq = true;
	f->cs[0].seq = 77;
	f->cs[0].cs_id = 5;
	f->cs[1].cs_id = 6;
}

void empty_map(struct fixture *f)
{
	f->offer.map_type = MIKEY_MAP_EMPTY;
	f->offer.n_cs = f->offer.n_policies = 0;
	f->accept.empty_map_cs = 2;
}

void counter_time(struct fixture *f)
{
	f->offer.ts.type = MIKEY_TS_COUNTER;
	f->bob.counters = true;
}

void weak_group(struct fixture *f)
{
	f->init.dh_group = MIKEY_OAKLEY_2;
	f->accept.flags |= MIKEY_ALLOW_WEAK_DH;
}

void gcm_policy(struct fixture *f)
{
	mikey_suite_policy(mikey_suite_by_name("AEAD_AES_128_GCM"), &f->policies[0]);
}

void group_member(struct fixture *f)
{
	static const struct mikey_cs_offer cs[1] = { { .ssrc = 0x33333333, .roc = 5 } };
	static struct mikey_group group = { .csb_id = 0xabcdef01, .cs = cs, .n_cs = 1 };

	group.rand = view("sixteen octets..");
	group.key.key = view("a group's TGK...");
	mikey_policy_default(&group.policy);
	f->group = &group;
	f->offer.group = true;
	f->offer.n_policies = f->offer.n_cs = 0;
}

void wrong_psk(struct fixture *f)
{
	f->bob_psk = view("0123456789abcdeF");
}

void stranger(struct fixture *f)
{
	f->bob_knows = false;
}
