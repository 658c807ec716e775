/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * kfi_perf.ko: one load generator, and the same work done by kfabric and by raw
 * kernel verbs, on one device, between the same buffers.
 */
#ifndef _KFI_PERF_H_
#define _KFI_PERF_H_

#include <linux/completion.h>
#include <linux/sizes.h>
#include <linux/types.h>

#include "../clients/ktl.h"
#include "../clients/ktl_pmem.h"

enum {
	KFP_MAX_LEN = SZ_4K,
	KFP_BATCH = 64,	/* writes of a batch */
	KFP_AREA = KFP_BATCH * KFP_MAX_LEN,
	KFP_DEPTH = 160,	/* work requests that each side may have posted */
	KFP_MAX_OPS = 24,
};

struct kfp_countkfi;
struct kfp_countraw;
struct kfp_link;
struct kfp_raw;

/**
 * enum kfp_wait - what is done until a completion comes
 * @KFP_POLL: look again and again
 * @KFP_SLEEP: sleep, and be woken by the handler of the completion
 */
enum kfp_wait {
	KFP_POLL,
	KFP_SLEEP,
};

/**
 * struct kfp - a command
 * @session: where to print
 * @mode: one of enum kfp_mode
 * @wait: one of enum kfp_wait
 * @null: count on the null device
 * @addr: address of the device
 * @len: bytes of a write
 * @rounds: how often each operation has its turn
 * @count: operations of a turn; batches: a tenth of it
 * @src: what is written, KFP_AREA bytes like the others
 * @pmem: where to: memory that passes for persistent
 * @legacy: likewise, of the kind that devices do not flush
 * @dram: ordinary memory
 * @plain: kfabric, without KFI_RMA_PMEM
 * @persist: kfabric, with it
 * @raw: verbs, completions come as they come to kfabric
 * @direct: verbs, completions are taken out of the device by who waits for them
 * @countraw: counts: requests of verbs on @raw
 * @countraw_direct: counts: likewise on @direct
 * @countkfi: counts: what kfabric needs
 * @flush: the kernel posts FLUSH
 * @woken: KFP_SLEEP: a completion has come
 */
struct kfp {
	struct ktl_session *session;
	u32 mode;
	u32 wait;
	bool null;
	const char *addr;
	u32 len;
	u32 rounds;
	u32 count;

	void *src;
	struct ktl_pmem *pmem;
	struct ktl_pmem *legacy;
	void *dram;
	struct kfp_link *plain;
	struct kfp_link *persist;
	struct kfp_raw *raw;
	struct kfp_raw *direct;
	struct kfp_countraw *countraw;
	struct kfp_countraw *countraw_direct;
	struct kfp_countkfi *countkfi;
	bool flush;
	struct completion woken;
};

/**
 * enum kfp_to - which memory an operation writes to
 * @KFP_TO_PMEM: perf.pmem
 * @KFP_TO_LEGACY: perf.legacy
 * @KFP_TO_DRAM: perf.dram
 */
enum kfp_to {
	KFP_TO_PMEM,
	KFP_TO_LEGACY,
	KFP_TO_DRAM,
};

/**
 * struct kfp_op - something that is measured
 * @name: in tables
 * @post: begin; returns 0 or a negative errno
 * @poll: returns 1 if what was begun is done, 0 if not yet, or a negative errno
 * @writes: how many writes of perf.len bytes it is, one behind the other
 * @to: where they go
 * @flush: it posts FLUSH
 * @direct: nobody is woken
 */
struct kfp_op {
	const char *name;
	int (*post)(struct kfp *perf);
	int (*poll)(struct kfp *perf);
	u32 writes;
	enum kfp_to to;
	bool flush;
	bool direct;
};

/* load.c: times and their ratios */
int kfp_load_wait(struct kfp *perf, const struct kfp_op *op);
int kfp_load_check(struct kfp *perf, const struct kfp_op *op, u8 seed);
int kfp_load_run(struct kfp *perf);

/* count.c: instructions */
int kfp_count_run(struct kfp *perf);

/* raw.c, rawops.c: verbs */
struct kfp_raw *kfp_raw_open(struct kfp *perf, const char *device, bool direct);
void kfp_raw_close(struct kfp_raw *raw);
bool kfp_raw_can_flush(const struct kfp_raw *raw);
extern const struct kfp_op kfp_raw_ops[];
extern const u32 kfp_raw_op_count;

/* link.c, kfi.c: kfabric */

/* endpoints report what they are asked to report, not everything */
#define KFP_LINK_SELECTIVE	BIT(0)
/* one call at a time, and who waits takes completions out of the device */
#define KFP_LINK_POLLED		BIT(1)

struct kfp_link *kfp_link_open(struct kfp *perf, u64 caps, u32 flags);
void kfp_link_close(struct kfp_link *link);
const char *kfp_link_device(const struct kfp_link *link);
int kfp_kfi_flushes(struct kfp_link *link, bool *flushes);
extern const struct kfp_op kfp_kfi_ops[];
extern const u32 kfp_kfi_op_count;

/* main.c */
u32 kfp_ops(const struct kfp *perf, const struct kfp_op **ops);

#endif /* _KFI_PERF_H_ */
