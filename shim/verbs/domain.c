// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Domains
 *
 * Purpose: a port of a device, a protection domain on it and everything that is
 * opened in it.
 *
 * Operation: the protection domain has no global rkey. Registrations travel on
 * a queue pair of the domain's own (regq.c), with regions from its pool
 * (mrpool.c).
 *
 * Ownership: the domain is linked to its device until it is closed. Hardware
 * belongs to the domain's objects; which of them have any is told by the lists
 * under its lock.
 *
 * Ordering: kfv_domain_kill() takes everything down from the users to the used:
 * endpoints with their queue pairs and connections, regions, completion queues,
 * then what the domain itself has. It runs once, at close or at removal of the
 * device, whichever comes first, under the device's lock. Registrations that
 * are under way are waited for at the gate; those that come later find @dead.
 *
 * Errors: after the kill all calls on the domain and on what is in it answer
 * -ENODEV, except for close.
 */
#include <kunit/visibility.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "info.h"
#include "persist.h"
#include "trace.h"

static int kfv_domain_make_sink(struct kfv_domain *domain)
{
	struct ib_sge *sink = &domain->sink;

	domain->sink_mem = kzalloc(L1_CACHE_BYTES, GFP_KERNEL);
	if (!domain->sink_mem)
		return -ENOMEM;
	sink->length = 1;
	sink->lkey = domain->pd->local_dma_lkey;
	sink->addr = ib_dma_map_single(domain->ibdev, domain->sink_mem,
				       sink->length, DMA_FROM_DEVICE);
	if (!ib_dma_mapping_error(domain->ibdev, sink->addr))
		return 0;
	kfree(domain->sink_mem);
	return -ENOMEM;
}

static void kfv_domain_free_sink(struct kfv_domain *domain)
{
	ib_dma_unmap_single(domain->ibdev, domain->sink.addr,
			    domain->sink.length, DMA_FROM_DEVICE);
	kfree(domain->sink_mem);
}

static int kfv_domain_bring_up(struct kfv_domain *domain,
			       const struct kfi_domain_attr *attr)
{
	struct ib_pd *pd;
	int ret;

	lockdep_assert_held(&domain->dev->lock);

	if (domain->dev->dead)
		return -ENODEV;
	domain->ibdev = domain->dev->ibdev;
	ret = kfv_offer_check_domain(domain->ibdev, domain->port, attr);
	if (ret)
		return ret;
	domain->iwarp = rdma_protocol_iwarp(domain->ibdev, domain->port);
	domain->virt_dma = ib_uses_virt_dma(domain->ibdev);
	domain->serial = attr->threading != KFI_THREAD_UNSPEC &&
			 attr->threading != KFI_THREAD_SAFE;
	/* where somebody has to wait for the first message */
	domain->manual = attr->data_progress == KFI_PROGRESS_MANUAL &&
			 !domain->iwarp;
	pd = ib_alloc_pd(domain->ibdev, 0);
	if (IS_ERR(pd))
		return PTR_ERR(pd);
	domain->pd = pd;
	domain->offer = kfv_offer_make(domain->ibdev, domain->port, "", "",
				       KFI_RX_CQ_DATA);
	if (IS_ERR(domain->offer)) {
		ret = PTR_ERR(domain->offer);
		goto dealloc_pd;
	}
	ret = kfv_domain_make_sink(domain);
	if (ret)
		goto free_offer;
	kfv_mrpool_init(domain);
	kfv_pmem_publish_init(domain);
	ret = kfv_regq_create(domain);
	if (ret)
		goto free_sink;
	list_add_tail(&domain->dev_link, &domain->dev->domains);
	return 0;

free_sink:
	kfv_domain_free_sink(domain);
free_offer:
	kfi_freeinfo(domain->offer);
dealloc_pd:
	ib_dealloc_pd(pd);
	return ret;
}

static void kfv_domain_kill_objects(struct kfv_domain *domain)
{
	struct kfv_ep *ep, *next_ep;
	struct kfv_mr *mr, *next_mr;
	struct kfv_cq *cq, *next_cq;

	lockdep_assert_held(&domain->lock);

	list_for_each_entry_safe(ep, next_ep, &domain->eps, link)
		kfv_ep_stop(ep);
	list_for_each_entry_safe(mr, next_mr, &domain->mrs, link)
		kfv_mr_kill(mr);
	list_for_each_entry_safe(cq, next_cq, &domain->cqs, link)
		kfv_cq_kill(cq);
}

/**
 * kfv_domain_kill - take down all hardware of a domain
 * @domain: the domain; its device's lock is held
 *
 * Does nothing the second time.
 *
 * Context: Process.
 */
void kfv_domain_kill(struct kfv_domain *domain)
{
	lockdep_assert_held(&domain->dev->lock);

	down_write(&domain->gate);
	mutex_lock(&domain->lock);
	if (!domain->dead) {
		domain->dead = true;
		kfv_domain_kill_objects(domain);
		kfv_regq_destroy(domain);
		kfv_mrpool_destroy(domain);
		kfv_domain_free_sink(domain);
		kfi_freeinfo(domain->offer);
		ib_dealloc_pd(domain->pd);
		trace_kfv_domain_kill(&domain->node, domain->port, 0);
	}
	mutex_unlock(&domain->lock);
	up_write(&domain->gate);
}

/**
 * kfv_domain_break - the device of a domain does not work any more, or not as
 *	peers were told
 * @domain: the domain; its device's lock is held
 * @persistent: it is about endpoints with KFI_RMA_PMEM only that have told so
 *
 * Ends the connections of these endpoints; their hardware stays until they are
 * closed or the device is removed.
 *
 * Context: Process.
 */
void kfv_domain_break(struct kfv_domain *domain, bool persistent)
{
	const unsigned long relies = KFV_CONN_ATTEMPT | KFV_CONN_ALIVE;
	struct kfv_ep *ep;

	lockdep_assert_held(&domain->dev->lock);

	mutex_lock(&domain->lock);
	list_for_each_entry(ep, &domain->eps, link)
		if (!persistent || (ep->commit && kfv_conn_in(ep, relies)))
			kfv_conn_broken(ep);
	mutex_unlock(&domain->lock);
}

static void kfv_domain_free(struct kfv_domain *domain)
{
	kfv_device_put(domain->dev);
	mutex_destroy(&domain->lock);
	kfi_fid_fini(&domain->node);
	kfree(domain);
}

static int kfv_domain_close(struct kfid *fid)
{
	struct kfv_domain *domain = kfv_domain(fid);
	struct kfv_device *dev = domain->dev;
	int ret;

	ret = kfi_fid_retire(&domain->node);
	if (ret)
		return ret;
	mutex_lock(&dev->lock);
	kfv_domain_kill(domain);
	list_del(&domain->dev_link);
	mutex_unlock(&dev->lock);
	kfv_domain_free(domain);
	return 0;
}

static void kfv_domain_show(struct seq_file *m, struct kfid *fid)
{
	struct kfv_domain *domain = kfv_domain(fid);
	char name[IB_DEVICE_NAME_MAX];

	kfv_device_name(domain->dev, name);
	seq_printf(m, " device=%s port=%u dead=%d virt_dma=%d pool=%u pages=%u",
		   name, domain->port, READ_ONCE(domain->dead),
		   domain->virt_dma, READ_ONCE(domain->pool.count),
		   domain->pool.max_pages);
}

static const struct kfi_fid_type kfv_domain_type = {
	.fclass = KFI_CLASS_DOMAIN,
	.name = "domain",
	.show = kfv_domain_show,
};

static struct kfi_ops kfv_domain_fid_ops __ro_after_init = {
	.close = kfv_domain_close,
};

static struct kfi_ops_domain kfv_domain_ops __ro_after_init = {
	.cq_open = kfv_cq_open,
	.endpoint = kfv_ep_open,
};

/**
 * kfv_domain_is - whether an open domain is ours, alive and of a certain name
 * @domain: an open domain of any provider
 * @name: "<device>" or "<device>/<port>"
 *
 * Context: Process.
 * Return: true if so.
 */
bool kfv_domain_is(const struct kfid_domain *domain, const char *name)
{
	const struct kfv_domain *dom =
		container_of(domain, struct kfv_domain, domain);
	struct kfv_device *dev;
	bool same;
	u32 port;

	if (domain->ops != &kfv_domain_ops)
		return false;
	dev = kfv_device_get_by_name(name, &port);
	if (!dev)
		return false;
	same = dev == dom->dev && port == dom->port;
	kfv_device_put(dev);
	return same;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_domain_is);

/* What can be said without the device. */
static int kfv_domain_check(const struct kfv_fabric *fabric,
			    const struct kfi_info *info)
{
	if (!info || !info->domain_attr || !info->domain_attr->name)
		return -EINVAL;
	if (!kfv_fabric_fits(fabric, info))
		return -EINVAL;
	if (info->ep_attr && info->ep_attr->type != KFI_EP_UNSPEC &&
	    info->ep_attr->type != KFI_EP_MSG)
		return -EINVAL;
	return 0;
}

static struct kfv_domain *kfv_domain_alloc(struct kfv_fabric *fabric,
					   const char *name)
{
	struct kfv_domain *domain;

	domain = kzalloc(sizeof(*domain), GFP_KERNEL);
	if (!domain)
		return ERR_PTR(-ENOMEM);
	domain->dev = kfv_device_get_by_name(name, &domain->port);
	if (!domain->dev) {
		kfree(domain);
		return ERR_PTR(-ENODEV);
	}
	domain->fabric = fabric;
	domain->domain.ops = &kfv_domain_ops;
	domain->domain.mr = &kfv_mr_ops;
	init_rwsem(&domain->gate);
	mutex_init(&domain->lock);
	INIT_LIST_HEAD(&domain->eps);
	INIT_LIST_HEAD(&domain->cqs);
	spin_lock_init(&domain->mrs_lock);
	INIT_LIST_HEAD(&domain->mrs);
	return domain;
}

/**
 * kfv_domain_open - kfi_domain() of the verbs provider
 * @fabric: parent
 * @info: answer of kfi_getinfo()
 * @domain: where to put the domain
 * @context: the client's
 *
 * Context: Process.
 * Return: 0; -EINVAL if @info lacks the domain's name, is of another fabric or
 * endpoint type or asks for more than the device has; -ENODEV if the device is
 * not there; -ENETDOWN if the port has no address; -ESHUTDOWN if @fabric is
 * being closed; -ENOMEM, or what the device answered.
 */
int kfv_domain_open(struct kfid_fabric *fabric, struct kfi_info *info,
		    struct kfid_domain **domain, void *context)
{
	struct kfv_fabric *parent = kfv_fabric(&fabric->fid);
	struct kfv_domain *dom;
	int ret;

	ret = kfv_domain_check(parent, info);
	if (ret || !domain)
		return ret ?: -EINVAL;
	dom = kfv_domain_alloc(parent, info->domain_attr->name);
	if (IS_ERR(dom))
		return PTR_ERR(dom);
	ret = kfi_fid_init(&dom->node, &dom->domain.fid, &kfv_domain_type,
			   &kfv_domain_fid_ops, &fabric->fid, context);
	if (ret)
		goto put_device;

	mutex_lock(&dom->dev->lock);
	ret = kfv_domain_bring_up(dom, info->domain_attr);
	mutex_unlock(&dom->dev->lock);
	trace_kfv_domain_open(&dom->node, dom->port, ret);
	if (ret)
		goto free_domain;

	*domain = &dom->domain;
	kfi_fid_publish(&dom->node);
	return 0;

free_domain:
	kfv_domain_free(dom);
	return ret;
put_device:
	kfv_device_put(dom->dev);
	kfree(dom);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_domain_open);

/**
 * kfv_domain_init_ops - complete the tables of this file
 *
 * Context: While the module is loading.
 */
void kfv_domain_init_ops(void)
{
	kfi_ops_fill(&kfv_domain_fid_ops, &kfi_enosys_fid);
	kfi_ops_fill(&kfv_domain_ops, &kfi_enosys_domain);
}
