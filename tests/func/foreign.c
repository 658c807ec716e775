// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Peers that are not kfabric. Unlike all other cases, these speak to the
 * connection manager themselves.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <net/net_namespace.h>
#include <rdma/rdma_cm.h>

#include "func.h"

#define FUNC_FOREIGN_TRIES	5

/**
 * struct func_foreign - a connection attempt without kfabric
 * @done: the attempt has ended
 * @event: how
 * @hello: private data of the request
 * @answer: private data of the reject
 * @pd: of its queue pair, if it needs one
 * @cq: likewise
 */
struct func_foreign {
	struct completion done;
	enum rdma_cm_event_type event;
	u8 hello[8];
	u8 answer[8];
	struct ib_pd *pd;
	struct ib_cq *cq;
};

/* On iWARP the connection manager wants to see a queue pair. */
static int func_foreign_make_qp(struct rdma_cm_id *id)
{
	struct func_foreign *f = id->context;
	struct ib_qp_init_attr attr = {
		.cap = {
			.max_send_wr = 1,
			.max_recv_wr = 1,
			.max_send_sge = 1,
			.max_recv_sge = 1,
		},
		.qp_type = IB_QPT_RC,
	};

	if (!rdma_protocol_iwarp(id->device, id->port_num))
		return 0;
	f->pd = ib_alloc_pd(id->device, 0);
	if (IS_ERR(f->pd))
		return PTR_ERR(f->pd);
	f->cq = ib_alloc_cq_any(id->device, f, 2, IB_POLL_SOFTIRQ);
	if (IS_ERR(f->cq))
		return PTR_ERR(f->cq);
	attr.send_cq = f->cq;
	attr.recv_cq = f->cq;
	return rdma_create_qp(id, f->pd, &attr);
}

static void func_foreign_destroy(struct func_foreign *f, struct rdma_cm_id *id)
{
	struct ib_qp *qp = id->qp;

	/* the connection manager has a reference on the queue pair */
	rdma_destroy_id(id);
	if (qp)
		ib_destroy_qp(qp);
	if (!IS_ERR_OR_NULL(f->cq))
		ib_free_cq(f->cq);
	if (!IS_ERR_OR_NULL(f->pd))
		ib_dealloc_pd(f->pd);
	f->cq = NULL;
	f->pd = NULL;
}

/* Soft-iWARP does not say that it was the consumer, but what he said. */
static const void *func_foreign_answer(struct rdma_cm_id *id,
				       struct rdma_cm_event *event, u8 *len)
{
	if (!rdma_protocol_iwarp(id->device, id->port_num))
		return rdma_consumer_reject_data(id, event, len);
	*len = event->param.conn.private_data_len;
	return event->param.conn.private_data;
}

static int func_foreign_connect(struct rdma_cm_id *id)
{
	struct func_foreign *f = id->context;
	struct rdma_conn_param param = {
		.private_data = f->hello,
		.private_data_len = sizeof(f->hello),
		.responder_resources = 1,
		.initiator_depth = 1,
		.retry_count = 7,
	};

	return rdma_connect_locked(id, &param);
}

static int func_foreign_handler(struct rdma_cm_id *id,
				struct rdma_cm_event *event)
{
	struct func_foreign *f = id->context;
	const void *data;
	u8 len = 0;

	if (event->event == RDMA_CM_EVENT_ADDR_RESOLVED &&
	    !func_foreign_make_qp(id) && !rdma_resolve_route(id, func_wait_ms))
		return 0;
	if (event->event == RDMA_CM_EVENT_ROUTE_RESOLVED &&
	    !func_foreign_connect(id))
		return 0;
	if (event->event == RDMA_CM_EVENT_REJECTED) {
		data = func_foreign_answer(id, event, &len);
		if (data)
			memcpy(f->answer, data,
			       min_t(size_t, len, sizeof(f->answer)));
	}
	f->event = event->event;
	complete(&f->done);
	return 0;
}

static bool func_foreign_attempt(struct func *t, struct func_foreign *f)
{
	struct rdma_cm_id *id;
	bool done = false;

	init_completion(&f->done);
	id = rdma_create_id(&init_net, func_foreign_handler, f, RDMA_PS_TCP,
			    IB_QPT_RC);
	if (!CHECK_OK(t, PTR_ERR_OR_ZERO(id)))
		return false;
	if (CHECK_OK(t, rdma_resolve_addr(id, NULL,
					  (struct sockaddr *)&t->listener.name,
					  func_wait_ms)))
		done = CHECK(t, wait_for_completion_timeout(&f->done,
							    msecs_to_jiffies(func_wait_ms)));
	func_foreign_destroy(f, id);
	return done && CHECK_EQ(t, f->event, RDMA_CM_EVENT_REJECTED);
}

/* Over soft-iWARP the end of the connection may overtake what was said before it. */
static bool func_foreign_ask(struct func *t, struct func_foreign *f)
{
	int tries = func_tells(t) ? 1 : FUNC_FOREIGN_TRIES;

	do {
		if (!func_foreign_attempt(t, f))
			return false;
	} while (!f->answer[0] && --tries);
	return true;
}

/* Who asks in another language is told who it was that did not understand. */
static void foreign_refused(struct func *t, const u8 *hello)
{
	static const u8 head[8] = { 'k', 'f', 1 };
	struct func_foreign f = {};

	memcpy(f.hello, hello, sizeof(f.hello));
	if (!func_listen(t, &t->listener, func_node) ||
	    !func_foreign_ask(t, &f))
		return;
	CHECK_OK(t, memcmp(f.answer, head, sizeof(head)));
	func_no_event(t, t->listener.eq);
	/* and the next one is welcome */
	if (func_pair(t, &t->a, &t->b, NULL))
		func_alive(t, &t->a, &t->b);
}

static void foreign_protocol(struct func *t)
{
	foreign_refused(t, (const u8 *)"whatever");
}

static void foreign_version(struct func *t)
{
	foreign_refused(t, (const u8 *)"kf\2\0\0\0\0\0");
}

static const struct func_case foreign_cases[] = {
	{ "protocol", foreign_protocol, FUNC_DOMAIN },
	{ "version", foreign_version, FUNC_DOMAIN },
};

FUNC_SUITE(foreign);
