/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef _KFI_CM_H_
#define _KFI_CM_H_

/**
 * DOC: Connections
 *
 * Active side: kfi_connect(), then %KFI_CONNECTED or an error on the event
 * queue of the endpoint. Passive side: kfi_listen(), then %KFI_CONNREQ with an
 * info for each request. To take it, open an endpoint with that info, bind
 * queues, enable it and call kfi_accept(); %KFI_CONNECTED follows. To refuse
 * it, give its handle to kfi_reject(). Both sides see %KFI_SHUTDOWN once when
 * the connection ends, whoever ended it.
 */

#include <linux/build_bug.h>
#include <linux/container_of.h>
#include <linux/errno.h>
#include <kfi_endpoint.h>

/**
 * struct kfid_mc - Membership in a multicast group
 * @fid: Common part.
 * @addr: Handle of the group.
 */
struct kfid_mc {
	struct kfid		fid;
	kfi_addr_t		addr;
};

/**
 * struct kfi_ops_cm - Connection operations of an endpoint
 * @size: Size of the table in bytes.
 * @setname: See kfi_setname().
 * @getname: See kfi_getname().
 * @getpeer: See kfi_getpeer().
 * @connect: See kfi_connect().
 * @listen: See kfi_listen().
 * @accept: See kfi_accept().
 * @reject: See kfi_reject().
 * @shutdown: See kfi_shutdown().
 * @join: See kfi_join().
 */
struct kfi_ops_cm {
	size_t	size;
	int	(*setname)(kfid_t fid, void *addr, size_t addrlen);
	int	(*getname)(struct kfid *fid, void *addr, size_t *addrlen);
	int	(*getpeer)(struct kfid_ep *ep, void *addr, size_t *addrlen);
	int	(*connect)(struct kfid_ep *ep, const void *addr,
			   const void *param, size_t paramlen);
	int	(*listen)(struct kfid_pep *pep);
	int	(*accept)(struct kfid_ep *ep, const void *param,
			  size_t paramlen);
	int	(*reject)(struct kfid_pep *pep, kfid_t handle,
			  const void *param, size_t paramlen);
	int	(*shutdown)(struct kfid_ep *ep, uint64_t flags);
	int	(*join)(struct kfid_ep *ep, const void *addr, uint64_t flags,
			struct kfid_mc **mc, void *context);
};

/* So that kfi_setname() and kfi_getname() need not know which one they have */
static_assert(offsetof(struct kfid_ep, cm) == offsetof(struct kfid_pep, cm));

/**
 * kfi_setname() - Set the address of an endpoint
 * @fid: Endpoint or passive endpoint, not yet in use.
 * @addr: Address in the format of the endpoint.
 * @addrlen: Its length, in bytes.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL; -EADDRINUSE; -EADDRNOTAVAIL; -KFI_EOPBADSTATE; -ENOSYS.
 */
static inline int kfi_setname(struct kfid *fid, void *addr, size_t addrlen)
{
	struct kfid_ep *ep = container_of(fid, struct kfid_ep, fid);

	return ep->cm->setname(fid, addr, addrlen);
}

/**
 * kfi_getname() - Address of an endpoint
 * @fid: Endpoint or passive endpoint.
 * @addr: Where to put the address, as much as there is room for.
 * @addrlen: In: room at @addr; out: length of the address; in bytes.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -KFI_ETOOSMALL if there was not enough room; -ENOSYS.
 */
static inline int kfi_getname(struct kfid *fid, void *addr, size_t *addrlen)
{
	struct kfid_ep *ep = container_of(fid, struct kfid_ep, fid);

	return ep->cm->getname(fid, addr, addrlen);
}

/**
 * kfi_getpeer() - Address of the peer
 * @ep: Connected endpoint.
 * @addr: As for kfi_getname().
 * @addrlen: As for kfi_getname().
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -KFI_ETOOSMALL; -ENOTCONN; -ENOSYS.
 */
static inline int kfi_getpeer(struct kfid_ep *ep, void *addr, size_t *addrlen)
{
	return ep->cm->getpeer(ep, addr, addrlen);
}

/**
 * kfi_listen() - Start to take connection requests
 * @pep: Passive endpoint, bound to an event queue.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -KFI_ENOEQ; -EADDRINUSE; -EADDRNOTAVAIL; -KFI_EOPBADSTATE if it
 * listens already; -ENODEV; -ENOSYS.
 */
static inline int kfi_listen(struct kfid_pep *pep)
{
	return pep->cm->listen(pep);
}

/**
 * kfi_connect() - Ask a peer for a connection
 * @ep: Enabled endpoint.
 * @addr: Address of the peer, for instance &kfi_info.dest_addr.
 * @param: What to send along, or NULL.
 * @paramlen: Its length, in bytes; at most %KFI_OPT_CM_DATA_SIZE.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep, but not until the peer has answered.
 * Return: 0 if one event will follow; -EINVAL for no address or too much data;
 * -EAFNOSUPPORT for an address of another family than the source's;
 * -KFI_EOPBADSTATE before kfi_enable() and after an attempt or a connection
 * has ended; -EISCONN if it is connecting or connected; -ENODEV; -ENOSYS.
 */
static inline int kfi_connect(struct kfid_ep *ep, const void *addr,
			      const void *param, size_t paramlen)
{
	return ep->cm->connect(ep, addr, param, paramlen);
}

/**
 * kfi_accept() - Accept a connection request
 * @ep: Enabled endpoint that was opened with the info of the request.
 * @param: What to send along, or NULL.
 * @paramlen: Its length, in bytes; at most %KFI_OPT_CM_DATA_SIZE.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0 if one event will follow; -EINVAL for too much data;
 * -KFI_EOPBADSTATE before kfi_enable() or without a request; -EISCONN if it was
 * accepted before; -ECONNABORTED if the peer has taken the request back;
 * -ENODEV; -ENOSYS.
 */
static inline int kfi_accept(struct kfid_ep *ep, const void *param,
			     size_t paramlen)
{
	return ep->cm->accept(ep, param, paramlen);
}

/**
 * kfi_reject() - Refuse a connection request
 * @pep: Passive endpoint that got it.
 * @connreq: &kfi_info.handle of the request; invalid afterwards.
 * @param: What to send along, or NULL.
 * @paramlen: Its length, in bytes; at most %KFI_OPT_CM_DATA_SIZE.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL for too much data or what is no request; -ENOSYS.
 */
static inline int kfi_reject(struct kfid_pep *pep, kfid_t connreq,
			     const void *param, size_t paramlen)
{
	return pep->cm->reject(pep, connreq, param, paramlen);
}

/**
 * kfi_shutdown() - End a connection
 * @ep: Endpoint.
 * @flags: Reserved, 0.
 *
 * Outstanding operations complete with err %KFI_ECANCELED.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -ENOTCONN; -KFI_EBADFLAGS; -ENOSYS.
 */
static inline int kfi_shutdown(struct kfid_ep *ep, uint64_t flags)
{
	return ep->cm->shutdown(ep, flags);
}

/**
 * kfi_join() - Join a multicast group
 * @ep: Endpoint.
 * @addr: Address of the group.
 * @flags: %KFI_SEND and/or %KFI_RECV.
 * @mc: Where to put the membership.
 * @context: The client's.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL; -ENOMEM; -ENOSYS.
 */
static inline int kfi_join(struct kfid_ep *ep, const void *addr, uint64_t flags,
			   struct kfid_mc **mc, void *context)
{
	return KFI_CHECK_OP(ep->cm, struct kfi_ops_cm, join) ?
		ep->cm->join(ep, addr, flags, mc, context) : -ENOSYS;
}

/**
 * kfi_mc_addr() - Handle of a multicast group
 * @mc: Membership.
 *
 * Source: inline, reads the object.
 *
 * Context: Any.
 * Return: What data calls take as destination.
 */
static inline kfi_addr_t kfi_mc_addr(struct kfid_mc *mc)
{
	return mc->addr;
}

#endif /* _KFI_CM_H_ */
