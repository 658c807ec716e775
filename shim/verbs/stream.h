/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * kfi_verbs private: connections of the provider's own, on iWARP.
 */
#ifndef _KFV_STREAM_H
#define _KFV_STREAM_H

#include <linux/completion.h>
#include <rdma/rdma_cm.h>

struct kfv_domain;
union kfv_addr;

/**
 * struct kfv_stream - one end of a connection of the provider's own
 * @qp: the owner's queue pair
 * @cookie: what the other end has to know; 0: nobody may connect yet
 * @changed: called with 0 when it is connected, with a negative errno when it
 *	cannot be, or is not any more
 * @listener: at the end that is connected to
 * @id: the connection
 */
struct kfv_stream {
	struct ib_qp *qp;
	u64 cookie;
	void (*changed)(struct kfv_stream *stream, int err);
	struct rdma_cm_id *listener;
	struct rdma_cm_id *id;
};

/**
 * struct kfv_loop_end - one of two queue pairs that are connected
 * @stream: the connection
 * @settled: there is one, or there will be none
 * @err: 0 or why
 */
struct kfv_loop_end {
	struct kfv_stream stream;
	struct completion settled;
	int err;
};

/**
 * struct kfv_loop - two queue pairs of a domain that are connected
 * @near: the one to post to
 * @far: the other
 */
struct kfv_loop {
	struct kfv_loop_end near;
	struct kfv_loop_end far;
};

/* stream.c */
int kfv_stream_listen(struct kfv_stream *stream, const union kfv_addr *local);
int kfv_stream_connect(struct kfv_stream *stream, const union kfv_addr *local,
		       const union kfv_addr *peer);
void kfv_stream_close(struct kfv_stream *stream);

/* loop.c: two queue pairs of a domain, one connected to the other */
struct ib_qp *kfv_loop_open(struct kfv_domain *domain, struct kfv_loop *loop,
			    struct ib_qp_init_attr *init);
void kfv_loop_close(struct kfv_loop *loop);

#endif /* _KFV_STREAM_H */
