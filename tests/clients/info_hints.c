// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Hints
 *
 * Purpose: turns the options of kfi_info into hints for kfi_getinfo().
 */
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "info.h"

static const struct {
	const char *name;
	u64 cap;
} info_hints_caps[] = {
	{ "msg", KFI_MSG },
	{ "rma", KFI_RMA },
	{ "tagged", KFI_TAGGED },
	{ "atomic", KFI_ATOMIC },
	{ "send", KFI_SEND },
	{ "recv", KFI_RECV },
	{ "read", KFI_READ },
	{ "write", KFI_WRITE },
	{ "remote_read", KFI_REMOTE_READ },
	{ "remote_write", KFI_REMOTE_WRITE },
	{ "multi_recv", KFI_MULTI_RECV },
	{ "rma_pmem", KFI_RMA_PMEM },
	{ "local_comm", KFI_LOCAL_COMM },
	{ "remote_comm", KFI_REMOTE_COMM },
};

static u64 info_hints_cap(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(info_hints_caps); i++) {
		if (!strcmp(info_hints_caps[i].name, name))
			return info_hints_caps[i].cap;
	}
	return 0;
}

/* Adds up "msg+rma+write". */
static int info_hints_parse_caps(struct ktl_session *session, const char *text,
				 u64 *caps)
{
	char *copy, *rest, *name;
	int rc = 0;

	copy = kstrdup(text, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	for (rest = copy; !rc && (name = strsep(&rest, "+")); ) {
		u64 cap = info_hints_cap(name);

		*caps |= cap;
		rc = cap ? 0 : -EINVAL;
		if (rc)
			ktl_session_printf(session,
					   "unknown capability \"%s\"\n", name);
	}
	kfree(copy);
	return rc;
}

/* Hints own their names: kfi_freeinfo() frees them. */
static int info_hints_set_name(char **name, const char *value)
{
	if (!value)
		return 0;
	*name = kstrdup(value, GFP_KERNEL);
	return *name ? 0 : -ENOMEM;
}

/**
 * info_hints_make - hints that say what the options say
 * @session: where to complain
 * @opts: the options
 *
 * Context: process, may sleep.
 * Return: hints, freed by kfi_freeinfo(), or an error pointer.
 */
struct kfi_info *info_hints_make(struct ktl_session *session,
				 const struct info_opts *opts)
{
	struct kfi_info *hints;
	int rc;

	hints = kfi_allocinfo();
	if (!hints)
		return ERR_PTR(-ENOMEM);

	hints->ep_attr->type = opts->type;
	rc = info_hints_set_name(&hints->fabric_attr->prov_name, opts->prov) ?:
	     info_hints_set_name(&hints->fabric_attr->name, opts->fabric) ?:
	     info_hints_set_name(&hints->domain_attr->name, opts->domain);
	if (!rc && opts->caps)
		rc = info_hints_parse_caps(session, opts->caps, &hints->caps);
	if (rc) {
		kfi_freeinfo(hints);
		return ERR_PTR(rc);
	}
	return hints;
}
