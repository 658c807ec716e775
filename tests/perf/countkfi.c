// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Calls of kfabric that are counted
 *
 * Purpose: the same operations as a client of kfabric does them. "desc" ones have
 * the descriptor of a region for their local memory, others none.
 *
 * Operation: the writes of a chain are on an endpoint that reports what it is asked
 * to report; all but the last one say that more will follow. Everything else is on
 * one that reports everything. Completions are read into an array with some room,
 * and the context of the last one is looked at. It is not on the stack, where many
 * kernels have it cleared each time; nor is the message of who writes by messages.
 */
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/slab.h>

#include "count.h"
#include "perf.h"
#include "link.h"

#define KFP_COUNTKFI_ENTRIES	16

/**
 * struct kfp_countkfi - what there is for them
 * @selective: endpoints that report what they are asked to report, and take calls
 *	without flags for some that say that more follows
 * @polled: in the place of perf.plain where completions are polled
 * @polled_selective: in the place of @selective there
 * @mr: region of perf.src, for local use, in the domain of perf.plain
 * @selective_mr: likewise of @selective
 * @msg: message that writes one range of memory
 * @iov: that range
 * @range: where it goes
 * @entries: completions that were read
 */
struct kfp_countkfi {
	struct kfp_link *selective;
	struct kfp_link *polled;
	struct kfp_link *polled_selective;
	struct kfid_mr *mr;
	struct kfid_mr *selective_mr;
	struct kfi_msg_rma msg;
	struct kvec iov;
	struct kfi_rma_iov range;
	struct kfi_cq_entry entries[KFP_COUNTKFI_ENTRIES];
};

static int kfp_countkfi_poll_cq(struct kfp *perf, struct kfid_cq *cq)
{
	struct kfi_cq_entry *entries = perf->countkfi->entries;
	ssize_t n = kfi_cq_read(cq, entries, KFP_COUNTKFI_ENTRIES);

	if (n < 0)
		return n == -EAGAIN ? 0 : n;
	return entries[n - 1].op_context == perf;
}

static int kfp_countkfi_poll(struct kfp *perf)
{
	return kfp_countkfi_poll_cq(perf, perf->plain->cq);
}

static int kfp_countkfi_poll_peer(struct kfp *perf)
{
	return kfp_countkfi_poll_cq(perf, perf->plain->peer_cq);
}

static int kfp_countkfi_poll_selective(struct kfp *perf)
{
	return kfp_countkfi_poll_cq(perf, perf->countkfi->selective->cq);
}

static int kfp_countkfi_write(struct kfp *perf)
{
	struct kfp_link *link = perf->plain;

	return kfi_write(link->ep, perf->src, perf->len, NULL, KFI_ADDR_UNSPEC,
			 0, link->key[KFP_TO_PMEM], perf);
}

static int kfp_countkfi_write_desc(struct kfp *perf)
{
	struct kfp_link *link = perf->plain;

	return kfi_write(link->ep, perf->src, perf->len,
			 kfi_mr_desc(perf->countkfi->mr), KFI_ADDR_UNSPEC, 0,
			 link->key[KFP_TO_PMEM], perf);
}

static int kfp_countkfi_read(struct kfp *perf)
{
	struct kfp_link *link = perf->plain;

	return kfi_read(link->ep, perf->src, perf->len, NULL, KFI_ADDR_UNSPEC,
			0, link->key[KFP_TO_PMEM], perf);
}

static int kfp_countkfi_read_desc(struct kfp *perf)
{
	struct kfp_link *link = perf->plain;

	return kfi_read(link->ep, perf->src, perf->len,
			kfi_mr_desc(perf->countkfi->mr), KFI_ADDR_UNSPEC, 0,
			link->key[KFP_TO_PMEM], perf);
}

static int kfp_countkfi_send(struct kfp *perf)
{
	return kfi_send(perf->plain->ep, perf->src, perf->len, NULL,
			KFI_ADDR_UNSPEC, perf);
}

static int kfp_countkfi_send_desc(struct kfp *perf)
{
	return kfi_send(perf->plain->ep, perf->src, perf->len,
			kfi_mr_desc(perf->countkfi->mr), KFI_ADDR_UNSPEC, perf);
}

static int kfp_countkfi_recv(struct kfp *perf)
{
	return kfi_recv(perf->plain->peer, perf->dram, perf->len, NULL,
			KFI_ADDR_UNSPEC, perf);
}

static int kfp_countkfi_injects(struct kfp *perf)
{
	struct kfp_link *link = perf->plain;
	u8 *buf = perf->src;
	u64 addr = 0;
	int rc = 0;
	u32 i;

	for (i = 0; !rc && i < KFP_COUNT_INJECTS; i++) {
		rc = kfi_inject_write(link->ep, buf, perf->len, KFI_ADDR_UNSPEC,
				      addr, link->key[KFP_TO_PMEM]);
		buf += perf->len;
		addr += perf->len;
	}
	return rc;
}

/* What changes from one message to the next is filled in. */
static int kfp_countkfi_writemsg(struct kfp_countkfi *count, void *buf, u32 len,
				 u64 addr, u64 flags)
{
	struct kfp_link *link = count->selective;

	count->iov.iov_base = buf;
	count->iov.iov_len = len;
	count->range.addr = addr;
	count->range.len = len;
	count->range.key = link->key[KFP_TO_PMEM];
	return kfi_writemsg(link->ep, &count->msg, flags);
}

static int kfp_countkfi_writes(struct kfp *perf, void **desc)
{
	struct kfp_countkfi *count = perf->countkfi;
	u8 *buf = perf->src;
	u64 addr = 0;
	int rc;
	u32 i;

	count->msg.desc = desc;
	for (i = KFP_COUNT_CHAIN - 1; i; i--) {
		rc = kfp_countkfi_writemsg(count, buf, perf->len, addr,
					   KFI_MORE);
		if (rc)
			return rc;
		buf += perf->len;
		addr += perf->len;
	}
	return kfp_countkfi_writemsg(count, buf, perf->len, addr,
				     KFI_COMPLETION);
}

static int kfp_countkfi_chain(struct kfp *perf)
{
	return kfp_countkfi_writes(perf, NULL);
}

static int kfp_countkfi_chain_desc(struct kfp *perf)
{
	void *desc = kfi_mr_desc(perf->countkfi->selective_mr);

	return kfp_countkfi_writes(perf, &desc);
}

/* By calls without flags; the last one ends the chain. */
static int kfp_countkfi_chain_calls(struct kfp *perf)
{
	struct kfp_countkfi *count = perf->countkfi;
	struct kfp_link *link = count->selective;
	u8 *buf = perf->src;
	u64 addr = 0;
	ssize_t rc;
	u32 i;

	for (i = KFP_COUNT_CHAIN - 1; i; i--) {
		rc = kfi_write(link->ep, buf, perf->len, NULL, KFI_ADDR_UNSPEC,
			       addr, link->key[KFP_TO_PMEM], NULL);
		if (rc)
			return rc;
		buf += perf->len;
		addr += perf->len;
	}
	count->msg.desc = NULL;
	return kfp_countkfi_writemsg(count, buf, perf->len, addr,
				     KFI_COMPLETION);
}

/* The client has nothing to read of injected ones, but makes progress. */
static int kfp_countkfi_progress(struct kfp *perf)
{
	int rc = kfp_countkfi_poll(perf);

	return rc ?: 1;
}

static int kfp_countkfi_register(struct kfp *perf, struct kfp_link *link,
				 struct kfid_mr **mr)
{
	int rc;

	rc = kfi_mr_reg(link->domain, perf->src, KFP_AREA,
			KFI_READ | KFI_WRITE | KFI_SEND | KFI_RECV, 0, 0, 0, mr,
			perf);
	if (rc)
		*mr = NULL;
	return rc;
}

static int kfp_countkfi_open_selective(struct kfp *perf, u32 flags,
				       struct kfp_link **link)
{
	u64 more = KFI_TRANSMIT | KFI_MORE;

	*link = kfp_link_open(perf, 0, flags | KFP_LINK_SELECTIVE);
	if (IS_ERR(*link))
		return PTR_ERR(*link);
	return kfi_control(&(*link)->ep->fid, KFI_SETOPSFLAG, &more);
}

/**
 * kfp_countkfi_open - what there is for counted calls of kfabric
 * @perf: the command; everything else is open
 *
 * Context: a kernel thread; may sleep.
 * Return: 0 or a negative errno.
 */
int kfp_countkfi_open(struct kfp *perf)
{
	struct kfp_countkfi *count = kzalloc(sizeof(*count), GFP_KERNEL);
	int rc;

	if (!count)
		return -ENOMEM;
	perf->countkfi = count;
	count->msg = (struct kfi_msg_rma) {
		.type = KFI_KVEC,
		.msg_iov = &count->iov,
		.iov_count = 1,
		.rma_iov = &count->range,
		.rma_iov_count = 1,
		.context = perf,
	};
	rc = kfp_countkfi_open_selective(perf, 0, &count->selective);
	rc = rc ?: kfp_countkfi_open_selective(perf, KFP_LINK_POLLED,
					       &count->polled_selective);
	if (rc)
		return rc;
	count->polled = kfp_link_open(perf, 0, KFP_LINK_POLLED);
	rc = PTR_ERR_OR_ZERO(count->polled);
	rc = rc ?: kfp_countkfi_register(perf, perf->plain, &count->mr);
	return rc ?: kfp_countkfi_register(perf, count->selective,
					   &count->selective_mr);
}

static void kfp_countkfi_close_mr(struct kfid_mr *mr)
{
	if (mr)
		WARN_ON_ONCE(kfi_close(&mr->fid));
}

/**
 * kfp_countkfi_close - give it back
 * @perf: the command
 *
 * Context: process, may sleep.
 */
void kfp_countkfi_close(struct kfp *perf)
{
	struct kfp_countkfi *count = perf->countkfi;

	if (!count)
		return;
	kfp_countkfi_close_mr(count->selective_mr);
	kfp_countkfi_close_mr(count->mr);
	kfp_link_close(count->polled);
	kfp_link_close(count->polled_selective);
	kfp_link_close(count->selective);
	kfree(count);
	perf->countkfi = NULL;
}

/**
 * kfp_countkfi_swap - exchange the connections that are polled for the others
 * @perf: the command
 *
 * Context: any.
 */
void kfp_countkfi_swap(struct kfp *perf)
{
	swap(perf->plain, perf->countkfi->polled);
	swap(perf->countkfi->selective, perf->countkfi->polled_selective);
}

const struct kfp_count_op kfp_countkfi_ops[] = {
	{ "kfi-write", kfp_countkfi_write, kfp_countkfi_poll, 1 },
	{ "kfi-write-desc", kfp_countkfi_write_desc, kfp_countkfi_poll, 1 },
	{ "kfi-read", kfp_countkfi_read, kfp_countkfi_poll, 1,
	  .moves = KFP_COUNT_IN },
	{ "kfi-read-desc", kfp_countkfi_read_desc, kfp_countkfi_poll, 1,
	  .moves = KFP_COUNT_IN },
	{ "kfi-send", kfp_countkfi_send, kfp_countkfi_poll, 1,
	  .before = kfp_countkfi_recv, .after = kfp_countkfi_poll_peer,
	  .moves = KFP_COUNT_TO_DRAM },
	{ "kfi-send-desc", kfp_countkfi_send_desc, kfp_countkfi_poll, 1,
	  .before = kfp_countkfi_recv, .after = kfp_countkfi_poll_peer,
	  .moves = KFP_COUNT_TO_DRAM },
	{ "kfi-recv", kfp_countkfi_recv, kfp_countkfi_poll_peer, 1,
	  .between = kfp_countkfi_send, .after = kfp_countkfi_poll,
	  .moves = KFP_COUNT_TO_DRAM },
	{ "kfi-inject", kfp_countkfi_injects, NULL, KFP_COUNT_INJECTS,
	  .max_len = KFP_COUNT_MAX_INJECT },
	{ "kfi-chain", kfp_countkfi_chain, kfp_countkfi_poll_selective,
	  KFP_COUNT_CHAIN },
	{ "kfi-chain-desc", kfp_countkfi_chain_desc,
	  kfp_countkfi_poll_selective, KFP_COUNT_CHAIN },
	{ "kfi-chain-calls", kfp_countkfi_chain_calls,
	  kfp_countkfi_poll_selective, KFP_COUNT_CHAIN },
	{ "kfi-polled-write", kfp_countkfi_write, kfp_countkfi_poll, 1,
	  .polled = true },
	{ "kfi-polled-read", kfp_countkfi_read, kfp_countkfi_poll, 1,
	  .moves = KFP_COUNT_IN, .polled = true },
	{ "kfi-polled-send", kfp_countkfi_send, kfp_countkfi_poll, 1,
	  .before = kfp_countkfi_recv, .after = kfp_countkfi_poll_peer,
	  .moves = KFP_COUNT_TO_DRAM, .polled = true },
	{ "kfi-polled-recv", kfp_countkfi_recv, kfp_countkfi_poll_peer, 1,
	  .between = kfp_countkfi_send, .after = kfp_countkfi_poll,
	  .moves = KFP_COUNT_TO_DRAM, .polled = true },
	{ "kfi-polled-inject", kfp_countkfi_injects, kfp_countkfi_progress,
	  KFP_COUNT_INJECTS, .max_len = KFP_COUNT_MAX_INJECT,
	  .polled = true },
	{ "kfi-polled-chain", kfp_countkfi_chain, kfp_countkfi_poll_selective,
	  KFP_COUNT_CHAIN, .polled = true },
	{ "kfi-polled-chain-calls", kfp_countkfi_chain_calls,
	  kfp_countkfi_poll_selective, KFP_COUNT_CHAIN, .polled = true },
};

const u32 kfp_countkfi_op_count = ARRAY_SIZE(kfp_countkfi_ops);
