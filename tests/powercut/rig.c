// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: The guest's side of the power-cut rig
 *
 * Purpose: finds the pmem and the box, and drives clients through cycles.
 *
 * Operation: the pmem is a physical range, as pmem-up prints it; it must have
 * pages of a device and belong to what the rig watches. The reference on the page
 * map keeps its driver.
 */
#include <linux/export.h>
#include <linux/ktime.h>
#include <linux/memremap.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <asm/cpufeature.h>

#include "test.h"

static struct dev_pagemap *kf_cut_pagemap;
static struct powercut_box *kf_cut_the_box;
static phys_addr_t kf_cut_phys;
static size_t kf_cut_size;

/* The memory at @phys if it is pmem with pages, else NULL. */
static void *kf_cut_address(phys_addr_t phys)
{
	if (!pfn_valid(PHYS_PFN(phys)) ||
	    !is_zone_device_page(pfn_to_page(PHYS_PFN(phys))))
		return NULL;
	return page_address(pfn_to_page(PHYS_PFN(phys)));
}

/**
 * kf_cut_rig_open - find the pmem and arm the rig
 * @phys: where the data of the pmem begins
 * @size: bytes
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int kf_cut_rig_open(u64 phys, u64 size)
{
	struct powercut_box *box;

	if (!size || !PAGE_ALIGNED(phys | size) ||
	    phys + size < phys || phys < POWERCUT_BOX_BEFORE)
		return -EINVAL;
	kf_cut_pagemap = get_dev_pagemap(PHYS_PFN(phys), NULL);
	if (!kf_cut_pagemap)
		return -ENXIO;

	box = kf_cut_address(phys - POWERCUT_BOX_BEFORE);
	if (!box || !kf_cut_address(phys) ||
	    !kf_cut_address(phys + size - PAGE_SIZE) ||
	    READ_ONCE(box->magic) != POWERCUT_MAGIC || box->size < size) {
		put_dev_pagemap(kf_cut_pagemap);
		return -ENODEV;
	}
	kf_cut_the_box = box;
	kf_cut_phys = phys;
	kf_cut_size = size;
	powercut_mark(POWERCUT_ARM);
	/* The code is translated anew before the next marker */
	return 0;
}

/**
 * kf_cut_rig_close - disarm the rig
 */
void kf_cut_rig_close(void)
{
	powercut_mark(POWERCUT_DISARM);
	put_dev_pagemap(kf_cut_pagemap);
}

/**
 * kf_cut_memory - the pmem that is watched
 * @phys: set to its physical address unless NULL
 * @size: set to its size unless NULL
 *
 * Context: any.
 * Return: its address.
 */
void *kf_cut_memory(phys_addr_t *phys, size_t *size)
{
	if (phys)
		*phys = kf_cut_phys;
	if (size)
		*size = kf_cut_size;
	return kf_cut_address(kf_cut_phys);
}
EXPORT_SYMBOL_GPL(kf_cut_memory);

/**
 * kf_cut_box - what guest and rig tell each other
 *
 * Context: any.
 * Return: the box.
 */
struct powercut_box *kf_cut_box(void)
{
	return kf_cut_the_box;
}
EXPORT_SYMBOL_GPL(kf_cut_box);

/**
 * kf_cut_begin - the pmem counts as durable as it is; the power may fail now
 *
 * Context: any.
 */
void kf_cut_begin(void)
{
	powercut_mark(POWERCUT_BEGIN);
}
EXPORT_SYMBOL_GPL(kf_cut_begin);

/**
 * kf_cut_now - the power fails here, unless it has already
 *
 * Context: any, between kf_cut_begin() and kf_cut_revert().
 */
void kf_cut_now(void)
{
	powercut_mark(POWERCUT_CUT);
}
EXPORT_SYMBOL_GPL(kf_cut_now);

/**
 * kf_cut_revert - the pmem becomes what the power cut has left
 *
 * Context: any. Nobody may use the pmem at the time.
 */
void kf_cut_revert(void)
{
	powercut_mark(POWERCUT_REVERT);
}
EXPORT_SYMBOL_GPL(kf_cut_revert);

/**
 * kf_cut_happened - whether the power has failed in this cycle
 *
 * Context: any.
 * Return: true if so. What was seen to be acknowledged before false was returned
 * must survive.
 */
bool kf_cut_happened(void)
{
	return READ_ONCE(kf_cut_the_box->state) == POWERCUT_FAILED;
}
EXPORT_SYMBOL_GPL(kf_cut_happened);

/**
 * kf_cut_fence_needed - whether this CPU's write-backs wait for a fence
 *
 * Context: any.
 * Return: false if the kernel has nothing better than clflush, which does not.
 */
bool kf_cut_fence_needed(void)
{
	return boot_cpu_has(X86_FEATURE_CLWB) ||
	       boot_cpu_has(X86_FEATURE_CLFLUSHOPT);
}
EXPORT_SYMBOL_GPL(kf_cut_fence_needed);

/* One cycle; its violations or a negative errno. */
static int kf_cut_cycle(const struct kf_cut_client *client)
{
	int rc = client->prepare ? client->prepare(client->arg) : 0;

	if (rc)
		return rc;
	kf_cut_begin();
	rc = client->work(client->arg);
	kf_cut_revert();
	return rc ?: client->recover(client->arg);
}

/**
 * kf_cut_drive - cut the power under a client, again and again
 * @client: whom
 * @cycles: how often
 * @stop_at_first: end with the first violation
 * @run: filled with what came of it
 *
 * The first cycle of a client runs to its end, for the rig to see how long one is.
 *
 * Context: process, may sleep.
 * Return: 0, violations or not, or what the client or a signal ended it with.
 */
int kf_cut_drive(const struct kf_cut_client *client, u64 cycles,
		 bool stop_at_first, struct kf_cut_run *run)
{
	u64 begin = ktime_get_ns(), late = READ_ONCE(kf_cut_the_box->late);
	int rc = 0;

	*run = (struct kf_cut_run) {};
	WRITE_ONCE(kf_cut_the_box->learned, 0);
	while (run->cycles < cycles && !(stop_at_first && run->first)) {
		rc = kf_cut_cycle(client);
		if (rc < 0)
			break;
		run->cycles++;
		run->violations += rc;
		if (rc && !run->first)
			run->first = run->cycles;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	run->late = READ_ONCE(kf_cut_the_box->late) - late;
	run->ns = ktime_get_ns() - begin;
	return rc < 0 ? rc : 0;
}
EXPORT_SYMBOL_GPL(kf_cut_drive);

/**
 * kf_cut_set_rates - tell the adversary how to be, from the next cycle on
 * @rates: likewise
 */
void kf_cut_set_rates(const struct kf_cut_rates *rates)
{
	struct powercut_box *box = kf_cut_the_box;

	WRITE_ONCE(box->evict_min, rates->evict_min);
	WRITE_ONCE(box->evict_max, rates->evict_max);
	WRITE_ONCE(box->pend_min, rates->pend_min);
	WRITE_ONCE(box->pend_max, rates->pend_max);
	WRITE_ONCE(box->runtime, rates->runtime);
}
