// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Event queues of the provider; the queue itself is the core's and has a suite
 * there.
 */
#include <rdma/ib_cm.h>

#include <kunit/test.h>

#include "fixture.h"

static void eq_open_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfi_eq_attr attr = { .size = 3, .flags = KFI_WRITE };
	struct kfi_eq_entry entry = { .data = 17 };
	struct kfid_eq *eq;
	u32 event;

	KUNIT_ASSERT_EQ(test, 0, kfv_eq_open(&f->fabric.fabric, &attr, &eq,
					     NULL, &attr));
	KUNIT_EXPECT_EQ(test, (size_t)KFI_CLASS_EQ, eq->fid.fclass);
	KUNIT_EXPECT_PTR_EQ(test, (void *)&attr, eq->fid.context);
	KUNIT_EXPECT_EQ(test, (ssize_t)sizeof(entry),
			kfi_eq_write(eq, KFI_NOTIFY, &entry, sizeof(entry), 0));
	entry.data = 0;
	KUNIT_EXPECT_EQ(test, (ssize_t)sizeof(entry),
			kfi_eq_read(eq, &event, &entry, sizeof(entry), 0));
	KUNIT_EXPECT_EQ(test, (u32)KFI_NOTIFY, event);
	KUNIT_EXPECT_EQ(test, (u64)17, entry.data);
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN,
			kfi_eq_read(eq, &event, &entry, sizeof(entry), 0));
	KUNIT_EXPECT_EQ(test, -ENOSYS, kfi_control(&eq->fid, KFI_GETWAIT,
						   NULL));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&eq->fid));
}

static void eq_bad_attr_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfi_eq_attr attr = { .size = SIZE_MAX };
	struct kfid_eq *eq;

	KUNIT_EXPECT_EQ(test, -EINVAL, kfv_eq_open(&f->fabric.fabric, &attr,
						   &eq, NULL, NULL));
	attr.size = 1;
	KUNIT_EXPECT_EQ(test, -EINVAL, kfv_eq_open(&f->fabric.fabric, &attr,
						   NULL, NULL, NULL));
	attr.flags = KFI_AFFINITY;
	KUNIT_EXPECT_EQ(test, -KFI_EBADFLAGS,
			kfv_eq_open(&f->fabric.fabric, &attr, &eq, NULL,
				    NULL));
	/* nothing of it holds the fabric */
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&f->fabric.fabric.fid.ref_cnt));
}

static void eq_bound_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_open(f, NULL);

	KUNIT_EXPECT_EQ(test, -EBUSY, fixture_close(f, &fe->eq->fid));
}

static void eq_is_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_eq *eq = fixture_eq(f, 4);
	struct kfv_fabric other = {};

	KUNIT_EXPECT_TRUE(test, kfv_eq_is(&eq->fid, &f->fabric));
	KUNIT_EXPECT_FALSE(test, kfv_eq_is(&eq->fid, &other));
	KUNIT_EXPECT_FALSE(test, kfv_eq_is(&f->domain->fid, &f->fabric));
}

static void eq_strerror_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_eq *eq = fixture_eq(f, 4);
	const char *reject = ibcm_reject_msg(IB_CM_REJ_INVALID_SERVICE_ID);
	char buf[8];

	KUNIT_EXPECT_STREQ(test, reject,
			   kfi_eq_strerror(eq, IB_CM_REJ_INVALID_SERVICE_ID,
					   NULL, NULL, 0));
	KUNIT_EXPECT_STREQ(test, kfi_strerror(ETIMEDOUT),
			   kfi_eq_strerror(eq, -ETIMEDOUT, NULL, NULL, 0));
	/* cut to the room there is */
	kfi_eq_strerror(eq, IB_CM_REJ_INVALID_SERVICE_ID, NULL, buf,
			sizeof(buf));
	KUNIT_EXPECT_EQ(test, sizeof(buf) - 1, strlen(buf));
	KUNIT_EXPECT_EQ(test, 0, strncmp(buf, reject, sizeof(buf) - 1));
}

static struct kunit_case eq_cases[] = {
	KUNIT_CASE(eq_open_test),
	KUNIT_CASE(eq_bad_attr_test),
	KUNIT_CASE(eq_bound_test),
	KUNIT_CASE(eq_is_test),
	KUNIT_CASE(eq_strerror_test),
	{}
};

static struct kunit_suite eq_suite = {
	.name = "kfi_verbs_eq",
	.test_cases = eq_cases,
};

kunit_test_suite(eq_suite);
