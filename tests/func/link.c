// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Connections between two endpoints of this kernel. Nothing here waits while
 * the other side still has to act, so one thread can play both.
 */
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/string.h>

#include "func.h"

/**
 * func_listen - open a passive endpoint at a free port
 * @t: the case
 * @listener: where to put it
 * @node: address
 *
 * Return: true, or false after a complaint.
 */
bool func_listen(struct func *t, struct func_listener *listener,
		 const char *node)
{
	size_t len = sizeof(listener->name);

	listener->info = func_getinfo(t, node, NULL, KFI_SOURCE);
	listener->eq = func_open_eq(t, 0);
	if (!listener->info || !listener->eq)
		return false;
	if (!CHECK_OK(t, kfi_passive_ep(t->fabric, listener->info,
					&listener->pep, listener)) ||
	    !func_keep_fid(t, &listener->pep->fid))
		return false;
	return CHECK_OK(t, kfi_pep_bind(listener->pep, &listener->eq->fid, 0)) &&
	       CHECK_OK(t, kfi_listen(listener->pep)) &&
	       CHECK_OK(t, kfi_getname(&listener->pep->fid, &listener->name,
				       &len));
}

/**
 * func_connect - start to connect
 * @t: the case
 * @end: enabled
 * @listener: to whom
 *
 * Return: true, or false after a complaint.
 */
bool func_connect(struct func *t, struct func_end *end,
		  const struct func_listener *listener)
{
	return CHECK_OK(t, kfi_connect(end->ep, &listener->name, NULL, 0));
}

/**
 * func_connreq - wait for a request
 * @t: the case
 * @listener: at whom
 * @event: where to put it; its info is freed after the case
 * @datalen: where to put the length of its private data, or NULL
 *
 * Return: true, or false after a complaint.
 */
bool func_connreq(struct func *t, const struct func_listener *listener,
		  struct func_event *event, size_t *datalen)
{
	ssize_t n;

	n = func_event_data(t, listener->eq, KFI_CONNREQ, &listener->pep->fid,
			    event);
	if (n < 0 || !func_keep_info(t, event->cm.info))
		return false;
	if (datalen)
		*datalen = n;
	return CHECK(t, event->cm.info->handle);
}

/**
 * func_accept - wait for a request and accept it with a new endpoint
 * @t: the case
 * @listener: where it arrives
 * @end: where to put the endpoint
 * @opts: how to open it, or NULL
 *
 * Return: true, or false after a complaint.
 */
bool func_accept(struct func *t, const struct func_listener *listener,
		 struct func_end *end, const struct func_opts *opts)
{
	struct func_event event;

	return func_connreq(t, listener, &event, NULL) &&
	       func_open_end(t, end, t->domain, event.cm.info, opts) &&
	       CHECK_OK(t, kfi_accept(end->ep, NULL, 0));
}

/**
 * func_connected - wait until both sides say so
 * @t: the case
 * @a: one
 * @b: the other
 *
 * Return: true, or false after a complaint.
 */
bool func_connected(struct func *t, struct func_end *a, struct func_end *b)
{
	return func_event(t, a->eq, KFI_CONNECTED, &a->ep->fid) &&
	       func_event(t, b->eq, KFI_CONNECTED, &b->ep->fid);
}

/**
 * func_pair - make two endpoints and connect them
 * @t: the case
 * @a: connects
 * @b: accepts
 * @opts: how to open both, or NULL
 *
 * Return: true, or false after a complaint.
 */
bool func_pair(struct func *t, struct func_end *a, struct func_end *b,
	       const struct func_opts *opts)
{
	if (!t->listener.pep && !func_listen(t, &t->listener, func_node))
		return false;
	return func_open_end(t, a, t->domain, t->info, opts) &&
	       func_connect(t, a, &t->listener) &&
	       func_accept(t, &t->listener, b, opts) &&
	       func_connected(t, a, b);
}

/**
 * func_close_end - close an endpoint and its queues
 * @t: the case
 * @end: they
 *
 * Return: true, or false after a complaint.
 */
bool func_close_end(struct func *t, struct func_end *end)
{
	bool one_cq = end->rx_cq == end->tx_cq;

	return func_close(t, &end->ep->fid) &&
	       func_close(t, &end->tx_cq->fid) &&
	       (one_cq || func_close(t, &end->rx_cq->fid)) &&
	       func_close(t, &end->eq->fid);
}
