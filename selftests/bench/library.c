// SPDX-License-Identifier: GPL-2.0
/*
 * libsrtp from shared objects, so that several builds of it can be measured in
 * one process.
 */
#include <dlfcn.h>
#include <srtp2/srtp.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

struct library {
	srtp_err_status_t (*init)(void);
	srtp_err_status_t (*create)(srtp_t *srtp, const srtp_policy_t *policy);
	srtp_err_status_t (*dealloc)(srtp_t srtp);
	srtp_err_status_t (*protect)(srtp_t srtp, void *packet, int *len);
	srtp_err_status_t (*unprotect)(srtp_t srtp, void *packet, int *len);
	srtp_err_status_t (*profile_rtp)(srtp_crypto_policy_t *policy, srtp_profile_t profile);
	srtp_err_status_t (*profile_rtcp)(srtp_crypto_policy_t *policy, srtp_profile_t profile);
};

struct context {
	struct library *library;
	srtp_t srtp;
};

static void *symbol(void *handle, const char *name)
{
	void *address = dlsym(handle, name);

	if (!address)
		die("%s", dlerror());
	return address;
}

/**
 * library_open - load one build of libsrtp
 * @path: its shared object
 */
struct library *library_open(const char *path)
{
	struct library *library = must_alloc(sizeof(*library));
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (!handle)
		die("%s", dlerror());
	library->init = symbol(handle, "srtp_init");
	library->create = symbol(handle, "srtp_create");
	library->dealloc = symbol(handle, "srtp_dealloc");
	library->protect = symbol(handle, "srtp_protect");
	library->unprotect = symbol(handle, "srtp_unprotect");
	library->profile_rtp = symbol(handle, "srtp_crypto_policy_set_from_profile_for_rtp");
	library->profile_rtcp = symbol(handle, "srtp_crypto_policy_set_from_profile_for_rtcp");
	if (library->init())
		die("%s: srtp_init() failed", path);
	return library;
}

/**
 * context_new - keys for any SSRC, in one direction
 * @library: the build
 * @suite: the suite
 * @send: protects, else unprotects
 */
struct context *context_new(struct library *library, const struct suite *suite, bool send)
{
	struct context *context = must_alloc(sizeof(*context));
	srtp_policy_t policy = {
		.ssrc.type = send ? ssrc_any_outbound : ssrc_any_inbound,
		.window_size = 1024,
	};

	policy.key = (unsigned char *)master;
	if (library->profile_rtp(&policy.rtp, suite->profile) ||
	    library->profile_rtcp(&policy.rtcp, suite->profile) ||
	    library->create(&context->srtp, &policy))
		die("libsrtp has no %s", suite->name);
	context->library = library;
	return context;
}

/**
 * context_free - forget the keys
 * @context: or NULL
 */
void context_free(struct context *context)
{
	if (!context)
		return;
	context->library->dealloc(context->srtp);
	free(context);
}

/**
 * protect - make an SRTP packet in place
 * @context: a sender's
 * @packet: with room behind it
 * @len: octets
 */
int protect(struct context *context, void *packet, int len)
{
	if (context->library->protect(context->srtp, packet, &len))
		die("srtp_protect() failed");
	return len;
}

/**
 * unprotect - make a plain packet in place
 * @context: a receiver's
 * @packet: the SRTP packet
 * @len: octets
 */
int unprotect(struct context *context, void *packet, int len)
{
	if (context->library->unprotect(context->srtp, packet, &len))
		die("srtp_unprotect() failed");
	return len;
}
