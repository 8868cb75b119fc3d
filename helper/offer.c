// SPDX-License-Identifier: GPL-2.0
/*
 * mikey-helper offer: a description goes in, the same with MIKEY messages comes
 * out (RFC 4567 4.1), and sessions that receive stand in the kernel.
 */
#include <errno.h>
#include "command.h"
#include "mediate.h"
#include "report.h"

static int put_messages(struct sdp *sdp, const struct sdp_groups *groups,
			struct json_object *answer, struct failure *failure)
{
	const char *message;
	int i;

	for (i = 0; i < groups->n; i++) {
		message = mediate_message(answer, i);
		if (!message || !sdp_keys_put(sdp, groups->list[i].part, message))
			return failure_errno(failure, ENOMEM, "session description");
	}
	return 0;
}

static int ask(const struct mediate *m, struct sdp *sdp, struct sdp_groups *groups,
	       struct json_object **answer, struct failure *failure)
{
	struct json_object *list, *order;
	int i;

	if (sdp_keys_plan(sdp, m->flags, groups, failure))
		return -1;
	order = mediate_order(m, &list);
	for (i = 0; i < groups->n; i++)
		mediate_group(list, sdp, &groups->list[i], sdp);
	return mediate_ask(m, order, answer, failure);
}

static int run_offer(int argc, char **argv)
{
	static struct sdp_groups groups;
	struct json_object *answer = NULL;
	struct failure failure;
	struct sdp *sdp = NULL;
	struct mediate m;
	int ret = mediate_parse(argc, argv, &m);

	if (ret)
		return ret;
	if (mediate_read_sdp(m.file, &sdp, &failure))
		return failure_report(&failure);
	if (ask(&m, sdp, &groups, &answer, &failure))
		ret = mediate_fail(answer, &failure);
	else if (put_messages(sdp, &groups, answer, &failure))
		ret = failure_report(&failure);
	else
		ret = mediate_print_sdp(answer, &groups, sdp);
	json_object_put(answer);
	sdp_free(sdp);
	return ret;
}

const struct command command_offer = {
	.name = "offer",
	.run = run_offer,
	.usage = "--peer NAME [--call NAME] [--media-level] [--timeout SECONDS]\n"
		 "       [--session-name NAME] [--rtsp [--tls]] [--config FILE] [--control PATH] [FILE]",
	.summary = "makes a session description an offer of keys",
	.help =
"Reads a session description (SDP) and writes it with a=key-mgmt and secure\n"
"profiles (RFC 4567). Everything else stays as it was. A session of the kernel\n"
"stands for each m-line, and receives; it sends once `accept` has taken the\n"
"answer, and goes away if that does not happen. Which session belongs to which\n"
"m-line is told on standard error, or in the object that --json prints.\n"
"\n"
"  --peer NAME          section [peer NAME] of the configuration\n"
"  --expect-id ID       the same by the peer's identity\n"
"  --call NAME          name of the call, for instance the Call-ID; `accept`\n"
"                       with that name takes answers to this offer only\n"
"  --media-level        a message for each m-line, instead of one for all\n"
"  --timeout SECONDS    how long an answer is waited for (180)\n"
"  --session-name NAME  name of the sessions, instead of the configured one\n"
"  --rtsp               the description goes into an RTSP response\n"
"  --tls                the carrier is TLS: allow-null = tls-only is allowed\n"
"  --config FILE        where the control socket is configured\n"
"  --control PATH       control socket of the daemon\n"
"\n"
"It asks the daemon (mikey-helper daemon); root and the owner of the peer may.\n",
};
