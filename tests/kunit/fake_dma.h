/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * A device that memory is mapped for, and what is mapped for it. Without one a
 * fake HCA sees memory as the CPU does, and a mapping leaves no trace.
 *
 * The kernel's own DMA code does the mapping; its trace points tell of it.
 */
#ifndef _FAKE_DMA_H_
#define _FAKE_DMA_H_

#include <kunit/test.h>
#include <linux/dma-mapping.h>
#include <linux/spinlock.h>

enum {
	FAKE_DMA_MAPS = 64,
	FAKE_DMA_MAX_SEG = 65536,
};

/**
 * struct fake_dma_map - a mapping
 * @addr: of the device; of a scatterlist, where that is
 * @size: bytes; of a scatterlist, elements
 * @dir: direction
 */
struct fake_dma_map {
	u64 addr;
	u64 size;
	enum dma_data_direction dir;
};

/**
 * struct fake_dma - a device that memory is mapped for
 * @test: to which failures are reported when it ends
 * @dev: the device
 * @parms: its limits
 * @lock: guards what follows
 * @maps: what is mapped, in the order in which it was
 * @count: of those
 * @bad: what was unmapped without being mapped like that, or found no room in
 *	@maps: always a bug
 */
struct fake_dma {
	struct kunit *test;
	struct device *dev;
	struct device_dma_parameters parms;
	spinlock_t lock; /* guards what is mapped */
	struct fake_dma_map maps[FAKE_DMA_MAPS];
	u32 count;
	u32 bad;
};

/* When the test ends, nothing may be mapped any more. */
struct fake_dma *fake_dma_new(struct kunit *test);

#endif /* _FAKE_DMA_H_ */
