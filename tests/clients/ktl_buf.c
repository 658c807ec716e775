// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Buffers
 *
 * Purpose: memory of every kind that data calls take, with contents that give
 * away a byte that is missing, late or in the wrong place.
 *
 * Operation: a buffer is allocated in pieces. ktl_buf_use() then chooses the
 * bytes that take part, from any offset, as often as one likes. The pieces are
 * whole pages, so a list has gaps at its ends only and one memory region can
 * be made of it.
 *
 * A pattern is a function of a seed and of the position of the byte. Different
 * seeds, say for each iteration and direction, make buffers that differ nearly
 * everywhere.
 *
 * Ownership: one user at a time.
 */
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "ktl.h"

const char *const ktl_buf_kinds[KTL_BUF_KINDS + 1] = {
	[KTL_BUF_KMALLOC] = "kmalloc",
	[KTL_BUF_VMALLOC] = "vmalloc",
	[KTL_BUF_BVEC] = "bvec",
	[KTL_BUF_SGL] = "sgl",
};
EXPORT_SYMBOL_GPL(ktl_buf_kinds);

static void *ktl_buf_alloc_piece(const struct ktl_buf *buf)
{
	struct page *page;

	if (buf->kind == KTL_BUF_KMALLOC)
		return kmalloc(buf->piece, GFP_KERNEL);

	page = alloc_pages(GFP_KERNEL | __GFP_COMP, get_order(buf->piece));
	return page ? page_address(page) : NULL;
}

static void ktl_buf_free_piece(const struct ktl_buf *buf, void *mem)
{
	if (buf->kind == KTL_BUF_KMALLOC)
		kfree(mem);
	else
		free_pages((unsigned long)mem, get_order(buf->piece));
}

static int ktl_buf_alloc_pieces(struct ktl_buf *buf)
{
	unsigned int i;

	if (buf->kind == KTL_BUF_VMALLOC) {
		buf->mem[0] = vmalloc(buf->room);
		if (!buf->mem[0])
			return -ENOMEM;
		for (i = 1; i < buf->pieces; i++)
			buf->mem[i] = buf->mem[0] + i * buf->piece;
		return 0;
	}

	for (i = 0; i < buf->pieces; i++) {
		buf->mem[i] = ktl_buf_alloc_piece(buf);
		if (!buf->mem[i])
			return -ENOMEM;
	}
	return 0;
}

/**
 * ktl_buf_alloc - allocate a buffer
 * @kind: of memory
 * @room: the most bytes that will be used, offset included
 * @piece: bytes of a piece, a power of two and at least a page
 *
 * Context: process, may sleep.
 * Return: the buffer, all of it in use, or NULL: out of memory or of pieces.
 */
struct ktl_buf *ktl_buf_alloc(enum ktl_buf_kind kind, size_t room,
			      size_t piece)
{
	struct ktl_buf *buf;

	room = ALIGN(max_t(size_t, room, 1), piece);
	if (room / piece > KTL_BUF_MAX_PIECES)
		return NULL;
	buf = kzalloc(sizeof(*buf), GFP_KERNEL);
	if (!buf)
		return NULL;

	buf->kind = kind;
	buf->piece = piece;
	buf->room = room;
	buf->pieces = room / piece;
	if (ktl_buf_alloc_pieces(buf)) {
		ktl_buf_free(buf);
		return NULL;
	}
	ktl_buf_use(buf, 0, room);
	return buf;
}
EXPORT_SYMBOL_GPL(ktl_buf_alloc);

/**
 * ktl_buf_free - free a buffer
 * @buf: the buffer, or NULL
 *
 * Context: process, may sleep.
 */
void ktl_buf_free(struct ktl_buf *buf)
{
	unsigned int i;

	if (!buf)
		return;
	if (buf->kind == KTL_BUF_VMALLOC)
		vfree(buf->mem[0]);
	for (i = 0; i < buf->pieces && buf->kind != KTL_BUF_VMALLOC; i++) {
		if (buf->mem[i])
			ktl_buf_free_piece(buf, buf->mem[i]);
	}
	kfree(buf);
}
EXPORT_SYMBOL_GPL(ktl_buf_free);

static void ktl_buf_make_lists(struct ktl_buf *buf)
{
	unsigned int i;

	if (buf->kind == KTL_BUF_SGL)
		sg_init_table(buf->sgl, max(buf->count, 1U));

	for (i = 0; i < buf->count; i++) {
		struct kvec *v = &buf->view[i];

		if (buf->kind == KTL_BUF_BVEC)
			buf->bvec[i] = (struct bio_vec) {
				.bv_page = virt_to_page(v->iov_base),
				.bv_offset = offset_in_page(v->iov_base),
				.bv_len = v->iov_len,
			};
		else if (buf->kind == KTL_BUF_SGL)
			sg_set_buf(&buf->sgl[i], v->iov_base, v->iov_len);
	}
}

/**
 * ktl_buf_use - choose the bytes that take part
 * @buf: the buffer
 * @offset: of the first byte in the first piece
 * @len: how many
 *
 * Context: any, if nothing else uses the buffer.
 * Return: 0, or -EINVAL if they are not there.
 */
int ktl_buf_use(struct ktl_buf *buf, size_t offset, size_t len)
{
	size_t skip = offset, n;

	if (offset >= buf->piece || len > buf->room - offset)
		return -EINVAL;

	buf->offset = offset;
	buf->len = len;
	for (buf->count = 0; len; buf->count++) {
		n = min(len, buf->piece - skip);
		buf->view[buf->count] = (struct kvec) {
			.iov_base = buf->mem[buf->count] + skip,
			.iov_len = n,
		};
		len -= n;
		skip = 0;
	}
	ktl_buf_make_lists(buf);
	return 0;
}
EXPORT_SYMBOL_GPL(ktl_buf_use);

/**
 * ktl_buf_piece_for - the smallest piece of which a few make a buffer
 * @room: bytes of the buffer
 * @max_pieces: how many there may be
 *
 * Context: any.
 * Return: bytes, a power of two and at least a page.
 */
size_t ktl_buf_piece_for(size_t room, unsigned int max_pieces)
{
	size_t piece = DIV_ROUND_UP(room, min_t(size_t, max_pieces,
						KTL_BUF_MAX_PIECES));

	return roundup_pow_of_two(max_t(size_t, piece, PAGE_SIZE));
}
EXPORT_SYMBOL_GPL(ktl_buf_piece_for);

/**
 * ktl_buf_type - type of the list that a buffer is
 * @buf: the buffer
 *
 * Context: any.
 * Return: what goes into the type member of messages and registrations.
 */
enum kfi_iov_type ktl_buf_type(const struct ktl_buf *buf)
{
	switch (buf->kind) {
	case KTL_BUF_BVEC:
		return KFI_BVEC;
	case KTL_BUF_SGL:
		return KFI_SGL;
	default:
		return KFI_KVEC;
	}
}
EXPORT_SYMBOL_GPL(ktl_buf_type);

/**
 * ktl_buf_list - the bytes in use as a data call takes them
 * @buf: the buffer
 * @first: piece with which the list begins; it ends with the last one in use
 *
 * Context: any.
 * Return: the list, of type ktl_buf_type().
 */
const void *ktl_buf_list(const struct ktl_buf *buf, unsigned int first)
{
	switch (buf->kind) {
	case KTL_BUF_BVEC:
		return buf->bvec + first;
	case KTL_BUF_SGL:
		return buf->sgl + first;
	default:
		return buf->view + first;
	}
}
EXPORT_SYMBOL_GPL(ktl_buf_list);

/* Bytes 8 * @index to 8 * @index + 7 of the pattern, lowest first. */
static u64 ktl_buf_word(u64 seed, u64 index)
{
	u64 x = (seed + index) * 0x9e3779b97f4a7c15ULL;

	x = (x ^ (x >> 29)) * 0xbf58476d1ce4e5b9ULL;
	return x ^ (x >> 32);
}

static u8 ktl_buf_byte(u64 seed, u64 pos)
{
	return ktl_buf_word(seed, pos / 8) >> (pos % 8 * 8);
}

static void ktl_buf_fill_piece(u8 *to, size_t len, u64 seed, u64 pos)
{
	u8 *end = to + len;
	__le64 word;

	while (to < end && pos % 8)
		*to++ = ktl_buf_byte(seed, pos++);
	for (; end - to >= 8; to += 8, pos += 8) {
		word = cpu_to_le64(ktl_buf_word(seed, pos / 8));
		memcpy(to, &word, sizeof(word));
	}
	while (to < end)
		*to++ = ktl_buf_byte(seed, pos++);
}

/**
 * ktl_buf_fill - write a pattern
 * @buf: the buffer
 * @seed: which
 *
 * Context: process, may sleep.
 */
void ktl_buf_fill(const struct ktl_buf *buf, u64 seed)
{
	unsigned int i;
	u64 pos = 0;

	for (i = 0; i < buf->count; i++) {
		ktl_buf_fill_piece(buf->view[i].iov_base, buf->view[i].iov_len,
				   seed, pos);
		pos += buf->view[i].iov_len;
		cond_resched();
	}
}
EXPORT_SYMBOL_GPL(ktl_buf_fill);

/* Returns how many bytes are right. */
static size_t ktl_buf_check_piece(const u8 *at, size_t len, u64 seed, u64 pos)
{
	const u8 *start = at, *end = at + len;
	__le64 word;

	while (at < end) {
		word = cpu_to_le64(ktl_buf_word(seed, pos / 8));
		if (!(pos % 8) && end - at >= 8 &&
		    !memcmp(at, &word, sizeof(word))) {
			at += 8;
			pos += 8;
			continue;
		}
		if (*at != ktl_buf_byte(seed, pos))
			break;
		at++;
		pos++;
	}
	return at - start;
}

/**
 * ktl_buf_check - compare with a pattern
 * @buf: the buffer
 * @seed: which
 *
 * Context: process, may sleep.
 * Return: position of the first byte that is wrong, or -1 if all are right.
 */
ssize_t ktl_buf_check(const struct ktl_buf *buf, u64 seed)
{
	unsigned int i;
	u64 pos = 0;
	size_t good;

	for (i = 0; i < buf->count; i++) {
		good = ktl_buf_check_piece(buf->view[i].iov_base,
					   buf->view[i].iov_len, seed, pos);
		pos += good;
		if (good != buf->view[i].iov_len)
			return pos;
		cond_resched();
	}
	return -1;
}
EXPORT_SYMBOL_GPL(ktl_buf_check);

/**
 * ktl_buf_set - write the same byte everywhere
 * @buf: the buffer
 * @byte: which
 *
 * Context: process, may sleep.
 */
void ktl_buf_set(const struct ktl_buf *buf, u8 byte)
{
	unsigned int i;

	for (i = 0; i < buf->count; i++) {
		memset(buf->view[i].iov_base, byte, buf->view[i].iov_len);
		cond_resched();
	}
}
EXPORT_SYMBOL_GPL(ktl_buf_set);

/**
 * ktl_buf_differs - find a byte that has another value
 * @buf: the buffer
 * @byte: the value that all should have
 *
 * Context: process, may sleep.
 * Return: position of the first byte that differs, or -1.
 */
ssize_t ktl_buf_differs(const struct ktl_buf *buf, u8 byte)
{
	unsigned int i;
	size_t pos = 0;
	void *bad;

	for (i = 0; i < buf->count; i++) {
		bad = memchr_inv(buf->view[i].iov_base, byte,
				 buf->view[i].iov_len);
		if (bad)
			return pos + (bad - buf->view[i].iov_base);
		pos += buf->view[i].iov_len;
		cond_resched();
	}
	return -1;
}
EXPORT_SYMBOL_GPL(ktl_buf_differs);
