// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Private data of the connection manager: what we write, and what we believe
 * of what a peer has written.
 */
#include <linux/string.h>
#include <asm/byteorder.h>

#include <kunit/test.h>

#include "persist.h"

#define HEAD	sizeof(struct kfv_wire_cm)
#define PAD	0xee

/*
 * Packing
 */

struct wire_pack_case {
	const char *name;
	size_t len;
	bool null;
	int ret;
};

static const struct wire_pack_case wire_pack_cases[] = {
	{ "nothing", 0, true, HEAD },
	{ "no bytes of something", 0, false, HEAD },
	{ "one byte", 1, false, HEAD + 1 },
	{ "as much as there is room", 48, false, KFV_WIRE_CM_MAX },
	{ "one byte more", 49, false, -EINVAL },
	{ "a length that is small in 8 bits", 256, false, -EINVAL },
	{ "huge", SIZE_MAX, false, -EINVAL },
	{ "a length without data", 1, true, -EINVAL },
};

static void wire_pack_desc(const struct wire_pack_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wire_pack, wire_pack_cases, wire_pack_desc);

static void wire_pack_test(struct kunit *test)
{
	const struct wire_pack_case *c = test->param_value;
	u8 buf[KFV_WIRE_CM_MAX + 1], param[256];
	int i;

	memset(buf, PAD, sizeof(buf));
	for (i = 0; i < sizeof(param); i++)
		param[i] = i + 1;

	KUNIT_EXPECT_EQ(test, c->ret,
			kfv_wire_pack(buf, c->null ? NULL : param, c->len));
	if (c->ret < 0) {
		KUNIT_EXPECT_NULL(test, memchr_inv(buf, PAD, sizeof(buf)));
		return;
	}
	KUNIT_EXPECT_EQ(test, 0, memcmp(buf + HEAD, param, c->len));
	KUNIT_EXPECT_NULL(test, memchr_inv(buf + c->ret, PAD,
					   sizeof(buf) - c->ret));
}

static void wire_layout_test(struct kunit *test)
{
	static const u8 expected[] = {
		0x6b, 0x66, 1, 3, 0, 0, 0, 0, 'a', 'b', 'c'
	};
	u8 buf[KFV_WIRE_CM_MAX];

	KUNIT_ASSERT_EQ(test, (int)sizeof(expected),
			kfv_wire_pack(buf, "abc", 3));
	KUNIT_EXPECT_EQ(test, 0, memcmp(expected, buf, sizeof(expected)));
}

static void wire_cm_data_size_test(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 48UL, KFV_WIRE_CM_DATA);
}

/*
 * Parsing
 */

struct wire_parse_case {
	const char *name;
	u8 bytes[12];
	size_t len;
	int ret;
};

/* The head is magic, magic, version, length, and four bytes of features. */
static const struct wire_parse_case wire_parse_cases[] = {
	{ "no data", { 0x6b, 0x66, 1, 0 }, 8, 0 },
	{ "data", { 0x6b, 0x66, 1, 4, 0, 0, 0, 0, 1, 2, 3, 4 }, 12, 4 },
	{ "padded", { 0x6b, 0x66, 1, 4, 0, 0, 0, 0, 1, 2, 3, 4 }, 196, 4 },
	{ "data that ends in zeroes",
	  { 0x6b, 0x66, 1, 4, 0, 0, 0, 0, 1, 0, 0, 0 }, 56, 4 },
	{ "longest", { 0x6b, 0x66, 1, 48, 0, 0, 0, 0, 1 }, 56, 48 },
	{ "unknown features", { 0x6b, 0x66, 1, 0, 0xff, 0xff, 0xff, 0xff },
	  8, 0 },
	{ "one byte beyond what came",
	  { 0x6b, 0x66, 1, 5, 0, 0, 0, 0, 1, 2, 3, 4 }, 12, -EPROTO },
	{ "length without data", { 0x6b, 0x66, 1, 1 }, 8, -EPROTO },
	{ "longer than the longest", { 0x6b, 0x66, 1, 49 }, 196, -EPROTO },
	{ "largest length", { 0x6b, 0x66, 1, 255 }, 196, -EPROTO },
	{ "older version", { 0x6b, 0x66, 0 }, 56, -EPROTO },
	{ "newer version", { 0x6b, 0x66, 2 }, 56, -EPROTO },
	{ "magic swapped", { 0x66, 0x6b, 1 }, 56, -EPROTO },
	{ "magic half right", { 0x6b, 0, 1 }, 56, -EPROTO },
	{ "head cut off", { 0x6b, 0x66, 1, 0 }, 7, -EPROTO },
	{ "magic only", { 0x6b, 0x66 }, 2, -EPROTO },
	{ "zeroes", {}, 148, -ENODATA },
	{ "zeroes, shorter than a head", {}, 7, -ENODATA },
	{ "nothing", {}, 0, -ENODATA },
	{ "zeroes and something", { [11] = 1 }, 148, -EPROTO },
};

static void wire_parse_desc(const struct wire_parse_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wire_parse, wire_parse_cases, wire_parse_desc);

/* The buffer is of the exact length, so that KASAN sees a look beyond it. */
static void wire_parse_test(struct kunit *test)
{
	const struct wire_parse_case *c = test->param_value;
	const void *data = NULL;
	u8 *buf;

	buf = kunit_kzalloc(test, max_t(size_t, c->len, 1), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, buf);
	memcpy(buf, c->bytes, min(c->len, sizeof(c->bytes)));

	KUNIT_EXPECT_EQ(test, c->ret, kfv_wire_parse(buf, c->len, &data));
	KUNIT_EXPECT_PTR_EQ(test, c->ret < 0 ? NULL : buf + HEAD, (u8 *)data);
}

static void wire_parse_null_test(struct kunit *test)
{
	const void *data = NULL;

	KUNIT_EXPECT_EQ(test, -ENODATA, kfv_wire_parse(NULL, 56, &data));
	KUNIT_EXPECT_NULL(test, data);
}

/* Devices put private data anywhere. */
static void wire_parse_unaligned_test(struct kunit *test)
{
	u8 buf[KFV_WIRE_CM_MAX + 1];
	const void *data;

	KUNIT_ASSERT_EQ(test, (int)HEAD + 3,
			kfv_wire_pack(buf + 1, "abc", 3));
	KUNIT_EXPECT_EQ(test, 3,
			kfv_wire_parse(buf + 1, KFV_WIRE_CM_MAX, &data));
	KUNIT_EXPECT_EQ(test, 0, memcmp(data, "abc", 3));
}

/*
 * What a provider says of itself
 */

struct wire_say_case {
	const char *name;
	size_t data_len;
	struct kfv_wire_decl decl;
	int ret;
	u8 tail[8];
};

static const struct wire_say_case wire_say_cases[] = {
	{ "nothing", 3, {}, HEAD + 3 },
	{ "features", 48, { 0x2e }, KFV_WIRE_CM_MAX },
	{ "a control queue pair", 3, { KFV_WIRE_F_CTL, 0x123456, 0xabcdef },
	  HEAD + 3 + 8, { 0, 0x12, 0x34, 0x56, 0, 0xab, 0xcd, 0xef } },
	{ "no data", 0, { KFV_WIRE_F_CTL, 1, 0 }, HEAD + 8, { [3] = 1 } },
	{ "as much data as fits", 40, { KFV_WIRE_F_CTL, 1, 2 },
	  KFV_WIRE_CM_MAX, { [3] = 1, [7] = 2 } },
	{ "a byte more", 41, { KFV_WIRE_F_CTL, 1, 2 }, -EINVAL },
	{ "numbers without a queue pair", 48, { 0, 1, 2 }, KFV_WIRE_CM_MAX },
};

KUNIT_ARRAY_PARAM_DESC(wire_say, wire_say_cases, name);

static void wire_declare_test(struct kunit *test)
{
	const struct wire_say_case *c = test->param_value;
	u8 buf[KFV_WIRE_CM_MAX + 8], param[48];
	struct kfv_wire_decl decl;
	const void *data;

	memset(buf, PAD, sizeof(buf));
	memset(param, 0x77, sizeof(param));
	KUNIT_ASSERT_LE(test, 0, kfv_wire_pack(buf, param, c->data_len));
	KUNIT_ASSERT_EQ(test, c->ret, kfv_wire_declare(buf, &c->decl));
	KUNIT_EXPECT_NULL(test, memchr_inv(buf + KFV_WIRE_CM_MAX, PAD, 8));
	if (c->ret < 0)
		return;
	KUNIT_EXPECT_NULL(test, memchr_inv(buf + HEAD, 0x77, c->data_len));
	KUNIT_EXPECT_MEMEQ(test, c->tail, buf + HEAD + c->data_len,
			   c->ret - HEAD - c->data_len);
	/* and back; an older provider sees its client's data */
	KUNIT_EXPECT_EQ(test, (int)c->data_len,
			kfv_wire_parse(buf, c->ret, &data));
	KUNIT_ASSERT_EQ(test, 0, kfv_wire_declared(buf, c->ret, &decl));
	KUNIT_EXPECT_EQ(test, c->decl.features, decl.features);
	if (!(c->decl.features & KFV_WIRE_F_CTL))
		return;
	KUNIT_EXPECT_EQ(test, c->decl.qpn, decl.qpn);
	KUNIT_EXPECT_EQ(test, c->decl.psn, decl.psn);
}

struct wire_hear_case {
	const char *name;
	u8 bytes[16];
	size_t len;
	int ret;
};

/* Without data of the client; the last byte of features is the interesting one */
static const struct wire_hear_case wire_hear_cases[] = {
	{ "no queue pair", { 0x6b, 0x66, 1, 0, 0, 0, 0, 0x3e }, 8, 0 },
	{ "all features",
	  { 0x6b, 0x66, 1, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1 }, 16, 0 },
	{ "largest numbers",
	  { 0x6b, 0x66, 1, 0, 0, 0, 0, 1, 0, 0xff, 0xff, 0xff, 0, 0xff, 0xff,
	    0xff }, 16, 0 },
	{ "cut off", { 0x6b, 0x66, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1 }, 15,
	  -EPROTO },
	{ "nothing", { 0x6b, 0x66, 1, 0, 0, 0, 0, 1 }, 8, -EPROTO },
	{ "number 0", { 0x6b, 0x66, 1, 0, 0, 0, 0, 1 }, 16, -EPROTO },
	{ "a number of 25 bits",
	  { 0x6b, 0x66, 1, 0, 0, 0, 0, 1, 1, 0, 0, 1 }, 16, -EPROTO },
	{ "a psn of 25 bits",
	  { 0x6b, 0x66, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1 }, 16, -EPROTO },
};

KUNIT_ARRAY_PARAM_DESC(wire_hear, wire_hear_cases, name);

/* The buffer is of the exact length, so that KASAN sees a look beyond it. */
static void wire_declared_test(struct kunit *test)
{
	const struct wire_hear_case *c = test->param_value;
	struct kfv_wire_decl decl;
	u8 *buf = kunit_kmalloc(test, c->len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, buf);
	memcpy(buf, c->bytes, c->len);
	KUNIT_EXPECT_EQ(test, c->ret, kfv_wire_declared(buf, c->len, &decl));
}

/*
 * Commit requests
 */

static void wire_ranges_test(struct kunit *test)
{
	struct kfv_wire_msg *msg = kunit_kzalloc(test, KFV_WIRE_MSG_MAX,
						 GFP_KERNEL);
	const struct kfv_range want = { 0x123456789abcdefULL, 7, 0x1000000000 };
	struct kfv_range range;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, msg);
	msg->op = KFV_WIRE_COMMIT;
	for (i = 0; i < KFV_WIRE_RANGES; i++) {
		KUNIT_EXPECT_EQ(test, 24 + 24 * (size_t)i,
				kfv_wire_msg_len(msg));
		kfv_wire_add_range(msg, &want);
	}
	msg->store_len = KFV_WIRE_STORE;
	KUNIT_EXPECT_EQ(test, (size_t)KFV_WIRE_MSG_MAX, kfv_wire_msg_len(msg));
	KUNIT_EXPECT_PTR_EQ(test, (void *)msg + KFV_WIRE_MSG_MAX -
			    KFV_WIRE_STORE, kfv_wire_store(msg));
	KUNIT_EXPECT_EQ(test, (int)KFV_WIRE_COMMIT,
			kfv_wire_check_msg(msg, KFV_WIRE_MSG_MAX));
	for (i = 0; i < KFV_WIRE_RANGES; i++) {
		KUNIT_EXPECT_TRUE(test, kfv_wire_get_range(msg, i, &range));
		KUNIT_EXPECT_MEMEQ(test, &want, &range, sizeof(range));
	}
	msg->ranges[0].len = cpu_to_be64(U64_MAX - 7);
	KUNIT_EXPECT_TRUE(test, kfv_wire_get_range(msg, 0, &range));
	KUNIT_EXPECT_EQ(test, U64_MAX, range.end);
	msg->ranges[0].len = cpu_to_be64(U64_MAX - 6);
	KUNIT_EXPECT_FALSE(test, kfv_wire_get_range(msg, 0, &range));
}

struct wire_msg_case {
	const char *name;
	u8 head[4];
	size_t len;
	int ret;
};

static const struct wire_msg_case wire_msg_cases[] = {
	{ "commit of nothing", { 1 }, 24, KFV_WIRE_COMMIT },
	{ "commit", { 1, 0, 1 }, 48, KFV_WIRE_COMMIT },
	{ "commit of most", { 1, 0, 32, 64 }, 856, KFV_WIRE_COMMIT },
	{ "reply", { 2 }, 24, KFV_WIRE_REPLY },
	{ "reply, any status", { 2, 255 }, 24, KFV_WIRE_REPLY },
	{ "hello", { 3 }, 24, KFV_WIRE_HELLO },
	{ "hello with a status", { 3, 1 }, 24, -EPROTO },
	{ "hello with a range", { 3, 0, 1 }, 48, -EPROTO },
	{ "hello with a store", { 3, 0, 0, 8 }, 32, -EPROTO },
	{ "reply with a range", { 2, 0, 1 }, 48, -EPROTO },
	{ "reply with a store", { 2, 0, 0, 8 }, 32, -EPROTO },
	{ "commit with a status", { 1, 1 }, 24, -EPROTO },
	{ "a range too many", { 1, 0, 33 }, 24 + 33 * 24, -EPROTO },
	{ "a byte too much to store", { 1, 0, 0, 65 }, 24 + 65, -EPROTO },
	{ "operation 0", { 0 }, 24, -EPROTO },
	{ "operation 4", { 4 }, 24, -EPROTO },
	{ "a byte short", { 1, 0, 1 }, 47, -EPROTO },
	{ "a byte long", { 1, 0, 1 }, 49, -EPROTO },
	{ "no ranges", { 1, 0, 1 }, 24, -EPROTO },
	{ "half a head", { 1 }, 23, -EPROTO },
	{ "one byte", { 1 }, 1, -EPROTO },
};

KUNIT_ARRAY_PARAM_DESC(wire_msg, wire_msg_cases, name);

/* The buffer is of the exact length, so that KASAN sees a look beyond it. */
static void wire_check_msg_test(struct kunit *test)
{
	const struct wire_msg_case *c = test->param_value;
	u8 *msg = kunit_kzalloc(test, c->len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, msg);
	memcpy(msg, c->head, min(c->len, sizeof(c->head)));
	KUNIT_EXPECT_EQ(test, c->ret, kfv_wire_check_msg((void *)msg, c->len));
}

static struct kunit_case wire_cases[] = {
	KUNIT_CASE_PARAM(wire_pack_test, wire_pack_gen_params),
	KUNIT_CASE(wire_layout_test),
	KUNIT_CASE(wire_cm_data_size_test),
	KUNIT_CASE_PARAM(wire_parse_test, wire_parse_gen_params),
	KUNIT_CASE(wire_parse_null_test),
	KUNIT_CASE(wire_parse_unaligned_test),
	KUNIT_CASE_PARAM(wire_declare_test, wire_say_gen_params),
	KUNIT_CASE_PARAM(wire_declared_test, wire_hear_gen_params),
	KUNIT_CASE(wire_ranges_test),
	KUNIT_CASE_PARAM(wire_check_msg_test, wire_msg_gen_params),
	{}
};

static struct kunit_suite wire_suite = {
	.name = "kfi_verbs_wire",
	.test_cases = wire_cases,
};

kunit_test_suite(wire_suite);
