// SPDX-License-Identifier: GPL-2.0
/*
 * MIKEY in session descriptions, RFC 4567.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sdpkeys.h"

#define KEY_MGMT "key-mgmt"
#define KMPID "mikey"

static int no_media(struct failure *failure)
{
	return failure_set(failure, MIKEY_EXIT_POLICY, "no-media",
			   "the description has no RTP medium that could be keyed");
}

static int bad_medium(struct failure *failure, const char *reason, int index,
		      const struct sdp_medium *medium, const char *why)
{
	return failure_set(failure, MIKEY_EXIT_POLICY, reason, "m-line %d (%s) %s", index + 1,
			   medium->media, why);
}

/* RFC 4567 3.1: a blank may follow the colon; the protocol's name ends at one. */
static size_t protocol_of(const char *value, const char **name, const char **data)
{
	size_t len;

	*name = value + (*value == ' ');
	len = strcspn(*name, " ");
	*data = *name + len + strspn(*name + len, " ");
	return len;
}

static bool is_mikey(const char *name, size_t len)
{
	return len == strlen(KMPID) && !strncmp(name, KMPID, len);
}

static bool append(char *list, size_t size, const char *name, size_t len)
{
	size_t used = strlen(list);

	if (used + len + 2 > size)
		return false;
	snprintf(list + used, size - used, "%s%.*s", used ? ";" : "", (int)len, name);
	return true;
}

/* The protocols of a part in their order, and its MIKEY message if there is one. */
static int read_part(const struct sdp *sdp, int part, struct sdp_group *group,
		     struct failure *failure)
{
	const char *value, *name, *data;
	size_t len;
	int i;

	memset(group, 0, sizeof(*group));
	group->part = part;
	for (i = 0; (value = sdp_attribute(sdp, part, KEY_MGMT, i)); i++) {
		len = protocol_of(value, &name, &data);
		if (!append(group->protocols, sizeof(group->protocols), name, len))
			return failure_set(failure, MIKEY_EXIT_MALFORMED, "bad-sdp",
					   "too many key management protocols");
		if (!is_mikey(name, len))
			continue;
		if (group->message)
			return failure_set(failure, MIKEY_EXIT_MALFORMED, "bad-sdp",
					   "two MIKEY messages in one part of the description");
		group->message = data;
	}
	return 0;
}

/* Messages that key nothing are passed over. */
static void compact(struct sdp_groups *groups)
{
	int i, n = 0;

	for (i = 0; i < groups->n; i++) {
		if (!groups->list[i].n_media)
			continue;
		if (n != i)
			groups->list[n] = groups->list[i];
		n++;
	}
	groups->n = n;
}

static bool is_rejected(const struct sdp_medium *medium, unsigned int flags)
{
	return !medium->port && !(flags & SDP_ANY_PORT);
}

/* What is offered beside MIKEY stays, behind it; the list names all of it. */
static int plan_part(struct sdp *sdp, int part, struct sdp_group *group,
		     struct failure *failure)
{
	struct sdp_group others;

	sdp_remove(sdp, part, KEY_MGMT, KMPID " ");
	if (read_part(sdp, part, &others, failure))
		return -1;
	memset(group, 0, sizeof(*group));
	group->part = part;
	append(group->protocols, sizeof(group->protocols), KMPID, strlen(KMPID));
	if (*others.protocols &&
	    !append(group->protocols, sizeof(group->protocols), others.protocols,
		    strlen(others.protocols)))
		return failure_set(failure, MIKEY_EXIT_MALFORMED, "bad-sdp",
				   "too many key management protocols");
	return 0;
}

int sdp_keys_plan(struct sdp *sdp, unsigned int flags, struct sdp_groups *groups,
		  struct failure *failure)
{
	bool each = flags & SDP_MEDIA_LEVEL;
	struct sdp_medium medium;
	struct sdp_group *group;
	int i, total = 0;

	groups->n = each ? 0 : 1;
	if (!each && plan_part(sdp, SDP_SESSION, &groups->list[0], failure))
		return -1;
	for (i = 0; i < sdp_n_media(sdp); i++) {
		sdp_medium(sdp, i, &medium);
		sdp_remove(sdp, i, KEY_MGMT, KMPID " ");
		/* RFC 4567 3.1: it would override what the session offers. */
		if (!each && sdp_attribute(sdp, i, KEY_MGMT, 0))
			return bad_medium(failure, "own-key-management", i, &medium,
					  "has key management of its own; --media-level puts "
					  "MIKEY beside it");
		if (medium.proto == SDP_OTHER || is_rejected(&medium, flags))
			continue;
		group = &groups->list[each ? groups->n++ : 0];
		if (each && plan_part(sdp, i, group, failure))
			return -1;
		group->media[group->n_media++] = i;
		total++;
		if (!sdp_secure(sdp, i))
			return failure_errno(failure, ENOMEM, "session description");
	}
	if (each)
		sdp_remove(sdp, SDP_SESSION, KEY_MGMT, KMPID " ");
	return total ? 0 : no_media(failure);
}

/* RFC 4567 3.1: what a medium has of its own overrides what the session has. */
static int find_medium(const struct sdp *sdp, int index, const struct sdp_medium *medium,
		       unsigned int flags, struct sdp_groups *groups, struct failure *failure)
{
	struct sdp_group *group = &groups->list[groups->n];

	if (read_part(sdp, index, group, failure))
		return -1;
	if (group->message || (*group->protocols && !(flags & SDP_ANY_PORT)))
		groups->n++;
	else
		group = &groups->list[0];
	if (!group->message && flags & SDP_ANY_PORT) {
		group = &groups->list[groups->n++];
		memset(group, 0, sizeof(*group));
		group->part = index;
	} else if (!group->message) {
		return bad_medium(failure, "no-key-management", index, medium,
				  "is to be secure, and has no MIKEY message");
	}
	group->media[group->n_media++] = index;
	return 0;
}

static int check_clear(const struct sdp_medium *medium, int index, unsigned int flags,
		       struct failure *failure)
{
	if (medium->proto == SDP_OTHER || flags & SDP_ALLOW_CLEAR)
		return 0;
	return bad_medium(failure, "unprotected-medium", index, medium,
			  "has no security; --allow-clear would let it be");
}

int sdp_keys_find(const struct sdp *sdp, unsigned int flags, struct sdp_groups *groups,
		  struct failure *failure)
{
	struct sdp_medium medium;
	int i, total = 0;

	groups->n = 1;
	if (read_part(sdp, SDP_SESSION, &groups->list[0], failure))
		return -1;
	for (i = 0; i < sdp_n_media(sdp); i++) {
		sdp_medium(sdp, i, &medium);
		if (is_rejected(&medium, flags))
			continue;
		if (medium.proto != SDP_SECURE) {
			if (check_clear(&medium, i, flags, failure))
				return -1;
			continue;
		}
		if (find_medium(sdp, i, &medium, flags, groups, failure))
			return -1;
		total++;
	}
	compact(groups);
	return total ? 0 : no_media(failure);
}

static void take_out(struct sdp_groups *groups, int index)
{
	struct sdp_group *group;
	int i;

	for (group = groups->list; group < groups->list + groups->n; group++)
		for (i = 0; i < group->n_media; i++)
			if (group->media[i] == index)
				group->media[i--] = group->media[--group->n_media];
}

/* RFC 3264 6: the answer has the m-lines of the offer, in its order. */
int sdp_keys_match(const struct sdp *offer, struct sdp *answer, struct sdp_groups *groups,
		   struct failure *failure)
{
	struct sdp_medium theirs, ours;
	int i;

	if (sdp_n_media(offer) != sdp_n_media(answer))
		return failure_set(failure, MIKEY_EXIT_POLICY, "media-mismatch",
				   "the answer has %d m-lines, the offer %d", sdp_n_media(answer),
				   sdp_n_media(offer));
	sdp_remove(answer, SDP_SESSION, KEY_MGMT, "");
	for (i = 0; i < sdp_n_media(offer); i++) {
		sdp_medium(offer, i, &theirs);
		sdp_medium(answer, i, &ours);
		sdp_remove(answer, i, KEY_MGMT, "");
		if (ours.port && !theirs.port)
			return bad_medium(failure, "media-mismatch", i, &ours,
					  "is rejected by the offer, and not by the answer");
		if (!ours.port)
			take_out(groups, i);
		if (!ours.port || theirs.proto != SDP_SECURE)
			continue;
		if (ours.proto == SDP_OTHER || ours.feedback != theirs.feedback)
			return bad_medium(failure, "media-mismatch", i, &ours,
					  "has another transport than the offer");
		if (!sdp_secure(answer, i))
			return failure_errno(failure, ENOMEM, "session description");
	}
	compact(groups);
	return 0;
}

bool sdp_keys_put(struct sdp *sdp, int part, const char *base64)
{
	char *value;
	bool good;

	sdp_remove(sdp, part, KEY_MGMT, KMPID " ");
	if (asprintf(&value, KMPID " %s", base64) < 0)
		return false;
	good = sdp_insert(sdp, part, KEY_MGMT, value);
	explicit_bzero(value, strlen(value));
	free(value);
	return good;
}
