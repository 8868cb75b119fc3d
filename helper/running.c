// SPDX-License-Identifier: GPL-2.0
/*
 * Streams that run already: RFC 3830 6.1.1. Who joins one late can tell the
 * rollover counter from no packet, so the message that brings the keys says it.
 */
#include "kernel.h"
#include "running.h"

/**
 * struct search - the stream that is meant
 * @ssrc: its SSRC, 0 for any
 * @found: SSRC of the last one that was found
 * @roc: its rollover counter
 * @n: how many were found
 */
struct search {
	uint32_t ssrc;
	uint32_t found;
	uint32_t roc;
	unsigned int n;
};

static int look(struct kernel_stream *stream, void *arg)
{
	struct search *search = arg;

	if (stream->direction != SRTP_DIRECTION_TX || !KERNEL_HAS(stream, SRTP_A_STREAM_SSRC) ||
	    (search->ssrc && stream->ssrc != search->ssrc))
		return 0;
	search->found = stream->ssrc;
	search->roc = KERNEL_HAS(stream, SRTP_A_STREAM_ROC) ? stream->roc : 0;
	search->n++;
	return 0;
}

uint32_t running_roc(uint32_t session, uint32_t *ssrc)
{
	struct search search = { .ssrc = *ssrc };
	struct kernel *kernel = NULL;
	int err = session ? kernel_open(&kernel) : -1;

	if (!err)
		err = kernel_stream_dump(kernel, session, look, &search);
	kernel_close(kernel);
	if (err || search.n != 1 || !search.roc)
		return 0;
	*ssrc = search.found;
	return search.roc;
}
