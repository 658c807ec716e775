/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef _KFI_RMA_H_
#define _KFI_RMA_H_

/**
 * DOC: Remote memory access
 *
 * Reads and writes of memory that a peer has registered and whose key it has
 * given away. Unless the domain has %KFI_MR_VIRT_ADDR, the remote address is
 * an offset from the start of the region. An access outside of the region, or
 * one that it does not permit, touches nothing and completes with an error at
 * the initiator. The rules of "Data calls" apply.
 *
 * Completion levels. A write completes when the peer's side has the data, which
 * says nothing about memory (%KFI_TRANSMIT_COMPLETE, also without a level). With
 * %KFI_DELIVERY_COMPLETE it completes when the peer's CPUs see the data; with
 * %KFI_COMMIT_COMPLETE when the data is visible and survives a power cut there.
 * The latter takes endpoints with %KFI_RMA_PMEM on both sides, and a region that
 * was registered with it; reads and messages do not have it. A level that cannot
 * be reached is refused: -EINVAL for a commit of a region that is not persistent
 * memory, else -EOPNOTSUPP. An operation that fails says nothing about the data:
 * it may be there, visible, durable, all of it or some.
 *
 * Fences. A level is that of its own operation, and says nothing of others. With
 * %KFI_FENCE | %KFI_COMMIT_COMPLETE, everything that was written before to
 * persistent memory on the endpoint becomes durable first, and the operation
 * completes when its own data is, too. Nothing of it is durable before all of the
 * earlier data is. It may be of no bytes, and then needs no remote range. If it
 * is of 8 bytes, aligned to 8 in the peer's memory, a power cut leaves all of
 * them or none where the provider can do that; elsewhere it may fail with
 * -EMSGSIZE if it is of many bytes. Which is the case the provider's extension
 * tells (<kfi_verbs_ext.h>).
 */

#include <kfabric.h>
#include <kfi_endpoint.h>

/**
 * struct kfi_rma_iov - Remote range
 * @addr: Offset or address of the first byte.
 * @len: Length, in bytes.
 * @key: Key of the region.
 */
struct kfi_rma_iov {
	uint64_t		addr;
	size_t			len;
	uint64_t		key;
};

/**
 * struct kfi_msg_rma - One RMA operation
 * @type: Which of the next three members is valid.
 * @msg_iov: Kernel virtual ranges.
 * @msg_biov: Page ranges.
 * @msg_sgl: Scatterlist, not mapped for DMA.
 * @desc: Descriptor of each local range, or NULL.
 * @iov_count: Number of local ranges.
 * @addr: Peer, ignored on connected endpoints.
 * @rma_iov: Remote ranges, together as long as the local ones.
 * @rma_iov_count: Number of remote ranges, at most &kfi_tx_attr.rma_iov_limit.
 * @context: Context of the operation.
 * @data: Remote CQ data, with %KFI_REMOTE_CQ_DATA.
 */
struct kfi_msg_rma {
	enum kfi_iov_type	type;
	union {
		const struct kvec		*msg_iov;
		const struct bio_vec		*msg_biov;
		const struct scatterlist	*msg_sgl;
	};
	void			**desc;
	size_t			iov_count;
	kfi_addr_t		addr;
	const struct kfi_rma_iov *rma_iov;
	size_t			rma_iov_count;
	void			*context;
	uint64_t		data;
};

/**
 * struct kfi_ops_rma - RMA operations of an endpoint
 * @size: Size of the table in bytes.
 * @read: See kfi_read().
 * @readv: See kfi_readv().
 * @readbv: See kfi_readbv().
 * @readmsg: See kfi_readmsg().
 * @write: See kfi_write().
 * @writev: See kfi_writev().
 * @writebv: See kfi_writebv().
 * @writemsg: See kfi_writemsg().
 * @inject: See kfi_inject_write().
 * @writedata: See kfi_writedata().
 * @injectdata: See kfi_inject_writedata().
 * @readsgl: See kfi_readsgl().
 * @writesgl: See kfi_writesgl().
 */
struct kfi_ops_rma {
	size_t	size;
	ssize_t	(*read)(struct kfid_ep *ep, void *buf, size_t len, void *desc,
			kfi_addr_t src_addr, uint64_t addr, uint64_t key,
			void *context);
	ssize_t	(*readv)(struct kfid_ep *ep, const struct kvec *iov,
			 void **desc, size_t count, kfi_addr_t src_addr,
			 uint64_t addr, uint64_t key, void *context);
	ssize_t	(*readbv)(struct kfid_ep *ep, const struct bio_vec *biov,
			  void **desc, size_t count, kfi_addr_t src_addr,
			  uint64_t addr, uint64_t key, void *context);
	ssize_t	(*readmsg)(struct kfid_ep *ep, const struct kfi_msg_rma *msg,
			   uint64_t flags);
	ssize_t	(*write)(struct kfid_ep *ep, const void *buf, size_t len,
			 void *desc, kfi_addr_t dest_addr, uint64_t addr,
			 uint64_t key, void *context);
	ssize_t	(*writev)(struct kfid_ep *ep, const struct kvec *iov,
			  void **desc, size_t count, kfi_addr_t dest_addr,
			  uint64_t addr, uint64_t key, void *context);
	ssize_t	(*writebv)(struct kfid_ep *ep, const struct bio_vec *biov,
			   void **desc, size_t count, kfi_addr_t dest_addr,
			   uint64_t addr, uint64_t key, void *context);
	ssize_t	(*writemsg)(struct kfid_ep *ep, const struct kfi_msg_rma *msg,
			    uint64_t flags);
	ssize_t	(*inject)(struct kfid_ep *ep, const void *buf, size_t len,
			  kfi_addr_t dest_addr, uint64_t addr, uint64_t key);
	ssize_t	(*writedata)(struct kfid_ep *ep, const void *buf, size_t len,
			     void *desc, uint64_t data, kfi_addr_t dest_addr,
			     uint64_t addr, uint64_t key, void *context);
	ssize_t	(*injectdata)(struct kfid_ep *ep, const void *buf, size_t len,
			      uint64_t data, kfi_addr_t dest_addr,
			      uint64_t addr, uint64_t key);
	ssize_t	(*readsgl)(struct kfid_ep *ep, const struct scatterlist *sgl,
			   void **desc, size_t count, kfi_addr_t src_addr,
			   uint64_t addr, uint64_t key, void *context);
	ssize_t	(*writesgl)(struct kfid_ep *ep, const struct scatterlist *sgl,
			    void **desc, size_t count, kfi_addr_t dest_addr,
			    uint64_t addr, uint64_t key, void *context);
};

/**
 * kfi_read() - Read remote memory
 * @ep: Endpoint.
 * @buf: Where the data goes.
 * @len: How much, in bytes.
 * @desc: Descriptor of @buf, or NULL.
 * @src_addr: Peer, ignored on connected endpoints.
 * @addr: Offset or address of the first remote byte.
 * @key: Key of the remote region.
 * @context: Context of the operation.
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_read(struct kfid_ep *ep, void *buf, size_t len,
			       void *desc, kfi_addr_t src_addr, uint64_t addr,
			       uint64_t key, void *context)
{
	return ep->rma->read(ep, buf, len, desc, src_addr, addr, key, context);
}

/**
 * kfi_readv() - Read remote memory into kernel virtual ranges
 * @ep: Endpoint.
 * @iov: Local ranges, filled in order.
 * @desc: Descriptor of each local range, or NULL.
 * @count: Number of local ranges, at most &kfi_tx_attr.iov_limit.
 * @src_addr: As for kfi_read().
 * @addr: As for kfi_read().
 * @key: As for kfi_read().
 * @context: As for kfi_read().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_readv(struct kfid_ep *ep, const struct kvec *iov,
				void **desc, size_t count, kfi_addr_t src_addr,
				uint64_t addr, uint64_t key, void *context)
{
	return ep->rma->readv(ep, iov, desc, count, src_addr, addr, key,
			      context);
}

/**
 * kfi_readbv() - Read remote memory into page ranges
 * @ep: Endpoint.
 * @biov: Local ranges, filled in order.
 * @desc: As for kfi_readv().
 * @count: As for kfi_readv().
 * @src_addr: As for kfi_read().
 * @addr: As for kfi_read().
 * @key: As for kfi_read().
 * @context: As for kfi_read().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_readbv(struct kfid_ep *ep, const struct bio_vec *biov,
				 void **desc, size_t count, kfi_addr_t src_addr,
				 uint64_t addr, uint64_t key, void *context)
{
	return ep->rma->readbv(ep, biov, desc, count, src_addr, addr, key,
			       context);
}

/**
 * kfi_readsgl() - Read remote memory into a scatterlist
 * @ep: Endpoint.
 * @sgl: Scatterlist, not mapped for DMA, filled in order.
 * @desc: As for kfi_readv().
 * @count: Number of its entries to use.
 * @src_addr: As for kfi_read().
 * @addr: As for kfi_read().
 * @key: As for kfi_read().
 * @context: As for kfi_read().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_readsgl(struct kfid_ep *ep,
				  const struct scatterlist *sgl, void **desc,
				  size_t count, kfi_addr_t src_addr,
				  uint64_t addr, uint64_t key, void *context)
{
	return ep->rma->readsgl(ep, sgl, desc, count, src_addr, addr, key,
				context);
}

/**
 * kfi_readmsg() - Read remote memory, with flags
 * @ep: Endpoint.
 * @msg: Remote and local ranges.
 * @flags: %KFI_COMPLETION, %KFI_MORE, %KFI_FENCE and one completion level, not
 *	%KFI_COMMIT_COMPLETE.
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_readmsg(struct kfid_ep *ep,
				  const struct kfi_msg_rma *msg, uint64_t flags)
{
	return ep->rma->readmsg(ep, msg, flags);
}

/**
 * kfi_write() - Write remote memory
 * @ep: Endpoint.
 * @buf: The data.
 * @len: How much, in bytes.
 * @desc: Descriptor of @buf, or NULL.
 * @dest_addr: Peer, ignored on connected endpoints.
 * @addr: Offset or address of the first remote byte.
 * @key: Key of the remote region.
 * @context: Context of the operation.
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_write(struct kfid_ep *ep, const void *buf, size_t len,
				void *desc, kfi_addr_t dest_addr, uint64_t addr,
				uint64_t key, void *context)
{
	return ep->rma->write(ep, buf, len, desc, dest_addr, addr, key,
			      context);
}

/**
 * kfi_writev() - Write remote memory from kernel virtual ranges
 * @ep: Endpoint.
 * @iov: Local ranges, written in order.
 * @desc: Descriptor of each local range, or NULL.
 * @count: Number of local ranges, at most &kfi_tx_attr.iov_limit.
 * @dest_addr: As for kfi_write().
 * @addr: As for kfi_write().
 * @key: As for kfi_write().
 * @context: As for kfi_write().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_writev(struct kfid_ep *ep, const struct kvec *iov,
				 void **desc, size_t count,
				 kfi_addr_t dest_addr, uint64_t addr,
				 uint64_t key, void *context)
{
	return ep->rma->writev(ep, iov, desc, count, dest_addr, addr, key,
			       context);
}

/**
 * kfi_writebv() - Write remote memory from page ranges
 * @ep: Endpoint.
 * @biov: Local ranges, written in order.
 * @desc: As for kfi_writev().
 * @count: As for kfi_writev().
 * @dest_addr: As for kfi_write().
 * @addr: As for kfi_write().
 * @key: As for kfi_write().
 * @context: As for kfi_write().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_writebv(struct kfid_ep *ep,
				  const struct bio_vec *biov, void **desc,
				  size_t count, kfi_addr_t dest_addr,
				  uint64_t addr, uint64_t key, void *context)
{
	return ep->rma->writebv(ep, biov, desc, count, dest_addr, addr, key,
				context);
}

/**
 * kfi_writesgl() - Write remote memory from a scatterlist
 * @ep: Endpoint.
 * @sgl: Scatterlist, not mapped for DMA, written in order.
 * @desc: As for kfi_writev().
 * @count: Number of its entries to use.
 * @dest_addr: As for kfi_write().
 * @addr: As for kfi_write().
 * @key: As for kfi_write().
 * @context: As for kfi_write().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_writesgl(struct kfid_ep *ep,
				   const struct scatterlist *sgl, void **desc,
				   size_t count, kfi_addr_t dest_addr,
				   uint64_t addr, uint64_t key, void *context)
{
	return ep->rma->writesgl(ep, sgl, desc, count, dest_addr, addr, key,
				 context);
}

/**
 * kfi_writemsg() - Write remote memory, with flags
 * @ep: Endpoint.
 * @msg: Local and remote ranges.
 * @flags: %KFI_COMPLETION, %KFI_MORE, %KFI_INJECT, %KFI_FENCE,
 *	%KFI_REMOTE_CQ_DATA and one completion level.
 *
 * With a level, remote CQ data arrives after the level was reached.
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls" and "Remote memory access".
 */
static inline ssize_t kfi_writemsg(struct kfid_ep *ep,
				   const struct kfi_msg_rma *msg,
				   uint64_t flags)
{
	return ep->rma->writemsg(ep, msg, flags);
}

/**
 * kfi_inject_write() - Write a little remote memory, buffer free on return
 * @ep: Endpoint.
 * @buf: The data.
 * @len: How much, in bytes; at most &kfi_tx_attr.inject_size.
 * @dest_addr: As for kfi_write().
 * @addr: As for kfi_write().
 * @key: As for kfi_write().
 *
 * Writes no completion entry if it succeeds, and so has no completion level.
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_inject_write(struct kfid_ep *ep, const void *buf,
				       size_t len, kfi_addr_t dest_addr,
				       uint64_t addr, uint64_t key)
{
	return ep->rma->inject(ep, buf, len, dest_addr, addr, key);
}

/**
 * kfi_writedata() - Write remote memory and complete at the target
 * @ep: Endpoint.
 * @buf: As for kfi_write().
 * @len: As for kfi_write().
 * @desc: As for kfi_write().
 * @data: For the peer's completion; &kfi_domain_attr.cq_data_size bytes of it.
 * @dest_addr: As for kfi_write().
 * @addr: As for kfi_write().
 * @key: As for kfi_write().
 * @context: As for kfi_write().
 *
 * If the mode that the provider offers has %KFI_RX_CQ_DATA, this uses up a posted
 * receive of the peer.
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_writedata(struct kfid_ep *ep, const void *buf,
				    size_t len, void *desc, uint64_t data,
				    kfi_addr_t dest_addr, uint64_t addr,
				    uint64_t key, void *context)
{
	return ep->rma->writedata(ep, buf, len, desc, data, dest_addr, addr,
				  key, context);
}

/**
 * kfi_inject_writedata() - Write a little remote memory, complete at the target
 * @ep: Endpoint.
 * @buf: As for kfi_inject_write().
 * @len: As for kfi_inject_write().
 * @data: As for kfi_writedata().
 * @dest_addr: As for kfi_write().
 * @addr: As for kfi_write().
 * @key: As for kfi_write().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls".
 */
static inline ssize_t kfi_inject_writedata(struct kfid_ep *ep, const void *buf,
					   size_t len, uint64_t data,
					   kfi_addr_t dest_addr, uint64_t addr,
					   uint64_t key)
{
	return ep->rma->injectdata(ep, buf, len, data, dest_addr, addr, key);
}

#endif /* _KFI_RMA_H_ */
