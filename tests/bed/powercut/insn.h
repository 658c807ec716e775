/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef _POWERCUT_INSN_H_
#define _POWERCUT_INSN_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum insn_kind {
	INSN_OTHER,		/* may store */
	INSN_LOAD,		/* reads memory at most */
	INSN_NT_STORE,		/* goes past the cache */
	INSN_FENCE,		/* sfence, mfence */
	INSN_WRITE_BACK,	/* clwb, clflushopt: complete at the next fence */
	INSN_FLUSH,		/* clflush: complete at once */
	INSN_SEEN_WRITE_BACK,	/* the same, */
	INSN_SEEN_FLUSH,	/* after insn_make_seen() */
	INSN_MARK,
};

enum { INSN_MAX = 15 };

/**
 * struct insn - what the rig wants to know of an instruction
 * @kind: what it does
 * @locked: it is atomic
 * @mark: number of the marker
 * @prefixes: legacy prefixes in front
 * @rex: REX prefix or 0
 */
struct insn {
	enum insn_kind kind;
	bool locked;
	uint16_t mark;
	uint8_t prefixes;
	uint8_t rex;
};

struct insn insn_decode(const uint8_t *bytes, size_t len);
bool insn_make_seen(const struct insn *insn, const uint8_t *bytes, size_t len,
		    uint8_t *to);

#endif /* _POWERCUT_INSN_H_ */
