/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Part of kfi_perf.ko: the load generator. Work is written once and runs on every
 * back end: kfabric, kernel verbs, kernel TCP.
 */
#ifndef _KFI_PERF_GEN_H_
#define _KFI_PERF_GEN_H_

#include <linux/build_bug.h>
#include <linux/sizes.h>
#include <linux/types.h>

#include "../clients/ktl.h"

enum {
	KFP_GEN_AREA = SZ_2M,		/* of each buffer; one registration takes it */
	KFP_GEN_DEPTH = 128,		/* most operations outstanding of a side */
	KFP_GEN_BATCH = 64,		/* most of a chain */
	KFP_GEN_CONNS = 1024,
	KFP_GEN_THREADS = 4,
	KFP_GEN_TIMEOUT_MS = 10000,
};

/**
 * enum kfp_verb - what an operation is
 * @KFP_SEND: a message
 * @KFP_WRITE: a write to the peer's memory
 * @KFP_READ: a read of it; over TCP a request, and an answer with the data
 */
enum kfp_verb {
	KFP_SEND,
	KFP_WRITE,
	KFP_READ,
};

/**
 * enum kfp_level - when a write is complete, where the back end has a choice
 * @KFP_LEVEL_ANY: not said
 * @KFP_LEVEL_INJECT: its buffer may be used again
 * @KFP_LEVEL_TRANSMIT: the peer's side has acknowledged it
 * @KFP_LEVEL_DELIVERY: the peer's CPUs see it
 */
enum kfp_level {
	KFP_LEVEL_ANY,
	KFP_LEVEL_INJECT,
	KFP_LEVEL_TRANSMIT,
	KFP_LEVEL_DELIVERY,
};

/**
 * struct kfp_shape - what goes over the connections of a work
 * @verb: one of enum kfp_verb
 * @level: one of enum kfp_level
 * @len: bytes of an operation
 * @depth: operations that a side has outstanding at most
 * @batch: operations of a post, one of which is signalled
 * @conns: connections
 * @inlined: operations of so many bytes at most go into the request itself
 * @every: the server answers so many messages of a connection with one
 */
struct kfp_shape {
	u32 verb;
	u32 level;
	u32 len;
	u32 depth;
	u32 batch;
	u32 conns;
	u32 inlined;
	u32 every;
};

/**
 * struct kfp_hello - private data of a connection request and of its answer
 * @magic: KFP_HELLO_MAGIC
 * @len: see struct kfp_shape
 * @depth: likewise
 * @conns: likewise
 * @every: likewise
 * @verb: likewise
 * @reserved: 0
 * @in: key of the sender's buffer that is written to
 * @out: of the one that is read from
 */
struct kfp_hello {
	__be32 magic;
	__be32 len;
	__be16 depth;
	__be16 conns;
	__be32 every;
	u8 verb;
	u8 reserved[3];
	__be64 in;
	__be64 out;
} __packed;

static_assert(sizeof(struct kfp_hello) <= 40);

/**
 * struct kfp_mem - buffers of a side, KFP_GEN_AREA bytes each
 * @out: what is sent and written, and what the peer reads
 * @in: what is received, written by the peer, or read
 */
struct kfp_mem {
	u8 *out;
	u8 *in;
};

struct kfp_side;

/**
 * struct kfp_conn - one end of a connection
 * @side: whose
 * @in: key of the peer's @in buffer
 * @out: of its @out buffer
 * @posted: operations that were posted
 * @done: of these, complete
 * @got: messages that have come
 * @answered: messages that were sent as answers
 * @gone: the peer has disconnected
 * @mark_head: completions asked for
 * @mark_tail: of these, come
 * @marks: for each, what @posted was then
 */
struct kfp_conn {
	struct kfp_side *side;
	u64 in;
	u64 out;
	u64 posted;
	u64 done;
	u64 got;
	u64 answered;
	bool gone;
	u32 mark_head;
	u32 mark_tail;
	u64 marks[KFP_GEN_DEPTH];
};

/**
 * struct kfp_side - one end of all connections of a work
 * @be: what they are made of
 * @session: where to print
 * @shape: what they carry; a server that waits for a client learns it from that
 * @server: waits for connections
 * @addr: of the server
 * @port: likewise; 0 until it listens if any will do
 * @mem: buffers
 * @conns: connections
 * @count: of these
 * @next: the one that posts next
 * @posted: operations of all
 * @done: likewise
 * @got: messages of all
 * @error: negative errno of the first failure
 */
struct kfp_side {
	const struct kfp_backend *be;
	struct ktl_session *session;
	struct kfp_shape shape;
	bool server;
	const char *addr;
	u16 port;
	struct kfp_mem mem;
	struct kfp_conn **conns;
	u32 count;
	u32 next;
	u64 posted;
	u64 done;
	u64 got;
	int error;
};

/**
 * struct kfp_ops - a way to do the work
 * @verbs: operations that it has, BIT(KFP_SEND) and so on
 * @onesided: reads and writes need nothing of the server
 * @side_size: bytes of what begins with a struct kfp_side
 * @conn_size: likewise, a struct kfp_conn
 * @open: make what all connections share; a server listens then
 * @close: undo it; also after it failed
 * @connect: begin to connect, do not wait for the server
 * @accept: wait for a client and accept it
 * @finish: wait until the connection can be used
 * @disconnect: give up whatever the connection has; it may have nothing
 * @post: post operations, of which the last is signalled if so asked
 * @poll: look for completions and messages, without waiting
 * @reg: register @len bytes of the buffer that is written to, and take that back
 *
 * All return 0 or a negative errno, in process context.
 */
struct kfp_ops {
	u32 verbs;
	bool onesided;
	size_t side_size;
	size_t conn_size;
	int (*open)(struct kfp_side *side);
	void (*close)(struct kfp_side *side);
	int (*connect)(struct kfp_conn *conn);
	int (*accept)(struct kfp_conn *conn);
	int (*finish)(struct kfp_conn *conn);
	void (*disconnect)(struct kfp_conn *conn);
	int (*post)(struct kfp_conn *conn, enum kfp_verb verb, u32 n, bool signal);
	int (*poll)(struct kfp_side *side);
	int (*reg)(struct kfp_side *side, u32 len);
};

/**
 * struct kfp_backend - a name for it
 * @name: in commands and tables
 * @port: where a server for other machines listens
 * @ops: how
 * @unchained: verbs: each request is a post of its own
 * @direct: who waits takes completions out of the device
 */
struct kfp_backend {
	const char *name;
	u16 port;
	const struct kfp_ops *ops;
	bool unchained;
	bool direct;
};

extern const struct kfp_ops kfp_genkfi_ops;
extern const struct kfp_ops kfp_genraw_ops;
extern const struct kfp_ops kfp_gentcp_ops;

/**
 * struct kfp_pair - both sides, or that of this machine
 * @a: connects and begins
 * @b: the server, or NULL if it is elsewhere
 */
struct kfp_pair {
	struct kfp_side *a;
	struct kfp_side *b;
};

/**
 * enum kfp_kind - what is measured
 * @KFP_LAT: one operation at a time; a message is answered
 * @KFP_RATE: as many as the depth allows
 * @KFP_REG: registering and closing a region
 * @KFP_CONN: connecting and closing
 */
enum kfp_kind {
	KFP_LAT,
	KFP_RATE,
	KFP_REG,
	KFP_CONN,
};

/**
 * struct kfp_turn - a number of operations in a row
 * @pair: who
 * @kind: how, KFP_LAT or KFP_RATE
 * @warm: operations that do not count; KFP_LAT
 * @count: operations that do
 * @bidir: both sides post
 * @samples: KFP_LAT: nanoseconds of each, @count of them, or NULL
 * @start: when those that count began, in nanoseconds
 * @end: when they were done
 * @ops: how many they were
 */
struct kfp_turn {
	struct kfp_pair *pair;
	enum kfp_kind kind;
	u32 warm;
	u32 count;
	bool bidir;
	u32 *samples;
	u64 start;
	u64 end;
	u64 ops;
};

/* side.c: sides and connections */
struct kfp_side *kfp_side_open(const struct kfp_backend *be,
			       struct ktl_session *session, bool server,
			       const char *addr, u16 port,
			       const struct kfp_shape *shape,
			       const struct kfp_mem *mem);
void kfp_side_close(struct kfp_side *side);
struct kfp_conn *kfp_side_add(struct kfp_side *side);
void kfp_side_drop(struct kfp_side *side);
int kfp_side_failed(struct kfp_side *side, const char *what, int rc);
int kfp_side_link(struct kfp_pair *pair);
void kfp_side_hello(const struct kfp_side *side, u64 in, u64 out,
		    struct kfp_hello *hello);
int kfp_side_greeted(struct kfp_conn *conn, const void *data, size_t len);
u32 kfp_side_tx(const struct kfp_side *side);
u32 kfp_side_rx(const struct kfp_side *side);
u32 kfp_side_slots(const struct kfp_side *side);
size_t kfp_side_slot(const struct kfp_side *side, u64 n);
void kfp_conn_mark(struct kfp_conn *conn, u32 n);
void kfp_conn_done(struct kfp_conn *conn);
void kfp_conn_got(struct kfp_conn *conn);

/* turn.c: the work */
int kfp_turn_ready(struct kfp_conn *conn);
int kfp_turn_step(struct kfp_pair *pair);
int kfp_turn_wait(struct kfp_pair *pair, const u64 *counter, u64 value);
int kfp_turn_run(struct kfp_turn *turn);
int kfp_turn_check(struct kfp_turn *turn);
void kfp_turn_fill(u8 *mem, bool server);
int kfp_turn_arrived(const struct kfp_side *side, u32 slots);

/* stats.c: what becomes of many values */
void kfp_stats_sort(u32 *values, u32 n);
u32 kfp_stats_at(const u32 *sorted, u32 n, u32 of, u32 parts);
void kfp_stats_line(struct ktl_session *session, const char *name,
		    u32 *values, u32 n);
void kfp_stats_histogram(struct ktl_session *session, const char *name,
			 const u32 *sorted, u32 n);
void kfp_stats_quartiles(struct ktl_session *session, const char *what,
			 u32 *values, u32 n);

/* gen.c */
int kfp_gen_init(void);
void kfp_gen_exit(void);

/* serve.c: a server for clients on other machines */
int kfp_serve(struct ktl_session *session, const struct kfp_backend *be,
	      const char *addr, const struct kfp_mem *mem);

#endif /* _KFI_PERF_GEN_H_ */
