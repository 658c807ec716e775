/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Part of kfi_perf.ko: a device that does nothing, in the place of one that does
 * something.
 */
#ifndef _KFI_PERF_NULL_H_
#define _KFI_PERF_NULL_H_

#include <linux/types.h>
#include <rdma/ib_verbs.h>

struct kfp_null_cq;

/**
 * struct kfp_null_tally - what was counted below those who call the device
 * @device: by all of the calls that stand in for the device's, with what they call
 * @below: of that, by the calls of the real device
 * @handler: by completion handlers, if they are counted
 */
struct kfp_null_tally {
	u32 device;
	u32 below;
	u32 handler;
};

int kfp_null_open(struct ib_device *dev);
void kfp_null_close(void);
void kfp_null_learn(bool on);
int kfp_null_add(struct ib_qp *qp);
int kfp_null_start(void);
void kfp_null_stop(void);
const struct kfp_null_tally *kfp_null_begin(bool handlers);
struct kfp_null_cq *kfp_null_target(void);
u32 kfp_null_interrupt(struct kfp_null_cq *cq);
void kfp_null_interrupt_all(void);
u32 kfp_null_idle(void);

#endif /* _KFI_PERF_NULL_H_ */
