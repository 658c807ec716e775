// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * RMA: every call, every kind of memory on both sides, every size, and exact
 * completions.
 */
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "func.h"

#define FUNC_POISON	0x5c
#define FUNC_ACCESS	(KFI_REMOTE_READ | KFI_REMOTE_WRITE)

static const size_t func_rma_sizes[] = {
	0, 1, 3, 8, 63, 65, 255, 1024, 4095, 4096, 4097, 8191, 8193, 65537,
	262144,
};

/* A buffer at the peer and its region. */
struct func_target {
	struct ktl_buf *buf;
	struct kfid_mr *mr;
	u64 key;
};

static bool func_target(struct func *t, struct func_target *target,
			enum ktl_buf_kind kind, size_t offset, size_t len)
{
	target->buf = func_buf(t, kind, offset + len, 0);
	if (!target->buf || ktl_buf_use(target->buf, offset, len))
		return false;
	ktl_buf_set(target->buf, FUNC_POISON);
	target->mr = func_open_mr_buf(t, t->domain, target->buf, FUNC_ACCESS);
	if (!target->mr)
		return false;
	target->key = kfi_mr_key(target->mr);
	return true;
}

static bool func_write(struct func *t, const struct ktl_buf *from, u64 addr,
		       u64 key)
{
	struct kfi_rma_iov iov = { .addr = addr, .len = from->len, .key = key };
	struct kfi_msg_rma msg = func_msg_rma(from, &iov, 1, (void *)from);

	return CHECK_OK(t, kfi_writemsg(t->a.ep, &msg, KFI_COMPLETION)) &&
	       func_comp(t, t->a.tx_cq, from, FUNC_TX_WRITE, NULL);
}

static bool func_read_back(struct func *t, const struct ktl_buf *into, u64 addr,
			   u64 key)
{
	struct kfi_rma_iov iov = { .addr = addr, .len = into->len, .key = key };
	struct kfi_msg_rma msg = func_msg_rma(into, &iov, 1, (void *)into);

	return CHECK_OK(t, kfi_readmsg(t->a.ep, &msg, KFI_COMPLETION)) &&
	       func_comp(t, t->a.tx_cq, into, FUNC_TX_READ, NULL);
}

/* Writes @src to the target, reads it back into @dst and compares both. */
static bool func_write_read(struct func *t, const struct func_target *target,
			    const struct ktl_buf *src,
			    const struct ktl_buf *dst)
{
	u64 seed = ++t->seed;

	ktl_buf_fill(src, seed);
	ktl_buf_set(dst, 0);
	return func_write(t, src, 0, target->key) &&
	       func_read_back(t, dst, 0, target->key) &&
	       func_buf_is(t, dst, seed);
}

static void rma_sizes(struct func *t)
{
	struct ktl_buf *src = func_buf(t, KTL_BUF_KMALLOC, SZ_256K, SZ_64K);
	struct ktl_buf *dst = func_buf(t, KTL_BUF_KMALLOC, SZ_256K, SZ_64K);
	struct func_target target;
	size_t i;

	if (!src || !dst ||
	    !func_target(t, &target, KTL_BUF_KMALLOC, 0, SZ_256K))
		return;
	for (i = 0; i < ARRAY_SIZE(func_rma_sizes); i++) {
		ktl_buf_use(src, 0, func_rma_sizes[i]);
		ktl_buf_use(dst, 0, func_rma_sizes[i]);
		ktl_buf_set(target.buf, FUNC_POISON);
		if (!func_write_read(t, &target, src, dst))
			return;
		ktl_buf_use(target.buf, 0, func_rma_sizes[i]);
		func_buf_is(t, target.buf, t->seed);
		ktl_buf_use(target.buf, 0, SZ_256K);
	}
}

static bool rma_kind_pair(struct func *t, enum ktl_buf_kind local,
			  enum ktl_buf_kind remote)
{
	static const size_t offsets[] = { 0, 1, 777, 4095 };
	struct ktl_buf *src = func_buf(t, local, SZ_64K, 0);
	struct ktl_buf *dst = func_buf(t, local, SZ_64K, 0);
	size_t most = func_pieces(t, SZ_32K);
	struct func_target target;
	size_t i, len;

	if (!src || !dst)
		return false;
	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		len = most + 11 * i;
		ktl_buf_use(src, offsets[i], len);
		ktl_buf_use(dst, offsets[(i + 1) % 4], len);
		if (!func_target(t, &target, remote, offsets[3 - i], len) ||
		    !func_write_read(t, &target, src, dst) ||
		    !func_buf_is(t, target.buf, t->seed))
			return FAIL(t, "%s to %s, offset %zu",
				    ktl_buf_kinds[local], ktl_buf_kinds[remote],
				    offsets[i]);
	}
	return true;
}

static void rma_kinds(struct func *t)
{
	int local, remote;

	for (local = 0; local < KTL_BUF_KINDS; local++) {
		for (remote = 0; remote < KTL_BUF_KINDS; remote++) {
			if (!rma_kind_pair(t, local, remote))
				return;
		}
	}
}

/* An address is an offset in the region, whatever the region begins with. */
static void rma_offsets(struct func *t)
{
	struct ktl_buf *src = func_buf(t, KTL_BUF_KMALLOC, SZ_4K, 0);
	struct func_target target;
	size_t at;
	u8 *byte;

	if (!src || !func_target(t, &target, KTL_BUF_VMALLOC, 100, SZ_16K))
		return;
	ktl_buf_use(src, 0, 1);
	byte = src->mem[0];
	for (at = 0; at < SZ_16K; at = at * 2 + 1) {
		*byte = at;
		if (!func_write(t, src, at, target.key))
			return;
		CHECK_EQ(t, ((u8 *)target.buf->mem[0])[100 + at], *byte);
		((u8 *)target.buf->mem[0])[100 + at] = FUNC_POISON;
	}
	*byte = 1;
	func_write(t, src, SZ_16K - 1, target.key);
	CHECK_EQ(t, ((u8 *)target.buf->mem[0])[100 + SZ_16K - 1], 1);
	((u8 *)target.buf->mem[0])[100 + SZ_16K - 1] = FUNC_POISON;
	func_buf_untouched(t, target.buf, FUNC_POISON);
}

static ssize_t func_write_list(struct kfid_ep *ep, const struct ktl_buf *buf,
			       u64 key)
{
	const void *list = ktl_buf_list(buf, 0);
	void *context = (void *)buf;

	switch (ktl_buf_type(buf)) {
	case KFI_BVEC:
		return kfi_writebv(ep, list, NULL, buf->count, KFI_ADDR_UNSPEC,
				   0, key, context);
	case KFI_SGL:
		return kfi_writesgl(ep, list, NULL, buf->count, KFI_ADDR_UNSPEC,
				    0, key, context);
	default:
		return kfi_writev(ep, list, NULL, buf->count, KFI_ADDR_UNSPEC,
				  0, key, context);
	}
}

static ssize_t func_read_list(struct kfid_ep *ep, struct ktl_buf *buf, u64 key)
{
	const void *list = ktl_buf_list(buf, 0);

	switch (ktl_buf_type(buf)) {
	case KFI_BVEC:
		return kfi_readbv(ep, list, NULL, buf->count, KFI_ADDR_UNSPEC,
				  0, key, buf);
	case KFI_SGL:
		return kfi_readsgl(ep, list, NULL, buf->count, KFI_ADDR_UNSPEC,
				   0, key, buf);
	default:
		return kfi_readv(ep, list, NULL, buf->count, KFI_ADDR_UNSPEC,
				 0, key, buf);
	}
}

static void rma_list_calls(struct func *t)
{
	struct ktl_buf *src, *dst;
	struct func_target target;
	int kind;

	if (!func_target(t, &target, KTL_BUF_BVEC, 0, SZ_16K))
		return;
	for (kind = 0; kind < KTL_BUF_KINDS; kind++) {
		src = func_buf(t, kind, SZ_16K, 0);
		dst = func_buf(t, kind, SZ_16K, 0);
		if (!src || !dst)
			return;
		ktl_buf_fill(src, kind);
		if (!CHECK_OK(t, func_write_list(t->a.ep, src, target.key)) ||
		    !func_comp(t, t->a.tx_cq, src, FUNC_TX_WRITE, NULL) ||
		    !CHECK_OK(t, func_read_list(t->a.ep, dst, target.key)) ||
		    !func_comp(t, t->a.tx_cq, dst, FUNC_TX_READ, NULL) ||
		    !func_buf_is(t, dst, kind))
			return;
	}
}

static void rma_plain_calls(struct func *t)
{
	u8 *src = func_alloc(t, 512), *dst = func_alloc(t, 512);
	struct func_target target;

	if (!src || !dst || !func_target(t, &target, KTL_BUF_KMALLOC, 0, 512))
		return;
	memset(src, 0x31, 512);
	if (!CHECK_OK(t, kfi_write(t->a.ep, src, 200, NULL, KFI_ADDR_UNSPEC,
				   100, target.key, src)) ||
	    !func_comp(t, t->a.tx_cq, src, FUNC_TX_WRITE, NULL) ||
	    !CHECK_OK(t, kfi_read(t->a.ep, dst, 512, NULL, KFI_ADDR_UNSPEC, 0,
				  target.key, dst)) ||
	    !func_comp(t, t->a.tx_cq, dst, FUNC_TX_READ, NULL))
		return;
	CHECK(t, !memchr_inv(dst, FUNC_POISON, 100));
	CHECK(t, !memchr_inv(dst + 100, 0x31, 200));
	CHECK(t, !memchr_inv(dst + 300, FUNC_POISON, 212));
	func_no_comp(t, t->b.rx_cq);
}

/* CQ data of a write takes a receive, but not its buffer. */
static void rma_cq_data(struct func *t)
{
	u8 *src = func_alloc(t, 64), *unused = func_alloc(t, 64);
	struct kfi_cq_tagged_entry entry;
	struct func_target target;

	if (!src || !unused ||
	    !func_target(t, &target, KTL_BUF_KMALLOC, 0, 64))
		return;
	memset(src, 0x32, 64);
	memset(unused, 0x33, 64);
	if (!CHECK_OK(t, kfi_recv(t->b.ep, unused, 64, NULL, KFI_ADDR_UNSPEC,
				  unused)) ||
	    !CHECK_OK(t, kfi_writedata(t->a.ep, src, 40, NULL, 0xdeadbeef,
				       KFI_ADDR_UNSPEC, 8, target.key, src)) ||
	    !func_comp(t, t->a.tx_cq, src, FUNC_TX_WRITE, NULL) ||
	    !func_comp(t, t->b.rx_cq, unused, FUNC_RX_WRITE, &entry))
		return;
	CHECK_EQ(t, entry.data, 0xdeadbeef);
	CHECK_EQ(t, entry.len, 40);
	CHECK(t, !memchr_inv(unused, 0x33, 64));
	ktl_buf_use(target.buf, 8, 40);
	func_buf_untouched(t, target.buf, 0x32);
	ktl_buf_use(target.buf, 48, 16);
	func_buf_untouched(t, target.buf, FUNC_POISON);
}

/* A word on its own: nothing is written, the data arrives. */
static void rma_cq_data_only(struct func *t)
{
	struct kfi_cq_tagged_entry entry;
	struct func_target target;

	if (!func_target(t, &target, KTL_BUF_KMALLOC, 0, 64) ||
	    !CHECK_OK(t, kfi_recv(t->b.ep, NULL, 0, NULL, KFI_ADDR_UNSPEC,
				  t)) ||
	    !CHECK_OK(t, kfi_writedata(t->a.ep, NULL, 0, NULL, 5,
				       KFI_ADDR_UNSPEC, 0, target.key, t)) ||
	    !func_comp(t, t->a.tx_cq, t, FUNC_TX_WRITE, NULL) ||
	    !func_comp(t, t->b.rx_cq, t, FUNC_RX_WRITE, &entry))
		return;
	CHECK_EQ(t, entry.data, 5);
	CHECK_EQ(t, entry.len, 0);
	func_buf_untouched(t, target.buf, FUNC_POISON);
}

/* One more write, and the peer is told that they are there. */
static bool rma_inject_told(struct func *t, const void *src, size_t size,
			    const struct func_target *target)
{
	struct kfi_cq_tagged_entry entry;

	if (!CHECK_OK(t, kfi_recv(t->b.ep, NULL, 0, NULL, KFI_ADDR_UNSPEC, t)))
		return false;
	if (func_has_data(t))
		return CHECK_OK(t, kfi_inject_writedata(t->a.ep, src, size, 99,
							KFI_ADDR_UNSPEC, size,
							target->key)) &&
		       func_comp(t, t->b.rx_cq, t, FUNC_RX_WRITE, &entry) &&
		       CHECK_EQ(t, entry.data, 99);
	return CHECK_OK(t, kfi_inject_write(t->a.ep, src, size, KFI_ADDR_UNSPEC,
					    size, target->key)) &&
	       CHECK_OK(t, kfi_inject(t->a.ep, NULL, 0, KFI_ADDR_UNSPEC)) &&
	       func_comp(t, t->b.rx_cq, t, FUNC_RX_RECV, NULL);
}

static void rma_inject(struct func *t)
{
	size_t size = t->info->tx_attr->inject_size;
	u8 *src = func_alloc(t, size);
	struct func_target target;

	if (!src || !func_target(t, &target, KTL_BUF_KMALLOC, 0, 3 * size))
		return;
	memset(src, 0x41, size);
	CHECK_OK(t, kfi_inject_write(t->a.ep, src, size, KFI_ADDR_UNSPEC, 0,
				     target.key));
	memset(src, 0x42, size);
	if (!rma_inject_told(t, src, size, &target))
		return;
	memset(src, 0xee, size);
	func_no_comp(t, t->a.tx_cq);
	ktl_buf_use(target.buf, 0, size);
	func_buf_untouched(t, target.buf, 0x41);
	ktl_buf_use(target.buf, size, size);
	func_buf_untouched(t, target.buf, 0x42);
	ktl_buf_use(target.buf, 2 * size, size);
	func_buf_untouched(t, target.buf, FUNC_POISON);
}

struct func_scatter {
	struct ktl_buf *buf;
	struct kfid_mr *mr[16];
	struct kfi_rma_iov iov[16];
};

/* Several remote ranges of odd lengths, each in a region of its own. */
static bool func_scatter(struct func *t, struct func_scatter *s, size_t count)
{
	size_t i;

	s->buf = func_buf(t, KTL_BUF_KMALLOC, count * PAGE_SIZE, 0);
	if (!s->buf)
		return false;
	ktl_buf_set(s->buf, FUNC_POISON);
	for (i = 0; i < count; i++) {
		s->mr[i] = func_open_mr(t, t->domain, s->buf->mem[i] + i,
					200 + 9 * i, FUNC_ACCESS);
		if (!s->mr[i])
			return false;
		s->iov[i] = (struct kfi_rma_iov) {
			.addr = 3 * i,
			.len = 100 + 5 * i,
			.key = kfi_mr_key(s->mr[i]),
		};
	}
	return true;
}

/* What lies in a remote range, and nothing around it. */
static bool func_scatter_check(struct func *t, const struct func_scatter *s,
			       size_t i, const u8 *data)
{
	const u8 *page = s->buf->mem[i];
	size_t start = i + s->iov[i].addr, end = start + s->iov[i].len;

	return CHECK(t, !memchr_inv(page, FUNC_POISON, start)) &&
	       CHECK(t, !memcmp(page + start, data, s->iov[i].len)) &&
	       CHECK(t, !memchr_inv(page + end, FUNC_POISON, PAGE_SIZE - end));
}

static void rma_many_ranges(struct func *t)
{
	size_t count = min_t(size_t, 16, t->info->tx_attr->rma_iov_limit);
	struct func_scatter *s = func_alloc(t, sizeof(*s));
	struct ktl_buf *src = func_buf(t, KTL_BUF_SGL, SZ_4K, 0);
	struct ktl_buf *dst = func_buf(t, KTL_BUF_VMALLOC, SZ_4K, 0);
	struct kfi_msg_rma msg;
	size_t i, len = 0;

	if (!s || !src || !dst || !func_scatter(t, s, count))
		return;
	for (i = 0; i < count; i++)
		len += s->iov[i].len;
	ktl_buf_use(src, 5, len);
	ktl_buf_use(dst, 9, len);
	ktl_buf_fill(src, 4711);
	msg = func_msg_rma(src, s->iov, count, src);
	if (!CHECK_OK(t, kfi_writemsg(t->a.ep, &msg, KFI_COMPLETION)) ||
	    !func_comp(t, t->a.tx_cq, src, FUNC_TX_WRITE, NULL))
		return;
	for (i = 0, len = 0; i < count; len += s->iov[i++].len) {
		if (!func_scatter_check(t, s, i, src->view[0].iov_base + len))
			return;
	}
	msg = func_msg_rma(dst, s->iov, count, dst);
	if (CHECK_OK(t, kfi_readmsg(t->a.ep, &msg, KFI_COMPLETION)) &&
	    func_comp(t, t->a.tx_cq, dst, FUNC_TX_READ, NULL))
		func_buf_is(t, dst, 4711);
}

/* The local length counts; the remote ranges may offer more. */
static void rma_shorter_than_remote(struct func *t)
{
	struct ktl_buf *src = func_buf(t, KTL_BUF_KMALLOC, SZ_4K, 0);
	struct kfi_rma_iov iov[2];
	struct kfi_msg_rma msg;
	struct func_target target;

	if (!src || !func_target(t, &target, KTL_BUF_KMALLOC, 0, SZ_4K))
		return;
	iov[0] = (struct kfi_rma_iov) { 0, 100, target.key };
	iov[1] = (struct kfi_rma_iov) { 1000, 100, target.key };
	ktl_buf_use(src, 0, 150);
	ktl_buf_set(src, 0x55);
	msg = func_msg_rma(src, iov, 2, src);
	if (!CHECK_OK(t, kfi_writemsg(t->a.ep, &msg, KFI_COMPLETION)) ||
	    !func_comp(t, t->a.tx_cq, src, FUNC_TX_WRITE, NULL))
		return;
	ktl_buf_use(target.buf, 0, 100);
	func_buf_untouched(t, target.buf, 0x55);
	ktl_buf_use(target.buf, 100, 900);
	func_buf_untouched(t, target.buf, FUNC_POISON);
	ktl_buf_use(target.buf, 1000, 50);
	func_buf_untouched(t, target.buf, 0x55);
	ktl_buf_use(target.buf, 1050, SZ_4K - 1050);
	func_buf_untouched(t, target.buf, FUNC_POISON);
}

/* Longer local lists than one work request takes. */
static void rma_scattered_local(struct func *t)
{
	size_t limit = t->info->tx_attr->iov_limit;
	struct kvec *iov = func_alloc(t, limit * sizeof(*iov));
	u8 *src = func_alloc(t, SZ_16K);
	struct kfi_rma_iov remote = { .len = SZ_16K };
	struct kfi_msg_rma msg = {
		.type = KFI_KVEC,
		.rma_iov = &remote,
		.rma_iov_count = 1,
	};
	struct func_target target;
	size_t i, at = 0;

	if (!iov || !src ||
	    !func_target(t, &target, KTL_BUF_KMALLOC, 0, SZ_16K))
		return;
	get_random_bytes(src, SZ_16K);
	for (i = 0; i < limit; i++) {
		iov[i] = (struct kvec) { src + 2 * at, i * 3 % 60 };
		at += iov[i].iov_len;
	}
	remote.key = target.key;
	msg.msg_iov = iov;
	msg.iov_count = limit;
	msg.context = iov;
	if (!CHECK_OK(t, kfi_writemsg(t->a.ep, &msg, KFI_COMPLETION)) ||
	    !func_comp(t, t->a.tx_cq, iov, FUNC_TX_WRITE, NULL))
		return;
	for (i = 0, at = 0; i < limit; at += iov[i++].iov_len)
		CHECK(t, !memcmp(target.buf->mem[0] + at, iov[i].iov_base,
				 min(iov[i].iov_len, PAGE_SIZE - at)));
	CHECK(t, at < PAGE_SIZE);
	ktl_buf_use(target.buf, at, PAGE_SIZE - at);
	func_buf_untouched(t, target.buf, FUNC_POISON);
}

static bool func_large_regions(struct func *t, struct ktl_buf *buf,
			       struct kfi_rma_iov *iov)
{
	struct kfid_mr *mr;
	unsigned int i;

	for (i = 0; i < buf->count; i++) {
		mr = func_open_mr(t, t->domain, buf->view[i].iov_base,
				  buf->view[i].iov_len, FUNC_ACCESS);
		if (!mr)
			return false;
		iov[i] = (struct kfi_rma_iov) {
			.len = buf->view[i].iov_len,
			.key = kfi_mr_key(mr),
		};
	}
	return true;
}

/* As much as one operation reaches when every region is as long as can be. */
static void rma_large(struct func *t)
{
	size_t limit = min(t->info->tx_attr->rma_iov_limit,
			   t->info->tx_attr->iov_limit);
	size_t count = min3((size_t)16, limit,
			    t->info->ep_attr->max_msg_size / SZ_1M);
	struct ktl_buf *target = func_buf(t, KTL_BUF_BVEC, count * SZ_1M,
					  SZ_1M);
	struct ktl_buf *src = func_buf(t, KTL_BUF_BVEC, count * SZ_1M, SZ_1M);
	struct kfi_rma_iov iov[16];
	struct kfi_msg_rma msg;
	char text[48];

	if (!target || !src || !func_large_regions(t, target, iov))
		return;
	ktl_buf_fill(src, 12);
	msg = func_msg_rma(src, iov, count, src);
	if (!CHECK_OK(t, kfi_writemsg(t->a.ep, &msg, KFI_COMPLETION)) ||
	    !func_comp(t, t->a.tx_cq, src, FUNC_TX_WRITE, NULL) ||
	    !func_buf_is(t, target, 12))
		return;
	ktl_buf_fill(target, 13);
	if (!CHECK_OK(t, kfi_readmsg(t->a.ep, &msg, KFI_COMPLETION)) ||
	    !func_comp(t, t->a.tx_cq, src, FUNC_TX_READ, NULL) ||
	    !func_buf_is(t, src, 13))
		return;
	scnprintf(text, sizeof(text), "one operation on %zu bytes", src->len);
	func_note(t, text);
}

/* Every operation of a full queue completes, in order. */
static void rma_pipeline(struct func *t)
{
	u32 *src = func_alloc(t, 32 * sizeof(*src));
	struct func_target target;
	unsigned int round, i;

	if (!src || !func_target(t, &target, KTL_BUF_KMALLOC, 0, SZ_4K))
		return;
	for (round = 0; round < 20; round++) {
		for (i = 0; i < 32; i++) {
			src[i] = round * 32 + i;
			if (!CHECK_OK(t, kfi_write(t->a.ep, &src[i], 4, NULL,
						   KFI_ADDR_UNSPEC, 4 * i,
						   target.key, &src[i])))
				return;
		}
		for (i = 0; i < 32; i++) {
			if (!func_comp(t, t->a.tx_cq, &src[i], FUNC_TX_WRITE,
				       NULL))
				return;
		}
		CHECK_OK(t, memcmp(target.buf->mem[0], src, 128));
	}
}

/* Both ends reach into each other at the same time. */
static void rma_both_ways(struct func *t)
{
	struct func_end *end[2] = { &t->a, &t->b };
	struct func_target target[2];
	u8 *src[2];
	int i;

	for (i = 0; i < 2; i++) {
		src[i] = func_alloc(t, SZ_64K);
		if (!src[i] || !func_target(t, &target[i], KTL_BUF_BVEC, 0,
					    SZ_64K))
			return;
		memset(src[i], i + 1, SZ_64K);
	}
	for (i = 0; i < 2; i++) {
		if (!CHECK_OK(t, kfi_write(end[i]->ep, src[i], SZ_64K, NULL,
					   KFI_ADDR_UNSPEC, 0, target[i].key,
					   src[i])))
			return;
	}
	for (i = 0; i < 2; i++) {
		func_comp(t, end[i]->tx_cq, src[i], FUNC_TX_WRITE, NULL);
		func_buf_untouched(t, target[i].buf, i + 1);
	}
}

/* A message behind a write does not overtake it. */
static void rma_write_then_send(struct func *t)
{
	u8 *src = func_alloc(t, SZ_64K);
	struct func_target target;
	int i;

	if (!src || !func_target(t, &target, KTL_BUF_KMALLOC, 0, SZ_64K))
		return;
	for (i = 0; i < 20; i++) {
		memset(src, i, SZ_64K);
		if (!CHECK_OK(t, kfi_recv(t->b.ep, NULL, 0, NULL,
					  KFI_ADDR_UNSPEC, t)) ||
		    !CHECK_OK(t, kfi_write(t->a.ep, src, SZ_64K, NULL,
					   KFI_ADDR_UNSPEC, 0, target.key,
					   src)) ||
		    !CHECK_OK(t, kfi_send(t->a.ep, NULL, 0, NULL,
					  KFI_ADDR_UNSPEC, t)) ||
		    !func_comp(t, t->b.rx_cq, t, FUNC_RX_RECV, NULL) ||
		    !func_buf_untouched(t, target.buf, i) ||
		    !func_comp(t, t->a.tx_cq, src, FUNC_TX_WRITE, NULL) ||
		    !func_comp(t, t->a.tx_cq, t, FUNC_TX_SEND, NULL))
			return;
	}
}

/* A piece of the target; all but the last one of a chain are written by calls. */
static bool rma_chain_piece(struct func *t, const struct func_target *target,
			    const struct ktl_buf *src, size_t at, size_t len,
			    bool last)
{
	struct kfi_rma_iov range = {
		.addr = at, .len = len, .key = target->key,
	};
	struct kvec iov = { src->view[0].iov_base + at, len };
	struct kfi_msg_rma msg = {
		.type = KFI_KVEC, .msg_iov = &iov, .iov_count = 1,
		.rma_iov = &range, .rma_iov_count = 1, .context = t,
	};

	if (last)
		return CHECK_OK(t, kfi_writemsg(t->a.ep, &msg, KFI_COMPLETION)) &&
		       func_comp(t, t->a.tx_cq, t, FUNC_TX_WRITE, NULL);
	return CHECK_OK(t, kfi_write(t->a.ep, iov.iov_base, len, NULL,
				     KFI_ADDR_UNSPEC, at, target->key, NULL));
}

/* Chains of silent calls, of all lengths; what is small goes along. */
static void rma_chained_calls(struct func *t)
{
	struct func_opts opts = {
		.tx_flags = KFI_SELECTIVE_COMPLETION,
		.tx_size = 64,
	};
	struct ktl_buf *src = func_buf(t, KTL_BUF_KMALLOC, SZ_64K, SZ_64K);
	u64 flags = KFI_TRANSMIT | KFI_MORE;
	struct func_target target;
	size_t at = 0, len;
	u32 chain, i;

	if (!src || !func_pair(t, &t->a, &t->b, &opts) ||
	    !func_target(t, &target, KTL_BUF_KMALLOC, 0, SZ_64K) ||
	    !CHECK_OK(t, kfi_control(&t->a.ep->fid, KFI_SETOPSFLAG, &flags)))
		return;
	ktl_buf_fill(src, t->seed);
	for (chain = 0; at < SZ_64K; chain++) {
		for (i = 0; i <= chain % 41 && at < SZ_64K; i++) {
			len = min_t(size_t, 1 + (chain + i) % 140, SZ_64K - at);
			if (!rma_chain_piece(t, &target, src, at, len,
					     i == chain % 41 ||
					     at + len == SZ_64K))
				return;
			at += len;
		}
	}
	func_no_comp(t, t->a.tx_cq);
	func_buf_is(t, target.buf, t->seed);
}

static const struct func_case rma_cases[] = {
	{ "sizes", rma_sizes, FUNC_PAIR },
	{ "kinds", rma_kinds, FUNC_PAIR },
	{ "offsets", rma_offsets, FUNC_PAIR },
	{ "list_calls", rma_list_calls, FUNC_PAIR },
	{ "plain_calls", rma_plain_calls, FUNC_PAIR },
	{ "cq_data", rma_cq_data, FUNC_PAIR,
	  .needs = FUNC_NEEDS_DATA },
	{ "cq_data_only", rma_cq_data_only, FUNC_PAIR,
	  .needs = FUNC_NEEDS_DATA },
	{ "inject", rma_inject, FUNC_PAIR },
	{ "many_ranges", rma_many_ranges, FUNC_PAIR },
	{ "shorter_than_remote", rma_shorter_than_remote, FUNC_PAIR },
	{ "scattered_local", rma_scattered_local, FUNC_PAIR },
	{ "large", rma_large, FUNC_PAIR },
	{ "pipeline", rma_pipeline, FUNC_PAIR },
	{ "both_ways", rma_both_ways, FUNC_PAIR },
	{ "write_then_send", rma_write_then_send, FUNC_PAIR },
	{ "chained_calls", rma_chained_calls, FUNC_DOMAIN },
};

FUNC_SUITE(rma);
