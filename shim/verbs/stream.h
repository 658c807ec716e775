/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * kfi_verbs private: connections of the provider's own, on iWARP.
 */
#ifndef _KFV_STREAM_H
#define _KFV_STREAM_H

#include <rdma/rdma_cm.h>

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

int kfv_stream_listen(struct kfv_stream *stream, const union kfv_addr *local);
int kfv_stream_connect(struct kfv_stream *stream, const union kfv_addr *local,
		       const union kfv_addr *peer);
void kfv_stream_close(struct kfv_stream *stream);

#endif /* _KFV_STREAM_H */
