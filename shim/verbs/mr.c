// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Memory regions
 *
 * Purpose: let peers reach memory by a key, and spare local operations on the
 * same buffer their mapping.
 *
 * Operation: whatever the client names (addresses, bio_vecs, a scatterlist) is
 * laid out as one scatterlist of pages, in which neighbours that touch are one
 * entry. It is mapped for the device, described to a fast registration region
 * and registered with a new key by a work request (regq.c). A region is one
 * range of pages to the device, so inner pieces have to meet at page
 * boundaries, or touch.
 *
 * The region starts at the offset of its first byte in its page, as the device
 * sees it, and not at an address: the key tells peers that offset, and no kernel
 * address leaves the node.
 *
 * Ownership: the memory stays the client's and has to stay where it is until
 * the region is closed. The fast registration region belongs to the memory
 * region until close or removal of the device.
 *
 * Ordering: close invalidates the key and waits for that; if it fails, the
 * region is destroyed. Only then the pages are unmapped. Devices that move data
 * with a CPU may still be copying what they let in a moment before: they wait
 * for that when a region is destroyed, not when it is invalidated, so theirs
 * are not reused.
 *
 * Persistent memory is checked, takes regions from a pool of its own, and is
 * published for commits (pmem.c). Peers that may write to it may also flush it,
 * if the device can.
 *
 * Errors: a failed registration leaves nothing behind.
 */
#include <linux/bvec.h>
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "persist.h"
#include "trace.h"

/**
 * struct kfv_mr_layout - makes scatterlist entries of pieces of memory
 * @sg: next entry to fill; NULL behind those that there are: then they are counted
 * @last: entry that was filled last
 * @max_run: bytes that one entry may have
 * @max_pages: pages that the region may have
 * @nents: entries so far
 * @pages: pages so far
 * @run: bytes in the current entry
 * @end: where the piece before ended
 * @length: bytes so far
 */
struct kfv_mr_layout {
	struct scatterlist *sg;
	struct scatterlist *last;
	size_t max_run;
	u32 max_pages;
	u32 nents;
	u32 pages;
	size_t run;
	phys_addr_t end;
	size_t length;
};

static void kfv_mr_new_entry(struct kfv_mr_layout *lay, struct page *page,
			     u32 offset, u32 len)
{
	lay->nents++;
	lay->run = len;
	if (!lay->sg)
		return;
	sg_set_page(lay->sg, page, len, offset);
	lay->last = lay->sg;
	lay->sg = sg_next(lay->sg);
}

static void kfv_mr_extend_entry(struct kfv_mr_layout *lay, u32 len)
{
	lay->run += len;
	if (lay->last)
		lay->last->length += len;
}

/* How many of @len bytes that begin at @offset in a page may be appended at once */
static size_t kfv_mr_piece(const struct kfv_mr_layout *lay, size_t offset,
			   size_t len)
{
	if (len <= lay->max_run - lay->run)
		return len;
	return min_t(size_t, len, PAGE_SIZE - offset);
}

/* Append @len bytes that begin in @page, and lie in memory as they follow. */
static int kfv_mr_add_piece(struct kfv_mr_layout *lay, struct page *page,
			    u32 offset, u32 len)
{
	phys_addr_t start = page_to_phys(page) + offset;
	bool touches = lay->nents && start == lay->end;

	if (lay->nents && !touches && (offset || offset_in_page(lay->end)))
		return -EINVAL;
	lay->pages += DIV_ROUND_UP((size_t)offset + len, PAGE_SIZE) -
		      (touches && offset);
	if (lay->pages > lay->max_pages)
		return -E2BIG;

	if (touches && lay->run + len <= lay->max_run)
		kfv_mr_extend_entry(lay, len);
	else
		kfv_mr_new_entry(lay, page, offset, len);
	lay->end = start + len;
	lay->length += len;
	return 0;
}

/* Append a range that starts in @page and goes on in the pages behind it. */
static int kfv_mr_add_pages(struct kfv_mr_layout *lay, struct page *page,
			    size_t offset, size_t len)
{
	size_t n;
	int ret;

	if (len && !page)
		return -EINVAL;
	for (; len; len -= n) {
		n = kfv_mr_piece(lay, offset_in_page(offset), len);
		ret = kfv_mr_add_piece(lay, page + (offset >> PAGE_SHIFT),
				       offset_in_page(offset), n);
		if (ret)
			return ret;
		offset += n;
	}
	return 0;
}

/* kmalloc, static and some stack memory: where addresses follow each other, pages do */
static bool kfv_mr_is_linear(const void *addr)
{
	return !is_vmalloc_addr(addr) && virt_addr_valid(addr);
}

/* Others: vmalloc, module and mapped stack memory */
static struct page *kfv_mr_virt_to_page(const void *addr)
{
	return kfv_mr_is_linear(addr) ? virt_to_page(addr) :
					vmalloc_to_page(addr);
}

static int kfv_mr_add_virt(struct kfv_mr_layout *lay, const void *addr,
			   size_t len)
{
	struct page *page;
	size_t n;
	int ret;

	if (len && !addr)
		return -EINVAL;
	if (len && kfv_mr_is_linear(addr) && kfv_mr_is_linear(addr + len - 1))
		return kfv_mr_add_pages(lay, virt_to_page(addr),
					offset_in_page(addr), len);
	for (; len; len -= n) {
		n = min_t(size_t, len, PAGE_SIZE - offset_in_page(addr));
		page = kfv_mr_virt_to_page(addr);
		if (!page)
			return -EFAULT;
		ret = kfv_mr_add_piece(lay, page, offset_in_page(addr), n);
		if (ret)
			return ret;
		addr += n;
	}
	return 0;
}

static int kfv_mr_add_iov(struct kfv_mr_layout *lay,
			  const struct kfi_mr_attr *attr)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < attr->iov_count && !ret; i++)
		ret = kfv_mr_add_virt(lay, attr->mr_iov[i].iov_base,
				      attr->mr_iov[i].iov_len);
	return ret;
}

static int kfv_mr_add_biov(struct kfv_mr_layout *lay,
			   const struct kfi_mr_attr *attr)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < attr->iov_count && !ret; i++)
		ret = kfv_mr_add_pages(lay, attr->mr_biov[i].bv_page,
				       attr->mr_biov[i].bv_offset,
				       attr->mr_biov[i].bv_len);
	return ret;
}

static int kfv_mr_add_sgl(struct kfv_mr_layout *lay,
			  const struct kfi_mr_attr *attr)
{
	struct scatterlist *sgl = (struct scatterlist *)attr->mr_sgl;
	size_t i;
	int ret = 0;

	for (i = 0; i < attr->iov_count && !ret; i++) {
		if (!sgl)
			return -EINVAL;
		ret = kfv_mr_add_pages(lay, sg_page(sgl), sgl->offset,
				       sgl->length);
		sgl = sg_next(sgl);
	}
	return ret;
}

static int kfv_mr_add(struct kfv_mr_layout *lay, const struct kfi_mr_attr *attr)
{
	switch (attr->type) {
	case KFI_KVEC:
		return kfv_mr_add_iov(lay, attr);
	case KFI_BVEC:
		return kfv_mr_add_biov(lay, attr);
	case KFI_SGL:
		return kfv_mr_add_sgl(lay, attr);
	}
	return -EINVAL;
}

static void kfv_mr_use_one(struct kfv_mr *mr)
{
	mr->sgt.sgl = &mr->one;
	mr->sgt.nents = 1;
	mr->sgt.orig_nents = 1;
}

static void kfv_mr_free_table(struct kfv_mr *mr)
{
	if (mr->sgt.sgl != &mr->one)
		sg_free_table(&mr->sgt);
}

/* One range of linear memory, as most are: its entry, or false if it is something else */
static bool kfv_mr_lay_out_linear(struct kfv_mr *mr,
				  const struct kfv_mr_layout *lay,
				  const struct kfi_mr_attr *attr)
{
	const void *base = mr->base;
	size_t len;

	if (!base)
		return false;
	len = attr->mr_iov->iov_len;
	if (!len || len > lay->max_run ||
	    offset_in_page(base) + len > (size_t)lay->max_pages << PAGE_SHIFT ||
	    !kfv_mr_is_linear(base) || !kfv_mr_is_linear(base + len - 1))
		return false;
	sg_set_buf(lay->sg, base, len);
	mr->length = len;
	mr->linear = len;
	kfv_mr_use_one(mr);
	return true;
}

/* Count, allocate, fill; most have one entry, which is filled while it is counted. */
static int kfv_mr_lay_out(struct kfv_mr *mr, const struct kfi_mr_attr *attr)
{
	struct kfv_mr_layout lay = {
		.sg = &mr->one,
		.max_run = ib_dma_max_seg_size(mr->domain->ibdev),
		.max_pages = mr->domain->pool.max_pages,
	};
	int ret;

	sg_init_table(&mr->one, 1);
	if (kfv_mr_lay_out_linear(mr, &lay, attr))
		return 0;
	ret = kfv_mr_add(&lay, attr);
	if (ret)
		return ret;
	if (!lay.length)
		return -EINVAL;
	mr->length = lay.length;
	mr->linear = mr->base ? mr->length : 0;
	if (lay.nents == 1) {
		kfv_mr_use_one(mr);
		return 0;
	}
	ret = sg_alloc_table(&mr->sgt, lay.nents, GFP_KERNEL);
	if (ret)
		return ret;

	lay = (struct kfv_mr_layout) {
		.sg = mr->sgt.sgl,
		.max_run = lay.max_run,
		.max_pages = lay.max_pages,
	};
	return kfv_mr_add(&lay, attr);
}

/* No more than the client allowed, as far as the device can tell. */
static enum dma_data_direction kfv_mr_dir(const struct kfv_mr *mr)
{
	bool in = mr->access & (KFI_RECV | KFI_READ | KFI_REMOTE_WRITE);
	bool out = mr->access & (KFI_SEND | KFI_WRITE | KFI_REMOTE_READ);

	if (in && out)
		return DMA_BIDIRECTIONAL;
	return in ? DMA_FROM_DEVICE : DMA_TO_DEVICE;
}

static void kfv_mr_unmap(struct kfv_mr *mr)
{
	ib_dma_unmap_sgtable_attrs(mr->domain->ibdev, &mr->sgt,
				   kfv_mr_dir(mr), 0);
}

/* Tell the region its pages and give it a key that was not used before. */
static int kfv_mr_describe(struct kfv_mr *mr, struct ib_mr *ibmr)
{
	int n;

	n = ib_map_mr_sg(ibmr, mr->sgt.sgl, mr->sgt.nents, NULL, PAGE_SIZE);
	if (n < 0)
		return n;
	if (n != mr->sgt.nents || ibmr->length != mr->length)
		return -EINVAL;
	ibmr->iova = offset_in_page(ibmr->iova);
	ib_update_fast_reg_key(ibmr, ib_inc_rkey(ibmr->rkey));
	return 0;
}

static int kfv_mr_post_reg(struct kfv_mr *mr, struct ib_mr *ibmr)
{
	struct ib_reg_wr wr = {
		.wr.opcode = IB_WR_REG_MR,
		.mr = ibmr,
		.key = ibmr->rkey,
		.access = kfv_xlate_access(mr->access, mr->flushable),
	};

	return kfv_regq_exec(mr->domain, &wr.wr);
}

static int kfv_mr_post_inv(struct kfv_mr *mr)
{
	struct ib_send_wr wr = {
		.opcode = IB_WR_LOCAL_INV,
		.ex.invalidate_rkey = mr->ibmr->rkey,
	};

	return kfv_regq_exec(mr->domain, &wr);
}

/* Memory that is not persistent must not pass for it. */
static int kfv_mr_check_pmem(struct kfv_mr *mr)
{
	const struct ib_device *ibdev = mr->domain->ibdev;
	int ret;

	if (!mr->pmem)
		return 0;
	if (!kfv_persist_offered(ibdev))
		return -EOPNOTSUPP;
	ret = kfv_pmem_check(mr->sgt.sgl, mr->sgt.orig_nents, &mr->flushable);
	if (!(mr->access & KFI_REMOTE_WRITE) ||
	    !(ibdev->attrs.device_cap_flags & IB_DEVICE_FLUSH_PERSISTENT))
		mr->flushable = false;
	return ret;
}

static u64 kfv_mr_key_bits(const struct kfv_mr *mr)
{
	u64 bits = mr->access & KFI_REMOTE_READ ? KFV_KEY_READ : 0;

	if (mr->pmem)
		bits |= KFV_KEY_PMEM;
	if (mr->flushable)
		bits |= KFV_KEY_FLUSH;
	return bits;
}

static int kfv_mr_publish(struct kfv_mr *mr)
{
	struct kfv_domain *domain = mr->domain;
	int ret;

	mr->mr.key = kfv_xlate_make_key(mr->ibmr->rkey, mr->ibmr->iova) |
		     kfv_mr_key_bits(mr);
	if (mr->pmem) {
		ret = kfv_pmem_publish(mr);
		if (ret)
			return ret;
	}
	spin_lock(&domain->mrs_lock);
	list_add_tail(&mr->link, &domain->mrs);
	spin_unlock(&domain->mrs_lock);
	return 0;
}

static u32 kfv_mr_pages(const struct kfv_mr *mr)
{
	return DIV_ROUND_UP(mr->sgt.sgl->offset + mr->length, PAGE_SIZE);
}

/*
 * A region of a software device never comes back, so it does without the pool and is as
 * small as it may be: soft-RoCE makes an entry for each page that it could have.
 */
static int kfv_mr_get_hw(struct kfv_mr *mr)
{
	struct kfv_domain *domain = mr->domain;
	struct kfv_mr_hw *hw;
	struct ib_mr *ibmr;

	if (domain->virt_dma) {
		ibmr = ib_alloc_mr(domain->pd, IB_MR_TYPE_MEM_REG,
				   kfv_mr_pages(mr));
		if (IS_ERR(ibmr))
			return PTR_ERR(ibmr);
		mr->ibmr = ibmr;
		return 0;
	}
	hw = kfv_mrpool_get(mr->pmem ? &domain->pmem_pool : &domain->pool);
	if (IS_ERR(hw))
		return PTR_ERR(hw);
	mr->hw = hw;
	mr->ibmr = hw->ibmr;
	return 0;
}

static void kfv_mr_put_hw(struct kfv_mr *mr, bool reusable)
{
	if (mr->hw)
		kfv_mrpool_put(mr->hw, reusable);
	else
		WARN_ON_ONCE(ib_dereg_mr(mr->ibmr));
	mr->hw = NULL;
	mr->ibmr = NULL;
}

static int kfv_mr_register(struct kfv_mr *mr)
{
	struct kfv_domain *domain = mr->domain;
	int ret;

	lockdep_assert_held_read(&domain->gate);

	ret = kfv_mr_check_pmem(mr);
	if (ret)
		return ret;
	ret = ib_dma_map_sgtable_attrs(domain->ibdev, &mr->sgt, kfv_mr_dir(mr),
				       0);
	if (ret)
		return ret;
	ret = kfv_mr_get_hw(mr);
	if (ret)
		goto unmap;
	ret = kfv_mr_describe(mr, mr->ibmr);
	if (!ret)
		ret = kfv_mr_post_reg(mr, mr->ibmr);
	if (!ret)
		ret = kfv_mr_publish(mr);
	if (!ret)
		return 0;

	kfv_mr_put_hw(mr, false);
unmap:
	kfv_mr_unmap(mr);
	return ret;
}

static int kfv_mr_bring_up(struct kfv_mr *mr, const struct kfi_mr_attr *attr)
{
	struct kfv_domain *domain = mr->domain;
	int ret = -ENODEV;

	down_read(&domain->gate);
	if (!domain->dead) {
		ret = kfv_mr_lay_out(mr, attr);
		if (!ret)
			ret = kfv_mr_register(mr);
	}
	up_read(&domain->gate);
	return ret;
}

/*
 * A region of a software device is destroyed, whether it was invalidated or not: only
 * that waits for packets that are being copied. True if the key is known to be dead.
 */
static bool kfv_mr_invalidate(struct kfv_mr *mr)
{
	int ret;

	if (mr->domain->virt_dma)
		return false;
	ret = kfv_mr_post_inv(mr);
	trace_kfv_mr_inv(mr, ret);
	return !ret;
}

static void kfv_mr_deregister(struct kfv_mr *mr)
{
	struct kfv_domain *domain = mr->domain;
	bool reusable;

	lockdep_assert_held_read(&domain->gate);

	if (mr->pmem)
		kfv_pmem_withdraw(mr);
	reusable = kfv_mr_invalidate(mr);
	spin_lock(&domain->mrs_lock);
	list_del(&mr->link);
	spin_unlock(&domain->mrs_lock);
	kfv_mr_put_hw(mr, reusable);
	kfv_mr_unmap(mr);
}

/**
 * kfv_mr_kill - take the hardware of a region away
 * @mr: the region; its domain is being killed
 *
 * Context: Process.
 */
void kfv_mr_kill(struct kfv_mr *mr)
{
	lockdep_assert_held_write(&mr->domain->gate);
	lockdep_assert_held(&mr->domain->lock);

	trace_kfv_mr_kill(mr, 0);
	list_del(&mr->link);
	if (mr->pmem)
		kfv_pmem_withdraw(mr);
	kfv_mr_put_hw(mr, false);
	kfv_mr_unmap(mr);
}

static void kfv_mr_free(struct kfv_mr *mr)
{
	kfv_mr_free_table(mr);
	kfi_fid_fini(&mr->node);
	kfree(mr);
}

static int kfv_mr_close(struct kfid *fid)
{
	struct kfv_mr *mr = kfv_mr(fid);
	struct kfv_domain *domain = mr->domain;
	int ret;

	ret = kfi_fid_retire(&mr->node);
	if (ret)
		return ret;
	down_read(&domain->gate);
	if (mr->ibmr)
		kfv_mr_deregister(mr);
	up_read(&domain->gate);
	kfv_mr_free(mr);
	return 0;
}

static void kfv_mr_show(struct seq_file *m, struct kfid *fid)
{
	struct kfv_mr *mr = kfv_mr(fid);

	seq_printf(m, " key=0x%llx length=%zu access=0x%llx pieces=%u pmem=%d dead=%d",
		   mr->mr.key, mr->length, mr->access, mr->sgt.orig_nents,
		   mr->pmem, !READ_ONCE(mr->ibmr));
}

static const struct kfi_fid_type kfv_mr_type = {
	.fclass = KFI_CLASS_MR,
	.name = "mr",
	.show = kfv_mr_show,
};

static struct kfi_ops kfv_mr_fid_ops __ro_after_init = {
	.close = kfv_mr_close,
};

static int kfv_mr_check(const struct kfi_mr_attr *attr, u64 flags)
{
	if (!attr || !attr->mr_iov || !attr->iov_count)
		return -EINVAL;
	if (flags & ~KFI_RMA_PMEM)
		return -KFI_EBADFLAGS;
	if (attr->offset || attr->auth_key_size)
		return -EINVAL;
	return kfv_xlate_access(attr->access, false) < 0 ? -EINVAL : 0;
}

/**
 * kfv_mr_regattr - kfi_mr_regattr() of the verbs provider
 * @fid: domain
 * @attr: what to register; the requested key is ignored, the provider makes it
 * @flags: 0, or KFI_RMA_PMEM for persistent memory
 * @mr: where to put the region
 *
 * Context: Process.
 * Return: 0; -EINVAL for missing memory, a length of 0, an offset, access bits
 * that are missing or unknown, pieces with gaps between them, or memory that is
 * not persistent; -EOPNOTSUPP if this machine cannot write persistent memory
 * back; -KFI_EBADFLAGS; -E2BIG for more pages than a region holds; -ENODEV if the device is gone;
 * -ESHUTDOWN if the domain is being closed; -ENOMEM; -EIO, or what else the
 * device answered.
 */
static int kfv_mr_regattr(struct kfid *fid, const struct kfi_mr_attr *attr,
			  uint64_t flags, struct kfid_mr **mr)
{
	struct kfv_mr *region;
	int ret;

	ret = kfv_mr_check(attr, flags);
	if (ret || !mr)
		return ret ?: -EINVAL;
	region = kzalloc(sizeof(*region), GFP_KERNEL);
	if (!region)
		return -ENOMEM;
	region->domain = kfv_domain(fid);
	region->access = attr->access;
	region->pmem = flags & KFI_RMA_PMEM;
	region->mr.mem_desc = region;
	if (attr->type == KFI_KVEC && attr->iov_count == 1)
		region->base = attr->mr_iov->iov_base;
	ret = kfi_fid_init(&region->node, &region->mr.fid, &kfv_mr_type,
			   &kfv_mr_fid_ops, fid, attr->context);
	if (ret) {
		kfree(region);
		return ret;
	}

	ret = kfv_mr_bring_up(region, attr);
	trace_kfv_mr_reg(region, ret);
	if (ret) {
		kfv_mr_free(region);
		return ret;
	}
	*mr = &region->mr;
	kfi_fid_publish(&region->node);
	return 0;
}

static int kfv_mr_regv(struct kfid *fid, const struct kvec *iov, size_t count,
		       uint64_t access, uint64_t offset, uint64_t requested_key,
		       uint64_t flags, struct kfid_mr **mr, void *context)
{
	struct kfi_mr_attr attr = {
		.type = KFI_KVEC,
		.mr_iov = iov,
		.iov_count = count,
		.access = access,
		.offset = offset,
		.context = context,
	};

	return kfv_mr_regattr(fid, &attr, flags, mr);
}

static int kfv_mr_reg(struct kfid *fid, const void *buf, size_t len,
		      uint64_t access, uint64_t offset, uint64_t requested_key,
		      uint64_t flags, struct kfid_mr **mr, void *context)
{
	struct kvec iov = { .iov_base = (void *)buf, .iov_len = len };

	return kfv_mr_regv(fid, &iov, 1, access, offset, requested_key, flags,
			   mr, context);
}

static int kfv_mr_regbv(struct kfid *fid, const struct bio_vec *biov,
			size_t count, uint64_t access, uint64_t offset,
			uint64_t requested_key, uint64_t flags,
			struct kfid_mr **mr, void *context)
{
	struct kfi_mr_attr attr = {
		.type = KFI_BVEC,
		.mr_biov = biov,
		.iov_count = count,
		.access = access,
		.offset = offset,
		.context = context,
	};

	return kfv_mr_regattr(fid, &attr, flags, mr);
}

static int kfv_mr_regsgl(struct kfid *fid, const struct scatterlist *sgl,
			 size_t count, uint64_t access, uint64_t offset,
			 uint64_t requested_key, uint64_t flags,
			 struct kfid_mr **mr, void *context)
{
	struct kfi_mr_attr attr = {
		.type = KFI_SGL,
		.mr_sgl = sgl,
		.iov_count = count,
		.access = access,
		.offset = offset,
		.context = context,
	};

	return kfv_mr_regattr(fid, &attr, flags, mr);
}

struct kfi_ops_mr kfv_mr_ops __ro_after_init = {
	.reg = kfv_mr_reg,
	.regv = kfv_mr_regv,
	.regbv = kfv_mr_regbv,
	.regattr = kfv_mr_regattr,
	.regsgl = kfv_mr_regsgl,
};

/**
 * kfv_mr_init_ops - complete the tables of this file
 *
 * Context: While the module is loading.
 */
void kfv_mr_init_ops(void)
{
	kfi_ops_fill(&kfv_mr_fid_ops, &kfi_enosys_fid);
	kfi_ops_fill(&kfv_mr_ops, &kfi_enosys_mr);
}
