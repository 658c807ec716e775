/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * kfi_rpm.ko: remote persistent memory. A target lends memory, an initiator
 * gets to know where it is; what is written there is the business of the
 * clients on top: the log (wal.h) and the block device (kpmem.h).
 */
#ifndef _KFI_RPM_H_
#define _KFI_RPM_H_

#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <kfi_cm.h>
#include <kfi_domain.h>
#include <kfi_endpoint.h>
#include <kfi_eq.h>
#include <kfi_errno.h>
#include <kfi_rma.h>

#include "ktl.h"
#include "rpm_mem.h"

#define RPM_DEFAULT_PORT	"7472"
#define RPM_DEFAULT_TIMEOUT	30

enum {
	RPM_MAX_REGION = SZ_2M,
	RPM_MAX_REGIONS = 16384,
	RPM_MAX_PEERS = 4,
	RPM_MAX_RANGES = 2,	/* what is not longer than a region is in two */
	RPM_MAX_DATA = 40,	/* private data that any answer can carry */
};

/**
 * enum rpm_level - what has to be true when a write completes
 * @RPM_COMMIT: a commit survives a power cut at the target
 * @RPM_TRANSMIT: the target's device has it, and nothing beyond that is asked
 *	for: how one would do it without persistence completions, and wrong
 */
enum rpm_level {
	RPM_COMMIT,
	RPM_TRANSMIT,
};

extern const char *const rpm_levels[];

/**
 * struct rpm_opts - how to reach each other
 * @addr: to listen at or to connect to
 * @port: likewise
 * @timeout: seconds that connecting may take
 * @tx_size: operations that an initiator has outstanding
 * @level: of an initiator, one of enum rpm_level
 */
struct rpm_opts {
	const char *addr;
	const char *port;
	u32 timeout;
	u32 tx_size;
	u32 level;
};

struct rpm_side;

/**
 * struct rpm_event - an event with the private data that may come along
 * @cm: the event
 * @data: private data
 */
struct rpm_event {
	struct kfi_eq_cm_entry cm;
	u8 data[64];
};

/**
 * struct rpm_side - what a target and an initiator have in common
 * @name: in messages
 * @session: where opening prints, or NULL
 * @persists: asks for endpoints and regions with KFI_RMA_PMEM
 * @info: what endpoints are made from
 * @fabric: where the peer is
 * @eq: connection events
 * @domain: the device
 * @cq: completions of all endpoints
 * @work: takes the events of @eq
 * @on_event: called there, for each; @len is of the private data
 * @on_error: called there when connecting has failed
 */
struct rpm_side {
	const char *name;
	struct ktl_session *session;
	bool persists;

	struct kfi_info *info;
	struct kfid_fabric *fabric;
	struct kfid_eq *eq;
	struct kfid_domain *domain;
	struct kfid_cq *cq;

	struct work_struct work;
	void (*on_event)(struct rpm_side *side, u32 event,
			 const struct rpm_event *entry, size_t len);
	void (*on_error)(struct rpm_side *side,
			 const struct kfi_eq_err_entry *entry);
};

/**
 * struct rpm_target - lends memory
 * @side: objects
 * @mem: the memory
 * @pep: listens
 * @region: bytes of a region; the last one may be shorter
 * @count: regions
 * @mr: as many regions
 * @keys: their keys, for initiators to read
 * @keys_mr: region of @keys
 * @lock: guards what follows
 * @closing: no new endpoints
 * @ep: one for each initiator, or NULL
 * @served: initiators that have come and gone
 * @wait: woken when @served changes
 */
struct rpm_target {
	struct rpm_side side;
	struct rpm_mem mem;
	struct kfid_pep *pep;

	u32 region;
	u32 count;
	struct kfid_mr **mr;
	__be64 *keys;
	struct kfid_mr *keys_mr;

	struct mutex lock;
	bool closing;
	struct kfid_ep *ep[RPM_MAX_PEERS];
	u32 served;
	wait_queue_head_t wait;
};

/**
 * struct rpm_op - an operation that is under way; its context
 * @done: called when it has completed, in any context; must not sleep
 * @err: 0 or a positive errno; valid in @done
 */
struct rpm_op {
	void (*done)(struct rpm_op *op);
	int err;
};

enum rpm_state {
	RPM_IDLE,
	RPM_CONNECTING,
	RPM_CONNECTED,
	RPM_GONE,
};

/**
 * struct rpm_conn - an initiator
 * @side: objects
 * @ep: the endpoint
 * @state: one of enum rpm_state
 * @err: negative errno when connecting has failed
 * @wait: woken when @state changes
 * @lost: called once when a connection ends by itself, in process context, or
 *	NULL
 * @arg: for @lost
 * @size: bytes of the target's memory
 * @region: bytes of a region; the last one may be shorter
 * @count: regions
 * @key: of each region
 */
struct rpm_conn {
	struct rpm_side side;
	struct kfid_ep *ep;
	enum rpm_state state;
	int err;
	wait_queue_head_t wait;
	void (*lost)(void *arg);
	void *arg;

	u64 size;
	u32 region;
	u32 count;
	u64 *key;
};

/**
 * struct rpm_hello - private data of a request
 * @magic: RPM_MAGIC
 * @version: RPM_VERSION
 */
struct rpm_hello {
	__be32 magic;
	__be32 version;
};

/**
 * struct rpm_reply - private data of the answer
 * @magic: RPM_MAGIC
 * @count: regions
 * @size: bytes of memory
 * @region: bytes of a region, a power of two
 * @reserved: 0
 * @key: of the region, if there is one; else of a region with the keys of all,
 *	in order and as __be64
 */
struct rpm_reply {
	__be32 magic;
	__be32 count;
	__be64 size;
	__be32 region;
	__be32 reserved;
	__be64 key;
};

#define RPM_MAGIC	0x6b66726d	/* "kfrm" */
#define RPM_VERSION	1

/* rpm_side.c: objects and events */
int rpm_side_failed(struct rpm_side *side, const char *what, int rc);
int rpm_side_open(struct rpm_side *side, const struct rpm_opts *opts, u64 flags);
int rpm_side_open_domain(struct rpm_side *side, size_t cq_size,
			 kfi_comp_handler handler, void *context);
int rpm_side_open_ep(struct rpm_side *side, struct kfi_info *info, size_t size,
		     struct kfid_ep **ep);
void rpm_side_close_fid(struct rpm_side *side, const char *what,
			struct kfid *fid);
void rpm_side_close(struct rpm_side *side);

/* rpm_target.c: lends memory */
int rpm_target_open(struct rpm_target *target, const struct rpm_opts *opts,
		    const struct rpm_mem_opts *mem,
		    struct ktl_session *session);
int rpm_target_name(struct rpm_target *target, char *addr, size_t size,
		    const char **port);
int rpm_target_wait_served(struct rpm_target *target, u32 count);
void rpm_target_close(struct rpm_target *target);

/* rpm_conn.c: uses it */
int rpm_conn_open(struct rpm_conn *conn, const struct rpm_opts *opts,
		  struct ktl_session *session);
bool rpm_conn_is_up(const struct rpm_conn *conn);
int rpm_conn_remote(const struct rpm_conn *conn, u64 offset, size_t len,
		    struct kfi_rma_iov *iov, size_t *count);
void rpm_conn_close(struct rpm_conn *conn);

#endif /* _KFI_RPM_H_ */
