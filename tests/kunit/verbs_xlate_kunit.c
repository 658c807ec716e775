// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Translations: every value of the enumerations of verbs, and values that are
 * none.
 */
#include <linux/string.h>

#include <kunit/test.h>

#include "verbs.h"

struct xlate_case {
	const char *name;
	u64 from;
	int to;
};

static void xlate_desc(const struct xlate_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

/*
 * Status of a work completion
 */

static const struct xlate_case xlate_status_cases[] = {
	{ "success", IB_WC_SUCCESS, 0 },
	{ "local length", IB_WC_LOC_LEN_ERR, EMSGSIZE },
	{ "local qp operation", IB_WC_LOC_QP_OP_ERR, EIO },
	{ "local eec operation", IB_WC_LOC_EEC_OP_ERR, EIO },
	{ "local protection", IB_WC_LOC_PROT_ERR, EFAULT },
	{ "flushed", IB_WC_WR_FLUSH_ERR, ECANCELED },
	{ "window bind", IB_WC_MW_BIND_ERR, EIO },
	{ "bad response", IB_WC_BAD_RESP_ERR, EIO },
	{ "local access", IB_WC_LOC_ACCESS_ERR, EACCES },
	{ "remote invalid request", IB_WC_REM_INV_REQ_ERR, EREMOTEIO },
	{ "remote access", IB_WC_REM_ACCESS_ERR, EACCES },
	{ "remote operation", IB_WC_REM_OP_ERR, EREMOTEIO },
	{ "no answer", IB_WC_RETRY_EXC_ERR, EHOSTUNREACH },
	{ "no receive at the peer", IB_WC_RNR_RETRY_EXC_ERR, EREMOTEIO },
	{ "local rdd violation", IB_WC_LOC_RDD_VIOL_ERR, EIO },
	{ "remote invalid rd", IB_WC_REM_INV_RD_REQ_ERR, EIO },
	{ "remote abort", IB_WC_REM_ABORT_ERR, EIO },
	{ "invalid eecn", IB_WC_INV_EECN_ERR, EIO },
	{ "invalid eec state", IB_WC_INV_EEC_STATE_ERR, EIO },
	{ "fatal", IB_WC_FATAL_ERR, EIO },
	{ "response timeout", IB_WC_RESP_TIMEOUT_ERR, EIO },
	{ "general", IB_WC_GENERAL_ERR, EIO },
	{ "one past the last", IB_WC_GENERAL_ERR + 1, EIO },
	{ "largest", INT_MAX, EIO },
	{ "negative", -1, EIO },
};

KUNIT_ARRAY_PARAM(xlate_status, xlate_status_cases, xlate_desc);

static void xlate_status_test(struct kunit *test)
{
	const struct xlate_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, c->to, kfv_xlate_status(c->from));
}

/*
 * Access rights
 */

static const struct xlate_case xlate_access_cases[] = {
	{ "send", KFI_SEND, 0 },
	{ "write from here", KFI_WRITE, 0 },
	{ "recv", KFI_RECV, IB_ACCESS_LOCAL_WRITE },
	{ "read to here", KFI_READ, IB_ACCESS_LOCAL_WRITE },
	{ "remote read", KFI_REMOTE_READ, IB_ACCESS_REMOTE_READ },
	{ "remote write", KFI_REMOTE_WRITE,
	  IB_ACCESS_REMOTE_WRITE | IB_ACCESS_LOCAL_WRITE },
	{ "remote read, recv", KFI_REMOTE_READ | KFI_RECV,
	  IB_ACCESS_REMOTE_READ | IB_ACCESS_LOCAL_WRITE },
	{ "everything",
	  KFI_SEND | KFI_RECV | KFI_READ | KFI_WRITE | KFI_REMOTE_READ |
	  KFI_REMOTE_WRITE,
	  IB_ACCESS_REMOTE_READ | IB_ACCESS_REMOTE_WRITE |
	  IB_ACCESS_LOCAL_WRITE },
	{ "nothing", 0, -EINVAL },
	{ "unknown bit", KFI_MSG, -EINVAL },
	{ "known and unknown", KFI_REMOTE_READ | KFI_TAGGED, -EINVAL },
	{ "highest bit", KFI_SEND | BIT_ULL(63), -EINVAL },
};

KUNIT_ARRAY_PARAM(xlate_access, xlate_access_cases, xlate_desc);

static void xlate_access_test(struct kunit *test)
{
	const struct xlate_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, c->to, kfv_xlate_access(c->from, false));
	KUNIT_EXPECT_EQ(test, c->to < 0 ? c->to : c->to |
			IB_ACCESS_FLUSH_GLOBAL | IB_ACCESS_FLUSH_PERSISTENT,
			kfv_xlate_access(c->from, true));
}

/*
 * Events that end a connection attempt
 */

static const struct xlate_case xlate_cm_cases[] = {
	{ "address error", RDMA_CM_EVENT_ADDR_ERROR, EHOSTUNREACH },
	{ "route error", RDMA_CM_EVENT_ROUTE_ERROR, EHOSTUNREACH },
	{ "connect error", RDMA_CM_EVENT_CONNECT_ERROR, EIO },
	{ "unreachable", RDMA_CM_EVENT_UNREACHABLE, EHOSTUNREACH },
	{ "rejected", RDMA_CM_EVENT_REJECTED, ECONNREFUSED },
	{ "no error at all", RDMA_CM_EVENT_ESTABLISHED, EIO },
	{ "last", RDMA_CM_EVENT_TIMEWAIT_EXIT, EIO },
	{ "beyond the last", RDMA_CM_EVENT_TIMEWAIT_EXIT + 10, EIO },
	{ "negative", -1, EIO },
};

KUNIT_ARRAY_PARAM(xlate_cm, xlate_cm_cases, xlate_desc);

static void xlate_cm_error_test(struct kunit *test)
{
	const struct xlate_case *c = test->param_value;
	const struct rdma_cm_event event = { .event = c->from };

	KUNIT_EXPECT_EQ(test, c->to, kfv_xlate_cm_error(&event));
}

/*
 * Memory keys
 */

struct xlate_key_case {
	const char *name;
	u32 rkey;
	u32 offset;
	u64 key;
};

static const struct xlate_key_case xlate_key_cases[] = {
	{ "zero", 0, 0, 0 },
	{ "rkey", 0x12345678, 0, 0x12345678 },
	{ "largest rkey", U32_MAX, 0, U32_MAX },
	{ "offset", 0, 0xabc, 0xabc000000000000 },
	{ "end of a page of 4096", 0x00ffff01, 0xfff, 0xfff000000ffff01 },
	{ "end of a page of 65536", U32_MAX, 0xffff, 0xffff0000ffffffff },
};

static void xlate_key_desc(const struct xlate_key_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(xlate_key, xlate_key_cases, xlate_key_desc);

static void xlate_key_test(struct kunit *test)
{
	const struct xlate_key_case *c = test->param_value;
	u32 rkey = ~c->rkey, offset = ~c->offset;

	KUNIT_EXPECT_EQ(test, c->key, kfv_xlate_make_key(c->rkey, c->offset));
	KUNIT_EXPECT_EQ(test, 0, kfv_xlate_split_key(c->key, &rkey, &offset));
	KUNIT_EXPECT_EQ(test, c->rkey, rkey);
	KUNIT_EXPECT_EQ(test, c->offset, offset);
}

/* What a key says of its region is not in the way. */
static void xlate_key_bits_test(struct kunit *test)
{
	u32 rkey, offset;
	int bit;

	for (bit = 32; bit < 35; bit++) {
		KUNIT_EXPECT_TRUE(test, KFV_KEY_BITS & BIT_ULL(bit));
		KUNIT_EXPECT_EQ(test, 0,
				kfv_xlate_split_key(0x0234000000001234ULL |
						    BIT_ULL(bit),
						    &rkey, &offset));
		KUNIT_EXPECT_EQ(test, 0x1234U, rkey);
		KUNIT_EXPECT_EQ(test, 0x234U, offset);
	}
}

static void xlate_undefined_key_bits_test(struct kunit *test)
{
	u32 rkey, offset;
	int bit;

	for (bit = 35; bit < 48; bit++)
		KUNIT_EXPECT_EQ(test, -EKEYREJECTED,
				kfv_xlate_split_key(BIT_ULL(bit) | 0x1234,
						    &rkey, &offset));
	KUNIT_EXPECT_EQ(test, -EKEYREJECTED,
			kfv_xlate_split_key(KFI_KEY_NOTAVAIL, &rkey, &offset));
}

static struct kunit_case xlate_cases[] = {
	KUNIT_CASE_PARAM(xlate_status_test, xlate_status_gen_params),
	KUNIT_CASE_PARAM(xlate_access_test, xlate_access_gen_params),
	KUNIT_CASE_PARAM(xlate_cm_error_test, xlate_cm_gen_params),
	KUNIT_CASE_PARAM(xlate_key_test, xlate_key_gen_params),
	KUNIT_CASE(xlate_key_bits_test),
	KUNIT_CASE(xlate_undefined_key_bits_test),
	{}
};

static struct kunit_suite xlate_suite = {
	.name = "kfi_verbs_xlate",
	.test_cases = xlate_cases,
};

kunit_test_suite(xlate_suite);
