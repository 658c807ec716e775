/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * kfi_testlib.ko: what the clients and the functional tests share and what has
 * nothing to do with connections: a device that takes a command and answers
 * with text, options, and buffers of every kind of memory with patterns.
 */
#ifndef _KTL_H_
#define _KTL_H_

#include <linux/bvec.h>
#include <linux/miscdevice.h>
#include <linux/scatterlist.h>
#include <linux/types.h>
#include <linux/uio.h>

#include <kfi_endpoint.h>

struct ktl_session;

/**
 * struct ktl_device - a character device that runs commands
 * @name: in /dev
 * @owner: stays loaded while the device is open
 * @run: carries out one command in a thread of its own. @line is the command
 *	without the newline, @run may write to it. The thread should end soon
 *	when kthread_should_stop(). 0 or a negative errno becomes the end of the
 *	answer
 * @misc: private
 */
struct ktl_device {
	const char *name;
	struct module *owner;
	int (*run)(struct ktl_session *session, char *line);

	struct miscdevice misc;
};

int ktl_session_register(struct ktl_device *dev);
void ktl_session_deregister(struct ktl_device *dev);
__printf(2, 3)
void ktl_session_printf(struct ktl_session *session, const char *fmt, ...);
void ktl_session_puts(struct ktl_session *session, const char *text);

enum ktl_opt_type {
	KTL_OPT_FLAG,	/* bool; the word alone */
	KTL_OPT_U32,	/* u32, from @min to @max */
	KTL_OPT_SIZE,	/* u64, from @min to @max; k, M, G may follow */
	KTL_OPT_CHOICE,	/* u32, the index in @choices */
	KTL_OPT_TEXT,	/* const char *, points into the line */
};

/**
 * struct ktl_opt - one option that a command knows
 * @name: what stands in front of the equals sign
 * @type: how to read what follows
 * @offset: of the member in the command's structure
 * @min: smallest number
 * @max: largest number
 * @choices: words, the last one NULL
 */
struct ktl_opt {
	const char *name;
	enum ktl_opt_type type;
	size_t offset;
	u64 min;
	u64 max;
	const char *const *choices;
};

int ktl_opt_parse(struct ktl_session *session, char *line,
		  const struct ktl_opt *opts, size_t count, void *into);
int ktl_opt_size(const char *text, u64 *value);
void ktl_opt_words(char *to, size_t size, const char *const *choices);

enum ktl_buf_kind {
	KTL_BUF_KMALLOC,	/* kvec list of kmalloc() memory */
	KTL_BUF_VMALLOC,	/* kvec list over one vmalloc() range */
	KTL_BUF_BVEC,		/* bio_vec list of page blocks */
	KTL_BUF_SGL,		/* scatterlist of page blocks */
	KTL_BUF_KINDS
};

extern const char *const ktl_buf_kinds[KTL_BUF_KINDS + 1];

enum {
	KTL_BUF_MAX_PIECES = 64,
};

/**
 * struct ktl_buf - memory of one kind, as lists that data calls take
 * @kind: of memory and of list
 * @piece: bytes of each piece but perhaps the first and the last; a multiple of
 *	the page size
 * @pieces: allocated
 * @room: bytes allocated
 * @mem: start of each piece
 * @offset: of the first byte in the first piece
 * @len: bytes in use
 * @count: pieces in use
 * @view: the bytes in use as the CPU sees them
 * @bvec: the same as page ranges
 * @sgl: the same as a scatterlist
 */
struct ktl_buf {
	enum ktl_buf_kind kind;
	size_t piece;
	unsigned int pieces;
	size_t room;
	void *mem[KTL_BUF_MAX_PIECES];

	size_t offset;
	size_t len;
	unsigned int count;
	struct kvec view[KTL_BUF_MAX_PIECES];
	struct bio_vec bvec[KTL_BUF_MAX_PIECES];
	struct scatterlist sgl[KTL_BUF_MAX_PIECES];
};

struct ktl_buf *ktl_buf_alloc(enum ktl_buf_kind kind, size_t room,
			      size_t piece);
void ktl_buf_free(struct ktl_buf *buf);
int ktl_buf_use(struct ktl_buf *buf, size_t offset, size_t len);
size_t ktl_buf_piece_for(size_t room, unsigned int max_pieces);
enum kfi_iov_type ktl_buf_type(const struct ktl_buf *buf);
const void *ktl_buf_list(const struct ktl_buf *buf, unsigned int first);

void ktl_buf_fill(const struct ktl_buf *buf, u64 seed);
ssize_t ktl_buf_check(const struct ktl_buf *buf, u64 seed);
void ktl_buf_set(const struct ktl_buf *buf, u8 byte);
ssize_t ktl_buf_differs(const struct ktl_buf *buf, u8 byte);

#endif /* _KTL_H_ */
