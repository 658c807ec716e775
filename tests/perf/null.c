// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: The null device
 *
 * Purpose: the data calls of an RDMA device without the device: what is left is
 * what its users do, and the core between them. Also, what a device takes of the
 * time of a call.
 *
 * Operation: four calls of a real device (post_send, post_recv, poll_cq,
 * req_notify_cq) are replaced. At first they only call the real ones, count what
 * these take, and learn which queue pairs the thread uses. Once started, work
 * requests for those queue pairs go nowhere: a signalled one has succeeded at once,
 * and a send takes the oldest receive of the peer with it, if one was posted here.
 * Nothing is copied. The completions wait for kfp_null_interrupt(), which calls the
 * handler of the completion queue as an interrupt would, if that is armed.
 *
 * All other queue pairs (of the connection manager, of registrations, of commits)
 * have the real device all the time.
 *
 * Counting: the calls add up what they take themselves, so that it can be left out.
 * What remains of them is what calling an empty function takes.
 *
 * Ownership: one command at a time has it. It puts the calls back before it closes
 * anything, when nothing of its own is in flight, and waits for others who may be
 * in the middle of one.
 *
 * Ordering: the queues of the null device have one lock. Handlers are called
 * without it.
 */
#include <linux/err.h>
#include <linux/irqflags.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timex.h>

#include "null.h"

enum {
	KFP_NULL_QPS = 16,
	KFP_NULL_CQS = 16,
	KFP_NULL_RECVS = 16,	/* a power of two, like the next */
	KFP_NULL_WCS = 64,
};

/**
 * struct kfp_null_wc - a completion
 * @wc: what the consumer gets
 * @cqe: stands in for its handler, to count that
 * @real: its handler
 */
struct kfp_null_wc {
	struct ib_wc wc;
	struct ib_cqe cqe;
	struct ib_cqe *real;
};

/**
 * struct kfp_null_cq - a completion queue
 * @cq: of whom
 * @armed: the next completion calls the handler
 * @head: number of the next completion that is queued
 * @tail: of the oldest one
 * @wcs: the completions
 */
struct kfp_null_cq {
	struct ib_cq *cq;
	bool armed;
	u32 head;
	u32 tail;
	struct kfp_null_wc wcs[KFP_NULL_WCS];
};

/**
 * struct kfp_null_qp - a queue pair
 * @qp: of whom
 * @peer: where sends go, or NULL
 * @send: completions of the send queue
 * @recv: of the receive queue
 * @head: number of the next receive that is posted
 * @tail: of the oldest one
 * @recvs: the receives
 */
struct kfp_null_qp {
	struct ib_qp *qp;
	struct kfp_null_qp *peer;
	struct kfp_null_cq *send;
	struct kfp_null_cq *recv;
	u32 head;
	u32 tail;
	struct ib_cqe *recvs[KFP_NULL_RECVS];
};

/**
 * struct kfp_null - the null device
 * @dev: the real device
 * @task: whose it is
 * @learning: queue pairs that @task posts to are its own
 * @started: they have the null device
 * @handlers: completion handlers are counted
 * @idle: what counting nothing counts
 * @tally: counts
 * @target: where the last request posted will complete
 * @lock: of all queues
 * @n_qps: queue pairs
 * @n_cqs: completion queues
 * @qps: they
 * @cqs: they
 * @real: the calls of @dev
 */
struct kfp_null {
	struct ib_device *dev;
	struct task_struct *task;
	bool learning;
	bool started;
	bool handlers;
	u32 idle;
	struct kfp_null_tally tally;
	struct kfp_null_cq *target;

	spinlock_t lock;	/* of all queues */
	u32 n_qps;
	u32 n_cqs;
	struct kfp_null_qp qps[KFP_NULL_QPS];
	struct kfp_null_cq cqs[KFP_NULL_CQS];

	const struct ib_device_ops *real;
};

/* The calls know the device, and nothing else that is ours. */
static struct kfp_null *kfp_null;
static DEFINE_MUTEX(kfp_null_mutex);

/**
 * kfp_null_idle - what counting nothing counts
 *
 * Context: any.
 * Return: instructions between two readings of the counter.
 */
u32 kfp_null_idle(void)
{
	unsigned long flags;
	cycles_t start, end;

	local_irq_save(flags);
	start = get_cycles();
	end = get_cycles();
	local_irq_restore(flags);
	return end - start;
}

static struct kfp_null_qp *kfp_null_find_qp(struct kfp_null *null,
					    const struct ib_qp *qp)
{
	u32 i;

	for (i = 0; i < null->n_qps; i++) {
		if (null->qps[i].qp == qp)
			return &null->qps[i];
	}
	return NULL;
}

static struct kfp_null_cq *kfp_null_find_cq(struct kfp_null *null,
					    const struct ib_cq *cq)
{
	u32 i;

	for (i = 0; i < null->n_cqs; i++) {
		if (null->cqs[i].cq == cq)
			return &null->cqs[i];
	}
	return NULL;
}

static void kfp_null_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct kfp_null_wc *slot = container_of(wc->wr_cqe, struct kfp_null_wc,
						cqe);
	struct ib_cqe *real = slot->real;
	cycles_t start;

	wc->wr_cqe = real;
	start = get_cycles();
	real->done(cq, wc);
	kfp_null->tally.handler += get_cycles() - start - kfp_null->idle;
}

static struct kfp_null_cq *kfp_null_get_cq(struct kfp_null *null,
					   struct ib_cq *ibcq)
{
	struct kfp_null_cq *cq = kfp_null_find_cq(null, ibcq);
	u32 i;

	if (cq || null->n_cqs == KFP_NULL_CQS)
		return cq;
	cq = &null->cqs[null->n_cqs++];
	cq->cq = ibcq;
	for (i = 0; i < KFP_NULL_WCS; i++)
		cq->wcs[i].cqe.done = kfp_null_done;
	return cq;
}

/**
 * kfp_null_add - a queue pair is the thread's own
 * @qp: the queue pair; it may be known already
 *
 * Context: the thread that has the null device, before it is started.
 * Return: 0 or -ENOSPC.
 */
int kfp_null_add(struct ib_qp *qp)
{
	struct kfp_null *null = kfp_null;
	struct kfp_null_qp *own;

	if (kfp_null_find_qp(null, qp))
		return 0;
	if (null->n_qps == KFP_NULL_QPS)
		return -ENOSPC;
	own = &null->qps[null->n_qps];
	own->qp = qp;
	own->send = kfp_null_get_cq(null, qp->send_cq);
	own->recv = kfp_null_get_cq(null, qp->recv_cq);
	if (!own->send || !own->recv)
		return -ENOSPC;
	null->n_qps++;
	return 0;
}

static bool kfp_null_is_ours(const struct kfp_null *null)
{
	return current == null->task;
}

static int kfp_null_see(struct kfp_null *null, struct ib_qp *qp)
{
	return null->learning && kfp_null_is_ours(null) ? kfp_null_add(qp) : 0;
}

static bool kfp_null_is_full(const struct kfp_null_cq *cq)
{
	return cq->head - cq->tail == KFP_NULL_WCS;
}

static void kfp_null_queue(struct kfp_null_cq *cq, struct ib_wc wc)
{
	cq->wcs[cq->head++ % KFP_NULL_WCS].wc = wc;
}

static u32 kfp_null_len(const struct ib_send_wr *wr)
{
	u32 len = 0;
	int i;

	for (i = 0; i < wr->num_sge; i++)
		len += wr->sg_list[i].length;
	return len;
}

/* A message takes a receive with it. */
static void kfp_null_deliver(struct kfp_null_qp *peer,
			     const struct ib_send_wr *wr)
{
	if (wr->opcode != IB_WR_SEND || !peer || peer->head == peer->tail ||
	    kfp_null_is_full(peer->recv))
		return;
	kfp_null_queue(peer->recv, (struct ib_wc) {
		.wr_cqe = peer->recvs[peer->tail++ % KFP_NULL_RECVS],
		.opcode = IB_WC_RECV,
		.byte_len = kfp_null_len(wr),
		.qp = peer->qp,
	});
}

static enum ib_wc_opcode kfp_null_opcode(enum ib_wr_opcode opcode)
{
	switch (opcode) {
	case IB_WR_RDMA_WRITE:
		return IB_WC_RDMA_WRITE;
	case IB_WR_RDMA_READ:
		return IB_WC_RDMA_READ;
	default:
		return IB_WC_SEND;
	}
}

static int kfp_null_send(struct kfp_null_qp *qp, const struct ib_send_wr *wr)
{
	if (kfp_null_is_full(qp->send))
		return -ENOMEM;
	kfp_null_deliver(qp->peer, wr);
	if (wr->send_flags & IB_SEND_SIGNALED)
		kfp_null_queue(qp->send, (struct ib_wc) {
			.wr_cqe = wr->wr_cqe,
			.opcode = kfp_null_opcode(wr->opcode),
			.qp = qp->qp,
		});
	return 0;
}

static int kfp_null_sends(struct kfp_null *null, struct kfp_null_qp *qp,
			  const struct ib_send_wr *wr,
			  const struct ib_send_wr **bad)
{
	unsigned long flags;
	int rc = 0;

	spin_lock_irqsave(&null->lock, flags);
	for (; !rc && wr; wr = wr->next) {
		*bad = wr;
		rc = kfp_null_send(qp, wr);
	}
	null->target = qp->send;
	spin_unlock_irqrestore(&null->lock, flags);
	return rc;
}

static int kfp_null_recvs(struct kfp_null *null, struct kfp_null_qp *qp,
			  const struct ib_recv_wr *wr,
			  const struct ib_recv_wr **bad)
{
	unsigned long flags;
	int rc = 0;

	spin_lock_irqsave(&null->lock, flags);
	for (; wr; wr = wr->next) {
		if (qp->head - qp->tail == KFP_NULL_RECVS) {
			*bad = wr;
			rc = -ENOMEM;
			break;
		}
		qp->recvs[qp->head++ % KFP_NULL_RECVS] = wr->wr_cqe;
	}
	null->target = qp->recv;
	spin_unlock_irqrestore(&null->lock, flags);
	return rc;
}

static int kfp_null_take(struct kfp_null *null, struct kfp_null_cq *cq, int n,
			 struct ib_wc *wcs)
{
	struct kfp_null_wc *slot;
	unsigned long flags;
	int i;

	spin_lock_irqsave(&null->lock, flags);
	for (i = 0; i < n && cq->head != cq->tail; i++) {
		slot = &cq->wcs[cq->tail++ % KFP_NULL_WCS];
		wcs[i] = slot->wc;
		if (!null->handlers)
			continue;
		slot->real = slot->wc.wr_cqe;
		wcs[i].wr_cqe = &slot->cqe;
	}
	spin_unlock_irqrestore(&null->lock, flags);
	return i;
}

/*
 * The calls. Their first and their last statement is the counter's.
 */
static void kfp_null_account(struct kfp_null *null, cycles_t start)
{
	if (kfp_null_is_ours(null))
		null->tally.device += get_cycles() - start;
}

static void kfp_null_account_below(struct kfp_null *null, cycles_t start)
{
	if (kfp_null_is_ours(null))
		null->tally.below += get_cycles() - start - null->idle;
}

static int kfp_null_post_send(struct ib_qp *ibqp, const struct ib_send_wr *wr,
			      const struct ib_send_wr **bad)
{
	cycles_t start = get_cycles(), below;
	struct kfp_null *null = kfp_null;
	struct kfp_null_qp *qp = NULL;
	int rc;

	if (READ_ONCE(null->started))
		qp = kfp_null_find_qp(null, ibqp);
	if (qp) {
		rc = kfp_null_sends(null, qp, wr, bad);
	} else {
		rc = kfp_null_see(null, ibqp);
		below = get_cycles();
		rc = rc ?: null->real->post_send(ibqp, wr, bad);
		kfp_null_account_below(null, below);
	}
	kfp_null_account(null, start);
	return rc;
}

static int kfp_null_post_recv(struct ib_qp *ibqp, const struct ib_recv_wr *wr,
			      const struct ib_recv_wr **bad)
{
	cycles_t start = get_cycles(), below;
	struct kfp_null *null = kfp_null;
	struct kfp_null_qp *qp = NULL;
	int rc;

	if (READ_ONCE(null->started))
		qp = kfp_null_find_qp(null, ibqp);
	if (qp) {
		rc = kfp_null_recvs(null, qp, wr, bad);
	} else {
		rc = kfp_null_see(null, ibqp);
		below = get_cycles();
		rc = rc ?: null->real->post_recv(ibqp, wr, bad);
		kfp_null_account_below(null, below);
	}
	kfp_null_account(null, start);
	return rc;
}

static int kfp_null_poll_cq(struct ib_cq *ibcq, int n, struct ib_wc *wcs)
{
	cycles_t start = get_cycles();
	struct kfp_null *null = kfp_null;
	struct kfp_null_cq *cq = NULL;
	int got = 0, rc;

	if (READ_ONCE(null->started))
		cq = kfp_null_find_cq(null, ibcq);
	if (cq)
		got = kfp_null_take(null, cq, n, wcs);
	rc = null->real->poll_cq(ibcq, n - got, wcs + got);
	kfp_null_account(null, start);
	return rc > 0 ? got + rc : got ?: rc;
}

static int kfp_null_req_notify_cq(struct ib_cq *ibcq,
				  enum ib_cq_notify_flags flags)
{
	cycles_t start = get_cycles();
	struct kfp_null *null = kfp_null;
	struct kfp_null_cq *cq = NULL;
	bool missed = false;
	int rc;

	if (READ_ONCE(null->started))
		cq = kfp_null_find_cq(null, ibcq);
	if (cq) {
		WRITE_ONCE(cq->armed, true);
		missed = flags & IB_CQ_REPORT_MISSED_EVENTS &&
			 READ_ONCE(cq->head) != READ_ONCE(cq->tail);
	}
	rc = null->real->req_notify_cq(ibcq, flags);
	kfp_null_account(null, start);
	return missed && !rc ? 1 : rc;
}

static const struct ib_device_ops kfp_null_ops = {
	.post_send = kfp_null_post_send,
	.post_recv = kfp_null_post_recv,
	.poll_cq = kfp_null_poll_cq,
	.req_notify_cq = kfp_null_req_notify_cq,
};

static void kfp_null_set_ops(struct ib_device *dev,
			     const struct ib_device_ops *ops)
{
	WRITE_ONCE(dev->ops.post_send, ops->post_send);
	WRITE_ONCE(dev->ops.post_recv, ops->post_recv);
	WRITE_ONCE(dev->ops.poll_cq, ops->poll_cq);
	WRITE_ONCE(dev->ops.req_notify_cq, ops->req_notify_cq);
}

/**
 * kfp_null_open - stand in for a device's data calls
 * @dev: the device; it stays until kfp_null_close()
 *
 * Nothing changes but that it is counted.
 *
 * Context: a kernel thread, whose it is from now on; may sleep.
 * Return: 0; -EBUSY if another command has it; -ENOMEM.
 */
int kfp_null_open(struct ib_device *dev)
{
	struct kfp_null *null;

	if (!mutex_trylock(&kfp_null_mutex))
		return -EBUSY;
	null = kzalloc(sizeof(*null), GFP_KERNEL);
	if (!null)
		goto unlock;
	null->real = kmemdup(&dev->ops, sizeof(dev->ops), GFP_KERNEL);
	if (!null->real)
		goto free;
	null->dev = dev;
	null->task = current;
	null->idle = kfp_null_idle();
	spin_lock_init(&null->lock);
	kfp_null = null;
	/* who finds the calls changed finds the rest, too */
	smp_wmb();
	kfp_null_set_ops(dev, &kfp_null_ops);
	return 0;
free:
	kfree(null);
unlock:
	mutex_unlock(&kfp_null_mutex);
	return -ENOMEM;
}

/**
 * kfp_null_close - put the device's calls back
 *
 * Context: the thread that opened it; may sleep.
 */
void kfp_null_close(void)
{
	struct kfp_null *null = kfp_null;
	struct ib_device *dev = null->dev;

	kfp_null_stop();
	kfp_null_set_ops(dev, null->real);
	/* for those who are in the middle of ours, in threads and in softirqs */
	synchronize_rcu();
	synchronize_rcu_tasks();
	kfp_null = NULL;
	kfree(null->real);
	kfree(null);
	mutex_unlock(&kfp_null_mutex);
}

/**
 * kfp_null_learn - learn which queue pairs are the thread's own
 * @on: from now on, or no more
 *
 * Context: the thread that has the null device.
 */
void kfp_null_learn(bool on)
{
	kfp_null->learning = on;
}

static int kfp_null_find_peer(struct kfp_null *null, struct kfp_null_qp *qp)
{
	struct ib_qp_init_attr init;
	struct ib_qp_attr attr;
	int rc;
	u32 i;

	rc = ib_query_qp(qp->qp, &attr, IB_QP_DEST_QPN, &init);
	if (rc)
		return rc;
	for (i = 0; i < null->n_qps; i++) {
		if (null->qps[i].qp->qp_num == attr.dest_qp_num)
			qp->peer = &null->qps[i];
	}
	return 0;
}

/**
 * kfp_null_start - from now on the queue pairs have the null device
 *
 * Nothing may be in flight on them; receives that were posted stay where they are.
 *
 * Context: the thread that has the null device; may sleep.
 * Return: 0 or a negative errno.
 */
int kfp_null_start(void)
{
	struct kfp_null *null = kfp_null;
	int rc = 0;
	u32 i;

	for (i = 0; !rc && i < null->n_qps; i++)
		rc = kfp_null_find_peer(null, &null->qps[i]);
	if (rc)
		return rc;
	for (i = 0; i < null->n_cqs; i++)
		null->cqs[i].armed = null->cqs[i].cq->poll_ctx != IB_POLL_DIRECT;
	WRITE_ONCE(null->started, true);
	return 0;
}

/**
 * kfp_null_stop - from now on they have the real one
 *
 * Nothing may be in flight.
 *
 * Context: the thread that has the null device.
 */
void kfp_null_stop(void)
{
	WRITE_ONCE(kfp_null->started, false);
}

/**
 * kfp_null_begin - begin to count
 * @handlers: also what completion handlers take
 *
 * Context: the thread that has the null device.
 * Return: the counts, from 0.
 */
const struct kfp_null_tally *kfp_null_begin(bool handlers)
{
	struct kfp_null *null = kfp_null;

	null->handlers = handlers;
	null->tally = (struct kfp_null_tally) {};
	return &null->tally;
}

/**
 * kfp_null_target - where the last request that was posted completes
 *
 * Context: the thread that has the null device, started.
 * Return: the completion queue, or NULL.
 */
struct kfp_null_cq *kfp_null_target(void)
{
	return kfp_null->target;
}

/**
 * kfp_null_interrupt - tell the owner of a completion queue, if he wants to know
 * @cq: the completion queue, or NULL
 *
 * Context: the thread that has the null device, started.
 * Return: what the handler of the completion queue took.
 */
u32 kfp_null_interrupt(struct kfp_null_cq *cq)
{
	unsigned long flags;
	cycles_t start;
	u32 n = 0;

	local_irq_save(flags);
	if (cq && cq->armed && cq->head != cq->tail) {
		WRITE_ONCE(cq->armed, false);
		start = get_cycles();
		cq->cq->comp_handler(cq->cq, cq->cq->cq_context);
		n = get_cycles() - start - kfp_null->idle;
	}
	local_irq_restore(flags);
	return n;
}

/**
 * kfp_null_interrupt_all - tell the owners of all completion queues
 *
 * Context: the thread that has the null device, started.
 */
void kfp_null_interrupt_all(void)
{
	u32 i;

	for (i = 0; i < kfp_null->n_cqs; i++)
		kfp_null_interrupt(&kfp_null->cqs[i]);
}
