// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Local addresses
 *
 * Purpose: names and addresses of the ports that we may use, and the text form
 * of addresses that clients give.
 *
 * Operation: the connection manager knows ports by IP addresses, so those are
 * what a port is found by. The list is made anew for every question: a walk
 * over the network devices of the initial network namespace collects their
 * addresses, then a temporary rdma_cm_id is bound to each, which tells the RDMA
 * device and port behind it, for RoCE and IPoIB alike. Addresses without a
 * device that we use drop out.
 *
 * A subnet is a fabric: "192.0.2.0/24" on Ethernet, where an IPv6 link-local
 * one has its network device appended, and "IB-0x<subnet prefix>" on
 * InfiniBand. A port is a domain: the device's name, followed by "/<port>" if
 * the device has several.
 *
 * Ownership: the list belongs to the caller, who frees it with kvfree(). It
 * refers to nothing; names may be out of date a moment later.
 */
#include <linux/ctype.h>
#include <linux/inet.h>
#include <linux/inetdevice.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <net/addrconf.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <rdma/ib_cache.h>

#include <kunit/visibility.h>

#include "info.h"

/**
 * struct kfv_addr_walk - collects addresses of network devices
 * @only: the address that is looked for, or NULL
 * @list: where to put them
 * @max: room in @list
 * @n: addresses seen, may be more than @max
 */
struct kfv_addr_walk {
	const union kfv_addr *only;
	struct kfv_local_addr *list;
	size_t max;
	size_t n;
};

static void kfv_addr_meet(struct kfv_addr_walk *walk,
			  const struct net_device *netdev,
			  const union kfv_addr *addr, u32 prefix_len)
{
	struct kfv_local_addr *local;

	if (walk->only && !kfv_addr_same_host(walk->only, addr))
		return;
	if (walk->n++ >= walk->max)
		return;
	local = &walk->list[walk->n - 1];
	*local = (struct kfv_local_addr) {
		.addr = *addr,
		.prefix_len = prefix_len,
	};
	strscpy(local->netdev, netdev->name, sizeof(local->netdev));
}

static void kfv_addr_walk_in(struct kfv_addr_walk *walk,
			     const struct net_device *netdev)
{
	const struct in_device *in_dev = __in_dev_get_rcu(netdev);
	union kfv_addr addr = { .in.sin_family = AF_INET };
	const struct in_ifaddr *ifa;

	if (!in_dev)
		return;
	in_dev_for_each_ifa_rcu(ifa, in_dev) {
		addr.in.sin_addr.s_addr = ifa->ifa_local;
		kfv_addr_meet(walk, netdev, &addr, ifa->ifa_prefixlen);
	}
}

#if IS_ENABLED(CONFIG_IPV6)
static void kfv_addr_walk_in6(struct kfv_addr_walk *walk,
			      const struct net_device *netdev)
{
	struct inet6_dev *in6_dev = __in6_dev_get(netdev);
	const struct inet6_ifaddr *ifa;
	union kfv_addr addr;

	if (!in6_dev)
		return;
	read_lock_bh(&in6_dev->lock);
	list_for_each_entry(ifa, &in6_dev->addr_list, if_list) {
		if (ifa->flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED))
			continue;
		addr = (union kfv_addr) {
			.in6.sin6_family = AF_INET6,
			.in6.sin6_addr = ifa->addr,
		};
		kfv_addr_set_scope(&addr, netdev->ifindex);
		kfv_addr_meet(walk, netdev, &addr, ifa->prefix_len);
	}
	read_unlock_bh(&in6_dev->lock);
}
#else
static void kfv_addr_walk_in6(struct kfv_addr_walk *walk,
			      const struct net_device *netdev)
{
}
#endif

static void kfv_addr_walk(struct kfv_addr_walk *walk)
{
	const struct net_device *netdev;

	walk->n = 0;
	rcu_read_lock();
	for_each_netdev_rcu(&init_net, netdev) {
		if (!(netdev->flags & IFF_UP))
			continue;
		kfv_addr_walk_in(walk, netdev);
		kfv_addr_walk_in6(walk, netdev);
	}
	rcu_read_unlock();
}

/* Addresses may appear between counting and collecting them. */
static int kfv_addr_collect(struct kfv_addr_walk *walk)
{
	kfv_addr_walk(walk);
	while (walk->n > walk->max) {
		kvfree(walk->list);
		walk->max = walk->n;
		walk->list = kvcalloc(walk->max, sizeof(*walk->list),
				      GFP_KERNEL);
		if (!walk->list)
			return -ENOMEM;
		kfv_addr_walk(walk);
	}
	return 0;
}

static void kfv_addr_name_subnet(struct kfv_local_addr *local)
{
	u32 bits = local->prefix_len;
	struct in6_addr prefix;
	__be32 net;

	if (local->addr.sa.sa_family == AF_INET) {
		net = local->addr.in.sin_addr.s_addr & inet_make_mask(bits);
		snprintf(local->fabric, sizeof(local->fabric), "%pI4/%u",
			 &net, bits);
		return;
	}
	ipv6_addr_prefix(&prefix, &local->addr.in6.sin6_addr, bits);
	if (local->addr.in6.sin6_scope_id)
		snprintf(local->fabric, sizeof(local->fabric), "%pI6c/%u%%%s",
			 &prefix, bits, local->netdev);
	else
		snprintf(local->fabric, sizeof(local->fabric), "%pI6c/%u",
			 &prefix, bits);
}

/**
 * kfv_addr_name_port - name of the domain that a port is
 * @ibdev: the device
 * @port: the port
 * @name: of the device
 * @domain: where to put it, KFV_DOMAIN_NAME_MAX bytes
 *
 * Context: Any.
 */
void kfv_addr_name_port(struct ib_device *ibdev, u32 port, const char *name,
			char *domain)
{
	if (rdma_end_port(ibdev) > rdma_start_port(ibdev))
		snprintf(domain, KFV_DOMAIN_NAME_MAX, "%s/%u", name, port);
	else
		strscpy(domain, name, KFV_DOMAIN_NAME_MAX);
}

static int kfv_addr_name(struct kfv_local_addr *local, struct kfv_device *dev,
			 struct ib_device *ibdev)
{
	union ib_gid gid;
	int ret;

	kfv_device_name(dev, local->ibdev);
	kfv_addr_name_port(ibdev, local->port, local->ibdev, local->domain);

	if (!rdma_protocol_ib(ibdev, local->port)) {
		kfv_addr_name_subnet(local);
		return 0;
	}
	ret = rdma_query_gid(ibdev, local->port, 0, &gid);
	if (ret)
		return ret;
	snprintf(local->fabric, sizeof(local->fabric), "IB-0x%016llx",
		 be64_to_cpu(gid.global.subnet_prefix));
	return 0;
}

/**
 * kfv_addr_local - names of the port and the subnet that an address is in
 * @dev: the device
 * @ibdev: the same, which is there
 * @port: port that has the address
 * @addr: address of this node
 * @local: where to put them
 *
 * Context: Process; handlers of the connection manager, too.
 * Return: 0; -EADDRNOTAVAIL if nobody has the address any more, or what the
 * device answered.
 */
int kfv_addr_local(struct kfv_device *dev, struct ib_device *ibdev, u32 port,
		   const union kfv_addr *addr, struct kfv_local_addr *local)
{
	struct kfv_addr_walk walk = { .only = addr, .list = local, .max = 1 };

	*local = (struct kfv_local_addr) {};
	kfv_addr_walk(&walk);
	/* on InfiniBand the address says nothing about the subnet */
	if (!walk.n && !rdma_protocol_ib(ibdev, port))
		return -EADDRNOTAVAIL;
	local->port = port;
	return kfv_addr_name(local, dev, ibdev);
}

/*
 * The temporary id starts nothing, so that this hears of nothing but the
 * removal of the device, which waits until the id is destroyed.
 */
static int kfv_addr_cm_handler(struct rdma_cm_id *id,
			       struct rdma_cm_event *event)
{
	return 0;
}

/* An id that is bound to an address, and so to a port */
static struct rdma_cm_id *kfv_addr_bind(union kfv_addr addr)
{
	struct rdma_cm_id *id;
	int ret;

	id = rdma_create_id(&init_net, kfv_addr_cm_handler, NULL, RDMA_PS_TCP,
			    IB_QPT_RC);
	if (IS_ERR(id))
		return id;
	ret = rdma_bind_addr(id, &addr.sa);
	if (!ret)
		return id;
	rdma_destroy_id(id);
	return ERR_PTR(ret);
}

static int kfv_addr_find_port(struct kfv_local_addr *local)
{
	struct kfv_device *dev;
	struct rdma_cm_id *id;
	int ret;

	id = kfv_addr_bind(local->addr);
	if (IS_ERR(id))
		return PTR_ERR(id);
	dev = kfv_device_get(id->device);
	if (!dev) {
		ret = -ENODEV;
		goto destroy_id;
	}
	local->port = id->port_num;
	ret = -ENODEV;
	if (kfv_device_has_port(id->device, local->port))
		ret = kfv_addr_name(local, dev, id->device);
	kfv_device_put(dev);
destroy_id:
	rdma_destroy_id(id);
	return ret;
}

/**
 * kfv_addr_list - list the addresses of the ports that we may use
 * @list: where to put the array, which the caller frees with kvfree()
 *
 * Context: Process; not from a handler of the connection manager.
 * Return: Number of addresses, or -ENOMEM.
 */
int kfv_addr_list(struct kfv_local_addr **list)
{
	struct kfv_addr_walk walk = {};
	size_t i, n = 0;
	int ret;

	ret = kfv_addr_collect(&walk);
	if (ret)
		return ret;
	for (i = 0; i < walk.n; i++) {
		ret = kfv_addr_find_port(&walk.list[i]);
		if (ret == -ENOMEM)
			goto free_list;
		if (ret)
			continue;
		if (n != i)
			walk.list[n] = walk.list[i];
		n++;
	}
	*list = walk.list;
	return n;

free_list:
	kvfree(walk.list);
	return ret;
}

/* Whether an address is one of a port: 1, 0, or a negative errno */
static int kfv_addr_is_of_port(const struct ib_device *ibdev, u32 port,
			       union kfv_addr addr)
{
	struct rdma_cm_id *id = kfv_addr_bind(addr);
	int ret;

	if (IS_ERR(id))
		return PTR_ERR(id) == -ENOMEM ? -ENOMEM : 0;
	ret = id->device == ibdev && id->port_num == port;
	rdma_destroy_id(id);
	return ret;
}

/**
 * kfv_addr_of_port - find an address of a port
 * @ibdev: the device
 * @port: the port
 * @addr: where to put it
 *
 * Context: Process; not from a handler of the connection manager.
 * Return: 0; -ENETDOWN if it has none; -ENOMEM.
 */
int kfv_addr_of_port(struct ib_device *ibdev, u32 port, union kfv_addr *addr)
{
	struct kfv_addr_walk walk = {};
	size_t i;
	int ret;

	ret = kfv_addr_collect(&walk);
	for (i = 0; i < walk.n && !ret; i++) {
		ret = kfv_addr_is_of_port(ibdev, port, walk.list[i].addr);
		if (ret > 0)
			*addr = walk.list[i].addr;
	}
	kvfree(walk.list);
	if (!ret)
		return -ENETDOWN;
	return min(ret, 0);
}

static int kfv_addr_parse_scope(const char *scope)
{
	struct net_device *netdev;
	int ifindex = -EINVAL;
	u32 number;

	rcu_read_lock();
	netdev = dev_get_by_name_rcu(&init_net, scope);
	if (netdev)
		ifindex = netdev->ifindex;
	rcu_read_unlock();
	if (netdev)
		return ifindex;
	if (kstrtou32(scope, 10, &number) || !number || number > INT_MAX)
		return -EINVAL;
	return number;
}

static int kfv_addr_parse_in6(const char *node, struct sockaddr_in6 *in6)
{
	const char *end;
	int scope;

	if (!in6_pton(node, -1, in6->sin6_addr.s6_addr, '%', &end))
		return -EINVAL;
	in6->sin6_family = AF_INET6;
	if (!*end)
		return 0;
	if (!(ipv6_addr_type(&in6->sin6_addr) & IPV6_ADDR_LINKLOCAL))
		return -EINVAL;
	scope = kfv_addr_parse_scope(end + 1);
	if (scope < 0)
		return scope;
	in6->sin6_scope_id = scope;
	return 0;
}

/**
 * kfv_addr_parse_node - make an address of its text
 * @node: "192.0.2.1", "2001:db8::1" or "fe80::1%eth0"; the scope may be a
 *	number
 * @addr: where to put it, port number 0
 *
 * Context: Any.
 * Return: 0; -EINVAL if @node is not an address.
 */
int kfv_addr_parse_node(const char *node, union kfv_addr *addr)
{
	const char *end;

	memset(addr, 0, sizeof(*addr));
	if (in4_pton(node, -1, (u8 *)&addr->in.sin_addr.s_addr, -1, &end) &&
	    !*end) {
		addr->in.sin_family = AF_INET;
		return 0;
	}
	memset(addr, 0, sizeof(*addr));
	return kfv_addr_parse_in6(node, &addr->in6);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_addr_parse_node);

/**
 * kfv_addr_parse_service - make a port number of its text
 * @service: decimal digits and nothing else
 * @port: where to put it
 *
 * Context: Any.
 * Return: 0; -EINVAL if @service is not a number from 0 to 65535.
 */
int kfv_addr_parse_service(const char *service, u16 *port)
{
	const char *digit;

	for (digit = service; *digit; digit++)
		if (!isdigit(*digit))
			return -EINVAL;
	return kstrtou16(service, 10, port) ? -EINVAL : 0;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_addr_parse_service);

/**
 * kfv_addr_valid - whether a client's address is one that we can use
 * @addr: the address, or NULL
 * @len: its length, or 0 if the client did not say
 *
 * Context: Any.
 * Return: true if @addr is a struct sockaddr_in or sockaddr_in6.
 */
bool kfv_addr_valid(const void *addr, size_t len)
{
	const union kfv_addr *a = addr;

	if (!a || (len && len < sizeof(a->sa.sa_family)))
		return false;
	if (a->sa.sa_family != AF_INET && a->sa.sa_family != AF_INET6)
		return false;
	return !len || len >= rdma_addr_size(&a->sa);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_addr_valid);

/**
 * kfv_addr_any - whether an address is the wildcard of its family
 * @addr: the address
 *
 * Context: Any.
 * Return: true for 0.0.0.0 and ::.
 */
bool kfv_addr_any(const union kfv_addr *addr)
{
	if (addr->sa.sa_family == AF_INET)
		return addr->in.sin_addr.s_addr == htonl(INADDR_ANY);
	return ipv6_addr_any(&addr->in6.sin6_addr);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_addr_any);

/**
 * kfv_addr_set_scope - say on which link a link-local address is
 * @addr: of family AF_INET or AF_INET6; any but a link-local address without a
 *	scope stays as it is
 * @ifindex: the network device; 0 if not known
 *
 * Context: Any.
 */
void kfv_addr_set_scope(union kfv_addr *addr, int ifindex)
{
	if (addr->sa.sa_family == AF_INET6 && !addr->in6.sin6_scope_id &&
	    ipv6_addr_type(&addr->in6.sin6_addr) & IPV6_ADDR_LINKLOCAL)
		addr->in6.sin6_scope_id = ifindex;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_addr_set_scope);

/**
 * kfv_addr_same_host - compare two addresses but for the port number
 * @a: an address
 * @b: an address
 *
 * A link-local address without a scope is the same as one with any scope.
 *
 * Context: Any.
 * Return: true if they are the same.
 */
bool kfv_addr_same_host(const union kfv_addr *a, const union kfv_addr *b)
{
	if (a->sa.sa_family != b->sa.sa_family)
		return false;
	if (a->sa.sa_family == AF_INET)
		return a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
	if (a->in6.sin6_scope_id && b->in6.sin6_scope_id &&
	    a->in6.sin6_scope_id != b->in6.sin6_scope_id)
		return false;
	return ipv6_addr_equal(&a->in6.sin6_addr, &b->in6.sin6_addr);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_addr_same_host);

/**
 * kfv_addr_in_subnet - whether an address is on the link of a local one
 * @local: address of this node
 * @addr: address of a peer, or of this node
 *
 * Context: Any.
 * Return: true if both are in the same subnet.
 */
bool kfv_addr_in_subnet(const struct kfv_local_addr *local,
			const union kfv_addr *addr)
{
	const union kfv_addr *own = &local->addr;

	if (own->sa.sa_family != addr->sa.sa_family)
		return false;
	if (own->sa.sa_family == AF_INET)
		return !((own->in.sin_addr.s_addr ^ addr->in.sin_addr.s_addr) &
			 inet_make_mask(local->prefix_len));
	if (own->in6.sin6_scope_id && addr->in6.sin6_scope_id &&
	    own->in6.sin6_scope_id != addr->in6.sin6_scope_id)
		return false;
	return ipv6_prefix_equal(&own->in6.sin6_addr, &addr->in6.sin6_addr,
				 local->prefix_len);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_addr_in_subnet);

/**
 * kfv_addr_port - port number of an address
 * @addr: of family AF_INET or AF_INET6
 *
 * Context: Any.
 * Return: The port number in host byte order.
 */
u16 kfv_addr_port(const union kfv_addr *addr)
{
	return ntohs(addr->sa.sa_family == AF_INET6 ? addr->in6.sin6_port :
						      addr->in.sin_port);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_addr_port);

/**
 * kfv_addr_set_port - set the port number of an address
 * @addr: of family AF_INET or AF_INET6
 * @port: in host byte order
 *
 * Context: Any.
 */
void kfv_addr_set_port(union kfv_addr *addr, u16 port)
{
	if (addr->sa.sa_family == AF_INET6)
		addr->in6.sin6_port = htons(port);
	else
		addr->in.sin_port = htons(port);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_addr_set_port);
