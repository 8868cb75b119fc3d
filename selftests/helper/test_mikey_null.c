// SPDX-License-Identifier: GPL-2.0
/*
 * Keys in clear, for carriers that are secure: refused unless allowed, and as
 * real cameras send them.
 */
#include <stdlib.h>
#include <string.h>

#include "ktap.h"
#include "tamper.h"
#include "variant.h"

static void test_null(void)
{
	struct call *c = call_new(MIKEY_PSK_INIT, NULL);

	bare_keys(c->f);
	c->f->accept.flags = 0;
	call_offer(c);
	check(c->reason == MIKEY_NULL_MAC, "alice does not offer a NULL MAC unless allowed");
	c->f->init.mac_alg = MIKEY_MAC_HMAC_SHA1;
	call_offer(c);
	check(c->reason == MIKEY_NULL_ENCR, "alice does not offer NULL encryption unless allowed");
	c->f->init.encr_alg = MIKEY_ENCR_AES_CM_128;
	c->f->init.mac_alg = MIKEY_MAC_NULL;
	c->f->accept.flags = MIKEY_ALLOW_NULL;
	call_offer(c);
	check(c->reason == MIKEY_NULL_MAC,
	      "alice does not offer encrypted keys without MAC, even if NULL is allowed");
	bare_keys(c->f);
	call_offer(c);
	c->f->accept.flags = 0;
	call_respond(c);
	check(c->reason == MIKEY_NULL_MAC && is_error(c, MIKEY_ERR_INVALID_MAC, 0),
	      "bob refuses a NULL MAC unless allowed, with Error 3 (REQ-054)");
	c->f->accept.flags = MIKEY_ALLOW_NULL;
	c->f->bob_knows = false;
	call_respond(c);
	check(c->reason == MIKEY_NULL_MAC && !c->answer.csb,
	      "a NULL MAC from an unknown peer is refused");
	c->f->bob_knows = true;
	call_respond(c);
	check(!c->reason && c->answer.csb && !c->answer.authenticated,
	      "a NULL MAC is taken where it is allowed");
	call_process(c);
	check(!c->reason, "a NULL V is taken where NULL was offered");
	call_respond(c);
	check(c->reason == MIKEY_REPLAYED, "a message with a NULL MAC is not taken twice");
	call_free(c);
}

static void test_downgrade(void)
{
	struct call *c = call_new(MIKEY_PSK_INIT, NULL);

	call_offer(c);
	c->f->accept.flags = MIKEY_ALLOW_NULL;
	call_respond_to(c, resealed(c, mikey_pending_message(c->pending), tamper_no_mac));
	check(c->reason == MIKEY_NULL_MAC && !c->answer.csb,
	      "encrypted keys without MAC are refused even from a peer that may use NULL");
	call_free(c);
}

static void any_time(struct fixture *f)
{
	bare_keys(f);
	f->accept.flags |= MIKEY_COMPAT_ANY_TIME;
}

static void test_compat_time(void)
{
	struct call *c = call_new(MIKEY_PSK_INIT, NULL);

	any_time(c->f);
	call_offer(c);
	c->f->now += MIKEY_SECONDS(1000000);
	call_respond(c);
	check(!c->reason, "compat: the clock does not matter in messages without MAC");
	c->f->accept.flags = MIKEY_ALLOW_NULL;
	call_respond(c);
	check(c->reason == MIKEY_CLOCK_SKEW && call_silent(c),
	      "strict: the clock matters in messages without MAC");
	c->f->now = c->f->offer.ts.value;
	c->f->init.encr_alg = MIKEY_ENCR_AES_CM_128;
	c->f->init.mac_alg = MIKEY_MAC_HMAC_SHA1;
	c->f->accept.flags = MIKEY_ALLOW_NULL | MIKEY_COMPAT_ANY_TIME;
	call_offer(c);
	c->f->now += MIKEY_SECONDS(1000);
	call_respond(c);
	check(c->reason == MIKEY_CLOCK_SKEW, "compat: the clock matters in messages with a MAC");
	call_free(c);
}

/* Bob as a camera's peer: no identity, no MAC, a clock that may be wrong */
static enum mikey_reason respond_to_sample(struct call *c, const char *name, uint32_t flags,
					   uint8_t *key)
{
	static struct mikey_msg msg;
	char path[8192];
	uint8_t buf[8192];
	long len;

	snprintf(path, sizeof(path), "%s/%s.b64", samples_dir(), name);
	len = read_sample(path, buf, sizeof(buf));
	if (len < 0 || mikey_parse(&msg, buf, (size_t)len, NULL))
		abort();
	memcpy(key, mikey_find(&msg, MIKEY_PL_KEMAC, 0)->kemac.encr_data.data + 4, 30);
	c->f->accept.flags = flags;
	call_respond_to(c, (struct mikey_view){ buf, (size_t)len });
	return c->reason;
}

static void test_sample(const char *name, const char *suite, enum mikey_reason without_gst,
			size_t salt_len)
{
	const uint32_t lax = MIKEY_ALLOW_NULL | MIKEY_COMPAT_ONVIF;
	struct call *c = call_new(MIKEY_PSK_INIT, NULL);
	const struct mikey_session *s;
	uint8_t key[30];

	check(respond_to_sample(c, name, 0, key) && call_silent(c), "strict: %s is refused", name);
	check(respond_to_sample(c, name, MIKEY_ALLOW_NULL, key) == MIKEY_CLOCK_SKEW,
	      "NULL allowed: %s is refused for its time", name);
	check(respond_to_sample(c, name, lax, key) == without_gst,
	      "compat=onvif: %s: %s", name, mikey_reason_token(without_gst));
	respond_to_sample(c, name, lax | MIKEY_COMPAT_GSTREAMER, key);
	s = c->answer.csb ? c->answer.csb->sessions : NULL;
	check(s && c->answer.csb->n_sessions == 1 && !strcmp(s->suite->name, suite) &&
	      s->n_keys == 1 && !memcmp(s->keys->key, key, 16) &&
	      s->keys->salt_len == salt_len && !memcmp(s->keys->salt, key + 16, salt_len),
	      "compat=onvif,gstreamer: %s is taken: %s, key and salt split", name, suite);
	call_free(c);
}

static void test_samples(void)
{
	const char *cm = "AES_CM_128_HMAC_SHA1_80", *gcm = "AEAD_AES_128_GCM";

	test_sample("gst122-rtspsrc-keymgmt", cm, MIKEY_UNSUP_SUITE, 14);
	test_sample("gst122-savp-0", cm, MIKEY_UNSUP_SUITE, 14);
	test_sample("gst126-client-managed-aes-128-gcm-null-setup", gcm, MIKEY_OK, 12);
	test_sample("gst126-client-managed-aes-128-gcm-null-rekey", gcm, MIKEY_OK, 12);
	test_sample("gst126-client-managed-aes-128-icm-hmac-sha1-80-setup", cm, MIKEY_UNSUP_SUITE,
		    14);
	test_sample("gst126-client-managed-aes-128-icm-hmac-sha1-80-rekey", cm, MIKEY_UNSUP_SUITE,
		    14);
}

int main(void)
{
	ktap_begin();
	test_null();
	test_downgrade();
	test_compat_time();
	test_samples();
	return ktap_end();
}
