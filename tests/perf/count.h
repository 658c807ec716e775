/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Part of kfi_perf.ko: operations whose instructions are counted.
 */
#ifndef _KFI_PERF_COUNT_H_
#define _KFI_PERF_COUNT_H_

#include <linux/types.h>

struct kfp;
struct kfp_countkfi;
struct kfp_countraw;

enum {
	KFP_COUNT_CHAIN = 16,	/* writes of a chain */
	KFP_COUNT_INJECTS = 40,	/* between two completions: a quarter of KFP_DEPTH */
	KFP_COUNT_MAX_INJECT = 128,
};

/**
 * enum kfp_count_moves - which bytes there must be at the end
 * @KFP_COUNT_OUT: what was in perf.src, in perf.pmem
 * @KFP_COUNT_IN: the other way round
 * @KFP_COUNT_TO_DRAM: what was in perf.src, in perf.dram
 */
enum kfp_count_moves {
	KFP_COUNT_OUT,
	KFP_COUNT_IN,
	KFP_COUNT_TO_DRAM,
};

/**
 * struct kfp_count_op - something that is counted
 * @name: in tables
 * @post: begin; returns 0 or a negative errno
 * @poll: returns 1 if what was begun is done, 0 if not yet, or a negative errno;
 *	NULL if nobody is told
 * @n: how many operations that is
 * @before: what the peer does first, as @post, or NULL
 * @between: what the peer does meanwhile, as @post, or NULL
 * @after: whether the peer is done, as @poll, or NULL
 * @moves: which bytes move
 * @max_len: longest that it takes, or 0
 * @null_only: only on the null device
 * @polled: who waits takes completions out of the device
 *
 * What the peer does is not counted.
 */
struct kfp_count_op {
	const char *name;
	int (*post)(struct kfp *perf);
	int (*poll)(struct kfp *perf);
	u32 n;
	int (*before)(struct kfp *perf);
	int (*between)(struct kfp *perf);
	int (*after)(struct kfp *perf);
	enum kfp_count_moves moves;
	u32 max_len;
	bool null_only;
	bool polled;
};

/* countraw.c */
int kfp_countraw_open(struct kfp *perf);
void kfp_countraw_close(struct kfp *perf);
void kfp_countraw_swap(struct kfp *perf);
extern const struct kfp_count_op kfp_countraw_ops[];
extern const u32 kfp_countraw_op_count;

/* countkfi.c */
int kfp_countkfi_open(struct kfp *perf);
void kfp_countkfi_close(struct kfp *perf);
void kfp_countkfi_swap(struct kfp *perf);
extern const struct kfp_count_op kfp_countkfi_ops[];
extern const u32 kfp_countkfi_op_count;

#endif /* _KFI_PERF_COUNT_H_ */
