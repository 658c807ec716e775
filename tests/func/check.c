// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Expectations: what was not met is said in the answer and in the kernel log,
 * with file, line and values.
 */
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "func.h"

/**
 * func_note - say something about a case
 * @t: the case
 * @text: one line without newline
 */
void func_note(struct func *t, const char *text)
{
	ktl_session_printf(t->session, "# %s\n", text);
	pr_info("%s: %s\n", t->name, text);
}

/**
 * func_fail - note that an expectation was not met
 * @t: the case
 * @file: where
 * @line: where
 * @fmt: what
 *
 * Return: false.
 */
bool func_fail(struct func *t, const char *file, int line, const char *fmt, ...)
{
	va_list args;
	char *text, *note;

	t->failures++;

	va_start(args, fmt);
	text = kvasprintf(GFP_KERNEL, fmt, args);
	va_end(args);
	note = kasprintf(GFP_KERNEL, "%s:%d: %s", kbasename(file), line,
			 text ?: "?");
	func_note(t, note ?: "out of memory");
	kfree(note);
	kfree(text);
	return false;
}

/**
 * func_check_eq - expect a number
 * @t: the case
 * @file: where
 * @line: where
 * @what: what gave @got
 * @got: what there is
 * @wanted: what there should be
 *
 * Return: true if they are equal.
 */
bool func_check_eq(struct func *t, const char *file, int line, const char *what,
		   s64 got, s64 wanted)
{
	if (got == wanted)
		return true;
	return func_fail(t, file, line, "%s is %lld (%#llx), not %lld (%#llx)",
			 what, got, got, wanted, wanted);
}
