/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * kf_cut.ko: what other modules call to have the power cut under them. Needs the
 * power-cut rig of tests/bed.
 */
#ifndef _KF_CUT_H_
#define _KF_CUT_H_

#include <linux/types.h>

#include "../bed/powercut/mark.h"

/**
 * struct kf_cut_client - somebody who stores things and looks for them after a cut
 * @arg: for the functions
 * @prepare: before each cycle; what it leaves in the pmem counts as durable. May be
 *	NULL. 0 or a negative errno
 * @work: the power fails somewhere in it, and it may go on or return early once
 *	kf_cut_happened(). What is acknowledged before that is seen must be found. 0 or
 *	a negative errno
 * @recover: the pmem is as the cut left it. Number of violations or a negative
 *	errno
 *
 * All may sleep.
 */
struct kf_cut_client {
	void *arg;
	int (*prepare)(void *arg);
	int (*work)(void *arg);
	int (*recover)(void *arg);
};

/**
 * struct kf_cut_run - what came of some cycles
 * @cycles: done
 * @violations: in all
 * @first: cycle of the first violation, from 1 on; 0 if there was none
 * @late: cycles in which the work ended before the power failed
 * @ns: time
 */
struct kf_cut_run {
	u64 cycles;
	u64 violations;
	u64 first;
	u64 late;
	u64 ns;
};

int kf_cut_drive(const struct kf_cut_client *client, u64 cycles,
		 bool stop_at_first, struct kf_cut_run *run);
void kf_cut_begin(void);
void kf_cut_now(void);
void kf_cut_revert(void);
bool kf_cut_happened(void);
void *kf_cut_memory(phys_addr_t *phys, size_t *size);
struct powercut_box *kf_cut_box(void);
bool kf_cut_fence_needed(void);

#endif /* _KF_CUT_H_ */
