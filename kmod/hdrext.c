// SPDX-License-Identifier: GPL-2.0
/*
 * Encryption of single header extension elements (RFC 6904), found as RFC 8285
 * lays them out.
 */
#include "packet.h"

#define SRTP_ONE_BYTE		0xbede	/* RFC 8285 4.2 */
#define SRTP_TWO_BYTE		0x1000	/* RFC 8285 4.3; its low 4 bits are free */
#define SRTP_TWO_BYTE_MASK	0xfff0
#define SRTP_STOP_ID		15	/* RFC 8285 4.2: nothing follows */

/**
 * struct srtp_element - where the next element is looked for
 * @data: the extension, behind its first 4 octets
 * @at: octets of it that were looked at
 * @end: octets of it
 * @two_byte: form of the elements' headers
 * @id: of the element found
 * @body: where its body begins
 */
struct srtp_element {
	u8 *data;
	size_t at;
	size_t end;
	bool two_byte;
	u8 id;
	size_t body;
};

/* Octets of the next element's body, or a negative number after the last. */
static int srtp_element_next(struct srtp_element *e)
{
	u8 first;
	int len;

	while (e->at < e->end && !e->data[e->at])
		e->at++;	/* padding */
	if (e->at >= e->end)
		return -ENOENT;
	first = e->data[e->at++];
	e->id = e->two_byte ? first : first >> 4;
	if (!e->two_byte && e->id == SRTP_STOP_ID)
		return -ENOENT;
	if (e->two_byte && e->at >= e->end)
		return -EINVAL;
	len = e->two_byte ? e->data[e->at++] : (first & 15) + 1;
	e->body = e->at;
	e->at += len;
	return e->at <= e->end ? len : -EINVAL;
}

/* Whether the packet has elements, in a form that is known. */
static bool srtp_element_first(struct srtp_element *e, u8 *buf)
{
	u8 *ext = buf + SRTP_RTP_HEADER + srtp_csrcs_len(buf);
	u16 profile;

	if (!srtp_has_extension(buf))
		return false;
	profile = get_unaligned_be16(ext);
	e->two_byte = (profile & SRTP_TWO_BYTE_MASK) == SRTP_TWO_BYTE;
	e->data = ext + 4;
	e->at = 0;
	e->end = 4 * get_unaligned_be16(ext + 2);
	return e->two_byte || profile == SRTP_ONE_BYTE;
}

/**
 * srtp_hdrext_check() - whether the elements of a packet can be encrypted
 * @buf: the packet; its header is sound
 *
 * Return: 0; -EINVAL an element ends behind the extension
 */
int srtp_hdrext_check(u8 *buf)
{
	struct srtp_element e;
	int len;

	if (!srtp_element_first(&e, buf))
		return 0;
	do
		len = srtp_element_next(&e);
	while (len >= 0);
	return len == -EINVAL ? len : 0;
}

/**
 * srtp_hdrext_crypt() - encrypt or decrypt the elements that the policy names
 * @policy: policy of the stream
 * @tf: session keys
 * @buf: the packet; its header is sound
 * @index: its 48-bit index
 *
 * Headers of elements and padding stay as they are, and so does an extension
 * of another form.
 *
 * Return: 0; -EINVAL an element ends behind the extension; or an error of the
 * crypto API
 */
int srtp_hdrext_crypt(const struct srtp_policy *policy, const struct srtp_transform *tf,
		      u8 *buf, u64 index)
{
	struct srtp_element e;
	int len, err;

	if (!srtp_element_first(&e, buf))
		return 0;
	while ((len = srtp_element_next(&e)) >= 0) {
		if (!len || !test_bit(e.id, policy->ext_ids))
			continue;
		err = srtp_crypt_hdrext(tf, buf, index, e.body, e.data + e.body, len);
		if (err)
			return err;
	}
	return len == -EINVAL ? len : 0;
}
