// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * A pair of queue pairs without kfabric, see raw.h. Every request is signalled
 * and has the same ib_cqe; func_raw_run() waits for all of a chain. Should a
 * completion not come, the pair is of no use any more, and closing it is safe.
 */
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/sizes.h>

#include "../clients/ktl_verbs.h"
#include "func.h"
#include "raw.h"

#define FUNC_RAW_PORT	1
#define FUNC_RAW_ACCESS	(IB_ACCESS_REMOTE_READ | IB_ACCESS_REMOTE_WRITE | \
			 IB_ACCESS_FLUSH_GLOBAL | IB_ACCESS_FLUSH_PERSISTENT)

static void func_raw_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct func_raw *raw = container_of(wc->wr_cqe, struct func_raw, cqe);

	if (wc->status == IB_WC_SUCCESS)
		raw->opcode = wc->opcode;
	else if (raw->status == IB_WC_SUCCESS)
		raw->status = wc->status;
	if (!--raw->pending)
		complete(&raw->done);
}

static struct ib_qp *func_raw_make_qp(struct func_raw *raw)
{
	struct ib_qp_init_attr init = {
		.send_cq = raw->cq,
		.recv_cq = raw->cq,
		.cap = {
			.max_send_wr = FUNC_RAW_DEPTH,
			.max_recv_wr = 1,
			.max_send_sge = 1,
			.max_recv_sge = 1,
		},
		.sq_sig_type = IB_SIGNAL_ALL_WR,
		.qp_type = IB_QPT_RC,
	};

	return ib_create_qp(raw->pd, &init);
}

/**
 * func_raw_open - make two queue pairs on the device under test
 * @t: the case, with t->info
 * @raw: zeroed, to be closed in any case
 *
 * Return: true if all is there.
 */
bool func_raw_open(struct func *t, struct func_raw *raw)
{
	raw->t = t;
	raw->cqe.done = func_raw_done;
	raw->psn = 1000;
	raw->rd_atomic = 4;
	raw->retries = 7;
	raw->dev = ib_device_get_by_name(t->info->domain_attr->name,
					 RDMA_DRIVER_UNKNOWN);
	if (!CHECK(t, raw->dev))
		return false;
	raw->pd = ib_alloc_pd(raw->dev, 0);
	if (!CHECK_OK(t, PTR_ERR_OR_ZERO(raw->pd)))
		return false;
	raw->cq = ib_alloc_cq_any(raw->dev, raw, 2 * FUNC_RAW_DEPTH,
				  IB_POLL_SOFTIRQ);
	if (!CHECK_OK(t, PTR_ERR_OR_ZERO(raw->cq)))
		return false;
	raw->a = func_raw_make_qp(raw);
	raw->b = func_raw_make_qp(raw);
	return CHECK_OK(t, PTR_ERR_OR_ZERO(raw->a)) &&
	       CHECK_OK(t, PTR_ERR_OR_ZERO(raw->b));
}

/**
 * func_raw_close - give everything back
 * @raw: what func_raw_open() left
 */
void func_raw_close(struct func_raw *raw)
{
	struct func_raw_region *region;

	if (!IS_ERR_OR_NULL(raw->a))
		ib_destroy_qp(raw->a);
	if (!IS_ERR_OR_NULL(raw->b))
		ib_destroy_qp(raw->b);
	while (raw->count) {
		region = &raw->regions[--raw->count];
		ib_dma_unmap_sg(raw->dev, &region->sg, 1, DMA_BIDIRECTIONAL);
		ib_dereg_mr(region->mr);
	}
	if (!IS_ERR_OR_NULL(raw->cq))
		ib_free_cq(raw->cq);
	if (!IS_ERR_OR_NULL(raw->pd))
		ib_dealloc_pd(raw->pd);
	if (raw->dev)
		ib_device_put(raw->dev);
}

static int func_raw_to_init(struct ib_qp *qp)
{
	struct ib_qp_attr attr = {
		.qp_state = IB_QPS_RESET,
		.port_num = FUNC_RAW_PORT,
		.qp_access_flags = FUNC_RAW_ACCESS,
	};
	int rc = ib_modify_qp(qp, &attr, IB_QP_STATE);

	attr.qp_state = IB_QPS_INIT;
	return rc ?: ib_modify_qp(qp, &attr, IB_QP_STATE | IB_QP_PORT |
				  IB_QP_PKEY_INDEX | IB_QP_ACCESS_FLAGS);
}

/**
 * func_raw_up - make one end ready to receive and to send
 * @raw: the pair
 * @qp: one of its queue pairs, in any state
 * @peer: the other one
 *
 * Return: true if it is.
 */
bool func_raw_up(struct func_raw *raw, struct ib_qp *qp, struct ib_qp *peer)
{
	struct ib_qp_attr attr = {
		.qp_state = IB_QPS_RTR,
		.path_mtu = IB_MTU_1024,
		.dest_qp_num = peer->qp_num,
		.rq_psn = raw->psn,
		.max_dest_rd_atomic = raw->rd_atomic,
		.min_rnr_timer = IB_RNR_TIMER_000_64,
		.sq_psn = raw->psn,
		/* a millisecond: slow beds send things again */
		.timeout = 8,
		.retry_cnt = raw->retries,
		.rnr_retry = 7,
		.max_rd_atomic = 1,
	};

	if (!CHECK_OK(raw->t, func_raw_to_init(qp)) ||
	    !CHECK_OK(raw->t, ktl_verbs_set_ah(raw->dev, FUNC_RAW_PORT,
					       &attr.ah_attr)) ||
	    !CHECK_OK(raw->t, ib_modify_qp(qp, &attr, IB_QP_STATE | IB_QP_AV |
					   IB_QP_PATH_MTU | IB_QP_DEST_QPN |
					   IB_QP_RQ_PSN | IB_QP_MAX_DEST_RD_ATOMIC |
					   IB_QP_MIN_RNR_TIMER)))
		return false;
	attr.qp_state = IB_QPS_RTS;
	return CHECK_OK(raw->t, ib_modify_qp(qp, &attr, IB_QP_STATE |
					     IB_QP_SQ_PSN | IB_QP_TIMEOUT |
					     IB_QP_RETRY_CNT | IB_QP_RNR_RETRY |
					     IB_QP_MAX_QP_RD_ATOMIC));
}

/**
 * func_raw_connect - connect the ends to each other
 * @raw: the pair
 *
 * Return: true if they are.
 */
bool func_raw_connect(struct func_raw *raw)
{
	return func_raw_up(raw, raw->a, raw->b) &&
	       func_raw_up(raw, raw->b, raw->a);
}

/**
 * func_raw_post - post a chain of requests to @a
 * @raw: the pair, without requests
 * @wr: the first request
 *
 * Return: true if they were accepted.
 */
bool func_raw_post(struct func_raw *raw, struct ib_send_wr *wr)
{
	struct ib_send_wr *w;

	init_completion(&raw->done);
	raw->pending = 0;
	raw->status = IB_WC_SUCCESS;
	raw->opcode = -1;
	for (w = wr; w; w = (struct ib_send_wr *)w->next) {
		w->wr_cqe = &raw->cqe;
		raw->pending++;
	}
	return CHECK_OK(raw->t, ib_post_send(raw->a, wr, NULL));
}

/**
 * func_raw_wait - wait for the completions of what was posted
 * @raw: the pair
 *
 * Return: status of the first request that failed, IB_WC_SUCCESS if none did,
 * or -ETIMEDOUT.
 */
int func_raw_wait(struct func_raw *raw)
{
	if (!wait_for_completion_timeout(&raw->done,
					 msecs_to_jiffies(func_wait_ms)))
		return -ETIMEDOUT;
	return raw->status;
}

/**
 * func_raw_run - post a chain of requests to @a and wait for it
 * @raw: the pair
 * @wr: the first request
 *
 * Return: like func_raw_wait(), or -EINVAL if it was not accepted.
 */
int func_raw_run(struct func_raw *raw, struct ib_send_wr *wr)
{
	return func_raw_post(raw, wr) ? func_raw_wait(raw) : -EINVAL;
}

/**
 * func_raw_move - let a region have other memory
 * @raw: the pair
 * @region: not registered
 * @mem: in the linear mapping
 * @len: bytes
 *
 * Return: true if it has.
 */
bool func_raw_move(struct func_raw *raw, struct func_raw_region *region,
		   void *mem, size_t len)
{
	if (region->sg.length)
		ib_dma_unmap_sg(raw->dev, &region->sg, 1, DMA_BIDIRECTIONAL);
	sg_init_one(&region->sg, mem, len);
	if (!CHECK_EQ(raw->t, ib_dma_map_sg(raw->dev, &region->sg, 1,
					    DMA_BIDIRECTIONAL), 1) ||
	    !CHECK_EQ(raw->t, ib_map_mr_sg(region->mr, &region->sg, 1, NULL,
					   PAGE_SIZE), 1))
		return false;
	region->iova = SZ_1M + offset_in_page(mem);
	region->mr->iova = region->iova;
	return true;
}

/**
 * func_raw_region - make a region
 * @raw: the pair
 * @mem: in the linear mapping
 * @len: bytes
 *
 * Return: the region, not yet registered, or NULL after a complaint.
 */
struct func_raw_region *func_raw_region(struct func_raw *raw, void *mem,
					size_t len)
{
	struct func_raw_region *region = &raw->regions[raw->count];

	if (!CHECK(raw->t, raw->count < FUNC_RAW_REGIONS))
		return NULL;
	region->mr = ib_alloc_mr(raw->pd, IB_MR_TYPE_MEM_REG,
				 DIV_ROUND_UP(len, PAGE_SIZE) + 1);
	if (!CHECK_OK(raw->t, PTR_ERR_OR_ZERO(region->mr)))
		return NULL;
	raw->count++;
	return func_raw_move(raw, region, mem, len) ? region : NULL;
}

/**
 * func_raw_register - give the peer access to a region
 * @raw: the pair
 * @region: the region, new or invalidated
 * @access: which
 *
 * Return: like func_raw_run().
 */
int func_raw_register(struct func_raw *raw, struct func_raw_region *region,
		      int access)
{
	struct ib_reg_wr wr = {
		.wr.opcode = IB_WR_REG_MR,
		.mr = region->mr,
		.access = access,
	};

	ib_update_fast_reg_key(region->mr, region->mr->rkey + 1);
	wr.key = region->mr->rkey;
	return func_raw_run(raw, &wr.wr);
}

/**
 * func_raw_invalidate - take the access back
 * @raw: the pair
 * @region: registered
 *
 * Return: like func_raw_run().
 */
int func_raw_invalidate(struct func_raw *raw, struct func_raw_region *region)
{
	struct ib_send_wr wr = {
		.opcode = IB_WR_LOCAL_INV,
		.ex.invalidate_rkey = region->mr->rkey,
	};

	return func_raw_run(raw, &wr);
}
