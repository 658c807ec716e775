// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Addresses: their text, and how two of them compare.
 */
#include <linux/inet.h>
#include <linux/netdevice.h>
#include <linux/string.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>

#include <kunit/test.h>

#include "info.h"

static void addr_make(struct kunit *test, union kfv_addr *addr,
		      const char *text)
{
	KUNIT_ASSERT_EQ_MSG(test, 0, kfv_addr_parse_node(text, addr), "%s",
			    text);
}

/*
 * Text
 */

struct addr_node_case {
	const char *node;
	int family;
};

static const struct addr_node_case addr_node_cases[] = {
	{ "192.0.2.1", AF_INET },
	{ "0.0.0.0", AF_INET },
	{ "255.255.255.255", AF_INET },
	{ "2001:db8::1", AF_INET6 },
	{ "::", AF_INET6 },
	{ "::ffff:192.0.2.1", AF_INET6 },
	{ "fe80::1", AF_INET6 },
	{ "fe80::1%lo", AF_INET6 },
	{ "fe80::1%17", AF_INET6 },
	{ "", -EINVAL },
	{ "rxe0", -EINVAL },
	{ "192.0.2", -EINVAL },
	{ "192.0.2.256", -EINVAL },
	{ "192.0.2.1.1", -EINVAL },
	{ "192.0.2.1 ", -EINVAL },
	{ "192.0.2.1%lo", -EINVAL },
	{ "192.0.2.0/24", -EINVAL },
	{ "0x0a000001", -EINVAL },
	{ "2001:db8::1::2", -EINVAL },
	{ "2001:db8::g", -EINVAL },
	{ "2001:db8::/64", -EINVAL },
	{ "2001:db8::1%lo", -EINVAL },
	{ "fe80::1%", -EINVAL },
	{ "fe80::1%no such device", -EINVAL },
	{ "fe80::1%0", -EINVAL },
	{ "fe80::1%4294967295", -EINVAL },
	{ "fe80::1%-1", -EINVAL },
};

static void addr_node_desc(const struct addr_node_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "\"%s\"", c->node);
}

KUNIT_ARRAY_PARAM(addr_node, addr_node_cases, addr_node_desc);

static void addr_parse_node_test(struct kunit *test)
{
	const struct addr_node_case *c = test->param_value;
	union kfv_addr addr;
	int ret;

	memset(&addr, 0xff, sizeof(addr));
	ret = kfv_addr_parse_node(c->node, &addr);
	if (c->family < 0) {
		KUNIT_EXPECT_EQ(test, c->family, ret);
		return;
	}
	KUNIT_ASSERT_EQ(test, 0, ret);
	KUNIT_EXPECT_EQ(test, c->family, (int)addr.sa.sa_family);
	KUNIT_EXPECT_EQ(test, 0, kfv_addr_port(&addr));
}

static void addr_parse_in_test(struct kunit *test)
{
	union kfv_addr addr;

	addr_make(test, &addr, "192.0.2.7");
	KUNIT_EXPECT_EQ(test, 0xc0000207, ntohl(addr.in.sin_addr.s_addr));
}

static void addr_parse_in6_test(struct kunit *test)
{
	struct in6_addr want = {};
	union kfv_addr addr;

	want.s6_addr[0] = 0x20;
	want.s6_addr[1] = 0x01;
	want.s6_addr[15] = 0x42;
	addr_make(test, &addr, "2001::42");
	KUNIT_EXPECT_TRUE(test, ipv6_addr_equal(&want, &addr.in6.sin6_addr));
	KUNIT_EXPECT_EQ(test, 0, addr.in6.sin6_scope_id);
}

static void addr_parse_scope_test(struct kunit *test)
{
	union kfv_addr addr;

	addr_make(test, &addr, "fe80::1%lo");
	KUNIT_EXPECT_EQ(test, init_net.loopback_dev->ifindex,
			(int)addr.in6.sin6_scope_id);
	addr_make(test, &addr, "fe80::1%17");
	KUNIT_EXPECT_EQ(test, 17, (int)addr.in6.sin6_scope_id);
}

struct addr_service_case {
	const char *service;
	int port;
};

static const struct addr_service_case addr_service_cases[] = {
	{ "0", 0 },
	{ "7471", 7471 },
	{ "0017", 17 },
	{ "65535", 65535 },
	{ "65536", -EINVAL },
	{ "18446744073709551617", -EINVAL },
	{ "", -EINVAL },
	{ "+1", -EINVAL },
	{ "-1", -EINVAL },
	{ " 1", -EINVAL },
	{ "1\n", -EINVAL },
	{ "1x", -EINVAL },
	{ "0x10", -EINVAL },
	{ "http", -EINVAL },
};

static void addr_service_desc(const struct addr_service_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "\"%*pE\"",
		 (int)strlen(c->service), c->service);
}

KUNIT_ARRAY_PARAM(addr_service, addr_service_cases, addr_service_desc);

static void addr_parse_service_test(struct kunit *test)
{
	const struct addr_service_case *c = test->param_value;
	u16 port = 1;
	int ret;

	ret = kfv_addr_parse_service(c->service, &port);
	KUNIT_EXPECT_EQ(test, c->port, ret ?: port);
}

/*
 * Addresses of clients
 */

struct addr_valid_case {
	const char *name;
	int family;
	size_t len;
	bool valid;
};

static const struct addr_valid_case addr_valid_cases[] = {
	{ "IPv4", AF_INET, sizeof(struct sockaddr_in), true },
	{ "IPv4 in more room", AF_INET, sizeof(struct sockaddr_storage), true },
	{ "IPv4 without a length", AF_INET, 0, true },
	{ "IPv4, cut short", AF_INET, sizeof(struct sockaddr_in) - 1, false },
	{ "IPv6", AF_INET6, sizeof(struct sockaddr_in6), true },
	{ "IPv6 without a length", AF_INET6, 0, true },
	{ "IPv6 with the length of IPv4", AF_INET6,
	  sizeof(struct sockaddr_in), false },
	{ "not even a family", AF_INET, 1, false },
	{ "no family", AF_UNSPEC, sizeof(struct sockaddr_in6), false },
	{ "another family", AF_IB, sizeof(struct sockaddr_storage), false },
};

static void addr_valid_desc(const struct addr_valid_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(addr_valid, addr_valid_cases, addr_valid_desc);

static void addr_valid_test(struct kunit *test)
{
	const struct addr_valid_case *c = test->param_value;
	union kfv_addr addr = {};

	addr.sa.sa_family = c->family;
	KUNIT_EXPECT_EQ(test, c->valid, kfv_addr_valid(&addr, c->len));
}

static void addr_null_is_not_valid_test(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, kfv_addr_valid(NULL, 0));
	KUNIT_EXPECT_FALSE(test, kfv_addr_valid(NULL, 16));
}

static void addr_any_test(struct kunit *test)
{
	union kfv_addr addr;

	addr_make(test, &addr, "0.0.0.0");
	KUNIT_EXPECT_TRUE(test, kfv_addr_any(&addr));
	addr_make(test, &addr, "::");
	KUNIT_EXPECT_TRUE(test, kfv_addr_any(&addr));
	addr_make(test, &addr, "0.0.0.1");
	KUNIT_EXPECT_FALSE(test, kfv_addr_any(&addr));
	addr_make(test, &addr, "::1");
	KUNIT_EXPECT_FALSE(test, kfv_addr_any(&addr));
}

static void addr_port_test(struct kunit *test)
{
	union kfv_addr addr;

	addr_make(test, &addr, "192.0.2.1");
	kfv_addr_set_port(&addr, 0x1234);
	KUNIT_EXPECT_EQ(test, 0x1234, ntohs(addr.in.sin_port));
	KUNIT_EXPECT_EQ(test, 0x1234, kfv_addr_port(&addr));
	addr_make(test, &addr, "2001:db8::1");
	kfv_addr_set_port(&addr, 65535);
	KUNIT_EXPECT_EQ(test, 65535, ntohs(addr.in6.sin6_port));
	KUNIT_EXPECT_EQ(test, 65535, kfv_addr_port(&addr));
}

static void addr_set_scope_test(struct kunit *test)
{
	union kfv_addr addr, same;

	addr_make(test, &addr, "fe80::1");
	kfv_addr_set_scope(&addr, 0);
	KUNIT_EXPECT_EQ(test, 0, (int)addr.in6.sin6_scope_id);
	kfv_addr_set_scope(&addr, 7);
	KUNIT_EXPECT_EQ(test, 7, (int)addr.in6.sin6_scope_id);
	kfv_addr_set_scope(&addr, 8);
	KUNIT_EXPECT_EQ(test, 7, (int)addr.in6.sin6_scope_id);

	addr_make(test, &addr, "2001:db8::1");
	kfv_addr_set_scope(&addr, 7);
	KUNIT_EXPECT_EQ(test, 0, (int)addr.in6.sin6_scope_id);
	addr_make(test, &addr, "169.254.0.1");
	same = addr;
	kfv_addr_set_scope(&addr, 7);
	KUNIT_EXPECT_MEMEQ(test, &same, &addr, sizeof(addr));
}

/*
 * Comparing
 */

struct addr_pair_case {
	const char *a;
	const char *b;
	bool same;
};

static const struct addr_pair_case addr_pair_cases[] = {
	{ "192.0.2.1", "192.0.2.1", true },
	{ "192.0.2.1", "192.0.2.2", false },
	{ "192.0.2.1", "::ffff:192.0.2.1", false },
	{ "2001:db8::1", "2001:db8:0::1", true },
	{ "2001:db8::1", "2001:db8::2", false },
	{ "fe80::1%5", "fe80::1%5", true },
	{ "fe80::1%5", "fe80::1%6", false },
	{ "fe80::1", "fe80::1%6", true },
	{ "fe80::1%6", "fe80::1", true },
};

static void addr_pair_desc(const struct addr_pair_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s and %s", c->a, c->b);
}

KUNIT_ARRAY_PARAM(addr_pair, addr_pair_cases, addr_pair_desc);

static void addr_same_host_test(struct kunit *test)
{
	const struct addr_pair_case *c = test->param_value;
	union kfv_addr a, b;

	addr_make(test, &a, c->a);
	addr_make(test, &b, c->b);
	kfv_addr_set_port(&a, 1);
	kfv_addr_set_port(&b, 2);
	KUNIT_EXPECT_EQ(test, c->same, kfv_addr_same_host(&a, &b));
}

struct addr_subnet_case {
	const char *local;
	u32 prefix_len;
	const char *peer;
	bool in;
};

static const struct addr_subnet_case addr_subnet_cases[] = {
	{ "192.0.2.1", 24, "192.0.2.255", true },
	{ "192.0.2.1", 24, "192.0.2.1", true },
	{ "192.0.2.1", 24, "192.0.3.1", false },
	{ "192.0.2.1", 25, "192.0.2.128", false },
	{ "192.0.2.1", 32, "192.0.2.1", true },
	{ "192.0.2.1", 32, "192.0.2.0", false },
	{ "192.0.2.1", 0, "10.0.0.1", true },
	{ "192.0.2.1", 24, "2001:db8::1", false },
	{ "2001:db8::1", 64, "2001:db8::ffff", true },
	{ "2001:db8::1", 64, "2001:db8:0:1::1", false },
	{ "2001:db8::1", 127, "2001:db8::0", true },
	{ "2001:db8::1", 128, "2001:db8::0", false },
	{ "2001:db8::1", 64, "192.0.2.1", false },
	{ "fe80::1%5", 64, "fe80::2%5", true },
	{ "fe80::1%5", 64, "fe80::2%6", false },
	{ "fe80::1%5", 64, "fe80::2", true },
};

static void addr_subnet_desc(const struct addr_subnet_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s in %s/%u", c->peer, c->local,
		 c->prefix_len);
}

KUNIT_ARRAY_PARAM(addr_subnet, addr_subnet_cases, addr_subnet_desc);

static void addr_in_subnet_test(struct kunit *test)
{
	const struct addr_subnet_case *c = test->param_value;
	struct kfv_local_addr local = { .prefix_len = c->prefix_len };
	union kfv_addr peer;

	addr_make(test, &local.addr, c->local);
	addr_make(test, &peer, c->peer);
	KUNIT_EXPECT_EQ(test, c->in, kfv_addr_in_subnet(&local, &peer));
}

static struct kunit_case addr_cases[] = {
	KUNIT_CASE_PARAM(addr_parse_node_test, addr_node_gen_params),
	KUNIT_CASE(addr_parse_in_test),
	KUNIT_CASE(addr_parse_in6_test),
	KUNIT_CASE(addr_parse_scope_test),
	KUNIT_CASE_PARAM(addr_parse_service_test, addr_service_gen_params),
	KUNIT_CASE_PARAM(addr_valid_test, addr_valid_gen_params),
	KUNIT_CASE(addr_null_is_not_valid_test),
	KUNIT_CASE(addr_any_test),
	KUNIT_CASE(addr_port_test),
	KUNIT_CASE(addr_set_scope_test),
	KUNIT_CASE_PARAM(addr_same_host_test, addr_pair_gen_params),
	KUNIT_CASE_PARAM(addr_in_subnet_test, addr_subnet_gen_params),
	{}
};

static struct kunit_suite addr_suite = {
	.name = "kfi_verbs_addr",
	.test_cases = addr_cases,
};

kunit_test_suite(addr_suite);
