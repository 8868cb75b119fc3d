/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a service manager is told: ready, reloading, stopping.
 */
#ifndef HELPER_NOTIFY_H
#define HELPER_NOTIFY_H

/** notify_ready - the daemon serves */
void notify_ready(void);

/** notify_reloading - the configuration is being read again */
void notify_reloading(void);

/** notify_stopping - the daemon ends */
void notify_stopping(void);

#endif
