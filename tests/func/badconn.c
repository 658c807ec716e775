// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Connections that cannot come up, and bad input to the calls that make them.
 * Whatever goes wrong, there is one event, and then the endpoint can be closed.
 */
#include <linux/delay.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/inet.h>
#include <linux/string.h>

#include "func.h"

#define FUNC_CM_DATA	48

/* t->a asks for a connection, and the listener has heard of it. */
static bool badconn_request(struct func *t, struct func_event *event)
{
	return func_listen(t, &t->listener, func_node) &&
	       func_open_end(t, &t->a, t->domain, t->info, NULL) &&
	       func_connect(t, &t->a, &t->listener) &&
	       func_connreq(t, &t->listener, event, NULL);
}

/* After a failed attempt nothing works but closing. */
static bool func_is_dead(struct func *t, struct func_end *end)
{
	return func_no_event(t, end->eq) &&
	       CHECK_EQ(t, kfi_send(end->ep, NULL, 0, NULL, KFI_ADDR_UNSPEC,
				    NULL), -ENOTCONN) &&
	       CHECK_EQ(t, kfi_shutdown(end->ep, 0), -ENOTCONN) &&
	       func_close_end(t, end);
}

static void badconn_rejected(struct func *t)
{
	static const char why[] = "we are not amused";
	struct kfi_eq_err_entry err = {};
	struct func_event event;
	u32 what;

	if (!badconn_request(t, &event) ||
	    !CHECK_OK(t, kfi_reject(t->listener.pep, event.cm.info->handle,
				    why, sizeof(why))))
		return;

	if (!CHECK_EQ(t, kfi_eq_sread(t->a.eq, &what, &event, sizeof(event),
				      func_wait_ms, 0), -KFI_EAVAIL) ||
	    !CHECK_EQ(t, kfi_eq_readerr(t->a.eq, &err, 0), sizeof(err)))
		return;
	CHECK(t, err.fid == &t->a.ep->fid);
	CHECK_EQ(t, err.err, ECONNREFUSED);
	if (CHECK_EQ(t, err.err_data_size, sizeof(why)))
		CHECK_OK(t, memcmp(err.err_data, why, sizeof(why)));
	func_is_dead(t, &t->a);
}

/* The handle of a request is good for one answer. */
static void badconn_reject_twice(struct func *t)
{
	struct kfid stranger = { .fclass = KFI_CLASS_CONNREQ };
	struct func_event event;

	if (!badconn_request(t, &event))
		return;
	CHECK_EQ(t, kfi_reject(t->listener.pep, NULL, NULL, 0), -EINVAL);
	CHECK_EQ(t, kfi_reject(t->listener.pep, &stranger, NULL, 0), -EINVAL);
	CHECK_OK(t, kfi_reject(t->listener.pep, event.cm.info->handle, NULL,
			       0));
	CHECK_EQ(t, kfi_reject(t->listener.pep, event.cm.info->handle, NULL,
			       0), -EINVAL);
	func_event_err(t, t->a.eq, &t->a.ep->fid, ECONNREFUSED);
}

/* One request, two endpoints: the second one comes too late. */
static void badconn_accept_twice(struct func *t)
{
	struct func_event event;
	struct kfid_ep *ep;
	int rc;

	if (!badconn_request(t, &event) ||
	    !func_open_end(t, &t->b, t->domain, event.cm.info, NULL) ||
	    !CHECK_OK(t, kfi_accept(t->b.ep, NULL, 0)))
		return;

	rc = kfi_endpoint(t->domain, event.cm.info, &ep, t);
	CHECK_EQ(t, rc, -EINVAL);
	if (!rc)
		func_keep_fid(t, &ep->fid);
	CHECK_EQ(t, kfi_reject(t->listener.pep, event.cm.info->handle, NULL,
			       0), -EINVAL);
	if (func_connected(t, &t->a, &t->b)) {
		CHECK(t, kfi_accept(t->b.ep, NULL, 0) < 0);
		func_alive(t, &t->a, &t->b);
	}
}

/* A port where somebody listened a moment ago. */
static void badconn_nobody_listens(struct func *t)
{
	if (!func_listen(t, &t->listener, func_node) ||
	    !func_close(t, &t->listener.pep->fid) ||
	    !func_open_end(t, &t->a, t->domain, t->info, NULL) ||
	    !func_connect(t, &t->a, &t->listener))
		return;
	if (func_event_err(t, t->a.eq, &t->a.ep->fid, ECONNREFUSED))
		func_is_dead(t, &t->a);
}

static bool func_stranger(struct func *t, struct sockaddr_in *addr)
{
	*addr = (struct sockaddr_in) {
		.sin_family = AF_INET,
		.sin_port = cpu_to_be16(7471),
	};
	return CHECK(t, in4_pton(func_nobody, -1, (u8 *)&addr->sin_addr, -1,
				 NULL));
}

/* Nobody answers who has the address: found out, or given up. */
static void badconn_nobody_there(struct func *t)
{
	struct sockaddr_in addr;
	int err;

	if (!func_stranger(t, &addr) ||
	    !func_open_end(t, &t->a, t->domain, t->info, NULL) ||
	    !CHECK_OK(t, kfi_connect(t->a.ep, &addr, NULL, 0)))
		return;
	err = func_failure(t, t->a.eq, &t->a.ep->fid);
	if (err != EHOSTUNREACH)
		CHECK_EQ(t, err, ETIMEDOUT);
	func_is_dead(t, &t->a);
}

/* Closing does not wait for an answer that may never come. */
static void badconn_close_unanswered(struct func *t)
{
	struct sockaddr_in addr;
	char *buf = func_alloc(t, 64);

	if (!buf || !func_stranger(t, &addr) ||
	    !func_open_end(t, &t->a, t->domain, t->info, NULL) ||
	    !CHECK_OK(t, kfi_recv(t->a.ep, buf, 64, NULL, KFI_ADDR_UNSPEC,
				  buf)) ||
	    !CHECK_OK(t, kfi_connect(t->a.ep, &addr, NULL, 0)) ||
	    !func_close(t, &t->a.ep->fid))
		return;
	func_comp_err(t, t->a.rx_cq, buf, ECANCELED);
	func_no_event(t, t->a.eq);
}

/* The peer is there but never says yes or no: the connect timer ends it. */
static void badconn_timeout(struct func *t)
{
	char *buf = func_alloc(t, 64);
	struct func_event event;

	if (!buf || !func_listen(t, &t->listener, func_node) ||
	    !func_open_end(t, &t->a, t->domain, t->info, NULL) ||
	    !CHECK_OK(t, kfi_recv(t->a.ep, buf, 64, NULL, KFI_ADDR_UNSPEC,
				  buf)) ||
	    !func_connect(t, &t->a, &t->listener) ||
	    !func_connreq(t, &t->listener, &event, NULL))
		return;
	if (!func_event_err(t, t->a.eq, &t->a.ep->fid, ETIMEDOUT) ||
	    !func_comp_err(t, t->a.rx_cq, buf, ECANCELED))
		return;
	func_is_dead(t, &t->a);
}

/* The listener goes away with a request that nobody has read. */
static void badconn_listener_closes(struct func *t)
{
	if (!func_listen(t, &t->listener, func_node) ||
	    !func_open_end(t, &t->a, t->domain, t->info, NULL) ||
	    !func_connect(t, &t->a, &t->listener))
		return;
	msleep(50);
	if (!func_close(t, &t->listener.pep->fid) ||
	    !func_event_err(t, t->a.eq, &t->a.ep->fid, ECONNREFUSED))
		return;
	func_is_dead(t, &t->a);
}

/* The listener goes away with a request that was read but not answered. */
static void badconn_listener_closes_read(struct func *t)
{
	struct func_event event;

	if (!badconn_request(t, &event) ||
	    !func_close(t, &t->listener.pep->fid))
		return;
	if (func_event_err(t, t->a.eq, &t->a.ep->fid, ECONNREFUSED))
		func_is_dead(t, &t->a);
}

/* An endpoint was made for the request and closed without an answer. */
static void badconn_acceptor_closes(struct func *t)
{
	struct func_event event;

	if (!badconn_request(t, &event) ||
	    !func_open_end(t, &t->b, t->domain, event.cm.info, NULL) ||
	    !func_close_end(t, &t->b))
		return;
	if (func_event_err(t, t->a.eq, &t->a.ep->fid, ECONNREFUSED))
		func_is_dead(t, &t->a);
}

/*
 * The one that connects is gone before the other one accepts. Accepting fails,
 * or it succeeds and one event tells.
 */
static void badconn_connector_closes(struct func *t)
{
	struct func_event event;

	if (!badconn_request(t, &event) ||
	    !func_open_end(t, &t->b, t->domain, event.cm.info, NULL) ||
	    !func_close_end(t, &t->a))
		return;
	if (kfi_accept(t->b.ep, NULL, 0))
		return;
	func_failure(t, t->b.eq, &t->b.ep->fid);
	func_no_event(t, t->b.eq);
	CHECK_EQ(t, kfi_accept(t->b.ep, NULL, 0), -KFI_EOPBADSTATE);
}

static bool func_bind_all(struct func *t, struct func_end *end)
{
	return CHECK_OK(t, kfi_ep_bind(end->ep, &end->eq->fid, 0)) &&
	       CHECK_OK(t, kfi_ep_bind(end->ep, &end->tx_cq->fid, 0));
}

/* The one that connects leaves while the other one enables its endpoint. */
static void badconn_enable_races(struct func *t)
{
	/* over iWARP each one takes until soft-iWARP does not wait any longer */
	int rounds = func_tells(t) ? 16 : 2;
	struct func_event event;
	int i, rc;

	t->b.eq = func_open_eq(t, 0);
	t->b.tx_cq = func_open_cq(t, t->domain, NULL);
	if (!t->b.eq || !t->b.tx_cq || !func_listen(t, &t->listener, func_node))
		return;
	for (i = 0; i < rounds; i++) {
		struct func_end a = {};

		if (!func_open_end(t, &a, t->domain, t->info, NULL) ||
		    !func_connect(t, &a, &t->listener) ||
		    !func_connreq(t, &t->listener, &event, NULL))
			return;
		t->b.ep = func_open_ep(t, t->domain, event.cm.info, NULL);
		if (!t->b.ep || !func_bind_all(t, &t->b) ||
		    !func_close_end(t, &a))
			return;
		usleep_range(50 * i, 50 * i + 10);
		rc = kfi_enable(t->b.ep);
		if (rc) {
			CHECK_EQ(t, rc, -ECONNABORTED);
			CHECK_EQ(t, kfi_enable(t->b.ep), -ECONNABORTED);
			CHECK_EQ(t, kfi_accept(t->b.ep, NULL, 0),
				 -ECONNABORTED);
		}
		if (!func_close(t, &t->b.ep->fid))
			return;
	}
}

/* Events that nobody has read vanish with their endpoint. */
static void badconn_unread_events(struct func *t)
{
	struct func_end a = {};

	a.eq = func_open_eq(t, 0);
	if (!a.eq || !func_listen(t, &t->listener, func_node) ||
	    !func_open_end(t, &a, t->domain, t->info, NULL) ||
	    !func_connect(t, &a, &t->listener) ||
	    !func_close(t, &t->listener.pep->fid))
		return;
	msleep(100);
	if (func_close(t, &a.ep->fid))
		func_no_event(t, a.eq);
}

static void badconn_address(struct func *t)
{
	struct sockaddr_in6 addr6 = { .sin6_family = AF_INET6 };
	struct sockaddr addr = { .sa_family = AF_UNIX };

	if (!func_listen(t, &t->listener, func_node) ||
	    !func_open_end(t, &t->a, t->domain, t->info, NULL))
		return;
	CHECK_EQ(t, kfi_connect(t->a.ep, NULL, NULL, 0), -EINVAL);
	CHECK_EQ(t, kfi_connect(t->a.ep, &addr6, NULL, 0), -EAFNOSUPPORT);
	CHECK_EQ(t, kfi_connect(t->a.ep, &addr, NULL, 0), -EAFNOSUPPORT);

	/* still as good as new */
	if (func_connect(t, &t->a, &t->listener) &&
	    func_accept(t, &t->listener, &t->b, NULL) &&
	    func_connected(t, &t->a, &t->b))
		func_alive(t, &t->a, &t->b);
}

static void badconn_long_data(struct func *t)
{
	u8 data[FUNC_CM_DATA + 1] = {};
	struct func_event event;

	if (!func_listen(t, &t->listener, func_node) ||
	    !func_open_end(t, &t->a, t->domain, t->info, NULL))
		return;
	CHECK_EQ(t, kfi_connect(t->a.ep, &t->listener.name, data, sizeof(data)),
		 -EINVAL);
	CHECK_EQ(t, kfi_connect(t->a.ep, &t->listener.name, NULL, 1), -EINVAL);
	if (!func_connect(t, &t->a, &t->listener) ||
	    !func_connreq(t, &t->listener, &event, NULL))
		return;
	CHECK_EQ(t, kfi_reject(t->listener.pep, event.cm.info->handle, data,
			       sizeof(data)), -EINVAL);
	if (!func_open_end(t, &t->b, t->domain, event.cm.info, NULL))
		return;
	CHECK_EQ(t, kfi_accept(t->b.ep, data, sizeof(data)), -EINVAL);
	CHECK_EQ(t, kfi_accept(t->b.ep, NULL, 1), -EINVAL);
	if (CHECK_OK(t, kfi_accept(t->b.ep, NULL, 0)) &&
	    func_connected(t, &t->a, &t->b))
		func_alive(t, &t->a, &t->b);
}

/* Calls at the wrong time, or on the wrong kind of endpoint. */
static void badconn_state(struct func *t)
{
	struct kfid_ep *ep = func_open_ep(t, t->domain, t->info, NULL);

	if (!ep || !func_listen(t, &t->listener, func_node) ||
	    !func_open_end(t, &t->a, t->domain, t->info, NULL))
		return;
	CHECK_EQ(t, kfi_connect(ep, &t->listener.name, NULL, 0),
		 -KFI_EOPBADSTATE);
	CHECK_EQ(t, kfi_accept(t->a.ep, NULL, 0), -KFI_EOPBADSTATE);
	CHECK_EQ(t, kfi_shutdown(t->a.ep, 0), -ENOTCONN);
	if (!func_connect(t, &t->a, &t->listener))
		return;
	CHECK_EQ(t, kfi_connect(t->a.ep, &t->listener.name, NULL, 0),
		 -EISCONN);
	if (!func_accept(t, &t->listener, &t->b, NULL) ||
	    !func_connected(t, &t->a, &t->b))
		return;
	CHECK_EQ(t, kfi_connect(t->a.ep, &t->listener.name, NULL, 0),
		 -EISCONN);
	func_alive(t, &t->a, &t->b);
}

static void badconn_connect_passive(struct func *t)
{
	struct func_event event;

	if (!badconn_request(t, &event) ||
	    !func_open_end(t, &t->b, t->domain, event.cm.info, NULL))
		return;
	CHECK_EQ(t, kfi_connect(t->b.ep, &t->listener.name, NULL, 0),
		 -KFI_EOPBADSTATE);
	if (CHECK_OK(t, kfi_accept(t->b.ep, NULL, 0)) &&
	    func_connected(t, &t->a, &t->b))
		func_alive(t, &t->a, &t->b);
}

static void badconn_listen(struct func *t)
{
	struct sockaddr_in *name = (struct sockaddr_in *)&t->listener.name;
	struct kfi_info *info;
	struct kfid_pep *pep;
	struct kfid_eq *eq = func_open_eq(t, 0);
	char port[8];

	if (!eq || !func_listen(t, &t->listener, func_node))
		return;
	CHECK_EQ(t, kfi_listen(t->listener.pep), -KFI_EOPBADSTATE);

	scnprintf(port, sizeof(port), "%u", be16_to_cpu(name->sin_port));
	info = func_getinfo(t, func_node, port, KFI_SOURCE);
	if (!info || !CHECK_OK(t, kfi_passive_ep(t->fabric, info, &pep, t)) ||
	    !func_keep_fid(t, &pep->fid))
		return;
	CHECK_EQ(t, kfi_listen(pep), -KFI_ENOEQ);
	CHECK_OK(t, kfi_pep_bind(pep, &eq->fid, 0));
	CHECK_EQ(t, kfi_listen(pep), -EADDRINUSE);

	/* the first one still works, and gives the port free for the second */
	if (!func_pair(t, &t->a, &t->b, NULL) ||
	    !func_close(t, &t->listener.pep->fid))
		return;
	func_alive(t, &t->a, &t->b);
}

static void badconn_getpeer(struct func *t)
{
	struct sockaddr_storage name;
	size_t len = sizeof(name);

	if (!func_open_end(t, &t->a, t->domain, t->info, NULL))
		return;
	CHECK_EQ(t, kfi_getpeer(t->a.ep, &name, &len), -ENOTCONN);
}

static const struct func_case badconn_cases[] = {
	{ "rejected", badconn_rejected, FUNC_DOMAIN },
	{ "reject_twice", badconn_reject_twice, FUNC_DOMAIN },
	{ "accept_twice", badconn_accept_twice, FUNC_DOMAIN },
	{ "nobody_listens", badconn_nobody_listens, FUNC_DOMAIN },
	{ "nobody_there", badconn_nobody_there, FUNC_DOMAIN },
	{ "close_unanswered", badconn_close_unanswered, FUNC_DOMAIN },
	{ "timeout", badconn_timeout, FUNC_DOMAIN },
	{ "listener_closes", badconn_listener_closes, FUNC_DOMAIN },
	{ "listener_closes_read", badconn_listener_closes_read, FUNC_DOMAIN },
	{ "acceptor_closes", badconn_acceptor_closes, FUNC_DOMAIN },
	{ "connector_closes", badconn_connector_closes, FUNC_DOMAIN },
	{ "enable_races", badconn_enable_races, FUNC_DOMAIN },
	{ "unread_events", badconn_unread_events, FUNC_DOMAIN },
	{ "address", badconn_address, FUNC_DOMAIN },
	{ "long_data", badconn_long_data, FUNC_DOMAIN },
	{ "state", badconn_state, FUNC_DOMAIN },
	{ "connect_passive", badconn_connect_passive, FUNC_DOMAIN },
	{ "listen", badconn_listen, FUNC_DOMAIN },
	{ "getpeer", badconn_getpeer, FUNC_DOMAIN },
};

FUNC_SUITE(badconn);
