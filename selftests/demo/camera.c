// SPDX-License-Identifier: GPL-2.0
/*
 * camera FILE CERTIFICATE KEY ADDRESS PORT [USER PASSWORD]: a camera that plays a
 * Matroska file, video (H.264) and sound (mu-law), to whoever asks for
 * rtsps://ADDRESS:PORT/cam: GStreamer's RTSP server, RTP/SAVP and nothing else.
 *
 * Says "listening" when it does, and "sent" when the file is at its end and all of
 * it is on its way. A client that says TEARDOWN may come again.
 */
#include <gst/gst.h>
#include <gst/rtsp-server/rtsp-server.h>
#include <stdio.h>

static const char pipeline[] =
	"( filesrc location=\"%s\" ! matroskademux name=demux "
	"demux.video_0 ! queue ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=-1 "
	"demux.audio_0 ! queue ! rtppcmupay name=pay1 pt=0 min-ptime=20000000 "
	"max-ptime=20000000 )";

static gboolean fail(const char *what, GError *error)
{
	fprintf(stderr, "camera: %s: %s\n", what, error ? error->message : "failed");
	g_clear_error(&error);
	return FALSE;
}

static void say(const char *word)
{
	puts(word);
	fflush(stdout);
}

/* The bus of the media is the server's; its end is seen on the way out of each payloader. */
static GstPadProbeReturn on_event(GstPad *pad, GstPadProbeInfo *info, gpointer left)
{
	(void)pad;
	if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_EOS &&
	    g_atomic_int_dec_and_test((gint *)left))
		say("sent");
	return GST_PAD_PROBE_OK;
}

static void on_media(GstRTSPMediaFactory *factory, GstRTSPMedia *media, gpointer user)
{
	static gint left;
	GstElement *bin = gst_rtsp_media_get_element(media);
	const char *names[] = { "pay0", "pay1" };
	gsize i;

	(void)factory;
	(void)user;
	left = G_N_ELEMENTS(names);
	for (i = 0; i < G_N_ELEMENTS(names); i++) {
		GstElement *pay = gst_bin_get_by_name(GST_BIN(bin), names[i]);
		GstPad *pad = gst_element_get_static_pad(pay, "src");

		gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_event, &left, NULL);
		gst_object_unref(pad);
		gst_object_unref(pay);
	}
	gst_object_unref(bin);
}

static void add_file(GstRTSPServer *server, const char *file)
{
	GstRTSPMountPoints *mounts = gst_rtsp_server_get_mount_points(server);
	GstRTSPMediaFactory *factory = gst_rtsp_media_factory_new();
	char *launch = g_strdup_printf(pipeline, file);

	gst_rtsp_media_factory_set_launch(factory, launch);
	gst_rtsp_media_factory_set_profiles(factory, GST_RTSP_PROFILE_SAVP);
	gst_rtsp_media_factory_set_protocols(factory, GST_RTSP_LOWER_TRANS_UDP);
	g_signal_connect(factory, "media-configure", G_CALLBACK(on_media), NULL);
	gst_rtsp_media_factory_add_role(factory, "user", "media.factory.access", G_TYPE_BOOLEAN,
					TRUE, "media.factory.construct", G_TYPE_BOOLEAN, TRUE,
					NULL);
	gst_rtsp_mount_points_add_factory(mounts, "/cam", factory);
	g_object_unref(mounts);
	g_free(launch);
}

static gboolean secure(GstRTSPServer *server, char **argv, gboolean users)
{
	GstRTSPAuth *auth = gst_rtsp_auth_new();
	GError *error = NULL;
	GTlsCertificate *certificate = g_tls_certificate_new_from_files(argv[2], argv[3], &error);
	GstRTSPToken *token;

	if (!certificate)
		return fail(argv[2], error);
	gst_rtsp_auth_set_tls_certificate(auth, certificate);
	token = gst_rtsp_token_new(GST_RTSP_TOKEN_MEDIA_FACTORY_ROLE, G_TYPE_STRING, "user", NULL);
	gst_rtsp_auth_set_supported_methods(auth, GST_RTSP_AUTH_DIGEST);
	if (users)
		gst_rtsp_auth_add_digest(auth, argv[6], argv[7], token);
	else
		gst_rtsp_auth_set_default_token(auth, token);
	gst_rtsp_token_unref(token);
	gst_rtsp_server_set_auth(server, auth);
	g_object_unref(auth);
	g_object_unref(certificate);
	return TRUE;
}

int main(int argc, char **argv)
{
	gboolean users = argc == 8;
	GstRTSPServer *server;

	gst_init(NULL, NULL);
	if (argc != 6 && !users) {
		fprintf(stderr, "usage: camera FILE CERTIFICATE KEY ADDRESS PORT [USER PASSWORD]\n");
		return 1;
	}
	server = gst_rtsp_server_new();
	gst_rtsp_server_set_address(server, argv[4]);
	gst_rtsp_server_set_service(server, argv[5]);
	if (!secure(server, argv, users))
		return 1;
	add_file(server, argv[1]);
	if (!gst_rtsp_server_attach(server, NULL))
		return fail("cannot listen", NULL) + 1;
	say("listening");
	g_main_loop_run(g_main_loop_new(NULL, FALSE));
	return 0;
}
