// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: What the rig costs
 *
 * Purpose: times some operations, for comparing a machine with the rig armed to
 * one without.
 */
#include <linux/ktime.h>
#include <linux/libnvdimm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "test.h"

enum {
	SPEED_BYTES = SZ_64K,
	SPEED_ROUNDS = 2000,
};

static void speed_persist(u8 *mem, u8 *ram)
{
	WRITE_ONCE(*(u64 *)mem, READ_ONCE(*(u64 *)mem) + 1);
	arch_wb_cache_pmem(mem, sizeof(u64));
	pmem_wmb();
}

static void speed_kmalloc(u8 *mem, u8 *ram)
{
	kfree(kmalloc(256, GFP_KERNEL));
}

static void speed_memcpy(u8 *mem, u8 *ram)
{
	memcpy(ram + SPEED_BYTES, ram, SPEED_BYTES);
}

static void speed_memcpy_pmem(u8 *mem, u8 *ram)
{
	memcpy(mem, ram, SPEED_BYTES);
}

static void speed_flushcache(u8 *mem, u8 *ram)
{
	memcpy_flushcache(mem, ram, SPEED_BYTES);
	pmem_wmb();
}

static const struct {
	const char *name;
	void (*run)(u8 *mem, u8 *ram);
	unsigned int rounds;
} speed_table[] = {
	{ "8 bytes persisted", speed_persist, SPEED_ROUNDS },
	{ "kmalloc and kfree", speed_kmalloc, SPEED_ROUNDS },
	{ "memcpy of 64 kB, RAM", speed_memcpy, SPEED_ROUNDS / 20 },
	{ "memcpy of 64 kB, pmem", speed_memcpy_pmem, SPEED_ROUNDS / 20 },
	{ "memcpy_flushcache of 64 kB", speed_flushcache, SPEED_ROUNDS / 20 },
};

static u64 speed_time(unsigned int what, u8 *mem, u8 *ram)
{
	u64 begin = ktime_get_ns();
	unsigned int i;

	for (i = 0; i < speed_table[what].rounds; i++)
		speed_table[what].run(mem, ram);
	return div_u64(ktime_get_ns() - begin, speed_table[what].rounds);
}

/**
 * kf_cut_speed - time some operations
 * @session: where the answer goes
 *
 * Context: process, may sleep.
 */
void kf_cut_speed(struct ktl_session *session)
{
	u8 *mem = kf_cut_memory(NULL, NULL), *ram = vzalloc(2 * SPEED_BYTES);
	unsigned int i;
	u64 with, without;

	if (!ram)
		return;
	for (i = 0; i < ARRAY_SIZE(speed_table); i++) {
		powercut_mark(POWERCUT_DISARM);
		speed_time(i, mem, ram);
		without = speed_time(i, mem, ram);
		powercut_mark(POWERCUT_ARM);
		kf_cut_begin();
		speed_time(i, mem, ram);
		with = speed_time(i, mem, ram);
		kf_cut_revert();
		ktl_session_printf(session, "# %s: %llu ns, armed %llu ns\n",
				   speed_table[i].name, without, with);
	}
	vfree(ram);
}
