// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Commit requests of the peer
 *
 * Purpose: write memory back that a peer has written to, because its device
 * cannot have it done by ours.
 *
 * Operation: a request names ranges. All of them are looked up and checked
 * before any is written back; they have to be in regions of persistent memory
 * that the peer may write. Then a few bytes may be stored, and written back in
 * their turn: what they say about the ranges is never durable before these are.
 * Short requests are served in the completion handler, long ones by a work item;
 * a request that comes while others wait waits too, so that answers are in
 * order.
 *
 * Ownership: regions stay while a request is served: closing one waits.
 *
 * Errors: what the peer sends decides about nothing but its own answer. A
 * request covers at most KFV_WIRE_RANGES ranges, none longer than its region,
 * and at most KFV_CTL_INBOX wait.
 */
#include <linux/libnvdimm.h>
#include <linux/overflow.h>
#include <linux/sizes.h>

#include <kunit/visibility.h>

#include "persist.h"
#include "trace.h"

/* Bytes that are written back without asking a work item */
#define KFV_SERVE_SHORT	SZ_32K

/**
 * struct kfv_serve - a request while it is served
 * @msg: the request
 * @n: elements of @mrs
 * @mrs: the region of each range, with a reference, and of what is stored to
 */
struct kfv_serve {
	struct kfv_wire_msg *msg;
	u32 n;
	struct kfv_mr *mrs[KFV_WIRE_RANGES + 1];
};

/* Range @i of a request; behind its ranges comes what is stored to */
static bool kfv_serve_range(const struct kfv_wire_msg *msg, u32 i,
			    struct kfv_range *range)
{
	if (i < msg->nr_ranges)
		return kfv_wire_get_range(msg, i, range);
	range->key = be64_to_cpu(msg->store_key);
	range->start = be64_to_cpu(msg->store_addr);
	return !check_add_overflow(range->start, (u64)msg->store_len,
				   &range->end);
}

/* Check all of a request, and take references */
static enum kfv_wire_status kfv_serve_prepare(struct kfv_serve *s,
					      struct kfv_domain *domain)
{
	u32 n = s->msg->nr_ranges + !!s->msg->store_len;
	struct kfv_range range;

	for (; s->n < n; s->n++) {
		if (!kfv_serve_range(s->msg, s->n, &range))
			return KFV_WIRE_INVALID;
		s->mrs[s->n] = kfv_pmem_get(domain, &range);
		if (!s->mrs[s->n])
			return KFV_WIRE_ACCESS;
	}
	return KFV_WIRE_OK;
}

static void kfv_serve_write_back(const struct kfv_serve *s, u32 i,
				 bool may_sleep)
{
	struct kfv_range range;

	/* it was checked */
	kfv_serve_range(s->msg, i, &range);
	kfv_pmem_write_back(s->mrs[i], range.start, range.end, may_sleep);
}

static void kfv_serve_carry_out(const struct kfv_serve *s, bool may_sleep)
{
	struct kfv_wire_msg *msg = s->msg;
	u32 i;

	for (i = 0; i < msg->nr_ranges; i++)
		kfv_serve_write_back(s, i, may_sleep);
	pmem_wmb();
	if (!msg->store_len)
		return;
	kfv_pmem_store(s->mrs[i], be64_to_cpu(msg->store_addr),
		       kfv_wire_store(msg), msg->store_len);
	kfv_serve_write_back(s, i, may_sleep);
	pmem_wmb();
}

static void kfv_serve_one(struct kfv_commit *commit, struct kfv_ctl_recv *recv,
			  bool may_sleep)
{
	struct kfv_serve s = { .msg = kfv_ctl_inbox_msg(commit, recv) };
	enum kfv_wire_status status;
	u32 i;

	status = kfv_serve_prepare(&s, commit->ep->domain);
	if (status == KFV_WIRE_OK)
		kfv_serve_carry_out(&s, may_sleep);
	for (i = 0; i < s.n; i++)
		kfv_pmem_put(s.mrs[i]);
	trace_kfv_serve(&commit->ep->node, s.msg, status);
	kfv_ctl_reply(commit, recv, status);
}

static bool kfv_serve_is_short(const struct kfv_wire_msg *msg)
{
	struct kfv_range range;
	u64 total = 0;
	u32 i;

	for (i = 0; i < msg->nr_ranges; i++) {
		if (!kfv_wire_get_range(msg, i, &range) ||
		    check_add_overflow(total, range.end - range.start, &total))
			return false;
	}
	return total <= KFV_SERVE_SHORT;
}

/**
 * kfv_serve_request - serve a commit request, now or later
 * @commit: where it came
 * @recv: the request, well-formed
 *
 * Context: completion handler of the control queue pair.
 */
void kfv_serve_request(struct kfv_commit *commit, struct kfv_ctl_recv *recv)
{
	unsigned long flags;
	bool now;

	spin_lock_irqsave(&commit->lock, flags);
	now = list_empty(&commit->ctl.backlog) &&
	      kfv_serve_is_short(kfv_ctl_inbox_msg(commit, recv));
	if (!now) {
		list_add_tail(&recv->link, &commit->ctl.backlog);
		if (!commit->dead)
			queue_work(kfv_wq, &commit->ctl.work);
	}
	spin_unlock_irqrestore(&commit->lock, flags);
	if (now)
		kfv_serve_one(commit, recv, false);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_serve_request);

static struct kfv_ctl_recv *kfv_serve_first(struct kfv_commit *commit)
{
	struct kfv_ctl_recv *recv = NULL;
	unsigned long flags;

	spin_lock_irqsave(&commit->lock, flags);
	if (!commit->dead)
		recv = list_first_entry_or_null(&commit->ctl.backlog,
						struct kfv_ctl_recv, link);
	spin_unlock_irqrestore(&commit->lock, flags);
	return recv;
}

/**
 * kfv_serve_work - serve the requests that take a while
 * @work: of an endpoint
 *
 * Context: process.
 */
void kfv_serve_work(struct work_struct *work)
{
	struct kfv_commit *commit = container_of(work, struct kfv_commit,
						 ctl.work);
	struct kfv_ctl_recv *recv;

	while ((recv = kfv_serve_first(commit))) {
		kfv_serve_one(commit, recv, true);
		cond_resched();
	}
}
