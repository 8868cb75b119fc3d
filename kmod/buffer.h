/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_BUFFER_H
#define _SRTP_BUFFER_H

#include <linux/percpu.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/types.h>

/* Room for 32 packets of a video, or for any single one. */
#define SRTP_BUFFER_KEPT	SZ_64K

DECLARE_PER_CPU(void *, srtp_buffers);

void *srtp_buffer_new(size_t size, bool *kept);
void srtp_buffer_module_exit(void);

/**
 * srtp_buffer_get() - memory for one message
 * @size: octets that are needed
 * @kept: result: whether it is of the kind that is kept
 *
 * Return: memory that begins on a page and holds what others have sent, or NULL
 */
static inline void *srtp_buffer_get(size_t size, bool *kept)
{
	void *mem = NULL;

	if (likely(size <= SRTP_BUFFER_KEPT))
		mem = this_cpu_xchg(srtp_buffers, NULL);
	if (unlikely(!mem))
		return srtp_buffer_new(size, kept);
	*kept = true;
	return mem;
}

/**
 * srtp_buffer_put() - give it back
 * @mem: the memory, or NULL
 * @kept: what srtp_buffer_get() said
 */
static inline void srtp_buffer_put(void *mem, bool kept)
{
	if (likely(kept))
		mem = this_cpu_xchg(srtp_buffers, mem);
	if (unlikely(mem))
		kfree(mem);
}

#endif
