/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef _KFI_CNTR_H_
#define _KFI_CNTR_H_

/**
 * DOC: Counters, wait sets and poll sets
 *
 * A counter counts completed operations, and those that failed. Wait and poll
 * sets gather queues and counters. Clients include <kfi_eq.h>, which brings
 * this header in.
 */

#include <linux/errno.h>
#include <kfabric.h>

/**
 * enum kfi_wait_obj - What a reader may sleep on
 * @KFI_WAIT_NONE: Nothing; the reader polls or has a handler.
 * @KFI_WAIT_UNSPEC: The provider chooses.
 * @KFI_WAIT_SET: A wait set.
 * @KFI_WAIT_QUEUE: A Linux wait queue.
 */
enum kfi_wait_obj {
	KFI_WAIT_NONE,
	KFI_WAIT_UNSPEC,
	KFI_WAIT_SET,
	KFI_WAIT_QUEUE,
};

/**
 * struct kfi_wait_attr - Attributes of a wait set
 * @wait_obj: What to sleep on.
 * @flags: Reserved, 0.
 */
struct kfi_wait_attr {
	enum kfi_wait_obj	wait_obj;
	uint64_t		flags;
};

/**
 * struct kfi_ops_wait - Operations of a wait set
 * @size: Size of the table in bytes.
 * @wait: See kfi_wait().
 */
struct kfi_ops_wait {
	size_t	size;
	int	(*wait)(struct kfid_wait *waitset, int timeout);
};

/**
 * struct kfid_wait - Wait set: several queues and counters to sleep on at once
 * @kfid: Common part.
 * @ops: Operations.
 */
struct kfid_wait {
	struct kfid		kfid;
	struct kfi_ops_wait	*ops;
};

/**
 * struct kfi_poll_attr - Attributes of a poll set
 * @flags: Reserved, 0.
 */
struct kfi_poll_attr {
	uint64_t		flags;
};

/**
 * struct kfi_ops_poll - Operations of a poll set
 * @size: Size of the table in bytes.
 * @poll: See kfi_poll().
 * @poll_add: See kfi_poll_add().
 * @poll_del: See kfi_poll_del().
 */
struct kfi_ops_poll {
	size_t	size;
	int	(*poll)(struct kfid_poll *pollset, void **context, int count);
	int	(*poll_add)(struct kfid_poll *pollset, struct kfid *event_kfid,
			    uint64_t flags);
	int	(*poll_del)(struct kfid_poll *pollset, struct kfid *event_kfid,
			    uint64_t flags);
};

/**
 * struct kfid_poll - Poll set: several queues and counters to poll at once
 * @fid: Common part.
 * @ops: Operations.
 */
struct kfid_poll {
	struct kfid		fid;
	struct kfi_ops_poll	*ops;
};

/**
 * enum kfi_cntr_events - What a counter counts
 * @KFI_CNTR_EVENTS_COMP: Completed operations.
 */
enum kfi_cntr_events {
	KFI_CNTR_EVENTS_COMP,
};

/**
 * struct kfi_cntr_attr - Attributes of a counter
 * @events: What it counts.
 * @wait_obj: What a reader may sleep on.
 * @wait_set: Wait set, if @wait_obj is %KFI_WAIT_SET.
 * @flags: Reserved, 0.
 */
struct kfi_cntr_attr {
	enum kfi_cntr_events	events;
	enum kfi_wait_obj	wait_obj;
	struct kfid_wait	*wait_set;
	uint64_t		flags;
};

/**
 * struct kfi_ops_cntr - Operations of a counter
 * @size: Size of the table in bytes.
 * @read: See kfi_cntr_read().
 * @readerr: See kfi_cntr_readerr().
 * @add: See kfi_cntr_add().
 * @set: See kfi_cntr_set().
 * @wait: See kfi_cntr_wait().
 * @adderr: See kfi_cntr_adderr().
 * @seterr: See kfi_cntr_seterr().
 */
struct kfi_ops_cntr {
	size_t		size;
	uint64_t	(*read)(struct kfid_cntr *cntr);
	uint64_t	(*readerr)(struct kfid_cntr *cntr);
	int		(*add)(struct kfid_cntr *cntr, uint64_t value);
	int		(*set)(struct kfid_cntr *cntr, uint64_t value);
	int		(*wait)(struct kfid_cntr *cntr, uint64_t threshold,
				int timeout);
	int		(*adderr)(struct kfid_cntr *cntr, uint64_t value);
	int		(*seterr)(struct kfid_cntr *cntr, uint64_t value);
};

/**
 * struct kfid_cntr - Counter of completed operations
 * @fid: Common part.
 * @ops: Operations.
 */
struct kfid_cntr {
	struct kfid		fid;
	struct kfi_ops_cntr	*ops;
};

/**
 * kfi_wait() - Sleep until an object of a wait set has news
 * @waitset: Wait set.
 * @timeout: Milliseconds, negative for ever.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -ETIMEDOUT; -ENOSYS.
 */
static inline int kfi_wait(struct kfid_wait *waitset, int timeout)
{
	return waitset->ops->wait(waitset, timeout);
}

/**
 * kfi_poll() - Ask which objects of a poll set have news
 * @pollset: Poll set.
 * @context: Where to put the contexts of those objects.
 * @count: Room at @context, in contexts.
 *
 * Source: provider.
 *
 * Context: Any.
 * Return: Number of contexts; -ENOSYS.
 */
static inline int kfi_poll(struct kfid_poll *pollset, void **context, int count)
{
	return pollset->ops->poll(pollset, context, count);
}

/**
 * kfi_poll_add() - Put an object into a poll set
 * @pollset: Poll set.
 * @event_kfid: Event queue, completion queue or counter.
 * @flags: Reserved, 0.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL for another class of object; -ENOSYS.
 */
static inline int kfi_poll_add(struct kfid_poll *pollset,
			       struct kfid *event_kfid, uint64_t flags)
{
	return pollset->ops->poll_add(pollset, event_kfid, flags);
}

/**
 * kfi_poll_del() - Take an object out of a poll set
 * @pollset: Poll set.
 * @event_kfid: Event queue, completion queue or counter.
 * @flags: Reserved, 0.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL if it is not in the set; -ENOSYS.
 */
static inline int kfi_poll_del(struct kfid_poll *pollset,
			       struct kfid *event_kfid, uint64_t flags)
{
	return pollset->ops->poll_del(pollset, event_kfid, flags);
}

/**
 * kfi_cntr_read() - Read a counter
 * @cntr: Counter.
 *
 * Source: provider.
 *
 * Context: Any.
 * Return: Operations that succeeded.
 */
static inline uint64_t kfi_cntr_read(struct kfid_cntr *cntr)
{
	return cntr->ops->read(cntr);
}

/**
 * kfi_cntr_readerr() - Read the error count of a counter
 * @cntr: Counter.
 *
 * Source: provider.
 *
 * Context: Any.
 * Return: Operations that failed.
 */
static inline uint64_t kfi_cntr_readerr(struct kfid_cntr *cntr)
{
	return cntr->ops->readerr(cntr);
}

/**
 * kfi_cntr_add() - Add to a counter
 * @cntr: Counter.
 * @value: How much.
 *
 * Source: provider.
 *
 * Context: Any.
 * Return: 0; -ENOSYS.
 */
static inline int kfi_cntr_add(struct kfid_cntr *cntr, uint64_t value)
{
	return cntr->ops->add(cntr, value);
}

/**
 * kfi_cntr_adderr() - Add to the error count of a counter
 * @cntr: Counter.
 * @value: How much.
 *
 * Source: provider.
 *
 * Context: Any.
 * Return: 0; -ENOSYS.
 */
static inline int kfi_cntr_adderr(struct kfid_cntr *cntr, uint64_t value)
{
	return KFI_CHECK_OP(cntr->ops, struct kfi_ops_cntr, adderr) ?
		cntr->ops->adderr(cntr, value) : -ENOSYS;
}

/**
 * kfi_cntr_set() - Set a counter
 * @cntr: Counter.
 * @value: New value.
 *
 * Source: provider.
 *
 * Context: Any.
 * Return: 0; -ENOSYS.
 */
static inline int kfi_cntr_set(struct kfid_cntr *cntr, uint64_t value)
{
	return cntr->ops->set(cntr, value);
}

/**
 * kfi_cntr_seterr() - Set the error count of a counter
 * @cntr: Counter.
 * @value: New value.
 *
 * Source: provider.
 *
 * Context: Any.
 * Return: 0; -ENOSYS.
 */
static inline int kfi_cntr_seterr(struct kfid_cntr *cntr, uint64_t value)
{
	return KFI_CHECK_OP(cntr->ops, struct kfi_ops_cntr, seterr) ?
		cntr->ops->seterr(cntr, value) : -ENOSYS;
}

/**
 * kfi_cntr_wait() - Sleep until a counter has reached a value
 * @cntr: Counter.
 * @threshold: The value.
 * @timeout: Milliseconds, negative for ever.
 *
 * Source: provider.
 *
 * Context: Process context, sleeps.
 * Return: 0; -ETIMEDOUT; -KFI_EAVAIL if the error count changed; -ENOSYS.
 */
static inline int kfi_cntr_wait(struct kfid_cntr *cntr, uint64_t threshold,
				int timeout)
{
	return cntr->ops->wait(cntr, threshold, timeout);
}

#endif /* _KFI_CNTR_H_ */
