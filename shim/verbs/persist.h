/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * kfi_verbs private: how writes become durable or visible at the peer. What
 * the files of this part share; prototypes are grouped by the file that defines
 * them.
 *
 * kfv_commit.lock (spin) is taken inside kfv_queue.lock and outside of nothing.
 */
#ifndef _KFV_PERSIST_H
#define _KFV_PERSIST_H

#include <linux/atomic.h>
#include <linux/bits.h>

#include <kfi_verbs_ext.h>

#include "data.h"

enum {
	/* ranges that an endpoint keeps apart while they are not committed */
	KFV_DIRTY_MAX = 16,
	/* receives of a control queue pair: the peer's requests, its replies */
	KFV_CTL_INBOX = 2 * KFV_WIRE_REQUESTS,
	/* bytes for each of them, and for each request of ours */
	KFV_CTL_MSG = 1024,
};

static_assert(KFV_CTL_MSG >= KFV_WIRE_MSG_MAX);
static_assert(KFV_WIRE_RANGES >= 2 * KFV_DIRTY_MAX);

/**
 * struct kfv_range - bytes of a region of the peer
 * @key: of the region
 * @start: offset of the first byte
 * @end: offset behind the last byte
 */
struct kfv_range {
	u64 key;
	u64 start;
	u64 end;
};

/**
 * struct kfv_dirty - a set of ranges
 * @n: elements of @ranges
 * @ranges: in no order; no two of a region touch
 */
struct kfv_dirty {
	u32 n;
	struct kfv_range ranges[KFV_DIRTY_MAX];
};

/**
 * union kfv_extra_wr - a work request that moves no data of the client
 * @wr: what they have in common
 * @rdma: a read to wait for, a write that carries remote CQ data
 * @flush: FLUSH
 * @atomic_write: ATOMIC WRITE
 * @reg: registration of a sink
 */
union kfv_extra_wr {
	struct ib_send_wr wr;
	struct ib_rdma_wr rdma;
	struct ib_flush_wr flush;
	struct ib_atomic_write_wr atomic_write;
	struct ib_reg_wr reg;
};

enum {
	/* each range before and of the operation, a store, and remote CQ data */
	KFV_EXTRA_WRS = 2 * KFV_DIRTY_MAX + 2,
};

/**
 * struct kfv_commit_slot - a commit request to the peer
 * @index: of the last work request of its operation that is posted before the
 *	peer is asked, free running
 * @len: bytes of its message
 * @tells: behind that one is another, which is posted when the peer has answered
 */
struct kfv_commit_slot {
	u32 index;
	u32 len;
	bool tells;
};

/**
 * struct kfv_ctl_recv - a message of the peer
 * @recv: completion of the receive
 * @reply: completion of the reply to it
 * @ep: endpoint
 * @link: in kfv_ctl.backlog, under kfv_commit.lock
 */
struct kfv_ctl_recv {
	struct ib_cqe recv;
	struct ib_cqe reply;
	struct kfv_ep *ep;
	struct list_head link;
};

/**
 * struct kfv_ctl - control queue pair of an endpoint
 * @cq: of @qp alone
 * @qp: from enable until stop
 * @psn: of our first packet; on iWARP our half of the cookie
 * @stream: iWARP: the connection of @qp
 * @number: what we tell the peer: of @qp, or of the port of @stream
 * @hello: completion of our first message, and of what follows it
 * @greeting: one of them is under way; under @kfv_commit.lock
 * @request: completion of each request of ours
 * @requests: memory for them, KFV_CTL_MSG bytes each
 * @inbox: likewise for messages of the peer
 * @replies: memory for replies, one for each message of the peer, and for our
 *	first message
 * @requests_dma: device address of @requests
 * @inbox_dma: of @inbox
 * @replies_dma: of @replies
 * @recvs: one for each message in @inbox
 * @backlog: requests of the peer that take a while
 * @work: serves @backlog
 */
struct kfv_ctl {
	struct ib_cq *cq;
	struct ib_qp *qp;
	u32 psn;
	u32 number;
	struct kfv_stream stream;
	struct ib_cqe hello;
	bool greeting;
	struct ib_cqe request;
	void *requests;
	void *inbox;
	struct kfv_wire_msg *replies;
	u64 requests_dma;
	u64 inbox_dma;
	u64 replies_dma;
	struct kfv_ctl_recv *recvs;
	struct list_head backlog;
	struct work_struct work;
};

/**
 * struct kfv_commit - an endpoint that was opened with KFI_RMA_PMEM
 * @ep: the endpoint
 * @method: of commits, agreed upon when connecting; read-only then
 * @serves: the peer serves commit requests, likewise
 * @why: for @method
 * @ctl: control queue pair
 * @dirty: what was written and not committed; under the lock of the send queue
 * @lock: guards what follows; taken in any context
 * @dead: nothing is sent to the peer any more
 * @posted: requests whose operation was posted, free running; read without the
 *	lock too, for the case that none is under way
 * @sent: of those, requests that were sent
 * @replied: of those, requests that were answered
 * @acked: of those that were sent, how many are out of the device
 * @slots: request n is in slot n modulo their number
 * @held: the last request of the send queue is not posted until the peer has
 *	answered. As long as it is not, the gate of the queue says -EAGAIN
 * @held_index: of that request, free running
 * @held_data: remote CQ data that it brings
 * @served: requests of the peer that were carried out
 * @refused: and that were not
 */
struct kfv_commit {
	struct kfv_ep *ep;
	enum kfi_verbs_method method;
	bool serves;
	const char *why;
	struct kfv_ctl ctl;
	struct kfv_dirty dirty;

	spinlock_t lock;
	bool dead;
	u32 posted;
	u32 sent;
	u32 replied;
	u32 acked;
	struct kfv_commit_slot slots[KFV_WIRE_REQUESTS];
	bool held;
	unsigned long held_index;
	u32 held_data;
	u64 served;
	u64 refused;
};

/**
 * struct kfv_plan - how an operation gets to its level
 * @chain: its work requests
 * @own: what it writes
 * @before: what was written before and is to be committed in front of the data
 * @after: what is to be committed behind the data
 * @behind: extra work requests behind the data
 * @commit: the client asks for a commit
 * @fence: the data waits for what is @before
 * @ask: the peer's CPU is asked
 * @store: and stores the data
 * @starved: there was no sink for a read
 */
struct kfv_plan {
	struct kfv_chain chain;
	struct kfv_dirty own;
	const struct kfv_dirty *before;
	const struct kfv_dirty *after;
	u32 behind;
	bool commit;
	bool fence;
	bool ask;
	bool store;
	bool starved;
};

/* wire.c: what is added to private data; commit requests */
int kfv_wire_declare(void *buf, const struct kfv_wire_decl *decl);
int kfv_wire_declared(const void *buf, size_t len, struct kfv_wire_decl *decl);
void kfv_wire_add_range(struct kfv_wire_msg *msg,
			const struct kfv_range *range);
bool kfv_wire_get_range(const struct kfv_wire_msg *msg, u32 i,
			struct kfv_range *range);
void *kfv_wire_store(struct kfv_wire_msg *msg);
size_t kfv_wire_msg_len(const struct kfv_wire_msg *msg);
int kfv_wire_check_msg(const struct kfv_wire_msg *msg, size_t len);

/* dirty.c: sets of ranges */
bool kfv_dirty_add(struct kfv_dirty *set, const struct kfv_range *range);
bool kfv_dirty_join_pmem(struct kfv_dirty *set, const struct kfv_dirty *other);

/* persist.c: which method; what each side says and makes of it */
void kfv_persist_declare(const struct kfv_ep *ep, struct kfv_wire_decl *decl);
int kfv_persist_agree(struct kfv_ep *ep, const struct kfv_wire_decl *peer);
enum kfi_verbs_method kfv_persist_commit(const struct kfv_ep *ep, u64 keys);
enum kfi_verbs_method kfv_persist_delivery(const struct kfv_ep *ep, u64 keys,
					   bool fence);
const char *kfv_persist_name(enum kfi_verbs_method method);
int kfv_persist_open_ops(struct kfid *fid, const char *name, u64 flags,
			 void **ops, void *context);
bool kfv_persist_offered(const struct ib_device *ibdev);

/* pmem.c: persistent memory of this side */
int kfv_pmem_check(const struct scatterlist *sgl, unsigned int nents,
		   bool *flushable);
void kfv_pmem_publish_init(struct kfv_domain *domain);
int kfv_pmem_publish(struct kfv_mr *mr);
void kfv_pmem_withdraw(struct kfv_mr *mr);
struct kfv_mr *kfv_pmem_get(struct kfv_domain *domain,
			    const struct kfv_range *range);
void kfv_pmem_put(struct kfv_mr *mr);
void kfv_pmem_write_back(const struct kfv_mr *mr, u64 start, u64 end,
			 bool may_sleep);
void kfv_pmem_store(const struct kfv_mr *mr, u64 start, const void *from,
		    size_t len);

/* ctl.c: the control queue pair */
struct kfv_commit *kfv_ctl_alloc(struct kfv_ep *ep);
void kfv_ctl_free(struct kfv_commit *commit);
int kfv_ctl_create(struct kfv_ep *ep);
int kfv_ctl_connect(struct kfv_ep *ep, const struct kfv_wire_decl *peer);
int kfv_ctl_hello(struct kfv_ep *ep);
void kfv_ctl_nudge(struct kfv_ep *ep);
void kfv_ctl_close(struct kfv_ep *ep);
void kfv_ctl_error(struct kfv_ep *ep);
void kfv_ctl_drain(struct kfv_ep *ep);
void kfv_ctl_destroy(struct kfv_ep *ep);
int kfv_ctl_request(struct kfv_commit *commit, u32 slot);
void kfv_ctl_reply(struct kfv_commit *commit, struct kfv_ctl_recv *recv,
		   enum kfv_wire_status status);

/* serve.c: commit requests of the peer */
void kfv_serve_request(struct kfv_commit *commit, struct kfv_ctl_recv *recv);
void kfv_serve_work(struct work_struct *work);

/* plan.c: how a write gets to its level */
int kfv_plan_make(struct kfv_plan *plan, struct kfv_commit *commit);
void kfv_plan_account(const struct kfv_plan *plan, struct kfv_commit *commit);

/* commit.c: writes that are committed */
ssize_t kfv_commit_write(struct kfv_ep *ep, struct kfv_op *op,
			 struct kfi_rma_iov *range, size_t count);
void kfv_commit_reset(struct kfv_commit *commit);
void kfv_commit_kill(struct kfv_commit *commit);
bool kfv_commit_waits(struct kfv_commit *commit, u32 index);
bool kfv_commit_drop_held(struct kfv_commit *commit);
void kfv_commit_acked(struct kfv_commit *commit);
void kfv_commit_replied(struct kfv_commit *commit, u32 id,
			enum kfv_wire_status status);
void kfv_commit_send_done(struct ib_cq *ibcq, struct ib_wc *wc);

/* durable.c: the short way of most commits */
struct kfv_fast;
ssize_t kfv_durable_write(struct kfv_ep *ep, const struct kfv_fast *op);

/* track.c: RMA operations of endpoints with KFI_RMA_PMEM */
extern struct kfi_ops_rma kfv_track_rma_ops;
void kfv_track_init_ops(void);

static inline struct kfv_wire_msg *
kfv_ctl_request_msg(const struct kfv_commit *commit, u32 n)
{
	return commit->ctl.requests +
	       (size_t)(n % KFV_WIRE_REQUESTS) * KFV_CTL_MSG;
}

static inline struct kfv_wire_msg *
kfv_ctl_inbox_msg(const struct kfv_commit *commit,
		  const struct kfv_ctl_recv *recv)
{
	return commit->ctl.inbox +
	       (size_t)(recv - commit->ctl.recvs) * KFV_CTL_MSG;
}

#endif /* _KFV_PERSIST_H */
