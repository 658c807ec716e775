// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Completion ring
 *
 * Purpose: the queue behind a kfid_cq. Providers push one entry per completed
 * operation from any context; clients read them in the format of their CQ.
 *
 * Operation: a ring holds a fixed number of entries. An operation reserves one
 * before it is accepted and keeps it until the entry has been read, so a push
 * always finds a free slot and no completion can be lost; a client that does
 * not read is told so by -EAGAIN on its next post. Successes and errors share
 * one queue. An error entry stops kfi_cq_read() until kfi_cq_readerr() has
 * taken it away.
 *
 * The completion handler is one-shot. It is armed when the ring is set up and
 * whenever a read tells its caller that the ring is empty (-EAGAIN, or fewer
 * entries than asked for and no error in the way). The next push disarms it and
 * calls it, once, from the context of the push and without the lock. A handler
 * may read the ring; readers and handlers may run on several CPUs at once.
 *
 * Ownership: the provider owns the ring. It destroys it when no push and no
 * read can be running any more; entries nobody has read vanish with it. Entries
 * are copied in and out: nothing a client sees points into the ring.
 *
 * Ordering: entries are read in the order in which they were pushed. Nobody takes
 * a lock for that. A push owns the slot whose number it took from the tail; when the
 * slot is filled, it is marked with the round of the ring that this number belongs to,
 * which tells it from the entry of the round before. A reader copies what it finds
 * and then moves the head; if that was moved meanwhile, what it copied may be
 * anything, and it begins again. The room counter never promises a slot that is
 * still in use, because a read moves the head first and gives the room back
 * afterwards.
 *
 * A reader that finds nothing arms, and looks again; a push marks its slot, and then
 * looks whether it is armed. With a full barrier between the two on either side, one
 * of them sees the other.
 *
 * Errors: a ring cannot overflow. Unbalanced reservations are a bug of the
 * provider and are reported when the ring is destroyed.
 */
#include <linux/export.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include <kfi_prov.h>

#include "trace.h"
#include "wait.h"

#define KFI_CQRING_DEFAULT_SIZE	2048
#define KFI_CQRING_MAX_SIZE	BIT(24)

#ifdef CONFIG_64BIT
static_assert(sizeof(struct kfi_cqring_entry) == 64);
#endif

static struct kfi_cqring_entry *kfi_cqring_slot(const struct kfi_cqring *ring,
						u32 index)
{
	return &ring->slots[index & ring->mask];
}

/* The first round has the number 1, which no slot has yet. */
static u16 kfi_cqring_round(const struct kfi_cqring *ring, u32 index)
{
	return index >> ring->shift;
}

/* Entry @index if it has been pushed, else NULL */
static const struct kfi_cqring_entry *
kfi_cqring_find(const struct kfi_cqring *ring, u32 index)
{
	const struct kfi_cqring_entry *slot = kfi_cqring_slot(ring, index);

	/* pairs with the release of a push */
	if (smp_load_acquire(&slot->round) != kfi_cqring_round(ring, index))
		return NULL;
	return slot;
}

static int kfi_cqring_parse_wait(struct kfi_cqring *ring,
				 const struct kfi_cq_attr *attr)
{
	int rc;

	rc = kfi_wait_parse(attr->wait_obj, attr->wait_set, &ring->can_wait);
	if (rc)
		return rc;

	switch (attr->wait_cond) {
	case KFI_CQ_COND_NONE:
		ring->threshold = false;
		return 0;
	case KFI_CQ_COND_THRESHOLD:
		ring->threshold = true;
		return ring->can_wait ? 0 : -ENOSYS;
	default:
		return -ENOSYS;
	}
}

static int kfi_cqring_parse_attr(struct kfi_cqring *ring,
				 const struct kfi_cq_attr *attr, u32 max_size)
{
	size_t max = min_t(size_t, max_size, KFI_CQRING_MAX_SIZE);
	size_t size = attr->size;

	if (attr->flags & ~KFI_AFFINITY)
		return -KFI_EBADFLAGS;

	if (!size)
		size = min_t(size_t, max, KFI_CQRING_DEFAULT_SIZE);
	if (!size || size > max)
		return -EINVAL;
	ring->size = size;
	ring->goal_max = size;
	ring->shift = order_base_2(size);
	ring->mask = BIT(ring->shift) - 1;

	switch (attr->format) {
	case KFI_CQ_FORMAT_UNSPEC:
		ring->format = KFI_CQ_FORMAT_DATA;
		break;
	case KFI_CQ_FORMAT_CONTEXT:
	case KFI_CQ_FORMAT_MSG:
	case KFI_CQ_FORMAT_DATA:
	case KFI_CQ_FORMAT_TAGGED:
		ring->format = attr->format;
		break;
	default:
		return -EINVAL;
	}

	return kfi_cqring_parse_wait(ring, attr);
}

/**
 * kfi_cqring_init - set up the ring of a CQ that is being opened
 * @ring: the ring, content undefined
 * @attr: the client's wishes; NULL means default values
 * @max_size: the largest number of entries that the provider allows
 * @node: NUMA node of the memory, or NUMA_NO_NODE
 * @cq: the CQ; its comp_handler and fid.context may be set later, but before
 *	the first push
 *
 * A size of 0 becomes 2048 (or @max_size, if that is smaller); exactly the
 * size asked for can be reserved. The format defaults to KFI_CQ_FORMAT_DATA.
 * KFI_WAIT_UNSPEC and KFI_WAIT_QUEUE allow blocking reads.
 *
 * Context: process, may sleep.
 * Return: 0; -EINVAL for a size or format out of range; -KFI_EBADFLAGS for a
 * flag other than KFI_AFFINITY; -ENOSYS for a wait set or a wait object or
 * condition that is not supported; -ENOMEM.
 */
int kfi_cqring_init(struct kfi_cqring *ring, const struct kfi_cq_attr *attr,
		    u32 max_size, int node, struct kfid_cq *cq)
{
	static const struct kfi_cq_attr defaults;
	int rc;

	rc = kfi_cqring_parse_attr(ring, attr ? attr : &defaults, max_size);
	if (rc)
		return rc;

	ring->slots = kvzalloc_node(array_size((size_t)ring->mask + 1,
					       sizeof(*ring->slots)),
				    GFP_KERNEL, node);
	if (!ring->slots)
		return -ENOMEM;

	ring->cq = cq;
	atomic_set(&ring->room, ring->size);
	atomic_set(&ring->head, ring->mask + 1);
	atomic_set(&ring->tail, ring->mask + 1);
	ring->armed = true;
	spin_lock_init(&ring->lock);
	ring->signals = 0;
	ring->signals_seen = 0;
	init_waitqueue_head(&ring->wait);
	return 0;
}
EXPORT_SYMBOL_GPL(kfi_cqring_init);

/**
 * kfi_cqring_destroy - free the ring of a CQ that is being closed
 * @ring: no push, read or wait may be under way
 *
 * Entries that were not read are dropped. Warns when a reservation was neither
 * pushed nor given back, or something was pushed without one.
 *
 * Context: process, may sleep.
 */
void kfi_cqring_destroy(struct kfi_cqring *ring)
{
	u32 filled = atomic_read(&ring->tail) - atomic_read(&ring->head);

	WARN_ON_ONCE(atomic_read(&ring->room) + filled != ring->size);
	kvfree(ring->slots);
	ring->slots = NULL;
}
EXPORT_SYMBOL_GPL(kfi_cqring_destroy);

/* As kfi_cqring_notify(), when somebody may sleep */
static noinline void kfi_cqring_wake(struct kfi_cqring *ring, bool call)
{
	if (wq_has_sleeper(&ring->wait))
		wake_up(&ring->wait);
	if (call && ring->cq->comp_handler)
		ring->cq->comp_handler(ring->cq, ring->cq->fid.context);
}

static __always_inline void kfi_cqring_notify(struct kfi_cqring *ring)
{
	kfi_comp_handler handler;
	bool call;

	/* pairs with the one in kfi_cqring_arm() */
	smp_mb();
	call = READ_ONCE(ring->armed) && xchg(&ring->armed, false);
	if (ring->can_wait) {
		kfi_cqring_wake(ring, call);
		return;
	}
	handler = ring->cq->comp_handler;
	if (call && handler)
		handler(ring->cq, ring->cq->fid.context);
}

/**
 * kfi_cqring_push - report a completion
 * @ring: the ring, on which the caller holds a reservation
 * @entry: the completion; copied
 *
 * Uses up one reservation, which returns to the ring when the entry is read.
 * May call the client's completion handler.
 *
 * Context: any. No lock may be held that the client's handler could need.
 */
void kfi_cqring_push(struct kfi_cqring *ring,
		     const struct kfi_cqring_entry *entry)
{
	u32 index = atomic_fetch_inc(&ring->tail);
	struct kfi_cqring_entry *slot = kfi_cqring_slot(ring, index);

	trace_kfi_cqring_push(ring->cq, entry);

	slot->op_context = entry->op_context;
	slot->flags = entry->flags;
	slot->len = entry->len;
	slot->buf = entry->buf;
	slot->data = entry->data;
	slot->tag = entry->tag;
	slot->err = entry->err;
	slot->prov_errno = entry->prov_errno;
	slot->src = entry->src;
	/* pairs with the acquire in kfi_cqring_find() */
	smp_store_release(&slot->round, kfi_cqring_round(ring, index));
	kfi_cqring_notify(ring);
}
EXPORT_SYMBOL_GPL(kfi_cqring_push);

/* As kfi_cqring_push_done(), for somebody who looks on */
static noinline void kfi_cqring_push_traced(struct kfi_cqring *ring,
					    void *op_context, u64 flags,
					    size_t len)
{
	const struct kfi_cqring_entry entry = {
		.op_context = op_context,
		.flags = flags,
		.len = len,
		.src = KFI_ADDR_NOTAVAIL,
	};

	kfi_cqring_push(ring, &entry);
}

/**
 * kfi_cqring_push_done - report that an operation has succeeded
 * @ring: the ring, on which the caller holds a reservation
 * @op_context: the client's context of the operation
 * @flags: what completed
 * @len: bytes received, or 0
 *
 * As kfi_cqring_push(), of an entry that says nothing else.
 *
 * Context: as for kfi_cqring_push().
 */
void kfi_cqring_push_done(struct kfi_cqring *ring, void *op_context,
			  uint64_t flags, size_t len)
{
	struct kfi_cqring_entry *slot;
	u32 index;

	if (trace_kfi_cqring_push_enabled()) {
		kfi_cqring_push_traced(ring, op_context, flags, len);
		return;
	}
	index = atomic_fetch_inc(&ring->tail);
	slot = kfi_cqring_slot(ring, index);
	slot->op_context = op_context;
	slot->flags = flags;
	slot->len = len;
	if (ring->format != KFI_CQ_FORMAT_CONTEXT) {
		slot->buf = NULL;
		slot->data = 0;
		slot->tag = 0;
	}
	slot->err = 0;
	slot->src = KFI_ADDR_NOTAVAIL;
	/* pairs with the acquire in kfi_cqring_find() */
	smp_store_release(&slot->round, kfi_cqring_round(ring, index));
	kfi_cqring_notify(ring);
}
EXPORT_SYMBOL_GPL(kfi_cqring_push_done);

static void kfi_cqring_copy_msg(struct kfi_cq_msg_entry *to,
				const struct kfi_cqring_entry *from)
{
	*to = (struct kfi_cq_msg_entry) {
		.op_context = from->op_context,
		.flags = from->flags & ~KFI_REMOTE_CQ_DATA,
		.len = from->len,
	};
}

static void kfi_cqring_copy_data(struct kfi_cq_data_entry *to,
				 const struct kfi_cqring_entry *from)
{
	*to = (struct kfi_cq_data_entry) {
		.op_context = from->op_context,
		.flags = from->flags,
		.len = from->len,
		.buf = from->buf,
		.data = from->data,
	};
}

static void kfi_cqring_copy_tagged(struct kfi_cq_tagged_entry *to,
				   const struct kfi_cqring_entry *from)
{
	*to = (struct kfi_cq_tagged_entry) {
		.op_context = from->op_context,
		.flags = from->flags,
		.len = from->len,
		.buf = from->buf,
		.data = from->data,
		.tag = from->tag,
	};
}

static size_t kfi_cqring_entry_size(const struct kfi_cqring *ring)
{
	switch (ring->format) {
	case KFI_CQ_FORMAT_CONTEXT:
		return sizeof(struct kfi_cq_entry);
	case KFI_CQ_FORMAT_MSG:
		return sizeof(struct kfi_cq_msg_entry);
	case KFI_CQ_FORMAT_TAGGED:
		return sizeof(struct kfi_cq_tagged_entry);
	default:
		return sizeof(struct kfi_cq_data_entry);
	}
}

/* Write @from as element @i of the client's array. */
static __always_inline void kfi_cqring_copy(const struct kfi_cqring *ring,
					    void *buf, size_t i,
					    const struct kfi_cqring_entry *from)
{
	switch (ring->format) {
	case KFI_CQ_FORMAT_CONTEXT:
		((struct kfi_cq_entry *)buf)[i].op_context = from->op_context;
		break;
	case KFI_CQ_FORMAT_MSG:
		kfi_cqring_copy_msg((struct kfi_cq_msg_entry *)buf + i, from);
		break;
	case KFI_CQ_FORMAT_TAGGED:
		kfi_cqring_copy_tagged((struct kfi_cq_tagged_entry *)buf + i,
				       from);
		break;
	default:
		kfi_cqring_copy_data((struct kfi_cq_data_entry *)buf + i, from);
		break;
	}
}

/*
 * The ring was found empty: arm the handler, if there is one. False if there is something after
 * all, and nobody was told. A poll that is in vain changes nothing.
 */
static bool kfi_cqring_arm(struct kfi_cqring *ring)
{
	if (!ring->cq->comp_handler)
		return true;
	if (!READ_ONCE(ring->armed)) {
		WRITE_ONCE(ring->armed, true);
		/* pairs with the one in kfi_cqring_notify() */
		smp_mb();
	}
	return !kfi_cqring_find(ring, atomic_read(&ring->head)) ||
	       !xchg(&ring->armed, false);
}

/* Whether what was read of an entry at the head is true */
static bool kfi_cqring_is_head(const struct kfi_cqring *ring, int head)
{
	/* it was read before; who reuses it has seen the head move */
	smp_rmb();
	return atomic_read(&ring->head) == head;
}

/* Take what was read at the head, @n entries. False if somebody else has. */
static bool kfi_cqring_take(struct kfi_cqring *ring, int head, u32 n)
{
	/* orders the copies, too */
	if (atomic_cmpxchg(&ring->head, head, head + n) != head)
		return false;
	kfi_cqring_unreserve(ring, n);
	return true;
}

/*
 * Entries from @head on that have a push; it may be under way. To look at a slot that has
 * none costs a cache miss.
 */
static u32 kfi_cqring_pushed(const struct kfi_cqring *ring, u32 head)
{
	return atomic_read(&ring->tail) - head;
}

/*
 * Copy good entries from @head on. Returns how many; *why is 0 when all is full,
 * -EAGAIN when nothing comes behind, or -KFI_EAVAIL when that is an error.
 */
static __always_inline u32 kfi_cqring_peek(const struct kfi_cqring *ring, u32 head,
					   void *buf, size_t count,
					   kfi_addr_t *src_addr, int *why)
{
	u32 n, pushed = kfi_cqring_pushed(ring, head);
	const struct kfi_cqring_entry *entry;

	for (n = 0; n < count; n++) {
		entry = n < pushed ? kfi_cqring_find(ring, head + n) : NULL;
		if (!entry) {
			*why = -EAGAIN;
			return n;
		}
		if (unlikely(entry->err)) {
			*why = -KFI_EAVAIL;
			return n;
		}
		kfi_cqring_copy(ring, buf, n, entry);
		if (src_addr)
			src_addr[n] = entry->src;
	}
	*why = 0;
	return n;
}

/* As kfi_cqring_read(); @count is not 0 */
static noinline ssize_t kfi_cqring_read_many(struct kfi_cqring *ring, void *buf,
					     size_t count, kfi_addr_t *src_addr)
{
	size_t done = 0;
	int head, why;
	u32 n;

	for (;;) {
		head = atomic_read(&ring->head);
		n = kfi_cqring_peek(ring, head, buf, count, src_addr, &why);
		if (n && !kfi_cqring_take(ring, head, n))
			continue;
		done += n;
		if (!why)
			return done;
		if (why == -EAGAIN ? kfi_cqring_arm(ring) :
				     n || kfi_cqring_is_head(ring, head))
			return done ?: why;
		/* more has come */
		buf += n * kfi_cqring_entry_size(ring);
		src_addr = src_addr ? src_addr + n : NULL;
		count -= n;
	}
}

/*
 * One good entry, behind which there is none, for who has no handler: what is most common
 * of who looks again and again. Returns 0 if it is something else.
 */
static __always_inline ssize_t kfi_cqring_read_one(struct kfi_cqring *ring,
						   void *buf, size_t count)
{
	int head = atomic_read(&ring->head);
	const struct kfi_cqring_entry *entry = kfi_cqring_find(ring, head);

	if (!entry || entry->err || ring->cq->comp_handler ||
	    (count > 1 && kfi_cqring_pushed(ring, head) > 1))
		return 0;
	kfi_cqring_copy(ring, buf, 0, entry);
	return kfi_cqring_take(ring, head, 1);
}

/**
 * kfi_cqring_read - take successful completions, oldest first
 * @ring: the ring
 * @buf: array of @count entries in the ring's format
 * @count: how many entries fit; 0 reads nothing, arms nothing and returns 0
 * @src_addr: array of @count source addresses, or NULL
 *
 * Stops in front of an error entry. Arms the completion handler when it runs
 * into the end of the ring.
 *
 * Context: any; several readers may run at once.
 * Return: the number of entries read; -EAGAIN when the ring is empty;
 * -KFI_EAVAIL when the oldest entry is an error; -EINVAL when @buf is NULL and
 * @count is not 0.
 */
ssize_t kfi_cqring_read(struct kfi_cqring *ring, void *buf, size_t count,
			kfi_addr_t *src_addr)
{
	ssize_t rc = 0;

	if (unlikely(!buf || !count))
		return count ? -EINVAL : 0;
	if (!src_addr)
		rc = kfi_cqring_read_one(ring, buf, count);
	return rc ?: kfi_cqring_read_many(ring, buf, count, src_addr);
}
EXPORT_SYMBOL_GPL(kfi_cqring_read);

static void kfi_cqring_copy_err(struct kfi_cq_err_entry *to,
				const struct kfi_cqring_entry *from)
{
	*to = (struct kfi_cq_err_entry) {
		.op_context = from->op_context,
		.flags = from->flags,
		.len = from->len,
		.buf = from->buf,
		.data = from->data,
		.tag = from->tag,
		.olen = from->olen,
		.err = from->err,
		.prov_errno = from->prov_errno,
		.err_data = to->err_data_size ? to->err_data : NULL,
		.err_data_size = 0,
	};
}

/**
 * kfi_cqring_readerr - take the error entry that stopped a read
 * @ring: the ring
 * @buf: the error entry. A client's err_data buffer (err_data_size not 0 on
 *	entry) stays where it is; nothing is written to it and err_data_size
 *	becomes 0
 * @flags: must be 0
 *
 * Does not arm the completion handler: only a read does.
 *
 * Context: any; several readers may run at once.
 * Return: 1; -EAGAIN when the oldest entry is not an error or there is none;
 * -EINVAL when @buf is NULL; -KFI_EBADFLAGS.
 */
ssize_t kfi_cqring_readerr(struct kfi_cqring *ring,
			   struct kfi_cq_err_entry *buf, uint64_t flags)
{
	struct kfi_cqring_entry entry;
	int head;

	if (!buf)
		return -EINVAL;
	if (flags)
		return -KFI_EBADFLAGS;

	do {
		do {
			head = atomic_read(&ring->head);
			entry.err = 0;
			if (kfi_cqring_find(ring, head))
				entry = *kfi_cqring_slot(ring, head);
		} while (!kfi_cqring_is_head(ring, head));
		if (!entry.err)
			return -EAGAIN;
	} while (atomic_cmpxchg(&ring->head, head, head + 1) != head);

	trace_kfi_cqring_readerr(ring->cq, &entry);
	kfi_cqring_copy_err(buf, &entry);
	kfi_cqring_unreserve(ring, 1);
	return 1;
}
EXPORT_SYMBOL_GPL(kfi_cqring_readerr);

/* How many entries a blocking read waits for: never more than there can be. */
static u32 kfi_cqring_goal(const struct kfi_cqring *ring, const void *cond)
{
	if (!ring->threshold || !cond)
		return 1;
	return clamp_t(size_t, *(const size_t *)cond, 1, ring->goal_max);
}

/* Enough entries, or a signal after the @seen-th. */
static bool kfi_cqring_ready(struct kfi_cqring *ring, u32 goal, u32 seen)
{
	u32 head = atomic_read(&ring->head);
	u32 n;

	for (n = 0; n < goal && kfi_cqring_find(ring, head + n);)
		n++;
	return n == goal || READ_ONCE(ring->signals) != seen;
}

static long kfi_cqring_wait(struct kfi_cqring *ring, u32 goal, u32 seen,
			    long left)
{
	return wait_event_interruptible_timeout(ring->wait,
						kfi_cqring_ready(ring, goal,
								 seen),
						left);
}

static u32 kfi_cqring_signals_seen(struct kfi_cqring *ring)
{
	unsigned long flags;
	u32 seen;

	spin_lock_irqsave(&ring->lock, flags);
	seen = ring->signals_seen;
	spin_unlock_irqrestore(&ring->lock, flags);
	return seen;
}

/* True when a signal came after @seen; it has been seen from now on. */
static bool kfi_cqring_signaled(struct kfi_cqring *ring, u32 seen)
{
	unsigned long flags;
	bool signaled;

	spin_lock_irqsave(&ring->lock, flags);
	signaled = ring->signals != seen;
	if (signaled)
		ring->signals_seen = ring->signals;
	spin_unlock_irqrestore(&ring->lock, flags);
	return signaled;
}

/**
 * kfi_cqring_sread - wait for completions, then take them
 * @ring: the ring
 * @buf: as for kfi_cqring_read()
 * @count: as for kfi_cqring_read()
 * @src_addr: as for kfi_cqring_read()
 * @cond: with KFI_CQ_COND_THRESHOLD, points to the number (size_t) of entries,
 *	error entries included, to wait for; ignored otherwise, and may be NULL
 * @timeout: milliseconds, 0 not to wait, negative to wait without limit
 *
 * A timeout or a signal ends the wait; entries that are there by then are
 * returned, also when they are fewer than the threshold. Arms the completion
 * handler where its read found too few entries, not by waiting.
 *
 * Context: process, may sleep.
 * Return: as kfi_cqring_read(), with -EAGAIN after a timeout or kfi_cq_signal();
 * -EINTR when a signal is pending for the task, or its thread is being stopped;
 * -ENOSYS when the CQ was opened without a wait object.
 */
ssize_t kfi_cqring_sread(struct kfi_cqring *ring, void *buf, size_t count,
			 kfi_addr_t *src_addr, const void *cond, int timeout)
{
	long left = kfi_wait_jiffies(timeout);
	u32 goal = kfi_cqring_goal(ring, cond);
	bool signaled;
	ssize_t rc;
	u32 seen;

	if (!ring->can_wait)
		return -ENOSYS;
	if (!buf)
		return -EINVAL;
	if (!count)
		return 0;

	seen = kfi_cqring_signals_seen(ring);
	do {
		left = kfi_cqring_wait(ring, goal, seen, left);
		if (left < 0)
			return -EINTR;
		signaled = kfi_cqring_signaled(ring, seen);
		rc = kfi_cqring_read(ring, buf, count, src_addr);
	} while (rc == -EAGAIN && left && !signaled);
	return rc;
}
EXPORT_SYMBOL_GPL(kfi_cqring_sread);

/**
 * kfi_cqring_signal - end blocking reads
 * @ring: the ring
 *
 * All readers that wait at this moment return; when none does, the next one
 * will not wait. No entry is lost or added.
 *
 * Context: any.
 * Return: 0; -ENOSYS when the CQ was opened without a wait object.
 */
int kfi_cqring_signal(struct kfi_cqring *ring)
{
	unsigned long flags;

	if (!ring->can_wait)
		return -ENOSYS;

	spin_lock_irqsave(&ring->lock, flags);
	WRITE_ONCE(ring->signals, ring->signals + 1);
	spin_unlock_irqrestore(&ring->lock, flags);
	wake_up(&ring->wait);
	return 0;
}
EXPORT_SYMBOL_GPL(kfi_cqring_signal);
