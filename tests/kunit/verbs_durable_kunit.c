// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The short way of commits: one write and one FLUSH, or nothing. Fixture: a connected
 * endpoint with KFI_RMA_PMEM whose peer executes FLUSH.
 */
#include "fixture_pmem.h"

#define DURABLE_LEN	24
#define DURABLE_AT	0x1040
#define DURABLE_RKEY	0x700
#define DURABLE_OFFSET	0x10ULL
#define DURABLE_KEY	(DURABLE_OFFSET << 48 | KFV_KEY_PMEM | KFV_KEY_FLUSH | \
			 DURABLE_RKEY)
#define WRITTEN		(KFI_RMA | KFI_WRITE)

static u8 *durable_buf;

static struct fixture_ep *durable_ep(struct kunit *test, size_t tx_size,
				     u64 tx_flags)
{
	const struct fixture_ep_attr attr = {
		.pmem = true, .peer = KFV_WIRE_F_FLUSH | KFV_WIRE_F_SERVE,
		.tx_size = tx_size, .tx_flags = tx_flags,
	};
	struct fixture *f = fixture_new(test);

	fake_hca_can_flush(f->hca, true, true);
	durable_buf = fixture_kmalloc(test, DURABLE_LEN);
	return fixture_ep_connect(f, &attr);
}

static ssize_t durable_write(struct fixture_ep *fe, u64 key, void *context)
{
	const struct kvec iov = { durable_buf, DURABLE_LEN };
	const struct kfi_rma_iov rma = { DURABLE_AT, DURABLE_LEN, key };
	const struct kfi_msg_rma msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
		.rma_iov = &rma, .rma_iov_count = 1, .context = context,
	};

	return kfi_writemsg(fe->ep, &msg, KFI_COMPLETION | KFI_COMMIT_COMPLETE);
}

static void durable_expect_chain(struct fixture_ep *fe)
{
	struct kunit *test = fe->f->test;
	struct fake_wr *wr;

	KUNIT_EXPECT_EQ(test, 1U, fe->qp->calls);
	KUNIT_ASSERT_EQ(test, 2U, fake_qp_sends(fe->qp));
	wr = fake_qp_send(fe->qp, 0);
	KUNIT_EXPECT_EQ(test, IB_WR_RDMA_WRITE, wr->opcode);
	KUNIT_EXPECT_EQ(test, 0, wr->send_flags);
	KUNIT_EXPECT_TRUE(test, wr->chained);
	wr = fake_qp_send(fe->qp, 1);
	KUNIT_EXPECT_EQ(test, IB_WR_FLUSH, wr->opcode);
	KUNIT_EXPECT_EQ(test, IB_SEND_SIGNALED, wr->send_flags);
	KUNIT_EXPECT_FALSE(test, wr->chained);
	KUNIT_EXPECT_EQ(test, DURABLE_AT + DURABLE_OFFSET, wr->remote_addr);
	KUNIT_EXPECT_EQ(test, (u32)DURABLE_RKEY, wr->rkey);
	KUNIT_EXPECT_EQ(test, (u64)DURABLE_LEN, wr->len);
	KUNIT_EXPECT_EQ(test, IB_FLUSH_GLOBAL | IB_FLUSH_PERSISTENT, wr->type);
	KUNIT_EXPECT_EQ(test, (int)IB_FLUSH_RANGE, wr->level);
}

static void durable_expect_over(struct fixture_ep *fe)
{
	struct kunit *test = fe->f->test;

	fixture_expect_empty(fe);
	KUNIT_EXPECT_EQ(test, fe->priv->sq.head, fe->priv->sq.tail);
	KUNIT_EXPECT_EQ(test, kfv_queue_posted(&fe->priv->sq), kfv_queue_done(&fe->priv->sq));
	KUNIT_EXPECT_EQ(test, 64, fixture_room(fe->cq));
	KUNIT_EXPECT_EQ(test, (int)kfv_cq(&fe->cq->fid)->nr_spare,
			fixture_spare(fe->cq));
}

static void durable_msg_test(struct kunit *test)
{
	struct fixture_ep *fe = durable_ep(test, 0, 0);

	KUNIT_ASSERT_EQ(test, (ssize_t)0, durable_write(fe, DURABLE_KEY, fe));
	durable_expect_chain(fe);
	KUNIT_EXPECT_EQ(test, 0U, fe->priv->commit->dirty.n);
	fake_qp_complete(fe->qp, 2);
	fixture_expect_sent(fe, fe, WRITTEN);
	durable_expect_over(fe);
}

static void durable_call_test(struct kunit *test)
{
	struct fixture_ep *fe = durable_ep(test, 0, KFI_COMMIT_COMPLETE);

	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_write(fe->ep, durable_buf, DURABLE_LEN, NULL, 0,
				  DURABLE_AT, DURABLE_KEY, fe));
	durable_expect_chain(fe);
	fake_qp_complete(fe->qp, 2);
	fixture_expect_sent(fe, fe, WRITTEN);
	durable_expect_over(fe);
}

/* What was written before is on account as it was. */
static void durable_account_test(struct kunit *test)
{
	struct fixture_ep *fe = durable_ep(test, 0, 0);

	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_write(fe->ep, durable_buf, 8, NULL, 0, 0x4000,
				  DURABLE_KEY, NULL));
	KUNIT_ASSERT_EQ(test, (ssize_t)0, durable_write(fe, DURABLE_KEY, fe));
	KUNIT_EXPECT_EQ(test, 1U, fe->priv->commit->dirty.n);
	KUNIT_EXPECT_EQ(test, 0x4000ULL, fe->priv->commit->dirty.ranges[0].start);
	KUNIT_EXPECT_EQ(test, 3U, fake_qp_sends(fe->qp));
}

static void durable_not_persistent_test(struct kunit *test)
{
	struct fixture_ep *fe = durable_ep(test, 0, 0);

	KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL,
			durable_write(fe, DURABLE_KEY & ~KFV_KEY_PMEM, NULL));
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fe->qp));
	/* the device cannot flush it: its CPU is asked */
	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			durable_write(fe, (DURABLE_KEY | KFV_KEY_READ) &
				      ~KFV_KEY_FLUSH, NULL));
	KUNIT_EXPECT_EQ(test, 1U, fe->priv->commit->posted);
}

/* Both have a place, or none. */
static void durable_full_test(struct kunit *test)
{
	struct fixture_ep *fe = durable_ep(test, 0, 0);

	fe->priv->sq.limit = 3;
	KUNIT_ASSERT_EQ(test, (ssize_t)0, durable_write(fe, DURABLE_KEY, fe));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN,
			durable_write(fe, DURABLE_KEY, NULL));
	KUNIT_EXPECT_EQ(test, 2U, fake_qp_sends(fe->qp));
	fake_qp_complete(fe->qp, 2);
	fixture_expect_sent(fe, fe, WRITTEN);
	durable_expect_over(fe);
}

static void durable_no_room_test(struct kunit *test)
{
	struct fixture_ep *fe = durable_ep(test, 256, 0);
	int i;

	for (i = 0; i < 64; i++)
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				durable_write(fe, DURABLE_KEY, fe));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN,
			durable_write(fe, DURABLE_KEY, NULL));
	KUNIT_EXPECT_EQ(test, (int)kfv_cq(&fe->cq->fid)->nr_spare - 64,
			fixture_spare(fe->cq));
	fake_qp_complete(fe->qp, 128);
	for (i = 0; i < 64; i++)
		fixture_expect_sent(fe, fe, WRITTEN);
	durable_expect_over(fe);
}

static void durable_refused_test(struct kunit *test)
{
	struct fixture_ep *fe = durable_ep(test, 0, 0);

	fake_qp_refuse(fe->qp, 0, 1, -EIO);
	KUNIT_EXPECT_EQ(test, (ssize_t)-EIO, durable_write(fe, DURABLE_KEY, NULL));
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fe->qp));
	durable_expect_over(fe);
	fixture_expect_no_event(fe);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, durable_write(fe, DURABLE_KEY, fe));
	fake_qp_complete(fe->qp, 2);
	fixture_expect_sent(fe, fe, WRITTEN);
}

struct durable_cut_case {
	const char *name;
	u32 refuse;
};

static const struct durable_cut_case durable_cut_cases[] = {
	{ "the FLUSH", 1 }, { "and the marker", 2 },
};

KUNIT_ARRAY_PARAM_DESC(durable_cut, durable_cut_cases, name);

/* Written, but not durable: that is no success. */
static void durable_cut_test(struct kunit *test)
{
	const struct durable_cut_case *c = test->param_value;
	struct fixture_ep *fe = durable_ep(test, 0, 0);
	int context;

	fake_qp_refuse(fe->qp, 1, c->refuse, -EIO);
	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			durable_write(fe, DURABLE_KEY, &context));
	fixture_expect_shutdown(fe);
	fake_qp_settle(fe->qp);
	fixture_expect_error(fe, &context, WRITTEN, IB_WC_WR_FLUSH_ERR);
	durable_expect_over(fe);
}

static struct kunit_case verbs_durable_cases[] = {
	KUNIT_CASE(durable_msg_test),
	KUNIT_CASE(durable_call_test),
	KUNIT_CASE(durable_account_test),
	KUNIT_CASE(durable_not_persistent_test),
	KUNIT_CASE(durable_full_test),
	KUNIT_CASE(durable_no_room_test),
	KUNIT_CASE(durable_refused_test),
	KUNIT_CASE_PARAM(durable_cut_test, durable_cut_gen_params),
	{}
};

static struct kunit_suite verbs_durable_suite = {
	.name = "kfi_verbs_durable",
	.test_cases = verbs_durable_cases,
};

kunit_test_suite(verbs_durable_suite);
