// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Private data of the connection manager
 *
 * Purpose: put our head in front of the client's private data, and take
 * nothing for granted in what a peer sends.
 *
 * Operation: requests, replies and rejects carry the same head. The connection
 * manager pads private data with zeroes to a fixed length, so the head says how
 * much of it the client sent.
 *
 * Errors: the parser tells "no head at all" (a reject that the connection
 * manager sent for its owner) from "not ours, or not our version".
 */
#include <linux/errno.h>
#include <linux/string.h>
#include <asm/byteorder.h>

#include <kunit/visibility.h>

#include "verbs.h"

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
