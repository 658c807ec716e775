// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Regions of persistent memory: what the device and a peer are told, and that
 * their hardware is not that of other regions.
 */
#include <linux/ioport.h>

#include "fixture_pmem.h"

#define PMEM	IORES_DESC_PERSISTENT_MEMORY
#define LEGACY	IORES_DESC_PERSISTENT_MEMORY_LEGACY
#define FLUSH	(IB_ACCESS_FLUSH_GLOBAL | IB_ACCESS_FLUSH_PERSISTENT)
#define WRITE_R	(IB_ACCESS_REMOTE_WRITE | IB_ACCESS_LOCAL_WRITE)

struct mr_pmem_case {
	const char *name;
	unsigned long desc;
	bool executes;
	u64 flags;
	u64 access;
	u64 bits;
	int ib_access;
};

static const struct mr_pmem_case mr_pmem_cases[] = {
	{ "all", PMEM, true, KFI_RMA_PMEM, KFI_REMOTE_WRITE | KFI_REMOTE_READ,
	  KFV_KEY_PMEM | KFV_KEY_FLUSH | KFV_KEY_READ,
	  WRITE_R | IB_ACCESS_REMOTE_READ | FLUSH },
	{ "no reads", PMEM, true, KFI_RMA_PMEM, KFI_REMOTE_WRITE,
	  KFV_KEY_PMEM | KFV_KEY_FLUSH, WRITE_R | FLUSH },
	{ "no writes", PMEM, true, KFI_RMA_PMEM, KFI_REMOTE_READ,
	  KFV_KEY_PMEM | KFV_KEY_READ, IB_ACCESS_REMOTE_READ },
	{ "legacy", LEGACY, true, KFI_RMA_PMEM,
	  KFI_REMOTE_WRITE | KFI_REMOTE_READ, KFV_KEY_PMEM | KFV_KEY_READ,
	  WRITE_R | IB_ACCESS_REMOTE_READ },
	{ "a device without FLUSH", PMEM, false, KFI_RMA_PMEM,
	  KFI_REMOTE_WRITE, KFV_KEY_PMEM, WRITE_R },
	{ "not asked for", PMEM, true, 0, KFI_REMOTE_WRITE | KFI_REMOTE_READ,
	  KFV_KEY_READ, WRITE_R | IB_ACCESS_REMOTE_READ },
	{ "nothing remote", PMEM, true, KFI_RMA_PMEM, KFI_SEND, KFV_KEY_PMEM,
	  0 },
};

KUNIT_ARRAY_PARAM_DESC(mr_pmem, mr_pmem_cases, name);

static void mr_pmem_key_test(struct kunit *test)
{
	const struct mr_pmem_case *c = test->param_value;
	struct fixture *f = fixture_new(test);
	u8 *mem = fixture_pmem(test, PAGE_SIZE, c->desc);
	struct kfid_mr *mr;
	struct ib_mr *ibmr;

	if (c->executes)
		fake_hca_can_flush(f->hca, true, false);
	KUNIT_ASSERT_EQ(test, 0, kfi_mr_reg(f->domain, mem + 0x123, 64,
					    c->access, 0, 0, c->flags, &mr,
					    NULL));
	ibmr = kfv_mr(&mr->fid)->ibmr;
	KUNIT_EXPECT_EQ(test, 0x123ULL << 48 | c->bits | ibmr->rkey,
			kfi_mr_key(mr));
	KUNIT_EXPECT_EQ(test, c->ib_access, to_fake_mr(ibmr)->access);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
}

/* Both kinds go back to where they came from. */
static void mr_pmem_pool_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	u8 *mem = fixture_pmem(test, PAGE_SIZE, PMEM);
	struct kfid_mr *mr[2];
	int i;

	f->dom->virt_dma = false;
	for (i = 0; i < 2; i++)
		KUNIT_ASSERT_EQ(test, 0,
				kfi_mr_reg(f->domain, mem, 64, KFI_REMOTE_READ,
					   0, 0, i ? KFI_RMA_PMEM : 0, &mr[i],
					   NULL));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr[1]->fid));
	KUNIT_EXPECT_EQ(test, 0U, f->dom->pool.count);
	KUNIT_EXPECT_EQ(test, 1U, f->dom->pmem_pool.count);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr[0]->fid));
	KUNIT_EXPECT_EQ(test, 1U, f->dom->pool.count);
	KUNIT_EXPECT_EQ(test, 1U, f->dom->pmem_pool.count);
	KUNIT_EXPECT_EQ(test, 2, f->hca->mrs);
}

/* A registration that fails cannot be named. */
static void mr_pmem_failed_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	u8 *mem = fixture_pmem(test, PAGE_SIZE, PMEM);
	struct kfid_mr *mr;

	f->hca->reg_status = IB_WC_LOC_QP_OP_ERR;
	KUNIT_EXPECT_GT(test, 0, kfi_mr_reg(f->domain, mem, 64,
					    KFI_REMOTE_WRITE, 0, 0,
					    KFI_RMA_PMEM, &mr, NULL));
	KUNIT_EXPECT_TRUE(test, xa_empty(&f->dom->pmem));
	KUNIT_EXPECT_EQ(test, 0, f->hca->mrs);
}

static struct kunit_case mr_pmem_kunit_cases[] = {
	KUNIT_CASE_PARAM(mr_pmem_key_test, mr_pmem_gen_params),
	KUNIT_CASE(mr_pmem_pool_test),
	KUNIT_CASE(mr_pmem_failed_test),
	{}
};

static struct kunit_suite mr_pmem_suite = {
	.name = "kfi_verbs_mr_pmem",
	.test_cases = mr_pmem_kunit_cases,
};

kunit_test_suite(mr_pmem_suite);
