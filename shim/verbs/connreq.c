// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Connection requests
 *
 * Purpose: keep the requests that peers send until the client has decided, and
 * hand them over to endpoints.
 *
 * Operation: each request comes with an rdma_cm_id of its own. If its private
 * data is ours and both the backlog of the listener and the event queue have
 * room, it becomes a KFI_CONNREQ event whose info carries the handle. Opening
 * an endpoint with that info, or kfi_reject(), takes the request; what is left
 * is rejected when the listener is closed.
 *
 * Ownership: requests that wait are in one list. A handle is looked up there by
 * its address and never dereferenced before it was found, so that one which is
 * not valid any more is an error and no more. The request owns its rdma_cm_id
 * until it is taken, or until the device goes away.
 *
 * Ordering: kfv_connreq_lock decides who ends a request: whoever unlinks it, or
 * takes the id out of it. The memory goes after the id, so a handler may use
 * it. Handlers take no mutex, because rdma_destroy_id() waits for them and is
 * called under several.
 *
 * Errors: requests that cannot be reported are rejected, counted and traced;
 * the peer sees ECONNREFUSED, or EPROTO if it speaks another version. A request
 * that leaves no room for reads in either direction is none of ours: the reads
 * would be accepted and never complete. Without memory, or while the device is
 * being removed, a request is forgotten: the peer's connection manager sends
 * another.
 */
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <rdma/ib_cm.h>

#include <kunit/visibility.h>

#include "info.h"
#include "persist.h"
#include "trace.h"

/**
 * struct kfv_connreq - a connection request that waits for the client
 * @fid: the handle, class KFI_CLASS_CONNREQ
 * @ref: the list's, and one for whoever destroys @id without unlinking
 * @pep: where it arrived
 * @link: in kfv_connreq_list; this and the next two are guarded by
 *	kfv_connreq_lock
 * @id: the connection; NULL once the device is gone
 * @gone: the peer has taken the request back
 * @rd_in: reads that the peer may want to have outstanding
 * @rd_out: reads that the peer takes from us
 * @decl: what the peer says of itself
 */
struct kfv_connreq {
	struct kfid fid;
	struct kref ref;
	struct kfv_pep *pep;

	struct list_head link;
	struct rdma_cm_id *id;
	bool gone;

	u8 rd_in;
	u8 rd_out;
	struct kfv_wire_decl decl;
};

static DEFINE_SPINLOCK(kfv_connreq_lock);
/* requests of all listeners, guarded by kfv_connreq_lock */
static LIST_HEAD(kfv_connreq_list);

static struct kfi_ops kfv_connreq_ops __ro_after_init;

static void kfv_connreq_free(struct kref *ref)
{
	kfree(container_of(ref, struct kfv_connreq, ref));
}

static void kfv_connreq_put(struct kfv_connreq *req)
{
	kref_put(&req->ref, kfv_connreq_free);
}

static void kfv_connreq_unlink(struct kfv_connreq *req)
{
	lockdep_assert_held(&kfv_connreq_lock);

	list_del_init(&req->link);
	req->pep->pending--;
}

/* Find a request by its handle, which may be anything */
static struct kfv_connreq *kfv_connreq_find(const struct kfid *handle)
{
	struct kfv_connreq *req;

	lockdep_assert_held(&kfv_connreq_lock);

	list_for_each_entry(req, &kfv_connreq_list, link)
		if (&req->fid == handle)
			return req;
	return NULL;
}

static void kfv_connreq_refuse(struct rdma_cm_id *id, const void *data, int len)
{
	rdma_reject(id, data, len, IB_CM_REJ_CONSUMER_DEFINED);
}

/* End a request that was unlinked */
static void kfv_connreq_end(struct kfv_connreq *req, const void *data, int len)
{
	if (req->id) {
		kfv_connreq_refuse(req->id, data, len);
		rdma_destroy_id(req->id);
	}
	kfv_connreq_put(req);
}

/* A request waits, and something happens to it */
static int kfv_connreq_handler(struct rdma_cm_id *id,
			       struct rdma_cm_event *event)
{
	struct kfv_connreq *req = id->context;
	unsigned long flags;
	int destroy = 0;

	spin_lock_irqsave(&kfv_connreq_lock, flags);
	if (!list_empty(&req->link))
		trace_kfv_pep_event(&req->pep->node, event);
	if (event->event != RDMA_CM_EVENT_DEVICE_REMOVAL) {
		req->gone = true;
	} else if (!list_empty(&req->link) && req->id) {
		/* it came too late for kfv_connreq_device_gone() */
		req->id = NULL;
		destroy = 1;
	}
	spin_unlock_irqrestore(&kfv_connreq_lock, flags);
	return destroy;
}

static struct kfv_connreq *
kfv_connreq_new(struct kfv_pep *pep, struct rdma_cm_id *id,
		const struct rdma_conn_param *param,
		const struct kfv_wire_decl *decl)
{
	struct kfv_connreq *req;

	req = kzalloc(sizeof(*req), GFP_KERNEL);
	if (!req)
		return NULL;
	kfi_init_id(&req->fid);
	req->fid.fclass = KFI_CLASS_CONNREQ;
	req->fid.ops = &kfv_connreq_ops;
	kref_init(&req->ref);
	req->pep = pep;
	req->id = id;
	req->rd_in = param->responder_resources;
	req->rd_out = param->initiator_depth;
	req->decl = *decl;
	return req;
}

/* Link the request, if the backlog has room */
static bool kfv_connreq_admit(struct kfv_connreq *req)
{
	struct kfv_pep *pep = req->pep;
	unsigned long flags;
	bool room;

	spin_lock_irqsave(&kfv_connreq_lock, flags);
	room = pep->pending < pep->backlog;
	if (room) {
		pep->pending++;
		pep->requests++;
		list_add_tail(&req->link, &kfv_connreq_list);
	}
	spin_unlock_irqrestore(&kfv_connreq_lock, flags);
	return room;
}

static void kfv_connreq_fill_event(struct kfi_evq_event *ev,
				   struct kfv_pep *pep, const void *data,
				   int len)
{
	ev->event = KFI_CONNREQ;
	ev->fid = &pep->pep.fid;
	ev->context = pep->pep.fid.context;
	ev->len = len;
	memcpy(ev->data, data, len);
}

/*
 * Report a request whose private data is @data. From the push on, the request
 * belongs to the client; calls that take it wait for this handler to end.
 */
static int kfv_connreq_report(struct kfv_pep *pep, struct rdma_cm_id *id,
			      const struct rdma_conn_param *param,
			      const void *data, int len)
{
	struct kfv_wire_decl decl;
	struct kfv_connreq *req;
	struct kfi_evq_event *ev;
	struct kfi_info *info;
	int rc;

	rc = kfv_wire_declared(param->private_data, param->private_data_len,
			       &decl);
	if (rc)
		return rc;
	ev = kfi_evq_reserve(&pep->eq->evq, len, GFP_KERNEL);
	if (IS_ERR(ev))
		return PTR_ERR(ev);
	info = kfv_info_from_connreq(pep, id);
	if (IS_ERR(info)) {
		rc = PTR_ERR(info);
		goto release_event;
	}
	ev->info = info;
	rc = -ENOMEM;
	req = kfv_connreq_new(pep, id, param, &decl);
	if (!req)
		goto release_event;
	rc = -ENOSPC;
	if (!kfv_connreq_admit(req))
		goto put_req;

	id->context = req;
	id->event_handler = kfv_connreq_handler;
	info->handle = &req->fid;
	kfv_connreq_fill_event(ev, pep, data, len);
	kfi_evq_push(&pep->eq->evq, ev);
	return 0;

put_req:
	kfv_connreq_put(req);
release_event:
	kfi_evq_release(&pep->eq->evq, ev);
	return rc;
}

static void kfv_connreq_count_refused(struct kfv_pep *pep)
{
	unsigned long flags;

	spin_lock_irqsave(&kfv_connreq_lock, flags);
	pep->refused++;
	spin_unlock_irqrestore(&kfv_connreq_lock, flags);
}

/**
 * kfv_connreq_receive - take a request from the connection manager
 * @pep: the listener that got it
 * @id: of the new connection
 * @param: what the peer offers and says
 *
 * Context: process, in the handler of @id.
 * Return: 0: the request owns @id; an error if the connection manager is to
 * destroy @id: -ENOMEM if the peer is to try again, else the peer has been
 * answered.
 */
int kfv_connreq_receive(struct kfv_pep *pep, struct rdma_cm_id *id,
			const struct rdma_conn_param *param)
{
	u8 answer[KFV_WIRE_CM_MAX];
	const void *data;
	int rc;

	rc = kfv_cm_parse(param, &data);
	if (rc >= 0)
		rc = kfv_connreq_report(pep, id, param, data, rc);
	if (!rc)
		return 0;

	kfv_connreq_count_refused(pep);
	/* For this error, and no other, the connection manager is silent too. */
	if (rc == -ENOMEM || rc == -ENODEV)
		return -ENOMEM;
	kfv_connreq_refuse(id, answer, kfv_wire_pack(answer, NULL, 0));
	return rc;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_connreq_receive);

/**
 * kfv_connreq_take - make a request an endpoint's
 * @handle: kfi_info.handle of the request; invalid after success
 * @ep: endpoint that is being opened
 *
 * Context: process, may sleep; domain->lock is held and the domain is alive.
 * Return: 0: @ep owns the rdma_cm_id. -EINVAL when @handle is not that of a
 * request, or of one that arrived on a port other than the domain's; -ENODEV
 * when its device is gone. Then the request, if there is one, still waits.
 */
int kfv_connreq_take(struct kfid *handle, struct kfv_ep *ep)
{
	struct kfv_domain *domain = ep->domain;
	struct kfv_connreq *req;
	unsigned long flags;
	int rc = 0;

	lockdep_assert_held(&domain->lock);

	spin_lock_irqsave(&kfv_connreq_lock, flags);
	req = kfv_connreq_find(handle);
	if (!req)
		rc = -EINVAL;
	else if (!req->id)
		rc = -ENODEV;
	else if (req->id->device != domain->ibdev ||
		 req->id->port_num != domain->port)
		rc = -EINVAL;
	else
		kfv_connreq_unlink(req);
	spin_unlock_irqrestore(&kfv_connreq_lock, flags);
	if (rc)
		return rc;

	ep->rd_in = req->rd_in;
	ep->rd_out = req->rd_out;
	ep->peer_decl = req->decl;
	/* After this no handler knows the request any more. */
	rdma_lock_handler(req->id);
	kfv_cm_adopt(ep, req->id);
	rdma_unlock_handler(req->id);
	if (req->gone)
		kfv_conn_down(ep, KFV_CONN_REQUEST, NULL);
	kfv_connreq_put(req);
	return 0;
}

/**
 * kfv_connreq_reject - answer a request with no
 * @pep: the listener that got it
 * @handle: kfi_info.handle of the request; invalid after success
 * @data: packed private data
 * @len: bytes at @data
 *
 * Context: process, may sleep.
 * Return: 0; -EINVAL when @handle is not that of a request of @pep.
 */
int kfv_connreq_reject(struct kfv_pep *pep, const struct kfid *handle,
		       const void *data, int len)
{
	struct kfv_connreq *req;
	unsigned long flags;

	spin_lock_irqsave(&kfv_connreq_lock, flags);
	req = kfv_connreq_find(handle);
	if (req && req->pep != pep)
		req = NULL;
	if (req)
		kfv_connreq_unlink(req);
	spin_unlock_irqrestore(&kfv_connreq_lock, flags);
	if (!req)
		return -EINVAL;

	kfv_connreq_end(req, data, len);
	return 0;
}

static struct kfv_connreq *kfv_connreq_first(const struct kfv_pep *pep)
{
	struct kfv_connreq *req;

	lockdep_assert_held(&kfv_connreq_lock);

	list_for_each_entry(req, &kfv_connreq_list, link)
		if (req->pep == pep)
			return req;
	return NULL;
}

/**
 * kfv_connreq_reject_all - reject everything that waits
 * @pep: a listener that is being closed; nothing is added any more
 *
 * Context: process, may sleep.
 */
void kfv_connreq_reject_all(struct kfv_pep *pep)
{
	struct kfv_connreq *req;
	u8 data[KFV_WIRE_CM_MAX];
	unsigned long flags;
	int len;

	len = kfv_wire_pack(data, NULL, 0);
	do {
		spin_lock_irqsave(&kfv_connreq_lock, flags);
		req = kfv_connreq_first(pep);
		if (req)
			kfv_connreq_unlink(req);
		spin_unlock_irqrestore(&kfv_connreq_lock, flags);
		if (req)
			kfv_connreq_end(req, data, len);
	} while (req);
}

/* Take the id out of a request that arrived on @ibdev, with a reference */
static struct rdma_cm_id *kfv_connreq_strip(const struct ib_device *ibdev,
					    struct kfv_connreq **stripped)
{
	struct kfv_connreq *req;
	struct rdma_cm_id *id = NULL;
	unsigned long flags;

	spin_lock_irqsave(&kfv_connreq_lock, flags);
	list_for_each_entry(req, &kfv_connreq_list, link) {
		if (!req->id || req->id->device != ibdev)
			continue;
		id = req->id;
		req->id = NULL;
		kref_get(&req->ref);
		*stripped = req;
		break;
	}
	spin_unlock_irqrestore(&kfv_connreq_lock, flags);
	return id;
}

/**
 * kfv_connreq_device_gone - destroy the ids of all requests of a device
 * @ibdev: the device; it is withdrawn, so no new request is reported
 *
 * Requests of wildcard listeners are among them. One that is being reported at
 * this moment goes when the connection manager lets go of the device. The
 * handles stay valid, for kfi_reject().
 *
 * Context: process, may sleep.
 */
void kfv_connreq_device_gone(const struct ib_device *ibdev)
{
	struct kfv_connreq *req;
	struct rdma_cm_id *id;

	while ((id = kfv_connreq_strip(ibdev, &req))) {
		rdma_destroy_id(id);
		kfv_connreq_put(req);
	}
}

/**
 * kfv_connreq_set_backlog - how many requests may wait
 * @pep: listener
 * @backlog: at least 1
 *
 * Context: any.
 */
void kfv_connreq_set_backlog(struct kfv_pep *pep, u32 backlog)
{
	unsigned long flags;

	spin_lock_irqsave(&kfv_connreq_lock, flags);
	pep->backlog = backlog;
	spin_unlock_irqrestore(&kfv_connreq_lock, flags);
}

/**
 * kfv_connreq_show - counters of a listener, for debugfs
 * @m: where to write
 * @pep: listener
 *
 * Context: process.
 */
void kfv_connreq_show(struct seq_file *m, const struct kfv_pep *pep)
{
	spin_lock_irq(&kfv_connreq_lock);
	seq_printf(m, " backlog=%u pending=%u requests=%llu refused=%llu",
		   pep->backlog, pep->pending, pep->requests, pep->refused);
	spin_unlock_irq(&kfv_connreq_lock);
}

/**
 * kfv_connreq_init_ops - complete the table of requests, which has nothing
 *
 * Context: process, while the module is loading.
 */
void kfv_connreq_init_ops(void)
{
	kfi_ops_fill(&kfv_connreq_ops, &kfi_enosys_fid);
}
