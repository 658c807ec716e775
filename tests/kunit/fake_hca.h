/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * An RDMA device without hardware. It is registered like any other, so that
 * the provider meets it, and has one InfiniBand port, which can be made an
 * iWARP port. It keeps the work requests that are posted to it until a test
 * says how they end. Registrations and invalidations are carried out at once. A
 * queue pair in the error state
 * flushes what it has and what is posted to it, as hardware does.
 *
 * Completions reach the provider the usual way: polled in softirq context. They
 * have been handled when a function that makes them returns.
 */
#ifndef _FAKE_HCA_H_
#define _FAKE_HCA_H_

#include <kunit/test.h>
#include <linux/workqueue.h>
#include <rdma/ib_verbs.h>

enum {
	FAKE_MAX_SGE = 32,
	FAKE_MAX_INLINE = 128,
	FAKE_MAX_WR = 16384,
	FAKE_MAX_CQE = 32767,
	FAKE_MAX_PAGES = 512,
	FAKE_VECTORS = 4,
	FAKE_LOCAL_LKEY = 0x10ca1,
};

/**
 * struct fake_wr - a work request as it was posted
 * @cqe: whom to tell
 * @opcode: send queue only
 * @send_flags: send queue only
 * @imm: immediate data, in the order of the host
 * @remote_addr: RDMA, FLUSH and ATOMIC WRITE
 * @rkey: likewise
 * @inv_rkey: READ_WITH_INV only: to be invalidated when it succeeds
 * @num_sge: elements in @sge
 * @len: bytes of all elements; of a FLUSH, of the range
 * @type: FLUSH only
 * @level: FLUSH only
 * @value: ATOMIC WRITE only
 * @sge: local memory, also of an inline request
 * @data: what an inline request carries
 * @chained: the same call posted another one behind it
 * @done: its completion was made, although it is not the oldest
 */
struct fake_wr {
	struct ib_cqe *cqe;
	enum ib_wr_opcode opcode;
	int send_flags;
	u32 imm;
	u64 remote_addr;
	u32 rkey;
	u32 inv_rkey;
	u32 num_sge;
	u64 len;
	int type;
	int level;
	u64 value;
	struct ib_sge sge[FAKE_MAX_SGE];
	u8 data[FAKE_MAX_INLINE];
	bool chained;
	bool done;
};

/**
 * struct fake_ring - one work queue, or what is in it
 * @wrs: ring of @mask + 1 requests
 * @mask: a power of two less one
 * @max: how many the device takes
 * @max_sge: elements of one
 * @head: posted, free running
 * @tail: completed, free running
 */
struct fake_ring {
	struct fake_wr *wrs;
	u32 mask;
	u32 max;
	u32 max_sge;
	u32 head;
	u32 tail;
};

/**
 * struct fake_qp - a queue pair
 * @ibqp: public part
 * @cap: as it was asked for
 * @sig_type: likewise
 * @event_handler: likewise
 * @state: in which it is
 * @access: what peers may do
 * @attr: of the last change of state
 * @max_inline: bytes
 * @sq: send queue
 * @rq: receive queue
 * @accept: so many more work requests are accepted, then @refuse are not
 * @refuse: so many are refused, with @refuse_rc; each ends its call
 * @refuse_rc: negative errno
 * @calls: calls of ib_post_send() and ib_post_recv()
 * @instant: sends succeed, and that is handled, before ib_post_send() returns:
 *	what another processor may do
 * @flush: completes everything, in the error state
 */
struct fake_qp {
	struct ib_qp ibqp;
	struct ib_qp_cap cap;
	enum ib_sig_type sig_type;
	void (*event_handler)(struct ib_event *event, void *context);
	enum ib_qp_state state;
	int access;
	struct ib_qp_attr attr;
	u32 max_inline;
	struct fake_ring sq;
	struct fake_ring rq;
	u32 accept;
	u32 refuse;
	int refuse_rc;
	u32 calls;
	bool instant;
	struct work_struct flush;
};

/**
 * struct fake_cq - a completion queue
 * @ibcq: public part
 * @comp_vector: as it was asked for
 * @wcs: ring of @ibcq.cqe entries
 * @head: completed, free running
 * @tail: polled, free running
 * @armed: the next completion is to be announced
 */
struct fake_cq {
	struct ib_cq ibcq;
	u32 comp_vector;
	struct ib_wc *wcs;
	u32 head;
	u32 tail;
	bool armed;
};

/**
 * struct fake_mr - a memory region
 * @ibmr: public part
 * @link: in @fake_hca.mr_list
 * @valid: registered, and not invalidated since
 * @key: that it was registered with
 * @access: likewise
 * @npages: that were mapped last
 * @max_pages: that it was made for
 */
struct fake_mr {
	struct ib_mr ibmr;
	struct list_head link;
	bool valid;
	u32 key;
	int access;
	u32 npages;
	u32 max_pages;
};

/**
 * struct fake_hca - the device
 * @ibdev: public part
 * @test: to which failures are reported
 * @lock: guards queues, completions and counters
 * @max_sge: of send and receive queues; may be set before a queue pair is made
 * @max_inline: more makes creation of a queue pair fail
 * @max_total_sge: likewise, of all requests of a send queue together; 0: no limit
 * @create_qp_hook: called when a queue pair is about to be made, or NULL
 * @create_qp_arg: for @create_qp_hook
 * @give_inline: most that a queue pair really gets
 * @create_qp_rc: negative errno that creation of a queue pair returns, or 0
 * @create_cq_rc: likewise
 * @alloc_mr_rc: likewise
 * @modify_qp_rc: likewise
 * @no_cm: changes of state need none of the attributes that only a connection
 *	manager has
 * @query_port_rc: likewise
 * @reg_status: how registrations end
 * @late_regs: not before a test completes them
 * @arming: called before a completion queue is armed, or NULL
 * @arming_data: its argument
 * @inv_status: how invalidations end
 * @fail_after: so many registrations and invalidations succeed before the
 *	first that does not
 * @pds: protection domains that exist
 * @cqs: completion queues that exist
 * @qps: queue pairs that exist
 * @mrs: memory regions that exist
 * @mr_list: those, guarded by @lock
 * @last_qpn: number of the queue pair that was made last
 * @last_key: key of the region that was made last
 * @plugged: it is registered
 * @markers: sends that were posted to a queue pair in the error state
 * @flushes: FLUSH and ATOMIC WRITE requests that were posted
 * @blind_flushes: of those, how many while nobody may post them: always a bug
 * @orphans: receives that an iWARP queue pair had when it was destroyed, which
 *	soft-iWARP completes then: always a bug
 * @cq_overruns: completions lost for want of room: always a bug
 * @wq_overruns: work requests refused for want of room: always a bug
 */
struct fake_hca {
	struct ib_device ibdev;
	struct kunit *test;
	spinlock_t lock; /* guards queues, completions and counters */
	u32 max_sge;
	u32 max_inline;
	u32 max_total_sge;
	void (*create_qp_hook)(void *arg);
	void *create_qp_arg;
	u32 give_inline;
	int create_qp_rc;
	int create_cq_rc;
	int alloc_mr_rc;
	int modify_qp_rc;
	bool no_cm;
	int query_port_rc;
	enum ib_wc_status reg_status;
	bool late_regs;
	void (*arming)(void *data);
	void *arming_data;
	enum ib_wc_status inv_status;
	u32 fail_after;
	int pds;
	int cqs;
	int qps;
	int mrs;
	struct list_head mr_list;
	u32 last_qpn;
	u32 last_key;
	bool plugged;
	u32 markers;
	u32 flushes;
	u32 blind_flushes;
	u32 orphans;
	u32 cq_overruns;
	u32 wq_overruns;
};

static inline struct fake_hca *to_fake_hca(struct ib_device *ibdev)
{
	return container_of(ibdev, struct fake_hca, ibdev);
}

static inline struct fake_qp *to_fake_qp(struct ib_qp *ibqp)
{
	return container_of(ibqp, struct fake_qp, ibqp);
}

static inline struct fake_cq *to_fake_cq(struct ib_cq *ibcq)
{
	return container_of(ibcq, struct fake_cq, ibcq);
}

static inline struct fake_mr *to_fake_mr(struct ib_mr *ibmr)
{
	return container_of(ibmr, struct fake_mr, ibmr);
}

/* fake_cq.c: completion queues of the device */
void fake_cq_setup(struct fake_hca *hca);
bool fake_cq_add(struct fake_hca *hca, struct fake_cq *cq,
		 const struct ib_wc *wc);
void fake_cq_announce(struct fake_cq *cq);
void fake_cq_settle(struct fake_cq *cq);

/* fake_mr.c: memory regions of the device */
void fake_mr_setup(struct fake_hca *hca);
enum ib_wc_status fake_mr_execute(struct fake_hca *hca,
				  const struct ib_send_wr *wr);
/* The region whose valid key is @key, or NULL */
struct fake_mr *fake_mr_find(struct fake_hca *hca, u32 key);
void fake_mr_end(struct fake_hca *hca, u32 key);

/*
 * Makes and registers a device that goes when the test ends. Memory is mapped
 * for @dma; with NULL, the device sees memory as the CPU does.
 */
struct fake_hca *fake_hca_new_on(struct kunit *test, struct device *dma);
struct fake_hca *fake_hca_new(struct kunit *test);
/* From now on the device executes FLUSH and ATOMIC WRITE, and they can be posted */
void fake_hca_can_flush(struct fake_hca *hca, bool executes, bool posts);
/* From now on its port is an iWARP port */
void fake_hca_is_iwarp(struct fake_hca *hca);
/* Removes the device from the system, as a hot-unplug does */
void fake_hca_unplug(struct fake_hca *hca);

/* Puts the queue pair into @state without asking anybody */
void fake_qp_set_state(struct fake_qp *qp, enum ib_qp_state state);
/* Tells the owner about an asynchronous event */
void fake_qp_event(struct fake_qp *qp, enum ib_event_type event);
/* Takes @accept more work requests, then refuses @refuse times with @rc */
void fake_qp_refuse(struct fake_qp *qp, u32 accept, u32 refuse, int rc);

/* Waits until all completions have been handled */
void fake_qp_settle(struct fake_qp *qp);

/* How many are posted and not completed */
u32 fake_qp_sends(struct fake_qp *qp);
u32 fake_qp_recvs(struct fake_qp *qp);
/* The @i-th of those, 0 is the oldest */
struct fake_wr *fake_qp_send(struct fake_qp *qp, u32 i);
struct fake_wr *fake_qp_recv(struct fake_qp *qp, u32 i);

/* The oldest @n sends succeed; those that are signalled make a completion */
void fake_qp_complete(struct fake_qp *qp, u32 n);
/* Likewise, for who may not sleep, or whose queue pair may be gone when that is told */
void fake_qp_finish(struct fake_qp *qp, u32 n);
/* The @i-th send is signalled and succeeds before the older ones: iWARP */
void fake_qp_complete_early(struct fake_qp *qp, u32 i);
/* The oldest send fails, the queue pair goes to the error state */
void fake_qp_fail(struct fake_qp *qp, enum ib_wc_status status);
/* A message of @len bytes goes to the oldest receive */
void fake_qp_message(struct fake_qp *qp, u32 len);
/* Likewise, and these are its bytes; memory is not mapped for the device */
void fake_qp_deliver(struct fake_qp *qp, const void *msg, u32 len);
/* Likewise, with immediate data */
void fake_qp_message_imm(struct fake_qp *qp, u32 len, u32 imm);
/* A write of @len bytes with immediate data uses up the oldest receive */
void fake_qp_write_imm(struct fake_qp *qp, u32 len, u32 imm);
/* The oldest receive fails, the queue pair goes to the error state */
void fake_qp_fail_recv(struct fake_qp *qp, enum ib_wc_status status);

#endif /* _FAKE_HCA_H_ */
