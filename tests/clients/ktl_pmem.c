// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Persistent memory
 *
 * Purpose: memory with which persistence can be tried in machines that have no
 * persistent memory. It survives nothing; but drivers and providers accept it
 * and write their caches back for it.
 *
 * Operation: what makes a page persistent to them is an entry in the resource
 * tree. Ordinary pages get one as long as they are in use here. Where RAM itself
 * is in the tree, the entry is below it; kernels before 6.12 do not look there,
 * and the allocation fails. A machine that has persistent memory lends a range of
 * it by two parameters of the module, and ordinary pages are not used.
 *
 * Ownership: nobody may have a region over the memory when it is freed.
 */
#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "ktl_pmem.h"

/* Pages of the range that are lent; what is behind them stays unused */
#define KTL_PMEM_PAGES	16384

static unsigned long long pmem_phys;
module_param(pmem_phys, ullong, 0444);
MODULE_PARM_DESC(pmem_phys, "Physical address of persistent memory to test with");

static unsigned long long pmem_size;
module_param(pmem_size, ullong, 0444);
MODULE_PARM_DESC(pmem_size, "Its bytes; 0: ordinary memory passes for persistent");

static DEFINE_SPINLOCK(ktl_pmem_lock);
/* pages in use, guarded by ktl_pmem_lock */
static DECLARE_BITMAP(ktl_pmem_used, KTL_PMEM_PAGES);

/**
 * ktl_pmem_is - whether all of a range is persistent
 * @mem: start, in the linear mapping
 * @len: bytes
 *
 * Context: process.
 * Return: true if so.
 */
bool ktl_pmem_is(const void *mem, size_t len)
{
	return region_intersects(__pa(mem), len, IORESOURCE_MEM,
				 IORES_DESC_PERSISTENT_MEMORY) ==
	       REGION_INTERSECTS;
}
EXPORT_SYMBOL_GPL(ktl_pmem_is);

static int ktl_pmem_mark(struct ktl_pmem *pmem)
{
	int rc;

	pmem->res = (struct resource) {
		.name = "kfabric test",
		.start = __pa(pmem->mem),
		.end = __pa(pmem->mem) + pmem->len - 1,
		.flags = IORESOURCE_MEM,
		.desc = IORES_DESC_PERSISTENT_MEMORY,
	};
	rc = insert_resource(&iomem_resource, &pmem->res);
	if (!rc && !ktl_pmem_is(pmem->mem, pmem->len)) {
		remove_resource(&pmem->res);
		rc = -EOPNOTSUPP;
	}
	return rc;
}

/* Pages of the range; NULL if there are not so many in a row */
static void *ktl_pmem_borrow(unsigned long pages)
{
	unsigned long all = min_t(u64, pmem_size >> PAGE_SHIFT, KTL_PMEM_PAGES);
	unsigned long first;
	void *mem;

	spin_lock(&ktl_pmem_lock);
	first = bitmap_find_next_zero_area(ktl_pmem_used, all, 0, pages, 0);
	if (first < all)
		bitmap_set(ktl_pmem_used, first, pages);
	spin_unlock(&ktl_pmem_lock);
	if (first >= all)
		return NULL;

	mem = page_address(pfn_to_page(PHYS_PFN(pmem_phys) + first));
	memset(mem, 0, pages << PAGE_SHIFT);
	return mem;
}

static void ktl_pmem_give_back(const struct ktl_pmem *pmem)
{
	spin_lock(&ktl_pmem_lock);
	bitmap_clear(ktl_pmem_used, PHYS_PFN(__pa(pmem->mem) - pmem_phys),
		     pmem->len >> PAGE_SHIFT);
	spin_unlock(&ktl_pmem_lock);
}

static int ktl_pmem_take(struct ktl_pmem *pmem)
{
	int rc;

	if (pmem_size) {
		pmem->mem = ktl_pmem_borrow(pmem->len >> PAGE_SHIFT);
		return pmem->mem ? 0 : -ENOMEM;
	}
	pmem->mem = alloc_pages_exact(pmem->len, GFP_KERNEL | __GFP_ZERO);
	if (!pmem->mem)
		return -ENOMEM;
	rc = ktl_pmem_mark(pmem);
	if (rc)
		free_pages_exact(pmem->mem, pmem->len);
	return rc;
}

/**
 * ktl_pmem_alloc - allocate memory that is or passes for persistent
 * @len: bytes; rounded up to pages, 4 MiB at most
 *
 * Context: process, may sleep.
 * Return: zeroed memory, contiguous; ERR_PTR(-ENOMEM), or ERR_PTR(-EOPNOTSUPP)
 * where this kernel cannot be made to believe it.
 */
struct ktl_pmem *ktl_pmem_alloc(size_t len)
{
	struct ktl_pmem *pmem = kzalloc(sizeof(*pmem), GFP_KERNEL);
	int rc;

	if (!pmem)
		return ERR_PTR(-ENOMEM);
	pmem->len = PAGE_ALIGN(len);
	rc = ktl_pmem_take(pmem);
	if (rc) {
		kfree(pmem);
		return ERR_PTR(rc);
	}
	return pmem;
}
EXPORT_SYMBOL_GPL(ktl_pmem_alloc);

/**
 * ktl_pmem_free - free it
 * @pmem: the memory, or NULL
 *
 * Context: process, may sleep.
 */
void ktl_pmem_free(struct ktl_pmem *pmem)
{
	if (!pmem)
		return;
	if (pmem_size) {
		ktl_pmem_give_back(pmem);
	} else {
		remove_resource(&pmem->res);
		free_pages_exact(pmem->mem, pmem->len);
	}
	kfree(pmem);
}
EXPORT_SYMBOL_GPL(ktl_pmem_free);
