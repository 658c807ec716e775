// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Writing a log
 *
 * Purpose: appends records to a log in the memory of a target, and knows at
 * every moment which of them a power cut cannot take away any more.
 *
 * Operation: a record is one RMA write to where the log ends. What makes it
 * durable is the writer's choice (enum wal_commit)::
 *
 *	each	write(record, COMMIT) ...
 *	flush	write(record) ...  write(nothing, FENCE | COMMIT)
 *	pointer	write(record) ...
 *
 * followed, at wal_writer_commit(), by write(pointer, FENCE | COMMIT). A record
 * is acknowledged when the write that committed it has completed. With "flush"
 * and "pointer" a batch of any length costs one flush.
 *
 * With RPM_TRANSMIT the same writes are made without KFI_COMMIT_COMPLETE and
 * the same things are believed: this is wrong, and there to be caught.
 *
 * Ownership: each write has a slot with a buffer of its own until its
 * completion is taken. A writer is used by one thread at a time.
 *
 * Ordering: writes complete in the order in which they were posted, so what is
 * acknowledged is always a beginning of the log.
 *
 * Errors: after a write that failed, all calls return its error.
 */
#include <linux/err.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uio.h>

#include "wal.h"

/* A record may be in two regions, and a commit is more than a write. */
#define WAL_TX_PER_WRITE	4

const char *const wal_commits[] = {
	[WAL_COMMIT_EACH] = "each",
	[WAL_COMMIT_FLUSH] = "flush",
	[WAL_COMMIT_POINTER] = "pointer",
	NULL
};
EXPORT_SYMBOL_GPL(wal_commits);

/**
 * struct wal_slot - a write that is under way
 * @op: its context
 * @writer: whose it is
 * @completed: @op has what became of it
 * @begins: its completion acknowledges the epoch
 * @acks: its completion acknowledges as many records of the epoch
 * @len: bytes in @buf
 * @buf: what is written
 */
struct wal_slot {
	struct rpm_op op;
	struct wal_writer *writer;
	bool completed;
	bool begins;
	u64 acks;
	size_t len;
	void *buf;
};

/**
 * struct wal_writer - writes one log
 * @opts: how
 * @conn: to the target
 * @progress: how far it has come
 * @end: offset behind the last record
 * @err: negative errno of the first write that failed
 * @wait: woken when a write completes
 * @posted: writes so far
 * @reaped: those whose completions were taken
 * @slot: write number n is in slot n modulo @opts.depth
 */
struct wal_writer {
	struct wal_writer_opts opts;
	struct rpm_conn conn;
	struct wal_progress progress;
	u64 end;
	int err;
	wait_queue_head_t wait;
	u64 posted;
	u64 reaped;
	struct wal_slot slot[WAL_MAX_DEPTH];
};

static struct wal_slot *wal_writer_slot(struct wal_writer *writer, u64 number)
{
	return &writer->slot[number % writer->opts.depth];
}

/* In any context. The slot may be used again as soon as it is completed. */
static void wal_writer_done(struct rpm_op *op)
{
	struct wal_slot *slot = container_of(op, struct wal_slot, op);
	struct wal_writer *writer = slot->writer;

	/* with op.err */
	smp_store_release(&slot->completed, true);
	wake_up(&writer->wait);
}

static bool wal_writer_completed(const struct wal_slot *slot)
{
	/* pairs with wal_writer_done() */
	return smp_load_acquire(&slot->completed);
}

/* Take the oldest completion: with it, what it commits is acknowledged. */
static void wal_writer_reap(struct wal_writer *writer)
{
	struct wal_slot *slot = wal_writer_slot(writer, writer->reaped);
	struct wal_progress *progress = &writer->progress;
	bool more;

	wait_event(writer->wait, wal_writer_completed(slot));
	writer->reaped++;
	if (slot->op.err && !writer->err)
		writer->err = -slot->op.err;
	if (writer->err)
		return;

	more = slot->begins || slot->acks > progress->acked;
	progress->begun |= slot->begins;
	progress->acked = max(progress->acked, slot->acks);
	if (more && writer->opts.acked)
		writer->opts.acked(writer->opts.arg, progress);
}

static int wal_writer_drain(struct wal_writer *writer)
{
	while (writer->reaped < writer->posted)
		wal_writer_reap(writer);
	return writer->err;
}

/* A slot that nothing is under way in */
static struct wal_slot *wal_writer_get(struct wal_writer *writer)
{
	struct wal_slot *slot;

	if (writer->posted - writer->reaped == writer->opts.depth)
		wal_writer_reap(writer);
	if (writer->err)
		return ERR_PTR(writer->err);
	slot = wal_writer_slot(writer, writer->posted);
	slot->completed = false;
	slot->begins = false;
	slot->acks = 0;
	slot->len = 0;
	return slot;
}

/*
 * Post what is in the slot. @flags: KFI_FENCE and KFI_COMMIT_COMPLETE. -EAGAIN
 * says that there is no room before a completion was taken.
 */
static int wal_writer_post(struct wal_writer *writer, struct wal_slot *slot,
			   u64 offset, u64 flags)
{
	struct kvec iov = { .iov_base = slot->buf, .iov_len = slot->len };
	struct kfi_rma_iov remote[RPM_MAX_RANGES];
	struct kfi_msg_rma msg = {
		.type = KFI_KVEC,
		.msg_iov = &iov,
		.iov_count = slot->len ? 1 : 0,
		.rma_iov = remote,
		.context = &slot->op,
	};
	ssize_t rc;

	rc = rpm_conn_remote(&writer->conn, offset, slot->len, remote,
			     &msg.rma_iov_count);
	if (rc)
		return rc;
	if (writer->opts.net.level != RPM_COMMIT)
		flags &= ~KFI_COMMIT_COMPLETE;

	for (;;) {
		rc = kfi_writemsg(writer->conn.ep, &msg,
				  flags | KFI_COMPLETION);
		if (rc != -EAGAIN || writer->reaped == writer->posted)
			break;
		wal_writer_reap(writer);
	}
	if (rc) {
		writer->err = writer->err ?: rc;
		return rc;
	}
	writer->posted++;
	return 0;
}

/* The pointer, which commits everything in front of it. */
static int wal_writer_point(struct wal_writer *writer, bool begins)
{
	struct wal_slot *slot = wal_writer_get(writer);
	__le64 tail;

	if (IS_ERR(slot))
		return PTR_ERR(slot);
	tail = cpu_to_le64(wal_pack(writer->progress.epoch, writer->end));
	memcpy(slot->buf, &tail, sizeof(tail));
	slot->len = sizeof(tail);
	slot->begins = begins;
	slot->acks = writer->progress.appended;
	return wal_writer_post(writer, slot, offsetof(struct wal_head, tail),
			       KFI_FENCE | KFI_COMMIT_COMPLETE);
}

/* Nothing is written, and everything before it is committed. */
static int wal_writer_flush(struct wal_writer *writer)
{
	struct wal_slot *slot = wal_writer_get(writer);

	if (IS_ERR(slot))
		return PTR_ERR(slot);
	slot->acks = writer->progress.appended;
	return wal_writer_post(writer, slot, 0,
			       KFI_FENCE | KFI_COMMIT_COMPLETE);
}

static int wal_writer_begin(struct wal_writer *writer, u64 id, u32 epoch)
{
	int rc;

	writer->progress = (struct wal_progress) { .id = id, .epoch = epoch };
	writer->end = WAL_BASE;
	rc = wal_writer_point(writer, true);
	return rc ?: wal_writer_drain(writer);
}

/**
 * wal_writer_format - make a new log
 * @writer: the writer
 * @id: of the log; one that no log in this memory had before
 *
 * There is no log in the memory until this was successful.
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int wal_writer_format(struct wal_writer *writer, u64 id)
{
	struct wal_slot *slot = wal_writer_get(writer);
	int rc;

	if (IS_ERR(slot))
		return PTR_ERR(slot);
	wal_make_head(slot->buf, id, writer->conn.size);
	slot->len = sizeof(struct wal_head);
	rc = wal_writer_post(writer, slot, 0, KFI_COMMIT_COMPLETE);
	return rc ?: wal_writer_begin(writer, id, 1);
}
EXPORT_SYMBOL_GPL(wal_writer_format);

/**
 * wal_writer_reset - empty the log
 * @writer: has made it
 *
 * One update of the pointer: a power cut leaves the log as it was, or empty.
 *
 * Context: process, may sleep.
 * Return: 0; -EOVERFLOW if there were so many epochs that the log must be made
 * anew; another negative errno.
 */
int wal_writer_reset(struct wal_writer *writer)
{
	const struct wal_progress *progress = &writer->progress;
	int rc = wal_writer_drain(writer);

	if (rc)
		return rc;
	if (progress->epoch == WAL_MAX_EPOCH)
		return -EOVERFLOW;
	return wal_writer_begin(writer, progress->id, progress->epoch + 1);
}
EXPORT_SYMBOL_GPL(wal_writer_reset);

/**
 * wal_writer_append - write a record
 * @writer: the writer
 * @payload: the payload; copied
 * @len: bytes, 1 to what the writer was opened for
 *
 * Waits for older writes only. The record is acknowledged sooner or later with
 * "each", and not before wal_writer_commit() otherwise.
 *
 * Context: process, may sleep.
 * Return: 0; -ENOSPC if the log is full; -EINVAL for another length; another
 * negative errno.
 */
int wal_writer_append(struct wal_writer *writer, const void *payload, u32 len)
{
	struct wal_progress *progress = &writer->progress;
	bool each = writer->opts.commit == WAL_COMMIT_EACH;
	struct wal_slot *slot;
	int rc;

	if (!len || len > writer->opts.max_payload)
		return -EINVAL;
	if (writer->conn.size - writer->end < sizeof(struct wal_record) + len)
		return -ENOSPC;
	slot = wal_writer_get(writer);
	if (IS_ERR(slot))
		return PTR_ERR(slot);

	slot->len = wal_make_record(slot->buf, progress->id, progress->epoch,
				    progress->appended, payload, len);
	slot->acks = each ? progress->appended + 1 : 0;
	/* it may be there before the call returns */
	progress->appended++;
	rc = wal_writer_post(writer, slot, writer->end,
			     each ? KFI_COMMIT_COMPLETE : 0);
	if (!rc)
		writer->end += slot->len;
	return rc;
}
EXPORT_SYMBOL_GPL(wal_writer_append);

/**
 * wal_writer_commit - make everything that was appended durable
 * @writer: the writer
 *
 * Context: process, may sleep.
 * Return: 0, and all is acknowledged; or a negative errno.
 */
int wal_writer_commit(struct wal_writer *writer)
{
	int rc = 0;

	if (writer->opts.commit == WAL_COMMIT_FLUSH) {
		rc = wal_writer_flush(writer);
		rc = rc ?: wal_writer_drain(writer);
	}
	rc = rc ?: wal_writer_point(writer, false);
	return rc ?: wal_writer_drain(writer);
}
EXPORT_SYMBOL_GPL(wal_writer_commit);

/**
 * wal_writer_progress - how far a writer has come
 * @writer: the writer
 *
 * Context: the thread that uses the writer.
 * Return: the progress; what it points to changes as the writer goes on.
 */
const struct wal_progress *wal_writer_progress(const struct wal_writer *writer)
{
	return &writer->progress;
}
EXPORT_SYMBOL_GPL(wal_writer_progress);

static int wal_writer_open_slots(struct wal_writer *writer)
{
	size_t room = max(sizeof(struct wal_head), sizeof(struct wal_record) +
						   writer->opts.max_payload);
	u32 i;

	for (i = 0; i < writer->opts.depth; i++) {
		writer->slot[i].op.done = wal_writer_done;
		writer->slot[i].writer = writer;
		writer->slot[i].buf = kmalloc(room, GFP_KERNEL);
		if (!writer->slot[i].buf)
			return -ENOMEM;
	}
	return 0;
}

/**
 * wal_writer_open - connect to a target
 * @writer: where to put the writer
 * @opts: how to write
 * @session: where to say what fails, or NULL; not used after this
 *
 * Make a log with wal_writer_format() before anything else.
 *
 * Context: a kernel thread; may sleep.
 * Return: 0; -EINVAL for a depth or a length out of range; another negative
 * errno.
 */
int wal_writer_open(struct wal_writer **writer,
		    const struct wal_writer_opts *opts,
		    struct ktl_session *session)
{
	struct wal_writer *w;
	int rc;

	if (!opts->depth || opts->depth > WAL_MAX_DEPTH ||
	    !opts->max_payload || opts->max_payload > WAL_MAX_PAYLOAD)
		return -EINVAL;
	w = kvzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return -ENOMEM;
	w->opts = *opts;
	w->opts.net.tx_size = opts->depth * WAL_TX_PER_WRITE;
	init_waitqueue_head(&w->wait);

	rc = wal_writer_open_slots(w);
	if (!rc)
		rc = rpm_conn_open(&w->conn, &w->opts.net, session);
	if (!rc && w->conn.size < 2 * WAL_BASE)
		rc = -ENOSPC;
	if (rc) {
		wal_writer_close(w);
		return rc;
	}
	*writer = w;
	return 0;
}
EXPORT_SYMBOL_GPL(wal_writer_open);

/**
 * wal_writer_close - end the connection, without a commit
 * @writer: the writer
 *
 * Context: process, may sleep.
 */
void wal_writer_close(struct wal_writer *writer)
{
	u32 i;

	rpm_conn_close(&writer->conn);
	for (i = 0; i < writer->opts.depth; i++)
		kfree(writer->slot[i].buf);
	kvfree(writer);
}
EXPORT_SYMBOL_GPL(wal_writer_close);
