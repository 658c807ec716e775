// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: kfi_wal
 *
 * Purpose: writes a log into persistent memory of a target and looks at what is
 * there. /dev/kfi_wal takes the options and answers in words; the kfi-wal
 * command is the comfortable way to use it.
 *
 * Operation: the target needs no thread of its own, so the thread of the
 * command is the writer; or it waits for a writer elsewhere; or there is no
 * network at all and it recovers a log from memory that survived.
 *
 * Errors: the answer ends with the first error, or with EBADMSG if a log was
 * not what it had to be.
 */
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "wal.h"

#define WAL_DEFAULT_SIZE	SZ_1M
#define WAL_DEFAULT_COUNT	100
#define WAL_DEFAULT_PAYLOAD	2000
#define WAL_DEFAULT_BATCH	10
#define WAL_DEFAULT_DEPTH	8
#define WAL_MAX_SIZE		SZ_1G

enum wal_role {
	WAL_BOTH,	/* target and writer in this kernel */
	WAL_TARGET,
	WAL_WRITER,
	WAL_RECOVER,	/* nobody: look at what is there */
};

static const char *const wal_roles[] = {
	"both", "target", "writer", "recover", NULL
};

/**
 * struct wal_main - a command
 * @session: where to print
 * @role: one of enum wal_role
 * @mem: memory of the target
 * @writer: how to write
 * @load: what to write
 * @count: records of each round
 * @batch: records between two commits
 * @rounds: how often the log is filled
 * @spoil: how often to spoil a copy of the log
 */
struct wal_main {
	struct ktl_session *session;
	u32 role;
	struct rpm_mem_opts mem;
	struct wal_writer_opts writer;
	struct wal_load load;
	u32 count;
	u32 batch;
	u32 rounds;
	u32 spoil;
};

static const struct ktl_opt wal_main_opts[] = {
	{ "role", KTL_OPT_CHOICE, offsetof(struct wal_main, role),
	  .choices = wal_roles },
	{ "addr", KTL_OPT_TEXT, offsetof(struct wal_main, writer.net.addr) },
	{ "port", KTL_OPT_TEXT, offsetof(struct wal_main, writer.net.port) },
	{ "timeout", KTL_OPT_U32, offsetof(struct wal_main, writer.net.timeout),
	  1, 3600 },
	{ "level", KTL_OPT_CHOICE, offsetof(struct wal_main, writer.net.level),
	  .choices = rpm_levels },
	{ "mem", KTL_OPT_CHOICE, offsetof(struct wal_main, mem.kind),
	  .choices = rpm_mem_kinds },
	{ "phys", KTL_OPT_SIZE, offsetof(struct wal_main, mem.phys),
	  0, U64_MAX },
	{ "size", KTL_OPT_SIZE, offsetof(struct wal_main, mem.size),
	  PAGE_SIZE, WAL_MAX_SIZE },
	{ "commit", KTL_OPT_CHOICE, offsetof(struct wal_main, writer.commit),
	  .choices = wal_commits },
	{ "depth", KTL_OPT_U32, offsetof(struct wal_main, writer.depth),
	  1, WAL_MAX_DEPTH },
	{ "max", KTL_OPT_U32, offsetof(struct wal_main, load.max),
	  1, WAL_MAX_PAYLOAD },
	{ "seed", KTL_OPT_SIZE, offsetof(struct wal_main, load.seed),
	  0, U64_MAX },
	{ "count", KTL_OPT_U32, offsetof(struct wal_main, count), 1, U32_MAX },
	{ "batch", KTL_OPT_U32, offsetof(struct wal_main, batch), 1, U32_MAX },
	{ "rounds", KTL_OPT_U32, offsetof(struct wal_main, rounds), 1, 1000000 },
	{ "spoil", KTL_OPT_U32, offsetof(struct wal_main, spoil), 0, 1000000 },
};

static int wal_main_append(struct wal_main *cmd, struct wal_writer *writer,
			   void *payload)
{
	const struct wal_progress *progress = wal_writer_progress(writer);
	u64 seq = progress->appended;
	u32 len = wal_load_len(&cmd->load, progress->epoch, seq);

	wal_load_fill(&cmd->load, progress->epoch, seq, payload, len);
	return wal_writer_append(writer, payload, len);
}

/* Records and commits, until there are enough or the log is full. */
static int wal_main_fill(struct wal_main *cmd, struct wal_writer *writer,
			 void *payload)
{
	int rc = 0;
	u32 i;

	for (i = 1; !rc && i <= cmd->count; i++) {
		if (kthread_should_stop())
			return -EINTR;
		rc = wal_main_append(cmd, writer, payload);
		if (!rc && i % cmd->batch == 0)
			rc = wal_writer_commit(writer);
	}
	return rc && rc != -ENOSPC ? rc : wal_writer_commit(writer);
}

/* Look at the log as if the power had been cut now. */
static int wal_main_check(struct wal_main *cmd, const struct rpm_target *target,
			  const struct wal_progress *progress)
{
	const void *image = target->mem.addr;
	struct wal_verdict verdict;
	u32 seen;
	int rc;

	rc = wal_check(image, target->mem.size, &cmd->load, progress, &verdict);
	if (rc) {
		ktl_session_printf(cmd->session,
				   "epoch %u: %llu lost, %llu torn, %llu out of order\n",
				   progress->epoch, verdict.lost, verdict.torn,
				   verdict.order);
		return rc;
	}
	if (!cmd->spoil)
		return 0;
	seen = wal_spoil(image, target->mem.size, &cmd->load, progress,
			 cmd->spoil);
	ktl_session_printf(cmd->session, "epoch %u: spoiled %u times, seen %u times\n",
			   progress->epoch, cmd->spoil, seen);
	return seen == cmd->spoil ? 0 : -EBADMSG;
}

/* @target is there if it is in this kernel. */
static int wal_main_write(struct wal_main *cmd, struct wal_writer *writer,
			  const struct rpm_target *target)
{
	const struct wal_progress *progress = wal_writer_progress(writer);
	void *payload = kmalloc(cmd->load.max, GFP_KERNEL);
	int rc = 0;
	u32 i;

	if (!payload)
		return -ENOMEM;
	for (i = 0; !rc && i < cmd->rounds; i++) {
		rc = i ? wal_writer_reset(writer) :
			 wal_writer_format(writer, get_random_u64());
		rc = rc ?: wal_main_fill(cmd, writer, payload);
		if (!rc && target)
			rc = wal_main_check(cmd, target, progress);
	}
	kfree(payload);
	ktl_session_printf(cmd->session,
			   "writer: epoch %u, %llu records appended, %llu acknowledged\n",
			   progress->epoch, progress->appended, progress->acked);
	return rc;
}

static int wal_main_report(struct wal_main *cmd, const void *image, u64 size)
{
	struct wal_state state;
	int rc = wal_recover(image, size, &state);

	if (rc == -ENODATA)
		ktl_session_puts(cmd->session, "recovered: no log\n");
	else
		ktl_session_printf(cmd->session,
				   "recovered: epoch %u, %llu records, pointer behind %llu of them%s\n",
				   state.epoch, state.records, state.pointed,
				   rc ? ", which is wrong" : "");
	return rc;
}

static int wal_main_writer(struct wal_main *cmd,
			   const struct rpm_target *target)
{
	struct wal_writer *writer;
	int rc;

	rc = wal_writer_open(&writer, &cmd->writer, cmd->session);
	if (rc)
		return rc;
	rc = wal_main_write(cmd, writer, target);
	wal_writer_close(writer);
	return rc;
}

static int wal_main_both(struct wal_main *cmd, struct rpm_target *target)
{
	char addr[64];
	int rc;

	rc = rpm_target_name(target, addr, sizeof(addr), &cmd->writer.net.port);
	if (rc)
		return rc;
	cmd->writer.net.addr = addr;
	return wal_main_writer(cmd, target);
}

static int wal_main_target(struct wal_main *cmd)
{
	struct rpm_target *target = kzalloc(sizeof(*target), GFP_KERNEL);
	int rc;

	if (!target)
		return -ENOMEM;
	rc = rpm_target_open(target, &cmd->writer.net, &cmd->mem, cmd->session);
	if (rc)
		goto free_target;
	rc = cmd->role == WAL_BOTH ? wal_main_both(cmd, target) :
				     rpm_target_wait_served(target, 1);
	rc = rc ?: wal_main_report(cmd, target->mem.addr, target->mem.size);
	rpm_target_close(target);
free_target:
	kfree(target);
	return rc;
}

static int wal_main_recover(struct wal_main *cmd)
{
	struct rpm_mem mem;
	int rc;

	rc = rpm_mem_open(&mem, &cmd->mem);
	if (rc)
		return rc;
	rc = wal_main_report(cmd, mem.addr, mem.size);
	rpm_mem_close(&mem);
	return rc;
}

static int wal_main_run(struct ktl_session *session, char *line)
{
	struct wal_main cmd = {
		.session = session,
		.mem.size = WAL_DEFAULT_SIZE,
		.writer = {
			.net.timeout = RPM_DEFAULT_TIMEOUT,
			.depth = WAL_DEFAULT_DEPTH,
		},
		.load.max = WAL_DEFAULT_PAYLOAD,
		.count = WAL_DEFAULT_COUNT,
		.batch = WAL_DEFAULT_BATCH,
		.rounds = 1,
	};
	int rc;

	rc = ktl_opt_parse(session, line, wal_main_opts,
			   ARRAY_SIZE(wal_main_opts), &cmd);
	if (rc)
		return rc;
	cmd.writer.max_payload = cmd.load.max;
	if (cmd.role != WAL_BOTH && !cmd.writer.net.port)
		cmd.writer.net.port = RPM_DEFAULT_PORT;

	switch (cmd.role) {
	case WAL_WRITER:
		return wal_main_writer(&cmd, NULL);
	case WAL_RECOVER:
		return wal_main_recover(&cmd);
	default:
		return wal_main_target(&cmd);
	}
}

static struct ktl_device wal_main_device = {
	.name = "kfi_wal",
	.owner = THIS_MODULE,
	.run = wal_main_run,
};

static int __init wal_main_init(void)
{
	return ktl_session_register(&wal_main_device);
}
module_init(wal_main_init);

static void __exit wal_main_exit(void)
{
	ktl_session_deregister(&wal_main_device);
}
module_exit(wal_main_exit);

MODULE_DESCRIPTION("A write-ahead log in remote persistent memory");
MODULE_LICENSE("Dual BSD/GPL");
