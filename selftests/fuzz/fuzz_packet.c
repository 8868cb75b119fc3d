// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target: packets to kmod/packet.c and what it calls, the same source
 * that the module is made of.  The cryptography is a stand-in that touches each
 * octet it is given; all that finds its way through a packet is real.
 *
 * Of an input, the first octets choose policy, role and what is done: it is sent,
 * and then has to come back; or it is received as it is; or with its tag put
 * right, so that what lies behind authentication is reached.
 */
#include <stdio.h>

#include "../../kmod/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD_LEN	4	/* of an input: what is done */
#define PACKET_MAX	4096
#define TAG		0xa5	/* each octet of a tag that is put right */

enum { SEND, RECEIVE, RECEIVE_AUTHENTIC, N_ACTIONS };

/* Policies as srtp_policy_parse() makes them, one of each kind of layout. */
static const struct srtp_cipher_suite ctr = { .kind = SRTP_KIND_CTR, .name = "ctr" },
	none = { .kind = SRTP_KIND_NONE, .name = "none" },
	gcm = { .kind = SRTP_KIND_GCM, .name = "gcm" },
	ccm = { .kind = SRTP_KIND_CCM, .name = "ccm", .tag_last = true };

#define F(name)		SRTP_F_##name
#define SAME_TAG(len)	.tag_len = (len), .roc_tag_len = (len), .srtcp_tag_len = 10
#define AEAD_TAG	.tag_len = 16, .roc_tag_len = 16, .srtcp_tag_len = 16

static const struct srtp_policy policies[] = {
	{ .suite = &ctr, SAME_TAG(10) },
	{ .suite = &ctr, SAME_TAG(4), .mki_len = 128 },
	{ .suite = &ctr, SAME_TAG(10), .features = F(NO_ENCRYPTION) | F(NO_RTCP_ENCRYPTION) },
	{ .suite = &ctr, SAME_TAG(0), .features = F(NO_AUTH) },
	{ .suite = &none, SAME_TAG(20), .features = F(NULL), .mki_len = 4 },
	{ .suite = &gcm, AEAD_TAG, .features = F(AEAD), .mki_len = 4 },
	{ .suite = &ccm, AEAD_TAG, .features = F(AEAD), .mki_len = 3 },
	{ .suite = &ctr, .features = F(RCC_M1), .rcc_rate = 3, .roc_tag_len = 10,
	  .srtcp_tag_len = 10 },
	{ .suite = &ctr, .features = F(RCC_M2), .rcc_rate = 2, .tag_len = 14, .roc_tag_len = 10,
	  .srtcp_tag_len = 10, .mki_len = 4 },
	{ .suite = &ctr, .features = F(RCC_M3), .rcc_rate = 1, .srtcp_tag_len = 10 },
	{ .suite = &gcm, AEAD_TAG, .features = F(AEAD) | F(RCC_M3), .rcc_rate = 2 },
	{ .suite = &ctr, SAME_TAG(10), .features = F(HDREXT), .ext_ids = { 0x5554 } },
	{ .suite = &gcm, AEAD_TAG, .features = F(AEAD) | F(HDREXT), .ext_ids = { 0x2aaa } },
	{ .suite = &ctr, SAME_TAG(10), .features = F(CRYPTEX), .cryptex = SRTP_CRYPTEX_ALLOWED },
	{ .suite = &ctr, SAME_TAG(4), .features = F(CRYPTEX), .cryptex = SRTP_CRYPTEX_REQUIRED,
	  .mki_len = 1 },
	{ .suite = &gcm, AEAD_TAG, .features = F(AEAD) | F(CRYPTEX),
	  .cryptex = SRTP_CRYPTEX_REQUIRED },
	{ .suite = &ctr, SAME_TAG(10), .features = F(RTCP_ONLY) },
};

/**
 * struct input - one input, taken apart
 * @policy: of both streams
 * @action: what is done with @data
 * @trial: it is received as a trial that another may follow
 * @role: enum srtp_role of the socket
 * @start: index to start from, or 0: from the first packet
 * @data: the packet
 * @len: its octets
 */
struct input {
	const struct srtp_policy *policy;
	int action;
	bool trial;
	u8 role;
	u64 start;
	const u8 *data;
	size_t len;
};

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

/* The stand-in: what is encrypted twice is as it was before. */
static int cross(u8 *data, size_t len, u64 index)
{
	size_t i;

	for (i = 0; i < len; i++)
		data[i] ^= (u8)(0x5a + index + i);
	return 0;
}

static u32 sum(const u8 *data, size_t len)
{
	u32 n = 2166136261u;

	while (len--)
		n = (n ^ *data++) * 16777619u;
	return n;
}

static bool right;	/* the tags of packets have been put right */

static void fill(u8 *tag, size_t len, u32 n)
{
	size_t i;

	for (i = 0; i < len; i++)
		tag[i] = right ? TAG : (u8)(n >> 8 * (i & 3));
}

int srtp_crypt_rtp(const struct srtp_transform *tf, const u8 *packet, u64 index, u8 *data,
		   size_t len)
{
	return cross(data, len, index + packet[8]);
}

int srtp_crypt_rtcp(const struct srtp_transform *tf, const u8 *packet, u32 word, u8 *data,
		    size_t len)
{
	return cross(data, len, word + packet[4]);
}

int srtp_crypt_hdrext(const struct srtp_transform *tf, const u8 *packet, u64 index, size_t at,
		      u8 *data, size_t len)
{
	return cross(data, len, index + at);
}

int srtp_mac(const struct srtp_transform *tf, const u8 *data, size_t len, u8 mac[SRTP_MAC_LEN])
{
	fill(mac, SRTP_MAC_LEN, sum(data, len));
	return 0;
}

int srtp_mac_rtp(const struct srtp_transform *tf, u8 *packet, size_t len, u64 index,
		 u8 mac[SRTP_MAC_LEN])
{
	u8 behind[SRTP_ROC_LEN];
	int err;

	memcpy(behind, packet + len, sizeof(behind));
	put_unaligned_be32(index >> 16, packet + len);
	err = srtp_mac(tf, packet, len + sizeof(behind), mac);
	memcpy(packet + len, behind, sizeof(behind));
	return err;
}

int srtp_ctr_seal(const struct srtp_transform *tf, u8 *packet, size_t clear, size_t len,
		  u64 index, u8 mac[SRTP_MAC_LEN])
{
	srtp_crypt_rtp(tf, packet, index, packet + clear, len - clear);
	return srtp_mac_rtp(tf, packet, len, index, mac);
}

int srtp_ctr_open(const struct srtp_transform *tf, u8 *packet, size_t clear, size_t len,
		  u64 index, const u8 *tag, size_t tag_len)
{
	u8 mac[SRTP_MAC_LEN];

	if (tag_len) {
		srtp_mac_rtp(tf, packet, len, index, mac);
		if (memcmp(mac, tag, tag_len))
			return -EBADMSG;
	}
	return srtp_crypt_rtp(tf, packet, index, packet + clear, len - clear);
}

/* Like the kernel's, it has decrypted before it compares. */
int srtp_aead(const struct srtp_transform *tf, bool seal, u32 ssrc, u64 index,
	      const struct srtp_aead_parts *parts)
{
	u32 n = sum(parts->head, parts->head_len) ^ (parts->word ? *parts->word : 0);
	u8 tag[16];

	if (seal)
		cross(parts->text, parts->len, index);
	fill(tag, sizeof(tag), n ^ sum(parts->text, parts->len));
	if (seal)
		memcpy(parts->tag, tag, sizeof(tag));
	else
		cross(parts->text, parts->len, index);
	return memcmp(parts->tag, tag, sizeof(tag)) ? -EBADMSG : 0;
}

static int gcm_packet(const struct srtp_transform *tf, bool seal, u8 *packet, size_t clear,
		      size_t len, u64 index)
{
	const struct srtp_aead_parts parts = {
		.head = packet, .head_len = clear, .text = packet + clear, .len = len - clear,
		.tag = packet + len,
	};

	return srtp_aead(tf, seal, srtp_ssrc(SRTP_CLASS_RTP, packet), index, &parts);
}

int srtp_gcm_seal(const struct srtp_transform *tf, u8 *packet, size_t clear, size_t len,
		  u64 index, u8 mac[SRTP_MAC_LEN])
{
	int err = gcm_packet(tf, true, packet, clear, len, index);

	memset(mac, 0, SRTP_MAC_LEN);
	memcpy(mac, packet + len, 16);
	return err;
}

int srtp_gcm_open(const struct srtp_transform *tf, u8 *packet, size_t clear, size_t len,
		  u64 index)
{
	return gcm_packet(tf, false, packet, clear, len, index);
}

/* No key here has a derivation rate. */
const struct srtp_transform *srtp_kdr_find(const struct srtp_kdr *kdr, enum srtp_class class,
					   u64 index)
{
	abort();
}

void srtp_kdr_follow(struct srtp_kdr *kdr, enum srtp_class class, u64 index)
{
	abort();
}

void srtp_kdr_seek(struct srtp_kdr *kdr, enum srtp_class class, u64 index)
{
	abort();
}

static void stream_init(struct srtp_stream *st, const struct input *in, bool sends)
{
	memset(st, 0, sizeof(*st));
	st->policy = *in->policy;
	must(!srtp_track_init(&st->srtp, 64, sends, GFP_KERNEL) &&
	     !srtp_track_init(&st->srtcp, 64, false, GFP_KERNEL), "there is memory");
	if (!in->start)
		return;
	srtp_track_set(&st->srtp, in->start, false);
	srtp_track_set(&st->srtcp, in->start & SRTCP_INDEX_MAX, false);
}

static void stream_free(struct srtp_stream *st)
{
	srtp_track_free(&st->srtp);
	srtp_track_free(&st->srtcp);
}

static void key_init(struct srtp_key *key, const struct srtp_policy *policy)
{
	static char there;

	memset(key, 0, sizeof(*key));
	key->to = SRTP_INDEX_MAX;
	key->srtp.kind = policy->suite->kind;
	key->srtcp.kind = policy->suite->kind;
	memset(key->mki, 0x3c, sizeof(key->mki));
	if (policy->features & SRTP_F_AEAD) {
		key->srtp.aead = (void *)&there;
		key->srtcp.aead = (void *)&there;
	}
}

/* In memory of the exact size, so that the sanitizer sees a look beyond. */
static u8 *copy_of(const u8 *data, size_t len, size_t room)
{
	u8 *copy = malloc(room ? room : 1);

	must(copy, "there is memory");
	memcpy(copy, data, len);
	return copy;
}

/* CSRCs without an extension get an empty one (RFC 9335 section 5). */
static bool same_packet(const struct input *in, const u8 *got, size_t len)
{
	size_t head = SRTP_RTP_HEADER + 4 * (in->data[0] & 0x0f);

	if (len == in->len)
		return !memcmp(in->data, got, len);
	return len == in->len + SRTP_EXT_HEADER && in->policy->cryptex &&
	       got[0] == (in->data[0] | 0x10) && !memcmp(in->data + 1, got + 1, head - 1) &&
	       !memcmp(in->data + head, got + head + SRTP_EXT_HEADER, in->len - head);
}

static void comes_back(const struct input *in, enum srtp_class class, const struct srtp_key *key,
		       const u8 *wire, size_t n)
{
	struct srtp_stream rx;
	u8 *buf = copy_of(wire, n, n);
	size_t len = n;
	u64 index;
	int drop;

	stream_init(&rx, in, false);
	must(!srtp_unprotect(&rx, key, class, buf, &len, &index, false), "what was sent is taken");
	must(same_packet(in, buf, len), "it is what was sent");
	must(!srtp_accept(&rx, key, class, index, len), "it is accepted");
	free(buf);
	buf = copy_of(wire, n, n);
	len = n;
	drop = srtp_unprotect(&rx, key, class, buf, &len, &index, false);
	if (!srtp_unproven(&rx.policy, class, index))
		must(drop == SRTP_A_STATS_RX_REPLAYED, "it is not taken again");
	free(buf);
	stream_free(&rx);
}

static void send(const struct input *in, enum srtp_class class, const struct srtp_key *key)
{
	struct srtp_stream tx;
	bool repeated = false;
	size_t room;
	u8 *buf;
	int n;

	stream_init(&tx, in, true);
	room = in->len + srtp_trailer_len(&tx, class);
	must(room <= in->len + srtp_trailer_most(&tx.policy), "the most is the most");
	buf = copy_of(in->data, in->len, room);
	n = srtp_protect(&tx, key, class, buf, in->len, &repeated);
	must(n < 0 || (size_t)n <= room, "there is room for what is added");
	must(n < 0 || !repeated, "it was not sent before");
	if (n >= 0)
		comes_back(in, class, key, buf, n);
	free(buf);
	stream_free(&tx);
}

static void put_right(const struct srtp_policy *policy, enum srtp_class class, u8 *buf, size_t len)
{
	struct srtp_trailer t;

	if (class == SRTP_CLASS_RTP)
		srtp_trailer_rtp(policy, srtp_rtp_seq(buf), &t);
	else
		srtp_trailer_rtcp(policy, &t);
	if (len >= t.len)
		memset(buf + len - t.len + t.tag, TAG, t.tag_len);
}

static void look_at_mki(const struct srtp_stream *rx, enum srtp_class class, const u8 *buf,
			size_t len)
{
	const u8 *mki = srtp_packet_mki(rx, class, buf, len);

	must(!mki || (mki >= buf && mki + rx->policy.mki_len <= buf + len),
	     "the MKI is in the packet");
}

static void receive(const struct input *in, enum srtp_class class, const struct srtp_key *key)
{
	u8 *buf = copy_of(in->data, in->len, in->len);
	size_t len = in->len;
	struct srtp_stream rx;
	u64 index = 0;
	int drop;

	stream_init(&rx, in, false);
	right = in->action == RECEIVE_AUTHENTIC;
	if (right)
		put_right(&rx.policy, class, buf, len);
	look_at_mki(&rx, class, buf, len);
	drop = srtp_unprotect(&rx, key, class, buf, &len, &index, in->trial);
	if (drop && !right && (in->trial || !(rx.policy.features & SRTP_F_AEAD)))
		must(!memcmp(in->data, buf, in->len), "what is not authentic stays as it is");
	if (!drop) {
		must(len <= in->len, "nothing is added");
		must(class != SRTP_CLASS_RTP || srtp_rtp_header_len(buf, len) >= 0,
		     "the header of what is delivered is sound");
		srtp_accept(&rx, key, class, index, len);
	}
	right = false;
	stream_free(&rx);
	free(buf);
}

static bool take_apart(struct input *in, const u8 *data, size_t size)
{
	if (size < HEAD_LEN || size > PACKET_MAX)
		return false;
	in->policy = &policies[data[0] % ARRAY_SIZE(policies)];
	in->action = data[1] % N_ACTIONS;
	in->trial = data[1] & 0x80;
	in->role = 1 + data[2] % SRTP_ROLE_LAST;
	in->start = (u64)(data[3] >> 4) << 16 | (data[3] & 15) * 0x1111;
	in->data = data + HEAD_LEN;
	in->len = size - HEAD_LEN;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct srtp_key key;
	enum srtp_class class;
	struct input in;

	if (!take_apart(&in, data, size))
		return 0;
	class = srtp_classify(in.role, in.data, in.len);
	/* What is shorter is never received: kmod/rx.c. */
	if (!srtp_rtp_class(class) || (in.action != SEND && in.len < SRTP_RTP_HEADER))
		return 0;
	key_init(&key, in.policy);
	if (in.action == SEND)
		send(&in, class, &key);
	else
		receive(&in, class, &key);
	return 0;
}
