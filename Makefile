# SPDX-License-Identifier: GPL-2.0
# SRTP in the kernel, keyed by MIKEY.  "make help" lists what there is.

KDIR ?= /lib/modules/$(shell uname -r)/build
# Each script has kernels of its own by default.
KERNELS ?=
DESTDIR ?=
PREFIX ?= /usr/local
# One version for all, that of dkms.conf.
export VERSION ?= $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)

# What a build needs, or one sentence that says how to get it.
missing = $(if $(shell command -v $(1)),,$(error $(1) is missing: apt-get install $(2)))
need_build = $(call missing,$(or $(CC),cc),gcc) $(call missing,pkg-config,pkg-config)
need_kdir = $(if $(wildcard $(KDIR)/Makefile),,$(error there are no kernel headers in \
	$(KDIR): apt-get install linux-headers-$$(uname -r), or give KDIR=))

.PHONY: all modules helper rtsp check check-debug coverage check-nightly check-packages \
	check-secureboot bench bench-check bench-profile demo demo-camera deb docs install \
	install-rtsp modules_install clean help

all: modules helper

modules:
	$(call need_kdir)
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

helper:
	$(call need_build)
	$(MAKE) -C helper

rtsp: helper
	$(MAKE) -C rtsp

check:
	KERNELS="$(KERNELS)" selftests/check.sh

check-debug:
	KERNELS="$(or $(KERNELS),$(if $(TESTS),debug,debug kcsan kasan))" selftests/check.sh

coverage:
	selftests/coverage.sh

check-nightly:
	KERNELS="$(KERNELS)" selftests/nightly.sh

bench:
	KERNELS="$(KERNELS)" selftests/bench.sh

bench-check:
	KERNELS="$(KERNELS)" selftests/bench.sh check

bench-profile:
	KERNELS="$(KERNELS)" selftests/bench.sh profile

check-packages:
	selftests/packages.sh

check-secureboot:
	selftests/secure-boot.sh

demo:
	selftests/demo.sh

demo-camera:
	selftests/demo-camera.sh

deb:
	debian/build.sh

docs:
	$(call missing,sphinx-build,python3-sphinx python3-yaml)
	sphinx-build -q -n -W --keep-going -b html -d build/docs.cache Documentation build/docs

install: helper
	$(MAKE) -C helper install DESTDIR=$(DESTDIR) PREFIX=$(PREFIX)
	install -D -m 644 uapi/linux/srtp.h $(DESTDIR)$(PREFIX)/include/linux/srtp.h
	install -d $(DESTDIR)$(PREFIX)/share/pkgconfig
	printf '%s\n' 'includedir=$(PREFIX)/include' '' 'Name: ksrtp' 'Version: $(VERSION)' \
		'Description: SRTP inside the Linux kernel: <linux/srtp.h>' \
		'Cflags: -I$${includedir}' >$(DESTDIR)$(PREFIX)/share/pkgconfig/ksrtp.pc
	chmod 644 $(DESTDIR)$(PREFIX)/share/pkgconfig/ksrtp.pc

install-rtsp: rtsp
	$(MAKE) -C rtsp install DESTDIR=$(DESTDIR) PREFIX=$(PREFIX)

modules_install: modules
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules_install

clean:
	$(MAKE) -C helper clean
	$(MAKE) -C rtsp clean
	$(MAKE) -C selftests clean
	find kmod \( -name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' \
		-o -name '.*.cmd' -o -name 'modules.order' \) -delete
	rm -f Module.symvers modules.order .module-common.o .Module.symvers.cmd .modules.order.cmd
	rm -rf build/kmod-* build/selftests build/check build/coverage build/deb build/docs build/docs.cache

help:
	@echo 'all              the module and the helper'
	@echo 'modules          srtp.ko for the running kernel, or for the headers in KDIR='
	@echo 'helper           helper/mikey-helper'
	@echo 'rtsp             rtsp/mikey-rtsp, which plays cameras and is one; needs libgstreamer-plugins-base1.0-dev'
	@echo 'check            all tests, on stock kernels in QEMU; KERNELS="6.1" TESTS="test_sock_*"'
	@echo 'check-debug      the same on kernels that look for their own errors; KERNELS="debug kcsan kasan"'
	@echo 'coverage         which lines and branches of module and helper the tests execute; PARTS="module helper"'
	@echo 'check-nightly    all pairs of races, long fuzzing; takes hours'
	@echo 'bench            instructions per packet, on stock kernels; a table and a chart'
	@echo 'bench-check      the same; fails if a figure is 2 % worse than the committed run'
	@echo 'bench-profile    by function, what protection takes more than the floor'
	@echo 'demo             an encrypted call between two hosts; NATIVE=1 without QEMU'
	@echo 'demo-camera      FFmpeg records a camera that sends SRTP; NATIVE=1 without QEMU'
	@echo 'deb              Debian packages in build/deb'
	@echo 'check-packages   installs them in clean roots of Debian 12 and 13, and boots those'
	@echo 'check-secureboot the same by Secure Boot, with a key of one'\''s own for the module'
	@echo 'docs             the book, in build/docs'
	@echo 'install          mikey-helper, its service and manual, <linux/srtp.h>; DESTDIR= PREFIX='
	@echo 'install-rtsp     mikey-rtsp and its manual'
	@echo 'modules_install  srtp.ko where modprobe finds it'
	@echo 'clean            removes what was built; downloads in build/ stay'
	@echo 'help             this'
