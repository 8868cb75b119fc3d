// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that messages are protected in.
 *
 * Each CPU keeps one piece between two messages: to allocate, and to zero, for
 * each of them would cost as much as a MAC.  While a message has it nobody else
 * does, so that its sender may sleep and wake on another CPU.
 */
#include <linux/log2.h>
#include <linux/mm.h>

#include "buffer.h"

DEFINE_PER_CPU(void *, srtp_buffers);

static void *srtp_buffer_alloc(size_t size)
{
	return kmalloc(size, GFP_KERNEL | __GFP_NOWARN | __GFP_RETRY_MAYFAIL);
}

/**
 * srtp_buffer_new() - memory for a message where the CPU keeps none that would do
 * @size: octets that are needed
 * @kept: result: whether it is of the kind that is kept
 *
 * Return: as srtp_buffer_get()
 */
void *srtp_buffer_new(size_t size, bool *kept)
{
	void *mem = NULL;

	*kept = size <= SRTP_BUFFER_KEPT;
	if (*kept)
		mem = srtp_buffer_alloc(SRTP_BUFFER_KEPT);
	if (mem)
		return mem;
	*kept = false;
	return srtp_buffer_alloc(max_t(size_t, roundup_pow_of_two(size), PAGE_SIZE));
}

/**
 * srtp_buffer_module_exit() - free what the CPUs keep; nobody sends any more
 */
void srtp_buffer_module_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		kfree(per_cpu(srtp_buffers, cpu));
}
