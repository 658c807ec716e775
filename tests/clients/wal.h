/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * kfi_wal.ko: a write-ahead log in persistent memory of another machine, and
 * the means to see whether it kept what it promised.
 */
#ifndef _KFI_WAL_H_
#define _KFI_WAL_H_

#include <linux/types.h>
#include <linux/wait.h>

#include "rpm.h"

enum {
	WAL_BASE = 128,		/* offset of the first record */
	WAL_MAX_PAYLOAD = SZ_16K,
	WAL_MAX_DEPTH = 64,
};

/**
 * struct wal_head - the log begins with this; written once, by wal_format()
 * @magic: WAL_MAGIC
 * @version: WAL_VERSION
 * @crc: crc32c() of the rest of this line
 * @id: random; every record's checksum begins with it
 * @size: bytes of the memory
 * @reserved: 0; @tail has a cache line of its own
 * @tail: the pointer, see wal_tail()
 * @unused: up to the first record
 */
struct wal_head {
	__le64 magic;
	__le32 version;
	__le32 crc;
	__le64 id;
	__le64 size;
	u8 reserved[32];
	__le64 tail;
	u8 unused[56];
};

/**
 * struct wal_record - in front of each payload; at any address
 * @crc: crc32c() of the log's id, of the rest of this and of the payload
 * @len: bytes of payload
 * @number: epoch and sequence number, see wal_number()
 */
struct wal_record {
	__le32 crc;
	__le32 len;
	__le64 number;
} __packed;

/* Epoch and offset or sequence number in one word that is written at once */
#define WAL_LOW_BITS	40
#define WAL_LOW_MASK	GENMASK_ULL(WAL_LOW_BITS - 1, 0)
#define WAL_MAX_EPOCH	GENMASK(63 - WAL_LOW_BITS, 0)

static inline u64 wal_pack(u32 epoch, u64 low)
{
	return (u64)epoch << WAL_LOW_BITS | low;
}

/*
 * Reading a log: wal_format.c
 */

/**
 * struct wal_state - what a log says
 * @id: of the log
 * @epoch: of the pointer
 * @tail: offset that the pointer has
 * @records: valid records, one behind the other from the first one on
 * @pointed: those of them that the pointer covers
 * @end: offset behind the last valid record
 */
struct wal_state {
	u64 id;
	u32 epoch;
	u64 tail;
	u64 records;
	u64 pointed;
	u64 end;
};

/**
 * struct wal_cursor - walks through the valid records of a log
 * @image: the memory
 * @size: its size
 * @id: of the log
 * @epoch: that records are of
 * @pos: offset of the next record
 * @seq: its sequence number
 */
struct wal_cursor {
	const void *image;
	u64 size;
	u64 id;
	u32 epoch;
	u64 pos;
	u64 seq;
};

void wal_make_head(struct wal_head *head, u64 id, u64 size);
size_t wal_make_record(void *to, u64 id, u32 epoch, u64 seq,
		       const void *payload, u32 len);
ssize_t wal_cursor_next(struct wal_cursor *cursor, const void **payload);
int wal_recover(const void *image, u64 size, struct wal_state *state);

/*
 * Judging it: wal_check.c
 */

/**
 * struct wal_load - payloads that can be told from each other
 * @seed: of contents and lengths
 * @max: bytes of the longest
 */
struct wal_load {
	u64 seed;
	u32 max;
};

/**
 * struct wal_progress - how far a writer has come
 * @id: of its log
 * @epoch: that it is in
 * @begun: the beginning of the epoch has been acknowledged
 * @appended: records of this epoch that were written
 * @acked: those of them that have been acknowledged
 */
struct wal_progress {
	u64 id;
	u32 epoch;
	bool begun;
	u64 appended;
	u64 acked;
};

/**
 * struct wal_verdict - what is wrong with a log
 * @lost: acknowledged records that are not there
 * @torn: accepted records with contents that nobody wrote
 * @order: the pointer is there and what it covers is not, or records that
 *	nobody has written yet
 */
struct wal_verdict {
	u64 lost;
	u64 torn;
	u64 order;
};

u32 wal_load_len(const struct wal_load *load, u32 epoch, u64 seq);
void wal_load_fill(const struct wal_load *load, u32 epoch, u64 seq, void *to,
		   u32 len);
int wal_check(const void *image, u64 size, const struct wal_load *load,
	      const struct wal_progress *progress, struct wal_verdict *verdict);
u32 wal_spoil(const void *image, u64 size, const struct wal_load *load,
	      const struct wal_progress *progress, u32 times);

/*
 * Writing it: wal_writer.c
 */

/**
 * enum wal_commit - when and how records are made durable
 * @WAL_COMMIT_EACH: every record is written with KFI_COMMIT_COMPLETE
 * @WAL_COMMIT_FLUSH: records are plain writes, and one empty write with
 *	KFI_FENCE | KFI_COMMIT_COMPLETE commits them all
 * @WAL_COMMIT_POINTER: the same, but the pointer update is that write
 */
enum wal_commit {
	WAL_COMMIT_EACH,
	WAL_COMMIT_FLUSH,
	WAL_COMMIT_POINTER,
};

extern const char *const wal_commits[];

/**
 * struct wal_writer_opts - how to write
 * @net: where the target is, and the level
 * @commit: one of enum wal_commit
 * @depth: writes under way, 1 to WAL_MAX_DEPTH
 * @max_payload: bytes, up to WAL_MAX_PAYLOAD
 * @acked: called from wal_writer_*() whenever more is acknowledged, or NULL
 * @arg: for @acked
 */
struct wal_writer_opts {
	struct rpm_opts net;
	u32 commit;
	u32 depth;
	u32 max_payload;
	void (*acked)(void *arg, const struct wal_progress *progress);
	void *arg;
};

struct wal_writer;

int wal_writer_open(struct wal_writer **writer,
		    const struct wal_writer_opts *opts,
		    struct ktl_session *session);
void wal_writer_close(struct wal_writer *writer);
int wal_writer_format(struct wal_writer *writer, u64 id);
int wal_writer_reset(struct wal_writer *writer);
int wal_writer_append(struct wal_writer *writer, const void *payload, u32 len);
int wal_writer_commit(struct wal_writer *writer);
const struct wal_progress *wal_writer_progress(const struct wal_writer *writer);

#endif /* _KFI_WAL_H_ */
