// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * kfi_info_narrow(): what becomes of each wish, and what stands where there was
 * none.
 */
#include <kunit/test.h>

#include <kfi_prov.h>

#include "core_match_kunit.h"

/*
 * One wish at a time
 */

struct narrow_case {
	const char *desc;
	struct match_member member;
	u64 wish;
	bool taken;
};

#define NARROW(_desc, _part, _type, _member, _wish, _taken)		\
	{								\
		.desc = _desc,						\
		.member = MATCH_MEMBER(_part, _type, _member),		\
		.wish = _wish,						\
		.taken = _taken,					\
	}

#define TX_NARROW(_member, _wish) \
	NARROW("tx " #_member, TX, kfi_tx_attr, _member, _wish, true)
#define RX_NARROW(_member, _wish) \
	NARROW("rx " #_member, RX, kfi_rx_attr, _member, _wish, true)
#define EP_NARROW(_member, _wish, _taken) \
	NARROW("ep " #_member, EP, kfi_ep_attr, _member, _wish, _taken)
#define DOMAIN_NARROW(_member, _wish, _taken) \
	NARROW("domain " #_member, DOMAIN, kfi_domain_attr, _member, _wish, \
	       _taken)

static const struct narrow_case narrow_cases[] = {
	TX_NARROW(msg_order, KFI_ORDER_SAS),
	TX_NARROW(comp_order, KFI_ORDER_SAS),
	TX_NARROW(inject_size, 64),
	TX_NARROW(size, 1),
	TX_NARROW(iov_limit, 2),
	TX_NARROW(rma_iov_limit, 3),
	RX_NARROW(msg_order, KFI_ORDER_SAS),
	RX_NARROW(comp_order, KFI_ORDER_SAS),
	RX_NARROW(total_buffered_recv, 100),
	RX_NARROW(size, 4),
	RX_NARROW(iov_limit, 5),
	EP_NARROW(protocol_version, 1, true),
	EP_NARROW(max_msg_size, 4096, true),
	EP_NARROW(max_order_raw_size, 1, true),
	EP_NARROW(max_order_war_size, 2, true),
	EP_NARROW(max_order_waw_size, 3, true),
	EP_NARROW(mem_tag_format, 0xf, true),
	EP_NARROW(rx_ctx_cnt, 1, true),
	EP_NARROW(rx_ctx_cnt, KFI_SHARED_CONTEXT, true),
	EP_NARROW(msg_prefix_size, 64, false),
	DOMAIN_NARROW(threading, KFI_THREAD_DOMAIN, true),
	DOMAIN_NARROW(control_progress, KFI_PROGRESS_MANUAL, true),
	DOMAIN_NARROW(data_progress, KFI_PROGRESS_MANUAL, true),
	DOMAIN_NARROW(resource_mgmt, KFI_RM_DISABLED, true),
	DOMAIN_NARROW(av_type, KFI_AV_TABLE, true),
	DOMAIN_NARROW(mr_mode, KFI_MR_PROV_KEY | KFI_MR_LOCAL, false),
	DOMAIN_NARROW(mr_key_size, 4, false),
	DOMAIN_NARROW(cq_data_size, 1, false),
	DOMAIN_NARROW(cq_cnt, 1, false),
	DOMAIN_NARROW(ep_cnt, 1, false),
	DOMAIN_NARROW(tx_ctx_cnt, 1, false),
	DOMAIN_NARROW(rx_ctx_cnt, 1, false),
	DOMAIN_NARROW(cntr_cnt, 1, false),
	DOMAIN_NARROW(mr_iov_limit, 1, false),
	DOMAIN_NARROW(mr_cnt, 1, false),
	DOMAIN_NARROW(max_err_data, 1, false),
	DOMAIN_NARROW(caps, KFI_LOCAL_COMM, false),
};

static void narrow_case_desc(const struct narrow_case *c, char *desc)
{
	strscpy(desc, c->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(narrow, narrow_cases, narrow_case_desc);

static void narrow_attribute_test(struct kunit *test)
{
	const struct narrow_case *c = test->param_value;
	struct match_info *info = match_offer(test);
	struct match_info *hints = match_hints(test);
	u64 offered = match_get(info, &c->member);

	kfi_info_narrow(&info->info, &hints->info);
	KUNIT_EXPECT_EQ(test, offered, match_get(info, &c->member));

	match_set(hints, &c->member, c->wish);
	kfi_info_narrow(&info->info, &hints->info);
	KUNIT_EXPECT_EQ(test, c->taken ? c->wish : offered,
			match_get(info, &c->member));
}

/* A wish changes its own attribute and no other */
static void narrow_one_at_a_time_test(struct kunit *test)
{
	const struct narrow_case *c = test->param_value;
	struct match_info *info = match_offer(test);
	struct match_info *other = match_offer(test);
	struct match_info *hints = match_hints(test);

	kfi_info_narrow(&other->info, &hints->info);
	match_set(hints, &c->member, c->wish);
	kfi_info_narrow(&info->info, &hints->info);

	match_set(info, &c->member, 0);
	match_set(other, &c->member, 0);
	KUNIT_EXPECT_MEMEQ(test, &other->tx, &info->tx, sizeof(info->tx));
	KUNIT_EXPECT_MEMEQ(test, &other->rx, &info->rx, sizeof(info->rx));
	KUNIT_EXPECT_MEMEQ(test, &other->ep, &info->ep, sizeof(info->ep));
	KUNIT_EXPECT_MEMEQ(test, &other->domain, &info->domain,
			   sizeof(info->domain));
	KUNIT_EXPECT_MEMEQ(test, &other->fabric, &info->fabric,
			   sizeof(info->fabric));
}

/*
 * No wishes
 */

static void narrow_without_hints_test(struct kunit *test)
{
	struct match_info *info = match_offer(test);
	struct match_info *offer = match_offer(test);

	kfi_info_narrow(&info->info, NULL);
	KUNIT_EXPECT_EQ(test, offer->info.caps, info->info.caps);
	KUNIT_EXPECT_EQ(test, offer->tx.caps, info->tx.caps);
	KUNIT_EXPECT_EQ(test, offer->rx.caps, info->rx.caps);
	KUNIT_EXPECT_EQ(test, offer->tx.size, info->tx.size);
	KUNIT_EXPECT_EQ(test, offer->domain.threading, info->domain.threading);

	/* what the client did not ask for does not happen by default */
	KUNIT_EXPECT_EQ(test, 0, info->tx.op_flags);
	KUNIT_EXPECT_EQ(test, 0, info->rx.op_flags);
}

static void narrow_bare_hints_test(struct kunit *test)
{
	struct match_info *info = match_offer(test);
	struct match_info *offer = match_offer(test);
	struct kfi_info hints = { };

	kfi_info_narrow(&info->info, &hints);
	KUNIT_EXPECT_EQ(test, offer->info.caps, info->info.caps);
	KUNIT_EXPECT_EQ(test, offer->ep.max_msg_size, info->ep.max_msg_size);
	KUNIT_EXPECT_EQ(test, 0, info->tx.op_flags);
}

static void narrow_bare_info_test(struct kunit *test)
{
	struct kfi_info info = { .caps = KFI_MSG | KFI_SEND | KFI_RECV };
	struct match_info *hints = match_hints(test);

	hints->info.caps = KFI_MSG | KFI_SEND;
	kfi_info_narrow(&info, &hints->info);
	KUNIT_EXPECT_EQ(test, KFI_MSG | KFI_SEND, info.caps);
}

static void narrow_twice_test(struct kunit *test)
{
	struct match_info *info = match_offer(test);
	struct match_info *once = match_offer(test);
	struct match_info *hints = match_hints(test);

	hints->info.caps = KFI_MSG;
	hints->tx.size = 7;
	hints->tx.op_flags = KFI_COMPLETION;
	kfi_info_narrow(&once->info, &hints->info);
	kfi_info_narrow(&info->info, &hints->info);
	kfi_info_narrow(&info->info, &hints->info);
	KUNIT_EXPECT_EQ(test, once->info.caps, info->info.caps);
	KUNIT_EXPECT_MEMEQ(test, &once->tx, &info->tx, sizeof(info->tx));
	KUNIT_EXPECT_MEMEQ(test, &once->rx, &info->rx, sizeof(info->rx));
}

/*
 * Flags
 */

static void narrow_op_flags_test(struct kunit *test)
{
	struct match_info *info = match_offer(test);
	struct match_info *hints = match_hints(test);

	hints->tx.op_flags = KFI_COMPLETION | KFI_INJECT;
	hints->rx.op_flags = KFI_COMPLETION;
	kfi_info_narrow(&info->info, &hints->info);
	KUNIT_EXPECT_EQ(test, KFI_COMPLETION | KFI_INJECT, info->tx.op_flags);
	KUNIT_EXPECT_EQ(test, KFI_COMPLETION, info->rx.op_flags);
}

static void narrow_modes_stay_test(struct kunit *test)
{
	struct match_info *info = match_offer(test);
	struct match_info *hints = match_hints(test);

	info->info.mode = KFI_CONTEXT;
	hints->info.mode = KFI_CONTEXT | KFI_MSG_PREFIX | KFI_ASYNC_IOV;
	hints->tx.mode = KFI_MSG_PREFIX;
	kfi_info_narrow(&info->info, &hints->info);
	KUNIT_EXPECT_EQ(test, KFI_CONTEXT, info->info.mode);
	KUNIT_EXPECT_EQ(test, 0, info->tx.mode);
}

/*
 * Capabilities
 */

struct narrow_caps {
	const char *desc;
	u64 wish;
	u64 tx_wish;
	u64 rx_wish;
	u64 caps;
	u64 tx;
	u64 rx;
};

static const struct narrow_caps narrow_caps[] = {
	{ "no wish", 0, 0, 0,
	  MATCH_TX_CAPS | MATCH_RX_CAPS, MATCH_TX_CAPS, MATCH_RX_CAPS },
	{ "messages", KFI_MSG, 0, 0,
	  KFI_MSG | KFI_SEND | KFI_RECV, KFI_MSG | KFI_SEND,
	  KFI_MSG | KFI_RECV },
	{ "messages one way", KFI_MSG | KFI_SEND, 0, 0,
	  KFI_MSG | KFI_SEND, KFI_MSG | KFI_SEND, 0 },
	{ "rma", KFI_RMA, 0, 0,
	  KFI_RMA | KFI_READ | KFI_WRITE | KFI_REMOTE_READ | KFI_REMOTE_WRITE,
	  KFI_RMA | KFI_READ | KFI_WRITE,
	  KFI_RMA | KFI_REMOTE_READ | KFI_REMOTE_WRITE },
	{ "rma target of writes", KFI_RMA | KFI_REMOTE_WRITE, 0, 0,
	  KFI_RMA | KFI_REMOTE_WRITE, 0, KFI_RMA | KFI_REMOTE_WRITE },
	{ "messages and rma initiator",
	  KFI_MSG | KFI_RMA | KFI_SEND | KFI_RECV | KFI_READ | KFI_WRITE, 0, 0,
	  KFI_MSG | KFI_RMA | KFI_SEND | KFI_RECV | KFI_READ | KFI_WRITE,
	  KFI_MSG | KFI_RMA | KFI_SEND | KFI_READ | KFI_WRITE,
	  KFI_MSG | KFI_RECV },
	{ "transmit side", 0, KFI_MSG | KFI_SEND, 0,
	  MATCH_TX_CAPS | MATCH_RX_CAPS, KFI_MSG | KFI_SEND, MATCH_RX_CAPS },
	{ "transmit side without direction", 0, KFI_RMA, 0,
	  MATCH_TX_CAPS | MATCH_RX_CAPS, KFI_RMA | KFI_READ | KFI_WRITE,
	  MATCH_RX_CAPS },
	{ "both sides", KFI_MSG | KFI_RMA, KFI_MSG, KFI_RMA,
	  MATCH_TX_CAPS | MATCH_RX_CAPS, KFI_MSG | KFI_SEND,
	  KFI_RMA | KFI_REMOTE_READ | KFI_REMOTE_WRITE },
};

static void narrow_caps_desc(const struct narrow_caps *c, char *desc)
{
	strscpy(desc, c->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(narrow_caps, narrow_caps, narrow_caps_desc);

static void narrow_caps_test(struct kunit *test)
{
	const struct narrow_caps *c = test->param_value;
	struct match_info *info = match_offer(test);
	struct match_info *hints = match_hints(test);

	hints->info.caps = c->wish;
	hints->tx.caps = c->tx_wish;
	hints->rx.caps = c->rx_wish;
	match_expect(test, hints, info, NULL);
	kfi_info_narrow(&info->info, &hints->info);

	/* who can be reached is told without being asked */
	KUNIT_EXPECT_EQ(test, c->caps | MATCH_NET_CAPS, info->info.caps);
	KUNIT_EXPECT_EQ(test, c->tx, info->tx.caps);
	KUNIT_EXPECT_EQ(test, c->rx, info->rx.caps);

	/* an answer is what the next call is asked with */
	match_expect(test, info, info, NULL);
}

static void narrow_does_not_invent_reach_test(struct kunit *test)
{
	struct match_info *info = match_offer(test);
	struct match_info *hints = match_hints(test);

	info->info.caps &= ~KFI_LOCAL_COMM;
	hints->info.caps = KFI_MSG;
	kfi_info_narrow(&info->info, &hints->info);
	KUNIT_EXPECT_EQ(test, KFI_MSG | KFI_SEND | KFI_RECV | KFI_REMOTE_COMM,
			info->info.caps);
}

/* The answer satisfies the hints that it was made for, and itself */
static void narrow_answer_matches_test(struct kunit *test)
{
	struct match_info *info = match_offer(test);
	struct match_info *hints = match_hints(test);

	hints->info.caps = KFI_MSG | KFI_RMA;
	hints->tx.size = 100;
	hints->tx.op_flags = KFI_COMPLETION;
	hints->ep.max_msg_size = 1 << 20;
	hints->domain.threading = KFI_THREAD_DOMAIN;
	hints->domain.cq_cnt = 5;
	kfi_info_narrow(&info->info, &hints->info);
	match_expect(test, hints, info, NULL);
	match_expect(test, info, info, NULL);
}

static struct kunit_case narrow_kunit_cases[] = {
	KUNIT_CASE_PARAM(narrow_attribute_test, narrow_gen_params),
	KUNIT_CASE_PARAM(narrow_one_at_a_time_test, narrow_gen_params),
	KUNIT_CASE(narrow_without_hints_test),
	KUNIT_CASE(narrow_bare_hints_test),
	KUNIT_CASE(narrow_bare_info_test),
	KUNIT_CASE(narrow_twice_test),
	KUNIT_CASE(narrow_op_flags_test),
	KUNIT_CASE(narrow_modes_stay_test),
	KUNIT_CASE_PARAM(narrow_caps_test, narrow_caps_gen_params),
	KUNIT_CASE(narrow_does_not_invent_reach_test),
	KUNIT_CASE(narrow_answer_matches_test),
	{}
};

static struct kunit_suite narrow_suite = {
	.name = "kfi_core_narrow",
	.test_cases = narrow_kunit_cases,
};

kunit_test_suite(narrow_suite);
