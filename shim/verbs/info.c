// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: What the provider offers
 *
 * Purpose: kfi_getinfo() for RDMA devices: which ports there are, what an
 * endpoint on each can do, and which of them a client may mean.
 *
 * Operation: a port is offered if it is active and has an IP address. The
 * question selects among the addresses of all ports: by name of the port, by
 * the source's address, by the subnet of the peer's address if any port is in
 * it, by family. The best address of each port that is left makes one entry per
 * type of endpoint: in the fabric of the hints if they name one, IPv4 before
 * IPv6, link-local last. The entry starts as the
 * port's offer (offer.c); the core matches it with the hints and cuts it to the
 * client's wishes.
 *
 * @node may be an IPv4 or IPv6 address (the source's with %KFI_SOURCE, else the
 * peer's) or name a local port: network device, RDMA device or domain, with and
 * without %KFI_SOURCE. @service is the port number of the same side; without an
 * address of that side it is ignored for the peer and kept for the source.
 * Addresses in the hints count where @node does not.
 *
 * %KFI_RX_CQ_DATA: a write with remote CQ data uses up a receive at the peer. It
 * is in the mode of the answer if the client declares that it copes with it;
 * who does not declare it must not write with data.
 *
 * Errors: what does not fit is no error of its own; it makes -ENODATA, and the
 * debug log says why.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <kunit/visibility.h>

#include "info.h"

/*
 * How good an address is, the lower the better; what does not fit is not good.
 * One on another fabric than the client wants is not either, but the core is to
 * say so.
 */
enum {
	KFV_INFO_RANK_IN,
	KFV_INFO_RANK_IN6,
	KFV_INFO_RANK_LINK_LOCAL,
	KFV_INFO_OTHER_FABRIC,
	KFV_INFO_NO_FIT = 2 * KFV_INFO_OTHER_FABRIC,
};

/*
 * The question
 */

static bool kfv_info_set_family(struct kfv_info_query *query,
				sa_family_t family)
{
	if (query->family != AF_UNSPEC && query->family != family) {
		pr_debug("address families contradict each other\n");
		return false;
	}
	query->family = family;
	return true;
}

static bool kfv_info_take_addr(struct kfv_info_query *query,
			       union kfv_addr *to, const void *addr, size_t len)
{
	if (!kfv_addr_valid(addr, len)) {
		pr_debug("hints->src_addr or dest_addr is no IP address\n");
		return false;
	}
	memset(to, 0, sizeof(*to));
	memcpy(to, addr, rdma_addr_size(addr));
	return kfv_info_set_family(query, to->sa.sa_family);
}

static bool kfv_info_take_hints(struct kfv_info_query *query)
{
	const struct kfi_info *hints = query->hints;

	if (!hints)
		return true;
	if (hints->src_addr && query->src.sa.sa_family == AF_UNSPEC &&
	    !kfv_info_take_addr(query, &query->src, hints->src_addr,
				hints->src_addrlen))
		return false;
	if (hints->dest_addr && query->dest.sa.sa_family == AF_UNSPEC &&
	    !kfv_info_take_addr(query, &query->dest, hints->dest_addr,
				hints->dest_addrlen))
		return false;
	return true;
}

static bool kfv_info_take_node(struct kfv_info_query *query, const char *node,
			       u64 flags)
{
	union kfv_addr *addr = flags & KFI_SOURCE ? &query->src : &query->dest;

	if (!node)
		return true;
	if (!kfv_addr_parse_node(node, addr))
		return kfv_info_set_family(query, addr->sa.sa_family);
	memset(addr, 0, sizeof(*addr));
	if (flags & KFI_NUMERICHOST) {
		pr_debug("%s is not an address\n", node);
		return false;
	}
	query->name = node;
	return true;
}

static sa_family_t kfv_info_hints_family(const struct kfi_info *hints)
{
	if (!hints)
		return AF_UNSPEC;
	if (hints->addr_format == KFI_SOCKADDR_IN)
		return AF_INET;
	return hints->addr_format == KFI_SOCKADDR_IN6 ? AF_INET6 : AF_UNSPEC;
}

static void kfv_info_take_service(struct kfv_info_query *query, bool given,
				  u16 port, u64 flags)
{
	if (query->src.sa.sa_family != AF_UNSPEC)
		query->src_port = kfv_addr_port(&query->src);
	if (!given)
		return;
	if (flags & KFI_SOURCE)
		query->src_port = port;
	else if (query->dest.sa.sa_family != AF_UNSPEC)
		kfv_addr_set_port(&query->dest, port);
}

/**
 * kfv_info_parse - understand the question
 * @query: has the hints and nothing else
 * @node: as of kfi_getinfo()
 * @service: as of kfi_getinfo()
 * @flags: as of kfi_getinfo()
 *
 * Context: Any.
 * Return: 0; -EINVAL if @service is not a port number; -ENODATA if nothing can
 * match.
 */
int kfv_info_parse(struct kfv_info_query *query, const char *node,
		   const char *service, u64 flags)
{
	u16 port = 0;
	int ret;

	if (service) {
		ret = kfv_addr_parse_service(service, &port);
		if (ret)
			return ret;
	}
	query->family = kfv_info_hints_family(query->hints);
	if (!kfv_info_take_node(query, node, flags) ||
	    !kfv_info_take_hints(query))
		return -ENODATA;
	kfv_info_take_service(query, service, port, flags);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_info_parse);

/*
 * Which addresses the client may mean
 */

static bool kfv_info_named(const struct kfv_local_addr *local, const char *name)
{
	return !strcmp(name, local->domain) || !strcmp(name, local->ibdev) ||
	       !strcmp(name, local->netdev);
}

static bool kfv_info_on_fabric(const struct kfv_local_addr *local,
			       const struct kfi_info *hints)
{
	const struct kfi_fabric_attr *attr = hints ? hints->fabric_attr : NULL;

	if (!attr)
		return true;
	if (attr->name && strcmp(attr->name, local->fabric))
		return false;
	return !attr->fabric || kfv_fabric_is(attr->fabric, local->fabric);
}

static int kfv_info_rank_family(const struct kfv_local_addr *local)
{
	if (local->addr.sa.sa_family == AF_INET)
		return KFV_INFO_RANK_IN;
	return local->addr.in6.sin6_scope_id ? KFV_INFO_RANK_LINK_LOCAL :
					       KFV_INFO_RANK_IN6;
}

static int kfv_info_rank(const struct kfv_info_query *query,
			 const struct kfv_local_addr *local)
{
	const union kfv_addr *src = &query->src;

	if (query->name && !kfv_info_named(local, query->name))
		return KFV_INFO_NO_FIT;
	if (query->family != AF_UNSPEC &&
	    query->family != local->addr.sa.sa_family)
		return KFV_INFO_NO_FIT;
	if (src->sa.sa_family != AF_UNSPEC && !kfv_addr_any(src) &&
	    !kfv_addr_same_host(src, &local->addr))
		return KFV_INFO_NO_FIT;
	if (!kfv_info_on_fabric(local, query->hints))
		return KFV_INFO_OTHER_FABRIC + kfv_info_rank_family(local);
	return kfv_info_rank_family(local);
}

/* Keep the first of the best addresses of each port; returns how many. */
static int kfv_info_keep_best(const struct kfv_info_query *query,
			      struct kfv_local_addr *list, int n)
{
	int i, j, kept = 0;

	for (i = 0; i < n; i++) {
		for (j = 0; j < kept; j++)
			if (!strcmp(list[i].domain, list[j].domain))
				break;
		if (j < kept && kfv_info_rank(query, &list[i]) >=
				kfv_info_rank(query, &list[j]))
			continue;
		list[j] = list[i];
		if (j == kept)
			kept++;
	}
	return kept;
}

typedef bool (*kfv_info_filter)(const struct kfv_info_query *query,
				const struct kfv_local_addr *local);

static bool kfv_info_fits(const struct kfv_info_query *query,
			  const struct kfv_local_addr *local)
{
	return kfv_info_rank(query, local) != KFV_INFO_NO_FIT;
}

static bool kfv_info_near(const struct kfv_info_query *query,
			  const struct kfv_local_addr *local)
{
	return kfv_addr_in_subnet(local, &query->dest);
}

/* Keep what passes the filter; returns how many. */
static int kfv_info_keep(const struct kfv_info_query *query,
			 struct kfv_local_addr *list, int n,
			 kfv_info_filter filter)
{
	int i, kept = 0;

	for (i = 0; i < n; i++) {
		if (!filter(query, &list[i]))
			continue;
		if (kept != i)
			list[kept] = list[i];
		kept++;
	}
	return kept;
}

/**
 * kfv_info_select - keep the addresses that a client may mean
 * @query: the question
 * @list: addresses of local ports; those that are kept move to the front
 * @n: how many
 *
 * Context: Any.
 * Return: How many were kept, at most one of each port.
 */
int kfv_info_select(const struct kfv_info_query *query,
		    struct kfv_local_addr *list, int n)
{
	bool near = false;
	int i;

	n = kfv_info_keep(query, list, n, kfv_info_fits);
	if (query->dest.sa.sa_family != AF_UNSPEC)
		for (i = 0; i < n && !near; i++)
			near = kfv_info_near(query, &list[i]);
	if (near)
		n = kfv_info_keep(query, list, n, kfv_info_near);
	return kfv_info_keep_best(query, list, n);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_info_select);

/*
 * The answer
 */

static int kfv_info_fill_addr(void **to, size_t *len,
			      const union kfv_addr *addr)
{
	if (addr->sa.sa_family == AF_UNSPEC)
		return 0;
	*len = rdma_addr_size(&addr->sa);
	*to = kmemdup(addr, *len, GFP_KERNEL);
	return *to ? 0 : -ENOMEM;
}

static int kfv_info_fill_addrs(struct kfi_info *info,
			       const union kfv_addr *src,
			       const union kfv_addr *dest)
{
	int ret;

	info->addr_format = src->sa.sa_family == AF_INET ? KFI_SOCKADDR_IN :
							   KFI_SOCKADDR_IN6;
	ret = kfv_info_fill_addr(&info->src_addr, &info->src_addrlen, src);
	if (ret)
		return ret;
	return kfv_info_fill_addr(&info->dest_addr, &info->dest_addrlen, dest);
}

/* Those of a request, which the connection manager leaves without a scope */
static int kfv_info_fill_cm_addrs(struct kfi_info *info,
				  const struct rdma_addr *addr)
{
	union kfv_addr src = { .ss = addr->src_addr };
	union kfv_addr dest = { .ss = addr->dst_addr };

	kfv_addr_set_scope(&src, addr->dev_addr.bound_dev_if);
	kfv_addr_set_scope(&dest, addr->dev_addr.bound_dev_if);
	return kfv_info_fill_addrs(info, &src, &dest);
}

/* The modes that we ask of a client who wrote these hints. */
static u64 kfv_info_mode(const struct kfi_info *hints)
{
	return hints ? hints->mode & KFI_RX_CQ_DATA : KFI_RX_CQ_DATA;
}

/* Open objects in the hints fit if they are ours and of the same names. */
static void kfv_info_fill_objects(struct kfi_info *info,
				  const struct kfi_info *hints)
{
	struct kfi_fabric_attr *fabric = info->fabric_attr;
	struct kfi_domain_attr *domain = info->domain_attr;

	if (!hints)
		return;
	if (hints->fabric_attr && hints->fabric_attr->fabric &&
	    kfv_fabric_is(hints->fabric_attr->fabric, fabric->name))
		fabric->fabric = hints->fabric_attr->fabric;
	if (hints->domain_attr && hints->domain_attr->domain &&
	    kfv_domain_is(hints->domain_attr->domain, domain->name))
		domain->domain = hints->domain_attr->domain;
}

/* Commits are for endpoints that can have them. */
static bool kfv_info_levels_fit(const struct kfi_info *hints)
{
	if (!hints || !hints->tx_attr || hints->caps & KFI_RMA_PMEM ||
	    !(hints->tx_attr->op_flags & KFI_COMMIT_COMPLETE))
		return true;
	pr_debug("hints->tx_attr->op_flags has COMMIT_COMPLETE, hints->caps lacks RMA_PMEM\n");
	return false;
}

/*
 * Cut an offer to what the client wants, or to sizes that most clients want.
 * Persistence takes a second queue pair, so it is for those who ask for it.
 */
static void kfv_info_narrow(struct kfi_info *info, const struct kfi_info *hints)
{
	size_t tx = info->tx_attr->size, rx = info->rx_attr->size;

	kfi_info_narrow(info, hints);
	if (!hints || !(hints->caps & KFI_RMA_PMEM))
		info->caps &= ~KFI_RMA_PMEM;
	if (!hints || !hints->tx_attr || !hints->tx_attr->size)
		info->tx_attr->size = min_t(size_t, tx, KFV_DEF_QUEUE);
	if (!hints || !hints->rx_attr || !hints->rx_attr->size)
		info->rx_attr->size = min_t(size_t, rx, KFV_DEF_QUEUE);
}

static bool kfv_info_active(struct ib_device *ibdev, u32 port)
{
	struct ib_port_attr attr;

	return !ib_query_port(ibdev, port, &attr) &&
	       attr.state == IB_PORT_ACTIVE;
}

static struct kfi_info *kfv_info_offer_local(const struct kfv_info_query *query,
					     const struct kfv_local_addr *local)
{
	struct kfv_device *dev;
	struct kfi_info *info;
	u32 port;

	dev = kfv_device_get_by_name(local->domain, &port);
	if (!dev)
		return ERR_PTR(-ENODEV);
	mutex_lock(&dev->lock);
	if (dev->dead)
		info = ERR_PTR(-ENODEV);
	else if (!kfv_info_active(dev->ibdev, port))
		info = ERR_PTR(-ENETDOWN);
	else
		info = kfv_offer_make(dev->ibdev, port, local->domain,
				      local->fabric,
				      kfv_info_mode(query->hints));
	mutex_unlock(&dev->lock);
	kfv_device_put(dev);
	return info;
}

/* The entry for one port, or an error; -ENODATA if it does not match. */
static struct kfi_info *kfv_info_entry(const struct kfv_info_query *query,
				       const struct kfv_local_addr *local)
{
	union kfv_addr src = local->addr;
	struct kfi_info *info;
	int ret;

	info = kfv_info_offer_local(query, local);
	if (IS_ERR(info)) {
		pr_debug("%s is not offered: %pe\n", local->domain, info);
		return info;
	}
	kfv_addr_set_port(&src, query->src_port);
	ret = kfv_info_fill_addrs(info, &src, &query->dest);
	if (ret)
		goto free_info;
	kfv_info_fill_objects(info, query->hints);
	if (!kfi_info_match(query->hints, info, NULL) ||
	    !kfv_info_levels_fit(query->hints)) {
		ret = -ENODATA;
		goto free_info;
	}
	kfv_info_narrow(info, query->hints);
	return info;

free_info:
	kfi_freeinfo(info);
	return ERR_PTR(ret);
}

/* Ports that cannot be asked do not spoil the answer; lack of memory does. */
static int kfv_info_answer(const struct kfv_info_query *query,
			   const struct kfv_local_addr *list, int n,
			   struct kfi_info **head)
{
	struct kfi_info **tail = head, *info;
	int i;

	*head = NULL;
	for (i = 0; i < n; i++) {
		info = kfv_info_entry(query, &list[i]);
		if (info == ERR_PTR(-ENOMEM)) {
			kfi_freeinfo(*head);
			return -ENOMEM;
		}
		if (IS_ERR(info))
			continue;
		*tail = info;
		tail = &info->next;
	}
	return *head ? 0 : -ENODATA;
}

/**
 * kfv_info_getinfo - kfi_getinfo() of the verbs provider
 * @version: of the interface that the client was written for
 * @node: an address or a name, or NULL
 * @service: port number in decimal, or NULL
 * @flags: KFI_SOURCE, KFI_NUMERICHOST
 * @hints: the client's wishes, or NULL
 * @info: where to put the list
 *
 * Context: Process.
 * Return: 0; -EINVAL if @service is not a port number; -ENODATA if nothing
 * matches; -ENOMEM.
 */
int kfv_info_getinfo(uint32_t version, const char *node, const char *service,
		     uint64_t flags, struct kfi_info *hints,
		     struct kfi_info **info)
{
	struct kfv_info_query query = { .hints = hints };
	struct kfv_local_addr *list;
	int n, ret;

	ret = kfv_info_parse(&query, node, service, flags);
	if (ret)
		return ret;
	n = kfv_addr_list(&list);
	if (n < 0)
		return n;
	n = kfv_info_select(&query, list, n);
	if (!n)
		pr_debug("no local address fits\n");
	ret = kfv_info_answer(&query, list, n, info);
	kvfree(list);
	return ret;
}

/* The offer of the port that a request came through, in the subnet it is from */
static struct kfi_info *kfv_info_offer_cm(struct rdma_cm_id *id, u64 mode)
{
	const struct rdma_addr *addr = &id->route.addr;
	union kfv_addr src = { .ss = addr->src_addr };
	struct kfv_local_addr local;
	struct kfv_device *dev;
	int ret;

	if (kfv_device_refuse(id->device) ||
	    !kfv_device_has_port(id->device, id->port_num))
		return ERR_PTR(-EOPNOTSUPP);
	dev = kfv_device_get(id->device);
	if (!dev)
		return ERR_PTR(-ENODEV);
	kfv_addr_set_scope(&src, addr->dev_addr.bound_dev_if);
	ret = kfv_addr_local(dev, id->device, id->port_num, &src, &local);
	kfv_device_put(dev);
	if (ret)
		return ERR_PTR(ret);
	return kfv_offer_make(id->device, id->port_num, local.domain,
			      local.fabric, mode);
}

/**
 * kfv_info_from_connreq - what to open the endpoint with that accepts
 * @pep: listener that the request came to
 * @id: the request
 *
 * The wishes are those that the listener was opened with. Where a listener on
 * all addresses got the request through a lesser port, they are the defaults.
 * Such a listener hears of other subnets than its own, too; the fabric is that
 * of the request.
 *
 * Context: Handler of the connection manager.
 * Return: The info, without a handle; ERR_PTR(-ENODEV) when the device is being
 * removed, -EOPNOTSUPP when it is none that we use, -EADDRNOTAVAIL when its
 * address is being removed, -ENOMEM, or what the device answered.
 */
struct kfi_info *kfv_info_from_connreq(const struct kfv_pep *pep,
				       struct rdma_cm_id *id)
{
	struct kfi_info hints = *pep->info;
	struct kfi_info *info;
	int ret;

	info = kfv_info_offer_cm(id, kfv_info_mode(pep->info));
	if (IS_ERR(info))
		return info;
	ret = kfv_info_fill_cm_addrs(info, &id->route.addr);
	if (ret) {
		kfi_freeinfo(info);
		return ERR_PTR(ret);
	}

	/* domain and fabric are those of the request */
	hints.domain_attr = NULL;
	hints.fabric_attr = NULL;
	kfv_info_narrow(info, kfi_info_match(&hints, info, NULL) ? &hints :
								   NULL);
	return info;
}

/**
 * kfv_info_check_ep - whether a port can do what an endpoint is to do
 * @offer: of the port, with all modes that a client may have
 * @info: the client's
 *
 * Context: Any.
 * Return: 0; -EINVAL if not.
 */
int kfv_info_check_ep(const struct kfi_info *offer, const struct kfi_info *info)
{
	struct kfi_rx_attr rx_attr = *offer->rx_attr;
	struct kfi_info hints = *info, able = *offer;

	hints.domain_attr = NULL;
	hints.fabric_attr = NULL;
	able.addr_format = info->addr_format;
	able.mode &= kfv_info_mode(info);
	able.rx_attr = &rx_attr;
	rx_attr.mode = able.mode;
	return kfi_info_match(&hints, &able, NULL) &&
	       kfv_info_levels_fit(info) ? 0 : -EINVAL;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_info_check_ep);
