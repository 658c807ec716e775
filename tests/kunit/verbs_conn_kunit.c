// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * States of an endpoint: which there are, what they let through, and that each
 * attempt and each connection is told of once, whatever ends it.
 *
 * The fixture is an endpoint without queue pair on an event queue of the core.
 * Its rdma_cm_id is a real one that was never bound, on which hanging up does
 * nothing.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include <kunit/test.h>

#include "verbs.h"

#define EQ_SIZE		8

struct conn_fixture {
	struct kfv_domain domain;
	struct kfv_eq eq;
	struct kfv_ep ep;
	/* called from the event handler */
	void (*meanwhile)(struct kfv_ep *ep);
	/* in which it left the endpoint */
	enum kfv_ep_state left;
};

static const struct kfi_fid_type conn_type = { .name = "ep" };
static const struct kfv_conn_why conn_reply = { .data = "yes", .len = 3 };
static const struct kfv_conn_why conn_refused = {
	.err = ECONNREFUSED, .prov_errno = 28, .data = "no", .len = 2,
};

static void conn_event_handler(struct kfid_eq *eq, void *context)
{
	struct conn_fixture *f = container_of(eq, struct conn_fixture, eq.eq);

	if (!f->meanwhile)
		return;
	f->meanwhile(&f->ep);
	f->left = f->ep.state;
}

static int conn_cm_handler(struct rdma_cm_id *id, struct rdma_cm_event *event)
{
	return 0;
}

static void conn_stop(struct conn_fixture *f)
{
	mutex_lock(&f->domain.lock);
	kfv_conn_stop(&f->ep);
	mutex_unlock(&f->domain.lock);
}

/* The device is removed */
static void conn_remove(struct conn_fixture *f)
{
	f->domain.dead = true;
	conn_stop(f);
}

static void conn_cleanup(void *data)
{
	struct conn_fixture *f = data;

	conn_stop(f);
	kfi_evq_destroy(&f->eq.evq);
}

static struct conn_fixture *conn_new(struct kunit *test)
{
	const struct kfi_eq_attr attr = { .size = EQ_SIZE };
	struct conn_fixture *f;

	f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f);
	mutex_init(&f->domain.lock);
	KUNIT_ASSERT_EQ(test, 0, kfi_evq_init(&f->eq.evq, &attr, &f->eq.eq));
	f->eq.eq.event_handler = conn_event_handler;

	f->ep.domain = &f->domain;
	f->ep.eq = &f->eq;
	f->ep.node.type = &conn_type;
	spin_lock_init(&f->ep.sq.lock);
	spin_lock_init(&f->ep.rq.lock);
	kfv_conn_init(&f->ep);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, conn_cleanup, f));

	f->ep.id = rdma_create_id(&init_net, conn_cm_handler, &f->ep,
				  RDMA_PS_TCP, IB_QPT_RC);
	if (IS_ERR(f->ep.id)) {
		f->ep.id = NULL;
		KUNIT_FAIL_AND_ABORT(test, "no rdma_cm_id");
	}
	return f;
}

static int conn_enable(struct conn_fixture *f)
{
	int rc;

	mutex_lock(&f->domain.lock);
	rc = kfv_conn_reserve(&f->ep);
	if (!rc)
		rc = kfv_conn_enabled(&f->ep);
	mutex_unlock(&f->domain.lock);
	return rc;
}

static int conn_begin(struct conn_fixture *f, enum kfv_ep_state to)
{
	int rc;

	mutex_lock(&f->domain.lock);
	rc = kfv_conn_begin(&f->ep, to);
	mutex_unlock(&f->domain.lock);
	return rc;
}

/* An endpoint that is trying */
static struct conn_fixture *conn_trying(struct kunit *test,
					enum kfv_ep_state state)
{
	struct conn_fixture *f = conn_new(test);

	KUNIT_ASSERT_EQ(test, 0, conn_enable(f));
	KUNIT_ASSERT_EQ(test, 0, conn_begin(f, state));
	return f;
}

static void conn_expect_nothing(struct kunit *test, struct conn_fixture *f)
{
	struct kfi_eq_cm_entry entry;
	u32 event;

	flush_work(&f->ep.breaker);
	KUNIT_EXPECT_EQ(test, (ssize_t)-EAGAIN,
			kfi_evq_read(&f->eq.evq, &event, &entry, sizeof(entry),
				     0));
}

static void conn_expect_event(struct kunit *test, struct conn_fixture *f,
			      u32 expected)
{
	struct kfi_eq_cm_entry entry = {};
	u32 event = 0;

	flush_work(&f->ep.breaker);
	KUNIT_EXPECT_EQ(test, (ssize_t)sizeof(entry),
			kfi_evq_read(&f->eq.evq, &event, &entry, sizeof(entry),
				     0));
	KUNIT_EXPECT_EQ(test, expected, event);
	KUNIT_EXPECT_PTR_EQ(test, &f->ep.ep.fid, entry.fid);
}

static void conn_expect_error(struct kunit *test, struct conn_fixture *f,
			      int err)
{
	struct kfi_eq_err_entry entry = {};

	KUNIT_EXPECT_EQ(test, (ssize_t)sizeof(entry),
			kfi_evq_readerr(&f->eq.evq, &entry, 0));
	KUNIT_EXPECT_EQ(test, err, entry.err);
	KUNIT_EXPECT_PTR_EQ(test, &f->ep.ep.fid, entry.fid);
}

/* An endpoint that is connected, and the client has read so */
static struct conn_fixture *conn_connected(struct kunit *test)
{
	struct conn_fixture *f = conn_trying(test, KFV_EP_CONNECTING);

	KUNIT_ASSERT_TRUE(test, kfv_conn_up(&f->ep, KFV_CONN_ATTEMPT,
					    &conn_reply));
	conn_expect_event(test, f, KFI_CONNECTED);
	return f;
}

/*
 * The table
 */

struct conn_legal_case {
	enum kfv_ep_state from;
	enum kfv_ep_state to[8];
	int n;
};

static const struct conn_legal_case conn_legal_cases[] = {
	{ KFV_EP_NEW, { KFV_EP_ENABLED, KFV_EP_SHUTDOWN, KFV_EP_DEAD }, 3 },
	{ KFV_EP_ENABLED, { KFV_EP_CONNECTING, KFV_EP_ACCEPTING,
			    KFV_EP_SHUTDOWN, KFV_EP_DEAD }, 4 },
	{ KFV_EP_CONNECTING, { KFV_EP_ENABLED, KFV_EP_CONNECTED,
			       KFV_EP_SHUTDOWN, KFV_EP_DEAD }, 4 },
	{ KFV_EP_ACCEPTING, { KFV_EP_CONNECTED, KFV_EP_SHUTDOWN,
			      KFV_EP_DEAD }, 3 },
	{ KFV_EP_CONNECTED, { KFV_EP_BROKEN, KFV_EP_SHUTDOWN,
			      KFV_EP_DEAD }, 3 },
	{ KFV_EP_BROKEN, { KFV_EP_SHUTDOWN, KFV_EP_DEAD }, 2 },
	{ KFV_EP_SHUTDOWN, { KFV_EP_DEAD }, 1 },
	{ KFV_EP_DEAD, {}, 0 },
	{ KFV_EP_NR_STATES, {}, 0 },
};

static void conn_legal_desc(const struct conn_legal_case *c, char *desc)
{
	strscpy(desc, kfv_conn_state_name(c->from), KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(conn_legal, conn_legal_cases, conn_legal_desc);

static void conn_legal_test(struct kunit *test)
{
	const struct conn_legal_case *c = test->param_value;
	unsigned long legal = 0;
	int i;

	for (i = 0; i < c->n; i++)
		legal |= BIT(c->to[i]);
	for (i = 0; i <= KFV_EP_NR_STATES; i++)
		KUNIT_EXPECT_EQ_MSG(test, !!(legal & BIT(i)),
				    kfv_conn_legal(c->from, i), "to %s",
				    kfv_conn_state_name(i));
}

static void conn_names_differ_test(struct kunit *test)
{
	int i, j;

	for (i = 0; i < KFV_EP_NR_STATES; i++) {
		KUNIT_ASSERT_NOT_NULL(test, kfv_conn_state_name(i));
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, kfv_conn_state_name(i),
					    kfv_conn_state_name(j));
	}
	KUNIT_EXPECT_STREQ(test, "?", kfv_conn_state_name(KFV_EP_NR_STATES));
}

/*
 * What the states let through, each reached as it is in life
 */

static void conn_expect_gates(struct kunit *test, struct conn_fixture *f,
			      int sq, int rq)
{
	KUNIT_EXPECT_EQ(test, sq, f->ep.sq.gate);
	KUNIT_EXPECT_EQ(test, rq, f->ep.rq.gate);
}

static void conn_gates_test(struct kunit *test)
{
	struct conn_fixture *f = conn_new(test);

	conn_expect_gates(test, f, -KFI_EOPBADSTATE, -KFI_EOPBADSTATE);
	KUNIT_ASSERT_EQ(test, 0, conn_enable(f));
	conn_expect_gates(test, f, -ENOTCONN, 0);
	KUNIT_ASSERT_EQ(test, 0, conn_begin(f, KFV_EP_CONNECTING));
	conn_expect_gates(test, f, -ENOTCONN, 0);
	kfv_conn_up(&f->ep, KFV_CONN_ATTEMPT, &conn_reply);
	conn_expect_gates(test, f, 0, 0);
	kfv_conn_broken(&f->ep);
	conn_expect_gates(test, f, -ENOTCONN, -ENOTCONN);
	flush_work(&f->ep.breaker);
	conn_expect_gates(test, f, -ENOTCONN, -ENOTCONN);
	conn_stop(f);
	conn_expect_gates(test, f, -ENODEV, -ENODEV);
}

static void conn_gates_accepting_test(struct kunit *test)
{
	struct conn_fixture *f = conn_trying(test, KFV_EP_ACCEPTING);

	conn_expect_gates(test, f, -ENOTCONN, 0);
	kfv_conn_fail(&f->ep, ETIMEDOUT);
	conn_expect_gates(test, f, -ENOTCONN, -ENOTCONN);
}

static void conn_begin_test(struct kunit *test)
{
	struct conn_fixture *f = conn_new(test);

	KUNIT_EXPECT_EQ(test, -KFI_EOPBADSTATE,
			conn_begin(f, KFV_EP_CONNECTING));
	KUNIT_ASSERT_EQ(test, 0, conn_enable(f));
	KUNIT_EXPECT_EQ(test, 0, conn_begin(f, KFV_EP_CONNECTING));
	KUNIT_EXPECT_EQ(test, -EISCONN, conn_begin(f, KFV_EP_CONNECTING));
	kfv_conn_up(&f->ep, KFV_CONN_ATTEMPT, &conn_reply);
	KUNIT_EXPECT_EQ(test, -EISCONN, conn_begin(f, KFV_EP_CONNECTING));
	kfv_conn_down(&f->ep, KFV_CONN_ALIVE, NULL);
	KUNIT_EXPECT_EQ(test, -KFI_EOPBADSTATE,
			conn_begin(f, KFV_EP_CONNECTING));
	conn_stop(f);
	KUNIT_EXPECT_EQ(test, -ENODEV, conn_begin(f, KFV_EP_CONNECTING));
}

static void conn_undo_test(struct kunit *test)
{
	struct conn_fixture *f = conn_trying(test, KFV_EP_CONNECTING);

	mutex_lock(&f->domain.lock);
	kfv_conn_undo(&f->ep, KFV_EP_ENABLED);
	mutex_unlock(&f->domain.lock);
	conn_expect_nothing(test, f);
	conn_expect_gates(test, f, -ENOTCONN, 0);
	KUNIT_EXPECT_EQ(test, 0, conn_begin(f, KFV_EP_CONNECTING));
}

/*
 * Attempts
 */

static void conn_up_test(struct kunit *test)
{
	struct conn_fixture *f = conn_trying(test, KFV_EP_CONNECTING);
	struct {
		struct kfi_eq_cm_entry cm;
		u8 data[8];
	} entry = {};
	u32 event;

	KUNIT_EXPECT_TRUE(test, kfv_conn_up(&f->ep, KFV_CONN_ATTEMPT,
					    &conn_reply));
	KUNIT_EXPECT_EQ(test, (ssize_t)sizeof(entry.cm) + 3,
			kfi_evq_read(&f->eq.evq, &event, &entry, sizeof(entry),
				     0));
	KUNIT_EXPECT_EQ(test, (u32)KFI_CONNECTED, event);
	KUNIT_EXPECT_EQ(test, 0, memcmp(entry.cm.data, "yes", 3));

	KUNIT_EXPECT_FALSE(test, kfv_conn_up(&f->ep, KFV_CONN_ATTEMPT,
					     &conn_reply));
	conn_expect_nothing(test, f);
}

/* On iWARP the connection is there when both first messages have come. */
static void conn_awaits_test(struct kunit *test)
{
	struct conn_fixture *f = conn_trying(test, KFV_EP_ACCEPTING);
	struct kfi_eq_cm_entry entry;
	u32 event;

	kfv_conn_await(&f->ep, KFV_AWAITS_HELLO);
	kfv_conn_await(&f->ep, KFV_AWAITS_CTL);
	KUNIT_EXPECT_TRUE(test, kfv_conn_got(&f->ep, KFV_AWAITS_CTL));
	flush_work(&f->ep.greeter);
	conn_expect_nothing(test, f);
	conn_expect_gates(test, f, -ENOTCONN, 0);
	/* once is enough */
	KUNIT_EXPECT_FALSE(test, kfv_conn_got(&f->ep, KFV_AWAITS_CTL));
	flush_work(&f->ep.greeter);
	conn_expect_nothing(test, f);

	KUNIT_EXPECT_TRUE(test, kfv_conn_got(&f->ep, KFV_AWAITS_HELLO));
	flush_work(&f->ep.greeter);
	KUNIT_EXPECT_EQ(test, (ssize_t)sizeof(entry),
			kfi_evq_read(&f->eq.evq, &event, &entry, sizeof(entry),
				     0));
	KUNIT_EXPECT_EQ(test, (u32)KFI_CONNECTED, event);
	conn_expect_gates(test, f, 0, 0);
}

/* What comes too late, or to who does not wait, connects nobody. */
static void conn_got_late_test(struct kunit *test)
{
	struct conn_fixture *f = conn_trying(test, KFV_EP_ACCEPTING);

	KUNIT_EXPECT_FALSE(test, kfv_conn_got(&f->ep, KFV_AWAITS_CTL));
	kfv_conn_await(&f->ep, KFV_AWAITS_HELLO);
	conn_stop(f);
	kfv_conn_got(&f->ep, KFV_AWAITS_HELLO);
	KUNIT_EXPECT_FALSE(test, work_pending(&f->ep.greeter));
	KUNIT_EXPECT_EQ(test, KFV_EP_DEAD, f->ep.state);
}

static void conn_rejected_test(struct kunit *test)
{
	struct conn_fixture *f = conn_trying(test, KFV_EP_CONNECTING);
	struct kfi_eq_err_entry entry = {};

	kfv_conn_down(&f->ep, KFV_CONN_ATTEMPT, &conn_refused);
	KUNIT_EXPECT_EQ(test, (ssize_t)sizeof(entry),
			kfi_evq_readerr(&f->eq.evq, &entry, 0));
	KUNIT_EXPECT_EQ(test, ECONNREFUSED, entry.err);
	KUNIT_EXPECT_EQ(test, 28, entry.prov_errno);
	KUNIT_ASSERT_EQ(test, 2UL, entry.err_data_size);
	KUNIT_EXPECT_EQ(test, 0, memcmp(entry.err_data, "no", 2));

	kfv_conn_down(&f->ep, KFV_CONN_ATTEMPT, &conn_refused);
	conn_expect_nothing(test, f);
}

static void conn_late_success_test(struct kunit *test)
{
	struct conn_fixture *f = conn_trying(test, KFV_EP_CONNECTING);

	kfv_conn_fail(&f->ep, ETIMEDOUT);
	KUNIT_EXPECT_FALSE(test, kfv_conn_up(&f->ep, KFV_CONN_ATTEMPT,
					     &conn_reply));
	conn_expect_error(test, f, ETIMEDOUT);
	conn_expect_nothing(test, f);
	conn_expect_gates(test, f, -ENOTCONN, -ENOTCONN);
}

static void conn_run_timer(struct conn_fixture *f)
{
	mod_delayed_work(system_wq, &f->ep.timer, 0);
	flush_delayed_work(&f->ep.timer);
}

static void conn_timer_test(struct kunit *test)
{
	struct conn_fixture *f = conn_trying(test, KFV_EP_ACCEPTING);

	conn_run_timer(f);
	conn_expect_error(test, f, ETIMEDOUT);
	conn_run_timer(f);
	conn_expect_nothing(test, f);
}

static void conn_timer_too_late_test(struct kunit *test)
{
	struct conn_fixture *f = conn_connected(test);

	conn_run_timer(f);
	conn_expect_nothing(test, f);
	conn_expect_gates(test, f, 0, 0);
}

/*
 * Requests that the peer takes back
 */

static void conn_request_gone_test(struct kunit *test)
{
	struct conn_fixture *f = conn_new(test);

	kfv_conn_down(&f->ep, KFV_CONN_REQUEST, NULL);
	KUNIT_EXPECT_EQ(test, -ECONNABORTED, conn_enable(f));
	KUNIT_EXPECT_EQ(test, -ECONNABORTED, conn_begin(f, KFV_EP_ACCEPTING));
	conn_expect_nothing(test, f);
}

static void conn_enabled_request_gone_test(struct kunit *test)
{
	struct conn_fixture *f = conn_new(test);

	KUNIT_ASSERT_EQ(test, 0, conn_enable(f));
	kfv_conn_down(&f->ep, KFV_CONN_REQUEST, NULL);
	KUNIT_EXPECT_EQ(test, -ECONNABORTED, conn_begin(f, KFV_EP_ACCEPTING));
	conn_expect_nothing(test, f);
	conn_expect_gates(test, f, -ENOTCONN, -ENOTCONN);
}

/* An attempt that has failed is another matter. */
static void conn_failed_accept_test(struct kunit *test)
{
	struct conn_fixture *f = conn_trying(test, KFV_EP_ACCEPTING);

	kfv_conn_fail(&f->ep, ETIMEDOUT);
	conn_expect_error(test, f, ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, -KFI_EOPBADSTATE,
			conn_begin(f, KFV_EP_ACCEPTING));
	conn_expect_nothing(test, f);
}

/*
 * Connections that end: a failed completion and the peer's farewell come in
 * either order, or one of them alone
 */

static void conn_peer_leaves_test(struct kunit *test)
{
	struct conn_fixture *f = conn_connected(test);

	kfv_conn_down(&f->ep, KFV_CONN_ALIVE, NULL);
	conn_expect_event(test, f, KFI_SHUTDOWN);
	kfv_conn_broken(&f->ep);
	conn_expect_nothing(test, f);
}

static void conn_completion_fails_test(struct kunit *test)
{
	struct conn_fixture *f = conn_connected(test);

	kfv_conn_broken(&f->ep);
	kfv_conn_broken(&f->ep);
	conn_expect_event(test, f, KFI_SHUTDOWN);
	kfv_conn_down(&f->ep, KFV_CONN_ALIVE, NULL);
	conn_expect_nothing(test, f);
}

static void conn_both_at_once_test(struct kunit *test)
{
	struct conn_fixture *f = conn_connected(test);

	kfv_conn_broken(&f->ep);
	kfv_conn_down(&f->ep, KFV_CONN_ALIVE, NULL);
	conn_expect_event(test, f, KFI_SHUTDOWN);
	conn_expect_nothing(test, f);
}

static void conn_broken_early_test(struct kunit *test)
{
	struct conn_fixture *f = conn_trying(test, KFV_EP_ACCEPTING);

	kfv_conn_broken(&f->ep);
	conn_expect_nothing(test, f);
	kfv_conn_up(&f->ep, KFV_CONN_ATTEMPT, &conn_reply);
	conn_expect_event(test, f, KFI_CONNECTED);
	conn_expect_event(test, f, KFI_SHUTDOWN);
	conn_expect_nothing(test, f);
}

/*
 * The breaker must not overtake the event that is just being pushed, so it is
 * the pusher who starts it.
 */
static void conn_broken_while_telling_test(struct kunit *test)
{
	struct conn_fixture *f = conn_trying(test, KFV_EP_CONNECTING);

	f->meanwhile = kfv_conn_broken;
	kfv_conn_up(&f->ep, KFV_CONN_ATTEMPT, &conn_reply);
	KUNIT_EXPECT_EQ(test, KFV_EP_CONNECTED, f->left);
	conn_expect_event(test, f, KFI_CONNECTED);
	conn_expect_event(test, f, KFI_SHUTDOWN);
	conn_expect_nothing(test, f);
}

static void conn_broken_without_connection_test(struct kunit *test)
{
	struct conn_fixture *f = conn_new(test);

	kfv_conn_broken(&f->ep);
	KUNIT_EXPECT_TRUE(test, kfv_conn_in(&f->ep, BIT(KFV_EP_NEW)));
	conn_expect_nothing(test, f);
}

/*
 * Close and removal
 */

static void conn_removed_while_trying_test(struct kunit *test)
{
	struct conn_fixture *f = conn_trying(test, KFV_EP_CONNECTING);

	conn_remove(f);
	conn_expect_error(test, f, ENODEV);
	conn_expect_nothing(test, f);
	KUNIT_EXPECT_EQ(test, 0UL, f->eq.evq.used);
	KUNIT_EXPECT_NULL(test, f->ep.id);
}

static void conn_removed_while_connected_test(struct kunit *test)
{
	struct conn_fixture *f = conn_connected(test);

	conn_remove(f);
	conn_expect_event(test, f, KFI_SHUTDOWN);
	conn_expect_nothing(test, f);
	KUNIT_EXPECT_EQ(test, 0UL, f->eq.evq.used);
}

static void conn_removed_while_broken_test(struct kunit *test)
{
	struct conn_fixture *f = conn_connected(test);

	kfv_conn_broken(&f->ep);
	conn_remove(f);
	conn_expect_event(test, f, KFI_SHUTDOWN);
	conn_expect_nothing(test, f);
}

static void conn_removed_after_shutdown_test(struct kunit *test)
{
	struct conn_fixture *f = conn_connected(test);

	kfv_conn_down(&f->ep, KFV_CONN_ALIVE, NULL);
	conn_expect_event(test, f, KFI_SHUTDOWN);
	conn_remove(f);
	conn_expect_nothing(test, f);
}

static void conn_removed_when_idle_test(struct kunit *test)
{
	struct conn_fixture *f = conn_new(test);

	KUNIT_ASSERT_EQ(test, 0, conn_enable(f));
	conn_remove(f);
	conn_expect_nothing(test, f);
	KUNIT_EXPECT_EQ(test, 0UL, f->eq.evq.used);
}

static void conn_closed_while_trying_test(struct kunit *test)
{
	struct conn_fixture *f = conn_trying(test, KFV_EP_CONNECTING);

	conn_stop(f);
	conn_expect_nothing(test, f);
	KUNIT_EXPECT_EQ(test, 0UL, f->eq.evq.used);
}

static void conn_closed_while_connected_test(struct kunit *test)
{
	struct conn_fixture *f = conn_connected(test);

	conn_stop(f);
	conn_stop(f);
	conn_expect_nothing(test, f);
	KUNIT_EXPECT_EQ(test, 0UL, f->eq.evq.used);
}

static void conn_nothing_after_stop_test(struct kunit *test)
{
	struct conn_fixture *f = conn_connected(test);

	conn_stop(f);
	kfv_conn_broken(&f->ep);
	kfv_conn_fail(&f->ep, EIO);
	kfv_conn_down(&f->ep, KFV_CONN_ALIVE | KFV_CONN_REQUEST, NULL);
	KUNIT_EXPECT_FALSE(test, kfv_conn_up(&f->ep, KFV_CONN_ATTEMPT,
					     &conn_reply));
	conn_expect_nothing(test, f);
	KUNIT_EXPECT_TRUE(test, kfv_conn_in(&f->ep, BIT(KFV_EP_DEAD)));
}

/*
 * Room in the event queue
 */

static void conn_reserve_test(struct kunit *test)
{
	struct kfi_evq_event *other[EQ_SIZE - 1];
	struct conn_fixture *f = conn_new(test);
	int i;

	for (i = 0; i < ARRAY_SIZE(other); i++) {
		other[i] = kfi_evq_reserve(&f->eq.evq, 0, GFP_KERNEL);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, other[i]);
	}
	KUNIT_EXPECT_EQ(test, -ENOSPC, conn_enable(f));
	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(other), f->eq.evq.used);

	kfi_evq_release(&f->eq.evq, other[0]);
	KUNIT_EXPECT_EQ(test, 0, conn_enable(f));
	for (i = 1; i < ARRAY_SIZE(other); i++)
		kfi_evq_release(&f->eq.evq, other[i]);
	KUNIT_EXPECT_EQ(test, 2UL, f->eq.evq.used);
}

static struct kunit_case conn_cases[] = {
	KUNIT_CASE_PARAM(conn_legal_test, conn_legal_gen_params),
	KUNIT_CASE(conn_names_differ_test),
	KUNIT_CASE(conn_gates_test),
	KUNIT_CASE(conn_gates_accepting_test),
	KUNIT_CASE(conn_begin_test),
	KUNIT_CASE(conn_undo_test),
	KUNIT_CASE(conn_up_test),
	KUNIT_CASE(conn_awaits_test),
	KUNIT_CASE(conn_got_late_test),
	KUNIT_CASE(conn_rejected_test),
	KUNIT_CASE(conn_late_success_test),
	KUNIT_CASE(conn_timer_test),
	KUNIT_CASE(conn_timer_too_late_test),
	KUNIT_CASE(conn_request_gone_test),
	KUNIT_CASE(conn_enabled_request_gone_test),
	KUNIT_CASE(conn_failed_accept_test),
	KUNIT_CASE(conn_peer_leaves_test),
	KUNIT_CASE(conn_completion_fails_test),
	KUNIT_CASE(conn_both_at_once_test),
	KUNIT_CASE(conn_broken_early_test),
	KUNIT_CASE(conn_broken_while_telling_test),
	KUNIT_CASE(conn_broken_without_connection_test),
	KUNIT_CASE(conn_removed_while_trying_test),
	KUNIT_CASE(conn_removed_while_connected_test),
	KUNIT_CASE(conn_removed_while_broken_test),
	KUNIT_CASE(conn_removed_after_shutdown_test),
	KUNIT_CASE(conn_removed_when_idle_test),
	KUNIT_CASE(conn_closed_while_trying_test),
	KUNIT_CASE(conn_closed_while_connected_test),
	KUNIT_CASE(conn_nothing_after_stop_test),
	KUNIT_CASE(conn_reserve_test),
	{}
};

static struct kunit_suite conn_suite = {
	.name = "kfi_verbs_conn",
	.test_cases = conn_cases,
};

kunit_test_suite(conn_suite);

MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
MODULE_DESCRIPTION("KUnit suites of kfi_verbs");
MODULE_LICENSE("Dual BSD/GPL");
