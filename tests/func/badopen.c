// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Bad input to the calls that open, bind and enable objects. After each, what
 * was there before is as good as new.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "func.h"

static void badopen_fabric(struct func *t)
{
	struct kfi_fabric_attr good = *t->info->fabric_attr, attr;
	struct kfid_fabric *fabric;

	CHECK_EQ(t, kfi_fabric(NULL, &fabric, t), -EINVAL);
	CHECK_EQ(t, kfi_fabric(&good, NULL, t), -EINVAL);
	attr = good;
	attr.name = NULL;
	CHECK_EQ(t, kfi_fabric(&attr, &fabric, t), -EINVAL);
	attr = good;
	attr.prov_name = NULL;
	CHECK_EQ(t, kfi_fabric(&attr, &fabric, t), -EINVAL);
	attr = good;
	attr.name = "nosuch";
	CHECK_EQ(t, kfi_fabric(&attr, &fabric, t), -ENODEV);
	attr = good;
	attr.prov_name = "nosuch";
	CHECK_EQ(t, kfi_fabric(&attr, &fabric, t), -ENODEV);
	func_open_fabric(t);
}

static struct kfi_fabric_attr func_elsewhere = { .name = "203.0.113.0/24" };

static void badopen_domain(struct func *t)
{
	struct kfi_info info = *t->info;
	struct kfi_domain_attr attr = *t->info->domain_attr;
	struct kfid_domain *domain;

	CHECK_EQ(t, kfi_domain(t->fabric, NULL, &domain, t), -EINVAL);
	info.domain_attr = NULL;
	CHECK_EQ(t, kfi_domain(t->fabric, &info, &domain, t), -EINVAL);
	info.domain_attr = &attr;
	attr.name = NULL;
	CHECK_EQ(t, kfi_domain(t->fabric, &info, &domain, t), -EINVAL);
	attr.name = "nosuch";
	CHECK_EQ(t, kfi_domain(t->fabric, &info, &domain, t), -ENODEV);
	attr.name = "";
	CHECK_EQ(t, kfi_domain(t->fabric, &info, &domain, t), -ENODEV);
	info = *t->info;
	info.fabric_attr = &func_elsewhere;
	CHECK_EQ(t, kfi_domain(t->fabric, &info, &domain, t), -EINVAL);
	func_open_domain(t, t->fabric);
}

static int func_try_cq(struct func *t, size_t size, u64 flags,
		       enum kfi_cq_format format, enum kfi_wait_obj wait)
{
	struct kfi_cq_attr attr = {
		.size = size,
		.flags = flags,
		.format = format,
		.wait_obj = wait,
	};
	struct kfid_cq *cq;
	int rc;

	rc = kfi_cq_open(t->domain, &attr, &cq, NULL, t);
	return rc ?: kfi_close(&cq->fid);
}

static void badopen_cq(struct func *t)
{
	struct kfid_cq *cq;

	CHECK_OK(t, func_try_cq(t, 0, 0, 0, KFI_WAIT_NONE));
	CHECK_OK(t, func_try_cq(t, 1, 0, KFI_CQ_FORMAT_DATA, KFI_WAIT_QUEUE));
	CHECK_OK(t, func_try_cq(t, 1, KFI_AFFINITY, 0, KFI_WAIT_NONE));
	CHECK_EQ(t, func_try_cq(t, SIZE_MAX, 0, 0, KFI_WAIT_NONE), -EINVAL);
	CHECK_EQ(t, func_try_cq(t, BIT_ULL(40), 0, 0, KFI_WAIT_NONE), -EINVAL);
	CHECK_EQ(t, func_try_cq(t, 8, KFI_MORE, 0, KFI_WAIT_NONE),
		 -KFI_EBADFLAGS);
	CHECK_EQ(t, func_try_cq(t, 8, 0, 99, KFI_WAIT_NONE), -EINVAL);
	CHECK_EQ(t, func_try_cq(t, 8, 0, 0, KFI_WAIT_SET), -ENOSYS);
	CHECK_EQ(t, func_try_cq(t, 8, 0, 0, 99), -ENOSYS);

	if (CHECK_OK(t, kfi_cq_open(t->domain, NULL, &cq, NULL, t)))
		CHECK_OK(t, kfi_close(&cq->fid));
}

static int func_try_eq(struct func *t, size_t size, u64 flags,
		       enum kfi_wait_obj wait)
{
	struct kfi_eq_attr attr = {
		.size = size,
		.flags = flags,
		.wait_obj = wait,
	};
	struct kfid_eq *eq;
	int rc;

	rc = kfi_eq_open(t->fabric, &attr, &eq, NULL, t);
	return rc ?: kfi_close(&eq->fid);
}

static void badopen_eq(struct func *t)
{
	struct kfid_eq *eq;

	CHECK_OK(t, func_try_eq(t, 0, 0, KFI_WAIT_NONE));
	CHECK_OK(t, func_try_eq(t, 1, KFI_WRITE, KFI_WAIT_UNSPEC));
	CHECK_EQ(t, func_try_eq(t, SIZE_MAX, 0, KFI_WAIT_NONE), -EINVAL);
	CHECK_EQ(t, func_try_eq(t, 8, KFI_MORE, KFI_WAIT_NONE),
		 -KFI_EBADFLAGS);
	CHECK_EQ(t, func_try_eq(t, 8, 0, KFI_WAIT_SET), -ENOSYS);
	CHECK_EQ(t, func_try_eq(t, 8, 0, 99), -ENOSYS);

	if (CHECK_OK(t, kfi_eq_open(t->fabric, NULL, &eq, NULL, t)))
		CHECK_OK(t, kfi_close(&eq->fid));
}

static int func_try_ep(struct func *t, struct kfi_info *info)
{
	struct kfid_ep *ep;
	int rc;

	rc = kfi_endpoint(t->domain, info, &ep, t);
	return rc ?: kfi_close(&ep->fid);
}

/* Each needed part is missed when it is not there. */
static void badopen_ep_missing(struct func *t)
{
	struct kfi_info info = *t->info;

	CHECK_EQ(t, func_try_ep(t, NULL), -EINVAL);
	info.ep_attr = NULL;
	CHECK_EQ(t, func_try_ep(t, &info), -EINVAL);
	info = *t->info;
	info.tx_attr = NULL;
	CHECK_EQ(t, func_try_ep(t, &info), -EINVAL);
	info = *t->info;
	info.rx_attr = NULL;
	CHECK_EQ(t, func_try_ep(t, &info), -EINVAL);
	CHECK_OK(t, func_try_ep(t, t->info));
}

static void badopen_ep_type(struct func *t)
{
	struct kfi_ep_attr attr = *t->info->ep_attr;
	struct kfi_info info = *t->info;

	info.ep_attr = &attr;
	attr.type = KFI_EP_DGRAM;
	CHECK_EQ(t, func_try_ep(t, &info), -EINVAL);
	attr.type = KFI_EP_RDM;
	CHECK_EQ(t, func_try_ep(t, &info), -EINVAL);
}

static void badopen_ep_limits(struct func *t)
{
	struct kfi_tx_attr tx = *t->info->tx_attr;
	struct kfi_rx_attr rx = *t->info->rx_attr;
	struct kfi_info info = *t->info;

	info.tx_attr = &tx;
	info.rx_attr = &rx;
	tx.size = SIZE_MAX;
	CHECK_EQ(t, func_try_ep(t, &info), -EINVAL);
	tx = *t->info->tx_attr;
	tx.iov_limit = 100000;
	CHECK_EQ(t, func_try_ep(t, &info), -EINVAL);
	tx = *t->info->tx_attr;
	tx.rma_iov_limit = 100000;
	CHECK_EQ(t, func_try_ep(t, &info), -EINVAL);
	tx = *t->info->tx_attr;
	tx.inject_size = SZ_1M;
	CHECK_EQ(t, func_try_ep(t, &info), -EINVAL);
	tx = *t->info->tx_attr;
	rx.size = SIZE_MAX;
	CHECK_EQ(t, func_try_ep(t, &info), -EINVAL);
	rx = *t->info->rx_attr;
	rx.iov_limit = 100000;
	CHECK_EQ(t, func_try_ep(t, &info), -EINVAL);
	rx = *t->info->rx_attr;
	CHECK_OK(t, func_try_ep(t, &info));
}

static void badopen_pep(struct func *t)
{
	struct kfi_ep_attr attr = *t->info->ep_attr;
	struct kfi_info info = *t->info;
	struct kfid_pep *pep;

	CHECK_EQ(t, kfi_passive_ep(t->fabric, NULL, &pep, t), -EINVAL);
	info.ep_attr = NULL;
	CHECK_EQ(t, kfi_passive_ep(t->fabric, &info, &pep, t), -EINVAL);
	info.ep_attr = &attr;
	attr.type = KFI_EP_RDM;
	CHECK_EQ(t, kfi_passive_ep(t->fabric, &info, &pep, t), -EINVAL);
	attr.type = KFI_EP_MSG;
	info.fabric_attr = &func_elsewhere;
	CHECK_EQ(t, kfi_passive_ep(t->fabric, &info, &pep, t), -EINVAL);
	info.fabric_attr = t->info->fabric_attr;
	if (CHECK_OK(t, kfi_passive_ep(t->fabric, &info, &pep, t)))
		CHECK_OK(t, kfi_close(&pep->fid));
}

static void badopen_bind_class(struct func *t)
{
	struct kfid_ep *ep = func_open_ep(t, t->domain, t->info, NULL);
	struct kfid_ep *other = func_open_ep(t, t->domain, t->info, NULL);

	if (!ep || !other)
		return;
	CHECK_EQ(t, kfi_ep_bind(ep, &t->domain->fid, 0), -EINVAL);
	CHECK_EQ(t, kfi_ep_bind(ep, &t->fabric->fid, 0), -EINVAL);
	CHECK_EQ(t, kfi_ep_bind(ep, &other->fid, 0), -EINVAL);
	CHECK_EQ(t, kfi_ep_bind(ep, &ep->fid, 0), -EINVAL);
	CHECK_EQ(t, kfi_ep_bind(ep, NULL, 0), -EINVAL);
}

/* Queues of another domain or fabric do not fit. */
static void badopen_bind_foreign(struct func *t)
{
	struct kfid_domain *domain = func_open_domain(t, t->fabric);
	struct kfid_fabric *mine = t->fabric, *fabric = func_open_fabric(t);
	struct kfid_ep *ep = func_open_ep(t, t->domain, t->info, NULL);
	struct kfid_cq *cq;
	struct kfid_eq *eq;

	if (!domain || !fabric || !ep)
		return;
	cq = func_open_cq(t, domain, NULL);
	t->fabric = fabric;
	eq = func_open_eq(t, 0);
	t->fabric = mine;
	if (!cq || !eq)
		return;
	CHECK_EQ(t, kfi_ep_bind(ep, &cq->fid, KFI_TRANSMIT), -EINVAL);
	CHECK_EQ(t, kfi_ep_bind(ep, &eq->fid, 0), -EINVAL);
}

static void badopen_bind_flags(struct func *t)
{
	struct kfid_ep *ep = func_open_ep(t, t->domain, t->info, NULL);
	struct kfid_cq *cq = func_open_cq(t, t->domain, NULL);
	struct kfid_eq *eq = func_open_eq(t, 0);

	if (!ep || !cq || !eq)
		return;
	CHECK_EQ(t, kfi_ep_bind(ep, &cq->fid, KFI_REMOTE_READ),
		 -KFI_EBADFLAGS);
	CHECK_EQ(t, kfi_ep_bind(ep, &cq->fid, KFI_TRANSMIT | BIT_ULL(40)),
		 -KFI_EBADFLAGS);
	CHECK_EQ(t, kfi_ep_bind(ep, &eq->fid, KFI_TRANSMIT), -KFI_EBADFLAGS);

	/* no flags are both directions */
	CHECK_OK(t, kfi_ep_bind(ep, &cq->fid, 0));
	CHECK_OK(t, kfi_ep_bind(ep, &eq->fid, 0));
	CHECK_OK(t, kfi_enable(ep));
}

static void badopen_bind_twice(struct func *t)
{
	struct kfid_ep *ep = func_open_ep(t, t->domain, t->info, NULL);
	struct kfid_cq *cq = func_open_cq(t, t->domain, NULL);
	struct kfid_eq *eq = func_open_eq(t, 0);

	if (!ep || !cq || !eq)
		return;
	CHECK_OK(t, kfi_ep_bind(ep, &cq->fid, KFI_TRANSMIT));
	CHECK_EQ(t, kfi_ep_bind(ep, &cq->fid, KFI_TRANSMIT), -EBUSY);
	CHECK_EQ(t, kfi_ep_bind(ep, &cq->fid, 0), -EBUSY);
	CHECK_OK(t, kfi_ep_bind(ep, &cq->fid, KFI_RECV));
	CHECK_OK(t, kfi_ep_bind(ep, &eq->fid, 0));
	CHECK_EQ(t, kfi_ep_bind(ep, &eq->fid, 0), -EBUSY);
	CHECK_OK(t, kfi_enable(ep));

	/* what failed holds nothing */
	func_close(t, &ep->fid);
	func_close(t, &cq->fid);
	func_close(t, &eq->fid);
}

static void badopen_bind_late(struct func *t)
{
	struct kfid_cq *cq = func_open_cq(t, t->domain, NULL);

	if (!cq)
		return;
	CHECK_EQ(t, kfi_ep_bind(t->a.ep, &cq->fid, KFI_TRANSMIT),
		 -KFI_EOPBADSTATE);
	CHECK_EQ(t, kfi_pep_bind(t->listener.pep, &t->listener.eq->fid, 0),
		 -KFI_EOPBADSTATE);
	func_alive(t, &t->a, &t->b);
}

static void badopen_bind_pep(struct func *t)
{
	struct kfid_cq *cq = func_open_cq(t, t->domain, NULL);
	struct kfid_eq *eq = func_open_eq(t, 0);
	struct kfid_pep *pep;

	if (!cq || !eq ||
	    !CHECK_OK(t, kfi_passive_ep(t->fabric, t->info, &pep, t)))
		return;
	CHECK_EQ(t, kfi_pep_bind(pep, &cq->fid, 0), -EINVAL);
	CHECK_EQ(t, kfi_pep_bind(pep, &t->domain->fid, 0), -EINVAL);
	CHECK_EQ(t, kfi_pep_bind(pep, &eq->fid, KFI_RECV), -KFI_EBADFLAGS);
	CHECK_EQ(t, kfi_listen(pep), -KFI_ENOEQ);
	CHECK_OK(t, kfi_pep_bind(pep, &eq->fid, 0));
	CHECK_EQ(t, kfi_pep_bind(pep, &eq->fid, 0), -EBUSY);
	CHECK_OK(t, kfi_listen(pep));
	CHECK_OK(t, kfi_close(&pep->fid));
}

static void badopen_enable(struct func *t)
{
	struct kfid_ep *ep = func_open_ep(t, t->domain, t->info, NULL);
	struct kfid_cq *cq = func_open_cq(t, t->domain, NULL);
	struct kfid_eq *eq = func_open_eq(t, 0);

	if (!ep || !cq || !eq)
		return;
	CHECK_EQ(t, kfi_enable(ep), -KFI_ENOCQ);
	CHECK_OK(t, kfi_ep_bind(ep, &cq->fid, KFI_RECV));
	CHECK_EQ(t, kfi_enable(ep), -KFI_ENOCQ);
	CHECK_OK(t, kfi_ep_bind(ep, &cq->fid, KFI_TRANSMIT));
	CHECK_EQ(t, kfi_enable(ep), -KFI_ENOEQ);
	CHECK_OK(t, kfi_ep_bind(ep, &eq->fid, 0));
	CHECK_OK(t, kfi_enable(ep));
	CHECK_OK(t, kfi_enable(ep));
}

/* An endpoint needs two events; one place is too few. */
static void badopen_enable_small_eq(struct func *t)
{
	struct kfid_ep *ep = func_open_ep(t, t->domain, t->info, NULL);
	struct kfid_cq *cq = func_open_cq(t, t->domain, NULL);
	struct kfid_eq *eq = func_open_eq(t, 1);

	if (!ep || !cq || !eq)
		return;
	CHECK_OK(t, kfi_ep_bind(ep, &cq->fid, 0));
	CHECK_OK(t, kfi_ep_bind(ep, &eq->fid, 0));
	CHECK_EQ(t, kfi_enable(ep), -ENOSPC);
}

static const struct func_case badopen_cases[] = {
	{ "fabric", badopen_fabric },
	{ "domain", badopen_domain, FUNC_FABRIC },
	{ "cq", badopen_cq, FUNC_DOMAIN },
	{ "eq", badopen_eq, FUNC_FABRIC },
	{ "ep_missing", badopen_ep_missing, FUNC_DOMAIN },
	{ "ep_type", badopen_ep_type, FUNC_DOMAIN },
	{ "ep_limits", badopen_ep_limits, FUNC_DOMAIN },
	{ "pep", badopen_pep, FUNC_FABRIC },
	{ "bind_class", badopen_bind_class, FUNC_DOMAIN },
	{ "bind_foreign", badopen_bind_foreign, FUNC_DOMAIN },
	{ "bind_flags", badopen_bind_flags, FUNC_DOMAIN },
	{ "bind_twice", badopen_bind_twice, FUNC_DOMAIN },
	{ "bind_late", badopen_bind_late, FUNC_PAIR },
	{ "bind_pep", badopen_bind_pep, FUNC_DOMAIN },
	{ "enable", badopen_enable, FUNC_DOMAIN },
	{ "enable_small_eq", badopen_enable_small_eq, FUNC_DOMAIN },
};

FUNC_SUITE(badopen);
