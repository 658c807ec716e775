// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Sides
 *
 * Purpose: what the ends of connections have in common, whatever they are made
 * of: which part of a buffer an operation is of, how many may be outstanding, what
 * the sides tell each other when they connect, what is complete.
 *
 * Operation: a buffer has slots, as many as operations may be outstanding, or as
 * fit. The operations of a connection take one after the other, and so do the
 * messages that come. Only some operations are signalled; such a completion is one
 * of all operations before it.
 *
 * Errors: what a peer says is checked before it is used.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/slab.h>

#include "gen.h"

#define KFP_HELLO_MAGIC	0x6b667031	/* "kfp1" */

/* Answers, and one message that the server sends when it is ready */
#define KFP_SIDE_FEW	4

/**
 * kfp_side_failed - complain
 * @side: the side
 * @what: what has failed
 * @rc: negative errno
 *
 * Context: process.
 * Return: @rc.
 */
int kfp_side_failed(struct kfp_side *side, const char *what, int rc)
{
	ktl_session_printf(side->session, "%s %s: %s failed (%d)\n",
			   side->be->name, side->server ? "server" : "client",
			   what, rc);
	return rc;
}

/**
 * kfp_side_open - make a side, without connections
 * @be: back end
 * @session: where to print
 * @server: it listens
 * @addr: of the server
 * @port: likewise; 0 is any, for a server
 * @shape: what connections will carry
 * @mem: buffers
 *
 * Context: process, may sleep.
 * Return: the side, or an ERR_PTR() after a complaint.
 */
struct kfp_side *kfp_side_open(const struct kfp_backend *be,
			       struct ktl_session *session, bool server,
			       const char *addr, u16 port,
			       const struct kfp_shape *shape,
			       const struct kfp_mem *mem)
{
	struct kfp_side *side = kzalloc(be->ops->side_size, GFP_KERNEL);
	int rc;

	if (!side)
		return ERR_PTR(-ENOMEM);
	side->be = be;
	side->session = session;
	side->server = server;
	side->addr = addr;
	side->port = port;
	side->shape = *shape;
	side->mem = *mem;
	side->conns = kvcalloc(KFP_GEN_CONNS, sizeof(*side->conns), GFP_KERNEL);
	rc = side->conns ? be->ops->open(side) : -ENOMEM;
	if (!rc)
		return side;
	kfp_side_failed(side, "open", rc);
	kfp_side_close(side);
	return ERR_PTR(rc);
}

/**
 * kfp_side_drop - close all connections
 * @side: the side
 *
 * Context: process, may sleep.
 */
void kfp_side_drop(struct kfp_side *side)
{
	while (side->count) {
		side->be->ops->disconnect(side->conns[--side->count]);
		kfree(side->conns[side->count]);
	}
	side->next = 0;
	side->posted = 0;
	side->done = 0;
	side->got = 0;
	side->error = 0;
}

/**
 * kfp_side_close - close a side and its connections
 * @side: the side, or NULL, or an ERR_PTR()
 *
 * Context: process, may sleep.
 */
void kfp_side_close(struct kfp_side *side)
{
	if (IS_ERR_OR_NULL(side))
		return;
	kfp_side_drop(side);
	side->be->ops->close(side);
	kvfree(side->conns);
	kfree(side);
}

/**
 * kfp_side_add - room for a connection
 * @side: the side
 *
 * Context: process, may sleep.
 * Return: the connection, not connected, or NULL.
 */
struct kfp_conn *kfp_side_add(struct kfp_side *side)
{
	struct kfp_conn *conn;

	if (side->count == KFP_GEN_CONNS)
		return NULL;
	conn = kzalloc(side->be->ops->conn_size, GFP_KERNEL);
	if (!conn)
		return NULL;
	conn->side = side;
	side->conns[side->count++] = conn;
	return conn;
}

/**
 * kfp_side_link - connect the sides once more
 * @pair: the sides
 *
 * The thread may play both sides, so nothing waits for what it still has to do.
 *
 * Context: process, may sleep.
 * Return: 0, or a negative errno after a complaint.
 */
int kfp_side_link(struct kfp_pair *pair)
{
	const struct kfp_backend *be = pair->a->be;
	struct kfp_conn *a = kfp_side_add(pair->a);
	struct kfp_conn *b = pair->b ? kfp_side_add(pair->b) : NULL;
	int rc;

	if (!a || (pair->b && !b))
		return -ENOMEM;
	rc = be->ops->connect(a);
	if (rc)
		return kfp_side_failed(pair->a, "connect", rc);
	rc = b ? be->ops->accept(b) : 0;
	if (rc)
		return kfp_side_failed(pair->b, "accept", rc);
	rc = be->ops->finish(a);
	if (rc)
		return kfp_side_failed(pair->a, "connect", rc);
	rc = b ? be->ops->finish(b) : 0;
	return rc ? kfp_side_failed(pair->b, "accept", rc) : 0;
}

/**
 * kfp_side_hello - what to tell the other side
 * @side: this side
 * @in: key of its buffer that is written to
 * @out: key of its buffer that is read
 * @hello: where to put it
 *
 * Context: any.
 */
void kfp_side_hello(const struct kfp_side *side, u64 in, u64 out,
		    struct kfp_hello *hello)
{
	*hello = (struct kfp_hello) {
		.magic = cpu_to_be32(KFP_HELLO_MAGIC),
		.len = cpu_to_be32(side->shape.len),
		.depth = cpu_to_be16(side->shape.depth),
		.conns = cpu_to_be16(side->shape.conns),
		.every = cpu_to_be32(side->shape.every),
		.verb = side->shape.verb,
		.in = cpu_to_be64(in),
		.out = cpu_to_be64(out),
	};
}

/* The client says what there is to do. */
static int kfp_side_adopt(struct kfp_side *side, const struct kfp_hello *hello)
{
	struct kfp_shape shape = {
		.verb = hello->verb,
		.len = be32_to_cpu(hello->len),
		.depth = be16_to_cpu(hello->depth),
		.batch = 1,
		.conns = be16_to_cpu(hello->conns),
		.inlined = side->shape.inlined,
		.every = be32_to_cpu(hello->every),
	};

	if (shape.verb > KFP_READ || !shape.len || shape.len > KFP_GEN_AREA ||
	    !shape.depth || shape.depth > KFP_GEN_DEPTH || !shape.conns ||
	    shape.conns > KFP_GEN_CONNS)
		return -EPROTO;
	if (!side->shape.depth)
		side->shape = shape;
	return 0;
}

/**
 * kfp_side_greeted - take what the other side says
 * @conn: this end
 * @data: private data of the connection
 * @len: bytes of it
 *
 * Context: process.
 * Return: 0, or -EPROTO.
 */
int kfp_side_greeted(struct kfp_conn *conn, const void *data, size_t len)
{
	const struct kfp_hello *hello = data;

	if (len < sizeof(*hello) || hello->magic != cpu_to_be32(KFP_HELLO_MAGIC))
		return -EPROTO;
	conn->in = be64_to_cpu(hello->in);
	conn->out = be64_to_cpu(hello->out);
	return conn->side->server ? kfp_side_adopt(conn->side, hello) : 0;
}

/**
 * kfp_side_tx - operations that a connection has outstanding at most
 * @side: its side
 *
 * Context: any.
 * Return: how many.
 */
u32 kfp_side_tx(const struct kfp_side *side)
{
	const struct kfp_shape *shape = &side->shape;

	if (shape->conns == 1)
		return max(shape->depth, 32U);
	return max(2 * DIV_ROUND_UP(shape->depth, shape->conns),
		   2 * shape->batch) + KFP_SIDE_FEW;
}

/**
 * kfp_side_rx - receives that a connection has posted
 * @side: its side
 *
 * Twice as many as the peer's messages: of all that it has sent, this side may not
 * have looked at one when those were completed and as many are sent again.
 *
 * Context: any.
 * Return: how many.
 */
u32 kfp_side_rx(const struct kfp_side *side)
{
	return side->shape.verb == KFP_SEND ? 2 * kfp_side_tx(side) :
					      KFP_SIDE_FEW;
}

/**
 * kfp_side_slots - parts that the buffers have
 * @side: the side
 *
 * Context: any.
 * Return: how many.
 */
u32 kfp_side_slots(const struct kfp_side *side)
{
	return clamp_t(u32, KFP_GEN_AREA / side->shape.len, 1,
		       side->shape.depth);
}

/**
 * kfp_side_slot - where an operation begins in the buffers
 * @side: the side
 * @n: the operations of the connection before
 *
 * Context: any.
 * Return: offset in bytes.
 */
size_t kfp_side_slot(const struct kfp_side *side, u64 n)
{
	return (size_t)((u32)n % kfp_side_slots(side)) * side->shape.len;
}

/**
 * kfp_conn_mark - operations are about to be posted, the last of them signalled
 * @conn: the connection
 * @n: how many
 *
 * Context: process.
 */
void kfp_conn_mark(struct kfp_conn *conn, u32 n)
{
	conn->marks[conn->mark_head++ % KFP_GEN_DEPTH] = conn->posted + n;
}

/**
 * kfp_conn_done - a signalled operation is complete
 * @conn: the connection
 *
 * Context: any; one caller of a side at a time.
 */
void kfp_conn_done(struct kfp_conn *conn)
{
	u64 done = conn->marks[conn->mark_tail++ % KFP_GEN_DEPTH];
	u64 n = done - conn->done;

	WRITE_ONCE(conn->done, done);
	/* pairs with the acquire of kfp_turn_wait() */
	smp_store_release(&conn->side->done, conn->side->done + n);
}

/**
 * kfp_conn_got - a message has come
 * @conn: the connection
 *
 * Context: any; one caller of a side at a time.
 */
void kfp_conn_got(struct kfp_conn *conn)
{
	WRITE_ONCE(conn->got, conn->got + 1);
	/* pairs with the acquire of kfp_turn_wait() */
	smp_store_release(&conn->side->got, conn->side->got + 1);
}
