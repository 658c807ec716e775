// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Back end kfabric
 *
 * Purpose: the work by calls of kfabric, as a client in a hurry makes them: what
 * belongs together is a chain (KFI_MORE, by default), only its last operation reports
 * (KFI_SELECTIVE_COMPLETION), small ones carry their data, completions are read many
 * at a time. The one that is called "polled" also promises that there is one
 * call at a time, and that it polls.
 *
 * Operation: all connections of a side share a domain, a CQ, an event queue.
 *
 * Errors: a failed completion becomes the error of the side, after a complaint.
 */
#include <linux/err.h>
#include <linux/in.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <linux/string.h>

#include <kfi_cm.h>
#include <kfi_domain.h>
#include <kfi_endpoint.h>
#include <kfi_eq.h>
#include <kfi_errno.h>
#include <kfi_rma.h>

#include "gen.h"

enum {
	KFP_GENKFI_READ = 32,	/* completions that are read at once */
	KFP_GENKFI_CQ = 4096,	/* of a server that does not know its clients */
};

/**
 * struct kfp_genkfi_conn - an end of a connection
 * @conn: what all have
 * @ep: endpoint
 * @up: it is connected
 * @recvs: receives posted
 * @sent: context of operations, false
 * @came: context of receives, true
 */
struct kfp_genkfi_conn {
	struct kfp_conn conn;
	struct kfid_ep *ep;
	bool up;
	u64 recvs;
	bool sent;
	bool came;
};

/**
 * struct kfp_genkfi - a side
 * @side: what all have
 * @info: what endpoints of a client are made from
 * @fabric: of all
 * @eq: events of all connections
 * @domain: of all
 * @cq: completions of all
 * @pep: server: listens
 * @in: region of the buffer that is written to
 * @out: of the one that is read
 * @request: server: a connection request that was read
 * @hello: its private data, or that of the answer
 * @hello_len: bytes of it
 * @entries: completions that were read; on the stack, many a kernel would zero them
 *	each time
 */
struct kfp_genkfi {
	struct kfp_side side;
	struct kfi_info *info;
	struct kfid_fabric *fabric;
	struct kfid_eq *eq;
	struct kfid_domain *domain;
	struct kfid_cq *cq;
	struct kfid_pep *pep;
	struct kfid_mr *in;
	struct kfid_mr *out;
	struct kfi_info *request;
	struct kfp_hello hello;
	size_t hello_len;
	struct kfi_cq_entry entries[KFP_GENKFI_READ];
};

/* An event, with the private data that comes along */
struct kfp_genkfi_event {
	struct kfi_eq_cm_entry cm;
	struct kfp_hello hello;
};

static const u64 kfp_genkfi_levels[] = {
	[KFP_LEVEL_ANY] = 0,
	[KFP_LEVEL_INJECT] = KFI_INJECT_COMPLETE,
	[KFP_LEVEL_TRANSMIT] = KFI_TRANSMIT_COMPLETE,
	[KFP_LEVEL_DELIVERY] = KFI_DELIVERY_COMPLETE,
};

static struct kfp_genkfi *kfp_genkfi(struct kfp_side *side)
{
	return container_of(side, struct kfp_genkfi, side);
}

static struct kfp_genkfi_conn *kfp_genkfi_conn(struct kfp_conn *conn)
{
	return container_of(conn, struct kfp_genkfi_conn, conn);
}

static int kfp_genkfi_getinfo(struct kfp_genkfi *kfi)
{
	struct kfi_info *hints = kfi_allocinfo();
	struct kfp_side *side = &kfi->side;
	char service[8];
	int rc;

	if (!hints)
		return -ENOMEM;
	hints->caps = KFI_MSG | KFI_RMA;
	hints->ep_attr->type = KFI_EP_MSG;
	hints->domain_attr->mr_mode = KFI_MR_PROV_KEY;
	hints->tx_attr->iov_limit = 1;
	hints->rx_attr->iov_limit = 1;
	if (side->be->direct) {
		hints->domain_attr->threading = KFI_THREAD_DOMAIN;
		hints->domain_attr->data_progress = KFI_PROGRESS_MANUAL;
	}
	snprintf(service, sizeof(service), "%u", side->port);
	rc = kfi_getinfo(KFI_VERSION(1, 7), side->addr,
			 side->port ? service : NULL,
			 side->server ? KFI_SOURCE : 0, hints, &kfi->info);
	kfi_freeinfo(hints);
	return rc;
}

static int kfp_genkfi_open_domain(struct kfp_genkfi *kfi)
{
	struct kfi_eq_attr eq = { .wait_obj = KFI_WAIT_UNSPEC };
	struct kfi_cq_attr cq = {
		.size = KFP_GENKFI_CQ,
		.format = KFI_CQ_FORMAT_CONTEXT,
	};
	struct kfp_side *side = &kfi->side;
	int rc;

	if (side->shape.conns)
		cq.size = side->shape.conns *
			  (kfp_side_tx(side) + kfp_side_rx(side));
	rc = kfi_fabric(kfi->info->fabric_attr, &kfi->fabric, kfi);
	rc = rc ?: kfi_eq_open(kfi->fabric, &eq, &kfi->eq, NULL, kfi);
	rc = rc ?: kfi_domain(kfi->fabric, kfi->info, &kfi->domain, kfi);
	return rc ?: kfi_cq_open(kfi->domain, &cq, &kfi->cq, NULL, kfi);
}

static int kfp_genkfi_register(struct kfp_genkfi *kfi)
{
	struct kfp_mem *mem = &kfi->side.mem;
	int rc;

	rc = kfi_mr_reg(kfi->domain, mem->in, KFP_GEN_AREA, KFI_REMOTE_WRITE, 0,
			0, 0, &kfi->in, kfi);
	return rc ?: kfi_mr_reg(kfi->domain, mem->out, KFP_GEN_AREA,
				KFI_REMOTE_READ, 0, 0, 0, &kfi->out, kfi);
}

static int kfp_genkfi_listen(struct kfp_genkfi *kfi)
{
	struct sockaddr_storage name;
	size_t len = sizeof(name);
	int rc;

	rc = kfi_passive_ep(kfi->fabric, kfi->info, &kfi->pep, kfi);
	rc = rc ?: kfi_pep_bind(kfi->pep, &kfi->eq->fid, 0);
	rc = rc ?: kfi_listen(kfi->pep);
	rc = rc ?: kfi_getname(&kfi->pep->fid, &name, &len);
	kfi->side.port = be16_to_cpu(((struct sockaddr_in *)&name)->sin_port);
	return rc;
}

static int kfp_genkfi_open(struct kfp_side *side)
{
	struct kfp_genkfi *kfi = kfp_genkfi(side);
	int rc;

	rc = kfp_genkfi_getinfo(kfi);
	rc = rc ?: kfp_genkfi_open_domain(kfi);
	rc = rc ?: kfp_genkfi_register(kfi);
	if (!rc && side->server)
		rc = kfp_genkfi_listen(kfi);
	return rc;
}

static void kfp_genkfi_close_fid(struct kfid *fid)
{
	WARN_ON_ONCE(kfi_close(fid));
}

static void kfp_genkfi_close(struct kfp_side *side)
{
	struct kfp_genkfi *kfi = kfp_genkfi(side);

	kfi_freeinfo(kfi->request);
	if (kfi->pep)
		kfp_genkfi_close_fid(&kfi->pep->fid);
	if (kfi->in)
		kfp_genkfi_close_fid(&kfi->in->fid);
	if (kfi->out)
		kfp_genkfi_close_fid(&kfi->out->fid);
	if (kfi->cq)
		kfp_genkfi_close_fid(&kfi->cq->fid);
	if (kfi->domain)
		kfp_genkfi_close_fid(&kfi->domain->fid);
	if (kfi->eq)
		kfp_genkfi_close_fid(&kfi->eq->fid);
	if (kfi->fabric)
		kfp_genkfi_close_fid(&kfi->fabric->fid);
	kfi_freeinfo(kfi->info);
}

static int kfp_genkfi_post_recv(struct kfp_genkfi_conn *kconn)
{
	struct kfp_side *side = kconn->conn.side;
	int rc;

	rc = kfi_recv(kconn->ep,
		      side->mem.in + kfp_side_slot(side, kconn->recvs),
		      side->shape.len, NULL, KFI_ADDR_UNSPEC, &kconn->came);
	kconn->recvs++;
	return rc;
}

/* Operations that are posted one by one and all signalled: all of them report. */
static bool kfp_genkfi_reports(const struct kfp_side *side)
{
	return side->shape.batch == 1 && side->shape.verb != KFP_SEND;
}

/* Flags of calls that name none; of a batch these are the first ones. */
static u64 kfp_genkfi_call_flags(const struct kfp_side *side)
{
	return KFI_TRANSMIT | (side->shape.batch > 1 ? KFI_MORE : 0);
}

static int kfp_genkfi_open_ep(struct kfp_genkfi_conn *kconn,
			      struct kfi_info *info)
{
	struct kfp_side *side = kconn->conn.side;
	struct kfp_genkfi *kfi = kfp_genkfi(side);
	u64 selective = kfp_genkfi_reports(side) ? 0 : KFI_SELECTIVE_COMPLETION;
	u64 flags = kfp_genkfi_call_flags(side);
	u32 i;
	int rc;

	kconn->came = true;
	info->tx_attr->size = kfp_side_tx(side);
	info->tx_attr->inject_size = side->shape.inlined;
	info->rx_attr->size = kfp_side_rx(side);
	rc = kfi_endpoint(kfi->domain, info, &kconn->ep, kconn);
	rc = rc ?: kfi_ep_bind(kconn->ep, &kfi->eq->fid, 0);
	rc = rc ?: kfi_ep_bind(kconn->ep, &kfi->cq->fid,
			       KFI_TRANSMIT | selective);
	rc = rc ?: kfi_ep_bind(kconn->ep, &kfi->cq->fid, KFI_RECV);
	rc = rc ?: kfi_enable(kconn->ep);
	rc = rc ?: kfi_control(&kconn->ep->fid, KFI_SETOPSFLAG, &flags);
	for (i = 0; !rc && i < kfp_side_rx(side); i++)
		rc = kfp_genkfi_post_recv(kconn);
	return rc;
}

/* Read an event, if there is one, and do what is to be done about it */
static int kfp_genkfi_event(struct kfp_genkfi *kfi, int timeout)
{
	struct kfi_eq_err_entry err = {};
	struct kfp_genkfi_event event;
	struct kfp_genkfi_conn *kconn;
	u32 what = 0;
	ssize_t n;

	n = timeout ? kfi_eq_sread(kfi->eq, &what, &event, sizeof(event),
				   timeout, 0) :
		      kfi_eq_read(kfi->eq, &what, &event, sizeof(event), 0);
	if (n == -KFI_EAVAIL && kfi_eq_readerr(kfi->eq, &err, 0) > 0)
		return -err.err;
	if (n == -EAGAIN)
		return timeout ? -ETIMEDOUT : 0;
	if (n < 0)
		return n;
	kconn = event.cm.fid->context;
	if (what == KFI_SHUTDOWN) {
		kconn->conn.gone = true;
		return 0;
	}
	kfi->hello = event.hello;
	kfi->hello_len = n - sizeof(event.cm);
	if (what == KFI_CONNREQ)
		swap(kfi->request, event.cm.info);
	else
		kconn->up = true;
	return 0;
}

static void kfp_genkfi_hello(struct kfp_genkfi *kfi, struct kfp_hello *hello)
{
	kfp_side_hello(&kfi->side, kfi_mr_key(kfi->in), kfi_mr_key(kfi->out),
		       hello);
}

static int kfp_genkfi_connect(struct kfp_conn *conn)
{
	struct kfp_genkfi_conn *kconn = kfp_genkfi_conn(conn);
	struct kfp_genkfi *kfi = kfp_genkfi(conn->side);
	struct kfp_hello hello;
	int rc;

	rc = kfp_genkfi_open_ep(kconn, kfi->info);
	kfp_genkfi_hello(kfi, &hello);
	return rc ?: kfi_connect(kconn->ep, kfi->info->dest_addr, &hello,
				 sizeof(hello));
}

static int kfp_genkfi_accept(struct kfp_conn *conn)
{
	struct kfp_genkfi_conn *kconn = kfp_genkfi_conn(conn);
	struct kfp_genkfi *kfi = kfp_genkfi(conn->side);
	struct kfp_hello hello;
	int rc = 0;

	while (!rc && !kfi->request)
		rc = kfp_genkfi_event(kfi, KFP_GEN_TIMEOUT_MS);
	rc = rc ?: kfp_side_greeted(conn, &kfi->hello, kfi->hello_len);
	rc = rc ?: kfp_genkfi_open_ep(kconn, kfi->request);
	kfi_freeinfo(kfi->request);
	kfi->request = NULL;
	kfp_genkfi_hello(kfi, &hello);
	return rc ?: kfi_accept(kconn->ep, &hello, sizeof(hello));
}

static int kfp_genkfi_finish(struct kfp_conn *conn)
{
	struct kfp_genkfi_conn *kconn = kfp_genkfi_conn(conn);
	struct kfp_genkfi *kfi = kfp_genkfi(conn->side);
	int rc = 0;

	while (!rc && !kconn->up)
		rc = kfp_genkfi_event(kfi, KFP_GEN_TIMEOUT_MS);
	if (!rc && !conn->side->server)
		rc = kfp_side_greeted(conn, &kfi->hello, kfi->hello_len);
	return rc;
}

static void kfp_genkfi_disconnect(struct kfp_conn *conn)
{
	struct kfp_genkfi_conn *kconn = kfp_genkfi_conn(conn);
	struct kfp_genkfi *kfi = kfp_genkfi(conn->side);
	struct kfi_cq_err_entry err = {};
	ssize_t n;

	if (kconn->ep)
		kfp_genkfi_close_fid(&kconn->ep->fid);
	/* what was outstanding; nobody knows it any more */
	do {
		n = kfi_cq_read(kfi->cq, kfi->entries, KFP_GENKFI_READ);
		if (n == -KFI_EAVAIL)
			n = kfi_cq_readerr(kfi->cq, &err, 0);
	} while (n > 0);
}

/* Flags of the last one of a post, if it has to name them */
static u64 kfp_genkfi_flags(const struct kfp_side *side, enum kfp_verb verb,
			    bool signal)
{
	return (signal ? KFI_COMPLETION : 0) |
	       (verb == KFP_SEND ? 0 : kfp_genkfi_levels[side->shape.level]);
}

/* Whether the last one can do without */
static bool kfp_genkfi_is_plain(const struct kfp_side *side, bool signal)
{
	return side->shape.batch == 1 && side->shape.level == KFP_LEVEL_ANY &&
	       signal == kfp_genkfi_reports(side);
}

static int kfp_genkfi_send(struct kfp_genkfi_conn *kconn, const struct kvec *iov,
			   u64 flags)
{
	struct kfi_msg msg = {
		.type = KFI_KVEC,
		.msg_iov = iov,
		.iov_count = 1,
		.context = &kconn->sent,
	};

	return kfi_sendmsg(kconn->ep, &msg, flags);
}

static int kfp_genkfi_rma(struct kfp_genkfi_conn *kconn, const struct kvec *iov,
			  enum kfp_verb verb, size_t at, u64 flags)
{
	struct kfi_rma_iov range = {
		.addr = at,
		.len = iov->iov_len,
		.key = verb == KFP_READ ? kconn->conn.out : kconn->conn.in,
	};
	struct kfi_msg_rma msg = {
		.type = KFI_KVEC,
		.msg_iov = iov,
		.iov_count = 1,
		.rma_iov = &range,
		.rma_iov_count = 1,
		.context = &kconn->sent,
	};

	if (verb == KFP_READ)
		return kfi_readmsg(kconn->ep, &msg, flags);
	return kfi_writemsg(kconn->ep, &msg, flags);
}

/* By a call that names no flags */
static int kfp_genkfi_call(struct kfp_genkfi_conn *kconn, enum kfp_verb verb,
			   void *buf, size_t len, size_t at)
{
	switch (verb) {
	case KFP_SEND:
		return kfi_send(kconn->ep, buf, len, NULL, KFI_ADDR_UNSPEC,
				&kconn->sent);
	case KFP_WRITE:
		return kfi_write(kconn->ep, buf, len, NULL, KFI_ADDR_UNSPEC, at,
				 kconn->conn.in, &kconn->sent);
	default:
		return kfi_read(kconn->ep, buf, len, NULL, KFI_ADDR_UNSPEC, at,
				kconn->conn.out, &kconn->sent);
	}
}

/* By one that does */
static int kfp_genkfi_msg(struct kfp_genkfi_conn *kconn, enum kfp_verb verb,
			  void *buf, size_t len, size_t at, u64 flags)
{
	const struct kvec iov = { .iov_base = buf, .iov_len = len };

	return verb == KFP_SEND ? kfp_genkfi_send(kconn, &iov, flags) :
				  kfp_genkfi_rma(kconn, &iov, verb, at, flags);
}

static int kfp_genkfi_post(struct kfp_conn *conn, enum kfp_verb verb, u32 n,
			   bool signal)
{
	struct kfp_genkfi_conn *kconn = kfp_genkfi_conn(conn);
	struct kfp_side *side = conn->side;
	u8 *mem = verb == KFP_READ ? side->mem.in : side->mem.out;
	u32 calls = n - !kfp_genkfi_is_plain(side, signal), i;
	u32 len = side->shape.len;
	size_t at;
	int rc = 0;

	for (i = 0; !rc && i < calls; i++) {
		at = kfp_side_slot(side, conn->posted + i);
		rc = kfp_genkfi_call(kconn, verb, mem + at, len, at);
	}
	if (rc || i == n)
		return rc;
	at = kfp_side_slot(side, conn->posted + i);
	return kfp_genkfi_msg(kconn, verb, mem + at, len, at,
			      kfp_genkfi_flags(side, verb, signal));
}

/* A context is in the connection, and tells what has ended. */
static int kfp_genkfi_take(void *context)
{
	struct kfp_genkfi_conn *kconn;
	bool came = *(bool *)context;

	if (!came) {
		kconn = container_of(context, struct kfp_genkfi_conn, sent);
		kfp_conn_done(&kconn->conn);
		return 0;
	}
	kconn = container_of(context, struct kfp_genkfi_conn, came);
	kfp_conn_got(&kconn->conn);
	return kfp_genkfi_post_recv(kconn);
}

static noinline int kfp_genkfi_complain(struct kfp_genkfi *kfi)
{
	struct kfi_cq_err_entry err = {};
	int rc;

	/* a server learns so that its client has gone */
	rc = kfi->side.server ? kfp_genkfi_event(kfi, 0) : 0;
	if (rc || kfi_cq_readerr(kfi->cq, &err, 0) != 1)
		return rc;
	/* flushed by the end of the connection, which is told by itself */
	if (!kfi->side.error && err.err != ECANCELED)
		ktl_session_printf(kfi->side.session, "kfi: %s\n",
				   kfi_cq_strerror(kfi->cq, err.prov_errno,
						   err.err_data, NULL, 0));
	kfi->side.error = -err.err;
	return -err.err;
}

static noinline int kfp_genkfi_take_all(struct kfp_genkfi *kfi, ssize_t n)
{
	ssize_t i;
	int rc = 0;

	if (unlikely(n == -KFI_EAVAIL))
		return kfp_genkfi_complain(kfi);
	for (i = 0; !rc && i < n; i++)
		rc = kfp_genkfi_take(kfi->entries[i].op_context);
	return n < 0 ? n : rc;
}

static int kfp_genkfi_poll(struct kfp_side *side)
{
	struct kfp_genkfi *kfi = kfp_genkfi(side);
	ssize_t n = kfi_cq_read(kfi->cq, kfi->entries, KFP_GENKFI_READ);

	if (n == -EAGAIN)
		return 0;
	return likely(n == 1) ? kfp_genkfi_take(kfi->entries[0].op_context) :
				kfp_genkfi_take_all(kfi, n);
}

static int kfp_genkfi_reg(struct kfp_side *side, u32 len)
{
	struct kfp_genkfi *kfi = kfp_genkfi(side);
	struct kfid_mr *mr;
	int rc;

	rc = kfi_mr_reg(kfi->domain, side->mem.in, len, KFI_REMOTE_WRITE, 0, 0,
			0, &mr, kfi);
	return rc ?: kfi_close(&mr->fid);
}

const struct kfp_ops kfp_genkfi_ops = {
	.verbs = BIT(KFP_SEND) | BIT(KFP_WRITE) | BIT(KFP_READ),
	.onesided = true,
	.side_size = sizeof(struct kfp_genkfi),
	.conn_size = sizeof(struct kfp_genkfi_conn),
	.open = kfp_genkfi_open,
	.close = kfp_genkfi_close,
	.connect = kfp_genkfi_connect,
	.accept = kfp_genkfi_accept,
	.finish = kfp_genkfi_finish,
	.disconnect = kfp_genkfi_disconnect,
	.post = kfp_genkfi_post,
	.poll = kfp_genkfi_poll,
	.reg = kfp_genkfi_reg,
};
