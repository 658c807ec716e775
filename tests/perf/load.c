// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Load
 *
 * Purpose: how long operations take, and how much longer than others.
 *
 * Operation: operations take turns, in rounds: each does a number of them one by
 * one, then comes the next. Every other round goes backwards. Batches have rounds of
 * their own: they leave caches in another state. The ratio of two of
 * them is taken in each round, where the machine was the same for both; what is
 * told is the median of the ratios, and the quartiles. So a machine that becomes
 * slower or faster meanwhile does not matter, and neither does a disturbance
 * that hits a few rounds.
 *
 * Who waits looks again and again, for kfabric and for verbs in the same loop,
 * and lets go of the processor whenever somebody else wants it, who may be the
 * one that does the work of soft-RoCE. Or it sleeps, and is woken by the handler
 * of the completion.
 *
 * Errors: an operation that fails, that takes more than some seconds, or after
 * which the bytes are not there ends the command.
 */
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "perf.h"

#define KFP_LOAD_TIMEOUT	(10 * HZ)
#define KFP_LOAD_UNIT		1000	/* a ratio of 1 */
#define KFP_LOAD_WARM		20	/* operations that do not count */
#define KFP_LOAD_SETTLE		5	/* likewise, of a turn: one in so many */

/**
 * struct kfp_ratio - what is compared
 * @num: this operation
 * @den: with this one
 * @bound: most that it should be, in thousandths, or 0
 */
struct kfp_ratio {
	const char *num;
	const char *den;
	u32 bound;
};

static const struct kfp_ratio kfp_ratios[] = {
	{ "kfi-flush", "raw-flush", 1030 },
	{ "kfi-flush", "raw-write", 1120 },
	{ "kfi-flush", "raw-cpu", 600 },
	{ "kfi-batch-flush", "kfi-batch", 1300 },
	{ "kfi-write", "raw-write" },
	{ "kfi-write-pmem", "raw-write" },
	{ "raw-flush", "raw-write" },
	{ "raw-flush", "raw-cpu" },
	{ "kfi-cpu", "raw-cpu" },
	{ "kfi-cpu", "raw-write" },
	{ "raw-batch-flush", "raw-batch" },
	{ "kfi-batch", "raw-batch" },
	{ "kfi-batch-flush", "raw-batch-flush" },
	{ "direct-write", "raw-write" },
	{ "kfi-flush", "direct-flush" },
};

/**
 * struct kfp_load - what is measured in a run
 * @perf: the command
 * @ops: operations
 * @n: how many
 * @ns: nanoseconds of an operation, by operation and round
 * @sorted: room for the values of all rounds
 */
struct kfp_load {
	struct kfp *perf;
	const struct kfp_op *ops[KFP_MAX_OPS];
	u32 n;
	u32 *ns;
	u32 *sorted;
};

/**
 * kfp_load_wait - wait until an operation is done
 * @perf: the command
 * @op: was begun
 *
 * Context: a kernel thread.
 * Return: 0 or a negative errno.
 */
int kfp_load_wait(struct kfp *perf, const struct kfp_op *op)
{
	unsigned long end = jiffies + KFP_LOAD_TIMEOUT;
	int rc;

	if (perf->wait == KFP_SLEEP && !op->direct &&
	    !wait_for_completion_timeout(&perf->woken, KFP_LOAD_TIMEOUT))
		return -ETIMEDOUT;
	while (!(rc = op->poll(perf))) {
		cond_resched();
		cpu_relax();
		if (unlikely(time_after(jiffies, end)))
			return -ETIMEDOUT;
	}
	return rc < 0 ? rc : 0;
}

static int kfp_load_one(struct kfp *perf, const struct kfp_op *op)
{
	int rc = op->post(perf);

	return rc ?: kfp_load_wait(perf, op);
}

static int kfp_load_many(struct kfp *perf, const struct kfp_op *op, u32 n)
{
	int rc = 0;

	while (!rc && n--)
		rc = kfp_load_one(perf, op);
	return rc;
}

static void *kfp_load_target(const struct kfp *perf, const struct kfp_op *op)
{
	switch (op->to) {
	case KFP_TO_LEGACY:
		return perf->legacy->mem;
	case KFP_TO_DRAM:
		return perf->dram;
	default:
		return perf->pmem->mem;
	}
}

/**
 * kfp_load_check - see whether an operation does what it should
 * @perf: the command
 * @op: the operation
 * @seed: makes the contents different from earlier ones
 *
 * Context: a kernel thread.
 * Return: 0; -EBADMSG if the bytes are not there; another negative errno.
 */
int kfp_load_check(struct kfp *perf, const struct kfp_op *op, u8 seed)
{
	size_t len = (size_t)op->writes * perf->len;
	u8 *target = kfp_load_target(perf, op);
	u8 *src = perf->src;
	size_t i;
	int rc;

	for (i = 0; i < KFP_AREA; i++)
		src[i] = seed + i * 7 + i / 251;
	memset(target, 0, KFP_AREA);
	rc = kfp_load_one(perf, op);
	if (!rc && (memcmp(target, src, len) ||
		    memchr_inv(target + len, 0, KFP_AREA - len)))
		rc = -EBADMSG;
	rc = rc ?: kfp_load_many(perf, op, KFP_LOAD_WARM);
	if (rc)
		ktl_session_printf(perf->session, "%s, %u bytes: failed (%d)\n",
				   op->name, perf->len, rc);
	return rc;
}

static u32 *kfp_load_series(const struct kfp_load *load, u32 op)
{
	return load->ns + (size_t)op * load->perf->rounds;
}

static bool kfp_load_is_batch(const struct kfp_op *op)
{
	return op->writes > 1;
}

static u32 kfp_load_turns(const struct kfp_load *load, const struct kfp_op *op)
{
	return kfp_load_is_batch(op) ? DIV_ROUND_UP(load->perf->count, 10) :
				       load->perf->count;
}

static int kfp_load_turn(struct kfp_load *load, u32 i, u32 round)
{
	const struct kfp_op *op = load->ops[i];
	u32 n = kfp_load_turns(load, op);
	u64 start;
	int rc;

	rc = kfp_load_many(load->perf, op, DIV_ROUND_UP(n, KFP_LOAD_SETTLE));
	start = ktime_get_ns();
	rc = rc ?: kfp_load_many(load->perf, op, n);
	kfp_load_series(load, i)[round] = div_u64(ktime_get_ns() - start, n);
	if (rc)
		ktl_session_printf(load->perf->session, "%s: failed (%d)\n",
				   op->name, rc);
	return rc;
}

static int kfp_load_round(struct kfp_load *load, u32 round, bool batches)
{
	u32 i, k;
	int rc = 0;

	for (i = 0; !rc && i < load->n; i++) {
		k = round % 2 ? load->n - 1 - i : i;
		if (kfp_load_is_batch(load->ops[k]) == batches)
			rc = kfp_load_turn(load, k, round);
	}
	return kthread_should_stop() ? -EINTR : rc;
}

static int kfp_load_compare(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

/* A name, median, quartiles; of load->sorted */
static void kfp_load_print(struct kfp_load *load, const char *what)
{
	u32 *v = load->sorted, n = load->perf->rounds;

	sort(v, n, sizeof(*v), kfp_load_compare, NULL);
	ktl_session_printf(load->perf->session, "%s %u %u %u", what, v[n / 2],
			   v[n / 4], v[n * 3 / 4]);
}

static void kfp_load_print_op(struct kfp_load *load, u32 i)
{
	char what[64];

	memcpy(load->sorted, kfp_load_series(load, i),
	       load->perf->rounds * sizeof(*load->sorted));
	snprintf(what, sizeof(what), "time %u %s", load->perf->len,
		 load->ops[i]->name);
	kfp_load_print(load, what);
	ktl_session_puts(load->perf->session, "\n");
}

static int kfp_load_find(const struct kfp_load *load, const char *name)
{
	u32 i;

	for (i = 0; i < load->n; i++) {
		if (!strcmp(load->ops[i]->name, name))
			return i;
	}
	return -ENOENT;
}

static void kfp_load_print_ratio(struct kfp_load *load,
				 const struct kfp_ratio *ratio)
{
	int num = kfp_load_find(load, ratio->num);
	int den = kfp_load_find(load, ratio->den);
	char what[80];
	u32 i;

	if (num < 0 || den < 0)
		return;
	for (i = 0; i < load->perf->rounds; i++)
		load->sorted[i] = div_u64((u64)kfp_load_series(load, num)[i] *
					  KFP_LOAD_UNIT,
					  max(kfp_load_series(load, den)[i], 1U));
	snprintf(what, sizeof(what), "ratio %u %s %s", load->perf->len,
		 ratio->num, ratio->den);
	kfp_load_print(load, what);
	ktl_session_printf(load->perf->session, " %u\n", ratio->bound);
}

static int kfp_load_measure(struct kfp_load *load)
{
	int rc = 0;
	u32 i;

	for (i = 0; !rc && i < load->n; i++)
		rc = kfp_load_check(load->perf, load->ops[i], 17 * i + 1);
	for (i = 0; !rc && i < load->perf->rounds; i++)
		rc = kfp_load_round(load, i, false);
	for (i = 0; !rc && i < load->perf->rounds; i++)
		rc = kfp_load_round(load, i, true);
	if (rc)
		return rc;
	for (i = 0; i < load->n; i++)
		kfp_load_print_op(load, i);
	for (i = 0; i < ARRAY_SIZE(kfp_ratios); i++)
		kfp_load_print_ratio(load, &kfp_ratios[i]);
	return 0;
}

/**
 * kfp_load_run - measure all operations and print times and ratios
 * @perf: the command; everything is open
 *
 * Times are in nanoseconds, ratios in thousandths: "time LEN OP MEDIAN QUARTILE
 * QUARTILE" and "ratio LEN OP OP MEDIAN QUARTILE QUARTILE BOUND".
 *
 * Context: a kernel thread; may sleep.
 * Return: 0 or a negative errno.
 */
int kfp_load_run(struct kfp *perf)
{
	struct kfp_load load = { .perf = perf };
	int rc = -ENOMEM;

	load.n = kfp_ops(perf, load.ops);
	load.ns = kvcalloc(load.n * perf->rounds, sizeof(*load.ns), GFP_KERNEL);
	load.sorted = kvcalloc(perf->rounds, sizeof(*load.sorted), GFP_KERNEL);
	if (load.ns && load.sorted)
		rc = kfp_load_measure(&load);
	kvfree(load.sorted);
	kvfree(load.ns);
	return rc;
}
