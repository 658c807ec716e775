// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: JSON
 *
 * Purpose: every attribute of every info, for programs.
 *
 * Operation: an array with one object for each info. Flags are arrays of their
 * names, enumerators are their names, addresses are texts or null.
 */
#include <linux/slab.h>
#include <linux/socket.h>
#include <linux/string.h>

#include "info.h"

#define INFO_JSON_TEXT	512

/**
 * struct info_json - a document that is being written
 * @session: where to
 * @depth: how many brackets are open
 * @first: nothing was written since the last opening bracket
 */
struct info_json {
	struct ktl_session *session;
	int depth;
	bool first;
};

/* Everything in front of a value: comma, newline, indentation and name. */
static void info_json_name(struct info_json *json, const char *name)
{
	ktl_session_printf(json->session, "%s\n%*s", json->first ? "" : ",",
			   2 * json->depth, "");
	json->first = false;
	if (name)
		ktl_session_printf(json->session, "\"%s\": ", name);
}

static void info_json_open(struct info_json *json, const char *name,
			   const char *bracket)
{
	info_json_name(json, name);
	ktl_session_puts(json->session, bracket);
	json->depth++;
	json->first = true;
}

static void info_json_close(struct info_json *json, const char *bracket)
{
	json->depth--;
	ktl_session_printf(json->session, "\n%*s%s", 2 * json->depth, "",
			   bracket);
	json->first = false;
}

static void info_json_number(struct info_json *json, const char *name,
			     u64 value)
{
	info_json_name(json, name);
	ktl_session_printf(json->session, "%llu", value);
}

static void info_json_string(struct info_json *json, const char *text)
{
	char *quoted, *to;

	/* the longest form of a character is \u00xx */
	quoted = kmalloc_array(strlen(text) + 1, 6, GFP_KERNEL);
	if (!quoted) {
		ktl_session_puts(json->session, "null");
		return;
	}
	for (to = quoted; *text; text++) {
		if (*text == '"' || *text == '\\')
			to += sprintf(to, "\\%c", *text);
		else if (*text < ' ')
			to += sprintf(to, "\\u%04x", (u8)*text);
		else
			*to++ = *text;
	}
	*to = '\0';
	ktl_session_printf(json->session, "\"%s\"", quoted);
	kfree(quoted);
}

static void info_json_text(struct info_json *json, const char *name,
			   const char *text)
{
	info_json_name(json, name);
	if (text)
		info_json_string(json, text);
	else
		ktl_session_puts(json->session, "null");
}

static void info_json_version(struct info_json *json, const char *name,
			      u32 version)
{
	char text[16];

	scnprintf(text, sizeof(text), "%u.%u", KFI_MAJOR(version),
		  KFI_MINOR(version));
	info_json_text(json, name, text);
}

static void info_json_enum(struct info_json *json, const char *name,
			   const void *value, enum kfi_type type)
{
	char text[64];

	kfi_tostr_r(text, sizeof(text), value, type);
	info_json_text(json, name, text);
}

/* kfi_tostr_r() joins names, JSON wants an array of them. */
static void info_json_flags(struct info_json *json, const char *name,
			    const void *value, enum kfi_type type)
{
	char *text, *rest, *word;

	text = kmalloc(INFO_JSON_TEXT, GFP_KERNEL);
	if (!text) {
		info_json_text(json, name, NULL);
		return;
	}
	kfi_tostr_r(text, INFO_JSON_TEXT, value, type);

	info_json_name(json, name);
	ktl_session_puts(json->session, "[");
	json->first = true;
	for (rest = text; (word = strsep(&rest, "|")); ) {
		if (!*word)
			continue;
		ktl_session_puts(json->session, json->first ? "" : ", ");
		info_json_string(json, word);
		json->first = false;
	}
	ktl_session_puts(json->session, "]");
	json->first = false;
	kfree(text);
}

static void info_json_address(struct info_json *json, const char *name,
			      u32 format, const void *addr)
{
	char text[64];

	if (!addr || (format != KFI_SOCKADDR && format != KFI_SOCKADDR_IN &&
		      format != KFI_SOCKADDR_IN6)) {
		info_json_text(json, name, NULL);
		return;
	}
	scnprintf(text, sizeof(text), "%pISpc", addr);
	info_json_text(json, name, text);
}

static void info_json_tx(struct info_json *json, const struct kfi_tx_attr *tx)
{
	info_json_open(json, "tx_attr", "{");
	info_json_flags(json, "caps", &tx->caps, KFI_TYPE_CAPS);
	info_json_flags(json, "mode", &tx->mode, KFI_TYPE_MODE);
	info_json_flags(json, "op_flags", &tx->op_flags, KFI_TYPE_OP_FLAGS);
	info_json_flags(json, "msg_order", &tx->msg_order, KFI_TYPE_MSG_ORDER);
	info_json_flags(json, "comp_order", &tx->comp_order,
			KFI_TYPE_MSG_ORDER);
	info_json_number(json, "inject_size", tx->inject_size);
	info_json_number(json, "size", tx->size);
	info_json_number(json, "iov_limit", tx->iov_limit);
	info_json_number(json, "rma_iov_limit", tx->rma_iov_limit);
	info_json_number(json, "tclass", tx->tclass);
	info_json_close(json, "}");
}

static void info_json_rx(struct info_json *json, const struct kfi_rx_attr *rx)
{
	info_json_open(json, "rx_attr", "{");
	info_json_flags(json, "caps", &rx->caps, KFI_TYPE_CAPS);
	info_json_flags(json, "mode", &rx->mode, KFI_TYPE_MODE);
	info_json_flags(json, "op_flags", &rx->op_flags, KFI_TYPE_OP_FLAGS);
	info_json_flags(json, "msg_order", &rx->msg_order, KFI_TYPE_MSG_ORDER);
	info_json_flags(json, "comp_order", &rx->comp_order,
			KFI_TYPE_MSG_ORDER);
	info_json_number(json, "total_buffered_recv", rx->total_buffered_recv);
	info_json_number(json, "size", rx->size);
	info_json_number(json, "iov_limit", rx->iov_limit);
	info_json_close(json, "}");
}

static void info_json_ep(struct info_json *json, const struct kfi_ep_attr *ep)
{
	info_json_open(json, "ep_attr", "{");
	info_json_enum(json, "type", &ep->type, KFI_TYPE_EP_TYPE);
	info_json_enum(json, "protocol", &ep->protocol, KFI_TYPE_PROTOCOL);
	info_json_number(json, "protocol_version", ep->protocol_version);
	info_json_number(json, "max_msg_size", ep->max_msg_size);
	info_json_number(json, "msg_prefix_size", ep->msg_prefix_size);
	info_json_number(json, "max_order_raw_size", ep->max_order_raw_size);
	info_json_number(json, "max_order_war_size", ep->max_order_war_size);
	info_json_number(json, "max_order_waw_size", ep->max_order_waw_size);
	info_json_number(json, "mem_tag_format", ep->mem_tag_format);
	info_json_number(json, "tx_ctx_cnt", ep->tx_ctx_cnt);
	info_json_number(json, "rx_ctx_cnt", ep->rx_ctx_cnt);
	info_json_close(json, "}");
}

static void info_json_domain(struct info_json *json,
			     const struct kfi_domain_attr *domain)
{
	info_json_open(json, "domain_attr", "{");
	info_json_text(json, "name", domain->name);
	info_json_enum(json, "threading", &domain->threading,
		       KFI_TYPE_THREADING);
	info_json_enum(json, "control_progress", &domain->control_progress,
		       KFI_TYPE_PROGRESS);
	info_json_enum(json, "data_progress", &domain->data_progress,
		       KFI_TYPE_PROGRESS);
	info_json_enum(json, "av_type", &domain->av_type, KFI_TYPE_AV_TYPE);
	info_json_flags(json, "mr_mode", &domain->mr_mode, KFI_TYPE_MR_MODE);
	info_json_flags(json, "caps", &domain->caps, KFI_TYPE_CAPS);
	info_json_number(json, "mr_key_size", domain->mr_key_size);
	info_json_number(json, "cq_data_size", domain->cq_data_size);
	info_json_number(json, "cq_cnt", domain->cq_cnt);
	info_json_number(json, "ep_cnt", domain->ep_cnt);
	info_json_number(json, "mr_cnt", domain->mr_cnt);
	info_json_number(json, "mr_iov_limit", domain->mr_iov_limit);
	info_json_number(json, "max_err_data", domain->max_err_data);
	info_json_close(json, "}");
}

static void info_json_fabric(struct info_json *json,
			     const struct kfi_fabric_attr *fabric)
{
	info_json_open(json, "fabric_attr", "{");
	info_json_text(json, "name", fabric->name);
	info_json_text(json, "prov_name", fabric->prov_name);
	info_json_version(json, "prov_version", fabric->prov_version);
	info_json_version(json, "api_version", fabric->api_version);
	info_json_close(json, "}");
}

static void info_json_entry(struct info_json *json,
			    const struct kfi_info *info)
{
	info_json_open(json, NULL, "{");
	info_json_flags(json, "caps", &info->caps, KFI_TYPE_CAPS);
	info_json_flags(json, "mode", &info->mode, KFI_TYPE_MODE);
	info_json_enum(json, "addr_format", &info->addr_format,
		       KFI_TYPE_ADDR_FORMAT);
	info_json_address(json, "src_addr", info->addr_format, info->src_addr);
	info_json_address(json, "dest_addr", info->addr_format,
			  info->dest_addr);
	info_json_tx(json, info->tx_attr);
	info_json_rx(json, info->rx_attr);
	info_json_ep(json, info->ep_attr);
	info_json_domain(json, info->domain_attr);
	info_json_fabric(json, info->fabric_attr);
	info_json_close(json, "}");
}

/**
 * info_json_print - print a list of infos as JSON
 * @session: where to
 * @list: first entry
 *
 * Context: a thread of the command; may sleep.
 */
void info_json_print(struct ktl_session *session, const struct kfi_info *list)
{
	struct info_json json = { .session = session };

	ktl_session_puts(session, "[");
	json.depth = 1;
	json.first = true;
	for (; list; list = list->next)
		info_json_entry(&json, list);
	ktl_session_puts(session, "\n]\n");
}
