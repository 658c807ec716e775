/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * kfi_verbs private: where RDMA reads go on iWARP.
 */
#ifndef _KFV_SINK_H
#define _KFV_SINK_H

#include "persist.h"

enum {
	/* reads in flight on an endpoint, and as many regions */
	KFV_SINKS = 32,
	/* ... of them for the seams of a list of ranges, local and remote */
	KFV_SINKS_SEAMS = KFV_SINKS - 8,
	/* pages of each region; devices may have fewer */
	KFV_SINK_PAGES = 256,
};

static_assert((int)KFV_SINKS <= (int)KFV_EXTRA_WRS);

/**
 * enum kfv_sink_state - what is known of the keys
 * @KFV_SINK_LIVE: those of reads that are done are dead
 * @KFV_SINK_HELD: a request has failed, or was refused in the middle of an
 *	operation, so they may be alive: nothing that is done is reported
 * @KFV_SINK_DEAD: the regions are gone, and with them all keys
 */
enum kfv_sink_state {
	KFV_SINK_LIVE,
	KFV_SINK_HELD,
	KFV_SINK_DEAD,
};

/**
 * struct kfv_sink - a read that is in flight
 * @ibmr: registered while it is
 * @sg: what it is registered with, mapped for the device
 * @nents: elements of @sg; 0: it is not registered
 */
struct kfv_sink {
	struct ib_mr *ibmr;
	struct scatterlist *sg;
	u32 nents;
};

/**
 * struct kfv_sink_read - a read that is being posted
 * @sink: number of its sink, from 1
 * @wr: the work request, without its list
 * @sge: its list
 */
struct kfv_sink_read {
	u32 sink;
	struct ib_rdma_wr wr;
	struct ib_sge sge;
};

/**
 * struct kfv_sinks - the reads of an endpoint
 * @state: enum kfv_sink_state
 * @free: bit n: sink n + 1 is not in use
 * @max_pages: of each region
 * @all: the sinks
 * @sgs: memory for scatterlists; where nothing is mapped, all sinks share one
 * @planned: sinks that were taken for what is being posted; this and what
 *	follows is guarded by the lock of the send queue
 * @extra: number of the sink of each extra work request, or 0
 * @reads: reads of the operation that is being posted
 */
struct kfv_sinks {
	atomic_t state;
	unsigned long free;
	u32 max_pages;
	struct kfv_sink all[KFV_SINKS];
	struct scatterlist *sgs;

	unsigned long planned;
	u8 extra[KFV_EXTRA_WRS];
	struct kfv_sink_read reads[KFV_SINKS];
};

u32 kfv_sink_max_msg(const struct ib_device_attr *dev);
int kfv_sink_create(struct kfv_ep *ep);
void kfv_sink_hold(struct kfv_ep *ep);
void kfv_sink_kill(struct kfv_ep *ep);
void kfv_sink_destroy(struct kfv_ep *ep);
int kfv_sink_read(struct kfv_ep *ep, struct kfv_op *op);
u32 kfv_sink_push(struct kfv_ep *ep, u32 i, u64 remote_addr, u32 rkey);
void kfv_sink_settle(struct kfv_ep *ep, int rc);
void kfv_sink_done(struct kfv_ep *ep, u32 sink);

/**
 * kfv_sink_holds - whether what is done must not be reported yet
 * @ep: endpoint
 *
 * Return: true if so.
 */
static inline bool kfv_sink_holds(const struct kfv_ep *ep)
{
	return ep->sinks && atomic_read(&ep->sinks->state) == KFV_SINK_HELD;
}

/**
 * kfv_sink_busy - whether there are reads in flight
 * @sinks: of an endpoint
 *
 * Return: true if so.
 */
static inline bool kfv_sink_busy(const struct kfv_sinks *sinks)
{
	return (READ_ONCE(sinks->free) | sinks->planned) !=
	       GENMASK(KFV_SINKS - 1, 0);
}

#endif /* _KFV_SINK_H */
