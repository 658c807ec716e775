// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* 6.11, commit 1122c0c1cc71: block: move cache control settings out of queue->flags */
#include <linux/blk-mq.h>

static __maybe_unused struct gendisk *probe(struct blk_mq_tag_set *set)
{
	struct queue_limits limits = { .features = BLK_FEAT_WRITE_CACHE | BLK_FEAT_FUA };

	return blk_mq_alloc_disk(set, &limits, NULL);
}
