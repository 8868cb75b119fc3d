// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target: octets to what finds MIKEY in SDP and RTSP. A description
 * that is taken comes back octet for octet but for blank lines at its end, and
 * one that was written with messages gives them back.
 */
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "rtsp.h"
#include "sdpkeys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sdp_groups groups, again;
static struct failure failure;

static void check_same(const struct sdp *sdp, const char *data, size_t size)
{
	size_t len;
	char *text = sdp_text(sdp, &len);

	if (!text || len > size || memcmp(text, data, len))
		abort();
	while (len < size)
		if (data[len] != '\r' && data[len] != '\n')
			abort();
		else
			len++;
	free(text);
}

static void check_found(struct sdp *sdp, unsigned int flags)
{
	int i;

	for (i = 0; i < groups.n; i++)
		if (!sdp_keys_put(sdp, groups.list[i].part, "AQID"))
			return;
	if (sdp_keys_find(sdp, flags, &again, &failure))
		return;
	for (i = 0; i < again.n; i++)
		if (again.list[i].n_media < 1)
			abort();
}

static void read_sdp(const char *data, size_t size)
{
	struct sdp_medium medium;
	struct sdp *sdp, *own;
	unsigned int flags = size & 7;
	int i;

	if (sdp_parse(data, size, &sdp, &failure))
		return;
	check_same(sdp, data, size);
	for (i = 0; i < sdp_n_media(sdp); i++)
		sdp_medium(sdp, i, &medium);
	if (!sdp_keys_find(sdp, flags, &groups, &failure) && !sdp_parse(data, size, &own, &failure)) {
		sdp_keys_match(sdp, own, &groups, &failure);
		sdp_free(own);
	}
	if (!sdp_keys_plan(sdp, flags, &groups, &failure))
		check_found(sdp, flags);
	sdp_free(sdp);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rtsp_keys keys;
	uint8_t *octets;
	size_t n, bad;

	read_sdp((const char *)data, size);
	rtsp_find((const char *)data, size, &keys, &failure);
	rtsp_clear(&keys);
	octets = base64_decode((const char *)data, size, &n, &bad);
	if (octets && n > size)
		abort();
	free(octets);
	return 0;
}
