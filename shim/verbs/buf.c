// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Local buffers
 *
 * Purpose: turns the client's list of ranges (kvec, bio_vec or scatterlist, of
 * memory of any kind) into scatter/gather lists of work requests.
 *
 * Operation: the list is walked in pieces that are one range for the device.
 * Memory in the linear map is one piece however long it is; addresses of
 * vmalloc() and of modules are looked up page by page. Pieces that follow each
 * other in memory are joined. A range with the descriptor of a region that was
 * registered from one range of kernel addresses is one piece of that region.
 * The walk can stop at any byte and go on in the next work request; the same
 * walk without a list to fill counts.
 *
 * Ownership: pieces that are not of a region use the protection domain's local
 * key. On devices that see memory as the CPU does nothing is mapped; elsewhere
 * each piece is mapped here and unmapped when its request completes, for which
 * the queue keeps the list.
 *
 * Ordering: kfv_buf_check() comes first and needs no lock. Filling a list reads
 * the regions behind the descriptors and must be done under the lock of an open
 * queue, which keeps their hardware from going away.
 *
 * Errors: arithmetic on what the client passed is done in 64 bits and before
 * use. A list that cannot be mapped leaves nothing mapped.
 */
#include <kunit/visibility.h>
#include <linux/dma-mapping.h>
#include <linux/highmem.h>
#include <linux/io.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/scatterlist.h>
#include <linux/string.h>

#include "data.h"

/* Bytes, more than soft-iWARP copies into a header (siw_try_1seg()) */
enum { KFV_BUF_SIW_FEW = 64 };

/* An element of the client's list: @va, or @off bytes into @page */
struct kfv_buf_elem {
	const void *va;
	struct page *page;
	size_t off;
	size_t len;
};

/*
 * One range for the device: @addr is the offset in the region @mr, or where the
 * bounce buffer is mapped, or a physical address.
 */
struct kfv_buf_piece {
	const struct kfv_mr *mr;
	u64 addr;
	u64 len;
};

static bool kfv_buf_is_module_addr(const void *va)
{
#ifdef MODULES_VADDR
	return (unsigned long)va >= MODULES_VADDR &&
	       (unsigned long)va < MODULES_END;
#else
	return false;
#endif
}

/* Contiguous kernel addresses are contiguous memory. */
static bool kfv_buf_is_linear(const void *va)
{
	return !is_vmalloc_addr(va) && !kfv_buf_is_module_addr(va);
}

static void kfv_buf_elem(const struct kfv_buf *buf, struct kfv_buf_elem *elem)
{
	elem->va = NULL;
	elem->page = NULL;
	elem->off = 0;

	switch (buf->type) {
	case KFV_BUF_KVEC:
		elem->va = buf->kvec->iov_base;
		elem->len = buf->kvec->iov_len;
		break;
	case KFV_BUF_BVEC:
		elem->page = buf->bvec->bv_page;
		elem->off = buf->bvec->bv_offset;
		elem->len = buf->bvec->bv_len;
		break;
	case KFV_BUF_SGL:
		elem->page = sg_page((struct scatterlist *)buf->sg);
		elem->off = buf->sg->offset;
		elem->len = buf->sg->length;
		break;
	case KFV_BUF_BOUNCE:
		elem->len = SIZE_MAX;
		break;
	}
}

static void kfv_buf_next(struct kfv_buf *buf)
{
	switch (buf->type) {
	case KFV_BUF_KVEC:
		buf->kvec++;
		break;
	case KFV_BUF_BVEC:
		buf->bvec++;
		break;
	case KFV_BUF_SGL:
		buf->sg = sg_next((struct scatterlist *)buf->sg);
		break;
	case KFV_BUF_BOUNCE:
		break;
	}
	if (buf->desc)
		buf->desc++;
	buf->left--;
	buf->done = 0;
}

/* The region to use for an element; NULL: it is mapped like any memory */
static const struct kfv_mr *kfv_buf_region(const struct kfv_buf *buf,
					   const struct kfv_buf_elem *elem)
{
	const struct kfv_mr *mr = buf->desc ? *buf->desc : NULL;

	return mr && mr->base && elem->va ? mr : NULL;
}

static int kfv_buf_check_desc(const struct kfv_ep *ep, const struct kfv_mr *mr,
			      const struct kfv_buf_elem *elem, u64 access)
{
	u64 start;

	if (mr->domain != ep->domain)
		return -EINVAL;
	if (!(mr->access & access))
		return -EACCES;
	if (!mr->base || !elem->va)
		return 0;
	/* huge, if it begins in front of the region */
	start = elem->va - mr->base;
	if (elem->len > mr->length || start > mr->length - elem->len)
		return -EINVAL;
	return 0;
}

/* Bytes of the next element, of which there may be @max */
static ssize_t kfv_buf_check_elem(const struct kfv_ep *ep,
				  const struct kfv_buf *buf, u64 access, u64 max)
{
	struct kfv_buf_elem elem;
	int rc = 0;

	if (!buf->list)
		return -EINVAL;
	kfv_buf_elem(buf, &elem);
	if (!elem.len)
		return 0;
	if (!elem.va && !elem.page)
		return -EINVAL;
	if (buf->desc && *buf->desc)
		rc = kfv_buf_check_desc(ep, *buf->desc, &elem, access);
	if (rc)
		return rc;
	return elem.len > max ? -EMSGSIZE : elem.len;
}

static ssize_t kfv_buf_check_list(const struct kfv_ep *ep,
				  const struct kfv_buf *buf, u64 access)
{
	struct kfv_buf walk = *buf;
	u64 total = 0;
	ssize_t len;

	for (; walk.left; kfv_buf_next(&walk)) {
		len = kfv_buf_check_elem(ep, &walk, access, ep->max_msg - total);
		if (len < 0)
			return len;
		total += len;
	}
	return total;
}

/**
 * kfv_buf_check - see whether a list can be used, and how long it is
 * @ep: endpoint
 * @q: its queue that the operation is for
 * @buf: the list, nothing used yet
 * @access: right that descriptors must have: KFI_SEND, KFI_RECV, KFI_READ or
 *	KFI_WRITE
 *
 * Elements of no length are legal whatever else they say.
 *
 * Context: any.
 * Return: bytes; -E2BIG for too many elements; -EINVAL for a list, an element
 * or a list type that is not there, or a descriptor that does not cover its
 * element; -EACCES; -EMSGSIZE.
 */
ssize_t kfv_buf_check(const struct kfv_ep *ep, const struct kfv_queue *q,
		      const struct kfv_buf *buf, u64 access)
{
	if (!buf->left)
		return 0;
	if (buf->left > q->iov_limit)
		return -E2BIG;
	if (buf->type < KFV_BUF_KVEC || buf->type > KFV_BUF_SGL)
		return -EINVAL;
	if (likely(buf->left == 1))
		return kfv_buf_check_elem(ep, buf, access, ep->max_msg);
	return kfv_buf_check_list(ep, buf, access);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_buf_check);

/* The piece at @done bytes of @elem, as long as the memory goes on */
static int kfv_buf_locate(const struct kfv_buf_elem *elem, size_t done,
			  struct kfv_buf_piece *piece)
{
	const void *va = elem->va + done;
	struct page *page;

	piece->len = elem->len - done;
	if (elem->page) {
		piece->addr = page_to_phys(elem->page) + elem->off + done;
		return 0;
	}
	if (kfv_buf_is_linear(va)) {
		piece->addr = virt_to_phys((void *)va);
		return 0;
	}
	page = vmalloc_to_page(va);
	if (!page)
		return -EFAULT;
	piece->addr = page_to_phys(page) + offset_in_page(va);
	piece->len = min_t(u64, piece->len, PAGE_SIZE - offset_in_page(va));
	return 0;
}

/**
 * kfv_buf_is_one - whether a list is one range for the device
 * @buf: the list, nothing used yet; kfv_buf_check() liked it
 *
 * Context: any.
 * Return: true if that can be seen at a glance.
 */
bool kfv_buf_is_one(const struct kfv_buf *buf)
{
	struct kfv_buf_elem elem;

	if (buf->left != 1)
		return false;
	kfv_buf_elem(buf, &elem);
	return elem.page || kfv_buf_region(buf, &elem) ||
	       kfv_buf_is_linear(elem.va);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_buf_is_one);

/* The next piece, of at most @max bytes; none is left if its length is 0 */
static int kfv_buf_piece(struct kfv_buf *buf, u64 max,
			 struct kfv_buf_piece *piece)
{
	struct kfv_buf_elem elem;
	int rc = 0;

	piece->len = 0;
	for (; buf->left; kfv_buf_next(buf)) {
		kfv_buf_elem(buf, &elem);
		if (buf->done < elem.len)
			break;
	}
	if (!buf->left)
		return 0;

	piece->mr = kfv_buf_region(buf, &elem);
	if (piece->mr) {
		piece->addr = elem.va - piece->mr->base + buf->done;
		piece->len = elem.len - buf->done;
	} else if (buf->type == KFV_BUF_BOUNCE) {
		piece->addr = buf->dma + buf->done;
		piece->len = elem.len - buf->done;
	} else {
		rc = kfv_buf_locate(&elem, buf->done, piece);
	}
	piece->len = min(piece->len, max);
	return rc;
}

static bool kfv_buf_join(struct kfv_buf_piece *piece,
			 const struct kfv_buf_piece *next)
{
	if (next->mr != piece->mr || next->addr != piece->addr + piece->len)
		return false;
	piece->len += next->len;
	return true;
}

/* Bytes of a piece that can follow what ended at @end in a range of pages */
static u64 kfv_buf_page_room(const struct kfv_pages *pages, u64 end,
			     const struct kfv_buf_piece *piece)
{
	u64 room = (u64)(pages->max - pages->pages) << PAGE_SHIFT;

	if (!pages->n)
		return room - offset_in_page(piece->addr);
	if (piece->addr == end)
		return room + (-end & ~PAGE_MASK);
	return offset_in_page(end) || offset_in_page(piece->addr) ? 0 : room;
}

static void kfv_buf_add_pages(struct kfv_pages *pages, u64 end,
			      const struct kfv_buf_piece *piece)
{
	struct scatterlist *last = pages->n ? &pages->sg[pages->n - 1] : NULL;
	bool joins = last && piece->addr == end;
	u64 first = PHYS_PFN(piece->addr);

	if (joins && offset_in_page(end))
		first++;
	pages->pages += PHYS_PFN(piece->addr + piece->len - 1) + 1 - first;
	if (joins && last->length + piece->len <= pages->max_run)
		last->length += piece->len;
	else
		sg_set_page(&pages->sg[pages->n++],
			    pfn_to_page(PHYS_PFN(piece->addr)), piece->len,
			    offset_in_page(piece->addr));
	pages->len += piece->len;
}

/**
 * kfv_buf_fill_pages - describe the memory of a list as a range of pages
 * @buf: the list, which moves on by as much as was used; descriptors do not
 *	matter
 * @pages: to be filled in. Covers less than it asked for, but not nothing, where
 *	what follows is not at a page boundary, when the pages do not suffice, or
 *	when the list ends
 *
 * Context: any.
 * Return: 0; -EFAULT for an address without memory.
 */
int kfv_buf_fill_pages(struct kfv_buf *buf, struct kfv_pages *pages)
{
	struct kfv_buf_piece piece;
	u64 want = pages->len;
	u64 room, end = 0;
	int rc;

	buf->desc = NULL;
	pages->len = 0;
	pages->n = 0;
	pages->pages = 0;
	while (pages->len < want) {
		rc = kfv_buf_piece(buf, min_t(u64, want - pages->len,
					      pages->max_run), &piece);
		if (rc)
			return rc;
		if (!piece.len)
			break;
		room = kfv_buf_page_room(pages, end, &piece);
		if (!room)
			break;
		piece.len = min(piece.len, room);
		kfv_buf_add_pages(pages, end, &piece);
		end = piece.addr + piece.len;
		buf->done += piece.len;
	}
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_buf_fill_pages);

static int kfv_buf_map(struct kfv_ep *ep, u64 phys, u32 len,
		       enum dma_data_direction dir, u64 *dma)
{
	struct ib_device *ibdev = ep->domain->ibdev;

	if (ep->domain->virt_dma) {
		*dma = (uintptr_t)phys_to_virt(phys);
		return 0;
	}
	*dma = ib_dma_map_page(ibdev, pfn_to_page(PHYS_PFN(phys)),
			       offset_in_page(phys), len, dir);
	return ib_dma_mapping_error(ibdev, *dma) ? -ENOMEM : 0;
}

/* Make a piece element @sgl->n - 1 of the list. */
static int kfv_buf_emit(struct kfv_ep *ep, const struct kfv_buf *buf,
			const struct kfv_buf_piece *piece, struct kfv_sgl *sgl)
{
	struct ib_sge *sge;

	if (!sgl->sge || !sgl->n)
		return 0;

	sge = &sgl->sge[sgl->n - 1];
	sge->length = piece->len;
	if (piece->mr) {
		sge->addr = piece->mr->ibmr->iova + piece->addr;
		sge->lkey = piece->mr->ibmr->lkey;
		return 0;
	}
	sge->lkey = ep->domain->pd->local_dma_lkey;
	if (buf->type == KFV_BUF_BOUNCE) {
		sge->addr = piece->addr;
		return 0;
	}
	return kfv_buf_map(ep, piece->addr, piece->len, sgl->dir, &sge->addr);
}

/*
 * All of a list that is one kvec, in the linear map and of no region, as most are:
 * what the walk comes to. False if it is not that.
 */
static bool kfv_buf_fill_kvec(struct kfv_ep *ep, struct kfv_buf *buf,
			      struct kfv_sgl *sgl, int *rc)
{
	const struct kvec *iov = buf->kvec;

	if (buf->type != KFV_BUF_KVEC || buf->left != 1 || buf->done ||
	    iov->iov_len != sgl->len || !sgl->len || !sgl->max || !sgl->sge ||
	    (buf->desc && *buf->desc) || !kfv_buf_is_linear(iov->iov_base))
		return false;
	sgl->n = 1;
	sgl->sge->length = sgl->len;
	sgl->sge->lkey = ep->domain->pd->local_dma_lkey;
	*rc = kfv_buf_map(ep, virt_to_phys(iov->iov_base), sgl->len, sgl->dir,
			  &sgl->sge->addr);
	if (!*rc)
		buf->done = sgl->len;
	return true;
}

static bool kfv_buf_by_siw(const struct kfv_ep *ep)
{
	return ep->domain->iwarp && ep->domain->virt_dma;
}

/*
 * Whether an element of a list may follow another one. Soft-iWARP finds pages of a
 * region by an index which it keeps for the next region of the list: behind a
 * region of several ranges there may be other memory, but no region.
 */
static bool kfv_buf_follows(const struct kfv_ep *ep,
			    const struct kfv_buf_piece *piece,
			    const struct kfv_buf_piece *next,
			    struct kfv_sgl *sgl)
{
	if (!kfv_buf_by_siw(ep))
		return true;
	if (piece->mr && piece->mr->sgt.nents > 1)
		sgl->indexed = true;
	return !next->mr || !sgl->indexed;
}

/**
 * kfv_buf_fill - make the scatter/gather list of one work request
 * @ep: endpoint; the lock of an open queue is held unless elements are only
 *	counted
 * @buf: the list, which moves on by as much as was used
 * @sgl: elements to fill in. Covers less than it asked for when the elements
 *	do not suffice, or when the list ends
 *
 * Context: any.
 * Return: 0; -EFAULT for an address without memory; -ENOMEM when the device
 * cannot map it. Then nothing is mapped.
 */
int kfv_buf_fill(struct kfv_ep *ep, struct kfv_buf *buf, struct kfv_sgl *sgl)
{
	struct kfv_buf_piece piece, next;
	u64 want = sgl->len;
	int rc;

	if (likely(kfv_buf_fill_kvec(ep, buf, sgl, &rc)))
		return rc;
	/* so little, of a region, would be cut at the wrong place between two pages */
	if (want <= KFV_BUF_SIW_FEW && kfv_buf_by_siw(ep))
		buf->desc = NULL;
	piece = (struct kfv_buf_piece) {};
	sgl->len = 0;
	sgl->n = 0;
	sgl->indexed = false;
	while (sgl->len < want) {
		rc = kfv_buf_piece(buf, want - sgl->len, &next);
		if (rc)
			goto unmap;
		if (!next.len)
			break;
		if (!sgl->n || !kfv_buf_join(&piece, &next)) {
			if (sgl->n == sgl->max ||
			    (sgl->n && !kfv_buf_follows(ep, &piece, &next, sgl)))
				break;
			rc = kfv_buf_emit(ep, buf, &piece, sgl);
			if (rc)
				goto unmap;
			piece = next;
			sgl->n++;
		}
		buf->done += next.len;
		sgl->len += next.len;
	}
	rc = kfv_buf_emit(ep, buf, &piece, sgl);
	if (rc)
		goto unmap;
	return 0;

unmap:
	/* the element being made is not mapped */
	if (sgl->sge && sgl->n > 1)
		kfv_buf_unmap(ep, sgl->sge, sgl->n - 1, sgl->dir);
	return rc;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_buf_fill);

/**
 * kfv_buf_unmap - undo kfv_buf_fill()
 * @ep: endpoint
 * @sge: elements of the list
 * @n: how many
 * @dir: direction of the transfer
 *
 * Context: any.
 */
void kfv_buf_unmap(struct kfv_ep *ep, const struct ib_sge *sge, u32 n,
		   enum dma_data_direction dir)
{
	struct kfv_domain *domain = ep->domain;

	if (domain->virt_dma)
		return;
	for (; n; n--, sge++)
		if (sge->lkey == domain->pd->local_dma_lkey)
			ib_dma_unmap_page(domain->ibdev, sge->addr, sge->length,
					  dir);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_buf_unmap);

static void kfv_buf_copy_pages(void *to, const struct kfv_buf_elem *elem)
{
	size_t off = elem->off;
	size_t left = elem->len;
	size_t n;

	for (; left; left -= n, off += n, to += n) {
		n = min_t(size_t, left, PAGE_SIZE - offset_in_page(off));
		memcpy_from_page(to, elem->page + (off >> PAGE_SHIFT),
				 offset_in_page(off), n);
	}
}

/**
 * kfv_buf_copy - gather what a list describes
 * @to: memory for all of it
 * @buf: the list, nothing used yet; kfv_buf_check() liked it
 *
 * Context: any.
 */
void kfv_buf_copy(void *to, const struct kfv_buf *buf)
{
	struct kfv_buf walk = *buf;
	struct kfv_buf_elem elem;

	for (; walk.left; kfv_buf_next(&walk)) {
		kfv_buf_elem(&walk, &elem);
		if (elem.page)
			kfv_buf_copy_pages(to, &elem);
		else if (elem.len)
			memcpy(to, elem.va, elem.len);
		to += elem.len;
	}
}
EXPORT_SYMBOL_IF_KUNIT(kfv_buf_copy);
