// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Clients that make one call at a time
 *
 * Purpose: data calls without a lock, for endpoints of a domain whose client has
 * promised not to call one endpoint from two places at once: any level of
 * enum kfi_threading but KFI_THREAD_SAFE.
 *
 * Operation: plain operations (fast.h) are posted by who has made the queue busy, a
 * promise away from always succeeding at once. Everything else, and who finds the
 * queue busy, calls what everybody calls, under the lock. Calls that name no flags have
 * code for the three kinds of them that are most common, and an endpoint has the table
 * with the right one. Addresses of peers mean nothing to endpoints that are connected.
 *
 * Those that are silent and wait for more join a chain, if there is a window: places
 * for so many of them, from kfv_fast_open_window(). Whatever else is posted behind them
 * counts them first, and gives the places that are left back, or, when it ends the
 * chain, goes on with them.
 *
 * Ordering: two sides may come at any time all the same. The completion handler
 * writes what it always writes, the tail. Who ends a connection closes the gate,
 * which a post that has not looked yet will see; kfv_queue_quiesce() waits for one
 * that has, before the queue pair is destroyed. A window is a look into the future: who
 * joins does not see the gate until it is used up. A chain that waits for more is
 * given to the device by the next call, whose result says that the gate is closed,
 * or there; the operations in it fail.
 *
 * Errors: as for everybody. A client that breaks its promise has corrupted queues.
 */
#include "plain.h"

/*
 * Messages. Those that are reported and not injected have code that knows it.
 */

/* The queue stays busy if true. */
static __always_inline bool kfv_serial_build(struct kfv_ep *ep,
					     const struct kfv_fast *op,
					     struct kfv_fast_wr **fast)
{
	/* twice, and nothing is asked later */
	return op->report ? kfv_fast_build_serial(ep, op, true, fast) :
			    kfv_fast_build_serial(ep, op, false, fast);
}

/* Silent ones that wait for more have a shorter way. */
static __always_inline bool kfv_serial_joins(struct kfv_ep *ep,
					     const struct kfv_fast *op)
{
	return op->more && !op->report && !op->inlined &&
	       kfv_fast_join(ep, op, true);
}

static __always_inline bool kfv_serial_is_told(struct kfid_ep *fid, u64 flags)
{
	return kfv_post_reports(kfv_ep(&fid->fid), flags) &&
	       !(flags & KFI_INJECT);
}

static __always_inline ssize_t kfv_serial_rma_msg(struct kfid_ep *fid,
						  const struct kfi_msg_rma *msg,
						  u64 flags,
						  enum ib_wr_opcode opcode)
{
	return opcode == IB_WR_RDMA_READ ?
	       kfv_rma_ops.readmsg(fid, msg, flags) :
	       kfv_rma_ops.writemsg(fid, msg, flags);
}

static __always_inline ssize_t kfv_told_rma_msg(struct kfid_ep *fid,
						const struct kfi_msg_rma *msg,
						u64 flags,
						enum ib_wr_opcode opcode)
{
	struct kfv_fast op = kfv_plain_rma(opcode, NULL, 0, NULL, 0, 0,
					   msg->context);
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	struct kfv_fast_wr *fast;

	if (likely(kfv_plain_rma_msg(&op, ep, msg, flags))) {
		op.inlined = false;
		if (likely(kfv_fast_build_serial(ep, &op, true, &fast)))
			return kfv_fast_end_serial(ep, fast, &op);
	}
	return kfv_serial_rma_msg(fid, msg, flags, opcode);
}

static __always_inline ssize_t kfv_any_rma_msg(struct kfid_ep *fid,
					       const struct kfi_msg_rma *msg,
					       u64 flags,
					       enum ib_wr_opcode opcode)
{
	struct kfv_fast op = kfv_plain_rma(opcode, NULL, 0, NULL, 0, 0,
					   msg->context);
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	struct kfv_fast_wr *fast;

	if (likely(kfv_plain_rma_msg(&op, ep, msg, flags))) {
		if (kfv_serial_joins(ep, &op))
			return 0;
		if (likely(kfv_serial_build(ep, &op, &fast)))
			return kfv_fast_end_serial(ep, fast, &op);
	}
	return kfv_serial_rma_msg(fid, msg, flags, opcode);
}

static noinline ssize_t kfv_told_readmsg(struct kfid_ep *fid,
					 const struct kfi_msg_rma *msg,
					 uint64_t flags)
{
	return kfv_told_rma_msg(fid, msg, flags, IB_WR_RDMA_READ);
}

static noinline ssize_t kfv_any_readmsg(struct kfid_ep *fid,
					const struct kfi_msg_rma *msg,
					uint64_t flags)
{
	return kfv_any_rma_msg(fid, msg, flags, IB_WR_RDMA_READ);
}

static ssize_t kfv_serial_readmsg(struct kfid_ep *fid,
				  const struct kfi_msg_rma *msg, uint64_t flags)
{
	return kfv_serial_is_told(fid, flags) ?
	       kfv_told_readmsg(fid, msg, flags) :
	       kfv_any_readmsg(fid, msg, flags);
}

static noinline ssize_t kfv_told_writemsg(struct kfid_ep *fid,
					  const struct kfi_msg_rma *msg,
					  uint64_t flags)
{
	return kfv_told_rma_msg(fid, msg, flags, IB_WR_RDMA_WRITE);
}

static noinline ssize_t kfv_any_writemsg(struct kfid_ep *fid,
					 const struct kfi_msg_rma *msg,
					 uint64_t flags)
{
	return kfv_any_rma_msg(fid, msg, flags, IB_WR_RDMA_WRITE);
}

static ssize_t kfv_serial_writemsg(struct kfid_ep *fid,
				   const struct kfi_msg_rma *msg, uint64_t flags)
{
	return kfv_serial_is_told(fid, flags) ?
	       kfv_told_writemsg(fid, msg, flags) :
	       kfv_any_writemsg(fid, msg, flags);
}

static noinline ssize_t kfv_told_sendmsg(struct kfid_ep *fid,
					 const struct kfi_msg *msg,
					 uint64_t flags)
{
	struct kfv_fast op = kfv_plain_send(NULL, 0, NULL, msg->context);
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	struct kfv_fast_wr *fast;

	if (likely(kfv_plain_send_msg(&op, ep, msg, flags))) {
		op.inlined = false;
		if (likely(kfv_fast_build_serial(ep, &op, true, &fast)))
			return kfv_fast_end_serial(ep, fast, &op);
	}
	return kfv_msg_ops.sendmsg(fid, msg, flags);
}

static noinline ssize_t kfv_any_sendmsg(struct kfid_ep *fid,
					const struct kfi_msg *msg,
					uint64_t flags)
{
	struct kfv_fast op = kfv_plain_send(NULL, 0, NULL, msg->context);
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	struct kfv_fast_wr *fast;

	if (likely(kfv_plain_send_msg(&op, ep, msg, flags))) {
		if (kfv_serial_joins(ep, &op))
			return 0;
		if (likely(kfv_serial_build(ep, &op, &fast)))
			return kfv_fast_end_serial(ep, fast, &op);
	}
	return kfv_msg_ops.sendmsg(fid, msg, flags);
}

static ssize_t kfv_serial_sendmsg(struct kfid_ep *fid,
				  const struct kfi_msg *msg, uint64_t flags)
{
	return kfv_serial_is_told(fid, flags) ?
	       kfv_told_sendmsg(fid, msg, flags) :
	       kfv_any_sendmsg(fid, msg, flags);
}

static ssize_t kfv_serial_inject_write(struct kfid_ep *fid, const void *buf,
				       size_t len, kfi_addr_t dest_addr,
				       uint64_t addr, uint64_t key)
{
	struct kfv_fast op = kfv_plain_rma(IB_WR_RDMA_WRITE, buf, len, NULL,
					   addr, key, NULL);
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	struct kfv_fast_wr *fast;

	op.inlined = true;
	if (likely(kfv_fast_build_serial(ep, &op, false, &fast)))
		return kfv_fast_ring_serial(ep, fast);
	return kfv_rma_ops.inject(fid, buf, len, KFI_ADDR_UNSPEC, addr, key);
}

static ssize_t kfv_serial_inject(struct kfid_ep *fid, const void *buf,
				 size_t len, kfi_addr_t dest_addr)
{
	struct kfv_fast op = kfv_plain_send(buf, len, NULL, NULL);
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	struct kfv_fast_wr *fast;

	op.inlined = true;
	if (likely(kfv_fast_build_serial(ep, &op, false, &fast)))
		return kfv_fast_ring_serial(ep, fast);
	return kfv_msg_ops.inject(fid, buf, len, KFI_ADDR_UNSPEC);
}

static ssize_t kfv_serial_recv(struct kfid_ep *fid, void *buf, size_t len,
			       void *desc, kfi_addr_t src_addr, void *context)
{
	ssize_t rc;

	rc = kfv_plain_recv(kfv_ep(&fid->fid), buf, len, desc, context, true);
	if (likely(rc <= 0))
		return rc;
	return kfv_msg_ops.recv(fid, buf, len, desc, KFI_ADDR_UNSPEC, context);
}

/*
 * Calls without flags
 */

static bool kfv_serial_build_call(struct kfv_ep *ep, struct kfv_fast *op,
				  struct kfv_fast_wr **fast)
{
	if (!ep->plain_call)
		return false;
	kfv_plain_set_call(op, ep->plain_call);
	return kfv_serial_build(ep, op, fast);
}

static ssize_t kfv_serial_read(struct kfid_ep *fid, void *buf, size_t len,
			       void *desc, kfi_addr_t src_addr, uint64_t addr,
			       uint64_t key, void *context)
{
	struct kfv_fast op = kfv_plain_rma(IB_WR_RDMA_READ, buf, len, desc,
					   addr, key, context);
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	struct kfv_fast_wr *fast;

	if (likely(kfv_serial_build_call(ep, &op, &fast)))
		return kfv_fast_end_serial(ep, fast, &op);
	return kfv_rma_ops.read(fid, buf, len, desc, KFI_ADDR_UNSPEC, addr,
				 key, context);
}

static ssize_t kfv_serial_write(struct kfid_ep *fid, const void *buf, size_t len,
				void *desc, kfi_addr_t dest_addr, uint64_t addr,
				uint64_t key, void *context)
{
	struct kfv_fast op = kfv_plain_rma(IB_WR_RDMA_WRITE, buf, len, desc,
					   addr, key, context);
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	struct kfv_fast_wr *fast;

	if (likely(kfv_serial_build_call(ep, &op, &fast)))
		return kfv_fast_end_serial(ep, fast, &op);
	return kfv_rma_ops.write(fid, buf, len, desc, KFI_ADDR_UNSPEC, addr,
				 key, context);
}

static ssize_t kfv_serial_send(struct kfid_ep *fid, const void *buf, size_t len,
			       void *desc, kfi_addr_t dest_addr, void *context)
{
	struct kfv_fast op = kfv_plain_send(buf, len, desc, context);
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	struct kfv_fast_wr *fast;

	if (likely(kfv_serial_build_call(ep, &op, &fast)))
		return kfv_fast_end_serial(ep, fast, &op);
	return kfv_msg_ops.send(fid, buf, len, desc, KFI_ADDR_UNSPEC, context);
}

/*
 * Those that wait for nothing: reported, or silent
 */

static __always_inline ssize_t
kfv_alone_read(struct kfid_ep *fid, void *buf, size_t len, void *desc,
	       uint64_t addr, uint64_t key, void *context, bool report)
{
	const struct kfv_fast op = kfv_plain_rma(IB_WR_RDMA_READ, buf, len, desc,
						 addr, key, context);
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	struct kfv_fast_wr *fast;

	if (likely(kfv_fast_build_alone(ep, &op, report, &fast)))
		return kfv_fast_ring_alone(ep, fast);
	return kfv_serial_read(fid, buf, len, desc, KFI_ADDR_UNSPEC, addr,
			       key, context);
}

static __always_inline ssize_t
kfv_alone_write(struct kfid_ep *fid, const void *buf, size_t len, void *desc,
		uint64_t addr, uint64_t key, void *context, bool report)
{
	const struct kfv_fast op = kfv_plain_rma(IB_WR_RDMA_WRITE, buf, len,
						 desc, addr, key, context);
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	struct kfv_fast_wr *fast;

	if (likely(kfv_fast_build_alone(ep, &op, report, &fast)))
		return kfv_fast_ring_alone(ep, fast);
	return kfv_serial_write(fid, buf, len, desc, KFI_ADDR_UNSPEC, addr,
				key, context);
}

static __always_inline ssize_t
kfv_alone_send(struct kfid_ep *fid, const void *buf, size_t len, void *desc,
	       void *context, bool report)
{
	const struct kfv_fast op = kfv_plain_send(buf, len, desc, context);
	struct kfv_ep *ep = kfv_ep(&fid->fid);
	struct kfv_fast_wr *fast;

	if (likely(kfv_fast_build_alone(ep, &op, report, &fast)))
		return kfv_fast_ring_alone(ep, fast);
	return kfv_serial_send(fid, buf, len, desc, KFI_ADDR_UNSPEC, context);
}

static ssize_t kfv_told_read(struct kfid_ep *fid, void *buf, size_t len,
			     void *desc, kfi_addr_t src_addr, uint64_t addr,
			     uint64_t key, void *context)
{
	return kfv_alone_read(fid, buf, len, desc, addr, key, context, true);
}

static ssize_t kfv_told_write(struct kfid_ep *fid, const void *buf, size_t len,
			      void *desc, kfi_addr_t dest_addr, uint64_t addr,
			      uint64_t key, void *context)
{
	return kfv_alone_write(fid, buf, len, desc, addr, key, context, true);
}

static ssize_t kfv_told_send(struct kfid_ep *fid, const void *buf, size_t len,
			     void *desc, kfi_addr_t dest_addr, void *context)
{
	return kfv_alone_send(fid, buf, len, desc, context, true);
}

static ssize_t kfv_silent_read(struct kfid_ep *fid, void *buf, size_t len,
			       void *desc, kfi_addr_t src_addr, uint64_t addr,
			       uint64_t key, void *context)
{
	return kfv_alone_read(fid, buf, len, desc, addr, key, context, false);
}

static ssize_t kfv_silent_write(struct kfid_ep *fid, const void *buf, size_t len,
				void *desc, kfi_addr_t dest_addr, uint64_t addr,
				uint64_t key, void *context)
{
	return kfv_alone_write(fid, buf, len, desc, addr, key, context, false);
}

static ssize_t kfv_silent_send(struct kfid_ep *fid, const void *buf, size_t len,
			       void *desc, kfi_addr_t dest_addr, void *context)
{
	return kfv_alone_send(fid, buf, len, desc, context, false);
}

/*
 * Those that are silent, and wait for more: of the second one on, without a region
 */

static noinline ssize_t
kfv_chained_any_read(struct kfid_ep *fid, void *buf, size_t len, void *desc,
		     kfi_addr_t src_addr, uint64_t addr, uint64_t key,
		     void *context)
{
	const struct kfv_fast op = kfv_plain_rma(IB_WR_RDMA_READ, buf, len, desc,
						 addr, key, context);

	if (kfv_fast_join(kfv_ep(&fid->fid), &op, true))
		return 0;
	return kfv_serial_read(fid, buf, len, desc, KFI_ADDR_UNSPEC, addr, key,
			       context);
}

static ssize_t kfv_chained_read(struct kfid_ep *fid, void *buf, size_t len,
				void *desc, kfi_addr_t src_addr, uint64_t addr,
				uint64_t key, void *context)
{
	const struct kfv_fast op = kfv_plain_rma(IB_WR_RDMA_READ, buf, len, NULL,
						 addr, key, context);

	if (likely(!desc && kfv_fast_join(kfv_ep(&fid->fid), &op, false)))
		return 0;
	return kfv_chained_any_read(fid, buf, len, desc, KFI_ADDR_UNSPEC, addr,
				    key, context);
}

static noinline ssize_t
kfv_chained_any_write(struct kfid_ep *fid, const void *buf, size_t len,
		      void *desc, kfi_addr_t dest_addr, uint64_t addr,
		      uint64_t key, void *context)
{
	const struct kfv_fast op = kfv_plain_rma(IB_WR_RDMA_WRITE, buf, len,
						 desc, addr, key, context);

	if (kfv_fast_join(kfv_ep(&fid->fid), &op, true))
		return 0;
	return kfv_serial_write(fid, buf, len, desc, KFI_ADDR_UNSPEC, addr, key,
				context);
}

static ssize_t kfv_chained_write(struct kfid_ep *fid, const void *buf,
				 size_t len, void *desc, kfi_addr_t dest_addr,
				 uint64_t addr, uint64_t key, void *context)
{
	const struct kfv_fast op = kfv_plain_rma(IB_WR_RDMA_WRITE, buf, len,
						 NULL, addr, key, context);

	if (likely(!desc && kfv_fast_join(kfv_ep(&fid->fid), &op, false)))
		return 0;
	return kfv_chained_any_write(fid, buf, len, desc, KFI_ADDR_UNSPEC, addr,
				     key, context);
}

static noinline ssize_t kfv_chained_any_send(struct kfid_ep *fid,
					     const void *buf, size_t len,
					     void *desc, kfi_addr_t dest_addr,
					     void *context)
{
	const struct kfv_fast op = kfv_plain_send(buf, len, desc, context);

	if (kfv_fast_join(kfv_ep(&fid->fid), &op, true))
		return 0;
	return kfv_serial_send(fid, buf, len, desc, KFI_ADDR_UNSPEC, context);
}

static ssize_t kfv_chained_send(struct kfid_ep *fid, const void *buf, size_t len,
				void *desc, kfi_addr_t dest_addr, void *context)
{
	const struct kfv_fast op = kfv_plain_send(buf, len, NULL, context);

	if (likely(!desc && kfv_fast_join(kfv_ep(&fid->fid), &op, false)))
		return 0;
	return kfv_chained_any_send(fid, buf, len, desc, KFI_ADDR_UNSPEC,
				    context);
}

static struct kfi_ops_rma kfv_serial_rma_ops __ro_after_init = {
	.read = kfv_serial_read,
	.write = kfv_serial_write,
	.readmsg = kfv_serial_readmsg,
	.writemsg = kfv_serial_writemsg,
	.inject = kfv_serial_inject_write,
};

static struct kfi_ops_rma kfv_told_rma_ops __ro_after_init = {
	.read = kfv_told_read,
	.write = kfv_told_write,
};

static struct kfi_ops_rma kfv_silent_rma_ops __ro_after_init = {
	.read = kfv_silent_read,
	.write = kfv_silent_write,
};

static struct kfi_ops_rma kfv_chained_rma_ops __ro_after_init = {
	.read = kfv_chained_read,
	.write = kfv_chained_write,
};

static struct kfi_ops_msg kfv_serial_msg_ops __ro_after_init = {
	.recv = kfv_serial_recv,
	.send = kfv_serial_send,
	.sendmsg = kfv_serial_sendmsg,
	.inject = kfv_serial_inject,
};

static struct kfi_ops_msg kfv_told_msg_ops __ro_after_init = {
	.send = kfv_told_send,
};

static struct kfi_ops_msg kfv_silent_msg_ops __ro_after_init = {
	.send = kfv_silent_send,
};

static struct kfi_ops_msg kfv_chained_msg_ops __ro_after_init = {
	.send = kfv_chained_send,
};

/**
 * kfv_serial_set_ops - choose data calls by what those are that name no flags
 * @ep: endpoint that may have plain operations
 *
 * Context: any; the client makes no data call meanwhile.
 */
void kfv_serial_set_ops(struct kfv_ep *ep)
{
	switch ((int)ep->plain_call) {
	case KFV_PLAIN_REPORT:
		ep->ep.rma = &kfv_told_rma_ops;
		ep->ep.msg = &kfv_told_msg_ops;
		break;
	case KFV_PLAIN_SILENT:
		ep->ep.rma = &kfv_silent_rma_ops;
		ep->ep.msg = &kfv_silent_msg_ops;
		break;
	case KFV_PLAIN_CHAINED:
		ep->ep.rma = &kfv_chained_rma_ops;
		ep->ep.msg = &kfv_chained_msg_ops;
		break;
	default:
		ep->ep.rma = &kfv_serial_rma_ops;
		ep->ep.msg = &kfv_serial_msg_ops;
	}
}

/**
 * kfv_serial_init_ops - complete the tables with what everybody calls
 *
 * Context: module init, after the tables of others.
 */
void kfv_serial_init_ops(void)
{
	kfi_ops_fill(&kfv_serial_rma_ops, &kfv_rma_ops);
	kfi_ops_fill(&kfv_told_rma_ops, &kfv_serial_rma_ops);
	kfi_ops_fill(&kfv_silent_rma_ops, &kfv_serial_rma_ops);
	kfi_ops_fill(&kfv_chained_rma_ops, &kfv_serial_rma_ops);
	kfi_ops_fill(&kfv_serial_msg_ops, &kfv_msg_ops);
	kfi_ops_fill(&kfv_told_msg_ops, &kfv_serial_msg_ops);
	kfi_ops_fill(&kfv_silent_msg_ops, &kfv_serial_msg_ops);
	kfi_ops_fill(&kfv_chained_msg_ops, &kfv_serial_msg_ops);
}
