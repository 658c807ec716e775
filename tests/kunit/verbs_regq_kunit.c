// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Registration queue: it is ready to send, carries out requests, and recovers
 * from what breaks it.
 */
#include <linux/delay.h>
#include <linux/kthread.h>

#include <kunit/test.h>

#include "fixture.h"

#define THREADS		8
#define ROUNDS		200
#define PATIENCE	(5 * HZ)

static struct fake_qp *regq_qp(struct fixture *f)
{
	return to_fake_qp(f->dom->regq.qp);
}

/* Register a region of the pool and invalidate it, or only the first */
static int regq_exec(struct fixture *f, struct kfv_mr_hw *hw, bool reg,
		     bool inv)
{
	struct ib_reg_wr reg_wr = {
		.wr.opcode = IB_WR_REG_MR,
		.mr = hw->ibmr,
		.key = hw->ibmr->rkey,
	};
	struct ib_send_wr inv_wr = {
		.opcode = IB_WR_LOCAL_INV,
		.ex.invalidate_rkey = hw->ibmr->rkey,
	};
	int ret = 0;

	down_read(&f->dom->gate);
	if (reg)
		ret = kfv_regq_exec(f->dom, &reg_wr.wr);
	if (inv && !ret)
		ret = kfv_regq_exec(f->dom, &inv_wr);
	up_read(&f->dom->gate);
	return ret;
}

static struct kfv_mr_hw *regq_get_hw(struct fixture *f)
{
	struct kfv_mr_hw *hw;

	down_read(&f->dom->gate);
	hw = kfv_mrpool_get(&f->dom->pool);
	up_read(&f->dom->gate);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(f->test, hw);
	return hw;
}

static void regq_put_hw(struct fixture *f, struct kfv_mr_hw *hw)
{
	down_read(&f->dom->gate);
	kfv_mrpool_put(hw, false);
	up_read(&f->dom->gate);
}

static void regq_is_ready_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fake_qp *qp = regq_qp(f);

	KUNIT_EXPECT_EQ(test, IB_QPS_RTS, qp->state);
	KUNIT_EXPECT_EQ(test, IB_QPT_RC, qp->ibqp.qp_type);
	KUNIT_EXPECT_EQ(test, 0, qp->access);
	KUNIT_EXPECT_PTR_EQ(test, f->dom->pd, qp->ibqp.pd);
	KUNIT_EXPECT_LE(test, qp->cap.max_send_wr,
			(u32)f->dom->regq.cq->cqe);
}

static void regq_exec_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfv_mr_hw *hw = regq_get_hw(f);
	struct fake_mr *mr = to_fake_mr(hw->ibmr);

	KUNIT_EXPECT_EQ(test, 0, regq_exec(f, hw, true, false));
	KUNIT_EXPECT_TRUE(test, mr->valid);
	KUNIT_EXPECT_EQ(test, 0, regq_exec(f, hw, false, true));
	KUNIT_EXPECT_FALSE(test, mr->valid);
	regq_put_hw(f, hw);
}

static void regq_refused_request_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfv_mr_hw *hw = regq_get_hw(f);
	u32 qpn = regq_qp(f)->ibqp.qp_num;

	f->hca->reg_status = IB_WC_LOC_QP_OP_ERR;
	KUNIT_EXPECT_EQ(test, -EIO, regq_exec(f, hw, true, false));
	/* the request was refused, not flushed: once is enough */
	KUNIT_EXPECT_EQ(test, qpn, f->hca->last_qpn);

	f->hca->reg_status = IB_WC_SUCCESS;
	KUNIT_EXPECT_EQ(test, 0, regq_exec(f, hw, true, true));
	KUNIT_EXPECT_EQ(test, qpn + 1, regq_qp(f)->ibqp.qp_num);
	regq_put_hw(f, hw);
}

static void regq_flushed_request_is_tried_again_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfv_mr_hw *hw = regq_get_hw(f);
	u32 qpn = regq_qp(f)->ibqp.qp_num;

	fake_qp_set_state(regq_qp(f), IB_QPS_ERR);
	KUNIT_EXPECT_EQ(test, 0, regq_exec(f, hw, true, true));
	KUNIT_EXPECT_EQ(test, qpn + 1, regq_qp(f)->ibqp.qp_num);
	regq_put_hw(f, hw);
}

static void regq_tries_end_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfv_mr_hw *hw = regq_get_hw(f);
	u32 qpn = regq_qp(f)->ibqp.qp_num;

	f->hca->reg_status = IB_WC_WR_FLUSH_ERR;
	KUNIT_EXPECT_EQ(test, -EIO, regq_exec(f, hw, true, false));
	KUNIT_EXPECT_EQ(test, qpn + 3, f->hca->last_qpn);
	f->hca->reg_status = IB_WC_SUCCESS;
	KUNIT_EXPECT_EQ(test, 0, regq_exec(f, hw, true, true));
	regq_put_hw(f, hw);
}

static void regq_post_fails_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfv_mr_hw *hw = regq_get_hw(f);
	int slots = atomic_read(&f->dom->regq.slots);

	fake_qp_refuse(regq_qp(f), 0, 1, -ENOMEM);
	KUNIT_EXPECT_EQ(test, -ENOMEM, regq_exec(f, hw, true, false));
	KUNIT_EXPECT_EQ(test, slots, atomic_read(&f->dom->regq.slots));
	KUNIT_EXPECT_EQ(test, 0, regq_exec(f, hw, true, true));
	regq_put_hw(f, hw);
}

static void regq_cannot_be_rebuilt_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfv_mr_hw *hw = regq_get_hw(f);

	fake_qp_set_state(regq_qp(f), IB_QPS_ERR);
	f->hca->create_qp_rc = -ENOMEM;
	KUNIT_EXPECT_EQ(test, -ENOMEM, regq_exec(f, hw, true, false));
	KUNIT_EXPECT_NULL(test, f->dom->regq.qp);
	KUNIT_EXPECT_EQ(test, 0, f->hca->qps);
	f->hca->create_qp_rc = 0;
	f->hca->modify_qp_rc = -EINVAL;
	KUNIT_EXPECT_EQ(test, -EINVAL, regq_exec(f, hw, true, false));
	KUNIT_EXPECT_EQ(test, 0, f->hca->qps);
	f->hca->modify_qp_rc = 0;
	KUNIT_EXPECT_EQ(test, 0, regq_exec(f, hw, true, true));
	KUNIT_EXPECT_EQ(test, 1, f->hca->qps);
	regq_put_hw(f, hw);
}

static void regq_close_without_queue_pair_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfv_mr_hw *hw = regq_get_hw(f);

	fake_qp_set_state(regq_qp(f), IB_QPS_ERR);
	f->hca->create_qp_rc = -ENOMEM;
	KUNIT_EXPECT_EQ(test, -ENOMEM, regq_exec(f, hw, true, false));
	regq_put_hw(f, hw);
	KUNIT_EXPECT_EQ(test, 0, fixture_close(f, &f->domain->fid));
	KUNIT_EXPECT_EQ(test, 0, f->hca->cqs);
}

struct regq_worker {
	struct fixture *f;
	struct kfv_mr_hw *hw;
	struct task_struct *task;
	int rounds;
	int failed;
	bool done;
};

static int regq_work(void *data)
{
	struct regq_worker *w = data;
	int i;

	for (i = 0; i < w->rounds; i++)
		if (regq_exec(w->f, w->hw, true, true))
			w->failed++;
	WRITE_ONCE(w->done, true);
	while (!kthread_should_stop())
		schedule_timeout_idle(1);
	return 0;
}

/* Threads that register and invalidate so often */
static struct regq_worker *regq_start(struct fixture *f, int threads, int rounds)
{
	struct regq_worker *w;
	int i;

	w = kunit_kcalloc(f->test, threads, sizeof(*w), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(f->test, w);
	for (i = 0; i < threads; i++) {
		w[i].f = f;
		w[i].hw = regq_get_hw(f);
		w[i].rounds = rounds;
		w[i].task = kthread_run(regq_work, &w[i], "regq-%d", i);
		if (IS_ERR(w[i].task))
			KUNIT_FAIL(f->test, "no thread");
	}
	return w;
}

static void regq_stop(struct fixture *f, struct regq_worker *w, int threads)
{
	int i;

	for (i = 0; i < threads; i++) {
		if (!IS_ERR(w[i].task))
			kthread_stop(w[i].task);
		KUNIT_EXPECT_EQ(f->test, 0, w[i].failed);
		regq_put_hw(f, w[i].hw);
	}
}

/* More requests than fit into the queue must not overrun it. */
static void regq_many_at_once_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct regq_worker *w;

	atomic_set(&f->dom->regq.slots, 2);
	w = regq_start(f, THREADS, ROUNDS);
	regq_stop(f, w, THREADS);
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&f->dom->regq.slots));
}

/* Nobody loses a request when the queue pair is replaced, nor uses one that was. */
static void regq_breaks_under_load_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfv_regq *rq = &f->dom->regq;
	int slots = atomic_read(&rq->slots), breaks;
	u32 qpn = regq_qp(f)->ibqp.qp_num;
	struct regq_worker *w;

	w = regq_start(f, THREADS, ROUNDS);
	for (breaks = 0; breaks < 20; breaks++) {
		mutex_lock(&rq->lock);
		fake_qp_set_state(regq_qp(f), IB_QPS_ERR);
		mutex_unlock(&rq->lock);
		usleep_range(200, 400);
	}
	regq_stop(f, w, THREADS);
	KUNIT_EXPECT_EQ(test, slots, atomic_read(&rq->slots));
	KUNIT_EXPECT_GT(test, regq_qp(f)->ibqp.qp_num, qpn);
	KUNIT_EXPECT_EQ(test, 1, f->hca->qps);
}

/* One request after the other is done as soon as somebody sleeps. */
static void regq_finish_late(struct fixture *f, int requests)
{
	for (; requests; requests--) {
		while (!fake_qp_sends(regq_qp(f)) ||
		       !wq_has_sleeper(&f->dom->regq.wait))
			usleep_range(1000, 2000);
		KUNIT_EXPECT_EQ(f->test, 1U, fake_qp_sends(regq_qp(f)));
		fake_qp_complete(regq_qp(f), 1);
	}
}

/* Who has to wait long sleeps: for a completion, and for a place in the queue. */
static void regq_late_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	atomic_t *slots = &f->dom->regq.slots;
	struct regq_worker *w;
	int others;

	f->hca->late_regs = true;
	w = regq_start(f, 1, 1);
	regq_finish_late(f, 2);
	regq_stop(f, w, 1);

	others = atomic_read(slots) - 1;
	atomic_sub(others, slots);
	w = regq_start(f, 2, 1);
	regq_finish_late(f, 4);
	regq_stop(f, w, 2);
	KUNIT_EXPECT_EQ(test, 1, atomic_read(slots));
	atomic_add(others, slots);
}

/* A queue pair that has a request outstanding is not replaced. */
static void regq_replaced_when_idle_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfv_regq *rq = &f->dom->regq;
	struct kfv_mr_hw *hw = regq_get_hw(f);
	struct regq_worker *outstanding, *w;
	struct fake_qp *qp = regq_qp(f);

	f->hca->late_regs = true;
	outstanding = regq_start(f, 1, 1);
	while (!fake_qp_sends(qp) || !wq_has_sleeper(&rq->wait))
		usleep_range(1000, 2000);
	f->hca->late_regs = false;
	fake_qp_refuse(qp, 0, 1, -ENOMEM);
	KUNIT_EXPECT_EQ(test, -ENOMEM, regq_exec(f, hw, true, false));

	w = regq_start(f, 1, 1);
	while (!mutex_is_locked(&rq->lock) && READ_ONCE(rq->qp) == &qp->ibqp)
		usleep_range(1000, 2000);
	KUNIT_EXPECT_PTR_EQ(test, &qp->ibqp, READ_ONCE(rq->qp));
	fake_qp_finish(qp, 1);
	regq_stop(f, outstanding, 1);
	regq_stop(f, w, 1);
	regq_put_hw(f, hw);
}

/* For who is about to sleep: it was not armed, so nobody is told. */
static void regq_finish_unseen(void *data)
{
	struct fixture *f = data;
	struct fake_qp *qp = regq_qp(f);

	if (!fake_qp_sends(qp) || !wq_has_sleeper(&f->dom->regq.wait))
		return;
	to_fake_cq(qp->ibqp.send_cq)->armed = false;
	fake_qp_finish(qp, 1);
}

/* What is completed between the last look and the arming is not missed. */
static void regq_unseen_test(struct kunit *test)
{
	unsigned long end = jiffies + PATIENCE;
	struct fixture *f = fixture_new(test);
	struct regq_worker *w;

	f->hca->late_regs = true;
	f->hca->arming_data = f;
	f->hca->arming = regq_finish_unseen;
	w = regq_start(f, 1, 1);
	while (!READ_ONCE(w->done) && time_before(jiffies, end))
		usleep_range(1000, 2000);
	KUNIT_EXPECT_TRUE(test, READ_ONCE(w->done));
	while (!READ_ONCE(w->done)) {
		wake_up_all(&f->dom->regq.wait);
		usleep_range(1000, 2000);
	}
	regq_stop(f, w, 1);
	f->hca->arming = NULL;
}

static struct kunit_case regq_cases[] = {
	KUNIT_CASE(regq_is_ready_test),
	KUNIT_CASE(regq_exec_test),
	KUNIT_CASE(regq_refused_request_test),
	KUNIT_CASE(regq_flushed_request_is_tried_again_test),
	KUNIT_CASE(regq_tries_end_test),
	KUNIT_CASE(regq_post_fails_test),
	KUNIT_CASE(regq_cannot_be_rebuilt_test),
	KUNIT_CASE(regq_close_without_queue_pair_test),
	KUNIT_CASE(regq_many_at_once_test),
	KUNIT_CASE(regq_breaks_under_load_test),
	KUNIT_CASE(regq_late_test),
	KUNIT_CASE(regq_replaced_when_idle_test),
	KUNIT_CASE(regq_unseen_test),
	{}
};

static struct kunit_suite regq_suite = {
	.name = "kfi_verbs_regq",
	.test_cases = regq_cases,
};

kunit_test_suite(regq_suite);
