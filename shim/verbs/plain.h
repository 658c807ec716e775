/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * kfi_verbs private: data calls as operations that may be plain, see fast.h. Inlined
 * with what the caller knows.
 */
#ifndef _KFV_PLAIN_H
#define _KFV_PLAIN_H

#include "fast.h"

static __always_inline struct kfv_fast
kfv_plain_send(const void *buf, size_t len, const struct kfv_mr *mr,
	       void *context)
{
	return (struct kfv_fast) {
		.buf = buf,
		.len = len,
		.mr = mr,
		.access = KFI_SEND,
		.context = context,
		.opcode = IB_WR_SEND,
		.comp = KFI_MSG | KFI_SEND,
	};
}

static __always_inline struct kfv_fast
kfv_plain_rma(enum ib_wr_opcode opcode, const void *buf, size_t len,
	      const struct kfv_mr *mr, u64 addr, u64 key, void *context)
{
	bool reads = opcode == IB_WR_RDMA_READ;

	return (struct kfv_fast) {
		.buf = buf,
		.len = len,
		.mr = mr,
		.access = reads ? KFI_READ : KFI_WRITE,
		.rdma = true,
		.addr = addr,
		.key = key,
		.context = context,
		.opcode = opcode,
		.comp = KFI_RMA | (reads ? KFI_READ : KFI_WRITE),
	};
}

/* Of a call that names no flags: what its endpoint says it is */
static __always_inline void kfv_plain_set_call(struct kfv_fast *op,
					       enum kfv_plain call)
{
	op->report = call & KFV_PLAIN_REPORT;
	op->more = call & KFV_PLAIN_MORE;
	op->inlined = call & KFV_PLAIN_INJECT && op->access != KFI_READ;
}

/* Of a call that names them */
static __always_inline void kfv_plain_set_flags(struct kfv_fast *op,
						const struct kfv_ep *ep,
						u64 flags)
{
	op->report = kfv_post_reports(ep, flags);
	op->more = flags & KFI_MORE;
	op->inlined = flags & KFI_INJECT;
}

/* One range of kernel addresses */
static __always_inline bool kfv_plain_is_kvec(enum kfi_iov_type type,
					      const struct kvec *iov,
					      size_t count)
{
	return type == KFI_KVEC && count == 1 && iov;
}

static __always_inline void kfv_plain_set_buf(struct kfv_fast *op,
					      const struct kvec *iov,
					      void **desc)
{
	op->buf = iov->iov_base;
	op->len = iov->iov_len;
	op->mr = desc ? *desc : NULL;
}

/* Memory of a message; false if it is not plain */
static __always_inline bool kfv_plain_send_msg(struct kfv_fast *op,
					       const struct kfv_ep *ep,
					       const struct kfi_msg *msg,
					       u64 flags)
{
	if (flags & ~KFV_FAST_TX_FLAGS ||
	    !kfv_plain_is_kvec(msg->type, msg->msg_iov, msg->iov_count))
		return false;
	kfv_plain_set_buf(op, msg->msg_iov, msg->desc);
	kfv_plain_set_flags(op, ep, flags);
	return true;
}

/* Likewise; the remote side is one range as well, and as long */
static __always_inline bool kfv_plain_rma_msg(struct kfv_fast *op,
					      const struct kfv_ep *ep,
					      const struct kfi_msg_rma *msg,
					      u64 flags)
{
	const u64 plain = op->access == KFI_READ ? KFV_FAST_FLAGS :
						   KFV_FAST_TX_FLAGS;

	if (flags & ~plain ||
	    !kfv_plain_is_kvec(msg->type, msg->msg_iov, msg->iov_count) ||
	    msg->rma_iov_count != 1 || !msg->rma_iov ||
	    msg->rma_iov->len != msg->msg_iov->iov_len)
		return false;
	kfv_plain_set_buf(op, msg->msg_iov, msg->desc);
	op->addr = msg->rma_iov->addr;
	op->key = msg->rma_iov->key;
	kfv_plain_set_flags(op, ep, flags);
	return true;
}

/* A call that names no flags, for who takes the lock */
static __always_inline ssize_t kfv_plain_post(struct kfv_ep *ep,
					      struct kfv_fast *op)
{
	enum kfv_plain call = ep->plain_call;

	if (unlikely(!call))
		return KFV_NOT_PLAIN;
	/* what is common has code that knows it */
	if (likely(call == KFV_PLAIN_REPORT)) {
		kfv_plain_set_call(op, KFV_PLAIN_REPORT);
		return kfv_fast_post(ep, op);
	}
	kfv_plain_set_call(op, call);
	return kfv_fast_post(ep, op);
}

static __always_inline ssize_t kfv_plain_recv(struct kfv_ep *ep, void *buf,
					      size_t len,
					      const struct kfv_mr *mr,
					      void *context, bool serial)
{
	const struct kfv_fast op = {
		.buf = buf,
		.len = len,
		.mr = mr,
		.access = KFI_RECV,
		.context = context,
		.comp = KFI_MSG | KFI_RECV,
		.report = ep->recv_report,
	};

	return kfv_fast_recv(ep, &op, serial);
}

#endif /* _KFV_PLAIN_H */
