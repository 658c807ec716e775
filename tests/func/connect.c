// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Connections that come up and go down as they should.
 */
#include <linux/delay.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/jiffies.h>
#include <linux/string.h>

#include "func.h"

#define FUNC_CM_DATA	48
#define FUNC_MANY	48

static void connect_alive(struct func *t)
{
	func_alive(t, &t->a, &t->b);
	func_no_event(t, t->a.eq);
	func_no_event(t, t->b.eq);
	func_no_event(t, t->listener.eq);
}

static void connect_ipv6(struct func *t)
{
	struct kfi_info *info = func_getinfo(t, func_node6, NULL, KFI_SOURCE);

	if (!info || !func_move(t, info) ||
	    !func_listen(t, &t->listener, func_node6) ||
	    !func_open_end(t, &t->a, t->domain, info, NULL) ||
	    !func_connect(t, &t->a, &t->listener) ||
	    !func_accept(t, &t->listener, &t->b, NULL) ||
	    !func_connected(t, &t->a, &t->b))
		return;
	func_alive(t, &t->a, &t->b);
}

/* The way a client does it that knows a node and a service only. */
static void connect_by_getinfo(struct func *t)
{
	struct sockaddr_in *name = (struct sockaddr_in *)&t->listener.name;
	struct kfi_info *info;
	char port[8];

	if (!func_listen(t, &t->listener, func_node))
		return;
	scnprintf(port, sizeof(port), "%u", be16_to_cpu(name->sin_port));
	info = func_getinfo(t, func_node, port, 0);
	if (!info || !func_open_end(t, &t->a, t->domain, info, NULL) ||
	    !CHECK_OK(t, kfi_connect(t->a.ep, info->dest_addr, NULL, 0)) ||
	    !func_accept(t, &t->listener, &t->b, NULL) ||
	    !func_connected(t, &t->a, &t->b))
		return;
	func_alive(t, &t->a, &t->b);
}

static void func_fill_data(u8 *data, size_t len, u8 seed)
{
	size_t i;

	for (i = 0; i < len; i++)
		data[i] = seed + 7 * i;
}

/* Sends @there bytes with the request and @back bytes with the answer. */
static bool connect_with_data(struct func *t, size_t there, size_t back)
{
	u8 ping[FUNC_CM_DATA], pong[FUNC_CM_DATA];
	struct func_end a = {}, b = {};
	struct func_event event;
	size_t len;
	ssize_t n;

	func_fill_data(ping, sizeof(ping), there);
	func_fill_data(pong, sizeof(pong), 100 + back);
	if (!func_open_end(t, &a, t->domain, t->info, NULL) ||
	    !CHECK_OK(t, kfi_connect(a.ep, &t->listener.name,
				     there ? ping : NULL, there)) ||
	    !func_connreq(t, &t->listener, &event, &len) ||
	    !CHECK_EQ(t, len, there) ||
	    !CHECK_OK(t, memcmp(event.data, ping, there)) ||
	    !func_open_end(t, &b, t->domain, event.cm.info, NULL) ||
	    !CHECK_OK(t, kfi_accept(b.ep, back ? pong : NULL, back)))
		return false;

	n = func_event_data(t, a.eq, KFI_CONNECTED, &a.ep->fid, &event);
	return CHECK_EQ(t, n, back) &&
	       CHECK_OK(t, memcmp(event.data, pong, back)) &&
	       func_event(t, b.eq, KFI_CONNECTED, &b.ep->fid) &&
	       func_close_end(t, &a) && func_close_end(t, &b);
}

static void connect_private_data(struct func *t)
{
	static const size_t lens[] = { 0, 1, 7, 47, FUNC_CM_DATA };
	size_t i;

	if (!func_listen(t, &t->listener, func_node))
		return;
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		if (!connect_with_data(t, lens[i],
				       lens[ARRAY_SIZE(lens) - 1 - i]))
			return;
	}
}

/* A reader with little room gets the beginning; what it needs is all there. */
static void connect_private_data_cut(struct func *t)
{
	u8 data[FUNC_CM_DATA];
	struct {
		struct kfi_eq_cm_entry cm;
		u8 data[5];
	} event;
	u32 what;
	ssize_t n;

	func_fill_data(data, sizeof(data), 3);
	if (!func_listen(t, &t->listener, func_node) ||
	    !func_open_end(t, &t->a, t->domain, t->info, NULL) ||
	    !CHECK_OK(t, kfi_connect(t->a.ep, &t->listener.name, data,
				     sizeof(data))))
		return;
	n = kfi_eq_sread(t->listener.eq, &what, &event,
			 offsetofend(typeof(event), data), func_wait_ms, 0);
	if (!CHECK_EQ(t, n, offsetofend(typeof(event), data)) ||
	    !CHECK_EQ(t, what, KFI_CONNREQ) ||
	    !func_keep_info(t, event.cm.info))
		return;
	CHECK_OK(t, memcmp(event.data, data, sizeof(event.data)));
	if (func_open_end(t, &t->b, t->domain, event.cm.info, NULL) &&
	    CHECK_OK(t, kfi_accept(t->b.ep, NULL, 0)))
		func_connected(t, &t->a, &t->b);
}

static bool func_same_port(const struct sockaddr_storage *a,
			   const struct sockaddr_storage *b)
{
	const struct sockaddr_in *x = (const struct sockaddr_in *)a;
	const struct sockaddr_in *y = (const struct sockaddr_in *)b;

	return x->sin_port && x->sin_port == y->sin_port &&
	       x->sin_addr.s_addr == y->sin_addr.s_addr;
}

static void connect_names(struct func *t)
{
	struct sockaddr_storage a_name, a_peer, b_name, b_peer;
	size_t len = sizeof(a_name);

	CHECK_OK(t, kfi_getname(&t->a.ep->fid, &a_name, &len));
	CHECK_EQ(t, len, sizeof(struct sockaddr_in));
	len = sizeof(a_peer);
	CHECK_OK(t, kfi_getpeer(t->a.ep, &a_peer, &len));
	len = sizeof(b_name);
	CHECK_OK(t, kfi_getname(&t->b.ep->fid, &b_name, &len));
	len = sizeof(b_peer);
	CHECK_OK(t, kfi_getpeer(t->b.ep, &b_peer, &len));
	CHECK(t, func_same_port(&a_peer, &t->listener.name));
	CHECK(t, func_same_port(&b_name, &t->listener.name));
	CHECK(t, func_same_port(&a_name, &b_peer));

	len = 4;
	CHECK_EQ(t, kfi_getname(&t->a.ep->fid, &a_name, &len), -KFI_ETOOSMALL);
	CHECK_EQ(t, len, sizeof(struct sockaddr_in));
	len = 4;
	CHECK_EQ(t, kfi_getpeer(t->a.ep, &a_peer, &len), -KFI_ETOOSMALL);
}

/* What the listener hands out to open the accepting endpoint with. */
static void connect_request_info(struct func *t)
{
	struct func_event event;
	struct kfi_info *info;

	if (!func_listen(t, &t->listener, func_node) ||
	    !func_open_end(t, &t->a, t->domain, t->info, NULL) ||
	    !func_connect(t, &t->a, &t->listener) ||
	    !func_connreq(t, &t->listener, &event, NULL))
		return;
	info = event.cm.info;
	CHECK_EQ(t, info->handle->fclass, KFI_CLASS_CONNREQ);
	CHECK(t, info->src_addr && info->dest_addr && !info->next);
	CHECK_EQ(t, info->ep_attr->type, KFI_EP_MSG);
	CHECK(t, !strcmp(info->domain_attr->name, t->info->domain_attr->name));
	CHECK(t, !strcmp(info->fabric_attr->name, t->info->fabric_attr->name));
	CHECK_OK(t, kfi_reject(t->listener.pep, info->handle, NULL, 0));
	func_event_err(t, t->a.eq, &t->a.ep->fid, ECONNREFUSED);
}

static void connect_shutdown(struct func *t)
{
	CHECK_OK(t, kfi_shutdown(t->a.ep, 0));
	if (!func_broken(t))
		return;
	CHECK_EQ(t, kfi_shutdown(t->a.ep, 0), -ENOTCONN);
	CHECK_EQ(t, kfi_recv(t->b.ep, NULL, 0, NULL, KFI_ADDR_UNSPEC, NULL),
		 -ENOTCONN);
}

static void connect_shutdown_passive(struct func *t)
{
	CHECK_EQ(t, kfi_shutdown(t->b.ep, KFI_MORE), -KFI_EBADFLAGS);
	CHECK_OK(t, kfi_shutdown(t->b.ep, 0));
	func_broken(t);
}

/* Both sides at once: still one event each. */
static void connect_shutdown_both(struct func *t)
{
	CHECK_OK(t, kfi_shutdown(t->a.ep, 0));
	kfi_shutdown(t->b.ep, 0);
	func_broken(t);
}

static void connect_peer_closes(struct func *t)
{
	char *buf = func_alloc(t, 64);

	if (!buf || !CHECK_OK(t, kfi_recv(t->a.ep, buf, 64, NULL,
					  KFI_ADDR_UNSPEC, buf)))
		return;
	if (func_close(t, &t->b.ep->fid) && func_dies(t, &t->a))
		func_comp_err(t, t->a.rx_cq, buf, ECANCELED);
}

/* Data that was acknowledged is there even if its sender is gone. */
static void connect_peer_closes_after_data(struct func *t)
{
	struct ktl_buf *src = func_buf(t, KTL_BUF_KMALLOC, SZ_4K, 0);
	struct ktl_buf *dst = func_buf(t, KTL_BUF_KMALLOC, SZ_4K, 0);

	if (!src || !dst || !func_exchange(t, &t->b, &t->a, src, dst))
		return;
	if (func_close(t, &t->b.ep->fid))
		func_dies(t, &t->a);
}

/* Both sides listen and connect to each other at the same time. */
static void connect_crossed(struct func *t)
{
	struct func_listener l1 = {}, l2 = {};
	struct func_end a1 = {}, b1 = {}, a2 = {}, b2 = {};

	if (!func_listen(t, &l1, func_node) || !func_listen(t, &l2, func_node))
		return;
	if (!func_open_end(t, &a1, t->domain, t->info, NULL) ||
	    !func_open_end(t, &a2, t->domain, t->info, NULL) ||
	    !func_connect(t, &a1, &l1) || !func_connect(t, &a2, &l2) ||
	    !func_accept(t, &l2, &b2, NULL) || !func_accept(t, &l1, &b1, NULL) ||
	    !func_connected(t, &a1, &b1) || !func_connected(t, &a2, &b2))
		return;
	if (func_alive(t, &a1, &b1))
		func_alive(t, &a2, &b2);
}

struct func_crowd {
	struct func_end a[FUNC_MANY];
	struct func_end b[FUNC_MANY];
};

/* Which of the connecting endpoints has the port that the other one sees? */
static struct func_end *func_crowd_peer(struct func *t, struct func_crowd *c,
					struct func_end *b)
{
	struct sockaddr_storage peer = {}, name = {};
	size_t len = sizeof(peer), i;

	if (!CHECK_OK(t, kfi_getpeer(b->ep, &peer, &len)))
		return NULL;
	for (i = 0; i < FUNC_MANY; i++) {
		len = sizeof(name);
		if (!CHECK_OK(t, kfi_getname(&c->a[i].ep->fid, &name, &len)))
			return NULL;
		if (func_same_port(&peer, &name))
			return &c->a[i];
	}
	FAIL(t, "nobody has the port of the peer");
	return NULL;
}

/* All requests are on their way before the first one is answered. */
static void connect_many(struct func *t)
{
	struct func_crowd *c = func_alloc(t, sizeof(*c));
	struct func_end *a;
	size_t i;

	if (!c || !func_listen(t, &t->listener, func_node))
		return;
	for (i = 0; i < FUNC_MANY; i++) {
		if (!func_open_end(t, &c->a[i], t->domain, t->info, NULL) ||
		    !func_connect(t, &c->a[i], &t->listener))
			return;
	}
	for (i = 0; i < FUNC_MANY; i++) {
		if (!func_accept(t, &t->listener, &c->b[i], NULL))
			return;
	}
	for (i = 0; i < FUNC_MANY; i++) {
		if (!func_connected(t, &c->a[i], &c->b[i]))
			return;
	}
	for (i = 0; i < FUNC_MANY; i += 9) {
		a = func_crowd_peer(t, c, &c->b[i]);
		if (!a || !func_alive(t, a, &c->b[i]))
			return;
	}
}

/* Many connections that share queues on one side. */
static void connect_shared_queues(struct func *t)
{
	struct func_end a[4] = {}, b[4] = {};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(a); i++) {
		b[i].eq = b[0].eq;
		b[i].tx_cq = b[0].tx_cq;
		b[i].rx_cq = b[0].rx_cq;
		if (!func_pair(t, &a[i], &b[i], NULL))
			return;
	}
	for (i = 0; i < ARRAY_SIZE(a); i++) {
		if (!func_alive(t, &a[i], &b[i]))
			return;
	}
	CHECK_OK(t, kfi_shutdown(a[2].ep, 0));
	func_event(t, b[0].eq, KFI_SHUTDOWN, &b[2].ep->fid);
	func_alive(t, &a[1], &b[1]);
}

static void connect_again_and_again(struct func *t)
{
	struct func_end a, b;
	int i;

	for (i = 0; i < 20; i++) {
		a = (struct func_end) {};
		b = (struct func_end) {};
		if (!func_pair(t, &a, &b, NULL) || !func_alive(t, &a, &b) ||
		    !func_close_end(t, i % 2 ? &a : &b) ||
		    !func_dies(t, i % 2 ? &b : &a) ||
		    !func_close_end(t, i % 2 ? &b : &a))
			return;
	}
}

/* A receive may be posted before the connection is there. */
static void connect_early_receive(struct func *t)
{
	struct kfi_cq_tagged_entry entry;
	char *src = func_alloc(t, 64), *dst = func_alloc(t, 64);

	if (!src || !dst || !func_listen(t, &t->listener, func_node) ||
	    !func_open_end(t, &t->a, t->domain, t->info, NULL) ||
	    !CHECK_OK(t, kfi_recv(t->a.ep, dst, 64, NULL, KFI_ADDR_UNSPEC,
				  dst)) ||
	    !func_connect(t, &t->a, &t->listener) ||
	    !func_accept(t, &t->listener, &t->b, NULL) ||
	    !func_connected(t, &t->a, &t->b))
		return;
	func_fill_data(src, 64, 5);
	if (CHECK_OK(t, kfi_send(t->b.ep, src, 64, NULL, KFI_ADDR_UNSPEC,
				 src)) &&
	    func_comp(t, t->a.rx_cq, dst, FUNC_RX_RECV, &entry)) {
		CHECK_EQ(t, entry.len, 64);
		CHECK_OK(t, memcmp(src, dst, 64));
	}
}

/* Two listeners at the same port of different addresses are no conflict. */
static void connect_same_port(struct func *t)
{
	struct func_listener l4 = {};
	struct kfi_info *info;
	struct kfid_pep *pep;
	struct kfid_eq *eq;
	char port[8];

	if (!func_listen(t, &l4, func_node))
		return;
	scnprintf(port, sizeof(port), "%u",
		  be16_to_cpu(((struct sockaddr_in *)&l4.name)->sin_port));
	info = func_getinfo(t, func_node6, port, KFI_SOURCE);
	if (!info || !func_move(t, info))
		return;
	eq = func_open_eq(t, 0);
	if (!eq || !CHECK_OK(t, kfi_passive_ep(t->fabric, info, &pep, t)) ||
	    !func_keep_fid(t, &pep->fid))
		return;
	CHECK_OK(t, kfi_pep_bind(pep, &eq->fid, 0));
	CHECK_OK(t, kfi_listen(pep));
}

static struct kfi_info *func_find_fabric(const char *name)
{
	struct kfi_fabric_attr fabric = { .name = (char *)name };
	struct kfi_ep_attr ep = { .type = KFI_EP_MSG };
	struct kfi_info hints = {
		.caps = KFI_MSG | KFI_RMA,
		.ep_attr = &ep,
		.fabric_attr = &fabric,
	};
	struct kfi_info *info = NULL;

	kfi_getinfo(KFI_VERSION(1, 7), NULL, NULL, 0, &hints, &info);
	return info;
}

/* The link-local address, which the kernel gives each network device itself */
static struct kfi_info *func_link_local(struct func *t)
{
	unsigned long end = jiffies + msecs_to_jiffies(func_wait_ms);
	struct kfi_info *info;
	char name[64];

	scnprintf(name, sizeof(name), "fe80::/64%%%s", func_netdev);
	while (!(info = func_find_fabric(name))) {
		if (!CHECK(t, time_before(jiffies, end) && !func_stopping()))
			return NULL;
		msleep(20);
	}
	return func_keep_info(t, info);
}

static void func_check_names(struct func *t, const struct func_end *end,
			     const struct sockaddr_in6 *own,
			     const struct sockaddr_in6 *peer)
{
	struct sockaddr_in6 name = {};
	size_t len = sizeof(name);

	CHECK_OK(t, kfi_getname(&end->ep->fid, &name, &len));
	CHECK_OK(t, memcmp(&name, own, sizeof(name)));
	CHECK_OK(t, kfi_getpeer(end->ep, &name, &len));
	CHECK_OK(t, memcmp(&name, peer, sizeof(name)));
}

/* Both sides know on which link the addresses are, and so does the request. */
static void connect_link_local(struct func *t)
{
	struct sockaddr_in6 *name = (struct sockaddr_in6 *)&t->listener.name;
	struct kfi_info *info = func_link_local(t);
	struct sockaddr_in6 a_name = {};
	size_t len = sizeof(a_name);
	struct func_event event;
	char node[64];

	if (!info || !func_move(t, info))
		return;
	scnprintf(node, sizeof(node), "%pISc%%%s", info->src_addr, func_netdev);
	if (!func_listen(t, &t->listener, node) ||
	    !CHECK(t, name->sin6_scope_id) ||
	    !func_open_end(t, &t->a, t->domain, info, NULL) ||
	    !func_connect(t, &t->a, &t->listener) ||
	    !CHECK_OK(t, kfi_getname(&t->a.ep->fid, &a_name, &len)) ||
	    !func_connreq(t, &t->listener, &event, NULL))
		return;
	CHECK_OK(t, memcmp(event.cm.info->src_addr, name, len));
	CHECK_OK(t, memcmp(event.cm.info->dest_addr, &a_name, len));
	CHECK(t, !strcmp(event.cm.info->fabric_attr->name,
			 info->fabric_attr->name));
	if (!func_open_end(t, &t->b, t->domain, event.cm.info, NULL) ||
	    !CHECK_OK(t, kfi_accept(t->b.ep, NULL, 0)) ||
	    !func_connected(t, &t->a, &t->b))
		return;
	func_check_names(t, &t->a, &a_name, name);
	func_check_names(t, &t->b, name, &a_name);
	func_alive(t, &t->a, &t->b);
}

/* Listens at all addresses, on the fabric of the case. */
static bool func_listen_any(struct func *t, struct func_listener *listener)
{
	size_t len = sizeof(listener->name);
	struct sockaddr_in *any;

	listener->info = func_dupinfo(t, t->info);
	listener->eq = func_open_eq(t, 0);
	if (!listener->info || !listener->eq)
		return false;
	any = listener->info->src_addr;
	any->sin_addr.s_addr = cpu_to_be32(INADDR_ANY);
	return CHECK_OK(t, kfi_passive_ep(t->fabric, listener->info,
					  &listener->pep, listener)) &&
	       func_keep_fid(t, &listener->pep->fid) &&
	       CHECK_OK(t, kfi_pep_bind(listener->pep, &listener->eq->fid,
					0)) &&
	       CHECK_OK(t, kfi_listen(listener->pep)) &&
	       CHECK_OK(t, kfi_getname(&listener->pep->fid, &listener->name,
				       &len));
}

/* What a request says of its origin opens things there, and nowhere else. */
static bool func_check_origin(struct func *t, struct kfi_info *info,
			      struct kfid_fabric *home_fabric,
			      struct kfid_domain *home)
{
	struct kfid_domain *domain;
	struct kfid_ep *ep;

	return CHECK(t, !strcmp(info->fabric_attr->name,
				t->info->fabric_attr->name)) &&
	       CHECK(t, !strcmp(info->domain_attr->name,
				t->info->domain_attr->name)) &&
	       CHECK_EQ(t, kfi_domain(home_fabric, info, &domain, t),
			-EINVAL) &&
	       CHECK_EQ(t, kfi_endpoint(home, info, &ep, t), -EINVAL);
}

/* A listener at all addresses is asked from a subnet that is not its own. */
static void connect_other_subnet(struct func *t)
{
	struct kfi_info *info = func_getinfo(t, func_other, NULL, KFI_SOURCE);
	struct kfid_fabric *home_fabric = t->fabric;
	struct kfid_domain *home = t->domain;
	struct func_event event;

	if (!info || !func_listen_any(t, &t->listener) || !func_move(t, info) ||
	    !func_open_end(t, &t->a, t->domain, info, NULL))
		return;
	((struct sockaddr_in *)&t->listener.name)->sin_addr =
		((struct sockaddr_in *)info->src_addr)->sin_addr;
	if (!func_connect(t, &t->a, &t->listener) ||
	    !func_connreq(t, &t->listener, &event, NULL) ||
	    !func_check_origin(t, event.cm.info, home_fabric, home) ||
	    !func_move(t, event.cm.info) ||
	    !func_open_end(t, &t->b, t->domain, event.cm.info, NULL) ||
	    !CHECK_OK(t, kfi_accept(t->b.ep, NULL, 0)) ||
	    !func_connected(t, &t->a, &t->b))
		return;
	func_alive(t, &t->a, &t->b);
}

static const struct func_case connect_cases[] = {
	{ "alive", connect_alive, FUNC_PAIR },
	{ "ipv6", connect_ipv6, FUNC_DOMAIN },
	{ "by_getinfo", connect_by_getinfo, FUNC_DOMAIN },
	{ "private_data", connect_private_data, FUNC_DOMAIN },
	{ "private_data_cut", connect_private_data_cut, FUNC_DOMAIN },
	{ "names", connect_names, FUNC_PAIR },
	{ "request_info", connect_request_info, FUNC_DOMAIN },
	{ "shutdown", connect_shutdown, FUNC_PAIR },
	{ "shutdown_passive", connect_shutdown_passive, FUNC_PAIR },
	{ "shutdown_both", connect_shutdown_both, FUNC_PAIR },
	{ "peer_closes", connect_peer_closes, FUNC_PAIR },
	{ "peer_closes_after_data", connect_peer_closes_after_data, FUNC_PAIR },
	{ "crossed", connect_crossed, FUNC_DOMAIN },
	{ "many", connect_many, FUNC_DOMAIN },
	{ "shared_queues", connect_shared_queues, FUNC_DOMAIN },
	{ "again_and_again", connect_again_and_again, FUNC_DOMAIN },
	{ "early_receive", connect_early_receive, FUNC_DOMAIN },
	{ "same_port", connect_same_port, FUNC_DOMAIN },
	{ "link_local", connect_link_local },
	{ "other_subnet", connect_other_subnet, FUNC_DOMAIN, true },
};

FUNC_SUITE(connect);
