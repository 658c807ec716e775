/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * kfi_func.ko: what a client of kfabric sees of it, on a real device. Cases use
 * the public API only, but for those of foreign.c and rawflush.c.
 *
 * A case is a function. Everything that it opens or allocates by way of the
 * functions here is closed and freed after it, objects first, in the reverse
 * order.
 */
#ifndef _KFI_FUNC_H_
#define _KFI_FUNC_H_

#include <linux/list.h>
#include <linux/socket.h>
#include <linux/types.h>

#include <kfi_cm.h>
#include <kfi_domain.h>
#include <kfi_endpoint.h>
#include <kfi_eq.h>
#include <kfi_errno.h>
#include <kfi_rma.h>
#include <kfi_tagged.h>

#include "../clients/ktl.h"

struct func;

/* What is there when a case begins */
enum func_fixture {
	FUNC_NONE,	/* t->info */
	FUNC_FABRIC,	/* and t->fabric */
	FUNC_DOMAIN,	/* and t->domain */
	FUNC_PAIR,	/* and t->a connected to t->b */
	FUNC_PERSIST,	/* the same, opened with KFI_RMA_PMEM */
};

/* What a port must have for a case to have something to test */
enum func_need {
	FUNC_NEEDS_DATA = 1,	/* remote CQ data */
	FUNC_NEEDS_TELLING = 2,	/* completions that tell what the peer did */
	FUNC_NEEDS_WAITING = 4,	/* messages that wait for a receive */
};

/**
 * struct func_case - one case
 * @name: within its suite
 * @run: the case
 * @fixture: what it needs
 * @outside: somebody else has to do something when it says that it is ready
 * @with: for a @run of several cases, which calls it with what it has prepared
 * @needs: enum func_need
 */
struct func_case {
	const char *name;
	void (*run)(struct func *t);
	enum func_fixture fixture;
	bool outside;
	void (*with)(struct func *t, void *own);
	unsigned int needs;
};

struct func_suite {
	const char *name;
	const struct func_case *cases;
	unsigned int count;
};

/* Gathers the array <name>_cases. */
#define FUNC_SUITE(_name)						\
	const struct func_suite func_##_name##_suite = {		\
		.name = #_name,						\
		.cases = _name##_cases,					\
		.count = ARRAY_SIZE(_name##_cases),			\
	}

/**
 * struct func_opts - how to open an endpoint; zero is the usual value
 * @tx_size: operations outstanding
 * @rx_size: receives outstanding
 * @cq_size: entries of each completion queue
 * @eq_size: events
 * @format: of completion entries
 * @handler: of both completion queues
 * @context: for the handler
 * @tx_flags: more flags for binding the transmit queue
 * @one_cq: transmit and receive share a queue, end->tx_cq == end->rx_cq
 */
struct func_opts {
	size_t tx_size;
	size_t rx_size;
	size_t cq_size;
	size_t eq_size;
	enum kfi_cq_format format;
	kfi_comp_handler handler;
	void *context;
	u64 tx_flags;
	bool one_cq;
};

/**
 * struct func_end - an endpoint and its queues
 * @eq: connection events
 * @tx_cq: of what it sends
 * @rx_cq: of what it receives
 * @ep: the endpoint
 */
struct func_end {
	struct kfid_eq *eq;
	struct kfid_cq *tx_cq;
	struct kfid_cq *rx_cq;
	struct kfid_ep *ep;
};

/**
 * struct func_listener - a passive endpoint
 * @info: what it was made from
 * @eq: its events
 * @pep: the passive endpoint
 * @name: where it listens
 */
struct func_listener {
	struct kfi_info *info;
	struct kfid_eq *eq;
	struct kfid_pep *pep;
	struct sockaddr_storage name;
};

/* A connection event with private data behind it */
struct func_event {
	struct kfi_eq_cm_entry cm;
	u8 data[64];
};

/**
 * struct func - a case that runs
 * @name: suite and case
 * @c: the case
 * @session: where it reports
 * @failures: expectations that were not met
 * @seed: for random numbers
 * @fids: open objects, the last one first
 * @mem: memory, likewise
 * @polled: the client makes one call at a time and reads its completion queues
 *	without being told: KFI_THREAD_DOMAIN, KFI_PROGRESS_MANUAL
 * @caps: what endpoints are asked for beyond messages and RMA
 * @info: the port under test
 * @fabric: opened from @info
 * @domain: opened from @info
 * @listener: where @b came from
 * @a: the end that connected
 * @b: the end that accepted
 */
struct func {
	char name[64];
	const struct func_case *c;
	struct ktl_session *session;
	unsigned int failures;
	u64 seed;
	struct list_head fids;
	struct list_head mem;

	bool polled;
	u64 caps;
	struct kfi_info *info;
	struct kfid_fabric *fabric;
	struct kfid_domain *domain;
	struct func_listener listener;
	struct func_end a;
	struct func_end b;
};

/* main.c: parameters */
extern char *func_node;
extern char *func_node6;
extern char *func_nobody;
extern char *func_other;
extern char *func_netdev;
extern unsigned int func_wait_ms;
extern bool func_flush;
extern unsigned int func_method;
extern u32 func_ops;
bool func_stopping(void);

/* check.c: expectations. All are true when met. */
__printf(4, 5)
bool func_fail(struct func *t, const char *file, int line, const char *fmt,
	       ...);
bool func_check_eq(struct func *t, const char *file, int line,
		   const char *what, s64 got, s64 wanted);
void func_note(struct func *t, const char *text);

#define CHECK(t, cond)							\
	((cond) ? true : func_fail(t, __FILE__, __LINE__, "not true: %s", #cond))
#define CHECK_EQ(t, got, wanted)					\
	func_check_eq(t, __FILE__, __LINE__, #got, (s64)(got), (s64)(wanted))
#define CHECK_OK(t, call)	CHECK_EQ(t, call, 0)
#define FAIL(t, fmt, ...)						\
	func_fail(t, __FILE__, __LINE__, fmt, ##__VA_ARGS__)

/* port.c: what the port under test is like */
bool func_has_data(const struct func *t);
bool func_tells(const struct func *t);
size_t func_pieces(const struct func *t, size_t most);
void func_unable(struct func *t, const char *why);
bool func_able(struct func *t, unsigned int needs);

/* keep.c: what is closed and freed after the case */
bool func_keep_fid(struct func *t, struct kfid *fid);
bool func_close(struct func *t, struct kfid *fid);
void func_forget(struct func *t, struct kfid *fid);
void *func_alloc(struct func *t, size_t size);
struct ktl_buf *func_buf(struct func *t, enum ktl_buf_kind kind, size_t room,
			 size_t piece);
struct kfi_info *func_keep_info(struct func *t, struct kfi_info *info);
void func_keep_clean(struct func *t);

/* open.c: objects. NULL or false is a failure that was reported. */
struct kfi_info *func_getinfo(struct func *t, const char *node,
			      const char *service, u64 flags);
struct kfi_info *func_dupinfo(struct func *t, const struct kfi_info *info);
struct kfid_fabric *func_open_fabric(struct func *t);
struct kfid_domain *func_open_domain(struct func *t,
				     struct kfid_fabric *fabric);
struct kfid_eq *func_open_eq(struct func *t, size_t size);
struct kfid_cq *func_open_cq(struct func *t, struct kfid_domain *domain,
			     const struct func_opts *opts);
struct kfid_ep *func_open_ep(struct func *t, struct kfid_domain *domain,
			     const struct kfi_info *info,
			     const struct func_opts *opts);
struct kfid_mr *func_open_mr(struct func *t, struct kfid_domain *domain,
			     const void *buf, size_t len, u64 access);
struct kfid_mr *func_open_mr_buf(struct func *t, struct kfid_domain *domain,
				 const struct ktl_buf *buf, u64 access);
bool func_open_end(struct func *t, struct func_end *end,
		   struct kfid_domain *domain, const struct kfi_info *info,
		   const struct func_opts *opts);
bool func_move(struct func *t, struct kfi_info *info);
bool func_fixture_open(struct func *t, enum func_fixture fixture);

/* link.c: connections */
bool func_listen(struct func *t, struct func_listener *listener,
		 const char *node);
bool func_connect(struct func *t, struct func_end *end,
		  const struct func_listener *listener);
bool func_connreq(struct func *t, const struct func_listener *listener,
		  struct func_event *event, size_t *datalen);
bool func_accept(struct func *t, const struct func_listener *listener,
		 struct func_end *end, const struct func_opts *opts);
bool func_connected(struct func *t, struct func_end *a, struct func_end *b);
bool func_pair(struct func *t, struct func_end *a, struct func_end *b,
	       const struct func_opts *opts);
bool func_close_end(struct func *t, struct func_end *end);

/* wait.c: events and completions */
bool func_event(struct func *t, struct kfid_eq *eq, u32 event,
		const struct kfid *fid);
ssize_t func_event_data(struct func *t, struct kfid_eq *eq, u32 event,
			const struct kfid *fid, struct func_event *buf);
bool func_event_err(struct func *t, struct kfid_eq *eq, const struct kfid *fid,
		    int err);
int func_failure(struct func *t, struct kfid_eq *eq, const struct kfid *fid);
bool func_no_event(struct func *t, struct kfid_eq *eq);
void func_progress(struct func *t, const struct func_end *end);
ssize_t func_sread(struct func *t, struct kfid_cq *cq,
		   struct kfi_cq_tagged_entry *entry, unsigned int ms);
ssize_t func_read(struct func *t, struct kfid_cq *cq,
		  struct kfi_cq_tagged_entry *entry);
bool func_comp(struct func *t, struct kfid_cq *cq, const void *context,
	       u64 flags, struct kfi_cq_tagged_entry *entry);
bool func_comp_err(struct func *t, struct kfid_cq *cq, const void *context,
		   int err);
bool func_comp_refused(struct func *t, struct kfid_cq *cq,
		       const void *context, int err);
bool func_comp_lost(struct func *t, struct kfid_cq *cq, const void *context,
		    int err);
bool func_no_comp(struct func *t, struct kfid_cq *cq);
bool func_dies(struct func *t, struct func_end *end);
bool func_broken(struct func *t);

/* data.c: operations on buffers */
struct kfi_msg func_msg(const struct ktl_buf *buf, void *context);
struct kfi_msg_rma func_msg_rma(const struct ktl_buf *buf,
				const struct kfi_rma_iov *iov, size_t count,
				void *context);
bool func_exchange(struct func *t, struct func_end *from, struct func_end *to,
		   const struct ktl_buf *src, const struct ktl_buf *dst);
bool func_alive(struct func *t, struct func_end *a, struct func_end *b);
bool func_buf_is(struct func *t, const struct ktl_buf *buf, u64 seed);
bool func_buf_untouched(struct func *t, const struct ktl_buf *buf, u8 byte);
u32 func_random(struct func *t, u32 below);

#define FUNC_TX_SEND	(KFI_MSG | KFI_SEND)
#define FUNC_RX_RECV	(KFI_MSG | KFI_RECV)
#define FUNC_RX_DATA	(KFI_MSG | KFI_RECV | KFI_REMOTE_CQ_DATA)
#define FUNC_TX_WRITE	(KFI_RMA | KFI_WRITE)
#define FUNC_TX_READ	(KFI_RMA | KFI_READ)
#define FUNC_RX_WRITE	(KFI_RMA | KFI_REMOTE_WRITE | KFI_REMOTE_CQ_DATA)

extern const struct func_suite func_info_suite;
extern const struct func_suite func_object_suite;
extern const struct func_suite func_badopen_suite;
extern const struct func_suite func_connect_suite;
extern const struct func_suite func_badconn_suite;
extern const struct func_suite func_foreign_suite;
extern const struct func_suite func_msg_suite;
extern const struct func_suite func_badmsg_suite;
extern const struct func_suite func_rma_suite;
extern const struct func_suite func_badrma_suite;
extern const struct func_suite func_mr_suite;
extern const struct func_suite func_cq_suite;
extern const struct func_suite func_eq_suite;
extern const struct func_suite func_context_suite;
extern const struct func_suite func_death_suite;
extern const struct func_suite func_random_suite;
extern const struct func_suite func_gone_suite;
extern const struct func_suite func_rawflush_suite;
extern const struct func_suite func_persist_suite;
extern const struct func_suite func_badpersist_suite;

#endif /* _KFI_FUNC_H_ */
