/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Work requests for FLUSH and ATOMIC WRITE, as docs/upstream proposes them.
 *
 * A kernel without them may have a driver that was built against this header
 * (an rdma_rxe.ko with the patches of docs/upstream) or one that was not. They
 * are told apart by IBK_FLUSH_WR. The next free bit, which the patch takes, is
 * not ours to take here: a later kernel gives it another meaning. Sixteen bits
 * from the top with a value that nobody has by accident must all be there.
 */
#ifndef _COMPAT_IB_FLUSH_WR_IB_VERBS_H_
#define _COMPAT_IB_FLUSH_WR_IB_VERBS_H_

#include_next <rdma/ib_verbs.h>

#define IBK_FLUSH_WR	(0xf1c5ULL << 48)

struct ib_flush_wr {
	struct ib_send_wr	wr;
	u64			remote_addr;
	u32			length;
	u32			rkey;
	enum ib_placement_type	type;
	enum ib_selectivity_level level;
};

static inline const struct ib_flush_wr *flush_wr(const struct ib_send_wr *wr)
{
	return container_of(wr, struct ib_flush_wr, wr);
}

struct ib_atomic_write_wr {
	struct ib_send_wr	wr;
	u64			remote_addr;
	u64			value;
	u32			rkey;
};

static inline const struct ib_atomic_write_wr *
atomic_write_wr(const struct ib_send_wr *wr)
{
	return container_of(wr, struct ib_atomic_write_wr, wr);
}

/**
 * ib_can_post_flush - whether a ULP may post IB_WR_FLUSH and IB_WR_ATOMIC_WRITE
 * @dev: the device
 *
 * A driver that does not know struct ib_flush_wr may take the request all the
 * same and send what happens to be in its queue.
 *
 * Context: any.
 * Return: true if so.
 */
static inline bool ib_can_post_flush(const struct ib_device *dev)
{
	return (dev->attrs.kernel_cap_flags & IBK_FLUSH_WR) == IBK_FLUSH_WR;
}

#endif /* _COMPAT_IB_FLUSH_WR_IB_VERBS_H_ */
