// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Posting
 *
 * Purpose: turns one operation into work requests and gives them to the device.
 *
 * Operation: a send is one work request. An RMA operation is as many as its
 * lists need, in one chain: each covers one remote range and at most as many
 * local pieces as fit. Places for all of them are taken before the first is
 * posted. Only the last can be signalled, and is if its operation reports, if
 * the queue would hold too many unsignalled ones, or if it could not get a
 * spare place in the completion ring.
 *
 * Injected data goes into the work request itself if the device takes it, else
 * into the bounce buffer of the operation's last request, which is the last one
 * to come back.
 *
 * There are two instances of what follows, both inlined: one for chains with
 * extra requests, and one that knows nothing of them and pays nothing for them.
 *
 * Ownership: work requests and, where nothing is mapped, scatter/gather lists
 * are scratch memory of the queue: ib_post_send() has copied them on return.
 *
 * Ordering: all of it under the lock of the queue, which is what keeps the ring
 * of requests in the order of the hardware queue. A completion may come before
 * ib_post_send() returns.
 *
 * Errors: what fails before the first work request is posted is undone and
 * returned to the client. Later the operation counts as accepted: the rest of
 * the chain is given back, a marker is posted in its stead (so that there is a
 * completion behind what was posted), the operation is reported as failed, and
 * the connection is broken, because the peer's memory is half written.
 */
#include <linux/minmax.h>

#include "fast.h"
#include "sink.h"

/* What is there only because more was asked for, or is true of any read, is no lack */
static u64 kfv_post_lacks(const struct kfv_ep *ep, const struct kfv_op *op)
{
	if (op->opcode == IB_WR_RDMA_READ ||
	    op->flags & (KFI_DELIVERY_COMPLETE | KFI_COMMIT_COMPLETE))
		return ep->lacks & ~KFI_TRANSMIT_COMPLETE;
	return ep->lacks;
}

static int kfv_post_check_flags(const struct kfv_ep *ep,
				const struct kfv_op *op, u64 allowed)
{
	u64 flags = op->flags;

	if (likely(!(flags & (~allowed | ep->lacks))))
		return 0;
	if (flags & ~KFV_FLAGS_KNOWN)
		return -KFI_EBADFLAGS;
	return flags & (~allowed | kfv_post_lacks(ep, op)) ? -EOPNOTSUPP : 0;
}

/**
 * kfv_post_check - see whether an operation is well-formed
 * @ep: endpoint
 * @q: its queue that the operation is for
 * @op: the operation; @op->len is set
 * @allowed: flags that this kind of operation takes
 * @access: right that descriptors must have
 *
 * Context: any.
 * Return: 0; what the gate of the queue says; -KFI_EBADFLAGS for an unknown
 * flag, -EOPNOTSUPP for one that is not offered; -EINVAL for too much remote CQ
 * data; -EMSGSIZE for too much to inject; as kfv_buf_check().
 */
int kfv_post_check(struct kfv_ep *ep, struct kfv_queue *q, struct kfv_op *op,
		   u64 allowed, u64 access)
{
	int gate = READ_ONCE(q->gate);
	ssize_t len;
	int rc;

	if (unlikely(gate))
		return gate;
	rc = kfv_post_check_flags(ep, op, allowed);
	if (rc)
		return rc;
	if (op->flags & KFI_REMOTE_CQ_DATA && op->data > U32_MAX)
		return -EINVAL;
	len = kfv_buf_check(ep, q, &op->buf, access);
	if (len < 0)
		return len;
	if (op->flags & KFI_INJECT && len > ep->inject_size)
		return -EMSGSIZE;
	op->len = len;
	return 0;
}

static __always_inline bool kfv_post_fits_inline(const struct kfv_post *p)
{
	const struct kfv_buf *buf = &p->op->buf;

	return p->n == 1 && buf->type == KFV_BUF_KVEC && buf->left == 1 &&
	       p->op->len <= p->q->max_inline;
}

/* Give the client its buffer back as soon as the operation is posted. */
static __always_inline void kfv_post_inject(struct kfv_post *p)
{
	struct kfv_queue *q = p->q;
	struct kfv_op *op = p->op;
	size_t off;

	if (!(op->flags & KFI_INJECT) || !op->len)
		return;
	p->inlined = kfv_post_fits_inline(p);
	if (p->inlined)
		return;

	off = kfv_queue_bounce(q, q->head + p->n - 1);
	kfv_buf_copy(q->bounces + off, &op->buf);
	ib_dma_sync_single_for_device(p->ep->domain->ibdev,
				      q->bounce_dma + off, op->len,
				      DMA_TO_DEVICE);
	op->buf = (struct kfv_buf) {
		.type = KFV_BUF_BOUNCE,
		.dma = q->bounce_dma + off,
		.left = 1,
	};
}

static __always_inline void kfv_post_set_req(const struct kfv_post *p,
					     struct kfv_req *req, bool last)
{
	req->context = p->op->context;
	req->flags = p->op->comp;
	req->nsge = 0;
	req->report = p->op->report;
	req->last = last;
	req->spare = p->spare && !(last && p->op->report);
	req->failed = false;
	req->one = false;
	req->run = 0;
	req->sink = 0;
	WRITE_ONCE(req->awaited, false);
}

/* Local side of a work request, as much as @want bytes of it */
static int kfv_post_local(const struct kfv_post *p, struct kfv_req *req,
			  struct kfv_sgl *sgl)
{
	const struct kvec *iov;
	int rc;

	if (p->inlined) {
		iov = p->op->buf.kvec;
		sgl->sge->addr = (uintptr_t)iov->iov_base;
		sgl->sge->length = iov->iov_len;
		sgl->sge->lkey = 0;
		sgl->n = 1;
		return 0;
	}
	rc = kfv_buf_fill(p->ep, &p->op->buf, sgl);
	if (rc)
		return rc;
	if (p->op->buf.type != KFV_BUF_BOUNCE && !p->ep->domain->virt_dma) {
		req->nsge = sgl->n;
		req->dir = sgl->dir;
	}
	return 0;
}

/* Remote side of a work request; the bytes that it may transfer */
static __always_inline u64 kfv_post_range(struct kfv_op *op,
					  struct ib_rdma_wr *wr)
{
	u32 page_offset;

	/* ranges of no length are worth a work request only if all are */
	while (op->len && op->rma_done == op->rma->len) {
		op->rma++;
		op->rma_done = 0;
	}
	/* checked already */
	kfv_xlate_split_key(op->rma->key, &wr->rkey, &page_offset);
	wr->remote_addr = op->rma->addr + page_offset + op->rma_done;
	return min_t(u64, op->len, op->rma->len - op->rma_done);
}

/**
 * kfv_post_remote - remote side of the next work request of an operation
 * @op: the operation
 * @wr: where to put it
 *
 * Context: any.
 * Return: bytes that it may transfer.
 */
u64 kfv_post_remote(struct kfv_op *op, struct ib_rdma_wr *wr)
{
	return kfv_post_range(op, wr);
}

static u32 kfv_post_max_sge(const struct kfv_queue *q, const struct kfv_op *op)
{
	return op->opcode == IB_WR_RDMA_READ ? q->max_sge_rd : q->max_sge;
}

/* As kfv_post_count(), for lists of any kind */
static noinline int kfv_post_count_walk(struct kfv_ep *ep,
					const struct kfv_op *op)
{
	struct kfv_queue *q = &ep->sq;
	struct kfv_op walk = *op;
	struct kfv_sgl sgl = { .max = kfv_post_max_sge(q, op) };
	struct ib_rdma_wr wr;
	u32 n = 0;
	int rc;

	/* one piece, once it is copied */
	if (op->flags & KFI_INJECT)
		walk.buf = (struct kfv_buf) { .left = 1 };
	do {
		if (n++ == q->max_chain)
			return -E2BIG;
		sgl.len = kfv_post_range(&walk, &wr);
		rc = kfv_buf_fill(ep, &walk.buf, &sgl);
		if (rc)
			return rc;
		walk.len -= sgl.len;
		walk.rma_done += sgl.len;
	} while (walk.len);
	return n;
}

/**
 * kfv_post_count - how many work requests an RMA operation takes
 * @ep: endpoint
 * @op: an operation that kfv_post_check() liked
 *
 * Context: any.
 * Return: how many; -E2BIG for more than the queue or the completion queue can
 * hold; -EFAULT for addresses without memory.
 */
int kfv_post_count(struct kfv_ep *ep, const struct kfv_op *op)
{
	if (likely(op->len <= op->rma->len && kfv_buf_is_one(&op->buf)))
		return 1;
	return kfv_post_count_walk(ep, op);
}

static enum ib_wr_opcode kfv_post_opcode(const struct kfv_op *op, bool last)
{
	if (!last && op->opcode == IB_WR_RDMA_WRITE_WITH_IMM)
		return IB_WR_RDMA_WRITE;
	return op->opcode;
}

static enum dma_data_direction kfv_post_dir(const struct kfv_op *op)
{
	return op->opcode == IB_WR_RDMA_READ ? DMA_FROM_DEVICE : DMA_TO_DEVICE;
}

/*
 * Soft-iWARP gives TCP the pages of what is not signalled, and not the bytes; then
 * it is done. So everything that moves data is signalled there.
 */
static int kfv_post_send_flags(const struct kfv_post *p, bool fence, bool last)
{
	int flags = 0;

	if ((last && p->signal) || p->ep->sinks)
		flags |= IB_SEND_SIGNALED;
	if (p->inlined)
		flags |= IB_SEND_INLINE;
	if (fence && p->fence)
		flags |= IB_SEND_FENCE;
	return flags;
}

/* Whether request @i of a chain moves data, and is not one of the extra ones */
static bool kfv_post_is_data(const struct kfv_chain *chain, u32 i)
{
	return i >= chain->pre && i < chain->pre + chain->data;
}

static void kfv_post_signal(const struct kfv_post *p, struct kfv_req *req,
			    struct ib_send_wr *wr)
{
	wr->send_flags |= IB_SEND_SIGNALED;
	WRITE_ONCE(req->awaited, p->ep->sinks);
}

/* Work request @i of a chain, an extra one: it is there but for its request */
static struct ib_send_wr *kfv_post_build_extra(struct kfv_chain *chain, u32 i)
{
	struct kfv_queue *q = chain->p.q;
	u32 extra = i < chain->pre ? i : i - chain->data;
	struct ib_send_wr *wr = &q->extras[extra].wr;
	struct kfv_req *req = kfv_queue_req(q, i);
	bool last = i + 1 == chain->p.n;

	kfv_post_set_req(&chain->p, req, last);
	if (chain->p.ep->sinks)
		req->sink = chain->p.ep->sinks->extra[extra];
	wr->next = NULL;
	wr->wr_cqe = &req->cqe;
	if (req->sink || (last && chain->p.signal))
		kfv_post_signal(&chain->p, req, wr);
	trace_kfv_post_send(chain->p.ep, req, wr->opcode, 0, 0);
	return wr;
}

/* Work request @i of a chain, a read that is ready but for its request */
static struct ib_send_wr *kfv_post_build_read(struct kfv_chain *chain, u32 i)
{
	struct kfv_sink_read *read =
		&chain->p.ep->sinks->reads[i - chain->pre];
	struct kfv_req *req = kfv_queue_req(chain->p.q, i);
	struct ib_send_wr *wr = &read->wr.wr;

	kfv_post_set_req(&chain->p, req, i + 1 == chain->p.n);
	req->sink = read->sink;
	wr->wr_cqe = &req->cqe;
	kfv_post_signal(&chain->p, req, wr);
	trace_kfv_post_send(chain->p.ep, req, wr->opcode, read->sge.length, 0);
	return wr;
}

/* Work request @i of the operation */
static __always_inline int kfv_post_build(struct kfv_post *p, u32 i,
					  bool fence)
{
	struct ib_rdma_wr *wr = &p->q->wrs[i % KFV_POST_BATCH];
	struct kfv_req *req = kfv_queue_req(p->q, i);
	bool last = i + 1 == p->n;
	struct kfv_sgl sgl = {
		.sge = kfv_queue_sges(p->q, p->q->head + i),
		.max = kfv_post_max_sge(p->q, p->op),
		.len = p->op->len,
		.dir = kfv_post_dir(p->op),
	};
	int rc;

	if (p->op->rma)
		sgl.len = kfv_post_range(p->op, wr);
	kfv_post_set_req(p, req, last);
	rc = kfv_post_local(p, req, &sgl);
	if (rc)
		return rc;
	p->op->len -= sgl.len;
	p->op->rma_done += sgl.len;

	wr->wr.next = NULL;
	wr->wr.wr_cqe = &req->cqe;
	wr->wr.sg_list = sgl.sge;
	wr->wr.num_sge = sgl.n;
	wr->wr.opcode = kfv_post_opcode(p->op, last);
	wr->wr.send_flags = kfv_post_send_flags(p, fence, last);
	WRITE_ONCE(req->awaited, p->ep->sinks);
	wr->wr.ex.imm_data = cpu_to_be32(p->op->data);
	trace_kfv_post_send(p->ep, req, wr->wr.opcode, sgl.len, 0);

	/* more pieces than elements */
	if (last && p->op->len) {
		kfv_buf_unmap(p->ep, sgl.sge, req->nsge, req->dir);
		return -E2BIG;
	}
	return 0;
}

static void kfv_post_unmap(struct kfv_post *p, u32 from, u32 to)
{
	struct kfv_req *req;

	for (; from != to; from++) {
		req = kfv_queue_req(p->q, from);
		kfv_buf_unmap(p->ep, kfv_queue_sges(p->q, p->q->head + from),
			      req->nsge, req->dir);
	}
}

/* Work requests of a chain from @first to before @end, linked; or an error */
static struct ib_send_wr *kfv_post_link(struct kfv_chain *chain, u32 first,
					u32 end)
{
	struct kfv_post *p = &chain->p;
	struct ib_send_wr *head = NULL, *wr;
	struct ib_send_wr **tail = &head;
	u32 i;
	int rc;

	for (i = first; i < end; i++) {
		if (!kfv_post_is_data(chain, i)) {
			wr = kfv_post_build_extra(chain, i);
		} else if (chain->reads) {
			wr = kfv_post_build_read(chain, i);
		} else {
			rc = kfv_post_build(p, i, i == chain->pre);
			if (rc) {
				kfv_post_unmap(p, first, i);
				return ERR_PTR(rc);
			}
			wr = &p->q->wrs[i % KFV_POST_BATCH].wr;
		}
		*tail = wr;
		tail = &wr->next;
	}
	/* somebody waits for it, although its operation goes on */
	if (chain->held && end + chain->held == p->n)
		wr->send_flags |= IB_SEND_SIGNALED;
	return head;
}

/* As kfv_post_batch(), for a chain with extra requests */
static u32 kfv_post_batch_chain(struct kfv_chain *chain, u32 first, u32 end,
				int *rc)
{
	struct kfv_post *p = &chain->p;
	const struct ib_send_wr *bad;
	struct ib_send_wr *head, *wr;
	u32 i = first;

	head = kfv_post_link(chain, first, end);
	if (IS_ERR(head)) {
		*rc = PTR_ERR(head);
		return 0;
	}
	bad = head;
	*rc = ib_post_send(p->ep->qp, head, &bad);
	if (likely(!*rc))
		return end - first;

	for (wr = head; wr != bad; wr = wr->next)
		i++;
	trace_kfv_post_send(p->ep, kfv_queue_req(p->q, i), bad->opcode, 0, *rc);
	kfv_post_unmap(p, i, end);
	return i - first;
}

/*
 * Build and post work requests from @first to before @end. Returns how many the
 * device has now; with *rc, if those are not all.
 */
static __always_inline u32 kfv_post_batch(struct kfv_post *p, u32 first,
					  u32 end, int *rc)
{
	struct ib_rdma_wr *wrs = p->q->wrs;
	const struct ib_send_wr *bad = &wrs->wr;
	u32 i;

	for (i = first; i < end; i++) {
		*rc = kfv_post_build(p, i, !i);
		if (*rc) {
			kfv_post_unmap(p, first, i);
			return 0;
		}
		if (i > first)
			wrs[i - first - 1].wr.next = &wrs[i - first].wr;
	}
	*rc = ib_post_send(p->ep->qp, &wrs->wr, &bad);
	if (likely(!*rc))
		return end - first;

	/* what is in front of bad_wr is in flight, the rest never was */
	i = container_of(bad, struct ib_rdma_wr, wr) - wrs;
	trace_kfv_post_send(p->ep, kfv_queue_req(p->q, first + i), bad->opcode,
			    0, *rc);
	kfv_post_unmap(p, first + i, end);
	return i;
}

/*
 * The device has the first @done requests, at least one, and refused the next.
 * They are unsignalled: a marker behind them brings the completion. If it is
 * refused too, the operation ends with whatever completes next, at the latest
 * when the queue pair is destroyed. On iWARP they are signalled and may be out of
 * the queue already: there it is only then, with the place of the marker.
 */
static __always_inline u32 kfv_post_cut(struct kfv_post *p, u32 done)
{
	struct kfv_req *req = kfv_queue_req(p->q, done);
	struct ib_rdma_wr marker = {
		.wr = {
			.wr_cqe = &req->cqe,
			.opcode = IB_WR_RDMA_WRITE,
			.send_flags = IB_SEND_SIGNALED,
		},
	};
	u32 used = done + 1;

	/* a region may be registered whose read was refused */
	kfv_sink_hold(p->ep);
	kfv_post_set_req(p, req, true);
	req->spare = p->spare && (used < p->n || !p->op->report);
	req->failed = true;
	WRITE_ONCE(req->awaited, p->ep->sinks);
	/* there is one work request only: nothing is behind bad_wr */
	p->signal = !ib_post_send(p->ep->qp, &marker.wr, NULL);
	if (!p->signal && !p->ep->sinks) {
		req = kfv_queue_req(p->q, --used - 1);
		req->last = true;
		req->failed = true;
	}
	if (used < p->n)
		kfv_queue_give(p->q, p->n - used, p->op->report, p->spare);
	return used;
}

static void kfv_post_commit(struct kfv_post *p, u32 n)
{
	struct kfv_queue *q = p->q;

	q->head += n;
	q->parts += n - 1;
	q->run = p->signal ? 1 : (q->run + n) | KFV_RUN_MIXED;
}

/**
 * kfv_post_cut_short - end an operation of which the device took a part
 * @p: the operation; its places are taken
 * @done: how many requests the device has, at least one
 *
 * Context: any; with the lock of the queue. The connection is to be broken.
 */
void kfv_post_cut_short(struct kfv_post *p, u32 done)
{
	lockdep_assert_held(&p->q->lock);

	kfv_post_commit(p, kfv_post_cut(p, done));
}

/* Post all of it. Returns true if the operation was cut short. */
static __always_inline bool kfv_post_all(struct kfv_post *p, int *rc,
					 struct kfv_chain *chain)
{
	u32 n = p->n - (chain ? chain->held : 0);
	u32 done = 0;
	u32 end;

	do {
		end = min(n, done + KFV_POST_BATCH);
		done += chain ? kfv_post_batch_chain(chain, done, end, rc) :
				kfv_post_batch(p, done, end, rc);
	} while (!*rc && done < n);

	if (!done) {
		kfv_queue_give(p->q, p->n, p->op->report, p->spare);
		return false;
	}
	if (*rc)
		done = kfv_post_cut(p, done);
	else if (chain && chain->held)
		kfv_post_set_req(p, kfv_queue_req(p->q, done++), true);
	kfv_post_commit(p, done);
	return *rc;
}

/*
 * Whether the device is to keep an operation with a fence behind earlier reads. On
 * iWARP that is for the extra requests of its own chain; for others it is not posted
 * before they are done (see sink.c).
 */
static __always_inline int kfv_post_fence(struct kfv_post *p,
					  const struct kfv_chain *chain)
{
	const struct kfv_sinks *sinks = p->ep->sinks;

	p->fence = p->op->flags & KFI_FENCE;
	if (likely(!p->fence || !sinks))
		return 0;
	if (kfv_sink_busy(sinks)) {
		p->q->again++;
		return -EAGAIN;
	}
	p->fence = chain && chain->pre;
	return 0;
}

/* Take places and post. Returns true if the operation was cut short. */
static __always_inline bool kfv_post_locked(struct kfv_post *p, int *rc,
					    struct kfv_chain *chain)
{
	struct kfv_queue *q = p->q;
	struct kfv_op *op = p->op;

	*rc = kfv_post_fence(p, chain);
	if (unlikely(*rc))
		return false;
	*rc = kfv_queue_take(q, p->n, op->report, &p->spare);
	if (unlikely(*rc))
		return false;
	p->signal = op->report || !p->spare || p->ep->sinks ||
		    (q->run & ~KFV_RUN_MIXED) + p->n > q->signal_every ||
		    kfv_cq_is_short(q->cq) || (chain && chain->signal);
	kfv_post_inject(p);
	return kfv_post_all(p, rc, chain);
}

/**
 * kfv_post_chain - post a chain of data and extra work requests
 * @chain: the chain; its operation is used up
 * @rc: set to 0 or what kept it from being posted, as kfv_post_send()
 *
 * The extra requests are in q->extras, first those in front of the data. One that
 * is held is the caller's to post, before anything else is.
 *
 * Context: any; with the lock of the queue.
 * Return: true if the operation was cut short: it is accepted nevertheless, and
 * the connection is to be broken.
 */
bool kfv_post_chain(struct kfv_chain *chain, int *rc)
{
	lockdep_assert_held(&chain->p.q->lock);

	return kfv_post_locked(&chain->p, rc, chain);
}

/**
 * kfv_post_send - post an operation to the send queue
 * @ep: endpoint
 * @op: an operation that kfv_post_check() liked; used up
 * @n: how many work requests it takes
 *
 * Context: any.
 * Return: 0; -EAGAIN; -ENOTCONN, -ENODEV; -E2BIG for more pieces than fit; -EFAULT
 * for addresses without memory; -ENOMEM when they cannot be mapped; what the
 * device answered.
 */
int kfv_post_send(struct kfv_ep *ep, struct kfv_op *op, u32 n)
{
	struct kfv_queue *q = &ep->sq;
	struct kfv_post p = { .ep = ep, .q = q, .op = op, .n = n };
	unsigned long flags;
	bool lost = false;
	bool cut = false;
	int rc = 0;

	spin_lock_irqsave(&q->lock, flags);
	if (unlikely(kfv_fast_pending(q))) {
		rc = kfv_fast_flush(ep);
		lost = rc;
	}
	if (likely(!rc))
		cut = kfv_post_locked(&p, &rc, NULL);
	spin_unlock_irqrestore(&q->lock, flags);

	if (unlikely(cut || lost))
		kfv_conn_broken(ep);
	return cut ? 0 : rc;
}

static int kfv_post_one_recv(struct kfv_ep *ep, struct kfv_op *op)
{
	struct kfv_queue *q = &ep->rq;
	struct kfv_req *req = kfv_queue_req(q, 0);
	struct kfv_post p = { .ep = ep, .q = q, .op = op, .n = 1 };
	struct kfv_sgl sgl = {
		.sge = kfv_queue_sges(q, q->head),
		.max = q->max_sge,
		.len = op->len,
		.dir = DMA_FROM_DEVICE,
	};
	struct ib_recv_wr wr = { .wr_cqe = &req->cqe, .sg_list = sgl.sge };
	int rc;

	kfv_post_set_req(&p, req, true);
	rc = kfv_post_local(&p, req, &sgl);
	if (rc)
		return rc;
	wr.num_sge = sgl.n;
	/* more pieces than elements */
	rc = sgl.len < op->len ? -E2BIG : 0;
	/* there is one work request only: nothing is behind bad_wr */
	if (!rc)
		rc = ib_post_recv(ep->qp, &wr, NULL);
	trace_kfv_post_recv(ep, req, op->len, rc);
	if (rc)
		kfv_buf_unmap(ep, sgl.sge, req->nsge, req->dir);
	return rc;
}

/**
 * kfv_post_recv - post an operation to the receive queue
 * @ep: endpoint
 * @op: an operation that kfv_post_check() liked; used up
 *
 * Context: any.
 * Return: as kfv_post_send().
 */
int kfv_post_recv(struct kfv_ep *ep, struct kfv_op *op)
{
	struct kfv_queue *q = &ep->rq;
	unsigned long flags;
	bool spare;
	int rc;

	spin_lock_irqsave(&q->lock, flags);
	/* every receive has a completion and so takes an ordinary place */
	rc = kfv_queue_take(q, 1, true, &spare);
	if (rc)
		goto unlock;
	rc = kfv_post_one_recv(ep, op);
	if (rc) {
		kfv_queue_give(q, 1, true, spare);
		goto unlock;
	}
	q->head++;
unlock:
	spin_unlock_irqrestore(&q->lock, flags);
	return rc;
}
