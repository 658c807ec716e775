// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Hello
 *
 * Purpose: on iWARP the side that connects has to send first. Soft-iWARP ends the
 * connection if anything comes before its own side has looked at the reply. A
 * client does not care who is first.
 *
 * Operation: the side that connects sends a message of no bytes as soon as it is
 * connected, before its client may send. The receive for it is posted before
 * the client of the other side may post any; there the connection is reported
 * when it has come, and nothing can be sent before. A control queue pair, if
 * there is one, has such a message of its own (wire.h); it is sent first.
 *
 * Soft-iWARP does not notice what comes between its reply and the moment when the
 * queue pair gets the connection; more that comes makes it look. So empty writes
 * follow, which nobody at the peer sees, at growing intervals.
 *
 * Ownership: a place in the completion ring is kept for the message from enable
 * until it is done, and so is the last of the writes.
 */
#include <linux/bits.h>
#include <linux/jiffies.h>

#include <kunit/visibility.h>

#include "persist.h"
#include "trace.h"

enum {
	/* the first waits so long, each other one four times as long as the last */
	KFV_HELLO_NUDGE_MS = 10,
	KFV_HELLO_NUDGES = 6,
};

static void kfv_hello_give_place(struct kfv_ep *ep)
{
	if (ep->hello_cq)
		kfv_cq_give(ep->hello_cq, 1, ep->hello_spare);
	ep->hello_cq = NULL;
}

/* The next write; false if there shall be none */
static bool kfv_hello_nudge_later(struct kfv_ep *ep)
{
	unsigned long flags;
	bool later;

	spin_lock_irqsave(&ep->lock, flags);
	later = ep->nudges < KFV_HELLO_NUDGES && ep->state != KFV_EP_DEAD;
	if (later)
		queue_delayed_work(kfv_wq, &ep->nudge,
				   msecs_to_jiffies(KFV_HELLO_NUDGE_MS <<
						    2 * ep->nudges++));
	spin_unlock_irqrestore(&ep->lock, flags);
	return later;
}

static void kfv_hello_done(struct ib_cq *ibcq, struct ib_wc *wc)
{
	/* only wr_cqe and status are reliable here, and no more is needed */
	struct kfv_ep *ep = container_of(wc->wr_cqe, struct kfv_ep, hello);

	if (!wc->status && !ep->passive && kfv_hello_nudge_later(ep))
		return;
	kfv_hello_give_place(ep);
	if (wc->status)
		kfv_conn_broken(ep);
	else if (ep->passive)
		kfv_conn_got(ep, KFV_AWAITS_HELLO);
}

static int kfv_hello_post_nudge(struct kfv_ep *ep)
{
	const struct ib_rdma_wr wr = {
		.wr = {
			.wr_cqe = &ep->hello,
			.opcode = IB_WR_RDMA_WRITE,
			.send_flags = IB_SEND_SIGNALED,
		},
	};
	unsigned long flags;
	int rc;

	spin_lock_irqsave(&ep->sq.lock, flags);
	rc = ep->sq.gate ?: ib_post_send(ep->qp, &wr.wr, NULL);
	spin_unlock_irqrestore(&ep->sq.lock, flags);
	return rc;
}

static void kfv_hello_nudge(struct work_struct *work)
{
	struct kfv_ep *ep = container_of(to_delayed_work(work), struct kfv_ep,
					 nudge);

	kfv_ctl_nudge(ep);
	if (!kfv_hello_post_nudge(ep))
		return;
	/* too early, or too late */
	if (!kfv_conn_in(ep, BIT(KFV_EP_CONNECTING)) ||
	    !kfv_hello_nudge_later(ep))
		kfv_hello_give_place(ep);
}

/**
 * kfv_hello_init - first state of an endpoint that is being opened
 * @ep: endpoint
 *
 * Context: any.
 */
void kfv_hello_init(struct kfv_ep *ep)
{
	INIT_DELAYED_WORK(&ep->nudge, kfv_hello_nudge);
}

static int kfv_hello_take_place(struct kfv_ep *ep)
{
	struct kfv_cq *cq = ep->passive ? ep->rx_cq : ep->tx_cq;

	ep->hello_spare = kfv_cq_take_spare(cq, 1);
	if (!ep->hello_spare && !kfv_cq_take(cq, 1))
		return -ENOSPC;
	ep->hello_cq = cq;
	return 0;
}

/**
 * kfv_hello_create - get ready for the first message
 * @ep: endpoint with a new queue pair. If it needs no such message, nothing
 *	happens
 *
 * Context: process; domain->lock is held.
 * Return: 0; -ENOSPC if the completion queue is full.
 */
int kfv_hello_create(struct kfv_ep *ep)
{
	if (!ep->domain->iwarp)
		return 0;
	ep->hello.done = kfv_hello_done;
	return kfv_hello_take_place(ep);
}

/**
 * kfv_hello_expect - post the receive for the first message
 * @ep: endpoint; if the message does not come to it, nothing happens
 *
 * From here on the queue pair may have a completion that is the endpoint's, so it
 * has to be drained before it is destroyed.
 *
 * Context: process; domain->lock is held.
 * Return: 0, or what the device answered.
 */
int kfv_hello_expect(struct kfv_ep *ep)
{
	struct ib_recv_wr wr = { .wr_cqe = &ep->hello };

	if (!ep->domain->iwarp || !ep->passive)
		return 0;
	return ib_post_recv(ep->qp, &wr, NULL);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_hello_create);

/**
 * kfv_hello_destroy - undo kfv_hello_create()
 * @ep: endpoint whose queue pair is drained, or was never used
 *
 * Context: process; domain->lock is held.
 */
void kfv_hello_destroy(struct kfv_ep *ep)
{
	kfv_hello_give_place(ep);
}

static int kfv_hello_send(struct kfv_ep *ep)
{
	struct ib_send_wr wr = {
		.wr_cqe = &ep->hello,
		.opcode = IB_WR_SEND,
		.send_flags = IB_SEND_SIGNALED,
	};
	int rc;

	rc = kfv_ctl_hello(ep);
	return rc ?: ib_post_send(ep->qp, &wr, NULL);
}

/**
 * kfv_hello_go - everything is connected on the side that connects
 * @ep: endpoint; its private data is the peer's reply
 *
 * Context: handler of the connection manager.
 */
void kfv_hello_go(struct kfv_ep *ep)
{
	const struct kfv_conn_why reply = {
		.data = ep->cm_data,
		.len = ep->cm_len,
	};

	if (!kfv_conn_in(ep, BIT(KFV_EP_CONNECTING)))
		return;
	/* the gate is closed: nobody else posts */
	if (kfv_hello_send(ep))
		kfv_conn_fail(ep, EIO);
	else
		kfv_conn_up(ep, BIT(KFV_EP_CONNECTING), &reply);
}
