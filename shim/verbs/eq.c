// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Event queues
 *
 * Purpose: the core's event queue as an object of a fabric. conn.c and pep.c
 * push to it.
 *
 * Ownership: endpoints and listeners that are bound to the queue hold a
 * reference, so that closing it is -EBUSY while one could still push.
 *
 * Errors: prov_errno of an error event is what the connection manager said: a
 * negative errno, or the reason of a reject.
 */
#include <kunit/visibility.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <rdma/ib_cm.h>

#include "verbs.h"

static ssize_t kfv_eq_read(struct kfid_eq *eq, uint32_t *event, void *buf,
			   size_t len, uint64_t flags)
{
	return kfi_evq_read(&kfv_eq(&eq->fid)->evq, event, buf, len, flags);
}

static ssize_t kfv_eq_readerr(struct kfid_eq *eq, struct kfi_eq_err_entry *buf,
			      uint64_t flags)
{
	return kfi_evq_readerr(&kfv_eq(&eq->fid)->evq, buf, flags);
}

static ssize_t kfv_eq_write(struct kfid_eq *eq, uint32_t event,
			    const void *buf, size_t len, uint64_t flags)
{
	return kfi_evq_write(&kfv_eq(&eq->fid)->evq, event, buf, len, flags);
}

static ssize_t kfv_eq_sread(struct kfid_eq *eq, uint32_t *event, void *buf,
			    size_t len, int timeout, uint64_t flags)
{
	return kfi_evq_sread(&kfv_eq(&eq->fid)->evq, event, buf, len, timeout,
			     flags);
}

static const char *kfv_eq_strerror(struct kfid_eq *eq, int prov_errno,
				   const void *err_data, char *buf, size_t len)
{
	const char *text;

	if (prov_errno > 0)
		text = ibcm_reject_msg(prov_errno);
	else
		text = kfi_strerror(prov_errno);
	if (buf && len)
		strscpy(buf, text, len);
	return text;
}

static int kfv_eq_close(struct kfid *fid)
{
	struct kfv_eq *eq = kfv_eq(fid);
	int ret;

	ret = kfi_fid_retire(&eq->node);
	if (ret)
		return ret;
	kfi_evq_destroy(&eq->evq);
	kfi_fid_fini(&eq->node);
	kfree(eq);
	return 0;
}

static void kfv_eq_show(struct seq_file *m, struct kfid *fid)
{
	struct kfi_evq *evq = &kfv_eq(fid)->evq;

	seq_printf(m, " size=%zu used=%zu armed=%d", evq->size,
		   READ_ONCE(evq->used), READ_ONCE(evq->armed));
}

static const struct kfi_fid_type kfv_eq_type = {
	.fclass = KFI_CLASS_EQ,
	.name = "eq",
	.show = kfv_eq_show,
};

static struct kfi_ops kfv_eq_fid_ops __ro_after_init = {
	.close = kfv_eq_close,
};

static struct kfi_ops_eq kfv_eq_ops __ro_after_init = {
	.read = kfv_eq_read,
	.readerr = kfv_eq_readerr,
	.write = kfv_eq_write,
	.sread = kfv_eq_sread,
	.strerror = kfv_eq_strerror,
};

/**
 * kfv_eq_is - whether an object is an event queue of a certain fabric
 * @fid: an open object of any provider
 * @fabric: the fabric
 *
 * Context: Any.
 * Return: true if so.
 */
bool kfv_eq_is(const struct kfid *fid, const struct kfv_fabric *fabric)
{
	return fid->ops == &kfv_eq_fid_ops &&
	       container_of(fid, struct kfv_eq, eq.fid)->node.parent ==
	       &fabric->fabric.fid;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_eq_is);

/**
 * kfv_eq_open - kfi_eq_open() of the verbs provider
 * @fabric: parent
 * @attr: size, flags and wait object; NULL for the defaults
 * @eq: where to put the queue
 * @handler: one-shot event handler, or NULL
 * @context: the client's
 *
 * Context: Process.
 * Return: 0; -EINVAL; -KFI_EBADFLAGS; -ENOSYS for a wait object that the core
 * does not have; -ESHUTDOWN if @fabric is being closed; -ENOMEM.
 */
int kfv_eq_open(struct kfid_fabric *fabric, struct kfi_eq_attr *attr,
		struct kfid_eq **eq, kfi_event_handler handler, void *context)
{
	struct kfv_eq *queue;
	int ret;

	if (!eq)
		return -EINVAL;
	queue = kzalloc(sizeof(*queue), GFP_KERNEL);
	if (!queue)
		return -ENOMEM;
	ret = kfi_evq_init(&queue->evq, attr, &queue->eq);
	if (ret)
		goto free_eq;
	queue->eq.ops = &kfv_eq_ops;
	queue->eq.event_handler = handler;
	ret = kfi_fid_init(&queue->node, &queue->eq.fid, &kfv_eq_type,
			   &kfv_eq_fid_ops, &fabric->fid, context);
	if (ret)
		goto destroy_evq;

	*eq = &queue->eq;
	kfi_fid_publish(&queue->node);
	return 0;

destroy_evq:
	kfi_evq_destroy(&queue->evq);
free_eq:
	kfree(queue);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_eq_open);

/**
 * kfv_eq_init_ops - complete the tables of this file
 *
 * Context: While the module is loading.
 */
void kfv_eq_init_ops(void)
{
	kfi_ops_fill(&kfv_eq_fid_ops, &kfi_enosys_fid);
	kfi_ops_fill(&kfv_eq_ops, &kfi_enosys_eq);
}
