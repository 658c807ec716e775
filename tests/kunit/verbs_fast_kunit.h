/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What the suites of plain operations share: a connected endpoint, and calls that may
 * be plain.
 */
#ifndef _VERBS_FAST_KUNIT_H
#define _VERBS_FAST_KUNIT_H

#include "fixture.h"

#define FAST_WRITTEN	(KFI_RMA | KFI_WRITE)
#define FAST_SENT	(KFI_MSG | KFI_SEND)
#define FAST_LEN	200
#define FAST_SMALL	32
#define FAST_RKEY	7

/* An endpoint with some memory, and the state of its completion queue */
struct fast {
	struct fixture *f;
	struct fixture_ep *fe;
	u8 *buf;
	size_t len;
	int room;
	int spare;
	int context[4];
};

static inline struct fast *fast_new(struct kunit *test,
				    const struct fixture_ep_attr *attr)
{
	struct fast *fast = kunit_kzalloc(test, sizeof(*fast), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fast);
	if (attr && attr->map)
		fast->f = fixture_new_mapped(test);
	else if (test->priv)
		fast->f = fixture_new_polled(test);
	else
		fast->f = fixture_new(test);
	/* freed when the endpoint is closed, which posts what waits for more */
	fast->buf = fixture_kmalloc(test, FAST_LEN);
	fast->fe = fixture_ep_connect(fast->f, attr);
	fast->len = FAST_LEN;
	fast->room = fixture_room(fast->fe->cq);
	fast->spare = fixture_spare(fast->fe->cq);
	return fast;
}

static inline void fast_expect_whole(struct fast *fast)
{
	struct kunit *test = fast->f->test;

	fixture_expect_empty(fast->fe);
	KUNIT_EXPECT_EQ(test, fast->room, fixture_room(fast->fe->cq));
	KUNIT_EXPECT_EQ(test, fast->spare, fixture_spare(fast->fe->cq));
}

static inline ssize_t fast_write_range(struct fast *fast, u32 i, size_t len,
				       u64 flags)
{
	const struct kvec iov = { fast->buf, fast->len };
	const struct kfi_rma_iov rma = { i, len, FAST_RKEY };
	const struct kfi_msg_rma msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
		.rma_iov = &rma, .rma_iov_count = 1,
		.context = &fast->context[i % ARRAY_SIZE(fast->context)],
	};

	return kfi_writemsg(fast->fe->ep, &msg, flags);
}

/* Number @i writes to offset @i */
static inline ssize_t fast_write(struct fast *fast, u32 i, u64 flags)
{
	return fast_write_range(fast, i, fast->len, flags);
}

static inline ssize_t fast_send(struct fast *fast, u64 flags)
{
	const struct kvec iov = { fast->buf, fast->len };
	const struct kfi_msg msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
		.context = &fast->context[0],
	};

	return kfi_sendmsg(fast->fe->ep, &msg, flags);
}

/* Levels that all that is acknowledged has change nothing. */
static inline void fast_write_more(struct fast *fast, u32 n)
{
	static const u64 levels[] = {
		0, KFI_TRANSMIT_COMPLETE, KFI_INJECT_COMPLETE,
	};
	u32 i;

	for (i = 0; i < n; i++)
		KUNIT_ASSERT_EQ(fast->f->test, (ssize_t)0,
				fast_write(fast, i, KFI_MORE | levels[i % 3]));
}

static inline void fast_expect_written(struct fast *fast, u32 from, u32 to)
{
	for (; from < to; from++)
		fixture_expect_sent(fast->fe,
				    &fast->context[from % ARRAY_SIZE(fast->context)],
				    FAST_WRITTEN);
}

/* Of a suite whose client makes one call at a time, and polls */
static inline int fast_polled_init(struct kunit *test)
{
	test->priv = test;
	return 0;
}

#endif /* _VERBS_FAST_KUNIT_H */
