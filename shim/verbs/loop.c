// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Loop
 *
 * Purpose: a queue pair of a domain that is ready to send, where a queue pair
 * cannot be connected to itself: on iWARP it takes two, and a TCP connection
 * from one to the other.
 *
 * Operation: the far end listens at an address of the domain's port, the near
 * end connects. Nothing ever travels between them.
 *
 * Ownership: both ends belong to the loop from kfv_loop_open() to
 * kfv_loop_close().
 *
 * Errors: a loop that breaks is found out by who posts to it, and is built
 * anew.
 */
#include <linux/jiffies.h>
#include <linux/random.h>

#include "info.h"

static void kfv_loop_changed(struct kfv_stream *stream, int err)
{
	struct kfv_loop_end *end = container_of(stream, struct kfv_loop_end,
						stream);

	/* what happens later is of no interest */
	if (completion_done(&end->settled))
		return;
	end->err = err;
	complete_all(&end->settled);
}

static int kfv_loop_settled(struct kfv_loop_end *end)
{
	unsigned long wait =
		msecs_to_jiffies(READ_ONCE(kfv_connect_timeout_ms));

	if (!wait_for_completion_timeout(&end->settled, wait))
		return -ETIMEDOUT;
	return end->err;
}

static int kfv_loop_make_end(struct kfv_domain *domain,
			     struct kfv_loop_end *end,
			     struct ib_qp_init_attr *init, u64 cookie)
{
	struct ib_qp *qp;

	qp = ib_create_qp(domain->pd, init);
	if (IS_ERR(qp))
		return PTR_ERR(qp);
	*end = (struct kfv_loop_end) {
		.stream = {
			.qp = qp,
			.cookie = cookie,
			.changed = kfv_loop_changed,
		},
	};
	init_completion(&end->settled);
	return 0;
}

static void kfv_loop_free_end(struct kfv_loop_end *end)
{
	kfv_stream_close(&end->stream);
	if (end->stream.qp)
		ib_destroy_qp(end->stream.qp);
	end->stream.qp = NULL;
}

static int kfv_loop_connect(struct kfv_domain *domain, struct kfv_loop *loop)
{
	union kfv_addr local, peer;
	int rc;

	rc = kfv_addr_of_port(domain->ibdev, domain->port, &local);
	if (rc)
		return rc;
	rc = kfv_stream_listen(&loop->far.stream, &local);
	if (rc < 0)
		return rc;
	peer = local;
	kfv_addr_set_port(&peer, rc);
	rc = kfv_stream_connect(&loop->near.stream, &local, &peer);
	if (!rc)
		rc = kfv_loop_settled(&loop->near);
	if (!rc)
		rc = kfv_loop_settled(&loop->far);
	return rc;
}

/**
 * kfv_loop_open - connect a queue pair to another one of the same domain
 * @domain: has its device, port and protection domain
 * @loop: closed, or all zero
 * @init: how to make both queue pairs
 *
 * Context: process, may sleep.
 * Return: the near end, ready to send; -ENETDOWN if the port has no address;
 * -ETIMEDOUT; -ENOMEM, or what device and connection manager answered.
 */
struct ib_qp *kfv_loop_open(struct kfv_domain *domain, struct kfv_loop *loop,
			    struct ib_qp_init_attr *init)
{
	u64 cookie = get_random_u64() | 1;
	int rc;

	rc = kfv_loop_make_end(domain, &loop->near, init, cookie);
	if (rc)
		return ERR_PTR(rc);
	rc = kfv_loop_make_end(domain, &loop->far, init, cookie);
	if (!rc)
		rc = kfv_loop_connect(domain, loop);
	if (!rc)
		return loop->near.stream.qp;
	kfv_loop_close(loop);
	return ERR_PTR(rc);
}

/**
 * kfv_loop_close - undo kfv_loop_open()
 * @loop: open, closed, or all zero
 *
 * Context: process, may sleep.
 */
void kfv_loop_close(struct kfv_loop *loop)
{
	kfv_loop_free_end(&loop->near);
	kfv_loop_free_end(&loop->far);
}
