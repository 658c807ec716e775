// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Connections of kfabric
 *
 * Purpose: two endpoints that are connected to each other, with regions for all
 * memory that is written to.
 *
 * Operation: one thread plays both sides; nothing here waits while the other side
 * still has to act.
 */
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <linux/string.h>

#include "perf.h"
#include "link.h"

#define KFP_LINK_TIMEOUT	10000	/* milliseconds */

static int kfp_link_failed(struct kfp_link *link, const char *what, int rc)
{
	ktl_session_printf(link->perf->session, "%s: %s\n", what,
			   kfi_strerror(-rc));
	return rc;
}

static int kfp_link_getinfo(struct kfp_link *link)
{
	struct kfi_info *hints = kfi_allocinfo();
	int rc;

	if (!hints)
		return -ENOMEM;
	hints->caps = KFI_MSG | KFI_RMA | link->caps;
	hints->ep_attr->type = KFI_EP_MSG;
	hints->domain_attr->mr_mode = KFI_MR_PROV_KEY;
	if (link->flags & KFP_LINK_POLLED) {
		hints->domain_attr->threading = KFI_THREAD_DOMAIN;
		hints->domain_attr->data_progress = KFI_PROGRESS_MANUAL;
	}
	rc = kfi_getinfo(KFI_VERSION(1, 7), link->perf->addr, NULL, KFI_SOURCE,
			 hints, &link->info);
	kfi_freeinfo(hints);
	return rc ? kfp_link_failed(link, "kfi_getinfo", rc) : 0;
}

/* Reading until nothing is left arms it again. */
static void kfp_link_completed(struct kfid_cq *cq, void *context)
{
	struct kfp_link *link = context;

	complete(&link->perf->woken);
}

static int kfp_link_open_domain(struct kfp_link *link)
{
	struct kfi_eq_attr eq = { .wait_obj = KFI_WAIT_UNSPEC };
	struct kfi_cq_attr cq = {
		.size = KFP_DEPTH,
		.format = KFI_CQ_FORMAT_CONTEXT,
	};
	kfi_comp_handler handler = NULL;
	int rc;

	if (link->perf->wait == KFP_SLEEP && !(link->flags & KFP_LINK_POLLED))
		handler = kfp_link_completed;
	rc = kfi_fabric(link->info->fabric_attr, &link->fabric, link);
	if (rc)
		return kfp_link_failed(link, "kfi_fabric", rc);
	rc = kfi_eq_open(link->fabric, &eq, &link->eq, NULL, link);
	if (rc)
		return kfp_link_failed(link, "kfi_eq_open", rc);
	rc = kfi_domain(link->fabric, link->info, &link->domain, link);
	if (rc)
		return kfp_link_failed(link, "kfi_domain", rc);
	rc = kfi_cq_open(link->domain, &cq, &link->cq, handler, link);
	rc = rc ?: kfi_cq_open(link->domain, &cq, &link->peer_cq, NULL, link);
	return rc ? kfp_link_failed(link, "kfi_cq_open", rc) : 0;
}

static int kfp_link_register(struct kfp_link *link, enum kfp_to to, void *mem,
			     u64 flags)
{
	int rc;

	rc = kfi_mr_reg(link->domain, mem, KFP_AREA,
			KFI_REMOTE_WRITE | KFI_REMOTE_READ, 0, 0, flags,
			&link->mr[to], link);
	if (rc) {
		link->mr[to] = NULL;
		return kfp_link_failed(link, "kfi_mr_reg", rc);
	}
	link->key[to] = kfi_mr_key(link->mr[to]);
	return 0;
}

static int kfp_link_register_all(struct kfp_link *link)
{
	u64 flags = link->caps & KFI_RMA_PMEM;
	struct kfp *perf = link->perf;
	int rc;

	rc = kfp_link_register(link, KFP_TO_DRAM, perf->dram, 0);
	rc = rc ?: kfp_link_register(link, KFP_TO_PMEM, perf->pmem->mem, flags);
	return rc ?: kfp_link_register(link, KFP_TO_LEGACY, perf->legacy->mem,
				       flags);
}

static int kfp_link_listen(struct kfp_link *link)
{
	int rc;

	rc = kfi_passive_ep(link->fabric, link->info, &link->pep, link);
	if (rc) {
		link->pep = NULL;
		return kfp_link_failed(link, "kfi_passive_ep", rc);
	}
	rc = kfi_pep_bind(link->pep, &link->eq->fid, 0);
	rc = rc ?: kfi_listen(link->pep);
	return rc ? kfp_link_failed(link, "kfi_listen", rc) : 0;
}

static int kfp_link_open_ep(struct kfp_link *link, struct kfi_info *info,
			    struct kfid_cq *cq, struct kfid_ep **ep)
{
	u64 selective = link->flags & KFP_LINK_SELECTIVE ?
			KFI_SELECTIVE_COMPLETION : 0;
	int rc;

	info->tx_attr->size = KFP_DEPTH;
	info->rx_attr->size = 1;
	rc = kfi_endpoint(link->domain, info, ep, link);
	if (rc) {
		*ep = NULL;
		return kfp_link_failed(link, "kfi_endpoint", rc);
	}
	rc = kfi_ep_bind(*ep, &link->eq->fid, 0);
	rc = rc ?: kfi_ep_bind(*ep, &cq->fid, KFI_TRANSMIT | KFI_RECV | selective);
	rc = rc ?: kfi_enable(*ep);
	return rc ? kfp_link_failed(link, "kfi_enable", rc) : 0;
}

static int kfp_link_event(struct kfp_link *link, u32 wanted,
			  struct kfi_eq_cm_entry *entry)
{
	struct kfi_eq_err_entry err = {};
	u32 event = 0;
	ssize_t n;

	n = kfi_eq_sread(link->eq, &event, entry, sizeof(*entry),
			 KFP_LINK_TIMEOUT, 0);
	if (n == -KFI_EAVAIL && kfi_eq_readerr(link->eq, &err, 0) > 0)
		return kfp_link_failed(link, "connection", -err.err);
	if (n < 0)
		return kfp_link_failed(link, "kfi_eq_sread", n);
	return event == wanted ? 0 : -EPROTO;
}

static int kfp_link_accept(struct kfp_link *link)
{
	struct kfi_eq_cm_entry entry;
	int rc;

	rc = kfp_link_event(link, KFI_CONNREQ, &entry);
	if (rc)
		return rc;
	rc = kfp_link_open_ep(link, entry.info, link->peer_cq, &link->peer);
	kfi_freeinfo(entry.info);
	rc = rc ?: kfi_accept(link->peer, NULL, 0);
	rc = rc ?: kfp_link_event(link, KFI_CONNECTED, &entry);
	return rc ?: kfp_link_event(link, KFI_CONNECTED, &entry);
}

static int kfp_link_connect(struct kfp_link *link)
{
	struct sockaddr_storage name;
	size_t len = sizeof(name);
	int rc;

	rc = kfp_link_open_ep(link, link->info, link->cq, &link->ep);
	rc = rc ?: kfi_getname(&link->pep->fid, &name, &len);
	rc = rc ?: kfi_connect(link->ep, &name, NULL, 0);
	rc = rc ?: kfp_link_accept(link);
	return rc ? kfp_link_failed(link, "connect", rc) : 0;
}

/**
 * kfp_link_open - connect two endpoints
 * @perf: the command; has its memory
 * @caps: KFI_RMA_PMEM or 0
 * @flags: KFP_LINK_xxx
 *
 * Context: a kernel thread; may sleep.
 * Return: they, or an ERR_PTR() after a complaint.
 */
struct kfp_link *kfp_link_open(struct kfp *perf, u64 caps, u32 flags)
{
	struct kfp_link *link = kzalloc(sizeof(*link), GFP_KERNEL);
	int rc;

	if (!link)
		return ERR_PTR(-ENOMEM);
	link->perf = perf;
	link->caps = caps;
	link->flags = flags;
	rc = kfp_link_getinfo(link);
	rc = rc ?: kfp_link_open_domain(link);
	rc = rc ?: kfp_link_register_all(link);
	rc = rc ?: kfp_link_listen(link);
	rc = rc ?: kfp_link_connect(link);
	if (!rc)
		return link;
	kfp_link_close(link);
	return ERR_PTR(rc);
}

static void kfp_link_close_fid(struct kfid *fid)
{
	WARN_ON_ONCE(kfi_close(fid));
}

/**
 * kfp_link_close - close everything
 * @link: all of it or a part, or NULL, or an ERR_PTR()
 *
 * Context: process, may sleep.
 */
void kfp_link_close(struct kfp_link *link)
{
	int i;

	if (IS_ERR_OR_NULL(link))
		return;
	if (link->ep)
		kfp_link_close_fid(&link->ep->fid);
	if (link->peer)
		kfp_link_close_fid(&link->peer->fid);
	if (link->pep)
		kfp_link_close_fid(&link->pep->fid);
	for (i = 0; i < ARRAY_SIZE(link->mr); i++) {
		if (link->mr[i])
			kfp_link_close_fid(&link->mr[i]->fid);
	}
	if (link->peer_cq)
		kfp_link_close_fid(&link->peer_cq->fid);
	if (link->cq)
		kfp_link_close_fid(&link->cq->fid);
	if (link->domain)
		kfp_link_close_fid(&link->domain->fid);
	if (link->eq)
		kfp_link_close_fid(&link->eq->fid);
	if (link->fabric)
		kfp_link_close_fid(&link->fabric->fid);
	kfi_freeinfo(link->info);
	kfree(link);
}

/**
 * kfp_link_device - the RDMA device below
 * @link: is open
 *
 * Context: any.
 * Return: its name.
 */
const char *kfp_link_device(const struct kfp_link *link)
{
	return link->info->domain_attr->name;
}
