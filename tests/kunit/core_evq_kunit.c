// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Event queue: attributes, reservation, entries and errors.
 */
#include <linux/limits.h>

#include "core_evq_kunit.h"

/*
 * Attributes
 */

static void evq_attr_null_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open(test, NULL);

	KUNIT_EXPECT_EQ(test, 4096, f->evq.size);
	KUNIT_EXPECT_FALSE(test, f->evq.can_wait);
	KUNIT_EXPECT_FALSE(test, f->evq.can_write);
}

struct evq_attr_case {
	const char *name;
	struct kfi_eq_attr attr;
	int err;
};

static struct kfid_wait some_wait_set;

static const struct evq_attr_case evq_attr_cases[] = {
	{ "default size", { .size = 0 }, 0 },
	{ "largest size", { .size = 65536 }, 0 },
	{ "one too many", { .size = 65537 }, -EINVAL },
	{ "huge size", { .size = SIZE_MAX }, -EINVAL },
	{ "flag write", { .flags = KFI_WRITE }, 0 },
	{ "flag affinity", { .flags = KFI_AFFINITY }, -KFI_EBADFLAGS },
	{ "write and more", { .flags = KFI_WRITE | KFI_READ }, -KFI_EBADFLAGS },
	{ "wait unspec", { .wait_obj = KFI_WAIT_UNSPEC }, 0 },
	{ "wait queue", { .wait_obj = KFI_WAIT_QUEUE }, 0 },
	{ "wait set", { .wait_obj = KFI_WAIT_SET }, -ENOSYS },
	{ "unknown wait object", { .wait_obj = KFI_WAIT_QUEUE + 1 }, -ENOSYS },
	{ "wait set pointer", { .wait_set = &some_wait_set }, -ENOSYS },
};

static void evq_attr_desc(const struct evq_attr_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(evq_attr, evq_attr_cases, evq_attr_desc);

static void evq_attr_test(struct kunit *test)
{
	const struct evq_attr_case *c = test->param_value;
	struct evq_fixture *f = evq_new(test);
	int rc;

	rc = kfi_evq_init(&f->evq, &c->attr, &f->eq);
	KUNIT_EXPECT_EQ(test, c->err, rc);
	if (rc)
		return;
	KUNIT_EXPECT_EQ(test, c->attr.wait_obj != KFI_WAIT_NONE,
			f->evq.can_wait);
	KUNIT_EXPECT_EQ(test, c->attr.flags == KFI_WRITE, f->evq.can_write);
	kfi_evq_destroy(&f->evq);
}

/*
 * Reservation
 */

static void evq_expect_full(struct kunit *test, struct evq_fixture *f)
{
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-ENOSPC),
			    kfi_evq_reserve(&f->evq, 0, GFP_KERNEL));
}

static void evq_size_bounds_reserved_and_queued_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open_size(test, 2);
	struct kfi_evq_event *ev = evq_event(test, f, KFI_NOTIFY, 0);
	struct kfi_eq_entry entry;

	evq_push(test, f, KFI_NOTIFY);
	evq_expect_full(test, f);
	kfi_evq_push(&f->evq, ev);
	evq_expect_full(test, f);
	KUNIT_ASSERT_EQ(test, sizeof(entry), evq_read(f, &entry));
	ev = evq_reserve(test, f, 0);
	evq_expect_full(test, f);
	kfi_evq_release(&f->evq, ev);
	KUNIT_EXPECT_EQ(test, 1, f->evq.used);
}

static void evq_readerr_returns_room_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open_size(test, 1);
	struct kfi_eq_err_entry err = {};

	evq_push_error(test, f, 4);
	evq_expect_full(test, f);
	KUNIT_ASSERT_EQ(test, sizeof(err), kfi_evq_readerr(&f->evq, &err, 0));
	kfi_evq_release(&f->evq, evq_reserve(test, f, 0));
}

static void evq_reserve_without_memory_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open_size(test, 1);

	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-ENOMEM),
			    kfi_evq_reserve(&f->evq, SIZE_MAX,
					    GFP_KERNEL | __GFP_NOWARN));
	kfi_evq_release(&f->evq, evq_reserve(test, f, 0));
}

static void evq_reserved_event_is_blank_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open(test, NULL);
	struct kfi_evq_event *ev = evq_reserve(test, f, 48);

	KUNIT_EXPECT_EQ(test, 48, ev->cap);
	KUNIT_EXPECT_EQ(test, 0, ev->len);
	KUNIT_EXPECT_EQ(test, 0, ev->err);
	KUNIT_EXPECT_NULL(test, ev->info);
	kfi_evq_release(&f->evq, ev);
	kfi_evq_release(&f->evq, NULL);
	KUNIT_EXPECT_EQ(test, 0, f->evq.used);
}

static void evq_release_frees_info_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open(test, NULL);
	struct kfi_evq_event *ev = evq_event(test, f, KFI_CONNREQ, 0);

	ev->info = kfi_allocinfo();
	KUNIT_EXPECT_NOT_NULL(test, ev->info);
	kfi_evq_release(&f->evq, ev);
	KUNIT_EXPECT_EQ(test, 0, f->evq.used);
}

/*
 * Entries
 */

static const u32 evq_plain_events[] = {
	KFI_NOTIFY, KFI_MR_COMPLETE, KFI_AV_COMPLETE, KFI_JOIN_COMPLETE,
};

static const u32 evq_cm_events[] = {
	KFI_CONNREQ, KFI_CONNECTED, KFI_SHUTDOWN,
};

static void evq_event_desc(const u32 *event, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "event %u", *event);
}

KUNIT_ARRAY_PARAM(evq_plain, evq_plain_events, evq_event_desc);
KUNIT_ARRAY_PARAM(evq_cm, evq_cm_events, evq_event_desc);

static void evq_plain_entry_test(struct kunit *test)
{
	const u32 sent = *(const u32 *)test->param_value;
	struct evq_fixture *f = evq_open(test, NULL);
	struct kfi_eq_entry got[2];
	u32 event;

	memset(got, GUARD, sizeof(got));
	evq_push(test, f, sent);
	KUNIT_ASSERT_EQ(test, sizeof(got[0]),
			kfi_evq_read(&f->evq, &event, got, sizeof(got), 0));
	KUNIT_EXPECT_EQ(test, sent, event);
	KUNIT_EXPECT_PTR_EQ(test, &f->fid[0], got[0].fid);
	KUNIT_EXPECT_PTR_EQ(test, (void *)&f->fid[1], got[0].context);
	KUNIT_EXPECT_EQ(test, 0x1122334455667788ULL, got[0].data);
	KUNIT_EXPECT_NULL(test, memchr_inv(&got[1], GUARD, sizeof(got[1])));
	evq_expect_empty(test, f);
}

static void evq_cm_entry_test(struct kunit *test)
{
	const u32 sent = *(const u32 *)test->param_value;
	struct evq_fixture *f = evq_open(test, NULL);
	struct evq_cm_buf got;
	u32 event;

	memset(&got, GUARD, sizeof(got));
	kfi_evq_push(&f->evq, evq_event(test, f, sent, 5));
	KUNIT_ASSERT_EQ(test, sizeof(struct kfi_eq_cm_entry) + 5,
			kfi_evq_read(&f->evq, &event, &got, sizeof(got), 0));
	KUNIT_EXPECT_EQ(test, sent, event);
	KUNIT_EXPECT_PTR_EQ(test, &f->fid[0], got.fid);
	KUNIT_EXPECT_NULL(test, got.info);
	KUNIT_EXPECT_EQ(test, 1, got.data[0]);
	KUNIT_EXPECT_EQ(test, 5, got.data[4]);
	KUNIT_EXPECT_EQ(test, GUARD, got.data[5]);
	evq_expect_empty(test, f);
}

static void evq_data_is_cut_to_the_buffer_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open(test, NULL);
	size_t len = sizeof(struct kfi_eq_cm_entry) + 3;
	struct evq_cm_buf got;
	u32 event;

	memset(&got, GUARD, sizeof(got));
	kfi_evq_push(&f->evq, evq_event(test, f, KFI_CONNECTED, 9));
	KUNIT_EXPECT_EQ(test, len, kfi_evq_read(&f->evq, &event, &got, len, 0));
	KUNIT_EXPECT_EQ(test, 3, got.data[2]);
	KUNIT_EXPECT_EQ(test, GUARD, got.data[3]);
	evq_expect_empty(test, f);
}

/* No data fits, which is no reason to keep the event. */
static void evq_buffer_without_room_for_data_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open(test, NULL);
	size_t len = sizeof(struct kfi_eq_cm_entry);
	struct evq_cm_buf got;
	u32 event;

	memset(&got, GUARD, sizeof(got));
	kfi_evq_push(&f->evq, evq_event(test, f, KFI_CONNECTED, 9));
	KUNIT_EXPECT_EQ(test, len, kfi_evq_read(&f->evq, &event, &got, len, 0));
	KUNIT_EXPECT_EQ(test, GUARD, got.data[0]);
	evq_expect_empty(test, f);
}

static void evq_too_small_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open(test, NULL);
	struct kfi_eq_entry entry;
	struct evq_cm_buf cm;
	u32 event = GUARD;

	evq_push(test, f, KFI_MR_COMPLETE);
	KUNIT_EXPECT_EQ(test, -KFI_ETOOSMALL,
			kfi_evq_read(&f->evq, &event, &entry,
				     sizeof(entry) - 1, 0));
	KUNIT_EXPECT_EQ(test, GUARD, event);
	KUNIT_EXPECT_EQ(test, sizeof(entry), evq_read(f, &entry));

	kfi_evq_push(&f->evq, evq_event(test, f, KFI_CONNECTED, 4));
	KUNIT_EXPECT_EQ(test, -KFI_ETOOSMALL,
			kfi_evq_read(&f->evq, &event, &cm,
				     sizeof(struct kfi_eq_cm_entry) - 1, 0));
	KUNIT_EXPECT_EQ(test, sizeof(struct kfi_eq_cm_entry) + 4,
			kfi_evq_read(&f->evq, &event, &cm, sizeof(cm), 0));
}

static void evq_read_arguments_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open(test, NULL);
	struct kfi_eq_entry entry;
	u32 event;

	evq_push(test, f, KFI_NOTIFY);
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_evq_read(&f->evq, NULL, &entry,
						    sizeof(entry), 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_evq_read(&f->evq, &event, NULL,
						    sizeof(entry), 0));
	KUNIT_EXPECT_EQ(test, -KFI_EBADFLAGS,
			kfi_evq_read(&f->evq, &event, &entry, sizeof(entry),
				     KFI_PEEK | KFI_WRITE));
	KUNIT_EXPECT_EQ(test, sizeof(entry), evq_read(f, &entry));
}

static void evq_order_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open(test, NULL);
	int i;

	for (i = 0; i < 20; i++)
		evq_push_numbered(test, f, &f->fid[i % 2], i);
	for (i = 0; i < 20; i++)
		evq_expect_number(test, f, i);
	evq_expect_empty(test, f);
}

static void evq_peek_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open(test, NULL);
	struct kfi_eq_entry entry = {};
	u32 event = GUARD;
	int i;

	evq_push_numbered(test, f, &f->fid[0], 7);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, sizeof(entry),
				kfi_evq_read(&f->evq, &event, &entry,
					     sizeof(entry), KFI_PEEK));
	KUNIT_EXPECT_EQ(test, KFI_MR_COMPLETE, event);
	KUNIT_EXPECT_EQ(test, 7, entry.data);
	KUNIT_EXPECT_EQ(test, 1, f->evq.used);
	evq_expect_number(test, f, 7);
	KUNIT_EXPECT_EQ(test, -EAGAIN,
			kfi_evq_read(&f->evq, &event, &entry, sizeof(entry),
				     KFI_PEEK));
}

/* A peek lends the info, the read hands it over: it is freed once, here. */
static void evq_info_passes_to_the_reader_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open(test, NULL);
	struct kfi_evq_event *ev = evq_event(test, f, KFI_CONNREQ, 0);
	struct kfi_info *info = kfi_allocinfo();
	struct evq_cm_buf got = {};
	u32 event;

	KUNIT_ASSERT_NOT_NULL(test, info);
	ev->info = info;
	kfi_evq_push(&f->evq, ev);
	kfi_evq_read(&f->evq, &event, &got, sizeof(got), KFI_PEEK);
	KUNIT_EXPECT_PTR_EQ(test, info, got.info);
	got.info = NULL;
	kfi_evq_read(&f->evq, &event, &got, sizeof(got), 0);
	KUNIT_ASSERT_PTR_EQ(test, info, got.info);
	KUNIT_EXPECT_NOT_NULL(test, info->ep_attr);
	kfi_freeinfo(info);
}

/*
 * Errors
 */

static void evq_error_stops_read_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open(test, NULL);
	struct kfi_eq_err_entry err = {};
	struct kfi_eq_entry entry;

	evq_push_numbered(test, f, &f->fid[0], 1);
	evq_push_error(test, f, 0);
	evq_push_numbered(test, f, &f->fid[0], 2);
	KUNIT_EXPECT_EQ(test, -EAGAIN, kfi_evq_readerr(&f->evq, &err, 0));
	evq_expect_number(test, f, 1);
	KUNIT_EXPECT_EQ(test, -KFI_EAVAIL, evq_read(f, &entry));
	KUNIT_EXPECT_EQ(test, -KFI_EAVAIL, evq_read(f, &entry));
	KUNIT_EXPECT_EQ(test, sizeof(err), kfi_evq_readerr(&f->evq, &err, 0));
	KUNIT_EXPECT_EQ(test, -EAGAIN, kfi_evq_readerr(&f->evq, &err, 0));
	evq_expect_number(test, f, 2);
	evq_expect_empty(test, f);
	KUNIT_EXPECT_EQ(test, -EAGAIN, kfi_evq_readerr(&f->evq, &err, 0));
}

static void evq_readerr_fields_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open(test, NULL);
	struct kfi_eq_err_entry err;

	memset(&err, GUARD, sizeof(err));
	err.err_data_size = 0;
	evq_push_error(test, f, 0);
	KUNIT_ASSERT_EQ(test, sizeof(err), kfi_evq_readerr(&f->evq, &err, 0));
	KUNIT_EXPECT_PTR_EQ(test, &f->fid[0], err.fid);
	KUNIT_EXPECT_PTR_EQ(test, (void *)&f->fid[1], err.context);
	KUNIT_EXPECT_EQ(test, 0x1122334455667788ULL, err.data);
	KUNIT_EXPECT_EQ(test, ECONNREFUSED, err.err);
	KUNIT_EXPECT_EQ(test, 28, err.prov_errno);
	KUNIT_EXPECT_NULL(test, err.err_data);
	KUNIT_EXPECT_EQ(test, 0, err.err_data_size);
}

static void evq_readerr_arguments_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open(test, NULL);
	struct kfi_eq_err_entry err = {};

	evq_push_error(test, f, 0);
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_evq_readerr(&f->evq, NULL, 0));
	KUNIT_EXPECT_EQ(test, -KFI_EBADFLAGS,
			kfi_evq_readerr(&f->evq, &err, KFI_WRITE));
	KUNIT_EXPECT_EQ(test, 1, f->evq.used);
}

static void evq_readerr_peek_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open(test, NULL);
	struct kfi_eq_err_entry err = {};

	evq_push_error(test, f, 3);
	KUNIT_EXPECT_EQ(test, sizeof(err),
			kfi_evq_readerr(&f->evq, &err, KFI_PEEK));
	KUNIT_EXPECT_EQ(test, 3, err.err_data_size);
	KUNIT_EXPECT_EQ(test, 1, f->evq.used);
	err.err_data_size = 0;
	KUNIT_EXPECT_EQ(test, sizeof(err), kfi_evq_readerr(&f->evq, &err, 0));
	KUNIT_EXPECT_EQ(test, 3, ((u8 *)err.err_data)[2]);
	evq_expect_empty(test, f);
}

/* The queue's own error data stays through everything but the next readerr. */
static void evq_err_data_stays_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open(test, NULL);
	struct kfi_eq_err_entry err = {}, second = {};
	u8 *data;

	evq_push_error(test, f, 6);
	evq_push_numbered(test, f, &f->fid[0], 1);
	evq_push_error(test, f, 2);
	KUNIT_ASSERT_EQ(test, sizeof(err), kfi_evq_readerr(&f->evq, &err, 0));
	KUNIT_ASSERT_EQ(test, 6, err.err_data_size);
	evq_expect_number(test, f, 1);
	kfi_evq_readerr(&f->evq, &second, KFI_PEEK);
	kfi_evq_purge(&f->evq, &f->fid[0]);
	KUNIT_EXPECT_EQ(test, -EAGAIN, kfi_evq_readerr(&f->evq, &second, 0));
	data = err.err_data;
	KUNIT_EXPECT_EQ(test, 1, data[0]);
	KUNIT_EXPECT_EQ(test, 6, data[5]);
}

static void evq_err_data_is_copied_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open(test, NULL);
	u8 data[8] = { [0 ... 7] = GUARD };
	struct kfi_eq_err_entry err = {
		.err_data = data,
		.err_data_size = sizeof(data),
	};

	evq_push_error(test, f, 5);
	KUNIT_ASSERT_EQ(test, sizeof(err), kfi_evq_readerr(&f->evq, &err, 0));
	KUNIT_EXPECT_PTR_EQ(test, (void *)data, err.err_data);
	KUNIT_EXPECT_EQ(test, 5, err.err_data_size);
	KUNIT_EXPECT_EQ(test, 5, data[4]);
	KUNIT_EXPECT_EQ(test, GUARD, data[5]);
}

static void evq_err_data_is_cut_to_the_buffer_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open(test, NULL);
	u8 data[8] = { [0 ... 7] = GUARD };
	struct kfi_eq_err_entry err = {
		.err_data = data,
		.err_data_size = 3,
	};

	evq_push_error(test, f, 5);
	KUNIT_ASSERT_EQ(test, sizeof(err), kfi_evq_readerr(&f->evq, &err, 0));
	KUNIT_EXPECT_EQ(test, 3, err.err_data_size);
	KUNIT_EXPECT_EQ(test, 3, data[2]);
	KUNIT_EXPECT_EQ(test, GUARD, data[3]);
}

static struct kunit_case evq_cases[] = {
	KUNIT_CASE(evq_attr_null_test),
	KUNIT_CASE_PARAM(evq_attr_test, evq_attr_gen_params),
	KUNIT_CASE(evq_size_bounds_reserved_and_queued_test),
	KUNIT_CASE(evq_readerr_returns_room_test),
	KUNIT_CASE(evq_reserve_without_memory_test),
	KUNIT_CASE(evq_reserved_event_is_blank_test),
	KUNIT_CASE(evq_release_frees_info_test),
	KUNIT_CASE_PARAM(evq_plain_entry_test, evq_plain_gen_params),
	KUNIT_CASE_PARAM(evq_cm_entry_test, evq_cm_gen_params),
	KUNIT_CASE(evq_data_is_cut_to_the_buffer_test),
	KUNIT_CASE(evq_buffer_without_room_for_data_test),
	KUNIT_CASE(evq_too_small_test),
	KUNIT_CASE(evq_read_arguments_test),
	KUNIT_CASE(evq_order_test),
	KUNIT_CASE(evq_peek_test),
	KUNIT_CASE(evq_info_passes_to_the_reader_test),
	KUNIT_CASE(evq_error_stops_read_test),
	KUNIT_CASE(evq_readerr_fields_test),
	KUNIT_CASE(evq_readerr_arguments_test),
	KUNIT_CASE(evq_readerr_peek_test),
	KUNIT_CASE(evq_err_data_stays_test),
	KUNIT_CASE(evq_err_data_is_copied_test),
	KUNIT_CASE(evq_err_data_is_cut_to_the_buffer_test),
	{}
};

static struct kunit_suite evq_suite = {
	.name = "kfi_core_evq",
	.test_cases = evq_cases,
};

kunit_test_suite(evq_suite);
