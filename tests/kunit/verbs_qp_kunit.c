// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Queue pairs: how large, made how, and what is left when they go.
 * Fixture: an endpoint on a fake HCA.
 */
#include "fixture.h"

struct qp_cap_case {
	const char *name;
	struct kfv_qp_side tx;
	struct kfv_qp_side rx;
	struct ib_qp_cap want;
};

static const struct qp_cap_case qp_cap_cases[] = {
	{
		.name = "one of each",
		.tx = { .depth = 1, .sge = 1 },
		.rx = { .depth = 1, .sge = 1 },
		.want = { 2, 2, 1, 1, 0 },
	},
	{
		.name = "different sides",
		.tx = { .depth = 256, .sge = 32, .inline_size = 128 },
		.rx = { .depth = 512, .sge = 16 },
		.want = { 257, 513, 32, 16, 128 },
	},
	{
		.name = "largest",
		.tx = { .depth = KFV_MAX_QUEUE, .sge = KFV_MAX_SGE },
		.rx = { .depth = KFV_MAX_QUEUE, .sge = KFV_MAX_SGE },
		.want = { KFV_MAX_QUEUE + 1, KFV_MAX_QUEUE + 1, KFV_MAX_SGE,
			  KFV_MAX_SGE, 0 },
	},
};

KUNIT_ARRAY_PARAM_DESC(qp_cap, qp_cap_cases, name);

static void qp_cap_test(struct kunit *test)
{
	const struct qp_cap_case *c = test->param_value;
	struct ib_qp_cap cap;

	kfv_qp_cap(&c->tx, &c->rx, &cap);
	KUNIT_EXPECT_EQ(test, c->want.max_send_wr, cap.max_send_wr);
	KUNIT_EXPECT_EQ(test, c->want.max_recv_wr, cap.max_recv_wr);
	KUNIT_EXPECT_EQ(test, c->want.max_send_sge, cap.max_send_sge);
	KUNIT_EXPECT_EQ(test, c->want.max_recv_sge, cap.max_recv_sge);
	KUNIT_EXPECT_EQ(test, c->want.max_inline_data, cap.max_inline_data);
	KUNIT_EXPECT_EQ(test, 0U, cap.max_rdma_ctxs);
}

static void qp_cqe_test(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 2U, kfv_qp_cqe(0));
	KUNIT_EXPECT_EQ(test, 66U, kfv_qp_cqe(64));
}

static void qp_sides_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .tx_size = 20, .rx_size = 30 };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_open(f, &attr);
	struct kfv_qp_side tx, rx;

	kfv_qp_sides(fe->priv, &tx, &rx);
	KUNIT_EXPECT_EQ(test, 20U, tx.depth);
	KUNIT_EXPECT_EQ(test, 30U, rx.depth);
	KUNIT_EXPECT_EQ(test, (u32)KFV_MAX_SGE, tx.sge);
	KUNIT_EXPECT_EQ(test, (u32)KFV_MAX_SGE, tx.sge_rd);
	KUNIT_EXPECT_EQ(test, (u32)KFV_MAX_SGE, rx.sge);
	KUNIT_EXPECT_EQ(test, (u32)KFV_INJECT_SIZE, tx.inject_size);
	KUNIT_EXPECT_EQ(test, (u32)KFV_INJECT_SIZE, tx.inline_size);
	KUNIT_EXPECT_EQ(test, 0U, rx.inject_size);
	KUNIT_EXPECT_EQ(test, (u32)KFV_MAX_RMA_IOV, tx.rma_limit);
	KUNIT_EXPECT_PTR_EQ(test, kfv_cq(&fe->cq->fid), tx.cq);
	KUNIT_EXPECT_PTR_EQ(test, kfv_cq(&fe->cq->fid), rx.cq);
}

static void qp_sides_small_device_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_open(f, NULL);
	struct ib_device_attr *dev = &f->hca->ibdev.attrs;
	struct kfv_qp_side tx, rx;

	dev->max_send_sge = 6;
	dev->max_recv_sge = 5;
	dev->max_sge_rd = 1;
	kfv_qp_sides(fe->priv, &tx, &rx);
	KUNIT_EXPECT_EQ(test, 6U, tx.sge);
	KUNIT_EXPECT_EQ(test, 1U, tx.sge_rd);
	KUNIT_EXPECT_EQ(test, 5U, rx.sge);
}

/* Reads take requests on top, a first message one; no more than there are. */
static void qp_sides_small_iwarp_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .tx_size = 98, .rx_size = 98 };
	struct fixture *f = fixture_new_iwarp(test);
	struct fixture_ep *fe = fixture_ep_open(f, &attr);
	struct kfv_qp_side tx, rx;
	struct ib_qp_cap cap;

	f->hca->ibdev.attrs.max_qp_wr = 100;
	kfv_qp_sides(fe->priv, &tx, &rx);
	kfv_qp_cap(&tx, &rx, &cap);
	KUNIT_EXPECT_EQ(test, 98U, tx.depth);
	KUNIT_EXPECT_EQ(test, 100U, cap.max_send_wr);
	KUNIT_EXPECT_EQ(test, 100U, cap.max_recv_wr);
}

static void qp_sides_no_wishes_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_open(f, NULL);
	struct kfv_ep *ep = fe->priv;
	struct kfv_qp_side tx, rx;

	ep->tx_attr.size = 0;
	ep->rx_attr.size = 0;
	ep->tx_attr.iov_limit = 0;
	ep->rx_attr.iov_limit = 0;
	ep->tx_attr.rma_iov_limit = 0;
	kfv_qp_sides(fe->priv, &tx, &rx);
	KUNIT_EXPECT_EQ(test, (u32)KFV_DEF_QUEUE, tx.depth);
	KUNIT_EXPECT_EQ(test, (u32)KFV_DEF_QUEUE, rx.depth);
	KUNIT_EXPECT_EQ(test, tx.sge, tx.iov_limit);
	KUNIT_EXPECT_EQ(test, rx.sge, rx.iov_limit);
	KUNIT_EXPECT_EQ(test, 1U, tx.rma_limit);
}

/* Queues are made for the lists that the client wants, within limits. */
static void qp_sides_short_lists_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_open(f, NULL);
	struct kfv_ep *ep = fe->priv;
	struct kfv_qp_side tx, rx;

	ep->tx_attr.iov_limit = 1;
	ep->rx_attr.iov_limit = 1;
	kfv_qp_sides(ep, &tx, &rx);
	/* as many as fit where what is injected would be */
	KUNIT_EXPECT_EQ(test, (u32)(KFV_INJECT_SIZE / sizeof(struct ib_sge)),
			tx.sge);
	KUNIT_EXPECT_EQ(test, 1U, tx.iov_limit);
	KUNIT_EXPECT_EQ(test, (u32)KFV_MIN_SGE, rx.sge);
	KUNIT_EXPECT_EQ(test, 1U, rx.iov_limit);

	ep->inject_size = 0;
	ep->rx_attr.iov_limit = KFV_MIN_SGE + 1;
	kfv_qp_sides(ep, &tx, &rx);
	KUNIT_EXPECT_EQ(test, (u32)KFV_MIN_SGE, tx.sge);
	KUNIT_EXPECT_EQ(test, (u32)KFV_MIN_SGE + 1, rx.sge);
	KUNIT_EXPECT_EQ(test, (u32)KFV_MIN_SGE + 1, rx.iov_limit);
}

static void qp_create_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .tx_size = 20, .rx_size = 30 };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_enable(f, &attr);
	const struct ib_qp *ibqp = &fe->qp->ibqp;

	KUNIT_EXPECT_EQ(test, IB_QPT_RC, ibqp->qp_type);
	KUNIT_EXPECT_EQ(test, IB_SIGNAL_REQ_WR, fe->qp->sig_type);
	KUNIT_EXPECT_EQ(test, IB_QPS_INIT, fe->qp->state);
	KUNIT_EXPECT_EQ(test, 21U, fe->qp->cap.max_send_wr);
	KUNIT_EXPECT_EQ(test, 31U, fe->qp->cap.max_recv_wr);
	KUNIT_EXPECT_EQ(test, (u32)KFV_INJECT_SIZE,
			fe->qp->cap.max_inline_data);
	KUNIT_EXPECT_PTR_EQ(test, f->dom->pd, ibqp->pd);
	KUNIT_EXPECT_PTR_EQ(test, kfv_cq(&fe->cq->fid)->ibcq, ibqp->send_cq);
	KUNIT_EXPECT_PTR_EQ(test, kfv_cq(&fe->cq->fid)->ibcq, ibqp->recv_cq);
}

/* Enabling fails as a whole, and works when the device does. */
static void qp_create_retry(struct kunit *test, struct fixture_ep *fe,
			    int *device_rc)
{
	struct fake_hca *hca = fe->f->hca;
	int qps = hca->qps;

	*device_rc = -ENOSPC;
	KUNIT_EXPECT_EQ(test, -ENOSPC, kfi_enable(fe->ep));
	KUNIT_EXPECT_EQ(test, qps, hca->qps);
	KUNIT_EXPECT_NULL(test, fe->priv->qp);
	KUNIT_EXPECT_EQ(test, (ssize_t)-KFI_EOPBADSTATE,
			kfi_recv(fe->ep, NULL, 0, NULL, 0, NULL));
	*device_rc = 0;
	KUNIT_EXPECT_EQ(test, 0, kfi_enable(fe->ep));
	KUNIT_EXPECT_EQ(test, qps + 1, hca->qps);
}

static void qp_create_refused_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_open(f, NULL);

	fixture_ep_give_id(fe);
	qp_create_retry(test, fe, &f->hca->create_qp_rc);
}

static void qp_create_stuck_in_reset_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_open(f, NULL);

	fixture_ep_give_id(fe);
	qp_create_retry(test, fe, &f->hca->modify_qp_rc);
}

static void qp_create_without_inline_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe;

	f->hca->max_inline = 0;
	fe = fixture_ep_enable(f, NULL);
	KUNIT_EXPECT_EQ(test, 0U, fe->qp->cap.max_inline_data);
	KUNIT_EXPECT_EQ(test, 0U, fe->priv->sq.max_inline);
}

/* Fewer elements than offered, but not fewer than the client was promised */
static void qp_create_fewer_sge_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .tx_size = 99 };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_open(f, &attr);

	fixture_ep_give_id(fe);
	fe->priv->tx_attr.iov_limit = 3;
	f->hca->max_total_sge = 299;
	KUNIT_EXPECT_EQ(test, -ENOMEM, kfi_enable(fe->ep));
	f->hca->max_total_sge = 399;
	KUNIT_EXPECT_EQ(test, 0, kfi_enable(fe->ep));
	KUNIT_EXPECT_EQ(test, 3U, fe->priv->sq.max_sge);
	KUNIT_EXPECT_EQ(test, 3U, fe->priv->sq.max_sge_rd);
}

struct qp_event_case {
	enum ib_event_type type;
	bool breaks;
};

static const struct qp_event_case qp_event_cases[] = {
	{ IB_EVENT_QP_FATAL, true },
	{ IB_EVENT_QP_REQ_ERR, true },
	{ IB_EVENT_QP_ACCESS_ERR, true },
	{ IB_EVENT_COMM_EST, false },
	{ IB_EVENT_SQ_DRAINED, false },
	{ IB_EVENT_PATH_MIG, false },
	{ IB_EVENT_QP_LAST_WQE_REACHED, false },
};

static void qp_event_desc(const struct qp_event_case *c, char *desc)
{
	strscpy(desc, ib_event_msg(c->type), KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(qp_event, qp_event_cases, qp_event_desc);

static void qp_event_test(struct kunit *test)
{
	const struct qp_event_case *c = test->param_value;
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);

	fake_qp_event(fe->qp, c->type);
	if (c->breaks)
		fixture_expect_shutdown(fe);
	fixture_expect_no_event(fe);
	KUNIT_EXPECT_EQ(test, (ssize_t)(c->breaks ? -ENOTCONN : 0),
			kfi_send(fe->ep, NULL, 0, NULL, 0, NULL));
}

static void qp_error_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	int i, context[4];

	for (i = 0; i < 2; i++) {
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				kfi_send(fe->ep, NULL, 0, NULL, 0,
					 &context[i]));
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				kfi_recv(fe->ep, NULL, 0, NULL, 0,
					 &context[2 + i]));
	}
	kfv_qp_error(fe->priv);
	fake_qp_settle(fe->qp);
	for (i = 0; i < 2; i++)
		fixture_expect_error(fe, &context[i], KFI_MSG | KFI_SEND,
				     IB_WC_WR_FLUSH_ERR);
	for (i = 0; i < 2; i++)
		fixture_expect_error(fe, &context[2 + i], KFI_MSG | KFI_RECV,
				     IB_WC_WR_FLUSH_ERR);
	fixture_expect_empty(fe);
}

/* Draining has room for its markers in full queues and a full ring. */
static void qp_destroy_full_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = {
		.tx_size = 8, .rx_size = 8, .cq_size = 16,
	};
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &attr);
	struct kfi_cq_err_entry entry;
	struct kfi_cq_data_entry good;
	int i;

	for (i = 0; i < 8; i++) {
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				kfi_send(fe->ep, NULL, 0, NULL, 0, NULL));
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				kfi_recv(fe->ep, NULL, 0, NULL, 0, NULL));
	}
	KUNIT_ASSERT_EQ(test, 0, fixture_room(fe->cq));
	KUNIT_ASSERT_EQ(test, 0, fixture_ep_close(fe));

	for (i = 0; i < 16; i++) {
		KUNIT_ASSERT_EQ(test, (ssize_t)-KFI_EAVAIL,
				kfi_cq_read(fe->cq, &good, 1));
		KUNIT_ASSERT_EQ(test, (ssize_t)1,
				kfi_cq_readerr(fe->cq, &entry, 0));
		KUNIT_EXPECT_EQ(test, ECANCELED, entry.err);
	}
	fixture_expect_empty(fe);
	KUNIT_EXPECT_EQ(test, 16, fixture_room(fe->cq));
}

/* What went unsignalled has no completion to come. */
static void qp_destroy_unsignaled_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	int spare = fixture_spare(fe->cq);
	int i;

	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				kfi_inject(fe->ep, "x", 1, 0));
	fake_qp_complete(fe->qp, 3);
	KUNIT_ASSERT_EQ(test, spare - 3, fixture_spare(fe->cq));

	KUNIT_ASSERT_EQ(test, 0, fixture_ep_close(fe));
	KUNIT_EXPECT_EQ(test, spare, fixture_spare(fe->cq));
	fixture_expect_empty(fe);
}

static void qp_destroy_mapped_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .map = true };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &attr);
	void *buf = fixture_vmalloc(test, 3 * PAGE_SIZE);

	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_send(fe->ep, buf, 3 * PAGE_SIZE, NULL, 0, buf));
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_recv(fe->ep, buf, 3 * PAGE_SIZE, NULL, 0, buf));
	KUNIT_ASSERT_EQ(test, 0, fixture_ep_close(fe));
	fixture_expect_error(fe, buf, KFI_MSG | KFI_SEND, IB_WC_WR_FLUSH_ERR);
	fixture_expect_error(fe, buf, KFI_MSG | KFI_RECV, IB_WC_WR_FLUSH_ERR);
	fixture_expect_empty(fe);
}

static void qp_unplug_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	int context;

	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_send(fe->ep, NULL, 0, NULL, 0, &context));
	fake_hca_unplug(f->hca);
	KUNIT_EXPECT_EQ(test, 0, f->hca->qps);
	KUNIT_EXPECT_EQ(test, 0, f->hca->cqs);
	fixture_expect_error(fe, &context, KFI_MSG | KFI_SEND,
			     IB_WC_WR_FLUSH_ERR);
	fixture_expect_empty(fe);
	KUNIT_EXPECT_EQ(test, (ssize_t)-ENODEV,
			kfi_send(fe->ep, NULL, 0, NULL, 0, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-ENODEV,
			kfi_recv(fe->ep, NULL, 0, NULL, 0, NULL));
	fixture_expect_shutdown(fe);
}

/* The device has the last word on what it takes inline. */
static void qp_create_less_inline_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe;

	f->hca->give_inline = 16;
	fe = fixture_ep_enable(f, NULL);
	KUNIT_EXPECT_EQ(test, 16U, fe->priv->sq.max_inline);
}

/* Each queue completes where it was bound to. */
static void qp_create_two_cqs_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = {};
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_open(f, &attr);
	struct kfid_cq *cq = fixture_cq(f, NULL, NULL, NULL);
	struct kfid_ep *ep;

	KUNIT_ASSERT_EQ(test, 0, kfi_endpoint(f->domain, f->info, &ep,
					      NULL));
	swap(fe->ep, ep);
	fe->priv = kfv_ep(&fe->ep->fid);
	KUNIT_EXPECT_EQ(test, 0, kfi_ep_bind(fe->ep, &fe->eq->fid, 0));
	KUNIT_EXPECT_EQ(test, 0, kfi_ep_bind(fe->ep, &fe->cq->fid,
					     KFI_TRANSMIT));
	KUNIT_EXPECT_EQ(test, 0, kfi_ep_bind(fe->ep, &cq->fid, KFI_RECV));
	fixture_ep_give_id(fe);
	KUNIT_EXPECT_EQ(test, 0, kfi_enable(fe->ep));
	KUNIT_EXPECT_PTR_EQ(test, kfv_cq(&fe->cq->fid)->ibcq,
			    fe->priv->qp->send_cq);
	KUNIT_EXPECT_PTR_EQ(test, kfv_cq(&cq->fid)->ibcq,
			    fe->priv->qp->recv_cq);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&fe->ep->fid));
}

struct qp_marker_case {
	const char *name;
	bool polled;
	bool two_cqs;
	bool outstanding;
	bool pmem;
	u32 markers;
};

static const struct qp_marker_case qp_marker_cases[] = {
	{ "all done", .markers = 0 },
	{ "all done, polled", .polled = true, .markers = 0 },
	{ "all done, polled in two queues", .polled = true, .two_cqs = true,
	  .markers = 0 },
	{ "outstanding", .outstanding = true, .markers = 1 },
	{ "outstanding, polled", .polled = true, .outstanding = true,
	  .markers = 1 },
	/* nothing comes behind the last completion of a send */
	{ "two queues", .two_cqs = true, .markers = 1 },
	/* requests of ours may be there */
	{ "commits", .pmem = true, .markers = 1 },
};

KUNIT_ARRAY_PARAM_DESC(qp_marker, qp_marker_cases, name);

/* A send queue that has nothing outstanding needs no marker to be drained. */
static void qp_marker_test(struct kunit *test)
{
	const struct qp_marker_case *c = test->param_value;
	struct fixture *f = c->polled ? fixture_new_polled(test) :
					fixture_new(test);
	struct kfi_cq_attr cq = { .size = 64 };
	struct fixture_ep_attr attr = { .pmem = c->pmem };
	struct fixture_ep *fe;
	u32 before;

	if (c->two_cqs)
		attr.rx_cq = fixture_cq(f, &cq, NULL, NULL);
	fe = fixture_ep_connect(f, &attr);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, kfi_send(fe->ep, NULL, 0, NULL, 0, test));
	if (!c->outstanding) {
		fake_qp_complete(fe->qp, 1);
		fixture_expect_sent(fe, test, KFI_MSG | KFI_SEND);
	}
	before = f->hca->markers;
	KUNIT_ASSERT_EQ(test, 0, fixture_ep_close(fe));
	/* and that of the control queue pair */
	KUNIT_EXPECT_EQ(test, c->markers + c->pmem, f->hca->markers - before);
	if (c->outstanding)
		fixture_expect_error(fe, test, KFI_MSG | KFI_SEND,
				     IB_WC_WR_FLUSH_ERR);
	fixture_expect_empty(fe);
}

static struct kunit_case qp_cases[] = {
	KUNIT_CASE_PARAM(qp_marker_test, qp_marker_gen_params),
	KUNIT_CASE_PARAM(qp_cap_test, qp_cap_gen_params),
	KUNIT_CASE(qp_cqe_test),
	KUNIT_CASE(qp_sides_test),
	KUNIT_CASE(qp_sides_small_device_test),
	KUNIT_CASE(qp_sides_small_iwarp_test),
	KUNIT_CASE(qp_sides_no_wishes_test),
	KUNIT_CASE(qp_sides_short_lists_test),
	KUNIT_CASE(qp_create_test),
	KUNIT_CASE(qp_create_refused_test),
	KUNIT_CASE(qp_create_stuck_in_reset_test),
	KUNIT_CASE(qp_create_without_inline_test),
	KUNIT_CASE(qp_create_fewer_sge_test),
	KUNIT_CASE_PARAM(qp_event_test, qp_event_gen_params),
	KUNIT_CASE(qp_error_test),
	KUNIT_CASE(qp_destroy_full_test),
	KUNIT_CASE(qp_destroy_unsignaled_test),
	KUNIT_CASE(qp_destroy_mapped_test),
	KUNIT_CASE(qp_unplug_test),
	KUNIT_CASE(qp_create_less_inline_test),
	KUNIT_CASE(qp_create_two_cqs_test),
	{}
};

static struct kunit_suite qp_suite = {
	.name = "kfi_verbs_qp",
	.test_cases = qp_cases,
};

kunit_test_suite(qp_suite);
