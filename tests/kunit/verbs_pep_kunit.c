// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Passive endpoints: opening, binding, listening at a wildcard address (the
 * device has no other), closing.
 */
#include <linux/string.h>

#include "fixture.h"

static void pep_close(void *fid)
{
	kfi_close(fid);
}

static struct kfid_pep *pep_open(struct fixture *f, struct kfi_info *info)
{
	struct kunit *test = f->test;
	struct kfid_pep *pep;

	KUNIT_ASSERT_EQ(test, 0, kfv_pep_open(&f->fabric.fabric, info, &pep,
					      NULL));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, pep_close,
							   &pep->fid));
	return pep;
}

/* One that can listen */
static struct kfid_pep *pep_open_any(struct fixture *f)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	struct kfi_info info = *f->info;

	info.src_addr = &any;
	return pep_open(f, &info);
}

/*
 * Opening
 */

static void pep_no_ep_attr(struct kfi_info *info)
{
	info->ep_attr = NULL;
}

static void pep_wrong_type(struct kfi_info *info)
{
	info->ep_attr->type = KFI_EP_DGRAM;
}

static void pep_no_address(struct kfi_info *info)
{
	info->src_addr = NULL;
}

static void pep_no_address_length(struct kfi_info *info)
{
	info->src_addrlen = 0;
}

static void pep_unknown_device(struct kfi_info *info)
{
	static struct kfi_domain_attr attr = { .name = "nosuch0" };

	info->domain_attr = &attr;
}

static void pep_other_fabric(struct kfi_info *info)
{
	static struct kfi_fabric_attr attr = { .name = "another subnet" };

	info->fabric_attr = &attr;
}

struct pep_open_case {
	const char *name;
	void (*spoil)(struct kfi_info *info);
	int rc;
};

static const struct pep_open_case pep_open_cases[] = {
	{ "no ep_attr", pep_no_ep_attr, -EINVAL },
	{ "wrong type", pep_wrong_type, -EINVAL },
	{ "no address", pep_no_address, -EINVAL },
	{ "address without length", pep_no_address_length, -EINVAL },
	{ "unknown device", pep_unknown_device, -ENODEV },
	{ "other fabric", pep_other_fabric, -EINVAL },
};

static void pep_open_desc(const struct pep_open_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(pep_open, pep_open_cases, pep_open_desc);

static void pep_open_bad_info_test(struct kunit *test)
{
	const struct pep_open_case *c = test->param_value;
	struct fixture *f = fixture_new(test);
	struct kfi_ep_attr ep_attr = *f->info->ep_attr;
	struct kfi_info info = *f->info;
	struct kfid_pep *pep = NULL;

	info.ep_attr = &ep_attr;
	c->spoil(&info);
	KUNIT_EXPECT_EQ(test, c->rc, kfv_pep_open(&f->fabric.fabric, &info,
						  &pep, NULL));
	KUNIT_EXPECT_NULL(test, pep);
}

static void pep_open_null_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_pep *pep;

	KUNIT_EXPECT_EQ(test, -EINVAL, kfv_pep_open(&f->fabric.fabric, NULL,
						    &pep, NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL, kfv_pep_open(&f->fabric.fabric, f->info,
						    NULL, NULL));
}

static void pep_open_without_names_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfi_info info = *f->info;

	info.fabric_attr = NULL;
	info.domain_attr = NULL;
	pep_open(f, &info);
}

static void pep_open_device_gone_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_pep *pep;

	fake_hca_unplug(f->hca);
	KUNIT_EXPECT_EQ(test, -ENODEV, kfv_pep_open(&f->fabric.fabric, f->info,
						    &pep, NULL));
}

/*
 * Binding and options
 */

static void pep_bind_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test), *other = fixture_new(test);
	struct kfid_eq *foreign = fixture_eq(other, 4);
	struct kfid_eq *eq = fixture_eq(f, 4);
	struct kfid_pep *pep = pep_open_any(f);

	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_pep_bind(pep, NULL, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_pep_bind(pep, &f->domain->fid, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_pep_bind(pep, &foreign->fid, 0));
	KUNIT_EXPECT_EQ(test, -KFI_EBADFLAGS, kfi_pep_bind(pep, &eq->fid, 1));
	KUNIT_EXPECT_EQ(test, -KFI_ENOEQ, kfi_listen(pep));
	KUNIT_EXPECT_EQ(test, 0, kfi_pep_bind(pep, &eq->fid, 0));
	KUNIT_EXPECT_EQ(test, -EBUSY, kfi_pep_bind(pep, &eq->fid, 0));
	KUNIT_EXPECT_EQ(test, -EBUSY, fixture_close(f, &eq->fid));
}

static void pep_options_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_pep *pep = pep_open_any(f);
	int bad[] = { 0, -1, KFV_MAX_BACKLOG + 1 }, good = KFV_MAX_BACKLOG;
	size_t value = 0, len = sizeof(value);
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ(test, -EINVAL,
				kfi_control(&pep->fid, KFI_BACKLOG, &bad[i]));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfi_control(&pep->fid, KFI_BACKLOG, NULL));
	KUNIT_EXPECT_EQ(test, 0, kfi_control(&pep->fid, KFI_BACKLOG, &good));
	KUNIT_EXPECT_EQ(test, -ENOSYS,
			kfi_control(&pep->fid, KFI_ENABLE, NULL));
	KUNIT_EXPECT_EQ(test, 0, kfi_getopt(&pep->fid, KFI_OPT_ENDPOINT,
					    KFI_OPT_CM_DATA_SIZE, &value,
					    &len));
	KUNIT_EXPECT_EQ(test, (size_t)48, value);
	KUNIT_EXPECT_EQ(test, -ENOSYS,
			kfi_setopt(&pep->fid, KFI_OPT_ENDPOINT,
				   KFI_OPT_CM_DATA_SIZE, &value, len));
}

/*
 * Listening
 */

static struct kfid_pep *pep_listen(struct fixture *f)
{
	struct kfid_eq *eq = fixture_eq(f, 4);
	struct kfid_pep *pep = pep_open_any(f);

	KUNIT_ASSERT_EQ(f->test, 0, kfi_pep_bind(pep, &eq->fid, 0));
	KUNIT_ASSERT_EQ(f->test, 0, kfi_listen(pep));
	return pep;
}

static void pep_listen_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_pep *pep = pep_listen(f);
	struct sockaddr_in addr = {};
	size_t len = sizeof(addr);

	KUNIT_EXPECT_EQ(test, 0, kfi_getname(&pep->fid, &addr, &len));
	KUNIT_EXPECT_EQ(test, sizeof(addr), len);
	KUNIT_EXPECT_EQ(test, AF_INET, addr.sin_family);
	KUNIT_EXPECT_NE(test, 0, ntohs(addr.sin_port));
	KUNIT_EXPECT_EQ(test, -KFI_EOPBADSTATE, kfi_listen(pep));
}

static void pep_listen_address_in_use_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_pep *first = pep_listen(f), *second;
	struct kfid_eq *eq = fixture_eq(f, 4);
	struct kfi_info info = *f->info;
	struct sockaddr_in addr;
	size_t len = sizeof(addr);

	KUNIT_ASSERT_EQ(test, 0, kfi_getname(&first->fid, &addr, &len));
	info.src_addr = &addr;
	second = pep_open(f, &info);
	KUNIT_ASSERT_EQ(test, 0, kfi_pep_bind(second, &eq->fid, 0));
	KUNIT_EXPECT_EQ(test, -EADDRINUSE, kfi_listen(second));

	kunit_release_action(test, pep_close, &first->fid);
	KUNIT_EXPECT_EQ(test, 0, kfi_listen(second));
}

/* The wildcards of both families are two addresses. */
static void pep_listen_both_families_test(struct kunit *test)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6 };
	struct fixture *f = fixture_new(test);
	struct kfid_pep *first = pep_listen(f), *second;
	struct kfid_eq *eq = fixture_eq(f, 4);
	struct kfi_info info = *f->info;
	struct sockaddr_in addr;
	size_t len = sizeof(addr);

	KUNIT_ASSERT_EQ(test, 0, kfi_getname(&first->fid, &addr, &len));
	any.sin6_port = addr.sin_port;
	info.src_addr = &any;
	info.src_addrlen = sizeof(any);
	info.addr_format = KFI_SOCKADDR_IN6;
	second = pep_open(f, &info);
	KUNIT_ASSERT_EQ(test, 0, kfi_pep_bind(second, &eq->fid, 0));
	KUNIT_EXPECT_EQ(test, 0, kfi_listen(second));
}

static void pep_listen_unknown_address_test(struct kunit *test)
{
	struct sockaddr_in nowhere = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(0xcb00714d), /* 203.0.113.77 */
		.sin_port = htons(7471),
	};
	struct fixture *f = fixture_new(test);
	struct kfid_eq *eq = fixture_eq(f, 4);
	struct kfi_info info = *f->info;
	struct kfid_pep *pep;

	info.src_addr = &nowhere;
	pep = pep_open(f, &info);
	KUNIT_ASSERT_EQ(test, 0, kfi_pep_bind(pep, &eq->fid, 0));
	KUNIT_EXPECT_LT(test, kfi_listen(pep), 0);
	KUNIT_EXPECT_NULL(test, kfv_pep(&pep->fid)->id);
}

/* A listener at all addresses does not belong to any device. */
static void pep_wildcard_survives_removal_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_pep *pep = pep_listen(f);
	struct sockaddr_in addr;
	size_t len = sizeof(addr);

	fake_hca_unplug(f->hca);
	KUNIT_EXPECT_EQ(test, 0, kfi_getname(&pep->fid, &addr, &len));
	KUNIT_EXPECT_EQ(test, -KFI_EOPBADSTATE, kfi_listen(pep));
}

/* As if it had been bound to the device */
static void pep_removal_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_pep *pep = pep_listen(f);
	struct kfv_pep *priv = kfv_pep(&pep->fid);
	struct sockaddr_in addr;
	size_t len = sizeof(addr);

	priv->dev = kfv_device_get(&f->hca->ibdev);
	KUNIT_ASSERT_NOT_NULL(test, priv->dev);
	mutex_lock(&priv->dev->lock);
	list_add_tail(&priv->dev_link, &priv->dev->peps);
	mutex_unlock(&priv->dev->lock);

	fake_hca_unplug(f->hca);
	KUNIT_EXPECT_NULL(test, priv->id);
	KUNIT_EXPECT_EQ(test, -ENODEV, kfi_getname(&pep->fid, &addr, &len));
	KUNIT_EXPECT_EQ(test, -ENODEV, kfi_listen(pep));
}

static struct kunit_case pep_cases[] = {
	KUNIT_CASE_PARAM(pep_open_bad_info_test, pep_open_gen_params),
	KUNIT_CASE(pep_open_null_test),
	KUNIT_CASE(pep_open_without_names_test),
	KUNIT_CASE(pep_open_device_gone_test),
	KUNIT_CASE(pep_bind_test),
	KUNIT_CASE(pep_options_test),
	KUNIT_CASE(pep_listen_test),
	KUNIT_CASE(pep_listen_address_in_use_test),
	KUNIT_CASE(pep_listen_both_families_test),
	KUNIT_CASE(pep_listen_unknown_address_test),
	KUNIT_CASE(pep_wildcard_survives_removal_test),
	KUNIT_CASE(pep_removal_test),
	{}
};

static struct kunit_suite pep_suite = {
	.name = "kfi_verbs_pep",
	.test_cases = pep_cases,
};

kunit_test_suite(pep_suite);
