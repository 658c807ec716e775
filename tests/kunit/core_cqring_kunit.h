/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Fixture of the completion ring's suites: one ring on a bare kfid_cq whose
 * handler counts its calls.
 */
#ifndef _CORE_CQRING_KUNIT_H_
#define _CORE_CQRING_KUNIT_H_

#include <kunit/test.h>

#include <kfi_prov.h>

#define TEST_MAX_SIZE	32767
#define GUARD		0xa5

struct cqring_fixture {
	struct kfid_cq cq;
	struct kfi_cqring ring;
	int called;
	int drained;
	void *seen_context;
	struct kfid_cq *seen_cq;
};

static inline void cqring_handler(struct kfid_cq *cq, void *context)
{
	struct cqring_fixture *f;

	f = container_of(cq, struct cqring_fixture, cq);
	f->called++;
	f->seen_cq = cq;
	f->seen_context = context;
}

static inline void cqring_cleanup(void *ring)
{
	kfi_cqring_destroy(ring);
}

static inline struct cqring_fixture *cqring_new(struct kunit *test)
{
	struct cqring_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->cq.comp_handler = cqring_handler;
	f->cq.fid.context = &f->called;
	return f;
}

static inline struct cqring_fixture *
cqring_open(struct kunit *test, const struct kfi_cq_attr *attr)
{
	struct cqring_fixture *f = cqring_new(test);

	KUNIT_ASSERT_EQ(test, 0,
			kfi_cqring_init(&f->ring, attr, TEST_MAX_SIZE,
					NUMA_NO_NODE, &f->cq));
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, cqring_cleanup,
						  &f->ring));
	return f;
}

static inline struct cqring_fixture *cqring_open_size(struct kunit *test,
						      size_t size)
{
	struct kfi_cq_attr attr = { .size = size };

	return cqring_open(test, &attr);
}

/* A good entry that can be told from its neighbours in every field. */
static inline struct kfi_cqring_entry cqring_good(uintptr_t id)
{
	return (struct kfi_cqring_entry) {
		.op_context = (void *)(id << 8),
		.flags = KFI_TAGGED | KFI_RECV | KFI_REMOTE_CQ_DATA,
		.len = 1000 + id,
		.buf = (void *)(id << 16),
		.data = 0x1122334455667788ULL + id,
		.tag = 0x99aabbccddeeff00ULL + id,
		.src = 7 + id,
	};
}

static inline struct kfi_cqring_entry cqring_bad(uintptr_t id)
{
	struct kfi_cqring_entry entry = cqring_good(id);

	entry.err = ECANCELED;
	entry.prov_errno = 5;
	entry.olen = 55;
	return entry;
}

static inline void cqring_push(struct kunit *test, struct cqring_fixture *f,
			       struct kfi_cqring_entry entry)
{
	KUNIT_ASSERT_TRUE(test, kfi_cqring_reserve(&f->ring));
	kfi_cqring_push(&f->ring, &entry);
}

static inline uintptr_t cqring_id(const struct kfi_cq_data_entry *entry)
{
	return (uintptr_t)entry->op_context >> 8;
}

/* Read one entry in DATA format and expect it to be the @id-th. */
static inline void cqring_expect(struct kunit *test, struct cqring_fixture *f,
				 uintptr_t id)
{
	struct kfi_cq_data_entry got;

	KUNIT_ASSERT_EQ(test, 1, kfi_cqring_read(&f->ring, &got, 1, NULL));
	KUNIT_EXPECT_EQ(test, id, cqring_id(&got));
}

static inline void cqring_expect_empty(struct kunit *test,
				       struct cqring_fixture *f)
{
	struct kfi_cq_data_entry got;

	KUNIT_EXPECT_EQ(test, -EAGAIN,
			kfi_cqring_read(&f->ring, &got, 1, NULL));
}

#endif /* _CORE_CQRING_KUNIT_H_ */
