/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Part of kfi_rpm.ko: the memory that a target lends.
 */
#ifndef _KFI_RPM_MEM_H_
#define _KFI_RPM_MEM_H_

#include <linux/types.h>

struct dev_pagemap;
struct ktl_pmem;
struct page;

/**
 * enum rpm_mem_kind - where memory comes from
 * @RPM_MEM_RAM: ordinary memory, lent as such
 * @RPM_MEM_MARKED: ordinary memory that passes for persistent
 * @RPM_MEM_PHYS: persistent memory: a physical range that a driver has mapped
 */
enum rpm_mem_kind {
	RPM_MEM_RAM,
	RPM_MEM_MARKED,
	RPM_MEM_PHYS,
};

extern const char *const rpm_mem_kinds[];

/**
 * struct rpm_mem_opts - which memory
 * @kind: one of enum rpm_mem_kind
 * @phys: physical address of the first byte, for RPM_MEM_PHYS
 * @size: bytes; whole pages
 */
struct rpm_mem_opts {
	u32 kind;
	u64 phys;
	u64 size;
};

/**
 * struct rpm_mem - memory that is open
 * @kind: one of enum rpm_mem_kind
 * @size: bytes
 * @count: pages
 * @pages: the pages, in order
 * @addr: the same as the CPU sees it, one page behind the other
 * @marked: where the pages are from, for RPM_MEM_MARKED
 * @pgmap: keeps the driver from going away, for RPM_MEM_PHYS
 */
struct rpm_mem {
	u32 kind;
	u64 size;
	unsigned long count;
	struct page **pages;
	void *addr;
	struct ktl_pmem **marked;
	struct dev_pagemap *pgmap;
};

int rpm_mem_open(struct rpm_mem *mem, const struct rpm_mem_opts *opts);
void rpm_mem_close(struct rpm_mem *mem);

/* To be registered with KFI_RMA_PMEM */
static inline bool rpm_mem_persists(const struct rpm_mem *mem)
{
	return mem->kind != RPM_MEM_RAM;
}

#endif /* _KFI_RPM_MEM_H_ */
