// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Passive endpoints
 *
 * Purpose: listen at an address, which may be a wildcard.
 *
 * Operation: kfi_listen() binds an rdma_cm_id and starts to listen. What
 * arrives is connreq.c's.
 *
 * Ownership: a listener that is bound to a device is linked to it, so that it
 * can be taken down with it; it holds a reference of the structure. Wildcard
 * listeners survive devices.
 *
 * Ordering: pep->lock is held across rdma_destroy_id(), which waits for
 * handlers; these take no mutex. The lock of the device comes first: who the
 * device is only turns out when the id is bound, so that is done before either
 * lock is taken.
 *
 * Errors: a listen that fails has changed nothing and may be tried again.
 */
#include <linux/err.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include <kunit/visibility.h>

#include "info.h"
#include "trace.h"

static int kfv_pep_handler(struct rdma_cm_id *id, struct rdma_cm_event *event)
{
	struct kfv_pep *pep = id->context;

	trace_kfv_pep_event(&pep->node, event);
	if (event->event != RDMA_CM_EVENT_CONNECT_REQUEST)
		return 0;
	return kfv_connreq_receive(pep, id, &event->param.conn);
}

static void kfv_pep_kill(struct kfv_pep *pep)
{
	lockdep_assert_held(&pep->dev->lock);

	mutex_lock(&pep->lock);
	trace_kfv_pep_kill(&pep->node, 0, 0);
	pep->dead = true;
	rdma_destroy_id(pep->id);
	pep->id = NULL;
	mutex_unlock(&pep->lock);
}

/**
 * kfv_pep_device_gone - take down what listens and waits on a device
 * @dev: the device; it is withdrawn
 *
 * Context: process, may sleep; dev->lock is held.
 */
void kfv_pep_device_gone(struct kfv_device *dev)
{
	struct kfv_pep *pep;

	lockdep_assert_held(&dev->lock);

	list_for_each_entry(pep, &dev->peps, dev_link)
		kfv_pep_kill(pep);
	kfv_connreq_device_gone(dev->ibdev);
}

static int kfv_pep_check_listen(struct kfv_pep *pep)
{
	lockdep_assert_held(&pep->lock);

	if (pep->dead)
		return -ENODEV;
	if (!pep->eq)
		return -KFI_ENOEQ;
	return pep->id ? -KFI_EOPBADSTATE : 0;
}

static struct rdma_cm_id *kfv_pep_try_bind(struct kfv_pep *pep,
					   union kfv_addr *addr)
{
	struct rdma_cm_id *id;
	int rc = 0;

	id = rdma_create_id(&init_net, kfv_pep_handler, pep, RDMA_PS_TCP,
			    IB_QPT_RC);
	if (IS_ERR(id))
		return id;
	/* An IPv6 wildcard leaves the port's IPv4 side to others. */
	if (addr->sa.sa_family == AF_INET6)
		rc = rdma_set_afonly(id, 1);
	if (!rc)
		rc = rdma_bind_addr(id, &addr->sa);
	if (!rc)
		return id;
	rdma_destroy_id(id);
	return ERR_PTR(rc);
}

/*
 * An id that is bound to the address of the listener. Where a wildcard is
 * involved, the connection manager calls an address that is in use not
 * available; so an address that is available with another port is in use.
 */
static struct rdma_cm_id *kfv_pep_bind_id(struct kfv_pep *pep)
{
	union kfv_addr addr = pep->local;
	struct rdma_cm_id *id, *other;

	id = kfv_pep_try_bind(pep, &addr);
	if (id != ERR_PTR(-EADDRNOTAVAIL))
		return id;
	kfv_addr_set_port(&addr, 0);
	other = kfv_pep_try_bind(pep, &addr);
	if (IS_ERR(other))
		return id;
	rdma_destroy_id(other);
	return ERR_PTR(-EADDRINUSE);
}

/* Listen with @id, which then belongs to the listener */
static int kfv_pep_start(struct kfv_pep *pep, struct kfv_device *dev,
			 struct rdma_cm_id *id)
{
	int rc;

	if (dev) {
		lockdep_assert_held(&dev->lock);
		if (dev->dead)
			return -ENODEV;
	}
	mutex_lock(&pep->lock);
	rc = kfv_pep_check_listen(pep);
	if (!rc)
		rc = rdma_listen(id, pep->backlog);
	if (!rc) {
		pep->id = id;
		pep->local.ss = id->route.addr.src_addr;
		pep->dev = dev;
		if (dev)
			list_add_tail(&pep->dev_link, &dev->peps);
	}
	mutex_unlock(&pep->lock);
	trace_kfv_pep_listen(&pep->node, 0, rc);
	return rc;
}

static int kfv_pep_start_on_device(struct kfv_pep *pep, struct rdma_cm_id *id)
{
	struct kfv_device *dev = kfv_device_get(id->device);
	int rc;

	if (!dev)
		return -ENODEV;
	mutex_lock(&dev->lock);
	rc = kfv_pep_start(pep, dev, id);
	mutex_unlock(&dev->lock);
	if (rc)
		kfv_device_put(dev);
	return rc;
}

static int kfv_pep_listen(struct kfid_pep *fid)
{
	struct kfv_pep *pep = kfv_pep(&fid->fid);
	struct rdma_cm_id *id;
	int rc;

	mutex_lock(&pep->lock);
	rc = kfv_pep_check_listen(pep);
	mutex_unlock(&pep->lock);
	if (rc)
		return rc;

	id = kfv_pep_bind_id(pep);
	if (IS_ERR(id))
		return PTR_ERR(id);
	if (id->device)
		rc = kfv_pep_start_on_device(pep, id);
	else
		rc = kfv_pep_start(pep, NULL, id);
	if (rc)
		rdma_destroy_id(id);
	return rc;
}

static int kfv_pep_getname(struct kfid *fid, void *addr, size_t *addrlen)
{
	struct kfv_pep *pep = kfv_pep(fid);
	int rc = -ENODEV;

	mutex_lock(&pep->lock);
	if (!pep->dead)
		rc = kfv_cm_copy_addr(&pep->local, addr, addrlen);
	mutex_unlock(&pep->lock);
	return rc;
}

static int kfv_pep_reject(struct kfid_pep *fid, kfid_t handle,
			  const void *param, size_t paramlen)
{
	u8 data[KFV_WIRE_CM_MAX];
	int len;

	len = kfv_wire_pack(data, param, paramlen);
	if (len < 0)
		return len;
	return kfv_connreq_reject(kfv_pep(&fid->fid), handle, data, len);
}

static int kfv_pep_control(struct kfid *fid, int command, void *arg)
{
	const int *backlog = arg;

	if (command != KFI_BACKLOG)
		return -ENOSYS;
	if (!backlog || *backlog < 1 || *backlog > KFV_MAX_BACKLOG)
		return -EINVAL;
	kfv_connreq_set_backlog(kfv_pep(fid), *backlog);
	return 0;
}

static int kfv_pep_bind(struct kfid *fid, struct kfid *bfid, uint64_t flags)
{
	struct kfv_pep *pep = kfv_pep(fid);
	int rc;

	if (!bfid || !kfv_eq_is(bfid, pep->fabric))
		return -EINVAL;
	if (flags)
		return -KFI_EBADFLAGS;

	mutex_lock(&pep->lock);
	if (pep->id || pep->dead)
		rc = pep->dead ? -ENODEV : -KFI_EOPBADSTATE;
	else if (pep->eq)
		rc = -EBUSY;
	else
		rc = kfi_fid_get(bfid) ? 0 : -EINVAL;
	if (!rc)
		pep->eq = kfv_eq(bfid);
	mutex_unlock(&pep->lock);
	return rc;
}

/* No listener any more: neither ours to find, nor the connection manager's */
static void kfv_pep_stop(struct kfv_pep *pep)
{
	struct kfv_device *dev = pep->dev;

	if (dev)
		mutex_lock(&dev->lock);
	list_del_init(&pep->dev_link);
	mutex_lock(&pep->lock);
	if (pep->id)
		rdma_destroy_id(pep->id);
	pep->id = NULL;
	mutex_unlock(&pep->lock);
	if (dev)
		mutex_unlock(&dev->lock);
	if (dev)
		kfv_device_put(dev);
}

static int kfv_pep_close(struct kfid *fid)
{
	struct kfv_pep *pep = kfv_pep(fid);
	int rc;

	rc = kfi_fid_retire(&pep->node);
	if (rc)
		return rc;

	kfv_pep_stop(pep);
	kfv_connreq_reject_all(pep);
	if (pep->eq) {
		kfi_evq_purge(&pep->eq->evq, fid);
		kfi_deref_id(&pep->eq->eq.fid);
	}
	kfi_freeinfo(pep->info);
	kfi_fid_fini(&pep->node);
	mutex_destroy(&pep->lock);
	kfree(pep);
	return 0;
}

static const char *kfv_pep_state(const struct kfv_pep *pep)
{
	if (pep->dead)
		return "dead";
	return pep->id ? "listening" : "new";
}

static void kfv_pep_show(struct seq_file *m, struct kfid *fid)
{
	struct kfv_pep *pep = kfv_pep(fid);

	mutex_lock(&pep->lock);
	seq_printf(m, " state=%s local=%pISpc", kfv_pep_state(pep), &pep->local);
	mutex_unlock(&pep->lock);
	kfv_connreq_show(m, pep);
}

static const struct kfi_fid_type kfv_pep_type = {
	.fclass = KFI_CLASS_PEP,
	.name = "pep",
	.show = kfv_pep_show,
};

static struct kfi_ops kfv_pep_fid_ops __ro_after_init = {
	.close = kfv_pep_close,
	.bind = kfv_pep_bind,
	.control = kfv_pep_control,
};

static struct kfi_ops_ep kfv_pep_ep_ops __ro_after_init = {
	.getopt = kfv_ep_getopt,
};

static struct kfi_ops_cm kfv_pep_cm_ops __ro_after_init = {
	.getname = kfv_pep_getname,
	.listen = kfv_pep_listen,
	.reject = kfv_pep_reject,
};

static int kfv_pep_check_info(const struct kfv_fabric *fabric,
			      const struct kfi_info *info)
{
	struct kfv_device *dev;
	u32 port;

	if (!info || !info->ep_attr || info->ep_attr->type != KFI_EP_MSG ||
	    !info->src_addrlen ||
	    !kfv_addr_valid(info->src_addr, info->src_addrlen) ||
	    !kfv_fabric_fits(fabric, info))
		return -EINVAL;
	if (!info->domain_attr || !info->domain_attr->name)
		return 0;
	dev = kfv_device_get_by_name(info->domain_attr->name, &port);
	if (!dev)
		return -ENODEV;
	kfv_device_put(dev);
	return 0;
}

/**
 * kfv_pep_open - kfi_passive_ep()
 * @fabric: parent
 * @info: from getinfo, with the address to listen at
 * @pep: where to put the passive endpoint
 * @context: the client's
 *
 * The address may be a wildcard, and its port number 0: kfi_getname() tells
 * which one it became once the endpoint listens. At a wildcard address requests
 * arrive from all subnets; their infos say from which.
 *
 * Context: process, may sleep.
 * Return: 0; -EINVAL when an argument or the address is missing, for another
 * type of endpoint or another fabric; -ENODEV when the device is not there;
 * -ENOMEM; -ESHUTDOWN.
 */
int kfv_pep_open(struct kfid_fabric *fabric, struct kfi_info *info,
		 struct kfid_pep **pep, void *context)
{
	struct kfv_fabric *parent = kfv_fabric(&fabric->fid);
	struct kfv_pep *new;
	int rc;

	if (!pep)
		return -EINVAL;
	rc = kfv_pep_check_info(parent, info);
	if (rc)
		return rc;

	new = kzalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return -ENOMEM;
	rc = -ENOMEM;
	new->info = kfi_dupinfo(info);
	if (!new->info)
		goto free_pep;
	rc = kfi_fid_init(&new->node, &new->pep.fid, &kfv_pep_type,
			  &kfv_pep_fid_ops, &fabric->fid, context);
	if (rc)
		goto free_info;

	new->pep.ops = &kfv_pep_ep_ops;
	new->pep.cm = &kfv_pep_cm_ops;
	new->fabric = parent;
	new->backlog = KFV_DEF_BACKLOG;
	mutex_init(&new->lock);
	INIT_LIST_HEAD(&new->dev_link);
	memcpy(&new->local, info->src_addr, rdma_addr_size(info->src_addr));
	kfi_fid_publish(&new->node);
	*pep = &new->pep;
	return 0;

free_info:
	kfi_freeinfo(new->info);
free_pep:
	kfree(new);
	return rc;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_pep_open);

/**
 * kfv_pep_init_ops - complete the tables of passive endpoints
 *
 * Context: process, while the module is loading.
 */
void kfv_pep_init_ops(void)
{
	kfi_ops_fill(&kfv_pep_fid_ops, &kfi_enosys_fid);
	kfi_ops_fill(&kfv_pep_ep_ops, &kfi_enosys_ep);
	kfi_ops_fill(&kfv_pep_cm_ops, &kfi_enosys_cm);
}
