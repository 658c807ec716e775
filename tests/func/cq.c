// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Completion queues: formats, the one-shot handler, pushing back when full,
 * sleeping readers.
 */
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/string.h>

#include "func.h"

/* One empty message from a to b, nothing is read. */
static bool func_ping(struct func *t, void *context)
{
	return CHECK_OK(t, kfi_recv(t->b.ep, NULL, 0, NULL, KFI_ADDR_UNSPEC,
				    context)) &&
	       CHECK_OK(t, kfi_send(t->a.ep, NULL, 0, NULL, KFI_ADDR_UNSPEC,
				    context));
}

/* As func_ping(), with four bytes, and CQ data if there is any. */
static bool func_ping_data(struct func *t, u32 *src, u32 *dst)
{
	return CHECK_OK(t, kfi_recv(t->b.ep, dst, 4, NULL, KFI_ADDR_UNSPEC,
				    dst)) &&
	       CHECK_OK(t, func_has_data(t) ?
			kfi_senddata(t->a.ep, src, 4, NULL, 88,
				     KFI_ADDR_UNSPEC, src) :
			kfi_send(t->a.ep, src, 4, NULL, KFI_ADDR_UNSPEC, src));
}

/*
 * Entries of each format have their members and no more: what follows in the
 * reader's memory stays.
 */
static bool cq_format(struct func *t, enum kfi_cq_format format, size_t size)
{
	struct func_opts opts = { .format = format };
	u32 *src = func_alloc(t, 4), *dst = func_alloc(t, 4);
	union {
		struct kfi_cq_entry context;
		struct kfi_cq_msg_entry msg;
		struct kfi_cq_data_entry data;
		struct kfi_cq_tagged_entry tagged;
		u8 bytes[128];
	} e;
	struct func_end a = {}, b = {};

	memset(&e, 0xa5, sizeof(e));
	if (!src || !dst || !func_pair(t, &a, &b, &opts))
		return false;
	t->a = a;
	t->b = b;
	if (!func_ping_data(t, src, dst) ||
	    !CHECK_EQ(t, kfi_cq_sread(b.rx_cq, &e, 1, NULL, func_wait_ms), 1))
		return false;
	CHECK(t, !memchr_inv(e.bytes + size, 0xa5, sizeof(e) - size));
	CHECK(t, e.context.op_context == dst);
	if (format >= KFI_CQ_FORMAT_MSG)
		CHECK_EQ(t, e.msg.len, 4);
	if (format == KFI_CQ_FORMAT_MSG)
		CHECK_EQ(t, e.msg.flags, FUNC_RX_RECV);
	if (format < KFI_CQ_FORMAT_DATA)
		return true;
	CHECK_EQ(t, e.data.flags, func_has_data(t) ? FUNC_RX_DATA :
						     FUNC_RX_RECV);
	CHECK(t, !e.data.buf);
	return CHECK_EQ(t, e.data.data, func_has_data(t) ? 88 : 0) &&
	       (format < KFI_CQ_FORMAT_TAGGED || CHECK_EQ(t, e.tagged.tag, 0));
}

static void cq_formats(struct func *t)
{
	if (!cq_format(t, KFI_CQ_FORMAT_CONTEXT, sizeof(struct kfi_cq_entry)) ||
	    !cq_format(t, KFI_CQ_FORMAT_MSG, sizeof(struct kfi_cq_msg_entry)) ||
	    !cq_format(t, KFI_CQ_FORMAT_DATA, sizeof(struct kfi_cq_data_entry)))
		return;
	cq_format(t, KFI_CQ_FORMAT_TAGGED, sizeof(struct kfi_cq_tagged_entry));
}

/* Several entries in one read, no more than there are. */
static void cq_batch(struct func *t)
{
	struct kfi_cq_tagged_entry e[8];
	int i;

	for (i = 0; i < 5; i++) {
		if (!func_ping(t, (void *)(long)(i + 1)))
			return;
	}
	msleep(30);
	CHECK_EQ(t, kfi_cq_read(t->b.rx_cq, e, 0), 0);
	CHECK_EQ(t, kfi_cq_read(t->b.rx_cq, e, 2), 2);
	CHECK(t, e[0].op_context == (void *)1 && e[1].op_context == (void *)2);
	CHECK_EQ(t, kfi_cq_read(t->b.rx_cq, e, 8), 3);
	CHECK(t, e[2].op_context == (void *)5);
	CHECK_EQ(t, kfi_cq_read(t->b.rx_cq, e, 8), -EAGAIN);
	CHECK_EQ(t, kfi_cq_read(t->b.rx_cq, NULL, 1), -EINVAL);
}

static void cq_readfrom(struct func *t)
{
	struct kfi_cq_tagged_entry e;
	kfi_addr_t src = 0;

	if (!func_ping(t, t))
		return;
	CHECK_EQ(t, kfi_cq_sreadfrom(t->b.rx_cq, &e, 1, &src, NULL,
				     func_wait_ms), 1);
	CHECK_EQ(t, src, KFI_ADDR_NOTAVAIL);
	if (!func_ping(t, t))
		return;
	msleep(30);
	src = 0;
	CHECK_EQ(t, kfi_cq_readfrom(t->b.rx_cq, &e, 1, &src), 1);
	CHECK_EQ(t, src, KFI_ADDR_NOTAVAIL);
}

static void func_count_calls(struct kfid_cq *cq, void *context)
{
	atomic_inc(context);
}

/* Waits until a queue has an entry without reading it. */
static bool func_calls(struct func *t, atomic_t *calls, int wanted)
{
	unsigned long end = jiffies + msecs_to_jiffies(func_wait_ms);

	while (atomic_read(calls) < wanted && time_before(jiffies, end))
		usleep_range(200, 400);
	msleep(20);
	return CHECK_EQ(t, atomic_read(calls), wanted);
}

/* One call, however many entries; the next one after a read found no more. */
static void cq_handler(struct func *t)
{
	atomic_t *calls = func_alloc(t, sizeof(*calls));
	struct func_opts opts = {
		.handler = func_count_calls,
		.context = calls,
	};
	struct kfi_cq_tagged_entry e[8];
	struct func_end a = {}, b = {};

	if (!calls)
		return;
	/* only b's receive queue has the handler */
	b.tx_cq = func_open_cq(t, t->domain, NULL);
	b.rx_cq = func_open_cq(t, t->domain, &opts);
	if (!b.tx_cq || !b.rx_cq || !func_pair(t, &a, &b, NULL))
		return;
	t->a = a;
	t->b = b;
	if (!func_ping(t, t) || !func_calls(t, calls, 1) ||
	    !func_ping(t, t) || !func_calls(t, calls, 1))
		return;

	/* a read of as many as asked for does not arm */
	CHECK_EQ(t, kfi_cq_read(b.rx_cq, e, 1), 1);
	if (!func_ping(t, t) || !func_calls(t, calls, 1))
		return;

	/* a short read does */
	CHECK_EQ(t, kfi_cq_read(b.rx_cq, e, 8), 2);
	if (!func_ping(t, t) || !func_calls(t, calls, 2))
		return;
	CHECK_EQ(t, kfi_cq_read(b.rx_cq, e, 1), 1);
	CHECK_EQ(t, kfi_cq_read(b.rx_cq, e, 1), -EAGAIN);
	if (func_ping(t, t))
		func_calls(t, calls, 3);
}

struct func_reader {
	struct kfid_cq *cq;
	atomic_t got;
	atomic_t calls;
};

/* Reads in the handler until there is no more, and so arms it again. */
static void func_read_all(struct kfid_cq *cq, void *context)
{
	struct func_reader *reader = context;
	struct kfi_cq_tagged_entry e[4];
	ssize_t n;

	atomic_inc(&reader->calls);
	while ((n = kfi_cq_read(cq, e, ARRAY_SIZE(e))) > 0)
		atomic_add(n, &reader->got);
}

/* No entry is missed by a reader that only reacts to the handler. */
static void cq_handler_reads(struct func *t)
{
	struct func_reader *reader = func_alloc(t, sizeof(*reader));
	struct func_opts opts = {
		.handler = func_read_all,
		.context = reader,
	};
	struct func_end a = {}, b = {};
	unsigned long end;
	int i;

	if (!reader)
		return;
	b.tx_cq = func_open_cq(t, t->domain, NULL);
	b.rx_cq = func_open_cq(t, t->domain, &opts);
	if (!b.tx_cq || !b.rx_cq || !func_pair(t, &a, &b, NULL))
		return;
	t->a = a;
	t->b = b;
	end = jiffies + msecs_to_jiffies(func_wait_ms);
	for (i = 1; i <= 1000; i++) {
		if (!func_ping(t, t) ||
		    !func_comp(t, a.tx_cq, t, FUNC_TX_SEND, NULL))
			break;
		while (i - atomic_read(&reader->got) > 16 &&
		       time_before(jiffies, end))
			cond_resched();
	}
	while (atomic_read(&reader->got) < 1000 && time_before(jiffies, end))
		usleep_range(200, 400);
	CHECK_EQ(t, atomic_read(&reader->got), 1000);
}

/* A queue that is too small pushes back, and recovers when it is read. */
static void cq_too_small(struct func *t)
{
	struct func_opts opts = { .cq_size = 4, .tx_size = 16, .rx_size = 16 };
	struct func_end a = {}, b = {};
	int i;

	if (!func_pair(t, &a, &b, &opts))
		return;
	t->a = a;
	t->b = b;
	for (i = 0; i < 4; i++) {
		if (!CHECK_OK(t, kfi_recv(b.ep, NULL, 0, NULL, KFI_ADDR_UNSPEC,
					  t)))
			return;
	}
	CHECK_EQ(t, kfi_recv(b.ep, NULL, 0, NULL, KFI_ADDR_UNSPEC, t), -EAGAIN);
	for (i = 0; i < 4; i++)
		CHECK_OK(t, kfi_send(a.ep, NULL, 0, NULL, KFI_ADDR_UNSPEC, t));
	CHECK_EQ(t, kfi_send(a.ep, NULL, 0, NULL, KFI_ADDR_UNSPEC, t),
		 -EAGAIN);
	msleep(50);

	/* completed, but not read: still no room */
	CHECK_EQ(t, kfi_send(a.ep, NULL, 0, NULL, KFI_ADDR_UNSPEC, t),
		 -EAGAIN);
	CHECK_EQ(t, kfi_recv(b.ep, NULL, 0, NULL, KFI_ADDR_UNSPEC, t), -EAGAIN);
	func_comp(t, a.tx_cq, t, FUNC_TX_SEND, NULL);
	func_comp(t, b.rx_cq, t, FUNC_RX_RECV, NULL);
	CHECK_OK(t, kfi_recv(b.ep, NULL, 0, NULL, KFI_ADDR_UNSPEC, t));
	CHECK_OK(t, kfi_send(a.ep, NULL, 0, NULL, KFI_ADDR_UNSPEC, t));
	CHECK_EQ(t, kfi_send(a.ep, NULL, 0, NULL, KFI_ADDR_UNSPEC, t),
		 -EAGAIN);
	for (i = 0; i < 4; i++) {
		func_comp(t, a.tx_cq, t, FUNC_TX_SEND, NULL);
		func_comp(t, b.rx_cq, t, FUNC_RX_RECV, NULL);
	}
	func_alive(t, &a, &b);
}

static void cq_sread_timeout(struct func *t)
{
	struct kfi_cq_tagged_entry e;

	CHECK_EQ(t, kfi_cq_sread(t->a.rx_cq, &e, 1, NULL, 50), -EAGAIN);
	CHECK_EQ(t, kfi_cq_sread(t->a.rx_cq, &e, 1, NULL, 0), -EAGAIN);
}

static void cq_signal(struct func *t)
{
	struct kfi_cq_tagged_entry e;

	CHECK_OK(t, kfi_cq_signal(t->a.rx_cq));
	CHECK_EQ(t, kfi_cq_sread(t->a.rx_cq, &e, 1, NULL, func_wait_ms),
		 -EAGAIN);
	if (func_ping(t, t))
		func_comp(t, t->b.rx_cq, t, FUNC_RX_RECV, NULL);
}

static void cq_threshold(struct func *t)
{
	struct kfi_cq_attr attr = {
		.size = 64,
		.format = KFI_CQ_FORMAT_TAGGED,
		.wait_obj = KFI_WAIT_UNSPEC,
		.wait_cond = KFI_CQ_COND_THRESHOLD,
	};
	struct kfi_cq_tagged_entry e[8];
	struct func_end a = {}, b = {};
	u32 tries = func_wait_ms / 50;
	size_t goal = 3;
	ssize_t n;

	if (!CHECK_OK(t, kfi_cq_open(t->domain, &attr, &b.rx_cq, NULL, t)) ||
	    !func_keep_fid(t, &b.rx_cq->fid) || !func_pair(t, &a, &b, NULL))
		return;
	t->a = a;
	t->b = b;
	if (!func_ping(t, t) || !func_ping(t, t) || !func_ping(t, t))
		return;
	CHECK_EQ(t, kfi_cq_sread(b.rx_cq, e, 8, &goal, func_wait_ms), 3);
	if (!func_ping(t, t))
		return;
	/* a message may come later than the completion of its sender */
	do {
		n = kfi_cq_sread(b.rx_cq, e, 8, &goal, 50);
	} while (n == -EAGAIN && tries--);
	CHECK_EQ(t, n, 1);
}

/* Goals that no CQ can reach count as full. */
static void cq_threshold_full(struct func *t)
{
	struct kfi_cq_attr attr = {
		.size = 4,
		.format = KFI_CQ_FORMAT_TAGGED,
		.wait_obj = KFI_WAIT_UNSPEC,
		.wait_cond = KFI_CQ_COND_THRESHOLD,
	};
	struct func_opts opts = { .rx_size = 4 };
	struct kfi_cq_tagged_entry e[8];
	struct func_end a = {}, b = {};
	size_t goal = SIZE_MAX;
	int i;

	if (!CHECK_OK(t, kfi_cq_open(t->domain, &attr, &b.rx_cq, NULL, t)) ||
	    !func_keep_fid(t, &b.rx_cq->fid) || !func_pair(t, &a, &b, &opts))
		return;
	t->a = a;
	t->b = b;
	for (i = 0; i < 4; i++)
		if (!func_ping(t, t))
			return;
	CHECK_EQ(t, kfi_cq_sread(b.rx_cq, e, 8, &goal, func_wait_ms), 4);
}

static void cq_no_wait_object(struct func *t)
{
	struct kfi_cq_tagged_entry e;
	struct kfid_cq *cq;

	if (!CHECK_OK(t, kfi_cq_open(t->domain, NULL, &cq, NULL, t)))
		return;
	CHECK_EQ(t, kfi_cq_sread(cq, &e, 1, NULL, 10), -ENOSYS);
	CHECK_EQ(t, kfi_cq_signal(cq), -ENOSYS);
	CHECK_EQ(t, kfi_cq_read(cq, &e, 1), -EAGAIN);
	CHECK_OK(t, kfi_close(&cq->fid));
}

/* Good entries in front of an error are read first, then the error, then on. */
static void cq_error_order(struct func *t)
{
	struct kfi_cq_tagged_entry e[4];
	struct kfi_cq_err_entry err = {};

	if (!func_ping(t, t) ||
	    !CHECK_OK(t, kfi_recv(t->b.ep, NULL, 0, NULL, KFI_ADDR_UNSPEC,
				  e)))
		return;
	msleep(30);
	CHECK_EQ(t, kfi_cq_readerr(t->b.rx_cq, &err, 0), -EAGAIN);
	CHECK_OK(t, kfi_shutdown(t->b.ep, 0));
	if (!func_dies(t, &t->b))
		return;
	msleep(30);
	CHECK_EQ(t, kfi_cq_readerr(t->b.rx_cq, &err, 0), -EAGAIN);
	CHECK_EQ(t, kfi_cq_read(t->b.rx_cq, e, 4), 1);
	CHECK_EQ(t, kfi_cq_read(t->b.rx_cq, e, 4), -KFI_EAVAIL);
	CHECK_EQ(t, kfi_cq_readerr(t->b.rx_cq, &err, KFI_PEEK),
		 -KFI_EBADFLAGS);
	CHECK_EQ(t, kfi_cq_readerr(t->b.rx_cq, NULL, 0), -EINVAL);
	CHECK_EQ(t, kfi_cq_readerr(t->b.rx_cq, &err, 0), 1);
	CHECK(t, err.op_context == e);
	CHECK_EQ(t, err.err, ECANCELED);
	CHECK_EQ(t, err.flags, FUNC_RX_RECV);
	CHECK_EQ(t, kfi_cq_read(t->b.rx_cq, e, 4), -EAGAIN);
}

static void cq_strerror(struct func *t)
{
	char text[64], small[4];
	const char *got;

	got = kfi_cq_strerror(t->a.tx_cq, 5, NULL, text, sizeof(text));
	CHECK(t, got && *got && *text && !strncmp(got, text, sizeof(text) - 1));
	memset(small, 'x', sizeof(small));
	kfi_cq_strerror(t->a.tx_cq, 5, NULL, small, 3);
	CHECK(t, !small[2] && small[3] == 'x');
	CHECK(t, kfi_cq_strerror(t->a.tx_cq, 9999, NULL, NULL, 0));
	CHECK(t, kfi_cq_strerror(t->a.tx_cq, -1, NULL, NULL, 0));
	CHECK(t, kfi_eq_strerror(t->a.eq, 9999, NULL, NULL, 0));
}

/* Entries that nobody wants go away with their queue. */
static void cq_unread(struct func *t)
{
	int i;

	for (i = 0; i < 10; i++) {
		if (!func_ping(t, t))
			return;
	}
	msleep(30);
	func_close_end(t, &t->a);
	func_close_end(t, &t->b);
}

static int func_reader_thread(void *arg)
{
	struct func_reader *reader = arg;
	struct kfi_cq_tagged_entry e[3];
	size_t count;
	ssize_t n;

	while (!kthread_should_stop()) {
		count = 1 + atomic_inc_return(&reader->calls) % 3;
		n = kfi_cq_sread(reader->cq, e, count, NULL, 20);
		if (n > 0)
			atomic_add(n, &reader->got);
		cond_resched();
	}
	return 0;
}

/* Several readers of one queue get each entry once between them. */
static void cq_many_readers(struct func *t)
{
	struct func_reader reader = { .cq = t->b.rx_cq };
	struct task_struct *thread[3] = {};
	unsigned long end;
	int i;

	for (i = 0; i < 3; i++) {
		thread[i] = kthread_run(func_reader_thread, &reader,
					"func_reader%d", i);
		if (!CHECK(t, !IS_ERR(thread[i])))
			thread[i] = NULL;
	}
	end = jiffies + msecs_to_jiffies(func_wait_ms);
	for (i = 0; i < 500; i++) {
		if (!func_ping(t, t) ||
		    !func_comp(t, t->a.tx_cq, t, FUNC_TX_SEND, NULL))
			break;
		while (i - atomic_read(&reader.got) > 16 &&
		       time_before(jiffies, end))
			usleep_range(100, 200);
	}
	while (atomic_read(&reader.got) < 500 && time_before(jiffies, end))
		usleep_range(200, 400);
	for (i = 0; i < 3; i++) {
		if (thread[i])
			kthread_stop(thread[i]);
	}
	CHECK_EQ(t, atomic_read(&reader.got), 500);
	func_no_comp(t, t->b.rx_cq);
}

/* Transmit and receive in one queue. */
static void cq_shared(struct func *t)
{
	struct func_opts opts = { .one_cq = true };
	struct kfi_cq_tagged_entry e;
	struct func_end a = {}, b = {};
	u64 seen = 0;
	int i;

	if (!func_pair(t, &a, &b, &opts))
		return;
	if (!CHECK_OK(t, kfi_recv(a.ep, NULL, 0, NULL, KFI_ADDR_UNSPEC, t)) ||
	    !CHECK_OK(t, kfi_recv(b.ep, NULL, 0, NULL, KFI_ADDR_UNSPEC, t)) ||
	    !CHECK_OK(t, kfi_send(a.ep, NULL, 0, NULL, KFI_ADDR_UNSPEC, t)) ||
	    !CHECK_OK(t, kfi_send(b.ep, NULL, 0, NULL, KFI_ADDR_UNSPEC, t)))
		return;
	for (i = 0; i < 2; i++) {
		if (CHECK_EQ(t, func_read(t, a.tx_cq, &e), 1))
			seen |= e.flags;
	}
	CHECK_EQ(t, seen, KFI_MSG | KFI_SEND | KFI_RECV);
	func_no_comp(t, a.tx_cq);
}

static const struct func_case cq_cases[] = {
	{ "formats", cq_formats, FUNC_DOMAIN },
	{ "batch", cq_batch, FUNC_PAIR },
	{ "readfrom", cq_readfrom, FUNC_PAIR },
	{ "handler", cq_handler, FUNC_DOMAIN },
	{ "handler_reads", cq_handler_reads, FUNC_DOMAIN },
	{ "too_small", cq_too_small, FUNC_DOMAIN },
	{ "sread_timeout", cq_sread_timeout, FUNC_PAIR },
	{ "signal", cq_signal, FUNC_PAIR },
	{ "threshold", cq_threshold, FUNC_DOMAIN },
	{ "threshold_full", cq_threshold_full, FUNC_DOMAIN },
	{ "no_wait_object", cq_no_wait_object, FUNC_DOMAIN },
	{ "error_order", cq_error_order, FUNC_PAIR },
	{ "strerror", cq_strerror, FUNC_PAIR },
	{ "unread", cq_unread, FUNC_PAIR },
	{ "many_readers", cq_many_readers, FUNC_PAIR },
	{ "shared", cq_shared, FUNC_DOMAIN },
};

FUNC_SUITE(cq);
