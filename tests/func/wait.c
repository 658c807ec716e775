// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Waits for events and completions and compares them with what should come.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "func.h"

/* How long to look for something that must not come */
#define FUNC_QUIET_MS	30

static void func_report_eq_err(struct func *t, struct kfid_eq *eq)
{
	struct kfi_eq_err_entry err = {};

	if (kfi_eq_readerr(eq, &err, 0) > 0)
		FAIL(t, "event error %d: %s (%s)", err.err,
		     kfi_strerror(err.err),
		     kfi_eq_strerror(eq, err.prov_errno, err.err_data, NULL, 0));
}

static void func_poll_end(struct func *t, const struct func_end *end)
{
	if (end->tx_cq)
		CHECK_EQ(t, kfi_cq_read(end->tx_cq, NULL, 0), 0);
	if (end->rx_cq)
		CHECK_EQ(t, kfi_cq_read(end->rx_cq, NULL, 0), 0);
}

/* kfi_eq_sread(); who polls has to do it for failures to be noticed */
static ssize_t func_eq_sread(struct func *t, struct kfid_eq *eq, u32 *event,
			     struct func_event *buf, unsigned int ms)
{
	unsigned long end = jiffies + msecs_to_jiffies(ms);
	ssize_t n;

	if (!t->polled)
		return kfi_eq_sread(eq, event, buf, sizeof(*buf), ms, 0);
	do {
		func_poll_end(t, &t->a);
		func_poll_end(t, &t->b);
		n = kfi_eq_sread(eq, event, buf, sizeof(*buf), 1, 0);
	} while (n == -EAGAIN && time_before(jiffies, end));
	return n;
}

/**
 * func_event_data - wait for an event with private data
 * @t: the case
 * @eq: where
 * @event: which
 * @fid: of which object
 * @buf: where to put it
 *
 * Return: bytes of private data, or negative after a complaint.
 */
ssize_t func_event_data(struct func *t, struct kfid_eq *eq, u32 event,
			const struct kfid *fid, struct func_event *buf)
{
	u32 got = 0;
	ssize_t n;

	n = func_eq_sread(t, eq, &got, buf, func_wait_ms);
	if (n == -KFI_EAVAIL)
		func_report_eq_err(t, eq);
	if (!CHECK(t, n >= (ssize_t)sizeof(buf->cm))) {
		FAIL(t, "no event %u, but %zd", event, n);
		return -ENODATA;
	}
	if (!CHECK_EQ(t, got, event) || !CHECK(t, buf->cm.fid == fid))
		return -ENODATA;
	return n - sizeof(buf->cm);
}

/**
 * func_event - wait for an event
 * @t: the case
 * @eq: where
 * @event: which
 * @fid: of which object
 *
 * Return: true, or false after a complaint.
 */
bool func_event(struct func *t, struct kfid_eq *eq, u32 event,
		const struct kfid *fid)
{
	struct func_event buf;

	return func_event_data(t, eq, event, fid, &buf) >= 0;
}

/**
 * func_failure - wait for an event that something failed
 * @t: the case
 * @eq: where
 * @fid: of which object
 *
 * Return: why, a positive errno; or 0 after a complaint.
 */
int func_failure(struct func *t, struct kfid_eq *eq, const struct kfid *fid)
{
	struct kfi_eq_err_entry entry = {};
	struct func_event buf;
	u32 event;
	ssize_t n;

	n = func_eq_sread(t, eq, &event, &buf, func_wait_ms);
	if (!CHECK_EQ(t, n, -KFI_EAVAIL) ||
	    !CHECK_EQ(t, kfi_eq_readerr(eq, &entry, 0), sizeof(entry)) ||
	    !CHECK(t, entry.fid == fid) || !CHECK(t, entry.err > 0))
		return 0;
	return entry.err;
}

/**
 * func_event_err - wait for an event that something failed for a reason
 * @t: the case
 * @eq: where
 * @fid: of which object
 * @err: why
 *
 * Return: true, or false after a complaint.
 */
bool func_event_err(struct func *t, struct kfid_eq *eq, const struct kfid *fid,
		    int err)
{
	return CHECK_EQ(t, func_failure(t, eq, fid), err);
}

/**
 * func_no_event - see that nothing comes
 * @t: the case
 * @eq: where
 *
 * Return: true, or false after a complaint.
 */
bool func_no_event(struct func *t, struct kfid_eq *eq)
{
	struct func_event buf;
	u32 event = ~0;
	ssize_t n;

	n = func_eq_sread(t, eq, &event, &buf, FUNC_QUIET_MS);
	if (n == -EAGAIN)
		return true;
	if (n == -KFI_EAVAIL)
		func_report_eq_err(t, eq);
	return FAIL(t, "unexpected event %u (%zd)", event, n);
}

/**
 * func_sread - kfi_cq_sread() of one entry, polled or not
 * @t: the case
 * @cq: where; of format KFI_CQ_FORMAT_TAGGED
 * @entry: where to put a good one
 * @ms: how long to wait for it
 *
 * Return: as kfi_cq_sread().
 */
ssize_t func_sread(struct func *t, struct kfid_cq *cq,
		   struct kfi_cq_tagged_entry *entry, unsigned int ms)
{
	unsigned long end = jiffies + msecs_to_jiffies(ms);
	ssize_t n;

	if (!t->polled)
		return kfi_cq_sread(cq, entry, 1, NULL, ms);
	do {
		cond_resched();
		n = kfi_cq_read(cq, entry, 1);
	} while (n == -EAGAIN && time_before(jiffies, end));
	return n;
}

/**
 * func_progress - do what makes room for an operation that was refused
 * @t: the case
 * @end: the endpoint
 */
void func_progress(struct func *t, const struct func_end *end)
{
	if (t->polled)
		func_poll_end(t, end);
	cond_resched();
}

/**
 * func_read - wait for a completion, good or bad
 * @t: the case
 * @cq: where; of format KFI_CQ_FORMAT_TAGGED
 * @entry: where to put a good one
 *
 * Return: as kfi_cq_sread().
 */
ssize_t func_read(struct func *t, struct kfid_cq *cq,
		  struct kfi_cq_tagged_entry *entry)
{
	ssize_t n = func_sread(t, cq, entry, func_wait_ms);

	if (n == -EAGAIN)
		FAIL(t, "no completion in %u ms", func_wait_ms);
	return n;
}

static void func_report_cq_err(struct func *t, struct kfid_cq *cq)
{
	struct kfi_cq_err_entry err = {};

	if (kfi_cq_readerr(cq, &err, 0) == 1)
		FAIL(t, "operation %p failed with %d: %s (%s)", err.op_context,
		     err.err, kfi_strerror(err.err),
		     kfi_cq_strerror(cq, err.prov_errno, err.err_data, NULL,
				     0));
}

/**
 * func_comp - wait for a good completion
 * @t: the case
 * @cq: where
 * @context: of the operation
 * @flags: exactly these
 * @entry: where to put it, or NULL
 *
 * Checks what depends on the flags alone: an initiator's entry has neither
 * length nor data, nobody's has a buffer.
 *
 * Return: true, or false after a complaint.
 */
bool func_comp(struct func *t, struct kfid_cq *cq, const void *context,
	       u64 flags, struct kfi_cq_tagged_entry *entry)
{
	struct kfi_cq_tagged_entry mine;
	ssize_t n;

	entry = entry ?: &mine;
	memset(entry, 0xff, sizeof(*entry));
	n = func_read(t, cq, entry);
	if (n == -KFI_EAVAIL)
		func_report_cq_err(t, cq);
	if (!CHECK_EQ(t, n, 1) || !CHECK(t, entry->op_context == context) ||
	    !CHECK_EQ(t, entry->flags, flags))
		return false;
	if (!(flags & (KFI_RECV | KFI_REMOTE_WRITE)) &&
	    !CHECK_EQ(t, entry->len, 0))
		return false;
	if (!(flags & KFI_REMOTE_CQ_DATA) && !CHECK_EQ(t, entry->data, 0))
		return false;
	return CHECK(t, !entry->buf) && CHECK_EQ(t, entry->tag, 0);
}

/**
 * func_comp_err - wait for a failed operation
 * @t: the case
 * @cq: where
 * @context: of the operation
 * @err: why
 *
 * Return: true, or false after a complaint.
 */
bool func_comp_err(struct func *t, struct kfid_cq *cq, const void *context,
		   int err)
{
	struct kfi_cq_err_entry entry = {};
	struct kfi_cq_tagged_entry good;
	const char *text;

	if (!CHECK_EQ(t, func_read(t, cq, &good), -KFI_EAVAIL) ||
	    !CHECK_EQ(t, kfi_cq_readerr(cq, &entry, 0), 1) ||
	    !CHECK(t, entry.op_context == context) ||
	    !CHECK_EQ(t, entry.err, err))
		return false;
	text = kfi_cq_strerror(cq, entry.prov_errno, entry.err_data, NULL, 0);
	return CHECK(t, text && *text);
}

/*
 * An error that is the one that was expected, or the end of the connection, which
 * may come while the device is sending.
 */
static bool func_readerr_lost(struct func *t, struct kfid_cq *cq,
			      const void *context, int err)
{
	struct kfi_cq_err_entry entry = {};

	return CHECK_EQ(t, kfi_cq_readerr(cq, &entry, 0), 1) &&
	       CHECK(t, entry.op_context == context) &&
	       (entry.err == ECANCELED || entry.err == EIO ||
		CHECK_EQ(t, entry.err, err));
}

/**
 * func_comp_refused - wait for an operation that the peer refuses
 * @t: the case
 * @cq: where
 * @context: of the operation
 * @err: why
 *
 * Where completions do not tell (see func_tells()), it may be good, or be
 * cancelled with the connection.
 *
 * Return: true, or false after a complaint.
 */
bool func_comp_refused(struct func *t, struct kfid_cq *cq, const void *context,
		       int err)
{
	struct kfi_cq_tagged_entry good;
	ssize_t n;

	if (func_tells(t))
		return func_comp_err(t, cq, context, err);
	n = func_read(t, cq, &good);
	if (n == 1)
		return CHECK(t, good.op_context == context);
	return CHECK_EQ(t, n, -KFI_EAVAIL) &&
	       func_readerr_lost(t, cq, context, err);
}

/**
 * func_comp_lost - wait for an operation that must not succeed
 * @t: the case
 * @cq: where
 * @context: of the operation
 * @err: why
 *
 * Where completions do not tell (see func_tells()), it may be cancelled with the
 * connection.
 *
 * Return: true, or false after a complaint.
 */
bool func_comp_lost(struct func *t, struct kfid_cq *cq, const void *context,
		    int err)
{
	struct kfi_cq_tagged_entry good;

	if (func_tells(t))
		return func_comp_err(t, cq, context, err);
	return CHECK_EQ(t, func_read(t, cq, &good), -KFI_EAVAIL) &&
	       func_readerr_lost(t, cq, context, err);
}

/**
 * func_no_comp - see that nothing comes
 * @t: the case
 * @cq: where
 *
 * Return: true, or false after a complaint.
 */
bool func_no_comp(struct func *t, struct kfid_cq *cq)
{
	struct kfi_cq_tagged_entry entry;
	ssize_t n;

	n = func_sread(t, cq, &entry, FUNC_QUIET_MS);
	if (n == -EAGAIN)
		return true;
	if (n == -KFI_EAVAIL)
		func_report_cq_err(t, cq);
	return FAIL(t, "unexpected completion (%zd)", n);
}

/**
 * func_dies - see an endpoint lose its connection, once
 * @t: the case
 * @end: the endpoint
 *
 * Return: true, or false after a complaint.
 */
bool func_dies(struct func *t, struct func_end *end)
{
	return func_event(t, end->eq, KFI_SHUTDOWN, &end->ep->fid) &&
	       func_no_event(t, end->eq) &&
	       CHECK_EQ(t, kfi_send(end->ep, NULL, 0, NULL, KFI_ADDR_UNSPEC,
				    NULL), -ENOTCONN);
}

/**
 * func_broken - see both ends of the fixture lose their connection
 * @t: the case
 *
 * Return: true, or false after a complaint.
 */
bool func_broken(struct func *t)
{
	return func_dies(t, &t->a) && func_dies(t, &t->b);
}
