// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: kf_cut
 *
 * Purpose: tests of the power-cut rig, from inside, and the way by which shells and
 * other modules (cut.h) use it. /dev/kf_cut takes a command and answers; kf-cut
 * is the comfortable way.
 *
 * Operation: "all" runs all cases and answers in KTAP, "case=NAME" one of them, with
 * "cuts=" power cuts in those of many. "mark=" is a marker: begin, cut, revert,
 * check. "status" prints what the rig says. "speed" measures. "demo" stores in
 * four ways and cuts. "blind" has the rig overlook a store, so that the run must
 * fail.
 */
#include <linux/module.h>

#include "test.h"

static unsigned long long phys;
module_param(phys, ullong, 0444);
MODULE_PARM_DESC(phys, "Where the pmem is, as pmem-up says");

static unsigned long long size;
module_param(size, ullong, 0444);
MODULE_PARM_DESC(size, "Its bytes");

static const struct kf_cut_case *const kf_cut_lists[] = {
	kf_cut_demo_cases,
	kf_cut_store_cases,
	kf_cut_protocol_cases,
};

/* From POWERCUT_BEGIN on */
static const char *const kf_cut_marks[] = { "begin", "cut", "revert", "check" };

/**
 * struct kf_cut_command - options of the command
 * @name: case to run
 * @mark: marker to come to
 * @all: run all
 * @status: print the box
 * @speed: measure
 * @demo: store and cut
 * @blind: overlook a store
 * @cuts: in cases of many
 */
struct kf_cut_command {
	const char *name;
	const char *mark;
	bool all;
	bool status;
	bool speed;
	bool demo;
	bool blind;
	u64 cuts;
};

static const struct ktl_opt kf_cut_opts[] = {
	{ "case", KTL_OPT_TEXT, offsetof(struct kf_cut_command, name) },
	{ "mark", KTL_OPT_TEXT, offsetof(struct kf_cut_command, mark) },
	{ "all", KTL_OPT_FLAG, offsetof(struct kf_cut_command, all) },
	{ "status", KTL_OPT_FLAG, offsetof(struct kf_cut_command, status) },
	{ "speed", KTL_OPT_FLAG, offsetof(struct kf_cut_command, speed) },
	{ "demo", KTL_OPT_FLAG, offsetof(struct kf_cut_command, demo) },
	{ "blind", KTL_OPT_FLAG, offsetof(struct kf_cut_command, blind) },
	{ "cuts", KTL_OPT_SIZE, offsetof(struct kf_cut_command, cuts),
	  1, U32_MAX },
};

/**
 * kf_cut_note - say something about a case
 * @t: the case
 * @fmt: as for printf()
 */
void kf_cut_note(struct kf_cut_test *t, const char *fmt, ...)
{
	char text[160];
	va_list args;

	va_start(args, fmt);
	vscnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	ktl_session_printf(t->session, "# %s: %s\n", t->name, text);
}

/**
 * kf_cut_expect - expect a number
 * @t: the case
 * @what: it is
 * @got: what there is
 * @want: what there should be
 *
 * Return: true if they are equal.
 */
bool kf_cut_expect(struct kf_cut_test *t, const char *what, u64 got, u64 want)
{
	if (got == want)
		return true;
	t->failures++;
	kf_cut_note(t, "%s: %llu, not %llu", what, got, want);
	return false;
}

static bool kf_cut_run_case(struct ktl_session *session,
			    const struct kf_cut_case *c, u64 cuts)
{
	struct kf_cut_test t = {
		.session = session,
		.name = c->name,
		.cuts = cuts,
		.mem = kf_cut_memory(NULL, NULL),
		.box = kf_cut_box(),
	};

	c->run(&t, c->what);
	return !t.failures;
}

static int kf_cut_run_all(struct ktl_session *session, u64 cuts)
{
	const struct kf_cut_case *c;
	unsigned int i, n = 0;
	bool good, bad = false;

	ktl_session_puts(session, "KTAP version 1\n");
	for (i = 0; i < ARRAY_SIZE(kf_cut_lists); i++) {
		for (c = kf_cut_lists[i]; c->name; c++) {
			good = kf_cut_run_case(session, c, cuts);
			ktl_session_printf(session, "%sok %u powercut.%s\n",
					   good ? "" : "not ", ++n, c->name);
			bad |= !good;
		}
	}
	ktl_session_printf(session, "1..%u\n", n);
	return bad ? -EBADMSG : 0;
}

static int kf_cut_run_named(struct ktl_session *session, const char *name,
			    u64 cuts)
{
	const struct kf_cut_case *c;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kf_cut_lists); i++) {
		for (c = kf_cut_lists[i]; c->name; c++) {
			if (!strcmp(c->name, name))
				return kf_cut_run_case(session, c, cuts) ?
					0 : -EBADMSG;
		}
	}
	ktl_session_printf(session, "no case \"%s\"\n", name);
	return -ENOENT;
}

static int kf_cut_mark(struct ktl_session *session, const char *name)
{
	int mark = match_string(kf_cut_marks, ARRAY_SIZE(kf_cut_marks), name);

	switch (mark < 0 ? mark : mark + POWERCUT_BEGIN) {
	case POWERCUT_BEGIN:
		kf_cut_begin();
		return 0;
	case POWERCUT_CUT:
		kf_cut_now();
		return 0;
	case POWERCUT_REVERT:
		kf_cut_revert();
		return 0;
	case POWERCUT_CHECK:
		powercut_mark(POWERCUT_CHECK);
		return 0;
	default:
		ktl_session_printf(session, "no marker \"%s\"\n", name);
		return -EINVAL;
	}
}

static void kf_cut_status(struct ktl_session *session)
{
	static const char *const states[] = {
		[POWERCUT_OFF] = "off",
		[POWERCUT_IDLE] = "idle",
		[POWERCUT_RUNNING] = "running",
		[POWERCUT_FAILED] = "failed",
	};
	const struct powercut_box box = *kf_cut_box();

	ktl_session_printf(session, "state %s\nevents %llu\ncut_at %llu\n",
			   states[box.state & 3], box.events, box.cut_at);
	ktl_session_printf(session, "cuts %llu\nlate %llu\n", box.cuts,
			   box.late);
	ktl_session_printf(session, "missed %llu\nunpatched %llu\n",
			   box.missed, box.unpatched);
	ktl_session_printf(session, "dirty %llu\ndirty_kept %llu\n", box.dirty,
			   box.dirty_kept);
	ktl_session_printf(session, "pending %llu\npending_kept %llu\n",
			   box.pending, box.pending_kept);
}

static void kf_cut_blind(struct ktl_session *session)
{
	u8 *mem = kf_cut_memory(NULL, NULL);
	struct powercut_box *box = kf_cut_box();

	WRITE_ONCE(box->blind, 1);
	WRITE_ONCE(*mem, READ_ONCE(*mem) + 1);
	powercut_mark(POWERCUT_CHECK);
	ktl_session_printf(session, "missed %llu\n", READ_ONCE(box->missed));
}

static int kf_cut_run(struct ktl_session *session, char *line)
{
	struct kf_cut_command command = { .cuts = 1000 };
	int rc;

	rc = ktl_opt_parse(session, line, kf_cut_opts, ARRAY_SIZE(kf_cut_opts),
			   &command);
	if (rc)
		return rc;
	if (command.blind)
		kf_cut_blind(session);
	if (command.demo)
		kf_cut_demo();
	if (command.speed)
		kf_cut_speed(session);
	if (command.status)
		kf_cut_status(session);
	if (command.mark)
		rc = kf_cut_mark(session, command.mark);
	if (!rc && command.name)
		rc = kf_cut_run_named(session, command.name, command.cuts);
	if (!rc && command.all)
		rc = kf_cut_run_all(session, command.cuts);
	return rc;
}

static struct ktl_device kf_cut_device = {
	.name = "kf_cut",
	.owner = THIS_MODULE,
	.run = kf_cut_run,
};

static int __init kf_cut_init(void)
{
	int rc = kf_cut_rig_open(phys, size);

	if (rc)
		return rc;
	rc = ktl_session_register(&kf_cut_device);
	if (rc)
		kf_cut_rig_close();
	return rc;
}
module_init(kf_cut_init);

static void __exit kf_cut_exit(void)
{
	ktl_session_deregister(&kf_cut_device);
	kf_cut_rig_close();
}
module_exit(kf_cut_exit);

MODULE_DESCRIPTION("Tests in the power-cut rig");
MODULE_LICENSE("Dual BSD/GPL");
