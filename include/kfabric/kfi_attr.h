/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef _KFI_ATTR_H_
#define _KFI_ATTR_H_

/**
 * DOC: Capabilities, modes and attributes
 *
 * What a client asks kfi_getinfo() for and what it gets back: flag bits,
 * enumerations and the attribute structures that make up a &struct kfi_info.
 * Clients include <kfabric.h>, which brings this header in.
 *
 * Sizes are in bytes and counts in objects unless a member says otherwise.
 * In hints, zero (or the ``UNSPEC`` enumerator) means "no preference"; in an
 * answer every member has the value that the provider guarantees.
 *
 * The bits of a 64-bit flag word are used from both ends: 1 and up are common
 * to many calls, 59 and down belong to one call or object class (so the same
 * bit may have several names), 60 to 63 belong to the provider.
 */

#include <linux/bits.h>
#include <linux/limits.h>
#include <linux/types.h>

struct kfid;
struct kfid_fabric;
struct kfid_domain;

typedef struct kfid *kfid_t;
typedef uint64_t kfi_addr_t;

#ifndef UINT64_MAX
#define UINT64_MAX		(~0ULL)
#endif

/* Size limits of strings, the terminating NUL included */
enum kfi_string_limit {
	KFI_PATH_MAX		= 256,
	KFI_NAME_MAX		= 64,
	KFI_VERSION_MAX		= 64,
};

/* The sign bit marks values that a provider defines for itself */
#define KFI_PROV_SPECIFIC	INT_MIN

/* Capabilities: what an endpoint can do (kfi_info.caps, tx/rx_attr.caps) */
#define KFI_MSG			BIT_ULL(1)	/* untagged messages */
#define KFI_RMA			BIT_ULL(2)	/* remote memory access */
#define KFI_TAGGED		BIT_ULL(3)	/* tag matched messages */
#define KFI_ATOMIC		BIT_ULL(4)	/* remote atomic operations */
#define KFI_ATOMICS		KFI_ATOMIC
#define KFI_MULTICAST		BIT_ULL(5)	/* multicast groups */
#define KFI_TAGGED_RMA		BIT_ULL(6)	/* RMA to a tagged buffer */

/* Directions: capability modifiers, and bits of completion flags */
#define KFI_READ		BIT_ULL(8)	/* initiates RMA reads */
#define KFI_WRITE		BIT_ULL(9)	/* initiates RMA writes */
#define KFI_RECV		BIT_ULL(10)	/* receives messages */
#define KFI_SEND		BIT_ULL(11)	/* sends messages */
#define KFI_TRANSMIT		KFI_SEND	/* send, or initiate anything */
#define KFI_REMOTE_READ		BIT_ULL(12)	/* target of RMA reads */
#define KFI_REMOTE_WRITE	BIT_ULL(13)	/* target of RMA writes */

/* Per operation flags and properties of a completion */
#define KFI_MULTI_RECV		BIT_ULL(16)	/* buffer takes many messages */
#define KFI_REMOTE_CQ_DATA	BIT_ULL(17)	/* the data member is valid */
#define KFI_MORE		BIT_ULL(18)	/* more posts follow at once */
#define KFI_PEEK		BIT_ULL(19)	/* look, but take nothing */
#define KFI_TRIGGER		BIT_ULL(20)	/* deferred by a counter */
#define KFI_FENCE		BIT_ULL(21)	/* start after all before it */

#define KFI_COMPLETION		BIT_ULL(24)	/* write a completion entry */
#define KFI_EVENT		KFI_COMPLETION
#define KFI_INJECT		BIT_ULL(25)	/* buffer is free on return */

/* Completion levels: what has happened when the initiator's entry appears */
#define KFI_INJECT_COMPLETE	BIT_ULL(26)	/* local buffer may be reused */
#define KFI_TRANSMIT_COMPLETE	BIT_ULL(27)	/* peer has it */
#define KFI_DELIVERY_COMPLETE	BIT_ULL(28)	/* visible at the peer */
#define KFI_AFFINITY		BIT_ULL(29)	/* signaling_vector is a CPU */
#define KFI_COMMIT_COMPLETE	BIT_ULL(30)	/* survives a power cut there */

#define KFI_TAGGED_MULTI_RECV	BIT_ULL(31)	/* also tagged buffers */

/* More capabilities */
#define KFI_RMA_PMEM		BIT_ULL(49)	/* RMA to persistent memory */
#define KFI_SOURCE_ERR		BIT_ULL(50)	/* reports unknown sources */
#define KFI_LOCAL_COMM		BIT_ULL(51)	/* reaches this node */
#define KFI_REMOTE_COMM		BIT_ULL(52)	/* reaches other nodes */
#define KFI_SHARED_AV		BIT_ULL(53)	/* address vectors may be shared */
#define KFI_RMA_EVENT		BIT_ULL(56)	/* RMA completes at the target too */
#define KFI_NAMED_RX_CTX	BIT_ULL(58)	/* sends name a receive context */
#define KFI_DIRECTED_RECV	BIT_ULL(59)	/* receives name a source */

/* Flags of kfi_getinfo(); KFI_SOURCE is a capability too (kfi_cq_readfrom()) */
#define KFI_PROV_ATTR_ONLY	BIT_ULL(54)	/* provider attributes, no probing */
#define KFI_NUMERICHOST		BIT_ULL(55)	/* node is an address, not a name */
#define KFI_SOURCE		BIT_ULL(57)	/* node and service name this side */

/* Modes: what the provider asks of the client (kfi_info.mode) */
#define KFI_CONTEXT2		BIT_ULL(52)	/* contexts are struct kfi_context2 */
#define KFI_RESTRICTED_COMP	BIT_ULL(53)	/* no mix of sources on one CQ */
#define KFI_NOTIFY_FLAGS_ONLY	BIT_ULL(54)	/* RMA events have flags only */
#define KFI_LOCAL_MR		BIT_ULL(55)	/* local buffers need a descriptor */
#define KFI_RX_CQ_DATA		BIT_ULL(56)	/* CQ data uses up a receive */
#define KFI_ASYNC_IOV		BIT_ULL(57)	/* iov arrays stay until completion */
#define KFI_MSG_PREFIX		BIT_ULL(58)	/* buffers begin with a prefix */
#define KFI_CONTEXT		BIT_ULL(59)	/* contexts are struct kfi_context */

/* Memory registration modes (kfi_domain_attr.mr_mode) */
#define KFI_MR_LOCAL		0x02	/* local buffers must be registered */
#define KFI_MR_RAW		0x04	/* keys are wider than 64 bits */
#define KFI_MR_VIRT_ADDR	0x08	/* RMA addresses are virtual addresses */
#define KFI_MR_PROV_KEY		0x10	/* the provider chooses the keys */
#define KFI_MR_RMA_EVENT	0x20	/* bind and enable to get RMA events */
#define KFI_MR_ENDPOINT		0x40	/* bind to an endpoint, then enable */

/* Message ordering: XAY means "X after Y"; R read, W write, S send */
#define KFI_ORDER_NONE		0
#define KFI_ORDER_RAR		0x001
#define KFI_ORDER_RAW		0x002
#define KFI_ORDER_RAS		0x004
#define KFI_ORDER_WAR		0x008
#define KFI_ORDER_WAW		0x010
#define KFI_ORDER_WAS		0x020
#define KFI_ORDER_SAR		0x040
#define KFI_ORDER_SAW		0x080
#define KFI_ORDER_SAS		0x100
#define KFI_ORDER_STRICT	0x1ff
#define KFI_ORDER_DATA		0x10000	/* completion order: data in order */

#define KFI_ADDR_UNSPEC		UINT64_MAX	/* any source */
#define KFI_ADDR_NOTAVAIL	UINT64_MAX	/* peer is in no address vector */
#define KFI_KEY_NOTAVAIL	UINT64_MAX	/* key is wider than 64 bits */
#define KFI_SHARED_CONTEXT	UINT64_MAX	/* ctx_cnt: use a shared context */

/**
 * enum kfi_addr_format - Layout of a transport address
 * @KFI_FORMAT_UNSPEC: No preference.
 * @KFI_SOCKADDR: &struct sockaddr of any family.
 * @KFI_SOCKADDR_IN: &struct sockaddr_in.
 * @KFI_SOCKADDR_IN6: &struct sockaddr_in6.
 * @KFI_SOCKADDR_IB: &struct sockaddr_ib.
 * @KFI_ADDR_GNI: Address of a GNI provider.
 * @KFI_ADDR_CXI: &struct kcxi_addr.
 */
enum kfi_addr_format {
	KFI_FORMAT_UNSPEC,
	KFI_SOCKADDR,
	KFI_SOCKADDR_IN,
	KFI_SOCKADDR_IN6,
	KFI_SOCKADDR_IB,
	KFI_ADDR_GNI,
	KFI_ADDR_CXI,
};

/**
 * enum kfi_av_type - What the handles of an address vector are
 * @KFI_AV_UNSPEC: No preference.
 * @KFI_AV_MAP: Opaque values that the provider chooses.
 * @KFI_AV_TABLE: Indices in order of insertion, from 0.
 */
enum kfi_av_type {
	KFI_AV_UNSPEC,
	KFI_AV_MAP,
	KFI_AV_TABLE,
};

/**
 * enum kfi_progress - Who drives outstanding operations
 * @KFI_PROGRESS_UNSPEC: No preference.
 * @KFI_PROGRESS_AUTO: The provider, without calls by the client.
 * @KFI_PROGRESS_MANUAL: The client, by reading queues and counters.
 */
enum kfi_progress {
	KFI_PROGRESS_UNSPEC,
	KFI_PROGRESS_AUTO,
	KFI_PROGRESS_MANUAL,
};

/**
 * enum kfi_threading - Which calls the client serializes
 * @KFI_THREAD_UNSPEC: No preference.
 * @KFI_THREAD_SAFE: None.
 * @KFI_THREAD_FID: Calls on the same object.
 * @KFI_THREAD_DOMAIN: Calls on all objects of a domain.
 * @KFI_THREAD_COMPLETION: Calls on objects that share a completion queue.
 * @KFI_THREAD_ENDPOINT: Calls on the same endpoint.
 */
enum kfi_threading {
	KFI_THREAD_UNSPEC,
	KFI_THREAD_SAFE,
	KFI_THREAD_FID,
	KFI_THREAD_DOMAIN,
	KFI_THREAD_COMPLETION,
	KFI_THREAD_ENDPOINT,
};

/**
 * enum kfi_resource_mgmt - Who keeps queues from overrunning
 * @KFI_RM_UNSPEC: No preference.
 * @KFI_RM_DISABLED: The client.
 * @KFI_RM_ENABLED: The provider, which answers -EAGAIN instead.
 */
enum kfi_resource_mgmt {
	KFI_RM_UNSPEC,
	KFI_RM_DISABLED,
	KFI_RM_ENABLED,
};

/**
 * enum kfi_ep_type - Communication model of an endpoint
 * @KFI_EP_UNSPEC: No preference.
 * @KFI_EP_MSG: Reliable, connected, keeps message boundaries.
 * @KFI_EP_DGRAM: Unreliable, unconnected.
 * @KFI_EP_RDM: Reliable, unconnected.
 * @KFI_EP_SOCK_STREAM: Byte stream as of a TCP socket.
 * @KFI_EP_SOCK_DGRAM: Datagrams as of a UDP socket.
 */
enum kfi_ep_type {
	KFI_EP_UNSPEC,
	KFI_EP_MSG,
	KFI_EP_DGRAM,
	KFI_EP_RDM,
	KFI_EP_SOCK_STREAM,
	KFI_EP_SOCK_DGRAM,
};

/**
 * enum kfi_protocol - Wire protocol of an endpoint
 * @KFI_PROTO_UNSPEC: No preference.
 * @KFI_PROTO_RDMA_CM_IB_RC: InfiniBand or RoCE RC, connected by the RDMA CM.
 * @KFI_PROTO_IWARP: iWARP.
 * @KFI_PROTO_IB_UD: InfiniBand or RoCE UD.
 * @KFI_PROTO_UDP: UDP.
 * @KFI_PROTO_SOCK_TCP: Messages over TCP.
 * @KFI_PROTO_IWARP_RDM: Reliable unconnected messages over iWARP.
 * @KFI_PROTO_IB_RDM: Reliable unconnected messages over InfiniBand or RoCE.
 * @KFI_PROTO_GNI: GNI.
 * @KFI_PROTO_CXI: CXI.
 *
 * Endpoints of the same protocol and &kfi_ep_attr.protocol_version
 * interoperate, whichever providers they come from.
 */
enum kfi_protocol {
	KFI_PROTO_UNSPEC,
	KFI_PROTO_RDMA_CM_IB_RC,
	KFI_PROTO_IWARP,
	KFI_PROTO_IB_UD,
	KFI_PROTO_UDP,
	KFI_PROTO_SOCK_TCP,
	KFI_PROTO_IWARP_RDM,
	KFI_PROTO_IB_RDM,
	KFI_PROTO_GNI,
	KFI_PROTO_CXI,
};

/**
 * enum kfi_iov_type - Which member of a buffer list union is valid
 * @KFI_KVEC: Array of &struct kvec, kernel virtual addresses (vmalloc too).
 * @KFI_BVEC: Array of &struct bio_vec, pages.
 * @KFI_SGL: &struct scatterlist, not yet mapped for DMA.
 */
enum kfi_iov_type {
	KFI_KVEC = 1,
	KFI_BVEC,
	KFI_SGL,
};

/**
 * enum kfi_tclass - Traffic class of an endpoint or domain
 * @KFI_TC_UNSPEC: No preference.
 * @KFI_TC_DSCP: Low byte is a DSCP, see kfi_tc_dscp_set().
 * @KFI_TC_LABEL: First of the labels below.
 * @KFI_TC_BEST_EFFORT: Default traffic.
 * @KFI_TC_LOW_LATENCY: Small messages that must not wait.
 * @KFI_TC_DEDICATED_ACCESS: Reserved bandwidth.
 * @KFI_TC_BULK_DATA: Large transfers.
 * @KFI_TC_SCAVENGER: Yields to everything else.
 * @KFI_TC_NETWORK_CTRL: Management of the network itself.
 */
enum kfi_tclass {
	KFI_TC_UNSPEC		= 0,
	KFI_TC_DSCP		= 0x100,
	KFI_TC_LABEL		= 0x200,
	KFI_TC_BEST_EFFORT	= KFI_TC_LABEL,
	KFI_TC_LOW_LATENCY,
	KFI_TC_DEDICATED_ACCESS,
	KFI_TC_BULK_DATA,
	KFI_TC_SCAVENGER,
	KFI_TC_NETWORK_CTRL,
};

/**
 * kfi_tc_dscp_set() - Make a traffic class from a DSCP
 * @dscp: Differentiated services code point, 0 to 63.
 *
 * Context: Any.
 * Return: A value for the tclass attributes.
 */
static inline uint32_t kfi_tc_dscp_set(uint8_t dscp)
{
	return KFI_TC_DSCP | dscp;
}

/**
 * kfi_tc_dscp_get() - Take the DSCP out of a traffic class
 * @tclass: Value of a tclass attribute.
 *
 * Context: Any.
 * Return: The code point, or 0 if @tclass is a label or unspecified.
 */
static inline uint8_t kfi_tc_dscp_get(uint32_t tclass)
{
	return tclass & KFI_TC_DSCP ? tclass & 0xff : 0;
}

/**
 * struct kfi_tx_attr - Attributes of the transmit side
 * @caps: Capabilities of the transmit side, a subset of &kfi_info.caps.
 * @mode: Modes that the client supports, or must support.
 * @op_flags: Default flags of operations that take no flags argument.
 * @msg_order: KFI_ORDER_* bits: order in which the peer sees messages.
 * @comp_order: KFI_ORDER_* bits: order of completions.
 * @inject_size: Largest message that the inject calls take, in bytes.
 * @size: Operations that may be outstanding.
 * @iov_limit: Local buffers per operation.
 * @rma_iov_limit: Remote ranges per RMA operation.
 * @tclass: One of &enum kfi_tclass, or kfi_tc_dscp_set().
 */
struct kfi_tx_attr {
	uint64_t		caps;
	uint64_t		mode;
	uint64_t		op_flags;
	uint64_t		msg_order;
	uint64_t		comp_order;
	size_t			inject_size;
	size_t			size;
	size_t			iov_limit;
	size_t			rma_iov_limit;
	uint32_t		tclass;
};

/**
 * struct kfi_rx_attr - Attributes of the receive side
 * @caps: Capabilities of the receive side, a subset of &kfi_info.caps.
 * @mode: Modes that the client supports, or must support.
 * @op_flags: Default flags of operations that take no flags argument.
 * @msg_order: KFI_ORDER_* bits: order in which messages are matched.
 * @comp_order: KFI_ORDER_* bits: order of completions.
 * @total_buffered_recv: Bytes kept for messages without a posted buffer.
 * @size: Receives that may be outstanding.
 * @iov_limit: Local buffers per receive.
 */
struct kfi_rx_attr {
	uint64_t		caps;
	uint64_t		mode;
	uint64_t		op_flags;
	uint64_t		msg_order;
	uint64_t		comp_order;
	size_t			total_buffered_recv;
	size_t			size;
	size_t			iov_limit;
};

/**
 * struct kfi_ep_attr - Attributes of an endpoint
 * @type: Communication model.
 * @protocol: One of &enum kfi_protocol.
 * @protocol_version: Version of @protocol.
 * @max_msg_size: Largest message or RMA transfer, in bytes.
 * @msg_prefix_size: Bytes reserved in front of a buffer (%KFI_MSG_PREFIX).
 * @max_order_raw_size: Largest transfer ordered read after write, in bytes.
 * @max_order_war_size: Largest transfer ordered write after read, in bytes.
 * @max_order_waw_size: Largest transfer ordered write after write, in bytes.
 * @mem_tag_format: Usable tag bits, as a pattern of alternating fields.
 * @tx_ctx_cnt: Transmit contexts, or %KFI_SHARED_CONTEXT.
 * @rx_ctx_cnt: Receive contexts, or %KFI_SHARED_CONTEXT.
 * @auth_key_size: Length of @auth_key, in bytes.
 * @auth_key: Authorization key; kfi_freeinfo() frees it.
 */
struct kfi_ep_attr {
	enum kfi_ep_type	type;
	uint32_t		protocol;
	uint32_t		protocol_version;
	size_t			max_msg_size;
	size_t			msg_prefix_size;
	size_t			max_order_raw_size;
	size_t			max_order_war_size;
	size_t			max_order_waw_size;
	uint64_t		mem_tag_format;
	size_t			tx_ctx_cnt;
	size_t			rx_ctx_cnt;
	size_t			auth_key_size;
	uint8_t			*auth_key;
};

/**
 * struct kfi_domain_attr - Attributes of a domain
 * @domain: In hints: only this open domain will do. Else NULL.
 * @name: Name of the domain, such as the RDMA device's.
 * @threading: What the client serializes.
 * @control_progress: Who drives control operations.
 * @data_progress: Who drives data operations.
 * @resource_mgmt: Who keeps queues from overrunning.
 * @av_type: Kind of address vector handles.
 * @mr_mode: KFI_MR_* bits; in hints, 0 means no preference.
 * @mr_key_size: Width of a memory key, in bytes.
 * @cq_data_size: Width of remote CQ data, in bytes.
 * @cq_cnt: Completion queues that may be open.
 * @ep_cnt: Endpoints that may be open.
 * @tx_ctx_cnt: Transmit contexts that may be open.
 * @rx_ctx_cnt: Receive contexts that may be open.
 * @max_ep_tx_ctx: Transmit contexts of one endpoint.
 * @max_ep_rx_ctx: Receive contexts of one endpoint.
 * @max_ep_stx_ctx: Endpoints that may share one transmit context.
 * @max_ep_srx_ctx: Endpoints that may share one receive context.
 * @cntr_cnt: Counters that may be open.
 * @mr_iov_limit: Buffers in one memory region.
 * @caps: Domain capabilities: %KFI_LOCAL_COMM, %KFI_REMOTE_COMM, ...
 * @mode: Domain modes, such as %KFI_RESTRICTED_COMP.
 * @auth_key: Default authorization key; kfi_freeinfo() frees it.
 * @auth_key_size: Length of @auth_key, in bytes.
 * @max_err_data: Largest &kfi_cq_err_entry.err_data_size, in bytes.
 * @mr_cnt: Memory regions that may be registered.
 * @tclass: Default traffic class of the domain's endpoints.
 */
struct kfi_domain_attr {
	struct kfid_domain	*domain;
	char			*name;
	enum kfi_threading	threading;
	enum kfi_progress	control_progress;
	enum kfi_progress	data_progress;
	enum kfi_resource_mgmt	resource_mgmt;
	enum kfi_av_type	av_type;
	int			mr_mode;
	size_t			mr_key_size;
	size_t			cq_data_size;
	size_t			cq_cnt;
	size_t			ep_cnt;
	size_t			tx_ctx_cnt;
	size_t			rx_ctx_cnt;
	size_t			max_ep_tx_ctx;
	size_t			max_ep_rx_ctx;
	size_t			max_ep_stx_ctx;
	size_t			max_ep_srx_ctx;
	size_t			cntr_cnt;
	size_t			mr_iov_limit;
	uint64_t		caps;
	uint64_t		mode;
	uint8_t			*auth_key;
	size_t			auth_key_size;
	size_t			max_err_data;
	size_t			mr_cnt;
	uint32_t		tclass;
};

/**
 * struct kfi_fabric_attr - Attributes of a fabric
 * @fabric: In hints: only this open fabric will do. Else NULL.
 * @name: Name of the fabric; ports of the same fabric reach each other.
 * @prov_name: Name of the provider.
 * @prov_version: Version of the provider, made by KFI_VERSION().
 * @api_version: Version of the interface that the client asked for.
 */
struct kfi_fabric_attr {
	struct kfid_fabric	*fabric;
	char			*name;
	char			*prov_name;
	uint32_t		prov_version;
	uint32_t		api_version;
};

/**
 * struct kfi_info - One way to communicate
 * @next: Next entry of the list, or NULL.
 * @caps: Capabilities; in hints those that the client needs.
 * @mode: Modes; in hints those that the client supports.
 * @addr_format: One of &enum kfi_addr_format.
 * @src_addrlen: Length of @src_addr, in bytes.
 * @dest_addrlen: Length of @dest_addr, in bytes.
 * @src_addr: Address of this side.
 * @dest_addr: Address of the peer.
 * @handle: Connection request to accept or reject, else NULL.
 * @tx_attr: Transmit side, may be NULL in hints.
 * @rx_attr: Receive side, may be NULL in hints.
 * @ep_attr: Endpoint, may be NULL in hints.
 * @domain_attr: Domain, may be NULL in hints.
 * @fabric_attr: Fabric, may be NULL in hints.
 *
 * Whatever an info points to is its own, but for @handle and the open objects
 * in &kfi_domain_attr.domain and &kfi_fabric_attr.fabric: kfi_dupinfo() copies
 * those pointers and kfi_freeinfo() leaves the objects alone.
 */
struct kfi_info {
	struct kfi_info		*next;
	uint64_t		caps;
	uint64_t		mode;
	uint32_t		addr_format;
	size_t			src_addrlen;
	size_t			dest_addrlen;
	void			*src_addr;
	void			*dest_addr;
	kfid_t			handle;
	struct kfi_tx_attr	*tx_attr;
	struct kfi_rx_attr	*rx_attr;
	struct kfi_ep_attr	*ep_attr;
	struct kfi_domain_attr	*domain_attr;
	struct kfi_fabric_attr	*fabric_attr;
};

#endif /* _KFI_ATTR_H_ */
