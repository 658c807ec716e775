// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Receives: what each call posts, and what it refuses.
 * Fixture: a connected endpoint on a fake HCA.
 */
#include "fixture.h"

#define RECV_LEN	100
#define RECEIVED	(KFI_MSG | KFI_RECV)

struct recv_call {
	const char *name;
	ssize_t (*call)(struct fixture_ep *fe, void *buf, void *context);
};

static ssize_t recv_call_recv(struct fixture_ep *fe, void *buf, void *context)
{
	return kfi_recv(fe->ep, buf, RECV_LEN, NULL, 0, context);
}

static ssize_t recv_call_recvv(struct fixture_ep *fe, void *buf, void *context)
{
	const struct kvec iov = { buf, RECV_LEN };

	return kfi_recvv(fe->ep, &iov, NULL, 1, 0, context);
}

static ssize_t recv_call_recvbv(struct fixture_ep *fe, void *buf, void *context)
{
	const struct bio_vec biov = {
		virt_to_page(buf), RECV_LEN, offset_in_page(buf),
	};

	return kfi_recvbv(fe->ep, &biov, NULL, 1, 0, context);
}

static ssize_t recv_call_recvsgl(struct fixture_ep *fe, void *buf,
				 void *context)
{
	struct scatterlist sg;

	sg_init_one(&sg, buf, RECV_LEN);
	return kfi_recvsgl(fe->ep, &sg, NULL, 1, 0, context);
}

static ssize_t recv_call_recvmsg(struct fixture_ep *fe, void *buf,
				 void *context)
{
	struct scatterlist sg;
	const struct kfi_msg msg = {
		.type = KFI_SGL, .msg_sgl = &sg, .iov_count = 1,
		.context = context,
	};

	sg_init_one(&sg, buf, RECV_LEN);
	return kfi_recvmsg(fe->ep, &msg, KFI_MORE);
}

static const struct recv_call recv_calls[] = {
	{ "recv", recv_call_recv },
	{ "recvv", recv_call_recvv },
	{ "recvbv", recv_call_recvbv },
	{ "recvsgl", recv_call_recvsgl },
	{ "recvmsg", recv_call_recvmsg },
};

KUNIT_ARRAY_PARAM_DESC(recv_call, recv_calls, name);

static void recv_call_test(struct kunit *test)
{
	const struct recv_call *c = test->param_value;
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	void *buf = fixture_kmalloc(test, RECV_LEN);
	int context;
	const struct kfi_cq_data_entry want = {
		.op_context = &context, .flags = RECEIVED, .len = 55,
	};
	struct fake_wr *wr;

	KUNIT_ASSERT_EQ(test, (ssize_t)0, c->call(fe, buf, &context));
	wr = fake_qp_recv(fe->qp, 0);
	KUNIT_EXPECT_EQ(test, 1U, wr->num_sge);
	KUNIT_EXPECT_EQ(test, (u64)(uintptr_t)buf, wr->sge[0].addr);
	KUNIT_EXPECT_EQ(test, (u32)RECV_LEN, wr->sge[0].length);
	KUNIT_EXPECT_EQ(test, (u32)FAKE_LOCAL_LKEY, wr->sge[0].lkey);
	fake_qp_message(fe->qp, 55);
	fixture_expect_received(fe, &want);
	fixture_expect_empty(fe);
}

static void recv_before_connect_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_enable(f, NULL);

	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			kfi_recv(fe->ep, NULL, 0, NULL, 0, fe));
	KUNIT_ASSERT_EQ(test, 0, fixture_ep_close(fe));
	fixture_expect_error(fe, fe, RECEIVED, IB_WC_WR_FLUSH_ERR);
}

static void recv_empty_test(struct kunit *test)
{
	const struct kfi_msg msg = {};
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);

	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			kfi_recv(fe->ep, NULL, 0, NULL, 0, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			kfi_recvv(fe->ep, NULL, NULL, 0, 0, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)0, kfi_recvmsg(fe->ep, &msg, 0));
	KUNIT_ASSERT_EQ(test, 3U, fake_qp_recvs(fe->qp));
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_recv(fe->qp, 2)->num_sge);
}

static void recv_list_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	u8 *mem = fixture_kmalloc(test, 300);
	u8 *far = fixture_vmalloc(test, PAGE_SIZE);
	const struct kvec iov[] = {
		{ mem, 100 }, { mem + 100, 50 }, { far + 1, 7 }, { mem, 1 },
	};
	struct fake_wr *wr;

	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_recvv(fe->ep, iov, NULL, 4, 0, NULL));
	wr = fake_qp_recv(fe->qp, 0);
	KUNIT_ASSERT_EQ(test, 3U, wr->num_sge);
	KUNIT_EXPECT_EQ(test, 150U, wr->sge[0].length);
	KUNIT_EXPECT_EQ(test, 7U, wr->sge[1].length);
	KUNIT_EXPECT_EQ(test,
			(u64)(uintptr_t)page_address(vmalloc_to_page(far)) + 1,
			wr->sge[1].addr);
	KUNIT_EXPECT_EQ(test, 1U, wr->sge[2].length);
}

struct recv_flags_case {
	const char *name;
	u64 flags;
	ssize_t rc;
};

static const struct recv_flags_case recv_flags_cases[] = {
	{ "none", 0, 0 },
	{ "completion", KFI_COMPLETION, 0 },
	{ "more", KFI_MORE, 0 },
	{ "multi-receive", KFI_MULTI_RECV, -EOPNOTSUPP },
	{ "inject", KFI_INJECT, -EOPNOTSUPP },
	{ "fence", KFI_FENCE, -EOPNOTSUPP },
	{ "commit complete", KFI_COMMIT_COMPLETE, -EOPNOTSUPP },
	{ "peek", KFI_PEEK, -KFI_EBADFLAGS },
	{ "bit 0", 1, -KFI_EBADFLAGS },
	{ "bit 63", BIT_ULL(63), -KFI_EBADFLAGS },
};

KUNIT_ARRAY_PARAM_DESC(recv_flags, recv_flags_cases, name);

static void recv_flags_test(struct kunit *test)
{
	const struct recv_flags_case *c = test->param_value;
	const struct kfi_msg msg = {};
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);

	KUNIT_EXPECT_EQ(test, c->rc, kfi_recvmsg(fe->ep, &msg, c->flags));
	KUNIT_EXPECT_EQ(test, c->rc ? 0U : 1U, fake_qp_recvs(fe->qp));
}

static void recv_bad_buffer_test(struct kunit *test)
{
	const struct kvec iov = { NULL, 1 };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	int room = fixture_room(fe->cq);
	char byte;

	KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL,
			kfi_recv(fe->ep, NULL, 1, NULL, 0, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL,
			kfi_recvv(fe->ep, NULL, NULL, 1, 0, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL,
			kfi_recvbv(fe->ep, NULL, NULL, 1, 0, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL,
			kfi_recvsgl(fe->ep, NULL, NULL, 1, 0, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-E2BIG,
			kfi_recvv(fe->ep, &iov, NULL, KFV_MAX_SGE + 1, 0,
				  NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EMSGSIZE,
			kfi_recv(fe->ep, &byte, 0x80000001, NULL, 0, NULL));
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_recvs(fe->qp));
	KUNIT_EXPECT_EQ(test, room, fixture_room(fe->cq));
}

static void recv_too_many_pieces_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	u8 *mem = fixture_kmalloc(test, 300);
	const struct kvec iov[] = { { mem, 100 }, { mem + 200, 100 } };
	int room = fixture_room(fe->cq);

	fe->priv->rq.max_sge = 1;
	KUNIT_EXPECT_EQ(test, (ssize_t)-E2BIG,
			kfi_recvv(fe->ep, iov, NULL, 2, 0, NULL));
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_recvs(fe->qp));
	KUNIT_EXPECT_EQ(test, room, fixture_room(fe->cq));
}

static void recv_refused_by_device_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	int room = fixture_room(fe->cq);

	fake_qp_refuse(fe->qp, 0, 1, -ENOMEM);
	KUNIT_EXPECT_EQ(test, (ssize_t)-ENOMEM,
			kfi_recv(fe->ep, NULL, 0, NULL, 0, NULL));
	KUNIT_EXPECT_EQ(test, room, fixture_room(fe->cq));
	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			kfi_recv(fe->ep, NULL, 0, NULL, 0, fe));
	fake_qp_message(fe->qp, 0);
	fixture_expect_sent(fe, fe, RECEIVED);
	fixture_expect_empty(fe);
}

static void recv_mapped_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .map = true, .rx_size = 4 };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &attr);
	struct kfv_queue *rq = &fe->priv->rq;
	u8 *mem = fixture_kmalloc(test, 300);
	const struct kvec iov[] = { { mem, 100 }, { mem + 200, 100 } };
	u32 i;

	for (i = 0; i < 4; i++)
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				kfi_recvv(fe->ep, iov, NULL, 2, 0, NULL));
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ(test, 2, kfv_queue_at(rq, i)->nsge);
		KUNIT_EXPECT_EQ(test, (int)DMA_FROM_DEVICE, (int)kfv_queue_at(rq, i)->dir);
		KUNIT_EXPECT_EQ(test, (u64)(uintptr_t)(mem + 200),
				kfv_queue_sges(rq, i)[1].addr);
	}
}

static void recv_refused_unmaps_test(struct kunit *test)
{
	struct fixture *f = fixture_new_mapped(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	u8 *mem = fixture_kmalloc(test, 300);
	const struct kvec iov[] = { { mem, 100 }, { mem + 200, 100 } };
	u32 idle = f->dma->count;

	fake_qp_refuse(fe->qp, 0, 1, -ENOMEM);
	KUNIT_EXPECT_EQ(test, (ssize_t)-ENOMEM,
			kfi_recvv(fe->ep, iov, NULL, 2, 0, NULL));
	KUNIT_EXPECT_EQ(test, idle, f->dma->count);
	fe->priv->rq.max_sge = 1;
	KUNIT_EXPECT_EQ(test, (ssize_t)-E2BIG,
			kfi_recvv(fe->ep, iov, NULL, 2, 0, NULL));
	KUNIT_EXPECT_EQ(test, idle, f->dma->count);
}

/* Default flags are for the calls that have none of their own. */
static void recv_default_flags_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = {
		.bind_flags = KFI_SELECTIVE_COMPLETION,
		.rx_flags = KFI_COMPLETION,
	};
	const struct kfi_msg msg = {};
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &attr);

	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_recv(fe->ep, NULL, 0, NULL, 0, fe));
	KUNIT_ASSERT_EQ(test, (ssize_t)0, kfi_recvmsg(fe->ep, &msg, 0));
	fake_qp_message(fe->qp, 0);
	fixture_expect_sent(fe, fe, RECEIVED);
	fake_qp_message(fe->qp, 0);
	fixture_expect_empty(fe);
}

static struct kunit_case recv_cases[] = {
	KUNIT_CASE_PARAM(recv_call_test, recv_call_gen_params),
	KUNIT_CASE(recv_before_connect_test),
	KUNIT_CASE(recv_empty_test),
	KUNIT_CASE(recv_list_test),
	KUNIT_CASE_PARAM(recv_flags_test, recv_flags_gen_params),
	KUNIT_CASE(recv_bad_buffer_test),
	KUNIT_CASE(recv_too_many_pieces_test),
	KUNIT_CASE(recv_refused_by_device_test),
	KUNIT_CASE(recv_mapped_test),
	KUNIT_CASE(recv_refused_unmaps_test),
	KUNIT_CASE(recv_default_flags_test),
	{}
};

static struct kunit_suite recv_suite = {
	.name = "kfi_verbs_recv",
	.test_cases = recv_cases,
};

kunit_test_suite(recv_suite);
