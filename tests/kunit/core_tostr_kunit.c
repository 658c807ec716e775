// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * kfi_tostr(): flags, enumerators, structures, and buffers of every size.
 */
#include <linux/ctype.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/slab.h>

#include <kunit/test.h>

#include <kfi_domain.h>
#include <kfi_eq.h>
#include <kfi_tagged.h>
#include <kfi_trigger.h>

#include "core_match_kunit.h"

/* Room for any info, as kfabric.h says */
#define TOSTR_ENOUGH	8192

/*
 * Flags and enumerators
 */

struct tostr_case {
	const char *desc;
	enum kfi_type type;
	u64 value;
	const char *text;
};

static const struct tostr_case tostr_cases[] = {
	{ "no caps", KFI_TYPE_CAPS, 0, "0" },
	{ "caps", KFI_TYPE_CAPS, KFI_MSG | KFI_RMA | KFI_REMOTE_COMM,
	  "MSG|RMA|REMOTE_COMM" },
	{ "caps unknown", KFI_TYPE_CAPS, KFI_MSG | BIT_ULL(63),
	  "MSG|0x8000000000000000" },
	{ "caps only unknown", KFI_TYPE_CAPS, BIT_ULL(0) | BIT_ULL(7),
	  "0x81" },
	{ "caps of bit 59", KFI_TYPE_CAPS, BIT_ULL(59), "DIRECTED_RECV" },
	{ "op flags of bit 59", KFI_TYPE_OP_FLAGS, BIT_ULL(59), "CLAIM" },
	{ "mode of bit 59", KFI_TYPE_MODE, BIT_ULL(59), "CONTEXT" },
	{ "completion of bit 59", KFI_TYPE_CQ_EVENT_FLAGS, BIT_ULL(59),
	  "0x800000000000000" },
	{ "op flags", KFI_TYPE_OP_FLAGS,
	  KFI_COMPLETION | KFI_COMMIT_COMPLETE | KFI_MORE,
	  "MORE|COMPLETION|COMMIT_COMPLETE" },
	{ "completion flags", KFI_TYPE_CQ_EVENT_FLAGS,
	  KFI_TAGGED | KFI_RECV | KFI_REMOTE_CQ_DATA,
	  "TAGGED|RECV|REMOTE_CQ_DATA" },
	{ "mr mode", KFI_TYPE_MR_MODE, KFI_MR_PROV_KEY | KFI_MR_ENDPOINT,
	  "PROV_KEY|ENDPOINT" },
	{ "mr mode unknown", KFI_TYPE_MR_MODE, KFI_MR_RAW | 1, "RAW|0x1" },
	{ "order", KFI_TYPE_MSG_ORDER, KFI_ORDER_RAR | KFI_ORDER_SAS,
	  "RAR|SAS" },
	{ "strict order", KFI_TYPE_MSG_ORDER, KFI_ORDER_STRICT,
	  "RAR|RAW|RAS|WAR|WAW|WAS|SAR|SAW|SAS" },
	{ "ep type", KFI_TYPE_EP_TYPE, KFI_EP_MSG, "MSG" },
	{ "ep type unspec", KFI_TYPE_EP_TYPE, KFI_EP_UNSPEC, "UNSPEC" },
	{ "ep type unknown", KFI_TYPE_EP_TYPE, 6, "0x6" },
	{ "ep type far off", KFI_TYPE_EP_TYPE, U32_MAX, "0xffffffff" },
	{ "addr format", KFI_TYPE_ADDR_FORMAT, KFI_ADDR_CXI, "ADDR_CXI" },
	{ "threading", KFI_TYPE_THREADING, KFI_THREAD_ENDPOINT, "ENDPOINT" },
	{ "progress", KFI_TYPE_PROGRESS, KFI_PROGRESS_AUTO, "AUTO" },
	{ "protocol", KFI_TYPE_PROTOCOL, KFI_PROTO_RDMA_CM_IB_RC,
	  "RDMA_CM_IB_RC" },
	{ "protocol of a provider", KFI_TYPE_PROTOCOL, 0x80000001,
	  "0x80000001" },
	{ "av type", KFI_TYPE_AV_TYPE, KFI_AV_TABLE, "TABLE" },
	{ "atomic type", KFI_TYPE_ATOMIC_TYPE, KFI_UINT64, "UINT64" },
	{ "atomic op", KFI_TYPE_ATOMIC_OP, KFI_MSWAP, "MSWAP" },
	{ "version", KFI_TYPE_VERSION, KFI_VERSION(1, 7), "1.7" },
	{ "version large", KFI_TYPE_VERSION, U32_MAX, "65535.65535" },
	{ "eq event", KFI_TYPE_EQ_EVENT, KFI_CONNECTED, "CONNECTED" },
	{ "op type", KFI_TYPE_OP_TYPE, KFI_OP_CNTR_ADD, "CNTR_ADD" },
};

static void tostr_case_desc(const struct tostr_case *c, char *desc)
{
	strscpy(desc, c->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(tostr, tostr_cases, tostr_case_desc);

static bool tostr_is_wide(enum kfi_type type)
{
	return type == KFI_TYPE_CAPS || type == KFI_TYPE_OP_FLAGS ||
	       type == KFI_TYPE_CQ_EVENT_FLAGS || type == KFI_TYPE_MODE ||
	       type == KFI_TYPE_MSG_ORDER;
}

/* Writes the value with the width that its type has */
static int tostr_scalar(char *buf, size_t len, u64 value, enum kfi_type type)
{
	u32 narrow = value;

	return kfi_tostr_r(buf, len, tostr_is_wide(type) ? (void *)&value :
							   (void *)&narrow,
			   type);
}

static void tostr_scalar_test(struct kunit *test)
{
	const struct tostr_case *c = test->param_value;
	char buf[128];
	int ret;

	ret = tostr_scalar(buf, sizeof(buf), c->value, c->type);
	KUNIT_EXPECT_STREQ(test, c->text, buf);
	KUNIT_EXPECT_EQ(test, strlen(c->text), ret);
}

/* No enumerator of the API is without a name, and none has another's */
struct tostr_enum {
	const char *desc;
	enum kfi_type type;
	u32 count;
};

static const struct tostr_enum tostr_enums[] = {
	{ "ep type", KFI_TYPE_EP_TYPE, KFI_EP_SOCK_DGRAM + 1 },
	{ "addr format", KFI_TYPE_ADDR_FORMAT, KFI_ADDR_CXI + 1 },
	{ "threading", KFI_TYPE_THREADING, KFI_THREAD_ENDPOINT + 1 },
	{ "progress", KFI_TYPE_PROGRESS, KFI_PROGRESS_MANUAL + 1 },
	{ "protocol", KFI_TYPE_PROTOCOL, KFI_PROTO_CXI + 1 },
	{ "av type", KFI_TYPE_AV_TYPE, KFI_AV_TABLE + 1 },
	{ "atomic type", KFI_TYPE_ATOMIC_TYPE, KFI_DATATYPE_LAST },
	{ "atomic op", KFI_TYPE_ATOMIC_OP, KFI_ATOMIC_OP_LAST },
	{ "eq event", KFI_TYPE_EQ_EVENT, KFI_JOIN_COMPLETE + 1 },
	{ "op type", KFI_TYPE_OP_TYPE, KFI_OP_CNTR_ADD + 1 },
};

static void tostr_enum_desc(const struct tostr_enum *c, char *desc)
{
	strscpy(desc, c->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(tostr_enum, tostr_enums, tostr_enum_desc);

static void tostr_every_enumerator_test(struct kunit *test)
{
	const struct tostr_enum *c = test->param_value;
	char name[64];
	char other[64];
	u32 i;
	u32 j;

	for (i = 0; i < c->count; i++) {
		tostr_scalar(name, sizeof(name), i, c->type);
		KUNIT_EXPECT_TRUE_MSG(test, isalpha(name[0]), "%u", i);
		for (j = 0; j < i; j++) {
			tostr_scalar(other, sizeof(other), j, c->type);
			KUNIT_EXPECT_STRNEQ(test, other, name);
		}
	}
	tostr_scalar(name, sizeof(name), c->count, c->type);
	KUNIT_EXPECT_TRUE(test, isdigit(name[0]));
}

static void tostr_every_bit_is_told_test(struct kunit *test)
{
	static const enum kfi_type types[] = {
		KFI_TYPE_CAPS, KFI_TYPE_OP_FLAGS, KFI_TYPE_CQ_EVENT_FLAGS,
		KFI_TYPE_MODE, KFI_TYPE_MSG_ORDER,
	};
	char buf[64];
	int bit;
	int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		for (bit = 0; bit < 64; bit++) {
			tostr_scalar(buf, sizeof(buf), BIT_ULL(bit), types[i]);
			KUNIT_EXPECT_STRNEQ(test, "", buf);
			KUNIT_EXPECT_STRNEQ(test, "0", buf);
			KUNIT_EXPECT_NULL(test, strchr(buf, '|'));
		}
	}
}

/*
 * Structures
 */

/* The text of an info or a part of one. Asserts. */
static char *tostr_text(struct kunit *test, const void *data,
			enum kfi_type type)
{
	char *buf = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	ret = kfi_tostr_r(buf, PAGE_SIZE, data, type);
	KUNIT_EXPECT_EQ(test, strlen(buf), ret);
	return buf;
}

static void tostr_expect(struct kunit *test, const char *text,
			 const char *line)
{
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, line), "no \"%s\" in\n%s",
				  line, text);
}

static void tostr_tx_attr_test(struct kunit *test)
{
	struct kfi_tx_attr tx = {
		.caps = KFI_MSG | KFI_SEND,
		.op_flags = KFI_COMPLETION,
		.msg_order = KFI_ORDER_SAS,
		.inject_size = 128,
		.size = 256,
		.iov_limit = 32,
		.rma_iov_limit = 16,
		.tclass = KFI_TC_LOW_LATENCY,
	};

	KUNIT_EXPECT_STREQ(test,
			   "tx_attr:\n"
			   "  caps: MSG|SEND\n"
			   "  mode: 0\n"
			   "  op_flags: COMPLETION\n"
			   "  msg_order: SAS\n"
			   "  comp_order: 0\n"
			   "  inject_size: 128\n"
			   "  size: 256\n"
			   "  iov_limit: 32\n"
			   "  rma_iov_limit: 16\n"
			   "  tclass: LOW_LATENCY\n",
			   tostr_text(test, &tx, KFI_TYPE_TX_ATTR));
}

static void tostr_rx_attr_test(struct kunit *test)
{
	struct kfi_rx_attr rx = { .total_buffered_recv = 9, .size = 3 };

	KUNIT_EXPECT_STREQ(test,
			   "rx_attr:\n"
			   "  caps: 0\n"
			   "  mode: 0\n"
			   "  op_flags: 0\n"
			   "  msg_order: 0\n"
			   "  comp_order: 0\n"
			   "  total_buffered_recv: 9\n"
			   "  size: 3\n"
			   "  iov_limit: 0\n",
			   tostr_text(test, &rx, KFI_TYPE_RX_ATTR));
}

static void tostr_ep_attr_test(struct kunit *test)
{
	u8 key[] = "secret";
	struct kfi_ep_attr ep = {
		.type = KFI_EP_MSG,
		.protocol = KFI_PROTO_IWARP,
		.max_msg_size = SIZE_MAX,
		.auth_key = key,
		.auth_key_size = sizeof(key),
	};
	const char *text = tostr_text(test, &ep, KFI_TYPE_EP_ATTR);

	tostr_expect(test, text, "ep_attr:\n");
	tostr_expect(test, text, "  type: MSG\n");
	tostr_expect(test, text, "  protocol: IWARP\n");
	tostr_expect(test, text, "  max_msg_size: 18446744073709551615\n");
	tostr_expect(test, text, "  auth_key_size: 7\n");
	KUNIT_EXPECT_NULL(test, strstr(text, "secret"));
}

static void tostr_domain_attr_test(struct kunit *test)
{
	struct kfid_domain live;
	struct kfi_domain_attr domain = {
		.domain = &live,
		.name = "rxe0",
		.threading = KFI_THREAD_SAFE,
		.resource_mgmt = KFI_RM_ENABLED,
		.mr_mode = KFI_MR_PROV_KEY,
		.tclass = kfi_tc_dscp_set(46),
	};
	const char *text = tostr_text(test, &domain, KFI_TYPE_DOMAIN_ATTR);

	tostr_expect(test, text, "domain_attr:\n  name: rxe0\n");
	tostr_expect(test, text, "  domain: open\n");
	tostr_expect(test, text, "  threading: SAFE\n");
	tostr_expect(test, text, "  resource_mgmt: ENABLED\n");
	tostr_expect(test, text, "  mr_mode: PROV_KEY\n");
	tostr_expect(test, text, "  tclass: DSCP 46\n");
}

static void tostr_fabric_attr_test(struct kunit *test)
{
	struct kfi_fabric_attr fabric = {
		.prov_name = "verbs",
		.prov_version = KFI_VERSION(1, 2),
	};

	KUNIT_EXPECT_STREQ(test,
			   "fabric_attr:\n"
			   "  prov_name: verbs\n"
			   "  prov_version: 1.2\n"
			   "  api_version: 0.0\n"
			   "  name: (null)\n"
			   "  fabric: none\n",
			   tostr_text(test, &fabric, KFI_TYPE_FABRIC_ATTR));
}

static void tostr_info_test(struct kunit *test)
{
	struct match_info *offer = match_offer(test);
	const char *text = tostr_text(test, &offer->info, KFI_TYPE_INFO);

	tostr_expect(test, text, "info:\n  caps: MSG|RMA|READ|WRITE|RECV|");
	tostr_expect(test, text, "|REMOTE_WRITE|LOCAL_COMM|REMOTE_COMM\n");
	tostr_expect(test, text, "\n  addr_format: SOCKADDR_IN\n");
	tostr_expect(test, text, "\n  src_addr: (null)\n");
	tostr_expect(test, text, "\n  handle: none\n");
	tostr_expect(test, text, "\n  tx_attr:\n    caps: ");
	tostr_expect(test, text, "\n  rx_attr:\n    caps: ");
	tostr_expect(test, text, "\n  ep_attr:\n    type: MSG\n");
	tostr_expect(test, text, "\n  domain_attr:\n    name: dom0\n");
	tostr_expect(test, text, "\n  fabric_attr:\n    prov_name: fake\n");
}

static void tostr_info_without_parts_test(struct kunit *test)
{
	struct kfi_info info = { };

	KUNIT_EXPECT_STREQ(test,
			   "info:\n"
			   "  caps: 0\n"
			   "  mode: 0\n"
			   "  addr_format: UNSPEC\n"
			   "  src_addr: (null)\n"
			   "  dest_addr: (null)\n"
			   "  handle: none\n"
			   "  tx_attr: (null)\n"
			   "  rx_attr: (null)\n"
			   "  ep_attr: (null)\n"
			   "  domain_attr: (null)\n"
			   "  fabric_attr: (null)\n",
			   tostr_text(test, &info, KFI_TYPE_INFO));
}

/* Every bit is set and every number is as long as can be */
static void tostr_longest_info_test(struct kunit *test)
{
	struct match_info *m = match_hints(test);
	char name[KFI_NAME_MAX];
	u8 addr[64];
	char *text;
	int ret;

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	memset(addr, 0xee, sizeof(addr));
	memset(&m->info.caps, 0xff, sizeof(m->info.caps));
	memset(&m->info.mode, 0xff, sizeof(m->info.mode));
	memset(&m->tx, 0xff, sizeof(m->tx));
	memset(&m->rx, 0xff, sizeof(m->rx));
	memset(&m->ep, 0xff, sizeof(m->ep));
	memset(&m->domain, 0xff, sizeof(m->domain));
	memset(&m->fabric, 0xff, sizeof(m->fabric));
	m->domain.name = name;
	m->fabric.name = name;
	m->fabric.prov_name = name;
	m->info.addr_format = U32_MAX;
	m->info.src_addr = addr;
	m->info.dest_addr = addr;
	m->info.src_addrlen = sizeof(addr);
	m->info.dest_addrlen = sizeof(addr);

	text = kunit_kzalloc(test, TOSTR_ENOUGH, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, text);
	ret = kfi_tostr_r(text, TOSTR_ENOUGH, &m->info, KFI_TYPE_INFO);
	KUNIT_EXPECT_LT(test, ret, TOSTR_ENOUGH - 1);
	tostr_expect(test, text, "    fabric: open\n");
}

/*
 * Addresses
 */

struct tostr_addr {
	const char *desc;
	u32 format;
	size_t len;
	const char *text;
	sa_family_t family;
};

static const struct tostr_addr tostr_addrs[] = {
	{ "v4", KFI_SOCKADDR_IN, sizeof(struct sockaddr_in),
	  "  src_addr: 192.0.2.1:7471\n", AF_INET },
	{ "v4 as any", KFI_SOCKADDR, sizeof(struct sockaddr_in),
	  "  src_addr: 192.0.2.1:7471\n", AF_INET },
	{ "v4 unspecified format", KFI_FORMAT_UNSPEC,
	  sizeof(struct sockaddr_in), "  src_addr: 192.0.2.1:7471\n",
	  AF_INET },
	{ "v6", KFI_SOCKADDR_IN6, sizeof(struct sockaddr_in6),
	  "  src_addr: [2001:db8::7]:7471\n", AF_INET6 },
	{ "v6 cut off", KFI_SOCKADDR_IN6, 4, "  src_addr: 0a001d2f\n",
	  AF_INET6 },
	{ "v4 cut off", KFI_SOCKADDR_IN, 4, "  src_addr: 02001d2f\n",
	  AF_INET },
	{ "other format", KFI_ADDR_CXI, 8,
	  "  src_addr: 02001d2fc0000201\n", AF_INET },
	{ "no length", KFI_SOCKADDR_IN, 0, "  src_addr: (null)\n", AF_INET },
};

static void tostr_addr_desc(const struct tostr_addr *c, char *desc)
{
	strscpy(desc, c->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(tostr_addr, tostr_addrs, tostr_addr_desc);

static void tostr_address_test(struct kunit *test)
{
	const struct tostr_addr *c = test->param_value;
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons(7471),
		.sin_addr.s_addr = htonl(0xc0000201),
	};
	struct sockaddr_in6 sin6 = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(7471),
		.sin6_addr.s6_addr = { 0x20, 0x01, 0x0d, 0xb8, [15] = 7 },
	};
	struct kfi_info info = {
		.addr_format = c->format,
		.src_addrlen = c->len,
	};

	if (c->family == AF_INET)
		info.src_addr = &sin;
	else
		info.src_addr = &sin6;
	tostr_expect(test, tostr_text(test, &info, KFI_TYPE_INFO), c->text);
}

/*
 * Buffers
 */

static void tostr_cut_off_test(struct kunit *test)
{
	u64 caps = KFI_MSG | KFI_RMA;
	char buf[16];
	size_t len;

	for (len = 1; len <= 8; len++) {
		memset(buf, 'x', sizeof(buf));
		KUNIT_EXPECT_EQ(test, min_t(size_t, len - 1, 7),
				kfi_tostr_r(buf, len, &caps, KFI_TYPE_CAPS));
		KUNIT_EXPECT_EQ(test, len - 1, strlen(buf));
		KUNIT_EXPECT_EQ(test, 0, strncmp(buf, "MSG|RMA", len - 1));
		KUNIT_EXPECT_EQ(test, 'x', buf[len]);
	}
}

static void tostr_no_room_test(struct kunit *test)
{
	struct match_info *offer = match_offer(test);
	char buf = 'x';

	KUNIT_EXPECT_EQ(test, 0,
			kfi_tostr_r(&buf, 0, &offer->info, KFI_TYPE_INFO));
	KUNIT_EXPECT_EQ(test, 'x', buf);
	KUNIT_EXPECT_EQ(test, 0,
			kfi_tostr_r(&buf, 1, &offer->info, KFI_TYPE_INFO));
	KUNIT_EXPECT_EQ(test, '\0', buf);
}

static void tostr_bad_arguments_test(struct kunit *test)
{
	u64 value = 1;
	char buf[8] = "garbage";

	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_tostr_r(buf, sizeof(buf), NULL,
						   KFI_TYPE_CAPS));
	KUNIT_EXPECT_STREQ(test, "", buf);
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_tostr_r(buf, sizeof(buf), &value,
						   KFI_TYPE_OP_TYPE + 1));
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_tostr_r(buf, sizeof(buf), &value,
						   (enum kfi_type)-1));
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_tostr_r(buf, 0, &value,
						   (enum kfi_type)1000));
}

static void tostr_shared_buffers_test(struct kunit *test)
{
	u64 caps[4] = { KFI_MSG, KFI_RMA, KFI_TAGGED, KFI_ATOMIC };
	static const char * const texts[] = { "MSG", "RMA", "TAGGED",
					      "ATOMIC" };
	char *text[4];
	int i;

	for (i = 0; i < 4; i++)
		text[i] = kfi_tostr(&caps[i], KFI_TYPE_CAPS);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_STREQ(test, texts[i], text[i]);
}

static void tostr_shared_buffer_bad_test(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, "", kfi_tostr(NULL, KFI_TYPE_INFO));
	KUNIT_EXPECT_STREQ(test, "", kfi_tostr(test, (enum kfi_type)1000));
}

static struct kunit_case tostr_kunit_cases[] = {
	KUNIT_CASE_PARAM(tostr_scalar_test, tostr_gen_params),
	KUNIT_CASE_PARAM(tostr_every_enumerator_test, tostr_enum_gen_params),
	KUNIT_CASE(tostr_every_bit_is_told_test),
	KUNIT_CASE(tostr_tx_attr_test),
	KUNIT_CASE(tostr_rx_attr_test),
	KUNIT_CASE(tostr_ep_attr_test),
	KUNIT_CASE(tostr_domain_attr_test),
	KUNIT_CASE(tostr_fabric_attr_test),
	KUNIT_CASE(tostr_info_test),
	KUNIT_CASE(tostr_info_without_parts_test),
	KUNIT_CASE(tostr_longest_info_test),
	KUNIT_CASE_PARAM(tostr_address_test, tostr_addr_gen_params),
	KUNIT_CASE(tostr_cut_off_test),
	KUNIT_CASE(tostr_no_room_test),
	KUNIT_CASE(tostr_bad_arguments_test),
	KUNIT_CASE(tostr_shared_buffers_test),
	KUNIT_CASE(tostr_shared_buffer_bad_test),
	{}
};

static struct kunit_suite tostr_suite = {
	.name = "kfi_core_tostr",
	.test_cases = tostr_kunit_cases,
};

kunit_test_suite(tostr_suite);
