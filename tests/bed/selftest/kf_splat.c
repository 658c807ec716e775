// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Planted faults
 *
 * Purpose: makes one kernel report of a chosen kind when it is loaded, so that
 * the beds can show that they see it. Not part of any product module.
 */

#include <linux/delay.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static char *what = "nothing";
module_param(what, charp, 0444);
MODULE_PARM_DESC(what, "The fault to make");

static DEFINE_MUTEX(kf_splat_a);
static DEFINE_MUTEX(kf_splat_b);
static DEFINE_SPINLOCK(kf_splat_spin);
static LIST_HEAD(kf_splat_list);

static void kf_splat_nothing(void)
{
}

static void kf_splat_warn(void)
{
	WARN(1, "planted\n");
}

static void kf_splat_oops(void)
{
	int *volatile nowhere = NULL;

	WRITE_ONCE(*nowhere, 1);
}

static void kf_splat_refcount(void)
{
	refcount_t ref = REFCOUNT_INIT(0);

	refcount_inc(&ref);
}

static void kf_splat_leak(void)
{
	char *volatile p;
	int i;

	for (i = 0; i < 16; i++) {
		p = kmalloc(1000, GFP_KERNEL);
		if (p)
			WRITE_ONCE(*p, 1);
	}
}

static void kf_splat_uaf(void)
{
	char *volatile p = kmalloc(64, GFP_KERNEL);

	kfree(p);
	if (p)
		WRITE_ONCE(p[8], 1);
}

static void kf_splat_overrun(void)
{
	char *volatile p = kmalloc(64, GFP_KERNEL);

	if (p)
		WRITE_ONCE(p[64], 1);
	kfree(p);
}

static void kf_splat_locks(void)
{
	mutex_lock(&kf_splat_a);
	mutex_lock(&kf_splat_b);
	mutex_unlock(&kf_splat_b);
	mutex_unlock(&kf_splat_a);

	mutex_lock(&kf_splat_b);
	mutex_lock(&kf_splat_a);
	mutex_unlock(&kf_splat_a);
	mutex_unlock(&kf_splat_b);
}

static void kf_splat_sleep(void)
{
	spin_lock(&kf_splat_spin);
	might_sleep();
	spin_unlock(&kf_splat_spin);
}

static void kf_splat_list_add(void)
{
	struct list_head entry;

	list_add(&entry, &kf_splat_list);
	list_add(&entry, &kf_splat_list);
	INIT_LIST_HEAD(&kf_splat_list);
}

static void kf_splat_timer_fn(struct timer_list *timer)
{
}

static void kf_splat_object(void)
{
	struct timer_list *timer = kmalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return;
	timer_setup(timer, kf_splat_timer_fn, 0);
	mod_timer(timer, jiffies + HZ);
	kfree(timer);
}

static const struct {
	const char *what;
	void (*make)(void);
} kf_splat_table[] = {
	{ "nothing", kf_splat_nothing },
	{ "warn", kf_splat_warn },
	{ "oops", kf_splat_oops },
	{ "refcount", kf_splat_refcount },
	{ "leak", kf_splat_leak },
	{ "uaf", kf_splat_uaf },
	{ "overrun", kf_splat_overrun },
	{ "locks", kf_splat_locks },
	{ "sleep", kf_splat_sleep },
	{ "list", kf_splat_list_add },
	{ "object", kf_splat_object },
};

static int __init kf_splat_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kf_splat_table); i++) {
		if (strcmp(what, kf_splat_table[i].what))
			continue;
		kf_splat_table[i].make();
		return 0;
	}
	return -EINVAL;
}
module_init(kf_splat_init);

static void __exit kf_splat_exit(void)
{
}
module_exit(kf_splat_exit);

MODULE_DESCRIPTION("Planted faults for the self-test of the beds");
MODULE_LICENSE("Dual BSD/GPL");
