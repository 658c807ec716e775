/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What the cases of persistence share.
 */
#ifndef _KFI_FUNC_PERSIST_H_
#define _KFI_FUNC_PERSIST_H_

#include <kfi_verbs_ext.h>

#include "../clients/ktl_pmem.h"
#include "func.h"

/**
 * struct persist_region - a region of memory that passes for persistent
 * @pmem: the memory
 * @mr: the region
 * @key: its key
 */
struct persist_region {
	struct ktl_pmem *pmem;
	struct kfid_mr *mr;
	u64 key;
};

bool persist_region(struct func *t, struct persist_region *r, size_t len);
void persist_free(struct func *t, struct persist_region *r);
enum kfi_verbs_method persist_method(struct func *t, struct kfid_ep *ep);
bool persist_write(struct func *t, const struct ktl_buf *src, u64 at, u64 key,
		   u64 flags);

#endif /* _KFI_FUNC_PERSIST_H_ */
