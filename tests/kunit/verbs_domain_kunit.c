// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Domains: what opens one, what it leaves behind if it cannot be opened, and
 * what is left when the device goes.
 */
#include <kunit/test.h>

#include "fixture.h"

static int domain_open(struct fixture *f, struct kfi_info *info,
		       struct kfid_domain **domain)
{
	return kfv_domain_open(&f->fabric.fabric, info, domain, NULL);
}

static void domain_open_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);

	KUNIT_EXPECT_EQ(test, (size_t)KFI_CLASS_DOMAIN,
			f->domain->fid.fclass);
	KUNIT_EXPECT_PTR_EQ(test, &f->hca->ibdev, f->dom->ibdev);
	KUNIT_EXPECT_EQ(test, 1u, f->dom->port);
	KUNIT_EXPECT_TRUE(test, f->dom->virt_dma);
	/* never a key to all of memory */
	KUNIT_EXPECT_EQ(test, 0u, f->dom->pd->flags);
	KUNIT_EXPECT_EQ(test, 1, f->hca->pds);
	KUNIT_EXPECT_EQ(test, 1, f->hca->qps);
	KUNIT_EXPECT_EQ(test, 1, f->hca->cqs);
	KUNIT_EXPECT_EQ(test, 0, fixture_close(f, &f->domain->fid));
	KUNIT_EXPECT_EQ(test, 0, f->hca->pds);
	KUNIT_EXPECT_EQ(test, 0, f->hca->qps);
	KUNIT_EXPECT_EQ(test, 0, f->hca->cqs);
}

/*
 * Bad input
 */

static void domain_null_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfi_domain_attr *attr = f->info->domain_attr;
	struct kfid_domain *domain;
	char *name = attr->name;

	KUNIT_EXPECT_EQ(test, -EINVAL, domain_open(f, NULL, &domain));
	KUNIT_EXPECT_EQ(test, -EINVAL, domain_open(f, f->info, NULL));
	attr->name = NULL;
	KUNIT_EXPECT_EQ(test, -EINVAL, domain_open(f, f->info, &domain));
	attr->name = name;
	f->info->domain_attr = NULL;
	KUNIT_EXPECT_EQ(test, -EINVAL, domain_open(f, f->info, &domain));
	f->info->domain_attr = attr;
	KUNIT_EXPECT_EQ(test, 1, f->hca->pds);
}

static void domain_names_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	char *domain_name = f->info->domain_attr->name;
	char *fabric_name = f->info->fabric_attr->name;
	struct kfid_domain *domain;

	f->info->domain_attr->name = "fake";
	KUNIT_EXPECT_EQ(test, -ENODEV, domain_open(f, f->info, &domain));
	f->info->domain_attr->name = "fake0/1";
	KUNIT_EXPECT_EQ(test, -ENODEV, domain_open(f, f->info, &domain));
	f->info->domain_attr->name = domain_name;
	f->info->fabric_attr->name = "another subnet";
	KUNIT_EXPECT_EQ(test, -EINVAL, domain_open(f, f->info, &domain));
	f->info->fabric_attr->name = fabric_name;
}

static void domain_ep_type_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_domain *domain;

	f->info->ep_attr->type = KFI_EP_RDM;
	KUNIT_EXPECT_EQ(test, -EINVAL, domain_open(f, f->info, &domain));
	f->info->ep_attr->type = KFI_EP_UNSPEC;
	KUNIT_ASSERT_EQ(test, 0, domain_open(f, f->info, &domain));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&domain->fid));
}

struct domain_limit_case {
	const char *name;
	size_t offset;
};

#define LIMIT(member)	{ #member, offsetof(struct kfi_domain_attr, member) }

static const struct domain_limit_case domain_limit_cases[] = {
	LIMIT(mr_key_size),
	LIMIT(cq_data_size),
	LIMIT(cq_cnt),
	LIMIT(ep_cnt),
	LIMIT(tx_ctx_cnt),
	LIMIT(rx_ctx_cnt),
	LIMIT(max_ep_tx_ctx),
	LIMIT(max_ep_rx_ctx),
	LIMIT(max_ep_stx_ctx),
	LIMIT(max_ep_srx_ctx),
	LIMIT(cntr_cnt),
	LIMIT(mr_iov_limit),
	LIMIT(mr_cnt),
};

static void domain_limit_desc(const struct domain_limit_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(domain_limit, domain_limit_cases, domain_limit_desc);

/* What the device offers is fine, one more is not, and 0 is no wish */
static void domain_limit_test(struct kunit *test)
{
	const struct domain_limit_case *c = test->param_value;
	struct fixture *f = fixture_new(test);
	size_t *limit = (void *)f->info->domain_attr + c->offset;
	struct kfid_domain *domain;

	++*limit;
	KUNIT_EXPECT_EQ(test, -EINVAL, domain_open(f, f->info, &domain));
	*limit = SIZE_MAX;
	KUNIT_EXPECT_EQ(test, -EINVAL, domain_open(f, f->info, &domain));
	*limit = 0;
	KUNIT_ASSERT_EQ(test, 0, domain_open(f, f->info, &domain));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&domain->fid));
}

static void domain_mr_mode_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_domain *domain;

	f->info->domain_attr->mr_mode = KFI_MR_ENDPOINT;
	KUNIT_EXPECT_EQ(test, -EINVAL, domain_open(f, f->info, &domain));
	f->info->domain_attr->mr_mode = KFI_MR_ENDPOINT | KFI_MR_PROV_KEY;
	KUNIT_ASSERT_EQ(test, 0, domain_open(f, f->info, &domain));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&domain->fid));
}

/*
 * A device that refuses
 */

static void domain_device_refuses_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_domain *domain;

	f->hca->create_cq_rc = -ENOMEM;
	KUNIT_EXPECT_EQ(test, -ENOMEM, domain_open(f, f->info, &domain));
	f->hca->create_cq_rc = 0;
	f->hca->create_qp_rc = -ENOSPC;
	KUNIT_EXPECT_EQ(test, -ENOSPC, domain_open(f, f->info, &domain));
	f->hca->create_qp_rc = 0;
	f->hca->modify_qp_rc = -EIO;
	KUNIT_EXPECT_EQ(test, -EIO, domain_open(f, f->info, &domain));
	f->hca->modify_qp_rc = 0;
	/* nothing but the fixture's own */
	KUNIT_EXPECT_EQ(test, 1, f->hca->pds);
	KUNIT_EXPECT_EQ(test, 1, f->hca->cqs);
	KUNIT_EXPECT_EQ(test, 1, f->hca->qps);
}

/*
 * Whose domain it is
 */

static void domain_is_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	char *name = f->info->domain_attr->name;
	struct kfi_ops_domain other_ops = {};
	struct kfid_domain other = { .ops = &other_ops };

	KUNIT_EXPECT_TRUE(test, kfv_domain_is(f->domain, name));
	KUNIT_EXPECT_FALSE(test, kfv_domain_is(f->domain, "another"));
	KUNIT_EXPECT_FALSE(test, kfv_domain_is(&other, name));
	fake_hca_unplug(f->hca);
	KUNIT_EXPECT_FALSE(test, kfv_domain_is(f->domain, name));
}

static void domain_holds_the_fabric_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);

	KUNIT_EXPECT_EQ(test, -EBUSY, kfi_fid_retire(&f->fabric.node));
}

/*
 * What there is not
 */

static void domain_not_implemented_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_eq *eq = fixture_eq(f, 4);
	struct kfid_av *av;
	struct kfid_ep *ep;
	void *ops;

	KUNIT_EXPECT_EQ(test, -ENOSYS, kfi_domain_bind(f->domain, &eq->fid,
						       KFI_REG_MR));
	KUNIT_EXPECT_EQ(test, -ENOSYS, kfi_av_open(f->domain, NULL, &av, NULL));
	KUNIT_EXPECT_EQ(test, -ENOSYS, kfi_scalable_ep(f->domain, f->info, &ep,
						       NULL));
	KUNIT_EXPECT_EQ(test, -ENOSYS, kfi_query_atomic(f->domain, KFI_UINT64,
							KFI_SUM, NULL, 0));
	KUNIT_EXPECT_EQ(test, -ENOSYS, kfi_open_ops(&f->domain->fid, "ops", 0,
						    &ops, NULL));
	KUNIT_EXPECT_EQ(test, -ENOSYS, kfi_control(&f->domain->fid,
						   KFI_GETFIDFLAG, NULL));
}

/*
 * The device goes
 */

static void domain_device_removed_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_domain *late;
	struct kfid_cq *cq;
	struct kfid_ep *ep;

	fake_hca_unplug(f->hca);
	KUNIT_EXPECT_TRUE(test, f->dom->dead);
	KUNIT_EXPECT_EQ(test, 0, f->hca->pds);
	KUNIT_EXPECT_EQ(test, 0, f->hca->cqs);
	KUNIT_EXPECT_EQ(test, 0, f->hca->qps);
	KUNIT_EXPECT_EQ(test, -ENODEV, kfi_cq_open(f->domain, NULL, &cq, NULL,
						   NULL));
	KUNIT_EXPECT_EQ(test, -ENODEV, kfi_endpoint(f->domain, f->info, &ep,
						    NULL));
	KUNIT_EXPECT_EQ(test, -ENODEV, domain_open(f, f->info, &late));
	KUNIT_EXPECT_EQ(test, 0, fixture_close(f, &f->domain->fid));
}

static struct kunit_case domain_cases[] = {
	KUNIT_CASE(domain_open_test),
	KUNIT_CASE(domain_null_test),
	KUNIT_CASE(domain_names_test),
	KUNIT_CASE(domain_ep_type_test),
	KUNIT_CASE_PARAM(domain_limit_test, domain_limit_gen_params),
	KUNIT_CASE(domain_mr_mode_test),
	KUNIT_CASE(domain_device_refuses_test),
	KUNIT_CASE(domain_is_test),
	KUNIT_CASE(domain_holds_the_fabric_test),
	KUNIT_CASE(domain_not_implemented_test),
	KUNIT_CASE(domain_device_removed_test),
	{}
};

static struct kunit_suite domain_suite = {
	.name = "kfi_verbs_domain",
	.test_cases = domain_cases,
};

kunit_test_suite(domain_suite);
