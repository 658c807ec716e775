// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * FLUSH and ATOMIC WRITE by kernel verbs, without kfabric: what docs/upstream
 * says of them. On a device that does not take them, only that it says so.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../clients/ktl_pmem.h"
#include "func.h"
#include "raw.h"

#define RAWFLUSH_LEN	SZ_16K
#define RAWFLUSH_ACCESS	(IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_WRITE)
#define RAWFLUSH_PERSISTENT \
	(RAWFLUSH_ACCESS | IB_ACCESS_FLUSH_GLOBAL | IB_ACCESS_FLUSH_PERSISTENT)

/**
 * struct rawflush - a case with a pair and persistent memory
 * @raw: the pair
 * @pmem: the memory
 * @region: over all of it
 * @src: where data comes from
 * @sge: the same, 64 bytes
 */
struct rawflush {
	struct func_raw raw;
	struct ktl_pmem *pmem;
	struct func_raw_region *region;
	u8 *src;
	struct ib_sge sge;
};

/* The requests of a log: a record, its FLUSH, a pointer, its FLUSH */
struct rawflush_log {
	struct ib_rdma_wr write;
	struct ib_flush_wr flush;
	struct ib_atomic_write_wr pointer;
	struct ib_flush_wr flush_pointer;
};

static struct ib_rdma_wr rawflush_write(struct rawflush *f, u64 offset)
{
	return (struct ib_rdma_wr) {
		.wr.opcode = IB_WR_RDMA_WRITE,
		.wr.sg_list = &f->sge,
		.wr.num_sge = 1,
		.remote_addr = f->region->iova + offset,
		.rkey = f->region->mr->rkey,
	};
}

static struct ib_flush_wr rawflush_flush(struct rawflush *f, u64 offset, u32 len)
{
	return (struct ib_flush_wr) {
		.wr.opcode = IB_WR_FLUSH,
		.remote_addr = f->region->iova + offset,
		.length = len,
		.rkey = f->region->mr->rkey,
		.type = IB_FLUSH_PERSISTENT,
		.level = IB_FLUSH_RANGE,
	};
}

static struct ib_atomic_write_wr rawflush_pointer(struct rawflush *f, u64 offset,
						  u64 value)
{
	return (struct ib_atomic_write_wr) {
		.wr.opcode = IB_WR_ATOMIC_WRITE,
		.remote_addr = f->region->iova + offset,
		.value = value,
		.rkey = f->region->mr->rkey,
	};
}

static bool rawflush_map_src(struct func *t, struct rawflush *f)
{
	f->src = func_alloc(t, SZ_4K);
	if (!f->src)
		return false;
	memset(f->src, 0xa5, SZ_4K);
	f->sge.addr = ib_dma_map_single(f->raw.dev, f->src, SZ_4K, DMA_TO_DEVICE);
	f->sge.length = 64;
	f->sge.lkey = f->raw.pd->local_dma_lkey;
	return CHECK_OK(t, ib_dma_mapping_error(f->raw.dev, f->sge.addr));
}

static bool rawflush_prepare(struct func *t, struct rawflush *f)
{
	f->pmem = ktl_pmem_alloc(RAWFLUSH_LEN);
	if (!CHECK_OK(t, PTR_ERR_OR_ZERO(f->pmem)))
		return false;
	f->region = func_raw_region(&f->raw, f->pmem->mem, RAWFLUSH_LEN);
	return f->region && rawflush_map_src(t, f);
}

/* Runs a case where FLUSH can be posted. */
static void rawflush_run(struct func *t)
{
	struct rawflush *f = func_alloc(t, sizeof(*f));

	if (!f)
		return;
	if (func_raw_open(t, &f->raw) && ib_can_post_flush(f->raw.dev) &&
	    rawflush_prepare(t, f))
		t->c->with(t, f);
	if (f->src)
		ib_dma_unmap_single(f->raw.dev, f->sge.addr, SZ_4K,
				    DMA_TO_DEVICE);
	func_raw_close(&f->raw);
	if (!IS_ERR(f->pmem))
		ktl_pmem_free(f->pmem);
}

/* Connects the pair and opens the region. */
static bool rawflush_ready(struct func *t, struct rawflush *f, int access)
{
	return func_raw_connect(&f->raw) &&
	       CHECK_EQ(t, func_raw_register(&f->raw, f->region, access),
			IB_WC_SUCCESS);
}

/* The device says that it takes them exactly if it was patched. */
static void rawflush_can_post(struct func *t)
{
	struct func_raw *raw = func_alloc(t, sizeof(*raw));

	if (!raw)
		return;
	if (func_raw_open(t, raw))
		CHECK_EQ(t, ib_can_post_flush(raw->dev), func_flush);
	func_raw_close(raw);
}

static void rawflush_commit(struct func *t, void *own)
{
	struct rawflush *f = own;
	struct ib_rdma_wr write;
	struct ib_flush_wr flush;

	if (!rawflush_ready(t, f, RAWFLUSH_PERSISTENT))
		return;
	write = rawflush_write(f, 100);
	flush = rawflush_flush(f, 100, 64);
	write.wr.next = &flush.wr;
	CHECK_EQ(t, func_raw_run(&f->raw, &write.wr), IB_WC_SUCCESS);
	CHECK_EQ(t, f->raw.opcode, IB_WC_FLUSH);
	CHECK_OK(t, memcmp(f->pmem->mem + 100, f->src, 64));
	/* all of the region: neither a byte in front of it nor one behind */
	flush = rawflush_flush(f, 0, RAWFLUSH_LEN);
	CHECK_EQ(t, func_raw_run(&f->raw, &flush.wr), IB_WC_SUCCESS);
	flush.type = IB_FLUSH_GLOBAL;
	CHECK_EQ(t, func_raw_run(&f->raw, &flush.wr), IB_WC_SUCCESS);
	flush.type |= IB_FLUSH_PERSISTENT;
	flush.level = IB_FLUSH_MR;
	CHECK_EQ(t, func_raw_run(&f->raw, &flush.wr), IB_WC_SUCCESS);
}

static void rawflush_log(struct func *t, void *own)
{
	struct rawflush *f = own;
	struct rawflush_log log;
	u64 value = 0x1122334455667788;

	if (!rawflush_ready(t, f, RAWFLUSH_PERSISTENT))
		return;
	log = (struct rawflush_log) {
		.write = rawflush_write(f, 4090),
		.flush = rawflush_flush(f, 4090, 64),
		.pointer = rawflush_pointer(f, 8, value),
		.flush_pointer = rawflush_flush(f, 8, 8),
	};
	log.write.wr.next = &log.flush.wr;
	log.flush.wr.next = &log.pointer.wr;
	log.pointer.wr.next = &log.flush_pointer.wr;
	CHECK_EQ(t, func_raw_run(&f->raw, &log.write.wr), IB_WC_SUCCESS);
	CHECK_OK(t, memcmp(f->pmem->mem + 4090, f->src, 64));
	CHECK_OK(t, memcmp(f->pmem->mem + 8, &value, sizeof(value)));
	CHECK(t, !memchr_inv(f->pmem->mem + 16, 0, 4090 - 16));

	log.pointer.wr.next = NULL;
	CHECK_EQ(t, func_raw_run(&f->raw, &log.pointer.wr), IB_WC_SUCCESS);
	CHECK_EQ(t, f->raw.opcode, IB_WC_ATOMIC_WRITE);
}

/* One that the target must refuse */
static void rawflush_refused(struct func *t, struct rawflush *f, int access,
			     u64 offset, u32 len, u32 key)
{
	struct ib_flush_wr flush;

	if (!rawflush_ready(t, f, access))
		return;
	flush = rawflush_flush(f, offset, len);
	flush.rkey ^= key;
	CHECK_EQ(t, func_raw_run(&f->raw, &flush.wr), IB_WC_REM_ACCESS_ERR);
}

static void rawflush_wrong_key(struct func *t, void *own)
{
	rawflush_refused(t, own, RAWFLUSH_PERSISTENT, 0, 64, 1);
}

static void rawflush_too_far(struct func *t, void *own)
{
	rawflush_refused(t, own, RAWFLUSH_PERSISTENT, RAWFLUSH_LEN - 63, 64, 0);
}

static void rawflush_not_granted(struct func *t, void *own)
{
	rawflush_refused(t, own, RAWFLUSH_ACCESS | IB_ACCESS_FLUSH_GLOBAL, 0, 64, 0);
}

/* ATOMIC WRITE needs the same access as a write. */
static void rawflush_read_only(struct func *t, void *own)
{
	struct rawflush *f = own;
	struct ib_atomic_write_wr wr;

	if (!rawflush_ready(t, f, IB_ACCESS_REMOTE_READ))
		return;
	wr = rawflush_pointer(f, 0, 1);
	CHECK_EQ(t, func_raw_run(&f->raw, &wr.wr), IB_WC_REM_ACCESS_ERR);
	CHECK(t, !memchr_inv(f->pmem->mem, 0, 8));
}

/* Ordinary memory cannot be made persistent, not even by a fresh region... */
static void rawflush_dram(struct func *t, void *own)
{
	struct rawflush *f = own;
	struct func_raw_region *dram;

	if (!func_raw_connect(&f->raw))
		return;
	dram = func_raw_region(&f->raw, f->src, SZ_4K);
	if (dram)
		CHECK(t, func_raw_register(&f->raw, dram, RAWFLUSH_PERSISTENT) >
			 IB_WC_SUCCESS);
}

/* ... and a region that was persistent can be an ordinary one. */
static void rawflush_then_dram(struct func *t, void *own)
{
	struct rawflush *f = own;

	if (!rawflush_ready(t, f, RAWFLUSH_PERSISTENT))
		return;
	CHECK_EQ(t, func_raw_invalidate(&f->raw, f->region), IB_WC_SUCCESS);
	if (func_raw_move(&f->raw, f->region, f->src, SZ_4K))
		CHECK_EQ(t, func_raw_register(&f->raw, f->region, RAWFLUSH_ACCESS),
			 IB_WC_SUCCESS);
}

static void rawflush_expect_einval(struct func *t, struct rawflush *f,
				   const struct ib_send_wr *wr, int line)
{
	const struct ib_send_wr *bad = NULL;

	func_check_eq(t, __FILE__, line, "post", ib_post_send(f->raw.a, wr, &bad),
		      -EINVAL);
	CHECK(t, bad == wr);
}

static void rawflush_bad_flush(struct func *t, struct rawflush *f)
{
	struct ib_flush_wr flush = rawflush_flush(f, 0, 64);

	flush.wr.sg_list = &f->sge;
	flush.wr.num_sge = 1;
	rawflush_expect_einval(t, f, &flush.wr, __LINE__);

	flush = rawflush_flush(f, 0, 64);
	flush.wr.send_flags = IB_SEND_INLINE;
	rawflush_expect_einval(t, f, &flush.wr, __LINE__);

	flush = rawflush_flush(f, 0, 64);
	flush.type = 0;
	rawflush_expect_einval(t, f, &flush.wr, __LINE__);

	flush.type = IB_FLUSH_PERSISTENT << 1;
	rawflush_expect_einval(t, f, &flush.wr, __LINE__);

	flush = rawflush_flush(f, 0, 64);
	flush.level = IB_FLUSH_MR + 1;
	rawflush_expect_einval(t, f, &flush.wr, __LINE__);

	flush = rawflush_flush(f, 0, SZ_2G + 1U);
	rawflush_expect_einval(t, f, &flush.wr, __LINE__);
}

static void rawflush_bad_pointer(struct func *t, struct rawflush *f)
{
	struct ib_atomic_write_wr wr = rawflush_pointer(f, 4, 1);

	rawflush_expect_einval(t, f, &wr.wr, __LINE__);

	wr = rawflush_pointer(f, 0, 1);
	wr.wr.sg_list = &f->sge;
	wr.wr.num_sge = 1;
	rawflush_expect_einval(t, f, &wr.wr, __LINE__);
}

static void rawflush_malformed(struct func *t, void *own)
{
	struct rawflush *f = own;
	struct ib_flush_wr flush;

	if (!rawflush_ready(t, f, RAWFLUSH_PERSISTENT))
		return;
	rawflush_bad_flush(t, f);
	rawflush_bad_pointer(t, f);
	/* nothing of that was sent */
	flush = rawflush_flush(f, 0, 64);
	CHECK_EQ(t, func_raw_run(&f->raw, &flush.wr), IB_WC_SUCCESS);
}

/*
 * The requester has one credit for operations that take a resource. They are all
 * given back, or a fence waits for ever.
 */
static void rawflush_fenced(struct func *t, void *own)
{
	struct rawflush *f = own;
	struct rawflush_log log;
	int i;

	if (!rawflush_ready(t, f, RAWFLUSH_PERSISTENT))
		return;
	for (i = 1; i <= 50; i++) {
		log = (struct rawflush_log) {
			.write = rawflush_write(f, 64),
			.flush = rawflush_flush(f, 64, 64),
			.pointer = rawflush_pointer(f, 0, i),
			.flush_pointer = rawflush_flush(f, 0, 8),
		};
		log.write.wr.next = &log.flush.wr;
		log.write.wr.send_flags = IB_SEND_FENCE;
		log.flush.wr.next = &log.pointer.wr;
		log.pointer.wr.next = &log.flush_pointer.wr;
		log.pointer.wr.send_flags = IB_SEND_FENCE;
		log.flush_pointer.wr.send_flags = IB_SEND_FENCE;
		if (!CHECK_EQ(t, func_raw_run(&f->raw, &log.write.wr),
			      IB_WC_SUCCESS) ||
		    !CHECK_EQ(t, *(u64 *)f->pmem->mem, i))
			return;
	}
}

/* A target that has no resources says so. */
static void rawflush_no_resources(struct func *t, void *own)
{
	struct rawflush *f = own;
	struct ib_flush_wr flush;

	f->raw.rd_atomic = 0;
	if (!rawflush_ready(t, f, RAWFLUSH_PERSISTENT))
		return;
	flush = rawflush_flush(f, 0, 64);
	CHECK_EQ(t, func_raw_run(&f->raw, &flush.wr), IB_WC_REM_INV_REQ_ERR);
}

/*
 * The response was lost and the request comes again: the initiator is put back to
 * the packet number that its FLUSH had.
 */
static void rawflush_duplicate(struct func *t, void *own)
{
	struct rawflush *f = own;
	struct ib_rdma_wr write;
	struct ib_flush_wr flush;

	if (!rawflush_ready(t, f, RAWFLUSH_PERSISTENT))
		return;
	write = rawflush_write(f, 0);
	flush = rawflush_flush(f, 0, 64);
	write.wr.next = &flush.wr;
	if (!CHECK_EQ(t, func_raw_run(&f->raw, &write.wr), IB_WC_SUCCESS))
		return;
	f->raw.psn++;
	f->raw.retries = 2;
	if (func_raw_up(&f->raw, f->raw.a, f->raw.b))
		CHECK_EQ(t, func_raw_run(&f->raw, &flush.wr), IB_WC_SUCCESS);
}

/*
 * The requests were lost and go again, to the address that they had, and the fence
 * of the first does not wait for the second: the target does not listen when they
 * are sent first. Should the initiator be so slow that it does, nothing is sent
 * again, and the case passes.
 */
static void rawflush_sent_again(struct func *t, void *own)
{
	struct rawflush *f = own;
	struct rawflush_log log;

	if (!func_raw_up(&f->raw, f->raw.a, f->raw.b) ||
	    !CHECK_EQ(t, func_raw_register(&f->raw, f->region, RAWFLUSH_PERSISTENT),
		      IB_WC_SUCCESS))
		return;
	log.write = rawflush_write(f, 64);
	log.flush = rawflush_flush(f, 64, 64);
	log.pointer = rawflush_pointer(f, 8, 77);
	log.write.wr.next = &log.flush.wr;
	log.write.wr.send_flags = IB_SEND_FENCE;
	log.flush.wr.next = &log.pointer.wr;
	if (!func_raw_post(&f->raw, &log.write.wr))
		return;
	msleep(50);
	if (!func_raw_up(&f->raw, f->raw.b, f->raw.a))
		return;
	CHECK_EQ(t, func_raw_wait(&f->raw), IB_WC_SUCCESS);
	CHECK_EQ(t, ((u64 *)f->pmem->mem)[1], 77);
}

static const struct func_case rawflush_cases[] = {
	{ "can_post", rawflush_can_post, FUNC_NONE },
	{ "commit", rawflush_run, .with = rawflush_commit },
	{ "log", rawflush_run, .with = rawflush_log },
	{ "wrong_key", rawflush_run, .with = rawflush_wrong_key },
	{ "too_far", rawflush_run, .with = rawflush_too_far },
	{ "not_granted", rawflush_run, .with = rawflush_not_granted },
	{ "read_only", rawflush_run, .with = rawflush_read_only },
	{ "dram", rawflush_run, .with = rawflush_dram },
	{ "then_dram", rawflush_run, .with = rawflush_then_dram },
	{ "malformed", rawflush_run, .with = rawflush_malformed },
	{ "fenced", rawflush_run, .with = rawflush_fenced },
	{ "no_resources", rawflush_run, .with = rawflush_no_resources },
	{ "duplicate", rawflush_run, .with = rawflush_duplicate },
	{ "sent_again", rawflush_run, .with = rawflush_sent_again },
};

FUNC_SUITE(rawflush);
