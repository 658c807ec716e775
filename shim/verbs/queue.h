/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * kfi_verbs private: the work queues of an endpoint. Included by verbs.h.
 */
#ifndef _KFV_QUEUE_H
#define _KFV_QUEUE_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/cache.h>
#include <linux/spinlock.h>
#include <rdma/ib_verbs.h>

#include <kfi_prov.h>

struct kfv_ep;
struct kfv_cq;

/**
 * struct kfv_req - one work request in flight
 * @cqe: completion callback
 * @ep: endpoint
 * @context: the client's
 * @flags: of the completion entry
 * @nsge: elements of its scatter/gather list to unmap
 * @dir: for unmapping, enum dma_data_direction
 * @report: push an entry on success; errors are always reported
 * @last: last work request of its operation, the one that reports
 * @spare: its place in the completion ring is one that was set aside
 * @failed: the operation was accepted but could not be posted completely
 * @one: it is plain, reports, and there is none that is silent in front of it
 * @unused: nothing
 * @word: all from @flags on
 * @run: how many requests succeed with it: those in front of it that are unsignalled,
 *	and itself; not above 0 unless all of them are plain, see fast.h
 * @status: of its completion, while it waits for others; commit.c
 * @done: which has come; iWARP, likewise the next two
 * @sink: number of its sink, or 0
 * @awaited: it has a completion of its own, unless it was taken out already
 */
struct kfv_req {
	struct ib_cqe cqe;
	struct kfv_ep *ep;
	void *context;
	union {
		struct {
			u16 flags;
			u8 nsge;
			u8 dir:2;
			bool report:1;
			bool last:1;
			bool spare:1;
			bool failed:1;
			u8 one:1;
			u8 unused:1;
		};
		u32 word;
	};
	union {
		s16 run;
		struct {
			u8 status;
			bool done;
		};
	};
	u8 sink;
	bool awaited;
};

static_assert((KFI_MSG | KFI_RMA | KFI_READ | KFI_WRITE | KFI_RECV | KFI_SEND) <=
	      U16_MAX);

/**
 * struct kfv_fast_wr - work request of a plain operation, see fast.h
 * @wr: the work request; what is the same for all is set when it is allocated
 * @sge: its list
 */
struct kfv_fast_wr {
	struct ib_rdma_wr wr;
	struct ib_sge sge;
};

/**
 * struct kfv_slot - place of a request in a send queue
 * @req: the request
 * @fast: its work request, if it is one of a chain of plain operations; linked to that
 *	of the next place
 */
struct kfv_slot {
	struct kfv_req req;
	struct kfv_fast_wr fast;
} __aligned(128);

static_assert(sizeof(struct kfv_slot) == 128);

/* In a number of requests: not all of them are plain */
#define KFV_RUN_MIXED		BIT(15)
/* Likewise, while it grows: the completion queue wants it to end */
#define KFV_RUN_SHORT		BIT(16)

/**
 * kfv_bit_trylock - take a lock that is nothing but a bit
 * @word: its lowest bit is the lock
 *
 * Unlike a spinlock it may be held by who sleeps, and nobody waits for it.
 *
 * Context: any.
 * Return: false if somebody has it.
 */
static __always_inline bool kfv_bit_trylock(atomic_long_t *word)
{
	return likely(!test_and_set_bit_lock(0, (unsigned long *)word));
}

/**
 * kfv_bit_unlock - give it back
 * @word: with no other bit set
 *
 * Context: any.
 */
static __always_inline void kfv_bit_unlock(atomic_long_t *word)
{
	atomic_long_set_release(word, 0);
}

/**
 * struct kfv_queue - send or receive queue of an endpoint
 * @reqs: ring of @mask + 1 requests, in the order of the hardware queue: struct
 *	kfv_slot in a send queue, else struct kfv_req; see kfv_queue_at()
 * @req_shift: logarithm of the size of one of those
 * @cq: where completions go
 * @direct: where kernel addresses begin
 * @direct_size: so many from there on are what the device takes
 * @mask: turns a free running index into one of @reqs
 * @lkey: of all memory
 * @signal_every: as many requests may go unsignalled, less one; send queue
 * @limit: requests that may be in flight
 * @max_chain: work requests of one operation; send queue
 * @iov_limit: elements of one list
 * @rma_limit: remote ranges of one operation; send queue
 * @max_sge: scatter/gather elements of one request
 * @max_sge_rd: likewise of an RDMA read
 * @max_inline: bytes that a work request carries itself
 * @sge_mask: turns a free running index into one of the lists in @sges
 * @bounce_size: bytes of injected data that each request can hold
 * @sges: scatter/gather lists, @max_sge elements each; one per request where
 *	buffers are mapped, else as many as are posted at once
 * @wrs: KFV_POST_BATCH work requests to fill in under @lock; send queue
 * @extras: likewise for those that move no data
 * @recv: a plain receive; receive queue
 * @recv_sge: its list
 * @bad_recv: what the device did not take of one
 * @bounces: memory for them, NULL if there is none
 * @bounce_dma: device address of @bounces
 * @serial: the client posts from one place at a time, see serial.c
 * @lock: guards what follows; taken in any context; valid from open on
 * @busy: a bit lock: somebody posts without @lock, or keeps others from it
 * @gate: 0 when posting is allowed, else the errno that a post returns
 * @head: next request to post, free running
 * @open: @limit, or 0 while the gate is closed; for plain operations, see fast.h
 * @run: requests since the last signalled one, and the next; with KFV_RUN_MIXED unless
 *	all of them are plain
 * @linked: plain operations use the work requests that are in @reqs, since some may
 *	wait for others; this and the next seven are of plain operations, see fast.h
 * @next: work request of the next one: @alone, or while @linked, that of its request
 * @window_end: those from @next to before this one have places already; @next if there
 *	are none
 * @base: requests of those from here to before @next are not in @head and @run yet
 * @start: the first one that the device does not have
 * @chained: number of its request
 * @bad: what the device did not take of those that waited
 * @lost: some of those had been accepted, and nobody was told yet
 * @alone: work request of one that does not wait, or is the first one to
 * @parts: requests posted that were not the last of their operation
 * @again: posts refused with -EAGAIN by others than @gate
 * @tail: oldest request in flight; this and what follows is written by the
 *	completion handler only
 * @status: first bad status of the operation whose requests are completing
 * @hw: next request that the device will finish, where that is not when it is
 *	taken out; written by the completion handler only
 * @turns: calls that want to take finished requests out there; the first one
 *	does it for all of them
 * @parts_done: likewise, of those that have completed
 * @errors: operations completed with an error
 */
struct kfv_queue {
	void *reqs;
	struct kfv_cq *cq;
	unsigned long direct;
	unsigned long direct_size;
	u32 mask;
	u32 lkey;
	u32 signal_every;
	u32 req_shift;

	u32 limit;
	u32 max_chain;
	u32 iov_limit;
	u32 rma_limit;
	u32 max_sge;
	u32 max_sge_rd;
	u32 max_inline;
	u32 sge_mask;
	u32 bounce_size;
	struct ib_sge *sges;
	struct ib_rdma_wr *wrs;
	union kfv_extra_wr *extras;
	struct ib_recv_wr recv;
	struct ib_sge recv_sge;
	const struct ib_recv_wr *bad_recv;
	void *bounces;
	u64 bounce_dma;
	bool serial;

	spinlock_t lock ____cacheline_aligned_in_smp;
	atomic_long_t busy;
	int gate;
	u32 run;
	unsigned long open;
	unsigned long head;
	struct kfv_fast_wr *next;
	struct kfv_fast_wr *window_end;
	u32 linked;
	struct kfv_fast_wr *base;
	struct kfv_fast_wr *start;
	unsigned long chained;
	unsigned long parts;
	u64 again;
	const struct ib_send_wr *bad;
	int lost;
	struct kfv_fast_wr alone;

	unsigned long tail ____cacheline_aligned_in_smp;
	unsigned long parts_done;
	unsigned long hw;
	enum ib_wc_status status;
	atomic_t turns;
	u64 errors;
};

/**
 * kfv_queue_at - a request of a queue
 * @q: queue
 * @index: its number, free running or not
 *
 * Return: the request.
 */
static __always_inline struct kfv_req *kfv_queue_at(const struct kfv_queue *q,
						    unsigned long index)
{
	return q->reqs + ((index & q->mask) << q->req_shift);
}

/**
 * kfv_queue_slot - a place of a send queue
 * @q: send queue
 * @index: its number, free running or not
 *
 * Return: the place.
 */
static __always_inline struct kfv_slot *kfv_queue_slot(const struct kfv_queue *q,
						       unsigned long index)
{
	return (struct kfv_slot *)q->reqs + (index & q->mask);
}

/**
 * kfv_queue_posted - how many operations were accepted
 * @q: queue, locked
 *
 * Return: the number, without those that joined a chain and are not counted yet.
 */
static inline unsigned long kfv_queue_posted(const struct kfv_queue *q)
{
	return q->head - q->parts;
}

/**
 * kfv_queue_done - how many operations have completed
 * @q: queue
 *
 * Context: any.
 * Return: the number, unless some of them do right now.
 */
static inline unsigned long kfv_queue_done(const struct kfv_queue *q)
{
	return READ_ONCE(q->tail) - READ_ONCE(q->parts_done);
}

#endif /* _KFV_QUEUE_H */
