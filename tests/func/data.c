// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Operations on buffers.
 */
#include <linux/delay.h>
#include <linux/kernel.h>

#include "func.h"

/**
 * func_msg - a message of the bytes of a buffer that are in use
 * @buf: the buffer
 * @context: of the operation
 *
 * Return: the message.
 */
struct kfi_msg func_msg(const struct ktl_buf *buf, void *context)
{
	return (struct kfi_msg) {
		.type = ktl_buf_type(buf),
		.msg_iov = ktl_buf_list(buf, 0),
		.iov_count = buf->count,
		.context = context,
	};
}

/**
 * func_msg_rma - an RMA operation on the bytes of a buffer that are in use
 * @buf: the buffer
 * @iov: remote ranges
 * @count: how many
 * @context: of the operation
 *
 * Return: the operation.
 */
struct kfi_msg_rma func_msg_rma(const struct ktl_buf *buf,
				const struct kfi_rma_iov *iov, size_t count,
				void *context)
{
	return (struct kfi_msg_rma) {
		.type = ktl_buf_type(buf),
		.msg_iov = ktl_buf_list(buf, 0),
		.iov_count = buf->count,
		.rma_iov = iov,
		.rma_iov_count = count,
		.context = context,
	};
}

/* Whether a buffer may still change: what was written may be on its way. */
static bool func_may_come(const struct func *t, u32 *tries)
{
	if (func_tells(t) || ++*tries > 50)
		return false;
	msleep(20);
	return true;
}

/**
 * func_buf_is - see that a buffer has a pattern
 * @t: the case
 * @buf: the buffer
 * @seed: of the pattern
 *
 * Return: true, or false after a complaint.
 */
bool func_buf_is(struct func *t, const struct ktl_buf *buf, u64 seed)
{
	ssize_t bad;
	u32 tries = 0;

	do {
		bad = ktl_buf_check(buf, seed);
	} while (bad >= 0 && func_may_come(t, &tries));
	return bad < 0 || FAIL(t, "%s buffer: byte %zd of %zu is wrong",
			       ktl_buf_kinds[buf->kind], bad, buf->len);
}

/**
 * func_buf_untouched - see that a buffer has nothing but a byte
 * @t: the case
 * @buf: the buffer
 * @byte: that with which it was set
 *
 * Return: true, or false after a complaint.
 */
bool func_buf_untouched(struct func *t, const struct ktl_buf *buf, u8 byte)
{
	ssize_t bad;
	u32 tries = 0;

	do {
		bad = ktl_buf_differs(buf, byte);
	} while (bad >= 0 && func_may_come(t, &tries));
	return bad < 0 || FAIL(t, "byte %zd of %zu was touched", bad, buf->len);
}

/**
 * func_exchange - send a buffer into another one and compare
 * @t: the case
 * @from: who sends
 * @to: who receives
 * @src: what; filled here
 * @dst: whither; as many bytes in use as in @src, or more
 *
 * Return: true, or false after a complaint.
 */
bool func_exchange(struct func *t, struct func_end *from, struct func_end *to,
		   const struct ktl_buf *src, const struct ktl_buf *dst)
{
	struct kfi_msg send = func_msg(src, (void *)src);
	struct kfi_msg recv = func_msg(dst, (void *)dst);
	struct kfi_cq_tagged_entry entry;
	u64 seed = ++t->seed;

	ktl_buf_fill(src, seed);
	ktl_buf_set(dst, 0);
	return CHECK_OK(t, kfi_recvmsg(to->ep, &recv, KFI_COMPLETION)) &&
	       CHECK_OK(t, kfi_sendmsg(from->ep, &send, KFI_COMPLETION)) &&
	       func_comp(t, from->tx_cq, src, FUNC_TX_SEND, NULL) &&
	       func_comp(t, to->rx_cq, dst, FUNC_RX_RECV, &entry) &&
	       CHECK_EQ(t, entry.len, src->len) &&
	       (dst->len != src->len || func_buf_is(t, dst, seed));
}

/**
 * func_alive - see that two endpoints still exchange data, both ways
 * @t: the case
 * @a: one
 * @b: the other
 *
 * Return: true, or false after a complaint.
 */
bool func_alive(struct func *t, struct func_end *a, struct func_end *b)
{
	struct ktl_buf *src = func_buf(t, KTL_BUF_KMALLOC, PAGE_SIZE, 0);
	struct ktl_buf *dst = func_buf(t, KTL_BUF_KMALLOC, PAGE_SIZE, 0);

	return src && dst && func_exchange(t, a, b, src, dst) &&
	       func_exchange(t, b, a, src, dst);
}

/**
 * func_random - a random number
 * @t: the case; its seed makes them repeatable
 * @below: bound
 *
 * Return: 0 to @below - 1.
 */
u32 func_random(struct func *t, u32 below)
{
	/* numbers of a linear congruential generator; the high bits are good */
	t->seed = t->seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return ((t->seed >> 33) * below) >> 31;
}
