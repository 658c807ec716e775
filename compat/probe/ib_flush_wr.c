// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* none yet, docs/upstream: RDMA/core: Add work requests for FLUSH and ATOMIC WRITE */
#include <rdma/ib_verbs.h>

static bool __maybe_unused probe(const struct ib_device *dev, struct ib_flush_wr *f,
				 struct ib_atomic_write_wr *a)
{
	return ib_can_post_flush(dev) && flush_wr(&f->wr)->level == IB_FLUSH_MR &&
	       atomic_write_wr(&a->wr)->value;
}
