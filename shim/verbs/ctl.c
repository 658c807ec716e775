// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Control queue pair
 *
 * Purpose: the receive queue of an endpoint is the client's, so what the two
 * providers have to say to each other goes over a queue pair of their own. An
 * endpoint that was opened with KFI_RMA_PMEM has one.
 *
 * Operation: made when the endpoint is enabled. Its number travels in the
 * private data of the endpoint's connection; its address is that of the
 * endpoint's queue pair. On iWARP it is a TCP connection of its own, to a port
 * whose number travels there (stream.c), made when the endpoint's is there.
 *
 * Each side may have KFV_WIRE_REQUESTS requests outstanding. For these and for
 * as many replies there are receives; what comes beyond waits in the peer's
 * device. The receive of a request is posted again when the reply has left, so
 * replies have room too, however many there are.
 *
 * Ownership: memory for messages is mapped as long as the queue pair is there.
 * A message in the inbox belongs to the device until it is received, then to
 * whoever serves it, until the reply is out.
 *
 * Ordering: everything is posted under the lock, and nothing after @dead is
 * set. Draining may start then. The order of messages and of RDMA on the other
 * queue pair is the sender's business: it does not send a commit request before
 * its writes are acknowledged.
 *
 * Errors: a message that is none of ours, and any failed completion, end the
 * connection. All requests that wait for a reply fail.
 */
#include <linux/random.h>
#include <linux/slab.h>

#include <kunit/visibility.h>

#include "info.h"
#include "persist.h"
#include "trace.h"

enum {
	/* replies, one for each message in the inbox, and a first message */
	KFV_CTL_REPLIES = KFV_CTL_INBOX + 1,
	/* requests, and these */
	KFV_CTL_SENDS = KFV_WIRE_REQUESTS + KFV_CTL_REPLIES,
	KFV_CTL_CQE = KFV_CTL_SENDS + KFV_CTL_INBOX + KFV_DRAIN_WRS,
	KFV_CTL_PSN_MASK = 0xffffff,
};

/**
 * kfv_ctl_alloc - what an endpoint needs to be persistent, without hardware
 * @ep: endpoint that is being opened
 *
 * Context: process.
 * Return: it, or NULL.
 */
struct kfv_commit *kfv_ctl_alloc(struct kfv_ep *ep)
{
	struct kfv_commit *commit;

	commit = kzalloc(sizeof(*commit), GFP_KERNEL);
	if (!commit)
		return NULL;
	commit->ep = ep;
	commit->why = "not connected yet";
	spin_lock_init(&commit->lock);
	INIT_WORK(&commit->ctl.work, kfv_serve_work);
	return commit;
}

/**
 * kfv_ctl_free - undo kfv_ctl_alloc()
 * @commit: without hardware; may be NULL
 *
 * Context: any.
 */
void kfv_ctl_free(struct kfv_commit *commit)
{
	kfree(commit);
}

/* The connection is of no use without its control queue pair. */
static void kfv_ctl_failed(struct kfv_commit *commit)
{
	kfv_conn_broken(commit->ep);
	kfv_commit_kill(commit);
}

static int kfv_ctl_post_recv(struct kfv_commit *commit,
			     struct kfv_ctl_recv *recv)
{
	struct kfv_ctl *ctl = &commit->ctl;
	struct ib_sge sge = {
		.addr = ctl->inbox_dma +
			(size_t)(recv - ctl->recvs) * KFV_CTL_MSG,
		.length = KFV_CTL_MSG,
		.lkey = commit->ep->domain->pd->local_dma_lkey,
	};
	struct ib_recv_wr wr = {
		.wr_cqe = &recv->recv,
		.sg_list = &sge,
		.num_sge = 1,
	};

	return ib_post_recv(ctl->qp, &wr, NULL);
}

static int kfv_ctl_post_send(struct kfv_commit *commit, struct ib_cqe *cqe,
			     u64 dma, u32 len)
{
	struct ib_sge sge = {
		.addr = dma,
		.length = len,
		.lkey = commit->ep->domain->pd->local_dma_lkey,
	};
	struct ib_send_wr wr = {
		.wr_cqe = cqe,
		.sg_list = &sge,
		.num_sge = 1,
		.opcode = IB_WR_SEND,
		.send_flags = IB_SEND_SIGNALED,
	};

	lockdep_assert_held(&commit->lock);

	ib_dma_sync_single_for_device(commit->ep->domain->ibdev, dma, len,
				      DMA_TO_DEVICE);
	return ib_post_send(commit->ctl.qp, &wr, NULL);
}

/* Let the peer use a place in the inbox, or again. */
static void kfv_ctl_repost(struct kfv_commit *commit, struct kfv_ctl_recv *recv)
{
	unsigned long flags;
	int rc = 0;

	spin_lock_irqsave(&commit->lock, flags);
	if (!commit->dead)
		rc = kfv_ctl_post_recv(commit, recv);
	spin_unlock_irqrestore(&commit->lock, flags);
	if (rc)
		kfv_ctl_failed(commit);
}

/**
 * kfv_ctl_request - send a commit request
 * @commit: whose message is complete; its lock is held, and it is not dead
 * @n: number of the request
 *
 * Context: any.
 * Return: 0, or what the device answered.
 */
int kfv_ctl_request(struct kfv_commit *commit, u32 n)
{
	u32 slot = n % KFV_WIRE_REQUESTS;

	return kfv_ctl_post_send(commit, &commit->ctl.request,
				 commit->ctl.requests_dma + slot * KFV_CTL_MSG,
				 commit->slots[slot].len);
}

static void kfv_ctl_request_done(struct ib_cq *ibcq, struct ib_wc *wc)
{
	/* only wr_cqe and status are reliable here, and no more is needed */
	struct kfv_commit *commit = container_of(wc->wr_cqe, struct kfv_commit,
						 ctl.request);

	trace_kfv_wc_ctl(&commit->ep->node, "request", wc);
	if (unlikely(wc->status))
		kfv_ctl_failed(commit);
	else
		kfv_commit_acked(commit);
}

/**
 * kfv_ctl_reply - answer a request of the peer
 * @commit: where it came
 * @recv: the request
 * @status: what became of it
 *
 * Context: any.
 */
void kfv_ctl_reply(struct kfv_commit *commit, struct kfv_ctl_recv *recv,
		   enum kfv_wire_status status)
{
	struct kfv_ctl *ctl = &commit->ctl;
	u32 i = recv - ctl->recvs;
	unsigned long flags;
	int rc = 0;

	ctl->replies[i] = (struct kfv_wire_msg) {
		.op = KFV_WIRE_REPLY,
		.status = status,
		.id = kfv_ctl_inbox_msg(commit, recv)->id,
	};
	spin_lock_irqsave(&commit->lock, flags);
	/* until here others had to wait behind it */
	list_del_init(&recv->link);
	if (status == KFV_WIRE_OK)
		commit->served++;
	else
		commit->refused++;
	if (!commit->dead)
		rc = kfv_ctl_post_send(commit, &recv->reply,
				       ctl->replies_dma +
				       i * sizeof(*ctl->replies),
				       sizeof(*ctl->replies));
	spin_unlock_irqrestore(&commit->lock, flags);
	if (rc)
		kfv_ctl_failed(commit);
}

static void kfv_ctl_reply_done(struct ib_cq *ibcq, struct ib_wc *wc)
{
	/* only wr_cqe and status are reliable here, and no more is needed */
	struct kfv_ctl_recv *recv = container_of(wc->wr_cqe,
						 struct kfv_ctl_recv, reply);
	struct kfv_commit *commit = recv->ep->commit;

	trace_kfv_wc_ctl(&recv->ep->node, "reply", wc);
	if (unlikely(wc->status))
		kfv_ctl_failed(commit);
	else
		kfv_ctl_repost(commit, recv);
}

/* The peer says that it has connected: where it has to, and once. */
static void kfv_ctl_greeted(struct kfv_commit *commit, struct kfv_ctl_recv *recv)
{
	if (!kfv_conn_got(commit->ep, KFV_AWAITS_CTL)) {
		kfv_ctl_failed(commit);
		return;
	}
	kfv_ctl_repost(commit, recv);
}

static void kfv_ctl_recv_done(struct ib_cq *ibcq, struct ib_wc *wc)
{
	/* only wr_cqe and status are reliable here */
	struct kfv_ctl_recv *recv = container_of(wc->wr_cqe,
						 struct kfv_ctl_recv, recv);
	struct kfv_commit *commit = recv->ep->commit;
	const struct kfv_wire_msg *msg = kfv_ctl_inbox_msg(commit, recv);

	trace_kfv_wc_ctl(&recv->ep->node, "recv", wc);
	if (unlikely(wc->status)) {
		kfv_ctl_failed(commit);
		return;
	}
	/* on success all fields are valid */
	ib_dma_sync_single_for_cpu(recv->ep->domain->ibdev,
				   commit->ctl.inbox_dma +
				   ((void *)msg - commit->ctl.inbox),
				   wc->byte_len, DMA_FROM_DEVICE);
	switch (kfv_wire_check_msg(msg, wc->byte_len)) {
	case KFV_WIRE_COMMIT:
		kfv_serve_request(commit, recv);
		break;
	case KFV_WIRE_HELLO:
		kfv_ctl_greeted(commit, recv);
		break;
	case KFV_WIRE_REPLY:
		kfv_commit_replied(commit, be32_to_cpu(msg->id), msg->status);
		kfv_ctl_repost(commit, recv);
		break;
	default:
		kfv_ctl_failed(commit);
	}
}

static void kfv_ctl_hello_done(struct ib_cq *ibcq, struct ib_wc *wc)
{
	/* only wr_cqe and status are reliable here, and no more is needed */
	struct kfv_commit *commit = container_of(wc->wr_cqe, struct kfv_commit,
						 ctl.hello);
	unsigned long flags;

	spin_lock_irqsave(&commit->lock, flags);
	commit->ctl.greeting = false;
	spin_unlock_irqrestore(&commit->lock, flags);
	if (unlikely(wc->status))
		kfv_ctl_failed(commit);
}

/**
 * kfv_ctl_hello - send the first message
 * @ep: endpoint that connects. Without a connected control queue pair nothing
 *	happens
 *
 * Context: any.
 * Return: 0, or what the device answered.
 */
int kfv_ctl_hello(struct kfv_ep *ep)
{
	struct kfv_commit *commit = ep->commit;
	struct kfv_wire_msg *msg;
	unsigned long flags;
	int rc = 0;

	if (!commit || !(ep->peer_decl.features & KFV_WIRE_F_CTL))
		return 0;
	msg = &commit->ctl.replies[KFV_CTL_INBOX];
	*msg = (struct kfv_wire_msg) { .op = KFV_WIRE_HELLO };
	spin_lock_irqsave(&commit->lock, flags);
	if (!commit->dead) {
		rc = kfv_ctl_post_send(commit, &commit->ctl.hello,
				       commit->ctl.replies_dma +
				       KFV_CTL_INBOX * sizeof(*msg),
				       sizeof(*msg));
		commit->ctl.greeting = !rc;
	}
	spin_unlock_irqrestore(&commit->lock, flags);
	return rc;
}

/**
 * kfv_ctl_nudge - send an empty write behind the first message, see hello.c
 * @ep: endpoint that has connected. Without a connected control queue pair
 *	nothing happens
 *
 * Context: any.
 */
void kfv_ctl_nudge(struct kfv_ep *ep)
{
	struct kfv_commit *commit = ep->commit;
	struct ib_rdma_wr wr = {
		.wr = {
			.opcode = IB_WR_RDMA_WRITE,
			.send_flags = IB_SEND_SIGNALED,
		},
	};
	unsigned long flags;

	if (!commit || !(ep->peer_decl.features & KFV_WIRE_F_CTL))
		return;
	wr.wr.wr_cqe = &commit->ctl.hello;
	spin_lock_irqsave(&commit->lock, flags);
	if (!commit->dead && !commit->ctl.greeting)
		commit->ctl.greeting = !ib_post_send(commit->ctl.qp, &wr.wr,
						     NULL);
	spin_unlock_irqrestore(&commit->lock, flags);
}

static void *kfv_ctl_map(struct kfv_ep *ep, size_t size, u64 *dma,
			 enum dma_data_direction dir)
{
	struct ib_device *ibdev = ep->domain->ibdev;
	void *mem;

	mem = kzalloc_node(size, GFP_KERNEL, ibdev_to_node(ibdev));
	if (!mem)
		return NULL;
	*dma = ib_dma_map_single(ibdev, mem, size, dir);
	if (!ib_dma_mapping_error(ibdev, *dma))
		return mem;
	kfree(mem);
	return NULL;
}

static void kfv_ctl_unmap(struct kfv_ep *ep, void *mem, size_t size, u64 dma,
			  enum dma_data_direction dir)
{
	if (!mem)
		return;
	ib_dma_unmap_single(ep->domain->ibdev, dma, size, dir);
	kfree(mem);
}

static void kfv_ctl_free_memory(struct kfv_ep *ep)
{
	struct kfv_ctl *ctl = &ep->commit->ctl;

	kfree(ctl->recvs);
	kfv_ctl_unmap(ep, ctl->replies, KFV_CTL_REPLIES * sizeof(*ctl->replies),
		      ctl->replies_dma, DMA_TO_DEVICE);
	kfv_ctl_unmap(ep, ctl->inbox, KFV_CTL_INBOX * KFV_CTL_MSG,
		      ctl->inbox_dma, DMA_FROM_DEVICE);
	kfv_ctl_unmap(ep, ctl->requests, KFV_WIRE_REQUESTS * KFV_CTL_MSG,
		      ctl->requests_dma, DMA_TO_DEVICE);
	ctl->recvs = NULL;
	ctl->replies = NULL;
	ctl->inbox = NULL;
	ctl->requests = NULL;
}

static int kfv_ctl_alloc_memory(struct kfv_ep *ep)
{
	struct kfv_ctl *ctl = &ep->commit->ctl;
	u32 i;

	ctl->requests = kfv_ctl_map(ep, KFV_WIRE_REQUESTS * KFV_CTL_MSG,
				    &ctl->requests_dma, DMA_TO_DEVICE);
	ctl->inbox = kfv_ctl_map(ep, KFV_CTL_INBOX * KFV_CTL_MSG,
				 &ctl->inbox_dma, DMA_FROM_DEVICE);
	ctl->replies = kfv_ctl_map(ep, KFV_CTL_REPLIES * sizeof(*ctl->replies),
				   &ctl->replies_dma, DMA_TO_DEVICE);
	ctl->recvs = kcalloc(KFV_CTL_INBOX, sizeof(*ctl->recvs), GFP_KERNEL);
	if (!ctl->requests || !ctl->inbox || !ctl->replies || !ctl->recvs) {
		kfv_ctl_free_memory(ep);
		return -ENOMEM;
	}
	ctl->hello.done = kfv_ctl_hello_done;
	ctl->request.done = kfv_ctl_request_done;
	for (i = 0; i < KFV_CTL_INBOX; i++) {
		ctl->recvs[i].recv.done = kfv_ctl_recv_done;
		ctl->recvs[i].reply.done = kfv_ctl_reply_done;
		ctl->recvs[i].ep = ep;
		INIT_LIST_HEAD(&ctl->recvs[i].link);
	}
	return 0;
}

/* The next state, with the attributes of the endpoint's own queue pair */
static int kfv_ctl_modify(struct kfv_ep *ep, enum ib_qp_state state,
			  const struct kfv_wire_decl *peer)
{
	struct ib_qp_attr attr = { .qp_state = state };
	int mask, rc;

	rc = rdma_init_qp_attr(ep->id, &attr, &mask);
	if (rc)
		return rc;
	attr.qp_access_flags = 0;
	attr.sq_psn = ep->commit->ctl.psn;
	if (peer) {
		attr.dest_qp_num = peer->qpn;
		attr.rq_psn = peer->psn;
	}
	return ib_modify_qp(ep->commit->ctl.qp, &attr, mask);
}

/* Connected, or not any more */
static void kfv_ctl_changed(struct kfv_stream *stream, int err)
{
	struct kfv_commit *commit = container_of(stream, struct kfv_commit,
						 ctl.stream);
	struct kfv_ep *ep = commit->ep;

	trace_kfv_ctl_connect(&ep->node, commit->ctl.qp->qp_num, err);
	if (err) {
		kfv_conn_fail(ep, -err);
		kfv_ctl_failed(commit);
	} else if (!ep->passive) {
		kfv_hello_go(ep);
	}
}

/* The side that accepts waits for the other to connect this queue pair, too. */
static int kfv_ctl_open_stream(struct kfv_ep *ep)
{
	struct kfv_ctl *ctl = &ep->commit->ctl;
	int rc;

	ctl->stream = (struct kfv_stream) {
		.qp = ctl->qp,
		.changed = kfv_ctl_changed,
	};
	ctl->number = 1;
	if (!ep->passive)
		return 0;
	rc = kfv_stream_listen(&ctl->stream, &ep->local);
	if (rc < 0)
		return rc;
	ctl->number = rc;
	return 0;
}

static int kfv_ctl_connect_stream(struct kfv_ep *ep,
				  const struct kfv_wire_decl *peer)
{
	struct kfv_ctl *ctl = &ep->commit->ctl;
	union kfv_addr to = ep->peer;
	u64 active = ep->passive ? peer->psn : ctl->psn;
	u64 passive = ep->passive ? ctl->psn : peer->psn;

	ctl->stream.cookie = BIT_ULL(63) | active << 24 | passive;
	if (ep->passive) {
		kfv_conn_await(ep, KFV_AWAITS_CTL);
		return 0;
	}
	if (peer->qpn > U16_MAX)
		return -EPROTO;
	kfv_addr_set_port(&to, peer->qpn);
	return kfv_stream_connect(&ctl->stream, &ep->local, &to);
}

static int kfv_ctl_create_qp(struct kfv_ep *ep)
{
	struct kfv_ctl *ctl = &ep->commit->ctl;
	struct ib_qp_init_attr init = {
		.event_handler = kfv_qp_event,
		.qp_context = ep,
		.send_cq = ctl->cq,
		.recv_cq = ctl->cq,
		.cap = {
			/* and the markers of ib_drain_qp() */
			.max_send_wr = KFV_CTL_SENDS + 1,
			.max_recv_wr = KFV_CTL_INBOX + 1,
			.max_send_sge = 1,
			.max_recv_sge = 1,
		},
		.sq_sig_type = IB_SIGNAL_REQ_WR,
		.qp_type = IB_QPT_RC,
	};
	struct ib_qp *qp;
	u32 i;
	int rc;

	qp = ib_create_qp(ep->domain->pd, &init);
	if (IS_ERR(qp))
		return PTR_ERR(qp);
	ctl->qp = qp;
	ctl->psn = get_random_u32() & KFV_CTL_PSN_MASK;
	ctl->number = qp->qp_num;
	rc = kfv_ctl_modify(ep, IB_QPS_INIT, NULL);
	if (!rc && ep->domain->iwarp)
		rc = kfv_ctl_open_stream(ep);
	for (i = 0; i < KFV_CTL_INBOX && !rc; i++)
		rc = kfv_ctl_post_recv(ep->commit, &ctl->recvs[i]);
	if (rc) {
		kfv_ctl_close(ep);
		ib_destroy_qp(qp);
		ctl->qp = NULL;
	}
	return rc;
}

/**
 * kfv_ctl_create - give an endpoint its control queue pair
 * @ep: endpoint with an rdma_cm_id that is being enabled. If it was not opened
 *	with KFI_RMA_PMEM, nothing happens
 *
 * Context: process; domain->lock is held, and the device is there.
 * Return: 0; -ENOMEM; what the device answered.
 */
int kfv_ctl_create(struct kfv_ep *ep)
{
	struct kfv_commit *commit = ep->commit;
	struct ib_cq *cq;
	int rc;

	lockdep_assert_held(&ep->domain->lock);

	if (!commit)
		return 0;
	kfv_commit_reset(commit);
	rc = kfv_ctl_alloc_memory(ep);
	if (rc)
		return rc;
	cq = ib_alloc_cq_any(ep->domain->ibdev, ep, KFV_CTL_CQE,
			     IB_POLL_SOFTIRQ);
	if (IS_ERR(cq)) {
		rc = PTR_ERR(cq);
		goto free_memory;
	}
	commit->ctl.cq = cq;
	INIT_LIST_HEAD(&commit->ctl.backlog);
	rc = kfv_ctl_create_qp(ep);
	if (rc)
		goto free_cq;
	return 0;

free_cq:
	ib_free_cq(cq);
free_memory:
	kfv_ctl_free_memory(ep);
	return rc;
}

/**
 * kfv_ctl_connect - connect the control queue pairs of both sides
 * @ep: endpoint that is becoming connected
 * @peer: what its peer said
 *
 * On iWARP it goes on when this returns, and ends in kfv_hello_go() on the side
 * that connects.
 *
 * Context: process, may sleep.
 * Return: 0; -EPROTO for a number that is no port; what the device answered.
 */
int kfv_ctl_connect(struct kfv_ep *ep, const struct kfv_wire_decl *peer)
{
	int rc;

	if (ep->domain->iwarp)
		return kfv_ctl_connect_stream(ep, peer);
	rc = kfv_ctl_modify(ep, IB_QPS_RTR, peer);
	if (!rc)
		rc = kfv_ctl_modify(ep, IB_QPS_RTS, peer);
	trace_kfv_ctl_connect(&ep->node, peer->qpn, rc);
	return rc;
}

/**
 * kfv_ctl_close - end the connection of the control queue pair
 * @ep: endpoint. Where it has no connection of its own, nothing happens
 *
 * Context: process, may sleep; not in a handler of the connection manager.
 */
void kfv_ctl_close(struct kfv_ep *ep)
{
	if (ep->commit)
		kfv_stream_close(&ep->commit->ctl.stream);
}

/**
 * kfv_ctl_error - let everything on the control queue pair fail
 * @ep: endpoint. Without a control queue pair nothing happens
 *
 * Context: process, may sleep.
 */
void kfv_ctl_error(struct kfv_ep *ep)
{
	struct ib_qp_attr attr = { .qp_state = IB_QPS_ERR };
	struct kfv_commit *commit = ep->commit;

	if (!commit || !commit->ctl.qp)
		return;
	kfv_commit_kill(commit);
	trace_kfv_qp_error(ep, ib_modify_qp(commit->ctl.qp, &attr,
					    IB_QP_STATE));
}

/**
 * kfv_ctl_drain - complete all that is outstanding on the control queue pair
 * @ep: endpoint whose own queue pair is drained. Without a control queue pair
 *	nothing happens
 *
 * On return no handler and no work of it runs, nor will.
 *
 * Context: process; domain->lock is held.
 */
void kfv_ctl_drain(struct kfv_ep *ep)
{
	struct kfv_commit *commit = ep->commit;

	if (!commit || !commit->ctl.qp)
		return;
	kfv_commit_kill(commit);
	ib_drain_qp(commit->ctl.qp);
	cancel_work_sync(&commit->ctl.work);
}

/**
 * kfv_ctl_destroy - undo kfv_ctl_create()
 * @ep: endpoint whose control queue pair is drained, or was never used. Without
 *	one nothing happens
 *
 * Context: process; domain->lock is held.
 */
void kfv_ctl_destroy(struct kfv_ep *ep)
{
	struct kfv_commit *commit = ep->commit;

	lockdep_assert_held(&ep->domain->lock);

	if (!commit || !commit->ctl.qp)
		return;
	kfv_ctl_close(ep);
	ib_destroy_qp(commit->ctl.qp);
	commit->ctl.qp = NULL;
	ib_free_cq(commit->ctl.cq);
	kfv_ctl_free_memory(ep);
}
