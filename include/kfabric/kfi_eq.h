/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef _KFI_EQ_H_
#define _KFI_EQ_H_

/**
 * DOC: Event queues and completion queues
 *
 * An event queue reports control events: connections, registrations. A
 * completion queue reports data operations, one entry for each that was
 * accepted (unless the client suppressed it), in the format chosen when the
 * queue was opened. Entries are never lost: when the queue has no room for
 * one more, the post that would need it answers -EAGAIN.
 *
 * A failed operation makes an error entry. While one is next in line, reads
 * answer -KFI_EAVAIL (or the number of good entries before it) until
 * kfi_cq_readerr() or kfi_eq_readerr() has taken it.
 *
 * Handlers are one-shot, see &kfi_comp_handler. Several readers at once are
 * fine on either queue.
 */

#include <kfabric.h>
#include <kfi_cntr.h>

/**
 * struct kfi_eq_attr - Attributes of an event queue
 * @size: Events that the queue holds, 0 for the provider's choice. Events that
 *	objects may still cause count from when they are started.
 * @flags: %KFI_WRITE: kfi_eq_write() is allowed.
 * @wait_obj: What a reader may sleep on.
 * @signaling_vector: Not used: events come when the fabric has something to say,
 *	on the CPU that hears of it.
 * @wait_set: Wait set, if @wait_obj is %KFI_WAIT_SET.
 */
struct kfi_eq_attr {
	size_t			size;
	uint64_t		flags;
	enum kfi_wait_obj	wait_obj;
	int			signaling_vector;
	struct kfid_wait	*wait_set;
};

/**
 * enum kfi_eq_event - Events
 * @KFI_NOTIFY: Provider specific news.
 * @KFI_CONNREQ: A peer asks for a connection; &struct kfi_eq_cm_entry.
 * @KFI_CONNECTED: Connection is up; &struct kfi_eq_cm_entry.
 * @KFI_SHUTDOWN: Connection is down; &struct kfi_eq_cm_entry.
 * @KFI_MR_COMPLETE: A registration has finished; &struct kfi_eq_entry.
 * @KFI_AV_COMPLETE: An insertion has finished; &struct kfi_eq_entry.
 * @KFI_JOIN_COMPLETE: A multicast group was joined; &struct kfi_eq_entry.
 */
enum kfi_eq_event {
	KFI_NOTIFY,
	KFI_CONNREQ,
	KFI_CONNECTED,
	KFI_SHUTDOWN,
	KFI_MR_COMPLETE,
	KFI_AV_COMPLETE,
	KFI_JOIN_COMPLETE,
};

/**
 * struct kfi_eq_entry - Result of an asynchronous control operation
 * @fid: Object that the operation was for.
 * @context: The client's.
 * @data: Depends on the event, such as the number of addresses inserted.
 */
struct kfi_eq_entry {
	struct kfid		*fid;
	void			*context;
	uint64_t		data;
};

/**
 * struct kfi_eq_err_entry - Failed control operation
 * @fid: Object that the operation was for.
 * @context: The client's.
 * @data: Depends on the operation, such as the index of a failed address.
 * @err: Positive errno or one of &enum kfi_errno.
 * @prov_errno: The provider's own code, for kfi_eq_strerror().
 * @err_data: Details, such as what a peer sent along when it rejected. In: the
 *	client's room for them, if @err_data_size is not 0; else points into the
 *	queue and is valid until the next error is read.
 * @err_data_size: In: room at @err_data; out: length of the details; in bytes.
 */
struct kfi_eq_err_entry {
	struct kfid		*fid;
	void			*context;
	uint64_t		data;
	int			err;
	int			prov_errno;
	void			*err_data;
	size_t			err_data_size;
};

/**
 * struct kfi_eq_cm_entry - Connection event
 * @fid: Endpoint, passive for %KFI_CONNREQ.
 * @info: %KFI_CONNREQ: what to open the accepting endpoint with, the client's
 *	to free with kfi_freeinfo(). Else NULL.
 * @data: What the peer sent along, as much as the reader's buffer takes.
 */
struct kfi_eq_cm_entry {
	struct kfid		*fid;
	struct kfi_info		*info;
	uint8_t			data[];
};

/**
 * struct kfi_ops_eq - Operations of an event queue
 * @size: Size of the table in bytes.
 * @read: See kfi_eq_read().
 * @readerr: See kfi_eq_readerr().
 * @write: See kfi_eq_write().
 * @sread: See kfi_eq_sread().
 * @strerror: See kfi_eq_strerror().
 */
struct kfi_ops_eq {
	size_t	size;
	ssize_t	(*read)(struct kfid_eq *eq, uint32_t *event, void *buf,
			size_t len, uint64_t flags);
	ssize_t	(*readerr)(struct kfid_eq *eq, struct kfi_eq_err_entry *buf,
			   uint64_t flags);
	ssize_t	(*write)(struct kfid_eq *eq, uint32_t event, const void *buf,
			 size_t len, uint64_t flags);
	ssize_t	(*sread)(struct kfid_eq *eq, uint32_t *event, void *buf,
			 size_t len, int timeout, uint64_t flags);
	const char *(*strerror)(struct kfid_eq *eq, int prov_errno,
				const void *err_data, char *buf, size_t len);
};

/**
 * struct kfid_eq - Event queue
 * @fid: Common part.
 * @ops: Operations.
 * @event_handler: Called after an event was queued, or NULL.
 */
struct kfid_eq {
	struct kfid		fid;
	struct kfi_ops_eq	*ops;
	kfi_event_handler	event_handler;
};

/**
 * enum kfi_cq_format - Type of completion entries
 * @KFI_CQ_FORMAT_UNSPEC: The provider's choice, returned in the attribute.
 * @KFI_CQ_FORMAT_CONTEXT: &struct kfi_cq_entry.
 * @KFI_CQ_FORMAT_MSG: &struct kfi_cq_msg_entry.
 * @KFI_CQ_FORMAT_DATA: &struct kfi_cq_data_entry.
 * @KFI_CQ_FORMAT_TAGGED: &struct kfi_cq_tagged_entry.
 */
enum kfi_cq_format {
	KFI_CQ_FORMAT_UNSPEC,
	KFI_CQ_FORMAT_CONTEXT,
	KFI_CQ_FORMAT_MSG,
	KFI_CQ_FORMAT_DATA,
	KFI_CQ_FORMAT_TAGGED,
};

/**
 * struct kfi_cq_entry - Completion: whose
 * @op_context: Context of the operation.
 */
struct kfi_cq_entry {
	void			*op_context;
};

/**
 * struct kfi_cq_msg_entry - Completion: whose, what kind, how much
 * @op_context: Context of the operation.
 * @flags: What it was: %KFI_MSG, %KFI_RMA, ... with %KFI_SEND, %KFI_RECV, ...
 * @len: Receives: bytes received.
 */
struct kfi_cq_msg_entry {
	void			*op_context;
	uint64_t		flags;
	size_t			len;
};

/**
 * struct kfi_cq_data_entry - Completion with remote data
 * @op_context: Context of the operation.
 * @flags: What it was; %KFI_REMOTE_CQ_DATA: @data is valid.
 * @len: Receives: bytes received.
 * @buf: %KFI_MULTI_RECV: where in the buffer the message begins.
 * @data: What the peer sent along.
 */
struct kfi_cq_data_entry {
	void			*op_context;
	uint64_t		flags;
	size_t			len;
	void			*buf;
	uint64_t		data;
};

/**
 * struct kfi_cq_tagged_entry - Completion with tag
 * @op_context: Context of the operation.
 * @flags: What it was; %KFI_REMOTE_CQ_DATA: @data is valid.
 * @len: Receives: bytes received.
 * @buf: %KFI_MULTI_RECV: where in the buffer the message begins.
 * @data: What the peer sent along.
 * @tag: Tagged receives: tag of the message.
 */
struct kfi_cq_tagged_entry {
	void			*op_context;
	uint64_t		flags;
	size_t			len;
	void			*buf;
	uint64_t		data;
	uint64_t		tag;
};

/**
 * struct kfi_cq_err_entry - Failed operation
 * @op_context: Context of the operation.
 * @flags: What it was.
 * @len: Receives: bytes received before it failed.
 * @buf: As in &struct kfi_cq_data_entry.
 * @data: As in &struct kfi_cq_data_entry.
 * @tag: As in &struct kfi_cq_tagged_entry.
 * @olen: Receives: bytes of a longer message that did not fit, if known.
 * @err: Positive errno or one of &enum kfi_errno that the client can act on.
 * @prov_errno: The provider's own code, for kfi_cq_strerror().
 * @err_data: The provider's details. In: the client's room for them, if
 *	@err_data_size is not 0.
 * @err_data_size: In: room at @err_data; out: length of the details; in bytes.
 */
struct kfi_cq_err_entry {
	void			*op_context;
	uint64_t		flags;
	size_t			len;
	void			*buf;
	uint64_t		data;
	uint64_t		tag;
	size_t			olen;
	int			err;
	int			prov_errno;
	void			*err_data;
	size_t			err_data_size;
};

/**
 * enum kfi_cq_wait_cond - When a sleeping reader wakes
 * @KFI_CQ_COND_NONE: At any entry.
 * @KFI_CQ_COND_THRESHOLD: At as many entries as the size_t given to the read.
 */
enum kfi_cq_wait_cond {
	KFI_CQ_COND_NONE,
	KFI_CQ_COND_THRESHOLD,
};

/**
 * struct kfi_cq_attr - Attributes of a completion queue
 * @size: Entries that the queue holds, 0 for the provider's choice. Operations
 *	outstanding on all endpoints bound to it, and entries not yet read,
 *	count.
 * @flags: %KFI_AFFINITY: @signaling_vector is valid.
 * @format: Type of the entries.
 * @wait_obj: What a reader may sleep on.
 * @signaling_vector: CPU that completions should be handled on.
 * @wait_cond: When a sleeping reader wakes.
 * @wait_set: Wait set, if @wait_obj is %KFI_WAIT_SET.
 */
struct kfi_cq_attr {
	size_t			size;
	uint64_t		flags;
	enum kfi_cq_format	format;
	enum kfi_wait_obj	wait_obj;
	int			signaling_vector;
	enum kfi_cq_wait_cond	wait_cond;
	struct kfid_wait	*wait_set;
};

/**
 * struct kfi_ops_cq - Operations of a completion queue
 * @size: Size of the table in bytes.
 * @read: See kfi_cq_read().
 * @readfrom: See kfi_cq_readfrom().
 * @readerr: See kfi_cq_readerr().
 * @sread: See kfi_cq_sread().
 * @sreadfrom: See kfi_cq_sreadfrom().
 * @signal: See kfi_cq_signal().
 * @strerror: See kfi_cq_strerror().
 */
struct kfi_ops_cq {
	size_t	size;
	ssize_t	(*read)(struct kfid_cq *cq, void *buf, size_t count);
	ssize_t	(*readfrom)(struct kfid_cq *cq, void *buf, size_t count,
			    kfi_addr_t *src_addr);
	ssize_t	(*readerr)(struct kfid_cq *cq, struct kfi_cq_err_entry *buf,
			   uint64_t flags);
	ssize_t	(*sread)(struct kfid_cq *cq, void *buf, size_t count,
			 const void *cond, int timeout);
	ssize_t	(*sreadfrom)(struct kfid_cq *cq, void *buf, size_t count,
			     kfi_addr_t *src_addr, const void *cond,
			     int timeout);
	int	(*signal)(struct kfid_cq *cq);
	const char *(*strerror)(struct kfid_cq *cq, int prov_errno,
				const void *err_data, char *buf, size_t len);
};

/**
 * struct kfid_cq - Completion queue
 * @fid: Common part.
 * @ops: Operations.
 * @comp_handler: Called when entries appear, or NULL.
 */
struct kfid_cq {
	struct kfid		fid;
	struct kfi_ops_cq	*ops;
	kfi_comp_handler	comp_handler;
};

/**
 * kfi_eq_open() - Open an event queue
 * @fabric: Fabric.
 * @attr: Attributes, or NULL for the defaults.
 * @eq: Where to put the queue.
 * @event_handler: Called after an event was queued, or NULL.
 * @context: The client's.
 *
 * Source: provider.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL for a size out of range; -KFI_EBADFLAGS; -ENOSYS for a
 * wait object that the provider does not have; -ENOMEM.
 */
static inline int kfi_eq_open(struct kfid_fabric *fabric,
			      struct kfi_eq_attr *attr, struct kfid_eq **eq,
			      kfi_event_handler event_handler, void *context)
{
	return fabric->ops->eq_open(fabric, attr, eq, event_handler, context);
}

/**
 * kfi_eq_read() - Take the next event
 * @eq: Event queue.
 * @event: Where to put the event, one of &enum kfi_eq_event.
 * @buf: Where to put the entry that belongs to it.
 * @len: Room at @buf, in bytes.
 * @flags: %KFI_PEEK: leave the event on the queue.
 *
 * Connection data that does not fit is lost; an entry without it must fit. The
 * info of a %KFI_CONNREQ is the client's afterwards, unless it peeked. A read
 * that finds the queue empty arms the handler.
 *
 * Source: provider.
 *
 * Context: Any.
 * Return: Bytes put at @buf; -EAGAIN if the queue is empty; -KFI_EAVAIL if an
 * error is next; -KFI_ETOOSMALL if @len is too small (nothing is lost);
 * -EINVAL if @event or @buf is NULL; -KFI_EBADFLAGS.
 */
static inline ssize_t kfi_eq_read(struct kfid_eq *eq, uint32_t *event,
				  void *buf, size_t len, uint64_t flags)
{
	return eq->ops->read(eq, event, buf, len, flags);
}

/**
 * kfi_eq_readerr() - Take the error that is next
 * @eq: Event queue.
 * @buf: Where to put it; err_data and err_data_size are in and out.
 * @flags: %KFI_PEEK: leave the error on the queue.
 *
 * Source: provider.
 *
 * Context: Any.
 * Return: Size of the entry, in bytes; -EAGAIN if no error is next; -EINVAL if
 * @buf is NULL; -KFI_EBADFLAGS.
 */
static inline ssize_t kfi_eq_readerr(struct kfid_eq *eq,
				     struct kfi_eq_err_entry *buf,
				     uint64_t flags)
{
	return eq->ops->readerr(eq, buf, flags);
}

/**
 * kfi_eq_write() - Put an event of the client's own on a queue
 * @eq: Event queue that was opened with %KFI_WRITE.
 * @event: Event, no connection event.
 * @buf: &struct kfi_eq_entry, and data behind it if the client likes.
 * @len: Length of both, in bytes.
 * @flags: Reserved, 0.
 *
 * Source: provider.
 *
 * Context: Any.
 * Return: @len; -EAGAIN if the queue is full or memory short; -EINVAL for a
 * bad length or event; -KFI_EBADFLAGS; -ENOSYS if writing is not allowed.
 */
static inline ssize_t kfi_eq_write(struct kfid_eq *eq, uint32_t event,
				   const void *buf, size_t len, uint64_t flags)
{
	return eq->ops->write(eq, event, buf, len, flags);
}

/**
 * kfi_eq_sread() - Sleep until there is an event and take it
 * @eq: Event queue.
 * @event: As for kfi_eq_read().
 * @buf: As for kfi_eq_read().
 * @len: As for kfi_eq_read().
 * @timeout: Milliseconds, negative for ever.
 * @flags: As for kfi_eq_read().
 *
 * Source: provider.
 *
 * Context: Process context, sleeps.
 * Return: As kfi_eq_read(), -EAGAIN after @timeout; -EINTR if a signal is
 * pending; -ENOSYS if the queue has no wait object.
 */
static inline ssize_t kfi_eq_sread(struct kfid_eq *eq, uint32_t *event,
				   void *buf, size_t len, int timeout,
				   uint64_t flags)
{
	return eq->ops->sread(eq, event, buf, len, timeout, flags);
}

/**
 * kfi_eq_strerror() - Say a provider's error in words
 * @eq: Event queue that the error came from.
 * @prov_errno: &kfi_eq_err_entry.prov_errno.
 * @err_data: &kfi_eq_err_entry.err_data, or NULL.
 * @buf: Where to put the text too, or NULL.
 * @len: Room at @buf, in bytes.
 *
 * Source: provider.
 *
 * Context: Any.
 * Return: The text, which stays valid.
 */
static inline const char *kfi_eq_strerror(struct kfid_eq *eq, int prov_errno,
					  const void *err_data, char *buf,
					  size_t len)
{
	return eq->ops->strerror(eq, prov_errno, err_data, buf, len);
}

/**
 * kfi_cq_read() - Take completions
 * @cq: Completion queue.
 * @buf: Where to put them: an array of entries of the queue's format; may be NULL
 *	if @count is 0.
 * @count: Room at @buf, in entries; 0 reads nothing.
 *
 * A read that runs into the end of the queue (it answers -EAGAIN, or fewer
 * entries than asked for and no error is next) arms the handler. For a client
 * with %KFI_PROGRESS_MANUAL it is what makes progress, also if it reads nothing.
 *
 * Source: provider.
 *
 * Context: Any; several readers at once are fine.
 * Return: Number of entries; -EAGAIN if the queue is empty; -KFI_EAVAIL if an
 * error is next; -EINVAL if @buf is NULL.
 */
static inline ssize_t kfi_cq_read(struct kfid_cq *cq, void *buf, size_t count)
{
	return cq->ops->read(cq, buf, count);
}

/**
 * kfi_cq_readfrom() - Take completions and learn their sources
 * @cq: Completion queue.
 * @buf: As for kfi_cq_read().
 * @count: Room at @buf and @src_addr, in entries.
 * @src_addr: Where to put who sent each, %KFI_ADDR_NOTAVAIL if not known.
 *
 * Source: provider.
 *
 * Context: As kfi_cq_read().
 * Return: As kfi_cq_read(); -ENOSYS.
 */
static inline ssize_t kfi_cq_readfrom(struct kfid_cq *cq, void *buf,
				      size_t count, kfi_addr_t *src_addr)
{
	return cq->ops->readfrom(cq, buf, count, src_addr);
}

/**
 * kfi_cq_readerr() - Take the failed operation that is next
 * @cq: Completion queue.
 * @buf: Where to put it; err_data and err_data_size are in and out.
 * @flags: Reserved, 0.
 *
 * Source: provider.
 *
 * Context: Any; several readers at once are fine.
 * Return: 1; -EAGAIN if no error is next; -EINVAL if @buf is NULL;
 * -KFI_EBADFLAGS.
 */
static inline ssize_t kfi_cq_readerr(struct kfid_cq *cq,
				     struct kfi_cq_err_entry *buf,
				     uint64_t flags)
{
	return cq->ops->readerr(cq, buf, flags);
}

/**
 * kfi_cq_sread() - Sleep until there are completions and take them
 * @cq: Completion queue.
 * @buf: As for kfi_cq_read().
 * @count: As for kfi_cq_read().
 * @cond: %KFI_CQ_COND_THRESHOLD: size_t, entries to wait for. Or NULL.
 * @timeout: Milliseconds, negative for ever.
 *
 * Source: provider.
 *
 * Context: Process context, sleeps.
 * Return: As kfi_cq_read(), -EAGAIN after @timeout or kfi_cq_signal();
 * -EINTR if a signal is pending; -ENOSYS if the queue has no wait object.
 */
static inline ssize_t kfi_cq_sread(struct kfid_cq *cq, void *buf, size_t count,
				   const void *cond, int timeout)
{
	return cq->ops->sread(cq, buf, count, cond, timeout);
}

/**
 * kfi_cq_sreadfrom() - Sleep until there are completions, learn their sources
 * @cq: Completion queue.
 * @buf: As for kfi_cq_readfrom().
 * @count: As for kfi_cq_readfrom().
 * @src_addr: As for kfi_cq_readfrom().
 * @cond: As for kfi_cq_sread().
 * @timeout: As for kfi_cq_sread().
 *
 * Source: provider.
 *
 * Context: Process context, sleeps.
 * Return: As kfi_cq_sread().
 */
static inline ssize_t kfi_cq_sreadfrom(struct kfid_cq *cq, void *buf,
				       size_t count, kfi_addr_t *src_addr,
				       const void *cond, int timeout)
{
	return cq->ops->sreadfrom(cq, buf, count, src_addr, cond, timeout);
}

/**
 * kfi_cq_signal() - Wake the readers that sleep on a completion queue
 * @cq: Completion queue.
 *
 * If nobody sleeps, the next reader that would does not.
 *
 * Source: provider.
 *
 * Context: Any.
 * Return: 0; -ENOSYS if the queue has no wait object.
 */
static inline int kfi_cq_signal(struct kfid_cq *cq)
{
	return cq->ops->signal(cq);
}

/**
 * kfi_cq_strerror() - Say a provider's error in words
 * @cq: Completion queue that the error came from.
 * @prov_errno: &kfi_cq_err_entry.prov_errno.
 * @err_data: &kfi_cq_err_entry.err_data, or NULL.
 * @buf: Where to put the text too, or NULL.
 * @len: Room at @buf, in bytes.
 *
 * Source: provider.
 *
 * Context: Any.
 * Return: The text, which stays valid.
 */
static inline const char *kfi_cq_strerror(struct kfid_cq *cq, int prov_errno,
					  const void *err_data, char *buf,
					  size_t len)
{
	return cq->ops->strerror(cq, prov_errno, err_data, buf, len);
}

#endif /* _KFI_EQ_H_ */
