/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef _KFI_ENDPOINT_H_
#define _KFI_ENDPOINT_H_

/**
 * DOC: Endpoints and untagged messages
 *
 * An endpoint sends and receives. The client opens it, binds it to queues
 * (and an address vector, if it is unconnected), enables it, and connects it
 * if it is of type %KFI_EP_MSG. Binding, enabling and options are the client's
 * to serialize with everything else on the endpoint.
 */

/**
 * DOC: Data calls
 *
 * Messages, tagged messages, RMA and atomics share these rules.
 *
 * Context. Any, softirq included: a data call neither sleeps nor allocates
 * memory, and may be made from completion handlers.
 *
 * Return. 0: the operation was accepted and exactly one completion follows,
 * a failed one if it is flushed, cancelled or loses its connection or device;
 * no completion if the client suppressed it (%KFI_SELECTIVE_COMPLETION) and
 * it succeeds. -EAGAIN: nothing happened, a queue is full; try again after
 * completions were read. Any other negative: nothing happened, and why:
 * -EINVAL for bad arguments, -EMSGSIZE for more than &kfi_ep_attr.max_msg_size
 * or inject_size, -E2BIG for a longer list than iov_limit, -KFI_EBADFLAGS for
 * flags that the call does not know, -EOPNOTSUPP for a completion level that
 * the endpoint does not have, -EACCES for a descriptor without the right,
 * -EKEYREJECTED for what is no memory key, -KFI_EOPBADSTATE before
 * kfi_enable(), -ENOTCONN before the connection is up and after it has gone,
 * -ENODEV when the device is gone, -ENOSYS for what the endpoint cannot do at
 * all.
 *
 * Buffers. Kernel memory of any kind, kmalloc or vmalloc, aligned or not; what
 * kmap_local_page() returned is passed as its page, in a bio_vec. From
 * acceptance to completion it is the provider's; after the completion, that of
 * a cancelled operation included, nobody touches it. Arrays (iov, biov, sgl,
 * desc) and &struct kfi_msg are the caller's again on return, unless
 * &kfi_info.mode has %KFI_ASYNC_IOV. desc is NULL, or kfi_mr_desc() of an open
 * region of the endpoint's domain that the buffer is in; it may be NULL unless
 * the mode has %KFI_LOCAL_MR or %KFI_MR_LOCAL is set.
 *
 * Addresses. Connected endpoints ignore them.
 *
 * Flags. Calls without a flags argument use &kfi_tx_attr.op_flags or
 * &kfi_rx_attr.op_flags; the flags argument of a msg call replaces them.
 */

#include <linux/build_bug.h>
#include <linux/container_of.h>
#include <kfabric.h>
#include <kfi_domain.h>

/**
 * struct kfi_msg - One message
 * @type: Which of the next three members is valid.
 * @msg_iov: Kernel virtual ranges.
 * @msg_biov: Page ranges.
 * @msg_sgl: Scatterlist, not mapped for DMA.
 * @desc: Descriptor of each range, or NULL.
 * @iov_count: Number of ranges; 0 for an empty message.
 * @addr: Peer, ignored on connected endpoints.
 * @context: Context of the operation.
 * @data: Remote CQ data, with %KFI_REMOTE_CQ_DATA.
 */
struct kfi_msg {
	enum kfi_iov_type	type;
	union {
		const struct kvec		*msg_iov;
		const struct bio_vec		*msg_biov;
		const struct scatterlist	*msg_sgl;
	};
	void			**desc;
	size_t			iov_count;
	kfi_addr_t		addr;
	void			*context;
	uint64_t		data;
};

/**
 * enum kfi_opt_level - Level of an endpoint option
 * @KFI_OPT_ENDPOINT: The endpoint.
 */
enum kfi_opt_level {
	KFI_OPT_ENDPOINT,
};

/**
 * enum kfi_opt_name - Options of level %KFI_OPT_ENDPOINT
 * @KFI_OPT_MIN_MULTI_RECV: size_t, bytes; a %KFI_MULTI_RECV buffer is released
 *	when less than this is left of it.
 * @KFI_OPT_CM_DATA_SIZE: size_t, bytes; most that a connection call can send
 *	along. Read only.
 */
enum kfi_opt_name {
	KFI_OPT_MIN_MULTI_RECV,
	KFI_OPT_CM_DATA_SIZE,
};

/**
 * struct kfi_ops_ep - Operations of an endpoint
 * @size: Size of the table in bytes.
 * @cancel: See kfi_cancel().
 * @getopt: See kfi_getopt().
 * @setopt: See kfi_setopt().
 * @tx_ctx: See kfi_tx_context().
 * @rx_ctx: See kfi_rx_context().
 */
struct kfi_ops_ep {
	size_t	size;
	ssize_t	(*cancel)(struct kfid *fid, void *context);
	int	(*getopt)(struct kfid *fid, int level, int optname,
			  void *optval, size_t *optlen);
	int	(*setopt)(struct kfid *fid, int level, int optname,
			  const void *optval, size_t optlen);
	int	(*tx_ctx)(struct kfid_ep *sep, int index,
			  struct kfi_tx_attr *attr, struct kfid_ep **tx_ep,
			  void *context);
	int	(*rx_ctx)(struct kfid_ep *sep, int index,
			  struct kfi_rx_attr *attr, struct kfid_ep **rx_ep,
			  void *context);
};

/**
 * struct kfi_ops_msg - Message operations of an endpoint
 * @size: Size of the table in bytes.
 * @recv: See kfi_recv().
 * @recvv: See kfi_recvv().
 * @recvbv: See kfi_recvbv().
 * @recvmsg: See kfi_recvmsg().
 * @send: See kfi_send().
 * @sendv: See kfi_sendv().
 * @sendbv: See kfi_sendbv().
 * @sendmsg: See kfi_sendmsg().
 * @inject: See kfi_inject().
 * @senddata: See kfi_senddata().
 * @injectdata: See kfi_injectdata().
 * @recvsgl: See kfi_recvsgl().
 * @sendsgl: See kfi_sendsgl().
 */
struct kfi_ops_msg {
	size_t	size;
	ssize_t	(*recv)(struct kfid_ep *ep, void *buf, size_t len, void *desc,
			kfi_addr_t src_addr, void *context);
	ssize_t	(*recvv)(struct kfid_ep *ep, const struct kvec *iov,
			 void **desc, size_t count, kfi_addr_t src_addr,
			 void *context);
	ssize_t	(*recvbv)(struct kfid_ep *ep, const struct bio_vec *biov,
			  void **desc, size_t count, kfi_addr_t src_addr,
			  void *context);
	ssize_t	(*recvmsg)(struct kfid_ep *ep, const struct kfi_msg *msg,
			   uint64_t flags);
	ssize_t	(*send)(struct kfid_ep *ep, const void *buf, size_t len,
			void *desc, kfi_addr_t dest_addr, void *context);
	ssize_t	(*sendv)(struct kfid_ep *ep, const struct kvec *iov,
			 void **desc, size_t count, kfi_addr_t dest_addr,
			 void *context);
	ssize_t	(*sendbv)(struct kfid_ep *ep, const struct bio_vec *biov,
			  void **desc, size_t count, kfi_addr_t dest_addr,
			  void *context);
	ssize_t	(*sendmsg)(struct kfid_ep *ep, const struct kfi_msg *msg,
			   uint64_t flags);
	ssize_t	(*inject)(struct kfid_ep *ep, const void *buf, size_t len,
			  kfi_addr_t dest_addr);
	ssize_t	(*senddata)(struct kfid_ep *ep, const void *buf, size_t len,
			    void *desc, uint64_t data, kfi_addr_t dest_addr,
			    void *context);
	ssize_t	(*injectdata)(struct kfid_ep *ep, const void *buf, size_t len,
			      uint64_t data, kfi_addr_t dest_addr);
	ssize_t	(*recvsgl)(struct kfid_ep *ep, const struct scatterlist *sgl,
			   void **desc, size_t count, kfi_addr_t src_addr,
			   void *context);
	ssize_t	(*sendsgl)(struct kfid_ep *ep, const struct scatterlist *sgl,
			   void **desc, size_t count, kfi_addr_t dest_addr,
			   void *context);
};

struct kfi_ops_atomic;
struct kfi_ops_cm;
struct kfi_ops_rma;
struct kfi_ops_tagged;

/**
 * struct kfid_ep - Endpoint, or a context of one
 * @fid: Common part.
 * @ops: Operations.
 * @cm: Connection operations.
 * @msg: Message operations.
 * @rma: RMA operations.
 * @tagged: Tagged message operations.
 * @atomic: Atomic operations.
 */
struct kfid_ep {
	struct kfid		fid;
	struct kfi_ops_ep	*ops;
	struct kfi_ops_cm	*cm;
	struct kfi_ops_msg	*msg;
	struct kfi_ops_rma	*rma;
	struct kfi_ops_tagged	*tagged;
	struct kfi_ops_atomic	*atomic;
};

/**
 * struct kfid_pep - Passive endpoint, listens for connection requests
 * @fid: Common part.
 * @ops: Operations.
 * @cm: Connection operations.
 */
struct kfid_pep {
	struct kfid		fid;
	struct kfi_ops_ep	*ops;
	struct kfi_ops_cm	*cm;
};

/**
 * struct kfid_stx - Shared transmit context
 * @fid: Common part.
 * @ops: Operations.
 */
struct kfid_stx {
	struct kfid		fid;
	struct kfi_ops_ep	*ops;
};

/* So that kfi_setopt() and kfi_getopt() need not know which one they have */
static_assert(offsetof(struct kfid_ep, ops) == offsetof(struct kfid_pep, ops));

/**
 * kfi_passive_ep() - Open a passive endpoint
 * @fabric: Fabric.
 * @info: Entry from kfi_getinfo() with the address to listen at.
 * @pep: Where to put the endpoint.
 * @context: The client's.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL; -ENODEV; -ENOMEM; -ENOSYS.
 */
static inline int kfi_passive_ep(struct kfid_fabric *fabric,
				 struct kfi_info *info, struct kfid_pep **pep,
				 void *context)
{
	return fabric->ops->passive_ep(fabric, info, pep, context);
}

/**
 * kfi_endpoint() - Open an endpoint
 * @domain: Domain.
 * @info: Entry from kfi_getinfo(), or from a %KFI_CONNREQ event to accept that
 *	request.
 * @ep: Where to put the endpoint.
 * @context: The client's.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL for attributes that the domain cannot meet; -ENODEV;
 * -ENOMEM; -ENOSYS.
 */
static inline int kfi_endpoint(struct kfid_domain *domain,
			       struct kfi_info *info, struct kfid_ep **ep,
			       void *context)
{
	return domain->ops->endpoint(domain, info, ep, context);
}

/**
 * kfi_scalable_ep() - Open a scalable endpoint: one address, many contexts
 * @domain: Domain.
 * @info: Entry from kfi_getinfo().
 * @sep: Where to put the endpoint.
 * @context: The client's.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: As kfi_endpoint().
 */
static inline int kfi_scalable_ep(struct kfid_domain *domain,
				  struct kfi_info *info, struct kfid_ep **sep,
				  void *context)
{
	return domain->ops->scalable_ep(domain, info, sep, context);
}

/**
 * kfi_ep_bind() - Bind a queue, counter, address vector or shared context
 * @ep: Endpoint, not enabled yet.
 * @bfid: What to bind.
 * @flags: Completion queue: %KFI_TRANSMIT and/or %KFI_RECV, and
 *	%KFI_SELECTIVE_COMPLETION. Counter: %KFI_SEND, %KFI_RECV, %KFI_READ, ...
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL for an object of a class that cannot be bound or of
 * another domain; -EBUSY if the place is taken; -KFI_EBADFLAGS;
 * -KFI_EOPBADSTATE if @ep is enabled; -ENOSYS.
 */
static inline int kfi_ep_bind(struct kfid_ep *ep, struct kfid *bfid,
			      uint64_t flags)
{
	return ep->fid.ops->bind(&ep->fid, bfid, flags);
}

/**
 * kfi_pep_bind() - Bind an event queue to a passive endpoint
 * @pep: Passive endpoint.
 * @bfid: Event queue.
 * @flags: Reserved, 0.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: As kfi_ep_bind().
 */
static inline int kfi_pep_bind(struct kfid_pep *pep, struct kfid *bfid,
			       uint64_t flags)
{
	return pep->fid.ops->bind(&pep->fid, bfid, flags);
}

/**
 * kfi_scalable_ep_bind() - Bind an address vector to a scalable endpoint
 * @sep: Scalable endpoint.
 * @bfid: What to bind.
 * @flags: As for kfi_ep_bind().
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: As kfi_ep_bind().
 */
static inline int kfi_scalable_ep_bind(struct kfid_ep *sep, struct kfid *bfid,
				       uint64_t flags)
{
	return sep->fid.ops->bind(&sep->fid, bfid, flags);
}

/**
 * kfi_enable() - Make an endpoint ready for data calls
 * @ep: Endpoint with all that it needs bound to it.
 *
 * Receives may be posted from here on, before the endpoint is connected.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0, also if it is enabled already; -KFI_ENOCQ, -KFI_ENOEQ or
 * -KFI_ENOAV for what is not bound; -ENOSPC if the event queue has no room for
 * what the endpoint reports; -ENOMEM; -ENODEV; or the device's refusal.
 */
static inline int kfi_enable(struct kfid_ep *ep)
{
	return kfi_control(&ep->fid, KFI_ENABLE, NULL);
}

/**
 * kfi_cancel() - Cancel an operation
 * @fid: Endpoint.
 * @context: Context of the operation.
 *
 * A cancelled operation completes with err %KFI_ECANCELED.
 *
 * Source: provider.
 *
 * Context: Any.
 * Return: 0; -ENOENT if there is no such operation, or its completion is on
 * the way; -ENOSYS if the endpoint cannot cancel.
 */
static inline ssize_t kfi_cancel(struct kfid *fid, void *context)
{
	struct kfid_ep *ep = container_of(fid, struct kfid_ep, fid);

	return ep->ops->cancel(fid, context);
}

/**
 * kfi_setopt() - Set an option
 * @fid: Endpoint.
 * @level: %KFI_OPT_ENDPOINT.
 * @optname: One of &enum kfi_opt_name.
 * @optval: New value.
 * @optlen: Length of the value, in bytes.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -ENOPROTOOPT for an unknown or read-only option; -EINVAL for a
 * bad value; -ENOSYS.
 */
static inline int kfi_setopt(struct kfid *fid, int level, int optname,
			     const void *optval, size_t optlen)
{
	struct kfid_ep *ep = container_of(fid, struct kfid_ep, fid);

	return ep->ops->setopt(fid, level, optname, optval, optlen);
}

/**
 * kfi_getopt() - Read an option
 * @fid: Endpoint.
 * @level: %KFI_OPT_ENDPOINT.
 * @optname: One of &enum kfi_opt_name.
 * @optval: Where to put the value.
 * @optlen: In: room at @optval; out: length of the value; in bytes.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -ENOPROTOOPT for an unknown option; -KFI_ETOOSMALL; -ENOSYS.
 */
static inline int kfi_getopt(struct kfid *fid, int level, int optname,
			     void *optval, size_t *optlen)
{
	struct kfid_ep *ep = container_of(fid, struct kfid_ep, fid);

	return ep->ops->getopt(fid, level, optname, optval, optlen);
}

/**
 * kfi_ep_alias() - Make a second handle of an endpoint
 * @ep: Endpoint.
 * @alias_ep: Where to put the alias.
 * @flags: Default operation flags of the alias.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: As kfi_alias().
 */
static inline int kfi_ep_alias(struct kfid_ep *ep, struct kfid_ep **alias_ep,
			       uint64_t flags)
{
	struct kfid *fid;
	int ret;

	ret = kfi_alias(&ep->fid, &fid, flags);
	if (!ret)
		*alias_ep = container_of(fid, struct kfid_ep, fid);
	return ret;
}

/**
 * kfi_tx_context() - Open a transmit context of a scalable endpoint
 * @ep: Scalable endpoint.
 * @index: Index of the context.
 * @attr: Attributes, or NULL for those of the endpoint.
 * @tx_ep: Where to put the context.
 * @context: The client's.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL; -EBUSY if it is open already; -ENOMEM; -ENOSYS.
 */
static inline int kfi_tx_context(struct kfid_ep *ep, int index,
				 struct kfi_tx_attr *attr,
				 struct kfid_ep **tx_ep, void *context)
{
	return ep->ops->tx_ctx(ep, index, attr, tx_ep, context);
}

/**
 * kfi_rx_context() - Open a receive context of a scalable endpoint
 * @ep: Scalable endpoint.
 * @index: Index of the context.
 * @attr: Attributes, or NULL for those of the endpoint.
 * @rx_ep: Where to put the context.
 * @context: The client's.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: As kfi_tx_context().
 */
static inline int kfi_rx_context(struct kfid_ep *ep, int index,
				 struct kfi_rx_attr *attr,
				 struct kfid_ep **rx_ep, void *context)
{
	return ep->ops->rx_ctx(ep, index, attr, rx_ep, context);
}

/**
 * kfi_stx_context() - Open a transmit context that endpoints share
 * @domain: Domain.
 * @attr: Attributes, or NULL for the defaults.
 * @stx: Where to put the context.
 * @context: The client's.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL; -ENOMEM; -ENOSYS.
 */
static inline int kfi_stx_context(struct kfid_domain *domain,
				  struct kfi_tx_attr *attr,
				  struct kfid_stx **stx, void *context)
{
	return domain->ops->stx_ctx(domain, attr, stx, context);
}

/**
 * kfi_srx_context() - Open a receive context that endpoints share
 * @domain: Domain.
 * @attr: Attributes, or NULL for the defaults.
 * @rx_ep: Where to put the context.
 * @context: The client's.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL; -ENOMEM; -ENOSYS.
 */
static inline int kfi_srx_context(struct kfid_domain *domain,
				  struct kfi_rx_attr *attr,
				  struct kfid_ep **rx_ep, void *context)
{
	return domain->ops->srx_ctx(domain, attr, rx_ep, context);
}

/**
 * kfi_recv() - Receive a message
 * @ep: Endpoint.
 * @buf: Where the message goes.
 * @len: Room at @buf, in bytes.
 * @desc: Descriptor of @buf, or NULL.
 * @src_addr: Peer to receive from (%KFI_DIRECTED_RECV), or %KFI_ADDR_UNSPEC.
 * @context: Context of the operation.
 *
 * A longer message fails here and, on a reliable endpoint, at the sender.
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_recv(struct kfid_ep *ep, void *buf, size_t len,
			       void *desc, kfi_addr_t src_addr, void *context)
{
	return ep->msg->recv(ep, buf, len, desc, src_addr, context);
}

/**
 * kfi_recvv() - Receive a message into kernel virtual ranges
 * @ep: Endpoint.
 * @iov: Ranges, filled in order.
 * @desc: Descriptor of each range, or NULL.
 * @count: Number of ranges, at most &kfi_rx_attr.iov_limit.
 * @src_addr: As for kfi_recv().
 * @context: As for kfi_recv().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_recvv(struct kfid_ep *ep, const struct kvec *iov,
				void **desc, size_t count, kfi_addr_t src_addr,
				void *context)
{
	return ep->msg->recvv(ep, iov, desc, count, src_addr, context);
}

/**
 * kfi_recvbv() - Receive a message into page ranges
 * @ep: Endpoint.
 * @biov: Ranges, filled in order.
 * @desc: As for kfi_recvv().
 * @count: As for kfi_recvv().
 * @src_addr: As for kfi_recv().
 * @context: As for kfi_recv().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_recvbv(struct kfid_ep *ep, const struct bio_vec *biov,
				 void **desc, size_t count, kfi_addr_t src_addr,
				 void *context)
{
	return ep->msg->recvbv(ep, biov, desc, count, src_addr, context);
}

/**
 * kfi_recvsgl() - Receive a message into a scatterlist
 * @ep: Endpoint.
 * @sgl: Scatterlist, not mapped for DMA, filled in order.
 * @desc: As for kfi_recvv().
 * @count: Number of its entries to use.
 * @src_addr: As for kfi_recv().
 * @context: As for kfi_recv().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_recvsgl(struct kfid_ep *ep,
				  const struct scatterlist *sgl, void **desc,
				  size_t count, kfi_addr_t src_addr,
				  void *context)
{
	return ep->msg->recvsgl(ep, sgl, desc, count, src_addr, context);
}

/**
 * kfi_recvmsg() - Receive a message, with flags
 * @ep: Endpoint.
 * @msg: Where the message goes.
 * @flags: %KFI_COMPLETION, %KFI_MORE, %KFI_MULTI_RECV.
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_recvmsg(struct kfid_ep *ep, const struct kfi_msg *msg,
				  uint64_t flags)
{
	return ep->msg->recvmsg(ep, msg, flags);
}

/**
 * kfi_send() - Send a message
 * @ep: Endpoint.
 * @buf: The message.
 * @len: Its length, in bytes; 0 to &kfi_ep_attr.max_msg_size.
 * @desc: Descriptor of @buf, or NULL.
 * @dest_addr: Peer, ignored on connected endpoints.
 * @context: Context of the operation.
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_send(struct kfid_ep *ep, const void *buf, size_t len,
			       void *desc, kfi_addr_t dest_addr, void *context)
{
	return ep->msg->send(ep, buf, len, desc, dest_addr, context);
}

/**
 * kfi_sendv() - Send a message from kernel virtual ranges
 * @ep: Endpoint.
 * @iov: Ranges, sent in order.
 * @desc: Descriptor of each range, or NULL.
 * @count: Number of ranges, at most &kfi_tx_attr.iov_limit.
 * @dest_addr: As for kfi_send().
 * @context: As for kfi_send().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_sendv(struct kfid_ep *ep, const struct kvec *iov,
				void **desc, size_t count, kfi_addr_t dest_addr,
				void *context)
{
	return ep->msg->sendv(ep, iov, desc, count, dest_addr, context);
}

/**
 * kfi_sendbv() - Send a message from page ranges
 * @ep: Endpoint.
 * @biov: Ranges, sent in order.
 * @desc: As for kfi_sendv().
 * @count: As for kfi_sendv().
 * @dest_addr: As for kfi_send().
 * @context: As for kfi_send().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_sendbv(struct kfid_ep *ep, const struct bio_vec *biov,
				 void **desc, size_t count,
				 kfi_addr_t dest_addr, void *context)
{
	return ep->msg->sendbv(ep, biov, desc, count, dest_addr, context);
}

/**
 * kfi_sendsgl() - Send a message from a scatterlist
 * @ep: Endpoint.
 * @sgl: Scatterlist, not mapped for DMA, sent in order.
 * @desc: As for kfi_sendv().
 * @count: Number of its entries to use.
 * @dest_addr: As for kfi_send().
 * @context: As for kfi_send().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_sendsgl(struct kfid_ep *ep,
				  const struct scatterlist *sgl, void **desc,
				  size_t count, kfi_addr_t dest_addr,
				  void *context)
{
	return ep->msg->sendsgl(ep, sgl, desc, count, dest_addr, context);
}

/**
 * kfi_sendmsg() - Send a message, with flags
 * @ep: Endpoint.
 * @msg: The message.
 * @flags: %KFI_COMPLETION, %KFI_MORE, %KFI_INJECT, %KFI_FENCE,
 *	%KFI_REMOTE_CQ_DATA and one completion level.
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_sendmsg(struct kfid_ep *ep, const struct kfi_msg *msg,
				  uint64_t flags)
{
	return ep->msg->sendmsg(ep, msg, flags);
}

/**
 * kfi_inject() - Send a short message, buffer free on return
 * @ep: Endpoint.
 * @buf: The message.
 * @len: Its length, in bytes; at most &kfi_tx_attr.inject_size.
 * @dest_addr: As for kfi_send().
 *
 * Writes no completion entry if it succeeds.
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_inject(struct kfid_ep *ep, const void *buf,
				 size_t len, kfi_addr_t dest_addr)
{
	return ep->msg->inject(ep, buf, len, dest_addr);
}

/**
 * kfi_senddata() - Send a message with remote CQ data
 * @ep: Endpoint.
 * @buf: As for kfi_send().
 * @len: As for kfi_send().
 * @desc: As for kfi_send().
 * @data: For the peer's completion; &kfi_domain_attr.cq_data_size bytes of it.
 * @dest_addr: As for kfi_send().
 * @context: As for kfi_send().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_senddata(struct kfid_ep *ep, const void *buf,
				   size_t len, void *desc, uint64_t data,
				   kfi_addr_t dest_addr, void *context)
{
	return ep->msg->senddata(ep, buf, len, desc, data, dest_addr, context);
}

/**
 * kfi_injectdata() - Send a short message with remote CQ data
 * @ep: Endpoint.
 * @buf: As for kfi_inject().
 * @len: As for kfi_inject().
 * @data: As for kfi_senddata().
 * @dest_addr: As for kfi_send().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_injectdata(struct kfid_ep *ep, const void *buf,
				     size_t len, uint64_t data,
				     kfi_addr_t dest_addr)
{
	return ep->msg->injectdata(ep, buf, len, data, dest_addr);
}

#endif /* _KFI_ENDPOINT_H_ */
