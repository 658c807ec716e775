// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * kfi_fabric(): which provider opens it, what it keeps in memory, and how the
 * core stands in front of the provider's close.
 */
#include <linux/module.h>

#include "fake_prov.h"

#define V1_0	KFI_VERSION(1, 0)

/* Stands for the module of a provider */
static struct module *fabric_module(struct kunit *test, int refs)
{
	struct module *owner = kunit_kzalloc(test, sizeof(*owner), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, owner);
	atomic_set(&owner->refcnt, refs);
	return owner;
}

static struct fake_prov *fabric_prov_of(struct kunit *test,
					struct module *owner)
{
	struct fake_prov *a = fake_prov_get(test, "a", V1_0);

	kfi_provider_set_owner(&a->prov, owner);
	KUNIT_ASSERT_EQ(test, 0, fake_prov_register(a));
	return a;
}

/*
 * Opening
 */

static struct kfi_fabric_attr fabric_attr = {
	.name = "fab0",
	.prov_name = "a",
};

static void fabric_open_test(struct kunit *test)
{
	struct fake_prov *a = fake_prov_start(test, "a", V1_0);
	struct kfid_fabric *fabric;
	int context;

	KUNIT_ASSERT_EQ(test, 0, kfi_fabric(&fabric_attr, &fabric, &context));
	KUNIT_EXPECT_EQ(test, KFI_CLASS_FABRIC, fabric->fid.fclass);
	KUNIT_EXPECT_PTR_EQ(test, &context, fabric->fid.context);
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&a->open));
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&a->prov.ref_cnt));

	KUNIT_EXPECT_EQ(test, 0, kfi_close(&fabric->fid));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&a->open));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&a->prov.ref_cnt));
}

struct fabric_case {
	const char *desc;
	struct kfi_fabric_attr attr;
	int err;
};

static const struct fabric_case fabric_cases[] = {
	{ "no name", { .prov_name = "a" }, -EINVAL },
	{ "no provider name", { .name = "fab0" }, -EINVAL },
	{ "nothing", { }, -EINVAL },
	{ "unknown provider", { .name = "fab0", .prov_name = "b" }, -ENODEV },
	{ "empty provider name", { .name = "fab0", .prov_name = "" },
	  -ENODEV },
	{ "version from the future",
	  { .name = "fab0", .prov_name = "a",
	    .api_version = KFI_VERSION(1, 8) }, -ENOSYS },
	{ "major from the future",
	  { .name = "fab0", .prov_name = "a",
	    .api_version = KFI_VERSION(2, 0) }, -ENOSYS },
	{ "own version",
	  { .name = "fab0", .prov_name = "a",
	    .api_version = KFI_VERSION(1, 7) }, 0 },
};

static void fabric_case_desc(const struct fabric_case *c, char *desc)
{
	strscpy(desc, c->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(fabric, fabric_cases, fabric_case_desc);

static void fabric_arguments_test(struct kunit *test)
{
	const struct fabric_case *c = test->param_value;
	struct fake_prov *a = fake_prov_start(test, "a", V1_0);
	struct kfi_fabric_attr attr = c->attr;
	struct kfid_fabric *fabric;
	int ret;

	ret = kfi_fabric(&attr, &fabric, NULL);
	KUNIT_EXPECT_EQ(test, c->err, ret);
	KUNIT_EXPECT_EQ(test, c->err ? 0 : 1, atomic_read(&a->opened));
	if (!ret)
		KUNIT_EXPECT_EQ(test, 0, kfi_close(&fabric->fid));
}

static void fabric_null_arguments_test(struct kunit *test)
{
	struct kfid_fabric *fabric;

	fake_prov_start(test, "a", V1_0);
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_fabric(NULL, &fabric, NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_fabric(&fabric_attr, NULL, NULL));
}

static void fabric_no_provider_at_all_test(struct kunit *test)
{
	struct kfid_fabric *fabric;

	KUNIT_EXPECT_EQ(test, -ENODEV, kfi_fabric(&fabric_attr, &fabric, NULL));
}

static void fabric_picks_the_named_provider_test(struct kunit *test)
{
	struct fake_prov *fakes[] = {
		fake_prov_start(test, "b", V1_0),
		fake_prov_start(test, "a", V1_0),
		fake_prov_start(test, "c", V1_0),
	};
	struct kfid_fabric *fabric;

	KUNIT_ASSERT_EQ(test, 0, kfi_fabric(&fabric_attr, &fabric, NULL));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&fakes[0]->opened));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&fakes[1]->opened));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&fakes[2]->opened));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&fabric->fid));
}

static void fabric_provider_fails_test(struct kunit *test)
{
	struct module *owner = fabric_module(test, 1);
	struct fake_prov *a = fabric_prov_of(test, owner);
	struct kfid_fabric *fabric;

	a->fabric_err = -EADDRNOTAVAIL;

	KUNIT_EXPECT_EQ(test, -EADDRNOTAVAIL,
			kfi_fabric(&fabric_attr, &fabric, NULL));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&a->prov.ref_cnt));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&owner->refcnt));
}

static void fabric_api_version_test(struct kunit *test)
{
	struct kfi_fabric_attr attr = fabric_attr;
	struct kfid_fabric *fabric;

	fake_prov_start(test, "a", V1_0);

	KUNIT_ASSERT_EQ(test, 0, kfi_fabric(&attr, &fabric, NULL));
	KUNIT_EXPECT_EQ(test, kfi_version(), fabric->api_version);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&fabric->fid));

	attr.api_version = KFI_VERSION(1, 2);
	KUNIT_ASSERT_EQ(test, 0, kfi_fabric(&attr, &fabric, NULL));
	KUNIT_EXPECT_EQ(test, KFI_VERSION(1, 2), fabric->api_version);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&fabric->fid));
}

/*
 * The table in front of the provider's
 */

static void fabric_slots_are_filled_test(struct kunit *test)
{
	struct fake_prov *a = fake_prov_start(test, "a", V1_0);
	struct kfid_fabric *fabric = fake_prov_open(test, a);
	void *ops = NULL;

	KUNIT_EXPECT_EQ(test, sizeof(struct kfi_ops), fabric->fid.ops->size);
	KUNIT_EXPECT_EQ(test, -ENOSYS,
			kfi_control(&fabric->fid, KFI_GETFIDFLAG, NULL));
	KUNIT_ASSERT_NOT_NULL(test, fabric->fid.ops->bind);
	KUNIT_EXPECT_EQ(test, -ENOSYS,
			fabric->fid.ops->bind(&fabric->fid, NULL, 0));

	KUNIT_EXPECT_EQ(test, 0, kfi_open_ops(&fabric->fid, "fake", 0, &ops,
					      NULL));
	KUNIT_EXPECT_PTR_EQ(test, a, ops);
	KUNIT_EXPECT_EQ(test, -ENOSYS,
			kfi_open_ops(&fabric->fid, "other", 0, &ops, NULL));

	KUNIT_EXPECT_EQ(test, 0, kfi_close(&fabric->fid));
}

static void fabric_tables_are_apart_test(struct kunit *test)
{
	struct fake_prov *a = fake_prov_start(test, "a", V1_0);
	struct kfid_fabric *first = fake_prov_open(test, a);
	struct kfid_fabric *second = fake_prov_open(test, a);
	void *ops = NULL;

	KUNIT_EXPECT_PTR_NE(test, first->fid.ops, second->fid.ops);
	KUNIT_EXPECT_EQ(test, 3, atomic_read(&a->prov.ref_cnt));

	KUNIT_EXPECT_EQ(test, 0, kfi_close(&first->fid));
	KUNIT_EXPECT_EQ(test, 0, kfi_open_ops(&second->fid, "fake", 0, &ops,
					      NULL));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&second->fid));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&a->prov.ref_cnt));
}

static void fabric_busy_keeps_everything_test(struct kunit *test)
{
	struct module *owner = fabric_module(test, 1);
	struct fake_prov *a = fabric_prov_of(test, owner);
	struct kfid_fabric *fabric = fake_prov_open(test, a);

	a->close_err = -EBUSY;
	KUNIT_EXPECT_EQ(test, -EBUSY, kfi_close(&fabric->fid));
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&a->prov.ref_cnt));
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&owner->refcnt));
	KUNIT_EXPECT_EQ(test, -ENOSYS,
			kfi_control(&fabric->fid, KFI_GETFIDFLAG, NULL));

	a->close_err = 0;
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&fabric->fid));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&a->prov.ref_cnt));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&owner->refcnt));
}

static void fabric_busy_with_child_test(struct kunit *test)
{
	struct fake_prov *a = fake_prov_start(test, "a", V1_0);
	struct kfid_fabric *fabric = fake_prov_open(test, a);

	KUNIT_EXPECT_TRUE(test, kfi_fid_get(&fabric->fid));
	KUNIT_EXPECT_EQ(test, -EBUSY, kfi_close(&fabric->fid));
	kfi_deref_id(&fabric->fid);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&fabric->fid));
}

/*
 * The owner's module
 */

static void fabric_pins_the_owner_test(struct kunit *test)
{
	struct module *owner = fabric_module(test, 1);
	struct fake_prov *a = fabric_prov_of(test, owner);
	struct kfid_fabric *first;
	struct kfid_fabric *second;

	KUNIT_EXPECT_EQ(test, 1, atomic_read(&owner->refcnt));

	first = fake_prov_open(test, a);
	second = fake_prov_open(test, a);
	KUNIT_EXPECT_EQ(test, 3, atomic_read(&owner->refcnt));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&second->fid));
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&owner->refcnt));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&first->fid));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&owner->refcnt));
}

/* A module without any reference is one that is being unloaded */
static void fabric_owner_is_leaving_test(struct kunit *test)
{
	struct fake_prov *a = fabric_prov_of(test, fabric_module(test, 0));
	struct kfid_fabric *fabric;

	KUNIT_EXPECT_EQ(test, -ENODEV, kfi_fabric(&fabric_attr, &fabric, NULL));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&a->opened));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&a->prov.ref_cnt));
}

/*
 * No lock of the registry is held while a provider runs
 */

static void fabric_hook_getinfo(void *arg)
{
	struct fake_prov *a = arg;
	struct kfi_info *info;

	a->hook = NULL;
	a->getinfo_err = kfi_getinfo(0, NULL, NULL, 0, NULL, &info) ? -EIO : 0;
	if (!a->getinfo_err)
		kfi_freeinfo(info);
}

static void fabric_provider_calls_getinfo_test(struct kunit *test)
{
	struct fake_prov *a = fake_prov_start(test, "a", V1_0);
	struct kfid_fabric *fabric;

	a->hook = fabric_hook_getinfo;
	a->hook_arg = a;
	fabric = fake_prov_open(test, a);
	KUNIT_EXPECT_EQ(test, 1, a->getinfos);
	KUNIT_EXPECT_EQ(test, 0, a->getinfo_err);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&fabric->fid));
}

static struct kunit_case fabric_kunit_cases[] = {
	KUNIT_CASE(fabric_open_test),
	KUNIT_CASE_PARAM(fabric_arguments_test, fabric_gen_params),
	KUNIT_CASE(fabric_null_arguments_test),
	KUNIT_CASE(fabric_no_provider_at_all_test),
	KUNIT_CASE(fabric_picks_the_named_provider_test),
	KUNIT_CASE(fabric_provider_fails_test),
	KUNIT_CASE(fabric_api_version_test),
	KUNIT_CASE(fabric_slots_are_filled_test),
	KUNIT_CASE(fabric_tables_are_apart_test),
	KUNIT_CASE(fabric_busy_keeps_everything_test),
	KUNIT_CASE(fabric_busy_with_child_test),
	KUNIT_CASE(fabric_pins_the_owner_test),
	KUNIT_CASE(fabric_owner_is_leaving_test),
	KUNIT_CASE(fabric_provider_calls_getinfo_test),
	{}
};

static struct kunit_suite fabric_suite = {
	.name = "kfi_core_fabric",
	.test_cases = fabric_kunit_cases,
};

kunit_test_suite(fabric_suite);
