// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: A protocol, right and wrong
 *
 * Purpose: a log of records, each published by a word of its own once it is durable.
 * Done right, no number of cuts finds fault with it; done wrong in one of the usual
 * ways, some cut does.
 */
#include <linux/libnvdimm.h>
#include <linux/string.h>
#include <asm/special_insns.h>

#include "test.h"

enum {
	RECORDS = 16,
	RECORD_WORDS = 24,		/* three lines, off the line by a word */
	RECORD_BYTES = RECORD_WORDS * sizeof(u64),
	RECORD_ROOM = 320,
	LINE = 64,
};

struct protocol;

/**
 * struct variant - a way to do it
 * @write_back: of a record
 * @publish_early: before the record is durable
 * @acknowledge_early: before the word that publishes is durable
 * @unfenced: the same may be right or wrong, it depends on the CPU
 * @wrong: so some cut should show it
 */
struct variant {
	void (*write_back)(u8 *from, size_t len);
	bool publish_early;
	bool acknowledge_early;
	bool unfenced;
	bool wrong;
};

/**
 * struct protocol - the log
 * @variant: how it is done
 * @mem: where
 * @cycle: makes the records of each cycle different
 * @acknowledged: records
 */
struct protocol {
	const struct variant *variant;
	u8 *mem;
	u64 cycle;
	unsigned int acknowledged;
};

static u64 *protocol_word(struct protocol *p, unsigned int i)
{
	return (u64 *)(p->mem + i * RECORD_ROOM);
}

static u8 *protocol_record(struct protocol *p, unsigned int i)
{
	return p->mem + i * RECORD_ROOM + LINE + sizeof(u64);
}

static u64 protocol_content(struct protocol *p, unsigned int i,
			    unsigned int word)
{
	return p->cycle << 32 | (i + 1) << 16 | word;
}

static void persist(u8 *from, size_t len)
{
	arch_wb_cache_pmem(from, len);
	pmem_wmb();
}

static void persist_not(u8 *from, size_t len)
{
}

static void persist_unfenced(u8 *from, size_t len)
{
	arch_wb_cache_pmem(from, len);
}

static void persist_a_line_short(u8 *from, size_t len)
{
	persist(from, len - LINE);
}

/* Steps of a line from where it begins, and it does not begin with a line. */
static void persist_unaligned(u8 *from, size_t len)
{
	size_t i;

	for (i = 0; i < len; i += LINE)
		clwb(from + i);
	pmem_wmb();
}

static void persist_elsewhere(u8 *from, size_t len)
{
	persist(from - RECORD_ROOM, len);
}

static int protocol_prepare(void *arg)
{
	struct protocol *p = arg;

	p->cycle++;
	p->acknowledged = 0;
	memset(p->mem, 0, RECORDS * RECORD_ROOM);
	return 0;
}

static void protocol_publish(struct protocol *p, unsigned int i)
{
	u8 *record = protocol_record(p, i);
	u64 *word = protocol_word(p, i);

	if (p->variant->publish_early)
		WRITE_ONCE(*word, p->cycle);
	p->variant->write_back(record, RECORD_BYTES);
	WRITE_ONCE(*word, p->cycle);
	if (!p->variant->acknowledge_early)
		persist((u8 *)word, sizeof(*word));
	if (!kf_cut_happened())
		p->acknowledged = i + 1;
	if (p->variant->acknowledge_early)
		persist((u8 *)word, sizeof(*word));
}

static int protocol_work(void *arg)
{
	struct protocol *p = arg;
	unsigned int i, j;
	u64 *record;

	for (i = 0; i < RECORDS; i++) {
		record = (u64 *)protocol_record(p, i);
		for (j = 0; j < RECORD_WORDS; j++)
			WRITE_ONCE(record[j], protocol_content(p, i, j));
		protocol_publish(p, i);
		if (kf_cut_happened())
			break;
	}
	return 0;
}

/* Whether record @i, which is published, is not whole. */
static bool protocol_torn(struct protocol *p, unsigned int i)
{
	u64 *record = (u64 *)protocol_record(p, i);
	unsigned int j;

	for (j = 0; j < RECORD_WORDS; j++) {
		if (record[j] != protocol_content(p, i, j))
			return true;
	}
	return false;
}

static int protocol_recover(void *arg)
{
	struct protocol *p = arg;
	unsigned int i, published = 0;
	int bad = 0;

	for (i = 0; i < RECORDS; i++) {
		if (*protocol_word(p, i) != p->cycle)
			continue;
		bad += published != i;
		bad += protocol_torn(p, i);
		published = i + 1;
	}
	return bad + (published < p->acknowledged);
}

static void protocol_run(struct kf_cut_test *t, const void *what)
{
	static const struct kf_cut_rates rates = { 0, 1000, 0, 1000, 50 };
	struct protocol p = { .variant = what, .mem = t->mem + SZ_64K };
	struct kf_cut_client client = {
		.arg = &p,
		.prepare = protocol_prepare,
		.work = protocol_work,
		.recover = protocol_recover,
	};
	bool wrong = p.variant->wrong ||
		(p.variant->unfenced && kf_cut_fence_needed());
	struct kf_cut_run run;
	int rc;

	kf_cut_set_rates(&rates);
	rc = kf_cut_drive(&client, t->cuts, wrong, &run);
	kf_cut_expect(t, "result", rc, 0);
	if (wrong) {
		kf_cut_note(t, "caught at cut %llu", run.first);
		kf_cut_expect(t, "caught", !!run.first, true);
		return;
	}
	kf_cut_expect(t, "violations", run.violations, 0);
	kf_cut_expect(t, "cycles", run.cycles, t->cuts);
	kf_cut_note(t, "%llu cuts, %llu of them late, %llu a second",
		    run.cycles, run.late,
		    div64_u64(run.cycles * NSEC_PER_SEC, run.ns ?: 1));
	/* The cuts are spread over the work */
	kf_cut_expect(t, "late by more than a tenth",
		      run.late > 1 + run.cycles / 10, false);
}

static const struct variant right = { persist };
static const struct variant no_flush = { persist_not, .wrong = true };
static const struct variant no_fence = {
	persist_unfenced, .unfenced = true
};

static const struct variant a_line_short = {
	persist_a_line_short, .wrong = true
};

static const struct variant unaligned = { persist_unaligned, .wrong = true };
static const struct variant elsewhere = { persist_elsewhere, .wrong = true };
static const struct variant published_early = {
	persist, .publish_early = true, .wrong = true
};

static const struct variant acknowledged_early = {
	persist, .acknowledge_early = true, .wrong = true
};

const struct kf_cut_case kf_cut_protocol_cases[] = {
	{ "protocol_right", protocol_run, &right },
	{ "protocol_no_flush", protocol_run, &no_flush },
	{ "protocol_no_fence", protocol_run, &no_fence },
	{ "protocol_a_line_short", protocol_run, &a_line_short },
	{ "protocol_unaligned", protocol_run, &unaligned },
	{ "protocol_elsewhere", protocol_run, &elsewhere },
	{ "protocol_published_early", protocol_run, &published_early },
	{ "protocol_acknowledged_early", protocol_run, &acknowledged_early },
	{}
};
