/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef _KFI_TAGGED_H_
#define _KFI_TAGGED_H_

/**
 * DOC: Tagged messages
 *
 * A tagged message goes to the first receive, in order of posting, whose tag
 * equals the message's in all bits that ignore does not mask out (and whose
 * source matches, with %KFI_DIRECTED_RECV). The rules of "Data calls" apply.
 */

#include <kfabric.h>
#include <kfi_endpoint.h>

/* Flags of kfi_trecvmsg() */
#define KFI_CLAIM		BIT_ULL(59)	/* keep the message for this context */
#define KFI_DISCARD		BIT_ULL(58)	/* drop the message */

/**
 * struct kfi_msg_tagged - One tagged message
 * @type: Which of the next three members is valid.
 * @msg_iov: Kernel virtual ranges.
 * @msg_biov: Page ranges.
 * @msg_sgl: Scatterlist, not mapped for DMA.
 * @desc: Descriptor of each range, or NULL.
 * @iov_count: Number of ranges; 0 for an empty message.
 * @addr: Peer.
 * @tag: Tag.
 * @ignore: Receives: bits of the tag that do not matter.
 * @context: Context of the operation.
 * @data: Remote CQ data, with %KFI_REMOTE_CQ_DATA.
 */
struct kfi_msg_tagged {
	enum kfi_iov_type	type;
	union {
		const struct kvec		*msg_iov;
		const struct bio_vec		*msg_biov;
		const struct scatterlist	*msg_sgl;
	};
	void			**desc;
	size_t			iov_count;
	kfi_addr_t		addr;
	uint64_t		tag;
	uint64_t		ignore;
	void			*context;
	uint64_t		data;
};

/**
 * struct kfi_ops_tagged - Tagged message operations of an endpoint
 * @size: Size of the table in bytes.
 * @recv: See kfi_trecv().
 * @recvv: See kfi_trecvv().
 * @recvbv: See kfi_trecvbv().
 * @recvmsg: See kfi_trecvmsg().
 * @send: See kfi_tsend().
 * @sendv: See kfi_tsendv().
 * @sendbv: See kfi_tsendbv().
 * @sendmsg: See kfi_tsendmsg().
 * @inject: See kfi_tinject().
 * @senddata: See kfi_tsenddata().
 * @injectdata: See kfi_tinjectdata().
 * @recvsgl: See kfi_trecvsgl().
 * @sendsgl: See kfi_tsendsgl().
 */
struct kfi_ops_tagged {
	size_t	size;
	ssize_t	(*recv)(struct kfid_ep *ep, void *buf, size_t len, void *desc,
			kfi_addr_t src_addr, uint64_t tag, uint64_t ignore,
			void *context);
	ssize_t	(*recvv)(struct kfid_ep *ep, const struct kvec *iov,
			 void **desc, size_t count, kfi_addr_t src_addr,
			 uint64_t tag, uint64_t ignore, void *context);
	ssize_t	(*recvbv)(struct kfid_ep *ep, const struct bio_vec *biov,
			  void **desc, size_t count, kfi_addr_t src_addr,
			  uint64_t tag, uint64_t ignore, void *context);
	ssize_t	(*recvmsg)(struct kfid_ep *ep, const struct kfi_msg_tagged *msg,
			   uint64_t flags);
	ssize_t	(*send)(struct kfid_ep *ep, const void *buf, size_t len,
			void *desc, kfi_addr_t dest_addr, uint64_t tag,
			void *context);
	ssize_t	(*sendv)(struct kfid_ep *ep, const struct kvec *iov,
			 void **desc, size_t count, kfi_addr_t dest_addr,
			 uint64_t tag, void *context);
	ssize_t	(*sendbv)(struct kfid_ep *ep, const struct bio_vec *biov,
			  void **desc, size_t count, kfi_addr_t dest_addr,
			  uint64_t tag, void *context);
	ssize_t	(*sendmsg)(struct kfid_ep *ep, const struct kfi_msg_tagged *msg,
			   uint64_t flags);
	ssize_t	(*inject)(struct kfid_ep *ep, const void *buf, size_t len,
			  kfi_addr_t dest_addr, uint64_t tag);
	ssize_t	(*senddata)(struct kfid_ep *ep, const void *buf, size_t len,
			    void *desc, uint64_t data, kfi_addr_t dest_addr,
			    uint64_t tag, void *context);
	ssize_t	(*injectdata)(struct kfid_ep *ep, const void *buf, size_t len,
			      uint64_t data, kfi_addr_t dest_addr,
			      uint64_t tag);
	ssize_t	(*recvsgl)(struct kfid_ep *ep, const struct scatterlist *sgl,
			   void **desc, size_t count, kfi_addr_t src_addr,
			   uint64_t tag, uint64_t ignore, void *context);
	ssize_t	(*sendsgl)(struct kfid_ep *ep, const struct scatterlist *sgl,
			   void **desc, size_t count, kfi_addr_t dest_addr,
			   uint64_t tag, void *context);
};

/**
 * kfi_trecv() - Receive a tagged message
 * @ep: Endpoint.
 * @buf: Where the message goes.
 * @len: Room at @buf, in bytes.
 * @desc: Descriptor of @buf, or NULL.
 * @src_addr: Peer to receive from (%KFI_DIRECTED_RECV), or %KFI_ADDR_UNSPEC.
 * @tag: Tag to match.
 * @ignore: Bits of the tag that do not matter.
 * @context: Context of the operation.
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_trecv(struct kfid_ep *ep, void *buf, size_t len,
				void *desc, kfi_addr_t src_addr, uint64_t tag,
				uint64_t ignore, void *context)
{
	return ep->tagged->recv(ep, buf, len, desc, src_addr, tag, ignore,
				context);
}

/**
 * kfi_trecvv() - Receive a tagged message into kernel virtual ranges
 * @ep: Endpoint.
 * @iov: Ranges, filled in order.
 * @desc: Descriptor of each range, or NULL.
 * @count: Number of ranges, at most &kfi_rx_attr.iov_limit.
 * @src_addr: As for kfi_trecv().
 * @tag: As for kfi_trecv().
 * @ignore: As for kfi_trecv().
 * @context: As for kfi_trecv().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_trecvv(struct kfid_ep *ep, const struct kvec *iov,
				 void **desc, size_t count, kfi_addr_t src_addr,
				 uint64_t tag, uint64_t ignore, void *context)
{
	return ep->tagged->recvv(ep, iov, desc, count, src_addr, tag, ignore,
				 context);
}

/**
 * kfi_trecvbv() - Receive a tagged message into page ranges
 * @ep: Endpoint.
 * @biov: Ranges, filled in order.
 * @desc: As for kfi_trecvv().
 * @count: As for kfi_trecvv().
 * @src_addr: As for kfi_trecv().
 * @tag: As for kfi_trecv().
 * @ignore: As for kfi_trecv().
 * @context: As for kfi_trecv().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_trecvbv(struct kfid_ep *ep,
				  const struct bio_vec *biov, void **desc,
				  size_t count, kfi_addr_t src_addr,
				  uint64_t tag, uint64_t ignore, void *context)
{
	return ep->tagged->recvbv(ep, biov, desc, count, src_addr, tag, ignore,
				  context);
}

/**
 * kfi_trecvsgl() - Receive a tagged message into a scatterlist
 * @ep: Endpoint.
 * @sgl: Scatterlist, not mapped for DMA, filled in order.
 * @desc: As for kfi_trecvv().
 * @count: Number of its entries to use.
 * @src_addr: As for kfi_trecv().
 * @tag: As for kfi_trecv().
 * @ignore: As for kfi_trecv().
 * @context: As for kfi_trecv().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_trecvsgl(struct kfid_ep *ep,
				   const struct scatterlist *sgl, void **desc,
				   size_t count, kfi_addr_t src_addr,
				   uint64_t tag, uint64_t ignore, void *context)
{
	return ep->tagged->recvsgl(ep, sgl, desc, count, src_addr, tag, ignore,
				   context);
}

/**
 * kfi_trecvmsg() - Receive a tagged message, with flags
 * @ep: Endpoint.
 * @msg: What to match and where the message goes.
 * @flags: %KFI_COMPLETION, %KFI_MORE, %KFI_MULTI_RECV, %KFI_PEEK, %KFI_CLAIM,
 *	%KFI_DISCARD.
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls"; with %KFI_PEEK an err of
 * %KFI_ENOMSG in the completion says that no message matches.
 */
static inline ssize_t kfi_trecvmsg(struct kfid_ep *ep,
				   const struct kfi_msg_tagged *msg,
				   uint64_t flags)
{
	return ep->tagged->recvmsg(ep, msg, flags);
}

/**
 * kfi_tsend() - Send a tagged message
 * @ep: Endpoint.
 * @buf: The message.
 * @len: Its length, in bytes; 0 to &kfi_ep_attr.max_msg_size.
 * @desc: Descriptor of @buf, or NULL.
 * @dest_addr: Peer.
 * @tag: Tag.
 * @context: Context of the operation.
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_tsend(struct kfid_ep *ep, const void *buf, size_t len,
				void *desc, kfi_addr_t dest_addr, uint64_t tag,
				void *context)
{
	return ep->tagged->send(ep, buf, len, desc, dest_addr, tag, context);
}

/**
 * kfi_tsendv() - Send a tagged message from kernel virtual ranges
 * @ep: Endpoint.
 * @iov: Ranges, sent in order.
 * @desc: Descriptor of each range, or NULL.
 * @count: Number of ranges, at most &kfi_tx_attr.iov_limit.
 * @dest_addr: As for kfi_tsend().
 * @tag: As for kfi_tsend().
 * @context: As for kfi_tsend().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_tsendv(struct kfid_ep *ep, const struct kvec *iov,
				 void **desc, size_t count,
				 kfi_addr_t dest_addr, uint64_t tag,
				 void *context)
{
	return ep->tagged->sendv(ep, iov, desc, count, dest_addr, tag, context);
}

/**
 * kfi_tsendbv() - Send a tagged message from page ranges
 * @ep: Endpoint.
 * @biov: Ranges, sent in order.
 * @desc: As for kfi_tsendv().
 * @count: As for kfi_tsendv().
 * @dest_addr: As for kfi_tsend().
 * @tag: As for kfi_tsend().
 * @context: As for kfi_tsend().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_tsendbv(struct kfid_ep *ep,
				  const struct bio_vec *biov, void **desc,
				  size_t count, kfi_addr_t dest_addr,
				  uint64_t tag, void *context)
{
	return ep->tagged->sendbv(ep, biov, desc, count, dest_addr, tag,
				  context);
}

/**
 * kfi_tsendsgl() - Send a tagged message from a scatterlist
 * @ep: Endpoint.
 * @sgl: Scatterlist, not mapped for DMA, sent in order.
 * @desc: As for kfi_tsendv().
 * @count: Number of its entries to use.
 * @dest_addr: As for kfi_tsend().
 * @tag: As for kfi_tsend().
 * @context: As for kfi_tsend().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_tsendsgl(struct kfid_ep *ep,
				   const struct scatterlist *sgl, void **desc,
				   size_t count, kfi_addr_t dest_addr,
				   uint64_t tag, void *context)
{
	return ep->tagged->sendsgl(ep, sgl, desc, count, dest_addr, tag,
				   context);
}

/**
 * kfi_tsendmsg() - Send a tagged message, with flags
 * @ep: Endpoint.
 * @msg: The message.
 * @flags: As for kfi_sendmsg().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_tsendmsg(struct kfid_ep *ep,
				   const struct kfi_msg_tagged *msg,
				   uint64_t flags)
{
	return ep->tagged->sendmsg(ep, msg, flags);
}

/**
 * kfi_tinject() - Send a short tagged message, buffer free on return
 * @ep: Endpoint.
 * @buf: The message.
 * @len: Its length, in bytes; at most &kfi_tx_attr.inject_size.
 * @dest_addr: As for kfi_tsend().
 * @tag: As for kfi_tsend().
 *
 * Writes no completion entry if it succeeds.
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_tinject(struct kfid_ep *ep, const void *buf,
				  size_t len, kfi_addr_t dest_addr,
				  uint64_t tag)
{
	return ep->tagged->inject(ep, buf, len, dest_addr, tag);
}

/**
 * kfi_tsenddata() - Send a tagged message with remote CQ data
 * @ep: Endpoint.
 * @buf: As for kfi_tsend().
 * @len: As for kfi_tsend().
 * @desc: As for kfi_tsend().
 * @data: For the peer's completion; &kfi_domain_attr.cq_data_size bytes of it.
 * @dest_addr: As for kfi_tsend().
 * @tag: As for kfi_tsend().
 * @context: As for kfi_tsend().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_tsenddata(struct kfid_ep *ep, const void *buf,
				    size_t len, void *desc, uint64_t data,
				    kfi_addr_t dest_addr, uint64_t tag,
				    void *context)
{
	return ep->tagged->senddata(ep, buf, len, desc, data, dest_addr, tag,
				    context);
}

/**
 * kfi_tinjectdata() - Send a short tagged message with remote CQ data
 * @ep: Endpoint.
 * @buf: As for kfi_tinject().
 * @len: As for kfi_tinject().
 * @data: As for kfi_tsenddata().
 * @dest_addr: As for kfi_tsend().
 * @tag: As for kfi_tsend().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_tinjectdata(struct kfid_ep *ep, const void *buf,
				      size_t len, uint64_t data,
				      kfi_addr_t dest_addr, uint64_t tag)
{
	return ep->tagged->injectdata(ep, buf, len, data, dest_addr, tag);
}

#endif /* _KFI_TAGGED_H_ */
