// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Commit requests of a peer, well-behaved or not: what it says decides about
 * nothing but the answer, and what is no request ends the connection. Fixture: a
 * connected endpoint and a region of persistent memory.
 */
#include <linux/ioport.h>

#include "fixture_pmem.h"

#define LEN		(2 * PAGE_SIZE)
#define ACCESS		(KFI_REMOTE_WRITE | KFI_REMOTE_READ)
/* more than is served in the completion handler */
#define LONG_LEN	SZ_2M

static struct fixture_ep *serve_ep(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .pmem = true };

	return fixture_ep_connect(fixture_new(test), &attr);
}

static struct kfid_mr *serve_mr(struct fixture_ep *fe, size_t len, u8 **mem)
{
	*mem = fixture_pmem(fe->f->test, len, IORES_DESC_PERSISTENT_MEMORY);
	return fixture_pmem_reg(fe->f, *mem, len, ACCESS);
}

static void serve_add(struct kfv_wire_msg *msg, u64 key, u64 start, u64 len)
{
	const struct kfv_range range = { key, start, start + len };

	kfv_wire_add_range(msg, &range);
}

static void serve_store(struct kfv_wire_msg *msg, u64 key, u64 start,
			const void *bytes, u8 len)
{
	msg->store_key = cpu_to_be64(key);
	msg->store_addr = cpu_to_be64(start);
	msg->store_len = len;
	memcpy(kfv_wire_store(msg), bytes, len);
}

/*
 * One request
 */

/**
 * struct serve_case - a request
 * @name: of the case
 * @n: ranges
 * @ranges: key_xor, start, end (for the length, which may wrap)
 * @store_xor: change of the key that is stored to
 * @store_at: where
 * @store_len: bytes
 * @status: what becomes of it
 */
struct serve_case {
	const char *name;
	u32 n;
	struct kfv_range ranges[3];
	u64 store_xor;
	u64 store_at;
	u8 store_len;
	u8 status;
};

static const struct serve_case serve_cases[] = {
	{ "nothing", .status = KFV_WIRE_OK },
	{ "a byte", 1, { { 0, 0, 1 } }, .status = KFV_WIRE_OK },
	{ "all", 1, { { 0, 0, LEN } }, .status = KFV_WIRE_OK },
	{ "the same twice", 2, { { 0, 0, LEN }, { 0, 0, LEN } },
	  .status = KFV_WIRE_OK },
	{ "an empty range", 1, { { 0, LEN, LEN } }, .status = KFV_WIRE_OK },
	{ "a store", 0, {}, 0, 8, 8, KFV_WIRE_OK },
	{ "a store of one byte at the end", 0, {}, 0, LEN - 1, 1,
	  KFV_WIRE_OK },
	{ "the longest store", 1, { { 0, 0, 1 } }, 0, 100, KFV_WIRE_STORE,
	  KFV_WIRE_OK },
	{ "a byte too much", 1, { { 0, 0, LEN + 1 } },
	  .status = KFV_WIRE_ACCESS },
	{ "the second is outside", 2, { { 0, 0, 1 }, { 0, LEN, LEN + 1 } },
	  .status = KFV_WIRE_ACCESS },
	{ "a range that wraps", 1, { { 0, 1, 0 } },
	  .status = KFV_WIRE_INVALID },
	{ "a range that wraps behind a good one", 2,
	  { { 0, 0, 1 }, { 0, U64_MAX, 8 } }, .status = KFV_WIRE_INVALID },
	{ "a range without end", 1, { { 0, 0, U64_MAX } },
	  .status = KFV_WIRE_ACCESS },
	{ "lengths that wrap together", 2,
	  { { 0, 0, U64_MAX }, { 0, 0, U64_MAX } },
	  .status = KFV_WIRE_ACCESS },
	{ "another key", 1, { { 0x100, 0, 1 } }, .status = KFV_WIRE_ACCESS },
	{ "another page offset", 1, { { BIT_ULL(50), 0, 1 } },
	  .status = KFV_WIRE_ACCESS },
	{ "undefined bits", 1, { { BIT_ULL(44), 0, 1 } },
	  .status = KFV_WIRE_ACCESS },
	{ "a store behind the end", 1, { { 0, 0, 1 } }, 0, LEN - 7, 8,
	  KFV_WIRE_ACCESS },
	{ "a store that wraps", 1, { { 0, 0, 1 } }, 0, U64_MAX - 3, 8,
	  KFV_WIRE_INVALID },
	{ "a store to another key", 1, { { 0, 0, 1 } }, 0x100, 0, 8,
	  KFV_WIRE_ACCESS },
	{ "a store with a bad range", 1, { { 0x100, 0, 1 } }, 0, 0, 8,
	  KFV_WIRE_ACCESS },
};

KUNIT_ARRAY_PARAM_DESC(serve, serve_cases, name);

static void serve_test(struct kunit *test)
{
	const struct serve_case *c = test->param_value;
	struct fixture_ep *fe = serve_ep(test);
	struct kfv_wire_msg *msg = fixture_request(test, 0xfffffff7);
	u8 *mem, bytes[KFV_WIRE_STORE];
	struct kfid_mr *mr = serve_mr(fe, LEN, &mem);
	u64 key = kfi_mr_key(mr);
	u32 i;

	memset(bytes, 0xab, sizeof(bytes));
	for (i = 0; i < c->n; i++)
		serve_add(msg, key ^ c->ranges[i].key, c->ranges[i].start,
			  c->ranges[i].end - c->ranges[i].start);
	if (c->store_len)
		serve_store(msg, key ^ c->store_xor, c->store_at, bytes,
			    c->store_len);
	fixture_ctl_ask(fe, msg);
	fixture_expect_reply(fe, 0xfffffff7, c->status);

	/* nothing is stored of what is not allowed as a whole */
	if (c->status)
		KUNIT_EXPECT_NULL(test, memchr_inv(mem, 0, LEN));
	else
		KUNIT_EXPECT_MEMEQ(test, bytes, mem + c->store_at,
				   c->store_len);
	KUNIT_EXPECT_EQ(test, 1U,
			refcount_read(&kfv_mr(&mr->fid)->users));
	KUNIT_EXPECT_EQ(test, (u64)!c->status, fe->priv->commit->served);
	KUNIT_EXPECT_EQ(test, (u64)!!c->status, fe->priv->commit->refused);
	/* the peer may go on, and has the place again */
	KUNIT_EXPECT_EQ(test, (u32)KFV_CTL_INBOX, fake_qp_recvs(fe->ctl));
	fixture_expect_no_event(fe);
}

/* As many ranges as there may be, each in a region of its own */
static void serve_many_test(struct kunit *test)
{
	struct fixture_ep *fe = serve_ep(test);
	struct kfv_wire_msg *msg = fixture_request(test, 1);
	struct kfid_mr *mr[KFV_WIRE_RANGES];
	u8 *mem;
	u32 i;

	for (i = 0; i < KFV_WIRE_RANGES; i++) {
		mr[i] = serve_mr(fe, PAGE_SIZE, &mem);
		serve_add(msg, kfi_mr_key(mr[i]), 0, 64);
	}
	serve_store(msg, kfi_mr_key(mr[0]), 0, "12345678", 8);
	fixture_ctl_ask(fe, msg);
	fixture_expect_reply(fe, 1, KFV_WIRE_OK);
	for (i = 0; i < KFV_WIRE_RANGES; i++)
		KUNIT_EXPECT_EQ(test, 1U,
				refcount_read(&kfv_mr(&mr[i]->fid)->users));
}

/* A region that may only be read, one of another domain, one that is closed */
static void serve_foreign_test(struct kunit *test)
{
	struct fixture_ep *fe = serve_ep(test);
	struct fixture *other = fixture_new(test);
	struct kfv_wire_msg *msg;
	struct kfid_mr *mr;
	u8 *mem = fixture_pmem(test, LEN, IORES_DESC_PERSISTENT_MEMORY);
	u64 keys[3];
	u32 i;

	keys[0] = kfi_mr_key(fixture_pmem_reg(fe->f, mem, LEN,
					      KFI_REMOTE_READ));
	/* the same rkeys are in use there */
	fixture_pmem_reg(other, mem, LEN, ACCESS);
	keys[1] = kfi_mr_key(fixture_pmem_reg(other, mem, LEN, ACCESS));
	KUNIT_ASSERT_EQ(test, 0, kfi_mr_reg(fe->f->domain, mem, LEN, ACCESS, 0,
					    0, KFI_RMA_PMEM, &mr, NULL));
	keys[2] = kfi_mr_key(mr);
	KUNIT_ASSERT_EQ(test, 0, kfi_close(&mr->fid));
	for (i = 0; i < 3; i++) {
		msg = fixture_request(test, i);
		serve_add(msg, keys[i], 0, 1);
		fixture_ctl_ask(fe, msg);
		fixture_expect_reply(fe, i, KFV_WIRE_ACCESS);
	}
	fixture_expect_no_event(fe);
}

/*
 * Order
 */

/* Answers come in the order of the requests, however long each takes. */
static void serve_order_test(struct kunit *test)
{
	struct fixture_ep *fe = serve_ep(test);
	struct kfv_wire_msg *msg;
	u8 *mem;
	u64 key = kfi_mr_key(serve_mr(fe, LONG_LEN, &mem));
	u32 i;

	for (i = 0; i < 8; i++) {
		msg = fixture_request(test, i);
		serve_add(msg, key, 0, i % 3 ? 1 : LONG_LEN);
		fake_qp_deliver(fe->ctl, msg, kfv_wire_msg_len(msg));
	}
	flush_work(&fe->priv->commit->ctl.work);
	for (i = 0; i < 8; i++)
		fixture_expect_reply(fe, i, KFV_WIRE_OK);
	KUNIT_EXPECT_TRUE(test, list_empty(&fe->priv->commit->ctl.backlog));
}

/* A request that waits keeps later ones waiting, the shortest too. */
static void serve_backlog_test(struct kunit *test)
{
	struct fixture_ep *fe = serve_ep(test);
	struct kfv_commit *commit = fe->priv->commit;
	struct kfv_ctl_recv *recvs = commit->ctl.recvs;
	struct kfv_wire_msg *msg;
	u8 *mem;
	u64 key = kfi_mr_key(serve_mr(fe, LONG_LEN, &mem));

	msg = kfv_ctl_inbox_msg(commit, &recvs[0]);
	*msg = (struct kfv_wire_msg) { .op = KFV_WIRE_COMMIT };
	serve_add(msg, key, 0, SZ_32K + 1);
	msg = kfv_ctl_inbox_msg(commit, &recvs[1]);
	*msg = (struct kfv_wire_msg) { .op = KFV_WIRE_COMMIT };
	serve_add(msg, key, 0, SZ_32K);

	/* as the completion handler does; the work item comes later */
	local_bh_disable();
	kfv_serve_request(commit, &recvs[0]);
	kfv_serve_request(commit, &recvs[1]);
	KUNIT_EXPECT_EQ(test, 0ULL, commit->served);
	local_bh_enable();
	flush_work(&commit->ctl.work);
	KUNIT_EXPECT_EQ(test, 2ULL, commit->served);
	kfv_serve_request(commit, &recvs[1]);
	KUNIT_EXPECT_EQ(test, 3ULL, commit->served);
}

/* The most work that there can be */
static void serve_huge_test(struct kunit *test)
{
	struct fixture_ep *fe = serve_ep(test);
	struct kfv_wire_msg *msg = fixture_request(test, 5);
	u8 *mem;
	u64 key = kfi_mr_key(serve_mr(fe, LONG_LEN, &mem));
	u32 i;

	for (i = 0; i < KFV_WIRE_RANGES; i++)
		serve_add(msg, key, 0, LONG_LEN);
	fixture_ctl_ask(fe, msg);
	fixture_expect_reply(fe, 5, KFV_WIRE_OK);
}

/* More requests than are allowed find no receive, and harm nobody. */
static void serve_flood_test(struct kunit *test)
{
	struct fixture_ep *fe = serve_ep(test);
	struct kfv_wire_msg *msg;
	u8 *mem;
	u64 key = kfi_mr_key(serve_mr(fe, LEN, &mem));
	u32 i;

	for (i = 0; i < KFV_CTL_INBOX; i++) {
		msg = fixture_request(test, i);
		serve_add(msg, key, 0, 1);
		fixture_ctl_ask(fe, msg);
	}
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_recvs(fe->ctl));
	KUNIT_ASSERT_EQ(test, (u32)KFV_CTL_INBOX, fake_qp_sends(fe->ctl));
	for (i = 0; i < KFV_CTL_INBOX; i++) {
		fixture_expect_reply(fe, i, KFV_WIRE_OK);
		KUNIT_EXPECT_EQ(test, i + 1, fake_qp_recvs(fe->ctl));
	}
	fixture_expect_no_event(fe);
}

/*
 * What is no request
 */

struct serve_junk_case {
	const char *name;
	u8 bytes[8];
	u32 len;
};

#define HEAD	sizeof(struct kfv_wire_msg)
#define RANGE	sizeof(struct kfv_wire_range)

static const struct serve_junk_case serve_junk_cases[] = {
	{ "nothing", {}, 0 },
	{ "a byte", { KFV_WIRE_COMMIT }, 1 },
	{ "a head cut off", { KFV_WIRE_COMMIT }, HEAD - 1 },
	{ "a byte more", { KFV_WIRE_COMMIT }, HEAD + 1 },
	{ "a range that is not there", { KFV_WIRE_COMMIT, 0, 1 }, HEAD },
	{ "a range cut off", { KFV_WIRE_COMMIT, 0, 1 }, HEAD + RANGE - 1 },
	{ "a store that is not there", { KFV_WIRE_COMMIT, 0, 0, 8 }, HEAD },
	{ "a store that is too long",
	  { KFV_WIRE_COMMIT, 0, 0, KFV_WIRE_STORE + 1 },
	  HEAD + KFV_WIRE_STORE + 1 },
	{ "a range too many", { KFV_WIRE_COMMIT, 0, KFV_WIRE_RANGES + 1 },
	  HEAD + (KFV_WIRE_RANGES + 1) * RANGE },
	{ "most ranges", { KFV_WIRE_COMMIT, 0, 255, 255 }, KFV_CTL_MSG },
	{ "a request with a status", { KFV_WIRE_COMMIT, 1 }, HEAD },
	{ "operation 0", { 0 }, HEAD },
	{ "operation 3", { 3 }, HEAD },
	{ "operation 255", { 255 }, HEAD },
};

KUNIT_ARRAY_PARAM_DESC(serve_junk, serve_junk_cases, name);

static void serve_junk_test(struct kunit *test)
{
	const struct serve_junk_case *c = test->param_value;
	struct fixture_ep *fe = serve_ep(test);
	u8 *msg = kunit_kzalloc(test, KFV_CTL_MSG, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, msg);
	memcpy(msg, c->bytes, sizeof(c->bytes));
	fake_qp_deliver(fe->ctl, msg, c->len);
	fixture_expect_shutdown(fe);
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fe->ctl));
	KUNIT_EXPECT_EQ(test, 0ULL, fe->priv->commit->served);
}

/*
 * The end
 */

/* What waits is not served any more, and closing does not wait for it. */
static void serve_dead_test(struct kunit *test)
{
	struct fixture_ep *fe = serve_ep(test);
	struct kfv_commit *commit = fe->priv->commit;
	struct kfv_wire_msg *msg = fixture_request(test, 1);
	u8 *mem;
	struct kfid_mr *mr = serve_mr(fe, LONG_LEN, &mem);

	kfv_commit_kill(commit);
	serve_add(msg, kfi_mr_key(mr), 0, LONG_LEN);
	fixture_ctl_ask(fe, msg);
	msg = fixture_request(test, 2);
	fixture_ctl_ask(fe, msg);
	KUNIT_EXPECT_EQ(test, 0U, fake_qp_sends(fe->ctl));
	KUNIT_EXPECT_EQ(test, 0ULL, commit->served);
	KUNIT_EXPECT_EQ(test, 0, fixture_ep_close(fe));
	KUNIT_EXPECT_EQ(test, 1U, refcount_read(&kfv_mr(&mr->fid)->users));
}

static void serve_reply_refused_test(struct kunit *test)
{
	struct fixture_ep *fe = serve_ep(test);

	fake_qp_refuse(fe->ctl, 0, 1, -ENOMEM);
	fixture_ctl_ask(fe, fixture_request(test, 1));
	fixture_expect_shutdown(fe);
}

static void serve_reply_fails_test(struct kunit *test)
{
	struct fixture_ep *fe = serve_ep(test);

	fixture_ctl_ask(fe, fixture_request(test, 1));
	fake_qp_fail(fe->ctl, IB_WC_RNR_RETRY_EXC_ERR);
	fixture_expect_shutdown(fe);
}

/* The receive cannot be posted again. */
static void serve_repost_refused_test(struct kunit *test)
{
	struct fixture_ep *fe = serve_ep(test);

	fixture_ctl_ask(fe, fixture_request(test, 1));
	fake_qp_refuse(fe->ctl, 0, 1, -ENOMEM);
	fake_qp_complete(fe->ctl, 1);
	fixture_expect_shutdown(fe);
}

static struct kunit_case serve_kunit_cases[] = {
	KUNIT_CASE_PARAM(serve_test, serve_gen_params),
	KUNIT_CASE(serve_many_test),
	KUNIT_CASE(serve_foreign_test),
	KUNIT_CASE(serve_order_test),
	KUNIT_CASE(serve_backlog_test),
	KUNIT_CASE(serve_huge_test),
	KUNIT_CASE(serve_flood_test),
	KUNIT_CASE_PARAM(serve_junk_test, serve_junk_gen_params),
	KUNIT_CASE(serve_dead_test),
	KUNIT_CASE(serve_reply_refused_test),
	KUNIT_CASE(serve_reply_fails_test),
	KUNIT_CASE(serve_repost_refused_test),
	{}
};

static struct kunit_suite serve_suite = {
	.name = "kfi_verbs_serve",
	.test_cases = serve_kunit_cases,
};

kunit_test_suite(serve_suite);
