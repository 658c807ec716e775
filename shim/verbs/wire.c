// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: What travels between two providers
 *
 * Purpose: put our head in front of the client's private data, write and read
 * commit requests, and take nothing for granted in what a peer sends.
 *
 * Operation: requests, replies and rejects carry the same head. The connection
 * manager pads private data with zeroes to a fixed length, so the head says how
 * much of it the client sent. What a provider adds for its peer stands behind
 * the client's data, where one that does not know it does not look.
 *
 * Errors: the parser tells "no head at all" (a reject that the connection
 * manager sent for its owner) from "not ours, or not our version".
 */
#include <linux/errno.h>
#include <linux/overflow.h>
#include <linux/string.h>
#include <asm/byteorder.h>

#include <kunit/visibility.h>

#include "persist.h"

#define KFV_WIRE_24_BITS	0xffffff

/**
 * kfv_wire_pack - write head and data
 * @buf: room for KFV_WIRE_CM_MAX bytes
 * @param: the client's private data, or NULL
 * @paramlen: bytes at @param
 *
 * Context: any.
 * Return: bytes used in @buf; -EINVAL when @paramlen is more than
 * KFV_WIRE_CM_DATA or @param is missing.
 */
int kfv_wire_pack(void *buf, const void *param, size_t paramlen)
{
	struct kfv_wire_cm *head = buf;

	if (paramlen > KFV_WIRE_CM_DATA || (paramlen && !param))
		return -EINVAL;

	*head = (struct kfv_wire_cm) {
		.magic = cpu_to_be16(KFV_WIRE_MAGIC),
		.version = KFV_WIRE_VERSION,
		.data_len = paramlen,
	};
	if (paramlen)
		memcpy(head->data, param, paramlen);
	return sizeof(*head) + paramlen;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_wire_pack);

/**
 * kfv_wire_parse - check what a peer sent
 * @buf: private data of a request, reply or reject; may be NULL
 * @len: bytes at @buf, padding included
 * @data: set to the peer client's private data within @buf
 *
 * Context: any.
 * Return: bytes at @data; -ENODATA when there is nothing but padding; -EPROTO
 * for what kfi_verbs did not write, for another version and for a length that
 * cannot be.
 */
int kfv_wire_parse(const void *buf, size_t len, const void **data)
{
	const struct kfv_wire_cm *head = buf;

	if (!buf || !memchr_inv(buf, 0, len))
		return -ENODATA;
	if (len < sizeof(*head) || head->magic != cpu_to_be16(KFV_WIRE_MAGIC) ||
	    head->version != KFV_WIRE_VERSION ||
	    head->data_len > KFV_WIRE_CM_DATA ||
	    head->data_len > len - sizeof(*head))
		return -EPROTO;

	*data = head->data;
	return head->data_len;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_wire_parse);

/**
 * kfv_wire_declare - say what the sender is and does
 * @buf: has room for KFV_WIRE_CM_MAX bytes; kfv_wire_pack() was here
 * @decl: what to say
 *
 * Context: any.
 * Return: bytes used in @buf; -EINVAL when the client's data leaves no room.
 */
int kfv_wire_declare(void *buf, const struct kfv_wire_decl *decl)
{
	struct kfv_wire_cm *head = buf;
	struct kfv_wire_ctl ctl = {
		.qpn = cpu_to_be32(decl->qpn),
		.psn = cpu_to_be32(decl->psn),
	};
	size_t len = sizeof(*head) + head->data_len;

	head->features = cpu_to_be32(decl->features);
	if (!(decl->features & KFV_WIRE_F_CTL))
		return len;
	if (head->data_len > KFV_WIRE_CM_DATA_CTL)
		return -EINVAL;
	memcpy(buf + len, &ctl, sizeof(ctl));
	return len + sizeof(ctl);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_wire_declare);

/**
 * kfv_wire_declared - read what a peer says that it is and does
 * @buf: private data that kfv_wire_parse() liked
 * @len: bytes at @buf, padding included
 * @decl: where to put it
 *
 * Context: any.
 * Return: 0; -EPROTO for a control queue pair that is not there or cannot be.
 */
int kfv_wire_declared(const void *buf, size_t len, struct kfv_wire_decl *decl)
{
	const struct kfv_wire_cm *head = buf;
	size_t at = sizeof(*head) + head->data_len;
	struct kfv_wire_ctl ctl;

	*decl = (struct kfv_wire_decl) {
		.features = be32_to_cpu(head->features),
	};
	if (!(decl->features & KFV_WIRE_F_CTL))
		return 0;
	if (len - at < sizeof(ctl))
		return -EPROTO;
	memcpy(&ctl, buf + at, sizeof(ctl));
	decl->qpn = be32_to_cpu(ctl.qpn);
	decl->psn = be32_to_cpu(ctl.psn);
	if (!decl->qpn || decl->qpn > KFV_WIRE_24_BITS ||
	    decl->psn > KFV_WIRE_24_BITS)
		return -EPROTO;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_wire_declared);

/**
 * kfv_wire_add_range - append a range to a commit request
 * @msg: a request with room for KFV_WIRE_MSG_MAX bytes
 * @range: bytes of a region
 *
 * Context: any.
 */
void kfv_wire_add_range(struct kfv_wire_msg *msg, const struct kfv_range *range)
{
	if (WARN_ON_ONCE(msg->nr_ranges == KFV_WIRE_RANGES))
		return;
	msg->ranges[msg->nr_ranges++] = (struct kfv_wire_range) {
		.key = cpu_to_be64(range->key),
		.addr = cpu_to_be64(range->start),
		.len = cpu_to_be64(range->end - range->start),
	};
}
EXPORT_SYMBOL_IF_KUNIT(kfv_wire_add_range);

/**
 * kfv_wire_get_range - read a range of a commit request
 * @msg: a request that kfv_wire_check_msg() liked
 * @i: number of the range
 * @range: where to put it
 *
 * Context: any.
 * Return: true unless it wraps around.
 */
bool kfv_wire_get_range(const struct kfv_wire_msg *msg, u32 i,
			struct kfv_range *range)
{
	const struct kfv_wire_range *from = &msg->ranges[i];

	range->key = be64_to_cpu(from->key);
	range->start = be64_to_cpu(from->addr);
	return !check_add_overflow(range->start, be64_to_cpu(from->len),
				   &range->end);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_wire_get_range);

/**
 * kfv_wire_store - what a commit request stores
 * @msg: the request
 *
 * Context: any.
 * Return: the place of msg->store_len bytes, behind the ranges.
 */
void *kfv_wire_store(struct kfv_wire_msg *msg)
{
	return &msg->ranges[msg->nr_ranges];
}
EXPORT_SYMBOL_IF_KUNIT(kfv_wire_store);

/**
 * kfv_wire_msg_len - how long a message is
 * @msg: a message of ours, or the head of one that came
 *
 * Context: any.
 * Return: bytes.
 */
size_t kfv_wire_msg_len(const struct kfv_wire_msg *msg)
{
	return struct_size(msg, ranges, msg->nr_ranges) + msg->store_len;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_wire_msg_len);

/**
 * kfv_wire_check_msg - see whether a message is one of ours
 * @msg: what came on a control queue pair
 * @len: bytes of it
 *
 * Context: any.
 * Return: enum kfv_wire_op; -EPROTO for anything else.
 */
int kfv_wire_check_msg(const struct kfv_wire_msg *msg, size_t len)
{
	if (len < sizeof(*msg) || len != kfv_wire_msg_len(msg))
		return -EPROTO;

	switch (msg->op) {
	case KFV_WIRE_COMMIT:
		if (msg->status || msg->nr_ranges > KFV_WIRE_RANGES ||
		    msg->store_len > KFV_WIRE_STORE)
			return -EPROTO;
		return KFV_WIRE_COMMIT;
	case KFV_WIRE_HELLO:
		if (msg->status || msg->nr_ranges || msg->store_len)
			return -EPROTO;
		return KFV_WIRE_HELLO;
	case KFV_WIRE_REPLY:
		if (msg->nr_ranges || msg->store_len)
			return -EPROTO;
		return KFV_WIRE_REPLY;
	default:
		return -EPROTO;
	}
}
EXPORT_SYMBOL_IF_KUNIT(kfv_wire_check_msg);
