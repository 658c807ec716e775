// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: kfi_info
 *
 * Purpose: lists what kfi_getinfo() offers, as fi_info does for libfabric.
 * /dev/kfi_info takes the options and answers with the list; the kfi-info
 * command is the comfortable way to use it.
 *
 * Errors: the answer ends with the error of kfi_getinfo().
 */
#include <linux/module.h>
#include <linux/slab.h>

#include <kfi_errno.h>

#include "info.h"

#define INFO_TEXT_SIZE	PAGE_SIZE

static const char *const info_types[] = {
	[KFI_EP_UNSPEC] = "any",
	[KFI_EP_MSG] = "msg",
	[KFI_EP_DGRAM] = "dgram",
	[KFI_EP_RDM] = "rdm",
	NULL
};

static const char *const info_formats[] = {
	[INFO_TABLE] = "table",
	[INFO_VERBOSE] = "verbose",
	[INFO_JSON] = "json",
	NULL
};

static const struct ktl_opt info_main_opts[] = {
	{ "node", KTL_OPT_TEXT, offsetof(struct info_opts, node) },
	{ "service", KTL_OPT_TEXT, offsetof(struct info_opts, service) },
	{ "prov", KTL_OPT_TEXT, offsetof(struct info_opts, prov) },
	{ "fabric", KTL_OPT_TEXT, offsetof(struct info_opts, fabric) },
	{ "domain", KTL_OPT_TEXT, offsetof(struct info_opts, domain) },
	{ "caps", KTL_OPT_TEXT, offsetof(struct info_opts, caps) },
	{ "source", KTL_OPT_FLAG, offsetof(struct info_opts, source) },
	{ "type", KTL_OPT_CHOICE, offsetof(struct info_opts, type),
	  .choices = info_types },
	{ "format", KTL_OPT_CHOICE, offsetof(struct info_opts, format),
	  .choices = info_formats },
};

static void info_main_print_verbose(struct ktl_session *session,
				    const struct kfi_info *list)
{
	const struct kfi_info *info;
	char *text;

	text = kmalloc(INFO_TEXT_SIZE, GFP_KERNEL);
	if (!text) {
		ktl_session_puts(session, "out of memory\n");
		return;
	}
	for (info = list; info; info = info->next) {
		kfi_tostr_r(text, INFO_TEXT_SIZE, info, KFI_TYPE_INFO);
		ktl_session_puts(session, text);
		ktl_session_puts(session, info->next ? "---\n" : "");
	}
	kfree(text);
}

static void info_main_print(struct ktl_session *session, u32 format,
			    const struct kfi_info *list)
{
	switch (format) {
	case INFO_TABLE:
		info_table_print(session, list);
		break;
	case INFO_VERBOSE:
		info_main_print_verbose(session, list);
		break;
	case INFO_JSON:
		info_json_print(session, list);
		break;
	}
}

static int info_main_run(struct ktl_session *session, char *line)
{
	struct info_opts opts = {};
	struct kfi_info *hints, *list;
	int rc;

	rc = ktl_opt_parse(session, line, info_main_opts,
			   ARRAY_SIZE(info_main_opts), &opts);
	if (rc)
		return rc;
	hints = info_hints_make(session, &opts);
	if (IS_ERR(hints))
		return PTR_ERR(hints);

	rc = kfi_getinfo(KFI_VERSION(KFI_MAJOR_VERSION, KFI_MINOR_VERSION),
			 opts.node, opts.service, opts.source ? KFI_SOURCE : 0,
			 hints, &list);
	kfi_freeinfo(hints);
	if (rc) {
		ktl_session_printf(session, "kfi_getinfo: %s\n",
				   kfi_strerror(-rc));
		return rc;
	}

	info_main_print(session, opts.format, list);
	kfi_freeinfo(list);
	return 0;
}

static struct ktl_device info_main_device = {
	.name = "kfi_info",
	.owner = THIS_MODULE,
	.run = info_main_run,
};

static int __init info_main_init(void)
{
	return ktl_session_register(&info_main_device);
}
module_init(info_main_init);

static void __exit info_main_exit(void)
{
	ktl_session_deregister(&info_main_device);
}
module_exit(info_main_exit);

MODULE_DESCRIPTION("List what kfabric offers");
MODULE_LICENSE("Dual BSD/GPL");
