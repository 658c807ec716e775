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
 * and the allocation fails.
 *
 * Ownership: nobody may have a region over the memory when it is freed.
 */
#include <linux/err.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "ktl_pmem.h"

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

/**
 * ktl_pmem_alloc - allocate memory that passes for persistent
 * @len: bytes; rounded up to pages, 4 MiB at most
 *
 * Context: process, may sleep.
 * Return: zeroed memory, contiguous; ERR_PTR(-ENOMEM), or ERR_PTR(-EOPNOTSUPP)
 * where this kernel cannot be made to believe it.
 */
struct ktl_pmem *ktl_pmem_alloc(size_t len)
{
	struct ktl_pmem *pmem = kzalloc(sizeof(*pmem), GFP_KERNEL);
	int rc = -ENOMEM;

	if (!pmem)
		return ERR_PTR(-ENOMEM);
	pmem->len = PAGE_ALIGN(len);
	pmem->mem = alloc_pages_exact(pmem->len, GFP_KERNEL | __GFP_ZERO);
	if (pmem->mem)
		rc = ktl_pmem_mark(pmem);
	if (rc) {
		if (pmem->mem)
			free_pages_exact(pmem->mem, pmem->len);
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
	remove_resource(&pmem->res);
	free_pages_exact(pmem->mem, pmem->len);
	kfree(pmem);
}
EXPORT_SYMBOL_GPL(ktl_pmem_free);
