// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * What a case has opened and allocated. After it, objects are closed, endpoints
 * first, then the youngest before those that it stands on; then memory is freed.
 * The case fails with a close that fails.
 */
#include <linux/slab.h>

#include "func.h"

struct func_kept_fid {
	struct list_head link;
	struct kfid *fid;
};

struct func_kept_mem {
	struct list_head link;
	void *mem;
	void (*free)(struct func_kept_mem *kept);
};

static struct func_kept_fid *func_find_fid(struct func *t,
					   const struct kfid *fid)
{
	struct func_kept_fid *kept;

	list_for_each_entry(kept, &t->fids, link) {
		if (kept->fid == fid)
			return kept;
	}
	return NULL;
}

/**
 * func_forget - do not close an object after the case
 * @t: the case
 * @fid: the object
 */
void func_forget(struct func *t, struct kfid *fid)
{
	struct func_kept_fid *kept = func_find_fid(t, fid);

	if (CHECK(t, kept)) {
		list_del(&kept->link);
		kfree(kept);
	}
}

/**
 * func_keep_fid - close an object after the case
 * @t: the case
 * @fid: the object
 *
 * Return: false if that cannot be; then it is closed.
 */
bool func_keep_fid(struct func *t, struct kfid *fid)
{
	struct func_kept_fid *kept = kmalloc(sizeof(*kept), GFP_KERNEL);

	if (!CHECK(t, kept)) {
		CHECK_OK(t, kfi_close(fid));
		return false;
	}
	kept->fid = fid;
	list_add(&kept->link, &t->fids);
	return true;
}

/**
 * func_close - close an object now
 * @t: the case
 * @fid: the object, kept
 *
 * Return: true if it was closed.
 */
bool func_close(struct func *t, struct kfid *fid)
{
	if (!CHECK_OK(t, kfi_close(fid)))
		return false;
	func_forget(t, fid);
	return true;
}

static bool func_keep_mem(struct func *t, void *mem,
			  void (*free)(struct func_kept_mem *kept))
{
	struct func_kept_mem *kept = kmalloc(sizeof(*kept), GFP_KERNEL);

	if (!CHECK(t, kept))
		return false;
	kept->mem = mem;
	kept->free = free;
	list_add(&kept->link, &t->mem);
	return true;
}

static void func_free_plain(struct func_kept_mem *kept)
{
	kfree(kept->mem);
}

static void func_free_buf(struct func_kept_mem *kept)
{
	ktl_buf_free(kept->mem);
}

static void func_free_info(struct func_kept_mem *kept)
{
	kfi_freeinfo(kept->mem);
}

/**
 * func_alloc - allocate memory until after the case
 * @t: the case
 * @size: bytes
 *
 * Return: zeroed memory of kmalloc(), or NULL after a complaint.
 */
void *func_alloc(struct func *t, size_t size)
{
	void *mem = kzalloc(size, GFP_KERNEL);

	if (!CHECK(t, mem))
		return NULL;
	if (!func_keep_mem(t, mem, func_free_plain)) {
		kfree(mem);
		return NULL;
	}
	return mem;
}

/**
 * func_buf - allocate a buffer until after the case
 * @t: the case
 * @kind: of memory
 * @room: bytes
 * @piece: bytes of each piece, 0 for a page
 *
 * Return: the buffer, or NULL after a complaint.
 */
struct ktl_buf *func_buf(struct func *t, enum ktl_buf_kind kind, size_t room,
			 size_t piece)
{
	struct ktl_buf *buf = ktl_buf_alloc(kind, room, piece ?: PAGE_SIZE);

	if (!CHECK(t, buf))
		return NULL;
	if (!func_keep_mem(t, buf, func_free_buf)) {
		ktl_buf_free(buf);
		return NULL;
	}
	return buf;
}

/**
 * func_keep_info - free an info after the case
 * @t: the case
 * @info: the info, or NULL
 *
 * Return: @info, or NULL after a complaint.
 */
struct kfi_info *func_keep_info(struct func *t, struct kfi_info *info)
{
	if (!CHECK(t, info))
		return NULL;
	if (!func_keep_mem(t, info, func_free_info)) {
		kfi_freeinfo(info);
		return NULL;
	}
	return info;
}

static void func_close_kept(struct func *t, struct func_kept_fid *kept)
{
	CHECK_OK(t, kfi_close(kept->fid));
	list_del(&kept->link);
	kfree(kept);
}

/* Queues that an endpoint is bound to may be younger than the endpoint. */
static bool func_is_endpoint(const struct kfid *fid)
{
	return fid->fclass == KFI_CLASS_EP || fid->fclass == KFI_CLASS_PEP;
}

/**
 * func_keep_clean - close and free everything
 * @t: the case
 */
void func_keep_clean(struct func *t)
{
	struct func_kept_fid *fid, *next_fid;
	struct func_kept_mem *mem, *next_mem;

	list_for_each_entry_safe(fid, next_fid, &t->fids, link) {
		if (func_is_endpoint(fid->fid))
			func_close_kept(t, fid);
	}
	list_for_each_entry_safe(fid, next_fid, &t->fids, link)
		func_close_kept(t, fid);
	list_for_each_entry_safe(mem, next_mem, &t->mem, link) {
		mem->free(mem);
		list_del(&mem->link);
		kfree(mem);
	}
}
