// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Connection manager
 *
 * Purpose: an endpoint's rdma_cm_id: the client's connection calls become calls
 * on it, its events become calls of conn.c.
 *
 * Operation: the active side binds its id to the source address when it is
 * enabled, so that the device is known and a queue pair can be made; connect
 * resolves address and route and sends a request, each step from the handler of
 * the one before. The passive side has an id from the request (pep.c) and
 * answers it. The queue pair belongs to the id as far as transitions are
 * concerned: the connection manager makes them.
 *
 * Ownership: see conn.c. The handler lock of an id is taken under domain->lock,
 * so a handler never takes that.
 *
 * Ordering: the outcome of an attempt can be reported before the call that
 * started it returns.
 *
 * Errors: what a peer sends is checked before use; a peer that accepts without
 * being kfabric is hung up on.
 */
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/socket.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <net/net_namespace.h>
#include <rdma/ib_cm.h>

#include <kunit/visibility.h>

#include "info.h"
#include "sink.h"
#include "trace.h"

/* Of both kinds; for RNR, 7 means for ever */
#define KFV_CM_RETRIES		7

/* Name resolution may take half of the time that the attempt has */
static unsigned long kfv_cm_resolve_ms(void)
{
	return max(READ_ONCE(kfv_connect_timeout_ms) / 2, 1U);
}

static void kfv_cm_param(const struct kfv_ep *ep, struct rdma_conn_param *p)
{
	*p = (struct rdma_conn_param) {
		.private_data = ep->cm_data,
		.private_data_len = ep->cm_len,
		.responder_resources = ep->rd_in,
		.initiator_depth = ep->rd_out,
		.flow_control = 1,
		.retry_count = KFV_CM_RETRIES,
		.rnr_retry_count = KFV_CM_RETRIES,
	};
}

/* The connection manager of this side does not take the next step. */
static void kfv_cm_stuck(struct kfv_ep *ep, int err, int rc)
{
	const struct kfv_conn_why why = { .err = err, .prov_errno = rc };

	kfv_conn_down(ep, KFV_CONN_ATTEMPT, &why);
}

static void kfv_cm_addr_resolved(struct kfv_ep *ep, struct rdma_cm_id *id)
{
	int rc;

	if (!kfv_conn_in(ep, KFV_CONN_ATTEMPT))
		return;
	rc = rdma_resolve_route(id, kfv_cm_resolve_ms());
	if (rc)
		kfv_cm_stuck(ep, EHOSTUNREACH, rc);
}

/* What an attempt ends in; iWARP devices may connect TCP before they return */
static int kfv_cm_connect_error(int rc)
{
	int err = EIO;

	if (rc == -ECONNREFUSED)
		err = ECONNREFUSED;
	else if (rc == -EHOSTUNREACH || rc == -ENETUNREACH || rc == -ETIMEDOUT)
		err = EHOSTUNREACH;
	return err;
}

static void kfv_cm_route_resolved(struct kfv_ep *ep, struct rdma_cm_id *id)
{
	struct rdma_conn_param param;
	int rc;

	if (!kfv_conn_in(ep, KFV_CONN_ATTEMPT))
		return;
	kfv_cm_param(ep, &param);
	rc = rdma_connect_locked(id, &param);
	if (rc)
		kfv_cm_stuck(ep, kfv_cm_connect_error(rc), rc);
}

/**
 * kfv_cm_parse - check a peer's request or reply
 * @param: what came
 * @data: set to the peer client's private data
 *
 * A depth of 0 is as foreign as private data of another protocol: kfi_verbs
 * always has room for a read, and a queue pair that has none stalls at the
 * first one.
 *
 * Context: any.
 * Return: bytes at @data; a negative errno for what kfi_verbs did not send.
 */
int kfv_cm_parse(const struct rdma_conn_param *param, const void **data)
{
	if (!param->responder_resources || !param->initiator_depth)
		return -EPROTO;
	return kfv_wire_parse(param->private_data, param->private_data_len,
			      data);
}

/* Take the peer's reply. */
static int kfv_cm_replied(struct kfv_ep *ep,
			  const struct rdma_conn_param *param,
			  struct kfv_conn_why *reply)
{
	struct kfv_wire_decl decl;
	int rc;

	rc = kfv_cm_parse(param, &reply->data);
	if (rc < 0)
		return rc;
	reply->len = rc;
	rc = kfv_wire_declared(param->private_data, param->private_data_len,
			       &decl);
	return rc ?: kfv_persist_agree(ep, &decl);
}

/*
 * On iWARP there is more to do: keep the reply until it is done. On the side that
 * accepts, messages will tell.
 */
static void kfv_cm_go_on(struct kfv_ep *ep, const struct kfv_conn_why *reply)
{
	if (ep->passive)
		return;
	ep->cm_len = reply->len;
	memcpy(ep->cm_data, reply->data, reply->len);
	if (!ep->commit || !(ep->peer_decl.features & KFV_WIRE_F_CTL))
		kfv_hello_go(ep);
}

static void kfv_cm_established(struct kfv_ep *ep, struct rdma_cm_id *id,
			       const struct rdma_conn_param *param)
{
	struct kfv_conn_why reply = {};

	if (!ep->passive && kfv_cm_replied(ep, param, &reply)) {
		rdma_disconnect(id);
		kfv_conn_fail(ep, EPROTO);
		return;
	}
	if (ep->domain->iwarp) {
		kfv_cm_go_on(ep, &reply);
		return;
	}
	if (!kfv_conn_up(ep, KFV_CONN_ATTEMPT, &reply))
		rdma_disconnect(id);
}

/*
 * Soft-iWARP says that the connection was reset, whatever the peer's client said
 * when it rejected it. Without private data it may have been.
 */
static const void *kfv_cm_reject_data(struct rdma_cm_id *id,
				      struct rdma_cm_event *event, u8 *size)
{
	if (!rdma_protocol_iwarp(id->device, id->port_num))
		return rdma_consumer_reject_data(id, event, size);
	*size = event->param.conn.private_data_len;
	return event->param.conn.private_data;
}

static void kfv_cm_rejected(struct kfv_ep *ep, struct rdma_cm_id *id,
			    struct rdma_cm_event *event)
{
	struct kfv_conn_why why = {
		.err = kfv_xlate_cm_error(event),
		.prov_errno = event->status,
	};
	const void *data;
	u8 size;
	int len;

	data = kfv_cm_reject_data(id, event, &size);
	len = kfv_wire_parse(data, size, &why.data);
	if (len == -EPROTO)
		why.err = EPROTO;
	why.len = max(len, 0);
	kfv_conn_down(ep, KFV_CONN_REQUEST | KFV_CONN_ATTEMPT | KFV_CONN_ALIVE,
		      &why);
}

static void kfv_cm_unreachable(struct kfv_ep *ep,
			       const struct rdma_cm_event *event)
{
	const struct kfv_conn_why why = {
		.err = kfv_xlate_cm_error(event),
		.prov_errno = event->status,
	};

	kfv_conn_down(ep, KFV_CONN_REQUEST | KFV_CONN_ATTEMPT, &why);
	kfv_conn_broken(ep);
}

/*
 * A peer can hang up before the message has arrived that completes our side of
 * the connection: it was there nevertheless, and messages may have come.
 */
static void kfv_cm_disconnected(struct kfv_ep *ep, struct rdma_cm_id *id)
{
	static const struct kfv_conn_why no_data;
	static const struct kfv_conn_why reset = { .err = ECONNRESET };

	if (!ep->awaits)
		kfv_conn_up(ep, BIT(KFV_EP_ACCEPTING), &no_data);
	rdma_disconnect(id);
	kfv_conn_down(ep, KFV_CONN_ATTEMPT | KFV_CONN_ALIVE, &reset);
}

/**
 * kfv_cm_handler - take an event of the connection manager
 * @id: of an endpoint
 * @event: what happened
 *
 * Removal of the device is the business of the ib_client, which runs before the
 * connection manager's own.
 *
 * Context: process, with the handler lock of @id.
 * Return: 0: the endpoint keeps @id.
 */
int kfv_cm_handler(struct rdma_cm_id *id, struct rdma_cm_event *event)
{
	struct kfv_ep *ep = id->context;

	trace_kfv_conn_event(&ep->node, event);

	switch (event->event) {
	case RDMA_CM_EVENT_ADDR_RESOLVED:
		kfv_cm_addr_resolved(ep, id);
		break;
	case RDMA_CM_EVENT_ROUTE_RESOLVED:
		kfv_cm_route_resolved(ep, id);
		break;
	case RDMA_CM_EVENT_ESTABLISHED:
		kfv_cm_established(ep, id, &event->param.conn);
		break;
	case RDMA_CM_EVENT_REJECTED:
		kfv_cm_rejected(ep, id, event);
		break;
	case RDMA_CM_EVENT_ADDR_ERROR:
	case RDMA_CM_EVENT_ROUTE_ERROR:
	case RDMA_CM_EVENT_CONNECT_ERROR:
	case RDMA_CM_EVENT_UNREACHABLE:
		kfv_cm_unreachable(ep, event);
		break;
	case RDMA_CM_EVENT_DISCONNECTED:
		kfv_cm_disconnected(ep, id);
		break;
	case RDMA_CM_EVENT_ADDR_CHANGE:
		kfv_conn_broken(ep);
		break;
	default:
		break;
	}
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_cm_handler);

/* The connection manager does not say on which link the peer's addresses are. */
static void kfv_cm_set_addr(struct kfv_ep *ep, union kfv_addr *to,
			    const struct sockaddr_storage *from)
{
	union kfv_addr addr = { .ss = *from };
	unsigned long flags;

	kfv_addr_set_scope(&addr, ep->id->route.addr.dev_addr.bound_dev_if);
	spin_lock_irqsave(&ep->lock, flags);
	*to = addr;
	spin_unlock_irqrestore(&ep->lock, flags);
}

/**
 * kfv_cm_adopt - make a request's rdma_cm_id the endpoint's
 * @ep: passive endpoint that is being opened
 * @id: of a connection request; the caller holds its handler lock
 *
 * Context: process; domain->lock is held.
 */
void kfv_cm_adopt(struct kfv_ep *ep, struct rdma_cm_id *id)
{
	lockdep_assert_held(&ep->domain->lock);

	id->context = ep;
	id->event_handler = kfv_cm_handler;
	ep->id = id;
	ep->passive = true;
	kfv_cm_set_addr(ep, &ep->local, &id->route.addr.src_addr);
	kfv_cm_set_addr(ep, &ep->peer, &id->route.addr.dst_addr);
}

/*
 * Reads in flight. The connection manager takes 0 as "no reads at all", and
 * kfv_cm_parse() relies on nobody sending that.
 */
static u8 kfv_cm_reads(const struct kfv_ep *ep, int device_max)
{
	int max = ep->domain->iwarp ? KFV_SINKS : KFV_MAX_READS;

	return clamp_t(int, device_max, 1, max);
}

static void kfv_cm_set_reads(struct kfv_ep *ep)
{
	const struct ib_device_attr *attr = &ep->domain->ibdev->attrs;
	u8 out = kfv_cm_reads(ep, attr->max_qp_init_rd_atom);
	u8 in = kfv_cm_reads(ep, attr->max_qp_rd_atom);

	ep->rd_in = ep->passive ? min(ep->rd_in, in) : in;
	ep->rd_out = ep->passive ? min(ep->rd_out, out) : out;
}

static int kfv_cm_bind(struct kfv_ep *ep, struct rdma_cm_id *id)
{
	u32 tclass = ep->tx_attr.tclass;
	int rc;

	if (tclass & KFI_TC_DSCP)
		rdma_set_service_type(id, kfi_tc_dscp_get(tclass) << 2);
	rc = rdma_bind_addr(id, &ep->local.sa);
	if (rc)
		return rc;
	/* The address may be a wildcard, or have moved to another device. */
	if (id->device != ep->domain->ibdev ||
	    id->port_num != ep->domain->port)
		return -EINVAL;
	return 0;
}

/**
 * kfv_cm_open - get the rdma_cm_id ready for a queue pair
 * @ep: endpoint that is being enabled
 *
 * Context: process, may sleep; domain->lock is held.
 * Return: 0; -EADDRINUSE; -EADDRNOTAVAIL, -ENODEV; -EINVAL when the source
 * address does not belong to the port of the domain; -ENOMEM.
 */
int kfv_cm_open(struct kfv_ep *ep)
{
	struct rdma_cm_id *id = ep->id;
	int rc;

	lockdep_assert_held(&ep->domain->lock);

	kfv_cm_set_reads(ep);
	if (ep->passive)
		return rdma_set_min_rnr_timer(id, IB_RNR_TIMER_000_64);

	id = rdma_create_id(&init_net, kfv_cm_handler, ep, RDMA_PS_TCP,
			    IB_QPT_RC);
	if (IS_ERR(id))
		return PTR_ERR(id);
	rc = rdma_set_min_rnr_timer(id, IB_RNR_TIMER_000_64);
	if (rc)
		goto destroy_id;
	rc = kfv_cm_bind(ep, id);
	if (rc)
		goto destroy_id;

	ep->id = id;
	kfv_cm_set_addr(ep, &ep->local, &id->route.addr.src_addr);
	return 0;

destroy_id:
	rdma_destroy_id(id);
	return rc;
}

/**
 * kfv_cm_withdrawn - whether the peer has taken its request back
 * @ep: endpoint with an rdma_cm_id, in which no attempt was made
 *
 * The connection manager knows before its event has reached us, and gives no
 * attributes to the queue pair of such a request.
 *
 * Context: process, may sleep; domain->lock is held.
 * Return: true if @ep was opened for a request that is no more.
 */
bool kfv_cm_withdrawn(struct kfv_ep *ep)
{
	struct ib_qp_attr attr = { .qp_state = IB_QPS_INIT };
	int mask = 0;

	lockdep_assert_held(&ep->domain->lock);

	if (!ep->passive)
		return false;
	return kfv_conn_in(ep, BIT(KFV_EP_SHUTDOWN)) ||
	       rdma_init_qp_attr(ep->id, &attr, &mask) == -EINVAL;
}

/**
 * kfv_cm_close - give the rdma_cm_id up
 * @ep: endpoint, with or without one
 *
 * A peer that waits for an answer is rejected, one that is connected is told.
 * On return no handler runs, and none will.
 *
 * Context: process, may sleep; domain->lock is held.
 */
void kfv_cm_close(struct kfv_ep *ep)
{
	lockdep_assert_held(&ep->domain->lock);

	if (ep->id)
		rdma_destroy_id(ep->id);
	ep->id = NULL;
}

/**
 * kfv_cm_copy_addr - hand an address to the client
 * @from: the address
 * @addr: where to put as much as there is room for; may be NULL without room
 * @addrlen: in: room at @addr; out: length of the address
 *
 * Context: any.
 * Return: 0; -KFI_ETOOSMALL; -EINVAL for a missing argument.
 */
int kfv_cm_copy_addr(const union kfv_addr *from, void *addr, size_t *addrlen)
{
	size_t len = rdma_addr_size(&from->sa);
	size_t room;

	if (!addrlen || (!addr && *addrlen))
		return -EINVAL;
	room = *addrlen;
	*addrlen = len;
	if (room)
		memcpy(addr, from, min(room, len));
	return room < len ? -KFI_ETOOSMALL : 0;
}

static int kfv_cm_getname(struct kfid *fid, void *addr, size_t *addrlen)
{
	struct kfv_ep *ep = kfv_ep(fid);
	union kfv_addr local;
	unsigned long flags;
	bool dead;

	spin_lock_irqsave(&ep->lock, flags);
	local = ep->local;
	dead = ep->state == KFV_EP_DEAD;
	spin_unlock_irqrestore(&ep->lock, flags);
	return dead ? -ENODEV : kfv_cm_copy_addr(&local, addr, addrlen);
}

static int kfv_cm_getpeer(struct kfid_ep *fid, void *addr, size_t *addrlen)
{
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	union kfv_addr peer;
	unsigned long flags;
	int rc = 0;

	spin_lock_irqsave(&ep->lock, flags);
	peer = ep->peer;
	if (ep->state == KFV_EP_DEAD)
		rc = -ENODEV;
	else if (ep->state != KFV_EP_CONNECTED && !ep->told)
		rc = -ENOTCONN;
	spin_unlock_irqrestore(&ep->lock, flags);
	return rc ?: kfv_cm_copy_addr(&peer, addr, addrlen);
}

/*
 * Our head, what we say of ourselves, the client's data. A peer that says
 * nothing of a control queue pair is not told of ours.
 */
static int kfv_cm_pack(const struct kfv_ep *ep, void *data, const void *param,
		       size_t paramlen)
{
	struct kfv_wire_decl decl;
	int len;

	len = kfv_wire_pack(data, param, paramlen);
	if (len < 0 || ep->domain->dead)
		return len;
	kfv_persist_declare(ep, &decl);
	if (ep->passive && !(ep->peer_decl.features & KFV_WIRE_F_CTL))
		decl.features &= KFV_WIRE_F_PLACED;
	return kfv_wire_declare(data, &decl);
}

static int kfv_cm_start(struct kfv_ep *ep, const union kfv_addr *peer,
			const void *param, size_t paramlen)
{
	u8 data[KFV_WIRE_CM_MAX];
	int len, rc;

	lockdep_assert_held(&ep->domain->lock);

	len = kfv_cm_pack(ep, data, param, paramlen);
	if (len < 0)
		return len;
	if (ep->domain->dead)
		return -ENODEV;
	if (ep->passive)
		return -KFI_EOPBADSTATE;
	rc = kfv_conn_begin(ep, KFV_EP_CONNECTING);
	if (rc)
		return rc;

	memcpy(ep->cm_data, data, len);
	ep->cm_len = len;
	kfv_cm_set_addr(ep, &ep->peer, &peer->ss);
	rc = rdma_resolve_addr(ep->id, NULL, &peer->sa, kfv_cm_resolve_ms());
	if (rc)
		kfv_conn_undo(ep, KFV_EP_ENABLED);
	else
		kfv_conn_begun(ep);
	return rc;
}

static int kfv_cm_connect(struct kfid_ep *fid, const void *addr,
			  const void *param, size_t paramlen)
{
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	const struct sockaddr *sa = addr;
	union kfv_addr peer = {};
	int rc;

	if (!addr)
		return -EINVAL;
	if (sa->sa_family != ep->local.sa.sa_family)
		return -EAFNOSUPPORT;
	memcpy(&peer, addr, rdma_addr_size(&ep->local.sa));

	mutex_lock(&ep->domain->lock);
	rc = kfv_cm_start(ep, &peer, param, paramlen);
	mutex_unlock(&ep->domain->lock);
	return rc;
}

/*
 * A request that its peer has taken back is in no state to be accepted. It may be
 * why the endpoint could not be enabled, with its event still to come.
 */
static int kfv_cm_reply(struct kfv_ep *ep)
{
	struct rdma_conn_param param;
	int rc;

	if (kfv_conn_in(ep, BIT(KFV_EP_NEW)) && kfv_cm_withdrawn(ep))
		return -ECONNABORTED;
	rc = kfv_conn_begin(ep, KFV_EP_ACCEPTING);
	if (rc)
		return rc;
	kfv_cm_param(ep, &param);
	if (ep->domain->iwarp)
		kfv_conn_await(ep, KFV_AWAITS_HELLO);
	rc = kfv_persist_agree(ep, &ep->peer_decl);
	if (!rc)
		rc = rdma_accept(ep->id, &param);
	if (rc)
		kfv_conn_undo(ep, KFV_EP_SHUTDOWN);
	else
		kfv_conn_begun(ep);
	return rc == -EINVAL || rc == -ECONNRESET ? -ECONNABORTED : rc;
}

static int kfv_cm_answer(struct kfv_ep *ep, const void *param, size_t paramlen)
{
	u8 data[KFV_WIRE_CM_MAX];
	int len, rc;

	lockdep_assert_held(&ep->domain->lock);

	len = kfv_cm_pack(ep, data, param, paramlen);
	if (len < 0)
		return len;
	if (ep->domain->dead)
		return -ENODEV;
	if (!ep->passive)
		return -KFI_EOPBADSTATE;

	rdma_lock_handler(ep->id);
	memcpy(ep->cm_data, data, len);
	ep->cm_len = len;
	rc = kfv_cm_reply(ep);
	rdma_unlock_handler(ep->id);
	return rc;
}

static int kfv_cm_accept(struct kfid_ep *fid, const void *param,
			 size_t paramlen)
{
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	int rc;

	mutex_lock(&ep->domain->lock);
	rc = kfv_cm_answer(ep, param, paramlen);
	mutex_unlock(&ep->domain->lock);
	return rc;
}

static int kfv_cm_shutdown(struct kfid_ep *fid, uint64_t flags)
{
	struct kfv_ep *ep = kfv_ep(&fid->fid);

	if (flags)
		return -KFI_EBADFLAGS;
	if (kfv_conn_in(ep, BIT(KFV_EP_DEAD)))
		return -ENODEV;
	if (!kfv_conn_in(ep, BIT(KFV_EP_CONNECTED)))
		return -ENOTCONN;
	kfv_conn_broken(ep);
	return 0;
}

struct kfi_ops_cm kfv_cm_ops __ro_after_init = {
	.getname = kfv_cm_getname,
	.getpeer = kfv_cm_getpeer,
	.connect = kfv_cm_connect,
	.accept = kfv_cm_accept,
	.shutdown = kfv_cm_shutdown,
};

/**
 * kfv_cm_init_ops - complete the table of connection calls
 *
 * Context: process, while the module is loading.
 */
void kfv_cm_init_ops(void)
{
	kfi_ops_fill(&kfv_cm_ops, &kfi_enosys_cm);
}
