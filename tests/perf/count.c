// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Instructions
 *
 * Purpose: how many instructions an operation takes, without the noise of times.
 *
 * Operation: in a machine that QEMU emulates with -icount, the cycle counter
 * counts instructions (tests/bed/run --icount). Elsewhere the numbers are what
 * the counter says, or 0.
 *
 * Three are told: of the call that posts, of the call that takes the completion,
 * both without interrupts, and of all that happens from the beginning of the one
 * to the end of the other. The latter includes soft-RoCE on both sides; it is
 * the difference between two operations that says something. It also has what
 * the completion handler does.
 */
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/timex.h>

#include "perf.h"

enum kfp_count_what {
	KFP_COUNT_POST,
	KFP_COUNT_READ,
	KFP_COUNT_ALL,
	KFP_COUNTS
};

static const char *const kfp_count_names[] = { "post", "read", "all" };

/**
 * struct kfp_count - counts of an operation
 * @perf: the command
 * @op: the operation
 * @values: of each count, perf.count of them
 * @idle: what counting nothing counts
 */
struct kfp_count {
	struct kfp *perf;
	const struct kfp_op *op;
	u32 *values[KFP_COUNTS];
	u32 idle;
};

static u32 kfp_count_nothing(void)
{
	unsigned long flags;
	cycles_t start, end;

	local_irq_save(flags);
	start = get_cycles();
	end = get_cycles();
	local_irq_restore(flags);
	return end - start;
}

/* A call, and what it takes */
static int kfp_count_call(struct kfp *perf, int (*call)(struct kfp *perf), u32 *n)
{
	unsigned long flags;
	cycles_t start;
	int rc;

	local_irq_save(flags);
	start = get_cycles();
	rc = call(perf);
	*n = get_cycles() - start;
	local_irq_restore(flags);
	return rc;
}

static int kfp_count_parts(struct kfp_count *count, u32 i)
{
	struct kfp *perf = count->perf;
	int rc;

	rc = kfp_count_call(perf, count->op->post, &count->values[KFP_COUNT_POST][i]);
	while (!rc) {
		rc = kfp_count_call(perf, count->op->poll,
				    &count->values[KFP_COUNT_READ][i]);
		cond_resched();
	}
	return rc < 0 ? rc : 0;
}

static int kfp_count_all(struct kfp_count *count, u32 i)
{
	cycles_t start = get_cycles();
	int rc;

	rc = count->op->post(count->perf);
	rc = rc ?: kfp_load_wait(count->perf, count->op);
	count->values[KFP_COUNT_ALL][i] = get_cycles() - start;
	return rc;
}

static int kfp_count_compare(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

/* The lowest, the median, and how many of a hundred are the median */
static void kfp_count_print(struct kfp_count *count, enum kfp_count_what what)
{
	u32 *v = count->values[what], n = count->perf->count, same = 0, i;

	sort(v, n, sizeof(*v), kfp_count_compare, NULL);
	for (i = 0; i < n; i++)
		same += v[i] == v[n / 2];
	ktl_session_printf(count->perf->session, "count %u %s %s %u %u %u\n",
			   count->perf->len, count->op->name,
			   kfp_count_names[what], v[n / 2] - count->idle,
			   v[0] - count->idle, 100 * same / n);
}

static int kfp_count_op(struct kfp_count *count)
{
	int rc = kfp_load_check(count->perf, count->op, 1);
	u32 i;

	for (i = 0; !rc && i < count->perf->count; i++)
		rc = kthread_should_stop() ? -EINTR : kfp_count_parts(count, i);
	for (i = 0; !rc && i < count->perf->count; i++)
		rc = kthread_should_stop() ? -EINTR : kfp_count_all(count, i);
	for (i = 0; !rc && i < KFP_COUNTS; i++)
		kfp_count_print(count, i);
	return rc;
}

/**
 * kfp_count_run - count the instructions of all operations
 * @perf: the command; everything is open
 *
 * Prints "count LEN OP post|read|all MEDIAN LOWEST PERCENT", where PERCENT of the
 * operations took as many as the median.
 *
 * Context: a kernel thread; may sleep.
 * Return: 0 or a negative errno.
 */
int kfp_count_run(struct kfp *perf)
{
	struct kfp_count count = { .perf = perf, .idle = kfp_count_nothing() };
	const struct kfp_op *ops[KFP_MAX_OPS];
	u32 n = kfp_ops(perf, ops), i;
	int rc = 0;

	for (i = 0; i < KFP_COUNTS; i++) {
		count.values[i] = kvcalloc(perf->count, sizeof(u32), GFP_KERNEL);
		if (!count.values[i])
			rc = -ENOMEM;
	}
	for (i = 0; !rc && i < n; i++) {
		count.op = ops[i];
		if (ops[i]->writes == 1)
			rc = kfp_count_op(&count);
	}
	for (i = 0; i < KFP_COUNTS; i++)
		kvfree(count.values[i]);
	return rc;
}
