// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Sets of ranges
 *
 * Purpose: remember in bounded space what was written to the peer's memory, for
 * a commit of all of it.
 *
 * Operation: ranges of a region that touch, or nearly do, are one range. When
 * the set is full, the two of a region that are closest become one, with what
 * is between them: committing too much costs time and is right, committing too
 * little is not. A range never leaves the span of what was written to its
 * region, and never grows beyond what one FLUSH can say.
 *
 * Errors: a set whose ranges are all of different regions takes no other one.
 */
#include <linux/limits.h>
#include <linux/minmax.h>

#include <kunit/visibility.h>

#include "persist.h"

/* A gap that is cheaper to commit than to tell: four cache lines */
#define KFV_DIRTY_GAP	256

static u64 kfv_dirty_gap(const struct kfv_range *a, const struct kfv_range *b)
{
	if (a->end < b->start)
		return b->start - a->end;
	return b->end < a->start ? a->start - b->end : 0;
}

static bool kfv_dirty_can_unite(const struct kfv_range *a,
				const struct kfv_range *b)
{
	return a->key == b->key &&
	       max(a->end, b->end) - min(a->start, b->start) <= U32_MAX;
}

static void kfv_dirty_unite(struct kfv_range *to, const struct kfv_range *from)
{
	to->start = min(to->start, from->start);
	to->end = max(to->end, from->end);
}

static void kfv_dirty_remove(struct kfv_dirty *set, u32 i)
{
	set->ranges[i] = set->ranges[--set->n];
}

/* Make @range as large as those that it touches, which are removed */
static void kfv_dirty_absorb(struct kfv_dirty *set, struct kfv_range *range)
{
	u32 i = 0;

	while (i < set->n) {
		if (!kfv_dirty_can_unite(&set->ranges[i], range) ||
		    kfv_dirty_gap(&set->ranges[i], range) > KFV_DIRTY_GAP) {
			i++;
			continue;
		}
		kfv_dirty_unite(range, &set->ranges[i]);
		kfv_dirty_remove(set, i);
		/* it may touch earlier ones now */
		i = 0;
	}
}

/* Of all pairs that can become one, join the closest. False without any. */
static bool kfv_dirty_make_room(struct kfv_dirty *set)
{
	u64 gap, best_gap = U64_MAX;
	u32 i, j, to = 0, from = 0;

	for (i = 0; i < set->n; i++) {
		for (j = i + 1; j < set->n; j++) {
			if (!kfv_dirty_can_unite(&set->ranges[i],
						 &set->ranges[j]))
				continue;
			gap = kfv_dirty_gap(&set->ranges[i], &set->ranges[j]);
			if (gap < best_gap) {
				best_gap = gap;
				to = i;
				from = j;
			}
		}
	}
	if (best_gap == U64_MAX)
		return false;
	kfv_dirty_unite(&set->ranges[to], &set->ranges[from]);
	kfv_dirty_remove(set, from);
	return true;
}

/**
 * kfv_dirty_add - add a range to a set
 * @set: the set
 * @range: not empty
 *
 * Context: any.
 * Return: true; false if the set is full and stays as it is.
 */
bool kfv_dirty_add(struct kfv_dirty *set, const struct kfv_range *range)
{
	struct kfv_range whole = *range;

	if (!set->n) {
		set->ranges[set->n++] = whole;
		return true;
	}
	kfv_dirty_absorb(set, &whole);
	if (set->n == KFV_DIRTY_MAX && !kfv_dirty_make_room(set))
		return false;
	/* the one that made room may touch it */
	kfv_dirty_absorb(set, &whole);
	set->ranges[set->n++] = whole;
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_dirty_add);

/**
 * kfv_dirty_join_pmem - add the ranges of another set that are in persistent
 *	memory
 * @set: the set
 * @other: the other set
 *
 * Context: any.
 * Return: true; false if they do not all fit.
 */
bool kfv_dirty_join_pmem(struct kfv_dirty *set, const struct kfv_dirty *other)
{
	u32 i;

	for (i = 0; i < other->n; i++)
		if (other->ranges[i].key & KFV_KEY_PMEM &&
		    !kfv_dirty_add(set, &other->ranges[i]))
			return false;
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_dirty_join_pmem);
