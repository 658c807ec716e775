/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef _KFI_AV_H_
#define _KFI_AV_H_

/**
 * DOC: Address vectors
 *
 * An address vector turns transport addresses into handles that data calls
 * of unconnected endpoints take. Clients include <kfi_domain.h>, which brings
 * this header in.
 */

#include <kfabric.h>

/* Flags of address vectors */
#define KFI_SYMMETRIC		BIT_ULL(59)	/* the same on every node */
#define KFI_SYNC_ERR		BIT_ULL(58)	/* context is an array of errors */

/**
 * struct kfi_av_attr - Attributes of an address vector
 * @type: What the handles are.
 * @rx_ctx_bits: High bits of a handle that name a receive context.
 * @count: Addresses expected.
 * @ep_per_node: Endpoints per node expected.
 * @name: Name of a shared address vector, or NULL.
 * @map_addr: Reserved, NULL.
 * @flags: %KFI_EVENT: insertions report to the event queue; %KFI_READ: only
 *	look-ups.
 */
struct kfi_av_attr {
	enum kfi_av_type	type;
	int			rx_ctx_bits;
	size_t			count;
	size_t			ep_per_node;
	const char		*name;
	void			*map_addr;
	uint64_t		flags;
};

/**
 * struct kfi_ops_av - Operations of an address vector
 * @size: Size of the table in bytes.
 * @insert: See kfi_av_insert().
 * @insertsvc: See kfi_av_insertsvc().
 * @insertsym: See kfi_av_insertsym().
 * @remove: See kfi_av_remove().
 * @lookup: See kfi_av_lookup().
 * @straddr: See kfi_av_straddr().
 */
struct kfi_ops_av {
	size_t	size;
	int	(*insert)(struct kfid_av *av, const void *addr, size_t count,
			  kfi_addr_t *kfi_addr, uint64_t flags, void *context);
	int	(*insertsvc)(struct kfid_av *av, const char *node,
			     const char *service, kfi_addr_t *kfi_addr,
			     uint64_t flags, void *context);
	int	(*insertsym)(struct kfid_av *av, const char *node,
			     size_t nodecnt, const char *service,
			     size_t svccnt, kfi_addr_t *kfi_addr,
			     uint64_t flags, void *context);
	int	(*remove)(struct kfid_av *av, kfi_addr_t *kfi_addr,
			  size_t count, uint64_t flags);
	int	(*lookup)(struct kfid_av *av, kfi_addr_t kfi_addr, void *addr,
			  size_t *addrlen);
	const char *(*straddr)(struct kfid_av *av, const void *addr, char *buf,
			       size_t *len);
};

/**
 * struct kfid_av - Address vector
 * @fid: Common part.
 * @ops: Operations.
 */
struct kfid_av {
	struct kfid		fid;
	struct kfi_ops_av	*ops;
};

/**
 * kfi_av_bind() - Bind an event queue to an address vector
 * @av: Address vector.
 * @fid: Event queue.
 * @flags: Reserved, 0.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL for another class of object; -ENOSYS.
 */
static inline int kfi_av_bind(struct kfid_av *av, struct kfid *fid,
			      uint64_t flags)
{
	return av->fid.ops->bind(&av->fid, fid, flags);
}

/**
 * kfi_av_insert() - Insert addresses
 * @av: Address vector.
 * @addr: Array of addresses in the format of the domain.
 * @count: Number of addresses.
 * @kfi_addr: Where to put the handles, %KFI_ADDR_NOTAVAIL for failures.
 * @flags: %KFI_SYNC_ERR: @context is an array of @count errors to fill.
 * @context: The client's.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: Number of addresses inserted; -EINVAL; -ENOMEM; -ENOSYS.
 */
static inline int kfi_av_insert(struct kfid_av *av, const void *addr,
				size_t count, kfi_addr_t *kfi_addr,
				uint64_t flags, void *context)
{
	return av->ops->insert(av, addr, count, kfi_addr, flags, context);
}

/**
 * kfi_av_insertsvc() - Insert the address of a node and service
 * @av: Address vector.
 * @node: As for kfi_getinfo().
 * @service: As for kfi_getinfo().
 * @kfi_addr: As for kfi_av_insert().
 * @flags: As for kfi_av_insert().
 * @context: As for kfi_av_insert().
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 1; -EINVAL; -ENOMEM; -ENOSYS.
 */
static inline int kfi_av_insertsvc(struct kfid_av *av, const char *node,
				   const char *service, kfi_addr_t *kfi_addr,
				   uint64_t flags, void *context)
{
	return av->ops->insertsvc(av, node, service, kfi_addr, flags, context);
}

/**
 * kfi_av_insertsym() - Insert the addresses of many nodes and services
 * @av: Address vector.
 * @node: First node; the others count up from it.
 * @nodecnt: Number of nodes.
 * @service: First service; the others count up from it.
 * @svccnt: Number of services of each node.
 * @kfi_addr: As for kfi_av_insert(), services of a node side by side.
 * @flags: As for kfi_av_insert().
 * @context: As for kfi_av_insert().
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: As kfi_av_insert().
 */
static inline int kfi_av_insertsym(struct kfid_av *av, const char *node,
				   size_t nodecnt, const char *service,
				   size_t svccnt, kfi_addr_t *kfi_addr,
				   uint64_t flags, void *context)
{
	return av->ops->insertsym(av, node, nodecnt, service, svccnt, kfi_addr,
				  flags, context);
}

/**
 * kfi_av_remove() - Remove addresses
 * @av: Address vector.
 * @kfi_addr: Their handles.
 * @count: Number of handles.
 * @flags: Reserved, 0.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL for an unknown handle; -ENOSYS.
 */
static inline int kfi_av_remove(struct kfid_av *av, kfi_addr_t *kfi_addr,
				size_t count, uint64_t flags)
{
	return av->ops->remove(av, kfi_addr, count, flags);
}

/**
 * kfi_av_lookup() - Address behind a handle
 * @av: Address vector.
 * @kfi_addr: Handle.
 * @addr: Where to put the address, as much as there is room for.
 * @addrlen: In: room at @addr; out: length of the address; in bytes.
 *
 * Source: provider.
 *
 * Context: Any.
 * Return: 0; -EINVAL for an unknown handle; -ENOSYS.
 */
static inline int kfi_av_lookup(struct kfid_av *av, kfi_addr_t kfi_addr,
				void *addr, size_t *addrlen)
{
	return av->ops->lookup(av, kfi_addr, addr, addrlen);
}

/**
 * kfi_av_straddr() - Readable text of an address
 * @av: Address vector.
 * @addr: Address in the format of the domain.
 * @buf: Where to put the text.
 * @len: In: room at @buf; out: room needed; in bytes with the NUL.
 *
 * Source: provider.
 *
 * Context: Any.
 * Return: @buf, or NULL.
 */
static inline const char *kfi_av_straddr(struct kfid_av *av, const void *addr,
					 char *buf, size_t *len)
{
	return av->ops->straddr(av, addr, buf, len);
}

/**
 * kfi_rx_addr() - Handle of one receive context of a peer
 * @kfi_addr: Handle of the peer.
 * @rx_index: Index of its receive context.
 * @rx_ctx_bits: &kfi_av_attr.rx_ctx_bits, 0 to 63.
 *
 * Source: inline, computes.
 *
 * Context: Any.
 * Return: A handle for data calls; @kfi_addr itself if @rx_ctx_bits is 0.
 */
static inline kfi_addr_t kfi_rx_addr(kfi_addr_t kfi_addr, int rx_index,
				     int rx_ctx_bits)
{
	if (!rx_ctx_bits)
		return kfi_addr;
	return ((uint64_t)rx_index << (64 - rx_ctx_bits)) | kfi_addr;
}

#endif /* _KFI_AV_H_ */
