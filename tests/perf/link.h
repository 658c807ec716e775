/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Part of kfi_perf.ko: two endpoints of kfabric that are connected to each other.
 */
#ifndef _KFI_PERF_LINK_H_
#define _KFI_PERF_LINK_H_

#include <kfi_cm.h>
#include <kfi_domain.h>
#include <kfi_endpoint.h>
#include <kfi_eq.h>
#include <kfi_errno.h>
#include <kfi_rma.h>

/**
 * struct kfp_link - a connection
 * @perf: the command
 * @caps: KFI_RMA_PMEM or 0
 * @flags: KFP_LINK_xxx
 * @info: what the endpoints are made from
 * @fabric: of both
 * @eq: events of both
 * @domain: of both
 * @cq: completions of @ep
 * @peer_cq: of @peer
 * @pep: where @ep connects to
 * @ep: writes
 * @peer: is written to
 * @mr: a region for each kind of memory
 * @key: its key
 */
struct kfp_link {
	struct kfp *perf;
	u64 caps;
	u32 flags;
	struct kfi_info *info;
	struct kfid_fabric *fabric;
	struct kfid_eq *eq;
	struct kfid_domain *domain;
	struct kfid_cq *cq;
	struct kfid_cq *peer_cq;
	struct kfid_pep *pep;
	struct kfid_ep *ep;
	struct kfid_ep *peer;
	struct kfid_mr *mr[KFP_TO_DRAM + 1];
	u64 key[KFP_TO_DRAM + 1];
};

#endif /* _KFI_PERF_LINK_H_ */
