/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Trace events of kfi_verbs.ko. One event class per shape: device, hardware
 * object, connection, posted request, work completion, memory region.
 *
 * fid= is the number that debugfs and the core's events show too; a request
 * is told apart by its fid and req=, from its post to its completion.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM kfi_verbs

#if !defined(_KFV_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _KFV_TRACE_H

#include <linux/string.h>
#include <linux/tracepoint.h>
#include <rdma/ib_cm.h>
#include <trace/misc/rdma.h>

#include "persist.h"

#define KFV_TRACE_NAME_LEN	IB_DEVICE_NAME_MAX
#define KFV_TRACE_REASON_LEN	48

TRACE_DEFINE_ENUM(KFV_EP_NEW);
TRACE_DEFINE_ENUM(KFV_EP_ENABLED);
TRACE_DEFINE_ENUM(KFV_EP_CONNECTING);
TRACE_DEFINE_ENUM(KFV_EP_ACCEPTING);
TRACE_DEFINE_ENUM(KFV_EP_CONNECTED);
TRACE_DEFINE_ENUM(KFV_EP_BROKEN);
TRACE_DEFINE_ENUM(KFV_EP_SHUTDOWN);
TRACE_DEFINE_ENUM(KFV_EP_DEAD);

#define kfv_show_ep_state(state)					\
	__print_symbolic(state,						\
		{ KFV_EP_NEW,			"NEW" },		\
		{ KFV_EP_ENABLED,		"ENABLED" },		\
		{ KFV_EP_CONNECTING,		"CONNECTING" },		\
		{ KFV_EP_ACCEPTING,		"ACCEPTING" },		\
		{ KFV_EP_CONNECTED,		"CONNECTED" },		\
		{ KFV_EP_BROKEN,		"BROKEN" },		\
		{ KFV_EP_SHUTDOWN,		"SHUTDOWN" },		\
		{ KFV_EP_DEAD,			"DEAD" })

TRACE_DEFINE_ENUM(IB_WR_RDMA_WRITE);
TRACE_DEFINE_ENUM(IB_WR_RDMA_WRITE_WITH_IMM);
TRACE_DEFINE_ENUM(IB_WR_SEND);
TRACE_DEFINE_ENUM(IB_WR_SEND_WITH_IMM);
TRACE_DEFINE_ENUM(IB_WR_RDMA_READ);
TRACE_DEFINE_ENUM(IB_WR_RDMA_READ_WITH_INV);
TRACE_DEFINE_ENUM(IB_WR_LOCAL_INV);
TRACE_DEFINE_ENUM(IB_WR_REG_MR);
TRACE_DEFINE_ENUM(IB_WR_FLUSH);
TRACE_DEFINE_ENUM(IB_WR_ATOMIC_WRITE);

#define kfv_show_opcode(opcode)						\
	__print_symbolic(opcode,					\
		{ IB_WR_RDMA_WRITE,		"RDMA_WRITE" },		\
		{ IB_WR_RDMA_WRITE_WITH_IMM,	"RDMA_WRITE_WITH_IMM" }, \
		{ IB_WR_SEND,			"SEND" },		\
		{ IB_WR_SEND_WITH_IMM,		"SEND_WITH_IMM" },	\
		{ IB_WR_RDMA_READ,		"RDMA_READ" },		\
		{ IB_WR_RDMA_READ_WITH_INV,	"RDMA_READ_WITH_INV" },	\
		{ IB_WR_LOCAL_INV,		"LOCAL_INV" },		\
		{ IB_WR_REG_MR,			"REG_MR" },		\
		{ IB_WR_FLUSH,			"FLUSH" },		\
		{ IB_WR_ATOMIC_WRITE,		"ATOMIC_WRITE" })

/*
 * Devices come and go
 */
DECLARE_EVENT_CLASS(kfv_device_class,
	TP_PROTO(const struct ib_device *ibdev, const char *reason),
	TP_ARGS(ibdev, reason),

	TP_STRUCT__entry(
		__array(char, name, KFV_TRACE_NAME_LEN)
		__array(char, reason, KFV_TRACE_REASON_LEN)
	),

	TP_fast_assign(
		strscpy(__entry->name, dev_name(&ibdev->dev),
			KFV_TRACE_NAME_LEN);
		strscpy(__entry->reason, reason, KFV_TRACE_REASON_LEN);
	),

	TP_printk("device=%s %s", __entry->name, __entry->reason)
);

#define DEFINE_KFV_DEVICE_EVENT(name)					\
	DEFINE_EVENT(kfv_device_class, name,				\
		TP_PROTO(const struct ib_device *ibdev,			\
			 const char *reason),				\
		TP_ARGS(ibdev, reason))

DEFINE_KFV_DEVICE_EVENT(kfv_device_add);
DEFINE_KFV_DEVICE_EVENT(kfv_device_skip);
DEFINE_KFV_DEVICE_EVENT(kfv_device_remove);
DEFINE_KFV_DEVICE_EVENT(kfv_device_removed);

TRACE_EVENT(kfv_device_event,
	TP_PROTO(const struct ib_event *event),
	TP_ARGS(event),

	TP_STRUCT__entry(
		__array(char, name, KFV_TRACE_NAME_LEN)
		__field(u32, event)
		__field(u32, port)
	),

	TP_fast_assign(
		strscpy(__entry->name, dev_name(&event->device->dev),
			KFV_TRACE_NAME_LEN);
		__entry->event = event->event;
		__entry->port = event->element.port_num;
	),

	TP_printk("device=%s event=%s port=%u", __entry->name,
		  rdma_show_ib_event(__entry->event), __entry->port)
);

/*
 * Hardware behind a fid comes (open, enable, listen) and goes (kill, stop)
 */
DECLARE_EVENT_CLASS(kfv_object_class,
	TP_PROTO(const struct kfi_fid_node *node, u32 hw, int err),
	TP_ARGS(node, hw, err),

	TP_STRUCT__entry(
		__array(char, name, KFV_TRACE_NAME_LEN)
		__field(u32, id)
		__field(u32, hw)
		__field(int, err)
	),

	TP_fast_assign(
		strscpy(__entry->name, node->type->name, KFV_TRACE_NAME_LEN);
		__entry->id = node->id;
		__entry->hw = hw;
		__entry->err = err;
	),

	TP_printk("fid=%u name=%s hw=%u err=%d", __entry->id, __entry->name,
		  __entry->hw, __entry->err)
);

#define DEFINE_KFV_OBJECT_EVENT(name)					\
	DEFINE_EVENT(kfv_object_class, name,				\
		TP_PROTO(const struct kfi_fid_node *node, u32 hw,	\
			 int err),					\
		TP_ARGS(node, hw, err))

DEFINE_KFV_OBJECT_EVENT(kfv_domain_open);
DEFINE_KFV_OBJECT_EVENT(kfv_domain_kill);
DEFINE_KFV_OBJECT_EVENT(kfv_cq_open);
DEFINE_KFV_OBJECT_EVENT(kfv_cq_kill);
DEFINE_KFV_OBJECT_EVENT(kfv_ep_enable);
DEFINE_KFV_OBJECT_EVENT(kfv_ep_stop);
DEFINE_KFV_OBJECT_EVENT(kfv_ctl_connect);
DEFINE_KFV_OBJECT_EVENT(kfv_pep_listen);
DEFINE_KFV_OBJECT_EVENT(kfv_pep_kill);

/*
 * Connections
 */
TRACE_EVENT(kfv_conn_state,
	TP_PROTO(const struct kfv_ep *ep, enum kfv_ep_state from,
		 enum kfv_ep_state to),
	TP_ARGS(ep, from, to),

	TP_STRUCT__entry(
		__field(u32, id)
		__field(u32, from)
		__field(u32, to)
	),

	TP_fast_assign(
		__entry->id = ep->node.id;
		__entry->from = from;
		__entry->to = to;
	),

	TP_printk("fid=%u %s -> %s", __entry->id,
		  kfv_show_ep_state(__entry->from),
		  kfv_show_ep_state(__entry->to))
);

DECLARE_EVENT_CLASS(kfv_conn_class,
	TP_PROTO(const struct kfi_fid_node *node,
		 const struct rdma_cm_event *event),
	TP_ARGS(node, event),

	TP_STRUCT__entry(
		__field(u32, id)
		__field(u32, event)
		__field(int, status)
	),

	TP_fast_assign(
		__entry->id = node->id;
		__entry->event = event->event;
		__entry->status = event->status;
	),

	TP_printk("fid=%u event=%s status=%d", __entry->id,
		  rdma_show_cm_event(__entry->event), __entry->status)
);

#define DEFINE_KFV_CONN_EVENT(name)					\
	DEFINE_EVENT(kfv_conn_class, name,				\
		TP_PROTO(const struct kfi_fid_node *node,		\
			 const struct rdma_cm_event *event),		\
		TP_ARGS(node, event))

DEFINE_KFV_CONN_EVENT(kfv_conn_event);
DEFINE_KFV_CONN_EVENT(kfv_pep_event);

/*
 * Work requests, when posted and when completed
 */
DECLARE_EVENT_CLASS(kfv_post_class,
	TP_PROTO(const struct kfv_ep *ep, const struct kfv_req *req,
		 u32 opcode, size_t len, int err),
	TP_ARGS(ep, req, opcode, len, err),

	TP_STRUCT__entry(
		__field(u32, id)
		__field(u32, req)
		__field(const void *, context)
		__field(u32, opcode)
		__field(size_t, len)
		__field(int, err)
	),

	TP_fast_assign(
		__entry->id = ep->node.id;
		__entry->req = kfv_queue_index(&ep->sq, req);
		__entry->context = req->context;
		__entry->opcode = opcode;
		__entry->len = len;
		__entry->err = err;
	),

	TP_printk("fid=%u req=%u context=%p %s len=%zu err=%d", __entry->id,
		  __entry->req, __entry->context,
		  kfv_show_opcode(__entry->opcode), __entry->len,
		  __entry->err)
);

#define DEFINE_KFV_POST_EVENT(name)					\
	DEFINE_EVENT(kfv_post_class, name,				\
		TP_PROTO(const struct kfv_ep *ep,			\
			 const struct kfv_req *req, u32 opcode,		\
			 size_t len, int err),				\
		TP_ARGS(ep, req, opcode, len, err))

DEFINE_KFV_POST_EVENT(kfv_post_send);

TRACE_EVENT(kfv_post_recv,
	TP_PROTO(const struct kfv_ep *ep, const struct kfv_req *req,
		 size_t len, int err),
	TP_ARGS(ep, req, len, err),

	TP_STRUCT__entry(
		__field(u32, id)
		__field(u32, req)
		__field(const void *, context)
		__field(size_t, len)
		__field(int, err)
	),

	TP_fast_assign(
		__entry->id = ep->node.id;
		__entry->req = kfv_queue_index(&ep->rq, req);
		__entry->context = req->context;
		__entry->len = len;
		__entry->err = err;
	),

	TP_printk("fid=%u req=%u context=%p len=%zu err=%d", __entry->id,
		  __entry->req, __entry->context, __entry->len, __entry->err)
);

DECLARE_EVENT_CLASS(kfv_wc_class,
	TP_PROTO(const struct kfv_ep *ep, const struct kfv_queue *queue,
		 const struct kfv_req *req, const struct ib_wc *wc),
	TP_ARGS(ep, queue, req, wc),

	TP_STRUCT__entry(
		__field(u32, id)
		__field(u32, req)
		__field(u32, status)
		__field(u32, vendor_err)
		__field(u32, byte_len)
	),

	TP_fast_assign(
		__entry->id = ep->node.id;
		__entry->req = kfv_queue_index(queue, req);
		__entry->status = wc->status;
		__entry->vendor_err = wc->status ? wc->vendor_err : 0;
		__entry->byte_len = wc->status ? 0 : wc->byte_len;
	),

	TP_printk("fid=%u req=%u status=%s vendor_err=0x%x len=%u",
		  __entry->id, __entry->req,
		  rdma_show_wc_status(__entry->status), __entry->vendor_err,
		  __entry->byte_len)
);

#define DEFINE_KFV_WC_EVENT(name)					\
	DEFINE_EVENT(kfv_wc_class, name,				\
		TP_PROTO(const struct kfv_ep *ep,			\
			 const struct kfv_queue *queue,			\
			 const struct kfv_req *req,			\
			 const struct ib_wc *wc),			\
		TP_ARGS(ep, queue, req, wc))

DEFINE_KFV_WC_EVENT(kfv_wc_send);
DEFINE_KFV_WC_EVENT(kfv_wc_recv);

TRACE_EVENT(kfv_wc_regq,
	TP_PROTO(const struct kfi_fid_node *node, const void *req,
		 const struct ib_wc *wc),
	TP_ARGS(node, req, wc),

	TP_STRUCT__entry(
		__field(u32, id)
		__field(const void *, req)
		__field(u32, status)
		__field(u32, vendor_err)
		__field(u32, byte_len)
	),

	TP_fast_assign(
		__entry->id = node->id;
		__entry->req = req;
		__entry->status = wc->status;
		__entry->vendor_err = wc->status ? wc->vendor_err : 0;
		__entry->byte_len = wc->status ? 0 : wc->byte_len;
	),

	TP_printk("fid=%u req=%p status=%s vendor_err=0x%x len=%u",
		  __entry->id, __entry->req,
		  rdma_show_wc_status(__entry->status), __entry->vendor_err,
		  __entry->byte_len)
);

/*
 * The control queue pair, and what is asked over it
 */
TRACE_EVENT(kfv_wc_ctl,
	TP_PROTO(const struct kfi_fid_node *node, const char *what,
		 const struct ib_wc *wc),
	TP_ARGS(node, what, wc),

	TP_STRUCT__entry(
		__field(u32, id)
		__array(char, what, KFV_TRACE_REASON_LEN)
		__field(u32, status)
		__field(u32, vendor_err)
		__field(u32, byte_len)
	),

	TP_fast_assign(
		__entry->id = node->id;
		strscpy(__entry->what, what, KFV_TRACE_REASON_LEN);
		__entry->status = wc->status;
		__entry->vendor_err = wc->status ? wc->vendor_err : 0;
		__entry->byte_len = wc->status ? 0 : wc->byte_len;
	),

	TP_printk("fid=%u %s status=%s vendor_err=0x%x len=%u", __entry->id,
		  __entry->what, rdma_show_wc_status(__entry->status),
		  __entry->vendor_err, __entry->byte_len)
);

TRACE_EVENT(kfv_serve,
	TP_PROTO(const struct kfi_fid_node *node,
		 const struct kfv_wire_msg *msg, int status),
	TP_ARGS(node, msg, status),

	TP_STRUCT__entry(
		__field(u32, id)
		__field(u32, request)
		__field(u32, nr_ranges)
		__field(u32, store_len)
		__field(int, status)
	),

	TP_fast_assign(
		__entry->id = node->id;
		__entry->request = be32_to_cpu(msg->id);
		__entry->nr_ranges = msg->nr_ranges;
		__entry->store_len = msg->store_len;
		__entry->status = status;
	),

	TP_printk("fid=%u request=%u ranges=%u store=%u status=%d",
		  __entry->id, __entry->request, __entry->nr_ranges,
		  __entry->store_len, __entry->status)
);

/*
 * Queue pairs
 */
DECLARE_EVENT_CLASS(kfv_qp_class,
	TP_PROTO(const struct kfv_ep *ep, int value),
	TP_ARGS(ep, value),

	TP_STRUCT__entry(
		__field(u32, id)
		__field(u32, hw)
		__field(int, value)
	),

	TP_fast_assign(
		__entry->id = ep->node.id;
		__entry->hw = ep->qp ? ep->qp->qp_num : 0;
		__entry->value = value;
	),

	TP_printk("fid=%u hw=%u value=%d", __entry->id, __entry->hw,
		  __entry->value)
);

DEFINE_EVENT(kfv_qp_class, kfv_qp_error,
	TP_PROTO(const struct kfv_ep *ep, int value),
	TP_ARGS(ep, value));

DEFINE_EVENT_PRINT(kfv_qp_class, kfv_qp_event,
	TP_PROTO(const struct kfv_ep *ep, int value),
	TP_ARGS(ep, value),
	TP_printk("fid=%u hw=%u event=%s", __entry->id, __entry->hw,
		  rdma_show_ib_event(__entry->value)));

/*
 * Memory regions
 */
DECLARE_EVENT_CLASS(kfv_mr_class,
	TP_PROTO(const struct kfv_mr *mr, int err),
	TP_ARGS(mr, err),

	TP_STRUCT__entry(
		__field(u32, id)
		__field(u64, key)
		__field(size_t, length)
		__field(u64, access)
		__field(u32, nents)
		__field(int, err)
	),

	TP_fast_assign(
		__entry->id = mr->node.id;
		__entry->key = mr->mr.key;
		__entry->length = mr->length;
		__entry->access = mr->access;
		__entry->nents = mr->sgt.orig_nents;
		__entry->err = err;
	),

	TP_printk("fid=%u key=0x%llx length=%zu access=0x%llx nents=%u err=%d",
		  __entry->id, __entry->key, __entry->length, __entry->access,
		  __entry->nents, __entry->err)
);

#define DEFINE_KFV_MR_EVENT(name)					\
	DEFINE_EVENT(kfv_mr_class, name,				\
		TP_PROTO(const struct kfv_mr *mr, int err),		\
		TP_ARGS(mr, err))

DEFINE_KFV_MR_EVENT(kfv_mr_reg);
DEFINE_KFV_MR_EVENT(kfv_mr_inv);
DEFINE_KFV_MR_EVENT(kfv_mr_kill);

#endif /* _KFV_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
