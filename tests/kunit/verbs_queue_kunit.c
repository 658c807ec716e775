// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Requests in flight: what completions mean, how errors are told, what is
 * reclaimed and when. Fixture: a connected endpoint on a fake HCA.
 */
#include "fixture.h"

#define SENT	(KFI_MSG | KFI_SEND)
#define RECEIVED	(KFI_MSG | KFI_RECV)

static ssize_t queue_send(struct fixture_ep *fe, void *context)
{
	return kfi_send(fe->ep, NULL, 0, NULL, 0, context);
}

static ssize_t queue_recv(struct fixture_ep *fe, void *context)
{
	return kfi_recv(fe->ep, NULL, 0, NULL, 0, context);
}

static ssize_t queue_inject(struct fixture_ep *fe)
{
	return kfi_inject(fe->ep, "x", 1, 0);
}

static bool queue_signaled(struct fixture_ep *fe, u32 i)
{
	return fake_qp_send(fe->qp, i)->send_flags & IB_SEND_SIGNALED;
}

/*
 * Completions
 */

static void queue_send_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	int context;

	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_send(fe, &context));
	KUNIT_EXPECT_EQ(test, 1U, fake_qp_sends(fe->qp));
	fixture_expect_empty(fe);
	fake_qp_complete(fe->qp, 1);
	fixture_expect_sent(fe, &context, SENT);
	fixture_expect_empty(fe);
}

static void queue_order_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	int i, context[8];

	for (i = 0; i < 8; i++)
		KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_send(fe, &context[i]));
	fake_qp_complete(fe->qp, 3);
	fake_qp_complete(fe->qp, 5);
	for (i = 0; i < 8; i++)
		fixture_expect_sent(fe, &context[i], SENT);
	fixture_expect_empty(fe);
}

static void queue_index_wraps_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	struct kfv_queue *sq = &fe->priv->sq;
	int i, j, context[16];

	sq->head = ULONG_MAX - 20;
	sq->tail = ULONG_MAX - 20;
	for (i = 0; i < 4; i++) {
		for (j = 0; j < 16; j++)
			KUNIT_ASSERT_EQ(test, (ssize_t)0,
					queue_send(fe, &context[j]));
		KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN, queue_send(fe, NULL));
		fake_qp_complete(fe->qp, 16);
		for (j = 0; j < 16; j++)
			fixture_expect_sent(fe, &context[j], SENT);
	}
	KUNIT_EXPECT_EQ(test, 64UL - 21, sq->head);
}

static void queue_counters_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .tx_size = 2 };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &attr);
	struct kfv_queue *sq = &fe->priv->sq;

	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_send(fe, NULL));
	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_send(fe, NULL));
	KUNIT_ASSERT_EQ(test, (ssize_t)-EAGAIN, queue_send(fe, NULL));
	KUNIT_ASSERT_EQ(test, (ssize_t)-EINVAL,
			kfi_send(fe->ep, NULL, 1, NULL, 0, NULL));
	fake_qp_complete(fe->qp, 1);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_send(fe, NULL));
	fake_qp_fail(fe->qp, IB_WC_RETRY_EXC_ERR);
	KUNIT_EXPECT_EQ(test, 3UL, kfv_queue_posted(sq));
	KUNIT_EXPECT_EQ(test, 1ULL, sq->again);
	KUNIT_EXPECT_EQ(test, 3UL, kfv_queue_done(sq));
	KUNIT_EXPECT_EQ(test, 2ULL, sq->errors);
}

/*
 * Receives
 */

static void queue_recv_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	int context;
	const struct kfi_cq_data_entry want = {
		.op_context = &context, .flags = RECEIVED, .len = 100,
	};

	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_recv(fe, &context));
	fake_qp_message(fe->qp, 100);
	fixture_expect_received(fe, &want);
	fixture_expect_empty(fe);
}

static void queue_recv_empty_message_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);

	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_recv(fe, NULL));
	fake_qp_message(fe->qp, 0);
	fixture_expect_sent(fe, NULL, RECEIVED);
}

static void queue_recv_data_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	int context;
	const struct kfi_cq_data_entry want = {
		.op_context = &context,
		.flags = RECEIVED | KFI_REMOTE_CQ_DATA,
		.len = 5,
		.data = 0xfeedbeef,
	};

	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_recv(fe, &context));
	fake_qp_message_imm(fe->qp, 5, 0xfeedbeef);
	fixture_expect_received(fe, &want);
}

static void queue_recv_write_data_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	int context;
	const struct kfi_cq_data_entry want = {
		.op_context = &context,
		.flags = KFI_RMA | KFI_REMOTE_WRITE | KFI_REMOTE_CQ_DATA,
		.len = 4096,
		.data = 7,
	};

	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_recv(fe, &context));
	fake_qp_write_imm(fe->qp, 4096, 7);
	fixture_expect_received(fe, &want);
}

static void queue_recv_too_long_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	int context[3];

	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_recv(fe, &context[0]));
	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_recv(fe, &context[1]));
	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_send(fe, &context[2]));
	fake_qp_fail_recv(fe->qp, IB_WC_LOC_LEN_ERR);
	fixture_expect_error(fe, &context[0], RECEIVED, IB_WC_LOC_LEN_ERR);
	fixture_expect_error(fe, &context[2], SENT, IB_WC_WR_FLUSH_ERR);
	fixture_expect_error(fe, &context[1], RECEIVED, IB_WC_WR_FLUSH_ERR);
	fixture_expect_empty(fe);
	fixture_expect_shutdown(fe);
}

/*
 * Errors
 */

struct queue_status_case {
	enum ib_wc_status status;
	int err;
};

static const struct queue_status_case queue_status_cases[] = {
	{ IB_WC_REM_ACCESS_ERR, EACCES },
	{ IB_WC_RETRY_EXC_ERR, EHOSTUNREACH },
	{ IB_WC_RNR_RETRY_EXC_ERR, EREMOTEIO },
	{ IB_WC_REM_INV_REQ_ERR, EREMOTEIO },
	{ IB_WC_REM_OP_ERR, EREMOTEIO },
	{ IB_WC_LOC_LEN_ERR, EMSGSIZE },
	{ IB_WC_LOC_PROT_ERR, EFAULT },
	{ IB_WC_LOC_ACCESS_ERR, EACCES },
	{ IB_WC_LOC_QP_OP_ERR, EIO },
	{ IB_WC_FATAL_ERR, EIO },
	{ IB_WC_GENERAL_ERR, EIO },
};

static void queue_status_desc(const struct queue_status_case *c, char *desc)
{
	strscpy(desc, ib_wc_status_msg(c->status), KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(queue_status, queue_status_cases, queue_status_desc);

/* The culprit has the reason, everything behind it was cancelled. */
static void queue_status_test(struct kunit *test)
{
	const struct queue_status_case *c = test->param_value;
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	struct kfi_cq_err_entry entry = {};
	int i, context[4];

	for (i = 0; i < 4; i++)
		KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_send(fe, &context[i]));
	fake_qp_complete(fe->qp, 1);
	fake_qp_fail(fe->qp, c->status);

	fixture_expect_sent(fe, &context[0], SENT);
	KUNIT_ASSERT_EQ(test, (ssize_t)1, kfi_cq_readerr(fe->cq, &entry, 0));
	KUNIT_EXPECT_PTR_EQ(test, (void *)&context[1], entry.op_context);
	KUNIT_EXPECT_EQ(test, SENT, entry.flags);
	KUNIT_EXPECT_EQ(test, c->err, entry.err);
	KUNIT_EXPECT_EQ(test, (int)c->status, entry.prov_errno);
	fixture_expect_error(fe, &context[2], SENT, IB_WC_WR_FLUSH_ERR);
	fixture_expect_error(fe, &context[3], SENT, IB_WC_WR_FLUSH_ERR);
	fixture_expect_empty(fe);
}

static void queue_error_breaks_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);

	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_send(fe, NULL));
	fake_qp_fail(fe->qp, IB_WC_RETRY_EXC_ERR);
	KUNIT_EXPECT_EQ(test, (ssize_t)-ENOTCONN, queue_send(fe, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-ENOTCONN, queue_recv(fe, NULL));
	fixture_expect_shutdown(fe);
	fixture_expect_no_event(fe);
}

/* It may be all that is heard of what the peer did wrong, and only once. */
static void queue_flush_breaks_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);

	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_recv(fe, NULL));
	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_recv(fe, NULL));
	fake_qp_set_state(fe->qp, IB_QPS_ERR);
	fixture_expect_error(fe, NULL, RECEIVED, IB_WC_WR_FLUSH_ERR);
	fixture_expect_error(fe, NULL, RECEIVED, IB_WC_WR_FLUSH_ERR);
	KUNIT_EXPECT_EQ(test, (ssize_t)-ENOTCONN, queue_recv(fe, NULL));
	fixture_expect_shutdown(fe);
	fixture_expect_no_event(fe);
}

static void queue_error_of_silent_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	int i, room = fixture_room(fe->cq), spare = fixture_spare(fe->cq);

	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_inject(fe));
	fake_qp_complete(fe->qp, 1);
	fake_qp_fail(fe->qp, IB_WC_RETRY_EXC_ERR);

	/* the first has succeeded, and nobody wants to know */
	fixture_expect_error(fe, NULL, SENT, IB_WC_RETRY_EXC_ERR);
	fixture_expect_error(fe, NULL, SENT, IB_WC_WR_FLUSH_ERR);
	fixture_expect_empty(fe);
	KUNIT_EXPECT_EQ(test, room, fixture_room(fe->cq));
	KUNIT_EXPECT_EQ(test, spare, fixture_spare(fe->cq));
}

/*
 * Selective completion
 */

static const struct fixture_ep_attr queue_selective = {
	.bind_flags = KFI_SELECTIVE_COMPLETION,
};

static ssize_t queue_sendmsg(struct fixture_ep *fe, void *context, u64 flags)
{
	const struct kfi_msg msg = { .context = context };

	return kfi_sendmsg(fe->ep, &msg, flags);
}

static void queue_selective_send_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &queue_selective);
	int context[3];

	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_send(fe, &context[0]));
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			queue_sendmsg(fe, &context[1], KFI_COMPLETION));
	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_sendmsg(fe, &context[2], 0));
	KUNIT_EXPECT_FALSE(test, queue_signaled(fe, 0));
	KUNIT_EXPECT_TRUE(test, queue_signaled(fe, 1));
	KUNIT_EXPECT_FALSE(test, queue_signaled(fe, 2));
	fake_qp_complete(fe->qp, 3);
	fixture_expect_sent(fe, &context[1], SENT);
	fixture_expect_empty(fe);
}

static void queue_selective_default_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = {
		.bind_flags = KFI_SELECTIVE_COMPLETION,
		.tx_flags = KFI_COMPLETION,
	};
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &attr);
	int context[2];

	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_send(fe, &context[0]));
	/* flags of a call replace those of the endpoint */
	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_sendmsg(fe, &context[1], 0));
	fake_qp_complete(fe->qp, 2);
	fixture_expect_sent(fe, &context[0], SENT);
	fixture_expect_empty(fe);
}

static void queue_selective_error_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &queue_selective);
	int context;

	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_send(fe, &context));
	fake_qp_fail(fe->qp, IB_WC_REM_OP_ERR);
	fixture_expect_error(fe, &context, SENT, IB_WC_REM_OP_ERR);
	fixture_expect_empty(fe);
}

static void queue_selective_recv_test(struct kunit *test)
{
	const struct kfi_msg msg = { .context = (void *)&queue_selective };
	const struct kfi_cq_data_entry want = {
		.op_context = (void *)&queue_selective,
		.flags = RECEIVED,
		.len = 2,
	};
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &queue_selective);
	int room = fixture_room(fe->cq);

	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_recv(fe, NULL));
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_recvmsg(fe->ep, &msg, KFI_COMPLETION));
	fake_qp_message(fe->qp, 1);
	fake_qp_message(fe->qp, 2);
	fixture_expect_received(fe, &want);
	fixture_expect_empty(fe);
	KUNIT_EXPECT_EQ(test, room, fixture_room(fe->cq));
}

/* Data that a peer sends along would be lost otherwise. */
static void queue_selective_recv_data_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &queue_selective);
	const struct kfi_cq_data_entry message = {
		.flags = RECEIVED | KFI_REMOTE_CQ_DATA, .data = 1,
	};
	const struct kfi_cq_data_entry write = {
		.flags = KFI_RMA | KFI_REMOTE_WRITE | KFI_REMOTE_CQ_DATA,
		.data = 2,
	};

	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_recv(fe, NULL));
	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_recv(fe, NULL));
	fake_qp_message_imm(fe->qp, 0, 1);
	fake_qp_write_imm(fe->qp, 0, 2);
	fixture_expect_received(fe, &message);
	fixture_expect_received(fe, &write);
}

/*
 * Room
 */

static void queue_full_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .tx_size = 4, .rx_size = 4 };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &attr);
	int i;

	for (i = 0; i < 4; i++) {
		KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_send(fe, NULL));
		KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_recv(fe, NULL));
	}
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN, queue_send(fe, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN, queue_recv(fe, NULL));
	KUNIT_EXPECT_EQ(test, 4U, fake_qp_sends(fe->qp));
	KUNIT_EXPECT_EQ(test, 4U, fake_qp_recvs(fe->qp));

	/* one completion makes room for one, and only on its side */
	fake_qp_complete(fe->qp, 1);
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN, queue_recv(fe, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)0, queue_send(fe, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN, queue_send(fe, NULL));
}

static void queue_cq_full_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .cq_size = 2 };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &attr);

	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_send(fe, NULL));
	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_recv(fe, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN, queue_send(fe, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN, queue_recv(fe, NULL));
	fake_qp_complete(fe->qp, 1);
	/* the place is in use until the entry was read */
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN, queue_send(fe, NULL));
	fixture_expect_sent(fe, NULL, SENT);
	KUNIT_EXPECT_EQ(test, (ssize_t)0, queue_send(fe, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN, queue_recv(fe, NULL));
}

static void queue_repost(struct kfid_cq *cq, void *context)
{
	struct fixture_ep *fe = context;
	struct kfi_cq_data_entry entry;

	while (kfi_cq_read(cq, &entry, 1) == 1)
		if (fe->reposts)
			fe->reposts -= !queue_send(fe, NULL);
}

/* Who is told of a completion finds the place of that request free. */
static void queue_repost_from_handler_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = {
		.tx_size = 1, .cq_size = 1, .handler = queue_repost,
	};
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &attr);
	int i;

	fe->reposts = 5;
	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_send(fe, NULL));
	for (i = 0; i < 6; i++) {
		KUNIT_ASSERT_EQ(test, 1U, fake_qp_sends(fe->qp));
		fake_qp_complete(fe->qp, 1);
	}
	KUNIT_EXPECT_EQ(test, 0, fe->reposts);
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fe->qp));
}

/*
 * Unsignalled requests
 */

static void queue_signals_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	u32 i;

	for (i = 0; i < 16; i++)
		KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_inject(fe));
	/* a quarter of the queue at a time */
	for (i = 0; i < 16; i++)
		KUNIT_EXPECT_EQ(test, i % 4 == 3, queue_signaled(fe, i));
	fake_qp_complete(fe->qp, 16);
	fixture_expect_empty(fe);
}

static void queue_signals_count_from_report_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	u32 i;

	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_inject(fe));
	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_inject(fe));
	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_send(fe, NULL));
	for (i = 0; i < 4; i++)
		KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_inject(fe));
	for (i = 0; i < 7; i++)
		KUNIT_EXPECT_EQ(test, i == 2 || i == 6, queue_signaled(fe, i));
}

static void queue_signals_small_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .tx_size = 1 };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &attr);
	int i;

	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_inject(fe));
		KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN, queue_inject(fe));
		KUNIT_EXPECT_TRUE(test, queue_signaled(fe, 0));
		fake_qp_complete(fe->qp, 1);
	}
}

/* One signalled request speaks for all in front of it. */
static void queue_reclaims_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	int room = fixture_room(fe->cq), spare = fixture_spare(fe->cq);
	struct kfv_queue *sq = &fe->priv->sq;
	int context;

	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_inject(fe));
	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_inject(fe));
	KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_send(fe, &context));
	KUNIT_EXPECT_EQ(test, room - 1, fixture_room(fe->cq));
	KUNIT_EXPECT_EQ(test, spare - 2, fixture_spare(fe->cq));
	fake_qp_complete(fe->qp, 2);
	KUNIT_EXPECT_EQ(test, 3U, sq->head - sq->tail);
	fake_qp_complete(fe->qp, 1);
	KUNIT_EXPECT_EQ(test, 0U, sq->head - sq->tail);
	KUNIT_EXPECT_EQ(test, spare, fixture_spare(fe->cq));
	fixture_expect_sent(fe, &context, SENT);
	KUNIT_EXPECT_EQ(test, room, fixture_room(fe->cq));
}

/* Nothing but injects, into a ring that is smaller than the queue. */
static void queue_inject_forever_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = {
		.tx_size = 8 * KFV_MIN_SPARE, .cq_size = 2,
	};
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &attr);
	int i, done = 0;

	for (i = 0; i < 100; i++) {
		int before = done;

		while (!queue_inject(fe))
			done++;
		KUNIT_ASSERT_GT(test, done, before);
		fake_qp_complete(fe->qp, fake_qp_sends(fe->qp));
	}
	fixture_expect_empty(fe);
}

/* Silent requests of one endpoint are never in the way of another. */
static void queue_silent_leave_room_test(struct kunit *test)
{
	struct fixture_ep_attr attr = {
		.tx_size = 5 * KFV_MIN_SPARE, .cq_size = 8,
	};
	struct fixture *f = fixture_new(test);
	struct fixture_ep *a = fixture_ep_connect(f, &attr);
	struct fixture_ep *b;
	int i;

	attr.cq = a->cq;
	b = fixture_ep_connect(f, &attr);
	/* as many as can stay unsignalled, and they do */
	for (i = 0; i < KFV_MIN_SPARE / 2; i++) {
		KUNIT_ASSERT_EQ(test, (ssize_t)0, queue_inject(a));
		KUNIT_ASSERT_FALSE(test, queue_signaled(a, i));
	}
	fake_qp_complete(a->qp, KFV_MIN_SPARE / 2);
	KUNIT_ASSERT_EQ(test, KFV_MIN_SPARE / 2, fixture_spare(a->cq));

	/* everything the client has asked for is there nevertheless */
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, (ssize_t)0, queue_recv(b, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN, queue_recv(b, NULL));

	/* more silent ones are there, but not for long */
	KUNIT_EXPECT_EQ(test, (ssize_t)0, queue_inject(b));
	KUNIT_EXPECT_TRUE(test, queue_signaled(b, 0));
	fake_qp_complete(b->qp, 1);
	KUNIT_EXPECT_EQ(test, KFV_MIN_SPARE / 2, fixture_spare(a->cq));
}

/* Without a spare place a silent request takes an ordinary one, signalled. */
static void queue_no_spare_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .cq_size = 1 };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &attr);
	struct kfv_cq *cq = kfv_cq(&fe->cq->fid);

	KUNIT_ASSERT_TRUE(test, kfv_cq_take_spare(cq, KFV_MIN_SPARE));
	KUNIT_EXPECT_EQ(test, (ssize_t)0, queue_inject(fe));
	KUNIT_EXPECT_TRUE(test, queue_signaled(fe, 0));
	KUNIT_EXPECT_EQ(test, 0, fixture_room(fe->cq));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN, queue_inject(fe));
	fake_qp_complete(fe->qp, 1);
	KUNIT_EXPECT_EQ(test, 1, fixture_room(fe->cq));
	kfv_cq_give(cq, KFV_MIN_SPARE, true);
}

/* Selective completion and no completion asked for, as with injects */
static void queue_suppressed_forever_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = {
		.tx_size = 8, .cq_size = 1,
		.bind_flags = KFI_SELECTIVE_COMPLETION,
	};
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &attr);
	int i, done = 0;

	for (i = 0; i < 50; i++) {
		int before = done;

		while (!queue_send(fe, NULL))
			done++;
		KUNIT_ASSERT_GT(test, done, before);
		fake_qp_complete(fe->qp, fake_qp_sends(fe->qp));
	}
	/* three quarters of the queue and more at a time */
	KUNIT_EXPECT_GE(test, done, 50 * 7);
}

/*
 * Gates
 */

static void queue_gates_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_open(f, NULL);

	KUNIT_EXPECT_EQ(test, (ssize_t)-KFI_EOPBADSTATE, queue_send(fe, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-KFI_EOPBADSTATE, queue_recv(fe, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-KFI_EOPBADSTATE, queue_inject(fe));
	fe = fixture_ep_enable(f, NULL);
	KUNIT_EXPECT_EQ(test, (ssize_t)-ENOTCONN, queue_send(fe, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-ENOTCONN, queue_inject(fe));
	KUNIT_EXPECT_EQ(test, (ssize_t)0, queue_recv(fe, NULL));
}

/* Between the check of a call and its post the gate may close. */
static void queue_take_at_closed_gate_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	int room = fixture_room(fe->cq);
	struct kfv_queue *sq = &fe->priv->sq;
	bool spare;
	int rc;

	kfv_queue_set_gate(sq, -ENODEV);
	spin_lock_irq(&sq->lock);
	rc = kfv_queue_take(sq, 1, true, &spare);
	spin_unlock_irq(&sq->lock);
	KUNIT_EXPECT_EQ(test, -ENODEV, rc);
	KUNIT_EXPECT_EQ(test, room, fixture_room(fe->cq));
}

/*
 * Devices that memory is mapped for: it is unmapped, once, as it was mapped
 */

#define QUEUE_APART	256

static void queue_post_mapped(struct fixture_ep *fe, u8 *mem)
{
	const struct kvec iov[] = {
		{ mem, 100 }, { mem + QUEUE_APART, 100 },
	};
	struct kunit *test = fe->f->test;

	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_sendv(fe->ep, iov, NULL, 2, 0, NULL));
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_read(fe->ep, mem + 2 * QUEUE_APART, 10, NULL, 0, 0,
				 0, NULL));
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_recv(fe->ep, mem + 3 * QUEUE_APART, 20, NULL, 0,
				 NULL));
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_recv(fe->ep, mem + 4 * QUEUE_APART, 30, NULL, 0,
				 NULL));
}

static void queue_unmaps_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .tx_size = 2, .rx_size = 2 };
	struct fixture *f = fixture_new_mapped(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &attr);
	u8 *mem = fixture_kmalloc(test, 5 * QUEUE_APART);
	u32 idle = f->dma->count;

	queue_post_mapped(fe, mem);
	KUNIT_EXPECT_EQ(test, idle + 5, f->dma->count);
	fake_qp_complete(fe->qp, 2);
	fake_qp_message(fe->qp, 1);
	KUNIT_EXPECT_EQ(test, idle + 1, f->dma->count);
	fake_qp_message(fe->qp, 1);
	KUNIT_EXPECT_EQ(test, idle, f->dma->count);

	/* a request that mapped something before, and now does not */
	KUNIT_ASSERT_EQ(test, (ssize_t)0, kfi_inject(fe->ep, mem, 10, 0));
	fake_qp_complete(fe->qp, 1);
	KUNIT_EXPECT_EQ(test, idle, f->dma->count);
	KUNIT_EXPECT_EQ(test, 0U, f->dma->bad);
}

static void queue_unmaps_failed_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .tx_size = 2, .rx_size = 2 };
	struct fixture *f = fixture_new_mapped(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &attr);
	u8 *mem = fixture_kmalloc(test, 5 * QUEUE_APART);
	u32 idle = f->dma->count;

	queue_post_mapped(fe, mem);
	fake_qp_fail(fe->qp, IB_WC_RETRY_EXC_ERR);
	KUNIT_EXPECT_EQ(test, idle, f->dma->count);
	KUNIT_EXPECT_EQ(test, 0U, f->dma->bad);
}

/* The buffer that injected data is copied to is mapped as a whole. */
static void queue_bounce_mapped_test(struct kunit *test)
{
	struct fixture *f = fixture_new_mapped(test);
	struct fixture_ep *fe;
	u32 before = f->dma->count;

	f->hca->max_inline = 0;
	fe = fixture_ep_connect(f, NULL);
	KUNIT_EXPECT_EQ(test, before + 1, f->dma->count);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, kfi_inject(fe->ep, "x", 1, 0));
	fake_qp_complete(fe->qp, 1);
	KUNIT_ASSERT_EQ(test, 0, fixture_ep_close(fe));
	KUNIT_EXPECT_EQ(test, before, f->dma->count);
	KUNIT_EXPECT_EQ(test, 0U, f->dma->bad);
}

static struct kunit_case queue_cases[] = {
	KUNIT_CASE(queue_send_test),
	KUNIT_CASE(queue_order_test),
	KUNIT_CASE(queue_index_wraps_test),
	KUNIT_CASE(queue_counters_test),
	KUNIT_CASE(queue_recv_test),
	KUNIT_CASE(queue_recv_empty_message_test),
	KUNIT_CASE(queue_recv_data_test),
	KUNIT_CASE(queue_recv_write_data_test),
	KUNIT_CASE(queue_recv_too_long_test),
	KUNIT_CASE_PARAM(queue_status_test, queue_status_gen_params),
	KUNIT_CASE(queue_error_breaks_test),
	KUNIT_CASE(queue_flush_breaks_test),
	KUNIT_CASE(queue_error_of_silent_test),
	KUNIT_CASE(queue_selective_send_test),
	KUNIT_CASE(queue_selective_default_test),
	KUNIT_CASE(queue_selective_error_test),
	KUNIT_CASE(queue_selective_recv_test),
	KUNIT_CASE(queue_selective_recv_data_test),
	KUNIT_CASE(queue_full_test),
	KUNIT_CASE(queue_cq_full_test),
	KUNIT_CASE(queue_repost_from_handler_test),
	KUNIT_CASE(queue_signals_test),
	KUNIT_CASE(queue_signals_count_from_report_test),
	KUNIT_CASE(queue_signals_small_test),
	KUNIT_CASE(queue_reclaims_test),
	KUNIT_CASE(queue_inject_forever_test),
	KUNIT_CASE(queue_silent_leave_room_test),
	KUNIT_CASE(queue_no_spare_test),
	KUNIT_CASE(queue_suppressed_forever_test),
	KUNIT_CASE(queue_gates_test),
	KUNIT_CASE(queue_take_at_closed_gate_test),
	KUNIT_CASE(queue_unmaps_test),
	KUNIT_CASE(queue_unmaps_failed_test),
	KUNIT_CASE(queue_bounce_mapped_test),
	{}
};

static struct kunit_suite queue_suite = {
	.name = "kfi_verbs_queue",
	.test_cases = queue_cases,
};

kunit_test_suite(queue_suite);
