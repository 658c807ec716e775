// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Matching hints
 *
 * Purpose. Decide whether an offer of a provider is what a client wishes for,
 * say why not, and make the answer out of the offer.
 *
 * Operation. An offer is a complete info with the largest values, and all
 * capabilities and flags, that the provider supports. Hints may lack any of
 * their parts; zero means no wish. The attributes are compared one after the
 * other by the rules in attr.c. Beyond those:
 *
 * - Capabilities: messages without a direction are sent and received, RMA and
 *   atomics without a direction go all four ways. The wishes of the transmit
 *   and the receive side must be among those of the endpoint, if it has any.
 * - Modes are what the offer asks of the client. Hints without any mode mean
 *   that the client copes with none; no hints mean that it will look.
 * - %KFI_SHARED_CONTEXT as a number of contexts asks for shared contexts.
 * - Nothing is compared that the offer cannot know: traffic classes, and
 *   addresses, which are up to the provider.
 *
 * Errors. A mismatch is no error; its reason goes to the debug log and to the
 * trace, and the attribute's name to the caller.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitops.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "attr.h"
#include "core.h"
#include "trace.h"

#define KFI_MATCH_MSG		(KFI_MSG | KFI_TAGGED)
#define KFI_MATCH_MSG_DIRS	(KFI_SEND | KFI_RECV)
#define KFI_MATCH_RMA		(KFI_RMA | KFI_ATOMIC)
#define KFI_MATCH_RMA_DIRS \
	(KFI_READ | KFI_WRITE | KFI_REMOTE_READ | KFI_REMOTE_WRITE)
#define KFI_MATCH_TX_DIRS	(KFI_SEND | KFI_READ | KFI_WRITE)
#define KFI_MATCH_RX_DIRS \
	(KFI_RECV | KFI_REMOTE_READ | KFI_REMOTE_WRITE)

/* Facts about the network that an answer tells without being asked */
#define KFI_MATCH_FREE_CAPS	(KFI_LOCAL_COMM | KFI_REMOTE_COMM)

/* What the rules need to know of one another */
struct kfi_match {
	const struct kfi_info *hints;
	const struct kfi_info *offer;
	const char **failed;
};

/* The larger, the more the client must serialize */
static unsigned int kfi_match_thread_level(u64 threading)
{
	static const u8 level[] = {
		[KFI_THREAD_SAFE] = 1,
		[KFI_THREAD_FID] = 2,
		[KFI_THREAD_ENDPOINT] = 3,
		[KFI_THREAD_COMPLETION] = 4,
		[KFI_THREAD_DOMAIN] = 5,
	};

	return threading < ARRAY_SIZE(level) ? level[threading] : 0;
}

static bool kfi_match_threading(u64 wish, u64 have)
{
	unsigned int level = kfi_match_thread_level(have);

	return level && level <= kfi_match_thread_level(wish);
}

static bool kfi_match_string(u64 wish, u64 have)
{
	const char *name = (const char *)(uintptr_t)wish;
	const char *offered = (const char *)(uintptr_t)have;

	return offered && !strcmp(name, offered);
}

static bool kfi_match_addr_format(u64 wish, u64 have)
{
	return wish == have ||
	       (wish == KFI_SOCKADDR && (have == KFI_SOCKADDR_IN ||
					 have == KFI_SOCKADDR_IN6 ||
					 have == KFI_SOCKADDR_IB));
}

static bool kfi_match_rule(enum kfi_attr_rule rule, u64 wish, u64 have)
{
	if (!wish && rule != KFI_RULE_MODE)
		return true;

	switch (rule) {
	case KFI_RULE_AT_MOST:
		return wish <= have;
	case KFI_RULE_AT_LEAST:
		return wish >= have;
	case KFI_RULE_EQUAL:
		return wish == have;
	case KFI_RULE_STRING:
		return kfi_match_string(wish, have);
	case KFI_RULE_SUBSET:
		return !(wish & ~have);
	case KFI_RULE_SUPPORT:
	case KFI_RULE_MODE:
		return !(have & ~wish);
	case KFI_RULE_ADDR_FORMAT:
		return kfi_match_addr_format(wish, have);
	case KFI_RULE_THREADING:
		return kfi_match_threading(wish, have);
	case KFI_RULE_PROGRESS:
		return wish == have || (wish == KFI_PROGRESS_MANUAL &&
					have == KFI_PROGRESS_AUTO);
	case KFI_RULE_RESOURCE:
		return wish == have || (wish == KFI_RM_DISABLED &&
					have == KFI_RM_ENABLED);
	case KFI_RULE_AV_TYPE:
		return wish == have || (have == KFI_AV_UNSPEC &&
					wish <= KFI_AV_TABLE);
	case KFI_RULE_TAG:
		return fls64(wish) <= fls64(have);
	case KFI_RULE_PROV_VERSION:
		return KFI_MAJOR(wish) <= KFI_MAJOR(have);
	default:
		return true;
	}
}

static const char *kfi_match_verb(enum kfi_attr_rule rule)
{
	switch (rule) {
	case KFI_RULE_AT_MOST:
	case KFI_RULE_TAG:
	case KFI_RULE_PROV_VERSION:
		return ">";
	case KFI_RULE_AT_LEAST:
		return "<";
	case KFI_RULE_SUBSET:
		return "not in";
	case KFI_RULE_SUPPORT:
	case KFI_RULE_MODE:
		return "lacks";
	default:
		return "!=";
	}
}

static const char *kfi_match_name(const char *name)
{
	return name ?: "?";
}

/* Always false, for the callers to return */
static bool kfi_match_fail(const struct kfi_match *match, const char *path,
			   const char *reason)
{
	const struct kfi_fabric_attr *fabric = match->offer->fabric_attr;
	const struct kfi_domain_attr *domain = match->offer->domain_attr;
	const char *prov = kfi_match_name(fabric ? fabric->prov_name : NULL);
	const char *name = kfi_match_name(domain ? domain->name : NULL);

	pr_debug("%s/%s: hints->%s\n", prov, name, reason);
	trace_kfi_info_mismatch(prov, name, reason);
	if (match->failed)
		*match->failed = path;
	return false;
}

static bool kfi_match_fail_attr(const struct kfi_match *match,
				const struct kfi_attr *attr, u64 wish, u64 have)
{
	char reason[2 * KFI_TRACE_REASON_LEN];
	size_t len;

	/* of flags, the ones in dispute are enough */
	if (attr->rule == KFI_RULE_SUBSET)
		wish &= ~have;
	else if (attr->rule == KFI_RULE_SUPPORT || attr->rule == KFI_RULE_MODE)
		have &= ~wish;

	len = scnprintf(reason, sizeof(reason), "%s ", attr->path);
	len += kfi_tostr_attr(reason + len, sizeof(reason) - len, wish,
			      attr->text);
	len += scnprintf(reason + len, sizeof(reason) - len, " %s ",
			 kfi_match_verb(attr->rule));
	kfi_tostr_attr(reason + len, sizeof(reason) - len, have, attr->text);

	return kfi_match_fail(match, attr->path, reason);
}

static u64 kfi_match_expand(u64 caps, u64 dirs)
{
	if ((caps & KFI_MATCH_MSG) && !(caps & KFI_MATCH_MSG_DIRS))
		caps |= KFI_MATCH_MSG_DIRS & dirs;
	if ((caps & KFI_MATCH_RMA) && !(caps & KFI_MATCH_RMA_DIRS))
		caps |= KFI_MATCH_RMA_DIRS & dirs;
	return caps;
}

static u64 kfi_match_caps(enum kfi_attr_part part, u64 caps)
{
	switch (part) {
	case KFI_PART_INFO:
		return kfi_match_expand(caps, KFI_MATCH_TX_DIRS |
					      KFI_MATCH_RX_DIRS);
	case KFI_PART_TX:
		return kfi_match_expand(caps, KFI_MATCH_TX_DIRS);
	case KFI_PART_RX:
		return kfi_match_expand(caps, KFI_MATCH_RX_DIRS);
	default:
		return caps;
	}
}

/* A number of contexts that means "shared" is no wish if they can be shared */
static bool kfi_match_shared(const struct kfi_match *match,
			     enum kfi_attr_part part,
			     const struct kfi_attr *attr, u64 wish)
{
	const struct kfi_domain_attr *domain = match->offer->domain_attr;

	if (part != KFI_PART_EP || wish != (size_t)KFI_SHARED_CONTEXT || !domain)
		return false;
	if (attr->offset == offsetof(struct kfi_ep_attr, tx_ctx_cnt))
		return domain->max_ep_stx_ctx;
	if (attr->offset == offsetof(struct kfi_ep_attr, rx_ctx_cnt))
		return domain->max_ep_srx_ctx;
	return false;
}

static bool kfi_match_part(const struct kfi_match *match,
			   enum kfi_attr_part part)
{
	const struct kfi_attr_table *table = &kfi_attr_tables[part];
	const void *hints = kfi_attr_part(match->hints, part);
	const void *offer = kfi_attr_part(match->offer, part);
	const struct kfi_attr *attr;

	if (!hints)
		return true;
	if (!offer)
		return kfi_match_fail(match, table->name, table->name);

	for (attr = table->attrs; attr < table->attrs + table->count; attr++) {
		u64 wish = kfi_attr_get(hints, attr);
		u64 have = kfi_attr_get(offer, attr);

		if (attr->text == KFI_TYPE_CAPS)
			wish = kfi_match_caps(part, wish);
		if (!kfi_match_rule(attr->rule, wish, have) &&
		    !kfi_match_shared(match, part, attr, wish))
			return kfi_match_fail_attr(match, attr, wish, have);
	}
	return true;
}

/* What one side is to do must be among what the endpoint is to do */
static bool kfi_match_sides(const struct kfi_match *match)
{
	const struct kfi_info *hints = match->hints;
	u64 caps = kfi_match_caps(KFI_PART_INFO, hints->caps);

	if (!caps)
		return true;
	if (hints->tx_attr &&
	    kfi_match_caps(KFI_PART_TX, hints->tx_attr->caps) & ~caps)
		return kfi_match_fail(match, "tx_attr->caps",
				      "tx_attr->caps not in hints->caps");
	if (hints->rx_attr &&
	    kfi_match_caps(KFI_PART_RX, hints->rx_attr->caps) & ~caps)
		return kfi_match_fail(match, "rx_attr->caps",
				      "rx_attr->caps not in hints->caps");
	return true;
}

/**
 * kfi_info_match() - Does an offer satisfy hints?
 * @hints: What the client wishes for, or NULL; any part may be missing.
 * @offer: What the provider has, complete.
 * @failed: Where to put the name of the first attribute that does not match,
 *	such as "tx_attr->iov_limit", a constant string; may be NULL.
 *
 * Addresses are not compared: which of them are within reach is the provider's
 * to know.
 *
 * Context: Any.
 * Return: True if it does.
 */
bool kfi_info_match(const struct kfi_info *hints, const struct kfi_info *offer,
		    const char **failed)
{
	const struct kfi_match match = {
		.hints = hints,
		.offer = offer,
		.failed = failed,
	};
	enum kfi_attr_part part;

	if (!hints)
		return true;

	for (part = 0; part < KFI_PARTS; part++)
		if (!kfi_match_part(&match, part))
			return false;
	return kfi_match_sides(&match);
}
EXPORT_SYMBOL(kfi_info_match);

static void kfi_match_take(struct kfi_info *info, const struct kfi_info *hints,
			   enum kfi_attr_part part)
{
	const struct kfi_attr_table *table = &kfi_attr_tables[part];
	const void *from = hints ? kfi_attr_part(hints, part) : NULL;
	void *to = kfi_attr_part(info, part);
	const struct kfi_attr *attr;

	if (!to)
		return;

	for (attr = table->attrs; attr < table->attrs + table->count; attr++) {
		u64 wish = from ? kfi_attr_get(from, attr) : 0;

		if (attr->take == KFI_TAKE_ALWAYS ||
		    (attr->take == KFI_TAKE_WISH && wish))
			kfi_attr_set(to, attr, wish);
	}
}

/* A kind of operation without a direction would mean all of its directions */
static u64 kfi_match_side_caps(enum kfi_attr_part part, u64 wish, u64 offered,
			       u64 caps)
{
	if (wish)
		return kfi_match_caps(part, wish);

	offered &= caps;
	if (!(offered & KFI_MATCH_MSG_DIRS))
		offered &= ~KFI_MATCH_MSG;
	if (!(offered & KFI_MATCH_RMA_DIRS))
		offered &= ~KFI_MATCH_RMA;
	return offered;
}

static void kfi_match_narrow_caps(struct kfi_info *info,
				  const struct kfi_info *hints)
{
	u64 tx = hints && hints->tx_attr ? hints->tx_attr->caps : 0;
	u64 rx = hints && hints->rx_attr ? hints->rx_attr->caps : 0;

	if (hints && hints->caps)
		info->caps &= kfi_match_caps(KFI_PART_INFO, hints->caps) |
			      KFI_MATCH_FREE_CAPS;
	if (info->tx_attr)
		info->tx_attr->caps =
			kfi_match_side_caps(KFI_PART_TX, tx,
					    info->tx_attr->caps, info->caps);
	if (info->rx_attr)
		info->rx_attr->caps =
			kfi_match_side_caps(KFI_PART_RX, rx,
					    info->rx_attr->caps, info->caps);
}

/**
 * kfi_info_narrow() - Make an answer of an offer
 * @info: A copy of an offer that satisfies @hints; becomes the answer.
 * @hints: What the client wishes for, or NULL.
 *
 * Sizes, limits, orders and policies that the client wishes for replace those
 * of the offer. Capabilities are cut down to those wished for. Default
 * operation flags are those wished for and nothing else. Counts of a domain,
 * modes and names stay as offered. Where the client has no wish, the answer
 * keeps the largest value; a provider whose default is smaller sets it
 * afterwards. Authorization keys and addresses are the provider's to fill in.
 *
 * Context: Any.
 */
void kfi_info_narrow(struct kfi_info *info, const struct kfi_info *hints)
{
	enum kfi_attr_part part;

	for (part = 0; part < KFI_PARTS; part++)
		kfi_match_take(info, hints, part);
	kfi_match_narrow_caps(info, hints);
}
EXPORT_SYMBOL(kfi_info_narrow);
