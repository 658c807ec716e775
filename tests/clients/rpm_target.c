// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Target
 *
 * Purpose: lends memory to initiators, and does nothing else.
 *
 * Operation: the memory is registered once, in regions, because one region
 * holds a limited number of pages. An initiator that asks for a connection
 * gets with the answer the size of the memory and one key: of the region, if
 * one is enough, else of a table with the keys of all regions, which it reads.
 *
 * Ownership: the endpoint of an initiator lives until its connection ends. The
 * memory is given back when no key is valid any more.
 *
 * Ordering: a request that arrives while the target is being closed is not
 * answered; closing the listener refuses it.
 *
 * Errors: a request that cannot be granted is rejected, with the reason as
 * private data. Whatever an initiator does with the memory, the target goes on.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bvec.h>
#include <linux/export.h>
#include <linux/kthread.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <linux/string.h>

#include "rpm.h"

static_assert(sizeof(struct rpm_reply) <= RPM_MAX_DATA);

static struct rpm_target *rpm_target(struct rpm_side *side)
{
	return container_of(side, struct rpm_target, side);
}

/*
 * Requests
 */

static struct kfid_ep **rpm_target_slot(struct rpm_target *target,
					const struct kfid_ep *ep)
{
	int i;

	lockdep_assert_held(&target->lock);
	for (i = 0; i < RPM_MAX_PEERS; i++) {
		if (target->ep[i] == ep)
			return &target->ep[i];
	}
	return NULL;
}

static struct rpm_reply rpm_target_reply(const struct rpm_target *target)
{
	const struct kfid_mr *mr;

	mr = target->count == 1 ? target->mr[0] : target->keys_mr;
	return (struct rpm_reply) {
		.magic = cpu_to_be32(RPM_MAGIC),
		.count = cpu_to_be32(target->count),
		.size = cpu_to_be64(target->mem.size),
		.region = cpu_to_be32(target->region),
		.key = cpu_to_be64(kfi_mr_key((struct kfid_mr *)mr)),
	};
}

static int rpm_target_accept(struct rpm_target *target, struct kfi_info *info,
			     struct kfid_ep **slot)
{
	struct rpm_reply reply = rpm_target_reply(target);
	int rc;

	rc = rpm_side_open_ep(&target->side, info, 1, slot);
	if (rc)
		return rc;
	rc = kfi_accept(*slot, &reply, sizeof(reply));
	if (!rc)
		return 0;
	rpm_side_failed(&target->side, "kfi_accept", rc);
	rpm_side_close_fid(&target->side, "close endpoint", &(*slot)->fid);
	*slot = NULL;
	return rc;
}

/* Returns NULL, or why the request cannot be granted. */
static const char *rpm_target_refuse(const struct rpm_event *entry, size_t len)
{
	struct rpm_hello hello;

	if (len < sizeof(hello))
		return "this is kfi_rpm";
	memcpy(&hello, entry->data, sizeof(hello));
	if (hello.magic != cpu_to_be32(RPM_MAGIC))
		return "this is kfi_rpm";
	if (hello.version != cpu_to_be32(RPM_VERSION))
		return "another version of kfi_rpm";
	return NULL;
}

static void rpm_target_request(struct rpm_target *target,
			       const struct rpm_event *entry, size_t len)
{
	const char *why = rpm_target_refuse(entry, len);
	struct kfi_info *info = entry->cm.info;
	struct kfid_ep **slot;
	int rc;

	lockdep_assert_held(&target->lock);
	slot = rpm_target_slot(target, NULL);
	if (!why && !slot)
		why = "too many initiators";
	if (!why && rpm_target_accept(target, info, slot))
		why = "no endpoint";
	if (!why)
		return;
	rc = kfi_reject(target->pep, info->handle, why, strlen(why));
	if (rc)
		rpm_side_failed(&target->side, "kfi_reject", rc);
}

static void rpm_target_forget(struct rpm_target *target, const struct kfid *fid,
			      bool served)
{
	const struct kfid_ep *ep = container_of(fid, struct kfid_ep, fid);
	struct kfid_ep **slot = rpm_target_slot(target, ep);

	if (!slot)
		return;
	rpm_side_close_fid(&target->side, "close endpoint", &(*slot)->fid);
	*slot = NULL;
	WRITE_ONCE(target->served, target->served + served);
	wake_up(&target->wait);
}

static void rpm_target_event(struct rpm_side *side, u32 event,
			     const struct rpm_event *entry, size_t len)
{
	struct rpm_target *target = rpm_target(side);

	mutex_lock(&target->lock);
	if (event == KFI_SHUTDOWN)
		rpm_target_forget(target, entry->cm.fid, true);
	else if (event == KFI_CONNREQ && !target->closing)
		rpm_target_request(target, entry, len);
	mutex_unlock(&target->lock);
	if (event == KFI_CONNREQ)
		kfi_freeinfo(entry->cm.info);
}

/* An initiator that went away before it was connected */
static void rpm_target_error(struct rpm_side *side,
			     const struct kfi_eq_err_entry *entry)
{
	struct rpm_target *target = rpm_target(side);

	mutex_lock(&target->lock);
	if (entry->fid && entry->fid->fclass == KFI_CLASS_EP)
		rpm_target_forget(target, entry->fid, false);
	mutex_unlock(&target->lock);
}

/*
 * Memory
 */

static int rpm_target_register(struct rpm_target *target, struct bio_vec *bvec,
			       u32 index)
{
	unsigned long per_region = target->region >> PAGE_SHIFT;
	unsigned long first = index * per_region, i;
	struct kfi_mr_attr attr = {
		.type = KFI_BVEC,
		.mr_biov = bvec,
		.iov_count = min(per_region, target->mem.count - first),
		.access = KFI_REMOTE_READ | KFI_REMOTE_WRITE,
	};
	u64 flags = target->side.persists ? KFI_RMA_PMEM : 0;
	int rc;

	for (i = 0; i < attr.iov_count; i++)
		bvec[i] = (struct bio_vec) {
			.bv_page = target->mem.pages[first + i],
			.bv_len = PAGE_SIZE,
		};
	rc = kfi_mr_regattr(target->side.domain, &attr, flags,
			    &target->mr[index]);
	if (rc) {
		target->mr[index] = NULL;
		return rpm_side_failed(&target->side, "kfi_mr_regattr", rc);
	}
	target->keys[index] = cpu_to_be64(kfi_mr_key(target->mr[index]));
	return 0;
}

static int rpm_target_register_all(struct rpm_target *target)
{
	struct bio_vec *bvec;
	int rc = 0;
	u32 i;

	bvec = kvcalloc(target->region >> PAGE_SHIFT, sizeof(*bvec),
			GFP_KERNEL);
	if (!bvec)
		return -ENOMEM;
	for (i = 0; !rc && i < target->count; i++)
		rc = rpm_target_register(target, bvec, i);
	kvfree(bvec);
	return rc;
}

/* Regions are as large as they can be: a power of two of pages. */
static int rpm_target_divide(struct rpm_target *target)
{
	const struct kfi_domain_attr *attr = target->side.info->domain_attr;
	size_t pages = clamp_t(size_t, attr->mr_iov_limit, 1,
			       RPM_MAX_REGION >> PAGE_SHIFT);
	u64 count;

	target->region = rounddown_pow_of_two(pages) << PAGE_SHIFT;
	count = DIV_ROUND_UP_ULL(target->mem.size, target->region);
	if (count > RPM_MAX_REGIONS)
		return rpm_side_failed(&target->side, "memory", -E2BIG);
	target->count = count;

	target->mr = kvcalloc(count, sizeof(*target->mr), GFP_KERNEL);
	target->keys = kvcalloc(count, sizeof(*target->keys), GFP_KERNEL);
	return target->mr && target->keys ? 0 : -ENOMEM;
}

static int rpm_target_lend(struct rpm_target *target)
{
	int rc;

	rc = rpm_target_divide(target);
	if (rc)
		return rc;
	rc = rpm_target_register_all(target);
	if (rc)
		return rc;
	rc = kfi_mr_reg(target->side.domain, target->keys,
			target->count * sizeof(*target->keys), KFI_REMOTE_READ,
			0, 0, 0, &target->keys_mr, NULL);
	if (rc) {
		target->keys_mr = NULL;
		return rpm_side_failed(&target->side, "kfi_mr_reg", rc);
	}
	return 0;
}

/* Memory that a peer might still reach is not given back. */
static void rpm_target_take_back(struct rpm_target *target)
{
	bool dead = true;
	u32 i;

	if (target->keys_mr)
		dead = !kfi_close(&target->keys_mr->fid);
	for (i = 0; target->mr && i < target->count; i++) {
		if (target->mr[i] && kfi_close(&target->mr[i]->fid))
			dead = false;
	}
	if (WARN_ON_ONCE(!dead))
		return;
	kvfree(target->keys);
	kvfree(target->mr);
	rpm_mem_close(&target->mem);
}

/*
 * The target
 */

static int rpm_target_listen(struct rpm_target *target)
{
	struct rpm_side *side = &target->side;
	int rc;

	rc = kfi_passive_ep(side->fabric, side->info, &target->pep, side);
	if (rc) {
		target->pep = NULL;
		return rpm_side_failed(side, "kfi_passive_ep", rc);
	}
	rc = kfi_pep_bind(target->pep, &side->eq->fid, 0);
	if (rc)
		return rpm_side_failed(side, "kfi_pep_bind", rc);
	rc = kfi_listen(target->pep);
	return rc ? rpm_side_failed(side, "kfi_listen", rc) : 0;
}

static int rpm_target_open_all(struct rpm_target *target,
			       const struct rpm_opts *opts,
			       const struct rpm_mem_opts *mem)
{
	struct rpm_side *side = &target->side;
	int rc;

	rc = rpm_mem_open(&target->mem, mem);
	if (rc)
		return rpm_side_failed(side, "memory", rc);
	side->persists = rpm_mem_persists(&target->mem);
	rc = rpm_side_open(side, opts, KFI_SOURCE);
	if (rc)
		return rc;
	/* endpoints that are only written to complete nothing */
	rc = rpm_side_open_domain(side, 4 * RPM_MAX_PEERS, NULL, NULL);
	if (rc)
		return rc;
	rc = rpm_target_lend(target);
	if (rc)
		return rc;
	return rpm_target_listen(target);
}

/**
 * rpm_target_open - lend memory
 * @target: not in use
 * @opts: where to listen; no address is the first that kfabric offers
 * @mem: which memory
 * @session: where to say what fails, or NULL; not used after this
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno, and nothing is open.
 */
int rpm_target_open(struct rpm_target *target, const struct rpm_opts *opts,
		    const struct rpm_mem_opts *mem,
		    struct ktl_session *session)
{
	int rc;

	*target = (struct rpm_target) {
		.side = {
			.name = "target",
			.session = session,
			.on_event = rpm_target_event,
			.on_error = rpm_target_error,
		},
	};
	mutex_init(&target->lock);
	init_waitqueue_head(&target->wait);

	rc = rpm_target_open_all(target, opts, mem);
	target->side.session = NULL;
	if (rc)
		rpm_target_close(target);
	return rc;
}
EXPORT_SYMBOL_GPL(rpm_target_open);

/**
 * rpm_target_name - where the target listens, in the form kfi_getinfo() takes
 * @target: is open
 * @addr: where to put address and port
 * @size: room there
 * @port: where to put a pointer to the port in @addr
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int rpm_target_name(struct rpm_target *target, char *addr, size_t size,
		    const char **port)
{
	struct sockaddr_storage name;
	size_t len = sizeof(name);
	char *colon;
	int rc;

	rc = kfi_getname(&target->pep->fid, &name, &len);
	if (rc)
		return rpm_side_failed(&target->side, "kfi_getname", rc);

	/* "192.0.2.1:7472" or "[2001:db8::1]:7472" */
	scnprintf(addr, size, "%pISpc", &name);
	colon = strrchr(addr, ':');
	if (!colon)
		return -EINVAL;
	*colon = '\0';
	*port = colon + 1;
	if (*addr == '[') {
		colon[-1] = '\0';
		memmove(addr, addr + 1, strlen(addr));
	}
	return 0;
}
EXPORT_SYMBOL_GPL(rpm_target_name);

/**
 * rpm_target_wait_served - wait until initiators have come and gone
 * @target: is open
 * @count: how many, since the target was opened
 *
 * Context: a kernel thread; may sleep.
 * Return: 0, or -EINTR if the thread shall stop.
 */
int rpm_target_wait_served(struct rpm_target *target, u32 count)
{
	wait_event_interruptible(target->wait,
				 READ_ONCE(target->served) >= count ||
				 kthread_should_stop());
	return READ_ONCE(target->served) >= count ? 0 : -EINTR;
}
EXPORT_SYMBOL_GPL(rpm_target_wait_served);

/**
 * rpm_target_close - end all connections and take the memory back
 * @target: the target
 *
 * Context: process, may sleep.
 */
void rpm_target_close(struct rpm_target *target)
{
	int i;

	mutex_lock(&target->lock);
	target->closing = true;
	mutex_unlock(&target->lock);

	/* rejects what has not been answered */
	if (target->pep)
		rpm_side_close_fid(&target->side, "close listener",
				   &target->pep->fid);

	mutex_lock(&target->lock);
	target->pep = NULL;
	for (i = 0; i < RPM_MAX_PEERS; i++) {
		if (target->ep[i])
			rpm_side_close_fid(&target->side, "close endpoint",
					   &target->ep[i]->fid);
		target->ep[i] = NULL;
	}
	mutex_unlock(&target->lock);

	rpm_target_take_back(target);
	rpm_side_close(&target->side);
}
EXPORT_SYMBOL_GPL(rpm_target_close);
