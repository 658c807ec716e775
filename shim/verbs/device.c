// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Devices
 *
 * Purpose: the RDMA devices that we may use, and what happens when one goes
 * away under open objects.
 *
 * Operation: we need registration by work request, and InfiniBand, RoCE or iWARP
 * on some port; other devices are passed over, and a trace event says why.
 *
 * Ownership: the list holds one reference of each device; domains and listeners
 * hold theirs, so that the structure outlives the hardware. Connection requests
 * hold none: the device of their rdma_cm_id says whose they are. Objects are
 * linked to their device under its lock and stay linked until they are closed.
 *
 * Ordering: removal first withdraws the device, so that nobody finds it any
 * more. Then, under the device's lock, it sets @dead and takes down all hardware
 * behind the objects that are linked to it. What is left of such an object is a
 * shell that answers -ENODEV. Opening and closing take the same lock: an open
 * either links its object before removal looks or sees @dead; a close either
 * takes the hardware down itself or finds that removal has done so, and
 * whichever comes second has nothing left to do. Only a close frees, after it
 * has unlinked the object. When removal returns, no queue pair, queue, region or
 * rdma_cm_id of ours is left on the device.
 *
 * Our ib_client is registered later than the connection manager's and so is
 * told first; the manager's DEVICE_REMOVAL events find nothing of ours.
 *
 * Errors: a device that reports a fatal error keeps its objects, but their
 * connections are broken. A port that goes down is traced and nothing else:
 * peers time out, or the port comes back before they do.
 */
#include <kunit/visibility.h>
#include <linux/slab.h>

#include "trace.h"
#include "info.h"

DECLARE_RWSEM(kfv_devices_lock);
LIST_HEAD(kfv_devices);

static struct ib_client kfv_device_client;

static void kfv_device_free(struct kref *ref)
{
	struct kfv_device *dev = container_of(ref, struct kfv_device, ref);

	mutex_destroy(&dev->lock);
	kfree(dev);
}

/**
 * kfv_device_put - give a reference back
 * @dev: not to be touched afterwards
 *
 * Context: Any.
 */
void kfv_device_put(struct kfv_device *dev)
{
	kref_put(&dev->ref, kfv_device_free);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_device_put);

/**
 * kfv_device_get - find our side of an RDMA device
 * @ibdev: the device
 *
 * Context: Process.
 * Return: The device with a reference for the caller; NULL if it is being
 * removed or is none that we use.
 */
struct kfv_device *kfv_device_get(struct ib_device *ibdev)
{
	struct kfv_device *dev, *found = NULL;

	down_read(&kfv_devices_lock);
	list_for_each_entry(dev, &kfv_devices, link) {
		if (dev->ibdev == ibdev) {
			found = dev;
			kref_get(&found->ref);
			break;
		}
	}
	up_read(&kfv_devices_lock);
	return found;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_device_get);

/* The port that @name, the name of a domain, means on @dev; 0 if none. */
static u32 kfv_device_match(const struct kfv_device *dev, const char *name)
{
	char domain[KFV_DOMAIN_NAME_MAX];
	u32 port;

	rdma_for_each_port(dev->ibdev, port) {
		kfv_addr_name_port(dev->ibdev, port, dev->name, domain);
		if (!strcmp(domain, name))
			return port;
	}
	return 0;
}

/**
 * kfv_device_get_by_name - find a port by the name of its domain
 * @name: "<device>" or "<device>/<port>"
 * @port: where to put the port number
 *
 * Context: Process.
 * Return: The device with a reference for the caller, or NULL.
 */
struct kfv_device *kfv_device_get_by_name(const char *name, u32 *port)
{
	struct kfv_device *dev, *found = NULL;

	down_read(&kfv_devices_lock);
	list_for_each_entry(dev, &kfv_devices, link) {
		*port = kfv_device_match(dev, name);
		if (*port) {
			found = dev;
			kref_get(&found->ref);
			break;
		}
	}
	up_read(&kfv_devices_lock);
	return found;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_device_get_by_name);

/**
 * kfv_device_name - copy the present name of a device
 * @dev: the device
 * @name: where to put it, IB_DEVICE_NAME_MAX bytes
 *
 * Context: Process.
 */
void kfv_device_name(struct kfv_device *dev, char *name)
{
	down_read(&kfv_devices_lock);
	strscpy(name, dev->name, IB_DEVICE_NAME_MAX);
	up_read(&kfv_devices_lock);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_device_name);

static void kfv_device_break(struct kfv_device *dev, bool persistent)
{
	struct kfv_domain *domain;

	mutex_lock(&dev->lock);
	list_for_each_entry(domain, &dev->domains, dev_link)
		kfv_domain_break(domain, persistent);
	mutex_unlock(&dev->lock);
}

static struct kfv_device *kfv_device_get_lapsed(void)
{
	struct kfv_device *dev, *found = NULL;

	down_write(&kfv_devices_lock);
	list_for_each_entry(dev, &kfv_devices, link) {
		if (!dev->lapsed)
			continue;
		dev->lapsed = false;
		found = dev;
		kref_get(&found->ref);
		break;
	}
	up_write(&kfv_devices_lock);
	return found;
}

/**
 * kfv_device_break_persistent - endpoints have told peers what is not true any
 *	more
 *
 * Ends the connections of all endpoints with KFI_RMA_PMEM.
 *
 * Context: Process.
 */
void kfv_device_break_persistent(void)
{
	struct kfv_device *dev;

	down_write(&kfv_devices_lock);
	list_for_each_entry(dev, &kfv_devices, link)
		dev->lapsed = true;
	up_write(&kfv_devices_lock);

	while ((dev = kfv_device_get_lapsed())) {
		kfv_device_break(dev, true);
		kfv_device_put(dev);
	}
}

static void kfv_device_event(struct ib_event_handler *handler,
			     struct ib_event *event)
{
	struct kfv_device *dev = container_of(handler, struct kfv_device,
					      events);

	trace_kfv_device_event(event);
	if (event->event == IB_EVENT_DEVICE_FATAL)
		kfv_device_break(dev, false);
}

/**
 * kfv_device_has_port - whether a port is one that we may use
 * @ibdev: the device
 * @port: one of its ports
 *
 * Context: Any.
 * Return: true for InfiniBand, RoCE and iWARP.
 */
bool kfv_device_has_port(struct ib_device *ibdev, u32 port)
{
	return rdma_ib_or_roce(ibdev, port) || rdma_protocol_iwarp(ibdev, port);
}

/**
 * kfv_device_refuse - why we do not use a device
 * @ibdev: the device
 *
 * Context: Any.
 * Return: The reason; NULL if we do.
 */
const char *kfv_device_refuse(struct ib_device *ibdev)
{
	u32 port;

	if (!(ibdev->attrs.device_cap_flags & IB_DEVICE_MEM_MGT_EXTENSIONS))
		return "cannot register memory by work request";
	rdma_for_each_port(ibdev, port)
		if (kfv_device_has_port(ibdev, port))
			return NULL;
	return "has no InfiniBand, RoCE or iWARP port";
}

static int kfv_device_add(struct ib_device *ibdev)
{
	const char *reason = kfv_device_refuse(ibdev);
	struct kfv_device *dev;

	if (reason) {
		trace_kfv_device_skip(ibdev, reason);
		return -EOPNOTSUPP;
	}
	dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	if (!dev)
		return -ENOMEM;
	kref_init(&dev->ref);
	mutex_init(&dev->lock);
	INIT_LIST_HEAD(&dev->domains);
	INIT_LIST_HEAD(&dev->peps);
	dev->ibdev = ibdev;
	strscpy(dev->name, dev_name(&ibdev->dev), sizeof(dev->name));

	ib_set_client_data(ibdev, &kfv_device_client, dev);
	INIT_IB_EVENT_HANDLER(&dev->events, ibdev, kfv_device_event);
	ib_register_event_handler(&dev->events);
	trace_kfv_device_add(ibdev, "");

	/* published last */
	down_write(&kfv_devices_lock);
	list_add_tail(&dev->link, &kfv_devices);
	up_write(&kfv_devices_lock);
	return 0;
}

static void kfv_device_remove(struct ib_device *ibdev, void *client_data)
{
	struct kfv_device *dev = client_data;
	struct kfv_domain *domain;

	/* withdrawn first */
	down_write(&kfv_devices_lock);
	list_del(&dev->link);
	up_write(&kfv_devices_lock);
	trace_kfv_device_remove(ibdev, "");

	/* outside the lock, which the handler takes */
	ib_unregister_event_handler(&dev->events);

	mutex_lock(&dev->lock);
	dev->dead = true;
	kfv_pep_device_gone(dev);
	list_for_each_entry(domain, &dev->domains, dev_link)
		kfv_domain_kill(domain);
	mutex_unlock(&dev->lock);

	trace_kfv_device_removed(ibdev, "");
	kfv_device_put(dev);
}

static void kfv_device_rename(struct ib_device *ibdev, void *client_data)
{
	struct kfv_device *dev = client_data;

	down_write(&kfv_devices_lock);
	strscpy(dev->name, dev_name(&ibdev->dev), sizeof(dev->name));
	up_write(&kfv_devices_lock);
}

static struct ib_client kfv_device_client = {
	.name = "kfi_verbs",
	.add = kfv_device_add,
	.remove = kfv_device_remove,
	.rename = kfv_device_rename,
};

/**
 * kfv_device_register - start to hear of devices
 *
 * Those that are there already are met before it returns.
 *
 * Context: Process.
 * Return: 0 or a negative errno.
 */
int kfv_device_register(void)
{
	return ib_register_client(&kfv_device_client);
}

/**
 * kfv_device_unregister - forget all devices
 *
 * Context: Process; no object is open any more.
 */
void kfv_device_unregister(void)
{
	ib_unregister_client(&kfv_device_client);
}
