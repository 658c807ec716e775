// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Sends, and the table of message operations. The client's buffers go into the
 * send queue of the queue pair: no copy unless it asks for one, no header.
 */
#include "persist.h"
#include "plain.h"

/* A message is in the peer's memory when such a device acknowledges it. */
static bool kfv_send_is_delivered(const struct kfv_ep *ep,
				  const struct kfv_op *op)
{
	return op->flags & KFI_DELIVERY_COMPLETE &&
	       ep->peer_decl.features & KFV_WIRE_F_PLACED;
}

static ssize_t kfv_send_try(struct kfv_ep *ep, struct kfv_op *op)
{
	int rc;

	op->comp = KFI_MSG | KFI_SEND;
	op->opcode = op->flags & KFI_REMOTE_CQ_DATA ? IB_WR_SEND_WITH_IMM :
						      IB_WR_SEND;
	rc = kfv_post_check(ep, &ep->sq, op, KFV_FLAGS_SEND, KFI_SEND);
	if (unlikely(rc == -EOPNOTSUPP && kfv_send_is_delivered(ep, op)))
		rc = kfv_post_check(ep, &ep->sq, op, KFV_FLAGS_SEND |
				    KFI_DELIVERY_COMPLETE, KFI_SEND);
	if (rc)
		return rc;
	return kfv_post_send(ep, op, 1);
}

static ssize_t kfv_send_post(struct kfv_ep *ep, struct kfv_op *op)
{
	return kfv_fast_end(ep, kfv_send_try(ep, op));
}

/* Flags of a call that has none of its own */
static u64 kfv_send_flags(const struct kfv_ep *ep)
{
	return ep->tx_flags & ~KFI_REMOTE_CQ_DATA &
	       (KFV_FLAGS_SEND | KFI_DELIVERY_COMPLETE);
}

static ssize_t kfv_send_list(struct kfid_ep *fid, enum kfv_buf_type type,
			     const void *list, void **desc, size_t count,
			     void *context)
{
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	u64 flags = kfv_send_flags(ep);
	struct kfv_op op = {
		.buf = kfv_buf_init(type, list, desc, count),
		.flags = flags,
		.context = context,
		.report = kfv_post_reports(ep, flags),
	};

	return kfv_send_post(ep, &op);
}

static noinline ssize_t kfv_send_buf_any(struct kfid_ep *ep, const void *buf,
					 size_t len, void *desc, void *context)
{
	const struct kvec iov = { .iov_base = (void *)buf, .iov_len = len };

	return kfv_send_list(ep, KFV_BUF_KVEC, &iov, &desc, 1, context);
}

static ssize_t kfv_send_buf(struct kfid_ep *fid, const void *buf, size_t len,
			    void *desc, kfi_addr_t dest_addr, void *context)
{
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	struct kfv_fast op = kfv_plain_send(buf, len, desc, context);
	ssize_t rc;

	rc = kfv_plain_post(ep, &op);
	if (likely(rc <= 0))
		return rc;
	return kfv_send_buf_any(fid, buf, len, desc, context);
}

static ssize_t kfv_send_kvec(struct kfid_ep *ep, const struct kvec *iov,
			     void **desc, size_t count, kfi_addr_t dest_addr,
			     void *context)
{
	return kfv_send_list(ep, KFV_BUF_KVEC, iov, desc, count, context);
}

static ssize_t kfv_send_bvec(struct kfid_ep *ep, const struct bio_vec *biov,
			     void **desc, size_t count, kfi_addr_t dest_addr,
			     void *context)
{
	return kfv_send_list(ep, KFV_BUF_BVEC, biov, desc, count, context);
}

static ssize_t kfv_send_sgl(struct kfid_ep *ep, const struct scatterlist *sgl,
			    void **desc, size_t count, kfi_addr_t dest_addr,
			    void *context)
{
	return kfv_send_list(ep, KFV_BUF_SGL, sgl, desc, count, context);
}

static noinline ssize_t kfv_send_any_msg(struct kfv_ep *ep,
					 const struct kfi_msg *msg, u64 flags)
{
	struct kfv_op op = {
		.buf = kfv_buf_init((enum kfv_buf_type)msg->type, msg->msg_iov,
				    msg->desc, msg->iov_count),
		.flags = flags,
		.context = msg->context,
		.data = msg->data,
		.report = kfv_post_reports(ep, flags),
	};

	return kfv_send_post(ep, &op);
}

static ssize_t kfv_send_msg(struct kfid_ep *fid, const struct kfi_msg *msg,
			    uint64_t flags)
{
	struct kfv_fast op = kfv_plain_send(NULL, 0, NULL, msg->context);
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	ssize_t rc;

	if (likely(kfv_plain_send_msg(&op, ep, msg, flags))) {
		rc = kfv_fast_post(ep, &op);
		if (likely(rc <= 0))
			return rc;
	}
	return kfv_send_any_msg(ep, msg, flags);
}

static ssize_t kfv_send_data(struct kfid_ep *fid, const void *buf, size_t len,
			     void *desc, uint64_t data, kfi_addr_t dest_addr,
			     void *context)
{
	const struct kvec iov = { .iov_base = (void *)buf, .iov_len = len };
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	u64 flags = kfv_send_flags(ep) | KFI_REMOTE_CQ_DATA;
	struct kfv_op op = {
		.buf = kfv_buf_init(KFV_BUF_KVEC, &iov, &desc, 1),
		.flags = flags,
		.context = context,
		.data = data,
		.report = kfv_post_reports(ep, flags),
	};

	return kfv_send_post(ep, &op);
}

/* An inject makes no entry when all goes well, whatever the endpoint's flags */
static noinline ssize_t kfv_send_injected(struct kfid_ep *fid, const void *buf,
					  size_t len, u64 flags, u64 data)
{
	const struct kvec iov = { .iov_base = (void *)buf, .iov_len = len };
	struct kfv_op op = {
		.buf = kfv_buf_init(KFV_BUF_KVEC, &iov, NULL, 1),
		.flags = flags | KFI_INJECT,
		.data = data,
	};

	return kfv_send_post(kfv_ep(&fid->fid), &op);
}

static ssize_t kfv_send_inject(struct kfid_ep *fid, const void *buf, size_t len,
			       kfi_addr_t dest_addr)
{
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	struct kfv_fast op = kfv_plain_send(buf, len, NULL, NULL);
	ssize_t rc;

	op.inlined = true;
	rc = kfv_fast_post(ep, &op);
	if (likely(rc <= 0))
		return rc;
	return kfv_send_injected(fid, buf, len, 0, 0);
}

static ssize_t kfv_send_injectdata(struct kfid_ep *ep, const void *buf,
				   size_t len, uint64_t data,
				   kfi_addr_t dest_addr)
{
	return kfv_send_injected(ep, buf, len, KFI_REMOTE_CQ_DATA, data);
}

struct kfi_ops_msg kfv_msg_ops __ro_after_init = {
	.recv = kfv_recv_buf,
	.recvv = kfv_recv_kvec,
	.recvbv = kfv_recv_bvec,
	.recvmsg = kfv_recv_msg,
	.send = kfv_send_buf,
	.sendv = kfv_send_kvec,
	.sendbv = kfv_send_bvec,
	.sendmsg = kfv_send_msg,
	.inject = kfv_send_inject,
	.senddata = kfv_send_data,
	.injectdata = kfv_send_injectdata,
	.recvsgl = kfv_recv_sgl,
	.sendsgl = kfv_send_sgl,
};

/**
 * kfv_send_init_ops - complete the table of message operations
 *
 * Context: module init.
 */
void kfv_send_init_ops(void)
{
	kfi_ops_fill(&kfv_msg_ops, &kfi_enosys_msg);
}
