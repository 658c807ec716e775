/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What travels in the private data of the connection manager. The messages
 * and RMA of a MSG endpoint carry no header of ours.
 */
#ifndef _KFV_WIRE_H
#define _KFV_WIRE_H

#include <linux/build_bug.h>
#include <linux/types.h>

enum {
	KFV_WIRE_MAGIC = 0x6b66,	/* "kf" */
	KFV_WIRE_VERSION = 1,
	/* a request carries 56 bytes; every message keeps to that */
	KFV_WIRE_CM_MAX = 56,
};

/**
 * struct kfv_wire_cm - head of the private data of request, reply and reject
 * @magic: KFV_WIRE_MAGIC
 * @version: KFV_WIRE_VERSION; another one is rejected
 * @data_len: bytes of the client's private data, which start at @data. The
 *	connection manager pads private data, so its own length says nothing
 * @features: optional features of the sender; unknown bits are ignored
 * @data: the client's private data
 *
 * Version 1 defines no feature bits; senders set zero.
 */
struct kfv_wire_cm {
	__be16 magic;
	__u8 version;
	__u8 data_len;
	__be32 features;
	__u8 data[];
} __packed;

static_assert(sizeof(struct kfv_wire_cm) == 8);

/* KFI_OPT_CM_DATA_SIZE: what is left for the client */
#define KFV_WIRE_CM_DATA	(KFV_WIRE_CM_MAX - sizeof(struct kfv_wire_cm))

#endif /* _KFV_WIRE_H */
