// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Event queue: the one-shot handler, purge, the client's own events, blocking
 * reads, and load.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/limits.h>
#include <linux/sched/signal.h>
#include <linux/workqueue.h>

#include "core_evq_kunit.h"

/*
 * Handler
 */

static void evq_handler_is_called_once_per_arm_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open(test, NULL);

	evq_push_numbered(test, f, &f->fid[0], 1);
	evq_push_numbered(test, f, &f->fid[0], 2);
	KUNIT_EXPECT_EQ(test, 1, f->called);
	KUNIT_EXPECT_PTR_EQ(test, &f->eq, f->seen_eq);
	KUNIT_EXPECT_PTR_EQ(test, (void *)&f->called, f->seen_context);
	evq_expect_number(test, f, 1);
	evq_expect_number(test, f, 2);
	evq_push_numbered(test, f, &f->fid[0], 3);
	KUNIT_EXPECT_EQ(test, 1, f->called);
	evq_expect_number(test, f, 3);
	evq_expect_empty(test, f);
	evq_push_error(test, f, 0);
	KUNIT_EXPECT_EQ(test, 2, f->called);
}

static void evq_failed_read_does_not_arm_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open(test, NULL);
	struct kfi_eq_entry entry;
	u32 event;

	evq_push_numbered(test, f, &f->fid[0], 1);
	KUNIT_EXPECT_EQ(test, -KFI_ETOOSMALL,
			kfi_evq_read(&f->evq, &event, &entry, 1, 0));
	evq_push_error(test, f, 0);
	evq_expect_number(test, f, 1);
	KUNIT_EXPECT_EQ(test, -KFI_EAVAIL, evq_read(f, &entry));
	evq_push_numbered(test, f, &f->fid[0], 2);
	KUNIT_EXPECT_EQ(test, 1, f->called);
}

static void evq_draining_handler(struct kfid_eq *eq, void *context)
{
	struct evq_fixture *f = container_of(eq, struct evq_fixture, eq);
	struct kfi_eq_entry entry;

	f->called++;
	while (evq_read(f, &entry) > 0)
		f->drained++;
}

static void evq_handler_reads_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open(test, NULL);
	int i;

	f->eq.event_handler = evq_draining_handler;
	for (i = 0; i < 5; i++)
		evq_push(test, f, KFI_NOTIFY);
	KUNIT_EXPECT_EQ(test, 5, f->called);
	KUNIT_EXPECT_EQ(test, 5, f->drained);
}

static void evq_no_handler_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open(test, NULL);

	f->eq.event_handler = NULL;
	evq_push_numbered(test, f, &f->fid[0], 1);
	evq_expect_number(test, f, 1);
}

/*
 * Purge
 */

static void evq_push_connreq(struct kunit *test, struct evq_fixture *f,
			     struct kfid *fid)
{
	struct kfi_evq_event *ev = evq_event(test, f, KFI_CONNREQ, 4);

	ev->fid = fid;
	ev->info = kfi_allocinfo();
	KUNIT_ASSERT_NOT_NULL(test, ev->info);
	ev->info->caps = KFI_MSG;
	kfi_evq_push(&f->evq, ev);
}

static void evq_purge_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open_size(test, 6);

	evq_push_connreq(test, f, &f->fid[0]);
	evq_push_numbered(test, f, &f->fid[1], 1);
	evq_push_error(test, f, 0);
	evq_push_connreq(test, f, &f->fid[0]);
	evq_push_numbered(test, f, &f->fid[1], 2);
	evq_push_numbered(test, f, &f->fid[0], 3);
	kfi_evq_purge(&f->evq, &f->fid[0]);
	KUNIT_EXPECT_EQ(test, 2, f->evq.used);
	evq_expect_number(test, f, 1);
	evq_expect_number(test, f, 2);
	evq_expect_empty(test, f);
}

static void evq_purge_spares_reserved_events_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open(test, NULL);
	struct kfi_evq_event *ev = evq_event(test, f, KFI_SHUTDOWN, 0);

	kfi_evq_purge(&f->evq, &f->fid[0]);
	KUNIT_EXPECT_EQ(test, 1, f->evq.used);
	kfi_evq_release(&f->evq, ev);
}

static void evq_purge_leaves_what_was_read_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open(test, NULL);
	struct evq_cm_buf got;
	u32 event;

	evq_push_connreq(test, f, &f->fid[0]);
	KUNIT_EXPECT_GT(test, kfi_evq_read(&f->evq, &event, &got, sizeof(got),
					   0), 0);
	kfi_evq_purge(&f->evq, &f->fid[0]);
	KUNIT_EXPECT_EQ(test, KFI_MSG, got.info->caps);
	kfi_freeinfo(got.info);
}

static void evq_destroy_frees_everything_test(struct kunit *test)
{
	struct evq_fixture *f = evq_new(test);
	struct kfi_eq_err_entry err = {};

	KUNIT_ASSERT_EQ(test, 0, kfi_evq_init(&f->evq, NULL, &f->eq));
	evq_push_error(test, f, 8);
	KUNIT_EXPECT_EQ(test, sizeof(err), kfi_evq_readerr(&f->evq, &err, 0));
	evq_push_connreq(test, f, &f->fid[0]);
	evq_push_connreq(test, f, &f->fid[1]);
	evq_push_error(test, f, 8);
	kfi_evq_destroy(&f->evq);
	KUNIT_EXPECT_EQ(test, 0, f->evq.used);
}

/*
 * Events of the client's own
 */

static struct evq_fixture *evq_open_write(struct kunit *test)
{
	struct kfi_eq_attr attr = { .size = 2, .flags = KFI_WRITE };

	return evq_open(test, &attr);
}

static void evq_write_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open_write(test);
	struct {
		struct kfi_eq_entry entry;
		u8 data[8];
	} sent = {
		.entry = { &f->fid[0], &f->fid[1], 77 },
		.data = { 1, 2, 3, 4, 5, 6, 7, 8 },
	}, got = {};
	u32 event;

	KUNIT_EXPECT_EQ(test, sizeof(sent),
			kfi_evq_write(&f->evq, 1000, &sent, sizeof(sent), 0));
	KUNIT_EXPECT_EQ(test, 1, f->called);
	KUNIT_EXPECT_EQ(test, sizeof(got), kfi_evq_read(&f->evq, &event, &got,
							sizeof(got), 0));
	KUNIT_EXPECT_EQ(test, 1000, event);
	KUNIT_EXPECT_MEMEQ(test, &sent, &got, sizeof(sent));
}

static void evq_write_is_bounded_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open_write(test);
	struct kfi_eq_entry entry = { .fid = &f->fid[0] };
	int i;

	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, sizeof(entry),
				kfi_evq_write(&f->evq, KFI_NOTIFY, &entry,
					      sizeof(entry), 0));
	KUNIT_EXPECT_EQ(test, -EAGAIN,
			kfi_evq_write(&f->evq, KFI_NOTIFY, &entry,
				      sizeof(entry), 0));
	kfi_evq_purge(&f->evq, &f->fid[0]);
	evq_expect_empty(test, f);
}

static void evq_write_arguments_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open_write(test);
	const size_t fixed = sizeof(struct kfi_eq_entry);
	u8 buf[257] = {};
	u32 event;

	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfi_evq_write(&f->evq, KFI_NOTIFY, NULL, fixed, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_evq_write(&f->evq, KFI_NOTIFY, buf,
						     fixed - 1, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfi_evq_write(&f->evq, KFI_NOTIFY, buf, 257, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfi_evq_write(&f->evq, KFI_NOTIFY, buf, SIZE_MAX, 0));
	KUNIT_EXPECT_EQ(test, -KFI_EBADFLAGS,
			kfi_evq_write(&f->evq, KFI_NOTIFY, buf, fixed,
				      KFI_PEEK));
	for (event = KFI_CONNREQ; event <= KFI_SHUTDOWN; event++)
		KUNIT_EXPECT_EQ(test, -EINVAL,
				kfi_evq_write(&f->evq, event, buf, fixed, 0));
	evq_expect_empty(test, f);
	KUNIT_EXPECT_EQ(test, 256,
			kfi_evq_write(&f->evq, KFI_NOTIFY, buf, 256, 0));
}

static void evq_write_needs_the_flag_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open_size(test, 2);
	struct kfi_eq_entry entry = {};

	KUNIT_EXPECT_EQ(test, -ENOSYS,
			kfi_evq_write(&f->evq, KFI_NOTIFY, &entry,
				      sizeof(entry), 0));
}

/*
 * Blocking reads
 */

#define WAIT_MS		5000

static struct evq_fixture *evq_open_wait(struct kunit *test)
{
	struct kfi_eq_attr attr = { .size = 8, .wait_obj = KFI_WAIT_QUEUE };

	return evq_open(test, &attr);
}

static ssize_t evq_sread(struct evq_fixture *f, int timeout)
{
	struct kfi_eq_entry entry;
	u32 event;

	return kfi_evq_sread(&f->evq, &event, &entry, sizeof(entry), timeout,
			     0);
}

static void evq_sread_arguments_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open_wait(test);
	struct evq_fixture *deaf = evq_open_size(test, 2);
	struct kfi_eq_entry entry;
	u32 event;

	KUNIT_EXPECT_EQ(test, -ENOSYS, evq_sread(deaf, -1));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfi_evq_sread(&f->evq, NULL, &entry, sizeof(entry),
				      -1, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfi_evq_sread(&f->evq, &event, NULL, sizeof(entry), -1,
				      0));
	KUNIT_EXPECT_EQ(test, -KFI_EBADFLAGS,
			kfi_evq_sread(&f->evq, &event, &entry, sizeof(entry),
				      -1, KFI_WRITE));
}

static void evq_sread_timeout_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open_wait(test);
	ktime_t start = ktime_get();
	s64 ms;

	KUNIT_EXPECT_EQ(test, -EAGAIN, evq_sread(f, 60));
	ms = ktime_ms_delta(ktime_get(), start);
	KUNIT_EXPECT_GE(test, ms, 50);
	KUNIT_EXPECT_LT(test, ms, 1000);
	KUNIT_EXPECT_EQ(test, -EAGAIN, evq_sread(f, 0));
}

static void evq_sread_what_is_there_test(struct kunit *test)
{
	struct evq_fixture *f = evq_open_wait(test);
	struct kfi_eq_entry entry;
	u32 event;

	evq_push(test, f, KFI_NOTIFY);
	evq_push_error(test, f, 0);
	KUNIT_EXPECT_EQ(test, sizeof(entry),
			kfi_evq_sread(&f->evq, &event, &entry, sizeof(entry),
				      WAIT_MS, KFI_PEEK));
	KUNIT_EXPECT_EQ(test, sizeof(entry), evq_sread(f, WAIT_MS));
	KUNIT_EXPECT_EQ(test, -KFI_EAVAIL, evq_sread(f, WAIT_MS));
}

struct evq_work {
	struct delayed_work work;
	struct evq_fixture *f;
	struct kfi_evq_event *ev;
};

static void evq_work_fn(struct work_struct *work)
{
	struct evq_work *w;

	w = container_of(to_delayed_work(work), struct evq_work, work);
	kfi_evq_push(&w->f->evq, w->ev);
}

struct evq_waiter {
	struct evq_fixture *f;
	struct task_struct *task;
	int timeout;
	ssize_t rc;
};

static int evq_waiter_fn(void *arg)
{
	struct evq_waiter *w = arg;

	allow_signal(SIGUSR1);
	WRITE_ONCE(w->rc, evq_sread(w->f, w->timeout));
	return 0;
}

/* Returns with the reader asleep. */
static void evq_waiter_start(struct kunit *test, struct evq_waiter *w,
			     struct evq_fixture *f, int timeout)
{
	unsigned long deadline = jiffies + 3 * HZ;

	w->f = f;
	w->timeout = timeout;
	w->rc = -EINPROGRESS;
	w->task = kthread_create(evq_waiter_fn, w, "evq_waiter");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, w->task);
	get_task_struct(w->task);
	wake_up_process(w->task);
	while (!wq_has_sleeper(&f->evq.wait) && time_before(jiffies, deadline))
		usleep_range(100, 200);
}

/* A reader that nobody woke is stopped here, and counts as timed out. */
static ssize_t evq_waiter_join(struct evq_waiter *w)
{
	unsigned long deadline = jiffies + 3 * HZ;
	ssize_t rc;

	while (READ_ONCE(w->rc) == -EINPROGRESS &&
	       time_before(jiffies, deadline))
		usleep_range(100, 200);
	rc = READ_ONCE(w->rc);
	if (rc == -EINPROGRESS)
		rc = -ETIMEDOUT;
	kthread_stop(w->task);
	put_task_struct(w->task);
	return rc;
}

/* Without limit, and woken by a push from another context. */
static void evq_sread_push_from_work_test(struct kunit *test)
{
	struct evq_work work = { .f = evq_open_wait(test) };
	struct evq_waiter w = {};

	work.ev = evq_event(test, work.f, KFI_NOTIFY, 0);
	evq_waiter_start(test, &w, work.f, -1);
	INIT_DELAYED_WORK_ONSTACK(&work.work, evq_work_fn);
	schedule_delayed_work(&work.work, 2);
	KUNIT_EXPECT_EQ(test, sizeof(struct kfi_eq_entry), evq_waiter_join(&w));
	flush_delayed_work(&work.work);
	destroy_delayed_work_on_stack(&work.work);
}

static void evq_sread_interrupted_test(struct kunit *test)
{
	struct evq_waiter w = {};

	evq_waiter_start(test, &w, evq_open_wait(test), WAIT_MS);
	send_sig(SIGUSR1, w.task, 1);
	KUNIT_EXPECT_EQ(test, -EINTR, evq_waiter_join(&w));
}

/*
 * Load: producers and readers on a small queue; each event arrives once.
 */

#define PRODUCERS	2
#define READERS		2
#define PER_PRODUCER	1000
#define LOAD		(PRODUCERS * PER_PRODUCER)

struct evq_load {
	struct evq_fixture *f;
	struct task_struct *tasks[PRODUCERS + READERS];
	atomic_t next_producer;
	atomic_t total;
	atomic_t seen[LOAD];
};

static int evq_producer_fn(void *arg)
{
	struct evq_load *load = arg;
	int id = (atomic_inc_return(&load->next_producer) - 1) * PER_PRODUCER;
	int end = id + PER_PRODUCER;

	while (id < end && !kthread_should_stop()) {
		struct kfi_evq_event *ev;

		ev = kfi_evq_reserve(&load->f->evq, id % 32, GFP_KERNEL);
		if (IS_ERR(ev)) {
			usleep_range(10, 20);
			continue;
		}
		ev->event = KFI_NOTIFY;
		ev->err = id % 5 == 3 ? EIO : 0;
		ev->data64 = id++;
		kfi_evq_push(&load->f->evq, ev);
	}
	return 0;
}

static void evq_load_seen(struct evq_load *load, u64 id)
{
	if (id < LOAD)
		atomic_inc(&load->seen[id]);
	atomic_inc(&load->total);
}

static int evq_reader_fn(void *arg)
{
	struct evq_load *load = arg;
	struct kfi_eq_err_entry err;
	struct kfi_eq_entry entry;
	u8 data[8];
	ssize_t rc;

	while (atomic_read(&load->total) < LOAD && !kthread_should_stop()) {
		rc = evq_read(load->f, &entry);
		if (rc > 0)
			evq_load_seen(load, entry.data);
		err.err_data = data;
		err.err_data_size = sizeof(data);
		if (rc == -KFI_EAVAIL &&
		    kfi_evq_readerr(&load->f->evq, &err, 0) > 0)
			evq_load_seen(load, err.data);
		if (rc == -EAGAIN)
			usleep_range(10, 20);
	}
	return 0;
}

static void evq_load_start(struct kunit *test, struct evq_load *load)
{
	struct task_struct *task;
	int i;

	for (i = 0; i < PRODUCERS + READERS; i++) {
		task = kthread_create(i < PRODUCERS ? evq_producer_fn :
						      evq_reader_fn,
				      load, "evq_load");
		if (IS_ERR(task)) {
			KUNIT_FAIL(test, "no thread");
			break;
		}
		get_task_struct(task);
		load->tasks[i] = task;
		wake_up_process(task);
	}
}

static void evq_load_test(struct kunit *test)
{
	struct evq_load *load = kunit_kzalloc(test, sizeof(*load), GFP_KERNEL);
	unsigned long deadline = jiffies + 30 * HZ;
	int i, wrong = 0;

	KUNIT_ASSERT_NOT_NULL(test, load);
	load->f = evq_open_size(test, 5);
	evq_load_start(test, load);
	while (atomic_read(&load->total) < LOAD &&
	       time_before(jiffies, deadline))
		msleep(20);
	for (i = 0; i < PRODUCERS + READERS && load->tasks[i]; i++) {
		kthread_stop(load->tasks[i]);
		put_task_struct(load->tasks[i]);
	}

	for (i = 0; i < LOAD; i++)
		wrong += atomic_read(&load->seen[i]) != 1;
	KUNIT_EXPECT_EQ(test, 0, wrong);
	KUNIT_EXPECT_EQ(test, 0, load->f->evq.used);
}

static struct kunit_case evq_wake_cases[] = {
	KUNIT_CASE(evq_handler_is_called_once_per_arm_test),
	KUNIT_CASE(evq_failed_read_does_not_arm_test),
	KUNIT_CASE(evq_handler_reads_test),
	KUNIT_CASE(evq_no_handler_test),
	KUNIT_CASE(evq_purge_test),
	KUNIT_CASE(evq_purge_spares_reserved_events_test),
	KUNIT_CASE(evq_purge_leaves_what_was_read_test),
	KUNIT_CASE(evq_destroy_frees_everything_test),
	KUNIT_CASE(evq_write_test),
	KUNIT_CASE(evq_write_is_bounded_test),
	KUNIT_CASE(evq_write_arguments_test),
	KUNIT_CASE(evq_write_needs_the_flag_test),
	KUNIT_CASE(evq_sread_arguments_test),
	KUNIT_CASE(evq_sread_timeout_test),
	KUNIT_CASE(evq_sread_what_is_there_test),
	KUNIT_CASE(evq_sread_push_from_work_test),
	KUNIT_CASE(evq_sread_interrupted_test),
	KUNIT_CASE(evq_load_test),
	{}
};

static struct kunit_suite evq_wake_suite = {
	.name = "kfi_core_evq_wake",
	.test_cases = evq_wake_cases,
};

kunit_test_suite(evq_wake_suite);
