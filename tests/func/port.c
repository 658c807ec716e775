// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * What the port under test can do and cannot, by what it offers.
 */
#include "func.h"

/**
 * func_has_data - whether messages and writes may carry remote CQ data
 * @t: the case
 *
 * Return: true if so.
 */
bool func_has_data(const struct func *t)
{
	return t->info->domain_attr->cq_data_size;
}

/**
 * func_tells - whether a completion says anything about the peer
 * @t: the case
 *
 * Over iWARP it says that TCP has the data. What the peer refuses may complete
 * without an error, and what was written is seen there some time later.
 *
 * Return: true if so.
 */
bool func_tells(const struct func *t)
{
	return t->info->ep_attr->protocol != KFI_PROTO_IWARP;
}

/* A message for which there is no receive waits, and does not end the connection */
static bool func_waits(const struct func *t)
{
	return t->info->ep_attr->protocol != KFI_PROTO_IWARP;
}

/**
 * func_pieces - bytes of a list of pages that every list of the port can take
 * @t: the case
 * @most: no more than that
 *
 * Wherever the first one begins.
 *
 * Return: bytes.
 */
size_t func_pieces(const struct func *t, size_t most)
{
	size_t limit = min(t->info->tx_attr->iov_limit,
			   t->info->rx_attr->iov_limit);

	return min(most, (limit - 2) * PAGE_SIZE);
}

/**
 * func_unable - note that a case has nothing to test here
 * @t: the case
 * @why: what is missing
 */
void func_unable(struct func *t, const char *why)
{
	ktl_session_printf(t->session, "# not applicable: %s\n", why);
	pr_info("%s: not applicable: %s\n", t->name, why);
}

/**
 * func_able - whether the port has what a case is about
 * @t: the case
 * @needs: enum func_need, several of them or none
 *
 * Return: true, or false after a note.
 */
bool func_able(struct func *t, unsigned int needs)
{
	if (needs & FUNC_NEEDS_DATA && !func_has_data(t)) {
		func_unable(t, "the port has no remote CQ data");
		return false;
	}
	if (needs & FUNC_NEEDS_TELLING && !func_tells(t)) {
		func_unable(t, "completions do not tell what the peer refused");
		return false;
	}
	if (needs & FUNC_NEEDS_WAITING && !func_waits(t)) {
		func_unable(t, "messages do not wait for a receive");
		return false;
	}
	return true;
}
