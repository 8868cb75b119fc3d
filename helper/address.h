/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Addresses with ports as text: 192.0.2.1:5004, [2001:db8::1]:5004.
 */
#ifndef HELPER_ADDRESS_H
#define HELPER_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/** ADDRESS_TEXT_MAX - room for the longest text, with its NUL */
#define ADDRESS_TEXT_MAX 64

/**
 * struct address - an address and a port
 * @family: AF_INET, AF_INET6, or 0 for any address
 * @octets: 4 or 16 octets of the address
 * @port: in host byte order, 0 for any port
 */
struct address {
	int family;
	uint8_t octets[16];
	uint16_t port;
};

/**
 * address_parse - read the text of a numeric address
 * @text: text; the port may be left out
 * @address: filled
 */
bool address_parse(const char *text, struct address *address);

/**
 * address_format - text of an address
 * @address: address
 * @text: ADDRESS_TEXT_MAX octets
 *
 * Return: @text
 */
const char *address_format(const struct address *address, char *text);

/**
 * address_from - the address in a socket address
 * @name: socket address
 * @len: its octets
 * @address: filled; an IPv4 address that is mapped into IPv6 is told as IPv4
 *
 * Return: false if it is neither IPv4 nor IPv6.
 */
bool address_from(const struct sockaddr_storage *name, socklen_t len, struct address *address);

#endif
