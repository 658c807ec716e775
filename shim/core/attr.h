/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Every attribute of an info as data: where it is, how it is written and how
 * a client's wish for it is compared with an offer. Printing, matching and
 * narrowing all walk these tables, so a new attribute is one new line.
 */
#ifndef _KFI_CORE_ATTR_H_
#define _KFI_CORE_ATTR_H_

#include <linux/types.h>

#include <kfabric.h>

/**
 * enum kfi_attr_part - the structures that make up an info
 * @KFI_PART_FABRIC: fabric_attr
 * @KFI_PART_DOMAIN: domain_attr
 * @KFI_PART_EP: ep_attr
 * @KFI_PART_INFO: the info itself
 * @KFI_PART_TX: tx_attr
 * @KFI_PART_RX: rx_attr
 * @KFI_PARTS: how many
 *
 * In the order in which they are matched: who, where, what, how.
 */
enum kfi_attr_part {
	KFI_PART_FABRIC,
	KFI_PART_DOMAIN,
	KFI_PART_EP,
	KFI_PART_INFO,
	KFI_PART_TX,
	KFI_PART_RX,
	KFI_PARTS,
};

/* How a value is written: as one of enum kfi_type, or else as one of these */
enum kfi_attr_text {
	KFI_TEXT_NUMBER = -1,
	KFI_TEXT_STRING = -2,
	KFI_TEXT_OBJECT = -3,
	KFI_TEXT_RESOURCE_MGMT = -4,
	KFI_TEXT_TCLASS = -5,
};

/**
 * enum kfi_attr_rule - when an offer satisfies a wish
 * @KFI_RULE_NONE: always, the attribute is not compared
 * @KFI_RULE_AT_MOST: the wish is not larger
 * @KFI_RULE_AT_LEAST: the wish is not smaller
 * @KFI_RULE_EQUAL: they are equal
 * @KFI_RULE_STRING: the strings are equal
 * @KFI_RULE_SUBSET: all bits of the wish are offered
 * @KFI_RULE_SUPPORT: all bits of the offer are supported by the client
 * @KFI_RULE_MODE: the same, and no bits means that none is supported
 * @KFI_RULE_ADDR_FORMAT: they are equal, or any socket address was wished for
 * @KFI_RULE_THREADING: the client serializes as much as the offer needs
 * @KFI_RULE_PROGRESS: they are equal, or the offer is automatic
 * @KFI_RULE_RESOURCE: they are equal, or the offer manages resources
 * @KFI_RULE_AV_TYPE: they are equal, or the offer takes both types
 * @KFI_RULE_TAG: the widest tag of the wish fits
 * @KFI_RULE_PROV_VERSION: the major version of the wish is not newer
 * @KFI_RULES: how many
 *
 * A wish of zero is satisfied by anything but with %KFI_RULE_MODE.
 */
enum kfi_attr_rule {
	KFI_RULE_NONE,
	KFI_RULE_AT_MOST,
	KFI_RULE_AT_LEAST,
	KFI_RULE_EQUAL,
	KFI_RULE_STRING,
	KFI_RULE_SUBSET,
	KFI_RULE_SUPPORT,
	KFI_RULE_MODE,
	KFI_RULE_ADDR_FORMAT,
	KFI_RULE_THREADING,
	KFI_RULE_PROGRESS,
	KFI_RULE_RESOURCE,
	KFI_RULE_AV_TYPE,
	KFI_RULE_TAG,
	KFI_RULE_PROV_VERSION,
	KFI_RULES,
};

/**
 * enum kfi_attr_take - what becomes of a wish in the answer
 * @KFI_TAKE_NONE: the answer has what was offered
 * @KFI_TAKE_WISH: it has the wish, if there is one
 * @KFI_TAKE_ALWAYS: it has the wish, zero included
 */
enum kfi_attr_take {
	KFI_TAKE_NONE,
	KFI_TAKE_WISH,
	KFI_TAKE_ALWAYS,
};

/**
 * struct kfi_attr - one attribute
 * @path: "tx_attr->size"
 * @name: the member's name in @path
 * @offset: of the member
 * @size: of the member, in bytes
 * @text: enum kfi_type or enum kfi_attr_text
 * @rule: enum kfi_attr_rule
 * @take: enum kfi_attr_take
 */
struct kfi_attr {
	const char *path;
	const char *name;
	u16 offset;
	u8 size;
	s8 text;
	u8 rule;
	u8 take;
};

/**
 * struct kfi_attr_table - the attributes of one part
 * @name: "tx_attr"
 * @attrs: in the order of the structure
 * @count: how many
 */
struct kfi_attr_table {
	const char *name;
	const struct kfi_attr *attrs;
	size_t count;
};

extern const struct kfi_attr_table kfi_attr_tables[KFI_PARTS];

void *kfi_attr_part(const struct kfi_info *info, enum kfi_attr_part part);
u64 kfi_attr_get(const void *part, const struct kfi_attr *attr);
void kfi_attr_set(void *part, const struct kfi_attr *attr, u64 value);

#endif /* _KFI_CORE_ATTR_H_ */
