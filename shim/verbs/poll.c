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
 * Ordering: what is in the ring is older than what the device has, so the device is
 * asked only while the ring is empty; and once a handler has run, the rest of a batch
 * goes the same way.
 *
 * Errors: an entry with an error is in the ring, and stops reads until it was read.
 */
#include <linux/delay.h>
#include <linux/minmax.h>

#include "quick.h"

static __always_inline u32 kfv_poll_entry(const struct kfv_cq *cq, void *buf,
					  u32 i, struct kfv_quick quick,
					  size_t len)
{
	if (unlikely(!quick.report))
		return i;
	kfi_cqring_write_done(&cq->ring, buf, i, quick.context, quick.flags,
			      len);
	return i + 1;
}

/*
 * Completions of a batch, up to the first one that is not of a plain operation or has
 * failed. The client has @done entries; returns how many it has then.
 */
static __always_inline u32 kfv_poll_plain(const struct kfv_cq *cq, void *buf,
					  u32 done, struct ib_wc **next,
					  const struct ib_wc *end)
{
	struct kfv_req *req;
	struct ib_wc *wc;

	for (wc = *next; wc < end; wc++) {
		req = container_of(wc->wr_cqe, struct kfv_req, cqe);
		if (likely(req->cqe.done == kfv_queue_send_done)) {
			if (unlikely(!kfv_quick_is_send(req, wc)))
				break;
			done = kfv_poll_entry(cq, buf, done,
					      kfv_quick_send(&req->ep->sq, req),
					      0);
		} else if (likely(req->cqe.done == kfv_queue_recv_done)) {
			if (unlikely(!kfv_quick_is_recv(req, wc)))
				break;
			done = kfv_poll_entry(cq, buf, done,
					      kfv_quick_recv(&req->ep->rq, req),
					      wc->byte_len);
		} else {
			break;
		}
	}
	*next = wc;
	return done;
}

/* From here on, as in any completion queue */
static noinline void kfv_poll_others(struct kfv_cq *cq, struct ib_wc *wc,
				     const struct ib_wc *end)
{
	for (; wc < end; wc++)
		wc->wr_cqe->done(cq->ibcq, wc);
}

/* Take up to @max completions. *n becomes how many there were. */
static __always_inline u32 kfv_poll_batch(struct kfv_cq *cq, void *buf, u32 done,
					  int max, int *n)
{
	struct ib_wc *wc = cq->wcs;
	const struct ib_wc *end;

	*n = ib_poll_cq(cq->ibcq, max, wc);
	end = wc + *n;
	done = kfv_poll_plain(cq, buf, done, &wc, end);
	if (unlikely(wc < end))
		kfv_poll_others(cq, wc, end);
	return done;
}

/* A whole batch has come, and there is room for more entries. */
static noinline u32 kfv_poll_on(struct kfv_cq *cq, void *buf, u32 done,
				size_t count)
{
	int n, max;

	do {
		max = min_t(size_t, count - done, KFV_POLL_BATCH);
		done = kfv_poll_batch(cq, buf, done, max, &n);
	} while (n == max && done < count && kfi_cqring_is_empty(&cq->ring));
	return done;
}

/* Nothing is to be read now: completions go to the ring. */
static noinline void kfv_poll_progress(struct kfv_cq *cq)
{
	int n;

	if (xchg(&cq->polling, 1))
		return;
	n = ib_poll_cq(cq->ibcq, KFV_POLL_BATCH, cq->wcs);
	kfv_poll_others(cq, cq->wcs, cq->wcs + n);
	/* pairs with the xchg() of who polls next */
	smp_store_release(&cq->polling, 0);
}

/**
 * kfv_poll_read - kfi_cq_read() of a completion queue that is polled
 * @fid: completion queue
 * @buf: array of @count entries
 * @count: how many entries fit; with 0 operations make progress all the same, so that
 *	queues become free of those that nobody is told of
 *
 * Context: any; one of several calls takes completions from the device.
 * Return: as kfi_cqring_read().
 */
ssize_t kfv_poll_read(struct kfid_cq *fid, void *buf, size_t count)
{
	struct kfv_cq *cq = kfv_cq(&fid->fid);
	u32 done = 0;
	int max, n;

	if (unlikely(!count)) {
		kfv_poll_progress(cq);
		return 0;
	}
	if (unlikely(!buf || xchg(&cq->polling, 1)))
		return kfi_cqring_read(&cq->ring, buf, count, NULL);
	if (likely(kfi_cqring_is_empty(&cq->ring))) {
		max = min_t(size_t, count, KFV_POLL_BATCH);
		done = kfv_poll_batch(cq, buf, 0, max, &n);
		if (n == max && done < count &&
		    kfi_cqring_is_empty(&cq->ring))
			done = kfv_poll_on(cq, buf, done, count);
	}
	/* pairs with the xchg() of who polls next */
	smp_store_release(&cq->polling, 0);
	if (unlikely(!done))
		return kfi_cqring_read(&cq->ring, buf, count, NULL);
	kfi_cqring_unreserve(&cq->ring, done);
	return done;
}

/**
 * kfv_poll_readfrom - kfi_cq_readfrom() of a completion queue that is polled
 * @fid: completion queue
 * @buf: array of @count entries
 * @count: how many entries fit
 * @src_addr: array of @count source addresses, or NULL
 *
 * Context: as kfv_poll_read().
 * Return: as kfi_cqring_read().
 */
ssize_t kfv_poll_readfrom(struct kfid_cq *fid, void *buf, size_t count,
			  kfi_addr_t *src_addr)
{
	ssize_t n = kfv_poll_read(fid, buf, count);
	ssize_t i;

	for (i = 0; src_addr && i < n; i++)
		src_addr[i] = KFI_ADDR_NOTAVAIL;
	return n;
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

	while (cq->wcs && xchg(&cq->polling, 1))
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
	/* pairs with the xchg() of who polls next */
	smp_store_release(&cq->polling, 0);
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

/**
 * kfv_poll_drain - let all that is outstanding complete
 * @ep: endpoint whose gates are closed
 *
 * As ib_drain_qp(). The completion queues are held.
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
	if (send && !rc)
		kfv_poll_drain_send(ep);
	else
		ib_drain_sq(ep->qp);
	if (recv && !rc)
		kfv_poll_drain_recv(ep);
	else
		ib_drain_rq(ep->qp);
}
