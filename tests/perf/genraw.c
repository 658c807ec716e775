// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Back end verbs
 *
 * Purpose: the work as a kernel ULP that is written for verbs does it: buffers are
 * mapped once, a batch is one chain and one post, only its last request is
 * signalled, small ones are inline. Connections are those of rdma_cm, as kfabric's.
 *
 * Operation: all connections of a side share a protection domain, a CQ, and the
 * regions, which the first connection registers. Completions come in softirq
 * context, as in kfabric's provider, and only count. There are two variants: a post
 * for each request, and completions that who waits takes out of the device.
 *
 * Errors: a failed completion becomes the error of the side.
 */
#include <linux/err.h>

#include "genraw.h"

#define KFP_GENRAW_IOVA	SZ_1M

static void kfp_genraw_error(struct kfp_side *side, const struct ib_wc *wc)
{
	if (!side->error)
		WRITE_ONCE(side->error, wc->status == IB_WC_WR_FLUSH_ERR ?
					-ECONNRESET : -EIO);
}

static void kfp_genraw_sent(struct ib_cq *cq, struct ib_wc *wc)
{
	struct kfp_genraw_conn *rconn = container_of(wc->wr_cqe,
						      struct kfp_genraw_conn,
						      sent);

	if (likely(wc->status == IB_WC_SUCCESS))
		kfp_conn_done(&rconn->conn);
	else
		kfp_genraw_error(rconn->conn.side, wc);
}

static int kfp_genraw_post_recv(struct kfp_genraw_conn *rconn)
{
	struct kfp_genraw *raw = kfp_genraw(rconn->conn.side);
	struct ib_sge sge = {
		.addr = raw->in + kfp_side_slot(&raw->side, rconn->recvs++),
		.length = raw->side.shape.len,
		.lkey = raw->pd->local_dma_lkey,
	};
	struct ib_recv_wr wr = {
		.wr_cqe = &rconn->came,
		.sg_list = &sge,
		.num_sge = 1,
	};

	return ib_post_recv(rconn->id->qp, &wr, NULL);
}

static void kfp_genraw_came(struct ib_cq *cq, struct ib_wc *wc)
{
	struct kfp_genraw_conn *rconn = container_of(wc->wr_cqe,
						      struct kfp_genraw_conn,
						      came);

	if (unlikely(wc->status || kfp_genraw_post_recv(rconn)))
		kfp_genraw_error(rconn->conn.side, wc);
	else
		kfp_conn_got(&rconn->conn);
}

/* Requests that nobody counts */
static void kfp_genraw_other(struct ib_cq *cq, struct ib_wc *wc)
{
	struct kfp_genraw *raw = container_of(wc->wr_cqe, struct kfp_genraw,
					      other);

	if (wc->status)
		kfp_genraw_error(&raw->side, wc);
	/* pairs with kfp_genraw_wait() */
	smp_store_release(&raw->others, raw->others + 1);
}

static int kfp_genraw_wait(struct kfp_genraw *raw, u64 others)
{
	struct kfp_pair pair = { .a = &raw->side };

	return kfp_turn_wait(&pair, &raw->others, others);
}

static int kfp_genraw_alloc(struct kfp_genraw *raw, struct kfp_genraw_mr *mr)
{
	mr->mr = ib_alloc_mr(raw->pd, IB_MR_TYPE_MEM_REG,
			     KFP_GEN_AREA >> PAGE_SHIFT);
	return PTR_ERR_OR_ZERO(mr->mr);
}

/* Give a region memory, and another key */
static int kfp_genraw_fill(struct kfp_genraw *raw, struct kfp_genraw_mr *mr,
			   void *mem, u32 len)
{
	int n;

	sg_init_one(&mr->sg, mem, len);
	if (ib_dma_map_sg(raw->dev, &mr->sg, 1, DMA_BIDIRECTIONAL) != 1)
		return -ENOMEM;
	mr->mapped = true;
	n = ib_map_mr_sg(mr->mr, &mr->sg, 1, NULL, PAGE_SIZE);
	if (n != 1)
		return n < 0 ? n : -EINVAL;
	mr->mr->iova = KFP_GENRAW_IOVA;
	ib_update_fast_reg_key(mr->mr, mr->mr->rkey + 1);
	return 0;
}

static void kfp_genraw_empty(struct kfp_genraw *raw, struct kfp_genraw_mr *mr)
{
	if (mr->mapped)
		ib_dma_unmap_sg(raw->dev, &mr->sg, 1, DMA_BIDIRECTIONAL);
	mr->mapped = false;
}

static int kfp_genraw_region(struct kfp_genraw *raw, struct kfp_genraw_mr *mr,
			     void *mem, u32 access)
{
	int rc = kfp_genraw_alloc(raw, mr);

	mr->access = access;
	return rc ?: kfp_genraw_fill(raw, mr, mem, KFP_GEN_AREA);
}

static void kfp_genraw_free_region(struct kfp_genraw *raw,
				   struct kfp_genraw_mr *mr)
{
	kfp_genraw_empty(raw, mr);
	if (!IS_ERR_OR_NULL(mr->mr))
		ib_dereg_mr(mr->mr);
}

static int kfp_genraw_map(struct kfp_genraw *raw)
{
	struct kfp_mem *mem = &raw->side.mem;

	raw->in = ib_dma_map_single(raw->dev, mem->in, KFP_GEN_AREA,
				    DMA_FROM_DEVICE);
	if (ib_dma_mapping_error(raw->dev, raw->in)) {
		raw->in = 0;
		return -ENOMEM;
	}
	raw->out = ib_dma_map_single(raw->dev, mem->out, KFP_GEN_AREA,
				     DMA_TO_DEVICE);
	if (ib_dma_mapping_error(raw->dev, raw->out)) {
		raw->out = 0;
		return -ENOMEM;
	}
	return 0;
}

/**
 * kfp_genraw_attach - make what all connections share
 * @raw: the side
 * @dev: the device that leads to the other one
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int kfp_genraw_attach(struct kfp_genraw *raw, struct ib_device *dev)
{
	struct kfp_side *side = &raw->side;
	u32 cqe = KFP_GENRAW_CQ;
	int rc;

	if (side->shape.conns)
		cqe = side->shape.conns *
		      (kfp_side_tx(side) + kfp_side_rx(side) + 2);
	raw->dev = dev;
	raw->pd = ib_alloc_pd(dev, 0);
	if (IS_ERR(raw->pd))
		return PTR_ERR(raw->pd);
	raw->cq = ib_alloc_cq_any(dev, raw, cqe, side->be->direct ?
				  IB_POLL_DIRECT : IB_POLL_SOFTIRQ);
	if (IS_ERR(raw->cq))
		return PTR_ERR(raw->cq);
	rc = kfp_genraw_map(raw);
	rc = rc ?: kfp_genraw_region(raw, &raw->mr_in, side->mem.in,
				     IB_ACCESS_LOCAL_WRITE |
				     IB_ACCESS_REMOTE_WRITE);
	rc = rc ?: kfp_genraw_region(raw, &raw->mr_out, side->mem.out,
				     IB_ACCESS_REMOTE_READ);
	return rc ?: kfp_genraw_alloc(raw, &raw->spare);
}

static int kfp_genraw_open(struct kfp_side *side)
{
	struct kfp_genraw *raw = kfp_genraw(side);

	raw->other.done = kfp_genraw_other;
	init_waitqueue_head(&raw->wait);
	return kfp_genrawcm_open(raw);
}

static void kfp_genraw_close(struct kfp_side *side)
{
	struct kfp_genraw *raw = kfp_genraw(side);

	kfp_genrawcm_close(raw);
	kfp_genraw_free_region(raw, &raw->mr_in);
	kfp_genraw_free_region(raw, &raw->mr_out);
	kfp_genraw_free_region(raw, &raw->spare);
	if (raw->in)
		ib_dma_unmap_single(raw->dev, raw->in, KFP_GEN_AREA,
				    DMA_FROM_DEVICE);
	if (raw->out)
		ib_dma_unmap_single(raw->dev, raw->out, KFP_GEN_AREA,
				    DMA_TO_DEVICE);
	if (!IS_ERR_OR_NULL(raw->cq))
		ib_free_cq(raw->cq);
	if (!IS_ERR_OR_NULL(raw->pd))
		ib_dealloc_pd(raw->pd);
}

/**
 * kfp_genraw_start - give a connection its queue pair and its receives
 * @rconn: has an id, and that a device
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int kfp_genraw_start(struct kfp_genraw_conn *rconn)
{
	struct kfp_genraw *raw = kfp_genraw(rconn->conn.side);
	struct kfp_side *side = &raw->side;
	struct ib_qp_init_attr init = {
		.send_cq = raw->cq,
		.recv_cq = raw->cq,
		.cap = {
			/* regions or the mark of ib_drain_qp() as well */
			.max_send_wr = kfp_side_tx(side) + 2,
			.max_recv_wr = kfp_side_rx(side) + 1,
			.max_send_sge = 1,
			.max_recv_sge = 1,
			.max_inline_data = side->shape.inlined,
		},
		.sq_sig_type = IB_SIGNAL_REQ_WR,
		.qp_type = IB_QPT_RC,
	};
	int rc;
	u32 i;

	if (rconn->id->device != raw->dev)
		return -EXDEV;
	rconn->sent.done = kfp_genraw_sent;
	rconn->came.done = kfp_genraw_came;
	rc = rdma_create_qp(rconn->id, raw->pd, &init);
	for (i = 0; !rc && i < kfp_side_rx(side); i++)
		rc = kfp_genraw_post_recv(rconn);
	return rc;
}

static struct ib_reg_wr kfp_genraw_reg_wr(struct kfp_genraw *raw,
					  const struct kfp_genraw_mr *mr)
{
	return (struct ib_reg_wr) {
		.wr.wr_cqe = &raw->other,
		.wr.opcode = IB_WR_REG_MR,
		.mr = mr->mr,
		.key = mr->mr->rkey,
		.access = mr->access,
	};
}

/**
 * kfp_genraw_register - let the peer use the buffers, if it cannot yet
 * @rconn: can be posted to
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int kfp_genraw_register(struct kfp_genraw_conn *rconn)
{
	struct kfp_genraw *raw = kfp_genraw(rconn->conn.side);
	struct ib_reg_wr in, out;
	u64 others = raw->others;
	int rc;

	if (raw->registered)
		return 0;
	in = kfp_genraw_reg_wr(raw, &raw->mr_in);
	out = kfp_genraw_reg_wr(raw, &raw->mr_out);
	in.wr.next = &out.wr;
	out.wr.send_flags = IB_SEND_SIGNALED;
	rc = ib_post_send(rconn->id->qp, &in.wr, NULL);
	rc = rc ?: kfp_genraw_wait(raw, others + 1);
	raw->registered = !rc;
	return rc;
}

/*
 * What kfabric promises: the key works when it is told, and when it is taken back it is
 * dead and nothing is being copied. On soft-RoCE only ib_dereg_mr() waits for that.
 */
static int kfp_genraw_reg_anew(struct kfp_side *side, u32 len)
{
	struct kfp_genraw *raw = kfp_genraw(side);
	struct ib_qp *qp = kfp_genraw_conn(side->conns[0])->id->qp;
	struct kfp_genraw_mr mr = { .access = raw->mr_in.access };
	u64 others = raw->others;
	struct ib_reg_wr reg;
	int rc;

	mr.mr = ib_alloc_mr(raw->pd, IB_MR_TYPE_MEM_REG,
			    DIV_ROUND_UP(len, PAGE_SIZE));
	if (IS_ERR(mr.mr))
		return PTR_ERR(mr.mr);
	rc = kfp_genraw_fill(raw, &mr, side->mem.in, len);
	if (rc)
		goto dereg;
	reg = kfp_genraw_reg_wr(raw, &mr);
	reg.wr.send_flags = IB_SEND_SIGNALED;
	rc = ib_post_send(qp, &reg.wr, NULL);
	rc = rc ?: kfp_genraw_wait(raw, others + 1);
dereg:
	/* the region goes first: it may be written to */
	WARN_ON_ONCE(ib_dereg_mr(mr.mr));
	kfp_genraw_empty(raw, &mr);
	return rc;
}

/*
 * Memory for a region that is there already. Whoever is told of the key is told by a
 * message behind the registration, so nobody waits for that.
 */
static int kfp_genraw_reg(struct kfp_side *side, u32 len)
{
	struct kfp_genraw *raw = kfp_genraw(side);
	struct ib_qp *qp = kfp_genraw_conn(side->conns[0])->id->qp;
	struct kfp_genraw_mr *mr = &raw->spare;
	u64 others = raw->others;
	struct ib_reg_wr reg;
	struct ib_send_wr inv = {
		.wr_cqe = &raw->other,
		.opcode = IB_WR_LOCAL_INV,
		.send_flags = IB_SEND_SIGNALED,
	};
	int rc;

	if (side->be->unchained || side->be->direct)
		return kfp_genraw_reg_anew(side, len);
	rc = kfp_genraw_fill(raw, mr, side->mem.in, len);
	if (rc)
		return rc;
	mr->access = raw->mr_in.access;
	reg = kfp_genraw_reg_wr(raw, mr);
	inv.ex.invalidate_rkey = mr->mr->rkey;
	rc = ib_post_send(qp, &reg.wr, NULL);
	rc = rc ?: ib_post_send(qp, &inv, NULL);
	rc = rc ?: kfp_genraw_wait(raw, others + 1);
	kfp_genraw_empty(raw, mr);
	return rc;
}

static const enum ib_wr_opcode kfp_genraw_opcodes[] = {
	[KFP_SEND] = IB_WR_SEND,
	[KFP_WRITE] = IB_WR_RDMA_WRITE,
	[KFP_READ] = IB_WR_RDMA_READ,
};

static void kfp_genraw_build(struct kfp_genraw_conn *rconn, enum kfp_verb verb,
			     u32 i)
{
	struct kfp_genraw *raw = kfp_genraw(rconn->conn.side);
	const struct kfp_shape *shape = &raw->side.shape;
	size_t at = kfp_side_slot(&raw->side, rconn->conn.posted + i);
	bool inlined = verb != KFP_READ && shape->len <= shape->inlined;
	struct ib_rdma_wr *wr = &raw->wrs[i];
	struct ib_sge *sge = &raw->sges[i];

	sge->length = shape->len;
	sge->lkey = raw->pd->local_dma_lkey;
	if (inlined)
		sge->addr = (uintptr_t)raw->side.mem.out + at;
	else
		sge->addr = (verb == KFP_READ ? raw->in : raw->out) + at;
	wr->wr.next = NULL;
	wr->wr.wr_cqe = &rconn->sent;
	wr->wr.sg_list = sge;
	wr->wr.num_sge = 1;
	wr->wr.opcode = kfp_genraw_opcodes[verb];
	wr->wr.send_flags = inlined ? IB_SEND_INLINE : 0;
	wr->remote_addr = KFP_GENRAW_IOVA + at;
	wr->rkey = verb == KFP_READ ? rconn->conn.out : rconn->conn.in;
	if (i)
		wr[-1].wr.next = &wr->wr;
}

static int kfp_genraw_post(struct kfp_conn *conn, enum kfp_verb verb, u32 n,
			   bool signal)
{
	struct kfp_genraw_conn *rconn = kfp_genraw_conn(conn);
	struct kfp_genraw *raw = kfp_genraw(conn->side);
	struct ib_rdma_wr *wrs = raw->wrs;
	int rc = 0;
	u32 i;

	for (i = 0; i < n; i++)
		kfp_genraw_build(rconn, verb, i);
	if (signal)
		wrs[n - 1].wr.send_flags |= IB_SEND_SIGNALED;
	if (!conn->side->be->unchained)
		return ib_post_send(rconn->id->qp, &wrs->wr, NULL);
	for (i = 0; !rc && i < n; i++) {
		wrs[i].wr.next = NULL;
		rc = ib_post_send(rconn->id->qp, &wrs[i].wr, NULL);
	}
	return rc;
}

static void kfp_genraw_fetch(struct kfp_genraw *raw)
{
	int n = ib_poll_cq(raw->cq, KFP_GENRAW_POLL, raw->wcs), i;

	for (i = 0; i < n; i++)
		raw->wcs[i].wr_cqe->done(raw->cq, &raw->wcs[i]);
}

/* Completions come by themselves, or are fetched. */
static int kfp_genraw_poll(struct kfp_side *side)
{
	if (side->be->direct)
		kfp_genraw_fetch(kfp_genraw(side));
	return 0;
}

const struct kfp_ops kfp_genraw_ops = {
	.verbs = BIT(KFP_SEND) | BIT(KFP_WRITE) | BIT(KFP_READ),
	.onesided = true,
	.side_size = sizeof(struct kfp_genraw),
	.conn_size = sizeof(struct kfp_genraw_conn),
	.open = kfp_genraw_open,
	.close = kfp_genraw_close,
	.connect = kfp_genrawcm_connect,
	.accept = kfp_genrawcm_accept,
	.finish = kfp_genrawcm_finish,
	.disconnect = kfp_genrawcm_disconnect,
	.post = kfp_genraw_post,
	.poll = kfp_genraw_poll,
	.reg = kfp_genraw_reg,
};
