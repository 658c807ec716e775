// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Plain operations that nobody is told of, and calls that name no flags. Fixture: a
 * connected endpoint on a fake HCA.
 */
#include "verbs_fast_kunit.h"

static void fast_silent_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = {
		.bind_flags = KFI_SELECTIVE_COMPLETION, .tx_size = 64,
	};
	struct fast *fast = fast_new(test, &attr);
	u32 i;

	for (i = 0; i < 5; i++)
		KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_write(fast, i, 0));
	KUNIT_EXPECT_EQ(test, fast->spare - 5, fixture_spare(fast->fe->cq));
	KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_write(fast, 5, KFI_COMPLETION));
	for (i = 0; i < 6; i++)
		KUNIT_EXPECT_EQ(test, i < 5 ? 0 : IB_SEND_SIGNALED,
				fake_qp_send(fast->fe->qp, i)->send_flags);
	fake_qp_complete(fast->fe->qp, 6);
	fixture_progress(fast->fe);
	KUNIT_EXPECT_EQ(test, 6UL, kfv_queue_done(&fast->fe->priv->sq));
	fast_expect_written(fast, 5, 6);
	fast_expect_whole(fast);
}

/* The queue comes back although nobody wants to know of anything. */
static void fast_silent_for_ever_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = {
		.bind_flags = KFI_SELECTIVE_COMPLETION,
	};
	struct fast *fast = fast_new(test, &attr);
	u32 signaled = 0, i;

	for (i = 0; i < 1000; i++) {
		KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_write(fast, i, 0));
		signaled += fake_qp_send(fast->fe->qp, 0)->send_flags != 0;
		fake_qp_complete(fast->fe->qp, 1);
		fixture_progress(fast->fe);
	}
	/* no more often than the queue wants it */
	KUNIT_EXPECT_EQ(test, 1000 / fast->fe->priv->sq.signal_every, signaled);
	fixture_expect_empty(fast->fe);
	KUNIT_EXPECT_EQ(test, fast->room, fixture_room(fast->fe->cq));
}

/* Number @i, by a call that names no flags */
static ssize_t fast_call(struct fast *fast, u32 i)
{
	struct kfid_ep *ep = fast->fe->ep;

	switch (i % 3) {
	case 0:
		return kfi_write(ep, fast->buf, FAST_LEN, NULL, 0, i, FAST_RKEY,
				 NULL);
	case 1:
		return kfi_read(ep, fast->buf, FAST_LEN, NULL, 0, i, FAST_RKEY,
				NULL);
	default:
		return kfi_send(ep, fast->buf, FAST_LEN, NULL, 0, NULL);
	}
}

/* Silent by default, and more of a chain: until it has to go, or one is not. */
static void fast_silent_by_default_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = {
		.bind_flags = KFI_SELECTIVE_COMPLETION, .tx_size = 128,
	};
	struct fast *fast = fast_new(test, &attr);
	u64 flags = KFI_TRANSMIT | KFI_MORE;
	struct fake_wr *wr;
	bool signals;
	u32 every, i;

	KUNIT_ASSERT_EQ(test, 0, kfi_control(&fast->fe->ep->fid, KFI_SETOPSFLAG,
					     &flags));
	for (i = 0; i < KFV_FAST_BATCH - 1; i++)
		KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_call(fast, i));
	KUNIT_EXPECT_EQ(test, 0U, fast->fe->qp->calls);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_call(fast, i++));
	KUNIT_EXPECT_EQ(test, 1U, fast->fe->qp->calls);
	for (; i < KFV_FAST_BATCH + 3; i++)
		KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_call(fast, i));
	KUNIT_EXPECT_EQ(test, 1U, fast->fe->qp->calls);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_write(fast, i, KFI_COMPLETION));
	KUNIT_EXPECT_EQ(test, 2U, fast->fe->qp->calls);
	KUNIT_ASSERT_EQ(test, i + 1, fake_qp_sends(fast->fe->qp));
	every = fast->fe->priv->sq.signal_every;
	for (i = 0; i < KFV_FAST_BATCH + 3; i++) {
		wr = fake_qp_send(fast->fe->qp, i);
		/* half of the spare places are in use by then */
		signals = i >= KFV_MIN_SPARE / 2 || i % every == every - 1;
		KUNIT_EXPECT_EQ(test, signals ? (int)IB_SEND_SIGNALED : 0,
				wr->send_flags);
		if (i % 3 != 2)
			KUNIT_EXPECT_EQ(test, (u64)i, wr->remote_addr);
	}
	fake_qp_complete(fast->fe->qp, i + 1);
	fast_expect_written(fast, i, i + 1);
	fast_expect_whole(fast);
}

/* A call that the device refuses leaves nothing behind, and nobody out. */
static void fast_call_refused_test(struct kunit *test)
{
	struct fast *fast = fast_new(test, NULL);
	u32 i;

	for (i = 0; i < 3; i++) {
		fake_qp_refuse(fast->fe->qp, 0, 1, -ENOMEM);
		KUNIT_EXPECT_EQ(test, (ssize_t)-ENOMEM, fast_call(fast, i));
		KUNIT_EXPECT_EQ(test, (ssize_t)0, fast_call(fast, i));
	}
	KUNIT_EXPECT_EQ(test, 3U, fake_qp_sends(fast->fe->qp));
	KUNIT_EXPECT_EQ(test, 3UL, kfv_queue_posted(&fast->fe->priv->sq));
	KUNIT_EXPECT_EQ(test, 0L, atomic_long_read(&fast->fe->priv->sq.busy));
}

/* Behind a list, which has to be looked at piece by piece, and in front of one */
static void fast_silent_and_lists_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = {
		.bind_flags = KFI_SELECTIVE_COMPLETION, .tx_size = 64,
		.map = true,
	};
	struct fast *fast = fast_new(test, &attr);
	const struct kvec iov[] = { { fast->buf, 1 }, { fast->buf + 2, 1 } };
	u32 i;

	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				kfi_inject(fast->fe->ep, fast->buf, 8, 0));
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				kfi_writev(fast->fe->ep, iov, NULL, 2, 0, 2,
					   FAST_RKEY, NULL));
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				kfi_inject(fast->fe->ep, fast->buf, 8, 0));
	}
	KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_write(fast, 1, KFI_COMPLETION));
	KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_write(fast, 2, KFI_COMPLETION));
	fake_qp_complete(fast->fe->qp, 11);
	KUNIT_EXPECT_EQ(test, 11UL, kfv_queue_done(&fast->fe->priv->sq));
	fast_expect_written(fast, 1, 3);
	fast_expect_whole(fast);
}

/* One of them fails: it is told, and so is each that is flushed. */
static void fast_silent_fails_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = {
		.bind_flags = KFI_SELECTIVE_COMPLETION, .tx_size = 64,
	};
	struct fast *fast = fast_new(test, &attr);
	u32 i;

	for (i = 0; i < 4; i++)
		KUNIT_ASSERT_EQ(test, (ssize_t)0, fast_write(fast, i, 0));
	fake_qp_complete(fast->fe->qp, 1);
	fake_qp_fail(fast->fe->qp, IB_WC_REM_ACCESS_ERR);
	fixture_expect_error(fast->fe, &fast->context[1], FAST_WRITTEN,
			     IB_WC_REM_ACCESS_ERR);
	for (i = 2; i < 4; i++)
		fixture_expect_error(fast->fe, &fast->context[i], FAST_WRITTEN,
				     IB_WC_WR_FLUSH_ERR);
	fast_expect_whole(fast);
}

/*
 * Regions
 */

static struct kunit_case verbs_fast_silent_cases[] = {
	KUNIT_CASE(fast_silent_test),
	KUNIT_CASE(fast_silent_for_ever_test),
	KUNIT_CASE(fast_silent_by_default_test),
	KUNIT_CASE(fast_call_refused_test),
	KUNIT_CASE(fast_silent_and_lists_test),
	KUNIT_CASE(fast_silent_fails_test),
	{}
};

static struct kunit_suite verbs_fast_silent_suite = {
	.name = "kfi_verbs_fast_silent",
	.test_cases = verbs_fast_silent_cases,
};

/* The same for a client that makes one call at a time, and polls */
static struct kunit_suite verbs_fast_silent_polled_suite = {
	.name = "kfi_verbs_fast_silent_polled",
	.init = fast_polled_init,
	.test_cases = verbs_fast_silent_cases,
};

kunit_test_suites(&verbs_fast_silent_suite, &verbs_fast_silent_polled_suite);
