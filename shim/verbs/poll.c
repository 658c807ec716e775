// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Completion queues that their client polls
 *
 * Purpose: reading completions without interrupts, softirqs and the ring, for a
 * client that has said that it makes progress itself (KFI_PROGRESS_MANUAL) and
 * opened a completion queue that tells nobody: no handler, no wait object.
 *
 * Operation: nothing happens when the device adds a completion. kfi_cq_read() takes
 * completions out of the device. Those of plain operations (fast.h) go straight to
 * the client; one of anything else has its handler called, as in other completion
 * queues, whose entries are in the ring and are read from there.
 *
 * Ownership: one call at a time polls. Others, from an interrupt too, see the ring
 * only, and leave what the device has to the one. Whoever ends an endpoint keeps
 * clients from polling while it drains the queue pair.
 *
 * Ordering: what is in the ring is older than what the device has. So once a handler has
 * run, the rest of a batch goes the same way, and the lock of who polls is parked: the
 * next one reads the ring first, and asks the device when that is empty. Without that
 * there is no need to look at the ring.
 *
 * Errors: an entry with an error is in the ring, and stops reads until it was read.
 */
#include <linux/delay.h>
#include <linux/minmax.h>

#include "quick.h"

/* What the lock is */
enum {
	KFV_POLL_FREE,
	KFV_POLL_TAKEN,
	/* free, but looks taken: who comes is to look at the ring first */
	KFV_POLL_PARKED = 3,
};

/* True if the caller may poll, but for the ring */
static bool kfv_poll_unpark(struct kfv_cq *cq)
{
	return atomic_long_cmpxchg(&cq->polling, KFV_POLL_PARKED,
				   KFV_POLL_TAKEN) == KFV_POLL_PARKED;
}

/* For who polls: somebody else may, but something may be in the ring. */
static void kfv_poll_park(struct kfv_cq *cq)
{
	atomic_long_set_release(&cq->polling, KFV_POLL_PARKED);
}

/* Completions as in any completion queue */
static void kfv_poll_any(struct kfv_cq *cq, struct ib_wc *wc, int n)
{
	for (; n > 0; n--, wc++)
		wc->wr_cqe->done(cq->ibcq, wc);
}

/* Nothing is to be read now: completions go to the ring. */
static void kfv_poll_progress(struct kfv_cq *cq)
{
	if (!kfv_bit_trylock(&cq->polling) && !kfv_poll_unpark(cq))
		return;
	kfv_poll_any(cq, cq->wcs,
		     ib_poll_cq(cq->ibcq, KFV_POLL_BATCH, cq->wcs));
	kfv_poll_park(cq);
}

/* For who may not ask the device, or not yet */
static noinline ssize_t kfv_poll_ring(struct kfv_cq *cq, void *buf,
				      size_t count)
{
	if (kfv_poll_unpark(cq)) {
		if (kfi_cqring_is_empty(&cq->ring)) {
			kfv_bit_unlock(&cq->polling);
			return cq->cq.ops->read(&cq->cq, buf, count);
		}
		kfv_poll_park(cq);
	}
	return kfi_cqring_read(&cq->ring, buf, count, NULL);
}

/*
 * Entry @i of the client, if it is of what is most common: a plain operation that reports,
 * with no silent one in front of it
 */
static __always_inline bool kfv_poll_plain(const struct ib_wc *wc, void *buf,
					   u32 i, enum kfi_cq_format format)
{
	const struct kfv_req *req = container_of(wc->wr_cqe, struct kfv_req,
						 cqe);

	if (likely(req->cqe.done == kfv_queue_send_done)) {
		if (!kfv_quick_is_one(req, wc) || trace_kfv_wc_send_enabled())
			return false;
		kfi_cqring_write_done(format, buf, i, req->context, req->flags,
				      0);
		kfv_quick_pop(&req->ep->sq, 1);
		return true;
	}
	if (unlikely(req->cqe.done != kfv_queue_recv_done ||
		     !kfv_quick_is_one(req, wc) ||
		     wc->wc_flags & IB_WC_WITH_IMM ||
		     trace_kfv_wc_recv_enabled()))
		return false;
	kfi_cqring_write_done(format, buf, i, req->context, req->flags,
			      wc->byte_len);
	kfv_quick_pop(&req->ep->rq, 1);
	return true;
}

/* Entry number @done of the client */
static u32 kfv_poll_entry(const struct kfv_cq *cq, void *buf, u32 done,
			  struct kfv_quick quick, size_t len)
{
	if (!quick.report)
		return done;
	kfi_cqring_write_done(cq->ring.format, buf, done, quick.context,
			      quick.flags, len);
	return done + 1;
}

/* The client has *done entries, and one more or not. False if this is not plain. */
static bool kfv_poll_quick(struct kfv_cq *cq, const struct ib_wc *wc, void *buf,
			   u32 *done)
{
	struct kfv_req *req = container_of(wc->wr_cqe, struct kfv_req, cqe);

	if (kfv_quick_is_send(req, wc))
		*done = kfv_poll_entry(cq, buf, *done,
				       kfv_quick_send(&req->ep->sq, req), 0);
	else if (kfv_quick_is_recv(req, wc))
		*done = kfv_poll_entry(cq, buf, *done,
				       kfv_quick_recv(&req->ep->rq, req),
				       wc->byte_len);
	else
		return false;
	return true;
}

/* The client has nothing, but for what is in the ring, which is often asked for in vain. */
static __always_inline ssize_t kfv_poll_first(struct kfv_cq *cq, void *buf)
{
	return likely(kfi_cqring_is_empty(&cq->ring)) ?
	       -EAGAIN : kfi_cqring_read(&cq->ring, buf, 1, NULL);
}

/* The client has @done entries, or one that is in the ring. */
static ssize_t kfv_poll_result(struct kfv_cq *cq, void *buf, u32 done)
{
	if (!done)
		return kfv_poll_first(cq, buf);
	kfi_cqring_unreserve(&cq->ring, done);
	return done;
}

/*
 * For who polls, with @n completions: go on until the client has @want entries or the
 * device has no more. Once one went to the ring, all of a batch do.
 */
static noinline ssize_t kfv_poll_batch(struct kfv_cq *cq, int n, void *buf,
				       size_t want)
{
	u32 done = 0;
	int i;

	while (n > 0) {
		for (i = 0; i < n; i++) {
			if (likely(kfv_poll_plain(&cq->wcs[i], buf, done,
						  cq->ring.format))) {
				done++;
				continue;
			}
			if (kfv_poll_quick(cq, &cq->wcs[i], buf, &done))
				continue;
			kfv_poll_any(cq, &cq->wcs[i], n - i);
			kfv_poll_park(cq);
			return kfv_poll_result(cq, buf, done);
		}
		if (done >= want)
			break;
		n = ib_poll_cq(cq->ibcq, min_t(size_t, want - done,
					       KFV_POLL_BATCH), cq->wcs);
	}
	kfv_bit_unlock(&cq->polling);
	return kfv_poll_result(cq, buf, done);
}

/* Likewise, with one that is of a send queue, and silent ones are in front of it */
static noinline ssize_t kfv_poll_run(struct kfv_cq *cq, void *buf)
{
	const struct ib_wc *wc = cq->wcs;
	struct kfv_req *req = container_of(wc->wr_cqe, struct kfv_req, cqe);

	if (!kfv_quick_is_send(req, wc) || !req->report)
		return kfv_poll_batch(cq, 1, buf, 1);
	kfi_cqring_write_done(cq->ring.format, buf, 0, req->context, req->flags,
			      0);
	kfv_quick_send(&req->ep->sq, req);
	kfv_bit_unlock(&cq->polling);
	kfi_cqring_unreserve(&cq->ring, 1);
	return 1;
}

/* For who polls: the device has nothing. */
static __always_inline ssize_t kfv_poll_none(struct kfv_cq *cq, void *buf)
{
	kfv_bit_unlock(&cq->polling);
	return kfv_poll_first(cq, buf);
}

/* The only one of a batch */
static __always_inline ssize_t kfv_poll_one(struct kfv_cq *cq, void *buf,
					    enum kfi_cq_format format)
{
	if (unlikely(!kfv_poll_plain(cq->wcs, buf, 0, format)))
		return kfv_poll_run(cq, buf);
	kfv_bit_unlock(&cq->polling);
	kfi_cqring_unreserve(&cq->ring, 1);
	return 1;
}

/* Room for nothing, for no reason or for more than a batch */
static noinline ssize_t kfv_poll_odd(struct kfv_cq *cq, void *buf, size_t count)
{
	int n;

	if (!count) {
		kfv_poll_progress(cq);
		return 0;
	}
	if (!buf || !kfv_bit_trylock(&cq->polling))
		return kfv_poll_ring(cq, buf, count);
	n = ib_poll_cq(cq->ibcq, KFV_POLL_BATCH, cq->wcs);
	if (n == 1)
		return kfv_poll_one(cq, buf, cq->ring.format);
	return n > 0 ? kfv_poll_batch(cq, n, buf, count) :
		       kfv_poll_none(cq, buf);
}

/*
 * kfi_cq_read() of a completion queue that is polled: one of several calls takes
 * completions from the device, a batch at a time. With @count 0, operations make progress
 * all the same, so that queues become free of those that nobody is told of.
 */
static __always_inline ssize_t kfv_poll_read(struct kfid_cq *fid, void *buf,
					     size_t count,
					     enum kfi_cq_format format)
{
	struct kfv_cq *cq = kfv_cq(&fid->fid);
	int n;

	if (unlikely(count - 1 >= KFV_POLL_BATCH || !buf))
		return kfv_poll_odd(cq, buf, count);
	if (!kfv_bit_trylock(&cq->polling))
		return kfv_poll_ring(cq, buf, count);
	n = ib_poll_cq(cq->ibcq, count, cq->wcs);
	if (likely(n == 1))
		return kfv_poll_one(cq, buf, format);
	return n > 0 ? kfv_poll_batch(cq, n, buf, 1) : kfv_poll_none(cq, buf);
}

static ssize_t kfv_poll_read_context(struct kfid_cq *cq, void *buf,
				     size_t count)
{
	return kfv_poll_read(cq, buf, count, KFI_CQ_FORMAT_CONTEXT);
}

static ssize_t kfv_poll_read_msg(struct kfid_cq *cq, void *buf, size_t count)
{
	return kfv_poll_read(cq, buf, count, KFI_CQ_FORMAT_MSG);
}

static ssize_t kfv_poll_read_data(struct kfid_cq *cq, void *buf, size_t count)
{
	return kfv_poll_read(cq, buf, count, KFI_CQ_FORMAT_DATA);
}

static ssize_t kfv_poll_read_tagged(struct kfid_cq *cq, void *buf, size_t count)
{
	return kfv_poll_read(cq, buf, count, KFI_CQ_FORMAT_TAGGED);
}

/* As kfi_cq_read(); there are no source addresses. */
static ssize_t kfv_poll_readfrom(struct kfid_cq *cq, void *buf, size_t count,
				 kfi_addr_t *src_addr)
{
	ssize_t n = cq->ops->read(cq, buf, count);
	ssize_t i;

	for (i = 0; src_addr && i < n; i++)
		src_addr[i] = KFI_ADDR_NOTAVAIL;
	return n;
}

static struct kfi_ops_cq kfv_poll_context_ops __ro_after_init = {
	.read = kfv_poll_read_context,
	.readfrom = kfv_poll_readfrom,
};

static struct kfi_ops_cq kfv_poll_msg_ops __ro_after_init = {
	.read = kfv_poll_read_msg,
	.readfrom = kfv_poll_readfrom,
};

static struct kfi_ops_cq kfv_poll_data_ops __ro_after_init = {
	.read = kfv_poll_read_data,
	.readfrom = kfv_poll_readfrom,
};

static struct kfi_ops_cq kfv_poll_tagged_ops __ro_after_init = {
	.read = kfv_poll_read_tagged,
	.readfrom = kfv_poll_readfrom,
};

/**
 * kfv_poll_set_ops - let a completion queue be polled
 * @cq: completion queue that has a ring
 *
 * Context: process.
 */
void kfv_poll_set_ops(struct kfv_cq *cq)
{
	switch (cq->ring.format) {
	case KFI_CQ_FORMAT_CONTEXT:
		cq->cq.ops = &kfv_poll_context_ops;
		break;
	case KFI_CQ_FORMAT_MSG:
		cq->cq.ops = &kfv_poll_msg_ops;
		break;
	case KFI_CQ_FORMAT_TAGGED:
		cq->cq.ops = &kfv_poll_tagged_ops;
		break;
	default:
		cq->cq.ops = &kfv_poll_data_ops;
	}
}

/**
 * kfv_poll_init_ops - complete the tables with what any completion queue has
 * @ops: those operations
 *
 * Context: module init.
 */
void kfv_poll_init_ops(const struct kfi_ops_cq *ops)
{
	kfi_ops_fill(&kfv_poll_context_ops, ops);
	kfi_ops_fill(&kfv_poll_msg_ops, ops);
	kfi_ops_fill(&kfv_poll_data_ops, ops);
	kfi_ops_fill(&kfv_poll_tagged_ops, ops);
}

/**
 * kfv_poll_pushed - something is in the ring
 * @cq: completion queue that is polled
 *
 * Who polls at this moment may leave it to a read that finds nothing else.
 *
 * Context: any.
 */
void kfv_poll_pushed(struct kfv_cq *cq)
{
	atomic_long_cmpxchg(&cq->polling, KFV_POLL_FREE, KFV_POLL_PARKED);
}

/**
 * kfv_poll_hold - keep the client from polling
 * @cq: completion queue, polled or not
 *
 * Context: process, may sleep; with domain->lock.
 */
void kfv_poll_hold(struct kfv_cq *cq)
{
	lockdep_assert_held(&cq->domain->lock);

	while (cq->wcs && !kfv_bit_trylock(&cq->polling) && !kfv_poll_unpark(cq))
		usleep_range(10, 100);
}

/**
 * kfv_poll_release - undo kfv_poll_hold()
 * @cq: completion queue
 *
 * Context: process, with domain->lock.
 */
void kfv_poll_release(struct kfv_cq *cq)
{
	if (cq->wcs)
		kfv_poll_park(cq);
}

/**
 * struct kfv_poll_marker - the last request of a queue
 * @cqe: its completion
 * @done: has come
 */
struct kfv_poll_marker {
	struct ib_cqe cqe;
	bool done;
};

static void kfv_poll_marker_done(struct ib_cq *ibcq, struct ib_wc *wc)
{
	container_of(wc->wr_cqe, struct kfv_poll_marker, cqe)->done = true;
}

static void kfv_poll_wait(struct kfv_cq *cq,
			  const struct kfv_poll_marker *marker)
{
	while (ib_process_cq_direct(cq->ibcq, KFV_POLL_BATCH), !marker->done)
		usleep_range(10, 100);
}

static void kfv_poll_drain_send(struct kfv_ep *ep)
{
	struct kfv_poll_marker marker = { .cqe.done = kfv_poll_marker_done };
	struct ib_rdma_wr wr = {
		.wr.wr_cqe = &marker.cqe,
		.wr.opcode = IB_WR_RDMA_WRITE,
		.wr.send_flags = IB_SEND_SIGNALED,
	};

	if (!WARN_ON_ONCE(ib_post_send(ep->qp, &wr.wr, NULL)))
		kfv_poll_wait(ep->tx_cq, &marker);
}

static void kfv_poll_drain_recv(struct kfv_ep *ep)
{
	struct kfv_poll_marker marker = { .cqe.done = kfv_poll_marker_done };
	struct ib_recv_wr wr = { .wr_cqe = &marker.cqe };

	if (!WARN_ON_ONCE(ib_post_recv(ep->qp, &wr, NULL)))
		kfv_poll_wait(ep->rx_cq, &marker);
}

/* ib_drain_qp() looks at such a completion queue ten times a second only. */
static bool kfv_poll_can_drain(const struct kfv_cq *cq)
{
	const struct ib_device_ops *ops = &cq->domain->ibdev->ops;

	return cq->wcs && !ops->drain_sq && !ops->drain_rq;
}

/*
 * Whether the device has finished all requests of a send queue, and all completions were
 * handled: in a completion queue that is polled they were, since it is held; in another
 * one they will be, if the marker of the receive queue comes behind them. Endpoints without
 * plain operations may have requests of ours, too.
 */
static bool kfv_poll_sends_are_done(const struct kfv_ep *ep)
{
	/* pairs with the release of the completion handler */
	unsigned long tail = smp_load_acquire(&ep->sq.tail);

	return ep->plain_max && ep->sq.head == tail &&
	       (ep->tx_cq->wcs || ep->tx_cq == ep->rx_cq);
}

/**
 * kfv_poll_drain - let all that is outstanding complete
 * @ep: endpoint whose gates are closed
 *
 * As ib_drain_qp(), which makes the device work and wakes who waits twice: where nothing
 * is outstanding in the send queue, once. The completion queues are held.
 *
 * Context: process, may sleep; with domain->lock.
 */
void kfv_poll_drain(struct kfv_ep *ep)
{
	struct ib_qp_attr attr = { .qp_state = IB_QPS_ERR };
	bool send = kfv_poll_can_drain(ep->tx_cq);
	bool recv = kfv_poll_can_drain(ep->rx_cq);
	int rc = 0;

	if (send || recv)
		rc = ib_modify_qp(ep->qp, &attr, IB_QP_STATE);
	if (!kfv_poll_sends_are_done(ep)) {
		if (send && !rc)
			kfv_poll_drain_send(ep);
		else
			ib_drain_sq(ep->qp);
	}
	if (recv && !rc)
		kfv_poll_drain_recv(ep);
	else
		ib_drain_rq(ep->qp);
}
