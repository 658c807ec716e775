// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: kfi_getinfo_compat
 *
 * Purpose. A client of nothing but the public interface as HPE's kfabric has
 * it, to compile unchanged with either set of headers and to load on either
 * core.
 *
 * Operation. Loading it asks for all that matches the parameters, prints each
 * entry to the kernel log, checks that a copy of it has the same contents, and
 * opens and closes its fabric.
 *
 * Errors. Loading fails with the errno of the call that failed: ENODATA if
 * nothing matches.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <kfabric.h>
#include <kfi_domain.h>
#include <kfi_endpoint.h>
#include <kfi_errno.h>

static char *node;
module_param(node, charp, 0444);
MODULE_PARM_DESC(node, "name or address");

static char *service;
module_param(service, charp, 0444);
MODULE_PARM_DESC(service, "port number");

static bool source;
module_param(source, bool, 0444);
MODULE_PARM_DESC(source, "node and service name this side");

static char *provider;
module_param(provider, charp, 0444);
MODULE_PARM_DESC(provider, "ask only this provider");

static unsigned int type = KFI_EP_UNSPEC;
module_param(type, uint, 0444);
MODULE_PARM_DESC(type, "endpoint type: 1 MSG, 2 DGRAM, 3 RDM");

static struct kfi_info *compat_hints(void)
{
	struct kfi_info *hints = kfi_allocinfo();

	if (!hints)
		return NULL;
	hints->ep_attr->type = type;
	hints->domain_attr->mr_mode = KFI_MR_PROV_KEY | KFI_MR_ENDPOINT;
	hints->domain_attr->threading = KFI_THREAD_SAFE;
	if (!provider)
		return hints;
	hints->fabric_attr->prov_name = kstrdup(provider, GFP_KERNEL);
	if (!hints->fabric_attr->prov_name) {
		kfi_freeinfo(hints);
		return NULL;
	}
	return hints;
}

static void compat_print(const struct kfi_info *info)
{
	const struct kfi_fabric_attr *fab = info->fabric_attr;
	const struct kfi_domain_attr *dom = info->domain_attr;

	pr_info("%s %u.%u, fabric %s, domain %s\n", fab->prov_name,
		KFI_MAJOR(fab->prov_version), KFI_MINOR(fab->prov_version),
		fab->name, dom->name);
	pr_info("  type %d, protocol %u, caps %#llx, mode %#llx\n",
		info->ep_attr->type, info->ep_attr->protocol,
		info->caps, info->mode);
	pr_info("  address format %u, source %zu bytes, destination %zu bytes\n",
		info->addr_format, info->src_addrlen, info->dest_addrlen);
	pr_info("  message %zu bytes, inject %zu, tx %zu, rx %zu, key %zu, mr %#x\n",
		info->ep_attr->max_msg_size, info->tx_attr->inject_size,
		info->tx_attr->size, info->rx_attr->size, dom->mr_key_size,
		dom->mr_mode);
}

static bool compat_same_name(const char *a, const char *b)
{
	return a && b ? a != b && !strcmp(a, b) : a == b;
}

/* A copy must be equal and share no memory with the original */
static int compat_copy(const struct kfi_info *info)
{
	struct kfi_info *copy = kfi_dupinfo(info);
	bool same;

	if (!copy)
		return -ENOMEM;
	same = copy->caps == info->caps && !copy->next &&
	       copy->src_addrlen == info->src_addrlen &&
	       !memcmp(copy->tx_attr, info->tx_attr, sizeof(*info->tx_attr)) &&
	       !memcmp(copy->rx_attr, info->rx_attr, sizeof(*info->rx_attr)) &&
	       compat_same_name(copy->domain_attr->name,
				info->domain_attr->name) &&
	       compat_same_name(copy->fabric_attr->name,
				info->fabric_attr->name);
	if (same && info->src_addrlen)
		same = copy->src_addr != info->src_addr &&
		       !memcmp(copy->src_addr, info->src_addr,
			       info->src_addrlen);
	kfi_freeinfo(copy);
	return same ? 0 : -EIO;
}

static int compat_open(struct kfi_info *info)
{
	struct kfid_fabric *fabric;
	int ret;

	ret = kfi_fabric(info->fabric_attr, &fabric, NULL);
	if (ret)
		return ret;
	if (fabric->fid.fclass != KFI_CLASS_FABRIC)
		pr_warn("fabric of class %zu\n", fabric->fid.fclass);
	return kfi_close(&fabric->fid);
}

static int compat_walk(struct kfi_info *info)
{
	int ret = 0;

	for (; info && !ret; info = info->next) {
		compat_print(info);
		ret = compat_copy(info);
		if (!ret)
			ret = compat_open(info);
	}
	return ret;
}

static int __init compat_init(void)
{
	struct kfi_info *hints, *info;
	int ret;

	hints = compat_hints();
	if (!hints)
		return -ENOMEM;
	ret = kfi_getinfo(KFI_VERSION(KFI_MAJOR_VERSION, KFI_MINOR_VERSION),
			  node, service, source ? KFI_SOURCE : 0, hints, &info);
	kfi_freeinfo(hints);
	if (!ret) {
		ret = compat_walk(info);
		kfi_freeinfo(info);
	}
	if (ret)
		pr_err("failed: %s\n", kfi_strerror(-ret));
	return ret;
}
module_init(compat_init);

static void __exit compat_exit(void)
{
}
module_exit(compat_exit);

MODULE_DESCRIPTION("Lists what kfabric offers, with the common part of the API");
MODULE_LICENSE("Dual BSD/GPL");
