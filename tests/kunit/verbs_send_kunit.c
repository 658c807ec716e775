// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Sends: what each call becomes on the wire, and what it refuses.
 * Fixture: a connected endpoint on a fake HCA.
 */
#include "fixture.h"

#define SEND_LEN	200
#define SENT		(KFI_MSG | KFI_SEND)

/* All ways to send @iov, which is 100 bytes in one piece */
struct send_call {
	const char *name;
	ssize_t (*call)(struct fixture_ep *fe, void *buf, void *context);
	enum ib_wr_opcode opcode;
	u32 imm;
};

static ssize_t send_call_send(struct fixture_ep *fe, void *buf, void *context)
{
	return kfi_send(fe->ep, buf, SEND_LEN, NULL, 0, context);
}

static ssize_t send_call_sendv(struct fixture_ep *fe, void *buf, void *context)
{
	const struct kvec iov = { buf, SEND_LEN };

	return kfi_sendv(fe->ep, &iov, NULL, 1, 0, context);
}

static ssize_t send_call_sendbv(struct fixture_ep *fe, void *buf, void *context)
{
	const struct bio_vec biov = {
		virt_to_page(buf), SEND_LEN, offset_in_page(buf),
	};

	return kfi_sendbv(fe->ep, &biov, NULL, 1, 0, context);
}

static ssize_t send_call_sendsgl(struct fixture_ep *fe, void *buf,
				 void *context)
{
	struct scatterlist sg;

	sg_init_one(&sg, buf, SEND_LEN);
	return kfi_sendsgl(fe->ep, &sg, NULL, 1, 0, context);
}

static ssize_t send_call_sendmsg(struct fixture_ep *fe, void *buf,
				 void *context)
{
	const struct kvec iov = { buf, SEND_LEN };
	const struct kfi_msg msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
		.context = context, .data = 5,
	};

	return kfi_sendmsg(fe->ep, &msg, KFI_TRANSMIT_COMPLETE);
}

static ssize_t send_call_sendmsg_data(struct fixture_ep *fe, void *buf,
				      void *context)
{
	const struct bio_vec biov = {
		virt_to_page(buf), SEND_LEN, offset_in_page(buf),
	};
	const struct kfi_msg msg = {
		.type = KFI_BVEC, .msg_biov = &biov, .iov_count = 1,
		.context = context, .data = 0x80000001,
	};

	return kfi_sendmsg(fe->ep, &msg, KFI_REMOTE_CQ_DATA);
}

static ssize_t send_call_senddata(struct fixture_ep *fe, void *buf,
				  void *context)
{
	return kfi_senddata(fe->ep, buf, SEND_LEN, NULL, U32_MAX, 0, context);
}

static const struct send_call send_calls[] = {
	{ "send", send_call_send, IB_WR_SEND },
	{ "sendv", send_call_sendv, IB_WR_SEND },
	{ "sendbv", send_call_sendbv, IB_WR_SEND },
	{ "sendsgl", send_call_sendsgl, IB_WR_SEND },
	{ "sendmsg", send_call_sendmsg, IB_WR_SEND },
	{ "sendmsg with data", send_call_sendmsg_data, IB_WR_SEND_WITH_IMM,
	  0x80000001 },
	{ "senddata", send_call_senddata, IB_WR_SEND_WITH_IMM, U32_MAX },
};

KUNIT_ARRAY_PARAM_DESC(send_call, send_calls, name);

static void send_call_test(struct kunit *test)
{
	const struct send_call *c = test->param_value;
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	void *buf = fixture_kmalloc(test, SEND_LEN);
	struct fake_wr *wr;
	int context;

	KUNIT_ASSERT_EQ(test, (ssize_t)0, c->call(fe, buf, &context));
	wr = fake_qp_send(fe->qp, 0);
	KUNIT_EXPECT_EQ(test, c->opcode, wr->opcode);
	KUNIT_EXPECT_EQ(test, (int)IB_SEND_SIGNALED, wr->send_flags);
	KUNIT_EXPECT_EQ(test, 1U, wr->num_sge);
	KUNIT_EXPECT_EQ(test, (u64)(uintptr_t)buf, wr->sge[0].addr);
	KUNIT_EXPECT_EQ(test, (u32)SEND_LEN, wr->sge[0].length);
	KUNIT_EXPECT_EQ(test, (u32)FAKE_LOCAL_LKEY, wr->sge[0].lkey);
	if (c->opcode == IB_WR_SEND_WITH_IMM)
		KUNIT_EXPECT_EQ(test, c->imm, wr->imm);
	fake_qp_complete(fe->qp, 1);
	fixture_expect_sent(fe, &context, SENT);
	fixture_expect_empty(fe);
}

static void send_empty_test(struct kunit *test)
{
	const struct kvec nothing = { NULL, 0 };
	const struct kfi_msg msg = {};
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	u32 i;

	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			kfi_send(fe->ep, NULL, 0, NULL, 0, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			kfi_sendv(fe->ep, NULL, NULL, 0, 0, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			kfi_sendv(fe->ep, &nothing, NULL, 1, 0, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)0, kfi_sendmsg(fe->ep, &msg, 0));
	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			kfi_senddata(fe->ep, NULL, 0, NULL, 1, 0, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)0, kfi_inject(fe->ep, NULL, 0, 0));
	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			kfi_injectdata(fe->ep, NULL, 0, 1, 0));
	KUNIT_ASSERT_EQ(test, 7U, fake_qp_sends(fe->qp));
	for (i = 0; i < 7; i++)
		KUNIT_EXPECT_EQ(test, 0U, fake_qp_send(fe->qp, i)->num_sge);
}

static void send_list_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	u8 *mem = fixture_kmalloc(test, 20 * KFV_MAX_SGE);
	struct kvec iov[KFV_MAX_SGE];
	struct fake_wr *wr;
	u32 i;

	for (i = 0; i < KFV_MAX_SGE; i++)
		iov[i] = (struct kvec) { mem + 20 * i, 1 + i % 19 };
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_sendv(fe->ep, iov, NULL, KFV_MAX_SGE, 0, NULL));
	wr = fake_qp_send(fe->qp, 0);
	KUNIT_ASSERT_EQ(test, (u32)KFV_MAX_SGE, wr->num_sge);
	for (i = 0; i < KFV_MAX_SGE; i++) {
		KUNIT_EXPECT_EQ(test, (u64)(uintptr_t)iov[i].iov_base,
				wr->sge[i].addr);
		KUNIT_EXPECT_EQ(test, (u32)iov[i].iov_len, wr->sge[i].length);
	}
}

/*
 * Injected data
 */

static void send_inject_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	u8 *buf = fixture_kmalloc(test, KFV_INJECT_SIZE);
	struct fake_wr *wr;

	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_inject(fe->ep, buf, KFV_INJECT_SIZE, 0));
	wr = fake_qp_send(fe->qp, 0);
	KUNIT_EXPECT_EQ(test, IB_WR_SEND, wr->opcode);
	KUNIT_EXPECT_EQ(test, (int)IB_SEND_INLINE, wr->send_flags);
	KUNIT_EXPECT_EQ(test, (u64)KFV_INJECT_SIZE, wr->len);
	KUNIT_EXPECT_MEMEQ(test, buf, wr->data, KFV_INJECT_SIZE);
	fake_qp_complete(fe->qp, 1);
	fixture_expect_empty(fe);
}

static void send_injectdata_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	struct fake_wr *wr;

	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_injectdata(fe->ep, "abc", 3, 0x1234, 0));
	wr = fake_qp_send(fe->qp, 0);
	KUNIT_EXPECT_EQ(test, IB_WR_SEND_WITH_IMM, wr->opcode);
	KUNIT_EXPECT_EQ(test, (int)IB_SEND_INLINE, wr->send_flags);
	KUNIT_EXPECT_EQ(test, 0x1234U, wr->imm);
	KUNIT_EXPECT_MEMEQ(test, "abc", wr->data, 3);
}

static void send_inject_vmalloc_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	u8 *buf = fixture_vmalloc(test, 2 * PAGE_SIZE) + PAGE_SIZE - 50;

	KUNIT_ASSERT_EQ(test, (ssize_t)0, kfi_inject(fe->ep, buf, 100, 0));
	KUNIT_EXPECT_MEMEQ(test, buf, fake_qp_send(fe->qp, 0)->data, 100);
}

/* Each request has a bounce buffer of its own, and the client's is free. */
static void send_bounce_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe;
	struct fake_wr *wr;
	char buf[16];
	u32 i;

	f->hca->max_inline = 0;
	fe = fixture_ep_connect(f, NULL);
	for (i = 0; i < 16; i++) {
		memset(buf, 'a' + i, sizeof(buf));
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				kfi_inject(fe->ep, buf, sizeof(buf), 0));
	}
	for (i = 0; i < 16; i++) {
		memset(buf, 'a' + i, sizeof(buf));
		wr = fake_qp_send(fe->qp, i);
		KUNIT_EXPECT_FALSE(test, wr->send_flags & IB_SEND_INLINE);
		KUNIT_EXPECT_EQ(test, 1U, wr->num_sge);
		KUNIT_EXPECT_EQ(test, (u32)sizeof(buf), wr->sge[0].length);
		KUNIT_EXPECT_EQ(test, (u32)FAKE_LOCAL_LKEY, wr->sge[0].lkey);
		KUNIT_EXPECT_MEMEQ(test, buf,
				   (void *)(uintptr_t)wr->sge[0].addr,
				   sizeof(buf));
	}
}

/* A list is gathered even where the device can take data inline. */
static void send_inject_list_test(struct kunit *test)
{
	const struct kvec iov[] = {
		{ "one ", 4 }, { NULL, 0 }, { "two ", 4 }, { "three", 5 },
	};
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	const struct kfi_msg msg = {
		.type = KFI_KVEC, .msg_iov = iov, .iov_count = ARRAY_SIZE(iov),
		.context = fe,
	};
	struct fake_wr *wr;

	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_sendmsg(fe->ep, &msg, KFI_INJECT));
	wr = fake_qp_send(fe->qp, 0);
	KUNIT_ASSERT_EQ(test, 1U, wr->num_sge);
	KUNIT_EXPECT_EQ(test, 13U, wr->sge[0].length);
	KUNIT_EXPECT_MEMEQ(test, "one two three",
			   (void *)(uintptr_t)wr->sge[0].addr, 13);
	/* unlike kfi_inject() this one reports */
	KUNIT_EXPECT_EQ(test, (int)IB_SEND_SIGNALED, wr->send_flags);
	fake_qp_complete(fe->qp, 1);
	fixture_expect_sent(fe, fe, SENT);
}

static void send_inject_default_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .tx_flags = KFI_INJECT };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &attr);
	char buf[KFV_INJECT_SIZE + 1] = "abc";
	struct fake_wr *wr;

	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_send(fe->ep, buf, 3, NULL, 0, NULL));
	wr = fake_qp_send(fe->qp, 0);
	KUNIT_EXPECT_EQ(test, (int)(IB_SEND_INLINE | IB_SEND_SIGNALED),
			wr->send_flags);
	KUNIT_EXPECT_EQ(test, (ssize_t)-EMSGSIZE,
			kfi_send(fe->ep, buf, sizeof(buf), NULL, 0, NULL));
	/* means nothing to a read */
	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			kfi_read(fe->ep, buf, sizeof(buf), NULL, 0, 0, 0,
				 NULL));
}

static void send_inject_too_long_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	void *buf = fixture_kmalloc(test, KFV_INJECT_SIZE + 1);
	const struct kvec iov[] = { { buf, KFV_INJECT_SIZE }, { buf, 1 } };
	const struct kfi_msg msg = {
		.type = KFI_KVEC, .msg_iov = iov, .iov_count = 2,
	};

	KUNIT_EXPECT_EQ(test, (ssize_t)-EMSGSIZE,
			kfi_inject(fe->ep, buf, KFV_INJECT_SIZE + 1, 0));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EMSGSIZE,
			kfi_injectdata(fe->ep, buf, KFV_INJECT_SIZE + 1, 0, 0));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EMSGSIZE,
			kfi_sendmsg(fe->ep, &msg, KFI_INJECT));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL,
			kfi_inject(fe->ep, NULL, 1, 0));
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fe->qp));
}

/*
 * Flags
 */

struct send_flags_case {
	const char *name;
	u64 flags;
	ssize_t rc;
	int want;
};

static const struct send_flags_case send_flags_cases[] = {
	{ "none", 0, 0, IB_SEND_SIGNALED },
	{ "completion", KFI_COMPLETION, 0, IB_SEND_SIGNALED },
	{ "fence", KFI_FENCE, 0, IB_SEND_SIGNALED | IB_SEND_FENCE },
	{ "inject", KFI_INJECT, 0, IB_SEND_SIGNALED | IB_SEND_INLINE },
	{ "inject complete", KFI_INJECT_COMPLETE, 0, IB_SEND_SIGNALED },
	{ "transmit complete", KFI_TRANSMIT_COMPLETE, 0, IB_SEND_SIGNALED },
	{ "all", KFV_FLAGS_SEND & ~KFI_REMOTE_CQ_DATA, 0,
	  IB_SEND_SIGNALED | IB_SEND_FENCE | IB_SEND_INLINE },
	{ "delivery complete", KFI_DELIVERY_COMPLETE, -EOPNOTSUPP },
	{ "commit complete", KFI_COMMIT_COMPLETE, -EOPNOTSUPP },
	{ "commit complete and good ones", KFI_COMMIT_COMPLETE | KFI_FENCE,
	  -EOPNOTSUPP },
	{ "multi-receive", KFI_MULTI_RECV, -EOPNOTSUPP },
	{ "bit 0", 1, -KFI_EBADFLAGS },
	{ "bit 63", BIT_ULL(63), -KFI_EBADFLAGS },
	{ "capability", KFI_SEND, -KFI_EBADFLAGS },
	{ "unknown and not offered", BIT_ULL(63) | KFI_COMMIT_COMPLETE,
	  -KFI_EBADFLAGS },
};

KUNIT_ARRAY_PARAM_DESC(send_flags, send_flags_cases, name);

static void send_flags_test(struct kunit *test)
{
	const struct send_flags_case *c = test->param_value;
	const struct kvec iov = { "x", 1 };
	const struct kfi_msg msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
	};
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);

	/* what is small and plain goes along, whoever asks for it */
	fe->priv->plain_inline = 0;
	KUNIT_ASSERT_EQ(test, c->rc, kfi_sendmsg(fe->ep, &msg, c->flags));
	KUNIT_ASSERT_EQ(test, c->rc ? 0U : 1U, fake_qp_sends(fe->qp));
	if (!c->rc)
		KUNIT_EXPECT_EQ(test, c->want,
				fake_qp_send(fe->qp, 0)->send_flags);
}

static void send_data_too_wide_test(struct kunit *test)
{
	const struct kfi_msg msg = { .data = 1ULL << 32 };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);

	KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL,
			kfi_senddata(fe->ep, NULL, 0, NULL, 1ULL << 32, 0,
				     NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL,
			kfi_injectdata(fe->ep, NULL, 0, U64_MAX, 0));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL,
			kfi_sendmsg(fe->ep, &msg, KFI_REMOTE_CQ_DATA));
	/* nobody looks at it without the flag */
	KUNIT_EXPECT_EQ(test, (ssize_t)0, kfi_sendmsg(fe->ep, &msg, 0));
}

/*
 * Limits
 */

static void send_bad_buffer_test(struct kunit *test)
{
	const struct kvec iov = { NULL, 1 };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	const struct kfi_msg msg = { .type = 99, .msg_iov = &iov,
				     .iov_count = 1 };
	int room = fixture_room(fe->cq);

	KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL,
			kfi_send(fe->ep, NULL, 1, NULL, 0, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL,
			kfi_sendv(fe->ep, NULL, NULL, 1, 0, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL,
			kfi_sendbv(fe->ep, NULL, NULL, 1, 0, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL,
			kfi_sendsgl(fe->ep, NULL, NULL, 1, 0, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL,
			kfi_sendmsg(fe->ep, &msg, 0));
	KUNIT_EXPECT_EQ(test, (ssize_t)-E2BIG,
			kfi_sendv(fe->ep, &iov, NULL, KFV_MAX_SGE + 1, 0,
				  NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EMSGSIZE,
			kfi_send(fe->ep, "x", 0x80000001, NULL, 0, NULL));
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fe->qp));
	KUNIT_EXPECT_EQ(test, room, fixture_room(fe->cq));
}

/* One work request is all that a send has. */
static void send_too_many_pieces_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	u8 *mem = fixture_kmalloc(test, 1000);
	int room = fixture_room(fe->cq);
	struct kvec iov[4];
	u32 i;

	for (i = 0; i < 4; i++)
		iov[i] = (struct kvec) { mem + 200 * i, 100 };
	fe->priv->sq.max_sge = 3;
	KUNIT_EXPECT_EQ(test, (ssize_t)-E2BIG,
			kfi_sendv(fe->ep, iov, NULL, 4, 0, NULL));
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fe->qp));
	KUNIT_EXPECT_EQ(test, room, fixture_room(fe->cq));
	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			kfi_sendv(fe->ep, iov, NULL, 3, 0, NULL));
	KUNIT_EXPECT_EQ(test, 3U, fake_qp_send(fe->qp, 0)->num_sge);
}

static void send_refused_by_device_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	int room = fixture_room(fe->cq), spare = fixture_spare(fe->cq);

	fake_qp_refuse(fe->qp, 0, 2, -EIO);
	KUNIT_EXPECT_EQ(test, (ssize_t)-EIO,
			kfi_send(fe->ep, "x", 1, NULL, 0, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EIO, kfi_inject(fe->ep, "x", 1, 0));
	/* nothing happened */
	KUNIT_EXPECT_EQ(test, room, fixture_room(fe->cq));
	KUNIT_EXPECT_EQ(test, spare, fixture_spare(fe->cq));
	KUNIT_EXPECT_EQ(test, 0UL, kfv_queue_posted(&fe->priv->sq));
	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			kfi_send(fe->ep, "x", 1, NULL, 0, fe));
	fake_qp_complete(fe->qp, 1);
	fixture_expect_sent(fe, fe, SENT);
	fixture_expect_empty(fe);
}

/* In softirq context a post that sleeps or allocates would be reported. */
static void send_in_atomic_context_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	void *buf = fixture_vmalloc(test, 2 * PAGE_SIZE);
	unsigned long flags;
	ssize_t rc[4];

	local_irq_save(flags);
	rc[0] = kfi_send(fe->ep, buf, 2 * PAGE_SIZE, NULL, 0, NULL);
	rc[1] = kfi_inject(fe->ep, buf, 10, 0);
	rc[2] = kfi_recv(fe->ep, buf, 2 * PAGE_SIZE, NULL, 0, NULL);
	rc[3] = kfi_write(fe->ep, buf, PAGE_SIZE, NULL, 0, 0, 0, NULL);
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, (ssize_t)0, rc[0]);
	KUNIT_EXPECT_EQ(test, (ssize_t)0, rc[1]);
	KUNIT_EXPECT_EQ(test, (ssize_t)0, rc[2]);
	KUNIT_EXPECT_EQ(test, (ssize_t)0, rc[3]);
}

/* Whatever size the client asks for, bounce buffers do not overlap. */
static void send_bounce_odd_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe;
	char buf[13];
	u32 i;

	f->hca->max_inline = 0;
	f->info->tx_attr->inject_size = sizeof(buf);
	fe = fixture_ep_connect(f, NULL);
	for (i = 0; i < 3; i++) {
		memset(buf, 'c' - i, sizeof(buf));
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				kfi_inject(fe->ep, buf, sizeof(buf), 0));
	}
	for (i = 0; i < 3; i++) {
		memset(buf, 'c' - i, sizeof(buf));
		KUNIT_EXPECT_MEMEQ(test, buf,
				   (void *)(uintptr_t)fake_qp_send(fe->qp, i)->sge[0].addr,
				   sizeof(buf));
	}
}

/* An acknowledgment says that a message is there, if the peer says so. */
static void send_delivery_test(struct kunit *test)
{
	static const u32 peers[] = { KFV_WIRE_F_PLACED, ~KFV_WIRE_F_PLACED };
	static const ssize_t rcs[] = { 0, -EOPNOTSUPP };
	const struct kvec iov = { "x", 1 };
	const struct kfi_msg msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
	};
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe;
	int i;

	for (i = 0; i < 2; i++) {
		const struct fixture_ep_attr attr = {
			.peer = peers[i] & ~KFV_WIRE_F_CTL,
			.tx_flags = KFI_DELIVERY_COMPLETE,
		};

		fe = fixture_ep_connect(f, &attr);
		KUNIT_EXPECT_EQ(test, rcs[i],
				kfi_sendmsg(fe->ep, &msg,
					    KFI_DELIVERY_COMPLETE));
		KUNIT_EXPECT_EQ(test, rcs[i],
				kfi_send(fe->ep, "x", 1, NULL, 0, NULL));
		KUNIT_EXPECT_EQ(test, (ssize_t)-EOPNOTSUPP,
				kfi_sendmsg(fe->ep, &msg,
					    KFI_DELIVERY_COMPLETE |
					    KFI_COMMIT_COMPLETE));
	}
}

static struct kunit_case send_cases[] = {
	KUNIT_CASE_PARAM(send_call_test, send_call_gen_params),
	KUNIT_CASE(send_empty_test),
	KUNIT_CASE(send_list_test),
	KUNIT_CASE(send_inject_test),
	KUNIT_CASE(send_injectdata_test),
	KUNIT_CASE(send_inject_vmalloc_test),
	KUNIT_CASE(send_bounce_test),
	KUNIT_CASE(send_inject_list_test),
	KUNIT_CASE(send_inject_default_test),
	KUNIT_CASE(send_inject_too_long_test),
	KUNIT_CASE_PARAM(send_flags_test, send_flags_gen_params),
	KUNIT_CASE(send_data_too_wide_test),
	KUNIT_CASE(send_bad_buffer_test),
	KUNIT_CASE(send_too_many_pieces_test),
	KUNIT_CASE(send_refused_by_device_test),
	KUNIT_CASE(send_in_atomic_context_test),
	KUNIT_CASE(send_bounce_odd_test),
	KUNIT_CASE(send_delivery_test),
	{}
};

static struct kunit_suite send_suite = {
	.name = "kfi_verbs_send",
	.test_cases = send_cases,
};

kunit_test_suite(send_suite);
