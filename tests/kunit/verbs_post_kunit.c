// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Posting chains: all or nothing before the first work request, one completion
 * whatever happens after it. Fixture: a connected endpoint on a fake HCA.
 */
#include <linux/vmalloc.h>

#include "fixture.h"

#define POST_WRITTEN	(KFI_RMA | KFI_WRITE)

/* Write one byte to each of @n remote ranges: @n work requests */
static ssize_t post_chain(struct fixture_ep *fe, u32 n, void *context,
			  u64 flags)
{
	static u8 bytes[KFV_MAX_RMA_IOV];
	struct kfi_rma_iov rma[KFV_MAX_RMA_IOV];
	const struct kvec iov = { bytes, n };
	const struct kfi_msg_rma msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
		.rma_iov = rma, .rma_iov_count = n, .context = context,
	};
	u32 i;

	for (i = 0; i < n; i++)
		rma[i] = (struct kfi_rma_iov) { 100 * i, 1, 1 };
	return kfi_writemsg(fe->ep, &msg, flags);
}

/* Write @n separate bytes, two elements at a time: n / 2 work requests */
static ssize_t post_long_chain(struct kunit *test, struct fixture_ep *fe, u32 n,
			       void *context)
{
	u8 *mem = fixture_kmalloc(test, 2 * KFV_MAX_SGE);
	struct kvec iov[KFV_MAX_SGE];
	u32 i;

	for (i = 0; i < n; i++)
		iov[i] = (struct kvec) { mem + 2 * i, 1 };
	fe->priv->sq.max_sge = 1;
	return kfi_writev(fe->ep, iov, NULL, n, 0, 0, 1, context);
}

static void post_chain_room_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	int room = fixture_room(fe->cq), spare = fixture_spare(fe->cq);

	KUNIT_ASSERT_EQ(test, (ssize_t)0, post_chain(fe, 8, fe, 0));
	/* all but the last are silent */
	KUNIT_EXPECT_EQ(test, room - 1, fixture_room(fe->cq));
	KUNIT_EXPECT_EQ(test, spare - 7, fixture_spare(fe->cq));
	KUNIT_EXPECT_EQ(test, 1UL, kfv_queue_posted(&fe->priv->sq));
	fake_qp_complete(fe->qp, 8);
	KUNIT_EXPECT_EQ(test, spare, fixture_spare(fe->cq));
	KUNIT_EXPECT_EQ(test, 1UL, kfv_queue_done(&fe->priv->sq));
	fixture_expect_sent(fe, fe, POST_WRITTEN);
	fixture_expect_empty(fe);
	KUNIT_EXPECT_EQ(test, room, fixture_room(fe->cq));
}

static void post_silent_chain_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = {
		.bind_flags = KFI_SELECTIVE_COMPLETION,
	};
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &attr);
	int room = fixture_room(fe->cq), spare = fixture_spare(fe->cq);
	u32 i;

	KUNIT_ASSERT_EQ(test, (ssize_t)0, post_chain(fe, 3, NULL, 0));
	KUNIT_ASSERT_EQ(test, (ssize_t)0, post_chain(fe, 2, NULL, 0));
	KUNIT_ASSERT_EQ(test, (ssize_t)0, post_chain(fe, 3, NULL, 0));
	KUNIT_EXPECT_EQ(test, room, fixture_room(fe->cq));
	KUNIT_EXPECT_EQ(test, spare - 8, fixture_spare(fe->cq));
	/* a quarter of 16 is reached by the second one */
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, i == 4 ? IB_SEND_SIGNALED : 0,
				fake_qp_send(fe->qp, i)->send_flags);
	fake_qp_complete(fe->qp, 8);
	KUNIT_EXPECT_EQ(test, spare - 3, fixture_spare(fe->cq));
	fixture_expect_empty(fe);
}

/* Places for all, or nothing is posted and nothing is kept. */
static void post_queue_too_full_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	int i, room, spare;

	for (i = 0; i < 9; i++)
		KUNIT_ASSERT_EQ(test, (ssize_t)0, post_chain(fe, 1, NULL, 0));
	room = fixture_room(fe->cq);
	spare = fixture_spare(fe->cq);
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN, post_chain(fe, 8, NULL, 0));
	KUNIT_EXPECT_EQ(test, 9U, fake_qp_sends(fe->qp));
	KUNIT_EXPECT_EQ(test, room, fixture_room(fe->cq));
	KUNIT_EXPECT_EQ(test, spare, fixture_spare(fe->cq));
	KUNIT_EXPECT_EQ(test, (ssize_t)0, post_chain(fe, 7, NULL, 0));
	KUNIT_EXPECT_EQ(test, 16U, fake_qp_sends(fe->qp));
}

static void post_cq_too_full_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .cq_size = 16 };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &attr);
	struct kfv_cq *cq = kfv_cq(&fe->cq->fid);
	int i;

	for (i = 0; i < 12; i++)
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				kfi_recv(fe->ep, NULL, 0, NULL, 0, NULL));
	/* with spare places one ordinary place is enough */
	KUNIT_EXPECT_EQ(test, (ssize_t)0, post_chain(fe, 8, NULL, 0));
	fake_qp_complete(fe->qp, 8);
	fixture_expect_sent(fe, NULL, POST_WRITTEN);

	/* without, a chain takes ordinary ones */
	KUNIT_ASSERT_TRUE(test, kfv_cq_take_spare(cq, KFV_MIN_SPARE - 3));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN, post_chain(fe, 5, NULL, 0));
	KUNIT_EXPECT_EQ(test, 4, fixture_room(fe->cq));
	KUNIT_EXPECT_EQ(test, 3, fixture_spare(fe->cq));
	KUNIT_EXPECT_EQ(test, (ssize_t)0, post_chain(fe, 4, NULL, 0));
	KUNIT_EXPECT_EQ(test, 3, fixture_room(fe->cq));
	KUNIT_EXPECT_EQ(test, 0, fixture_spare(fe->cq));
	KUNIT_EXPECT_EQ(test, (ssize_t)0, post_chain(fe, 3, NULL, 0));
	KUNIT_EXPECT_EQ(test, 0, fixture_room(fe->cq));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN, post_chain(fe, 1, NULL, 0));
	fake_qp_complete(fe->qp, 7);
	fixture_expect_sent(fe, NULL, POST_WRITTEN);
	fixture_expect_sent(fe, NULL, POST_WRITTEN);
	KUNIT_EXPECT_EQ(test, 4, fixture_room(fe->cq));
	KUNIT_EXPECT_EQ(test, 3, fixture_spare(fe->cq));
	kfv_cq_give(cq, KFV_MIN_SPARE - 3, true);
}

/*
 * A chain fits into a queue that holds nothing but unsignalled requests, else
 * it might wait for ever.
 */
static void post_longest_chain_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	int i;

	KUNIT_EXPECT_EQ(test, 13U, fe->priv->sq.max_chain);
	KUNIT_EXPECT_EQ(test, (ssize_t)-E2BIG,
			post_chain(fe, 14, NULL, 0));
	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				kfi_inject(fe->ep, "x", 1, 0));
	fake_qp_complete(fe->qp, 3);
	KUNIT_EXPECT_EQ(test, (ssize_t)0, post_chain(fe, 13, NULL, 0));
	KUNIT_EXPECT_EQ(test, 13U, fake_qp_sends(fe->qp));
}

/* Write @len bytes; two work requests more read them, and tell the peer */
static ssize_t post_visible(struct fixture_ep *fe, void *mem, size_t len)
{
	const struct kvec iov = { mem, len };
	const struct kfi_rma_iov rma = { 0, len, KFV_KEY_READ | 1 };
	const struct kfi_msg_rma msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
		.rma_iov = &rma, .rma_iov_count = 1, .context = fe,
	};

	return kfi_writemsg(fe->ep, &msg,
			    KFI_DELIVERY_COMPLETE | KFI_REMOTE_CQ_DATA);
}

/*
 * What other endpoints leave unsignalled, and receives that wait for a peer, do
 * not keep out the longest chain that is accepted.
 */
static void post_longest_chain_of_cq_test(struct kunit *test)
{
	const int longest = KFV_MIN_SPARE / 2;
	struct fixture_ep_attr attr = {
		.tx_size = 8 * KFV_MIN_SPARE, .cq_size = 2,
	};
	void *mem = fixture_scattered(test, longest + 1);
	struct fixture *f = fixture_new(test);
	struct fixture_ep *idle = fixture_ep_connect(f, &attr);
	struct fixture_ep *fe;
	int i = 2 * KFV_MIN_SPARE;

	attr.cq = idle->cq;
	fe = fixture_ep_connect(f, &attr);
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_recv(idle->ep, NULL, 0, NULL, 0, NULL));
	while (i-- > 0 || fixture_spare(fe->cq) > longest) {
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				kfi_inject(idle->ep, "x", 1, 0));
		fake_qp_complete(idle->qp, 1);
	}

	fe->priv->sq.max_sge = 1;
	KUNIT_EXPECT_EQ(test, (ssize_t)-E2BIG,
			kfi_write(fe->ep, mem, (longest + 1) * PAGE_SIZE, NULL,
				  0, 0, 1, fe));
	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			kfi_write(fe->ep, mem, longest * PAGE_SIZE, NULL, 0, 0,
				  1, fe));
	KUNIT_EXPECT_EQ(test, (u32)longest, fake_qp_sends(fe->qp));
	fake_qp_complete(fe->qp, longest);
	fixture_expect_sent(fe, fe, POST_WRITTEN);

	KUNIT_EXPECT_EQ(test, (ssize_t)-E2BIG,
			post_visible(fe, mem, longest * PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			post_visible(fe, mem, (longest - 1) * PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, (u32)longest + 1, fake_qp_sends(fe->qp));
	fake_qp_complete(fe->qp, longest + 1);
	fixture_expect_sent(fe, fe, POST_WRITTEN);
}

/* More work requests than the device gets in one call */
static void post_batches_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .tx_size = 64 };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &attr);
	struct fake_wr *wr;
	u32 i;

	KUNIT_ASSERT_EQ(test, (ssize_t)0, post_long_chain(test, fe, 32, fe));
	KUNIT_ASSERT_EQ(test, 32U, fake_qp_sends(fe->qp));
	KUNIT_EXPECT_EQ(test, 2U, fe->qp->calls);
	for (i = 0; i < 32; i++) {
		wr = fake_qp_send(fe->qp, i);
		KUNIT_EXPECT_EQ(test, (u64)i, wr->remote_addr);
		KUNIT_EXPECT_EQ(test, i % 16 != 15, wr->chained);
		KUNIT_EXPECT_EQ(test, i == 31 ? IB_SEND_SIGNALED : 0,
				wr->send_flags);
	}
	fake_qp_complete(fe->qp, 32);
	fixture_expect_sent(fe, fe, POST_WRITTEN);
	fixture_expect_empty(fe);
}

/*
 * Errors in a chain
 */

struct post_error_case {
	const char *name;
	u32 at;
};

static const struct post_error_case post_error_cases[] = {
	{ "first", 0 }, { "middle", 2 }, { "last", 4 },
};

KUNIT_ARRAY_PARAM_DESC(post_error, post_error_cases, name);

/* The operation has the reason, and there is one entry for it. */
static void post_error_test(struct kunit *test)
{
	const struct post_error_case *c = test->param_value;
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	int room = fixture_room(fe->cq), spare = fixture_spare(fe->cq);
	int context[2];

	KUNIT_ASSERT_EQ(test, (ssize_t)0, post_chain(fe, 5, &context[0], 0));
	KUNIT_ASSERT_EQ(test, (ssize_t)0, post_chain(fe, 2, &context[1], 0));
	fake_qp_complete(fe->qp, c->at);
	fake_qp_fail(fe->qp, IB_WC_REM_ACCESS_ERR);
	fixture_expect_error(fe, &context[0], POST_WRITTEN,
			     IB_WC_REM_ACCESS_ERR);
	fixture_expect_error(fe, &context[1], POST_WRITTEN, IB_WC_WR_FLUSH_ERR);
	fixture_expect_empty(fe);
	KUNIT_EXPECT_EQ(test, room, fixture_room(fe->cq));
	KUNIT_EXPECT_EQ(test, spare, fixture_spare(fe->cq));
	KUNIT_EXPECT_EQ(test, 2ULL, fe->priv->sq.errors);
	fixture_expect_shutdown(fe);
}

static void post_flushed_chain_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);

	KUNIT_ASSERT_EQ(test, (ssize_t)0, post_chain(fe, 5, fe, 0));
	fake_qp_set_state(fe->qp, IB_QPS_ERR);
	fixture_expect_error(fe, fe, POST_WRITTEN, IB_WC_WR_FLUSH_ERR);
	fixture_expect_empty(fe);
}

/*
 * Refusals
 */

static void post_first_refused_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	int room = fixture_room(fe->cq), spare = fixture_spare(fe->cq);

	fake_qp_refuse(fe->qp, 0, 1, -EIO);
	KUNIT_EXPECT_EQ(test, (ssize_t)-EIO, post_chain(fe, 5, NULL, 0));
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fe->qp));
	KUNIT_EXPECT_EQ(test, room, fixture_room(fe->cq));
	KUNIT_EXPECT_EQ(test, spare, fixture_spare(fe->cq));
	fixture_expect_no_event(fe);
}

struct post_cut_case {
	const char *name;
	/* work requests that the device takes */
	u32 accept;
	bool selective;
};

static const struct post_cut_case post_cut_cases[] = {
	{ "after the first", 1, false },
	{ "in the middle", 3, false },
	{ "before the last", 4, false },
	{ "after the first, silent", 1, true },
	{ "before the last, silent", 4, true },
};

KUNIT_ARRAY_PARAM_DESC(post_cut, post_cut_cases, name);

static struct fixture_ep *post_cut_ep(struct kunit *test)
{
	const struct post_cut_case *c = test->param_value;
	const struct fixture_ep_attr attr = {
		.bind_flags = c->selective ? KFI_SELECTIVE_COMPLETION : 0,
	};

	return fixture_ep_connect(fixture_new(test), &attr);
}

/* A marker brings the completion of what was posted; the operation fails. */
static void post_cut_test(struct kunit *test)
{
	const struct post_cut_case *c = test->param_value;
	struct fixture_ep *fe = post_cut_ep(test);
	int room = fixture_room(fe->cq), spare = fixture_spare(fe->cq);
	struct fake_wr *marker;

	fake_qp_refuse(fe->qp, c->accept, 1, -ENOMEM);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, post_chain(fe, 5, fe, 0));
	flush_work(&fe->priv->breaker);
	/* the connection is broken, so that all of it was flushed */
	fake_qp_settle(fe->qp);
	fixture_expect_error(fe, fe, POST_WRITTEN, IB_WC_WR_FLUSH_ERR);
	fixture_expect_empty(fe);
	fixture_expect_shutdown(fe);
	marker = fe->qp->sq.wrs + c->accept;
	KUNIT_EXPECT_EQ(test, IB_WR_RDMA_WRITE, marker->opcode);
	KUNIT_EXPECT_EQ(test, 0U, marker->num_sge);
	KUNIT_EXPECT_EQ(test, (int)IB_SEND_SIGNALED, marker->send_flags);
	KUNIT_EXPECT_EQ(test, c->accept + 1, fe->qp->sq.head);
	KUNIT_EXPECT_EQ(test, room, fixture_room(fe->cq));
	KUNIT_EXPECT_EQ(test, spare, fixture_spare(fe->cq));
	KUNIT_EXPECT_EQ(test, 1UL, kfv_queue_posted(&fe->priv->sq));
	KUNIT_EXPECT_EQ(test, 1UL, kfv_queue_done(&fe->priv->sq));
}

/* Success of all that was posted is no success of the operation. */
static void post_cut_then_done_test(struct kunit *test)
{
	const struct post_cut_case *c = test->param_value;
	struct fixture_ep *fe = post_cut_ep(test);

	/* keeps the connection from being broken under this test */
	fe->priv->told = false;
	fake_qp_refuse(fe->qp, c->accept, 1, -ENOMEM);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, post_chain(fe, 5, fe, 0));
	KUNIT_ASSERT_EQ(test, c->accept + 1, fake_qp_sends(fe->qp));
	fake_qp_complete(fe->qp, c->accept + 1);
	fixture_expect_error(fe, fe, POST_WRITTEN, IB_WC_GENERAL_ERR);
	fixture_expect_empty(fe);
	KUNIT_EXPECT_EQ(test, 0U, fe->priv->sq.head - fe->priv->sq.tail);
}

/* The device takes no marker either. */
static void post_cut_without_marker_test(struct kunit *test)
{
	const struct post_cut_case *c = test->param_value;
	struct fixture_ep *fe = post_cut_ep(test);
	int room = fixture_room(fe->cq), spare = fixture_spare(fe->cq);

	fe->priv->told = false;
	fake_qp_refuse(fe->qp, c->accept, 2, -EIO);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, post_chain(fe, 5, fe, 0));
	fake_qp_complete(fe->qp, c->accept);
	fixture_expect_empty(fe);
	/* whatever completes next ends it */
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			post_chain(fe, 1, NULL, KFI_COMPLETION));
	fake_qp_complete(fe->qp, 1);
	fixture_expect_error(fe, fe, POST_WRITTEN, IB_WC_GENERAL_ERR);
	fixture_expect_sent(fe, NULL, POST_WRITTEN);
	fixture_expect_empty(fe);
	KUNIT_EXPECT_EQ(test, room, fixture_room(fe->cq));
	KUNIT_EXPECT_EQ(test, spare, fixture_spare(fe->cq));
}

static void post_cut_until_close_test(struct kunit *test)
{
	const struct post_cut_case *c = test->param_value;
	struct fixture_ep *fe = post_cut_ep(test);
	int room = fixture_room(fe->cq), spare = fixture_spare(fe->cq);

	fe->priv->told = false;
	fake_qp_refuse(fe->qp, c->accept, 2, -EIO);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, post_chain(fe, 5, fe, 0));
	fake_qp_complete(fe->qp, c->accept);
	KUNIT_ASSERT_EQ(test, 0, fixture_ep_close(fe));
	fixture_expect_error(fe, fe, POST_WRITTEN, IB_WC_GENERAL_ERR);
	fixture_expect_empty(fe);
	KUNIT_EXPECT_EQ(test, room, fixture_room(fe->cq));
	KUNIT_EXPECT_EQ(test, spare, fixture_spare(fe->cq));
}

/* The second call for one chain is refused as a whole. */
static void post_second_batch_refused_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .tx_size = 64 };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &attr);
	int room = fixture_room(fe->cq), spare = fixture_spare(fe->cq);

	fe->priv->told = false;
	fake_qp_refuse(fe->qp, KFV_POST_BATCH, 1, -ENOMEM);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, post_long_chain(test, fe, 32, fe));
	KUNIT_ASSERT_EQ(test, KFV_POST_BATCH + 1U, fake_qp_sends(fe->qp));
	fake_qp_complete(fe->qp, KFV_POST_BATCH + 1);
	fixture_expect_error(fe, fe, POST_WRITTEN, IB_WC_GENERAL_ERR);
	fixture_expect_empty(fe);
	KUNIT_EXPECT_EQ(test, room, fixture_room(fe->cq));
	KUNIT_EXPECT_EQ(test, spare, fixture_spare(fe->cq));
}

/* Every request of a chain has a list of its own that it unmaps. */
static void post_mapped_chain_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .tx_size = 64, .map = true };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &attr);
	struct kfv_queue *sq = &fe->priv->sq;
	u32 i;

	KUNIT_ASSERT_EQ(test, (ssize_t)0, post_long_chain(test, fe, 32, fe));
	for (i = 0; i < 32; i++) {
		KUNIT_EXPECT_EQ(test, 1, kfv_queue_at(sq, i)->nsge);
		KUNIT_EXPECT_EQ(test, fake_qp_send(fe->qp, i)->sge[0].addr,
				kfv_queue_sges(sq, i)->addr);
	}
	fake_qp_complete(fe->qp, 32);
	fixture_expect_sent(fe, fe, POST_WRITTEN);
}

/* What the device does not have is not mapped for it any more. */
static void post_unmaps_test(struct kunit *test)
{
	struct fixture *f = fixture_new_mapped(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	u8 *mem = fixture_kmalloc(test, 300);
	const struct kvec iov[] = { { mem, 100 }, { mem + 200, 100 } };
	u32 idle = f->dma->count;

	/* a piece too many is found when the first are mapped */
	fe->priv->sq.max_sge = 1;
	KUNIT_EXPECT_EQ(test, (ssize_t)-E2BIG,
			kfi_sendv(fe->ep, iov, NULL, 2, 0, NULL));
	KUNIT_EXPECT_EQ(test, idle, f->dma->count);

	fake_qp_refuse(fe->qp, 0, 1, -EIO);
	KUNIT_EXPECT_EQ(test, (ssize_t)-EIO, post_chain(fe, 5, NULL, 0));
	KUNIT_EXPECT_EQ(test, idle, f->dma->count);

	fe->priv->told = false;
	fake_qp_refuse(fe->qp, 2, 1, -EIO);
	KUNIT_EXPECT_EQ(test, (ssize_t)0, post_chain(fe, 5, NULL, 0));
	KUNIT_EXPECT_EQ(test, idle + 2, f->dma->count);
	fake_qp_complete(fe->qp, 3);
	KUNIT_EXPECT_EQ(test, idle, f->dma->count);
	KUNIT_EXPECT_EQ(test, 0U, f->dma->bad);
}

/* Spare places come back when the last request finds no place. */
static void post_cq_full_keeps_spare_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .cq_size = 4 };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &attr);
	int spare = fixture_spare(fe->cq);
	int i;

	for (i = 0; i < 4; i++)
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				kfi_recv(fe->ep, NULL, 0, NULL, 0, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN, post_chain(fe, 3, NULL, 0));
	KUNIT_EXPECT_EQ(test, spare, fixture_spare(fe->cq));
}

/* Not even an empty queue holds more than it has. */
static void post_longest_chain_small_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .tx_size = 3 };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &attr);

	KUNIT_EXPECT_EQ(test, (ssize_t)-E2BIG, post_chain(fe, 4, NULL, 0));
	KUNIT_EXPECT_EQ(test, (ssize_t)0, post_chain(fe, 3, NULL, 0));
}

/* Memory is missing behind pieces that are mapped already. */
static void post_no_memory_unmaps_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .tx_size = 1 };
	struct fixture *f = fixture_new_mapped(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &attr);
	u8 *mem = fixture_kmalloc(test, 300);
	/* there is a guard page behind the last one */
	const struct kvec iov[] = {
		{ mem, 100 }, { mem + 200, 100 },
		{ fixture_vmalloc(test, PAGE_SIZE), 2 * PAGE_SIZE },
	};
	u32 idle = f->dma->count;
	u32 i;

	/* a request that leaves something in its list */
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_sendv(fe->ep, iov, NULL, 2, 0, NULL));
	fake_qp_complete(fe->qp, 1);
	fixture_expect_sent(fe, NULL, KFI_MSG | KFI_SEND);
	for (i = 1; i <= 2; i++) {
		KUNIT_EXPECT_EQ(test, (ssize_t)-EFAULT,
				kfi_sendv(fe->ep, iov + i, NULL, 3 - i, 0,
					  NULL));
		KUNIT_EXPECT_EQ(test, idle, f->dma->count);
	}
	KUNIT_EXPECT_EQ(test, 0U, f->dma->bad);
}

/* What was mapped with a region stays mapped until that is closed. */
static void post_region_stays_mapped_test(struct kunit *test)
{
	struct fixture *f = fixture_new_mapped(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	u8 *mem = fixture_kmalloc(test, 300);
	const struct kvec iov[] = { { mem, 100 }, { mem + 200, 100 } };
	struct kfid_mr *mr;
	void *desc[2] = {};
	u32 idle;

	KUNIT_ASSERT_EQ(test, 0, kfi_mr_reg(f->domain, mem, 100, KFI_SEND, 0, 0,
					    0, &mr, NULL));
	idle = f->dma->count;
	desc[0] = kfi_mr_desc(mr);
	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			kfi_sendv(fe->ep, iov, desc, 2, 0, NULL));
	KUNIT_EXPECT_EQ(test, idle + 1, f->dma->count);
	fake_qp_complete(fe->qp, 1);
	KUNIT_EXPECT_EQ(test, idle, f->dma->count);
	KUNIT_EXPECT_EQ(test, 0U, f->dma->bad);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
}

static struct kunit_case post_cases[] = {
	KUNIT_CASE(post_chain_room_test),
	KUNIT_CASE(post_silent_chain_test),
	KUNIT_CASE(post_queue_too_full_test),
	KUNIT_CASE(post_cq_too_full_test),
	KUNIT_CASE(post_longest_chain_test),
	KUNIT_CASE(post_longest_chain_of_cq_test),
	KUNIT_CASE(post_batches_test),
	KUNIT_CASE_PARAM(post_error_test, post_error_gen_params),
	KUNIT_CASE(post_flushed_chain_test),
	KUNIT_CASE(post_first_refused_test),
	KUNIT_CASE_PARAM(post_cut_test, post_cut_gen_params),
	KUNIT_CASE_PARAM(post_cut_then_done_test, post_cut_gen_params),
	KUNIT_CASE_PARAM(post_cut_without_marker_test, post_cut_gen_params),
	KUNIT_CASE_PARAM(post_cut_until_close_test, post_cut_gen_params),
	KUNIT_CASE(post_second_batch_refused_test),
	KUNIT_CASE(post_mapped_chain_test),
	KUNIT_CASE(post_unmaps_test),
	KUNIT_CASE(post_cq_full_keeps_spare_test),
	KUNIT_CASE(post_longest_chain_small_test),
	KUNIT_CASE(post_no_memory_unmaps_test),
	KUNIT_CASE(post_region_stays_mapped_test),
	{}
};

static struct kunit_suite post_suite = {
	.name = "kfi_verbs_post",
	.test_cases = post_cases,
};

kunit_test_suite(post_suite);
