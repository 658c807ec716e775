// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: The power-cut rig
 *
 * Purpose: a TCG plugin that watches the CPUs' stores to emulated persistent memory,
 * write-backs and fences, lets the model keep account, and cuts the power. Options
 * are in the table below, the guest's side is in mark.h.
 *
 * Operation: the pmem is a file that QEMU maps shared. The plugin maps it too, so
 * it sees what was stored, which the callbacks (they come after the access) do not
 * tell. Before a guest arms the rig nothing but markers is watched. Write-back
 * instructions are rewritten when QEMU translates them (insn.c), through the host
 * address of the code; then all code is translated anew.
 *
 * This is made for QEMU 7.2 and its oddities, and refuses to load elsewhere:
 * - memory callbacks are always asked for reads and writes, because the filter is
 *   the wrong way round for accesses that TCG does inline;
 * - when code is thrown away, a CPU may be left with a dangling list of callbacks
 *   for helpers, and QEMU aborts. An internal function of QEMU takes it away;
 * - what the interface calls a physical address is QEMU's own numbering of memory,
 *   which another internal function tells for our file.
 *
 * Ordering: QEMU is to run with one thread for all CPUs. The lock is for the parts
 * of it that do not run in that one.
 *
 * Errors: with the result file, which ends in "verdict good" only if the model
 * missed nothing; see plugin_result().
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "insn.h"
#include "model.h"
#include "qemu_api.h"

QEMU_EXPORT int qemu_plugin_version = QEMU_API_VERSION;

enum {
	CUT_STATUS = 77,		/* exit status of QEMU after a hard cut */
	PAGE_SIZE = 4096,
};

/* More than the direct map of a guest with four-level paging can have */
#define DIRECT_MAP_SIZE	0x400000000000ULL

/**
 * struct options - what stands behind -plugin
 * @view: file behind the pmem
 * @media: file to make, what is durable
 * @result: file to make, counters and verdict
 * @start: where in the file what is watched begins
 * @size: how much that is; 0 for the rest of the file
 * @directmap: where the guest's kernel has all its memory; saves time
 * @hard: a cut ends QEMU
 * @locks: atomic instructions are fences
 *
 * And evict, pend, runtime, range, seed: see struct powercut_box.
 */
static struct options {
	const char *view;
	const char *media;
	const char *result;
	__u64 start;
	__u64 size;
	__u64 directmap;
	__u64 hard;
	__u64 locks;
} options;

static struct model model;
static struct powercut_box first_box;	/* with options, before there is memory */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t plugin_id;
static int cpus;
static bool armed;
static bool arming;
static uint64_t ram_base;	/* of what is watched, in QEMU's numbering */
static uint64_t direct_base;	/* the same in the guest's direct map, if known */

/* Functions inside QEMU */
static void *(*qemu_cpu)(int index);
static void (*qemu_disable_helpers)(void *cpu);
static uint64_t (*qemu_ram_addr)(void *host);

static void plugin_result(const char *end)
{
	const struct powercut_box *box = model.box;
	bool good = !box->missed && !box->unpatched && !box->misused;
	FILE *f = fopen(options.result, "w");

	if (!f)
		return;
	fprintf(f, "end %s\nverdict %s\n", end, good ? "good" : "bad");
	fprintf(f, "missed %llu\nunpatched %llu\nmisused %llu\nchecks %llu\n",
		box->missed, box->unpatched, box->misused, box->checks);
	fprintf(f, "cuts %llu\nlate %llu\nevents %llu\n", box->cuts, box->late,
		box->events);
	fprintf(f, "dirty %llu\ndirty_kept %llu\n", box->dirty,
		box->dirty_kept);
	fprintf(f, "pending %llu\npending_kept %llu\n", box->pending,
		box->pending_kept);
	fprintf(f, "stores %llu\nnt_stores %llu\nflushes %llu\nclean %llu\n",
		box->stores, box->nt_stores, box->flushes, box->clean);
	fprintf(f, "fences %llu\nevictions %llu\n", box->fences,
		box->evictions);
	fclose(f);
}

static void plugin_power_off(void)
{
	plugin_result("cut");
	_exit(CUT_STATUS);
}

/* Offset in what is watched, or a number beyond it. */
static uint64_t plugin_locate(uint32_t info, uint64_t vaddr)
{
	bool direct = vaddr - options.directmap < DIRECT_MAP_SIZE;
	struct qemu_plugin_hwaddr *hwaddr;
	uint64_t at;

	if (direct && direct_base)
		return vaddr - direct_base;
	hwaddr = qemu_plugin_get_hwaddr(info, vaddr);
	if (!hwaddr || qemu_plugin_hwaddr_is_io(hwaddr))
		return UINT64_MAX;
	at = qemu_plugin_hwaddr_phys_addr(hwaddr) - ram_base;
	if (direct && at < model.size)
		direct_base = vaddr - at;
	return at;
}

static void on_store(unsigned int cpu, uint32_t info, uint64_t vaddr, void *nt)
{
	uint64_t at;

	if (!qemu_plugin_mem_is_store(info))
		return;
	at = plugin_locate(info, vaddr);
	if (at >= model.size)
		return;
	pthread_mutex_lock(&lock);
	model_store(&model, cpu, at, 1U << qemu_plugin_mem_size_shift(info),
		    nt);
	pthread_mutex_unlock(&lock);
}

static void on_write_back(unsigned int cpu, uint32_t info, uint64_t vaddr,
			  void *at_once)
{
	uint64_t at = plugin_locate(info, vaddr);

	if (at >= model.size)
		return;
	pthread_mutex_lock(&lock);
	model_write_back(&model, cpu, at, at_once);
	pthread_mutex_unlock(&lock);
}

static void on_fence(unsigned int cpu, void *arg)
{
	pthread_mutex_lock(&lock);
	model_fence(&model, cpu);
	pthread_mutex_unlock(&lock);
}

/* Rewrites the guest's copy of a write-back instruction. */
static bool plugin_patch(struct qemu_plugin_insn *qemu_insn,
			 const struct insn *insn)
{
	const uint8_t *bytes = qemu_plugin_insn_data(qemu_insn);
	size_t len = qemu_plugin_insn_size(qemu_insn);
	uint64_t vaddr = qemu_plugin_insn_vaddr(qemu_insn);
	uint8_t *host = qemu_plugin_insn_haddr(qemu_insn);
	uint8_t seen[INSN_MAX];

	/* Where the second half is, in another page, nobody tells */
	if (!host || vaddr % PAGE_SIZE + len > PAGE_SIZE ||
	    !insn_make_seen(insn, bytes, len, seen)) {
		fprintf(stderr, "powercut: cannot watch a write-back at %#lx\n",
			vaddr);
		model.box->unpatched++;
		return false;
	}
	memcpy(host, seen, len);
	return true;
}

static void on_translate(uint64_t id, struct qemu_plugin_tb *tb);
static void on_flush(uint64_t id);
static void on_exit_qemu(uint64_t id, void *arg);

static void plugin_hook(uint64_t id)
{
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
	qemu_plugin_register_flush_cb(id, on_flush);
	qemu_plugin_register_atexit_cb(id, on_exit_qemu, NULL);
}

/* What QEMU calls the place where it has mapped our file. */
static uint64_t plugin_find_ram(void)
{
	uint64_t found = UINT64_MAX, from, offset;
	FILE *f = fopen("/proc/self/maps", "r");
	char path[PATH_MAX], line[2 * PATH_MAX];

	if (!f)
		return found;
	while (found == UINT64_MAX && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%*x %*s %lx %*s %*s %s",
			   &from, &offset, path) != 3 ||
		    strcmp(path, options.view) || offset)
			continue;
		found = qemu_ram_addr((void *)(uintptr_t)from);
	}
	fclose(f);
	return found;
}

/* All code was thrown away and no CPU runs. */
static void plugin_rehook(uint64_t id)
{
	plugin_hook(id);
	if (!arming)
		return;
	arming = false;
	ram_base = plugin_find_ram();
	if (ram_base == UINT64_MAX) {
		fprintf(stderr, "powercut: QEMU does not use %s\n",
			options.view);
		exit(1);
	}
	ram_base += options.start;
	model_arm(&model);
}

static void on_mark(unsigned int cpu, void *arg)
{
	unsigned int mark = (uintptr_t)arg;

	pthread_mutex_lock(&lock);
	if (mark == POWERCUT_ARM && !armed) {
		armed = true;
		arming = true;
		qemu_plugin_reset(plugin_id, plugin_rehook);
	} else if (mark == POWERCUT_DISARM && armed) {
		model_check(&model);
		model.box->state = POWERCUT_OFF;
		armed = false;
		qemu_plugin_reset(plugin_id, plugin_rehook);
	} else if (mark == POWERCUT_ARM || mark == POWERCUT_DISARM) {
		model.box->misused++;
	} else {
		model_mark(&model, mark);
	}
	pthread_mutex_unlock(&lock);
}

/* Watches one instruction. Returns whether the code has to be translated anew. */
static bool plugin_watch(struct qemu_plugin_insn *qemu_insn)
{
	struct insn insn = insn_decode(qemu_plugin_insn_data(qemu_insn),
				       qemu_plugin_insn_size(qemu_insn));
	void *mem_arg = NULL;

	if (insn.kind == INSN_MARK)
		qemu_plugin_register_vcpu_insn_exec_cb(qemu_insn, on_mark,
						       QEMU_CB_NO_REGS,
						       (void *)(uintptr_t)insn.mark);
	if (!armed || insn.kind == INSN_MARK || insn.kind == INSN_LOAD)
		return false;
	if (insn.kind == INSN_WRITE_BACK || insn.kind == INSN_FLUSH)
		return plugin_patch(qemu_insn, &insn);
	if (insn.kind == INSN_FENCE || (insn.locked && options.locks))
		qemu_plugin_register_vcpu_insn_exec_cb(qemu_insn, on_fence,
						       QEMU_CB_NO_REGS, NULL);
	if (insn.kind == INSN_SEEN_FLUSH || insn.kind == INSN_NT_STORE)
		mem_arg = &model;
	qemu_plugin_register_vcpu_mem_cb(qemu_insn,
					 insn.kind == INSN_SEEN_WRITE_BACK ||
					 insn.kind == INSN_SEEN_FLUSH ?
					 on_write_back : on_store,
					 QEMU_CB_NO_REGS, QEMU_MEM_RW, mem_arg);
	return false;
}

static void on_translate(uint64_t id, struct qemu_plugin_tb *tb)
{
	size_t i, count = qemu_plugin_tb_n_insns(tb);
	bool anew = false;

	for (i = 0; i < count; i++)
		anew |= plugin_watch(qemu_plugin_tb_get_insn(tb, i));
	/* Takes effect before what is being translated is run */
	if (anew)
		qemu_plugin_reset(plugin_id, plugin_rehook);
}

static void on_flush(uint64_t id)
{
	void *cpu;
	int i;

	for (i = 0; i < cpus; i++) {
		cpu = qemu_cpu(i);
		if (cpu)
			qemu_disable_helpers(cpu);
	}
}

static void on_exit_qemu(uint64_t id, void *arg)
{
	model_check(&model);
	plugin_result("exit");
}

static bool plugin_rates(const char *text, __u64 *min, __u64 *max)
{
	char *end;

	*min = strtoull(text, &end, 0);
	*max = *end == '-' ? strtoull(end + 1, &end, 0) : *min;
	return !*end && *min <= *max && *max <= 1000;
}

static bool plugin_option(const char *name, const char *value)
{
	const struct {
		const char *name;
		__u64 *number;
	} numbers[] = {
		{ "start", &options.start },
		{ "size", &options.size },
		{ "directmap", &options.directmap },
		{ "hard", &options.hard },
		{ "locks", &options.locks },
		{ "seed", &first_box.seed },
		{ "range", &first_box.range },
		{ "runtime", &first_box.runtime },
		{ NULL, NULL }
	};
	char *end;
	size_t i;

	if (!strcmp(name, "view"))
		return (options.view = value);
	if (!strcmp(name, "media"))
		return (options.media = value);
	if (!strcmp(name, "result"))
		return (options.result = value);
	if (!strcmp(name, "evict"))
		return plugin_rates(value, &first_box.evict_min,
				    &first_box.evict_max);
	if (!strcmp(name, "pend"))
		return plugin_rates(value, &first_box.pend_min,
				    &first_box.pend_max);
	for (i = 0; numbers[i].name; i++) {
		if (strcmp(name, numbers[i].name))
			continue;
		*numbers[i].number = strtoull(value, &end, 0);
		return *value && !*end;
	}
	return false;
}

static bool plugin_options(int argc, char **argv)
{
	char *value;
	int i;

	first_box.seed = 1;
	for (i = 0; i < argc; i++) {
		value = strchr(argv[i], '=');
		if (value)
			*value++ = 0;
		if (!value || !plugin_option(argv[i], value)) {
			fprintf(stderr, "powercut: bad option %s\n", argv[i]);
			return false;
		}
	}
	return options.view && options.media && options.result &&
		options.start >= POWERCUT_BOX_BEFORE &&
		!(options.start % PAGE_SIZE);
}

static void *plugin_map(const char *path, int flags, off_t *size)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | flags, 0644);
	struct stat st;
	void *at = MAP_FAILED;

	if (fd < 0 || ((flags & O_CREAT) && ftruncate(fd, *size)) ||
	    fstat(fd, &st))
		goto out;
	*size = st.st_size;
	at = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
out:
	if (at == MAP_FAILED)
		perror(path);
	if (fd >= 0)
		close(fd);
	return at == MAP_FAILED ? NULL : at;
}

/* The media begins with what is in front of the pmem, so that one can boot on it. */
static bool plugin_open(void)
{
	uint8_t *view, *media;
	off_t size = 0;

	view = plugin_map(options.view, 0, &size);
	media = view ? plugin_map(options.media, O_CREAT | O_TRUNC, &size) :
		NULL;
	if (!media || (uint64_t)size <= options.start ||
	    options.size > size - options.start)
		return false;
	model.view = view + options.start;
	model.media = media + options.start;
	model.size = options.size ?: size - options.start;
	model.size -= model.size % PAGE_SIZE;
	model.hard = options.hard;
	model.power_off = plugin_power_off;
	model.random = 1;
	model.box = (void *)(model.view - POWERCUT_BOX_BEFORE);
	*model.box = first_box;
	model.box->size = model.size;
	model.box->magic = POWERCUT_MAGIC;
	return model_init(&model);
}

/**
 * qemu_plugin_install - QEMU loads the plugin
 * @id: ours
 * @info: about the machine
 * @argc: number of options
 * @argv: name=value each
 *
 * Return: 0, or else QEMU ends.
 */
QEMU_EXPORT int qemu_plugin_install(uint64_t id, const qemu_info_t *info,
				    int argc, char **argv)
{
	qemu_cpu = dlsym(RTLD_DEFAULT, "qemu_get_cpu");
	qemu_disable_helpers = dlsym(RTLD_DEFAULT,
				     "qemu_plugin_disable_mem_helpers");
	qemu_ram_addr = dlsym(RTLD_DEFAULT, "qemu_ram_addr_from_host");
	if (!qemu_cpu || !qemu_disable_helpers || !qemu_ram_addr ||
	    info->version.cur != QEMU_API_VERSION || !info->system_emulation ||
	    strcmp(info->target_name, "x86_64")) {
		fprintf(stderr, "powercut: needs QEMU 7.2 for x86_64\n");
		return -1;
	}
	if (info->system.smp_vcpus > MODEL_CPUS ||
	    !plugin_options(argc, argv) || !plugin_open())
		return -1;
	cpus = info->system.smp_vcpus;
	plugin_id = id;
	plugin_hook(id);
	return 0;
}
