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
 * The device did not take work requests from @bad on, which were accepted. They fail
 * with the completion of a marker in the place of the last one, as if the device had
 * said so. If it refuses the marker too, they end with whatever completes next, at the
 * latest when the queue pair is destroyed.
 */
static void kfv_fast_lose(struct kfv_ep *ep, const struct kfv_fast_wr *bad)
{
	struct kfv_queue *q = &ep->sq;
	u32 from = kfv_queue_index(q, kfv_fast_req(bad));
	u32 n = (q->head - from) & q->mask ?: q->mask + 1;
	struct ib_rdma_wr marker = {
		.wr = {
			.wr_cqe = &kfv_queue_at(q, q->head - 1)->cqe,
			.opcode = IB_WR_RDMA_WRITE,
			.send_flags = IB_SEND_SIGNALED,
		},
	};
	struct kfv_req *req;

	for (; n; n--) {
		req = kfv_queue_at(q, from++);
		req->failed = true;
		req->run = 0;
	}
	/* there is one work request only: nothing is behind bad_wr */
	q->run = ib_post_send(ep->qp, &marker.wr, NULL) ? 1 | KFV_RUN_MIXED : 1;
}

/*
 * Places for silent operations that are to wait, @had of which are there: in the queue,
 * and in the completion ring unless that would make somebody give places back; as long
 * as no work request that is signalled is due. Who traces operations sees the long way.
 */
static bool kfv_fast_set_window(struct kfv_queue *q, int had)
{
	int at = q->head & q->mask;
	struct kfv_slot *slot = (struct kfv_slot *)q->reqs + at;
	/* pairs with the release of the completion handler */
	int room = q->open - (q->head - smp_load_acquire(&q->tail));
	int n = min(KFV_FAST_WINDOW, (int)q->mask - at);

	n = min3(n, room, (int)(q->signal_every - q->run));
	if (unlikely(n < 0 || trace_kfv_post_send_enabled()))
		n = 0;
	if (n > had && unlikely(atomic_add_negative(had - n, &q->cq->spare))) {
		kfv_cq_give(q->cq, n, true);
		n = 0;
	} else if (n < had) {
		kfv_cq_give(q->cq, had - n, true);
	}
	q->next = &slot->fast;
	q->base = &slot->fast;
	q->window_end = &slot[n].fast;
	return n;
}

/* Places that nobody came for; of a serial queue */
static int kfv_fast_window(const struct kfv_queue *q)
{
	return kfv_fast_slot(q->window_end) - kfv_fast_slot(q->next);
}

/* The device has all. */
static void kfv_fast_unlink(struct kfv_queue *q)
{
	if (q->serial && q->window_end != q->next)
		kfv_cq_give(q->cq, kfv_fast_window(q), true);
	kfv_fast_reset(q);
}

/**
 * kfv_fast_open_window - get places for silent operations that are to wait
 * @q: serial queue without a window, for who has made it busy
 *
 * Context: any.
 * Return: true if there is a window.
 */
bool kfv_fast_open_window(struct kfv_queue *q)
{
	if (q->linked)
		kfv_fast_count(q);
	if (q->linked && q->head - q->chained >= KFV_FAST_BATCH - KFV_FAST_WINDOW)
		return false;
	if (!kfv_fast_set_window(q, 0)) {
		if (!q->linked)
			kfv_fast_reset(q);
		return false;
	}
	if (!q->linked) {
		q->linked = true;
		q->start = q->next;
		q->chained = q->head;
	}
	return true;
}

/**
 * kfv_fast_link - let an operation wait, unless enough of them do
 * @q: send queue, for who has the right to post
 * @fast: its work request
 *
 * Context: any.
 * Return: true if it waits.
 */
bool kfv_fast_link(struct kfv_queue *q, struct kfv_fast_wr *fast)
{
	struct kfv_fast_wr *next = &kfv_queue_slot(q, q->head)->fast;

	if (!q->linked) {
		q->linked = true;
		q->start = fast;
		q->chained = q->head - 1;
		fast->wr.wr.next = &next->wr.wr;
		kfv_fast_set_next(q, next);
		return true;
	}
	if (q->head - q->chained >= KFV_FAST_BATCH)
		return false;
	if (!kfv_fast_window(q)) {
		kfv_fast_set_next(q, next);
		return true;
	}
	/* it has a place of its own */
	kfv_cq_give(q->cq, 1, true);
	q->next = next;
	q->base = next;
	return true;
}

/* The first one that the device did not take of a chain */
static struct kfv_fast_wr *kfv_fast_bad(const struct kfv_queue *q)
{
	return container_of(q->bad, struct kfv_fast_wr, wr.wr);
}

/* Post all that wait, of which @last is the last one; nothing is linked behind that. */
static int kfv_fast_post_chain(struct kfv_ep *ep, struct kfv_fast_wr *last)
{
	struct ib_send_wr *next = last->wr.wr.next;
	struct kfv_queue *q = &ep->sq;
	int rc;

	last->wr.wr.next = NULL;
	/* if the device does not say, it took none */
	q->bad = &q->start->wr.wr;
	rc = kfv_fast_give(ep, &q->start->wr.wr);
	last->wr.wr.next = next;
	return rc;
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
	int rc;

	rc = kfv_fast_post_chain(ep, q->next);
	if (likely(!rc))
		kfv_fast_unlink(&ep->sq);
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
	struct kfv_fast_wr *bad = q->linked ? kfv_fast_bad(q) : last;

	trace_kfv_post_send(ep, kfv_fast_req(bad), bad->wr.wr.opcode, 0, rc);
	kfv_fast_unlink(q);
	kfv_fast_undo(q, last);
	if (bad != last) {
		kfv_fast_lose(ep, bad);
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
 * kfv_fast_end_chain - give a serial queue's work requests to the device
 * @ep: endpoint whose send queue the caller has made busy; it is not any more
 * @fast: the last one of them
 *
 * Context: any.
 * Return: 0, or what the device answered.
 */
ssize_t kfv_fast_end_chain(struct kfv_ep *ep, struct kfv_fast_wr *fast)
{
	struct kfv_queue *q = &ep->sq;
	int rc;

	if (!q->linked)
		return kfv_fast_ring_alone(ep, fast);
	rc = kfv_fast_post_chain(ep, fast);
	if (unlikely(rc))
		return kfv_fast_refused_serial(ep, rc);
	/* where calls without flags are what chains are made of, the next one has places */
	if (likely(ep->plain_call == KFV_PLAIN_CHAINED)) {
		kfv_fast_set_window(q, kfv_fast_window(q));
		q->start = q->next;
		q->chained = q->head;
	} else {
		kfv_fast_unlink(q);
	}
	kfv_fast_release(q);
	return 0;
}

/**
 * kfv_fast_wait_serial - let an operation of a serial queue wait, or post all that do
 * @ep: endpoint whose send queue the caller has made busy; it is not any more
 * @fast: its work request
 *
 * Context: any.
 * Return: 0, or what the device answered.
 */
ssize_t kfv_fast_wait_serial(struct kfv_ep *ep, struct kfv_fast_wr *fast)
{
	if (!kfv_fast_link(&ep->sq, fast))
		return kfv_fast_end_chain(ep, fast);
	kfv_fast_release(&ep->sq);
	return 0;
}

/* The last one that waits; some do */
static struct kfv_fast_wr *kfv_fast_last(struct kfv_queue *q)
{
	if (q->head - q->chained == 1)
		return q->start;
	return &kfv_queue_slot(q, q->head - 1)->fast;
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
	int rc = 0;

	lockdep_assert_held(&q->lock);

	if (q->serial)
		kfv_fast_count(q);
	if (q->head != q->chained)
		rc = kfv_fast_post_chain(ep, kfv_fast_last(q));
	kfv_fast_unlink(q);
	if (unlikely(rc))
		kfv_fast_lose(ep, kfv_fast_bad(q));
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
