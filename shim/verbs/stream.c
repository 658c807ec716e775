// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Streams
 *
 * Purpose: on iWARP a queue pair is a TCP connection, so the queue pairs that
 * the provider has for itself cannot just be set up with numbers: they are
 * connected by the connection manager, like a client's.
 *
 * Operation: one end listens at a port of its own, which its owner tells the
 * other; the other connects. A cookie that both owners know keeps strangers
 * away. The queue pair is the owner's, made before.
 *
 * Ownership: the rdma_cm_ids belong to the stream until kfv_stream_close(),
 * which the owner calls before it destroys the queue pair.
 *
 * Ordering: the owner hears of each change in a handler of the connection
 * manager, of none after kfv_stream_close().
 *
 * Errors: whatever fails is told to the owner, once or more often.
 */
#include <linux/err.h>
#include <net/net_namespace.h>

#include "info.h"
#include "stream.h"

enum {
	/* ports that are tried: others than RDMA users have some, too */
	KFV_STREAM_PORTS = 16,
	/* reads in flight: nobody reads here, but 0 is as good as broken */
	KFV_STREAM_READS = 1,
	KFV_STREAM_RESOLVE_MS = 2000,
	/* strangers that have not been turned away yet, and the other end */
	KFV_STREAM_BACKLOG = 4,
};

static void kfv_stream_param(const struct kfv_stream *stream,
			     const struct kfv_wire_stream *hello,
			     struct rdma_conn_param *param)
{
	*param = (struct rdma_conn_param) {
		.private_data = hello,
		.private_data_len = hello ? sizeof(*hello) : 0,
		.responder_resources = KFV_STREAM_READS,
		.initiator_depth = KFV_STREAM_READS,
		.qp_num = stream->qp->qp_num,
	};
}

static bool kfv_stream_knows(const struct kfv_stream *stream,
			     const struct rdma_conn_param *param)
{
	const struct kfv_wire_stream *hello = param->private_data;

	return stream->cookie && hello &&
	       param->private_data_len >= sizeof(*hello) &&
	       hello->magic == cpu_to_be16(KFV_WIRE_MAGIC) &&
	       hello->version == KFV_WIRE_VERSION &&
	       hello->cookie == cpu_to_be64(stream->cookie);
}

/* The connection manager destroys what is not accepted. */
static int kfv_stream_accept(struct kfv_stream *stream, struct rdma_cm_id *id,
			     const struct rdma_conn_param *from)
{
	struct rdma_conn_param param;
	int rc;

	if (stream->id || !kfv_stream_knows(stream, from))
		return -EACCES;
	kfv_stream_param(stream, NULL, &param);
	rc = rdma_accept(id, &param);
	if (!rc)
		stream->id = id;
	return rc;
}

static int kfv_stream_request(struct kfv_stream *stream, struct rdma_cm_id *id)
{
	const struct kfv_wire_stream hello = {
		.magic = cpu_to_be16(KFV_WIRE_MAGIC),
		.version = KFV_WIRE_VERSION,
		.cookie = cpu_to_be64(stream->cookie),
	};
	struct rdma_conn_param param;

	kfv_stream_param(stream, &hello, &param);
	return rdma_connect_locked(id, &param);
}

static int kfv_stream_handler(struct rdma_cm_id *id,
			      struct rdma_cm_event *event)
{
	struct kfv_stream *stream = id->context;
	int rc = 0;

	switch (event->event) {
	case RDMA_CM_EVENT_CONNECT_REQUEST:
		return kfv_stream_accept(stream, id, &event->param.conn);
	case RDMA_CM_EVENT_ADDR_RESOLVED:
		rc = rdma_resolve_route(id, KFV_STREAM_RESOLVE_MS);
		break;
	case RDMA_CM_EVENT_ROUTE_RESOLVED:
		rc = kfv_stream_request(stream, id);
		break;
	case RDMA_CM_EVENT_ESTABLISHED:
		stream->changed(stream, 0);
		break;
	case RDMA_CM_EVENT_DISCONNECTED:
		rc = -ECONNRESET;
		break;
	case RDMA_CM_EVENT_ADDR_ERROR:
	case RDMA_CM_EVENT_ROUTE_ERROR:
	case RDMA_CM_EVENT_CONNECT_ERROR:
	case RDMA_CM_EVENT_UNREACHABLE:
	case RDMA_CM_EVENT_REJECTED:
		rc = -kfv_xlate_cm_error(event);
		break;
	default:
		break;
	}
	if (rc)
		stream->changed(stream, rc);
	return 0;
}

static struct rdma_cm_id *kfv_stream_new_id(struct kfv_stream *stream)
{
	return rdma_create_id(&init_net, kfv_stream_handler, stream,
			      RDMA_PS_TCP, IB_QPT_RC);
}

static int kfv_stream_bind(const struct kfv_stream *stream,
			   struct rdma_cm_id *id, const union kfv_addr *local)
{
	union kfv_addr addr = *local;
	int rc;

	kfv_addr_set_port(&addr, 0);
	rc = rdma_bind_addr(id, &addr.sa);
	if (rc)
		return rc;
	return id->device == stream->qp->device ? 0 : -EADDRNOTAVAIL;
}

static int kfv_stream_try_listen(struct kfv_stream *stream,
				 const union kfv_addr *local)
{
	struct rdma_cm_id *id = kfv_stream_new_id(stream);
	int rc;

	if (IS_ERR(id))
		return PTR_ERR(id);
	rc = kfv_stream_bind(stream, id, local);
	if (!rc)
		rc = rdma_listen(id, KFV_STREAM_BACKLOG);
	if (rc)
		rdma_destroy_id(id);
	else
		stream->listener = id;
	return rc;
}

/**
 * kfv_stream_listen - be the end that is connected to
 * @stream: has a queue pair and @changed; nobody is let in before it has a
 *	cookie
 * @local: an address of the queue pair's port
 *
 * Context: process, may sleep.
 * Return: the port number to tell the other end, or a negative errno.
 */
int kfv_stream_listen(struct kfv_stream *stream, const union kfv_addr *local)
{
	union kfv_addr addr;
	int tries = KFV_STREAM_PORTS;
	int rc;

	/* the connection manager picks a port that TCP may have given away */
	do {
		rc = kfv_stream_try_listen(stream, local);
	} while (rc == -EADDRINUSE && --tries);
	if (rc)
		return rc;
	addr.ss = stream->listener->route.addr.src_addr;
	return kfv_addr_port(&addr);
}

/**
 * kfv_stream_connect - be the end that connects
 * @stream: has a queue pair, a cookie and @changed
 * @local: an address of the queue pair's port
 * @peer: address and port of the other end
 *
 * Context: process, may sleep.
 * Return: 0: @changed will be called; or a negative errno. kfv_stream_close() is
 * called for either.
 */
int kfv_stream_connect(struct kfv_stream *stream, const union kfv_addr *local,
		       const union kfv_addr *peer)
{
	union kfv_addr addr = *peer;
	struct rdma_cm_id *id;
	int rc;

	id = kfv_stream_new_id(stream);
	if (IS_ERR(id))
		return PTR_ERR(id);
	/* whatever happens: the caller may hold the handler lock of another one */
	stream->id = id;
	rc = kfv_stream_bind(stream, id, local);
	if (!rc)
		rc = rdma_resolve_addr(id, NULL, &addr.sa,
				       KFV_STREAM_RESOLVE_MS);
	return rc;
}

/**
 * kfv_stream_close - give up the connection, or the attempt
 * @stream: all zero, or used by the above
 *
 * Its queue pair is in the error state then, if it ever was connected.
 *
 * Context: process, may sleep; not in a handler of the connection manager.
 */
void kfv_stream_close(struct kfv_stream *stream)
{
	/* first who could still add the other one */
	if (stream->listener)
		rdma_destroy_id(stream->listener);
	stream->listener = NULL;
	if (stream->id)
		rdma_destroy_id(stream->id);
	stream->id = NULL;
}
