/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Programs whose instructions callgrind counts: PROGRAM is
 *
 *	PROGRAM keys FILE	makes the keys, which takes long when counted
 *	PROGRAM run FILE	does what is counted, with these keys
 */
#ifndef COUNT_H
#define COUNT_H

/** count_all - what a program does; 0 or 1 */
int count_all(void);

#endif
