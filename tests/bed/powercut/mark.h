/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * How a guest talks to the power-cut rig: markers, and a box in memory that both
 * sides see. For kernel modules and for programs. Outside the rig a marker is a
 * no-op and there is no box.
 *
 * A cycle is: BEGIN, do the work, REVERT, look at what has survived. In between
 * the power fails at a random event (a store to the pmem, a write-back, a fence):
 * from then on nothing becomes durable any more. The guest runs on, unaware unless
 * it looks at the state in the box; REVERT turns the pmem into what had been
 * durable at the cut. What was acknowledged counts if the state was still
 * POWERCUT_RUNNING after that.
 */
#ifndef _POWERCUT_MARK_H_
#define _POWERCUT_MARK_H_

#include <linux/stddef.h>
#include <linux/types.h>

enum {
	/* Begin to watch. The pmem as it is counts as durable */
	POWERCUT_ARM = 1,
	/* Watch no more; runs the check */
	POWERCUT_DISARM = 2,
	/* The pmem as it is counts as durable, and the next cycle begins */
	POWERCUT_BEGIN = 3,
	/* The power fails now */
	POWERCUT_CUT = 4,
	/* It comes back; if it has not failed yet, it does before that */
	POWERCUT_REVERT = 5,
	/* Search for stores that the rig did not see */
	POWERCUT_CHECK = 6,
};

/*
 * nopl 0x504dNNNN(%rax). The jump ends QEMU's translation block, so that what
 * follows is translated after the marker has done its work.
 */
static __always_inline void powercut_mark(unsigned int what)
{
	asm volatile(".byte 0x0f, 0x1f, 0x80\n\t.long %c0\n\tjmp 1f\n1:"
		     :: "i" (0x504d0000 | what) : "memory");
}

#define POWERCUT_MAGIC	0x31747563727770ULL	/* "pwrcut1" */

/* The box is that far in front of the first byte of the data */
#define POWERCUT_BOX_BEFORE	0x100000

/* States in the box */
enum {
	POWERCUT_OFF,		/* not armed */
	POWERCUT_IDLE,		/* between cycles */
	POWERCUT_RUNNING,	/* in a cycle, the power is on */
	POWERCUT_FAILED,	/* in a cycle, the power has failed */
};

/**
 * struct powercut_box - what guest and rig tell each other
 * @magic: POWERCUT_MAGIC if there is a rig
 * @size: bytes of pmem it watches
 * @state: POWERCUT_OFF and so on
 * @evict_min: of 1000 dirty lines, how many have been evicted in time at a cut; a
 *	rate is drawn between this
 * @evict_max: and this at each BEGIN. Like all rates: the options of the rig unless
 *	the guest sets them before BEGIN
 * @pend_min: of 1000 writes-back that no fence has waited for, how many have made
 *	it; between this
 * @pend_max: and this
 * @runtime: of 1000 stores, how many are followed by the eviction of a line
 * @range: events among which a cut is drawn; 0 for as many as cycles have
 * @learned: events of a cycle, found out; the guest may set it to 0 when it
 *	begins to do something else
 * @seed: of the random numbers; used when it is not 0, and set to 0
 * @blind: the rig overlooks so many stores, to prove that its check finds them
 * @events: in this cycle so far
 * @cut_at: event of this cycle at which the power fails
 * @cuts: power failures
 * @late: cuts that came at REVERT, for lack of events
 * @dirty: dirty lines at the last cut
 * @dirty_kept: of these, survived
 * @pending: writes-back without a fence at the last cut
 * @pending_kept: of these, survived
 * @missed: stores that the rig did not see. Must be 0
 * @unpatched: write-back instructions that it cannot watch. Must be 0
 * @misused: markers in a state in which they make no sense. Must be 0
 * @checks: searches for missed stores
 * @stores: seen since the start
 * @nt_stores: non-temporal stores seen
 * @flushes: write-back instructions seen, on pmem
 * @clean: of these, on lines that were not dirty
 * @fences: that had something to wait for
 * @evictions: at run time
 */
struct powercut_box {
	__u64 magic;
	__u64 size;
	__u64 state;

	__u64 evict_min;
	__u64 evict_max;
	__u64 pend_min;
	__u64 pend_max;
	__u64 runtime;
	__u64 range;
	__u64 learned;
	__u64 seed;
	__u64 blind;

	__u64 events;
	__u64 cut_at;
	__u64 cuts;
	__u64 late;
	__u64 dirty;
	__u64 dirty_kept;
	__u64 pending;
	__u64 pending_kept;

	__u64 missed;
	__u64 unpatched;
	__u64 misused;
	__u64 checks;
	__u64 stores;
	__u64 nt_stores;
	__u64 flushes;
	__u64 clean;
	__u64 fences;
	__u64 evictions;
};

#endif /* _POWERCUT_MARK_H_ */
