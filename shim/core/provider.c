// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Provider registry
 *
 * Purpose. Knows the providers, finds the one a client means, and keeps its
 * module in memory while a fabric is open.
 *
 * Operation. A provider registers as the last step of loading and deregisters
 * as the first step of unloading. Of several with the same name only the one
 * with the highest version is visible; an older one that is already there stays
 * registered, its open fabrics go on, and it is visible again when the newer
 * one leaves. One that is not newer than what is there is refused.
 *
 * Ownership. &kfi_provider.ref_cnt counts the registration, every open fabric,
 * and every callback that is running. kfi_provider_deregister() returns when
 * nothing but the caller knows the provider. An open fabric also pins the
 * owner's module, so that rmmod answers -EBUSY instead of waiting. That pin is
 * dropped by kfi_provider_fabric_close(), which stands in the fabric's table in
 * front of the provider's close: the provider's text must still be there when
 * its close returns.
 *
 * Ordering. The mutex guards the list only and is never held while a provider
 * runs, so a provider may call kfi_getinfo() or kfi_fabric(). A walk remembers
 * the number of the last registration it has seen, not a list entry.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <kunit/visibility.h>

#include "core.h"
#include "trace.h"

struct kfi_provider_entry {
	struct list_head link;
	struct kfi_provider *prov;
	u64 seq;
};

static DEFINE_MUTEX(kfi_provider_lock);
/* registered providers, oldest first, and the newest's number */
static LIST_HEAD(kfi_provider_list);
static u64 kfi_provider_last_seq;

/**
 * struct kfi_provider_fabric - the core's part of an open fabric
 * @ops: what the fabric's fid points to: the provider's table with our close
 * @inner: the provider's table
 * @prov: holds a reference
 * @owner: module that is pinned, or NULL
 */
struct kfi_provider_fabric {
	struct kfi_ops ops;
	struct kfi_ops *inner;
	struct kfi_provider *prov;
	struct module *owner;
};

static struct module *kfi_provider_owner(const struct kfi_provider *prov)
{
	return prov->context.internal[0];
}

static struct kfi_provider *kfi_provider_find(const char *name)
{
	struct kfi_provider *best = NULL;
	struct kfi_provider_entry *entry;

	lockdep_assert_held(&kfi_provider_lock);

	list_for_each_entry(entry, &kfi_provider_list, link) {
		if (strcmp(entry->prov->name, name))
			continue;
		if (!best || entry->prov->version > best->version)
			best = entry->prov;
	}
	return best;
}

static bool kfi_provider_visible(const struct kfi_provider *prov)
{
	return kfi_provider_find(prov->name) == prov;
}

/**
 * kfi_provider_next() - Visit the next provider
 * @pos: Where the walk stands; the caller sets the name and zeroes the rest.
 *
 * Visits each provider that was there when the walk began and is visible when
 * its turn comes, oldest first. One that comes back meanwhile is a new one, so
 * nobody is visited twice.
 *
 * Context: Process context, may sleep.
 * Return: The provider, to be given back with kfi_deref_provider(), or NULL
 * after the last.
 */
struct kfi_provider *kfi_provider_next(struct kfi_provider_pos *pos)
{
	struct kfi_provider *prov = NULL;
	struct kfi_provider_entry *entry;

	mutex_lock(&kfi_provider_lock);
	pos->last = pos->last ?: kfi_provider_last_seq;
	list_for_each_entry(entry, &kfi_provider_list, link) {
		if (entry->seq <= pos->seq || entry->seq > pos->last)
			continue;
		if (pos->name && strcmp(entry->prov->name, pos->name))
			continue;
		if (!kfi_provider_visible(entry->prov))
			continue;

		prov = entry->prov;
		pos->seq = entry->seq;
		kfi_ref_provider(prov);
		break;
	}
	mutex_unlock(&kfi_provider_lock);
	return prov;
}

static int kfi_provider_check(const struct kfi_provider *prov)
{
	if (!prov->name || !*prov->name ||
	    strnlen(prov->name, KFI_NAME_MAX) == KFI_NAME_MAX ||
	    !prov->kgetinfo || !prov->kfabric)
		return -EINVAL;

	if (KFI_MAJOR(prov->kfi_version) != KFI_MAJOR_VERSION ||
	    KFI_MINOR(prov->kfi_version) > KFI_MINOR_VERSION) {
		pr_warn("provider %s needs interface %u.%u, this is %u.%u\n",
			prov->name, KFI_MAJOR(prov->kfi_version),
			KFI_MINOR(prov->kfi_version), KFI_MAJOR_VERSION,
			KFI_MINOR_VERSION);
		return -ENOSYS;
	}
	return 0;
}

static int kfi_provider_add(struct kfi_provider *prov)
{
	struct kfi_provider_entry *entry;
	struct kfi_provider *present;

	lockdep_assert_held(&kfi_provider_lock);

	present = kfi_provider_find(prov->name);
	if (present && prov->version <= present->version)
		return -EEXIST;

	entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	if (!entry)
		return -ENOMEM;

	init_completion(&prov->comp);
	atomic_set(&prov->ref_cnt, 1);
	entry->prov = prov;
	entry->seq = ++kfi_provider_last_seq;
	list_add_tail(&entry->link, &kfi_provider_list);
	return 0;
}

/**
 * kfi_provider_register() - Offer a provider to clients
 * @provider: The provider; stays the caller's, in place until
 *	kfi_provider_deregister() returns.
 *
 * The last step of loading a provider: its callbacks may run before this
 * returns. A provider of the same name and a lower version is hidden while this
 * one is registered. A refused provider is untouched, and its cleanup is not
 * called.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL without a name (shorter than %KFI_NAME_MAX) or a callback;
 * -ENOSYS if it was written for an interface with another major version or with
 * a newer minor version; -EEXIST if a provider of that name with the same or a
 * higher version is registered; -ENOMEM.
 */
int kfi_provider_register(struct kfi_provider *provider)
{
	int ret;

	if (!provider)
		return -EINVAL;

	ret = kfi_provider_check(provider);
	if (ret)
		goto refuse;

	mutex_lock(&kfi_provider_lock);
	ret = kfi_provider_add(provider);
	if (!ret)
		trace_kfi_provider_register(provider, 0);
	mutex_unlock(&kfi_provider_lock);
	if (ret)
		goto refuse;
	return 0;

refuse:
	trace_kfi_provider_refused(provider, ret);
	return ret;
}
EXPORT_SYMBOL(kfi_provider_register);

static bool kfi_provider_remove(const struct kfi_provider *prov)
{
	struct kfi_provider_entry *entry;

	lockdep_assert_held(&kfi_provider_lock);

	list_for_each_entry(entry, &kfi_provider_list, link) {
		if (entry->prov != prov)
			continue;
		list_del(&entry->link);
		kfree(entry);
		return true;
	}
	return false;
}

/**
 * kfi_provider_deregister() - Withdraw a provider
 * @provider: The provider.
 *
 * The first step of unloading a provider. No new call reaches it; calls that
 * are running are waited for, and so are its open fabrics (there are none if
 * the provider has an owner and its module is being unloaded). Then its cleanup
 * is called.
 *
 * Context: Process context, may sleep. Not from a callback of the provider.
 * Return: 0; -EINVAL if @provider is NULL; -ENODATA if it is not registered.
 */
int kfi_provider_deregister(struct kfi_provider *provider)
{
	bool found;

	if (!provider)
		return -EINVAL;

	mutex_lock(&kfi_provider_lock);
	found = kfi_provider_remove(provider);
	if (found)
		trace_kfi_provider_deregister(provider, 0);
	mutex_unlock(&kfi_provider_lock);
	if (!found)
		return -ENODATA;

	kfi_deref_provider(provider);
	wait_for_completion(&provider->comp);
	if (provider->cleanup)
		provider->cleanup();
	return 0;
}
EXPORT_SYMBOL(kfi_provider_deregister);

/* The module may hold the provider, so it goes last */
static void kfi_provider_unpin(struct kfi_provider_fabric *open)
{
	kfi_deref_provider(open->prov);
	module_put(open->owner);
}

static int kfi_provider_fabric_close(struct kfid *fid)
{
	struct kfi_provider_fabric *open =
		container_of(fid->ops, struct kfi_provider_fabric, ops);
	int ret;

	ret = open->inner->close(fid);
	if (ret)
		return ret;

	kfi_provider_unpin(open);
	kfree(open);
	return 0;
}

/* Finds the provider and takes the references that an open fabric needs */
static bool kfi_provider_pin(struct kfi_provider_fabric *open, const char *name)
{
	struct kfi_provider *prov;
	bool pinned = false;

	mutex_lock(&kfi_provider_lock);
	prov = kfi_provider_find(name);
	if (prov && try_module_get(kfi_provider_owner(prov))) {
		kfi_ref_provider(prov);
		open->prov = prov;
		open->owner = kfi_provider_owner(prov);
		pinned = true;
	}
	mutex_unlock(&kfi_provider_lock);
	return pinned;
}

static void kfi_provider_wrap(struct kfi_provider_fabric *open,
			      struct kfid_fabric *fabric)
{
	open->inner = fabric->fid.ops;
	open->ops = *open->inner;
	open->ops.close = kfi_provider_fabric_close;
	kfi_ops_fill(&open->ops, &kfi_enosys_fid);
	fabric->fid.ops = &open->ops;
}

int kfi_fabric(struct kfi_fabric_attr *attr, struct kfid_fabric **fabric,
	       void *context)
{
	struct kfi_provider_fabric *open;
	int ret;

	if (!attr || !attr->prov_name || !attr->name || !fabric)
		return -EINVAL;
	if (attr->api_version > kfi_version())
		return -ENOSYS;

	open = kzalloc(sizeof(*open), GFP_KERNEL);
	if (!open)
		return -ENOMEM;

	if (!kfi_provider_pin(open, attr->prov_name)) {
		ret = -ENODEV;
		goto free_open;
	}

	ret = open->prov->kfabric(attr, fabric, context);
	trace_kfi_provider_fabric(open->prov, ret);
	if (ret)
		goto unpin;

	kfi_provider_wrap(open, *fabric);
	(*fabric)->api_version = attr->api_version ?: kfi_version();
	return 0;

unpin:
	kfi_provider_unpin(open);
free_open:
	kfree(open);
	return ret;
}
EXPORT_SYMBOL(kfi_fabric);

/**
 * kfi_provider_show_all() - Write the list of providers
 * @m: Where to write it, one line per provider.
 *
 * Context: Process context, may sleep.
 */
void kfi_provider_show_all(struct seq_file *m)
{
	const struct kfi_provider_entry *entry;

	mutex_lock(&kfi_provider_lock);
	list_for_each_entry(entry, &kfi_provider_list, link) {
		const struct kfi_provider *prov = entry->prov;

		seq_printf(m, "%s version=%u.%u api=%u.%u refs=%d module=%s%s\n",
			   prov->name, KFI_MAJOR(prov->version),
			   KFI_MINOR(prov->version),
			   KFI_MAJOR(prov->kfi_version),
			   KFI_MINOR(prov->kfi_version),
			   atomic_read(&prov->ref_cnt),
			   module_name(kfi_provider_owner(prov)),
			   kfi_provider_visible(prov) ? "" : " hidden");
	}
	mutex_unlock(&kfi_provider_lock);
}
EXPORT_SYMBOL_IF_KUNIT(kfi_provider_show_all);

/**
 * kfi_provider_exit() - Check that no provider outlives kfabric.ko
 *
 * Context: Process context, no provider is loaded any more.
 */
void kfi_provider_exit(void)
{
	WARN_ON(!list_empty(&kfi_provider_list));
}
