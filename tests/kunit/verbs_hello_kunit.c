// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * What follows the first message on iWARP. Fixture: a connected endpoint on an
 * iWARP port, whose side is the one that connected.
 */
#include <kunit/test.h>

#include "fixture.h"

#define NUDGES	6

static struct fixture_ep *hello_ep(struct kunit *test)
{
	struct fixture_ep *fe = fixture_ep_connect(fixture_new_iwarp(test), NULL);
	struct kfv_domain *dom = fe->f->dom;

	fe->priv->passive = false;
	mutex_lock(&dom->lock);
	KUNIT_ASSERT_EQ(test, 0, kfv_hello_create(fe->priv));
	mutex_unlock(&dom->lock);
	return fe;
}

static void hello_sent(struct fixture_ep *fe, enum ib_wc_status status)
{
	struct ib_wc wc = { .wr_cqe = &fe->priv->hello, .status = status };

	fe->priv->hello.done(NULL, &wc);
}

/* Empty writes, one after the other, and not for ever */
static void hello_nudges_test(struct kunit *test)
{
	struct fixture_ep *fe = hello_ep(test);
	struct fake_wr *wr;
	int i;

	hello_sent(fe, IB_WC_SUCCESS);
	for (i = 0; i < NUDGES; i++) {
		flush_delayed_work(&fe->priv->nudge);
		KUNIT_ASSERT_EQ(test, 1U, fake_qp_sends(fe->qp));
		wr = fake_qp_send(fe->qp, 0);
		KUNIT_EXPECT_EQ(test, IB_WR_RDMA_WRITE, wr->opcode);
		KUNIT_EXPECT_EQ(test, 0U, wr->num_sge);
		KUNIT_EXPECT_EQ(test, (int)IB_SEND_SIGNALED, wr->send_flags);
		KUNIT_EXPECT_NOT_NULL(test, fe->priv->hello_cq);
		fake_qp_complete(fe->qp, 1);
		fake_qp_settle(fe->qp);
	}
	KUNIT_EXPECT_FALSE(test, flush_delayed_work(&fe->priv->nudge));
	KUNIT_EXPECT_NULL(test, fe->priv->hello_cq);
	KUNIT_EXPECT_EQ(test, 0, fixture_ep_close(fe));
}

/* The first message fails: nothing follows, and the place is free. */
static void hello_fails_test(struct kunit *test)
{
	struct fixture_ep *fe = hello_ep(test);

	hello_sent(fe, IB_WC_WR_FLUSH_ERR);
	KUNIT_EXPECT_FALSE(test, flush_delayed_work(&fe->priv->nudge));
	KUNIT_EXPECT_NULL(test, fe->priv->hello_cq);
}

/* A connection that is over is left alone. */
static void hello_over_test(struct kunit *test)
{
	struct fixture_ep *fe = hello_ep(test);

	hello_sent(fe, IB_WC_SUCCESS);
	KUNIT_ASSERT_EQ(test, 0, kfi_shutdown(fe->ep, 0));
	flush_delayed_work(&fe->priv->nudge);
	fake_qp_settle(fe->qp);
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fe->qp));
	KUNIT_EXPECT_NULL(test, fe->priv->hello_cq);
}

static void hello_closed_test(struct kunit *test)
{
	struct fixture_ep *fe = hello_ep(test);

	hello_sent(fe, IB_WC_SUCCESS);
	KUNIT_EXPECT_EQ(test, 0, fixture_ep_close(fe));
}

static struct kunit_case hello_cases[] = {
	KUNIT_CASE(hello_nudges_test),
	KUNIT_CASE(hello_fails_test),
	KUNIT_CASE(hello_over_test),
	KUNIT_CASE(hello_closed_test),
	{}
};

static struct kunit_suite hello_suite = {
	.name = "kfi_verbs_hello",
	.test_cases = hello_cases,
};

kunit_test_suite(hello_suite);
