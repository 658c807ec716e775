/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef _KFI_CXI_EXT_H_
#define _KFI_CXI_EXT_H_

/**
 * DOC: Types of the CXI provider that clients know by name
 *
 * Clients of kfabric include this header and use its address type, whatever
 * device they run on. So it exists here too, and &kcxi_addr.nic is wide enough
 * for an IPv4 address.
 */

#include <linux/build_bug.h>
#include <linux/types.h>

struct device;
struct kfid;

/* Name of struct kfi_cxi_fabric_ops for kfi_open_ops() on a fabric */
#define KFI_CXI_FAB_OPS_1 "cxi_fab_ops_v1"

/**
 * struct kfi_cxi_fabric_ops - More operations of a fabric
 * @enable_dynamic_rsrc_alloc: True: domains opened from now on reserve what
 *	their &struct kfi_domain_attr says. False: they reserve the provider's
 *	defaults. Process context. Returns 0 or negative errno.
 */
struct kfi_cxi_fabric_ops {
	int	(*enable_dynamic_rsrc_alloc)(struct kfid *fid, bool enable);
};

/* Name of struct kfi_cxi_domain_ops for kfi_open_ops() on a domain */
#define KFI_CXI_DOM_OPS_1 "cxi_dom_ops_v1"

/**
 * struct kfi_cxi_domain_ops - More operations of a domain
 * @get_device: Where to put the device that does the domain's DMA. Process
 *	context. Returns 0 or negative errno.
 */
struct kfi_cxi_domain_ops {
	int	(*get_device)(struct kfid *fid, struct device **device);
};

/**
 * struct kcxi_addr - Address of format %KFI_ADDR_CXI, 8 bytes
 * @pid: Port on the node.
 * @nic: Node: a NIC number, or an IPv4 address in host byte order.
 * @flags: The provider's.
 * @qw: All of it.
 */
struct kcxi_addr {
	union {
		struct {
			uint64_t pid:12;
			uint64_t nic:32;
			uint64_t flags:10;
		};
		uint64_t qw;
	};
};

static_assert(sizeof(struct kcxi_addr) == 8);

#endif /* _KFI_CXI_EXT_H_ */
