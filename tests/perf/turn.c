// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Turns
 *
 * Purpose: the work itself, the same for all back ends.
 *
 * Operation: one thread plays both sides, or one of them if the other is on another
 * machine. Whoever waits looks again and again, and lets go of the processor
 * whenever somebody else wants it.
 *
 * A server answers messages: each one when one at a time is measured, else the last
 * one of a turn, so that who sends knows that all of them have arrived.
 *
 * Bytes are checked in a turn of its own, before the first that is measured and
 * behind the last.
 *
 * Errors: what fails, makes no progress for some seconds, or leaves wrong bytes
 * ends the work.
 */
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "gen.h"

#define KFP_TURN_TIMEOUT	msecs_to_jiffies(KFP_GEN_TIMEOUT_MS)

static int kfp_turn_post(struct kfp_conn *conn, enum kfp_verb verb, u32 n,
			 bool signal)
{
	struct kfp_side *side = conn->side;
	int rc;

	if (signal)
		kfp_conn_mark(conn, n);
	rc = side->be->ops->post(conn, verb, n, signal);
	if (unlikely(rc))
		return rc;
	conn->posted += n;
	side->posted += n;
	return 0;
}

/* One message; a completion now and then, so that the queue is emptied */
static int kfp_turn_message(struct kfp_conn *conn)
{
	u32 every = kfp_side_tx(conn->side) / 4;

	return kfp_turn_post(conn, KFP_SEND, 1,
			     (u32)conn->posted % every == every - 1);
}

/**
 * kfp_turn_ready - tell the client that the server is ready
 * @conn: end of the server
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int kfp_turn_ready(struct kfp_conn *conn)
{
	return kfp_turn_post(conn, KFP_SEND, 1, true);
}

static int kfp_turn_answer(struct kfp_side *side)
{
	u32 every = side->shape.every, i;
	struct kfp_conn *conn;
	int rc = 0;

	for (i = 0; !rc && i < side->count; i++) {
		conn = side->conns[i];
		while (!rc && READ_ONCE(conn->got) >=
			      (conn->answered + 1) * every) {
			conn->answered++;
			rc = kfp_turn_message(conn);
		}
	}
	return rc;
}

/**
 * kfp_turn_step - look for what has happened, and answer
 * @pair: the sides
 *
 * Context: a kernel thread.
 * Return: 0 or a negative errno.
 */
int kfp_turn_step(struct kfp_pair *pair)
{
	struct kfp_side *a = pair->a, *b = pair->b;
	int rc = 0;

	if (a)
		rc = a->be->ops->poll(a) ?: READ_ONCE(a->error);
	if (!rc && b)
		rc = b->be->ops->poll(b) ?: READ_ONCE(b->error);
	if (!rc && b && b->shape.verb == KFP_SEND)
		rc = kfp_turn_answer(b);
	return rc;
}

/* Reads and writes are nothing to the server, unless it does them. */
static struct kfp_pair kfp_turn_active(const struct kfp_turn *turn)
{
	struct kfp_pair active = *turn->pair;

	if (active.a->shape.verb != KFP_SEND && !turn->bidir &&
	    active.a->be->ops->onesided)
		active.b = NULL;
	return active;
}

static int kfp_turn_pause(unsigned long end)
{
	cond_resched();
	cpu_relax();
	if (unlikely(time_after(jiffies, end)))
		return -ETIMEDOUT;
	return 0;
}

/**
 * kfp_turn_wait - wait until enough has happened
 * @pair: the sides
 * @counter: what is counted: done or got, of a side
 * @value: how many are enough
 *
 * Context: a kernel thread.
 * Return: 0 or a negative errno.
 */
int kfp_turn_wait(struct kfp_pair *pair, const u64 *counter, u64 value)
{
	unsigned long end = jiffies + KFP_TURN_TIMEOUT;
	int rc = 0;

	for (;;) {
		rc = kfp_turn_step(pair);
		if (rc)
			return rc;
		/* pairs with kfp_conn_done() and kfp_conn_got() */
		if (smp_load_acquire(counter) >= value)
			return 0;
		rc = kfp_turn_pause(end);
		if (rc)
			return rc;
	}
}

/* One operation at a time, until it is complete, or answered */
static int kfp_turn_latency(struct kfp_turn *turn)
{
	struct kfp_pair active = kfp_turn_active(turn);
	struct kfp_side *a = active.a;
	bool send = a->shape.verb == KFP_SEND;
	struct kfp_conn *conn = a->conns[0];
	u32 n = turn->warm + turn->count, i;
	u64 got = a->got, start, now;
	int rc = 0;

	start = ktime_get_ns();
	for (i = 0; !rc && i < n; i++) {
		if (i == turn->warm)
			turn->start = start;
		rc = send ? kfp_turn_message(conn) :
			    kfp_turn_post(conn, a->shape.verb, 1, true);
		rc = rc ?: kfp_turn_wait(&active, send ? &a->got : &a->done,
					 send ? ++got : a->posted);
		now = ktime_get_ns();
		/* as perftest has it: half of the way there and back */
		if (turn->samples && i >= turn->warm)
			turn->samples[i - turn->warm] = (now - start) >> send;
		start = now;
	}
	turn->end = start;
	turn->ops = turn->count;
	return rc;
}

/* Post as much as may be outstanding, @end operations in all */
static int kfp_turn_top_up(struct kfp_side *side, u64 end)
{
	const struct kfp_shape *shape = &side->shape;
	struct kfp_conn *conn;
	int rc = 0;
	u32 n;

	while (!rc && side->posted < end) {
		conn = side->conns[side->next];
		n = min_t(u64, shape->batch, end - side->posted);
		if (side->posted - READ_ONCE(side->done) + n > shape->depth ||
		    conn->posted - READ_ONCE(conn->done) + n > kfp_side_tx(side))
			break;
		rc = kfp_turn_post(conn, shape->verb, n, true);
		if (++side->next == side->count)
			side->next = 0;
	}
	return rc;
}

/**
 * struct kfp_stream - a turn that is under way
 * @active: whom to look after
 * @from: what was complete before
 * @end: what will have been posted
 * @end_b: likewise, by the server
 * @got: messages to come
 */
struct kfp_stream {
	struct kfp_pair active;
	u64 from;
	u64 end;
	u64 end_b;
	u64 got;
};

static u64 kfp_turn_progress(const struct kfp_turn *turn,
			     const struct kfp_stream *stream)
{
	/* pairs with kfp_conn_done(): what has arrived will be looked at */
	u64 done = smp_load_acquire(&stream->active.a->done);

	if (turn->bidir)
		/* likewise */
		done += smp_load_acquire(&stream->active.b->done);
	return done - stream->from;
}

static int kfp_turn_stream_step(struct kfp_turn *turn, struct kfp_stream *stream)
{
	int rc = kfp_turn_top_up(stream->active.a, stream->end);

	if (!rc && turn->bidir)
		rc = kfp_turn_top_up(stream->active.b, stream->end_b);
	return rc ?: kfp_turn_step(&stream->active);
}

/* From the first post until all is done: what is in flight at an end would not count */
static int kfp_turn_stream(struct kfp_turn *turn)
{
	u64 ops = turn->count * (1 + turn->bidir), done = 0, was;
	unsigned long end = jiffies + KFP_TURN_TIMEOUT;
	struct kfp_stream stream = { .active = kfp_turn_active(turn) };
	struct kfp_side *a = stream.active.a, *b = stream.active.b;
	int rc;

	stream.from = a->done + (turn->bidir ? b->done : 0);
	stream.end = a->posted + turn->count;
	stream.end_b = turn->bidir ? b->posted + turn->count : 0;
	stream.got = a->got + (a->shape.verb == KFP_SEND ? a->count : 0);
	turn->ops = ops;
	turn->start = ktime_get_ns();
	while (done < ops || READ_ONCE(a->got) < stream.got) {
		rc = kfp_turn_stream_step(turn, &stream);
		was = done;
		done = kfp_turn_progress(turn, &stream);
		if (done != was)
			end = jiffies + KFP_TURN_TIMEOUT;
		rc = rc ?: kfp_turn_pause(end);
		if (unlikely(rc))
			return rc;
	}
	turn->end = ktime_get_ns();
	return 0;
}

/**
 * kfp_turn_run - do a number of operations
 * @turn: how many, and by whom
 *
 * Context: a kernel thread.
 * Return: 0 or a negative errno.
 */
int kfp_turn_run(struct kfp_turn *turn)
{
	int rc;

	if (kthread_should_stop())
		return -EINTR;
	rc = turn->kind == KFP_LAT ? kfp_turn_latency(turn) :
				     kfp_turn_stream(turn);
	return rc ? kfp_side_failed(turn->pair->a, "a turn", rc) : 0;
}

static u8 kfp_turn_byte(size_t i, bool server)
{
	return (server ? 91 : 17) + i * 7 + i / 251;
}

/**
 * kfp_turn_fill - write what will be sent, written, and read
 * @mem: a buffer
 * @server: of the server
 *
 * Context: any.
 */
void kfp_turn_fill(u8 *mem, bool server)
{
	size_t i;

	for (i = 0; i < KFP_GEN_AREA; i++)
		mem[i] = kfp_turn_byte(i, server);
}

/* 1: all bytes of the slot have arrived; 0: none; a negative errno: another thing */
static int kfp_turn_slot(const struct kfp_side *side, u32 slot)
{
	size_t from = kfp_side_slot(side, slot), i;
	const u8 *in = side->mem.in;

	if (!memchr_inv(in + from, 0, side->shape.len))
		return 0;
	for (i = from; i < from + side->shape.len; i++) {
		if (in[i] != kfp_turn_byte(i, !side->server))
			return -EBADMSG;
	}
	return 1;
}

/**
 * kfp_turn_arrived - whether what the peer has sent or written is there
 * @side: this side; its buffer was zeroed
 * @slots: how many slots it must be
 *
 * Context: process.
 * Return: 0 if so, and nothing else; -EBADMSG after a complaint.
 */
int kfp_turn_arrived(const struct kfp_side *side, u32 slots)
{
	size_t used = (size_t)kfp_side_slots(side) * side->shape.len;
	u32 found = 0, i;
	int rc = 0;

	for (i = 0; rc >= 0 && i < kfp_side_slots(side); i++) {
		rc = kfp_turn_slot(side, i);
		found += rc > 0;
	}
	if (rc >= 0 && found == slots &&
	    !memchr_inv(side->mem.in + used, 0, KFP_GEN_AREA - used))
		return 0;
	ktl_session_printf(side->session, "%s %s: wrong bytes, %u of %u slots\n",
			   side->be->name, side->server ? "server" : "client",
			   found, slots);
	return -EBADMSG;
}

/**
 * kfp_turn_check - do a turn, and look at the bytes
 * @turn: what to do
 *
 * Context: a kernel thread.
 * Return: 0 or a negative errno.
 */
int kfp_turn_check(struct kfp_turn *turn)
{
	struct kfp_side *a = turn->pair->a, *b = turn->pair->b;
	u32 each = (turn->warm + turn->count) / a->count;
	u32 slots = min(kfp_side_slots(a), each);
	u32 verb = a->shape.verb;
	u32 back = verb == KFP_READ || turn->bidir ? slots : verb == KFP_SEND;
	int rc;

	memset(a->mem.in, 0, KFP_GEN_AREA);
	if (b)
		memset(b->mem.in, 0, KFP_GEN_AREA);
	rc = kfp_turn_run(turn);
	/* who answers a read has got a request */
	if (!rc && b && (verb != KFP_READ || b->be->ops->onesided))
		rc = kfp_turn_arrived(b, verb == KFP_READ && !turn->bidir ?
					 0 : slots);
	return rc ?: kfp_turn_arrived(a, back);
}
