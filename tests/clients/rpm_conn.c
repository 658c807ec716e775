// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Initiator
 *
 * Purpose: connects to a target and knows by which keys to reach which part of
 * its memory. Reads and writes are the client's own calls of kfabric.
 *
 * Operation: every operation has a struct rpm_op as its context. The handler of
 * the completion queue tells each how it went. rpm_conn_remote() turns an offset
 * in the target's memory into the ranges that a call takes.
 *
 * Ownership: the client closes the connection when none of its operations is
 * under way any more, or when it does not mind that they are told of an error.
 * All of them have been told when rpm_conn_close() returns.
 *
 * Errors: everything that the target tells is checked before it is used. When
 * the connection ends, operations complete with an error, and @lost is called.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "rpm.h"

static struct rpm_conn *rpm_conn(struct rpm_side *side)
{
	return container_of(side, struct rpm_conn, side);
}

/*
 * Completions
 */

static bool rpm_conn_take_error(struct kfid_cq *cq)
{
	struct kfi_cq_err_entry entry = {};
	struct rpm_op *op;

	if (kfi_cq_readerr(cq, &entry, 0) < 0)
		return false;
	op = entry.op_context;
	op->err = entry.err ?: EIO;
	op->done(op);
	return true;
}

/* Reading until nothing is left arms the handler again. */
static void rpm_conn_completed(struct kfid_cq *cq, void *context)
{
	struct kfi_cq_entry entry[16];
	struct rpm_op *op;
	ssize_t n, i;

	do {
		n = kfi_cq_read(cq, entry, ARRAY_SIZE(entry));
		for (i = 0; i < n; i++) {
			op = entry[i].op_context;
			op->err = 0;
			op->done(op);
		}
	} while (n > 0 || (n == -KFI_EAVAIL && rpm_conn_take_error(cq)));
}

/*
 * Events
 */

static void rpm_conn_enter(struct rpm_conn *conn, enum rpm_state state, int err)
{
	conn->err = err;
	/* with what was learnt before it, for rpm_conn_is_up() */
	smp_store_release(&conn->state, state);
	wake_up(&conn->wait);
}

/* What the target says about its memory must make sense. */
static int rpm_conn_learn(struct rpm_conn *conn, const struct rpm_event *entry,
			  size_t len)
{
	struct rpm_reply reply;

	if (len < sizeof(reply))
		return -EPROTO;
	memcpy(&reply, entry->data, sizeof(reply));
	conn->size = be64_to_cpu(reply.size);
	conn->region = be32_to_cpu(reply.region);
	conn->count = be32_to_cpu(reply.count);
	if (reply.magic != cpu_to_be32(RPM_MAGIC) ||
	    !is_power_of_2(conn->region) || conn->region > RPM_MAX_REGION ||
	    !conn->count || conn->count > RPM_MAX_REGIONS ||
	    conn->size > (u64)conn->count * conn->region ||
	    conn->size <= (u64)(conn->count - 1) * conn->region)
		return -EPROTO;

	conn->key = kvcalloc(conn->count, sizeof(*conn->key), GFP_KERNEL);
	if (!conn->key)
		return -ENOMEM;
	conn->key[0] = be64_to_cpu(reply.key);
	return 0;
}

static void rpm_conn_event(struct rpm_side *side, u32 event,
			   const struct rpm_event *entry, size_t len)
{
	struct rpm_conn *conn = rpm_conn(side);
	bool up = conn->state == RPM_CONNECTED;
	int rc;

	if (event == KFI_CONNECTED) {
		rc = rpm_conn_learn(conn, entry, len);
		rpm_conn_enter(conn, rc ? RPM_GONE : RPM_CONNECTED, rc);
	} else if (event == KFI_SHUTDOWN) {
		rpm_conn_enter(conn, RPM_GONE, -ENOTCONN);
		if (up && conn->lost)
			conn->lost(conn->arg);
	}
}

/* What a target that rejects has to say comes as data of the error. */
static void rpm_conn_error(struct rpm_side *side,
			   const struct kfi_eq_err_entry *entry)
{
	if (entry->err_data_size)
		pr_info("the target says: %.*s\n", (int)entry->err_data_size,
			(const char *)entry->err_data);
	rpm_conn_enter(rpm_conn(side), RPM_GONE, -entry->err ?: -EIO);
}

/*
 * Connecting
 */

static bool rpm_conn_connecting(const struct rpm_conn *conn)
{
	/* pairs with rpm_conn_enter() */
	return smp_load_acquire(&conn->state) == RPM_CONNECTING;
}

static int rpm_conn_wait(struct rpm_conn *conn, u32 timeout)
{
	long left;

	left = wait_event_interruptible_timeout(conn->wait,
						!rpm_conn_connecting(conn) ||
						kthread_should_stop(),
						timeout * HZ);
	if (kthread_should_stop())
		return -EINTR;
	if (!left)
		return -ETIMEDOUT;
	return conn->state == RPM_CONNECTED ? 0 : conn->err;
}

static int rpm_conn_connect(struct rpm_conn *conn, const struct rpm_opts *opts)
{
	struct rpm_hello hello = {
		.magic = cpu_to_be32(RPM_MAGIC),
		.version = cpu_to_be32(RPM_VERSION),
	};
	struct rpm_side *side = &conn->side;
	int rc;

	rc = rpm_side_open_ep(side, side->info, opts->tx_size, &conn->ep);
	if (rc)
		return rc;
	conn->state = RPM_CONNECTING;
	rc = kfi_connect(conn->ep, side->info->dest_addr, &hello,
			 sizeof(hello));
	if (rc)
		return rpm_side_failed(side, "kfi_connect", rc);
	rc = rpm_conn_wait(conn, opts->timeout);
	return rc ? rpm_side_failed(side, "connection", rc) : 0;
}

struct rpm_conn_read {
	struct rpm_op op;
	struct completion done;
};

static void rpm_conn_read_done(struct rpm_op *op)
{
	complete(&container_of(op, struct rpm_conn_read, op)->done);
}

/* With more than one region, what came with the answer is the key of a table. */
static int rpm_conn_read_keys(struct rpm_conn *conn)
{
	struct rpm_conn_read read = { .op.done = rpm_conn_read_done };
	__be64 *keys;
	ssize_t rc;
	u32 i;

	if (conn->count == 1)
		return 0;
	keys = kvcalloc(conn->count, sizeof(*keys), GFP_KERNEL);
	if (!keys)
		return -ENOMEM;

	init_completion(&read.done);
	rc = kfi_read(conn->ep, keys, conn->count * sizeof(*keys), NULL,
		      KFI_ADDR_UNSPEC, 0, conn->key[0], &read.op);
	if (!rc) {
		wait_for_completion(&read.done);
		rc = -read.op.err;
	}
	for (i = 0; !rc && i < conn->count; i++)
		conn->key[i] = be64_to_cpu(keys[i]);
	kvfree(keys);
	return rc ? rpm_side_failed(&conn->side, "table of keys", rc) : 0;
}

static int rpm_conn_open_all(struct rpm_conn *conn, const struct rpm_opts *opts)
{
	struct rpm_side *side = &conn->side;
	int rc;

	rc = rpm_side_open(side, opts, 0);
	if (rc)
		return rc;
	rc = rpm_side_open_domain(side, opts->tx_size + 1, rpm_conn_completed,
				  conn);
	if (rc)
		return rc;
	rc = rpm_conn_connect(conn, opts);
	if (rc)
		return rc;
	return rpm_conn_read_keys(conn);
}

/**
 * rpm_conn_open - connect to a target
 * @conn: not in use; zero, but for @lost and @arg
 * @opts: where the target is
 * @session: where to say what fails, or NULL; not used after this
 *
 * Context: a kernel thread; may sleep.
 * Return: 0 or a negative errno, and nothing is open.
 */
int rpm_conn_open(struct rpm_conn *conn, const struct rpm_opts *opts,
		  struct ktl_session *session)
{
	int rc;

	*conn = (struct rpm_conn) {
		.side = {
			.name = "initiator",
			.session = session,
			.persists = opts->level == RPM_COMMIT,
			.on_event = rpm_conn_event,
			.on_error = rpm_conn_error,
		},
		.lost = conn->lost,
		.arg = conn->arg,
	};
	init_waitqueue_head(&conn->wait);

	rc = rpm_conn_open_all(conn, opts);
	conn->side.session = NULL;
	if (rc)
		rpm_conn_close(conn);
	return rc;
}
EXPORT_SYMBOL_GPL(rpm_conn_open);

/**
 * rpm_conn_is_up - whether operations can still succeed
 * @conn: is open
 *
 * Context: any.
 * Return: false once the connection has ended.
 */
bool rpm_conn_is_up(const struct rpm_conn *conn)
{
	/* pairs with rpm_conn_enter() */
	return smp_load_acquire(&conn->state) == RPM_CONNECTED;
}
EXPORT_SYMBOL_GPL(rpm_conn_is_up);

/**
 * rpm_conn_remote - a part of the target's memory as a list of ranges
 * @conn: is open
 * @offset: of the first byte
 * @len: bytes, not more than a region has
 * @iov: room for RPM_MAX_RANGES ranges
 * @count: how many were used
 *
 * Addresses are offsets from the start of the region.
 *
 * Context: any.
 * Return: 0, or -EINVAL if the target has no such memory.
 */
int rpm_conn_remote(const struct rpm_conn *conn, u64 offset, size_t len,
		    struct kfi_rma_iov *iov, size_t *count)
{
	u64 index = offset >> ilog2(conn->region);
	u64 start = offset & (conn->region - 1);
	size_t n = min_t(u64, len, conn->region - start);

	if (len > conn->region || offset >= conn->size ||
	    len > conn->size - offset)
		return -EINVAL;
	iov[0] = (struct kfi_rma_iov) {
		.addr = start,
		.len = n,
		.key = conn->key[index],
	};
	*count = 1;
	if (n == len)
		return 0;
	iov[1] = (struct kfi_rma_iov) {
		.len = len - n,
		.key = conn->key[index + 1],
	};
	*count = 2;
	return 0;
}
EXPORT_SYMBOL_GPL(rpm_conn_remote);

/**
 * rpm_conn_close - end the connection
 * @conn: the connection
 *
 * Context: process, may sleep.
 */
void rpm_conn_close(struct rpm_conn *conn)
{
	if (conn->ep)
		rpm_side_close_fid(&conn->side, "close endpoint",
				   &conn->ep->fid);
	rpm_side_close(&conn->side);
	kvfree(conn->key);
	conn->ep = NULL;
	conn->key = NULL;
}
EXPORT_SYMBOL_GPL(rpm_conn_close);
