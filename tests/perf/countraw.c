// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Raw verbs that are counted
 *
 * Purpose: the least that a kernel ULP does for an operation, which kfabric is
 * compared with.
 *
 * Operation: a request of the ULP has its work request, scatter/gather element and
 * completion in it, made when the request was. What changes from one operation to
 * the next is filled in: which bytes, where to, under which key. Memory is mapped
 * for the device beforehand. The completion handler finds the request, looks at the
 * status and marks the request as done, for a thread that looks at the mark. There
 * is one thread that posts, so there is no lock.
 *
 * Where completions are polled the thread takes them out of the device itself, into
 * memory of the ULP. It knows what it waits for, so nothing is called for them.
 *
 * Requests in a chain were linked when they were made; one post, one completion.
 * Injected writes carry their data in the work request; each quarter of the queue
 * one has a completion, by which the ULP knows that there is room.
 */
#include <linux/container_of.h>
#include <linux/minmax.h>
#include <linux/slab.h>

#include "count.h"
#include "null.h"
#include "perf.h"
#include "raw.h"

#define KFP_COUNTRAW_WCS	16

/**
 * struct kfp_countraw_req - a request
 * @cqe: its completion
 * @wr: work request
 * @sge: its data
 * @done: it is done; after @status
 * @status: with what
 */
struct kfp_countraw_req {
	struct ib_cqe cqe;
	struct ib_rdma_wr wr;
	struct ib_sge sge;
	bool done;
	enum ib_wc_status status;
};

/**
 * struct kfp_countraw_recv - a receive
 * @cqe: its completion
 * @wr: work request
 * @sge: where its data goes
 * @done: it is done; after @status
 * @status: with what
 */
struct kfp_countraw_recv {
	struct ib_cqe cqe;
	struct ib_recv_wr wr;
	struct ib_sge sge;
	bool done;
	enum ib_wc_status status;
};

/**
 * struct kfp_countraw - requests that are used again and again
 * @write: RDMA WRITE
 * @read: RDMA READ
 * @send: SEND
 * @silent: SEND without a completion
 * @inject: RDMA WRITE with its data
 * @injected: how many since the last completion
 * @chain: RDMA WRITEs, linked
 * @recv: a receive of the peer
 * @wcs: completions that were polled
 */
struct kfp_countraw {
	struct kfp_countraw_req write;
	struct kfp_countraw_req read;
	struct kfp_countraw_req send;
	struct kfp_countraw_req silent;
	struct kfp_countraw_req inject;
	u32 injected;
	struct kfp_countraw_req chain[KFP_COUNT_CHAIN];
	struct kfp_countraw_recv recv;
	struct ib_wc wcs[KFP_COUNTRAW_WCS];
};

static void kfp_countraw_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct kfp_countraw_req *req = container_of(wc->wr_cqe,
						    struct kfp_countraw_req,
						    cqe);

	req->status = wc->status;
	/* pairs with the acquire of who polls */
	smp_store_release(&req->done, true);
}

static void kfp_countraw_recv_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct kfp_countraw_recv *recv = container_of(wc->wr_cqe,
						      struct kfp_countraw_recv,
						      cqe);

	recv->status = wc->status;
	/* pairs with the acquire of who polls */
	smp_store_release(&recv->done, true);
}

static int kfp_countraw_poll(const struct kfp_countraw_req *req)
{
	/* pairs with kfp_countraw_done() */
	if (!smp_load_acquire(&req->done))
		return 0;
	return unlikely(req->status) ? -EIO : 1;
}

static void kfp_countraw_fill(struct kfp_countraw_req *req, u64 addr, u32 len,
			      u64 remote, u32 rkey)
{
	req->sge.addr = addr;
	req->sge.length = len;
	req->wr.remote_addr = remote;
	req->wr.rkey = rkey;
}

static int kfp_countraw_rdma(struct ib_qp *qp, struct kfp_countraw_req *req,
			     u64 addr, u32 len, u64 remote, u32 rkey)
{
	kfp_countraw_fill(req, addr, len, remote, rkey);
	req->done = false;
	return ib_post_send(qp, &req->wr.wr, NULL);
}

static int kfp_countraw_write(struct kfp *perf)
{
	struct kfp_raw *raw = perf->raw;

	return kfp_countraw_rdma(raw->a.qp, &perf->countraw->write, raw->src,
				 perf->len, raw->iova, raw->mr->rkey);
}

static int kfp_countraw_write_poll(struct kfp *perf)
{
	return kfp_countraw_poll(&perf->countraw->write);
}

static int kfp_countraw_read(struct kfp *perf)
{
	struct kfp_raw *raw = perf->raw;

	return kfp_countraw_rdma(raw->a.qp, &perf->countraw->read, raw->src,
				 perf->len, raw->iova, raw->mr->rkey);
}

static int kfp_countraw_read_poll(struct kfp *perf)
{
	return kfp_countraw_poll(&perf->countraw->read);
}

static int kfp_countraw_message(struct ib_qp *qp, struct kfp_countraw_req *req,
				u64 addr, u32 len)
{
	req->sge.addr = addr;
	req->sge.length = len;
	req->done = false;
	return ib_post_send(qp, &req->wr.wr, NULL);
}

static int kfp_countraw_send(struct kfp *perf)
{
	return kfp_countraw_message(perf->raw->a.qp, &perf->countraw->send,
				    perf->raw->src, perf->len);
}

static int kfp_countraw_send_poll(struct kfp *perf)
{
	return kfp_countraw_poll(&perf->countraw->send);
}

static int kfp_countraw_send_silent(struct kfp *perf)
{
	return kfp_countraw_message(perf->raw->a.qp, &perf->countraw->silent,
				    perf->raw->src, perf->len);
}

static int kfp_countraw_receive(struct ib_qp *qp,
				struct kfp_countraw_recv *recv, u64 addr,
				u32 len)
{
	recv->sge.addr = addr;
	recv->sge.length = len;
	recv->done = false;
	return ib_post_recv(qp, &recv->wr, NULL);
}

/* Where it goes to does not matter: there is only the null device. */
static int kfp_countraw_recv(struct kfp *perf)
{
	return kfp_countraw_receive(perf->raw->b.qp, &perf->countraw->recv,
				    perf->raw->src, perf->len);
}

static int kfp_countraw_recv_poll(struct kfp *perf)
{
	struct kfp_countraw_recv *recv = &perf->countraw->recv;

	/* pairs with kfp_countraw_recv_done() */
	if (!smp_load_acquire(&recv->done))
		return 0;
	return unlikely(recv->status) ? -EIO : 1;
}

static int kfp_countraw_inject(struct kfp *perf, const void *buf, u64 remote)
{
	struct kfp_countraw *count = perf->countraw;
	struct kfp_countraw_req *req = &count->inject;

	kfp_countraw_fill(req, (uintptr_t)buf, perf->len, remote,
			  perf->raw->mr->rkey);
	req->wr.wr.send_flags = IB_SEND_INLINE;
	if (++count->injected == KFP_COUNT_INJECTS) {
		count->injected = 0;
		req->wr.wr.send_flags |= IB_SEND_SIGNALED;
	}
	return ib_post_send(perf->raw->a.qp, &req->wr.wr, NULL);
}

static int kfp_countraw_injects(struct kfp *perf)
{
	u64 remote = perf->raw->iova;
	u8 *buf = perf->src;
	int rc = 0;
	u32 i;

	for (i = 0; !rc && i < KFP_COUNT_INJECTS; i++) {
		rc = kfp_countraw_inject(perf, buf, remote);
		buf += perf->len;
		remote += perf->len;
	}
	return rc;
}

static int kfp_countraw_chain(struct kfp *perf)
{
	struct kfp_countraw_req *chain = perf->countraw->chain;
	struct kfp_raw *raw = perf->raw;
	u64 remote = raw->iova;
	u64 addr = raw->src;
	u32 i;

	for (i = 0; i < KFP_COUNT_CHAIN; i++) {
		kfp_countraw_fill(&chain[i], addr, perf->len, remote,
				  raw->mr->rkey);
		addr += perf->len;
		remote += perf->len;
	}
	chain[KFP_COUNT_CHAIN - 1].done = false;
	return ib_post_send(raw->a.qp, &chain->wr.wr, NULL);
}

static int kfp_countraw_chain_poll(struct kfp *perf)
{
	return kfp_countraw_poll(&perf->countraw->chain[KFP_COUNT_CHAIN - 1]);
}

/* As many as there are, of which the last one is that of @cqe */
static int kfp_countraw_take(struct kfp_countraw *count, struct ib_cq *cq,
			     const struct ib_cqe *cqe)
{
	struct ib_wc *wcs = count->wcs;
	int n = ib_poll_cq(cq, KFP_COUNTRAW_WCS, wcs);
	int i;

	for (i = 0; i < n; i++) {
		if (unlikely(wcs[i].status))
			return -EIO;
		if (wcs[i].wr_cqe == cqe)
			return 1;
	}
	return 0;
}

static int kfp_countraw_take_send(struct kfp *perf,
				  const struct kfp_countraw_req *req)
{
	return kfp_countraw_take(perf->countraw, perf->raw->a.cq, &req->cqe);
}

static int kfp_countraw_write_take(struct kfp *perf)
{
	return kfp_countraw_take_send(perf, &perf->countraw->write);
}

static int kfp_countraw_read_take(struct kfp *perf)
{
	return kfp_countraw_take_send(perf, &perf->countraw->read);
}

static int kfp_countraw_send_take(struct kfp *perf)
{
	return kfp_countraw_take_send(perf, &perf->countraw->send);
}

static int kfp_countraw_recv_take(struct kfp *perf)
{
	return kfp_countraw_take(perf->countraw, perf->raw->b.cq,
				 &perf->countraw->recv.cqe);
}

static int kfp_countraw_inject_take(struct kfp *perf)
{
	return kfp_countraw_take_send(perf, &perf->countraw->inject);
}

static int kfp_countraw_chain_take(struct kfp *perf)
{
	return kfp_countraw_take_send(perf, &perf->countraw->chain[KFP_COUNT_CHAIN - 1]);
}

static void kfp_countraw_init(const struct kfp_raw *raw,
			      struct kfp_countraw_req *req,
			      enum ib_wr_opcode opcode, int flags)
{
	req->cqe.done = kfp_countraw_done;
	req->sge.lkey = raw->pd->local_dma_lkey;
	req->wr.wr = (struct ib_send_wr) {
		.wr_cqe = &req->cqe,
		.opcode = opcode,
		.send_flags = flags,
		.sg_list = &req->sge,
		.num_sge = 1,
	};
}

static void kfp_countraw_init_all(struct kfp_countraw *count,
				  const struct kfp_raw *raw)
{
	u32 i;

	kfp_countraw_init(raw, &count->write, IB_WR_RDMA_WRITE, IB_SEND_SIGNALED);
	kfp_countraw_init(raw, &count->read, IB_WR_RDMA_READ, IB_SEND_SIGNALED);
	kfp_countraw_init(raw, &count->send, IB_WR_SEND, IB_SEND_SIGNALED);
	kfp_countraw_init(raw, &count->silent, IB_WR_SEND, 0);
	kfp_countraw_init(raw, &count->inject, IB_WR_RDMA_WRITE, 0);
	for (i = 0; i < KFP_COUNT_CHAIN; i++) {
		kfp_countraw_init(raw, &count->chain[i], IB_WR_RDMA_WRITE, 0);
		if (i)
			count->chain[i - 1].wr.wr.next = &count->chain[i].wr.wr;
	}
	count->chain[KFP_COUNT_CHAIN - 1].wr.wr.send_flags = IB_SEND_SIGNALED;

	count->recv.cqe.done = kfp_countraw_recv_done;
	count->recv.sge.lkey = raw->pd->local_dma_lkey;
	count->recv.wr = (struct ib_recv_wr) {
		.wr_cqe = &count->recv.cqe,
		.sg_list = &count->recv.sge,
		.num_sge = 1,
	};
}

static int kfp_countraw_open_one(struct kfp_countraw **count,
				 const struct kfp_raw *raw)
{
	*count = kzalloc(sizeof(**count), GFP_KERNEL);
	if (!*count)
		return -ENOMEM;
	kfp_countraw_init_all(*count, raw);
	return kfp_null_add(raw->a.qp) ?: kfp_null_add(raw->b.qp);
}

/**
 * kfp_countraw_open - make the requests
 * @perf: the command; perf->raw and perf->direct are open, and the null device
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int kfp_countraw_open(struct kfp *perf)
{
	return kfp_countraw_open_one(&perf->countraw, perf->raw) ?:
	       kfp_countraw_open_one(&perf->countraw_direct, perf->direct);
}

/**
 * kfp_countraw_close - free the requests
 * @perf: the command; none is in flight
 *
 * Context: process.
 */
void kfp_countraw_close(struct kfp *perf)
{
	kfree(perf->countraw_direct);
	perf->countraw_direct = NULL;
	kfree(perf->countraw);
	perf->countraw = NULL;
}

/**
 * kfp_countraw_swap - exchange the pair that is polled for the other one
 * @perf: the command
 *
 * Context: any.
 */
void kfp_countraw_swap(struct kfp *perf)
{
	swap(perf->raw, perf->direct);
	swap(perf->countraw, perf->countraw_direct);
}

const struct kfp_count_op kfp_countraw_ops[] = {
	{ "raw-write", kfp_countraw_write, kfp_countraw_write_poll, 1 },
	{ "raw-read", kfp_countraw_read, kfp_countraw_read_poll, 1,
	  .moves = KFP_COUNT_IN },
	{ "raw-send", kfp_countraw_send, kfp_countraw_send_poll, 1,
	  .before = kfp_countraw_recv, .after = kfp_countraw_recv_poll,
	  .null_only = true },
	{ "raw-recv", kfp_countraw_recv, kfp_countraw_recv_poll, 1,
	  .between = kfp_countraw_send_silent, .null_only = true },
	{ "raw-inject", kfp_countraw_injects, NULL, KFP_COUNT_INJECTS,
	  .max_len = KFP_COUNT_MAX_INJECT },
	{ "raw-chain", kfp_countraw_chain, kfp_countraw_chain_poll,
	  KFP_COUNT_CHAIN },
	{ "raw-polled-write", kfp_countraw_write, kfp_countraw_write_take, 1,
	  .polled = true },
	{ "raw-polled-read", kfp_countraw_read, kfp_countraw_read_take, 1,
	  .moves = KFP_COUNT_IN, .polled = true },
	{ "raw-polled-send", kfp_countraw_send, kfp_countraw_send_take, 1,
	  .before = kfp_countraw_recv, .after = kfp_countraw_recv_poll,
	  .null_only = true, .polled = true },
	{ "raw-polled-recv", kfp_countraw_recv, kfp_countraw_recv_take, 1,
	  .between = kfp_countraw_send_silent, .null_only = true,
	  .polled = true },
	{ "raw-polled-inject", kfp_countraw_injects, kfp_countraw_inject_take,
	  KFP_COUNT_INJECTS, .max_len = KFP_COUNT_MAX_INJECT,
	  .polled = true },
	{ "raw-polled-chain", kfp_countraw_chain, kfp_countraw_chain_take,
	  KFP_COUNT_CHAIN, .polled = true },
};

const u32 kfp_countraw_op_count = ARRAY_SIZE(kfp_countraw_ops);
