// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Commits by the peer's CPU of which the peer's client is told, by remote CQ
 * data: when the write that brings it is posted, what may be posted meanwhile,
 * and what becomes of it at each point at which a connection can end. Fixture: a
 * connected endpoint with KFI_RMA_PMEM and a peer that is the test.
 */
#include "fixture_pmem.h"

#define TELL_KEY	(0x10ULL << 48 | KFV_KEY_BITS | 0x700)
#define TELL_LEN	16
#define TELL_DATA	0x12345678U
#define TELL		(KFI_COMMIT_COMPLETE | KFI_REMOTE_CQ_DATA)
#define WRITTEN		(KFI_RMA | KFI_WRITE)

static const u8 tell_bytes[TELL_LEN] = "fifteen letters";

static struct fixture_ep *tell_ep(struct kunit *test)
{
	const struct fixture_ep_attr attr = {
		.pmem = true, .peer = KFV_WIRE_F_SERVE | KFV_WIRE_F_PLACED,
	};

	return fixture_ep_connect(fixture_new(test), &attr);
}

static ssize_t tell_post(struct fixture_ep *fe, u64 flags, void *context)
{
	const struct kvec iov = { (void *)tell_bytes, TELL_LEN };
	const struct kfi_rma_iov rma = { 0x123, TELL_LEN, TELL_KEY };
	const struct kfi_msg_rma msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
		.rma_iov = &rma, .rma_iov_count = 1, .context = context,
		.data = TELL_DATA,
	};

	return kfi_writemsg(fe->ep, &msg, flags);
}

static void tell_posted(struct fixture_ep *fe, u64 flags, void *context)
{
	KUNIT_ASSERT_EQ(fe->f->test, (ssize_t)0, tell_post(fe, flags, context));
}

/* The peer is about to be told: nothing but that is in the device */
static void tell_expect_told(struct fixture_ep *fe)
{
	struct kunit *test = fe->f->test;
	struct fake_wr *wr;

	KUNIT_ASSERT_EQ(test, 1U, fake_qp_sends(fe->qp));
	wr = fake_qp_send(fe->qp, 0);
	KUNIT_EXPECT_EQ(test, IB_WR_RDMA_WRITE_WITH_IMM, wr->opcode);
	KUNIT_EXPECT_EQ(test, (int)IB_SEND_SIGNALED, wr->send_flags);
	KUNIT_EXPECT_EQ(test, TELL_DATA, wr->imm);
	KUNIT_EXPECT_EQ(test, 0ULL, wr->len);
	KUNIT_EXPECT_EQ(test, 0U, wr->num_sge);
}

/* All that was accepted has been told of, and all places are free */
static void tell_expect_over(struct fixture_ep *fe)
{
	const struct kfv_commit *commit = fe->priv->commit;
	const struct kfv_queue *sq = &fe->priv->sq;
	struct kunit *test = fe->f->test;

	fixture_expect_empty(fe);
	KUNIT_EXPECT_FALSE(test, commit->held);
	KUNIT_EXPECT_EQ(test, sq->head, sq->tail);
	KUNIT_EXPECT_EQ(test, sq->head, commit->ep->sq.hw);
	KUNIT_EXPECT_EQ(test, kfv_queue_posted(sq), kfv_queue_done(sq));
	KUNIT_EXPECT_EQ(test, commit->posted, commit->sent);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&commit->ep->sq.turns));
	KUNIT_EXPECT_EQ(test, 64, fixture_room(fe->cq));
	KUNIT_EXPECT_EQ(test, (int)kfv_cq(&fe->cq->fid)->nr_spare,
			fixture_spare(fe->cq));
}

/*
 * When the peer is told
 */

static void tell_test(struct kunit *test)
{
	struct fixture_ep *fe = tell_ep(test);
	int context;

	tell_posted(fe, TELL, &context);
	KUNIT_ASSERT_EQ(test, 1U, fake_qp_sends(fe->qp));
	KUNIT_EXPECT_EQ(test, IB_WR_RDMA_WRITE,
			fake_qp_send(fe->qp, 0)->opcode);
	fake_qp_complete(fe->qp, 1);
	KUNIT_ASSERT_EQ(test, 1U, fake_qp_sends(fe->ctl));
	fake_qp_complete(fe->ctl, 1);
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fe->qp));
	fixture_ctl_reply(fe, 0, KFV_WIRE_OK);
	tell_expect_told(fe);
	fixture_expect_empty(fe);
	fake_qp_complete(fe->qp, 1);
	fixture_expect_sent(fe, &context, WRITTEN);
	tell_expect_over(fe);
}

/* The request is out of the device when all else has happened. */
static void tell_acked_last_test(struct kunit *test)
{
	struct fixture_ep *fe = tell_ep(test);
	int context;

	tell_posted(fe, TELL, &context);
	fake_qp_complete(fe->qp, 1);
	fixture_ctl_reply(fe, 0, KFV_WIRE_OK);
	tell_expect_told(fe);
	fake_qp_complete(fe->qp, 1);
	fixture_expect_empty(fe);
	fake_qp_complete(fe->ctl, 1);
	fixture_expect_sent(fe, &context, WRITTEN);
	tell_expect_over(fe);
}

/* The answer to another commit is not the one that is waited for. */
static void tell_behind_commits_test(struct kunit *test)
{
	struct fixture_ep *fe = tell_ep(test);
	int context[3];

	tell_posted(fe, KFI_COMMIT_COMPLETE, &context[0]);
	tell_posted(fe, 0, &context[1]);
	tell_posted(fe, TELL, &context[2]);
	fake_qp_complete(fe->qp, 3);
	fake_qp_complete(fe->ctl, 2);
	fixture_ctl_reply(fe, 0, KFV_WIRE_OK);
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fe->qp));
	fixture_expect_sent(fe, &context[0], WRITTEN);
	fixture_expect_sent(fe, &context[1], WRITTEN);
	fixture_ctl_reply(fe, 1, KFV_WIRE_OK);
	tell_expect_told(fe);
	fake_qp_complete(fe->qp, 1);
	fixture_expect_sent(fe, &context[2], WRITTEN);
	tell_expect_over(fe);
}

/* The peer is told on behalf of those who are not, too. */
static void tell_selective_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = {
		.pmem = true, .peer = KFV_WIRE_F_SERVE | KFV_WIRE_F_PLACED,
		.bind_flags = KFI_SELECTIVE_COMPLETION, .tx_size = 64,
	};
	struct fixture_ep *fe = fixture_ep_connect(fixture_new(test), &attr);
	u32 id;

	for (id = 0; id < 3 * KFV_WIRE_REQUESTS; id++) {
		tell_posted(fe, TELL, NULL);
		KUNIT_EXPECT_EQ(test, (int)IB_SEND_SIGNALED,
				fake_qp_send(fe->qp, 0)->send_flags);
		fake_qp_complete(fe->qp, 1);
		fake_qp_complete(fe->ctl, 1);
		fixture_ctl_reply(fe, id, KFV_WIRE_OK);
		tell_expect_told(fe);
		fake_qp_complete(fe->qp, 1);
	}
	tell_expect_over(fe);
}

/* Injected bytes are kept until they are written, and so is their place. */
static void tell_inject_test(struct kunit *test)
{
	struct fixture_ep *fe = tell_ep(test);
	int context;

	tell_posted(fe, TELL | KFI_INJECT, &context);
	KUNIT_EXPECT_EQ(test, (u64)TELL_LEN, fake_qp_send(fe->qp, 0)->len);
	fake_qp_complete(fe->qp, 1);
	fake_qp_complete(fe->ctl, 1);
	fixture_ctl_reply(fe, 0, KFV_WIRE_OK);
	tell_expect_told(fe);
	fake_qp_complete(fe->qp, 1);
	fixture_expect_sent(fe, &context, WRITTEN);
	tell_expect_over(fe);
}

/* All numbers go around. */
static void tell_index_wraps_test(struct kunit *test)
{
	struct fixture_ep *fe = tell_ep(test);
	struct kfv_commit *commit = fe->priv->commit;
	u32 i, id = U32_MAX - 3;
	int context;

	fe->priv->sq.head = U32_MAX - 6;
	fe->priv->sq.tail = U32_MAX - 6;
	commit->ep->sq.hw = U32_MAX - 6;
	commit->posted = id;
	commit->sent = id;
	commit->replied = id;
	commit->acked = id;
	for (i = 0; i < 8; i++) {
		tell_posted(fe, TELL, &context);
		fake_qp_complete(fe->qp, 1);
		fake_qp_complete(fe->ctl, 1);
		fixture_ctl_reply(fe, id++, KFV_WIRE_OK);
		tell_expect_told(fe);
		fake_qp_complete(fe->qp, 1);
		fixture_expect_sent(fe, &context, WRITTEN);
	}
	tell_expect_over(fe);
}

/*
 * What may be posted meanwhile
 */

static void tell_expect_shut(struct fixture_ep *fe, ssize_t rc)
{
	struct kunit *test = fe->f->test;
	u8 *buf = fixture_kmalloc(test, 8);

	KUNIT_EXPECT_EQ(test, rc, tell_post(fe, TELL, NULL));
	KUNIT_EXPECT_EQ(test, rc, tell_post(fe, KFI_COMMIT_COMPLETE, NULL));
	KUNIT_EXPECT_EQ(test, rc, tell_post(fe, 0, NULL));
	KUNIT_EXPECT_EQ(test, rc, kfi_send(fe->ep, buf, 8, NULL, 0, NULL));
	KUNIT_EXPECT_EQ(test, rc, kfi_inject(fe->ep, buf, 8, 0));
	KUNIT_EXPECT_EQ(test, rc, kfi_read(fe->ep, buf, 8, NULL, 0, 0,
					   TELL_KEY, NULL));
}

/* Nothing of the send queue, which would be in front; receives as ever */
static void tell_gate_test(struct kunit *test)
{
	struct fixture_ep *fe = tell_ep(test);
	u8 *buf = fixture_kmalloc(test, 8);
	int context[2];

	tell_posted(fe, TELL, &context[0]);
	tell_expect_shut(fe, -EAGAIN);
	fake_qp_complete(fe->qp, 1);
	tell_expect_shut(fe, -EAGAIN);
	fake_qp_complete(fe->ctl, 1);
	tell_expect_shut(fe, -EAGAIN);
	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			kfi_recv(fe->ep, buf, 8, NULL, 0, NULL));
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fe->qp));
	fixture_ctl_reply(fe, 0, KFV_WIRE_OK);
	tell_posted(fe, 0, &context[1]);
	KUNIT_ASSERT_EQ(test, 2U, fake_qp_sends(fe->qp));
	KUNIT_EXPECT_EQ(test, IB_WR_RDMA_WRITE_WITH_IMM,
			fake_qp_send(fe->qp, 0)->opcode);
	fake_qp_complete(fe->qp, 2);
	fixture_expect_sent(fe, &context[0], WRITTEN);
	fixture_expect_sent(fe, &context[1], WRITTEN);
	fixture_expect_empty(fe);
}

/* A call that saw the gate open, and came to the lock when it was shut */
static void tell_late_post_test(struct kunit *test)
{
	struct fixture_ep *fe = tell_ep(test);
	struct kfv_queue *sq = &fe->priv->sq;
	bool spare;

	tell_posted(fe, TELL, NULL);
	spin_lock_irq(&sq->lock);
	KUNIT_EXPECT_EQ(test, -EAGAIN, kfv_queue_take(sq, 1, true, &spare));
	spin_unlock_irq(&sq->lock);
}

/* The queue has no room for what is to come later. */
static void tell_room_test(struct kunit *test)
{
	struct fixture_ep *fe = tell_ep(test);
	struct kfv_queue *sq = &fe->priv->sq;

	sq->limit = 1;
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN, tell_post(fe, TELL, NULL));
	KUNIT_EXPECT_EQ(test, 1ULL, sq->again);
	KUNIT_EXPECT_EQ(test, 0, sq->gate);
	tell_expect_over(fe);
	sq->limit = 2;
	tell_posted(fe, TELL, NULL);
}

static void tell_repost(struct kfid_cq *cq, void *context)
{
	struct fixture_ep *fe = context;
	struct kfi_cq_data_entry entry;

	while (kfi_cq_read(cq, &entry, 1) == 1)
		if (fe->reposts)
			fe->reposts -= !tell_post(fe, TELL, NULL);
}

/* Whoever is told that it is over can post the next one. */
static void tell_repost_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = {
		.pmem = true, .peer = KFV_WIRE_F_SERVE | KFV_WIRE_F_PLACED,
		.handler = tell_repost,
	};
	struct fixture_ep *fe = fixture_ep_connect(fixture_new(test), &attr);
	u32 id;

	fe->reposts = 40;
	tell_posted(fe, TELL, NULL);
	for (id = 0; fake_qp_sends(fe->qp); id++) {
		fake_qp_complete(fe->qp, 1);
		fake_qp_complete(fe->ctl, 1);
		fixture_ctl_reply(fe, id, KFV_WIRE_OK);
		fake_qp_complete(fe->qp, 1);
	}
	KUNIT_EXPECT_EQ(test, 0, fe->reposts);
	KUNIT_EXPECT_EQ(test, 41U, id);
	KUNIT_EXPECT_EQ(test, 0ULL, fe->priv->sq.errors);
	tell_expect_over(fe);
}

static void tell_look_at_gate(struct kfid_cq *cq, void *context)
{
	struct fixture_ep *fe = context;

	fe->reposts = READ_ONCE(fe->priv->sq.gate);
}

/* It is over before the call that told the peer returns: the gate is open. */
static void tell_instant_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = {
		.pmem = true, .peer = KFV_WIRE_F_SERVE | KFV_WIRE_F_PLACED,
		.handler = tell_look_at_gate,
	};
	struct fixture_ep *fe = fixture_ep_connect(fixture_new(test), &attr);
	int context;

	fe->reposts = 1;
	fe->qp->instant = true;
	tell_posted(fe, TELL, &context);
	KUNIT_EXPECT_EQ(test, -EAGAIN, fe->priv->sq.gate);
	KUNIT_ASSERT_EQ(test, 1U, fake_qp_sends(fe->ctl));
	fake_qp_complete(fe->ctl, 1);
	fixture_ctl_reply(fe, 0, KFV_WIRE_OK);
	KUNIT_EXPECT_EQ(test, 0, fe->reposts);
	fixture_expect_sent(fe, &context, WRITTEN);
	tell_expect_over(fe);
}

/*
 * The end, at each point
 */

enum tell_point {
	POSTED, WRITE_DONE, ACKED, REPLIED, TOLD, OVER,
};

struct tell_end_case {
	const char *name;
	enum tell_point point;
	enum ib_wc_status status;
};

static const struct tell_end_case tell_end_cases[] = {
	{ "posted", POSTED, IB_WC_WR_FLUSH_ERR },
	{ "sent", WRITE_DONE, IB_WC_WR_FLUSH_ERR },
	{ "out of the device", ACKED, IB_WC_WR_FLUSH_ERR },
	{ "answered", REPLIED, IB_WC_WR_FLUSH_ERR },
	{ "told", TOLD, IB_WC_SUCCESS },
	{ "over", OVER, IB_WC_SUCCESS },
};

KUNIT_ARRAY_PARAM_DESC(tell_end, tell_end_cases, name);

static void tell_bring_to(struct fixture_ep *fe, enum tell_point point)
{
	if (point >= WRITE_DONE)
		fake_qp_complete(fe->qp, 1);
	if (point >= ACKED && point != TOLD)
		fake_qp_complete(fe->ctl, 1);
	if (point >= REPLIED)
		fixture_ctl_reply(fe, 0, KFV_WIRE_OK);
	if (point >= TOLD)
		fake_qp_complete(fe->qp, 1);
}

static void tell_end_test(struct kunit *test,
			  void (*end)(struct fixture_ep *fe))
{
	const struct tell_end_case *c = test->param_value;
	struct fixture_ep *fe = tell_ep(test);
	int context;

	tell_posted(fe, TELL, &context);
	tell_bring_to(fe, c->point);
	end(fe);
	if (c->status)
		fixture_expect_error(fe, &context, WRITTEN, c->status);
	else
		fixture_expect_sent(fe, &context, WRITTEN);
	fixture_expect_empty(fe);
	KUNIT_EXPECT_EQ(test, 64, fixture_room(fe->cq));
	if (fe->ep) {
		tell_expect_over(fe);
		tell_expect_shut(fe, -ENOTCONN);
	}
}

static void tell_end_by_ctl(struct fixture_ep *fe)
{
	fake_qp_set_state(fe->ctl, IB_QPS_ERR);
	fixture_expect_shutdown(fe);
	fake_qp_settle(fe->qp);
}

static void tell_ctl_dies_test(struct kunit *test)
{
	tell_end_test(test, tell_end_by_ctl);
}

static void tell_end_by_qp(struct fixture_ep *fe)
{
	fake_qp_set_state(fe->qp, IB_QPS_ERR);
	kfv_conn_broken(fe->priv);
	fixture_expect_shutdown(fe);
	fake_qp_settle(fe->ctl);
}

static void tell_qp_dies_test(struct kunit *test)
{
	tell_end_test(test, tell_end_by_qp);
}

static void tell_end_by_shutdown(struct fixture_ep *fe)
{
	KUNIT_EXPECT_EQ(fe->f->test, 0, kfi_shutdown(fe->ep, 0));
	fixture_expect_shutdown(fe);
	fake_qp_settle(fe->qp);
	fake_qp_settle(fe->ctl);
}

static void tell_shutdown_test(struct kunit *test)
{
	tell_end_test(test, tell_end_by_shutdown);
}

static void tell_end_by_close(struct fixture_ep *fe)
{
	KUNIT_EXPECT_EQ(fe->f->test, 0, fixture_ep_close(fe));
}

static void tell_close_test(struct kunit *test)
{
	tell_end_test(test, tell_end_by_close);
}

static void tell_unplug_test(struct kunit *test)
{
	const struct tell_end_case *c = test->param_value;
	struct fixture_ep *fe = tell_ep(test);
	int context;

	tell_posted(fe, TELL, &context);
	tell_bring_to(fe, c->point);
	fake_hca_unplug(fe->f->hca);
	if (c->status)
		fixture_expect_error(fe, &context, WRITTEN, c->status);
	else
		fixture_expect_sent(fe, &context, WRITTEN);
	fixture_expect_empty(fe);
	KUNIT_EXPECT_EQ(test, 64, fixture_room(fe->cq));
	tell_expect_shut(fe, -ENODEV);
}

/* Nobody hears of the peer any more, long before the connection ends. */
static void tell_end_by_kill(struct fixture_ep *fe)
{
	kfv_commit_kill(fe->priv->commit);
	kfv_commit_kill(fe->priv->commit);
	kfv_conn_broken(fe->priv);
	fixture_expect_shutdown(fe);
	fake_qp_settle(fe->qp);
	kfv_commit_kill(fe->priv->commit);
}

static void tell_kill_test(struct kunit *test)
{
	tell_end_test(test, tell_end_by_kill);
}

/* The gate is closed when the answer comes: nothing is posted any more. */
static void tell_answer_too_late_test(struct kunit *test)
{
	struct fixture_ep *fe = tell_ep(test);
	int context;

	tell_posted(fe, TELL, &context);
	fake_qp_complete(fe->qp, 1);
	fake_qp_complete(fe->ctl, 1);
	kfv_queue_set_gate(&fe->priv->sq, -ENOTCONN);
	fixture_ctl_reply(fe, 0, KFV_WIRE_OK);
	KUNIT_EXPECT_EQ(test, 1U, fe->qp->calls);
	KUNIT_EXPECT_EQ(test, -ENOTCONN, fe->priv->sq.gate);
	fixture_expect_empty(fe);
	kfv_commit_kill(fe->priv->commit);
	fixture_expect_error(fe, &context, WRITTEN, IB_WC_WR_FLUSH_ERR);
	tell_expect_over(fe);
}

/* Who reads of the failure and posts hears that the connection is over. */
static void tell_handler_posts(struct kfid_cq *cq, void *context)
{
	struct fixture_ep *fe = context;
	struct kfi_cq_err_entry entry = {};

	while (kfi_cq_readerr(cq, &entry, 0) == 1)
		fe->reposts = tell_post(fe, TELL, NULL);
}

static void tell_error_told_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = {
		.pmem = true, .peer = KFV_WIRE_F_SERVE | KFV_WIRE_F_PLACED,
		.handler = tell_handler_posts,
	};
	struct fixture_ep *fe = fixture_ep_connect(fixture_new(test), &attr);

	tell_posted(fe, TELL, NULL);
	fake_qp_complete(fe->qp, 1);
	fixture_ctl_reply(fe, 7, KFV_WIRE_OK);
	KUNIT_EXPECT_EQ(test, -ENOTCONN, fe->reposts);
	fixture_expect_shutdown(fe);
}

/*
 * Failures
 */

struct tell_status_case {
	const char *name;
	u8 status;
	enum ib_wc_status wc;
};

static const struct tell_status_case tell_status_cases[] = {
	{ "access", KFV_WIRE_ACCESS, IB_WC_REM_ACCESS_ERR },
	{ "invalid", KFV_WIRE_INVALID, IB_WC_REM_INV_REQ_ERR },
};

KUNIT_ARRAY_PARAM_DESC(tell_status, tell_status_cases, name);

/* The peer has not committed, and is not told so. */
static void tell_refused_test(struct kunit *test)
{
	const struct tell_status_case *c = test->param_value;
	struct fixture_ep *fe = tell_ep(test);
	int context;

	tell_posted(fe, TELL, &context);
	fake_qp_complete(fe->qp, 1);
	fake_qp_complete(fe->ctl, 1);
	fixture_ctl_reply(fe, 0, c->status);
	fixture_expect_error(fe, &context, WRITTEN, c->wc);
	fixture_expect_shutdown(fe);
	tell_expect_over(fe);
	KUNIT_EXPECT_EQ(test, 1U, fe->qp->calls);
}

static void tell_write_fails_test(struct kunit *test)
{
	struct fixture_ep *fe = tell_ep(test);
	int context;

	tell_posted(fe, TELL, &context);
	fake_qp_fail(fe->qp, IB_WC_REM_ACCESS_ERR);
	fixture_expect_error(fe, &context, WRITTEN, IB_WC_REM_ACCESS_ERR);
	fixture_expect_shutdown(fe);
	tell_expect_over(fe);
	KUNIT_EXPECT_EQ(test, 1U, fe->qp->calls);
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fe->ctl));
}

static void tell_request_fails_test(struct kunit *test)
{
	struct fixture_ep *fe = tell_ep(test);
	int context;

	tell_posted(fe, TELL, &context);
	fake_qp_complete(fe->qp, 1);
	fake_qp_fail(fe->ctl, IB_WC_RETRY_EXC_ERR);
	fixture_expect_error(fe, &context, WRITTEN, IB_WC_WR_FLUSH_ERR);
	fixture_expect_shutdown(fe);
	tell_expect_over(fe);
	KUNIT_EXPECT_EQ(test, 1U, fe->qp->calls);
}

static void tell_request_refused_test(struct kunit *test)
{
	struct fixture_ep *fe = tell_ep(test);
	int context;

	tell_posted(fe, TELL, &context);
	fake_qp_refuse(fe->ctl, 0, 1, -ENOMEM);
	fake_qp_complete(fe->qp, 1);
	fixture_expect_error(fe, &context, WRITTEN, IB_WC_WR_FLUSH_ERR);
	fixture_expect_shutdown(fe);
	tell_expect_over(fe);
}

/* The device does not take what was held. */
static void tell_not_taken_test(struct kunit *test)
{
	struct fixture_ep *fe = tell_ep(test);
	int context;

	tell_posted(fe, TELL, &context);
	fake_qp_complete(fe->qp, 1);
	fake_qp_complete(fe->ctl, 1);
	fake_qp_refuse(fe->qp, 0, 1, -ENOMEM);
	fixture_ctl_reply(fe, 0, KFV_WIRE_OK);
	fixture_expect_error(fe, &context, WRITTEN, IB_WC_WR_FLUSH_ERR);
	fixture_expect_shutdown(fe);
	tell_expect_over(fe);
	tell_expect_shut(fe, -ENOTCONN);
}

/* The peer has no receive, or is gone. */
static void tell_told_fails_test(struct kunit *test)
{
	struct fixture_ep *fe = tell_ep(test);
	int context;

	tell_posted(fe, TELL, &context);
	fake_qp_complete(fe->qp, 1);
	fake_qp_complete(fe->ctl, 1);
	fixture_ctl_reply(fe, 0, KFV_WIRE_OK);
	fake_qp_fail(fe->qp, IB_WC_RETRY_EXC_ERR);
	fixture_expect_error(fe, &context, WRITTEN, IB_WC_RETRY_EXC_ERR);
	fixture_expect_shutdown(fe);
	tell_expect_over(fe);
}

static struct kunit_case tell_cases[] = {
	KUNIT_CASE(tell_test),
	KUNIT_CASE(tell_acked_last_test),
	KUNIT_CASE(tell_behind_commits_test),
	KUNIT_CASE(tell_selective_test),
	KUNIT_CASE(tell_inject_test),
	KUNIT_CASE(tell_index_wraps_test),
	KUNIT_CASE(tell_gate_test),
	KUNIT_CASE(tell_late_post_test),
	KUNIT_CASE(tell_room_test),
	KUNIT_CASE(tell_repost_test),
	KUNIT_CASE(tell_instant_test),
	KUNIT_CASE_PARAM(tell_ctl_dies_test, tell_end_gen_params),
	KUNIT_CASE_PARAM(tell_qp_dies_test, tell_end_gen_params),
	KUNIT_CASE_PARAM(tell_shutdown_test, tell_end_gen_params),
	KUNIT_CASE_PARAM(tell_close_test, tell_end_gen_params),
	KUNIT_CASE_PARAM(tell_unplug_test, tell_end_gen_params),
	KUNIT_CASE_PARAM(tell_kill_test, tell_end_gen_params),
	KUNIT_CASE(tell_answer_too_late_test),
	KUNIT_CASE(tell_error_told_test),
	KUNIT_CASE_PARAM(tell_refused_test, tell_status_gen_params),
	KUNIT_CASE(tell_write_fails_test),
	KUNIT_CASE(tell_request_fails_test),
	KUNIT_CASE(tell_request_refused_test),
	KUNIT_CASE(tell_not_taken_test),
	KUNIT_CASE(tell_told_fails_test),
	{}
};

static struct kunit_suite tell_suite = {
	.name = "kfi_verbs_commit_tell",
	.test_cases = tell_cases,
};

kunit_test_suite(tell_suite);
