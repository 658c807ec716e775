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

/**
 * struct func_foreign - a connection attempt without kfabric
 * @done: the attempt has ended
 * @event: how
 * @hello: private data of the request
 * @answer: private data of the reject
 */
struct func_foreign {
	struct completion done;
	enum rdma_cm_event_type event;
	u8 hello[8];
	u8 answer[8];
};

static int func_foreign_connect(struct rdma_cm_id *id)
{
	struct func_foreign *f = id->context;
	struct rdma_conn_param param = {
		.private_data = f->hello,
		.private_data_len = sizeof(f->hello),
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
	    !rdma_resolve_route(id, func_wait_ms))
		return 0;
	if (event->event == RDMA_CM_EVENT_ROUTE_RESOLVED &&
	    !func_foreign_connect(id))
		return 0;
	if (event->event == RDMA_CM_EVENT_REJECTED) {
		data = rdma_consumer_reject_data(id, event, &len);
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
	rdma_destroy_id(id);
	return done && CHECK_EQ(t, f->event, RDMA_CM_EVENT_REJECTED);
}

/* Who asks in another language is told who it was that did not understand. */
static void foreign_refused(struct func *t, const u8 *hello)
{
	static const u8 head[8] = { 'k', 'f', 1 };
	struct func_foreign f = {};

	memcpy(f.hello, hello, sizeof(f.hello));
	if (!func_listen(t, &t->listener, func_node) ||
	    !func_foreign_attempt(t, &f))
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
