// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Completion queues that their client polls, and calls that are made one at a time.
 * Fixture: a connected endpoint of such a client on a fake HCA.
 */
#include <linux/delay.h>
#include <linux/kthread.h>

#include "fixture.h"

#define POLL_WRITTEN	(KFI_RMA | KFI_WRITE)
#define POLL_RECEIVED	(KFI_MSG | KFI_RECV)
#define POLL_LEN	200
#define POLL_RKEY	7

struct poll {
	struct fixture *f;
	struct fixture_ep *fe;
	struct kfv_cq *cq;
	u8 *buf;
	int context[40];
};

static struct poll *poll_new(struct kunit *test,
			     const struct fixture_ep_attr *attr)
{
	struct poll *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	p->f = fixture_new_polled(test);
	p->fe = fixture_ep_connect(p->f, attr);
	p->cq = kfv_cq(&p->fe->cq->fid);
	p->buf = fixture_kmalloc(test, POLL_LEN);
	return p;
}

static void poll_write(struct poll *p, u32 i)
{
	KUNIT_ASSERT_EQ(p->f->test, (ssize_t)0,
			kfi_write(p->fe->ep, p->buf, POLL_LEN, NULL, 0, i,
				  POLL_RKEY, &p->context[i]));
}

/* One that is not plain: it goes through the ring. */
static void poll_write_list(struct poll *p, u32 i)
{
	const struct kvec iov[] = { { p->buf, 1 }, { p->buf + 2, 1 } };

	KUNIT_ASSERT_EQ(p->f->test, (ssize_t)0,
			kfi_writev(p->fe->ep, iov, NULL, 2, 0, i, POLL_RKEY,
				   &p->context[i]));
}

static void poll_expect_written(struct poll *p, u32 i)
{
	fixture_expect_sent(p->fe, &p->context[i], POLL_WRITTEN);
}

/*
 * Which completion queues are polled
 */

static enum ib_poll_context poll_context(struct fixture *f,
					 enum kfi_wait_obj wait,
					 kfi_comp_handler handler)
{
	struct kfi_cq_attr attr = { .wait_obj = wait };
	struct kfid_cq *cq = fixture_cq(f, &attr, handler, NULL);

	return kfv_cq(&cq->fid)->ibcq->poll_ctx;
}

static void poll_handler(struct kfid_cq *cq, void *context)
{
}

static void poll_which_test(struct kunit *test)
{
	struct fixture *f = fixture_new_polled(test);

	KUNIT_EXPECT_EQ(test, IB_POLL_DIRECT,
			poll_context(f, KFI_WAIT_NONE, NULL));
	KUNIT_EXPECT_EQ(test, IB_POLL_SOFTIRQ,
			poll_context(f, KFI_WAIT_NONE, poll_handler));
	KUNIT_EXPECT_EQ(test, IB_POLL_SOFTIRQ,
			poll_context(f, KFI_WAIT_UNSPEC, NULL));
	f->dom->manual = false;
	KUNIT_EXPECT_EQ(test, IB_POLL_SOFTIRQ,
			poll_context(f, KFI_WAIT_NONE, NULL));
}

struct poll_promise_case {
	const char *name;
	enum kfi_threading threading;
	enum kfi_progress progress;
	bool serial;
	bool manual;
};

static const struct poll_promise_case poll_promise_cases[] = {
	{ "none", KFI_THREAD_UNSPEC, KFI_PROGRESS_UNSPEC, false, false },
	{ "safe", KFI_THREAD_SAFE, KFI_PROGRESS_AUTO, false, false },
	{ "fid", KFI_THREAD_FID, KFI_PROGRESS_AUTO, true, false },
	{ "endpoint", KFI_THREAD_ENDPOINT, KFI_PROGRESS_AUTO, true, false },
	{ "completion", KFI_THREAD_COMPLETION, KFI_PROGRESS_AUTO, true, false },
	{ "domain", KFI_THREAD_DOMAIN, KFI_PROGRESS_AUTO, true, false },
	{ "manual", KFI_THREAD_SAFE, KFI_PROGRESS_MANUAL, false, true },
	{ "both", KFI_THREAD_DOMAIN, KFI_PROGRESS_MANUAL, true, true },
};

KUNIT_ARRAY_PARAM_DESC(poll_promise, poll_promise_cases, name);

static void poll_promise_test(struct kunit *test)
{
	const struct poll_promise_case *c = test->param_value;
	struct fixture *f = fixture_new(test);
	struct kfid_domain *domain;

	f->info->domain_attr->threading = c->threading;
	f->info->domain_attr->data_progress = c->progress;
	KUNIT_ASSERT_EQ(test, 0, kfv_domain_open(&f->fabric.fabric, f->info,
						 &domain, NULL));
	KUNIT_EXPECT_EQ(test, c->serial, kfv_domain(&domain->fid)->serial);
	KUNIT_EXPECT_EQ(test, c->manual, kfv_domain(&domain->fid)->manual);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&domain->fid));
}

/*
 * Reading
 */

static void poll_plain_test(struct kunit *test)
{
	struct poll *p = poll_new(test, NULL);

	poll_write(p, 0);
	fixture_expect_empty(p->fe);
	fake_qp_complete(p->fe->qp, 1);
	/* it is nowhere but in the device */
	KUNIT_EXPECT_TRUE(test, kfi_cqring_is_empty(&p->cq->ring));
	KUNIT_EXPECT_EQ(test, 63, fixture_room(p->fe->cq));
	poll_expect_written(p, 0);
	KUNIT_EXPECT_EQ(test, 64, fixture_room(p->fe->cq));
	fixture_expect_empty(p->fe);
}

static void poll_recv_test(struct kunit *test)
{
	const struct kfi_cq_data_entry want = {
		.flags = POLL_RECEIVED, .len = 5,
	};
	struct poll *p = poll_new(test, NULL);

	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_recv(p->fe->ep, p->buf, POLL_LEN, NULL, 0, NULL));
	fake_qp_message(p->fe->qp, 5);
	fixture_expect_received(p->fe, &want);
	fixture_expect_empty(p->fe);
}

/* What each format says of an operation that has succeeded */
union poll_entry {
	struct kfi_cq_entry context;
	struct kfi_cq_msg_entry msg;
	struct kfi_cq_data_entry data;
	struct kfi_cq_tagged_entry tagged;
};

struct poll_format_case {
	const char *name;
	enum kfi_cq_format format;
	size_t size;
};

static const struct poll_format_case poll_format_cases[] = {
	{ "context", KFI_CQ_FORMAT_CONTEXT, sizeof(struct kfi_cq_entry) },
	{ "msg", KFI_CQ_FORMAT_MSG, sizeof(struct kfi_cq_msg_entry) },
	{ "data", KFI_CQ_FORMAT_DATA, sizeof(struct kfi_cq_data_entry) },
	{ "tagged", KFI_CQ_FORMAT_TAGGED, sizeof(struct kfi_cq_tagged_entry) },
};

KUNIT_ARRAY_PARAM_DESC(poll_format, poll_format_cases, name);

static void poll_format_write(struct fixture_ep *fe, u8 *buf, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		KUNIT_ASSERT_EQ(fe->f->test, (ssize_t)0,
				kfi_write(fe->ep, buf, POLL_LEN, NULL, 0, 0,
					  POLL_RKEY, buf));
	fake_qp_complete(fe->qp, n);
}

/*
 * Two entries, or one where there is room for many; all of them full, with nothing
 * behind them
 */
static void poll_format_test(struct kunit *test)
{
	const struct poll_format_case *c = test->param_value;
	struct fixture *f = fixture_new_polled(test);
	struct kfi_cq_attr cq_attr = { .size = 64, .format = c->format };
	struct fixture_ep_attr attr = {
		.cq = fixture_cq(f, &cq_attr, NULL, NULL),
	};
	struct fixture_ep *fe = fixture_ep_connect(f, &attr);
	u8 *buf = fixture_kmalloc(test, POLL_LEN), got[256];
	union poll_entry want = {};
	u32 n, i;

	want.tagged.op_context = buf;
	want.tagged.flags = POLL_WRITTEN;
	for (n = 2; n; n--) {
		poll_format_write(fe, buf, n);
		memset(got, 0xa5, sizeof(got));
		KUNIT_ASSERT_EQ(test, (ssize_t)n,
				kfi_cq_read(fe->cq, got, n == 1 ? 64 : 4));
		for (i = 0; i < n; i++)
			KUNIT_EXPECT_MEMEQ(test, got + i * c->size, &want,
					   c->size);
		KUNIT_EXPECT_NULL(test, memchr_inv(got + n * c->size, 0xa5,
						   sizeof(got) - n * c->size));
	}
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN, kfi_cq_read(fe->cq, got, 64));
}

static void poll_arguments_test(struct kunit *test)
{
	struct poll *p = poll_new(test, NULL);
	struct kfi_cq_data_entry entry;
	kfi_addr_t src = 0;

	poll_write(p, 0);
	fake_qp_complete(p->fe->qp, 1);
	KUNIT_EXPECT_EQ(test, (ssize_t)-EINVAL, kfi_cq_read(p->fe->cq, NULL, 1));
	KUNIT_EXPECT_EQ(test, (ssize_t)1,
			kfi_cq_readfrom(p->fe->cq, &entry, 1, &src));
	KUNIT_EXPECT_EQ(test, KFI_ADDR_NOTAVAIL, src);
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN,
			kfi_cq_readfrom(p->fe->cq, &entry, 1, NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-ENOSYS,
			kfi_cq_sread(p->fe->cq, &entry, 1, NULL, 0));
}

/* Whatever they are, they are read in the order of the queue. */
static void poll_order_test(struct kunit *test)
{
	struct poll *p = poll_new(test, NULL);
	struct kfi_cq_data_entry entry[8];
	u32 i;

	for (i = 0; i < 6; i++) {
		if (i == 2 || i == 4)
			poll_write_list(p, i);
		else
			poll_write(p, i);
	}
	fake_qp_complete(p->fe->qp, fake_qp_sends(p->fe->qp));
	KUNIT_ASSERT_EQ(test, (ssize_t)2, kfi_cq_read(p->fe->cq, entry, 8));
	KUNIT_ASSERT_EQ(test, (ssize_t)4, kfi_cq_read(p->fe->cq, entry + 2, 6));
	for (i = 0; i < 6; i++)
		KUNIT_EXPECT_PTR_EQ(test, (void *)&p->context[i],
				    entry[i].op_context);
	fixture_expect_empty(p->fe);
}

/* What was taken out of the device before is older than what it has. */
static void poll_ring_first_test(struct kunit *test)
{
	struct poll *p = poll_new(test, NULL);
	u32 i;

	for (i = 0; i < 2; i++) {
		poll_write(p, i);
		fake_qp_complete(p->fe->qp, 1);
		if (!i)
			fixture_progress(p->fe);
	}
	poll_expect_written(p, 0);
	poll_expect_written(p, 1);
	fixture_expect_empty(p->fe);
}

/* What somebody else has put into the ring does not wait for a quiet moment. */
static void poll_pushed_test(struct kunit *test)
{
	struct poll *p = poll_new(test, NULL);
	const struct kfi_cqring_entry entry = {
		.op_context = &p->context[7], .flags = POLL_WRITTEN,
	};

	poll_write(p, 0);
	fake_qp_complete(p->fe->qp, 1);
	KUNIT_ASSERT_TRUE(test, kfv_cq_take(p->cq, 1));
	kfv_cq_push(p->cq, &entry, false);
	poll_expect_written(p, 7);
	poll_expect_written(p, 0);
	fixture_expect_empty(p->fe);
}

/* More than one batch, read one by one and many at a time */
static void poll_many_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .tx_size = 64 };
	struct poll *p = poll_new(test, &attr);
	struct kfi_cq_data_entry *entry;
	u32 i;

	entry = kunit_kcalloc(test, 36, sizeof(*entry), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, entry);
	for (i = 0; i < 40; i++)
		poll_write(p, i);
	fake_qp_complete(p->fe->qp, 40);
	for (i = 0; i < 3; i++)
		poll_expect_written(p, i);
	KUNIT_ASSERT_EQ(test, (ssize_t)36, kfi_cq_read(p->fe->cq, entry, 36));
	for (i = 0; i < 36; i++)
		KUNIT_EXPECT_PTR_EQ(test, (void *)&p->context[3 + i],
				    entry[i].op_context);
	poll_expect_written(p, 39);
	fixture_expect_empty(p->fe);
	KUNIT_EXPECT_EQ(test, 64, fixture_room(p->fe->cq));
}

/* Messages that are read together, with what one of them says of itself */
static void poll_messages_test(struct kunit *test)
{
	struct poll *p = poll_new(test, NULL);
	struct kfi_cq_data_entry entry[5];
	u32 i;

	for (i = 0; i < 5; i++)
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				kfi_recv(p->fe->ep, p->buf, POLL_LEN, NULL, 0,
					 &p->context[i]));
	for (i = 0; i < 3; i++)
		fake_qp_message(p->fe->qp, 10 + i);
	KUNIT_ASSERT_EQ(test, (ssize_t)3, kfi_cq_read(p->fe->cq, entry, 5));
	fake_qp_message_imm(p->fe->qp, 13, 0xfeed);
	KUNIT_ASSERT_EQ(test, (ssize_t)1, kfi_cq_read(p->fe->cq, entry + 3, 2));
	KUNIT_EXPECT_EQ(test, (u64)0xfeed, entry[3].data);
	fake_qp_message(p->fe->qp, 14);
	KUNIT_ASSERT_EQ(test, (ssize_t)1, kfi_cq_read(p->fe->cq, entry + 4, 1));
	for (i = 0; i < 5; i++) {
		KUNIT_EXPECT_PTR_EQ(test, (void *)&p->context[i],
				    entry[i].op_context);
		KUNIT_EXPECT_EQ(test, (size_t)(10 + i), entry[i].len);
		KUNIT_EXPECT_EQ(test,
				POLL_RECEIVED | (i == 3 ? KFI_REMOTE_CQ_DATA : 0),
				entry[i].flags);
	}
	fixture_expect_empty(p->fe);
}

/* An entry is found behind any number of completions that nobody is told of. */
static void poll_behind_silent_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = {
		.bind_flags = KFI_SELECTIVE_COMPLETION, .tx_size = 4,
	};
	struct poll *p = poll_new(test, &attr);
	const struct kvec iov = { p->buf, POLL_LEN };
	const struct kfi_msg msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
		.context = &p->context[0],
	};
	u32 i;

	for (i = 0; i < 3; i++)
		poll_write(p, i);
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_sendmsg(p->fe->ep, &msg, KFI_COMPLETION));
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, IB_SEND_SIGNALED,
				fake_qp_send(p->fe->qp, i)->send_flags);
	fake_qp_complete(p->fe->qp, 4);
	fixture_expect_sent(p->fe, &p->context[0], KFI_MSG | KFI_SEND);
	fixture_expect_empty(p->fe);
}

/* Reads, writes and sends without flags: whether they report is the endpoint's to say. */
static void poll_calls_test(struct kunit *test)
{
	struct fixture_ep_attr attr = { .tx_size = 64 };
	struct kfid_ep *ep;
	struct poll *p;
	u32 i;

	for (i = 0; i < 2; i++) {
		attr.bind_flags = i ? KFI_SELECTIVE_COMPLETION : 0;
		p = poll_new(test, &attr);
		ep = p->fe->ep;
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				kfi_read(ep, p->buf, POLL_LEN, NULL, 0, 0,
					 POLL_RKEY, &p->context[0]));
		poll_write(p, 1);
		KUNIT_ASSERT_EQ(test, (ssize_t)0,
				kfi_send(ep, p->buf, POLL_LEN, NULL, 0,
					 &p->context[2]));
		KUNIT_EXPECT_EQ(test, i ? 0 : IB_SEND_SIGNALED,
				fake_qp_send(p->fe->qp, 2)->send_flags);
		fake_qp_complete(p->fe->qp, 3);
		if (!i) {
			fixture_expect_sent(p->fe, &p->context[0],
					    KFI_RMA | KFI_READ);
			poll_expect_written(p, 1);
			fixture_expect_sent(p->fe, &p->context[2],
					    KFI_MSG | KFI_SEND);
		}
		fixture_expect_empty(p->fe);
	}
}

/* An error stops reads until it was read; what is behind it waits. */
static void poll_error_test(struct kunit *test)
{
	struct poll *p = poll_new(test, NULL);
	u32 i;

	for (i = 0; i < 3; i++)
		poll_write(p, i);
	fake_qp_complete(p->fe->qp, 1);
	fake_qp_fail(p->fe->qp, IB_WC_REM_ACCESS_ERR);
	poll_expect_written(p, 0);
	fixture_expect_error(p->fe, &p->context[1], POLL_WRITTEN,
			     IB_WC_REM_ACCESS_ERR);
	fixture_expect_error(p->fe, &p->context[2], POLL_WRITTEN,
			     IB_WC_WR_FLUSH_ERR);
	fixture_expect_empty(p->fe);
	fixture_expect_shutdown(p->fe);
}

/* Reading nothing makes progress: it makes room, and tells of failures. */
static void poll_progress_test(struct kunit *test)
{
	struct poll *p = poll_new(test, NULL);
	u32 i;

	for (i = 0; i < 16; i++)
		poll_write(p, i);
	fake_qp_complete(p->fe->qp, 15);
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN,
			kfi_write(p->fe->ep, p->buf, 1, NULL, 0, 0, POLL_RKEY,
				  NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)0, kfi_cq_read(p->fe->cq, NULL, 0));
	poll_write(p, 16);
	fake_qp_fail(p->fe->qp, IB_WC_REM_ACCESS_ERR);
	fixture_expect_no_event(p->fe);
	KUNIT_EXPECT_EQ(test, (ssize_t)0, kfi_cq_read(p->fe->cq, NULL, 0));
	fixture_expect_shutdown(p->fe);
	for (i = 0; i < 15; i++)
		poll_expect_written(p, i);
	fixture_expect_error(p->fe, &p->context[15], POLL_WRITTEN,
			     IB_WC_REM_ACCESS_ERR);
	fixture_expect_error(p->fe, &p->context[16], POLL_WRITTEN,
			     IB_WC_WR_FLUSH_ERR);
}

/* Who comes while another one polls sees the ring. */
static void poll_busy_test(struct kunit *test)
{
	struct poll *p = poll_new(test, NULL);

	poll_write_list(p, 0);
	fake_qp_complete(p->fe->qp, fake_qp_sends(p->fe->qp));
	fixture_progress(p->fe);
	poll_write(p, 1);
	fake_qp_complete(p->fe->qp, 1);
	atomic_long_set(&p->cq->polling, 1);
	poll_expect_written(p, 0);
	fixture_expect_empty(p->fe);
	atomic_long_set(&p->cq->polling, 0);
	poll_expect_written(p, 1);
}

/*
 * Ends
 */

/* What the device has when an endpoint is closed can be read afterwards. */
static void poll_close_test(struct kunit *test)
{
	struct poll *p = poll_new(test, NULL);
	u32 i;

	for (i = 0; i < 4; i++)
		poll_write(p, i);
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_recv(p->fe->ep, p->buf, POLL_LEN, NULL, 0, p));
	fake_qp_complete(p->fe->qp, 2);
	KUNIT_ASSERT_EQ(test, 0, fixture_ep_close(p->fe));
	poll_expect_written(p, 0);
	poll_expect_written(p, 1);
	for (i = 2; i < 4; i++)
		fixture_expect_error(p->fe, &p->context[i], POLL_WRITTEN,
				     IB_WC_WR_FLUSH_ERR);
	fixture_expect_error(p->fe, p, POLL_RECEIVED, IB_WC_WR_FLUSH_ERR);
	fixture_expect_empty(p->fe);
	KUNIT_EXPECT_EQ(test, 64, fixture_room(p->fe->cq));
}

/* All entries that there are, good and bad: how many */
static int poll_read_all(struct poll *p)
{
	struct kfi_cq_err_entry err = {};
	struct kfi_cq_data_entry entry;
	int n = 0;

	while (kfi_cq_read(p->fe->cq, &entry, 1) == 1 ||
	       kfi_cq_readerr(p->fe->cq, &err, 0) == 1)
		n++;
	return n;
}

static int poll_reader(void *data)
{
	int n = 0;

	while (!kthread_should_stop()) {
		n += poll_read_all(data);
		cond_resched();
	}
	return n;
}

/* Somebody polls all the time while the endpoint is closed. */
static void poll_close_while_reading_test(struct kunit *test)
{
	struct poll *p = poll_new(test, NULL);
	struct task_struct *reader = kthread_run(poll_reader, p, "poll_reader");
	int n;
	u32 i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, reader);
	for (i = 0; i < 16; i++)
		poll_write(p, i);
	fake_qp_complete(p->fe->qp, 7);
	KUNIT_EXPECT_EQ(test, 0, fixture_ep_close(p->fe));
	n = kthread_stop(reader);
	KUNIT_EXPECT_EQ(test, 16, n + poll_read_all(p));
	KUNIT_EXPECT_EQ(test, 64, fixture_room(p->fe->cq));
}

static int poll_closer(void *data)
{
	struct poll *p = data;
	int rc = fixture_ep_close(p->fe);

	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return rc;
}

/* Nothing is drained while somebody polls. */
static void poll_close_waits_test(struct kunit *test)
{
	struct poll *p = poll_new(test, NULL);
	struct task_struct *closer;

	poll_write(p, 0);
	atomic_long_set(&p->cq->polling, 1);
	closer = kthread_run(poll_closer, p, "poll_closer");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, closer);
	msleep(20);
	KUNIT_EXPECT_TRUE(test, kfi_cqring_is_empty(&p->cq->ring));
	KUNIT_EXPECT_NOT_NULL(test, READ_ONCE(p->fe->ep));
	atomic_long_set(&p->cq->polling, 0);
	KUNIT_EXPECT_EQ(test, 0, kthread_stop(closer));
	fixture_expect_error(p->fe, &p->context[0], POLL_WRITTEN,
			     IB_WC_WR_FLUSH_ERR);
}

/* The device goes: the queue can be read, and polls nothing any more. */
static void poll_unplug_test(struct kunit *test)
{
	struct poll *p = poll_new(test, NULL);

	poll_write(p, 0);
	fake_qp_complete(p->fe->qp, 1);
	fake_hca_unplug(p->f->hca);
	KUNIT_EXPECT_NULL(test, p->cq->ibcq);
	poll_expect_written(p, 0);
	fixture_expect_empty(p->fe);
	KUNIT_EXPECT_EQ(test, (ssize_t)0, kfi_cq_read(p->fe->cq, NULL, 0));
}

/*
 * One call at a time
 */

/* Who finds the queue busy waits for the lock, and posts. */
static void poll_post_busy_test(struct kunit *test)
{
	struct poll *p = poll_new(test, NULL);

	atomic_long_set(&p->fe->priv->sq.busy, 1);
	poll_write(p, 0);
	KUNIT_EXPECT_EQ(test, 1L, atomic_long_read(&p->fe->priv->sq.busy));
	atomic_long_set(&p->fe->priv->sq.busy, 0);
	poll_write(p, 1);
	KUNIT_EXPECT_EQ(test, 0L, atomic_long_read(&p->fe->priv->sq.busy));
	KUNIT_ASSERT_EQ(test, 2U, fake_qp_sends(p->fe->qp));
	fake_qp_complete(p->fe->qp, 2);
	poll_expect_written(p, 0);
	poll_expect_written(p, 1);
}

/* The queue is busy while the device has the call, and waited for. */
static int poll_quiescer(void *data)
{
	struct poll *p = data;

	kfv_queue_quiesce(&p->fe->priv->sq);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return atomic_long_read(&p->fe->priv->sq.busy);
}

static void poll_quiesce_test(struct kunit *test)
{
	struct poll *p = poll_new(test, NULL);
	struct task_struct *quiescer;

	atomic_long_set(&p->fe->priv->sq.busy, 1);
	quiescer = kthread_run(poll_quiescer, p, "poll_quiescer");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, quiescer);
	usleep_range(2000, 3000);
	KUNIT_EXPECT_EQ(test, 1L, atomic_long_read(&p->fe->priv->sq.busy));
	atomic_long_set(&p->fe->priv->sq.busy, 0);
	KUNIT_EXPECT_EQ(test, 0, kthread_stop(quiescer));
}

static struct kunit_case verbs_poll_cases[] = {
	KUNIT_CASE(poll_which_test),
	KUNIT_CASE_PARAM(poll_promise_test, poll_promise_gen_params),
	KUNIT_CASE(poll_plain_test),
	KUNIT_CASE(poll_recv_test),
	KUNIT_CASE_PARAM(poll_format_test, poll_format_gen_params),
	KUNIT_CASE(poll_arguments_test),
	KUNIT_CASE(poll_order_test),
	KUNIT_CASE(poll_ring_first_test),
	KUNIT_CASE(poll_pushed_test),
	KUNIT_CASE(poll_many_test),
	KUNIT_CASE(poll_messages_test),
	KUNIT_CASE(poll_behind_silent_test),
	KUNIT_CASE(poll_calls_test),
	KUNIT_CASE(poll_error_test),
	KUNIT_CASE(poll_progress_test),
	KUNIT_CASE(poll_busy_test),
	KUNIT_CASE(poll_close_test),
	KUNIT_CASE(poll_close_while_reading_test),
	KUNIT_CASE(poll_close_waits_test),
	KUNIT_CASE(poll_unplug_test),
	KUNIT_CASE(poll_post_busy_test),
	KUNIT_CASE(poll_quiesce_test),
	{}
};

static struct kunit_suite verbs_poll_suite = {
	.name = "kfi_verbs_poll",
	.test_cases = verbs_poll_cases,
};

kunit_test_suite(verbs_poll_suite);
