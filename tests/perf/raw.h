/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Part of kfi_perf.ko: two queue pairs of kernel verbs that are connected to each
 * other.
 */
#ifndef _KFI_PERF_RAW_H_
#define _KFI_PERF_RAW_H_

#include <linux/scatterlist.h>
#include <rdma/ib_verbs.h>

struct kfp;
struct kfp_raw;

enum {
	KFP_RAW_RECVS = 8,	/* receives that are posted on either side */
	KFP_RAW_SIGNAL = 16,	/* messages for one completion of their own */
};

/**
 * struct kfp_raw_ask - which bytes the other side is to write back
 * @offset: of the first
 * @len: how many
 */
struct kfp_raw_ask {
	u32 offset;
	u32 len;
};

/**
 * struct kfp_raw_recv - a receive
 * @cqe: its completion
 * @side: whose it is
 * @sge: where its data goes
 * @ask: the same
 */
struct kfp_raw_recv {
	struct ib_cqe cqe;
	struct kfp_raw_side *side;
	struct ib_sge sge;
	struct kfp_raw_ask ask;
};

/**
 * struct kfp_raw_side - one of the two
 * @raw: both
 * @cq: completions
 * @qp: queue pair
 * @recvs: receives
 * @sends: messages sent
 */
struct kfp_raw_side {
	struct kfp_raw *raw;
	struct ib_cq *cq;
	struct ib_qp *qp;
	struct kfp_raw_recv recvs[KFP_RAW_RECVS];
	u32 sends;
};

/**
 * struct kfp_raw - a connected pair
 * @perf: the command
 * @dev: the device, with a reference
 * @pd: of both
 * @a: writes
 * @b: is written to
 * @mr: region over perf.pmem
 * @sg: its pages
 * @iova: address of its first byte
 * @src: source of the data, for the device
 * @wrs: requests of a batch
 * @sges: their data
 * @cqe: completion that the waiting side waits for
 * @sent: completion of messages, for which nobody waits
 * @done: it has come; after @status
 * @status: with what
 */
struct kfp_raw {
	struct kfp *perf;
	struct ib_device *dev;
	struct ib_pd *pd;
	struct kfp_raw_side a;
	struct kfp_raw_side b;
	struct ib_mr *mr;
	struct scatterlist sg;
	u64 iova;
	u64 src;
	struct ib_rdma_wr *wrs;
	struct ib_sge *sges;

	struct ib_cqe cqe;
	struct ib_cqe sent;
	bool done;
	enum ib_wc_status status;
};

void kfp_raw_finish(struct kfp_raw *raw, enum ib_wc_status status);
int kfp_raw_poll_direct(struct kfp *perf);
int kfp_raw_poll(struct kfp *perf);
int kfp_raw_post_recv(struct kfp_raw_recv *recv);
void kfp_raw_recv_done(struct ib_cq *cq, struct ib_wc *wc);

#endif /* _KFI_PERF_RAW_H_ */
