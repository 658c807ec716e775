// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Infos: allocation, deep copies, and what may be missing.
 */
#include <linux/in.h>
#include <linux/slab.h>

#include <kunit/test.h>

#include <kfabric.h>

static void info_free_action(void *info)
{
	kfi_freeinfo(info);
}

/* An info that the end of the test frees. Asserts. */
static struct kfi_info *info_keep(struct kunit *test, struct kfi_info *info)
{
	KUNIT_ASSERT_NOT_NULL(test, info);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test,
							   info_free_action,
							   info));
	return info;
}

/* Fills a structure with bytes that are all different from their neighbours */
static void info_fill(void *mem, size_t size, u8 seed)
{
	u8 *byte = mem;
	size_t i;

	for (i = 0; i < size; i++)
		byte[i] = seed + i;
}

/* An info in which everything is set. Asserts. */
static struct kfi_info *info_full(struct kunit *test)
{
	struct kfi_info *info = info_keep(test, kfi_allocinfo());

	info->caps = KFI_MSG | KFI_RMA;
	info->mode = KFI_CONTEXT;
	info->addr_format = KFI_SOCKADDR_IN;
	info->src_addrlen = 16;
	info->dest_addrlen = 28;
	info->src_addr = kmemdup("source address!", 16, GFP_KERNEL);
	info->dest_addr = kmemdup("destination address, long!!", 28,
				  GFP_KERNEL);
	info->handle = (kfid_t)test;
	info_fill(info->tx_attr, sizeof(*info->tx_attr), 1);
	info_fill(info->rx_attr, sizeof(*info->rx_attr), 2);
	info_fill(info->ep_attr, sizeof(*info->ep_attr), 3);
	info_fill(info->domain_attr, sizeof(*info->domain_attr), 4);
	info_fill(info->fabric_attr, sizeof(*info->fabric_attr), 5);

	info->ep_attr->auth_key = kmemdup("key", 4, GFP_KERNEL);
	info->ep_attr->auth_key_size = 4;
	info->domain_attr->auth_key = kmemdup("longkey", 8, GFP_KERNEL);
	info->domain_attr->auth_key_size = 8;
	info->domain_attr->name = kstrdup("domain", GFP_KERNEL);
	info->fabric_attr->name = kstrdup("fabric", GFP_KERNEL);
	info->fabric_attr->prov_name = kstrdup("prov", GFP_KERNEL);
	return info;
}

static void info_alloc_test(struct kunit *test)
{
	struct kfi_info *info = info_keep(test, kfi_allocinfo());
	const struct kfi_tx_attr tx = { };
	const struct kfi_rx_attr rx = { };
	const struct kfi_ep_attr ep = { };
	const struct kfi_domain_attr domain = { };
	const struct kfi_fabric_attr fabric = { };

	KUNIT_EXPECT_NULL(test, info->next);
	KUNIT_EXPECT_EQ(test, 0, info->caps | info->mode | info->addr_format);
	KUNIT_EXPECT_NULL(test, info->src_addr);
	KUNIT_EXPECT_NULL(test, info->dest_addr);
	KUNIT_EXPECT_NULL(test, info->handle);
	KUNIT_ASSERT_NOT_NULL(test, info->tx_attr);
	KUNIT_ASSERT_NOT_NULL(test, info->rx_attr);
	KUNIT_ASSERT_NOT_NULL(test, info->ep_attr);
	KUNIT_ASSERT_NOT_NULL(test, info->domain_attr);
	KUNIT_ASSERT_NOT_NULL(test, info->fabric_attr);
	KUNIT_EXPECT_MEMEQ(test, &tx, info->tx_attr, sizeof(tx));
	KUNIT_EXPECT_MEMEQ(test, &rx, info->rx_attr, sizeof(rx));
	KUNIT_EXPECT_MEMEQ(test, &ep, info->ep_attr, sizeof(ep));
	KUNIT_EXPECT_MEMEQ(test, &domain, info->domain_attr, sizeof(domain));
	KUNIT_EXPECT_MEMEQ(test, &fabric, info->fabric_attr, sizeof(fabric));
}

static void info_free_null_test(struct kunit *test)
{
	kfi_freeinfo(NULL);
}

static void info_free_chain_test(struct kunit *test)
{
	struct kfi_info *head = NULL;
	struct kfi_info *info;
	int i;

	for (i = 0; i < 100; i++) {
		info = kfi_allocinfo();
		KUNIT_ASSERT_NOT_NULL(test, info);
		info->next = head;
		head = info;
	}
	kfi_freeinfo(head);
}

static void info_dup_null_test(struct kunit *test)
{
	struct kfi_info *info = info_keep(test, kfi_dupinfo(NULL));

	KUNIT_EXPECT_NOT_NULL(test, info->tx_attr);
	KUNIT_EXPECT_NOT_NULL(test, info->rx_attr);
	KUNIT_EXPECT_NOT_NULL(test, info->ep_attr);
	KUNIT_EXPECT_NOT_NULL(test, info->domain_attr);
	KUNIT_EXPECT_NOT_NULL(test, info->fabric_attr);
	KUNIT_EXPECT_EQ(test, 0, info->caps);
}

static void info_dup_is_equal_test(struct kunit *test)
{
	struct kfi_info *info = info_full(test);
	struct kfi_info *dup = info_keep(test, kfi_dupinfo(info));

	KUNIT_EXPECT_EQ(test, info->caps, dup->caps);
	KUNIT_EXPECT_EQ(test, info->mode, dup->mode);
	KUNIT_EXPECT_EQ(test, info->addr_format, dup->addr_format);
	KUNIT_ASSERT_EQ(test, info->src_addrlen, dup->src_addrlen);
	KUNIT_EXPECT_MEMEQ(test, info->src_addr, dup->src_addr,
			   info->src_addrlen);
	KUNIT_ASSERT_EQ(test, info->dest_addrlen, dup->dest_addrlen);
	KUNIT_EXPECT_MEMEQ(test, info->dest_addr, dup->dest_addr,
			   info->dest_addrlen);
	KUNIT_EXPECT_MEMEQ(test, info->tx_attr, dup->tx_attr,
			   sizeof(*info->tx_attr));
	KUNIT_EXPECT_MEMEQ(test, info->rx_attr, dup->rx_attr,
			   sizeof(*info->rx_attr));
	KUNIT_EXPECT_STREQ(test, "domain", dup->domain_attr->name);
	KUNIT_EXPECT_STREQ(test, "fabric", dup->fabric_attr->name);
	KUNIT_EXPECT_STREQ(test, "prov", dup->fabric_attr->prov_name);
	KUNIT_ASSERT_EQ(test, 4, dup->ep_attr->auth_key_size);
	KUNIT_EXPECT_MEMEQ(test, "key", dup->ep_attr->auth_key, 4);
	KUNIT_ASSERT_EQ(test, 8, dup->domain_attr->auth_key_size);
	KUNIT_EXPECT_MEMEQ(test, "longkey", dup->domain_attr->auth_key, 8);
}

/* But for the pointers, which are compared one by one elsewhere */
static void info_dup_copies_every_byte_test(struct kunit *test)
{
	struct kfi_info *info = info_full(test);
	struct kfi_info *dup = info_keep(test, kfi_dupinfo(info));
	struct kfi_ep_attr ep;
	struct kfi_domain_attr domain;
	struct kfi_fabric_attr fabric;

	memcpy(&ep, dup->ep_attr, sizeof(ep));
	memcpy(&domain, dup->domain_attr, sizeof(domain));
	memcpy(&fabric, dup->fabric_attr, sizeof(fabric));
	ep.auth_key = info->ep_attr->auth_key;
	domain.auth_key = info->domain_attr->auth_key;
	domain.name = info->domain_attr->name;
	fabric.name = info->fabric_attr->name;
	fabric.prov_name = info->fabric_attr->prov_name;
	KUNIT_EXPECT_MEMEQ(test, info->ep_attr, &ep, sizeof(ep));
	KUNIT_EXPECT_MEMEQ(test, info->domain_attr, &domain, sizeof(domain));
	KUNIT_EXPECT_MEMEQ(test, info->fabric_attr, &fabric, sizeof(fabric));
}

static void info_dup_is_deep_test(struct kunit *test)
{
	struct kfi_info *info = info_full(test);
	struct kfi_info *dup = info_keep(test, kfi_dupinfo(info));

	KUNIT_EXPECT_PTR_NE(test, info->src_addr, dup->src_addr);
	KUNIT_EXPECT_PTR_NE(test, info->dest_addr, dup->dest_addr);
	KUNIT_EXPECT_PTR_NE(test, info->tx_attr, dup->tx_attr);
	KUNIT_EXPECT_PTR_NE(test, info->rx_attr, dup->rx_attr);
	KUNIT_EXPECT_PTR_NE(test, info->ep_attr, dup->ep_attr);
	KUNIT_EXPECT_PTR_NE(test, info->domain_attr, dup->domain_attr);
	KUNIT_EXPECT_PTR_NE(test, info->fabric_attr, dup->fabric_attr);
	KUNIT_EXPECT_PTR_NE(test, info->ep_attr->auth_key,
			    dup->ep_attr->auth_key);
	KUNIT_EXPECT_PTR_NE(test, info->domain_attr->auth_key,
			    dup->domain_attr->auth_key);
	KUNIT_EXPECT_PTR_NE(test, info->domain_attr->name,
			    dup->domain_attr->name);
	KUNIT_EXPECT_PTR_NE(test, info->fabric_attr->name,
			    dup->fabric_attr->name);
	KUNIT_EXPECT_PTR_NE(test, info->fabric_attr->prov_name,
			    dup->fabric_attr->prov_name);
}

/* Open objects are not the info's, so the copy has the same */
static void info_dup_shares_objects_test(struct kunit *test)
{
	struct kfi_info *info = info_full(test);
	struct kfi_info *dup = info_keep(test, kfi_dupinfo(info));

	KUNIT_EXPECT_PTR_EQ(test, info->handle, dup->handle);
	KUNIT_EXPECT_PTR_EQ(test, info->domain_attr->domain,
			    dup->domain_attr->domain);
	KUNIT_EXPECT_PTR_EQ(test, info->fabric_attr->fabric,
			    dup->fabric_attr->fabric);
}

static void info_dup_one_of_a_list_test(struct kunit *test)
{
	struct kfi_info *info = info_full(test);
	struct kfi_info *dup;

	info->next = kfi_allocinfo();
	KUNIT_ASSERT_NOT_NULL(test, info->next);
	dup = info_keep(test, kfi_dupinfo(info));
	KUNIT_EXPECT_NULL(test, dup->next);
	KUNIT_EXPECT_NOT_NULL(test, info->next);
}

static void info_dup_survives_the_original_test(struct kunit *test)
{
	struct kfi_info *info = kfi_allocinfo();
	struct kfi_info *dup;
	struct kfi_info *again;

	KUNIT_ASSERT_NOT_NULL(test, info);
	info->fabric_attr->name = kstrdup("fabric", GFP_KERNEL);
	dup = kfi_dupinfo(info);
	kfi_freeinfo(info);
	KUNIT_ASSERT_NOT_NULL(test, dup);
	again = kfi_dupinfo(dup);
	kfi_freeinfo(dup);
	KUNIT_ASSERT_NOT_NULL(test, again);
	KUNIT_EXPECT_STREQ(test, "fabric", again->fabric_attr->name);
	kfi_freeinfo(again);
}

static void info_dup_empty_test(struct kunit *test)
{
	struct kfi_info empty = { .caps = KFI_MSG };
	struct kfi_info *dup = info_keep(test, kfi_dupinfo(&empty));

	KUNIT_EXPECT_EQ(test, KFI_MSG, dup->caps);
	KUNIT_EXPECT_NULL(test, dup->tx_attr);
	KUNIT_EXPECT_NULL(test, dup->rx_attr);
	KUNIT_EXPECT_NULL(test, dup->ep_attr);
	KUNIT_EXPECT_NULL(test, dup->domain_attr);
	KUNIT_EXPECT_NULL(test, dup->fabric_attr);
}

static void info_dup_null_members_test(struct kunit *test)
{
	struct kfi_ep_attr ep = { .type = KFI_EP_MSG };
	struct kfi_domain_attr domain = { .cq_cnt = 3 };
	struct kfi_fabric_attr fabric = { .prov_version = 5 };
	struct kfi_info info = {
		.ep_attr = &ep,
		.domain_attr = &domain,
		.fabric_attr = &fabric,
	};
	struct kfi_info *dup = info_keep(test, kfi_dupinfo(&info));

	KUNIT_EXPECT_EQ(test, KFI_EP_MSG, dup->ep_attr->type);
	KUNIT_EXPECT_NULL(test, dup->ep_attr->auth_key);
	KUNIT_EXPECT_EQ(test, 3, dup->domain_attr->cq_cnt);
	KUNIT_EXPECT_NULL(test, dup->domain_attr->name);
	KUNIT_EXPECT_NULL(test, dup->domain_attr->auth_key);
	KUNIT_EXPECT_EQ(test, 5, dup->fabric_attr->prov_version);
	KUNIT_EXPECT_NULL(test, dup->fabric_attr->name);
	KUNIT_EXPECT_NULL(test, dup->fabric_attr->prov_name);
	KUNIT_EXPECT_NULL(test, dup->tx_attr);
}

static void info_dup_length_without_pointer_test(struct kunit *test)
{
	struct kfi_ep_attr ep = { .auth_key_size = 100 };
	struct kfi_domain_attr domain = { .auth_key_size = SIZE_MAX };
	struct kfi_info info = {
		.src_addrlen = 16,
		.dest_addrlen = SIZE_MAX,
		.ep_attr = &ep,
		.domain_attr = &domain,
	};
	struct kfi_info *dup = info_keep(test, kfi_dupinfo(&info));

	KUNIT_EXPECT_NULL(test, dup->src_addr);
	KUNIT_EXPECT_EQ(test, 0, dup->src_addrlen);
	KUNIT_EXPECT_NULL(test, dup->dest_addr);
	KUNIT_EXPECT_EQ(test, 0, dup->dest_addrlen);
	KUNIT_EXPECT_NULL(test, dup->ep_attr->auth_key);
	KUNIT_EXPECT_EQ(test, 0, dup->ep_attr->auth_key_size);
	KUNIT_EXPECT_NULL(test, dup->domain_attr->auth_key);
	KUNIT_EXPECT_EQ(test, 0, dup->domain_attr->auth_key_size);
}

static void info_dup_pointer_without_length_test(struct kunit *test)
{
	struct sockaddr_in sin = { };
	u8 key = 1;
	struct kfi_ep_attr ep = { .auth_key = &key };
	struct kfi_info info = { .src_addr = &sin, .ep_attr = &ep };
	struct kfi_info *dup = info_keep(test, kfi_dupinfo(&info));

	KUNIT_EXPECT_NULL(test, dup->src_addr);
	KUNIT_EXPECT_EQ(test, 0, dup->src_addrlen);
	KUNIT_EXPECT_NULL(test, dup->ep_attr->auth_key);
}

static void info_dup_too_large_test(struct kunit *test)
{
	u8 key = 1;
	struct kfi_ep_attr ep = {
		.auth_key = &key,
		.auth_key_size = SIZE_MAX,
	};
	struct kfi_info info = { .ep_attr = &ep };

	KUNIT_EXPECT_NULL(test, kfi_dupinfo(&info));
}

/* A client that lent its key takes it out before it frees the hints */
static void info_lent_key_test(struct kunit *test)
{
	struct kfi_info *hints = kfi_allocinfo();
	u8 key[4] = "abc";
	struct kfi_info *dup;

	KUNIT_ASSERT_NOT_NULL(test, hints);
	hints->ep_attr->auth_key = key;
	hints->ep_attr->auth_key_size = sizeof(key);
	dup = kfi_dupinfo(hints);
	hints->ep_attr->auth_key = NULL;
	kfi_freeinfo(hints);
	KUNIT_ASSERT_NOT_NULL(test, dup);
	KUNIT_EXPECT_STREQ(test, "abc", (char *)dup->ep_attr->auth_key);
	kfi_freeinfo(dup);
}

static void info_params_test(struct kunit *test)
{
	struct kfi_param *params = (void *)test;
	int count = -1;

	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_getparams(NULL, &count));
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_getparams(&params, NULL));
	KUNIT_EXPECT_EQ(test, -ENODATA, kfi_getparams(&params, &count));
	KUNIT_EXPECT_NULL(test, params);
	KUNIT_EXPECT_EQ(test, 0, count);
	kfi_freeparams(params);
}

static void info_version_test(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, KFI_VERSION(1, 7), kfi_version());
}

static struct kunit_case info_kunit_cases[] = {
	KUNIT_CASE(info_alloc_test),
	KUNIT_CASE(info_free_null_test),
	KUNIT_CASE(info_free_chain_test),
	KUNIT_CASE(info_dup_null_test),
	KUNIT_CASE(info_dup_is_equal_test),
	KUNIT_CASE(info_dup_copies_every_byte_test),
	KUNIT_CASE(info_dup_is_deep_test),
	KUNIT_CASE(info_dup_shares_objects_test),
	KUNIT_CASE(info_dup_one_of_a_list_test),
	KUNIT_CASE(info_dup_survives_the_original_test),
	KUNIT_CASE(info_dup_empty_test),
	KUNIT_CASE(info_dup_null_members_test),
	KUNIT_CASE(info_dup_length_without_pointer_test),
	KUNIT_CASE(info_dup_pointer_without_length_test),
	KUNIT_CASE(info_dup_too_large_test),
	KUNIT_CASE(info_lent_key_test),
	KUNIT_CASE(info_params_test),
	KUNIT_CASE(info_version_test),
	{}
};

static struct kunit_suite info_suite = {
	.name = "kfi_core_info",
	.test_cases = info_kunit_cases,
};

kunit_test_suite(info_suite);
