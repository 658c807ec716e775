// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The life of objects: opening, closing in order only, what they do not have.
 */
#include <kfi_atomic.h>

#include "func.h"

static void object_contexts(struct func *t)
{
	struct func_end *a = &t->a;

	CHECK(t, t->fabric->fid.context == t);
	CHECK_EQ(t, t->fabric->fid.fclass, KFI_CLASS_FABRIC);
	CHECK(t, t->domain->fid.context == t);
	CHECK_EQ(t, t->domain->fid.fclass, KFI_CLASS_DOMAIN);
	CHECK(t, a->ep->fid.context == t);
	CHECK_EQ(t, a->ep->fid.fclass, KFI_CLASS_EP);
	CHECK(t, a->eq->fid.context == t);
	CHECK_EQ(t, a->eq->fid.fclass, KFI_CLASS_EQ);
	CHECK_EQ(t, a->tx_cq->fid.fclass, KFI_CLASS_CQ);
	CHECK_EQ(t, t->listener.pep->fid.fclass, KFI_CLASS_PEP);
	CHECK(t, t->listener.pep->fid.context == &t->listener);
}

static void object_fabric_busy(struct func *t)
{
	struct kfid_eq *eq = func_open_eq(t, 0);

	if (!eq)
		return;
	CHECK_EQ(t, kfi_close(&t->fabric->fid), -EBUSY);
	func_close(t, &eq->fid);

	t->domain = func_open_domain(t, t->fabric);
	if (!t->domain)
		return;
	CHECK_EQ(t, kfi_close(&t->fabric->fid), -EBUSY);
	func_close(t, &t->domain->fid);
	func_close(t, &t->fabric->fid);
}

static void object_domain_busy(struct func *t)
{
	char *buf = func_alloc(t, 64);
	struct kfid_cq *cq = func_open_cq(t, t->domain, NULL);
	struct kfid_ep *ep;
	struct kfid_mr *mr;

	if (!buf || !cq)
		return;
	CHECK_EQ(t, kfi_close(&t->domain->fid), -EBUSY);
	func_close(t, &cq->fid);

	mr = func_open_mr(t, t->domain, buf, 64, KFI_REMOTE_READ);
	if (!mr)
		return;
	CHECK_EQ(t, kfi_close(&t->domain->fid), -EBUSY);
	func_close(t, &mr->fid);

	ep = func_open_ep(t, t->domain, t->info, NULL);
	if (!ep)
		return;
	CHECK_EQ(t, kfi_close(&t->domain->fid), -EBUSY);
	func_close(t, &ep->fid);
	func_close(t, &t->domain->fid);
}

/* Queues stay while an endpoint is bound to them, and work all the while. */
static void object_queue_busy(struct func *t)
{
	CHECK_EQ(t, kfi_close(&t->a.tx_cq->fid), -EBUSY);
	CHECK_EQ(t, kfi_close(&t->a.rx_cq->fid), -EBUSY);
	CHECK_EQ(t, kfi_close(&t->a.eq->fid), -EBUSY);
	CHECK_EQ(t, kfi_close(&t->listener.eq->fid), -EBUSY);
	CHECK_EQ(t, kfi_close(&t->fabric->fid), -EBUSY);
	CHECK_EQ(t, kfi_close(&t->domain->fid), -EBUSY);
	if (!func_alive(t, &t->a, &t->b))
		return;
	func_close_end(t, &t->a);
	func_close(t, &t->listener.pep->fid);
	func_close(t, &t->listener.eq->fid);
}

static void object_reopen(struct func *t)
{
	struct func_end end;
	int i;

	for (i = 0; i < 20; i++) {
		end = (struct func_end) {};
		if (!func_open_end(t, &end, t->domain, t->info, NULL) ||
		    !func_close_end(t, &end))
			return;
	}
}

static void object_many(struct func *t)
{
	struct kfid_ep *ep[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ep); i++) {
		ep[i] = func_open_ep(t, t->domain, t->info, NULL);
		if (!ep[i])
			return;
	}
	/* from the middle, so that the order does not matter */
	for (i = 0; i < ARRAY_SIZE(ep); i++)
		func_close(t, &ep[(i * 29 + 32) % ARRAY_SIZE(ep)]->fid);
}

static void object_two_domains(struct func *t)
{
	struct kfid_fabric *fabric = func_open_fabric(t);
	struct kfid_domain *domain = func_open_domain(t, t->fabric);
	struct kfid_domain *other;

	if (!fabric || !domain)
		return;
	other = func_open_domain(t, fabric);
	CHECK(t, other && other != domain && domain != t->domain);
}

static void object_open_ops(struct func *t)
{
	struct kfid *fids[] = {
		&t->fabric->fid, &t->domain->fid, &t->a.eq->fid,
		&t->a.tx_cq->fid, &t->a.ep->fid, &t->listener.pep->fid,
	};
	void *ops;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fids); i++) {
		if (!CHECK_EQ(t, kfi_open_ops(fids[i], "nosuch", 0, &ops, NULL),
			      -ENOSYS))
			FAIL(t, "object of class %zu", fids[i]->fclass);
	}
}

/* What a fabric, a domain and an endpoint of this provider do not have. */
static void object_enosys(struct func *t)
{
	struct kfid_ep *ep = t->a.ep, *other;
	struct kfi_av_attr av_attr = {};
	struct kfi_cntr_attr cntr_attr = {};
	struct kfi_poll_attr poll_attr = {};
	struct kfi_wait_attr wait_attr = {};
	struct kfi_atomic_attr atomic_attr = {};
	struct kfid_poll *poll;
	struct kfid_wait *wait;
	struct kfid_cntr *cntr;
	struct kfid_stx *stx;
	struct kfid_av *av;
	size_t count;

	CHECK_EQ(t, kfi_wait_open(t->fabric, &wait_attr, &wait), -ENOSYS);
	CHECK_EQ(t, kfi_av_open(t->domain, &av_attr, &av, t), -ENOSYS);
	CHECK_EQ(t, kfi_cntr_open(t->domain, &cntr_attr, &cntr, t), -ENOSYS);
	CHECK_EQ(t, kfi_poll_open(t->domain, &poll_attr, &poll), -ENOSYS);
	CHECK_EQ(t, kfi_scalable_ep(t->domain, t->info, &other, t), -ENOSYS);
	CHECK_EQ(t, kfi_stx_context(t->domain, NULL, &stx, t), -ENOSYS);
	CHECK_EQ(t, kfi_srx_context(t->domain, NULL, &other, t), -ENOSYS);
	CHECK_EQ(t, kfi_query_atomic(t->domain, KFI_UINT64, KFI_SUM,
				     &atomic_attr, 0), -ENOSYS);
	CHECK_EQ(t, kfi_tx_context(ep, 0, NULL, &other, t), -ENOSYS);
	CHECK_EQ(t, kfi_rx_context(ep, 0, NULL, &other, t), -ENOSYS);
	CHECK_EQ(t, kfi_ep_alias(ep, &other, 0), -ENOSYS);
	CHECK_EQ(t, kfi_atomicvalid(ep, KFI_UINT64, KFI_SUM, &count), -ENOSYS);
}

static void object_enosys_data(struct func *t)
{
	struct kfid_ep *ep = t->a.ep;
	struct kfid_mc *mc;
	u64 operand = 1;
	char buf[8];

	CHECK_EQ(t, kfi_tsend(ep, buf, 8, NULL, KFI_ADDR_UNSPEC, 1, NULL),
		 -ENOSYS);
	CHECK_EQ(t, kfi_trecv(ep, buf, 8, NULL, KFI_ADDR_UNSPEC, 1, 0, NULL),
		 -ENOSYS);
	CHECK_EQ(t, kfi_tinject(ep, buf, 8, KFI_ADDR_UNSPEC, 1), -ENOSYS);
	CHECK_EQ(t, kfi_atomic(ep, &operand, 1, NULL, KFI_ADDR_UNSPEC, 0, 0,
			       KFI_UINT64, KFI_SUM, NULL), -ENOSYS);
	CHECK_EQ(t, kfi_join(ep, &t->listener.name, 0, &mc, NULL), -ENOSYS);
	func_alive(t, &t->a, &t->b);
}

static void object_options(struct func *t)
{
	size_t value = 0, len = sizeof(value);
	struct kfid *fid = &t->a.ep->fid;

	CHECK_OK(t, kfi_getopt(fid, KFI_OPT_ENDPOINT, KFI_OPT_CM_DATA_SIZE,
			       &value, &len));
	CHECK_EQ(t, value, 48);
	CHECK_EQ(t, len, sizeof(value));

	len = 1;
	CHECK_EQ(t, kfi_getopt(fid, KFI_OPT_ENDPOINT, KFI_OPT_CM_DATA_SIZE,
			       &value, &len), -KFI_ETOOSMALL);
	len = sizeof(value);
	CHECK_EQ(t, kfi_getopt(fid, KFI_OPT_ENDPOINT, 99, &value, &len),
		 -ENOPROTOOPT);
	CHECK_EQ(t, kfi_getopt(fid, 99, KFI_OPT_CM_DATA_SIZE, &value, &len),
		 -ENOPROTOOPT);
	CHECK_EQ(t, kfi_setopt(fid, KFI_OPT_ENDPOINT, KFI_OPT_CM_DATA_SIZE,
			       &value, sizeof(value)), -ENOPROTOOPT);
}

static const struct func_case object_cases[] = {
	{ "contexts", object_contexts, FUNC_PAIR },
	{ "fabric_busy", object_fabric_busy, FUNC_FABRIC },
	{ "domain_busy", object_domain_busy, FUNC_DOMAIN },
	{ "queue_busy", object_queue_busy, FUNC_PAIR },
	{ "reopen", object_reopen, FUNC_DOMAIN },
	{ "many", object_many, FUNC_DOMAIN },
	{ "two_domains", object_two_domains, FUNC_DOMAIN },
	{ "open_ops", object_open_ops, FUNC_PAIR },
	{ "enosys", object_enosys, FUNC_PAIR },
	{ "enosys_data", object_enosys_data, FUNC_PAIR },
	{ "options", object_options, FUNC_PAIR },
};

FUNC_SUITE(object);
