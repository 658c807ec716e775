// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Which method: what each side says, what is made of it, and who may decide
 * otherwise.
 */
#include <linux/fs.h>

#include <kfi_verbs_ext.h>

#include "fixture_pmem.h"

#define PARAMETERS	"/sys/module/kfi_verbs/parameters/"

/*
 * Module parameters
 */

static ssize_t persist_write(const char *path, const char *value)
{
	struct file *file = filp_open(path, O_WRONLY, 0);
	loff_t pos = 0;
	ssize_t rc;

	if (IS_ERR(file))
		return PTR_ERR(file);
	rc = kernel_write(file, value, strlen(value), &pos);
	filp_close(file, NULL);
	return rc < 0 ? rc : 0;
}

static void persist_reset(void *data)
{
	struct kunit *test = data;

	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			persist_write(PARAMETERS "persist_method", "auto"));
	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			persist_write(PARAMETERS "read_after_write", "0"));
}

/* Set parameters, which the end of the test resets */
static void persist_force(struct kunit *test, const char *method)
{
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, persist_reset,
							   test));
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			persist_write(PARAMETERS "persist_method", method));
}

static void persist_state_reads(struct kunit *test, const char *value)
{
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			persist_write(PARAMETERS "read_after_write", value));
}

static void persist_bad_parameter_test(struct kunit *test)
{
	static const char * const bad[] = { "none", "flushes", "5", " " };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL,
				persist_write(PARAMETERS "persist_method",
					      bad[i]));
}

/*
 * What this side says
 */

struct persist_say_case {
	const char *name;
	bool executes;
	bool posts;
	bool states;
	u32 features;
};

static const struct persist_say_case persist_say_cases[] = {
	{ "nothing", false, false, false, 0 },
	{ "posts only", false, true, false, 0 },
	{ "executes", true, false, false,
	  KFV_WIRE_F_FLUSH | KFV_WIRE_F_ATOMIC_WRITE },
	{ "executes, states", true, true, true,
	  KFV_WIRE_F_FLUSH | KFV_WIRE_F_ATOMIC_WRITE | KFV_WIRE_F_READ },
	{ "states", false, false, true, KFV_WIRE_F_READ },
};

KUNIT_ARRAY_PARAM_DESC(persist_say, persist_say_cases, name);

static void persist_declare_test(struct kunit *test)
{
	const struct persist_say_case *c = test->param_value;
	const struct fixture_ep_attr attr = { .pmem = true };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe;
	struct kfv_wire_decl decl;
	u32 always = KFV_WIRE_F_CTL | KFV_WIRE_F_PLACED;

	if (IS_ENABLED(CONFIG_ARCH_HAS_PMEM_API))
		always |= KFV_WIRE_F_SERVE;
	fake_hca_can_flush(f->hca, c->executes, c->posts);
	persist_force(test, "auto");
	persist_state_reads(test, c->states ? "1" : "0");
	fe = fixture_ep_enable(f, &attr);
	kfv_persist_declare(fe->priv, &decl);
	KUNIT_EXPECT_EQ(test, c->features | always, decl.features);
	KUNIT_EXPECT_EQ(test, fe->ctl->ibqp.qp_num, decl.qpn);
	KUNIT_EXPECT_EQ(test, fe->priv->commit->ctl.psn, decl.psn);
	/* where memory is mapped, an acknowledgment says nothing */
	f->dom->virt_dma = false;
	kfv_persist_declare(fe->priv, &decl);
	KUNIT_EXPECT_EQ(test, (c->features | always) & ~KFV_WIRE_F_PLACED,
			decl.features);
	f->dom->virt_dma = true;
}

/* An endpoint that was opened without it has nothing to say of it. */
static void persist_declare_plain_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfv_wire_decl decl = { 1, 2, 3 };
	struct fixture_ep *fe;

	fake_hca_can_flush(f->hca, true, true);
	fe = fixture_ep_enable(f, NULL);
	kfv_persist_declare(fe->priv, &decl);
	KUNIT_EXPECT_EQ(test, (u32)KFV_WIRE_F_PLACED, decl.features);
	KUNIT_EXPECT_EQ(test, 0U, decl.qpn);
	KUNIT_EXPECT_EQ(test, 0U, decl.psn);
}

/* Half of it is no FLUSH that makes anything durable. */
static void persist_declare_half_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .pmem = true };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_enable(f, &attr);
	u64 *caps = &f->hca->ibdev.attrs.device_cap_flags;
	struct kfv_wire_decl decl;

	*caps |= IB_DEVICE_FLUSH_GLOBAL;
	kfv_persist_declare(fe->priv, &decl);
	KUNIT_EXPECT_FALSE(test, decl.features & KFV_WIRE_F_FLUSH);
	*caps ^= IB_DEVICE_FLUSH_GLOBAL | IB_DEVICE_FLUSH_PERSISTENT;
	kfv_persist_declare(fe->priv, &decl);
	KUNIT_EXPECT_FALSE(test, decl.features & KFV_WIRE_F_FLUSH);
	KUNIT_EXPECT_FALSE(test, decl.features & KFV_WIRE_F_ATOMIC_WRITE);
}

static void persist_offered_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);

	KUNIT_EXPECT_EQ(test, IS_ENABLED(CONFIG_ARCH_HAS_PMEM_API),
			kfv_persist_offered(&f->hca->ibdev));
	fake_hca_can_flush(f->hca, true, false);
	KUNIT_EXPECT_TRUE(test, kfv_persist_offered(&f->hca->ibdev));
}

/*
 * What is made of it
 */

struct persist_pick_case {
	const char *name;
	const char *force;
	u32 peer;
	bool posts;
	enum kfi_verbs_method commit;
	enum kfi_verbs_method delivery;
	const char *why;
};

#define ALL	(KFV_WIRE_F_FLUSH | KFV_WIRE_F_READ | KFV_WIRE_F_SERVE)

static const struct persist_pick_case persist_pick_cases[] = {
	{ "all", "auto", ALL, true, KFI_VERBS_FLUSH, KFI_VERBS_FLUSH,
	  "this kernel posts FLUSH and the peer's device executes it" },
	{ "all, placed", "auto", ALL | KFV_WIRE_F_PLACED, true,
	  KFI_VERBS_FLUSH, KFI_VERBS_ACK, NULL },
	{ "all, cannot post", "auto", ALL, false, KFI_VERBS_READ,
	  KFI_VERBS_READ,
	  "no FLUSH; the peer states that a read proves durability" },
	{ "no flush", "auto", KFV_WIRE_F_READ | KFV_WIRE_F_SERVE, true,
	  KFI_VERBS_READ, KFI_VERBS_READ, NULL },
	{ "a CPU", "auto", KFV_WIRE_F_SERVE, true, KFI_VERBS_RESPONDER,
	  KFI_VERBS_READ,
	  "no FLUSH, nor is a read proof; the peer's CPU commits" },
	{ "nothing", "auto", 0, true, KFI_VERBS_NONE, KFI_VERBS_READ,
	  "the peer can do nothing for durability" },
	{ "atomic write only", "auto", KFV_WIRE_F_ATOMIC_WRITE, true,
	  KFI_VERBS_NONE, KFI_VERBS_READ, NULL },
	{ "flush, cannot post", "auto", KFV_WIRE_F_FLUSH, false,
	  KFI_VERBS_NONE, KFI_VERBS_READ, NULL },
	{ "unknown features", "auto", 0xffffff00, true, KFI_VERBS_NONE,
	  KFI_VERBS_READ, NULL },
	{ "forced flush", "flush", ALL, true, KFI_VERBS_FLUSH,
	  KFI_VERBS_FLUSH, "forced by persist_method" },
	{ "forced flush, cannot post", "flush", ALL, false, KFI_VERBS_NONE,
	  KFI_VERBS_READ, "this kernel cannot post FLUSH" },
	{ "forced flush, peer cannot", "flush",
	  KFV_WIRE_F_READ | KFV_WIRE_F_SERVE, true, KFI_VERBS_NONE,
	  KFI_VERBS_READ, "the peer's device does not execute FLUSH" },
	{ "forced read", "read", ALL, true, KFI_VERBS_READ, KFI_VERBS_READ,
	  "forced by persist_method" },
	{ "forced read, placed", "read", ALL | KFV_WIRE_F_PLACED, true,
	  KFI_VERBS_READ, KFI_VERBS_READ, NULL },
	{ "forced read, not stated", "read",
	  KFV_WIRE_F_FLUSH | KFV_WIRE_F_SERVE, true, KFI_VERBS_NONE,
	  KFI_VERBS_READ,
	  "the peer does not state that a read proves durability" },
	{ "forced responder", "responder", ALL, true, KFI_VERBS_RESPONDER,
	  KFI_VERBS_READ, "forced by persist_method" },
	{ "forced responder, peer cannot", "responder",
	  KFV_WIRE_F_FLUSH | KFV_WIRE_F_READ, true, KFI_VERBS_NONE,
	  KFI_VERBS_READ, "the peer cannot write back its caches" },
	{ "forced ack", "ack", ALL | KFV_WIRE_F_PLACED, true, KFI_VERBS_NONE,
	  KFI_VERBS_ACK, "an acknowledgment proves no durability" },
};

KUNIT_ARRAY_PARAM_DESC(persist_pick, persist_pick_cases, name);

static struct kfi_verbs_ep_ops *persist_ops(struct fixture_ep *fe)
{
	struct kfi_verbs_ep_ops *ops = NULL;

	KUNIT_ASSERT_EQ(fe->f->test, 0,
			kfi_open_ops(&fe->ep->fid, KFI_VERBS_EP_OPS_1, 0,
				     (void **)&ops, NULL));
	KUNIT_ASSERT_NOT_NULL(fe->f->test, ops);
	return ops;
}

static void persist_expect_no_flush(struct fixture_ep *fe)
{
	const struct kfi_rma_iov rma = { 0, 8, KFV_KEY_BITS | 0x55 };
	const struct kvec iov = { "12345678", 8 };
	const struct kfi_msg_rma msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
		.rma_iov = &rma, .rma_iov_count = 1,
	};

	kfi_writemsg(fe->ep, &msg, KFI_COMMIT_COMPLETE);
	kfi_writemsg(fe->ep, &msg, KFI_COMMIT_COMPLETE | KFI_FENCE);
	kfi_writemsg(fe->ep, &msg, KFI_DELIVERY_COMPLETE);
	KUNIT_EXPECT_EQ(fe->f->test, 0U, fe->f->hca->flushes);
}

static void persist_pick_test(struct kunit *test)
{
	const struct persist_pick_case *c = test->param_value;
	const struct fixture_ep_attr attr = { .pmem = true, .peer = c->peer };
	struct fixture *f = fixture_new(test);
	struct kfi_verbs_persistence p = {};
	struct fixture_ep *fe;

	fake_hca_can_flush(f->hca, true, c->posts);
	persist_force(test, c->force);
	fe = fixture_ep_connect(f, &attr);
	KUNIT_ASSERT_EQ(test, 0, persist_ops(fe)->get_persistence(&fe->ep->fid,
								  &p));
	KUNIT_EXPECT_EQ(test, c->commit, p.commit);
	KUNIT_EXPECT_EQ(test, c->delivery, p.delivery);
	if (c->why)
		KUNIT_EXPECT_STREQ(test, c->why, p.why);
	KUNIT_EXPECT_EQ(test, !!(c->peer & KFV_WIRE_F_SERVE),
			fe->priv->commit->serves);
	if (c->commit != KFI_VERBS_FLUSH)
		persist_expect_no_flush(fe);
}

/* A peer that was opened without it gets no commits. */
static void persist_plain_peer_test(struct kunit *test)
{
	const struct kfv_wire_decl peer = { .features = ALL };
	const struct fixture_ep_attr attr = { .pmem = true };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe;

	fake_hca_can_flush(f->hca, true, true);
	fe = fixture_ep_enable(f, &attr);
	KUNIT_EXPECT_EQ(test, 0, kfv_persist_agree(fe->priv, &peer));
	KUNIT_EXPECT_EQ(test, KFI_VERBS_NONE, fe->priv->commit->method);
	KUNIT_EXPECT_FALSE(test, fe->priv->commit->serves);
	KUNIT_EXPECT_STREQ(test, "the peer's endpoint was opened without KFI_RMA_PMEM",
			   fe->priv->commit->why);
	KUNIT_EXPECT_EQ(test, IB_QPS_INIT, fe->ctl->state);
}

/*
 * By region
 */

struct persist_key_case {
	const char *name;
	u32 peer;
	u64 keys;
	enum kfi_verbs_method commit;
	enum kfi_verbs_method delivery;
	enum kfi_verbs_method fenced;
};

#define P	KFV_KEY_PMEM
#define F	KFV_KEY_FLUSH
#define R	KFV_KEY_READ

static const struct persist_key_case persist_key_cases[] = {
	{ "flush", ALL, P | F | R, KFI_VERBS_FLUSH, KFI_VERBS_FLUSH,
	  KFI_VERBS_READ },
	{ "flush, no read", ALL, P | F, KFI_VERBS_FLUSH, KFI_VERBS_FLUSH,
	  KFI_VERBS_NONE },
	{ "flush, legacy", ALL, P | R, KFI_VERBS_RESPONDER, KFI_VERBS_READ,
	  KFI_VERBS_READ },
	{ "flush, legacy, no CPU", KFV_WIRE_F_FLUSH, P | R, KFI_VERBS_NONE,
	  KFI_VERBS_READ, KFI_VERBS_READ },
	{ "flush, legacy, no read", ALL, P, KFI_VERBS_NONE, KFI_VERBS_NONE,
	  KFI_VERBS_NONE },
	{ "flush, legacy, no read, placed", ALL | KFV_WIRE_F_PLACED, P,
	  KFI_VERBS_RESPONDER, KFI_VERBS_ACK, KFI_VERBS_ACK },
	{ "flush, not persistent", ALL, F | R, KFI_VERBS_NONE,
	  KFI_VERBS_FLUSH, KFI_VERBS_READ },
	{ "read", KFV_WIRE_F_READ, P | F | R, KFI_VERBS_READ, KFI_VERBS_READ,
	  KFI_VERBS_READ },
	{ "read, no read", KFV_WIRE_F_READ, P | F, KFI_VERBS_NONE,
	  KFI_VERBS_NONE, KFI_VERBS_NONE },
	{ "nothing", 0, P | F | R, KFI_VERBS_NONE, KFI_VERBS_READ,
	  KFI_VERBS_READ },
};

KUNIT_ARRAY_PARAM_DESC(persist_key, persist_key_cases, name);

static void persist_key_test(struct kunit *test)
{
	const struct persist_key_case *c = test->param_value;
	const struct fixture_ep_attr attr = { .pmem = true, .peer = c->peer };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe;

	fake_hca_can_flush(f->hca, true, true);
	fe = fixture_ep_connect(f, &attr);
	KUNIT_EXPECT_EQ(test, c->commit,
			kfv_persist_commit(fe->priv, c->keys));
	KUNIT_EXPECT_EQ(test, c->delivery,
			kfv_persist_delivery(fe->priv, c->keys, false));
	KUNIT_EXPECT_EQ(test, c->fenced,
			kfv_persist_delivery(fe->priv, c->keys, true));
}

static void persist_plain_endpoint_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .peer = ALL };
	struct fixture_ep *fe = fixture_ep_connect(fixture_new(test), &attr);
	struct kfi_verbs_persistence p = {};

	KUNIT_EXPECT_EQ(test, KFI_VERBS_NONE,
			kfv_persist_commit(fe->priv, P | F | R));
	KUNIT_ASSERT_EQ(test, 0, persist_ops(fe)->get_persistence(&fe->ep->fid,
								  &p));
	KUNIT_EXPECT_EQ(test, KFI_VERBS_NONE, p.commit);
	KUNIT_EXPECT_EQ(test, KFI_VERBS_READ, p.delivery);
	KUNIT_EXPECT_STREQ(test, "this endpoint was opened without KFI_RMA_PMEM",
			   p.why);
}

/*
 * The extension, and a statement that is taken back
 */

static void persist_open_ops_test(struct kunit *test)
{
	struct fixture_ep *fe = fixture_ep_enable(fixture_new(test), NULL);
	struct kfid *fid = &fe->ep->fid;
	struct kfi_verbs_persistence p;
	void *ops;

	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfi_open_ops(fid, NULL, 0, &ops, NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfi_open_ops(fid, KFI_VERBS_EP_OPS_1, 0, NULL, NULL));
	KUNIT_EXPECT_EQ(test, -KFI_EBADFLAGS,
			kfi_open_ops(fid, KFI_VERBS_EP_OPS_1, 1, &ops, NULL));
	KUNIT_EXPECT_EQ(test, -ENOSYS,
			kfi_open_ops(fid, "verbs_ep_ops_v2", 0, &ops, NULL));
	KUNIT_EXPECT_EQ(test, -ENOTCONN,
			persist_ops(fe)->get_persistence(fid, &p));
}

static void persist_taken_back_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .pmem = true };
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe, *plain;

	persist_force(test, "auto");
	persist_state_reads(test, "1");
	fe = fixture_ep_connect(f, &attr);
	plain = fixture_ep_connect(f, NULL);
	/* said once more, nothing changes */
	persist_state_reads(test, "1");
	fixture_expect_no_event(fe);
	persist_state_reads(test, "0");
	fixture_expect_shutdown(fe);
	fixture_expect_no_event(plain);
}

static struct kunit_case persist_cases[] = {
	KUNIT_CASE(persist_bad_parameter_test),
	KUNIT_CASE_PARAM(persist_declare_test, persist_say_gen_params),
	KUNIT_CASE(persist_declare_plain_test),
	KUNIT_CASE(persist_declare_half_test),
	KUNIT_CASE(persist_offered_test),
	KUNIT_CASE_PARAM(persist_pick_test, persist_pick_gen_params),
	KUNIT_CASE(persist_plain_peer_test),
	KUNIT_CASE_PARAM(persist_key_test, persist_key_gen_params),
	KUNIT_CASE(persist_plain_endpoint_test),
	KUNIT_CASE(persist_open_ops_test),
	KUNIT_CASE(persist_taken_back_test),
	{}
};

static struct kunit_suite persist_suite = {
	.name = "kfi_verbs_persist",
	.test_cases = persist_cases,
};

kunit_test_suite(persist_suite);
