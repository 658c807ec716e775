// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Event queues: peeking, too little room, events of the client's own, the
 * handler, limits.
 */
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/string.h>

#include "func.h"

static struct kfid_eq *func_open_eq_attr(struct func *t,
					 struct kfi_eq_attr *attr,
					 kfi_event_handler handler,
					 void *context)
{
	struct kfid_eq *eq;

	if (!CHECK_OK(t, kfi_eq_open(t->fabric, attr, &eq, handler, context)))
		return NULL;
	return func_keep_fid(t, &eq->fid) ? eq : NULL;
}

static void eq_empty(struct func *t)
{
	struct kfid_eq *eq = func_open_eq(t, 0);
	struct kfi_eq_err_entry err = {};
	struct func_event buf;
	u32 event;

	if (!eq)
		return;
	CHECK_EQ(t, kfi_eq_read(eq, &event, &buf, sizeof(buf), 0), -EAGAIN);
	CHECK_EQ(t, kfi_eq_readerr(eq, &err, 0), -EAGAIN);
	CHECK_EQ(t, kfi_eq_sread(eq, &event, &buf, sizeof(buf), 50, 0),
		 -EAGAIN);
}

static void eq_bad_arguments(struct func *t)
{
	struct kfid_eq *eq = func_open_eq(t, 0);
	struct kfid_eq *plain = func_open_eq_attr(t, NULL, NULL, t);
	struct kfi_eq_err_entry err = {};
	struct kfi_eq_entry entry = {};
	struct func_event buf;
	u32 event;

	if (!eq || !plain)
		return;
	CHECK_EQ(t, kfi_eq_read(eq, NULL, &buf, sizeof(buf), 0), -EINVAL);
	CHECK_EQ(t, kfi_eq_read(eq, &event, NULL, sizeof(buf), 0), -EINVAL);
	CHECK_EQ(t, kfi_eq_read(eq, &event, &buf, sizeof(buf), KFI_MORE),
		 -KFI_EBADFLAGS);
	CHECK_EQ(t, kfi_eq_readerr(eq, NULL, 0), -EINVAL);
	CHECK_EQ(t, kfi_eq_readerr(eq, &err, KFI_MORE), -KFI_EBADFLAGS);
	CHECK_EQ(t, kfi_eq_write(eq, KFI_NOTIFY, &entry, sizeof(entry), 0),
		 -ENOSYS);
	CHECK_EQ(t, kfi_eq_sread(plain, &event, &buf, sizeof(buf), 10, 0),
		 -ENOSYS);
}

/* A request stays where it is until somebody has room for it. */
static void eq_peek(struct func *t)
{
	struct func_event buf;
	struct kfid_eq *eq;
	u32 event;

	if (!func_listen(t, &t->listener, func_node) ||
	    !func_open_end(t, &t->a, t->domain, t->info, NULL) ||
	    !func_connect(t, &t->a, &t->listener))
		return;
	eq = t->listener.eq;
	CHECK(t, kfi_eq_sread(eq, &event, &buf, sizeof(buf), func_wait_ms,
			      KFI_PEEK) > 0);
	CHECK_EQ(t, event, KFI_CONNREQ);
	CHECK(t, buf.cm.fid == &t->listener.pep->fid);
	CHECK_EQ(t, kfi_eq_read(eq, &event, &buf, sizeof(buf.cm) - 1, 0),
		 -KFI_ETOOSMALL);
	CHECK(t, kfi_eq_read(eq, &event, &buf, sizeof(buf), KFI_PEEK) > 0);
	if (func_accept(t, &t->listener, &t->b, NULL) &&
	    func_connected(t, &t->a, &t->b))
		func_alive(t, &t->a, &t->b);
}

static void eq_peek_error(struct func *t)
{
	struct kfi_eq_err_entry err = {};
	struct func_event buf;
	u32 event;

	if (!func_listen(t, &t->listener, func_node) ||
	    !func_open_end(t, &t->a, t->domain, t->info, NULL) ||
	    !func_close(t, &t->listener.pep->fid) ||
	    !func_connect(t, &t->a, &t->listener))
		return;
	CHECK_EQ(t, kfi_eq_sread(t->a.eq, &event, &buf, sizeof(buf),
				 func_wait_ms, 0), -KFI_EAVAIL);
	CHECK_EQ(t, kfi_eq_readerr(t->a.eq, &err, KFI_PEEK), sizeof(err));
	CHECK_EQ(t, kfi_eq_read(t->a.eq, &event, &buf, sizeof(buf), 0),
		 -KFI_EAVAIL);
	err = (struct kfi_eq_err_entry) {};
	CHECK_EQ(t, kfi_eq_readerr(t->a.eq, &err, 0), sizeof(err));
	CHECK_EQ(t, err.err, ECONNREFUSED);
	CHECK(t, kfi_eq_strerror(t->a.eq, err.prov_errno, err.err_data, NULL,
				 0));
	CHECK_EQ(t, kfi_eq_readerr(t->a.eq, &err, 0), -EAGAIN);
	func_no_event(t, t->a.eq);
}

/* Events of the client's own come out as they went in, behind one another. */
static void eq_write(struct func *t)
{
	struct kfi_eq_attr attr = { .size = 2, .flags = KFI_WRITE };
	struct kfid_eq *eq = func_open_eq_attr(t, &attr, NULL, t);
	struct kfi_eq_entry in = { .context = t, .data = 7 }, out;
	u32 event;

	if (!eq)
		return;
	in.fid = &eq->fid;
	CHECK_EQ(t, kfi_eq_write(eq, KFI_NOTIFY, &in, sizeof(in), 0),
		 sizeof(in));
	in.data = 8;
	CHECK_EQ(t, kfi_eq_write(eq, 1000, &in, sizeof(in), 0), sizeof(in));
	CHECK_EQ(t, kfi_eq_write(eq, 1000, &in, sizeof(in), 0), -EAGAIN);
	CHECK_EQ(t, kfi_eq_write(eq, KFI_CONNECTED, &in, sizeof(in), 0),
		 -EINVAL);
	CHECK_EQ(t, kfi_eq_write(eq, 1000, &in, sizeof(in) - 1, 0), -EINVAL);
	CHECK_EQ(t, kfi_eq_write(eq, 1000, NULL, sizeof(in), 0), -EINVAL);

	CHECK_EQ(t, kfi_eq_read(eq, &event, &out, sizeof(out), 0),
		 sizeof(out));
	CHECK_EQ(t, event, KFI_NOTIFY);
	CHECK(t, out.fid == &eq->fid && out.context == t);
	CHECK_EQ(t, out.data, 7);
	CHECK_EQ(t, kfi_eq_read(eq, &event, &out, sizeof(out), 0),
		 sizeof(out));
	CHECK_EQ(t, event, 1000);
	CHECK_EQ(t, out.data, 8);
	CHECK_EQ(t, kfi_eq_read(eq, &event, &out, sizeof(out), 0), -EAGAIN);
}

static void func_count_events(struct kfid_eq *eq, void *context)
{
	atomic_inc(context);
}

static void eq_handler(struct func *t)
{
	struct kfi_eq_attr attr = { .flags = KFI_WRITE };
	atomic_t *calls = func_alloc(t, sizeof(*calls));
	struct kfi_eq_entry entry = {};
	struct kfid_eq *eq;
	u32 event;

	if (!calls)
		return;
	eq = func_open_eq_attr(t, &attr, func_count_events, calls);
	if (!eq)
		return;
	entry.fid = &eq->fid;
	CHECK_EQ(t, kfi_eq_write(eq, 50, &entry, sizeof(entry), 0),
		 sizeof(entry));
	CHECK_EQ(t, atomic_read(calls), 1);
	CHECK_EQ(t, kfi_eq_read(eq, &event, &entry, sizeof(entry), 0),
		 sizeof(entry));
	CHECK_EQ(t, kfi_eq_read(eq, &event, &entry, sizeof(entry), 0),
		 -EAGAIN);
	entry.fid = &eq->fid;
	CHECK_EQ(t, kfi_eq_write(eq, 51, &entry, sizeof(entry), 0),
		 sizeof(entry));
	CHECK_EQ(t, atomic_read(calls), 2);
}

/* The handler hears of a connection request. */
static void eq_handler_connreq(struct func *t)
{
	unsigned long end = jiffies + msecs_to_jiffies(func_wait_ms);
	struct kfi_eq_attr attr = { .wait_obj = KFI_WAIT_UNSPEC };
	atomic_t *calls = func_alloc(t, sizeof(*calls));
	struct func_listener *l = &t->listener;
	size_t len = sizeof(l->name);

	if (!calls)
		return;
	l->eq = func_open_eq_attr(t, &attr, func_count_events, calls);
	if (!l->eq ||
	    !CHECK_OK(t, kfi_passive_ep(t->fabric, t->info, &l->pep, t)) ||
	    !func_keep_fid(t, &l->pep->fid) ||
	    !CHECK_OK(t, kfi_pep_bind(l->pep, &l->eq->fid, 0)) ||
	    !CHECK_OK(t, kfi_listen(l->pep)) ||
	    !CHECK_OK(t, kfi_getname(&l->pep->fid, &l->name, &len)) ||
	    !func_open_end(t, &t->a, t->domain, t->info, NULL) ||
	    !func_connect(t, &t->a, l))
		return;
	while (!atomic_read(calls) && time_before(jiffies, end))
		usleep_range(200, 400);
	CHECK_EQ(t, atomic_read(calls), 1);
	if (func_accept(t, l, &t->b, NULL))
		func_connected(t, &t->a, &t->b);
}

/* How many of some connection attempts were refused, each counted once */
static int func_count_refused(struct func *t, struct func_end *ends, size_t n)
{
	struct kfi_eq_err_entry err;
	struct func_event buf;
	int refused = 0;
	u32 event;
	size_t i;

	for (i = 0; i < n; i++) {
		if (kfi_eq_read(ends[i].eq, &event, &buf, sizeof(buf), 0) !=
		    -KFI_EAVAIL)
			continue;
		err = (struct kfi_eq_err_entry) {};
		CHECK_EQ(t, kfi_eq_readerr(ends[i].eq, &err, 0), sizeof(err));
		CHECK_EQ(t, err.err, ECONNREFUSED);
		refused++;
	}
	return refused;
}

/* A listener whose queue is full turns requests away; it does not hoard them. */
static void eq_full_listener(struct func *t)
{
	unsigned long end = jiffies + msecs_to_jiffies(func_wait_ms);
	struct func_listener *l = &t->listener;
	struct func_end a[4] = {};
	size_t len = sizeof(l->name), i;
	int refused = 0;

	l->eq = func_open_eq(t, 2);
	if (!l->eq ||
	    !CHECK_OK(t, kfi_passive_ep(t->fabric, t->info, &l->pep, t)) ||
	    !func_keep_fid(t, &l->pep->fid) ||
	    !CHECK_OK(t, kfi_pep_bind(l->pep, &l->eq->fid, 0)) ||
	    !CHECK_OK(t, kfi_listen(l->pep)) ||
	    !CHECK_OK(t, kfi_getname(&l->pep->fid, &l->name, &len)))
		return;
	for (i = 0; i < ARRAY_SIZE(a); i++) {
		if (!func_open_end(t, &a[i], t->domain, t->info, NULL) ||
		    !func_connect(t, &a[i], l))
			return;
	}
	while (refused < 2 && time_before(jiffies, end)) {
		msleep(20);
		refused += func_count_refused(t, a, ARRAY_SIZE(a));
	}
	msleep(50);
	CHECK_EQ(t, refused + func_count_refused(t, a, ARRAY_SIZE(a)), 2);
}

static const struct func_case eq_cases[] = {
	{ "empty", eq_empty, FUNC_FABRIC },
	{ "bad_arguments", eq_bad_arguments, FUNC_FABRIC },
	{ "peek", eq_peek, FUNC_DOMAIN },
	{ "peek_error", eq_peek_error, FUNC_DOMAIN },
	{ "write", eq_write, FUNC_FABRIC },
	{ "handler", eq_handler, FUNC_FABRIC },
	{ "handler_connreq", eq_handler_connreq, FUNC_DOMAIN },
	{ "full_listener", eq_full_listener, FUNC_DOMAIN },
};

FUNC_SUITE(eq);
