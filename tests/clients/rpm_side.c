// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Remote persistent memory
 *
 * Purpose: two ends of a connection over which one writes into memory of the
 * other that survives a power cut. This file opens and closes the objects that
 * both ends need, and takes the events.
 *
 * Operation: the target registers its memory with KFI_RMA_PMEM and listens
 * (rpm_target.c). The initiator opens its endpoint from an info with that
 * capability and learns from the private data of the answer how large the
 * memory is and by which keys to reach it (rpm_conn.c). From then on the target
 * has nothing to do: what a commit needs of it is between the providers.
 *
 * Memory that does not persist is lent and used in the same way without
 * KFI_RMA_PMEM; then there is nothing that could be committed.
 *
 * Ownership: everything belongs to the side and is closed in the reverse order.
 *
 * Ordering: events come one by one, from one work item. Nobody else takes them.
 *
 * Errors: while a side is opened, in words to the session of the command; what
 * happens later goes to the kernel log.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/string.h>

#include "rpm.h"

const char *const rpm_levels[] = {
	[RPM_COMMIT] = "commit",
	[RPM_TRANSMIT] = "transmit",
	NULL
};
EXPORT_SYMBOL_GPL(rpm_levels);

/**
 * rpm_side_failed - say what failed and why
 * @side: which side
 * @what: what it tried
 * @rc: negative errno
 *
 * Context: process, may sleep.
 * Return: @rc.
 */
int rpm_side_failed(struct rpm_side *side, const char *what, int rc)
{
	if (side->session)
		ktl_session_printf(side->session, "%s: %s: %s\n", side->name,
				   what, kfi_strerror(-rc));
	else
		pr_warn("%s: %s: %s\n", side->name, what, kfi_strerror(-rc));
	return rc;
}
EXPORT_SYMBOL_GPL(rpm_side_failed);

static void rpm_side_take_error(struct rpm_side *side)
{
	struct kfi_eq_err_entry entry = {};

	if (kfi_eq_readerr(side->eq, &entry, 0) >= 0)
		side->on_error(side, &entry);
}

/* Reading until nothing is left arms the handler again. */
static void rpm_side_work(struct work_struct *work)
{
	struct rpm_side *side = container_of(work, struct rpm_side, work);
	struct rpm_event entry;
	u32 event;
	ssize_t n;

	do {
		n = kfi_eq_read(side->eq, &event, &entry.cm, sizeof(entry), 0);
		if (n == -KFI_EAVAIL)
			rpm_side_take_error(side);
		else if (n >= (ssize_t)sizeof(entry.cm))
			side->on_event(side, event, &entry,
				       n - sizeof(entry.cm));
	} while (n >= 0 || n == -KFI_EAVAIL);
}

static void rpm_side_event_handler(struct kfid_eq *eq, void *context)
{
	struct rpm_side *side = context;

	schedule_work(&side->work);
}

static struct kfi_info *rpm_side_hints(const struct rpm_side *side)
{
	struct kfi_info *hints = kfi_allocinfo();

	if (!hints)
		return NULL;
	hints->caps = KFI_MSG | KFI_RMA;
	if (side->persists)
		hints->caps |= KFI_RMA_PMEM;
	hints->ep_attr->type = KFI_EP_MSG;
	hints->domain_attr->mr_mode = KFI_MR_PROV_KEY;
	return hints;
}

/**
 * rpm_side_open - find the way to an address and open its fabric
 * @side: the side; name, session, persists and handlers are set
 * @opts: address and port of this side with KFI_SOURCE in @flags, else the
 *	peer's
 * @flags: for kfi_getinfo()
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int rpm_side_open(struct rpm_side *side, const struct rpm_opts *opts, u64 flags)
{
	struct kfi_eq_attr attr = { .wait_obj = KFI_WAIT_NONE };
	struct kfi_info *hints;
	int rc;

	INIT_WORK(&side->work, rpm_side_work);
	hints = rpm_side_hints(side);
	if (!hints)
		return -ENOMEM;
	rc = kfi_getinfo(KFI_VERSION(1, 7), opts->addr, opts->port, flags,
			 hints, &side->info);
	kfi_freeinfo(hints);
	if (rc)
		return rpm_side_failed(side, "kfi_getinfo", rc);

	rc = kfi_fabric(side->info->fabric_attr, &side->fabric, side);
	if (rc)
		return rpm_side_failed(side, "kfi_fabric", rc);

	rc = kfi_eq_open(side->fabric, &attr, &side->eq,
			 rpm_side_event_handler, side);
	return rc ? rpm_side_failed(side, "kfi_eq_open", rc) : 0;
}

/**
 * rpm_side_open_domain - open the device and a completion queue on it
 * @side: has a fabric
 * @cq_size: entries of the queue
 * @handler: called when there are some, or NULL
 * @context: for @handler
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int rpm_side_open_domain(struct rpm_side *side, size_t cq_size,
			 kfi_comp_handler handler, void *context)
{
	struct kfi_cq_attr attr = {
		.size = cq_size,
		.format = KFI_CQ_FORMAT_CONTEXT,
		.wait_obj = KFI_WAIT_NONE,
	};
	int rc;

	rc = kfi_domain(side->fabric, side->info, &side->domain, side);
	if (rc)
		return rpm_side_failed(side, "kfi_domain", rc);

	rc = kfi_cq_open(side->domain, &attr, &side->cq, handler, context);
	return rc ? rpm_side_failed(side, "kfi_cq_open", rc) : 0;
}

static int rpm_side_bind_ep(struct rpm_side *side, struct kfid_ep *ep)
{
	int rc;

	rc = kfi_ep_bind(ep, &side->eq->fid, 0);
	if (rc)
		return rc;
	rc = kfi_ep_bind(ep, &side->cq->fid, KFI_TRANSMIT | KFI_RECV);
	if (rc)
		return rc;
	return kfi_enable(ep);
}

/**
 * rpm_side_open_ep - open an endpoint that is ready to be connected
 * @side: has a domain
 * @info: of kfi_getinfo() to connect, of a connection request to accept it
 * @size: operations that it has outstanding
 * @ep: where to put it
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int rpm_side_open_ep(struct rpm_side *side, struct kfi_info *info, size_t size,
		     struct kfid_ep **ep)
{
	int rc;

	info->tx_attr->size = size;
	info->rx_attr->size = 1;
	rc = kfi_endpoint(side->domain, info, ep, side);
	if (rc) {
		*ep = NULL;
		return rpm_side_failed(side, "kfi_endpoint", rc);
	}

	rc = rpm_side_bind_ep(side, *ep);
	if (rc) {
		rpm_side_close_fid(side, "close endpoint", &(*ep)->fid);
		*ep = NULL;
		return rpm_side_failed(side, "kfi_enable", rc);
	}
	return 0;
}

/**
 * rpm_side_close_fid - close an object and complain if that fails
 * @side: whose it is
 * @what: to complain about
 * @fid: the object
 *
 * Context: process, may sleep.
 */
void rpm_side_close_fid(struct rpm_side *side, const char *what,
			struct kfid *fid)
{
	int rc = kfi_close(fid);

	if (rc)
		rpm_side_failed(side, what, rc);
}

/**
 * rpm_side_close - close what rpm_side_open() and rpm_side_open_domain() opened
 * @side: the side, all zero or partly open; without endpoints
 *
 * Context: process, may sleep.
 */
void rpm_side_close(struct rpm_side *side)
{
	if (side->cq)
		rpm_side_close_fid(side, "close completion queue",
				   &side->cq->fid);
	if (side->domain)
		rpm_side_close_fid(side, "close domain", &side->domain->fid);
	if (side->eq) {
		cancel_work_sync(&side->work);
		rpm_side_close_fid(side, "close event queue", &side->eq->fid);
		/* its handler may have run in between */
		cancel_work_sync(&side->work);
	}
	if (side->fabric)
		rpm_side_close_fid(side, "close fabric", &side->fabric->fid);
	kfi_freeinfo(side->info);
	*side = (struct rpm_side) {};
}

MODULE_DESCRIPTION("Lends and uses remote persistent memory");
MODULE_LICENSE("Dual BSD/GPL");
