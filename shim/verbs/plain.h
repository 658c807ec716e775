/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * kfi_verbs private: data calls that may be plain, see fast.h. Each answers
 * KFV_NOT_PLAIN if the call has to go the long way. Inlined with what the caller
 * knows: which operation it is, and whether it takes a lock.
 */
#ifndef _KFV_PLAIN_H
#define _KFV_PLAIN_H

#include "fast.h"

/* What is plain about a send, whoever calls it */
static __always_inline struct kfv_fast kfv_plain_send(void)
{
	return (struct kfv_fast) {
		.access = KFI_SEND,
		.opcode = IB_WR_SEND,
		.comp = KFI_MSG | KFI_SEND,
	};
}

/* Likewise about a read or write */
static __always_inline struct kfv_fast kfv_plain_rma(enum ib_wr_opcode opcode)
{
	bool reads = opcode == IB_WR_RDMA_READ;

	return (struct kfv_fast) {
		.access = reads ? KFI_READ : KFI_WRITE,
		.rdma = true,
		.opcode = opcode,
		.comp = KFI_RMA | (reads ? KFI_READ : KFI_WRITE),
	};
}

/* Of a call that names no flags */
static __always_inline ssize_t kfv_plain_post(struct kfv_ep *ep,
					      struct kfv_fast *op,
					      enum kfv_plain call, bool serial)
{
	/* what is common has code that knows it */
	if (likely(call == KFV_PLAIN_REPORT)) {
		op->report = true;
		return kfv_fast_post(ep, op, serial);
	}
	op->report = call & KFV_PLAIN_REPORT;
	op->more = call & KFV_PLAIN_MORE;
	op->inlined = call & KFV_PLAIN_INJECT && op->access != KFI_READ;
	return kfv_fast_post(ep, op, serial);
}

/* Of a call that names them */
static __always_inline ssize_t kfv_plain_post_flags(struct kfv_ep *ep,
						    struct kfv_fast *op,
						    u64 flags, bool serial)
{
	op->report = kfv_post_reports(ep, flags);
	op->more = flags & KFI_MORE;
	op->inlined = flags & KFI_INJECT;
	return kfv_fast_post(ep, op, serial);
}

static __always_inline ssize_t
kfv_plain_rma_call(struct kfv_ep *ep, enum ib_wr_opcode opcode, const void *buf,
		   size_t len, void *desc, u64 addr, u64 key, void *context,
		   bool serial)
{
	struct kfv_fast op = kfv_plain_rma(opcode);
	enum kfv_plain call = ep->plain_call;

	if (unlikely(!call))
		return KFV_NOT_PLAIN;
	kfv_fast_set_buf(&op, buf, len, desc, context);
	kfv_fast_set_remote(&op, addr, key);
	return kfv_plain_post(ep, &op, call, serial);
}

static __always_inline ssize_t kfv_plain_rma_msg(struct kfv_ep *ep,
						 enum ib_wr_opcode opcode,
						 const struct kfi_msg_rma *msg,
						 u64 flags, bool serial)
{
	const u64 plain = opcode == IB_WR_RDMA_READ ? KFV_FAST_FLAGS :
						      KFV_FAST_TX_FLAGS;
	struct kfv_fast op = kfv_plain_rma(opcode);

	if (!ep->plain || flags & ~plain || !kfv_fast_set_rma(&op, msg))
		return KFV_NOT_PLAIN;
	return kfv_plain_post_flags(ep, &op, flags, serial);
}

static __always_inline ssize_t kfv_plain_rma_inject(struct kfv_ep *ep,
						    const void *buf, size_t len,
						    u64 addr, u64 key,
						    bool serial)
{
	struct kfv_fast op = kfv_plain_rma(IB_WR_RDMA_WRITE);

	if (unlikely(!ep->plain))
		return KFV_NOT_PLAIN;
	kfv_fast_set_buf(&op, buf, len, NULL, NULL);
	kfv_fast_set_remote(&op, addr, key);
	op.inlined = true;
	return kfv_fast_post(ep, &op, serial);
}

static __always_inline ssize_t kfv_plain_send_call(struct kfv_ep *ep,
						   const void *buf, size_t len,
						   void *desc, void *context,
						   bool serial)
{
	struct kfv_fast op = kfv_plain_send();
	enum kfv_plain call = ep->plain_call;

	if (unlikely(!call))
		return KFV_NOT_PLAIN;
	kfv_fast_set_buf(&op, buf, len, desc, context);
	return kfv_plain_post(ep, &op, call, serial);
}

static __always_inline ssize_t kfv_plain_send_msg(struct kfv_ep *ep,
						  const struct kfi_msg *msg,
						  u64 flags, bool serial)
{
	struct kfv_fast op = kfv_plain_send();

	if (!ep->plain || flags & ~KFV_FAST_TX_FLAGS ||
	    !kfv_fast_set_kvec(&op, msg->type, msg->msg_iov, msg->desc,
			       msg->iov_count))
		return KFV_NOT_PLAIN;
	op.context = msg->context;
	return kfv_plain_post_flags(ep, &op, flags, serial);
}

static __always_inline ssize_t kfv_plain_send_inject(struct kfv_ep *ep,
						     const void *buf,
						     size_t len, bool serial)
{
	struct kfv_fast op = kfv_plain_send();

	if (unlikely(!ep->plain))
		return KFV_NOT_PLAIN;
	kfv_fast_set_buf(&op, buf, len, NULL, NULL);
	op.inlined = true;
	return kfv_fast_post(ep, &op, serial);
}

static __always_inline ssize_t kfv_plain_recv(struct kfv_ep *ep, void *buf,
					      size_t len, void *desc,
					      void *context, bool serial)
{
	const struct kfv_fast op = {
		.buf = buf,
		.len = len,
		.mr = desc,
		.access = KFI_RECV,
		.context = context,
		.comp = KFI_MSG | KFI_RECV,
		.report = !ep->rx_selective || ep->rx_flags & KFI_COMPLETION,
	};

	if (unlikely(!ep->plain))
		return KFV_NOT_PLAIN;
	return kfv_fast_recv(ep, &op, serial);
}

#endif /* _KFV_PLAIN_H */
