// SPDX-License-Identifier: GPL-2.0
/*
 * MIKEY in session descriptions: what is read, what is written, and that
 * everything else stays octet for octet.
 */
#include <stdlib.h>
#include <string.h>

#include "ktap.h"
#include "sdpkeys.h"

#define HEAD "v=0\r\no=alice 1 1 IN IP4 h.example\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
#define AUDIO "m=audio 49000 RTP/SAVP 98\r\na=rtpmap:98 AMR/8000\r\n"
#define VIDEO "m=video 52230/2 RTP/SAVPF 31 32\r\na=rtcp-mux\r\na=sendonly\r\n"

static struct failure failure;
static struct sdp_groups groups;

static struct sdp *parse(const char *text)
{
	struct sdp *sdp = NULL;

	sdp_parse(text, strlen(text), &sdp, &failure);
	return sdp;
}

static bool says(const struct sdp *sdp, const char *want)
{
	size_t len;
	char *text = sdp_text(sdp, &len);
	bool same = text && len == strlen(want) && !strcmp(text, want);

	if (!same)
		note("%s", text);
	free(text);
	return same;
}

static void refused(const char *text, const char *reason, const char *what)
{
	struct sdp *sdp = parse(text);

	check(!sdp && !strcmp(failure.reason, reason) && failure.code == MIKEY_EXIT_MALFORMED,
	      "%s is refused", what);
	sdp_free(sdp);
}

static void test_parser(void)
{
	static const char *const kept[] = {
		HEAD AUDIO VIDEO, "v=0\n", "v=0", HEAD "a=x\nz=unknown\r\nm=audio 1 RTP/AVP 0",
		HEAD "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=\r\n",
	};
	struct sdp *sdp;
	size_t i;

	for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		sdp = parse(kept[i]);
		check(sdp && says(sdp, kept[i]), "description %zu comes back as it was", i);
		sdp_free(sdp);
	}
	refused("", "bad-sdp", "an empty description");
	refused("v=1\r\n", "bad-sdp", "another version");
	refused("v=0\r\nhello\r\n", "bad-sdp", "a line that is none");
	refused("v=0\r\n\r\na=x\r\n", "bad-sdp", "an empty line in the middle");
	refused("v=0\r\nm=audio\r\n", "bad-sdp", "an m-line without port");
	refused("v=0\r\nm=audio 70000 RTP/AVP 0\r\n", "bad-sdp", "a port above 65535");
	refused("v=0\r\nm=audio 1 RTP/AVP\r\n", "bad-sdp", "an m-line without format");
	refused("v=0\r\nm=audio 1x RTP/AVP 0\r\n", "bad-sdp", "a port with a letter");
	sdp = NULL;
	check(sdp_parse("v=0\r\na=x\0y\r\n", 12, &sdp, &failure), "a NUL is refused");
}

static void test_medium(void)
{
	struct sdp *sdp = parse(HEAD "a=recvonly\r\n" AUDIO "a=ssrc:7 cname:a\r\na=ssrc:7 label:b\r\n"
				VIDEO "a=ssrc:1 x:y\r\na=ssrc:2 x:y\r\na=control:trackID=2\r\n");
	struct sdp_medium m;

	sdp_medium(sdp, 0, &m);
	check(!strcmp(m.media, "audio") && m.port == 49000 && m.proto == SDP_SECURE &&
	      !m.feedback && !m.rtcp_mux, "audio: port, profile");
	check(!strcmp(m.direction, "recvonly"), "the session's direction holds for audio");
	check(m.ssrc == 7, "the only SSRC of audio");
	sdp_medium(sdp, 1, &m);
	check(m.port == 52230 && m.feedback && m.rtcp_mux, "video: port with a count, SAVPF, mux");
	check(!strcmp(m.direction, "sendonly"), "video has a direction of its own");
	check(m.ssrc == 0, "two SSRCs are left open");
	check(!strcmp(m.control, "trackID=2"), "a=control");
	sdp_free(sdp);
}

static void test_plan(void)
{
	struct sdp *sdp = parse(HEAD "m=audio 1 RTP/AVP 0\r\nm=video 2 RTP/AVPF 31\r\n"
				"m=application 3 UDP/BFCP *\r\nm=audio 0 RTP/AVP 8\r\n");

	check(!sdp_keys_plan(sdp, 0, &groups, &failure) && groups.n == 1 &&
	      groups.list[0].part == SDP_SESSION && groups.list[0].n_media == 2 &&
	      !strcmp(groups.list[0].protocols, "mikey"),
	      "one message at the session, for the media that are RTP and not rejected");
	check(sdp_keys_put(sdp, SDP_SESSION, "AQID"), "it is put in");
	check(says(sdp, HEAD "a=key-mgmt:mikey AQID\r\nm=audio 1 RTP/SAVP 0\r\n"
		   "m=video 2 RTP/SAVPF 31\r\nm=application 3 UDP/BFCP *\r\n"
		   "m=audio 0 RTP/AVP 8\r\n"), "the offer");
	check(sdp_keys_put(sdp, SDP_SESSION, "AQIE") &&
	      !strcmp(sdp_attribute(sdp, SDP_SESSION, "key-mgmt", 0), "mikey AQIE") &&
	      !sdp_attribute(sdp, SDP_SESSION, "key-mgmt", 1), "another one takes its place");
	sdp_free(sdp);
}

static void test_plan_media(void)
{
	struct sdp *sdp = parse(HEAD "a=key-mgmt:mikey OLD\r\n" AUDIO "a=key-mgmt:keyp1 x\r\n" VIDEO);

	check(sdp_keys_plan(sdp, 0, &groups, &failure) &&
	      !strcmp(failure.reason, "own-key-management"),
	      "key management of a medium is not overridden silently");
	check(!sdp_keys_plan(sdp, SDP_MEDIA_LEVEL, &groups, &failure) && groups.n == 2 &&
	      groups.list[0].part == 0 && groups.list[1].part == 1, "a message for each medium");
	check(!strcmp(groups.list[0].protocols, "mikey;keyp1") &&
	      !strcmp(groups.list[1].protocols, "mikey"), "protocols of each medium, in order");
	sdp_keys_put(sdp, 0, "A");
	sdp_keys_put(sdp, 1, "B");
	check(says(sdp, HEAD AUDIO "a=key-mgmt:mikey A\r\na=key-mgmt:keyp1 x\r\n"
		   VIDEO "a=key-mgmt:mikey B\r\n"), "the offer; MIKEY comes first");
	sdp_free(sdp);
	sdp = parse(HEAD "m=audio 0 RTP/AVP 0\r\n");
	check(sdp_keys_plan(sdp, 0, &groups, &failure) && !strcmp(failure.reason, "no-media"),
	      "nothing to be keyed");
	check(!sdp_keys_plan(sdp, SDP_ANY_PORT, &groups, &failure), "RTSP's port 0 is a medium");
	sdp_free(sdp);
}

static void find_refused(const char *text, const char *reason, const char *what)
{
	struct sdp *sdp = parse(text);

	check(sdp && sdp_keys_find(sdp, 0, &groups, &failure) && !strcmp(failure.reason, reason),
	      "%s: %s", what, reason);
	sdp_free(sdp);
}

static void test_find(void)
{
	struct sdp *sdp = parse(HEAD "a=key-mgmt: mikey S\r\na=key-mgmt:keyp1 x y\r\n" AUDIO VIDEO
				"a=key-mgmt:mikey M\r\nm=text 5 RTP/SAVP 96\r\n");

	check(!sdp_keys_find(sdp, 0, &groups, &failure) && groups.n == 2, "two messages");
	check(!strcmp(groups.list[0].message, "S") && groups.list[0].n_media == 2 &&
	      groups.list[0].media[0] == 0 && groups.list[0].media[1] == 2,
	      "that of the session is for audio and text");
	check(!strcmp(groups.list[0].protocols, "mikey;keyp1"), "what the session offers");
	check(groups.list[1].part == 1 && !strcmp(groups.list[1].message, "M") &&
	      groups.list[1].media[0] == 1 && groups.list[1].n_media == 1,
	      "that of video overrides it");
	sdp_free(sdp);
	find_refused(HEAD AUDIO, "no-key-management", "a secure medium without message");
	find_refused(HEAD "a=key-mgmt:mikey S\r\n" AUDIO "a=key-mgmt:keyp1 x\r\n",
		     "no-key-management", "a medium that overrides MIKEY by something else");
	find_refused(HEAD "a=key-mgmt:mikey S\r\n" AUDIO "m=video 2 RTP/AVP 31\r\n",
		     "unprotected-medium", "a medium in clear");
	find_refused(HEAD "a=key-mgmt:mikey S\r\na=key-mgmt:mikey T\r\n" AUDIO, "bad-sdp",
		     "two messages at one level");
	find_refused(HEAD "a=key-mgmt:MIKEY S\r\n" AUDIO, "no-key-management",
		     "another spelling of mikey");
	find_refused(HEAD "a=key-mgmt:mikey S\r\nm=audio 0 RTP/SAVP 0\r\n", "no-media",
		     "all media rejected");
}

static void test_allow_clear(void)
{
	struct sdp *sdp = parse(HEAD "a=key-mgmt:mikey S\r\n" AUDIO "m=video 2 RTP/AVP 31\r\n");

	check(!sdp_keys_find(sdp, SDP_ALLOW_CLEAR, &groups, &failure) &&
	      groups.list[0].n_media == 1, "a medium in clear, allowed, is not keyed");
	sdp_free(sdp);
}

static void match_refused(const struct sdp *offer, const char *text, const char *what)
{
	struct sdp *own = parse(text);

	sdp_keys_find(offer, SDP_ALLOW_CLEAR, &groups, &failure);
	check(own && sdp_keys_match(offer, own, &groups, &failure) &&
	      !strcmp(failure.reason, "media-mismatch"), "%s is refused", what);
	sdp_free(own);
}

static void test_match(void)
{
	struct sdp *offer = parse(HEAD "a=key-mgmt:mikey S\r\n" AUDIO VIDEO "a=key-mgmt:mikey M\r\n"
				  "m=text 9 RTP/AVP 96\r\nm=audio 0 RTP/SAVP 0\r\n");
	struct sdp *own = parse(HEAD "m=audio 7 RTP/AVP 98\r\nm=video 0 RTP/AVPF 31\r\n"
				"m=text 9 RTP/AVP 96\r\nm=audio 0 RTP/AVP 0\r\n");

	check(!sdp_keys_find(offer, SDP_ALLOW_CLEAR, &groups, &failure) &&
	      !sdp_keys_match(offer, own, &groups, &failure), "offer and answer match");
	check(groups.n == 1 && groups.list[0].part == SDP_SESSION && groups.list[0].n_media == 1,
	      "a message for a medium that is rejected is passed over");
	check(says(own, HEAD "m=audio 7 RTP/SAVP 98\r\nm=video 0 RTP/AVPF 31\r\n"
		   "m=text 9 RTP/AVP 96\r\nm=audio 0 RTP/AVP 0\r\n"),
	      "what is offered secure becomes so, and nothing else");
	sdp_free(own);
	match_refused(offer, HEAD "m=audio 7 RTP/AVP 98\r\n", "an answer with fewer m-lines");
	match_refused(offer, HEAD "m=audio 7 RTP/AVPF 98\r\nm=video 0 RTP/AVPF 31\r\n"
		      "m=text 9 RTP/AVP 96\r\nm=audio 0 RTP/AVP 0\r\n", "AVPF as answer to SAVP");
	match_refused(offer, HEAD "m=audio 7 RTP/AVP 98\r\nm=video 0 RTP/AVPF 31\r\n"
		      "m=text 9 RTP/AVP 96\r\nm=audio 5 RTP/AVP 0\r\n",
		      "an answer to a medium that the offer rejects");
	sdp_free(offer);
}

int main(void)
{
	ktap_begin();
	test_parser();
	test_medium();
	test_plan();
	test_plan_media();
	test_find();
	test_allow_clear();
	test_match();
	return ktap_end();
}
