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
 * On the null device (null.c) all that happens is counted, from the call that posts
 * to the completion that is read, on one processor: the call; the interrupt and the
 * softirq that it brings, with the core's part and the completion handler; the call
 * that reads. What the device itself does is not. Operations are counted in the first
 * half of the time between two ticks of the clock. So nothing comes in between, and
 * all of them take the same. Where completions are polled there is no interrupt and
 * no softirq, and what handles completions is part of the call that reads.
 *
 * On the real device it is the call that posts, with what of it is the device's
 * part, and the call that reads, both without interrupts. Soft-RoCE works in threads
 * of its own, which are not counted.
 *
 * Before that each operation is done on the real device, and its bytes looked at.
 */
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/minmax.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <linux/timex.h>

#include "count.h"
#include "null.h"
#include "perf.h"
#include "raw.h"

#define KFP_COUNT_TIMEOUT	(10 * HZ)
#define KFP_COUNT_WARM		10U	/* operations that do not count */

/**
 * enum kfp_count_part - parts of an operation
 * @KFP_COUNT_POST: the call that posts, without the next one
 * @KFP_COUNT_BELOW: the device's part of it
 * @KFP_COUNT_HANDLER: completion handlers
 * @KFP_COUNT_READ: the call that reads
 * @KFP_COUNT_REST: the core, and the softirq
 * @KFP_COUNT_TOTAL: all that is counted
 * @KFP_COUNT_PARTS: number of parts
 */
enum kfp_count_part {
	KFP_COUNT_POST,
	KFP_COUNT_BELOW,
	KFP_COUNT_HANDLER,
	KFP_COUNT_READ,
	KFP_COUNT_REST,
	KFP_COUNT_TOTAL,
	KFP_COUNT_PARTS
};

static const char *const kfp_count_names[] = {
	"post", "below", "handler", "read", "rest", "total",
};

/**
 * struct kfp_count - counts of an operation
 * @perf: the command
 * @values: of each part, perf.count of them
 * @idle: what counting nothing counts
 * @idle_call: likewise a call of nothing
 * @ticked: when the clock ticked last, or longer ago
 * @tick: cycles from one tick to the next
 */
struct kfp_count {
	struct kfp *perf;
	u32 *values[KFP_COUNT_PARTS];
	u32 idle;
	u32 idle_call;
	cycles_t ticked;
	cycles_t tick;
};

static int kfp_count_nothing(struct kfp *perf)
{
	return 0;
}

/* A call, and what it takes */
static noinline int kfp_count_call(struct kfp *perf,
				   int (*call)(struct kfp *perf), u32 *n)
{
	cycles_t start = get_cycles();
	int rc = call(perf);

	*n = get_cycles() - start;
	return rc;
}

static int kfp_count_quietly(struct kfp *perf, int (*call)(struct kfp *perf),
			     u32 *n)
{
	unsigned long flags;
	int rc;

	local_irq_save(flags);
	rc = kfp_count_call(perf, call, n);
	local_irq_restore(flags);
	return rc;
}

static int kfp_count_wait(struct kfp *perf, int (*poll)(struct kfp *perf))
{
	unsigned long end = jiffies + KFP_COUNT_TIMEOUT;
	int rc;

	while (!(rc = poll(perf))) {
		cond_resched();
		if (time_after(jiffies, end))
			return -ETIMEDOUT;
	}
	return rc < 0 ? rc : 0;
}

/*
 * The real device
 */

/* What has no completion has a millisecond. */
static int kfp_count_finish(struct kfp *perf, const struct kfp_count_op *op)
{
	if (!op->poll || op->max_len)
		usleep_range(1000, 2000);
	return op->after ? kfp_count_wait(perf, op->after) : 0;
}

static int kfp_count_real(struct kfp_count *count,
			  const struct kfp_count_op *op, u32 i)
{
	const struct kfp_null_tally *tally;
	u32 *post = &count->values[KFP_COUNT_POST][i];
	u32 *read = &count->values[KFP_COUNT_READ][i];
	unsigned long end = jiffies + KFP_COUNT_TIMEOUT;
	struct kfp *perf = count->perf;
	int rc;

	rc = op->before ? op->before(perf) : 0;
	if (rc)
		return rc;
	tally = kfp_null_begin(false);
	rc = kfp_count_quietly(perf, op->post, post);
	*post -= count->idle_call + tally->device;
	count->values[KFP_COUNT_BELOW][i] = tally->below;
	if (!rc && op->between)
		rc = op->between(perf);
	*read = count->idle_call;
	while (!rc && op->poll) {
		rc = kfp_count_quietly(perf, op->poll, read);
		cond_resched();
		if (!rc && time_after(jiffies, end))
			rc = -ETIMEDOUT;
	}
	*read -= count->idle_call;
	return rc < 0 ? rc : kfp_count_finish(perf, op);
}

static void *kfp_count_area(struct kfp *perf, const struct kfp_count_op *op,
			    bool from)
{
	if (from)
		return op->moves == KFP_COUNT_IN ? perf->pmem->mem : perf->src;
	return op->moves == KFP_COUNT_OUT ? perf->pmem->mem :
	       op->moves == KFP_COUNT_IN ? perf->src : perf->dram;
}

/* Once, and the right bytes must be there. */
static int kfp_count_check(struct kfp_count *count,
			   const struct kfp_count_op *op, u8 seed)
{
	u8 *from = kfp_count_area(count->perf, op, true);
	u8 *to = kfp_count_area(count->perf, op, false);
	size_t len = (size_t)op->n * count->perf->len;
	size_t i;
	int rc;

	for (i = 0; i < KFP_AREA; i++)
		from[i] = seed + i * 7 + i / 251;
	memset(to, 0, KFP_AREA);
	rc = kfp_count_real(count, op, 0);
	if (!rc && (memcmp(to, from, len) ||
		    memchr_inv(to + len, 0, KFP_AREA - len)))
		rc = -EBADMSG;
	return rc;
}

/*
 * The null device
 */

/* The interrupt and the softirq, without the device. Softirqs are on from here. */
static u32 kfp_count_null_told(struct kfp_count *count, struct kfp_null_cq *cq,
			       const struct kfp_null_tally *tally)
{
	u32 device = tally->device;
	u32 rest = kfp_null_interrupt(cq);
	cycles_t start = get_cycles();

	local_bh_enable();
	rest += get_cycles() - start - count->idle;
	return rest - (tally->device - device);
}

/* One after the other, and what the peer has to do with it */
static int kfp_count_null(struct kfp_count *count,
			  const struct kfp_count_op *op, u32 i, bool handlers)
{
	const struct kfp_null_tally *tally;
	u32 post, read, device, rest;
	struct kfp *perf = count->perf;
	struct kfp_null_cq *cq;
	int rc;

	rc = op->before ? op->before(perf) : 0;
	if (rc)
		return rc;
	local_bh_disable();
	tally = kfp_null_begin(handlers);
	rc = kfp_count_call(perf, op->post, &post);
	post -= count->idle_call + tally->device;
	cq = kfp_null_target();
	if (!rc && op->between)
		rc = op->between(perf);
	rest = kfp_count_null_told(count, op->polled ? NULL : cq, tally);
	if (op->polled)
		rest = 0;
	device = tally->device;
	read = count->idle_call;
	if (!rc && op->poll)
		rc = kfp_count_call(perf, op->poll, &read) == 1 ? 0 : -EIO;
	read -= count->idle_call + tally->device - device;

	if (handlers) {
		count->values[KFP_COUNT_HANDLER][i] = tally->handler;
	} else {
		count->values[KFP_COUNT_POST][i] = post;
		count->values[KFP_COUNT_HANDLER][i] = 0;
		count->values[KFP_COUNT_READ][i] = read;
		count->values[KFP_COUNT_REST][i] = rest;
	}

	local_bh_disable();
	kfp_null_interrupt_all();
	local_bh_enable();
	if (!rc && op->after)
		rc = op->after(perf) == 1 ? 0 : -EIO;
	return rc;
}

/* The clock has just ticked, and what it brings is done. */
static void kfp_count_settle(struct kfp_count *count)
{
	unsigned long now = jiffies;

	/* without cpu_relax(), which takes an emulator long */
	while (!time_after(jiffies, now))
		barrier();
	count->ticked = get_cycles();
	local_bh_disable();
	local_bh_enable();
}

/* Twice: what completion handlers take is counted apart. */
static int kfp_count_null_all(struct kfp_count *count,
			      const struct kfp_count_op *op, bool handlers)
{
	int rc = 0;
	u32 i;

	preempt_disable();
	kfp_count_settle(count);
	for (i = 0; !rc && i < KFP_COUNT_WARM + count->perf->count; i++) {
		if (get_cycles() - count->ticked > count->tick / 2)
			kfp_count_settle(count);
		rc = kfp_count_null(count, op, max(i, KFP_COUNT_WARM) -
				    KFP_COUNT_WARM, handlers);
	}
	preempt_enable();
	cond_resched();
	return rc;
}

static void kfp_count_add_up(struct kfp_count *count)
{
	u32 **v = count->values;
	u32 i;

	for (i = 0; i < count->perf->count; i++) {
		v[KFP_COUNT_TOTAL][i] = v[KFP_COUNT_POST][i] +
					v[KFP_COUNT_REST][i] +
					v[KFP_COUNT_READ][i];
		v[KFP_COUNT_REST][i] -= v[KFP_COUNT_HANDLER][i];
	}
}

/*
 * Both
 */
static int kfp_count_compare(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

/* The median, the lowest, and how many of a hundred are the median */
static void kfp_count_print(struct kfp_count *count,
			    const struct kfp_count_op *op,
			    enum kfp_count_part part)
{
	u32 *v = count->values[part], n = count->perf->count, same = 0, i;

	sort(v, n, sizeof(*v), kfp_count_compare, NULL);
	for (i = 0; i < n; i++)
		same += v[i] == v[n / 2];
	ktl_session_printf(count->perf->session, "count %s %u %s %s %u %u %u %u\n",
			   count->perf->null ? "null" : "rxe", count->perf->len,
			   op->name, kfp_count_names[part], op->n, v[n / 2],
			   v[0], 100 * same / n);
}

static int kfp_count_on_null(struct kfp_count *count,
			     const struct kfp_count_op *op)
{
	enum kfp_count_part part;
	int rc;

	rc = kfp_count_null_all(count, op, false);
	/* who polls need not call any */
	if (!rc && !op->polled)
		rc = kfp_count_null_all(count, op, true);
	if (rc)
		return rc;
	kfp_count_add_up(count);
	for (part = 0; part < KFP_COUNT_PARTS; part++) {
		if (part != KFP_COUNT_BELOW)
			kfp_count_print(count, op, part);
	}
	return 0;
}

static int kfp_count_on_real(struct kfp_count *count,
			     const struct kfp_count_op *op)
{
	int rc = 0;
	u32 i;

	for (i = 0; !rc && i < KFP_COUNT_WARM; i++)
		rc = kfp_count_real(count, op, 0);
	for (i = 0; !rc && i < count->perf->count; i++)
		rc = kthread_should_stop() ? -EINTR :
					     kfp_count_real(count, op, i);
	if (rc)
		return rc;
	kfp_count_print(count, op, KFP_COUNT_POST);
	kfp_count_print(count, op, KFP_COUNT_BELOW);
	if (op->poll)
		kfp_count_print(count, op, KFP_COUNT_READ);
	return 0;
}

static bool kfp_count_can(const struct kfp_count *count,
			  const struct kfp_count_op *op)
{
	return !op->max_len || count->perf->len <= op->max_len;
}

/* Those that are polled have connections of their own, in the place of the others. */
static void kfp_count_swap(struct kfp *perf, const struct kfp_count_op *op)
{
	if (!op->polled)
		return;
	kfp_countraw_swap(perf);
	kfp_countkfi_swap(perf);
}

static int kfp_count_each(struct kfp_count *count,
			  const struct kfp_count_op *ops, u32 n,
			  int (*what)(struct kfp_count *count,
				      const struct kfp_count_op *op))
{
	int rc = 0;
	u32 i;

	for (i = 0; !rc && i < n; i++) {
		if (!kfp_count_can(count, &ops[i]))
			continue;
		kfp_count_swap(count->perf, &ops[i]);
		rc = kthread_should_stop() ? -EINTR : what(count, &ops[i]);
		kfp_count_swap(count->perf, &ops[i]);
		if (rc)
			ktl_session_printf(count->perf->session,
					   "%s, %u bytes: failed (%d)\n",
					   ops[i].name, count->perf->len, rc);
	}
	return rc;
}

static int kfp_count_all(struct kfp_count *count,
			 int (*what)(struct kfp_count *count,
				     const struct kfp_count_op *op))
{
	int rc;

	rc = kfp_count_each(count, kfp_countraw_ops, kfp_countraw_op_count, what);
	return rc ?: kfp_count_each(count, kfp_countkfi_ops,
				    kfp_countkfi_op_count, what);
}

static int kfp_count_prove(struct kfp_count *count,
			   const struct kfp_count_op *op)
{
	return op->null_only ? 0 : kfp_count_check(count, op, op->n + 1);
}

static int kfp_count_real_one(struct kfp_count *count,
			      const struct kfp_count_op *op)
{
	return op->null_only ? 0 : kfp_count_on_real(count, op);
}

static bool kfp_count_is_known(const char *name)
{
	u32 i;

	for (i = 0; i < kfp_countraw_op_count; i++) {
		if (!strcmp(kfp_countraw_ops[i].name, name))
			return true;
	}
	for (i = 0; i < kfp_countkfi_op_count; i++) {
		if (!strcmp(kfp_countkfi_ops[i].name, name))
			return true;
	}
	return false;
}

/* What is measured in times, too */
static int kfp_count_others(struct kfp_count *count)
{
	const struct kfp_op *ops[KFP_MAX_OPS];
	u32 n = kfp_ops(count->perf, ops), i;
	int rc = 0;

	for (i = 0; !rc && i < n; i++) {
		struct kfp_count_op op = {
			.name = ops[i]->name,
			.post = ops[i]->post,
			.poll = ops[i]->poll,
			.n = 1,
		};

		if (ops[i]->writes > 1 || kfp_count_is_known(op.name))
			continue;
		rc = kfp_load_check(count->perf, ops[i], i + 1);
		rc = rc ?: kfp_count_on_real(count, &op);
	}
	return rc;
}

/* All that was posted to the real device has a completion that was read. */
static int kfp_count_go(struct kfp_count *count)
{
	int rc;

	kfp_null_learn(true);
	rc = kfp_count_all(count, kfp_count_prove);
	rc = rc ?: kfp_count_prove(count, kfp_countraw_ops);
	rc = rc ?: kfp_count_prove(count, kfp_countkfi_ops);
	kfp_null_learn(false);
	if (rc || !count->perf->null)
		return rc ?: kfp_count_all(count, kfp_count_real_one) ?:
		       kfp_count_others(count);
	rc = kfp_null_start();
	rc = rc ?: kfp_count_all(count, kfp_count_on_null);
	kfp_null_stop();
	return rc;
}

static int kfp_count_open(struct kfp_count *count)
{
	u32 i;

	for (i = 0; i < KFP_COUNT_PARTS; i++) {
		count->values[i] = kvcalloc(count->perf->count, sizeof(u32),
					    GFP_KERNEL);
		if (!count->values[i])
			return -ENOMEM;
	}
	return kfp_countkfi_open(count->perf);
}

static void kfp_count_close(struct kfp_count *count)
{
	u32 i;

	kfp_countkfi_close(count->perf);
	for (i = 0; i < KFP_COUNT_PARTS; i++)
		kvfree(count->values[i]);
}

static void kfp_count_calibrate(struct kfp_count *count)
{
	count->idle = kfp_null_idle();
	kfp_count_quietly(count->perf, kfp_count_nothing, &count->idle_call);
	kfp_count_settle(count);
	count->tick = count->ticked;
	kfp_count_settle(count);
	count->tick = count->ticked - count->tick;
}

/**
 * kfp_count_run - count the instructions of all operations
 * @perf: the command; everything is open
 *
 * Prints "count DEVICE LEN OP PART N MEDIAN LOWEST PERCENT". The counts are of N
 * operations; PERCENT of a hundred were the median.
 *
 * Context: a kernel thread; may sleep.
 * Return: 0 or a negative errno.
 */
int kfp_count_run(struct kfp *perf)
{
	struct kfp_count count = { .perf = perf };
	int rc;

	kfp_count_calibrate(&count);
	rc = kfp_count_open(&count);
	rc = rc ?: kfp_null_open(perf->raw->dev);
	if (!rc) {
		rc = kfp_countraw_open(perf);
		rc = rc ?: kfp_count_go(&count);
		kfp_null_close();
		kfp_countraw_close(perf);
	}
	kfp_count_close(&count);
	return rc;
}
