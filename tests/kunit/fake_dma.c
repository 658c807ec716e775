// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * A device that memory is mapped for, and what is mapped for it.
 */
#include <kunit/device.h>
#include <linux/scatterlist.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "fake_dma.h"

static void fake_dma_add(struct fake_dma *dma, const struct device *dev,
			 struct fake_dma_map map)
{
	unsigned long flags;

	if (dev != dma->dev)
		return;
	spin_lock_irqsave(&dma->lock, flags);
	if (dma->count < FAKE_DMA_MAPS)
		dma->maps[dma->count++] = map;
	else
		dma->bad++;
	spin_unlock_irqrestore(&dma->lock, flags);
}

static bool fake_dma_same(const struct fake_dma_map *a,
			  const struct fake_dma_map *b)
{
	return a->addr == b->addr && a->size == b->size && a->dir == b->dir;
}

static void fake_dma_del(struct fake_dma *dma, const struct device *dev,
			 struct fake_dma_map map)
{
	unsigned long flags;
	u32 i;

	if (dev != dma->dev)
		return;
	spin_lock_irqsave(&dma->lock, flags);
	for (i = 0; i < dma->count; i++)
		if (fake_dma_same(&dma->maps[i], &map))
			break;
	if (i == dma->count) {
		dma->bad++;
	} else {
		dma->count--;
		memmove(&dma->maps[i], &dma->maps[i + 1],
			(dma->count - i) * sizeof(map));
	}
	spin_unlock_irqrestore(&dma->lock, flags);
}

/*
 * Trace points of the DMA code
 */

static void fake_dma_map_page(void *dma, struct device *dev, phys_addr_t phys,
			      dma_addr_t addr, size_t size,
			      enum dma_data_direction dir, unsigned long attrs)
{
	const struct fake_dma_map map = { addr, size, dir };

	fake_dma_add(dma, dev, map);
}

static void fake_dma_unmap_page(void *dma, struct device *dev, dma_addr_t addr,
				size_t size, enum dma_data_direction dir,
				unsigned long attrs)
{
	const struct fake_dma_map map = { addr, size, dir };

	fake_dma_del(dma, dev, map);
}

static void fake_dma_map_sg(void *dma, struct device *dev,
			    struct scatterlist *sgl, int nents, int ents,
			    enum dma_data_direction dir, unsigned long attrs)
{
	const struct fake_dma_map map = { (uintptr_t)sgl, nents, dir };

	fake_dma_add(dma, dev, map);
}

static void fake_dma_unmap_sg(void *dma, struct device *dev,
			      struct scatterlist *sgl, int nents,
			      enum dma_data_direction dir, unsigned long attrs)
{
	const struct fake_dma_map map = { (uintptr_t)sgl, nents, dir };

	fake_dma_del(dma, dev, map);
}

/* They are not exported to modules, and so are found by name */
static struct {
	const char *name;
	void *probe;
	struct tracepoint *point;
} fake_dma_points[] = {
	{ "dma_map_page", fake_dma_map_page },
	{ "dma_unmap_page", fake_dma_unmap_page },
	{ "dma_map_sg", fake_dma_map_sg },
	{ "dma_unmap_sg", fake_dma_unmap_sg },
};

static void fake_dma_find(struct tracepoint *point, void *unused)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(fake_dma_points); i++)
		if (!strcmp(point->name, fake_dma_points[i].name))
			fake_dma_points[i].point = point;
}

static void fake_dma_end(void *data)
{
	struct fake_dma *dma = data;
	int i;

	for (i = 0; i < ARRAY_SIZE(fake_dma_points); i++)
		tracepoint_probe_unregister(fake_dma_points[i].point,
					    fake_dma_points[i].probe, dma);
	tracepoint_synchronize_unregister();
	KUNIT_EXPECT_EQ(dma->test, 0U, dma->count);
	KUNIT_EXPECT_EQ(dma->test, 0U, dma->bad);
}

static void fake_dma_start(struct fake_dma *dma)
{
	struct kunit *test = dma->test;
	int i, rc;

	for_each_kernel_tracepoint(fake_dma_find, NULL);
	for (i = 0; i < ARRAY_SIZE(fake_dma_points); i++)
		KUNIT_ASSERT_NOT_NULL(test, fake_dma_points[i].point);
	for (i = 0; i < ARRAY_SIZE(fake_dma_points); i++) {
		rc = tracepoint_probe_register(fake_dma_points[i].point,
					       fake_dma_points[i].probe, dma);
		KUNIT_EXPECT_EQ(test, 0, rc);
	}
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, fake_dma_end,
							   dma));
}

struct fake_dma *fake_dma_new(struct kunit *test)
{
	struct fake_dma *dma = kunit_kzalloc(test, sizeof(*dma), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, dma);
	dma->test = test;
	spin_lock_init(&dma->lock);
	dma->dev = kunit_device_register(test, "fake-dma");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dma->dev);
	dma->dev->dma_parms = &dma->parms;
	dma_set_max_seg_size(dma->dev, FAKE_DMA_MAX_SEG);
	fake_dma_start(dma);
	return dma;
}
