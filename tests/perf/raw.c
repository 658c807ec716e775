// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Raw verbs
 *
 * Purpose: the pair of queue pairs that kfabric is compared with, set up as the
 * connection manager sets up those of kfabric: the same path MTU, timeouts and
 * depths.
 *
 * Operation: nobody waits for more than one completion at a time. It comes from
 * softirq context, as in kfabric's provider, and leaves a mark; or the one who
 * waits takes it out of the device.
 */
#include <linux/err.h>
#include <linux/slab.h>

#include "../clients/ktl_verbs.h"
#include "perf.h"
#include "raw.h"

#define KFP_RAW_PORT	1
#define KFP_RAW_PSN	1000
#define KFP_RAW_IOVA	SZ_1M

/**
 * kfp_raw_finish - what is waited for has come
 * @raw: the pair
 * @status: with what
 *
 * Context: completion handler.
 */
void kfp_raw_finish(struct kfp_raw *raw, enum ib_wc_status status)
{
	raw->status = status;
	/* pairs with the acquire of who polls */
	smp_store_release(&raw->done, true);
	if (raw->perf->wait == KFP_SLEEP)
		complete(&raw->perf->woken);
}

static void kfp_raw_done(struct ib_cq *cq, struct ib_wc *wc)
{
	kfp_raw_finish(container_of(wc->wr_cqe, struct kfp_raw, cqe),
		       wc->status);
}

static void kfp_raw_sent(struct ib_cq *cq, struct ib_wc *wc)
{
	if (wc->status)
		kfp_raw_finish(container_of(wc->wr_cqe, struct kfp_raw, sent),
			       wc->status);
}

/**
 * kfp_raw_can_flush - whether FLUSH may be posted
 * @raw: the pair
 *
 * Context: any.
 * Return: true if so.
 */
bool kfp_raw_can_flush(const struct kfp_raw *raw)
{
	return ib_can_post_flush(raw->dev);
}

static int kfp_raw_open_side(struct kfp_raw *raw, struct kfp_raw_side *side,
			     bool direct)
{
	struct ib_qp_init_attr init = {
		.cap = {
			.max_send_wr = KFP_DEPTH,
			.max_recv_wr = KFP_RAW_RECVS,
			.max_send_sge = 1,
			.max_recv_sge = 1,
			.max_inline_data = sizeof(struct kfp_raw_ask),
		},
		.sq_sig_type = IB_SIGNAL_REQ_WR,
		.qp_type = IB_QPT_RC,
	};
	int i;

	side->raw = raw;
	side->cq = ib_alloc_cq_any(raw->dev, side, KFP_DEPTH + KFP_RAW_RECVS,
				   direct ? IB_POLL_DIRECT : IB_POLL_SOFTIRQ);
	if (IS_ERR(side->cq))
		return PTR_ERR(side->cq);
	init.send_cq = side->cq;
	init.recv_cq = side->cq;
	side->qp = ib_create_qp(raw->pd, &init);
	if (IS_ERR(side->qp))
		return PTR_ERR(side->qp);
	for (i = 0; i < KFP_RAW_RECVS; i++) {
		struct kfp_raw_recv *recv = &side->recvs[i];

		recv->side = side;
		recv->cqe.done = kfp_raw_recv_done;
		recv->sge = (struct ib_sge) {
			.addr = ib_dma_map_single(raw->dev, &recv->ask,
						  sizeof(recv->ask),
						  DMA_FROM_DEVICE),
			.length = sizeof(recv->ask),
			.lkey = raw->pd->local_dma_lkey,
		};
		if (ib_dma_mapping_error(raw->dev, recv->sge.addr))
			return -ENOMEM;
	}
	return 0;
}

static void kfp_raw_close_side(struct kfp_raw *raw, struct kfp_raw_side *side)
{
	int i;

	if (!IS_ERR_OR_NULL(side->qp))
		ib_destroy_qp(side->qp);
	for (i = 0; i < KFP_RAW_RECVS; i++) {
		if (side->recvs[i].sge.length)
			ib_dma_unmap_single(raw->dev, side->recvs[i].sge.addr,
					    sizeof(side->recvs[i].ask),
					    DMA_FROM_DEVICE);
	}
	if (!IS_ERR_OR_NULL(side->cq))
		ib_free_cq(side->cq);
}

static int kfp_raw_up(struct kfp_raw *raw, struct ib_qp *qp,
		      struct ib_qp *peer, enum ib_mtu mtu)
{
	struct ib_qp_attr attr = {
		.qp_state = IB_QPS_INIT,
		.port_num = KFP_RAW_PORT,
		.qp_access_flags = IB_ACCESS_REMOTE_WRITE | IB_ACCESS_REMOTE_READ,
		.path_mtu = mtu,
		.dest_qp_num = peer->qp_num,
		.rq_psn = KFP_RAW_PSN,
		.max_dest_rd_atomic = 16,
		.min_rnr_timer = IB_RNR_TIMER_000_64,
		.sq_psn = KFP_RAW_PSN,
		.timeout = 18,
		.retry_cnt = 7,
		.rnr_retry = 7,
		.max_rd_atomic = 16,
	};
	int rc;

	if (kfp_raw_can_flush(raw))
		attr.qp_access_flags |= IB_ACCESS_FLUSH_GLOBAL |
					IB_ACCESS_FLUSH_PERSISTENT;
	rc = ib_modify_qp(qp, &attr, IB_QP_STATE | IB_QP_PORT | IB_QP_PKEY_INDEX |
			  IB_QP_ACCESS_FLAGS);
	rc = rc ?: ktl_verbs_set_ah(raw->dev, KFP_RAW_PORT,
				    &attr.ah_attr);
	attr.qp_state = IB_QPS_RTR;
	rc = rc ?: ib_modify_qp(qp, &attr, IB_QP_STATE | IB_QP_AV |
				IB_QP_PATH_MTU | IB_QP_DEST_QPN | IB_QP_RQ_PSN |
				IB_QP_MAX_DEST_RD_ATOMIC | IB_QP_MIN_RNR_TIMER);
	attr.qp_state = IB_QPS_RTS;
	return rc ?: ib_modify_qp(qp, &attr, IB_QP_STATE | IB_QP_SQ_PSN |
				  IB_QP_TIMEOUT | IB_QP_RETRY_CNT |
				  IB_QP_RNR_RETRY | IB_QP_MAX_QP_RD_ATOMIC);
}

static int kfp_raw_connect(struct kfp_raw *raw)
{
	struct ib_port_attr port;
	int rc, i;

	rc = ib_query_port(raw->dev, KFP_RAW_PORT, &port);
	rc = rc ?: kfp_raw_up(raw, raw->a.qp, raw->b.qp, port.active_mtu);
	rc = rc ?: kfp_raw_up(raw, raw->b.qp, raw->a.qp, port.active_mtu);
	for (i = 0; !rc && i < KFP_RAW_RECVS; i++)
		rc = kfp_raw_post_recv(&raw->a.recvs[i]) ?:
		     kfp_raw_post_recv(&raw->b.recvs[i]);
	return rc;
}

/**
 * kfp_raw_poll_direct - take completions out of the device
 * @perf: the command
 *
 * Context: process.
 * Return: as kfp_op.poll; of @perf->direct.
 */
int kfp_raw_poll_direct(struct kfp *perf)
{
	struct kfp_raw *raw = perf->direct;

	ib_process_cq_direct(raw->a.cq, 1);
	if (!raw->done)
		return 0;
	return raw->status ? -EIO : 1;
}

/**
 * kfp_raw_poll - look for the mark of the completion handler
 * @perf: the command
 *
 * Context: process.
 * Return: as kfp_op.poll; of @perf->raw.
 */
int kfp_raw_poll(struct kfp *perf)
{
	struct kfp_raw *raw = perf->raw;

	/* pairs with kfp_raw_finish() */
	if (!smp_load_acquire(&raw->done))
		return 0;
	return raw->status ? -EIO : 1;
}

static int kfp_raw_wait_registered(struct kfp_raw *raw, bool direct)
{
	const struct kfp_op wait = {
		.name = "REG_MR",
		.direct = direct,
		.poll = direct ? kfp_raw_poll_direct : kfp_raw_poll,
	};

	return kfp_load_wait(raw->perf, &wait);
}

static int kfp_raw_register(struct kfp_raw *raw, bool direct)
{
	struct ib_reg_wr wr = {
		.wr.opcode = IB_WR_REG_MR,
		.wr.send_flags = IB_SEND_SIGNALED,
		.wr.wr_cqe = &raw->cqe,
		.access = IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_WRITE |
			  IB_ACCESS_REMOTE_READ,
	};
	int rc;

	raw->mr = ib_alloc_mr(raw->pd, IB_MR_TYPE_MEM_REG,
			      KFP_AREA >> PAGE_SHIFT);
	if (IS_ERR(raw->mr))
		return PTR_ERR(raw->mr);
	sg_init_one(&raw->sg, raw->perf->pmem->mem, KFP_AREA);
	if (ib_dma_map_sg(raw->dev, &raw->sg, 1, DMA_BIDIRECTIONAL) != 1)
		return -ENOMEM;
	rc = ib_map_mr_sg(raw->mr, &raw->sg, 1, NULL, PAGE_SIZE);
	if (rc != 1)
		return rc < 0 ? rc : -EINVAL;
	raw->iova = KFP_RAW_IOVA;
	raw->mr->iova = raw->iova;
	if (kfp_raw_can_flush(raw))
		wr.access |= IB_ACCESS_FLUSH_GLOBAL | IB_ACCESS_FLUSH_PERSISTENT;
	wr.mr = raw->mr;
	wr.key = raw->mr->rkey;
	raw->done = false;
	rc = ib_post_send(raw->a.qp, &wr.wr, NULL);
	return rc ?: kfp_raw_wait_registered(raw, direct);
}

static int kfp_raw_alloc(struct kfp_raw *raw)
{
	raw->src = ib_dma_map_single(raw->dev, raw->perf->src, KFP_AREA,
				     DMA_BIDIRECTIONAL);
	if (ib_dma_mapping_error(raw->dev, raw->src)) {
		raw->src = 0;
		return -ENOMEM;
	}
	raw->wrs = kcalloc(KFP_BATCH, sizeof(*raw->wrs), GFP_KERNEL);
	raw->sges = kcalloc(KFP_BATCH, sizeof(*raw->sges), GFP_KERNEL);
	return raw->wrs && raw->sges ? 0 : -ENOMEM;
}

static int kfp_raw_open_all(struct kfp_raw *raw, const char *device,
			    bool direct)
{
	int rc;

	raw->dev = ib_device_get_by_name(device, RDMA_DRIVER_UNKNOWN);
	if (!raw->dev)
		return -ENODEV;
	raw->pd = ib_alloc_pd(raw->dev, 0);
	rc = PTR_ERR_OR_ZERO(raw->pd);
	rc = rc ?: kfp_raw_alloc(raw);
	rc = rc ?: kfp_raw_open_side(raw, &raw->a, direct);
	rc = rc ?: kfp_raw_open_side(raw, &raw->b, false);
	rc = rc ?: kfp_raw_connect(raw);
	return rc ?: kfp_raw_register(raw, direct);
}

/**
 * kfp_raw_open - make a pair
 * @perf: the command; has its memory
 * @device: name of the device
 * @direct: who waits takes completions out of the device
 *
 * Context: process, may sleep.
 * Return: the pair or an ERR_PTR().
 */
struct kfp_raw *kfp_raw_open(struct kfp *perf, const char *device, bool direct)
{
	struct kfp_raw *raw = kzalloc(sizeof(*raw), GFP_KERNEL);
	int rc;

	if (!raw)
		return ERR_PTR(-ENOMEM);
	raw->perf = perf;
	raw->cqe.done = kfp_raw_done;
	raw->sent.done = kfp_raw_sent;
	/* for those that poll while it is being opened */
	*(direct ? &perf->direct : &perf->raw) = raw;
	rc = kfp_raw_open_all(raw, device, direct);
	if (!rc)
		return raw;
	kfp_raw_close(raw);
	return ERR_PTR(rc);
}

/**
 * kfp_raw_close - give everything back
 * @raw: the pair; all of it or a part, or NULL, or an ERR_PTR()
 *
 * Context: process, may sleep.
 */
void kfp_raw_close(struct kfp_raw *raw)
{
	if (IS_ERR_OR_NULL(raw))
		return;
	if (raw->dev) {
		kfp_raw_close_side(raw, &raw->a);
		kfp_raw_close_side(raw, &raw->b);
	}
	if (raw->sg.length)
		ib_dma_unmap_sg(raw->dev, &raw->sg, 1, DMA_BIDIRECTIONAL);
	if (!IS_ERR_OR_NULL(raw->mr))
		ib_dereg_mr(raw->mr);
	if (raw->src)
		ib_dma_unmap_single(raw->dev, raw->src, KFP_AREA,
				    DMA_BIDIRECTIONAL);
	kfree(raw->wrs);
	kfree(raw->sges);
	if (!IS_ERR_OR_NULL(raw->pd))
		ib_dealloc_pd(raw->pd);
	if (raw->dev)
		ib_device_put(raw->dev);
	kfree(raw);
}
