// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Pool of memory regions: what is kept, what is destroyed.
 */
#include <kunit/test.h>

#include "fixture.h"

#define KEPT		64

static struct kfv_mr_hw *mrpool_get(struct fixture *f)
{
	struct kfv_mr_hw *hw;

	down_read(&f->dom->gate);
	hw = kfv_mrpool_get(&f->dom->pool);
	up_read(&f->dom->gate);
	return hw;
}

static void mrpool_put(struct fixture *f, struct kfv_mr_hw *hw, bool reusable)
{
	down_read(&f->dom->gate);
	kfv_mrpool_put(hw, reusable);
	up_read(&f->dom->gate);
}

static void mrpool_starts_empty_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);

	KUNIT_EXPECT_EQ(test, 0, f->hca->mrs);
	KUNIT_EXPECT_EQ(test, 0u, f->dom->pool.count);
	KUNIT_EXPECT_EQ(test, (u32)FAKE_MAX_PAGES, f->dom->pool.max_pages);
}

static void mrpool_keeps_reusable_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfv_mr_hw *hw = mrpool_get(f);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, hw);
	KUNIT_EXPECT_EQ(test, 1, f->hca->mrs);
	mrpool_put(f, hw, true);
	KUNIT_EXPECT_EQ(test, 1, f->hca->mrs);
	KUNIT_EXPECT_EQ(test, 1u, f->dom->pool.count);

	KUNIT_EXPECT_PTR_EQ(test, hw, mrpool_get(f));
	KUNIT_EXPECT_EQ(test, 1, f->hca->mrs);
	KUNIT_EXPECT_EQ(test, 0u, f->dom->pool.count);
	mrpool_put(f, hw, true);
}

static void mrpool_destroys_unknown_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfv_mr_hw *hw = mrpool_get(f);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, hw);
	mrpool_put(f, hw, false);
	KUNIT_EXPECT_EQ(test, 0, f->hca->mrs);
	KUNIT_EXPECT_EQ(test, 0u, f->dom->pool.count);
}

static void mrpool_keeps_so_many_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfv_mr_hw **hw;
	int i;

	hw = kunit_kcalloc(test, KEPT + 2, sizeof(*hw), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, hw);
	for (i = 0; i < KEPT + 2; i++) {
		hw[i] = mrpool_get(f);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, hw[i]);
	}
	KUNIT_EXPECT_EQ(test, KEPT + 2, f->hca->mrs);
	for (i = 0; i < KEPT + 2; i++)
		mrpool_put(f, hw[i], true);
	KUNIT_EXPECT_EQ(test, KEPT, f->hca->mrs);
	KUNIT_EXPECT_EQ(test, (u32)KEPT, f->dom->pool.count);
}

static void mrpool_device_refuses_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);

	f->hca->alloc_mr_rc = -ENOSPC;
	KUNIT_EXPECT_EQ(test, (long)-ENOSPC, PTR_ERR(mrpool_get(f)));
	f->hca->alloc_mr_rc = 0;
}

static void mrpool_goes_with_the_domain_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfv_mr_hw *hw = mrpool_get(f);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, hw);
	mrpool_put(f, hw, true);
	KUNIT_EXPECT_EQ(test, 0, fixture_close(f, &f->domain->fid));
	KUNIT_EXPECT_EQ(test, 0, f->hca->mrs);
}

static void mrpool_device_limit_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_domain *domain;

	f->hca->ibdev.attrs.max_fast_reg_page_list_len = 7;
	f->info->domain_attr->mr_iov_limit = 0;
	KUNIT_ASSERT_EQ(test, 0, kfv_domain_open(&f->fabric.fabric, f->info,
						 &domain, NULL));
	KUNIT_EXPECT_EQ(test, 7U, kfv_domain(&domain->fid)->pool.max_pages);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&domain->fid));
}

static struct kunit_case mrpool_cases[] = {
	KUNIT_CASE(mrpool_starts_empty_test),
	KUNIT_CASE(mrpool_keeps_reusable_test),
	KUNIT_CASE(mrpool_destroys_unknown_test),
	KUNIT_CASE(mrpool_keeps_so_many_test),
	KUNIT_CASE(mrpool_device_refuses_test),
	KUNIT_CASE(mrpool_goes_with_the_domain_test),
	KUNIT_CASE(mrpool_device_limit_test),
	{}
};

static struct kunit_suite mrpool_suite = {
	.name = "kfi_verbs_mrpool",
	.test_cases = mrpool_cases,
};

kunit_test_suite(mrpool_suite);
