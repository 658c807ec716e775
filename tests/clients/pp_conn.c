// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Connections
 *
 * Purpose: brings the two sides together.
 *
 * Operation: the client tells what it wants to do in the private data of its
 * request. A server that cannot do it rejects, with the reason as private data.
 * Both sides post their first receives before the connection is up, so that
 * nothing arrives too early.
 *
 * Errors: everything that the client sends is checked before it is used.
 */
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "pp.h"

#define PP_CONN_MAGIC	0x6b667070	/* "kfpp" */
#define PP_CONN_VERSION	1

/**
 * struct pp_hello - private data of the client's request
 * @magic: PP_CONN_MAGIC
 * @version: PP_CONN_VERSION
 * @kind: one of enum pp_kind
 * @verify: 0 or 1
 * @reserved: 0
 * @count: see struct pp_test
 * @seed: likewise
 * @from: likewise
 * @to: likewise
 */
struct pp_hello {
	__be32 magic;
	u8 version;
	u8 kind;
	u8 verify;
	u8 reserved;
	__be32 count;
	__be32 seed;
	__be64 from;
	__be64 to;
};

/* An event with the private data that may come along. */
struct pp_event {
	struct kfi_eq_cm_entry cm;
	struct pp_hello hello;
};

static void pp_conn_pack(struct pp_hello *hello, const struct pp_test *test)
{
	*hello = (struct pp_hello) {
		.magic = cpu_to_be32(PP_CONN_MAGIC),
		.version = PP_CONN_VERSION,
		.kind = test->kind,
		.verify = test->verify,
		.count = cpu_to_be32(test->count),
		.seed = cpu_to_be32(test->seed),
		.from = cpu_to_be64(test->from),
		.to = cpu_to_be64(test->to),
	};
}

/* Returns NULL, or why the request cannot be granted. */
static const char *pp_conn_unpack(struct pp_test *test,
				  const struct pp_hello *hello, size_t len)
{
	if (len < sizeof(*hello) || hello->magic != cpu_to_be32(PP_CONN_MAGIC))
		return "this is kfi_pingpong";
	if (hello->version != PP_CONN_VERSION)
		return "another version of kfi_pingpong";

	*test = (struct pp_test) {
		.kind = hello->kind,
		.verify = hello->verify,
		.count = be32_to_cpu(hello->count),
		.seed = be32_to_cpu(hello->seed),
		.from = be64_to_cpu(hello->from),
		.to = be64_to_cpu(hello->to),
	};
	if (test->kind >= PP_KINDS || !test->count ||
	    test->count > PP_MAX_COUNT)
		return "unknown kind or count out of range";
	if (test->from > test->to || test->to > PP_MAX_SIZE)
		return "size out of range";
	return NULL;
}

/**
 * pp_conn_listen - be ready for a client
 * @side: the server
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int pp_conn_listen(struct pp_side *side)
{
	int rc;

	rc = pp_side_open_fabric(side, side->opts->addr, side->opts->port,
				 KFI_SOURCE);
	if (rc)
		return rc;

	rc = kfi_passive_ep(side->fabric, side->info, &side->pep, side);
	if (rc)
		return pp_side_failed(side, "kfi_passive_ep", rc);

	rc = kfi_pep_bind(side->pep, &side->eq->fid, 0);
	if (rc)
		return pp_side_failed(side, "kfi_pep_bind", rc);

	rc = kfi_listen(side->pep);
	if (rc)
		return pp_side_failed(side, "kfi_listen", rc);
	return 0;
}

static int pp_conn_reject(struct pp_side *side, struct kfi_info *info,
			  const char *why)
{
	int rc;

	ktl_session_printf(side->session, "%s: rejected a client: %s\n",
			   side->name, why);
	rc = kfi_reject(side->pep, info->handle, why, strlen(why));
	return rc ? pp_side_failed(side, "kfi_reject", rc) : -EPROTO;
}

/* Opens an endpoint for the request and accepts it. */
static int pp_conn_accept(struct pp_side *side, struct kfi_info *info)
{
	int rc;

	rc = pp_side_open_ep(side, info);
	if (rc)
		return rc;
	rc = pp_mem_open(side);
	if (rc)
		return rc;
	rc = pp_data_post_first(side);
	if (rc)
		return rc;
	rc = kfi_accept(side->ep, NULL, 0);
	return rc ? pp_side_failed(side, "kfi_accept", rc) : 0;
}

/**
 * pp_conn_serve - wait for a client and accept it
 * @side: the listening server
 *
 * Context: a thread of the command; may sleep.
 * Return: 0 or a negative errno.
 */
int pp_conn_serve(struct pp_side *side)
{
	struct pp_event event;
	const char *why;
	ssize_t n;
	int rc;

	n = pp_side_event(side, KFI_CONNREQ, &event.cm, sizeof(event));
	if (n < 0)
		return n;

	why = pp_conn_unpack(&side->test, &event.hello, n - sizeof(event.cm));
	if (why)
		rc = pp_conn_reject(side, event.cm.info, why);
	else
		rc = pp_conn_accept(side, event.cm.info);
	kfi_freeinfo(event.cm.info);
	if (rc)
		return rc;

	n = pp_side_event(side, KFI_CONNECTED, &event.cm, sizeof(event));
	return n < 0 ? n : 0;
}

/**
 * pp_conn_connect - connect to a server
 * @side: the client; its fabric is open
 *
 * Context: a thread of the command; may sleep.
 * Return: 0 or a negative errno.
 */
int pp_conn_connect(struct pp_side *side)
{
	struct pp_event event;
	struct pp_hello hello;
	ssize_t n;
	int rc;

	rc = pp_side_open_ep(side, side->info);
	if (rc)
		return rc;
	rc = pp_mem_open(side);
	if (rc)
		return rc;
	rc = pp_data_post_first(side);
	if (rc)
		return rc;

	pp_conn_pack(&hello, &side->test);
	rc = kfi_connect(side->ep, side->info->dest_addr, &hello,
			 sizeof(hello));
	if (rc)
		return pp_side_failed(side, "kfi_connect", rc);

	n = pp_side_event(side, KFI_CONNECTED, &event.cm, sizeof(event));
	return n < 0 ? n : 0;
}

/**
 * pp_conn_hang_up - end the connection
 * @side: the server, when the client has said that it needs nothing more
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int pp_conn_hang_up(struct pp_side *side)
{
	int rc = kfi_shutdown(side->ep, 0);

	return rc ? pp_side_failed(side, "kfi_shutdown", rc) : 0;
}

/**
 * pp_conn_wait_end - wait for the end of the connection
 * @side: the client, when it has said that it needs nothing more
 *
 * Context: a thread of the command; may sleep.
 * Return: 0 or a negative errno.
 */
int pp_conn_wait_end(struct pp_side *side)
{
	struct pp_event event;
	ssize_t n;

	n = pp_side_event(side, KFI_SHUTDOWN, &event.cm, sizeof(event));
	return n < 0 ? n : 0;
}
