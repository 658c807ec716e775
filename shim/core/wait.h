/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What completion rings and event queues share: wait attributes and timeouts.
 */
#ifndef _KFI_CORE_WAIT_H_
#define _KFI_CORE_WAIT_H_

#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/sched.h>

#include <kfi_eq.h>

/**
 * kfi_wait_parse - what a wait object in an attribute structure asks for
 * @obj: the wait_obj member
 * @set: the wait_set member
 * @can_wait: set to whether blocking reads are allowed
 *
 * Return: 0, or -ENOSYS for a wait object that nobody can use.
 */
static inline int kfi_wait_parse(enum kfi_wait_obj obj,
				 const struct kfid_wait *set, bool *can_wait)
{
	if (set)
		return -ENOSYS;

	switch (obj) {
	case KFI_WAIT_NONE:
		*can_wait = false;
		return 0;
	case KFI_WAIT_UNSPEC:
	case KFI_WAIT_QUEUE:
		*can_wait = true;
		return 0;
	default:
		return -ENOSYS;
	}
}

/**
 * kfi_wait_jiffies - the timeout of a blocking read as the scheduler wants it
 * @timeout: milliseconds, negative for no timeout
 *
 * Return: jiffies.
 */
static inline long kfi_wait_jiffies(int timeout)
{
	if (timeout < 0)
		return MAX_SCHEDULE_TIMEOUT;
	return msecs_to_jiffies(timeout);
}

#endif /* _KFI_CORE_WAIT_H_ */
