// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Asking the providers
 *
 * Purpose. kfi_getinfo(): ask every provider that the hints do not exclude and
 * join the answers, in the order in which the providers registered.
 *
 * Operation. A provider answers with a list, or -ENODATA when nothing of its
 * own matches. The core adds the provider's name and versions where an answer
 * lacks them. %KFI_PROV_ATTR_ONLY is answered without asking: one otherwise
 * empty info per provider.
 *
 * Errors. Answers win: a provider that fails does not spoil those of others.
 * Without any answer it is the first failure that is not -ENODATA, because
 * "this went wrong" says more than "no match"; else -ENODATA. Why an offer did
 * not match is in the debug log and in the kfi_info_mismatch trace event.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/export.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "core.h"
#include "trace.h"

#define KFI_GETINFO_FLAGS (KFI_SOURCE | KFI_NUMERICHOST | KFI_PROV_ATTR_ONLY)

/**
 * struct kfi_getinfo_query - one call of kfi_getinfo()
 * @version: as the client gave it
 * @node: as the client gave it
 * @service: as the client gave it
 * @flags: as the client gave them
 * @hints: as the client gave them
 * @head: answers so far
 * @tail: where the next answer goes
 * @count: answers so far
 * @err: first failure that is not -ENODATA, or -ENODATA
 */
struct kfi_getinfo_query {
	u32 version;
	const char *node;
	const char *service;
	u64 flags;
	struct kfi_info *hints;

	struct kfi_info *head;
	struct kfi_info **tail;
	int count;
	int err;
};

static const char *kfi_getinfo_prov_name(const struct kfi_info *hints)
{
	return hints && hints->fabric_attr ? hints->fabric_attr->prov_name :
					     NULL;
}

static int kfi_getinfo_complete(struct kfi_info *info,
				const struct kfi_provider *prov, u32 version)
{
	struct kfi_fabric_attr *attr;

	for (; info; info = info->next) {
		attr = info->fabric_attr;
		if (!attr)
			continue;

		if (!attr->prov_name) {
			attr->prov_name = kstrdup(prov->name, GFP_KERNEL);
			if (!attr->prov_name)
				return -ENOMEM;
		}
		attr->prov_version = attr->prov_version ?: prov->version;
		attr->api_version = version ?: kfi_version();
	}
	return 0;
}

static int kfi_getinfo_ask(const struct kfi_getinfo_query *query,
			   const struct kfi_provider *prov,
			   struct kfi_info **info)
{
	int ret;

	if (query->flags & KFI_PROV_ATTR_ONLY) {
		*info = kfi_allocinfo();
		ret = *info ? 0 : -ENOMEM;
	} else {
		ret = prov->kgetinfo(query->version, query->node,
				     query->service, query->flags,
				     query->hints, info);
	}
	if (ret)
		return ret;
	if (!*info)
		return -ENODATA;

	ret = kfi_getinfo_complete(*info, prov, query->version);
	if (ret)
		kfi_freeinfo(*info);
	return ret;
}

static void kfi_getinfo_join(struct kfi_getinfo_query *query,
			     const struct kfi_provider *prov)
{
	struct kfi_info *info = NULL;
	int ret;

	ret = kfi_getinfo_ask(query, prov, &info);
	if (ret) {
		pr_debug("getinfo: provider %s: %s\n", prov->name,
			 kfi_strerror(ret));
		if (query->err == -ENODATA)
			query->err = ret;
		return;
	}

	*query->tail = info;
	for (; info; info = info->next) {
		query->tail = &info->next;
		query->count++;
	}
}

int kfi_getinfo(uint32_t version, const char *node, const char *service,
		uint64_t flags, struct kfi_info *hints, struct kfi_info **info)
{
	struct kfi_getinfo_query query = {
		.version = version,
		.node = node,
		.service = service,
		.flags = flags,
		.hints = hints,
		.tail = &query.head,
		.err = -ENODATA,
	};
	struct kfi_provider_pos pos = { .name = kfi_getinfo_prov_name(hints) };
	struct kfi_provider *prov;
	int ret;

	if (!info)
		return -EINVAL;
	*info = NULL;

	if (version > kfi_version())
		return -ENOSYS;
	if (flags & ~KFI_GETINFO_FLAGS)
		return -KFI_EBADFLAGS;

	while ((prov = kfi_provider_next(&pos))) {
		kfi_getinfo_join(&query, prov);
		kfi_deref_provider(prov);
	}

	if (!pos.seq)
		pr_debug("getinfo: no provider %s\n", pos.name ?: "at all");

	*info = query.head;
	ret = query.head ? 0 : query.err;
	trace_kfi_getinfo(version, node, service, flags, query.count, ret);
	return ret;
}
EXPORT_SYMBOL(kfi_getinfo);
