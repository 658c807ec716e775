// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Local buffers: any memory, any list, any place to stop, and what is refused.
 * Fixture: a connected endpoint on a fake HCA.
 *
 * What a scatter/gather list describes is read back through its addresses and
 * compared with what the list of the client says.
 */
#include <linux/highmem.h>

#include "fixture.h"

#define BUF_PAGES	6
#define BUF_LEN		(BUF_PAGES * PAGE_SIZE)

/* Module memory, which is not in the linear map everywhere */
static u8 buf_static[3 * PAGE_SIZE];

struct buf_case {
	const char *name;
	/* fills in @iov; returns the length of it all */
	size_t (*make)(struct kunit *test, struct kvec *iov);
	size_t count;
	/* elements to expect; 0 if that depends on where pages are */
	u32 nsge;
	/* a single element of contiguous memory */
	bool one;
};

static size_t buf_make_one(struct kunit *test, struct kvec *iov)
{
	iov[0].iov_base = fixture_kmalloc(test, 100);
	iov[0].iov_len = 100;
	return 100;
}

static size_t buf_make_odd(struct kunit *test, struct kvec *iov)
{
	iov[0].iov_base = fixture_kmalloc(test, 100) + 3;
	iov[0].iov_len = 91;
	return 91;
}

static size_t buf_make_linear(struct kunit *test, struct kvec *iov)
{
	iov[0].iov_base = fixture_kmalloc(test, BUF_LEN) + 1;
	iov[0].iov_len = BUF_LEN - 1;
	return BUF_LEN - 1;
}

static size_t buf_make_vmalloc(struct kunit *test, struct kvec *iov)
{
	iov[0].iov_base = fixture_vmalloc(test, BUF_LEN);
	iov[0].iov_len = BUF_LEN;
	return BUF_LEN;
}

static size_t buf_make_odd_vmalloc(struct kunit *test, struct kvec *iov)
{
	iov[0].iov_base = fixture_vmalloc(test, BUF_LEN) + 77;
	iov[0].iov_len = BUF_LEN - 77 - 5;
	return iov[0].iov_len;
}

static size_t buf_make_in_vmalloc_page(struct kunit *test, struct kvec *iov)
{
	iov[0].iov_base = fixture_vmalloc(test, BUF_LEN) + PAGE_SIZE - 1;
	iov[0].iov_len = 1;
	return 1;
}

static size_t buf_make_static(struct kunit *test, struct kvec *iov)
{
	memset(buf_static, 0x5a, sizeof(buf_static));
	buf_static[PAGE_SIZE] = 1;
	iov[0].iov_base = buf_static + 9;
	iov[0].iov_len = sizeof(buf_static) - 9;
	return iov[0].iov_len;
}

static size_t buf_make_adjacent(struct kunit *test, struct kvec *iov)
{
	u8 *buf = fixture_kmalloc(test, 300);

	iov[0] = (struct kvec) { buf, 100 };
	iov[1] = (struct kvec) { buf + 100, 50 };
	iov[2] = (struct kvec) { buf + 150, 150 };
	return 300;
}

static size_t buf_make_apart(struct kunit *test, struct kvec *iov)
{
	u8 *buf = fixture_kmalloc(test, 300);

	iov[0] = (struct kvec) { buf + 200, 100 };
	iov[1] = (struct kvec) { buf, 99 };
	iov[2] = (struct kvec) { buf + 100, 50 };
	return 249;
}

static size_t buf_make_holes(struct kunit *test, struct kvec *iov)
{
	u8 *buf = fixture_kmalloc(test, 64);

	iov[0] = (struct kvec) { NULL, 0 };
	iov[1] = (struct kvec) { buf, 10 };
	iov[2] = (struct kvec) { buf, 0 };
	iov[3] = (struct kvec) { buf + 20, 10 };
	iov[4] = (struct kvec) { NULL, 0 };
	return 20;
}

static size_t buf_make_nothing(struct kunit *test, struct kvec *iov)
{
	iov[0] = (struct kvec) { NULL, 0 };
	iov[1] = (struct kvec) { NULL, 0 };
	return 0;
}

static size_t buf_make_mixed(struct kunit *test, struct kvec *iov)
{
	iov[0].iov_base = fixture_kmalloc(test, 10);
	iov[0].iov_len = 10;
	iov[1].iov_base = fixture_vmalloc(test, BUF_LEN) + 4000;
	iov[1].iov_len = 3 * PAGE_SIZE;
	iov[2].iov_base = buf_static;
	iov[2].iov_len = 1;
	return 11 + 3 * PAGE_SIZE;
}

static const struct buf_case buf_cases_kvec[] = {
	{ "one", buf_make_one, 1, 1, true },
	{ "unaligned", buf_make_odd, 1, 1, true },
	{ "many pages of the linear map", buf_make_linear, 1, 1, true },
	{ "vmalloc", buf_make_vmalloc, 1, 0 },
	{ "unaligned vmalloc", buf_make_odd_vmalloc, 1, 0 },
	{ "last byte of a vmalloc page", buf_make_in_vmalloc_page, 1, 1 },
	{ "data of a module", buf_make_static, 1, 0 },
	{ "adjacent elements", buf_make_adjacent, 3, 1 },
	{ "elements apart", buf_make_apart, 3, 3 },
	{ "empty elements", buf_make_holes, 5, 2 },
	{ "nothing but empty elements", buf_make_nothing, 2, 0 },
	{ "all kinds", buf_make_mixed, 3, 0 },
};

KUNIT_ARRAY_PARAM_DESC(buf_kvec, buf_cases_kvec, name);

static u8 buf_byte(const struct kvec *iov, size_t off)
{
	while (off >= iov->iov_len)
		off -= iov++->iov_len;
	return ((const u8 *)iov->iov_base)[off];
}

/* Bytes @off and on of @iov are what @sgl says. */
static void buf_expect(struct kunit *test, const struct kvec *iov, size_t off,
		       const struct kfv_sgl *sgl)
{
	size_t total = 0, wrong = 0;
	const u8 *at;
	u32 i, j;

	for (i = 0; i < sgl->n; i++) {
		at = (const u8 *)(uintptr_t)sgl->sge[i].addr;
		KUNIT_EXPECT_EQ(test, (u32)FAKE_LOCAL_LKEY, sgl->sge[i].lkey);
		KUNIT_ASSERT_TRUE(test, virt_addr_valid(at));
		for (j = 0; j < sgl->sge[i].length; j++)
			wrong += at[j] != buf_byte(iov, off + total++);
	}
	KUNIT_EXPECT_EQ(test, sgl->len, (u64)total);
	KUNIT_EXPECT_EQ(test, (size_t)0, wrong);
}

static void buf_kvec_test(struct kunit *test)
{
	const struct buf_case *c = test->param_value;
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	struct ib_sge sge[KFV_MAX_SGE];
	struct kfv_sgl sgl = { .sge = sge, .max = ARRAY_SIZE(sge) };
	struct kfv_buf buf, again;
	struct kvec iov[8];
	size_t len = c->make(test, iov);

	buf = kfv_buf_init(KFV_BUF_KVEC, iov, NULL, c->count);
	again = buf;
	KUNIT_ASSERT_EQ(test, (ssize_t)len,
			kfv_buf_check(fe->priv, &fe->priv->sq, &buf, KFI_SEND));
	sgl.len = len;
	KUNIT_ASSERT_EQ(test, 0, kfv_buf_fill(fe->priv, &buf, &sgl));
	KUNIT_EXPECT_EQ(test, (u64)len, sgl.len);
	if (c->nsge || !len)
		KUNIT_EXPECT_EQ(test, c->nsge, sgl.n);
	buf_expect(test, iov, 0, &sgl);

	/* what is one at a glance is one indeed */
	if (kfv_buf_is_one(&again))
		KUNIT_EXPECT_LE(test, sgl.n, 1U);
	KUNIT_EXPECT_EQ(test, c->one, kfv_buf_is_one(&again));

	/* counting comes to the same number */
	sgl.sge = NULL;
	sgl.len = len;
	len = sgl.n;
	KUNIT_ASSERT_EQ(test, 0, kfv_buf_fill(fe->priv, &again, &sgl));
	KUNIT_EXPECT_EQ(test, (u32)len, sgl.n);
}

/* Every way of cutting the walk in two gives the same bytes. */
static void buf_resume_test(struct kunit *test)
{
	static const size_t cuts[] = { 1, 10, 96, 97, 4000, 4096, 8192, 12000 };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	struct ib_sge sge[KFV_MAX_SGE];
	struct kfv_sgl sgl = { .sge = sge, .max = ARRAY_SIZE(sge) };
	struct kvec iov[3];
	size_t len = buf_make_mixed(test, iov);
	struct kfv_buf buf;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cuts); i++) {
		buf = kfv_buf_init(KFV_BUF_KVEC, iov, NULL, 3);
		sgl.len = cuts[i];
		KUNIT_ASSERT_EQ(test, 0, kfv_buf_fill(fe->priv, &buf, &sgl));
		KUNIT_EXPECT_EQ(test, (u64)cuts[i], sgl.len);
		buf_expect(test, iov, 0, &sgl);
		sgl.len = len - cuts[i];
		KUNIT_ASSERT_EQ(test, 0, kfv_buf_fill(fe->priv, &buf, &sgl));
		KUNIT_EXPECT_EQ(test, (u64)(len - cuts[i]), sgl.len);
		buf_expect(test, iov, cuts[i], &sgl);
	}
}

/* A list that is too short for the elements goes on in the next one. */
static void buf_few_elements_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	u8 *mem = fixture_kmalloc(test, 1000);
	struct ib_sge sge[2];
	struct kfv_sgl sgl = { .sge = sge, .max = 2 };
	struct kvec iov[5];
	struct kfv_buf buf;
	u32 i;

	for (i = 0; i < 5; i++)
		iov[i] = (struct kvec) { mem + 200 * i, 100 };
	buf = kfv_buf_init(KFV_BUF_KVEC, iov, NULL, 5);
	for (i = 0; i < 3; i++) {
		sgl.len = 500 - 200 * i;
		KUNIT_ASSERT_EQ(test, 0, kfv_buf_fill(fe->priv, &buf, &sgl));
		KUNIT_EXPECT_EQ(test, i < 2 ? 2U : 1U, sgl.n);
		KUNIT_EXPECT_EQ(test, i < 2 ? 200ULL : 100ULL, sgl.len);
		buf_expect(test, iov, 200 * i, &sgl);
	}
}

static void buf_list_ends_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	struct kfv_sgl sgl = { .max = KFV_MAX_SGE, .len = 1000 };
	struct kvec iov[1];
	struct kfv_buf buf = kfv_buf_init(KFV_BUF_KVEC, iov, NULL, 1);

	buf_make_one(test, iov);
	KUNIT_ASSERT_EQ(test, 0, kfv_buf_fill(fe->priv, &buf, &sgl));
	KUNIT_EXPECT_EQ(test, 100ULL, sgl.len);
	KUNIT_EXPECT_EQ(test, 1U, sgl.n);
}

/* An address in vmalloc space that has no memory behind it */
static void buf_no_memory_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	u8 *mem = fixture_vmalloc(test, PAGE_SIZE);
	/* there is a guard page behind each area */
	const struct kvec iov = { mem, 2 * PAGE_SIZE };
	int room = fixture_room(fe->cq);

	KUNIT_EXPECT_EQ(test, (ssize_t)-EFAULT,
			kfi_sendv(fe->ep, &iov, NULL, 1, 0, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EFAULT,
			kfi_recvv(fe->ep, &iov, NULL, 1, 0, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EFAULT,
			kfi_writev(fe->ep, &iov, NULL, 1, 0, 0, 0, NULL));
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fe->qp));
	KUNIT_EXPECT_EQ(test, room, fixture_room(fe->cq));
}

/*
 * Pages and scatterlists. @iov is the same memory, for comparison.
 */

static void buf_fill_all(struct kunit *test, struct fixture_ep *fe,
			 struct kfv_buf buf, const struct kvec *iov, u32 nsge)
{
	struct ib_sge sge[KFV_MAX_SGE];
	struct kfv_sgl sgl = { .sge = sge, .max = ARRAY_SIZE(sge) };
	ssize_t len = kfv_buf_check(fe->priv, &fe->priv->sq, &buf, KFI_SEND);

	KUNIT_ASSERT_GT(test, len, (ssize_t)0);
	sgl.len = len;
	KUNIT_ASSERT_EQ(test, 0, kfv_buf_fill(fe->priv, &buf, &sgl));
	KUNIT_EXPECT_EQ(test, (u64)len, sgl.len);
	KUNIT_EXPECT_EQ(test, nsge, sgl.n);
	buf_expect(test, iov, 0, &sgl);
}

static void buf_bvec_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	u8 *mem = fixture_kmalloc(test, BUF_LEN);
	struct page *page = virt_to_page(mem);
	const struct bio_vec biov[] = {
		/* the end of a page, and the beginning of the next */
		{ page, 96, PAGE_SIZE - 96 },
		{ page + 1, 50, 0 },
		/* lengths and offsets beyond a page */
		{ page, 2 * PAGE_SIZE, PAGE_SIZE + 5 },
		{ page + 4, 1, 2 * PAGE_SIZE - 1 },
		{ NULL, 0, 0 },
	};
	const struct kvec iov[] = {
		{ mem + PAGE_SIZE - 96, 96 },
		{ mem + PAGE_SIZE, 50 },
		{ mem + PAGE_SIZE + 5, 2 * PAGE_SIZE },
		{ mem + 6 * PAGE_SIZE - 1, 1 },
	};

	buf_fill_all(test, fe, kfv_buf_init(KFV_BUF_BVEC, biov, NULL, 5), iov,
		     3);
}

static void buf_sgl_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	u8 *mem = fixture_kmalloc(test, BUF_LEN);
	struct scatterlist first[3], second[2];
	const struct kvec iov[] = {
		{ mem, 100 },
		{ mem + 3 * PAGE_SIZE + 7, PAGE_SIZE },
		{ mem + PAGE_SIZE, 10 },
		{ mem + 200, 20 },
	};

	/* two tables, chained */
	sg_init_table(first, 3);
	sg_init_table(second, 2);
	sg_set_buf(&first[0], iov[0].iov_base, iov[0].iov_len);
	sg_set_buf(&first[1], iov[1].iov_base, iov[1].iov_len);
	sg_chain(first, 3, second);
	sg_set_buf(&second[0], iov[2].iov_base, iov[2].iov_len);
	sg_set_buf(&second[1], iov[3].iov_base, iov[3].iov_len);
	buf_fill_all(test, fe, kfv_buf_init(KFV_BUF_SGL, first, NULL, 4), iov,
		     4);
}

static void buf_sgl_part_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	u8 *mem = fixture_kmalloc(test, 300);
	struct scatterlist sg[3];
	const struct kvec iov[] = { { mem, 100 }, { mem + 150, 50 } };

	sg_init_table(sg, 3);
	sg_set_buf(&sg[0], mem, 100);
	sg_set_buf(&sg[1], mem + 150, 50);
	sg_set_buf(&sg[2], mem + 250, 50);
	/* no more than the client says */
	buf_fill_all(test, fe, kfv_buf_init(KFV_BUF_SGL, sg, NULL, 2), iov, 2);
}

/*
 * Bad lists
 */

struct buf_bad_case {
	const char *name;
	enum kfv_buf_type type;
	bool list;
	size_t count;
	struct kvec iov[3];
	ssize_t rc;
};

static const struct buf_bad_case buf_bad_cases[] = {
	{ "no list", KFV_BUF_KVEC, false, 1, {}, -EINVAL },
	{ "no list, no elements", KFV_BUF_KVEC, false, 0, {}, 0 },
	{ "no type, no elements", 0, false, 0, {}, 0 },
	{ "no type", 0, true, 1, {}, -EINVAL },
	{ "unknown type", 4, true, 1, {}, -EINVAL },
	{ "negative type", -1, true, 1, {}, -EINVAL },
	{ "no memory", KFV_BUF_KVEC, true, 1, { { NULL, 1 } }, -EINVAL },
	{ "no memory behind good one", KFV_BUF_KVEC, true, 2,
	  { { buf_static, 1 }, { NULL, 1 } }, -EINVAL },
	{ "no pages", KFV_BUF_BVEC, true, 1, { { NULL, 1 } }, -EINVAL },
	{ "too many elements", KFV_BUF_KVEC, true, KFV_MAX_SGE + 1, {},
	  -E2BIG },
	{ "largest count", KFV_BUF_KVEC, true, SIZE_MAX, {}, -E2BIG },
	{ "longest message", KFV_BUF_KVEC, true, 2,
	  { { buf_static, 0x7fffffff }, { buf_static, 1 } }, 0x80000000 },
	{ "one byte more", KFV_BUF_KVEC, true, 2,
	  { { buf_static, 0x7fffffff }, { buf_static, 2 } }, -EMSGSIZE },
	{ "longer than 32 bits", KFV_BUF_KVEC, true, 1,
	  { { buf_static, 0x100000000 } }, -EMSGSIZE },
	{ "longest length", KFV_BUF_KVEC, true, 1,
	  { { buf_static, SIZE_MAX } }, -EMSGSIZE },
	{ "length wraps to one", KFV_BUF_KVEC, true, 3,
	  { { buf_static, 1 }, { buf_static, SIZE_MAX }, { buf_static, 1 } },
	  -EMSGSIZE },
};

KUNIT_ARRAY_PARAM_DESC(buf_bad, buf_bad_cases, name);

static void buf_bad_test(struct kunit *test)
{
	const struct buf_bad_case *c = test->param_value;
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	struct kfv_buf buf = kfv_buf_init(c->type, c->list ? c->iov : NULL,
					  NULL, c->count);

	KUNIT_EXPECT_EQ(test, c->rc, kfv_buf_check(fe->priv, &fe->priv->sq,
						   &buf, KFI_SEND));
}

static void buf_short_sgl_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	struct scatterlist sg[2];
	struct kfv_buf buf = kfv_buf_init(KFV_BUF_SGL, sg, NULL, 3);

	sg_init_table(sg, 2);
	sg_set_buf(&sg[0], fixture_kmalloc(test, 10), 10);
	sg_set_buf(&sg[1], fixture_kmalloc(test, 10), 10);
	KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL,
			kfv_buf_check(fe->priv, &fe->priv->sq, &buf, KFI_SEND));
}

/*
 * Descriptors
 */

static void buf_close_mr(void *mr)
{
	kfi_close(mr);
}

static struct kfv_mr *buf_register(struct kunit *test, struct fixture *f,
				   const struct kvec *iov, size_t count,
				   u64 access)
{
	struct kfid_mr *mr;

	KUNIT_ASSERT_EQ(test, 0, kfi_mr_regv(f->domain, iov, count, access, 0,
					     0, 0, &mr, NULL));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, buf_close_mr,
							   &mr->fid));
	return kfv_mr(&mr->fid);
}

struct buf_desc_case {
	const char *name;
	/* relative to a region of 1000 bytes at offset 100 */
	long start;
	size_t len;
	ssize_t rc;
};

static const struct buf_desc_case buf_desc_cases[] = {
	{ "all", 0, 1000, 1000 },
	{ "first byte", 0, 1, 1 },
	{ "last byte", 999, 1, 1 },
	{ "nothing at the end", 1000, 0, 0 },
	{ "one byte before", -1, 2, -EINVAL },
	{ "one byte behind", 1, 1000, -EINVAL },
	{ "too long", 0, 1001, -EINVAL },
	{ "behind", 1000, 1, -EINVAL },
	{ "far behind", 100000, 1, -EINVAL },
	{ "longest", 0, SIZE_MAX, -EINVAL },
	{ "wraps to the end", 500, SIZE_MAX - 499, -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(buf_desc, buf_desc_cases, name);

static void buf_desc_test(struct kunit *test)
{
	const struct buf_desc_case *c = test->param_value;
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	const struct kvec region = { fixture_kmalloc(test, 2000) + 100, 1000 };
	struct kfv_mr *mr = buf_register(test, f, &region, 1, KFI_SEND);
	void *desc = kfi_mr_desc(&mr->mr);
	const struct kvec iov = { region.iov_base + c->start, c->len };
	struct kfv_buf buf = kfv_buf_init(KFV_BUF_KVEC, &iov, &desc, 1);
	struct ib_sge sge[2];
	struct kfv_sgl sgl = { .sge = sge, .max = 2, .len = c->len };

	KUNIT_ASSERT_EQ(test, c->rc, kfv_buf_check(fe->priv, &fe->priv->sq,
						   &buf, KFI_SEND));
	if (c->rc <= 0)
		return;
	KUNIT_ASSERT_EQ(test, 0, kfv_buf_fill(fe->priv, &buf, &sgl));
	KUNIT_EXPECT_EQ(test, 1U, sgl.n);
	KUNIT_EXPECT_EQ(test, mr->ibmr->lkey, sge[0].lkey);
	KUNIT_EXPECT_EQ(test, mr->ibmr->iova + c->start, sge[0].addr);
	KUNIT_EXPECT_EQ(test, (u32)c->len, sge[0].length);
}

/* With a region, memory in many places is one element. */
static void buf_desc_vmalloc_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	const struct kvec region = { fixture_vmalloc(test, BUF_LEN), BUF_LEN };
	struct kfv_mr *mr = buf_register(test, f, &region, 1, KFI_SEND);
	void *desc[] = { kfi_mr_desc(&mr->mr), kfi_mr_desc(&mr->mr) };
	const struct kvec iov[] = {
		{ region.iov_base + 5, 2 * PAGE_SIZE },
		{ region.iov_base + 5 + 2 * PAGE_SIZE, 3 * PAGE_SIZE },
	};
	struct kfv_buf buf = kfv_buf_init(KFV_BUF_KVEC, iov, desc, 2);
	struct ib_sge sge[2];
	struct kfv_sgl sgl = { .sge = sge, .max = 2, .len = 5 * PAGE_SIZE };

	KUNIT_ASSERT_EQ(test, 0, kfv_buf_fill(fe->priv, &buf, &sgl));
	KUNIT_EXPECT_EQ(test, 1U, sgl.n);
	KUNIT_EXPECT_EQ(test, mr->ibmr->iova + 5, sge[0].addr);
	KUNIT_EXPECT_EQ(test, (u32)(5 * PAGE_SIZE), sge[0].length);
}

static void buf_desc_some_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	const struct kvec region = { fixture_kmalloc(test, 100), 100 };
	struct kfv_mr *mr = buf_register(test, f, &region, 1, KFI_SEND);
	void *desc[] = { NULL, kfi_mr_desc(&mr->mr), NULL };
	const struct kvec iov[] = {
		{ region.iov_base, 10 },
		{ region.iov_base + 10, 10 },
		{ region.iov_base + 20, 10 },
	};
	struct kfv_buf buf = kfv_buf_init(KFV_BUF_KVEC, iov, desc, 3);
	struct ib_sge sge[3];
	struct kfv_sgl sgl = { .sge = sge, .max = 3, .len = 30 };

	KUNIT_ASSERT_EQ(test, (ssize_t)30,
			kfv_buf_check(fe->priv, &fe->priv->sq, &buf, KFI_SEND));
	KUNIT_ASSERT_EQ(test, 0, kfv_buf_fill(fe->priv, &buf, &sgl));
	KUNIT_ASSERT_EQ(test, 3U, sgl.n);
	KUNIT_EXPECT_EQ(test, (u32)FAKE_LOCAL_LKEY, sge[0].lkey);
	KUNIT_EXPECT_EQ(test, mr->ibmr->lkey, sge[1].lkey);
	KUNIT_EXPECT_EQ(test, (u32)FAKE_LOCAL_LKEY, sge[2].lkey);
}

/* The end of one region does not go on in another. */
static void buf_desc_two_regions_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	const struct kvec region[] = {
		{ fixture_kmalloc(test, 100), 100 },
		{ fixture_kmalloc(test, 100), 100 },
	};
	struct kfv_mr *a = buf_register(test, f, &region[0], 1, KFI_SEND);
	struct kfv_mr *b = buf_register(test, f, &region[1], 1, KFI_SEND);
	void *desc[] = { kfi_mr_desc(&a->mr), kfi_mr_desc(&b->mr) };
	const struct kvec iov[] = {
		{ region[0].iov_base, 10 }, { region[1].iov_base + 10, 10 },
	};
	struct kfv_buf buf = kfv_buf_init(KFV_BUF_KVEC, iov, desc, 2);
	struct ib_sge sge[2];
	struct kfv_sgl sgl = { .sge = sge, .max = 2, .len = 20 };

	KUNIT_ASSERT_EQ(test, 0, kfv_buf_fill(fe->priv, &buf, &sgl));
	KUNIT_ASSERT_EQ(test, 2U, sgl.n);
	KUNIT_EXPECT_EQ(test, a->ibmr->lkey, sge[0].lkey);
	KUNIT_EXPECT_EQ(test, b->ibmr->lkey, sge[1].lkey);
	KUNIT_EXPECT_EQ(test, b->ibmr->iova + 10, sge[1].addr);
}

/* Soft-iWARP finds its way in one region of several ranges, and it is the last. */
static void buf_desc_iwarp_test(struct kunit *test)
{
	struct fixture *f = fixture_new_iwarp(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	const struct kvec region[] = {
		{ fixture_kmalloc(test, 300), 300 },
		{ fixture_scattered(test, 2), 2 * PAGE_SIZE },
	};
	struct kfv_mr *one = buf_register(test, f, &region[0], 1, KFI_SEND);
	struct kfv_mr *many = buf_register(test, f, &region[1], 1, KFI_SEND);
	void *desc[] = {
		kfi_mr_desc(&one->mr), kfi_mr_desc(&many->mr), NULL,
		kfi_mr_desc(&one->mr),
	};
	const struct kvec iov[] = {
		{ region[0].iov_base, 10 }, { region[1].iov_base, 5000 },
		{ region[0].iov_base + 20, 10 }, { region[0].iov_base + 40, 200 },
	};
	struct kfv_buf buf = kfv_buf_init(KFV_BUF_KVEC, iov, desc, 4);
	struct ib_sge sge[4];
	struct kfv_sgl sgl = { .sge = sge, .max = 4, .len = 5220 };

	KUNIT_ASSERT_EQ(test, 0, kfv_buf_fill(fe->priv, &buf, &sgl));
	KUNIT_EXPECT_EQ(test, 3U, sgl.n);
	KUNIT_EXPECT_EQ(test, 5020ULL, sgl.len);
	sgl.len = 200;
	KUNIT_ASSERT_EQ(test, 0, kfv_buf_fill(fe->priv, &buf, &sgl));
	KUNIT_EXPECT_EQ(test, 1U, sgl.n);
	KUNIT_EXPECT_EQ(test, one->ibmr->lkey, sge[0].lkey);

	buf = kfv_buf_init(KFV_BUF_KVEC, iov, desc, 1);
	sgl.len = 10;
	KUNIT_ASSERT_EQ(test, 0, kfv_buf_fill(fe->priv, &buf, &sgl));
	KUNIT_EXPECT_EQ(test, 1U, sgl.n);
	KUNIT_EXPECT_EQ(test, fe->priv->domain->pd->local_dma_lkey, sge[0].lkey);
}

struct buf_access_case {
	u64 has;
	u64 needs;
	ssize_t rc;
};

static const struct buf_access_case buf_access_cases[] = {
	{ KFI_SEND, KFI_SEND, 10 },
	{ KFI_RECV, KFI_RECV, 10 },
	{ KFI_READ, KFI_READ, 10 },
	{ KFI_WRITE, KFI_WRITE, 10 },
	{ KFI_SEND | KFI_RECV, KFI_RECV, 10 },
	{ KFI_SEND, KFI_RECV, -EACCES },
	{ KFI_RECV, KFI_SEND, -EACCES },
	{ KFI_WRITE, KFI_READ, -EACCES },
	{ KFI_READ, KFI_WRITE, -EACCES },
	{ KFI_REMOTE_READ | KFI_REMOTE_WRITE, KFI_WRITE, -EACCES },
};

static void buf_access_desc(const struct buf_access_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "0x%llx for 0x%llx", c->has,
		 c->needs);
}

KUNIT_ARRAY_PARAM(buf_access, buf_access_cases, buf_access_desc);

static void buf_access_test(struct kunit *test)
{
	const struct buf_access_case *c = test->param_value;
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	const struct kvec iov = { fixture_kmalloc(test, 10), 10 };
	struct kfv_mr *mr = buf_register(test, f, &iov, 1, c->has);
	void *desc = kfi_mr_desc(&mr->mr);
	struct kfv_buf buf = kfv_buf_init(KFV_BUF_KVEC, &iov, &desc, 1);

	KUNIT_EXPECT_EQ(test, c->rc, kfv_buf_check(fe->priv, &fe->priv->sq,
						   &buf, c->needs));
}

static void buf_desc_of_other_domain_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture *other = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	const struct kvec iov = { fixture_kmalloc(test, 10), 10 };
	struct kfv_mr *mr = buf_register(test, other, &iov, 1, KFI_SEND);

	KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL,
			kfi_send(fe->ep, iov.iov_base, 10,
				 kfi_mr_desc(&mr->mr), 0, NULL));
}

/* A region of several ranges has no addresses: memory is used as it is. */
static void buf_desc_of_list_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	u8 *mem = fixture_kmalloc(test, 2 * PAGE_SIZE);
	u8 *page = PTR_ALIGN(mem, PAGE_SIZE);
	const struct kvec region[] = { { page, PAGE_SIZE }, { page, 10 } };
	struct kfv_mr *mr = buf_register(test, f, region, 2, KFI_SEND);

	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			kfi_send(fe->ep, page, 10, kfi_mr_desc(&mr->mr), 0,
				 NULL));
	KUNIT_EXPECT_EQ(test, (u32)FAKE_LOCAL_LKEY,
			fake_qp_send(fe->qp, 0)->sge[0].lkey);
	KUNIT_EXPECT_EQ(test, (ssize_t)-EACCES,
			kfi_recv(fe->ep, page, 10, kfi_mr_desc(&mr->mr), 0,
				 NULL));
}

/*
 * Copies, and devices that do not see memory as the CPU does
 */

static void buf_copy_test(struct kunit *test)
{
	u8 *mem = fixture_kmalloc(test, BUF_LEN);
	struct page *page = virt_to_page(mem);
	const struct bio_vec biov[] = {
		{ page, 20, PAGE_SIZE - 10 },
		{ page + 2, 0, 0 },
		{ page, 5, 3 * PAGE_SIZE + 1 },
	};
	const struct kvec iov[] = {
		{ mem + PAGE_SIZE - 10, 20 },
		{ mem + 3 * PAGE_SIZE + 1, 5 },
	};
	struct kfv_buf buf = kfv_buf_init(KFV_BUF_KVEC, iov, NULL, 2);
	u8 want[25], got[25] = {};

	memcpy(want, iov[0].iov_base, 20);
	memcpy(want + 20, iov[1].iov_base, 5);
	kfv_buf_copy(got, &buf);
	KUNIT_EXPECT_MEMEQ(test, want, got, sizeof(want));

	memset(got, 0, sizeof(got));
	buf = kfv_buf_init(KFV_BUF_BVEC, biov, NULL, 3);
	kfv_buf_copy(got, &buf);
	KUNIT_EXPECT_MEMEQ(test, want, got, sizeof(want));
}

/* Each request remembers what to unmap, and forgets it when it is reused. */
static void buf_mapped_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .tx_size = 2, .map = true };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &attr);
	struct kfv_queue *sq = &fe->priv->sq;
	u8 *mem = fixture_kmalloc(test, 300);
	const struct kvec iov[] = { { mem, 100 }, { mem + 200, 100 } };

	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_sendv(fe->ep, iov, NULL, 2, 0, NULL));
	KUNIT_ASSERT_EQ(test, (ssize_t)0, kfi_inject(fe->ep, mem, 10, 0));
	KUNIT_EXPECT_EQ(test, 2, kfv_queue_at(sq, 0)->nsge);
	KUNIT_EXPECT_EQ(test, (int)DMA_TO_DEVICE, (int)kfv_queue_at(sq, 0)->dir);
	KUNIT_EXPECT_EQ(test, 0, kfv_queue_at(sq, 1)->nsge);
	KUNIT_EXPECT_EQ(test, (u64)(uintptr_t)(mem + 200), sq->sges[1].addr);
	KUNIT_EXPECT_PTR_NE(test, kfv_queue_sges(sq, 0), kfv_queue_sges(sq, 1));
	fake_qp_complete(fe->qp, 2);
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_read(fe->ep, mem, 10, NULL, 0, 0, 0, NULL));
	KUNIT_EXPECT_EQ(test, 1, kfv_queue_at(sq, 0)->nsge);
	KUNIT_EXPECT_EQ(test, (int)DMA_FROM_DEVICE, (int)kfv_queue_at(sq, 0)->dir);
}

static struct kunit_case buf_cases[] = {
	KUNIT_CASE_PARAM(buf_kvec_test, buf_kvec_gen_params),
	KUNIT_CASE(buf_resume_test),
	KUNIT_CASE(buf_few_elements_test),
	KUNIT_CASE(buf_list_ends_test),
	KUNIT_CASE(buf_no_memory_test),
	KUNIT_CASE(buf_bvec_test),
	KUNIT_CASE(buf_sgl_test),
	KUNIT_CASE(buf_sgl_part_test),
	KUNIT_CASE_PARAM(buf_bad_test, buf_bad_gen_params),
	KUNIT_CASE(buf_short_sgl_test),
	KUNIT_CASE_PARAM(buf_desc_test, buf_desc_gen_params),
	KUNIT_CASE(buf_desc_vmalloc_test),
	KUNIT_CASE(buf_desc_some_test),
	KUNIT_CASE(buf_desc_two_regions_test),
	KUNIT_CASE(buf_desc_iwarp_test),
	KUNIT_CASE_PARAM(buf_access_test, buf_access_gen_params),
	KUNIT_CASE(buf_desc_of_other_domain_test),
	KUNIT_CASE(buf_desc_of_list_test),
	KUNIT_CASE(buf_copy_test),
	KUNIT_CASE(buf_mapped_test),
	{}
};

static struct kunit_suite buf_suite = {
	.name = "kfi_verbs_buf",
	.test_cases = buf_cases,
};

kunit_test_suite(buf_suite);
