/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef _KFI_ATOMIC_H_
#define _KFI_ATOMIC_H_

/**
 * DOC: Atomic operations
 *
 * Read-modify-write of remote memory, atomic with respect to other atomic
 * operations on the same region. Counts are in operands of the data type;
 * atomicity holds for each operand, not for all of a call. The rules of "Data
 * calls" apply.
 */

#include <linux/errno.h>
#include <kfi_endpoint.h>

/**
 * struct kfi_ioc - Local operands
 * @addr: First operand.
 * @count: Number of operands.
 */
struct kfi_ioc {
	void			*addr;
	size_t			count;
};

/**
 * struct kfi_rma_ioc - Remote operands
 * @addr: Offset or address of the first operand.
 * @count: Number of operands.
 * @key: Key of the region.
 */
struct kfi_rma_ioc {
	uint64_t		addr;
	size_t			count;
	uint64_t		key;
};

/**
 * struct kfi_atomic_attr - What kfi_query_atomic() answers
 * @count: Operands that one call takes.
 * @size: Size of an operand, in bytes.
 */
struct kfi_atomic_attr {
	size_t			count;
	size_t			size;
};

/**
 * struct kfi_msg_atomic - One atomic operation
 * @msg_iov: Local operands.
 * @desc: Descriptor of each entry of @msg_iov, or NULL.
 * @iov_count: Number of entries of @msg_iov.
 * @addr: Peer, ignored on connected endpoints.
 * @rma_iov: Remote operands.
 * @rma_iov_count: Number of entries of @rma_iov.
 * @datatype: Type of the operands.
 * @op: What to do.
 * @context: Context of the operation.
 * @data: Remote CQ data, with %KFI_REMOTE_CQ_DATA.
 */
struct kfi_msg_atomic {
	const struct kfi_ioc		*msg_iov;
	void				**desc;
	size_t				iov_count;
	kfi_addr_t			addr;
	const struct kfi_rma_ioc	*rma_iov;
	size_t				rma_iov_count;
	enum kfi_datatype		datatype;
	enum kfi_op			op;
	void				*context;
	uint64_t			data;
};

/**
 * struct kfi_msg_fetch - Where an atomic operation puts the old values
 * @msg_iov: Room for the operands.
 * @desc: Descriptor of each entry, or NULL.
 * @iov_count: Number of entries.
 */
struct kfi_msg_fetch {
	struct kfi_ioc		*msg_iov;
	void			**desc;
	size_t			iov_count;
};

/**
 * struct kfi_msg_compare - What an atomic operation compares with
 * @msg_iov: Operands.
 * @desc: Descriptor of each entry, or NULL.
 * @iov_count: Number of entries.
 */
struct kfi_msg_compare {
	const struct kfi_ioc	*msg_iov;
	void			**desc;
	size_t			iov_count;
};

/**
 * struct kfi_ops_atomic - Atomic operations of an endpoint
 * @size: Size of the table in bytes.
 * @write: See kfi_atomic().
 * @writev: See kfi_atomicv().
 * @writemsg: See kfi_atomicmsg().
 * @inject: See kfi_inject_atomic().
 * @readwrite: See kfi_fetch_atomic().
 * @readwritev: See kfi_fetch_atomicv().
 * @readwritemsg: See kfi_fetch_atomicmsg().
 * @compwrite: See kfi_compare_atomic().
 * @compwritev: See kfi_compare_atomicv().
 * @compwritemsg: See kfi_compare_atomicmsg().
 * @writevalid: See kfi_atomicvalid().
 * @readwritevalid: See kfi_fetch_atomicvalid().
 * @compwritevalid: See kfi_compare_atomicvalid().
 */
struct kfi_ops_atomic {
	size_t	size;
	ssize_t	(*write)(struct kfid_ep *ep, const void *buf, size_t count,
			 void *desc, kfi_addr_t dest_addr, uint64_t addr,
			 uint64_t key, enum kfi_datatype datatype,
			 enum kfi_op op, void *context);
	ssize_t	(*writev)(struct kfid_ep *ep, const struct kfi_ioc *iov,
			  void **desc, size_t count, kfi_addr_t dest_addr,
			  uint64_t addr, uint64_t key,
			  enum kfi_datatype datatype, enum kfi_op op,
			  void *context);
	ssize_t	(*writemsg)(struct kfid_ep *ep,
			    const struct kfi_msg_atomic *msg, uint64_t flags);
	ssize_t	(*inject)(struct kfid_ep *ep, const void *buf, size_t count,
			  kfi_addr_t dest_addr, uint64_t addr, uint64_t key,
			  enum kfi_datatype datatype, enum kfi_op op);

	ssize_t	(*readwrite)(struct kfid_ep *ep, const void *buf, size_t count,
			     void *desc, void *result, void *result_desc,
			     kfi_addr_t dest_addr, uint64_t addr, uint64_t key,
			     enum kfi_datatype datatype, enum kfi_op op,
			     void *context);
	ssize_t	(*readwritev)(struct kfid_ep *ep, const struct kfi_ioc *iov,
			      void **desc, size_t count,
			      struct kfi_ioc *resultv, void **result_desc,
			      size_t result_count, kfi_addr_t dest_addr,
			      uint64_t addr, uint64_t key,
			      enum kfi_datatype datatype, enum kfi_op op,
			      void *context);
	ssize_t	(*readwritemsg)(struct kfid_ep *ep,
				const struct kfi_msg_atomic *msg,
				struct kfi_ioc *resultv, void **result_desc,
				size_t result_count, uint64_t flags);

	ssize_t	(*compwrite)(struct kfid_ep *ep, const void *buf, size_t count,
			     void *desc, const void *compare,
			     void *compare_desc, void *result,
			     void *result_desc, kfi_addr_t dest_addr,
			     uint64_t addr, uint64_t key,
			     enum kfi_datatype datatype, enum kfi_op op,
			     void *context);
	ssize_t	(*compwritev)(struct kfid_ep *ep, const struct kfi_ioc *iov,
			      void **desc, size_t count,
			      const struct kfi_ioc *comparev,
			      void **compare_desc, size_t compare_count,
			      struct kfi_ioc *resultv, void **result_desc,
			      size_t result_count, kfi_addr_t dest_addr,
			      uint64_t addr, uint64_t key,
			      enum kfi_datatype datatype, enum kfi_op op,
			      void *context);
	ssize_t	(*compwritemsg)(struct kfid_ep *ep,
				const struct kfi_msg_atomic *msg,
				const struct kfi_ioc *comparev,
				void **compare_desc, size_t compare_count,
				struct kfi_ioc *resultv, void **result_desc,
				size_t result_count, uint64_t flags);

	int	(*writevalid)(struct kfid_ep *ep, enum kfi_datatype datatype,
			      enum kfi_op op, size_t *count);
	int	(*readwritevalid)(struct kfid_ep *ep,
				  enum kfi_datatype datatype, enum kfi_op op,
				  size_t *count);
	int	(*compwritevalid)(struct kfid_ep *ep,
				  enum kfi_datatype datatype, enum kfi_op op,
				  size_t *count);
};

/**
 * kfi_atomic() - Change remote operands
 * @ep: Endpoint.
 * @buf: Local operands.
 * @count: Number of operands.
 * @desc: Descriptor of @buf, or NULL.
 * @dest_addr: Peer, ignored on connected endpoints.
 * @addr: Offset or address of the first remote operand.
 * @key: Key of the remote region.
 * @datatype: Type of the operands.
 * @op: What to do.
 * @context: Context of the operation.
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: 0 or negative, see "Data calls"; -EOPNOTSUPP for a pair of @datatype
 * and @op that kfi_atomicvalid() refuses.
 */
static inline ssize_t kfi_atomic(struct kfid_ep *ep, const void *buf,
				 size_t count, void *desc, kfi_addr_t dest_addr,
				 uint64_t addr, uint64_t key,
				 enum kfi_datatype datatype, enum kfi_op op,
				 void *context)
{
	return ep->atomic->write(ep, buf, count, desc, dest_addr, addr, key,
				 datatype, op, context);
}

/**
 * kfi_atomicv() - Change remote operands, local ones from an array
 * @ep: Endpoint.
 * @iov: Local operands.
 * @desc: Descriptor of each entry, or NULL.
 * @count: Number of entries.
 * @dest_addr: As for kfi_atomic().
 * @addr: As for kfi_atomic().
 * @key: As for kfi_atomic().
 * @datatype: As for kfi_atomic().
 * @op: As for kfi_atomic().
 * @context: As for kfi_atomic().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: As kfi_atomic().
 */
static inline ssize_t kfi_atomicv(struct kfid_ep *ep, const struct kfi_ioc *iov,
				  void **desc, size_t count,
				  kfi_addr_t dest_addr, uint64_t addr,
				  uint64_t key, enum kfi_datatype datatype,
				  enum kfi_op op, void *context)
{
	return ep->atomic->writev(ep, iov, desc, count, dest_addr, addr, key,
				  datatype, op, context);
}

/**
 * kfi_atomicmsg() - Change remote operands, with flags
 * @ep: Endpoint.
 * @msg: Operation.
 * @flags: As for kfi_writemsg().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: As kfi_atomic().
 */
static inline ssize_t kfi_atomicmsg(struct kfid_ep *ep,
				    const struct kfi_msg_atomic *msg,
				    uint64_t flags)
{
	return ep->atomic->writemsg(ep, msg, flags);
}

/**
 * kfi_inject_atomic() - Change remote operands, buffer free on return
 * @ep: Endpoint.
 * @buf: Local operands, at most &kfi_tx_attr.inject_size bytes.
 * @count: As for kfi_atomic().
 * @dest_addr: As for kfi_atomic().
 * @addr: As for kfi_atomic().
 * @key: As for kfi_atomic().
 * @datatype: As for kfi_atomic().
 * @op: As for kfi_atomic().
 *
 * Writes no completion entry if it succeeds.
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: As kfi_atomic().
 */
static inline ssize_t kfi_inject_atomic(struct kfid_ep *ep, const void *buf,
					size_t count, kfi_addr_t dest_addr,
					uint64_t addr, uint64_t key,
					enum kfi_datatype datatype,
					enum kfi_op op)
{
	return ep->atomic->inject(ep, buf, count, dest_addr, addr, key,
				  datatype, op);
}

/**
 * kfi_fetch_atomic() - Change remote operands and get the old ones
 * @ep: Endpoint.
 * @buf: As for kfi_atomic(); ignored by %KFI_ATOMIC_READ.
 * @count: As for kfi_atomic().
 * @desc: As for kfi_atomic().
 * @result: Where the old operands go.
 * @result_desc: Descriptor of @result, or NULL.
 * @dest_addr: As for kfi_atomic().
 * @addr: As for kfi_atomic().
 * @key: As for kfi_atomic().
 * @datatype: As for kfi_atomic().
 * @op: As for kfi_atomic().
 * @context: As for kfi_atomic().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: As kfi_atomic().
 */
static inline ssize_t kfi_fetch_atomic(struct kfid_ep *ep, const void *buf,
				       size_t count, void *desc, void *result,
				       void *result_desc, kfi_addr_t dest_addr,
				       uint64_t addr, uint64_t key,
				       enum kfi_datatype datatype,
				       enum kfi_op op, void *context)
{
	return ep->atomic->readwrite(ep, buf, count, desc, result, result_desc,
				     dest_addr, addr, key, datatype, op,
				     context);
}

/**
 * kfi_fetch_atomicv() - Change remote operands and get the old ones, arrays
 * @ep: Endpoint.
 * @iov: As for kfi_atomicv().
 * @desc: As for kfi_atomicv().
 * @count: As for kfi_atomicv().
 * @resultv: Where the old operands go.
 * @result_desc: Descriptor of each entry of @resultv, or NULL.
 * @result_count: Number of entries of @resultv.
 * @dest_addr: As for kfi_atomic().
 * @addr: As for kfi_atomic().
 * @key: As for kfi_atomic().
 * @datatype: As for kfi_atomic().
 * @op: As for kfi_atomic().
 * @context: As for kfi_atomic().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: As kfi_atomic().
 */
static inline ssize_t kfi_fetch_atomicv(struct kfid_ep *ep,
					const struct kfi_ioc *iov, void **desc,
					size_t count, struct kfi_ioc *resultv,
					void **result_desc, size_t result_count,
					kfi_addr_t dest_addr, uint64_t addr,
					uint64_t key,
					enum kfi_datatype datatype,
					enum kfi_op op, void *context)
{
	return ep->atomic->readwritev(ep, iov, desc, count, resultv,
				      result_desc, result_count, dest_addr,
				      addr, key, datatype, op, context);
}

/**
 * kfi_fetch_atomicmsg() - Change remote operands and get the old ones, flags
 * @ep: Endpoint.
 * @msg: Operation.
 * @resultv: As for kfi_fetch_atomicv().
 * @result_desc: As for kfi_fetch_atomicv().
 * @result_count: As for kfi_fetch_atomicv().
 * @flags: As for kfi_writemsg().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: As kfi_atomic().
 */
static inline ssize_t kfi_fetch_atomicmsg(struct kfid_ep *ep,
					  const struct kfi_msg_atomic *msg,
					  struct kfi_ioc *resultv,
					  void **result_desc,
					  size_t result_count, uint64_t flags)
{
	return ep->atomic->readwritemsg(ep, msg, resultv, result_desc,
					result_count, flags);
}

/**
 * kfi_compare_atomic() - Change remote operands if a comparison holds
 * @ep: Endpoint.
 * @buf: As for kfi_atomic().
 * @count: As for kfi_atomic().
 * @desc: As for kfi_atomic().
 * @compare: Operands to compare with.
 * @compare_desc: Descriptor of @compare, or NULL.
 * @result: Where the old operands go.
 * @result_desc: Descriptor of @result, or NULL.
 * @dest_addr: As for kfi_atomic().
 * @addr: As for kfi_atomic().
 * @key: As for kfi_atomic().
 * @datatype: As for kfi_atomic().
 * @op: %KFI_CSWAP to %KFI_MSWAP.
 * @context: As for kfi_atomic().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: As kfi_atomic().
 */
static inline ssize_t kfi_compare_atomic(struct kfid_ep *ep, const void *buf,
					 size_t count, void *desc,
					 const void *compare,
					 void *compare_desc, void *result,
					 void *result_desc,
					 kfi_addr_t dest_addr, uint64_t addr,
					 uint64_t key,
					 enum kfi_datatype datatype,
					 enum kfi_op op, void *context)
{
	return ep->atomic->compwrite(ep, buf, count, desc, compare,
				     compare_desc, result, result_desc,
				     dest_addr, addr, key, datatype, op,
				     context);
}

/**
 * kfi_compare_atomicv() - Change remote operands if a comparison holds, arrays
 * @ep: Endpoint.
 * @iov: As for kfi_atomicv().
 * @desc: As for kfi_atomicv().
 * @count: As for kfi_atomicv().
 * @comparev: Operands to compare with.
 * @compare_desc: Descriptor of each entry of @comparev, or NULL.
 * @compare_count: Number of entries of @comparev.
 * @resultv: As for kfi_fetch_atomicv().
 * @result_desc: As for kfi_fetch_atomicv().
 * @result_count: As for kfi_fetch_atomicv().
 * @dest_addr: As for kfi_atomic().
 * @addr: As for kfi_atomic().
 * @key: As for kfi_atomic().
 * @datatype: As for kfi_atomic().
 * @op: As for kfi_compare_atomic().
 * @context: As for kfi_atomic().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: As kfi_atomic().
 */
static inline ssize_t
kfi_compare_atomicv(struct kfid_ep *ep, const struct kfi_ioc *iov, void **desc,
		    size_t count, const struct kfi_ioc *comparev,
		    void **compare_desc, size_t compare_count,
		    struct kfi_ioc *resultv, void **result_desc,
		    size_t result_count, kfi_addr_t dest_addr, uint64_t addr,
		    uint64_t key, enum kfi_datatype datatype, enum kfi_op op,
		    void *context)
{
	return ep->atomic->compwritev(ep, iov, desc, count, comparev,
				      compare_desc, compare_count, resultv,
				      result_desc, result_count, dest_addr,
				      addr, key, datatype, op, context);
}

/**
 * kfi_compare_atomicmsg() - Change remote operands if a comparison holds, flags
 * @ep: Endpoint.
 * @msg: Operation.
 * @comparev: As for kfi_compare_atomicv().
 * @compare_desc: As for kfi_compare_atomicv().
 * @compare_count: As for kfi_compare_atomicv().
 * @resultv: As for kfi_fetch_atomicv().
 * @result_desc: As for kfi_fetch_atomicv().
 * @result_count: As for kfi_fetch_atomicv().
 * @flags: As for kfi_writemsg().
 *
 * Source: provider.
 *
 * Context: Any, see "Data calls".
 * Return: As kfi_atomic().
 */
static inline ssize_t
kfi_compare_atomicmsg(struct kfid_ep *ep, const struct kfi_msg_atomic *msg,
		      const struct kfi_ioc *comparev, void **compare_desc,
		      size_t compare_count, struct kfi_ioc *resultv,
		      void **result_desc, size_t result_count, uint64_t flags)
{
	return ep->atomic->compwritemsg(ep, msg, comparev, compare_desc,
					compare_count, resultv, result_desc,
					result_count, flags);
}

/**
 * kfi_atomicvalid() - Can kfi_atomic() do this?
 * @ep: Endpoint.
 * @datatype: Type of the operands.
 * @op: What to do.
 * @count: Where to put how many operands one call takes.
 *
 * Source: provider.
 *
 * Context: Any.
 * Return: 0; -EOPNOTSUPP if it cannot; -ENOSYS.
 */
static inline int kfi_atomicvalid(struct kfid_ep *ep,
				  enum kfi_datatype datatype, enum kfi_op op,
				  size_t *count)
{
	return ep->atomic->writevalid(ep, datatype, op, count);
}

/**
 * kfi_fetch_atomicvalid() - Can kfi_fetch_atomic() do this?
 * @ep: Endpoint.
 * @datatype: Type of the operands.
 * @op: What to do.
 * @count: Where to put how many operands one call takes.
 *
 * Source: provider.
 *
 * Context: Any.
 * Return: As kfi_atomicvalid().
 */
static inline int kfi_fetch_atomicvalid(struct kfid_ep *ep,
					enum kfi_datatype datatype,
					enum kfi_op op, size_t *count)
{
	return ep->atomic->readwritevalid(ep, datatype, op, count);
}

/**
 * kfi_compare_atomicvalid() - Can kfi_compare_atomic() do this?
 * @ep: Endpoint.
 * @datatype: Type of the operands.
 * @op: What to do.
 * @count: Where to put how many operands one call takes.
 *
 * Source: provider.
 *
 * Context: Any.
 * Return: As kfi_atomicvalid().
 */
static inline int kfi_compare_atomicvalid(struct kfid_ep *ep,
					  enum kfi_datatype datatype,
					  enum kfi_op op, size_t *count)
{
	return ep->atomic->compwritevalid(ep, datatype, op, count);
}

/**
 * kfi_query_atomic() - What the endpoints of a domain can do
 * @domain: Domain.
 * @datatype: Type of the operands.
 * @op: What to do.
 * @attr: Where to put the answer.
 * @flags: Reserved, 0.
 *
 * Source: provider.
 *
 * Context: Any.
 * Return: 0; -EOPNOTSUPP if they cannot; -ENOSYS.
 */
static inline int kfi_query_atomic(struct kfid_domain *domain,
				   enum kfi_datatype datatype, enum kfi_op op,
				   struct kfi_atomic_attr *attr, uint64_t flags)
{
	return KFI_CHECK_OP(domain->ops, struct kfi_ops_domain, query_atomic) ?
		domain->ops->query_atomic(domain, datatype, op, attr, flags) :
		-ENOSYS;
}

#endif /* _KFI_ATOMIC_H_ */
