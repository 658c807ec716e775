// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Data calls may be made from any context: completion handlers, timers, with
 * bottom halves off, and by several threads at once.
 */
#include <linux/atomic.h>
#include <linux/bottom_half.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/preempt.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>

#include "func.h"

#define FUNC_ROUNDS	500
#define FUNC_POSTERS	4
#define FUNC_TICKS	50
#define FUNC_AHEAD	8

/**
 * struct func_echo - an endpoint that lives in its completion handlers
 * @ep: endpoint
 * @rounds: receives answered
 * @left: answers still to give
 * @errors: what should not have happened
 * @in: received into
 * @out: sent from; the peer has what was there when it sends again
 */
struct func_echo {
	struct kfid_ep *ep;
	atomic_t rounds;
	atomic_t left;
	atomic_t errors;
	u32 in;
	u32 out;
};

static void func_echo_post(struct func_echo *echo, bool recv)
{
	ssize_t rc;

	if (recv)
		rc = kfi_recv(echo->ep, &echo->in, sizeof(echo->in), NULL,
			      KFI_ADDR_UNSPEC, echo);
	else
		rc = kfi_send(echo->ep, &echo->out, sizeof(echo->out), NULL,
			      KFI_ADDR_UNSPEC, echo);
	if (rc)
		atomic_inc(&echo->errors);
}

/* Send what was received plus one; the next receive is posted before that. */
static void func_echo_done(struct func_echo *echo, u64 flags)
{
	if (!(flags & KFI_RECV))
		return;
	atomic_inc(&echo->rounds);
	if (atomic_dec_if_positive(&echo->left) < 0)
		return;
	echo->out = echo->in + 1;
	func_echo_post(echo, true);
	func_echo_post(echo, false);
}

static void func_echo_handler(struct kfid_cq *cq, void *context)
{
	struct func_echo *echo = context;
	struct kfi_cq_tagged_entry entry;
	ssize_t n;

	while ((n = kfi_cq_read(cq, &entry, 1)) == 1)
		func_echo_done(echo, entry.flags);
	if (n != -EAGAIN)
		atomic_inc(&echo->errors);
}

/* One end is driven by its handler alone. */
static void context_handler(struct func *t)
{
	struct func_echo *echo = func_alloc(t, sizeof(*echo));
	struct func_opts opts = {
		.handler = func_echo_handler,
		.context = echo,
		.one_cq = true,
	};
	u32 *src = func_alloc(t, 4), *dst = func_alloc(t, 4), i;
	struct func_end b = {};

	if (!echo || !src || !dst)
		return;
	b.tx_cq = func_open_cq(t, t->domain, &opts);
	b.rx_cq = b.tx_cq;
	if (!b.tx_cq || !func_pair(t, &t->a, &b, NULL))
		return;
	echo->ep = b.ep;
	atomic_set(&echo->left, FUNC_ROUNDS);
	func_echo_post(echo, true);
	for (i = 0; i < FUNC_ROUNDS; i++) {
		*src = 3 * i;
		if (!CHECK_OK(t, kfi_recv(t->a.ep, dst, 4, NULL,
					  KFI_ADDR_UNSPEC, dst)) ||
		    !CHECK_OK(t, kfi_send(t->a.ep, src, 4, NULL,
					  KFI_ADDR_UNSPEC, src)) ||
		    !func_comp(t, t->a.tx_cq, src, FUNC_TX_SEND, NULL) ||
		    !func_comp(t, t->a.rx_cq, dst, FUNC_RX_RECV, NULL) ||
		    !CHECK_EQ(t, *dst, 3 * i + 1))
			break;
	}
	CHECK_EQ(t, atomic_read(&echo->rounds), FUNC_ROUNDS);
	CHECK_EQ(t, atomic_read(&echo->errors), 0);
	func_close(t, &b.ep->fid);
}

/**
 * struct func_ticker - posts from a timer
 * @timer: the timer
 * @ep: endpoint
 * @key: of a region
 * @ticks: posts so far
 * @seen: of them, whose completions were read
 * @errors: posts that failed
 * @outside: ticks that were not in a softirq
 * @src: what to write
 */
struct func_ticker {
	struct timer_list timer;
	struct kfid_ep *ep;
	u64 key;
	atomic_t ticks;
	atomic_t seen;
	atomic_t errors;
	atomic_t outside;
	u64 src;
};

static void func_tick(struct timer_list *timer)
{
	struct func_ticker *ticker = container_of(timer, struct func_ticker,
						  timer);
	int tick = atomic_read(&ticker->ticks);

	if (tick - atomic_read(&ticker->seen) >= FUNC_AHEAD)
		goto again;
	if (!in_serving_softirq())
		atomic_inc(&ticker->outside);
	if (kfi_write(ticker->ep, &ticker->src, 8, NULL, KFI_ADDR_UNSPEC,
		      8 * tick, ticker->key, ticker) ||
	    kfi_inject(ticker->ep, &tick, sizeof(tick), KFI_ADDR_UNSPEC))
		atomic_inc(&ticker->errors);
	if (atomic_inc_return(&ticker->ticks) == FUNC_TICKS)
		return;
again:
	mod_timer(timer, jiffies + 1);
}

/* There is a receive for each message before it can come. */
static bool func_ticker_recv(struct func *t, int *got)
{
	return CHECK_OK(t, kfi_recv(t->b.ep, got, sizeof(*got), NULL,
				    KFI_ADDR_UNSPEC, got));
}

static void context_timer(struct func *t)
{
	struct func_ticker *ticker = func_alloc(t, sizeof(*ticker));
	int *ring = func_alloc(t, FUNC_AHEAD * sizeof(*ring)), *got, i;
	u64 *mem = func_alloc(t, 8 * FUNC_TICKS);
	struct kfid_mr *mr;

	if (!ticker || !ring || !mem)
		return;
	mr = func_open_mr(t, t->domain, mem, 8 * FUNC_TICKS, KFI_REMOTE_WRITE);
	if (!mr)
		return;
	for (i = 0; i < FUNC_AHEAD; i++) {
		if (!func_ticker_recv(t, &ring[i]))
			return;
	}
	ticker->ep = t->a.ep;
	ticker->key = kfi_mr_key(mr);
	ticker->src = 0x0123456789abcdefULL;
	timer_setup(&ticker->timer, func_tick, 0);
	mod_timer(&ticker->timer, jiffies + 1);
	for (i = 0; i < FUNC_TICKS; i++) {
		got = &ring[i % FUNC_AHEAD];
		if (!func_comp(t, t->b.rx_cq, got, FUNC_RX_RECV, NULL) ||
		    !CHECK_EQ(t, *got, i) ||
		    !func_comp(t, t->a.tx_cq, ticker, FUNC_TX_WRITE, NULL) ||
		    !CHECK_EQ(t, mem[i], ticker->src) ||
		    !func_ticker_recv(t, got))
			break;
		atomic_inc(&ticker->seen);
	}
	timer_shutdown_sync(&ticker->timer);
	CHECK_EQ(t, atomic_read(&ticker->errors), 0);
	CHECK_EQ(t, atomic_read(&ticker->outside), 0);
}

/* All data calls and reads with bottom halves off, or a spinlock held. */
static void context_atomic(struct func *t)
{
	struct kfi_cq_tagged_entry entry;
	u64 *src = func_alloc(t, 8), *dst = func_alloc(t, 8);
	ssize_t recv, send, write, read, polled;
	struct kfid_mr *mr;
	spinlock_t lock;	/* guards nothing */
	int i;

	if (!src || !dst)
		return;
	spin_lock_init(&lock);
	mr = func_open_mr(t, t->domain, dst, 8,
			  KFI_REMOTE_WRITE | KFI_REMOTE_READ);
	for (i = 0; mr && i < 100; i++) {
		spin_lock_bh(&lock);
		recv = kfi_recv(t->b.ep, dst, 8, NULL, KFI_ADDR_UNSPEC, dst);
		send = kfi_send(t->a.ep, src, 8, NULL, KFI_ADDR_UNSPEC, src);
		write = kfi_write(t->a.ep, src, 8, NULL, KFI_ADDR_UNSPEC, 0,
				  kfi_mr_key(mr), src);
		read = kfi_read(t->a.ep, src, 8, NULL, KFI_ADDR_UNSPEC, 0,
				kfi_mr_key(mr), src);
		polled = kfi_cq_read(t->b.tx_cq, &entry, 1);
		spin_unlock_bh(&lock);
		if (!CHECK_OK(t, recv) || !CHECK_OK(t, send) ||
		    !CHECK_OK(t, write) || !CHECK_OK(t, read) ||
		    !CHECK_EQ(t, polled, -EAGAIN) ||
		    !func_comp(t, t->a.tx_cq, src, FUNC_TX_SEND, NULL) ||
		    !func_comp(t, t->a.tx_cq, src, FUNC_TX_WRITE, NULL) ||
		    !func_comp(t, t->a.tx_cq, src, FUNC_TX_READ, NULL) ||
		    !func_comp(t, t->b.rx_cq, dst, FUNC_RX_RECV, NULL))
			return;
	}
}

/**
 * struct func_poster - a thread that writes its own part of a region
 * @ep: endpoint, shared with the others
 * @key: of the region, likewise
 * @index: which part
 * @posted: writes accepted
 * @again: writes that had to be tried again
 * @failed: first error
 * @src: values; each stays until its write has completed
 */
struct func_poster {
	struct kfid_ep *ep;
	u64 key;
	u32 index;
	u32 posted;
	u32 again;
	ssize_t failed;
	u32 src[FUNC_ROUNDS];
};

static int func_poster_thread(void *arg)
{
	struct func_poster *p = arg;
	ssize_t rc;

	while (p->posted < FUNC_ROUNDS && !kthread_should_stop()) {
		p->src[p->posted] = p->index << 16 | p->posted;
		rc = kfi_write(p->ep, &p->src[p->posted], 4, NULL,
			       KFI_ADDR_UNSPEC,
			       4 * (p->index * FUNC_ROUNDS + p->posted),
			       p->key, p);
		if (!rc) {
			WRITE_ONCE(p->posted, p->posted + 1);
		} else if (rc == -EAGAIN) {
			p->again++;
			usleep_range(50, 100);
		} else {
			p->failed = rc;
			break;
		}
		cond_resched();
	}
	while (!kthread_should_stop())
		usleep_range(500, 1000);
	return 0;
}

/* Several threads post to one endpoint; nothing is lost, nothing is mixed up. */
static void context_posters(struct func *t)
{
	struct func_poster *p = func_alloc(t, FUNC_POSTERS * sizeof(*p));
	struct task_struct *thread[FUNC_POSTERS] = {};
	u32 *mem = func_alloc(t, 4 * FUNC_POSTERS * FUNC_ROUNDS), i, j;
	u32 done[FUNC_POSTERS] = {};
	struct kfi_cq_tagged_entry entry;
	struct kfid_mr *mr;

	if (!p || !mem)
		return;
	mr = func_open_mr(t, t->domain, mem, 4 * FUNC_POSTERS * FUNC_ROUNDS,
			  KFI_REMOTE_WRITE);
	if (!mr)
		return;
	for (i = 0; i < FUNC_POSTERS; i++) {
		p[i].ep = t->a.ep;
		p[i].key = kfi_mr_key(mr);
		p[i].index = i;
		thread[i] = kthread_run(func_poster_thread, &p[i],
					"func_poster%u", i);
		if (!CHECK(t, !IS_ERR(thread[i])))
			thread[i] = NULL;
	}
	for (i = 0; i < FUNC_POSTERS * FUNC_ROUNDS; i++) {
		if (!CHECK_EQ(t, func_read(t, t->a.tx_cq, &entry), 1))
			break;
		done[(struct func_poster *)entry.op_context - p]++;
	}
	for (i = 0; i < FUNC_POSTERS; i++) {
		if (thread[i])
			kthread_stop(thread[i]);
		CHECK_EQ(t, p[i].failed, 0);
		CHECK_EQ(t, done[i], FUNC_ROUNDS);
		for (j = 0; j < FUNC_ROUNDS; j++) {
			if (!CHECK_EQ(t, mem[i * FUNC_ROUNDS + j],
				      i << 16 | j))
				break;
		}
	}
	func_no_comp(t, t->a.tx_cq);
}

static const struct func_case context_cases[] = {
	{ "handler", context_handler, FUNC_DOMAIN },
	{ "timer", context_timer, FUNC_PAIR },
	{ "atomic", context_atomic, FUNC_PAIR },
	{ "posters", context_posters, FUNC_PAIR },
};

FUNC_SUITE(context);
