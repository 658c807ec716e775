// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: A block device in remote persistent memory
 *
 * Purpose: /dev/kpmem0, whose sectors are memory of a target. What was flushed
 * survives a power cut there.
 *
 * Operation: the device is as large as the memory that the target lends. It
 * takes requests that are in one region and have no more segments than the
 * endpoint has in one operation; the block layer splits others. kpmem_io.c
 * carries them out.
 *
 * Ownership: disk and connection live from kpmem_disk_open() to
 * kpmem_disk_close(). Whoever has the device open then keeps a device that
 * fails everything.
 *
 * Ordering: the disk goes away before the connection does, so that file systems
 * can write back what they have.
 *
 * Errors: when the connection ends by itself, requests fail and the disk is
 * dead: file systems on it shut down. It does not come back by itself; it is
 * closed and opened anew.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/blkdev.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kpmem.h"

#define KPMEM_NAME	"kpmem0"

static const struct block_device_operations kpmem_disk_fops = {
	.owner = THIS_MODULE,
};

static void kpmem_disk_lost(void *arg)
{
	struct kpmem *kpmem = arg;
	struct gendisk *disk;

	mutex_lock(&kpmem->lock);
	disk = kpmem->disk;
	mutex_unlock(&kpmem->lock);
	if (!disk)
		return;
	pr_warn("%s: the connection has ended\n", disk->disk_name);
	blk_mark_disk_dead(disk);
}

static struct queue_limits kpmem_disk_limits(const struct kpmem *kpmem)
{
	const struct kfi_info *info = kpmem->conn.side.info;
	size_t max = min_t(size_t, kpmem->conn.region,
			   info->ep_attr->max_msg_size);

	return (struct queue_limits) {
		.features = kpmem->commits ?
			    BLK_FEAT_WRITE_CACHE | BLK_FEAT_FUA : 0,
		.logical_block_size = SECTOR_SIZE,
		.physical_block_size = PAGE_SIZE,
		.max_hw_sectors = max >> SECTOR_SHIFT,
		.chunk_sectors = kpmem->conn.region >> SECTOR_SHIFT,
		.max_segments = min_t(size_t, info->tx_attr->iov_limit,
				      KPMEM_MAX_SEGMENTS),
		.max_segment_size = UINT_MAX,
	};
}

static int kpmem_disk_alloc_tags(struct kpmem *kpmem, u32 depth)
{
	kpmem->tags.ops = &kpmem_io_ops;
	kpmem->tags.nr_hw_queues = 1;
	kpmem->tags.queue_depth = depth;
	kpmem->tags.numa_node = NUMA_NO_NODE;
	kpmem->tags.cmd_size = sizeof(struct kpmem_request);
	return blk_mq_alloc_tag_set(&kpmem->tags);
}

/* Either this sees that the connection has ended, or that sees the disk. */
static void kpmem_disk_publish(struct kpmem *kpmem, struct gendisk *disk)
{
	bool up;

	mutex_lock(&kpmem->lock);
	kpmem->disk = disk;
	up = rpm_conn_is_up(&kpmem->conn);
	mutex_unlock(&kpmem->lock);
	if (!up)
		blk_mark_disk_dead(disk);
}

static int kpmem_disk_add(struct kpmem *kpmem)
{
	struct queue_limits limits = kpmem_disk_limits(kpmem);
	struct gendisk *disk;
	int rc;

	disk = blk_mq_alloc_disk(&kpmem->tags, &limits, kpmem);
	if (IS_ERR(disk))
		return PTR_ERR(disk);
	disk->fops = &kpmem_disk_fops;
	strscpy(disk->disk_name, KPMEM_NAME, sizeof(disk->disk_name));
	set_capacity(disk, kpmem->conn.size >> SECTOR_SHIFT);

	rc = add_disk(disk);
	if (rc) {
		put_disk(disk);
		return rc;
	}
	kpmem_disk_publish(kpmem, disk);
	return 0;
}

/**
 * kpmem_disk_open - connect to a target and make a device of its memory
 * @opts: where the target is, and the level
 * @depth: requests under way
 * @session: where to say what fails
 *
 * Context: a kernel thread; may sleep.
 * Return: the device or an error.
 */
struct kpmem *kpmem_disk_open(const struct rpm_opts *opts, u32 depth,
			      struct ktl_session *session)
{
	struct kpmem *kpmem = kzalloc(sizeof(*kpmem), GFP_KERNEL);
	int rc;

	if (!kpmem)
		return ERR_PTR(-ENOMEM);
	mutex_init(&kpmem->lock);
	kpmem->commits = opts->level == RPM_COMMIT;
	kpmem->conn.lost = kpmem_disk_lost;
	kpmem->conn.arg = kpmem;
	rc = rpm_conn_open(&kpmem->conn, opts, session);
	if (rc)
		goto free_kpmem;
	rc = kpmem_disk_alloc_tags(kpmem, depth);
	if (rc)
		goto close_conn;
	rc = kpmem_disk_add(kpmem);
	if (rc)
		goto free_tags;
	return kpmem;

free_tags:
	blk_mq_free_tag_set(&kpmem->tags);
close_conn:
	rpm_conn_close(&kpmem->conn);
free_kpmem:
	kfree(kpmem);
	return ERR_PTR(rc);
}

/**
 * kpmem_disk_in_use - does anybody have the device open?
 * @kpmem: the device
 *
 * Context: process.
 * Return: true if so; it may change at any time.
 */
bool kpmem_disk_in_use(struct kpmem *kpmem)
{
	return disk_openers(kpmem->disk);
}

/**
 * kpmem_disk_close - take the device away, open or not, and disconnect
 * @kpmem: the device
 *
 * Context: process, may sleep.
 */
void kpmem_disk_close(struct kpmem *kpmem)
{
	del_gendisk(kpmem->disk);
	/* from here on nobody marks the disk dead */
	rpm_conn_close(&kpmem->conn);
	put_disk(kpmem->disk);
	blk_mq_free_tag_set(&kpmem->tags);
	kfree(kpmem);
}
