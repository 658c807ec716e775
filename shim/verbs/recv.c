// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Receives. The client's buffers go into the receive queue of the queue pair,
 * in the order in which they are posted.
 */
#include "plain.h"

static ssize_t kfv_recv_post(struct kfv_ep *ep, struct kfv_op *op)
{
	int rc;

	op->comp = KFI_MSG | KFI_RECV;
	op->report = !ep->rx_selective || op->flags & KFI_COMPLETION;
	rc = kfv_post_check(ep, &ep->rq, op, KFV_FLAGS_RECV, KFI_RECV);
	if (rc)
		return rc;
	return kfv_post_recv(ep, op);
}

/* A receive with the flags that the endpoint has for those without any */
static ssize_t kfv_recv_list(struct kfid_ep *fid, enum kfv_buf_type type,
			     const void *list, void **desc, size_t count,
			     void *context)
{
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	struct kfv_op op = {
		.buf = kfv_buf_init(type, list, desc, count),
		.flags = ep->rx_flags & KFV_FLAGS_RECV,
		.context = context,
	};

	return kfv_recv_post(ep, &op);
}

static noinline ssize_t kfv_recv_any(struct kfid_ep *ep, void *buf, size_t len,
				     void *desc, void *context)
{
	const struct kvec iov = { .iov_base = buf, .iov_len = len };

	return kfv_recv_list(ep, KFV_BUF_KVEC, &iov, &desc, 1, context);
}

/**
 * kfv_recv_buf - see kfi_recv()
 * @ep: endpoint
 * @buf: where the message goes
 * @len: bytes
 * @desc: descriptor of the region that @buf is in, or NULL
 * @src_addr: ignored
 * @context: the client's
 *
 * Context: any.
 * Return: as kfv_post_check() and kfv_post_recv().
 */
ssize_t kfv_recv_buf(struct kfid_ep *ep, void *buf, size_t len, void *desc,
		     kfi_addr_t src_addr, void *context)
{
	ssize_t rc;

	rc = kfv_plain_recv(kfv_ep(&ep->fid), buf, len, desc, context, false);
	if (likely(rc <= 0))
		return rc;
	return kfv_recv_any(ep, buf, len, desc, context);
}

/**
 * kfv_recv_kvec - see kfi_recvv()
 * @ep: endpoint
 * @iov: where the message goes
 * @desc: descriptors, or NULL
 * @count: elements
 * @src_addr: ignored
 * @context: the client's
 *
 * Context: any.
 * Return: as kfv_recv_buf().
 */
ssize_t kfv_recv_kvec(struct kfid_ep *ep, const struct kvec *iov, void **desc,
		      size_t count, kfi_addr_t src_addr, void *context)
{
	return kfv_recv_list(ep, KFV_BUF_KVEC, iov, desc, count, context);
}

/**
 * kfv_recv_bvec - see kfi_recvbv()
 * @ep: endpoint
 * @biov: where the message goes
 * @desc: descriptors, or NULL
 * @count: elements
 * @src_addr: ignored
 * @context: the client's
 *
 * Context: any.
 * Return: as kfv_recv_buf().
 */
ssize_t kfv_recv_bvec(struct kfid_ep *ep, const struct bio_vec *biov,
		      void **desc, size_t count, kfi_addr_t src_addr,
		      void *context)
{
	return kfv_recv_list(ep, KFV_BUF_BVEC, biov, desc, count, context);
}

/**
 * kfv_recv_sgl - see kfi_recvsgl()
 * @ep: endpoint
 * @sgl: where the message goes, not mapped
 * @desc: descriptors, or NULL
 * @count: elements
 * @src_addr: ignored
 * @context: the client's
 *
 * Context: any.
 * Return: as kfv_recv_buf().
 */
ssize_t kfv_recv_sgl(struct kfid_ep *ep, const struct scatterlist *sgl,
		     void **desc, size_t count, kfi_addr_t src_addr,
		     void *context)
{
	return kfv_recv_list(ep, KFV_BUF_SGL, sgl, desc, count, context);
}

/**
 * kfv_recv_msg - see kfi_recvmsg()
 * @fid: endpoint
 * @msg: where the message goes
 * @flags: KFI_COMPLETION, KFI_MORE
 *
 * Context: any.
 * Return: as kfv_recv_buf().
 */
ssize_t kfv_recv_msg(struct kfid_ep *fid, const struct kfi_msg *msg,
		     uint64_t flags)
{
	struct kfv_op op = {
		.buf = kfv_buf_init((enum kfv_buf_type)msg->type, msg->msg_iov,
				    msg->desc, msg->iov_count),
		.flags = flags,
		.context = msg->context,
	};

	return kfv_recv_post(kfv_ep(&fid->fid), &op);
}
