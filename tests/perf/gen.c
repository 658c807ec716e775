// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: The load generator
 *
 * Purpose: measures the same work on several back ends. /dev/kfi_load takes what
 * to do and answers with figures, one a line; tests/perf/report makes tables and
 * plots of them.
 *
 * Operation: the connections of all back ends are made, over the same buffers, and
 * then they take turns, in rounds; every other round goes backwards. Each is
 * compared with its twin (the first, or verbs that poll the device if it does so, too)
 * in each round, where the machine was the same for both;
 * what is told is the median of the ratios, and the quartiles. Times are of an
 * operation, in hundredths of nanoseconds: all of a turn over its operations, to
 * and fro for messages that are answered.
 *
 * The command "role=server" serves one that another machine gives.
 *
 * Errors: the answer ends with the first error.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <uapi/linux/sched/types.h>

#include "gen.h"

#define KFP_GEN_FRACTION	100	/* of a nanosecond */
#define KFP_GEN_UNIT		1000	/* a ratio of 1 */
#define KFP_GEN_SETTLE		5	/* of operations, one in so many does not count */

static const struct kfp_backend kfp_gen_backends[] = {
	{ "kfi", 18515, &kfp_genkfi_ops },
	{ "raw", 18516, &kfp_genraw_ops },
	{ "tcp", 18517, &kfp_gentcp_ops },
	{ "unchained", 18518, &kfp_genraw_ops, .unchained = true },
	{ "direct", 18519, &kfp_genraw_ops, .direct = true },
	{ "polled", 18520, &kfp_genkfi_ops, .direct = true },
	{ "single", 18521, &kfp_genraw_ops, .unchained = true, .direct = true },
};

#define KFP_GEN_BACKENDS	ARRAY_SIZE(kfp_gen_backends)

enum kfp_role {
	KFP_ROLE_BOTH,
	KFP_ROLE_SERVER,
	KFP_ROLE_CLIENT,
};

static const char *const kfp_gen_roles[] = { "both", "server", "client", NULL };

static const char *const kfp_gen_kinds[] = { "lat", "rate", "reg", "conn", NULL };

static const char *const kfp_gen_verbs[] = { "send", "write", "read", NULL };

static const char *const kfp_gen_levels[] = {
	"any", "inject", "transmit", "delivery", NULL
};

/**
 * struct kfp_gen - a command
 * @session: where to print
 * @role: one of enum kfp_role
 * @kind: one of enum kfp_kind
 * @shape: what goes over the connections
 * @bidir: both sides post
 * @threads: that do the same at the same time, each with connections of its own
 * @rounds: how often each back end has its turn
 * @count: operations of a turn
 * @addr: of the server
 * @with: names of the back ends, separated by commas
 * @be: these
 * @n: how many
 * @mem: of each thread, for both sides
 * @pairs: of each back end and thread
 * @times: of each back end and round
 * @sorted: room for as many
 * @samples: of each back end, round and operation; KFP_LAT
 */
struct kfp_gen {
	struct ktl_session *session;
	u32 role;
	u32 kind;
	struct kfp_shape shape;
	bool bidir;
	u32 threads;
	u32 rounds;
	u32 count;
	const char *addr;
	const char *with;

	const struct kfp_backend *be[KFP_GEN_BACKENDS];
	u32 n;
	struct kfp_mem mem[KFP_GEN_THREADS][2];
	struct kfp_pair pairs[KFP_GEN_BACKENDS][KFP_GEN_THREADS];
	u32 *times;
	u32 *sorted;
	u32 *samples;
};

#define KFP_GEN_AT(member)	offsetof(struct kfp_gen, member)

static const struct ktl_opt kfp_gen_opts[] = {
	{ "role", KTL_OPT_CHOICE, KFP_GEN_AT(role), .choices = kfp_gen_roles },
	{ "kind", KTL_OPT_CHOICE, KFP_GEN_AT(kind), .choices = kfp_gen_kinds },
	{ "verb", KTL_OPT_CHOICE, KFP_GEN_AT(shape.verb),
	  .choices = kfp_gen_verbs },
	{ "level", KTL_OPT_CHOICE, KFP_GEN_AT(shape.level),
	  .choices = kfp_gen_levels },
	{ "len", KTL_OPT_U32, KFP_GEN_AT(shape.len), 1, SZ_1M },
	{ "depth", KTL_OPT_U32, KFP_GEN_AT(shape.depth), 1, KFP_GEN_DEPTH },
	{ "batch", KTL_OPT_U32, KFP_GEN_AT(shape.batch), 1, KFP_GEN_BATCH },
	{ "conns", KTL_OPT_U32, KFP_GEN_AT(shape.conns), 1, KFP_GEN_CONNS },
	{ "inline", KTL_OPT_U32, KFP_GEN_AT(shape.inlined), 0, 128 },
	{ "bidir", KTL_OPT_FLAG, KFP_GEN_AT(bidir) },
	{ "threads", KTL_OPT_U32, KFP_GEN_AT(threads), 1, KFP_GEN_THREADS },
	{ "rounds", KTL_OPT_U32, KFP_GEN_AT(rounds), 1, 10000 },
	{ "count", KTL_OPT_U32, KFP_GEN_AT(count), 1, 1000000 },
	{ "addr", KTL_OPT_TEXT, KFP_GEN_AT(addr) },
	{ "with", KTL_OPT_TEXT, KFP_GEN_AT(with) },
};

static int kfp_gen_refuse(struct kfp_gen *gen, const char *why)
{
	ktl_session_printf(gen->session, "%s\n", why);
	return -EINVAL;
}

static const struct kfp_backend *kfp_gen_find(const char *name, size_t len)
{
	u32 i;

	for (i = 0; i < KFP_GEN_BACKENDS; i++) {
		if (strlen(kfp_gen_backends[i].name) == len &&
		    !strncmp(kfp_gen_backends[i].name, name, len))
			return &kfp_gen_backends[i];
	}
	return NULL;
}

static int kfp_gen_choose(struct kfp_gen *gen)
{
	const char *name = gen->with;
	size_t len;

	for (; *name; name += len + (name[len] == ',')) {
		len = strcspn(name, ",");
		if (gen->n == KFP_GEN_BACKENDS)
			return kfp_gen_refuse(gen, "with: too many");
		gen->be[gen->n] = kfp_gen_find(name, len);
		if (!gen->be[gen->n++])
			return kfp_gen_refuse(gen, "with: an unknown back end");
	}
	return gen->n ? 0 : kfp_gen_refuse(gen, "with: nothing");
}

/* What cannot be measured: refused with a reason */
static int kfp_gen_possible(struct kfp_gen *gen)
{
	const struct kfp_shape *shape = &gen->shape;
	u32 i;

	if (gen->role == KFP_ROLE_SERVER)
		return 0;
	if (gen->role == KFP_ROLE_CLIENT && (gen->bidir || gen->threads > 1))
		return kfp_gen_refuse(gen, "bidir and threads need both sides");
	if (gen->bidir && shape->verb == KFP_SEND)
		return kfp_gen_refuse(gen, "bidir is for write and read");
	if (gen->kind != KFP_RATE && (gen->bidir || gen->threads > 1 ||
				      shape->conns > 1))
		return kfp_gen_refuse(gen, "bidir, threads and conns are for rate");
	if (shape->batch > shape->depth)
		return kfp_gen_refuse(gen, "batch is more than depth");
	for (i = 0; i < gen->n; i++) {
		if ((gen->kind <= KFP_RATE &&
		     !(gen->be[i]->ops->verbs & BIT(shape->verb))) ||
		    (gen->kind == KFP_REG && !gen->be[i]->ops->reg) ||
		    (!gen->be[i]->ops->onesided && (gen->bidir || shape->conns > 1)))
			return kfp_gen_refuse(gen, "a back end does not have that");
	}
	return 0;
}

/* Whole batches for each connection, and each slot is used */
static void kfp_gen_round_up(struct kfp_gen *gen)
{
	struct kfp_shape *shape = &gen->shape;
	u32 n = max(gen->count, shape->depth);

	if (gen->kind == KFP_RATE) {
		shape->every = roundup(DIV_ROUND_UP(n, shape->conns),
				       shape->batch);
		gen->count = shape->every * shape->conns;
	} else {
		shape->depth = 1;
		shape->batch = 1;
		shape->every = 1;
	}
}

static int kfp_gen_alloc(struct kfp_gen *gen)
{
	size_t n = (size_t)gen->n * gen->rounds;
	u32 i, side;

	gen->times = kvcalloc(n, sizeof(*gen->times), GFP_KERNEL);
	gen->sorted = kvcalloc(gen->rounds, sizeof(*gen->sorted), GFP_KERNEL);
	if (gen->kind == KFP_LAT)
		gen->samples = kvcalloc(n, gen->count * sizeof(*gen->samples),
					GFP_KERNEL);
	if (!gen->times || !gen->sorted || (gen->kind == KFP_LAT && !gen->samples))
		return -ENOMEM;
	for (i = 0; i < 2 * gen->threads; i++) {
		struct kfp_mem *mem = &gen->mem[i / 2][i % 2];

		side = i % 2;
		mem->out = alloc_pages_exact(KFP_GEN_AREA, GFP_KERNEL);
		mem->in = alloc_pages_exact(KFP_GEN_AREA, GFP_KERNEL | __GFP_ZERO);
		if (!mem->out || !mem->in)
			return -ENOMEM;
		kfp_turn_fill(mem->out, side || gen->role == KFP_ROLE_SERVER);
	}
	return 0;
}

static void kfp_gen_free(struct kfp_gen *gen)
{
	struct kfp_mem *mem;
	u32 i;

	for (i = 0; i < 2 * gen->threads; i++) {
		mem = &gen->mem[i / 2][i % 2];
		if (mem->out)
			free_pages_exact(mem->out, KFP_GEN_AREA);
		if (mem->in)
			free_pages_exact(mem->in, KFP_GEN_AREA);
	}
	kvfree(gen->samples);
	kvfree(gen->sorted);
	kvfree(gen->times);
}

/* A server tells that it is ready by a message, so that nobody writes too early. */
static int kfp_gen_link(struct kfp_pair *pair)
{
	struct kfp_side *b = pair->b;
	int rc;

	rc = kfp_side_link(pair);
	if (!rc && b) {
		rc = kfp_turn_ready(b->conns[b->count - 1]);
		rc = rc ?: kfp_turn_wait(pair, &b->done, b->posted);
	}
	rc = rc ?: kfp_turn_wait(pair, &pair->a->got, pair->a->count);
	return rc ? kfp_side_failed(pair->a, "a connection", rc) : 0;
}

static int kfp_gen_open_pair(struct kfp_gen *gen, u32 k, u32 t)
{
	struct kfp_pair *pair = &gen->pairs[k][t];
	const struct kfp_backend *be = gen->be[k];
	u16 port = be->port;
	u32 i;
	int rc = 0;

	if (gen->role == KFP_ROLE_BOTH) {
		pair->b = kfp_side_open(be, gen->session, true, gen->addr, 0,
					&gen->shape, &gen->mem[t][1]);
		if (IS_ERR(pair->b))
			return PTR_ERR(pair->b);
		port = pair->b->port;
	}
	pair->a = kfp_side_open(be, gen->session, false, gen->addr, port,
				&gen->shape, &gen->mem[t][0]);
	if (IS_ERR(pair->a))
		return PTR_ERR(pair->a);
	for (i = 0; !rc && i < gen->shape.conns; i++)
		rc = kthread_should_stop() ? -EINTR : kfp_gen_link(pair);
	return rc;
}

static void kfp_gen_close(struct kfp_gen *gen)
{
	u32 k, t;

	for (k = 0; k < gen->n; k++) {
		for (t = 0; t < gen->threads; t++) {
			kfp_side_close(gen->pairs[k][t].a);
			kfp_side_close(gen->pairs[k][t].b);
		}
	}
}

/* As low as the priority of the others, so that who does the work comes first */
static int kfp_gen_lower(void)
{
	struct sched_attr attr = {
		.size = sizeof(attr),
		.sched_policy = SCHED_IDLE,
	};

	return sched_setattr_nocheck(current, &attr);
}

/**
 * struct kfp_worker - a thread and its turn
 * @turn: what to do
 * @rc: what became of it
 * @done: it has ended
 */
struct kfp_worker {
	struct kfp_turn *turn;
	int rc;
	struct completion done;
};

static int kfp_gen_thread(void *arg)
{
	struct kfp_worker *worker = arg;

	worker->rc = kfp_gen_lower() ?: kfp_turn_run(worker->turn);
	kthread_complete_and_exit(&worker->done, 0);
}

/* All threads at the same time; one is this one */
static int kfp_gen_together(struct kfp_turn *turns, u32 n)
{
	struct kfp_worker workers[KFP_GEN_THREADS];
	struct task_struct *task;
	u32 started = 1;
	int rc = 0;

	for (; !rc && started < n; started++) {
		workers[started].turn = &turns[started];
		init_completion(&workers[started].done);
		task = kthread_run(kfp_gen_thread, &workers[started],
				   "kfi_load/%u", started);
		rc = PTR_ERR_OR_ZERO(task);
		if (rc)
			break;
	}
	rc = rc ?: kfp_turn_run(&turns[0]);
	while (--started) {
		wait_for_completion(&workers[started].done);
		rc = rc ?: workers[started].rc;
	}
	return rc;
}

static void kfp_gen_set_turns(struct kfp_gen *gen, u32 k, struct kfp_turn *turns)
{
	u32 t;

	for (t = 0; t < gen->threads; t++)
		turns[t] = (struct kfp_turn) {
			.pair = &gen->pairs[k][t],
			.kind = gen->kind,
			.warm = gen->kind == KFP_LAT ?
				gen->count / KFP_GEN_SETTLE : 0,
			.count = gen->count,
			.bidir = gen->bidir,
		};
}

static u32 kfp_gen_time(u64 ns, u64 ops)
{
	return min_t(u64, div64_u64(ns * KFP_GEN_FRACTION, ops), U32_MAX);
}

static int kfp_gen_data_turn(struct kfp_gen *gen, u32 k, u32 at)
{
	struct kfp_turn turns[KFP_GEN_THREADS];
	u64 start = U64_MAX, end = 0, ops = 0;
	u32 t;
	int rc;

	kfp_gen_set_turns(gen, k, turns);
	if (gen->samples)
		turns[0].samples = gen->samples + at * gen->count;
	rc = kfp_gen_together(turns, gen->threads);
	if (rc)
		return rc;
	for (t = 0; t < gen->threads; t++) {
		start = min(start, turns[t].start);
		end = max(end, turns[t].end);
		ops += turns[t].ops;
	}
	gen->times[at] = kfp_gen_time(end - start, ops);
	return 0;
}

static int kfp_gen_reconnect(struct kfp_pair *pair)
{
	kfp_side_drop(pair->a);
	if (pair->b)
		kfp_side_drop(pair->b);
	return kfp_side_link(pair);
}

/* Registrations, or connections */
static int kfp_gen_setup_turn(struct kfp_gen *gen, u32 k, u32 at)
{
	struct kfp_pair *pair = &gen->pairs[k][0];
	u64 start = ktime_get_ns();
	u32 i;
	int rc = 0;

	for (i = 0; !rc && i < gen->count; i++) {
		if (gen->kind == KFP_REG)
			rc = gen->be[k]->ops->reg(pair->a, gen->shape.len);
		else
			rc = kfp_gen_reconnect(pair);
	}
	gen->times[at] = kfp_gen_time(ktime_get_ns() - start, gen->count);
	return rc ? kfp_side_failed(pair->a, kfp_gen_kinds[gen->kind], rc) : 0;
}

static int kfp_gen_round(struct kfp_gen *gen, u32 round)
{
	u32 i, k, at;
	int rc = 0;

	for (i = 0; !rc && i < gen->n; i++) {
		k = round % 2 ? gen->n - 1 - i : i;
		at = k * gen->rounds + round;
		rc = gen->kind <= KFP_RATE ? kfp_gen_data_turn(gen, k, at) :
					     kfp_gen_setup_turn(gen, k, at);
	}
	return rc ?: kthread_should_stop() ? -EINTR : 0;
}

/* What is there to be checked; connections and regions are by use */
static int kfp_gen_check(struct kfp_gen *gen)
{
	struct kfp_turn turns[KFP_GEN_THREADS];
	u32 k, t;
	int rc = 0;

	for (k = 0; gen->kind <= KFP_RATE && k < gen->n; k++) {
		kfp_gen_set_turns(gen, k, turns);
		for (t = 0; !rc && t < gen->threads; t++)
			rc = kfp_turn_check(&turns[t]);
	}
	return rc;
}

/* Whether verbs of this kind promise what kfabric, which is compared with them, does */
static bool kfp_gen_is_like(const struct kfp_gen *gen, const struct kfp_backend *be,
			    const struct kfp_backend *kfi)
{
	if (be->ops != &kfp_genraw_ops)
		return false;
	return kfi->direct ? be->direct && !be->unchained :
			     gen->kind == KFP_REG && be->unchained;
}

/* What a back end is compared with: the first, or verbs that are more like it */
static u32 kfp_gen_twin(const struct kfp_gen *gen, u32 k)
{
	u32 i;

	if (gen->be[k]->ops != &kfp_genkfi_ops)
		return 0;
	for (i = 0; i < gen->n; i++) {
		if (kfp_gen_is_like(gen, gen->be[i], gen->be[k]))
			return i;
	}
	return 0;
}

static void kfp_gen_print_backend(struct kfp_gen *gen, u32 k)
{
	const char *name = gen->be[k]->name;
	u32 *times = gen->times + k * gen->rounds, i;
	u32 n = gen->rounds * gen->count;
	u32 *samples = gen->samples + k * n;
	u32 twin = kfp_gen_twin(gen, k);
	const u32 *base = gen->times + twin * gen->rounds;
	char what[64];

	memcpy(gen->sorted, times, gen->rounds * sizeof(*times));
	snprintf(what, sizeof(what), "turns %s", name);
	kfp_stats_quartiles(gen->session, what, gen->sorted, gen->rounds);
	if (gen->samples) {
		kfp_stats_line(gen->session, name, samples, n);
		kfp_stats_histogram(gen->session, name, samples, n);
	}
	if (k == twin)
		return;
	for (i = 0; i < gen->rounds; i++)
		gen->sorted[i] = div_u64((u64)times[i] * KFP_GEN_UNIT,
					 max(base[i], 1U));
	snprintf(what, sizeof(what), "against %s %s", name, gen->be[twin]->name);
	kfp_stats_quartiles(gen->session, what, gen->sorted, gen->rounds);
}

static void kfp_gen_print(struct kfp_gen *gen)
{
	const struct kfp_shape *shape = &gen->shape;
	u32 k;

	ktl_session_printf(gen->session,
			   "work %s %s len=%u depth=%u batch=%u conns=%u threads=%u level=%s inline=%u bidir=%u rounds=%u count=%u\n",
			   kfp_gen_kinds[gen->kind], kfp_gen_verbs[shape->verb],
			   shape->len, shape->depth, shape->batch, shape->conns,
			   gen->threads, kfp_gen_levels[shape->level],
			   shape->inlined, gen->bidir, gen->rounds,
			   gen->count);
	for (k = 0; k < gen->n; k++)
		kfp_gen_print_backend(gen, k);
}

static int kfp_gen_measure(struct kfp_gen *gen)
{
	u32 i, k, t;
	int rc = 0;

	for (k = 0; !rc && k < gen->n; k++) {
		for (t = 0; !rc && t < gen->threads; t++)
			rc = kfp_gen_open_pair(gen, k, t);
	}
	rc = rc ?: kfp_gen_lower();
	rc = rc ?: kfp_gen_check(gen);
	for (i = 0; !rc && i < gen->rounds; i++)
		rc = kfp_gen_round(gen, i);
	rc = rc ?: kfp_gen_check(gen);
	if (!rc)
		kfp_gen_print(gen);
	kfp_gen_close(gen);
	return rc;
}

static int kfp_gen_do(struct kfp_gen *gen)
{
	int rc = kfp_gen_choose(gen);

	rc = rc ?: kfp_gen_possible(gen);
	kfp_gen_round_up(gen);
	rc = rc ?: kfp_gen_alloc(gen);
	if (!rc && gen->role == KFP_ROLE_SERVER)
		rc = kfp_serve(gen->session, gen->be[0], gen->addr,
			       &gen->mem[0][1]);
	else
		rc = rc ?: kfp_gen_measure(gen);
	kfp_gen_free(gen);
	return rc;
}

static int kfp_gen_run(struct ktl_session *session, char *line)
{
	struct kfp_gen *gen = kzalloc(sizeof(*gen), GFP_KERNEL);
	int rc;

	if (!gen)
		return -ENOMEM;
	gen->session = session;
	gen->shape = (struct kfp_shape) {
		.verb = KFP_WRITE,
		.len = 8,
		.depth = 1,
		.batch = 1,
		.conns = 1,
		.inlined = 64,
	};
	gen->threads = 1;
	gen->rounds = 20;
	gen->count = 100;
	gen->with = "raw,kfi";
	rc = ktl_opt_parse(session, line, kfp_gen_opts, ARRAY_SIZE(kfp_gen_opts),
			   gen);
	if (!rc && !gen->addr)
		rc = kfp_gen_refuse(gen, "addr: of the server");
	rc = rc ?: kfp_gen_do(gen);
	kfree(gen);
	return rc;
}

static struct ktl_device kfp_gen_device = {
	.name = "kfi_load",
	.owner = THIS_MODULE,
	.run = kfp_gen_run,
};

/**
 * kfp_gen_init - make /dev/kfi_load
 *
 * Context: module init.
 * Return: 0 or a negative errno.
 */
int kfp_gen_init(void)
{
	return ktl_session_register(&kfp_gen_device);
}

/**
 * kfp_gen_exit - take it away
 *
 * Context: module exit.
 */
void kfp_gen_exit(void)
{
	ktl_session_deregister(&kfp_gen_device);
}
