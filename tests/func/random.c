// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Many operations of random kind, size, alignment and memory, in both
 * directions, every byte compared: those that should have changed and those
 * around them that should not.
 */
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "func.h"

#define FUNC_ROOM	SZ_64K
#define FUNC_OPS	2000

enum func_op {
	FUNC_OP_SEND,
	FUNC_OP_SENDDATA,
	FUNC_OP_INJECT,
	FUNC_OP_WRITE,
	FUNC_OP_WRITEDATA,
	FUNC_OP_INJECT_WRITE,
	FUNC_OP_READ,
	FUNC_OP_KINDS
};

static const char *const func_op_names[FUNC_OP_KINDS] = {
	[FUNC_OP_SEND] = "send",
	[FUNC_OP_SENDDATA] = "senddata",
	[FUNC_OP_INJECT] = "inject",
	[FUNC_OP_WRITE] = "write",
	[FUNC_OP_WRITEDATA] = "writedata",
	[FUNC_OP_INJECT_WRITE] = "inject_write",
	[FUNC_OP_READ] = "read",
};

/**
 * struct func_dice - a random run
 * @src: buffers of each kind of memory, for the initiator
 * @dst: likewise, for the target
 * @mr: of each target, all of it
 * @op: the operation
 * @from: kind of the initiator's memory
 * @to: kind of the target's memory
 * @len: bytes
 * @from_offset: in the initiator's buffer
 * @to_offset: in the target's buffer
 * @number: of the operation
 */
struct func_dice {
	struct ktl_buf *src[KTL_BUF_KINDS];
	struct ktl_buf *dst[KTL_BUF_KINDS];
	struct kfid_mr *mr[KTL_BUF_KINDS];
	enum func_op op;
	enum ktl_buf_kind from;
	enum ktl_buf_kind to;
	size_t len;
	size_t from_offset;
	size_t to_offset;
	u32 number;
};

static bool func_dice_open(struct func *t, struct func_dice *d)
{
	int kind;

	for (kind = 0; kind < KTL_BUF_KINDS; kind++) {
		d->src[kind] = func_buf(t, kind, FUNC_ROOM + PAGE_SIZE, 0);
		d->dst[kind] = func_buf(t, kind, FUNC_ROOM + PAGE_SIZE, 0);
		if (!d->src[kind] || !d->dst[kind])
			return false;
		d->mr[kind] = func_open_mr_buf(t, t->domain, d->dst[kind],
					       KFI_REMOTE_READ |
					       KFI_REMOTE_WRITE);
		if (!d->mr[kind])
			return false;
	}
	return true;
}

/* As many small ones as large ones: the exponent is drawn first. */
static size_t func_dice_len(struct func *t, size_t max)
{
	u32 bits = func_random(t, 17);

	return min_t(size_t, func_random(t, 1 << bits) + (bits == 16), max);
}

static void func_dice_throw(struct func *t, struct func_dice *d)
{
	size_t max;

	d->op = func_random(t, FUNC_OP_KINDS);
	if (!func_has_data(t) && d->op == FUNC_OP_SENDDATA)
		d->op = FUNC_OP_SEND;
	if (!func_has_data(t) && d->op == FUNC_OP_WRITEDATA)
		d->op = FUNC_OP_WRITE;
	d->from = func_random(t, KTL_BUF_KINDS);
	d->to = func_random(t, KTL_BUF_KINDS);
	d->from_offset = func_random(t, PAGE_SIZE);
	d->to_offset = func_random(t, PAGE_SIZE);
	max = func_pieces(t, FUNC_ROOM);
	if (d->op == FUNC_OP_INJECT || d->op == FUNC_OP_INJECT_WRITE) {
		/* one range: kmalloc memory, inside of a page */
		d->from = KTL_BUF_KMALLOC;
		max = min(t->info->tx_attr->inject_size,
			  PAGE_SIZE - d->from_offset);
	}
	d->len = func_dice_len(t, max);
	if (!func_tells(t) && d->op == FUNC_OP_READ && d->len <= 64) {
		/* soft-iWARP answers with something else, see docs/iwarp.rst: to a read of
		 * nothing while it sends, and to one of so little on two pages
		 */
		d->len = max_t(size_t, d->len, 1);
		d->to_offset = min_t(size_t, d->to_offset, PAGE_SIZE - 64);
	}
}

static struct kfi_rma_iov func_dice_remote(const struct func_dice *d)
{
	return (struct kfi_rma_iov) {
		.addr = d->to_offset,
		.len = d->len,
		.key = kfi_mr_key(d->mr[d->to]),
	};
}

static ssize_t func_dice_message(struct func_dice *d, struct func_end *from)
{
	struct ktl_buf *src = d->src[d->from];
	struct kfi_msg msg = func_msg(src, d);

	msg.data = d->number;
	if (d->op == FUNC_OP_INJECT)
		return kfi_inject(from->ep, src->mem[0] + d->from_offset,
				  d->len, KFI_ADDR_UNSPEC);
	return kfi_sendmsg(from->ep, &msg, KFI_COMPLETION |
			   (d->op == FUNC_OP_SENDDATA ? KFI_REMOTE_CQ_DATA :
			    0));
}

static ssize_t func_dice_rma(struct func_dice *d, struct func_end *from)
{
	struct kfi_rma_iov remote = func_dice_remote(d);
	struct ktl_buf *src = d->src[d->from];
	struct kfi_msg_rma msg = func_msg_rma(src, &remote, 1, d);

	msg.data = d->number;
	switch (d->op) {
	case FUNC_OP_INJECT_WRITE:
		return kfi_inject_write(from->ep, src->mem[0] + d->from_offset,
					d->len, KFI_ADDR_UNSPEC, remote.addr,
					remote.key);
	case FUNC_OP_READ:
		return kfi_readmsg(from->ep, &msg, KFI_COMPLETION);
	default:
		return kfi_writemsg(from->ep, &msg, KFI_COMPLETION |
				    (d->op == FUNC_OP_WRITEDATA ?
				     KFI_REMOTE_CQ_DATA : 0));
	}
}

/* Receives for what needs one; an injected write is followed by a message. */
static bool func_dice_recv(struct func *t, struct func_dice *d,
			   struct func_end *to)
{
	struct kfi_msg msg = func_msg(d->dst[d->to], d->dst);

	switch (d->op) {
	case FUNC_OP_SEND:
	case FUNC_OP_SENDDATA:
	case FUNC_OP_INJECT:
		return CHECK_OK(t, kfi_recvmsg(to->ep, &msg, KFI_COMPLETION));
	case FUNC_OP_WRITEDATA:
	case FUNC_OP_INJECT_WRITE:
		return CHECK_OK(t, kfi_recv(to->ep, NULL, 0, NULL,
					    KFI_ADDR_UNSPEC, d->dst));
	default:
		return true;
	}
}

/* Posts, and reads completions of silent operations' places when full. */
static bool func_dice_post(struct func *t, struct func_dice *d,
			   struct func_end *from)
{
	unsigned long end = jiffies + msecs_to_jiffies(func_wait_ms);
	ssize_t rc;

	do {
		rc = d->op <= FUNC_OP_INJECT ? func_dice_message(d, from) :
					       func_dice_rma(d, from);
		func_progress(t, from);
	} while (rc == -EAGAIN && time_before(jiffies, end));
	if (!CHECK_OK(t, rc))
		return false;
	if (d->op != FUNC_OP_INJECT_WRITE)
		return true;
	return CHECK_OK(t, kfi_send(from->ep, NULL, 0, NULL, KFI_ADDR_UNSPEC,
				    d));
}

static bool func_dice_wait(struct func *t, struct func_dice *d,
			   struct func_end *from, struct func_end *to)
{
	static const u64 tx_flags[FUNC_OP_KINDS] = {
		[FUNC_OP_SEND] = FUNC_TX_SEND,
		[FUNC_OP_SENDDATA] = FUNC_TX_SEND,
		[FUNC_OP_WRITE] = FUNC_TX_WRITE,
		[FUNC_OP_WRITEDATA] = FUNC_TX_WRITE,
		[FUNC_OP_INJECT_WRITE] = FUNC_TX_SEND,
		[FUNC_OP_READ] = FUNC_TX_READ,
	};
	static const u64 rx_flags[FUNC_OP_KINDS] = {
		[FUNC_OP_SEND] = FUNC_RX_RECV,
		[FUNC_OP_SENDDATA] = FUNC_RX_DATA,
		[FUNC_OP_INJECT] = FUNC_RX_RECV,
		[FUNC_OP_WRITEDATA] = FUNC_RX_WRITE,
		[FUNC_OP_INJECT_WRITE] = FUNC_RX_RECV,
	};
	struct kfi_cq_tagged_entry entry;

	if (tx_flags[d->op] &&
	    !func_comp(t, from->tx_cq, d, tx_flags[d->op], NULL))
		return false;
	if (!rx_flags[d->op])
		return true;
	if (!func_comp(t, to->rx_cq, d->dst, rx_flags[d->op], &entry))
		return false;
	if ((rx_flags[d->op] & KFI_REMOTE_CQ_DATA) &&
	    !CHECK_EQ(t, entry.data, d->number))
		return false;
	return d->op == FUNC_OP_INJECT_WRITE || CHECK_EQ(t, entry.len, d->len);
}

/* Nothing around the bytes of the operation has changed. */
static bool func_dice_around(struct func *t, struct ktl_buf *buf, size_t offset,
			     size_t len, u8 poison)
{
	size_t page = offset + len;

	ktl_buf_use(buf, 0, offset);
	if (!func_buf_untouched(t, buf, poison))
		return false;

	/* behind them: to the end of the page and one page more */
	ktl_buf_use(buf, 0, min(buf->room, ALIGN(page, PAGE_SIZE) + PAGE_SIZE));
	for (; page < buf->len; page++) {
		u8 *byte = buf->mem[page / PAGE_SIZE] + page % PAGE_SIZE;

		if (*byte != poison)
			return FAIL(t, "byte %zu behind the end was touched",
				    page - offset - len);
	}
	return true;
}

static bool func_dice_one(struct func *t, struct func_dice *d,
			  struct func_end *from, struct func_end *to)
{
	struct ktl_buf *given = d->src[d->from], *taken = d->dst[d->to];
	size_t given_at = d->from_offset, taken_at = d->to_offset;
	u64 pattern = ++t->seed;

	if (d->op == FUNC_OP_READ) {
		swap(given, taken);
		swap(given_at, taken_at);
	}
	ktl_buf_use(taken, 0, taken->room);
	ktl_buf_set(taken, d->number);
	ktl_buf_use(given, given_at, d->len);
	ktl_buf_use(taken, taken_at, d->len);
	ktl_buf_fill(given, pattern);

	return func_dice_recv(t, d, to) && func_dice_post(t, d, from) &&
	       func_dice_wait(t, d, from, to) &&
	       func_buf_is(t, taken, pattern) &&
	       func_dice_around(t, taken, taken_at, d->len, d->number);
}

static bool func_dice_report(struct func *t, const struct func_dice *d)
{
	return FAIL(t, "operation %u: %s of %zu bytes, %s at %zu to %s at %zu",
		    d->number, func_op_names[d->op], d->len,
		    ktl_buf_kinds[d->from], d->from_offset,
		    ktl_buf_kinds[d->to], d->to_offset);
}

static void random_operations(struct func *t)
{
	struct func_dice *d = func_alloc(t, sizeof(*d));
	u32 count = func_ops ?: FUNC_OPS;
	u64 bytes = 0;
	bool turn;

	ktl_session_printf(t->session, "# %u operations, seed %llu\n", count,
			   t->seed);
	if (!d || !func_dice_open(t, d))
		return;
	for (d->number = 0; d->number < count && !func_stopping();
	     d->number++) {
		func_dice_throw(t, d);
		turn = func_random(t, 2);
		if (!func_dice_one(t, d, turn ? &t->a : &t->b,
				   turn ? &t->b : &t->a)) {
			func_dice_report(t, d);
			return;
		}
		bytes += d->len;
		if (d->number % 10000 == 9999)
			ktl_session_printf(t->session, "# %u operations\n",
					   d->number + 1);
	}
	ktl_session_printf(t->session, "# %u operations, %llu bytes, 0 wrong\n",
			   d->number, bytes);
}

static const struct func_case random_cases[] = {
	{ "operations", random_operations, FUNC_PAIR },
};

FUNC_SUITE(random);
