// SPDX-License-Identifier: GPL-2.0
/*
 * A certificate by HTTP: RFC 4738 3.8, RFC 2585 3. What kind the server says it is of does
 * not matter, as it is looked at as a certificate in any case.
 */
#include <curl/curl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "get.h"

/* Octets of headers; libcurl bounds the length of one, and not how many there are. */
#define HEADERS_MAX 65536

/**
 * struct transfer - what comes
 * @fetched: where it goes
 * @headers: octets of headers so far
 * @overflow: there was more than may be
 */
struct transfer {
	struct fetched *fetched;
	size_t headers;
	bool overflow;
};

static size_t on_data(char *data, size_t size, size_t n, void *arg)
{
	struct transfer *transfer = arg;
	struct fetched *fetched = transfer->fetched;
	size_t len = size * n;

	if (len > sizeof(fetched->data) - fetched->len) {
		transfer->overflow = true;
		return 0;
	}
	memcpy(fetched->data + fetched->len, data, len);
	fetched->len += len;
	return len;
}

static size_t on_header(char *data, size_t size, size_t n, void *arg)
{
	struct transfer *transfer = arg;

	(void)data;
	transfer->headers += size * n;
	if (transfer->headers <= HEADERS_MAX)
		return size * n;
	transfer->overflow = true;
	return 0;
}

static void fill(struct fetched *fetched, enum fetch_status status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void fill(struct fetched *fetched, enum fetch_status status, const char *fmt, ...)
{
	size_t room = status == FETCH_FAILED ? FETCH_TEXT_MAX : FETCH_URL_MAX + 1;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(fetched->data, room, fmt, ap);
	va_end(ap);
	fetched->head.status = status;
	fetched->len = len < 0 ? 0 : len < (int)room ? (size_t)len : room - 1;
}

/*
 * Nothing is followed, decoded or remembered, and nobody is asked but the server: no
 * proxy, whatever the environment says, no password, no other protocol.
 */
static CURLcode set_up(CURL *curl, const struct fetch_order *order, struct transfer *transfer)
{
	CURLcode code = curl_easy_setopt(curl, CURLOPT_URL, order->url);

#define SET(option, value) (code = code ? code : curl_easy_setopt(curl, option, value))
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NOPROXY, "*");
	SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_USERAGENT, "mikey-fetch");
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_TIMEOUT, (long)order->seconds);
	SET(CURLOPT_MAXFILESIZE, (long)FETCH_SIZE_MAX);
	SET(CURLOPT_WRITEFUNCTION, on_data);
	SET(CURLOPT_WRITEDATA, transfer);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, transfer);
#undef SET
	return code;
}

static void judge(CURL *curl, const struct transfer *transfer)
{
	struct fetched *fetched = transfer->fetched;
	char *moved = NULL;
	long status = 0;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &moved);
	if (moved && strlen(moved) <= FETCH_URL_MAX)
		fill(fetched, FETCH_MOVED, "%s", moved);
	else if (status != 200)
		fill(fetched, FETCH_FAILED, "the server answers with status %ld", status);
	else
		fetched->head.status = FETCH_DONE;
}

static void explain(const struct transfer *transfer, const struct fetch_order *order,
		    CURLcode code)
{
	if (transfer->overflow || code == CURLE_FILESIZE_EXCEEDED)
		fill(transfer->fetched, FETCH_FAILED, "what is there is longer than %u octets",
		     FETCH_SIZE_MAX);
	else if (code == CURLE_OPERATION_TIMEDOUT)
		fill(transfer->fetched, FETCH_FAILED, "it was not there in %u seconds",
		     order->seconds);
	else
		fill(transfer->fetched, FETCH_FAILED, "%s", curl_easy_strerror(code));
}

void get(const struct fetch_order *order, struct fetched *fetched)
{
	struct transfer transfer = { .fetched = fetched };
	CURL *curl = curl_easy_init();
	CURLcode code = CURLE_OUT_OF_MEMORY;

	fetched->len = 0;
	if (curl)
		code = set_up(curl, order, &transfer);
	if (!code)
		code = curl_easy_perform(curl);
	if (code)
		explain(&transfer, order, code);
	else
		judge(curl, &transfer);
	curl_easy_cleanup(curl);
}
