// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: How a write gets to its level
 *
 * Purpose: the work requests, beside those that move the data, that make a
 * write durable or visible at the peer.
 *
 * Operation: it depends on the method (persist.c). FLUSH and reads are extra
 * work requests in the same chain as the data, and the last one of them
 * completes the operation. With the responder method there is a request to the
 * peer instead, when the write is acknowledged (commit.c).
 *
 * A fence with a commit makes everything durable that was written before, then
 * writes, then commits that. The second part must not be durable before the
 * first, so it is written when the first is done: eight aligned bytes by ATOMIC
 * WRITE, which the peer's device keeps behind a FLUSH; others behind a fence of
 * the queue pair; with the responder method by the peer's CPU, out of the
 * request. A fenced commit of no bytes is the first part alone.
 *
 * What endpoints with KFI_RMA_PMEM write to persistent memory is on account
 * (dirty.c) until it is committed. If the account cannot hold one more range,
 * the write that does not fit commits in front of itself all that is on it.
 *
 * Ordering: the account is under the lock of the send queue, so "before" is the
 * order of the queue.
 *
 * Errors: a write that cannot be committed where it goes is refused.
 */
#include "sink.h"

/* A commit is visible too */
#define KFV_PLAN_PLACEMENT	(IB_FLUSH_GLOBAL | IB_FLUSH_PERSISTENT)

static const struct kfv_dirty kfv_plan_nothing;

/*
 * What is written, and where
 */

static void kfv_plan_own(struct kfv_plan *plan, const struct kfv_op *op)
{
	const struct kfi_rma_iov *to = op->rma;
	u64 left = op->len;
	struct kfv_range range;

	for (; left; left -= range.end - range.start, to++) {
		range.key = to->key;
		range.start = to->addr;
		range.end = to->addr + min_t(u64, left, to->len);
		/* there are no more ranges than it holds */
		if (range.end != range.start)
			kfv_dirty_add(&plan->own, &range);
	}
}

static u64 kfv_plan_keys(const struct kfv_dirty *set, u64 keys)
{
	u32 i;

	for (i = 0; i < set->n; i++)
		keys &= set->ranges[i].key;
	return keys;
}

static bool kfv_plan_has_room(const struct kfv_commit *commit,
			      const struct kfv_dirty *own)
{
	struct kfv_dirty with;

	if (commit->dirty.n + own->n <= KFV_DIRTY_MAX)
		return true;
	with = commit->dirty;
	return kfv_dirty_join_pmem(&with, own);
}

/*
 * Extra work requests
 */

static union kfv_extra_wr *kfv_plan_extra(struct kfv_plan *plan, u32 i)
{
	union kfv_extra_wr *wr = &plan->chain.p.q->extras[i];

	*wr = (union kfv_extra_wr) {};
	return wr;
}

static u64 kfv_plan_remote(u64 key, u64 offset, u32 *rkey)
{
	u32 page_offset;

	/* checked already */
	kfv_xlate_split_key(key, rkey, &page_offset);
	return offset + page_offset;
}

static void kfv_plan_flush(struct kfv_plan *plan, u32 i,
			   const struct kfv_range *range, int placement)
{
	struct ib_flush_wr *wr = &kfv_plan_extra(plan, i)->flush;

	wr->wr.opcode = IB_WR_FLUSH;
	wr->remote_addr = kfv_plan_remote(range->key, range->start, &wr->rkey);
	wr->length = range->end - range->start;
	wr->type = placement;
	wr->level = IB_FLUSH_RANGE;
}

static u32 kfv_plan_flush_all(struct kfv_plan *plan, u32 i,
			      const struct kfv_dirty *set, int placement)
{
	u32 n;

	for (n = 0; n < set->n; n++)
		kfv_plan_flush(plan, i + n, &set->ranges[n], placement);
	return n;
}

/* Read the last byte of a range, which nobody looks at. */
static u32 kfv_plan_read(struct kfv_plan *plan, u32 i,
			 const struct kfv_dirty *set)
{
	struct kfv_ep *ep = plan->chain.p.ep;
	const struct kfv_range *range = set->ranges;
	struct ib_rdma_wr *wr;
	u64 addr;
	u32 rkey, n;

	if (!set->n)
		return 0;
	addr = kfv_plan_remote(range->key, range->end - 1, &rkey);
	if (ep->sinks) {
		n = kfv_sink_push(ep, i, addr, rkey);
		plan->starved |= !n;
		return n;
	}
	wr = &kfv_plan_extra(plan, i)->rdma;
	wr->wr.opcode = IB_WR_RDMA_READ;
	wr->wr.sg_list = &ep->domain->sink;
	wr->wr.num_sge = 1;
	wr->remote_addr = addr;
	wr->rkey = rkey;
	return 1;
}

/* The receive at the peer is to be told after all that is in front of it. */
static void kfv_plan_imm(struct kfv_plan *plan, u32 i)
{
	struct ib_rdma_wr *wr = &kfv_plan_extra(plan, i)->rdma;

	wr->wr.opcode = IB_WR_RDMA_WRITE_WITH_IMM;
	wr->wr.send_flags = IB_SEND_FENCE;
	wr->wr.ex.imm_data = cpu_to_be32(plan->chain.p.op->data);
	plan->behind++;
}

/* All of it goes to one place, which is that of the first range. */
static bool kfv_plan_is_one(const struct kfv_op *op)
{
	return op->len && op->len <= op->rma->len;
}

/* Eight aligned bytes, which are never seen in part */
static bool kfv_plan_is_atomic(const struct kfv_plan *plan)
{
	const struct kfv_ep *ep = plan->chain.p.ep;
	const struct kfv_op *op = plan->chain.p.op;
	u32 rkey;

	return plan->commit && plan->fence && op->len == sizeof(u64) &&
	       kfv_plan_is_one(op) &&
	       IS_ALIGNED(kfv_plan_remote(op->rma->key, op->rma->addr, &rkey),
			  sizeof(u64)) &&
	       ep->peer_decl.features & KFV_WIRE_F_ATOMIC_WRITE &&
	       ib_can_post_flush(ep->domain->ibdev);
}

static void kfv_plan_atomic_write(struct kfv_plan *plan)
{
	const struct kfv_op *op = plan->chain.p.op;
	struct ib_atomic_write_wr *wr;

	wr = &kfv_plan_extra(plan, plan->chain.pre++)->atomic_write;
	wr->wr.opcode = IB_WR_ATOMIC_WRITE;
	wr->remote_addr = kfv_plan_remote(op->rma->key, op->rma->addr,
					  &wr->rkey);
	kfv_buf_copy(&wr->value, &op->buf);
	plan->chain.data = 0;
}

/*
 * The methods
 */

/* A fenced commit of nothing needs no write, if it has anything to wait for. */
static void kfv_plan_drop_empty(struct kfv_plan *plan)
{
	if (plan->chain.pre && !plan->chain.p.op->len)
		plan->chain.data = 0;
}

static void kfv_plan_by_flush(struct kfv_plan *plan)
{
	struct kfv_chain *chain = &plan->chain;

	chain->pre = kfv_plan_flush_all(plan, 0, plan->before,
					KFV_PLAN_PLACEMENT);
	if (kfv_plan_is_atomic(plan))
		kfv_plan_atomic_write(plan);
	else
		kfv_plan_drop_empty(plan);
	plan->behind = kfv_plan_flush_all(plan, chain->pre, plan->after,
					  KFV_PLAN_PLACEMENT);
}

static void kfv_plan_by_read(struct kfv_plan *plan)
{
	plan->chain.pre = kfv_plan_read(plan, 0, plan->before);
	kfv_plan_drop_empty(plan);
	plan->behind = kfv_plan_read(plan, plan->chain.pre, plan->after);
}

/*
 * The write has to be acknowledged before the peer is asked, and where that
 * says nothing about the peer's memory, read back.
 */
static int kfv_plan_by_responder(struct kfv_plan *plan)
{
	const struct kfv_ep *ep = plan->chain.p.ep;
	const struct kfv_op *op = plan->chain.p.op;
	const struct kfv_dirty *pushed = plan->after;

	plan->ask = plan->before->n || plan->after->n;
	plan->store = plan->commit && plan->fence && op->len;
	if (plan->store) {
		if (!kfv_plan_is_one(op))
			return -EOPNOTSUPP;
		if (op->len > KFV_WIRE_STORE)
			return -EMSGSIZE;
		plan->chain.data = 1;
	}
	if (plan->store || !pushed->n)
		pushed = plan->before;
	if (!(ep->peer_decl.features & KFV_WIRE_F_PLACED))
		plan->behind = kfv_plan_read(plan, 0, pushed);
	return 0;
}

static int kfv_plan_commit(struct kfv_plan *plan)
{
	u64 keys = kfv_plan_keys(plan->before, KFV_KEY_BITS);

	keys = kfv_plan_keys(plan->after, keys);
	switch (kfv_persist_commit(plan->chain.p.ep, keys)) {
	case KFI_VERBS_FLUSH:
		kfv_plan_by_flush(plan);
		return 0;
	case KFI_VERBS_READ:
		kfv_plan_by_read(plan);
		return 0;
	case KFI_VERBS_RESPONDER:
		return kfv_plan_by_responder(plan);
	default:
		return -EOPNOTSUPP;
	}
}

/* Behind what has been planned already */
static int kfv_plan_delivery(struct kfv_plan *plan)
{
	u64 keys = kfv_plan_keys(&plan->own, KFV_KEY_BITS);
	u32 i = plan->chain.pre + plan->behind;

	/* without a place to read, earlier writes cannot be pushed */
	if (!plan->own.n)
		keys = 0;
	if (!plan->own.n && !plan->fence)
		return 0;
	switch (kfv_persist_delivery(plan->chain.p.ep, keys, plan->fence)) {
	case KFI_VERBS_ACK:
		return 0;
	case KFI_VERBS_FLUSH:
		plan->behind += kfv_plan_flush_all(plan, i, &plan->own,
						   IB_FLUSH_GLOBAL);
		return 0;
	case KFI_VERBS_READ:
		plan->behind += kfv_plan_read(plan, i, &plan->own);
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

/* Whether it matters to the endpoint what was written */
static bool kfv_plan_keeps_account(const struct kfv_commit *commit)
{
	return commit && commit->method != KFI_VERBS_NONE;
}

/* The client asks for a commit. */
static int kfv_plan_asked(struct kfv_plan *plan, struct kfv_commit *commit)
{
	if (!kfv_plan_keeps_account(commit))
		return -EOPNOTSUPP;
	if (!kfv_plan_keys(&plan->own, KFV_KEY_PMEM))
		return -EINVAL;
	plan->after = &plan->own;
	if (plan->fence)
		plan->before = &commit->dirty;
	return kfv_plan_commit(plan);
}

/* It does not, and the account is full: it is settled in front of the data. */
static int kfv_plan_settle(struct kfv_plan *plan, struct kfv_commit *commit)
{
	plan->before = &commit->dirty;
	return kfv_plan_commit(plan);
}

static int kfv_plan_level(struct kfv_plan *plan, struct kfv_commit *commit)
{
	int rc = 0;

	if (plan->commit)
		return kfv_plan_asked(plan, commit);
	if (kfv_plan_keeps_account(commit) &&
	    !kfv_plan_has_room(commit, &plan->own))
		rc = kfv_plan_settle(plan, commit);
	if (!rc && plan->chain.p.op->flags & KFI_DELIVERY_COMPLETE)
		rc = kfv_plan_delivery(plan);
	return rc;
}

/*
 * Remote CQ data goes with the data, unless something comes behind that the peer
 * has to wait for: in the same chain, or, if that is its own CPU, when it has
 * answered.
 */
static void kfv_plan_cq_data(struct kfv_plan *plan)
{
	struct kfv_op *op = plan->chain.p.op;

	if (plan->commit && plan->ask) {
		plan->chain.held = 1;
		return;
	}
	if (!plan->behind && plan->chain.data) {
		op->opcode = IB_WR_RDMA_WRITE_WITH_IMM;
		return;
	}
	kfv_plan_imm(plan, plan->chain.pre + plan->behind);
}

/**
 * kfv_plan_make - plan a write
 * @plan: its chain has the operation, and how many work requests the data takes;
 *	the rest is filled in
 * @commit: of the endpoint, or NULL
 *
 * Fills in the extra work requests of the queue.
 *
 * Context: any; with the lock of the send queue.
 * Return: 0; -EAGAIN when there is no sink for a read; what the gate says; -EINVAL
 * for a commit of memory that is not persistent; -EOPNOTSUPP
 * for a level that cannot be reached there; -EMSGSIZE for a fenced commit of
 * more than the peer's CPU stores.
 */
int kfv_plan_make(struct kfv_plan *plan, struct kfv_commit *commit)
{
	struct kfv_op *op = plan->chain.p.op;
	int rc;

	lockdep_assert_held(&plan->chain.p.q->lock);

	plan->own.n = 0;
	plan->before = &kfv_plan_nothing;
	plan->after = &kfv_plan_nothing;
	plan->behind = 0;
	plan->ask = false;
	plan->store = false;
	plan->starved = false;
	plan->fence = op->flags & KFI_FENCE;
	plan->commit = op->flags & KFI_COMMIT_COMPLETE;
	kfv_plan_own(plan, op);
	rc = kfv_plan_level(plan, commit);
	if (rc)
		return rc;
	if (plan->starved) {
		plan->chain.p.q->again++;
		return plan->chain.p.q->gate ?: -EAGAIN;
	}
	if (op->flags & KFI_REMOTE_CQ_DATA)
		kfv_plan_cq_data(plan);
	plan->chain.p.n = plan->chain.pre + plan->chain.data + plan->behind +
			  plan->chain.held;
	plan->chain.signal = plan->ask;
	return 0;
}

/**
 * kfv_plan_account - an operation was posted
 * @plan: of the operation
 * @commit: of the endpoint, or NULL
 *
 * Context: any; with the lock of the send queue.
 */
void kfv_plan_account(const struct kfv_plan *plan, struct kfv_commit *commit)
{
	if (!kfv_plan_keeps_account(commit))
		return;
	if (plan->before == &commit->dirty)
		commit->dirty.n = 0;
	if (!plan->commit)
		kfv_dirty_join_pmem(&commit->dirty, &plan->own);
}
