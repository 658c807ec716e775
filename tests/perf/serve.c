// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The server of a client on another machine: does what the first of its connections
 * says until it disconnects, then waits for the next client. Ends when nobody reads
 * the answer of the command any more.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "gen.h"

#define KFP_SERVE_SPINS	2000	/* looks in vain before it sleeps between them */

static bool kfp_serve_lost(const struct kfp_side *side)
{
	u32 i;

	for (i = 0; i < side->count; i++) {
		if (READ_ONCE(side->conns[i]->gone))
			return true;
	}
	return false;
}

/* All connections of a client */
static int kfp_serve_accept(struct kfp_side *side)
{
	struct kfp_conn *conn;
	int rc;

	do {
		conn = kfp_side_add(side);
		if (!conn)
			return -ENOMEM;
		rc = side->be->ops->accept(conn);
		rc = rc ?: side->be->ops->finish(conn);
		rc = rc ?: kfp_turn_ready(conn);
	} while (!rc && side->count < side->shape.conns);
	return rc;
}

static void kfp_serve_client(struct kfp_side *side)
{
	struct kfp_pair pair = { .b = side };
	int rc = kfp_serve_accept(side);
	u32 idle = 0;
	u64 got;

	while (!rc && !kfp_serve_lost(side) && !kthread_should_stop()) {
		got = side->got;
		rc = kfp_turn_step(&pair);
		idle = side->got == got ? idle + 1 : 0;
		/* a client that reads and writes needs the processor elsewhere */
		if (idle > KFP_SERVE_SPINS)
			usleep_range(20, 50);
		else
			cond_resched();
	}
}

/**
 * kfp_serve - be the server of clients on other machines, one after the other
 * @session: where to print
 * @be: what connections are made of
 * @addr: where to listen
 * @mem: buffers
 *
 * Context: a kernel thread; may sleep.
 * Return: a negative errno.
 */
int kfp_serve(struct ktl_session *session, const struct kfp_backend *be,
	      const char *addr, const struct kfp_mem *mem)
{
	const struct kfp_shape shape = { .len = 1, .inlined = 64 };
	struct kfp_side *side;

	side = kfp_side_open(be, session, true, addr, be->port,
			     &shape, mem);
	if (IS_ERR(side))
		return PTR_ERR(side);
	ktl_session_printf(session, "%s: listens at %s, port %u\n", be->name,
			   addr, side->port);
	while (!kthread_should_stop()) {
		kfp_serve_client(side);
		kfp_side_drop(side);
		side->shape = shape;
	}
	kfp_side_close(side);
	return -EINTR;
}
