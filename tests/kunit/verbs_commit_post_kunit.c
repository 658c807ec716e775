// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Commits of which the device takes only a part, completions that are faster
 * than the call that posts, and clients who post from their handlers.
 */
#include "fixture_pmem.h"

#define CUT_KEY		(0x10ULL << 48 | KFV_KEY_BITS | 0x700)
#define CUT_LEN		16
#define WRITTEN		(KFI_RMA | KFI_WRITE)

static const u8 cut_bytes[2 * CUT_LEN];

/* To two ranges: with two writes, and what the method adds */
static ssize_t cut_post(struct fixture_ep *fe, u64 flags, void *context)
{
	const struct kvec iov = { (void *)cut_bytes, sizeof(cut_bytes) };
	const struct kfi_rma_iov rma[] = {
		{ 0, CUT_LEN, CUT_KEY }, { 0x1000, CUT_LEN, CUT_KEY },
	};
	const struct kfi_msg_rma msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
		.rma_iov = rma, .rma_iov_count = 2, .context = context,
	};

	return kfi_writemsg(fe->ep, &msg, flags);
}

static struct fixture_ep *cut_ep(struct kunit *test, u32 peer,
				 kfi_comp_handler handler)
{
	const struct fixture_ep_attr attr = {
		.pmem = true, .peer = peer, .handler = handler, .tx_size = 64,
		.map = true,
	};
	struct fixture *f = fixture_new(test);

	fake_hca_can_flush(f->hca, true, true);
	return fixture_ep_connect(f, &attr);
}

static void cut_expect_over(struct fixture_ep *fe)
{
	const struct kfv_commit *commit = fe->priv->commit;
	struct kunit *test = fe->f->test;

	fixture_expect_empty(fe);
	KUNIT_EXPECT_EQ(test, fe->priv->sq.head, fe->priv->sq.tail);
	KUNIT_EXPECT_EQ(test, fe->priv->sq.head, commit->ep->sq.hw);
	KUNIT_EXPECT_EQ(test, kfv_queue_posted(&fe->priv->sq), kfv_queue_done(&fe->priv->sq));
	KUNIT_EXPECT_EQ(test, commit->posted, commit->sent);
	KUNIT_EXPECT_EQ(test, 64, fixture_room(fe->cq));
	KUNIT_EXPECT_EQ(test, (int)kfv_cq(&fe->cq->fid)->nr_spare,
			fixture_spare(fe->cq));
}

/*
 * The device takes a part
 */

struct cut_case {
	const char *name;
	u32 peer;
	u32 accept;
	bool marker;
	u64 flags;
};

/* Two writes and: two FLUSHes; a read, and then the peer is asked, and told */
static const struct cut_case cut_cases[] = {
	{ "flush, 1", KFV_WIRE_F_FLUSH, 1, true },
	{ "flush, 2", KFV_WIRE_F_FLUSH, 2, true },
	{ "flush, 3", KFV_WIRE_F_FLUSH, 3, true },
	{ "flush, 1, no marker", KFV_WIRE_F_FLUSH, 1, false },
	{ "flush, 2, no marker", KFV_WIRE_F_FLUSH, 2, false },
	{ "flush, 3, no marker", KFV_WIRE_F_FLUSH, 3, false },
	{ "cpu, 1", KFV_WIRE_F_SERVE, 1, true },
	{ "cpu, 2", KFV_WIRE_F_SERVE, 2, true },
	{ "cpu, 1, no marker", KFV_WIRE_F_SERVE, 1, false },
	{ "cpu, 2, no marker", KFV_WIRE_F_SERVE, 2, false },
	{ "told, 1", KFV_WIRE_F_SERVE, 1, true, KFI_REMOTE_CQ_DATA },
	{ "told, 2", KFV_WIRE_F_SERVE, 2, true, KFI_REMOTE_CQ_DATA },
	{ "told, 1, no marker", KFV_WIRE_F_SERVE, 1, false,
	  KFI_REMOTE_CQ_DATA },
	{ "told, 2, no marker", KFV_WIRE_F_SERVE, 2, false,
	  KFI_REMOTE_CQ_DATA },
};

KUNIT_ARRAY_PARAM_DESC(cut, cut_cases, name);

/* One completion, with an error; nothing else of it happens */
static void cut_test(struct kunit *test)
{
	const struct cut_case *c = test->param_value;
	struct fixture_ep *fe = cut_ep(test, c->peer, NULL);
	int context;

	fake_qp_refuse(fe->qp, c->accept, c->marker ? 1 : 2, -ENOMEM);
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			cut_post(fe, c->flags | KFI_COMMIT_COMPLETE,
				 &context));
	fixture_expect_shutdown(fe);
	fake_qp_settle(fe->qp);
	fixture_expect_error(fe, &context, WRITTEN, IB_WC_WR_FLUSH_ERR);
	cut_expect_over(fe);
	KUNIT_EXPECT_EQ(test, (ssize_t)-ENOTCONN,
			cut_post(fe, KFI_COMMIT_COMPLETE, NULL));
}

/* The marker is done before the connection is broken. */
static void cut_done_test(struct kunit *test)
{
	const struct cut_case *c = test->param_value;
	struct fixture_ep *fe = cut_ep(test, c->peer, NULL);
	int context;

	if (!c->marker)
		return;
	fake_qp_refuse(fe->qp, c->accept, 1, -ENOMEM);
	fe->qp->instant = true;
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			cut_post(fe, c->flags | KFI_COMMIT_COMPLETE,
				 &context));
	fixture_expect_shutdown(fe);
	/* a marker in the place of the last request looks like a commit */
	fixture_expect_error(fe, &context, WRITTEN,
			     c->peer == KFV_WIRE_F_SERVE && c->accept == 2 ?
			     IB_WC_WR_FLUSH_ERR : IB_WC_GENERAL_ERR);
	cut_expect_over(fe);
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fe->ctl));
}

/* Commits in front of it that wait for the peer fail with it. */
static void cut_behind_commit_test(struct kunit *test)
{
	struct fixture_ep *fe = cut_ep(test, KFV_WIRE_F_SERVE, NULL);
	int context[2];

	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			cut_post(fe, KFI_COMMIT_COMPLETE, &context[0]));
	fake_qp_complete(fe->qp, 3);
	fake_qp_refuse(fe->qp, 2, 1, -ENOMEM);
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			cut_post(fe, KFI_COMMIT_COMPLETE, &context[1]));
	fixture_expect_shutdown(fe);
	fake_qp_settle(fe->qp);
	fixture_expect_error(fe, &context[0], WRITTEN, IB_WC_WR_FLUSH_ERR);
	fixture_expect_error(fe, &context[1], WRITTEN, IB_WC_WR_FLUSH_ERR);
	cut_expect_over(fe);
}

static void cut_nothing_taken_test(struct kunit *test)
{
	struct fixture_ep *fe = cut_ep(test, KFV_WIRE_F_SERVE, NULL);
	u32 i;

	/* more often than there are slots */
	for (i = 0; i < KFV_WIRE_REQUESTS + 1; i++) {
		fake_qp_refuse(fe->qp, 0, 1, -ENOMEM);
		KUNIT_EXPECT_EQ(test, (ssize_t)-ENOMEM,
				cut_post(fe, KFI_COMMIT_COMPLETE |
					 (i % 2 ? KFI_REMOTE_CQ_DATA : 0),
					 NULL));
	}
	cut_expect_over(fe);
	KUNIT_EXPECT_EQ(test, 0U, fe->priv->commit->posted);
	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			cut_post(fe, KFI_COMMIT_COMPLETE, NULL));
	fixture_expect_no_event(fe);
}

/* It fits but for the read behind it: trying again is of no use. */
static void cut_too_long_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .tx_size = 2 };
	struct fixture_ep *fe = fixture_ep_connect(fixture_new(test), &attr);

	KUNIT_EXPECT_EQ(test, (ssize_t)-E2BIG,
			cut_post(fe, KFI_DELIVERY_COMPLETE, NULL));
	KUNIT_EXPECT_EQ(test, 0ULL, fe->priv->sq.again);
	KUNIT_EXPECT_EQ(test, (ssize_t)0, cut_post(fe, 0, NULL));
	fake_qp_complete(fe->qp, 2);
	fixture_expect_sent(fe, NULL, WRITTEN);
}

/* A chain that takes several calls to post */
static void cut_second_batch_test(struct kunit *test)
{
	struct fixture_ep *fe = cut_ep(test, KFV_WIRE_F_FLUSH, NULL);
	int context;
	u32 i;

	for (i = 0; i < KFV_DIRTY_MAX; i++)
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				kfi_inject_write(fe->ep, cut_bytes, 1, 0, 0,
						 CUT_KEY + 1 + i));
	fake_qp_complete(fe->qp, fake_qp_sends(fe->qp));
	KUNIT_ASSERT_EQ(test, (u32)KFV_DIRTY_MAX, fe->priv->commit->dirty.n);
	fe->qp->calls = 0;
	fake_qp_refuse(fe->qp, KFV_POST_BATCH + 1, 1, -ENOMEM);
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			cut_post(fe, KFI_FENCE | KFI_COMMIT_COMPLETE,
				 &context));
	/* two batches and the marker */
	KUNIT_EXPECT_EQ(test, 3U, fe->qp->calls);
	fixture_expect_shutdown(fe);
	fake_qp_settle(fe->qp);
	fixture_expect_error(fe, &context, WRITTEN, IB_WC_WR_FLUSH_ERR);
	cut_expect_over(fe);
}

/*
 * Faster than the call
 */

static void cut_instant_test(struct kunit *test)
{
	struct fixture_ep *fe = cut_ep(test, KFV_WIRE_F_SERVE, NULL);
	int context[3];

	fe->qp->instant = true;
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			cut_post(fe, KFI_COMMIT_COMPLETE, &context[0]));
	KUNIT_ASSERT_EQ(test, (ssize_t)0, cut_post(fe, 0, &context[1]));
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			cut_post(fe, KFI_COMMIT_COMPLETE, &context[2]));
	fixture_expect_empty(fe);
	KUNIT_ASSERT_EQ(test, 2U, fake_qp_sends(fe->ctl));
	fake_qp_complete(fe->ctl, 2);
	fixture_ctl_reply(fe, 0, KFV_WIRE_OK);
	fixture_expect_sent(fe, &context[0], WRITTEN);
	fixture_expect_sent(fe, &context[1], WRITTEN);
	fixture_ctl_reply(fe, 1, KFV_WIRE_OK);
	fixture_expect_sent(fe, &context[2], WRITTEN);
	cut_expect_over(fe);
}

/*
 * Clients who post from their handlers
 */

static void cut_repost(struct kfid_cq *cq, void *context)
{
	struct fixture_ep *fe = context;
	struct kfi_cq_data_entry entry;

	while (kfi_cq_read(cq, &entry, 1) == 1)
		if (fe->reposts)
			fe->reposts -= !cut_post(fe, fe->reposts % 3 ?
						 KFI_COMMIT_COMPLETE : 0, NULL);
}

/* The handler is called from the control queue pair, and once more inside. */
static void cut_repost_test(struct kunit *test)
{
	struct fixture_ep *fe = cut_ep(test, KFV_WIRE_F_SERVE, cut_repost);
	u32 id = 0;
	int i;

	fe->reposts = 40;
	for (i = 0; i < 4; i++)
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				cut_post(fe, KFI_COMMIT_COMPLETE, NULL));
	fake_qp_complete(fe->qp, fake_qp_sends(fe->qp));
	fe->qp->instant = true;
	while (fake_qp_sends(fe->ctl)) {
		fake_qp_complete(fe->ctl, 1);
		fixture_ctl_reply(fe, id++, KFV_WIRE_OK);
	}
	KUNIT_EXPECT_EQ(test, 0, fe->reposts);
	KUNIT_EXPECT_EQ(test, 44UL, kfv_queue_posted(&fe->priv->sq));
	KUNIT_EXPECT_EQ(test, 0ULL, fe->priv->sq.errors);
	cut_expect_over(fe);
}

/* What completes with an error makes the client post too; it cannot. */
static void cut_repost_when_broken_test(struct kunit *test)
{
	struct fixture_ep *fe = cut_ep(test, KFV_WIRE_F_SERVE, cut_repost);
	int i;

	fe->reposts = 40;
	for (i = 0; i < 4; i++)
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				cut_post(fe, KFI_COMMIT_COMPLETE, NULL));
	fake_qp_complete(fe->qp, 3);
	fixture_ctl_reply(fe, 7, KFV_WIRE_OK);
	fixture_expect_shutdown(fe);
	fake_qp_settle(fe->qp);
	KUNIT_EXPECT_EQ(test, 4ULL, fe->priv->sq.errors);
	KUNIT_EXPECT_EQ(test, kfv_queue_posted(&fe->priv->sq), kfv_queue_done(&fe->priv->sq));
}

/* Whoever comes while somebody takes requests out leaves it to them. */
static void cut_turns_test(struct kunit *test)
{
	struct fixture_ep *fe = cut_ep(test, KFV_WIRE_F_SERVE, NULL);
	struct kfv_commit *commit = fe->priv->commit;
	int context;

	atomic_set(&commit->ep->sq.turns, 1);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, cut_post(fe, 0, &context));
	fake_qp_complete(fe->qp, 2);
	fixture_expect_empty(fe);
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&commit->ep->sq.turns));
	atomic_set(&commit->ep->sq.turns, 0);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, cut_post(fe, 0, &context));
	fake_qp_complete(fe->qp, 2);
	fixture_expect_sent(fe, &context, WRITTEN);
	fixture_expect_sent(fe, &context, WRITTEN);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&commit->ep->sq.turns));
}

static struct kunit_case cut_kunit_cases[] = {
	KUNIT_CASE_PARAM(cut_test, cut_gen_params),
	KUNIT_CASE_PARAM(cut_done_test, cut_gen_params),
	KUNIT_CASE(cut_behind_commit_test),
	KUNIT_CASE(cut_nothing_taken_test),
	KUNIT_CASE(cut_too_long_test),
	KUNIT_CASE(cut_second_batch_test),
	KUNIT_CASE(cut_instant_test),
	KUNIT_CASE(cut_repost_test),
	KUNIT_CASE(cut_repost_when_broken_test),
	KUNIT_CASE(cut_turns_test),
	{}
};

static struct kunit_suite cut_suite = {
	.name = "kfi_verbs_commit_post",
	.test_cases = cut_kunit_cases,
};

kunit_test_suite(cut_suite);
