// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Memory regions of an RDMA device without hardware.
 */
#include <linux/slab.h>

#include "fake_hca.h"

static struct ib_mr *fake_new_mr(struct ib_pd *pd)
{
	struct fake_hca *hca = to_fake_hca(pd->device);
	struct fake_mr *mr = kzalloc(sizeof(*mr), GFP_KERNEL);
	unsigned long flags;

	if (!mr)
		return ERR_PTR(-ENOMEM);
	spin_lock_irqsave(&hca->lock, flags);
	/* the low byte is the consumer's to change */
	hca->last_key += 0x100;
	mr->ibmr.rkey = hca->last_key;
	mr->ibmr.lkey = hca->last_key;
	list_add_tail(&mr->link, &hca->mr_list);
	hca->mrs++;
	spin_unlock_irqrestore(&hca->lock, flags);
	return &mr->ibmr;
}

static struct ib_mr *fake_alloc_mr(struct ib_pd *pd, enum ib_mr_type type,
				   u32 max_pages)
{
	struct fake_hca *hca = to_fake_hca(pd->device);
	struct ib_mr *ibmr;

	if (hca->alloc_mr_rc)
		return ERR_PTR(hca->alloc_mr_rc);
	if (type != IB_MR_TYPE_MEM_REG || max_pages > FAKE_MAX_PAGES)
		return ERR_PTR(-EINVAL);
	ibmr = fake_new_mr(pd);
	if (!IS_ERR(ibmr))
		to_fake_mr(ibmr)->max_pages = max_pages;
	return ibmr;
}

static struct ib_mr *fake_get_dma_mr(struct ib_pd *pd, int access)
{
	return ERR_PTR(-EOPNOTSUPP);
}

static struct ib_mr *fake_reg_user_mr(struct ib_pd *pd, u64 start, u64 length,
				      u64 virt_addr, int access,
				      struct ib_udata *udata)
{
	return ERR_PTR(-EOPNOTSUPP);
}

static int fake_dereg_mr(struct ib_mr *ibmr, struct ib_udata *udata)
{
	struct fake_hca *hca = to_fake_hca(ibmr->device);
	struct fake_mr *mr = to_fake_mr(ibmr);
	unsigned long flags;

	spin_lock_irqsave(&hca->lock, flags);
	list_del(&mr->link);
	hca->mrs--;
	spin_unlock_irqrestore(&hca->lock, flags);
	kfree(mr);
	return 0;
}

static int fake_set_page(struct ib_mr *ibmr, u64 addr)
{
	struct fake_mr *mr = to_fake_mr(ibmr);

	if (mr->npages == FAKE_MAX_PAGES)
		return -ENOMEM;
	mr->npages++;
	return 0;
}

static int fake_map_mr_sg(struct ib_mr *ibmr, struct scatterlist *sg, int nents,
			  unsigned int *offset)
{
	to_fake_mr(ibmr)->npages = 0;
	return ib_sg_to_pages(ibmr, sg, nents, offset, fake_set_page);
}

static const struct ib_device_ops fake_mr_ops = {
	.alloc_mr = fake_alloc_mr,
	.dereg_mr = fake_dereg_mr,
	.get_dma_mr = fake_get_dma_mr,
	.map_mr_sg = fake_map_mr_sg,
	.reg_user_mr = fake_reg_user_mr,
};

void fake_mr_setup(struct fake_hca *hca)
{
	INIT_LIST_HEAD(&hca->mr_list);
	ib_set_device_ops(&hca->ibdev, &fake_mr_ops);
}

static enum ib_wc_status fake_mr_register(const struct ib_reg_wr *wr)
{
	struct fake_mr *mr = to_fake_mr(wr->mr);

	if (mr->valid)
		return IB_WC_LOC_QP_OP_ERR;
	mr->valid = true;
	mr->key = wr->key;
	mr->access = wr->access;
	return IB_WC_SUCCESS;
}

struct fake_mr *fake_mr_find(struct fake_hca *hca, u32 key)
{
	struct fake_mr *mr;

	list_for_each_entry(mr, &hca->mr_list, link)
		if (mr->valid && mr->key == key)
			return mr;
	return NULL;
}

static enum ib_wc_status fake_mr_invalidate(struct fake_hca *hca, u32 key)
{
	struct fake_mr *mr = fake_mr_find(hca, key);

	if (!mr)
		return IB_WC_LOC_QP_OP_ERR;
	mr->valid = false;
	return IB_WC_SUCCESS;
}

/* A read that invalidates has succeeded */
void fake_mr_end(struct fake_hca *hca, u32 key)
{
	KUNIT_EXPECT_EQ(hca->test, IB_WC_SUCCESS, fake_mr_invalidate(hca, key));
}

/* Carries out a registration or an invalidation; returns how it ended */
enum ib_wc_status fake_mr_execute(struct fake_hca *hca,
				  const struct ib_send_wr *wr)
{
	bool reg = wr->opcode == IB_WR_REG_MR;
	enum ib_wc_status status = reg ? hca->reg_status : hca->inv_status;

	lockdep_assert_held(&hca->lock);

	if (status && !hca->fail_after)
		return status;
	if (status)
		hca->fail_after--;
	return reg ? fake_mr_register(reg_wr(wr)) :
		     fake_mr_invalidate(hca, wr->ex.invalidate_rkey);
}
