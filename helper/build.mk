# SPDX-License-Identifier: GPL-2.0
#
# How the programs are compiled and linked. Whoever includes it has set INCLUDES, the
# directories of its headers, and PKG_CFLAGS, what its libraries want.

VERSION ?= 0.1.0

HARDENING := -fstack-protector-strong -fstack-clash-protection -fPIE \
	-D_FORTIFY_SOURCE=2 -Wformat -Wformat-security \
	$(if $(filter x86_64% i%86%,$(shell $(CC) -dumpmachine 2>/dev/null)),-fcf-protection)
CFLAGS ?= -O2 -g
override CFLAGS += -std=gnu11 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Werror $(HARDENING) -DVERSION='"$(VERSION)"' -D_GNU_SOURCE \
	$(addprefix -I,$(INCLUDES)) $(PKG_CFLAGS)
override LDFLAGS += -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack

%.o: %.c $(MAKEFILE_LIST)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<
