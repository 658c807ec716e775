// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * An RDMA device without hardware.
 */
#include <linux/log2.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "fake_hca.h"

#define FAKE_PROTOCOL	(RDMA_CORE_CAP_PROT_IB | RDMA_CORE_CAP_IB_CM)

struct fake_pd {
	struct ib_pd ibpd;
};

/*
 * Work queues
 */

static int fake_ring_init(struct fake_ring *ring, u32 max, u32 max_sge)
{
	ring->mask = roundup_pow_of_two(max) - 1;
	ring->max = max;
	ring->max_sge = max_sge;
	ring->wrs = kvcalloc(ring->mask + 1, sizeof(*ring->wrs), GFP_KERNEL);
	return ring->wrs ? 0 : -ENOMEM;
}

static struct fake_wr *fake_ring_at(struct fake_ring *ring, u32 i)
{
	return &ring->wrs[i & ring->mask];
}

/* Make the completion of a request */
static bool fake_ring_tell(struct fake_qp *qp, struct fake_ring *ring,
			   struct fake_wr *wr, struct ib_wc *wc)
{
	struct fake_hca *hca = to_fake_hca(qp->ibqp.device);
	struct ib_cq *cq = ring == &qp->sq ? qp->ibqp.send_cq :
					     qp->ibqp.recv_cq;

	if (wr->inv_rkey && !wc->status)
		fake_mr_end(hca, wr->inv_rkey);
	wc->wr_cqe = wr->cqe;
	wc->qp = &qp->ibqp;
	return fake_cq_add(hca, to_fake_cq(cq), wc);
}

/* Make the completion of a request that is @ring's oldest, and drop it */
static bool fake_ring_finish(struct fake_qp *qp, struct fake_ring *ring,
			     struct ib_wc *wc)
{
	struct fake_wr *wr = fake_ring_at(ring, ring->tail++);

	return !wr->done && fake_ring_tell(qp, ring, wr, wc);
}

static bool fake_ring_flush(struct fake_qp *qp, struct fake_ring *ring)
{
	bool announce = false;

	while (ring->tail != ring->head) {
		/* what is not defined on errors is poisoned */
		struct ib_wc wc = {
			.status = IB_WC_WR_FLUSH_ERR,
			.opcode = IB_WC_RECV_RDMA_WITH_IMM,
			.wc_flags = IB_WC_WITH_IMM,
			.byte_len = 0xdead,
		};

		announce |= fake_ring_finish(qp, ring, &wc);
	}
	return announce;
}

static void fake_qp_announce(struct fake_qp *qp, bool sends, bool recvs)
{
	struct fake_cq *scq = to_fake_cq(qp->ibqp.send_cq);
	struct fake_cq *rcq = to_fake_cq(qp->ibqp.recv_cq);

	if (sends)
		fake_cq_announce(scq);
	if (recvs)
		fake_cq_announce(rcq);
}

static void fake_qp_flush(struct fake_qp *qp)
{
	struct fake_hca *hca = to_fake_hca(qp->ibqp.device);
	bool sends, recvs;
	unsigned long flags;

	spin_lock_irqsave(&hca->lock, flags);
	qp->state = IB_QPS_ERR;
	sends = fake_ring_flush(qp, &qp->sq);
	recvs = fake_ring_flush(qp, &qp->rq);
	spin_unlock_irqrestore(&hca->lock, flags);
	fake_qp_announce(qp, sends, recvs);
}

/* Hardware takes its time: requests are there for a while after the error. */
static void fake_qp_flush_work(struct work_struct *work)
{
	fake_qp_flush(container_of(work, struct fake_qp, flush));
}

static int fake_create_qp(struct ib_qp *ibqp, struct ib_qp_init_attr *attr,
			  struct ib_udata *udata)
{
	struct fake_hca *hca = to_fake_hca(ibqp->device);
	struct fake_qp *qp = to_fake_qp(ibqp);
	int rc;

	if (hca->create_qp_hook)
		hca->create_qp_hook(hca->create_qp_arg);
	if (hca->create_qp_rc)
		return hca->create_qp_rc;
	if (attr->cap.max_inline_data > hca->max_inline ||
	    attr->cap.max_send_sge > hca->max_sge ||
	    attr->cap.max_recv_sge > hca->max_sge ||
	    attr->cap.max_send_wr > FAKE_MAX_WR ||
	    attr->cap.max_recv_wr > FAKE_MAX_WR)
		return -EINVAL;
	if (hca->max_total_sge && attr->cap.max_send_wr *
				  attr->cap.max_send_sge > hca->max_total_sge)
		return -ENOMEM;

	qp->cap = attr->cap;
	qp->sig_type = attr->sq_sig_type;
	qp->event_handler = attr->event_handler;
	qp->max_inline = min(hca->max_inline, hca->give_inline);
	qp->state = IB_QPS_RESET;
	INIT_WORK(&qp->flush, fake_qp_flush_work);
	rc = fake_ring_init(&qp->sq, attr->cap.max_send_wr,
			    attr->cap.max_send_sge);
	if (rc)
		return rc;
	rc = fake_ring_init(&qp->rq, attr->cap.max_recv_wr,
			    attr->cap.max_recv_sge);
	if (rc) {
		kvfree(qp->sq.wrs);
		return rc;
	}
	attr->cap.max_inline_data = qp->max_inline;
	ibqp->qp_num = ++hca->last_qpn;
	hca->qps++;
	return 0;
}

static int fake_destroy_qp(struct ib_qp *ibqp, struct ib_udata *udata)
{
	struct fake_hca *hca = to_fake_hca(ibqp->device);
	struct fake_qp *qp = to_fake_qp(ibqp);

	cancel_work_sync(&qp->flush);
	if (rdma_protocol_iwarp(ibqp->device, 1))
		hca->orphans += fake_qp_recvs(qp);
	hca->qps--;
	kvfree(qp->sq.wrs);
	kvfree(qp->rq.wrs);
	return 0;
}

static int fake_modify_qp(struct ib_qp *ibqp, struct ib_qp_attr *attr, int mask,
			  struct ib_udata *udata)
{
	struct fake_hca *hca = to_fake_hca(ibqp->device);
	struct fake_qp *qp = to_fake_qp(ibqp);
	enum ib_qp_state to = mask & IB_QP_STATE ? attr->qp_state : qp->state;

	if (hca->modify_qp_rc)
		return hca->modify_qp_rc;
	if (!hca->no_cm &&
	    !ib_modify_qp_is_ok(qp->state, to, ibqp->qp_type, mask))
		return -EINVAL;
	qp->state = to;
	qp->attr = *attr;
	if (mask & IB_QP_ACCESS_FLAGS)
		qp->access = attr->qp_access_flags;
	if (to == IB_QPS_ERR)
		schedule_work(&qp->flush);
	return 0;
}

/* What every device checks, and the refusal that a test has asked for */
static int fake_qp_admit(struct fake_qp *qp, struct fake_ring *ring,
			 u32 num_sge)
{
	struct fake_hca *hca = to_fake_hca(qp->ibqp.device);

	lockdep_assert_held(&hca->lock);

	if (num_sge > ring->max_sge)
		return -EINVAL;
	if (ring->head - ring->tail == ring->max) {
		hca->wq_overruns++;
		return -ENOMEM;
	}
	if (!qp->refuse || qp->state == IB_QPS_ERR)
		return 0;
	if (qp->accept) {
		qp->accept--;
		return 0;
	}
	qp->refuse--;
	return qp->refuse_rc;
}

static void fake_wr_fill(struct fake_wr *to, const struct ib_sge *sge, u32 n,
			 bool chained)
{
	u32 i;

	*to = (struct fake_wr) { .num_sge = n, .chained = chained };
	for (i = 0; i < n; i++) {
		to->sge[i] = sge[i];
		to->len += sge[i].length;
	}
}

static bool fake_wr_is_rdma(const struct ib_send_wr *wr)
{
	return wr->opcode == IB_WR_RDMA_WRITE ||
	       wr->opcode == IB_WR_RDMA_WRITE_WITH_IMM ||
	       wr->opcode == IB_WR_RDMA_READ ||
	       wr->opcode == IB_WR_RDMA_READ_WITH_INV;
}

static void fake_wr_take_flush(struct fake_hca *hca, struct fake_wr *to,
			       const struct ib_send_wr *wr)
{
	hca->flushes++;
	if (!ib_can_post_flush(&hca->ibdev)) {
		hca->blind_flushes++;
		return;
	}
	if (wr->opcode == IB_WR_ATOMIC_WRITE) {
		to->remote_addr = atomic_write_wr(wr)->remote_addr;
		to->rkey = atomic_write_wr(wr)->rkey;
		to->value = atomic_write_wr(wr)->value;
		return;
	}
	to->remote_addr = flush_wr(wr)->remote_addr;
	to->rkey = flush_wr(wr)->rkey;
	to->len = flush_wr(wr)->length;
	to->type = flush_wr(wr)->type;
	to->level = flush_wr(wr)->level;
}

static void fake_wr_take_inline(struct fake_wr *wr)
{
	u8 *to = wr->data;
	u32 i;

	for (i = 0; i < wr->num_sge; i++) {
		memcpy(to, (void *)(uintptr_t)wr->sge[i].addr,
		       wr->sge[i].length);
		to += wr->sge[i].length;
	}
}

static int fake_qp_take_send(struct fake_qp *qp, const struct ib_send_wr *wr)
{
	struct fake_wr *to = fake_ring_at(&qp->sq, qp->sq.head);
	int rc;

	rc = fake_qp_admit(qp, &qp->sq, wr->num_sge);
	if (rc)
		return rc;
	fake_wr_fill(to, wr->sg_list, wr->num_sge, wr->next);
	to->cqe = wr->wr_cqe;
	to->opcode = wr->opcode;
	to->send_flags = wr->send_flags;
	to->imm = be32_to_cpu(wr->ex.imm_data);
	if (fake_wr_is_rdma(wr)) {
		to->remote_addr = rdma_wr(wr)->remote_addr;
		to->rkey = rdma_wr(wr)->rkey;
	}
	if (wr->opcode == IB_WR_RDMA_READ_WITH_INV)
		to->inv_rkey = wr->ex.invalidate_rkey;
	if (wr->opcode == IB_WR_FLUSH || wr->opcode == IB_WR_ATOMIC_WRITE)
		fake_wr_take_flush(to_fake_hca(qp->ibqp.device), to, wr);
	if (wr->send_flags & IB_SEND_INLINE) {
		if (to->len > qp->max_inline || wr->opcode == IB_WR_RDMA_READ)
			return -EINVAL;
		fake_wr_take_inline(to);
	}
	qp->sq.head++;
	return 0;
}

/* Registrations and invalidations wait for a test only if that says so. */
static bool fake_qp_register(struct fake_qp *qp, const struct ib_send_wr *wr)
{
	struct fake_hca *hca = to_fake_hca(qp->ibqp.device);
	struct ib_wc wc = {};

	if (wr->opcode != IB_WR_REG_MR && wr->opcode != IB_WR_LOCAL_INV)
		return false;
	wc.status = fake_mr_execute(hca, wr);
	if (wc.status)
		qp->state = IB_QPS_ERR;
	else if (!(wr->send_flags & IB_SEND_SIGNALED) || hca->late_regs)
		return false;
	return fake_ring_finish(qp, &qp->sq, &wc);
}

static void fake_qp_run(struct fake_qp *qp)
{
	struct ib_wc wc = { .status = IB_WC_SUCCESS };
	struct fake_wr *wr;

	while (qp->instant && qp->state == IB_QPS_RTS &&
	       qp->sq.tail != qp->sq.head) {
		wr = fake_ring_at(&qp->sq, qp->sq.tail++);
		wc.wr_cqe = wr->cqe;
		if (wr->send_flags & IB_SEND_SIGNALED)
			wr->cqe->done(qp->ibqp.send_cq, &wc);
	}
}

static int fake_post_send(struct ib_qp *ibqp, const struct ib_send_wr *wr,
			  const struct ib_send_wr **bad_wr)
{
	struct fake_hca *hca = to_fake_hca(ibqp->device);
	struct fake_qp *qp = to_fake_qp(ibqp);
	bool announce = false;
	unsigned long flags;
	int rc = 0;

	spin_lock_irqsave(&hca->lock, flags);
	qp->calls++;
	if (qp->state != IB_QPS_RTS && qp->state != IB_QPS_ERR)
		rc = -EINVAL;
	for (; !rc && wr; wr = wr->next) {
		rc = fake_qp_take_send(qp, wr);
		if (rc)
			break;
		if (qp->state != IB_QPS_ERR)
			announce |= fake_qp_register(qp, wr);
		else
			hca->markers++;
	}
	if (rc)
		*bad_wr = wr;
	if (qp->state == IB_QPS_ERR)
		schedule_work(&qp->flush);
	spin_unlock_irqrestore(&hca->lock, flags);
	fake_qp_announce(qp, announce, false);
	fake_qp_run(qp);
	return rc;
}

static int fake_post_recv(struct ib_qp *ibqp, const struct ib_recv_wr *wr,
			  const struct ib_recv_wr **bad_wr)
{
	struct fake_hca *hca = to_fake_hca(ibqp->device);
	struct fake_qp *qp = to_fake_qp(ibqp);
	struct fake_wr *to;
	unsigned long flags;
	int rc = 0;

	spin_lock_irqsave(&hca->lock, flags);
	qp->calls++;
	if (qp->state == IB_QPS_RESET)
		rc = -EINVAL;
	for (; !rc && wr; wr = wr->next) {
		rc = fake_qp_admit(qp, &qp->rq, wr->num_sge);
		if (rc)
			break;
		to = fake_ring_at(&qp->rq, qp->rq.head++);
		fake_wr_fill(to, wr->sg_list, wr->num_sge, wr->next);
		to->cqe = wr->wr_cqe;
	}
	if (rc)
		*bad_wr = wr;
	if (qp->state == IB_QPS_ERR)
		schedule_work(&qp->flush);
	spin_unlock_irqrestore(&hca->lock, flags);
	return rc;
}

/*
 * Device
 */

static int fake_alloc_pd(struct ib_pd *pd, struct ib_udata *udata)
{
	to_fake_hca(pd->device)->pds++;
	return 0;
}

static int fake_dealloc_pd(struct ib_pd *pd, struct ib_udata *udata)
{
	to_fake_hca(pd->device)->pds--;
	return 0;
}

static int fake_query_device(struct ib_device *ibdev,
			     struct ib_device_attr *attr,
			     struct ib_udata *udata)
{
	struct fake_hca *hca = to_fake_hca(ibdev);

	*attr = (struct ib_device_attr) {
		.device_cap_flags = IB_DEVICE_MEM_MGT_EXTENSIONS,
		.kernel_cap_flags = IBK_LOCAL_DMA_LKEY,
		.max_mr_size = U64_MAX,
		.page_size_cap = PAGE_SIZE,
		.max_qp = 1024,
		.max_qp_wr = FAKE_MAX_WR,
		.max_send_sge = hca->max_sge,
		.max_recv_sge = hca->max_sge,
		.max_sge_rd = hca->max_sge,
		.max_cq = 1024,
		.max_cqe = FAKE_MAX_CQE,
		.max_mr = 1024,
		.max_pd = 1024,
		.max_qp_rd_atom = 16,
		.max_qp_init_rd_atom = 16,
		.max_fast_reg_page_list_len = FAKE_MAX_PAGES,
		.max_pkeys = 1,
	};
	return 0;
}

static int fake_query_port(struct ib_device *ibdev, u32 port,
			   struct ib_port_attr *attr)
{
	const struct fake_hca *hca = to_fake_hca(ibdev);

	if (hca->query_port_rc)
		return hca->query_port_rc;
	*attr = (struct ib_port_attr) {
		.state = IB_PORT_ACTIVE,
		.phys_state = IB_PORT_PHYS_STATE_LINK_UP,
		.max_mtu = IB_MTU_4096,
		.active_mtu = IB_MTU_4096,
		.max_msg_sz = 0x80000000,
		.gid_tbl_len = 1,
		.pkey_tbl_len = 1,
		.lid = 1,
		.sm_lid = 1,
		.active_width = IB_WIDTH_4X,
		.active_speed = IB_SPEED_SDR,
	};
	return 0;
}

/* The pkey is what an rdma_cm_id without a network device looks for */
static int fake_query_pkey(struct ib_device *ibdev, u32 port, u16 index,
			   u16 *pkey)
{
	*pkey = 0x8000;
	return 0;
}

static int fake_query_gid(struct ib_device *ibdev, u32 port, int index,
			  union ib_gid *gid)
{
	gid->global.subnet_prefix = cpu_to_be64(0xfe80000000000000ULL);
	gid->global.interface_id = ibdev->node_guid;
	return 0;
}

/* Messages of the connection manager could not be sent, so there is no MAD */
static int fake_port_immutable(struct ib_device *ibdev, u32 port,
			       struct ib_port_immutable *immutable)
{
	immutable->core_cap_flags = FAKE_PROTOCOL;
	immutable->gid_tbl_len = 1;
	immutable->pkey_tbl_len = 1;
	return 0;
}

static const struct ib_device_ops fake_ops = {
	.owner = THIS_MODULE,
	.driver_id = RDMA_DRIVER_UNKNOWN,
	.alloc_pd = fake_alloc_pd,
	.create_qp = fake_create_qp,
	.dealloc_pd = fake_dealloc_pd,
	.destroy_qp = fake_destroy_qp,
	.get_port_immutable = fake_port_immutable,
	.modify_qp = fake_modify_qp,
	.post_recv = fake_post_recv,
	.post_send = fake_post_send,
	.query_device = fake_query_device,
	.query_gid = fake_query_gid,
	.query_pkey = fake_query_pkey,
	.query_port = fake_query_port,

	INIT_RDMA_OBJ_SIZE(ib_pd, fake_pd, ibpd),
	INIT_RDMA_OBJ_SIZE(ib_qp, fake_qp, ibqp),
};

static void fake_hca_remove(void *data)
{
	struct fake_hca *hca = data;
	struct kunit *test = hca->test;

	fake_hca_unplug(hca);
	KUNIT_EXPECT_EQ(test, 0, hca->pds);
	KUNIT_EXPECT_EQ(test, 0, hca->cqs);
	KUNIT_EXPECT_EQ(test, 0, hca->qps);
	KUNIT_EXPECT_EQ(test, 0, hca->mrs);
	KUNIT_EXPECT_EQ(test, 0U, hca->blind_flushes);
	KUNIT_EXPECT_EQ(test, 0U, hca->orphans);
	KUNIT_EXPECT_EQ(test, 0, hca->cq_overruns);
	KUNIT_EXPECT_EQ(test, 0, hca->wq_overruns);
	ib_dealloc_device(&hca->ibdev);
}

struct fake_hca *fake_hca_new_on(struct kunit *test, struct device *dma)
{
	struct fake_hca *hca = ib_alloc_device(fake_hca, ibdev);
	int rc;

	KUNIT_ASSERT_NOT_NULL(test, hca);
	hca->test = test;
	spin_lock_init(&hca->lock);
	hca->max_sge = FAKE_MAX_SGE;
	hca->max_inline = FAKE_MAX_INLINE;
	hca->give_inline = FAKE_MAX_INLINE;

	strscpy(hca->ibdev.node_desc, "fake", sizeof(hca->ibdev.node_desc));
	hca->ibdev.node_type = RDMA_NODE_IB_CA;
	hca->ibdev.node_guid = cpu_to_be64(0x0200000000000001ULL);
	hca->ibdev.phys_port_cnt = 1;
	hca->ibdev.num_comp_vectors = FAKE_VECTORS;
	hca->ibdev.local_dma_lkey = FAKE_LOCAL_LKEY;
	ib_set_device_ops(&hca->ibdev, &fake_ops);
	fake_cq_setup(hca);
	fake_mr_setup(hca);

	rc = ib_register_device(&hca->ibdev, "fake%d", dma);
	if (rc) {
		ib_dealloc_device(&hca->ibdev);
		KUNIT_FAIL_AND_ABORT(test, "ib_register_device: %d", rc);
	}
	hca->plugged = true;
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, fake_hca_remove,
							   hca));
	return hca;
}

struct fake_hca *fake_hca_new(struct kunit *test)
{
	return fake_hca_new_on(test, NULL);
}

void fake_hca_can_flush(struct fake_hca *hca, bool executes, bool posts)
{
	struct ib_device_attr *attrs = &hca->ibdev.attrs;

	if (executes)
		attrs->device_cap_flags |= IB_DEVICE_FLUSH_GLOBAL |
					   IB_DEVICE_FLUSH_PERSISTENT |
					   IB_DEVICE_ATOMIC_WRITE;
	if (posts)
		attrs->kernel_cap_flags |= IBK_FLUSH_WR;
}

static void fake_hca_set_protocol(struct fake_hca *hca, u32 flags)
{
	hca->ibdev.port_data[1].immutable.core_cap_flags = flags;
}

void fake_hca_is_iwarp(struct fake_hca *hca)
{
	/* the core asks it for the state of the port */
	KUNIT_ASSERT_EQ(hca->test, 0,
			ib_device_set_netdev(&hca->ibdev, init_net.loopback_dev, 1));
	fake_hca_set_protocol(hca, RDMA_CORE_PORT_IWARP);
}

void fake_hca_unplug(struct fake_hca *hca)
{
	/* the core is to find what it has met */
	fake_hca_set_protocol(hca, FAKE_PROTOCOL);
	if (hca->plugged)
		ib_unregister_device(&hca->ibdev);
	hca->plugged = false;
}

/*
 * What tests do to queue pairs
 */

void fake_qp_settle(struct fake_qp *qp)
{
	flush_work(&qp->flush);
	fake_cq_settle(to_fake_cq(qp->ibqp.send_cq));
	fake_cq_settle(to_fake_cq(qp->ibqp.recv_cq));
}

void fake_qp_set_state(struct fake_qp *qp, enum ib_qp_state state)
{
	if (state == IB_QPS_ERR)
		fake_qp_flush(qp);
	else
		qp->state = state;
	fake_qp_settle(qp);
}

void fake_qp_event(struct fake_qp *qp, enum ib_event_type type)
{
	struct ib_event event = {
		.device = qp->ibqp.device,
		.element.qp = &qp->ibqp,
		.event = type,
	};

	qp->ibqp.event_handler(&event, qp->ibqp.qp_context);
}

void fake_qp_refuse(struct fake_qp *qp, u32 accept, u32 refuse, int rc)
{
	qp->accept = accept;
	qp->refuse = refuse;
	qp->refuse_rc = rc;
}

u32 fake_qp_sends(struct fake_qp *qp)
{
	return qp->sq.head - qp->sq.tail;
}

u32 fake_qp_recvs(struct fake_qp *qp)
{
	return qp->rq.head - qp->rq.tail;
}

static struct fake_wr *fake_qp_wr(struct fake_qp *qp, struct fake_ring *ring,
				  u32 i)
{
	KUNIT_ASSERT_LT(to_fake_hca(qp->ibqp.device)->test, i,
			ring->head - ring->tail);
	return fake_ring_at(ring, ring->tail + i);
}

struct fake_wr *fake_qp_send(struct fake_qp *qp, u32 i)
{
	return fake_qp_wr(qp, &qp->sq, i);
}

struct fake_wr *fake_qp_recv(struct fake_qp *qp, u32 i)
{
	return fake_qp_wr(qp, &qp->rq, i);
}

void fake_qp_finish(struct fake_qp *qp, u32 n)
{
	struct fake_hca *hca = to_fake_hca(qp->ibqp.device);
	bool announce = false;
	struct fake_wr *wr;
	unsigned long flags;

	for (; n; n--) {
		struct ib_wc wc = { .status = IB_WC_SUCCESS };

		wr = fake_qp_wr(qp, &qp->sq, 0);
		spin_lock_irqsave(&hca->lock, flags);
		if (qp->sig_type == IB_SIGNAL_ALL_WR ||
		    wr->send_flags & IB_SEND_SIGNALED)
			announce |= fake_ring_finish(qp, &qp->sq, &wc);
		else
			qp->sq.tail++;
		spin_unlock_irqrestore(&hca->lock, flags);
	}
	fake_qp_announce(qp, announce, false);
}

void fake_qp_complete(struct fake_qp *qp, u32 n)
{
	fake_qp_finish(qp, n);
	fake_qp_settle(qp);
}

void fake_qp_complete_early(struct fake_qp *qp, u32 i)
{
	struct fake_hca *hca = to_fake_hca(qp->ibqp.device);
	struct ib_wc wc = { .status = IB_WC_SUCCESS };
	struct fake_wr *wr = fake_qp_wr(qp, &qp->sq, i);
	unsigned long flags;
	bool announce;

	KUNIT_EXPECT_TRUE(hca->test, wr->send_flags & IB_SEND_SIGNALED);
	spin_lock_irqsave(&hca->lock, flags);
	announce = fake_ring_tell(qp, &qp->sq, wr, &wc);
	wr->done = true;
	spin_unlock_irqrestore(&hca->lock, flags);
	fake_qp_announce(qp, announce, false);
	fake_qp_settle(qp);
}

static void fake_ring_end(struct fake_qp *qp, struct fake_ring *ring,
			  struct ib_wc wc)
{
	struct fake_hca *hca = to_fake_hca(qp->ibqp.device);
	bool send = ring == &qp->sq;
	unsigned long flags;
	bool announce;

	fake_qp_wr(qp, ring, 0);
	spin_lock_irqsave(&hca->lock, flags);
	announce = fake_ring_finish(qp, ring, &wc);
	spin_unlock_irqrestore(&hca->lock, flags);
	fake_qp_announce(qp, announce && send, announce && !send);
	if (wc.status)
		fake_qp_flush(qp);
	fake_qp_settle(qp);
}

void fake_qp_fail(struct fake_qp *qp, enum ib_wc_status status)
{
	fake_ring_end(qp, &qp->sq, (struct ib_wc) { .status = status });
}

void fake_qp_message(struct fake_qp *qp, u32 len)
{
	fake_ring_end(qp, &qp->rq, (struct ib_wc) {
		.opcode = IB_WC_RECV,
		.byte_len = len,
	});
}

void fake_qp_deliver(struct fake_qp *qp, const void *msg, u32 len)
{
	struct fake_wr *wr = fake_qp_wr(qp, &qp->rq, 0);

	KUNIT_ASSERT_LE(to_fake_hca(qp->ibqp.device)->test, (u64)len, wr->len);
	memcpy((void *)(uintptr_t)wr->sge[0].addr, msg, len);
	fake_qp_message(qp, len);
}

void fake_qp_message_imm(struct fake_qp *qp, u32 len, u32 imm)
{
	fake_ring_end(qp, &qp->rq, (struct ib_wc) {
		.opcode = IB_WC_RECV,
		.byte_len = len,
		.wc_flags = IB_WC_WITH_IMM,
		.ex.imm_data = cpu_to_be32(imm),
	});
}

void fake_qp_write_imm(struct fake_qp *qp, u32 len, u32 imm)
{
	fake_ring_end(qp, &qp->rq, (struct ib_wc) {
		.opcode = IB_WC_RECV_RDMA_WITH_IMM,
		.byte_len = len,
		.wc_flags = IB_WC_WITH_IMM,
		.ex.imm_data = cpu_to_be32(imm),
	});
}

void fake_qp_fail_recv(struct fake_qp *qp, enum ib_wc_status status)
{
	fake_ring_end(qp, &qp->rq, (struct ib_wc) { .status = status });
}
