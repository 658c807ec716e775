// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: One side of a connection
 *
 * Purpose: opens and closes the kfabric objects that an endpoint needs, and
 * waits for what they report.
 *
 * Operation: an endpoint stands on a domain and reports to two queues: control
 * events go to the event queue, completions of data operations to the
 * completion queue. The context of each operation is a struct pp_op, which the
 * completion marks as done.
 *
 * Ownership: everything belongs to the side and is closed in the reverse order.
 *
 * Errors: said in words where they appear, then passed up.
 */
#include <linux/kthread.h>
#include <linux/slab.h>

#include "pp.h"

#define PP_WAIT_MS	100	/* how long to sleep before looking around */

/* A transfer takes an entry of the send queue for each of its ranges. */
#define PP_TX_SIZE	(4 * PP_MAX_REGIONS)
#define PP_RX_SIZE	4
#define PP_CQ_SIZE	(PP_TX_SIZE + PP_RX_SIZE)

/**
 * pp_side_failed - say what failed and why
 * @side: which side
 * @what: what it tried
 * @rc: negative errno
 *
 * Context: process, may sleep.
 * Return: @rc.
 */
int pp_side_failed(struct pp_side *side, const char *what, int rc)
{
	ktl_session_printf(side->session, "%s: %s: %s\n", side->name, what,
			   kfi_strerror(-rc));
	return rc;
}

/**
 * pp_side_alloc - make a side without objects
 * @session: where it prints
 * @opts: of the command
 * @name: in messages
 *
 * Context: process, may sleep.
 * Return: the side, or NULL.
 */
struct pp_side *pp_side_alloc(struct ktl_session *session,
			      const struct pp_opts *opts, const char *name)
{
	struct pp_side *side;

	side = kzalloc(sizeof(*side), GFP_KERNEL);
	if (!side)
		return NULL;
	side->session = session;
	side->opts = opts;
	side->name = name;
	side->test = opts->test;
	return side;
}

static void pp_side_close(struct pp_side *side, const char *what,
			  struct kfid *fid)
{
	int rc = kfi_close(fid);

	if (rc)
		pp_side_failed(side, what, rc);
}

/**
 * pp_side_free - close everything a side has opened
 * @side: the side, or NULL
 *
 * Context: process, may sleep.
 */
void pp_side_free(struct pp_side *side)
{
	if (!side)
		return;
	if (side->ep)
		pp_side_close(side, "close endpoint", &side->ep->fid);
	if (side->cq)
		pp_side_close(side, "close completion queue", &side->cq->fid);
	pp_mem_close(&side->tx);
	pp_mem_close(&side->rx);
	if (side->domain)
		pp_side_close(side, "close domain", &side->domain->fid);
	if (side->pep)
		pp_side_close(side, "close listener", &side->pep->fid);
	if (side->eq)
		pp_side_close(side, "close event queue", &side->eq->fid);
	if (side->fabric)
		pp_side_close(side, "close fabric", &side->fabric->fid);
	kfi_freeinfo(side->info);
	kfree(side);
}

static struct kfi_info *pp_side_hints(const struct pp_test *test)
{
	struct kfi_info *hints = kfi_allocinfo();

	if (!hints)
		return NULL;
	hints->caps = KFI_MSG;
	if (test->kind != PP_SEND)
		hints->caps |= KFI_RMA;
	hints->ep_attr->type = KFI_EP_MSG;
	hints->ep_attr->max_msg_size = test->to;
	hints->domain_attr->mr_mode = KFI_MR_PROV_KEY;
	return hints;
}

/**
 * pp_side_open_fabric - find the way to an address and open its fabric
 * @side: the side
 * @addr: this side's address with KFI_SOURCE in @flags, else the peer's
 * @port: likewise
 * @flags: for kfi_getinfo()
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int pp_side_open_fabric(struct pp_side *side, const char *addr,
			const char *port, u64 flags)
{
	struct kfi_eq_attr attr = { .wait_obj = KFI_WAIT_UNSPEC };
	struct kfi_info *hints;
	int rc;

	hints = pp_side_hints(&side->test);
	if (!hints)
		return -ENOMEM;
	rc = kfi_getinfo(KFI_VERSION(1, 7), addr, port, flags, hints,
			 &side->info);
	kfi_freeinfo(hints);
	if (rc)
		return pp_side_failed(side, "kfi_getinfo", rc);

	rc = kfi_fabric(side->info->fabric_attr, &side->fabric, side);
	if (rc)
		return pp_side_failed(side, "kfi_fabric", rc);

	rc = kfi_eq_open(side->fabric, &attr, &side->eq, NULL, side);
	if (rc)
		return pp_side_failed(side, "kfi_eq_open", rc);
	return 0;
}

static int pp_side_bind_ep(struct pp_side *side)
{
	int rc;

	rc = kfi_ep_bind(side->ep, &side->eq->fid, 0);
	if (rc)
		return rc;
	rc = kfi_ep_bind(side->ep, &side->cq->fid, KFI_TRANSMIT | KFI_RECV);
	if (rc)
		return rc;
	return kfi_enable(side->ep);
}

/**
 * pp_side_open_ep - open an endpoint that is ready to be connected
 * @side: has a fabric
 * @info: of kfi_getinfo() to connect, of a connection request to accept it
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int pp_side_open_ep(struct pp_side *side, struct kfi_info *info)
{
	struct kfi_cq_attr attr = {
		.size = PP_CQ_SIZE,
		.format = KFI_CQ_FORMAT_DATA,
		.wait_obj = KFI_WAIT_UNSPEC,
	};
	int rc;

	rc = kfi_domain(side->fabric, info, &side->domain, side);
	if (rc)
		return pp_side_failed(side, "kfi_domain", rc);

	rc = kfi_cq_open(side->domain, &attr, &side->cq, NULL, side);
	if (rc)
		return pp_side_failed(side, "kfi_cq_open", rc);

	info->tx_attr->size = PP_TX_SIZE;
	info->rx_attr->size = PP_RX_SIZE;
	rc = kfi_endpoint(side->domain, info, &side->ep, side);
	if (rc)
		return pp_side_failed(side, "kfi_endpoint", rc);

	rc = pp_side_bind_ep(side);
	if (rc)
		return pp_side_failed(side, "kfi_enable", rc);
	return 0;
}

/* Takes the failed operation off the queue and says what was wrong. */
static int pp_side_reap_error(struct pp_side *side)
{
	struct kfi_cq_err_entry entry = {};
	struct pp_op *op;
	ssize_t n;

	n = kfi_cq_readerr(side->cq, &entry, 0);
	if (n < 0)
		return n;

	op = entry.op_context;
	op->done = true;
	op->err = entry.err;
	ktl_session_printf(side->session, "%s: operation failed: %s (%s)\n",
			   side->name, kfi_strerror(entry.err),
			   kfi_cq_strerror(side->cq, entry.prov_errno,
					   entry.err_data, NULL, 0));
	return 0;
}

/* Sleeps a little and takes one completion, if there is one. */
static int pp_side_reap(struct pp_side *side)
{
	struct kfi_cq_data_entry entry;
	struct pp_op *op;
	ssize_t n;

	n = kfi_cq_sread(side->cq, &entry, 1, NULL, PP_WAIT_MS);
	if (n == -EAGAIN)
		return 0;
	if (n == -KFI_EAVAIL)
		return pp_side_reap_error(side);
	if (n < 0)
		return n;

	op = entry.op_context;
	op->done = true;
	op->len = entry.len;
	op->data = entry.data;
	return 0;
}

/**
 * pp_side_wait - wait until an operation has completed
 * @side: the side
 * @op: the operation's context
 *
 * Completions of other operations are taken and noted on the way.
 *
 * Context: a thread of the command; may sleep.
 * Return: 0; what was wrong with the operation; -ETIMEDOUT; -EINTR if the
 * command shall end.
 */
int pp_side_wait(struct pp_side *side, struct pp_op *op)
{
	unsigned long end = jiffies + side->opts->timeout * HZ;
	int rc;

	while (!op->done) {
		rc = pp_side_reap(side);
		if (kthread_should_stop())
			return -EINTR;
		if (rc)
			return pp_side_failed(side, "kfi_cq_sread", rc);
		if (time_after(jiffies, end))
			return pp_side_failed(side, "no completion",
					      -ETIMEDOUT);
	}
	return -op->err;
}

/* What a peer that rejects has to say comes as data of the error. */
static int pp_side_event_error(struct pp_side *side)
{
	struct kfi_eq_err_entry entry = {};
	ssize_t n;

	n = kfi_eq_readerr(side->eq, &entry, 0);
	if (n < 0)
		return n;
	ktl_session_printf(side->session, "%s: connection: %s (%s)%s%.*s\n",
			   side->name, kfi_strerror(entry.err),
			   kfi_eq_strerror(side->eq, entry.prov_errno,
					   entry.err_data, NULL, 0),
			   entry.err_data_size ? ": " : "",
			   (int)entry.err_data_size,
			   entry.err_data_size ? (char *)entry.err_data : "");
	return -entry.err;
}

/**
 * pp_side_event - wait for an event
 * @side: the side
 * @wanted: the event that should come next
 * @entry: where to put what belongs to it
 * @size: room at @entry
 *
 * The server waits for its first client as long as it takes.
 *
 * Context: a thread of the command; may sleep.
 * Return: bytes at @entry, or a negative errno.
 */
ssize_t pp_side_event(struct pp_side *side, u32 wanted, void *entry,
		      size_t size)
{
	unsigned long end = jiffies + side->opts->timeout * HZ;
	u32 event;
	ssize_t n;

	do {
		n = kfi_eq_sread(side->eq, &event, entry, size, PP_WAIT_MS, 0);
		if (kthread_should_stop())
			return -EINTR;
		if (wanted != KFI_CONNREQ && time_after(jiffies, end))
			return pp_side_failed(side, "no event", -ETIMEDOUT);
	} while (n == -EAGAIN);

	if (n == -KFI_EAVAIL)
		return pp_side_event_error(side);
	if (n < 0)
		return pp_side_failed(side, "kfi_eq_sread", n);
	if (event != wanted) {
		ktl_session_printf(side->session, "%s: event %u, not %u\n",
				   side->name, event, wanted);
		return -EPROTO;
	}
	return n;
}
