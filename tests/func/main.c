// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: kfi_func
 *
 * Purpose: functional tests of kfabric on a real device. /dev/kfi_func takes
 * a command and answers with notes about what went wrong; run.sh goes through
 * all cases.
 *
 * Operation: without a command the device lists the cases. "case=SUITE.NAME"
 * (or "case=polled.SUITE.NAME") runs one: the answer ends with "passed", or with an
 * error. "all" runs all that need nobody's help and answers in KTAP. "seed=" and
 * "ops=" are for cases that draw random numbers.
 *
 * A case that needs something done from outside prints "ready" and waits.
 */
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "func.h"

char *func_node = "192.0.2.1";
module_param_named(node, func_node, charp, 0444);
MODULE_PARM_DESC(node, "IPv4 address of the port under test");

char *func_node6 = "2001:db8::1";
module_param_named(node6, func_node6, charp, 0444);
MODULE_PARM_DESC(node6, "IPv6 address of the port under test");

char *func_nobody = "192.0.2.99";
module_param_named(nobody, func_nobody, charp, 0444);
MODULE_PARM_DESC(nobody, "IPv4 address in its subnet that nobody has");

char *func_other = "198.51.100.1";
module_param_named(other, func_other, charp, 0444);
MODULE_PARM_DESC(other, "IPv4 address of a second port, in another subnet");

char *func_netdev = "kfnet0";
module_param_named(netdev, func_netdev, charp, 0444);
MODULE_PARM_DESC(netdev, "its network device");

unsigned int func_wait_ms = 40000;
module_param_named(wait_ms, func_wait_ms, uint, 0644);
MODULE_PARM_DESC(wait_ms, "how long to wait for what should come");

bool func_flush;
module_param_named(flush, func_flush, bool, 0444);
MODULE_PARM_DESC(flush, "the device takes FLUSH from kernel consumers");

unsigned int func_method;
module_param_named(method, func_method, uint, 0644);
MODULE_PARM_DESC(method, "how endpoints must have agreed to commit, enum kfi_verbs_method; 0 for any");

u32 func_ops;

static const struct func_suite *const func_suites[] = {
	&func_info_suite,
	&func_object_suite,
	&func_badopen_suite,
	&func_connect_suite,
	&func_badconn_suite,
	&func_foreign_suite,
	&func_msg_suite,
	&func_badmsg_suite,
	&func_rma_suite,
	&func_badrma_suite,
	&func_mr_suite,
	&func_cq_suite,
	&func_eq_suite,
	&func_context_suite,
	&func_death_suite,
	&func_random_suite,
	&func_gone_suite,
	&func_rawflush_suite,
	&func_persist_suite,
	&func_badpersist_suite,
};

/* Those whose cases are also run by a client that polls, as "polled.SUITE.NAME" */
static const struct func_suite *const func_polled_suites[] = {
	&func_msg_suite,
	&func_badmsg_suite,
	&func_rma_suite,
	&func_badrma_suite,
	&func_death_suite,
	&func_random_suite,
	&func_gone_suite,
};

/**
 * struct func_command - options of the command
 * @name: case to run
 * @all: run all
 * @seed: of random numbers; 0 draws one
 * @ops: operations of a random run; 0 is a few
 */
struct func_command {
	const char *name;
	bool all;
	u64 seed;
	u32 ops;
};

static const struct ktl_opt func_command_opts[] = {
	{ "case", KTL_OPT_TEXT, offsetof(struct func_command, name) },
	{ "all", KTL_OPT_FLAG, offsetof(struct func_command, all) },
	{ "seed", KTL_OPT_SIZE, offsetof(struct func_command, seed),
	  0, U64_MAX },
	{ "ops", KTL_OPT_U32, offsetof(struct func_command, ops), 0, U32_MAX },
};

/**
 * func_stopping - whether the command shall end
 *
 * Context: the thread of the case.
 * Return: true if so.
 */
bool func_stopping(void)
{
	return kthread_should_stop();
}

/**
 * struct func_choice - a case, and how it is run
 * @name: of both
 * @suite: where it is
 * @c: the case
 * @polled: by a client that polls
 */
struct func_choice {
	char name[64];
	const struct func_suite *suite;
	const struct func_case *c;
	bool polled;
};

static bool func_run_case(struct ktl_session *session,
			  const struct func_choice *choice, u64 seed)
{
	const struct func_case *c = choice->c;
	struct func *t;
	bool good;

	t = kzalloc(sizeof(*t), GFP_KERNEL);
	if (!t)
		return false;
	t->c = c;
	t->session = session;
	t->seed = seed;
	t->polled = choice->polled;
	INIT_LIST_HEAD(&t->fids);
	INIT_LIST_HEAD(&t->mem);
	strscpy(t->name, choice->name, sizeof(t->name));

	pr_info("%s\n", t->name);
	if (func_fixture_open(t, c->fixture) && func_able(t, c->needs))
		c->run(t);
	func_keep_clean(t);
	if (t->failures)
		ktl_session_printf(session, "# %s: seed %llu\n", t->name, seed);

	good = !t->failures;
	kfree(t);
	return good;
}

/* Calls @fn for each case of a list of suites until it returns other than 0. */
static int func_for_suites(const struct func_suite *const *suites,
			   unsigned int count, bool polled,
			   int (*fn)(const struct func_choice *choice, void *arg),
			   void *arg)
{
	struct func_choice choice = { .polled = polled };
	unsigned int i, j;
	int rc = 0;

	for (i = 0; !rc && i < count; i++) {
		choice.suite = suites[i];
		for (j = 0; !rc && j < suites[i]->count; j++) {
			choice.c = &suites[i]->cases[j];
			scnprintf(choice.name, sizeof(choice.name), "%s%s.%s",
				  polled ? "polled." : "", suites[i]->name,
				  choice.c->name);
			rc = fn(&choice, arg);
		}
	}
	return rc;
}

static int func_for_each(int (*fn)(const struct func_choice *choice, void *arg),
			 void *arg)
{
	return func_for_suites(func_suites, ARRAY_SIZE(func_suites), false, fn,
			       arg) ?:
	       func_for_suites(func_polled_suites,
			       ARRAY_SIZE(func_polled_suites), true, fn, arg);
}

struct func_walk {
	struct ktl_session *session;
	const struct func_command *command;
	unsigned int count;
	unsigned int failed;
};

static int func_list_one(const struct func_choice *choice, void *arg)
{
	struct func_walk *walk = arg;

	ktl_session_printf(walk->session, "%s%s\n", choice->name,
			   choice->c->outside ? " outside" : "");
	return 0;
}

static int func_count_one(const struct func_choice *choice, void *arg)
{
	struct func_walk *walk = arg;

	walk->count += !choice->c->outside;
	return 0;
}

static int func_run_one(const struct func_choice *choice, void *arg)
{
	struct func_walk *walk = arg;
	bool good;

	if (choice->c->outside)
		return 0;
	if (kthread_should_stop())
		return -EINTR;
	good = func_run_case(walk->session, choice, walk->command->seed);
	walk->failed += !good;
	ktl_session_printf(walk->session, "%sok %u %s\n", good ? "" : "not ",
			   ++walk->count, choice->name);
	return 0;
}

/* Returns 1 when it was the one that was asked for, and has passed. */
static int func_run_named(const struct func_choice *choice, void *arg)
{
	struct func_walk *walk = arg;

	if (strcmp(walk->command->name, choice->name))
		return 0;
	return func_run_case(walk->session, choice, walk->command->seed) ?
		1 : -EBADMSG;
}

static int func_run_all(struct func_walk *walk)
{
	int rc;

	func_for_each(func_count_one, walk);
	ktl_session_printf(walk->session, "KTAP version 1\n1..%u\n",
			   walk->count);
	walk->count = 0;
	rc = func_for_each(func_run_one, walk);
	return rc ?: (walk->failed ? -EBADMSG : 0);
}

static int func_run(struct ktl_session *session, char *line)
{
	struct func_command command = {};
	struct func_walk walk = { .session = session, .command = &command };
	int rc;

	rc = ktl_opt_parse(session, line, func_command_opts,
			   ARRAY_SIZE(func_command_opts), &command);
	if (rc)
		return rc;
	if (!command.seed)
		command.seed = get_random_u32();
	func_ops = command.ops;

	if (command.all)
		return func_run_all(&walk);
	if (!command.name)
		return func_for_each(func_list_one, &walk);
	rc = func_for_each(func_run_named, &walk);
	if (!rc)
		ktl_session_printf(session, "no case \"%s\"\n", command.name);
	else if (rc == 1)
		ktl_session_puts(session, "passed\n");
	return rc == 1 ? 0 : rc ?: -ENOENT;
}

static struct ktl_device func_device = {
	.name = "kfi_func",
	.owner = THIS_MODULE,
	.run = func_run,
};

static int __init func_init(void)
{
	return ktl_session_register(&func_device);
}
module_init(func_init);

static void __exit func_exit(void)
{
	ktl_session_deregister(&func_device);
}
module_exit(func_exit);

MODULE_DESCRIPTION("Functional tests of kfabric");
MODULE_LICENSE("Dual BSD/GPL");
