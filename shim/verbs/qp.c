// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Queue pairs
 *
 * Purpose: how large the queues are, and the queue pair of an endpoint from
 * creation to the last completion.
 *
 * Operation: the queue pair is made on the rdma_cm_id of the endpoint, which
 * moves it through its states. It outlives the id: it is destroyed when neither
 * posts nor events of the connection can come any more.
 *
 * Ownership: an endpoint has a queue pair from enable until it is stopped, both
 * under domain->lock.
 *
 * Ordering: destroying closes the story of all requests. Draining makes sure
 * that every completion has been handled; what had none has finished without
 * one. The queue pair goes before the requests are taken out, so that no buffer
 * is reported that a device could still use.
 *
 * Errors: an event that says that the queue pair is of no use any more breaks
 * the connection.
 */
#include <kunit/visibility.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>

#include "sink.h"
#include "trace.h"

static unsigned int kfv_max_inline = KFV_INJECT_SIZE;
module_param_named(max_inline, kfv_max_inline, uint, 0644);
MODULE_PARM_DESC(max_inline,
		 "Injected bytes that go into a work request itself, if the device can; others are copied to a buffer first");

/**
 * kfv_qp_cqe - how many entries a completion queue of the device needs
 * @entries: places of the completion ring in front of it
 *
 * Context: any.
 * Return: as many.
 */
u32 kfv_qp_cqe(u32 entries)
{
	/* one completion at most per place in the ring */
	return entries +
	       /* markers of the one queue pair that is being drained */
	       KFV_DRAIN_WRS;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_qp_cqe);

/*
 * A commit may take a work request more, and a fenced one many; so does a read that
 * registers where it goes
 */
static u32 kfv_qp_tx_depth(const struct kfv_ep *ep, u32 size)
{
	const struct ib_device_attr *dev = &ep->domain->ibdev->attrs;
	u32 depth = size;

	if (ep->commit)
		depth += size + 2 * KFV_EXTRA_WRS;
	if (ep->domain->iwarp)
		depth += 2 * KFV_SINKS;
	return min_t(u32, depth, dev->max_qp_wr - 1 - ep->domain->iwarp);
}

/*
 * Elements of one work request. Queues are made of these, and what nobody wants takes
 * time and memory; fewer than what fits where inline data would be save nothing.
 */
static u32 kfv_qp_sge(size_t iov_limit, u32 inline_size)
{
	u32 least = max_t(u32, inline_size / sizeof(struct ib_sge), KFV_MIN_SGE);

	return clamp_t(size_t, iov_limit ?: KFV_MAX_SGE, least, KFV_MAX_SGE);
}

static void kfv_qp_tx_side(const struct kfv_ep *ep, struct kfv_qp_side *side)
{
	const struct ib_device_attr *dev = &ep->domain->ibdev->attrs;
	const struct kfi_tx_attr *attr = &ep->tx_attr;

	side->cq = ep->tx_cq;
	side->own = ep->domain->iwarp;
	side->depth = kfv_qp_tx_depth(ep, attr->size ?: KFV_DEF_QUEUE);
	side->inject_size = ep->inject_size;
	side->inline_size = min(READ_ONCE(kfv_max_inline), ep->inject_size);
	side->sge = min_t(u32, dev->max_send_sge,
			  kfv_qp_sge(attr->iov_limit, side->inline_size));
	side->sge_rd = min_t(u32, dev->max_sge_rd ?: side->sge, side->sge);
	side->iov_limit = attr->iov_limit ?: side->sge;
	side->rma_limit = min_t(size_t, attr->rma_iov_limit ?: 1,
				KFV_MAX_RMA_IOV);
}

static void kfv_qp_rx_side(const struct kfv_ep *ep, struct kfv_qp_side *side)
{
	const struct ib_device_attr *dev = &ep->domain->ibdev->attrs;
	const struct kfi_rx_attr *attr = &ep->rx_attr;

	side->cq = ep->rx_cq;
	side->own = ep->domain->iwarp;
	side->depth = attr->size ?: KFV_DEF_QUEUE;
	side->sge = min_t(u32, dev->max_recv_sge,
			  kfv_qp_sge(attr->iov_limit, 0));
	side->iov_limit = attr->iov_limit ?: side->sge;
}

/**
 * kfv_qp_sides - what the queues of an endpoint are made of
 * @ep: endpoint with its completion queues
 * @tx: where to put it for the send queue
 * @rx: where to put it for the receive queue
 *
 * Context: process, with domain->lock, and the device is there.
 */
void kfv_qp_sides(const struct kfv_ep *ep, struct kfv_qp_side *tx,
		  struct kfv_qp_side *rx)
{
	*tx = (struct kfv_qp_side) {};
	*rx = (struct kfv_qp_side) {};
	kfv_qp_tx_side(ep, tx);
	kfv_qp_rx_side(ep, rx);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_qp_sides);

/**
 * kfv_qp_cap - the capacity to ask the device for
 * @tx: send queue
 * @rx: receive queue
 * @cap: where to put it
 *
 * Context: any.
 */
void kfv_qp_cap(const struct kfv_qp_side *tx, const struct kfv_qp_side *rx,
		struct ib_qp_cap *cap)
{
	*cap = (struct ib_qp_cap) {
		/* the client's operations, ours, and the marker of ib_drain_sq() */
		.max_send_wr = tx->depth + tx->own + 1,
		/* the client's receives, ours, and the marker of ib_drain_rq() */
		.max_recv_wr = rx->depth + rx->own + 1,
		/* pieces of memory of one work request */
		.max_send_sge = tx->sge,
		.max_recv_sge = rx->sge,
		/* what is injected, if the device takes it that way */
		.max_inline_data = tx->inline_size,
	};
}
EXPORT_SYMBOL_IF_KUNIT(kfv_qp_cap);

/**
 * kfv_qp_event - a queue pair of an endpoint reports something; an error ends the
 *	connection
 * @event: the event
 * @context: endpoint
 *
 * Context: any, but without the lock of a queue.
 */
void kfv_qp_event(struct ib_event *event, void *context)
{
	struct kfv_ep *ep = context;

	trace_kfv_qp_event(ep, event->event);
	switch (event->event) {
	case IB_EVENT_QP_FATAL:
	case IB_EVENT_QP_REQ_ERR:
	case IB_EVENT_QP_ACCESS_ERR:
		kfv_conn_broken(ep);
		break;
	default:
		break;
	}
}

/* Its own queue pair is the one whose connection the connection manager makes. */
static void kfv_qp_own_event(struct ib_event *event, void *context)
{
	kfv_qp_event(event, context);
	if (event->event == IB_EVENT_COMM_EST)
		kfv_conn_comm_est(context);
}

static bool kfv_qp_fewer_sge(struct kfv_qp_side *side)
{
	u32 sge = max(side->sge / 2, side->iov_limit);
	bool fewer = sge < side->sge;

	side->sge = sge;
	side->sge_rd = min(side->sge_rd, sge);
	return fewer;
}

/*
 * Devices may have no inline data, and limit what all requests of a queue take
 * together. True if there is something to do without that was not promised.
 */
static bool kfv_qp_ask_less(struct kfv_qp_side *tx, struct kfv_qp_side *rx)
{
	bool fewer;

	if (tx->inline_size) {
		tx->inline_size = 0;
		return true;
	}
	fewer = kfv_qp_fewer_sge(tx);
	return kfv_qp_fewer_sge(rx) || fewer;
}

static int kfv_qp_create_hw(struct kfv_ep *ep, struct kfv_qp_side *tx,
			    struct kfv_qp_side *rx)
{
	struct ib_qp_init_attr attr = {
		.event_handler = kfv_qp_own_event,
		.qp_context = ep,
		.send_cq = tx->cq->ibcq,
		.recv_cq = rx->cq->ibcq,
		.sq_sig_type = IB_SIGNAL_REQ_WR,
		.qp_type = IB_QPT_RC,
	};
	int rc;

	do {
		kfv_qp_cap(tx, rx, &attr.cap);
		rc = rdma_create_qp(ep->id, ep->domain->pd, &attr);
	} while (rc && kfv_qp_ask_less(tx, rx));
	if (rc)
		return rc;
	tx->inline_size = min(tx->inline_size, attr.cap.max_inline_data);
	ep->qp = ep->id->qp;
	return 0;
}

/**
 * kfv_qp_create - give an endpoint its queues and queue pair
 * @ep: endpoint with an rdma_cm_id and its completion queues
 *
 * The gates of the queues stay as they are.
 *
 * Context: process, with domain->lock, and the device is there.
 * Return: 0; -ENOMEM; what the device answered.
 */
int kfv_qp_create(struct kfv_ep *ep)
{
	struct kfv_qp_side tx, rx;
	int rc;

	lockdep_assert_held(&ep->domain->lock);

	kfv_qp_sides(ep, &tx, &rx);
	rc = kfv_qp_create_hw(ep, &tx, &rx);
	if (rc)
		return rc;
	rc = kfv_sink_create(ep);
	if (rc)
		goto destroy_qp;
	rc = kfv_queue_init_send(ep, &tx);
	if (rc)
		goto destroy_sinks;
	rc = kfv_queue_init_recv(ep, &rx);
	if (rc)
		goto destroy_send;
	rc = kfv_hello_create(ep);
	if (rc)
		goto destroy_recv;
	rc = kfv_ctl_create(ep);
	if (rc)
		goto destroy_hello;
	rc = kfv_hello_expect(ep);
	if (rc)
		goto destroy_ctl;
	kfv_cq_refill(tx.cq);
	return 0;

destroy_ctl:
	kfv_ctl_destroy(ep);
destroy_hello:
	kfv_hello_destroy(ep);
destroy_recv:
	kfv_queue_destroy(&ep->rq, ep);
destroy_send:
	kfv_queue_destroy(&ep->sq, ep);
destroy_sinks:
	kfv_sink_destroy(ep);
destroy_qp:
	rdma_destroy_qp(ep->id);
	ep->qp = NULL;
	return rc;
}

/**
 * kfv_qp_discard - undo kfv_qp_create()
 * @ep: endpoint to which its client has posted nothing, with its rdma_cm_id
 *
 * Context: process, with domain->lock; waits for completion handlers.
 */
void kfv_qp_discard(struct kfv_ep *ep)
{
	lockdep_assert_held(&ep->domain->lock);

	/* a receive of ours is there */
	if (ep->domain->iwarp)
		ib_drain_rq(ep->qp);
	kfv_ctl_destroy(ep);
	kfv_hello_destroy(ep);
	kfv_queue_destroy(&ep->sq, ep);
	kfv_queue_destroy(&ep->rq, ep);
	kfv_sink_destroy(ep);
	rdma_destroy_qp(ep->id);
	ep->qp = NULL;
}

static void kfv_qp_hold_cqs(struct kfv_ep *ep)
{
	kfv_poll_hold(ep->tx_cq);
	if (ep->rx_cq != ep->tx_cq)
		kfv_poll_hold(ep->rx_cq);
}

static void kfv_qp_release_cqs(struct kfv_ep *ep)
{
	kfv_poll_release(ep->tx_cq);
	if (ep->rx_cq != ep->tx_cq)
		kfv_poll_release(ep->rx_cq);
}

/**
 * kfv_qp_destroy - complete all that is outstanding, and free the queue pair
 * @ep: endpoint whose gates are closed and whose rdma_cm_id is gone, or will
 *	not be used any more. Without a queue pair nothing happens
 *
 * Context: process, with domain->lock; waits for completion handlers.
 */
void kfv_qp_destroy(struct kfv_ep *ep)
{
	lockdep_assert_held(&ep->domain->lock);

	if (!ep->qp)
		return;
	kfv_queue_quiesce(&ep->sq);
	kfv_queue_quiesce(&ep->rq);
	kfv_qp_hold_cqs(ep);
	kfv_poll_drain(ep);
	kfv_sink_kill(ep);
	kfv_ctl_drain(ep);
	ib_destroy_qp(ep->qp);
	ep->qp = NULL;

	kfv_queue_sweep(&ep->sq);
	kfv_queue_sweep(&ep->rq);
	kfv_qp_release_cqs(ep);
	kfv_hello_destroy(ep);
	kfv_queue_destroy(&ep->sq, ep);
	kfv_queue_destroy(&ep->rq, ep);
	kfv_sink_destroy(ep);
	kfv_ctl_destroy(ep);
}

/**
 * kfv_qp_error - let all that is outstanding complete with an error
 * @ep: endpoint. Without a queue pair nothing happens
 *
 * Context: process, may sleep.
 */
void kfv_qp_error(struct kfv_ep *ep)
{
	struct ib_qp_attr attr = { .qp_state = IB_QPS_ERR };
	int rc;

	if (!ep->qp)
		return;
	kfv_queue_quiesce(&ep->sq);
	rc = ib_modify_qp(ep->qp, &attr, IB_QP_STATE);
	trace_kfv_qp_error(ep, rc);
	kfv_ctl_error(ep);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_qp_error);
