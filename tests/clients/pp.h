/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * kfi_pingpong.ko: two kernel endpoints exchange verified data, like
 * fi_pingpong and krping.
 */
#ifndef _KFI_PP_H_
#define _KFI_PP_H_

#include <linux/sizes.h>
#include <linux/types.h>

#include <kfi_cm.h>
#include <kfi_domain.h>
#include <kfi_endpoint.h>
#include <kfi_eq.h>
#include <kfi_errno.h>
#include <kfi_rma.h>

#include "ktl.h"

enum pp_kind {
	PP_SEND,	/* messages */
	PP_WRITE,	/* RMA writes into the peer */
	PP_READ,	/* RMA reads from the peer */
	PP_KINDS
};

enum pp_role {
	PP_BOTH,	/* server and client in this kernel */
	PP_SERVER,
	PP_CLIENT,
};

enum {
	PP_MAX_REGIONS = 16,
	PP_MAX_SIZE = SZ_32M,
	PP_MAX_COUNT = 10000000,
};

/**
 * struct pp_test - what both sides do; the client tells the server
 * @kind: one of enum pp_kind
 * @verify: compare every byte
 * @count: round trips of each size
 * @seed: of the patterns
 * @from: first size, in bytes
 * @to: last size; between them, sizes double
 */
struct pp_test {
	u32 kind;
	bool verify;
	u32 count;
	u32 seed;
	u64 from;
	u64 to;
};

/**
 * struct pp_opts - options of the command
 * @addr: to listen at and to connect to
 * @port: likewise
 * @role: one of enum pp_role
 * @mem: kind of buffers of this side, one of enum ktl_buf_kind
 * @offset: of the data in its first page
 * @timeout: seconds that one step may take
 * @progress: report now and then
 * @test: what to do
 */
struct pp_opts {
	const char *addr;
	const char *port;
	u32 role;
	u32 mem;
	u32 offset;
	u32 timeout;
	bool progress;
	struct pp_test test;
};

/**
 * struct pp_op - an operation that is under way; its context
 * @done: it has completed
 * @err: 0 or a positive errno
 * @len: bytes received
 * @data: remote CQ data
 */
struct pp_op {
	bool done;
	int err;
	size_t len;
	u64 data;
};

/**
 * struct pp_regions - what a side tells about its memory
 * @count: regions
 * @reserved: 0
 * @region: in order; each has a key and as many bytes
 *
 * Travels as a message, in network byte order.
 */
struct pp_regions {
	__be32 count;
	__be32 reserved;
	struct {
		__be64 key;
		__be64 len;
	} region[PP_MAX_REGIONS];
};

/**
 * struct pp_mem - a buffer and the regions made of it, one for each piece
 * @buf: the buffer
 * @mr: regions
 * @desc: their descriptors
 * @count: how many
 */
struct pp_mem {
	struct ktl_buf *buf;
	struct kfid_mr *mr[PP_MAX_REGIONS];
	void *desc[PP_MAX_REGIONS];
	unsigned int count;
};

/**
 * struct pp_side - one end of the connection
 * @name: in messages
 * @session: where to print
 * @opts: of the command
 * @test: what to do
 * @info: what the endpoint is made from
 * @fabric: where the peer is
 * @eq: connection events
 * @pep: listens; server only
 * @domain: the device
 * @cq: completions of @ep
 * @ep: the endpoint
 * @tx: what is given to the peer
 * @rx: what is taken from the peer
 * @mine: message with my regions
 * @theirs: message with the peer's regions
 * @turn: number of the next exchange
 * @in: the posted receive
 * @out: a send or RMA operation
 * @note: the message that announces a write without CQ data
 * @wrong: buffers that had a wrong byte
 */
struct pp_side {
	const char *name;
	struct ktl_session *session;
	const struct pp_opts *opts;
	struct pp_test test;

	struct kfi_info *info;
	struct kfid_fabric *fabric;
	struct kfid_eq *eq;
	struct kfid_pep *pep;
	struct kfid_domain *domain;
	struct kfid_cq *cq;
	struct kfid_ep *ep;

	struct pp_mem tx;
	struct pp_mem rx;
	struct pp_regions mine;
	struct pp_regions theirs;

	u32 turn;
	struct pp_op in;
	struct pp_op out;
	struct pp_op note;
	u64 wrong;
};

/* pp_side.c: objects and waiting */
struct pp_side *pp_side_alloc(struct ktl_session *session,
			      const struct pp_opts *opts, const char *name);
void pp_side_free(struct pp_side *side);
int pp_side_failed(struct pp_side *side, const char *what, int rc);
int pp_side_open_fabric(struct pp_side *side, const char *addr,
			const char *port, u64 flags);
int pp_side_open_ep(struct pp_side *side, struct kfi_info *info);
int pp_side_wait(struct pp_side *side, struct pp_op *op);
ssize_t pp_side_event(struct pp_side *side, u32 wanted, void *entry,
		      size_t size);

/* pp_mem.c: buffers and regions */
int pp_mem_open(struct pp_side *side);
void pp_mem_close(struct pp_mem *mem);
int pp_mem_use(struct pp_side *side, struct pp_mem *mem, size_t len);
int pp_mem_remote(const struct pp_side *side, size_t len,
		  struct kfi_rma_iov *iov, size_t *count);

/* pp_conn.c: connections */
int pp_conn_listen(struct pp_side *side);
int pp_conn_serve(struct pp_side *side);
int pp_conn_connect(struct pp_side *side);
int pp_conn_hang_up(struct pp_side *side);
int pp_conn_wait_end(struct pp_side *side);

/* pp_data.c: data */
int pp_data_post_first(struct pp_side *side);
int pp_data_begin(struct pp_side *side);
u64 pp_data_next_size(const struct pp_test *test, u64 size);
int pp_data_client_round(struct pp_side *side, u64 size);
int pp_data_server(struct pp_side *side);
int pp_data_say_done(struct pp_side *side);
int pp_data_wait_done(struct pp_side *side);

/* pp_report.c: the table */
void pp_report_head(struct ktl_session *session, const struct pp_opts *opts);
void pp_report_row(struct ktl_session *session, const struct pp_test *test,
		   u64 size, u64 nsecs, u64 wrong);

#endif /* _KFI_PP_H_ */
