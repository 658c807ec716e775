// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Values in words
 *
 * Purpose. Readable text of an info, an attribute structure, flags or an
 * enumerator, for logs and tables.
 *
 * Operation. Names are those of the API without "KFI_". Flags are joined by
 * "|"; bits without a name are added in hex, so nothing is left out. An
 * enumerator without a name is a number in hex. Structures are one member per
 * line, in the form of YAML, written from the tables in attr.c.
 *
 * Ownership. kfi_tostr_r() writes to the caller's buffer. kfi_tostr() hands out
 * its own buffers in turn: a text is overwritten by the fourth call after it.
 * Authorization keys are secrets and never written, only their size.
 */
#include <linux/atomic.h>
#include <linux/export.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/kernel.h>
#include <linux/socket.h>
#include <linux/string.h>

#include <kfi_domain.h>
#include <kfi_eq.h>
#include <kfi_trigger.h>

#include "attr.h"
#include "core.h"

#define KFI_TOSTR_SIZE		4096
#define KFI_TOSTR_BUFFERS	4
#define KFI_TOSTR_HEX_MAX	64

struct kfi_tostr_bit {
	u64 bit;
	const char *name;
};

/* The bits that mean the same in capabilities, operations and completions */
static const struct kfi_tostr_bit kfi_tostr_common[] = {
	{ KFI_MSG, "MSG" },
	{ KFI_RMA, "RMA" },
	{ KFI_TAGGED, "TAGGED" },
	{ KFI_ATOMIC, "ATOMIC" },
	{ KFI_MULTICAST, "MULTICAST" },
	{ KFI_TAGGED_RMA, "TAGGED_RMA" },
	{ KFI_READ, "READ" },
	{ KFI_WRITE, "WRITE" },
	{ KFI_RECV, "RECV" },
	{ KFI_SEND, "SEND" },
	{ KFI_REMOTE_READ, "REMOTE_READ" },
	{ KFI_REMOTE_WRITE, "REMOTE_WRITE" },
	{ KFI_MULTI_RECV, "MULTI_RECV" },
	{ KFI_REMOTE_CQ_DATA, "REMOTE_CQ_DATA" },
	{ KFI_MORE, "MORE" },
	{ KFI_PEEK, "PEEK" },
	{ KFI_TRIGGER, "TRIGGER" },
	{ KFI_FENCE, "FENCE" },
	{ KFI_COMPLETION, "COMPLETION" },
	{ KFI_INJECT, "INJECT" },
	{ KFI_INJECT_COMPLETE, "INJECT_COMPLETE" },
	{ KFI_TRANSMIT_COMPLETE, "TRANSMIT_COMPLETE" },
	{ KFI_DELIVERY_COMPLETE, "DELIVERY_COMPLETE" },
	{ KFI_AFFINITY, "AFFINITY" },
	{ KFI_COMMIT_COMPLETE, "COMMIT_COMPLETE" },
	{ KFI_TAGGED_MULTI_RECV, "TAGGED_MULTI_RECV" },
};

static const struct kfi_tostr_bit kfi_tostr_caps[] = {
	{ KFI_RMA_PMEM, "RMA_PMEM" },
	{ KFI_SOURCE_ERR, "SOURCE_ERR" },
	{ KFI_LOCAL_COMM, "LOCAL_COMM" },
	{ KFI_REMOTE_COMM, "REMOTE_COMM" },
	{ KFI_SHARED_AV, "SHARED_AV" },
	{ KFI_RMA_EVENT, "RMA_EVENT" },
	{ KFI_SOURCE, "SOURCE" },
	{ KFI_NAMED_RX_CTX, "NAMED_RX_CTX" },
	{ KFI_DIRECTED_RECV, "DIRECTED_RECV" },
};

static const struct kfi_tostr_bit kfi_tostr_op_flags[] = {
	{ KFI_DISCARD, "DISCARD" },
	{ KFI_CLAIM, "CLAIM" },
};

static const struct kfi_tostr_bit kfi_tostr_mode[] = {
	{ KFI_CONTEXT2, "CONTEXT2" },
	{ KFI_RESTRICTED_COMP, "RESTRICTED_COMP" },
	{ KFI_NOTIFY_FLAGS_ONLY, "NOTIFY_FLAGS_ONLY" },
	{ KFI_LOCAL_MR, "LOCAL_MR" },
	{ KFI_RX_CQ_DATA, "RX_CQ_DATA" },
	{ KFI_ASYNC_IOV, "ASYNC_IOV" },
	{ KFI_MSG_PREFIX, "MSG_PREFIX" },
	{ KFI_CONTEXT, "CONTEXT" },
};

static const struct kfi_tostr_bit kfi_tostr_mr_mode[] = {
	{ KFI_MR_LOCAL, "LOCAL" },
	{ KFI_MR_RAW, "RAW" },
	{ KFI_MR_VIRT_ADDR, "VIRT_ADDR" },
	{ KFI_MR_PROV_KEY, "PROV_KEY" },
	{ KFI_MR_RMA_EVENT, "RMA_EVENT" },
	{ KFI_MR_ENDPOINT, "ENDPOINT" },
};

static const struct kfi_tostr_bit kfi_tostr_order[] = {
	{ KFI_ORDER_RAR, "RAR" },
	{ KFI_ORDER_RAW, "RAW" },
	{ KFI_ORDER_RAS, "RAS" },
	{ KFI_ORDER_WAR, "WAR" },
	{ KFI_ORDER_WAW, "WAW" },
	{ KFI_ORDER_WAS, "WAS" },
	{ KFI_ORDER_SAR, "SAR" },
	{ KFI_ORDER_SAW, "SAW" },
	{ KFI_ORDER_SAS, "SAS" },
	{ KFI_ORDER_DATA, "DATA" },
};

static const char * const kfi_tostr_ep_type[] = {
	[KFI_EP_UNSPEC] = "UNSPEC",
	[KFI_EP_MSG] = "MSG",
	[KFI_EP_DGRAM] = "DGRAM",
	[KFI_EP_RDM] = "RDM",
	[KFI_EP_SOCK_STREAM] = "SOCK_STREAM",
	[KFI_EP_SOCK_DGRAM] = "SOCK_DGRAM",
};

static const char * const kfi_tostr_addr_format[] = {
	[KFI_FORMAT_UNSPEC] = "UNSPEC",
	[KFI_SOCKADDR] = "SOCKADDR",
	[KFI_SOCKADDR_IN] = "SOCKADDR_IN",
	[KFI_SOCKADDR_IN6] = "SOCKADDR_IN6",
	[KFI_SOCKADDR_IB] = "SOCKADDR_IB",
	[KFI_ADDR_GNI] = "ADDR_GNI",
	[KFI_ADDR_CXI] = "ADDR_CXI",
};

static const char * const kfi_tostr_threading[] = {
	[KFI_THREAD_UNSPEC] = "UNSPEC",
	[KFI_THREAD_SAFE] = "SAFE",
	[KFI_THREAD_FID] = "FID",
	[KFI_THREAD_DOMAIN] = "DOMAIN",
	[KFI_THREAD_COMPLETION] = "COMPLETION",
	[KFI_THREAD_ENDPOINT] = "ENDPOINT",
};

static const char * const kfi_tostr_progress[] = {
	[KFI_PROGRESS_UNSPEC] = "UNSPEC",
	[KFI_PROGRESS_AUTO] = "AUTO",
	[KFI_PROGRESS_MANUAL] = "MANUAL",
};

static const char * const kfi_tostr_resource_mgmt[] = {
	[KFI_RM_UNSPEC] = "UNSPEC",
	[KFI_RM_DISABLED] = "DISABLED",
	[KFI_RM_ENABLED] = "ENABLED",
};

static const char * const kfi_tostr_protocol[] = {
	[KFI_PROTO_UNSPEC] = "UNSPEC",
	[KFI_PROTO_RDMA_CM_IB_RC] = "RDMA_CM_IB_RC",
	[KFI_PROTO_IWARP] = "IWARP",
	[KFI_PROTO_IB_UD] = "IB_UD",
	[KFI_PROTO_UDP] = "UDP",
	[KFI_PROTO_SOCK_TCP] = "SOCK_TCP",
	[KFI_PROTO_IWARP_RDM] = "IWARP_RDM",
	[KFI_PROTO_IB_RDM] = "IB_RDM",
	[KFI_PROTO_GNI] = "GNI",
	[KFI_PROTO_CXI] = "CXI",
};

static const char * const kfi_tostr_av_type[] = {
	[KFI_AV_UNSPEC] = "UNSPEC",
	[KFI_AV_MAP] = "MAP",
	[KFI_AV_TABLE] = "TABLE",
};

static const char * const kfi_tostr_datatype[] = {
	[KFI_INT8] = "INT8",
	[KFI_UINT8] = "UINT8",
	[KFI_INT16] = "INT16",
	[KFI_UINT16] = "UINT16",
	[KFI_INT32] = "INT32",
	[KFI_UINT32] = "UINT32",
	[KFI_INT64] = "INT64",
	[KFI_UINT64] = "UINT64",
	[KFI_FLOAT] = "FLOAT",
	[KFI_DOUBLE] = "DOUBLE",
	[KFI_FLOAT_COMPLEX] = "FLOAT_COMPLEX",
	[KFI_DOUBLE_COMPLEX] = "DOUBLE_COMPLEX",
	[KFI_LONG_DOUBLE] = "LONG_DOUBLE",
	[KFI_LONG_DOUBLE_COMPLEX] = "LONG_DOUBLE_COMPLEX",
};

static const char * const kfi_tostr_op[] = {
	[KFI_MIN] = "MIN",
	[KFI_MAX] = "MAX",
	[KFI_SUM] = "SUM",
	[KFI_PROD] = "PROD",
	[KFI_LOR] = "LOR",
	[KFI_LAND] = "LAND",
	[KFI_BOR] = "BOR",
	[KFI_BAND] = "BAND",
	[KFI_LXOR] = "LXOR",
	[KFI_BXOR] = "BXOR",
	[KFI_ATOMIC_READ] = "ATOMIC_READ",
	[KFI_ATOMIC_WRITE] = "ATOMIC_WRITE",
	[KFI_CSWAP] = "CSWAP",
	[KFI_CSWAP_NE] = "CSWAP_NE",
	[KFI_CSWAP_LE] = "CSWAP_LE",
	[KFI_CSWAP_LT] = "CSWAP_LT",
	[KFI_CSWAP_GE] = "CSWAP_GE",
	[KFI_CSWAP_GT] = "CSWAP_GT",
	[KFI_MSWAP] = "MSWAP",
};

static const char * const kfi_tostr_eq_event[] = {
	[KFI_NOTIFY] = "NOTIFY",
	[KFI_CONNREQ] = "CONNREQ",
	[KFI_CONNECTED] = "CONNECTED",
	[KFI_SHUTDOWN] = "SHUTDOWN",
	[KFI_MR_COMPLETE] = "MR_COMPLETE",
	[KFI_AV_COMPLETE] = "AV_COMPLETE",
	[KFI_JOIN_COMPLETE] = "JOIN_COMPLETE",
};

static const char * const kfi_tostr_op_type[] = {
	[KFI_OP_RECV] = "RECV",
	[KFI_OP_SEND] = "SEND",
	[KFI_OP_TRECV] = "TRECV",
	[KFI_OP_TSEND] = "TSEND",
	[KFI_OP_READ] = "READ",
	[KFI_OP_WRITE] = "WRITE",
	[KFI_OP_ATOMIC] = "ATOMIC",
	[KFI_OP_FETCH_ATOMIC] = "FETCH_ATOMIC",
	[KFI_OP_COMPARE_ATOMIC] = "COMPARE_ATOMIC",
	[KFI_OP_CNTR_SET] = "CNTR_SET",
	[KFI_OP_CNTR_ADD] = "CNTR_ADD",
};

static const char * const kfi_tostr_tclass[] = {
	[KFI_TC_BEST_EFFORT - KFI_TC_LABEL] = "BEST_EFFORT",
	[KFI_TC_LOW_LATENCY - KFI_TC_LABEL] = "LOW_LATENCY",
	[KFI_TC_DEDICATED_ACCESS - KFI_TC_LABEL] = "DEDICATED_ACCESS",
	[KFI_TC_BULK_DATA - KFI_TC_LABEL] = "BULK_DATA",
	[KFI_TC_SCAVENGER - KFI_TC_LABEL] = "SCAVENGER",
	[KFI_TC_NETWORK_CTRL - KFI_TC_LABEL] = "NETWORK_CTRL",
};

/**
 * struct kfi_tostr_kind - how the values of one enum kfi_type are written
 * @names: of an enumeration, or NULL
 * @bits: of flags, or NULL
 * @count: length of @names or @bits
 * @common: the common flag bits have their names too
 * @wide: the value has 64 bits, not 32
 */
struct kfi_tostr_kind {
	const char * const *names;
	const struct kfi_tostr_bit *bits;
	size_t count;
	bool common;
	bool wide;
};

#define KFI_TOSTR_NAMES(_names) \
	{ .names = _names, .count = ARRAY_SIZE(_names) }
#define KFI_TOSTR_BITS(_bits, ...) \
	{ .bits = _bits, .count = ARRAY_SIZE(_bits), ##__VA_ARGS__ }

static const struct kfi_tostr_kind kfi_tostr_kinds[] = {
	[KFI_TYPE_EP_TYPE] = KFI_TOSTR_NAMES(kfi_tostr_ep_type),
	[KFI_TYPE_CAPS] = KFI_TOSTR_BITS(kfi_tostr_caps, .common = true,
					 .wide = true),
	[KFI_TYPE_OP_FLAGS] = KFI_TOSTR_BITS(kfi_tostr_op_flags,
					     .common = true, .wide = true),
	[KFI_TYPE_ADDR_FORMAT] = KFI_TOSTR_NAMES(kfi_tostr_addr_format),
	[KFI_TYPE_THREADING] = KFI_TOSTR_NAMES(kfi_tostr_threading),
	[KFI_TYPE_PROGRESS] = KFI_TOSTR_NAMES(kfi_tostr_progress),
	[KFI_TYPE_PROTOCOL] = KFI_TOSTR_NAMES(kfi_tostr_protocol),
	[KFI_TYPE_MSG_ORDER] = KFI_TOSTR_BITS(kfi_tostr_order, .wide = true),
	[KFI_TYPE_MODE] = KFI_TOSTR_BITS(kfi_tostr_mode, .wide = true),
	[KFI_TYPE_AV_TYPE] = KFI_TOSTR_NAMES(kfi_tostr_av_type),
	[KFI_TYPE_ATOMIC_TYPE] = KFI_TOSTR_NAMES(kfi_tostr_datatype),
	[KFI_TYPE_ATOMIC_OP] = KFI_TOSTR_NAMES(kfi_tostr_op),
	[KFI_TYPE_EQ_EVENT] = KFI_TOSTR_NAMES(kfi_tostr_eq_event),
	[KFI_TYPE_CQ_EVENT_FLAGS] = { .common = true, .wide = true },
	[KFI_TYPE_MR_MODE] = KFI_TOSTR_BITS(kfi_tostr_mr_mode),
	[KFI_TYPE_OP_TYPE] = KFI_TOSTR_NAMES(kfi_tostr_op_type),
};

static const struct kfi_tostr_kind kfi_tostr_kind_resource_mgmt =
	KFI_TOSTR_NAMES(kfi_tostr_resource_mgmt);
static const struct kfi_tostr_kind kfi_tostr_kind_tclass =
	KFI_TOSTR_NAMES(kfi_tostr_tclass);

/* Text under construction: @pos characters of @len - 1 are written */
struct kfi_tostr_out {
	char *buf;
	size_t len;
	size_t pos;
};

static __printf(2, 3) void kfi_tostr_put(struct kfi_tostr_out *out,
					 const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	out->pos += vscnprintf(out->buf + out->pos, out->len - out->pos, fmt,
			       args);
	va_end(args);
}

static void kfi_tostr_put_name(struct kfi_tostr_out *out,
			       const struct kfi_tostr_kind *kind, u64 value)
{
	if (value < kind->count && kind->names[value])
		kfi_tostr_put(out, "%s", kind->names[value]);
	else
		kfi_tostr_put(out, "0x%llx", value);
}

/* Returns the bits that have no name in @bits */
static u64 kfi_tostr_put_bits(struct kfi_tostr_out *out, u64 value,
			      const struct kfi_tostr_bit *bits, size_t count,
			      const char **sep)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (!(value & bits[i].bit))
			continue;
		kfi_tostr_put(out, "%s%s", *sep, bits[i].name);
		value &= ~bits[i].bit;
		*sep = "|";
	}
	return value;
}

static void kfi_tostr_put_flags(struct kfi_tostr_out *out,
				const struct kfi_tostr_kind *kind, u64 value)
{
	const char *sep = "";

	if (!value) {
		kfi_tostr_put(out, "0");
		return;
	}
	if (kind->common)
		value = kfi_tostr_put_bits(out, value, kfi_tostr_common,
					   ARRAY_SIZE(kfi_tostr_common), &sep);
	value = kfi_tostr_put_bits(out, value, kind->bits, kind->count, &sep);
	if (value)
		kfi_tostr_put(out, "%s0x%llx", sep, value);
}

static void kfi_tostr_put_tclass(struct kfi_tostr_out *out, u32 tclass)
{
	if (!tclass)
		kfi_tostr_put(out, "UNSPEC");
	else if (tclass & KFI_TC_DSCP)
		kfi_tostr_put(out, "DSCP %u", kfi_tc_dscp_get(tclass));
	else if (tclass >= KFI_TC_LABEL)
		kfi_tostr_put_name(out, &kfi_tostr_kind_tclass,
				   tclass - KFI_TC_LABEL);
	else
		kfi_tostr_put(out, "0x%x", tclass);
}

static void kfi_tostr_put_value(struct kfi_tostr_out *out, u64 value, int text)
{
	const struct kfi_tostr_kind *kind;

	switch (text) {
	case KFI_TEXT_NUMBER:
		kfi_tostr_put(out, "%llu", value);
		return;
	case KFI_TEXT_STRING:
		kfi_tostr_put(out, "%s",
			      (const char *)(uintptr_t)value ?: "(null)");
		return;
	case KFI_TEXT_OBJECT:
		kfi_tostr_put(out, value ? "open" : "none");
		return;
	case KFI_TEXT_RESOURCE_MGMT:
		kfi_tostr_put_name(out, &kfi_tostr_kind_resource_mgmt, value);
		return;
	case KFI_TEXT_TCLASS:
		kfi_tostr_put_tclass(out, value);
		return;
	case KFI_TYPE_VERSION:
		kfi_tostr_put(out, "%u.%u", KFI_MAJOR((u32)value),
			      KFI_MINOR((u32)value));
		return;
	}

	kind = &kfi_tostr_kinds[text];
	if (kind->names)
		kfi_tostr_put_name(out, kind, value);
	else
		kfi_tostr_put_flags(out, kind, value);
}

static void kfi_tostr_put_members(struct kfi_tostr_out *out, const void *part,
				  enum kfi_attr_part which, int indent)
{
	const struct kfi_attr_table *table = &kfi_attr_tables[which];
	const struct kfi_attr *attr;

	for (attr = table->attrs; attr < table->attrs + table->count; attr++) {
		kfi_tostr_put(out, "%*s%s: ", indent, "", attr->name);
		kfi_tostr_put_value(out, kfi_attr_get(part, attr), attr->text);
		kfi_tostr_put(out, "\n");
	}
}

static void kfi_tostr_put_part(struct kfi_tostr_out *out, const void *part,
			       enum kfi_attr_part which, int indent)
{
	kfi_tostr_put(out, "%*s%s:", indent, "", kfi_attr_tables[which].name);
	if (!part) {
		kfi_tostr_put(out, " (null)\n");
		return;
	}
	kfi_tostr_put(out, "\n");
	kfi_tostr_put_members(out, part, which, indent + 2);
}

static bool kfi_tostr_is_ip(const void *addr, size_t len)
{
	const struct sockaddr *sa = addr;

	if (len >= sizeof(struct sockaddr_in) && sa->sa_family == AF_INET)
		return true;
	return len >= sizeof(struct sockaddr_in6) && sa->sa_family == AF_INET6;
}

static void kfi_tostr_put_addr(struct kfi_tostr_out *out, const char *name,
			       u32 format, const void *addr, size_t len)
{
	bool is_sockaddr = format == KFI_FORMAT_UNSPEC ||
			   format == KFI_SOCKADDR ||
			   format == KFI_SOCKADDR_IN ||
			   format == KFI_SOCKADDR_IN6;

	kfi_tostr_put(out, "  %s: ", name);
	if (!addr || !len)
		kfi_tostr_put(out, "(null)\n");
	else if (is_sockaddr && kfi_tostr_is_ip(addr, len))
		kfi_tostr_put(out, "%pISpc\n", addr);
	else
		kfi_tostr_put(out, "%*phN\n",
			      (int)min_t(size_t, len, KFI_TOSTR_HEX_MAX), addr);
}

static void kfi_tostr_put_info(struct kfi_tostr_out *out,
			       const struct kfi_info *info)
{
	static const enum kfi_attr_part parts[] = {
		KFI_PART_TX, KFI_PART_RX, KFI_PART_EP, KFI_PART_DOMAIN,
		KFI_PART_FABRIC,
	};
	size_t i;

	kfi_tostr_put_part(out, info, KFI_PART_INFO, 0);
	kfi_tostr_put_addr(out, "src_addr", info->addr_format, info->src_addr,
			   info->src_addrlen);
	kfi_tostr_put_addr(out, "dest_addr", info->addr_format,
			   info->dest_addr, info->dest_addrlen);
	kfi_tostr_put(out, "  handle: %s\n", info->handle ? "open" : "none");
	for (i = 0; i < ARRAY_SIZE(parts); i++)
		kfi_tostr_put_part(out, kfi_attr_part(info, parts[i]),
				   parts[i], 2);
}

/* Writes a value that is a number, flags or an enumerator; false if it is not */
static bool kfi_tostr_put_scalar(struct kfi_tostr_out *out, const void *data,
				 enum kfi_type type)
{
	const struct kfi_tostr_kind *kind;
	u64 value;

	if ((unsigned int)type >= ARRAY_SIZE(kfi_tostr_kinds))
		return false;

	kind = &kfi_tostr_kinds[type];
	if (!kind->names && !kind->bits && !kind->common &&
	    type != KFI_TYPE_VERSION)
		return false;

	value = kind->wide ? *(const u64 *)data : *(const u32 *)data;
	kfi_tostr_put_value(out, value, type);
	return true;
}

static bool kfi_tostr_put_any(struct kfi_tostr_out *out, const void *data,
			      enum kfi_type type)
{
	switch (type) {
	case KFI_TYPE_INFO:
		kfi_tostr_put_info(out, data);
		return true;
	case KFI_TYPE_TX_ATTR:
		kfi_tostr_put_part(out, data, KFI_PART_TX, 0);
		return true;
	case KFI_TYPE_RX_ATTR:
		kfi_tostr_put_part(out, data, KFI_PART_RX, 0);
		return true;
	case KFI_TYPE_EP_ATTR:
		kfi_tostr_put_part(out, data, KFI_PART_EP, 0);
		return true;
	case KFI_TYPE_DOMAIN_ATTR:
		kfi_tostr_put_part(out, data, KFI_PART_DOMAIN, 0);
		return true;
	case KFI_TYPE_FABRIC_ATTR:
		kfi_tostr_put_part(out, data, KFI_PART_FABRIC, 0);
		return true;
	default:
		return kfi_tostr_put_scalar(out, data, type);
	}
}

/* Text of an attribute's value; @text is enum kfi_type or kfi_attr_text */
int kfi_tostr_attr(char *buf, size_t len, u64 value, int text)
{
	struct kfi_tostr_out out = { .buf = buf, .len = len };

	kfi_tostr_put_value(&out, value, text);
	return out.pos;
}

int kfi_tostr_r(char *buf, size_t len, const void *data, enum kfi_type type)
{
	struct kfi_tostr_out out = { .buf = buf, .len = len };

	if (len)
		buf[0] = '\0';
	if (!data || !kfi_tostr_put_any(&out, data, type))
		return -EINVAL;
	return out.pos;
}
EXPORT_SYMBOL(kfi_tostr_r);

char *kfi_tostr(const void *data, enum kfi_type datatype)
{
	static char buffers[KFI_TOSTR_BUFFERS][KFI_TOSTR_SIZE];
	static atomic_t last;
	unsigned int i = (unsigned int)atomic_inc_return(&last);
	char *buf = buffers[i % KFI_TOSTR_BUFFERS];

	kfi_tostr_r(buf, KFI_TOSTR_SIZE, data, datatype);
	return buf;
}
EXPORT_SYMBOL(kfi_tostr);
