/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Trace events of kfabric.ko. One event class per shape: provider, fid,
 * getinfo, completion, event.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM kfabric

#if !defined(_KFI_CORE_TRACE_H_) || defined(TRACE_HEADER_MULTI_READ)
#define _KFI_CORE_TRACE_H_

#include <linux/string.h>
#include <linux/tracepoint.h>

#include <kfi_prov.h>

#define KFI_TRACE_NAME_LEN	32
#define KFI_TRACE_REASON_LEN	96

#define kfi_show_op_flags(flags)					\
	__print_flags_u64(flags, "|",					\
		{ KFI_MSG,			"MSG" },		\
		{ KFI_RMA,			"RMA" },		\
		{ KFI_TAGGED,			"TAGGED" },		\
		{ KFI_ATOMIC,			"ATOMIC" },		\
		{ KFI_READ,			"READ" },		\
		{ KFI_WRITE,			"WRITE" },		\
		{ KFI_RECV,			"RECV" },		\
		{ KFI_SEND,			"SEND" },		\
		{ KFI_REMOTE_READ,		"REMOTE_READ" },	\
		{ KFI_REMOTE_WRITE,		"REMOTE_WRITE" },	\
		{ KFI_MULTI_RECV,		"MULTI_RECV" },		\
		{ KFI_REMOTE_CQ_DATA,		"REMOTE_CQ_DATA" })

TRACE_DEFINE_ENUM(KFI_NOTIFY);
TRACE_DEFINE_ENUM(KFI_CONNREQ);
TRACE_DEFINE_ENUM(KFI_CONNECTED);
TRACE_DEFINE_ENUM(KFI_SHUTDOWN);
TRACE_DEFINE_ENUM(KFI_MR_COMPLETE);
TRACE_DEFINE_ENUM(KFI_AV_COMPLETE);
TRACE_DEFINE_ENUM(KFI_JOIN_COMPLETE);

#define kfi_show_eq_event(event)					\
	__print_symbolic(event,						\
		{ KFI_NOTIFY,			"NOTIFY" },		\
		{ KFI_CONNREQ,			"CONNREQ" },		\
		{ KFI_CONNECTED,		"CONNECTED" },		\
		{ KFI_SHUTDOWN,			"SHUTDOWN" },		\
		{ KFI_MR_COMPLETE,		"MR_COMPLETE" },	\
		{ KFI_AV_COMPLETE,		"AV_COMPLETE" },	\
		{ KFI_JOIN_COMPLETE,		"JOIN_COMPLETE" })

/*
 * Provider registry
 */
DECLARE_EVENT_CLASS(kfi_provider_class,
	TP_PROTO(const struct kfi_provider *prov, int err),
	TP_ARGS(prov, err),

	TP_STRUCT__entry(
		__array(char, name, KFI_TRACE_NAME_LEN)
		__field(u32, version)
		__field(int, refs)
		__field(int, err)
	),

	TP_fast_assign(
		strscpy(__entry->name, prov->name ?: "(null)",
			KFI_TRACE_NAME_LEN);
		__entry->version = prov->version;
		__entry->refs = atomic_read(&prov->ref_cnt);
		__entry->err = err;
	),

	TP_printk("prov=%s version=%u.%u refs=%d err=%d",
		  __entry->name, KFI_MAJOR(__entry->version),
		  KFI_MINOR(__entry->version), __entry->refs, __entry->err)
);

#define DEFINE_KFI_PROVIDER_EVENT(name)					\
	DEFINE_EVENT(kfi_provider_class, name,				\
		TP_PROTO(const struct kfi_provider *prov, int err),	\
		TP_ARGS(prov, err))

DEFINE_KFI_PROVIDER_EVENT(kfi_provider_register);
DEFINE_KFI_PROVIDER_EVENT(kfi_provider_deregister);
DEFINE_KFI_PROVIDER_EVENT(kfi_provider_refused);
DEFINE_KFI_PROVIDER_EVENT(kfi_provider_fabric);

/*
 * Life of a fid
 */
DECLARE_EVENT_CLASS(kfi_fid_class,
	TP_PROTO(const struct kfi_fid_node *node),
	TP_ARGS(node),

	TP_STRUCT__entry(
		__array(char, name, KFI_TRACE_NAME_LEN)
		__field(u32, id)
		__field(size_t, fclass)
		__field(int, refs)
	),

	TP_fast_assign(
		strscpy(__entry->name, node->type->name, KFI_TRACE_NAME_LEN);
		__entry->id = node->id;
		__entry->fclass = node->type->fclass;
		__entry->refs = atomic_read(&node->fid->ref_cnt);
	),

	TP_printk("fid=%u name=%s class=%zu refs=%d", __entry->id,
		  __entry->name, __entry->fclass, __entry->refs)
);

#define DEFINE_KFI_FID_EVENT(name)					\
	DEFINE_EVENT(kfi_fid_class, name,				\
		TP_PROTO(const struct kfi_fid_node *node),		\
		TP_ARGS(node))

DEFINE_KFI_FID_EVENT(kfi_fid_init);
DEFINE_KFI_FID_EVENT(kfi_fid_publish);
DEFINE_KFI_FID_EVENT(kfi_fid_retire);
DEFINE_KFI_FID_EVENT(kfi_fid_busy);
DEFINE_KFI_FID_EVENT(kfi_fid_fini);

/*
 * kfi_getinfo() and why an offer did not match
 */
TRACE_EVENT(kfi_getinfo,
	TP_PROTO(u32 version, const char *node, const char *service,
		 u64 flags, int count, int ret),
	TP_ARGS(version, node, service, flags, count, ret),

	TP_STRUCT__entry(
		__field(u32, version)
		__array(char, node, KFI_TRACE_NAME_LEN)
		__array(char, service, KFI_TRACE_NAME_LEN)
		__field(u64, flags)
		__field(int, count)
		__field(int, ret)
	),

	TP_fast_assign(
		__entry->version = version;
		strscpy(__entry->node, node ?: "", KFI_TRACE_NAME_LEN);
		strscpy(__entry->service, service ?: "", KFI_TRACE_NAME_LEN);
		__entry->flags = flags;
		__entry->count = count;
		__entry->ret = ret;
	),

	TP_printk("version=%u.%u node=\"%s\" service=\"%s\" flags=0x%llx infos=%d ret=%d",
		  KFI_MAJOR(__entry->version), KFI_MINOR(__entry->version),
		  __entry->node, __entry->service, __entry->flags,
		  __entry->count, __entry->ret)
);

TRACE_EVENT(kfi_info_mismatch,
	TP_PROTO(const char *prov, const char *domain, const char *reason),
	TP_ARGS(prov, domain, reason),

	TP_STRUCT__entry(
		__array(char, prov, KFI_TRACE_NAME_LEN)
		__array(char, domain, KFI_TRACE_NAME_LEN)
		__array(char, reason, KFI_TRACE_REASON_LEN)
	),

	TP_fast_assign(
		strscpy(__entry->prov, prov ?: "?", KFI_TRACE_NAME_LEN);
		strscpy(__entry->domain, domain ?: "?", KFI_TRACE_NAME_LEN);
		strscpy(__entry->reason, reason, KFI_TRACE_REASON_LEN);
	),

	TP_printk("offer=%s/%s %s", __entry->prov, __entry->domain,
		  __entry->reason)
);

/*
 * Completion ring
 */
DECLARE_EVENT_CLASS(kfi_cqring_class,
	TP_PROTO(const struct kfid_cq *cq,
		 const struct kfi_cqring_entry *comp),
	TP_ARGS(cq, comp),

	TP_STRUCT__entry(
		__field(const void *, cq)
		__field(const void *, op_context)
		__field(u64, flags)
		__field(size_t, len)
		__field(int, err)
	),

	TP_fast_assign(
		__entry->cq = cq;
		__entry->op_context = comp->op_context;
		__entry->flags = comp->flags;
		__entry->len = comp->len;
		__entry->err = comp->err;
	),

	TP_printk("cq=%p op_context=%p flags=0x%llx (%s) len=%zu err=%d",
		  __entry->cq, __entry->op_context, __entry->flags,
		  kfi_show_op_flags(__entry->flags), __entry->len,
		  __entry->err)
);

#define DEFINE_KFI_CQRING_EVENT(name)					\
	DEFINE_EVENT(kfi_cqring_class, name,				\
		TP_PROTO(const struct kfid_cq *cq,			\
			 const struct kfi_cqring_entry *comp),		\
		TP_ARGS(cq, comp))

DEFINE_KFI_CQRING_EVENT(kfi_cqring_push);
DEFINE_KFI_CQRING_EVENT(kfi_cqring_readerr);

/*
 * Event queue
 */
DECLARE_EVENT_CLASS(kfi_evq_class,
	TP_PROTO(u32 event, const struct kfid *fid, int err),
	TP_ARGS(event, fid, err),

	TP_STRUCT__entry(
		__field(u32, event)
		__field(const void *, fid)
		__field(int, err)
	),

	TP_fast_assign(
		__entry->event = event;
		__entry->fid = fid;
		__entry->err = err;
	),

	TP_printk("event=%s fid=%p err=%d", kfi_show_eq_event(__entry->event),
		  __entry->fid, __entry->err)
);

#define DEFINE_KFI_EVQ_EVENT(name)					\
	DEFINE_EVENT(kfi_evq_class, name,				\
		TP_PROTO(u32 event, const struct kfid *fid, int err),	\
		TP_ARGS(event, fid, err))

DEFINE_KFI_EVQ_EVENT(kfi_evq_push);
DEFINE_KFI_EVQ_EVENT(kfi_evq_read);

#endif /* _KFI_CORE_TRACE_H_ */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
