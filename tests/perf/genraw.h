/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Part of kfi_perf.ko: the load generator's back end of kernel verbs.
 */
#ifndef _KFI_PERF_GENRAW_H_
#define _KFI_PERF_GENRAW_H_

#include <linux/scatterlist.h>
#include <linux/wait.h>
#include <rdma/ib_verbs.h>
#include <rdma/rdma_cm.h>

#include "gen.h"

enum {
	KFP_GENRAW_CQ = 4096,		/* of a server that does not know its clients */
	KFP_GENRAW_POLL = 32,		/* completions that are taken at once */
	KFP_GENRAW_READS = 16,		/* outstanding at the peer */
};

/**
 * struct kfp_genraw_conn - an end of a connection
 * @conn: what all have
 * @id: with the queue pair
 * @sent: completion of operations
 * @came: completion of receives
 * @recvs: receives posted
 * @state: 0 while it is being connected, then 1 or a negative errno
 */
struct kfp_genraw_conn {
	struct kfp_conn conn;
	struct rdma_cm_id *id;
	struct ib_cqe sent;
	struct ib_cqe came;
	u64 recvs;
	int state;
};

/**
 * struct kfp_genraw_mr - a region
 * @mr: the region
 * @sg: its memory
 * @mapped: for the device
 * @access: what the peer may do
 */
struct kfp_genraw_mr {
	struct ib_mr *mr;
	struct scatterlist sg;
	bool mapped;
	u32 access;
};

/**
 * struct kfp_genraw - a side
 * @side: what all have
 * @lead: its id listens, or has found the device
 * @dev: the device
 * @pd: of all connections
 * @cq: likewise
 * @in: the buffer that is received into, for the device
 * @out: the one that is sent from
 * @mr_in: for the peer to write to
 * @mr_out: for the peer to read
 * @spare: registered and invalidated again and again
 * @registered: the peer can use @mr_in and @mr_out
 * @other: completion of requests that are no operations
 * @others: how many have come
 * @wait: for a request, or a connection
 * @request: server: who wants to connect
 * @hello: private data of that, or of the answer
 * @hello_len: bytes of it
 * @wrs: requests of a batch
 * @sges: their data
 * @wcs: completions that were taken out of the device; on the stack, many a kernel
 *	would zero them each time
 */
struct kfp_genraw {
	struct kfp_side side;
	struct kfp_genraw_conn lead;
	struct ib_device *dev;
	struct ib_pd *pd;
	struct ib_cq *cq;
	u64 in;
	u64 out;
	struct kfp_genraw_mr mr_in;
	struct kfp_genraw_mr mr_out;
	struct kfp_genraw_mr spare;
	bool registered;
	struct ib_cqe other;
	u64 others;
	wait_queue_head_t wait;
	struct rdma_cm_id *request;
	struct kfp_hello hello;
	size_t hello_len;
	struct ib_rdma_wr wrs[KFP_GEN_BATCH];
	struct ib_sge sges[KFP_GEN_BATCH];
	struct ib_wc wcs[KFP_GENRAW_POLL];
};

static inline struct kfp_genraw *kfp_genraw(struct kfp_side *side)
{
	return container_of(side, struct kfp_genraw, side);
}

static inline struct kfp_genraw_conn *kfp_genraw_conn(struct kfp_conn *conn)
{
	return container_of(conn, struct kfp_genraw_conn, conn);
}

/* genraw.c */
int kfp_genraw_attach(struct kfp_genraw *raw, struct ib_device *dev);
int kfp_genraw_start(struct kfp_genraw_conn *rconn);
int kfp_genraw_register(struct kfp_genraw_conn *rconn);

/* genrawcm.c */
int kfp_genrawcm_open(struct kfp_genraw *raw);
void kfp_genrawcm_close(struct kfp_genraw *raw);
int kfp_genrawcm_connect(struct kfp_conn *conn);
int kfp_genrawcm_accept(struct kfp_conn *conn);
int kfp_genrawcm_finish(struct kfp_conn *conn);
void kfp_genrawcm_disconnect(struct kfp_conn *conn);

#endif /* _KFI_PERF_GENRAW_H_ */
