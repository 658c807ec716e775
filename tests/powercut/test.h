/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The cases of kf_cut.ko: does the rig do what it says? */
#ifndef _KF_CUT_TEST_H_
#define _KF_CUT_TEST_H_

#include "../clients/ktl.h"
#include "cut.h"

/**
 * struct kf_cut_test - one case that runs
 * @session: where the answer goes
 * @name: of the case
 * @cuts: power cuts in cases of many
 * @failures: expectations that were not met
 * @mem: the pmem
 * @box: what the rig says
 */
struct kf_cut_test {
	struct ktl_session *session;
	const char *name;
	u64 cuts;
	unsigned int failures;
	u8 *mem;
	struct powercut_box *box;
};

/**
 * struct kf_cut_case - one case
 * @name: of it
 * @run: does it
 * @what: tells @run apart
 */
struct kf_cut_case {
	const char *name;
	void (*run)(struct kf_cut_test *t, const void *what);
	const void *what;
};

/* Rates of the adversary, see struct powercut_box */
struct kf_cut_rates {
	u16 evict_min;
	u16 evict_max;
	u16 pend_min;
	u16 pend_max;
	u16 runtime;
};

extern const struct kf_cut_case kf_cut_demo_cases[];
extern const struct kf_cut_case kf_cut_store_cases[];
extern const struct kf_cut_case kf_cut_protocol_cases[];

int kf_cut_rig_open(u64 phys, u64 size);
void kf_cut_rig_close(void);

void kf_cut_set_rates(const struct kf_cut_rates *rates);
void kf_cut_demo(void);
void kf_cut_speed(struct ktl_session *session);

__printf(2, 3)
void kf_cut_note(struct kf_cut_test *t, const char *fmt, ...);
bool kf_cut_expect(struct kf_cut_test *t, const char *what, u64 got, u64 want);

#endif /* _KF_CUT_TEST_H_ */
