// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Requests in flight: what completions mean, what is left over, what pushes
 * back. Fixture: a connected endpoint on a fake HCA.
 */
#include "fixture.h"

static void queue_send_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	struct kfi_cq_data_entry entry;
	char *buf = kunit_kzalloc(test, 64, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, buf);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, kfi_send(fe->ep, buf, 64, NULL, 0,
						   &entry));
	KUNIT_ASSERT_EQ(test, 1U, fake_qp_sends(fe->qp));
	fixture_expect_empty(test, fe->cq);
	fake_qp_complete(fe->qp, 1);
	KUNIT_ASSERT_TRUE(test, fixture_read(test, fe->cq, &entry));
	KUNIT_EXPECT_EQ(test, KFI_MSG | KFI_SEND, entry.flags);
}

static struct kunit_case queue_cases[] = {
	KUNIT_CASE(queue_send_test),
	{}
};

static struct kunit_suite queue_suite = {
	.name = "kfi_verbs_queue",
	.test_cases = queue_cases,
};

kunit_test_suite(queue_suite);
