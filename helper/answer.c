// SPDX-License-Identifier: GPL-2.0
/*
 * mikey-helper answer: the peer's offer and the own description go in, the
 * latter with the responses comes out (RFC 4567 4.1.2), and the sessions stand.
 */
#include <errno.h>
#include "command.h"
#include "mediate.h"
#include "report.h"

/* A peer that asked for no verification gets none. */
static int put_messages(struct sdp *sdp, const struct sdp_groups *groups,
			struct json_object *answer, struct failure *failure)
{
	const char *message;
	int i;

	for (i = 0; i < groups->n; i++) {
		message = mediate_message(answer, i);
		if (message && !sdp_keys_put(sdp, groups->list[i].part, message))
			return failure_errno(failure, ENOMEM, "session description");
	}
	return 0;
}

static int ask(const struct mediate *m, const struct sdp *offer, const struct sdp *own,
	       const struct sdp_groups *groups, struct json_object **answer,
	       struct failure *failure)
{
	struct json_object *list, *order = mediate_order(m, &list);
	int i;

	for (i = 0; i < groups->n; i++)
		mediate_group(list, offer, &groups->list[i], own);
	return mediate_ask(m, order, answer, failure);
}

static int answer_sdp(const struct mediate *m, const struct sdp *offer, struct sdp *own)
{
	static struct sdp_groups groups;
	struct json_object *answer = NULL;
	struct failure failure;
	int ret;

	if (sdp_keys_find(offer, m->flags, &groups, &failure) ||
	    sdp_keys_match(offer, own, &groups, &failure) ||
	    ask(m, offer, own, &groups, &answer, &failure) ||
	    put_messages(own, &groups, answer, &failure))
		ret = mediate_fail(answer, &failure);
	else
		ret = mediate_print_sdp(answer, &groups, own);
	json_object_put(answer);
	return ret;
}

static int run_answer(int argc, char **argv)
{
	struct sdp *offer = NULL, *own = NULL;
	struct failure failure;
	struct mediate m;
	int ret = mediate_parse(argc, argv, &m);

	if (ret)
		return ret;
	if (!m.offer)
		return report_usage(m.verb, "say what is to be answered: --offer FILE");
	if (m.rtsp)
		return rtsp_answer(&m);
	if (mediate_read_sdp(m.offer, &offer, &failure) ||
	    mediate_read_sdp(m.file, &own, &failure))
		ret = failure_report(&failure);
	else
		ret = answer_sdp(&m, offer, own);
	sdp_free(offer);
	sdp_free(own);
	return ret;
}

const struct command command_answer = {
	.name = "answer",
	.run = run_answer,
	.usage = "--peer NAME --offer FILE [--call NAME] [--allow-clear]\n"
		 "       [--session-name NAME] [--config FILE] [--control PATH] [FILE]\n"
		 "   or: --rtsp --peer NAME --offer FILE [--tls] [--uri URI] [--call NAME] ...",
	.summary = "answers an offer of keys in a session description",
	.help =
"Takes the MIKEY messages of the peer's session description (--offer), and\n"
"writes the own one with the responses and secure profiles (RFC 4567). Each\n"
"m-line gets a session of the kernel, which sends and receives. If any message\n"
"cannot be taken, nothing is left behind; a MIKEY error for the peer is told on\n"
"standard error (with --json in the member \"mikey\").\n"
"\n"
"  --peer NAME          who it has to be from: section [peer NAME]\n"
"  --expect-id ID       the same by the peer's identity\n"
"  --offer FILE         the peer's description\n"
"  --call NAME          name of the call\n"
"  --allow-clear        m-lines without security are no mistake; they get no\n"
"                       session\n"
"  --rtsp               the offer is the description, or the whole response, of\n"
"                       DESCRIBE; no own description is read, and the KeyMgmt\n"
"                       headers for SETUP are printed, one for each message\n"
"  --tls                the carrier is TLS: allow-null = tls-only is allowed\n"
"  --uri URI            what the first header is about, if the description does\n"
"                       not say it\n"
"  --session-name NAME  name of the sessions, instead of the configured one\n"
"  --config FILE        where the control socket is configured\n"
"  --control PATH       control socket of the daemon\n",
};
