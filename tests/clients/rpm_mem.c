// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Memory to lend
 *
 * Purpose: pages of persistent memory for targets, with a view of them for
 * those who want to look at what a peer has written.
 *
 * Operation: a physical range is taken as a driver (devdax, fsdax, legacy pmem)
 * has mapped it: every page must be one of a device, so that a wrong address
 * never reaches ordinary memory of this machine. Where the range is tell
 * /proc/iomem and the attributes of /sys/bus/nd/devices. Machines without
 * persistent memory can mark ordinary memory as persistent (ktl_pmem.c), or use
 * it as what it is.
 *
 * Ownership: whoever opens a range sees to it that nobody else uses it, a file
 * system for one. The driver that mapped it waits, if it is unbound, until the
 * range is closed.
 *
 * Errors: an open that fails leaves nothing behind.
 */
#include <linux/err.h>
#include <linux/export.h>
#include <linux/memremap.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "ktl_pmem.h"
#include "rpm_mem.h"

#define RPM_MEM_PIECE	SZ_2M	/* of marked memory */

const char *const rpm_mem_kinds[] = {
	[RPM_MEM_RAM] = "ram",
	[RPM_MEM_MARKED] = "marked",
	[RPM_MEM_PHYS] = "phys",
	NULL
};
EXPORT_SYMBOL_GPL(rpm_mem_kinds);

static int rpm_mem_alloc_ram(struct rpm_mem *mem)
{
	unsigned long i;

	for (i = 0; i < mem->count; i++) {
		mem->pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!mem->pages[i])
			return -ENOMEM;
	}
	return 0;
}

static void rpm_mem_free_ram(struct rpm_mem *mem)
{
	unsigned long i;

	for (i = 0; mem->pages && i < mem->count; i++) {
		if (mem->pages[i])
			__free_page(mem->pages[i]);
	}
}

static unsigned long rpm_mem_pieces(const struct rpm_mem *mem)
{
	return DIV_ROUND_UP_ULL(mem->size, RPM_MEM_PIECE);
}

static int rpm_mem_alloc_marked(struct rpm_mem *mem)
{
	unsigned long pieces = rpm_mem_pieces(mem), page = 0, i, j;
	struct ktl_pmem *piece;

	mem->marked = kvcalloc(pieces, sizeof(*mem->marked), GFP_KERNEL);
	if (!mem->marked)
		return -ENOMEM;
	for (i = 0; i < pieces; i++) {
		piece = ktl_pmem_alloc(min_t(u64, RPM_MEM_PIECE,
					     mem->size - i * RPM_MEM_PIECE));
		if (IS_ERR(piece))
			return PTR_ERR(piece);
		mem->marked[i] = piece;
		for (j = 0; j < piece->len >> PAGE_SHIFT; j++)
			mem->pages[page++] = virt_to_page(piece->mem) + j;
	}
	return 0;
}

static void rpm_mem_free_marked(struct rpm_mem *mem)
{
	unsigned long i;

	for (i = 0; mem->marked && i < rpm_mem_pieces(mem); i++)
		ktl_pmem_free(mem->marked[i]);
	kvfree(mem->marked);
}

/* The driver that has mapped the first page must have mapped the last one. */
static bool rpm_mem_hold(struct rpm_mem *mem, unsigned long first)
{
	struct dev_pagemap *last;

	mem->pgmap = get_dev_pagemap(first, NULL);
	last = get_dev_pagemap(first + mem->count - 1, NULL);
	put_dev_pagemap(last);
	return mem->pgmap && last == mem->pgmap;
}

static int rpm_mem_find_phys(struct rpm_mem *mem, u64 phys)
{
	unsigned long first = PHYS_PFN(phys), i;

	if (offset_in_page(phys) || phys + mem->size < phys)
		return -EINVAL;
	if (!rpm_mem_hold(mem, first))
		return -ENXIO;
	for (i = 0; i < mem->count; i++) {
		if (!pfn_valid(first + i) ||
		    !is_zone_device_page(pfn_to_page(first + i)))
			return -ENXIO;
		mem->pages[i] = pfn_to_page(first + i);
	}
	return 0;
}

static int rpm_mem_find(struct rpm_mem *mem, u64 phys)
{
	switch (mem->kind) {
	case RPM_MEM_RAM:
		return rpm_mem_alloc_ram(mem);
	case RPM_MEM_MARKED:
		return rpm_mem_alloc_marked(mem);
	case RPM_MEM_PHYS:
		return rpm_mem_find_phys(mem, phys);
	}
	return -EINVAL;
}

static int rpm_mem_map(struct rpm_mem *mem, u64 phys)
{
	int rc;

	mem->pages = kvcalloc(mem->count, sizeof(*mem->pages), GFP_KERNEL);
	if (!mem->pages)
		return -ENOMEM;
	rc = rpm_mem_find(mem, phys);
	if (rc)
		return rc;
	mem->addr = vmap(mem->pages, mem->count, VM_MAP, PAGE_KERNEL);
	return mem->addr ? 0 : -ENOMEM;
}

/**
 * rpm_mem_open - open memory
 * @mem: the memory
 * @opts: which
 *
 * Context: process, may sleep.
 * Return: 0; -EINVAL for no whole pages; -ENXIO if the physical range is not,
 * or not all of it, memory that one driver has mapped; -EOPNOTSUPP where memory
 * cannot be marked; -ENOMEM.
 */
int rpm_mem_open(struct rpm_mem *mem, const struct rpm_mem_opts *opts)
{
	int rc;

	*mem = (struct rpm_mem) {
		.kind = opts->kind,
		.size = opts->size,
		.count = opts->size >> PAGE_SHIFT,
	};
	if (!mem->count || offset_in_page(opts->size))
		return -EINVAL;
	rc = rpm_mem_map(mem, opts->phys);
	if (rc)
		rpm_mem_close(mem);
	return rc;
}
EXPORT_SYMBOL_GPL(rpm_mem_open);

/**
 * rpm_mem_close - give memory back
 * @mem: the memory; open, closed or all zero
 *
 * No peer can reach it any more.
 *
 * Context: process, may sleep.
 */
void rpm_mem_close(struct rpm_mem *mem)
{
	vunmap(mem->addr);
	if (mem->kind == RPM_MEM_RAM)
		rpm_mem_free_ram(mem);
	else if (mem->kind == RPM_MEM_MARKED)
		rpm_mem_free_marked(mem);
	put_dev_pagemap(mem->pgmap);
	kvfree(mem->pages);
	*mem = (struct rpm_mem) {};
}
EXPORT_SYMBOL_GPL(rpm_mem_close);
