// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Memory regions: what can be one, what its key opens, and until when.
 */
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "func.h"

#define FUNC_ACCESS	(KFI_REMOTE_READ | KFI_REMOTE_WRITE)
#define FUNC_REGIONS	200

/* The peer reads a whole region, whatever it is made of. */
static bool mr_readable(struct func *t, const struct ktl_buf *buf)
{
	struct ktl_buf *dst = func_buf(t, KTL_BUF_KMALLOC, buf->len, SZ_64K);
	struct kfi_rma_iov iov = { .len = buf->len };
	struct kfi_msg_rma msg;
	struct kfid_mr *mr;

	ktl_buf_fill(buf, buf->len);
	mr = func_open_mr_buf(t, t->domain, buf, FUNC_ACCESS);
	if (!dst || !mr)
		return false;
	iov.key = kfi_mr_key(mr);
	ktl_buf_use(dst, 0, buf->len);
	msg = func_msg_rma(dst, &iov, 1, dst);
	return CHECK_OK(t, kfi_readmsg(t->a.ep, &msg, KFI_COMPLETION)) &&
	       func_comp(t, t->a.tx_cq, dst, FUNC_TX_READ, NULL) &&
	       func_buf_is(t, dst, buf->len) && func_close(t, &mr->fid);
}

static void mr_kinds(struct func *t)
{
	static const struct {
		size_t offset;
		size_t len;
	} ranges[] = {
		{ 0, 1 }, { 4095, 1 }, { 4095, 2 }, { 17, 4079 }, { 0, SZ_4K },
		{ 1, SZ_4K }, { 123, SZ_64K }, { 0, SZ_64K + 1 },
	};
	struct ktl_buf *buf;
	size_t i;
	int kind;

	for (kind = 0; kind < KTL_BUF_KINDS; kind++) {
		buf = func_buf(t, kind, SZ_128K, 0);
		for (i = 0; buf && i < ARRAY_SIZE(ranges); i++) {
			ktl_buf_use(buf, ranges[i].offset, ranges[i].len);
			if (!mr_readable(t, buf)) {
				FAIL(t, "%s: %zu bytes at %zu",
				     ktl_buf_kinds[kind], ranges[i].len,
				     ranges[i].offset);
				return;
			}
		}
	}
}

/* The calls for lists, which kfi_mr_regattr() stands for elsewhere. */
static void mr_list_calls(struct func *t)
{
	struct ktl_buf *kvec = func_buf(t, KTL_BUF_KMALLOC, SZ_16K, 0);
	struct ktl_buf *bvec = func_buf(t, KTL_BUF_BVEC, SZ_16K, 0);
	struct ktl_buf *sgl = func_buf(t, KTL_BUF_SGL, SZ_16K, 0);
	struct kfid_mr *mr;

	if (!kvec || !bvec || !sgl)
		return;
	if (CHECK_OK(t, kfi_mr_regv(t->domain, kvec->view, kvec->count,
				    FUNC_ACCESS, 0, 0, 0, &mr, t))) {
		CHECK(t, mr->fid.context == t);
		CHECK_EQ(t, mr->fid.fclass, KFI_CLASS_MR);
		CHECK_OK(t, kfi_close(&mr->fid));
	}
	if (CHECK_OK(t, kfi_mr_regbv(t->domain, bvec->bvec, bvec->count,
				     FUNC_ACCESS, 0, 0, 0, &mr, t)))
		CHECK_OK(t, kfi_close(&mr->fid));
	if (CHECK_OK(t, kfi_mr_regsgl(t->domain, sgl->sgl, sgl->count,
				      FUNC_ACCESS, 0, 0, 0, &mr, t)))
		CHECK_OK(t, kfi_close(&mr->fid));
}

/* Keys say nothing about addresses, and addresses are offsets. */
static void mr_key(struct func *t)
{
	u8 *mem = func_alloc(t, SZ_8K);
	struct kfid_mr *mr;

	if (!mem)
		return;
	mr = func_open_mr(t, t->domain, mem + 10, SZ_4K, FUNC_ACCESS);
	if (!mr)
		return;
	CHECK_EQ(t, mr->iova, 0);
	CHECK_EQ(t, kfi_mr_key(mr) >> 48, offset_in_page(mem + 10));
	CHECK(t, kfi_mr_desc(mr));
}

/* The requested key counts for nothing: the provider makes them. */
static void mr_requested_key(struct func *t)
{
	u8 *mem = func_alloc(t, 64);
	struct kfid_mr *a, *b;

	if (!mem ||
	    !CHECK_OK(t, kfi_mr_reg(t->domain, mem, 64, FUNC_ACCESS, 0, 4711, 0,
				    &a, t)))
		return;
	func_keep_fid(t, &a->fid);
	if (!CHECK_OK(t, kfi_mr_reg(t->domain, mem, 64, FUNC_ACCESS, 0, 4711, 0,
				    &b, t)))
		return;
	func_keep_fid(t, &b->fid);
	CHECK(t, kfi_mr_key(a) != kfi_mr_key(b));
}

static int func_compare_u64(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(u64));
}

/* Many regions at once, none with the key of another. */
static void mr_many(struct func *t)
{
	u64 *keys = func_alloc(t, FUNC_REGIONS * sizeof(*keys));
	u8 *mem = func_alloc(t, SZ_4K);
	struct kfid_mr *mr;
	size_t i, j;

	if (!keys || !mem)
		return;
	for (i = 0; i < FUNC_REGIONS; i++) {
		mr = func_open_mr(t, t->domain, mem + i, 64, FUNC_ACCESS);
		if (!mr)
			return;
		keys[i] = kfi_mr_key(mr);
		for (j = 0; j < i; j++)
			CHECK(t, func_compare_u64(&keys[i], &keys[j]));
	}
}

/* Regions come and go: the pool behind them neither grows nor repeats keys. */
static void mr_again_and_again(struct func *t)
{
	u8 *mem = func_alloc(t, SZ_4K);
	u64 last = 0;
	struct kfid_mr *mr;
	int i;

	for (i = 0; mem && i < 300; i++) {
		mr = func_open_mr(t, t->domain, mem + i, 64, FUNC_ACCESS);
		if (!mr || !CHECK(t, kfi_mr_key(mr) != last))
			return;
		last = kfi_mr_key(mr);
		if (!func_close(t, &mr->fid))
			return;
	}
}

/* Two regions over the same memory: closing one leaves the other alone. */
static void mr_overlap(struct func *t)
{
	u8 *mem = func_alloc(t, SZ_4K), *src = func_alloc(t, 64);
	struct kfid_mr *a, *b;

	if (!mem || !src)
		return;
	a = func_open_mr(t, t->domain, mem, SZ_4K, FUNC_ACCESS);
	b = func_open_mr(t, t->domain, mem + 5, 100, FUNC_ACCESS);
	if (!a || !b || !func_close(t, &a->fid))
		return;
	memset(src, 0x12, 64);
	if (CHECK_OK(t, kfi_write(t->a.ep, src, 64, NULL, KFI_ADDR_UNSPEC, 0,
				  kfi_mr_key(b), src)) &&
	    func_comp(t, t->a.tx_cq, src, FUNC_TX_WRITE, NULL))
		CHECK(t, !memchr_inv(mem + 5, 0x12, 64));
}

/*
 * Once a close has returned, nothing comes in, although the peer goes on
 * writing.
 */
static void mr_close_under_fire(struct func *t)
{
	u8 *mem = func_alloc(t, SZ_64K), *src = func_alloc(t, SZ_64K);
	struct kfi_cq_err_entry err;
	struct kfi_cq_tagged_entry entry;
	struct kfid_mr *mr;
	int posted = 0, done = 0;

	if (!mem || !src)
		return;
	mr = func_open_mr(t, t->domain, mem, SZ_64K, FUNC_ACCESS);
	if (!mr)
		return;
	memset(src, 0xbb, SZ_64K);
	while (posted < 32) {
		if (!CHECK_OK(t, kfi_write(t->a.ep, src, SZ_64K, NULL,
					   KFI_ADDR_UNSPEC, 0, kfi_mr_key(mr),
					   src)))
			return;
		posted++;
	}
	if (!func_close(t, &mr->fid))
		return;
	memset(mem, 0xaa, SZ_64K);
	while (done < posted) {
		err = (struct kfi_cq_err_entry) {};
		if (func_read(t, t->a.tx_cq, &entry) != 1 &&
		    !CHECK_EQ(t, kfi_cq_readerr(t->a.tx_cq, &err, 0), 1))
			return;
		done++;
	}
	CHECK(t, !memchr_inv(mem, 0xaa, SZ_64K));
	func_no_comp(t, t->a.tx_cq);
}

static int func_try_reg(struct func *t, const void *buf, size_t len,
			u64 access, u64 offset, u64 flags)
{
	struct kfid_mr *mr;
	int rc;

	rc = kfi_mr_reg(t->domain, buf, len, access, offset, 0, flags, &mr, t);
	return rc ?: kfi_close(&mr->fid);
}

static void mr_bad_arguments(struct func *t)
{
	u8 *mem = func_alloc(t, 64);

	if (!mem)
		return;
	CHECK_EQ(t, func_try_reg(t, mem, 0, FUNC_ACCESS, 0, 0), -EINVAL);
	CHECK_EQ(t, func_try_reg(t, NULL, 64, FUNC_ACCESS, 0, 0), -EINVAL);
	CHECK_EQ(t, func_try_reg(t, mem, 64, 0, 0, 0), -EINVAL);
	CHECK_EQ(t, func_try_reg(t, mem, 64, KFI_MSG, 0, 0), -EINVAL);
	CHECK_EQ(t, func_try_reg(t, mem, 64, KFI_REMOTE_READ | BIT_ULL(50), 0,
				 0), -EINVAL);
	CHECK_EQ(t, func_try_reg(t, mem, 64, FUNC_ACCESS, 1, 0), -EINVAL);
	CHECK_EQ(t, func_try_reg(t, mem, 64, FUNC_ACCESS, 0, BIT_ULL(60)),
		 -KFI_EBADFLAGS);
	/* it is not persistent */
	CHECK_EQ(t, func_try_reg(t, mem, 64, FUNC_ACCESS, 0, KFI_RMA_PMEM),
		 -EINVAL);
	CHECK_OK(t, func_try_reg(t, mem, 64, FUNC_ACCESS, 0, 0));
}

static int func_try_regattr(struct func *t, const struct kfi_mr_attr *attr)
{
	struct kfid_mr *mr;
	int rc;

	rc = kfi_mr_regattr(t->domain, attr, 0, &mr);
	return rc ?: kfi_close(&mr->fid);
}

static void mr_bad_lists(struct func *t)
{
	u8 *mem = func_alloc(t, SZ_16K);
	struct kvec iov[2];
	struct kfi_mr_attr attr = {
		.type = KFI_KVEC,
		.access = FUNC_ACCESS,
	};

	if (!mem)
		return;
	CHECK_EQ(t, func_try_regattr(t, &attr), -EINVAL);
	attr.iov_count = 1;
	CHECK_EQ(t, func_try_regattr(t, &attr), -EINVAL);
	iov[0] = (struct kvec) { mem, 100 };
	attr.mr_iov = iov;
	attr.type = 0;
	CHECK_EQ(t, func_try_regattr(t, &attr), -EINVAL);
	attr.type = KFI_KVEC;

	/* a gap inside */
	attr.iov_count = 2;
	iov[1] = (struct kvec) { mem + SZ_8K, 100 };
	CHECK_EQ(t, func_try_regattr(t, &attr), -EINVAL);
	iov[0] = (struct kvec) { mem + SZ_4K - 100, 100 };
	iov[1] = (struct kvec) { mem + SZ_8K + 1, 100 };
	CHECK_EQ(t, func_try_regattr(t, &attr), -EINVAL);

	/* gaps at the ends only */
	iov[1] = (struct kvec) { mem + SZ_8K, 100 };
	CHECK_OK(t, func_try_regattr(t, &attr));
}

/* One page more than a region holds. */
static void mr_too_many_pages(struct func *t)
{
	struct ktl_buf *buf = func_buf(t, KTL_BUF_KMALLOC, SZ_4M, SZ_4M);
	size_t len;

	if (!buf)
		return;
	/* the largest region: found by halving, it is a power of two */
	for (len = SZ_4M; len > PAGE_SIZE; len /= 2) {
		if (!func_try_reg(t, buf->mem[0], len, FUNC_ACCESS, 0, 0))
			break;
	}
	CHECK(t, len >= SZ_1M && len < SZ_4M);
	CHECK_EQ(t, func_try_reg(t, buf->mem[0], len + 1, FUNC_ACCESS, 0, 0),
		 -E2BIG);
	CHECK_EQ(t, func_try_reg(t, buf->mem[0] + 1, len, FUNC_ACCESS, 0, 0),
		 -E2BIG);
	CHECK_OK(t, func_try_reg(t, buf->mem[0] + 1, len - 1, FUNC_ACCESS, 0,
				 0));
}

static const struct func_case mr_cases[] = {
	{ "kinds", mr_kinds, FUNC_PAIR },
	{ "list_calls", mr_list_calls, FUNC_DOMAIN },
	{ "key", mr_key, FUNC_DOMAIN },
	{ "requested_key", mr_requested_key, FUNC_DOMAIN },
	{ "many", mr_many, FUNC_DOMAIN },
	{ "again_and_again", mr_again_and_again, FUNC_DOMAIN },
	{ "overlap", mr_overlap, FUNC_PAIR },
	{ "close_under_fire", mr_close_under_fire, FUNC_PAIR },
	{ "bad_arguments", mr_bad_arguments, FUNC_DOMAIN },
	{ "bad_lists", mr_bad_lists, FUNC_DOMAIN },
	{ "too_many_pages", mr_too_many_pages, FUNC_DOMAIN },
};

FUNC_SUITE(mr);
