// SPDX-License-Identifier: GPL-2.0
/*
 * Walks messages by their layouts, and bundles.
 */
#include <stdio.h>

#include "clock.h"
#include "layout.h"
#include "visit.h"
#include "wire.h"

/**
 * struct walk - one walk
 * @to: who is told
 * @base: first octet of what the views point into, for offsets; may be NULL
 * @len: its octets
 */
struct walk {
	const struct mikey_visitor *to;
	const uint8_t *base;
	size_t len;
};

static void say(const struct walk *w, const char *name, const struct mikey_value *value)
{
	w->to->field(w->to->arg, name, value);
}

static void say_number(const struct walk *w, const char *name, uint64_t number,
		       const char *symbol)
{
	struct mikey_value value = {
		.kind = MIKEY_VALUE_NUMBER, .number = number, .symbol = symbol,
		.offset = MIKEY_NO_OFFSET,
	};

	say(w, name, &value);
}

static void say_bool(const struct walk *w, const char *name, bool yes)
{
	struct mikey_value value = {
		.kind = MIKEY_VALUE_BOOL, .number = yes, .offset = MIKEY_NO_OFFSET,
	};

	say(w, name, &value);
}

static void say_name(const struct walk *w, const char *name, const char *symbol)
{
	struct mikey_value value = {
		.kind = MIKEY_VALUE_NAME, .symbol = symbol, .offset = MIKEY_NO_OFFSET,
	};

	say(w, name, &value);
}

static size_t offset_of(const struct walk *w, const uint8_t *data)
{
	if (!w->base || !data || data < w->base || data > w->base + w->len)
		return MIKEY_NO_OFFSET;
	return (size_t)(data - w->base);
}

static void say_octets(const struct walk *w, const char *name, struct mikey_view octets,
		       enum mikey_value_kind kind, bool secret)
{
	struct mikey_value value = {
		.kind = kind,
		.secret = secret,
		.data = secret && !w->to->secrets ? NULL : octets.data,
		.len = octets.len,
		.offset = offset_of(w, octets.data),
	};

	say(w, name, &value);
}

/* RFC 3830 4.2.8: a time stamp, and the time that it means */
static void say_stamp(const struct walk *w, const struct mikey_payload *t)
{
	struct mikey_ts ts;
	struct timespec time;
	struct tm tm;
	char text[48];
	struct mikey_view view = { (const uint8_t *)text, 0 };

	mikey_ts_read(t, &ts);
	if (ts.type == MIKEY_TS_COUNTER) {
		say_number(w, "counter", ts.value, NULL);
		return;
	}
	say_octets(w, "ntp", t->t.value, MIKEY_VALUE_OCTETS, false);
	mikey_ntp_to_unix(mikey_ts_64(&ts), &time);
	if (!gmtime_r(&time.tv_sec, &tm))
		return;
	view.len = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	view.len += (size_t)snprintf(text + view.len, sizeof(text) - view.len, ".%06uZ",
				     (unsigned int)(time.tv_nsec / 1000) % 1000000);
	say_octets(w, "utc", view, MIKEY_VALUE_TEXT, false);
}

/* Names of the values of SP parameters */
static enum mikey_space param_space(uint32_t type)
{
	static const uint8_t spaces[MIKEY_SP_PARAM_COUNT] = {
		[MIKEY_SP_ENCR_ALG] = MIKEY_NS_SRTP_ENCR,
		[MIKEY_SP_AUTH_ALG] = MIKEY_NS_SRTP_AUTH,
		[MIKEY_SP_PRF] = MIKEY_NS_SRTP_PRF,
		[MIKEY_SP_SRTP_ENCR] = MIKEY_NS_ON_OFF,
		[MIKEY_SP_SRTCP_ENCR] = MIKEY_NS_ON_OFF,
		[MIKEY_SP_SRTP_AUTH] = MIKEY_NS_ON_OFF,
		[MIKEY_SP_SRTP_AUTH_ALG] = MIKEY_NS_SRTP_AUTH,
		[MIKEY_SP_SRTCP_AUTH_ALG] = MIKEY_NS_SRTP_AUTH,
	};

	return type < MIKEY_SP_PARAM_COUNT ? spaces[type] : MIKEY_NS_NONE;
}

static void say_param(const struct walk *w, uint32_t prot, uint32_t type,
		      struct mikey_view octets)
{
	bool srtp = prot == MIKEY_PROT_SRTP;
	uint64_t number;

	w->to->object(w->to->arg, NULL);
	say_number(w, "type", type, srtp ? mikey_name(MIKEY_NS_SP_PARAM, type) : NULL);
	if (octets.len && octets.len <= 8 && srtp) {
		number = get_be(octets.data, octets.len);
		say_number(w, "value", number,
			   mikey_name(param_space(type), (unsigned int)number));
	} else {
		say_octets(w, "octets", octets, MIKEY_VALUE_OCTETS, false);
	}
	w->to->end(w->to->arg);
}

static void say_params(const struct walk *w, const struct mikey_payload *sp)
{
	struct mikey_view params = sp->sp.params;
	struct mikey_view value;
	uint32_t type;

	w->to->array(w->to->arg, "param");
	while (mikey_sp_next(&params, &type, &value))
		say_param(w, sp->sp.prot, type, value);
	w->to->end(w->to->arg);
}

static void say_uint(const struct walk *w, const struct layout_field *field, uint32_t number)
{
	struct mikey_value value = {
		.kind = field->show == SHOW_BOOL ? MIKEY_VALUE_BOOL : MIKEY_VALUE_NUMBER,
		.hex = field->show == SHOW_HEX,
		.number = number,
		.symbol = mikey_name(field->space, number),
		.offset = MIKEY_NO_OFFSET,
	};

	if (field->show != SHOW_RESERVED || number)
		say(w, field->name, &value);
}

static void say_field(const struct walk *w, const struct layout_field *field, const void *object)
{
	if (field->kind == LAYOUT_NEXT || !layout_holds(object, &field->when))
		return;
	if (field->kind == LAYOUT_UINT)
		say_uint(w, field, layout_u32(object, field->at));
	else if (field->show == SHOW_STAMP)
		say_stamp(w, object);
	else if (field->show == SHOW_PARAMS)
		say_params(w, object);
	else
		say_octets(w, field->name, *layout_view(object, field->at),
			   field->show == SHOW_TEXT ? MIKEY_VALUE_TEXT : MIKEY_VALUE_OCTETS,
			   field->secret && layout_holds(object, &field->secret_if));
}

static void say_fields(const struct walk *w, const struct layout *layout, const void *object)
{
	const struct layout_field *field;

	for (field = layout->fields; field->kind != LAYOUT_END; field++)
		say_field(w, field, object);
}

static void say_payload(const struct walk *w, const struct mikey_payload *payload,
			const struct mikey_chain *clear);

/* The decrypted data lies elsewhere: its offsets are of no use */
static void say_chain(const struct walk *w, const struct mikey_chain *chain)
{
	struct walk inner = { .to = w->to };
	size_t i;

	w->to->array(w->to->arg, "keys");
	for (i = 0; i < chain->n; i++)
		say_payload(&inner, &chain->sub[i], NULL);
	w->to->end(w->to->arg);
}

static void say_payload(const struct walk *w, const struct mikey_payload *payload,
			const struct mikey_chain *clear)
{
	w->to->object(w->to->arg, NULL);
	say_name(w, "payload", mikey_name(MIKEY_NS_PAYLOAD, payload->type));
	if (w->base)
		say_number(w, "offset", payload->offset, NULL);
	say_fields(w, layout_payload(payload->type), payload);
	if (clear && payload->type == MIKEY_PL_KEMAC)
		say_chain(w, clear);
	w->to->end(w->to->arg);
}

static void say_hdr(const struct walk *w, const struct mikey_hdr *hdr)
{
	const struct layout *map = layout_map(hdr->map_type);
	uint32_t i;

	w->to->object(w->to->arg, "hdr");
	say_fields(w, &layout_hdr, hdr);
	if (map && hdr->map_type != MIKEY_MAP_EMPTY) {
		w->to->array(w->to->arg, map->tag);
		for (i = 0; i < hdr->n_cs; i++) {
			w->to->object(w->to->arg, NULL);
			say_fields(w, map, &hdr->cs[i]);
			w->to->end(w->to->arg);
		}
		w->to->end(w->to->arg);
	}
	w->to->end(w->to->arg);
}

void mikey_visit_msg(const struct mikey_msg *msg, const struct mikey_chain *clear,
		     const struct mikey_visitor *visitor)
{
	struct walk w = { visitor, msg->raw.data, msg->raw.len };
	size_t i;

	say_hdr(&w, &msg->hdr);
	visitor->array(visitor->arg, "payloads");
	for (i = 0; i < msg->n_payloads; i++)
		say_payload(&w, &msg->payload[i], clear);
	visitor->end(visitor->arg);
}

void mikey_visit_policy(const struct mikey_policy *policy, const struct mikey_visitor *visitor)
{
	const struct walk w = { .to = visitor };
	const struct {
		const char *name;
		uint32_t value;
		enum mikey_space space;
	} fields[] = {
		{ "encr_alg", policy->encr_alg, MIKEY_NS_SRTP_ENCR },
		{ "encr_len", policy->key_len, MIKEY_NS_NONE },
		{ "salt_len", policy->salt_len, MIKEY_NS_NONE },
		{ "prf", policy->prf, MIKEY_NS_SRTP_PRF },
		{ "kd_rate", policy->kdr, MIKEY_NS_NONE },
		{ "srtp_encr", policy->srtp_encr, MIKEY_NS_ON_OFF },
		{ "srtcp_encr", policy->srtcp_encr, MIKEY_NS_ON_OFF },
		{ "srtp_auth", policy->srtp_auth, MIKEY_NS_ON_OFF },
		{ "fec", policy->fec, MIKEY_NS_NONE },
		{ "srtp_prefix", policy->prefix_len, MIKEY_NS_NONE },
		{ "roc_rate", policy->roc_rate, MIKEY_NS_NONE },
		{ "srtp_auth_alg", policy->srtp_auth_alg, MIKEY_NS_SRTP_AUTH },
		{ "srtcp_auth_alg", policy->srtcp_auth_alg, MIKEY_NS_SRTP_AUTH },
		{ "srtp_auth_key_len", policy->srtp_auth_key_len, MIKEY_NS_NONE },
		{ "srtcp_auth_key_len", policy->srtcp_auth_key_len, MIKEY_NS_NONE },
		{ "srtp_tag_len", policy->srtp_tag_len, MIKEY_NS_NONE },
		{ "srtcp_tag_len", policy->srtcp_tag_len, MIKEY_NS_NONE },
		{ "aead_tag_len", policy->aead_tag_len, MIKEY_NS_NONE },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fields); i++)
		say_number(&w, fields[i].name, fields[i].value,
			   mikey_name(fields[i].space, fields[i].value));
}

static void say_key(const struct walk *w, const struct mikey_session_key *key)
{
	w->to->object(w->to->arg, NULL);
	say_octets(w, "mki", (struct mikey_view){ key->mki, key->mki_len }, MIKEY_VALUE_OCTETS,
		   false);
	if (key->has_interval) {
		say_number(w, "from", key->from, NULL);
		say_number(w, "to", key->to, NULL);
	}
	say_octets(w, "master_key", (struct mikey_view){ key->key, key->key_len },
		   MIKEY_VALUE_OCTETS, true);
	say_octets(w, "master_salt", (struct mikey_view){ key->salt, key->salt_len },
		   MIKEY_VALUE_OCTETS, true);
	w->to->end(w->to->arg);
}

static void say_session(const struct walk *w, const struct mikey_session *s)
{
	size_t i;

	w->to->object(w->to->arg, NULL);
	say_number(w, "cs_id", s->cs_id, NULL);
	say_bool(w, "from_initiator", s->from_initiator);
	say_number(w, "ssrc", s->ssrc, s->ssrc ? NULL : "any");
	say_number(w, "roc", s->roc, NULL);
	if (s->has_seq)
		say_number(w, "seq", s->seq, NULL);
	say_name(w, "suite", s->suite->name);
	w->to->object(w->to->arg, "policy");
	mikey_visit_policy(&s->policy, w->to);
	w->to->end(w->to->arg);
	w->to->array(w->to->arg, "keys");
	for (i = 0; i < s->n_keys; i++)
		say_key(w, &s->keys[i]);
	w->to->end(w->to->arg);
	w->to->end(w->to->arg);
}

static void say_id(const struct walk *w, const char *name, const struct mikey_id *id)
{
	if (id->data.len)
		say_octets(w, name, id->data, MIKEY_VALUE_TEXT, false);
}

void mikey_visit_csb(const struct mikey_csb *csb, const struct mikey_visitor *visitor)
{
	const struct walk w = { .to = visitor };
	struct mikey_value id = {
		.kind = MIKEY_VALUE_NUMBER, .hex = true, .number = csb->csb_id,
		.offset = MIKEY_NO_OFFSET,
	};
	size_t i;

	say(&w, "csb_id", &id);
	say_bool(&w, "initiator", csb->initiator);
	say_number(&w, "type", csb->data_type, mikey_name(MIKEY_NS_DATA_TYPE, csb->data_type));
	say_id(&w, "idi", &csb->idi);
	say_id(&w, "idr", &csb->idr);
	visitor->array(visitor->arg, "sessions");
	for (i = 0; i < csb->n_sessions; i++)
		say_session(&w, &csb->sessions[i]);
	visitor->end(visitor->arg);
}
