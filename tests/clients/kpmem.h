/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * kfi_kpmem.ko: a block device on persistent memory of another machine.
 */
#ifndef _KFI_KPMEM_H_
#define _KFI_KPMEM_H_

#include <linux/atomic.h>
#include <linux/blk-mq.h>
#include <linux/bvec.h>
#include <linux/mutex.h>

#include "rpm.h"

enum {
	KPMEM_MAX_SEGMENTS = 32,
	KPMEM_MAX_DEPTH = 256,
};

/**
 * struct kpmem - a block device
 * @conn: to the target whose memory it is
 * @commits: flushes and FUA commit; otherwise the device says that it has no
 *	cache
 * @busy: requests that were posted and have not ended
 * @tags: requests
 * @lock: guards @disk
 * @disk: once it is there
 */
struct kpmem {
	struct rpm_conn conn;
	bool commits;
	atomic_t busy;
	struct blk_mq_tag_set tags;
	struct mutex lock;
	struct gendisk *disk;
};

/**
 * struct kpmem_request - belongs to each request of the block layer
 * @op: context of its operation
 * @bvec: its memory
 */
struct kpmem_request {
	struct rpm_op op;
	struct bio_vec bvec[KPMEM_MAX_SEGMENTS];
};

/* kpmem_io.c: requests */
extern const struct blk_mq_ops kpmem_io_ops;

/* kpmem_disk.c: the device */
struct kpmem *kpmem_disk_open(const struct rpm_opts *opts, u32 depth,
			      struct ktl_session *session);
bool kpmem_disk_in_use(struct kpmem *kpmem);
void kpmem_disk_close(struct kpmem *kpmem);

#endif /* _KFI_KPMEM_H_ */
