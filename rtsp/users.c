// SPDX-License-Identifier: GPL-2.0
/*
 * Who may play: a file of users and passwords, and the digest of RFC 2617. The file is
 * read for each request that proves something, so that it may change.
 */
#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "server.h"

/* Longest line. */
#define LINE_LEN 1024
/* Wrong proofs of a client, until it is one too many. */
#define WRONG_MAX 5

static int bad(const char *path, const char *why, struct failure *failure)
{
	return failure_set(failure, MIKEY_EXIT_USAGE, "bad-user-file", "%s %s", path, why);
}

static bool is_closed(FILE *file)
{
	struct stat st;

	return !fstat(fileno(file), &st) && !(st.st_mode & (S_IRWXG | S_IRWXO));
}

/* The password in a line of this user, or of any with NULL. */
static char *password_in(char *line, const char *user)
{
	char *colon = strchr(line, ':');

	line[strcspn(line, "\r\n")] = '\0';
	if (!colon || colon == line || !colon[1])
		return NULL;
	*colon = '\0';
	return !user || !strcmp(line, user) ? colon + 1 : NULL;
}

static char *find_password(FILE *file, const char *user)
{
	char line[LINE_LEN], *found = NULL, *password;

	while (!found && fgets(line, sizeof(line), file)) {
		password = password_in(line, user);
		found = password ? g_strdup(password) : NULL;
	}
	explicit_bzero(line, sizeof(line));
	return found;
}

static void forget(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	g_free(text);
}

int users_check(const char *path, struct failure *failure)
{
	FILE *file = fopen(path, "re");
	char *password = NULL;
	int ret = 0;

	if (!file)
		return bad(path, strerror(errno), failure);
	setbuf(file, NULL);
	if (!is_closed(file))
		ret = bad(path, "is open to others: chmod 600", failure);
	else if (!(password = find_password(file, NULL)))
		ret = bad(path, "has no line USER:PASSWORD", failure);
	forget(password);
	fclose(file);
	return ret;
}

static const char *param(const GstRTSPAuthCredential *credential, const char *name)
{
	GstRTSPAuthParam **list = credential->params;

	for (; list && *list; list++)
		if (!g_ascii_strcasecmp((*list)->name, name))
			return (*list)->value ? (*list)->value : "";
	return "";
}

static bool is_equal(const char *a, const char *b)
{
	return a && b && strlen(a) == strlen(b) && !CRYPTO_memcmp(a, b, strlen(a));
}

/* RFC 2617 3.2.2 without qop, as RTSP has it. */
static bool proves(const struct visit *visit, GstRTSPMethod method,
		   const GstRTSPAuthCredential *credential)
{
	FILE *file = fopen(visit->serving->users, "re");
	char *password, *wanted = NULL;
	bool good;

	if (!file)
		return false;
	setbuf(file, NULL);
	password = is_closed(file) ? find_password(file, param(credential, "username")) : NULL;
	fclose(file);
	if (password)
		wanted = gst_rtsp_generate_digest_auth_response(NULL,
				gst_rtsp_method_as_text(method), SERVER_NAME,
				param(credential, "username"), password, param(credential, "uri"),
				visit->nonce);
	good = is_equal(param(credential, "nonce"), visit->nonce) &&
	       is_equal(param(credential, "response"), wanted);
	forget(password);
	forget(wanted);
	return good;
}

static void challenge(struct visit *visit, GstRTSPMessage *response)
{
	gst_rtsp_message_take_header(response, GST_RTSP_HDR_WWW_AUTHENTICATE, g_strdup_printf(
		"Digest realm=\"" SERVER_NAME "\", nonce=\"%s\"", visit->nonce));
}

bool users_admit(struct visit *visit, GstRTSPMessage *request, GstRTSPMessage *response)
{
	GstRTSPAuthCredential **list;
	bool good = false;

	if (!visit->serving->users)
		return true;
	list = gst_rtsp_message_parse_auth_credentials(request, GST_RTSP_HDR_AUTHORIZATION);
	if (list && *list && (*list)->scheme == GST_RTSP_AUTH_DIGEST) {
		good = proves(visit, request->type_data.request.method, *list);
		if (!good && ++visit->wrong == WRONG_MAX)
			visit_part(visit);
	}
	gst_rtsp_auth_credentials_free(list);
	if (!good)
		challenge(visit, response);
	return good;
}
