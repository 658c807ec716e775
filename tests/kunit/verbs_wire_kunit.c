// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Private data of the connection manager: what we write, and what we believe
 * of what a peer has written.
 */
#include <linux/string.h>
#include <asm/byteorder.h>

#include <kunit/test.h>

#include "verbs.h"

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

static struct kunit_case wire_cases[] = {
	KUNIT_CASE_PARAM(wire_pack_test, wire_pack_gen_params),
	KUNIT_CASE(wire_layout_test),
	KUNIT_CASE(wire_cm_data_size_test),
	KUNIT_CASE_PARAM(wire_parse_test, wire_parse_gen_params),
	KUNIT_CASE(wire_parse_null_test),
	KUNIT_CASE(wire_parse_unaligned_test),
	{}
};

static struct kunit_suite wire_suite = {
	.name = "kfi_verbs_wire",
	.test_cases = wire_cases,
};

kunit_test_suite(wire_suite);
