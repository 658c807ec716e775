// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: kfi_pingpong
 *
 * Purpose: shows that two kernel endpoints exchange data, how fast, and that
 * every byte is right. /dev/kfi_pingpong takes the options and answers with
 * the table; the kfi-pingpong command is the comfortable way to use it.
 *
 * Operation: the thread of the command is the client, and the server is a
 * second thread; or it is one of them, and the other is on another machine.
 *
 * Errors: the answer ends with the first error, or with EBADMSG if there were
 * wrong bytes.
 */
#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/sched/task.h>
#include <linux/socket.h>

#include "pp.h"

#define PP_DEFAULT_PORT		"7471"
#define PP_DEFAULT_COUNT	1000
#define PP_DEFAULT_TIMEOUT	30

static const char *const pp_kinds[] = { "send", "write", "read", NULL };
static const char *const pp_roles[] = { "both", "server", "client", NULL };

static const struct ktl_opt pp_main_opts[] = {
	{ "addr", KTL_OPT_TEXT, offsetof(struct pp_opts, addr) },
	{ "port", KTL_OPT_TEXT, offsetof(struct pp_opts, port) },
	{ "role", KTL_OPT_CHOICE, offsetof(struct pp_opts, role),
	  .choices = pp_roles },
	{ "mem", KTL_OPT_CHOICE, offsetof(struct pp_opts, mem),
	  .choices = ktl_buf_kinds },
	{ "offset", KTL_OPT_U32, offsetof(struct pp_opts, offset),
	  0, PAGE_SIZE - 1 },
	{ "timeout", KTL_OPT_U32, offsetof(struct pp_opts, timeout), 1, 3600 },
	{ "progress", KTL_OPT_FLAG, offsetof(struct pp_opts, progress) },
	{ "type", KTL_OPT_CHOICE, offsetof(struct pp_opts, test.kind),
	  .choices = pp_kinds },
	{ "verify", KTL_OPT_FLAG, offsetof(struct pp_opts, test.verify) },
	{ "count", KTL_OPT_U32, offsetof(struct pp_opts, test.count),
	  1, PP_MAX_COUNT },
	{ "seed", KTL_OPT_U32, offsetof(struct pp_opts, test.seed),
	  0, U32_MAX },
	{ "from", KTL_OPT_SIZE, offsetof(struct pp_opts, test.from),
	  0, PP_MAX_SIZE },
	{ "to", KTL_OPT_SIZE, offsetof(struct pp_opts, test.to),
	  0, PP_MAX_SIZE },
};

/* A server for one client. Reports its own wrong bytes if nobody else does. */
static int pp_main_serve(struct pp_side *side)
{
	int rc;

	rc = pp_conn_serve(side);
	if (!rc)
		rc = pp_data_begin(side);
	if (!rc)
		rc = pp_data_server(side);
	if (!rc)
		rc = pp_data_wait_done(side);
	if (!rc)
		rc = pp_conn_hang_up(side);
	return rc ?: (side->wrong ? -EBADMSG : 0);
}

/* Both sides in this kernel. */
struct pp_pair {
	struct pp_side *client;
	struct pp_side *server;
	struct completion served;
};

static int pp_main_server_thread(void *arg)
{
	struct pp_pair *pair = arg;
	int rc;

	rc = pp_main_serve(pair->server);
	complete(&pair->served);
	return rc;
}

static void pp_main_progress(struct pp_side *side, u64 size, u32 done,
			     unsigned long *next)
{
	if (!side->opts->progress || time_before(jiffies, *next))
		return;
	*next = jiffies + HZ;
	ktl_session_printf(side->session, "# %llu bytes: %u of %u\n", size,
			   done, side->test.count);
}

/* All round trips of one size. @peer is the server if it is in this kernel. */
static int pp_main_size(struct pp_side *side, const struct pp_side *peer,
			u64 size)
{
	u64 wrong = side->wrong + (peer ? READ_ONCE(peer->wrong) : 0);
	unsigned long next = jiffies + HZ;
	ktime_t start = ktime_get();
	u64 nsecs;
	int rc;
	u32 i;

	for (i = 0; i < side->test.count; i++) {
		rc = pp_data_client_round(side, size);
		if (rc)
			return rc;
		pp_main_progress(side, size, i + 1, &next);
	}
	nsecs = ktime_to_ns(ktime_sub(ktime_get(), start));

	wrong = side->wrong + (peer ? READ_ONCE(peer->wrong) : 0) - wrong;
	pp_report_row(side->session, &side->test, size, nsecs, wrong);
	return 0;
}

/* The client's part, once its fabric is open. */
static int pp_main_client(struct pp_side *side, const struct pp_side *peer)
{
	const struct pp_test *test = &side->test;
	u64 size;
	int rc;

	rc = pp_conn_connect(side);
	if (!rc)
		rc = pp_data_begin(side);
	if (rc)
		return rc;

	pp_report_head(side->session, side->opts);
	for (size = test->from; !rc && size <= test->to;
	     size = pp_data_next_size(test, size))
		rc = pp_main_size(side, peer, size);
	if (!rc)
		rc = pp_data_say_done(side);
	if (!rc)
		rc = pp_conn_wait_end(side);
	return rc ?: (side->wrong ? -EBADMSG : 0);
}

static int pp_main_client_alone(struct ktl_session *session,
				const struct pp_opts *opts)
{
	struct pp_side *side = pp_side_alloc(session, opts, "client");
	int rc;

	if (!side)
		return -ENOMEM;
	rc = pp_side_open_fabric(side, opts->addr, opts->port, 0);
	if (!rc)
		rc = pp_main_client(side, NULL);
	pp_side_free(side);
	return rc;
}

static int pp_main_server_alone(struct ktl_session *session,
				const struct pp_opts *opts)
{
	struct pp_side *side = pp_side_alloc(session, opts, "server");
	int rc;

	if (!side)
		return -ENOMEM;
	rc = pp_conn_listen(side);
	if (!rc)
		rc = pp_main_serve(side);
	if (!rc)
		ktl_session_printf(session, "server: %u buffers, %llu wrong\n",
				   side->turn, side->wrong);
	pp_side_free(side);
	return rc;
}

/* The client asks for the address that the server has got. */
static int pp_main_open_client(struct pp_side *client, struct pp_side *server)
{
	struct sockaddr_storage name;
	size_t len = sizeof(name);
	char addr[64], *port;
	int rc;

	rc = kfi_getname(&server->pep->fid, &name, &len);
	if (rc)
		return pp_side_failed(server, "kfi_getname", rc);

	/* "192.0.2.1:7471" or "[2001:db8::1]:7471" */
	scnprintf(addr, sizeof(addr), "%pISpc", &name);
	port = strrchr(addr, ':');
	*port++ = '\0';
	if (*addr != '[')
		return pp_side_open_fabric(client, addr, port, 0);
	addr[strlen(addr) - 1] = '\0';
	return pp_side_open_fabric(client, addr + 1, port, 0);
}

static int pp_main_run_pair(struct pp_pair *pair, const struct pp_opts *opts)
{
	struct task_struct *thread;
	int rc, server_rc;

	rc = pp_conn_listen(pair->server);
	if (!rc)
		rc = pp_main_open_client(pair->client, pair->server);
	if (rc)
		return rc;

	thread = kthread_create(pp_main_server_thread, pair, "kfi_pp_server");
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	get_task_struct(thread);
	wake_up_process(thread);

	rc = pp_main_client(pair->client, pair->server);
	/* a client that has failed does not let the server end by itself */
	if (!rc)
		wait_for_completion_timeout(&pair->served, opts->timeout * HZ);
	server_rc = kthread_stop(thread);
	put_task_struct(thread);
	return rc ?: server_rc;
}

static int pp_main_both(struct ktl_session *session, const struct pp_opts *opts)
{
	struct pp_pair pair = {
		.client = pp_side_alloc(session, opts, "client"),
		.server = pp_side_alloc(session, opts, "server"),
	};
	int rc = -ENOMEM;

	init_completion(&pair.served);
	if (pair.client && pair.server)
		rc = pp_main_run_pair(&pair, opts);
	pp_side_free(pair.client);
	pp_side_free(pair.server);
	return rc;
}

static int pp_main_check(struct ktl_session *session,
			 const struct pp_opts *opts)
{
	if (opts->test.from > opts->test.to) {
		ktl_session_puts(session, "sizes go from small to large\n");
		return -EINVAL;
	}
	if (opts->role == PP_CLIENT && !opts->addr) {
		ktl_session_puts(session, "a client needs an address\n");
		return -EINVAL;
	}
	return 0;
}

static int pp_main_run(struct ktl_session *session, char *line)
{
	struct pp_opts opts = {
		.timeout = PP_DEFAULT_TIMEOUT,
		.test = {
			.count = PP_DEFAULT_COUNT,
			.from = 1,
			.to = SZ_1M,
		},
	};
	int rc;

	rc = ktl_opt_parse(session, line, pp_main_opts,
			   ARRAY_SIZE(pp_main_opts), &opts);
	if (!rc)
		rc = pp_main_check(session, &opts);
	if (rc)
		return rc;

	switch (opts.role) {
	case PP_SERVER:
		opts.port = opts.port ?: PP_DEFAULT_PORT;
		return pp_main_server_alone(session, &opts);
	case PP_CLIENT:
		opts.port = opts.port ?: PP_DEFAULT_PORT;
		return pp_main_client_alone(session, &opts);
	default:
		return pp_main_both(session, &opts);
	}
}

static struct ktl_device pp_main_device = {
	.name = "kfi_pingpong",
	.owner = THIS_MODULE,
	.run = pp_main_run,
};

static int __init pp_main_init(void)
{
	return ktl_session_register(&pp_main_device);
}
module_init(pp_main_init);

static void __exit pp_main_exit(void)
{
	ktl_session_deregister(&pp_main_device);
}
module_exit(pp_main_exit);

MODULE_DESCRIPTION("Two kernel endpoints exchange verified data");
MODULE_LICENSE("Dual BSD/GPL");
