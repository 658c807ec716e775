// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Translations
 *
 * Purpose: the enumerations and words of kernel verbs in terms of kfabric and
 * the other way around, as tables.
 *
 * Operation: pure functions. Values come from devices and peers, so every
 * index is checked before the look-up; what no table knows is EIO.
 *
 * A memory key travels as one 64-bit number: the rkey in bits 0 to 31, what the
 * region is good for (KFV_KEY_xxx) in bits 32 to 34, and the offset of the
 * region's first byte in its page in bits 48 to 63. The region starts at that
 * offset as the device sees it, so that no kernel address ever leaves the node,
 * and the initiator adds it to the client's offset. All other bits are zero;
 * keys with any of them set cannot be ours and are refused.
 */
#include <linux/array_size.h>
#include <linux/bits.h>

#include <kunit/visibility.h>

#include "verbs.h"

#define KFV_XLATE_LOCAL_ACCESS	(KFI_SEND | KFI_RECV | KFI_READ | KFI_WRITE)
#define KFV_XLATE_ACCESS	(KFV_XLATE_LOCAL_ACCESS | KFI_REMOTE_READ | \
				 KFI_REMOTE_WRITE)

static const int kfv_xlate_statuses[] = {
	[IB_WC_SUCCESS]			= 0,
	[IB_WC_LOC_LEN_ERR]		= EMSGSIZE,
	[IB_WC_LOC_QP_OP_ERR]		= EIO,
	[IB_WC_LOC_EEC_OP_ERR]		= EIO,
	[IB_WC_LOC_PROT_ERR]		= EFAULT,
	[IB_WC_WR_FLUSH_ERR]		= ECANCELED,
	[IB_WC_MW_BIND_ERR]		= EIO,
	[IB_WC_BAD_RESP_ERR]		= EIO,
	[IB_WC_LOC_ACCESS_ERR]		= EACCES,
	[IB_WC_REM_INV_REQ_ERR]		= EREMOTEIO,
	[IB_WC_REM_ACCESS_ERR]		= EACCES,
	[IB_WC_REM_OP_ERR]		= EREMOTEIO,
	[IB_WC_RETRY_EXC_ERR]		= EHOSTUNREACH,
	[IB_WC_RNR_RETRY_EXC_ERR]	= EREMOTEIO,
	[IB_WC_LOC_RDD_VIOL_ERR]	= EIO,
	[IB_WC_REM_INV_RD_REQ_ERR]	= EIO,
	[IB_WC_REM_ABORT_ERR]		= EIO,
	[IB_WC_INV_EECN_ERR]		= EIO,
	[IB_WC_INV_EEC_STATE_ERR]	= EIO,
	[IB_WC_FATAL_ERR]		= EIO,
	[IB_WC_RESP_TIMEOUT_ERR]	= EIO,
	[IB_WC_GENERAL_ERR]		= EIO,
};

/**
 * kfv_xlate_status - what went wrong with a work request
 * @status: of its completion
 *
 * Context: Any.
 * Return: 0 or a positive errno.
 */
int kfv_xlate_status(enum ib_wc_status status)
{
	size_t i = status;

	return i < ARRAY_SIZE(kfv_xlate_statuses) ? kfv_xlate_statuses[i] : EIO;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_xlate_status);

/**
 * kfv_xlate_access - access rights of a memory region
 * @access: KFI_SEND, KFI_RECV, KFI_READ, KFI_WRITE, KFI_REMOTE_READ and
 *	KFI_REMOTE_WRITE
 * @flush: peers may flush it with RDMA FLUSH
 *
 * Context: Any.
 * Return: IB_ACCESS_xxx bits, possibly none (a region that is only sent from);
 * -EINVAL without any access or with unknown bits.
 */
int kfv_xlate_access(u64 access, bool flush)
{
	int ib = 0;

	if (!access || access & ~KFV_XLATE_ACCESS)
		return -EINVAL;
	if (access & (KFI_RECV | KFI_READ))
		ib |= IB_ACCESS_LOCAL_WRITE;
	if (access & KFI_REMOTE_READ)
		ib |= IB_ACCESS_REMOTE_READ;
	/* a device writes for a peer only where it may write itself */
	if (access & KFI_REMOTE_WRITE)
		ib |= IB_ACCESS_REMOTE_WRITE | IB_ACCESS_LOCAL_WRITE;
	if (flush)
		ib |= IB_ACCESS_FLUSH_GLOBAL | IB_ACCESS_FLUSH_PERSISTENT;
	return ib;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_xlate_access);

static const int kfv_xlate_cm_errors[] = {
	[RDMA_CM_EVENT_ADDR_ERROR]	= EHOSTUNREACH,
	[RDMA_CM_EVENT_ROUTE_ERROR]	= EHOSTUNREACH,
	[RDMA_CM_EVENT_CONNECT_ERROR]	= EIO,
	[RDMA_CM_EVENT_UNREACHABLE]	= EHOSTUNREACH,
	[RDMA_CM_EVENT_REJECTED]	= ECONNREFUSED,
};

/**
 * kfv_xlate_cm_error - why a connection attempt ended
 * @event: of the connection manager, one that ends an attempt
 *
 * Context: Any.
 * Return: A positive errno.
 */
int kfv_xlate_cm_error(const struct rdma_cm_event *event)
{
	size_t i = event->event;
	int err = 0;

	if (i < ARRAY_SIZE(kfv_xlate_cm_errors))
		err = kfv_xlate_cm_errors[i];
	return err ?: EIO;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_xlate_cm_error);

/**
 * kfv_xlate_make_key - the key that a peer is given
 * @rkey: the device's
 * @page_offset: of the region's first byte
 *
 * Context: Any.
 * Return: The key.
 */
u64 kfv_xlate_make_key(u32 rkey, u32 page_offset)
{
	return (u64)page_offset << KFV_KEY_OFFSET_SHIFT | rkey;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_xlate_make_key);

/**
 * kfv_xlate_split_key - look into a key that came from a peer
 * @key: the key
 * @rkey: where to put the peer's rkey
 * @page_offset: where to put the address of the region's first byte, as the
 *	peer's device knows it
 *
 * Context: Any.
 * Return: 0; -EKEYREJECTED if no provider like us can have made @key.
 */
int kfv_xlate_split_key(u64 key, u32 *rkey, u32 *page_offset)
{
	if (key & ~KFV_KEY_KNOWN)
		return -EKEYREJECTED;
	*rkey = lower_32_bits(key);
	*page_offset = key >> KFV_KEY_OFFSET_SHIFT;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_xlate_split_key);
