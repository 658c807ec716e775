// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: kf_cut_wal
 *
 * Purpose: cuts the power of a target while a write-ahead log (tests/clients/wal.h)
 * is written to it, and looks whether the log kept what was acknowledged.
 *
 * Operation: target and writer are in this machine and talk over its device. Each
 * cycle empties the log, then writes records and commits them in one of three
 * ways; now and then emptying the log is part of what is cut. An acknowledgment
 * counts if the power was still on when it was seen. The writer finishes what it
 * has begun, into memory that is not kept; then the memory is as the cut left it,
 * the log is recovered and compared.
 *
 * /dev/kf_cut_wal takes the options and answers in words. With "stop" it ends with
 * the first violation.
 */
#include <linux/module.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "../clients/wal.h"
#include "cut.h"

#define CUT_WAL_SIZE	SZ_256K
#define CUT_WAL_RECORDS	12	/* of a cycle */
#define CUT_WAL_RESET	4	/* every so many cycles begin with an empty log */

/**
 * struct cut_wal - a command
 * @cuts: power cuts
 * @stop: end with the first violation
 * @opts: how to write
 * @load: what to write
 * @target: lends the pmem
 * @writer: writes the log
 * @payload: a payload
 * @rnd: random numbers
 * @cycle: number of the cycle
 * @seen: what was acknowledged while the power was on
 * @acked: records that were, in all
 * @total: what was wrong in all
 */
struct cut_wal {
	u64 cuts;
	bool stop;
	struct wal_writer_opts opts;
	struct wal_load load;

	struct rpm_target target;
	struct wal_writer *writer;
	void *payload;
	struct rnd_state rnd;
	u64 cycle;
	struct wal_progress seen;
	u64 acked;
	struct wal_verdict total;
};

static const struct ktl_opt cut_wal_opts[] = {
	{ "cuts", KTL_OPT_SIZE, offsetof(struct cut_wal, cuts), 1, U32_MAX },
	{ "stop", KTL_OPT_FLAG, offsetof(struct cut_wal, stop) },
	{ "commit", KTL_OPT_CHOICE, offsetof(struct cut_wal, opts.commit),
	  .choices = wal_commits },
	{ "level", KTL_OPT_CHOICE, offsetof(struct cut_wal, opts.net.level),
	  .choices = rpm_levels },
	{ "depth", KTL_OPT_U32, offsetof(struct cut_wal, opts.depth),
	  1, WAL_MAX_DEPTH },
	{ "max", KTL_OPT_U32, offsetof(struct cut_wal, load.max),
	  1, WAL_MAX_PAYLOAD },
	{ "seed", KTL_OPT_SIZE, offsetof(struct cut_wal, load.seed),
	  0, U64_MAX },
};

static void cut_wal_acked(void *arg, const struct wal_progress *progress)
{
	struct cut_wal *cut = arg;

	if (!kf_cut_happened())
		cut->seen = *progress;
}

static int cut_wal_prepare(void *arg)
{
	struct cut_wal *cut = arg;

	cut->cycle++;
	return wal_writer_reset(cut->writer);
}

static int cut_wal_append(struct cut_wal *cut)
{
	const struct wal_progress *progress = wal_writer_progress(cut->writer);
	u64 seq = progress->appended;
	u32 len = wal_load_len(&cut->load, progress->epoch, seq);

	wal_load_fill(&cut->load, progress->epoch, seq, cut->payload, len);
	return wal_writer_append(cut->writer, cut->payload, len);
}

/* Begin anew, as part of what is cut. */
static int cut_wal_reset(struct cut_wal *cut)
{
	cut->seen = (struct wal_progress) {
		.id = cut->seen.id,
		.epoch = wal_writer_progress(cut->writer)->epoch + 1,
	};
	return wal_writer_reset(cut->writer);
}

static int cut_wal_work(void *arg)
{
	struct cut_wal *cut = arg;
	int rc = 0;
	u32 i;

	cut->seen = *wal_writer_progress(cut->writer);
	if (cut->cycle % CUT_WAL_RESET == 0)
		rc = cut_wal_reset(cut);
	for (i = 0; !rc && i < CUT_WAL_RECORDS && !kf_cut_happened(); i++) {
		rc = cut_wal_append(cut);
		if (!rc && prandom_u32_state(&cut->rnd) % 4 == 0)
			rc = wal_writer_commit(cut->writer);
	}
	/* nothing may be under way when the memory changes */
	return rc ?: wal_writer_commit(cut->writer);
}

static int cut_wal_recover(void *arg)
{
	const struct rpm_mem *mem;
	struct wal_progress progress;
	struct wal_verdict verdict;
	struct cut_wal *cut = arg;
	int rc;

	mem = &cut->target.mem;
	progress = cut->seen;
	progress.appended = wal_writer_progress(cut->writer)->appended;
	cut->acked += progress.acked;
	rc = wal_check(mem->addr, mem->size, &cut->load, &progress, &verdict);
	cut->total.lost += verdict.lost;
	cut->total.torn += verdict.torn;
	cut->total.order += verdict.order;
	return rc ? 1 : 0;
}

static int cut_wal_open(struct cut_wal *cut, struct ktl_session *session)
{
	struct rpm_mem_opts mem = { .kind = RPM_MEM_PHYS, .size = CUT_WAL_SIZE };
	phys_addr_t phys;
	char addr[64];
	int rc;

	kf_cut_memory(&phys, NULL);
	mem.phys = phys;
	rc = rpm_target_open(&cut->target, &cut->opts.net, &mem, session);
	if (rc)
		return rc;
	rc = rpm_target_name(&cut->target, addr, sizeof(addr),
			     &cut->opts.net.port);
	cut->opts.net.addr = addr;
	rc = rc ?: wal_writer_open(&cut->writer, &cut->opts, session);
	if (rc)
		goto close_target;
	rc = wal_writer_format(cut->writer, get_random_u64());
	if (!rc)
		return 0;

	wal_writer_close(cut->writer);
close_target:
	rpm_target_close(&cut->target);
	return rc;
}

static int cut_wal_drive(struct cut_wal *cut, struct ktl_session *session)
{
	const struct kf_cut_client client = {
		.arg = cut,
		.prepare = cut_wal_prepare,
		.work = cut_wal_work,
		.recover = cut_wal_recover,
	};
	struct kf_cut_run run;
	int rc;

	rc = kf_cut_drive(&client, cut->cuts, cut->stop, &run);
	ktl_session_printf(session,
			   "%llu cuts, %llu of them late, %llu records acknowledged, %llu cuts per second\n",
			   run.cycles, run.late, cut->acked,
			   div64_u64(run.cycles * NSEC_PER_SEC, run.ns));
	ktl_session_printf(session,
			   "violations in %llu cuts, first in %llu: %llu lost, %llu torn, %llu out of order\n",
			   run.violations, run.first, cut->total.lost,
			   cut->total.torn, cut->total.order);
	return rc ?: run.violations ? -EBADMSG : 0;
}

static int cut_wal_run_one(struct cut_wal *cut, struct ktl_session *session)
{
	int rc;

	cut->opts.max_payload = cut->load.max;
	cut->opts.acked = cut_wal_acked;
	cut->opts.arg = cut;
	prandom_seed_state(&cut->rnd, cut->load.seed);
	cut->payload = kmalloc(cut->load.max, GFP_KERNEL);
	if (!cut->payload)
		return -ENOMEM;
	rc = cut_wal_open(cut, session);
	if (!rc) {
		rc = cut_wal_drive(cut, session);
		wal_writer_close(cut->writer);
		rpm_target_close(&cut->target);
	}
	kfree(cut->payload);
	return rc;
}

static int cut_wal_run(struct ktl_session *session, char *line)
{
	struct cut_wal *cut = kzalloc(sizeof(*cut), GFP_KERNEL);
	int rc;

	if (!cut)
		return -ENOMEM;
	cut->cuts = 100;
	cut->opts.net.timeout = RPM_DEFAULT_TIMEOUT;
	cut->opts.depth = 4;
	cut->load.max = 1500;
	cut->load.seed = 1;
	rc = ktl_opt_parse(session, line, cut_wal_opts, ARRAY_SIZE(cut_wal_opts),
			   cut);
	rc = rc ?: cut_wal_run_one(cut, session);
	kfree(cut);
	return rc;
}

static struct ktl_device cut_wal_device = {
	.name = "kf_cut_wal",
	.owner = THIS_MODULE,
	.run = cut_wal_run,
};

static int __init cut_wal_init(void)
{
	return ktl_session_register(&cut_wal_device);
}
module_init(cut_wal_init);

static void __exit cut_wal_exit(void)
{
	ktl_session_deregister(&cut_wal_device);
}
module_exit(cut_wal_exit);

MODULE_DESCRIPTION("Power cuts under a write-ahead log");
MODULE_LICENSE("Dual BSD/GPL");
