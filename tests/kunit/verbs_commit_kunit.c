// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Writes that the peer's CPU commits: when it is asked, when operations are
 * over, in which order they are told of, and what a peer that does not play by
 * the rules can do about it. Fixture: a connected endpoint with KFI_RMA_PMEM
 * and a peer that is the test.
 */
#include "fixture_pmem.h"

#define COMMIT_KEY	(0x10ULL << 48 | KFV_KEY_BITS | 0x700)
#define COMMIT_LEN	16
#define COMMIT_AT(i)	(0x10000ULL * ((i) + 1))
#define FENCED		(KFI_FENCE | KFI_COMMIT_COMPLETE)
#define WRITTEN		(KFI_RMA | KFI_WRITE)

static const u8 commit_bytes[COMMIT_LEN] = "fifteen letters";

static struct fixture_ep *commit_ep(struct kunit *test)
{
	const struct fixture_ep_attr attr = {
		.pmem = true, .peer = KFV_WIRE_F_SERVE | KFV_WIRE_F_PLACED,
	};

	return fixture_ep_connect(fixture_new(test), &attr);
}

static ssize_t commit_post(struct fixture_ep *fe, u64 addr, u64 flags,
			   void *context)
{
	const struct kvec iov = { (void *)commit_bytes, COMMIT_LEN };
	const struct kfi_rma_iov rma = { addr, COMMIT_LEN, COMMIT_KEY };
	const struct kfi_msg_rma msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
		.rma_iov = &rma, .rma_iov_count = 1, .context = context,
	};

	return kfi_writemsg(fe->ep, &msg, flags);
}

static void commit_posts(struct fixture_ep *fe, u32 n, int *contexts)
{
	u32 i;

	for (i = 0; i < n; i++)
		KUNIT_ASSERT_EQ(fe->f->test, (ssize_t)0,
				commit_post(fe, COMMIT_AT(i),
					    KFI_COMMIT_COMPLETE, &contexts[i]));
}

/* All that was accepted has been told of, and all places are free */
static void commit_expect_over(struct fixture_ep *fe)
{
	const struct kfv_queue *sq = &fe->priv->sq;
	struct kunit *test = fe->f->test;

	fixture_expect_empty(fe);
	KUNIT_EXPECT_EQ(test, sq->head, sq->tail);
	KUNIT_EXPECT_EQ(test, kfv_queue_posted(sq), kfv_queue_done(sq));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&fe->priv->commit->ep->sq.turns));
	KUNIT_EXPECT_EQ(test, 64, fixture_room(fe->cq));
}

/*
 * What is asked, and when
 */

static void commit_request_test(struct kunit *test)
{
	struct fixture_ep *fe = commit_ep(test);
	struct kfv_wire_msg *msg;
	struct kfv_range range;

	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			commit_post(fe, 0x123, KFI_COMMIT_COMPLETE, NULL));
	/* not before the peer has it */
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fe->ctl));
	fake_qp_complete(fe->qp, 1);
	KUNIT_ASSERT_EQ(test, 1U, fake_qp_sends(fe->ctl));
	msg = fixture_ctl_sent(fe, 0);
	KUNIT_EXPECT_EQ(test, (u64)sizeof(*msg) + sizeof(*msg->ranges),
			fake_qp_send(fe->ctl, 0)->len);
	KUNIT_EXPECT_EQ(test, (int)KFV_WIRE_COMMIT,
			kfv_wire_check_msg(msg, fake_qp_send(fe->ctl, 0)->len));
	KUNIT_EXPECT_EQ(test, (u8)1, msg->nr_ranges);
	KUNIT_EXPECT_EQ(test, (u8)0, msg->store_len);
	KUNIT_ASSERT_TRUE(test, kfv_wire_get_range(msg, 0, &range));
	KUNIT_EXPECT_EQ(test, COMMIT_KEY, range.key);
	KUNIT_EXPECT_EQ(test, 0x123ULL, range.start);
	KUNIT_EXPECT_EQ(test, 0x123ULL + COMMIT_LEN, range.end);
}

static void commit_store_request_test(struct kunit *test)
{
	struct fixture_ep *fe = commit_ep(test);
	struct kfv_wire_msg *msg;

	KUNIT_ASSERT_EQ(test, (ssize_t)0, commit_post(fe, 0x1000, 0, NULL));
	KUNIT_ASSERT_EQ(test, (ssize_t)0, commit_post(fe, 0x123, FENCED, NULL));
	fake_qp_complete(fe->qp, 2);
	KUNIT_ASSERT_EQ(test, 1U, fake_qp_sends(fe->ctl));
	msg = fixture_ctl_sent(fe, 0);
	KUNIT_EXPECT_EQ(test, (int)KFV_WIRE_COMMIT,
			kfv_wire_check_msg(msg, fake_qp_send(fe->ctl, 0)->len));
	KUNIT_EXPECT_EQ(test, (u8)1, msg->nr_ranges);
	KUNIT_EXPECT_EQ(test, 0x1000ULL, be64_to_cpu(msg->ranges[0].addr));
	KUNIT_EXPECT_EQ(test, (u8)COMMIT_LEN, msg->store_len);
	KUNIT_EXPECT_EQ(test, COMMIT_KEY, be64_to_cpu(msg->store_key));
	KUNIT_EXPECT_EQ(test, 0x123ULL, be64_to_cpu(msg->store_addr));
	KUNIT_EXPECT_MEMEQ(test, commit_bytes, kfv_wire_store(msg),
			   COMMIT_LEN);
}

/* The answer, and the request out of the device, whichever comes first */
static void commit_reply_last_test(struct kunit *test)
{
	struct fixture_ep *fe = commit_ep(test);
	int context;

	commit_posts(fe, 1, &context);
	fake_qp_complete(fe->qp, 1);
	fixture_expect_empty(fe);
	fake_qp_complete(fe->ctl, 1);
	fixture_expect_empty(fe);
	fixture_ctl_reply(fe, 0, KFV_WIRE_OK);
	fixture_expect_sent(fe, &context, WRITTEN);
	commit_expect_over(fe);
}

static void commit_reply_first_test(struct kunit *test)
{
	struct fixture_ep *fe = commit_ep(test);
	int context;

	commit_posts(fe, 1, &context);
	fake_qp_complete(fe->qp, 1);
	fixture_ctl_reply(fe, 0, KFV_WIRE_OK);
	fixture_expect_empty(fe);
	fake_qp_complete(fe->ctl, 1);
	fixture_expect_sent(fe, &context, WRITTEN);
	commit_expect_over(fe);
}

/* What is behind a commit waits with it, whatever it is. */
static void commit_order_test(struct kunit *test)
{
	struct fixture_ep *fe = commit_ep(test);
	int context[5];

	commit_posts(fe, 1, &context[0]);
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			commit_post(fe, 0, 0, &context[1]));
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_send(fe->ep, commit_bytes, 1, NULL, 0,
				 &context[2]));
	commit_posts(fe, 1, &context[3]);
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			commit_post(fe, 0, 0, &context[4]));
	fake_qp_complete(fe->qp, 5);
	fake_qp_complete(fe->ctl, 2);
	fixture_expect_empty(fe);
	fixture_ctl_reply(fe, 0, KFV_WIRE_OK);
	fixture_expect_sent(fe, &context[0], WRITTEN);
	fixture_expect_sent(fe, &context[1], WRITTEN);
	fixture_expect_sent(fe, &context[2], KFI_MSG | KFI_SEND);
	fixture_expect_empty(fe);
	fixture_ctl_reply(fe, 1, KFV_WIRE_OK);
	fixture_expect_sent(fe, &context[3], WRITTEN);
	fixture_expect_sent(fe, &context[4], WRITTEN);
	commit_expect_over(fe);
}

/* A commit that has everything does not overtake the write in front of it. */
static void commit_behind_write_test(struct kunit *test)
{
	struct fixture_ep *fe = commit_ep(test);
	int context[3];

	commit_posts(fe, 1, &context[0]);
	fake_qp_complete(fe->qp, 1);
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			commit_post(fe, 0, 0, &context[1]));
	commit_posts(fe, 1, &context[2]);
	fake_qp_complete(fe->ctl, 1);
	fixture_ctl_reply(fe, 0, KFV_WIRE_OK);
	fixture_expect_sent(fe, &context[0], WRITTEN);
	fixture_expect_empty(fe);
	fake_qp_complete(fe->qp, 2);
	fixture_expect_sent(fe, &context[1], WRITTEN);
	fixture_expect_empty(fe);
	fake_qp_complete(fe->ctl, 1);
	fixture_ctl_reply(fe, 1, KFV_WIRE_OK);
	fixture_expect_sent(fe, &context[2], WRITTEN);
	commit_expect_over(fe);
}

/* The peer is asked on behalf of those who are not told, too. */
static void commit_selective_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = {
		.pmem = true, .peer = KFV_WIRE_F_SERVE | KFV_WIRE_F_PLACED,
		.bind_flags = KFI_SELECTIVE_COMPLETION, .tx_size = 64,
	};
	struct fixture_ep *fe = fixture_ep_connect(fixture_new(test), &attr);
	int context;

	commit_posts(fe, 1, &context);
	KUNIT_EXPECT_EQ(test, (int)IB_SEND_SIGNALED,
			fake_qp_send(fe->qp, 0)->send_flags);
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			commit_post(fe, 0, KFI_COMPLETION, &context));
	fake_qp_complete(fe->qp, 2);
	fixture_expect_empty(fe);
	KUNIT_ASSERT_EQ(test, 1U, fake_qp_sends(fe->ctl));
	fake_qp_complete(fe->ctl, 1);
	fixture_ctl_reply(fe, 0, KFV_WIRE_OK);
	fixture_expect_sent(fe, &context, WRITTEN);
	commit_expect_over(fe);
}

/*
 * How many
 */

static void commit_room_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = {
		.pmem = true, .peer = KFV_WIRE_F_SERVE | KFV_WIRE_F_PLACED,
		.tx_size = 64,
	};
	struct fixture_ep *fe = fixture_ep_connect(fixture_new(test), &attr);
	int context[KFV_WIRE_REQUESTS + 1];

	commit_posts(fe, KFV_WIRE_REQUESTS, context);
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN,
			commit_post(fe, 0, KFI_COMMIT_COMPLETE, NULL));
	KUNIT_EXPECT_EQ(test, 1ULL, fe->priv->sq.again);
	KUNIT_EXPECT_EQ(test, 64 - KFV_WIRE_REQUESTS, fixture_room(fe->cq));
	/* there is room for others */
	KUNIT_EXPECT_EQ(test, (ssize_t)0, commit_post(fe, 0, 0, NULL));
	fake_qp_complete(fe->qp, KFV_WIRE_REQUESTS + 1);
	fake_qp_complete(fe->ctl, 1);
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN,
			commit_post(fe, 0, KFI_COMMIT_COMPLETE, NULL));
	fixture_ctl_reply(fe, 0, KFV_WIRE_OK);
	fixture_expect_sent(fe, &context[0], WRITTEN);
	commit_posts(fe, 1, &context[KFV_WIRE_REQUESTS]);
	/* the answer alone does not make room: the request may be resent */
	fixture_ctl_reply(fe, 1, KFV_WIRE_OK);
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN,
			commit_post(fe, 0, KFI_COMMIT_COMPLETE, NULL));
	fake_qp_complete(fe->ctl, 1);
	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			commit_post(fe, 0, KFI_COMMIT_COMPLETE, NULL));
}

/* All numbers go around. */
static void commit_index_wraps_test(struct kunit *test)
{
	struct fixture_ep *fe = commit_ep(test);
	struct kfv_commit *commit = fe->priv->commit;
	u32 i, id = U32_MAX - 3;
	int context[8];

	fe->priv->sq.head = ULONG_MAX - 11;
	fe->priv->sq.tail = ULONG_MAX - 11;
	commit->ep->sq.hw = ULONG_MAX - 11;
	commit->posted = id;
	commit->sent = id;
	commit->replied = id;
	commit->acked = id;
	for (i = 0; i < 8; i++) {
		commit_posts(fe, 1, &context[i]);
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				commit_post(fe, 0, 0, NULL));
	}
	fake_qp_complete(fe->qp, 16);
	fake_qp_complete(fe->ctl, 8);
	for (i = 0; i < 8; i++) {
		fixture_expect_empty(fe);
		fixture_ctl_reply(fe, id++, KFV_WIRE_OK);
		fixture_expect_sent(fe, &context[i], WRITTEN);
		fixture_expect_sent(fe, NULL, WRITTEN);
	}
	KUNIT_EXPECT_EQ(test, 4UL, fe->priv->sq.head);
	commit_expect_over(fe);
}

/* Requests use their memory in turn, and nobody writes to it meanwhile. */
static void commit_slots_test(struct kunit *test)
{
	struct fixture_ep *fe = commit_ep(test);
	u32 i, j, id = 0;
	int context[4];

	for (i = 0; i < 3 * KFV_WIRE_REQUESTS; i += 4) {
		commit_posts(fe, 4, context);
		fake_qp_complete(fe->qp, 4);
		for (j = 0; j < 4; j++, id++) {
			struct kfv_wire_msg *msg = fixture_ctl_sent(fe, j);

			KUNIT_EXPECT_EQ(test, id, be32_to_cpu(msg->id));
			KUNIT_EXPECT_EQ(test, COMMIT_AT(j),
					be64_to_cpu(msg->ranges[0].addr));
		}
		fake_qp_complete(fe->ctl, 4);
		for (j = 0; j < 4; j++) {
			fixture_ctl_reply(fe, id - 4 + j, KFV_WIRE_OK);
			fixture_expect_sent(fe, &context[j], WRITTEN);
		}
	}
	commit_expect_over(fe);
}

/*
 * Answers
 */

struct commit_status_case {
	const char *name;
	u8 status;
	enum ib_wc_status wc;
};

static const struct commit_status_case commit_status_cases[] = {
	{ "access", KFV_WIRE_ACCESS, IB_WC_REM_ACCESS_ERR },
	{ "invalid", KFV_WIRE_INVALID, IB_WC_REM_INV_REQ_ERR },
	{ "unknown", 3, IB_WC_REM_INV_REQ_ERR },
	{ "largest", 255, IB_WC_REM_INV_REQ_ERR },
};

KUNIT_ARRAY_PARAM_DESC(commit_status, commit_status_cases, name);

static void commit_status_test(struct kunit *test)
{
	const struct commit_status_case *c = test->param_value;
	struct fixture_ep *fe = commit_ep(test);
	int context[3];

	commit_posts(fe, 3, context);
	fake_qp_complete(fe->qp, 3);
	fake_qp_complete(fe->ctl, 3);
	fixture_ctl_reply(fe, 0, KFV_WIRE_OK);
	fixture_ctl_reply(fe, 1, c->status);
	fixture_expect_sent(fe, &context[0], WRITTEN);
	fixture_expect_error(fe, &context[1], WRITTEN, c->wc);
	fixture_expect_error(fe, &context[2], WRITTEN, IB_WC_WR_FLUSH_ERR);
	fixture_expect_shutdown(fe);
	commit_expect_over(fe);
}

static void commit_wrong_id(struct fixture_ep *fe)
{
	fixture_ctl_reply(fe, 2, KFV_WIRE_OK);
}

static void commit_old_id(struct fixture_ep *fe)
{
	fixture_ctl_reply(fe, 0, KFV_WIRE_OK);
}

static void commit_future_id(struct fixture_ep *fe)
{
	fixture_ctl_reply(fe, 100, KFV_WIRE_OK);
}

static void commit_wrapped_id(struct fixture_ep *fe)
{
	fixture_ctl_reply(fe, 1 + KFV_WIRE_REQUESTS, KFV_WIRE_OK);
}

static void commit_short_reply(struct fixture_ep *fe)
{
	const struct kfv_wire_msg msg = {
		.op = KFV_WIRE_REPLY, .id = cpu_to_be32(1),
	};

	fake_qp_deliver(fe->ctl, &msg, sizeof(msg) - 1);
}

static void commit_long_reply(struct fixture_ep *fe)
{
	const struct {
		struct kfv_wire_msg msg;
		u8 more;
	} __packed msg = {
		.msg = { .op = KFV_WIRE_REPLY, .id = cpu_to_be32(1) },
	};

	fake_qp_deliver(fe->ctl, &msg, sizeof(msg));
}

static void commit_no_bytes(struct fixture_ep *fe)
{
	fake_qp_message(fe->ctl, 0);
}

static void commit_unknown_op(struct fixture_ep *fe)
{
	const struct kfv_wire_msg msg = { .op = 3, .id = cpu_to_be32(1) };

	fake_qp_deliver(fe->ctl, &msg, sizeof(msg));
}

static void commit_reply_with_ranges(struct fixture_ep *fe)
{
	const u8 msg[sizeof(struct kfv_wire_msg) +
		     sizeof(struct kfv_wire_range)] = {
		KFV_WIRE_REPLY, KFV_WIRE_OK, 1, [7] = 1,
	};

	fake_qp_deliver(fe->ctl, msg, sizeof(msg));
}

static void commit_qp_error(struct fixture_ep *fe)
{
	fake_qp_set_state(fe->ctl, IB_QPS_ERR);
}

static void commit_qp_fatal(struct fixture_ep *fe)
{
	fake_qp_event(fe->ctl, IB_EVENT_QP_FATAL);
}

static void commit_recv_fails(struct fixture_ep *fe)
{
	fake_qp_fail_recv(fe->ctl, IB_WC_LOC_LEN_ERR);
}

struct commit_peer_case {
	const char *name;
	void (*happens)(struct fixture_ep *fe);
};

/* The first commit was answered, the second waits */
static const struct commit_peer_case commit_peer_cases[] = {
	{ "answers another one", commit_wrong_id },
	{ "answers twice", commit_old_id },
	{ "answers what nobody asked", commit_future_id },
	{ "answers what is in the same place", commit_wrapped_id },
	{ "short", commit_short_reply },
	{ "long", commit_long_reply },
	{ "nothing", commit_no_bytes },
	{ "unknown", commit_unknown_op },
	{ "answer with ranges", commit_reply_with_ranges },
	{ "queue pair fails", commit_qp_error },
	{ "queue pair is said to fail", commit_qp_fatal },
	{ "receive fails", commit_recv_fails },
};

KUNIT_ARRAY_PARAM_DESC(commit_peer, commit_peer_cases, name);

static void commit_peer_test(struct kunit *test)
{
	const struct commit_peer_case *c = test->param_value;
	struct fixture_ep *fe = commit_ep(test);
	int context[4];

	commit_posts(fe, 3, context);
	fake_qp_complete(fe->qp, 3);
	fake_qp_complete(fe->ctl, 3);
	fixture_ctl_reply(fe, 0, KFV_WIRE_OK);
	fixture_expect_sent(fe, &context[0], WRITTEN);
	commit_posts(fe, 1, &context[3]);

	c->happens(fe);
	fixture_expect_shutdown(fe);
	fake_qp_settle(fe->qp);
	fixture_expect_error(fe, &context[1], WRITTEN, IB_WC_WR_FLUSH_ERR);
	fixture_expect_error(fe, &context[2], WRITTEN, IB_WC_WR_FLUSH_ERR);
	fixture_expect_error(fe, &context[3], WRITTEN, IB_WC_WR_FLUSH_ERR);
	commit_expect_over(fe);
	KUNIT_EXPECT_EQ(test, (ssize_t)-ENOTCONN,
			commit_post(fe, 0, KFI_COMMIT_COMPLETE, NULL));
}

/* Nobody asked, nothing is under way. */
static void commit_unasked_test(struct kunit *test)
{
	struct fixture_ep *fe = commit_ep(test);

	fixture_ctl_reply(fe, 0, KFV_WIRE_OK);
	fixture_expect_shutdown(fe);
	commit_expect_over(fe);
}

/* The peer knows the answer before we have asked. */
static void commit_early_reply_test(struct kunit *test)
{
	struct fixture_ep *fe = commit_ep(test);
	int context;

	commit_posts(fe, 1, &context);
	fixture_ctl_reply(fe, 0, KFV_WIRE_OK);
	fixture_expect_shutdown(fe);
	fake_qp_settle(fe->qp);
	fixture_expect_error(fe, &context, WRITTEN, IB_WC_WR_FLUSH_ERR);
	commit_expect_over(fe);
}

/*
 * The end, at each point
 */

enum commit_point {
	POSTED, DONE, ACKED, REPLIED, OVER,
};

struct commit_end_case {
	const char *name;
	enum commit_point point;
	enum ib_wc_status status;
};

static const struct commit_end_case commit_end_cases[] = {
	{ "posted", POSTED, IB_WC_WR_FLUSH_ERR },
	{ "sent", DONE, IB_WC_WR_FLUSH_ERR },
	{ "out of the device", ACKED, IB_WC_WR_FLUSH_ERR },
	{ "answered", REPLIED, IB_WC_SUCCESS },
	{ "over", OVER, IB_WC_SUCCESS },
};

KUNIT_ARRAY_PARAM_DESC(commit_end, commit_end_cases, name);

static void commit_bring_to(struct fixture_ep *fe, enum commit_point point)
{
	if (point >= DONE)
		fake_qp_complete(fe->qp, 1);
	if (point == ACKED || point == OVER)
		fake_qp_complete(fe->ctl, 1);
	if (point >= REPLIED)
		fixture_ctl_reply(fe, 0, KFV_WIRE_OK);
}

static void commit_expect_end(struct fixture_ep *fe, enum ib_wc_status status,
			      int *context)
{
	if (status)
		fixture_expect_error(fe, context, WRITTEN, status);
	else
		fixture_expect_sent(fe, context, WRITTEN);
}

static void commit_end_test(struct kunit *test,
			    void (*end)(struct fixture_ep *fe))
{
	const struct commit_end_case *c = test->param_value;
	struct fixture_ep *fe = commit_ep(test);
	int context[2];

	commit_posts(fe, 1, &context[0]);
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			commit_post(fe, 0, 0, &context[1]));
	commit_bring_to(fe, c->point);
	end(fe);
	commit_expect_end(fe, c->status, &context[0]);
	fixture_expect_error(fe, &context[1], WRITTEN, IB_WC_WR_FLUSH_ERR);
	fixture_expect_empty(fe);
	KUNIT_EXPECT_EQ(test, 64, fixture_room(fe->cq));
}

static void commit_end_by_ctl(struct fixture_ep *fe)
{
	fake_qp_set_state(fe->ctl, IB_QPS_ERR);
	fixture_expect_shutdown(fe);
	fake_qp_settle(fe->qp);
}

static void commit_ctl_dies_test(struct kunit *test)
{
	commit_end_test(test, commit_end_by_ctl);
}

static void commit_end_by_qp(struct fixture_ep *fe)
{
	fake_qp_set_state(fe->qp, IB_QPS_ERR);
	fixture_expect_shutdown(fe);
	fake_qp_settle(fe->ctl);
}

static void commit_qp_dies_test(struct kunit *test)
{
	commit_end_test(test, commit_end_by_qp);
}

static void commit_end_by_close(struct fixture_ep *fe)
{
	KUNIT_EXPECT_EQ(fe->f->test, 0, fixture_ep_close(fe));
}

static void commit_close_test(struct kunit *test)
{
	commit_end_test(test, commit_end_by_close);
}

static void commit_end_by_unplug(struct fixture_ep *fe)
{
	fake_hca_unplug(fe->f->hca);
}

static void commit_unplug_test(struct kunit *test)
{
	commit_end_test(test, commit_end_by_unplug);
}

static void commit_end_by_kill(struct fixture_ep *fe)
{
	kfv_commit_kill(fe->priv->commit);
	kfv_commit_kill(fe->priv->commit);
	kfv_conn_broken(fe->priv);
	fixture_expect_shutdown(fe);
	fake_qp_settle(fe->qp);
	kfv_commit_kill(fe->priv->commit);
}

static void commit_kill_test(struct kunit *test)
{
	commit_end_test(test, commit_end_by_kill);
}

/* The write is done when the control queue pair is dead already. */
static void commit_done_when_dead_test(struct kunit *test)
{
	struct fixture_ep *fe = commit_ep(test);
	int context[2];

	commit_posts(fe, 1, &context[0]);
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			commit_post(fe, 0, 0, &context[1]));
	kfv_commit_kill(fe->priv->commit);
	fake_qp_complete(fe->qp, 2);
	fixture_expect_error(fe, &context[0], WRITTEN, IB_WC_WR_FLUSH_ERR);
	/* this one never needed the peer */
	fixture_expect_sent(fe, &context[1], WRITTEN);
	commit_expect_over(fe);
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fe->ctl));
}

static void commit_request_refused_test(struct kunit *test)
{
	struct fixture_ep *fe = commit_ep(test);
	int context[2];

	commit_posts(fe, 2, context);
	fake_qp_refuse(fe->ctl, 0, 1, -ENOMEM);
	fake_qp_complete(fe->qp, 2);
	fixture_expect_error(fe, &context[0], WRITTEN, IB_WC_WR_FLUSH_ERR);
	fixture_expect_error(fe, &context[1], WRITTEN, IB_WC_WR_FLUSH_ERR);
	fixture_expect_shutdown(fe);
	commit_expect_over(fe);
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fe->ctl));
}

static void commit_request_fails_test(struct kunit *test)
{
	struct fixture_ep *fe = commit_ep(test);
	int context;

	commit_posts(fe, 1, &context);
	fake_qp_complete(fe->qp, 1);
	fake_qp_fail(fe->ctl, IB_WC_RETRY_EXC_ERR);
	fixture_expect_error(fe, &context, WRITTEN, IB_WC_WR_FLUSH_ERR);
	fixture_expect_shutdown(fe);
	commit_expect_over(fe);
}

static void commit_write_fails_test(struct kunit *test)
{
	struct fixture_ep *fe = commit_ep(test);
	int context[3];

	commit_posts(fe, 3, context);
	fake_qp_complete(fe->qp, 1);
	fake_qp_fail(fe->qp, IB_WC_REM_ACCESS_ERR);
	fixture_expect_error(fe, &context[0], WRITTEN, IB_WC_WR_FLUSH_ERR);
	fixture_expect_error(fe, &context[1], WRITTEN, IB_WC_REM_ACCESS_ERR);
	fixture_expect_error(fe, &context[2], WRITTEN, IB_WC_WR_FLUSH_ERR);
	fixture_expect_shutdown(fe);
	commit_expect_over(fe);
}

/* The operation ends with the status of the extra request that has failed. */
static void commit_flush_fails_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = {
		.pmem = true, .peer = KFV_WIRE_F_FLUSH | KFV_WIRE_F_PLACED,
	};
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe;
	int context;

	fake_hca_can_flush(f->hca, true, true);
	fe = fixture_ep_connect(f, &attr);
	commit_posts(fe, 1, &context);
	fake_qp_complete(fe->qp, 1);
	fake_qp_fail(fe->qp, IB_WC_REM_ACCESS_ERR);
	fixture_expect_error(fe, &context, WRITTEN, IB_WC_REM_ACCESS_ERR);
	fixture_expect_shutdown(fe);
	commit_expect_over(fe);
}

static struct kunit_case commit_cases[] = {
	KUNIT_CASE(commit_request_test),
	KUNIT_CASE(commit_store_request_test),
	KUNIT_CASE(commit_reply_last_test),
	KUNIT_CASE(commit_reply_first_test),
	KUNIT_CASE(commit_order_test),
	KUNIT_CASE(commit_behind_write_test),
	KUNIT_CASE(commit_selective_test),
	KUNIT_CASE(commit_room_test),
	KUNIT_CASE(commit_index_wraps_test),
	KUNIT_CASE(commit_slots_test),
	KUNIT_CASE_PARAM(commit_status_test, commit_status_gen_params),
	KUNIT_CASE_PARAM(commit_peer_test, commit_peer_gen_params),
	KUNIT_CASE(commit_unasked_test),
	KUNIT_CASE(commit_early_reply_test),
	KUNIT_CASE_PARAM(commit_ctl_dies_test, commit_end_gen_params),
	KUNIT_CASE_PARAM(commit_qp_dies_test, commit_end_gen_params),
	KUNIT_CASE_PARAM(commit_close_test, commit_end_gen_params),
	KUNIT_CASE_PARAM(commit_unplug_test, commit_end_gen_params),
	KUNIT_CASE_PARAM(commit_kill_test, commit_end_gen_params),
	KUNIT_CASE(commit_done_when_dead_test),
	KUNIT_CASE(commit_request_refused_test),
	KUNIT_CASE(commit_request_fails_test),
	KUNIT_CASE(commit_write_fails_test),
	KUNIT_CASE(commit_flush_fails_test),
	{}
};

static struct kunit_suite commit_suite = {
	.name = "kfi_verbs_commit",
	.test_cases = commit_cases,
};

kunit_test_suite(commit_suite);
