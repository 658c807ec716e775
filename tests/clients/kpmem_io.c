// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Requests
 *
 * Purpose: turns what the block layer wants into calls of kfabric.
 *
 * Operation: one request is one operation, from the pages of the request
 * straight to the target's memory or back::
 *
 *	READ            kfi_readmsg()
 *	WRITE           kfi_writemsg()
 *	WRITE | FUA     kfi_writemsg(KFI_COMMIT_COMPLETE)
 *	FLUSH           kfi_writemsg(KFI_FENCE | KFI_COMMIT_COMPLETE), no bytes
 *
 * The device says that it has a volatile write cache: what was written and has
 * completed is in the target's memory or on the way there, and not durable. The
 * block layer then turns a FLUSH in front of a write into a request of its own.
 *
 * Ordering: a FLUSH has to cover the writes that have completed. A fenced commit
 * covers all that were posted before it on the same endpoint, so the device has
 * one endpoint and one hardware queue.
 *
 * Ownership: pages and struct kpmem_request are kfabric's until the operation
 * completes. It completes in whatever context the completion queue is read in.
 *
 * Errors: without room for an operation the block layer is to try again, which
 * it does when a request ends; when none is under way that would, after a
 * moment. A request fails when its operation does, and all do without a
 * connection.
 */
#include <linux/blk-mq.h>
#include <linux/minmax.h>

#include "kpmem.h"

static void kpmem_io_done(struct rpm_op *op)
{
	struct kpmem_request *pdu = container_of(op, struct kpmem_request, op);

	blk_mq_complete_request(blk_mq_rq_from_pdu(pdu));
}

static void kpmem_io_complete(struct request *rq)
{
	struct kpmem_request *pdu = blk_mq_rq_to_pdu(rq);
	struct kpmem *kpmem = rq->q->queuedata;

	atomic_dec(&kpmem->busy);
	blk_mq_end_request(rq, pdu->op.err ? BLK_STS_IOERR : BLK_STS_OK);
}

static size_t kpmem_io_fill(struct kpmem_request *pdu, struct request *rq)
{
	struct req_iterator iter;
	struct bio_vec bvec;
	size_t n = 0;

	rq_for_each_bvec(bvec, rq, iter) {
		if (WARN_ON_ONCE(n == KPMEM_MAX_SEGMENTS))
			break;
		pdu->bvec[n++] = bvec;
	}
	return n;
}

static u64 kpmem_io_flags(const struct request *rq)
{
	if (req_op(rq) == REQ_OP_FLUSH)
		return KFI_FENCE | KFI_COMMIT_COMPLETE;
	return rq->cmd_flags & REQ_FUA ? KFI_COMMIT_COMPLETE : 0;
}

static ssize_t kpmem_io_post(struct kpmem *kpmem, struct request *rq)
{
	struct kpmem_request *pdu = blk_mq_rq_to_pdu(rq);
	struct kfi_rma_iov remote[RPM_MAX_RANGES];
	struct kfi_msg_rma msg = {
		.type = KFI_BVEC,
		.msg_biov = pdu->bvec,
		.iov_count = kpmem_io_fill(pdu, rq),
		.rma_iov = remote,
		.context = &pdu->op,
	};
	bool flushes = req_op(rq) == REQ_OP_FLUSH;
	ssize_t rc;

	rc = rpm_conn_remote(&kpmem->conn,
			     flushes ? 0 : blk_rq_pos(rq) << SECTOR_SHIFT,
			     blk_rq_bytes(rq), remote, &msg.rma_iov_count);
	if (rc)
		return rc;
	pdu->op.done = kpmem_io_done;
	if (req_op(rq) == REQ_OP_READ)
		return kfi_readmsg(kpmem->conn.ep, &msg, KFI_COMPLETION);
	return kfi_writemsg(kpmem->conn.ep, &msg,
			    kpmem_io_flags(rq) | KFI_COMPLETION);
}

static blk_status_t kpmem_io_queue_rq(struct blk_mq_hw_ctx *hctx,
				      const struct blk_mq_queue_data *bd)
{
	struct kpmem *kpmem = hctx->queue->queuedata;
	struct request *rq = bd->rq;
	bool alone;
	ssize_t rc;

	switch (req_op(rq)) {
	case REQ_OP_READ:
	case REQ_OP_WRITE:
	case REQ_OP_FLUSH:
		break;
	default:
		return BLK_STS_NOTSUPP;
	}
	if (!rpm_conn_is_up(&kpmem->conn))
		return BLK_STS_IOERR;

	blk_mq_start_request(rq);
	atomic_inc(&kpmem->busy);
	rc = kpmem_io_post(kpmem, rq);
	if (!rc)
		return BLK_STS_OK;

	alone = atomic_dec_and_test(&kpmem->busy);
	if (rc != -EAGAIN)
		return BLK_STS_IOERR;
	/* the end of another request runs the queue again, or nothing does */
	return alone ? BLK_STS_RESOURCE : BLK_STS_DEV_RESOURCE;
}

const struct blk_mq_ops kpmem_io_ops = {
	.queue_rq = kpmem_io_queue_rq,
	.complete = kpmem_io_complete,
};
