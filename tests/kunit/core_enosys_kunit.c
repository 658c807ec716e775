// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Default operations: every call of the API, made on objects whose provider has
 * implemented nothing, answers -ENOSYS.
 */
#include <kunit/test.h>

#include <kfi_enosys.h>
#include <kfi_prov.h>

/* One object of every kind, and the tables that a provider would have */
struct enosys_fixture {
	struct kfi_ops fid;
	struct kfi_ops_fabric fabric_ops;
	struct kfi_ops_domain domain_ops;
	struct kfi_ops_mr mr_ops;
	struct kfi_ops_av av_ops;
	struct kfi_ops_ep ep_ops;
	struct kfi_ops_cm cm_ops;
	struct kfi_ops_msg msg_ops;
	struct kfi_ops_rma rma_ops;
	struct kfi_ops_tagged tagged_ops;
	struct kfi_ops_atomic atomic_ops;
	struct kfi_ops_eq eq_ops;
	struct kfi_ops_cq cq_ops;
	struct kfi_ops_cntr cntr_ops;
	struct kfi_ops_wait wait_ops;
	struct kfi_ops_poll poll_ops;

	struct kfid_fabric fabric;
	struct kfid_domain domain;
	struct kfid_ep ep;
	struct kfid_pep pep;
	struct kfid_av av;
	struct kfid_mr mr;
	struct kfid_eq eq;
	struct kfid_cq cq;
	struct kfid_cntr cntr;
	struct kfid_wait wait;
	struct kfid_poll poll;
};

static void enosys_fill_tables(struct enosys_fixture *f)
{
	kfi_ops_fill(&f->fid, &kfi_enosys_fid);
	kfi_ops_fill(&f->fabric_ops, &kfi_enosys_fabric);
	kfi_ops_fill(&f->domain_ops, &kfi_enosys_domain);
	kfi_ops_fill(&f->mr_ops, &kfi_enosys_mr);
	kfi_ops_fill(&f->av_ops, &kfi_enosys_av);
	kfi_ops_fill(&f->ep_ops, &kfi_enosys_ep);
	kfi_ops_fill(&f->cm_ops, &kfi_enosys_cm);
	kfi_ops_fill(&f->msg_ops, &kfi_enosys_msg);
	kfi_ops_fill(&f->rma_ops, &kfi_enosys_rma);
	kfi_ops_fill(&f->tagged_ops, &kfi_enosys_tagged);
	kfi_ops_fill(&f->atomic_ops, &kfi_enosys_atomic);
	kfi_ops_fill(&f->eq_ops, &kfi_enosys_eq);
	kfi_ops_fill(&f->cq_ops, &kfi_enosys_cq);
	kfi_ops_fill(&f->cntr_ops, &kfi_enosys_cntr);
	kfi_ops_fill(&f->wait_ops, &kfi_enosys_wait);
	kfi_ops_fill(&f->poll_ops, &kfi_enosys_poll);
}

static int enosys_init(struct kunit *test)
{
	struct enosys_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	if (!f)
		return -ENOMEM;

	enosys_fill_tables(f);
	f->fabric.fid.ops = &f->fid;
	f->fabric.ops = &f->fabric_ops;
	f->domain.fid.ops = &f->fid;
	f->domain.ops = &f->domain_ops;
	f->domain.mr = &f->mr_ops;
	f->ep.fid.ops = &f->fid;
	f->ep.fid.fclass = KFI_CLASS_EP;
	f->ep.ops = &f->ep_ops;
	f->ep.cm = &f->cm_ops;
	f->ep.msg = &f->msg_ops;
	f->ep.rma = &f->rma_ops;
	f->ep.tagged = &f->tagged_ops;
	f->ep.atomic = &f->atomic_ops;
	f->pep.fid.ops = &f->fid;
	f->pep.fid.fclass = KFI_CLASS_PEP;
	f->pep.ops = &f->ep_ops;
	f->pep.cm = &f->cm_ops;
	f->av.fid.ops = &f->fid;
	f->av.ops = &f->av_ops;
	f->mr.fid.ops = &f->fid;
	f->eq.fid.ops = &f->fid;
	f->eq.ops = &f->eq_ops;
	f->cq.fid.ops = &f->fid;
	f->cq.ops = &f->cq_ops;
	f->cntr.fid.ops = &f->fid;
	f->cntr.ops = &f->cntr_ops;
	f->wait.kfid.ops = &f->fid;
	f->wait.ops = &f->wait_ops;
	f->poll.ops = &f->poll_ops;

	test->priv = f;
	return 0;
}

#define EXPECT_ENOSYS(call) KUNIT_EXPECT_EQ(test, -ENOSYS, call)

static void enosys_fid_test(struct kunit *test)
{
	struct enosys_fixture *f = test->priv;
	struct kfid *alias;
	void *ops;

	EXPECT_ENOSYS(kfi_close(&f->ep.fid));
	EXPECT_ENOSYS(f->ep.fid.ops->bind(&f->ep.fid, &f->cq.fid, 0));
	EXPECT_ENOSYS(kfi_control(&f->ep.fid, KFI_GETFIDFLAG, NULL));
	EXPECT_ENOSYS(kfi_alias(&f->ep.fid, &alias, 0));
	EXPECT_ENOSYS(kfi_open_ops(&f->ep.fid, "any", 0, &ops, NULL));
}

static void enosys_fabric_test(struct kunit *test)
{
	struct kfid_fabric *fabric =
		&((struct enosys_fixture *)test->priv)->fabric;

	EXPECT_ENOSYS(kfi_domain(fabric, NULL, NULL, NULL));
	EXPECT_ENOSYS(kfi_passive_ep(fabric, NULL, NULL, NULL));
	EXPECT_ENOSYS(kfi_eq_open(fabric, NULL, NULL, NULL, NULL));
	EXPECT_ENOSYS(kfi_wait_open(fabric, NULL, NULL));
}

static void enosys_domain_test(struct kunit *test)
{
	struct enosys_fixture *f = test->priv;
	struct kfid_domain *domain = &f->domain;

	EXPECT_ENOSYS(kfi_domain_bind(domain, &f->eq.fid, 0));
	EXPECT_ENOSYS(kfi_av_open(domain, NULL, NULL, NULL));
	EXPECT_ENOSYS(kfi_cq_open(domain, NULL, NULL, NULL, NULL));
	EXPECT_ENOSYS(kfi_endpoint(domain, NULL, NULL, NULL));
	EXPECT_ENOSYS(kfi_scalable_ep(domain, NULL, NULL, NULL));
	EXPECT_ENOSYS(kfi_cntr_open(domain, NULL, NULL, NULL));
	EXPECT_ENOSYS(kfi_poll_open(domain, NULL, NULL));
	EXPECT_ENOSYS(kfi_stx_context(domain, NULL, NULL, NULL));
	EXPECT_ENOSYS(kfi_srx_context(domain, NULL, NULL, NULL));
	EXPECT_ENOSYS(kfi_query_atomic(domain, KFI_UINT64, KFI_SUM, NULL, 0));
}

static void enosys_mr_test(struct kunit *test)
{
	struct enosys_fixture *f = test->priv;
	struct kfid_domain *domain = &f->domain;

	EXPECT_ENOSYS(kfi_mr_reg(domain, f, 1, 0, 0, 0, 0, NULL, NULL));
	EXPECT_ENOSYS(kfi_mr_regv(domain, NULL, 1, 0, 0, 0, 0, NULL, NULL));
	EXPECT_ENOSYS(kfi_mr_regbv(domain, NULL, 1, 0, 0, 0, 0, NULL, NULL));
	EXPECT_ENOSYS(kfi_mr_regsgl(domain, NULL, 1, 0, 0, 0, 0, NULL, NULL));
	EXPECT_ENOSYS(kfi_mr_regattr(domain, NULL, 0, NULL));
	EXPECT_ENOSYS(kfi_mr_bind(&f->mr, &f->ep.fid, 0));
	EXPECT_ENOSYS(kfi_mr_enable(&f->mr));
	EXPECT_ENOSYS(kfi_mr_raw_attr(&f->mr, NULL, NULL, NULL, 0));
	EXPECT_ENOSYS(kfi_mr_map_raw(domain, 0, NULL, 0, NULL, 0));
	EXPECT_ENOSYS(kfi_mr_unmap_key(domain, 0));
	EXPECT_ENOSYS(kfi_mr_refresh(&f->mr, NULL, 0, 0));
}

static void enosys_av_test(struct kunit *test)
{
	struct enosys_fixture *f = test->priv;
	struct kfid_av *av = &f->av;
	size_t len = 0;

	EXPECT_ENOSYS(kfi_av_bind(av, &f->eq.fid, 0));
	EXPECT_ENOSYS(kfi_av_insert(av, NULL, 1, NULL, 0, NULL));
	EXPECT_ENOSYS(kfi_av_insertsvc(av, NULL, NULL, NULL, 0, NULL));
	EXPECT_ENOSYS(kfi_av_insertsym(av, NULL, 1, NULL, 1, NULL, 0, NULL));
	EXPECT_ENOSYS(kfi_av_remove(av, NULL, 1, 0));
	EXPECT_ENOSYS(kfi_av_lookup(av, 0, NULL, &len));
	KUNIT_EXPECT_NULL(test, kfi_av_straddr(av, NULL, NULL, &len));
}

static void enosys_ep_test(struct kunit *test)
{
	struct enosys_fixture *f = test->priv;
	struct kfid_ep *ep = &f->ep;

	EXPECT_ENOSYS(kfi_ep_bind(ep, &f->cq.fid, 0));
	EXPECT_ENOSYS(kfi_pep_bind(&f->pep, &f->eq.fid, 0));
	EXPECT_ENOSYS(kfi_scalable_ep_bind(ep, &f->av.fid, 0));
	EXPECT_ENOSYS(kfi_enable(ep));
	EXPECT_ENOSYS(kfi_cancel(&ep->fid, NULL));
	EXPECT_ENOSYS(kfi_setopt(&ep->fid, KFI_OPT_ENDPOINT, 0, NULL, 0));
	EXPECT_ENOSYS(kfi_getopt(&ep->fid, KFI_OPT_ENDPOINT, 0, NULL, NULL));
	EXPECT_ENOSYS(kfi_ep_alias(ep, &ep, 0));
	EXPECT_ENOSYS(kfi_tx_context(ep, 0, NULL, NULL, NULL));
	EXPECT_ENOSYS(kfi_rx_context(ep, 0, NULL, NULL, NULL));
	EXPECT_ENOSYS(kfi_no_rx_size_left(ep));
	EXPECT_ENOSYS(kfi_no_tx_size_left(ep));
}

static void enosys_cm_test(struct kunit *test)
{
	struct enosys_fixture *f = test->priv;
	struct kfid_ep *ep = &f->ep;

	EXPECT_ENOSYS(kfi_setname(&ep->fid, NULL, 0));
	EXPECT_ENOSYS(kfi_getname(&ep->fid, NULL, NULL));
	EXPECT_ENOSYS(kfi_getname(&f->pep.fid, NULL, NULL));
	EXPECT_ENOSYS(kfi_getpeer(ep, NULL, NULL));
	EXPECT_ENOSYS(kfi_connect(ep, NULL, NULL, 0));
	EXPECT_ENOSYS(kfi_listen(&f->pep));
	EXPECT_ENOSYS(kfi_accept(ep, NULL, 0));
	EXPECT_ENOSYS(kfi_reject(&f->pep, NULL, NULL, 0));
	EXPECT_ENOSYS(kfi_shutdown(ep, 0));
	EXPECT_ENOSYS(kfi_join(ep, NULL, 0, NULL, NULL));
}

static void enosys_msg_test(struct kunit *test)
{
	struct kfid_ep *ep = &((struct enosys_fixture *)test->priv)->ep;

	EXPECT_ENOSYS(kfi_recv(ep, NULL, 0, NULL, 0, NULL));
	EXPECT_ENOSYS(kfi_recvv(ep, NULL, NULL, 0, 0, NULL));
	EXPECT_ENOSYS(kfi_recvbv(ep, NULL, NULL, 0, 0, NULL));
	EXPECT_ENOSYS(kfi_recvsgl(ep, NULL, NULL, 0, 0, NULL));
	EXPECT_ENOSYS(kfi_recvmsg(ep, NULL, 0));
	EXPECT_ENOSYS(kfi_send(ep, NULL, 0, NULL, 0, NULL));
	EXPECT_ENOSYS(kfi_sendv(ep, NULL, NULL, 0, 0, NULL));
	EXPECT_ENOSYS(kfi_sendbv(ep, NULL, NULL, 0, 0, NULL));
	EXPECT_ENOSYS(kfi_sendsgl(ep, NULL, NULL, 0, 0, NULL));
	EXPECT_ENOSYS(kfi_sendmsg(ep, NULL, 0));
	EXPECT_ENOSYS(kfi_inject(ep, NULL, 0, 0));
	EXPECT_ENOSYS(kfi_senddata(ep, NULL, 0, NULL, 0, 0, NULL));
	EXPECT_ENOSYS(kfi_injectdata(ep, NULL, 0, 0, 0));
}

static void enosys_tagged_test(struct kunit *test)
{
	struct kfid_ep *ep = &((struct enosys_fixture *)test->priv)->ep;

	EXPECT_ENOSYS(kfi_trecv(ep, NULL, 0, NULL, 0, 0, 0, NULL));
	EXPECT_ENOSYS(kfi_trecvv(ep, NULL, NULL, 0, 0, 0, 0, NULL));
	EXPECT_ENOSYS(kfi_trecvbv(ep, NULL, NULL, 0, 0, 0, 0, NULL));
	EXPECT_ENOSYS(kfi_trecvsgl(ep, NULL, NULL, 0, 0, 0, 0, NULL));
	EXPECT_ENOSYS(kfi_trecvmsg(ep, NULL, 0));
	EXPECT_ENOSYS(kfi_tsend(ep, NULL, 0, NULL, 0, 0, NULL));
	EXPECT_ENOSYS(kfi_tsendv(ep, NULL, NULL, 0, 0, 0, NULL));
	EXPECT_ENOSYS(kfi_tsendbv(ep, NULL, NULL, 0, 0, 0, NULL));
	EXPECT_ENOSYS(kfi_tsendsgl(ep, NULL, NULL, 0, 0, 0, NULL));
	EXPECT_ENOSYS(kfi_tsendmsg(ep, NULL, 0));
	EXPECT_ENOSYS(kfi_tinject(ep, NULL, 0, 0, 0));
	EXPECT_ENOSYS(kfi_tsenddata(ep, NULL, 0, NULL, 0, 0, 0, NULL));
	EXPECT_ENOSYS(kfi_tinjectdata(ep, NULL, 0, 0, 0, 0));
}

static void enosys_rma_test(struct kunit *test)
{
	struct kfid_ep *ep = &((struct enosys_fixture *)test->priv)->ep;

	EXPECT_ENOSYS(kfi_read(ep, NULL, 0, NULL, 0, 0, 0, NULL));
	EXPECT_ENOSYS(kfi_readv(ep, NULL, NULL, 0, 0, 0, 0, NULL));
	EXPECT_ENOSYS(kfi_readbv(ep, NULL, NULL, 0, 0, 0, 0, NULL));
	EXPECT_ENOSYS(kfi_readsgl(ep, NULL, NULL, 0, 0, 0, 0, NULL));
	EXPECT_ENOSYS(kfi_readmsg(ep, NULL, 0));
	EXPECT_ENOSYS(kfi_write(ep, NULL, 0, NULL, 0, 0, 0, NULL));
	EXPECT_ENOSYS(kfi_writev(ep, NULL, NULL, 0, 0, 0, 0, NULL));
	EXPECT_ENOSYS(kfi_writebv(ep, NULL, NULL, 0, 0, 0, 0, NULL));
	EXPECT_ENOSYS(kfi_writesgl(ep, NULL, NULL, 0, 0, 0, 0, NULL));
	EXPECT_ENOSYS(kfi_writemsg(ep, NULL, 0));
	EXPECT_ENOSYS(kfi_inject_write(ep, NULL, 0, 0, 0, 0));
	EXPECT_ENOSYS(kfi_writedata(ep, NULL, 0, NULL, 0, 0, 0, 0, NULL));
	EXPECT_ENOSYS(kfi_inject_writedata(ep, NULL, 0, 0, 0, 0, 0));
}

static void enosys_atomic_test(struct kunit *test)
{
	struct kfid_ep *ep = &((struct enosys_fixture *)test->priv)->ep;
	const enum kfi_datatype type = KFI_UINT64;
	const enum kfi_op op = KFI_SUM;
	size_t count;

	EXPECT_ENOSYS(kfi_atomic(ep, NULL, 0, NULL, 0, 0, 0, type, op, NULL));
	EXPECT_ENOSYS(kfi_atomicv(ep, NULL, NULL, 0, 0, 0, 0, type, op, NULL));
	EXPECT_ENOSYS(kfi_atomicmsg(ep, NULL, 0));
	EXPECT_ENOSYS(kfi_inject_atomic(ep, NULL, 0, 0, 0, 0, type, op));
	EXPECT_ENOSYS(kfi_fetch_atomic(ep, NULL, 0, NULL, NULL, NULL, 0, 0, 0,
				       type, op, NULL));
	EXPECT_ENOSYS(kfi_fetch_atomicv(ep, NULL, NULL, 0, NULL, NULL, 0, 0, 0,
					0, type, op, NULL));
	EXPECT_ENOSYS(kfi_fetch_atomicmsg(ep, NULL, NULL, NULL, 0, 0));
	EXPECT_ENOSYS(kfi_compare_atomic(ep, NULL, 0, NULL, NULL, NULL, NULL,
					 NULL, 0, 0, 0, type, op, NULL));
	EXPECT_ENOSYS(kfi_compare_atomicv(ep, NULL, NULL, 0, NULL, NULL, 0,
					  NULL, NULL, 0, 0, 0, 0, type, op,
					  NULL));
	EXPECT_ENOSYS(kfi_compare_atomicmsg(ep, NULL, NULL, NULL, 0, NULL,
					    NULL, 0, 0));
	EXPECT_ENOSYS(kfi_atomicvalid(ep, type, op, &count));
	EXPECT_ENOSYS(kfi_fetch_atomicvalid(ep, type, op, &count));
	EXPECT_ENOSYS(kfi_compare_atomicvalid(ep, type, op, &count));
}

static void enosys_eq_test(struct kunit *test)
{
	struct kfid_eq *eq = &((struct enosys_fixture *)test->priv)->eq;
	char text[8] = "garbage";
	u32 event;

	EXPECT_ENOSYS(kfi_eq_read(eq, &event, NULL, 0, 0));
	EXPECT_ENOSYS(kfi_eq_readerr(eq, NULL, 0));
	EXPECT_ENOSYS(kfi_eq_write(eq, 0, NULL, 0, 0));
	EXPECT_ENOSYS(kfi_eq_sread(eq, &event, NULL, 0, 0, 0));
	KUNIT_EXPECT_STREQ(test, "", kfi_eq_strerror(eq, 1, NULL, text,
						     sizeof(text)));
	KUNIT_EXPECT_STREQ(test, "", text);
	KUNIT_EXPECT_STREQ(test, "", kfi_eq_strerror(eq, 1, NULL, NULL, 8));
}

static void enosys_cq_test(struct kunit *test)
{
	struct kfid_cq *cq = &((struct enosys_fixture *)test->priv)->cq;
	char text[8] = "garbage";

	EXPECT_ENOSYS(kfi_cq_read(cq, NULL, 1));
	EXPECT_ENOSYS(kfi_cq_readfrom(cq, NULL, 1, NULL));
	EXPECT_ENOSYS(kfi_cq_readerr(cq, NULL, 0));
	EXPECT_ENOSYS(kfi_cq_sread(cq, NULL, 1, NULL, 0));
	EXPECT_ENOSYS(kfi_cq_sreadfrom(cq, NULL, 1, NULL, NULL, 0));
	EXPECT_ENOSYS(kfi_cq_signal(cq));
	KUNIT_EXPECT_STREQ(test, "", kfi_cq_strerror(cq, 1, NULL, text,
						     sizeof(text)));
	KUNIT_EXPECT_STREQ(test, "", text);
	KUNIT_EXPECT_STREQ(test, "", kfi_cq_strerror(cq, 1, NULL, text, 0));
}

static void enosys_cntr_test(struct kunit *test)
{
	struct enosys_fixture *f = test->priv;
	struct kfid_cntr *cntr = &f->cntr;

	KUNIT_EXPECT_EQ(test, 0, kfi_cntr_read(cntr));
	KUNIT_EXPECT_EQ(test, 0, kfi_cntr_readerr(cntr));
	EXPECT_ENOSYS(kfi_cntr_add(cntr, 1));
	EXPECT_ENOSYS(kfi_cntr_adderr(cntr, 1));
	EXPECT_ENOSYS(kfi_cntr_set(cntr, 1));
	EXPECT_ENOSYS(kfi_cntr_seterr(cntr, 1));
	EXPECT_ENOSYS(kfi_cntr_wait(cntr, 1, 0));
	EXPECT_ENOSYS(kfi_wait(&f->wait, 0));
	EXPECT_ENOSYS(kfi_poll(&f->poll, NULL, 0));
	EXPECT_ENOSYS(kfi_poll_add(&f->poll, NULL, 0));
	EXPECT_ENOSYS(kfi_poll_del(&f->poll, NULL, 0));
}

/*
 * The tables themselves
 */

struct enosys_table {
	const char *name;
	const void *table;
	size_t size;
};

#define ENOSYS_TABLE(_name) \
	{ #_name, &kfi_enosys_##_name, sizeof(kfi_enosys_##_name) }

static const struct enosys_table enosys_tables[] = {
	ENOSYS_TABLE(fid), ENOSYS_TABLE(fabric), ENOSYS_TABLE(domain),
	ENOSYS_TABLE(mr), ENOSYS_TABLE(av), ENOSYS_TABLE(ep), ENOSYS_TABLE(cm),
	ENOSYS_TABLE(msg), ENOSYS_TABLE(rma), ENOSYS_TABLE(tagged),
	ENOSYS_TABLE(atomic), ENOSYS_TABLE(eq), ENOSYS_TABLE(cq),
	ENOSYS_TABLE(cntr), ENOSYS_TABLE(wait), ENOSYS_TABLE(poll),
};

static void enosys_table_desc(const struct enosys_table *t, char *desc)
{
	strscpy(desc, t->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(enosys_table, enosys_tables, enosys_table_desc);

static void enosys_table_is_full_test(struct kunit *test)
{
	const struct enosys_table *t = test->param_value;
	const void *const *slot = t->table;
	size_t i;

	KUNIT_EXPECT_EQ(test, t->size, *(const size_t *)t->table);
	for (i = 1; i < t->size / sizeof(void *); i++)
		KUNIT_EXPECT_NOT_NULL(test, slot[i]);
}

static int enosys_own_close(struct kfid *fid)
{
	return 0;
}

static void enosys_fill_keeps_own_slots_test(struct kunit *test)
{
	struct kfi_ops ops = { .size = 1, .close = enosys_own_close };

	kfi_ops_fill(&ops, &kfi_enosys_fid);
	KUNIT_EXPECT_EQ(test, sizeof(ops), ops.size);
	KUNIT_EXPECT_PTR_EQ(test, &enosys_own_close, ops.close);
	KUNIT_EXPECT_PTR_EQ(test, &kfi_no_bind, ops.bind);
	KUNIT_EXPECT_PTR_EQ(test, &kfi_no_control, ops.control);
	KUNIT_EXPECT_PTR_EQ(test, &kfi_no_ops_open, ops.ops_open);
}

static void enosys_fill_twice_test(struct kunit *test)
{
	struct kfi_ops ops = { .close = enosys_own_close };
	struct kfi_ops once;

	kfi_ops_fill(&ops, &kfi_enosys_fid);
	once = ops;
	kfi_ops_fill(&ops, &kfi_enosys_fid);
	KUNIT_EXPECT_MEMEQ(test, &once, &ops, sizeof(ops));
}

static void enosys_fill_stays_inside_test(struct kunit *test)
{
	struct {
		struct kfi_ops_wait ops;
		void *guard;
	} table = { };

	kfi_ops_fill(&table.ops, &kfi_enosys_wait);
	KUNIT_EXPECT_NOT_NULL(test, table.ops.wait);
	KUNIT_EXPECT_NULL(test, table.guard);
}

static struct kunit_case enosys_kunit_cases[] = {
	KUNIT_CASE(enosys_fid_test),
	KUNIT_CASE(enosys_fabric_test),
	KUNIT_CASE(enosys_domain_test),
	KUNIT_CASE(enosys_mr_test),
	KUNIT_CASE(enosys_av_test),
	KUNIT_CASE(enosys_ep_test),
	KUNIT_CASE(enosys_cm_test),
	KUNIT_CASE(enosys_msg_test),
	KUNIT_CASE(enosys_tagged_test),
	KUNIT_CASE(enosys_rma_test),
	KUNIT_CASE(enosys_atomic_test),
	KUNIT_CASE(enosys_eq_test),
	KUNIT_CASE(enosys_cq_test),
	KUNIT_CASE(enosys_cntr_test),
	KUNIT_CASE_PARAM(enosys_table_is_full_test, enosys_table_gen_params),
	KUNIT_CASE(enosys_fill_keeps_own_slots_test),
	KUNIT_CASE(enosys_fill_twice_test),
	KUNIT_CASE(enosys_fill_stays_inside_test),
	{}
};

static struct kunit_suite enosys_suite = {
	.name = "kfi_core_enosys",
	.init = enosys_init,
	.test_cases = enosys_kunit_cases,
};

kunit_test_suite(enosys_suite);
