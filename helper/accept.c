// SPDX-License-Identifier: GPL-2.0
/*
 * mikey-helper accept: the answer to an offer goes in, and the sessions of the
 * offer send from then on (RFC 4567 4.1.1).
 */
#include "command.h"
#include "mediate.h"
#include "report.h"

static int accept_sdp(const struct mediate *m, const struct sdp *sdp)
{
	static struct sdp_groups groups;
	struct json_object *answer = NULL, *list, *order;
	struct failure failure;
	int i, ret;

	if (sdp_keys_find(sdp, m->flags, &groups, &failure))
		return failure_report(&failure);
	order = mediate_order(m, &list);
	for (i = 0; i < groups.n; i++)
		mediate_group(list, sdp, &groups.list[i], NULL);
	if (mediate_ask(m, order, &answer, &failure))
		ret = mediate_fail(answer, &failure);
	else
		ret = mediate_print(answer, &groups, sdp, NULL, NULL);
	json_object_put(answer);
	return ret;
}

static int run_accept(int argc, char **argv)
{
	struct sdp *sdp = NULL;
	struct failure failure;
	struct mediate m;
	int ret = mediate_parse(argc, argv, &m);

	if (ret)
		return ret;
	if (m.rtsp)
		return rtsp_accept(&m);
	if (mediate_read_sdp(m.file, &sdp, &failure))
		return failure_report(&failure);
	ret = accept_sdp(&m, sdp);
	sdp_free(sdp);
	return ret;
}

const struct command command_accept = {
	.name = "accept",
	.run = run_accept,
	.usage = "--peer NAME [--call NAME] [--allow-clear] [--config FILE]\n"
		 "       [--control PATH] [FILE]\n"
		 "   or: --rtsp --peer NAME --call NAME [--tls] [--medium N] ... [FILE]",
	.summary = "takes the answer to an offer of keys",
	.help =
"Reads the session description that answers an `offer`. All of its MIKEY\n"
"messages have to be good; then the sessions of the offer send, and stay.\n"
"Those of m-lines that the answer rejects go away. What is not good changes\n"
"nothing: the offer waits on. A forked offer has several answers; each is taken,\n"
"until the offer's time is over.\n"
"\n"
"  --peer NAME      who it has to be from: section [peer NAME]\n"
"  --expect-id ID   the same by the peer's identity\n"
"  --call NAME      the offer of that name, and no other\n"
"  --allow-clear    m-lines without security are no mistake\n"
"  --rtsp           read an RTSP request (SETUP) with its KeyMgmt header, or the\n"
"                   header alone\n"
"  --tls            the carrier is TLS: allow-null = tls-only is allowed\n"
"  --medium N       where keys come in clear: which message of the offer (1) it is\n"
"                   about\n"
"  --config FILE    where the control socket is configured\n"
"  --control PATH   control socket of the daemon\n",
};
