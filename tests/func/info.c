// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * What kfi_getinfo() offers and what it answers to questions that cannot be
 * answered; texts.
 */
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "func.h"

static int func_ask(u32 version, const char *node, const char *service,
		    u64 flags, struct kfi_info *hints)
{
	struct kfi_info *list = NULL;
	int rc;

	rc = kfi_getinfo(version, node, service, flags, hints, &list);
	if (!rc)
		kfi_freeinfo(list);
	return rc;
}

/* What there is none of is not offered. */
static void info_iwarp(struct func *t, const struct kfi_info *info)
{
	struct kfi_info *hints = kfi_allocinfo(), *list;

	CHECK_EQ(t, info->domain_attr->cq_data_size, 0);
	CHECK(t, !(info->mode & KFI_RX_CQ_DATA));
	if (!CHECK(t, hints))
		return;
	hints->tx_attr->op_flags = KFI_TRANSMIT_COMPLETE;
	CHECK_EQ(t, kfi_getinfo(0, func_node, NULL, KFI_SOURCE, hints, &list),
		 -ENODATA);
	hints->tx_attr->op_flags = 0;
	hints->domain_attr->cq_data_size = 4;
	CHECK_EQ(t, kfi_getinfo(0, func_node, NULL, KFI_SOURCE, hints, &list),
		 -ENODATA);
	kfi_freeinfo(hints);
}

static void info_offer(struct func *t)
{
	const struct kfi_info *info = t->info;
	u64 caps = KFI_MSG | KFI_RMA | KFI_SEND | KFI_RECV | KFI_READ |
		   KFI_WRITE | KFI_REMOTE_READ | KFI_REMOTE_WRITE;

	CHECK_EQ(t, info->caps & caps, caps);
	CHECK(t, !(info->caps & (KFI_TAGGED | KFI_ATOMIC | KFI_MULTI_RECV)));
	CHECK_EQ(t, info->addr_format, KFI_SOCKADDR_IN);
	CHECK_EQ(t, info->src_addrlen, sizeof(struct sockaddr_in));
	CHECK(t, info->src_addr && !info->dest_addr && !info->handle);
	CHECK_EQ(t, info->ep_attr->type, KFI_EP_MSG);
	CHECK(t, info->ep_attr->protocol == KFI_PROTO_RDMA_CM_IB_RC ||
	      info->ep_attr->protocol == KFI_PROTO_IWARP);
	if (info->ep_attr->protocol == KFI_PROTO_IWARP)
		info_iwarp(t, info);
	else
		CHECK_EQ(t, info->domain_attr->cq_data_size, 4);
	CHECK(t, info->ep_attr->max_msg_size >= SZ_1M);
	CHECK(t, info->tx_attr->size && info->rx_attr->size);
	CHECK(t, info->tx_attr->iov_limit && info->rx_attr->iov_limit);
	CHECK(t, info->tx_attr->rma_iov_limit && info->tx_attr->inject_size);
	CHECK_EQ(t, info->domain_attr->mr_mode, KFI_MR_PROV_KEY);
	CHECK_EQ(t, info->domain_attr->mr_key_size, 8);
	CHECK(t, info->domain_attr->name && *info->domain_attr->name);
	CHECK(t, info->fabric_attr->name && *info->fabric_attr->name);
	CHECK(t, !strcmp(info->fabric_attr->prov_name, "verbs"));
}

static void info_null_hints(struct func *t)
{
	struct kfi_info *list, *info;

	if (!CHECK_OK(t, kfi_getinfo(0, NULL, NULL, 0, NULL, &list)))
		return;
	for (info = list; info; info = info->next)
		CHECK(t, info->ep_attr && info->domain_attr &&
		      info->fabric_attr && info->tx_attr && info->rx_attr &&
		      info->fabric_attr->prov_name);
	kfi_freeinfo(list);
}

/* Each form of a node leads to the same device. */
static void info_nodes(struct func *t)
{
	const char *const nodes[] = {
		func_node, func_node6, func_netdev, t->info->domain_attr->name,
	};
	struct kfi_info *info;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(nodes); i++) {
		info = func_getinfo(t, nodes[i], "7471", KFI_SOURCE);
		if (!info) {
			FAIL(t, "node %s", nodes[i]);
			continue;
		}
		CHECK(t, !strcmp(info->domain_attr->name,
				 t->info->domain_attr->name));
	}
}

static void info_service(struct func *t)
{
	struct kfi_info *info = func_getinfo(t, func_node, "7471", KFI_SOURCE);
	struct sockaddr_in *addr;

	if (!info)
		return;
	addr = info->src_addr;
	CHECK_EQ(t, addr->sin_family, AF_INET);
	CHECK_EQ(t, be16_to_cpu(addr->sin_port), 7471);
}

/* Without KFI_SOURCE the node is the peer, reached from a port of ours. */
static void info_destination(struct func *t)
{
	struct kfi_info *info = func_getinfo(t, func_node, "7471", 0);
	struct sockaddr_in *addr;

	if (!info || !CHECK(t, info->src_addr && info->dest_addr))
		return;
	CHECK_EQ(t, info->dest_addrlen, sizeof(*addr));
	addr = info->dest_addr;
	CHECK_EQ(t, addr->sin_family, AF_INET);
	CHECK_EQ(t, be16_to_cpu(addr->sin_port), 7471);
}

static void info_ipv6(struct func *t)
{
	struct kfi_info *info = func_getinfo(t, func_node6, "7471", KFI_SOURCE);
	struct sockaddr_in6 *addr;

	if (!info || !CHECK(t, info->src_addr))
		return;
	CHECK_EQ(t, info->addr_format, KFI_SOCKADDR_IN6);
	CHECK_EQ(t, info->src_addrlen, sizeof(*addr));
	addr = info->src_addr;
	CHECK_EQ(t, addr->sin6_family, AF_INET6);
	CHECK_EQ(t, be16_to_cpu(addr->sin6_port), 7471);
}

static void info_versions(struct func *t)
{
	CHECK_EQ(t, func_ask(KFI_VERSION(1, 8), NULL, NULL, 0, NULL), -ENOSYS);
	CHECK_EQ(t, func_ask(KFI_VERSION(2, 0), NULL, NULL, 0, NULL), -ENOSYS);
	CHECK_OK(t, func_ask(KFI_VERSION(1, 7), NULL, NULL, 0, NULL));
	CHECK_OK(t, func_ask(KFI_VERSION(1, 1), NULL, NULL, 0, NULL));
	CHECK_OK(t, func_ask(0, NULL, NULL, 0, NULL));
	CHECK_EQ(t, kfi_version(), KFI_VERSION(1, 7));
}

static void info_bad_flags(struct func *t)
{
	CHECK_EQ(t, func_ask(0, NULL, NULL, KFI_MULTI_RECV, NULL),
		 -KFI_EBADFLAGS);
	CHECK_EQ(t, func_ask(0, NULL, NULL, BIT_ULL(63), NULL),
		 -KFI_EBADFLAGS);
	CHECK_OK(t, func_ask(0, func_node, NULL, KFI_SOURCE | KFI_NUMERICHOST,
			     NULL));
}

static void info_bad_service(struct func *t)
{
	static const char *const bad[] = {
		"", "http", "-1", "65536", "80x", "0x50", "4294967297",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		if (!CHECK_EQ(t, func_ask(0, func_node, bad[i], KFI_SOURCE,
					  NULL), -EINVAL))
			FAIL(t, "service \"%s\"", bad[i]);
	}
	CHECK_OK(t, func_ask(0, func_node, "0", KFI_SOURCE, NULL));
	CHECK_OK(t, func_ask(0, func_node, "65535", KFI_SOURCE, NULL));
}

static void info_bad_node(struct func *t)
{
	static const char *const bad[] = {
		"nosuchdevice", "203.0.113.77", "2001:db8:ffff::1", "", "1.2.3",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		if (!CHECK_EQ(t, func_ask(0, bad[i], NULL, KFI_SOURCE, NULL),
			      -ENODATA))
			FAIL(t, "node \"%s\"", bad[i]);
	}
	CHECK_EQ(t, kfi_getinfo(0, NULL, NULL, 0, NULL, NULL), -EINVAL);
}

/* Queues are no larger for a client that has attributes and no size in mind. */
static void info_default_sizes(struct func *t)
{
	struct kfi_info *hints = func_keep_info(t, kfi_allocinfo());
	struct kfi_info *plain = NULL, *list = NULL;

	if (!hints ||
	    !CHECK_OK(t, kfi_getinfo(0, NULL, NULL, 0, NULL, &plain)) ||
	    !func_keep_info(t, plain) ||
	    !CHECK_OK(t, kfi_getinfo(0, NULL, NULL, 0, hints, &list)) ||
	    !func_keep_info(t, list))
		return;
	CHECK_EQ(t, list->tx_attr->size, plain->tx_attr->size);
	CHECK_EQ(t, list->rx_attr->size, plain->rx_attr->size);
}

static void info_half_hints(struct func *t)
{
	struct kfi_info hints = { .caps = KFI_MSG };
	struct kfi_ep_attr ep = { .type = KFI_EP_MSG };

	CHECK_OK(t, func_ask(0, NULL, NULL, 0, &hints));
	hints.ep_attr = &ep;
	CHECK_OK(t, func_ask(0, NULL, NULL, 0, &hints));
	hints.caps = 0;
	CHECK_OK(t, func_ask(0, NULL, NULL, 0, &hints));
}

struct func_hint {
	const char *what;
	void (*set)(struct kfi_info *hints);
};

static void hint_caps(struct kfi_info *hints)
{
	hints->caps = KFI_TAGGED;
}

static void hint_format(struct kfi_info *hints)
{
	hints->addr_format = KFI_ADDR_CXI;
}

static void hint_rdm(struct kfi_info *hints)
{
	hints->ep_attr->type = KFI_EP_RDM;
}

static void hint_dgram(struct kfi_info *hints)
{
	hints->ep_attr->type = KFI_EP_DGRAM;
}

static void hint_protocol(struct kfi_info *hints)
{
	hints->ep_attr->protocol = KFI_PROTO_CXI;
}

static void hint_msg_size(struct kfi_info *hints)
{
	hints->ep_attr->max_msg_size = SIZE_MAX;
}

static void hint_tx_size(struct kfi_info *hints)
{
	hints->tx_attr->size = SIZE_MAX;
}

static void hint_rx_size(struct kfi_info *hints)
{
	hints->rx_attr->size = SIZE_MAX;
}

static void hint_iov(struct kfi_info *hints)
{
	hints->tx_attr->iov_limit = 100000;
}

static void hint_rma_iov(struct kfi_info *hints)
{
	hints->tx_attr->rma_iov_limit = 100000;
}

static void hint_inject(struct kfi_info *hints)
{
	hints->tx_attr->inject_size = SZ_1M;
}

static void hint_tx_caps(struct kfi_info *hints)
{
	hints->tx_attr->caps = KFI_ATOMIC;
}

static void hint_commit(struct kfi_info *hints)
{
	hints->tx_attr->op_flags = KFI_COMMIT_COMPLETE;
}

static void hint_mr_mode(struct kfi_info *hints)
{
	hints->domain_attr->mr_mode = KFI_MR_VIRT_ADDR;
}

static void hint_cq_data(struct kfi_info *hints)
{
	hints->domain_attr->cq_data_size = 16;
}

static void hint_order(struct kfi_info *hints)
{
	hints->tx_attr->msg_order = BIT_ULL(40);
}

static const struct func_hint func_impossible[] = {
	{ "caps", hint_caps },
	{ "addr_format", hint_format },
	{ "ep_attr->type RDM", hint_rdm },
	{ "ep_attr->type DGRAM", hint_dgram },
	{ "ep_attr->protocol", hint_protocol },
	{ "ep_attr->max_msg_size", hint_msg_size },
	{ "tx_attr->size", hint_tx_size },
	{ "rx_attr->size", hint_rx_size },
	{ "tx_attr->iov_limit", hint_iov },
	{ "tx_attr->rma_iov_limit", hint_rma_iov },
	{ "tx_attr->inject_size", hint_inject },
	{ "tx_attr->caps", hint_tx_caps },
	{ "tx_attr->op_flags", hint_commit },
	{ "tx_attr->msg_order", hint_order },
	{ "domain_attr->mr_mode", hint_mr_mode },
	{ "domain_attr->cq_data_size", hint_cq_data },
};

/* Each of these alone makes every offer unfit. */
static void info_impossible_hints(struct func *t)
{
	struct kfi_info *hints;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(func_impossible); i++) {
		hints = kfi_allocinfo();
		if (!CHECK(t, hints))
			return;
		func_impossible[i].set(hints);
		if (!CHECK_EQ(t, func_ask(0, NULL, NULL, 0, hints), -ENODATA))
			FAIL(t, "hint %s", func_impossible[i].what);
		kfi_freeinfo(hints);
	}
}

static int func_ask_names(const char *prov, const char *fabric,
			  const char *domain)
{
	struct kfi_fabric_attr fabric_attr = {
		.prov_name = (char *)prov,
		.name = (char *)fabric,
	};
	struct kfi_domain_attr domain_attr = { .name = (char *)domain };
	struct kfi_info hints = {
		.fabric_attr = &fabric_attr,
		.domain_attr = &domain_attr,
	};

	return func_ask(0, NULL, NULL, 0, &hints);
}

static void info_names(struct func *t)
{
	const char *prov = t->info->fabric_attr->prov_name;
	const char *fabric = t->info->fabric_attr->name;
	const char *domain = t->info->domain_attr->name;

	CHECK_OK(t, func_ask_names(prov, fabric, domain));
	CHECK_OK(t, func_ask_names(prov, NULL, NULL));
	CHECK_OK(t, func_ask_names(NULL, fabric, NULL));
	CHECK_OK(t, func_ask_names(NULL, NULL, domain));
	CHECK_EQ(t, func_ask_names("nosuch", NULL, NULL), -ENODATA);
	CHECK_EQ(t, func_ask_names(NULL, "nosuch", NULL), -ENODATA);
	CHECK_EQ(t, func_ask_names(NULL, NULL, "nosuch"), -ENODATA);
}

/* An answer is narrowed to what was asked for. */
static void info_narrow(struct func *t)
{
	struct kfi_info *hints = kfi_allocinfo(), *info;
	int rc;

	if (!CHECK(t, hints))
		return;
	hints->caps = KFI_MSG;
	hints->ep_attr->type = KFI_EP_MSG;
	hints->tx_attr->size = 7;
	hints->rx_attr->size = 9;
	rc = kfi_getinfo(0, func_node, NULL, KFI_SOURCE, hints, &info);
	kfi_freeinfo(hints);
	if (!CHECK_OK(t, rc))
		return;
	CHECK(t, info->caps & KFI_MSG);
	CHECK(t, !(info->caps & KFI_RMA));
	CHECK_EQ(t, info->tx_attr->size, 7);
	CHECK_EQ(t, info->rx_attr->size, 9);
	kfi_freeinfo(info);
}

/* What is offered for a use in one direction can be opened, and asked again. */
static void info_one_way(struct func *t)
{
	static const u64 caps[] = {
		KFI_MSG | KFI_SEND, KFI_MSG | KFI_RECV,
		KFI_MSG | KFI_RMA | KFI_READ | KFI_WRITE,
		KFI_MSG | KFI_RMA | KFI_REMOTE_READ | KFI_REMOTE_WRITE,
		KFI_RMA | KFI_READ,
	};
	struct kfi_info *hints = kfi_allocinfo(), *info;
	struct kfid_ep *ep;
	size_t i;
	int rc;

	if (!CHECK(t, hints))
		return;
	hints->ep_attr->type = KFI_EP_MSG;
	for (i = 0; i < ARRAY_SIZE(caps); i++) {
		hints->caps = caps[i];
		rc = kfi_getinfo(0, func_node, NULL, KFI_SOURCE, hints, &info);
		if (!CHECK_OK(t, rc))
			continue;
		CHECK_OK(t, func_ask(0, func_node, NULL, KFI_SOURCE, info));
		rc = kfi_endpoint(t->domain, info, &ep, t);
		if (CHECK_OK(t, rc))
			CHECK_OK(t, kfi_close(&ep->fid));
		kfi_freeinfo(info);
	}
	kfi_freeinfo(hints);
}

/* Open objects in hints: only their own offers fit. */
static void info_open_objects(struct func *t)
{
	struct kfi_fabric_attr fabric_attr = { .fabric = t->fabric };
	struct kfi_domain_attr domain_attr = { .domain = t->domain };
	struct kfi_info hints = {
		.fabric_attr = &fabric_attr,
		.domain_attr = &domain_attr,
	};
	struct kfid_fabric foreign = {
		.fid = { .fclass = KFI_CLASS_FABRIC },
	};

	CHECK_OK(t, func_ask(0, NULL, NULL, 0, &hints));
	fabric_attr.fabric = &foreign;
	CHECK_EQ(t, func_ask(0, NULL, NULL, 0, &hints), -ENODATA);
}

static void info_dup(struct func *t)
{
	struct kfi_info *copy = kfi_dupinfo(t->info);
	struct kfi_info *empty = kfi_dupinfo(NULL);

	if (CHECK(t, copy)) {
		CHECK(t, !copy->next);
		CHECK_EQ(t, copy->caps, t->info->caps);
		CHECK(t, copy->src_addr != t->info->src_addr);
		CHECK(t, !memcmp(copy->src_addr, t->info->src_addr,
				 t->info->src_addrlen));
		CHECK(t, copy->domain_attr->name !=
			 t->info->domain_attr->name);
		CHECK(t, !strcmp(copy->domain_attr->name,
				 t->info->domain_attr->name));
	}
	CHECK(t, empty && empty->tx_attr && empty->fabric_attr);
	kfi_freeinfo(copy);
	kfi_freeinfo(empty);
	kfi_freeinfo(NULL);
}

static void info_tostr(struct func *t)
{
	u64 caps = KFI_MSG | KFI_RMA;
	char *text = func_alloc(t, PAGE_SIZE);
	char small[8];

	if (!text)
		return;
	CHECK(t, kfi_tostr_r(text, PAGE_SIZE, t->info, KFI_TYPE_INFO) > 0);
	CHECK(t, strstr(text, t->info->domain_attr->name));
	CHECK(t, strstr(text, "MSG"));
	CHECK(t, kfi_tostr_r(text, PAGE_SIZE, &caps, KFI_TYPE_CAPS) > 0);
	CHECK(t, !strcmp(text, "MSG|RMA"));

	memset(small, 'x', sizeof(small));
	CHECK(t, kfi_tostr_r(small, 4, &caps, KFI_TYPE_CAPS) == 3);
	CHECK(t, !small[3] && small[4] == 'x');
	CHECK_EQ(t, kfi_tostr_r(text, PAGE_SIZE, NULL, KFI_TYPE_INFO), -EINVAL);
	CHECK_EQ(t, kfi_tostr_r(text, PAGE_SIZE, &caps, 9999), -EINVAL);
	CHECK(t, !strcmp(kfi_tostr(&caps, KFI_TYPE_CAPS), "MSG|RMA"));
}

static void info_strerror(struct func *t)
{
	static const int codes[] = {
		KFI_SUCCESS, KFI_EAGAIN, KFI_ECONNREFUSED, KFI_EOPBADSTATE,
		KFI_EAVAIL, KFI_EBADFLAGS, KFI_ENOCQ, KFI_EOVERRUN,
		KFI_EKEYREJECTED, 9999, -1,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		const char *text = kfi_strerror(codes[i]);

		if (!CHECK(t, text && *text))
			FAIL(t, "error %d", codes[i]);
	}
	CHECK(t, strcmp(kfi_strerror(KFI_EAVAIL), kfi_strerror(KFI_ENOCQ)));
}

static const struct func_case info_cases[] = {
	{ "offer", info_offer },
	{ "null_hints", info_null_hints },
	{ "default_sizes", info_default_sizes },
	{ "nodes", info_nodes },
	{ "service", info_service },
	{ "destination", info_destination },
	{ "ipv6", info_ipv6 },
	{ "versions", info_versions },
	{ "bad_flags", info_bad_flags },
	{ "bad_service", info_bad_service },
	{ "bad_node", info_bad_node },
	{ "half_hints", info_half_hints },
	{ "impossible_hints", info_impossible_hints },
	{ "names", info_names },
	{ "narrow", info_narrow },
	{ "one_way", info_one_way, FUNC_DOMAIN },
	{ "open_objects", info_open_objects, FUNC_DOMAIN },
	{ "dup", info_dup },
	{ "tostr", info_tostr },
	{ "strerror", info_strerror },
};

FUNC_SUITE(info);
