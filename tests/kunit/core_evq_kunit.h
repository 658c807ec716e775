/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Fixture of the event queue's suites: one queue on a bare kfid_eq whose
 * handler counts its calls, and two fids that stand for endpoints.
 */
#ifndef _CORE_EVQ_KUNIT_H_
#define _CORE_EVQ_KUNIT_H_

#include <kunit/test.h>

#include <kfi_prov.h>

#define GUARD	0xa5

struct evq_cm_buf {
	struct kfid *fid;
	struct kfi_info *info;
	u8 data[16];
};

struct evq_fixture {
	struct kfid_eq eq;
	struct kfi_evq evq;
	struct kfid fid[2];
	int called;
	int drained;
	void *seen_context;
	struct kfid_eq *seen_eq;
};

static inline void evq_handler(struct kfid_eq *eq, void *context)
{
	struct evq_fixture *f = container_of(eq, struct evq_fixture, eq);

	f->called++;
	f->seen_eq = eq;
	f->seen_context = context;
}

static inline void evq_cleanup(void *evq)
{
	kfi_evq_destroy(evq);
}

static inline struct evq_fixture *evq_new(struct kunit *test)
{
	struct evq_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->eq.event_handler = evq_handler;
	f->eq.fid.context = &f->called;
	return f;
}

static inline struct evq_fixture *evq_open(struct kunit *test,
					   const struct kfi_eq_attr *attr)
{
	struct evq_fixture *f = evq_new(test);

	KUNIT_ASSERT_EQ(test, 0, kfi_evq_init(&f->evq, attr, &f->eq));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, evq_cleanup,
							   &f->evq));
	return f;
}

static inline struct evq_fixture *evq_open_size(struct kunit *test,
						size_t size)
{
	struct kfi_eq_attr attr = { .size = size };

	return evq_open(test, &attr);
}

static inline struct kfi_evq_event *
evq_reserve(struct kunit *test, struct evq_fixture *f, size_t len)
{
	struct kfi_evq_event *ev = kfi_evq_reserve(&f->evq, len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ev);
	return ev;
}

/* An event of the first fid, with @len bytes of data: 1, 2, 3 ... */
static inline struct kfi_evq_event *
evq_event(struct kunit *test, struct evq_fixture *f, u32 event, size_t len)
{
	struct kfi_evq_event *ev = evq_reserve(test, f, len);

	ev->event = event;
	ev->fid = &f->fid[0];
	ev->context = &f->fid[1];
	ev->data64 = 0x1122334455667788ULL;
	while (ev->len < len) {
		ev->data[ev->len] = ev->len + 1;
		ev->len++;
	}
	return ev;
}

static inline void evq_push(struct kunit *test, struct evq_fixture *f, u32 event)
{
	kfi_evq_push(&f->evq, evq_event(test, f, event, 0));
}

static inline void evq_push_error(struct kunit *test, struct evq_fixture *f,
				  size_t len)
{
	struct kfi_evq_event *ev = evq_event(test, f, KFI_SHUTDOWN, len);

	ev->err = ECONNREFUSED;
	ev->prov_errno = 28;
	kfi_evq_push(&f->evq, ev);
}

static inline void evq_push_numbered(struct kunit *test,
				     struct evq_fixture *f, struct kfid *fid,
				     u64 number)
{
	struct kfi_evq_event *ev = evq_event(test, f, KFI_MR_COMPLETE, 0);

	ev->fid = fid;
	ev->data64 = number;
	kfi_evq_push(&f->evq, ev);
}

static inline ssize_t evq_read(struct evq_fixture *f,
			       struct kfi_eq_entry *entry)
{
	u32 event;

	return kfi_evq_read(&f->evq, &event, entry, sizeof(*entry), 0);
}

static inline void evq_expect_number(struct kunit *test,
				     struct evq_fixture *f, u64 number)
{
	struct kfi_eq_entry entry;

	KUNIT_ASSERT_EQ(test, sizeof(entry), evq_read(f, &entry));
	KUNIT_EXPECT_EQ(test, number, entry.data);
}

static inline void evq_expect_empty(struct kunit *test, struct evq_fixture *f)
{
	struct kfi_eq_entry entry;

	KUNIT_EXPECT_EQ(test, -EAGAIN, evq_read(f, &entry));
	KUNIT_EXPECT_EQ(test, 0, f->evq.used);
}

#endif /* _CORE_EVQ_KUNIT_H_ */
