// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Every way to store, every way to write back
 *
 * Purpose: shows that the rig sees them all. A store that is not written back must
 * be gone after a cut; one that it had not seen would stay. What is written back and
 * fenced must stay.
 */
#include <linux/libnvdimm.h>
#include <linux/string.h>
#include <asm/cacheflush.h>
#include <asm/cpufeature.h>
#include <asm/fpu/api.h>
#include <asm/special_insns.h>

#include "test.h"

enum { STORE_BYTES = 2 * PAGE_SIZE };

static u8 store_source[512] __aligned(64);

static void store_mov(u8 *p)
{
	asm volatile("movb $1, %0" : "=m" (p[0]));
	asm volatile("movw $1, %0" : "=m" (*(u16 *)(p + 2)));
	asm volatile("movl $1, %0" : "=m" (*(u32 *)(p + 4)));
	asm volatile("movq $1, %0" : "=m" (*(u64 *)(p + 8)));
}

static void store_rep_stosb(u8 *p)
{
	long n = 64;

	asm volatile("rep stosb" : "+D" (p), "+c" (n) : "a" (1) : "memory");
}

static void store_rep_movsq(u8 *p)
{
	const u8 *from = store_source;
	long n = 8;

	asm volatile("rep movsq" : "+D" (p), "+S" (from), "+c" (n)
		     :: "memory");
}

static void store_arithmetic(u8 *p)
{
	asm volatile("addq $1, %0" : "+m" (*(u64 *)p));
	asm volatile("incl %0" : "+m" (*(u32 *)(p + 8)));
	asm volatile("notb %0" : "+m" (p[12]));
	asm volatile("shlq $1, %0" : "+m" (*(u64 *)p));
	asm volatile("btsl $3, %0" : "+m" (*(u32 *)(p + 16)));
	asm volatile("orq %1, %0" : "+m" (*(u64 *)(p + 24)) : "r" (7UL));
}

static void store_misc(u8 *p)
{
	asm volatile("cmpl $0, %0; sete %0" : "+m" (p[0]));
	asm volatile("pushfq; popq %0" : "=m" (*(u64 *)(p + 8)));
	asm volatile("sidt %0" : "=m" (*(u8 (*)[10])(p + 16)));
}

static void store_xadd(u8 *p)
{
	u64 one = 1;

	asm volatile("lock xaddq %0, %1" : "+r" (one), "+m" (*(u64 *)p));
}

static void store_xchg(u8 *p)
{
	u64 one = 1;

	asm volatile("xchgq %0, %1" : "+r" (one), "+m" (*(u64 *)p));
}

static void store_lock_or(u8 *p)
{
	asm volatile("lock orl $1, %0" : "+m" (*(u32 *)p));
	asm volatile("lock btsl $3, %0" : "+m" (*(u32 *)(p + 8)));
}

static void store_cmpxchg(u8 *p)
{
	u64 old = 0;

	asm volatile("lock cmpxchgq %2, %1"
		     : "+a" (old), "+m" (*(u64 *)p) : "r" (1UL));
}

static void store_cmpxchg8b(u8 *p)
{
	u32 a = 0, d = 0;

	asm volatile("lock cmpxchg8b %0" : "+m" (*(u64 *)p), "+a" (a), "+d" (d)
		     : "b" (1), "c" (2));
}

static void store_cmpxchg16b(u8 *p)
{
	u64 a = 0, d = 0;

	asm volatile("lock cmpxchg16b %0"
		     : "+m" (*(u8 (*)[16])p), "+a" (a), "+d" (d)
		     : "b" (1UL), "c" (2UL));
}

static void store_sse(u8 *p)
{
	asm volatile("movups %1, %%xmm0; movups %%xmm0, %0"
		     : "=m" (*(u8 (*)[16])p) : "m" (store_source));
}

static void store_avx(u8 *p)
{
	asm volatile("vmovdqu %1, %%ymm0; vmovdqu %%ymm0, %0"
		     : "=m" (*(u8 (*)[32])p) : "m" (store_source));
}

static void store_fxsave(u8 *p)
{
	asm volatile("fxsave %0" : "=m" (*(u8 (*)[512])p));
}

static void store_movnti(u8 *p)
{
	asm volatile("movntil %k1, %0" : "=m" (*(u32 *)p) : "r" (1UL));
	asm volatile("movntiq %1, %0" : "=m" (*(u64 *)(p + 8)) : "r" (1UL));
}

static void store_nt_sse(u8 *p)
{
	asm volatile("movups %2, %%xmm0; movntdq %%xmm0, %0; movntps %%xmm0, %1"
		     : "=m" (*(u8 (*)[16])p), "=m" (*(u8 (*)[16])(p + 16))
		     : "m" (store_source));
}

static void store_nt_avx(u8 *p)
{
	asm volatile("vmovdqu %1, %%ymm0; vmovntdq %%ymm0, %0"
		     : "=m" (*(u8 (*)[32])p) : "m" (store_source));
}

static void store_maskmov(u8 *p)
{
	memset(store_source, 0xff, sizeof(store_source));
	asm volatile("movups %1, %%xmm0; maskmovdqu %%xmm0, %%xmm0"
		     :: "D" (p), "m" (store_source) : "memory");
}

static void store_memcpy(u8 *p)
{
	memcpy(p + 3, store_source, 200);
}

static void store_flushcache(u8 *p)
{
	memcpy_flushcache(p, store_source, 200);
}

static void store_over_line(u8 *p)
{
	asm volatile("movq %1, %0" : "=m" (*(u64 *)(p + 60)) : "r" (~0UL));
}

static void store_over_page(u8 *p)
{
	asm volatile("movq %1, %0" : "=m" (*(u64 *)(p + PAGE_SIZE - 4))
		     : "r" (~0UL));
}

static void store_run(struct kf_cut_test *t, const void *what)
{
	static const struct kf_cut_rates never;
	void (*store)(u8 *mem) = what;
	u64 missed = READ_ONCE(t->box->missed);
	bool stored;

	memset(store_source, 0x5a, sizeof(store_source));
	memset(t->mem, 0, STORE_BYTES);
	kf_cut_set_rates(&never);
	WRITE_ONCE(t->box->range, U32_MAX);
	kernel_fpu_begin();
	kf_cut_begin();
	store(t->mem);
	powercut_mark(POWERCUT_CHECK);
	kf_cut_now();
	kernel_fpu_end();
	stored = memchr_inv(t->mem, 0, STORE_BYTES);
	kf_cut_expect(t, "something is stored", stored, true);
	kf_cut_revert();
	stored = memchr_inv(t->mem, 0, STORE_BYTES);
	kf_cut_expect(t, "something survives", stored, false);
	kf_cut_expect(t, "missed", READ_ONCE(t->box->missed), missed);
	WRITE_ONCE(t->box->range, 0);
}

static void flush_clwb(u8 *p)
{
	asm volatile("clwb %0; sfence" : "+m" (*p));
}

static void flush_clwb_mfence(u8 *p)
{
	asm volatile("clwb %0; mfence" : "+m" (*p));
}

static void flush_clwb_disp8(u8 *p)
{
	asm volatile("clwb 0x40(%0); sfence" :: "r" (p - 0x40) : "memory");
}

static void flush_clwb_sib(u8 *p)
{
	asm volatile("clwb 0x1234(%0,%1,8); sfence"
		     :: "r" (p - 0x1234 - 80), "r" (10UL) : "memory");
}

static void flush_clwb_rex(u8 *p)
{
	register u8 *high asm("r12") = p;

	asm volatile("clwb (%0); sfence" :: "r" (high) : "memory");
}

static void flush_clflushopt(u8 *p)
{
	asm volatile("clflushopt %0; sfence" : "+m" (*p));
}

static void flush_clflush(u8 *p)
{
	asm volatile("clflush %0" : "+m" (*p));
}

static void flush_kernel(u8 *p)
{
	arch_wb_cache_pmem(p, 1);
	pmem_wmb();
}

static void flush_run(struct kf_cut_test *t, const void *what)
{
	static const struct kf_cut_rates never;
	void (*flush)(u8 *mem) = what;
	unsigned int i;

	memset(t->mem, 0, STORE_BYTES);
	kf_cut_set_rates(&never);
	WRITE_ONCE(t->box->range, U32_MAX);
	kf_cut_begin();
	memset(t->mem, 0x5a, PAGE_SIZE);
	/* More than once: the first time the code is rewritten */
	for (i = 0; i < 4; i++)
		flush(t->mem + 1024 * i + 7);
	kf_cut_now();
	kf_cut_revert();
	for (i = 0; i < PAGE_SIZE; i++) {
		if (t->mem[i] != (i % 1024 < 64 ? 0x5a : 0))
			break;
	}
	kf_cut_expect(t, "first wrong byte", i, PAGE_SIZE);
	WRITE_ONCE(t->box->range, 0);
}

const struct kf_cut_case kf_cut_store_cases[] = {
	{ "store_mov", store_run, store_mov },
	{ "store_rep_stosb", store_run, store_rep_stosb },
	{ "store_rep_movsq", store_run, store_rep_movsq },
	{ "store_arithmetic", store_run, store_arithmetic },
	{ "store_misc", store_run, store_misc },
	{ "store_xadd", store_run, store_xadd },
	{ "store_xchg", store_run, store_xchg },
	{ "store_lock_or", store_run, store_lock_or },
	{ "store_cmpxchg", store_run, store_cmpxchg },
	{ "store_cmpxchg8b", store_run, store_cmpxchg8b },
	{ "store_cmpxchg16b", store_run, store_cmpxchg16b },
	{ "store_sse", store_run, store_sse },
	{ "store_avx", store_run, store_avx },
	{ "store_fxsave", store_run, store_fxsave },
	{ "store_movnti", store_run, store_movnti },
	{ "store_nt_sse", store_run, store_nt_sse },
	{ "store_nt_avx", store_run, store_nt_avx },
	{ "store_maskmov", store_run, store_maskmov },
	{ "store_memcpy", store_run, store_memcpy },
	{ "store_flushcache", store_run, store_flushcache },
	{ "store_over_line", store_run, store_over_line },
	{ "store_over_page", store_run, store_over_page },
	{ "flush_clwb", flush_run, flush_clwb },
	{ "flush_clwb_mfence", flush_run, flush_clwb_mfence },
	{ "flush_clwb_disp8", flush_run, flush_clwb_disp8 },
	{ "flush_clwb_sib", flush_run, flush_clwb_sib },
	{ "flush_clwb_rex", flush_run, flush_clwb_rex },
	{ "flush_clflushopt", flush_run, flush_clflushopt },
	{ "flush_clflush", flush_run, flush_clflush },
	{ "flush_kernel", flush_run, flush_kernel },
	{}
};
