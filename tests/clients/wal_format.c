// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: A write-ahead log in remote persistent memory
 *
 * Purpose: records that were acknowledged survive a power cut at the machine
 * whose memory they are in. This file knows what the log looks like and finds
 * what is left of it. It works on plain memory and needs no network.
 *
 * Operation: the memory begins with a head, which never changes, and a pointer
 * of 8 bytes in a cache line of its own; then the records follow one behind the
 * other at whatever address that comes to::
 *
 *	0    magic, version, crc, id, size
 *	64   pointer: epoch (24 bits), offset behind the last record (40 bits)
 *	128  record: crc, length, epoch and sequence number, payload
 *	...
 *
 * A record is valid if its checksum is, and if it has the epoch of the pointer
 * and the sequence number that comes next. The checksum begins with the random
 * id of the log, so records of an older log in the same memory are not taken
 * for its own; those of an older epoch are recognized by that.
 *
 * The pointer says up to where the log was committed: everything in front of it
 * must be valid. Behind it, valid records may follow that were written later,
 * and perhaps acknowledged one by one; the first one that is not valid ends the
 * log. Emptying the log is one update of the pointer: next epoch, no records.
 *
 * Ordering: the pointer must not become durable before what it covers, and must
 * never be seen in two halves. A write of 8 aligned bytes with KFI_FENCE |
 * KFI_COMMIT_COMPLETE promises both: with the FLUSH method it is an ATOMIC
 * WRITE behind a FLUSH, with the responder method the target's CPU stores it
 * after it has written back the rest. A plain RDMA write of 8 bytes would
 * promise neither. That is why one pointer is enough and no second slot is
 * needed to fall back to.
 *
 * Errors: nothing that is found in the memory is trusted before it is checked.
 */
#include <linux/crc32c.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/string.h>

#include "wal.h"

#define WAL_MAGIC	0x31676f6c6c61776bULL	/* "kwallog1" */
#define WAL_VERSION	1

static_assert(sizeof(struct wal_head) == WAL_BASE);
static_assert(offsetof(struct wal_head, tail) % 64 == 0);

static u32 wal_head_crc(const struct wal_head *head)
{
	return crc32c(~0, &head->id,
		      offsetof(struct wal_head, tail) -
		      offsetof(struct wal_head, id));
}

/**
 * wal_make_head - what a log begins with, without the pointer
 * @head: where to put it
 * @id: of the log
 * @size: bytes of the memory
 *
 * Context: any.
 */
void wal_make_head(struct wal_head *head, u64 id, u64 size)
{
	*head = (struct wal_head) {
		.magic = cpu_to_le64(WAL_MAGIC),
		.version = cpu_to_le32(WAL_VERSION),
		.id = cpu_to_le64(id),
		.size = cpu_to_le64(size),
	};
	head->crc = cpu_to_le32(wal_head_crc(head));
}

static u32 wal_record_crc(u64 id, const struct wal_record *record, u32 len)
{
	__le64 first = cpu_to_le64(id);
	u32 crc = crc32c(~0, &first, sizeof(first));

	return crc32c(crc, &record->len,
		      sizeof(*record) - offsetof(struct wal_record, len) + len);
}

/**
 * wal_make_record - put a record together
 * @to: where to; room for struct wal_record and the payload
 * @id: of the log
 * @epoch: of the log
 * @seq: sequence number in the epoch
 * @payload: the payload; may be in place already
 * @len: its length
 *
 * Context: any.
 * Return: bytes at @to.
 */
size_t wal_make_record(void *to, u64 id, u32 epoch, u64 seq,
		       const void *payload, u32 len)
{
	struct wal_record *record = to;

	memmove(record + 1, payload, len);
	record->len = cpu_to_le32(len);
	record->number = cpu_to_le64(wal_pack(epoch, seq));
	record->crc = cpu_to_le32(wal_record_crc(id, record, len));
	return sizeof(*record) + len;
}

/**
 * wal_cursor_next - look at the next record
 * @cursor: where the walk is; set it up with all that it has
 * @payload: where to put a pointer to the payload
 *
 * Context: any.
 * Return: bytes of payload; -ENODATA where the log ends.
 */
ssize_t wal_cursor_next(struct wal_cursor *cursor, const void **payload)
{
	const struct wal_record *record = cursor->image + cursor->pos;
	u64 room = cursor->size - cursor->pos;
	u32 len;

	if (cursor->pos > cursor->size || room < sizeof(*record))
		return -ENODATA;
	len = le32_to_cpu(record->len);
	if (!len || len > WAL_MAX_PAYLOAD || len > room - sizeof(*record))
		return -ENODATA;
	if (le64_to_cpu(record->number) != wal_pack(cursor->epoch, cursor->seq))
		return -ENODATA;
	if (le32_to_cpu(record->crc) !=
	    wal_record_crc(cursor->id, record, len))
		return -ENODATA;

	*payload = record + 1;
	cursor->pos += sizeof(*record) + len;
	cursor->seq++;
	return len;
}
EXPORT_SYMBOL_GPL(wal_cursor_next);

static bool wal_head_is_valid(const struct wal_head *head, u64 size)
{
	return head->magic == cpu_to_le64(WAL_MAGIC) &&
	       head->version == cpu_to_le32(WAL_VERSION) &&
	       head->size == cpu_to_le64(size) &&
	       le32_to_cpu(head->crc) == wal_head_crc(head);
}

/**
 * wal_recover - find what is left of a log
 * @image: the memory; nobody writes to it
 * @size: its size
 * @state: where to put what was found
 *
 * Context: any.
 * Return: 0; -ENODATA if there is no log of this size; -EBADMSG if the pointer
 * covers something that is not there: @state says what is.
 */
int wal_recover(const void *image, u64 size, struct wal_state *state)
{
	struct wal_cursor cursor = { image, size };
	const struct wal_head *head = image;
	const void *payload;
	u64 tail;

	*state = (struct wal_state) {};
	if (size < WAL_BASE || !wal_head_is_valid(head, size))
		return -ENODATA;
	tail = le64_to_cpu(READ_ONCE(head->tail));
	state->id = le64_to_cpu(head->id);
	state->epoch = tail >> WAL_LOW_BITS;
	state->tail = tail & WAL_LOW_MASK;

	cursor.id = state->id;
	cursor.epoch = state->epoch;
	cursor.pos = WAL_BASE;
	do {
		if (cursor.pos == state->tail)
			state->pointed = cursor.seq;
		state->end = cursor.pos;
		state->records = cursor.seq;
	} while (wal_cursor_next(&cursor, &payload) >= 0);

	if (state->tail != WAL_BASE && !state->pointed)
		return -EBADMSG;
	return 0;
}
EXPORT_SYMBOL_GPL(wal_recover);
