// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * What a client may mean: its question is parsed, and the addresses of local
 * ports are narrowed down to the best one of each port that fits.
 */
#include <linux/string.h>

#include <kunit/test.h>

#include "fixture.h"
#include "info.h"

/*
 * Two devices, one of them with two ports. "hca/1" has an IPv6 address before
 * its IPv4 address, "hca/2" has nothing but IPv6.
 */
static const struct {
	const char *netdev;
	const char *ibdev;
	const char *domain;
	const char *addr;
	u32 prefix_len;
	const char *fabric;
} info_addrs[] = {
	{ "eth0", "rxe0", "rxe0", "192.0.2.1", 24,
	  "192.0.2.0/24" },
	{ "eth0", "rxe0", "rxe0", "192.0.2.2", 24,
	  "192.0.2.0/24" },
	{ "eth0", "rxe0", "rxe0", "2001:db8::1", 64,
	  "2001:db8::/64" },
	{ "eth0", "rxe0", "rxe0", "fe80::1%7", 64,
	  "fe80::/64%eth0" },
	{ "ib0", "hca", "hca/1", "2001:db8:1::1", 64,
	  "IB-0xfe80" },
	{ "ib0", "hca", "hca/1", "198.51.100.1", 24,
	  "IB-0xfe80" },
	{ "ib1", "hca", "hca/2", "fe80::2%8", 64,
	  "IB-0xfe80" },
	{ "ib1", "hca", "hca/2", "2001:db8:2::1", 64,
	  "IB-0xfe80" },
};

#define NR_ADDRS	ARRAY_SIZE(info_addrs)

static void info_fill_list(struct kunit *test, struct kfv_local_addr *list)
{
	size_t i;

	for (i = 0; i < NR_ADDRS; i++) {
		strscpy(list[i].netdev, info_addrs[i].netdev,
			sizeof(list[i].netdev));
		strscpy(list[i].ibdev, info_addrs[i].ibdev,
			sizeof(list[i].ibdev));
		strscpy(list[i].domain, info_addrs[i].domain,
			sizeof(list[i].domain));
		strscpy(list[i].fabric, info_addrs[i].fabric,
			sizeof(list[i].fabric));
		list[i].prefix_len = info_addrs[i].prefix_len;
		KUNIT_ASSERT_EQ(test, 0,
				kfv_addr_parse_node(info_addrs[i].addr,
						    &list[i].addr));
	}
}

struct info_case {
	const char *name;
	const char *node;
	u64 flags;
	u32 addr_format;
	const char *src;
	const char *dest;
	const char *fabric;
	/* addresses that are left, in order; or the error of the parser */
	const char *left[4];
	int err;
};

static const struct info_case info_cases[] = {
	{ .name = "no wishes",
	  .left = { "192.0.2.1", "198.51.100.1", "2001:db8:2::1" } },
	{ .name = "no wishes but a source",
	  .flags = KFI_SOURCE,
	  .left = { "192.0.2.1", "198.51.100.1", "2001:db8:2::1" } },
	{ .name = "any socket address",
	  .addr_format = KFI_SOCKADDR,
	  .left = { "192.0.2.1", "198.51.100.1", "2001:db8:2::1" } },
	{ .name = "IPv4", .addr_format = KFI_SOCKADDR_IN,
	  .left = { "192.0.2.1", "198.51.100.1" } },
	{ .name = "IPv6", .addr_format = KFI_SOCKADDR_IN6,
	  .left = { "2001:db8::1", "2001:db8:1::1", "2001:db8:2::1" } },
	{ .name = "network device", .node = "eth0", .left = { "192.0.2.1" } },
	{ .name = "network device as source", .node = "eth0",
	  .flags = KFI_SOURCE, .left = { "192.0.2.1" } },
	{ .name = "network device, IPv6", .node = "eth0",
	  .addr_format = KFI_SOCKADDR_IN6, .left = { "2001:db8::1" } },
	{ .name = "rdma device", .node = "rxe0", .left = { "192.0.2.1" } },
	{ .name = "rdma device with two ports", .node = "hca",
	  .left = { "198.51.100.1", "2001:db8:2::1" } },
	{ .name = "port of an rdma device", .node = "hca/2",
	  .left = { "2001:db8:2::1" } },
	{ .name = "unknown name", .node = "eth9" },
	{ .name = "empty name", .node = "" },
	{ .name = "name where an address was promised", .node = "eth0",
	  .flags = KFI_NUMERICHOST, .err = -ENODATA },
	{ .name = "source", .node = "192.0.2.2", .flags = KFI_SOURCE,
	  .left = { "192.0.2.2" } },
	{ .name = "source, IPv6", .node = "2001:db8::1",
	  .flags = KFI_SOURCE | KFI_NUMERICHOST, .left = { "2001:db8::1" } },
	{ .name = "link-local source", .node = "fe80::2%8",
	  .flags = KFI_SOURCE, .left = { "fe80::2%8" } },
	{ .name = "link-local source without scope", .node = "fe80::1",
	  .flags = KFI_SOURCE, .left = { "fe80::1%7" } },
	{ .name = "link-local source of another scope", .node = "fe80::1%9",
	  .flags = KFI_SOURCE },
	{ .name = "source that is not ours", .node = "203.0.113.1",
	  .flags = KFI_SOURCE },
	{ .name = "any source of a family", .node = "::", .flags = KFI_SOURCE,
	  .left = { "2001:db8::1", "2001:db8:1::1", "2001:db8:2::1" } },
	{ .name = "peer in a subnet", .node = "198.51.100.77",
	  .left = { "198.51.100.1" } },
	{ .name = "peer is ourselves", .node = "192.0.2.1",
	  .left = { "192.0.2.1" } },
	{ .name = "peer behind a router", .node = "203.0.113.1",
	  .left = { "192.0.2.1", "198.51.100.1" } },
	{ .name = "peer, IPv6", .node = "2001:db8:2::77",
	  .left = { "2001:db8:2::1" } },
	{ .name = "link-local peer", .node = "fe80::77%8",
	  .left = { "fe80::2%8" } },
	{ .name = "link-local peer without scope", .node = "fe80::77",
	  .left = { "fe80::1%7", "fe80::2%8" } },
	{ .name = "families of node and format differ", .node = "192.0.2.1",
	  .addr_format = KFI_SOCKADDR_IN6, .err = -ENODATA },
	{ .name = "source in hints", .src = "192.0.2.2",
	  .left = { "192.0.2.2" } },
	{ .name = "peer in hints", .dest = "198.51.100.2",
	  .left = { "198.51.100.1" } },
	{ .name = "both in hints", .src = "192.0.2.2", .dest = "192.0.2.77",
	  .left = { "192.0.2.2" } },
	{ .name = "source as node, peer in hints", .node = "192.0.2.2",
	  .flags = KFI_SOURCE, .dest = "192.0.2.77",
	  .left = { "192.0.2.2" } },
	{ .name = "node counts more than hints", .node = "192.0.2.2",
	  .flags = KFI_SOURCE, .src = "192.0.2.1", .left = { "192.0.2.2" } },
	{ .name = "name and peer in hints", .node = "hca",
	  .dest = "2001:db8:1::77", .left = { "2001:db8:1::1" } },
	{ .name = "fabric", .fabric = "2001:db8::/64", .node = "rxe0",
	  .left = { "2001:db8::1" } },
	{ .name = "link-local fabric", .fabric = "fe80::/64%eth0",
	  .node = "rxe0", .left = { "fe80::1%7" } },
	{ .name = "InfiniBand fabric", .fabric = "IB-0xfe80", .node = "hca",
	  .left = { "198.51.100.1", "2001:db8:2::1" } },
	{ .name = "fabric of another port", .fabric = "IB-0xfe80",
	  .node = "rxe0", .left = { "192.0.2.1" } },
	{ .name = "families in hints differ", .src = "192.0.2.2",
	  .dest = "2001:db8::77", .err = -ENODATA },
};

static void info_desc(const struct info_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(info, info_cases, info_desc);

static void info_set_addr(struct kunit *test, const char *text,
			  union kfv_addr *addr, void **to, size_t *len)
{
	if (!text)
		return;
	KUNIT_ASSERT_EQ(test, 0, kfv_addr_parse_node(text, addr));
	*to = addr;
	*len = rdma_addr_size(&addr->sa);
}

static void info_select_test(struct kunit *test)
{
	const struct info_case *c = test->param_value;
	struct kfi_fabric_attr fabric = { .name = (char *)c->fabric };
	struct kfi_info hints = {
		.addr_format = c->addr_format,
		.fabric_attr = &fabric,
	};
	struct kfv_info_query query = { .hints = &hints };
	struct kfv_local_addr *list;
	union kfv_addr src, dest, want;
	int i, n;

	list = kunit_kcalloc(test, NR_ADDRS, sizeof(*list), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, list);
	info_fill_list(test, list);
	info_set_addr(test, c->src, &src, &hints.src_addr, &hints.src_addrlen);
	info_set_addr(test, c->dest, &dest, &hints.dest_addr,
		      &hints.dest_addrlen);

	KUNIT_ASSERT_EQ(test, c->err,
			kfv_info_parse(&query, c->node, NULL, c->flags));
	if (c->err)
		return;
	n = kfv_info_select(&query, list, NR_ADDRS);
	for (i = 0; i < n && c->left[i]; i++) {
		KUNIT_ASSERT_EQ(test, 0,
				kfv_addr_parse_node(c->left[i], &want));
		KUNIT_EXPECT_TRUE_MSG(test,
				      kfv_addr_same_host(&want, &list[i].addr),
				      "%pISc instead of %s", &list[i].addr,
				      c->left[i]);
	}
	KUNIT_EXPECT_EQ(test, n, i);
	KUNIT_EXPECT_NULL(test, c->left[n]);
}

/*
 * Port numbers
 */

struct info_port_case {
	const char *name;
	const char *node;
	const char *service;
	u64 flags;
	u16 src_port;
	u16 dest_port;
	int err;
};

static const struct info_port_case info_port_cases[] = {
	{ .name = "source", .node = "192.0.2.1", .service = "7471",
	  .flags = KFI_SOURCE, .src_port = 7471 },
	{ .name = "peer", .node = "192.0.2.1", .service = "7471",
	  .dest_port = 7471 },
	{ .name = "peer, IPv6", .node = "2001:db8::1", .service = "7471",
	  .dest_port = 7471 },
	{ .name = "source by name", .node = "rxe0", .service = "7471",
	  .flags = KFI_SOURCE, .src_port = 7471 },
	{ .name = "source without a node", .service = "7471",
	  .flags = KFI_SOURCE, .src_port = 7471 },
	{ .name = "nobody's", .node = "rxe0", .service = "7471" },
	{ .name = "no number", .node = "rxe0", .service = "echo",
	  .err = -EINVAL },
	{ .name = "too large", .service = "65536", .flags = KFI_SOURCE,
	  .err = -EINVAL },
};

static void info_port_desc(const struct info_port_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(info_port, info_port_cases, info_port_desc);

static void info_port_test(struct kunit *test)
{
	const struct info_port_case *c = test->param_value;
	struct kfv_info_query query = {};

	KUNIT_ASSERT_EQ(test, c->err,
			kfv_info_parse(&query, c->node, c->service, c->flags));
	if (c->err)
		return;
	KUNIT_EXPECT_EQ(test, c->src_port, query.src_port);
	if (c->dest_port)
		KUNIT_EXPECT_EQ(test, c->dest_port,
				kfv_addr_port(&query.dest));
	else
		KUNIT_EXPECT_EQ(test, AF_UNSPEC,
				(int)query.dest.sa.sa_family);
}

static void info_ports_of_hints_test(struct kunit *test)
{
	struct sockaddr_in src = { .sin_family = AF_INET };
	struct sockaddr_in dest = { .sin_family = AF_INET };
	struct kfi_info hints = { .src_addr = &src, .dest_addr = &dest };
	struct kfv_info_query query = { .hints = &hints };

	src.sin_port = htons(5);
	dest.sin_port = htons(6);
	KUNIT_ASSERT_EQ(test, 0, kfv_info_parse(&query, NULL, NULL, 0));
	KUNIT_EXPECT_EQ(test, 5, query.src_port);
	KUNIT_EXPECT_EQ(test, 6, kfv_addr_port(&query.dest));

	query = (struct kfv_info_query) { .hints = &hints };
	KUNIT_ASSERT_EQ(test, 0, kfv_info_parse(&query, NULL, "7", 0));
	KUNIT_EXPECT_EQ(test, 5, query.src_port);
	KUNIT_EXPECT_EQ(test, 7, kfv_addr_port(&query.dest));
}

static void info_bad_address_in_hints_test(struct kunit *test)
{
	struct sockaddr_storage addr = { .ss_family = AF_UNIX };
	struct kfi_info hints = {
		.src_addr = &addr,
		.src_addrlen = sizeof(addr),
	};
	struct kfv_info_query query = { .hints = &hints };

	KUNIT_EXPECT_EQ(test, -ENODATA,
			kfv_info_parse(&query, NULL, NULL, 0));
	addr.ss_family = AF_INET;
	hints.src_addrlen = 8;
	query = (struct kfv_info_query) { .hints = &hints };
	KUNIT_EXPECT_EQ(test, -ENODATA,
			kfv_info_parse(&query, NULL, NULL, 0));
}

/* Commits by default are for endpoints that can have them. */
static void info_levels_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfi_info *info = kfi_dupinfo(f->info);
	struct kfi_info *offer;

	KUNIT_ASSERT_NOT_NULL(test, info);
	fake_hca_can_flush(f->hca, true, false);
	offer = kfv_offer_make(&f->hca->ibdev, 1, "", "", 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, offer);
	KUNIT_EXPECT_EQ(test, 0, kfv_info_check_ep(offer, info));
	info->tx_attr->op_flags = KFI_COMMIT_COMPLETE;
	KUNIT_EXPECT_EQ(test, -EINVAL, kfv_info_check_ep(offer, info));
	info->caps |= KFI_RMA_PMEM;
	KUNIT_EXPECT_EQ(test, 0, kfv_info_check_ep(offer, info));
	kfi_freeinfo(offer);
	kfi_freeinfo(info);
}

static struct kunit_case info_kunit_cases[] = {
	KUNIT_CASE_PARAM(info_select_test, info_gen_params),
	KUNIT_CASE_PARAM(info_port_test, info_port_gen_params),
	KUNIT_CASE(info_ports_of_hints_test),
	KUNIT_CASE(info_bad_address_in_hints_test),
	KUNIT_CASE(info_levels_test),
	{}
};

static struct kunit_suite info_suite = {
	.name = "kfi_verbs_info",
	.test_cases = info_kunit_cases,
};

kunit_test_suite(info_suite);
