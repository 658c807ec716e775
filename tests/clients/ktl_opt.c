// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Options
 *
 * Purpose: turns the words of a command, "name=value" or "name", into the
 * members of a structure, as a table tells.
 *
 * Operation: strict. An unknown name, a missing or surplus value, a number out
 * of range or followed by something ends the parsing with a sentence in the
 * session that says what was expected.
 *
 * Errors: -EINVAL, after the sentence.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "ktl.h"

#define KTL_OPT_WORDS	128	/* room for a list of choices */

/**
 * ktl_opt_size - read a number that k, M or G may follow
 * @text: the number
 * @value: where to put it
 *
 * Context: any.
 * Return: 0, or -EINVAL.
 */
int ktl_opt_size(const char *text, u64 *value)
{
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	*value = memparse(text, &end);
	return *end ? -EINVAL : 0;
}
EXPORT_SYMBOL_GPL(ktl_opt_size);

/**
 * ktl_opt_words - write choices as "one, two, three"
 * @to: where to
 * @size: room at @to
 * @choices: words, the last one NULL
 *
 * Context: any.
 */
void ktl_opt_words(char *to, size_t size, const char *const *choices)
{
	size_t len = 0;

	*to = '\0';
	for (; *choices; choices++)
		len += scnprintf(to + len, size - len, "%s%s", len ? ", " : "",
				 *choices);
}
EXPORT_SYMBOL_GPL(ktl_opt_words);

static int ktl_opt_number(struct ktl_session *session,
			  const struct ktl_opt *opt, const char *value,
			  u64 *number)
{
	if (!ktl_opt_size(value, number) && *number >= opt->min &&
	    *number <= opt->max)
		return 0;

	ktl_session_printf(session, "%s: \"%s\" is not a number from %llu to %llu\n",
			   opt->name, value, opt->min, opt->max);
	return -EINVAL;
}

static int ktl_opt_choice(struct ktl_session *session,
			  const struct ktl_opt *opt, const char *value,
			  u32 *choice)
{
	char words[KTL_OPT_WORDS];
	u32 i;

	for (i = 0; opt->choices[i]; i++) {
		if (!strcmp(opt->choices[i], value)) {
			*choice = i;
			return 0;
		}
	}

	ktl_opt_words(words, sizeof(words), opt->choices);
	ktl_session_printf(session, "%s: \"%s\" is none of %s\n", opt->name,
			   value, words);
	return -EINVAL;
}

static int ktl_opt_set(struct ktl_session *session, const struct ktl_opt *opt,
		       const char *value, void *member)
{
	bool takes_value = opt->type != KTL_OPT_FLAG;
	u64 number;
	int rc;

	if (takes_value != !!value) {
		ktl_session_printf(session, "%s %s a value\n", opt->name,
				   value ? "does not take" : "needs");
		return -EINVAL;
	}

	switch (opt->type) {
	case KTL_OPT_FLAG:
		*(bool *)member = true;
		return 0;
	case KTL_OPT_U32:
		rc = ktl_opt_number(session, opt, value, &number);
		if (!rc)
			*(u32 *)member = number;
		return rc;
	case KTL_OPT_SIZE:
		return ktl_opt_number(session, opt, value, member);
	case KTL_OPT_CHOICE:
		return ktl_opt_choice(session, opt, value, member);
	case KTL_OPT_TEXT:
		*(const char **)member = value;
		return 0;
	}
	return -EINVAL;
}

static const struct ktl_opt *ktl_opt_find(const struct ktl_opt *opts,
					  size_t count, const char *name)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (!strcmp(opts[i].name, name))
			return &opts[i];
	}
	return NULL;
}

/**
 * ktl_opt_parse - read the words of a command
 * @session: where to complain
 * @line: the words; cut into pieces, which texts in @into point to
 * @opts: what the command knows
 * @count: how many
 * @into: the command's structure, preset with defaults
 *
 * Context: a thread of the command; may sleep.
 * Return: 0, or -EINVAL after a complaint.
 */
int ktl_opt_parse(struct ktl_session *session, char *line,
		  const struct ktl_opt *opts, size_t count, void *into)
{
	const struct ktl_opt *opt;
	char *word, *value;
	int rc;

	while ((word = strsep(&line, " \t\n"))) {
		if (!*word)
			continue;
		value = word;
		word = strsep(&value, "=");
		opt = ktl_opt_find(opts, count, word);
		if (!opt) {
			ktl_session_printf(session, "unknown option \"%s\"\n",
					   word);
			return -EINVAL;
		}
		rc = ktl_opt_set(session, opt, value, into + opt->offset);
		if (rc)
			return rc;
	}
	return 0;
}
EXPORT_SYMBOL_GPL(ktl_opt_parse);
