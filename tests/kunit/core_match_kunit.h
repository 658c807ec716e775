/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Offers and hints for the suites of matching and narrowing.
 */
#ifndef _CORE_MATCH_KUNIT_H_
#define _CORE_MATCH_KUNIT_H_

#include <kunit/test.h>

#include <kfi_prov.h>

/* An info with all its parts in one piece of memory */
struct match_info {
	struct kfi_info info;
	struct kfi_tx_attr tx;
	struct kfi_rx_attr rx;
	struct kfi_ep_attr ep;
	struct kfi_domain_attr domain;
	struct kfi_fabric_attr fabric;
};

enum match_part { INFO, TX, RX, EP, DOMAIN, FABRIC };

/* One member of one part; they are 4 or 8 bytes wide */
struct match_member {
	enum match_part part;
	size_t offset;
	size_t size;
};

#define MATCH_MEMBER(_part, _type, _member)				\
	{								\
		.part = _part,						\
		.offset = offsetof(struct _type, _member),		\
		.size = sizeof_field(struct _type, _member),		\
	}

static inline void *match_part_of(struct match_info *m, enum match_part part)
{
	switch (part) {
	case TX:
		return &m->tx;
	case RX:
		return &m->rx;
	case EP:
		return &m->ep;
	case DOMAIN:
		return &m->domain;
	case FABRIC:
		return &m->fabric;
	default:
		return &m->info;
	}
}

static inline void match_set(struct match_info *m,
			     const struct match_member *member, u64 value)
{
	void *mem = match_part_of(m, member->part) + member->offset;

	if (member->size == sizeof(u32))
		*(u32 *)mem = value;
	else
		*(u64 *)mem = value;
}

static inline u64 match_get(struct match_info *m,
			    const struct match_member *member)
{
	void *mem = match_part_of(m, member->part) + member->offset;

	return member->size == sizeof(u32) ? *(u32 *)mem : *(u64 *)mem;
}

#define MATCH_TX_CAPS	(KFI_MSG | KFI_RMA | KFI_SEND | KFI_READ | KFI_WRITE)
#define MATCH_RX_CAPS \
	(KFI_MSG | KFI_RMA | KFI_RECV | KFI_REMOTE_READ | KFI_REMOTE_WRITE)
#define MATCH_NET_CAPS	(KFI_LOCAL_COMM | KFI_REMOTE_COMM)

/* Hints without any wish, but with all their parts. Asserts. */
static inline struct match_info *match_hints(struct kunit *test)
{
	struct match_info *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, m);
	m->info.tx_attr = &m->tx;
	m->info.rx_attr = &m->rx;
	m->info.ep_attr = &m->ep;
	m->info.domain_attr = &m->domain;
	m->info.fabric_attr = &m->fabric;
	return m;
}

static inline void match_offer_sides(struct match_info *m)
{
	m->tx = (struct kfi_tx_attr) {
		.caps = MATCH_TX_CAPS,
		.op_flags = KFI_COMPLETION | KFI_INJECT | KFI_MORE,
		.msg_order = KFI_ORDER_SAS | KFI_ORDER_WAW | KFI_ORDER_SAW,
		.comp_order = KFI_ORDER_STRICT,
		.inject_size = 128,
		.size = 1024,
		.iov_limit = 32,
		.rma_iov_limit = 16,
	};
	m->rx = (struct kfi_rx_attr) {
		.caps = MATCH_RX_CAPS,
		.op_flags = KFI_COMPLETION | KFI_MORE,
		.msg_order = KFI_ORDER_SAS,
		.comp_order = KFI_ORDER_STRICT,
		.total_buffered_recv = 4096,
		.size = 512,
		.iov_limit = 30,
	};
}

/* A complete offer in which no two limits are the same. Asserts. */
static inline struct match_info *match_offer(struct kunit *test)
{
	struct match_info *m = match_hints(test);

	match_offer_sides(m);
	m->info.caps = MATCH_TX_CAPS | MATCH_RX_CAPS | MATCH_NET_CAPS;
	m->info.addr_format = KFI_SOCKADDR_IN;
	m->ep = (struct kfi_ep_attr) {
		.type = KFI_EP_MSG,
		.protocol = KFI_PROTO_RDMA_CM_IB_RC,
		.protocol_version = 2,
		.max_msg_size = 1ULL << 31,
		.max_order_raw_size = 100,
		.max_order_war_size = 200,
		.max_order_waw_size = 300,
		.mem_tag_format = 0x5555,
		.tx_ctx_cnt = 1,
		.rx_ctx_cnt = 2,
	};
	m->domain = (struct kfi_domain_attr) {
		.name = "dom0",
		.threading = KFI_THREAD_FID,
		.control_progress = KFI_PROGRESS_AUTO,
		.data_progress = KFI_PROGRESS_MANUAL,
		.resource_mgmt = KFI_RM_ENABLED,
		.av_type = KFI_AV_UNSPEC,
		.mr_mode = KFI_MR_PROV_KEY,
		.mr_key_size = 8,
		.cq_data_size = 4,
		.cq_cnt = 10,
		.ep_cnt = 11,
		.tx_ctx_cnt = 12,
		.rx_ctx_cnt = 13,
		.max_ep_tx_ctx = 14,
		.max_ep_rx_ctx = 15,
		.cntr_cnt = 18,
		.mr_iov_limit = 19,
		.caps = MATCH_NET_CAPS,
		.max_err_data = 20,
		.mr_cnt = 21,
	};
	m->fabric = (struct kfi_fabric_attr) {
		.name = "fab0",
		.prov_name = "fake",
		.prov_version = KFI_VERSION(2, 3),
		.api_version = KFI_VERSION(1, 7),
	};
	return m;
}

/* The first attribute that does not match must be @failed; NULL for a match */
static inline void match_expect(struct kunit *test,
				const struct match_info *hints,
				const struct match_info *offer,
				const char *failed)
{
	const char *name = NULL;

	KUNIT_EXPECT_EQ(test, !failed,
			kfi_info_match(&hints->info, &offer->info, &name));
	KUNIT_EXPECT_STREQ(test, failed ?: "-", name ?: "-");
}

#endif /* _CORE_MATCH_KUNIT_H_ */
