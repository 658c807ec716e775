// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Report
 *
 * Purpose: the table, with the columns of fi_pingpong and two more: how many
 * buffers were compared, and how many of them were wrong.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "pp.h"

#define PP_REPORT_NAMES	"%-8s%-8s%-8s%-8s%9s%11s%12s%12s%10s%8s\n"

/* 65536 is 64k */
static const char *pp_report_size(char *text, size_t size, u64 value)
{
	static const char units[] = { '\0', 'k', 'm', 'g', 't' };
	size_t unit = 0;

	while (value >= SZ_1K && !(value % SZ_1K) &&
	       unit + 1 < ARRAY_SIZE(units)) {
		value /= SZ_1K;
		unit++;
	}
	scnprintf(text, size, "%llu%.1s", value, &units[unit]);
	return text;
}

/* Hundredths as a decimal fraction. */
static const char *pp_report_fraction(char *text, size_t size, u64 hundredths)
{
	scnprintf(text, size, "%llu.%02llu", hundredths / 100,
		  hundredths % 100);
	return text;
}

/**
 * pp_report_head - say what is going on and print the names of the columns
 * @session: where to
 * @opts: of the command
 *
 * Context: a thread of the command; may sleep.
 */
void pp_report_head(struct ktl_session *session, const struct pp_opts *opts)
{
	static const char *const kinds[] = {
		[PP_SEND] = "send",
		[PP_WRITE] = "write",
		[PP_READ] = "read",
	};

	ktl_session_printf(session, "%s, %s memory%s\n",
			   kinds[opts->test.kind], ktl_buf_kinds[opts->mem],
			   opts->test.verify ?
			   ", times include the comparison" : "");
	ktl_session_printf(session, PP_REPORT_NAMES, "bytes", "#sent", "#ack",
			   "total", "time/s", "MB/sec", "usec/xfer",
			   "Mxfers/sec", "verified", "wrong");
}

/**
 * pp_report_row - print what one size took
 * @session: where to
 * @test: what was done; each round trip has two transfers
 * @size: bytes of a transfer
 * @nsecs: nanoseconds of all round trips
 * @wrong: buffers with wrong bytes, on both sides as far as known
 *
 * Context: a thread of the command; may sleep.
 */
void pp_report_row(struct ktl_session *session, const struct pp_test *test,
		   u64 size, u64 nsecs, u64 wrong)
{
	char bytes[16], sent[16], ack[16], total[16], verified[16];
	char time[16], rate[24], each[24], mxfers[24], bad[16];
	u64 xfers = 2ULL * test->count;

	nsecs = max(nsecs, 1ULL);
	scnprintf(sent, sizeof(sent), "%u", test->count);
	scnprintf(ack, sizeof(ack), "=%u", test->count);
	scnprintf(verified, sizeof(verified), "%llu",
		  test->verify ? xfers : 0);
	scnprintf(bad, sizeof(bad), "%llu", wrong);

	ktl_session_printf(session, PP_REPORT_NAMES,
			   pp_report_size(bytes, sizeof(bytes), size), sent,
			   ack,
			   pp_report_size(total, sizeof(total), size * xfers),
			   pp_report_fraction(time, sizeof(time),
					      nsecs / 10000000),
			   pp_report_fraction(rate, sizeof(rate),
					      mul_u64_u64_div_u64(size * xfers,
								  100000,
								  nsecs)),
			   pp_report_fraction(each, sizeof(each),
					      nsecs / xfers / 10),
			   pp_report_fraction(mxfers, sizeof(mxfers),
					      xfers * 100000 / nsecs),
			   verified, bad);
}
