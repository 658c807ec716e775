// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: How a level of completion is reached
 *
 * Purpose: find out, when two endpoints connect, how one makes sure that what
 * it wrote is durable, or visible, at the other.
 *
 * Operation: each side says in its private data what its device and its kernel
 * do for writes of the peer, and what its administrator has stated. Each makes
 * the same of what the other said: for commits FLUSH, if this kernel and device
 * can post it; else a read behind the write, if that proves anything there;
 * else a request to a CPU of the peer. What a write then uses also depends on
 * the regions that it writes to, whose keys say what they are good for.
 *
 * Nothing is guessed: a device that acknowledges before data is placed, a cache
 * in between, are taken for granted unless the target says otherwise. Whether a
 * read proves durability no software can know, so it is a statement of the
 * administrator (read_after_write).
 *
 * Ordering: the outcome is written before the endpoint is connected, and not
 * again. Who takes the statement back ends all connections that rely on it.
 */
#include <linux/moduleparam.h>
#include <linux/string.h>
#include <rdma/ib_verbs.h>

#include <kunit/visibility.h>

#include "persist.h"

static const char * const kfv_persist_names[] = {
	[KFI_VERBS_NONE]	= "none",
	[KFI_VERBS_ACK]		= "ack",
	[KFI_VERBS_FLUSH]	= "flush",
	[KFI_VERBS_READ]	= "read",
	[KFI_VERBS_RESPONDER]	= "responder",
};

/* KFI_VERBS_NONE: no method is forced */
static enum kfi_verbs_method kfv_persist_forced;

static int kfv_persist_set_forced(const char *val,
				  const struct kernel_param *kp)
{
	int i;

	if (sysfs_streq(val, "auto")) {
		WRITE_ONCE(kfv_persist_forced, KFI_VERBS_NONE);
		return 0;
	}
	i = sysfs_match_string(kfv_persist_names, val);
	if (i < 0 || i == KFI_VERBS_NONE)
		return -EINVAL;
	WRITE_ONCE(kfv_persist_forced, i);
	return 0;
}

static int kfv_persist_get_forced(char *buf, const struct kernel_param *kp)
{
	enum kfi_verbs_method forced = READ_ONCE(kfv_persist_forced);

	return sysfs_emit(buf, "%s\n", forced == KFI_VERBS_NONE ?
			  "auto" : kfv_persist_names[forced]);
}

static const struct kernel_param_ops kfv_persist_forced_ops = {
	.set = kfv_persist_set_forced,
	.get = kfv_persist_get_forced,
};

module_param_cb(persist_method, &kfv_persist_forced_ops, NULL, 0644);
MODULE_PARM_DESC(persist_method,
		 "How new connections make writes durable: auto, or for tests flush, read, responder, ack");

static bool kfv_persist_read_proves;

/* What a peer was told must not become untrue while it relies on it. */
static int kfv_persist_set_read(const char *val, const struct kernel_param *kp)
{
	bool was = READ_ONCE(kfv_persist_read_proves);
	int rc;

	rc = param_set_bool(val, kp);
	if (!rc && was && !READ_ONCE(kfv_persist_read_proves))
		kfv_device_break_persistent();
	return rc;
}

static const struct kernel_param_ops kfv_persist_read_ops = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = kfv_persist_set_read,
	.get = param_get_bool,
};

module_param_cb(read_after_write, &kfv_persist_read_ops,
		&kfv_persist_read_proves, 0644);
MODULE_PARM_DESC(read_after_write,
		 "On this machine, what a device wrote is durable once it has answered a read behind it (see docs/persistence.rst before you say so)");

/**
 * kfv_persist_offered - whether endpoints on a device can be persistent
 * @ibdev: the device
 *
 * As a target, they need a device that executes FLUSH, or a CPU that can write
 * its caches back.
 *
 * Context: any.
 * Return: true if so.
 */
bool kfv_persist_offered(const struct ib_device *ibdev)
{
	return IS_ENABLED(CONFIG_ARCH_HAS_PMEM_API) ||
	       ibdev->attrs.device_cap_flags & IB_DEVICE_FLUSH_PERSISTENT;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_persist_offered);

/* What the device of an endpoint does for a peer that writes to memory here */
static u32 kfv_persist_device_features(const struct ib_device *ibdev)
{
	u64 caps = ibdev->attrs.device_cap_flags;
	u32 features = 0;

	if (caps & IB_DEVICE_FLUSH_PERSISTENT && caps & IB_DEVICE_FLUSH_GLOBAL)
		features |= KFV_WIRE_F_FLUSH;
	if (caps & IB_DEVICE_ATOMIC_WRITE)
		features |= KFV_WIRE_F_ATOMIC_WRITE;
	return features;
}

/**
 * kfv_persist_declare - what this side says of itself
 * @ep: endpoint that is about to connect or to accept
 * @decl: where to put it
 *
 * Context: process; domain->lock is held, and the device is there.
 */
void kfv_persist_declare(const struct kfv_ep *ep, struct kfv_wire_decl *decl)
{
	const struct kfv_commit *commit = ep->commit;

	*decl = (struct kfv_wire_decl) {};
	/*
	 * such a device moves data with a CPU before it acknowledges; over iWARP
	 * nothing is acknowledged
	 */
	if (ep->domain->virt_dma && !ep->domain->iwarp)
		decl->features |= KFV_WIRE_F_PLACED;
	if (!commit || !commit->ctl.qp)
		return;

	decl->features |= kfv_persist_device_features(ep->domain->ibdev);
	if (IS_ENABLED(CONFIG_ARCH_HAS_PMEM_API))
		decl->features |= KFV_WIRE_F_SERVE;
	if (READ_ONCE(kfv_persist_read_proves))
		decl->features |= KFV_WIRE_F_READ;
	decl->features |= KFV_WIRE_F_CTL;
	decl->qpn = commit->ctl.number;
	decl->psn = commit->ctl.psn;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_persist_declare);

/* Whether the peer's side and ours can do a method, and the reason */
static const char *kfv_persist_lacks(const struct kfv_ep *ep,
				     enum kfi_verbs_method method)
{
	switch (method) {
	case KFI_VERBS_FLUSH:
		if (!(ep->peer_decl.features & KFV_WIRE_F_FLUSH))
			return "the peer's device does not execute FLUSH";
		if (!ib_can_post_flush(ep->domain->ibdev))
			return "this kernel cannot post FLUSH";
		return NULL;
	case KFI_VERBS_READ:
		if (!(ep->peer_decl.features & KFV_WIRE_F_READ))
			return "the peer does not state that a read proves durability";
		return NULL;
	case KFI_VERBS_RESPONDER:
		if (!(ep->peer_decl.features & KFV_WIRE_F_SERVE))
			return "the peer cannot write back its caches";
		return NULL;
	default:
		return "an acknowledgment proves no durability";
	}
}

static const char * const kfv_persist_reasons[] = {
	[KFI_VERBS_FLUSH] =
		"this kernel posts FLUSH and the peer's device executes it",
	[KFI_VERBS_READ] =
		"no FLUSH; the peer states that a read proves durability",
	[KFI_VERBS_RESPONDER] =
		"no FLUSH, nor is a read proof; the peer's CPU commits",
};

static void kfv_persist_pick(struct kfv_ep *ep)
{
	static const enum kfi_verbs_method best_first[] = {
		KFI_VERBS_FLUSH, KFI_VERBS_READ, KFI_VERBS_RESPONDER,
	};
	struct kfv_commit *commit = ep->commit;
	enum kfi_verbs_method forced = READ_ONCE(kfv_persist_forced);
	u32 i;

	commit->method = KFI_VERBS_NONE;
	commit->serves = !kfv_persist_lacks(ep, KFI_VERBS_RESPONDER);
	if (forced != KFI_VERBS_NONE) {
		commit->why = kfv_persist_lacks(ep, forced);
		if (!commit->why) {
			commit->method = forced;
			commit->why = "forced by persist_method";
		}
		return;
	}
	commit->why = "the peer can do nothing for durability";
	for (i = 0; i < ARRAY_SIZE(best_first); i++) {
		if (kfv_persist_lacks(ep, best_first[i]))
			continue;
		commit->method = best_first[i];
		commit->why = kfv_persist_reasons[commit->method];
		return;
	}
}

/**
 * kfv_persist_agree - make of what the peer says what this side will do
 * @ep: endpoint that is becoming connected
 * @peer: what the peer said
 *
 * Brings up the control queue pair if both sides have one.
 *
 * Context: process, may sleep.
 * Return: 0, or what the device answered.
 */
int kfv_persist_agree(struct kfv_ep *ep, const struct kfv_wire_decl *peer)
{
	struct kfv_commit *commit = ep->commit;

	ep->peer_decl = *peer;
	/* whatever the peer's device does: this one's completions say nothing of it */
	if (ep->domain->iwarp)
		ep->peer_decl.features &= ~KFV_WIRE_F_PLACED;
	if (!commit)
		return 0;
	if (!(peer->features & KFV_WIRE_F_CTL)) {
		commit->why = "the peer's endpoint was opened without KFI_RMA_PMEM";
		return 0;
	}
	kfv_persist_pick(ep);
	return kfv_ctl_connect(ep, peer);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_persist_agree);

/**
 * kfv_persist_commit - how to commit writes to certain regions
 * @ep: endpoint
 * @keys: what the keys of all of them have in common
 *
 * Context: any.
 * Return: the method; KFI_VERBS_NONE if there is none.
 */
enum kfi_verbs_method kfv_persist_commit(const struct kfv_ep *ep, u64 keys)
{
	const struct kfv_commit *commit = ep->commit;

	if (!commit || !(keys & KFV_KEY_PMEM))
		return KFI_VERBS_NONE;
	if (commit->method == KFI_VERBS_FLUSH && keys & KFV_KEY_FLUSH)
		return KFI_VERBS_FLUSH;
	if (commit->method == KFI_VERBS_READ && keys & KFV_KEY_READ)
		return KFI_VERBS_READ;
	if (commit->method == KFI_VERBS_NONE || !commit->serves)
		return KFI_VERBS_NONE;
	/* the CPU must see what it is to commit */
	if (!(ep->peer_decl.features & KFV_WIRE_F_PLACED) && !(keys & KFV_KEY_READ))
		return KFI_VERBS_NONE;
	return KFI_VERBS_RESPONDER;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_persist_commit);

/**
 * kfv_persist_delivery - how to make writes to certain regions visible
 * @ep: endpoint
 * @keys: what the keys of all of them have in common
 * @fence: earlier writes are meant as well
 *
 * A read behind writes pushes all of them, whatever their regions.
 *
 * Context: any.
 * Return: the method; KFI_VERBS_NONE if there is none.
 */
enum kfi_verbs_method kfv_persist_delivery(const struct kfv_ep *ep, u64 keys,
					   bool fence)
{
	enum kfi_verbs_method forced = READ_ONCE(kfv_persist_forced);

	if (ep->peer_decl.features & KFV_WIRE_F_PLACED && forced != KFI_VERBS_READ &&
	    forced != KFI_VERBS_FLUSH)
		return KFI_VERBS_ACK;
	if (ep->commit && ep->commit->method == KFI_VERBS_FLUSH &&
	    keys & KFV_KEY_FLUSH && !fence)
		return KFI_VERBS_FLUSH;
	return keys & KFV_KEY_READ ? KFI_VERBS_READ : KFI_VERBS_NONE;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_persist_delivery);

/**
 * kfv_persist_name - a word for a method
 * @method: the method
 *
 * Context: any.
 * Return: the word.
 */
const char *kfv_persist_name(enum kfi_verbs_method method)
{
	return method < ARRAY_SIZE(kfv_persist_names) ?
	       kfv_persist_names[method] : "?";
}

static int kfv_persist_get(struct kfid *fid,
			   struct kfi_verbs_persistence *persistence)
{
	struct kfv_ep *ep = kfv_ep(fid);
	u64 best = KFV_KEY_BITS;

	if (!kfv_conn_in(ep, KFV_CONN_ALIVE))
		return -ENOTCONN;
	*persistence = (struct kfi_verbs_persistence) {
		.commit = kfv_persist_commit(ep, best),
		.delivery = kfv_persist_delivery(ep, best, false),
		.why = ep->commit ? ep->commit->why :
		       "this endpoint was opened without KFI_RMA_PMEM",
	};
	return 0;
}

static struct kfi_verbs_ep_ops kfv_persist_ops = {
	.get_persistence = kfv_persist_get,
};

/**
 * kfv_persist_open_ops - kfi_open_ops() of an endpoint
 * @fid: endpoint
 * @name: KFI_VERBS_EP_OPS_1
 * @flags: 0
 * @ops: where to put a pointer to struct kfi_verbs_ep_ops
 * @context: ignored
 *
 * Context: any.
 * Return: 0; -ENOSYS for another name; -KFI_EBADFLAGS; -EINVAL for a missing
 * argument.
 */
int kfv_persist_open_ops(struct kfid *fid, const char *name, u64 flags,
			 void **ops, void *context)
{
	if (!name || !ops)
		return -EINVAL;
	if (flags)
		return -KFI_EBADFLAGS;
	if (strcmp(name, KFI_VERBS_EP_OPS_1))
		return -ENOSYS;
	*ops = &kfv_persist_ops;
	return 0;
}
