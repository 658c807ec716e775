// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Registry: which providers are taken, which are visible, and when they are
 * gone.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/workqueue.h>

#include "fake_prov.h"

#define V1_0	KFI_VERSION(1, 0)
#define V1_1	KFI_VERSION(1, 1)
#define V2_0	KFI_VERSION(2, 0)

/* How many infos the providers answer together */
static int ask(const char *prov_name)
{
	struct kfi_fabric_attr attr = { .prov_name = (char *)prov_name };
	struct kfi_info hints = { .fabric_attr = &attr };
	struct kfi_info *info;
	struct kfi_info *i;
	int count = 0;

	if (kfi_getinfo(0, NULL, NULL, 0, &hints, &info))
		return 0;
	for (i = info; i; i = i->next)
		count++;
	kfi_freeinfo(info);
	return count;
}

/*
 * What is taken
 */

static void provider_register_test(struct kunit *test)
{
	struct fake_prov *a = fake_prov_get(test, "a", V1_0);

	KUNIT_EXPECT_EQ(test, 0, ask("a"));
	KUNIT_EXPECT_EQ(test, 0, fake_prov_register(a));
	KUNIT_EXPECT_EQ(test, 1, ask("a"));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&a->prov.ref_cnt));
}

static void provider_register_null_test(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_provider_register(NULL));
}

struct provider_case {
	const char *desc;
	const char *name;
	u32 kfi_version;
	bool no_getinfo;
	bool no_fabric;
	int err;
};

#define NAME_63 "a23456789b123456789c123456789d123456789e123456789f123456789g123"

static const struct provider_case provider_cases[] = {
	{ "no name", NULL, KFI_VERSION(1, 7), .err = -EINVAL },
	{ "empty name", "", KFI_VERSION(1, 7), .err = -EINVAL },
	{ "name of 63", NAME_63, KFI_VERSION(1, 7), .err = 0 },
	{ "name of 64", NAME_63 "4", KFI_VERSION(1, 7), .err = -EINVAL },
	{ "no getinfo", "a", KFI_VERSION(1, 7), .no_getinfo = true,
	  .err = -EINVAL },
	{ "no fabric", "a", KFI_VERSION(1, 7), .no_fabric = true,
	  .err = -EINVAL },
	{ "oldest minor", "a", KFI_VERSION(1, 0), .err = 0 },
	{ "newer minor", "a", KFI_VERSION(1, 8), .err = -ENOSYS },
	{ "older major", "a", KFI_VERSION(0, 7), .err = -ENOSYS },
	{ "newer major", "a", KFI_VERSION(2, 0), .err = -ENOSYS },
	{ "no version", "a", 0, .err = -ENOSYS },
};

static void provider_case_desc(const struct provider_case *c, char *desc)
{
	strscpy(desc, c->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(provider, provider_cases, provider_case_desc);

static void provider_check_test(struct kunit *test)
{
	const struct provider_case *c = test->param_value;
	struct fake_prov *fake = fake_prov_get(test, c->name, V1_0);

	fake->prov.kfi_version = c->kfi_version;
	if (c->no_getinfo)
		fake->prov.kgetinfo = NULL;
	if (c->no_fabric)
		fake->prov.kfabric = NULL;

	KUNIT_EXPECT_EQ(test, c->err, fake_prov_register(fake));
	KUNIT_EXPECT_EQ(test, c->err ? 0 : 1, ask(NULL));
}

static void provider_register_twice_test(struct kunit *test)
{
	struct fake_prov *a = fake_prov_start(test, "a", V1_0);

	KUNIT_EXPECT_EQ(test, -EEXIST, kfi_provider_register(&a->prov));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&a->prov.ref_cnt));
	KUNIT_EXPECT_EQ(test, 1, ask("a"));
}

static void provider_refused_is_untouched_test(struct kunit *test)
{
	struct fake_prov *old = fake_prov_get(test, "a", V1_0);

	fake_prov_start(test, "a", V1_1);
	old->prov.ref_cnt = (atomic_t)ATOMIC_INIT(42);

	KUNIT_EXPECT_EQ(test, -EEXIST, fake_prov_register(old));
	KUNIT_EXPECT_EQ(test, 42, atomic_read(&old->prov.ref_cnt));
	KUNIT_EXPECT_EQ(test, 0, old->cleanups);
	KUNIT_EXPECT_EQ(test, -ENODATA, kfi_provider_deregister(&old->prov));
	KUNIT_EXPECT_EQ(test, 0, old->cleanups);
}

/*
 * Several of one name
 */

static void provider_same_version_test(struct kunit *test)
{
	struct fake_prov *second = fake_prov_get(test, "a", V1_0);

	fake_prov_start(test, "a", V1_0);
	KUNIT_EXPECT_EQ(test, -EEXIST, fake_prov_register(second));
	KUNIT_EXPECT_EQ(test, 1, ask("a"));
}

static void provider_newer_replaces_test(struct kunit *test)
{
	struct fake_prov *old = fake_prov_start(test, "a", V1_0);
	struct fake_prov *new = fake_prov_start(test, "a", V1_1);
	struct kfid_fabric *fabric;

	KUNIT_EXPECT_EQ(test, 1, ask("a"));
	KUNIT_EXPECT_EQ(test, 1, ask(NULL));
	KUNIT_EXPECT_EQ(test, 0, old->getinfos);
	KUNIT_EXPECT_EQ(test, 2, new->getinfos);

	fabric = fake_prov_open(test, new);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&old->opened));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&new->opened));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&fabric->fid));
}

static void provider_older_comes_back_test(struct kunit *test)
{
	struct fake_prov *old = fake_prov_start(test, "a", V1_0);
	struct fake_prov *new = fake_prov_start(test, "a", V2_0);

	KUNIT_EXPECT_EQ(test, 0, fake_prov_deregister(new));
	KUNIT_EXPECT_EQ(test, 1, ask("a"));
	KUNIT_EXPECT_EQ(test, 1, old->getinfos);
	KUNIT_EXPECT_EQ(test, 0, new->getinfos);
}

static void provider_hidden_deregisters_test(struct kunit *test)
{
	struct fake_prov *old = fake_prov_start(test, "a", V1_0);
	struct fake_prov *new = fake_prov_start(test, "a", V1_1);

	KUNIT_EXPECT_EQ(test, 0, fake_prov_deregister(old));
	KUNIT_EXPECT_EQ(test, 1, old->cleanups);
	KUNIT_EXPECT_EQ(test, 1, ask("a"));
	KUNIT_EXPECT_EQ(test, 1, new->getinfos);
}

static void provider_replaced_keeps_fabrics_test(struct kunit *test)
{
	struct fake_prov *old = fake_prov_start(test, "a", V1_0);
	struct kfid_fabric *fabric = fake_prov_open(test, old);

	fake_prov_start(test, "a", V1_1);
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&old->prov.ref_cnt));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&fabric->fid));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&old->open));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&old->prov.ref_cnt));
}

static void provider_names_are_exact_test(struct kunit *test)
{
	struct fake_prov *ab = fake_prov_start(test, "ab", V1_0);
	struct fake_prov *a = fake_prov_start(test, "a", V1_0);

	KUNIT_EXPECT_EQ(test, 2, ask(NULL));
	KUNIT_EXPECT_EQ(test, 1, ask("a"));
	KUNIT_EXPECT_EQ(test, 1, ab->getinfos);
	KUNIT_EXPECT_EQ(test, 2, a->getinfos);
	KUNIT_EXPECT_EQ(test, 0, ask("abc"));
	KUNIT_EXPECT_EQ(test, 0, ask("A"));
	KUNIT_EXPECT_EQ(test, 0, ask(""));
}

/*
 * Leaving
 */

static void provider_deregister_null_test(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_provider_deregister(NULL));
}

static void provider_deregister_unknown_test(struct kunit *test)
{
	struct fake_prov *fake = fake_prov_get(test, "a", V1_0);

	KUNIT_EXPECT_EQ(test, -ENODATA, kfi_provider_deregister(&fake->prov));
	KUNIT_EXPECT_EQ(test, 0, fake->cleanups);
}

static void provider_deregister_twice_test(struct kunit *test)
{
	struct fake_prov *a = fake_prov_start(test, "a", V1_0);

	KUNIT_EXPECT_EQ(test, 0, fake_prov_deregister(a));
	KUNIT_EXPECT_EQ(test, -ENODATA, fake_prov_deregister(a));
	KUNIT_EXPECT_EQ(test, 1, a->cleanups);
}

static void provider_without_cleanup_test(struct kunit *test)
{
	struct fake_prov *a = fake_prov_get(test, "a", V1_0);

	a->prov.cleanup = NULL;
	KUNIT_ASSERT_EQ(test, 0, fake_prov_register(a));
	KUNIT_EXPECT_EQ(test, 0, fake_prov_deregister(a));
	KUNIT_EXPECT_EQ(test, 0, ask(NULL));
}

static void provider_register_again_test(struct kunit *test)
{
	struct fake_prov *a = fake_prov_start(test, "a", V1_0);
	int i;

	for (i = 0; i < 100; i++) {
		KUNIT_ASSERT_EQ(test, 0, fake_prov_deregister(a));
		KUNIT_ASSERT_EQ(test, 0, fake_prov_register(a));
	}
	KUNIT_EXPECT_EQ(test, 1, ask("a"));
	KUNIT_EXPECT_EQ(test, 100, a->cleanups);
}

/*
 * Somebody deregisters, and what that has to wait for
 */

struct provider_leaver {
	struct work_struct work;
	struct fake_prov *fake;
	struct completion done;
	int ret;
};

static void provider_leave(struct work_struct *work)
{
	struct provider_leaver *leaver =
		container_of(work, struct provider_leaver, work);

	leaver->ret = fake_prov_deregister(leaver->fake);
	complete(&leaver->done);
}

static void provider_start_leaving(struct provider_leaver *leaver,
				   struct fake_prov *fake)
{
	leaver->fake = fake;
	init_completion(&leaver->done);
	INIT_WORK_ONSTACK(&leaver->work, provider_leave);
	queue_work(system_unbound_wq, &leaver->work);
}

static bool provider_has_left(struct provider_leaver *leaver)
{
	return wait_for_completion_timeout(&leaver->done, HZ / 10);
}

static int provider_wait_until_left(struct provider_leaver *leaver)
{
	flush_work(&leaver->work);
	destroy_work_on_stack(&leaver->work);
	return leaver->ret;
}

static void provider_waits_for_fabric_test(struct kunit *test)
{
	struct fake_prov *a = fake_prov_start(test, "a", V1_0);
	struct kfid_fabric *fabric = fake_prov_open(test, a);
	struct kfi_fabric_attr attr = { .name = "fab0", .prov_name = "a" };
	struct provider_leaver leaver;
	struct kfid_fabric *second;

	provider_start_leaving(&leaver, a);
	KUNIT_EXPECT_FALSE(test, provider_has_left(&leaver));
	KUNIT_EXPECT_EQ(test, 0, a->cleanups);

	KUNIT_EXPECT_EQ(test, 0, ask(NULL));
	KUNIT_EXPECT_EQ(test, -ENODEV, kfi_fabric(&attr, &second, NULL));

	KUNIT_EXPECT_EQ(test, 0, kfi_close(&fabric->fid));
	KUNIT_EXPECT_EQ(test, 0, provider_wait_until_left(&leaver));
	KUNIT_EXPECT_EQ(test, 1, a->cleanups);
}

struct provider_gate {
	struct completion entered;
	struct completion leave;
};

static void provider_gate_hook(void *arg)
{
	struct provider_gate *gate = arg;

	complete(&gate->entered);
	wait_for_completion(&gate->leave);
}

static void provider_ask(struct work_struct *work)
{
	ask("a");
}

static void provider_waits_for_getinfo_test(struct kunit *test)
{
	struct fake_prov *a = fake_prov_start(test, "a", V1_0);
	struct provider_leaver leaver;
	struct provider_gate gate;
	struct work_struct asker;

	init_completion(&gate.entered);
	init_completion(&gate.leave);
	a->hook = provider_gate_hook;
	a->hook_arg = &gate;

	INIT_WORK_ONSTACK(&asker, provider_ask);
	queue_work(system_unbound_wq, &asker);
	wait_for_completion(&gate.entered);

	provider_start_leaving(&leaver, a);
	KUNIT_EXPECT_FALSE(test, provider_has_left(&leaver));
	KUNIT_EXPECT_EQ(test, 0, a->cleanups);

	complete(&gate.leave);
	KUNIT_EXPECT_EQ(test, 0, provider_wait_until_left(&leaver));
	KUNIT_EXPECT_EQ(test, 1, a->cleanups);

	flush_work(&asker);
	destroy_work_on_stack(&asker);
}

/*
 * Clients open, ask and close while a provider comes and goes. Whatever they
 * got was whole, and nothing is left.
 */

struct provider_client {
	int opens;
	int asks;
	int bad;
};

static void provider_client_round(struct provider_client *client)
{
	struct kfi_fabric_attr attr = { .name = "fab0", .prov_name = "b" };
	struct kfid_fabric *fabric;
	int ret;

	ret = kfi_fabric(&attr, &fabric, NULL);
	if (!ret) {
		client->opens++;
		ret = kfi_close(&fabric->fid);
	}
	if (ret && ret != -ENODEV)
		client->bad++;

	/* "a" is there all the time */
	ret = ask(NULL);
	if (ret != 1 && ret != 2)
		client->bad++;
	client->asks++;
}

static int provider_client_run(void *arg)
{
	while (!kthread_should_stop()) {
		provider_client_round(arg);
		usleep_range(20, 50);
	}
	return 0;
}

static void provider_race_test(struct kunit *test)
{
	struct fake_prov *b = fake_prov_get(test, "b", V1_0);
	struct provider_client clients[2] = { };
	struct task_struct *tasks[2];
	int i;

	fake_prov_start(test, "a", V1_0);
	for (i = 0; i < 2; i++) {
		tasks[i] = kthread_run(provider_client_run, &clients[i],
				       "kfi-client");
		KUNIT_ASSERT_FALSE(test, IS_ERR(tasks[i]));
	}

	for (i = 0; i < 200; i++) {
		KUNIT_EXPECT_EQ(test, 0, fake_prov_register(b));
		usleep_range(100, 300);
		KUNIT_EXPECT_EQ(test, 0, fake_prov_deregister(b));
		KUNIT_EXPECT_EQ(test, 0, atomic_read(&b->open));
	}

	for (i = 0; i < 2; i++) {
		kthread_stop(tasks[i]);
		KUNIT_EXPECT_EQ(test, 0, clients[i].bad);
		KUNIT_EXPECT_GT(test, clients[i].asks, 0);
	}
	KUNIT_EXPECT_EQ(test, 200, b->cleanups);
}

static struct kunit_case provider_kunit_cases[] = {
	KUNIT_CASE(provider_register_test),
	KUNIT_CASE(provider_register_null_test),
	KUNIT_CASE_PARAM(provider_check_test, provider_gen_params),
	KUNIT_CASE(provider_register_twice_test),
	KUNIT_CASE(provider_refused_is_untouched_test),
	KUNIT_CASE(provider_same_version_test),
	KUNIT_CASE(provider_newer_replaces_test),
	KUNIT_CASE(provider_older_comes_back_test),
	KUNIT_CASE(provider_hidden_deregisters_test),
	KUNIT_CASE(provider_replaced_keeps_fabrics_test),
	KUNIT_CASE(provider_names_are_exact_test),
	KUNIT_CASE(provider_deregister_null_test),
	KUNIT_CASE(provider_deregister_unknown_test),
	KUNIT_CASE(provider_deregister_twice_test),
	KUNIT_CASE(provider_without_cleanup_test),
	KUNIT_CASE(provider_register_again_test),
	KUNIT_CASE(provider_waits_for_fabric_test),
	KUNIT_CASE(provider_waits_for_getinfo_test),
	KUNIT_CASE(provider_race_test),
	{}
};

static struct kunit_suite provider_suite = {
	.name = "kfi_core_provider",
	.test_cases = provider_kunit_cases,
};

kunit_test_suite(provider_suite);

MODULE_DESCRIPTION("KUnit suites of kfabric");
MODULE_LICENSE("Dual BSD/GPL");
