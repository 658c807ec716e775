// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Writes of endpoints with KFI_RMA_PMEM: each call is on account with what it
 * writes, and takes the flags that it is to take. Fixture: a connected endpoint
 * whose commits are FLUSHes.
 */
#include "fixture_pmem.h"

#define TRACK_LEN	100
#define TRACK_ADDR	0x123456789ULL
#define TRACK_OFFSET	0x234ULL
#define TRACK_RKEY	0xdeadbe01U
#define TRACK_KEY	(TRACK_OFFSET << 48 | KFV_KEY_BITS | TRACK_RKEY)
#define WRITTEN		(KFI_RMA | KFI_WRITE)

struct track_call {
	const char *name;
	ssize_t (*call)(struct fixture_ep *fe, void *buf, void *context);
	bool imm;
	bool silent;
};

static ssize_t track_write(struct fixture_ep *fe, void *buf, void *context)
{
	return kfi_write(fe->ep, buf, TRACK_LEN, NULL, 0, TRACK_ADDR,
			 TRACK_KEY, context);
}

static ssize_t track_writev(struct fixture_ep *fe, void *buf, void *context)
{
	const struct kvec iov = { buf, TRACK_LEN };

	return kfi_writev(fe->ep, &iov, NULL, 1, 0, TRACK_ADDR, TRACK_KEY,
			  context);
}

static ssize_t track_writebv(struct fixture_ep *fe, void *buf, void *context)
{
	const struct bio_vec biov = {
		virt_to_page(buf), TRACK_LEN, offset_in_page(buf),
	};

	return kfi_writebv(fe->ep, &biov, NULL, 1, 0, TRACK_ADDR, TRACK_KEY,
			   context);
}

static ssize_t track_writesgl(struct fixture_ep *fe, void *buf, void *context)
{
	struct scatterlist sg;

	sg_init_one(&sg, buf, TRACK_LEN);
	return kfi_writesgl(fe->ep, &sg, NULL, 1, 0, TRACK_ADDR, TRACK_KEY,
			    context);
}

static ssize_t track_msg(struct fixture_ep *fe, void *buf, void *context,
			 u64 flags)
{
	const struct kvec iov = { buf, TRACK_LEN };
	const struct kfi_rma_iov rma = { TRACK_ADDR, TRACK_LEN, TRACK_KEY };
	const struct kfi_msg_rma msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
		.rma_iov = &rma, .rma_iov_count = 1, .context = context,
		.data = 77,
	};

	return kfi_writemsg(fe->ep, &msg, flags);
}

static ssize_t track_writemsg(struct fixture_ep *fe, void *buf, void *context)
{
	return track_msg(fe, buf, context, 0);
}

static ssize_t track_writedata(struct fixture_ep *fe, void *buf, void *context)
{
	return kfi_writedata(fe->ep, buf, TRACK_LEN, NULL, 77, 0, TRACK_ADDR,
			     TRACK_KEY, context);
}

static ssize_t track_inject(struct fixture_ep *fe, void *buf, void *context)
{
	return kfi_inject_write(fe->ep, buf, TRACK_LEN, 0, TRACK_ADDR,
				TRACK_KEY);
}

static ssize_t track_injectdata(struct fixture_ep *fe, void *buf,
				void *context)
{
	return kfi_inject_writedata(fe->ep, buf, TRACK_LEN, 77, 0, TRACK_ADDR,
				    TRACK_KEY);
}

static const struct track_call track_calls[] = {
	{ "write", track_write },
	{ "writev", track_writev },
	{ "writebv", track_writebv },
	{ "writesgl", track_writesgl },
	{ "writemsg", track_writemsg },
	{ "writedata", track_writedata, .imm = true },
	{ "inject", track_inject, .silent = true },
	{ "injectdata", track_injectdata, .imm = true, .silent = true },
};

KUNIT_ARRAY_PARAM_DESC(track_call, track_calls, name);

static struct fixture_ep *track_ep(struct kunit *test, u64 tx_flags)
{
	const struct fixture_ep_attr attr = {
		.pmem = true, .tx_flags = tx_flags,
		.peer = KFV_WIRE_F_FLUSH | KFV_WIRE_F_PLACED,
	};
	struct fixture *f = fixture_new(test);

	fake_hca_can_flush(f->hca, true, true);
	return fixture_ep_connect(f, &attr);
}

static void track_expect_write(struct kunit *test, const struct track_call *c,
			       const struct fake_wr *wr, bool imm, void *buf)
{
	KUNIT_EXPECT_EQ(test, imm ? IB_WR_RDMA_WRITE_WITH_IMM :
				    IB_WR_RDMA_WRITE, wr->opcode);
	KUNIT_EXPECT_EQ(test, TRACK_ADDR + TRACK_OFFSET, wr->remote_addr);
	KUNIT_EXPECT_EQ(test, TRACK_RKEY, wr->rkey);
	KUNIT_EXPECT_EQ(test, (u64)TRACK_LEN, wr->len);
	if (imm)
		KUNIT_EXPECT_EQ(test, 77U, wr->imm);
	if (c->silent)
		KUNIT_EXPECT_MEMEQ(test, buf, wr->data, TRACK_LEN);
	else
		KUNIT_EXPECT_EQ(test, (u64)(uintptr_t)buf, wr->sge[0].addr);
}

static void track_call_test(struct kunit *test)
{
	const struct kfv_range want = {
		TRACK_KEY, TRACK_ADDR, TRACK_ADDR + TRACK_LEN,
	};
	const struct track_call *c = test->param_value;
	struct fixture_ep *fe = track_ep(test, 0);
	struct kfv_dirty *dirty = &fe->priv->commit->dirty;
	void *buf = fixture_kmalloc(test, TRACK_LEN);
	int context;

	KUNIT_ASSERT_EQ(test, (ssize_t)0, c->call(fe, buf, &context));
	KUNIT_ASSERT_EQ(test, 1U, fake_qp_sends(fe->qp));
	track_expect_write(test, c, fake_qp_send(fe->qp, 0), c->imm, buf);
	KUNIT_ASSERT_EQ(test, 1U, dirty->n);
	KUNIT_EXPECT_MEMEQ(test, &want, dirty->ranges, sizeof(want));
	fake_qp_complete(fe->qp, 1);
	if (!c->silent)
		fixture_expect_sent(fe, &context, WRITTEN);
	fixture_expect_empty(fe);
}

/* The endpoint's flags are for calls without flags, and not for injects. */
static void track_default_commit_test(struct kunit *test)
{
	const struct track_call *c = test->param_value;
	struct fixture_ep *fe = track_ep(test, KFI_COMMIT_COMPLETE);
	bool plain = c->silent || c->call == track_writemsg;
	void *buf = fixture_kmalloc(test, TRACK_LEN);
	u32 n = plain ? 1 : c->imm ? 3 : 2;
	int context;

	KUNIT_ASSERT_EQ(test, (ssize_t)0, c->call(fe, buf, &context));
	KUNIT_ASSERT_EQ(test, n, fake_qp_sends(fe->qp));
	track_expect_write(test, c, fake_qp_send(fe->qp, 0), c->imm && plain,
			   buf);
	if (!plain)
		KUNIT_EXPECT_EQ(test, IB_WR_FLUSH,
				fake_qp_send(fe->qp, 1)->opcode);
	KUNIT_EXPECT_EQ(test, (u32)plain, fe->priv->commit->dirty.n);
	fake_qp_complete(fe->qp, n);
	if (!c->silent)
		fixture_expect_sent(fe, &context, WRITTEN);
}

/* Reads are not commits, whatever the endpoint's flags. */
static void track_read_test(struct kunit *test)
{
	struct fixture_ep *fe = track_ep(test, KFI_COMMIT_COMPLETE);
	void *buf = fixture_kmalloc(test, TRACK_LEN);
	int context;

	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_read(fe->ep, buf, TRACK_LEN, NULL, 0, TRACK_ADDR,
				 TRACK_KEY, &context));
	KUNIT_ASSERT_EQ(test, 1U, fake_qp_sends(fe->qp));
	KUNIT_EXPECT_EQ(test, IB_WR_RDMA_READ,
			fake_qp_send(fe->qp, 0)->opcode);
	KUNIT_EXPECT_EQ(test, 0U, fe->priv->commit->dirty.n);
	fake_qp_complete(fe->qp, 1);
	fixture_expect_sent(fe, &context, KFI_RMA | KFI_READ);
}

/* Nor are sends, which know no such level. */
static void track_send_test(struct kunit *test)
{
	struct fixture_ep *fe = track_ep(test, KFI_COMMIT_COMPLETE);
	int context;

	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_send(fe->ep, "x", 1, NULL, 0, &context));
	KUNIT_EXPECT_EQ(test, 1U, fake_qp_sends(fe->qp));
	fake_qp_complete(fe->qp, 1);
	fixture_expect_sent(fe, &context, KFI_MSG | KFI_SEND);
}

struct track_bad_case {
	const char *name;
	u64 flags;
	u64 addr;
	size_t len;
	u64 key;
	ssize_t rc;
};

static const struct track_bad_case track_bad_cases[] = {
	{ "unknown flag", 1, 0, 8, TRACK_KEY, -KFI_EBADFLAGS },
	{ "capability", KFI_RMA, 0, 8, TRACK_KEY, -KFI_EBADFLAGS },
	{ "multi recv", KFI_MULTI_RECV, 0, 8, TRACK_KEY, -EOPNOTSUPP },
	{ "a range that wraps", 0, U64_MAX - 3, 8, TRACK_KEY, -EINVAL },
	{ "a range that wraps with its offset", 0, U64_MAX - 0x100, 8,
	  TRACK_KEY, -EINVAL },
	{ "a range that wraps, commit", KFI_COMMIT_COMPLETE, U64_MAX - 3, 8,
	  TRACK_KEY, -EINVAL },
	{ "a short range", 0, 0, 7, TRACK_KEY, -EINVAL },
	{ "a key that is none", 0, 0, 8, BIT_ULL(40), -EKEYREJECTED },
	{ "commit of other memory", KFI_COMMIT_COMPLETE, 0, 8, 5, -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(track_bad, track_bad_cases, name);

static void track_bad_test(struct kunit *test)
{
	const struct track_bad_case *c = test->param_value;
	const struct kvec iov = { "12345678", 8 };
	const struct kfi_rma_iov rma = { c->addr, c->len, c->key };
	const struct kfi_msg_rma msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
		.rma_iov = &rma, .rma_iov_count = 1,
	};
	struct fixture_ep *fe = track_ep(test, 0);

	KUNIT_EXPECT_EQ(test, c->rc, kfi_writemsg(fe->ep, &msg, c->flags));
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fe->qp));
	KUNIT_EXPECT_EQ(test, 0U, fe->priv->commit->dirty.n);
	KUNIT_EXPECT_EQ(test, 64, fixture_room(fe->cq));
}

static struct kunit_case track_cases[] = {
	KUNIT_CASE_PARAM(track_call_test, track_call_gen_params),
	KUNIT_CASE_PARAM(track_default_commit_test, track_call_gen_params),
	KUNIT_CASE(track_read_test),
	KUNIT_CASE(track_send_test),
	KUNIT_CASE_PARAM(track_bad_test, track_bad_gen_params),
	{}
};

static struct kunit_suite track_suite = {
	.name = "kfi_verbs_track",
	.test_cases = track_cases,
};

kunit_test_suite(track_suite);
