// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: States of an endpoint
 *
 * Purpose: the life of an endpoint as one table of states, whatever moves it:
 * the client's calls and the connection manager's events (cm.c), failed
 * completions, a timer, removal.
 *
 * Operation: kfv_conn_move() is the only writer of the state; with it the gates
 * of both queues change, so what a post answers follows from the state. An
 * attempt ends in kfv_conn_up() or kfv_conn_down(), a connection in
 * kfv_conn_down(); whichever cause comes first takes the one event that was
 * reserved for this, the others find the state changed and do nothing. The
 * peer's end of a connection is seen as an event, as a failed completion, in
 * either order, or never.
 *
 * Ownership: the endpoint owns its rdma_cm_id from open or enable until
 * kfv_conn_stop(), which destroys it; no handler ever does. domain->lock keeps
 * it from going away under a call of the client.
 *
 * Ordering: decisions are made under ep->lock, acted upon without it, because
 * pushing an event may call the client. KFI_SHUTDOWN must not overtake
 * KFI_CONNECTED: a connection that fails while KFI_CONNECTED is being pushed is
 * only marked, and broken by the pusher. kfv_conn_stop() first moves to DEAD,
 * in which nothing is queued any more, then waits for timer, breaker and
 * handlers. None of them takes domain->lock, which it is called with.
 *
 * Errors: an attempt that fails puts the queue pair into the error state, so
 * that receives which were posted early are flushed; the endpoint can only be
 * closed then.
 */
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include <kunit/visibility.h>

#include "sink.h"
#include "trace.h"

static const unsigned long kfv_conn_table[KFV_EP_NR_STATES] = {
	[KFV_EP_NEW]		= BIT(KFV_EP_ENABLED) | BIT(KFV_EP_SHUTDOWN) |
				  BIT(KFV_EP_DEAD),
	[KFV_EP_ENABLED]	= BIT(KFV_EP_CONNECTING) |
				  BIT(KFV_EP_ACCEPTING) |
				  BIT(KFV_EP_SHUTDOWN) | BIT(KFV_EP_DEAD),
	[KFV_EP_CONNECTING]	= BIT(KFV_EP_ENABLED) | BIT(KFV_EP_CONNECTED) |
				  BIT(KFV_EP_SHUTDOWN) | BIT(KFV_EP_DEAD),
	[KFV_EP_ACCEPTING]	= BIT(KFV_EP_CONNECTED) |
				  BIT(KFV_EP_SHUTDOWN) | BIT(KFV_EP_DEAD),
	[KFV_EP_CONNECTED]	= BIT(KFV_EP_BROKEN) | BIT(KFV_EP_SHUTDOWN) |
				  BIT(KFV_EP_DEAD),
	[KFV_EP_BROKEN]		= BIT(KFV_EP_SHUTDOWN) | BIT(KFV_EP_DEAD),
	[KFV_EP_SHUTDOWN]	= BIT(KFV_EP_DEAD),
	[KFV_EP_DEAD]		= 0,
};

static const char * const kfv_conn_names[KFV_EP_NR_STATES] = {
	[KFV_EP_NEW]		= "NEW",
	[KFV_EP_ENABLED]	= "ENABLED",
	[KFV_EP_CONNECTING]	= "CONNECTING",
	[KFV_EP_ACCEPTING]	= "ACCEPTING",
	[KFV_EP_CONNECTED]	= "CONNECTED",
	[KFV_EP_BROKEN]		= "BROKEN",
	[KFV_EP_SHUTDOWN]	= "SHUTDOWN",
	[KFV_EP_DEAD]		= "DEAD",
};

/* What posts to the two queues answer */
static const struct {
	int sq;
	int rq;
} kfv_conn_gates[KFV_EP_NR_STATES] = {
	[KFV_EP_NEW]		= { -KFI_EOPBADSTATE, -KFI_EOPBADSTATE },
	[KFV_EP_ENABLED]	= { -ENOTCONN, 0 },
	[KFV_EP_CONNECTING]	= { -ENOTCONN, 0 },
	[KFV_EP_ACCEPTING]	= { -ENOTCONN, 0 },
	[KFV_EP_CONNECTED]	= { 0, 0 },
	[KFV_EP_BROKEN]		= { -ENOTCONN, -ENOTCONN },
	[KFV_EP_SHUTDOWN]	= { -ENOTCONN, -ENOTCONN },
	[KFV_EP_DEAD]		= { -ENODEV, -ENODEV },
};

/* What starting an attempt answers */
static const int kfv_conn_begin_errors[KFV_EP_NR_STATES] = {
	[KFV_EP_NEW]		= -KFI_EOPBADSTATE,
	[KFV_EP_ENABLED]	= 0,
	[KFV_EP_CONNECTING]	= -EISCONN,
	[KFV_EP_ACCEPTING]	= -EISCONN,
	[KFV_EP_CONNECTED]	= -EISCONN,
	[KFV_EP_BROKEN]		= -KFI_EOPBADSTATE,
	[KFV_EP_SHUTDOWN]	= -KFI_EOPBADSTATE,
	[KFV_EP_DEAD]		= -ENODEV,
};

/**
 * kfv_conn_legal - may an endpoint go from one state to another?
 * @from: the one
 * @to: the other
 *
 * Context: any.
 * Return: true if so.
 */
bool kfv_conn_legal(enum kfv_ep_state from, enum kfv_ep_state to)
{
	return from < KFV_EP_NR_STATES && to < KFV_EP_NR_STATES &&
	       kfv_conn_table[from] & BIT(to);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_conn_legal);

/**
 * kfv_conn_state_name - a word for a state
 * @state: the state
 *
 * Context: any.
 * Return: the word.
 */
const char *kfv_conn_state_name(enum kfv_ep_state state)
{
	return state < KFV_EP_NR_STATES ? kfv_conn_names[state] : "?";
}
EXPORT_SYMBOL_IF_KUNIT(kfv_conn_state_name);

static void kfv_conn_set_gates(struct kfv_ep *ep)
{
	kfv_queue_set_gate(&ep->sq, kfv_conn_gates[ep->state].sq);
	kfv_queue_set_gate(&ep->rq, kfv_conn_gates[ep->state].rq);
}

static void kfv_conn_move(struct kfv_ep *ep, enum kfv_ep_state to)
{
	lockdep_assert_held(&ep->lock);

	if (WARN_ON_ONCE(!kfv_conn_legal(ep->state, to)))
		return;
	trace_kfv_conn_state(ep, ep->state, to);
	ep->state = to;
	kfv_conn_set_gates(ep);
}

/**
 * kfv_conn_in - is the endpoint in one of several states?
 * @ep: endpoint
 * @states: BIT() of each
 *
 * Context: any.
 * Return: true if it was at some moment during the call.
 */
bool kfv_conn_in(struct kfv_ep *ep, unsigned long states)
{
	unsigned long flags;
	bool in;

	spin_lock_irqsave(&ep->lock, flags);
	in = BIT(ep->state) & states;
	spin_unlock_irqrestore(&ep->lock, flags);
	return in;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_conn_in);

static struct kfi_evq_event *kfv_conn_take(struct kfi_evq_event **slot)
{
	struct kfi_evq_event *ev = *slot;

	*slot = NULL;
	return ev;
}

static void kfv_conn_push(struct kfv_ep *ep, struct kfi_evq_event *ev,
			  u32 event, const struct kfv_conn_why *why)
{
	ev->event = event;
	ev->fid = &ep->ep.fid;
	ev->context = ep->ep.fid.context;
	ev->err = why->err;
	ev->prov_errno = why->prov_errno;
	ev->len = min(why->len, ev->cap);
	if (ev->len)
		memcpy(ev->data, why->data, ev->len);
	kfi_evq_push(&ep->eq->evq, ev);
}

/* Break a connection that has failed, once the client has heard of it */
static void kfv_conn_break(struct kfv_ep *ep)
{
	lockdep_assert_held(&ep->lock);

	if (!ep->failed || !ep->told || ep->state != KFV_EP_CONNECTED)
		return;
	kfv_conn_move(ep, KFV_EP_BROKEN);
	queue_work(kfv_wq, &ep->breaker);
}

/**
 * kfv_conn_up - an attempt has succeeded
 * @ep: endpoint
 * @states: BIT() of each state in which this is so
 * @reply: carries the private data of the peer's reply
 *
 * Reports KFI_CONNECTED.
 *
 * Context: process.
 * Return: false if the attempt was given up before.
 */
bool kfv_conn_up(struct kfv_ep *ep, unsigned long states,
		 const struct kfv_conn_why *reply)
{
	struct kfi_evq_event *ev = NULL;
	unsigned long flags;

	spin_lock_irqsave(&ep->lock, flags);
	if (BIT(ep->state) & states) {
		kfv_conn_move(ep, KFV_EP_CONNECTED);
		ev = kfv_conn_take(&ep->connected);
	}
	spin_unlock_irqrestore(&ep->lock, flags);
	if (!ev)
		return false;

	cancel_delayed_work(&ep->timer);
	kfv_conn_push(ep, ev, KFI_CONNECTED, reply);

	spin_lock_irqsave(&ep->lock, flags);
	ep->told = true;
	kfv_conn_break(ep);
	spin_unlock_irqrestore(&ep->lock, flags);
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_conn_up);

/**
 * kfv_conn_down - request, attempt or connection are over
 * @ep: endpoint
 * @states: BIT() of each state that is ended by what has happened; in others
 *	nothing is done
 * @why: the error that an attempt ends in
 *
 * An attempt ends in an error event, a connection in KFI_SHUTDOWN; of a request
 * that its peer took back, the client learns from what it calls next.
 *
 * Context: process, may sleep.
 */
void kfv_conn_down(struct kfv_ep *ep, unsigned long states,
		   const struct kfv_conn_why *why)
{
	static const struct kfv_conn_why no_error;
	struct kfi_evq_event *ev = NULL;
	enum kfv_ep_state was;
	unsigned long flags;

	spin_lock_irqsave(&ep->lock, flags);
	was = ep->state;
	if (!(BIT(was) & states)) {
		spin_unlock_irqrestore(&ep->lock, flags);
		return;
	}
	kfv_conn_move(ep, KFV_EP_SHUTDOWN);
	if (BIT(was) & KFV_CONN_ATTEMPT)
		ev = kfv_conn_take(&ep->connected);
	else if (BIT(was) & KFV_CONN_ALIVE)
		ev = kfv_conn_take(&ep->shutdown);
	else
		ep->withdrawn = true;
	spin_unlock_irqrestore(&ep->lock, flags);

	cancel_delayed_work(&ep->timer);
	if (was != KFV_EP_NEW) {
		kfv_qp_error(ep);
		kfv_sink_kill(ep);
	}
	if (BIT(was) & KFV_CONN_ATTEMPT)
		kfv_conn_push(ep, ev, KFI_CONNECTED, why);
	else if (ev)
		kfv_conn_push(ep, ev, KFI_SHUTDOWN, &no_error);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_conn_down);

/**
 * kfv_conn_fail - an attempt has failed on this side
 * @ep: endpoint
 * @err: positive errno for its error event
 *
 * Context: process, may sleep.
 */
void kfv_conn_fail(struct kfv_ep *ep, int err)
{
	const struct kfv_conn_why why = { .err = err };

	kfv_conn_down(ep, KFV_CONN_ATTEMPT, &why);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_conn_fail);

static void kfv_conn_greeter(struct work_struct *work)
{
	static const struct kfv_conn_why no_data;

	kfv_conn_up(container_of(work, struct kfv_ep, greeter),
		    BIT(KFV_EP_ACCEPTING), &no_data);
}

/**
 * kfv_conn_await - accepting a request is not all that it takes
 * @ep: an endpoint that is about to accept
 * @what: KFV_AWAITS_xxx
 *
 * Context: any.
 */
void kfv_conn_await(struct kfv_ep *ep, u32 what)
{
	unsigned long flags;

	spin_lock_irqsave(&ep->lock, flags);
	ep->awaits |= what;
	spin_unlock_irqrestore(&ep->lock, flags);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_conn_await);

/**
 * kfv_conn_got - something has come that a connection waits for
 * @ep: endpoint
 * @what: KFV_AWAITS_xxx
 *
 * Context: any.
 * Return: false if it did not wait for that.
 */
bool kfv_conn_got(struct kfv_ep *ep, u32 what)
{
	unsigned long flags;
	bool awaited;

	spin_lock_irqsave(&ep->lock, flags);
	awaited = ep->awaits & what;
	ep->awaits &= ~what;
	if (awaited && !ep->awaits && ep->state == KFV_EP_ACCEPTING)
		queue_work(kfv_wq, &ep->greeter);
	spin_unlock_irqrestore(&ep->lock, flags);
	return awaited;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_conn_got);

static void kfv_conn_timer(struct work_struct *work)
{
	kfv_conn_fail(container_of(to_delayed_work(work), struct kfv_ep, timer),
		      ETIMEDOUT);
}

/*
 * Soft-iWARP forgets reads that are in flight when a connection is ended in good
 * order. With the queue pair in the error state it is not.
 */
static void kfv_conn_hang_up(struct kfv_ep *ep)
{
	if (ep->domain->iwarp)
		kfv_qp_error(ep);
	rdma_disconnect(ep->id);
}

static void kfv_conn_breaker(struct work_struct *work)
{
	struct kfv_ep *ep = container_of(work, struct kfv_ep, breaker);

	kfv_conn_hang_up(ep);
	kfv_conn_down(ep, KFV_CONN_ALIVE, NULL);
}

/**
 * kfv_conn_broken - the connection is of no use any more
 * @ep: an endpoint whose completion failed or whose queue pair reported an
 *	error
 *
 * No posts get through from now on, KFI_SHUTDOWN follows on both sides. Calls
 * after the first and calls without a connection are harmless.
 *
 * Context: any, but without the lock of a queue.
 */
void kfv_conn_broken(struct kfv_ep *ep)
{
	unsigned long flags;

	spin_lock_irqsave(&ep->lock, flags);
	ep->failed = true;
	kfv_conn_break(ep);
	spin_unlock_irqrestore(&ep->lock, flags);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_conn_broken);

/**
 * kfv_conn_comm_est - the first message of the peer was faster than the last
 *	one of its connection manager
 * @ep: an endpoint whose queue pair reported IB_EVENT_COMM_EST
 *
 * Context: any.
 */
void kfv_conn_comm_est(struct kfv_ep *ep)
{
	unsigned long flags;

	spin_lock_irqsave(&ep->lock, flags);
	if (ep->state == KFV_EP_ACCEPTING)
		rdma_notify(ep->id, IB_EVENT_COMM_EST);
	spin_unlock_irqrestore(&ep->lock, flags);
}

/**
 * kfv_conn_init - first state of an endpoint that is being opened
 * @ep: endpoint; the locks of its queues are ready
 *
 * Context: any.
 */
void kfv_conn_init(struct kfv_ep *ep)
{
	spin_lock_init(&ep->lock);
	kfv_hello_init(ep);
	INIT_DELAYED_WORK(&ep->timer, kfv_conn_timer);
	INIT_WORK(&ep->greeter, kfv_conn_greeter);
	INIT_WORK(&ep->breaker, kfv_conn_breaker);
	ep->state = KFV_EP_NEW;
	kfv_conn_set_gates(ep);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_conn_init);

/**
 * kfv_conn_release - undo kfv_conn_reserve()
 * @ep: an endpoint on which nothing has happened
 *
 * Context: process; domain->lock is held.
 */
void kfv_conn_release(struct kfv_ep *ep)
{
	lockdep_assert_held(&ep->domain->lock);

	kfi_evq_release(&ep->eq->evq, kfv_conn_take(&ep->connected));
	kfi_evq_release(&ep->eq->evq, kfv_conn_take(&ep->shutdown));
}
EXPORT_SYMBOL_IF_KUNIT(kfv_conn_release);

/**
 * kfv_conn_reserve - make sure that what will happen can be reported
 * @ep: an endpoint that is being enabled
 *
 * Context: process, may sleep; domain->lock is held.
 * Return: 0; -ENOSPC when the event queue has no room for two events; -ENOMEM.
 */
int kfv_conn_reserve(struct kfv_ep *ep)
{
	struct kfi_evq *evq = &ep->eq->evq;
	struct kfi_evq_event *connected, *shutdown;

	lockdep_assert_held(&ep->domain->lock);

	connected = kfi_evq_reserve(evq, KFV_WIRE_CM_DATA, GFP_KERNEL);
	if (IS_ERR(connected))
		return PTR_ERR(connected);
	shutdown = kfi_evq_reserve(evq, 0, GFP_KERNEL);
	if (IS_ERR(shutdown)) {
		kfi_evq_release(evq, connected);
		return PTR_ERR(shutdown);
	}
	ep->connected = connected;
	ep->shutdown = shutdown;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_conn_reserve);

/**
 * kfv_conn_enabled - the queue pair is there
 * @ep: an endpoint that is being enabled
 *
 * Context: process; domain->lock is held.
 * Return: 0; -ECONNABORTED when the peer has taken its request back.
 */
int kfv_conn_enabled(struct kfv_ep *ep)
{
	unsigned long flags;
	int rc = -ECONNABORTED;

	lockdep_assert_held(&ep->domain->lock);

	spin_lock_irqsave(&ep->lock, flags);
	if (ep->state == KFV_EP_NEW) {
		kfv_conn_move(ep, KFV_EP_ENABLED);
		rc = 0;
	}
	spin_unlock_irqrestore(&ep->lock, flags);
	return rc;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_conn_enabled);

/**
 * kfv_conn_begin - start an attempt
 * @ep: endpoint
 * @to: KFV_EP_CONNECTING or KFV_EP_ACCEPTING
 *
 * Context: process; domain->lock is held.
 * Return: 0; -KFI_EOPBADSTATE before enable and after an attempt or a
 * connection has ended; -EISCONN during one; -ECONNABORTED when the peer has
 * taken its request back; -ENODEV.
 */
int kfv_conn_begin(struct kfv_ep *ep, enum kfv_ep_state to)
{
	unsigned long flags;
	int rc;

	lockdep_assert_held(&ep->domain->lock);

	spin_lock_irqsave(&ep->lock, flags);
	rc = kfv_conn_begin_errors[ep->state];
	if (!rc)
		kfv_conn_move(ep, to);
	else if (ep->state == KFV_EP_SHUTDOWN && ep->withdrawn)
		rc = -ECONNABORTED;
	spin_unlock_irqrestore(&ep->lock, flags);
	return rc;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_conn_begin);

/**
 * kfv_conn_begun - let the attempt run for a while
 * @ep: endpoint
 *
 * Context: process; domain->lock is held.
 */
void kfv_conn_begun(struct kfv_ep *ep)
{
	unsigned int ms = READ_ONCE(kfv_connect_timeout_ms);

	lockdep_assert_held(&ep->domain->lock);
	queue_delayed_work(kfv_wq, &ep->timer, msecs_to_jiffies(ms));
}

/**
 * kfv_conn_undo - an attempt that was begun has not even started
 * @ep: endpoint
 * @to: KFV_EP_ENABLED, when it may be tried again, or KFV_EP_SHUTDOWN, when
 *	there is no request any more
 *
 * The caller tells the client; there is no event.
 *
 * Context: process, may sleep; domain->lock is held.
 */
void kfv_conn_undo(struct kfv_ep *ep, enum kfv_ep_state to)
{
	unsigned long flags;

	lockdep_assert_held(&ep->domain->lock);

	spin_lock_irqsave(&ep->lock, flags);
	kfv_conn_move(ep, to);
	ep->withdrawn = to == KFV_EP_SHUTDOWN;
	spin_unlock_irqrestore(&ep->lock, flags);
	if (to == KFV_EP_SHUTDOWN)
		kfv_qp_error(ep);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_conn_undo);

/* What is owed to the client after its device has gone */
static void kfv_conn_report_removal(struct kfv_ep *ep, enum kfv_ep_state was)
{
	static const struct kfv_conn_why gone = { .err = ENODEV };
	static const struct kfv_conn_why no_error;

	if (ep->connected && BIT(was) & KFV_CONN_ATTEMPT)
		kfv_conn_push(ep, kfv_conn_take(&ep->connected), KFI_CONNECTED,
			      &gone);
	if (ep->shutdown && ep->told)
		kfv_conn_push(ep, kfv_conn_take(&ep->shutdown), KFI_SHUTDOWN,
			      &no_error);
}

/**
 * kfv_conn_stop - end whatever is going on
 * @ep: an endpoint that is being closed, or whose device is being removed
 *
 * On return the rdma_cm_id is gone, no post gets through, and nothing but the
 * queue pair remembers the endpoint. After the first call, nothing is done.
 *
 * Context: process, may sleep; domain->lock is held.
 */
void kfv_conn_stop(struct kfv_ep *ep)
{
	enum kfv_ep_state was;
	unsigned long flags;

	lockdep_assert_held(&ep->domain->lock);

	spin_lock_irqsave(&ep->lock, flags);
	was = ep->state;
	if (was != KFV_EP_DEAD)
		kfv_conn_move(ep, KFV_EP_DEAD);
	spin_unlock_irqrestore(&ep->lock, flags);
	if (was == KFV_EP_DEAD)
		return;

	/* From DEAD nobody queues these again, nor uses the id. */
	cancel_delayed_work_sync(&ep->nudge);
	cancel_delayed_work_sync(&ep->timer);
	cancel_work_sync(&ep->greeter);
	cancel_work_sync(&ep->breaker);
	if (BIT(was) & KFV_CONN_ALIVE)
		kfv_conn_hang_up(ep);
	/* Waits for a handler that runs; none starts after this. */
	kfv_cm_close(ep);
	kfv_ctl_close(ep);

	if (!ep->eq)
		return;
	if (ep->domain->dead)
		kfv_conn_report_removal(ep, was);
	kfv_conn_release(ep);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_conn_stop);
