// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The RMA operations of endpoints with KFI_RMA_PMEM: account is kept of what
 * they write. Others have the table of rma.c, and nothing to pay for this.
 */
#include "persist.h"
#include "plain.h"

/* Default flags of the endpoint that writes take */
#define KFV_TRACK_FLAGS		(KFV_FLAGS_TX | KFI_INJECT | \
				 KFI_COMMIT_COMPLETE | KFI_DELIVERY_COMPLETE)

/* A commit of what is written, and nothing else is asked for */
static bool kfv_track_commits(const struct kfv_ep *ep, u64 flags)
{
	return (flags & ~KFI_COMPLETION) == KFI_COMMIT_COMPLETE &&
	       kfv_post_reports(ep, flags);
}

static ssize_t kfv_track_list(struct kfid_ep *fid, enum kfv_buf_type type,
			      const void *list, void **desc, size_t count,
			      u64 addr, u64 key, void *context)
{
	struct kfi_rma_iov range = { .addr = addr, .key = key };
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	u64 flags = ep->tx_flags & KFV_TRACK_FLAGS;
	struct kfv_op op = {
		.buf = kfv_buf_init(type, list, desc, count),
		.flags = flags,
		.context = context,
		.report = kfv_post_reports(ep, flags),
	};

	return kfv_commit_write(ep, &op, &range, 1);
}

static ssize_t kfv_track_buf(struct kfid_ep *fid, const void *buf, size_t len,
			     void *desc, kfi_addr_t dest_addr, uint64_t addr,
			     uint64_t key, void *context)
{
	const struct kvec iov = { .iov_base = (void *)buf, .iov_len = len };
	struct kfv_fast op = kfv_plain_rma(IB_WR_RDMA_WRITE, buf, len, desc,
					   addr, key, context);
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	ssize_t rc;

	if (kfv_track_commits(ep, ep->tx_flags)) {
		rc = kfv_durable_write(ep, &op);
		if (rc <= 0)
			return rc;
	}
	return kfv_track_list(fid, KFV_BUF_KVEC, &iov, &desc, 1, addr, key,
			      context);
}

static ssize_t kfv_track_kvec(struct kfid_ep *fid, const struct kvec *iov,
			      void **desc, size_t count, kfi_addr_t dest_addr,
			      uint64_t addr, uint64_t key, void *context)
{
	return kfv_track_list(fid, KFV_BUF_KVEC, iov, desc, count, addr, key,
			      context);
}

static ssize_t kfv_track_bvec(struct kfid_ep *fid, const struct bio_vec *biov,
			      void **desc, size_t count, kfi_addr_t dest_addr,
			      uint64_t addr, uint64_t key, void *context)
{
	return kfv_track_list(fid, KFV_BUF_BVEC, biov, desc, count, addr, key,
			      context);
}

static ssize_t kfv_track_sgl(struct kfid_ep *fid,
			     const struct scatterlist *sgl, void **desc,
			     size_t count, kfi_addr_t dest_addr, uint64_t addr,
			     uint64_t key, void *context)
{
	return kfv_track_list(fid, KFV_BUF_SGL, sgl, desc, count, addr, key,
			      context);
}

static noinline ssize_t kfv_track_any_msg(struct kfv_ep *ep,
					  const struct kfi_msg_rma *msg,
					  u64 flags)
{
	struct kfv_op op = {
		.buf = kfv_buf_init((enum kfv_buf_type)msg->type, msg->msg_iov,
				    msg->desc, msg->iov_count),
		.rma = msg->rma_iov,
		.flags = flags,
		.context = msg->context,
		.data = msg->data,
		.report = kfv_post_reports(ep, flags),
	};

	return kfv_commit_write(ep, &op, NULL, msg->rma_iov_count);
}

static ssize_t kfv_track_msg(struct kfid_ep *fid,
			     const struct kfi_msg_rma *msg, uint64_t flags)
{
	struct kfv_fast op = kfv_plain_rma(IB_WR_RDMA_WRITE, NULL, 0, NULL, 0, 0,
					   msg->context);
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	ssize_t rc;

	if (kfv_track_commits(ep, flags) &&
	    kfv_plain_rma_msg(&op, ep, msg, KFI_COMPLETION)) {
		rc = kfv_durable_write(ep, &op);
		if (rc <= 0)
			return rc;
	}
	return kfv_track_any_msg(ep, msg, flags);
}

static ssize_t kfv_track_data(struct kfid_ep *fid, const void *buf, size_t len,
			      void *desc, uint64_t data, kfi_addr_t dest_addr,
			      uint64_t addr, uint64_t key, void *context)
{
	const struct kvec iov = { .iov_base = (void *)buf, .iov_len = len };
	struct kfi_rma_iov range = { .addr = addr, .key = key };
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	u64 flags = (ep->tx_flags & KFV_TRACK_FLAGS) | KFI_REMOTE_CQ_DATA;
	struct kfv_op op = {
		.buf = kfv_buf_init(KFV_BUF_KVEC, &iov, &desc, 1),
		.flags = flags,
		.context = context,
		.data = data,
		.report = kfv_post_reports(ep, flags),
	};

	return kfv_commit_write(ep, &op, &range, 1);
}

/* An inject makes no entry when all goes well, whatever the endpoint's flags */
static ssize_t kfv_track_injected(struct kfid_ep *fid, const void *buf,
				  size_t len, u64 flags, u64 data, u64 addr,
				  u64 key)
{
	const struct kvec iov = { .iov_base = (void *)buf, .iov_len = len };
	struct kfi_rma_iov range = { .addr = addr, .key = key };
	struct kfv_op op = {
		.buf = kfv_buf_init(KFV_BUF_KVEC, &iov, NULL, 1),
		.flags = flags | KFI_INJECT,
		.data = data,
	};

	return kfv_commit_write(kfv_ep(&fid->fid), &op, &range, 1);
}

static ssize_t kfv_track_inject(struct kfid_ep *ep, const void *buf,
				size_t len, kfi_addr_t dest_addr,
				uint64_t addr, uint64_t key)
{
	return kfv_track_injected(ep, buf, len, 0, 0, addr, key);
}

static ssize_t kfv_track_injectdata(struct kfid_ep *ep, const void *buf,
				    size_t len, uint64_t data,
				    kfi_addr_t dest_addr, uint64_t addr,
				    uint64_t key)
{
	return kfv_track_injected(ep, buf, len, KFI_REMOTE_CQ_DATA, data, addr,
				  key);
}

struct kfi_ops_rma kfv_track_rma_ops __ro_after_init = {
	.write = kfv_track_buf,
	.writev = kfv_track_kvec,
	.writebv = kfv_track_bvec,
	.writesgl = kfv_track_sgl,
	.writemsg = kfv_track_msg,
	.writedata = kfv_track_data,
	.inject = kfv_track_inject,
	.injectdata = kfv_track_injectdata,
};

/**
 * kfv_track_init_ops - complete the table of RMA operations: reads are the same
 *	for all endpoints
 *
 * Context: module init, after kfv_rma_init_ops().
 */
void kfv_track_init_ops(void)
{
	kfi_ops_fill(&kfv_track_rma_ops, &kfv_rma_ops);
}
