// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Calls without flags that are silent and wait for more, of a client that makes one at a
 * time: the first one gets places for others. Fixture: a connected endpoint on a fake
 * HCA.
 */
#include "verbs_fast_kunit.h"

#define FAST_TX		64

static struct fast *fast_new_chained(struct kunit *test, size_t tx_size)
{
	const struct fixture_ep_attr attr = {
		.bind_flags = KFI_SELECTIVE_COMPLETION, .tx_size = tx_size,
		.cq_size = 4 * FAST_TX,
	};
	struct fast *fast = fast_new(test, &attr);
	u64 flags = KFI_TRANSMIT | KFI_MORE;

	KUNIT_ASSERT_EQ(test, 0, kfi_control(&fast->fe->ep->fid, KFI_SETOPSFLAG,
					     &flags));
	return fast;
}

/* Number @i, which says so; small ones go along */
static ssize_t fast_chained(struct fast *fast, u32 i)
{
	void *context = &fast->context[i % ARRAY_SIZE(fast->context)];
	size_t len = i % 5 ? FAST_LEN : FAST_SMALL;
	struct kfid_ep *ep = fast->fe->ep;

	if (i % 4 == 3)
		return kfi_read(ep, fast->buf, len, NULL, 0, i, FAST_RKEY,
				context);
	return kfi_write(ep, fast->buf, len, NULL, 0, i, FAST_RKEY, context);
}

static void fast_chain_some(struct fast *fast, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		KUNIT_ASSERT_EQ(fast->f->test, (ssize_t)0, fast_chained(fast, i));
}

/* @n of them, and a write that ended the chain */
static void fast_expect_chain(struct fast *fast, u32 n)
{
	struct kunit *test = fast->f->test;
	struct fake_wr *wr;
	u32 i;

	KUNIT_ASSERT_EQ(test, n + 1, fake_qp_sends(fast->fe->qp));
	for (i = 0; i < n; i++) {
		wr = fake_qp_send(fast->fe->qp, i);
		KUNIT_EXPECT_EQ(test, (u64)i, wr->remote_addr);
		KUNIT_EXPECT_EQ(test, (u64)(i % 5 ? FAST_LEN : FAST_SMALL),
				wr->len);
		KUNIT_EXPECT_EQ(test, i % 4 == 3 ? IB_WR_RDMA_READ :
						   IB_WR_RDMA_WRITE,
				wr->opcode);
		KUNIT_EXPECT_TRUE(test, wr->chained);
	}
	wr = fake_qp_send(fast->fe->qp, n);
	KUNIT_EXPECT_FALSE(test, wr->chained);
	KUNIT_EXPECT_TRUE(test, wr->send_flags & IB_SEND_SIGNALED);
}

static void fast_write_list(struct fast *fast)
{
	const struct kvec iov[] = { { fast->buf, 1 }, { fast->buf + 2, 1 } };

	KUNIT_EXPECT_EQ(fast->f->test, (ssize_t)0,
			kfi_writev(fast->fe->ep, iov, NULL, 2, 0, 2, FAST_RKEY,
				   NULL));
}

/* Chains of all lengths, at all places in the queue */
static void fast_window_chains_test(struct kunit *test)
{
	struct fast *fast = fast_new_chained(test, FAST_TX);
	u32 posted = 0;
	u32 n, i;

	for (i = 0; i < 3 * FAST_TX; i++) {
		n = i % 29;
		fast_chain_some(fast, n);
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				fast_write(fast, n, KFI_COMPLETION));
		KUNIT_EXPECT_EQ(test, i + 1, fast->fe->qp->calls);
		fast_expect_chain(fast, n);
		posted += n + 1;
		fake_qp_complete(fast->fe->qp, n + 1);
		fast_expect_written(fast, n, n + 1);
		KUNIT_EXPECT_EQ(test, (unsigned long)posted,
				kfv_queue_done(&fast->fe->priv->sq));
	}
	/* what is not plain ends it all */
	fast_write_list(fast);
	fake_qp_complete(fast->fe->qp, 1);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_write(fast, 0, KFI_COMPLETION));
	fake_qp_complete(fast->fe->qp, 1);
	fast_expect_written(fast, 0, 1);
	fast_expect_whole(fast);
}

/* Places are got at once, and kept from one chain to the next. */
static void fast_window_places_test(struct kunit *test)
{
	struct fast *fast = fast_new_chained(test, 2 * FAST_TX);
	int held = fast->spare - KFV_FAST_WINDOW;

	fast_chain_some(fast, 1);
	KUNIT_EXPECT_EQ(test, held, fixture_spare(fast->fe->cq));
	fast_chain_some(fast, KFV_FAST_WINDOW - 1);
	KUNIT_EXPECT_EQ(test, held, fixture_spare(fast->fe->cq));
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fast->fe->qp));
	KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_write(fast, 0, KFI_COMPLETION));
	fake_qp_complete(fast->fe->qp, KFV_FAST_WINDOW + 1);
	fast_expect_written(fast, 0, 1);
	KUNIT_EXPECT_EQ(test, held, fixture_spare(fast->fe->cq));
	fast_chain_some(fast, 3);
	KUNIT_EXPECT_EQ(test, held, fixture_spare(fast->fe->cq));
	KUNIT_ASSERT_EQ(test, 0, fixture_ep_close(fast->fe));
	fixture_expect_error(fast->fe, &fast->context[0], FAST_WRITTEN,
			     IB_WC_WR_FLUSH_ERR);
	fixture_expect_error(fast->fe, &fast->context[1], FAST_WRITTEN,
			     IB_WC_WR_FLUSH_ERR);
	fixture_expect_error(fast->fe, &fast->context[2], FAST_WRITTEN,
			     IB_WC_WR_FLUSH_ERR);
	fast_expect_whole(fast);
}

/* Closed with places and nothing that waits */
static void fast_window_idle_test(struct kunit *test)
{
	struct fast *fast = fast_new_chained(test, FAST_TX);

	fast_chain_some(fast, 2);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_write(fast, 0, KFI_COMPLETION));
	fake_qp_complete(fast->fe->qp, 3);
	fast_expect_written(fast, 0, 1);
	KUNIT_EXPECT_LT(test, fixture_spare(fast->fe->cq), fast->spare);
	KUNIT_ASSERT_EQ(test, 0, fixture_ep_close(fast->fe));
	fast_expect_whole(fast);
}

static void fast_ends_by_list(struct fast *fast)
{
	fast_write_list(fast);
}

static void fast_ends_by_inject(struct fast *fast)
{
	KUNIT_EXPECT_EQ(fast->f->test, (ssize_t)0,
			kfi_inject(fast->fe->ep, fast->buf, 1, 0));
}

static void fast_ends_by_injected_message(struct fast *fast)
{
	fast->len = FAST_SMALL;
	KUNIT_EXPECT_EQ(fast->f->test, (ssize_t)0,
			fast_write(fast, 0, KFI_INJECT));
}

static void fast_ends_by_silent_message(struct fast *fast)
{
	KUNIT_EXPECT_EQ(fast->f->test, (ssize_t)0, fast_write(fast, 0, 0));
}

static void fast_ends_by_other_flags(struct fast *fast)
{
	u64 flags = KFI_TRANSMIT;

	KUNIT_ASSERT_EQ(fast->f->test, 0,
			kfi_control(&fast->fe->ep->fid, KFI_SETOPSFLAG, &flags));
	KUNIT_EXPECT_EQ(fast->f->test, (ssize_t)0, fast_chained(fast, 0));
}

static void fast_ends_by_told_calls(struct fast *fast)
{
	u64 flags = KFI_TRANSMIT | KFI_COMPLETION;
	u32 i;

	KUNIT_ASSERT_EQ(fast->f->test, 0,
			kfi_control(&fast->fe->ep->fid, KFI_SETOPSFLAG, &flags));
	/* the second one finds that nothing waits */
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(fast->f->test, (ssize_t)0, fast_chained(fast, 0));
		KUNIT_EXPECT_EQ(fast->f->test, i + 1, fast->fe->qp->calls);
	}
	flags = KFI_TRANSMIT;
	KUNIT_ASSERT_EQ(fast->f->test, 0,
			kfi_control(&fast->fe->ep->fid, KFI_SETOPSFLAG, &flags));
}

struct fast_ends_case {
	const char *name;
	void (*end)(struct fast *fast);
	u32 posted;
	u32 told;
};

static const struct fast_ends_case fast_ends_cases[] = {
	{ "list", fast_ends_by_list, 1 },
	{ "inject", fast_ends_by_inject, 1 },
	{ "injected message", fast_ends_by_injected_message, 1 },
	{ "silent message", fast_ends_by_silent_message, 1 },
	{ "other flags", fast_ends_by_other_flags, 1 },
	{ "calls that report", fast_ends_by_told_calls, 2, 2 },
};

KUNIT_ARRAY_PARAM_DESC(fast_ends, fast_ends_cases, name);

/* Whatever a chain ends with is behind it, and no place is lost. */
static void fast_window_ends_test(struct kunit *test)
{
	const struct fast_ends_case *c = test->param_value;
	struct fast *fast = fast_new_chained(test, FAST_TX);
	u32 i;

	fast_chain_some(fast, 2);
	c->end(fast);
	KUNIT_ASSERT_EQ(test, 2 + c->posted, fake_qp_sends(fast->fe->qp));
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, (u64)i,
				fake_qp_send(fast->fe->qp, i)->remote_addr);
	fake_qp_complete(fast->fe->qp, 2 + c->posted);
	for (i = 0; i < c->told; i++)
		fast_expect_written(fast, 0, 1);
	fast_write_list(fast);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_write(fast, 0, KFI_COMPLETION));
	fake_qp_complete(fast->fe->qp, 2);
	fast_expect_written(fast, 0, 1);
	fast_expect_whole(fast);
}

/* One in the middle that is not like them has a place of its own. */
static void fast_window_between_test(struct kunit *test)
{
	struct fast *fast = fast_new_chained(test, FAST_TX);
	u32 i;

	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				fast_write(fast, 2 * i, KFI_MORE | KFI_COMPLETION));
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				kfi_write(fast->fe->ep, fast->buf, 1, NULL, 0,
					  2 * i + 1, FAST_RKEY, NULL));
	}
	KUNIT_EXPECT_EQ(test, 0U, fast->fe->qp->calls);
	fast_write_list(fast);
	KUNIT_ASSERT_EQ(test, 7U, fake_qp_sends(fast->fe->qp));
	for (i = 0; i < 6; i++)
		KUNIT_EXPECT_EQ(test, (u64)i,
				fake_qp_send(fast->fe->qp, i)->remote_addr);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_write(fast, 6, KFI_COMPLETION));
	fake_qp_complete(fast->fe->qp, 8);
	for (i = 0; i < 8; i += 2)
		fast_expect_written(fast, i, i + 1);
	fast_expect_whole(fast);
}

/* Who finds the queue busy takes the lock, and a place of its own as well. */
static void fast_window_busy_test(struct kunit *test)
{
	struct fast *fast = fast_new_chained(test, FAST_TX);
	struct kfv_queue *sq = &fast->fe->priv->sq;
	u32 i;

	fast_chain_some(fast, 2);
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			fast_write(fast, 2, KFI_MORE | KFI_COMPLETION));
	atomic_long_set(&sq->busy, 1);
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			fast_write(fast, 3, KFI_MORE | KFI_COMPLETION));
	atomic_long_set(&sq->busy, 0);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_chained(fast, 4));
	KUNIT_EXPECT_EQ(test, 0U, fast->fe->qp->calls);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_write(fast, 5, KFI_COMPLETION));
	KUNIT_ASSERT_EQ(test, 6U, fake_qp_sends(fast->fe->qp));
	for (i = 0; i < 6; i++)
		KUNIT_EXPECT_EQ(test, (u64)i,
				fake_qp_send(fast->fe->qp, i)->remote_addr);
	KUNIT_EXPECT_EQ(test, 6UL, kfv_queue_posted(sq));
	fast_write_list(fast);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_write(fast, 6, KFI_COMPLETION));
	fake_qp_complete(fast->fe->qp, 8);
	fast_expect_written(fast, 2, 4);
	fast_expect_written(fast, 5, 7);
	fast_expect_whole(fast);
}

/* The queue has as many places as the client was promised, and no more. */
static void fast_window_full_test(struct kunit *test)
{
	struct fast *fast = fast_new_chained(test, FAST_TX);

	fast_chain_some(fast, FAST_TX);
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN, fast_chained(fast, 0));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN,
			fast_write(fast, 0, KFI_COMPLETION));
	KUNIT_EXPECT_EQ(test, (u32)FAST_TX, fake_qp_sends(fast->fe->qp));
	fake_qp_complete(fast->fe->qp, FAST_TX);
	fixture_expect_empty(fast->fe);
	KUNIT_EXPECT_EQ(test, (ssize_t)0, fast_write(fast, 0, KFI_COMPLETION));
	fake_qp_complete(fast->fe->qp, 1);
	fast_expect_written(fast, 0, 1);
}

/* While places are short nobody gets more than it needs. */
static void fast_window_short_test(struct kunit *test)
{
	struct fast *fast = fast_new_chained(test, FAST_TX);
	struct kfv_cq *cq = kfv_cq(&fast->fe->cq->fid);
	u32 taken = fast->spare / 2;

	KUNIT_ASSERT_TRUE(test, kfv_cq_take_spare(cq, taken));
	fast_chain_some(fast, 3);
	KUNIT_EXPECT_EQ(test, fast->spare - (int)taken - 3,
			fixture_spare(fast->fe->cq));
	KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_write(fast, 3, KFI_COMPLETION));
	fast_expect_chain(fast, 3);
	fake_qp_complete(fast->fe->qp, 4);
	fast_expect_written(fast, 3, 4);
	kfv_cq_give(cq, taken, true);
	fast_expect_whole(fast);
}

struct fast_window_lost_case {
	const char *name;
	u32 accept;
};

static const struct fast_window_lost_case fast_window_lost_cases[] = {
	{ "from the first on", 0 },
	{ "from the third on", 2 },
	{ "the last one", 4 },
};

KUNIT_ARRAY_PARAM_DESC(fast_window_lost, fast_window_lost_cases, name);

/* What the device did not take and was accepted is told, silent or not. */
static void fast_window_lost_test(struct kunit *test)
{
	const struct fast_window_lost_case *c = test->param_value;
	struct fast *fast = fast_new_chained(test, FAST_TX);
	u32 i;

	fast_chain_some(fast, 4);
	fake_qp_refuse(fast->fe->qp, c->accept, 1, -EIO);
	fast->fe->qp->instant = true;
	KUNIT_EXPECT_EQ(test, (ssize_t)-EIO, fast_write(fast, 4, KFI_COMPLETION));
	for (i = c->accept; i < 4; i++)
		fixture_expect_error(fast->fe, &fast->context[i],
				     i == 3 ? KFI_RMA | KFI_READ : FAST_WRITTEN,
				     IB_WC_GENERAL_ERR);
	if (c->accept < 4)
		fixture_expect_shutdown(fast->fe);
	else
		fixture_expect_no_event(fast->fe);
	KUNIT_ASSERT_EQ(test, 0, fixture_ep_close(fast->fe));
	fast_expect_whole(fast);
}

/* Those that have places when the connection ends are told of that. */
static void fast_window_broken_test(struct kunit *test)
{
	struct fast *fast = fast_new_chained(test, FAST_TX);
	u32 i;

	fast_chain_some(fast, 1);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_write(fast, 1, KFI_COMPLETION));
	fake_qp_fail(fast->fe->qp, IB_WC_RETRY_EXC_ERR);
	for (i = 0; i < 2; i++)
		fixture_expect_error(fast->fe, &fast->context[i], FAST_WRITTEN,
				     i ? IB_WC_WR_FLUSH_ERR : IB_WC_RETRY_EXC_ERR);
	fixture_expect_shutdown(fast->fe);
	KUNIT_EXPECT_EQ(test, (ssize_t)-ENOTCONN,
			fast_write(fast, 0, KFI_COMPLETION));
	fake_qp_settle(fast->fe->qp);
	KUNIT_ASSERT_EQ(test, 0, fixture_ep_close(fast->fe));
	fast_expect_whole(fast);
}

/* A region is looked at like anywhere else. */
static void fast_window_region_test(struct kunit *test)
{
	struct fast *fast = fast_new_chained(test, FAST_TX);
	struct kfid_ep *ep = fast->fe->ep;
	struct kfid_mr *mr;
	void *desc;
	u32 i;

	KUNIT_ASSERT_EQ(test, 0, kfi_mr_reg(fast->f->domain, fast->buf, FAST_LEN,
					    KFI_WRITE, 0, 0, 0, &mr, NULL));
	desc = kfi_mr_desc(mr);
	for (i = 0; i < 2; i++)
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				kfi_write(ep, fast->buf + i, FAST_LEN - 1, desc,
					  0, i, FAST_RKEY, NULL));
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fast->fe->qp));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL,
			kfi_write(ep, fast->buf + 2, FAST_LEN - 1, desc, 0, 0,
				  FAST_RKEY, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EACCES,
			kfi_read(ep, fast->buf, FAST_LEN, desc, 0, 0, FAST_RKEY,
				 NULL));
	KUNIT_ASSERT_EQ(test, 2U, fake_qp_sends(fast->fe->qp));
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, kfv_mr(&mr->fid)->ibmr->iova + i,
				fake_qp_send(fast->fe->qp, i)->sge[0].addr);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_write(fast, 0, KFI_COMPLETION));
	fake_qp_complete(fast->fe->qp, 3);
	fast_expect_written(fast, 0, 1);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
}

static struct kunit_case verbs_fast_window_cases[] = {
	KUNIT_CASE(fast_window_chains_test),
	KUNIT_CASE(fast_window_places_test),
	KUNIT_CASE(fast_window_idle_test),
	KUNIT_CASE_PARAM(fast_window_ends_test, fast_ends_gen_params),
	KUNIT_CASE(fast_window_between_test),
	KUNIT_CASE(fast_window_busy_test),
	KUNIT_CASE(fast_window_full_test),
	KUNIT_CASE(fast_window_short_test),
	KUNIT_CASE_PARAM(fast_window_lost_test, fast_window_lost_gen_params),
	KUNIT_CASE(fast_window_broken_test),
	KUNIT_CASE(fast_window_region_test),
	{}
};

static struct kunit_suite verbs_fast_window_suite = {
	.name = "kfi_verbs_fast_window",
	.init = fast_polled_init,
	.test_cases = verbs_fast_window_cases,
};

kunit_test_suite(verbs_fast_window_suite);
