// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Sinks
 *
 * Purpose: RDMA reads on iWARP. The answer to a read is a write of the peer's to
 * memory here: it has one range, which needs a key that peers may write with, and
 * the peer is told.
 *
 * Operation: an endpoint has a number of regions. A read takes as many as its
 * lists need and registers its memory with them, in the same chain; the last
 * thing that the device does for the read is to invalidate the key. A region
 * begins at the offset of its first byte in its page, so that no kernel address
 * leaves the node. A key has eight bits that change, so after 255 reads it is
 * used again, by the same endpoint: all that the peer could write with an old
 * one is what it was asked to send.
 *
 * There are no more reads in flight than there are sinks. More could not be sent,
 * and soft-iWARP stops sending altogether while one waits: answers to reads of
 * the peer, too, and two sides that wait for each other wait for ever. For the
 * same reason it is here and not in the device that operations with a fence wait
 * for reads.
 *
 * Ownership: a sink belongs to a work request, from the time when that is planned
 * until it is taken out of the send queue.
 *
 * Ordering: what completes is reported when its key is dead. When a request has
 * failed, or an operation was cut short, nobody knows which keys are, so
 * completions are held back until the regions have been destroyed, which is not
 * for a completion handler to do.
 *
 * Errors: what needs more sinks than there are is refused; what needs more than
 * are free is to be tried again.
 */
#include <linux/bitops.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include <kunit/visibility.h>

#include "sink.h"
#include "trace.h"

static u32 kfv_sink_pages(const struct ib_device_attr *dev)
{
	return min_t(u32, KFV_SINK_PAGES, dev->max_fast_reg_page_list_len);
}

/**
 * kfv_sink_max_msg - what an endpoint can read in one operation
 * @dev: attributes of the device
 *
 * As much, whatever its lists are.
 *
 * Context: any.
 * Return: bytes.
 */
u32 kfv_sink_max_msg(const struct ib_device_attr *dev)
{
	u32 pages = kfv_sink_pages(dev) * (KFV_SINKS - KFV_SINKS_SEAMS);

	return rounddown_pow_of_two(pages) * PAGE_SIZE;
}

static int kfv_sink_create_one(struct kfv_ep *ep, u32 i)
{
	struct kfv_sinks *sinks = ep->sinks;
	struct ib_mr *ibmr;

	ibmr = ib_alloc_mr(ep->domain->pd, IB_MR_TYPE_MEM_REG,
			   sinks->max_pages);
	if (IS_ERR(ibmr))
		return PTR_ERR(ibmr);
	sinks->all[i].ibmr = ibmr;
	sinks->all[i].sg = sinks->sgs;
	if (!ep->domain->virt_dma)
		sinks->all[i].sg += (size_t)i * sinks->max_pages;
	return 0;
}

static int kfv_sink_fill(struct kfv_ep *ep)
{
	struct kfv_domain *domain = ep->domain;
	struct kfv_sinks *sinks = ep->sinks;
	int rc = 0;
	u32 i, n;

	sinks->max_pages = kfv_sink_pages(&domain->ibdev->attrs);
	n = sinks->max_pages * (domain->virt_dma ? 1 : KFV_SINKS);
	sinks->sgs = kvcalloc(n, sizeof(*sinks->sgs), GFP_KERNEL);
	if (!sinks->sgs)
		return -ENOMEM;
	sg_init_table(sinks->sgs, n);
	for (i = 0; i < KFV_SINKS && !rc; i++)
		rc = kfv_sink_create_one(ep, i);
	return rc;
}

/**
 * kfv_sink_create - let an endpoint read
 * @ep: endpoint that is getting a queue pair. If its reads need no keys, nothing
 *	happens
 *
 * Context: process, may sleep.
 * Return: 0; -ENOMEM, or what the device answered.
 */
int kfv_sink_create(struct kfv_ep *ep)
{
	int rc;

	if (!ep->domain->iwarp)
		return 0;
	ep->sinks = kzalloc(sizeof(*ep->sinks), GFP_KERNEL);
	if (!ep->sinks)
		return -ENOMEM;
	ep->sinks->free = GENMASK(KFV_SINKS - 1, 0);
	rc = kfv_sink_fill(ep);
	if (rc)
		kfv_sink_destroy(ep);
	return rc;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_sink_create);

/**
 * kfv_sink_hold - a request has failed, or is missing behind others
 * @ep: endpoint
 *
 * Context: any.
 */
void kfv_sink_hold(struct kfv_ep *ep)
{
	if (ep->sinks)
		atomic_cmpxchg(&ep->sinks->state, KFV_SINK_LIVE, KFV_SINK_HELD);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_sink_hold);

static void kfv_sink_free_regions(struct kfv_sinks *sinks)
{
	u32 i;

	for (i = 0; i < KFV_SINKS; i++) {
		if (sinks->all[i].ibmr)
			WARN_ON_ONCE(ib_dereg_mr(sinks->all[i].ibmr));
		sinks->all[i].ibmr = NULL;
	}
}

/**
 * kfv_sink_kill - nothing is read any more
 * @ep: endpoint whose gates are closed, with a queue pair in the error state
 *
 * All keys are dead on return, and what was held back is reported. Does nothing
 * the second time.
 *
 * Context: process, may sleep.
 */
void kfv_sink_kill(struct kfv_ep *ep)
{
	struct kfv_sinks *sinks = ep->sinks;

	if (!sinks || atomic_read(&sinks->state) == KFV_SINK_DEAD)
		return;
	kfv_sink_free_regions(sinks);
	/* pairs with the look that kfv_queue_advance() takes */
	atomic_xchg(&sinks->state, KFV_SINK_DEAD);
	kfv_queue_advance(ep);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_sink_kill);

/* Undo kfv_sink_take(), and whatever was done since. */
static void kfv_sink_give(struct kfv_ep *ep, u32 i)
{
	struct kfv_sink *sink = &ep->sinks->all[i];

	if (sink->nents && !ep->domain->virt_dma)
		ib_dma_unmap_sg(ep->domain->ibdev, sink->sg, sink->nents,
				DMA_FROM_DEVICE);
	sink->nents = 0;
	/* the next one to take it sees all that */
	smp_mb__before_atomic();
	set_bit(i, &ep->sinks->free);
}

/**
 * kfv_sink_destroy - undo kfv_sink_create()
 * @ep: endpoint whose send queue is empty; may have no sinks
 *
 * Context: process, may sleep.
 */
void kfv_sink_destroy(struct kfv_ep *ep)
{
	struct kfv_sinks *sinks = ep->sinks;
	u32 i;

	if (!sinks)
		return;
	kfv_sink_free_regions(sinks);
	/* of operations that were cut short, what the device did not take */
	for_each_clear_bit(i, &sinks->free, KFV_SINKS)
		kfv_sink_give(ep, i);
	kvfree(sinks->sgs);
	kfree(sinks);
	ep->sinks = NULL;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_sink_destroy);

/*
 * Planning: under the lock of an open send queue
 */

/* The number of a sink from now on in use, or 0 */
static u32 kfv_sink_take(struct kfv_sinks *sinks)
{
	unsigned long free = READ_ONCE(sinks->free);
	u32 i;

	if (!free)
		return 0;
	i = __ffs(free);
	clear_bit(i, &sinks->free);
	__set_bit(i, &sinks->planned);
	return i + 1;
}

/* Map what is in the scatterlist of a sink, and give its region a new key. */
static int kfv_sink_describe(struct kfv_ep *ep, struct kfv_sink *sink,
			     u32 nents, u64 len)
{
	struct ib_device *ibdev = ep->domain->ibdev;
	struct ib_mr *ibmr = sink->ibmr;
	int n;

	n = ib_dma_map_sg(ibdev, sink->sg, nents, DMA_FROM_DEVICE);
	if (!n)
		return -ENOMEM;
	sink->nents = nents;
	if (ib_map_mr_sg(ibmr, sink->sg, n, NULL, PAGE_SIZE) != n ||
	    ibmr->length != len)
		return -EINVAL;
	ibmr->iova = offset_in_page(ibmr->iova);
	ib_update_fast_reg_key(ibmr, ib_inc_rkey(ibmr->rkey));
	return 0;
}

/* Extra work request @i registers a sink. */
static void kfv_sink_register(struct kfv_ep *ep, u32 i,
			      const struct kfv_sink *sink)
{
	struct ib_reg_wr *wr = &ep->sq.extras[i].reg;

	ep->sq.extras[i] = (union kfv_extra_wr) {};
	wr->wr.opcode = IB_WR_REG_MR;
	wr->mr = sink->ibmr;
	wr->key = sink->ibmr->rkey;
	wr->access = IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_WRITE;
}

/* A read into a sink, all of it */
static void kfv_sink_fill_read(const struct kfv_sink *sink, struct ib_rdma_wr *wr,
			       struct ib_sge *sge)
{
	*sge = (struct ib_sge) {
		.addr = sink->ibmr->iova,
		.length = sink->ibmr->length,
		.lkey = sink->ibmr->lkey,
	};
	*wr = (struct ib_rdma_wr) {
		.wr = {
			.opcode = IB_WR_RDMA_READ_WITH_INV,
			.sg_list = sge,
			.num_sge = 1,
			.ex.invalidate_rkey = sink->ibmr->rkey,
		},
	};
}

/**
 * kfv_sink_settle - an operation was posted, or was not
 * @ep: endpoint; may have no sinks
 * @rc: 0: what was planned is in flight; else it is given back
 *
 * Context: any; with the lock of the send queue.
 */
void kfv_sink_settle(struct kfv_ep *ep, int rc)
{
	struct kfv_sinks *sinks = ep->sinks;
	u32 i;

	lockdep_assert_held(&ep->sq.lock);

	if (!sinks || !sinks->planned)
		return;
	if (rc)
		for_each_set_bit(i, &sinks->planned, KFV_SINKS)
			kfv_sink_give(ep, i);
	sinks->planned = 0;
	memset(sinks->extra, 0, sizeof(sinks->extra));
}
EXPORT_SYMBOL_IF_KUNIT(kfv_sink_settle);

/**
 * kfv_sink_done - a read has been taken out of the send queue
 * @ep: endpoint
 * @sink: its sink
 *
 * Context: any.
 */
void kfv_sink_done(struct kfv_ep *ep, u32 sink)
{
	kfv_sink_give(ep, sink - 1);
}

/**
 * kfv_sink_push - plan a read of one byte that nobody looks at
 * @ep: endpoint
 * @i: number of its first extra work request
 * @remote_addr: of the byte
 * @rkey: of the byte
 *
 * Context: any; with the lock of the send queue.
 * Return: how many extra work requests it takes; 0 if there is no sink.
 */
u32 kfv_sink_push(struct kfv_ep *ep, u32 i, u64 remote_addr, u32 rkey)
{
	struct kfv_sinks *sinks = ep->sinks;
	struct kfv_sink *sink;
	struct ib_rdma_wr *wr;
	u32 n;

	/* without it there may be no regions any more */
	n = ep->sq.gate ? 0 : kfv_sink_take(sinks);
	if (!n)
		return 0;
	sink = &sinks->all[n - 1];
	sg_set_buf(sink->sg, ep->domain->sink_mem, 1);
	if (kfv_sink_describe(ep, sink, 1, 1))
		return 0;
	kfv_sink_register(ep, i, sink);
	wr = &ep->sq.extras[i + 1].rdma;
	kfv_sink_fill_read(sink, wr, &sinks->reads[n - 1].sge);
	wr->remote_addr = remote_addr;
	wr->rkey = rkey;
	sinks->extra[i + 1] = n;
	return 2;
}

/*
 * Reads of the client
 */

/* One more read of an operation, of as much as fits into a sink */
static int kfv_sink_plan_read(struct kfv_chain *chain, struct kfv_sink_read *read,
			      u64 len)
{
	struct kfv_ep *ep = chain->p.ep;
	struct kfv_op *op = chain->p.op;
	struct kfv_sink *sink = &ep->sinks->all[read->sink - 1];
	struct kfv_pages pages = {
		.sg = sink->sg,
		.max = ep->sinks->max_pages,
		.max_run = ib_dma_max_seg_size(ep->domain->ibdev),
		.len = len,
	};
	int rc;

	rc = kfv_buf_fill_pages(&op->buf, &pages);
	if (rc)
		return rc;
	rc = kfv_sink_describe(ep, sink, pages.n, pages.len);
	if (rc)
		return rc;
	kfv_sink_register(ep, chain->pre++, sink);
	kfv_sink_fill_read(sink, &read->wr, &read->sge);
	op->len -= pages.len;
	op->rma_done += pages.len;
	return 0;
}

/* A read of no length has nothing to register. */
static void kfv_sink_plan_nothing(struct kfv_sink_read *read)
{
	read->sge = (struct ib_sge) {};
	read->wr = (struct ib_rdma_wr) {
		.wr = {
			.opcode = IB_WR_RDMA_READ,
			.sg_list = &read->sge,
			.num_sge = 1,
		},
	};
}

static int kfv_sink_plan_one(struct kfv_chain *chain)
{
	struct kfv_sinks *sinks = chain->p.ep->sinks;
	struct kfv_sink_read *read = &sinks->reads[chain->data];
	struct ib_rdma_wr remote;
	u64 len;
	int rc = 0;

	if (chain->data == KFV_SINKS)
		return -E2BIG;
	read->sink = kfv_sink_take(sinks);
	if (!read->sink)
		return -EAGAIN;
	len = kfv_post_remote(chain->p.op, &remote);
	if (len)
		rc = kfv_sink_plan_read(chain, read, len);
	else
		kfv_sink_plan_nothing(read);
	read->wr.remote_addr = remote.remote_addr;
	read->wr.rkey = remote.rkey;
	chain->data++;
	return rc;
}

static int kfv_sink_plan(struct kfv_chain *chain)
{
	struct kfv_queue *q = chain->p.q;
	int rc;

	if (q->gate)
		return q->gate;
	do {
		rc = kfv_sink_plan_one(chain);
	} while (!rc && chain->p.op->len);
	if (rc == -EAGAIN)
		q->again++;
	chain->p.n = chain->pre + chain->data;
	if (!rc && chain->p.n > q->max_chain)
		rc = -E2BIG;
	return rc;
}

/**
 * kfv_sink_read - post a read
 * @ep: endpoint with sinks
 * @op: an operation that kfv_post_check() liked; used up
 *
 * Context: any.
 * Return: as kfv_post_send().
 */
int kfv_sink_read(struct kfv_ep *ep, struct kfv_op *op)
{
	struct kfv_queue *q = &ep->sq;
	struct kfv_chain chain = {
		.p = { .ep = ep, .q = q, .op = op },
		.signal = true,
		.reads = true,
	};
	unsigned long flags;
	bool cut = false;
	int rc;

	spin_lock_irqsave(&q->lock, flags);
	rc = kfv_sink_plan(&chain);
	if (!rc)
		cut = kfv_post_chain(&chain, &rc);
	/* of one that was cut short, some may be in flight */
	kfv_sink_settle(ep, cut ? 0 : rc);
	spin_unlock_irqrestore(&q->lock, flags);

	if (unlikely(cut)) {
		kfv_conn_broken(ep);
		return 0;
	}
	return rc;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_sink_read);
