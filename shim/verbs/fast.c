// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Plain operations: what is rare about them. See fast.h.
 */
#include "fast.h"

static struct kfv_req *kfv_fast_req(const struct kfv_fast_wr *fast)
{
	return container_of(fast->wr.wr.wr_cqe, struct kfv_req, cqe);
}

/* The last operation was not accepted after all. */
static void kfv_fast_undo(struct kfv_queue *q, const struct kfv_fast_wr *fast)
{
	const struct kfv_req *req = kfv_fast_req(fast);

	kfv_cq_give(q->cq, 1, req->spare);
	q->head--;
	q->run = (u16)req->run;
}

/*
 * The device did not take work requests from @first to before @end, which were
 * accepted. They fail with the completion of a marker in the place of the last one,
 * as if the device had said so. If it refuses the marker too, they end with whatever
 * completes next, at the latest when the queue pair is destroyed.
 */
static void kfv_fast_lose(struct kfv_ep *ep, struct kfv_fast_wr *first,
			  struct kfv_fast_wr *end)
{
	struct kfv_queue *q = &ep->sq;
	struct ib_rdma_wr marker = {
		.wr = {
			.wr_cqe = end[-1].wr.wr.wr_cqe,
			.opcode = IB_WR_RDMA_WRITE,
			.send_flags = IB_SEND_SIGNALED,
		},
	};
	struct kfv_req *req;

	for (; first < end; first++) {
		req = kfv_fast_req(first);
		req->failed = true;
		req->run = 0;
	}
	/* there is one work request only: nothing is behind bad_wr */
	q->run = ib_post_send(ep->qp, &marker.wr, NULL) ? 1 | KFV_RUN_MIXED : 1;
}

/* Post all that wait, of which @last is the last one. One alone is never linked. */
static int kfv_fast_post_chain(struct kfv_ep *ep, struct kfv_fast_wr *last)
{
	struct kfv_queue *q = &ep->sq;
	int rc;

	last->wr.wr.next = NULL;
	rc = ib_post_send(ep->qp, &q->fast->wr.wr, &q->bad);
	q->fast->wr.wr.next = NULL;
	q->next = q->fast;
	return rc;
}

/* The first one that the device did not take; for one alone it need not say so */
static struct kfv_fast_wr *kfv_fast_bad(struct kfv_queue *q,
					struct kfv_fast_wr *last)
{
	if (last == q->fast)
		return last;
	return container_of(q->bad, struct kfv_fast_wr, wr.wr);
}

/**
 * kfv_fast_ring_chain - post those that wait and one more
 * @ep: endpoint, for who has the right to post
 *
 * Context: any.
 * Return: 0, or what the device answered.
 */
int kfv_fast_ring_chain(struct kfv_ep *ep)
{
	struct kfv_queue *q = &ep->sq;
	struct kfv_fast_wr *last = q->next;
	int rc;

	rc = kfv_fast_post_chain(ep, last);
	/* for kfv_fast_refused() */
	if (unlikely(rc))
		q->next = last;
	return rc;
}

/**
 * kfv_fast_refused - the device did not take all work requests
 * @ep: endpoint, for who has the right to post; its next work request is of the
 *	operation that is being posted
 * @rc: why
 *
 * That operation is undone. If others were not taken either, they fail.
 *
 * Context: any.
 * Return: @rc, but less than 0.
 */
int kfv_fast_refused(struct kfv_ep *ep, int rc)
{
	struct kfv_queue *q = &ep->sq;
	struct kfv_fast_wr *last = q->next;
	struct kfv_fast_wr *bad = kfv_fast_bad(q, last);

	trace_kfv_post_send(ep, kfv_fast_req(bad), bad->wr.wr.opcode, 0, rc);
	q->next = q->fast;
	kfv_fast_undo(q, last);
	if (bad < last) {
		kfv_fast_lose(ep, bad, last);
		q->lost = 1;
	}
	return min(rc, -1);
}

/**
 * kfv_fast_tell - the device refused work requests
 * @ep: endpoint
 *
 * If some of them had been accepted, the connection is broken: what the client takes
 * for done may not be.
 *
 * Context: any, but without the lock of a queue.
 */
void kfv_fast_tell(struct kfv_ep *ep)
{
	if (xchg(&ep->sq.lost, 0))
		kfv_conn_broken(ep);
}

/**
 * kfv_fast_refused_serial - the same, of who has made a serial queue busy
 * @ep: endpoint; its send queue is not busy any more
 * @rc: what the device answered
 *
 * Context: any.
 * Return: @rc, but less than 0.
 */
ssize_t kfv_fast_refused_serial(struct kfv_ep *ep, int rc)
{
	rc = kfv_fast_refused(ep, rc);
	kfv_fast_release(&ep->sq);
	kfv_fast_tell(ep);
	return rc;
}

/**
 * kfv_fast_ring_all - give a serial queue's work requests to the device
 * @ep: endpoint whose send queue the caller has made busy; it is not any more
 * @fast: the last one of them
 *
 * Context: any.
 * Return: 0, or what the device answered.
 */
ssize_t kfv_fast_ring_all(struct kfv_ep *ep, const struct kfv_fast_wr *fast)
{
	return kfv_fast_ring_serial(ep, fast);
}

/**
 * kfv_fast_flush - give the device the work requests that wait for more
 * @ep: endpoint, the lock of its send queue is held; some do
 *
 * Context: any.
 * Return: 0, or what the device answered; then the rest of them fails, and the
 * connection is to be broken.
 */
int kfv_fast_flush(struct kfv_ep *ep)
{
	struct kfv_queue *q = &ep->sq;
	struct kfv_fast_wr *last = q->next - 1;
	int rc;

	lockdep_assert_held(&q->lock);

	rc = kfv_fast_post_chain(ep, last);
	if (unlikely(rc))
		kfv_fast_lose(ep, kfv_fast_bad(q, last), last + 1);
	return rc;
}

/**
 * kfv_fast_end - end a data call that went the long way
 * @ep: endpoint
 * @rc: what the call returns
 *
 * What waits for more does not wait for a call that was refused.
 *
 * Context: any.
 * Return: @rc.
 */
ssize_t kfv_fast_end(struct kfv_ep *ep, ssize_t rc)
{
	struct kfv_queue *q = &ep->sq;
	unsigned long flags;
	bool lost;

	if (likely(!rc || !kfv_fast_pending(q)))
		return rc;
	spin_lock_irqsave(&q->lock, flags);
	lost = kfv_fast_pending(q) && kfv_fast_flush(ep);
	spin_unlock_irqrestore(&q->lock, flags);
	if (lost)
		kfv_conn_broken(ep);
	return rc;
}
