/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * kfi_verbs private: the objects of the provider and who may touch what.
 * Prototypes are grouped by the file that defines them.
 *
 * Locks, outermost first:
 *
 *   kfv_device.lock  (mutex)   what lives on a device; held across removal
 *   kfv_pep.lock     (mutex)   the rdma_cm_id of a listener
 *   kfv_domain.gate  (rwsem)   read: a registration is under way
 *   kfv_regq.lock    (mutex)   a registration queue that is being rebuilt
 *   kfv_domain.lock  (mutex)   life of all hardware objects of a domain
 *   handler lock     (mutex)   of an rdma_cm_id; held around our handlers
 *   kfv_connreq_lock (spin)    connection requests that wait
 *   kfv_domain.mrs_lock (spin) the list of regions of a domain
 *   kfv_ep.lock      (spin)    state of an endpoint
 *   kfv_queue.lock   (spin)    one work queue of an endpoint
 *   kfv_commit.lock  (spin)    commits of an endpoint; see persist.h
 *   ring and event queue locks of the core
 *
 * kfv_devices_lock (rwsem), the list of devices, is taken with any of these
 * held or none; nothing is taken inside it.
 *
 * Completion handlers take spinlocks only, rdma_cm handlers these and
 * kfv_devices_lock. So the mutexes may be held across rdma_destroy_id() and
 * ib_drain_qp().
 */
#ifndef _KFV_VERBS_H
#define _KFV_VERBS_H

#include <linux/completion.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/rwsem.h>
#include <linux/scatterlist.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <rdma/ib_verbs.h>
#include <rdma/rdma_cm.h>

#include <kfi_prov.h>

#include "queue.h"
#include "stream.h"
#include "wire.h"

#define KFV_PROV_NAME	"verbs"
#define KFV_VERSION	KFI_VERSION(1, 0)

enum {
	/* bytes that kfi_inject() copies */
	KFV_INJECT_SIZE = 128,
	/* scatter/gather elements of one work request; devices may have fewer */
	KFV_MAX_SGE = 32,
	/* likewise, for clients that want fewer: what is small may cross a page boundary */
	KFV_MIN_SGE = 2,
	/* remote ranges of one RMA operation */
	KFV_MAX_RMA_IOV = 16,
	/* completions of registrations that are taken at once */
	KFV_REGQ_BATCH = 4,
	/* pages of one memory region; devices may have fewer */
	KFV_MAX_MR_PAGES = 512,
	/* queue sizes when the client names none, and the largest offered */
	KFV_DEF_QUEUE = 256,
	KFV_MAX_QUEUE = 8192,
	/* bytes of immediate data */
	KFV_CQ_DATA_SIZE = 4,
	/* "<device>/<port>" */
	KFV_DOMAIN_NAME_MAX = IB_DEVICE_NAME_MAX + 8,
	/* drain markers that one CQ must have room for: SQ and RQ of one QP */
	KFV_DRAIN_WRS = 2,
	/* entries of a CQ when the client names no number */
	KFV_DEF_CQ = 2048,
	/* entries that a CQ has on top, for requests that report nothing */
	KFV_MIN_SPARE = 128,
	KFV_MAX_SPARE = 1024,
	/* work requests that one ib_post_send() takes */
	KFV_POST_BATCH = 16,
	/* likewise, of operations that are plain; see fast.h */
	KFV_FAST_BATCH = 64,
	/* how many of them may have places before they are posted */
	KFV_FAST_WINDOW = 16,
	/* completions that are taken from the device at once */
	KFV_POLL_BATCH = 32,
	/* RDMA reads in flight in one direction; devices may take fewer */
	KFV_MAX_READS = 16,
	/* connection requests that a listener holds if the client sets none */
	KFV_DEF_BACKLOG = 128,
	KFV_MAX_BACKLOG = 4096,
};

union kfv_addr {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_storage ss;
};

/**
 * struct kfv_device - an RDMA device that we may use
 * @link: in kfv_devices, guarded by kfv_devices_lock
 * @name: guarded by kfv_devices_lock, a device may be renamed
 * @lapsed: what its endpoints said of durability is not true any more; likewise
 * @ref: the ib_client's reference and one per domain and listener; connection
 *	requests have none, removal finds them by the device of their rdma_cm_id
 * @ibdev: valid until @dead
 * @events: asynchronous events of the device
 * @lock: guards what follows
 * @dead: the device is being removed; nothing may be created on it
 * @domains: open domains on this device
 * @peps: listeners bound to this device
 */
struct kfv_device {
	struct list_head link;
	char name[IB_DEVICE_NAME_MAX];
	bool lapsed;
	struct kref ref;
	struct ib_device *ibdev;
	struct ib_event_handler events;

	struct mutex lock;
	bool dead;
	struct list_head domains;
	struct list_head peps;
};

struct kfv_fabric {
	struct kfid_fabric fabric;
	struct kfi_fid_node node;
	char *name;
};

struct kfv_eq {
	struct kfid_eq eq;
	struct kfi_fid_node node;
	struct kfi_evq evq;
};

/**
 * struct kfv_regq - queue pair that carries registrations of a domain
 * @cq: completion queue of @qp; armed while somebody sleeps
 * @poll_lock: held by who takes completions out of @cq, and guards @wcs
 * @wcs: some of these
 * @slots: free entries of the send queue; who has one may use @qp
 * @wait: who sleeps until there is one, or all, or a request is done
 * @lock: guards replacing @qp
 * @qp: RC queue pair in RTS, connected to itself; NULL if rebuilding failed
 * @loop: iWARP: what @qp is one end of
 * @broken: a request failed, so the queue pair is in the error state
 */
struct kfv_regq {
	struct ib_cq *cq;
	spinlock_t poll_lock;
	struct ib_wc wcs[KFV_REGQ_BATCH];
	atomic_t slots;
	wait_queue_head_t wait;
	struct mutex lock;
	struct ib_qp *qp;
	struct kfv_loop loop;
	bool broken;
};

/**
 * struct kfv_mr_pool - memory regions that are registered with nothing
 * @domain: whose they are
 * @max_pages: of each region
 * @lock: guards what follows
 * @free: struct kfv_mr_hw
 * @count: entries on @free
 */
struct kfv_mr_pool {
	struct kfv_domain *domain;
	unsigned int max_pages;
	spinlock_t lock;
	struct list_head free;
	unsigned int count;
};

/**
 * struct kfv_domain - a device and a protection domain
 * @domain: public part
 * @node: core's part
 * @fabric: parent
 * @dev: the device
 * @port: port number on it
 * @dev_link: in kfv_device.domains
 * @virt_dma: local addresses are kernel addresses; nothing is mapped
 * @iwarp: the port is an iWARP port
 * @serial: the client calls an endpoint from one place at a time (KFI_THREAD_FID and
 *	more), see serial.c
 * @manual: the client reads its completion queues (KFI_PROGRESS_MANUAL), see poll.c
 * @ibdev: set at open, valid while !@dead
 * @pd: set at open, valid while !@dead
 * @regq: registration queue pair
 * @offer: what an endpoint can do at most, without names and addresses
 * @sink: where to read a byte to that nobody wants to know
 * @sink_mem: that place
 * @pool: idle memory regions
 * @pmem_pool: likewise, of those that had persistent memory: devices may look at
 *	the rights that a region had before to see what it may be given
 * @pmem: regions of persistent memory, by rkey
 * @mrs_lock: guards @mrs; whoever has @gate for writing has it, too
 * @mrs: memory regions
 * @gate: held for reading while a region is registered or closed, so that
 *	@pd, @regq and the pools stay; for writing while the domain is killed
 * @lock: guards what follows and the life of all hardware objects of this
 *	domain but the three above
 * @dead: the device is gone and with it every hardware object; written with
 *	@gate held for writing too
 * @eps: endpoints that own a queue pair or a connection
 * @cqs: completion queues
 */
struct kfv_domain {
	struct kfid_domain domain;
	struct kfi_fid_node node;
	struct kfv_fabric *fabric;
	struct kfv_device *dev;
	u32 port;
	struct list_head dev_link;
	bool virt_dma;
	bool iwarp;
	bool serial;
	bool manual;
	struct ib_device *ibdev;
	struct ib_pd *pd;
	struct kfv_regq regq;
	struct kfi_info *offer;
	struct ib_sge sink;
	void *sink_mem;
	struct kfv_mr_pool pool;
	struct kfv_mr_pool pmem_pool;
	struct xarray pmem;
	spinlock_t mrs_lock;
	struct list_head mrs;
	struct rw_semaphore gate;

	struct mutex lock;
	bool dead;
	struct list_head eps;
	struct list_head cqs;
};

/**
 * struct kfv_cq - a completion queue
 * @cq: public part
 * @node: core's part
 * @domain: parent
 * @link: in domain->cqs while there is hardware, under domain->lock
 * @ibcq: NULL once the domain is dead, under domain->lock
 * @wcs: KFV_POLL_BATCH completions, if reads take them out of the device; else NULL
 * @nr_spare: entries of @ring that were set aside at open
 * @low: with fewer of them left, too many requests are unsignalled
 * @ring: the completions; it has what the client asked for and @nr_spare more
 * @spare: entries set aside and not in use, less @low; for requests that report
 *	nothing if all goes well, which may therefore stay in the queue unsignalled
 * @missing: entries that were set aside and went to failed operations
 * @polling: a bit lock: somebody takes completions out of the device; see poll.c
 */
struct kfv_cq {
	struct kfid_cq cq;
	struct kfi_fid_node node;
	struct kfv_domain *domain;
	struct list_head link;
	struct ib_cq *ibcq;
	struct ib_wc *wcs;
	u32 nr_spare;
	int low;
	struct kfi_cqring ring;
	atomic_t spare ____cacheline_aligned_in_smp;
	atomic_t missing;
	atomic_long_t polling;
};

/**
 * struct kfv_mr_hw - a fast registration region
 * @link: in @pool
 * @pool: where it came from
 * @ibmr: the region; its key is dead while it is in the pool
 * @uses: how often it was registered and came back
 */
struct kfv_mr_hw {
	struct list_head link;
	struct kfv_mr_pool *pool;
	struct ib_mr *ibmr;
	u32 uses;
};

/**
 * struct kfv_mr - a registered memory region
 * @mr: public part
 * @node: core's part
 * @domain: parent
 * @link: in domain->mrs, under domain->mrs_lock
 * @ibmr: NULL once the domain is dead
 * @hw: the same, if it came from a pool; else NULL
 * @sgt: the pages, mapped for the device
 * @one: its entry, if there is one only
 * @base: start, when the region is one range of kernel addresses, else NULL
 * @length: bytes
 * @linear: likewise of a region with @base, else 0
 * @access: KFI_SEND ... KFI_REMOTE_WRITE as registered
 * @pmem: registered as persistent memory
 * @flushable: and the device can flush it
 * @users: of a published region, see pmem.c
 * @idle: of who waits until there are none
 */
struct kfv_mr {
	struct kfid_mr mr;
	struct kfi_fid_node node;
	struct kfv_domain *domain;
	struct list_head link;
	struct ib_mr *ibmr;
	struct kfv_mr_hw *hw;
	struct sg_table sgt;
	struct scatterlist one;
	const void *base;
	size_t length;
	size_t linear;
	u64 access;
	bool pmem;
	bool flushable;
	refcount_t users;
	struct completion *idle;
};

/*
 * The life of an endpoint. conn.c holds the table of legal transitions and is
 * the only writer.
 */
enum kfv_ep_state {
	KFV_EP_NEW,		/* no hardware yet */
	KFV_EP_ENABLED,		/* queue pair exists, receives may be posted */
	KFV_EP_CONNECTING,	/* active side, until CONNECTED or an error */
	KFV_EP_ACCEPTING,	/* passive side, likewise */
	KFV_EP_CONNECTED,
	KFV_EP_BROKEN,		/* a completion failed; shutdown is on its way */
	KFV_EP_SHUTDOWN,	/* the client has been told; nothing moves */
	KFV_EP_DEAD,		/* being closed, or the device is gone */
	KFV_EP_NR_STATES
};

/**
 * enum kfv_plain - what a call that names no flags is; see fast.h
 * @KFV_PLAIN_NOT: to be done the long way
 * @KFV_PLAIN_SILENT: plain, without an entry
 * @KFV_PLAIN_REPORT: plain, with one
 * @KFV_PLAIN_MORE: a bit that says that more follows; with either of these two
 * @KFV_PLAIN_INJECT: likewise, that what is sent or written is injected
 */
enum kfv_plain {
	KFV_PLAIN_NOT,
	KFV_PLAIN_SILENT,
	KFV_PLAIN_REPORT,
	KFV_PLAIN_MORE = BIT(2),
	KFV_PLAIN_INJECT = BIT(3),
};

/**
 * struct kfv_ep - a MSG endpoint
 * @ep: public part
 * @node: core's part
 * @domain: parent
 * @tx_attr: what was asked for
 * @rx_attr: likewise
 * @max_msg: bytes of one operation
 * @inject_size: bytes that inject copies
 * @passive: opened from a connection request
 * @eq: event queue; this and the next four are set by bind, before enable
 * @tx_cq: completions of @sq
 * @rx_cq: completions of @rq
 * @tx_selective: successful sends and RMA report only with KFI_COMPLETION
 * @rx_selective: likewise receives
 * @tx_flags: flags of operations that are posted without any; the client's to
 *	serialise with posts
 * @rx_flags: likewise for receives
 * @lacks: flags of operations that the port cannot have
 * @commit: with KFI_RMA_PMEM, else NULL
 * @sinks: iWARP: where reads go, from enable until stop; else NULL
 * @peer_decl: what the peer said of itself; set before a connection is
 * @plain_max: bytes of an operation that is plain, see fast.h; 0 if none is. This and
 *	the next ones follow from flags and limits
 * @plain_inline: likewise, of one that carries its data
 * @plain_call: what a call that names no flags is
 * @recv_report: such a receive makes an entry
 * @qp: from enable until stop, under domain->lock
 * @sq: send queue; its lock is valid from open on
 * @rq: receive queue; likewise
 * @link: in domain->eps while there is hardware, under domain->lock
 * @id: connection; from open (passive) or enable (active) until stop, under
 *	domain->lock
 * @rd_in: reads that the peer may have outstanding; set before the attempt
 * @rd_out: reads that we may have outstanding at the peer; likewise
 * @cm_len: bytes used in @cm_data
 * @cm_data: private data of our request or reply; set before the attempt
 * @hello: completion of the first message; iWARP, see hello.c
 * @hello_cq: completion queue that keeps a place for it, or NULL
 * @hello_spare: that place is one that was set aside
 * @nudge: sends the next write behind it
 * @timer: gives up a connection attempt
 * @greeter: reports a connection from a context that may sleep
 * @breaker: ends a connection from a context that may sleep
 * @lock: guards what follows; taken in any context
 * @state: see above; conn.c writes it
 * @awaits: KFV_AWAITS_xxx: what has to come before it is connected; passive side
 * @nudges: writes behind the first message that were asked for
 * @withdrawn: the request that it was opened for is no more; no attempt was made
 * @told: KFI_CONNECTED was reported, so KFI_SHUTDOWN may be
 * @failed: the connection is to be ended as soon as @told
 * @connected: event reserved at enable for the outcome of the attempt; NULL
 *	once used
 * @shutdown: likewise for the end of the connection
 * @local: our address
 * @peer: the peer's, family 0 while there is none
 */
struct kfv_ep {
	struct kfid_ep ep;
	struct kfi_fid_node node;
	struct kfv_domain *domain;
	struct kfi_tx_attr tx_attr;
	struct kfi_rx_attr rx_attr;
	u64 max_msg;
	u32 inject_size;
	bool passive;

	struct kfv_eq *eq;
	struct kfv_cq *tx_cq;
	struct kfv_cq *rx_cq;
	bool tx_selective;
	bool rx_selective;
	u64 tx_flags;
	u64 rx_flags;
	u64 lacks;
	struct kfv_commit *commit;
	struct kfv_sinks *sinks;
	struct kfv_wire_decl peer_decl;

	u64 plain_max ____cacheline_aligned_in_smp;
	u64 plain_inline;
	enum kfv_plain plain_call;
	bool recv_report;
	struct ib_qp *qp;
	struct kfv_queue sq;
	struct kfv_queue rq;

	struct list_head link;
	struct rdma_cm_id *id;
	u8 rd_in;
	u8 rd_out;
	u8 cm_len;
	u8 cm_data[KFV_WIRE_CM_MAX];
	struct ib_cqe hello;
	struct kfv_cq *hello_cq;
	bool hello_spare;
	struct delayed_work nudge;
	struct delayed_work timer;
	struct work_struct greeter;
	struct work_struct breaker;

	spinlock_t lock;
	enum kfv_ep_state state;
	u32 awaits;
	u32 nudges;
	bool withdrawn;
	bool told;
	bool failed;
	struct kfi_evq_event *connected;
	struct kfi_evq_event *shutdown;
	union kfv_addr local;
	union kfv_addr peer;
};

/**
 * struct kfv_pep - a listener
 * @pep: public part
 * @node: core's part
 * @fabric: parent
 * @info: what was asked for, our copy
 * @eq: bound before listen, then read-only
 * @dev: the device it is bound to, or NULL for a wildcard address; set by
 *	listen
 * @dev_link: in kfv_device.peps, under that device's lock
 * @lock: guards the life of @id, and @dead and @local
 * @id: from listen until close, or until the device is gone
 * @dead: the device is gone
 * @local: our address
 * @backlog: most requests that may wait; this and the next three are guarded
 *	by a lock in connreq.c
 * @pending: requests that wait for an endpoint or a reject
 * @requests: requests reported
 * @refused: requests turned away without the client
 */
struct kfv_pep {
	struct kfid_pep pep;
	struct kfi_fid_node node;
	struct kfv_fabric *fabric;
	struct kfi_info *info;
	struct kfv_eq *eq;
	struct kfv_device *dev;
	struct list_head dev_link;

	struct mutex lock;
	struct rdma_cm_id *id;
	bool dead;
	union kfv_addr local;

	u32 backlog;
	u32 pending;
	u64 requests;
	u64 refused;
};

static inline struct kfv_fabric *kfv_fabric(struct kfid *fid)
{
	return container_of(fid, struct kfv_fabric, fabric.fid);
}

static inline struct kfv_domain *kfv_domain(struct kfid *fid)
{
	return container_of(fid, struct kfv_domain, domain.fid);
}

static inline struct kfv_eq *kfv_eq(struct kfid *fid)
{
	return container_of(fid, struct kfv_eq, eq.fid);
}

static inline struct kfv_cq *kfv_cq(struct kfid *fid)
{
	return container_of(fid, struct kfv_cq, cq.fid);
}

/* How many entries the client asked for */
static inline u32 kfv_cq_size(const struct kfv_cq *cq)
{
	return cq->ring.size - cq->nr_spare;
}

static inline struct kfv_mr *kfv_mr(struct kfid *fid)
{
	return container_of(fid, struct kfv_mr, mr.fid);
}

static inline struct kfv_ep *kfv_ep(struct kfid *fid)
{
	return container_of(fid, struct kfv_ep, ep.fid);
}

static inline struct kfv_pep *kfv_pep(struct kfid *fid)
{
	return container_of(fid, struct kfv_pep, pep.fid);
}

/* main.c */
extern struct workqueue_struct *kfv_wq;
extern unsigned int kfv_connect_timeout_ms;

/* device.c: devices come and go */
extern struct rw_semaphore kfv_devices_lock;
extern struct list_head kfv_devices;
int kfv_device_register(void);
void kfv_device_unregister(void);
bool kfv_device_has_port(struct ib_device *ibdev, u32 port);
const char *kfv_device_refuse(struct ib_device *ibdev);
struct kfv_device *kfv_device_get(struct ib_device *ibdev);
struct kfv_device *kfv_device_get_by_name(const char *name, u32 *port);
void kfv_device_put(struct kfv_device *dev);
void kfv_device_name(struct kfv_device *dev, char *name);
void kfv_device_break_persistent(void);

/* fabric.c */
int kfv_fabric_open(struct kfi_fabric_attr *attr, struct kfid_fabric **fabric,
		    void *context);
bool kfv_fabric_is(const struct kfid_fabric *fabric, const char *name);
bool kfv_fabric_fits(const struct kfv_fabric *fabric,
		     const struct kfi_info *info);
void kfv_fabric_init_ops(void);

/* eq.c */
int kfv_eq_open(struct kfid_fabric *fabric, struct kfi_eq_attr *attr,
		struct kfid_eq **eq, kfi_event_handler handler, void *context);
bool kfv_eq_is(const struct kfid *fid, const struct kfv_fabric *fabric);
void kfv_eq_init_ops(void);

/* domain.c */
int kfv_domain_open(struct kfid_fabric *fabric, struct kfi_info *info,
		    struct kfid_domain **domain, void *context);
bool kfv_domain_is(const struct kfid_domain *domain, const char *name);
void kfv_domain_kill(struct kfv_domain *domain);
void kfv_domain_break(struct kfv_domain *domain, bool persistent);
void kfv_domain_init_ops(void);

/* regq.c: the queue pair that carries registrations */
int kfv_regq_create(struct kfv_domain *domain);
void kfv_regq_destroy(struct kfv_domain *domain);
int kfv_regq_exec(struct kfv_domain *domain, struct ib_send_wr *wr);

/* mrpool.c */
void kfv_mrpool_init(struct kfv_domain *domain);
void kfv_mrpool_destroy(struct kfv_domain *domain);
struct kfv_mr_hw *kfv_mrpool_get(struct kfv_mr_pool *pool);
void kfv_mrpool_put(struct kfv_mr_hw *hw, bool reusable);

/* mr.c */
extern struct kfi_ops_mr kfv_mr_ops;
void kfv_mr_kill(struct kfv_mr *mr);
void kfv_mr_init_ops(void);

/* cq.c */
int kfv_cq_open(struct kfid_domain *domain, struct kfi_cq_attr *attr,
		struct kfid_cq **cq, kfi_comp_handler handler, void *context);
void kfv_cq_kill(struct kfv_cq *cq);
bool kfv_cq_is(const struct kfid *fid, const struct kfv_domain *domain);
void kfv_cq_init_ops(void);

/* ep.c */
int kfv_ep_open(struct kfid_domain *domain, struct kfi_info *info,
		struct kfid_ep **ep, void *context);
void kfv_ep_stop(struct kfv_ep *ep);
int kfv_ep_getopt(struct kfid *fid, int level, int optname, void *optval,
		  size_t *optlen);
void kfv_ep_init_ops(void);

/* pep.c */
int kfv_pep_open(struct kfid_fabric *fabric, struct kfi_info *info,
		 struct kfid_pep **pep, void *context);
/*
 * Removal of a device calls this once, with its lock held: kill its listeners
 * and all requests that arrived on it, those of wildcard listeners included.
 */
void kfv_pep_device_gone(struct kfv_device *dev);
void kfv_pep_init_ops(void);

/* connreq.c: connection requests that wait for the client */
int kfv_connreq_receive(struct kfv_pep *pep, struct rdma_cm_id *id,
			const struct rdma_conn_param *param);
int kfv_connreq_take(struct kfid *handle, struct kfv_ep *ep);
int kfv_connreq_reject(struct kfv_pep *pep, const struct kfid *handle,
		       const void *data, int len);
void kfv_connreq_reject_all(struct kfv_pep *pep);
void kfv_connreq_device_gone(const struct ib_device *ibdev);
void kfv_connreq_set_backlog(struct kfv_pep *pep, u32 backlog);
void kfv_connreq_show(struct seq_file *m, const struct kfv_pep *pep);
void kfv_connreq_init_ops(void);

/* cm.c: one peer is one rdma_cm_id and one QP */
extern struct kfi_ops_cm kfv_cm_ops;
int kfv_cm_parse(const struct rdma_conn_param *param, const void **data);
int kfv_cm_open(struct kfv_ep *ep);
bool kfv_cm_withdrawn(struct kfv_ep *ep);
void kfv_cm_close(struct kfv_ep *ep);
void kfv_cm_adopt(struct kfv_ep *ep, struct rdma_cm_id *id);
int kfv_cm_copy_addr(const union kfv_addr *from, void *addr, size_t *addrlen);
int kfv_cm_handler(struct rdma_cm_id *id, struct rdma_cm_event *event);
void kfv_cm_init_ops(void);

/* conn.c: states of an endpoint */

/* sets of states that a cause applies to */
#define KFV_CONN_REQUEST	(BIT(KFV_EP_NEW) | BIT(KFV_EP_ENABLED))
#define KFV_CONN_ATTEMPT	(BIT(KFV_EP_CONNECTING) | BIT(KFV_EP_ACCEPTING))
#define KFV_CONN_ALIVE		(BIT(KFV_EP_CONNECTED) | BIT(KFV_EP_BROKEN))

/* first messages on the two queue pairs; iWARP */
#define KFV_AWAITS_HELLO	BIT(0)
#define KFV_AWAITS_CTL		BIT(1)

/**
 * struct kfv_conn_why - what an event will say
 * @err: 0 or a positive errno
 * @prov_errno: status of the connection manager: a negative errno, or the
 *	reason of a reject
 * @data: private data of the peer's client
 * @len: bytes at @data
 */
struct kfv_conn_why {
	int err;
	int prov_errno;
	const void *data;
	size_t len;
};

bool kfv_conn_legal(enum kfv_ep_state from, enum kfv_ep_state to);
const char *kfv_conn_state_name(enum kfv_ep_state state);
void kfv_conn_init(struct kfv_ep *ep);
int kfv_conn_reserve(struct kfv_ep *ep);
void kfv_conn_release(struct kfv_ep *ep);
int kfv_conn_enabled(struct kfv_ep *ep);
int kfv_conn_begin(struct kfv_ep *ep, enum kfv_ep_state to);
void kfv_conn_begun(struct kfv_ep *ep);
void kfv_conn_undo(struct kfv_ep *ep, enum kfv_ep_state to);
bool kfv_conn_in(struct kfv_ep *ep, unsigned long states);
bool kfv_conn_up(struct kfv_ep *ep, unsigned long states,
		 const struct kfv_conn_why *reply);
void kfv_conn_down(struct kfv_ep *ep, unsigned long states,
		   const struct kfv_conn_why *why);
void kfv_conn_fail(struct kfv_ep *ep, int err);
void kfv_conn_broken(struct kfv_ep *ep);
void kfv_conn_comm_est(struct kfv_ep *ep);
void kfv_conn_await(struct kfv_ep *ep, u32 what);
bool kfv_conn_got(struct kfv_ep *ep, u32 what);
void kfv_conn_stop(struct kfv_ep *ep);

/* hello.c: who connects sends first */
void kfv_hello_init(struct kfv_ep *ep);
int kfv_hello_create(struct kfv_ep *ep);
int kfv_hello_expect(struct kfv_ep *ep);
void kfv_hello_destroy(struct kfv_ep *ep);
void kfv_hello_go(struct kfv_ep *ep);

/* wire.c: private data of the connection manager */
int kfv_wire_pack(void *buf, const void *param, size_t paramlen);
int kfv_wire_parse(const void *buf, size_t len, const void **data);

/*
 * qp.c: queue arithmetic, creation and draining. Creating brings up the two
 * queues and the queue pair, with the gates as they were; destroying wants
 * them closed and completes whatever is left.
 */
u32 kfv_qp_cqe(u32 entries);
void kfv_qp_event(struct ib_event *event, void *context);
int kfv_qp_create(struct kfv_ep *ep);
void kfv_qp_discard(struct kfv_ep *ep);
void kfv_qp_destroy(struct kfv_ep *ep);
void kfv_qp_error(struct kfv_ep *ep);

/*
 * queue.c: requests in flight. setup is for kfi_endpoint(): it makes lock and
 * gate valid, and posts answer -KFI_EOPBADSTATE. The rest is in data.h.
 */
void kfv_queue_setup(struct kfv_queue *q, bool serial);
void kfv_queue_set_gate(struct kfv_queue *q, int gate);
void kfv_queue_quiesce(struct kfv_queue *q);

/* send.c, recv.c, rma.c: data calls */
extern struct kfi_ops_msg kfv_msg_ops;
extern struct kfi_ops_rma kfv_rma_ops;

/* serial.c: data calls of clients that make one at a time */
void kfv_serial_set_ops(struct kfv_ep *ep);
void kfv_serial_init_ops(void);

void kfv_send_init_ops(void);
void kfv_rma_init_ops(void);

/* xlate.c: enums of one side in terms of the other */
int kfv_xlate_status(enum ib_wc_status status);
int kfv_xlate_access(u64 access, bool flush);
int kfv_xlate_cm_error(const struct rdma_cm_event *event);

/* What a key says about its region */
#define KFV_KEY_PMEM	BIT_ULL(32)	/* persistent memory */
#define KFV_KEY_FLUSH	BIT_ULL(33)	/* that the device can flush */
#define KFV_KEY_READ	BIT_ULL(34)	/* may be read */
#define KFV_KEY_BITS	(KFV_KEY_PMEM | KFV_KEY_FLUSH | KFV_KEY_READ)

/* Offset of the first byte in its page */
#define KFV_KEY_OFFSET_SHIFT	48
#define KFV_KEY_KNOWN		(GENMASK_ULL(63, KFV_KEY_OFFSET_SHIFT) | \
				 KFV_KEY_BITS | U32_MAX)

u64 kfv_xlate_make_key(u32 rkey, u32 page_offset);
int kfv_xlate_split_key(u64 key, u32 *rkey, u32 *page_offset);

#endif /* _KFV_VERBS_H */
