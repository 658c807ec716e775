// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Operations of raw verbs
 *
 * Purpose: the work as a kernel ULP that is written for verbs does it: what
 * belongs together is one chain and one post, and only what is waited for has a
 * completion.
 *
 * Operation: "write, send, flush by the CPU" is what there is without FLUSH: a
 * message behind the write says which bytes, the CPU of the other side writes
 * them back out of the completion handler, and answers.
 */
#include <linux/libnvdimm.h>

#include "perf.h"
#include "raw.h"

static struct ib_sge kfp_raw_sge(const struct kfp_raw *raw, u32 offset, u32 len)
{
	return (struct ib_sge) {
		.addr = raw->src + offset,
		.length = len,
		.lkey = raw->pd->local_dma_lkey,
	};
}

static struct ib_flush_wr kfp_raw_flush_wr(struct kfp_raw *raw, u32 len)
{
	return (struct ib_flush_wr) {
		.wr.opcode = IB_WR_FLUSH,
		.wr.send_flags = IB_SEND_SIGNALED,
		.wr.wr_cqe = &raw->cqe,
		.remote_addr = raw->iova,
		.length = len,
		.rkey = raw->mr->rkey,
		.type = IB_FLUSH_GLOBAL | IB_FLUSH_PERSISTENT,
		.level = IB_FLUSH_RANGE,
	};
}

static int kfp_raw_post(struct kfp_raw *raw, struct ib_send_wr *wr)
{
	raw->done = false;
	return ib_post_send(raw->a.qp, wr, NULL);
}

static int kfp_raw_do_write(struct kfp_raw *raw)
{
	struct ib_sge sge = kfp_raw_sge(raw, 0, raw->perf->len);
	struct ib_rdma_wr wr = {
		.wr.opcode = IB_WR_RDMA_WRITE,
		.wr.send_flags = IB_SEND_SIGNALED,
		.wr.wr_cqe = &raw->cqe,
		.wr.sg_list = &sge,
		.wr.num_sge = 1,
		.remote_addr = raw->iova,
		.rkey = raw->mr->rkey,
	};

	return kfp_raw_post(raw, &wr.wr);
}

static int kfp_raw_do_flush(struct kfp_raw *raw)
{
	struct ib_sge sge = kfp_raw_sge(raw, 0, raw->perf->len);
	struct ib_flush_wr flush = kfp_raw_flush_wr(raw, raw->perf->len);
	struct ib_rdma_wr wr = {
		.wr.next = &flush.wr,
		.wr.opcode = IB_WR_RDMA_WRITE,
		.wr.sg_list = &sge,
		.wr.num_sge = 1,
		.remote_addr = raw->iova,
		.rkey = raw->mr->rkey,
	};

	return kfp_raw_post(raw, &wr.wr);
}

/* A message, with a completion now and then so that the queue is emptied */
static struct ib_send_wr kfp_raw_send_wr(struct kfp_raw_side *side,
					 struct ib_sge *sge)
{
	bool signal = ++side->sends % KFP_RAW_SIGNAL == 0;

	return (struct ib_send_wr) {
		.wr_cqe = &side->raw->sent,
		.opcode = IB_WR_SEND,
		.send_flags = (signal ? IB_SEND_SIGNALED : 0) |
			      (sge ? IB_SEND_INLINE : 0),
		.sg_list = sge,
		.num_sge = sge ? 1 : 0,
	};
}

static int kfp_raw_do_ask(struct kfp_raw *raw)
{
	struct ib_sge sge = kfp_raw_sge(raw, 0, raw->perf->len);
	struct kfp_raw_ask ask = { .len = raw->perf->len };
	struct ib_sge ask_sge = {
		.addr = (uintptr_t)&ask,
		.length = sizeof(ask),
	};
	struct ib_send_wr send = kfp_raw_send_wr(&raw->a, &ask_sge);
	struct ib_rdma_wr wr = {
		.wr.next = &send,
		.wr.opcode = IB_WR_RDMA_WRITE,
		.wr.sg_list = &sge,
		.wr.num_sge = 1,
		.remote_addr = raw->iova,
		.rkey = raw->mr->rkey,
	};

	return kfp_raw_post(raw, &wr.wr);
}

/**
 * kfp_raw_post_recv - post a receive, for the first time or again
 * @recv: the receive
 *
 * Context: any.
 * Return: 0 or a negative errno.
 */
int kfp_raw_post_recv(struct kfp_raw_recv *recv)
{
	struct ib_recv_wr wr = {
		.wr_cqe = &recv->cqe,
		.sg_list = &recv->sge,
		.num_sge = 1,
	};

	return ib_post_recv(recv->side->qp, &wr, NULL);
}

/* The peer asks for bytes to be written back. */
static int kfp_raw_serve(struct kfp_raw_recv *recv)
{
	struct ib_send_wr wr = kfp_raw_send_wr(recv->side, NULL);
	const struct kfp_raw_ask *ask = &recv->ask;
	int rc;

	if (ask->len > KFP_AREA || ask->offset > KFP_AREA - ask->len)
		return -EINVAL;
	arch_wb_cache_pmem(recv->side->raw->perf->pmem->mem + ask->offset,
			   ask->len);
	pmem_wmb();
	rc = kfp_raw_post_recv(recv);
	return rc ?: ib_post_send(recv->side->qp, &wr, NULL);
}

/**
 * kfp_raw_recv_done - a message has come
 * @cq: where
 * @wc: its completion
 *
 * Context: completion handler.
 */
void kfp_raw_recv_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct kfp_raw_recv *recv = container_of(wc->wr_cqe,
						  struct kfp_raw_recv, cqe);
	struct kfp_raw *raw = recv->side->raw;

	if (wc->status) {
		kfp_raw_finish(raw, wc->status);
	} else if (recv->side == &raw->b) {
		if (kfp_raw_serve(recv))
			kfp_raw_finish(raw, IB_WC_GENERAL_ERR);
	} else {
		kfp_raw_finish(raw, kfp_raw_post_recv(recv) ?
				IB_WC_GENERAL_ERR : IB_WC_SUCCESS);
	}
}

/* Writes one behind the other; the last one is still to be ended. */
static struct ib_rdma_wr *kfp_raw_chain(struct kfp_raw *raw)
{
	u32 len = raw->perf->len;
	struct ib_rdma_wr *wr;
	u32 i;

	for (i = 0; i < KFP_BATCH; i++) {
		wr = &raw->wrs[i];
		raw->sges[i] = kfp_raw_sge(raw, i * len, len);
		*wr = (struct ib_rdma_wr) {
			.wr.next = &wr[1].wr,
			.wr.opcode = IB_WR_RDMA_WRITE,
			.wr.sg_list = &raw->sges[i],
			.wr.num_sge = 1,
			.remote_addr = raw->iova + i * len,
			.rkey = raw->mr->rkey,
		};
	}
	return &raw->wrs[KFP_BATCH - 1];
}

static int kfp_raw_batch(struct kfp *perf)
{
	struct ib_rdma_wr *last = kfp_raw_chain(perf->raw);

	last->wr.next = NULL;
	last->wr.send_flags = IB_SEND_SIGNALED;
	last->wr.wr_cqe = &perf->raw->cqe;
	return kfp_raw_post(perf->raw, &perf->raw->wrs->wr);
}

static int kfp_raw_batch_flush(struct kfp *perf)
{
	struct ib_flush_wr flush = kfp_raw_flush_wr(perf->raw,
						     KFP_BATCH * perf->len);

	kfp_raw_chain(perf->raw)->wr.next = &flush.wr;
	return kfp_raw_post(perf->raw, &perf->raw->wrs->wr);
}

static int kfp_raw_write(struct kfp *perf)
{
	return kfp_raw_do_write(perf->raw);
}

static int kfp_raw_write_flush(struct kfp *perf)
{
	return kfp_raw_do_flush(perf->raw);
}

static int kfp_raw_write_ask(struct kfp *perf)
{
	return kfp_raw_do_ask(perf->raw);
}

static int kfp_raw_direct_write(struct kfp *perf)
{
	return kfp_raw_do_write(perf->direct);
}

static int kfp_raw_direct_flush(struct kfp *perf)
{
	return kfp_raw_do_flush(perf->direct);
}

const struct kfp_op kfp_raw_ops[] = {
	{ "raw-write", kfp_raw_write, kfp_raw_poll, 1 },
	{ "raw-flush", kfp_raw_write_flush, kfp_raw_poll, 1, .flush = true },
	{ "raw-cpu", kfp_raw_write_ask, kfp_raw_poll, 1 },
	{ "direct-write", kfp_raw_direct_write, kfp_raw_poll_direct, 1,
	  .direct = true },
	{ "direct-flush", kfp_raw_direct_flush, kfp_raw_poll_direct, 1,
	  .flush = true, .direct = true },
	{ "raw-batch", kfp_raw_batch, kfp_raw_poll, KFP_BATCH },
	{ "raw-batch-flush", kfp_raw_batch_flush, kfp_raw_poll, KFP_BATCH,
	  .flush = true },
};

const u32 kfp_raw_op_count = ARRAY_SIZE(kfp_raw_ops);
