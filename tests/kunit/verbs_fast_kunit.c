// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Plain operations: KFI_MORE makes chains that lose nothing, whatever comes in between;
 * silent ones are accounted for by the next that is not. Fixture: a connected endpoint
 * on a fake HCA.
 */
#include "verbs_fast_kunit.h"

/*
 * Chains
 */

static void fast_chain_test(struct kunit *test)
{
	struct fast *fast = fast_new(test, NULL);
	struct fake_wr *wr;
	u32 i;

	fast_write_more(fast, 3);
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fast->fe->qp));
	KUNIT_EXPECT_EQ(test, 0U, fast->fe->qp->calls);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_write(fast, 3, 0));
	KUNIT_EXPECT_EQ(test, 1U, fast->fe->qp->calls);
	KUNIT_ASSERT_EQ(test, 4U, fake_qp_sends(fast->fe->qp));
	for (i = 0; i < 4; i++) {
		wr = fake_qp_send(fast->fe->qp, i);
		KUNIT_EXPECT_EQ(test, (u64)i, wr->remote_addr);
		KUNIT_EXPECT_EQ(test, (u64)FAST_LEN, wr->len);
		KUNIT_EXPECT_EQ(test, i < 3, wr->chained);
		KUNIT_EXPECT_EQ(test, IB_SEND_SIGNALED, wr->send_flags);
	}
	fake_qp_complete(fast->fe->qp, 4);
	fast_expect_written(fast, 0, 4);
	fast_expect_whole(fast);
	KUNIT_EXPECT_EQ(test, 4UL, kfv_queue_posted(&fast->fe->priv->sq));
	KUNIT_EXPECT_EQ(test, 4UL, kfv_queue_done(&fast->fe->priv->sq));
}

/* Calls without flags are more of a chain, if those are the default flags. */
static void fast_chain_by_default_test(struct kunit *test)
{
	struct fast *fast = fast_new(test, NULL);
	u64 flags = KFI_TRANSMIT | KFI_MORE;
	u32 i;

	KUNIT_ASSERT_EQ(test, 0, kfi_control(&fast->fe->ep->fid, KFI_SETOPSFLAG,
					     &flags));
	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				kfi_write(fast->fe->ep, fast->buf, FAST_LEN,
					  NULL, 0, i, FAST_RKEY,
					  &fast->context[i]));
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_send(fast->fe->ep, fast->buf, FAST_LEN, NULL, 0,
				 &fast->context[3]));
	KUNIT_EXPECT_EQ(test, 0U, fast->fe->qp->calls);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_write(fast, 4, 0));
	KUNIT_EXPECT_EQ(test, 1U, fast->fe->qp->calls);
	KUNIT_ASSERT_EQ(test, 5U, fake_qp_sends(fast->fe->qp));
	fake_qp_complete(fast->fe->qp, 5);
	fast_expect_written(fast, 0, 3);
	fixture_expect_sent(fast->fe, &fast->context[3], FAST_SENT);
	fast_expect_written(fast, 4, 5);
	fast_expect_whole(fast);

	flags = KFI_TRANSMIT;
	KUNIT_ASSERT_EQ(test, 0, kfi_control(&fast->fe->ep->fid, KFI_SETOPSFLAG,
					     &flags));
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_send(fast->fe->ep, fast->buf, FAST_LEN, NULL, 0,
				 NULL));
	KUNIT_EXPECT_EQ(test, 2U, fast->fe->qp->calls);
}

/* The client has its buffer back: what is injected waits for nothing. */
static void fast_inject_more_test(struct kunit *test)
{
	struct fast *fast = fast_new(test, NULL);
	u64 flags = KFI_TRANSMIT | KFI_INJECT | KFI_MORE;

	fast->len = FAST_SMALL;
	KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_write(fast, 0, KFI_MORE));
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fast->fe->qp));
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			fast_write(fast, 1, KFI_INJECT | KFI_MORE));
	KUNIT_EXPECT_EQ(test, 1U, fast->fe->qp->calls);
	KUNIT_EXPECT_EQ(test, 2U, fake_qp_sends(fast->fe->qp));
	KUNIT_ASSERT_EQ(test, 0, kfi_control(&fast->fe->ep->fid, KFI_SETOPSFLAG,
					     &flags));
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_send(fast->fe->ep, fast->buf, FAST_SMALL, NULL, 0,
				 NULL));
	KUNIT_EXPECT_EQ(test, 2U, fast->fe->qp->calls);
	KUNIT_EXPECT_EQ(test, 3U, fake_qp_sends(fast->fe->qp));
}

/* What is injected, by the call or by default, goes along; a read does not. */
static void fast_inject_test(struct kunit *test)
{
	struct fast *fast = fast_new(test, NULL);
	u64 flags = KFI_TRANSMIT | KFI_INJECT;
	u32 i;

	fast->len = FAST_SMALL;
	KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_write(fast, 0, KFI_INJECT));
	KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_send(fast, KFI_INJECT));
	KUNIT_ASSERT_EQ(test, 0, kfi_control(&fast->fe->ep->fid, KFI_SETOPSFLAG,
					     &flags));
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_write(fast->fe->ep, fast->buf, FAST_SMALL, NULL, 0, 0,
				  FAST_RKEY, NULL));
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_send(fast->fe->ep, fast->buf, FAST_SMALL, NULL, 0,
				 NULL));
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_read(fast->fe->ep, fast->buf, FAST_SMALL, NULL, 0, 0,
				 FAST_RKEY, NULL));
	KUNIT_ASSERT_EQ(test, 5U, fake_qp_sends(fast->fe->qp));
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ(test, (int)(IB_SEND_SIGNALED |
					    (i < 4 ? IB_SEND_INLINE : 0)),
				fake_qp_send(fast->fe->qp, i)->send_flags);
}

/* Small data goes along, whoever asked for it, but for reads; it waits all the same. */
static void fast_small_test(struct kunit *test)
{
	static const size_t lens[] = { 1, FAKE_MAX_INLINE, FAKE_MAX_INLINE + 1 };
	struct fast *fast = fast_new(test, NULL);
	struct kfid_mr *mr;
	struct fake_wr *wr;
	void *desc;
	u32 i;

	memset(fast->buf, 0x5a, FAST_LEN);
	KUNIT_ASSERT_EQ(test, 0, kfi_mr_reg(fast->f->domain, fast->buf, FAST_LEN,
					    KFI_SEND, 0, 0, 0, &mr, NULL));
	desc = kfi_mr_desc(mr);
	for (i = 0; i < 6; i++)
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				kfi_send(fast->fe->ep, fast->buf, lens[i / 2],
					 i % 2 ? desc : NULL, 0, NULL));
	for (i = 0; i < 6; i++) {
		wr = fake_qp_send(fast->fe->qp, i);
		KUNIT_EXPECT_EQ(test, (int)(IB_SEND_SIGNALED |
					    (i < 4 ? IB_SEND_INLINE : 0)),
				wr->send_flags);
		if (i < 4)
			KUNIT_EXPECT_MEMEQ(test, fast->buf, wr->data,
					   lens[i / 2]);
	}
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_read(fast->fe->ep, fast->buf, 1, NULL, 0, 0,
				 FAST_RKEY, NULL));
	KUNIT_EXPECT_EQ(test, (int)IB_SEND_SIGNALED,
			fake_qp_send(fast->fe->qp, 6)->send_flags);

	fast->len = FAST_SMALL;
	KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_write(fast, 0, KFI_MORE));
	KUNIT_EXPECT_EQ(test, 7U, fake_qp_sends(fast->fe->qp));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
}

/* A chain of one, and nothing of the chain before is left over. */
static void fast_chain_again_test(struct kunit *test)
{
	struct fast *fast = fast_new(test, NULL);
	u32 n;

	for (n = 0; n < 4; n++) {
		fast_write_more(fast, n);
		KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_send(fast, 0));
		KUNIT_EXPECT_EQ(test, n + 1, fast->fe->qp->calls);
		KUNIT_ASSERT_EQ(test, n + 1, fake_qp_sends(fast->fe->qp));
		KUNIT_EXPECT_FALSE(test, fake_qp_send(fast->fe->qp, n)->chained);
		KUNIT_EXPECT_EQ(test, IB_WR_SEND,
				fake_qp_send(fast->fe->qp, n)->opcode);
		fake_qp_complete(fast->fe->qp, n + 1);
		fast_expect_written(fast, 0, n);
		fixture_expect_sent(fast->fe, &fast->context[0], FAST_SENT);
	}
	fast_expect_whole(fast);
}

/* More than there is room for go to the device meanwhile. */
static void fast_chain_full_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .tx_size = 256, .cq_size = 512 };
	struct fast *fast = fast_new(test, &attr);
	u32 n = 2 * KFV_FAST_BATCH + 1;

	fast_write_more(fast, KFV_FAST_BATCH - 1);
	KUNIT_EXPECT_EQ(test, 0U, fast->fe->qp->calls);
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			fast_write(fast, KFV_FAST_BATCH - 1, KFI_MORE));
	KUNIT_EXPECT_EQ(test, 1U, fast->fe->qp->calls);
	KUNIT_EXPECT_EQ(test, (u32)KFV_FAST_BATCH, fake_qp_sends(fast->fe->qp));
	fast_write_more(fast, KFV_FAST_BATCH);
	KUNIT_EXPECT_EQ(test, 2U, fast->fe->qp->calls);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_write(fast, 0, 0));
	KUNIT_EXPECT_EQ(test, 3U, fast->fe->qp->calls);
	KUNIT_ASSERT_EQ(test, n, fake_qp_sends(fast->fe->qp));
	fake_qp_complete(fast->fe->qp, n);
	fast_expect_written(fast, 0, KFV_FAST_BATCH);
	fast_expect_written(fast, 0, KFV_FAST_BATCH + 1);
	fast_expect_whole(fast);
}

/* What is not plain takes those that wait along, and is behind them. */
static void fast_chain_then_list_test(struct kunit *test)
{
	struct fast *fast = fast_new(test, NULL);
	const struct kvec iov[] = { { fast->buf, 1 }, { fast->buf + 2, 1 } };

	fast_write_more(fast, 2);
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_writev(fast->fe->ep, iov, NULL, 2, 0, 2, FAST_RKEY,
				   &fast->context[2]));
	KUNIT_ASSERT_EQ(test, 3U, fake_qp_sends(fast->fe->qp));
	KUNIT_EXPECT_EQ(test, 2U, fake_qp_send(fast->fe->qp, 2)->num_sge);
	fast_write_more(fast, 1);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_write(fast, 1, 0));
	fake_qp_complete(fast->fe->qp, 5);
	fast_expect_written(fast, 0, 3);
	fast_expect_written(fast, 0, 2);
	fast_expect_whole(fast);
}

/*
 * Refused by us
 */

static ssize_t fast_bad_key(struct fast *fast)
{
	return kfi_write(fast->fe->ep, fast->buf, 1, NULL, 0, 0, BIT_ULL(40),
			 NULL);
}

static ssize_t fast_range_wraps(struct fast *fast)
{
	return fast_write_range(fast, 1, SIZE_MAX, 0);
}

static ssize_t fast_range_short(struct fast *fast)
{
	return fast_write_range(fast, 0, FAST_LEN - 1, 0);
}

static ssize_t fast_no_buffer(struct fast *fast)
{
	return kfi_send(fast->fe->ep, NULL, 1, NULL, 0, NULL);
}

static ssize_t fast_nothing_to_inject(struct fast *fast)
{
	return kfi_inject(fast->fe->ep, NULL, 1, 0);
}

static ssize_t fast_too_much_to_inject(struct fast *fast)
{
	return kfi_inject_write(fast->fe->ep, fast->buf, KFV_INJECT_SIZE + 1, 0,
				0, FAST_RKEY);
}

static ssize_t fast_unknown_flag(struct fast *fast)
{
	return fast_write(fast, 0, BIT_ULL(63) | KFI_MORE);
}

static ssize_t fast_data_too_wide(struct fast *fast)
{
	return kfi_senddata(fast->fe->ep, fast->buf, 1, NULL, BIT_ULL(32), 0,
			    NULL);
}

struct fast_refused_case {
	const char *name;
	ssize_t (*call)(struct fast *fast);
	ssize_t rc;
};

static const struct fast_refused_case fast_refused_cases[] = {
	{ "bad key", fast_bad_key, -EKEYREJECTED },
	{ "range that wraps", fast_range_wraps, -EINVAL },
	{ "range too short", fast_range_short, -EINVAL },
	{ "no buffer", fast_no_buffer, -EINVAL },
	{ "nothing to inject", fast_nothing_to_inject, -EINVAL },
	{ "too much to inject", fast_too_much_to_inject, -EMSGSIZE },
	{ "unknown flag", fast_unknown_flag, -KFI_EBADFLAGS },
	{ "data too wide", fast_data_too_wide, -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(fast_refused, fast_refused_cases, name);

/* Nobody waits for an operation that did not become one. */
static void fast_refused_test(struct kunit *test)
{
	const struct fast_refused_case *c = test->param_value;
	struct fast *fast = fast_new(test, NULL);

	fast_write_more(fast, 2);
	KUNIT_EXPECT_EQ(test, c->rc, c->call(fast));
	KUNIT_ASSERT_EQ(test, 2U, fake_qp_sends(fast->fe->qp));
	KUNIT_EXPECT_EQ(test, 1U, fast->fe->qp->calls);
	fake_qp_complete(fast->fe->qp, 2);
	fast_expect_written(fast, 0, 2);
	fast_expect_whole(fast);
}

/* A queue that is full of operations that wait would stay so. */
static void fast_full_queue_test(struct kunit *test)
{
	struct fast *fast = fast_new(test, NULL);

	fast_write_more(fast, 16);
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fast->fe->qp));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN, fast_write(fast, 0, KFI_MORE));
	KUNIT_EXPECT_EQ(test, 16U, fake_qp_sends(fast->fe->qp));
	KUNIT_EXPECT_EQ(test, 1ULL, fast->fe->priv->sq.again);
	fake_qp_complete(fast->fe->qp, 16);
	fast_expect_written(fast, 0, 16);
	fast_expect_whole(fast);
}

/*
 * Refused by the device
 */

static void fast_device_refuses_test(struct kunit *test)
{
	struct fast *fast = fast_new(test, NULL);

	fake_qp_refuse(fast->fe->qp, 0, 1, -EIO);
	KUNIT_EXPECT_EQ(test, (ssize_t)-EIO, fast_write(fast, 0, 0));
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fast->fe->qp));
	KUNIT_EXPECT_EQ(test, 0UL, kfv_queue_posted(&fast->fe->priv->sq));
	fast_expect_whole(fast);
	fixture_expect_no_event(fast->fe);

	KUNIT_EXPECT_EQ(test, (ssize_t)0, fast_write(fast, 1, 0));
	fake_qp_complete(fast->fe->qp, 1);
	fast_expect_written(fast, 1, 2);
	fast_expect_whole(fast);
}

/* What was accepted before is in flight: the last one is refused, and that is all. */
static void fast_device_refuses_last_test(struct kunit *test)
{
	struct fast *fast = fast_new(test, NULL);

	fast_write_more(fast, 2);
	fake_qp_refuse(fast->fe->qp, 2, 1, -EIO);
	KUNIT_EXPECT_EQ(test, (ssize_t)-EIO, fast_write(fast, 2, 0));
	KUNIT_EXPECT_EQ(test, 2U, fake_qp_sends(fast->fe->qp));
	KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_write(fast, 2, 0));
	fake_qp_complete(fast->fe->qp, 3);
	fast_expect_written(fast, 0, 3);
	fast_expect_whole(fast);
	fixture_expect_no_event(fast->fe);
}

/* Likewise of silent ones: the next that reports accounts for them. */
static void fast_device_refuses_silent_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = {
		.bind_flags = KFI_SELECTIVE_COMPLETION,
	};
	struct fast *fast = fast_new(test, &attr);

	KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_write(fast, 0, 0));
	fake_qp_refuse(fast->fe->qp, 0, 1, -EIO);
	KUNIT_EXPECT_EQ(test, (ssize_t)-EIO, fast_write(fast, 1, 0));
	KUNIT_EXPECT_EQ(test, fast->spare - 1, fixture_spare(fast->fe->cq));
	fake_qp_refuse(fast->fe->qp, 0, 1, -EIO);
	KUNIT_EXPECT_EQ(test, (ssize_t)-EIO, fast_write(fast, 1, KFI_COMPLETION));
	KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_write(fast, 2, KFI_COMPLETION));
	fake_qp_complete(fast->fe->qp, 2);
	fast_expect_written(fast, 2, 3);
	fast_expect_whole(fast);
	KUNIT_EXPECT_EQ(test, 2UL, kfv_queue_done(&fast->fe->priv->sq));
}

struct fast_lost_case {
	const char *name;
	u32 accept;
	u32 refuse;
};

static const struct fast_lost_case fast_lost_cases[] = {
	{ "from the first on", 0, 1 },
	{ "from the third on", 2, 1 },
	{ "and the marker", 2, 2 },
};

KUNIT_ARRAY_PARAM_DESC(fast_lost, fast_lost_cases, name);

/*
 * What was accepted and is not with the device fails, each with an entry, behind
 * what is; what was being posted is refused; the connection ends.
 */
static void fast_lost_test(struct kunit *test)
{
	const struct fast_lost_case *c = test->param_value;
	struct fast *fast = fast_new(test, NULL);
	u32 i;

	fast_write_more(fast, 4);
	fake_qp_refuse(fast->fe->qp, c->accept, c->refuse, -EIO);
	/* before the connection is broken */
	fast->fe->qp->instant = true;
	KUNIT_EXPECT_EQ(test, (ssize_t)-EIO, fast_write(fast, 4, 0));
	fast_expect_written(fast, 0, c->accept);
	fixture_expect_shutdown(fast->fe);
	if (c->refuse > 1)
		KUNIT_ASSERT_EQ(test, 0, fixture_ep_close(fast->fe));
	for (i = c->accept; i < 4; i++)
		fixture_expect_error(fast->fe, &fast->context[i], FAST_WRITTEN,
				     IB_WC_GENERAL_ERR);
	fast_expect_whole(fast);
}

/* Nobody is there to be told when those that wait are all that is posted. */
static void fast_lost_before_list_test(struct kunit *test)
{
	struct fast *fast = fast_new(test, NULL);
	const struct kvec iov[] = { { fast->buf, 1 }, { fast->buf + 2, 1 } };

	fast_write_more(fast, 2);
	fake_qp_refuse(fast->fe->qp, 1, 1, -EIO);
	fast->fe->qp->instant = true;
	KUNIT_EXPECT_EQ(test, (ssize_t)-EIO,
			kfi_writev(fast->fe->ep, iov, NULL, 2, 0, 2, FAST_RKEY,
				   &fast->context[2]));
	fast_expect_written(fast, 0, 1);
	fixture_expect_error(fast->fe, &fast->context[1], FAST_WRITTEN,
			     IB_WC_GENERAL_ERR);
	fast_expect_whole(fast);
	fixture_expect_shutdown(fast->fe);
}

/*
 * The end of a connection
 */

static void fast_close_test(struct kunit *test)
{
	struct fast *fast = fast_new(test, NULL);

	fast_write_more(fast, 3);
	KUNIT_ASSERT_EQ(test, 0, fixture_ep_close(fast->fe));
	fixture_expect_error(fast->fe, &fast->context[0], FAST_WRITTEN,
			     IB_WC_WR_FLUSH_ERR);
	fixture_expect_error(fast->fe, &fast->context[1], FAST_WRITTEN,
			     IB_WC_WR_FLUSH_ERR);
	fixture_expect_error(fast->fe, &fast->context[2], FAST_WRITTEN,
			     IB_WC_WR_FLUSH_ERR);
	fast_expect_whole(fast);
}

static void fast_broken_test(struct kunit *test)
{
	struct fast *fast = fast_new(test, NULL);

	KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_write(fast, 0, 0));
	fast_write_more(fast, 2);
	fake_qp_fail(fast->fe->qp, IB_WC_RETRY_EXC_ERR);
	fixture_expect_error(fast->fe, &fast->context[0], FAST_WRITTEN,
			     IB_WC_RETRY_EXC_ERR);
	fixture_expect_shutdown(fast->fe);
	fake_qp_settle(fast->fe->qp);
	fixture_expect_error(fast->fe, &fast->context[0], FAST_WRITTEN,
			     IB_WC_WR_FLUSH_ERR);
	fixture_expect_error(fast->fe, &fast->context[1], FAST_WRITTEN,
			     IB_WC_WR_FLUSH_ERR);
	fast_expect_whole(fast);
}

/* With a descriptor nothing is mapped; without, the long way does it. */
static void fast_region_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .map = true };
	struct fast *fast = fast_new(test, &attr);
	struct kfid_mr *mr;
	struct fake_wr *wr;
	void *desc;

	KUNIT_ASSERT_EQ(test, 0, kfi_mr_reg(fast->f->domain, fast->buf, FAST_LEN,
					    KFI_WRITE, 0, 0, 0, &mr, NULL));
	desc = kfi_mr_desc(mr);
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_write(fast->fe->ep, fast->buf + 8, FAST_LEN - 8,
				  desc, 0, 0, FAST_RKEY, &fast->context[0]));
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_write(fast->fe->ep, fast->buf + 8, FAST_LEN - 8,
				  NULL, 0, 0, FAST_RKEY, &fast->context[1]));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL,
			kfi_write(fast->fe->ep, fast->buf + 8, FAST_LEN - 7,
				  desc, 0, 0, FAST_RKEY, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL,
			kfi_write(fast->fe->ep, fast->buf - 1, FAST_LEN, desc, 0,
				  0, FAST_RKEY, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EACCES,
			kfi_read(fast->fe->ep, fast->buf, FAST_LEN, desc, 0, 0,
				 FAST_RKEY, NULL));
	wr = fake_qp_send(fast->fe->qp, 0);
	KUNIT_EXPECT_EQ(test, kfv_mr(&mr->fid)->ibmr->iova + 8,
			wr->sge[0].addr);
	KUNIT_EXPECT_EQ(test, kfv_mr(&mr->fid)->ibmr->lkey, wr->sge[0].lkey);
	KUNIT_EXPECT_EQ(test, (u32)FAKE_LOCAL_LKEY,
			fake_qp_send(fast->fe->qp, 1)->sge[0].lkey);
	fake_qp_complete(fast->fe->qp, 2);
	fast_expect_written(fast, 0, 2);
	fast_expect_whole(fast);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
}

static struct kunit_case verbs_fast_cases[] = {
	KUNIT_CASE(fast_chain_test),
	KUNIT_CASE(fast_chain_by_default_test),
	KUNIT_CASE(fast_inject_test),
	KUNIT_CASE(fast_inject_more_test),
	KUNIT_CASE(fast_small_test),
	KUNIT_CASE(fast_chain_again_test),
	KUNIT_CASE(fast_chain_full_test),
	KUNIT_CASE(fast_chain_then_list_test),
	KUNIT_CASE_PARAM(fast_refused_test, fast_refused_gen_params),
	KUNIT_CASE(fast_full_queue_test),
	KUNIT_CASE(fast_device_refuses_test),
	KUNIT_CASE(fast_device_refuses_last_test),
	KUNIT_CASE(fast_device_refuses_silent_test),
	KUNIT_CASE_PARAM(fast_lost_test, fast_lost_gen_params),
	KUNIT_CASE(fast_lost_before_list_test),
	KUNIT_CASE(fast_close_test),
	KUNIT_CASE(fast_broken_test),
	KUNIT_CASE(fast_region_test),
	{}
};

static struct kunit_suite verbs_fast_suite = {
	.name = "kfi_verbs_fast",
	.test_cases = verbs_fast_cases,
};

/* The same for a client that makes one call at a time, and polls */
static struct kunit_suite verbs_fast_polled_suite = {
	.name = "kfi_verbs_fast_polled",
	.init = fast_polled_init,
	.test_cases = verbs_fast_cases,
};

kunit_test_suites(&verbs_fast_suite, &verbs_fast_polled_suite);
