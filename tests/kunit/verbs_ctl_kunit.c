// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Control queue pair: what it is made of, how it is connected, what is left when
 * it cannot be made, and what its events mean.
 */
#include "fixture_pmem.h"

static const struct fixture_ep_attr ctl_attr = { .pmem = true };

static void ctl_create_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	int qps = f->hca->qps, cqs = f->hca->cqs;
	struct fixture_ep *fe = fixture_ep_enable(f, &ctl_attr);
	u32 i;

	KUNIT_EXPECT_EQ(test, qps + 2, f->hca->qps);
	/* of the client, and of the control queue pair */
	KUNIT_EXPECT_EQ(test, cqs + 2, f->hca->cqs);
	KUNIT_EXPECT_EQ(test, IB_QPS_INIT, fe->ctl->state);
	KUNIT_EXPECT_EQ(test, IB_SIGNAL_REQ_WR, fe->ctl->sig_type);
	/* whatever the peer does, it is not RDMA */
	KUNIT_EXPECT_EQ(test, 0, fe->ctl->access);
	/* requests, replies, a first message, and the markers of a drain */
	KUNIT_EXPECT_EQ(test, 16U + 32U + 1U + 1U, fe->ctl->cap.max_send_wr);
	KUNIT_EXPECT_EQ(test, 32U + 1U, fe->ctl->cap.max_recv_wr);
	KUNIT_EXPECT_LE(test, fe->ctl->cap.max_send_wr +
			fe->ctl->cap.max_recv_wr,
			(u32)fe->ctl->ibqp.send_cq->cqe);
	KUNIT_ASSERT_EQ(test, (u32)KFV_CTL_INBOX, fake_qp_recvs(fe->ctl));
	for (i = 0; i < KFV_CTL_INBOX; i++) {
		struct fake_wr *wr = fake_qp_recv(fe->ctl, i);

		KUNIT_EXPECT_EQ(test, 1U, wr->num_sge);
		KUNIT_EXPECT_EQ(test, (u32)KFV_CTL_MSG, wr->sge[0].length);
		KUNIT_EXPECT_EQ(test, (u32)FAKE_LOCAL_LKEY, wr->sge[0].lkey);
		KUNIT_EXPECT_EQ(test, fe->priv->commit->ctl.inbox_dma +
				i * KFV_CTL_MSG, wr->sge[0].addr);
	}
	KUNIT_EXPECT_EQ(test, 0, fixture_ep_close(fe));
	KUNIT_EXPECT_EQ(test, qps, f->hca->qps);
}

static void ctl_none_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	int qps = f->hca->qps;
	struct fixture_ep *fe = fixture_ep_enable(f, NULL);

	KUNIT_EXPECT_NULL(test, fe->priv->commit);
	KUNIT_EXPECT_EQ(test, qps + 1, f->hca->qps);
}

static void ctl_connect_test(struct kunit *test)
{
	struct fixture_ep *fe = fixture_ep_connect(fixture_new(test),
						   &ctl_attr);

	KUNIT_EXPECT_EQ(test, IB_QPS_RTS, fe->ctl->state);
	KUNIT_EXPECT_EQ(test, (u32)FIXTURE_PEER_QPN,
			fe->ctl->attr.dest_qp_num);
	KUNIT_EXPECT_EQ(test, (u32)FIXTURE_PEER_PSN, fe->ctl->attr.rq_psn);
	KUNIT_EXPECT_EQ(test, fe->priv->commit->ctl.psn,
			fe->ctl->attr.sq_psn);
	KUNIT_EXPECT_LE(test, fe->priv->commit->ctl.psn, 0xffffffU);
}

static void ctl_connect_fails_test(struct kunit *test)
{
	const struct kfv_wire_decl peer = { .features = KFV_WIRE_F_CTL };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_enable(f, &ctl_attr);

	f->hca->modify_qp_rc = -EIO;
	KUNIT_EXPECT_EQ(test, -EIO, kfv_persist_agree(fe->priv, &peer));
	f->hca->modify_qp_rc = 0;
}

/*
 * What cannot be made
 */

static void ctl_second_qp_fails(void *arg)
{
	struct fake_hca *hca = arg;

	/* the endpoint's own is made with this call, the next one is not */
	if (hca->create_qp_hook && hca->qps == hca->fail_after)
		hca->create_qp_rc = -ENOMEM;
}

static void ctl_first_modify_fails(void *arg)
{
	struct fake_hca *hca = arg;

	if (hca->qps == hca->fail_after)
		hca->modify_qp_rc = -EIO;
}

struct ctl_fail_case {
	const char *name;
	void (*hook)(void *arg);
	int cq_rc;
	int rc;
};

static const struct ctl_fail_case ctl_fail_cases[] = {
	{ "completion queue", NULL, -ENOSPC, -ENOSPC },
	{ "queue pair", ctl_second_qp_fails, 0, -ENOMEM },
	{ "state", ctl_first_modify_fails, 0, -EIO },
};

KUNIT_ARRAY_PARAM_DESC(ctl_fail, ctl_fail_cases, name);

/* Nothing is left, and it can be tried again. */
static void ctl_fail_test(struct kunit *test)
{
	const struct ctl_fail_case *c = test->param_value;
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_open(f, &ctl_attr);
	int qps = f->hca->qps, cqs = f->hca->cqs;

	fixture_ep_give_id(fe);
	f->hca->create_cq_rc = c->cq_rc;
	f->hca->create_qp_hook = c->hook;
	f->hca->create_qp_arg = f->hca;
	f->hca->fail_after = qps + 1;
	KUNIT_EXPECT_EQ(test, c->rc, kfi_enable(fe->ep));
	KUNIT_EXPECT_EQ(test, qps, f->hca->qps);
	KUNIT_EXPECT_EQ(test, cqs, f->hca->cqs);
	KUNIT_EXPECT_NULL(test, fe->priv->qp);
	KUNIT_EXPECT_NULL(test, fe->priv->commit->ctl.qp);
	KUNIT_EXPECT_NULL(test, fe->priv->commit->ctl.inbox);

	f->hca->create_cq_rc = 0;
	f->hca->create_qp_hook = NULL;
	f->hca->create_qp_rc = 0;
	f->hca->modify_qp_rc = 0;
	KUNIT_EXPECT_EQ(test, 0, kfi_enable(fe->ep));
	KUNIT_EXPECT_EQ(test, qps + 2, f->hca->qps);
}

/* All that is mapped is unmapped, of what was never used too. */
static void ctl_mapped_test(struct kunit *test)
{
	struct fixture *f = fixture_new_mapped(test);
	struct fixture_ep *fe;
	u32 mapped = f->dma->count;

	fe = fixture_ep_enable(f, &ctl_attr);
	/* requests, messages of the peer and replies, beside the bounce buffers */
	KUNIT_EXPECT_EQ(test, mapped + 4, f->dma->count);
	KUNIT_EXPECT_EQ(test, 0, fixture_ep_close(fe));
	KUNIT_EXPECT_EQ(test, mapped, f->dma->count);
}

/*
 * Events
 */

struct ctl_event_case {
	const char *name;
	enum ib_event_type event;
	bool breaks;
};

static const struct ctl_event_case ctl_event_cases[] = {
	{ "fatal", IB_EVENT_QP_FATAL, true },
	{ "request error", IB_EVENT_QP_REQ_ERR, true },
	{ "access error", IB_EVENT_QP_ACCESS_ERR, true },
	{ "established", IB_EVENT_COMM_EST, false },
	{ "drained", IB_EVENT_SQ_DRAINED, false },
	{ "migrated", IB_EVENT_PATH_MIG, false },
};

KUNIT_ARRAY_PARAM_DESC(ctl_event, ctl_event_cases, name);

static void ctl_event_test(struct kunit *test)
{
	const struct ctl_event_case *c = test->param_value;
	struct fixture_ep *fe = fixture_ep_connect(fixture_new(test),
						   &ctl_attr);

	fake_qp_event(fe->ctl, c->event);
	if (c->breaks)
		fixture_expect_shutdown(fe);
	else
		fixture_expect_no_event(fe);
	KUNIT_EXPECT_EQ(test, c->breaks, fe->priv->commit->dead);
}

/* The end of the connection is one of the control queue pair too. */
static void ctl_error_test(struct kunit *test)
{
	struct fixture_ep *fe = fixture_ep_connect(fixture_new(test),
						   &ctl_attr);

	kfv_conn_broken(fe->priv);
	fixture_expect_shutdown(fe);
	KUNIT_EXPECT_EQ(test, IB_QPS_ERR, fe->ctl->state);
	KUNIT_EXPECT_TRUE(test, fe->priv->commit->dead);
	fake_qp_settle(fe->ctl);
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_recvs(fe->ctl));
}

static struct kunit_case ctl_cases[] = {
	KUNIT_CASE(ctl_create_test),
	KUNIT_CASE(ctl_none_test),
	KUNIT_CASE(ctl_connect_test),
	KUNIT_CASE(ctl_connect_fails_test),
	KUNIT_CASE_PARAM(ctl_fail_test, ctl_fail_gen_params),
	KUNIT_CASE(ctl_mapped_test),
	KUNIT_CASE_PARAM(ctl_event_test, ctl_event_gen_params),
	KUNIT_CASE(ctl_error_test),
	{}
};

static struct kunit_suite ctl_suite = {
	.name = "kfi_verbs_ctl",
	.test_cases = ctl_cases,
};

kunit_test_suite(ctl_suite);
