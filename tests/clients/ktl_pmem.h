/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef _KTL_PMEM_H_
#define _KTL_PMEM_H_

#include <linux/ioport.h>
#include <linux/types.h>

/**
 * struct ktl_pmem - memory that the kernel takes for persistent
 * @mem: the bytes
 * @len: how many, whole pages
 * @res: entry of the resource tree that says so
 */
struct ktl_pmem {
	void *mem;
	size_t len;
	struct resource res;
};

struct ktl_pmem *ktl_pmem_alloc(size_t len);
void ktl_pmem_free(struct ktl_pmem *pmem);
bool ktl_pmem_is(const void *mem, size_t len);

#endif /* _KTL_PMEM_H_ */
