// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The tables of attributes; see attr.h.
 */
#include <linux/kernel.h>
#include <linux/stddef.h>

#include "attr.h"

#define KFI_ATTR(_type, _prefix, _member, _text, _rule, _take)		\
	{								\
		.path = _prefix #_member,				\
		.name = #_member,					\
		.offset = offsetof(struct _type, _member),		\
		.size = sizeof_field(struct _type, _member),		\
		.text = KFI_##_text,					\
		.rule = KFI_RULE_##_rule,				\
		.take = KFI_TAKE_##_take,				\
	}

#define FABRIC(...)	KFI_ATTR(kfi_fabric_attr, "fabric_attr->", __VA_ARGS__)
#define DOMAIN(...)	KFI_ATTR(kfi_domain_attr, "domain_attr->", __VA_ARGS__)
#define EP(...)		KFI_ATTR(kfi_ep_attr, "ep_attr->", __VA_ARGS__)
#define INFO(...)	KFI_ATTR(kfi_info, "", __VA_ARGS__)
#define TX(...)		KFI_ATTR(kfi_tx_attr, "tx_attr->", __VA_ARGS__)
#define RX(...)		KFI_ATTR(kfi_rx_attr, "rx_attr->", __VA_ARGS__)

static const struct kfi_attr kfi_attr_fabric[] = {
	FABRIC(prov_name, TEXT_STRING, STRING, NONE),
	FABRIC(prov_version, TYPE_VERSION, PROV_VERSION, NONE),
	FABRIC(api_version, TYPE_VERSION, AT_MOST, NONE),
	FABRIC(name, TEXT_STRING, STRING, NONE),
	FABRIC(fabric, TEXT_OBJECT, EQUAL, NONE),
};

/*
 * Counts say what the domain has room for: the answer tells all of it. The
 * registration mode is the provider's to say, the client only has to cope.
 */
static const struct kfi_attr kfi_attr_domain[] = {
	DOMAIN(name, TEXT_STRING, STRING, NONE),
	DOMAIN(domain, TEXT_OBJECT, EQUAL, NONE),
	DOMAIN(threading, TYPE_THREADING, THREADING, WISH),
	DOMAIN(control_progress, TYPE_PROGRESS, PROGRESS, WISH),
	DOMAIN(data_progress, TYPE_PROGRESS, PROGRESS, WISH),
	DOMAIN(resource_mgmt, TEXT_RESOURCE_MGMT, RESOURCE, WISH),
	DOMAIN(av_type, TYPE_AV_TYPE, AV_TYPE, WISH),
	DOMAIN(mr_mode, TYPE_MR_MODE, SUPPORT, NONE),
	DOMAIN(mr_key_size, TEXT_NUMBER, AT_MOST, NONE),
	DOMAIN(cq_data_size, TEXT_NUMBER, AT_MOST, NONE),
	DOMAIN(cq_cnt, TEXT_NUMBER, AT_MOST, NONE),
	DOMAIN(ep_cnt, TEXT_NUMBER, AT_MOST, NONE),
	DOMAIN(tx_ctx_cnt, TEXT_NUMBER, AT_MOST, NONE),
	DOMAIN(rx_ctx_cnt, TEXT_NUMBER, AT_MOST, NONE),
	DOMAIN(max_ep_tx_ctx, TEXT_NUMBER, AT_MOST, NONE),
	DOMAIN(max_ep_rx_ctx, TEXT_NUMBER, AT_MOST, NONE),
	DOMAIN(max_ep_stx_ctx, TEXT_NUMBER, AT_MOST, NONE),
	DOMAIN(max_ep_srx_ctx, TEXT_NUMBER, AT_MOST, NONE),
	DOMAIN(cntr_cnt, TEXT_NUMBER, AT_MOST, NONE),
	DOMAIN(mr_iov_limit, TEXT_NUMBER, AT_MOST, NONE),
	DOMAIN(caps, TYPE_CAPS, SUBSET, NONE),
	DOMAIN(mode, TYPE_MODE, SUPPORT, NONE),
	DOMAIN(auth_key_size, TEXT_NUMBER, AT_MOST, NONE),
	DOMAIN(max_err_data, TEXT_NUMBER, AT_MOST, NONE),
	DOMAIN(mr_cnt, TEXT_NUMBER, AT_MOST, NONE),
	DOMAIN(tclass, TEXT_TCLASS, NONE, NONE),
};

static const struct kfi_attr kfi_attr_ep[] = {
	EP(type, TYPE_EP_TYPE, EQUAL, NONE),
	EP(protocol, TYPE_PROTOCOL, EQUAL, NONE),
	EP(protocol_version, TEXT_NUMBER, AT_MOST, WISH),
	EP(max_msg_size, TEXT_NUMBER, AT_MOST, WISH),
	EP(msg_prefix_size, TEXT_NUMBER, AT_LEAST, NONE),
	EP(max_order_raw_size, TEXT_NUMBER, AT_MOST, WISH),
	EP(max_order_war_size, TEXT_NUMBER, AT_MOST, WISH),
	EP(max_order_waw_size, TEXT_NUMBER, AT_MOST, WISH),
	EP(mem_tag_format, TEXT_NUMBER, TAG, WISH),
	EP(tx_ctx_cnt, TEXT_NUMBER, AT_MOST, WISH),
	EP(rx_ctx_cnt, TEXT_NUMBER, AT_MOST, WISH),
	EP(auth_key_size, TEXT_NUMBER, AT_MOST, NONE),
};

/* Addresses are compared by the provider, which knows their format */
static const struct kfi_attr kfi_attr_info[] = {
	INFO(caps, TYPE_CAPS, SUBSET, NONE),
	INFO(mode, TYPE_MODE, MODE, NONE),
	INFO(addr_format, TYPE_ADDR_FORMAT, ADDR_FORMAT, NONE),
};

static const struct kfi_attr kfi_attr_tx[] = {
	TX(caps, TYPE_CAPS, SUBSET, NONE),
	TX(mode, TYPE_MODE, SUPPORT, NONE),
	TX(op_flags, TYPE_OP_FLAGS, SUBSET, ALWAYS),
	TX(msg_order, TYPE_MSG_ORDER, SUBSET, WISH),
	TX(comp_order, TYPE_MSG_ORDER, SUBSET, WISH),
	TX(inject_size, TEXT_NUMBER, AT_MOST, WISH),
	TX(size, TEXT_NUMBER, AT_MOST, WISH),
	TX(iov_limit, TEXT_NUMBER, AT_MOST, WISH),
	TX(rma_iov_limit, TEXT_NUMBER, AT_MOST, WISH),
	TX(tclass, TEXT_TCLASS, NONE, NONE),
};

static const struct kfi_attr kfi_attr_rx[] = {
	RX(caps, TYPE_CAPS, SUBSET, NONE),
	RX(mode, TYPE_MODE, SUPPORT, NONE),
	RX(op_flags, TYPE_OP_FLAGS, SUBSET, ALWAYS),
	RX(msg_order, TYPE_MSG_ORDER, SUBSET, WISH),
	RX(comp_order, TYPE_MSG_ORDER, SUBSET, WISH),
	RX(total_buffered_recv, TEXT_NUMBER, AT_MOST, WISH),
	RX(size, TEXT_NUMBER, AT_MOST, WISH),
	RX(iov_limit, TEXT_NUMBER, AT_MOST, WISH),
};

#define KFI_ATTR_TABLE(_name, _attrs) \
	{ .name = _name, .attrs = _attrs, .count = ARRAY_SIZE(_attrs) }

const struct kfi_attr_table kfi_attr_tables[KFI_PARTS] = {
	[KFI_PART_FABRIC] = KFI_ATTR_TABLE("fabric_attr", kfi_attr_fabric),
	[KFI_PART_DOMAIN] = KFI_ATTR_TABLE("domain_attr", kfi_attr_domain),
	[KFI_PART_EP] = KFI_ATTR_TABLE("ep_attr", kfi_attr_ep),
	[KFI_PART_INFO] = KFI_ATTR_TABLE("info", kfi_attr_info),
	[KFI_PART_TX] = KFI_ATTR_TABLE("tx_attr", kfi_attr_tx),
	[KFI_PART_RX] = KFI_ATTR_TABLE("rx_attr", kfi_attr_rx),
};

/* The structure that holds the attributes of @part, NULL if @info has none */
void *kfi_attr_part(const struct kfi_info *info, enum kfi_attr_part part)
{
	switch (part) {
	case KFI_PART_FABRIC:
		return info->fabric_attr;
	case KFI_PART_DOMAIN:
		return info->domain_attr;
	case KFI_PART_EP:
		return info->ep_attr;
	case KFI_PART_TX:
		return info->tx_attr;
	case KFI_PART_RX:
		return info->rx_attr;
	default:
		return (void *)info;
	}
}

/* Members are 4 or 8 bytes wide; a pointer is read as a number */
u64 kfi_attr_get(const void *part, const struct kfi_attr *attr)
{
	const void *member = part + attr->offset;

	return attr->size == sizeof(u32) ? *(const u32 *)member :
					   *(const u64 *)member;
}

void kfi_attr_set(void *part, const struct kfi_attr *attr, u64 value)
{
	void *member = part + attr->offset;

	if (attr->size == sizeof(u32))
		*(u32 *)member = value;
	else
		*(u64 *)member = value;
}
