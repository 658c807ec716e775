/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/**
 * DOC: Plain operations
 *
 * Purpose: the short way from a data call to the device. Most operations are one
 * range of memory on either side, in one work request, and ask for nothing but to be
 * reported or not. They pay for that and for nothing else.
 *
 * Operation: everything here is inlined into the data calls, with what each of them
 * knows. An operation that turns out not to be plain, or that is refused, goes the
 * long way (post.c), which knows all there is and what to answer.
 *
 * Small data goes along with its work request. With KFI_MORE that stays here, in front
 * of the next one. They go to the device together: with the first that comes without
 * KFI_MORE, when there are KFV_FAST_BATCH of them, with one that is injected (the client
 * may change its data when the call returns), before anything goes the long way, when an
 * operation is refused, and when the queue is closed for posts. The first one of a chain
 * has the work request that all have that do not wait, the others that of their place in
 * the queue, which is linked to the next one for good. With a window (see serial.c) the
 * first one has that of its place, too.
 *
 * Ordering: under the lock of the queue, as in post.c, or by who says that there is
 * no other call (serial.c). The latter is the same to an endpoint's teardown: it has
 * the right to post, which kfv_queue_quiesce() takes away.
 *
 * Errors: of a chain that the device did not take to its end, the last operation is
 * refused, and was never there. What was accepted before it has failed: see
 * kfv_fast_refused().
 */
#ifndef _KFV_FAST_H
#define _KFV_FAST_H

#include "data.h"
#include "trace.h"

/* Not an errno: to be done the long way */
#define KFV_NOT_PLAIN		1

/* A range that begins below has a length and a page offset that do not matter */
#define KFV_FAST_HIGH_ADDR	BIT_ULL(63)

/* What a call is that a chain is made of */
#define KFV_PLAIN_CHAINED	(KFV_PLAIN_SILENT | KFV_PLAIN_MORE)

/**
 * struct kfv_fast - an operation that may be plain
 * @buf: local memory
 * @len: bytes
 * @mr: the region that @buf is in, or NULL
 * @access: right that @mr must have
 * @rdma: it has a remote side
 * @addr: remote: offset in the region
 * @key: of the region
 * @context: the client's
 * @opcode: of the work request
 * @comp: flags of the completion entry
 * @report: make an entry on success too
 * @inlined: it is injected, so the work request must carry the data
 * @more: another operation follows at once
 */
struct kfv_fast {
	const void *buf;
	size_t len;
	const struct kfv_mr *mr;
	u64 access;
	bool rdma;
	u64 addr;
	u64 key;
	void *context;
	enum ib_wr_opcode opcode;
	u32 comp;
	bool report;
	bool inlined;
	bool more;
};

int kfv_fast_refused(struct kfv_ep *ep, int rc);
void kfv_fast_tell(struct kfv_ep *ep);
ssize_t kfv_fast_refused_serial(struct kfv_ep *ep, int rc);
ssize_t kfv_fast_end_chain(struct kfv_ep *ep, struct kfv_fast_wr *fast);
ssize_t kfv_fast_wait_serial(struct kfv_ep *ep, struct kfv_fast_wr *fast);
bool kfv_fast_open_window(struct kfv_queue *q);
bool kfv_fast_link(struct kfv_queue *q, struct kfv_fast_wr *fast);
int kfv_fast_flush(struct kfv_ep *ep);
int kfv_fast_ring_chain(struct kfv_ep *ep);
ssize_t kfv_fast_end(struct kfv_ep *ep, ssize_t rc);

/* Whether there may be work requests that the device does not have */
static inline bool kfv_fast_pending(const struct kfv_queue *q)
{
	return READ_ONCE(q->linked);
}

/* The next one is @next, and has no place yet. */
static inline void kfv_fast_set_next(struct kfv_queue *q,
				     struct kfv_fast_wr *next)
{
	q->next = next;
	q->window_end = next;
	q->base = next;
}

/* None waits. */
static inline void kfv_fast_reset(struct kfv_queue *q)
{
	kfv_fast_set_next(q, &q->alone);
	q->alone.wr.wr.next = NULL;
	q->linked = false;
}

static __always_inline struct kfv_slot *kfv_fast_slot(struct kfv_fast_wr *fast)
{
	return container_of(fast, struct kfv_slot, fast);
}

/* Count those that have joined a chain; of a serial queue */
static __always_inline void kfv_fast_count(struct kfv_queue *q)
{
	long n = kfv_fast_slot(q->next) - kfv_fast_slot(q->base);

	q->head += n;
	q->run += n;
	q->base = q->next;
}

/* Whether memory of the client is in a region, as it says */
static __always_inline bool kfv_fast_is_in(const struct kfv_fast *op,
					   const struct kfv_ep *ep)
{
	const struct kfv_mr *mr = op->mr;

	return mr->domain == ep->domain && mr->access & op->access &&
	       op->len <= mr->linear &&
	       (size_t)(op->buf - mr->base) <= mr->linear - op->len;
}

/* Where the device finds it. False if it is not plain */
static __always_inline bool kfv_fast_set_sge(const struct kfv_ep *ep,
					     const struct kfv_queue *q,
					     const struct kfv_fast *op,
					     struct ib_sge *sge)
{
	const struct ib_mr *ibmr;

	sge->length = op->len;
	if (likely(!op->mr)) {
		if ((unsigned long)op->buf - q->direct >= q->direct_size)
			return false;
		sge->addr = (uintptr_t)op->buf;
		sge->lkey = q->lkey;
		return true;
	}
	if (!kfv_fast_is_in(op, ep))
		return false;
	ibmr = op->mr->ibmr;
	sge->addr = ibmr->iova + (op->buf - op->mr->base);
	sge->lkey = ibmr->lkey;
	return true;
}

/* Local side of a work request that carries its data; the device looks at no key. */
static __always_inline bool kfv_fast_set_inline(const struct kfv_ep *ep,
						const struct kfv_fast *op,
						struct kfv_fast_wr *fast,
						int flags)
{
	const struct kfv_queue *q = &ep->sq;

	if ((unsigned long)op->buf < q->direct ||
	    (op->mr && (op->inlined || !kfv_fast_is_in(op, ep))))
		return false;
	fast->sge.length = op->len;
	fast->sge.addr = (uintptr_t)op->buf;
	fast->wr.wr.send_flags = flags | IB_SEND_INLINE;
	return true;
}

/*
 * Local side of a work request: false if it is not plain. What the device takes with it
 * need not be fetched, whether the client wanted that or not.
 */
static __always_inline bool kfv_fast_set_local(const struct kfv_ep *ep,
					       const struct kfv_fast *op,
					       struct kfv_fast_wr *fast,
					       int flags)
{
	if (op->inlined || (op->opcode != IB_WR_RDMA_READ &&
			    op->len <= ep->plain_inline))
		return kfv_fast_set_inline(ep, op, fast, flags);
	fast->wr.wr.send_flags = flags;
	return kfv_fast_set_sge(ep, &ep->sq, op, &fast->sge);
}

/* Keys of our kind, and addresses that cannot wrap around */
static __always_inline bool kfv_fast_has_remote(const struct kfv_fast *op)
{
	return !op->rdma ||
	       !(op->key & ~KFV_KEY_KNOWN || op->addr & KFV_FAST_HIGH_ADDR);
}

/*
 * Flags that an operation may have and be plain. What is injected is not read. The
 * levels are true of all that is acknowledged; where they are not, nothing is plain.
 */
#define KFV_FAST_FLAGS		(KFI_COMPLETION | KFI_MORE | \
				 KFI_INJECT_COMPLETE | KFI_TRANSMIT_COMPLETE)
#define KFV_FAST_TX_FLAGS	(KFV_FAST_FLAGS | KFI_INJECT)

/* Make a serial queue busy: false if it is. */
static __always_inline bool kfv_fast_hold(struct kfv_queue *q)
{
	return kfv_bit_trylock(&q->busy);
}

/* For who has done so */
static __always_inline void kfv_fast_release(struct kfv_queue *q)
{
	kfv_bit_unlock(&q->busy);
}

static __always_inline bool kfv_fast_has_room(const struct kfv_queue *q)
{
	/* pairs with the release of the completion handler */
	return q->head - smp_load_acquire(&q->tail) < q->open;
}

/* A place in the completion ring. If those for who is silent are short, this one gives. */
static __always_inline bool kfv_fast_take(struct kfv_queue *q, bool report)
{
	struct kfv_cq *cq = q->cq;

	if (report)
		return kfi_cqring_reserve(&cq->ring);
	if (likely(!atomic_add_negative(-1, &cq->spare)))
		return true;
	/* who takes one at the same time may keep both from the last one */
	if (unlikely(kfv_cq_spare(cq) < 0)) {
		kfv_cq_give(cq, 1, true);
		return false;
	}
	q->run |= KFV_RUN_SHORT;
	return true;
}

static __always_inline u32 kfv_fast_word(const struct kfv_fast *op, bool report,
					 bool spare, bool one)
{
	const struct kfv_req req = {
		.flags = op->comp,
		.report = report,
		.last = true,
		.spare = spare,
		.one = one,
	};

	return req.word;
}

/* All of a word, so that nothing of it has to be read; it is one of two that are known. */
static __always_inline void kfv_fast_set_entry(struct kfv_req *req,
					       const struct kfv_fast *op,
					       bool report, bool spare, bool one)
{
	req->word = report ? kfv_fast_word(op, true, spare, one) :
			     kfv_fast_word(op, false, spare, false);
	req->context = op->context;
}

/* What is left is of endpoints that have no plain operations. */
static __always_inline void kfv_fast_set_req(struct kfv_req *req,
					     const struct kfv_fast *op,
					     bool report, bool spare, s16 run)
{
	kfv_fast_set_entry(req, op, report, spare, report && run == 1);
	req->run = run;
}

/* Whether the next request of a send queue is signalled, of which it keeps account */
static __always_inline bool kfv_fast_signal(struct kfv_queue *q, u32 run,
					    bool report)
{
	/* with a bit of its own, a run is above all limits */
	if (report || (unlikely(run >= q->signal_every) &&
		       (run & ~KFV_RUN_MIXED) >= q->signal_every)) {
		q->run = 1;
		return true;
	}
	q->run = run + 1;
	return false;
}

static __always_inline void kfv_fast_set_wr(const struct kfv_fast *op,
					    struct kfv_fast_wr *fast)
{
	if (op->rdma) {
		fast->wr.remote_addr = op->addr +
				       (op->key >> KFV_KEY_OFFSET_SHIFT);
		fast->wr.rkey = lower_32_bits(op->key);
	}
	fast->wr.wr.opcode = op->opcode;
}

/*
 * The next work request, ready for the device; false if it is not plain. For who has the
 * right to post. What is written before the last check is of no consequence.
 */
static __always_inline bool kfv_fast_build(struct kfv_ep *ep,
					   const struct kfv_fast *op,
					   bool report,
					   struct kfv_fast_wr **next)
{
	struct kfv_queue *q = &ep->sq;
	struct kfv_fast_wr *fast;
	struct kfv_req *req;
	u32 run;

	if (unlikely(!kfv_fast_has_room(q)))
		return false;
	fast = q->next;
	if (unlikely(!kfv_fast_set_local(ep, op, fast,
					 report ? IB_SEND_SIGNALED : 0) ||
		     !kfv_fast_take(q, report)))
		return false;
	req = &kfv_queue_slot(q, q->head)->req;
	run = q->run;
	if (report && likely(run == 1)) {
		/* and it will be */
		kfv_fast_set_req(req, op, true, false, 1);
	} else {
		kfv_fast_set_entry(req, op, report, !report, false);
		req->run = run;
		if (kfv_fast_signal(q, run, report) && !report)
			fast->wr.wr.send_flags |= IB_SEND_SIGNALED;
	}
	kfv_fast_set_wr(op, fast);
	fast->wr.wr.wr_cqe = &req->cqe;
	q->head++;
	*next = fast;
	return true;
}

/*
 * Whether it waits, for who has the lock; a serial queue may have a window. The client
 * may use what it has injected when the call returns.
 */
static __always_inline bool kfv_fast_waits(struct kfv_queue *q,
					   struct kfv_fast_wr *fast,
					   const struct kfv_fast *op)
{
	if (!op->more || op->inlined)
		return false;
	if (unlikely(!q->linked || q->serial ||
		     q->head - q->chained >= KFV_FAST_BATCH))
		return kfv_fast_link(q, fast);
	q->next = container_of(fast->wr.wr.next, struct kfv_fast_wr, wr.wr);
	return true;
}

/* As ib_post_send(), without a variable on the stack that a canary has to guard */
static __always_inline int kfv_fast_give(struct kfv_ep *ep,
					 const struct ib_send_wr *wr)
{
	return ep->qp->device->ops.post_send(ep->qp, wr, &ep->sq.bad);
}

/* It goes to the device, and all that wait. */
static __always_inline int kfv_fast_ring(struct kfv_ep *ep,
					 const struct kfv_fast_wr *fast)
{
	return likely(!ep->sq.linked) ? kfv_fast_give(ep, &fast->wr.wr) :
					kfv_fast_ring_chain(ep);
}

static __always_inline bool kfv_fast_is_plain(const struct kfv_ep *ep,
					      const struct kfv_fast *op)
{
	const u64 max = op->inlined ? ep->plain_inline : ep->plain_max;

	return likely(op->len - 1 < max && kfv_fast_has_remote(op) &&
		      !trace_kfv_post_send_enabled());
}

static __always_inline int kfv_fast_post_locked(struct kfv_ep *ep,
						const struct kfv_fast *op,
						bool report)
{
	struct kfv_queue *q = &ep->sq;
	struct kfv_fast_wr *fast;
	unsigned long flags;
	int rc = 0;

	if (!kfv_fast_is_plain(ep, op))
		return KFV_NOT_PLAIN;
	spin_lock_irqsave(&q->lock, flags);
	if (unlikely(!kfv_fast_build(ep, op, report, &fast))) {
		rc = KFV_NOT_PLAIN;
	} else if (!kfv_fast_waits(q, fast, op)) {
		rc = kfv_fast_ring(ep, fast);
		if (unlikely(rc))
			rc = kfv_fast_refused(ep, rc);
	}
	spin_unlock_irqrestore(&q->lock, flags);
	if (unlikely(rc < 0))
		kfv_fast_tell(ep);
	return rc;
}

/*
 * Without the lock. Who finds the queue busy, by an interrupt or by somebody who looks
 * after it, has to take it. The queue stays busy if true.
 */
static __always_inline bool kfv_fast_build_serial(struct kfv_ep *ep,
						  const struct kfv_fast *op,
						  bool report,
						  struct kfv_fast_wr **next)
{
	struct kfv_queue *q = &ep->sq;

	if (!kfv_fast_is_plain(ep, op) || !kfv_fast_hold(q))
		return false;
	if (q->linked)
		kfv_fast_count(q);
	if (likely(kfv_fast_build(ep, op, report, next)))
		return true;
	kfv_fast_release(q);
	return false;
}

/* Likewise, of one that does not wait, while none waits */
static __always_inline bool kfv_fast_build_alone(struct kfv_ep *ep,
						 const struct kfv_fast *op,
						 bool report,
						 struct kfv_fast_wr **next)
{
	struct kfv_queue *q = &ep->sq;

	if (!kfv_fast_is_plain(ep, op) || !kfv_fast_hold(q))
		return false;
	if (likely(!q->linked && kfv_fast_build(ep, op, report, next)))
		return true;
	kfv_fast_release(q);
	return false;
}

/* For who has built */
static __always_inline ssize_t
kfv_fast_ring_alone(struct kfv_ep *ep, const struct kfv_fast_wr *fast)
{
	int rc = kfv_fast_give(ep, &fast->wr.wr);

	if (unlikely(rc))
		return kfv_fast_refused_serial(ep, rc);
	kfv_fast_release(&ep->sq);
	return 0;
}

/* For who has built */
static __always_inline ssize_t
kfv_fast_ring_serial(struct kfv_ep *ep, const struct kfv_fast_wr *fast)
{
	int rc = kfv_fast_ring(ep, fast);

	if (unlikely(rc))
		return kfv_fast_refused_serial(ep, rc);
	kfv_fast_release(&ep->sq);
	return 0;
}

/* For who has built */
static __always_inline ssize_t
kfv_fast_end_serial(struct kfv_ep *ep, struct kfv_fast_wr *fast,
		    const struct kfv_fast *op)
{
	return op->more && !op->inlined ? kfv_fast_wait_serial(ep, fast) :
					  kfv_fast_end_chain(ep, fast);
}

/* As kfv_fast_set_local(), and the length may be what it is */
static __always_inline bool kfv_fast_join_local(const struct kfv_ep *ep,
						const struct kfv_fast *op,
						struct kfv_fast_wr *fast)
{
	if (op->opcode != IB_WR_RDMA_READ &&
	    likely(op->len - 1 < ep->plain_inline))
		return kfv_fast_set_inline(ep, op, fast, 0);
	fast->wr.wr.send_flags = 0;
	return op->len - 1 < ep->plain_max &&
	       kfv_fast_set_sge(ep, &ep->sq, op, &fast->sge);
}

/**
 * kfv_fast_join - let an operation wait with others, the short way
 * @ep: endpoint of a client that makes one call at a time
 * @op: an operation that is silent, waits for more and is not injected
 * @opens: see kfv_fast_open_window(), if there is no window
 *
 * Context: any.
 * Return: true if it waits, as kfv_fast_build() and kfv_fast_waits() would have it.
 */
static __always_inline bool kfv_fast_join(struct kfv_ep *ep,
					  const struct kfv_fast *op, bool opens)
{
	struct kfv_queue *q = &ep->sq;
	struct kfv_fast_wr *fast;

	if (unlikely(!kfv_fast_has_remote(op) || !kfv_fast_hold(q)))
		return false;
	fast = q->next;
	if (opens && fast == q->window_end && kfv_fast_open_window(q))
		fast = q->next;
	if (unlikely(fast == q->window_end ||
		     !kfv_fast_join_local(ep, op, fast))) {
		kfv_fast_release(q);
		return false;
	}
	kfv_fast_set_entry(&kfv_fast_slot(fast)->req, op, false, true, false);
	kfv_fast_set_wr(op, fast);
	q->next = (void *)q->next + sizeof(struct kfv_slot);
	kfv_fast_release(q);
	return true;
}

/**
 * kfv_fast_post - post a plain operation under the lock
 * @ep: endpoint
 * @op: the operation
 *
 * Who traces operations sees the long way.
 *
 * Context: any.
 * Return: 0; KFV_NOT_PLAIN; what the device answered.
 */
static __always_inline ssize_t kfv_fast_post(struct kfv_ep *ep,
					     const struct kfv_fast *op)
{
	/* twice, and nothing is asked later */
	return op->report ? kfv_fast_post_locked(ep, op, true) :
			    kfv_fast_post_locked(ep, op, false);
}

/* For who has the right to post */
static __always_inline int kfv_fast_go_recv(struct kfv_ep *ep,
					    const struct kfv_fast *op)
{
	struct kfv_queue *q = &ep->rq;
	struct kfv_req *req;
	int rc;

	if (unlikely(!kfv_fast_has_room(q) ||
		     !kfv_fast_set_sge(ep, q, op, &q->recv_sge) ||
		     !kfi_cqring_reserve(&q->cq->ring)))
		return KFV_NOT_PLAIN;
	req = (struct kfv_req *)q->reqs + (q->head & q->mask);
	kfv_fast_set_req(req, op, op->report, false, 1);
	q->recv.wr_cqe = &req->cqe;
	/* there is one work request only: nothing is behind bad_wr */
	rc = ep->qp->device->ops.post_recv(ep->qp, &q->recv, &q->bad_recv);
	if (unlikely(rc)) {
		kfv_cq_give(q->cq, 1, false);
		return rc;
	}
	q->head++;
	return 0;
}

/**
 * kfv_fast_recv - post a plain receive
 * @ep: endpoint whose operations may be plain
 * @op: the receive
 * @serial: there is no other call that posts
 *
 * Context: any.
 * Return: 0; KFV_NOT_PLAIN; what the device answered.
 */
static __always_inline ssize_t kfv_fast_recv(struct kfv_ep *ep,
					     const struct kfv_fast *op,
					     bool serial)
{
	struct kfv_queue *q = &ep->rq;
	unsigned long flags;
	int rc;

	if (unlikely(op->len - 1 >= ep->plain_max ||
		     trace_kfv_post_recv_enabled()))
		return KFV_NOT_PLAIN;
	if (serial) {
		if (!kfv_fast_hold(q))
			return KFV_NOT_PLAIN;
		rc = kfv_fast_go_recv(ep, op);
		kfv_fast_release(q);
		return rc;
	}
	spin_lock_irqsave(&q->lock, flags);
	rc = kfv_fast_go_recv(ep, op);
	spin_unlock_irqrestore(&q->lock, flags);
	return rc;
}

#endif /* _KFV_FAST_H */
