// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Completion queues
 *
 * Purpose: kfid_cq on one ib_cq. The core's completion ring stands in between:
 * it knows the formats, tells the client once, and keeps what was not read yet
 * when the device goes away.
 *
 * Operation: every work request holds a place in the ring from before it is
 * posted. A request that reports on success takes one of those that the client
 * asked for. All others (injected and suppressed ones, and all but the last of
 * a chain) take one of the spare places that were set aside at open. They may
 * stay in the queue, unsignalled, for as long as nobody wants to know of them,
 * and must not keep operations out that somebody does wait for: as soon as half
 * of the spare places are in use, such requests are signalled, so that the
 * places come back; without any left, one takes an ordinary place.
 *
 * Ownership: the CQ owns its ib_cq until it is closed or the device is gone.
 * Endpoints hold references, so no queue pair is left by then.
 *
 * Ordering: a completion is taken from the ib_cq before its place in the ring
 * can be given back, so requests in flight and completions that were not polled
 * yet never outnumber the places in the ring. The ib_cq has as many, and room
 * for the drain markers, which are posted under domain->lock only.
 *
 * Errors: a request with a spare place that fails makes an entry after all. If
 * the ring has room, an ordinary place becomes spare instead; if not, that is
 * made up for when the next endpoint is enabled.
 */
#include <kunit/visibility.h>
#include <linux/minmax.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "data.h"
#include "trace.h"

/**
 * kfv_cq_refill - make up for spare places that became entries
 * @cq: completion queue
 *
 * Context: any.
 */
void kfv_cq_refill(struct kfv_cq *cq)
{
	while (atomic_add_unless(&cq->missing, -1, 0)) {
		if (!kfi_cqring_reserve(&cq->ring)) {
			atomic_inc(&cq->missing);
			return;
		}
		atomic_inc(&cq->spare);
	}
}

/**
 * kfv_cq_push - report a completion
 * @cq: completion queue
 * @entry: the completion
 * @spare: the place that the request held is a spare one
 *
 * Context: any, but without the lock of a queue: the client may be called.
 */
void kfv_cq_push(struct kfv_cq *cq, const struct kfi_cqring_entry *entry,
		 bool spare)
{
	if (unlikely(spare)) {
		atomic_inc(&cq->missing);
		kfv_cq_refill(cq);
	}
	kfi_cqring_push(&cq->ring, entry);
	if (cq->wcs)
		kfv_poll_pushed(cq);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_cq_push);

static ssize_t kfv_cq_read(struct kfid_cq *cq, void *buf, size_t count)
{
	struct kfi_cqring *ring = &kfv_cq(&cq->fid)->ring;

	/* often asked for in vain, by who has no handler that would have to be armed */
	if (!cq->comp_handler && buf && count && kfi_cqring_is_empty(ring))
		return -EAGAIN;
	return kfi_cqring_read(ring, buf, count, NULL);
}

static ssize_t kfv_cq_readfrom(struct kfid_cq *cq, void *buf, size_t count,
			       kfi_addr_t *src_addr)
{
	return kfi_cqring_read(&kfv_cq(&cq->fid)->ring, buf, count, src_addr);
}

static ssize_t kfv_cq_readerr(struct kfid_cq *cq, struct kfi_cq_err_entry *buf,
			      uint64_t flags)
{
	return kfi_cqring_readerr(&kfv_cq(&cq->fid)->ring, buf, flags);
}

static ssize_t kfv_cq_sread(struct kfid_cq *cq, void *buf, size_t count,
			    const void *cond, int timeout)
{
	return kfi_cqring_sread(&kfv_cq(&cq->fid)->ring, buf, count, NULL, cond,
				timeout);
}

static ssize_t kfv_cq_sreadfrom(struct kfid_cq *cq, void *buf, size_t count,
				kfi_addr_t *src_addr, const void *cond,
				int timeout)
{
	return kfi_cqring_sread(&kfv_cq(&cq->fid)->ring, buf, count, src_addr,
				cond, timeout);
}

static int kfv_cq_signal(struct kfid_cq *cq)
{
	return kfi_cqring_signal(&kfv_cq(&cq->fid)->ring);
}

static const char *kfv_cq_strerror(struct kfid_cq *cq, int prov_errno,
				   const void *err_data, char *buf, size_t len)
{
	const char *text = ib_wc_status_msg(prov_errno);

	if (buf && len)
		strscpy(buf, text, len);
	return text;
}

static void kfv_cq_show(struct seq_file *m, struct kfid *fid)
{
	struct kfv_cq *cq = kfv_cq(fid);

	seq_printf(m, " size=%u room=%d spare=%d", kfv_cq_size(cq),
		   atomic_read(&cq->ring.room), kfv_cq_spare(cq));
}

/**
 * kfv_cq_kill - free the hardware of a CQ
 * @cq: completion queue that no queue pair uses any more
 *
 * What was not read yet stays readable.
 *
 * Context: process, with domain->lock.
 */
void kfv_cq_kill(struct kfv_cq *cq)
{
	lockdep_assert_held(&cq->domain->lock);

	if (!cq->ibcq)
		return;
	trace_kfv_cq_kill(&cq->node, cq->ring.size, 0);
	list_del(&cq->link);
	/* for good */
	kfv_poll_hold(cq);
	/* waits for the completion handlers, which take spinlocks only */
	ib_free_cq(cq->ibcq);
	cq->ibcq = NULL;
}

static void kfv_cq_destroy_ring(struct kfv_cq *cq)
{
	kfree(cq->wcs);
	kfi_cqring_unreserve(&cq->ring, kfv_cq_spare(cq));
	kfi_cqring_destroy(&cq->ring);
}

static int kfv_cq_close(struct kfid *fid)
{
	struct kfv_cq *cq = kfv_cq(fid);
	int rc;

	rc = kfi_fid_retire(&cq->node);
	if (rc)
		return rc;

	mutex_lock(&cq->domain->lock);
	kfv_cq_kill(cq);
	mutex_unlock(&cq->domain->lock);

	kfv_cq_destroy_ring(cq);
	kfi_fid_fini(&cq->node);
	kfree(cq);
	return 0;
}

static const struct kfi_fid_type kfv_cq_type = {
	.fclass = KFI_CLASS_CQ,
	.name = "cq",
	.show = kfv_cq_show,
};

static struct kfi_ops kfv_cq_fid_ops __ro_after_init = {
	.close = kfv_cq_close,
};

static struct kfi_ops_cq kfv_cq_ops __ro_after_init = {
	.read = kfv_cq_read,
	.readfrom = kfv_cq_readfrom,
	.readerr = kfv_cq_readerr,
	.sread = kfv_cq_sread,
	.sreadfrom = kfv_cq_sreadfrom,
	.signal = kfv_cq_signal,
	.strerror = kfv_cq_strerror,
};

/* As many spare places as ordinary ones, within limits and the device's */
static u32 kfv_cq_count_spare(u32 entries, u32 places)
{
	return min(clamp(entries, KFV_MIN_SPARE, KFV_MAX_SPARE),
		   places - entries);
}

static int kfv_cq_init_ring(struct kfv_cq *cq, const struct kfi_cq_attr *attr)
{
	struct ib_device *ibdev = cq->domain->ibdev;
	u32 places = ibdev->attrs.max_cqe - kfv_qp_cqe(0);
	u32 max = places - KFV_MIN_SPARE;
	struct kfi_cq_attr total = *attr;
	int rc;

	if (!total.size)
		total.size = min_t(u32, max, KFV_DEF_CQ);
	if (total.size > max)
		return -EINVAL;
	cq->nr_spare = kfv_cq_count_spare(total.size, places);
	total.size += cq->nr_spare;

	rc = kfi_cqring_init(&cq->ring, &total, places, ibdev_to_node(ibdev),
			     &cq->cq);
	if (rc)
		return rc;
	cq->ring.goal_max -= cq->nr_spare;
	kfi_cqring_reserve_many(&cq->ring, cq->nr_spare);
	cq->low = cq->nr_spare - cq->nr_spare / 2;
	atomic_set(&cq->spare, cq->nr_spare - cq->low);
	atomic_set(&cq->missing, 0);
	return 0;
}

/* The CPU that the client names is served by the vector of the same number. */
static struct ib_cq *kfv_cq_alloc_hw(const struct kfv_cq *cq,
				     const struct kfi_cq_attr *attr)
{
	struct ib_device *ibdev = cq->domain->ibdev;
	u32 cqe = kfv_qp_cqe(cq->ring.size);

	if (cq->wcs)
		return ib_alloc_cq(ibdev, NULL, cqe, 0, IB_POLL_DIRECT);
	if (!(attr->flags & KFI_AFFINITY))
		return ib_alloc_cq_any(ibdev, NULL, cqe, IB_POLL_SOFTIRQ);
	return ib_alloc_cq(ibdev, NULL, cqe,
			   attr->signaling_vector % max(ibdev->num_comp_vectors, 1),
			   IB_POLL_SOFTIRQ);
}

/* If nobody is told of completions, who reads takes them out of the device. */
static int kfv_cq_init_polled(struct kfv_cq *cq)
{
	if (!cq->domain->manual || cq->cq.comp_handler || cq->ring.can_wait)
		return 0;
	cq->wcs = kcalloc_node(KFV_POLL_BATCH, sizeof(*cq->wcs), GFP_KERNEL,
			       ibdev_to_node(cq->domain->ibdev));
	if (!cq->wcs)
		return -ENOMEM;
	kfv_poll_set_ops(cq);
	return 0;
}

static int kfv_cq_create(struct kfv_cq *cq, struct kfi_cq_attr *attr)
{
	struct ib_cq *ibcq;
	int rc;

	lockdep_assert_held(&cq->domain->lock);

	if (cq->domain->dead)
		return -ENODEV;
	rc = kfv_cq_init_ring(cq, attr);
	if (rc)
		return rc;
	rc = kfv_cq_init_polled(cq);
	if (rc)
		goto destroy_ring;
	ibcq = kfv_cq_alloc_hw(cq, attr);
	rc = PTR_ERR_OR_ZERO(ibcq);
	trace_kfv_cq_open(&cq->node, cq->ring.size, rc);
	if (rc)
		goto destroy_ring;
	cq->ibcq = ibcq;
	attr->size = kfv_cq_size(cq);
	attr->format = cq->ring.format;
	list_add_tail(&cq->link, &cq->domain->cqs);
	return 0;

destroy_ring:
	kfv_cq_destroy_ring(cq);
	return rc;
}

static int kfv_cq_check(const struct kfi_cq_attr *attr)
{
	if (attr->flags & ~KFI_AFFINITY)
		return -KFI_EBADFLAGS;
	if (attr->flags & KFI_AFFINITY &&
	    (attr->signaling_vector < 0 ||
	     attr->signaling_vector >= nr_cpu_ids))
		return -EINVAL;
	return 0;
}

/**
 * kfv_cq_open - open a completion queue
 * @domain: parent
 * @attr: the client's wishes, NULL for default values; size and format come
 *	back as they are
 * @cq: where to put it
 * @handler: called when entries appear, or NULL; in softirq context as a rule,
 *	and with domain->lock held while an endpoint is being stopped. Without one and
 *	without a wait object, reads take completions out of the device if the domain
 *	was opened with KFI_PROGRESS_MANUAL; KFI_AFFINITY has no meaning then
 * @context: the client's
 *
 * Context: process, may sleep.
 * Return: 0; -KFI_EBADFLAGS; -EINVAL for a size, format or CPU out of range, or
 * without @cq; -ENOSYS for a wait object that is not supported; -ENODEV when
 * the device is gone; -ENOMEM, or what the device answered.
 */
int kfv_cq_open(struct kfid_domain *domain, struct kfi_cq_attr *attr,
		struct kfid_cq **cq, kfi_comp_handler handler, void *context)
{
	struct kfv_domain *dom = kfv_domain(&domain->fid);
	struct kfi_cq_attr defaults = {};
	struct kfv_cq *new;
	int rc;

	if (!cq)
		return -EINVAL;
	attr = attr ?: &defaults;
	rc = kfv_cq_check(attr);
	if (rc)
		return rc;

	new = kzalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return -ENOMEM;
	new->domain = dom;
	new->cq.ops = &kfv_cq_ops;
	new->cq.comp_handler = handler;
	rc = kfi_fid_init(&new->node, &new->cq.fid, &kfv_cq_type,
			  &kfv_cq_fid_ops, &domain->fid, context);
	if (rc)
		goto free;

	mutex_lock(&dom->lock);
	rc = kfv_cq_create(new, attr);
	mutex_unlock(&dom->lock);
	if (rc)
		goto fini;

	*cq = &new->cq;
	kfi_fid_publish(&new->node);
	return 0;
fini:
	kfi_fid_fini(&new->node);
free:
	kfree(new);
	return rc;
}

/**
 * kfv_cq_is - whether an object is a completion queue of a certain domain
 * @fid: an open object of any provider
 * @domain: a domain of ours
 *
 * Context: any.
 * Return: true if so.
 */
bool kfv_cq_is(const struct kfid *fid, const struct kfv_domain *domain)
{
	return fid->ops == &kfv_cq_fid_ops &&
	       container_of(fid, struct kfv_cq, cq.fid)->domain == domain;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_cq_is);

/**
 * kfv_cq_init_ops - complete the tables of operations
 *
 * Context: module init.
 */
void kfv_cq_init_ops(void)
{
	kfi_ops_fill(&kfv_cq_fid_ops, &kfi_enosys_fid);
	kfi_ops_fill(&kfv_cq_ops, &kfi_enosys_cq);
	kfv_poll_init_ops(&kfv_cq_ops);
}
