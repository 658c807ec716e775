// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Whatever is outstanding when an endpoint goes down completes, exactly once,
 * and then its memory is left alone.
 */
#include <linux/delay.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "func.h"

#define FUNC_OPS	24

/**
 * struct func_tally - how often each operation has completed
 * @posted: operations accepted
 * @good: successes of each
 * @bad: failures of each
 * @buf: one of each
 */
struct func_tally {
	int posted;
	int good[FUNC_OPS];
	int bad[FUNC_OPS];
	u8 buf[FUNC_OPS][SZ_1K];
};

static int func_tally_index(struct func *t, struct func_tally *tally,
			    const void *context)
{
	long offset = (const u8 *)context - tally->buf[0];
	int i = offset / SZ_1K;

	if (!CHECK(t, offset >= 0 && offset % SZ_1K == 0 &&
		   i < tally->posted))
		return -1;
	return i;
}

/* Reads a queue until nothing has come for a while. */
static bool func_tally_read(struct func *t, struct func_tally *tally,
			    struct kfid_cq *cq, int *err)
{
	struct kfi_cq_err_entry bad;
	struct kfi_cq_tagged_entry good;
	ssize_t n;
	int i;

	while ((n = func_sread(t, cq, &good, 100)) != -EAGAIN) {
		bad = (struct kfi_cq_err_entry) {};
		if (n == 1) {
			i = func_tally_index(t, tally, good.op_context);
			if (i < 0)
				return false;
			tally->good[i]++;
		} else if (CHECK_EQ(t, n, -KFI_EAVAIL) &&
			   CHECK_EQ(t, kfi_cq_readerr(cq, &bad, 0), 1)) {
			i = func_tally_index(t, tally, bad.op_context);
			if (i < 0)
				return false;
			tally->bad[i]++;
			if (err && bad.err != ECANCELED)
				*err = bad.err;
			else
				CHECK_EQ(t, bad.err, ECANCELED);
		} else {
			return false;
		}
	}
	return true;
}

/* @good successes, the rest failed, each once. */
static bool func_tally_check(struct func *t, const struct func_tally *tally,
			     int good)
{
	int i, seen = 0;

	for (i = 0; i < tally->posted; i++) {
		if (!CHECK_EQ(t, tally->good[i] + tally->bad[i], 1))
			return FAIL(t, "operation %d of %d", i, tally->posted);
		seen += tally->good[i];
	}
	return CHECK_EQ(t, seen, good);
}

static bool func_post_recvs(struct func *t, struct func_tally *tally,
			    struct kfid_ep *ep)
{
	while (tally->posted < FUNC_OPS) {
		u8 *buf = tally->buf[tally->posted];

		if (!CHECK_OK(t, kfi_recv(ep, buf, SZ_1K, NULL,
					  KFI_ADDR_UNSPEC, buf)))
			return false;
		tally->posted++;
	}
	return true;
}

static bool func_post_sends(struct func *t, struct func_tally *tally,
			    struct kfid_ep *ep)
{
	while (tally->posted < FUNC_OPS) {
		u8 *buf = tally->buf[tally->posted];

		if (!CHECK_OK(t, kfi_send(ep, buf, SZ_1K, NULL,
					  KFI_ADDR_UNSPEC, buf)))
			return false;
		tally->posted++;
	}
	return true;
}

static void death_close_receives(struct func *t)
{
	struct func_tally *tally = func_alloc(t, sizeof(*tally));

	if (!tally || !func_post_recvs(t, tally, t->a.ep) ||
	    !func_close(t, &t->a.ep->fid) ||
	    !func_tally_read(t, tally, t->a.rx_cq, NULL))
		return;
	func_tally_check(t, tally, 0);
	func_dies(t, &t->b);
}

static void death_shutdown_receives(struct func *t)
{
	struct func_tally *a = func_alloc(t, sizeof(*a));
	struct func_tally *b = func_alloc(t, sizeof(*b));

	if (!a || !b || !func_post_recvs(t, a, t->a.ep) ||
	    !func_post_recvs(t, b, t->b.ep) ||
	    !CHECK_OK(t, kfi_shutdown(t->a.ep, 0)) || !func_broken(t) ||
	    !func_tally_read(t, a, t->a.rx_cq, NULL) ||
	    !func_tally_read(t, b, t->b.rx_cq, NULL))
		return;
	func_tally_check(t, a, 0);
	func_tally_check(t, b, 0);
}

/* Sends that wait for receives are cancelled; their buffers are ours again. */
static void death_close_sends(struct func *t)
{
	struct func_tally *tally = func_alloc(t, sizeof(*tally));

	if (!tally || !func_post_sends(t, tally, t->a.ep))
		return;
	usleep_range(5000, 10000);
	if (!func_close(t, &t->a.ep->fid) ||
	    !func_tally_read(t, tally, t->a.tx_cq, NULL))
		return;
	func_tally_check(t, tally, 0);
	func_dies(t, &t->b);
}

/* The peer goes away while sends wait for its receives. */
static void death_peer_closes(struct func *t)
{
	struct func_tally *tally = func_alloc(t, sizeof(*tally));
	int err = 0;

	if (!tally || !func_post_sends(t, tally, t->a.ep))
		return;
	usleep_range(5000, 10000);
	if (!func_close(t, &t->b.ep->fid) || !func_dies(t, &t->a) ||
	    !func_tally_read(t, tally, t->a.tx_cq, &err))
		return;
	func_tally_check(t, tally, 0);
}

/* Some were received, the rest were not: the books are right on both sides. */
static void death_half_way(struct func *t)
{
	struct func_tally *a = func_alloc(t, sizeof(*a));
	struct func_tally *b = func_alloc(t, sizeof(*b));
	struct kfi_cq_tagged_entry entry;
	int i;

	if (!a || !b || !func_post_recvs(t, b, t->b.ep))
		return;
	for (i = 0; i < 7; i++) {
		if (!CHECK_OK(t, kfi_send(t->a.ep, a->buf[i], SZ_1K, NULL,
					  KFI_ADDR_UNSPEC, a->buf[i])))
			return;
		a->posted++;
	}
	for (i = 0; i < 7; i++) {
		if (!func_comp(t, t->a.tx_cq, a->buf[i], FUNC_TX_SEND, &entry))
			return;
		a->good[i]++;
	}
	if (!CHECK_OK(t, kfi_shutdown(t->a.ep, 0)) || !func_broken(t) ||
	    !func_tally_read(t, a, t->a.tx_cq, NULL) ||
	    !func_tally_read(t, b, t->b.rx_cq, NULL))
		return;
	func_tally_check(t, a, 7);
	func_tally_check(t, b, 7);
}

/* One bad operation: it says why, those behind it are cancelled. */
static void death_first_of_many(struct func *t)
{
	struct func_tally *tally = func_alloc(t, sizeof(*tally));
	u8 *mem = func_alloc(t, 64);
	struct kfid_mr *mr;
	int err = 0;

	if (!tally || !mem)
		return;
	mr = func_open_mr(t, t->domain, mem, 64, KFI_REMOTE_WRITE);
	if (!mr ||
	    !CHECK_OK(t, kfi_write(t->a.ep, tally->buf[0], SZ_1K, NULL,
				   KFI_ADDR_UNSPEC, 0, kfi_mr_key(mr),
				   tally->buf[0])))
		return;
	tally->posted = 1;
	while (tally->posted < FUNC_OPS) {
		u8 *buf = tally->buf[tally->posted];

		if (kfi_write(t->a.ep, buf, 1, NULL, KFI_ADDR_UNSPEC, 0,
			      kfi_mr_key(mr), buf))
			break;
		tally->posted++;
	}
	if (!func_dies(t, &t->a) || !func_dies(t, &t->b) ||
	    !func_tally_read(t, tally, t->a.tx_cq, &err))
		return;
	CHECK_EQ(t, err, EACCES);
	func_tally_check(t, tally, 0);
	CHECK(t, !memchr_inv(mem, 0, 64));
}

/* After the completion of a cancelled receive nothing lands in its buffer. */
static void death_buffer_is_ours(struct func *t)
{
	struct func_tally *a = func_alloc(t, sizeof(*a));
	struct func_tally *b = func_alloc(t, sizeof(*b));
	int err = 0;

	if (!a || !b)
		return;
	memset(a->buf, 0x77, sizeof(a->buf));
	if (!func_post_recvs(t, b, t->b.ep) || !func_post_sends(t, a, t->a.ep))
		return;
	if (!func_close(t, &t->b.ep->fid) ||
	    !func_tally_read(t, b, t->b.rx_cq, NULL))
		return;
	memset(b->buf, 0x11, sizeof(b->buf));
	if (!func_tally_read(t, a, t->a.tx_cq, &err))
		return;
	msleep(20);
	CHECK(t, !memchr_inv(b->buf, 0x11, sizeof(b->buf)));
	CHECK_EQ(t, a->posted, FUNC_OPS);
}

/* An endpoint closes although nobody reads its completions. */
static void death_unread(struct func *t)
{
	struct func_tally *tally = func_alloc(t, sizeof(*tally));

	if (!tally || !func_post_recvs(t, tally, t->a.ep))
		return;
	func_close_end(t, &t->a);
	func_close_end(t, &t->b);
}

/* Selective or injected: what fails is told even if success would not be. */
static void death_silent_operations(struct func *t)
{
	struct kfi_msg msg = { .type = KFI_KVEC, .context = t };
	struct func_opts opts = { .tx_flags = KFI_SELECTIVE_COMPLETION };
	struct func_end a = {}, b = {};

	if (!func_pair(t, &a, &b, &opts))
		return;
	CHECK_OK(t, kfi_sendmsg(a.ep, &msg, 0));
	usleep_range(5000, 10000);
	if (func_close(t, &a.ep->fid))
		func_comp_err(t, a.tx_cq, t, ECANCELED);
	func_no_comp(t, a.tx_cq);
}

static const struct func_case death_cases[] = {
	{ "close_receives", death_close_receives, FUNC_PAIR },
	{ "shutdown_receives", death_shutdown_receives, FUNC_PAIR },
	{ "close_sends", death_close_sends, FUNC_PAIR,
	  .needs = FUNC_NEEDS_WAITING },
	{ "peer_closes", death_peer_closes, FUNC_PAIR,
	  .needs = FUNC_NEEDS_WAITING },
	{ "half_way", death_half_way, FUNC_PAIR },
	{ "first_of_many", death_first_of_many, FUNC_PAIR,
	  .needs = FUNC_NEEDS_TELLING },
	{ "buffer_is_ours", death_buffer_is_ours, FUNC_PAIR },
	{ "unread", death_unread, FUNC_PAIR },
	{ "silent_operations", death_silent_operations, FUNC_DOMAIN,
	  .needs = FUNC_NEEDS_WAITING },
};

FUNC_SUITE(death);
