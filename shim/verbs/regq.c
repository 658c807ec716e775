// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Registration queue
 *
 * Purpose: registering and invalidating a memory region are work requests, but
 * they belong to a domain, not to an endpoint. So a domain has a queue pair for
 * them.
 *
 * Operation: a reliable connection to itself: the device's own address is the
 * peer's, and its own queue pair number the peer's too; on iWARP a connection to
 * a second queue pair (loop.c). Nothing ever travels on it; it only has to be
 * ready to send. It grants no remote access and has no receives posted, so a
 * forged packet can do no more than break it. Callers post one signalled request
 * each and wait until it is done. Most requests take less time than an interrupt, or
 * than to be put to sleep and woken up: who waits takes completions out of the device,
 * those of others too, and only who has looked for a while in vain asks to be told of
 * the next one and sleeps. A counter keeps callers from overfilling the queue.
 *
 * Ownership: the request and its ib_cqe live on the caller's stack, which the
 * caller does not leave before the completion: the device always delivers one,
 * if need be by flushing. There is no timeout.
 *
 * Ordering: a request is outstanding only while its caller has an entry of the queue,
 * and who has one looks then whether the queue pair works. So when all are free the queue
 * pair that does not is idle, and may be replaced.
 *
 * Errors: a request that fails takes the queue pair with it and has others
 * flushed, which did nothing wrong. Who finds the queue pair broken builds a new
 * one; flushed requests are tried again on it, a few times.
 */
#include <kunit/visibility.h>
#include <linux/random.h>
#include <rdma/ib_cache.h>

#include "trace.h"
#include "verbs.h"

enum {
	/* requests in flight */
	KFV_REGQ_DEPTH = 32,
	/* looks for a completion before its caller sleeps */
	KFV_REGQ_SPINS = 100,
	/* attempts when others have broken the queue pair */
	KFV_REGQ_TRIES = 4,
	KFV_REGQ_PSN_MASK = 0xffffff,
};

/**
 * struct kfv_regq_wait - a request, on the stack of its caller
 * @cqe: its completion
 * @status: its result
 * @done: it has one; nobody else touches this any more
 */
struct kfv_regq_wait {
	struct ib_cqe cqe;
	enum ib_wc_status status;
	bool done;
};

/* Any GID of the port will do. */
static int kfv_regq_set_grh(struct kfv_domain *domain,
			    struct rdma_ah_attr *ah, int gid_tbl_len)
{
	const struct ib_gid_attr *gid;
	union ib_gid dgid;
	int i, ret;

	for (i = 0; i < min(gid_tbl_len, U8_MAX + 1); i++) {
		gid = rdma_get_gid_attr(domain->ibdev, domain->port, i);
		if (IS_ERR(gid))
			continue;
		dgid = gid->gid;
		ret = 0;
		if (ah->type == RDMA_AH_ATTR_TYPE_ROCE)
			ret = rdma_read_gid_l2_fields(gid, NULL,
						      ah->roce.dmac);
		rdma_put_gid_attr(gid);
		if (ret)
			continue;
		rdma_ah_set_grh(ah, &dgid, 0, i, 1, 0);
		return 0;
	}
	return -ENETDOWN;
}

static int kfv_regq_set_ah(struct kfv_domain *domain, struct ib_qp_attr *attr)
{
	struct rdma_ah_attr *ah = &attr->ah_attr;
	struct ib_port_attr port;
	int ret;

	ret = ib_query_port(domain->ibdev, domain->port, &port);
	if (ret)
		return ret;
	attr->path_mtu = port.active_mtu;
	ah->type = rdma_ah_find_type(domain->ibdev, domain->port);
	rdma_ah_set_port_num(ah, domain->port);
	if (ah->type != RDMA_AH_ATTR_TYPE_ROCE)
		rdma_ah_set_dlid(ah, port.lid);
	if (ah->type == RDMA_AH_ATTR_TYPE_ROCE ||
	    rdma_is_grh_required(domain->ibdev, domain->port))
		return kfv_regq_set_grh(domain, ah, port.gid_tbl_len);
	return 0;
}

static int kfv_regq_to_init(struct kfv_domain *domain, struct ib_qp *qp)
{
	struct ib_qp_attr attr = {
		.qp_state = IB_QPS_INIT,
		.port_num = domain->port,
	};

	return ib_modify_qp(qp, &attr, IB_QP_STATE | IB_QP_PORT |
			    IB_QP_PKEY_INDEX | IB_QP_ACCESS_FLAGS);
}

static int kfv_regq_to_rtr(struct kfv_domain *domain, struct ib_qp *qp, u32 psn)
{
	struct ib_qp_attr attr = {
		.qp_state = IB_QPS_RTR,
		.dest_qp_num = qp->qp_num,
		.rq_psn = psn,
		.max_dest_rd_atomic = 1,
		.min_rnr_timer = IB_RNR_TIMER_000_64,
	};
	int ret;

	ret = kfv_regq_set_ah(domain, &attr);
	if (ret)
		return ret;
	return ib_modify_qp(qp, &attr, IB_QP_STATE | IB_QP_AV |
			    IB_QP_PATH_MTU | IB_QP_DEST_QPN | IB_QP_RQ_PSN |
			    IB_QP_MAX_DEST_RD_ATOMIC | IB_QP_MIN_RNR_TIMER);
}

static int kfv_regq_to_rts(struct ib_qp *qp, u32 psn)
{
	struct ib_qp_attr attr = {
		.qp_state = IB_QPS_RTS,
		.sq_psn = psn,
		.timeout = 14,
		.retry_cnt = 7,
		.rnr_retry = 7,
		.max_rd_atomic = 1,
	};

	return ib_modify_qp(qp, &attr, IB_QP_STATE | IB_QP_SQ_PSN |
			    IB_QP_TIMEOUT | IB_QP_RETRY_CNT | IB_QP_RNR_RETRY |
			    IB_QP_MAX_QP_RD_ATOMIC);
}

static struct ib_qp *kfv_regq_make_qp(struct kfv_domain *domain)
{
	struct ib_qp_init_attr init = {
		.send_cq = domain->regq.cq,
		.recv_cq = domain->regq.cq,
		.cap = {
			.max_send_wr = KFV_REGQ_DEPTH,
			.max_recv_wr = 1,
			.max_send_sge = 1,
			.max_recv_sge = 1,
		},
		.sq_sig_type = IB_SIGNAL_REQ_WR,
		.qp_type = IB_QPT_RC,
	};
	u32 psn = get_random_u32() & KFV_REGQ_PSN_MASK;
	struct ib_qp *qp;
	int ret;

	if (domain->iwarp)
		return kfv_loop_open(domain, &domain->regq.loop, &init);
	qp = ib_create_qp(domain->pd, &init);
	if (IS_ERR(qp))
		return qp;
	ret = kfv_regq_to_init(domain, qp);
	if (!ret)
		ret = kfv_regq_to_rtr(domain, qp, psn);
	if (!ret)
		ret = kfv_regq_to_rts(qp, psn);
	if (ret) {
		ib_destroy_qp(qp);
		return ERR_PTR(ret);
	}
	return qp;
}

static void kfv_regq_free_qp(struct kfv_domain *domain)
{
	struct kfv_regq *rq = &domain->regq;

	if (rq->loop.near.stream.qp)
		kfv_loop_close(&rq->loop);
	else if (rq->qp)
		ib_destroy_qp(rq->qp);
	rq->qp = NULL;
}

static void kfv_regq_wake(struct kfv_regq *rq)
{
	if (wq_has_sleeper(&rq->wait))
		wake_up_all(&rq->wait);
}

/* Those that sleep look themselves. */
static void kfv_regq_event(struct ib_cq *cq, void *context)
{
	struct kfv_domain *domain = context;

	kfv_regq_wake(&domain->regq);
}

/**
 * kfv_regq_create - build the registration queue of a domain
 * @domain: has its device, port and protection domain
 *
 * Context: Process.
 * Return: 0; -ENETDOWN if the port has no address; -ENOMEM, or what the device
 * answered.
 */
int kfv_regq_create(struct kfv_domain *domain)
{
	const struct ib_cq_init_attr cq_attr = { .cqe = KFV_REGQ_DEPTH };
	struct kfv_regq *rq = &domain->regq;
	int ret;

	atomic_set(&rq->slots, KFV_REGQ_DEPTH);
	init_waitqueue_head(&rq->wait);
	mutex_init(&rq->lock);
	spin_lock_init(&rq->poll_lock);
	rq->broken = false;
	rq->cq = ib_create_cq(domain->ibdev, kfv_regq_event, NULL, domain,
			      &cq_attr);
	if (IS_ERR(rq->cq))
		return PTR_ERR(rq->cq);
	rq->qp = kfv_regq_make_qp(domain);
	if (IS_ERR(rq->qp)) {
		ret = PTR_ERR(rq->qp);
		goto free_cq;
	}
	return 0;

free_cq:
	ib_destroy_cq(rq->cq);
	return ret;
}

/**
 * kfv_regq_destroy - take down the registration queue of a domain
 * @domain: no registration is under way
 *
 * Context: Process.
 */
void kfv_regq_destroy(struct kfv_domain *domain)
{
	struct kfv_regq *rq = &domain->regq;

	lockdep_assert_held_write(&domain->gate);

	kfv_regq_free_qp(domain);
	ib_destroy_cq(rq->cq);
	mutex_destroy(&rq->lock);
}

static bool kfv_regq_is_idle(struct kfv_regq *rq)
{
	/* pairs with kfv_regq_give_slot() */
	return atomic_read_acquire(&rq->slots) == KFV_REGQ_DEPTH;
}

static int kfv_regq_rebuild(struct kfv_domain *domain)
{
	struct kfv_regq *rq = &domain->regq;
	struct ib_qp *qp;
	int ret = 0;

	mutex_lock(&rq->lock);
	if (!READ_ONCE(rq->broken))
		goto unlock;
	wait_event(rq->wait, kfv_regq_is_idle(rq));
	kfv_regq_free_qp(domain);
	qp = kfv_regq_make_qp(domain);
	if (IS_ERR(qp)) {
		ret = PTR_ERR(qp);
		goto unlock;
	}
	rq->qp = qp;
	/* pairs with kfv_regq_enter() */
	smp_store_release(&rq->broken, false);
unlock:
	mutex_unlock(&rq->lock);
	return ret;
}

static void kfv_regq_done(struct ib_cq *cq, struct ib_wc *wc)
{
	/* only wr_cqe and status are reliable here */
	struct kfv_regq_wait *wait = container_of(wc->wr_cqe,
						  struct kfv_regq_wait, cqe);
	struct kfv_domain *domain = cq->cq_context;

	trace_kfv_wc_regq(&domain->node, wait, wc);
	wait->status = wc->status;
	/* pairs with kfv_regq_is_done() */
	smp_store_release(&wait->done, true);
	kfv_regq_wake(&domain->regq);
}

static bool kfv_regq_is_done(const struct kfv_regq_wait *wait)
{
	/* pairs with kfv_regq_done() */
	return smp_load_acquire(&wait->done);
}

/* Take out all that there are. */
static void kfv_regq_poll(struct kfv_regq *rq)
{
	int n, i;

	lockdep_assert_held(&rq->poll_lock);

	do {
		n = ib_poll_cq(rq->cq, KFV_REGQ_BATCH, rq->wcs);
		for (i = 0; i < n; i++)
			rq->wcs[i].wr_cqe->done(rq->cq, &rq->wcs[i]);
	} while (n == KFV_REGQ_BATCH);
}

static bool kfv_regq_look(struct kfv_regq *rq, const struct kfv_regq_wait *wait)
{
	spin_lock(&rq->poll_lock);
	kfv_regq_poll(rq);
	spin_unlock(&rq->poll_lock);
	return kfv_regq_is_done(wait);
}

/* For who is about to sleep: what comes after the second look wakes it up. */
static bool kfv_regq_look_and_arm(struct kfv_regq *rq,
				  const struct kfv_regq_wait *wait)
{
	if (kfv_regq_look(rq, wait))
		return true;
	ib_req_notify_cq(rq->cq, IB_CQ_NEXT_COMP);
	return kfv_regq_look(rq, wait);
}

static void kfv_regq_wait(struct kfv_regq *rq, const struct kfv_regq_wait *wait)
{
	bool others;
	int i;

	for (i = 0; i < KFV_REGQ_SPINS; i++) {
		others = cond_resched();
		if (kfv_regq_look(rq, wait))
			return;
		/* the only processor has nothing else to do as long as this goes on */
		if (!others && num_online_cpus() == 1)
			break;
		cpu_relax();
	}
	wait_event(rq->wait, kfv_regq_look_and_arm(rq, wait));
}

static bool kfv_regq_take_slot(struct kfv_regq *rq)
{
	return atomic_dec_if_positive(&rq->slots) >= 0;
}

static void kfv_regq_give_slot(struct kfv_regq *rq)
{
	/* pairs with kfv_regq_is_idle(), and with who takes it */
	atomic_inc_return_release(&rq->slots);
	kfv_regq_wake(rq);
}

/* Take an entry of a queue pair that works, as far as is known. */
static int kfv_regq_enter(struct kfv_domain *domain)
{
	struct kfv_regq *rq = &domain->regq;
	int ret;

	for (;;) {
		wait_event(rq->wait, kfv_regq_take_slot(rq));
		/* pairs with kfv_regq_rebuild() */
		if (likely(!smp_load_acquire(&rq->broken)))
			return 0;
		kfv_regq_give_slot(rq);
		ret = kfv_regq_rebuild(domain);
		if (ret)
			return ret;
	}
}

/* For who has entered: post @wr and wait; its status, or -errno if it was not posted */
static int kfv_regq_post(struct kfv_regq *rq, struct ib_send_wr *wr)
{
	struct kfv_regq_wait wait = { .cqe.done = kfv_regq_done };
	int ret;

	wr->wr_cqe = &wait.cqe;
	wr->send_flags |= IB_SEND_SIGNALED;

	/* a single request: on failure nothing was posted */
	ret = ib_post_send(rq->qp, wr, NULL);
	if (ret)
		return ret;
	kfv_regq_wait(rq, &wait);
	return wait.status;
}

/**
 * kfv_regq_exec - carry out a registration or an invalidation
 * @domain: its gate is held for reading, and it is not dead
 * @wr: IB_WR_REG_MR or IB_WR_LOCAL_INV
 *
 * On failure it is unknown whether the request took effect.
 *
 * Context: Process.
 * Return: 0 when the request has taken effect; -EIO if the device refused it;
 * or what kept the queue pair from being rebuilt.
 */
int kfv_regq_exec(struct kfv_domain *domain, struct ib_send_wr *wr)
{
	struct kfv_regq *rq = &domain->regq;
	int ret, tries = KFV_REGQ_TRIES;

	lockdep_assert_held_read(&domain->gate);

	do {
		ret = kfv_regq_enter(domain);
		if (ret)
			return ret;
		ret = kfv_regq_post(rq, wr);
		if (ret)
			WRITE_ONCE(rq->broken, true);
		kfv_regq_give_slot(rq);
		/* iWARP: nothing can be posted any more when a loop has ended */
	} while ((ret == IB_WC_WR_FLUSH_ERR || ret == -ENOTCONN) && --tries);

	return ret > 0 ? -EIO : ret;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_regq_exec);
