// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Infos
 *
 * Purpose. Allocate, copy and free &struct kfi_info with all that it owns.
 *
 * Ownership. An info owns its attribute structures, addresses, names and
 * authorization keys, each in memory of its own. It does not own what &handle,
 * &kfi_domain_attr.domain and &kfi_fabric_attr.fabric point to.
 *
 * Operation. Clients build hints by hand, so every pointer may be NULL, whatever
 * the length next to it says; a copy has NULL and length 0 there.
 */
#include <linux/export.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <kfabric.h>

static void kfi_info_free_one(struct kfi_info *info)
{
	if (info->fabric_attr) {
		kfree(info->fabric_attr->name);
		kfree(info->fabric_attr->prov_name);
		kfree(info->fabric_attr);
	}
	if (info->domain_attr) {
		kfree(info->domain_attr->name);
		kfree(info->domain_attr->auth_key);
		kfree(info->domain_attr);
	}
	if (info->ep_attr) {
		kfree(info->ep_attr->auth_key);
		kfree(info->ep_attr);
	}
	kfree(info->rx_attr);
	kfree(info->tx_attr);
	kfree(info->dest_addr);
	kfree(info->src_addr);
	kfree(info);
}

void kfi_freeinfo(struct kfi_info *info)
{
	struct kfi_info *next;

	for (; info; info = next) {
		next = info->next;
		kfi_info_free_one(info);
	}
}
EXPORT_SYMBOL(kfi_freeinfo);

struct kfi_info *kfi_allocinfo(void)
{
	struct kfi_info *info;

	info = kzalloc(sizeof(*info), GFP_KERNEL);
	if (!info)
		return NULL;

	info->tx_attr = kzalloc(sizeof(*info->tx_attr), GFP_KERNEL);
	info->rx_attr = kzalloc(sizeof(*info->rx_attr), GFP_KERNEL);
	info->ep_attr = kzalloc(sizeof(*info->ep_attr), GFP_KERNEL);
	info->domain_attr = kzalloc(sizeof(*info->domain_attr), GFP_KERNEL);
	info->fabric_attr = kzalloc(sizeof(*info->fabric_attr), GFP_KERNEL);
	if (!info->tx_attr || !info->rx_attr || !info->ep_attr ||
	    !info->domain_attr || !info->fabric_attr) {
		kfi_info_free_one(info);
		return NULL;
	}
	return info;
}
EXPORT_SYMBOL(kfi_allocinfo);

/*
 * The copy is made in two steps: first what the info itself has, with every
 * pointer that is not copied yet set to NULL, so that it can be freed at any
 * time. Each of the helpers below returns false when memory runs out.
 */

static bool kfi_info_dup_bytes(void *to, const void *from, size_t *len)
{
	void *copy = NULL;

	if (!from)
		*len = 0;
	if (*len) {
		/* the length is the client's, so it may be absurd */
		copy = kmemdup(from, *len, GFP_KERNEL | __GFP_NOWARN);
		if (!copy)
			return false;
	}
	*(void **)to = copy;
	return true;
}

static bool kfi_info_dup_string(char **to, const char *from)
{
	*to = kstrdup(from, GFP_KERNEL);
	return *to || !from;
}

static bool kfi_info_dup_ep(struct kfi_info *dup, const struct kfi_ep_attr *ep)
{
	if (!ep)
		return true;

	dup->ep_attr = kmemdup(ep, sizeof(*ep), GFP_KERNEL);
	if (!dup->ep_attr)
		return false;

	dup->ep_attr->auth_key = NULL;
	return kfi_info_dup_bytes(&dup->ep_attr->auth_key, ep->auth_key,
				  &dup->ep_attr->auth_key_size);
}

static bool kfi_info_dup_domain(struct kfi_info *dup,
				const struct kfi_domain_attr *domain)
{
	struct kfi_domain_attr *attr;

	if (!domain)
		return true;

	attr = kmemdup(domain, sizeof(*domain), GFP_KERNEL);
	dup->domain_attr = attr;
	if (!attr)
		return false;

	attr->name = NULL;
	attr->auth_key = NULL;
	return kfi_info_dup_string(&attr->name, domain->name) &&
	       kfi_info_dup_bytes(&attr->auth_key, domain->auth_key,
				  &attr->auth_key_size);
}

static bool kfi_info_dup_fabric(struct kfi_info *dup,
				const struct kfi_fabric_attr *fabric)
{
	struct kfi_fabric_attr *attr;

	if (!fabric)
		return true;

	attr = kmemdup(fabric, sizeof(*fabric), GFP_KERNEL);
	dup->fabric_attr = attr;
	if (!attr)
		return false;

	attr->name = NULL;
	attr->prov_name = NULL;
	return kfi_info_dup_string(&attr->name, fabric->name) &&
	       kfi_info_dup_string(&attr->prov_name, fabric->prov_name);
}

static bool kfi_info_dup_ctx(struct kfi_info *dup, const struct kfi_info *info)
{
	if (info->tx_attr) {
		dup->tx_attr = kmemdup(info->tx_attr, sizeof(*info->tx_attr),
				       GFP_KERNEL);
		if (!dup->tx_attr)
			return false;
	}
	if (info->rx_attr) {
		dup->rx_attr = kmemdup(info->rx_attr, sizeof(*info->rx_attr),
				       GFP_KERNEL);
		if (!dup->rx_attr)
			return false;
	}
	return true;
}

struct kfi_info *kfi_dupinfo(const struct kfi_info *info)
{
	struct kfi_info *dup;

	if (!info)
		return kfi_allocinfo();

	dup = kmemdup(info, sizeof(*info), GFP_KERNEL);
	if (!dup)
		return NULL;

	dup->next = NULL;
	dup->src_addr = NULL;
	dup->dest_addr = NULL;
	dup->tx_attr = NULL;
	dup->rx_attr = NULL;
	dup->ep_attr = NULL;
	dup->domain_attr = NULL;
	dup->fabric_attr = NULL;

	if (!kfi_info_dup_bytes(&dup->src_addr, info->src_addr,
				&dup->src_addrlen) ||
	    !kfi_info_dup_bytes(&dup->dest_addr, info->dest_addr,
				&dup->dest_addrlen) ||
	    !kfi_info_dup_ctx(dup, info) ||
	    !kfi_info_dup_ep(dup, info->ep_attr) ||
	    !kfi_info_dup_domain(dup, info->domain_attr) ||
	    !kfi_info_dup_fabric(dup, info->fabric_attr)) {
		kfi_info_free_one(dup);
		return NULL;
	}
	return dup;
}
EXPORT_SYMBOL(kfi_dupinfo);
