// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The work done by calls of kfabric.
 */
#include <kfi_verbs_ext.h>

#include "perf.h"
#include "link.h"

static int kfp_kfi_poll_cq(struct kfid_cq *cq)
{
	struct kfi_cq_entry entry[2];
	ssize_t n = kfi_cq_read(cq, entry, ARRAY_SIZE(entry));

	return n == -EAGAIN ? 0 : n;
}

static int kfp_kfi_poll_plain(struct kfp *perf)
{
	return kfp_kfi_poll_cq(perf->plain->cq);
}

static int kfp_kfi_poll(struct kfp *perf)
{
	return kfp_kfi_poll_cq(perf->persist->cq);
}

/**
 * kfp_kfi_flushes - whether commits are done by FLUSH
 * @link: with KFI_RMA_PMEM
 * @flushes: where to put the answer
 *
 * Context: any.
 * Return: 0 or a negative errno.
 */
int kfp_kfi_flushes(struct kfp_link *link, bool *flushes)
{
	struct kfi_verbs_persistence persistence;
	struct kfi_verbs_ep_ops *ops;
	int rc;

	rc = kfi_open_ops(&link->ep->fid, KFI_VERBS_EP_OPS_1, 0, (void **)&ops,
			  NULL);
	rc = rc ?: ops->get_persistence(&link->ep->fid, &persistence);
	if (rc)
		return rc;
	*flushes = persistence.commit == KFI_VERBS_FLUSH;
	return 0;
}

static int kfp_kfi_write_plain(struct kfp *perf)
{
	struct kfp_link *link = perf->plain;

	return kfi_write(link->ep, perf->src, perf->len, NULL, KFI_ADDR_UNSPEC,
			 0, link->key[KFP_TO_PMEM], perf);
}

static int kfp_kfi_msg(struct kfp *perf, u32 offset, u32 len, enum kfp_to to,
		       u64 flags)
{
	struct kfp_link *link = perf->persist;
	struct kvec iov = { .iov_base = perf->src + offset, .iov_len = len };
	struct kfi_rma_iov range = {
		.addr = offset,
		.len = len,
		.key = link->key[to],
	};
	struct kfi_msg_rma msg = {
		.type = KFI_KVEC,
		.msg_iov = &iov,
		.iov_count = len ? 1 : 0,
		.rma_iov = &range,
		.rma_iov_count = len ? 1 : 0,
		.context = perf,
	};

	return kfi_writemsg(link->ep, &msg, KFI_COMPLETION | flags);
}

static int kfp_kfi_write(struct kfp *perf)
{
	return kfp_kfi_msg(perf, 0, perf->len, KFP_TO_PMEM, 0);
}

static int kfp_kfi_write_dram(struct kfp *perf)
{
	return kfp_kfi_msg(perf, 0, perf->len, KFP_TO_DRAM, 0);
}

static int kfp_kfi_commit(struct kfp *perf)
{
	return kfp_kfi_msg(perf, 0, perf->len, KFP_TO_PMEM, KFI_COMMIT_COMPLETE);
}

static int kfp_kfi_commit_cpu(struct kfp *perf)
{
	return kfp_kfi_msg(perf, 0, perf->len, KFP_TO_LEGACY,
			   KFI_COMMIT_COMPLETE);
}

/* Writes of which nobody is told, the first @n of a batch */
static int kfp_kfi_silent(struct kfp *perf, u32 n)
{
	struct kfp_link *link = perf->persist;
	u32 len = perf->len;
	int rc = 0;
	u32 i;

	for (i = 0; !rc && i < n; i++)
		rc = kfi_write(link->ep, perf->src + i * len, len, NULL,
			       KFI_ADDR_UNSPEC, i * len,
			       link->key[KFP_TO_PMEM], NULL);
	return rc;
}

static int kfp_kfi_batch(struct kfp *perf)
{
	u32 last = KFP_BATCH - 1;

	return kfp_kfi_silent(perf, last) ?:
	       kfp_kfi_msg(perf, last * perf->len, perf->len, KFP_TO_PMEM, 0);
}

static int kfp_kfi_batch_commit(struct kfp *perf)
{
	return kfp_kfi_silent(perf, KFP_BATCH) ?:
	       kfp_kfi_msg(perf, 0, 0, KFP_TO_PMEM,
			   KFI_FENCE | KFI_COMMIT_COMPLETE);
}

const struct kfp_op kfp_kfi_ops[] = {
	{ "kfi-write", kfp_kfi_write_plain, kfp_kfi_poll_plain, 1 },
	{ "kfi-flush", kfp_kfi_commit, kfp_kfi_poll, 1, .flush = true },
	{ "kfi-cpu", kfp_kfi_commit_cpu, kfp_kfi_poll, 1, KFP_TO_LEGACY },
	{ "kfi-write-pmem", kfp_kfi_write, kfp_kfi_poll, 1 },
	{ "kfi-write-dram", kfp_kfi_write_dram, kfp_kfi_poll, 1, KFP_TO_DRAM },
	{ "kfi-batch", kfp_kfi_batch, kfp_kfi_poll, KFP_BATCH },
	{ "kfi-batch-flush", kfp_kfi_batch_commit, kfp_kfi_poll, KFP_BATCH,
	  .flush = true },
};

const u32 kfp_kfi_op_count = ARRAY_SIZE(kfp_kfi_ops);
