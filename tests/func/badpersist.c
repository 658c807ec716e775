// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Persistence where there is none: memory, endpoints and regions that cannot
 * be committed, and what becomes of operations when the peer goes away.
 */
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "persist.h"

#define BADPERSIST_COMMIT	(KFI_COMMIT_COMPLETE | KFI_COMPLETION)

static int badpersist_write(struct func *t, const struct ktl_buf *src, u64 at,
			    u64 key, u64 flags)
{
	struct kfi_rma_iov iov = { .addr = at, .len = src->len, .key = key };
	struct kfi_msg_rma msg = func_msg_rma(src, &iov, 1, t);

	return kfi_writemsg(t->a.ep, &msg, flags);
}

/* Who does not ask for it does not get it. */
static void badpersist_not_asked(struct func *t)
{
	CHECK(t, !(t->info->caps & KFI_RMA_PMEM));
}

static void badpersist_hints(struct func *t)
{
	struct kfi_info *hints = kfi_allocinfo(), *info;

	if (!CHECK(t, hints))
		return;
	hints->caps = KFI_MSG | KFI_RMA;
	hints->ep_attr->type = KFI_EP_MSG;
	hints->domain_attr->mr_mode = KFI_MR_PROV_KEY;
	hints->tx_attr->op_flags = KFI_COMMIT_COMPLETE;
	CHECK_EQ(t, kfi_getinfo(KFI_VERSION(1, 7), func_node, NULL, KFI_SOURCE,
				hints, &info), -ENODATA);
	hints->caps |= KFI_RMA_PMEM;
	if (CHECK_OK(t, kfi_getinfo(KFI_VERSION(1, 7), func_node, NULL,
				    KFI_SOURCE, hints, &info))) {
		CHECK(t, info->caps & KFI_RMA_PMEM);
		CHECK(t, info->tx_attr->op_flags & KFI_COMMIT_COMPLETE);
		kfi_freeinfo(info);
	}
	kfi_freeinfo(hints);
}

/* Ordinary memory, alone and beside persistent memory */
static void badpersist_memory(struct func *t)
{
	struct ktl_pmem *pmem = ktl_pmem_alloc(SZ_4K);
	void *dram = func_alloc(t, SZ_4K);
	struct kvec iov[2] = {};
	struct kfi_mr_attr attr = {
		.type = KFI_KVEC,
		.mr_iov = iov,
		.iov_count = 1,
		.access = KFI_REMOTE_WRITE,
	};
	struct kfid_mr *mr;
	u32 i;

	if (!dram || !CHECK_OK(t, PTR_ERR_OR_ZERO(pmem)))
		return;
	iov[0].iov_len = SZ_4K;
	iov[1].iov_len = SZ_4K;
	/* again and again: what a region was used for must not matter */
	for (i = 0; i < 50; i++) {
		iov[0].iov_base = dram;
		CHECK_EQ(t, kfi_mr_regattr(t->domain, &attr, KFI_RMA_PMEM, &mr),
			 -EINVAL);
		if (CHECK_OK(t, kfi_mr_regattr(t->domain, &attr, 0, &mr)))
			CHECK_OK(t, kfi_close(&mr->fid));
		iov[0].iov_base = pmem->mem;
		if (CHECK_OK(t, kfi_mr_regattr(t->domain, &attr, KFI_RMA_PMEM,
					       &mr)))
			CHECK_OK(t, kfi_close(&mr->fid));
	}
	attr.iov_count = 2;
	iov[1].iov_base = dram;
	CHECK(t, kfi_mr_regattr(t->domain, &attr, KFI_RMA_PMEM, &mr) < 0);
	ktl_pmem_free(pmem);
}

/* Commits of memory that was not registered as persistent */
static void badpersist_key(struct func *t)
{
	struct ktl_buf *src = func_buf(t, KTL_BUF_KMALLOC, SZ_4K, 0);
	void *dram = func_alloc(t, SZ_4K);
	struct kfid_mr *mr;
	u64 key;

	if (!src || !dram)
		return;
	mr = func_open_mr(t, t->domain, dram, SZ_4K, KFI_REMOTE_WRITE);
	if (!mr)
		return;
	key = kfi_mr_key(mr);
	CHECK_EQ(t, badpersist_write(t, src, 0, key, BADPERSIST_COMMIT),
		 -EINVAL);
	CHECK_EQ(t, badpersist_write(t, src, 0, key, BADPERSIST_COMMIT |
				     KFI_FENCE), -EINVAL);
	func_no_comp(t, t->a.tx_cq);
	/* plain writes and visibility are for any memory */
	CHECK_OK(t, badpersist_write(t, src, 0, key, KFI_COMPLETION));
	func_comp(t, t->a.tx_cq, t, FUNC_TX_WRITE, NULL);
	func_alive(t, &t->a, &t->b);
}

/* Commits on an endpoint that was opened without, which delivers all the same */
static void badpersist_endpoint(struct func *t)
{
	struct ktl_buf *src = func_buf(t, KTL_BUF_KMALLOC, SZ_4K, 0);
	u64 flags = KFI_TRANSMIT | KFI_COMMIT_COMPLETE;
	struct persist_region r;

	if (src && persist_region(t, &r, SZ_4K)) {
		CHECK_EQ(t, badpersist_write(t, src, 0, r.key,
					     BADPERSIST_COMMIT), -EOPNOTSUPP);
		CHECK_EQ(t, persist_method(t, t->a.ep), KFI_VERBS_NONE);
		CHECK_EQ(t, kfi_control(&t->a.ep->fid, KFI_SETOPSFLAG, &flags),
			 -KFI_EBADFLAGS);
		func_no_comp(t, t->a.tx_cq);
		CHECK_OK(t, badpersist_write(t, src, 0, r.key, KFI_COMPLETION |
					     KFI_DELIVERY_COMPLETE));
		func_comp(t, t->a.tx_cq, t, FUNC_TX_WRITE, NULL);
		func_alive(t, &t->a, &t->b);
	}
	persist_free(t, &r);
}

/* Only one side was opened with KFI_RMA_PMEM: nobody commits anything. */
static void badpersist_one_side(struct func *t)
{
	struct ktl_buf *src = func_buf(t, KTL_BUF_KMALLOC, 64, 0);
	struct kfi_info *info = func_dupinfo(t, t->info);
	struct persist_region r;

	if (!src || !info || !func_listen(t, &t->listener, func_node) ||
	    !persist_region(t, &r, SZ_4K))
		return;
	info->caps |= KFI_RMA_PMEM;
	if (func_open_end(t, &t->a, t->domain, info, NULL) &&
	    func_connect(t, &t->a, &t->listener) &&
	    func_accept(t, &t->listener, &t->b, NULL) &&
	    func_connected(t, &t->a, &t->b)) {
		CHECK_EQ(t, persist_method(t, t->a.ep), KFI_VERBS_NONE);
		CHECK_EQ(t, persist_method(t, t->b.ep), KFI_VERBS_NONE);
		CHECK_EQ(t, badpersist_write(t, src, 0, r.key,
					     BADPERSIST_COMMIT), -EOPNOTSUPP);
		CHECK_OK(t, badpersist_write(t, src, 0, r.key, KFI_COMPLETION));
		func_comp(t, t->a.tx_cq, t, FUNC_TX_WRITE, NULL);
		func_alive(t, &t->a, &t->b);
	}
	persist_free(t, &r);
}

/* The region goes between a write and the commit of it. */
static void badpersist_closed_region(struct func *t)
{
	struct ktl_buf *src = func_buf(t, KTL_BUF_KMALLOC, 64, 0);
	struct persist_region r;

	if (!src || !persist_region(t, &r, SZ_4K))
		return;
	if (persist_method(t, t->a.ep) == KFI_VERBS_NONE)
		return;
	if (persist_write(t, src, 0, r.key, KFI_COMPLETION)) {
		persist_free(t, &r);
		ktl_buf_use(src, 0, 0);
		CHECK_OK(t, badpersist_write(t, src, 0, r.key, KFI_FENCE |
					     BADPERSIST_COMMIT));
		func_comp_lost(t, t->a.tx_cq, t, EACCES);
		func_dies(t, &t->a);
	}
	persist_free(t, &r);
}

/* Beyond the end of the region */
static void badpersist_range(struct func *t)
{
	struct ktl_buf *src = func_buf(t, KTL_BUF_KMALLOC, 64, 0);
	struct persist_region r;

	if (src && persist_region(t, &r, SZ_4K)) {
		CHECK_OK(t, badpersist_write(t, src, SZ_4K - 63, r.key,
					     BADPERSIST_COMMIT));
		func_comp_lost(t, t->a.tx_cq, t, EACCES);
		func_dies(t, &t->a);
		CHECK_EQ(t, *(u8 *)(r.pmem->mem + SZ_4K - 1), 0);
	}
	persist_free(t, &r);
}

/*
 * Commits are under way when an endpoint is closed: each completes, once. The
 * writes are through by then: soft-RoCE uses a queue pair after it is freed if
 * packets come for it while it is destroyed (rxe_resp_queue_pkt()).
 */
static void badpersist_close_side(struct func *t, struct func_end *closed)
{
	struct ktl_buf *src = func_buf(t, KTL_BUF_KMALLOC, 64, 0);
	struct kfi_cq_tagged_entry entry;
	struct kfi_cq_err_entry err;
	struct persist_region r;
	u32 posted = 0, done = 0;
	ssize_t n;

	if (!src || !persist_region(t, &r, SZ_4K))
		return;
	while (posted < 3 &&
	       !badpersist_write(t, src, 0, r.key, BADPERSIST_COMMIT))
		posted++;
	done = func_comp(t, t->a.tx_cq, t, FUNC_TX_WRITE, NULL);
	CHECK(t, func_close(t, &closed->ep->fid));
	while (done < posted) {
		n = func_read(t, t->a.tx_cq, &entry);
		if (n == -KFI_EAVAIL)
			n = kfi_cq_readerr(t->a.tx_cq, &err, 0);
		if (!CHECK_EQ(t, n, 1))
			break;
		done++;
	}
	func_no_comp(t, t->a.tx_cq);
	persist_free(t, &r);
}

static void badpersist_close_initiator(struct func *t)
{
	badpersist_close_side(t, &t->a);
}

static void badpersist_close_target(struct func *t)
{
	badpersist_close_side(t, &t->b);
}

/* What an operation of @context ends in: 1, 0 after an error, or a complaint */
static int badpersist_end(struct func *t, struct kfid_cq *cq, const void *context)
{
	struct kfi_cq_tagged_entry entry;
	struct kfi_cq_err_entry err = {};
	ssize_t n = func_read(t, cq, &entry);

	if (n == 1)
		return CHECK(t, entry.op_context == context) ? 1 : -EINVAL;
	if (!CHECK_EQ(t, n, -KFI_EAVAIL) ||
	    !CHECK_EQ(t, kfi_cq_readerr(cq, &err, 0), 1) ||
	    !CHECK(t, err.op_context == context))
		return -EINVAL;
	return 0;
}

/* A commit that the peer is told of, and then one side hangs up after a while */
static bool badpersist_told_pair(struct func *t, struct ktl_buf *src,
				 u64 key, u32 round)
{
	struct kfi_rma_iov iov = { .len = src->len, .key = key };
	struct kfi_msg_rma msg = func_msg_rma(src, &iov, 1, t);
	struct func_end a = {}, b = {};
	int told, over;

	if (!func_pair(t, &a, &b, NULL) ||
	    !CHECK_OK(t, kfi_recv(b.ep, src->mem[0], 0, NULL, 0, src)) ||
	    !CHECK_OK(t, kfi_writemsg(a.ep, &msg, KFI_REMOTE_CQ_DATA |
				      BADPERSIST_COMMIT)))
		return false;
	usleep_range(30 * round, 30 * round + 10);
	/* the peer may have been faster, if it was told of it */
	kfi_shutdown(round % 2 ? a.ep : b.ep, 0);
	over = badpersist_end(t, a.tx_cq, t);
	told = badpersist_end(t, b.rx_cq, src);
	return CHECK(t, over >= 0 && told >= 0) &&
	       /* who has it acknowledged, has told the peer */
	       CHECK(t, told || !over) &&
	       func_dies(t, &a) && func_dies(t, &b) &&
	       func_close_end(t, &a) && func_close_end(t, &b);
}

/* Each completes once at each side, whenever that is. */
static void badpersist_close_told(struct func *t)
{
	struct ktl_buf *src = func_buf(t, KTL_BUF_KMALLOC, 64, 0);
	struct persist_region r;
	u32 i = 0;

	if (!src)
		return;
	if (persist_region(t, &r, SZ_4K))
		while (i < 40 && badpersist_told_pair(t, src, r.key, i))
			i++;
	persist_free(t, &r);
}

/* The only method that is allowed is one that there is not. */
static void badpersist_unable(struct func *t)
{
	struct ktl_buf *src = func_buf(t, KTL_BUF_KMALLOC, 64, 0);
	struct persist_region r;

	if (src && persist_region(t, &r, SZ_4K)) {
		CHECK_EQ(t, persist_method(t, t->a.ep), KFI_VERBS_NONE);
		CHECK_EQ(t, badpersist_write(t, src, 0, r.key,
					     BADPERSIST_COMMIT), -EOPNOTSUPP);
		func_alive(t, &t->a, &t->b);
	}
	persist_free(t, &r);
}

/* The wrong name, and before there is anything to tell */
static void badpersist_ops(struct func *t)
{
	struct kfi_verbs_persistence p;
	struct kfi_verbs_ep_ops *ops;
	struct func_end end = {};

	if (!func_open_end(t, &end, t->domain, t->info, NULL))
		return;
	CHECK_EQ(t, kfi_open_ops(&end.ep->fid, "verbs_ep_ops_v0", 0,
				 (void **)&ops, NULL), -ENOSYS);
	CHECK_EQ(t, kfi_open_ops(&end.ep->fid, KFI_VERBS_EP_OPS_1, 1,
				 (void **)&ops, NULL), -KFI_EBADFLAGS);
	if (CHECK_OK(t, kfi_open_ops(&end.ep->fid, KFI_VERBS_EP_OPS_1, 0,
				     (void **)&ops, NULL)))
		CHECK_EQ(t, ops->get_persistence(&end.ep->fid, &p), -ENOTCONN);
}

/* A control queue pair takes some of the private data. */
static void badpersist_private_data(struct func *t)
{
	struct func_end end = {};
	size_t size = 0, len = sizeof(size);
	char data[64] = {};

	if (!func_listen(t, &t->listener, func_node) ||
	    !func_open_end(t, &end, t->domain, t->info, NULL))
		return;
	CHECK_OK(t, kfi_getopt(&end.ep->fid, KFI_OPT_ENDPOINT,
			       KFI_OPT_CM_DATA_SIZE, &size, &len));
	CHECK_EQ(t, size, 48);
	t->info->caps |= KFI_RMA_PMEM;
	memset(&end, 0, sizeof(end));
	if (!func_open_end(t, &end, t->domain, t->info, NULL))
		return;
	CHECK_OK(t, kfi_getopt(&end.ep->fid, KFI_OPT_ENDPOINT,
			       KFI_OPT_CM_DATA_SIZE, &size, &len));
	CHECK_EQ(t, size, 40);
	CHECK_EQ(t, kfi_connect(end.ep, &t->listener.name, data, 41), -EINVAL);
	CHECK_OK(t, kfi_connect(end.ep, &t->listener.name, data, 40));
}

/*
 * The target's administrator takes back what peers rely on: they hear of it by
 * losing their connections.
 */
static void badpersist_lapse(struct func *t)
{
	CHECK_EQ(t, persist_method(t, t->a.ep), KFI_VERBS_READ);
	ktl_session_puts(t->session, "ready\n");
	func_broken(t);
}

static const struct func_case badpersist_cases[] = {
	{ "not_asked", badpersist_not_asked, FUNC_NONE },
	{ "hints", badpersist_hints, FUNC_NONE },
	{ "memory", badpersist_memory, FUNC_DOMAIN },
	{ "key", badpersist_key, FUNC_PERSIST },
	{ "endpoint", badpersist_endpoint, FUNC_PAIR },
	{ "one_side", badpersist_one_side, FUNC_DOMAIN },
	{ "closed_region", badpersist_closed_region, FUNC_PERSIST },
	{ "range", badpersist_range, FUNC_PERSIST },
	{ "close_initiator", badpersist_close_initiator, FUNC_PERSIST },
	{ "close_target", badpersist_close_target, FUNC_PERSIST },
	{ "close_told", badpersist_close_told, FUNC_PERSIST,
	  .needs = FUNC_NEEDS_DATA },
	{ "ops", badpersist_ops, FUNC_DOMAIN },
	{ "private_data", badpersist_private_data, FUNC_DOMAIN },
	{ "unable", badpersist_unable, FUNC_PERSIST, true },
	{ "lapse", badpersist_lapse, FUNC_PERSIST, true },
};

FUNC_SUITE(badpersist);
