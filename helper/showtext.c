// SPDX-License-Identifier: GPL-2.0
/*
 * Objects of the kernel as text for people.
 */
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include "fields.h"
#include "showjson.h"
#include "showtext.h"

/* A name of a session comes from whoever made it. */
static void print_clean(const char *text)
{
	for (; *text; text++)
		putchar((unsigned char)*text < 32 || *text == 127 ? '?' : *text);
}

static const char *word_or(const struct field_words *words, unsigned int value)
{
	const char *word = field_word(words, value);

	return word ? word : "?";
}

/* Counters that are zero say nothing. */
static void print_stats(const struct kernel_stats *stats, const char *prefix, const char *indent)
{
	unsigned int i, shown = 0;

	for (i = 1; i <= SRTP_A_STATS_MAX; i++) {
		const char *c, *word = field_word(&stats_words, i);

		if (!stats->value[i] || !word || strncmp(word, prefix, strlen(prefix)))
			continue;
		fputs(shown++ ? ", " : indent, stdout);
		for (c = word + strlen(prefix); *c; c++)
			putchar(*c == '_' ? ' ' : *c);
		printf(" %llu", (unsigned long long)stats->value[i]);
	}
	if (shown)
		putchar('\n');
}

static void print_flag(bool set, const char *text)
{
	if (set)
		printf(", %s", text);
}

static void print_owner(const struct kernel_session *session)
{
	struct passwd *pw = getpwuid(session->owner);

	if (pw)
		printf("owner %s", pw->pw_name);
	else
		printf("owner %u", session->owner);
}

static void print_session_line(const struct kernel_session *session)
{
	printf("session %u", session->id);
	if (*session->name) {
		printf(" \"");
		print_clean(session->name);
		putchar('"');
	}
	printf("\n  ");
	print_owner(session);
	printf(", %u socket%s, %u stream%s", session->sockets, session->sockets == 1 ? "" : "s",
	       session->streams, session->streams == 1 ? "" : "s");
	print_flag(session->pass_non_rtp, "passes other protocols");
	print_flag(session->forbid_detach, "forbids to detach");
	print_flag(session->auto_delete, "ends with its last socket");
	if (session->state == SRTP_SESSION_STATE_PROVISIONAL)
		printf(", provisional (%u s)", session->provisional);
	putchar('\n');
}

static void print_modifiers(const struct kernel_stream *stream)
{
	print_flag(stream->no_srtp_encryption, "SRTP not encrypted");
	print_flag(stream->no_srtcp_encryption, "SRTCP not encrypted");
	print_flag(stream->no_srtp_authentication, "SRTP not authenticated");
	print_flag(stream->srtcp_only, "SRTCP only");
	print_flag(stream->frozen, "frozen");
	if (stream->mki_len)
		printf(", MKI of %u", stream->mki_len);
	if (stream->kdr)
		printf(", key derivation rate %u", stream->kdr);
	if (stream->rcc_mode)
		printf(", RCC mode %u rate %u", stream->rcc_mode, stream->rcc_rate);
	if (stream->cryptex)
		printf(", cryptex");
}

static void print_indexes(const struct kernel_stream *stream)
{
	if (!KERNEL_HAS(stream, SRTP_A_STREAM_SSRC))
		return;
	if (KERNEL_HAS(stream, SRTP_A_STREAM_ROC))
		printf(", roc %u", stream->roc);
	if (KERNEL_HAS(stream, SRTP_A_STREAM_SEQ))
		printf(", seq %u", stream->seq);
	if (KERNEL_HAS(stream, SRTP_A_STREAM_SRTCP_INDEX))
		printf(", srtcp index %u", stream->srtcp_index);
	if (KERNEL_HAS(stream, SRTP_A_STREAM_ROC_PENDING))
		printf(", roc %u pending", stream->roc_pending);
}

static void print_key(const struct kernel_key *key)
{
	uint32_t i;

	printf("    key %u %s", key->id, word_or(&key_state_words, key->state));
	if (key->mki.len)
		printf(", mki ");
	for (i = 0; i < key->mki.len; i++)
		printf("%02x", key->mki.data[i]);
	if (key->srtp_packets || key->srtcp_packets)
		printf(", %llu SRTP and %llu SRTCP packets",
		       (unsigned long long)key->srtp_packets,
		       (unsigned long long)key->srtcp_packets);
	if (*key->cipher_driver)
		printf(", %s", key->cipher_driver);
	if (*key->auth_driver)
		printf(" + %s", key->auth_driver);
	putchar('\n');
}

static void print_stream(const struct stream_spec *stream)
{
	const struct kernel_stream *attrs = &stream->attrs;
	char text[ADDRESS_TEXT_MAX];
	struct address peer;
	size_t i;

	printf("  %s ", word_or(&direction_words, attrs->direction));
	if (KERNEL_HAS(attrs, SRTP_A_STREAM_SSRC))
		printf("ssrc 0x%08x", attrs->ssrc);
	else
		printf("any ssrc");
	stream_peer(attrs, &peer);
	if (peer.family)
		printf(" peer %s", address_format(&peer, text));
	printf(" %s", word_or(&suite_words, attrs->suite));
	print_modifiers(attrs);
	print_indexes(attrs);
	if (KERNEL_HAS(attrs, SRTP_A_STREAM_TEMPLATE))
		printf(", from stream %u", attrs->template);
	printf(" (stream %u)\n", attrs->id);
	print_stats(&attrs->stats, attrs->direction == SRTP_DIRECTION_TX ? "tx_" : "rx_", "    ");
	for (i = 0; i < stream->n_keys; i++)
		print_key(&stream->keys[i]);
}

static void print_socket(const struct kernel_socket *socket)
{
	char local_text[ADDRESS_TEXT_MAX], remote_text[ADDRESS_TEXT_MAX];
	struct address local, remote;

	socket_addresses(socket, &local, &remote);
	printf("  socket %s %s -> %s\n", word_or(&role_words, socket->role),
	       address_format(&local, local_text), address_format(&remote, remote_text));
	print_stats(&socket->stats, "", "    ");
}

static void print_session(const struct session_spec *session)
{
	size_t i;

	print_session_line(&session->attrs);
	for (i = 0; i < session->n_sockets; i++)
		print_socket(&session->sockets[i]);
	for (i = 0; i < session->n_streams; i++)
		print_stream(&session->streams[i]);
}

void model_print(const struct model *model)
{
	size_t i;

	for (i = 0; i < model->n_sessions; i++) {
		if (i)
			putchar('\n');
		print_session(&model->sessions[i]);
	}
}

void suite_print(const struct kernel_suite *suite)
{
	printf("%-28s ", suite->name);
	if (suite->available)
		printf("key %u, salt %u, tags %u and %u", suite->key_len, suite->salt_len,
		       suite->srtp_tag_len, suite->srtcp_tag_len);
	else
		printf("not available");
	if (*suite->missing)
		printf(", missing: %s", suite->missing);
	if (*suite->cipher_driver)
		printf(" (%s%s%s)", suite->cipher_driver, *suite->auth_driver ? ", " : "",
		       suite->auth_driver);
	putchar('\n');
}
