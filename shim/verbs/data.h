/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * kfi_verbs private: what the files of the data path share. Prototypes are
 * grouped by the file that defines them.
 */
#ifndef _KFV_DATA_H
#define _KFV_DATA_H

#include <linux/bvec.h>
#include <linux/uio.h>

#include "verbs.h"

/* Flags of an operation: what the client may pass, by kind of operation */
#define KFV_FLAGS_ANY	(KFI_COMPLETION | KFI_MORE)
#define KFV_FLAGS_TX	(KFV_FLAGS_ANY | KFI_FENCE | KFI_INJECT_COMPLETE | \
			 KFI_TRANSMIT_COMPLETE)
#define KFV_FLAGS_SEND	(KFV_FLAGS_TX | KFI_INJECT | KFI_REMOTE_CQ_DATA)
#define KFV_FLAGS_WRITE	KFV_FLAGS_SEND
#define KFV_FLAGS_READ	(KFV_FLAGS_TX | KFI_DELIVERY_COMPLETE)
#define KFV_FLAGS_RECV	KFV_FLAGS_ANY
/* known to the API, and not offered where they are not in the sets above */
#define KFV_FLAGS_KNOWN	(KFV_FLAGS_SEND | KFV_FLAGS_READ | \
			 KFI_COMMIT_COMPLETE | KFI_DELIVERY_COMPLETE | \
			 KFI_MULTI_RECV)

/**
 * enum kfv_buf_type - what a struct kfv_buf walks
 * @KFV_BUF_BOUNCE: one range that is mapped for the device already
 * @KFV_BUF_KVEC: struct kvec
 * @KFV_BUF_BVEC: struct bio_vec
 * @KFV_BUF_SGL: struct scatterlist, not mapped
 *
 * All but the first have the values of enum kfi_iov_type.
 */
enum kfv_buf_type {
	KFV_BUF_BOUNCE,
	KFV_BUF_KVEC = KFI_KVEC,
	KFV_BUF_BVEC = KFI_BVEC,
	KFV_BUF_SGL = KFI_SGL,
};

/**
 * struct kfv_buf - local side of an operation, and how much of it was used
 * @type: what is walked
 * @list: next element, whatever it is
 * @kvec: next element, likewise the next two
 * @bvec: next element
 * @sg: next element
 * @dma: where the device finds the bounce buffer
 * @desc: descriptor of the next element, or NULL
 * @left: elements from there on
 * @done: bytes of the next element that were used
 */
struct kfv_buf {
	enum kfv_buf_type type;
	union {
		const void *list;
		const struct kvec *kvec;
		const struct bio_vec *bvec;
		const struct scatterlist *sg;
		u64 dma;
	};
	void **desc;
	size_t left;
	size_t done;
};

static inline struct kfv_buf kfv_buf_init(enum kfv_buf_type type,
					  const void *list, void **desc,
					  size_t count)
{
	return (struct kfv_buf) {
		.type = type,
		.list = list,
		.desc = desc,
		.left = count,
	};
}

/**
 * struct kfv_sgl - scatter/gather list of one work request
 * @sge: the elements; NULL to count them only
 * @max: most elements
 * @n: elements used
 * @len: bytes wanted, then bytes covered
 * @dir: direction of the transfer
 * @indexed: there is a region in it that no other may follow
 */
struct kfv_sgl {
	struct ib_sge *sge;
	u32 max;
	u32 n;
	u64 len;
	enum dma_data_direction dir;
	bool indexed;
};

/**
 * struct kfv_op - a data call, in one shape for all of them
 * @buf: local side
 * @rma: RMA: remote ranges from here on
 * @rma_done: RMA: bytes used of the first of them
 * @len: bytes to go
 * @context: the client's
 * @flags: KFI_xxx of the call
 * @data: remote CQ data
 * @comp: flags of the completion entry
 * @opcode: of the last work request
 * @report: make an entry on success too
 */
struct kfv_op {
	struct kfv_buf buf;
	const struct kfi_rma_iov *rma;
	u64 rma_done;
	u64 len;
	void *context;
	u64 flags;
	u64 data;
	u32 comp;
	enum ib_wr_opcode opcode;
	bool report;
};

/**
 * struct kfv_pages - memory as a range of pages
 * @sg: scatterlist of @max entries
 * @max: most pages
 * @max_run: most bytes of one entry
 * @pages: pages used
 * @n: entries used
 * @len: bytes wanted, then bytes covered
 */
struct kfv_pages {
	struct scatterlist *sg;
	u32 max;
	u32 max_run;
	u32 pages;
	u32 n;
	u64 len;
};

/* buf.c: local buffers to scatter/gather elements */
ssize_t kfv_buf_check(const struct kfv_ep *ep, const struct kfv_queue *q,
		      const struct kfv_buf *buf, u64 access);
bool kfv_buf_is_one(const struct kfv_buf *buf);
int kfv_buf_fill(struct kfv_ep *ep, struct kfv_buf *buf, struct kfv_sgl *sgl);
void kfv_buf_unmap(struct kfv_ep *ep, const struct ib_sge *sge, u32 n,
		   enum dma_data_direction dir);
int kfv_buf_fill_pages(struct kfv_buf *buf, struct kfv_pages *pages);
void kfv_buf_copy(void *to, const struct kfv_buf *buf);

/* cq.c */
void kfv_cq_push(struct kfv_cq *cq, const struct kfi_cqring_entry *entry,
		 bool spare);
void kfv_cq_refill(struct kfv_cq *cq);

/**
 * kfv_cq_take - take places for requests, all or none
 * @cq: completion queue
 * @n: how many
 *
 * Context: any.
 * Return: true if there were as many.
 */
static inline bool kfv_cq_take(struct kfv_cq *cq, u32 n)
{
	return kfi_cqring_reserve_many(&cq->ring, n);
}

/**
 * kfv_cq_spare - how many places that were set aside are not in use
 * @cq: completion queue
 *
 * Context: any.
 * Return: the number, at this moment.
 */
static inline int kfv_cq_spare(const struct kfv_cq *cq)
{
	return atomic_read(&cq->spare) + cq->low;
}

/**
 * kfv_cq_take_spare - take places that were set aside, all or none
 * @cq: completion queue
 * @n: how many
 *
 * Context: any.
 * Return: true if there were as many.
 */
static inline bool kfv_cq_take_spare(struct kfv_cq *cq, u32 n)
{
	int spare = atomic_read(&cq->spare);

	do {
		if (spare + cq->low < (int)n)
			return false;
	} while (!atomic_try_cmpxchg(&cq->spare, &spare, spare - (int)n));
	return true;
}

/**
 * kfv_cq_is_short - whether too many requests are unsignalled
 * @cq: completion queue
 *
 * They hold places on and on, of all endpoints together no more than half of
 * those that were set aside. The other half always comes back.
 *
 * Context: any.
 * Return: true if the next request is to be signalled.
 */
static inline bool kfv_cq_is_short(const struct kfv_cq *cq)
{
	return atomic_read(&cq->spare) < 0;
}

/**
 * kfv_cq_give - give back places of requests that made no entry
 * @cq: completion queue
 * @n: how many
 * @spare: they were set aside
 *
 * Context: any.
 */
static inline void kfv_cq_give(struct kfv_cq *cq, u32 n, bool spare)
{
	if (spare)
		atomic_add(n, &cq->spare);
	else
		kfi_cqring_unreserve(&cq->ring, n);
}

/* poll.c: completion queues that the client takes completions out of */
void kfv_poll_set_ops(struct kfv_cq *cq);
void kfv_poll_init_ops(const struct kfi_ops_cq *ops);
void kfv_poll_pushed(struct kfv_cq *cq);
void kfv_poll_hold(struct kfv_cq *cq);
void kfv_poll_release(struct kfv_cq *cq);
void kfv_poll_drain(struct kfv_ep *ep);

/* qp.c */

/**
 * struct kfv_qp_side - what one queue of a queue pair is made of
 * @cq: where completions go
 * @depth: requests of the client that may be in flight
 * @own: and as many of ours
 * @sge: scatter/gather elements of one request
 * @sge_rd: likewise of an RDMA read
 * @inline_size: bytes that a work request carries itself
 * @inject_size: bytes that kfi_inject() takes; send queue
 * @iov_limit: elements of one list
 * @rma_limit: remote ranges of one operation
 */
struct kfv_qp_side {
	struct kfv_cq *cq;
	u32 depth;
	u32 own;
	u32 sge;
	u32 sge_rd;
	u32 inline_size;
	u32 inject_size;
	u32 iov_limit;
	u32 rma_limit;
};

void kfv_qp_sides(const struct kfv_ep *ep, struct kfv_qp_side *tx,
		  struct kfv_qp_side *rx);
void kfv_qp_cap(const struct kfv_qp_side *tx, const struct kfv_qp_side *rx,
		struct ib_qp_cap *cap);

/* recv.c */
ssize_t kfv_recv_buf(struct kfid_ep *ep, void *buf, size_t len, void *desc,
		     kfi_addr_t src_addr, void *context);
ssize_t kfv_recv_kvec(struct kfid_ep *ep, const struct kvec *iov, void **desc,
		      size_t count, kfi_addr_t src_addr, void *context);
ssize_t kfv_recv_bvec(struct kfid_ep *ep, const struct bio_vec *biov,
		      void **desc, size_t count, kfi_addr_t src_addr,
		      void *context);
ssize_t kfv_recv_sgl(struct kfid_ep *ep, const struct scatterlist *sgl,
		     void **desc, size_t count, kfi_addr_t src_addr,
		     void *context);
ssize_t kfv_recv_msg(struct kfid_ep *ep, const struct kfi_msg *msg,
		     uint64_t flags);

/* rma.c */
int kfv_rma_check_ranges(const struct kfv_ep *ep, const struct kfv_op *op,
			 size_t count);

/* queue.c: requests in flight */
int kfv_queue_init_send(struct kfv_ep *ep, const struct kfv_qp_side *side);
int kfv_queue_init_recv(struct kfv_ep *ep, const struct kfv_qp_side *side);
void kfv_queue_destroy(struct kfv_queue *q, struct kfv_ep *ep);
void kfv_queue_sweep(struct kfv_queue *q);
void kfv_queue_advance(struct kfv_ep *ep);
void kfv_queue_bad_status(struct kfv_ep *ep, struct kfv_queue *q);
void kfv_queue_send_done(struct ib_cq *ibcq, struct ib_wc *wc);
void kfv_queue_recv_done(struct ib_cq *ibcq, struct ib_wc *wc);
int kfv_queue_take(struct kfv_queue *q, u32 n, bool report, bool *spare);
void kfv_queue_give(struct kfv_queue *q, u32 n, bool report, bool spare);

/**
 * kfv_queue_has_room - whether more requests fit into a queue
 * @q: queue, locked
 * @n: how many
 *
 * Return: true if they do.
 */
static inline bool kfv_queue_has_room(const struct kfv_queue *q, u32 n)
{
	/* pairs with the release of the completion handler */
	return q->head - smp_load_acquire(&q->tail) + n <= q->limit;
}

/**
 * kfv_queue_req - a request that was taken and not posted yet
 * @q: queue, locked
 * @i: its number among them
 *
 * Return: the request.
 */
static inline struct kfv_req *kfv_queue_req(struct kfv_queue *q, u32 i)
{
	return kfv_queue_at(q, q->head + i);
}

/**
 * kfv_queue_index - the number that a request is known by in traces
 * @q: queue
 * @req: one of its requests
 *
 * Return: the number, which its successor in the same place has again.
 */
static inline u32 kfv_queue_index(const struct kfv_queue *q,
				  const struct kfv_req *req)
{
	return ((void *)req - q->reqs) >> q->req_shift;
}

/**
 * kfv_queue_sges - scatter/gather list of a request
 * @q: queue
 * @index: number of the request, free running or not
 *
 * Return: @q->max_sge elements.
 */
static inline struct ib_sge *kfv_queue_sges(const struct kfv_queue *q,
					    u32 index)
{
	return q->sges + (size_t)(index & q->sge_mask) * q->max_sge;
}

/**
 * kfv_queue_bounce - offset of the bounce buffer of a request
 * @q: queue
 * @index: number of the request, free running or not
 *
 * Return: bytes from @q->bounces and @q->bounce_dma.
 */
static inline size_t kfv_queue_bounce(const struct kfv_queue *q, u32 index)
{
	return (size_t)(index & q->mask) * q->bounce_size;
}

/* post.c: work requests of one operation */

/**
 * kfv_post_reports - whether an operation of the send queue makes an entry
 * @ep: endpoint
 * @flags: of the operation
 *
 * Return: true if it does when all goes well.
 */
static inline bool kfv_post_reports(const struct kfv_ep *ep, u64 flags)
{
	return !ep->tx_selective || flags & KFI_COMPLETION;
}

/**
 * struct kfv_post - an operation that is being posted
 * @ep: endpoint
 * @q: its send queue, locked
 * @op: the operation
 * @n: work requests
 * @spare: requests that make no entry have spare places
 * @signal: the last one is signalled
 * @inlined: the work request carries the data
 * @fence: the first one that moves data waits for earlier reads
 */
struct kfv_post {
	struct kfv_ep *ep;
	struct kfv_queue *q;
	struct kfv_op *op;
	u32 n;
	bool spare;
	bool signal;
	bool inlined;
	bool fence;
};

/**
 * struct kfv_chain - an operation with work requests that move no data of it
 * @p: all of them
 * @pre: extra work requests in front of the data
 * @data: work requests that move data
 * @held: the last one has its place in the queue and is not posted: 1, or 0
 * @signal: the last one that is posted is signalled in any case; with @held
 * @reads: the work requests that move data are ready, see sink.c
 */
struct kfv_chain {
	struct kfv_post p;
	u32 pre;
	u32 data;
	u32 held;
	bool signal;
	bool reads;
};

u64 kfv_post_remote(struct kfv_op *op, struct ib_rdma_wr *wr);
int kfv_post_check(struct kfv_ep *ep, struct kfv_queue *q, struct kfv_op *op,
		   u64 allowed, u64 access);
int kfv_post_count(struct kfv_ep *ep, const struct kfv_op *op);
int kfv_post_send(struct kfv_ep *ep, struct kfv_op *op, u32 n);
bool kfv_post_chain(struct kfv_chain *chain, int *rc);
void kfv_post_cut_short(struct kfv_post *p, u32 done);
int kfv_post_recv(struct kfv_ep *ep, struct kfv_op *op);

#endif /* _KFV_DATA_H */
