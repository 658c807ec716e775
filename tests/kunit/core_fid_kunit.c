// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Life of a fid: references, -EBUSY, and who wins when one attaches while
 * another closes.
 */
#include <linux/delay.h>
#include <linux/workqueue.h>

#include <kunit/test.h>

#include <kfi_prov.h>

struct fid_object {
	struct kfid fid;
	struct kfi_fid_node node;
};

static struct kfi_ops fid_ops = { .size = sizeof(struct kfi_ops) };

static const struct kfi_fid_type fid_type = {
	.fclass = KFI_CLASS_DOMAIN,
	.name = "thing",
};

static void fid_start(struct kunit *test, struct fid_object *obj,
		      struct fid_object *parent)
{
	KUNIT_ASSERT_EQ(test, 0,
			kfi_fid_init(&obj->node, &obj->fid, &fid_type, &fid_ops,
				     parent ? &parent->fid : NULL, test));
}

static void fid_stop(struct kunit *test, struct fid_object *obj)
{
	KUNIT_EXPECT_EQ(test, 0, kfi_fid_retire(&obj->node));
	kfi_fid_fini(&obj->node);
}

static int fid_refs(const struct fid_object *obj)
{
	return atomic_read(&obj->fid.ref_cnt);
}

static void fid_init_test(struct kunit *test)
{
	struct fid_object obj;

	fid_start(test, &obj, NULL);
	KUNIT_EXPECT_EQ(test, KFI_CLASS_DOMAIN, obj.fid.fclass);
	KUNIT_EXPECT_PTR_EQ(test, test, obj.fid.context);
	KUNIT_EXPECT_PTR_EQ(test, &fid_ops, obj.fid.ops);
	KUNIT_EXPECT_EQ(test, 1, fid_refs(&obj));
	fid_stop(test, &obj);
}

static void fid_ids_are_unique_test(struct kunit *test)
{
	struct fid_object obj;
	u32 last = 0;
	int i;

	for (i = 0; i < 10; i++) {
		fid_start(test, &obj, NULL);
		KUNIT_EXPECT_GT(test, obj.node.id, last);
		last = obj.node.id;
		fid_stop(test, &obj);
	}
}

static void fid_get_and_deref_test(struct kunit *test)
{
	struct fid_object obj;

	fid_start(test, &obj, NULL);
	KUNIT_EXPECT_TRUE(test, kfi_fid_get(&obj.fid));
	KUNIT_EXPECT_EQ(test, 2, fid_refs(&obj));
	kfi_ref_id(&obj.fid);
	KUNIT_EXPECT_EQ(test, 3, fid_refs(&obj));
	kfi_deref_id(&obj.fid);
	kfi_deref_id(&obj.fid);
	KUNIT_EXPECT_EQ(test, 1, fid_refs(&obj));
	fid_stop(test, &obj);
}

static void fid_retire_busy_test(struct kunit *test)
{
	struct fid_object obj;

	fid_start(test, &obj, NULL);
	kfi_fid_publish(&obj.node);
	KUNIT_EXPECT_TRUE(test, kfi_fid_get(&obj.fid));

	KUNIT_EXPECT_EQ(test, -EBUSY, kfi_fid_retire(&obj.node));
	KUNIT_EXPECT_EQ(test, 2, fid_refs(&obj));
	KUNIT_EXPECT_FALSE(test, list_empty(&obj.node.link));
	KUNIT_EXPECT_TRUE(test, kfi_fid_get(&obj.fid));
	kfi_deref_id(&obj.fid);

	kfi_deref_id(&obj.fid);
	fid_stop(test, &obj);
}

static void fid_get_after_retire_test(struct kunit *test)
{
	struct fid_object obj;

	fid_start(test, &obj, NULL);
	KUNIT_EXPECT_EQ(test, 0, kfi_fid_retire(&obj.node));
	KUNIT_EXPECT_FALSE(test, kfi_fid_get(&obj.fid));
	KUNIT_EXPECT_EQ(test, 0, fid_refs(&obj));
	kfi_fid_fini(&obj.node);
}

static void fid_retire_twice_test(struct kunit *test)
{
	struct fid_object obj;

	fid_start(test, &obj, NULL);
	KUNIT_EXPECT_EQ(test, 0, kfi_fid_retire(&obj.node));
	KUNIT_EXPECT_EQ(test, -EBUSY, kfi_fid_retire(&obj.node));
	kfi_fid_fini(&obj.node);
}

static void fid_child_holds_parent_test(struct kunit *test)
{
	struct fid_object parent;
	struct fid_object child;

	fid_start(test, &parent, NULL);
	fid_start(test, &child, &parent);
	KUNIT_EXPECT_EQ(test, 2, fid_refs(&parent));
	KUNIT_EXPECT_EQ(test, -EBUSY, kfi_fid_retire(&parent.node));

	KUNIT_EXPECT_EQ(test, 0, kfi_fid_retire(&child.node));
	KUNIT_EXPECT_EQ(test, -EBUSY, kfi_fid_retire(&parent.node));
	kfi_fid_fini(&child.node);
	KUNIT_EXPECT_EQ(test, 1, fid_refs(&parent));
	fid_stop(test, &parent);
}

static void fid_child_of_a_retired_parent_test(struct kunit *test)
{
	struct fid_object parent;
	struct fid_object child = { };

	fid_start(test, &parent, NULL);
	KUNIT_EXPECT_EQ(test, 0, kfi_fid_retire(&parent.node));
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN,
			kfi_fid_init(&child.node, &child.fid, &fid_type,
				     &fid_ops, &parent.fid, NULL));
	KUNIT_EXPECT_NULL(test, child.fid.ops);
	KUNIT_EXPECT_EQ(test, 0, fid_refs(&parent));
	kfi_fid_fini(&parent.node);
}

/* An open that fails half-way: never published, never retired */
static void fid_fini_without_publish_test(struct kunit *test)
{
	struct fid_object parent;
	struct fid_object child;

	fid_start(test, &parent, NULL);
	fid_start(test, &child, &parent);
	kfi_fid_fini(&child.node);
	KUNIT_EXPECT_EQ(test, 1, fid_refs(&parent));
	fid_stop(test, &parent);
}

static void fid_tree_test(struct kunit *test)
{
	struct fid_object root;
	struct fid_object kids[8];
	int i;

	fid_start(test, &root, NULL);
	kfi_fid_publish(&root.node);
	for (i = 0; i < ARRAY_SIZE(kids); i++) {
		fid_start(test, &kids[i], i ? &kids[i - 1] : &root);
		kfi_fid_publish(&kids[i].node);
	}
	for (i = 0; i < ARRAY_SIZE(kids) - 1; i++)
		KUNIT_EXPECT_EQ(test, -EBUSY, kfi_fid_retire(&kids[i].node));
	for (i = ARRAY_SIZE(kids) - 1; i >= 0; i--)
		fid_stop(test, &kids[i]);
	fid_stop(test, &root);
}

/*
 * Providers that wait for their children instead
 */

struct fid_holder {
	struct delayed_work work;
	struct kfid *fid;
};

static void fid_deref_later(struct work_struct *work)
{
	kfi_deref_id(container_of(work, struct fid_holder, work.work)->fid);
}

static void fid_close_id_waits_test(struct kunit *test)
{
	struct fid_object obj;
	struct fid_holder holder = { .fid = &obj.fid };

	fid_start(test, &obj, NULL);
	kfi_ref_id(&obj.fid);
	INIT_DELAYED_WORK_ONSTACK(&holder.work, fid_deref_later);
	schedule_delayed_work(&holder.work, HZ / 20);

	kfi_close_id(&obj.fid);
	KUNIT_EXPECT_EQ(test, 0, fid_refs(&obj));
	flush_delayed_work(&holder.work);
	destroy_delayed_work_on_stack(&holder.work);
	kfi_fid_fini(&obj.node);
}

/*
 * One attaches while the other closes: either the reference was taken and the
 * close is refused, or the close went through and the reference is refused.
 */

struct fid_racer {
	struct work_struct work;
	struct kfid *fid;
	bool got;
};

static void fid_race(struct work_struct *work)
{
	struct fid_racer *racer = container_of(work, struct fid_racer, work);

	racer->got = kfi_fid_get(racer->fid);
}

/* With one processor it is the sleep that lets the other one be first */
static void fid_race_round(struct kunit *test, struct fid_racer *racer,
			   bool sleep)
{
	struct fid_object obj;
	int ret;

	fid_start(test, &obj, NULL);
	racer->fid = &obj.fid;
	queue_work(system_unbound_wq, &racer->work);
	if (sleep)
		usleep_range(50, 100);
	ret = kfi_fid_retire(&obj.node);
	flush_work(&racer->work);

	KUNIT_EXPECT_NE(test, ret == 0, racer->got);
	if (racer->got) {
		kfi_deref_id(&obj.fid);
		KUNIT_EXPECT_EQ(test, 0, kfi_fid_retire(&obj.node));
	}
	kfi_fid_fini(&obj.node);
}

static void fid_race_test(struct kunit *test)
{
	struct fid_racer racer;
	int n;

	INIT_WORK_ONSTACK(&racer.work, fid_race);
	for (n = 0; n < 1000; n++)
		fid_race_round(test, &racer, n & 1);
	destroy_work_on_stack(&racer.work);
}

static struct kunit_case fid_kunit_cases[] = {
	KUNIT_CASE(fid_init_test),
	KUNIT_CASE(fid_ids_are_unique_test),
	KUNIT_CASE(fid_get_and_deref_test),
	KUNIT_CASE(fid_retire_busy_test),
	KUNIT_CASE(fid_get_after_retire_test),
	KUNIT_CASE(fid_retire_twice_test),
	KUNIT_CASE(fid_child_holds_parent_test),
	KUNIT_CASE(fid_child_of_a_retired_parent_test),
	KUNIT_CASE(fid_fini_without_publish_test),
	KUNIT_CASE(fid_tree_test),
	KUNIT_CASE(fid_close_id_waits_test),
	KUNIT_CASE(fid_race_test),
	{}
};

static struct kunit_suite fid_suite = {
	.name = "kfi_core_fid",
	.test_cases = fid_kunit_cases,
};

kunit_test_suite(fid_suite);
