// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Persistent memory
 *
 * Purpose: tell persistent memory from other memory when it is registered, find
 * it by its key when a peer asks for a commit, and write it back.
 *
 * Operation: memory is persistent if the kernel's map of physical memory says
 * so, all of it. Regions of it are published under their rkeys. Writing back
 * means every cache line that holds a byte of the range, then a fence that
 * later stores, and the answer to the peer, stay behind.
 *
 * Ownership: a published region may be in use by whoever looked it up. It is
 * withdrawn first when it is closed; that waits until all of them are done.
 */
#include <linux/highmem.h>
#include <linux/ioport.h>
#include <linux/libnvdimm.h>
#include <linux/scatterlist.h>
#include <linux/sched.h>

#include <kunit/visibility.h>

#include "persist.h"

/* Bytes that are written back between two looks at the clock */
#define KFV_PMEM_CHUNK	SZ_64K

static bool kfv_pmem_is(const struct scatterlist *sg, unsigned long desc)
{
	return region_intersects(page_to_phys(sg_page((struct scatterlist *)sg)) +
				 sg->offset, sg->length, IORESOURCE_MEM,
				 desc) == REGION_INTERSECTS;
}

/**
 * kfv_pmem_check - whether memory is persistent
 * @sgl: the memory
 * @nents: entries of @sgl
 * @flushable: set to whether devices take it for persistent too, which they do
 *	not for the legacy kind
 *
 * Context: process.
 * Return: 0; -EINVAL if any of it is not.
 */
int kfv_pmem_check(const struct scatterlist *sgl, unsigned int nents,
		   bool *flushable)
{
	struct scatterlist *sg;
	unsigned int i;

	*flushable = true;
	for_each_sg((struct scatterlist *)sgl, sg, nents, i) {
		if (kfv_pmem_is(sg, IORES_DESC_PERSISTENT_MEMORY))
			continue;
		if (!kfv_pmem_is(sg, IORES_DESC_PERSISTENT_MEMORY_LEGACY))
			return -EINVAL;
		*flushable = false;
	}
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_pmem_check);

/**
 * kfv_pmem_publish_init - prepare a domain for published regions
 * @domain: being opened
 *
 * Context: any.
 */
void kfv_pmem_publish_init(struct kfv_domain *domain)
{
	xa_init_flags(&domain->pmem, XA_FLAGS_LOCK_IRQ);
}

/**
 * kfv_pmem_publish - let peers ask for commits of a region
 * @mr: registered persistent memory
 *
 * Context: process; the domain's gate is held.
 * Return: 0 or -ENOMEM.
 */
int kfv_pmem_publish(struct kfv_mr *mr)
{
	refcount_set(&mr->users, 1);
	return xa_err(xa_store_irq(&mr->domain->pmem, mr->ibmr->rkey, mr,
				   GFP_KERNEL));
}
EXPORT_SYMBOL_IF_KUNIT(kfv_pmem_publish);

/**
 * kfv_pmem_withdraw - undo kfv_pmem_publish()
 * @mr: region that nobody uses on return, nor will
 *
 * Context: process, waits for commits that are under way.
 */
void kfv_pmem_withdraw(struct kfv_mr *mr)
{
	DECLARE_COMPLETION_ONSTACK(idle);

	mr->idle = &idle;
	xa_erase_irq(&mr->domain->pmem, mr->ibmr->rkey);
	kfv_pmem_put(mr);
	wait_for_completion(&idle);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_pmem_withdraw);

/* Whether a peer may write to a range of a region */
static bool kfv_pmem_allows(const struct kfv_mr *mr,
			    const struct kfv_range *range)
{
	return mr->mr.key == range->key && mr->access & KFI_REMOTE_WRITE &&
	       range->start <= range->end && range->end <= mr->length;
}

/**
 * kfv_pmem_get - find the region of a range that a peer names
 * @domain: of the peer's endpoint
 * @range: anything
 *
 * Context: any.
 * Return: the region, with a reference; NULL if the range is none that the peer
 * may write and we can commit.
 */
struct kfv_mr *kfv_pmem_get(struct kfv_domain *domain,
			    const struct kfv_range *range)
{
	struct kfv_mr *mr;
	unsigned long flags;

	xa_lock_irqsave(&domain->pmem, flags);
	mr = xa_load(&domain->pmem, lower_32_bits(range->key));
	if (mr && kfv_pmem_allows(mr, range))
		refcount_inc(&mr->users);
	else
		mr = NULL;
	xa_unlock_irqrestore(&domain->pmem, flags);
	return mr;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_pmem_get);

/**
 * kfv_pmem_put - be done with a region
 * @mr: from kfv_pmem_get(), or published
 *
 * Context: any.
 */
void kfv_pmem_put(struct kfv_mr *mr)
{
	if (refcount_dec_and_test(&mr->users))
		complete(mr->idle);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_pmem_put);

/* The bytes of an entry that are in a range, a page at most at a time */
static size_t kfv_pmem_step(const struct scatterlist *sg, u64 at, u64 len,
			    struct page **page, size_t *offset)
{
	u64 pos = sg->offset + at;

	*page = nth_page(sg_page((struct scatterlist *)sg), pos >> PAGE_SHIFT);
	*offset = offset_in_page(pos);
	return min_t(u64, len, PAGE_SIZE - *offset);
}

static void kfv_pmem_write_back_entry(const struct scatterlist *sg, u64 at,
				      u64 len, bool may_sleep)
{
	struct page *page;
	size_t offset, n;
	void *va;

	/* steps end with pages, wherever the entry starts */
	for (; len; len -= n, at += n) {
		n = kfv_pmem_step(sg, at, len, &page, &offset);
		va = kmap_local_page(page);
		arch_wb_cache_pmem(va + offset, n);
		kunmap_local(va);
		if (may_sleep && !((sg->offset + at + n) % KFV_PMEM_CHUNK))
			cond_resched();
	}
}

/**
 * kfv_pmem_write_back - write a range of a region back to the memory
 * @mr: region that stays for the time being
 * @start: first byte
 * @end: behind the last one; inside of the region
 * @may_sleep: let others run in between
 *
 * The lines are on their way on return, a pmem_wmb() waits for them.
 *
 * Context: any, without @may_sleep.
 */
void kfv_pmem_write_back(const struct kfv_mr *mr, u64 start, u64 end,
			 bool may_sleep)
{
	struct scatterlist *sg;
	unsigned int i;
	u64 pos = 0, from, to;

	for_each_sg(mr->sgt.sgl, sg, mr->sgt.orig_nents, i) {
		from = max(start, pos);
		to = min(end, pos + sg->length);
		if (from < to)
			kfv_pmem_write_back_entry(sg, from - pos, to - from,
						  may_sleep);
		pos += sg->length;
		if (pos >= end)
			break;
	}
}
EXPORT_SYMBOL_IF_KUNIT(kfv_pmem_write_back);

static void kfv_pmem_store_bytes(void *to, const void *from, size_t len)
{
	u64 value;

	if (len != sizeof(value) || !IS_ALIGNED((uintptr_t)to, sizeof(value))) {
		memcpy(to, from, len);
		return;
	}
	memcpy(&value, from, sizeof(value));
	WRITE_ONCE(*(u64 *)to, value);
}

/**
 * kfv_pmem_store - store a few bytes to a region
 * @mr: region that stays for the time being
 * @start: first byte
 * @from: what to store
 * @len: bytes; inside of the region
 *
 * Eight bytes that are aligned are stored at once: after a power cut they are
 * all there or none. They are not written back yet.
 *
 * Context: any.
 */
void kfv_pmem_store(const struct kfv_mr *mr, u64 start, const void *from,
		    size_t len)
{
	struct scatterlist *sg;
	struct page *page;
	size_t offset, n;
	unsigned int i;
	u64 pos = 0;
	void *va;

	for_each_sg(mr->sgt.sgl, sg, mr->sgt.orig_nents, i) {
		while (len && start >= pos && start < pos + sg->length) {
			n = min_t(u64, len, pos + sg->length - start);
			n = kfv_pmem_step(sg, start - pos, n, &page, &offset);
			va = kmap_local_page(page);
			kfv_pmem_store_bytes(va + offset, from, n);
			kunmap_local(va);
			start += n;
			from += n;
			len -= n;
		}
		pos += sg->length;
	}
}
EXPORT_SYMBOL_IF_KUNIT(kfv_pmem_store);
