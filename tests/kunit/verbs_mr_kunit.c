// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Memory regions: what the device is told of all kinds of memory, what peers
 * are told, and when a key is dead.
 */
#include <linux/bvec.h>
#include <linux/scatterlist.h>
#include <linux/uio.h>

#include <kunit/test.h>

#include "fixture.h"

#define ALL_ACCESS	(KFI_SEND | KFI_RECV | KFI_READ | KFI_WRITE | \
			 KFI_REMOTE_READ | KFI_REMOTE_WRITE)
#define PAGES		4

static u8 mr_static_memory[3 * PAGE_SIZE];

static struct ib_mr *mr_ib(struct kfid_mr *mr)
{
	return kfv_mr(&mr->fid)->ibmr;
}

static struct kfid_mr *mr_reg(struct fixture *f, const void *buf, size_t len,
			      u64 access)
{
	struct kfid_mr *mr;

	KUNIT_ASSERT_EQ(f->test, 0, kfi_mr_reg(f->domain, buf, len, access, 0,
					       0, 0, &mr, NULL));
	return mr;
}

/* All that the device and a peer know of a region of @len bytes */
static void mr_expect(struct kunit *test, struct kfid_mr *mr, size_t offset,
		      size_t len)
{
	struct ib_mr *ibmr = mr_ib(mr);
	struct fake_mr *fake = to_fake_mr(ibmr);

	KUNIT_EXPECT_TRUE(test, fake->valid);
	KUNIT_EXPECT_EQ(test, ibmr->rkey, fake->key);
	KUNIT_EXPECT_EQ(test, (u64)offset, ibmr->iova);
	KUNIT_EXPECT_EQ(test, (u64)len, (u64)ibmr->length);
	KUNIT_EXPECT_EQ(test, (u32)PAGE_SIZE, (u32)ibmr->page_size);
	KUNIT_EXPECT_EQ(test, (u32)DIV_ROUND_UP(offset + len, PAGE_SIZE),
			fake->npages);
	KUNIT_EXPECT_EQ(test, (u64)offset << 48 | ibmr->rkey,
			kfi_mr_key(mr) & ~KFV_KEY_BITS);
	KUNIT_EXPECT_EQ(test, (u64)0, mr->iova);
}

/*
 * One range
 */

enum mr_memory { MR_KMALLOC, MR_VMALLOC, MR_STATIC };

struct mr_range_case {
	const char *name;
	enum mr_memory memory;
	size_t offset;
	size_t len;
};

static const struct mr_range_case mr_range_cases[] = {
	{ "a byte", MR_KMALLOC, 0, 1 },
	{ "a byte somewhere", MR_KMALLOC, 1234, 1 },
	{ "last byte of a page", MR_KMALLOC, PAGE_SIZE - 1, 1 },
	{ "a page", MR_KMALLOC, 0, PAGE_SIZE },
	{ "a page and a byte", MR_KMALLOC, 0, PAGE_SIZE + 1 },
	{ "across a page boundary", MR_KMALLOC, PAGE_SIZE - 1, 2 },
	{ "pages", MR_KMALLOC, 0, PAGES * PAGE_SIZE },
	{ "pages, not aligned", MR_KMALLOC, 7, 2 * PAGE_SIZE },
	{ "vmalloc, a byte", MR_VMALLOC, 5, 1 },
	{ "vmalloc, pages", MR_VMALLOC, 0, PAGES * PAGE_SIZE },
	{ "vmalloc, not aligned", MR_VMALLOC, 4000, 2 * PAGE_SIZE },
	{ "static", MR_STATIC, 3, 2 * PAGE_SIZE },
};

static void mr_range_desc(const struct mr_range_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(mr_range, mr_range_cases, mr_range_desc);

static u8 *mr_memory(struct kunit *test, enum mr_memory memory)
{
	switch (memory) {
	case MR_KMALLOC:
		return fixture_kmalloc(test, (PAGES + 1) * PAGE_SIZE);
	case MR_VMALLOC:
		return fixture_vmalloc(test, (PAGES + 1) * PAGE_SIZE);
	default:
		return mr_static_memory;
	}
}

static void mr_range_test(struct kunit *test)
{
	const struct mr_range_case *c = test->param_value;
	struct fixture *f = fixture_new(test);
	u8 *buf = mr_memory(test, c->memory) + c->offset;
	struct kfid_mr *mr = mr_reg(f, buf, c->len, ALL_ACCESS);

	mr_expect(test, mr, offset_in_page(buf), c->len);
	KUNIT_EXPECT_PTR_EQ(test, (const void *)buf, kfv_mr(&mr->fid)->base);
	KUNIT_EXPECT_PTR_EQ(test, (void *)kfv_mr(&mr->fid), kfi_mr_desc(mr));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
}

/*
 * Lists
 */

struct mr_piece {
	u32 page;
	u32 offset;
	u32 len;
};

struct mr_list_case {
	const char *name;
	struct mr_piece pieces[4];
	int count;
	int err;
};

#define P	PAGE_SIZE

/* Pages of vmalloc memory do not touch, but for the bytes within one */
static const struct mr_list_case mr_list_cases[] = {
	{ "one page", { { 0, 0, P } }, 1 },
	{ "part of a page", { { 2, 100, 17 } }, 1 },
	{ "pages", { { 0, 0, P }, { 1, 0, P }, { 2, 0, P } }, 3 },
	{ "pages in another order", { { 3, 0, P }, { 0, 0, P } }, 2 },
	{ "ends inside", { { 0, 0, P }, { 1, 0, 9 } }, 2 },
	{ "starts inside", { { 0, 9, P - 9 }, { 1, 0, P } }, 2 },
	{ "starts and ends inside",
	  { { 0, P - 1, 1 }, { 3, 0, P }, { 1, 0, 1 } }, 3 },
	{ "pieces that touch in a page", { { 1, 10, 20 }, { 1, 30, 40 } }, 2 },
	{ "pieces that touch, then a page",
	  { { 1, P - 50, 20 }, { 1, P - 30, 30 }, { 2, 0, P } }, 3 },
	{ "empty pieces",
	  { { 0, 0, 0 }, { 1, 0, P }, { 2, 5, 0 }, { 3, 0, P } }, 4 },
	{ "the same page twice", { { 1, 0, P }, { 1, 0, P } }, 2 },
	{ "nothing", { { 0, 0, 0 } }, 1, -EINVAL },
	{ "no pieces", { }, 0, -EINVAL },
	{ "gap at an end", { { 0, 0, P - 1 }, { 1, 0, P } }, 2, -EINVAL },
	{ "gap at a start", { { 0, 0, P }, { 1, 1, P - 1 } }, 2, -EINVAL },
	{ "gap in a page", { { 1, 10, 20 }, { 1, 31, 40 } }, 2, -EINVAL },
	{ "pieces of a page the wrong way", { { 1, 30, 40 }, { 1, 10, 20 } },
	  2, -EINVAL },
};

#undef P

static void mr_list_desc(const struct mr_list_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(mr_list, mr_list_cases, mr_list_desc);

static void mr_expect_list(struct kunit *test, const struct mr_list_case *c,
			   int ret, struct kfid_mr *mr)
{
	size_t offset = 0, len = 0;
	int i;

	KUNIT_ASSERT_EQ(test, c->err, ret);
	if (ret)
		return;
	for (i = 0; i < c->count; i++) {
		if (!len)
			offset = c->pieces[i].offset;
		len += c->pieces[i].len;
	}
	mr_expect(test, mr, offset, len);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
}

static void mr_kvec_test(struct kunit *test)
{
	const struct mr_list_case *c = test->param_value;
	struct fixture *f = fixture_new(test);
	u8 *buf = fixture_vmalloc(test, PAGES * PAGE_SIZE);
	struct kvec iov[4];
	struct kfid_mr *mr;
	int i, ret;

	for (i = 0; i < c->count; i++) {
		iov[i].iov_base = buf + c->pieces[i].page * PAGE_SIZE +
				  c->pieces[i].offset;
		iov[i].iov_len = c->pieces[i].len;
	}
	ret = kfi_mr_regv(f->domain, iov, c->count, ALL_ACCESS, 0, 0, 0, &mr,
			  NULL);
	mr_expect_list(test, c, ret, mr);
}

static void mr_bvec_test(struct kunit *test)
{
	const struct mr_list_case *c = test->param_value;
	struct fixture *f = fixture_new(test);
	u8 *buf = fixture_vmalloc(test, PAGES * PAGE_SIZE);
	struct bio_vec biov[4];
	struct kfid_mr *mr;
	int i, ret;

	for (i = 0; i < c->count; i++)
		biov[i] = (struct bio_vec) {
			.bv_page = vmalloc_to_page(buf + c->pieces[i].page *
						   PAGE_SIZE),
			.bv_offset = c->pieces[i].offset,
			.bv_len = c->pieces[i].len,
		};
	ret = kfi_mr_regbv(f->domain, biov, c->count, ALL_ACCESS, 0, 0, 0, &mr,
			   NULL);
	mr_expect_list(test, c, ret, mr);
}

static void mr_sgl_test(struct kunit *test)
{
	const struct mr_list_case *c = test->param_value;
	struct fixture *f = fixture_new(test);
	u8 *buf = fixture_vmalloc(test, PAGES * PAGE_SIZE);
	struct scatterlist sgl[4];
	struct kfid_mr *mr;
	int i, ret;

	sg_init_table(sgl, max(c->count, 1));
	for (i = 0; i < c->count; i++)
		sg_set_page(&sgl[i],
			    vmalloc_to_page(buf + c->pieces[i].page *
					    PAGE_SIZE),
			    c->pieces[i].len, c->pieces[i].offset);
	ret = kfi_mr_regsgl(f->domain, sgl, c->count, ALL_ACCESS, 0, 0, 0, &mr,
			    NULL);
	mr_expect_list(test, c, ret, mr);
}

static void mr_bvec_of_many_pages_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	u8 *buf = fixture_kmalloc(test, PAGES * PAGE_SIZE);
	struct bio_vec biov = {
		.bv_page = virt_to_page(buf),
		.bv_offset = PAGE_SIZE + 17,
		.bv_len = 2 * PAGE_SIZE,
	};
	struct kfid_mr *mr;

	KUNIT_ASSERT_EQ(test, 0, kfi_mr_regbv(f->domain, &biov, 1, ALL_ACCESS,
					      0, 0, 0, &mr, NULL));
	mr_expect(test, mr, 17, 2 * PAGE_SIZE);
	KUNIT_EXPECT_NULL(test, kfv_mr(&mr->fid)->base);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
}

static void mr_sgl_shorter_than_count_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	u8 *buf = fixture_kmalloc(test, PAGE_SIZE);
	struct scatterlist sgl[2];
	struct kfid_mr *mr;

	sg_init_table(sgl, 2);
	sg_set_buf(&sgl[0], buf, 100);
	sg_mark_end(&sgl[0]);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfi_mr_regsgl(f->domain, sgl, 2, ALL_ACCESS, 0, 0, 0,
				      &mr, NULL));
}

/*
 * Limits
 */

struct mr_limit_case {
	const char *name;
	size_t offset;
	size_t len;
	int err;
};

static const struct mr_limit_case mr_limit_cases[] = {
	{ "as many pages as there may be", 0, FAKE_MAX_PAGES * PAGE_SIZE, 0 },
	{ "one byte more", 0, FAKE_MAX_PAGES * PAGE_SIZE + 1, -E2BIG },
	{ "not aligned", 1, FAKE_MAX_PAGES * PAGE_SIZE, -E2BIG },
	{ "not aligned, but short", 1, FAKE_MAX_PAGES * PAGE_SIZE - 1, 0 },
};

static void mr_limit_desc(const struct mr_limit_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(mr_limit, mr_limit_cases, mr_limit_desc);

static void mr_limit_test(struct kunit *test)
{
	const struct mr_limit_case *c = test->param_value;
	struct fixture *f = fixture_new(test);
	u8 *buf = fixture_vmalloc(test, (FAKE_MAX_PAGES + 1) * PAGE_SIZE);
	struct kfid_mr *mr;

	KUNIT_ASSERT_EQ(test, c->err,
			kfi_mr_reg(f->domain, buf + c->offset, c->len,
				   KFI_REMOTE_READ, 0, 0, 0, &mr, NULL));
	if (!c->err)
		KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
	KUNIT_EXPECT_EQ(test, 0, f->hca->mrs);
}

/* A device with smaller regions */
static void mr_device_limit_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	u8 *buf = fixture_vmalloc(test, 3 * PAGE_SIZE);
	struct kfid_mr *mr;

	f->dom->pool.max_pages = 2;
	KUNIT_EXPECT_EQ(test, -E2BIG,
			kfi_mr_reg(f->domain, buf, 2 * PAGE_SIZE + 1,
				   KFI_REMOTE_READ, 0, 0, 0, &mr, NULL));
	mr = mr_reg(f, buf, 2 * PAGE_SIZE, KFI_REMOTE_READ);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
}

/*
 * Bad input
 */

struct mr_bad_case {
	const char *name;
	bool null;
	size_t len;
	u64 access;
	u64 offset;
	u64 flags;
	int err;
};

static const struct mr_bad_case mr_bad_cases[] = {
	{ "no buffer", true, 1, KFI_SEND, 0, 0, -EINVAL },
	{ "no bytes", false, 0, KFI_SEND, 0, 0, -EINVAL },
	{ "no access", false, 1, 0, 0, 0, -EINVAL },
	{ "unknown access", false, 1, KFI_SEND | KFI_ATOMIC, 0, 0, -EINVAL },
	{ "an offset", false, 1, KFI_SEND, 1, 0, -EINVAL },
	{ "a flag", false, 1, KFI_SEND, 0, KFI_RMA_EVENT, -KFI_EBADFLAGS },
	{ "not persistent", false, 1, KFI_SEND, 0, KFI_RMA_PMEM,
	  IS_ENABLED(CONFIG_ARCH_HAS_PMEM_API) ? -EINVAL : -EOPNOTSUPP },
	{ "all of memory", false, SIZE_MAX, KFI_SEND, 0, 0, -E2BIG },
};

static void mr_bad_desc(const struct mr_bad_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(mr_bad, mr_bad_cases, mr_bad_desc);

static void mr_bad_input_test(struct kunit *test)
{
	const struct mr_bad_case *c = test->param_value;
	struct fixture *f = fixture_new(test);
	u8 *buf = fixture_kmalloc(test, (FAKE_MAX_PAGES + 2) * PAGE_SIZE);
	struct kfid_mr *mr;

	KUNIT_EXPECT_EQ(test, c->err,
			kfi_mr_reg(f->domain, c->null ? NULL : buf, c->len,
				   c->access, c->offset, 0, c->flags, &mr,
				   NULL));
	KUNIT_EXPECT_EQ(test, 0, f->hca->mrs);
}

static void mr_bad_attr_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kvec iov = {
		.iov_base = fixture_kmalloc(test, 64),
		.iov_len = 64,
	};
	struct kfi_mr_attr attr = {
		.mr_iov = &iov,
		.iov_count = 1,
		.access = KFI_SEND,
	};
	struct kfid_mr *mr;

	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfi_mr_regattr(f->domain, NULL, 0, &mr));
	/* no type */
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfi_mr_regattr(f->domain, &attr, 0, &mr));
	attr.type = KFI_SGL + 1;
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfi_mr_regattr(f->domain, &attr, 0, &mr));
	attr.type = KFI_KVEC;
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfi_mr_regattr(f->domain, &attr, 0, NULL));
	attr.auth_key_size = 4;
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfi_mr_regattr(f->domain, &attr, 0, &mr));
	attr.auth_key_size = 0;
	attr.context = &iov;
	KUNIT_ASSERT_EQ(test, 0, kfi_mr_regattr(f->domain, &attr, 0, &mr));
	KUNIT_EXPECT_PTR_EQ(test, (void *)&iov, mr->fid.context);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
}

/*
 * Access
 */

struct mr_access_case {
	const char *name;
	u64 access;
	int ib;
};

static const struct mr_access_case mr_access_cases[] = {
	{ "send", KFI_SEND, 0 },
	{ "recv", KFI_RECV, IB_ACCESS_LOCAL_WRITE },
	{ "remote read", KFI_REMOTE_READ, IB_ACCESS_REMOTE_READ },
	{ "remote write", KFI_REMOTE_WRITE,
	  IB_ACCESS_REMOTE_WRITE | IB_ACCESS_LOCAL_WRITE },
};

static void mr_access_desc(const struct mr_access_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(mr_access, mr_access_cases, mr_access_desc);

static void mr_access_test(struct kunit *test)
{
	const struct mr_access_case *c = test->param_value;
	struct fixture *f = fixture_new(test);
	struct kfid_mr *mr = mr_reg(f, fixture_kmalloc(test, 64), 64,
				    c->access);

	KUNIT_EXPECT_EQ(test, c->ib, to_fake_mr(mr_ib(mr))->access);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
}

/*
 * Life of a key
 */

/* A device that can wait for its own accesses when it invalidates */
static void mr_close_kills_the_key_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	u8 *buf = fixture_kmalloc(test, 64);
	struct kfid_mr *mr;
	struct fake_mr *fake;
	u64 key;

	f->dom->virt_dma = false;
	mr = mr_reg(f, buf, 64, ALL_ACCESS);
	fake = to_fake_mr(mr_ib(mr));
	key = kfi_mr_key(mr);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
	KUNIT_ASSERT_EQ(test, 1u, f->dom->pool.count);
	KUNIT_EXPECT_FALSE(test, fake->valid);

	/* the region is used again, under another key */
	mr = mr_reg(f, buf, 64, ALL_ACCESS);
	KUNIT_EXPECT_PTR_EQ(test, fake, to_fake_mr(mr_ib(mr)));
	KUNIT_EXPECT_NE(test, key, kfi_mr_key(mr));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
}

/* A device that copies with a CPU can not */
static void mr_close_waits_for_copies_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_mr *mr;

	f->dom->virt_dma = true;
	mr = mr_reg(f, fixture_kmalloc(test, 64), 64, ALL_ACCESS);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
	KUNIT_EXPECT_EQ(test, 0u, f->dom->pool.count);
	KUNIT_EXPECT_EQ(test, 0, f->hca->mrs);
}

/* Nobody who remembers a key finds it alive again. */
static void mr_keys_do_not_repeat_test(struct kunit *test)
{
	enum { CYCLES = 600 };
	struct fixture *f = fixture_new(test);
	u64 *keys = kunit_kcalloc(test, CYCLES, sizeof(*keys), GFP_KERNEL);
	void *buf = fixture_kmalloc(test, 64);
	struct kfid_mr *mr;
	int i, j;

	KUNIT_ASSERT_NOT_NULL(test, keys);
	f->dom->virt_dma = false;
	for (i = 0; i < CYCLES; i++) {
		mr = mr_reg(f, buf, 64, ALL_ACCESS);
		keys[i] = mr->key;
		KUNIT_ASSERT_EQ(test, 0, kfi_close(&mr->fid));
		for (j = 0; j < i; j++)
			KUNIT_ASSERT_NE(test, keys[i], keys[j]);
	}
	KUNIT_EXPECT_EQ(test, 1, f->hca->mrs);
}

static void mr_invalidation_fails_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_mr *mr;

	f->dom->virt_dma = false;
	mr = mr_reg(f, fixture_kmalloc(test, 64), 64, ALL_ACCESS);
	f->hca->inv_status = IB_WC_LOC_QP_OP_ERR;
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
	KUNIT_EXPECT_EQ(test, 0u, f->dom->pool.count);
	KUNIT_EXPECT_EQ(test, 0, f->hca->mrs);
}

static void mr_peer_has_invalidated_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_mr *mr, *other;

	f->dom->virt_dma = false;
	mr = mr_reg(f, fixture_kmalloc(test, 64), 64, ALL_ACCESS);
	to_fake_mr(mr_ib(mr))->valid = false;
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
	KUNIT_EXPECT_EQ(test, 0, f->hca->mrs);
	/* the queue that carries registrations has recovered */
	other = mr_reg(f, fixture_kmalloc(test, 64), 64, ALL_ACCESS);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&other->fid));
}

static void mr_registration_fails_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	u8 *buf = fixture_kmalloc(test, 64);
	struct kfid_mr *mr;

	f->hca->reg_status = IB_WC_LOC_QP_OP_ERR;
	KUNIT_EXPECT_EQ(test, -EIO, kfi_mr_reg(f->domain, buf, 64, ALL_ACCESS,
					       0, 0, 0, &mr, NULL));
	KUNIT_EXPECT_EQ(test, 0, f->hca->mrs);
	KUNIT_EXPECT_TRUE(test, list_empty(&f->dom->mrs));
	f->hca->reg_status = IB_WC_SUCCESS;
	f->hca->alloc_mr_rc = -ENOMEM;
	KUNIT_EXPECT_EQ(test, -ENOMEM, kfi_mr_reg(f->domain, buf, 64,
						  ALL_ACCESS, 0, 0, 0, &mr,
						  NULL));
	f->hca->alloc_mr_rc = 0;
	mr = mr_reg(f, buf, 64, ALL_ACCESS);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
}

static void mr_device_removed_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	u8 *buf = fixture_kmalloc(test, 64);
	struct kfid_mr *mr = mr_reg(f, buf, 64, ALL_ACCESS);
	struct kfid_mr *late;

	fake_hca_unplug(f->hca);
	KUNIT_EXPECT_EQ(test, 0, f->hca->mrs);
	KUNIT_EXPECT_NULL(test, kfv_mr(&mr->fid)->ibmr);
	KUNIT_EXPECT_EQ(test, -ENODEV, kfi_mr_reg(f->domain, buf, 64,
						  ALL_ACCESS, 0, 0, 0, &late,
						  NULL));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
}

static void mr_holds_the_domain_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_mr *mr = mr_reg(f, fixture_kmalloc(test, 64), 64,
				    ALL_ACCESS);

	KUNIT_EXPECT_EQ(test, -EBUSY, fixture_close(f, &f->domain->fid));
	KUNIT_EXPECT_TRUE(test, to_fake_mr(mr_ib(mr))->valid);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
}

static void mr_not_implemented_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_mr *mr = mr_reg(f, fixture_kmalloc(test, 64), 64,
				    ALL_ACCESS);
	size_t size = sizeof(u64);
	u64 base, key;
	void *ops;

	KUNIT_EXPECT_EQ(test, -ENOSYS, kfi_mr_bind(mr, &f->domain->fid, 0));
	KUNIT_EXPECT_EQ(test, -ENOSYS, kfi_mr_enable(mr));
	KUNIT_EXPECT_EQ(test, -ENOSYS, kfi_mr_refresh(mr, NULL, 0, 0));
	KUNIT_EXPECT_EQ(test, -ENOSYS, kfi_mr_raw_attr(mr, &base, (u8 *)&key,
						       &size, 0));
	KUNIT_EXPECT_EQ(test, -ENOSYS, kfi_open_ops(&mr->fid, "ops", 0, &ops,
						    NULL));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
}

/*
 * Devices that memory is mapped for
 */

struct mr_dir_case {
	u64 access;
	enum dma_data_direction dir;
};

static const struct mr_dir_case mr_dir_cases[] = {
	{ KFI_SEND, DMA_TO_DEVICE },
	{ KFI_WRITE, DMA_TO_DEVICE },
	{ KFI_REMOTE_READ, DMA_TO_DEVICE },
	{ KFI_RECV, DMA_FROM_DEVICE },
	{ KFI_READ, DMA_FROM_DEVICE },
	{ KFI_REMOTE_WRITE, DMA_FROM_DEVICE },
	{ KFI_SEND | KFI_RECV, DMA_BIDIRECTIONAL },
	{ KFI_REMOTE_READ | KFI_REMOTE_WRITE, DMA_BIDIRECTIONAL },
};

static void mr_dir_desc(const struct mr_dir_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "0x%llx", c->access);
}

KUNIT_ARRAY_PARAM(mr_dir, mr_dir_cases, mr_dir_desc);

static void mr_mapped_test(struct kunit *test)
{
	const struct mr_dir_case *c = test->param_value;
	struct fixture *f = fixture_new_mapped(test);
	u32 idle = f->dma->count;
	struct kfid_mr *mr = mr_reg(f, fixture_kmalloc(test, 64), 64,
				    c->access);

	KUNIT_ASSERT_EQ(test, idle + 1, f->dma->count);
	KUNIT_EXPECT_EQ(test, c->dir, f->dma->maps[idle].dir);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
	KUNIT_EXPECT_EQ(test, idle, f->dma->count);
	KUNIT_EXPECT_EQ(test, 0U, f->dma->bad);
}

static void mr_failed_is_unmapped_test(struct kunit *test)
{
	struct fixture *f = fixture_new_mapped(test);
	u8 *buf = fixture_kmalloc(test, 64);
	u32 idle = f->dma->count;
	struct kfid_mr *mr;

	f->hca->reg_status = IB_WC_LOC_QP_OP_ERR;
	KUNIT_EXPECT_EQ(test, -EIO, kfi_mr_reg(f->domain, buf, 64, ALL_ACCESS,
					       0, 0, 0, &mr, NULL));
	KUNIT_EXPECT_EQ(test, idle, f->dma->count);
	f->hca->alloc_mr_rc = -ENOMEM;
	KUNIT_EXPECT_EQ(test, -ENOMEM, kfi_mr_reg(f->domain, buf, 64,
						  ALL_ACCESS, 0, 0, 0, &mr,
						  NULL));
	KUNIT_EXPECT_EQ(test, idle, f->dma->count);
}

static void mr_removed_is_unmapped_test(struct kunit *test)
{
	struct fixture *f = fixture_new_mapped(test);
	struct kfid_mr *mr = mr_reg(f, fixture_kmalloc(test, 64), 64,
				    ALL_ACCESS);

	fake_hca_unplug(f->hca);
	KUNIT_EXPECT_EQ(test, 0U, f->dma->count);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
	KUNIT_EXPECT_EQ(test, 0U, f->dma->bad);
}

/* No entry is longer than the device takes. */
static void mr_segment_limit_test(struct kunit *test)
{
	struct fixture *f = fixture_new_mapped(test);
	u8 *buf = fixture_kmalloc(test, 2 * FAKE_DMA_MAX_SEG);
	struct kfid_mr *mr = mr_reg(f, buf, 2 * FAKE_DMA_MAX_SEG, ALL_ACCESS);
	struct sg_table *sgt = &kfv_mr(&mr->fid)->sgt;

	KUNIT_EXPECT_EQ(test, 2U, sgt->orig_nents);
	KUNIT_EXPECT_EQ(test, (u32)FAKE_DMA_MAX_SEG, sgt->sgl->length);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
}

/* The device takes fewer pages than it said. */
static void mr_device_takes_part_test(struct kunit *test)
{
	const size_t len = (FAKE_MAX_PAGES + 1) * PAGE_SIZE;
	struct fixture *f = fixture_new(test);
	u8 *buf = fixture_vmalloc(test, len);
	struct kfid_mr *mr;

	/* a region that is in the pool is not made with this limit any more */
	f->dom->virt_dma = false;
	mr = mr_reg(f, buf, 64, ALL_ACCESS);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
	f->dom->pool.max_pages = FAKE_MAX_PAGES + 1;
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_mr_reg(f->domain, buf, len,
						  ALL_ACCESS, 0, 0, 0, &mr,
						  NULL));
}

/* A page that pieces share is one page; a region has room for no more than it takes. */
static void mr_counts_pages_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	u8 *buf = fixture_kmalloc(test, 4 * PAGE_SIZE);
	const struct kvec iov[] = {
		{ buf + 16, 100 },
		{ buf + 116, PAGE_SIZE },
		{ buf + 116 + PAGE_SIZE, PAGE_SIZE - 116 },
	};
	struct kfid_mr *mr;

	f->dom->virt_dma = true;
	KUNIT_ASSERT_EQ(test, 0, kfi_mr_regv(f->domain, iov, 3, ALL_ACCESS, 0, 0,
					     0, &mr, NULL));
	KUNIT_EXPECT_EQ(test, 2U,
			to_fake_mr(kfv_mr(&mr->fid)->ibmr)->max_pages);
	KUNIT_EXPECT_EQ(test, 2U,
			to_fake_mr(kfv_mr(&mr->fid)->ibmr)->npages);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));

	f->dom->pool.max_pages = 2;
	KUNIT_EXPECT_EQ(test, 0, kfi_mr_regv(f->domain, iov, 3, ALL_ACCESS, 0, 0,
					     0, &mr, NULL));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
	KUNIT_EXPECT_EQ(test, -E2BIG, kfi_mr_reg(f->domain, buf, 2 * PAGE_SIZE + 1,
						 ALL_ACCESS, 0, 0, 0, &mr, NULL));
	KUNIT_EXPECT_EQ(test, -E2BIG, kfi_mr_reg(f->domain, buf + 16, 2 * PAGE_SIZE,
						 ALL_ACCESS, 0, 0, 0, &mr, NULL));
}

/* A range that goes on where no memory is */
static void mr_beyond_memory_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	const u8 *last = (u8 *)high_memory - PAGE_SIZE;
	struct kfid_mr *mr;

	KUNIT_EXPECT_EQ(test, -EFAULT, kfi_mr_reg(f->domain, last, 2 * PAGE_SIZE,
						  ALL_ACCESS, 0, 0, 0, &mr, NULL));
}

static struct kunit_case mr_cases[] = {
	KUNIT_CASE_PARAM(mr_range_test, mr_range_gen_params),
	KUNIT_CASE_PARAM(mr_kvec_test, mr_list_gen_params),
	KUNIT_CASE_PARAM(mr_bvec_test, mr_list_gen_params),
	KUNIT_CASE_PARAM(mr_sgl_test, mr_list_gen_params),
	KUNIT_CASE(mr_bvec_of_many_pages_test),
	KUNIT_CASE(mr_sgl_shorter_than_count_test),
	KUNIT_CASE_PARAM(mr_limit_test, mr_limit_gen_params),
	KUNIT_CASE(mr_device_limit_test),
	KUNIT_CASE_PARAM(mr_bad_input_test, mr_bad_gen_params),
	KUNIT_CASE(mr_bad_attr_test),
	KUNIT_CASE_PARAM(mr_access_test, mr_access_gen_params),
	KUNIT_CASE(mr_close_kills_the_key_test),
	KUNIT_CASE(mr_close_waits_for_copies_test),
	KUNIT_CASE(mr_keys_do_not_repeat_test),
	KUNIT_CASE(mr_invalidation_fails_test),
	KUNIT_CASE(mr_peer_has_invalidated_test),
	KUNIT_CASE(mr_registration_fails_test),
	KUNIT_CASE(mr_device_removed_test),
	KUNIT_CASE(mr_holds_the_domain_test),
	KUNIT_CASE(mr_not_implemented_test),
	KUNIT_CASE_PARAM(mr_mapped_test, mr_dir_gen_params),
	KUNIT_CASE(mr_failed_is_unmapped_test),
	KUNIT_CASE(mr_removed_is_unmapped_test),
	KUNIT_CASE(mr_segment_limit_test),
	KUNIT_CASE(mr_device_takes_part_test),
	KUNIT_CASE(mr_counts_pages_test),
	KUNIT_CASE(mr_beyond_memory_test),
	{}
};

static struct kunit_suite mr_suite = {
	.name = "kfi_verbs_mr",
	.test_cases = mr_cases,
};

kunit_test_suite(mr_suite);
