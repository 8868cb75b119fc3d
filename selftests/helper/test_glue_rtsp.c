// SPDX-License-Identifier: GPL-2.0
/*
 * MIKEY in RTSP messages, as RFC 4567 prints it and as cameras write it.
 */
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "keymgmt.h"
#include "ktap.h"
#include "rtsp.h"

static struct rtsp_keys keys;
static struct failure failure;

static int find(const char *text)
{
	rtsp_clear(&keys);
	return rtsp_find(text, strlen(text), &keys, &failure);
}

static bool has(int n, const char *uri, const char *base64)
{
	return n < keys.n && !strcmp(keys.list[n].uri, uri) &&
	       !strcmp(keys.list[n].base64, base64);
}

static void test_headers(void)
{
	check(!find("SETUP rtsp://h/a RTSP/1.0\r\nCSeq: 313\r\n"
		    "keymgmt: prot=mikey; uri=\"rtsp://h/a\";\r\n            data=\"AQEF\"\r\n\r\n") &&
	      keys.n == 1 && has(0, "rtsp://h/a", "AQEF"), "RFC 4567 5.3, on two lines");
	check(!find("KeyMgmt: prot=mikey;uri=\"\";data=\"AQAF\"") && has(0, "", "AQAF"),
	      "an empty uri");
	check(!find("KeyMgmt:data=AQAF;prot=mikey\n") && has(0, "", "AQAF"),
	      "another order, no quotes, no uri");
	check(!find("KEYMGMT: prot=keyp1;data=\"x\", prot=mikey;data=\"AQAF\"\n") && keys.n == 1 &&
	      has(0, "", "AQAF"), "a list with another protocol");
	check(!find("KeyMgmt: prot=mikey;uri=\"a\";data=\"A\"\nKeyMgmt: prot=mikey;uri=\"b\";data=\"B\"\n") &&
	      keys.n == 2 && has(0, "a", "A") && has(1, "b", "B"), "two headers");
	check(find("KeyMgmt: prot=MIKEY;data=\"A\"\n") && !strcmp(failure.reason, "no-key-management"),
	      "the protocol's name is written small");
	check(find("SETUP rtsp://h/a RTSP/1.0\r\nCSeq: 1\r\n\r\n") &&
	      !strcmp(failure.reason, "no-key-management"), "a request without it");
	check(find("KeyMgmt: prot=mikey;data=\"\"\n") && find("KeyMgmt: prot=mikey\n") &&
	      find("KeyMgmt:") && find(""), "nothing to be found");
}

static void test_bodies(void)
{
	check(!find("SET_PARAMETER rtsp://h/a RTSP/1.0\r\nContent-Type: text/parameters\r\n\r\n"
		    "KeyMgmt: prot=mikey;uri=\"rtsp://h/a\";data=\"AQAF\"\r\n") &&
	      has(0, "rtsp://h/a", "AQAF"), "SET_PARAMETER of GStreamer");
	check(!find("\r\nmikey: AQAF\r\n") && keys.n == 1 && !strcmp(keys.list[0].base64, " AQAF"),
	      "SET_PARAMETER of ONVIF");
}

static void test_many(void)
{
	char text[40 * 32] = "";
	int i;

	for (i = 0; i < RTSP_KEYS_MAX; i++)
		strcat(text, "KeyMgmt: prot=mikey;data=A\n");
	check(!find(text) && keys.n == RTSP_KEYS_MAX, "as many as fit");
	strcat(text, "KeyMgmt: prot=mikey;data=A\n");
	check(find(text) && !strcmp(failure.reason, "too-long"), "one more is refused");
}

static void test_written(void)
{
	char *line = keymgmt_line("rtsp://h/a", "AQAF");

	check(line && !find(line) && has(0, "rtsp://h/a", "AQAF"), "what is written is read");
	free(line);
	line = keymgmt_line(NULL, "AQAF");
	check(line && !strcmp(line, "KeyMgmt: prot=mikey;data=\"AQAF\""), "without uri");
	free(line);
}

static void test_base64(void)
{
	static const struct {
		const char *text;
		int len;
	} cases[] = {
		{ "", 0 }, { "AA==", 1 }, { "AAA=", 2 }, { "A AA\r\n\tA", 3 }, { "A", -1 },
		{ "AA=A", -1 }, { "====", -1 }, { "AAA", -1 }, { "AA-_", -1 }, { "AAAA====", -1 },
	};
	size_t i, n, bad;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t *octets = base64_decode(cases[i].text, strlen(cases[i].text), &n, &bad);

		check(cases[i].len < 0 ? !octets : octets && (int)n == cases[i].len,
		      "base64 case %zu", i);
		free(octets);
	}
}

int main(void)
{
	ktap_begin();
	test_headers();
	test_bodies();
	test_many();
	test_written();
	test_base64();
	rtsp_clear(&keys);
	return ktap_end();
}
