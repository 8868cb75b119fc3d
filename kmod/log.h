/* SPDX-License-Identifier: GPL-2.0 */
/* Included first everywhere: every line of the log says whose it is. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
