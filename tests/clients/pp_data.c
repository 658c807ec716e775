// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Ping and pong
 *
 * Purpose: moves the data to and fro and checks it.
 *
 * Operation: the sides take turns. One gives a buffer, the other takes it,
 * looks at every byte and gives one back:
 *
 *	send	give: send it			take: receive it
 *	write	give: write it, with CQ data	take: wait for that
 *	read	give: say that it is ready	take: read it
 *
 * Every message finds a receive posted: a side posts the next one before it
 * gives. Contents depend on the seed, the direction, the number of the turn and
 * the position of the byte, so an old or misplaced byte shows.
 *
 * Ownership: a buffer is the provider's from the call until the completion.
 */
#include <linux/minmax.h>

#include "pp.h"

enum pp_dir {
	PP_PING,
	PP_PONG,
};

static u64 pp_data_seed(const struct pp_side *side, enum pp_dir dir)
{
	return (u64)side->test.seed << 33 | (u64)side->turn << 1 | dir;
}

static bool pp_data_is_vmalloc(const struct pp_mem *mem)
{
	return mem->buf->kind == KTL_BUF_VMALLOC;
}

/* Long vmalloc() memory is many pages: a region stands for them. */
static void **pp_data_desc(struct pp_mem *mem)
{
	return pp_data_is_vmalloc(mem) ? mem->desc : NULL;
}

static struct kfi_msg pp_data_msg(struct pp_mem *mem, struct pp_op *op)
{
	*op = (struct pp_op) {};
	return (struct kfi_msg) {
		.type = ktl_buf_type(mem->buf),
		.msg_iov = ktl_buf_list(mem->buf, 0),
		.desc = pp_data_desc(mem),
		.iov_count = mem->buf->count,
		.context = op,
	};
}

static struct kfi_msg_rma pp_data_msg_rma(struct pp_mem *mem, struct pp_op *op,
					  const struct kfi_rma_iov *remote,
					  size_t count)
{
	*op = (struct pp_op) {};
	return (struct kfi_msg_rma) {
		.type = ktl_buf_type(mem->buf),
		.msg_iov = ktl_buf_list(mem->buf, 0),
		.desc = pp_data_desc(mem),
		.iov_count = mem->buf->count,
		.rma_iov = remote,
		.rma_iov_count = count,
		.context = op,
	};
}

/* The receive for the next turn: for the data or for the word that it came. */
static int pp_data_post_recv(struct pp_side *side)
{
	struct kfi_msg msg;
	ssize_t rc;

	if (side->test.kind == PP_SEND) {
		rc = pp_mem_use(side, &side->rx, side->test.to);
		if (rc)
			return rc;
		msg = pp_data_msg(&side->rx, &side->in);
	} else {
		side->in = (struct pp_op) {};
		msg = (struct kfi_msg) {
			.type = KFI_KVEC,
			.context = &side->in,
		};
	}

	rc = kfi_recvmsg(side->ep, &msg, KFI_COMPLETION);
	return rc ? pp_side_failed(side, "kfi_recvmsg", rc) : 0;
}

/**
 * pp_data_post_first - post the receive for the peer's regions
 * @side: has an endpoint, not connected yet
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int pp_data_post_first(struct pp_side *side)
{
	ssize_t rc;

	side->note = (struct pp_op) {};
	rc = kfi_recv(side->ep, &side->theirs, sizeof(side->theirs), NULL,
		      KFI_ADDR_UNSPEC, &side->note);
	if (rc)
		return pp_side_failed(side, "kfi_recv", rc);
	return pp_data_post_recv(side);
}

/**
 * pp_data_begin - exchange regions
 * @side: connected
 *
 * Context: a thread of the command; may sleep.
 * Return: 0 or a negative errno.
 */
int pp_data_begin(struct pp_side *side)
{
	ssize_t rc;

	side->out = (struct pp_op) {};
	rc = kfi_send(side->ep, &side->mine, sizeof(side->mine), NULL,
		      KFI_ADDR_UNSPEC, &side->out);
	if (rc)
		return pp_side_failed(side, "kfi_send", rc);
	rc = pp_side_wait(side, &side->out);
	if (rc)
		return rc;
	rc = pp_side_wait(side, &side->note);
	if (rc)
		return rc;
	if (side->note.len != sizeof(side->theirs) ||
	    be32_to_cpu(side->theirs.count) > PP_MAX_REGIONS)
		return pp_side_failed(side, "the peer's regions", -EPROTO);
	return 0;
}

/* An empty message: what it announces is there. */
static int pp_data_note(struct pp_side *side)
{
	ssize_t rc;

	side->note = (struct pp_op) {};
	rc = kfi_send(side->ep, NULL, 0, NULL, KFI_ADDR_UNSPEC, &side->note);
	if (rc)
		return pp_side_failed(side, "kfi_send", rc);
	return pp_side_wait(side, &side->note);
}

static int pp_data_send(struct pp_side *side)
{
	struct kfi_msg msg = pp_data_msg(&side->tx, &side->out);
	ssize_t rc;

	rc = kfi_sendmsg(side->ep, &msg, KFI_COMPLETION);
	if (rc)
		return pp_side_failed(side, "kfi_sendmsg", rc);
	return pp_side_wait(side, &side->out);
}

/* Devices without CQ data get a message behind the write: it cannot overtake. */
static int pp_data_write(struct pp_side *side, size_t len)
{
	bool has_data = side->info->domain_attr->cq_data_size;
	struct kfi_rma_iov remote[PP_MAX_REGIONS];
	struct kfi_msg_rma msg;
	size_t count;
	ssize_t rc;

	rc = pp_mem_remote(side, len, remote, &count);
	if (rc)
		return pp_side_failed(side, "the peer's regions", rc);
	msg = pp_data_msg_rma(&side->tx, &side->out, remote, count);
	msg.data = side->turn;

	rc = kfi_writemsg(side->ep, &msg, KFI_COMPLETION |
			  (has_data ? KFI_REMOTE_CQ_DATA : 0));
	if (rc)
		return pp_side_failed(side, "kfi_writemsg", rc);
	rc = pp_side_wait(side, &side->out);
	if (rc || has_data)
		return rc;
	return pp_data_note(side);
}

static int pp_data_read(struct pp_side *side, size_t len)
{
	struct kfi_rma_iov remote[PP_MAX_REGIONS];
	struct kfi_msg_rma msg;
	size_t count;
	ssize_t rc;

	rc = pp_mem_remote(side, len, remote, &count);
	if (rc)
		return pp_side_failed(side, "the peer's regions", rc);
	msg = pp_data_msg_rma(&side->rx, &side->out, remote, count);

	rc = kfi_readmsg(side->ep, &msg, KFI_COMPLETION);
	if (rc)
		return pp_side_failed(side, "kfi_readmsg", rc);
	return pp_side_wait(side, &side->out);
}

static int pp_data_give(struct pp_side *side, size_t len, enum pp_dir dir)
{
	int rc;

	rc = pp_mem_use(side, &side->tx, len);
	if (rc)
		return rc;
	if (side->test.verify)
		ktl_buf_fill(side->tx.buf, pp_data_seed(side, dir));

	switch (side->test.kind) {
	case PP_SEND:
		return pp_data_send(side);
	case PP_WRITE:
		return pp_data_write(side, len);
	default:
		return pp_data_note(side);
	}
}

static void pp_data_verify(struct pp_side *side, enum pp_dir dir)
{
	ssize_t bad = ktl_buf_check(side->rx.buf, pp_data_seed(side, dir));

	if (bad >= 0) {
		WRITE_ONCE(side->wrong, side->wrong + 1);
		ktl_session_printf(side->session,
				   "%s: turn %u, %zu bytes: byte %zd is wrong\n",
				   side->name, side->turn, side->rx.buf->len,
				   bad);
	}
	/* so that it cannot look right again by itself */
	ktl_buf_set(side->rx.buf, 0);
}

/* What the completion of the receive says must fit the turn. */
static int pp_data_check_note(struct pp_side *side, size_t len)
{
	bool has_data = side->info->domain_attr->cq_data_size;

	if (side->test.kind == PP_SEND && side->in.len != len)
		return pp_side_failed(side, "length of a message", -EPROTO);
	if (side->test.kind == PP_WRITE && has_data &&
	    side->in.data != side->turn)
		return pp_side_failed(side, "data of a write", -EPROTO);
	return 0;
}

static int pp_data_take(struct pp_side *side, size_t len, enum pp_dir dir)
{
	int rc;

	rc = pp_side_wait(side, &side->in);
	if (rc)
		return rc;
	rc = pp_data_check_note(side, len);
	if (rc)
		return rc;

	rc = pp_mem_use(side, &side->rx, len);
	if (rc)
		return rc;
	if (side->test.kind == PP_READ)
		rc = pp_data_read(side, len);
	if (!rc && side->test.verify)
		pp_data_verify(side, dir);
	return rc;
}

/**
 * pp_data_next_size - sizes double, from the first to the last
 * @test: has both
 * @size: a size
 *
 * Return: the size after @size, beyond the last when there is none.
 */
u64 pp_data_next_size(const struct pp_test *test, u64 size)
{
	u64 next = size ? size * 2 : 1;

	return size < test->to ? min(next, test->to) : test->to + 1;
}

/**
 * pp_data_client_round - one round trip
 * @side: the client
 * @size: bytes each way
 *
 * Context: a thread of the command; may sleep.
 * Return: 0 or a negative errno. Wrong bytes are counted, not returned.
 */
int pp_data_client_round(struct pp_side *side, u64 size)
{
	int rc;

	rc = pp_data_give(side, size, PP_PING);
	if (rc)
		return rc;
	rc = pp_data_take(side, size, PP_PONG);
	if (rc)
		return rc;
	side->turn++;
	return pp_data_post_recv(side);
}

/* The receive for the next turn is there before the client can take it. */
static int pp_data_server_round(struct pp_side *side, u64 size)
{
	int rc;

	rc = pp_data_take(side, size, PP_PING);
	if (rc)
		return rc;
	rc = pp_data_post_recv(side);
	if (rc)
		return rc;
	rc = pp_data_give(side, size, PP_PONG);
	side->turn++;
	return rc;
}

/**
 * pp_data_server - all round trips of all sizes
 * @side: the server
 *
 * Context: a thread of the command; may sleep.
 * Return: 0 or a negative errno. Wrong bytes are counted, not returned.
 */
int pp_data_server(struct pp_side *side)
{
	const struct pp_test *test = &side->test;
	u64 size;
	int rc;
	u32 i;

	for (size = test->from; size <= test->to;
	     size = pp_data_next_size(test, size)) {
		for (i = 0; i < test->count; i++) {
			rc = pp_data_server_round(side, size);
			if (rc)
				return rc;
		}
	}
	return 0;
}

/**
 * pp_data_say_done - tell the server that nothing more is needed of it
 * @side: the client
 *
 * The server ends the connection when it has got this, perhaps before the
 * completion is here: nobody waits for it.
 *
 * Context: any.
 * Return: 0 or a negative errno.
 */
int pp_data_say_done(struct pp_side *side)
{
	ssize_t rc;

	side->note = (struct pp_op) {};
	rc = kfi_send(side->ep, NULL, 0, NULL, KFI_ADDR_UNSPEC, &side->note);
	return rc ? pp_side_failed(side, "kfi_send", rc) : 0;
}

/**
 * pp_data_wait_done - wait until the client needs nothing more
 * @side: the server, which has posted a receive for this
 *
 * The client may be reading this side's memory until then.
 *
 * Context: a thread of the command; may sleep.
 * Return: 0 or a negative errno.
 */
int pp_data_wait_done(struct pp_side *side)
{
	return pp_side_wait(side, &side->in);
}
