// SPDX-License-Identifier: GPL-2.0
/*
 * What attributes a command takes: kmod/policy.c. Every row of every table is
 * tried with what lies just outside of it.
 */
#include <kunit/test.h>
#include <net/netlink.h>

#include "../../kmod/netlink.h"

struct table {
	const char *name;
	const struct nla_policy *policy;
	int max;
};

#define TABLE(_name, _set)	{ #_name, srtp_##_name##_policy, SRTP_A_##_set##_MAX }

static const struct table tables[] = {
	TABLE(session_settings, SESSION),
	TABLE(session_id, SESSION),
	TABLE(stream_new, STREAM),
	TABLE(stream_set, STREAM),
	TABLE(stream_id, STREAM),
	TABLE(key_new, KEY),
	TABLE(key_set, KEY),
	TABLE(key_id, KEY),
	TABLE(socket_new, SOCKET),
	TABLE(socket_set, SOCKET),
	TABLE(socket_get, SOCKET),
	TABLE(socket_del, SOCKET),
};

/* The one attribute, validated as a command does. */
static int validate(struct kunit *test, const struct table *t, int type, const void *data,
		    int len)
{
	struct nlattr *attr = kunit_kzalloc(test, nla_total_size(len), GFP_KERNEL);
	struct nlattr **tb = kunit_kcalloc(test, t->max + 1, sizeof(*tb), GFP_KERNEL);
	int err;

	KUNIT_ASSERT_NOT_NULL(test, attr);
	KUNIT_ASSERT_NOT_NULL(test, tb);
	attr->nla_type = type;
	attr->nla_len = nla_attr_size(len);
	memcpy(nla_data(attr), data, len);
	err = nla_parse(tb, t->max, attr, nla_total_size(len), t->policy, NULL);
	kunit_kfree(test, attr);
	kunit_kfree(test, tb);
	return err;
}

static int width(const struct nla_policy *p)
{
	switch (p->type) {
	case NLA_U8:
		return 1;
	case NLA_U16:
	case NLA_BE16:
		return 2;
	case NLA_U32:
	case NLA_BE32:
		return 4;
	case NLA_U64:
		return 8;
	default:
		return 0;
	}
}

/* What nla_get_range_unsigned() does, which is not exported. */
static void get_range(const struct nla_policy *p, u64 widest, u64 *min, u64 *max)
{
	*min = 0;
	*max = widest;
	switch (p->validation_type) {
	case NLA_VALIDATE_RANGE:
		*min = p->min;
		*max = p->max;
		break;
	case NLA_VALIDATE_RANGE_PTR:
		*min = p->range->min;
		*max = p->range->max;
		break;
	case NLA_VALIDATE_MIN:
		*min = p->min;
		break;
	case NLA_VALIDATE_MAX:
		*max = p->max;
		break;
	default:
		break;
	}
}

static int validate_number(struct kunit *test, const struct table *t, int type, u64 value)
{
	u8 one = value;
	u16 two = value;
	u32 four = value;

	switch (width(&t->policy[type])) {
	case 1:
		return validate(test, t, type, &one, 1);
	case 2:
		return validate(test, t, type, &two, 2);
	case 4:
		return validate(test, t, type, &four, 4);
	default:
		return validate(test, t, type, &value, 8);
	}
}

static void check_number(struct kunit *test, const struct table *t, int type)
{
	const struct nla_policy *p = &t->policy[type];
	u64 widest = ~0ULL >> (64 - 8 * width(p)), min, max;
	static const u8 zeros[16];

	KUNIT_EXPECT_NE_MSG(test, 0, validate(test, t, type, zeros, width(p) - 1),
			    "%s %d: too short", t->name, type);
	KUNIT_EXPECT_NE_MSG(test, 0, validate(test, t, type, zeros, width(p) + 1),
			    "%s %d: too long", t->name, type);
	get_range(p, widest, &min, &max);
	KUNIT_EXPECT_EQ(test, 0, validate_number(test, t, type, min));
	KUNIT_EXPECT_EQ(test, 0, validate_number(test, t, type, max));
	if (min)
		KUNIT_EXPECT_NE_MSG(test, 0, validate_number(test, t, type, min - 1),
				    "%s %d: below", t->name, type);
	if (max < widest)
		KUNIT_EXPECT_NE_MSG(test, 0, validate_number(test, t, type, max + 1),
				    "%s %d: above", t->name, type);
}

/* Octets and strings have a longest length. */
static void check_octets(struct kunit *test, const struct table *t, int type)
{
	const struct nla_policy *p = &t->policy[type];
	int longest = p->len;
	u64 min, max;
	u8 *octets;

	if (p->validation_type != NLA_VALIDATE_NONE) {
		get_range(p, U16_MAX, &min, &max);
		longest = max;
	}
	KUNIT_EXPECT_GT_MSG(test, longest, 0, "%s %d has a bound", t->name, type);
	octets = kunit_kzalloc(test, longest + 2, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, octets);
	if (p->type == NLA_NUL_STRING)
		memset(octets, 'x', longest + 1);
	KUNIT_EXPECT_NE_MSG(test, 0, validate(test, t, type, octets,
					      longest + 1 + (p->type == NLA_NUL_STRING)),
			    "%s %d: too long", t->name, type);
	kunit_kfree(test, octets);
}

static void tables_test(struct kunit *test)
{
	size_t i;
	int type;

	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		for (type = 1; type <= tables[i].max; type++) {
			const struct nla_policy *p = &tables[i].policy[type];

			if (p->type == NLA_UNSPEC || p->type == NLA_REJECT)
				KUNIT_EXPECT_NE(test, 0, validate(test, &tables[i], type, "", 0));
			else if (width(p))
				check_number(test, &tables[i], type);
			else
				check_octets(test, &tables[i], type);
		}
	}
}

/* From the first attribute on, what a set does not have is refused. */
static void beyond_test(struct kunit *test)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tables); i++)
		KUNIT_EXPECT_NE_MSG(test, 0, validate(test, &tables[i], tables[i].max + 1, "", 0),
				    "%s", tables[i].name);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(tables_test),
	KUNIT_CASE(beyond_test),
	{}
};

static struct kunit_suite suite = { .name = "srtp_policy", .test_cases = cases };
kunit_test_suite(suite);
