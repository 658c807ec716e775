// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Offers: the limits of the device and our own, whichever is smaller, and
 * nothing that is not implemented.
 */
#include <kunit/test.h>
#include <linux/sizes.h>

#include "fixture.h"
#include "info.h"

static struct kfi_info *offer_make(struct kunit *test, struct ib_device *ibdev)
{
	struct kfi_info *info = kfv_offer_make(ibdev, 1, "fake/1", "subnet", 0);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, info);
	return info;
}

static void offer_names_test(struct kunit *test)
{
	struct fake_hca *hca = fake_hca_new(test);
	struct kfi_info *info = offer_make(test, &hca->ibdev);

	KUNIT_EXPECT_STREQ(test, "fake/1", info->domain_attr->name);
	KUNIT_EXPECT_STREQ(test, "subnet", info->fabric_attr->name);
	KUNIT_EXPECT_STREQ(test, "verbs", info->fabric_attr->prov_name);
	KUNIT_EXPECT_EQ(test, (u32)KFI_VERSION(1, 0),
			info->fabric_attr->prov_version);
	KUNIT_EXPECT_NULL(test, info->src_addr);
	KUNIT_EXPECT_NULL(test, info->dest_addr);
	KUNIT_EXPECT_NULL(test, info->handle);
	KUNIT_EXPECT_NULL(test, info->next);
	kfi_freeinfo(info);
}

static void offer_caps_test(struct kunit *test)
{
	const u64 tx = KFI_MSG | KFI_RMA | KFI_SEND | KFI_READ | KFI_WRITE |
		       KFI_FENCE;
	const u64 rx = KFI_MSG | KFI_RMA | KFI_RECV | KFI_REMOTE_READ |
		       KFI_REMOTE_WRITE;
	struct fake_hca *hca = fake_hca_new(test);
	struct kfi_info *info = offer_make(test, &hca->ibdev);

	KUNIT_EXPECT_EQ(test, tx, info->tx_attr->caps);
	KUNIT_EXPECT_EQ(test, rx, info->rx_attr->caps);
	KUNIT_EXPECT_EQ(test, tx | rx | KFI_LOCAL_COMM | KFI_REMOTE_COMM |
			(IS_ENABLED(CONFIG_ARCH_HAS_PMEM_API) ?
			 KFI_RMA_PMEM : 0), info->caps);
	KUNIT_EXPECT_EQ(test, KFI_EP_MSG, info->ep_attr->type);
	KUNIT_EXPECT_EQ(test, (u32)KFI_PROTO_RDMA_CM_IB_RC,
			info->ep_attr->protocol);
	KUNIT_EXPECT_EQ(test, KFI_MR_PROV_KEY, info->domain_attr->mr_mode);
	/* commits where there is persistent memory, and not elsewhere */
	KUNIT_EXPECT_EQ(test, !!(info->caps & KFI_RMA_PMEM),
			!!(info->tx_attr->op_flags & KFI_COMMIT_COMPLETE));
	kfi_freeinfo(info);
}

/* A device that executes FLUSH is enough, whatever the CPU can do. */
static void offer_pmem_test(struct kunit *test)
{
	struct fake_hca *hca = fake_hca_new(test);
	struct kfi_info *info;

	fake_hca_can_flush(hca, true, false);
	info = offer_make(test, &hca->ibdev);
	KUNIT_EXPECT_TRUE(test, info->caps & KFI_RMA_PMEM);
	KUNIT_EXPECT_TRUE(test, info->tx_attr->op_flags & KFI_COMMIT_COMPLETE);
	KUNIT_EXPECT_FALSE(test, info->tx_attr->caps & KFI_RMA_PMEM);
	kfi_freeinfo(info);
}

/* Over iWARP there is no data, and nobody knows what the peer has. */
static void offer_iwarp_test(struct kunit *test)
{
	struct fake_hca *hca = fake_hca_new(test);
	struct kfi_domain_attr attr = { .cq_data_size = 4 };
	struct kfi_info *info;

	KUNIT_EXPECT_EQ(test, 0, kfv_offer_check_domain(&hca->ibdev, 1, &attr));
	fake_hca_is_iwarp(hca);
	info = kfv_offer_make(&hca->ibdev, 1, "fake/1", "subnet",
			      KFI_RX_CQ_DATA);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, info);
	KUNIT_EXPECT_EQ(test, (u32)KFI_PROTO_IWARP, info->ep_attr->protocol);
	KUNIT_EXPECT_EQ(test, (size_t)0, info->domain_attr->cq_data_size);
	KUNIT_EXPECT_EQ(test, 0ULL, info->mode);
	KUNIT_EXPECT_EQ(test, 0ULL, info->tx_attr->op_flags &
			(KFI_TRANSMIT_COMPLETE | KFI_REMOTE_CQ_DATA));
	KUNIT_EXPECT_TRUE(test, info->tx_attr->op_flags & KFI_DELIVERY_COMPLETE);
	KUNIT_EXPECT_EQ(test, (size_t)SZ_8M, info->ep_attr->max_msg_size);
	/* the domain has two, of which one is connected to the other */
	KUNIT_EXPECT_EQ(test, (size_t)1024 - 2, info->domain_attr->ep_cnt);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfv_offer_check_domain(&hca->ibdev, 1, &attr));
	kfi_freeinfo(info);
	/* of a small queue, what draining and a first message leave */
	hca->ibdev.attrs.max_qp_wr = 100;
	info = offer_make(test, &hca->ibdev);
	KUNIT_EXPECT_EQ(test, (size_t)98, info->tx_attr->size);
	KUNIT_EXPECT_EQ(test, (size_t)98, info->rx_attr->size);
	kfi_freeinfo(info);
}

/* What follows a read may overtake it when the answer is repeated */
static void offer_order_test(struct kunit *test)
{
	struct fake_hca *hca = fake_hca_new(test);
	struct kfi_info *info = offer_make(test, &hca->ibdev);

	KUNIT_EXPECT_EQ(test, (u64)(KFI_ORDER_STRICT & ~(KFI_ORDER_WAR |
							 KFI_ORDER_SAR)),
			info->tx_attr->msg_order);
	KUNIT_EXPECT_EQ(test, info->tx_attr->msg_order,
			info->rx_attr->msg_order);
	KUNIT_EXPECT_EQ(test, (size_t)0, info->ep_attr->max_order_war_size);
	KUNIT_EXPECT_EQ(test, info->ep_attr->max_msg_size,
			info->ep_attr->max_order_raw_size);
	KUNIT_EXPECT_EQ(test, info->ep_attr->max_msg_size,
			info->ep_attr->max_order_waw_size);
	kfi_freeinfo(info);
}

static void offer_our_limits_test(struct kunit *test)
{
	struct fake_hca *hca = fake_hca_new(test);
	struct kfi_info *info;

	hca->ibdev.attrs.max_send_sge = 1000;
	hca->ibdev.attrs.max_recv_sge = 1000;
	hca->ibdev.attrs.max_qp_wr = 100000;
	hca->ibdev.attrs.max_fast_reg_page_list_len = 100000;
	info = offer_make(test, &hca->ibdev);
	KUNIT_EXPECT_EQ(test, (size_t)KFV_MAX_SGE, info->tx_attr->iov_limit);
	KUNIT_EXPECT_EQ(test, (size_t)KFV_MAX_SGE, info->rx_attr->iov_limit);
	KUNIT_EXPECT_EQ(test, (size_t)KFV_MAX_RMA_IOV,
			info->tx_attr->rma_iov_limit);
	KUNIT_EXPECT_EQ(test, (size_t)KFV_MAX_QUEUE, info->tx_attr->size);
	KUNIT_EXPECT_EQ(test, (size_t)KFV_MAX_QUEUE, info->rx_attr->size);
	KUNIT_EXPECT_EQ(test, (size_t)KFV_INJECT_SIZE,
			info->tx_attr->inject_size);
	KUNIT_EXPECT_EQ(test, (size_t)KFV_MAX_MR_PAGES,
			info->domain_attr->mr_iov_limit);
	kfi_freeinfo(info);
}

static void offer_device_limits_test(struct kunit *test)
{
	struct fake_hca *hca = fake_hca_new(test);
	struct kfi_info *info;

	hca->ibdev.attrs.max_send_sge = 6;
	hca->ibdev.attrs.max_recv_sge = 5;
	hca->ibdev.attrs.max_qp_wr = 100;
	hca->ibdev.attrs.max_fast_reg_page_list_len = 256;
	hca->ibdev.attrs.max_cq = 10;
	hca->ibdev.attrs.max_qp = 20;
	hca->ibdev.attrs.max_mr = 30;
	info = offer_make(test, &hca->ibdev);
	KUNIT_EXPECT_EQ(test, (size_t)6, info->tx_attr->iov_limit);
	KUNIT_EXPECT_EQ(test, (size_t)5, info->rx_attr->iov_limit);
	KUNIT_EXPECT_LT(test, info->tx_attr->size, (size_t)100);
	KUNIT_EXPECT_LT(test, info->rx_attr->size, (size_t)100);
	KUNIT_EXPECT_EQ(test, (size_t)256, info->domain_attr->mr_iov_limit);
	KUNIT_EXPECT_EQ(test, (size_t)9, info->domain_attr->cq_cnt);
	KUNIT_EXPECT_EQ(test, (size_t)19, info->domain_attr->ep_cnt);
	KUNIT_EXPECT_EQ(test, (size_t)30, info->domain_attr->mr_cnt);
	KUNIT_EXPECT_EQ(test, (size_t)0x80000000,
			info->ep_attr->max_msg_size);
	kfi_freeinfo(info);
}

static void offer_mode_test(struct kunit *test)
{
	struct fake_hca *hca = fake_hca_new(test);
	struct kfi_info *info;

	info = kfv_offer_make(&hca->ibdev, 1, "fake0", "subnet",
			      KFI_RX_CQ_DATA);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, info);
	KUNIT_EXPECT_EQ(test, (u64)KFI_RX_CQ_DATA, info->mode);
	KUNIT_EXPECT_EQ(test, (u64)KFI_RX_CQ_DATA, info->rx_attr->mode);
	KUNIT_EXPECT_EQ(test, (u64)0, info->tx_attr->mode);
	kfi_freeinfo(info);
}

/* An endpoint can be opened with all that was offered, and not with more. */
static void offer_check_ep_test(struct kunit *test)
{
	struct fake_hca *hca = fake_hca_new(test);
	struct kfi_info *info = offer_make(test, &hca->ibdev);
	struct kfi_info *offer;

	offer = kfv_offer_make(&hca->ibdev, 1, "", "", KFI_RX_CQ_DATA);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, offer);
	info->addr_format = KFI_SOCKADDR_IN;
	KUNIT_EXPECT_EQ(test, 0, kfv_info_check_ep(offer, info));
	info->mode = KFI_RX_CQ_DATA;
	info->rx_attr->mode = KFI_RX_CQ_DATA;
	KUNIT_EXPECT_EQ(test, 0, kfv_info_check_ep(offer, info));
	info->tx_attr->size++;
	KUNIT_EXPECT_EQ(test, -EINVAL, kfv_info_check_ep(offer, info));
	info->tx_attr->size--;
	info->ep_attr->max_msg_size++;
	KUNIT_EXPECT_EQ(test, -EINVAL, kfv_info_check_ep(offer, info));
	info->ep_attr->max_msg_size--;
	info->caps |= KFI_TAGGED;
	KUNIT_EXPECT_EQ(test, -EINVAL, kfv_info_check_ep(offer, info));
	kfi_freeinfo(offer);
	kfi_freeinfo(info);
}

static struct kunit_case offer_cases[] = {
	KUNIT_CASE(offer_names_test),
	KUNIT_CASE(offer_caps_test),
	KUNIT_CASE(offer_pmem_test),
	KUNIT_CASE(offer_iwarp_test),
	KUNIT_CASE(offer_order_test),
	KUNIT_CASE(offer_our_limits_test),
	KUNIT_CASE(offer_device_limits_test),
	KUNIT_CASE(offer_mode_test),
	KUNIT_CASE(offer_check_ep_test),
	{}
};

static struct kunit_suite offer_suite = {
	.name = "kfi_verbs_offer",
	.test_cases = offer_cases,
};

kunit_test_suite(offer_suite);
