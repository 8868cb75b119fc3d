/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_SELFTEST_H
#define _SRTP_SELFTEST_H

#include <linux/init.h>

int __init srtp_selftest(void);

#endif
