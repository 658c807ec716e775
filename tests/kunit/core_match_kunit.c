// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * kfi_info_match(): every attribute at the edge and just beyond it, hints with
 * parts missing, and the rules that are not a comparison of two numbers.
 */
#include <linux/slab.h>

#include <kunit/test.h>

#include <kfi_prov.h>

#include "core_match_kunit.h"

/*
 * One attribute at a time: the offer below, and hints with that attribute only
 */

/**
 * struct match_case - one wish
 * @desc: what it is
 * @member: where it is
 * @wish: what it is
 * @limit: it is the largest that matches, one more fails
 * @failed: the name of the attribute when it fails, or NULL
 */
struct match_case {
	const char *desc;
	struct match_member member;
	u64 wish;
	bool limit;
	const char *failed;
};

#define CASE(_desc, _part, _type, _member, _wish, _failed)		\
	{								\
		.desc = _desc,						\
		.member = MATCH_MEMBER(_part, _type, _member),		\
		.wish = _wish,						\
		.failed = _failed,					\
	}

#define LIMIT(_part, _type, _attr, _member, _limit)			\
	{								\
		.desc = #_attr " " #_member,				\
		.member = MATCH_MEMBER(_part, _type, _member),		\
		.wish = _limit,						\
		.limit = true,						\
		.failed = #_attr "->" #_member,				\
	}

#define TX_LIMIT(_member, _limit) \
	LIMIT(TX, kfi_tx_attr, tx_attr, _member, _limit)
#define RX_LIMIT(_member, _limit) \
	LIMIT(RX, kfi_rx_attr, rx_attr, _member, _limit)
#define EP_LIMIT(_member, _limit) \
	LIMIT(EP, kfi_ep_attr, ep_attr, _member, _limit)
#define DOMAIN_LIMIT(_member, _limit) \
	LIMIT(DOMAIN, kfi_domain_attr, domain_attr, _member, _limit)

#define INFO_CASE(_desc, _member, _wish, _failed) \
	CASE(_desc, INFO, kfi_info, _member, _wish, _failed)
#define TX_CASE(_desc, _member, _wish, _failed) \
	CASE(_desc, TX, kfi_tx_attr, _member, _wish, _failed)
#define RX_CASE(_desc, _member, _wish, _failed) \
	CASE(_desc, RX, kfi_rx_attr, _member, _wish, _failed)
#define EP_CASE(_desc, _member, _wish, _failed) \
	CASE(_desc, EP, kfi_ep_attr, _member, _wish, _failed)
#define DOMAIN_CASE(_desc, _member, _wish, _failed) \
	CASE(_desc, DOMAIN, kfi_domain_attr, _member, _wish, _failed)
#define FABRIC_CASE(_desc, _member, _wish, _failed) \
	CASE(_desc, FABRIC, kfi_fabric_attr, _member, _wish, _failed)

static const struct match_case match_cases[] = {
	TX_LIMIT(inject_size, 128),
	TX_LIMIT(size, 1024),
	TX_LIMIT(iov_limit, 32),
	TX_LIMIT(rma_iov_limit, 16),
	RX_LIMIT(total_buffered_recv, 4096),
	RX_LIMIT(size, 512),
	RX_LIMIT(iov_limit, 30),
	EP_LIMIT(protocol_version, 2),
	EP_LIMIT(max_msg_size, 1ULL << 31),
	EP_LIMIT(max_order_raw_size, 100),
	EP_LIMIT(max_order_war_size, 200),
	EP_LIMIT(max_order_waw_size, 300),
	EP_LIMIT(tx_ctx_cnt, 1),
	EP_LIMIT(rx_ctx_cnt, 2),
	DOMAIN_LIMIT(mr_key_size, 8),
	DOMAIN_LIMIT(cq_data_size, 4),
	DOMAIN_LIMIT(cq_cnt, 10),
	DOMAIN_LIMIT(ep_cnt, 11),
	DOMAIN_LIMIT(tx_ctx_cnt, 12),
	DOMAIN_LIMIT(rx_ctx_cnt, 13),
	DOMAIN_LIMIT(max_ep_tx_ctx, 14),
	DOMAIN_LIMIT(max_ep_rx_ctx, 15),
	DOMAIN_LIMIT(max_ep_stx_ctx, 0),
	DOMAIN_LIMIT(max_ep_srx_ctx, 0),
	DOMAIN_LIMIT(cntr_cnt, 18),
	DOMAIN_LIMIT(mr_iov_limit, 19),
	DOMAIN_LIMIT(max_err_data, 20),
	DOMAIN_LIMIT(mr_cnt, 21),
	TX_CASE("tx_attr size huge", size, SIZE_MAX, "tx_attr->size"),

	/* authorization keys that the offer does not have */
	EP_CASE("ep key", auth_key_size, 4, "ep_attr->auth_key_size"),
	DOMAIN_CASE("domain key", auth_key_size, 4,
		    "domain_attr->auth_key_size"),

	/* one of a kind */
	EP_CASE("type same", type, KFI_EP_MSG, NULL),
	EP_CASE("type other", type, KFI_EP_RDM, "ep_attr->type"),
	EP_CASE("type unknown", type, 99, "ep_attr->type"),
	EP_CASE("protocol same", protocol, KFI_PROTO_RDMA_CM_IB_RC, NULL),
	EP_CASE("protocol other", protocol, KFI_PROTO_IWARP,
		"ep_attr->protocol"),
	INFO_CASE("addr format same", addr_format, KFI_SOCKADDR_IN, NULL),
	INFO_CASE("addr format any socket", addr_format, KFI_SOCKADDR, NULL),
	INFO_CASE("addr format other socket", addr_format, KFI_SOCKADDR_IN6,
		  "addr_format"),
	INFO_CASE("addr format other", addr_format, KFI_ADDR_CXI,
		  "addr_format"),

	/* flags */
	INFO_CASE("caps some", caps, KFI_MSG | KFI_SEND, NULL),
	INFO_CASE("caps not offered", caps, KFI_MSG | KFI_TAGGED, "caps"),
	INFO_CASE("caps unknown", caps, BIT_ULL(63), "caps"),
	INFO_CASE("caps direction only", caps, KFI_REMOTE_WRITE, NULL),
	DOMAIN_CASE("domain caps", caps, KFI_REMOTE_COMM, NULL),
	DOMAIN_CASE("domain caps not offered", caps, KFI_SHARED_AV,
		    "domain_attr->caps"),
	TX_CASE("tx caps", caps, KFI_MSG | KFI_SEND, NULL),
	TX_CASE("tx caps of the other side", caps, KFI_MSG | KFI_RECV,
		"tx_attr->caps"),
	TX_CASE("tx caps not offered", caps, KFI_ATOMIC, "tx_attr->caps"),
	RX_CASE("rx caps", caps, KFI_MSG | KFI_RECV, NULL),
	RX_CASE("rx caps of the other side", caps, KFI_MSG | KFI_SEND,
		"rx_attr->caps"),
	TX_CASE("tx op flags", op_flags, KFI_COMPLETION | KFI_INJECT, NULL),
	TX_CASE("tx op flags not offered", op_flags, KFI_COMMIT_COMPLETE,
		"tx_attr->op_flags"),
	RX_CASE("rx op flags", op_flags, KFI_COMPLETION, NULL),
	RX_CASE("rx op flags not offered", op_flags, KFI_MULTI_RECV,
		"rx_attr->op_flags"),
	TX_CASE("tx order", msg_order, KFI_ORDER_SAS | KFI_ORDER_WAW, NULL),
	TX_CASE("tx order not offered", msg_order, KFI_ORDER_RAW,
		"tx_attr->msg_order"),
	TX_CASE("tx completion order", comp_order, KFI_ORDER_STRICT, NULL),
	TX_CASE("tx completion order not offered", comp_order, KFI_ORDER_DATA,
		"tx_attr->comp_order"),
	RX_CASE("rx order", msg_order, KFI_ORDER_SAS, NULL),
	RX_CASE("rx order not offered", msg_order, KFI_ORDER_RAR,
		"rx_attr->msg_order"),
	RX_CASE("rx completion order", comp_order, KFI_ORDER_STRICT, NULL),
	RX_CASE("rx completion order no", comp_order, KFI_ORDER_DATA,
		"rx_attr->comp_order"),

	/* what the client copes with: the offer needs none and one */
	INFO_CASE("mode", mode, KFI_CONTEXT | KFI_MSG_PREFIX, NULL),
	DOMAIN_CASE("mr mode", mr_mode, KFI_MR_PROV_KEY, NULL),
	DOMAIN_CASE("mr mode more", mr_mode, KFI_MR_PROV_KEY | KFI_MR_LOCAL,
		    NULL),
	DOMAIN_CASE("mr mode without need", mr_mode, KFI_MR_VIRT_ADDR,
		    "domain_attr->mr_mode"),
	EP_CASE("prefix", msg_prefix_size, 64, NULL),

	/* policies of an offer that serializes, progresses and manages */
	DOMAIN_CASE("thread safe", threading, KFI_THREAD_SAFE,
		    "domain_attr->threading"),
	DOMAIN_CASE("thread fid", threading, KFI_THREAD_FID, NULL),
	DOMAIN_CASE("thread endpoint", threading, KFI_THREAD_ENDPOINT, NULL),
	DOMAIN_CASE("thread completion", threading, KFI_THREAD_COMPLETION,
		    NULL),
	DOMAIN_CASE("thread domain", threading, KFI_THREAD_DOMAIN, NULL),
	DOMAIN_CASE("thread unknown", threading, 77, "domain_attr->threading"),
	DOMAIN_CASE("control auto", control_progress, KFI_PROGRESS_AUTO, NULL),
	DOMAIN_CASE("control manual", control_progress, KFI_PROGRESS_MANUAL,
		    NULL),
	DOMAIN_CASE("control unknown", control_progress, 7,
		    "domain_attr->control_progress"),
	DOMAIN_CASE("data auto", data_progress, KFI_PROGRESS_AUTO,
		    "domain_attr->data_progress"),
	DOMAIN_CASE("data manual", data_progress, KFI_PROGRESS_MANUAL, NULL),
	DOMAIN_CASE("resource disabled", resource_mgmt, KFI_RM_DISABLED, NULL),
	DOMAIN_CASE("resource enabled", resource_mgmt, KFI_RM_ENABLED, NULL),
	DOMAIN_CASE("resource unknown", resource_mgmt, 9,
		    "domain_attr->resource_mgmt"),
	DOMAIN_CASE("av map", av_type, KFI_AV_MAP, NULL),
	DOMAIN_CASE("av table", av_type, KFI_AV_TABLE, NULL),
	DOMAIN_CASE("av unknown", av_type, 3, "domain_attr->av_type"),

	EP_CASE("tag as wide", mem_tag_format, 0x5555, NULL),
	EP_CASE("tag of same width", mem_tag_format, 0x7fff, NULL),
	EP_CASE("tag wider", mem_tag_format, 0x8000, "ep_attr->mem_tag_format"),

	FABRIC_CASE("prov version same", prov_version, KFI_VERSION(2, 3), NULL),
	FABRIC_CASE("prov version older", prov_version, KFI_VERSION(1, 9),
		    NULL),
	FABRIC_CASE("prov version minor", prov_version, KFI_VERSION(2, 9),
		    NULL),
	FABRIC_CASE("prov version newer", prov_version, KFI_VERSION(3, 0),
		    "fabric_attr->prov_version"),
	FABRIC_CASE("api version", api_version, KFI_VERSION(1, 0), NULL),
	FABRIC_CASE("api version newer", api_version, KFI_VERSION(1, 8),
		    "fabric_attr->api_version"),

	/* of no consequence */
	TX_CASE("tx traffic class", tclass, KFI_TC_LOW_LATENCY, NULL),
	DOMAIN_CASE("domain traffic class", tclass, KFI_TC_BULK_DATA, NULL),
	INFO_CASE("address length", src_addrlen, 16, NULL),
	INFO_CASE("peer address length", dest_addrlen, 28, NULL),
};

static void match_case_desc(const struct match_case *c, char *desc)
{
	strscpy(desc, c->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(match, match_cases, match_case_desc);

static void match_attribute_test(struct kunit *test)
{
	const struct match_case *c = test->param_value;
	struct match_info *offer = match_offer(test);
	struct match_info *hints = match_hints(test);

	match_set(hints, &c->member, c->wish);
	match_expect(test, hints, offer, c->limit ? NULL : c->failed);
	if (!c->limit)
		return;

	match_set(hints, &c->member, c->wish + 1);
	match_expect(test, hints, offer, c->failed);
}

/*
 * Hints with parts missing
 */

static void match_no_hints_test(struct kunit *test)
{
	struct match_info *offer = match_offer(test);
	const char *failed = NULL;

	KUNIT_EXPECT_TRUE(test, kfi_info_match(NULL, &offer->info, &failed));
	KUNIT_EXPECT_NULL(test, failed);
}

static void match_empty_hints_test(struct kunit *test)
{
	struct match_info *offer = match_offer(test);
	struct match_info *hints = match_hints(test);
	struct kfi_info bare = { };

	KUNIT_EXPECT_TRUE(test,
			  kfi_info_match(&hints->info, &offer->info, NULL));
	KUNIT_EXPECT_TRUE(test, kfi_info_match(&bare, &offer->info, NULL));
}

static void match_offer_itself_test(struct kunit *test)
{
	struct match_info *offer = match_offer(test);

	KUNIT_EXPECT_TRUE(test,
			  kfi_info_match(&offer->info, &offer->info, NULL));
}

static void match_failed_may_be_null_test(struct kunit *test)
{
	struct match_info *offer = match_offer(test);
	struct match_info *hints = match_hints(test);

	hints->tx.size = 1025;
	KUNIT_EXPECT_FALSE(test,
			   kfi_info_match(&hints->info, &offer->info, NULL));
}

static void match_offer_without_part_test(struct kunit *test)
{
	struct match_info *offer = match_offer(test);
	struct match_info *hints = match_hints(test);
	const char *failed = NULL;

	offer->info.rx_attr = NULL;
	KUNIT_EXPECT_FALSE(test, kfi_info_match(&hints->info, &offer->info,
						&failed));
	KUNIT_EXPECT_STREQ(test, "rx_attr", failed);

	hints->info.rx_attr = NULL;
	KUNIT_EXPECT_TRUE(test,
			  kfi_info_match(&hints->info, &offer->info, NULL));
}

/* Who it is comes before what it can do */
static void match_first_failure_test(struct kunit *test)
{
	struct match_info *offer = match_offer(test);
	struct match_info *hints = match_hints(test);
	const char *failed = NULL;

	hints->tx.size = 1025;
	hints->ep.type = KFI_EP_DGRAM;
	hints->fabric.prov_name = "other";
	KUNIT_EXPECT_FALSE(test, kfi_info_match(&hints->info, &offer->info,
						&failed));
	KUNIT_EXPECT_STREQ(test, "fabric_attr->prov_name", failed);

	hints->fabric.prov_name = NULL;
	KUNIT_EXPECT_FALSE(test, kfi_info_match(&hints->info, &offer->info,
						&failed));
	KUNIT_EXPECT_STREQ(test, "ep_attr->type", failed);
}

/*
 * Names and live objects
 */

static void match_names_test(struct kunit *test)
{
	struct match_info *offer = match_offer(test);
	struct match_info *hints = match_hints(test);

	hints->fabric.prov_name = "fake";
	hints->fabric.name = "fab0";
	hints->domain.name = "dom0";
	match_expect(test, hints, offer, NULL);

	hints->domain.name = "dom01";
	match_expect(test, hints, offer, "domain_attr->name");
	hints->domain.name = "";
	match_expect(test, hints, offer, "domain_attr->name");
	hints->domain.name = NULL;

	hints->fabric.name = "FAB0";
	match_expect(test, hints, offer, "fabric_attr->name");
	hints->fabric.name = NULL;

	hints->fabric.prov_name = "fak";
	match_expect(test, hints, offer, "fabric_attr->prov_name");
}

static void match_nameless_offer_test(struct kunit *test)
{
	struct match_info *offer = match_offer(test);
	struct match_info *hints = match_hints(test);

	offer->domain.name = NULL;
	match_expect(test, hints, offer, NULL);
	hints->domain.name = "dom0";
	match_expect(test, hints, offer, "domain_attr->name");
}

static void match_live_objects_test(struct kunit *test)
{
	struct match_info *offer = match_offer(test);
	struct match_info *hints = match_hints(test);
	struct kfid_fabric fabric[2];
	struct kfid_domain domain[2];

	hints->fabric.fabric = &fabric[0];
	match_expect(test, hints, offer, "fabric_attr->fabric");
	offer->fabric.fabric = &fabric[1];
	match_expect(test, hints, offer, "fabric_attr->fabric");
	offer->fabric.fabric = &fabric[0];
	match_expect(test, hints, offer, NULL);
	hints->fabric.fabric = NULL;
	match_expect(test, hints, offer, NULL);

	hints->domain.domain = &domain[0];
	match_expect(test, hints, offer, "domain_attr->domain");
	offer->domain.domain = &domain[1];
	match_expect(test, hints, offer, "domain_attr->domain");
	offer->domain.domain = &domain[0];
	match_expect(test, hints, offer, NULL);
}

/*
 * Capabilities: what no direction means
 */

static void match_caps_without_direction_test(struct kunit *test)
{
	struct match_info *offer = match_offer(test);
	struct match_info *hints = match_hints(test);

	hints->info.caps = KFI_MSG;
	match_expect(test, hints, offer, NULL);
	offer->info.caps &= ~KFI_RECV;
	match_expect(test, hints, offer, "caps");
	hints->info.caps = KFI_MSG | KFI_SEND;
	match_expect(test, hints, offer, NULL);

	hints->info.caps = KFI_RMA;
	match_expect(test, hints, offer, NULL);
	offer->info.caps &= ~KFI_REMOTE_READ;
	match_expect(test, hints, offer, "caps");
	hints->info.caps = KFI_RMA | KFI_WRITE;
	match_expect(test, hints, offer, NULL);
}

static void match_side_caps_without_direction_test(struct kunit *test)
{
	struct match_info *offer = match_offer(test);
	struct match_info *hints = match_hints(test);

	/* the transmit side only transmits, the receive side only receives */
	hints->tx.caps = KFI_MSG | KFI_RMA;
	hints->rx.caps = KFI_MSG | KFI_RMA;
	match_expect(test, hints, offer, NULL);

	offer->rx.caps &= ~KFI_REMOTE_READ;
	match_expect(test, hints, offer, "rx_attr->caps");
	hints->rx.caps = KFI_MSG | KFI_RMA | KFI_REMOTE_WRITE;
	match_expect(test, hints, offer, NULL);

	offer->tx.caps &= ~KFI_SEND;
	match_expect(test, hints, offer, "tx_attr->caps");
}

static void match_sides_within_endpoint_test(struct kunit *test)
{
	struct match_info *offer = match_offer(test);
	struct match_info *hints = match_hints(test);

	hints->info.caps = KFI_MSG;
	hints->tx.caps = KFI_MSG | KFI_SEND;
	match_expect(test, hints, offer, NULL);
	hints->tx.caps = KFI_RMA | KFI_WRITE;
	match_expect(test, hints, offer, "tx_attr->caps");
	hints->tx.caps = 0;

	hints->rx.caps = KFI_MSG | KFI_RECV;
	match_expect(test, hints, offer, NULL);
	hints->rx.caps = KFI_RMA | KFI_REMOTE_READ;
	match_expect(test, hints, offer, "rx_attr->caps");

	hints->info.caps = 0;
	match_expect(test, hints, offer, NULL);
}

/*
 * Modes: what an offer asks of the client
 */

static void match_mode_needed_test(struct kunit *test)
{
	struct match_info *offer = match_offer(test);
	struct match_info *hints = match_hints(test);

	offer->info.mode = KFI_CONTEXT;
	match_expect(test, hints, offer, "mode");
	hints->info.mode = KFI_MSG_PREFIX;
	match_expect(test, hints, offer, "mode");
	hints->info.mode = KFI_CONTEXT | KFI_MSG_PREFIX;
	match_expect(test, hints, offer, NULL);
	KUNIT_EXPECT_TRUE(test, kfi_info_match(NULL, &offer->info, NULL));
}

static void match_part_modes_needed_test(struct kunit *test)
{
	struct match_info *offer = match_offer(test);
	struct match_info *hints = match_hints(test);

	offer->tx.mode = KFI_CONTEXT;
	offer->rx.mode = KFI_RX_CQ_DATA;
	offer->domain.mode = KFI_RESTRICTED_COMP;
	match_expect(test, hints, offer, NULL);

	hints->tx.mode = KFI_CONTEXT2;
	match_expect(test, hints, offer, "tx_attr->mode");
	hints->tx.mode = KFI_CONTEXT;
	hints->rx.mode = KFI_CONTEXT;
	match_expect(test, hints, offer, "rx_attr->mode");
	hints->rx.mode = KFI_RX_CQ_DATA;
	hints->domain.mode = KFI_CONTEXT;
	match_expect(test, hints, offer, "domain_attr->mode");
	hints->domain.mode = KFI_RESTRICTED_COMP;
	match_expect(test, hints, offer, NULL);
}

static void match_prefix_needed_test(struct kunit *test)
{
	struct match_info *offer = match_offer(test);
	struct match_info *hints = match_hints(test);

	offer->ep.msg_prefix_size = 40;
	match_expect(test, hints, offer, NULL);
	hints->ep.msg_prefix_size = 39;
	match_expect(test, hints, offer, "ep_attr->msg_prefix_size");
	hints->ep.msg_prefix_size = 40;
	match_expect(test, hints, offer, NULL);
}

/*
 * Policies: each offer against each wish
 */

struct match_threading {
	enum kfi_threading offer;
	unsigned int ok;	/* the wishes that it satisfies, as bits */
};

#define T(x) BIT(KFI_THREAD_##x)

static const struct match_threading match_threadings[] = {
	{ KFI_THREAD_SAFE, T(SAFE) | T(FID) | T(ENDPOINT) | T(COMPLETION) |
			   T(DOMAIN) },
	{ KFI_THREAD_FID, T(FID) | T(ENDPOINT) | T(COMPLETION) | T(DOMAIN) },
	{ KFI_THREAD_ENDPOINT, T(ENDPOINT) | T(COMPLETION) | T(DOMAIN) },
	{ KFI_THREAD_COMPLETION, T(COMPLETION) | T(DOMAIN) },
	{ KFI_THREAD_DOMAIN, T(DOMAIN) },
	{ KFI_THREAD_UNSPEC, 0 },
};

static void match_threading_test(struct kunit *test)
{
	struct match_info *offer = match_offer(test);
	struct match_info *hints = match_hints(test);
	const struct match_threading *t;
	enum kfi_threading wish;
	int i;

	for (i = 0; i < ARRAY_SIZE(match_threadings); i++) {
		t = &match_threadings[i];
		offer->domain.threading = t->offer;
		for (wish = KFI_THREAD_SAFE; wish <= KFI_THREAD_ENDPOINT;
		     wish++) {
			hints->domain.threading = wish;
			match_expect(test, hints, offer, t->ok & BIT(wish) ?
				     NULL : "domain_attr->threading");
		}
	}
}

static void match_weak_policies_test(struct kunit *test)
{
	struct match_info *offer = match_offer(test);
	struct match_info *hints = match_hints(test);

	offer->domain.resource_mgmt = KFI_RM_DISABLED;
	hints->domain.resource_mgmt = KFI_RM_ENABLED;
	match_expect(test, hints, offer, "domain_attr->resource_mgmt");
	hints->domain.resource_mgmt = KFI_RM_DISABLED;
	match_expect(test, hints, offer, NULL);

	offer->domain.av_type = KFI_AV_MAP;
	hints->domain.av_type = KFI_AV_TABLE;
	match_expect(test, hints, offer, "domain_attr->av_type");
	hints->domain.av_type = KFI_AV_MAP;
	match_expect(test, hints, offer, NULL);
}

/*
 * Shared contexts
 */

static void match_shared_contexts_test(struct kunit *test)
{
	struct match_info *offer = match_offer(test);
	struct match_info *hints = match_hints(test);

	hints->ep.tx_ctx_cnt = KFI_SHARED_CONTEXT;
	match_expect(test, hints, offer, "ep_attr->tx_ctx_cnt");
	offer->domain.max_ep_stx_ctx = 1;
	match_expect(test, hints, offer, NULL);

	hints->ep.rx_ctx_cnt = KFI_SHARED_CONTEXT;
	match_expect(test, hints, offer, "ep_attr->rx_ctx_cnt");
	offer->domain.max_ep_srx_ctx = 1;
	match_expect(test, hints, offer, NULL);

	/* nothing else is a number of contexts */
	hints->ep.max_msg_size = SIZE_MAX;
	match_expect(test, hints, offer, "ep_attr->max_msg_size");
}

static void match_auth_keys_test(struct kunit *test)
{
	struct match_info *offer = match_offer(test);
	struct match_info *hints = match_hints(test);

	offer->ep.auth_key_size = 4;
	hints->ep.auth_key_size = 4;
	match_expect(test, hints, offer, NULL);
	hints->ep.auth_key_size = 5;
	match_expect(test, hints, offer, "ep_attr->auth_key_size");
}

static struct kunit_case match_kunit_cases[] = {
	KUNIT_CASE_PARAM(match_attribute_test, match_gen_params),
	KUNIT_CASE(match_no_hints_test),
	KUNIT_CASE(match_empty_hints_test),
	KUNIT_CASE(match_offer_itself_test),
	KUNIT_CASE(match_failed_may_be_null_test),
	KUNIT_CASE(match_offer_without_part_test),
	KUNIT_CASE(match_first_failure_test),
	KUNIT_CASE(match_names_test),
	KUNIT_CASE(match_nameless_offer_test),
	KUNIT_CASE(match_live_objects_test),
	KUNIT_CASE(match_caps_without_direction_test),
	KUNIT_CASE(match_side_caps_without_direction_test),
	KUNIT_CASE(match_sides_within_endpoint_test),
	KUNIT_CASE(match_mode_needed_test),
	KUNIT_CASE(match_part_modes_needed_test),
	KUNIT_CASE(match_prefix_needed_test),
	KUNIT_CASE(match_threading_test),
	KUNIT_CASE(match_weak_policies_test),
	KUNIT_CASE(match_shared_contexts_test),
	KUNIT_CASE(match_auth_keys_test),
	{}
};

static struct kunit_suite match_suite = {
	.name = "kfi_core_match",
	.test_cases = match_kunit_cases,
};

kunit_test_suite(match_suite);
