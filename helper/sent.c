// SPDX-License-Identifier: GPL-2.0
/*
 * What this host sent as initiator: it is no request if it comes back, and its
 * CSB IDs are not drawn again.
 */
#include "daemon.h"

void sent_add(struct daemon *daemon, uint32_t csb_id, const struct mikey_ts *ts)
{
	daemon->sent[daemon->n_sent++ % DAEMON_SENT_MAX] = (struct sent_mark){
		.csb_id = csb_id,
		.ts = mikey_ts_64(ts),
	};
}

bool sent_find(const struct daemon *daemon, uint32_t csb_id, const struct mikey_ts *ts)
{
	size_t n = daemon->n_sent < DAEMON_SENT_MAX ? daemon->n_sent : DAEMON_SENT_MAX;
	size_t i;

	for (i = 0; i < n; i++)
		if (daemon->sent[i].csb_id == csb_id &&
		    (!ts || daemon->sent[i].ts == mikey_ts_64(ts)))
			return true;
	return false;
}

static bool csb_in_use(void *arg, uint32_t csb_id)
{
	return sent_find(arg, csb_id, NULL);
}

static void on_sent(void *arg, uint32_t csb_id, const struct mikey_ts *ts)
{
	sent_add(arg, csb_id, ts);
}

struct exchange_env sent_env(struct daemon *daemon)
{
	return (struct exchange_env){
		.base = daemon->base,
		.mikey = daemon->env,
		.state = daemon->state,
		.csb_in_use = csb_in_use,
		.sent = on_sent,
		.arg = daemon,
	};
}
