// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Reads on iWARP: what they register, when keys are dead, and completions that
 * come out of order. Fixture: a connected endpoint on an iWARP port.
 */
#include <kunit/test.h>

#include "fixture_pmem.h"
#include "info.h"
#include "sink.h"

#define SINK_KEY	(0x238ULL << 48 | KFV_KEY_BITS | 0x700)
#define SINK_RKEY	0x700
#define SINK_AT		0x238
#define SINK_WRITABLE	(IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_WRITE)
#define GOTTEN		(KFI_RMA | KFI_READ)
#define WRITTEN		(KFI_RMA | KFI_WRITE)

static struct fixture_ep *sink_ep(struct kunit *test)
{
	return fixture_ep_connect(fixture_new_iwarp(test), NULL);
}

static ssize_t sink_read(struct fixture_ep *fe, void *buf, size_t len)
{
	return kfi_read(fe->ep, buf, len, NULL, KFI_ADDR_UNSPEC, 0, SINK_KEY,
			buf);
}

static ssize_t sink_write(struct fixture_ep *fe, void *buf, size_t len)
{
	return kfi_write(fe->ep, buf, len, NULL, KFI_ADDR_UNSPEC, 0, SINK_KEY,
			 buf);
}

/* Request @i is a read of @len bytes into a region that is registered for it */
static void sink_expect_read(struct fixture_ep *fe, u32 i, u64 at, size_t len,
			     u32 offset)
{
	struct fake_wr *wr = fake_qp_send(fe->qp, i);
	struct kunit *test = fe->f->test;
	struct fake_mr *mr;

	KUNIT_ASSERT_EQ(test, IB_WR_RDMA_READ_WITH_INV, wr->opcode);
	KUNIT_EXPECT_EQ(test, (int)IB_SEND_SIGNALED, wr->send_flags);
	KUNIT_EXPECT_EQ(test, (u32)SINK_RKEY, wr->rkey);
	KUNIT_EXPECT_EQ(test, (u64)SINK_AT + at, wr->remote_addr);
	KUNIT_ASSERT_EQ(test, 1U, wr->num_sge);
	KUNIT_EXPECT_EQ(test, (u32)len, wr->sge[0].length);
	/* no kernel address */
	KUNIT_EXPECT_EQ(test, (u64)offset, wr->sge[0].addr);
	KUNIT_EXPECT_EQ(test, wr->sge[0].lkey, wr->inv_rkey);

	mr = fake_mr_find(fe->f->hca, wr->inv_rkey);
	KUNIT_ASSERT_NOT_NULL(test, mr);
	KUNIT_EXPECT_EQ(test, SINK_WRITABLE, mr->access);
	KUNIT_EXPECT_EQ(test, (u64)len, mr->ibmr.length);
	KUNIT_EXPECT_EQ(test, (u64)offset, mr->ibmr.iova);
}

static u32 sink_valid(struct fixture_ep *fe)
{
	struct fake_mr *mr;
	u32 n = 0;

	list_for_each_entry(mr, &fe->f->hca->mr_list, link)
		n += mr->valid;
	return n;
}

static void sink_read_test(struct kunit *test)
{
	struct fixture_ep *fe = sink_ep(test);
	u8 *buf = fixture_kmalloc(test, SZ_8K);
	u32 round;

	/* a key is never the one before */
	for (round = 0; round < 600; round++) {
		KUNIT_ASSERT_EQ(test, 0, sink_read(fe, buf + 100, 5000));
		KUNIT_ASSERT_EQ(test, 2U, fake_qp_sends(fe->qp));
		KUNIT_EXPECT_EQ(test, IB_WR_REG_MR,
				fake_qp_send(fe->qp, 0)->opcode);
		KUNIT_EXPECT_EQ(test, 0, fake_qp_send(fe->qp, 0)->send_flags);
		sink_expect_read(fe, 1, 0, 5000, offset_in_page(buf + 100));
		fake_qp_complete(fe->qp, 2);
		KUNIT_EXPECT_EQ(test, 0U, sink_valid(fe));
		fixture_expect_sent(fe, buf + 100, GOTTEN);
		fixture_expect_empty(fe);
	}
	KUNIT_EXPECT_FALSE(test, kfv_sink_busy(fe->priv->sinks));
}

/* Nothing is registered for nothing. */
static void sink_nothing_test(struct kunit *test)
{
	struct fixture_ep *fe = sink_ep(test);
	struct fake_wr *wr;

	KUNIT_ASSERT_EQ(test, 0, sink_read(fe, test, 0));
	KUNIT_ASSERT_EQ(test, 1U, fake_qp_sends(fe->qp));
	wr = fake_qp_send(fe->qp, 0);
	KUNIT_EXPECT_EQ(test, IB_WR_RDMA_READ, wr->opcode);
	KUNIT_ASSERT_EQ(test, 1U, wr->num_sge);
	KUNIT_EXPECT_EQ(test, 0U, wr->sge[0].length);
	fake_qp_complete(fe->qp, 1);
	fixture_expect_sent(fe, test, GOTTEN);
}

/* Pages in any order are one region; where they do not meet, another begins. */
static void sink_pieces_test(struct kunit *test)
{
	struct fixture_ep *fe = sink_ep(test);
	u8 *far = fixture_vmalloc(test, SZ_16K);
	u8 *near = fixture_kmalloc(test, SZ_4K);
	struct kvec iov[] = { { far + 10, SZ_8K }, { near + 7, 100 } };

	KUNIT_ASSERT_EQ(test, 0, kfi_readv(fe->ep, iov, NULL, 2,
					   KFI_ADDR_UNSPEC, 0, SINK_KEY, iov));
	KUNIT_ASSERT_EQ(test, 4U, fake_qp_sends(fe->qp));
	KUNIT_EXPECT_EQ(test, IB_WR_REG_MR, fake_qp_send(fe->qp, 0)->opcode);
	KUNIT_EXPECT_EQ(test, IB_WR_REG_MR, fake_qp_send(fe->qp, 1)->opcode);
	sink_expect_read(fe, 2, 0, SZ_8K, 10);
	sink_expect_read(fe, 3, SZ_8K, 100, offset_in_page(near + 7));
	fake_qp_complete(fe->qp, 4);
	fixture_expect_sent(fe, iov, GOTTEN);
	fixture_expect_empty(fe);
}

/* As much as is offered fits, wherever it begins. */
static void sink_largest_test(struct kunit *test)
{
	struct fixture_ep *fe = sink_ep(test);
	size_t max = fe->f->info->ep_attr->max_msg_size;
	u8 *buf = fixture_vmalloc(test, max + PAGE_SIZE);
	u32 n;

	KUNIT_EXPECT_GE(test, max, (size_t)SZ_4M);
	KUNIT_ASSERT_EQ(test, 0, sink_read(fe, buf + 4095, max));
	n = fake_qp_sends(fe->qp);
	KUNIT_EXPECT_EQ(test, 0U, n % 2);
	fake_qp_complete(fe->qp, n);
	fixture_expect_sent(fe, buf + 4095, GOTTEN);
	KUNIT_EXPECT_EQ(test, -EMSGSIZE, sink_read(fe, buf, max + 1));
}

/* No more than can be sent; one that is done makes room for one. */
static void sink_busy_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .tx_size = 64, .cq_size = 128 };
	struct fixture_ep *fe = fixture_ep_connect(fixture_new_iwarp(test),
						   &attr);
	u8 *buf = fixture_kmalloc(test, SZ_4K);
	u32 i;

	for (i = 0; i < KFV_SINKS; i++)
		KUNIT_ASSERT_EQ(test, 0, sink_read(fe, buf + i, 1));
	KUNIT_EXPECT_EQ(test, -EAGAIN, sink_read(fe, buf, 1));
	KUNIT_EXPECT_EQ(test, 1ULL, fe->priv->sq.again);
	KUNIT_EXPECT_EQ(test, 2 * KFV_SINKS, fake_qp_sends(fe->qp));

	fake_qp_complete(fe->qp, 2);
	KUNIT_EXPECT_EQ(test, 0, sink_read(fe, buf + i, 1));
	KUNIT_EXPECT_EQ(test, -EAGAIN, sink_read(fe, buf, 1));
	fake_qp_complete(fe->qp, 2 * KFV_SINKS);
	for (i = 0; i <= KFV_SINKS; i++)
		fixture_expect_sent(fe, buf + i, GOTTEN);
	KUNIT_EXPECT_FALSE(test, kfv_sink_busy(fe->priv->sinks));
}

/* What was not posted leaves nothing behind. */
static void sink_refused_test(struct kunit *test)
{
	struct fixture_ep *fe = sink_ep(test);
	u8 *buf = fixture_kmalloc(test, SZ_4K);

	fake_qp_refuse(fe->qp, 0, 1, -ENOMEM);
	KUNIT_EXPECT_EQ(test, -ENOMEM, sink_read(fe, buf, 8));
	KUNIT_EXPECT_FALSE(test, kfv_sink_busy(fe->priv->sinks));
	KUNIT_EXPECT_EQ(test, 0, sink_read(fe, buf, 8));
	fake_qp_complete(fe->qp, 2);
	fixture_expect_sent(fe, buf, GOTTEN);
}

/* A fence is not the device's business. */
static void sink_fence_test(struct kunit *test)
{
	struct fixture_ep *fe = sink_ep(test);
	u8 *buf = fixture_kmalloc(test, SZ_4K);
	const struct kvec iov = { buf, 8 };
	const struct kfi_rma_iov rma = { 0, 8, SINK_KEY };
	const struct kfi_msg_rma msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
		.rma_iov = &rma, .rma_iov_count = 1, .context = buf,
	};

	KUNIT_ASSERT_EQ(test, 0, sink_read(fe, buf + 8, 8));
	KUNIT_EXPECT_EQ(test, -EAGAIN, kfi_writemsg(fe->ep, &msg, KFI_FENCE));
	KUNIT_EXPECT_EQ(test, -EAGAIN, kfi_readmsg(fe->ep, &msg, KFI_FENCE));
	KUNIT_EXPECT_EQ(test, 0, kfi_writemsg(fe->ep, &msg, 0));
	fake_qp_complete(fe->qp, 3);
	KUNIT_EXPECT_EQ(test, 0, kfi_writemsg(fe->ep, &msg, KFI_FENCE));
	KUNIT_EXPECT_EQ(test, (int)IB_SEND_SIGNALED,
			fake_qp_send(fe->qp, 0)->send_flags);
	fake_qp_complete(fe->qp, 1);
	fixture_expect_sent(fe, buf + 8, GOTTEN);
	fixture_expect_sent(fe, buf, WRITTEN);
	fixture_expect_sent(fe, buf, WRITTEN);
}

/* TCP has what is behind a read before that is answered. */
static void sink_early_test(struct kunit *test)
{
	struct fixture_ep *fe = sink_ep(test);
	u8 *buf = fixture_kmalloc(test, SZ_4K);

	KUNIT_ASSERT_EQ(test, 0, sink_read(fe, buf, 8));
	KUNIT_ASSERT_EQ(test, 0, sink_write(fe, buf + 8, 8));
	KUNIT_ASSERT_EQ(test, 0, sink_read(fe, buf + 16, 8));
	KUNIT_ASSERT_EQ(test, 0, sink_write(fe, buf + 24, 8));
	fake_qp_complete_early(fe->qp, 5);
	fake_qp_complete_early(fe->qp, 2);
	fixture_expect_empty(fe);
	KUNIT_EXPECT_TRUE(test, kfv_sink_busy(fe->priv->sinks));

	fake_qp_complete(fe->qp, 3);
	fixture_expect_sent(fe, buf, GOTTEN);
	fixture_expect_sent(fe, buf + 8, WRITTEN);
	fixture_expect_empty(fe);
	fake_qp_complete(fe->qp, 3);
	fixture_expect_sent(fe, buf + 16, GOTTEN);
	fixture_expect_sent(fe, buf + 24, WRITTEN);
	fixture_expect_empty(fe);
	KUNIT_EXPECT_EQ(test, fe->priv->sq.head, fe->priv->sq.tail);
}

/* Keys that may be alive are dead before anything is reported. */
static void sink_fail_test(struct kunit *test)
{
	struct fixture_ep *fe = sink_ep(test);
	u8 *buf = fixture_kmalloc(test, SZ_4K);

	KUNIT_ASSERT_EQ(test, 0, sink_write(fe, buf, 8));
	KUNIT_ASSERT_EQ(test, 0, sink_read(fe, buf + 8, 8));
	KUNIT_EXPECT_EQ(test, (int)KFV_SINKS, fe->f->hca->mrs);
	fake_qp_fail(fe->qp, IB_WC_REM_ACCESS_ERR);
	fixture_expect_shutdown(fe);
	KUNIT_EXPECT_EQ(test, 0, fe->f->hca->mrs);
	fixture_expect_error(fe, buf, WRITTEN, IB_WC_REM_ACCESS_ERR);
	fixture_expect_error(fe, buf + 8, GOTTEN, IB_WC_WR_FLUSH_ERR);
	fixture_expect_empty(fe);
}

/* While the regions are there, the completions are not, and the other way round. */
static void sink_hold_test(struct kunit *test)
{
	struct fixture_ep *fe = sink_ep(test);
	u8 *buf = fixture_kmalloc(test, SZ_4K);

	KUNIT_ASSERT_EQ(test, 0, sink_read(fe, buf, 8));
	kfv_sink_hold(fe->priv);
	fake_qp_complete(fe->qp, 2);
	fixture_expect_empty(fe);
	kfv_queue_set_gate(&fe->priv->sq, -ENOTCONN);
	kfv_sink_kill(fe->priv);
	KUNIT_EXPECT_EQ(test, 0, fe->f->hca->mrs);
	fixture_expect_sent(fe, buf, GOTTEN);
	/* it is too late to hold anything */
	kfv_sink_hold(fe->priv);
	KUNIT_EXPECT_FALSE(test, kfv_sink_holds(fe->priv));
}

/* Writes are told of by themselves, and reads are never silent to us. */
static void sink_signal_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = {
		.bind_flags = KFI_SELECTIVE_COMPLETION,
	};
	struct fixture_ep *fe = fixture_ep_connect(fixture_new_iwarp(test),
						   &attr);
	u8 *buf = fixture_kmalloc(test, SZ_4K);
	int spare = fixture_spare(fe->cq);

	KUNIT_ASSERT_EQ(test, 0, sink_write(fe, buf, 8));
	KUNIT_ASSERT_EQ(test, 0, kfi_send(fe->ep, buf, 8, NULL,
					  KFI_ADDR_UNSPEC, buf));
	KUNIT_ASSERT_EQ(test, 0, sink_read(fe, buf, 8));
	KUNIT_EXPECT_EQ(test, (int)IB_SEND_SIGNALED,
			fake_qp_send(fe->qp, 0)->send_flags);
	KUNIT_EXPECT_EQ(test, (int)IB_SEND_SIGNALED,
			fake_qp_send(fe->qp, 1)->send_flags);
	fake_qp_complete(fe->qp, 4);
	fixture_expect_empty(fe);
	KUNIT_EXPECT_EQ(test, spare, fixture_spare(fe->cq));
}

/* What there is none of is refused; what is implied is not. */
static void sink_flags_test(struct kunit *test)
{
	struct fixture_ep *fe = sink_ep(test);
	u8 *buf = fixture_kmalloc(test, SZ_4K);
	const struct kvec iov = { buf, 8 };
	const struct kfi_rma_iov rma = { 0, 8, SINK_KEY };
	const struct kfi_msg_rma msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
		.rma_iov = &rma, .rma_iov_count = 1, .context = buf,
	};
	u64 flags = KFI_TRANSMIT | KFI_TRANSMIT_COMPLETE;

	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			kfi_writemsg(fe->ep, &msg, KFI_TRANSMIT_COMPLETE));
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			kfi_writemsg(fe->ep, &msg, KFI_REMOTE_CQ_DATA));
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			kfi_senddata(fe->ep, buf, 8, NULL, 1, KFI_ADDR_UNSPEC,
				     buf));
	KUNIT_EXPECT_EQ(test, -KFI_EBADFLAGS,
			kfi_control(&fe->ep->fid, KFI_SETOPSFLAG, &flags));
	KUNIT_EXPECT_EQ(test, 0, kfi_readmsg(fe->ep, &msg,
					     KFI_TRANSMIT_COMPLETE));
	KUNIT_EXPECT_EQ(test, 0, kfi_writemsg(fe->ep, &msg,
					      KFI_TRANSMIT_COMPLETE |
					      KFI_DELIVERY_COMPLETE));
	KUNIT_EXPECT_EQ(test, 5U, fake_qp_sends(fe->qp));
	fake_qp_complete(fe->qp, 5);
}

/* Visible is what a read behind it has been answered for. */
static void sink_delivery_test(struct kunit *test)
{
	struct fixture_ep *fe = sink_ep(test);
	u8 *buf = fixture_kmalloc(test, SZ_4K);
	const struct kvec iov = { buf, 8 };
	const struct kfi_rma_iov rma = { 0, 8, SINK_KEY };
	const struct kfi_msg_rma msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
		.rma_iov = &rma, .rma_iov_count = 1, .context = buf,
	};

	KUNIT_ASSERT_EQ(test, 0, kfi_writemsg(fe->ep, &msg,
					      KFI_DELIVERY_COMPLETE));
	KUNIT_ASSERT_EQ(test, 3U, fake_qp_sends(fe->qp));
	KUNIT_EXPECT_EQ(test, IB_WR_RDMA_WRITE, fake_qp_send(fe->qp, 0)->opcode);
	KUNIT_EXPECT_EQ(test, IB_WR_REG_MR, fake_qp_send(fe->qp, 1)->opcode);
	sink_expect_read(fe, 2, 7, 1, offset_in_page(fe->f->dom->sink_mem));
	fake_qp_complete_early(fe->qp, 0);
	fixture_expect_empty(fe);
	fake_qp_complete(fe->qp, 3);
	fixture_expect_sent(fe, buf, WRITTEN);
	KUNIT_EXPECT_EQ(test, 0U, sink_valid(fe));
}

/*
 * The peer's CPU is asked when the read behind the write was answered, however
 * early the write itself was done, and whatever the peer says of its device.
 */
static void sink_commit_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = {
		.pmem = true, .peer = KFV_WIRE_F_SERVE | KFV_WIRE_F_PLACED,
	};
	struct fixture_ep *fe = fixture_ep_connect(fixture_new_iwarp(test),
						   &attr);
	u8 *buf = fixture_kmalloc(test, SZ_4K);
	const struct kvec iov = { buf, 8 };
	const struct kfi_rma_iov rma = { 0, 8, SINK_KEY };
	const struct kfi_msg_rma msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
		.rma_iov = &rma, .rma_iov_count = 1, .context = buf,
	};

	KUNIT_EXPECT_EQ(test, KFI_VERBS_RESPONDER, fe->priv->commit->method);
	KUNIT_ASSERT_EQ(test, 0, kfi_writemsg(fe->ep, &msg,
					      KFI_COMMIT_COMPLETE));
	KUNIT_ASSERT_EQ(test, 0, sink_write(fe, buf + 8, 8));
	KUNIT_ASSERT_EQ(test, 4U, fake_qp_sends(fe->qp));
	sink_expect_read(fe, 2, 7, 1, offset_in_page(fe->f->dom->sink_mem));
	fake_qp_complete_early(fe->qp, 0);
	fake_qp_complete_early(fe->qp, 3);
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fe->ctl));
	fake_qp_complete(fe->qp, 4);
	KUNIT_ASSERT_EQ(test, 1U, fake_qp_sends(fe->ctl));
	fake_qp_complete(fe->ctl, 1);
	fixture_expect_empty(fe);
	fixture_ctl_reply(fe, 0, KFV_WIRE_OK);
	fixture_expect_sent(fe, buf, WRITTEN);
	fixture_expect_sent(fe, buf + 8, WRITTEN);
	KUNIT_EXPECT_EQ(test, 0U, fe->f->hca->flushes);
}

static void sink_declare_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .pmem = true };
	struct fixture_ep *fe = fixture_ep_connect(fixture_new_iwarp(test),
						   &attr);
	struct kfv_wire_decl decl;

	mutex_lock(&fe->f->dom->lock);
	kfv_persist_declare(fe->priv, &decl);
	mutex_unlock(&fe->f->dom->lock);
	KUNIT_EXPECT_TRUE(test, fe->f->dom->virt_dma);
	KUNIT_EXPECT_FALSE(test, decl.features & KFV_WIRE_F_PLACED);
	KUNIT_EXPECT_TRUE(test, decl.features & KFV_WIRE_F_CTL);
}

/* What a peer says is a port has to be one. */
static void sink_ctl_port_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .pmem = true };
	struct fixture_ep *fe = fixture_ep_enable(fixture_new_iwarp(test),
						  &attr);
	const struct kfv_wire_decl peer = {
		.features = KFV_WIRE_F_CTL, .qpn = 0x10001, .psn = 1,
	};

	fe->priv->passive = false;
	KUNIT_EXPECT_EQ(test, -EPROTO, kfv_persist_agree(fe->priv, &peer));
	KUNIT_EXPECT_NULL(test, fe->priv->commit->ctl.stream.id);
	fe->priv->passive = true;
}

/* A range of pages ends where the next piece does not go on at their border. */
static void sink_pages_test(struct kunit *test)
{
	/* no page is behind another one in memory */
	u8 *far = fixture_scattered(test, 4);
	const struct kvec iov[] = {
		{ far + 100, 2 * PAGE_SIZE - 100 }, { far + 3 * PAGE_SIZE, 50 },
		{ far + 2 * PAGE_SIZE, 10 },
	};
	struct kfv_buf buf = kfv_buf_init(KFV_BUF_KVEC, iov, NULL, 3);
	struct scatterlist sg[8];
	struct kfv_pages pages = {
		.sg = sg, .max = 8, .max_run = UINT_MAX, .len = SIZE_MAX,
	};

	sg_init_table(sg, 8);
	KUNIT_ASSERT_EQ(test, 0, kfv_buf_fill_pages(&buf, &pages));
	KUNIT_EXPECT_EQ(test, 3U, pages.pages);
	KUNIT_EXPECT_EQ(test, 2 * PAGE_SIZE - 50ULL, pages.len);
	KUNIT_EXPECT_EQ(test, 100U, sg[0].offset);
	KUNIT_EXPECT_PTR_EQ(test, vmalloc_to_page(far), sg_page(&sg[0]));
	KUNIT_EXPECT_PTR_EQ(test, vmalloc_to_page(far + 3 * PAGE_SIZE),
			    sg_page(&sg[pages.n - 1]));

	pages.len = SIZE_MAX;
	KUNIT_ASSERT_EQ(test, 0, kfv_buf_fill_pages(&buf, &pages));
	KUNIT_EXPECT_EQ(test, 10ULL, pages.len);
	KUNIT_EXPECT_EQ(test, 1U, pages.n);
	pages.len = SIZE_MAX;
	KUNIT_ASSERT_EQ(test, 0, kfv_buf_fill_pages(&buf, &pages));
	KUNIT_EXPECT_EQ(test, 0ULL, pages.len);
}

/* No more pages than there may be, counted as pages and not as entries. */
static void sink_pages_few_test(struct kunit *test)
{
	u8 *near = fixture_kmalloc(test, 8 * PAGE_SIZE);
	const struct kvec iov = { near + 1, 7 * PAGE_SIZE };
	struct kfv_buf buf = kfv_buf_init(KFV_BUF_KVEC, &iov, NULL, 1);
	struct scatterlist sg[3];
	struct kfv_pages pages = {
		.sg = sg, .max = 3, .max_run = UINT_MAX, .len = SIZE_MAX,
	};

	sg_init_table(sg, 3);
	KUNIT_ASSERT_EQ(test, 0, kfv_buf_fill_pages(&buf, &pages));
	KUNIT_EXPECT_EQ(test, 3U, pages.pages);
	KUNIT_EXPECT_EQ(test, 1U, pages.n);
	KUNIT_EXPECT_EQ(test, 3 * PAGE_SIZE - 1ULL, pages.len);
	/* shorter entries, as many pages */
	pages.len = SIZE_MAX;
	pages.max_run = PAGE_SIZE;
	KUNIT_ASSERT_EQ(test, 0, kfv_buf_fill_pages(&buf, &pages));
	KUNIT_EXPECT_EQ(test, 3U, pages.n);
	KUNIT_EXPECT_EQ(test, 3ULL * PAGE_SIZE, pages.len);
}

/* The device takes the registration and not the read: nothing is given back early. */
static void sink_cut_test(struct kunit *test)
{
	struct fixture_ep *fe = sink_ep(test);
	u8 *buf = fixture_kmalloc(test, SZ_4K);
	const struct kvec iov = { buf, 8 };
	const struct kfi_rma_iov rma = { 0, 8, SINK_KEY };
	const struct kfi_msg_rma msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
		.rma_iov = &rma, .rma_iov_count = 1, .context = buf,
	};

	fake_qp_refuse(fe->qp, 2, 1, -ENOMEM);
	KUNIT_EXPECT_EQ(test, 0, kfi_writemsg(fe->ep, &msg,
					      KFI_DELIVERY_COMPLETE));
	KUNIT_EXPECT_TRUE(test, kfv_sink_busy(fe->priv->sinks));
	fixture_expect_shutdown(fe);
	fake_qp_settle(fe->qp);
	fixture_expect_error(fe, buf, WRITTEN, IB_WC_WR_FLUSH_ERR);
	fixture_expect_empty(fe);
	KUNIT_EXPECT_EQ(test, 0, fe->f->hca->mrs);
}

static void sink_count_valid(struct kfid_cq *cq, void *context)
{
	struct fixture_ep *fe = context;

	fe->reposts += sink_valid(fe);
}

/*
 * The region of a read that was refused is registered: when the client hears of
 * it, it is not any more. The marker behind it is done before anybody can end the
 * connection.
 */
static void sink_cut_key_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .handler = sink_count_valid };
	struct fixture_ep *fe = fixture_ep_connect(fixture_new_iwarp(test),
						   &attr);
	u8 *buf = fixture_kmalloc(test, SZ_4K);

	fe->qp->instant = true;
	fake_qp_refuse(fe->qp, 1, 1, -ENOMEM);
	KUNIT_EXPECT_EQ(test, 0, sink_read(fe, buf, 8));
	fixture_expect_shutdown(fe);
	fixture_expect_error(fe, buf, GOTTEN, IB_WC_GENERAL_ERR);
	fixture_expect_empty(fe);
	KUNIT_EXPECT_EQ(test, 0, fe->reposts);
}

/* The first read is done before the second is refused, and then the marker is, too. */
static void sink_cut_late_test(struct kunit *test)
{
	struct fixture_ep *fe = sink_ep(test);
	u8 *far = fixture_vmalloc(test, SZ_8K);
	const struct kvec iov[] = { { far, 8 }, { far + SZ_4K, 8 } };

	fe->qp->instant = true;
	fake_qp_refuse(fe->qp, 3, 2, -ENOTCONN);
	KUNIT_EXPECT_EQ(test, 0, kfi_readv(fe->ep, iov, NULL, 2,
					   KFI_ADDR_UNSPEC, 0, SINK_KEY,
					   (void *)iov));
	fixture_expect_shutdown(fe);
	KUNIT_EXPECT_EQ(test, 0, fixture_ep_close(fe));
	fixture_expect_error(fe, (void *)iov, GOTTEN, IB_WC_GENERAL_ERR);
	fixture_expect_empty(fe);
}

/* What was mapped for a read that the device did not take is unmapped, too. */
static void sink_cut_mapped_test(struct kunit *test)
{
	struct fixture *f = fixture_new_iwarp_mapped(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	u8 *buf = fixture_kmalloc(test, SZ_4K);

	fake_qp_refuse(fe->qp, 1, 1, -ENOMEM);
	KUNIT_EXPECT_EQ(test, 0, sink_read(fe, buf, 8));
	fixture_expect_shutdown(fe);
	KUNIT_EXPECT_EQ(test, 0, fixture_ep_close(fe));
}

static struct kunit_case sink_cases[] = {
	KUNIT_CASE(sink_read_test),
	KUNIT_CASE(sink_nothing_test),
	KUNIT_CASE(sink_pieces_test),
	KUNIT_CASE(sink_largest_test),
	KUNIT_CASE(sink_busy_test),
	KUNIT_CASE(sink_refused_test),
	KUNIT_CASE(sink_fence_test),
	KUNIT_CASE(sink_early_test),
	KUNIT_CASE(sink_fail_test),
	KUNIT_CASE(sink_hold_test),
	KUNIT_CASE(sink_signal_test),
	KUNIT_CASE(sink_flags_test),
	KUNIT_CASE(sink_delivery_test),
	KUNIT_CASE(sink_commit_test),
	KUNIT_CASE(sink_declare_test),
	KUNIT_CASE(sink_ctl_port_test),
	KUNIT_CASE(sink_cut_test),
	KUNIT_CASE(sink_cut_key_test),
	KUNIT_CASE(sink_cut_late_test),
	KUNIT_CASE(sink_cut_mapped_test),
	KUNIT_CASE(sink_pages_test),
	KUNIT_CASE(sink_pages_few_test),
	{}
};

static struct kunit_suite sink_suite = {
	.name = "kfi_verbs_sink",
	.test_cases = sink_cases,
};

kunit_test_suite(sink_suite);
