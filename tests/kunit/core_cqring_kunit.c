// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Completion ring: attributes, entry formats, order, room and error entries.
 */
#include <linux/limits.h>

#include "core_cqring_kunit.h"

static u32 cqring_reserve_all(struct cqring_fixture *f)
{
	u32 n = 0;

	while (kfi_cqring_reserve(&f->ring))
		n++;
	return n;
}

/*
 * Attributes
 */

static void cqring_attr_null_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open(test, NULL);

	KUNIT_EXPECT_EQ(test, KFI_CQ_FORMAT_DATA, f->ring.format);
	KUNIT_EXPECT_EQ(test, 2048, f->ring.size);
	KUNIT_EXPECT_FALSE(test, f->ring.can_wait);
}

static void cqring_attr_default_size_is_capped_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_new(test);

	KUNIT_ASSERT_EQ(test, 0, kfi_cqring_init(&f->ring, NULL, 100,
						 NUMA_NO_NODE, &f->cq));
	KUNIT_EXPECT_EQ(test, 100, f->ring.size);
	kfi_cqring_destroy(&f->ring);
}

struct cqring_attr_case {
	const char *name;
	struct kfi_cq_attr attr;
	int err;
	bool can_wait;
};

static struct kfid_wait some_wait_set;

static const struct cqring_attr_case cqring_attr_cases[] = {
	{ "affinity", { .flags = KFI_AFFINITY }, 0, false },
	{ "flag write", { .flags = KFI_WRITE }, -KFI_EBADFLAGS },
	{ "affinity and more", { .flags = KFI_AFFINITY | 1 }, -KFI_EBADFLAGS },
	{ "largest size", { .size = TEST_MAX_SIZE }, 0, false },
	{ "one too many", { .size = TEST_MAX_SIZE + 1 }, -EINVAL },
	{ "huge size", { .size = SIZE_MAX }, -EINVAL },
	{ "size that is 1 in 32 bits", { .size = (1ULL << 32) + 1 }, -EINVAL },
	{ "unknown format", { .format = KFI_CQ_FORMAT_TAGGED + 1 }, -EINVAL },
	{ "wait unspec", { .wait_obj = KFI_WAIT_UNSPEC }, 0, true },
	{ "wait queue", { .wait_obj = KFI_WAIT_QUEUE }, 0, true },
	{ "wait set", { .wait_obj = KFI_WAIT_SET }, -ENOSYS },
	{ "unknown wait object", { .wait_obj = KFI_WAIT_QUEUE + 1 }, -ENOSYS },
	{ "wait set pointer", { .wait_set = &some_wait_set }, -ENOSYS },
	{ "threshold", { .wait_obj = KFI_WAIT_QUEUE,
			 .wait_cond = KFI_CQ_COND_THRESHOLD }, 0, true },
	{ "threshold, no wait", { .wait_cond = KFI_CQ_COND_THRESHOLD },
	  -ENOSYS },
	{ "unknown condition", { .wait_obj = KFI_WAIT_QUEUE,
				 .wait_cond = KFI_CQ_COND_THRESHOLD + 1 },
	  -ENOSYS },
};

static void cqring_attr_desc(const struct cqring_attr_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(cqring_attr, cqring_attr_cases, cqring_attr_desc);

static void cqring_attr_test(struct kunit *test)
{
	const struct cqring_attr_case *c = test->param_value;
	struct cqring_fixture *f = cqring_new(test);
	int rc;

	rc = kfi_cqring_init(&f->ring, &c->attr, TEST_MAX_SIZE, NUMA_NO_NODE,
			     &f->cq);
	KUNIT_EXPECT_EQ(test, c->err, rc);
	if (rc)
		return;
	KUNIT_EXPECT_EQ(test, c->can_wait, f->ring.can_wait);
	kfi_cqring_destroy(&f->ring);
}

/*
 * Entry formats
 */

static struct cqring_fixture *cqring_open_format(struct kunit *test,
						 enum kfi_cq_format format)
{
	struct kfi_cq_attr attr = { .size = 8, .format = format };
	struct cqring_fixture *f = cqring_open(test, &attr);

	KUNIT_EXPECT_EQ(test, format, f->ring.format);
	cqring_push(test, f, cqring_good(1));
	cqring_push(test, f, cqring_good(2));
	return f;
}

/* Read two entries of @size bytes and see that no byte behind them changed. */
static void cqring_read_two(struct kunit *test, struct cqring_fixture *f,
			    void *buf, size_t size)
{
	u8 *bytes = buf;

	memset(buf, GUARD, 3 * size);
	KUNIT_ASSERT_EQ(test, 2, kfi_cqring_read(&f->ring, buf, 3, NULL));
	KUNIT_EXPECT_NULL(test, memchr_inv(bytes + 2 * size, GUARD, size));
}

static void cqring_format_context_test(struct kunit *test)
{
	struct cqring_fixture *f;
	struct kfi_cq_entry got[3];

	f = cqring_open_format(test, KFI_CQ_FORMAT_CONTEXT);
	cqring_read_two(test, f, got, sizeof(got[0]));
	KUNIT_EXPECT_PTR_EQ(test, (void *)0x100, got[0].op_context);
	KUNIT_EXPECT_PTR_EQ(test, (void *)0x200, got[1].op_context);
}

static void cqring_format_msg_test(struct kunit *test)
{
	struct cqring_fixture *f;
	struct kfi_cq_msg_entry got[3];

	f = cqring_open_format(test, KFI_CQ_FORMAT_MSG);
	cqring_read_two(test, f, got, sizeof(got[0]));
	KUNIT_EXPECT_PTR_EQ(test, (void *)0x100, got[0].op_context);
	KUNIT_EXPECT_PTR_EQ(test, (void *)0x200, got[1].op_context);
	KUNIT_EXPECT_EQ(test, KFI_TAGGED | KFI_RECV, got[1].flags);
	KUNIT_EXPECT_EQ(test, 1002, got[1].len);
}

static void cqring_format_data_test(struct kunit *test)
{
	struct cqring_fixture *f;
	struct kfi_cq_data_entry got[3];

	f = cqring_open_format(test, KFI_CQ_FORMAT_DATA);
	cqring_read_two(test, f, got, sizeof(got[0]));
	KUNIT_EXPECT_PTR_EQ(test, (void *)0x100, got[0].op_context);
	KUNIT_EXPECT_PTR_EQ(test, (void *)0x200, got[1].op_context);
	KUNIT_EXPECT_EQ(test, KFI_TAGGED | KFI_RECV | KFI_REMOTE_CQ_DATA,
			got[1].flags);
	KUNIT_EXPECT_EQ(test, 1002, got[1].len);
	KUNIT_EXPECT_PTR_EQ(test, (void *)0x20000, got[1].buf);
	KUNIT_EXPECT_EQ(test, 0x112233445566778aULL, got[1].data);
}

static void cqring_format_tagged_test(struct kunit *test)
{
	struct cqring_fixture *f;
	struct kfi_cq_tagged_entry got[3];

	f = cqring_open_format(test, KFI_CQ_FORMAT_TAGGED);
	cqring_read_two(test, f, got, sizeof(got[0]));
	KUNIT_EXPECT_PTR_EQ(test, (void *)0x100, got[0].op_context);
	KUNIT_EXPECT_PTR_EQ(test, (void *)0x200, got[1].op_context);
	KUNIT_EXPECT_EQ(test, KFI_TAGGED | KFI_RECV | KFI_REMOTE_CQ_DATA,
			got[1].flags);
	KUNIT_EXPECT_EQ(test, 1002, got[1].len);
	KUNIT_EXPECT_PTR_EQ(test, (void *)0x20000, got[1].buf);
	KUNIT_EXPECT_EQ(test, 0x112233445566778aULL, got[1].data);
	KUNIT_EXPECT_EQ(test, 0x99aabbccddeeff02ULL, got[1].tag);
}

/* What clients switch on: not a bit may be added or lost. */
static const u64 cqring_flag_cases[] = {
	KFI_MSG | KFI_SEND,
	KFI_MSG | KFI_RECV,
	KFI_MSG | KFI_RECV | KFI_MULTI_RECV,
	KFI_MSG | KFI_RECV | KFI_REMOTE_CQ_DATA,
	KFI_TAGGED | KFI_SEND,
	KFI_TAGGED | KFI_RECV,
	KFI_TAGGED | KFI_RECV | KFI_REMOTE_CQ_DATA,
	KFI_TAGGED | KFI_RMA | KFI_READ | KFI_SEND,
	KFI_TAGGED | KFI_RMA | KFI_READ | KFI_RECV,
	KFI_TAGGED | KFI_RMA | KFI_WRITE | KFI_SEND,
	KFI_TAGGED | KFI_RMA | KFI_WRITE | KFI_RECV,
	KFI_RMA | KFI_READ,
	KFI_RMA | KFI_WRITE,
	KFI_RMA | KFI_REMOTE_WRITE | KFI_REMOTE_CQ_DATA,
	KFI_ATOMIC | KFI_WRITE,
	0,
};

static void cqring_flag_desc(const u64 *flags, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "0x%llx", *flags);
}

KUNIT_ARRAY_PARAM(cqring_flag, cqring_flag_cases, cqring_flag_desc);

static void cqring_flags_exact_test(struct kunit *test)
{
	const u64 flags = *(const u64 *)test->param_value;
	struct kfi_cqring_entry good = { .flags = flags };
	struct kfi_cqring_entry bad = { .flags = flags, .err = EIO };
	struct cqring_fixture *f = cqring_open_size(test, 8);
	struct kfi_cq_err_entry err = {};
	struct kfi_cq_tagged_entry got;

	cqring_push(test, f, good);
	cqring_push(test, f, bad);
	KUNIT_ASSERT_EQ(test, 1, kfi_cqring_read(&f->ring, &got, 1, NULL));
	KUNIT_EXPECT_EQ(test, flags, got.flags);
	KUNIT_ASSERT_EQ(test, 1, kfi_cqring_readerr(&f->ring, &err, 0));
	KUNIT_EXPECT_EQ(test, flags, err.flags);
}

static void cqring_format_msg_error_keeps_flags_test(struct kunit *test)
{
	struct kfi_cq_attr attr = { .size = 2, .format = KFI_CQ_FORMAT_MSG };
	struct cqring_fixture *f = cqring_open(test, &attr);
	struct kfi_cq_err_entry err = {};

	cqring_push(test, f, cqring_bad(1));
	KUNIT_ASSERT_EQ(test, 1, kfi_cqring_readerr(&f->ring, &err, 0));
	KUNIT_EXPECT_EQ(test, KFI_TAGGED | KFI_RECV | KFI_REMOTE_CQ_DATA,
			err.flags);
}

static void cqring_readfrom_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 8);
	struct kfi_cqring_entry sent = cqring_good(3);
	struct kfi_cq_data_entry got[3];
	kfi_addr_t src[3] = {};

	sent.src = KFI_ADDR_NOTAVAIL;
	cqring_push(test, f, cqring_good(1));
	cqring_push(test, f, cqring_good(2));
	cqring_push(test, f, sent);
	KUNIT_ASSERT_EQ(test, 3, kfi_cqring_read(&f->ring, got, 3, src));
	KUNIT_EXPECT_EQ(test, 8, src[0]);
	KUNIT_EXPECT_EQ(test, 9, src[1]);
	KUNIT_EXPECT_EQ(test, KFI_ADDR_NOTAVAIL, src[2]);
}

/*
 * Order and room
 */

static void cqring_read_arguments_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 2);
	struct kfi_cq_data_entry got;

	KUNIT_EXPECT_EQ(test, -EAGAIN,
			kfi_cqring_read(&f->ring, &got, 1, NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_cqring_read(&f->ring, NULL, 1, NULL));
	KUNIT_EXPECT_EQ(test, 0, kfi_cqring_read(&f->ring, NULL, 0, NULL));
	cqring_push(test, f, cqring_good(1));
	KUNIT_EXPECT_EQ(test, 0, kfi_cqring_read(&f->ring, &got, 0, NULL));
	cqring_expect(test, f, 1);
}

static void cqring_order_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 10);
	struct kfi_cq_data_entry got[4];
	uintptr_t next = 0;
	int i, n;

	for (i = 0; i < 10; i++)
		cqring_push(test, f, cqring_good(i));
	while ((n = kfi_cqring_read(&f->ring, got, 4, NULL)) > 0)
		for (i = 0; i < n; i++)
			KUNIT_EXPECT_EQ(test, next++, cqring_id(&got[i]));
	KUNIT_EXPECT_EQ(test, -EAGAIN, n);
	KUNIT_EXPECT_EQ(test, 10, next);
}

/* The free running indices pass 2^32 with the ring full, and partly full. */
static void cqring_wraparound_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 5);
	uintptr_t in = 0, out = 0;
	int round, i;

	atomic_set(&f->ring.head, U32_MAX - 7);
	atomic_set(&f->ring.tail, U32_MAX - 7);
	for (round = 0; round < 6; round++) {
		while (in - out < 5)
			cqring_push(test, f, cqring_good(in++));
		KUNIT_EXPECT_FALSE(test, kfi_cqring_reserve(&f->ring));
		for (i = 0; i < 3; i++)
			cqring_expect(test, f, out++);
	}
	while (out < in)
		cqring_expect(test, f, out++);
	cqring_expect_empty(test, f);
	KUNIT_EXPECT_LT(test, atomic_read(&f->ring.tail), 100);
}

static void cqring_wraparound_error_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 4);
	struct kfi_cq_err_entry err = {};

	atomic_set(&f->ring.head, U32_MAX);
	atomic_set(&f->ring.tail, U32_MAX);
	cqring_push(test, f, cqring_bad(1));
	cqring_push(test, f, cqring_good(2));
	KUNIT_ASSERT_EQ(test, 1, kfi_cqring_readerr(&f->ring, &err, 0));
	KUNIT_EXPECT_PTR_EQ(test, (void *)0x100, err.op_context);
	cqring_expect(test, f, 2);
}

/* Nothing is left of what was in the slot before. */
static void cqring_push_done_test(struct kunit *test)
{
	struct kfi_cq_attr attr = { .size = 1, .format = KFI_CQ_FORMAT_TAGGED };
	struct cqring_fixture *f = cqring_open(test, &attr);
	struct kfi_cq_tagged_entry got;
	struct kfi_cq_err_entry err = {};
	kfi_addr_t src = 0;

	cqring_push(test, f, cqring_bad(1));
	KUNIT_ASSERT_EQ(test, 1, kfi_cqring_readerr(&f->ring, &err, 0));
	KUNIT_ASSERT_TRUE(test, kfi_cqring_reserve(&f->ring));
	kfi_cqring_push_done(&f->ring, f, KFI_MSG | KFI_RECV, 7);
	KUNIT_EXPECT_EQ(test, 1, f->called);
	memset(&got, GUARD, sizeof(got));
	KUNIT_ASSERT_EQ(test, 1, kfi_cqring_read(&f->ring, &got, 1, &src));
	KUNIT_EXPECT_PTR_EQ(test, (void *)f, got.op_context);
	KUNIT_EXPECT_EQ(test, KFI_MSG | KFI_RECV, got.flags);
	KUNIT_EXPECT_EQ(test, (size_t)7, got.len);
	KUNIT_EXPECT_NULL(test, got.buf);
	KUNIT_EXPECT_EQ(test, 0ULL, got.data);
	KUNIT_EXPECT_EQ(test, 0ULL, got.tag);
	KUNIT_EXPECT_EQ(test, KFI_ADDR_NOTAVAIL, src);
}

static const size_t cqring_size_cases[] = { 1, 2, 3, 5, 64, 100, 1025 };

static void cqring_size_desc(const size_t *size, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%zu entries", *size);
}

KUNIT_ARRAY_PARAM(cqring_size, cqring_size_cases, cqring_size_desc);

/* Exactly the size asked for can be reserved, filled and read back. */
static void cqring_size_test(struct kunit *test)
{
	const size_t size = *(const size_t *)test->param_value;
	struct cqring_fixture *f = cqring_open_size(test, size);
	uintptr_t i;

	KUNIT_EXPECT_EQ(test, size, cqring_reserve_all(f));
	for (i = 0; i < size; i++) {
		struct kfi_cqring_entry entry = cqring_good(i);

		kfi_cqring_push(&f->ring, &entry);
	}
	KUNIT_EXPECT_FALSE(test, kfi_cqring_reserve(&f->ring));
	for (i = 0; i < size; i++)
		cqring_expect(test, f, i);
	KUNIT_EXPECT_EQ(test, size, cqring_reserve_all(f));
	kfi_cqring_unreserve(&f->ring, size);
}

static void cqring_unread_entries_hold_room_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 3);

	cqring_push(test, f, cqring_good(1));
	cqring_push(test, f, cqring_good(2));
	KUNIT_EXPECT_EQ(test, 1, cqring_reserve_all(f));
	cqring_expect(test, f, 1);
	KUNIT_EXPECT_EQ(test, 1, cqring_reserve_all(f));
	kfi_cqring_unreserve(&f->ring, 2);
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&f->ring.room));
}

static void cqring_reserve_many_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 5);

	KUNIT_EXPECT_TRUE(test, kfi_cqring_reserve_many(&f->ring, 3));
	KUNIT_EXPECT_FALSE(test, kfi_cqring_reserve_many(&f->ring, 3));
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&f->ring.room));
	KUNIT_EXPECT_TRUE(test, kfi_cqring_reserve_many(&f->ring, 2));
	KUNIT_EXPECT_FALSE(test, kfi_cqring_reserve(&f->ring));
	KUNIT_EXPECT_TRUE(test, kfi_cqring_reserve_many(&f->ring, 0));
	kfi_cqring_unreserve(&f->ring, 5);
	KUNIT_EXPECT_EQ(test, 5, atomic_read(&f->ring.room));
}

static void cqring_batch_read_returns_room_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 4);
	struct kfi_cq_data_entry got[4];
	int i;

	for (i = 0; i < 4; i++)
		cqring_push(test, f, cqring_good(i));
	KUNIT_ASSERT_EQ(test, 3, kfi_cqring_read(&f->ring, got, 3, NULL));
	KUNIT_EXPECT_EQ(test, 3, atomic_read(&f->ring.room));
}

static void cqring_readerr_returns_room_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 1);
	struct kfi_cq_err_entry err = {};

	cqring_push(test, f, cqring_bad(1));
	KUNIT_EXPECT_FALSE(test, kfi_cqring_reserve(&f->ring));
	KUNIT_ASSERT_EQ(test, 1, kfi_cqring_readerr(&f->ring, &err, 0));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&f->ring.room));
}

/* The only slot still holds the error that was taken. */
static void cqring_readerr_sees_no_stale_error_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 1);
	struct kfi_cq_err_entry err = {};

	cqring_push(test, f, cqring_bad(1));
	KUNIT_ASSERT_EQ(test, 1, kfi_cqring_readerr(&f->ring, &err, 0));
	KUNIT_EXPECT_EQ(test, -EAGAIN, kfi_cqring_readerr(&f->ring, &err, 0));
	cqring_expect_empty(test, f);
}

static void cqring_destroy_with_unread_entries_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 3);

	cqring_push(test, f, cqring_good(1));
	cqring_push(test, f, cqring_bad(2));
}

/*
 * Error entries
 */

static void cqring_error_first_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 4);
	struct kfi_cq_err_entry err = {};
	struct kfi_cq_data_entry got[2];

	cqring_push(test, f, cqring_bad(1));
	cqring_push(test, f, cqring_good(2));
	KUNIT_EXPECT_EQ(test, -KFI_EAVAIL,
			kfi_cqring_read(&f->ring, got, 2, NULL));
	KUNIT_EXPECT_EQ(test, -KFI_EAVAIL,
			kfi_cqring_read(&f->ring, got, 2, NULL));
	KUNIT_EXPECT_EQ(test, 1, kfi_cqring_readerr(&f->ring, &err, 0));
	cqring_expect(test, f, 2);
	cqring_expect_empty(test, f);
}

static void cqring_error_between_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 8);
	struct kfi_cq_err_entry err = {};
	struct kfi_cq_data_entry got[8];

	cqring_push(test, f, cqring_good(1));
	cqring_push(test, f, cqring_good(2));
	cqring_push(test, f, cqring_bad(3));
	cqring_push(test, f, cqring_bad(4));
	cqring_push(test, f, cqring_good(5));
	KUNIT_ASSERT_EQ(test, 2, kfi_cqring_read(&f->ring, got, 8, NULL));
	KUNIT_EXPECT_EQ(test, 2, cqring_id(&got[1]));
	KUNIT_EXPECT_EQ(test, -KFI_EAVAIL,
			kfi_cqring_read(&f->ring, got, 8, NULL));
	KUNIT_ASSERT_EQ(test, 1, kfi_cqring_readerr(&f->ring, &err, 0));
	KUNIT_EXPECT_PTR_EQ(test, (void *)0x300, err.op_context);
	KUNIT_EXPECT_EQ(test, -KFI_EAVAIL,
			kfi_cqring_read(&f->ring, got, 8, NULL));
	KUNIT_ASSERT_EQ(test, 1, kfi_cqring_readerr(&f->ring, &err, 0));
	KUNIT_EXPECT_PTR_EQ(test, (void *)0x400, err.op_context);
	KUNIT_EXPECT_EQ(test, -EAGAIN, kfi_cqring_readerr(&f->ring, &err, 0));
	cqring_expect(test, f, 5);
}

static void cqring_error_last_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 4);
	struct kfi_cq_err_entry err = {};

	cqring_push(test, f, cqring_good(1));
	cqring_push(test, f, cqring_bad(2));
	KUNIT_EXPECT_EQ(test, -EAGAIN, kfi_cqring_readerr(&f->ring, &err, 0));
	cqring_expect(test, f, 1);
	KUNIT_EXPECT_EQ(test, 1, kfi_cqring_readerr(&f->ring, &err, 0));
	cqring_expect_empty(test, f);
}

static void cqring_readerr_fields_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 4);
	struct kfi_cq_err_entry err;

	memset(&err, GUARD, sizeof(err));
	err.err_data_size = 0;
	cqring_push(test, f, cqring_bad(1));
	KUNIT_ASSERT_EQ(test, 1, kfi_cqring_readerr(&f->ring, &err, 0));
	KUNIT_EXPECT_PTR_EQ(test, (void *)0x100, err.op_context);
	KUNIT_EXPECT_EQ(test, KFI_TAGGED | KFI_RECV | KFI_REMOTE_CQ_DATA,
			err.flags);
	KUNIT_EXPECT_EQ(test, 1001, err.len);
	KUNIT_EXPECT_PTR_EQ(test, (void *)0x10000, err.buf);
	KUNIT_EXPECT_EQ(test, 0x1122334455667789ULL, err.data);
	KUNIT_EXPECT_EQ(test, 0x99aabbccddeeff01ULL, err.tag);
	KUNIT_EXPECT_EQ(test, 55, err.olen);
	KUNIT_EXPECT_EQ(test, ECANCELED, err.err);
	KUNIT_EXPECT_EQ(test, 5, err.prov_errno);
	KUNIT_EXPECT_NULL(test, err.err_data);
	KUNIT_EXPECT_EQ(test, 0, err.err_data_size);
}

static void cqring_readerr_keeps_clients_buffer_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 4);
	u8 data[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct kfi_cq_err_entry err = {
		.err_data = data,
		.err_data_size = sizeof(data),
	};

	cqring_push(test, f, cqring_bad(1));
	KUNIT_ASSERT_EQ(test, 1, kfi_cqring_readerr(&f->ring, &err, 0));
	KUNIT_EXPECT_PTR_EQ(test, (void *)data, err.err_data);
	KUNIT_EXPECT_EQ(test, 0, err.err_data_size);
	KUNIT_EXPECT_EQ(test, 8, data[7]);
}

static void cqring_readerr_arguments_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 4);
	struct kfi_cq_err_entry err = {};

	KUNIT_EXPECT_EQ(test, -EAGAIN, kfi_cqring_readerr(&f->ring, &err, 0));
	cqring_push(test, f, cqring_bad(1));
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_cqring_readerr(&f->ring, NULL, 0));
	KUNIT_EXPECT_EQ(test, -KFI_EBADFLAGS,
			kfi_cqring_readerr(&f->ring, &err, KFI_PEEK));
	KUNIT_EXPECT_EQ(test, 1, kfi_cqring_readerr(&f->ring, &err, 0));
}

static struct kunit_case cqring_cases[] = {
	KUNIT_CASE(cqring_attr_null_test),
	KUNIT_CASE(cqring_attr_default_size_is_capped_test),
	KUNIT_CASE_PARAM(cqring_attr_test, cqring_attr_gen_params),
	KUNIT_CASE(cqring_format_context_test),
	KUNIT_CASE(cqring_format_msg_test),
	KUNIT_CASE(cqring_format_data_test),
	KUNIT_CASE(cqring_format_tagged_test),
	KUNIT_CASE_PARAM(cqring_flags_exact_test, cqring_flag_gen_params),
	KUNIT_CASE(cqring_format_msg_error_keeps_flags_test),
	KUNIT_CASE(cqring_readfrom_test),
	KUNIT_CASE(cqring_read_arguments_test),
	KUNIT_CASE(cqring_order_test),
	KUNIT_CASE(cqring_wraparound_test),
	KUNIT_CASE(cqring_wraparound_error_test),
	KUNIT_CASE_PARAM(cqring_size_test, cqring_size_gen_params),
	KUNIT_CASE(cqring_unread_entries_hold_room_test),
	KUNIT_CASE(cqring_push_done_test),
	KUNIT_CASE(cqring_reserve_many_test),
	KUNIT_CASE(cqring_batch_read_returns_room_test),
	KUNIT_CASE(cqring_readerr_returns_room_test),
	KUNIT_CASE(cqring_readerr_sees_no_stale_error_test),
	KUNIT_CASE(cqring_destroy_with_unread_entries_test),
	KUNIT_CASE(cqring_error_first_test),
	KUNIT_CASE(cqring_error_between_test),
	KUNIT_CASE(cqring_error_last_test),
	KUNIT_CASE(cqring_readerr_fields_test),
	KUNIT_CASE(cqring_readerr_keeps_clients_buffer_test),
	KUNIT_CASE(cqring_readerr_arguments_test),
	{}
};

static struct kunit_suite cqring_suite = {
	.name = "kfi_core_cqring",
	.test_cases = cqring_cases,
};

kunit_test_suite(cqring_suite);
