// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Completion ring: the one-shot handler, blocking reads, and both under load.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#include "core_cqring_kunit.h"

/*
 * Arming
 */

static void cqring_armed_at_open_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 4);

	cqring_push(test, f, cqring_good(1));
	KUNIT_EXPECT_EQ(test, 1, f->called);
	KUNIT_EXPECT_PTR_EQ(test, &f->cq, f->seen_cq);
	KUNIT_EXPECT_PTR_EQ(test, (void *)&f->called, f->seen_context);
}

static void cqring_called_once_per_arm_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 4);

	cqring_push(test, f, cqring_good(1));
	cqring_push(test, f, cqring_good(2));
	cqring_push(test, f, cqring_bad(3));
	KUNIT_EXPECT_EQ(test, 1, f->called);
}

static void cqring_error_calls_handler_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 4);

	cqring_push(test, f, cqring_bad(1));
	KUNIT_EXPECT_EQ(test, 1, f->called);
}

static void cqring_empty_read_arms_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 4);

	cqring_push(test, f, cqring_good(1));
	cqring_expect(test, f, 1);
	cqring_expect_empty(test, f);
	cqring_push(test, f, cqring_good(2));
	KUNIT_EXPECT_EQ(test, 2, f->called);
}

static void cqring_short_read_arms_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 4);
	struct kfi_cq_data_entry got[2];

	cqring_push(test, f, cqring_good(1));
	KUNIT_EXPECT_EQ(test, 1, kfi_cqring_read(&f->ring, got, 2, NULL));
	cqring_push(test, f, cqring_good(2));
	KUNIT_EXPECT_EQ(test, 2, f->called);
}

static void cqring_full_read_does_not_arm_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 4);
	struct kfi_cq_data_entry got[2];

	cqring_push(test, f, cqring_good(1));
	cqring_push(test, f, cqring_good(2));
	KUNIT_EXPECT_EQ(test, 2, kfi_cqring_read(&f->ring, got, 2, NULL));
	cqring_push(test, f, cqring_good(3));
	KUNIT_EXPECT_EQ(test, 1, f->called);
}

static void cqring_zero_read_does_not_arm_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 4);
	struct kfi_cq_data_entry got;

	cqring_push(test, f, cqring_good(1));
	cqring_expect(test, f, 1);
	KUNIT_EXPECT_EQ(test, 0, kfi_cqring_read(&f->ring, &got, 0, NULL));
	cqring_push(test, f, cqring_good(2));
	KUNIT_EXPECT_EQ(test, 1, f->called);
}

static void cqring_error_does_not_arm_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 4);
	struct kfi_cq_err_entry err = {};
	struct kfi_cq_data_entry got;

	cqring_push(test, f, cqring_bad(1));
	KUNIT_EXPECT_EQ(test, -KFI_EAVAIL,
			kfi_cqring_read(&f->ring, &got, 1, NULL));
	KUNIT_ASSERT_EQ(test, 1, kfi_cqring_readerr(&f->ring, &err, 0));
	KUNIT_ASSERT_EQ(test, -EAGAIN, kfi_cqring_readerr(&f->ring, &err, 0));
	cqring_push(test, f, cqring_good(2));
	KUNIT_EXPECT_EQ(test, 1, f->called);
}

/* An entry that slips in between two reads is found, and arming goes on. */
static void cqring_entry_between_reads_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 4);

	cqring_push(test, f, cqring_good(1));
	cqring_expect(test, f, 1);
	cqring_push(test, f, cqring_good(2));
	KUNIT_EXPECT_EQ(test, 1, f->called);
	cqring_expect(test, f, 2);
	cqring_expect_empty(test, f);
	cqring_push(test, f, cqring_good(3));
	KUNIT_EXPECT_EQ(test, 2, f->called);
}

static void cqring_no_handler_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 4);

	f->cq.comp_handler = NULL;
	cqring_push(test, f, cqring_good(1));
	cqring_expect(test, f, 1);
}

static void cqring_draining_handler(struct kfid_cq *cq, void *context)
{
	struct kfi_cq_data_entry got;
	struct cqring_fixture *f;

	f = container_of(cq, struct cqring_fixture, cq);
	f->called++;
	while (kfi_cqring_read(&f->ring, &got, 1, NULL) == 1)
		f->drained++;
}

static void cqring_handler_reads_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 2);
	int i;

	f->cq.comp_handler = cqring_draining_handler;
	for (i = 0; i < 10; i++)
		cqring_push(test, f, cqring_good(i));
	KUNIT_EXPECT_EQ(test, 10, f->called);
	KUNIT_EXPECT_EQ(test, 10, f->drained);
}

struct cqring_timer {
	struct timer_list timer;
	struct cqring_fixture *f;
};

static void cqring_timer_fn(struct timer_list *timer)
{
	struct cqring_timer *t = container_of(timer, struct cqring_timer, timer);
	struct kfi_cqring_entry entry = cqring_good(1);

	kfi_cqring_push(&t->f->ring, &entry);
}

/* A push from a timer comes through while a task reads all the time. */
static void cqring_push_from_softirq_test(struct kunit *test)
{
	unsigned long deadline = jiffies + 5 * HZ;
	struct cqring_fixture *f = cqring_open_size(test, 4);
	struct cqring_timer t = { .f = f };
	struct kfi_cq_data_entry got;
	ssize_t rc;

	KUNIT_ASSERT_TRUE(test, kfi_cqring_reserve(&f->ring));
	timer_setup_on_stack(&t.timer, cqring_timer_fn, 0);
	mod_timer(&t.timer, jiffies + 2);
	do {
		rc = kfi_cqring_read(&f->ring, &got, 1, NULL);
		cond_resched();
	} while (rc == -EAGAIN && time_before(jiffies, deadline));
	timer_shutdown_sync(&t.timer);
	destroy_timer_on_stack(&t.timer);
	KUNIT_EXPECT_EQ(test, 1, rc);
	KUNIT_EXPECT_EQ(test, 1, f->called);
}

/*
 * Blocking reads
 */

#define WAIT_MS		5000

struct cqring_waiter {
	struct cqring_fixture *f;
	struct task_struct *task;
	size_t threshold;
	int timeout;
	ssize_t rc;
	struct kfi_cq_data_entry got[4];
	kfi_addr_t src[4];
};

static int cqring_waiter_fn(void *arg)
{
	struct cqring_waiter *w = arg;

	allow_signal(SIGUSR1);
	WRITE_ONCE(w->rc, kfi_cqring_sread(&w->f->ring, w->got,
					   ARRAY_SIZE(w->got), w->src,
					   &w->threshold, w->timeout));
	return 0;
}

static void cqring_waiter_start(struct kunit *test, struct cqring_waiter *w,
				struct cqring_fixture *f, int timeout)
{
	w->f = f;
	w->timeout = timeout;
	w->rc = -EINPROGRESS;
	w->task = kthread_create(cqring_waiter_fn, w, "cqring_waiter");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, w->task);
	get_task_struct(w->task);
	wake_up_process(w->task);
}

/* A reader that nobody woke is stopped here, and counts as timed out. */
static ssize_t cqring_waiter_join(struct cqring_waiter *w)
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

static int cqring_sleepers(struct kfi_cqring *ring)
{
	struct wait_queue_entry *entry;
	unsigned long flags;
	int n = 0;

	spin_lock_irqsave(&ring->wait.lock, flags);
	list_for_each_entry(entry, &ring->wait.head, entry)
		n++;
	spin_unlock_irqrestore(&ring->wait.lock, flags);
	return n;
}

static void cqring_await_sleepers(struct kunit *test, struct cqring_fixture *f,
				  int n)
{
	unsigned long deadline = jiffies + 3 * HZ;

	while (cqring_sleepers(&f->ring) < n && time_before(jiffies, deadline))
		usleep_range(100, 200);
	KUNIT_EXPECT_EQ(test, n, cqring_sleepers(&f->ring));
}

static struct cqring_fixture *cqring_open_wait(struct kunit *test)
{
	struct kfi_cq_attr attr = { .size = 8, .wait_obj = KFI_WAIT_QUEUE };

	return cqring_open(test, &attr);
}

static struct cqring_fixture *cqring_open_threshold(struct kunit *test)
{
	struct kfi_cq_attr attr = {
		.size = 8,
		.wait_obj = KFI_WAIT_UNSPEC,
		.wait_cond = KFI_CQ_COND_THRESHOLD,
	};

	return cqring_open(test, &attr);
}

static ssize_t cqring_sread(struct cqring_fixture *f, int timeout)
{
	struct kfi_cq_data_entry got;

	return kfi_cqring_sread(&f->ring, &got, 1, NULL, NULL, timeout);
}

static void cqring_sread_without_wait_object_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_size(test, 4);

	cqring_push(test, f, cqring_good(1));
	KUNIT_EXPECT_EQ(test, -ENOSYS, cqring_sread(f, 0));
	KUNIT_EXPECT_EQ(test, -ENOSYS, kfi_cqring_signal(&f->ring));
}

static void cqring_sread_arguments_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_wait(test);
	struct kfi_cq_data_entry got;

	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfi_cqring_sread(&f->ring, NULL, 1, NULL, NULL, -1));
	KUNIT_EXPECT_EQ(test, 0,
			kfi_cqring_sread(&f->ring, &got, 0, NULL, NULL, -1));
}

static void cqring_sread_does_not_wait_for_what_is_there_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_wait(test);
	struct kfi_cq_data_entry got[4];
	kfi_addr_t src[4] = {};

	cqring_push(test, f, cqring_good(1));
	cqring_push(test, f, cqring_good(2));
	KUNIT_EXPECT_EQ(test, 2, kfi_cqring_sread(&f->ring, got, 4, src, NULL,
						  WAIT_MS));
	KUNIT_EXPECT_EQ(test, 2, cqring_id(&got[1]));
	KUNIT_EXPECT_EQ(test, 9, src[1]);
	KUNIT_EXPECT_EQ(test, -EAGAIN, cqring_sread(f, 0));
}

static void cqring_sread_timeout_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_wait(test);
	ktime_t start = ktime_get();
	s64 ms;

	KUNIT_EXPECT_EQ(test, -EAGAIN, cqring_sread(f, 60));
	ms = ktime_ms_delta(ktime_get(), start);
	KUNIT_EXPECT_GE(test, ms, 50);
	KUNIT_EXPECT_LT(test, ms, 1000);
}

static void cqring_sread_timeout_arms_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_wait(test);

	cqring_push(test, f, cqring_good(1));
	KUNIT_EXPECT_EQ(test, 1, cqring_sread(f, 0));
	KUNIT_EXPECT_EQ(test, -EAGAIN, cqring_sread(f, 1));
	cqring_push(test, f, cqring_good(2));
	KUNIT_EXPECT_EQ(test, 2, f->called);
}

static void cqring_sread_error_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_wait(test);
	struct cqring_waiter w = {};

	cqring_waiter_start(test, &w, f, WAIT_MS);
	cqring_await_sleepers(test, f, 1);
	cqring_push(test, f, cqring_bad(1));
	KUNIT_EXPECT_EQ(test, -KFI_EAVAIL, cqring_waiter_join(&w));
}

struct cqring_work {
	struct delayed_work work;
	struct cqring_fixture *f;
};

static void cqring_work_fn(struct work_struct *work)
{
	struct cqring_work *w;
	struct kfi_cqring_entry entry = cqring_good(1);

	w = container_of(to_delayed_work(work), struct cqring_work, work);
	kfi_cqring_push(&w->f->ring, &entry);
}

/* Without limit, and woken by a push from another context. */
static void cqring_sread_push_from_work_test(struct kunit *test)
{
	struct cqring_work work = { .f = cqring_open_wait(test) };
	struct cqring_waiter w = {};

	KUNIT_ASSERT_TRUE(test, kfi_cqring_reserve(&work.f->ring));
	cqring_waiter_start(test, &w, work.f, -1);
	cqring_await_sleepers(test, work.f, 1);
	INIT_DELAYED_WORK_ONSTACK(&work.work, cqring_work_fn);
	schedule_delayed_work(&work.work, 2);
	KUNIT_EXPECT_EQ(test, 1, cqring_waiter_join(&w));
	KUNIT_EXPECT_EQ(test, 1, cqring_id(&w.got[0]));
	KUNIT_EXPECT_EQ(test, 8, w.src[0]);
	flush_delayed_work(&work.work);
	destroy_delayed_work_on_stack(&work.work);
}

static void cqring_sread_interrupted_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_wait(test);
	struct cqring_waiter w = {};

	cqring_waiter_start(test, &w, f, WAIT_MS);
	cqring_await_sleepers(test, f, 1);
	send_sig(SIGUSR1, w.task, 1);
	KUNIT_EXPECT_EQ(test, -EINTR, cqring_waiter_join(&w));
}

static void cqring_sread_stopped_thread_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_wait(test);
	struct cqring_waiter w = {};

	cqring_waiter_start(test, &w, f, -1);
	cqring_await_sleepers(test, f, 1);
	kthread_stop(w.task);
	put_task_struct(w.task);
	KUNIT_EXPECT_EQ(test, -EINTR, w.rc);
}

static void cqring_signal_ends_all_waits_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_wait(test);
	struct cqring_waiter w[2] = {};
	ktime_t start = ktime_get();

	cqring_waiter_start(test, &w[0], f, WAIT_MS);
	cqring_waiter_start(test, &w[1], f, WAIT_MS);
	cqring_await_sleepers(test, f, 2);
	KUNIT_EXPECT_EQ(test, 0, kfi_cqring_signal(&f->ring));
	KUNIT_EXPECT_EQ(test, -EAGAIN, cqring_waiter_join(&w[0]));
	KUNIT_EXPECT_EQ(test, -EAGAIN, cqring_waiter_join(&w[1]));
	KUNIT_EXPECT_LT(test, ktime_ms_delta(ktime_get(), start), WAIT_MS / 2);
}

static void cqring_signal_ends_next_wait_once_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_wait(test);
	ktime_t start = ktime_get();

	KUNIT_EXPECT_EQ(test, 0, kfi_cqring_signal(&f->ring));
	KUNIT_EXPECT_EQ(test, -EAGAIN, cqring_sread(f, WAIT_MS));
	KUNIT_EXPECT_LT(test, ktime_ms_delta(ktime_get(), start), WAIT_MS / 2);
	start = ktime_get();
	KUNIT_EXPECT_EQ(test, -EAGAIN, cqring_sread(f, 60));
	KUNIT_EXPECT_GE(test, ktime_ms_delta(ktime_get(), start), 50);
}

static void cqring_signal_loses_no_entry_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_wait(test);

	cqring_push(test, f, cqring_good(1));
	KUNIT_EXPECT_EQ(test, 0, kfi_cqring_signal(&f->ring));
	KUNIT_EXPECT_EQ(test, 1, cqring_sread(f, WAIT_MS));
}

static void cqring_threshold_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_threshold(test);
	struct cqring_waiter w = { .threshold = 3 };

	cqring_push(test, f, cqring_good(1));
	cqring_waiter_start(test, &w, f, WAIT_MS);
	cqring_await_sleepers(test, f, 1);
	cqring_push(test, f, cqring_good(2));
	msleep(20);
	KUNIT_EXPECT_EQ(test, -EINPROGRESS, READ_ONCE(w.rc));
	cqring_push(test, f, cqring_good(3));
	KUNIT_EXPECT_EQ(test, 3, cqring_waiter_join(&w));
}

static void cqring_threshold_timeout_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_threshold(test);
	struct kfi_cq_data_entry got[4];
	size_t threshold = 3;

	cqring_push(test, f, cqring_good(1));
	KUNIT_EXPECT_EQ(test, 1, kfi_cqring_sread(&f->ring, got, 4, NULL,
						  &threshold, 20));
}

/* More than the ring holds can never come: a full ring is enough. */
static void cqring_threshold_beyond_size_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_threshold(test);
	struct kfi_cq_data_entry got[8];
	ktime_t start = ktime_get();
	size_t threshold = SIZE_MAX;
	int i;

	for (i = 0; i < 8; i++)
		cqring_push(test, f, cqring_good(i));
	KUNIT_EXPECT_EQ(test, 8, kfi_cqring_sread(&f->ring, got, 8, NULL,
						  &threshold, WAIT_MS));
	KUNIT_EXPECT_LT(test, ktime_ms_delta(ktime_get(), start), WAIT_MS / 2);
}

static void cqring_threshold_zero_waits_for_one_test(struct kunit *test)
{
	struct cqring_fixture *f = cqring_open_threshold(test);
	struct kfi_cq_data_entry got[4];
	ktime_t start = ktime_get();
	size_t threshold = 0;

	KUNIT_EXPECT_EQ(test, -EAGAIN, kfi_cqring_sread(&f->ring, got, 4, NULL,
							&threshold, 60));
	KUNIT_EXPECT_GE(test, ktime_ms_delta(ktime_get(), start), 50);
}

/*
 * Load: several producers and several readers on a small ring. Each entry
 * arrives once, and each reader sees those of one producer in order.
 */

#define PRODUCERS	3
#define READERS		3
#define PER_PRODUCER	1500
#define LOAD		(PRODUCERS * PER_PRODUCER)

struct cqring_load {
	struct cqring_fixture *f;
	struct task_struct *tasks[PRODUCERS + READERS];
	bool blocking;
	atomic_t next_producer;
	atomic_t total;
	atomic_t disorder;
	atomic_t strange;
	atomic_t seen[LOAD];
};

static int cqring_producer_fn(void *arg)
{
	struct cqring_load *load = arg;
	int id = (atomic_inc_return(&load->next_producer) - 1) * PER_PRODUCER;
	int end = id + PER_PRODUCER;

	while (id < end && !kthread_should_stop()) {
		struct kfi_cqring_entry entry = { .data = id };

		if (!kfi_cqring_reserve(&load->f->ring)) {
			usleep_range(10, 20);
			continue;
		}
		entry.err = id % 7 == 3 ? EIO : 0;
		kfi_cqring_push(&load->f->ring, &entry);
		id++;
	}
	return 0;
}

static void cqring_load_seen(struct cqring_load *load, int *last, u64 id)
{
	if (id >= LOAD) {
		atomic_inc(&load->strange);
		return;
	}
	if ((int)id <= last[id / PER_PRODUCER])
		atomic_inc(&load->disorder);
	last[id / PER_PRODUCER] = id;
	atomic_inc(&load->seen[id]);
	atomic_inc(&load->total);
}

static ssize_t cqring_load_read(struct cqring_load *load,
				struct kfi_cq_data_entry *got, size_t count)
{
	struct kfi_cqring *ring = &load->f->ring;

	if (load->blocking)
		return kfi_cqring_sread(ring, got, count, NULL, NULL, 10);
	return kfi_cqring_read(ring, got, count, NULL);
}

static int cqring_reader_fn(void *arg)
{
	struct cqring_load *load = arg;
	int last[PRODUCERS] = { -1, -1, -1 };
	struct kfi_cq_err_entry err = {};
	struct kfi_cq_data_entry got[5];
	unsigned int round = 0;
	ssize_t rc, i;

	while (atomic_read(&load->total) < LOAD && !kthread_should_stop()) {
		rc = cqring_load_read(load, got, 1 + round++ % 5);
		for (i = 0; i < rc; i++)
			cqring_load_seen(load, last, got[i].data);
		if (rc == -KFI_EAVAIL &&
		    kfi_cqring_readerr(&load->f->ring, &err, 0) == 1)
			cqring_load_seen(load, last, err.data);
		if (rc == -EAGAIN)
			usleep_range(10, 20);
		if (rc < 0 && rc != -EAGAIN && rc != -KFI_EAVAIL &&
		    !kthread_should_stop())
			atomic_inc(&load->strange);
	}
	return 0;
}

static void cqring_load_start(struct kunit *test, struct cqring_load *load)
{
	struct task_struct *task;
	int i;

	for (i = 0; i < PRODUCERS + READERS; i++) {
		task = kthread_create(i < PRODUCERS ? cqring_producer_fn :
						      cqring_reader_fn,
				      load, "cqring_load");
		if (IS_ERR(task)) {
			KUNIT_FAIL(test, "no thread");
			break;
		}
		get_task_struct(task);
		load->tasks[i] = task;
		wake_up_process(task);
	}
}

static void cqring_load_join(struct cqring_load *load)
{
	unsigned long deadline = jiffies + 30 * HZ;
	int i;

	while (atomic_read(&load->total) < LOAD &&
	       time_before(jiffies, deadline))
		msleep(20);
	for (i = 0; i < PRODUCERS + READERS && load->tasks[i]; i++) {
		kthread_stop(load->tasks[i]);
		put_task_struct(load->tasks[i]);
	}
}

static void cqring_load_run(struct kunit *test, bool blocking)
{
	struct kfi_cq_attr attr = { .size = 11, .wait_obj = KFI_WAIT_QUEUE };
	struct cqring_load *load = kunit_kzalloc(test, sizeof(*load),
						 GFP_KERNEL);
	int i, wrong = 0;

	KUNIT_ASSERT_NOT_NULL(test, load);
	load->f = cqring_open(test, &attr);
	load->blocking = blocking;
	atomic_set(&load->f->ring.head, U32_MAX - 1000);
	atomic_set(&load->f->ring.tail, U32_MAX - 1000);
	cqring_load_start(test, load);
	cqring_load_join(load);

	for (i = 0; i < LOAD; i++)
		wrong += atomic_read(&load->seen[i]) != 1;
	KUNIT_EXPECT_EQ(test, 0, wrong);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&load->disorder));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&load->strange));
	KUNIT_EXPECT_EQ(test, 11, atomic_read(&load->f->ring.room));
}

static void cqring_load_polling_test(struct kunit *test)
{
	cqring_load_run(test, false);
}

static void cqring_load_blocking_test(struct kunit *test)
{
	cqring_load_run(test, true);
}

struct cqring_kick {
	struct cqring_fixture *f;
	struct completion kicked;
};

static void cqring_kick_handler(struct kfid_cq *cq, void *context)
{
	struct cqring_kick *kick = context;

	complete(&kick->kicked);
}

static int cqring_kick_producer_fn(void *arg)
{
	struct cqring_kick *kick = arg;
	unsigned int i = 0;

	while (i < PER_PRODUCER && !kthread_should_stop()) {
		struct kfi_cqring_entry entry = { .data = i };
		bool room = kfi_cqring_reserve(&kick->f->ring);

		if (room) {
			kfi_cqring_push(&kick->f->ring, &entry);
			i++;
		}
		if (!room || i % 3 == 0)
			usleep_range(1, 10);
	}
	return 0;
}

/* A reader that reads only when the handler tells it to misses nothing. */
static void cqring_handler_driven_test(struct kunit *test)
{
	struct cqring_kick kick = { .f = cqring_open_size(test, 4) };
	struct kfi_cq_data_entry got;
	struct task_struct *task;
	unsigned int n = 0;

	init_completion(&kick.kicked);
	kick.f->cq.comp_handler = cqring_kick_handler;
	kick.f->cq.fid.context = &kick;
	task = kthread_create(cqring_kick_producer_fn, &kick, "cqring_kick");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	get_task_struct(task);
	wake_up_process(task);

	while (n < PER_PRODUCER &&
	       wait_for_completion_timeout(&kick.kicked, 3 * HZ))
		while (kfi_cqring_read(&kick.f->ring, &got, 1, NULL) == 1)
			n += got.data == n;
	KUNIT_EXPECT_EQ(test, PER_PRODUCER, n);
	kthread_stop(task);
	put_task_struct(task);
}

static struct kunit_case cqring_wake_cases[] = {
	KUNIT_CASE(cqring_armed_at_open_test),
	KUNIT_CASE(cqring_called_once_per_arm_test),
	KUNIT_CASE(cqring_error_calls_handler_test),
	KUNIT_CASE(cqring_empty_read_arms_test),
	KUNIT_CASE(cqring_short_read_arms_test),
	KUNIT_CASE(cqring_full_read_does_not_arm_test),
	KUNIT_CASE(cqring_zero_read_does_not_arm_test),
	KUNIT_CASE(cqring_error_does_not_arm_test),
	KUNIT_CASE(cqring_entry_between_reads_test),
	KUNIT_CASE(cqring_no_handler_test),
	KUNIT_CASE(cqring_handler_reads_test),
	KUNIT_CASE(cqring_push_from_softirq_test),
	KUNIT_CASE(cqring_sread_without_wait_object_test),
	KUNIT_CASE(cqring_sread_arguments_test),
	KUNIT_CASE(cqring_sread_does_not_wait_for_what_is_there_test),
	KUNIT_CASE(cqring_sread_timeout_test),
	KUNIT_CASE(cqring_sread_timeout_arms_test),
	KUNIT_CASE(cqring_sread_error_test),
	KUNIT_CASE(cqring_sread_push_from_work_test),
	KUNIT_CASE(cqring_sread_interrupted_test),
	KUNIT_CASE(cqring_sread_stopped_thread_test),
	KUNIT_CASE(cqring_signal_ends_all_waits_test),
	KUNIT_CASE(cqring_signal_ends_next_wait_once_test),
	KUNIT_CASE(cqring_signal_loses_no_entry_test),
	KUNIT_CASE(cqring_threshold_test),
	KUNIT_CASE(cqring_threshold_timeout_test),
	KUNIT_CASE(cqring_threshold_beyond_size_test),
	KUNIT_CASE(cqring_threshold_zero_waits_for_one_test),
	KUNIT_CASE(cqring_load_polling_test),
	KUNIT_CASE(cqring_load_blocking_test),
	KUNIT_CASE(cqring_handler_driven_test),
	{}
};

static struct kunit_suite cqring_wake_suite = {
	.name = "kfi_core_cqring_wake",
	.test_cases = cqring_wake_cases,
};

kunit_test_suite(cqring_wake_suite);
