/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What travels between two providers: private data of the connection manager,
 * and commit requests. The messages and RMA of a MSG endpoint carry no header
 * of ours.
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
	/* ranges of one commit request */
	KFV_WIRE_RANGES = 32,
	/* bytes that a commit request stores */
	KFV_WIRE_STORE = 64,
	/* commit requests that a peer may have outstanding */
	KFV_WIRE_REQUESTS = 16,
};

/* Features: what the sender is, and what it does for writes of its peer */
enum {
	/* a struct kfv_wire_ctl follows the client's private data */
	KFV_WIRE_F_CTL = 1 << 0,
	/* the CPUs see what was acknowledged to have been written */
	KFV_WIRE_F_PLACED = 1 << 1,
	/* the device executes FLUSH */
	KFV_WIRE_F_FLUSH = 1 << 2,
	/* the device executes ATOMIC WRITE */
	KFV_WIRE_F_ATOMIC_WRITE = 1 << 3,
	/* a read behind a write proves that it is durable */
	KFV_WIRE_F_READ = 1 << 4,
	/* a CPU serves commit requests */
	KFV_WIRE_F_SERVE = 1 << 5,
};

/**
 * struct kfv_wire_cm - head of the private data of request, reply and reject
 * @magic: KFV_WIRE_MAGIC
 * @version: KFV_WIRE_VERSION; another one is rejected
 * @data_len: bytes of the client's private data, which start at @data. The
 *	connection manager pads private data, so its own length says nothing
 * @features: KFV_WIRE_F_xxx of the sender; unknown bits are ignored
 * @data: the client's private data
 */
struct kfv_wire_cm {
	__be16 magic;
	__u8 version;
	__u8 data_len;
	__be32 features;
	__u8 data[];
} __packed;

static_assert(sizeof(struct kfv_wire_cm) == 8);

/**
 * struct kfv_wire_ctl - control queue pair of the sender of a request or reply
 * @qpn: its number, 24 bits; on iWARP the TCP port where it waits to be connected
 *	to, if it does
 * @psn: of its first packet, 24 bits; on iWARP half of the cookie
 */
struct kfv_wire_ctl {
	__be32 qpn;
	__be32 psn;
} __packed;

static_assert(sizeof(struct kfv_wire_ctl) == 8);

/**
 * struct kfv_wire_decl - what one side of a connection says of itself
 * @features: KFV_WIRE_F_xxx
 * @qpn: number of its control queue pair; with KFV_WIRE_F_CTL
 * @psn: of the first packet of that; likewise
 */
struct kfv_wire_decl {
	u32 features;
	u32 qpn;
	u32 psn;
};

/**
 * struct kfv_wire_stream - private data of a connection of the provider's own
 * @magic: KFV_WIRE_MAGIC
 * @version: KFV_WIRE_VERSION
 * @reserved: 0
 * @cookie: what was agreed upon
 */
struct kfv_wire_stream {
	__be16 magic;
	__u8 version;
	__u8 reserved[5];
	__be64 cookie;
} __packed;

static_assert(sizeof(struct kfv_wire_stream) == 16);

/* KFI_OPT_CM_DATA_SIZE: what is left for the client */
#define KFV_WIRE_CM_DATA	(KFV_WIRE_CM_MAX - sizeof(struct kfv_wire_cm))
#define KFV_WIRE_CM_DATA_CTL	(KFV_WIRE_CM_DATA - sizeof(struct kfv_wire_ctl))

/* What a message on the control queue pair is */
enum kfv_wire_op {
	KFV_WIRE_COMMIT = 1,
	KFV_WIRE_REPLY = 2,
	/* iWARP: the first message */
	KFV_WIRE_HELLO = 3,
};

/* What became of a commit request */
enum kfv_wire_status {
	KFV_WIRE_OK,
	/* the request makes no sense */
	KFV_WIRE_INVALID,
	/* not all of it is memory that the peer may write and we can commit */
	KFV_WIRE_ACCESS,
};

/**
 * struct kfv_wire_range - bytes of a memory region
 * @key: of the region
 * @addr: offset of the first byte in the region
 * @len: bytes
 */
struct kfv_wire_range {
	__be64 key;
	__be64 addr;
	__be64 len;
} __packed;

static_assert(sizeof(struct kfv_wire_range) == 24);

/**
 * struct kfv_wire_msg - commit request or reply
 * @op: enum kfv_wire_op
 * @status: reply: enum kfv_wire_status; else 0
 * @nr_ranges: request: elements of @ranges; else 0
 * @store_len: request: bytes behind @ranges that are to be stored at
 *	@store_addr, and committed, once @ranges are committed; else 0
 * @id: chosen by the requester; requests are answered in order
 * @store_key: of the region that is stored to
 * @store_addr: offset in it
 * @ranges: what is to be committed
 */
struct kfv_wire_msg {
	__u8 op;
	__u8 status;
	__u8 nr_ranges;
	__u8 store_len;
	__be32 id;
	__be64 store_key;
	__be64 store_addr;
	struct kfv_wire_range ranges[];
} __packed;

static_assert(sizeof(struct kfv_wire_msg) == 24);

#define KFV_WIRE_MSG_MAX \
	(sizeof(struct kfv_wire_msg) + \
	 KFV_WIRE_RANGES * sizeof(struct kfv_wire_range) + KFV_WIRE_STORE)

#endif /* _KFV_WIRE_H */
