/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef _POWERCUT_MODEL_H_
#define _POWERCUT_MODEL_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mark.h"

enum {
	MODEL_LINE = 64,
	MODEL_WORD = 8,
	MODEL_WORDS = MODEL_LINE / MODEL_WORD,
	MODEL_CPUS = 64,
};

/**
 * struct model_capture - bytes on their way from a CPU to the media
 * @line: where
 * @nt: left the CPU by non-temporal stores, so arrives word by word
 * @version: of the bytes
 * @mask: which bytes of @data there are
 * @data: the bytes
 */
struct model_capture {
	uint32_t line;
	bool nt;
	uint32_t version;
	uint64_t mask;
	uint8_t data[MODEL_LINE];
};

/* What a CPU has under way until its next fence */
struct model_queue {
	struct model_capture *captures;
	size_t count;
	size_t room;
};

/**
 * struct model - the cache over a piece of pmem
 * @view: the pmem as CPUs see it
 * @media: what is durable
 * @size: of both, in bytes
 * @box: see mark.h
 * @flags: of each line
 * @versions: of each word on the media, since BEGIN
 * @touched: lines that CPUs have written since BEGIN
 * @touched_count: how many
 * @queues: one a CPU
 * @clock: last version given
 * @random: state of the generator
 * @evict: this cycle's rate, as box->evict_min
 * @pend: likewise
 * @hard: a cut ends the machine, by @power_off
 * @power_off: does not return
 */
struct model {
	uint8_t *view;
	uint8_t *media;
	size_t size;
	struct powercut_box *box;

	uint8_t *flags;
	uint32_t *versions;
	uint32_t *touched;
	uint32_t touched_count;
	struct model_queue queues[MODEL_CPUS];
	uint32_t clock;

	uint64_t random;
	unsigned int evict;
	unsigned int pend;

	bool hard;
	void (*power_off)(void);
};

bool model_init(struct model *m);
void model_arm(struct model *m);
void model_store(struct model *m, unsigned int cpu, uint64_t at, size_t len,
		 bool nt);
void model_write_back(struct model *m, unsigned int cpu, uint64_t at,
		      bool at_once);
void model_fence(struct model *m, unsigned int cpu);
void model_mark(struct model *m, unsigned int mark);
void model_check(struct model *m);

#endif /* _POWERCUT_MODEL_H_ */
