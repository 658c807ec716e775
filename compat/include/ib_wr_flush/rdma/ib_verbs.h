/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The names for RDMA FLUSH and ATOMIC WRITE, with the values that IBA and the
 * user ABI give them. No device of such a kernel has the capabilities.
 */
#ifndef _COMPAT_IB_WR_FLUSH_IB_VERBS_H_
#define _COMPAT_IB_WR_FLUSH_IB_VERBS_H_

#include_next <rdma/ib_verbs.h>

enum ib_placement_type {
	IB_FLUSH_GLOBAL = 1U << 0,
	IB_FLUSH_PERSISTENT = 1U << 1,
};

enum ib_selectivity_level {
	IB_FLUSH_RANGE = 0,
	IB_FLUSH_MR,
};

#define IB_DEVICE_FLUSH_GLOBAL		BIT_ULL(38)
#define IB_DEVICE_FLUSH_PERSISTENT	BIT_ULL(39)
#define IB_DEVICE_ATOMIC_WRITE		BIT_ULL(40)

#define IB_WC_FLUSH			((enum ib_wc_opcode)8)
#define IB_WC_ATOMIC_WRITE		((enum ib_wc_opcode)9)

#define IB_WR_FLUSH			((enum ib_wr_opcode)14)
#define IB_WR_ATOMIC_WRITE		((enum ib_wr_opcode)15)

#define IB_ACCESS_FLUSH_GLOBAL		BIT(8)
#define IB_ACCESS_FLUSH_PERSISTENT	BIT(9)

#endif /* _COMPAT_IB_WR_FLUSH_IB_VERBS_H_ */
