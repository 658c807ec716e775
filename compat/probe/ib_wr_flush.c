// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* 6.2, commit 208e3a134b50: RDMA: Extend RDMA kernel verbs ABI to support flush */
#include <rdma/ib_verbs.h>

static enum ib_wr_opcode __maybe_unused probe(u64 caps)
{
	return caps & IB_DEVICE_FLUSH_PERSISTENT ? IB_WR_FLUSH : IB_WR_ATOMIC_WRITE;
}
