// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Event queue
 *
 * Purpose: the queue behind a kfid_eq: connection events, finished
 * registrations and whatever else is not a data transfer.
 *
 * Operation: an event is reserved, with memory for its data, before what it
 * reports is started; pushing it later cannot fail and needs no memory. The
 * size of the queue bounds reserved and queued events together. Events and
 * errors share one queue: an error at its head stops kfi_eq_read() until
 * kfi_eq_readerr() has taken it.
 *
 * The event handler is one-shot like a completion handler: armed when the queue
 * is set up and whenever a read answers -EAGAIN; the next push disarms it and
 * calls it without the lock.
 *
 * Ownership: a reserved event belongs to the caller until it is pushed or
 * released; a pushed one to the queue. The kfi_info of a connection request
 * belongs to its event and passes to the client with the read that removes the
 * event. The last error event that was read stays with the queue, so that its err_data
 * can be pointed at, until the next one is.
 *
 * Ordering: events are read in the order in which they were pushed. After
 * kfi_evq_purge() no event of that object is in the queue; the provider sees to
 * it that none is pushed any more.
 *
 * Errors: kfi_evq_reserve() is the only step that can fail.
 */
#include <linux/err.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include <kfi_prov.h>

#include "trace.h"
#include "wait.h"

#define KFI_EVQ_DEFAULT_SIZE	4096
#define KFI_EVQ_MAX_SIZE	65536

/* Longest event that a client may write itself, entry included. */
#define KFI_EVQ_WRITE_MAX	256

static bool kfi_evq_is_cm(u32 event)
{
	return event == KFI_CONNREQ || event == KFI_CONNECTED ||
	       event == KFI_SHUTDOWN;
}

static size_t kfi_evq_fixed_len(u32 event)
{
	return kfi_evq_is_cm(event) ? sizeof(struct kfi_eq_cm_entry) :
				      sizeof(struct kfi_eq_entry);
}

static void kfi_evq_free(struct kfi_evq_event *ev)
{
	if (!ev)
		return;
	if (ev->info)
		kfi_freeinfo(ev->info);
	kfree(ev);
}

static void kfi_evq_free_list(struct list_head *gone)
{
	struct kfi_evq_event *ev, *next;

	list_for_each_entry_safe(ev, next, gone, link)
		kfi_evq_free(ev);
}

/**
 * kfi_evq_init - set up the queue of an EQ that is being opened
 * @evq: the queue, content undefined
 * @attr: the client's wishes; NULL means default values
 * @eq: the EQ; its event_handler and fid.context may be set later, but before
 *	the first push
 *
 * A size of 0 becomes 4096; the largest is 65536. Memory is taken per event,
 * not per queue. KFI_WRITE allows kfi_eq_write(); KFI_WAIT_UNSPEC and
 * KFI_WAIT_QUEUE allow blocking reads.
 *
 * Context: process.
 * Return: 0; -EINVAL for a size out of range; -KFI_EBADFLAGS for a flag other
 * than KFI_WRITE; -ENOSYS for a wait set or a wait object that is not
 * supported.
 */
int kfi_evq_init(struct kfi_evq *evq, const struct kfi_eq_attr *attr,
		 struct kfid_eq *eq)
{
	static const struct kfi_eq_attr defaults;
	int rc;

	if (!attr)
		attr = &defaults;
	if (attr->flags & ~KFI_WRITE)
		return -KFI_EBADFLAGS;
	if (attr->size > KFI_EVQ_MAX_SIZE)
		return -EINVAL;
	rc = kfi_wait_parse(attr->wait_obj, attr->wait_set, &evq->can_wait);
	if (rc)
		return rc;

	evq->eq = eq;
	evq->size = attr->size ? attr->size : KFI_EVQ_DEFAULT_SIZE;
	evq->can_write = attr->flags & KFI_WRITE;
	spin_lock_init(&evq->lock);
	evq->used = 0;
	INIT_LIST_HEAD(&evq->events);
	evq->armed = true;
	evq->err_data = NULL;
	init_waitqueue_head(&evq->wait);
	return 0;
}
EXPORT_SYMBOL_GPL(kfi_evq_init);

/**
 * kfi_evq_destroy - empty the queue of an EQ that is being closed
 * @evq: no push, read or wait may be under way
 *
 * Unread events are dropped like those of a purge. Warns when a reserved event
 * was neither pushed nor released.
 *
 * Context: process, may sleep.
 */
void kfi_evq_destroy(struct kfi_evq *evq)
{
	struct kfi_evq_event *ev;
	LIST_HEAD(gone);

	list_for_each_entry(ev, &evq->events, link)
		evq->used--;
	WARN_ON_ONCE(evq->used);
	list_splice_init(&evq->events, &gone);
	kfi_evq_free_list(&gone);

	kfi_evq_free(evq->err_data);
	evq->err_data = NULL;
}
EXPORT_SYMBOL_GPL(kfi_evq_destroy);

static bool kfi_evq_charge(struct kfi_evq *evq)
{
	unsigned long flags;
	bool ok;

	spin_lock_irqsave(&evq->lock, flags);
	ok = evq->used < evq->size;
	if (ok)
		evq->used++;
	spin_unlock_irqrestore(&evq->lock, flags);
	return ok;
}

static void kfi_evq_uncharge(struct kfi_evq *evq)
{
	unsigned long flags;

	spin_lock_irqsave(&evq->lock, flags);
	evq->used--;
	spin_unlock_irqrestore(&evq->lock, flags);
}

/**
 * kfi_evq_reserve - make sure that an event can be reported
 * @evq: the queue
 * @datalen: the most private or error data that the event will carry
 * @gfp: how to allocate
 *
 * Context: any, as far as @gfp allows.
 * Return: an event, zeroed except for @cap, that the caller fills and pushes
 * or releases; -ENOSPC as a pointer when the queue is full, -ENOMEM when memory
 * is short.
 */
struct kfi_evq_event *kfi_evq_reserve(struct kfi_evq *evq, size_t datalen,
				      gfp_t gfp)
{
	struct kfi_evq_event *ev;

	if (!kfi_evq_charge(evq))
		return ERR_PTR(-ENOSPC);

	ev = kzalloc(struct_size(ev, data, datalen), gfp);
	if (!ev) {
		kfi_evq_uncharge(evq);
		return ERR_PTR(-ENOMEM);
	}
	ev->cap = datalen;
	return ev;
}
EXPORT_SYMBOL_GPL(kfi_evq_reserve);

/**
 * kfi_evq_release - give back an event that will not be pushed
 * @evq: the queue
 * @ev: the event, its info is freed with it; or NULL
 *
 * Context: any.
 */
void kfi_evq_release(struct kfi_evq *evq, struct kfi_evq_event *ev)
{
	if (!ev)
		return;
	kfi_evq_uncharge(evq);
	kfi_evq_free(ev);
}
EXPORT_SYMBOL_GPL(kfi_evq_release);

/**
 * kfi_evq_push - report an event
 * @evq: the queue
 * @ev: a reserved event; belongs to the queue from now on
 *
 * May call the client's event handler.
 *
 * Context: any. No lock may be held that the client's handler could need.
 */
void kfi_evq_push(struct kfi_evq *evq, struct kfi_evq_event *ev)
{
	unsigned long flags;
	bool call;

	if (WARN_ON_ONCE(ev->len > ev->cap))
		ev->len = ev->cap;
	trace_kfi_evq_push(ev->event, ev->fid, ev->err);

	spin_lock_irqsave(&evq->lock, flags);
	list_add_tail(&ev->link, &evq->events);
	call = evq->armed;
	evq->armed = false;
	spin_unlock_irqrestore(&evq->lock, flags);

	if (evq->can_wait && wq_has_sleeper(&evq->wait))
		wake_up(&evq->wait);
	if (call && evq->eq->event_handler)
		evq->eq->event_handler(evq->eq, evq->eq->fid.context);
}
EXPORT_SYMBOL_GPL(kfi_evq_push);

static struct kfi_evq_event *kfi_evq_first(struct kfi_evq *evq)
{
	lockdep_assert_held(&evq->lock);
	return list_first_entry_or_null(&evq->events, struct kfi_evq_event,
					link);
}

static void kfi_evq_take(struct kfi_evq *evq, struct kfi_evq_event *ev)
{
	lockdep_assert_held(&evq->lock);
	list_del(&ev->link);
	evq->used--;
}

/**
 * kfi_evq_purge - drop the unread events of an object that is being closed
 * @evq: the queue
 * @fid: the object
 *
 * The info of each is freed with it. Events that are only reserved stay with whoever reserved them.
 *
 * Context: process, may sleep.
 */
void kfi_evq_purge(struct kfi_evq *evq, struct kfid *fid)
{
	struct kfi_evq_event *ev, *next;
	unsigned long flags;
	LIST_HEAD(gone);

	spin_lock_irqsave(&evq->lock, flags);
	list_for_each_entry_safe(ev, next, &evq->events, link) {
		if (ev->fid != fid)
			continue;
		kfi_evq_take(evq, ev);
		list_add_tail(&ev->link, &gone);
	}
	spin_unlock_irqrestore(&evq->lock, flags);

	kfi_evq_free_list(&gone);
}
EXPORT_SYMBOL_GPL(kfi_evq_purge);

/* Write as much of @ev as fits; @len is at least the fixed part. */
static size_t kfi_evq_copy(const struct kfi_evq_event *ev, void *buf,
			   size_t len)
{
	size_t fixed = kfi_evq_fixed_len(ev->event);
	size_t data = min(ev->len, len - fixed);

	if (kfi_evq_is_cm(ev->event)) {
		struct kfi_eq_cm_entry *cm = buf;

		cm->fid = ev->fid;
		cm->info = ev->info;
	} else {
		*(struct kfi_eq_entry *)buf = (struct kfi_eq_entry) {
			.fid = ev->fid,
			.context = ev->context,
			.data = ev->data64,
		};
	}
	memcpy(buf + fixed, ev->data, data);
	return fixed + data;
}

static int kfi_evq_check_read(const u32 *event, const void *buf, u64 flags)
{
	if (!event || !buf)
		return -EINVAL;
	return flags & ~KFI_PEEK ? -KFI_EBADFLAGS : 0;
}

static ssize_t kfi_evq_read_locked(struct kfi_evq *evq, u32 *event, void *buf,
				   size_t len, struct kfi_evq_event **taken)
{
	struct kfi_evq_event *ev = kfi_evq_first(evq);
	ssize_t rc;

	if (!ev) {
		evq->armed = true;
		return -EAGAIN;
	}
	if (ev->err)
		return -KFI_EAVAIL;
	if (len < kfi_evq_fixed_len(ev->event))
		return -KFI_ETOOSMALL;

	*event = ev->event;
	rc = kfi_evq_copy(ev, buf, len);
	if (taken) {
		kfi_evq_take(evq, ev);
		ev->info = NULL;
		*taken = ev;
	}
	return rc;
}

/**
 * kfi_evq_read - take the oldest event
 * @evq: the queue
 * @event: KFI_CONNREQ and so on, written on success
 * @buf: a kfi_eq_cm_entry for KFI_CONNREQ, KFI_CONNECTED and KFI_SHUTDOWN, else
 *	a kfi_eq_entry, followed by as much of the event's data as fits
 * @len: bytes at @buf. Data beyond is lost, except with KFI_PEEK
 * @flags: 0, or KFI_PEEK to leave the event in the queue. A peek only lends the
 *	info of a connection request: until the event is read, or dropped because
 *	its object is closed
 *
 * The info of a connection request belongs to the caller after a read without
 * KFI_PEEK. Arms the event handler when the queue is empty.
 *
 * Context: any; several readers may run at once.
 * Return: bytes written to @buf; -EAGAIN when the queue is empty; -KFI_EAVAIL
 * when the oldest event is an error; -KFI_ETOOSMALL when the entry without its
 * data does not fit (nothing is lost); -EINVAL when @event or @buf is NULL;
 * -KFI_EBADFLAGS.
 */
ssize_t kfi_evq_read(struct kfi_evq *evq, uint32_t *event, void *buf,
		     size_t len, uint64_t flags)
{
	struct kfi_evq_event *ev = NULL;
	unsigned long irqflags;
	ssize_t rc;

	rc = kfi_evq_check_read(event, buf, flags);
	if (rc)
		return rc;

	spin_lock_irqsave(&evq->lock, irqflags);
	rc = kfi_evq_read_locked(evq, event, buf, len,
				 flags & KFI_PEEK ? NULL : &ev);
	spin_unlock_irqrestore(&evq->lock, irqflags);

	if (ev)
		trace_kfi_evq_read(ev->event, ev->fid, 0);
	kfi_evq_free(ev);
	return rc;
}
EXPORT_SYMBOL_GPL(kfi_evq_read);

static void kfi_evq_copy_err(struct kfi_evq_event *ev,
			     struct kfi_eq_err_entry *buf)
{
	buf->fid = ev->fid;
	buf->context = ev->context;
	buf->data = ev->data64;
	buf->err = ev->err;
	buf->prov_errno = ev->prov_errno;

	if (buf->err_data_size) {
		buf->err_data_size = min(buf->err_data_size, ev->len);
		memcpy(buf->err_data, ev->data, buf->err_data_size);
	} else {
		buf->err_data_size = ev->len;
		buf->err_data = ev->len ? ev->data : NULL;
	}
}

/**
 * kfi_evq_readerr - take the error event that stopped a read
 * @evq: the queue
 * @buf: the error entry. When err_data_size is not 0 on entry, as much of the
 *	error data as fits goes to the caller's err_data and err_data_size is
 *	set to that; else err_data points into the queue: at data that stays
 *	until the next call without KFI_PEEK or until the EQ is closed (after a
 *	peek also only until the object concerned is closed)
 * @flags: 0, or KFI_PEEK to leave the event in the queue
 *
 * Readers that run at the same time bring their own err_data.
 *
 * Context: any.
 * Return: sizeof(struct kfi_eq_err_entry); -EAGAIN when the oldest event is not
 * an error or there is none; -EINVAL when @buf is NULL; -KFI_EBADFLAGS.
 */
ssize_t kfi_evq_readerr(struct kfi_evq *evq, struct kfi_eq_err_entry *buf,
			uint64_t flags)
{
	struct kfi_evq_event *ev, *old = NULL;
	unsigned long irqflags;
	ssize_t rc = -EAGAIN;

	if (!buf)
		return -EINVAL;
	if (flags & ~KFI_PEEK)
		return -KFI_EBADFLAGS;

	spin_lock_irqsave(&evq->lock, irqflags);
	ev = kfi_evq_first(evq);
	if (ev && ev->err) {
		kfi_evq_copy_err(ev, buf);
		rc = sizeof(*buf);
		if (!(flags & KFI_PEEK)) {
			trace_kfi_evq_read(ev->event, ev->fid, ev->err);
			kfi_evq_take(evq, ev);
			old = evq->err_data;
			evq->err_data = ev;
		}
	}
	spin_unlock_irqrestore(&evq->lock, irqflags);

	kfi_evq_free(old);
	return rc;
}
EXPORT_SYMBOL_GPL(kfi_evq_readerr);

static bool kfi_evq_ready(struct kfi_evq *evq)
{
	unsigned long flags;
	bool ready;

	spin_lock_irqsave(&evq->lock, flags);
	ready = !list_empty(&evq->events);
	spin_unlock_irqrestore(&evq->lock, flags);
	return ready;
}

/**
 * kfi_evq_sread - wait for an event, then take it
 * @evq: the queue
 * @event: as for kfi_evq_read()
 * @buf: as for kfi_evq_read()
 * @len: as for kfi_evq_read()
 * @timeout: milliseconds, 0 not to wait, negative to wait without limit
 * @flags: as for kfi_evq_read()
 *
 * Context: process, may sleep.
 * Return: as kfi_evq_read(), with -EAGAIN after a timeout; -EINTR when a signal
 * is pending for the task, or its thread is being stopped; -ENOSYS when the EQ
 * was opened without a wait object.
 */
ssize_t kfi_evq_sread(struct kfi_evq *evq, uint32_t *event, void *buf,
		      size_t len, int timeout, uint64_t flags)
{
	long left = kfi_wait_jiffies(timeout);
	ssize_t rc;

	if (!evq->can_wait)
		return -ENOSYS;
	rc = kfi_evq_check_read(event, buf, flags);
	if (rc)
		return rc;

	do {
		left = wait_event_interruptible_timeout(evq->wait,
							kfi_evq_ready(evq),
							left);
		if (left < 0)
			return -EINTR;
		rc = kfi_evq_read(evq, event, buf, len, flags);
	} while (rc == -EAGAIN && left);
	return rc;
}
EXPORT_SYMBOL_GPL(kfi_evq_sread);

/**
 * kfi_evq_write - let the client report an event to itself
 * @evq: the queue
 * @event: any number but those of connection events
 * @buf: a kfi_eq_entry and, if the client likes, data behind it
 * @len: bytes at @buf, at most 256
 * @flags: must be 0
 *
 * The event is read, and purged with the object that its fid names, like any
 * other.
 *
 * Context: any.
 * Return: @len; -EAGAIN when the queue is full or memory is short; -EINVAL for a
 * NULL @buf, a length out of range or a connection event; -KFI_EBADFLAGS;
 * -ENOSYS when the EQ was opened without KFI_WRITE.
 */
ssize_t kfi_evq_write(struct kfi_evq *evq, uint32_t event, const void *buf,
		      size_t len, uint64_t flags)
{
	const struct kfi_eq_entry *entry = buf;
	struct kfi_evq_event *ev;

	if (!evq->can_write)
		return -ENOSYS;
	if (flags)
		return -KFI_EBADFLAGS;
	if (!buf || len < sizeof(*entry) || len > KFI_EVQ_WRITE_MAX ||
	    kfi_evq_is_cm(event))
		return -EINVAL;

	ev = kfi_evq_reserve(evq, len - sizeof(*entry), GFP_ATOMIC);
	if (IS_ERR(ev))
		return -EAGAIN;
	ev->event = event;
	ev->fid = entry->fid;
	ev->context = entry->context;
	ev->data64 = entry->data;
	ev->len = ev->cap;
	memcpy(ev->data, entry + 1, ev->len);
	kfi_evq_push(evq, ev);
	return len;
}
EXPORT_SYMBOL_GPL(kfi_evq_write);
