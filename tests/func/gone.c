// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The device goes away, or somebody tries to take the provider away. These
 * cases say "ready" and wait for what run.sh does.
 */
#include <linux/delay.h>
#include <linux/in.h>
#include <linux/inet.h>
#include <linux/netdevice.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include "func.h"

#define FUNC_RECVS	16
#define FUNC_WINDOW	16

static void func_ready(struct func *t)
{
	ktl_session_puts(t->session, "ready\n");
}

/* Nothing works any more on what is left of a device. */
static void gone_calls(struct func *t, struct kfid_mr *mr, char *buf)
{
	struct kfi_info *info = func_dupinfo(t, t->info);
	struct kfid_domain *domain;
	struct kfid_cq *cq;
	struct kfid_ep *ep;
	struct kfid_mr *other;

	if (!info)
		return;
	CHECK_EQ(t, kfi_send(t->a.ep, buf, 8, NULL, KFI_ADDR_UNSPEC, buf),
		 -ENODEV);
	CHECK_EQ(t, kfi_recv(t->b.ep, buf, 8, NULL, KFI_ADDR_UNSPEC, buf),
		 -ENODEV);
	CHECK_EQ(t, kfi_write(t->a.ep, buf, 8, NULL, KFI_ADDR_UNSPEC, 0,
			      kfi_mr_key(mr), buf), -ENODEV);
	CHECK_EQ(t, kfi_inject(t->a.ep, buf, 8, KFI_ADDR_UNSPEC), -ENODEV);
	CHECK_EQ(t, kfi_mr_reg(t->domain, buf, 8, KFI_REMOTE_READ, 0, 0, 0,
			       &other, t), -ENODEV);
	CHECK_EQ(t, kfi_cq_open(t->domain, NULL, &cq, NULL, t), -ENODEV);
	CHECK_EQ(t, kfi_endpoint(t->domain, info, &ep, t), -ENODEV);
	CHECK_EQ(t, kfi_domain(t->fabric, info, &domain, t), -ENODEV);
}

/* One of everything; receives are posted, nothing moves. */
static void gone_idle(struct func *t)
{
	u8 *buf = func_alloc(t, FUNC_RECVS * 64);
	struct func_end spare = {};
	struct kfid_mr *mr;
	int i;

	if (!buf || !func_open_end(t, &spare, t->domain, t->info, NULL))
		return;
	mr = func_open_mr(t, t->domain, buf, 64, KFI_REMOTE_WRITE);
	for (i = 0; mr && i < FUNC_RECVS; i++) {
		if (!CHECK_OK(t, kfi_recv(t->b.ep, buf + 64 * i, 64, NULL,
					  KFI_ADDR_UNSPEC, buf + 64 * i)))
			return;
	}
	if (!mr)
		return;
	func_ready(t);
	if (!func_event(t, t->a.eq, KFI_SHUTDOWN, &t->a.ep->fid) ||
	    !func_event(t, t->b.eq, KFI_SHUTDOWN, &t->b.ep->fid))
		return;
	for (i = 0; i < FUNC_RECVS; i++)
		func_comp_err(t, t->b.rx_cq, buf + 64 * i, ECANCELED);
	func_no_comp(t, t->b.rx_cq);
	func_no_event(t, t->a.eq);
	func_no_event(t, t->b.eq);
	gone_calls(t, mr, (char *)buf);
	CHECK_EQ(t, kfi_connect(spare.ep, &t->listener.name, NULL, 0),
		 -ENODEV);
}

/**
 * struct func_stream - operations under way from a to b
 * @src: what is sent and written
 * @dst: received into
 * @mem: written into
 * @mr: over @mem
 * @posted: operations accepted, by side
 * @done: operations completed, by side
 */
struct func_stream {
	u8 src[SZ_16K];
	u8 dst[SZ_16K];
	u8 mem[SZ_16K];
	struct kfid_mr *mr;
	unsigned int posted[2];
	unsigned int done[2];
};

/* Takes what has completed, well or badly; true while there was something. */
static bool func_stream_reap(struct func *t, struct func_stream *s,
			     struct kfid_cq *cq, int side, int timeout)
{
	struct kfi_cq_err_entry err = {};
	struct kfi_cq_tagged_entry entry;
	ssize_t n;

	n = func_sread(t, cq, &entry, timeout);
	if (n == -EAGAIN)
		return false;
	if (n == -KFI_EAVAIL)
		n = kfi_cq_readerr(cq, &err, 0);
	if (!CHECK_EQ(t, n, 1))
		return false;
	s->done[side]++;
	return true;
}

/* Keeps both queues filled until a post fails; returns what it said. */
static ssize_t func_stream_run(struct func *t, struct func_stream *s)
{
	unsigned long end = jiffies + msecs_to_jiffies(func_wait_ms);
	bool said = false;
	ssize_t rc = 0;

	while (time_before(jiffies, end) && !func_stopping()) {
		while (s->posted[1] - s->done[1] < FUNC_WINDOW) {
			rc = kfi_recv(t->b.ep, s->dst, sizeof(s->dst), NULL,
				      KFI_ADDR_UNSPEC, s);
			if (rc)
				return rc;
			s->posted[1]++;
		}
		while (s->posted[0] - s->done[0] < FUNC_WINDOW) {
			rc = s->posted[0] % 2 ?
			     kfi_send(t->a.ep, s->src, sizeof(s->src), NULL,
				      KFI_ADDR_UNSPEC, s) :
			     kfi_write(t->a.ep, s->src, sizeof(s->src), NULL,
				       KFI_ADDR_UNSPEC, 0, kfi_mr_key(s->mr), s);
			if (rc)
				return rc;
			s->posted[0]++;
		}
		if (!said && s->done[1] > FUNC_WINDOW) {
			func_ready(t);
			said = true;
		}
		func_stream_reap(t, s, t->a.tx_cq, 0, t->polled ? 0 : 1);
		while (func_stream_reap(t, s, t->b.rx_cq, 1, 0))
			;
	}
	FAIL(t, "nothing happened to the device");
	return -ETIMEDOUT;
}

/* Data flows while the device goes: every operation completes, once. */
static void gone_busy(struct func *t)
{
	struct func_stream *s = func_alloc(t, sizeof(*s));
	ssize_t rc;

	if (!s)
		return;
	s->mr = func_open_mr(t, t->domain, s->mem, sizeof(s->mem),
			     KFI_REMOTE_WRITE);
	if (!s->mr)
		return;
	rc = func_stream_run(t, s);
	if (rc != -ENODEV && !CHECK_EQ(t, rc, -ENOTCONN))
		return;
	if (!func_event(t, t->a.eq, KFI_SHUTDOWN, &t->a.ep->fid) ||
	    !func_event(t, t->b.eq, KFI_SHUTDOWN, &t->b.ep->fid))
		return;
	while (func_stream_reap(t, s, t->a.tx_cq, 0, 100))
		;
	while (func_stream_reap(t, s, t->b.rx_cq, 1, 100))
		;
	CHECK_EQ(t, s->done[0], s->posted[0]);
	CHECK_EQ(t, s->done[1], s->posted[1]);
	func_no_event(t, t->a.eq);
	func_no_event(t, t->b.eq);
	gone_calls(t, s->mr, (char *)s->src);
}

/*
 * Attempts that are under way end with the device: one to an address that
 * nobody has, and one that waits for the answer of a listener. That one may be
 * turned away by the listener, which goes too.
 */
static void gone_connecting(struct func *t)
{
	struct sockaddr_in nobody = {
		.sin_family = AF_INET,
		.sin_port = cpu_to_be16(7471),
	};
	struct func_end lost = {};
	struct func_event event;
	int err;

	if (!CHECK(t, in4_pton(func_nobody, -1, (u8 *)&nobody.sin_addr, -1,
			       NULL)) ||
	    !func_listen(t, &t->listener, func_node) ||
	    !func_open_end(t, &t->a, t->domain, t->info, NULL) ||
	    !func_open_end(t, &lost, t->domain, t->info, NULL) ||
	    !func_connect(t, &t->a, &t->listener) ||
	    !func_connreq(t, &t->listener, &event, NULL) ||
	    !CHECK_OK(t, kfi_connect(lost.ep, &nobody, NULL, 0)))
		return;
	func_ready(t);
	func_event_err(t, lost.eq, &lost.ep->fid, ENODEV);
	func_no_event(t, lost.eq);
	err = func_failure(t, t->a.eq, &t->a.ep->fid);
	if (err != ECONNREFUSED)
		CHECK_EQ(t, err, ENODEV);
	func_no_event(t, t->a.eq);

	/* the request can still be answered, once, whoever hears it */
	CHECK_OK(t, kfi_reject(t->listener.pep, event.cm.info->handle, NULL,
			       0));
	CHECK_EQ(t, kfi_reject(t->listener.pep, event.cm.info->handle, NULL, 0),
		 -EINVAL);
}

static bool func_netdev_is(bool up)
{
	struct net_device *dev = dev_get_by_name(&init_net, func_netdev);
	bool is = false;

	if (dev) {
		is = !!(dev->flags & IFF_UP) == up;
		dev_put(dev);
	}
	return is;
}

static bool func_wait_netdev(struct func *t, bool up)
{
	unsigned long end = jiffies + msecs_to_jiffies(func_wait_ms);

	while (!func_netdev_is(up)) {
		if (!CHECK(t, time_before(jiffies, end) && !func_stopping()))
			return false;
		usleep_range(10000, 20000);
	}
	return true;
}

/*
 * The interface under the device is switched off: the objects stay and can be
 * closed, an attempt to connect fails or waits for its time.
 */
static void gone_netdev_down(struct func *t)
{
	struct func_end late = {};

	func_ready(t);
	if (!func_wait_netdev(t, false) ||
	    !func_open_end(t, &late, t->domain, t->info, NULL))
		return;
	if (!kfi_connect(late.ep, &t->listener.name, NULL, 0))
		func_failure(t, late.eq, &late.ep->fid);
	func_close_end(t, &late);
	func_close_end(t, &t->a);
	func_close_end(t, &t->b);
}

/* The interface goes down and comes back: a connection that rests survives. */
static void gone_netdev_flap(struct func *t)
{
	if (!func_alive(t, &t->a, &t->b))
		return;
	func_ready(t);
	if (!func_wait_netdev(t, false) || !func_wait_netdev(t, true))
		return;
	msleep(100);
	func_alive(t, &t->a, &t->b);
}

/* Everything is open until the session is closed. */
static void gone_hold(struct func *t)
{
	func_ready(t);
	while (!func_stopping())
		msleep(20);
}

static const struct func_case gone_cases[] = {
	{ "idle", gone_idle, FUNC_PAIR, true },
	{ "busy", gone_busy, FUNC_PAIR, true },
	{ "connecting", gone_connecting, FUNC_DOMAIN, true },
	{ "netdev_down", gone_netdev_down, FUNC_PAIR, true },
	{ "netdev_flap", gone_netdev_flap, FUNC_PAIR, true },
	{ "hold", gone_hold, FUNC_PAIR, true },
};

FUNC_SUITE(gone);
