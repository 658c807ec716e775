// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Instructions
 *
 * Purpose: recognises the few instructions of x86-64 that matter to a cache, and
 * those that surely do not.
 *
 * Operation: TCG does nothing for a write-back instruction, and so tells nobody its
 * address. insn_make_seen() turns it into a load of one byte from the same address,
 * of the same length: "test %al, mem" with operand size prefixes, which no
 * compiler emits there. Their number tells what it was: one for clflush, two for
 * clwb and clflushopt, whose own prefix stays. So it can be recognised again
 * without a list, when the module that had it is long gone and another is there.
 *
 * The flags differ after that. Inline assembly counts flags as clobbered on x86;
 * user space that uses compiler intrinsics might not.
 */
#include <string.h>

#include "insn.h"

enum {
	OP_TEST_BYTE = 0x84,
	PREFIX_OPERAND = 0x66,
	PREFIX_LOCK = 0xf0,
	MARK_TAG = 0x504d,
};

struct prefixes {
	uint8_t count;
	uint8_t operand;
	bool lock;
	bool repeat;
};

static struct prefixes insn_prefixes(const uint8_t *b, size_t len)
{
	struct prefixes p = {};

	for (; p.count < len; p.count++) {
		switch (b[p.count]) {
		case PREFIX_OPERAND:
			p.operand++;
			break;
		case PREFIX_LOCK:
			p.lock = true;
			break;
		case 0xf2:
		case 0xf3:
			p.repeat = true;
			break;
		case 0x26:
		case 0x2e:
		case 0x36:
		case 0x3e:
		case 0x64:
		case 0x65:
		case 0x67:
			break;
		default:
			return p;
		}
	}
	return p;
}

static bool insn_is_nt_opcode(uint8_t op, bool memory)
{
	switch (op) {
	case 0x2b:	/* movntps, movntpd, movntss, movntsd */
	case 0xc3:	/* movnti */
	case 0xe7:	/* movntq, movntdq */
		return memory;
	case 0xf7:	/* maskmovq, maskmovdqu: to (%rdi) */
		return !memory;
	default:
		return false;
	}
}

/* VEX with the opcode map 0f. There is no vmovnti. */
static enum insn_kind insn_vex(const uint8_t *b, size_t len)
{
	size_t at = b[0] == 0xc5 ? 2 : 3;

	if (len < at + 2 || (b[0] == 0xc4 && (b[1] & 0x1f) != 1) ||
	    b[at] == 0xc3)
		return INSN_OTHER;
	return insn_is_nt_opcode(b[at], b[at + 1] < 0xc0) ? INSN_NT_STORE :
		INSN_OTHER;
}

/* 0f ae: fences and flushes, next to fxsave and its kin, which store. */
static enum insn_kind insn_group15(uint8_t modrm, const struct prefixes *p)
{
	bool memory = modrm < 0xc0;
	unsigned int op = modrm >> 3 & 7;

	if (p->repeat)
		return INSN_OTHER;
	if (!memory)
		return !p->operand && op >= 6 ? INSN_FENCE : INSN_OTHER;
	if (op == 7)
		return p->operand ? INSN_WRITE_BACK : INSN_FLUSH;
	return op == 6 && p->operand ? INSN_WRITE_BACK : INSN_OTHER;
}

/* Opcodes 0f xx; @b points to xx. */
static enum insn_kind insn_two_byte(const uint8_t *b, size_t len,
				    const struct prefixes *p, uint16_t *mark)
{
	if (len < 2)
		return INSN_OTHER;
	switch (b[0]) {
	case 0xae:
		return insn_group15(b[1], p);
	case 0x1f:
		if (len < 6 || b[1] != 0x80 || (b[4] | b[5] << 8) != MARK_TAG)
			return INSN_LOAD;
		*mark = b[2] | b[3] << 8;
		return INSN_MARK;
	case 0xb6:	/* movzx, movsx */
	case 0xb7:
	case 0xbe:
	case 0xbf:
		return INSN_LOAD;
	}
	return insn_is_nt_opcode(b[0], b[1] < 0xc0) ? INSN_NT_STORE :
		INSN_OTHER;
}

static enum insn_kind insn_one_byte(uint8_t op, const struct prefixes *p)
{
	if (op == OP_TEST_BYTE && p->operand)
		return p->operand > 1 ? INSN_SEEN_WRITE_BACK : INSN_SEEN_FLUSH;
	/* arithmetic with a register as destination */
	if (op < 0x40 && (op & 6) == 2)
		return INSN_LOAD;
	switch (op) {
	case 0x38:	/* cmp */
	case 0x39:
	case 0x63:	/* movsxd */
	case 0x84:	/* test */
	case 0x85:
	case 0x8a:	/* mov from memory */
	case 0x8b:
	case 0xc3:	/* ret */
		return INSN_LOAD;
	default:
		return op >= 0x58 && op <= 0x5f ? INSN_LOAD : INSN_OTHER;
	}
}

/**
 * insn_decode - recognise an instruction of 64-bit code
 * @b: its bytes
 * @len: how many
 *
 * Return: what it is.
 */
struct insn insn_decode(const uint8_t *b, size_t len)
{
	struct prefixes p = insn_prefixes(b, len);
	struct insn insn = { .locked = p.lock, .prefixes = p.count };
	size_t at = p.count;

	if (at < len && (b[at] & 0xf0) == 0x40)
		insn.rex = b[at++];
	if (at >= len)
		return insn;

	if (b[at] == 0xc4 || b[at] == 0xc5) {
		insn.kind = insn_vex(b + at, len - at);
	} else if (b[at] == 0x0f) {
		insn.kind = insn_two_byte(b + at + 1, len - at - 1, &p,
					  &insn.mark);
	} else {
		insn.kind = insn_one_byte(b[at], &p);
		/* xchg with memory is atomic without being told */
		if (at + 1 < len && (b[at] & 0xfe) == 0x86 && b[at + 1] < 0xc0)
			insn.locked = true;
	}
	return insn;
}

/**
 * insn_make_seen - turn a write-back instruction into a load
 * @insn: what insn_decode() said, INSN_WRITE_BACK or INSN_FLUSH
 * @b: its bytes
 * @len: how many
 * @to: room for as many
 *
 * Return: false if that cannot be.
 */
bool insn_make_seen(const struct insn *insn, const uint8_t *b, size_t len,
		    uint8_t *to)
{
	size_t from = insn->prefixes + (insn->rex ? 1 : 0) + 2;
	uint8_t *end = to;

	if (len > INSN_MAX || from >= len)
		return false;
	memcpy(end, b, insn->prefixes);
	end += insn->prefixes;
	*end++ = PREFIX_OPERAND;
	if (insn->rex)
		*end++ = insn->rex;
	*end++ = OP_TEST_BYTE;
	*end++ = b[from] & 0xc7;	/* the register is %al, the address stays */
	memcpy(end, b + from + 1, len - from - 1);
	return true;
}
