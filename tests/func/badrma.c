// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * RMA that must not be: refused at once where this side can know; else failed
 * at the peer that tried, whose connection is over, with nothing touched.
 */
#include <linux/sizes.h>
#include <linux/string.h>

#include "func.h"

#define FUNC_POISON	0x6d
#define FUNC_LEN	1000
#define FUNC_START	100

/**
 * struct func_victim - a region in the middle of memory that is looked after
 * @buf: two pages, poisoned
 * @mr: 1000 bytes of it, from byte 100
 * @key: its key
 * @src: what an attacker would write
 */
struct func_victim {
	struct ktl_buf *buf;
	struct kfid_mr *mr;
	u64 key;
	u8 *src;
};

static bool func_victim(struct func *t, struct func_victim *v, u64 access)
{
	v->buf = func_buf(t, KTL_BUF_KMALLOC, SZ_8K, SZ_8K);
	v->src = func_alloc(t, SZ_8K);
	if (!v->buf || !v->src)
		return false;
	ktl_buf_set(v->buf, FUNC_POISON);
	memset(v->src, 0x99, SZ_8K);
	v->mr = func_open_mr(t, t->domain, v->buf->mem[0] + FUNC_START,
			     FUNC_LEN, access);
	if (!v->mr)
		return false;
	v->key = kfi_mr_key(v->mr);
	return true;
}

/* The operation was accepted and fails; both sides lose the connection. */
static bool func_refused(struct func *t, const struct func_victim *v)
{
	return func_comp_refused(t, t->a.tx_cq, v->src, EACCES) &&
	       func_buf_untouched(t, v->buf, FUNC_POISON) && func_broken(t) &&
	       func_no_comp(t, t->a.tx_cq) &&
	       func_buf_untouched(t, v->buf, FUNC_POISON);
}

static void func_bad_write(struct func *t, u64 access, u64 addr, size_t len)
{
	struct func_victim v;

	if (func_victim(t, &v, access) &&
	    CHECK_OK(t, kfi_write(t->a.ep, v.src, len, NULL, KFI_ADDR_UNSPEC,
				  addr, v.key, v.src)))
		func_refused(t, &v);
}

static void func_bad_read(struct func *t, u64 access, u64 addr, size_t len)
{
	struct func_victim v;

	if (func_victim(t, &v, access) &&
	    CHECK_OK(t, kfi_read(t->a.ep, v.src, len, NULL, KFI_ADDR_UNSPEC,
				 addr, v.key, v.src)) &&
	    func_refused(t, &v))
		CHECK(t, !memchr_inv(v.src, 0x99, SZ_8K));
}

static void badrma_write_one_past(struct func *t)
{
	func_bad_write(t, KFI_REMOTE_WRITE, 1, FUNC_LEN);
}

static void badrma_write_behind(struct func *t)
{
	func_bad_write(t, KFI_REMOTE_WRITE, FUNC_LEN, 1);
}

static void badrma_write_far(struct func *t)
{
	func_bad_write(t, KFI_REMOTE_WRITE, 1ULL << 40, 8);
}

static void badrma_write_too_long(struct func *t)
{
	func_bad_write(t, KFI_REMOTE_WRITE, 0, SZ_8K);
}

static void badrma_read_one_past(struct func *t)
{
	func_bad_read(t, KFI_REMOTE_READ, 1, FUNC_LEN);
}

static void badrma_read_behind(struct func *t)
{
	func_bad_read(t, KFI_REMOTE_READ, FUNC_LEN, 1);
}

static void badrma_write_read_only(struct func *t)
{
	func_bad_write(t, KFI_REMOTE_READ, 0, 8);
}

/* Soft-iWARP looks at the key and the range only. */
static void badrma_read_write_only(struct func *t)
{
	struct func_victim v;

	if (t->info->ep_attr->protocol != KFI_PROTO_IWARP) {
		func_bad_read(t, KFI_REMOTE_WRITE, 0, 8);
		return;
	}
	if (!func_victim(t, &v, KFI_REMOTE_WRITE) ||
	    !CHECK_OK(t, kfi_read(t->a.ep, v.src, 8, NULL, KFI_ADDR_UNSPEC, 0,
				  v.key, v.src)) ||
	    !func_comp_refused(t, t->a.tx_cq, v.src, EACCES))
		return;
	if (v.src[0] == FUNC_POISON)
		func_unable(t, "the device does not look whether a region may be read");
	else if (func_broken(t))
		CHECK(t, !memchr_inv(v.src, 0x99, SZ_8K));
}

/* A region for local use has a key, but it opens nothing. */
static void badrma_local_region(struct func *t)
{
	func_bad_write(t, KFI_SEND | KFI_RECV | KFI_READ | KFI_WRITE, 0, 8);
}

/* What is right at the edge is right. */
static void badrma_edges(struct func *t)
{
	struct func_victim v;
	u8 *mem;

	if (!func_victim(t, &v, KFI_REMOTE_WRITE))
		return;
	mem = v.buf->mem[0];
	if (!CHECK_OK(t, kfi_write(t->a.ep, v.src, FUNC_LEN, NULL,
				   KFI_ADDR_UNSPEC, 0, v.key, v.src)) ||
	    !func_comp(t, t->a.tx_cq, v.src, FUNC_TX_WRITE, NULL))
		return;
	CHECK(t, !memchr_inv(mem, FUNC_POISON, FUNC_START));
	CHECK(t, !memchr_inv(mem + FUNC_START, 0x99, FUNC_LEN));
	CHECK(t, !memchr_inv(mem + FUNC_START + FUNC_LEN, FUNC_POISON,
			     SZ_8K - FUNC_START - FUNC_LEN));
	func_alive(t, &t->a, &t->b);
}

static void badrma_stale_key(struct func *t)
{
	struct func_victim v;

	if (!func_victim(t, &v, KFI_REMOTE_WRITE) ||
	    !func_close(t, &v.mr->fid) ||
	    !CHECK_OK(t, kfi_write(t->a.ep, v.src, 8, NULL, KFI_ADDR_UNSPEC, 0,
				   v.key, v.src)))
		return;
	func_refused(t, &v);
}

/* The same memory, registered again: the old key stays dead. */
static void badrma_stale_key_reused(struct func *t)
{
	struct func_victim v;
	struct kfid_mr *mr;
	int i;

	if (!func_victim(t, &v, KFI_REMOTE_WRITE) ||
	    !func_close(t, &v.mr->fid))
		return;
	for (i = 0; i < 8; i++) {
		mr = func_open_mr(t, t->domain, v.buf->mem[0] + FUNC_START,
				  FUNC_LEN, KFI_REMOTE_WRITE);
		if (!mr || !CHECK(t, kfi_mr_key(mr) != v.key))
			return;
	}
	if (CHECK_OK(t, kfi_write(t->a.ep, v.src, 8, NULL, KFI_ADDR_UNSPEC, 0,
				  v.key, v.src)))
		func_refused(t, &v);
}

static void badrma_stale_key_read(struct func *t)
{
	struct func_victim v;

	if (!func_victim(t, &v, KFI_REMOTE_READ) ||
	    !func_close(t, &v.mr->fid) ||
	    !CHECK_OK(t, kfi_read(t->a.ep, v.src, 8, NULL, KFI_ADDR_UNSPEC, 0,
				  v.key, v.src)))
		return;
	func_refused(t, &v);
}

/* A key of another domain of the peer is none here. */
static void badrma_foreign_key(struct func *t)
{
	struct kfid_domain *mine = t->domain, *other;
	struct func_victim v;
	bool good;

	other = func_open_domain(t, t->fabric);
	if (!other)
		return;
	t->domain = other;
	good = func_victim(t, &v, KFI_REMOTE_WRITE);
	t->domain = mine;
	if (good && CHECK_OK(t, kfi_write(t->a.ep, v.src, 8, NULL,
					  KFI_ADDR_UNSPEC, 0, v.key, v.src)))
		func_refused(t, &v);
}

/* Bits that every key has, but another value. */
static void badrma_guessed_key(struct func *t)
{
	struct func_victim v;

	if (func_victim(t, &v, KFI_REMOTE_WRITE) &&
	    CHECK_OK(t, kfi_write(t->a.ep, v.src, 8, NULL, KFI_ADDR_UNSPEC, 0,
				  v.key ^ 1, v.src)))
		func_refused(t, &v);
}

/*
 * The offset of the first byte is part of the key: a peer that changes it stays
 * inside of the region or is refused.
 */
static void badrma_forged_offset(struct func *t)
{
	struct func_victim v;
	u64 key;

	if (!func_victim(t, &v, KFI_REMOTE_WRITE))
		return;
	key = v.key & ~(0xffffULL << 48);
	if (CHECK(t, key != v.key) &&
	    CHECK_OK(t, kfi_write(t->a.ep, v.src, 8, NULL, KFI_ADDR_UNSPEC, 0,
				  key, v.src)))
		func_refused(t, &v);
}

static void badrma_undefined_key_bits(struct func *t)
{
	struct func_victim v;

	if (!func_victim(t, &v, KFI_REMOTE_WRITE | KFI_REMOTE_READ))
		return;
	CHECK_EQ(t, kfi_write(t->a.ep, v.src, 8, NULL, KFI_ADDR_UNSPEC, 0,
			      v.key | BIT_ULL(47), v.src), -KFI_EKEYREJECTED);
	CHECK_EQ(t, kfi_read(t->a.ep, v.src, 8, NULL, KFI_ADDR_UNSPEC, 0,
			     KFI_KEY_NOTAVAIL, v.src), -KFI_EKEYREJECTED);
	func_buf_untouched(t, v.buf, FUNC_POISON);
	func_alive(t, &t->a, &t->b);
}

static void badrma_wrap(struct func *t)
{
	struct func_victim v;
	struct kfi_rma_iov iov = { .len = 8 };
	struct kvec local;
	struct kfi_msg_rma msg = {
		.type = KFI_KVEC,
		.msg_iov = &local,
		.iov_count = 1,
		.rma_iov = &iov,
		.rma_iov_count = 1,
	};

	if (!func_victim(t, &v, KFI_REMOTE_WRITE | KFI_REMOTE_READ))
		return;
	CHECK_EQ(t, kfi_write(t->a.ep, v.src, 8, NULL, KFI_ADDR_UNSPEC,
			      U64_MAX - 6, v.key, v.src), -EINVAL);
	CHECK_EQ(t, kfi_read(t->a.ep, v.src, 8, NULL, KFI_ADDR_UNSPEC,
			     U64_MAX, v.key, v.src), -EINVAL);

	/* the memory in front of the region */
	CHECK_EQ(t, kfi_write(t->a.ep, v.src, 8, NULL, KFI_ADDR_UNSPEC,
			      -(u64)FUNC_START, v.key, v.src), -EINVAL);

	/* addr + len is fine, but not with the offset in the page */
	CHECK_EQ(t, kfi_write(t->a.ep, v.src, 8, NULL, KFI_ADDR_UNSPEC,
			      U64_MAX - 50, v.key, v.src), -EINVAL);
	local = (struct kvec) { v.src, 8 };
	iov = (struct kfi_rma_iov) { 1, SIZE_MAX, v.key };
	CHECK_EQ(t, kfi_writemsg(t->a.ep, &msg, KFI_COMPLETION), -EINVAL);
	func_buf_untouched(t, v.buf, FUNC_POISON);
	func_alive(t, &t->a, &t->b);
}

static void badrma_lists(struct func *t)
{
	size_t limit = t->info->tx_attr->rma_iov_limit;
	struct kfi_rma_iov *iov = func_alloc(t, (limit + 1) * sizeof(*iov));
	struct func_victim v;
	struct kvec local;
	struct kfi_msg_rma msg = {
		.type = KFI_KVEC,
		.msg_iov = &local,
		.iov_count = 1,
		.rma_iov_count = 1,
	};
	size_t i;

	if (!iov || !func_victim(t, &v, KFI_REMOTE_WRITE | KFI_REMOTE_READ))
		return;
	local = (struct kvec) { v.src, 8 };
	for (i = 0; i <= limit; i++)
		iov[i] = (struct kfi_rma_iov) { 0, 8, v.key };

	CHECK_EQ(t, kfi_writemsg(t->a.ep, &msg, KFI_COMPLETION), -EINVAL);
	msg.rma_iov = iov;
	msg.rma_iov_count = 0;
	CHECK_EQ(t, kfi_writemsg(t->a.ep, &msg, KFI_COMPLETION), -EINVAL);
	CHECK_EQ(t, kfi_readmsg(t->a.ep, &msg, KFI_COMPLETION), -EINVAL);
	msg.rma_iov_count = limit + 1;
	CHECK_EQ(t, kfi_writemsg(t->a.ep, &msg, KFI_COMPLETION), -E2BIG);

	/* more local bytes than remote ones */
	msg.rma_iov_count = 1;
	local.iov_len = 9;
	CHECK_EQ(t, kfi_writemsg(t->a.ep, &msg, KFI_COMPLETION), -EINVAL);
	CHECK_EQ(t, kfi_readmsg(t->a.ep, &msg, KFI_COMPLETION), -EINVAL);
	func_buf_untouched(t, v.buf, FUNC_POISON);
	func_alive(t, &t->a, &t->b);
}

static void badrma_local(struct func *t)
{
	size_t max = t->info->ep_attr->max_msg_size;
	size_t limit = t->info->tx_attr->iov_limit + 1;
	struct kvec *iov = func_alloc(t, limit * sizeof(*iov));
	struct func_victim v;
	size_t i;

	if (!iov || !func_victim(t, &v, KFI_REMOTE_WRITE | KFI_REMOTE_READ))
		return;
	for (i = 0; i < limit; i++)
		iov[i] = (struct kvec) { v.src, 1 };
	CHECK_EQ(t, kfi_writev(t->a.ep, iov, NULL, limit, KFI_ADDR_UNSPEC, 0,
			       v.key, t), -E2BIG);
	CHECK_EQ(t, kfi_readv(t->a.ep, NULL, NULL, 1, KFI_ADDR_UNSPEC, 0,
			      v.key, t), -EINVAL);
	CHECK_EQ(t, kfi_write(t->a.ep, NULL, 8, NULL, KFI_ADDR_UNSPEC, 0,
			      v.key, t), -EINVAL);
	CHECK_EQ(t, kfi_write(t->a.ep, v.src, max + 1, NULL, KFI_ADDR_UNSPEC,
			      0, v.key, t), -EMSGSIZE);
	CHECK_EQ(t, kfi_inject_write(t->a.ep, v.src,
				     t->info->tx_attr->inject_size + 1,
				     KFI_ADDR_UNSPEC, 0, v.key), -EMSGSIZE);
	CHECK_EQ(t, kfi_writedata(t->a.ep, v.src, 8, NULL, BIT_ULL(32),
				  KFI_ADDR_UNSPEC, 0, v.key, t),
		 func_has_data(t) ? -EINVAL : -EOPNOTSUPP);
	func_buf_untouched(t, v.buf, FUNC_POISON);
	func_alive(t, &t->a, &t->b);
}

static void badrma_flags(struct func *t)
{
	struct func_victim v;
	struct kfi_rma_iov iov = { .len = 8 };
	struct kvec local;
	struct kfi_msg_rma msg = {
		.type = KFI_KVEC,
		.msg_iov = &local,
		.iov_count = 1,
		.rma_iov = &iov,
		.rma_iov_count = 1,
	};

	if (!func_victim(t, &v, KFI_REMOTE_WRITE | KFI_REMOTE_READ))
		return;
	local = (struct kvec) { v.src, 8 };
	iov.key = v.key;
	CHECK_EQ(t, kfi_writemsg(t->a.ep, &msg, BIT_ULL(62)), -KFI_EBADFLAGS);
	CHECK_EQ(t, kfi_readmsg(t->a.ep, &msg, BIT_ULL(62)), -KFI_EBADFLAGS);
	CHECK_EQ(t, kfi_readmsg(t->a.ep, &msg, KFI_REMOTE_CQ_DATA),
		 -EOPNOTSUPP);
	CHECK_EQ(t, kfi_writemsg(t->a.ep, &msg, KFI_COMMIT_COMPLETE),
		 -EOPNOTSUPP);
	msg.type = 7;
	CHECK_EQ(t, kfi_writemsg(t->a.ep, &msg, KFI_COMPLETION), -EINVAL);
	func_buf_untouched(t, v.buf, FUNC_POISON);
	func_alive(t, &t->a, &t->b);
}

static void badrma_desc(struct func *t)
{
	struct func_victim v;
	struct kfid_mr *mr;
	void *desc;

	if (!func_victim(t, &v, KFI_REMOTE_WRITE | KFI_REMOTE_READ))
		return;
	mr = func_open_mr(t, t->domain, v.src, 64, KFI_WRITE);
	if (!mr)
		return;
	desc = kfi_mr_desc(mr);
	CHECK_EQ(t, kfi_write(t->a.ep, v.src, 65, desc, KFI_ADDR_UNSPEC, 0,
			      v.key, t), -EINVAL);
	CHECK_EQ(t, kfi_write(t->a.ep, v.src + 60, 8, desc, KFI_ADDR_UNSPEC, 0,
			      v.key, t), -EINVAL);
	CHECK_EQ(t, kfi_read(t->a.ep, v.src, 64, desc, KFI_ADDR_UNSPEC, 0,
			     v.key, t), -EACCES);
	func_buf_untouched(t, v.buf, FUNC_POISON);
	if (CHECK_OK(t, kfi_write(t->a.ep, v.src, 64, desc, KFI_ADDR_UNSPEC, 0,
				  v.key, v.src)))
		func_comp(t, t->a.tx_cq, v.src, FUNC_TX_WRITE, NULL);
}

static void badrma_not_connected(struct func *t)
{
	struct kfid_ep *ep = func_open_ep(t, t->domain, t->info, NULL);
	struct func_victim v;

	if (!ep || !func_victim(t, &v, KFI_REMOTE_WRITE) ||
	    !func_open_end(t, &t->a, t->domain, t->info, NULL))
		return;
	CHECK_EQ(t, kfi_write(ep, v.src, 8, NULL, KFI_ADDR_UNSPEC, 0, v.key, t),
		 -KFI_EOPBADSTATE);
	CHECK_EQ(t, kfi_read(ep, v.src, 8, NULL, KFI_ADDR_UNSPEC, 0, v.key, t),
		 -KFI_EOPBADSTATE);
	CHECK_EQ(t, kfi_write(t->a.ep, v.src, 8, NULL, KFI_ADDR_UNSPEC, 0,
			      v.key, t), -ENOTCONN);
	CHECK_EQ(t, kfi_inject_write(t->a.ep, v.src, 8, KFI_ADDR_UNSPEC, 0,
				     v.key), -ENOTCONN);
	func_buf_untouched(t, v.buf, FUNC_POISON);
}

static const struct func_case badrma_cases[] = {
	{ "write_one_past", badrma_write_one_past, FUNC_PAIR },
	{ "write_behind", badrma_write_behind, FUNC_PAIR },
	{ "write_far", badrma_write_far, FUNC_PAIR },
	{ "write_too_long", badrma_write_too_long, FUNC_PAIR },
	{ "read_one_past", badrma_read_one_past, FUNC_PAIR },
	{ "read_behind", badrma_read_behind, FUNC_PAIR },
	{ "write_read_only", badrma_write_read_only, FUNC_PAIR },
	{ "read_write_only", badrma_read_write_only, FUNC_PAIR },
	{ "local_region", badrma_local_region, FUNC_PAIR },
	{ "edges", badrma_edges, FUNC_PAIR },
	{ "stale_key", badrma_stale_key, FUNC_PAIR },
	{ "stale_key_reused", badrma_stale_key_reused, FUNC_PAIR },
	{ "stale_key_read", badrma_stale_key_read, FUNC_PAIR },
	{ "foreign_key", badrma_foreign_key, FUNC_PAIR },
	{ "guessed_key", badrma_guessed_key, FUNC_PAIR },
	{ "forged_offset", badrma_forged_offset, FUNC_PAIR },
	{ "undefined_key_bits", badrma_undefined_key_bits, FUNC_PAIR },
	{ "wrap", badrma_wrap, FUNC_PAIR },
	{ "lists", badrma_lists, FUNC_PAIR },
	{ "local", badrma_local, FUNC_PAIR },
	{ "flags", badrma_flags, FUNC_PAIR },
	{ "desc", badrma_desc, FUNC_PAIR },
	{ "not_connected", badrma_not_connected, FUNC_DOMAIN },
};

FUNC_SUITE(badrma);
