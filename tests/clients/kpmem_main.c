// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: kfi_kpmem
 *
 * Purpose: makes /dev/kpmem0 appear and disappear. /dev/kfi_kpmem takes a
 * command; the kfi-kpmem command is the comfortable way to use it.
 *
 * Operation: a target, which lends memory, and a device, which uses some, are
 * there independently of each other and stay after the command has ended: "up"
 * makes both in this kernel, "lend" and "attach" one of them on each of two
 * machines, "down" takes away what there is.
 *
 * Ownership: the module has at most one of each. It can be unloaded while they
 * are there, unless somebody has the device open.
 */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "kpmem.h"

#define KPMEM_DEFAULT_SIZE	SZ_64M
#define KPMEM_DEFAULT_DEPTH	64
#define KPMEM_MAX_SIZE		((u64)RPM_MAX_REGIONS * RPM_MAX_REGION)

/* A request may take several entries of the send queue. */
#define KPMEM_TX_PER_REQUEST	4

enum kpmem_verb {
	KPMEM_STATUS,
	KPMEM_UP,
	KPMEM_LEND,
	KPMEM_ATTACH,
	KPMEM_DOWN,
};

static const char *const kpmem_verbs[] = {
	"status", "up", "lend", "attach", "down", NULL
};

enum kpmem_part {
	KPMEM_ALL,
	KPMEM_TARGET,
	KPMEM_DEVICE,
};

static const char *const kpmem_parts[] = { "all", "target", "device", NULL };

/**
 * struct kpmem_main - a command
 * @session: where to print
 * @verb: one of enum kpmem_verb
 * @part: what goes down, one of enum kpmem_part
 * @force: although it is in use
 * @depth: requests under way
 * @net: how the two reach each other
 * @mem: memory of the target
 */
struct kpmem_main {
	struct ktl_session *session;
	u32 verb;
	u32 part;
	bool force;
	u32 depth;
	struct rpm_opts net;
	struct rpm_mem_opts mem;
};

static const struct ktl_opt kpmem_main_opts[] = {
	{ "do", KTL_OPT_CHOICE, offsetof(struct kpmem_main, verb),
	  .choices = kpmem_verbs },
	{ "part", KTL_OPT_CHOICE, offsetof(struct kpmem_main, part),
	  .choices = kpmem_parts },
	{ "force", KTL_OPT_FLAG, offsetof(struct kpmem_main, force) },
	{ "depth", KTL_OPT_U32, offsetof(struct kpmem_main, depth),
	  1, KPMEM_MAX_DEPTH },
	{ "tx", KTL_OPT_U32, offsetof(struct kpmem_main, net.tx_size),
	  1, KPMEM_MAX_DEPTH * KPMEM_TX_PER_REQUEST },
	{ "addr", KTL_OPT_TEXT, offsetof(struct kpmem_main, net.addr) },
	{ "port", KTL_OPT_TEXT, offsetof(struct kpmem_main, net.port) },
	{ "timeout", KTL_OPT_U32, offsetof(struct kpmem_main, net.timeout),
	  1, 3600 },
	{ "level", KTL_OPT_CHOICE, offsetof(struct kpmem_main, net.level),
	  .choices = rpm_levels },
	{ "mem", KTL_OPT_CHOICE, offsetof(struct kpmem_main, mem.kind),
	  .choices = rpm_mem_kinds },
	{ "phys", KTL_OPT_SIZE, offsetof(struct kpmem_main, mem.phys),
	  0, U64_MAX },
	{ "size", KTL_OPT_SIZE, offsetof(struct kpmem_main, mem.size),
	  PAGE_SIZE, KPMEM_MAX_SIZE },
};

/* What there is. One command at a time changes it. */
static DEFINE_MUTEX(kpmem_lock);
static struct rpm_target *kpmem_target;
static struct kpmem *kpmem_device;

static int kpmem_main_lend(struct kpmem_main *cmd)
{
	struct rpm_target *target;
	int rc;

	if (kpmem_target)
		return -EEXIST;
	target = kzalloc(sizeof(*target), GFP_KERNEL);
	if (!target)
		return -ENOMEM;
	rc = rpm_target_open(target, &cmd->net, &cmd->mem, cmd->session);
	if (rc) {
		kfree(target);
		return rc;
	}
	kpmem_target = target;
	return 0;
}

static int kpmem_main_attach(struct kpmem_main *cmd)
{
	struct kpmem *kpmem;

	if (kpmem_device)
		return -EEXIST;
	if (!cmd->net.tx_size)
		cmd->net.tx_size = cmd->depth * KPMEM_TX_PER_REQUEST;
	kpmem = kpmem_disk_open(&cmd->net, cmd->depth, cmd->session);
	if (IS_ERR(kpmem))
		return PTR_ERR(kpmem);
	kpmem_device = kpmem;
	return 0;
}

static int kpmem_main_close_device(bool force)
{
	if (!kpmem_device)
		return 0;
	if (!force && kpmem_disk_in_use(kpmem_device))
		return -EBUSY;
	kpmem_disk_close(kpmem_device);
	kpmem_device = NULL;
	return 0;
}

static void kpmem_main_close_target(void)
{
	if (!kpmem_target)
		return;
	rpm_target_close(kpmem_target);
	kfree(kpmem_target);
	kpmem_target = NULL;
}

static int kpmem_main_up(struct kpmem_main *cmd)
{
	char addr[64];
	int rc;

	rc = kpmem_main_lend(cmd);
	if (rc)
		return rc;
	rc = rpm_target_name(kpmem_target, addr, sizeof(addr), &cmd->net.port);
	cmd->net.addr = addr;
	rc = rc ?: kpmem_main_attach(cmd);
	if (rc)
		kpmem_main_close_target();
	return rc;
}

static int kpmem_main_down(struct kpmem_main *cmd)
{
	int rc = 0;

	if (cmd->part != KPMEM_TARGET)
		rc = kpmem_main_close_device(cmd->force);
	if (!rc && cmd->part != KPMEM_DEVICE)
		kpmem_main_close_target();
	return rc;
}

static int kpmem_main_status(struct kpmem_main *cmd)
{
	const struct rpm_conn *conn;

	if (kpmem_target)
		ktl_session_printf(cmd->session, "target: %llu MiB in %u regions, %s\n",
				   kpmem_target->mem.size >> 20,
				   kpmem_target->count,
				   rpm_mem_kinds[kpmem_target->mem.kind]);
	if (!kpmem_device)
		return 0;
	conn = &kpmem_device->conn;
	ktl_session_printf(cmd->session, "/dev/%s: %llu MiB, %s, %s%s\n",
			   kpmem_device->disk->disk_name, conn->size >> 20,
			   kpmem_device->commits ? "flushes commit" :
						   "nothing is durable",
			   rpm_conn_is_up(conn) ? "connected" :
						  "not connected",
			   kpmem_disk_in_use(kpmem_device) ? ", in use" : "");
	return 0;
}

static int kpmem_main_do(struct kpmem_main *cmd)
{
	switch (cmd->verb) {
	case KPMEM_UP:
		return kpmem_main_up(cmd);
	case KPMEM_LEND:
		return kpmem_main_lend(cmd);
	case KPMEM_ATTACH:
		return kpmem_main_attach(cmd);
	case KPMEM_DOWN:
		return kpmem_main_down(cmd);
	default:
		return kpmem_main_status(cmd);
	}
}

static int kpmem_main_run(struct ktl_session *session, char *line)
{
	struct kpmem_main cmd = {
		.session = session,
		.depth = KPMEM_DEFAULT_DEPTH,
		.net.timeout = RPM_DEFAULT_TIMEOUT,
		.mem.size = KPMEM_DEFAULT_SIZE,
	};
	int rc;

	rc = ktl_opt_parse(session, line, kpmem_main_opts,
			   ARRAY_SIZE(kpmem_main_opts), &cmd);
	if (rc)
		return rc;
	if (cmd.verb != KPMEM_UP && !cmd.net.port)
		cmd.net.port = RPM_DEFAULT_PORT;

	mutex_lock(&kpmem_lock);
	rc = kpmem_main_do(&cmd);
	mutex_unlock(&kpmem_lock);
	return rc;
}

static struct ktl_device kpmem_main_device = {
	.name = "kfi_kpmem",
	.owner = THIS_MODULE,
	.run = kpmem_main_run,
};

static int __init kpmem_main_init(void)
{
	return ktl_session_register(&kpmem_main_device);
}
module_init(kpmem_main_init);

static void __exit kpmem_main_exit(void)
{
	ktl_session_deregister(&kpmem_main_device);
	kpmem_main_close_device(true);
	kpmem_main_close_target();
}
module_exit(kpmem_main_exit);

MODULE_DESCRIPTION("A block device on remote persistent memory");
MODULE_LICENSE("Dual BSD/GPL");
