// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * kfi_getinfo(): whom it asks, how it joins the answers, and what it says when
 * there are none.
 */
#include "fake_prov.h"

#define V1_0	KFI_VERSION(1, 0)
#define V1_1	KFI_VERSION(1, 1)

static int count_infos(const struct kfi_info *info)
{
	int count = 0;

	for (; info; info = info->next)
		count++;
	return count;
}

/* How many of them are the provider's, and the last of these */
static int count_of(const struct kfi_info *info, const char *prov_name,
		    const struct kfi_info **last)
{
	int count = 0;

	for (; info; info = info->next) {
		if (strcmp(info->fabric_attr->prov_name, prov_name))
			continue;
		count++;
		*last = info;
	}
	return count;
}

/*
 * Arguments
 */

struct getinfo_case {
	const char *desc;
	u32 version;
	u64 flags;
	int err;
};

static const struct getinfo_case getinfo_cases[] = {
	{ "any version", 0, 0, 0 },
	{ "oldest version", KFI_VERSION(1, 0), 0, 0 },
	{ "own version", KFI_VERSION(1, 7), 0, 0 },
	{ "next minor", KFI_VERSION(1, 8), 0, -ENOSYS },
	{ "next major", KFI_VERSION(2, 0), 0, -ENOSYS },
	{ "largest version", U32_MAX, 0, -ENOSYS },
	{ "source", 0, KFI_SOURCE, 0 },
	{ "numeric host", 0, KFI_NUMERICHOST, 0 },
	{ "attributes only", 0, KFI_PROV_ATTR_ONLY, 0 },
	{ "all flags", 0, KFI_SOURCE | KFI_NUMERICHOST | KFI_PROV_ATTR_ONLY,
	  0 },
	{ "unknown flag", 0, BIT_ULL(63), -KFI_EBADFLAGS },
	{ "a good and a bad flag", 0, KFI_SOURCE | KFI_MSG, -KFI_EBADFLAGS },
};

static void getinfo_case_desc(const struct getinfo_case *c, char *desc)
{
	strscpy(desc, c->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(getinfo, getinfo_cases, getinfo_case_desc);

static void getinfo_arguments_test(struct kunit *test)
{
	const struct getinfo_case *c = test->param_value;
	struct kfi_info *info = (void *)test;
	const struct kfi_info *mine;
	int ret;

	fake_prov_start(test, "a", V1_0);
	ret = kfi_getinfo(c->version, NULL, NULL, c->flags, NULL, &info);
	KUNIT_EXPECT_EQ(test, c->err, ret);
	KUNIT_EXPECT_EQ(test, ret ? 0 : 1, count_of(info, "a", &mine));
	kfi_freeinfo(info);
}

static void getinfo_null_info_test(struct kunit *test)
{
	fake_prov_start(test, "a", V1_0);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfi_getinfo(0, NULL, NULL, 0, NULL, NULL));
}

static void getinfo_passes_arguments_on_test(struct kunit *test)
{
	struct fake_prov *a = fake_prov_start(test, "a", V1_0);
	struct kfi_info hints = { };
	struct kfi_info *info;

	KUNIT_ASSERT_EQ(test, 0,
			kfi_getinfo(KFI_VERSION(1, 3), "node", "7471",
				    KFI_SOURCE, &hints, &info));
	KUNIT_EXPECT_EQ(test, KFI_VERSION(1, 3), a->version);
	KUNIT_EXPECT_STREQ(test, "node", a->node);
	KUNIT_EXPECT_STREQ(test, "7471", a->service);
	KUNIT_EXPECT_EQ(test, KFI_SOURCE, a->flags);
	KUNIT_EXPECT_PTR_EQ(test, &hints, a->hints);
	kfi_freeinfo(info);
}

/*
 * Whom it asks
 */

static void getinfo_no_provider_test(struct kunit *test)
{
	struct kfi_info *info = (void *)test;

	KUNIT_EXPECT_EQ(test, -ENODATA,
			kfi_getinfo(0, NULL, NULL, 0, NULL, &info));
	KUNIT_EXPECT_NULL(test, info);
}

static void getinfo_named_provider_only_test(struct kunit *test)
{
	struct fake_prov *a = fake_prov_start(test, "a", V1_0);
	struct fake_prov *b = fake_prov_start(test, "b", V1_0);
	struct kfi_fabric_attr attr = { .prov_name = "b" };
	struct kfi_info hints = { .fabric_attr = &attr };
	struct kfi_info *info;

	KUNIT_ASSERT_EQ(test, 0, kfi_getinfo(0, NULL, NULL, 0, &hints, &info));
	KUNIT_EXPECT_EQ(test, 0, a->getinfos);
	KUNIT_EXPECT_EQ(test, 1, b->getinfos);
	KUNIT_EXPECT_STREQ(test, "b", info->fabric_attr->prov_name);
	kfi_freeinfo(info);
}

static void getinfo_unknown_provider_test(struct kunit *test)
{
	struct fake_prov *a = fake_prov_start(test, "a", V1_0);
	struct kfi_fabric_attr attr = { .prov_name = "b" };
	struct kfi_info hints = { .fabric_attr = &attr };
	struct kfi_info *info;

	KUNIT_EXPECT_EQ(test, -ENODATA,
			kfi_getinfo(0, NULL, NULL, 0, &hints, &info));
	KUNIT_EXPECT_EQ(test, 0, a->getinfos);
}

static void getinfo_half_filled_hints_test(struct kunit *test)
{
	struct fake_prov *a = fake_prov_start(test, "a", V1_0);
	struct kfi_fabric_attr attr = { };
	struct kfi_info with_fabric = { .fabric_attr = &attr };
	struct kfi_info without = { };
	struct kfi_info *info;

	KUNIT_ASSERT_EQ(test, 0,
			kfi_getinfo(0, NULL, NULL, 0, &with_fabric, &info));
	kfi_freeinfo(info);
	KUNIT_ASSERT_EQ(test, 0,
			kfi_getinfo(0, NULL, NULL, 0, &without, &info));
	kfi_freeinfo(info);
	KUNIT_EXPECT_EQ(test, 2, a->getinfos);
}

/*
 * How it joins
 */

static void getinfo_joins_in_order_test(struct kunit *test)
{
	static const char * const names[] = { "a", "a", "b", "c", "c", "c" };
	struct fake_prov *a = fake_prov_start(test, "a", V1_0);
	struct fake_prov *b = fake_prov_start(test, "b", V1_0);
	struct fake_prov *c = fake_prov_start(test, "c", V1_0);
	struct kfi_info *info;
	struct kfi_info *i;
	int n = 0;

	a->infos = 2;
	b->infos = 1;
	c->infos = 3;
	KUNIT_ASSERT_EQ(test, 0, kfi_getinfo(0, NULL, NULL, 0, NULL, &info));
	KUNIT_ASSERT_EQ(test, 6, count_infos(info));
	for (i = info; i; i = i->next)
		KUNIT_EXPECT_STREQ(test, names[n++],
				   i->fabric_attr->prov_name);
	KUNIT_EXPECT_EQ(test, 0, info->domain_attr->cq_cnt);
	KUNIT_EXPECT_EQ(test, 1, info->next->domain_attr->cq_cnt);
	kfi_freeinfo(info);
}

static void getinfo_fills_in_names_test(struct kunit *test)
{
	struct kfi_info *info;

	fake_prov_start(test, "a", V1_1);
	KUNIT_ASSERT_EQ(test, 0, kfi_getinfo(0, NULL, NULL, 0, NULL, &info));
	KUNIT_EXPECT_STREQ(test, "a", info->fabric_attr->prov_name);
	KUNIT_EXPECT_EQ(test, V1_1, info->fabric_attr->prov_version);
	KUNIT_EXPECT_EQ(test, kfi_version(), info->fabric_attr->api_version);
	kfi_freeinfo(info);

	KUNIT_ASSERT_EQ(test, 0, kfi_getinfo(KFI_VERSION(1, 2), NULL, NULL, 0,
					     NULL, &info));
	KUNIT_EXPECT_EQ(test, KFI_VERSION(1, 2),
			info->fabric_attr->api_version);
	kfi_freeinfo(info);
}

static void getinfo_keeps_the_providers_names_test(struct kunit *test)
{
	struct kfi_fabric_attr attr = {
		.name = "fab1",
		.prov_name = "a;layered",
		.prov_version = KFI_VERSION(3, 4),
	};
	struct kfi_info offer = { .fabric_attr = &attr };
	struct fake_prov *a = fake_prov_start(test, "a", V1_0);
	struct kfi_info *info;

	a->offer = &offer;
	KUNIT_ASSERT_EQ(test, 0, kfi_getinfo(0, NULL, NULL, 0, NULL, &info));
	KUNIT_EXPECT_STREQ(test, "a;layered", info->fabric_attr->prov_name);
	KUNIT_EXPECT_EQ(test, KFI_VERSION(3, 4),
			info->fabric_attr->prov_version);
	kfi_freeinfo(info);
}

static void getinfo_answers_in_the_version_asked_for_test(struct kunit *test)
{
	struct kfi_fabric_attr attr = {
		.api_version = KFI_VERSION(1, 7),
	};
	struct kfi_info offer = { .fabric_attr = &attr };
	struct fake_prov *a = fake_prov_start(test, "a", V1_0);
	struct kfi_info *info;

	a->offer = &offer;
	KUNIT_ASSERT_EQ(test, 0, kfi_getinfo(KFI_VERSION(1, 1), NULL, NULL, 0,
					     NULL, &info));
	KUNIT_EXPECT_EQ(test, KFI_VERSION(1, 1),
			info->fabric_attr->api_version);
	kfi_freeinfo(info);
}

static void getinfo_bare_answer_test(struct kunit *test)
{
	struct fake_prov *a = fake_prov_start(test, "a", V1_0);
	struct kfi_info *info;

	a->bare = true;
	KUNIT_ASSERT_EQ(test, 0, kfi_getinfo(0, NULL, NULL, 0, NULL, &info));
	KUNIT_EXPECT_NULL(test, info->fabric_attr);
	kfi_freeinfo(info);
}

/*
 * Failures: what each of three providers answers, and what comes out
 */

struct getinfo_answers {
	const char *desc;
	int infos[FAKE_PROVS];
	int err[FAKE_PROVS];
	int count;
	int ret;
};

static const struct getinfo_answers getinfo_answers[] = {
	{ "none matches", { }, { -ENODATA, -ENODATA, -ENODATA }, 0, -ENODATA },
	{ "only the first", { 2 }, { 0, -ENODATA, -ENODATA }, 2, 0 },
	{ "only the second", { 0, 2 }, { -ENODATA, 0, -ENODATA }, 2, 0 },
	{ "only the last", { 0, 0, 2 }, { -ENODATA, -ENODATA, 0 }, 2, 0 },
	{ "first and last", { 1, 0, 2 }, { 0, -ENODATA, 0 }, 3, 0 },
	{ "first fails", { 0, 1, 1 }, { -EIO, 0, 0 }, 2, 0 },
	{ "last fails", { 1, 1, 0 }, { 0, 0, -ENOMEM }, 2, 0 },
	{ "all but one fail", { 0, 1, 0 }, { -EIO, 0, -ENOMEM }, 1, 0 },
	{ "one fails, none matches", { }, { -ENODATA, -EIO, -ENODATA }, 0,
	  -EIO },
	{ "the first failure counts", { }, { -ENODATA, -EIO, -ENOMEM }, 0,
	  -EIO },
	{ "empty answers", { 0, 0, 0 }, { 0, 0, 0 }, 0, -ENODATA },
	{ "an empty answer among others", { 1, 0, 1 }, { 0, 0, 0 }, 2, 0 },
	{ "empty answer and failure", { 0, 0, 0 }, { 0, -EINVAL, 0 }, 0,
	  -EINVAL },
};

static void getinfo_answers_desc(const struct getinfo_answers *c, char *desc)
{
	strscpy(desc, c->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(getinfo_answers, getinfo_answers, getinfo_answers_desc);

static void getinfo_failures_test(struct kunit *test)
{
	static const char * const names[FAKE_PROVS] = { "a", "b", "c" };
	const struct getinfo_answers *c = test->param_value;
	struct kfi_info *info = (void *)test;
	struct fake_prov *fake;
	int i;

	for (i = 0; i < FAKE_PROVS; i++) {
		fake = fake_prov_start(test, names[i], V1_0);
		fake->infos = c->infos[i];
		fake->getinfo_err = c->err[i];
	}

	KUNIT_EXPECT_EQ(test, c->ret,
			kfi_getinfo(0, NULL, NULL, 0, NULL, &info));
	KUNIT_EXPECT_EQ(test, c->count, count_infos(info));
	kfi_freeinfo(info);
}

/*
 * %KFI_PROV_ATTR_ONLY
 */

static void getinfo_attr_only_test(struct kunit *test)
{
	struct fake_prov *a = fake_prov_start(test, "a", V1_0);
	struct fake_prov *b = fake_prov_start(test, "b", V1_1);
	const struct kfi_info *mine;
	struct kfi_info *info;

	a->infos = 5;
	b->getinfo_err = -EIO;
	KUNIT_ASSERT_EQ(test, 0,
			kfi_getinfo(0, NULL, NULL, KFI_PROV_ATTR_ONLY, NULL,
				    &info));
	KUNIT_EXPECT_EQ(test, 0, a->getinfos + b->getinfos);
	KUNIT_EXPECT_EQ(test, 1, count_of(info, "a", &mine));
	KUNIT_ASSERT_EQ(test, 1, count_of(info, "b", &mine));
	KUNIT_EXPECT_EQ(test, V1_1, mine->fabric_attr->prov_version);
	KUNIT_EXPECT_EQ(test, 0, mine->caps);
	KUNIT_EXPECT_NULL(test, mine->fabric_attr->name);
	kfi_freeinfo(info);
}

static void getinfo_attr_only_named_test(struct kunit *test)
{
	struct kfi_fabric_attr attr = { .prov_name = "b" };
	struct kfi_info hints = { .fabric_attr = &attr };
	struct kfi_info *info;

	fake_prov_start(test, "a", V1_0);
	fake_prov_start(test, "b", V1_0);
	KUNIT_ASSERT_EQ(test, 0,
			kfi_getinfo(0, NULL, NULL, KFI_PROV_ATTR_ONLY, &hints,
				    &info));
	KUNIT_EXPECT_EQ(test, 1, count_infos(info));
	KUNIT_EXPECT_STREQ(test, "b", info->fabric_attr->prov_name);
	kfi_freeinfo(info);

	attr.prov_name = "c";
	KUNIT_EXPECT_EQ(test, -ENODATA,
			kfi_getinfo(0, NULL, NULL, KFI_PROV_ATTR_ONLY, &hints,
				    &info));
}

/*
 * The list of providers changes while it is asked
 */

static void getinfo_hook_deregister(void *arg)
{
	fake_prov_deregister(arg);
}

static void getinfo_next_provider_leaves_test(struct kunit *test)
{
	struct fake_prov *a = fake_prov_start(test, "a", V1_0);
	struct fake_prov *b = fake_prov_start(test, "b", V1_0);
	struct fake_prov *c = fake_prov_start(test, "c", V1_0);
	struct kfi_info *info;

	a->hook = getinfo_hook_deregister;
	a->hook_arg = b;
	KUNIT_ASSERT_EQ(test, 0, kfi_getinfo(0, NULL, NULL, 0, NULL, &info));
	KUNIT_EXPECT_EQ(test, 2, count_infos(info));
	KUNIT_EXPECT_EQ(test, 0, b->getinfos);
	KUNIT_EXPECT_EQ(test, 1, c->getinfos);
	kfi_freeinfo(info);
}

static void getinfo_previous_provider_leaves_test(struct kunit *test)
{
	struct fake_prov *a = fake_prov_start(test, "a", V1_0);
	struct fake_prov *b = fake_prov_start(test, "b", V1_0);
	struct fake_prov *c = fake_prov_start(test, "c", V1_0);
	struct kfi_info *info;

	b->hook = getinfo_hook_deregister;
	b->hook_arg = a;
	KUNIT_ASSERT_EQ(test, 0, kfi_getinfo(0, NULL, NULL, 0, NULL, &info));
	KUNIT_EXPECT_EQ(test, 3, count_infos(info));
	KUNIT_EXPECT_EQ(test, 1, a->getinfos);
	KUNIT_EXPECT_EQ(test, 1, c->getinfos);
	kfi_freeinfo(info);
}

static void getinfo_hook_register(void *arg)
{
	struct fake_prov *fake = arg;

	if (!fake->registered)
		fake_prov_register(fake);
}

static void getinfo_provider_joins_test(struct kunit *test)
{
	struct fake_prov *a = fake_prov_start(test, "a", V1_0);
	struct fake_prov *b = fake_prov_get(test, "b", V1_0);
	struct kfi_info *info;

	a->hook = getinfo_hook_register;
	a->hook_arg = b;
	KUNIT_ASSERT_EQ(test, 0, kfi_getinfo(0, NULL, NULL, 0, NULL, &info));
	KUNIT_EXPECT_EQ(test, 1, a->getinfos);
	KUNIT_EXPECT_EQ(test, 0, b->getinfos);
	kfi_freeinfo(info);

	KUNIT_ASSERT_EQ(test, 0, kfi_getinfo(0, NULL, NULL, 0, NULL, &info));
	KUNIT_EXPECT_EQ(test, 1, b->getinfos);
	kfi_freeinfo(info);
}

static void getinfo_hook_come_back(void *arg)
{
	fake_prov_deregister(arg);
	fake_prov_register(arg);
}

/* However often a provider leaves and comes back, it is asked once at most */
static void getinfo_provider_comes_back_test(struct kunit *test)
{
	struct fake_prov *a = fake_prov_start(test, "a", V1_0);
	struct fake_prov *b = fake_prov_start(test, "b", V1_0);
	struct kfi_info *info;

	b->hook = getinfo_hook_come_back;
	b->hook_arg = a;
	KUNIT_ASSERT_EQ(test, 0, kfi_getinfo(0, NULL, NULL, 0, NULL, &info));
	KUNIT_EXPECT_EQ(test, 1, a->getinfos);
	KUNIT_EXPECT_EQ(test, 1, b->getinfos);
	kfi_freeinfo(info);
}

static void getinfo_hook_nested(void *arg)
{
	struct fake_prov *a = arg;
	struct kfi_info *info;

	a->hook = NULL;
	if (!kfi_getinfo(0, NULL, NULL, 0, NULL, &info))
		kfi_freeinfo(info);
}

static void getinfo_nested_test(struct kunit *test)
{
	struct fake_prov *a = fake_prov_start(test, "a", V1_0);
	struct kfi_info *info;

	a->hook = getinfo_hook_nested;
	a->hook_arg = a;
	KUNIT_ASSERT_EQ(test, 0, kfi_getinfo(0, NULL, NULL, 0, NULL, &info));
	KUNIT_EXPECT_EQ(test, 2, a->getinfos);
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&a->prov.ref_cnt));
	kfi_freeinfo(info);
}

/*
 * May a live object be used again? A client puts it into the hints and asks.
 */

static void getinfo_reuse_test(struct kunit *test)
{
	struct fake_prov *a = fake_prov_start(test, "a", V1_0);
	struct fake_prov *b = fake_prov_start(test, "b", V1_0);
	struct kfid_fabric *mine = fake_prov_open(test, a);
	struct kfid_fabric *foreign = fake_prov_open(test, b);
	struct kfi_fabric_attr offered = { .name = "fab0", .fabric = mine };
	struct kfi_fabric_attr wished = { .fabric = mine };
	struct kfi_info hints = { .fabric_attr = &wished };
	struct kfi_info offer = { .fabric_attr = &offered };
	struct kfi_info *info;

	a->offer = &offer;
	b->getinfo_err = -ENODATA;

	KUNIT_ASSERT_EQ(test, 0, kfi_getinfo(0, NULL, NULL, 0, &hints, &info));
	KUNIT_EXPECT_PTR_EQ(test, mine, info->fabric_attr->fabric);
	kfi_freeinfo(info);

	wished.fabric = foreign;
	KUNIT_EXPECT_EQ(test, -ENODATA,
			kfi_getinfo(0, NULL, NULL, 0, &hints, &info));

	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mine->fid));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&foreign->fid));
}

static struct kunit_case getinfo_kunit_cases[] = {
	KUNIT_CASE_PARAM(getinfo_arguments_test, getinfo_gen_params),
	KUNIT_CASE(getinfo_null_info_test),
	KUNIT_CASE(getinfo_passes_arguments_on_test),
	KUNIT_CASE(getinfo_no_provider_test),
	KUNIT_CASE(getinfo_named_provider_only_test),
	KUNIT_CASE(getinfo_unknown_provider_test),
	KUNIT_CASE(getinfo_half_filled_hints_test),
	KUNIT_CASE(getinfo_joins_in_order_test),
	KUNIT_CASE(getinfo_fills_in_names_test),
	KUNIT_CASE(getinfo_keeps_the_providers_names_test),
	KUNIT_CASE(getinfo_answers_in_the_version_asked_for_test),
	KUNIT_CASE(getinfo_bare_answer_test),
	KUNIT_CASE_PARAM(getinfo_failures_test, getinfo_answers_gen_params),
	KUNIT_CASE(getinfo_attr_only_test),
	KUNIT_CASE(getinfo_attr_only_named_test),
	KUNIT_CASE(getinfo_next_provider_leaves_test),
	KUNIT_CASE(getinfo_previous_provider_leaves_test),
	KUNIT_CASE(getinfo_provider_joins_test),
	KUNIT_CASE(getinfo_provider_comes_back_test),
	KUNIT_CASE(getinfo_nested_test),
	KUNIT_CASE(getinfo_reuse_test),
	{}
};

static struct kunit_suite getinfo_suite = {
	.name = "kfi_core_getinfo",
	.test_cases = getinfo_kunit_cases,
};

kunit_test_suite(getinfo_suite);
