// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Completion queues: what is asked of the device, what comes back to the
 * client, and spare places. Fixture: a domain on a fake HCA.
 */
#include "fixture.h"

#define CQ_MAX	(FAKE_MAX_CQE - KFV_DRAIN_WRS - KFV_MIN_SPARE)

static struct kfv_cq *cq_priv(struct kfid_cq *cq)
{
	return kfv_cq(&cq->fid);
}

static struct fake_cq *cq_fake(struct kfid_cq *cq)
{
	return to_fake_cq(cq_priv(cq)->ibcq);
}

struct cq_size_case {
	const char *name;
	size_t asked;
	u32 entries;
	u32 spare;
};

static const struct cq_size_case cq_size_cases[] = {
	{ "default", 0, KFV_DEF_CQ, KFV_MAX_SPARE },
	{ "one", 1, 1, KFV_MIN_SPARE },
	{ "few", KFV_MIN_SPARE, KFV_MIN_SPARE, KFV_MIN_SPARE },
	{ "some", 300, 300, 300 },
	{ "many", 5120, 5120, KFV_MAX_SPARE },
	{ "nearly all", CQ_MAX - 5, CQ_MAX - 5, KFV_MIN_SPARE + 5 },
	{ "all", CQ_MAX, CQ_MAX, KFV_MIN_SPARE },
};

KUNIT_ARRAY_PARAM_DESC(cq_size, cq_size_cases, name);

static void cq_size_test(struct kunit *test)
{
	const struct cq_size_case *c = test->param_value;
	struct kfi_cq_attr attr = { .size = c->asked };
	struct fixture *f = fixture_new(test);
	struct kfid_cq *cq = fixture_cq(f, &attr, NULL, NULL);

	KUNIT_EXPECT_EQ(test, (size_t)c->entries, attr.size);
	KUNIT_EXPECT_EQ(test, (int)c->entries, fixture_room(cq));
	KUNIT_EXPECT_EQ(test, (int)c->spare, fixture_spare(cq));
	/* a place for each completion, and the markers of a drain */
	KUNIT_EXPECT_EQ(test, (int)(c->entries + c->spare + 2),
			cq_priv(cq)->ibcq->cqe);
}

static void cq_defaults_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_cq *cq = fixture_cq(f, NULL, NULL, f);

	KUNIT_EXPECT_EQ(test, KFV_DEF_CQ, fixture_room(cq));
	KUNIT_EXPECT_EQ(test, KFI_CQ_FORMAT_DATA, cq_priv(cq)->ring.format);
	KUNIT_EXPECT_EQ(test, IB_POLL_SOFTIRQ, cq_priv(cq)->ibcq->poll_ctx);
	KUNIT_EXPECT_EQ(test, (size_t)KFI_CLASS_CQ, cq->fid.fclass);
	KUNIT_EXPECT_PTR_EQ(test, (void *)f, cq->fid.context);
}

static void cq_format_comes_back_test(struct kunit *test)
{
	struct kfi_cq_attr attr = { .format = KFI_CQ_FORMAT_UNSPEC };
	struct fixture *f = fixture_new(test);

	fixture_cq(f, &attr, NULL, NULL);
	KUNIT_EXPECT_EQ(test, KFI_CQ_FORMAT_DATA, attr.format);
	attr.format = KFI_CQ_FORMAT_TAGGED;
	fixture_cq(f, &attr, NULL, NULL);
	KUNIT_EXPECT_EQ(test, KFI_CQ_FORMAT_TAGGED, attr.format);
}

struct cq_bad_case {
	const char *name;
	struct kfi_cq_attr attr;
	int rc;
};

static const struct cq_bad_case cq_bad_cases[] = {
	{ "one too many", { .size = CQ_MAX + 1 }, -EINVAL },
	{ "size beyond 32 bits", { .size = 1ULL << 32 }, -EINVAL },
	{ "largest size", { .size = SIZE_MAX }, -EINVAL },
	{ "unknown flag", { .flags = 1 }, -KFI_EBADFLAGS },
	{ "flag of another call", { .flags = KFI_AFFINITY | KFI_MORE },
	  -KFI_EBADFLAGS },
	{ "no CPU", { .flags = KFI_AFFINITY, .signaling_vector = -1 },
	  -EINVAL },
	{ "no such CPU", { .flags = KFI_AFFINITY,
			   .signaling_vector = INT_MAX }, -EINVAL },
	{ "format", { .format = KFI_CQ_FORMAT_TAGGED + 1 }, -EINVAL },
	{ "wait set", { .wait_obj = KFI_WAIT_SET }, -ENOSYS },
	{ "condition", { .wait_cond = KFI_CQ_COND_THRESHOLD + 1 }, -ENOSYS },
};

KUNIT_ARRAY_PARAM_DESC(cq_bad, cq_bad_cases, name);

static void cq_bad_test(struct kunit *test)
{
	const struct cq_bad_case *c = test->param_value;
	struct kfi_cq_attr attr = c->attr;
	struct fixture *f = fixture_new(test);
	int cqs = f->hca->cqs;
	struct kfid_cq *cq;

	KUNIT_EXPECT_EQ(test, c->rc,
			kfi_cq_open(f->domain, &attr, &cq, NULL, NULL));
	KUNIT_EXPECT_EQ(test, cqs, f->hca->cqs);
	KUNIT_EXPECT_MEMEQ(test, &c->attr, &attr, sizeof(attr));
}

static void cq_no_place_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);

	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfi_cq_open(f->domain, NULL, NULL, NULL, NULL));
}

static void cq_affinity_test(struct kunit *test)
{
	struct kfi_cq_attr attr = {
		.flags = KFI_AFFINITY,
		.signaling_vector = nr_cpu_ids - 1,
	};
	struct fixture *f = fixture_new(test);
	struct kfid_cq *cq = fixture_cq(f, &attr, NULL, NULL);

	KUNIT_EXPECT_EQ(test, (nr_cpu_ids - 1) % FAKE_VECTORS,
			cq_fake(cq)->comp_vector);
}

/* Without the flag the vector is not looked at. */
static void cq_no_affinity_test(struct kunit *test)
{
	struct kfi_cq_attr attr = { .signaling_vector = -1 };
	struct fixture *f = fixture_new(test);

	fixture_cq(f, &attr, NULL, NULL);
}

static void cq_device_refuses_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfi_cq_attr attr = {};
	struct kfid_cq *cq;

	f->hca->create_cq_rc = -EDQUOT;
	KUNIT_EXPECT_EQ(test, -EDQUOT,
			kfi_cq_open(f->domain, &attr, &cq, NULL, NULL));
	KUNIT_EXPECT_EQ(test, (size_t)0, attr.size);
	f->hca->create_cq_rc = 0;
	fixture_cq(f, NULL, NULL, NULL);
}

static void cq_device_gone_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_cq *cq;

	fake_hca_unplug(f->hca);
	KUNIT_EXPECT_EQ(test, -ENODEV,
			kfi_cq_open(f->domain, NULL, &cq, NULL, NULL));
}

static void cq_busy_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_enable(f, NULL);

	KUNIT_EXPECT_EQ(test, -EBUSY, fixture_close(f, &fe->cq->fid));
	/* and is as it was */
	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			kfi_recv(fe->ep, NULL, 0, NULL, 0, NULL));
	KUNIT_ASSERT_EQ(test, 0, fixture_ep_close(fe));
	KUNIT_EXPECT_EQ(test, 0, fixture_close(f, &fe->cq->fid));
}

static void cq_is_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture *other = fixture_new(test);
	struct kfid_cq *cq = fixture_cq(f, NULL, NULL, NULL);
	struct kfid_eq *eq = fixture_eq(f, 4);

	KUNIT_EXPECT_TRUE(test, kfv_cq_is(&cq->fid, f->dom));
	KUNIT_EXPECT_FALSE(test, kfv_cq_is(&cq->fid, other->dom));
	KUNIT_EXPECT_FALSE(test, kfv_cq_is(&eq->fid, f->dom));
	KUNIT_EXPECT_FALSE(test, kfv_cq_is(&f->domain->fid, f->dom));
}

static void cq_strerror_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_cq *cq = fixture_cq(f, NULL, NULL, NULL);
	char buf[8];

	KUNIT_EXPECT_STREQ(test, ib_wc_status_msg(IB_WC_REM_ACCESS_ERR),
			   kfi_cq_strerror(cq, IB_WC_REM_ACCESS_ERR, NULL, NULL,
					   0));
	kfi_cq_strerror(cq, IB_WC_RETRY_EXC_ERR, NULL, buf, sizeof(buf));
	KUNIT_EXPECT_STREQ(test, "transpo", buf);
	KUNIT_EXPECT_NOT_NULL(test, kfi_cq_strerror(cq, 10000, NULL, buf,
						    sizeof(buf)));
	KUNIT_EXPECT_NOT_NULL(test, kfi_cq_strerror(cq, -1, NULL, buf, 0));
}

static void cq_readfrom_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);
	struct kfi_cq_data_entry entry;
	kfi_addr_t src = 0;

	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_recv(fe->ep, NULL, 0, NULL, 0, &src));
	fake_qp_message(fe->qp, 3);
	KUNIT_ASSERT_EQ(test, (ssize_t)1,
			kfi_cq_readfrom(fe->cq, &entry, 1, &src));
	KUNIT_EXPECT_EQ(test, KFI_ADDR_NOTAVAIL, src);
	KUNIT_EXPECT_EQ(test, (size_t)3, entry.len);
}

/* Arguments are looked at although there is nothing to read. */
static void cq_nothing_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_cq *cq = fixture_cq(f, NULL, NULL, NULL);
	struct kfi_cq_data_entry entry;

	KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL, kfi_cq_read(cq, NULL, 1));
	KUNIT_EXPECT_EQ(test, (ssize_t)0, kfi_cq_read(cq, &entry, 0));
	KUNIT_EXPECT_EQ(test, (ssize_t)0, kfi_cq_read(cq, NULL, 0));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN, kfi_cq_read(cq, &entry, 1));
}

static void cq_sread_test(struct kunit *test)
{
	struct kfi_cq_attr attr = { .wait_obj = KFI_WAIT_QUEUE };
	struct fixture *f = fixture_new(test);
	struct kfid_cq *cq = fixture_cq(f, &attr, NULL, NULL);
	struct kfid_cq *poll = fixture_cq(f, NULL, NULL, NULL);
	struct kfi_cq_data_entry entry;
	kfi_addr_t src;

	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN,
			kfi_cq_sread(cq, &entry, 1, NULL, 1));
	KUNIT_EXPECT_EQ(test, 0, kfi_cq_signal(cq));
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN,
			kfi_cq_sreadfrom(cq, &entry, 1, &src, NULL, -1));
	KUNIT_EXPECT_EQ(test, (ssize_t)-ENOSYS,
			kfi_cq_sread(poll, &entry, 1, NULL, 1));
	KUNIT_EXPECT_EQ(test, -ENOSYS, kfi_cq_signal(poll));
}

/* No success can fill the spare places, so a reader must not wait for that. */
static void cq_threshold_beyond_size_test(struct kunit *test)
{
	struct kfi_cq_attr attr = {
		.size = 4,
		.wait_obj = KFI_WAIT_QUEUE,
		.wait_cond = KFI_CQ_COND_THRESHOLD,
	};
	struct fixture *f = fixture_new(test);
	struct fixture_ep_attr ep_attr = {
		.cq = fixture_cq(f, &attr, NULL, NULL),
	};
	struct fixture_ep *fe = fixture_ep_connect(f, &ep_attr);
	struct kfi_cq_data_entry entries[5];
	size_t goal = SIZE_MAX;
	int i;

	for (i = 0; i < 4; i++)
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				kfi_send(fe->ep, NULL, 0, NULL, 0, NULL));
	fake_qp_complete(fe->qp, 4);
	KUNIT_EXPECT_EQ(test, 4, cq_priv(fe->cq)->ring.goal_max);
	KUNIT_EXPECT_EQ(test, (ssize_t)4,
			kfi_cq_sread(fe->cq, entries, 5, &goal, 1));
}

static void cq_count_call(struct kfid_cq *cq, void *context)
{
	struct fixture_ep *fe = context;

	fe->reposts++;
}

/* Told once, and again only after a read that found nothing */
static void cq_handler_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .handler = cq_count_call };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &attr);
	int i;

	for (i = 0; i < 4; i++)
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				kfi_send(fe->ep, NULL, 0, NULL, 0, NULL));
	fake_qp_complete(fe->qp, 3);
	KUNIT_EXPECT_EQ(test, 1, fe->reposts);
	for (i = 0; i < 3; i++)
		fixture_expect_sent(fe, NULL, KFI_MSG | KFI_SEND);
	fixture_expect_empty(fe);
	fake_qp_complete(fe->qp, 1);
	KUNIT_EXPECT_EQ(test, 2, fe->reposts);
}

/* What was not read stays readable when the device has gone. */
static void cq_outlives_device_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, NULL);

	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_send(fe->ep, NULL, 0, NULL, 0, fe));
	fake_qp_complete(fe->qp, 1);
	fake_hca_unplug(f->hca);
	KUNIT_EXPECT_NULL(test, cq_priv(fe->cq)->ibcq);
	fixture_expect_sent(fe, fe, KFI_MSG | KFI_SEND);
	fixture_expect_empty(fe);
}

/*
 * A silent request that fails makes an entry on a spare place. Here the ring is
 * full, so that the place is missed until an endpoint is enabled.
 */
static void cq_spare_is_replaced_test(struct kunit *test)
{
	const struct fixture_ep_attr small = { .cq_size = 2 };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_connect(f, &small);
	struct fixture_ep_attr attr = { .cq = fe->cq };
	int spare = fixture_spare(fe->cq);
	int i;

	for (i = 0; i < 2; i++)
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				kfi_send(fe->ep, NULL, 0, NULL, 0, NULL));
	KUNIT_ASSERT_EQ(test, (ssize_t)0, kfi_inject(fe->ep, "x", 1, 0));
	fake_qp_complete(fe->qp, 2);
	fake_qp_fail(fe->qp, IB_WC_REM_OP_ERR);
	KUNIT_EXPECT_EQ(test, spare - 1, fixture_spare(fe->cq));
	KUNIT_EXPECT_EQ(test, 0, fixture_room(fe->cq));

	fixture_expect_sent(fe, NULL, KFI_MSG | KFI_SEND);
	fixture_expect_sent(fe, NULL, KFI_MSG | KFI_SEND);
	fixture_expect_error(fe, NULL, KFI_MSG | KFI_SEND, IB_WC_REM_OP_ERR);
	KUNIT_EXPECT_EQ(test, 3, fixture_room(fe->cq));
	fixture_ep_enable(f, &attr);
	KUNIT_EXPECT_EQ(test, spare, fixture_spare(fe->cq));
	KUNIT_EXPECT_EQ(test, 2, fixture_room(fe->cq));
}

static void cq_take_test(struct kunit *test)
{
	struct kfi_cq_attr attr = { .size = 4 };
	struct fixture *f = fixture_new(test);
	struct kfv_cq *cq = cq_priv(fixture_cq(f, &attr, NULL, NULL));

	KUNIT_EXPECT_FALSE(test, kfv_cq_take(cq, 5));
	KUNIT_EXPECT_TRUE(test, kfv_cq_take(cq, 3));
	KUNIT_EXPECT_FALSE(test, kfv_cq_take(cq, 2));
	KUNIT_EXPECT_TRUE(test, kfv_cq_take(cq, 1));
	KUNIT_EXPECT_FALSE(test, kfv_cq_take_spare(cq, KFV_MIN_SPARE + 1));
	KUNIT_EXPECT_TRUE(test, kfv_cq_take_spare(cq, KFV_MIN_SPARE));
	KUNIT_EXPECT_FALSE(test, kfv_cq_take_spare(cq, 1));
	kfv_cq_give(cq, 4, false);
	kfv_cq_give(cq, KFV_MIN_SPARE, true);
	KUNIT_EXPECT_EQ(test, 4, atomic_read(&cq->ring.room));
	KUNIT_EXPECT_EQ(test, KFV_MIN_SPARE, kfv_cq_spare(cq));
}

static void cq_one_cpu_too_many_test(struct kunit *test)
{
	struct kfi_cq_attr attr = {
		.flags = KFI_AFFINITY,
		.signaling_vector = nr_cpu_ids,
	};
	struct fixture *f = fixture_new(test);
	struct kfid_cq *cq;

	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfi_cq_open(f->domain, &attr, &cq, NULL, NULL));
}

static struct kunit_case cq_cases[] = {
	KUNIT_CASE_PARAM(cq_size_test, cq_size_gen_params),
	KUNIT_CASE(cq_defaults_test),
	KUNIT_CASE(cq_format_comes_back_test),
	KUNIT_CASE_PARAM(cq_bad_test, cq_bad_gen_params),
	KUNIT_CASE(cq_no_place_test),
	KUNIT_CASE(cq_affinity_test),
	KUNIT_CASE(cq_no_affinity_test),
	KUNIT_CASE(cq_device_refuses_test),
	KUNIT_CASE(cq_device_gone_test),
	KUNIT_CASE(cq_busy_test),
	KUNIT_CASE(cq_is_test),
	KUNIT_CASE(cq_strerror_test),
	KUNIT_CASE(cq_readfrom_test),
	KUNIT_CASE(cq_nothing_test),
	KUNIT_CASE(cq_sread_test),
	KUNIT_CASE(cq_threshold_beyond_size_test),
	KUNIT_CASE(cq_handler_test),
	KUNIT_CASE(cq_outlives_device_test),
	KUNIT_CASE(cq_spare_is_replaced_test),
	KUNIT_CASE(cq_take_test),
	KUNIT_CASE(cq_one_cpu_too_many_test),
	{}
};

static struct kunit_suite cq_suite = {
	.name = "kfi_verbs_cq",
	.test_cases = cq_cases,
};

kunit_test_suite(cq_suite);
