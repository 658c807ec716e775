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
 * With KFI_MORE the work request stays here, in front of the next one. They go to the
 * device together: with the first that comes without KFI_MORE, when there are
 * KFV_FAST_BATCH of them, with one that carries its data (the client may change it when
 * the call returns), before anything goes the long way, when an operation is refused,
 * and when the queue is closed for posts.
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

/**
 * struct kfv_fast_wr - a work request and its list
 * @wr: the work request; what is the same for all is set when it is allocated
 * @sge: its list
 */
struct kfv_fast_wr {
	struct ib_rdma_wr wr;
	struct ib_sge sge;
};

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
 * @inlined: the work request is to carry the data
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

void kfv_fast_refused(struct kfv_ep *ep, int rc);
void kfv_fast_tell(struct kfv_ep *ep);
int kfv_fast_flush(struct kfv_ep *ep);
int kfv_fast_ring_chain(struct kfv_ep *ep);
ssize_t kfv_fast_end(struct kfv_ep *ep, ssize_t rc);

/* Whether there are work requests that the device does not have */
static inline bool kfv_fast_pending(const struct kfv_queue *q)
{
	return READ_ONCE(q->next) != q->fast;
}

static __always_inline bool kfv_fast_has_local(const struct kfv_ep *ep,
					       const struct kfv_queue *q,
					       const struct kfv_fast *op)
{
	const struct kfv_mr *mr = op->mr;

	if (op->inlined)
		return op->buf && !mr && op->len <= q->max_inline;
	if (!mr)
		return (unsigned long)op->buf - q->direct < q->direct_size;
	return mr->base && mr->domain == ep->domain && mr->access & op->access &&
	       op->len <= mr->length &&
	       (size_t)(op->buf - mr->base) <= mr->length - op->len;
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

/* Local side of a call that names it */
static __always_inline void kfv_fast_set_buf(struct kfv_fast *op,
					     const void *buf, size_t len,
					     const struct kfv_mr *mr,
					     void *context)
{
	op->buf = buf;
	op->len = len;
	op->mr = mr;
	op->context = context;
}

/* Likewise the remote side */
static __always_inline void kfv_fast_set_remote(struct kfv_fast *op, u64 addr,
						u64 key)
{
	op->addr = addr;
	op->key = key;
}

/* Local side of a message, if it is one range of kernel addresses */
static __always_inline bool kfv_fast_set_kvec(struct kfv_fast *op,
					      enum kfi_iov_type type,
					      const struct kvec *iov,
					      void **desc, size_t count)
{
	if (type != KFI_KVEC || count != 1 || !iov)
		return false;
	op->buf = iov->iov_base;
	op->len = iov->iov_len;
	op->mr = desc ? *desc : NULL;
	return true;
}

/* Both sides, if the remote one is one range as well, and as long */
static __always_inline bool kfv_fast_set_rma(struct kfv_fast *op,
					     const struct kfi_msg_rma *msg)
{
	if (!kfv_fast_set_kvec(op, msg->type, msg->msg_iov, msg->desc,
			       msg->iov_count) ||
	    msg->rma_iov_count != 1 || !msg->rma_iov ||
	    msg->rma_iov->len != op->len)
		return false;
	op->addr = msg->rma_iov->addr;
	op->key = msg->rma_iov->key;
	op->context = msg->context;
	return true;
}

/* A spare place in the completion ring: how many are left, or less than 0 for none */
static __always_inline int kfv_fast_take_spare(struct kfv_cq *cq)
{
	int left = atomic_dec_return(&cq->spare);

	if (unlikely(left < 0))
		atomic_inc(&cq->spare);
	return left;
}

static __always_inline bool kfv_fast_has_room(const struct kfv_queue *q)
{
	/* pairs with the release of the completion handler */
	return q->head - smp_load_acquire(&q->tail) < q->open;
}

/* A place in the completion ring. *few: those that are silent have not many left */
static __always_inline bool kfv_fast_take(struct kfv_cq *cq, bool report,
					  bool *few)
{
	int left;

	if (report)
		return kfv_cq_take(cq, 1);
	left = kfv_fast_take_spare(cq);
	*few = left < cq->low;
	return left >= 0;
}

/* All of a word, so that nothing of it has to be read */
static __always_inline void kfv_fast_set_req(struct kfv_req *req,
					     const struct kfv_fast *op,
					     bool report, bool spare, s16 run)
{
	req->flags = op->comp;
	req->nsge = 0;
	req->dir = 0;
	req->report = report;
	req->last = true;
	req->spare = spare;
	req->failed = false;
	req->unused = 0;
	req->run = run;
	req->sink = 0;
	req->awaited = false;
	req->context = op->context;
}

/* Whether the next request of a send queue is signalled, of which it keeps account */
static __always_inline bool kfv_fast_signal(struct kfv_queue *q, bool report,
					    bool few)
{
	bool signal = report || few ||
		      (q->run & ~KFV_RUN_MIXED) >= q->signal_every;

	q->run = signal ? 1 : q->run + 1;
	return signal;
}

static __always_inline void kfv_fast_set_sge(const struct kfv_queue *q,
					     const struct kfv_fast *op,
					     struct ib_sge *sge)
{
	const struct ib_mr *ibmr;

	sge->length = op->len;
	if (op->inlined) {
		/* the device does not look at the key */
		sge->addr = (uintptr_t)op->buf;
		return;
	}
	if (op->mr) {
		ibmr = op->mr->hw->ibmr;
		sge->addr = ibmr->iova + (op->buf - op->mr->base);
		sge->lkey = ibmr->lkey;
		return;
	}
	sge->addr = (uintptr_t)op->buf;
	sge->lkey = q->lkey;
}

static __always_inline void kfv_fast_set_wr(const struct kfv_queue *q,
					    const struct kfv_fast *op,
					    struct kfv_fast_wr *fast,
					    struct kfv_req *req, bool signal)
{
	struct ib_send_wr *wr = &fast->wr.wr;

	kfv_fast_set_sge(q, op, &fast->sge);
	if (op->rdma) {
		fast->wr.remote_addr = op->addr +
				       (op->key >> KFV_KEY_OFFSET_SHIFT);
		fast->wr.rkey = lower_32_bits(op->key);
	}
	wr->wr_cqe = &req->cqe;
	wr->opcode = op->opcode;
	wr->send_flags = (signal ? IB_SEND_SIGNALED : 0) |
			 (op->inlined ? IB_SEND_INLINE : 0);
}

/* Those that wait and the next one go to the device. */
static __always_inline int kfv_fast_ring(struct kfv_ep *ep,
					 struct kfv_fast_wr *last)
{
	struct kfv_queue *q = &ep->sq;

	if (unlikely(last != q->fast))
		return kfv_fast_ring_chain(ep);
	/* there is one work request only: nothing is behind bad_wr */
	return ib_post_send(ep->qp, &last->wr.wr, NULL);
}

/* For who has the right to post */
static __always_inline int kfv_fast_go(struct kfv_ep *ep,
				       const struct kfv_fast *op, bool report)
{
	struct kfv_queue *q = &ep->sq;
	struct kfv_fast_wr *fast = q->next;
	struct kfv_req *req;
	bool few = false;
	bool signal;
	int rc;

	if (unlikely(!kfv_fast_has_room(q) ||
		     !kfv_fast_take(q->cq, report, &few)))
		return KFV_NOT_PLAIN;
	req = &q->reqs[q->head & q->mask];
	kfv_fast_set_req(req, op, report, !report, q->run);
	signal = kfv_fast_signal(q, report, few);
	kfv_fast_set_wr(q, op, fast, req, signal);
	q->head++;
	q->posted++;
	/* the client may use what it has injected as soon as the call returns */
	if (op->more && !op->inlined && fast != q->fast_last) {
		fast->wr.wr.next = &fast[1].wr.wr;
		q->next = &fast[1];
		return 0;
	}
	rc = kfv_fast_ring(ep, fast);
	if (likely(!rc))
		return 0;
	kfv_fast_refused(ep, rc);
	return min(rc, -1);
}

static __always_inline int kfv_fast_go_locked(struct kfv_ep *ep,
					      const struct kfv_fast *op,
					      bool report)
{
	struct kfv_queue *q = &ep->sq;
	unsigned long flags;
	int rc;

	spin_lock_irqsave(&q->lock, flags);
	rc = kfv_fast_go(ep, op, report);
	spin_unlock_irqrestore(&q->lock, flags);
	if (unlikely(rc < 0))
		kfv_fast_tell(ep);
	return rc;
}

/* One that is busy, by an interrupt or by somebody who looks after it, has a lock. */
static __always_inline int kfv_fast_go_serial(struct kfv_ep *ep,
					      const struct kfv_fast *op,
					      bool report)
{
	struct kfv_queue *q = &ep->sq;
	int rc;

	if (unlikely(xchg(&q->busy, 1)))
		return KFV_NOT_PLAIN;
	rc = kfv_fast_go(ep, op, report);
	/* pairs with the xchg() in kfv_queue_quiesce() */
	smp_store_release(&q->busy, 0);
	if (unlikely(rc < 0))
		kfv_fast_tell(ep);
	return rc;
}

/**
 * kfv_fast_post - post a plain operation
 * @ep: endpoint with what is plain of @op
 * @op: the operation
 * @serial: there is no other call that posts; see serial.c
 *
 * Who traces operations sees the long way.
 *
 * Context: any.
 * Return: 0; KFV_NOT_PLAIN; what the device answered.
 */
static __always_inline ssize_t kfv_fast_post(struct kfv_ep *ep,
					     const struct kfv_fast *op,
					     bool serial)
{
	if (unlikely(op->len - 1 >= ep->max_msg ||
		     !kfv_fast_has_local(ep, &ep->sq, op) ||
		     !kfv_fast_has_remote(op) || trace_kfv_post_send_enabled()))
		return KFV_NOT_PLAIN;
	/* twice, and nothing is asked later */
	if (op->report)
		return serial ? kfv_fast_go_serial(ep, op, true) :
				kfv_fast_go_locked(ep, op, true);
	return serial ? kfv_fast_go_serial(ep, op, false) :
			kfv_fast_go_locked(ep, op, false);
}

/* For who has the right to post */
static __always_inline int kfv_fast_go_recv(struct kfv_ep *ep,
					    const struct kfv_fast *op)
{
	struct kfv_queue *q = &ep->rq;
	struct kfv_req *req;
	bool few;
	int rc;

	if (unlikely(!kfv_fast_has_room(q) ||
		     !kfv_fast_take(q->cq, true, &few)))
		return KFV_NOT_PLAIN;
	req = &q->reqs[q->head & q->mask];
	kfv_fast_set_req(req, op, op->report, false, 1);
	kfv_fast_set_sge(q, op, &q->recv_sge);
	q->recv.wr_cqe = &req->cqe;
	/* there is one work request only: nothing is behind bad_wr */
	rc = ib_post_recv(ep->qp, &q->recv, NULL);
	if (unlikely(rc)) {
		kfv_cq_give(q->cq, 1, false);
		return rc;
	}
	q->head++;
	q->posted++;
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

	if (unlikely(op->len - 1 >= ep->max_msg ||
		     !kfv_fast_has_local(ep, q, op) ||
		     trace_kfv_post_recv_enabled()))
		return KFV_NOT_PLAIN;
	if (serial) {
		if (unlikely(xchg(&q->busy, 1)))
			return KFV_NOT_PLAIN;
		rc = kfv_fast_go_recv(ep, op);
		/* pairs with the xchg() in kfv_queue_quiesce() */
		smp_store_release(&q->busy, 0);
		return rc;
	}
	spin_lock_irqsave(&q->lock, flags);
	rc = kfv_fast_go_recv(ep, op);
	spin_unlock_irqrestore(&q->lock, flags);
	return rc;
}

#endif /* _KFV_FAST_H */
