// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Connections of the back end of kernel verbs, by rdma_cm. As most ULPs do, a client
 * takes the next step when it is told of the last one, in the handler; a server
 * accepts where it waits.
 */
#include <linux/err.h>
#include <linux/in.h>
#include <linux/inet.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <net/net_namespace.h>
#include <rdma/ib_cm.h>

#include "genraw.h"

static void kfp_genrawcm_param(struct kfp_genraw *raw, struct kfp_hello *hello,
			       struct rdma_conn_param *param)
{
	u8 reads = min_t(u32, KFP_GENRAW_READS, raw->dev->attrs.max_qp_rd_atom);

	kfp_side_hello(&raw->side, raw->mr_in.mr->rkey, raw->mr_out.mr->rkey,
		       hello);
	*param = (struct rdma_conn_param) {
		.private_data = hello,
		.private_data_len = sizeof(*hello),
		.responder_resources = reads,
		.initiator_depth = reads,
		.flow_control = 1,
		.retry_count = 7,
		.rnr_retry_count = 7,
	};
}

static int kfp_genrawcm_ask(struct kfp_genraw_conn *rconn)
{
	struct kfp_genraw *raw = kfp_genraw(rconn->conn.side);
	struct rdma_conn_param param;
	struct kfp_hello hello;
	int rc;

	rc = kfp_genraw_start(rconn);
	kfp_genrawcm_param(raw, &hello, &param);
	return rc ?: rdma_connect_locked(rconn->id, &param);
}

static void kfp_genrawcm_heard(struct kfp_genraw *raw,
			       const struct rdma_conn_param *param)
{
	raw->hello_len = min_t(size_t, param->private_data_len,
			       sizeof(raw->hello));
	memcpy(&raw->hello, param->private_data, raw->hello_len);
}

static void kfp_genrawcm_become(struct kfp_genraw_conn *rconn, int state)
{
	/* pairs with kfp_genrawcm_wait() */
	smp_store_release(&rconn->state, state);
	wake_up(&kfp_genraw(rconn->conn.side)->wait);
}

static int kfp_genrawcm_request(struct kfp_genraw *raw, struct rdma_cm_id *id,
				const struct rdma_conn_param *param)
{
	if (raw->request)
		return -EBUSY;
	kfp_genrawcm_heard(raw, param);
	/* pairs with kfp_genrawcm_accept() */
	smp_store_release(&raw->request, id);
	wake_up(&raw->wait);
	return 0;
}

static int kfp_genrawcm_event(struct rdma_cm_id *id, struct rdma_cm_event *event)
{
	struct kfp_genraw_conn *rconn = id->context;
	struct kfp_genraw *raw = kfp_genraw(rconn->conn.side);
	int rc = 0;

	switch (event->event) {
	case RDMA_CM_EVENT_ADDR_RESOLVED:
		if (rconn == &raw->lead)
			kfp_genrawcm_become(rconn, 1);
		else
			rc = rdma_resolve_route(id, KFP_GEN_TIMEOUT_MS);
		break;
	case RDMA_CM_EVENT_ROUTE_RESOLVED:
		rc = kfp_genrawcm_ask(rconn);
		break;
	case RDMA_CM_EVENT_CONNECT_REQUEST:
		return kfp_genrawcm_request(raw, id, &event->param.conn);
	case RDMA_CM_EVENT_ESTABLISHED:
		if (!raw->side.server)
			kfp_genrawcm_heard(raw, &event->param.conn);
		kfp_genrawcm_become(rconn, 1);
		break;
	case RDMA_CM_EVENT_DISCONNECTED:
	case RDMA_CM_EVENT_DEVICE_REMOVAL:
		WRITE_ONCE(rconn->conn.gone, true);
		break;
	case RDMA_CM_EVENT_TIMEWAIT_EXIT:
		break;
	default:
		rc = event->status < 0 ? event->status : -ECONNREFUSED;
	}
	if (rc)
		kfp_genrawcm_become(rconn, rc);
	return 0;
}

static int kfp_genrawcm_wait(struct kfp_genraw_conn *rconn)
{
	struct kfp_genraw *raw = kfp_genraw(rconn->conn.side);

	/* pairs with kfp_genrawcm_become() */
	wait_event_timeout(raw->wait, smp_load_acquire(&rconn->state),
			   msecs_to_jiffies(KFP_GEN_TIMEOUT_MS));
	if (!rconn->state)
		return -ETIMEDOUT;
	return rconn->state < 0 ? rconn->state : 0;
}

static int kfp_genrawcm_new_id(struct kfp_genraw_conn *rconn)
{
	struct rdma_cm_id *id = rdma_create_id(&init_net, kfp_genrawcm_event,
					       rconn, RDMA_PS_TCP, IB_QPT_RC);

	if (IS_ERR(id))
		return PTR_ERR(id);
	rconn->id = id;
	return 0;
}

static int kfp_genrawcm_address(const struct kfp_side *side,
				struct sockaddr_storage *addr)
{
	char port[8];

	snprintf(port, sizeof(port), "%u", side->port);
	return inet_pton_with_scope(&init_net, AF_UNSPEC, side->addr, port, addr);
}

static int kfp_genrawcm_resolve(struct kfp_genraw_conn *rconn)
{
	struct sockaddr_storage addr;
	int rc;

	rc = kfp_genrawcm_address(rconn->conn.side, &addr);
	rc = rc ?: kfp_genrawcm_new_id(rconn);
	return rc ?: rdma_resolve_addr(rconn->id, NULL, (struct sockaddr *)&addr,
				       KFP_GEN_TIMEOUT_MS);
}

static int kfp_genrawcm_listen(struct kfp_genraw *raw)
{
	struct sockaddr_storage addr;
	struct rdma_cm_id *id;
	int rc;

	rc = kfp_genrawcm_address(&raw->side, &addr);
	rc = rc ?: kfp_genrawcm_new_id(&raw->lead);
	if (rc)
		return rc;
	id = raw->lead.id;
	rc = rdma_bind_addr(id, (struct sockaddr *)&addr);
	if (!rc && !id->device)
		rc = -ENODEV;
	rc = rc ?: kfp_genraw_attach(raw, id->device);
	rc = rc ?: rdma_listen(id, KFP_GEN_CONNS);
	/* the same place for both families */
	raw->side.port = be16_to_cpu(((struct sockaddr_in *)
				      &id->route.addr.src_addr)->sin_port);
	return rc;
}

/**
 * kfp_genrawcm_open - find the device, and listen if it is a server
 * @raw: the side
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int kfp_genrawcm_open(struct kfp_genraw *raw)
{
	int rc;

	raw->lead.conn.side = &raw->side;
	if (raw->side.server)
		return kfp_genrawcm_listen(raw);
	rc = kfp_genrawcm_resolve(&raw->lead);
	rc = rc ?: kfp_genrawcm_wait(&raw->lead);
	return rc ?: kfp_genraw_attach(raw, raw->lead.id->device);
}

/**
 * kfp_genrawcm_close - undo kfp_genrawcm_open()
 * @raw: the side, without connections
 *
 * Context: process, may sleep.
 */
void kfp_genrawcm_close(struct kfp_genraw *raw)
{
	if (raw->lead.id)
		rdma_destroy_id(raw->lead.id);
	if (raw->request) {
		rdma_reject(raw->request, NULL, 0, IB_CM_REJ_CONSUMER_DEFINED);
		rdma_destroy_id(raw->request);
	}
}

/**
 * kfp_genrawcm_connect - begin to connect
 * @conn: end of a client
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int kfp_genrawcm_connect(struct kfp_conn *conn)
{
	return kfp_genrawcm_resolve(kfp_genraw_conn(conn));
}

/**
 * kfp_genrawcm_accept - wait for a client and accept it
 * @conn: end of the server
 *
 * Context: a kernel thread; may sleep.
 * Return: 0 or a negative errno.
 */
int kfp_genrawcm_accept(struct kfp_conn *conn)
{
	struct kfp_genraw_conn *rconn = kfp_genraw_conn(conn);
	struct kfp_genraw *raw = kfp_genraw(conn->side);
	struct rdma_conn_param param;
	struct kfp_hello hello;
	int rc;

	/* pairs with kfp_genrawcm_request() */
	wait_event_timeout(raw->wait, smp_load_acquire(&raw->request) ||
			   kthread_should_stop(),
			   msecs_to_jiffies(KFP_GEN_TIMEOUT_MS));
	if (!raw->request)
		return -ETIMEDOUT;
	rconn->id = raw->request;
	rconn->id->context = rconn;
	rc = kfp_side_greeted(conn, &raw->hello, raw->hello_len);
	WRITE_ONCE(raw->request, NULL);
	rc = rc ?: kfp_genraw_start(rconn);
	kfp_genrawcm_param(raw, &hello, &param);
	if (rc)
		return rc;
	rdma_lock_handler(rconn->id);
	rc = rdma_accept(rconn->id, &param);
	rdma_unlock_handler(rconn->id);
	/* its queue pair can be used; the client waits for a message */
	return rc ?: kfp_genraw_register(rconn);
}

/**
 * kfp_genrawcm_finish - wait until the connection can be used
 * @conn: either end
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int kfp_genrawcm_finish(struct kfp_conn *conn)
{
	struct kfp_genraw_conn *rconn = kfp_genraw_conn(conn);
	struct kfp_genraw *raw = kfp_genraw(conn->side);
	int rc;

	rc = kfp_genrawcm_wait(rconn);
	if (rc || conn->side->server)
		return rc;
	rc = kfp_side_greeted(conn, &raw->hello, raw->hello_len);
	return rc ?: kfp_genraw_register(rconn);
}

/**
 * kfp_genrawcm_disconnect - give up what a connection has
 * @conn: either end
 *
 * Context: process, may sleep.
 */
void kfp_genrawcm_disconnect(struct kfp_conn *conn)
{
	struct kfp_genraw_conn *rconn = kfp_genraw_conn(conn);
	bool direct = conn->side->be->direct;

	if (!rconn->id)
		return;
	rdma_disconnect(rconn->id);
	if (rconn->id->qp) {
		if (!direct)
			ib_drain_qp(rconn->id->qp);
		rdma_destroy_qp(rconn->id);
		/* nobody else takes what is left, nor does more come */
		if (direct)
			ib_process_cq_direct(kfp_genraw(conn->side)->cq, -1);
	}
	rdma_destroy_id(rconn->id);
}
