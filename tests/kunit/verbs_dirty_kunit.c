// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Sets of ranges: whatever is added stays covered, within its region's span and
 * in bounded space.
 */
#include <linux/limits.h>
#include <linux/prandom.h>

#include <kunit/test.h>

#include "persist.h"

#define KEY(n)	(KFV_KEY_PMEM | (n))

struct dirty_case {
	const char *name;
	u32 add;
	struct kfv_range ranges[4];
	u32 n;
	struct kfv_range want[4];
};

static const struct dirty_case dirty_cases[] = {
	{ "one", 1, { { 1, 10, 20 } }, 1, { { 1, 10, 20 } } },
	{ "far apart", 2, { { 1, 0, 10 }, { 1, 267, 300 } },
	  2, { { 1, 0, 10 }, { 1, 267, 300 } } },
	{ "a small gap", 2, { { 1, 0, 10 }, { 1, 266, 300 } },
	  1, { { 1, 0, 300 } } },
	{ "a small gap in front", 2, { { 1, 266, 300 }, { 1, 0, 10 } },
	  1, { { 1, 0, 300 } } },
	{ "adjacent", 2, { { 1, 0, 10 }, { 1, 10, 20 } }, 1, { { 1, 0, 20 } } },
	{ "the same twice", 2, { { 1, 5, 10 }, { 1, 5, 10 } },
	  1, { { 1, 5, 10 } } },
	{ "inside", 2, { { 1, 0, 1000 }, { 1, 500, 501 } },
	  1, { { 1, 0, 1000 } } },
	{ "around", 2, { { 1, 500, 501 }, { 1, 0, 1000 } },
	  1, { { 1, 0, 1000 } } },
	{ "another region", 2, { { 1, 0, 10 }, { 2, 10, 20 } },
	  2, { { 1, 0, 10 }, { 2, 10, 20 } } },
	{ "a bridge", 3, { { 1, 0, 10 }, { 1, 400, 410 }, { 1, 200, 210 } },
	  1, { { 1, 0, 410 } } },
	{ "a bridge, the other way round", 3,
	  { { 1, 400, 410 }, { 1, 0, 10 }, { 1, 200, 210 } },
	  1, { { 1, 0, 410 } } },
	{ "as long as a FLUSH", 2,
	  { { 1, 0, U32_MAX - 1 }, { 1, U32_MAX - 1, U32_MAX } },
	  1, { { 1, 0, U32_MAX } } },
	{ "longer than a FLUSH", 2,
	  { { 1, 0, U32_MAX }, { 1, U32_MAX, 1ULL << 32 } },
	  2, { { 1, 0, U32_MAX }, { 1, U32_MAX, 1ULL << 32 } } },
	{ "at the end of everything", 2,
	  { { 1, U64_MAX - 9, U64_MAX }, { 1, U64_MAX - 20, U64_MAX - 9 } },
	  1, { { 1, U64_MAX - 20, U64_MAX } } },
};

KUNIT_ARRAY_PARAM_DESC(dirty, dirty_cases, name);

static void dirty_add_test(struct kunit *test)
{
	const struct dirty_case *c = test->param_value;
	struct kfv_dirty set = {};
	u32 i;

	for (i = 0; i < c->add; i++)
		KUNIT_EXPECT_TRUE(test, kfv_dirty_add(&set, &c->ranges[i]));
	KUNIT_ASSERT_EQ(test, c->n, set.n);
	KUNIT_EXPECT_MEMEQ(test, c->want, set.ranges,
			   c->n * sizeof(*set.ranges));
}

/* Ranges of @keys regions, in turn, further and further apart */
static void dirty_fill(struct kunit *test, struct kfv_dirty *set, u32 keys)
{
	u32 i;

	for (i = 0; i < KFV_DIRTY_MAX; i++) {
		struct kfv_range range = {
			.key = KEY(i % keys),
			.start = 10000ULL * i * (i + 1),
			.end = 10000ULL * i * (i + 1) + 10,
		};

		KUNIT_ASSERT_TRUE(test, kfv_dirty_add(set, &range));
	}
	KUNIT_ASSERT_EQ(test, (u32)KFV_DIRTY_MAX, set->n);
}

static bool dirty_covers(const struct kfv_dirty *set, u64 key, u64 byte)
{
	u32 i;

	for (i = 0; i < set->n; i++)
		if (set->ranges[i].key == key && set->ranges[i].start <= byte &&
		    byte < set->ranges[i].end)
			return true;
	return false;
}

/* The closest two make room, and they are those of the lowest numbers. */
static void dirty_make_room_test(struct kunit *test)
{
	const struct kfv_range more = { KEY(0), 1ULL << 40, (1ULL << 40) + 1 };
	struct kfv_dirty set = {};
	u32 i;

	dirty_fill(test, &set, 1);
	KUNIT_EXPECT_TRUE(test, kfv_dirty_add(&set, &more));
	KUNIT_EXPECT_EQ(test, (u32)KFV_DIRTY_MAX, set.n);
	KUNIT_EXPECT_TRUE(test, dirty_covers(&set, KEY(0), 10000));
	KUNIT_EXPECT_FALSE(test, dirty_covers(&set, KEY(0), 30000));
	KUNIT_EXPECT_TRUE(test, dirty_covers(&set, KEY(0), more.start));
	for (i = 0; i < KFV_DIRTY_MAX; i++)
		KUNIT_EXPECT_TRUE(test,
				  dirty_covers(&set, KEY(0),
					       10000ULL * i * (i + 1) + 9));
}

/* What is between the two that made room is the new one's place. */
static void dirty_between_test(struct kunit *test)
{
	const struct kfv_range more = { KEY(0), 10000, 10001 };
	struct kfv_dirty set = {};

	dirty_fill(test, &set, 1);
	KUNIT_EXPECT_TRUE(test, kfv_dirty_add(&set, &more));
	KUNIT_EXPECT_EQ(test, KFV_DIRTY_MAX - 1U, set.n);
	KUNIT_EXPECT_TRUE(test, dirty_covers(&set, KEY(0), 0));
	KUNIT_EXPECT_TRUE(test, dirty_covers(&set, KEY(0), 20009));
	KUNIT_EXPECT_FALSE(test, dirty_covers(&set, KEY(0), 20010));
}

/* Only ranges of one region can become one. */
static void dirty_full_test(struct kunit *test)
{
	const struct kfv_range other = { KEY(99), 0, 10 };
	const struct kfv_range touching = { KEY(3), 120010, 120020 };
	struct kfv_dirty set = {}, before;

	dirty_fill(test, &set, KFV_DIRTY_MAX);
	before = set;
	KUNIT_EXPECT_FALSE(test, kfv_dirty_add(&set, &other));
	KUNIT_EXPECT_MEMEQ(test, &before, &set, sizeof(set));
	KUNIT_EXPECT_TRUE(test, kfv_dirty_add(&set, &touching));
	KUNIT_EXPECT_EQ(test, (u32)KFV_DIRTY_MAX, set.n);
	KUNIT_EXPECT_TRUE(test, dirty_covers(&set, KEY(3), 120019));
}

static void dirty_two_of_a_region_test(struct kunit *test)
{
	const struct kfv_range other = { KEY(99), 0, 10 };
	struct kfv_dirty set = {};

	dirty_fill(test, &set, KFV_DIRTY_MAX - 1);
	KUNIT_EXPECT_TRUE(test, kfv_dirty_add(&set, &other));
	KUNIT_EXPECT_EQ(test, (u32)KFV_DIRTY_MAX, set.n);
	/* from the first one of region 0 to the last one */
	KUNIT_EXPECT_TRUE(test, dirty_covers(&set, KEY(0), 1000000));
	KUNIT_EXPECT_TRUE(test, dirty_covers(&set, KEY(0), 2400009));
	KUNIT_EXPECT_TRUE(test, dirty_covers(&set, KEY(99), 0));
}

static void dirty_join_test(struct kunit *test)
{
	struct kfv_dirty set = {}, other = {};
	const struct kfv_range volatile_memory = { 5, 0, 10 };
	const struct kfv_range pmem = { KEY(5), 100, 110 };

	KUNIT_ASSERT_TRUE(test, kfv_dirty_add(&other, &volatile_memory));
	KUNIT_ASSERT_TRUE(test, kfv_dirty_add(&other, &pmem));
	KUNIT_EXPECT_TRUE(test, kfv_dirty_join_pmem(&set, &other));
	KUNIT_ASSERT_EQ(test, 1U, set.n);
	KUNIT_EXPECT_MEMEQ(test, &pmem, set.ranges, sizeof(pmem));

	memset(&set, 0, sizeof(set));
	dirty_fill(test, &set, KFV_DIRTY_MAX);
	other.ranges[1].key = KEY(99);
	KUNIT_EXPECT_FALSE(test, kfv_dirty_join_pmem(&set, &other));
	other.n = 1;
	KUNIT_EXPECT_TRUE(test, kfv_dirty_join_pmem(&set, &other));
}

/* Against a bitmap: nothing is lost, nothing grows beyond the region's span. */
static void dirty_random_test(struct kunit *test)
{
	struct rnd_state rnd;
	u32 i, seed, byte;

	for (seed = 0; seed < 50; seed++) {
		struct kfv_dirty set = {};
		struct kfv_range range = { KEY(1) };
		u32 low = U32_MAX, high = 0, missing = 0;
		u8 *map = kunit_kzalloc(test, SZ_64K, GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, map);
		prandom_seed_state(&rnd, seed);
		for (i = 0; i < 40; i++) {
			range.start = prandom_u32_state(&rnd) % (SZ_64K - 600);
			range.end = range.start + 1 +
				    prandom_u32_state(&rnd) % 600;
			memset(map + range.start, 1, range.end - range.start);
			low = min_t(u32, low, range.start);
			high = max_t(u32, high, range.end);
			KUNIT_ASSERT_TRUE(test, kfv_dirty_add(&set, &range));
			KUNIT_ASSERT_LE(test, set.n, (u32)KFV_DIRTY_MAX);
		}
		for (byte = 0; byte < SZ_64K; byte++)
			missing += map[byte] &&
				   !dirty_covers(&set, KEY(1), byte);
		KUNIT_EXPECT_EQ(test, 0U, missing);
		for (i = 0; i < set.n; i++) {
			KUNIT_EXPECT_GE(test, set.ranges[i].start, (u64)low);
			KUNIT_EXPECT_LE(test, set.ranges[i].end, (u64)high);
		}
		kunit_kfree(test, map);
	}
}

static struct kunit_case dirty_kunit_cases[] = {
	KUNIT_CASE_PARAM(dirty_add_test, dirty_gen_params),
	KUNIT_CASE(dirty_make_room_test),
	KUNIT_CASE(dirty_between_test),
	KUNIT_CASE(dirty_full_test),
	KUNIT_CASE(dirty_two_of_a_region_test),
	KUNIT_CASE(dirty_join_test),
	KUNIT_CASE(dirty_random_test),
	{}
};

static struct kunit_suite dirty_suite = {
	.name = "kfi_verbs_dirty",
	.test_cases = dirty_kunit_cases,
};

kunit_test_suite(dirty_suite);
