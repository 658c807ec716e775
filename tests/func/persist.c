// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Writes that complete when they are durable or visible at the peer, by whatever
 * method the endpoint has; run.sh goes through all of them. That what completed
 * is durable is for tests/powercut to show.
 */
#include <linux/kernel.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "persist.h"

#define PERSIST_FENCED	(KFI_FENCE | KFI_COMMIT_COMPLETE | KFI_COMPLETION)
#define PERSIST_COMMIT	(KFI_COMMIT_COMPLETE | KFI_COMPLETION)

/**
 * persist_region - memory that passes for persistent, registered by t->b
 * @t: the case
 * @r: where to put it; freed with persist_free()
 * @len: bytes
 *
 * Return: true, or false after a complaint.
 */
bool persist_region(struct func *t, struct persist_region *r, size_t len)
{
	struct kvec iov;
	struct kfi_mr_attr attr = {
		.type = KFI_KVEC,
		.mr_iov = &iov,
		.iov_count = 1,
		.access = KFI_REMOTE_READ | KFI_REMOTE_WRITE,
	};
	int rc;

	r->mr = NULL;
	r->pmem = ktl_pmem_alloc(len);
	if (!CHECK_OK(t, PTR_ERR_OR_ZERO(r->pmem)))
		return false;
	iov.iov_base = r->pmem->mem;
	iov.iov_len = len;
	rc = kfi_mr_regattr(t->domain, &attr, KFI_RMA_PMEM, &r->mr);
	if (!CHECK_OK(t, rc)) {
		r->mr = NULL;
		return false;
	}
	r->key = kfi_mr_key(r->mr);
	return true;
}

/**
 * persist_free - undo persist_region()
 * @t: the case
 * @r: whatever persist_region() made of it
 */
void persist_free(struct func *t, struct persist_region *r)
{
	if (r->mr)
		CHECK_OK(t, kfi_close(&r->mr->fid));
	if (!IS_ERR_OR_NULL(r->pmem))
		ktl_pmem_free(r->pmem);
	r->mr = NULL;
	r->pmem = NULL;
}

/**
 * persist_method - how an endpoint commits
 * @t: the case
 * @ep: connected
 *
 * Return: the method.
 */
enum kfi_verbs_method persist_method(struct func *t, struct kfid_ep *ep)
{
	struct kfi_verbs_persistence p = {};
	struct kfi_verbs_ep_ops *ops;

	if (!CHECK_OK(t, kfi_open_ops(&ep->fid, KFI_VERBS_EP_OPS_1, 0,
				      (void **)&ops, NULL)) ||
	    !CHECK_OK(t, ops->get_persistence(&ep->fid, &p)) ||
	    !CHECK(t, p.why && *p.why))
		return KFI_VERBS_NONE;
	return p.commit;
}

/**
 * persist_write - write a buffer, and wait for it
 * @t: the case
 * @src: what to write
 * @at: where in the region
 * @key: of the region
 * @flags: of the operation
 *
 * Return: true, or false after a complaint.
 */
bool persist_write(struct func *t, const struct ktl_buf *src, u64 at, u64 key,
		   u64 flags)
{
	struct kfi_rma_iov iov = { .addr = at, .len = src->len, .key = key };
	struct kfi_msg_rma msg = func_msg_rma(src, &iov, 1, &iov);

	return CHECK_OK(t, kfi_writemsg(t->a.ep, &msg, flags)) &&
	       func_comp(t, t->a.tx_cq, &iov, FUNC_TX_WRITE, NULL);
}

/* A buffer of one piece */
static const void *persist_bytes(const struct ktl_buf *buf)
{
	return buf->mem[0] + buf->offset;
}

static bool persist_is(struct func *t, const struct persist_region *r, u64 at,
		       const struct ktl_buf *src)
{
	return CHECK(t, !memcmp(r->pmem->mem + at, persist_bytes(src), src->len));
}

/* With a region and a buffer to write from */
static void persist_with(struct func *t, size_t len,
			 void (*run)(struct func *t, struct persist_region *r,
				     struct ktl_buf *src))
{
	struct ktl_buf *src = func_buf(t, KTL_BUF_KMALLOC, len, len);
	struct persist_region r;

	if (src && persist_region(t, &r, len))
		run(t, &r, src);
	persist_free(t, &r);
}

/* What the two sides agreed upon is what they can do. */
static void persist_agreed(struct func *t)
{
	enum kfi_verbs_method method = persist_method(t, t->a.ep);

	CHECK(t, method != KFI_VERBS_NONE && method != KFI_VERBS_ACK);
	CHECK_EQ(t, persist_method(t, t->b.ep), method);
	CHECK(t, func_flush || method != KFI_VERBS_FLUSH);
	if (func_method)
		CHECK_EQ(t, method, func_method);
}

static void persist_commit_sizes(struct func *t, struct persist_region *r,
				 struct ktl_buf *src)
{
	static const size_t sizes[] = {
		1, 7, 8, 63, 64, 65, 4095, 4096, 4097, 65536, 98304,
	};
	static const u64 at[] = { 0, 1, 63, 64, 4095 };
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		for (j = 0; j < ARRAY_SIZE(at); j++) {
			ktl_buf_use(src, 0, sizes[i]);
			ktl_buf_fill(src, ++t->seed);
			if (!persist_write(t, src, at[j], r->key,
					   PERSIST_COMMIT) ||
			    !persist_is(t, r, at[j], src))
				return;
		}
	}
}

static void persist_commit(struct func *t)
{
	persist_with(t, SZ_128K, persist_commit_sizes);
}

static void persist_do_defaults(struct func *t, struct persist_region *r,
				struct ktl_buf *src)
{
	u64 flags = KFI_TRANSMIT | KFI_COMMIT_COMPLETE;

	ktl_buf_use(src, 0, 100);
	ktl_buf_fill(src, ++t->seed);
	if (!CHECK_OK(t, kfi_control(&t->a.ep->fid, KFI_SETOPSFLAG, &flags)) ||
	    !CHECK_OK(t, kfi_write(t->a.ep, src->mem[0], src->len, NULL, 0, 5,
				   r->key, src)) ||
	    !func_comp(t, t->a.tx_cq, src, FUNC_TX_WRITE, NULL))
		return;
	persist_is(t, r, 5, src);
	/* messages and reads know no such level */
	func_alive(t, &t->a, &t->b);
	CHECK_OK(t, kfi_read(t->a.ep, src->mem[0], src->len, NULL, 0, 5, r->key,
			     src));
	func_comp(t, t->a.tx_cq, src, FUNC_TX_READ, NULL);
}

/* The level as a default of the endpoint */
static void persist_defaults(struct func *t)
{
	persist_with(t, SZ_4K, persist_do_defaults);
}

/* A log of plain writes, and one commit of all of it */
static void persist_do_fence(struct func *t, struct persist_region *r,
			     struct ktl_buf *src)
{
	u32 i;

	ktl_buf_use(src, 0, 64);
	ktl_buf_fill(src, ++t->seed);
	for (i = 0; i < 64; i++)
		if (!persist_write(t, src, 64 * i + i, r->key, KFI_COMPLETION))
			return;
	ktl_buf_use(src, 0, 0);
	if (!persist_write(t, src, 0, r->key, PERSIST_FENCED))
		return;
	/* nothing is left to commit now */
	persist_write(t, src, 0, r->key, PERSIST_FENCED);
	ktl_buf_use(src, 0, 64);
	for (i = 0; i < 64; i++)
		persist_is(t, r, 64 * i + i, src);
}

static void persist_fence(struct func *t)
{
	persist_with(t, SZ_8K, persist_do_fence);
}

/* Records, then a pointer that is never durable before them */
static void persist_do_pointer(struct func *t, struct persist_region *r,
			       struct ktl_buf *src)
{
	u64 *pointer = src->mem[0], i;

	for (i = 1; i <= 100; i++) {
		ktl_buf_use(src, 0, 200);
		ktl_buf_fill(src, ++t->seed);
		if (!persist_write(t, src, 64 + i * 7, r->key, KFI_COMPLETION) ||
		    !persist_is(t, r, 64 + i * 7, src))
			return;
		ktl_buf_use(src, 0, sizeof(*pointer));
		*pointer = i;
		if (!persist_write(t, src, 8, r->key, PERSIST_FENCED) ||
		    !CHECK_EQ(t, ((u64 *)r->pmem->mem)[1], i))
			return;
	}
}

static void persist_pointer(struct func *t)
{
	persist_with(t, SZ_8K, persist_do_pointer);
}

/* Eight bytes for two places that are near each other, the later one first */
static void persist_two_places(struct func *t, struct persist_region *r,
			       struct ktl_buf *src)
{
	struct kfi_rma_iov iov[2] = {
		{ .addr = 200, .len = 4, .key = r->key },
		{ .addr = 104, .len = 4, .key = r->key },
	};
	struct kfi_msg_rma msg;
	int rc;

	ktl_buf_use(src, 0, 8);
	ktl_buf_fill(src, ++t->seed);
	memset(r->pmem->mem, 0, 256);
	msg = func_msg_rma(src, iov, 2, iov);
	rc = kfi_writemsg(t->a.ep, &msg, PERSIST_FENCED);
	if (persist_method(t, t->a.ep) == KFI_VERBS_RESPONDER) {
		CHECK_EQ(t, rc, -EOPNOTSUPP);
		return;
	}
	if (CHECK_OK(t, rc) &&
	    func_comp(t, t->a.tx_cq, iov, FUNC_TX_WRITE, NULL)) {
		CHECK(t, !memcmp(r->pmem->mem + 200, src->mem[0], 4));
		CHECK(t, !memcmp(r->pmem->mem + 104, src->mem[0] + 4, 4));
		CHECK_EQ(t, *(u32 *)(r->pmem->mem + 108), 0);
	}
}

static void persist_places(struct func *t)
{
	persist_with(t, SZ_4K, persist_two_places);
}

/* What a fenced commit may carry, in one piece and in several */
static void persist_do_fenced_data(struct func *t, struct persist_region *r,
				   struct ktl_buf *src)
{
	static const size_t sizes[] = { 1, 8, 9, 63, 64 };
	struct kfi_rma_iov iov = { .addr = 1, .len = 65, .key = r->key };
	struct kfi_msg_rma msg;
	size_t i;
	int rc;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		ktl_buf_use(src, 0, sizes[i]);
		ktl_buf_fill(src, ++t->seed);
		if (!persist_write(t, src, 4090, r->key, PERSIST_FENCED) ||
		    !persist_is(t, r, 4090, src))
			return;
	}
	ktl_buf_use(src, 0, 65);
	ktl_buf_fill(src, ++t->seed);
	msg = func_msg_rma(src, &iov, 1, &iov);
	rc = kfi_writemsg(t->a.ep, &msg, PERSIST_FENCED);
	if (persist_method(t, t->a.ep) == KFI_VERBS_RESPONDER) {
		CHECK_EQ(t, rc, -EMSGSIZE);
		func_no_comp(t, t->a.tx_cq);
		return;
	}
	if (CHECK_OK(t, rc) &&
	    func_comp(t, t->a.tx_cq, &iov, FUNC_TX_WRITE, NULL))
		persist_is(t, r, 1, src);
}

static void persist_fenced_data(struct func *t)
{
	persist_with(t, SZ_8K, persist_do_fenced_data);
}

/* Commits and plain operations complete in the order of their posts. */
static void persist_do_order(struct func *t, struct persist_region *r,
			     struct ktl_buf *src)
{
	struct kfi_rma_iov iov = { .len = 32, .key = r->key };
	struct kfi_msg_rma msg;
	char *tags = src->mem[0];
	u32 round, i;

	ktl_buf_use(src, 0, 32);
	for (round = 0; round < 20; round++) {
		for (i = 0; i < 12; i++) {
			iov.addr = 100 * i;
			msg = func_msg_rma(src, &iov, 1, tags + i);
			if (!CHECK_OK(t, kfi_writemsg(t->a.ep, &msg, i % 3 ?
						      KFI_COMPLETION :
						      PERSIST_COMMIT)))
				return;
		}
		for (i = 0; i < 12; i++)
			if (!func_comp(t, t->a.tx_cq, tags + i, FUNC_TX_WRITE,
				       NULL))
				return;
	}
}

static void persist_order(struct func *t)
{
	persist_with(t, SZ_4K, persist_do_order);
}

/* Posts until the queue pushes back; each one that was taken completes. */
static void persist_do_flood(struct func *t, struct persist_region *r,
			     struct ktl_buf *src)
{
	struct kfi_rma_iov iov = { .len = 64, .key = r->key };
	struct kfi_msg_rma msg;
	u32 posted = 0, done = 0;
	int rc;

	ktl_buf_use(src, 0, 64);
	msg = func_msg_rma(src, &iov, 1, src);
	while (posted < 2000) {
		iov.addr = 64 * (posted % 64);
		rc = kfi_writemsg(t->a.ep, &msg, PERSIST_COMMIT);
		if (!rc) {
			posted++;
			continue;
		}
		if (!CHECK_EQ(t, rc, -EAGAIN) || !CHECK(t, done < posted) ||
		    !func_comp(t, t->a.tx_cq, src, FUNC_TX_WRITE, NULL))
			return;
		done++;
	}
	for (; done < posted; done++)
		if (!func_comp(t, t->a.tx_cq, src, FUNC_TX_WRITE, NULL))
			return;
	func_no_comp(t, t->a.tx_cq);
}

static void persist_flood(struct func *t)
{
	persist_with(t, SZ_4K, persist_do_flood);
}

/* More regions than are kept apart, then a commit of all of them */
static void persist_many_regions(struct func *t)
{
	struct persist_region regions[40] = {};
	struct ktl_buf *src = func_buf(t, KTL_BUF_KMALLOC, SZ_4K, 0);
	u32 i;

	if (!src)
		return;
	ktl_buf_use(src, 0, 100);
	ktl_buf_fill(src, ++t->seed);
	for (i = 0; i < ARRAY_SIZE(regions); i++) {
		if (!persist_region(t, &regions[i], SZ_4K) ||
		    !persist_write(t, src, i, regions[i].key, KFI_COMPLETION))
			goto free;
	}
	ktl_buf_use(src, 0, 0);
	persist_write(t, src, 0, regions[0].key, PERSIST_FENCED);
	ktl_buf_use(src, 0, 100);
	for (i = 0; i < ARRAY_SIZE(regions); i++)
		persist_is(t, &regions[i], i, src);
free:
	for (i = 0; i < ARRAY_SIZE(regions); i++)
		persist_free(t, &regions[i]);
}

/* Several pieces here and there, injected bytes, bytes nobody is told of */
static void persist_do_shapes(struct func *t, struct persist_region *r,
			      struct ktl_buf *src)
{
	struct kfi_rma_iov iov[3] = {
		{ .addr = 10, .len = 100, .key = r->key },
		{ .addr = 3000, .len = 1, .key = r->key },
		{ .addr = 9000, .len = 3995, .key = r->key },
	};
	struct kfi_msg_rma msg;

	ktl_buf_use(src, 0, SZ_4K);
	ktl_buf_fill(src, ++t->seed);
	msg = func_msg_rma(src, iov, 3, src);
	if (!CHECK_OK(t, kfi_writemsg(t->a.ep, &msg, PERSIST_COMMIT)) ||
	    !func_comp(t, t->a.tx_cq, src, FUNC_TX_WRITE, NULL))
		return;
	CHECK(t, !memcmp(r->pmem->mem + 10, src->mem[0], 100));
	CHECK(t, !memcmp(r->pmem->mem + 3000, src->mem[0] + 100, 1));
	CHECK(t, !memcmp(r->pmem->mem + 9000, src->mem[0] + 101, 3995));

	ktl_buf_use(src, 0, 40);
	ktl_buf_fill(src, ++t->seed);
	if (persist_write(t, src, 500, r->key, PERSIST_COMMIT | KFI_INJECT))
		persist_is(t, r, 500, src);
	CHECK_OK(t, kfi_inject_write(t->a.ep, src->mem[0], 40, 0, 600, r->key));
	ktl_buf_use(src, 0, 0);
	persist_write(t, src, 0, r->key, PERSIST_FENCED);
	ktl_buf_use(src, 0, 40);
	persist_is(t, r, 600, src);
}

static void persist_shapes(struct func *t)
{
	persist_with(t, SZ_16K, persist_do_shapes);
}

/* The peer hears of a committed write after it is durable, once. */
static bool persist_tell(struct func *t, struct persist_region *r,
			 struct ktl_buf *src, u64 flags)
{
	struct ktl_buf *sink = func_buf(t, KTL_BUF_KMALLOC, 64, 0);
	struct kfi_rma_iov iov = { .addr = 1, .len = src->len, .key = r->key };
	struct kfi_cq_tagged_entry entry;
	struct kfi_msg_rma msg;

	if (!sink)
		return false;
	ktl_buf_fill(src, ++t->seed);
	msg = func_msg_rma(src, &iov, 1, src);
	msg.data = 0x12345678;
	return CHECK_OK(t, kfi_recv(t->b.ep, sink->mem[0], 64, NULL, 0, sink)) &&
	       CHECK_OK(t, kfi_writemsg(t->a.ep, &msg, flags |
					KFI_REMOTE_CQ_DATA)) &&
	       func_comp(t, t->b.rx_cq, sink, FUNC_RX_WRITE, &entry) &&
	       CHECK_EQ(t, entry.data, 0x12345678) &&
	       persist_is(t, r, 1, src) &&
	       func_comp(t, t->a.tx_cq, src, FUNC_TX_WRITE, NULL) &&
	       func_no_comp(t, t->a.tx_cq) && func_no_comp(t, t->b.rx_cq);
}

static void persist_do_cq_data(struct func *t, struct persist_region *r,
			       struct ktl_buf *src)
{
	static const u64 flags[] = {
		PERSIST_COMMIT, PERSIST_FENCED, PERSIST_COMMIT | KFI_INJECT,
		KFI_COMPLETION | KFI_DELIVERY_COMPLETE,
	};
	static const size_t sizes[] = { 0, 8, 64 };
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		for (j = 0; j < ARRAY_SIZE(sizes); j++) {
			/* something for the fence to commit */
			ktl_buf_use(src, 0, 64);
			if (!persist_write(t, src, 1000, r->key, KFI_COMPLETION))
				return;
			ktl_buf_use(src, 0, sizes[j]);
			if (!persist_tell(t, r, src, flags[i]))
				return;
		}
	}
	ktl_buf_use(src, 0, SZ_64K - 1);
	persist_tell(t, r, src, PERSIST_COMMIT);
}

static void persist_cq_data(struct func *t)
{
	persist_with(t, SZ_64K, persist_do_cq_data);
}

/* What the endpoint is given to do in turn by persist_in_turn() */
static int persist_post_turn(struct func *t, struct persist_region *r,
			     struct ktl_buf *src, u32 i)
{
	struct kfi_rma_iov iov = { .addr = i, .len = 32, .key = r->key };
	struct kfi_msg_rma rma = func_msg_rma(src, &iov, 1, src);

	rma.data = i;
	switch (i % 4) {
	case 0:
	case 1:
		return kfi_writemsg(t->a.ep, &rma, KFI_REMOTE_CQ_DATA |
				    PERSIST_COMMIT);
	case 2:
		return kfi_senddata(t->a.ep, src->mem[0], 32, NULL, i, 0, src);
	default:
		return kfi_writemsg(t->a.ep, &rma, KFI_REMOTE_CQ_DATA |
				    KFI_COMPLETION);
	}
}

/* What has completed at the target: all in the order of the posts */
static bool persist_in_turn(struct func *t, struct ktl_buf *sink, u32 i)
{
	struct kfi_cq_tagged_entry entry;

	return func_comp(t, t->b.rx_cq, sink,
			 i % 4 == 2 ? FUNC_RX_DATA : FUNC_RX_WRITE, &entry) &&
	       CHECK_EQ(t, entry.data, i);
}

/*
 * Commits that the peer hears of, messages and plain writes: whoever is told that
 * it cannot be now tries again, and nothing is lost, told twice or out of order.
 */
static void persist_do_cq_order(struct func *t, struct persist_region *r,
				struct ktl_buf *src)
{
	struct ktl_buf *sink = func_buf(t, KTL_BUF_KMALLOC, 64, 0);
	unsigned long end = jiffies + 60 * HZ;
	u32 i = 0, done = 0;
	int rc;

	if (!sink)
		return;
	ktl_buf_use(src, 0, 32);
	for (; i < 8; i++)
		if (!CHECK_OK(t, kfi_recv(t->b.ep, sink->mem[0], 64, NULL, 0,
					  sink)))
			return;
	for (i = 0; done < 400;) {
		rc = i < done + 8 ? persist_post_turn(t, r, src, i) : -EAGAIN;
		if (!rc) {
			i++;
			continue;
		}
		if (!CHECK_EQ(t, rc, -EAGAIN) || !CHECK(t, i > done) ||
		    !CHECK(t, time_before(jiffies, end)))
			return;
		/* the answer makes room, not the completion; but that comes */
		if (!persist_in_turn(t, sink, done) ||
		    !func_comp(t, t->a.tx_cq, src, done % 4 == 2 ?
			       FUNC_TX_SEND : FUNC_TX_WRITE, NULL) ||
		    !CHECK_OK(t, kfi_recv(t->b.ep, sink->mem[0], 64, NULL, 0,
					  sink)))
			return;
		done++;
	}
}

static void persist_cq_order(struct func *t)
{
	persist_with(t, SZ_4K, persist_do_cq_order);
}

static void persist_do_delivery(struct func *t, struct persist_region *r,
				struct ktl_buf *src)
{
	u32 i;

	for (i = 1; i < 50; i++) {
		ktl_buf_use(src, 0, 11 * i);
		ktl_buf_fill(src, ++t->seed);
		if (!persist_write(t, src, i, r->key, KFI_COMPLETION |
				   KFI_DELIVERY_COMPLETE |
				   (i % 2 ? KFI_FENCE : 0)) ||
		    !persist_is(t, r, i, src))
			return;
	}
}

static void persist_delivery(struct func *t)
{
	persist_with(t, SZ_4K, persist_do_delivery);
}

/* Levels and places at random; what completed is there. */
static void persist_do_random(struct func *t, struct persist_region *r,
			      struct ktl_buf *src)
{
	static const u64 levels[] = {
		0, KFI_COMMIT_COMPLETE, KFI_DELIVERY_COMPLETE, KFI_FENCE,
		KFI_COMMIT_COMPLETE | KFI_INJECT,
	};
	size_t len, at;
	u64 level;
	u32 i;

	for (i = 0; i < 500; i++) {
		level = levels[func_random(t, ARRAY_SIZE(levels))];
		len = 1 + func_random(t, level & KFI_INJECT ? 100 : SZ_8K);
		at = func_random(t, SZ_64K - len);
		ktl_buf_use(src, 0, len);
		ktl_buf_fill(src, ++t->seed);
		if (!persist_write(t, src, at, r->key, level | KFI_COMPLETION) ||
		    !persist_is(t, r, at, src))
			return;
	}
}

static void persist_random(struct func *t)
{
	persist_with(t, SZ_64K, persist_do_random);
}

static const struct func_case persist_cases[] = {
	{ "agreed", persist_agreed, FUNC_PERSIST },
	{ "commit", persist_commit, FUNC_PERSIST },
	{ "defaults", persist_defaults, FUNC_PERSIST },
	{ "fence", persist_fence, FUNC_PERSIST },
	{ "pointer", persist_pointer, FUNC_PERSIST },
	{ "fenced_data", persist_fenced_data, FUNC_PERSIST },
	{ "places", persist_places, FUNC_PERSIST },
	{ "order", persist_order, FUNC_PERSIST },
	{ "flood", persist_flood, FUNC_PERSIST },
	{ "many_regions", persist_many_regions, FUNC_PERSIST },
	{ "shapes", persist_shapes, FUNC_PERSIST },
	{ "cq_data", persist_cq_data, FUNC_PERSIST,
	  .needs = FUNC_NEEDS_DATA },
	{ "cq_order", persist_cq_order, FUNC_PERSIST,
	  .needs = FUNC_NEEDS_DATA },
	{ "delivery", persist_delivery, FUNC_PERSIST },
	{ "random", persist_random, FUNC_PERSIST },
};

FUNC_SUITE(persist);
