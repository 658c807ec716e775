// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Endpoints
 *
 * Purpose: the object behind a kfid_ep: open, bind, options, enable, close.
 *
 * Operation: opening makes an object without hardware, except that an endpoint
 * opened for a connection request has the rdma_cm_id of that. Enabling makes
 * the rdma_cm_id (cm.c) and the queue pair (qp.c); from then on receives can be
 * posted. What happens after that is conn.c's.
 *
 * Ownership: a bound queue is referenced once for each place it is bound to.
 * Whoever has hardware is in the list of its domain, from before that hardware
 * can outlive the call that made it until close.
 *
 * Ordering: domain->lock is held wherever hardware comes or goes, and while a
 * call of the client uses it, so removal of the device waits for the call or
 * the call finds the domain dead. kfv_ep_stop() first ends the connection and
 * everything that could start anything, then the queue pair, whose outstanding
 * requests all complete.
 *
 * Errors: an enable that fails has changed nothing. Receives that are in a
 * hardware queue cannot be cancelled: kfi_cancel() says so.
 */
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "fast.h"
#include "info.h"
#include "sink.h"
#include "trace.h"

/* Default flags that a client may set for operations that take none */
#define KFV_EP_TX_FLAGS		(KFI_COMPLETION | KFI_INJECT | KFI_MORE | \
				 KFI_INJECT_COMPLETE | KFI_TRANSMIT_COMPLETE | \
				 KFI_DELIVERY_COMPLETE)
#define KFV_EP_RX_FLAGS		KFI_COMPLETION

static struct kfi_ops_tagged kfv_ep_tagged_ops __ro_after_init;
static struct kfi_ops_atomic kfv_ep_atomic_ops __ro_after_init;

/*
 * Binding
 */

static enum kfv_plain kfv_ep_plain_call(const struct kfv_ep *ep)
{
	enum kfv_plain call;

	if (!ep->plain_max || ep->tx_flags & ~KFV_FAST_TX_FLAGS)
		return KFV_PLAIN_NOT;
	call = kfv_post_reports(ep, ep->tx_flags) ? KFV_PLAIN_REPORT :
						    KFV_PLAIN_SILENT;
	if (ep->tx_flags & KFI_MORE)
		call |= KFV_PLAIN_MORE;
	if (ep->tx_flags & KFI_INJECT)
		call |= KFV_PLAIN_INJECT;
	return call;
}

/* Which operations may go the short way, and how; see fast.h */
static void kfv_ep_set_plain(struct kfv_ep *ep)
{
	bool plain = !ep->commit && !ep->domain->iwarp;

	ep->plain_max = plain ? ep->max_msg : 0;
	ep->plain_inline = min_t(u64, ep->plain_max, ep->sq.max_inline);
	ep->plain_call = kfv_ep_plain_call(ep);
	ep->recv_report = !ep->rx_selective || ep->rx_flags & KFI_COMPLETION;
	if (plain && ep->domain->serial)
		kfv_serial_set_ops(ep);
}

static int kfv_ep_bind_eq(struct kfv_ep *ep, struct kfid *bfid, u64 flags)
{
	if (flags)
		return -KFI_EBADFLAGS;
	if (ep->eq)
		return -EBUSY;
	if (!kfi_fid_get(bfid))
		return -EINVAL;
	ep->eq = kfv_eq(bfid);
	return 0;
}

static int kfv_ep_bind_cq(struct kfv_ep *ep, struct kfid *bfid, u64 flags)
{
	bool selective = flags & KFI_SELECTIVE_COMPLETION;
	u64 sides = flags & (KFI_TRANSMIT | KFI_RECV);

	if (flags & ~(KFI_TRANSMIT | KFI_RECV | KFI_SELECTIVE_COMPLETION))
		return -KFI_EBADFLAGS;
	if (!sides)
		sides = KFI_TRANSMIT | KFI_RECV;
	if ((sides & KFI_TRANSMIT && ep->tx_cq) ||
	    (sides & KFI_RECV && ep->rx_cq))
		return -EBUSY;
	if (!kfi_fid_get(bfid))
		return -EINVAL;

	if (sides & KFI_TRANSMIT) {
		ep->tx_cq = kfv_cq(bfid);
		ep->tx_selective = selective;
	}
	if (sides & KFI_RECV) {
		ep->rx_cq = kfv_cq(bfid);
		ep->rx_selective = selective;
	}
	kfv_ep_set_plain(ep);
	/* the first reference keeps this one from failing */
	if (sides == (KFI_TRANSMIT | KFI_RECV))
		kfi_ref_id(bfid);
	return 0;
}

static int kfv_ep_bind(struct kfid *fid, struct kfid *bfid, uint64_t flags)
{
	struct kfv_ep *ep = kfv_ep(fid);
	struct kfv_domain *domain = ep->domain;
	int rc = -EINVAL;

	if (!bfid)
		return -EINVAL;

	mutex_lock(&domain->lock);
	if (domain->dead)
		rc = -ENODEV;
	else if (ep->qp)
		rc = -KFI_EOPBADSTATE;
	else if (kfv_eq_is(bfid, domain->fabric))
		rc = kfv_ep_bind_eq(ep, bfid, flags);
	else if (kfv_cq_is(bfid, domain))
		rc = kfv_ep_bind_cq(ep, bfid, flags);
	mutex_unlock(&domain->lock);
	return rc;
}

/*
 * Enabling
 */

static int kfv_ep_check_bound(const struct kfv_ep *ep)
{
	if (!ep->tx_cq || !ep->rx_cq)
		return -KFI_ENOCQ;
	return ep->eq ? 0 : -KFI_ENOEQ;
}

static int kfv_ep_bring_up(struct kfv_ep *ep)
{
	int rc;

	rc = kfv_ep_check_bound(ep);
	if (rc)
		return rc;
	rc = kfv_conn_reserve(ep);
	if (rc)
		return rc;
	rc = kfv_cm_open(ep);
	if (rc)
		goto release_events;
	rc = kfv_qp_create(ep);
	if (rc && kfv_cm_withdrawn(ep))
		rc = -ECONNABORTED;
	if (rc)
		goto close_id;
	kfv_ep_set_plain(ep);
	/* A request may have been taken back meanwhile. */
	rc = kfv_conn_enabled(ep);
	if (rc)
		goto discard_qp;
	if (list_empty(&ep->link))
		list_add_tail(&ep->link, &ep->domain->eps);
	return 0;

discard_qp:
	kfv_qp_discard(ep);
close_id:
	/* the id of a request goes when the endpoint is closed */
	if (!ep->passive)
		kfv_cm_close(ep);
release_events:
	kfv_conn_release(ep);
	return rc;
}

static int kfv_ep_enable(struct kfv_ep *ep)
{
	int rc;

	mutex_lock(&ep->domain->lock);
	if (ep->domain->dead)
		rc = -ENODEV;
	else if (kfv_conn_in(ep, BIT(KFV_EP_NEW)))
		rc = kfv_ep_bring_up(ep);
	else
		rc = ep->qp ? 0 : -ECONNABORTED;
	trace_kfv_ep_enable(&ep->node, ep->qp ? ep->qp->qp_num : 0, rc);
	mutex_unlock(&ep->domain->lock);
	return rc;
}

/*
 * Flags and options
 */

/* Which default flags are meant is told by a direction in the argument */
static u64 *kfv_ep_flags(struct kfv_ep *ep, const u64 *arg)
{
	if (!arg)
		return NULL;
	switch (*arg & (KFI_TRANSMIT | KFI_RECV)) {
	case KFI_TRANSMIT:
		return &ep->tx_flags;
	case KFI_RECV:
		return &ep->rx_flags;
	default:
		return NULL;
	}
}

static int kfv_ep_get_flags(struct kfv_ep *ep, u64 *arg)
{
	const u64 *flags = kfv_ep_flags(ep, arg);

	if (!flags)
		return -EINVAL;
	*arg = *flags;
	return 0;
}

static u64 kfv_ep_allowed_flags(const struct kfv_ep *ep, const u64 *flags)
{
	if (flags == &ep->rx_flags)
		return KFV_EP_RX_FLAGS;
	return (KFV_EP_TX_FLAGS & ~ep->lacks) |
	       (ep->commit ? KFI_COMMIT_COMPLETE : 0);
}

static int kfv_ep_set_flags(struct kfv_ep *ep, const u64 *arg)
{
	u64 *flags = kfv_ep_flags(ep, arg);
	u64 value;

	if (!flags)
		return -EINVAL;
	value = *arg & ~(KFI_TRANSMIT | KFI_RECV);
	if (value & ~kfv_ep_allowed_flags(ep, flags))
		return -KFI_EBADFLAGS;
	*flags = value;
	kfv_ep_set_plain(ep);
	return 0;
}

static int kfv_ep_control(struct kfid *fid, int command, void *arg)
{
	struct kfv_ep *ep = kfv_ep(fid);

	switch (command) {
	case KFI_ENABLE:
		return kfv_ep_enable(ep);
	case KFI_GETOPSFLAG:
		return kfv_ep_get_flags(ep, arg);
	case KFI_SETOPSFLAG:
		return kfv_ep_set_flags(ep, arg);
	default:
		return -ENOSYS;
	}
}

/* Private data that the client may have; a control queue pair takes some */
static size_t kfv_ep_cm_data_size(struct kfid *fid)
{
	bool persistent;

	if (fid->fclass == KFI_CLASS_PEP)
		persistent = kfv_pep(fid)->info->caps & KFI_RMA_PMEM;
	else
		persistent = kfv_ep(fid)->commit;
	return persistent ? KFV_WIRE_CM_DATA_CTL : KFV_WIRE_CM_DATA;
}

/**
 * kfv_ep_getopt - kfi_getopt() of endpoints, passive ones too
 * @fid: endpoint
 * @level: KFI_OPT_ENDPOINT
 * @optname: KFI_OPT_CM_DATA_SIZE
 * @optval: where to put the value
 * @optlen: in: room at @optval; out: length of the value
 *
 * Context: any.
 * Return: 0; -ENOPROTOOPT for another option; -KFI_ETOOSMALL; -EINVAL for a
 * missing argument.
 */
int kfv_ep_getopt(struct kfid *fid, int level, int optname, void *optval,
		  size_t *optlen)
{
	const size_t size = kfv_ep_cm_data_size(fid);
	size_t room;

	if (level != KFI_OPT_ENDPOINT || optname != KFI_OPT_CM_DATA_SIZE)
		return -ENOPROTOOPT;
	if (!optval || !optlen)
		return -EINVAL;
	room = *optlen;
	*optlen = sizeof(size);
	if (room < sizeof(size))
		return -KFI_ETOOSMALL;
	memcpy(optval, &size, sizeof(size));
	return 0;
}

static int kfv_ep_setopt(struct kfid *fid, int level, int optname,
			 const void *optval, size_t optlen)
{
	return -ENOPROTOOPT;
}

/*
 * Closing
 */

/**
 * kfv_ep_stop - take down the hardware of an endpoint
 * @ep: an endpoint that is being closed, or whose device is being removed
 *
 * Everything outstanding completes before this returns. After the first call,
 * nothing is done.
 *
 * Context: process, may sleep; domain->lock is held.
 */
void kfv_ep_stop(struct kfv_ep *ep)
{
	lockdep_assert_held(&ep->domain->lock);

	kfv_conn_stop(ep);
	if (!ep->qp)
		return;
	trace_kfv_ep_stop(&ep->node, ep->qp->qp_num, 0);
	kfv_qp_destroy(ep);
}

static void kfv_ep_unbind(struct kfv_ep *ep)
{
	if (ep->eq) {
		kfi_evq_purge(&ep->eq->evq, &ep->ep.fid);
		kfi_deref_id(&ep->eq->eq.fid);
	}
	if (ep->tx_cq)
		kfi_deref_id(&ep->tx_cq->cq.fid);
	if (ep->rx_cq)
		kfi_deref_id(&ep->rx_cq->cq.fid);
}

static int kfv_ep_close(struct kfid *fid)
{
	struct kfv_ep *ep = kfv_ep(fid);
	int rc;

	rc = kfi_fid_retire(&ep->node);
	if (rc)
		return rc;

	mutex_lock(&ep->domain->lock);
	kfv_ep_stop(ep);
	list_del_init(&ep->link);
	mutex_unlock(&ep->domain->lock);

	kfv_ep_unbind(ep);
	kfv_ctl_free(ep->commit);
	kfi_fid_fini(&ep->node);
	kfree(ep);
	return 0;
}

/*
 * Debugfs
 */

static void kfv_ep_show_queue(struct seq_file *m, const char *name,
			      struct kfv_queue *q)
{
	unsigned long flags;
	unsigned long posted, inflight;
	u64 again;

	spin_lock_irqsave(&q->lock, flags);
	posted = kfv_queue_posted(q);
	again = q->again;
	inflight = q->head - READ_ONCE(q->tail);
	spin_unlock_irqrestore(&q->lock, flags);

	seq_printf(m, " %s_posted=%lu %s_again=%llu %s_inflight=%lu", name,
		   posted, name, again, name, inflight);
	seq_printf(m, " %s_done=%lu %s_errors=%llu", name,
		   kfv_queue_done(q), name, READ_ONCE(q->errors));
}

static void kfv_ep_show_commit(struct seq_file *m, struct kfv_commit *commit)
{
	unsigned long flags;
	u64 served, refused;
	u32 asked;

	spin_lock_irqsave(&commit->lock, flags);
	asked = commit->sent;
	served = commit->served;
	refused = commit->refused;
	spin_unlock_irqrestore(&commit->lock, flags);

	seq_printf(m, " commit=%s asked=%u served=%llu refused=%llu why=\"%s\"",
		   kfv_persist_name(READ_ONCE(commit->method)), asked, served,
		   refused, READ_ONCE(commit->why));
}

static void kfv_ep_show(struct seq_file *m, struct kfid *fid)
{
	struct kfv_ep *ep = kfv_ep(fid);
	union kfv_addr local, peer;
	enum kfv_ep_state state;
	unsigned long flags;

	spin_lock_irqsave(&ep->lock, flags);
	state = ep->state;
	local = ep->local;
	peer = ep->peer;
	spin_unlock_irqrestore(&ep->lock, flags);

	seq_printf(m, " state=%s local=%pISpc", kfv_conn_state_name(state),
		   &local);
	if (peer.sa.sa_family)
		seq_printf(m, " peer=%pISpc", &peer);
	kfv_ep_show_queue(m, "tx", &ep->sq);
	kfv_ep_show_queue(m, "rx", &ep->rq);
	if (ep->commit)
		kfv_ep_show_commit(m, ep->commit);
}

static const struct kfi_fid_type kfv_ep_type = {
	.fclass = KFI_CLASS_EP,
	.name = "ep",
	.show = kfv_ep_show,
};

static struct kfi_ops kfv_ep_fid_ops __ro_after_init = {
	.close = kfv_ep_close,
	.bind = kfv_ep_bind,
	.control = kfv_ep_control,
	.ops_open = kfv_persist_open_ops,
};

static struct kfi_ops_ep kfv_ep_ops __ro_after_init = {
	.getopt = kfv_ep_getopt,
	.setopt = kfv_ep_setopt,
};

/*
 * Opening
 */

static bool kfv_ep_info_complete(const struct kfi_info *info)
{
	if (!info || !info->ep_attr || !info->tx_attr || !info->rx_attr ||
	    info->ep_attr->type != KFI_EP_MSG)
		return false;
	return info->handle ||
	       (info->src_addrlen &&
		kfv_addr_valid(info->src_addr, info->src_addrlen));
}

static void kfv_ep_init(struct kfv_ep *ep, struct kfv_domain *domain,
			const struct kfi_info *info)
{
	ep->ep.ops = &kfv_ep_ops;
	ep->ep.cm = &kfv_cm_ops;
	ep->ep.msg = &kfv_msg_ops;
	ep->ep.rma = ep->commit ? &kfv_track_rma_ops : &kfv_rma_ops;
	ep->ep.tagged = &kfv_ep_tagged_ops;
	ep->ep.atomic = &kfv_ep_atomic_ops;

	ep->domain = domain;
	ep->tx_attr = *info->tx_attr;
	ep->rx_attr = *info->rx_attr;
	ep->max_msg = info->ep_attr->max_msg_size;
	ep->inject_size = info->tx_attr->inject_size;
	ep->tx_flags = info->tx_attr->op_flags;
	ep->rx_flags = info->rx_attr->op_flags;
	ep->lacks = kfv_offer_lacks(domain->iwarp);
	INIT_LIST_HEAD(&ep->link);
	/* of a request, the connection manager knows it */
	if (!info->handle)
		memcpy(&ep->local, info->src_addr,
		       rdma_addr_size(info->src_addr));
	kfv_queue_setup(&ep->sq, domain->serial);
	kfv_queue_setup(&ep->rq, domain->serial);
	kfv_conn_init(ep);
}

/* What needs the device: its limits, and the request if there is one */
static int kfv_ep_attach(struct kfv_ep *ep, const struct kfi_info *info)
{
	struct kfv_domain *domain = ep->domain;
	int rc;

	lockdep_assert_held(&domain->lock);

	if (domain->dead)
		return -ENODEV;
	rc = kfv_info_check_ep(domain->offer, info);
	if (rc || !info->handle)
		return rc;
	rc = kfv_connreq_take(info->handle, ep);
	if (!rc)
		list_add_tail(&ep->link, &domain->eps);
	return rc;
}

/**
 * kfv_ep_open - kfi_endpoint()
 * @domain: parent
 * @info: from getinfo, with our address; or that of a connection request, which
 *	then belongs to the endpoint
 * @ep: where to put the endpoint
 * @context: the client's
 *
 * Context: process, may sleep.
 * Return: 0; -EINVAL for a missing argument, attribute or address, for another
 * type of endpoint, for limits beyond the device's and for a handle that is not
 * that of a request at the domain's port; -ENODEV; -ENOMEM; -ESHUTDOWN. Unless
 * it is 0, a request still waits.
 */
int kfv_ep_open(struct kfid_domain *domain, struct kfi_info *info,
		struct kfid_ep **ep, void *context)
{
	struct kfv_domain *parent = kfv_domain(&domain->fid);
	struct kfv_ep *new;
	int rc;

	if (!ep || !kfv_ep_info_complete(info))
		return -EINVAL;
	new = kzalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return -ENOMEM;
	if (info->caps & KFI_RMA_PMEM) {
		rc = -ENOMEM;
		new->commit = kfv_ctl_alloc(new);
		if (!new->commit)
			goto free_ep;
	}
	rc = kfi_fid_init(&new->node, &new->ep.fid, &kfv_ep_type,
			  &kfv_ep_fid_ops, &domain->fid, context);
	if (rc)
		goto free_ctl;
	kfv_ep_init(new, parent, info);

	mutex_lock(&parent->lock);
	rc = kfv_ep_attach(new, info);
	mutex_unlock(&parent->lock);
	if (rc)
		goto fini_fid;

	kfi_fid_publish(&new->node);
	*ep = &new->ep;
	return 0;

fini_fid:
	kfi_fid_fini(&new->node);
free_ctl:
	kfv_ctl_free(new->commit);
free_ep:
	kfree(new);
	return rc;
}

/**
 * kfv_ep_init_ops - complete the tables of endpoints
 *
 * Context: process, while the module is loading.
 */
void kfv_ep_init_ops(void)
{
	kfi_ops_fill(&kfv_ep_fid_ops, &kfi_enosys_fid);
	kfi_ops_fill(&kfv_ep_ops, &kfi_enosys_ep);
	kfi_ops_fill(&kfv_ep_tagged_ops, &kfi_enosys_tagged);
	kfi_ops_fill(&kfv_ep_atomic_ops, &kfi_enosys_atomic);
}
