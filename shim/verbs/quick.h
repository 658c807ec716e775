/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * kfi_verbs private: completions of plain operations that have succeeded. Who
 * takes a completion from the device takes the request out of its queue here, and
 * tells the client in a way of its own (queue.c, poll.c). All others have handlers.
 */
#ifndef _KFV_QUICK_H
#define _KFV_QUICK_H

#include "data.h"
#include "trace.h"

/**
 * struct kfv_quick - what the client is to be told
 * @context: of its operation
 * @flags: of the completion entry
 * @report: it is to be told
 */
struct kfv_quick {
	void *context;
	u64 flags;
	bool report;
};

static __always_inline bool kfv_quick_is_send(const struct kfv_req *req,
					      const struct ib_wc *wc)
{
	return req->cqe.done == kfv_queue_send_done && !wc->status &&
	       req->run > 0 && !trace_kfv_wc_send_enabled();
}

static __always_inline bool kfv_quick_is_recv(const struct kfv_req *req,
					      const struct ib_wc *wc)
{
	return req->cqe.done == kfv_queue_recv_done && !wc->status &&
	       req->run > 0 && !(wc->wc_flags & IB_WC_WITH_IMM) &&
	       !trace_kfv_wc_recv_enabled();
}

/* It has succeeded, reports, and there is no silent one in front of it. */
static __always_inline bool kfv_quick_is_one(const struct kfv_req *req,
					     const struct ib_wc *wc)
{
	return likely(!wc->status && req->one);
}

static __always_inline struct kfv_quick kfv_quick_get(const struct kfv_req *req)
{
	return (struct kfv_quick) {
		.context = req->context,
		.flags = req->flags,
		.report = req->report,
	};
}

/* Requests of as many operations leave the queue */
static __always_inline void kfv_quick_pop(struct kfv_queue *q, u32 n)
{
	/* pairs with the acquire in kfv_queue_has_room(): requests may change now */
	smp_store_release(&q->tail, q->tail + n);
}

/* An operation, and silent ones in front of it */
static __always_inline struct kfv_quick kfv_quick_send(struct kfv_queue *q,
						       const struct kfv_req *req)
{
	const struct kfv_quick quick = kfv_quick_get(req);
	u32 silent = req->run;

	kfv_quick_pop(q, silent);
	if (quick.report)
		silent--;
	if (unlikely(silent))
		kfv_cq_give(q->cq, silent, true);
	return quick;
}

static __always_inline struct kfv_quick kfv_quick_recv(struct kfv_queue *q,
						       const struct kfv_req *req)
{
	const struct kfv_quick quick = kfv_quick_get(req);

	kfv_quick_pop(q, 1);
	if (!quick.report)
		kfv_cq_give(q->cq, 1, false);
	return quick;
}

#endif /* _KFV_QUICK_H */
