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
 * queue busy, calls what everybody calls, under the lock. Addresses of peers mean
 * nothing to endpoints that are connected.
 *
 * Ordering: two sides may come at any time all the same. The completion handler
 * writes what it always writes, the tail. Who ends a connection closes the gate,
 * which a post that has not looked yet will see; kfv_queue_quiesce() waits for one
 * that has, before the queue pair is destroyed. A chain that waits for more is
 * given to the device by the next call, whose result says that the gate is closed,
 * or there.
 *
 * Errors: as for everybody. A client that breaks its promise has corrupted queues.
 */
#include "plain.h"

static ssize_t kfv_serial_read(struct kfid_ep *fid, void *buf, size_t len,
			       void *desc, kfi_addr_t src_addr, uint64_t addr,
			       uint64_t key, void *context)
{
	ssize_t rc;

	rc = kfv_plain_rma_call(kfv_ep(&fid->fid), IB_WR_RDMA_READ, buf, len,
				desc, addr, key, context, true);
	if (likely(rc <= 0))
		return rc;
	return kfv_rma_ops.read(fid, buf, len, desc, KFI_ADDR_UNSPEC, addr, key,
				context);
}

static ssize_t kfv_serial_readmsg(struct kfid_ep *fid,
				  const struct kfi_msg_rma *msg, uint64_t flags)
{
	ssize_t rc;

	rc = kfv_plain_rma_msg(kfv_ep(&fid->fid), IB_WR_RDMA_READ, msg, flags,
			       true);
	if (likely(rc <= 0))
		return rc;
	return kfv_rma_ops.readmsg(fid, msg, flags);
}

static ssize_t kfv_serial_write(struct kfid_ep *fid, const void *buf,
				size_t len, void *desc, kfi_addr_t dest_addr,
				uint64_t addr, uint64_t key, void *context)
{
	ssize_t rc;

	rc = kfv_plain_rma_call(kfv_ep(&fid->fid), IB_WR_RDMA_WRITE, buf, len,
				desc, addr, key, context, true);
	if (likely(rc <= 0))
		return rc;
	return kfv_rma_ops.write(fid, buf, len, desc, KFI_ADDR_UNSPEC, addr,
				 key, context);
}

static ssize_t kfv_serial_writemsg(struct kfid_ep *fid,
				   const struct kfi_msg_rma *msg,
				   uint64_t flags)
{
	ssize_t rc;

	rc = kfv_plain_rma_msg(kfv_ep(&fid->fid), IB_WR_RDMA_WRITE, msg, flags,
			       true);
	if (likely(rc <= 0))
		return rc;
	return kfv_rma_ops.writemsg(fid, msg, flags);
}

static ssize_t kfv_serial_inject_write(struct kfid_ep *fid, const void *buf,
				       size_t len, kfi_addr_t dest_addr,
				       uint64_t addr, uint64_t key)
{
	ssize_t rc;

	rc = kfv_plain_rma_inject(kfv_ep(&fid->fid), buf, len, addr, key, true);
	if (likely(rc <= 0))
		return rc;
	return kfv_rma_ops.inject(fid, buf, len, KFI_ADDR_UNSPEC, addr, key);
}

static ssize_t kfv_serial_send(struct kfid_ep *fid, const void *buf, size_t len,
			       void *desc, kfi_addr_t dest_addr, void *context)
{
	ssize_t rc;

	rc = kfv_plain_send_call(kfv_ep(&fid->fid), buf, len, desc, context,
				 true);
	if (likely(rc <= 0))
		return rc;
	return kfv_msg_ops.send(fid, buf, len, desc, KFI_ADDR_UNSPEC, context);
}

static ssize_t kfv_serial_sendmsg(struct kfid_ep *fid,
				  const struct kfi_msg *msg, uint64_t flags)
{
	ssize_t rc;

	rc = kfv_plain_send_msg(kfv_ep(&fid->fid), msg, flags, true);
	if (likely(rc <= 0))
		return rc;
	return kfv_msg_ops.sendmsg(fid, msg, flags);
}

static ssize_t kfv_serial_inject(struct kfid_ep *fid, const void *buf,
				 size_t len, kfi_addr_t dest_addr)
{
	ssize_t rc;

	rc = kfv_plain_send_inject(kfv_ep(&fid->fid), buf, len, true);
	if (likely(rc <= 0))
		return rc;
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

struct kfi_ops_rma kfv_serial_rma_ops __ro_after_init = {
	.read = kfv_serial_read,
	.readmsg = kfv_serial_readmsg,
	.write = kfv_serial_write,
	.writemsg = kfv_serial_writemsg,
	.inject = kfv_serial_inject_write,
};

struct kfi_ops_msg kfv_serial_msg_ops __ro_after_init = {
	.recv = kfv_serial_recv,
	.send = kfv_serial_send,
	.sendmsg = kfv_serial_sendmsg,
	.inject = kfv_serial_inject,
};

/**
 * kfv_serial_init_ops - complete the tables with what everybody calls
 *
 * Context: module init, after the tables of others.
 */
void kfv_serial_init_ops(void)
{
	kfi_ops_fill(&kfv_serial_rma_ops, &kfv_rma_ops);
	kfi_ops_fill(&kfv_serial_msg_ops, &kfv_msg_ops);
}
