// SPDX-License-Identifier: GPL-2.0
/*
 * What messages of each type are made of, and which identity is whose.
 */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "ktap.h"

static struct mikey_msg *new_msg(void)
{
	struct mikey_msg *msg = calloc(1, sizeof(*msg));

	msg->hdr = (struct mikey_hdr){ .version = 1, .v = 1 };
	return msg;
}

/* What each message type may be made of: a string of payloads by letter */
static const struct {
	uint32_t type;
	const char *good;
	const char *bad;
} shapes[] = {
	{ MIKEY_PSK_INIT, "TRIISSK TRK TK TRIK TRSEK RTK TSRIK",
	  "TRI K TR TRIIIK TTK TRRK TKK TKR VTK TRIKG TRHK TRPK" },
	{ MIKEY_PSK_RESP, "TIV TV TEV ITV", "T V TIIV TVI TVV TSV TRV TK" },
	{ MIKEY_PK_INIT, "TRIISKHPG TRCCPG TPG TRCKPG", "TRKP TRPGG TRKG TIIIPG TRPPG TRVPG" },
	{ MIKEY_PK_RESP, "TIV TV", "TVG TI" },
	{ MIKEY_DH_INIT, "TRIISDG TRCDG TG TRIG", "TRD TDDG TVG" },
	{ MIKEY_DH_RESP, "TIIDDG TIDDG TCIDDG TIG", "TDDG TIDDDG TIIIDDG TRIDDG TIV" },
	{ MIKEY_ERROR, "T TX TXXSS TXV TXG TXSV TXK", "X TXVX TXVV TXKX TXR TXI" },
	{ MIKEY_DHHMAC_INIT, "TRIISDK TRIDK TIK", "TRDK TRIDG TRIDKT TRCIDK TIDDK" },
	{ MIKEY_DHHMAC_RESP, "TIIDDK TIDDK TIK", "TDDK TIDDDK TRIDDK" },
	{ MIKEY_RSAR_INIT, "TRIISSG TRCCG TG", "TRK TKG TPG" },
	{ MIKEY_RSAR_RESP, "TRISKPG ETISKPG TKPG TCKPG", "TPG TKG TIIKPG TKP" },
};

static void add_letter(struct mikey_msg *msg, char letter)
{
	static const char letters[] = "TRISKVGPDHCXE";
	static const uint32_t types[] = {
		MIKEY_PL_T, MIKEY_PL_RAND, MIKEY_PL_ID, MIKEY_PL_SP, MIKEY_PL_KEMAC, MIKEY_PL_V,
		MIKEY_PL_SIGN, MIKEY_PL_PKE, MIKEY_PL_DH, MIKEY_PL_CHASH, MIKEY_PL_CERT,
		MIKEY_PL_ERR, MIKEY_PL_EXT,
	};
	const char *at = strchr(letters, letter);
	struct mikey_payload payload = { .type = types[at - letters] };

	if (payload.type == MIKEY_PL_SP)
		payload.sp.policy_no = (uint32_t)msg->n_payloads;
	mikey_add(msg, &payload);
}

static size_t count_valid(uint32_t type, const char *list, size_t *total)
{
	struct mikey_msg *msg = new_msg();
	size_t valid = 0;

	*total = 0;
	msg->hdr.data_type = type;
	for (;; list++) {
		if (*list && *list != ' ') {
			add_letter(msg, *list);
			continue;
		}
		++*total;
		valid += !mikey_validate(msg, NULL);
		msg->n_payloads = 0;
		if (!*list)
			break;
	}
	free(msg);
	return valid;
}

static void test_shapes(void)
{
	size_t i, total, valid;

	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		const char *name = mikey_name(MIKEY_NS_DATA_TYPE, shapes[i].type);

		valid = count_valid(shapes[i].type, shapes[i].good, &total);
		check(valid == total, "%s: %zu of %zu right compositions pass", name, valid, total);
		valid = count_valid(shapes[i].type, shapes[i].bad, &total);
		check(!valid, "%s: %zu of %zu wrong compositions pass", name, valid, total);
	}
}

/* REQ-006: identities have no role octet, their place tells */
static void test_ids(void)
{
	static const struct {
		uint32_t type;
		const char *name;
		bool lone_idr;
		bool idr_first;
	} table[] = {
		{ MIKEY_PSK_INIT, "PSK init", false, false },
		{ MIKEY_PSK_RESP, "PSK verification", true, false },
		{ MIKEY_PK_INIT, "PK init", false, false },
		{ MIKEY_PK_RESP, "PK verification", true, false },
		{ MIKEY_DH_INIT, "DH init", false, false },
		{ MIKEY_DH_RESP, "DH response", false, true },
		{ MIKEY_DHHMAC_INIT, "DHHMAC init", true, false },
		{ MIKEY_DHHMAC_RESP, "DHHMAC response", false, true },
		{ MIKEY_RSAR_INIT, "RSA-R init", false, false },
		{ MIKEY_RSAR_RESP, "RSA-R response", true, false },
	};
	struct mikey_msg *msg = new_msg();
	const struct mikey_payload *idi, *idr;
	bool lone, both;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		msg->hdr.data_type = table[i].type;
		msg->n_payloads = 0;
		add_letter(msg, 'I');
		mikey_find_ids(msg, &idi, &idr);
		lone = table[i].lone_idr ? !idi && idr : idi && !idr;
		add_letter(msg, 'I');
		mikey_find_ids(msg, &idi, &idr);
		both = idr == &msg->payload[!table[i].idr_first] &&
		       idi == &msg->payload[table[i].idr_first];
		check(lone, "a lone ID is %s in a %s (REQ-006)",
		      table[i].lone_idr ? "IDr" : "IDi", table[i].name);
		/* Verification messages have one at most */
		if (!table[i].lone_idr || table[i].type == MIKEY_DHHMAC_INIT)
			check(both, "%s comes first of two in a %s",
			      table[i].idr_first ? "IDr" : "IDi", table[i].name);
	}
	free(msg);
}

static void test_rules(void)
{
	struct mikey_msg *msg = new_msg();

	add_letter(msg, 'T');
	add_letter(msg, 'S');
	add_letter(msg, 'S');
	add_letter(msg, 'K');
	msg->payload[2].sp.policy_no = msg->payload[1].sp.policy_no;
	check(mikey_validate(msg, NULL) == MIKEY_DUPLICATE,
	      "a policy number is used once (REQ-140)");
	msg->n_payloads = 2;
	add_letter(msg, 'K');
	msg->hdr.map_type = MIKEY_MAP_EMPTY;
	check(mikey_validate(msg, NULL) == MIKEY_UNEXPECTED, "no SP with the empty map (REQ-142)");
	msg->hdr.map_type = MIKEY_MAP_GENERIC;
	msg->hdr.n_cs = 2;
	check(mikey_validate(msg, NULL) == MIKEY_DUPLICATE, "a CS ID is used once");
	free(msg);
}

int main(void)
{
	ktap_begin();
	test_shapes();
	test_ids();
	test_rules();
	return ktap_end();
}
