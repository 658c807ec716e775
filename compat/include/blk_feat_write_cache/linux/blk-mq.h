/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * A disk is allocated with all its limits, and a write cache is one of them.
 * Here there are functions for each, and struct queue_limits has no room for the
 * cache: who includes this gets another structure under that name.
 */
#include_next <linux/blk-mq.h>

#ifndef _KFI_COMPAT_BLK_MQ_H_
#define _KFI_COMPAT_BLK_MQ_H_

#define BLK_FEAT_WRITE_CACHE	BIT(0)
#define BLK_FEAT_FUA		BIT(1)

/* Those of the members of the newer structure that somebody uses */
struct kfi_queue_limits {
	unsigned int features;
	unsigned int logical_block_size;
	unsigned int physical_block_size;
	unsigned int max_hw_sectors;
	unsigned int chunk_sectors;
	unsigned int max_segments;
	unsigned int max_segment_size;
};

static inline struct gendisk *
kfi_blk_mq_alloc_disk(struct blk_mq_tag_set *set, const struct kfi_queue_limits *limits,
		      void *queuedata, struct lock_class_key *key)
{
	struct gendisk *disk = __blk_mq_alloc_disk(set, queuedata, key);

	if (IS_ERR(disk))
		return disk;
	blk_queue_logical_block_size(disk->queue, limits->logical_block_size);
	blk_queue_physical_block_size(disk->queue, limits->physical_block_size);
	blk_queue_max_hw_sectors(disk->queue, limits->max_hw_sectors);
	blk_queue_chunk_sectors(disk->queue, limits->chunk_sectors);
	blk_queue_max_segments(disk->queue, limits->max_segments);
	blk_queue_max_segment_size(disk->queue, limits->max_segment_size);
	blk_queue_write_cache(disk->queue, limits->features & BLK_FEAT_WRITE_CACHE,
			      limits->features & BLK_FEAT_FUA);
	return disk;
}

#undef blk_mq_alloc_disk
#define blk_mq_alloc_disk(set, limits, queuedata)				\
({										\
	static struct lock_class_key __key;					\
										\
	kfi_blk_mq_alloc_disk(set, limits, queuedata, &__key);			\
})

#define queue_limits kfi_queue_limits

#endif /* _KFI_COMPAT_BLK_MQ_H_ */
