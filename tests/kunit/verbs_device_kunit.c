// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Devices: found while they are there, and taken away under open objects, in
 * use or not.
 */
#include <linux/kthread.h>

#include <kunit/test.h>

#include "fixture.h"

#define THREADS		4

static void device_found_test(struct kunit *test)
{
	struct fake_hca *hca = fake_hca_new(test);
	struct kfv_device *dev, *same;
	char name[IB_DEVICE_NAME_MAX];
	u32 port;

	dev = kfv_device_get(&hca->ibdev);
	KUNIT_ASSERT_NOT_NULL(test, dev);
	KUNIT_EXPECT_PTR_EQ(test, &hca->ibdev, dev->ibdev);
	kfv_device_name(dev, name);
	KUNIT_EXPECT_STREQ(test, dev_name(&hca->ibdev.dev), name);
	same = kfv_device_get_by_name(name, &port);
	KUNIT_EXPECT_PTR_EQ(test, dev, same);
	KUNIT_EXPECT_EQ(test, 1u, port);
	if (same)
		kfv_device_put(same);
	KUNIT_EXPECT_NULL(test, kfv_device_get_by_name("fake", &port));
	KUNIT_EXPECT_NULL(test, kfv_device_get_by_name("", &port));

	fake_hca_unplug(hca);
	KUNIT_EXPECT_NULL(test, kfv_device_get_by_name(name, &port));
	/* our structure outlives the device, for those who hold it */
	KUNIT_EXPECT_TRUE(test, dev->dead);
	kfv_device_put(dev);
}

static void device_removed_under_everything_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	u8 *buf = fixture_kmalloc(test, 64);
	struct kfid_mr *mr;

	KUNIT_ASSERT_EQ(test, 0, kfi_mr_reg(f->domain, buf, 64, KFI_REMOTE_READ,
					    0, 0, 0, &mr, NULL));
	KUNIT_ASSERT_EQ(test, (ssize_t)0, kfi_recv(fe->ep, buf, 64, NULL,
						   KFI_ADDR_UNSPEC, buf));
	fe->qp = NULL;
	fake_hca_unplug(f->hca);

	KUNIT_EXPECT_EQ(test, 0, f->hca->pds);
	KUNIT_EXPECT_EQ(test, 0, f->hca->cqs);
	KUNIT_EXPECT_EQ(test, 0, f->hca->qps);
	KUNIT_EXPECT_EQ(test, 0, f->hca->mrs);
	fixture_expect_error(fe, buf, KFI_MSG | KFI_RECV, IB_WC_WR_FLUSH_ERR);
	fixture_expect_empty(fe);
	fixture_expect_shutdown(fe);
	KUNIT_EXPECT_EQ(test, (ssize_t)-ENODEV,
			kfi_send(fe->ep, buf, 1, NULL, 0, NULL));
	KUNIT_EXPECT_EQ(test, -EBUSY, fixture_close(f, &f->domain->fid));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
}

static void device_removed_under_two_domains_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_domain *second;
	struct kfid_mr *mr;

	KUNIT_ASSERT_EQ(test, 0, kfv_domain_open(&f->fabric.fabric, f->info,
						 &second, NULL));
	KUNIT_ASSERT_EQ(test, 0,
			kfi_mr_reg(second, fixture_kmalloc(test, 64), 64,
				   KFI_REMOTE_READ, 0, 0, 0, &mr, NULL));
	fake_hca_unplug(f->hca);
	KUNIT_EXPECT_EQ(test, 0, f->hca->mrs);
	KUNIT_EXPECT_EQ(test, 0, f->hca->qps);
	KUNIT_EXPECT_EQ(test, 0, f->hca->cqs);
	KUNIT_EXPECT_EQ(test, 0, f->hca->pds);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&second->fid));
}

static void device_added_again_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fake_hca *again;
	struct kfv_device *dev;

	fake_hca_unplug(f->hca);
	again = fake_hca_new(test);
	dev = kfv_device_get(&again->ibdev);
	KUNIT_ASSERT_NOT_NULL(test, dev);
	KUNIT_EXPECT_PTR_NE(test, dev, f->dom->dev);
	kfv_device_put(dev);
}

/*
 * Removal while registrations are under way
 */

struct device_worker {
	struct fixture *f;
	struct task_struct *task;
	void *buf;
	int done;
	int ret;
};

static int device_work(void *data)
{
	struct device_worker *w = data;
	struct kfid_mr *mr;

	do {
		w->ret = kfi_mr_reg(w->f->domain, w->buf, 64, KFI_REMOTE_READ,
				    0, 0, 0, &mr, NULL);
		if (w->ret)
			break;
		WRITE_ONCE(w->done, w->done + 1);
		w->ret = kfi_close(&mr->fid);
		cond_resched();
	} while (!w->ret);

	while (!kthread_should_stop())
		schedule_timeout_idle(1);
	return 0;
}

static void device_removed_while_registering_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct device_worker *w;
	int i;

	w = kunit_kcalloc(test, THREADS, sizeof(*w), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, w);
	for (i = 0; i < THREADS; i++) {
		w[i].f = f;
		w[i].buf = fixture_kmalloc(test, 64);
		w[i].task = kthread_run(device_work, &w[i], "device-%d", i);
		if (IS_ERR(w[i].task))
			KUNIT_FAIL(test, "no thread");
	}
	for (i = 0; i < THREADS; i++)
		while (!IS_ERR(w[i].task) && READ_ONCE(w[i].done) < 10)
			schedule_timeout_idle(1);
	fake_hca_unplug(f->hca);
	KUNIT_EXPECT_EQ(test, 0, f->hca->mrs);
	for (i = 0; i < THREADS; i++) {
		if (IS_ERR(w[i].task))
			continue;
		kthread_stop(w[i].task);
		KUNIT_EXPECT_EQ(test, -ENODEV, w[i].ret);
	}
}

/*
 * Asynchronous events
 */

static void device_tell(struct fake_hca *hca, enum ib_event_type type)
{
	const struct ib_event event = {
		.device = &hca->ibdev,
		.element.port_num = 1,
		.event = type,
	};

	ib_dispatch_event(&event);
}

static void device_fatal_event_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	u8 *buf = fixture_kmalloc(test, 64);

	device_tell(f->hca, IB_EVENT_DEVICE_FATAL);
	fixture_expect_shutdown(fe);
	KUNIT_EXPECT_EQ(test, (ssize_t)-ENOTCONN,
			kfi_send(fe->ep, buf, 1, NULL, 0, NULL));
}

static void device_fatal_for_all_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *first = fixture_ep_connect(f, NULL);
	struct fixture_ep *second = fixture_ep_connect(f, NULL);

	device_tell(f->hca, IB_EVENT_DEVICE_FATAL);
	fixture_expect_shutdown(first);
	fixture_expect_shutdown(second);
}

static void device_port_event_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	u8 *buf = fixture_kmalloc(test, 64);

	device_tell(f->hca, IB_EVENT_PORT_ERR);
	/* handled in the order of their coming */
	ib_unregister_event_handler(&f->dom->dev->events);
	ib_register_event_handler(&f->dom->dev->events);
	fixture_expect_no_event(fe);
	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			kfi_send(fe->ep, buf, 1, NULL, 0, buf));
	fake_qp_complete(fe->qp, 1);
	fixture_expect_sent(fe, buf, KFI_MSG | KFI_SEND);
}

static struct kunit_case device_cases[] = {
	KUNIT_CASE(device_found_test),
	KUNIT_CASE(device_removed_under_everything_test),
	KUNIT_CASE(device_removed_under_two_domains_test),
	KUNIT_CASE(device_added_again_test),
	KUNIT_CASE(device_removed_while_registering_test),
	KUNIT_CASE(device_fatal_event_test),
	KUNIT_CASE(device_fatal_for_all_test),
	KUNIT_CASE(device_port_event_test),
	{}
};

static struct kunit_suite device_suite = {
	.name = "kfi_verbs_device",
	.test_cases = device_cases,
};

kunit_test_suite(device_suite);
