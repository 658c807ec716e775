/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Two queue pairs of kernel verbs that are connected to each other, without
 * kfabric and without a connection manager, so that a case can do with them
 * what neither of these would.
 */
#ifndef _KFI_FUNC_RAW_H_
#define _KFI_FUNC_RAW_H_

#include <linux/completion.h>
#include <linux/scatterlist.h>
#include <rdma/ib_verbs.h>

struct func;

enum {
	FUNC_RAW_DEPTH = 64,
	FUNC_RAW_REGIONS = 2,
};

/**
 * struct func_raw_region - memory that the peer may use
 * @mr: the region
 * @sg: its pages
 * @iova: address by which it is known: not 0
 */
struct func_raw_region {
	struct ib_mr *mr;
	struct scatterlist sg;
	u64 iova;
};

/**
 * struct func_raw - a connected pair
 * @t: the case
 * @dev: the device under test, with a reference
 * @pd: of both
 * @cq: of both
 * @a: the queue pair that asks
 * @b: the queue pair that answers
 * @psn: of the first packet that @a sends
 * @rd_atomic: operations that @b has resources for
 * @retries: of @a; 7 is without end
 * @regions: to give back
 * @count: of these
 * @cqe: of all requests
 * @done: the last completion of a chain has come
 * @pending: completions that have not
 * @status: of the first request that failed
 * @opcode: of the last completion that was good
 */
struct func_raw {
	struct func *t;
	struct ib_device *dev;
	struct ib_pd *pd;
	struct ib_cq *cq;
	struct ib_qp *a;
	struct ib_qp *b;
	u32 psn;
	u8 rd_atomic;
	u8 retries;
	struct func_raw_region regions[FUNC_RAW_REGIONS];
	unsigned int count;

	struct ib_cqe cqe;
	struct completion done;
	unsigned int pending;
	enum ib_wc_status status;
	enum ib_wc_opcode opcode;
};

bool func_raw_open(struct func *t, struct func_raw *raw);
void func_raw_close(struct func_raw *raw);
bool func_raw_up(struct func_raw *raw, struct ib_qp *qp, struct ib_qp *peer);
bool func_raw_connect(struct func_raw *raw);

bool func_raw_post(struct func_raw *raw, struct ib_send_wr *wr);
int func_raw_wait(struct func_raw *raw);
int func_raw_run(struct func_raw *raw, struct ib_send_wr *wr);

struct func_raw_region *func_raw_region(struct func_raw *raw, void *mem,
					size_t len);
int func_raw_register(struct func_raw *raw, struct func_raw_region *region,
		      int access);
int func_raw_invalidate(struct func_raw *raw, struct func_raw_region *region);
bool func_raw_move(struct func_raw *raw, struct func_raw_region *region,
		   void *mem, size_t len);

#endif /* _KFI_FUNC_RAW_H_ */
