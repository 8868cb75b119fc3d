// SPDX-License-Identifier: GPL-2.0
/*
 * From a MIKEY bundle to a session of the kernel.
 *
 * Every function opens a connection of its own: the module may have been
 * unloaded and loaded again since the last one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "fields.h"
#include "install.h"
#include "model.h"

/**
 * struct part - a stream to be made
 * @cs: where its policy and keys are
 * @tx: it sends
 * @ssrc: 0 for any
 */
struct part {
	const struct mikey_session *cs;
	bool tx;
	uint32_t ssrc;
};

/* Is the crypto session of this kernel session? */
static bool is_mine(const struct install *how, const struct mikey_session *cs)
{
	return !how->cs_first || (cs->cs_id >= how->cs_first && cs->cs_id <= how->cs_last);
}

/*
 * Is the stream sent here? In a group everybody has all keys, and two hosts that sent
 * with one SSRC would use a keystream twice: who an SSRC belongs to decides.
 */
static bool is_sent(const struct mikey_csb *csb, const struct install *how,
		    const struct mikey_session *cs)
{
	if (how->peer->group)
		return cs->ssrc && cs->ssrc == how->peer->local_ssrc;
	return cs->from_initiator == csb->initiator;
}

/*
 * The n-th stream that a bundle makes. A crypto session is one direction; where
 * it is both, the SSRC that it names is that of the initiator's stream.
 */
static bool nth_part(const struct mikey_csb *csb, const struct install *how, size_t n,
		     struct part *part)
{
	size_t i, ways;

	if (!csb)
		return false;
	ways = how->both_ways ? 2 : 1;
	for (i = 0; i < csb->n_sessions; i++) {
		if (!is_mine(how, &csb->sessions[i]))
			continue;
		if (n < ways)
			break;
		n -= ways;
	}
	if (i == csb->n_sessions)
		return false;
	part->cs = &csb->sessions[i];
	part->tx = is_sent(csb, how, part->cs) != (n == 1);
	part->ssrc = n == 1 ? 0 : part->cs->ssrc;
	return true;
}

static bool is_wanted(const struct part *part, enum install_what what)
{
	return what & (part->tx ? INSTALL_TX : INSTALL_RX);
}

/* RFC 4771: how packets carry the ROC; their tag then has its octets, too */
static void set_rtp_auth(struct kernel_stream *stream, const struct mikey_policy *policy,
			 const struct mikey_policy *plain)
{
	static const unsigned int modes[] = {
		[MIKEY_SRTP_AUTH_RCCM1] = SRTP_RCC_MODE_M1,
		[MIKEY_SRTP_AUTH_RCCM2] = SRTP_RCC_MODE_M2,
		[MIKEY_SRTP_AUTH_RCCM3] = SRTP_RCC_MODE_M3,
	};
	bool rcc = policy->srtp_auth_alg >= MIKEY_SRTP_AUTH_RCCM1;

	if (rcc) {
		KERNEL_SET(stream, SRTP_A_STREAM_RCC_MODE, rcc_mode, modes[policy->srtp_auth_alg]);
		KERNEL_SET(stream, SRTP_A_STREAM_RCC_RATE, rcc_rate, policy->roc_rate);
	}
	if (policy->srtp_auth && policy->srtp_auth_alg != MIKEY_SRTP_AUTH_RCCM3 &&
	    policy->srtp_tag_len != plain->srtp_tag_len)
		KERNEL_SET(stream, SRTP_A_STREAM_SRTP_TAG_LEN, srtp_tag_len, policy->srtp_tag_len);
}

/*
 * The policy: the suite, and only those modifiers that differ from it, so that
 * a kernel which does not know one refuses it only where it matters.
 */
static bool set_policy(struct kernel_stream *stream, const struct mikey_session *cs)
{
	const struct mikey_policy *policy = &cs->policy;
	struct mikey_policy plain;
	unsigned int suite;

	if (!field_value(&suite_words, cs->suite->name, &suite))
		return false;
	mikey_suite_policy(cs->suite, &plain);
	KERNEL_SET(stream, SRTP_A_STREAM_SUITE, suite, suite);
	if (!policy->srtp_encr)
		KERNEL_SET(stream, SRTP_A_STREAM_NO_SRTP_ENCRYPTION, no_srtp_encryption, 1);
	if (!policy->srtcp_encr)
		KERNEL_SET(stream, SRTP_A_STREAM_NO_SRTCP_ENCRYPTION, no_srtcp_encryption, 1);
	if (!policy->srtp_auth)
		KERNEL_SET(stream, SRTP_A_STREAM_NO_SRTP_AUTHENTICATION, no_srtp_authentication, 1);
	set_rtp_auth(stream, policy, &plain);
	if (policy->srtcp_tag_len != plain.srtcp_tag_len)
		KERNEL_SET(stream, SRTP_A_STREAM_SRTCP_TAG_LEN, srtcp_tag_len,
			   policy->srtcp_tag_len);
	if (policy->kdr)
		KERNEL_SET(stream, SRTP_A_STREAM_KDR, kdr, policy->kdr);
	if (cs->keys[0].mki_len)
		KERNEL_SET(stream, SRTP_A_STREAM_MKI_LEN, mki_len, cs->keys[0].mki_len);
	return true;
}

/* RFC 3830 6.1.1: a ROC that is not 0 tells a late receiver where to join. */
static bool set_stream(struct kernel_stream *stream, const struct part *part)
{
	const struct mikey_session *cs = part->cs;

	KERNEL_SET(stream, SRTP_A_STREAM_DIRECTION, direction,
		   part->tx ? SRTP_DIRECTION_TX : SRTP_DIRECTION_RX);
	if (part->ssrc)
		KERNEL_SET(stream, SRTP_A_STREAM_SSRC, ssrc, part->ssrc);
	if (part->tx)
		KERNEL_SET(stream, SRTP_A_STREAM_FRESH, fresh, 1);
	else if (cs->roc && part->ssrc)
		KERNEL_SET(stream, SRTP_A_STREAM_ROC, roc, cs->roc);
	if (!part->tx && cs->has_seq && part->ssrc)
		KERNEL_SET(stream, SRTP_A_STREAM_SEQ, seq, cs->seq);
	return set_policy(stream, cs);
}

/* When the kernel tells that a key is due to be renewed. */
static void set_limits(struct kernel_key *key, const struct install *how)
{
	if (how->peer->rekey_packets)
		KERNEL_SET(key, SRTP_A_KEY_SOFT_PACKETS, soft_packets, how->peer->rekey_packets);
	if (how->peer->rekey_seconds)
		KERNEL_SET(key, SRTP_A_KEY_SOFT_SECONDS, soft_seconds, how->peer->rekey_seconds);
}

static int set_key(struct kernel_key *key, const struct mikey_session_key *from, bool active,
		   const struct install *how)
{
	set_limits(key, how);
	memcpy(key->master_key, from->key, from->key_len);
	KERNEL_SET(key, SRTP_A_KEY_MASTER_KEY, master_key_len, from->key_len);
	memcpy(key->master_salt, from->salt, from->salt_len);
	KERNEL_SET(key, SRTP_A_KEY_MASTER_SALT, master_salt_len, from->salt_len);
	if (active)
		KERNEL_SET(key, SRTP_A_KEY_ACTIVE, active, 1);
	if (from->has_interval) {
		KERNEL_SET(key, SRTP_A_KEY_FROM, from, from->from);
		KERNEL_SET(key, SRTP_A_KEY_TO, to, from->to);
	}
	if (!from->mki_len)
		return 0;
	key->mki.data = malloc(from->mki_len);
	if (!key->mki.data)
		return -ENOMEM;
	memcpy(key->mki.data, from->mki, from->mki_len);
	KERNEL_SET(key, SRTP_A_KEY_MKI, mki.len, from->mki_len);
	return 0;
}

static int no_suite(const struct mikey_session *cs, struct failure *failure)
{
	return failure_set(failure, MIKEY_EXIT_UNSUPPORTED, "unsupported-suite",
			   "the kernel's interface has no suite %s", cs->suite->name);
}

static int add_stream(struct session_spec *spec, const struct part *part,
		      const struct install *how, struct failure *failure)
{
	struct stream_spec *stream = session_add_stream(spec);
	struct kernel_key *key;
	size_t i;

	if (!stream)
		return failure_errno(failure, ENOMEM, "session");
	if (!set_stream(&stream->attrs, part))
		return no_suite(part->cs, failure);
	for (i = 0; i < part->cs->n_keys; i++) {
		key = stream_add_key(stream);
		if (!key || set_key(key, &part->cs->keys[i], i == 0, how))
			return failure_errno(failure, ENOMEM, "session");
	}
	return 0;
}

static void set_session(struct kernel_session *session, const struct install *how)
{
	const char *name = how->name ? how->name : how->peer->session_name;

	KERNEL_SET(session, SRTP_A_SESSION_OWNER, owner, how->owner);
	strncpy(session->name, name, SRTP_NAME_MAX);
	session->has |= KERNEL_BIT(SRTP_A_SESSION_NAME);
	if (how->peer->pass_non_rtp)
		KERNEL_SET(session, SRTP_A_SESSION_PASS_NON_RTP, pass_non_rtp, 1);
	if (how->peer->auto_delete)
		KERNEL_SET(session, SRTP_A_SESSION_AUTO_DELETE, auto_delete, 1);
	if (how->provisional)
		KERNEL_SET(session, SRTP_A_SESSION_PROVISIONAL, provisional, how->provisional);
}

static int fill(struct session_spec *spec, const struct mikey_csb *csb,
		const struct install *how, struct failure *failure)
{
	enum install_what what = how->receive_only ? INSTALL_RX : INSTALL_BOTH;
	struct part part;
	size_t n;

	set_session(&spec->attrs, how);
	for (n = 0; nth_part(csb, how, n, &part); n++)
		if (is_wanted(&part, what) && add_stream(spec, &part, how, failure))
			return -1;
	return 0;
}

static int kernel_failed(const struct kernel *kernel, int err, struct failure *failure)
{
	return failure_set(failure, kernel_exit(err), kernel_reason(err),
			   "the kernel does not take the session: %s", kernel_error(kernel));
}

int install_bundle(const struct mikey_csb *csb, const struct install *how, uint32_t *session,
		   struct failure *failure)
{
	struct session_spec spec = { 0 };
	struct kernel *kernel = NULL;
	int ret = fill(&spec, csb, how, failure);
	int err;

	if (!ret) {
		err = kernel_open(&kernel);
		if (!err)
			err = session_install(kernel, &spec, NULL);
		if (err)
			ret = kernel_failed(kernel, err, failure);
	}
	*session = ret ? 0 : spec.attrs.id;
	kernel_close(kernel);
	session_clear(&spec);
	return ret;
}

/*
 * Without MKI a stream receives with two keys at most, and none has more than 16:
 * what is left of the last renewal, or of one that failed, gives way.
 */
static int new_key(struct kernel *kernel, struct kernel_key *key,
		   const struct install *how)
{
	int err = kernel_key_new(kernel, key);

	if ((err == -EBUSY || err == -ENOSPC) &&
	    !install_give_way(kernel, key->session, key->stream, how->old_idle))
		err = kernel_key_new(kernel, key);
	return err;
}

static int new_keys(struct kernel *kernel, const struct kernel_stream *stream,
		    const struct mikey_session *cs, const struct install *how, bool active)
{
	struct kernel_key key;
	size_t i;
	int err = 0;

	for (i = 0; i < cs->n_keys && !err; i++) {
		memset(&key, 0, sizeof(key));
		KERNEL_SET(&key, SRTP_A_KEY_SESSION, session, stream->session);
		KERNEL_SET(&key, SRTP_A_KEY_STREAM, stream, stream->id);
		err = set_key(&key, &cs->keys[i], active && i == 0, how);
		if (!err)
			err = new_key(kernel, &key, how);
		kernel_key_clear(&key);
	}
	return err;
}

static int new_stream(struct kernel *kernel, const struct part *part,
		      const struct install *how, uint32_t session)
{
	struct kernel_stream stream = { 0 };
	int err;

	KERNEL_SET(&stream, SRTP_A_STREAM_SESSION, session, session);
	if (!set_stream(&stream, part))
		return -EOPNOTSUPP;
	err = kernel_stream_new(kernel, &stream);
	if (!err)
		err = new_keys(kernel, &stream, part->cs, how, true);
	kernel_stream_clear(&stream);
	return err;
}

static int confirm(struct kernel *kernel, uint32_t session)
{
	struct kernel_session set = { 0 };

	KERNEL_SET(&set, SRTP_A_SESSION_ID, id, session);
	KERNEL_SET(&set, SRTP_A_SESSION_PROVISIONAL, provisional, 0);
	return kernel_session_set(kernel, &set);
}

int install_streams(const struct mikey_csb *csb, const struct install *how, uint32_t session,
		    enum install_what what, struct failure *failure)
{
	struct kernel *kernel = NULL;
	int err = kernel_open(&kernel), ret = 0;
	struct part part;
	size_t n;

	for (n = 0; !err && nth_part(csb, how, n, &part); n++)
		if (is_wanted(&part, what))
			err = new_stream(kernel, &part, how, session);
	if (!err)
		err = confirm(kernel, session);
	if (err)
		ret = kernel_failed(kernel, err, failure);
	kernel_close(kernel);
	return ret;
}

int install_confirm(uint32_t session, struct failure *failure)
{
	return install_streams(NULL, NULL, session, INSTALL_BOTH, failure);
}

uint64_t install_cookie(uint32_t session)
{
	struct kernel *kernel = NULL;
	struct kernel_session found = { 0 };
	int err = session ? kernel_open(&kernel) : -ENOENT;

	if (!err)
		err = kernel_session_get(kernel, session, &found);
	kernel_close(kernel);
	return err ? 0 : found.cookie;
}

void install_remove(uint32_t session)
{
	struct kernel *kernel = NULL;

	if (session && !kernel_open(&kernel))
		kernel_session_del(kernel, session);
	kernel_close(kernel);
}

/**
 * struct search - a stream that is looked for
 * @part: its direction and SSRC
 * @only: there is one for each direction: it is meant, whatever its SSRC
 * @id: number of the best one so far, 0 for none
 * @exact: it has that SSRC, or is the wildcard and there is none
 */
struct search {
	const struct part *part;
	bool only;
	uint32_t id;
	bool exact;
};

/*
 * Streams that a wildcard made have its keys; they get none of their own. GStreamer
 * 1.26 names an SSRC in its first message, and in those that renew the key none before
 * it has received, and then that of what it receives.
 */
static int match_stream(struct kernel_stream *stream, void *arg)
{
	struct search *search = arg;
	const struct part *part = search->part;
	bool has_ssrc = KERNEL_HAS(stream, SRTP_A_STREAM_SSRC);

	if (stream->direction != (part->tx ? SRTP_DIRECTION_TX : SRTP_DIRECTION_RX) ||
	    KERNEL_HAS(stream, SRTP_A_STREAM_TEMPLATE) || search->exact ||
	    (has_ssrc && stream->ssrc != part->ssrc && !search->only))
		return 0;
	search->id = stream->id;
	search->exact = has_ssrc ? stream->ssrc == part->ssrc : !part->ssrc;
	return 0;
}

static int add_keys(struct kernel *kernel, const struct part *part, const struct install *how,
		    uint32_t session, bool later)
{
	struct kernel_stream stream = { .session = session };
	struct search search = { .part = part, .only = how->both_ways };
	int err = kernel_stream_dump(kernel, session, match_stream, &search);

	if (err)
		return err;
	stream.id = search.id;
	if (part->tx && later && !how->old_idle)
		install_drop_waiting(kernel, session, search.id);
	return search.id ? new_keys(kernel, &stream, part->cs, how, part->tx && !later) : -ENOENT;
}

int install_keys(const struct mikey_csb *csb, const struct install *how, uint32_t session,
		 enum install_what what, struct failure *failure)
{
	struct kernel *kernel = NULL;
	int err = kernel_open(&kernel), ret = 0;
	struct part part;
	size_t n;

	for (n = 0; !err && nth_part(csb, how, n, &part); n++)
		if (is_wanted(&part, what) && part.cs->changes)
			err = add_keys(kernel, &part, how, session, what & INSTALL_LATER);
	if (err)
		ret = kernel_failed(kernel, err, failure);
	kernel_close(kernel);
	return ret;
}

/* A stream that has received already knows better: EEXIST. */
static int set_roc(struct kernel *kernel, const struct part *part, uint32_t session)
{
	struct search search = { .part = part };
	struct kernel_stream set = { 0 };
	int err = kernel_stream_dump(kernel, session, match_stream, &search);

	if (err || !search.id)
		return err ? err : -ENOENT;
	KERNEL_SET(&set, SRTP_A_STREAM_SESSION, session, session);
	KERNEL_SET(&set, SRTP_A_STREAM_ID, id, search.id);
	KERNEL_SET(&set, SRTP_A_STREAM_ROC, roc, part->cs->roc);
	err = kernel_stream_set(kernel, &set);
	return err == -EEXIST ? 0 : err;
}

/*
 * RFC 3830 6.1.1: the response may be what first says the ROC of a stream. Where the
 * SSRC was left open, the wildcard hands it to the stream that it makes.
 */
int install_roc(const struct mikey_csb *csb, const struct install *how, uint32_t session,
		struct failure *failure)
{
	struct kernel *kernel = NULL;
	int err = kernel_open(&kernel), ret = 0;
	struct part part;
	size_t n;

	for (n = 0; !err && nth_part(csb, how, n, &part); n++)
		if (!part.tx && part.cs->roc)
			err = set_roc(kernel, &part, session);
	if (err)
		ret = kernel_failed(kernel, err, failure);
	kernel_close(kernel);
	return ret;
}
