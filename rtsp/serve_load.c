// SPDX-License-Identifier: GPL-2.0
/*
 * The files of mikey-rtsp serve, looked at before it listens.
 */
#include <stdlib.h>
#include <string.h>
#include "mediate.h"
#include "server.h"

GTlsCertificate *serve_certificate(const struct serving *serving, struct failure *failure)
{
	GError *error = NULL;
	GTlsCertificate *certificate = g_tls_certificate_new_from_files(serving->certificate,
									serving->key, &error);

	if (certificate)
		return certificate;
	failure_set(failure, MIKEY_EXIT_USAGE, "bad-certificate-file", "%s, %s: %s",
		    serving->certificate, serving->key, error->message);
	g_error_free(error);
	return NULL;
}

static int bad_sdp(const struct serving *serving, struct failure *failure)
{
	return failure_set(failure, MIKEY_EXIT_MALFORMED, "bad-sdp",
			   "%s is no session description with media", serving->sdp_file);
}

static int check_medium(const struct serving *serving, guint line, struct failure *failure)
{
	const GstSDPMedia *sdp = gst_sdp_message_get_media(serving->sdp, line);
	const char *proto = gst_sdp_media_get_proto(sdp);

	if (!proto || !gst_sdp_media_get_media(sdp) || !gst_sdp_media_formats_len(sdp))
		return bad_sdp(serving, failure);
	if (!strcmp(proto, "RTP/AVP") || !strcmp(proto, "RTP/AVPF"))
		return 0;
	return failure_set(failure, MIKEY_EXIT_UNSUPPORTED, "unsupported-transport",
			   "m-line %u of %s is %s; what COMMAND sends is RTP/AVP", line + 1,
			   serving->sdp_file, proto);
}

static int load_sdp(struct serving *serving, struct failure *failure)
{
	size_t len;
	char *text = mediate_read(serving->sdp_file, &len, failure);
	guint i, n;
	int ret = 0;

	if (!text)
		return -1;
	gst_sdp_message_new(&serving->sdp);
	if (memchr(text, '\0', len) ||
	    gst_sdp_message_parse_buffer((guint8 *)text, len, serving->sdp) != GST_SDP_OK ||
	    !gst_sdp_message_medias_len(serving->sdp))
		ret = bad_sdp(serving, failure);
	free(text);
	n = ret ? 0 : gst_sdp_message_medias_len(serving->sdp);
	if (n > MEDIA_MAX)
		return failure_set(failure, MIKEY_EXIT_UNSUPPORTED, "too-many-media",
				   "%s has more than %d media", serving->sdp_file, MEDIA_MAX);
	for (i = 0; !ret && i < n; i++)
		ret = check_medium(serving, i, failure);
	return ret;
}

int serve_load(struct serving *serving, struct failure *failure)
{
	GTlsCertificate *certificate;

	if (load_sdp(serving, failure) ||
	    (serving->users && users_check(serving->users, failure)))
		return -1;
	certificate = serve_certificate(serving, failure);
	if (!certificate)
		return -1;
	g_object_unref(certificate);
	return 0;
}
