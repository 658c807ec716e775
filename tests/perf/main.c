// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: kfi_perf
 *
 * Purpose: measures what kfabric costs over raw kernel verbs. /dev/kfi_perf takes
 * the options and answers with figures, one a line; tests/perf/guest makes tables
 * of them.
 *
 * Operation: both have connections over the same device in this kernel, from the
 * same source to the same memory. The thread of the command does all of it. It has
 * the lowest of all priorities, so that whoever does the work of soft-RoCE gets
 * the processor as soon as there is something to do.
 *
 * Errors: the answer ends with the first error.
 */
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <uapi/linux/sched/types.h>

#include <kfi_endpoint.h>

#include "gen.h"
#include "perf.h"

enum kfp_mode {
	KFP_TIME,
	KFP_COUNT,
};

static const char *const kfp_modes[] = { "time", "count", NULL };

static const char *const kfp_waits[] = { "poll", "sleep", NULL };

static const struct ktl_opt kfp_main_opts[] = {
	{ "mode", KTL_OPT_CHOICE, offsetof(struct kfp, mode),
	  .choices = kfp_modes },
	{ "wait", KTL_OPT_CHOICE, offsetof(struct kfp, wait),
	  .choices = kfp_waits },
	{ "null", KTL_OPT_FLAG, offsetof(struct kfp, null) },
	{ "addr", KTL_OPT_TEXT, offsetof(struct kfp, addr) },
	{ "len", KTL_OPT_U32, offsetof(struct kfp, len), 1, KFP_MAX_LEN },
	{ "rounds", KTL_OPT_U32, offsetof(struct kfp, rounds), 1, 100000 },
	{ "count", KTL_OPT_U32, offsetof(struct kfp, count), 1, 1000000 },
};

static bool kfp_can(const struct kfp *perf, const struct kfp_op *op)
{
	return (perf->flush || !op->flush) &&
	       (perf->wait == KFP_POLL || !op->direct);
}

/**
 * kfp_ops - what can be measured here
 * @perf: the command
 * @ops: where to put them; KFP_MAX_OPS
 *
 * What is compared most is next to each other.
 *
 * Context: any.
 * Return: how many.
 */
u32 kfp_ops(const struct kfp *perf, const struct kfp_op **ops)
{
	u32 n = 0, i;

	for (i = 0; i < max(kfp_raw_op_count, kfp_kfi_op_count); i++) {
		if (i < kfp_raw_op_count && kfp_can(perf, &kfp_raw_ops[i]))
			ops[n++] = &kfp_raw_ops[i];
		if (i < kfp_kfi_op_count && kfp_can(perf, &kfp_kfi_ops[i]))
			ops[n++] = &kfp_kfi_ops[i];
	}
	return n;
}

static int kfp_main_alloc(struct kfp *perf)
{
	perf->src = alloc_pages_exact(KFP_AREA, GFP_KERNEL | __GFP_ZERO);
	perf->dram = alloc_pages_exact(KFP_AREA, GFP_KERNEL | __GFP_ZERO);
	if (!perf->src || !perf->dram)
		return -ENOMEM;
	perf->pmem = ktl_pmem_alloc(KFP_AREA);
	if (IS_ERR(perf->pmem))
		return PTR_ERR(perf->pmem);
	perf->legacy = ktl_pmem_alloc(KFP_AREA);
	if (IS_ERR(perf->legacy))
		return PTR_ERR(perf->legacy);
	perf->legacy->res.desc = IORES_DESC_PERSISTENT_MEMORY_LEGACY;
	return 0;
}

static void kfp_main_free(struct kfp *perf)
{
	if (!IS_ERR(perf->legacy))
		ktl_pmem_free(perf->legacy);
	if (!IS_ERR(perf->pmem))
		ktl_pmem_free(perf->pmem);
	if (perf->dram)
		free_pages_exact(perf->dram, KFP_AREA);
	if (perf->src)
		free_pages_exact(perf->src, KFP_AREA);
}

/* What kfabric and what verbs say must be the same. */
static int kfp_main_agree(struct kfp *perf)
{
	bool flushes;
	int rc;

	perf->flush = kfp_raw_can_flush(perf->raw);
	rc = kfp_kfi_flushes(perf->persist, &flushes);
	if (rc)
		return rc;
	if (flushes == perf->flush)
		return 0;
	ktl_session_puts(perf->session, "kfabric does not flush as it could\n");
	return -EINVAL;
}

static int kfp_main_open(struct kfp *perf)
{
	const char *device;
	int rc;

	rc = kfp_main_alloc(perf);
	if (rc)
		return rc;
	perf->plain = kfp_link_open(perf, 0, 0);
	if (IS_ERR(perf->plain))
		return PTR_ERR(perf->plain);
	perf->persist = kfp_link_open(perf, KFI_RMA_PMEM, KFP_LINK_SELECTIVE);
	if (IS_ERR(perf->persist))
		return PTR_ERR(perf->persist);
	device = kfp_link_device(perf->plain);
	perf->raw = kfp_raw_open(perf, device, false);
	if (IS_ERR(perf->raw))
		return PTR_ERR(perf->raw);
	perf->direct = kfp_raw_open(perf, device, true);
	if (IS_ERR(perf->direct))
		return PTR_ERR(perf->direct);
	return kfp_main_agree(perf);
}

static void kfp_main_close(struct kfp *perf)
{
	kfp_raw_close(perf->direct);
	kfp_raw_close(perf->raw);
	kfp_link_close(perf->persist);
	kfp_link_close(perf->plain);
	kfp_main_free(perf);
}

static int kfp_main_run(struct ktl_session *session, char *line)
{
	struct sched_attr attr = {
		.size = sizeof(attr),
		.sched_policy = SCHED_IDLE,
	};
	struct kfp perf = {
		.session = session,
		.len = 8,
		.rounds = 200,
		.count = 100,
	};
	int rc;

	rc = ktl_opt_parse(session, line, kfp_main_opts,
			   ARRAY_SIZE(kfp_main_opts), &perf);
	if (rc)
		return rc;
	init_completion(&perf.woken);
	rc = kfp_main_open(&perf);
	rc = rc ?: sched_setattr_nocheck(current, &attr);
	if (!rc)
		rc = perf.mode == KFP_COUNT ? kfp_count_run(&perf) :
					      kfp_load_run(&perf);
	kfp_main_close(&perf);
	return rc;
}

static struct ktl_device kfp_main_device = {
	.name = "kfi_perf",
	.owner = THIS_MODULE,
	.run = kfp_main_run,
};

static int __init kfp_main_init(void)
{
	int rc = ktl_session_register(&kfp_main_device);

	if (rc)
		return rc;
	rc = kfp_gen_init();
	if (rc)
		ktl_session_deregister(&kfp_main_device);
	return rc;
}
module_init(kfp_main_init);

static void __exit kfp_main_exit(void)
{
	kfp_gen_exit();
	ktl_session_deregister(&kfp_main_device);
}
module_exit(kfp_main_exit);

MODULE_DESCRIPTION("Measures kfabric beside raw kernel verbs");
MODULE_LICENSE("Dual BSD/GPL");
