// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses with ports as text.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "address.h"

static bool parse_port(const char *text, uint16_t *port)
{
	unsigned long value;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *end || !value || value > 65535)
		return false;
	*port = (uint16_t)value;
	return true;
}

/* Splits the port off; what is left in @host is the address. */
static bool split(const char *text, char *host, size_t size, const char **port)
{
	const char *end = strrchr(text, ':');
	size_t len = strlen(text);

	*port = NULL;
	if (*text == '[') {
		end = strchr(++text, ']');
		if (!end || (end[1] && end[1] != ':'))
			return false;
		len = (size_t)(end - text);
		if (end[1])
			*port = end + 2;
	} else if (end && strchr(text, ':') == end) {
		len = (size_t)(end - text);
		*port = end + 1;
	}
	if (len >= size)
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	return true;
}

bool address_parse(const char *text, struct address *address)
{
	char host[INET6_ADDRSTRLEN];
	const char *port;

	*address = (struct address){ 0 };
	if (!split(text, host, sizeof(host), &port))
		return false;
	if (inet_pton(AF_INET, host, address->octets) == 1)
		address->family = AF_INET;
	else if (inet_pton(AF_INET6, host, address->octets) == 1)
		address->family = AF_INET6;
	else
		return false;
	return !port || parse_port(port, &address->port);
}

const char *address_format(const struct address *address, char *text)
{
	char host[INET6_ADDRSTRLEN] = "*";
	const char *format = address->family == AF_INET6 ? "[%s]" : "%s";
	int len;

	if (address->family)
		inet_ntop(address->family, address->octets, host, sizeof(host));
	len = snprintf(text, ADDRESS_TEXT_MAX, format, host);
	if (address->port)
		snprintf(text + len, ADDRESS_TEXT_MAX - (size_t)len, ":%u", address->port);
	return text;
}

bool address_from(const struct sockaddr_storage *name, socklen_t len, struct address *address)
{
	const struct sockaddr_in *in = (const void *)name;
	const struct sockaddr_in6 *in6 = (const void *)name;

	*address = (struct address){ 0 };
	if (name->ss_family == AF_INET && len >= sizeof(*in)) {
		address->family = AF_INET;
		address->port = ntohs(in->sin_port);
		memcpy(address->octets, &in->sin_addr, 4);
	} else if (name->ss_family == AF_INET6 && len >= sizeof(*in6)) {
		bool mapped = IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr);

		address->family = mapped ? AF_INET : AF_INET6;
		address->port = ntohs(in6->sin6_port);
		memcpy(address->octets, in6->sin6_addr.s6_addr + (mapped ? 12 : 0),
		       mapped ? 4 : 16);
	}
	return address->family != 0;
}
