// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: What survives
 *
 * Purpose: each case writes some lines in one of the ways there are, and looks
 * after a cut how much of it is left, when the adversary does nothing and when it
 * does its worst.
 *
 * Operation: interrupts are off, for their handlers may have fences.
 */
#include <linux/libnvdimm.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include <asm/cacheflush.h>
#include <asm/special_insns.h>

#include "test.h"

enum {
	DEMO_BYTES = 4096,
	DEMO_OLD = 0x11,
	DEMO_NEW = 0x5a,
};

static u8 demo_source[DEMO_BYTES];

/**
 * struct demo - one way to write, and what is left of it
 * @write: writes DEMO_NEW all over
 * @rates: of the adversary
 * @min: bytes that survive, at least
 * @max: at most
 * @grain: they survive in pieces of that size
 * @unfenced: written back with nothing behind it
 */
struct demo {
	void (*write)(u8 *mem);
	struct kf_cut_rates rates;
	unsigned int min;
	unsigned int max;
	unsigned int grain;
	bool unfenced;
};

#define NEVER		{ 0, 0, 0, 0, 0 }
#define ALL_EVICTED	{ 1000, 1000, 0, 0, 0 }
#define SOME_EVICTED	{ 500, 500, 0, 0, 0 }
#define ALL_ARRIVE	{ 0, 0, 1000, 1000, 0 }
#define SOME_ARRIVE	{ 0, 0, 500, 500, 0 }

static void demo_store(u8 *mem)
{
	memset(mem, DEMO_NEW, DEMO_BYTES);
}

static void demo_write_back(u8 *mem)
{
	demo_store(mem);
	arch_wb_cache_pmem(mem, DEMO_BYTES);
}

static void demo_persist(u8 *mem)
{
	demo_write_back(mem);
	pmem_wmb();
}

static void demo_clflush(u8 *mem)
{
	unsigned int i;

	demo_store(mem);
	for (i = 0; i < DEMO_BYTES; i += 64)
		clflush(mem + i);
}

static void demo_nt(u8 *mem)
{
	memset(demo_source, DEMO_NEW, DEMO_BYTES);
	memcpy_flushcache(mem, demo_source, DEMO_BYTES);
}

static void demo_nt_fenced(u8 *mem)
{
	demo_nt(mem);
	pmem_wmb();
}

static void demo_fence_first(u8 *mem)
{
	demo_store(mem);
	pmem_wmb();
	arch_wb_cache_pmem(mem, DEMO_BYTES);
}

static void demo_locked(u8 *mem)
{
	long nothing = 0;

	demo_write_back(mem);
	asm volatile("lock addq $1, %0" : "+m" (nothing) :: "memory");
}

/* Something else is on the media: the line as it was when it was written back. */
static void demo_again(u8 *mem)
{
	memset(mem, DEMO_NEW - 1, DEMO_BYTES);
	arch_wb_cache_pmem(mem, DEMO_BYTES);
	demo_store(mem);
	pmem_wmb();
}

static unsigned int demo_count(const u8 *mem, size_t len, u8 byte)
{
	unsigned int count = 0;
	size_t i;

	for (i = 0; i < len; i++)
		count += mem[i] == byte;
	return count;
}

static void demo_cycle(struct kf_cut_test *t, const struct demo *demo)
{
	unsigned long flags;

	memset(t->mem, DEMO_OLD, DEMO_BYTES);
	kf_cut_set_rates(&demo->rates);
	/* The cut is where it is said to be */
	WRITE_ONCE(t->box->range, U32_MAX);
	kf_cut_begin();
	local_irq_save(flags);
	demo->write(t->mem);
	kf_cut_now();
	local_irq_restore(flags);
	kf_cut_revert();
	WRITE_ONCE(t->box->range, 0);
}

static void demo_run(struct kf_cut_test *t, const void *what)
{
	const struct demo *demo = what;
	unsigned int left, other, i, min = demo->min, max = demo->max;

	if (demo->unfenced && !kf_cut_fence_needed()) {
		min = DEMO_BYTES;
		max = DEMO_BYTES;
	}
	demo_cycle(t, demo);
	left = demo_count(t->mem, DEMO_BYTES, DEMO_NEW);
	if (left < min || left > max) {
		kf_cut_note(t, "%u bytes left, not %u to %u", left, min, max);
		t->failures++;
	}
	for (i = 0; i < DEMO_BYTES; i += demo->grain) {
		left = demo_count(t->mem + i, demo->grain, DEMO_NEW);
		if (left && left != demo->grain)
			kf_cut_expect(t, "torn piece", left, demo->grain);
	}
	other = demo_count(t->mem, DEMO_BYTES, DEMO_NEW - 1);
	kf_cut_expect(t, "bytes of before the write-back", other,
		      demo->write == demo_again ? DEMO_BYTES - demo->max : 0);
}

/* What a task on another CPU is at */
enum { AWAY_WAITS = 1, AWAY_GO, AWAY_DONE };

struct demo_away {
	struct work_struct work;
	int state;
};

static void demo_away_fence(struct work_struct *work)
{
	struct demo_away *away = container_of(work, struct demo_away, work);

	/* One says how far one is, the other waits for it, in turns */
	smp_store_release(&away->state, AWAY_WAITS);
	smp_cond_load_acquire(&away->state, VAL == AWAY_GO);
	pmem_wmb();
	/* Behind the fence */
	smp_store_release(&away->state, AWAY_DONE);
}

/* This CPU writes back, another one has the fence. */
static void demo_fence_away(struct kf_cut_test *t, const void *what)
{
	static const struct kf_cut_rates never;
	unsigned int here = get_cpu(), other, left;
	struct demo_away away = {};

	other = cpumask_any_but(cpu_online_mask, here);
	if (!kf_cut_expect(t, "no other CPU", other >= nr_cpu_ids, false))
		goto out;
	memset(t->mem, DEMO_OLD, DEMO_BYTES);
	kf_cut_set_rates(&never);
	INIT_WORK_ONSTACK(&away.work, demo_away_fence);
	schedule_work_on(other, &away.work);
	smp_cond_load_acquire(&away.state, VAL == AWAY_WAITS);

	WRITE_ONCE(t->box->range, U32_MAX);
	kf_cut_begin();
	local_irq_disable();
	demo_write_back(t->mem);
	/* Behind the write-back */
	smp_store_release(&away.state, AWAY_GO);
	smp_cond_load_acquire(&away.state, VAL == AWAY_DONE);
	kf_cut_now();
	local_irq_enable();
	kf_cut_revert();
	WRITE_ONCE(t->box->range, 0);
	put_cpu();

	flush_work(&away.work);
	destroy_work_on_stack(&away.work);
	left = demo_count(t->mem, DEMO_BYTES, DEMO_NEW);
	kf_cut_expect(t, "bytes left", left,
		      kf_cut_fence_needed() ? 0 : DEMO_BYTES);
	return;
out:
	put_cpu();
}

static const struct demo demo_stored = { demo_store, NEVER, 0, 0, 64 };
static const struct demo demo_stored_all = {
	demo_store, ALL_EVICTED, DEMO_BYTES, DEMO_BYTES, 64
};

static const struct demo demo_stored_some = {
	demo_store, SOME_EVICTED, 64, DEMO_BYTES - 64, 64
};

static const struct demo demo_unfenced = {
	demo_write_back, NEVER, 0, 0, 64, .unfenced = true
};

static const struct demo demo_unfenced_all = {
	demo_write_back, ALL_ARRIVE, DEMO_BYTES, DEMO_BYTES, 64
};

static const struct demo demo_unfenced_some = {
	demo_write_back, SOME_ARRIVE, 64, DEMO_BYTES - 64, 64, .unfenced = true
};

static const struct demo demo_fenced_first = {
	demo_fence_first, NEVER, 0, 0, 64, .unfenced = true
};

static const struct demo demo_locked_only = {
	demo_locked, NEVER, 0, 0, 64, .unfenced = true
};

static const struct demo demo_fenced = {
	demo_persist, NEVER, DEMO_BYTES, DEMO_BYTES, 64
};

static const struct demo demo_flushed = {
	demo_clflush, NEVER, DEMO_BYTES, DEMO_BYTES, 64
};

static const struct demo demo_nt_unfenced = { demo_nt, NEVER, 0, 0, 8 };
static const struct demo demo_nt_unfenced_some = {
	demo_nt, SOME_ARRIVE, 8, DEMO_BYTES - 8, 8
};

static const struct demo demo_nt_complete = {
	demo_nt_fenced, NEVER, DEMO_BYTES, DEMO_BYTES, 64
};

static const struct demo demo_stored_again = { demo_again, NEVER, 0, 0, 64 };
static const struct demo demo_stored_again_evicted = {
	demo_again, { 1000, 1000, 0, 0, 1000 }, DEMO_BYTES, DEMO_BYTES, 64
};

/**
 * kf_cut_demo - one page each way, then the power fails
 *
 * The first page is durable; the second is stored only, the third not fenced, the
 * fourth non-temporal and not fenced. For a hard cut, whose image somebody looks
 * at.
 *
 * Context: any.
 */
void kf_cut_demo(void)
{
	static const struct kf_cut_rates never;
	static const struct demo *const pages[] = {
		&demo_fenced, &demo_stored, &demo_unfenced, &demo_nt_unfenced
	};
	u8 *mem = kf_cut_memory(NULL, NULL);
	unsigned long flags;
	unsigned int i;

	memset(mem, DEMO_OLD, ARRAY_SIZE(pages) * DEMO_BYTES);
	kf_cut_set_rates(&never);
	WRITE_ONCE(kf_cut_box()->range, U32_MAX);
	kf_cut_begin();
	local_irq_save(flags);
	for (i = 0; i < ARRAY_SIZE(pages); i++)
		pages[i]->write(mem + i * DEMO_BYTES);
	kf_cut_now();
	local_irq_restore(flags);
	kf_cut_revert();
}

const struct kf_cut_case kf_cut_demo_cases[] = {
	{ "stored", demo_run, &demo_stored },
	{ "stored_evicted", demo_run, &demo_stored_all },
	{ "stored_some_evicted", demo_run, &demo_stored_some },
	{ "written_back", demo_run, &demo_unfenced },
	{ "written_back_arrived", demo_run, &demo_unfenced_all },
	{ "written_back_some_arrived", demo_run, &demo_unfenced_some },
	{ "fenced_before", demo_run, &demo_fenced_first },
	{ "locked_is_no_fence", demo_run, &demo_locked_only },
	{ "fenced", demo_run, &demo_fenced },
	{ "clflush", demo_run, &demo_flushed },
	{ "nt", demo_run, &demo_nt_unfenced },
	{ "nt_torn", demo_run, &demo_nt_unfenced_some },
	{ "nt_fenced", demo_run, &demo_nt_complete },
	{ "stored_again", demo_run, &demo_stored_again },
	{ "stored_again_evicted", demo_run, &demo_stored_again_evicted },
	{ "fence_of_another_cpu", demo_fence_away },
	{}
};
