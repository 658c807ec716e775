/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef _KFI_DOMAIN_H_
#define _KFI_DOMAIN_H_

/**
 * DOC: Domains and memory regions
 *
 * A domain is one network device of a fabric with the resources opened on it.
 *
 * A memory region lets peers reach memory of this node by a key, with the
 * rights given at registration and nowhere but in the range registered. With
 * %KFI_MR_PROV_KEY the provider makes the key (kfi_mr_key()); without
 * %KFI_MR_VIRT_ADDR a peer addresses bytes by their offset from the start of
 * the region. Once kfi_close() of a region has returned, its key is dead.
 */

#include <kfabric.h>
#include <kfi_av.h>
#include <kfi_eq.h>

/**
 * struct kfid_mr - Memory region
 * @fid: Common part.
 * @mem_desc: Descriptor for local use, see kfi_mr_desc().
 * @key: Key for peers, see kfi_mr_key().
 * @iova: Address at which peers find the first byte; 0 for regions that are
 *	addressed by offset.
 */
struct kfid_mr {
	struct kfid		fid;
	void			*mem_desc;
	uint64_t		key;
	uint64_t		iova;
};

/**
 * struct kfi_mr_attr - What to register
 * @type: Which of the next three members is valid.
 * @mr_iov: Array of kernel virtual ranges.
 * @mr_biov: Array of page ranges.
 * @mr_sgl: Scatterlist.
 * @iov_count: Number of ranges.
 * @access: Rights: %KFI_SEND, %KFI_RECV, %KFI_READ, %KFI_WRITE for local use,
 *	%KFI_REMOTE_READ, %KFI_REMOTE_WRITE for peers.
 * @offset: Reserved, 0.
 * @requested_key: The key, unless the provider makes it.
 * @context: The client's.
 * @auth_key_size: Length of @auth_key, in bytes.
 * @auth_key: Authorization key, or NULL for the domain's.
 */
struct kfi_mr_attr {
	enum kfi_iov_type	type;
	union {
		const struct kvec		*mr_iov;
		const struct bio_vec		*mr_biov;
		const struct scatterlist	*mr_sgl;
	};
	size_t			iov_count;
	uint64_t		access;
	uint64_t		offset;
	uint64_t		requested_key;
	void			*context;
	size_t			auth_key_size;
	uint8_t			*auth_key;
};

/**
 * struct kfi_mr_modify - Argument of %KFI_REFRESH
 * @flags: Reserved, 0.
 * @attr: New ranges.
 */
struct kfi_mr_modify {
	uint64_t		flags;
	struct kfi_mr_attr	attr;
};

/**
 * enum kfi_datatype - Operand of an atomic operation
 * @KFI_INT8: int8_t.
 * @KFI_UINT8: uint8_t.
 * @KFI_INT16: int16_t.
 * @KFI_UINT16: uint16_t.
 * @KFI_INT32: int32_t.
 * @KFI_UINT32: uint32_t.
 * @KFI_INT64: int64_t.
 * @KFI_UINT64: uint64_t.
 * @KFI_FLOAT: float.
 * @KFI_DOUBLE: double.
 * @KFI_FLOAT_COMPLEX: float complex.
 * @KFI_DOUBLE_COMPLEX: double complex.
 * @KFI_LONG_DOUBLE: long double.
 * @KFI_LONG_DOUBLE_COMPLEX: long double complex.
 * @KFI_DATATYPE_LAST: Number of data types.
 */
enum kfi_datatype {
	KFI_INT8,
	KFI_UINT8,
	KFI_INT16,
	KFI_UINT16,
	KFI_INT32,
	KFI_UINT32,
	KFI_INT64,
	KFI_UINT64,
	KFI_FLOAT,
	KFI_DOUBLE,
	KFI_FLOAT_COMPLEX,
	KFI_DOUBLE_COMPLEX,
	KFI_LONG_DOUBLE,
	KFI_LONG_DOUBLE_COMPLEX,
	KFI_DATATYPE_LAST,
};

/**
 * enum kfi_op - What an atomic operation does to its target
 * @KFI_MIN: Smaller of target and operand.
 * @KFI_MAX: Larger of target and operand.
 * @KFI_SUM: Sum.
 * @KFI_PROD: Product.
 * @KFI_LOR: Logical or.
 * @KFI_LAND: Logical and.
 * @KFI_BOR: Bitwise or.
 * @KFI_BAND: Bitwise and.
 * @KFI_LXOR: Logical exclusive or.
 * @KFI_BXOR: Bitwise exclusive or.
 * @KFI_ATOMIC_READ: Target stays.
 * @KFI_ATOMIC_WRITE: Operand.
 * @KFI_CSWAP: Operand if compare == target.
 * @KFI_CSWAP_NE: Operand if compare != target.
 * @KFI_CSWAP_LE: Operand if compare <= target.
 * @KFI_CSWAP_LT: Operand if compare < target.
 * @KFI_CSWAP_GE: Operand if compare >= target.
 * @KFI_CSWAP_GT: Operand if compare > target.
 * @KFI_MSWAP: Operand where compare has bits set, target elsewhere.
 * @KFI_ATOMIC_OP_LAST: Number of operations.
 */
enum kfi_op {
	KFI_MIN,
	KFI_MAX,
	KFI_SUM,
	KFI_PROD,
	KFI_LOR,
	KFI_LAND,
	KFI_BOR,
	KFI_BAND,
	KFI_LXOR,
	KFI_BXOR,
	KFI_ATOMIC_READ,
	KFI_ATOMIC_WRITE,
	KFI_CSWAP,
	KFI_CSWAP_NE,
	KFI_CSWAP_LE,
	KFI_CSWAP_LT,
	KFI_CSWAP_GE,
	KFI_CSWAP_GT,
	KFI_MSWAP,
	KFI_ATOMIC_OP_LAST,
};

struct kfi_atomic_attr;

/**
 * struct kfi_ops_domain - Operations of a domain
 * @size: Size of the table in bytes.
 * @av_open: See kfi_av_open().
 * @cq_open: See kfi_cq_open().
 * @endpoint: See kfi_endpoint().
 * @scalable_ep: See kfi_scalable_ep().
 * @cntr_open: See kfi_cntr_open().
 * @poll_open: See kfi_poll_open().
 * @stx_ctx: See kfi_stx_context().
 * @srx_ctx: See kfi_srx_context().
 * @query_atomic: See kfi_query_atomic().
 */
struct kfi_ops_domain {
	size_t	size;
	int	(*av_open)(struct kfid_domain *domain, struct kfi_av_attr *attr,
			   struct kfid_av **av, void *context);
	int	(*cq_open)(struct kfid_domain *domain, struct kfi_cq_attr *attr,
			   struct kfid_cq **cq, kfi_comp_handler comp_handler,
			   void *context);
	int	(*endpoint)(struct kfid_domain *domain, struct kfi_info *info,
			    struct kfid_ep **ep, void *context);
	int	(*scalable_ep)(struct kfid_domain *domain,
			       struct kfi_info *info, struct kfid_ep **sep,
			       void *context);
	int	(*cntr_open)(struct kfid_domain *domain,
			     struct kfi_cntr_attr *attr,
			     struct kfid_cntr **cntr, void *context);
	int	(*poll_open)(struct kfid_domain *domain,
			     struct kfi_poll_attr *attr,
			     struct kfid_poll **pollset);
	int	(*stx_ctx)(struct kfid_domain *domain, struct kfi_tx_attr *attr,
			   struct kfid_stx **stx, void *context);
	int	(*srx_ctx)(struct kfid_domain *domain, struct kfi_rx_attr *attr,
			   struct kfid_ep **rx_ep, void *context);
	int	(*query_atomic)(struct kfid_domain *domain,
				enum kfi_datatype datatype, enum kfi_op op,
				struct kfi_atomic_attr *attr, uint64_t flags);
};

/**
 * struct kfi_ops_mr - Registration operations of a domain
 * @size: Size of the table in bytes.
 * @reg: See kfi_mr_reg().
 * @regv: See kfi_mr_regv().
 * @regbv: See kfi_mr_regbv().
 * @regattr: See kfi_mr_regattr().
 * @regsgl: See kfi_mr_regsgl().
 */
struct kfi_ops_mr {
	size_t	size;
	int	(*reg)(struct kfid *fid, const void *buf, size_t len,
		       uint64_t access, uint64_t offset, uint64_t requested_key,
		       uint64_t flags, struct kfid_mr **mr, void *context);
	int	(*regv)(struct kfid *fid, const struct kvec *iov, size_t count,
			uint64_t access, uint64_t offset,
			uint64_t requested_key, uint64_t flags,
			struct kfid_mr **mr, void *context);
	int	(*regbv)(struct kfid *fid, const struct bio_vec *biov,
			 size_t count, uint64_t access, uint64_t offset,
			 uint64_t requested_key, uint64_t flags,
			 struct kfid_mr **mr, void *context);
	int	(*regattr)(struct kfid *fid, const struct kfi_mr_attr *attr,
			   uint64_t flags, struct kfid_mr **mr);
	int	(*regsgl)(struct kfid *fid, const struct scatterlist *sgl,
			  size_t count, uint64_t access, uint64_t offset,
			  uint64_t requested_key, uint64_t flags,
			  struct kfid_mr **mr, void *context);
};

/* kfi_domain_bind() to an EQ: registrations report there */
#define KFI_REG_MR		BIT_ULL(59)

/**
 * struct kfid_domain - Domain
 * @fid: Common part.
 * @ops: Operations.
 * @mr: Registration operations.
 */
struct kfid_domain {
	struct kfid		fid;
	struct kfi_ops_domain	*ops;
	struct kfi_ops_mr	*mr;
};

/**
 * kfi_domain() - Open a domain
 * @fabric: Fabric.
 * @info: Entry from kfi_getinfo().
 * @domain: Where to put the domain.
 * @context: The client's.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL if @info is not of this fabric; -ENODEV if the device is
 * gone; -ENOMEM.
 */
static inline int kfi_domain(struct kfid_fabric *fabric, struct kfi_info *info,
			     struct kfid_domain **domain, void *context)
{
	return fabric->ops->domain(fabric, info, domain, context);
}

/**
 * kfi_domain_bind() - Bind an event queue to a domain
 * @domain: Domain.
 * @fid: Event queue.
 * @flags: %KFI_REG_MR: registrations report there.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL for another class of object; -KFI_EBADFLAGS; -ENOSYS.
 */
static inline int kfi_domain_bind(struct kfid_domain *domain, struct kfid *fid,
				  uint64_t flags)
{
	return domain->fid.ops->bind(&domain->fid, fid, flags);
}

/**
 * kfi_cq_open() - Open a completion queue
 * @domain: Domain.
 * @attr: Attributes, or NULL for the defaults; a format left open is filled
 *	in.
 * @cq: Where to put the queue.
 * @comp_handler: Called when entries appear, or NULL.
 * @context: The client's.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL for a size or format out of range; -KFI_EBADFLAGS; -ENOSYS
 * for a wait object or condition that the provider does not have; -ENOMEM.
 */
static inline int kfi_cq_open(struct kfid_domain *domain,
			      struct kfi_cq_attr *attr, struct kfid_cq **cq,
			      kfi_comp_handler comp_handler, void *context)
{
	return domain->ops->cq_open(domain, attr, cq, comp_handler, context);
}

/**
 * kfi_cntr_open() - Open a counter
 * @domain: Domain.
 * @attr: Attributes.
 * @cntr: Where to put the counter.
 * @context: The client's.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL; -ENOMEM; -ENOSYS.
 */
static inline int kfi_cntr_open(struct kfid_domain *domain,
				struct kfi_cntr_attr *attr,
				struct kfid_cntr **cntr, void *context)
{
	return domain->ops->cntr_open(domain, attr, cntr, context);
}

/**
 * kfi_wait_open() - Open a wait set
 * @fabric: Fabric.
 * @attr: Attributes.
 * @waitset: Where to put the wait set.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL; -ENOMEM; -ENOSYS.
 */
static inline int kfi_wait_open(struct kfid_fabric *fabric,
				struct kfi_wait_attr *attr,
				struct kfid_wait **waitset)
{
	return fabric->ops->wait_open(fabric, attr, waitset);
}

/**
 * kfi_poll_open() - Open a poll set
 * @domain: Domain.
 * @attr: Attributes.
 * @pollset: Where to put the poll set.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL; -ENOMEM; -ENOSYS.
 */
static inline int kfi_poll_open(struct kfid_domain *domain,
				struct kfi_poll_attr *attr,
				struct kfid_poll **pollset)
{
	return domain->ops->poll_open(domain, attr, pollset);
}

/**
 * kfi_mr_reg() - Register one range
 * @domain: Domain.
 * @buf: Kernel virtual address, kmalloc or vmalloc memory.
 * @len: Length, in bytes.
 * @access: Rights, see &kfi_mr_attr.access.
 * @offset: Reserved, 0.
 * @requested_key: The key, unless the provider makes it.
 * @flags: 0, or %KFI_RMA_PMEM: the range is persistent memory, all of it, and
 *	peers may commit what they write to it.
 * @mr: Where to put the region.
 * @context: The client's.
 *
 * The memory must stay until the region is closed.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL for no memory, no rights or unknown ones, an @offset, or
 * with %KFI_RMA_PMEM memory that the kernel does not know to be persistent;
 * -EOPNOTSUPP if nothing here can make it durable; -KFI_EBADFLAGS; -E2BIG for
 * more pages than a region holds; -KFI_ENOKEY if @requested_key is taken;
 * -EKEYREJECTED if it is out of range; -ENOSPC if the domain has no region left;
 * -ENOMEM; -ENODEV; -EIO if the device refused.
 */
static inline int kfi_mr_reg(struct kfid_domain *domain, const void *buf,
			     size_t len, uint64_t access, uint64_t offset,
			     uint64_t requested_key, uint64_t flags,
			     struct kfid_mr **mr, void *context)
{
	return domain->mr->reg(&domain->fid, buf, len, access, offset,
			       requested_key, flags, mr, context);
}

/**
 * kfi_mr_regv() - Register several ranges as one region
 * @domain: As for kfi_mr_reg().
 * @iov: Kernel virtual ranges, in the order in which peers see them.
 * @count: Number of ranges, at most &kfi_domain_attr.mr_iov_limit.
 * @access: As for kfi_mr_reg().
 * @offset: As for kfi_mr_reg().
 * @requested_key: As for kfi_mr_reg().
 * @flags: As for kfi_mr_reg().
 * @mr: As for kfi_mr_reg().
 * @context: As for kfi_mr_reg().
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: As kfi_mr_reg(); -EINVAL if the device cannot make one region of
 * them (gaps inside pages).
 */
static inline int kfi_mr_regv(struct kfid_domain *domain,
			      const struct kvec *iov, size_t count,
			      uint64_t access, uint64_t offset,
			      uint64_t requested_key, uint64_t flags,
			      struct kfid_mr **mr, void *context)
{
	return domain->mr->regv(&domain->fid, iov, count, access, offset,
				requested_key, flags, mr, context);
}

/**
 * kfi_mr_regbv() - Register several page ranges as one region
 * @domain: As for kfi_mr_reg().
 * @biov: Page ranges, in the order in which peers see them.
 * @count: As for kfi_mr_regv().
 * @access: As for kfi_mr_reg().
 * @offset: As for kfi_mr_reg().
 * @requested_key: As for kfi_mr_reg().
 * @flags: As for kfi_mr_reg().
 * @mr: As for kfi_mr_reg().
 * @context: As for kfi_mr_reg().
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: As kfi_mr_regv().
 */
static inline int kfi_mr_regbv(struct kfid_domain *domain,
			       const struct bio_vec *biov, size_t count,
			       uint64_t access, uint64_t offset,
			       uint64_t requested_key, uint64_t flags,
			       struct kfid_mr **mr, void *context)
{
	return domain->mr->regbv(&domain->fid, biov, count, access, offset,
				 requested_key, flags, mr, context);
}

/**
 * kfi_mr_regsgl() - Register a scatterlist as one region
 * @domain: As for kfi_mr_reg().
 * @sgl: Scatterlist, not mapped for DMA.
 * @count: Number of its entries to register.
 * @access: As for kfi_mr_reg().
 * @offset: As for kfi_mr_reg().
 * @requested_key: As for kfi_mr_reg().
 * @flags: As for kfi_mr_reg().
 * @mr: As for kfi_mr_reg().
 * @context: As for kfi_mr_reg().
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: As kfi_mr_regv().
 */
static inline int kfi_mr_regsgl(struct kfid_domain *domain,
				const struct scatterlist *sgl, size_t count,
				uint64_t access, uint64_t offset,
				uint64_t requested_key, uint64_t flags,
				struct kfid_mr **mr, void *context)
{
	return domain->mr->regsgl(&domain->fid, sgl, count, access, offset,
				  requested_key, flags, mr, context);
}

/**
 * kfi_mr_regattr() - Register what a structure describes
 * @domain: As for kfi_mr_reg().
 * @attr: Ranges, rights and key.
 * @flags: As for kfi_mr_reg().
 * @mr: As for kfi_mr_reg().
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: As kfi_mr_regv().
 */
static inline int kfi_mr_regattr(struct kfid_domain *domain,
				 const struct kfi_mr_attr *attr,
				 uint64_t flags, struct kfid_mr **mr)
{
	return domain->mr->regattr(&domain->fid, attr, flags, mr);
}

/**
 * kfi_mr_desc() - Descriptor of a region for local use
 * @mr: Memory region.
 *
 * Source: inline, reads the object.
 *
 * Context: Any.
 * Return: What data calls take as desc.
 */
static inline void *kfi_mr_desc(struct kfid_mr *mr)
{
	return mr->mem_desc;
}

/**
 * kfi_mr_key() - Key of a region for peers
 * @mr: Memory region.
 *
 * Source: inline, reads the object.
 *
 * Context: Any.
 * Return: The key, or %KFI_KEY_NOTAVAIL if it is wider than 64 bits.
 */
static inline uint64_t kfi_mr_key(struct kfid_mr *mr)
{
	return mr->key;
}

/**
 * kfi_mr_raw_attr() - Key of a region that is wider than 64 bits
 * @mr: Memory region.
 * @base_addr: As in &struct kfi_mr_raw_attr.
 * @raw_key: As in &struct kfi_mr_raw_attr.
 * @key_size: As in &struct kfi_mr_raw_attr.
 * @flags: As in &struct kfi_mr_raw_attr.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -KFI_ETOOSMALL if *@key_size was too small and now is the size
 * needed; -ENOSYS.
 */
static inline int kfi_mr_raw_attr(struct kfid_mr *mr, uint64_t *base_addr,
				  uint8_t *raw_key, size_t *key_size,
				  uint64_t flags)
{
	struct kfi_mr_raw_attr attr = {
		.flags = flags,
		.base_addr = base_addr,
		.raw_key = raw_key,
		.key_size = key_size,
	};

	return kfi_control(&mr->fid, KFI_GET_RAW_MR, &attr);
}

/**
 * kfi_mr_map_raw() - Make a 64-bit key of a peer's wider one
 * @domain: Domain.
 * @base_addr: As in &struct kfi_mr_map_raw.
 * @raw_key: As in &struct kfi_mr_map_raw.
 * @key_size: As in &struct kfi_mr_map_raw.
 * @key: As in &struct kfi_mr_map_raw.
 * @flags: As in &struct kfi_mr_map_raw.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL; -ENOMEM; -ENOSYS.
 */
static inline int kfi_mr_map_raw(struct kfid_domain *domain, uint64_t base_addr,
				 uint8_t *raw_key, size_t key_size,
				 uint64_t *key, uint64_t flags)
{
	struct kfi_mr_map_raw map = {
		.flags = flags,
		.base_addr = base_addr,
		.raw_key = raw_key,
		.key_size = key_size,
		.key = key,
	};

	return kfi_control(&domain->fid, KFI_MAP_RAW_MR, &map);
}

/**
 * kfi_mr_unmap_key() - Forget a key made by kfi_mr_map_raw()
 * @domain: Domain.
 * @key: The key.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL if there is no such key; -ENOSYS.
 */
static inline int kfi_mr_unmap_key(struct kfid_domain *domain, uint64_t key)
{
	return kfi_control(&domain->fid, KFI_UNMAP_KEY, &key);
}

/**
 * kfi_mr_bind() - Bind a region to an endpoint or a counter
 * @mr: Memory region, not enabled yet.
 * @bfid: Endpoint (%KFI_MR_ENDPOINT) or counter (%KFI_RMA_EVENT).
 * @flags: %KFI_REMOTE_WRITE, ...: what the counter counts.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL for another class of object; -KFI_EBADFLAGS; -ENOSYS.
 */
static inline int kfi_mr_bind(struct kfid_mr *mr, struct kfid *bfid,
			      uint64_t flags)
{
	return mr->fid.ops->bind(&mr->fid, bfid, flags);
}

/**
 * kfi_mr_refresh() - Tell that the pages behind a region have changed
 * @mr: Memory region.
 * @iov: Ranges that changed.
 * @count: Number of ranges.
 * @flags: Reserved, 0.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL; -ENOSYS.
 */
static inline int kfi_mr_refresh(struct kfid_mr *mr, const struct kvec *iov,
				 size_t count, uint64_t flags)
{
	struct kfi_mr_modify modify = {
		.flags = flags,
		.attr = {
			.type = KFI_KVEC,
			.mr_iov = iov,
			.iov_count = count,
		},
	};

	return kfi_control(&mr->fid, KFI_REFRESH, &modify);
}

/**
 * kfi_mr_enable() - Make a bound region reachable
 * @mr: Memory region.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -KFI_EOPBADSTATE; -ENOSYS.
 */
static inline int kfi_mr_enable(struct kfid_mr *mr)
{
	return kfi_control(&mr->fid, KFI_ENABLE, NULL);
}

/**
 * kfi_av_open() - Open an address vector
 * @domain: Domain.
 * @attr: Attributes; a type left open is filled in.
 * @av: Where to put the address vector.
 * @context: The client's.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL; -ENOMEM; -ENOSYS.
 */
static inline int kfi_av_open(struct kfid_domain *domain,
			      struct kfi_av_attr *attr, struct kfid_av **av,
			      void *context)
{
	return domain->ops->av_open(domain, attr, av, context);
}

#endif /* _KFI_DOMAIN_H_ */
