// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Pool of memory regions
 *
 * Purpose: making a fast registration region is slow, and a region that was
 * invalidated is as good as a new one.
 *
 * Operation: made on demand; what comes back is kept, up to a number. A region
 * whose state is not known is destroyed, and one that has used up its keys: a
 * key that died must not come back to life.
 *
 * Ownership: a region belongs to who got it until it is put. Its key must be
 * dead by then, or it is not reusable.
 */
#include <kunit/visibility.h>
#include <linux/slab.h>

#include "verbs.h"

enum {
	/* idle regions that are kept */
	KFV_MRPOOL_KEEP = 64,
	/* registrations of a region until its keys, 8 bits of it, would repeat */
	KFV_MRPOOL_KEYS = 255,
};

static void kfv_mrpool_free(struct kfv_mr_hw *hw)
{
	WARN_ON_ONCE(ib_dereg_mr(hw->ibmr));
	kfree(hw);
}

static void kfv_mrpool_init_one(struct kfv_mr_pool *pool,
				struct kfv_domain *domain)
{
	pool->domain = domain;
	spin_lock_init(&pool->lock);
	INIT_LIST_HEAD(&pool->free);
	pool->count = 0;
	pool->max_pages =
		min_t(u32, KFV_MAX_MR_PAGES,
		      domain->ibdev->attrs.max_fast_reg_page_list_len);
}

/**
 * kfv_mrpool_init - prepare the pools of a domain
 * @domain: has its device
 *
 * Context: Any.
 */
void kfv_mrpool_init(struct kfv_domain *domain)
{
	kfv_mrpool_init_one(&domain->pool, domain);
	kfv_mrpool_init_one(&domain->pmem_pool, domain);
}

static void kfv_mrpool_destroy_one(struct kfv_mr_pool *pool)
{
	struct kfv_mr_hw *hw, *next;

	list_for_each_entry_safe(hw, next, &pool->free, link)
		kfv_mrpool_free(hw);
}

/**
 * kfv_mrpool_destroy - empty the pools of a domain
 * @domain: all regions were put
 *
 * Context: Process.
 */
void kfv_mrpool_destroy(struct kfv_domain *domain)
{
	lockdep_assert_held_write(&domain->gate);

	kfv_mrpool_destroy_one(&domain->pool);
	kfv_mrpool_destroy_one(&domain->pmem_pool);
}

static struct kfv_mr_hw *kfv_mrpool_pop(struct kfv_mr_pool *pool)
{
	struct kfv_mr_hw *hw;

	spin_lock(&pool->lock);
	hw = list_first_entry_or_null(&pool->free, struct kfv_mr_hw, link);
	if (hw) {
		list_del(&hw->link);
		WRITE_ONCE(pool->count, pool->count - 1);
	}
	spin_unlock(&pool->lock);
	return hw;
}

/**
 * kfv_mrpool_get - get a region
 * @pool: of a domain whose gate is held, and which is not dead
 *
 * Context: Process.
 * Return: The region, or ERR_PTR(-ENOMEM) or what the device answered.
 */
struct kfv_mr_hw *kfv_mrpool_get(struct kfv_mr_pool *pool)
{
	struct kfv_mr_hw *hw;
	struct ib_mr *ibmr;

	lockdep_assert_held(&pool->domain->gate);

	hw = kfv_mrpool_pop(pool);
	if (hw)
		return hw;
	hw = kzalloc(sizeof(*hw), GFP_KERNEL);
	if (!hw)
		return ERR_PTR(-ENOMEM);
	ibmr = ib_alloc_mr(pool->domain->pd, IB_MR_TYPE_MEM_REG,
			   pool->max_pages);
	if (IS_ERR(ibmr)) {
		kfree(hw);
		return ERR_CAST(ibmr);
	}
	hw->pool = pool;
	hw->ibmr = ibmr;
	return hw;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_mrpool_get);

/**
 * kfv_mrpool_put - give a region back
 * @hw: the region, not to be touched afterwards
 * @reusable: its key is known to be dead; else the region is destroyed, and
 *	with it the key
 *
 * Context: Process; the domain's gate is held.
 */
void kfv_mrpool_put(struct kfv_mr_hw *hw, bool reusable)
{
	struct kfv_mr_pool *pool = hw->pool;

	if (!reusable || ++hw->uses == KFV_MRPOOL_KEYS) {
		kfv_mrpool_free(hw);
		return;
	}
	spin_lock(&pool->lock);
	if (pool->count < KFV_MRPOOL_KEEP) {
		list_add(&hw->link, &pool->free);
		WRITE_ONCE(pool->count, pool->count + 1);
		hw = NULL;
	}
	spin_unlock(&pool->lock);
	if (hw)
		kfv_mrpool_free(hw);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_mrpool_put);
