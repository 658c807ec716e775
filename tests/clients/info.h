/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * kfi_info.ko: what kfi_getinfo() offers, for people and for programs.
 */
#ifndef _KFI_INFO_H_
#define _KFI_INFO_H_

#include <linux/types.h>

#include <kfabric.h>

#include "ktl.h"

enum info_format {
	INFO_TABLE,
	INFO_VERBOSE,
	INFO_JSON,
};

/**
 * struct info_opts - options of the command
 * @node: name or address
 * @service: port
 * @prov: only this provider
 * @fabric: only this fabric
 * @domain: only this domain
 * @caps: capabilities needed, "msg+rma"
 * @source: @node and @service are of this side
 * @type: one of enum kfi_ep_type
 * @format: one of enum info_format
 */
struct info_opts {
	const char *node;
	const char *service;
	const char *prov;
	const char *fabric;
	const char *domain;
	const char *caps;
	bool source;
	u32 type;
	u32 format;
};

struct kfi_info *info_hints_make(struct ktl_session *session,
				 const struct info_opts *opts);
void info_table_print(struct ktl_session *session, const struct kfi_info *list);
void info_json_print(struct ktl_session *session, const struct kfi_info *list);

#endif /* _KFI_INFO_H_ */
