// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Connection requests: what is reported, what is refused, who ends one. The
 * requests are made of ids that are on the device and in no connection.
 */
#include <linux/string.h>
#include <rdma/ib_cm.h>

#include "fixture.h"
#include "info.h"

#define CONNREQ_IFINDEX	7
/* where the device is; the fabric of the fixture is another one */
#define CONNREQ_FABRIC	"IB-0xfe80000000000000"

/**
 * struct connreq_fixture - a passive endpoint that does not listen
 * @f: fabric and domain
 * @addr: of both sides of what arrives, as the connection manager has it
 * @eq: for both ends
 * @pep: passive endpoint; NULL once closed
 * @priv: the same
 * @info: info of the request that was read last
 * @reads: that the next peer wants to have outstanding
 */
struct connreq_fixture {
	struct fixture *f;
	union kfv_addr addr;
	struct kfid_eq *eq;
	struct kfid_pep *pep;
	struct kfv_pep *priv;
	struct kfi_info *info;
	u8 reads;
};

static void connreq_cleanup(void *data)
{
	struct connreq_fixture *r = data;

	if (r->pep)
		kfi_close(&r->pep->fid);
	kfi_freeinfo(r->info);
}

static struct connreq_fixture *connreq_new(struct kunit *test, size_t eq_size)
{
	struct connreq_fixture *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);
	struct kfid_pep *pep;

	KUNIT_ASSERT_NOT_NULL(test, r);
	r->f = fixture_new(test);
	r->addr.sa.sa_family = AF_INET;
	r->reads = 200;
	r->eq = fixture_eq(r->f, eq_size);
	KUNIT_ASSERT_EQ(test, 0, kfv_pep_open(&r->f->fabric.fabric, r->f->info,
					      &pep, NULL));
	r->pep = pep;
	r->priv = kfv_pep(&pep->fid);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test,
							   connreq_cleanup, r));
	KUNIT_ASSERT_EQ(test, 0, kfi_pep_bind(pep, &r->eq->fid, 0));
	return r;
}

static int connreq_handler(struct rdma_cm_id *id, struct rdma_cm_event *event)
{
	return 0;
}

/* A request arrives; @taken is its id, or NULL if it was refused */
static int connreq_arrive_param(struct connreq_fixture *r,
				const struct rdma_conn_param *param,
				struct rdma_cm_id **taken)
{
	struct rdma_cm_id *id;
	int rc;

	id = rdma_create_id(&init_net, connreq_handler, r->priv, RDMA_PS_TCP,
			    IB_QPT_RC);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(r->f->test, id);
	id->device = &r->f->hca->ibdev;
	id->port_num = 1;
	id->route.addr.src_addr = r->addr.ss;
	id->route.addr.dst_addr = r->addr.ss;
	id->route.addr.dev_addr.bound_dev_if = CONNREQ_IFINDEX;
	rc = kfv_connreq_receive(r->priv, id, param);
	if (rc)
		rdma_destroy_id(id);
	*taken = rc ? NULL : id;
	return rc;
}

static struct rdma_cm_id *connreq_arrive_raw(struct connreq_fixture *r,
					     const void *data, size_t len)
{
	const struct rdma_conn_param param = {
		.private_data = data,
		.private_data_len = len,
		.responder_resources = r->reads,
		.initiator_depth = 2,
	};
	struct rdma_cm_id *id;

	connreq_arrive_param(r, &param, &id);
	return id;
}

static struct rdma_cm_id *connreq_arrive(struct connreq_fixture *r)
{
	u8 data[KFV_WIRE_CM_MAX] = {};

	kfv_wire_pack(data, "please", 6);
	return connreq_arrive_raw(r, data, sizeof(data));
}

/* A request arrives that cannot be reported; what the connection manager gets */
static int connreq_arrive_in_vain(struct connreq_fixture *r)
{
	u8 data[KFV_WIRE_CM_MAX] = {};
	const struct rdma_conn_param param = {
		.private_data = data,
		.private_data_len = sizeof(data),
		.responder_resources = 1,
		.initiator_depth = 1,
	};
	struct rdma_cm_id *id;

	kfv_wire_pack(data, NULL, 0);
	return connreq_arrive_param(r, &param, &id);
}

/* Read a KFI_CONNREQ; its handle */
static struct kfid *connreq_read(struct connreq_fixture *r)
{
	struct {
		struct kfi_eq_cm_entry cm;
		u8 data[KFV_WIRE_CM_DATA];
	} entry;
	struct kunit *test = r->f->test;
	u32 event = KFI_NOTIFY;

	kfi_freeinfo(r->info);
	r->info = NULL;
	KUNIT_ASSERT_EQ(test, (ssize_t)sizeof(entry.cm) + 6,
			kfi_eq_read(r->eq, &event, &entry, sizeof(entry), 0));
	KUNIT_EXPECT_EQ(test, (u32)KFI_CONNREQ, event);
	KUNIT_EXPECT_PTR_EQ(test, &r->pep->fid, entry.cm.fid);
	KUNIT_EXPECT_EQ(test, 0, memcmp(entry.cm.data, "please", 6));
	KUNIT_ASSERT_NOT_NULL(test, entry.cm.info);
	KUNIT_ASSERT_NOT_NULL(test, entry.cm.info->handle);
	r->info = entry.cm.info;
	return r->info->handle;
}

static void connreq_expect_no_event(struct connreq_fixture *r)
{
	struct kfi_eq_cm_entry entry;
	u32 event;

	KUNIT_EXPECT_EQ(r->f->test, (ssize_t)-EAGAIN,
			kfi_eq_read(r->eq, &event, &entry, sizeof(entry), 0));
}

/* Something happens to a request that waits; the handler's answer */
static int connreq_event(struct rdma_cm_id *id, enum rdma_cm_event_type type)
{
	struct rdma_cm_event event = { .event = type };
	int rc;

	rdma_lock_handler(id);
	rc = id->event_handler(id, &event);
	rdma_unlock_handler(id);
	return rc;
}

static int connreq_open(struct connreq_fixture *r, struct kfid_ep **ep)
{
	return kfi_endpoint(r->f->domain, r->info, ep, NULL);
}

/*
 * Arrival
 */

static void connreq_report_test(struct kunit *test)
{
	struct connreq_fixture *r = connreq_new(test, 4);

	KUNIT_ASSERT_NOT_NULL(test, connreq_arrive(r));
	connreq_read(r);
	connreq_expect_no_event(r);
	KUNIT_EXPECT_STREQ(test, r->f->info->domain_attr->name,
			   r->info->domain_attr->name);
	KUNIT_EXPECT_STREQ(test, CONNREQ_FABRIC, r->info->fabric_attr->name);
	KUNIT_EXPECT_EQ(test, (size_t)KFI_CLASS_CONNREQ,
			r->info->handle->fclass);
	KUNIT_EXPECT_NOT_NULL(test, r->info->src_addr);
	KUNIT_EXPECT_NOT_NULL(test, r->info->dest_addr);
	KUNIT_EXPECT_EQ(test, 1, r->priv->pending);
	KUNIT_EXPECT_EQ(test, 1ULL, r->priv->requests);
}

/* A listener is on one fabric; what it hears of can be from another. */
static void connreq_other_fabric_test(struct kunit *test)
{
	struct connreq_fixture *r = connreq_new(test, 4);
	struct kfid_domain *domain;

	KUNIT_ASSERT_NOT_NULL(test, connreq_arrive(r));
	connreq_read(r);
	KUNIT_ASSERT_STRNEQ(test, r->f->fabric.name,
			    r->info->fabric_attr->name);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfv_domain_open(&r->f->fabric.fabric, r->info, &domain,
					NULL));
}

static void connreq_expect_scope(struct kunit *test, const void *addr,
				 size_t len)
{
	const struct sockaddr_in6 *in6 = addr;

	KUNIT_ASSERT_EQ(test, sizeof(*in6), len);
	KUNIT_EXPECT_EQ(test, CONNREQ_IFINDEX, (int)in6->sin6_scope_id);
}

/* The connection manager does not say on which link an address is. */
static void connreq_link_local_test(struct kunit *test)
{
	struct connreq_fixture *r = connreq_new(test, 4);
	struct kfid_ep *ep;
	struct kfv_ep *priv;

	KUNIT_ASSERT_EQ(test, 0, kfv_addr_parse_node("fe80::1", &r->addr));
	KUNIT_ASSERT_NOT_NULL(test, connreq_arrive(r));
	connreq_read(r);
	connreq_expect_scope(test, r->info->src_addr, r->info->src_addrlen);
	connreq_expect_scope(test, r->info->dest_addr, r->info->dest_addrlen);

	KUNIT_ASSERT_EQ(test, 0, connreq_open(r, &ep));
	priv = kfv_ep(&ep->fid);
	connreq_expect_scope(test, &priv->local, rdma_addr_size(&priv->local.sa));
	connreq_expect_scope(test, &priv->peer, rdma_addr_size(&priv->peer.sa));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&ep->fid));
}

struct connreq_foreign_case {
	const char *name;
	u8 data[8];
	size_t len;
};

static const struct connreq_foreign_case connreq_foreign_cases[] = {
	{ "no private data", {}, 0 },
	{ "zeroes", {}, 56 },
	{ "another protocol", { 1, 2, 3, 4, 5, 6, 7, 8 }, 56 },
	{ "another version", { 0x6b, 0x66, 2 }, 56 },
	{ "impossible length", { 0x6b, 0x66, 1, 49 }, 56 },
};

static void connreq_foreign_desc(const struct connreq_foreign_case *c,
				 char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(connreq_foreign, connreq_foreign_cases, connreq_foreign_desc);

static void connreq_foreign_test(struct kunit *test)
{
	const struct connreq_foreign_case *c = test->param_value;
	struct connreq_fixture *r = connreq_new(test, 4);
	u8 data[56] = {};

	memcpy(data, c->data, sizeof(c->data));
	KUNIT_EXPECT_NULL(test, connreq_arrive_raw(r, c->len ? data : NULL,
						   c->len));
	connreq_expect_no_event(r);
	KUNIT_EXPECT_EQ(test, 0, r->priv->pending);
	KUNIT_EXPECT_EQ(test, 1ULL, r->priv->refused);
}

/* Reads would be accepted, and never complete. */
static void connreq_without_reads_test(struct kunit *test)
{
	static const u8 depths[][2] = { { 0, 16 }, { 16, 0 }, { 0, 0 } };
	struct connreq_fixture *r = connreq_new(test, 4);
	u8 data[KFV_WIRE_CM_MAX] = {};
	struct rdma_cm_id *id;
	int i;

	kfv_wire_pack(data, NULL, 0);
	for (i = 0; i < ARRAY_SIZE(depths); i++) {
		const struct rdma_conn_param param = {
			.private_data = data,
			.private_data_len = sizeof(data),
			.responder_resources = depths[i][0],
			.initiator_depth = depths[i][1],
		};

		KUNIT_EXPECT_EQ(test, -EPROTO,
				connreq_arrive_param(r, &param, &id));
	}
	connreq_expect_no_event(r);
	KUNIT_EXPECT_EQ(test, 0, r->priv->pending);
	KUNIT_EXPECT_EQ(test, 3ULL, r->priv->refused);
}

static void connreq_backlog_test(struct kunit *test)
{
	struct connreq_fixture *r = connreq_new(test, 8);
	int backlog = 2;

	KUNIT_ASSERT_EQ(test, 0, kfi_control(&r->pep->fid, KFI_BACKLOG,
					     &backlog));
	KUNIT_EXPECT_NOT_NULL(test, connreq_arrive(r));
	KUNIT_EXPECT_NOT_NULL(test, connreq_arrive(r));
	KUNIT_EXPECT_NULL(test, connreq_arrive(r));
	KUNIT_EXPECT_EQ(test, 1ULL, r->priv->refused);

	/* reading is not answering */
	connreq_read(r);
	KUNIT_EXPECT_NULL(test, connreq_arrive(r));
	KUNIT_EXPECT_EQ(test, 0, kfi_reject(r->pep, r->info->handle, NULL, 0));
	KUNIT_EXPECT_NOT_NULL(test, connreq_arrive(r));
}

static void connreq_full_event_queue_test(struct kunit *test)
{
	struct connreq_fixture *r = connreq_new(test, 1);

	KUNIT_EXPECT_NOT_NULL(test, connreq_arrive(r));
	KUNIT_EXPECT_NULL(test, connreq_arrive(r));
	KUNIT_EXPECT_EQ(test, 1, r->priv->pending);
	KUNIT_EXPECT_EQ(test, 1ULL, r->priv->refused);
	connreq_read(r);
	KUNIT_EXPECT_NOT_NULL(test, connreq_arrive(r));
}

static void connreq_device_leaving_test(struct kunit *test)
{
	struct connreq_fixture *r = connreq_new(test, 4);

	fake_hca_unplug(r->f->hca);
	KUNIT_EXPECT_EQ(test, -ENOMEM, connreq_arrive_in_vain(r));
	connreq_expect_no_event(r);
	KUNIT_EXPECT_EQ(test, 0, r->priv->pending);
	KUNIT_EXPECT_EQ(test, (size_t)0, kfv_eq(&r->eq->fid)->evq.used);
}

/*
 * What will not be better the next time is told to the peer; the connection
 * manager takes -ENOMEM as the wish to be silent.
 */
static void connreq_hopeless_test(struct kunit *test)
{
	struct connreq_fixture *r = connreq_new(test, 4);
	struct fake_hca *hca = r->f->hca;

	hca->query_port_rc = -EIO;
	KUNIT_EXPECT_EQ(test, -EIO, connreq_arrive_in_vain(r));
	hca->query_port_rc = 0;

	/* a listener at all addresses hears of all devices */
	hca->ibdev.attrs.device_cap_flags &= ~IB_DEVICE_MEM_MGT_EXTENSIONS;
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, connreq_arrive_in_vain(r));
	KUNIT_EXPECT_EQ(test, 2ULL, r->priv->refused);
	KUNIT_EXPECT_EQ(test, (size_t)0, kfv_eq(&r->eq->fid)->evq.used);
}

/*
 * Taking
 */

static void connreq_take_test(struct kunit *test)
{
	struct connreq_fixture *r = connreq_new(test, 4);
	struct rdma_cm_id *id = connreq_arrive(r);
	struct kfid_ep *ep, *second;
	struct kfid *handle;
	struct kfv_ep *priv;

	handle = connreq_read(r);
	KUNIT_ASSERT_EQ(test, 0, connreq_open(r, &ep));
	priv = kfv_ep(&ep->fid);
	KUNIT_EXPECT_PTR_EQ(test, id, priv->id);
	KUNIT_EXPECT_PTR_EQ(test, (void *)priv, id->context);
	KUNIT_EXPECT_TRUE(test, priv->passive);
	KUNIT_EXPECT_EQ(test, 200, priv->rd_in);
	KUNIT_EXPECT_EQ(test, 2, priv->rd_out);
	KUNIT_EXPECT_EQ(test, 0, r->priv->pending);

	KUNIT_EXPECT_EQ(test, -EINVAL, connreq_open(r, &second));
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_reject(r->pep, handle, NULL, 0));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&ep->fid));
}

/* The peer's numbers are cut to the device's. */
static void connreq_limits_test(struct kunit *test)
{
	struct connreq_fixture *r = connreq_new(test, 4);
	struct kfid_cq *cq = fixture_cq(r->f, NULL, NULL, NULL);
	struct kfid_ep *ep;
	struct kfv_ep *priv;

	connreq_arrive(r);
	connreq_read(r);
	KUNIT_ASSERT_EQ(test, 0, connreq_open(r, &ep));
	priv = kfv_ep(&ep->fid);
	KUNIT_EXPECT_EQ(test, 0, kfi_ep_bind(ep, &cq->fid, 0));
	KUNIT_EXPECT_EQ(test, 0, kfi_ep_bind(ep, &r->eq->fid, 0));
	/* the id is in no connection, which ib_cm does not mind yet */
	kfi_enable(ep);
	KUNIT_EXPECT_LE(test, priv->rd_in, KFV_MAX_READS);
	KUNIT_EXPECT_GE(test, priv->rd_in, 1);
	KUNIT_EXPECT_LE(test, priv->rd_out, 2);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&ep->fid));
}

/* No more is set aside for a peer than it wants. */
static void connreq_few_reads_test(struct kunit *test)
{
	struct connreq_fixture *r = connreq_new(test, 4);
	struct kfid_cq *cq = fixture_cq(r->f, NULL, NULL, NULL);
	struct kfid_ep *ep;

	r->reads = 1;
	r->f->hca->ibdev.attrs.max_qp_rd_atom = KFV_MAX_READS;
	connreq_arrive(r);
	connreq_read(r);
	KUNIT_ASSERT_EQ(test, 0, connreq_open(r, &ep));
	KUNIT_EXPECT_EQ(test, 0, kfi_ep_bind(ep, &cq->fid, 0));
	KUNIT_EXPECT_EQ(test, 0, kfi_ep_bind(ep, &r->eq->fid, 0));
	kfi_enable(ep);
	KUNIT_EXPECT_EQ(test, 1, kfv_ep(&ep->fid)->rd_in);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&ep->fid));
}

static void connreq_take_fails_test(struct kunit *test)
{
	struct connreq_fixture *r = connreq_new(test, 4);
	size_t size;
	struct kfid_ep *ep;

	connreq_arrive(r);
	connreq_read(r);
	size = r->info->tx_attr->size;
	r->info->tx_attr->size = KFV_MAX_QUEUE + 1;
	KUNIT_EXPECT_EQ(test, -EINVAL, connreq_open(r, &ep));
	KUNIT_EXPECT_EQ(test, 1, r->priv->pending);

	r->info->tx_attr->size = size;
	KUNIT_EXPECT_EQ(test, 0, connreq_open(r, &ep));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&ep->fid));
}

/* The addresses are the connection manager's, whatever the client has made of them. */
static void connreq_cut_address_test(struct kunit *test)
{
	struct connreq_fixture *r = connreq_new(test, 4);
	sa_family_t *family = kzalloc(sizeof(*family), GFP_KERNEL);
	struct kfv_ep *priv;
	struct kfid_ep *ep;

	KUNIT_ASSERT_NOT_NULL(test, family);
	*family = AF_INET6;
	connreq_arrive(r);
	connreq_read(r);
	kfree(r->info->src_addr);
	r->info->src_addr = family;
	r->info->src_addrlen = sizeof(*family);
	KUNIT_ASSERT_EQ(test, 0, connreq_open(r, &ep));
	priv = kfv_ep(&ep->fid);
	KUNIT_EXPECT_EQ(test, priv->id->route.addr.src_addr.ss_family,
			priv->local.sa.sa_family);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&ep->fid));
}

static void connreq_other_device_test(struct kunit *test)
{
	struct connreq_fixture *r = connreq_new(test, 4);
	struct fixture *other = fixture_new(test);
	struct kfid_ep *ep;

	connreq_arrive(r);
	connreq_read(r);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfi_endpoint(other->domain, r->info, &ep, NULL));
	KUNIT_EXPECT_EQ(test, 1, r->priv->pending);
	KUNIT_EXPECT_EQ(test, 0, kfi_reject(r->pep, r->info->handle, NULL, 0));
}

static void connreq_taken_back_test(struct kunit *test)
{
	struct connreq_fixture *r = connreq_new(test, 4);
	struct kfid_cq *cq = fixture_cq(r->f, NULL, NULL, NULL);
	struct rdma_cm_id *id = connreq_arrive(r);
	struct kfid_ep *ep;

	KUNIT_EXPECT_EQ(test, 0, connreq_event(id, RDMA_CM_EVENT_REJECTED));
	connreq_read(r);
	KUNIT_ASSERT_EQ(test, 0, connreq_open(r, &ep));
	KUNIT_EXPECT_EQ(test, 0, kfi_ep_bind(ep, &cq->fid, 0));
	KUNIT_EXPECT_EQ(test, 0, kfi_ep_bind(ep, &r->eq->fid, 0));
	KUNIT_EXPECT_EQ(test, -ECONNABORTED, kfi_enable(ep));
	KUNIT_EXPECT_EQ(test, -ECONNABORTED, kfi_accept(ep, NULL, 0));
	connreq_expect_no_event(r);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&ep->fid));
}

/*
 * Rejecting
 */

static void connreq_reject_test(struct kunit *test)
{
	struct connreq_fixture *r = connreq_new(test, 4);
	u8 data[49] = {};
	struct kfid *handle;

	connreq_arrive(r);
	handle = connreq_read(r);
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_reject(r->pep, handle, data, 49));
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_reject(r->pep, NULL, NULL, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfi_reject(r->pep, &r->pep->fid, NULL, 0));
	KUNIT_EXPECT_EQ(test, 1, r->priv->pending);
	KUNIT_EXPECT_EQ(test, 0, kfi_reject(r->pep, handle, data, 48));
	KUNIT_EXPECT_EQ(test, 0, r->priv->pending);
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_reject(r->pep, handle, NULL, 0));
}

static void connreq_reject_elsewhere_test(struct kunit *test)
{
	struct connreq_fixture *r = connreq_new(test, 4);
	struct connreq_fixture *other = connreq_new(test, 4);

	connreq_arrive(r);
	connreq_read(r);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfi_reject(other->pep, r->info->handle, NULL, 0));
	KUNIT_EXPECT_EQ(test, 1, r->priv->pending);
}

/* The event is still in the queue when the request is rejected. */
static void connreq_reject_peeked_test(struct kunit *test)
{
	struct connreq_fixture *r = connreq_new(test, 4);
	struct kfi_eq_cm_entry entry;
	struct kfid_ep *ep;
	u32 event;

	connreq_arrive(r);
	KUNIT_ASSERT_EQ(test, (ssize_t)sizeof(entry),
			kfi_eq_read(r->eq, &event, &entry, sizeof(entry),
				    KFI_PEEK));
	KUNIT_EXPECT_EQ(test, 0,
			kfi_reject(r->pep, entry.info->handle, NULL, 0));
	connreq_read(r);
	KUNIT_EXPECT_EQ(test, -EINVAL, connreq_open(r, &ep));
}

/*
 * Listeners and devices that go
 */

static void connreq_close_test(struct kunit *test)
{
	struct connreq_fixture *r = connreq_new(test, 4);
	struct kfid_pep *pep = r->pep;
	struct kfid_ep *ep;

	connreq_arrive(r);
	connreq_arrive(r);
	connreq_read(r);
	r->pep = NULL;
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&pep->fid));
	KUNIT_EXPECT_EQ(test, (size_t)0, kfv_eq(&r->eq->fid)->evq.used);
	connreq_expect_no_event(r);
	KUNIT_EXPECT_EQ(test, -EINVAL, connreq_open(r, &ep));
}

static void connreq_removed_test(struct kunit *test)
{
	struct connreq_fixture *r = connreq_new(test, 4);
	struct kfid_ep *ep;

	connreq_arrive(r);
	connreq_arrive(r);
	connreq_read(r);
	fake_hca_unplug(r->f->hca);
	KUNIT_EXPECT_EQ(test, -ENODEV, connreq_open(r, &ep));
	KUNIT_EXPECT_EQ(test, 0, kfi_reject(r->pep, r->info->handle, NULL, 0));
	KUNIT_EXPECT_EQ(test, 1, r->priv->pending);
	connreq_read(r);
	KUNIT_EXPECT_EQ(test, 0, kfi_reject(r->pep, r->info->handle, NULL, 0));
}

/* Removal of the device has not seen the request; the id goes by itself. */
static void connreq_removed_late_test(struct kunit *test)
{
	struct connreq_fixture *r = connreq_new(test, 4);
	struct rdma_cm_id *id = connreq_arrive(r);
	struct kfid_ep *ep;

	KUNIT_EXPECT_NE(test, 0,
			connreq_event(id, RDMA_CM_EVENT_DEVICE_REMOVAL));
	rdma_destroy_id(id);
	connreq_read(r);
	KUNIT_EXPECT_EQ(test, -ENODEV, connreq_open(r, &ep));
	KUNIT_EXPECT_EQ(test, 0, kfi_reject(r->pep, r->info->handle, NULL, 0));
}

static void connreq_other_device_removed_test(struct kunit *test)
{
	struct connreq_fixture *r = connreq_new(test, 4);
	struct fake_hca *other = fake_hca_new(test);
	struct kfid_ep *ep;

	connreq_arrive(r);
	connreq_read(r);
	fake_hca_unplug(other);
	KUNIT_ASSERT_EQ(test, 0, connreq_open(r, &ep));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&ep->fid));
}

/* The endpoint has the id of the request, and nothing else that could go. */
static void connreq_removed_before_enable_test(struct kunit *test)
{
	struct connreq_fixture *r = connreq_new(test, 4);
	struct kfid_ep *ep;

	connreq_arrive(r);
	connreq_read(r);
	KUNIT_ASSERT_EQ(test, 0, connreq_open(r, &ep));
	fake_hca_unplug(r->f->hca);
	KUNIT_EXPECT_NULL(test, kfv_ep(&ep->fid)->id);
	KUNIT_EXPECT_EQ(test, -ENODEV, kfi_enable(ep));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&ep->fid));
}

static struct kunit_case connreq_cases[] = {
	KUNIT_CASE(connreq_report_test),
	KUNIT_CASE(connreq_other_fabric_test),
	KUNIT_CASE(connreq_link_local_test),
	KUNIT_CASE_PARAM(connreq_foreign_test, connreq_foreign_gen_params),
	KUNIT_CASE(connreq_without_reads_test),
	KUNIT_CASE(connreq_backlog_test),
	KUNIT_CASE(connreq_full_event_queue_test),
	KUNIT_CASE(connreq_device_leaving_test),
	KUNIT_CASE(connreq_hopeless_test),
	KUNIT_CASE(connreq_take_test),
	KUNIT_CASE(connreq_limits_test),
	KUNIT_CASE(connreq_few_reads_test),
	KUNIT_CASE(connreq_take_fails_test),
	KUNIT_CASE(connreq_cut_address_test),
	KUNIT_CASE(connreq_other_device_test),
	KUNIT_CASE(connreq_taken_back_test),
	KUNIT_CASE(connreq_reject_test),
	KUNIT_CASE(connreq_reject_elsewhere_test),
	KUNIT_CASE(connreq_reject_peeked_test),
	KUNIT_CASE(connreq_close_test),
	KUNIT_CASE(connreq_removed_test),
	KUNIT_CASE(connreq_removed_late_test),
	KUNIT_CASE(connreq_other_device_removed_test),
	KUNIT_CASE(connreq_removed_before_enable_test),
	{}
};

static struct kunit_suite connreq_suite = {
	.name = "kfi_verbs_connreq",
	.test_cases = connreq_cases,
};

kunit_test_suite(connreq_suite);
