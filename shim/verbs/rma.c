// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Remote memory access
 *
 * Purpose: reads and writes of a peer's memory regions.
 *
 * Operation: each call checks what the client passed and becomes one operation
 * of as many RDMA work requests as its lists need. A key is the peer's rkey and
 * the address at which the peer's device knows the first byte of the region;
 * the client's address is an offset from there. Whether the range is inside the
 * region is for the peer's device to say: the operation fails with EACCES, and
 * nothing was touched.
 *
 * Errors: all arithmetic on lengths, addresses and keys is done here, in 64
 * bits and before anything is posted.
 */
#include <linux/overflow.h>

#include "plain.h"
#include "sink.h"

/* A range must not wrap around the end of the peer's address space. */
static int kfv_rma_check_range(const struct kfi_rma_iov *range)
{
	u32 rkey, page_offset;
	u64 end;
	int rc;

	rc = kfv_xlate_split_key(range->key, &rkey, &page_offset);
	if (rc)
		return rc;
	if (check_add_overflow(range->addr, (u64)page_offset, &end) ||
	    check_add_overflow(end, (u64)range->len, &end))
		return -EINVAL;
	return 0;
}

static int kfv_rma_check(const struct kfv_ep *ep, const struct kfv_op *op,
			 size_t count)
{
	size_t total = 0;
	size_t i;
	int rc;

	if (!op->rma || !count)
		return -EINVAL;
	if (count > ep->sq.rma_limit)
		return -E2BIG;
	for (i = 0; i < count; i++) {
		rc = kfv_rma_check_range(&op->rma[i]);
		if (rc)
			return rc;
		total = size_add(total, op->rma[i].len);
	}
	return op->len > total ? -EINVAL : 0;
}

/**
 * kfv_rma_check_ranges - see whether remote ranges are well-formed
 * @ep: endpoint
 * @op: the operation, with its length
 * @count: how many ranges it has
 *
 * Context: any.
 * Return: 0; -EINVAL for a range that wraps around, or ranges that are missing
 * or too short; -E2BIG for too many; -EKEYREJECTED for a key that no provider
 * like this made.
 */
int kfv_rma_check_ranges(const struct kfv_ep *ep, const struct kfv_op *op,
			 size_t count)
{
	return kfv_rma_check(ep, op, count);
}

static bool kfv_rma_reads(const struct kfv_op *op)
{
	return op->opcode == IB_WR_RDMA_READ;
}

static int kfv_rma_check_local(struct kfv_ep *ep, struct kfv_op *op)
{
	if (kfv_rma_reads(op))
		return kfv_post_check(ep, &ep->sq, op, KFV_FLAGS_READ,
				      KFI_READ);
	return kfv_post_check(ep, &ep->sq, op, KFV_FLAGS_WRITE, KFI_WRITE);
}

/* Post an operation that was checked. */
static int kfv_rma_post(struct kfv_ep *ep, struct kfv_op *op)
{
	int n;

	op->comp = KFI_RMA | (kfv_rma_reads(op) ? KFI_READ : KFI_WRITE);
	if (op->flags & KFI_REMOTE_CQ_DATA)
		op->opcode = IB_WR_RDMA_WRITE_WITH_IMM;
	if (kfv_rma_reads(op) && unlikely(ep->sinks))
		return kfv_sink_read(ep, op);
	n = kfv_post_count(ep, op);
	if (n < 0)
		return n;
	return kfv_post_send(ep, op, n);
}

/* A write that names a level is posted otherwise. */
static bool kfv_rma_has_level(const struct kfv_op *op, int rc)
{
	return rc == -EOPNOTSUPP && !kfv_rma_reads(op) &&
	       op->flags & (KFI_COMMIT_COMPLETE | KFI_DELIVERY_COMPLETE);
}

/* One remote range, as long as what is local */
static ssize_t kfv_rma_try_one(struct kfv_ep *ep, struct kfv_op *op, u64 addr,
			       u64 key)
{
	struct kfi_rma_iov range = { .addr = addr, .key = key };
	int rc;

	rc = kfv_rma_check_local(ep, op);
	if (unlikely(rc))
		return kfv_rma_has_level(op, rc) ?
		       kfv_commit_write(ep, op, &range, 1) : rc;
	range.len = op->len;
	op->rma = &range;
	rc = kfv_rma_check(ep, op, 1);
	if (rc)
		return rc;
	return kfv_rma_post(ep, op);
}

static ssize_t kfv_rma_one(struct kfv_ep *ep, struct kfv_op *op, u64 addr,
			   u64 key)
{
	return kfv_fast_end(ep, kfv_rma_try_one(ep, op, addr, key));
}

static ssize_t kfv_rma_try_msg(struct kfv_ep *ep, const struct kfi_msg_rma *msg,
			       enum ib_wr_opcode opcode, u64 flags)
{
	struct kfv_op op = {
		.buf = kfv_buf_init((enum kfv_buf_type)msg->type, msg->msg_iov,
				    msg->desc, msg->iov_count),
		.rma = msg->rma_iov,
		.flags = flags,
		.context = msg->context,
		.data = msg->data,
		.opcode = opcode,
		.report = kfv_post_reports(ep, flags),
	};
	int rc;

	rc = kfv_rma_check_local(ep, &op);
	if (unlikely(rc))
		return kfv_rma_has_level(&op, rc) ?
		       kfv_commit_write(ep, &op, NULL, msg->rma_iov_count) : rc;
	rc = kfv_rma_check(ep, &op, msg->rma_iov_count);
	if (rc)
		return rc;
	return kfv_rma_post(ep, &op);
}

static noinline ssize_t kfv_rma_any_msg(struct kfv_ep *ep,
					const struct kfi_msg_rma *msg,
					enum ib_wr_opcode opcode, u64 flags)
{
	return kfv_fast_end(ep, kfv_rma_try_msg(ep, msg, opcode, flags));
}

static __always_inline ssize_t kfv_rma_msg(struct kfid_ep *fid,
					   const struct kfi_msg_rma *msg,
					   enum ib_wr_opcode opcode, u64 flags)
{
	struct kfv_fast op = kfv_plain_rma(opcode, NULL, 0, NULL, 0, 0,
					   msg->context);
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	ssize_t rc;

	if (likely(kfv_plain_rma_msg(&op, ep, msg, flags))) {
		rc = kfv_fast_post(ep, &op);
		if (likely(rc <= 0))
			return rc;
	}
	return kfv_rma_any_msg(ep, msg, opcode, flags);
}

/*
 * Reads
 */
static struct kfv_op kfv_rma_read_op(struct kfv_ep *ep, struct kfv_buf buf,
				     void *context)
{
	u64 flags = ep->tx_flags & KFV_FLAGS_READ;

	return (struct kfv_op) {
		.buf = buf,
		.flags = flags,
		.context = context,
		.opcode = IB_WR_RDMA_READ,
		.report = kfv_post_reports(ep, flags),
	};
}

static noinline ssize_t kfv_rma_read_any(struct kfv_ep *ep, void *buf,
					 size_t len, void *desc, u64 addr,
					 u64 key, void *context)
{
	const struct kvec iov = { .iov_base = buf, .iov_len = len };
	struct kfv_op op = kfv_rma_read_op(ep, kfv_buf_init(KFV_BUF_KVEC, &iov,
							    &desc, 1), context);

	return kfv_rma_one(ep, &op, addr, key);
}

static ssize_t kfv_rma_read(struct kfid_ep *fid, void *buf, size_t len,
			    void *desc, kfi_addr_t src_addr, uint64_t addr,
			    uint64_t key, void *context)
{
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	struct kfv_fast op = kfv_plain_rma(IB_WR_RDMA_READ, buf, len, desc,
					   addr, key, context);
	ssize_t rc;

	rc = kfv_plain_post(ep, &op);
	if (likely(rc <= 0))
		return rc;
	return kfv_rma_read_any(ep, buf, len, desc, addr, key, context);
}

static ssize_t kfv_rma_readv(struct kfid_ep *fid, const struct kvec *iov,
			     void **desc, size_t count, kfi_addr_t src_addr,
			     uint64_t addr, uint64_t key, void *context)
{
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	struct kfv_op op = kfv_rma_read_op(ep, kfv_buf_init(KFV_BUF_KVEC, iov,
							    desc, count),
					   context);

	return kfv_rma_one(ep, &op, addr, key);
}

static ssize_t kfv_rma_readbv(struct kfid_ep *fid, const struct bio_vec *biov,
			      void **desc, size_t count, kfi_addr_t src_addr,
			      uint64_t addr, uint64_t key, void *context)
{
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	struct kfv_op op = kfv_rma_read_op(ep, kfv_buf_init(KFV_BUF_BVEC, biov,
							    desc, count),
					   context);

	return kfv_rma_one(ep, &op, addr, key);
}

static ssize_t kfv_rma_readsgl(struct kfid_ep *fid,
			       const struct scatterlist *sgl, void **desc,
			       size_t count, kfi_addr_t src_addr, uint64_t addr,
			       uint64_t key, void *context)
{
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	struct kfv_op op = kfv_rma_read_op(ep, kfv_buf_init(KFV_BUF_SGL, sgl,
							    desc, count),
					   context);

	return kfv_rma_one(ep, &op, addr, key);
}

static ssize_t kfv_rma_readmsg(struct kfid_ep *ep,
			       const struct kfi_msg_rma *msg, uint64_t flags)
{
	return kfv_rma_msg(ep, msg, IB_WR_RDMA_READ, flags);
}

/*
 * Writes
 */
static struct kfv_op kfv_rma_write_op(struct kfv_ep *ep, struct kfv_buf buf,
				      void *context)
{
	u64 flags = ep->tx_flags & ~KFI_REMOTE_CQ_DATA &
		    (KFV_FLAGS_WRITE | KFI_DELIVERY_COMPLETE);

	return (struct kfv_op) {
		.buf = buf,
		.flags = flags,
		.context = context,
		.opcode = IB_WR_RDMA_WRITE,
		.report = kfv_post_reports(ep, flags),
	};
}

static noinline ssize_t kfv_rma_write_any(struct kfv_ep *ep, const void *buf,
					  size_t len, void *desc, u64 addr,
					  u64 key, void *context)
{
	const struct kvec iov = { .iov_base = (void *)buf, .iov_len = len };
	struct kfv_op op = kfv_rma_write_op(ep, kfv_buf_init(KFV_BUF_KVEC, &iov,
							     &desc, 1),
					    context);

	return kfv_rma_one(ep, &op, addr, key);
}

static ssize_t kfv_rma_write(struct kfid_ep *fid, const void *buf, size_t len,
			     void *desc, kfi_addr_t dest_addr, uint64_t addr,
			     uint64_t key, void *context)
{
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	struct kfv_fast op = kfv_plain_rma(IB_WR_RDMA_WRITE, buf, len, desc,
					   addr, key, context);
	ssize_t rc;

	rc = kfv_plain_post(ep, &op);
	if (likely(rc <= 0))
		return rc;
	return kfv_rma_write_any(ep, buf, len, desc, addr, key, context);
}

static ssize_t kfv_rma_writev(struct kfid_ep *fid, const struct kvec *iov,
			      void **desc, size_t count, kfi_addr_t dest_addr,
			      uint64_t addr, uint64_t key, void *context)
{
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	struct kfv_op op = kfv_rma_write_op(ep, kfv_buf_init(KFV_BUF_KVEC, iov,
							     desc, count),
					    context);

	return kfv_rma_one(ep, &op, addr, key);
}

static ssize_t kfv_rma_writebv(struct kfid_ep *fid, const struct bio_vec *biov,
			       void **desc, size_t count, kfi_addr_t dest_addr,
			       uint64_t addr, uint64_t key, void *context)
{
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	struct kfv_op op = kfv_rma_write_op(ep, kfv_buf_init(KFV_BUF_BVEC, biov,
							     desc, count),
					    context);

	return kfv_rma_one(ep, &op, addr, key);
}

static ssize_t kfv_rma_writesgl(struct kfid_ep *fid,
				const struct scatterlist *sgl, void **desc,
				size_t count, kfi_addr_t dest_addr,
				uint64_t addr, uint64_t key, void *context)
{
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	struct kfv_op op = kfv_rma_write_op(ep, kfv_buf_init(KFV_BUF_SGL, sgl,
							     desc, count),
					    context);

	return kfv_rma_one(ep, &op, addr, key);
}

static ssize_t kfv_rma_writemsg(struct kfid_ep *ep,
				const struct kfi_msg_rma *msg, uint64_t flags)
{
	return kfv_rma_msg(ep, msg, IB_WR_RDMA_WRITE, flags);
}

static ssize_t kfv_rma_writedata(struct kfid_ep *fid, const void *buf,
				 size_t len, void *desc, uint64_t data,
				 kfi_addr_t dest_addr, uint64_t addr,
				 uint64_t key, void *context)
{
	const struct kvec iov = { .iov_base = (void *)buf, .iov_len = len };
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	struct kfv_op op = kfv_rma_write_op(ep, kfv_buf_init(KFV_BUF_KVEC, &iov,
							     &desc, 1),
					    context);

	op.flags |= KFI_REMOTE_CQ_DATA;
	op.data = data;
	return kfv_rma_one(ep, &op, addr, key);
}

/* An inject makes no entry when all goes well, whatever the endpoint's flags */
static noinline ssize_t kfv_rma_inject_any(struct kfv_ep *ep, const void *buf,
					   size_t len, u64 addr, u64 key)
{
	const struct kvec iov = { .iov_base = (void *)buf, .iov_len = len };
	struct kfv_op op = {
		.buf = kfv_buf_init(KFV_BUF_KVEC, &iov, NULL, 1),
		.flags = KFI_INJECT,
		.opcode = IB_WR_RDMA_WRITE,
	};

	return kfv_rma_one(ep, &op, addr, key);
}

static ssize_t kfv_rma_inject(struct kfid_ep *fid, const void *buf, size_t len,
			      kfi_addr_t dest_addr, uint64_t addr, uint64_t key)
{
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	struct kfv_fast op = kfv_plain_rma(IB_WR_RDMA_WRITE, buf, len, NULL,
					   addr, key, NULL);
	ssize_t rc;

	op.inlined = true;
	rc = kfv_fast_post(ep, &op);
	if (likely(rc <= 0))
		return rc;
	return kfv_rma_inject_any(ep, buf, len, addr, key);
}

static ssize_t kfv_rma_injectdata(struct kfid_ep *fid, const void *buf,
				  size_t len, uint64_t data,
				  kfi_addr_t dest_addr, uint64_t addr,
				  uint64_t key)
{
	const struct kvec iov = { .iov_base = (void *)buf, .iov_len = len };
	struct kfv_op op = {
		.buf = kfv_buf_init(KFV_BUF_KVEC, &iov, NULL, 1),
		.flags = KFI_INJECT | KFI_REMOTE_CQ_DATA,
		.data = data,
		.opcode = IB_WR_RDMA_WRITE,
	};

	return kfv_rma_one(kfv_ep(&fid->fid), &op, addr, key);
}

struct kfi_ops_rma kfv_rma_ops __ro_after_init = {
	.read = kfv_rma_read,
	.readv = kfv_rma_readv,
	.readbv = kfv_rma_readbv,
	.readmsg = kfv_rma_readmsg,
	.write = kfv_rma_write,
	.writev = kfv_rma_writev,
	.writebv = kfv_rma_writebv,
	.writemsg = kfv_rma_writemsg,
	.inject = kfv_rma_inject,
	.writedata = kfv_rma_writedata,
	.injectdata = kfv_rma_injectdata,
	.readsgl = kfv_rma_readsgl,
	.writesgl = kfv_rma_writesgl,
};

/**
 * kfv_rma_init_ops - complete the table of RMA operations
 *
 * Context: module init.
 */
void kfv_rma_init_ops(void)
{
	kfi_ops_fill(&kfv_rma_ops, &kfi_enosys_rma);
}
