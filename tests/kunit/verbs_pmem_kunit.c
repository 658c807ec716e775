// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Persistent memory: what passes for it, who may name it, what is stored where,
 * and regions that are closed while they are in use.
 */
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/kthread.h>

#include "fixture_pmem.h"

#define PMEM		IORES_DESC_PERSISTENT_MEMORY
#define LEGACY		IORES_DESC_PERSISTENT_MEMORY_LEGACY
#define ACCESS		(KFI_REMOTE_WRITE | KFI_REMOTE_READ)
#define LEN		(3 * PAGE_SIZE)

/*
 * What is persistent
 */

struct pmem_check_case {
	const char *name;
	unsigned long desc[2];
	int ret;
	bool flushable;
};

static const struct pmem_check_case pmem_check_cases[] = {
	{ "persistent", { PMEM, PMEM }, 0, true },
	{ "legacy", { LEGACY, LEGACY }, 0, false },
	{ "one of each", { PMEM, LEGACY }, 0, false },
	{ "one of each, the other way round", { LEGACY, PMEM }, 0, false },
	{ "the second is not", { PMEM, IORES_DESC_NONE }, -EINVAL },
	{ "the first is not", { IORES_DESC_NONE, PMEM }, -EINVAL },
	{ "soft reserved", { IORES_DESC_SOFT_RESERVED, PMEM }, -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(pmem_check, pmem_check_cases, name);

static void pmem_check_test(struct kunit *test)
{
	const struct pmem_check_case *c = test->param_value;
	bool flushable = !c->flushable;
	struct scatterlist sg[2];
	void *mem;
	int i;

	sg_init_table(sg, 2);
	for (i = 0; i < 2; i++) {
		mem = c->desc[i] == IORES_DESC_NONE ?
		      fixture_kmalloc(test, PAGE_SIZE) :
		      fixture_pmem(test, PAGE_SIZE, c->desc[i]);
		sg_set_buf(&sg[i], mem, PAGE_SIZE);
	}
	KUNIT_EXPECT_EQ(test, c->ret, kfv_pmem_check(sg, 2, &flushable));
	if (!c->ret)
		KUNIT_EXPECT_EQ(test, c->flushable, flushable);
}

static void pmem_remove(void *res)
{
	remove_resource(res);
}

/* Two pages in the middle of four that are something else */
static u8 *pmem_island(struct kunit *test)
{
	u8 *mem = fixture_pmem(test, 4 * PAGE_SIZE, IORES_DESC_SOFT_RESERVED);
	struct resource *res = kunit_kzalloc(test, sizeof(*res), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, res);
	mem += PAGE_SIZE;
	res->name = "kfabric kunit";
	res->start = __pa(mem);
	res->end = __pa(mem) + 2 * PAGE_SIZE - 1;
	res->flags = IORESOURCE_MEM;
	res->desc = PMEM;
	KUNIT_ASSERT_EQ(test, 0, insert_resource(&iomem_resource, res));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, pmem_remove,
							   res));
	return mem;
}

/* A range that ends, or starts, a byte outside is not. */
static void pmem_edges_test(struct kunit *test)
{
	u8 *mem = pmem_island(test);
	struct scatterlist sg;
	bool flushable;

	sg_init_one(&sg, mem, 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 0, kfv_pmem_check(&sg, 1, &flushable));
	sg_init_one(&sg, mem, 2 * PAGE_SIZE + 1);
	KUNIT_EXPECT_EQ(test, -EINVAL, kfv_pmem_check(&sg, 1, &flushable));
	sg_init_one(&sg, mem - 1, 2);
	KUNIT_EXPECT_EQ(test, -EINVAL, kfv_pmem_check(&sg, 1, &flushable));
	sg_init_one(&sg, mem + 2 * PAGE_SIZE - 1, 1);
	KUNIT_EXPECT_EQ(test, 0, kfv_pmem_check(&sg, 1, &flushable));
}

/*
 * Who may name it
 */

struct pmem_get_case {
	const char *name;
	u64 start;
	u64 end;
	u64 key_xor;
	bool found;
};

static const struct pmem_get_case pmem_get_cases[] = {
	{ "all", 0, LEN, 0, true },
	{ "a byte", 5, 6, 0, true },
	{ "nothing", 5, 5, 0, true },
	{ "nothing, at the end", LEN, LEN, 0, true },
	{ "nothing, behind the end", LEN + 1, LEN + 1, 0, false },
	{ "a byte too much", 0, LEN + 1, 0, false },
	{ "behind", LEN, LEN + 1, 0, false },
	{ "far behind", U64_MAX - 1, U64_MAX, 0, false },
	{ "backwards", 6, 5, 0, false },
	{ "everything", 0, U64_MAX, 0, false },
	{ "another rkey", 0, 1, 1, false },
	{ "an rkey of another region", 0, 1, 0x100, false },
	{ "without the bit for persistence", 0, 1, KFV_KEY_PMEM, false },
	{ "with the bit for FLUSH", 0, 1, KFV_KEY_FLUSH, false },
	{ "without the bit for reads", 0, 1, KFV_KEY_READ, false },
	{ "undefined bit", 0, 1, BIT_ULL(40), false },
	{ "another page offset", 0, 1, BIT_ULL(48), false },
	{ "all bits", 0, 1, U64_MAX, false },
};

KUNIT_ARRAY_PARAM_DESC(pmem_get, pmem_get_cases, name);

static void pmem_get_test(struct kunit *test)
{
	const struct pmem_get_case *c = test->param_value;
	struct fixture *f = fixture_new(test);
	void *mem = fixture_pmem(test, LEN, PMEM);
	struct kfid_mr *mr = fixture_pmem_reg(f, mem, LEN, ACCESS);
	const struct kfv_range range = {
		.key = kfi_mr_key(mr) ^ c->key_xor,
		.start = c->start,
		.end = c->end,
	};
	struct kfv_mr *found = kfv_pmem_get(f->dom, &range);

	KUNIT_EXPECT_PTR_EQ(test, c->found ? kfv_mr(&mr->fid) : NULL, found);
	if (found)
		kfv_pmem_put(found);
}

static void pmem_no_right_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	void *mem = fixture_pmem(test, LEN, PMEM);
	struct kfid_mr *mr = fixture_pmem_reg(f, mem, LEN, KFI_REMOTE_READ);
	const struct kfv_range range = { kfi_mr_key(mr), 0, 1 };

	KUNIT_EXPECT_TRUE(test, kfi_mr_key(mr) & KFV_KEY_PMEM);
	KUNIT_EXPECT_NULL(test, kfv_pmem_get(f->dom, &range));
}

/* Memory of which nobody said that it is persistent is not committed. */
static void pmem_plain_region_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	void *mem = fixture_pmem(test, LEN, PMEM);
	struct kfid_mr *mr;
	struct kfv_range range = { .end = 1 };

	KUNIT_ASSERT_EQ(test, 0, kfi_mr_reg(f->domain, mem, LEN, ACCESS, 0, 0,
					    0, &mr, NULL));
	range.key = kfi_mr_key(mr);
	KUNIT_EXPECT_NULL(test, kfv_pmem_get(f->dom, &range));
	range.key |= KFV_KEY_PMEM;
	KUNIT_EXPECT_NULL(test, kfv_pmem_get(f->dom, &range));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
}

static void pmem_other_domain_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test), *other = fixture_new(test);
	void *mem = fixture_pmem(test, LEN, PMEM);
	struct kfid_mr *mr = fixture_pmem_reg(f, mem, LEN, ACCESS);
	const struct kfv_range range = { kfi_mr_key(mr), 0, 1 };

	KUNIT_EXPECT_NULL(test, kfv_pmem_get(other->dom, &range));
}

static void pmem_closed_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	void *mem = fixture_pmem(test, LEN, PMEM);
	struct kfv_range range = { .end = 1 };
	struct kfid_mr *mr;
	int i;

	/* in the same place again, with another key */
	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_EQ(test, 0,
				kfi_mr_reg(f->domain, mem, LEN, ACCESS, 0, 0,
					   KFI_RMA_PMEM, &mr, NULL));
		KUNIT_EXPECT_NULL(test, kfv_pmem_get(f->dom, &range));
		range.key = kfi_mr_key(mr);
		KUNIT_ASSERT_EQ(test, 0, kfi_close(&mr->fid));
		KUNIT_EXPECT_NULL(test, kfv_pmem_get(f->dom, &range));
	}
}

/*
 * In use
 */

struct pmem_closer {
	struct kfid_mr *mr;
	struct fixture *f;
	bool unplug;
	struct completion started;
	struct completion closed;
};

static int pmem_closer(void *data)
{
	struct pmem_closer *closer = data;

	complete(&closer->started);
	if (closer->unplug)
		fake_hca_unplug(closer->f->hca);
	else
		kfi_close(&closer->mr->fid);
	complete(&closer->closed);
	return 0;
}

/* Closing waits, and nobody new gets in meanwhile. */
static void pmem_closed_in_use(struct kunit *test, bool unplug)
{
	struct fixture *f = fixture_new(test);
	void *mem = fixture_pmem(test, LEN, PMEM);
	struct pmem_closer closer = { .f = f, .unplug = unplug };
	struct kfv_range range = { .end = 1 };
	struct kfv_mr *mr;

	init_completion(&closer.started);
	init_completion(&closer.closed);
	KUNIT_ASSERT_EQ(test, 0, kfi_mr_reg(f->domain, mem, LEN, ACCESS, 0, 0,
					    KFI_RMA_PMEM, &closer.mr, NULL));
	range.key = kfi_mr_key(closer.mr);
	mr = kfv_pmem_get(f->dom, &range);
	KUNIT_ASSERT_NOT_NULL(test, mr);

	kthread_run(pmem_closer, &closer, "kfi_pmem_closer");
	wait_for_completion(&closer.started);
	/* it is withdrawn first; a reference that is got by then is given back */
	while (kfv_pmem_get(f->dom, &range)) {
		kfv_pmem_put(mr);
		schedule();
	}
	KUNIT_EXPECT_FALSE(test, completion_done(&closer.closed));
	KUNIT_EXPECT_TRUE(test, to_fake_mr(mr->ibmr)->valid);
	kfv_pmem_put(mr);
	wait_for_completion(&closer.closed);
	KUNIT_EXPECT_NULL(test, kfv_pmem_get(f->dom, &range));
	if (unplug)
		KUNIT_EXPECT_EQ(test, 0, kfi_close(&closer.mr->fid));
}

static void pmem_closed_in_use_test(struct kunit *test)
{
	pmem_closed_in_use(test, false);
}

static void pmem_unplugged_in_use_test(struct kunit *test)
{
	pmem_closed_in_use(test, true);
}

/*
 * Bytes
 */

/* A region of several pieces of which none starts at a cache line */
static struct kfv_mr *pmem_pieces(struct fixture *f, u8 **mem)
{
	struct kvec iov[3];
	const struct kfi_mr_attr attr = {
		.type = KFI_KVEC, .mr_iov = iov, .iov_count = 3,
		.access = ACCESS,
	};
	struct kfid_mr *mr;
	int i;

	for (i = 0; i < 3; i++) {
		mem[i] = fixture_pmem(f->test, 2 * PAGE_SIZE, PMEM);
		iov[i] = (struct kvec) { mem[i], 2 * PAGE_SIZE };
	}
	/* they do not touch, so they meet at page boundaries */
	iov[0].iov_base += 100;
	iov[0].iov_len -= 100;
	iov[2].iov_len -= 50;
	KUNIT_ASSERT_EQ(f->test, 0, kfi_mr_regattr(f->domain, &attr,
						   KFI_RMA_PMEM, &mr));
	KUNIT_ASSERT_EQ(f->test, 6ULL * PAGE_SIZE - 150,
			(u64)kfv_mr(&mr->fid)->length);
	return kfv_mr(&mr->fid);
}

static u8 *pmem_byte(u8 **mem, u64 at)
{
	at += 100;
	return mem[at / (2 * PAGE_SIZE)] + at % (2 * PAGE_SIZE);
}

struct pmem_store_case {
	const char *name;
	u64 start;
	size_t len;
};

static const struct pmem_store_case pmem_store_cases[] = {
	{ "a byte", 0, 1 },
	{ "eight bytes", 4, 8 },
	{ "eight bytes, not aligned", 5, 8 },
	{ "as many as there may be", 1000, KFV_WIRE_STORE },
	{ "across pages", PAGE_SIZE - 110, 64 },
	{ "across pieces", 2 * PAGE_SIZE - 110, 64 },
	{ "eight bytes across pieces", 2 * PAGE_SIZE - 104, 8 },
	{ "start of a piece", 2 * PAGE_SIZE - 100, 64 },
	{ "end of a piece", 4 * PAGE_SIZE - 164, 64 },
	{ "the last byte", 6 * PAGE_SIZE - 151, 1 },
	{ "the last bytes", 6 * PAGE_SIZE - 150 - 64, 64 },
};

KUNIT_ARRAY_PARAM_DESC(pmem_store, pmem_store_cases, name);

static void pmem_store_test(struct kunit *test)
{
	const struct pmem_store_case *c = test->param_value;
	struct fixture *f = fixture_new(test);
	u8 *mem[3], bytes[KFV_WIRE_STORE];
	u64 i, wrong = 0, length;
	struct kfv_mr *mr;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = i + 1;
	mr = pmem_pieces(f, mem);
	length = mr->length;
	kfv_pmem_store(mr, c->start, bytes, c->len);
	kfv_pmem_write_back(mr, c->start, c->start + c->len, false);
	kfv_pmem_write_back(mr, 0, length, true);
	for (i = 0; i < length; i++)
		wrong += *pmem_byte(mem, i) !=
			 (i >= c->start && i < c->start + c->len ?
			  bytes[i - c->start] : 0);
	KUNIT_EXPECT_EQ(test, 0ULL, wrong);
	KUNIT_EXPECT_EQ(test, (u8)0, mem[0][99]);
	KUNIT_EXPECT_EQ(test, (u8)0, mem[2][2 * PAGE_SIZE - 50]);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->mr.fid));
}

static struct kunit_case pmem_cases[] = {
	KUNIT_CASE_PARAM(pmem_check_test, pmem_check_gen_params),
	KUNIT_CASE(pmem_edges_test),
	KUNIT_CASE_PARAM(pmem_get_test, pmem_get_gen_params),
	KUNIT_CASE(pmem_no_right_test),
	KUNIT_CASE(pmem_plain_region_test),
	KUNIT_CASE(pmem_other_domain_test),
	KUNIT_CASE(pmem_closed_test),
	KUNIT_CASE(pmem_closed_in_use_test),
	KUNIT_CASE(pmem_unplugged_in_use_test),
	KUNIT_CASE_PARAM(pmem_store_test, pmem_store_gen_params),
	{}
};

static struct kunit_suite pmem_suite = {
	.name = "kfi_verbs_pmem",
	.test_cases = pmem_cases,
};

kunit_test_suite(pmem_suite);
