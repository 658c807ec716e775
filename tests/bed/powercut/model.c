// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: The model of the cache
 *
 * Purpose: knows at each moment which bytes of the pmem would survive a power cut:
 * those that were written back and then fenced, and by bad luck any others.
 *
 * Operation: a store makes its line dirty. A write-back takes the line's contents
 * into the queue of its CPU and makes it clean; a non-temporal store puts its own
 * bytes there. A fence moves the queue of its CPU to the media. Beyond that the
 * adversary moves things when nobody asked: whole dirty lines at any store and at
 * the cut; at the cut also some of what is in the queues, whole lines if written
 * back, single words if stored past the cache.
 *
 * Words on the media have versions, lest what was taken early and arrives late
 * overwrites what was taken later. All that is kept begins anew with BEGIN.
 *
 * After a cut the model goes on, for the sake of counting, and the media stays.
 * What a cycle costs depends on the lines it writes, not on the size of the pmem.
 *
 * Errors: what must be 0 is counted in the box; the plugin ends with a failure.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

enum {
	LINE_TOUCHED = 1,
	LINE_DIRTY = 2,
	LINE_QUEUED = 4,	/* during a check only */

	PAGE = 4096,
	SHOWN = 20,		/* missed stores that are shown */
	CHECK_BYTES = 1 << 22,	/* compared for each cut, about */
};

static uint64_t model_random(struct model *m)
{
	m->random ^= m->random << 13;
	m->random ^= m->random >> 7;
	m->random ^= m->random << 17;
	return m->random;
}

static bool model_chance(struct model *m, unsigned int per_mille)
{
	return per_mille && model_random(m) % 1000 < per_mille;
}

static unsigned int model_draw_rate(struct model *m, uint64_t min, uint64_t max)
{
	return max > min ? min + model_random(m) % (max - min + 1) : min;
}

static uint8_t *model_line(uint8_t *base, uint32_t line)
{
	return base + (size_t)line * MODEL_LINE;
}

static bool model_failed(const struct model *m)
{
	return m->box->state == POWERCUT_FAILED;
}

/**
 * model_init - get ready, unarmed
 * @m: view, media, size, box, random, hard and power_off are filled in
 *
 * Return: false when there is no memory.
 */
bool model_init(struct model *m)
{
	size_t lines = m->size / MODEL_LINE;

	m->flags = calloc(lines, sizeof(*m->flags));
	m->versions = calloc(lines * MODEL_WORDS, sizeof(*m->versions));
	m->touched = calloc(lines, sizeof(*m->touched));
	return m->flags && m->versions && m->touched;
}

static void model_touch(struct model *m, uint32_t line)
{
	if (m->flags[line] & LINE_TOUCHED)
		return;
	m->flags[line] |= LINE_TOUCHED;
	m->touched[m->touched_count++] = line;
}

/* Moves one word of a capture to the media. */
static void model_commit_word(struct model *m, const struct model_capture *c,
			      unsigned int word)
{
	uint32_t *version = &m->versions[c->line * MODEL_WORDS + word];
	size_t at = word * MODEL_WORD;
	unsigned int i;

	if (!(c->mask >> at & 0xff) || c->version < *version || model_failed(m))
		return;
	for (i = 0; i < MODEL_WORD; i++) {
		if (c->mask >> (at + i) & 1)
			model_line(m->media, c->line)[at + i] = c->data[at + i];
	}
	*version = c->version;
}

static void model_commit(struct model *m, const struct model_capture *c)
{
	unsigned int word;

	for (word = 0; word < MODEL_WORDS; word++)
		model_commit_word(m, c, word);
}

/* A dirty line goes to the media as it is. */
static void model_evict(struct model *m, uint32_t line)
{
	struct model_capture c = {
		.line = line,
		.version = ++m->clock,
		.mask = UINT64_MAX,
	};

	memcpy(c.data, model_line(m->view, line), MODEL_LINE);
	model_commit(m, &c);
	m->flags[line] &= ~LINE_DIRTY;
}

static struct model_capture *model_queue_add(struct model_queue *q)
{
	if (q->count == q->room) {
		q->room = q->room ? 2 * q->room : 256;
		q->captures = realloc(q->captures,
				      q->room * sizeof(*q->captures));
		if (!q->captures)
			abort();
	}
	return &q->captures[q->count++];
}

/* The adversary's share of what is under way: true if any of it arrived. */
static bool model_arrive(struct model *m, const struct model_capture *c)
{
	bool any = false;
	unsigned int word;

	if (!c->nt) {
		any = model_chance(m, m->pend);
		if (any)
			model_commit(m, c);
		return any;
	}
	for (word = 0; word < MODEL_WORDS; word++) {
		if (!model_chance(m, m->pend))
			continue;
		model_commit_word(m, c, word);
		any = true;
	}
	return any;
}

static void model_cut(struct model *m)
{
	struct powercut_box *box = m->box;
	unsigned int cpu;
	uint32_t i;
	size_t j;

	box->dirty = 0;
	box->dirty_kept = 0;
	box->pending = 0;
	box->pending_kept = 0;
	for (cpu = 0; cpu < MODEL_CPUS; cpu++) {
		for (j = 0; j < m->queues[cpu].count; j++) {
			box->pending++;
			box->pending_kept +=
				model_arrive(m, &m->queues[cpu].captures[j]);
		}
	}
	for (i = 0; i < m->touched_count; i++) {
		if (!(m->flags[m->touched[i]] & LINE_DIRTY))
			continue;
		box->dirty++;
		if (!model_chance(m, m->evict))
			continue;
		box->dirty_kept++;
		model_evict(m, m->touched[i]);
	}
	box->cuts++;
	box->state = POWERCUT_FAILED;
	if (m->hard)
		m->power_off();
}

/*
 * Something is about to happen. A cut comes before it takes effect, so after all
 * that software did since the last event.
 */
static void model_event(struct model *m)
{
	if (++m->box->events == m->box->cut_at &&
	    m->box->state == POWERCUT_RUNNING)
		model_cut(m);
}

/* Forgets what was written and what is under way, when view and media agree. */
static void model_settle(struct model *m)
{
	unsigned int cpu;
	uint32_t i;

	for (i = 0; i < m->touched_count; i++) {
		m->flags[m->touched[i]] = 0;
		memset(&m->versions[m->touched[i] * MODEL_WORDS], 0,
		       MODEL_WORDS * sizeof(*m->versions));
	}
	for (cpu = 0; cpu < MODEL_CPUS; cpu++)
		m->queues[cpu].count = 0;
	m->touched_count = 0;
	m->clock = 0;
}

/**
 * model_arm - begin to watch
 * @m: the model
 *
 * No CPU may run meanwhile, and every later store must be reported.
 */
void model_arm(struct model *m)
{
	size_t at;

	for (at = 0; at < m->size; at += PAGE) {
		if (memcmp(m->media + at, m->view + at, PAGE))
			memcpy(m->media + at, m->view + at, PAGE);
	}
	model_settle(m);
	m->box->state = POWERCUT_IDLE;
}

static void model_begin(struct model *m)
{
	struct powercut_box *box = m->box;
	uint64_t range = box->range ?: box->learned;
	uint32_t i;

	if (box->state != POWERCUT_IDLE) {
		box->misused++;
		return;
	}
	for (i = 0; i < m->touched_count; i++)
		memcpy(model_line(m->media, m->touched[i]),
		       model_line(m->view, m->touched[i]), MODEL_LINE);
	model_settle(m);

	if (box->seed)
		m->random = box->seed * 0x9e3779b97f4a7c15ULL;
	box->seed = 0;
	m->evict = model_draw_rate(m, box->evict_min, box->evict_max);
	m->pend = model_draw_rate(m, box->pend_min, box->pend_max);
	box->cut_at = range ? 1 + model_random(m) % range : 0;
	box->events = 0;
	box->state = POWERCUT_RUNNING;
}

/* A cycle without a cut was seen from end to end; one with a cut may have ended
 * early for it.
 */
static void model_learn(struct powercut_box *box, bool whole)
{
	if (whole || box->events > box->learned)
		box->learned = box->events;
}

static void model_revert(struct model *m)
{
	struct powercut_box *box = m->box;
	uint64_t interval = m->size / CHECK_BYTES + 1;
	uint32_t i;

	if (box->state != POWERCUT_RUNNING && box->state != POWERCUT_FAILED) {
		box->misused++;
		return;
	}
	model_learn(box, box->state == POWERCUT_RUNNING);
	if (box->state == POWERCUT_RUNNING) {
		box->late++;
		model_cut(m);
	}
	for (i = 0; i < m->touched_count; i++)
		memcpy(model_line(m->view, m->touched[i]),
		       model_line(m->media, m->touched[i]), MODEL_LINE);
	model_settle(m);
	box->state = POWERCUT_IDLE;
	if (box->cuts % interval == 0)
		model_check(m);
}

/**
 * model_mark - a CPU came to a marker
 * @m: the model
 * @mark: any but those that arm and disarm
 */
void model_mark(struct model *m, unsigned int mark)
{
	switch (mark) {
	case POWERCUT_BEGIN:
		model_begin(m);
		break;
	case POWERCUT_CUT:
		if (m->box->state == POWERCUT_RUNNING)
			model_cut(m);
		else if (m->box->state != POWERCUT_FAILED)
			m->box->misused++;
		break;
	case POWERCUT_REVERT:
		model_revert(m);
		break;
	case POWERCUT_CHECK:
		model_check(m);
		break;
	}
}

/* The bytes of a non-temporal store; those of one line gather in one capture. */
static void model_store_nt(struct model *m, unsigned int cpu, uint32_t line,
			   size_t from, size_t len)
{
	struct model_queue *q = &m->queues[cpu % MODEL_CPUS];
	struct model_capture *c = q->count ? &q->captures[q->count - 1] : NULL;

	/* An eviction may have come since: then its version is in between */
	if (!c || !c->nt || c->line != line || c->version != m->clock) {
		c = model_queue_add(q);
		*c = (struct model_capture){ .line = line, .nt = true };
	}
	c->version = ++m->clock;
	c->mask |= (len < 64 ? (1ULL << len) - 1 : UINT64_MAX) << from;
	memcpy(c->data + from, model_line(m->view, line) + from, len);
}

static void model_runtime_evictions(struct model *m, uint32_t line)
{
	uint32_t other;

	if (!model_chance(m, m->box->runtime))
		return;
	other = m->touched[model_random(m) % m->touched_count];
	if (model_random(m) & 1)
		line = other;
	if (!(m->flags[line] & LINE_DIRTY))
		return;
	m->box->evictions++;
	model_evict(m, line);
}

static void model_store_line(struct model *m, unsigned int cpu, uint32_t line,
			     size_t from, size_t len, bool nt)
{
	model_touch(m, line);
	if (m->box->state == POWERCUT_IDLE)
		return;
	if (nt) {
		model_store_nt(m, cpu, line, from, len);
	} else {
		m->flags[line] |= LINE_DIRTY;
		model_runtime_evictions(m, line);
	}
}

/**
 * model_store - a CPU has stored
 * @m: the model
 * @cpu: which
 * @at: offset of the bytes
 * @len: how many, no more than a line has
 * @nt: past the cache
 */
void model_store(struct model *m, unsigned int cpu, uint64_t at, size_t len,
		 bool nt)
{
	uint32_t line = at / MODEL_LINE;
	size_t from = at % MODEL_LINE;
	size_t first = len > MODEL_LINE - from ? MODEL_LINE - from : len;

	if (m->box->state == POWERCUT_OFF)
		return;
	if (m->box->blind) {
		m->box->blind--;
		return;
	}
	m->box->stores += !nt;
	m->box->nt_stores += nt;
	if (m->box->state != POWERCUT_IDLE)
		model_event(m);
	model_store_line(m, cpu, line, from, first, nt);
	if (len > first && at + len <= m->size)
		model_store_line(m, cpu, line + 1, 0, len - first, nt);
}

/**
 * model_write_back - a CPU writes a line back
 * @m: the model
 * @cpu: which
 * @at: offset of some byte of the line
 * @at_once: no fence is needed
 *
 * A line that is not dirty stays as it is, even when another CPU has it under
 * way: one CPU cannot wait for another's write-back.
 */
void model_write_back(struct model *m, unsigned int cpu, uint64_t at,
		      bool at_once)
{
	struct model_queue *q = &m->queues[cpu % MODEL_CPUS];
	uint32_t line = at / MODEL_LINE;
	struct model_capture *c;

	if (m->box->state == POWERCUT_OFF || m->box->state == POWERCUT_IDLE)
		return;
	m->box->flushes++;
	if (!(m->flags[line] & LINE_DIRTY)) {
		m->box->clean++;
		return;
	}
	model_event(m);
	if (at_once) {
		model_evict(m, line);
	} else {
		c = model_queue_add(q);
		c->line = line;
		c->nt = false;
		c->version = ++m->clock;
		c->mask = UINT64_MAX;
		memcpy(c->data, model_line(m->view, line), MODEL_LINE);
		m->flags[line] &= ~LINE_DIRTY;
	}
}

/**
 * model_fence - a CPU waits for what it has under way
 * @m: the model
 * @cpu: which
 */
void model_fence(struct model *m, unsigned int cpu)
{
	struct model_queue *q = &m->queues[cpu % MODEL_CPUS];
	size_t i;

	if (!q->count)
		return;
	m->box->fences++;
	model_event(m);
	for (i = 0; i < q->count; i++)
		model_commit(m, &q->captures[i]);
	q->count = 0;
}

static void model_flag_queued(struct model *m, bool on)
{
	struct model_queue *q;
	size_t i;

	for (q = m->queues; q < m->queues + MODEL_CPUS; q++) {
		for (i = 0; i < q->count; i++) {
			if (on)
				m->flags[q->captures[i].line] |= LINE_QUEUED;
			else
				m->flags[q->captures[i].line] &= ~LINE_QUEUED;
		}
	}
}

static void model_check_line(struct model *m, uint32_t line)
{
	uint8_t flags = m->flags[line];

	/* Between cycles and after a cut, what was touched differs by rights */
	if (flags & (m->box->state == POWERCUT_RUNNING ?
		     LINE_DIRTY | LINE_QUEUED : LINE_TOUCHED))
		return;
	if (!memcmp(model_line(m->view, line), model_line(m->media, line),
		    MODEL_LINE))
		return;
	if (m->box->missed++ < SHOWN)
		fprintf(stderr, "powercut: missed a store to line %#zx\n",
			(size_t)line * MODEL_LINE);
	memcpy(model_line(m->media, line), model_line(m->view, line),
	       MODEL_LINE);
}

/**
 * model_check - what the model calls clean must be on the media
 * @m: the model
 *
 * Lines that differ are counted as missed, once.
 */
void model_check(struct model *m)
{
	uint32_t line;
	size_t at;

	if (m->box->state == POWERCUT_OFF)
		return;
	m->box->checks++;
	model_flag_queued(m, true);
	for (at = 0; at < m->size; at += PAGE) {
		if (!memcmp(m->view + at, m->media + at, PAGE))
			continue;
		for (line = at / MODEL_LINE;
		     line < (at + PAGE) / MODEL_LINE; line++)
			model_check_line(m, line);
	}
	model_flag_queued(m, false);
}
