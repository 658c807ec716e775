/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef _KFABRIC_H_
#define _KFABRIC_H_

/**
 * DOC: The kernel fabric interface
 *
 * Purpose. One interface for kernel clients of fabrics: find out what can be
 * reached and how (kfi_getinfo()), open objects, move data. kfabric.ko keeps
 * the providers and hands each call to the one that answers; every object
 * starts with a &struct kfid that carries its operations.
 *
 * Context. Calls that open, close, bind, enable, control or connect run in
 * process context and may sleep. Data calls and queue reads may be made from
 * any context, softirq included; they neither sleep nor allocate.
 *
 * Ownership. An object stays open while others stand on it: closing a parent
 * answers -EBUSY until its children are closed. Closing waits for what is in
 * flight; when it returns 0, no callback runs and no buffer is touched.
 *
 * Errors. 0 or a count is success, anything negative is an errno of Linux or
 * one of &enum kfi_errno, negated. A failed call has changed nothing. Every
 * call that an object or a provider does not have answers -ENOSYS.
 */

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/kernel.h>
#include <linux/stddef.h>
#include <linux/types.h>
#include <kfi_attr.h>

struct bio_vec;
struct kvec;
struct scatterlist;

struct kfid_av;
struct kfid_cntr;
struct kfid_cq;
struct kfid_ep;
struct kfid_eq;
struct kfid_mr;
struct kfid_pep;
struct kfid_poll;
struct kfid_stx;
struct kfid_wait;

struct kfi_eq_attr;
struct kfi_poll_attr;
struct kfi_wait_attr;

#define KFI_MAJOR_VERSION	1
#define KFI_MINOR_VERSION	7

/* A version is one number: major in the high half, minor in the low half */
#define KFI_VERSION(major, minor)	(((major) << 16) | (minor))
#define KFI_MAJOR(version)		((version) >> 16)
#define KFI_MINOR(version)		((version) & 0xFFFF)
#define KFI_VERSION_GE(v1, v2)		((v1) >= (v2))
#define KFI_VERSION_LT(v1, v2)		((v1) < (v2))

/**
 * kfi_version() - Version of the interface that kfabric.ko implements
 *
 * Source: core.
 *
 * Context: Any.
 * Return: A number made by KFI_VERSION().
 */
uint32_t kfi_version(void);

/**
 * enum kfi_class - Kind of an object (&kfid.fclass)
 * @KFI_CLASS_UNSPEC: Not an object.
 * @KFI_CLASS_FABRIC: &struct kfid_fabric.
 * @KFI_CLASS_DOMAIN: &struct kfid_domain.
 * @KFI_CLASS_EP: &struct kfid_ep.
 * @KFI_CLASS_SEP: &struct kfid_ep, scalable endpoint.
 * @KFI_CLASS_RX_CTX: &struct kfid_ep, receive context of a scalable endpoint.
 * @KFI_CLASS_SRX_CTX: &struct kfid_ep, shared receive context.
 * @KFI_CLASS_TX_CTX: &struct kfid_ep, transmit context of a scalable endpoint.
 * @KFI_CLASS_STX_CTX: &struct kfid_stx, shared transmit context.
 * @KFI_CLASS_PEP: &struct kfid_pep.
 * @KFI_CLASS_INTERFACE: Operations opened by kfi_open_ops().
 * @KFI_CLASS_AV: &struct kfid_av.
 * @KFI_CLASS_MR: &struct kfid_mr.
 * @KFI_CLASS_EQ: &struct kfid_eq.
 * @KFI_CLASS_CQ: &struct kfid_cq.
 * @KFI_CLASS_CNTR: &struct kfid_cntr.
 * @KFI_CLASS_WAIT: &struct kfid_wait.
 * @KFI_CLASS_POLL: &struct kfid_poll.
 * @KFI_CLASS_CONNREQ: Connection request (&kfi_info.handle).
 */
enum kfi_class {
	KFI_CLASS_UNSPEC,
	KFI_CLASS_FABRIC,
	KFI_CLASS_DOMAIN,
	KFI_CLASS_EP,
	KFI_CLASS_SEP,
	KFI_CLASS_RX_CTX,
	KFI_CLASS_SRX_CTX,
	KFI_CLASS_TX_CTX,
	KFI_CLASS_STX_CTX,
	KFI_CLASS_PEP,
	KFI_CLASS_INTERFACE,
	KFI_CLASS_AV,
	KFI_CLASS_MR,
	KFI_CLASS_EQ,
	KFI_CLASS_CQ,
	KFI_CLASS_CNTR,
	KFI_CLASS_WAIT,
	KFI_CLASS_POLL,
	KFI_CLASS_CONNREQ,
};

/**
 * typedef kfi_comp_handler - Tells a client that a completion queue has entries
 * @cq: The queue.
 * @context: The context given to kfi_cq_open().
 *
 * One-shot: armed when the queue is opened and whenever a read finds the queue
 * empty, and then called once for the entries that follow, those that slipped
 * in before the arming included. It may read the queue.
 *
 * Context: Softirq or process context, no lock of the queue held; must not
 * sleep. May run on several CPUs at once if readers elsewhere arm it again.
 */
typedef void (*kfi_comp_handler)(struct kfid_cq *cq, void *context);

/**
 * typedef kfi_event_handler - Tells a client that an event queue has entries
 * @eq: The queue.
 * @context: The context given to kfi_eq_open().
 *
 * One-shot, as &kfi_comp_handler: armed when the queue is opened and whenever a
 * read finds it empty. It may read the queue; opening and closing objects
 * belongs into a work item.
 *
 * Context: Process context, or that of kfi_eq_write(); no lock of the queue
 * held; must not sleep.
 */
typedef void (*kfi_event_handler)(struct kfid_eq *eq, void *context);

/* kfi_ep_bind() to a CQ: only operations with KFI_COMPLETION write entries */
#define KFI_SELECTIVE_COMPLETION	BIT_ULL(59)

/**
 * struct kfi_ops - Operations of every object
 * @size: Size of the table in bytes; slots beyond it do not exist.
 * @close: See kfi_close().
 * @bind: See kfi_ep_bind() and its siblings.
 * @control: See kfi_control().
 * @ops_open: See kfi_open_ops().
 */
struct kfi_ops {
	size_t	size;
	int	(*close)(struct kfid *fid);
	int	(*bind)(struct kfid *fid, struct kfid *bfid, uint64_t flags);
	int	(*control)(struct kfid *fid, int command, void *arg);
	int	(*ops_open)(struct kfid *fid, const char *name, uint64_t flags,
			    void **ops, void *context);
};

/**
 * struct kfid - What every object starts with
 * @fclass: One of &enum kfi_class.
 * @context: The client's, given when the object was opened.
 * @ops: Operations of every object.
 * @comp: Provider side: completed when the last reference is gone.
 * @ref_cnt: Provider side: references, one of them the client's.
 */
struct kfid {
	size_t			fclass;
	void			*context;
	struct kfi_ops		*ops;
	struct completion	comp;
	atomic_t		ref_cnt;
};

/**
 * struct kfi_ops_fabric - Operations of a fabric
 * @size: Size of the table in bytes.
 * @domain: See kfi_domain().
 * @passive_ep: See kfi_passive_ep().
 * @eq_open: See kfi_eq_open().
 * @wait_open: See kfi_wait_open().
 */
struct kfi_ops_fabric {
	size_t	size;
	int	(*domain)(struct kfid_fabric *fabric, struct kfi_info *info,
			  struct kfid_domain **dom, void *context);
	int	(*passive_ep)(struct kfid_fabric *fabric, struct kfi_info *info,
			      struct kfid_pep **pep, void *context);
	int	(*eq_open)(struct kfid_fabric *fabric, struct kfi_eq_attr *attr,
			   struct kfid_eq **eq, kfi_event_handler event_handler,
			   void *context);
	int	(*wait_open)(struct kfid_fabric *fabric,
			     struct kfi_wait_attr *attr,
			     struct kfid_wait **waitset);
};

/**
 * struct kfid_fabric - Fabric: the set of ports that reach each other
 * @fid: Common part.
 * @ops: Operations.
 * @api_version: Version of the interface that the client asked for.
 */
struct kfid_fabric {
	struct kfid		fid;
	struct kfi_ops_fabric	*ops;
	uint32_t		api_version;
};

/**
 * struct kfi_context - Room for the provider in a client's request
 * @internal: The provider's while the operation is outstanding.
 *
 * Operation contexts are of this type if &kfi_info.mode has %KFI_CONTEXT.
 */
struct kfi_context {
	void	*internal[4];
};

/**
 * struct kfi_context2 - More room for the provider in a client's request
 * @internal: The provider's while the operation is outstanding.
 *
 * Operation contexts are of this type if &kfi_info.mode has %KFI_CONTEXT2.
 */
struct kfi_context2 {
	void	*internal[8];
};

/**
 * kfi_getinfo() - List the ways to communicate
 * @version: Version of the interface that the client was written for; 0 is
 *	any.
 * @node: Name or address, or NULL; the provider says which forms it knows.
 * @service: Port number or service name in decimal, or NULL.
 * @flags: %KFI_SOURCE: @node and @service name this side, not the peer;
 *	%KFI_NUMERICHOST: @node is an address; %KFI_PROV_ATTR_ONLY: attributes
 *	of the providers only.
 * @hints: What the client needs, or NULL for no needs.
 * @info: Where to put the list; kfi_freeinfo() frees it.
 *
 * Asks every provider, or the one named in hints->fabric_attr->prov_name, and
 * joins their answers, each provider's best entry first. Each entry satisfies
 * all hints. A debug message names the first attribute that did not match.
 *
 * Source: core, which asks the providers.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL if @info is NULL or @service is no service;
 * -KFI_EBADFLAGS; -ENOSYS if @version is newer than kfi_version(); -ENODATA if
 * nothing matches; -ENOMEM; or what a provider answered if none had an entry.
 */
int kfi_getinfo(uint32_t version, const char *node, const char *service,
		uint64_t flags, struct kfi_info *hints, struct kfi_info **info);

/**
 * kfi_freeinfo() - Free a list of infos
 * @info: First entry, or NULL.
 *
 * Frees every entry of the list with all that it owns: addresses, names,
 * authorization keys. A client that lent a pointer takes it out before.
 *
 * Source: core.
 *
 * Context: Any context that may call kfree().
 */
void kfi_freeinfo(struct kfi_info *info);

/**
 * kfi_allocinfo() - Allocate an empty info
 *
 * All attribute structures are there and everything is zero: a start for
 * hints.
 *
 * Source: core.
 *
 * Context: Process context, may sleep.
 * Return: The info, freed by kfi_freeinfo(), or NULL.
 */
struct kfi_info *kfi_allocinfo(void);

/**
 * kfi_dupinfo() - Copy one info
 * @info: The entry to copy, or NULL for kfi_allocinfo().
 *
 * Copies all that @info owns, but not the entries after it.
 *
 * Source: core.
 *
 * Context: Process context, may sleep.
 * Return: The copy, freed by kfi_freeinfo(), or NULL.
 */
struct kfi_info *kfi_dupinfo(const struct kfi_info *info);

/**
 * kfi_fabric() - Open a fabric
 * @attr: &kfi_info.fabric_attr of an entry; names and api_version matter.
 * @fabric: Where to put the fabric.
 * @context: The client's.
 *
 * Source: core, which finds the provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL if a name or an argument is missing; -ENOSYS if
 * @attr->api_version is newer than kfi_version(); -ENODEV if there is no such
 * provider or fabric; -ENOMEM; or another error of the provider.
 */
int kfi_fabric(struct kfi_fabric_attr *attr, struct kfid_fabric **fabric,
	       void *context);

/**
 * kfi_has_op() - Does a table of operations have a slot, and is it filled?
 * @table: Table; its first member is its size in bytes.
 * @offset: Offset of the slot, in bytes.
 *
 * Context: Any.
 * Return: True if the operation may be called.
 */
static inline bool kfi_has_op(const void *table, size_t offset)
{
	return *(const size_t *)table > offset &&
	       *(void *const *)(table + offset);
}

#define KFI_CHECK_OP(ops, opstype, op) \
	kfi_has_op(ops, offsetof(opstype, op))

/**
 * kfi_close() - Close an object
 * @fid: The object; invalid after success.
 *
 * Waits until operations in flight have completed and callbacks have returned.
 * After closing a memory region its key is dead at the peers.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep. Not from a completion or event handler
 * of the object or of a queue it is bound to.
 * Return: 0; -EBUSY while other objects stand on this one.
 */
static inline int kfi_close(struct kfid *fid)
{
	return fid->ops->close(fid);
}

/**
 * struct kfi_alias - Argument of %KFI_ALIAS
 * @fid: Where to put the alias.
 * @flags: Default operation flags of the alias.
 */
struct kfi_alias {
	struct kfid	**fid;
	uint64_t	flags;
};

/**
 * struct kfi_mr_raw_attr - Argument of %KFI_GET_RAW_MR
 * @flags: Reserved, 0.
 * @base_addr: Where to put the address of the region at the peer.
 * @raw_key: Where to put the key.
 * @key_size: In: room at @raw_key; out: size of the key; in bytes.
 */
struct kfi_mr_raw_attr {
	uint64_t	flags;
	uint64_t	*base_addr;
	uint8_t		*raw_key;
	size_t		*key_size;
};

/**
 * struct kfi_mr_map_raw - Argument of %KFI_MAP_RAW_MR
 * @flags: Reserved, 0.
 * @base_addr: Address of the region at the peer.
 * @raw_key: Key of the region, as the peer got it.
 * @key_size: Length of @raw_key, in bytes.
 * @key: Where to put a 64-bit key that stands for it.
 */
struct kfi_mr_map_raw {
	uint64_t	flags;
	uint64_t	base_addr;
	uint8_t		*raw_key;
	size_t		key_size;
	uint64_t	*key;
};

/**
 * enum kfi_control_cmd - Commands of kfi_control() and their arguments
 * @KFI_GETFIDFLAG: uint64_t \*, flags of the object.
 * @KFI_SETFIDFLAG: uint64_t \*, flags of the object.
 * @KFI_GETOPSFLAG: uint64_t \*, default operation flags.
 * @KFI_SETOPSFLAG: uint64_t \*, default operation flags.
 * @KFI_ALIAS: &struct kfi_alias.
 * @KFI_GETWAIT: Wait object of a queue.
 * @KFI_ENABLE: NULL. See kfi_enable() and kfi_mr_enable().
 * @KFI_BACKLOG: int \*, connection requests that a passive endpoint holds.
 * @KFI_GET_RAW_MR: &struct kfi_mr_raw_attr.
 * @KFI_MAP_RAW_MR: &struct kfi_mr_map_raw.
 * @KFI_UNMAP_KEY: uint64_t \*, a key made by %KFI_MAP_RAW_MR.
 * @KFI_QUEUE_WORK: &struct kfi_deferred_work.
 * @KFI_CANCEL_WORK: &struct kfi_deferred_work.
 * @KFI_FLUSH_WORK: NULL.
 * @KFI_REFRESH: &struct kfi_mr_modify.
 */
enum kfi_control_cmd {
	KFI_GETFIDFLAG,
	KFI_SETFIDFLAG,
	KFI_GETOPSFLAG,
	KFI_SETOPSFLAG,
	KFI_ALIAS,
	KFI_GETWAIT,
	KFI_ENABLE,
	KFI_BACKLOG,
	KFI_GET_RAW_MR,
	KFI_MAP_RAW_MR,
	KFI_UNMAP_KEY,
	KFI_QUEUE_WORK,
	KFI_CANCEL_WORK,
	KFI_FLUSH_WORK,
	KFI_REFRESH,
};

/**
 * kfi_control() - Give an object a command
 * @fid: The object.
 * @command: One of &enum kfi_control_cmd.
 * @arg: Argument of the command.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -ENOSYS if the object does not know the command; -EINVAL for a
 * bad argument; or another error of the provider.
 */
static inline int kfi_control(struct kfid *fid, int command, void *arg)
{
	return fid->ops->control(fid, command, arg);
}

/**
 * kfi_alias() - Make a second handle with other default flags
 * @fid: The object.
 * @alias_fid: Where to put the alias, an object of the same class.
 * @flags: Default operation flags of the alias.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -ENOSYS; -KFI_EBADFLAGS; -ENOMEM.
 */
static inline int kfi_alias(struct kfid *fid, struct kfid **alias_fid,
			    uint64_t flags)
{
	struct kfi_alias alias = {
		.fid = alias_fid,
		.flags = flags,
	};

	return kfi_control(fid, KFI_ALIAS, &alias);
}

/**
 * kfi_open_ops() - Get operations beyond the common ones
 * @fid: The object.
 * @name: Name of the table, such as the strings in <kfi_cxi_ext.h> and
 *	<kfi_verbs_ext.h>.
 * @flags: Reserved, 0.
 * @ops: Where to put the table; valid while @fid is open.
 * @context: The client's.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -ENOSYS if the object has no table of that name.
 */
static inline int kfi_open_ops(struct kfid *fid, const char *name,
			       uint64_t flags, void **ops, void *context)
{
	return fid->ops->ops_open(fid, name, flags, ops, context);
}

/**
 * enum kfi_type - What kfi_tostr() is given a pointer to
 * @KFI_TYPE_INFO: &struct kfi_info (the first entry only).
 * @KFI_TYPE_EP_TYPE: &enum kfi_ep_type.
 * @KFI_TYPE_CAPS: uint64_t, capabilities.
 * @KFI_TYPE_OP_FLAGS: uint64_t, operation flags.
 * @KFI_TYPE_ADDR_FORMAT: uint32_t, &enum kfi_addr_format.
 * @KFI_TYPE_TX_ATTR: &struct kfi_tx_attr.
 * @KFI_TYPE_RX_ATTR: &struct kfi_rx_attr.
 * @KFI_TYPE_EP_ATTR: &struct kfi_ep_attr.
 * @KFI_TYPE_DOMAIN_ATTR: &struct kfi_domain_attr.
 * @KFI_TYPE_FABRIC_ATTR: &struct kfi_fabric_attr.
 * @KFI_TYPE_THREADING: &enum kfi_threading.
 * @KFI_TYPE_PROGRESS: &enum kfi_progress.
 * @KFI_TYPE_PROTOCOL: uint32_t, &enum kfi_protocol.
 * @KFI_TYPE_MSG_ORDER: uint64_t, KFI_ORDER_* bits.
 * @KFI_TYPE_MODE: uint64_t, modes.
 * @KFI_TYPE_AV_TYPE: &enum kfi_av_type.
 * @KFI_TYPE_ATOMIC_TYPE: &enum kfi_datatype.
 * @KFI_TYPE_ATOMIC_OP: &enum kfi_op.
 * @KFI_TYPE_VERSION: uint32_t, made by KFI_VERSION().
 * @KFI_TYPE_EQ_EVENT: uint32_t, &enum kfi_eq_event.
 * @KFI_TYPE_CQ_EVENT_FLAGS: uint64_t, flags of a completion entry.
 * @KFI_TYPE_MR_MODE: int, KFI_MR_* bits.
 * @KFI_TYPE_OP_TYPE: &enum kfi_op_type.
 */
enum kfi_type {
	KFI_TYPE_INFO,
	KFI_TYPE_EP_TYPE,
	KFI_TYPE_CAPS,
	KFI_TYPE_OP_FLAGS,
	KFI_TYPE_ADDR_FORMAT,
	KFI_TYPE_TX_ATTR,
	KFI_TYPE_RX_ATTR,
	KFI_TYPE_EP_ATTR,
	KFI_TYPE_DOMAIN_ATTR,
	KFI_TYPE_FABRIC_ATTR,
	KFI_TYPE_THREADING,
	KFI_TYPE_PROGRESS,
	KFI_TYPE_PROTOCOL,
	KFI_TYPE_MSG_ORDER,
	KFI_TYPE_MODE,
	KFI_TYPE_AV_TYPE,
	KFI_TYPE_ATOMIC_TYPE,
	KFI_TYPE_ATOMIC_OP,
	KFI_TYPE_VERSION,
	KFI_TYPE_EQ_EVENT,
	KFI_TYPE_CQ_EVENT_FLAGS,
	KFI_TYPE_MR_MODE,
	KFI_TYPE_OP_TYPE,
};

/**
 * kfi_tostr() - Readable text of a value, in a shared buffer
 * @data: Pointer to the value.
 * @datatype: What @data points to.
 *
 * For debugging by hand: the fourth call after this one, on any CPU, overwrites
 * the text. Use kfi_tostr_r() in anything that stays.
 *
 * Source: core.
 *
 * Context: Any.
 * Return: The text, empty if kfi_tostr_r() would fail.
 */
char *kfi_tostr(const void *data, enum kfi_type datatype);

/**
 * kfi_tostr_r() - Readable text of a value, in the caller's buffer
 * @buf: Where to put the text; always terminated unless @len is 0.
 * @len: Room at @buf, in bytes. An info has about 2000, and its names.
 * @data: Pointer to the value.
 * @type: What @data points to.
 *
 * Source: core.
 *
 * Context: Any.
 * Return: Characters put at @buf, the terminating NUL not counted, as
 * scnprintf(): text that does not fit is cut off. -EINVAL (and an empty text)
 * if @data is NULL or @type is unknown.
 */
int kfi_tostr_r(char *buf, size_t len, const void *data, enum kfi_type type);

/**
 * enum kfi_param_type - Type of a parameter
 * @KFI_PARAM_STRING: Text.
 * @KFI_PARAM_INT: Number.
 * @KFI_PARAM_BOOL: Y or N.
 */
enum kfi_param_type {
	KFI_PARAM_STRING,
	KFI_PARAM_INT,
	KFI_PARAM_BOOL,
};

/**
 * struct kfi_param - One parameter of kfabric or of a provider
 * @name: Name.
 * @type: Type.
 * @help_string: What it does.
 * @value: Present value as text, or NULL.
 */
struct kfi_param {
	const char		*name;
	enum kfi_param_type	type;
	const char		*help_string;
	const char		*value;
};

/**
 * kfi_getparams() - List the parameters
 * @params: Where to put the array; kfi_freeparams() frees it.
 * @count: Where to put its length.
 *
 * Source: core.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL if an argument is NULL; -ENODATA if there are none;
 * -ENOMEM.
 */
int kfi_getparams(struct kfi_param **params, int *count);

/**
 * kfi_freeparams() - Free an array of parameters
 * @params: The array, or NULL.
 *
 * Source: core.
 *
 * Context: Any context that may call kfree().
 */
void kfi_freeparams(struct kfi_param *params);

#endif /* _KFABRIC_H_ */
