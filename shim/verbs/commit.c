// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Writes that are committed
 *
 * Purpose: post writes that complete when they are durable, or visible, at the
 * peer, and complete them.
 *
 * Operation: a write with extra work requests (plan.c) completes with the last
 * of these. One that the peer's CPU is to commit takes a slot for the request,
 * which is sent when the device has finished the write; the operation completes
 * when the answer is there and the request is out of the device. Requests of the
 * send queue that the device has finished behind it wait, so completions stay in
 * order.
 *
 * The peer's client may want to be told of such a commit, by remote CQ data,
 * which only a write on the endpoint's own queue pair brings. It is held: its
 * place in the send queue is taken with those of the operation, and it is posted
 * when the answer is there. What came to the device in between would be in front
 * of it, so until then the gate of the queue answers -EAGAIN, and at most one is
 * held.
 *
 * Ordering: requests to the peer are sent and answered in the order of the send
 * queue. Handlers of two completion queues finish operations; whoever comes
 * first takes all out of the queue that can be taken, and looks again if
 * somebody came meanwhile. What is held is posted only if the gate is as it was
 * left, so never after draining may have started. If it cannot be posted any more,
 * the device will not finish it: whoever takes requests out takes it for finished.
 *
 * Errors: what goes wrong is an error completion, and ends the connection
 * whatever the method: the peer's memory is not what the client thinks. The gate
 * is closed first, so that who is told and posts hears that.
 */
#include <kunit/visibility.h>

#include "sink.h"
#include "trace.h"

#define KFV_COMMIT_FLAGS	(KFV_FLAGS_WRITE | KFI_COMMIT_COMPLETE | \
				 KFI_DELIVERY_COMPLETE)

static const struct kfi_rma_iov kfv_commit_nowhere;

/*
 * Requests to the peer
 */

/* Requests that are over: answered, and out of the device */
static u32 kfv_commit_over(const struct kfv_commit *commit)
{
	u32 acked, replied;

	/* pairs with the release in kfv_commit_acked() */
	acked = smp_load_acquire(&commit->acked);
	/* pairs with the release in kfv_commit_replied() */
	replied = smp_load_acquire(&commit->replied);
	return (s32)(acked - replied) < 0 ? acked : replied;
}

static void kfv_commit_fill_request(struct kfv_plan *plan,
				    struct kfv_wire_msg *msg, u32 id)
{
	const struct kfv_op *op = plan->chain.p.op;
	u32 i;

	*msg = (struct kfv_wire_msg) {
		.op = KFV_WIRE_COMMIT,
		.id = cpu_to_be32(id),
	};
	for (i = 0; i < plan->before->n; i++)
		kfv_wire_add_range(msg, &plan->before->ranges[i]);
	for (i = 0; i < plan->after->n && !plan->store; i++)
		kfv_wire_add_range(msg, &plan->after->ranges[i]);
	if (!plan->store)
		return;
	msg->store_len = op->len;
	msg->store_key = cpu_to_be64(op->rma->key);
	msg->store_addr = cpu_to_be64(op->rma->addr);
	kfv_buf_copy(kfv_wire_store(msg), &op->buf);
}

/* Reserve a request, which goes out when the operation's last write is done */
static int kfv_commit_take_slot(struct kfv_plan *plan, struct kfv_commit *commit)
{
	struct kfv_op *op = plan->chain.p.op;
	struct kfv_commit_slot *slot;
	struct kfv_wire_msg *msg;
	unsigned long flags;

	if (commit->posted - kfv_commit_over(commit) == KFV_WIRE_REQUESTS) {
		plan->chain.p.q->again++;
		return -EAGAIN;
	}
	slot = &commit->slots[commit->posted % KFV_WIRE_REQUESTS];
	msg = kfv_ctl_request_msg(commit, commit->posted);
	kfv_commit_fill_request(plan, msg, commit->posted);
	slot->index = plan->chain.p.q->head + plan->chain.p.n -
		      plan->chain.held - 1;
	slot->len = kfv_wire_msg_len(msg);
	slot->tells = plan->chain.held;
	if (plan->store) {
		op->buf = kfv_buf_init(KFV_BUF_KVEC, NULL, NULL, 0);
		op->len = 0;
	}
	spin_lock_irqsave(&commit->lock, flags);
	WRITE_ONCE(commit->posted, commit->posted + 1);
	spin_unlock_irqrestore(&commit->lock, flags);
	return 0;
}

/*
 * Nothing of the operation was posted, or it was cut short: the peer is not to be
 * asked. If it was cut short and what was posted is done already, the slot may
 * be used up.
 */
static void kfv_commit_give_slot(struct kfv_commit *commit)
{
	unsigned long flags;

	spin_lock_irqsave(&commit->lock, flags);
	if (commit->posted != commit->sent)
		WRITE_ONCE(commit->posted, commit->posted - 1);
	spin_unlock_irqrestore(&commit->lock, flags);
}

/*
 * What is held until the peer has answered
 */

/* The operation was posted but for its last request, which must stay the last. */
static void kfv_commit_hold(const struct kfv_plan *plan,
			    struct kfv_commit *commit)
{
	struct kfv_queue *q = plan->chain.p.q;
	unsigned long flags;

	lockdep_assert_held(&q->lock);

	spin_lock_irqsave(&commit->lock, flags);
	commit->held = true;
	commit->held_index = q->head - 1;
	commit->held_data = plan->chain.p.op->data;
	spin_unlock_irqrestore(&commit->lock, flags);
	/* it was open, or nothing would have been posted */
	WRITE_ONCE(q->gate, -EAGAIN);
}

/* Let go of what is held, or keep it after all. Returns what was true before. */
static bool kfv_commit_set_held(struct kfv_commit *commit, bool held)
{
	unsigned long flags;
	bool was;

	spin_lock_irqsave(&commit->lock, flags);
	was = commit->held;
	commit->held = held;
	spin_unlock_irqrestore(&commit->lock, flags);
	return was;
}

static int kfv_commit_post_held(struct kfv_commit *commit)
{
	struct kfv_ep *ep = commit->ep;
	struct kfv_req *req = kfv_queue_at(&ep->sq, commit->held_index);
	const struct ib_rdma_wr wr = {
		.wr = {
			.wr_cqe = &req->cqe,
			.opcode = IB_WR_RDMA_WRITE_WITH_IMM,
			.send_flags = IB_SEND_SIGNALED,
			.ex.imm_data = cpu_to_be32(commit->held_data),
		},
	};
	int rc;

	trace_kfv_post_send(ep, req, wr.wr.opcode, 0, 0);
	/* there is one work request only: nothing is behind bad_wr */
	rc = ib_post_send(ep->qp, &wr.wr, NULL);
	if (rc)
		trace_kfv_post_send(ep, req, wr.wr.opcode, 0, rc);
	return rc;
}

/*
 * The peer has committed: tell its client, and let ours post again. False if the
 * device does not take it.
 */
static bool kfv_commit_tell(struct kfv_commit *commit)
{
	struct kfv_queue *q = &commit->ep->sq;
	unsigned long flags;
	int rc = 0;

	spin_lock_irqsave(&q->lock, flags);
	/* another gate: the connection ends, and what is held with it */
	if (q->gate == -EAGAIN && kfv_commit_set_held(commit, false)) {
		/* open before anybody can be told that it was posted */
		WRITE_ONCE(q->gate, 0);
		rc = kfv_commit_post_held(commit);
		if (rc) {
			WRITE_ONCE(q->gate, -EAGAIN);
			kfv_commit_set_held(commit, true);
		}
	}
	spin_unlock_irqrestore(&q->lock, flags);
	return !rc;
}

/**
 * kfv_commit_drop_held - look whether what is held is next and will never be
 *	posted: it has failed
 * @commit: whose send queue is looked through
 *
 * Context: any; one at a time for each queue.
 * Return: true if it was, and can be taken out now.
 */
bool kfv_commit_drop_held(struct kfv_commit *commit)
{
	struct kfv_queue *q = &commit->ep->sq;
	unsigned long flags;
	bool drop;

	/* who sets it looks here afterwards */
	if (likely(!READ_ONCE(commit->dead)))
		return false;
	spin_lock_irqsave(&commit->lock, flags);
	drop = commit->held && commit->held_index == q->tail;
	if (drop) {
		commit->held = false;
		kfv_queue_at(q, q->tail)->status = IB_WC_WR_FLUSH_ERR;
		/* no completion is to come that could write it */
		smp_store_release(&q->hw, q->tail + 1);
	}
	spin_unlock_irqrestore(&commit->lock, flags);
	return drop;
}

/*
 * Posting
 */

static int kfv_commit_post_plan(struct kfv_plan *plan,
				struct kfv_commit *commit, bool *cut)
{
	int rc;

	if (plan->ask) {
		rc = kfv_commit_take_slot(plan, commit);
		if (rc)
			return rc;
	}
	*cut = kfv_post_chain(&plan->chain, &rc);
	if (rc && plan->ask)
		kfv_commit_give_slot(commit);
	if (!rc && plan->chain.held)
		kfv_commit_hold(plan, commit);
	return rc;
}

/*
 * Whether there will be places for all of it. Unsignalled requests may stay in the
 * queue for ever, and with them half of the spare places in the completion ring.
 */
static bool kfv_commit_fits(const struct kfv_post *p)
{
	const struct kfv_queue *q = p->q;

	return p->n <= q->limit - q->signal_every + 1 &&
	       (p->n - p->op->report <= q->cq->nr_spare / 2 ||
		p->n <= kfv_cq_size(q->cq));
}

static int kfv_commit_post(struct kfv_ep *ep, struct kfv_op *op, u32 data)
{
	struct kfv_commit *commit = ep->commit;
	struct kfv_queue *q = &ep->sq;
	struct kfv_plan plan;
	unsigned long flags;
	bool cut = false;
	int rc;

	/* most of a plan is room for ranges, and never looked at */
	plan.chain = (struct kfv_chain) {
		.p = { .ep = ep, .q = q, .op = op },
		.data = data,
	};
	spin_lock_irqsave(&q->lock, flags);
	rc = kfv_plan_make(&plan, commit);
	if (!rc && !kfv_commit_fits(&plan.chain.p))
		rc = -E2BIG;
	if (!rc)
		rc = kfv_commit_post_plan(&plan, commit, &cut);
	if (!rc)
		kfv_plan_account(&plan, commit);
	/* of one that was cut short, some may be in flight */
	kfv_sink_settle(ep, cut ? 0 : rc);
	spin_unlock_irqrestore(&q->lock, flags);

	if (unlikely(cut)) {
		kfv_conn_broken(ep);
		return 0;
	}
	return rc;
}

/**
 * kfv_commit_write - post a write that may be tracked or have a level
 * @ep: endpoint
 * @op: the operation, unchecked; used up
 * @range: where it writes to, or NULL: @op->rma has @count ranges
 * @count: ranges; 1 with @range, whose length is set
 *
 * Context: any.
 * Return: 0; -EAGAIN; -EINVAL for a commit of memory that is not persistent;
 * -EOPNOTSUPP for a level that cannot be reached there; -EMSGSIZE for a fenced
 * commit of more than the peer's CPU stores; -E2BIG for more work requests than
 * the queue or the completion queue ever has room for; as kfv_post_check(),
 * kfv_rma_check_ranges(), kfv_post_count() and kfv_post_send().
 */
ssize_t kfv_commit_write(struct kfv_ep *ep, struct kfv_op *op,
			 struct kfi_rma_iov *range, size_t count)
{
	int rc;

	op->opcode = IB_WR_RDMA_WRITE;
	op->comp = KFI_RMA | KFI_WRITE;
	rc = kfv_post_check(ep, &ep->sq, op, KFV_COMMIT_FLAGS, KFI_WRITE);
	if (rc)
		return rc;
	if (range) {
		range->len = op->len;
		op->rma = range;
	} else if (!count && !op->len) {
		op->rma = &kfv_commit_nowhere;
		count = 1;
	}
	rc = kfv_rma_check_ranges(ep, op, count);
	if (rc)
		return rc;
	rc = kfv_post_count(ep, op);
	if (rc < 0)
		return rc;
	return kfv_commit_post(ep, op, rc);
}

/*
 * Completion
 */

/**
 * kfv_commit_reset - forget everything
 * @commit: of an endpoint that gets a new queue pair
 *
 * Context: process.
 */
void kfv_commit_reset(struct kfv_commit *commit)
{
	commit->dirty.n = 0;
	commit->dead = false;
	commit->posted = 0;
	commit->sent = 0;
	commit->replied = 0;
	commit->acked = 0;
	commit->held = false;
}

static const struct kfv_commit_slot *
kfv_commit_slot(const struct kfv_commit *commit, u32 n)
{
	return &commit->slots[n % KFV_WIRE_REQUESTS];
}

/* What becomes of the operation of commit request @n, unless it failed before */
static void kfv_commit_set_status(struct kfv_commit *commit, u32 n,
				  enum ib_wc_status status)
{
	struct kfv_queue *q = &commit->ep->sq;
	struct kfv_req *req;

	req = kfv_queue_at(q, kfv_commit_slot(commit, n)->index);
	if (!req->status)
		req->status = status;
}

/**
 * kfv_commit_waits - whether a request that the device has finished waits for
 *	the peer
 * @commit: of its endpoint
 * @index: of the request
 *
 * Context: any.
 * Return: true if so.
 */
bool kfv_commit_waits(struct kfv_commit *commit, u32 index)
{
	unsigned long flags;
	bool waits;
	u32 over;

	/* the slot of a request that the device has finished was posted before */
	if (likely(kfv_commit_over(commit) == READ_ONCE(commit->posted)))
		return false;
	spin_lock_irqsave(&commit->lock, flags);
	over = kfv_commit_over(commit);
	waits = !commit->dead && over != commit->posted &&
		kfv_commit_slot(commit, over)->index == index;
	spin_unlock_irqrestore(&commit->lock, flags);
	return waits;
}

/**
 * kfv_commit_acked - a request is out of the device
 * @commit: whose request it was
 *
 * Context: completion handler of the control queue pair.
 */
void kfv_commit_acked(struct kfv_commit *commit)
{
	/* pairs with the acquire in kfv_commit_over() */
	smp_store_release(&commit->acked, commit->acked + 1);
	kfv_queue_advance(commit->ep);
}

/**
 * kfv_commit_kill - nothing more is heard of the peer
 * @commit: of an endpoint whose connection is ending
 *
 * Operations that wait for the peer fail.
 *
 * Context: any, but without the lock of a queue.
 */
void kfv_commit_kill(struct kfv_commit *commit)
{
	unsigned long flags;
	u32 n;

	spin_lock_irqsave(&commit->lock, flags);
	if (!commit->dead)
		for (n = commit->replied; n != commit->sent; n++)
			kfv_commit_set_status(commit, n, IB_WC_WR_FLUSH_ERR);
	commit->dead = true;
	spin_unlock_irqrestore(&commit->lock, flags);
	kfv_queue_advance(commit->ep);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_commit_kill);

static enum ib_wc_status kfv_commit_xlate(enum kfv_wire_status status)
{
	switch (status) {
	case KFV_WIRE_OK:
		return IB_WC_SUCCESS;
	case KFV_WIRE_ACCESS:
		return IB_WC_REM_ACCESS_ERR;
	default:
		return IB_WC_REM_INV_REQ_ERR;
	}
}

/**
 * kfv_commit_replied - the peer has answered
 * @commit: whose request it was
 * @id: of the request, as the peer says
 * @status: what the peer says
 *
 * Context: completion handler of the control queue pair.
 */
void kfv_commit_replied(struct kfv_commit *commit, u32 id,
			enum kfv_wire_status status)
{
	unsigned long flags;
	bool expected, tells;

	spin_lock_irqsave(&commit->lock, flags);
	tells = kfv_commit_slot(commit, id)->tells;
	expected = !commit->dead && commit->replied != commit->sent &&
		   commit->replied == id;
	if (expected) {
		kfv_commit_set_status(commit, id, kfv_commit_xlate(status));
		/* pairs with the acquire in kfv_commit_over() */
		smp_store_release(&commit->replied, id + 1);
	}
	spin_unlock_irqrestore(&commit->lock, flags);

	if (expected && status == KFV_WIRE_OK &&
	    (!tells || kfv_commit_tell(commit))) {
		kfv_queue_advance(commit->ep);
		return;
	}
	kfv_conn_broken(commit->ep);
	kfv_commit_kill(commit);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_commit_replied);

/*
 * The device has finished a request. If it is the last one of an operation that
 * the peer is to commit, ask the peer. False if that cannot be.
 */
static bool kfv_commit_finish(struct kfv_commit *commit, u32 index)
{
	struct kfv_queue *q = &commit->ep->sq;
	struct kfv_req *req = kfv_queue_at(q, index);
	enum ib_wc_status status = req->status;
	unsigned long flags;
	int rc = 0;

	/* if it has a slot, that was posted before it was; nobody else sends */
	if (likely(commit->sent == READ_ONCE(commit->posted)))
		return true;
	spin_lock_irqsave(&commit->lock, flags);
	if (commit->sent != commit->posted &&
	    kfv_commit_slot(commit, commit->sent)->index == index) {
		if (commit->dead && !status)
			req->status = IB_WC_WR_FLUSH_ERR;
		else if (!status && !req->failed)
			rc = kfv_ctl_request(commit, commit->sent);
		commit->sent++;
	}
	spin_unlock_irqrestore(&commit->lock, flags);
	return !rc;
}

/*
 * One more request that the device has finished, or NULL. On iWARP a read is
 * finished when it was answered, and what was posted behind it may be before. What
 * has no completion of its own, because it is a registration, is finished when what
 * is behind it is. The loop ends where nothing is in flight, too: there the next
 * completion has not come.
 */
static struct kfv_req *kfv_commit_next(struct kfv_queue *q)
{
	struct kfv_req *req;
	u32 i = q->hw;

	do {
		req = kfv_queue_at(q, i++);
	} while (!READ_ONCE(req->awaited) && !req->done);
	if (!req->done)
		return NULL;
	req = kfv_queue_at(q, q->hw);
	if (!req->done)
		req->status = IB_WC_SUCCESS;
	return req;
}

static bool kfv_commit_finish_done(struct kfv_ep *ep)
{
	struct kfv_commit *commit = ep->commit;
	struct kfv_queue *q = &ep->sq;
	struct kfv_req *req;
	bool good = true;

	while ((req = kfv_commit_next(q))) {
		req->done = false;
		WRITE_ONCE(req->awaited, true);
		if (commit)
			good &= kfv_commit_finish(commit, q->hw);
		/* pairs with the acquire in kfv_queue_advance() */
		smp_store_release(&q->hw, q->hw + 1);
	}
	return good;
}

/* Completions come in the order of the queue: the last one is for all before it. */
static bool kfv_commit_finish_all(struct kfv_ep *ep, struct kfv_req *done)
{
	struct kfv_queue *q = &ep->sq;
	struct kfv_req *req;
	bool good = true;

	do {
		req = kfv_queue_at(q, q->hw);
		if (req != done)
			req->status = IB_WC_SUCCESS;
		good &= kfv_commit_finish(ep->commit, q->hw);
		/* pairs with the acquire in kfv_queue_advance() */
		smp_store_release(&q->hw, q->hw + 1);
	} while (req != done);
	return good;
}

/**
 * kfv_commit_send_done - a completion of a send queue with commits or sinks
 * @ibcq: ignored
 * @wc: the completion
 *
 * Context: completion handler.
 */
void kfv_commit_send_done(struct ib_cq *ibcq, struct ib_wc *wc)
{
	/* only wr_cqe and status are reliable here, and no more is needed */
	struct kfv_req *done = container_of(wc->wr_cqe, struct kfv_req, cqe);
	struct kfv_ep *ep = done->ep;
	struct kfv_commit *commit = ep->commit;
	struct kfv_queue *q = &ep->sq;
	bool good;

	trace_kfv_wc_send(ep, q, done, wc);
	if (unlikely(wc->status)) {
		kfv_sink_hold(ep);
		kfv_queue_bad_status(ep, q);
	}

	done->status = wc->status;
	done->done = ep->sinks;
	good = ep->sinks ? kfv_commit_finish_done(ep) :
			   kfv_commit_finish_all(ep, done);
	if (commit && (wc->status || !good)) {
		kfv_conn_broken(ep);
		kfv_commit_kill(commit);
	} else {
		kfv_queue_advance(ep);
	}
}
