// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * What becomes of many values: percentiles, a histogram, quartiles.
 */
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/sort.h>

#include "gen.h"

#define KFP_STATS_FINE	2	/* bits: cells of the histogram in each power of two */

static int kfp_stats_compare(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

/**
 * kfp_stats_sort - sort values
 * @values: the values
 * @n: how many
 *
 * Context: any.
 */
void kfp_stats_sort(u32 *values, u32 n)
{
	sort(values, n, sizeof(*values), kfp_stats_compare, NULL);
}

/**
 * kfp_stats_at - the value that a share of all values is not above
 * @sorted: the values
 * @n: how many
 * @of: the share, ...
 * @parts: ... as a fraction of so many
 *
 * Context: any.
 * Return: the value.
 */
u32 kfp_stats_at(const u32 *sorted, u32 n, u32 of, u32 parts)
{
	return sorted[min_t(u64, div_u64((u64)n * of, parts), n - 1)];
}

static u32 kfp_stats_deviation(const u32 *values, u32 n, u32 mean)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < n; i++) {
		s64 far = (s64)values[i] - mean;

		sum += far * far;
	}
	return int_sqrt64(div_u64(sum, n));
}

/**
 * kfp_stats_line - print what there is to say about values
 * @session: where to
 * @name: whose
 * @values: the values; are sorted
 * @n: how many
 *
 * "samples NAME COUNT MIN 50% 90% 99% 99.9% MAX MEAN DEVIATION"
 *
 * Context: process.
 */
void kfp_stats_line(struct ktl_session *session, const char *name,
		    u32 *values, u32 n)
{
	u64 sum = 0;
	u32 mean, i;

	for (i = 0; i < n; i++)
		sum += values[i];
	mean = div_u64(sum, n);
	kfp_stats_sort(values, n);
	ktl_session_printf(session, "samples %s %u %u %u %u %u %u %u %u %u\n",
			   name, n, values[0], kfp_stats_at(values, n, 1, 2),
			   kfp_stats_at(values, n, 9, 10),
			   kfp_stats_at(values, n, 99, 100),
			   kfp_stats_at(values, n, 999, 1000), values[n - 1],
			   mean, kfp_stats_deviation(values, n, mean));
}

/* The cell of a value begins there: its highest bits, the others 0 */
static u32 kfp_stats_floor(u32 value)
{
	u32 low = fls(value) - 1 - KFP_STATS_FINE;

	return fls(value) <= KFP_STATS_FINE ? value : value >> low << low;
}

/**
 * kfp_stats_histogram - print how many values are where
 * @session: where to
 * @name: whose
 * @sorted: the values
 * @n: how many
 *
 * "histogram NAME FLOOR:COUNT...", four cells for each power of two
 *
 * Context: process.
 */
void kfp_stats_histogram(struct ktl_session *session, const char *name,
			 const u32 *sorted, u32 n)
{
	u32 count = 0, i;

	ktl_session_printf(session, "histogram %s", name);
	for (i = 0; i < n; i++) {
		count++;
		if (i + 1 < n && kfp_stats_floor(sorted[i]) ==
				 kfp_stats_floor(sorted[i + 1]))
			continue;
		ktl_session_printf(session, " %u:%u", kfp_stats_floor(sorted[i]),
				   count);
		count = 0;
	}
	ktl_session_puts(session, "\n");
}

/**
 * kfp_stats_quartiles - print the median of values, and how far they spread
 * @session: where to
 * @what: what to print in front
 * @values: the values; are sorted
 * @n: how many
 *
 * "WHAT MEDIAN QUARTILE QUARTILE"
 *
 * Context: process.
 */
void kfp_stats_quartiles(struct ktl_session *session, const char *what,
			 u32 *values, u32 n)
{
	kfp_stats_sort(values, n);
	ktl_session_printf(session, "%s %u %u %u\n", what,
			   kfp_stats_at(values, n, 1, 2),
			   kfp_stats_at(values, n, 1, 4),
			   kfp_stats_at(values, n, 3, 4));
}
