// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The short way of most commits: a plain write (see fast.h), and a FLUSH of what it
 * wrote behind it. There is nothing to plan, and nothing to keep account of: what was
 * written before is none of its business, and what it writes is durable when it is done.
 */
#include "fast.h"
#include "persist.h"

static bool kfv_durable_fits(const struct kfv_ep *ep, const struct kfv_fast *op)
{
	const u64 needed = KFV_KEY_PMEM | KFV_KEY_FLUSH;

	return ep->commit->method == KFI_VERBS_FLUSH && !ep->domain->iwarp &&
	       (op->key & needed) == needed && op->len - 1 < ep->max_msg &&
	       kfv_fast_has_remote(op);
}

/* Places in the completion ring for two requests, of which the last one reports */
static bool kfv_durable_take(struct kfv_queue *q)
{
	if (!kfv_cq_take_spare(q->cq, 1))
		return false;
	if (kfv_cq_take(q->cq, 1))
		return true;
	kfv_cq_give(q->cq, 1, true);
	return false;
}

static void kfv_durable_build(struct kfv_queue *q, const struct kfv_fast *op,
			      struct ib_flush_wr *flush)
{
	struct kfv_req *first = &kfv_queue_slot(q, q->head)->req;
	struct kfv_req *last = &kfv_queue_slot(q, q->head + 1)->req;
	struct ib_rdma_wr *write = &q->alone.wr;

	kfv_fast_set_req(first, op, false, true, 0);
	first->last = false;
	kfv_fast_set_req(last, op, true, false, 0);

	kfv_fast_set_wr(op, &q->alone);
	write->wr.wr_cqe = &first->cqe;
	write->wr.next = &flush->wr;
	*flush = (struct ib_flush_wr) {
		.wr = {
			.wr_cqe = &last->cqe,
			.opcode = IB_WR_FLUSH,
			.send_flags = IB_SEND_SIGNALED,
		},
		.remote_addr = write->remote_addr,
		.rkey = write->rkey,
		.length = op->len,
		.type = IB_FLUSH_GLOBAL | IB_FLUSH_PERSISTENT,
		.level = IB_FLUSH_RANGE,
	};
}

/* The device has not taken both; the first one, if it is @written. */
static noinline void kfv_durable_refused(struct kfv_ep *ep,
					 const struct kfv_fast *op, bool written,
					 int rc)
{
	struct kfv_queue *q = &ep->sq;
	struct kfv_op cut = {
		.context = op->context,
		.comp = op->comp,
		.report = true,
	};
	struct kfv_post p = {
		.ep = ep, .q = q, .op = &cut, .n = 2, .spare = true,
	};

	trace_kfv_post_send(ep, kfv_queue_req(q, written), IB_WR_FLUSH, 0, rc);
	if (written)
		kfv_post_cut_short(&p, 1);
	else
		kfv_queue_give(q, 2, true, true);
}

/**
 * kfv_durable_write - post a plain write that is to be durable
 * @ep: endpoint with KFI_RMA_PMEM
 * @op: the write; it reports
 *
 * Context: any.
 * Return: 0; KFV_NOT_PLAIN; what the device answered.
 */
ssize_t kfv_durable_write(struct kfv_ep *ep, const struct kfv_fast *op)
{
	struct kfv_queue *q = &ep->sq;
	struct ib_rdma_wr *write = &q->alone.wr;
	const struct ib_send_wr *bad;
	struct ib_flush_wr flush;
	unsigned long flags;
	bool cut = false;
	int rc;

	if (!kfv_durable_fits(ep, op))
		return KFV_NOT_PLAIN;

	spin_lock_irqsave(&q->lock, flags);
	if (unlikely(q->gate || !kfv_queue_has_room(q, 2) ||
		     !kfv_fast_set_local(ep, op, &q->alone, 0) ||
		     !kfv_durable_take(q))) {
		spin_unlock_irqrestore(&q->lock, flags);
		return KFV_NOT_PLAIN;
	}
	kfv_durable_build(q, op, &flush);
	trace_kfv_post_send(ep, kfv_queue_req(q, 0), op->opcode, op->len, 0);
	trace_kfv_post_send(ep, kfv_queue_req(q, 1), IB_WR_FLUSH, 0, 0);
	rc = ib_post_send(ep->qp, &write->wr, &bad);
	write->wr.next = NULL;
	if (likely(!rc)) {
		q->head += 2;
		q->parts++;
		q->run = 1;
	} else {
		cut = bad == &flush.wr;
		kfv_durable_refused(ep, op, cut, rc);
	}
	spin_unlock_irqrestore(&q->lock, flags);

	if (unlikely(cut)) {
		kfv_conn_broken(ep);
		return 0;
	}
	return rc;
}
