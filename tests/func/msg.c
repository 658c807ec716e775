// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Messages: every call, every kind of memory, every size, and exact
 * completions.
 */
#include <linux/delay.h>
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "func.h"

static const size_t func_sizes[] = {
	0, 1, 2, 3, 7, 8, 63, 64, 65, 255, 256, 1023, 1024, 1025, 4095, 4096,
	4097, 8191, 8192, 8193, 65535, 65536, 65537, 262144,
};

static void msg_sizes(struct func *t)
{
	struct ktl_buf *src = func_buf(t, KTL_BUF_KMALLOC, SZ_256K, SZ_256K);
	struct ktl_buf *dst = func_buf(t, KTL_BUF_KMALLOC, SZ_256K, SZ_256K);
	size_t i;

	if (!src || !dst)
		return;
	for (i = 0; i < ARRAY_SIZE(func_sizes); i++) {
		ktl_buf_use(src, 0, func_sizes[i]);
		ktl_buf_use(dst, 0, func_sizes[i]);
		if (!func_exchange(t, &t->a, &t->b, src, dst) ||
		    !func_exchange(t, &t->b, &t->a, src, dst))
			return;
	}
}

/* All pages of the list are separate, so nothing is contiguous by chance. */
static bool msg_kind_pair(struct func *t, enum ktl_buf_kind from,
			  enum ktl_buf_kind to)
{
	static const size_t offsets[] = { 0, 1, 511, 4095 };
	struct ktl_buf *src = func_buf(t, from, SZ_64K, 0);
	struct ktl_buf *dst = func_buf(t, to, SZ_64K, 0);
	size_t most = func_pieces(t, SZ_32K);
	size_t i, len;

	if (!src || !dst)
		return false;
	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		len = most + 13 * i;
		ktl_buf_use(src, offsets[i], len);
		ktl_buf_use(dst, offsets[ARRAY_SIZE(offsets) - 1 - i], len);
		if (!func_exchange(t, &t->a, &t->b, src, dst))
			return FAIL(t, "%s to %s, offset %zu",
				    ktl_buf_kinds[from], ktl_buf_kinds[to],
				    offsets[i]);
	}
	return true;
}

static void msg_kinds(struct func *t)
{
	int from, to;

	for (from = 0; from < KTL_BUF_KINDS; from++) {
		for (to = 0; to < KTL_BUF_KINDS; to++) {
			if (!msg_kind_pair(t, from, to))
				return;
		}
	}
}

/* A longer receive takes a shorter message and leaves the rest alone. */
static void msg_short(struct func *t)
{
	struct kfi_cq_tagged_entry entry;
	char *src = func_alloc(t, 128), *dst = func_alloc(t, 128);

	if (!src || !dst)
		return;
	memset(src, 0x11, 128);
	memset(dst, 0x22, 128);
	if (!CHECK_OK(t, kfi_recv(t->b.ep, dst, 128, NULL, KFI_ADDR_UNSPEC,
				  dst)) ||
	    !CHECK_OK(t, kfi_send(t->a.ep, src, 100, NULL, KFI_ADDR_UNSPEC,
				  src)) ||
	    !func_comp(t, t->a.tx_cq, src, FUNC_TX_SEND, NULL) ||
	    !func_comp(t, t->b.rx_cq, dst, FUNC_RX_RECV, &entry))
		return;
	CHECK_EQ(t, entry.len, 100);
	CHECK(t, !memchr_inv(dst, 0x11, 100));
	CHECK(t, !memchr_inv(dst + 100, 0x22, 28));
}

/* One call of the send or receive family, by the kind of list. */
static ssize_t func_send_list(struct kfid_ep *ep, const struct ktl_buf *buf)
{
	const void *list = ktl_buf_list(buf, 0);
	void *context = (void *)buf;

	switch (ktl_buf_type(buf)) {
	case KFI_BVEC:
		return kfi_sendbv(ep, list, NULL, buf->count, KFI_ADDR_UNSPEC,
				  context);
	case KFI_SGL:
		return kfi_sendsgl(ep, list, NULL, buf->count, KFI_ADDR_UNSPEC,
				   context);
	default:
		return kfi_sendv(ep, list, NULL, buf->count, KFI_ADDR_UNSPEC,
				 context);
	}
}

static ssize_t func_recv_list(struct kfid_ep *ep, struct ktl_buf *buf)
{
	const void *list = ktl_buf_list(buf, 0);

	switch (ktl_buf_type(buf)) {
	case KFI_BVEC:
		return kfi_recvbv(ep, list, NULL, buf->count, KFI_ADDR_UNSPEC,
				  buf);
	case KFI_SGL:
		return kfi_recvsgl(ep, list, NULL, buf->count, KFI_ADDR_UNSPEC,
				   buf);
	default:
		return kfi_recvv(ep, list, NULL, buf->count, KFI_ADDR_UNSPEC,
				 buf);
	}
}

static void msg_list_calls(struct func *t)
{
	struct kfi_cq_tagged_entry entry;
	struct ktl_buf *src, *dst;
	int kind;

	for (kind = 0; kind < KTL_BUF_KINDS; kind++) {
		src = func_buf(t, kind, SZ_16K, 0);
		dst = func_buf(t, kind, SZ_16K, 0);
		if (!src || !dst)
			return;
		ktl_buf_fill(src, kind);
		if (!CHECK_OK(t, func_recv_list(t->b.ep, dst)) ||
		    !CHECK_OK(t, func_send_list(t->a.ep, src)) ||
		    !func_comp(t, t->a.tx_cq, src, FUNC_TX_SEND, NULL) ||
		    !func_comp(t, t->b.rx_cq, dst, FUNC_RX_RECV, &entry) ||
		    !CHECK_EQ(t, entry.len, SZ_16K) ||
		    !func_buf_is(t, dst, kind))
			return;
	}
}

/* Fragments of odd lengths at odd places, as many as there may be. */
static void msg_fragments(struct func *t)
{
	size_t limit = min(t->info->tx_attr->iov_limit,
			   t->info->rx_attr->iov_limit);
	struct kvec *from = func_alloc(t, limit * sizeof(*from));
	struct kvec *to = func_alloc(t, limit * sizeof(*to));
	u8 *src = func_alloc(t, SZ_16K), *dst = func_alloc(t, SZ_16K);
	struct kfi_cq_tagged_entry entry;
	size_t i, at = 0;

	if (!from || !to || !src || !dst)
		return;
	get_random_bytes(src, SZ_16K);
	for (i = 0; i < limit; i++) {
		from[i] = (struct kvec) { src + at, 3 * i + 1 };
		to[limit - 1 - i] = (struct kvec) { NULL, 3 * i + 1 };
		at += from[i].iov_len;
	}
	for (i = 0, at = 0; i < limit; i++) {
		to[i].iov_base = dst + at;
		at += to[i].iov_len;
	}
	if (!CHECK_OK(t, kfi_recvv(t->b.ep, to, NULL, limit, KFI_ADDR_UNSPEC,
				   dst)) ||
	    !CHECK_OK(t, kfi_sendv(t->a.ep, from, NULL, limit, KFI_ADDR_UNSPEC,
				   src)) ||
	    !func_comp(t, t->a.tx_cq, src, FUNC_TX_SEND, NULL) ||
	    !func_comp(t, t->b.rx_cq, dst, FUNC_RX_RECV, &entry))
		return;
	CHECK_EQ(t, entry.len, at);
	CHECK_OK(t, memcmp(src, dst, at));
	CHECK(t, !memchr_inv(dst + at, 0, SZ_16K - at));
}

static void msg_cq_data(struct func *t)
{
	static const u64 values[] = { 0, 1, 0x12345678, 0x80000000, U32_MAX };
	struct kfi_cq_tagged_entry entry;
	char *src = func_alloc(t, 64), *dst = func_alloc(t, 64);
	size_t i;

	for (i = 0; src && dst && i < ARRAY_SIZE(values); i++) {
		if (!CHECK_OK(t, kfi_recv(t->b.ep, dst, 64, NULL,
					  KFI_ADDR_UNSPEC, dst)) ||
		    !CHECK_OK(t, kfi_senddata(t->a.ep, src, i, NULL, values[i],
					      KFI_ADDR_UNSPEC, src)) ||
		    !func_comp(t, t->a.tx_cq, src, FUNC_TX_SEND, NULL) ||
		    !func_comp(t, t->b.rx_cq, dst, FUNC_RX_DATA, &entry))
			return;
		CHECK_EQ(t, entry.data, values[i]);
		CHECK_EQ(t, entry.len, i);
	}
}

static void msg_cq_data_by_flag(struct func *t)
{
	struct kfi_msg msg = {
		.type = KFI_KVEC,
		.context = t,
		.data = 77,
	};
	struct kfi_cq_tagged_entry entry;

	if (!CHECK_OK(t, kfi_recv(t->b.ep, NULL, 0, NULL, KFI_ADDR_UNSPEC,
				  &msg)) ||
	    !CHECK_OK(t, kfi_sendmsg(t->a.ep, &msg, KFI_REMOTE_CQ_DATA |
				     KFI_COMPLETION)) ||
	    !func_comp(t, t->a.tx_cq, t, FUNC_TX_SEND, NULL) ||
	    !func_comp(t, t->b.rx_cq, &msg, FUNC_RX_DATA, &entry))
		return;
	CHECK_EQ(t, entry.data, 77);

	/* without the flag the data stays here */
	if (CHECK_OK(t, kfi_recv(t->b.ep, NULL, 0, NULL, KFI_ADDR_UNSPEC,
				 &msg)) &&
	    CHECK_OK(t, kfi_sendmsg(t->a.ep, &msg, KFI_COMPLETION)) &&
	    func_comp(t, t->a.tx_cq, t, FUNC_TX_SEND, NULL))
		func_comp(t, t->b.rx_cq, &msg, FUNC_RX_RECV, NULL);
}

/* The buffer is ours again on return, and nothing completes here. */
static void msg_inject(struct func *t)
{
	size_t size = t->info->tx_attr->inject_size, len, i;
	u8 *src = func_alloc(t, size), *dst = func_alloc(t, 8 * size);
	struct kfi_cq_tagged_entry entry;
	bool data = func_has_data(t);

	if (!src || !dst)
		return;
	for (i = 0; i < 8; i++) {
		if (!CHECK_OK(t, kfi_recv(t->b.ep, dst + i * size, size, NULL,
					  KFI_ADDR_UNSPEC, dst + i * size)))
			return;
	}
	for (i = 0; i < 8; i++) {
		len = i * size / 7;
		memset(src, 0x40 + i, size);
		if (!CHECK_OK(t, i % 2 || !data ?
			      kfi_inject(t->a.ep, src, len, KFI_ADDR_UNSPEC) :
			      kfi_injectdata(t->a.ep, src, len, i,
					     KFI_ADDR_UNSPEC)))
			return;
		memset(src, 0xee, size);
	}
	for (i = 0; i < 8; i++) {
		if (!func_comp(t, t->b.rx_cq, dst + i * size,
			       i % 2 || !data ? FUNC_RX_RECV : FUNC_RX_DATA,
			       &entry))
			return;
		len = i * size / 7;
		CHECK_EQ(t, entry.len, len);
		CHECK(t, !memchr_inv(dst + i * size, 0x40 + i, len));
	}
	func_no_comp(t, t->a.tx_cq);
}

/* KFI_INJECT promises the buffer back; the completion comes all the same. */
static void msg_inject_flag(struct func *t)
{
	u8 *src = func_alloc(t, 64), *dst = func_alloc(t, 64);
	struct kvec iov = { src, 64 };
	struct kfi_msg msg = {
		.type = KFI_KVEC,
		.msg_iov = &iov,
		.iov_count = 1,
		.context = src,
	};

	if (!src || !dst)
		return;
	memset(src, 0x33, 64);
	if (!CHECK_OK(t, kfi_recv(t->b.ep, dst, 64, NULL, KFI_ADDR_UNSPEC,
				  dst)) ||
	    !CHECK_OK(t, kfi_sendmsg(t->a.ep, &msg,
				     KFI_INJECT | KFI_COMPLETION)))
		return;
	memset(src, 0xee, 64);
	if (func_comp(t, t->a.tx_cq, src, FUNC_TX_SEND, NULL) &&
	    func_comp(t, t->b.rx_cq, dst, FUNC_RX_RECV, NULL))
		CHECK(t, !memchr_inv(dst, 0x33, 64));
}

/* More injects than the queue is deep: they make room by themselves. */
static void msg_inject_many(struct func *t)
{
	u32 value, *dst = func_alloc(t, sizeof(*dst));
	unsigned long end = jiffies + msecs_to_jiffies(func_wait_ms);
	ssize_t rc;

	for (value = 0; dst && value < 300; value++) {
		if (!CHECK_OK(t, kfi_recv(t->b.ep, dst, 4, NULL,
					  KFI_ADDR_UNSPEC, dst)))
			return;
		do {
			rc = kfi_inject(t->a.ep, &value, 4, KFI_ADDR_UNSPEC);
			func_progress(t, &t->a);
		} while (rc == -EAGAIN && time_before(jiffies, end));
		if (!CHECK_OK(t, rc) ||
		    !func_comp(t, t->b.rx_cq, dst, FUNC_RX_RECV, NULL) ||
		    !CHECK_EQ(t, *dst, value))
			return;
	}
}

/* Messages arrive in the order in which they were sent, each in its receive. */
static void msg_order(struct func *t)
{
	u32 *src = func_alloc(t, 32 * sizeof(*src));
	u32 *dst = func_alloc(t, 32 * sizeof(*dst));
	u32 round, i;

	for (round = 0; src && dst && round < 20; round++) {
		for (i = 0; i < 32; i++) {
			if (!CHECK_OK(t, kfi_recv(t->b.ep, &dst[i], 4, NULL,
						  KFI_ADDR_UNSPEC, &dst[i])))
				return;
		}
		for (i = 0; i < 32; i++) {
			src[i] = round * 32 + i;
			if (!CHECK_OK(t, kfi_send(t->a.ep, &src[i], 4, NULL,
						  KFI_ADDR_UNSPEC, &src[i])))
				return;
		}
		for (i = 0; i < 32; i++) {
			if (!func_comp(t, t->a.tx_cq, &src[i], FUNC_TX_SEND,
				       NULL) ||
			    !func_comp(t, t->b.rx_cq, &dst[i], FUNC_RX_RECV,
				       NULL) ||
			    !CHECK_EQ(t, dst[i], round * 32 + i))
				return;
		}
	}
}

/* KFI_MORE may hold back, the post without it lets everything go. */
static void msg_more(struct func *t)
{
	struct kvec iov;
	struct kfi_msg msg = {
		.type = KFI_KVEC,
		.msg_iov = &iov,
		.iov_count = 1,
	};
	u8 *src = func_alloc(t, 64), *dst = func_alloc(t, 64);
	u64 more;
	u8 i;

	if (!src || !dst)
		return;
	for (i = 0; i < 16; i++) {
		src[i] = i;
		more = i < 15 ? KFI_MORE : 0;
		iov = (struct kvec) { dst + i, 1 };
		msg.context = dst + i;
		if (!CHECK_OK(t, kfi_recvmsg(t->b.ep, &msg, more |
					     KFI_COMPLETION)))
			return;
	}
	for (i = 0; i < 16; i++) {
		more = i < 15 ? KFI_MORE : 0;
		iov = (struct kvec) { src + i, 1 };
		msg.context = src + i;
		if (!CHECK_OK(t, kfi_sendmsg(t->a.ep, &msg, more |
					     KFI_COMPLETION | KFI_FENCE)))
			return;
	}
	for (i = 0; i < 16; i++) {
		if (!func_comp(t, t->a.tx_cq, src + i, FUNC_TX_SEND, NULL) ||
		    !func_comp(t, t->b.rx_cq, dst + i, FUNC_RX_RECV, NULL))
			return;
	}
	CHECK_OK(t, memcmp(src, dst, 16));
}

/* The completion levels that a send has. */
static void msg_levels(struct func *t)
{
	static const u64 levels[] = {
		KFI_INJECT_COMPLETE, KFI_TRANSMIT_COMPLETE,
	};
	struct kfi_msg msg = { .type = KFI_KVEC, .context = t };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(levels); i++) {
		if (levels[i] == KFI_TRANSMIT_COMPLETE && !func_tells(t)) {
			CHECK_EQ(t, kfi_sendmsg(t->a.ep, &msg, levels[i] |
						KFI_COMPLETION), -EOPNOTSUPP);
			continue;
		}
		if (!CHECK_OK(t, kfi_recv(t->b.ep, NULL, 0, NULL,
					  KFI_ADDR_UNSPEC, &msg)) ||
		    !CHECK_OK(t, kfi_sendmsg(t->a.ep, &msg, levels[i] |
					     KFI_COMPLETION)) ||
		    !func_comp(t, t->a.tx_cq, t, FUNC_TX_SEND, NULL) ||
		    !func_comp(t, t->b.rx_cq, &msg, FUNC_RX_RECV, NULL))
			return;
	}
}

/* Bound with KFI_SELECTIVE_COMPLETION only chosen operations complete. */
static void msg_selective(struct func *t)
{
	struct func_opts opts = { .tx_flags = KFI_SELECTIVE_COMPLETION };
	struct kfi_msg msg = { .type = KFI_KVEC, .context = &opts };
	int i;

	if (!func_pair(t, &t->a, &t->b, &opts))
		return;
	for (i = 0; i < 10; i++) {
		if (!CHECK_OK(t, kfi_recv(t->b.ep, NULL, 0, NULL,
					  KFI_ADDR_UNSPEC, t)))
			return;
	}
	for (i = 0; i < 4; i++) {
		msg.context = t;
		CHECK_OK(t, kfi_sendmsg(t->a.ep, &msg, 0));
		msg.context = &opts;
		CHECK_OK(t, kfi_sendmsg(t->a.ep, &msg, KFI_COMPLETION));
	}
	for (i = 0; i < 8; i++)
		func_comp(t, t->b.rx_cq, t, FUNC_RX_RECV, NULL);
	for (i = 0; i < 4; i++)
		func_comp(t, t->a.tx_cq, &opts, FUNC_TX_SEND, NULL);
	func_no_comp(t, t->a.tx_cq);
}

/* Silent operations give their places back, however many there are. */
static void msg_selective_many(struct func *t)
{
	struct func_opts opts = {
		.tx_flags = KFI_SELECTIVE_COMPLETION,
		.tx_size = 4,
		.cq_size = 64,
	};
	struct kfi_msg msg = { .type = KFI_KVEC, .context = t };
	unsigned long end = jiffies + msecs_to_jiffies(func_wait_ms);
	ssize_t rc;
	int i;

	if (!func_pair(t, &t->a, &t->b, &opts))
		return;
	for (i = 0; i < 200; i++) {
		if (!CHECK_OK(t, kfi_recv(t->b.ep, NULL, 0, NULL,
					  KFI_ADDR_UNSPEC, t)))
			return;
		do {
			rc = kfi_sendmsg(t->a.ep, &msg, 0);
			func_progress(t, &t->a);
		} while (rc == -EAGAIN && time_before(jiffies, end));
		if (!CHECK_OK(t, rc) ||
		    !func_comp(t, t->b.rx_cq, t, FUNC_RX_RECV, NULL))
			return;
	}
	func_no_comp(t, t->a.tx_cq);
}

/* A message waits for a receive. */
static void msg_late_receive(struct func *t)
{
	u32 *src = func_alloc(t, 4), *dst = func_alloc(t, 4);

	if (!src || !dst)
		return;
	*src = 0xfeedface;
	if (!CHECK_OK(t, kfi_send(t->a.ep, src, 4, NULL, KFI_ADDR_UNSPEC, src)))
		return;
	msleep(30);
	if (!CHECK_OK(t, kfi_recv(t->b.ep, dst, 4, NULL, KFI_ADDR_UNSPEC,
				  dst)) ||
	    !func_comp(t, t->a.tx_cq, src, FUNC_TX_SEND, NULL) ||
	    !func_comp(t, t->b.rx_cq, dst, FUNC_RX_RECV, NULL))
		return;
	CHECK_EQ(t, *dst, *src);
}

static void msg_queue_full(struct func *t)
{
	struct func_opts opts = { .tx_size = 8, .rx_size = 8 };
	int recvs, sends, i;

	if (!func_pair(t, &t->a, &t->b, &opts))
		return;
	for (recvs = 0; recvs < 100; recvs++) {
		if (kfi_recv(t->b.ep, NULL, 0, NULL, KFI_ADDR_UNSPEC, t))
			break;
	}
	CHECK_EQ(t, recvs, 8);
	CHECK_EQ(t, kfi_recv(t->b.ep, NULL, 0, NULL, KFI_ADDR_UNSPEC, t),
		 -EAGAIN);

	/* 8 find a receive, 8 more wait for one */
	for (sends = 0; sends < 100; sends++) {
		if (kfi_send(t->a.ep, NULL, 0, NULL, KFI_ADDR_UNSPEC, t))
			break;
		if (sends < 8 &&
		    !func_comp(t, t->a.tx_cq, t, FUNC_TX_SEND, NULL))
			return;
	}
	CHECK_EQ(t, sends, 16);
	CHECK_EQ(t, kfi_send(t->a.ep, NULL, 0, NULL, KFI_ADDR_UNSPEC, t),
		 -EAGAIN);
	for (i = 0; i < 8; i++) {
		func_comp(t, t->b.rx_cq, t, FUNC_RX_RECV, NULL);
		CHECK_OK(t, kfi_recv(t->b.ep, NULL, 0, NULL, KFI_ADDR_UNSPEC,
				     t));
	}
	for (i = 0; i < 8; i++) {
		func_comp(t, t->b.rx_cq, t, FUNC_RX_RECV, NULL);
		func_comp(t, t->a.tx_cq, t, FUNC_TX_SEND, NULL);
	}
	func_alive(t, &t->a, &t->b);
}

/* The longest message that lists of large blocks make here. */
static void msg_large(struct func *t)
{
	size_t limit = min3(t->info->tx_attr->iov_limit,
			    t->info->rx_attr->iov_limit,
			    (size_t)KTL_BUF_MAX_PIECES);
	size_t size = min_t(size_t, t->info->ep_attr->max_msg_size,
			    limit * SZ_512K);
	struct ktl_buf *src = func_buf(t, KTL_BUF_BVEC, size, SZ_512K);
	struct ktl_buf *dst = func_buf(t, KTL_BUF_SGL, size, SZ_512K);
	char text[48];

	if (!src || !dst || !func_exchange(t, &t->a, &t->b, src, dst))
		return;
	scnprintf(text, sizeof(text), "one message of %zu bytes", size);
	func_note(t, text);
	ktl_buf_use(src, 0, size - 1);
	ktl_buf_use(dst, 0, size - 1);
	func_exchange(t, &t->b, &t->a, dst, src);
}

/* Long vmalloc() memory needs a descriptor: it is many pages. */
static void msg_vmalloc_desc(struct func *t)
{
	struct ktl_buf *src = func_buf(t, KTL_BUF_VMALLOC, SZ_1M, SZ_1M);
	struct ktl_buf *dst = func_buf(t, KTL_BUF_VMALLOC, SZ_1M, SZ_1M);
	struct kfid_mr *from, *to;
	struct kfi_cq_tagged_entry entry;

	if (!src || !dst)
		return;
	from = func_open_mr(t, t->domain, src->mem[0], SZ_1M, KFI_SEND);
	to = func_open_mr(t, t->domain, dst->mem[0], SZ_1M, KFI_RECV);
	if (!from || !to)
		return;
	ktl_buf_fill(src, 9);
	if (!CHECK_OK(t, kfi_recv(t->b.ep, dst->mem[0], SZ_1M, kfi_mr_desc(to),
				  KFI_ADDR_UNSPEC, dst)) ||
	    !CHECK_OK(t, kfi_send(t->a.ep, src->mem[0], SZ_1M,
				  kfi_mr_desc(from), KFI_ADDR_UNSPEC, src)) ||
	    !func_comp(t, t->a.tx_cq, src, FUNC_TX_SEND, NULL) ||
	    !func_comp(t, t->b.rx_cq, dst, FUNC_RX_RECV, &entry))
		return;
	CHECK_EQ(t, entry.len, SZ_1M);
	func_buf_is(t, dst, 9);
}

/* Data flows both ways at the same time. */
static void msg_both_ways(struct func *t)
{
	struct ktl_buf *out[2], *in[2];
	struct func_end *end[2] = { &t->a, &t->b };
	struct kfi_msg msg;
	int i;

	for (i = 0; i < 2; i++) {
		out[i] = func_buf(t, KTL_BUF_KMALLOC, SZ_256K, SZ_64K);
		in[i] = func_buf(t, KTL_BUF_KMALLOC, SZ_256K, SZ_64K);
		if (!out[i] || !in[i])
			return;
		ktl_buf_fill(out[i], i);
		msg = func_msg(in[i], in[i]);
		if (!CHECK_OK(t, kfi_recvmsg(end[i]->ep, &msg,
					     KFI_COMPLETION)))
			return;
	}
	for (i = 0; i < 2; i++) {
		msg = func_msg(out[i], out[i]);
		if (!CHECK_OK(t, kfi_sendmsg(end[i]->ep, &msg,
					     KFI_COMPLETION)))
			return;
	}
	for (i = 0; i < 2; i++) {
		func_comp(t, end[i]->tx_cq, out[i], FUNC_TX_SEND, NULL);
		func_comp(t, end[i]->rx_cq, in[i], FUNC_RX_RECV, NULL);
		func_buf_is(t, in[i], 1 - i);
	}
}

static const struct func_case msg_cases[] = {
	{ "sizes", msg_sizes, FUNC_PAIR },
	{ "kinds", msg_kinds, FUNC_PAIR },
	{ "short", msg_short, FUNC_PAIR },
	{ "list_calls", msg_list_calls, FUNC_PAIR },
	{ "fragments", msg_fragments, FUNC_PAIR },
	{ "cq_data", msg_cq_data, FUNC_PAIR,
	  .needs = FUNC_NEEDS_DATA },
	{ "cq_data_by_flag", msg_cq_data_by_flag, FUNC_PAIR,
	  .needs = FUNC_NEEDS_DATA },
	{ "inject", msg_inject, FUNC_PAIR },
	{ "inject_flag", msg_inject_flag, FUNC_PAIR },
	{ "inject_many", msg_inject_many, FUNC_PAIR },
	{ "order", msg_order, FUNC_PAIR },
	{ "more", msg_more, FUNC_PAIR },
	{ "levels", msg_levels, FUNC_PAIR },
	{ "selective", msg_selective, FUNC_DOMAIN },
	{ "selective_many", msg_selective_many, FUNC_DOMAIN },
	{ "late_receive", msg_late_receive, FUNC_PAIR,
	  .needs = FUNC_NEEDS_WAITING },
	{ "queue_full", msg_queue_full, FUNC_DOMAIN,
	  .needs = FUNC_NEEDS_WAITING },
	{ "large", msg_large, FUNC_PAIR },
	{ "vmalloc_desc", msg_vmalloc_desc, FUNC_PAIR },
	{ "both_ways", msg_both_ways, FUNC_PAIR },
};

FUNC_SUITE(msg);
