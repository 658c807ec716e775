// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Requests in flight
 *
 * Purpose: the send and the receive queue of an endpoint: which requests the
 * device has, what their completions mean, and when one more fits.
 *
 * Operation: a ring of requests in the order of the hardware queue. Posting
 * moves the head, under the lock; a completion moves the tail. Queue pairs
 * complete in order, so a completion is also one for all older requests that
 * had none: they were unsignalled and have succeeded. The last request of an
 * operation reports it, with the first bad status among its requests.
 *
 * Ownership: requests, scatter/gather lists and bounce buffers are allocated
 * when the endpoint is enabled. A request belongs to the poster from head on,
 * to the device and the completion handler from tail to head. Each one in
 * flight holds a place in the completion ring; see cq.c.
 *
 * Ordering: the tail is written by the completion handler alone (one at a time,
 * it is one CQ), with release: who posts reads it with acquire before it writes
 * to the request. It moves before the entry is pushed, so that a client who is
 * told of a completion finds room. After a request that was unsignalled at most
 * @signal_every - 1 more are, so a full queue always has a completion coming.
 *
 * Errors: the first status that is not a flush breaks the connection. Requests
 * without a completion of their own when the queue pair is gone succeeded, as
 * above; kfv_queue_sweep() takes them out.
 */
#include <kunit/visibility.h>
#include <linux/delay.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "fast.h"
#include "quick.h"
#include "sink.h"

/* A quarter: the queue need not run dry before it is refilled. */
#define KFV_QUEUE_SIGNAL_PART	4

/**
 * kfv_queue_setup - make a queue of a new endpoint answer posts
 * @q: queue, all zero
 * @serial: the client posts from one place at a time
 *
 * Context: any.
 */
void kfv_queue_setup(struct kfv_queue *q, bool serial)
{
	spin_lock_init(&q->lock);
	q->serial = serial;
	kfv_fast_reset(q);
	q->gate = -KFI_EOPBADSTATE;
}

/**
 * kfv_queue_set_gate - open or close a queue for posts
 * @q: queue
 * @gate: 0, or the negative errno that posts return from now on
 *
 * No post under the lock that found the gate open is under way on return, and what
 * was posted so is with the device: it completes with whatever becomes of the
 * connection. Of a serial queue, kfv_queue_quiesce() says so.
 *
 * Context: any.
 */
void kfv_queue_set_gate(struct kfv_queue *q, int gate)
{
	unsigned long flags;

	spin_lock_irqsave(&q->lock, flags);
	if (unlikely(gate && !q->serial && kfv_fast_pending(q)))
		kfv_fast_flush(container_of(q, struct kfv_ep, sq));
	WRITE_ONCE(q->gate, gate);
	WRITE_ONCE(q->open, gate ? 0 : q->limit);
	spin_unlock_irqrestore(&q->lock, flags);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_queue_set_gate);

/**
 * kfv_queue_quiesce - wait until who posts to a serial queue has seen its gate
 * @q: queue whose gate is closed
 *
 * What kfv_queue_set_gate() says of others is true on return.
 *
 * Context: process, may sleep.
 */
void kfv_queue_quiesce(struct kfv_queue *q)
{
	unsigned long flags;

	if (!q->serial)
		return;
	while (!kfv_fast_hold(q))
		usleep_range(10, 100);
	spin_lock_irqsave(&q->lock, flags);
	if (unlikely(kfv_fast_pending(q)))
		kfv_fast_flush(container_of(q, struct kfv_ep, sq));
	spin_unlock_irqrestore(&q->lock, flags);
	kfv_fast_release(q);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_queue_quiesce);

/**
 * kfv_queue_take - claim the next requests of a queue
 * @q: queue, locked
 * @n: how many work requests the operation needs
 * @report: it makes an entry when all goes well
 * @spare: where to put whether requests that make no entry got spare places in
 *	the completion ring; if not, the last one must be signalled
 *
 * Context: any.
 * Return: 0; -EAGAIN when the queue or the completion ring is full; what the
 * gate says.
 */
int kfv_queue_take(struct kfv_queue *q, u32 n, bool report, bool *spare)
{
	u32 silent = report ? n - 1 : n;

	lockdep_assert_held(&q->lock);

	if (unlikely(q->gate))
		return q->gate;
	if (!kfv_queue_has_room(q, n))
		goto full;

	*spare = silent && kfv_cq_take_spare(q->cq, silent);
	if (*spare && !report)
		return 0;
	if (kfv_cq_take(q->cq, *spare ? 1 : n))
		return 0;
	if (*spare)
		kfv_cq_give(q->cq, silent, true);
full:
	q->again++;
	return -EAGAIN;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_queue_take);

/**
 * kfv_queue_give - give back requests that were taken and not posted
 * @q: queue, locked
 * @n: how many, the last one among them
 * @report: as it was taken
 * @spare: as it was taken
 *
 * Context: any.
 */
void kfv_queue_give(struct kfv_queue *q, u32 n, bool report, bool spare)
{
	u32 plain = spare ? report : n;

	lockdep_assert_held(&q->lock);

	if (plain)
		kfv_cq_give(q->cq, plain, false);
	if (n > plain)
		kfv_cq_give(q->cq, n - plain, true);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_queue_give);

static void kfv_queue_entry(const struct kfv_queue *q,
			    const struct kfv_req *req,
			    struct kfi_cqring_entry *entry)
{
	*entry = (struct kfi_cqring_entry) {
		.op_context = req->context,
		.flags = req->flags,
		.src = KFI_ADDR_NOTAVAIL,
	};
	if (unlikely(q->status)) {
		entry->err = kfv_xlate_status(q->status);
		entry->prov_errno = q->status;
		entry->olen = 0;
	}
}

/*
 * Take the oldest request out of the queue. True if its operation is to be
 * reported, with @entry. *spare is the kind of its place in the ring.
 */
static bool kfv_queue_pop(struct kfv_queue *q, enum ib_wc_status status,
			  struct kfi_cqring_entry *entry, bool *spare)
{
	struct kfv_req *req = kfv_queue_at(q, q->tail);
	bool last = req->last;
	bool report;

	if (unlikely(req->failed && !status))
		status = IB_WC_GENERAL_ERR;
	if (unlikely(status && !q->status))
		q->status = status;
	report = last && (req->report || q->status);
	if (report)
		kfv_queue_entry(q, req, entry);
	if (req->nsge)
		kfv_buf_unmap(req->ep, kfv_queue_sges(q, q->tail), req->nsge,
			      req->dir);
	if (unlikely(req->sink))
		kfv_sink_done(req->ep, req->sink);
	*spare = req->spare;
	if (!last)
		q->parts_done++;

	/* pairs with the acquire in kfv_queue_has_room(): @req may change now */
	smp_store_release(&q->tail, q->tail + 1);

	if (!last)
		return false;
	if (unlikely(q->status)) {
		q->errors++;
		q->status = IB_WC_SUCCESS;
	}
	return report;
}

/* The oldest request has finished, without a completion of its own. */
static void kfv_queue_retire(struct kfv_queue *q, enum ib_wc_status status)
{
	struct kfi_cqring_entry entry;
	bool spare;

	if (kfv_queue_pop(q, status, &entry, &spare))
		kfv_cq_push(q->cq, &entry, spare);
	else
		kfv_cq_give(q->cq, 1, spare);
}

/* Whether a request that the device has finished waits for something else */
static bool kfv_queue_waits(const struct kfv_ep *ep, u32 index)
{
	return kfv_sink_holds(ep) ||
	       (ep->commit && kfv_commit_waits(ep->commit, index));
}

static void kfv_queue_retire_finished(struct kfv_ep *ep)
{
	struct kfv_queue *q = &ep->sq;

	/* pairs with the release in kfv_commit_send_done() */
	while (q->tail != smp_load_acquire(&q->hw) &&
	       !kfv_queue_waits(ep, q->tail))
		kfv_queue_retire(q, kfv_queue_at(q, q->tail)->status);
}

/**
 * kfv_queue_advance - take out of a send queue what can be taken
 * @ep: endpoint with commits or sinks
 *
 * One call at a time does it, for all of them.
 *
 * Context: any, but without the lock of a queue.
 */
void kfv_queue_advance(struct kfv_ep *ep)
{
	struct kfv_queue *q = &ep->sq;
	int seen;

	if (atomic_fetch_inc(&q->turns))
		return;
	do {
		/* what those who are seen have done is seen, too */
		seen = atomic_read_acquire(&q->turns);
		do {
			kfv_queue_retire_finished(ep);
		} while (ep->commit && kfv_commit_drop_held(ep->commit));
	} while (atomic_sub_return(seen, &q->turns));
}

/**
 * kfv_queue_bad_status - a request has failed
 * @ep: endpoint
 * @q: queue of the request
 *
 * A poster that is in the middle of a chain may still have to change requests
 * that it posted; nothing but an error can complete those. Wait for it.
 *
 * Context: completion handler.
 */
void kfv_queue_bad_status(struct kfv_ep *ep, struct kfv_queue *q)
{
	unsigned long flags;

	spin_lock_irqsave(&q->lock, flags);
	spin_unlock_irqrestore(&q->lock, flags);
	/* a flush may be all that is heard of an error of the receiving side */
	kfv_conn_broken(ep);
}

/* A plain operation has succeeded, and silent ones in front of it. */
static void kfv_queue_quick_done(struct kfv_queue *q, const struct kfv_req *req)
{
	const struct kfv_quick quick = kfv_quick_send(q, req);

	if (quick.report)
		kfi_cqring_push_done(&q->cq->ring, quick.context, quick.flags,
				     0);
}

/* A completion of any operation, with any result */
static noinline void kfv_queue_any_done(struct ib_wc *wc)
{
	/* only wr_cqe and status are reliable here, and no more is needed */
	struct kfv_req *req = container_of(wc->wr_cqe, struct kfv_req, cqe);
	struct kfv_ep *ep = req->ep;
	struct kfv_queue *q = &ep->sq;

	trace_kfv_wc_send(ep, q, req, wc);
	if (unlikely(wc->status))
		kfv_queue_bad_status(ep, q);

	while (kfv_queue_at(q, q->tail) != req)
		kfv_queue_retire(q, IB_WC_SUCCESS);
	kfv_queue_retire(q, wc->status);
}

/**
 * kfv_queue_send_done - a request of a send queue has completed
 * @ibcq: where
 * @wc: how
 *
 * Context: completion handler.
 */
void kfv_queue_send_done(struct ib_cq *ibcq, struct ib_wc *wc)
{
	struct kfv_req *req = container_of(wc->wr_cqe, struct kfv_req, cqe);

	if (likely(kfv_quick_is_send(req, wc)))
		kfv_queue_quick_done(&req->ep->sq, req);
	else
		kfv_queue_any_done(wc);
}

static void kfv_queue_recv_entry(const struct ib_wc *wc,
				 struct kfi_cqring_entry *entry)
{
	entry->len = wc->byte_len;
	if (wc->opcode == IB_WC_RECV_RDMA_WITH_IMM)
		entry->flags = KFI_RMA | KFI_REMOTE_WRITE;
	if (wc->wc_flags & IB_WC_WITH_IMM) {
		entry->flags |= KFI_REMOTE_CQ_DATA;
		entry->data = be32_to_cpu(wc->ex.imm_data);
	}
}

/* A completion of any receive, with any result */
static noinline void kfv_queue_any_recv_done(struct ib_wc *wc)
{
	/* only wr_cqe and status are reliable here */
	struct kfv_req *req = container_of(wc->wr_cqe, struct kfv_req, cqe);
	struct kfv_ep *ep = req->ep;
	struct kfv_queue *q = &ep->rq;
	struct kfi_cqring_entry entry;
	bool report, spare;

	trace_kfv_wc_recv(ep, q, req, wc);
	if (unlikely(wc->status))
		kfv_queue_bad_status(ep, q);
	else if (wc->wc_flags & IB_WC_WITH_IMM)
		req->report = true; /* what a peer sends along is always told */

	report = kfv_queue_pop(q, wc->status, &entry, &spare);
	if (!report) {
		kfv_cq_give(q->cq, 1, spare);
		return;
	}
	/* on success all fields are valid */
	if (likely(!wc->status))
		kfv_queue_recv_entry(wc, &entry);
	kfv_cq_push(q->cq, &entry, spare);
}

/* A receive that was plain has a message without more. */
static void kfv_queue_quick_recv_done(struct kfv_queue *q,
				      const struct kfv_req *req, u32 len)
{
	const struct kfv_quick quick = kfv_quick_recv(q, req);

	if (quick.report)
		kfi_cqring_push_done(&q->cq->ring, quick.context, quick.flags,
				     len);
}

/**
 * kfv_queue_recv_done - a receive has completed
 * @ibcq: where
 * @wc: how
 *
 * Context: completion handler.
 */
void kfv_queue_recv_done(struct ib_cq *ibcq, struct ib_wc *wc)
{
	struct kfv_req *req = container_of(wc->wr_cqe, struct kfv_req, cqe);

	if (likely(kfv_quick_is_recv(req, wc)))
		kfv_queue_quick_recv_done(&req->ep->rq, req, wc->byte_len);
	else
		kfv_queue_any_recv_done(wc);
}

/**
 * kfv_queue_sweep - complete what is left in a queue
 * @q: queue of a queue pair that was drained and destroyed
 *
 * Nothing that reports can be left, unless it was never posted completely.
 *
 * Context: process.
 */
void kfv_queue_sweep(struct kfv_queue *q)
{
	const struct kfv_req *req;
	bool lost;

	while (q->tail != q->head) {
		req = kfv_queue_at(q, q->tail);
		lost = req->last && req->report && !req->failed;
		WARN_ON_ONCE(lost);
		kfv_queue_retire(q, lost ? IB_WC_WR_FLUSH_ERR : IB_WC_SUCCESS);
	}
}

static int kfv_queue_alloc_sges(struct kfv_queue *q, int node)
{
	size_t n = (size_t)q->sge_mask + 1;

	q->sges = kvzalloc_node(array3_size(n, q->max_sge, sizeof(*q->sges)),
				GFP_KERNEL, node);
	return q->sges ? 0 : -ENOMEM;
}

static void kfv_queue_init_fast(struct kfv_fast_wr *fast)
{
	fast->wr.wr.sg_list = &fast->sge;
	fast->wr.wr.num_sge = 1;
}

static void kfv_queue_init_slots(struct kfv_queue *q)
{
	struct kfv_slot *slot;
	u32 i;

	kfv_queue_init_fast(&q->alone);
	for (i = 0; i <= q->mask; i++) {
		slot = kfv_queue_slot(q, i);
		kfv_queue_init_fast(&slot->fast);
		slot->fast.wr.wr.wr_cqe = &slot->req.cqe;
		slot->fast.wr.wr.next = &kfv_queue_slot(q, i + 1)->fast.wr.wr;
	}
}

static int kfv_queue_alloc_bounces(struct kfv_queue *q, struct kfv_ep *ep,
				   int node)
{
	struct ib_device *ibdev = ep->domain->ibdev;
	size_t size = (size_t)q->bounce_size * (q->mask + 1);

	if (!size)
		return 0;
	q->bounces = kzalloc_node(size, GFP_KERNEL, node);
	if (!q->bounces)
		return -ENOMEM;
	q->bounce_dma = ib_dma_map_single(ibdev, q->bounces, size,
					  DMA_TO_DEVICE);
	if (!ib_dma_mapping_error(ibdev, q->bounce_dma))
		return 0;
	kfree(q->bounces);
	q->bounces = NULL;
	return -ENOMEM;
}

static void kfv_queue_free_bounces(struct kfv_queue *q, struct kfv_ep *ep)
{
	if (!q->bounces)
		return;
	ib_dma_unmap_single(ep->domain->ibdev, q->bounce_dma,
			    (size_t)q->bounce_size * (q->mask + 1),
			    DMA_TO_DEVICE);
	kfree(q->bounces);
	q->bounces = NULL;
}

static void kfv_queue_set_limits(struct kfv_queue *q,
				 const struct kfv_qp_side *side)
{
	q->cq = side->cq;
	q->limit = side->depth;
	q->mask = roundup_pow_of_two(side->depth) - 1;
	q->signal_every = max(side->depth / KFV_QUEUE_SIGNAL_PART, 1U);
	/* what unsignalled requests leave free in the queue, and in the CQ */
	q->max_chain = min(side->depth - q->signal_every + 1,
			   side->cq->nr_spare / 2);
	q->iov_limit = side->iov_limit;
	q->rma_limit = side->rma_limit;
	q->max_sge = side->sge;
	q->max_sge_rd = side->sge_rd;
	q->max_inline = side->inline_size;
	q->bounce_size = ALIGN(side->inject_size, sizeof(u64));
}

/* What a work request says of memory that is in no region */
static void kfv_queue_set_local(struct kfv_queue *q,
				const struct kfv_domain *domain)
{
	q->lkey = domain->pd->local_dma_lkey;
	/* NULL is none of them, wherever the kernel is */
	q->direct = max(PAGE_OFFSET, PAGE_SIZE);
	q->direct_size = domain->virt_dma ?
			 (unsigned long)high_memory - q->direct : 0;
}

static void kfv_queue_reset(struct kfv_queue *q)
{
	q->head = 0;
	q->tail = 0;
	q->parts = 0;
	q->parts_done = 0;
	q->run = 1;
	kfv_fast_reset(q);
	q->lost = 0;
	q->status = IB_WC_SUCCESS;
	q->hw = 0;
	atomic_set(&q->turns, 0);
}

static int kfv_queue_alloc_reqs(struct kfv_queue *q, struct kfv_ep *ep,
				size_t size,
				void (*done)(struct ib_cq *, struct ib_wc *),
				int node)
{
	size_t n = (size_t)q->mask + 1;
	struct kfv_req *req;
	size_t i;

	q->req_shift = ilog2(size);
	q->reqs = kvzalloc_node(array_size(n, size), GFP_KERNEL, node);
	if (!q->reqs)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		req = kfv_queue_at(q, i);
		req->cqe.done = done;
		req->ep = ep;
		req->awaited = true;
	}
	return 0;
}

/**
 * kfv_queue_init_send - allocate what a send queue needs
 * @ep: endpoint
 * @side: its size
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int kfv_queue_init_send(struct kfv_ep *ep, const struct kfv_qp_side *side)
{
	int node = ibdev_to_node(ep->domain->ibdev);
	struct kfv_queue *q = &ep->sq;
	int rc;

	kfv_queue_set_limits(q, side);
	kfv_queue_reset(q);
	q->sge_mask = ep->domain->virt_dma ? KFV_POST_BATCH - 1 : q->mask;
	kfv_queue_set_local(q, ep->domain);

	q->wrs = kcalloc_node(KFV_POST_BATCH, sizeof(*q->wrs), GFP_KERNEL,
			      node);
	q->extras = kcalloc_node(KFV_EXTRA_WRS, sizeof(*q->extras), GFP_KERNEL,
				 node);
	rc = -ENOMEM;
	if (!q->wrs || !q->extras)
		goto destroy;
	rc = kfv_queue_alloc_reqs(q, ep, sizeof(struct kfv_slot),
				  ep->commit || ep->sinks ?
				  kfv_commit_send_done : kfv_queue_send_done,
				  node);
	if (rc)
		goto destroy;
	kfv_queue_init_slots(q);
	rc = kfv_queue_alloc_sges(q, node);
	if (rc)
		goto destroy;
	rc = kfv_queue_alloc_bounces(q, ep, node);
	if (rc)
		goto destroy;
	return 0;

destroy:
	kfv_queue_destroy(q, ep);
	return rc;
}

/**
 * kfv_queue_init_recv - allocate what a receive queue needs
 * @ep: endpoint
 * @side: its size
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int kfv_queue_init_recv(struct kfv_ep *ep, const struct kfv_qp_side *side)
{
	int node = ibdev_to_node(ep->domain->ibdev);
	struct kfv_queue *q = &ep->rq;
	int rc;

	kfv_queue_set_limits(q, side);
	kfv_queue_reset(q);
	q->sge_mask = ep->domain->virt_dma ? 0 : q->mask;
	kfv_queue_set_local(q, ep->domain);
	q->recv = (struct ib_recv_wr) {
		.sg_list = &q->recv_sge,
		.num_sge = 1,
	};

	rc = kfv_queue_alloc_reqs(q, ep, sizeof(struct kfv_req),
				  kfv_queue_recv_done, node);
	if (rc)
		return rc;
	rc = kfv_queue_alloc_sges(q, node);
	if (rc)
		kfv_queue_destroy(q, ep);
	return rc;
}

/**
 * kfv_queue_destroy - free what a queue was given at init
 * @q: queue without a queue pair, swept
 * @ep: its endpoint
 *
 * Context: process.
 */
void kfv_queue_destroy(struct kfv_queue *q, struct kfv_ep *ep)
{
	kfv_queue_free_bounces(q, ep);
	kvfree(q->sges);
	q->sges = NULL;
	kvfree(q->reqs);
	q->reqs = NULL;
	kfree(q->extras);
	q->extras = NULL;
	kfree(q->wrs);
	q->wrs = NULL;
}
