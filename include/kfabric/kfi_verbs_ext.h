/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef _KFI_VERBS_EXT_H_
#define _KFI_VERBS_EXT_H_

/**
 * DOC: What the verbs provider tells beyond the common interface
 *
 * How an endpoint makes sure that a write is durable, or visible, at its peer.
 * The answer is worth knowing to who measures and to who wonders; clients that
 * only want their data safe need not ask.
 */

#include <linux/types.h>

struct kfid;

/* Name of struct kfi_verbs_ep_ops for kfi_open_ops() on an endpoint */
#define KFI_VERBS_EP_OPS_1 "verbs_ep_ops_v1"

/**
 * enum kfi_verbs_method - How a completion level is reached
 * @KFI_VERBS_NONE: It is not: operations that ask for it fail with -EOPNOTSUPP.
 * @KFI_VERBS_ACK: The peer's device acknowledges when it is.
 * @KFI_VERBS_FLUSH: By RDMA FLUSH, behind the write in the same post.
 * @KFI_VERBS_READ: By an RDMA READ behind the write.
 * @KFI_VERBS_RESPONDER: By a CPU of the peer, which is asked to.
 */
enum kfi_verbs_method {
	KFI_VERBS_NONE,
	KFI_VERBS_ACK,
	KFI_VERBS_FLUSH,
	KFI_VERBS_READ,
	KFI_VERBS_RESPONDER,
};

/**
 * struct kfi_verbs_persistence - What an endpoint does for its writes
 * @commit: For %KFI_COMMIT_COMPLETE. A region that this does not work on, such
 *	as one of legacy persistent memory for %KFI_VERBS_FLUSH, is committed by
 *	the peer's CPU instead.
 * @delivery: For %KFI_DELIVERY_COMPLETE.
 * @why: Why @commit is what it is, a constant string.
 */
struct kfi_verbs_persistence {
	enum kfi_verbs_method commit;
	enum kfi_verbs_method delivery;
	const char *why;
};

/**
 * struct kfi_verbs_ep_ops - More operations of an endpoint
 * @get_persistence: Where to put what was agreed upon when the endpoint was
 *	connected. Any context. Returns 0, or -ENOTCONN before.
 */
struct kfi_verbs_ep_ops {
	int	(*get_persistence)(struct kfid *fid,
				   struct kfi_verbs_persistence *persistence);
};

#endif /* _KFI_VERBS_EXT_H_ */
