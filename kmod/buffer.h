/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_BUFFER_H
#define _SRTP_BUFFER_H

#include <linux/types.h>

void *srtp_buffer_get(size_t size, bool *kept);
void srtp_buffer_put(void *mem, bool kept);
void srtp_buffer_module_exit(void);

#endif
