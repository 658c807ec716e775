// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Remote memory access: what each call becomes on the wire, how lists are split,
 * and what is refused. Fixture: a connected endpoint on a fake HCA.
 */
#include "fixture.h"

#define RMA_LEN		100
#define RMA_ADDR	0x123456789ULL
#define RMA_OFFSET	0x234ULL
#define RMA_RKEY	0xdeadbe01U
/* of a region whose first byte is RMA_OFFSET bytes into a page */
#define RMA_KEY		(RMA_OFFSET << 48 | RMA_RKEY)

#define WRITTEN		(KFI_RMA | KFI_WRITE)
#define READ_DONE	(KFI_RMA | KFI_READ)

struct rma_call {
	const char *name;
	ssize_t (*call)(struct fixture_ep *fe, void *buf, void *context);
	enum ib_wr_opcode opcode;
	u64 flags;
};

static ssize_t rma_call_read(struct fixture_ep *fe, void *buf, void *context)
{
	return kfi_read(fe->ep, buf, RMA_LEN, NULL, 0, RMA_ADDR, RMA_KEY,
			context);
}

static ssize_t rma_call_readv(struct fixture_ep *fe, void *buf, void *context)
{
	const struct kvec iov = { buf, RMA_LEN };

	return kfi_readv(fe->ep, &iov, NULL, 1, 0, RMA_ADDR, RMA_KEY, context);
}

static ssize_t rma_call_readbv(struct fixture_ep *fe, void *buf, void *context)
{
	const struct bio_vec biov = {
		virt_to_page(buf), RMA_LEN, offset_in_page(buf),
	};

	return kfi_readbv(fe->ep, &biov, NULL, 1, 0, RMA_ADDR, RMA_KEY,
			  context);
}

static ssize_t rma_call_readsgl(struct fixture_ep *fe, void *buf, void *context)
{
	struct scatterlist sg;

	sg_init_one(&sg, buf, RMA_LEN);
	return kfi_readsgl(fe->ep, &sg, NULL, 1, 0, RMA_ADDR, RMA_KEY, context);
}

static ssize_t rma_msg(struct fixture_ep *fe, void *buf, void *context,
		       bool read, u64 flags)
{
	const struct kvec iov = { buf, RMA_LEN };
	const struct kfi_rma_iov rma = { RMA_ADDR, RMA_LEN, RMA_KEY };
	const struct kfi_msg_rma msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
		.rma_iov = &rma, .rma_iov_count = 1, .context = context,
		.data = 77,
	};

	if (read)
		return kfi_readmsg(fe->ep, &msg, flags);
	return kfi_writemsg(fe->ep, &msg, flags);
}

static ssize_t rma_call_readmsg(struct fixture_ep *fe, void *buf, void *context)
{
	return rma_msg(fe, buf, context, true, 0);
}

static ssize_t rma_call_write(struct fixture_ep *fe, void *buf, void *context)
{
	return kfi_write(fe->ep, buf, RMA_LEN, NULL, 0, RMA_ADDR, RMA_KEY,
			 context);
}

static ssize_t rma_call_writev(struct fixture_ep *fe, void *buf, void *context)
{
	const struct kvec iov = { buf, RMA_LEN };

	return kfi_writev(fe->ep, &iov, NULL, 1, 0, RMA_ADDR, RMA_KEY, context);
}

static ssize_t rma_call_writebv(struct fixture_ep *fe, void *buf, void *context)
{
	const struct bio_vec biov = {
		virt_to_page(buf), RMA_LEN, offset_in_page(buf),
	};

	return kfi_writebv(fe->ep, &biov, NULL, 1, 0, RMA_ADDR, RMA_KEY,
			   context);
}

static ssize_t rma_call_writesgl(struct fixture_ep *fe, void *buf,
				 void *context)
{
	struct scatterlist sg;

	sg_init_one(&sg, buf, RMA_LEN);
	return kfi_writesgl(fe->ep, &sg, NULL, 1, 0, RMA_ADDR, RMA_KEY,
			    context);
}

static ssize_t rma_call_writemsg(struct fixture_ep *fe, void *buf,
				 void *context)
{
	return rma_msg(fe, buf, context, false, 0);
}

static ssize_t rma_call_writemsg_data(struct fixture_ep *fe, void *buf,
				      void *context)
{
	return rma_msg(fe, buf, context, false, KFI_REMOTE_CQ_DATA);
}

static ssize_t rma_call_writedata(struct fixture_ep *fe, void *buf,
				  void *context)
{
	return kfi_writedata(fe->ep, buf, RMA_LEN, NULL, 77, 0, RMA_ADDR,
			     RMA_KEY, context);
}

static const struct rma_call rma_calls[] = {
	{ "read", rma_call_read, IB_WR_RDMA_READ, READ_DONE },
	{ "readv", rma_call_readv, IB_WR_RDMA_READ, READ_DONE },
	{ "readbv", rma_call_readbv, IB_WR_RDMA_READ, READ_DONE },
	{ "readsgl", rma_call_readsgl, IB_WR_RDMA_READ, READ_DONE },
	{ "readmsg", rma_call_readmsg, IB_WR_RDMA_READ, READ_DONE },
	{ "write", rma_call_write, IB_WR_RDMA_WRITE, WRITTEN },
	{ "writev", rma_call_writev, IB_WR_RDMA_WRITE, WRITTEN },
	{ "writebv", rma_call_writebv, IB_WR_RDMA_WRITE, WRITTEN },
	{ "writesgl", rma_call_writesgl, IB_WR_RDMA_WRITE, WRITTEN },
	{ "writemsg", rma_call_writemsg, IB_WR_RDMA_WRITE, WRITTEN },
	{ "writemsg with data", rma_call_writemsg_data,
	  IB_WR_RDMA_WRITE_WITH_IMM, WRITTEN },
	{ "writedata", rma_call_writedata, IB_WR_RDMA_WRITE_WITH_IMM, WRITTEN },
};

KUNIT_ARRAY_PARAM_DESC(rma_call, rma_calls, name);

static void rma_call_test(struct kunit *test)
{
	const struct rma_call *c = test->param_value;
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	void *buf = fixture_kmalloc(test, RMA_LEN);
	struct fake_wr *wr;
	int context;

	KUNIT_ASSERT_EQ(test, (ssize_t)0, c->call(fe, buf, &context));
	KUNIT_ASSERT_EQ(test, 1U, fake_qp_sends(fe->qp));
	wr = fake_qp_send(fe->qp, 0);
	KUNIT_EXPECT_EQ(test, c->opcode, wr->opcode);
	/* what is small may be carried along */
	KUNIT_EXPECT_EQ(test, (int)IB_SEND_SIGNALED,
			wr->send_flags & ~IB_SEND_INLINE);
	KUNIT_EXPECT_EQ(test, RMA_ADDR + RMA_OFFSET, wr->remote_addr);
	KUNIT_EXPECT_EQ(test, RMA_RKEY, wr->rkey);
	KUNIT_EXPECT_EQ(test, 1U, wr->num_sge);
	KUNIT_EXPECT_EQ(test, (u64)(uintptr_t)buf, wr->sge[0].addr);
	KUNIT_EXPECT_EQ(test, (u32)RMA_LEN, wr->sge[0].length);
	if (c->opcode == IB_WR_RDMA_WRITE_WITH_IMM)
		KUNIT_EXPECT_EQ(test, 77U, wr->imm);
	fake_qp_complete(fe->qp, 1);
	fixture_expect_sent(fe, &context, c->flags);
	fixture_expect_empty(fe);
}

static void rma_inject_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	struct fake_wr *wr;

	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_inject_write(fe->ep, "abc", 3, 0, RMA_ADDR,
					 RMA_KEY));
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_inject_writedata(fe->ep, "defg", 4, 9, 0, RMA_ADDR,
					     RMA_KEY));
	wr = fake_qp_send(fe->qp, 0);
	KUNIT_EXPECT_EQ(test, IB_WR_RDMA_WRITE, wr->opcode);
	KUNIT_EXPECT_EQ(test, (int)IB_SEND_INLINE, wr->send_flags);
	KUNIT_EXPECT_EQ(test, RMA_ADDR + RMA_OFFSET, wr->remote_addr);
	KUNIT_EXPECT_MEMEQ(test, "abc", wr->data, 3);
	wr = fake_qp_send(fe->qp, 1);
	KUNIT_EXPECT_EQ(test, IB_WR_RDMA_WRITE_WITH_IMM, wr->opcode);
	KUNIT_EXPECT_EQ(test, 9U, wr->imm);
	KUNIT_EXPECT_MEMEQ(test, "defg", wr->data, 4);
	fake_qp_complete(fe->qp, 2);
	fixture_expect_empty(fe);
}

static void rma_empty_test(struct kunit *test)
{
	const struct kfi_rma_iov rma[] = {
		{ RMA_ADDR, 0, RMA_KEY }, { 0, 0, 1 },
	};
	const struct kfi_msg_rma msg = { .rma_iov = rma, .rma_iov_count = 2 };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	u32 i;

	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			kfi_write(fe->ep, NULL, 0, NULL, 0, RMA_ADDR, RMA_KEY,
				  NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			kfi_read(fe->ep, NULL, 0, NULL, 0, RMA_ADDR, RMA_KEY,
				 NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)0, kfi_writemsg(fe->ep, &msg, 0));
	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			kfi_inject_write(fe->ep, NULL, 0, 0, RMA_ADDR,
					 RMA_KEY));
	KUNIT_ASSERT_EQ(test, 4U, fake_qp_sends(fe->qp));
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ(test, 0U, fake_qp_send(fe->qp, i)->num_sge);
		KUNIT_EXPECT_EQ(test, RMA_ADDR + RMA_OFFSET,
				fake_qp_send(fe->qp, i)->remote_addr);
	}
}

/*
 * Flags
 */

struct rma_flags_case {
	const char *name;
	u64 flags;
	ssize_t write_rc;
	ssize_t read_rc;
};

static const struct rma_flags_case rma_flags_cases[] = {
	{ "none", 0, 0, 0 },
	{ "fence", KFI_FENCE, 0, 0 },
	{ "more", KFI_MORE, 0, 0 },
	{ "transmit complete", KFI_TRANSMIT_COMPLETE, 0, 0 },
	{ "inject complete", KFI_INJECT_COMPLETE, 0, 0 },
	{ "delivery complete", KFI_DELIVERY_COMPLETE, -EOPNOTSUPP, 0 },
	{ "commit complete", KFI_COMMIT_COMPLETE, -EOPNOTSUPP, -EOPNOTSUPP },
	{ "inject", KFI_INJECT, 0, -EOPNOTSUPP },
	{ "remote data", KFI_REMOTE_CQ_DATA, 0, -EOPNOTSUPP },
	{ "bit 0", 1, -KFI_EBADFLAGS, -KFI_EBADFLAGS },
	{ "capability", KFI_RMA, -KFI_EBADFLAGS, -KFI_EBADFLAGS },
};

KUNIT_ARRAY_PARAM_DESC(rma_flags, rma_flags_cases, name);

static void rma_flags_test(struct kunit *test)
{
	const struct rma_flags_case *c = test->param_value;
	struct fixture *f = fixture_new(test);
	/* freed when the endpoint is closed, which posts what waits for more */
	void *buf = fixture_kmalloc(test, RMA_LEN);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	struct fake_wr *wr;

	KUNIT_EXPECT_EQ(test, c->read_rc,
			rma_msg(fe, buf, NULL, true, c->flags));
	KUNIT_EXPECT_EQ(test, c->write_rc,
			rma_msg(fe, buf, NULL, false, c->flags));
	if (!fake_qp_sends(fe->qp))
		return;
	wr = fake_qp_send(fe->qp, 0);
	KUNIT_EXPECT_EQ(test, c->flags & KFI_FENCE ? IB_SEND_FENCE : 0,
			wr->send_flags & IB_SEND_FENCE);
}

static void rma_data_too_wide_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);

	KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL,
			kfi_writedata(fe->ep, NULL, 0, NULL, 1ULL << 32, 0,
				      RMA_ADDR, RMA_KEY, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL,
			kfi_inject_writedata(fe->ep, NULL, 0, 1ULL << 32, 0,
					     RMA_ADDR, RMA_KEY));
}

/*
 * Remote ranges
 */

struct rma_range_case {
	const char *name;
	u64 addr;
	u64 key;
	size_t len;
	ssize_t rc;
};

static const struct rma_range_case rma_range_cases[] = {
	{ "zero", 0, 0, 1, 0 },
	{ "largest offset in a page", 0, 0xffff0007ffffffffULL, 1, 0 },
	{ "key bit 35", 0, 1ULL << 35, 1, -EKEYREJECTED },
	{ "key bit 47", 0, 1ULL << 47, 0, -EKEYREJECTED },
	{ "no key", 0, KFI_KEY_NOTAVAIL, 1, -EKEYREJECTED },
	{ "ends below 2^64", U64_MAX - 10, 1, 10, 0 },
	{ "wraps", U64_MAX - 10, 1, 11, -EINVAL },
	{ "last byte", U64_MAX, 1, 1, -EINVAL },
	{ "nothing at the end", U64_MAX, 1, 0, 0 },
	{ "wraps with the offset", U64_MAX - RMA_OFFSET + 1, RMA_KEY, 0,
	  -EINVAL },
	{ "wraps behind the offset", U64_MAX - RMA_OFFSET - 10, RMA_KEY, 11,
	  -EINVAL },
	{ "ends below 2^64 with the offset", U64_MAX - RMA_OFFSET - 10, RMA_KEY,
	  10, 0 },
};

KUNIT_ARRAY_PARAM_DESC(rma_range, rma_range_cases, name);

static void rma_range_test(struct kunit *test)
{
	const struct rma_range_case *c = test->param_value;
	const struct kfi_rma_iov rma[] = {
		{ 0, RMA_LEN, RMA_KEY }, { c->addr, c->len, c->key },
	};
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	void *buf = fixture_kmalloc(test, RMA_LEN);
	const struct kvec iov = { buf, RMA_LEN };
	const struct kfi_msg_rma msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
		.rma_iov = rma, .rma_iov_count = 2,
	};

	KUNIT_EXPECT_EQ(test, c->rc, kfi_write(fe->ep, buf, c->len, NULL, 0,
					       c->addr, c->key, NULL));
	KUNIT_EXPECT_EQ(test, c->rc, kfi_read(fe->ep, buf, c->len, NULL, 0,
					      c->addr, c->key, NULL));
	/* ranges that are not needed are looked at as well */
	KUNIT_EXPECT_EQ(test, c->rc, kfi_writemsg(fe->ep, &msg, 0));
	KUNIT_EXPECT_EQ(test, c->rc ? 0U : 3U, fake_qp_sends(fe->qp));
}

static void rma_bad_list_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	struct kfi_rma_iov rma[KFV_MAX_RMA_IOV + 1];
	void *buf = fixture_kmalloc(test, RMA_LEN);
	const struct kvec iov = { buf, RMA_LEN };
	struct kfi_msg_rma msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
		.rma_iov = rma, .rma_iov_count = 1,
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rma); i++)
		rma[i] = (struct kfi_rma_iov) { 0, RMA_LEN, RMA_KEY };

	msg.rma_iov_count = 0;
	KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL, kfi_writemsg(fe->ep, &msg, 0));
	msg.rma_iov_count = ARRAY_SIZE(rma);
	KUNIT_EXPECT_EQ(test, (ssize_t)-E2BIG, kfi_writemsg(fe->ep, &msg, 0));
	msg.rma_iov_count = 1;
	msg.rma_iov = NULL;
	KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL, kfi_readmsg(fe->ep, &msg, 0));
	msg.rma_iov = rma;
	rma[0].len = RMA_LEN - 1;
	KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL, kfi_writemsg(fe->ep, &msg, 0));
	/* a sum that does not fit is large enough */
	rma[0] = (struct kfi_rma_iov) { 0, SIZE_MAX, 1 };
	rma[1] = rma[0];
	msg.rma_iov_count = 2;
	KUNIT_EXPECT_EQ(test, (ssize_t)0, kfi_writemsg(fe->ep, &msg, 0));
	KUNIT_EXPECT_EQ(test, 1U, fake_qp_sends(fe->qp));
}

static void rma_bad_buffer_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	int room = fixture_room(fe->cq);
	char buf[KFV_INJECT_SIZE + 1];

	KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL,
			kfi_write(fe->ep, NULL, 1, NULL, 0, 0, 0, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL,
			kfi_readv(fe->ep, NULL, NULL, 1, 0, 0, 0, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EMSGSIZE,
			kfi_write(fe->ep, buf, 0x80000001, NULL, 0, 0, 0,
				  NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EMSGSIZE,
			kfi_inject_write(fe->ep, buf, sizeof(buf), 0, 0, 0));
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fe->qp));
	KUNIT_EXPECT_EQ(test, room, fixture_room(fe->cq));
}

static void rma_not_connected_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_open(f, NULL);

	KUNIT_EXPECT_EQ(test, (ssize_t)-KFI_EOPBADSTATE,
			kfi_write(fe->ep, NULL, 0, NULL, 0, 0, 0, NULL));
	fe = fixture_ep_enable(f, NULL);
	KUNIT_EXPECT_EQ(test, (ssize_t)-ENOTCONN,
			kfi_write(fe->ep, NULL, 0, NULL, 0, 0, 0, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-ENOTCONN,
			kfi_inject_write(fe->ep, NULL, 0, 0, 0, 0));
	fe = fixture_ep_connect(f, NULL);
	fake_hca_unplug(f->hca);
	KUNIT_EXPECT_EQ(test, (ssize_t)-ENODEV,
			kfi_read(fe->ep, NULL, 0, NULL, 0, 0, 0, NULL));
}

/*
 * Chains
 */

/* Work request @i moves @len bytes between @local and @remote. */
static void rma_expect_wr(struct kunit *test, struct fixture_ep *fe, u32 i,
			  const void *local, u64 remote, u32 len)
{
	struct fake_wr *wr = fake_qp_send(fe->qp, i);

	KUNIT_EXPECT_EQ(test, (u64)(uintptr_t)local, wr->sge[0].addr);
	KUNIT_EXPECT_EQ(test, remote, wr->remote_addr);
	KUNIT_EXPECT_EQ(test, (u64)len, wr->len);
}

static void rma_remote_list_test(struct kunit *test)
{
	const struct kfi_rma_iov rma[] = {
		{ 1000, 40, 1 }, { 0, 0, 2 }, { 2000, 50, RMA_KEY },
		{ 3000, 500, 4 }, { 4000, 1, 5 },
	};
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	u8 *buf = fixture_kmalloc(test, RMA_LEN);
	const struct kvec iov = { buf, RMA_LEN };
	int context;
	const struct kfi_msg_rma msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
		.rma_iov = rma, .rma_iov_count = ARRAY_SIZE(rma),
		.context = &context, .data = 3,
	};
	u32 i;

	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_writemsg(fe->ep, &msg, KFI_REMOTE_CQ_DATA |
						   KFI_FENCE));
	KUNIT_ASSERT_EQ(test, 3U, fake_qp_sends(fe->qp));
	rma_expect_wr(test, fe, 0, buf, 1000, 40);
	rma_expect_wr(test, fe, 1, buf + 40, 2000 + RMA_OFFSET, 50);
	rma_expect_wr(test, fe, 2, buf + 90, 3000, 10);
	KUNIT_EXPECT_EQ(test, RMA_RKEY, fake_qp_send(fe->qp, 1)->rkey);

	/* one call to the device; the first is fenced, the last tells */
	KUNIT_EXPECT_EQ(test, 1U, fe->qp->calls);
	for (i = 0; i < 3; i++) {
		struct fake_wr *wr = fake_qp_send(fe->qp, i);

		KUNIT_EXPECT_EQ(test, i < 2, wr->chained);
		KUNIT_EXPECT_EQ(test, (i ? 0 : IB_SEND_FENCE) |
				(i < 2 ? 0 : IB_SEND_SIGNALED), wr->send_flags);
		KUNIT_EXPECT_EQ(test, i < 2 ? IB_WR_RDMA_WRITE :
				IB_WR_RDMA_WRITE_WITH_IMM, wr->opcode);
	}
	fake_qp_complete(fe->qp, 3);
	fixture_expect_sent(fe, &context, WRITTEN);
	fixture_expect_empty(fe);
}

static void rma_local_list_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	u8 *mem = fixture_kmalloc(test, 1000);
	struct kvec iov[5];
	u32 i;

	for (i = 0; i < 5; i++)
		iov[i] = (struct kvec) { mem + 200 * i, 100 };
	fe->priv->sq.max_sge = 2;
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_writev(fe->ep, iov, NULL, 5, 0, 5000, 1, NULL));
	KUNIT_ASSERT_EQ(test, 3U, fake_qp_sends(fe->qp));
	rma_expect_wr(test, fe, 0, mem, 5000, 200);
	rma_expect_wr(test, fe, 1, mem + 400, 5200, 200);
	rma_expect_wr(test, fe, 2, mem + 800, 5400, 100);
	fake_qp_complete(fe->qp, 3);
	fixture_expect_sent(fe, NULL, WRITTEN);
	fixture_expect_empty(fe);
}

/* Both lists have their own boundaries. */
static void rma_both_lists_test(struct kunit *test)
{
	const struct kfi_rma_iov rma[] = {
		{ 1000, 150, 1 }, { 2000, 300, 2 }, { 3000, 50, 3 },
	};
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	u8 *mem = fixture_kmalloc(test, 1000);
	struct kvec iov[5];
	const struct kfi_msg_rma msg = {
		.type = KFI_KVEC, .msg_iov = iov, .iov_count = 5,
		.rma_iov = rma, .rma_iov_count = 3,
	};
	u32 i;

	for (i = 0; i < 5; i++)
		iov[i] = (struct kvec) { mem + 200 * i, 100 };
	fe->priv->sq.max_sge_rd = 2;
	KUNIT_ASSERT_EQ(test, (ssize_t)0, kfi_readmsg(fe->ep, &msg, 0));
	KUNIT_ASSERT_EQ(test, 4U, fake_qp_sends(fe->qp));
	rma_expect_wr(test, fe, 0, mem, 1000, 150);
	rma_expect_wr(test, fe, 1, mem + 250, 2000, 150);
	rma_expect_wr(test, fe, 2, mem + 600, 2150, 150);
	rma_expect_wr(test, fe, 3, mem + 850, 3000, 50);
	KUNIT_EXPECT_EQ(test, 2U, fake_qp_send(fe->qp, 1)->num_sge);
	fake_qp_complete(fe->qp, 4);
	fixture_expect_sent(fe, NULL, READ_DONE);
	fixture_expect_empty(fe);
}

static void rma_vmalloc_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	const size_t len = 8 * PAGE_SIZE - 3;
	u8 *buf = fixture_vmalloc(test, 8 * PAGE_SIZE) + 1;
	size_t at = 0, wrong = 0;
	struct fake_wr *wr;
	u32 i, j, k;

	fe->priv->sq.max_sge = 2;
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_write(fe->ep, buf, len, NULL, 0, 0, 1, NULL));
	for (i = 0; i < fake_qp_sends(fe->qp); i++) {
		wr = fake_qp_send(fe->qp, i);
		KUNIT_EXPECT_EQ(test, (u64)at, wr->remote_addr);
		for (j = 0; j < wr->num_sge; j++)
			for (k = 0; k < wr->sge[j].length; k++)
				wrong += buf[at++] !=
					 ((u8 *)(uintptr_t)wr->sge[j].addr)[k];
	}
	KUNIT_EXPECT_EQ(test, len, at);
	KUNIT_EXPECT_EQ(test, (size_t)0, wrong);
}

/* What is injected is one piece, however many ranges it goes to. */
static void rma_inject_chain_test(struct kunit *test)
{
	const struct kvec iov[] = { { "abc", 3 }, { "defgh", 5 } };
	const struct kfi_rma_iov rma[] = { { 1000, 4, 1 }, { 2000, 4, 1 } };
	const struct kfi_msg_rma msg = {
		.type = KFI_KVEC, .msg_iov = iov, .iov_count = 2,
		.rma_iov = rma, .rma_iov_count = 2,
	};
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	struct fake_wr *wr;

	fe->priv->sq.max_sge = 1;
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_writemsg(fe->ep, &msg, KFI_INJECT));
	KUNIT_ASSERT_EQ(test, 2U, fake_qp_sends(fe->qp));
	wr = fake_qp_send(fe->qp, 0);
	KUNIT_EXPECT_EQ(test, 0, wr->send_flags);
	KUNIT_EXPECT_EQ(test, 4U, wr->sge[0].length);
	KUNIT_EXPECT_MEMEQ(test, "abcd", (void *)(uintptr_t)wr->sge[0].addr, 4);
	wr = fake_qp_send(fe->qp, 1);
	KUNIT_EXPECT_MEMEQ(test, "efgh", (void *)(uintptr_t)wr->sge[0].addr, 4);
	fake_qp_complete(fe->qp, 2);
	fixture_expect_sent(fe, NULL, WRITTEN);
}

/* What goes inline goes whole: one work request, or a copy. */
static void rma_inject_split_test(struct kunit *test)
{
	const struct kvec iov = { "abcdefgh", 8 };
	const struct kfi_rma_iov rma[] = { { 1000, 4, 1 }, { 2000, 4, 1 } };
	const struct kfi_msg_rma msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
		.rma_iov = rma, .rma_iov_count = 2,
	};
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	u32 i;

	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_writemsg(fe->ep, &msg, KFI_INJECT));
	KUNIT_ASSERT_EQ(test, 2U, fake_qp_sends(fe->qp));
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, 4ULL, fake_qp_send(fe->qp, i)->len);
}

/* A registered buffer goes on where the range before has ended. */
static void rma_region_split_test(struct kunit *test)
{
	const struct kfi_rma_iov rma[] = { { 1000, 4, 1 }, { 2000, 4, 1 } };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	const struct kvec iov = { fixture_kmalloc(test, 64), 8 };
	struct kfid_mr *mr;
	void *desc;
	const struct kfi_msg_rma msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .desc = &desc,
		.iov_count = 1, .rma_iov = rma, .rma_iov_count = 2,
	};
	u64 start;
	u32 i;

	KUNIT_ASSERT_EQ(test, 0, kfi_mr_reg(f->domain, iov.iov_base, 64,
					    KFI_WRITE, 0, 0, 0, &mr, NULL));
	desc = kfi_mr_desc(mr);
	start = kfv_mr(&mr->fid)->ibmr->iova;
	KUNIT_EXPECT_EQ(test, (ssize_t)0, kfi_writemsg(fe->ep, &msg, 0));
	KUNIT_EXPECT_EQ(test, 2U, fake_qp_sends(fe->qp));
	for (i = 0; i < fake_qp_sends(fe->qp); i++) {
		KUNIT_EXPECT_EQ(test, start + 4 * i,
				fake_qp_send(fe->qp, i)->sge[0].addr);
		KUNIT_EXPECT_EQ(test, 4U,
				fake_qp_send(fe->qp, i)->sge[0].length);
	}
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&mr->fid));
}

static struct kunit_case rma_cases[] = {
	KUNIT_CASE_PARAM(rma_call_test, rma_call_gen_params),
	KUNIT_CASE(rma_inject_test),
	KUNIT_CASE(rma_empty_test),
	KUNIT_CASE_PARAM(rma_flags_test, rma_flags_gen_params),
	KUNIT_CASE(rma_data_too_wide_test),
	KUNIT_CASE_PARAM(rma_range_test, rma_range_gen_params),
	KUNIT_CASE(rma_bad_list_test),
	KUNIT_CASE(rma_bad_buffer_test),
	KUNIT_CASE(rma_not_connected_test),
	KUNIT_CASE(rma_remote_list_test),
	KUNIT_CASE(rma_local_list_test),
	KUNIT_CASE(rma_both_lists_test),
	KUNIT_CASE(rma_vmalloc_test),
	KUNIT_CASE(rma_inject_chain_test),
	KUNIT_CASE(rma_inject_split_test),
	KUNIT_CASE(rma_region_split_test),
	{}
};

static struct kunit_suite rma_suite = {
	.name = "kfi_verbs_rma",
	.test_cases = rma_cases,
};

kunit_test_suite(rma_suite);
