// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * What a write becomes on the wire to reach its level: the exact work requests
 * for each method. Fixture: a connected endpoint with KFI_RMA_PMEM.
 */
#include "fixture_pmem.h"

#define PLAN_OFFSET	0x238ULL
#define PLAN_KEY(n)	(PLAN_OFFSET << 48 | (n))
#define PLAN_GOOD	KFV_KEY_BITS
#define WRITTEN		(KFI_RMA | KFI_WRITE)

/* where the operation under test writes; others wrote to regions 1, 2, ... */
#define OP_REGION	0x9900
#define OP_AT(i)	(0x100000 + 0x1000 * (i))

#define COMMIT		KFI_COMMIT_COMPLETE
#define DELIVERY	KFI_DELIVERY_COMPLETE
#define FENCED		(KFI_FENCE | KFI_COMMIT_COMPLETE)
#define WITH_DATA	KFI_REMOTE_CQ_DATA

#define BY_FLUSH	(KFV_WIRE_F_FLUSH | KFV_WIRE_F_ATOMIC_WRITE | \
			 KFV_WIRE_F_PLACED)
#define BY_READ		(KFV_WIRE_F_READ | KFV_WIRE_F_PLACED)
#define BY_CPU		(KFV_WIRE_F_SERVE | KFV_WIRE_F_PLACED)
#define BY_CPU_READ	KFV_WIRE_F_SERVE

#define PUT		IB_WR_RDMA_WRITE
#define PUT_IMM	IB_WR_RDMA_WRITE_WITH_IMM
#define GET		IB_WR_RDMA_READ
#define FLUSH		IB_WR_FLUSH
#define ATOMIC		IB_WR_ATOMIC_WRITE
#define PERSIST		(IB_FLUSH_GLOBAL | IB_FLUSH_PERSISTENT)
#define VISIBLE		IB_FLUSH_GLOBAL

/**
 * struct plan_want - a work request that is expected
 * @opcode: what it is
 * @flags: IB_SEND_xxx without IB_SEND_SIGNALED, which only the last one has
 * @rkey: region; 0: nowhere, the address is 0 too
 * @at: offset in the region
 * @len: bytes of memory, or of the range of a FLUSH
 * @type: of a FLUSH
 */
struct plan_want {
	enum ib_wr_opcode opcode;
	int flags;
	u32 rkey;
	u64 at;
	u64 len;
	int type;
};

/**
 * struct plan_case - an operation
 * @name: of the case
 * @peer: what the peer declares
 * @bits: of the keys
 * @before: that many writes of 64 bytes are on account
 * @flags: of the operation
 * @ranges: that it writes to, OP_AT(0), ...
 * @len: bytes of each of them
 * @rc: what the call returns
 * @left: ranges on account then
 * @asked: 0: the peer's CPU is not asked; else ranges of the request and one
 * @n: elements of @want
 * @want: the work requests
 */
struct plan_case {
	const char *name;
	u32 peer;
	u64 bits;
	u32 before;
	u64 flags;
	u32 ranges;
	u32 len;
	ssize_t rc;
	u32 left;
	u32 asked;
	u32 n;
	struct plan_want want[6];
};

static const struct plan_case plan_cases[] = {
	/* nothing but writes */
	{ "plain", BY_FLUSH, PLAN_GOOD, 0, 0, 1, 64, 0, 1, 0,
	  1, { { PUT, 0, OP_REGION, OP_AT(0), 64 } } },
	{ "plain, memory that is not persistent", BY_FLUSH, KFV_KEY_READ, 0, 0,
	  1, 64, 0, 0, 0, 1, { { PUT, 0, OP_REGION, OP_AT(0), 64 } } },
	{ "plain, no method", 0, PLAN_GOOD, 0, 0, 1, 64, 0, 0, 0,
	  1, { { PUT, 0, OP_REGION, OP_AT(0), 64 } } },
	/* FLUSH */
	{ "flush", BY_FLUSH, PLAN_GOOD, 1, COMMIT, 1, 64, 0, 1, 0, 2, {
		{ PUT, 0, OP_REGION, OP_AT(0), 64 },
		{ FLUSH, 0, OP_REGION, OP_AT(0), 64, PERSIST } } },
	{ "flush, fence", BY_FLUSH, PLAN_GOOD, 2, FENCED, 1, 64, 0, 0, 0, 4, {
		{ FLUSH, 0, 1, 0, 64, PERSIST },
		{ FLUSH, 0, 2, 0, 64, PERSIST },
		{ PUT, IB_SEND_FENCE, OP_REGION, OP_AT(0), 64 },
		{ FLUSH, 0, OP_REGION, OP_AT(0), 64, PERSIST } } },
	{ "flush, fence, nothing before", BY_FLUSH, PLAN_GOOD, 0, FENCED,
	  1, 64, 0, 0, 0, 2, {
		{ PUT, IB_SEND_FENCE, OP_REGION, OP_AT(0), 64 },
		{ FLUSH, 0, OP_REGION, OP_AT(0), 64, PERSIST } } },
	{ "flush, fence, eight bytes", BY_FLUSH, PLAN_GOOD, 1, FENCED,
	  1, 8, 0, 0, 0, 3, {
		{ FLUSH, 0, 1, 0, 64, PERSIST },
		{ ATOMIC, 0, OP_REGION, OP_AT(0), 0 },
		{ FLUSH, 0, OP_REGION, OP_AT(0), 8, PERSIST } } },
	{ "flush, fence, seven bytes", BY_FLUSH, PLAN_GOOD, 1, FENCED,
	  1, 7, 0, 0, 0, 3, {
		{ FLUSH, 0, 1, 0, 64, PERSIST },
		{ PUT, IB_SEND_FENCE, OP_REGION, OP_AT(0), 7 },
		{ FLUSH, 0, OP_REGION, OP_AT(0), 7, PERSIST } } },
	{ "flush, eight bytes", BY_FLUSH, PLAN_GOOD, 0, COMMIT,
	  1, 8, 0, 0, 0, 2, {
		{ PUT, 0, OP_REGION, OP_AT(0), 8 },
		{ FLUSH, 0, OP_REGION, OP_AT(0), 8, PERSIST } } },
	{ "flush, fence, eight bytes, no atomic write",
	  KFV_WIRE_F_FLUSH | KFV_WIRE_F_PLACED, PLAN_GOOD, 0, FENCED,
	  1, 8, 0, 0, 0, 2, {
		{ PUT, IB_SEND_FENCE, OP_REGION, OP_AT(0), 8 },
		{ FLUSH, 0, OP_REGION, OP_AT(0), 8, PERSIST } } },
	{ "flush, fence, eight bytes in two ranges", BY_FLUSH, PLAN_GOOD, 0,
	  FENCED, 2, 4, 0, 0, 0, 4, {
		{ PUT, IB_SEND_FENCE, OP_REGION, OP_AT(0), 4 },
		{ PUT, 0, OP_REGION, OP_AT(1), 4 },
		{ FLUSH, 0, OP_REGION, OP_AT(0), 4, PERSIST },
		{ FLUSH, 0, OP_REGION, OP_AT(1), 4, PERSIST } } },
	{ "flush, fence, nothing", BY_FLUSH, PLAN_GOOD, 2, FENCED, 1, 0,
	  0, 0, 0, 2, {
		{ FLUSH, 0, 1, 0, 64, PERSIST },
		{ FLUSH, 0, 2, 0, 64, PERSIST } } },
	{ "flush, fence, nothing, no range", BY_FLUSH, PLAN_GOOD, 1, FENCED,
	  0, 0, 0, 0, 0, 1, { { FLUSH, 0, 1, 0, 64, PERSIST } } },
	{ "flush, fence, nothing, nothing before", BY_FLUSH, PLAN_GOOD, 0,
	  FENCED, 1, 0, 0, 0, 0, 1, {
		{ PUT, IB_SEND_FENCE, OP_REGION, OP_AT(0), 0 } } },
	{ "flush, nothing", BY_FLUSH, PLAN_GOOD, 1, COMMIT, 1, 0, 0, 1, 0,
	  1, { { PUT, 0, OP_REGION, OP_AT(0), 0 } } },
	{ "flush, two ranges", BY_FLUSH, PLAN_GOOD, 0, COMMIT, 2, 64,
	  0, 0, 0, 4, {
		{ PUT, 0, OP_REGION, OP_AT(0), 64 },
		{ PUT, 0, OP_REGION, OP_AT(1), 64 },
		{ FLUSH, 0, OP_REGION, OP_AT(0), 64, PERSIST },
		{ FLUSH, 0, OP_REGION, OP_AT(1), 64, PERSIST } } },
	{ "flush, data", BY_FLUSH, PLAN_GOOD, 0, COMMIT | WITH_DATA, 1, 64,
	  0, 0, 0, 3, {
		{ PUT, 0, OP_REGION, OP_AT(0), 64 },
		{ FLUSH, 0, OP_REGION, OP_AT(0), 64, PERSIST },
		{ PUT_IMM, IB_SEND_FENCE, 0, 0, 0 } } },
	{ "flush, fence, eight bytes, data", BY_FLUSH, PLAN_GOOD, 1,
	  FENCED | WITH_DATA, 1, 8, 0, 0, 0, 4, {
		{ FLUSH, 0, 1, 0, 64, PERSIST },
		{ ATOMIC, 0, OP_REGION, OP_AT(0), 0 },
		{ FLUSH, 0, OP_REGION, OP_AT(0), 8, PERSIST },
		{ PUT_IMM, IB_SEND_FENCE, 0, 0, 0 } } },
	{ "flush, fence, nothing, data", BY_FLUSH, PLAN_GOOD, 1,
	  FENCED | WITH_DATA, 1, 0, 0, 0, 0, 2, {
		{ FLUSH, 0, 1, 0, 64, PERSIST },
		{ PUT_IMM, IB_SEND_FENCE, 0, 0, 0 } } },
	{ "flush, nothing, data", BY_FLUSH, PLAN_GOOD, 0, COMMIT | WITH_DATA,
	  1, 0, 0, 0, 0, 1, { { PUT_IMM, 0, OP_REGION, OP_AT(0), 0 } } },
	{ "flush, delivery", BY_FLUSH, PLAN_GOOD, 0, DELIVERY, 1, 64,
	  0, 1, 0, 1, { { PUT, 0, OP_REGION, OP_AT(0), 64 } } },
	{ "flush, delivery, not placed", KFV_WIRE_F_FLUSH, PLAN_GOOD, 1,
	  DELIVERY, 1, 64, 0, 2, 0, 2, {
		{ PUT, 0, OP_REGION, OP_AT(0), 64 },
		{ FLUSH, 0, OP_REGION, OP_AT(0), 64, VISIBLE } } },
	{ "flush, delivery, fence, not placed", KFV_WIRE_F_FLUSH, PLAN_GOOD, 1,
	  DELIVERY | KFI_FENCE, 1, 64, 0, 2, 0, 2, {
		{ PUT, IB_SEND_FENCE, OP_REGION, OP_AT(0), 64 },
		{ GET, 0, OP_REGION, OP_AT(0) + 63, 1 } } },
	{ "flush, delivery, data, not placed", KFV_WIRE_F_FLUSH, PLAN_GOOD, 0,
	  DELIVERY | WITH_DATA, 1, 64, 0, 1, 0, 3, {
		{ PUT, 0, OP_REGION, OP_AT(0), 64 },
		{ FLUSH, 0, OP_REGION, OP_AT(0), 64, VISIBLE },
		{ PUT_IMM, IB_SEND_FENCE, 0, 0, 0 } } },
	{ "flush, region without it", BY_FLUSH, KFV_KEY_PMEM | KFV_KEY_READ, 0,
	  COMMIT, 1, 64, -EOPNOTSUPP, 0, 0, 0 },
	{ "flush, region without it, a CPU", BY_FLUSH | BY_CPU,
	  KFV_KEY_PMEM | KFV_KEY_READ, 0, COMMIT, 1, 64, 0, 0, 2,
	  1, { { PUT, 0, OP_REGION, OP_AT(0), 64 } } },
	/* reads that prove it */
	{ "read", BY_READ, PLAN_GOOD, 1, COMMIT, 1, 64, 0, 1, 0, 2, {
		{ PUT, 0, OP_REGION, OP_AT(0), 64 },
		{ GET, 0, OP_REGION, OP_AT(0) + 63, 1 } } },
	{ "read, fence", BY_READ, PLAN_GOOD, 2, FENCED, 1, 8, 0, 0, 0, 3, {
		{ GET, 0, 1, 63, 1 },
		{ PUT, IB_SEND_FENCE, OP_REGION, OP_AT(0), 8 },
		{ GET, 0, OP_REGION, OP_AT(0) + 7, 1 } } },
	{ "read, fence, nothing", BY_READ, PLAN_GOOD, 2, FENCED, 1, 0,
	  0, 0, 0, 1, { { GET, 0, 1, 63, 1 } } },
	{ "read, fence, nothing, nothing before", BY_READ, PLAN_GOOD, 0,
	  FENCED, 1, 0, 0, 0, 0, 1, {
		{ PUT, IB_SEND_FENCE, OP_REGION, OP_AT(0), 0 } } },
	{ "read, two ranges", BY_READ, PLAN_GOOD, 0, COMMIT, 2, 64, 0, 0, 0,
	  3, {	{ PUT, 0, OP_REGION, OP_AT(0), 64 },
		{ PUT, 0, OP_REGION, OP_AT(1), 64 },
		{ GET, 0, OP_REGION, OP_AT(0) + 63, 1 } } },
	{ "read, data", BY_READ, PLAN_GOOD, 0, COMMIT | WITH_DATA, 1, 64,
	  0, 0, 0, 3, {
		{ PUT, 0, OP_REGION, OP_AT(0), 64 },
		{ GET, 0, OP_REGION, OP_AT(0) + 63, 1 },
		{ PUT_IMM, IB_SEND_FENCE, 0, 0, 0 } } },
	{ "read, fence, nothing, data", BY_READ, PLAN_GOOD, 1,
	  FENCED | WITH_DATA, 1, 0, 0, 0, 0, 2, {
		{ GET, 0, 1, 63, 1 },
		{ PUT_IMM, IB_SEND_FENCE, 0, 0, 0 } } },
	{ "read, delivery, not placed", KFV_WIRE_F_READ, PLAN_GOOD, 0,
	  DELIVERY, 1, 64, 0, 1, 0, 2, {
		{ PUT, 0, OP_REGION, OP_AT(0), 64 },
		{ GET, 0, OP_REGION, OP_AT(0) + 63, 1 } } },
	{ "read, region that may not be read", BY_READ,
	  KFV_KEY_PMEM | KFV_KEY_FLUSH, 0, COMMIT, 1, 64, -EOPNOTSUPP },
	/* the peer's CPU */
	{ "cpu", BY_CPU, PLAN_GOOD, 1, COMMIT, 1, 64, 0, 1, 2,
	  1, { { PUT, 0, OP_REGION, OP_AT(0), 64 } } },
	{ "cpu, not placed", BY_CPU_READ, PLAN_GOOD, 1, COMMIT, 1, 64,
	  0, 1, 2, 2, {
		{ PUT, 0, OP_REGION, OP_AT(0), 64 },
		{ GET, 0, OP_REGION, OP_AT(0) + 63, 1 } } },
	{ "cpu, not placed, region that may not be read", BY_CPU_READ,
	  KFV_KEY_PMEM | KFV_KEY_FLUSH, 0, COMMIT, 1, 64, -EOPNOTSUPP },
	{ "cpu, two ranges", BY_CPU, PLAN_GOOD, 0, COMMIT, 2, 64, 0, 0, 3, 2, {
		{ PUT, 0, OP_REGION, OP_AT(0), 64 },
		{ PUT, 0, OP_REGION, OP_AT(1), 64 } } },
	{ "cpu, nothing", BY_CPU, PLAN_GOOD, 1, COMMIT, 1, 0, 0, 1, 0,
	  1, { { PUT, 0, OP_REGION, OP_AT(0), 0 } } },
	{ "cpu, fence", BY_CPU, PLAN_GOOD, 2, FENCED, 1, 64, 0, 0, 3,
	  1, { { PUT, IB_SEND_FENCE, OP_REGION, OP_AT(0), 0 } } },
	{ "cpu, fence, nothing before", BY_CPU, PLAN_GOOD, 0, FENCED, 1, 64,
	  0, 0, 1, 1, { { PUT, IB_SEND_FENCE, OP_REGION, OP_AT(0), 0 } } },
	{ "cpu, fence, not placed", BY_CPU_READ, PLAN_GOOD, 2, FENCED, 1, 64,
	  0, 0, 3, 2, {
		{ PUT, IB_SEND_FENCE, OP_REGION, OP_AT(0), 0 },
		{ GET, 0, 1, 63, 1 } } },
	{ "cpu, fence, nothing", BY_CPU, PLAN_GOOD, 2, FENCED, 1, 0, 0, 0, 3,
	  1, { { PUT, IB_SEND_FENCE, OP_REGION, OP_AT(0), 0 } } },
	{ "cpu, fence, nothing, not placed", BY_CPU_READ, PLAN_GOOD, 2, FENCED,
	  1, 0, 0, 0, 3, 2, {
		{ PUT, IB_SEND_FENCE, OP_REGION, OP_AT(0), 0 },
		{ GET, 0, 1, 63, 1 } } },
	{ "cpu, fence, nothing, nothing before", BY_CPU, PLAN_GOOD, 0, FENCED,
	  1, 0, 0, 0, 0, 1, {
		{ PUT, IB_SEND_FENCE, OP_REGION, OP_AT(0), 0 } } },
	{ "cpu, fence, too much", BY_CPU, PLAN_GOOD, 1, FENCED, 1, 65,
	  -EMSGSIZE, 1 },
	{ "cpu, fence, two ranges", BY_CPU, PLAN_GOOD, 1, FENCED, 2, 8,
	  -EOPNOTSUPP, 1 },
	{ "cpu, data", BY_CPU, PLAN_GOOD, 1, COMMIT | WITH_DATA, 1, 64,
	  0, 1, 2, 1, { { PUT, 0, OP_REGION, OP_AT(0), 64 } } },
	{ "cpu, data, not placed", BY_CPU_READ, PLAN_GOOD, 1,
	  COMMIT | WITH_DATA, 1, 64, 0, 1, 2, 2, {
		{ PUT, 0, OP_REGION, OP_AT(0), 64 },
		{ GET, 0, OP_REGION, OP_AT(0) + 63, 1 } } },
	{ "cpu, data, two ranges", BY_CPU, PLAN_GOOD, 0, COMMIT | WITH_DATA,
	  2, 64, 0, 0, 3, 2, {
		{ PUT, 0, OP_REGION, OP_AT(0), 64 },
		{ PUT, 0, OP_REGION, OP_AT(1), 64 } } },
	{ "cpu, nothing, data", BY_CPU, PLAN_GOOD, 1, COMMIT | WITH_DATA, 1, 0,
	  0, 1, 0, 1, { { PUT_IMM, 0, OP_REGION, OP_AT(0), 0 } } },
	{ "cpu, fence, data", BY_CPU, PLAN_GOOD, 2, FENCED | WITH_DATA, 1, 64,
	  0, 0, 3, 1, { { PUT, IB_SEND_FENCE, OP_REGION, OP_AT(0), 0 } } },
	{ "cpu, fence, nothing, data", BY_CPU, PLAN_GOOD, 2,
	  FENCED | WITH_DATA, 1, 0, 0, 0, 3, 1, {
		{ PUT, IB_SEND_FENCE, OP_REGION, OP_AT(0), 0 } } },
	{ "cpu, fence, nothing, nothing before, data", BY_CPU, PLAN_GOOD, 0,
	  FENCED | WITH_DATA, 1, 0, 0, 0, 0, 1, {
		{ PUT_IMM, IB_SEND_FENCE, OP_REGION, OP_AT(0), 0 } } },
	{ "cpu, delivery, data", BY_CPU, PLAN_GOOD, 0, DELIVERY | WITH_DATA,
	  1, 64, 0, 1, 0, 1, { { PUT_IMM, 0, OP_REGION, OP_AT(0), 64 } } },
	{ "cpu, delivery, not placed", BY_CPU_READ, PLAN_GOOD, 0, DELIVERY,
	  1, 64, 0, 1, 0, 2, {
		{ PUT, 0, OP_REGION, OP_AT(0), 64 },
		{ GET, 0, OP_REGION, OP_AT(0) + 63, 1 } } },
	/* none */
	{ "no method", 0, PLAN_GOOD, 0, COMMIT, 1, 64, -EOPNOTSUPP },
	{ "no method, fence", 0, PLAN_GOOD, 0, FENCED, 1, 0, -EOPNOTSUPP },
	{ "not persistent", BY_FLUSH, KFV_KEY_READ, 1, COMMIT, 1, 64, -EINVAL,
	  0 },
	{ "delivery, nothing known", 0, KFV_KEY_PMEM, 0, DELIVERY, 1, 64,
	  -EOPNOTSUPP },
	{ "delivery, nothing written", 0, KFV_KEY_PMEM, 0, DELIVERY, 1, 0,
	  0, 0, 0, 1, { { PUT, 0, OP_REGION, OP_AT(0), 0 } } },
};

KUNIT_ARRAY_PARAM_DESC(plan, plan_cases, name);

static struct fixture_ep *plan_ep(struct kunit *test, u32 peer)
{
	const struct fixture_ep_attr attr = {
		.pmem = true, .peer = peer, .tx_size = 64,
	};
	struct fixture *f = fixture_new(test);

	fake_hca_can_flush(f->hca, true, true);
	return fixture_ep_connect(f, &attr);
}

/* 64 bytes to each of regions 1 to @n */
static void plan_before(struct fixture_ep *fe, u32 n, u64 bits)
{
	void *buf = fixture_kmalloc(fe->f->test, 64);
	u32 i;

	for (i = 1; i <= n; i++) {
		KUNIT_ASSERT_EQ(fe->f->test, (ssize_t)0,
				kfi_write(fe->ep, buf, 64, NULL, 0, 0,
					  PLAN_KEY(i) | bits, NULL));
		fake_qp_complete(fe->qp, 1);
		fixture_expect_sent(fe, NULL, WRITTEN);
	}
}

static ssize_t plan_post(struct fixture_ep *fe, const struct plan_case *c,
			 void *buf, void *context)
{
	const struct kvec iov = { buf, (size_t)c->ranges * c->len };
	struct kfi_rma_iov rma[2] = {};
	const struct kfi_msg_rma msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
		.rma_iov = rma, .rma_iov_count = c->ranges,
		.context = context, .data = 77,
	};
	u32 i;

	for (i = 0; i < c->ranges; i++)
		rma[i] = (struct kfi_rma_iov) {
			OP_AT(i), c->len, PLAN_KEY(OP_REGION) | c->bits,
		};
	return kfi_writemsg(fe->ep, &msg, c->flags);
}

static void plan_expect_wr(struct kunit *test, const struct plan_want *want,
			   const struct fake_wr *wr, bool last)
{
	KUNIT_EXPECT_EQ(test, want->opcode, wr->opcode);
	KUNIT_EXPECT_EQ(test, want->flags | (last ? IB_SEND_SIGNALED : 0),
			wr->send_flags);
	KUNIT_EXPECT_EQ(test, want->rkey, wr->rkey);
	KUNIT_EXPECT_EQ(test, want->rkey ? want->at + PLAN_OFFSET : 0,
			wr->remote_addr);
	KUNIT_EXPECT_EQ(test, want->len, wr->len);
	if (want->opcode == FLUSH) {
		KUNIT_EXPECT_EQ(test, want->type, wr->type);
		KUNIT_EXPECT_EQ(test, (int)IB_FLUSH_RANGE, wr->level);
	}
	if (want->opcode == PUT_IMM)
		KUNIT_EXPECT_EQ(test, 77U, wr->imm);
}

static void plan_expect(struct fixture_ep *fe, const struct plan_want *want,
			u32 n)
{
	u32 i;

	KUNIT_ASSERT_EQ(fe->f->test, n, fake_qp_sends(fe->qp));
	for (i = 0; i < n; i++)
		plan_expect_wr(fe->f->test, &want[i], fake_qp_send(fe->qp, i),
			       i + 1 == n);
}

/* What the peer is told when it has committed, and not before */
static void plan_expect_told(struct fixture_ep *fe)
{
	static const struct plan_want told = { PUT_IMM, 0, 0, 0, 0 };

	fixture_expect_empty(fe);
	plan_expect(fe, &told, 1);
	fake_qp_complete(fe->qp, 1);
}

static void plan_test(struct kunit *test)
{
	const struct plan_case *c = test->param_value;
	struct fixture_ep *fe = plan_ep(test, c->peer);
	void *buf = fixture_kmalloc(test, 256);
	int context;

	plan_before(fe, c->before, c->bits);
	KUNIT_ASSERT_EQ(test, c->rc, plan_post(fe, c, buf, &context));
	KUNIT_EXPECT_EQ(test, c->left, fe->priv->commit->dirty.n);
	plan_expect(fe, c->want, c->n);
	if (!c->n)
		return;
	fake_qp_complete(fe->qp, c->n);
	if (fake_qp_sends(fe->ctl)) {
		fixture_expect_empty(fe);
		if (c->asked)
			KUNIT_EXPECT_EQ(test, c->asked - 1,
					fixture_ctl_sent(fe, 0)->nr_ranges);
		fake_qp_complete(fe->ctl, 1);
		fixture_ctl_reply(fe, 0, KFV_WIRE_OK);
		if (c->flags & WITH_DATA)
			plan_expect_told(fe);
	} else {
		KUNIT_EXPECT_EQ(test, 0U, c->asked);
	}
	fixture_expect_sent(fe, &context, WRITTEN);
	fixture_expect_empty(fe);
}

/*
 * Eight bytes that are never seen in part
 */

static const u64 plan_value = 0x1122334455667788ULL;

/* A fenced commit of eight bytes to two ranges of four */
static ssize_t plan_post_halves(struct fixture_ep *fe, u64 first, u64 second)
{
	const u64 key = PLAN_KEY(OP_REGION) | PLAN_GOOD;
	const struct kvec iov = { (void *)&plan_value, 8 };
	const struct kfi_rma_iov rma[] = {
		{ first, 4, key }, { second, 4, key },
	};
	const struct kfi_msg_rma msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
		.rma_iov = rma, .rma_iov_count = 2,
	};

	return kfi_writemsg(fe->ep, &msg, FENCED);
}

static ssize_t plan_post_value(struct fixture_ep *fe, u64 addr, u64 flags)
{
	const struct kvec iov = { (void *)&plan_value, 8 };
	const struct kfi_rma_iov rma = {
		addr, 8, PLAN_KEY(OP_REGION) | PLAN_GOOD,
	};
	const struct kfi_msg_rma msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
		.rma_iov = &rma, .rma_iov_count = 1,
	};

	return kfi_writemsg(fe->ep, &msg, flags);
}

static void plan_atomic_test(struct kunit *test)
{
	static const u64 flags[] = { FENCED, FENCED | KFI_INJECT };
	struct fixture_ep *fe = plan_ep(test, BY_FLUSH);
	struct fake_wr *wr;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				plan_post_value(fe, 0x40, flags[i]));
		wr = fake_qp_send(fe->qp, 0);
		KUNIT_EXPECT_EQ(test, ATOMIC, wr->opcode);
		KUNIT_EXPECT_EQ(test, plan_value, wr->value);
		KUNIT_EXPECT_EQ(test, 0U, wr->num_sge);
		fake_qp_complete(fe->qp, 2);
		fixture_expect_sent(fe, NULL, WRITTEN);
	}
}

/* What counts is the address at which the peer's device knows the byte. */
static void plan_unaligned_test(struct kunit *test)
{
	struct fixture_ep *fe = plan_ep(test, BY_FLUSH);
	u32 i;

	for (i = 1; i < 8; i++) {
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				plan_post_value(fe, 0x40 + i, FENCED));
		KUNIT_EXPECT_EQ(test, PUT, fake_qp_send(fe->qp, 0)->opcode);
		fake_qp_complete(fe->qp, 2);
		fixture_expect_sent(fe, NULL, WRITTEN);
	}
}

/* The peer's device is not asked for what this kernel cannot post. */
static void plan_cannot_post_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = {
		.pmem = true, .peer = BY_FLUSH | BY_CPU | BY_READ,
	};
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe;
	int i;

	fake_hca_can_flush(f->hca, true, false);
	fe = fixture_ep_connect(f, &attr);
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ(test, (ssize_t)0,
				plan_post_value(fe, 8 * i, FENCED));
		KUNIT_EXPECT_EQ(test, (ssize_t)0,
				plan_post_value(fe, 8 * i, COMMIT));
		KUNIT_EXPECT_EQ(test, (ssize_t)0,
				plan_post_value(fe, 8 * i, DELIVERY));
		fake_qp_complete(fe->qp, fake_qp_sends(fe->qp));
	}
	KUNIT_EXPECT_EQ(test, 0U, f->hca->flushes);
}

/* Two ranges are not one because they touch, or nearly do. */
struct plan_halves_case {
	const char *name;
	u64 first;
	u64 second;
};

static const struct plan_halves_case plan_halves_cases[] = {
	{ "in order", 0x40, 0x44 },
	{ "the other way round", 0x44, 0x40 },
	{ "with a gap", 0x40, 0x48 },
	{ "the same", 0x40, 0x40 },
};

KUNIT_ARRAY_PARAM_DESC(plan_halves, plan_halves_cases, name);

static void plan_halves_flush_test(struct kunit *test)
{
	const struct plan_halves_case *c = test->param_value;
	struct fixture_ep *fe = plan_ep(test, BY_FLUSH);

	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			plan_post_halves(fe, c->first, c->second));
	KUNIT_ASSERT_EQ(test, 3U, fake_qp_sends(fe->qp));
	KUNIT_EXPECT_EQ(test, PUT, fake_qp_send(fe->qp, 0)->opcode);
	KUNIT_EXPECT_EQ(test, PUT, fake_qp_send(fe->qp, 1)->opcode);
	KUNIT_EXPECT_EQ(test, FLUSH, fake_qp_send(fe->qp, 2)->opcode);
}

static void plan_halves_cpu_test(struct kunit *test)
{
	const struct plan_halves_case *c = test->param_value;
	struct fixture_ep *fe = plan_ep(test, BY_CPU);

	KUNIT_EXPECT_EQ(test, (ssize_t)-EOPNOTSUPP,
			plan_post_halves(fe, c->first, c->second));
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fe->qp));
}

/*
 * A full account
 */

struct plan_settle_case {
	const char *name;
	u32 peer;
	u64 flags;
	u32 before;
	u32 n;
	u32 asked;
	struct plan_want want[2];
};

/* @before requests are for regions 1 to 16, then comes @want */
static const struct plan_settle_case plan_settle_cases[] = {
	{ "flush", BY_FLUSH, 0, 16, 1, 0, {
		{ PUT, 0, OP_REGION, OP_AT(0), 64 } } },
	{ "flush, data", BY_FLUSH, WITH_DATA, 16, 1, 0, {
		{ PUT_IMM, 0, OP_REGION, OP_AT(0), 64 } } },
	{ "flush, fence", BY_FLUSH, KFI_FENCE, 16, 1, 0, {
		{ PUT, IB_SEND_FENCE, OP_REGION, OP_AT(0), 64 } } },
	{ "read", BY_READ, 0, 1, 1, 0, {
		{ PUT, 0, OP_REGION, OP_AT(0), 64 } } },
	{ "cpu", BY_CPU, 0, 0, 1, 16, {
		{ PUT, 0, OP_REGION, OP_AT(0), 64 } } },
	{ "cpu, data", BY_CPU, WITH_DATA, 0, 1, 16, {
		{ PUT_IMM, 0, OP_REGION, OP_AT(0), 64 } } },
	{ "cpu, fence", BY_CPU, KFI_FENCE, 0, 1, 16, {
		{ PUT, IB_SEND_FENCE, OP_REGION, OP_AT(0), 64 } } },
	{ "cpu, delivery", BY_CPU, DELIVERY, 0, 1, 16, {
		{ PUT, 0, OP_REGION, OP_AT(0), 64 } } },
	{ "cpu, not placed", BY_CPU_READ, 0, 0, 2, 16, {
		{ PUT, 0, OP_REGION, OP_AT(0), 64 },
		{ GET, 0, 1, 63, 1 } } },
};

KUNIT_ARRAY_PARAM_DESC(plan_settle, plan_settle_cases, name);

static void plan_expect_before(struct fixture_ep *fe, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++) {
		const struct plan_want flush = { FLUSH, 0, i + 1, 0, 64,
						 PERSIST };
		const struct plan_want read = { GET, 0, i + 1, 63, 1 };

		plan_expect_wr(fe->f->test, n == 1 ? &read : &flush,
			       fake_qp_send(fe->qp, i), false);
	}
}

static void plan_settle_test(struct kunit *test)
{
	const struct plan_settle_case *c = test->param_value;
	const struct plan_case op = {
		.flags = c->flags, .ranges = 1, .len = 64, .bits = PLAN_GOOD,
	};
	struct fixture_ep *fe = plan_ep(test, c->peer);
	void *buf = fixture_kmalloc(test, 64);
	int context;
	u32 i;

	plan_before(fe, KFV_DIRTY_MAX, PLAN_GOOD);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, plan_post(fe, &op, buf, &context));
	KUNIT_ASSERT_EQ(test, c->before + c->n, fake_qp_sends(fe->qp));
	plan_expect_before(fe, c->before);
	for (i = 0; i < c->n; i++)
		plan_expect_wr(test, &c->want[i],
			       fake_qp_send(fe->qp, c->before + i),
			       i + 1 == c->n);
	/* it alone is on account now */
	KUNIT_ASSERT_EQ(test, 1U, fe->priv->commit->dirty.n);
	KUNIT_EXPECT_EQ(test, PLAN_KEY(OP_REGION) | PLAN_GOOD,
			fe->priv->commit->dirty.ranges[0].key);
	fake_qp_complete(fe->qp, c->before + c->n);
	if (c->asked) {
		KUNIT_EXPECT_EQ(test, c->asked,
				(u32)fixture_ctl_sent(fe, 0)->nr_ranges);
		fake_qp_complete(fe->ctl, 1);
		fixture_ctl_reply(fe, 0, KFV_WIRE_OK);
	}
	fixture_expect_sent(fe, &context, WRITTEN);
}

/* With a fence it is a write like any other, however long. */
static void plan_settle_fenced_test(struct kunit *test)
{
	static const u32 peers[] = { BY_CPU, BY_FLUSH };
	const struct plan_case op = {
		.flags = KFI_FENCE, .ranges = 2, .len = 4, .bits = PLAN_GOOD,
	};
	void *buf = fixture_kmalloc(test, 64);
	struct fixture_ep *fe;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(peers); i++) {
		fe = plan_ep(test, peers[i]);
		plan_before(fe, KFV_DIRTY_MAX, PLAN_GOOD);
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				plan_post(fe, &op, buf, NULL));
		KUNIT_EXPECT_EQ(test, PUT,
				fake_qp_send(fe->qp, fake_qp_sends(fe->qp) - 1)
					->opcode);
	}
}

/*
 * A write to persistent memory and to other memory, with visibility: only what
 * is on account has to be committed.
 */
static void plan_settle_mixed_test(struct kunit *test)
{
	static const u32 peers[] = { BY_CPU, BY_FLUSH };
	const struct kvec iov = { (void *)&plan_value, 8 };
	const struct kfi_rma_iov rma[] = {
		{ 0, 4, PLAN_KEY(OP_REGION) | PLAN_GOOD },
		{ 0, 4, PLAN_KEY(OP_REGION + 1) | KFV_KEY_READ },
	};
	const struct kfi_msg_rma msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
		.rma_iov = rma, .rma_iov_count = 2,
	};
	struct fixture_ep *fe;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(peers); i++) {
		fe = plan_ep(test, peers[i]);
		plan_before(fe, KFV_DIRTY_MAX, PLAN_GOOD);
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				kfi_writemsg(fe->ep, &msg, DELIVERY));
		KUNIT_EXPECT_EQ(test, peers[i] == BY_CPU ? 2U : 18U,
				fake_qp_sends(fe->qp));
		fake_qp_complete(fe->qp, fake_qp_sends(fe->qp));
		if (peers[i] == BY_CPU)
			KUNIT_EXPECT_EQ(test, (u8)KFV_DIRTY_MAX,
					fixture_ctl_sent(fe, 0)->nr_ranges);
		KUNIT_EXPECT_EQ(test, 1U, fe->priv->commit->dirty.n);
	}
}

/* No level is asked for of memory that is not persistent. */
static void plan_settle_not_test(struct kunit *test)
{
	const struct plan_case op = {
		.ranges = 1, .len = 64, .bits = KFV_KEY_READ,
	};
	struct fixture_ep *fe = plan_ep(test, BY_FLUSH);
	void *buf = fixture_kmalloc(test, 64);

	plan_before(fe, KFV_DIRTY_MAX, PLAN_GOOD);
	KUNIT_ASSERT_EQ(test, (ssize_t)0, plan_post(fe, &op, buf, NULL));
	KUNIT_EXPECT_EQ(test, 1U, fake_qp_sends(fe->qp));
	KUNIT_EXPECT_EQ(test, (u32)KFV_DIRTY_MAX, fe->priv->commit->dirty.n);
}

/* Whoever was refused has changed nothing. */
static void plan_refused_test(struct kunit *test)
{
	const struct plan_case op = {
		.flags = FENCED, .ranges = 1, .len = 64, .bits = PLAN_GOOD,
	};
	struct fixture_ep *fe = plan_ep(test, BY_FLUSH);
	void *buf = fixture_kmalloc(test, 64);

	plan_before(fe, 3, PLAN_GOOD);
	fake_qp_refuse(fe->qp, 0, 1, -ENOMEM);
	KUNIT_EXPECT_EQ(test, (ssize_t)-ENOMEM, plan_post(fe, &op, buf, NULL));
	KUNIT_EXPECT_EQ(test, 3U, fe->priv->commit->dirty.n);
	KUNIT_EXPECT_EQ(test, (ssize_t)0, plan_post(fe, &op, buf, NULL));
	KUNIT_EXPECT_EQ(test, 5U, fake_qp_sends(fe->qp));
	KUNIT_EXPECT_EQ(test, 0U, fe->priv->commit->dirty.n);
}

/* Injected data waits in the place of the request that comes back last. */
static void plan_inject_test(struct kunit *test)
{
	struct fixture_ep *fe = plan_ep(test, BY_FLUSH);
	struct kfv_queue *sq = &fe->priv->sq;
	u32 last = sq->head + 1;
	struct fake_wr *wr;

	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			plan_post_value(fe, 0x40, COMMIT | KFI_INJECT));
	KUNIT_ASSERT_EQ(test, 2U, fake_qp_sends(fe->qp));
	wr = fake_qp_send(fe->qp, 0);
	KUNIT_EXPECT_EQ(test, 0, wr->send_flags);
	KUNIT_EXPECT_EQ(test, sq->bounce_dma + kfv_queue_bounce(sq, last),
			wr->sge[0].addr);
	KUNIT_EXPECT_MEMEQ(test, &plan_value,
			   (void *)(uintptr_t)wr->sge[0].addr, 8);
	KUNIT_EXPECT_EQ(test, FLUSH, fake_qp_send(fe->qp, 1)->opcode);
}

/* Where an acknowledgment is not visibility, nothing pushes everything before. */
static void plan_delivery_of_all_test(struct kunit *test)
{
	static const u32 peers[] = { KFV_WIRE_F_FLUSH, BY_FLUSH };
	static const ssize_t rcs[] = { -EOPNOTSUPP, 0 };
	const struct plan_case op = {
		.flags = DELIVERY | KFI_FENCE, .ranges = 1, .bits = PLAN_GOOD,
	};
	struct fixture_ep *fe;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(peers); i++) {
		fe = plan_ep(test, peers[i]);
		plan_before(fe, 1, PLAN_GOOD);
		KUNIT_EXPECT_EQ(test, rcs[i], plan_post(fe, &op, NULL, NULL));
		KUNIT_EXPECT_EQ(test, (u32)!rcs[i], fake_qp_sends(fe->qp));
		KUNIT_EXPECT_EQ(test, 1U, fe->priv->commit->dirty.n);
	}
}

static struct kunit_case plan_kunit_cases[] = {
	KUNIT_CASE_PARAM(plan_test, plan_gen_params),
	KUNIT_CASE(plan_atomic_test),
	KUNIT_CASE(plan_unaligned_test),
	KUNIT_CASE(plan_cannot_post_test),
	KUNIT_CASE_PARAM(plan_halves_flush_test, plan_halves_gen_params),
	KUNIT_CASE_PARAM(plan_halves_cpu_test, plan_halves_gen_params),
	KUNIT_CASE_PARAM(plan_settle_test, plan_settle_gen_params),
	KUNIT_CASE(plan_settle_fenced_test),
	KUNIT_CASE(plan_settle_mixed_test),
	KUNIT_CASE(plan_settle_not_test),
	KUNIT_CASE(plan_refused_test),
	KUNIT_CASE(plan_inject_test),
	KUNIT_CASE(plan_delivery_of_all_test),
	{}
};

static struct kunit_suite plan_suite = {
	.name = "kfi_verbs_plan",
	.test_cases = plan_kunit_cases,
};

kunit_test_suite(plan_suite);
