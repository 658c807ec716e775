// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Bad input to message calls: refused at once, and everything goes on; or
 * failed at the peer, and the connection is over.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "func.h"

static void badmsg_before_enable(struct func *t)
{
	struct kfid_ep *ep = func_open_ep(t, t->domain, t->info, NULL);
	char *buf = func_alloc(t, 64);

	if (!ep || !buf)
		return;
	CHECK_EQ(t, kfi_recv(ep, buf, 64, NULL, KFI_ADDR_UNSPEC, buf),
		 -KFI_EOPBADSTATE);
	CHECK_EQ(t, kfi_send(ep, buf, 64, NULL, KFI_ADDR_UNSPEC, buf),
		 -KFI_EOPBADSTATE);
	CHECK_EQ(t, kfi_inject(ep, buf, 4, KFI_ADDR_UNSPEC), -KFI_EOPBADSTATE);
}

static void badmsg_before_connect(struct func *t)
{
	char *buf = func_alloc(t, 64);

	if (!buf || !func_open_end(t, &t->a, t->domain, t->info, NULL))
		return;
	CHECK_EQ(t, kfi_send(t->a.ep, buf, 64, NULL, KFI_ADDR_UNSPEC, buf),
		 -ENOTCONN);
	CHECK_EQ(t, kfi_inject(t->a.ep, buf, 4, KFI_ADDR_UNSPEC), -ENOTCONN);
	CHECK_EQ(t, kfi_senddata(t->a.ep, buf, 4, NULL, 0, KFI_ADDR_UNSPEC,
				 buf), -ENOTCONN);
	func_no_comp(t, t->a.tx_cq);
}

static void badmsg_null(struct func *t)
{
	struct kfid_ep *ep = t->a.ep;
	struct kfi_msg msg = {
		.type = KFI_KVEC,
		.iov_count = 1,
	};
	struct kvec nothing = { NULL, 8 };

	CHECK_EQ(t, kfi_send(ep, NULL, 8, NULL, KFI_ADDR_UNSPEC, t), -EINVAL);
	CHECK_EQ(t, kfi_recv(ep, NULL, 8, NULL, KFI_ADDR_UNSPEC, t), -EINVAL);
	CHECK_EQ(t, kfi_inject(ep, NULL, 8, KFI_ADDR_UNSPEC), -EINVAL);
	CHECK_EQ(t, kfi_sendmsg(ep, &msg, KFI_COMPLETION), -EINVAL);
	CHECK_EQ(t, kfi_recvmsg(ep, &msg, KFI_COMPLETION), -EINVAL);
	CHECK_EQ(t, kfi_sendv(ep, NULL, NULL, 1, KFI_ADDR_UNSPEC, t), -EINVAL);
	CHECK_EQ(t, kfi_sendbv(ep, NULL, NULL, 1, KFI_ADDR_UNSPEC, t), -EINVAL);
	CHECK_EQ(t, kfi_sendsgl(ep, NULL, NULL, 1, KFI_ADDR_UNSPEC, t),
		 -EINVAL);
	CHECK_EQ(t, kfi_sendv(ep, &nothing, NULL, 1, KFI_ADDR_UNSPEC, t),
		 -EINVAL);
	func_alive(t, &t->a, &t->b);
}

static void badmsg_type(struct func *t)
{
	char *buf = func_alloc(t, 64);
	struct kvec iov = { buf, 64 };
	struct kfi_msg msg = { .msg_iov = &iov, .iov_count = 1 };

	if (!buf)
		return;
	msg.type = 0;
	CHECK_EQ(t, kfi_sendmsg(t->a.ep, &msg, KFI_COMPLETION), -EINVAL);
	msg.type = 99;
	CHECK_EQ(t, kfi_sendmsg(t->a.ep, &msg, KFI_COMPLETION), -EINVAL);
	CHECK_EQ(t, kfi_recvmsg(t->b.ep, &msg, KFI_COMPLETION), -EINVAL);
	func_alive(t, &t->a, &t->b);
}

static void badmsg_flags(struct func *t)
{
	struct kfi_msg msg = { .type = KFI_KVEC, .context = t };

	CHECK_EQ(t, kfi_sendmsg(t->a.ep, &msg, BIT_ULL(63)), -KFI_EBADFLAGS);
	CHECK_EQ(t, kfi_sendmsg(t->a.ep, &msg, KFI_PEEK), -KFI_EBADFLAGS);
	CHECK_EQ(t, kfi_recvmsg(t->a.ep, &msg, BIT_ULL(63)), -KFI_EBADFLAGS);
	CHECK_EQ(t, kfi_recvmsg(t->a.ep, &msg, KFI_REMOTE_CQ_DATA),
		 -EOPNOTSUPP);
	CHECK_EQ(t, kfi_sendmsg(t->a.ep, &msg, KFI_COMMIT_COMPLETE),
		 -EOPNOTSUPP);
	func_alive(t, &t->a, &t->b);
}

static void badmsg_data(struct func *t)
{
	char *buf = func_alloc(t, 64);

	if (!buf)
		return;
	if (func_has_data(t)) {
		CHECK_EQ(t, kfi_senddata(t->a.ep, buf, 4, NULL, BIT_ULL(32),
					 KFI_ADDR_UNSPEC, buf), -EINVAL);
		CHECK_EQ(t, kfi_injectdata(t->a.ep, buf, 4, U64_MAX,
					   KFI_ADDR_UNSPEC), -EINVAL);
	} else {
		CHECK_EQ(t, kfi_senddata(t->a.ep, buf, 4, NULL, 1,
					 KFI_ADDR_UNSPEC, buf), -EOPNOTSUPP);
		CHECK_EQ(t, kfi_injectdata(t->a.ep, buf, 4, 1,
					   KFI_ADDR_UNSPEC), -EOPNOTSUPP);
	}
	func_alive(t, &t->a, &t->b);
}

static void badmsg_inject_size(struct func *t)
{
	size_t size = t->info->tx_attr->inject_size;
	char *buf = func_alloc(t, size + 1);
	struct kvec iov = { buf, size + 1 };
	struct kfi_msg msg = {
		.type = KFI_KVEC,
		.msg_iov = &iov,
		.iov_count = 1,
	};

	if (!buf)
		return;
	CHECK_EQ(t, kfi_inject(t->a.ep, buf, size + 1, KFI_ADDR_UNSPEC),
		 -EMSGSIZE);
	if (func_has_data(t))
		CHECK_EQ(t, kfi_injectdata(t->a.ep, buf, size + 1, 0,
					   KFI_ADDR_UNSPEC), -EMSGSIZE);
	CHECK_EQ(t, kfi_sendmsg(t->a.ep, &msg, KFI_INJECT), -EMSGSIZE);
	func_alive(t, &t->a, &t->b);
}

static void badmsg_iov_limit(struct func *t)
{
	size_t limit = t->info->tx_attr->iov_limit + 1;
	struct kvec *iov = func_alloc(t, limit * sizeof(*iov));
	char *buf = func_alloc(t, 64);
	size_t i;

	if (!iov || !buf)
		return;
	for (i = 0; i < limit; i++)
		iov[i] = (struct kvec) { buf, 1 };
	CHECK_EQ(t, kfi_sendv(t->a.ep, iov, NULL, limit, KFI_ADDR_UNSPEC, t),
		 -E2BIG);
	CHECK_EQ(t, kfi_sendv(t->a.ep, iov, NULL, SIZE_MAX, KFI_ADDR_UNSPEC, t),
		 -E2BIG);
	limit = t->info->rx_attr->iov_limit + 1;
	CHECK_EQ(t, kfi_recvv(t->a.ep, iov, NULL, limit, KFI_ADDR_UNSPEC, t),
		 -E2BIG);
	func_alive(t, &t->a, &t->b);
}

/* Lengths only: what would be sent is not there at all. */
static void badmsg_too_long(struct func *t)
{
	size_t max = t->info->ep_attr->max_msg_size;
	char *buf = func_alloc(t, 64);
	struct kvec iov[2] = { { buf, max }, { buf, 1 } };
	struct kvec wrap[2] = { { buf, SIZE_MAX }, { buf, 2 } };

	if (!buf)
		return;
	CHECK_EQ(t, kfi_send(t->a.ep, buf, max + 1, NULL, KFI_ADDR_UNSPEC, t),
		 -EMSGSIZE);
	CHECK_EQ(t, kfi_sendv(t->a.ep, iov, NULL, 2, KFI_ADDR_UNSPEC, t),
		 -EMSGSIZE);
	CHECK_EQ(t, kfi_sendv(t->a.ep, wrap, NULL, 2, KFI_ADDR_UNSPEC, t),
		 -EMSGSIZE);
	CHECK_EQ(t, kfi_recv(t->a.ep, buf, max + 1, NULL, KFI_ADDR_UNSPEC, t),
		 -EMSGSIZE);
	func_alive(t, &t->a, &t->b);
}

/* Every other page of a block, so that no two of them are neighbours. */
static void *func_vmap_scattered(struct page *block, size_t count)
{
	struct page **pages;
	void *mem = NULL;
	size_t i;

	pages = kcalloc(count, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return NULL;
	for (i = 0; i < count; i++)
		pages[i] = block + 2 * i;
	mem = vmap(pages, count, VM_MAP, PAGE_KERNEL);
	kfree(pages);
	return mem;
}

/* More pages than one request has places for. */
static void badmsg_scattered(struct func *t)
{
	size_t count = t->info->tx_attr->iov_limit + 2;
	unsigned int order = get_order(2 * count * PAGE_SIZE);
	size_t len = count * PAGE_SIZE;
	struct page *block;
	void *mem;

	block = alloc_pages(GFP_KERNEL, order);
	if (!CHECK(t, block))
		return;
	mem = func_vmap_scattered(block, count);
	if (CHECK(t, mem)) {
		CHECK_EQ(t, kfi_send(t->a.ep, mem, len, NULL, KFI_ADDR_UNSPEC,
				     t), -E2BIG);
		CHECK_EQ(t, kfi_recv(t->a.ep, mem, len, NULL, KFI_ADDR_UNSPEC,
				     t), -E2BIG);
		func_alive(t, &t->a, &t->b);
		vunmap(mem);
	}
	__free_pages(block, order);
}

static void badmsg_desc(struct func *t)
{
	struct ktl_buf *buf = func_buf(t, KTL_BUF_KMALLOC, SZ_8K, SZ_8K);
	struct kfid_mr *mr;
	void *desc;
	u8 *mem;

	if (!buf)
		return;
	mem = buf->mem[0];
	mr = func_open_mr(t, t->domain, mem + 100, 1000, KFI_SEND);
	if (!mr)
		return;
	desc = kfi_mr_desc(mr);

	/* one byte out at either end, and far away */
	CHECK_EQ(t, kfi_send(t->a.ep, mem + 99, 10, desc, KFI_ADDR_UNSPEC, t),
		 -EINVAL);
	CHECK_EQ(t, kfi_send(t->a.ep, mem + 100, 1001, desc, KFI_ADDR_UNSPEC,
			     t), -EINVAL);
	CHECK_EQ(t, kfi_send(t->a.ep, mem + 5000, 10, desc, KFI_ADDR_UNSPEC, t),
		 -EINVAL);
	CHECK_EQ(t, kfi_recv(t->a.ep, mem + 100, 1000, desc, KFI_ADDR_UNSPEC,
			     t), -EACCES);

	memset(mem + 100, 0x5a, 1000);
	if (CHECK_OK(t, kfi_recv(t->b.ep, mem + 2000, 1000, NULL,
				 KFI_ADDR_UNSPEC, t)) &&
	    CHECK_OK(t, kfi_send(t->a.ep, mem + 100, 1000, desc,
				 KFI_ADDR_UNSPEC, t)) &&
	    func_comp(t, t->a.tx_cq, t, FUNC_TX_SEND, NULL) &&
	    func_comp(t, t->b.rx_cq, t, FUNC_RX_RECV, NULL))
		CHECK(t, !memchr_inv(mem + 2000, 0x5a, 1000));
}

static bool badmsg_fails(struct func *t, struct kfid_cq *cq,
			 const void *context, int err, int other_err)
{
	struct kfi_cq_err_entry entry = {};
	struct kfi_cq_tagged_entry good;

	return CHECK_EQ(t, func_read(t, cq, &good), -KFI_EAVAIL) &&
	       CHECK_EQ(t, kfi_cq_readerr(cq, &entry, 0), 1) &&
	       CHECK(t, entry.op_context == context) &&
	       (entry.err == other_err || CHECK_EQ(t, entry.err, err));
}

/*
 * The receive is too short: both sides are told, nothing spills over. Devices
 * that do not say what was wrong with a receive (soft-RoCE) make it EIO, and
 * the receiver may have hung up before its device answers the sender's.
 */
static void badmsg_receive_too_short(struct func *t)
{
	u8 *src = func_alloc(t, 64), *dst = func_alloc(t, 64);

	if (!src || !dst)
		return;
	memset(src, 0x77, 64);
	memset(dst, 0x22, 64);
	if (!CHECK_OK(t, kfi_recv(t->b.ep, dst, 16, NULL, KFI_ADDR_UNSPEC,
				  dst)) ||
	    !CHECK_OK(t, kfi_send(t->a.ep, src, 64, NULL, KFI_ADDR_UNSPEC,
				  src)) ||
	    !(func_tells(t) ?
	      badmsg_fails(t, t->a.tx_cq, src, EREMOTEIO, ECANCELED) :
	      func_comp_refused(t, t->a.tx_cq, src, EREMOTEIO)) ||
	    !badmsg_fails(t, t->b.rx_cq, dst, EMSGSIZE, EIO))
		return;
	CHECK(t, !memchr_inv(dst + 16, 0x22, 48));
	func_broken(t);
}

static void badmsg_after_shutdown(struct func *t)
{
	char *buf = func_alloc(t, 64);

	if (!buf || !CHECK_OK(t, kfi_shutdown(t->a.ep, 0)) || !func_broken(t))
		return;
	CHECK_EQ(t, kfi_send(t->a.ep, buf, 64, NULL, KFI_ADDR_UNSPEC, t),
		 -ENOTCONN);
	CHECK_EQ(t, kfi_inject(t->b.ep, buf, 4, KFI_ADDR_UNSPEC), -ENOTCONN);
	CHECK_EQ(t, kfi_recv(t->b.ep, buf, 64, NULL, KFI_ADDR_UNSPEC, t),
		 -ENOTCONN);
	func_no_comp(t, t->a.tx_cq);
	func_no_comp(t, t->b.rx_cq);
}

static const struct func_case badmsg_cases[] = {
	{ "before_enable", badmsg_before_enable, FUNC_DOMAIN },
	{ "before_connect", badmsg_before_connect, FUNC_DOMAIN },
	{ "null", badmsg_null, FUNC_PAIR },
	{ "type", badmsg_type, FUNC_PAIR },
	{ "flags", badmsg_flags, FUNC_PAIR },
	{ "data", badmsg_data, FUNC_PAIR },
	{ "inject_size", badmsg_inject_size, FUNC_PAIR },
	{ "iov_limit", badmsg_iov_limit, FUNC_PAIR },
	{ "too_long", badmsg_too_long, FUNC_PAIR },
	{ "scattered", badmsg_scattered, FUNC_PAIR },
	{ "desc", badmsg_desc, FUNC_PAIR },
	{ "receive_too_short", badmsg_receive_too_short, FUNC_PAIR },
	{ "after_shutdown", badmsg_after_shutdown, FUNC_PAIR },
};

FUNC_SUITE(badmsg);
