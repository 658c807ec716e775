// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Judging a log
 *
 * Purpose: says whether a log that was recovered kept what its writer was told.
 *
 * Operation: contents and length of a record are a function of a seed, the
 * epoch and the sequence number, so a record that was accepted can be compared
 * with what was written. The writer keeps count of what was written and of what
 * was acknowledged (struct wal_progress):
 *
 *	lost	an acknowledged record is not there
 *	torn	a record was accepted that is not what was written
 *	order	the pointer covers what is not there; or a record is there that
 *		was not written yet
 *
 * wal_spoil() is there so that this can be believed: it does harm to a copy of a
 * good log, again and again, and counts how often that is seen.
 *
 * A reset that was not acknowledged may have happened or not: then the log of
 * the epoch before is as good.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "wal.h"

/* One round of splitmix64: near numbers get far apart. */
static u64 wal_load_mix(u64 x)
{
	x += 0x9e3779b97f4a7c15ULL;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

static u64 wal_load_start(const struct wal_load *load, u32 epoch, u64 seq)
{
	return wal_load_mix(load->seed ^ wal_load_mix(wal_pack(epoch, seq)));
}

/**
 * wal_load_len - length of a payload
 * @load: which payloads
 * @epoch: of the log
 * @seq: sequence number
 *
 * Short ones are more frequent than long ones.
 *
 * Context: any.
 * Return: bytes, 1 to @load->max.
 */
u32 wal_load_len(const struct wal_load *load, u32 epoch, u64 seq)
{
	u64 x = wal_load_start(load, epoch, seq);
	u32 limit = load->max >> (x % 8);

	return 1 + (u32)(x >> 32) % max(limit, 1U);
}
EXPORT_SYMBOL_GPL(wal_load_len);

/**
 * wal_load_fill - contents of a payload
 * @load: which payloads
 * @epoch: of the log
 * @seq: sequence number
 * @to: where to put them
 * @len: bytes
 *
 * Context: any.
 */
void wal_load_fill(const struct wal_load *load, u32 epoch, u64 seq, void *to,
		   u32 len)
{
	u64 x = ~wal_load_start(load, epoch, seq);
	u32 n;

	for (; len; len -= n) {
		n = min_t(u32, len, sizeof(x));
		x = wal_load_mix(x);
		memcpy(to, &x, n);
		to += n;
	}
}
EXPORT_SYMBOL_GPL(wal_load_fill);

static bool wal_load_is(const struct wal_load *load, u32 epoch, u64 seq,
			const u8 *payload, u32 len)
{
	u64 x = ~wal_load_start(load, epoch, seq);
	u32 n;

	if (len != wal_load_len(load, epoch, seq))
		return false;
	for (; len; len -= n) {
		n = min_t(u32, len, sizeof(x));
		x = wal_load_mix(x);
		if (memcmp(payload, &x, n))
			return false;
		payload += n;
	}
	return true;
}

/* Compare every record that was accepted with what was written. */
static u64 wal_check_contents(const void *image, u64 size,
			      const struct wal_load *load,
			      const struct wal_state *state)
{
	struct wal_cursor cursor = {
		.image = image,
		.size = size,
		.id = state->id,
		.epoch = state->epoch,
		.pos = WAL_BASE,
	};
	const void *payload;
	u64 torn = 0;
	ssize_t len;

	while ((len = wal_cursor_next(&cursor, &payload)) >= 0)
		torn += !wal_load_is(load, state->epoch, cursor.seq - 1,
				     payload, len);
	return torn;
}

/* The log is of the epoch before: the reset has not happened. */
static bool wal_check_before(const struct wal_state *state,
			     const struct wal_progress *progress)
{
	return !progress->begun && state->id == progress->id &&
	       state->epoch + 1 == progress->epoch;
}

/**
 * wal_check - did a log keep what was promised?
 * @image: the memory; nobody writes to it
 * @size: its size
 * @load: the payloads that were written
 * @progress: of the writer
 * @verdict: where to put what is wrong, or all zero
 *
 * Context: any.
 * Return: 0, or -EBADMSG if something is wrong.
 */
int wal_check(const void *image, u64 size, const struct wal_load *load,
	      const struct wal_progress *progress, struct wal_verdict *verdict)
{
	struct wal_state state;
	int rc = wal_recover(image, size, &state);

	*verdict = (struct wal_verdict) {};
	if (rc == -EBADMSG)
		verdict->order++;
	if (rc != -ENODATA && state.id == progress->id)
		verdict->torn = wal_check_contents(image, size, load, &state);

	if (rc == -ENODATA || state.id != progress->id) {
		/* before the log was made there was none, or another one */
		verdict->lost = progress->acked;
		verdict->order += progress->begun;
	} else if (state.epoch == progress->epoch) {
		if (state.records < progress->acked)
			verdict->lost = progress->acked - state.records;
		verdict->order += state.records > progress->appended;
	} else if (!wal_check_before(&state, progress)) {
		verdict->lost = progress->acked;
		verdict->order++;
	}
	return verdict->lost || verdict->torn || verdict->order ? -EBADMSG : 0;
}
EXPORT_SYMBOL_GPL(wal_check);

/*
 * Spoiling
 */

enum wal_harm {
	WAL_HARM_BIT,		/* a bit is wrong, in the head or in a record */
	WAL_HARM_LINE,		/* a cache line was not written back */
	WAL_HARM_END,		/* nor was anything from here on */
	WAL_HARM_POINTER,	/* the pointer is in the middle of a record */
	WAL_HARMS
};

/* Returns the first byte that is spoiled. */
static u64 wal_spoil_one(void *image, u64 end, enum wal_harm harm, u64 x)
{
	struct wal_head *head = image;
	u64 pos = WAL_BASE + (x >> 8) % (end - WAL_BASE);
	u64 line = round_down(pos, 64);

	switch (harm) {
	case WAL_HARM_BIT:
		if (x & 0x80)
			pos = (x >> 8) % offsetof(struct wal_head, tail);
		*(u8 *)(image + pos) ^= 1 << (x & 7);
		return pos;
	case WAL_HARM_LINE:
		memset(image + line, 0, min_t(u64, end - line, 64));
		return line;
	case WAL_HARM_END:
		memset(image + pos, 0, end - pos);
		return pos;
	default:
		le64_add_cpu(&head->tail, -1);
		return offsetof(struct wal_head, tail);
	}
}

/**
 * wal_spoil - does wal_check() see what is wrong?
 * @image: a log in which nothing is wrong
 * @size: its size
 * @load: the payloads that were written
 * @progress: of the writer; all that was appended is acknowledged
 * @times: how often to spoil a copy
 *
 * Context: process, may sleep.
 * Return: how often wal_check() saw it.
 */
u32 wal_spoil(const void *image, u64 size, const struct wal_load *load,
	      const struct wal_progress *progress, u32 times)
{
	struct wal_verdict verdict;
	struct wal_state state;
	u32 seen = 0, i;
	void *copy;
	u64 from;

	if (wal_recover(image, size, &state) || state.end == WAL_BASE)
		return 0;
	copy = vmalloc(size);
	if (!copy)
		return 0;
	memcpy(copy, image, size);
	for (i = 0; i < times; i++) {
		from = wal_spoil_one(copy, state.end, i % WAL_HARMS,
				     wal_load_start(load, 0, i));
		if (wal_check(copy, size, load, progress, &verdict))
			seen++;
		memcpy(copy + from, image + from, state.end - from);
	}
	vfree(copy);
	return seen;
}
