// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Memory
 *
 * Purpose: the buffers of a side, registered so that the peer can reach them.
 *
 * Operation: each piece of a buffer is a region of its own, because one region
 * holds a limited number of pages. The keys travel to the peer, which puts
 * together a list of remote ranges from them.
 *
 * Ownership: a region is closed before its memory is freed.
 */
#include <linux/minmax.h>
#include <linux/slab.h>

#include "pp.h"

static int pp_mem_register_piece(struct pp_side *side, struct pp_mem *mem,
				 u64 access)
{
	struct kfi_mr_attr attr = {
		.type = ktl_buf_type(mem->buf),
		.mr_iov = ktl_buf_list(mem->buf, mem->count),
		.iov_count = 1,
		.access = access,
	};
	int rc;

	rc = kfi_mr_regattr(side->domain, &attr, 0, &mem->mr[mem->count]);
	if (rc)
		return pp_side_failed(side, "kfi_mr_regattr", rc);
	mem->desc[mem->count] = kfi_mr_desc(mem->mr[mem->count]);
	mem->count++;
	return 0;
}

static int pp_mem_alloc(struct pp_side *side, struct pp_mem *mem, u64 access)
{
	const struct kfi_info *info = side->info;
	size_t len = max_t(size_t, side->test.to, 1);
	size_t room = side->opts->offset + len;
	unsigned int pieces;
	int rc;

	pieces = min3(info->tx_attr->iov_limit, info->rx_attr->iov_limit,
		      min_t(size_t, info->tx_attr->rma_iov_limit ?: 1,
			    PP_MAX_REGIONS));
	mem->buf = ktl_buf_alloc(side->opts->mem, room,
				 ktl_buf_piece_for(room, pieces));
	if (!mem->buf)
		return pp_side_failed(side, "buffer", -ENOMEM);
	rc = ktl_buf_use(mem->buf, side->opts->offset, len);
	if (rc)
		return pp_side_failed(side, "offset", rc);

	while (!rc && mem->count < mem->buf->count)
		rc = pp_mem_register_piece(side, mem, access);
	return rc;
}

/* What the peer may use: it reads what I give, or writes what I take. */
static void pp_mem_describe(struct pp_side *side)
{
	const struct pp_mem *mem;
	unsigned int i;

	mem = side->test.kind == PP_READ ? &side->tx : &side->rx;
	side->mine.count = cpu_to_be32(mem->count);
	for (i = 0; i < mem->count; i++) {
		side->mine.region[i].key = cpu_to_be64(kfi_mr_key(mem->mr[i]));
		side->mine.region[i].len =
			cpu_to_be64(mem->buf->view[i].iov_len);
	}
}

/**
 * pp_mem_open - allocate and register the buffers of a side
 * @side: has a domain
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int pp_mem_open(struct pp_side *side)
{
	u64 tx_access = KFI_SEND | KFI_WRITE, rx_access = KFI_RECV | KFI_READ;
	int rc;

	if (side->test.kind == PP_READ)
		tx_access |= KFI_REMOTE_READ;
	if (side->test.kind == PP_WRITE)
		rx_access |= KFI_REMOTE_WRITE;

	rc = pp_mem_alloc(side, &side->tx, tx_access);
	if (rc)
		return rc;
	rc = pp_mem_alloc(side, &side->rx, rx_access);
	if (rc)
		return rc;
	pp_mem_describe(side);
	return 0;
}

/**
 * pp_mem_close - close the regions and free the buffer
 * @mem: the memory
 *
 * Context: process, may sleep.
 */
void pp_mem_close(struct pp_mem *mem)
{
	bool dead = true;

	while (mem->count)
		dead &= !kfi_close(&mem->mr[--mem->count]->fid);
	/* memory that a peer might still reach is not given back */
	if (!WARN_ON_ONCE(!dead))
		ktl_buf_free(mem->buf);
	mem->buf = NULL;
}

/**
 * pp_mem_use - choose how much of a buffer takes part
 * @side: the side
 * @mem: its memory
 * @len: bytes
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int pp_mem_use(struct pp_side *side, struct pp_mem *mem, size_t len)
{
	return ktl_buf_use(mem->buf, side->opts->offset, len);
}

/**
 * pp_mem_remote - the first bytes of the peer's memory as a list
 * @side: has got the peer's regions
 * @len: how many bytes
 * @iov: room for PP_MAX_REGIONS ranges
 * @count: how many were used
 *
 * Addresses are offsets from the start of the region.
 *
 * Context: any.
 * Return: 0, or -EPROTO if the peer has not as many.
 */
int pp_mem_remote(const struct pp_side *side, size_t len,
		  struct kfi_rma_iov *iov, size_t *count)
{
	const struct pp_regions *theirs = &side->theirs;
	size_t n = 0;

	do {
		if (n == PP_MAX_REGIONS || n == be32_to_cpu(theirs->count))
			return -EPROTO;
		iov[n] = (struct kfi_rma_iov) {
			.len = min_t(u64, len,
				     be64_to_cpu(theirs->region[n].len)),
			.key = be64_to_cpu(theirs->region[n].key),
		};
		len -= iov[n].len;
		n++;
	} while (len);

	*count = n;
	return 0;
}
