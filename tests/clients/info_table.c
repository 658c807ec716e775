// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Table
 *
 * Purpose: one line for each info, with what tells them apart.
 */
#include <linux/in6.h>
#include <linux/socket.h>
#include <linux/string.h>

#include "info.h"

#define INFO_TABLE_ROW	"%-9s %-8s %-20s %-9s %-10s %-26s %s\n"

static void info_table_address(char *text, size_t size,
			       const struct kfi_info *info)
{
	switch (info->addr_format) {
	case KFI_SOCKADDR:
	case KFI_SOCKADDR_IN:
	case KFI_SOCKADDR_IN6:
		if (info->src_addr) {
			scnprintf(text, size, "%pISpc", info->src_addr);
			return;
		}
		break;
	}
	strscpy(text, "-", size);
}

static void info_table_row(struct ktl_session *session,
			   const struct kfi_info *info)
{
	const struct kfi_fabric_attr *fabric = info->fabric_attr;
	char address[64], type[32], version[16], size[24];

	info_table_address(address, sizeof(address), info);
	kfi_tostr_r(type, sizeof(type), &info->ep_attr->type, KFI_TYPE_EP_TYPE);
	scnprintf(version, sizeof(version), "%u.%u",
		  KFI_MAJOR(fabric->prov_version),
		  KFI_MINOR(fabric->prov_version));
	scnprintf(size, sizeof(size), "%zu", info->ep_attr->max_msg_size);
	ktl_session_printf(session, INFO_TABLE_ROW, fabric->prov_name, version,
			   fabric->name, info->domain_attr->name, type, address,
			   size);
}

/**
 * info_table_print - print a list of infos as a table
 * @session: where to
 * @list: first entry
 *
 * Context: a thread of the command; may sleep.
 */
void info_table_print(struct ktl_session *session, const struct kfi_info *list)
{
	ktl_session_printf(session, INFO_TABLE_ROW, "PROVIDER", "VERSION",
			   "FABRIC", "DOMAIN", "TYPE", "ADDRESS", "MAX-MSG");
	for (; list; list = list->next)
		info_table_row(session, list);
}
