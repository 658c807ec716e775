// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Opens objects that are closed after the case.
 */
#include <linux/slab.h>

#include "func.h"

#define FUNC_QUEUE	32

/**
 * func_getinfo - ask for MSG endpoints with RMA
 * @t: the case
 * @node: name or address
 * @service: port, or NULL
 * @flags: for kfi_getinfo()
 *
 * Return: a list, or NULL after a complaint.
 */
struct kfi_info *func_getinfo(struct func *t, const char *node,
			      const char *service, u64 flags)
{
	struct kfi_info *hints = kfi_allocinfo(), *info;
	int rc;

	if (!CHECK(t, hints))
		return NULL;
	hints->caps = KFI_MSG | KFI_RMA | t->caps;
	hints->ep_attr->type = KFI_EP_MSG;
	hints->domain_attr->mr_mode = KFI_MR_PROV_KEY;
	if (t->polled) {
		hints->domain_attr->threading = KFI_THREAD_DOMAIN;
		hints->domain_attr->data_progress = KFI_PROGRESS_MANUAL;
	}

	rc = kfi_getinfo(KFI_VERSION(1, 7), node, service, flags, hints, &info);
	kfi_freeinfo(hints);
	if (!CHECK_OK(t, rc))
		return NULL;
	return func_keep_info(t, info);
}

/**
 * func_dupinfo - copy an info until after the case
 * @t: the case
 * @info: the info
 *
 * Return: the copy, or NULL after a complaint.
 */
struct kfi_info *func_dupinfo(struct func *t, const struct kfi_info *info)
{
	return func_keep_info(t, kfi_dupinfo(info));
}

/**
 * func_open_fabric - open the fabric of t->info once more
 * @t: the case
 *
 * Return: the fabric, or NULL after a complaint.
 */
struct kfid_fabric *func_open_fabric(struct func *t)
{
	struct kfid_fabric *fabric;

	if (!CHECK_OK(t, kfi_fabric(t->info->fabric_attr, &fabric, t)))
		return NULL;
	return func_keep_fid(t, &fabric->fid) ? fabric : NULL;
}

/**
 * func_open_domain - open the domain of t->info once more
 * @t: the case
 * @fabric: where
 *
 * Return: the domain, or NULL after a complaint.
 */
struct kfid_domain *func_open_domain(struct func *t, struct kfid_fabric *fabric)
{
	struct kfid_domain *domain;

	if (!CHECK_OK(t, kfi_domain(fabric, t->info, &domain, t)))
		return NULL;
	return func_keep_fid(t, &domain->fid) ? domain : NULL;
}

/**
 * func_open_eq - open an event queue that can be waited for
 * @t: the case
 * @size: events, or 0
 *
 * Return: the queue, or NULL after a complaint.
 */
struct kfid_eq *func_open_eq(struct func *t, size_t size)
{
	struct kfi_eq_attr attr = {
		.size = size,
		.wait_obj = KFI_WAIT_UNSPEC,
	};
	struct kfid_eq *eq;

	if (!CHECK_OK(t, kfi_eq_open(t->fabric, &attr, &eq, NULL, t)))
		return NULL;
	return func_keep_fid(t, &eq->fid) ? eq : NULL;
}

/**
 * func_open_cq - open a completion queue that can be waited for with func_sread()
 * @t: the case
 * @domain: where
 * @opts: size, format, handler; or NULL
 *
 * Return: the queue, or NULL after a complaint.
 */
struct kfid_cq *func_open_cq(struct func *t, struct kfid_domain *domain,
			     const struct func_opts *opts)
{
	static const struct func_opts none;
	struct kfi_cq_attr attr = {
		.wait_obj = KFI_WAIT_UNSPEC,
	};
	struct kfid_cq *cq;

	opts = opts ?: &none;
	if (t->polled && !opts->handler)
		attr.wait_obj = KFI_WAIT_NONE;
	attr.size = opts->cq_size ?: 2 * FUNC_QUEUE;
	attr.format = opts->format ?: KFI_CQ_FORMAT_TAGGED;
	if (!CHECK_OK(t, kfi_cq_open(domain, &attr, &cq, opts->handler,
				     opts->context)))
		return NULL;
	return func_keep_fid(t, &cq->fid) ? cq : NULL;
}

/**
 * func_open_ep - open an endpoint
 * @t: the case
 * @domain: where
 * @info: what to make it from
 * @opts: sizes, or NULL
 *
 * Return: the endpoint, or NULL after a complaint.
 */
struct kfid_ep *func_open_ep(struct func *t, struct kfid_domain *domain,
			     const struct kfi_info *info,
			     const struct func_opts *opts)
{
	struct kfi_info *mine = func_dupinfo(t, info);
	struct kfid_ep *ep;

	if (!mine)
		return NULL;
	mine->tx_attr->size = opts && opts->tx_size ? opts->tx_size : FUNC_QUEUE;
	mine->rx_attr->size = opts && opts->rx_size ? opts->rx_size : FUNC_QUEUE;
	if (!CHECK_OK(t, kfi_endpoint(domain, mine, &ep, t)))
		return NULL;
	return func_keep_fid(t, &ep->fid) ? ep : NULL;
}

/**
 * func_open_mr - register one range
 * @t: the case
 * @domain: where
 * @buf: start
 * @len: bytes
 * @access: rights
 *
 * Return: the region, or NULL after a complaint.
 */
struct kfid_mr *func_open_mr(struct func *t, struct kfid_domain *domain,
			     const void *buf, size_t len, u64 access)
{
	struct kfid_mr *mr;

	if (!CHECK_OK(t, kfi_mr_reg(domain, buf, len, access, 0, 0, 0, &mr, t)))
		return NULL;
	return func_keep_fid(t, &mr->fid) ? mr : NULL;
}

/**
 * func_open_mr_buf - register the bytes of a buffer that are in use
 * @t: the case
 * @domain: where
 * @buf: the buffer
 * @access: rights
 *
 * Return: the region, or NULL after a complaint.
 */
struct kfid_mr *func_open_mr_buf(struct func *t, struct kfid_domain *domain,
				 const struct ktl_buf *buf, u64 access)
{
	struct kfi_mr_attr attr = {
		.type = ktl_buf_type(buf),
		.mr_iov = ktl_buf_list(buf, 0),
		.iov_count = buf->count,
		.access = access,
		.context = t,
	};
	struct kfid_mr *mr;

	if (!CHECK_OK(t, kfi_mr_regattr(domain, &attr, 0, &mr)))
		return NULL;
	return func_keep_fid(t, &mr->fid) ? mr : NULL;
}

static bool func_bind_end(struct func *t, struct func_end *end,
			  const struct func_opts *opts)
{
	u64 tx_flags = KFI_TRANSMIT | (opts ? opts->tx_flags : 0);

	return CHECK_OK(t, kfi_ep_bind(end->ep, &end->eq->fid, 0)) &&
	       CHECK_OK(t, kfi_ep_bind(end->ep, &end->tx_cq->fid, tx_flags)) &&
	       CHECK_OK(t, kfi_ep_bind(end->ep, &end->rx_cq->fid, KFI_RECV)) &&
	       CHECK_OK(t, kfi_enable(end->ep));
}

/**
 * func_open_end - open an enabled endpoint with queues of its own
 * @t: the case
 * @end: where to put them; queues that are there already are used
 * @domain: where
 * @info: what to make the endpoint from
 * @opts: how, or NULL
 *
 * Return: true, or false after a complaint.
 */
bool func_open_end(struct func *t, struct func_end *end,
		   struct kfid_domain *domain, const struct kfi_info *info,
		   const struct func_opts *opts)
{
	end->eq = end->eq ?: func_open_eq(t, opts ? opts->eq_size : 0);
	end->tx_cq = end->tx_cq ?: func_open_cq(t, domain, opts);
	if (opts && opts->one_cq)
		end->rx_cq = end->tx_cq;
	end->rx_cq = end->rx_cq ?: func_open_cq(t, domain, opts);
	if (!end->eq || !end->tx_cq || !end->rx_cq)
		return false;
	end->ep = func_open_ep(t, domain, info, opts);
	return end->ep && func_bind_end(t, end, opts);
}

/**
 * func_move - let a case run at another port, or at another address of it
 * @t: the case; it keeps what it has opened
 * @info: what t->info, t->fabric and t->domain are to be
 *
 * Return: true, or false after a complaint.
 */
bool func_move(struct func *t, struct kfi_info *info)
{
	t->info = info;
	t->fabric = func_open_fabric(t);
	if (!t->fabric)
		return false;
	t->domain = func_open_domain(t, t->fabric);
	return t->domain;
}

/**
 * func_fixture_open - open what a case needs
 * @t: the case
 * @fixture: how much
 *
 * Return: true, or false after a complaint.
 */
bool func_fixture_open(struct func *t, enum func_fixture fixture)
{
	if (fixture == FUNC_PERSIST)
		t->caps = KFI_RMA_PMEM;
	t->info = func_getinfo(t, func_node, NULL, KFI_SOURCE);
	if (!t->info)
		return false;
	if (fixture >= FUNC_FABRIC) {
		t->fabric = func_open_fabric(t);
		if (!t->fabric)
			return false;
	}
	if (fixture >= FUNC_DOMAIN) {
		t->domain = func_open_domain(t, t->fabric);
		if (!t->domain)
			return false;
	}
	if (fixture >= FUNC_PAIR)
		return func_pair(t, &t->a, &t->b, NULL);
	return true;
}
