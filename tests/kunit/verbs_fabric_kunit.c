// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Fabrics of the provider: what cannot be opened. Opening one takes a device
 * with an address, which the functional tests have.
 */
#include <kunit/test.h>

#include "verbs.h"

static void fabric_bad_input_test(struct kunit *test)
{
	struct kfi_fabric_attr attr = {};
	struct kfid_fabric *fabric;

	KUNIT_EXPECT_EQ(test, -EINVAL, kfv_fabric_open(NULL, &fabric, NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL, kfv_fabric_open(&attr, &fabric, NULL));
	attr.name = "no such subnet";
	KUNIT_EXPECT_EQ(test, -EINVAL, kfv_fabric_open(&attr, NULL, NULL));
	KUNIT_EXPECT_EQ(test, -ENODEV, kfv_fabric_open(&attr, &fabric, NULL));
	attr.name = "";
	KUNIT_EXPECT_EQ(test, -ENODEV, kfv_fabric_open(&attr, &fabric, NULL));
}

static void fabric_is_not_ours_test(struct kunit *test)
{
	struct kfi_ops_fabric ops = {};
	struct kfid_fabric fabric = { .ops = &ops };

	KUNIT_EXPECT_FALSE(test, kfv_fabric_is(&fabric, "192.0.2.0/24"));
}

static struct kunit_case fabric_cases[] = {
	KUNIT_CASE(fabric_bad_input_test),
	KUNIT_CASE(fabric_is_not_ours_test),
	{}
};

static struct kunit_suite fabric_suite = {
	.name = "kfi_verbs_fabric",
	.test_cases = fabric_cases,
};

kunit_test_suite(fabric_suite);
