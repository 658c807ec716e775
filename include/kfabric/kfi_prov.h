/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The provider's side of kfabric: registration, the life of a fid, default
 * operations, the completion ring, the event queue and attribute matching.
 *
 * Clients have no use for this header.
 */
#ifndef _KFI_PROV_H_
#define _KFI_PROV_H_

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include <kfabric.h>
#include <kfi_atomic.h>
#include <kfi_cm.h>
#include <kfi_domain.h>
#include <kfi_endpoint.h>
#include <kfi_eq.h>
#include <kfi_errno.h>
#include <kfi_rma.h>
#include <kfi_tagged.h>

struct seq_file;

/**
 * struct kfi_provider - what a provider module offers to the registry
 * @version: the provider's own version, KFI_VERSION(major, minor)
 * @kfi_version: the API version it was written for; the major number must be
 *	the core's
 * @context: reserved for the core, except that @context.internal[0] holds the
 *	owning module (see kfi_provider_set_owner())
 * @name: unique, short, lower case; compared with fabric_attr->prov_name
 * @kgetinfo: answers kfi_getinfo() with a list in *info, which is NULL before;
 *	-ENODATA when nothing matches. A failed call leaves no list. Process
 *	context, no core lock held
 * @kfabric: opens a fabric, a new object with every call, whose fid.ops the
 *	core replaces by a table of its own. Process context, no core lock held
 * @cleanup: called once nothing refers to the provider any more; may be NULL
 * @comp: completed when the last reference is gone
 * @ref_cnt: one for the registration, one per open fabric and per call into the
 *	provider that is under way
 */
struct kfi_provider {
	uint32_t version;
	uint32_t kfi_version;
	struct kfi_context context;
	const char *name;
	int (*kgetinfo)(uint32_t version, const char *node,
			const char *service, uint64_t flags,
			struct kfi_info *hints, struct kfi_info **info);
	int (*kfabric)(struct kfi_fabric_attr *attr,
		       struct kfid_fabric **fabric, void *context);
	void (*cleanup)(void);
	struct completion comp;
	atomic_t ref_cnt;
};

/**
 * kfi_provider_set_owner - tell the core which module to pin
 * @prov: a provider that is not registered yet
 * @owner: THIS_MODULE of the provider
 *
 * With an owner set, the module cannot be unloaded while a fabric is open:
 * rmmod answers -EBUSY. Without one kfi_provider_deregister() waits instead.
 */
static inline void kfi_provider_set_owner(struct kfi_provider *prov,
					  struct module *owner)
{
	prov->context.internal[0] = owner;
}

int kfi_provider_register(struct kfi_provider *provider);
int kfi_provider_deregister(struct kfi_provider *provider);

/**
 * kfi_ref_provider - take a reference on a registered provider
 * @provider: a provider on which the caller already holds one
 */
static inline void kfi_ref_provider(struct kfi_provider *provider)
{
	atomic_inc(&provider->ref_cnt);
}

/**
 * kfi_deref_provider - give a reference back
 * @provider: not to be touched afterwards
 */
static inline void kfi_deref_provider(struct kfi_provider *provider)
{
	if (atomic_dec_and_test(&provider->ref_cnt))
		complete(&provider->comp);
}

/**
 * kfi_init_id - give a fid its first reference
 * @fid: the object's fid
 */
static inline void kfi_init_id(struct kfid *fid)
{
	init_completion(&fid->comp);
	atomic_set(&fid->ref_cnt, 1);
}

/**
 * kfi_ref_id - take a reference on a fid that is known to be alive
 * @fid: the object's fid
 *
 * Use kfi_fid_get() where the object may be closing at the same moment.
 */
static inline void kfi_ref_id(struct kfid *fid)
{
	atomic_inc(&fid->ref_cnt);
}

/**
 * kfi_deref_id - give a reference back
 * @fid: not to be touched afterwards
 */
static inline void kfi_deref_id(struct kfid *fid)
{
	if (atomic_dec_and_test(&fid->ref_cnt))
		complete(&fid->comp);
}

/**
 * kfi_close_id - drop the first reference and wait for all others
 * @fid: the object's fid
 *
 * For providers that wait for their children. Objects that answer -EBUSY
 * while children exist use kfi_fid_retire().
 *
 * Context: process, may sleep for as long as references are held.
 */
static inline void kfi_close_id(struct kfid *fid)
{
	kfi_deref_id(fid);
	wait_for_completion(&fid->comp);
}

/**
 * DOC: The life of a fid
 *
 * kfi_fid_init() gives the object its first reference and takes one on its
 * parent. kfi_fid_publish(), the last step of every open, makes it visible in
 * debugfs. While it lives, children and objects that are bound to it hold
 * references from kfi_fid_get(). kfi_fid_retire(), the first step of every
 * close, withdraws it: it succeeds only when no reference but the first is
 * left and from then on kfi_fid_get() fails, so nothing can attach to an object
 * that is being taken down. kfi_fid_fini(), the last step, drops the parent's
 * reference.
 */

/**
 * struct kfi_fid_type - what the core has to know of one kind of object
 * @fclass: KFI_CLASS_xxx
 * @name: one word for debugfs and traces
 * @show: writes " key=value" facts after the object's debugfs line, no newline.
 *	Called in process context with the table of live objects locked, never
 *	after kfi_fid_retire() returned 0: it takes no lock that is held around
 *	kfi_fid_publish() or kfi_fid_retire(). May be NULL
 */
struct kfi_fid_type {
	size_t fclass;
	const char *name;
	void (*show)(struct seq_file *m, struct kfid *fid);
};

/**
 * struct kfi_fid_node - the core's part of an object, embedded by the provider
 * @link: in the table of live objects once published
 * @fid: the object
 * @parent: referenced from init to fini; NULL for a fabric
 * @type: the kind of object
 * @id: number that names the object in debugfs and traces, never reused
 */
struct kfi_fid_node {
	struct list_head link;
	struct kfid *fid;
	struct kfid *parent;
	const struct kfi_fid_type *type;
	u32 id;
};

int kfi_fid_init(struct kfi_fid_node *node, struct kfid *fid,
		 const struct kfi_fid_type *type, struct kfi_ops *ops,
		 struct kfid *parent, void *context);
void kfi_fid_publish(struct kfi_fid_node *node);
int kfi_fid_retire(struct kfi_fid_node *node);
void kfi_fid_fini(struct kfi_fid_node *node);
bool kfi_fid_get(struct kfid *fid);

/*
 * Default operations: every slot answers -ENOSYS (bind, control and ops_open
 * included; close of kfi_enosys_fid too, so every provider must bring its own).
 */
extern const struct kfi_ops kfi_enosys_fid;
extern const struct kfi_ops_fabric kfi_enosys_fabric;
extern const struct kfi_ops_domain kfi_enosys_domain;
extern const struct kfi_ops_mr kfi_enosys_mr;
extern const struct kfi_ops_av kfi_enosys_av;
extern const struct kfi_ops_ep kfi_enosys_ep;
extern const struct kfi_ops_cm kfi_enosys_cm;
extern const struct kfi_ops_msg kfi_enosys_msg;
extern const struct kfi_ops_rma kfi_enosys_rma;
extern const struct kfi_ops_tagged kfi_enosys_tagged;
extern const struct kfi_ops_atomic kfi_enosys_atomic;
extern const struct kfi_ops_eq kfi_enosys_eq;
extern const struct kfi_ops_cq kfi_enosys_cq;
extern const struct kfi_ops_cntr kfi_enosys_cntr;
extern const struct kfi_ops_wait kfi_enosys_wait;
extern const struct kfi_ops_poll kfi_enosys_poll;

void kfi_ops_fill_table(void *ops, const void *defaults, size_t size);

/**
 * kfi_ops_fill - complete a provider's operation table
 * @ops: pointer to the table; slots that are NULL get the default, and the
 *	size member is set
 * @defaults: pointer to the kfi_enosys_xxx table of the same type
 *
 * Called once per table while the provider's module is loading.
 */
#define kfi_ops_fill(ops, defaults)					\
do {									\
	typeof(ops) _ops = (ops);					\
	const typeof(*_ops) *_defaults = (defaults);			\
									\
	kfi_ops_fill_table(_ops, _defaults, sizeof(*_ops));		\
} while (0)

/**
 * DOC: Matching hints
 *
 * A provider describes each thing it can do as an offer: a complete kfi_info
 * with the largest values that it supports. kfi_info_match() says whether an
 * offer satisfies hints; when it does not, the first attribute that failed is
 * named in the debug log and stored for the caller. kfi_info_narrow() then
 * turns a copy of the offer into the answer, with the values the client asked
 * for.
 */
bool kfi_info_match(const struct kfi_info *hints, const struct kfi_info *offer,
		    const char **failed);
void kfi_info_narrow(struct kfi_info *info, const struct kfi_info *hints);

/**
 * struct kfi_cqring_entry - one completion, in a cache line
 * @op_context: the client's context of the operation
 * @flags: what completed, bit-exact as the client will see it
 * @len: bytes received, 0 for an initiated operation
 * @buf: where they landed, for multi-receive buffers, else NULL
 * @data: remote CQ data, valid with KFI_REMOTE_CQ_DATA
 * @tag: the message's tag
 * @err: 0, or a positive errno: then the entry is read with kfi_cq_readerr()
 * @round: the ring's
 * @prov_errno: the provider's status, for kfi_cq_strerror()
 * @src: source address of a received message, or KFI_ADDR_NOTAVAIL (@err == 0)
 * @olen: bytes that did not fit (@err != 0)
 */
struct kfi_cqring_entry {
	void *op_context;
	uint64_t flags;
	size_t len;
	void *buf;
	uint64_t data;
	uint64_t tag;
	u16 err;
	u16 round;
	int prov_errno;
	union {
		kfi_addr_t src;
		size_t olen;
	};
};

/**
 * struct kfi_cqring - completion ring behind a CQ
 * @slots: array of @mask + 1 entries
 * @cq: whose comp_handler is called
 * @format: layout that kfi_cq_read() writes
 * @size: how many entries can be reserved, as the client asked for
 * @goal_max: the most that kfi_cq_sread() waits for, @size; a provider that keeps
 *	reservations to itself for good lowers it
 * @mask: turns a free running index into one of @slots, a power of two minus 1
 * @shift: turns it into the number of its round
 * @can_wait: kfi_cq_sread() is allowed
 * @threshold: kfi_cq_sread() heeds its condition
 * @room: entries that are neither reserved nor filled
 * @head: next entry to read, free running
 * @tail: next entry to write, free running
 * @armed: the next push calls the handler
 * @lock: guards what follows; taken in any context
 * @signals: calls of kfi_cq_signal()
 * @signals_seen: those of them that ended a kfi_cq_sread()
 * @wait: readers in kfi_cq_sread()
 */
struct kfi_cqring {
	struct kfi_cqring_entry *slots;
	struct kfid_cq *cq;
	enum kfi_cq_format format;
	u32 size;
	u32 goal_max;
	u32 mask;
	u8 shift;
	bool can_wait;
	bool threshold;

	atomic_t room ____cacheline_aligned_in_smp;
	atomic_t head;

	atomic_t tail ____cacheline_aligned_in_smp;
	int armed;

	spinlock_t lock ____cacheline_aligned_in_smp;
	u32 signals;
	u32 signals_seen;
	wait_queue_head_t wait;
};

int kfi_cqring_init(struct kfi_cqring *ring, const struct kfi_cq_attr *attr,
		    u32 max_size, int node, struct kfid_cq *cq);
void kfi_cqring_destroy(struct kfi_cqring *ring);
void kfi_cqring_push(struct kfi_cqring *ring,
		     const struct kfi_cqring_entry *entry);
void kfi_cqring_push_done(struct kfi_cqring *ring, void *op_context,
			  uint64_t flags, size_t len);
ssize_t kfi_cqring_read(struct kfi_cqring *ring, void *buf, size_t count,
			kfi_addr_t *src_addr);
ssize_t kfi_cqring_readerr(struct kfi_cqring *ring,
			   struct kfi_cq_err_entry *buf, uint64_t flags);
ssize_t kfi_cqring_sread(struct kfi_cqring *ring, void *buf, size_t count,
			 kfi_addr_t *src_addr, const void *cond, int timeout);
int kfi_cqring_signal(struct kfi_cqring *ring);

/**
 * kfi_cqring_reserve - make sure that a completion will have room
 * @ring: the ring
 *
 * Who finds none may for a moment keep another caller from one that has just been
 * given back.
 *
 * Context: any.
 * Return: true when one entry now belongs to the caller, who must push it or
 * give it back with kfi_cqring_unreserve().
 */
static inline bool kfi_cqring_reserve(struct kfi_cqring *ring)
{
	if (likely(!atomic_add_negative(-1, &ring->room)))
		return true;
	atomic_inc(&ring->room);
	return false;
}

/**
 * kfi_cqring_reserve_many - make sure that several completions will have room
 * @ring: the ring
 * @n: how many
 *
 * All or none: two callers who want more than there is never leave each other
 * with less than either could have had.
 *
 * Context: any.
 * Return: true when @n entries now belong to the caller, as in
 * kfi_cqring_reserve().
 */
static inline bool kfi_cqring_reserve_many(struct kfi_cqring *ring, u32 n)
{
	int room = atomic_read(&ring->room);

	do {
		if (room < (int)n)
			return false;
	} while (!atomic_try_cmpxchg(&ring->room, &room, room - (int)n));
	return true;
}

/**
 * kfi_cqring_unreserve - give back entries that will not be pushed
 * @ring: the ring
 * @n: how many
 *
 * Context: any.
 */
static inline void kfi_cqring_unreserve(struct kfi_cqring *ring, u32 n)
{
	atomic_add(n, &ring->room);
}

/**
 * kfi_cqring_is_empty - whether nothing was pushed that was not read
 * @ring: the ring
 *
 * Context: any.
 * Return: true if so, at this moment.
 */
static inline bool kfi_cqring_is_empty(const struct kfi_cqring *ring)
{
	return atomic_read(&ring->head) == atomic_read(&ring->tail);
}

/**
 * kfi_cqring_write_done - write the entry of an operation that has succeeded
 * @format: of the ring
 * @buf: array of entries in that format
 * @i: which of them
 * @op_context: the client's context of the operation
 * @flags: what completed
 * @len: bytes received, or 0
 *
 * For a provider whose client reads an entry that never was in the ring: what would
 * be read after kfi_cqring_push_done().
 *
 * Context: any.
 */
static __always_inline void
kfi_cqring_write_done(enum kfi_cq_format format, void *buf, size_t i,
		      void *op_context, uint64_t flags, size_t len)
{
	struct kfi_cq_tagged_entry *tagged;
	struct kfi_cq_data_entry *data;
	struct kfi_cq_msg_entry *msg;

	switch (format) {
	case KFI_CQ_FORMAT_CONTEXT:
		((struct kfi_cq_entry *)buf)[i].op_context = op_context;
		break;
	case KFI_CQ_FORMAT_MSG:
		msg = (struct kfi_cq_msg_entry *)buf + i;
		msg->op_context = op_context;
		msg->flags = flags;
		msg->len = len;
		break;
	case KFI_CQ_FORMAT_TAGGED:
		tagged = (struct kfi_cq_tagged_entry *)buf + i;
		tagged->op_context = op_context;
		tagged->flags = flags;
		tagged->len = len;
		tagged->buf = NULL;
		tagged->data = 0;
		tagged->tag = 0;
		break;
	default:
		data = (struct kfi_cq_data_entry *)buf + i;
		data->op_context = op_context;
		data->flags = flags;
		data->len = len;
		data->buf = NULL;
		data->data = 0;
	}
}

/**
 * struct kfi_evq_event - one event, reserved before it happens
 * @link: in the queue once pushed
 * @event: KFI_CONNREQ ... KFI_JOIN_COMPLETE
 * @err: 0, or a positive errno: then the event is read with kfi_eq_readerr()
 * @prov_errno: the provider's status
 * @fid: the object concerned
 * @context: of the object concerned
 * @info: for KFI_CONNREQ; belongs to the event until the client has read it
 * @data64: the data member of a kfi_eq_entry or an error entry
 * @len: bytes used in @data
 * @cap: bytes allocated in @data
 * @data: private data of a connection event, or error data
 */
struct kfi_evq_event {
	struct list_head link;
	u32 event;
	int err;
	int prov_errno;
	struct kfid *fid;
	void *context;
	struct kfi_info *info;
	uint64_t data64;
	size_t len;
	size_t cap;
	u8 data[];
};

/**
 * struct kfi_evq - event queue behind an EQ
 * @eq: whose event_handler is called
 * @size: how many events may exist, reserved or queued
 * @can_write: kfi_eq_write() is allowed
 * @can_wait: kfi_eq_sread() is allowed
 * @lock: guards what follows; taken in any context
 * @used: events reserved or queued
 * @events: queued events, oldest first
 * @armed: the next push calls the handler
 * @err_data: the last error event read, kept because its reader may point at
 *	its data
 * @wait: readers in kfi_eq_sread()
 */
struct kfi_evq {
	struct kfid_eq *eq;
	size_t size;
	bool can_write;
	bool can_wait;

	spinlock_t lock; /* guards what follows */
	size_t used;
	struct list_head events;
	bool armed;
	struct kfi_evq_event *err_data;
	wait_queue_head_t wait;
};

int kfi_evq_init(struct kfi_evq *evq, const struct kfi_eq_attr *attr,
		 struct kfid_eq *eq);
void kfi_evq_destroy(struct kfi_evq *evq);
struct kfi_evq_event *kfi_evq_reserve(struct kfi_evq *evq, size_t datalen,
				      gfp_t gfp);
void kfi_evq_release(struct kfi_evq *evq, struct kfi_evq_event *ev);
void kfi_evq_push(struct kfi_evq *evq, struct kfi_evq_event *ev);
void kfi_evq_purge(struct kfi_evq *evq, struct kfid *fid);
ssize_t kfi_evq_read(struct kfi_evq *evq, uint32_t *event, void *buf,
		     size_t len, uint64_t flags);
ssize_t kfi_evq_readerr(struct kfi_evq *evq, struct kfi_eq_err_entry *buf,
			uint64_t flags);
ssize_t kfi_evq_sread(struct kfi_evq *evq, uint32_t *event, void *buf,
		      size_t len, int timeout, uint64_t flags);
ssize_t kfi_evq_write(struct kfi_evq *evq, uint32_t event, const void *buf,
		      size_t len, uint64_t flags);

#endif /* _KFI_PROV_H_ */
