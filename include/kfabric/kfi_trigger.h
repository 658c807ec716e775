/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef _KFI_TRIGGER_H_
#define _KFI_TRIGGER_H_

/**
 * DOC: Triggered operations
 *
 * Operations that start when a counter reaches a threshold, without the
 * client: either a data call with %KFI_TRIGGER whose context is a &struct
 * kfi_triggered_context, or a &struct kfi_deferred_work given to
 * kfi_control() with %KFI_QUEUE_WORK.
 */

#include <linux/build_bug.h>
#include <kfabric.h>
#include <kfi_atomic.h>
#include <kfi_rma.h>
#include <kfi_tagged.h>

/**
 * enum kfi_trigger_event - What starts a triggered operation
 * @KFI_TRIGGER_THRESHOLD: A counter reaches a threshold.
 */
enum kfi_trigger_event {
	KFI_TRIGGER_THRESHOLD,
};

/**
 * enum kfi_op_type - Kind of a deferred operation
 * @KFI_OP_RECV: kfi_recvmsg().
 * @KFI_OP_SEND: kfi_sendmsg().
 * @KFI_OP_TRECV: kfi_trecvmsg().
 * @KFI_OP_TSEND: kfi_tsendmsg().
 * @KFI_OP_READ: kfi_readmsg().
 * @KFI_OP_WRITE: kfi_writemsg().
 * @KFI_OP_ATOMIC: kfi_atomicmsg().
 * @KFI_OP_FETCH_ATOMIC: kfi_fetch_atomicmsg().
 * @KFI_OP_COMPARE_ATOMIC: kfi_compare_atomicmsg().
 * @KFI_OP_CNTR_SET: kfi_cntr_set().
 * @KFI_OP_CNTR_ADD: kfi_cntr_add().
 */
enum kfi_op_type {
	KFI_OP_RECV,
	KFI_OP_SEND,
	KFI_OP_TRECV,
	KFI_OP_TSEND,
	KFI_OP_READ,
	KFI_OP_WRITE,
	KFI_OP_ATOMIC,
	KFI_OP_FETCH_ATOMIC,
	KFI_OP_COMPARE_ATOMIC,
	KFI_OP_CNTR_SET,
	KFI_OP_CNTR_ADD,
};

/**
 * struct kfi_trigger_threshold - Threshold of a triggered operation
 * @cntr: Counter.
 * @threshold: Value at which the operation starts.
 */
struct kfi_trigger_threshold {
	struct kfid_cntr	*cntr;
	size_t			threshold;
};

/**
 * struct kfi_op_msg - Deferred message
 * @ep: Endpoint.
 * @msg: The message.
 * @flags: As for kfi_sendmsg() or kfi_recvmsg().
 */
struct kfi_op_msg {
	struct kfid_ep		*ep;
	struct kfi_msg		msg;
	uint64_t		flags;
};

/**
 * struct kfi_op_tagged - Deferred tagged message
 * @ep: Endpoint.
 * @msg: The message.
 * @flags: As for kfi_tsendmsg() or kfi_trecvmsg().
 */
struct kfi_op_tagged {
	struct kfid_ep		*ep;
	struct kfi_msg_tagged	msg;
	uint64_t		flags;
};

/**
 * struct kfi_op_rma - Deferred RMA operation
 * @ep: Endpoint.
 * @msg: The operation.
 * @flags: As for kfi_readmsg() or kfi_writemsg().
 */
struct kfi_op_rma {
	struct kfid_ep		*ep;
	struct kfi_msg_rma	msg;
	uint64_t		flags;
};

/**
 * struct kfi_op_atomic - Deferred atomic operation
 * @ep: Endpoint.
 * @msg: The operation.
 * @flags: As for kfi_atomicmsg().
 */
struct kfi_op_atomic {
	struct kfid_ep		*ep;
	struct kfi_msg_atomic	msg;
	uint64_t		flags;
};

/**
 * struct kfi_op_fetch_atomic - Deferred atomic operation with old values
 * @ep: Endpoint.
 * @msg: The operation.
 * @fetch: Where the old values go.
 * @flags: As for kfi_fetch_atomicmsg().
 */
struct kfi_op_fetch_atomic {
	struct kfid_ep		*ep;
	struct kfi_msg_atomic	msg;
	struct kfi_msg_fetch	fetch;
	uint64_t		flags;
};

/**
 * struct kfi_op_compare_atomic - Deferred atomic operation with comparison
 * @ep: Endpoint.
 * @msg: The operation.
 * @fetch: Where the old values go.
 * @compare: What to compare with.
 * @flags: As for kfi_compare_atomicmsg().
 */
struct kfi_op_compare_atomic {
	struct kfid_ep		*ep;
	struct kfi_msg_atomic	msg;
	struct kfi_msg_fetch	fetch;
	struct kfi_msg_compare	compare;
	uint64_t		flags;
};

/**
 * struct kfi_op_cntr - Deferred change of a counter
 * @cntr: Counter.
 * @value: As for kfi_cntr_set() or kfi_cntr_add().
 */
struct kfi_op_cntr {
	struct kfid_cntr	*cntr;
	uint64_t		value;
};

/**
 * struct kfi_triggered_context - Context of a call with %KFI_TRIGGER
 * @event_type: What starts the operation.
 * @trigger: When it starts.
 * @trigger.threshold: %KFI_TRIGGER_THRESHOLD.
 * @trigger.internal: The provider's while the operation is outstanding.
 *
 * As large as &struct kfi_context.
 */
struct kfi_triggered_context {
	enum kfi_trigger_event			event_type;
	union {
		struct kfi_trigger_threshold	threshold;
		void				*internal[3];
	} trigger;
};

/**
 * struct kfi_triggered_context2 - Larger context of a call with %KFI_TRIGGER
 * @event_type: What starts the operation.
 * @trigger: When it starts.
 * @trigger.threshold: %KFI_TRIGGER_THRESHOLD.
 * @trigger.internal: The provider's while the operation is outstanding.
 *
 * As large as &struct kfi_context2.
 */
struct kfi_triggered_context2 {
	enum kfi_trigger_event			event_type;
	union {
		struct kfi_trigger_threshold	threshold;
		void				*internal[7];
	} trigger;
};

static_assert(sizeof(struct kfi_triggered_context) ==
	      sizeof(struct kfi_context));
static_assert(sizeof(struct kfi_triggered_context2) ==
	      sizeof(struct kfi_context2));

/**
 * struct kfi_deferred_work - Operation that waits for a counter
 * @context: The provider's while the work is queued.
 * @threshold: Value at which the operation starts.
 * @triggering_cntr: Counter that starts it.
 * @completion_cntr: Counter that counts its completion, or NULL.
 * @op_type: Which member of @op is valid.
 * @op: The operation.
 * @op.msg: %KFI_OP_RECV, %KFI_OP_SEND.
 * @op.tagged: %KFI_OP_TRECV, %KFI_OP_TSEND.
 * @op.rma: %KFI_OP_READ, %KFI_OP_WRITE.
 * @op.atomic: %KFI_OP_ATOMIC.
 * @op.fetch_atomic: %KFI_OP_FETCH_ATOMIC.
 * @op.compare_atomic: %KFI_OP_COMPARE_ATOMIC.
 * @op.cntr: %KFI_OP_CNTR_SET, %KFI_OP_CNTR_ADD.
 */
struct kfi_deferred_work {
	struct kfi_context2			context;
	uint64_t				threshold;
	struct kfid_cntr			*triggering_cntr;
	struct kfid_cntr			*completion_cntr;
	enum kfi_op_type			op_type;
	union {
		struct kfi_op_msg		*msg;
		struct kfi_op_tagged		*tagged;
		struct kfi_op_rma		*rma;
		struct kfi_op_atomic		*atomic;
		struct kfi_op_fetch_atomic	*fetch_atomic;
		struct kfi_op_compare_atomic	*compare_atomic;
		struct kfi_op_cntr		*cntr;
	} op;
};

#endif /* _KFI_TRIGGER_H_ */
