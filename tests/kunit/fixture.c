// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Objects of the verbs provider on a fake HCA.
 */
#include <kunit/test-bug.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "fixture.h"
#include "info.h"
#include "sink.h"

#define FIXTURE_FABRIC		"fake-subnet"
#define FIXTURE_PATIENCE	(10 * HZ)

MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);

/* One action per object, so that they go in the reverse order of their coming */
static void fixture_close_fid(void *fid)
{
	struct kunit *test = kunit_get_current_test();

	KUNIT_EXPECT_EQ(test, 0, kfi_close(fid));
}

static void fixture_own(struct fixture *f, struct kfid *fid)
{
	KUNIT_ASSERT_EQ(f->test, 0, kunit_add_action_or_reset(f->test,
							      fixture_close_fid,
							      fid));
}

int fixture_close(struct fixture *f, struct kfid *fid)
{
	int rc = kfi_close(fid);

	if (!rc)
		kunit_remove_action(f->test, fixture_close_fid, fid);
	return rc;
}

/*
 * Fabric and domain
 */

static int fixture_fabric_close(struct kfid *fid)
{
	return -ENOSYS;
}

static struct kfi_ops fixture_fabric_ops = {
	.size = sizeof(struct kfi_ops),
	.close = fixture_fabric_close,
};

static const struct kfi_fid_type fixture_fabric_type = {
	.fclass = KFI_CLASS_FABRIC,
	.name = "fabric",
};

static void fixture_fabric_fini(void *data)
{
	struct fixture *f = data;

	KUNIT_EXPECT_EQ(f->test, 0, kfi_fid_retire(&f->fabric.node));
	kfi_fid_fini(&f->fabric.node);
}

static void fixture_fabric_init(struct fixture *f)
{
	struct kunit *test = f->test;

	f->fabric.name = FIXTURE_FABRIC;
	KUNIT_ASSERT_EQ(test, 0, kfi_fid_init(&f->fabric.node,
					      &f->fabric.fabric.fid,
					      &fixture_fabric_type,
					      &fixture_fabric_ops, NULL, NULL));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test,
							   fixture_fabric_fini,
							   f));
}

static void fixture_free_info(void *info)
{
	kfi_freeinfo(info);
}

static void fixture_info_init(struct fixture *f)
{
	struct sockaddr_in *addr = kzalloc(sizeof(*addr), GFP_KERNEL);
	struct kunit *test = f->test;

	KUNIT_ASSERT_NOT_NULL(test, addr);
	addr->sin_family = AF_INET;
	addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);

	f->info = kfv_offer_make(&f->hca->ibdev, 1,
				 dev_name(&f->hca->ibdev.dev), FIXTURE_FABRIC,
				 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, f->info);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test,
							   fixture_free_info,
							   f->info));
	f->info->addr_format = KFI_SOCKADDR_IN;
	f->info->src_addr = addr;
	f->info->src_addrlen = sizeof(*addr);
	/* as for a client that does not ask for it */
	f->info->caps &= ~KFI_RMA_PMEM;
	f->info->tx_attr->op_flags = 0;
	f->info->rx_attr->op_flags = 0;
}

static struct fixture *fixture_make(struct kunit *test, struct fake_dma *dma,
				    bool polled)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->test = test;
	f->dma = dma;
	f->hca = fake_hca_new_on(test, dma ? dma->dev : NULL);
	fixture_fabric_init(f);
	fixture_info_init(f);
	if (polled) {
		f->info->domain_attr->threading = KFI_THREAD_DOMAIN;
		f->info->domain_attr->data_progress = KFI_PROGRESS_MANUAL;
	}
	KUNIT_ASSERT_EQ(test, 0, kfv_domain_open(&f->fabric.fabric, f->info,
						 &f->domain, NULL));
	fixture_own(f, &f->domain->fid);
	f->dom = kfv_domain(&f->domain->fid);
	return f;
}

struct fixture *fixture_new(struct kunit *test)
{
	return fixture_make(test, NULL, false);
}

struct fixture *fixture_new_polled(struct kunit *test)
{
	return fixture_make(test, NULL, true);
}

struct fixture *fixture_new_mapped(struct kunit *test)
{
	return fixture_make(test, fake_dma_new(test), false);
}

static struct fixture *fixture_make_iwarp(struct fixture *f)
{
	struct kfi_info *offer;

	fake_hca_is_iwarp(f->hca);
	f->dom->iwarp = true;
	offer = kfv_offer_make(&f->hca->ibdev, 1, "", "", 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(f->test, offer);
	kfi_freeinfo(f->dom->offer);
	f->dom->offer = offer;
	fixture_info_init(f);
	return f;
}

struct fixture *fixture_new_iwarp(struct kunit *test)
{
	return fixture_make_iwarp(fixture_new(test));
}

struct fixture *fixture_new_iwarp_mapped(struct kunit *test)
{
	return fixture_make_iwarp(fixture_new_mapped(test));
}

/*
 * Queues
 */

struct kfid_cq *fixture_cq(struct fixture *f, struct kfi_cq_attr *attr,
			   kfi_comp_handler handler, void *context)
{
	struct kfid_cq *cq;

	KUNIT_ASSERT_EQ(f->test, 0, kfi_cq_open(f->domain, attr, &cq, handler,
						context));
	fixture_own(f, &cq->fid);
	return cq;
}

struct kfid_eq *fixture_eq(struct fixture *f, size_t size)
{
	struct kfi_eq_attr attr = { .size = size, .wait_obj = KFI_WAIT_QUEUE };
	struct kfid_eq *eq;

	KUNIT_ASSERT_EQ(f->test, 0, kfv_eq_open(&f->fabric.fabric, &attr, &eq,
						NULL, NULL));
	fixture_own(f, &eq->fid);
	return eq;
}

/*
 * Endpoints
 */

static struct kfi_info *fixture_ep_info(struct fixture *f,
					const struct fixture_ep_attr *attr)
{
	struct kfi_info *info = kfi_dupinfo(f->info);

	KUNIT_ASSERT_NOT_NULL(f->test, info);
	info->tx_attr->size = attr->tx_size ?: 16;
	info->rx_attr->size = attr->rx_size ?: 16;
	info->tx_attr->op_flags = attr->tx_flags;
	info->rx_attr->op_flags = attr->rx_flags;
	if (attr->pmem)
		info->caps |= KFI_RMA_PMEM;
	return info;
}

struct fixture_ep *fixture_ep_open(struct fixture *f,
				   const struct fixture_ep_attr *attr)
{
	static const struct fixture_ep_attr defaults;
	struct kunit *test = f->test;
	struct fixture_ep *fe = kunit_kzalloc(test, sizeof(*fe), GFP_KERNEL);
	struct kfi_cq_attr cq_attr = {};
	struct kfi_info *info;

	KUNIT_ASSERT_NOT_NULL(test, fe);
	attr = attr ?: &defaults;
	cq_attr.size = attr->cq_size ?: 64;
	f->dom->virt_dma = !attr->map && !f->dma;

	fe->f = f;
	fe->cq = attr->cq ?: fixture_cq(f, &cq_attr, attr->handler, fe);
	fe->eq = fixture_eq(f, 4);
	info = fixture_ep_info(f, attr);
	KUNIT_ASSERT_EQ(test, 0, kfi_endpoint(f->domain, info, &fe->ep, fe));
	kfi_freeinfo(info);
	fixture_own(f, &fe->ep->fid);
	fe->priv = kfv_ep(&fe->ep->fid);

	if (attr->rx_cq)
		KUNIT_ASSERT_EQ(test, 0, kfi_ep_bind(fe->ep, &attr->rx_cq->fid,
						     KFI_RECV | attr->bind_flags));
	KUNIT_ASSERT_EQ(test, 0, kfi_ep_bind(fe->ep, &fe->cq->fid,
					     KFI_TRANSMIT |
					     (attr->rx_cq ? 0 : KFI_RECV) |
					     attr->bind_flags));
	KUNIT_ASSERT_EQ(test, 0, kfi_ep_bind(fe->ep, &fe->eq->fid, 0));
	return fe;
}

static int fixture_cm_handler(struct rdma_cm_id *id,
			      struct rdma_cm_event *event)
{
	return 0;
}

/* What accepting a request leaves behind, without the request */
void fixture_ep_give_id(struct fixture_ep *fe)
{
	struct rdma_cm_id *id;

	id = rdma_create_id(&init_net, fixture_cm_handler, fe->priv,
			    RDMA_PS_TCP, IB_QPT_RC);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(fe->f->test, id);
	id->device = &fe->f->hca->ibdev;
	id->port_num = 1;
	fe->priv->id = id;
	fe->priv->passive = true;
}

/* Nobody listens on a device without addresses. */
static void fixture_ep_enable_iwarp(struct fixture_ep *fe)
{
	struct kfv_domain *dom = fe->f->dom;

	dom->iwarp = !fe->priv->commit;
	/* the attributes are not those of InfiniBand */
	fe->f->hca->no_cm = true;
	KUNIT_ASSERT_EQ(fe->f->test, 0, kfi_enable(fe->ep));
	fe->f->hca->no_cm = false;
	dom->iwarp = true;
	if (fe->priv->commit)
		KUNIT_ASSERT_EQ(fe->f->test, 0, kfv_sink_create(fe->priv));
}

struct fixture_ep *fixture_ep_enable(struct fixture *f,
				     const struct fixture_ep_attr *attr)
{
	struct fixture_ep *fe = fixture_ep_open(f, attr);

	fixture_ep_give_id(fe);
	if (f->dom->iwarp)
		fixture_ep_enable_iwarp(fe);
	else
		KUNIT_ASSERT_EQ(f->test, 0, kfi_enable(fe->ep));
	fe->qp = to_fake_qp(fe->priv->qp);
	if (fe->priv->commit)
		fe->ctl = to_fake_qp(fe->priv->commit->ctl.qp);
	return fe;
}

/* What is made of a peer's private data, but for the connection manager */
static void fixture_ep_agree(struct fixture_ep *fe, u32 features)
{
	struct fixture *f = fe->f;
	struct kfv_wire_decl peer = { .features = features };

	if (fe->ctl) {
		peer.features |= KFV_WIRE_F_CTL;
		peer.qpn = FIXTURE_PEER_QPN;
		peer.psn = FIXTURE_PEER_PSN;
	}
	f->hca->no_cm = true;
	KUNIT_ASSERT_EQ(f->test, 0, kfv_persist_agree(fe->priv, &peer));
	f->hca->no_cm = false;
}

struct fixture_ep *fixture_ep_connect(struct fixture *f,
				      const struct fixture_ep_attr *attr)
{
	static const struct kfv_conn_why no_data;
	struct fixture_ep *fe = fixture_ep_enable(f, attr);
	u32 event = KFI_NOTIFY;
	int rc;

	mutex_lock(&f->dom->lock);
	rc = kfv_conn_begin(fe->priv, KFV_EP_ACCEPTING);
	mutex_unlock(&f->dom->lock);
	KUNIT_ASSERT_EQ(f->test, 0, rc);
	fixture_ep_agree(fe, attr ? attr->peer : 0);
	fake_qp_set_state(fe->qp, IB_QPS_RTS);
	if (f->dom->iwarp && fe->ctl)
		fake_qp_set_state(fe->ctl, IB_QPS_RTS);
	if (fe->priv->hello_cq)
		fake_qp_message(fe->qp, 0);
	KUNIT_ASSERT_TRUE(f->test, kfv_conn_up(fe->priv, KFV_CONN_ATTEMPT,
					       &no_data));
	KUNIT_ASSERT_EQ(f->test, 0, fixture_event(fe, &event));
	KUNIT_ASSERT_EQ(f->test, (u32)KFI_CONNECTED, event);
	return fe;
}

int fixture_ep_close(struct fixture_ep *fe)
{
	int rc = fixture_close(fe->f, &fe->ep->fid);

	if (!rc) {
		fe->ep = NULL;
		fe->priv = NULL;
		fe->qp = NULL;
		fe->ctl = NULL;
	}
	return rc;
}

/*
 * Memory
 */

static void fixture_kfree(void *buf)
{
	kfree(buf);
}

static void fixture_vfree(void *buf)
{
	vfree(buf);
}

static void *fixture_fill(struct kunit *test, void *buf, size_t size,
			  kunit_action_t *free)
{
	u8 *bytes = buf;
	size_t i;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free, buf));
	/* pages differ too */
	for (i = 0; i < size; i++)
		bytes[i] = i + (i >> 8) + (i >> 16);
	return buf;
}

void *fixture_kmalloc(struct kunit *test, size_t size)
{
	return fixture_fill(test, kmalloc(size, GFP_KERNEL), size,
			    fixture_kfree);
}

void *fixture_vmalloc(struct kunit *test, size_t size)
{
	return fixture_fill(test, vmalloc(size), size, fixture_vfree);
}

/*
 * Looking at queues
 */

KUNIT_DEFINE_ACTION_WRAPPER(fixture_vunmap, vunmap, const void *);

void *fixture_scattered(struct kunit *test, u32 n)
{
	struct page **pages = kunit_kcalloc(test, n, sizeof(*pages), GFP_KERNEL);
	u8 *block = fixture_kmalloc(test, n * PAGE_SIZE);
	void *mem;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, pages);
	for (i = 0; i < n; i++)
		pages[i] = virt_to_page(block + (n - 1 - i) * PAGE_SIZE);
	mem = vmap(pages, n, VM_MAP, PAGE_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, mem);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, fixture_vunmap,
							   mem));
	return mem;
}

int fixture_room(struct kfid_cq *cq)
{
	return atomic_read(&kfv_cq(&cq->fid)->ring.room);
}

int fixture_spare(struct kfid_cq *cq)
{
	return kfv_cq_spare(kfv_cq(&cq->fid));
}

void fixture_expect_received(struct fixture_ep *fe,
			     const struct kfi_cq_data_entry *want)
{
	struct kunit *test = fe->f->test;
	struct kfi_cq_data_entry entry;

	memset(&entry, 0xa5, sizeof(entry));
	KUNIT_ASSERT_EQ(test, (ssize_t)1, kfi_cq_read(fe->cq, &entry, 1));
	KUNIT_EXPECT_PTR_EQ(test, want->op_context, entry.op_context);
	KUNIT_EXPECT_EQ(test, want->flags, entry.flags);
	KUNIT_EXPECT_EQ(test, want->len, entry.len);
	KUNIT_EXPECT_PTR_EQ(test, want->buf, entry.buf);
	KUNIT_EXPECT_EQ(test, want->data, entry.data);
}

void fixture_expect_sent(struct fixture_ep *fe, void *context, u64 flags)
{
	const struct kfi_cq_data_entry want = {
		.op_context = context,
		.flags = flags,
	};

	fixture_expect_received(fe, &want);
}

void fixture_expect_error(struct fixture_ep *fe, void *context, u64 flags,
			  enum ib_wc_status status)
{
	struct kunit *test = fe->f->test;
	struct kfi_cq_err_entry entry = {};
	struct kfi_cq_data_entry good;

	KUNIT_ASSERT_EQ(test, (ssize_t)-KFI_EAVAIL,
			kfi_cq_read(fe->cq, &good, 1));
	KUNIT_ASSERT_EQ(test, (ssize_t)1, kfi_cq_readerr(fe->cq, &entry, 0));
	KUNIT_EXPECT_PTR_EQ(test, context, entry.op_context);
	KUNIT_EXPECT_EQ(test, flags, entry.flags);
	KUNIT_EXPECT_EQ(test, kfv_xlate_status(status), entry.err);
	KUNIT_EXPECT_EQ(test, (int)status, entry.prov_errno);
	KUNIT_EXPECT_EQ(test, (size_t)0, entry.len);
	KUNIT_EXPECT_EQ(test, (size_t)0, entry.olen);
	KUNIT_EXPECT_EQ(test, (u64)0, entry.data);
	KUNIT_EXPECT_NULL(test, entry.buf);
}

void fixture_progress(struct fixture_ep *fe)
{
	if (fe->f->dom->manual)
		KUNIT_EXPECT_EQ(fe->f->test, (ssize_t)0,
				kfi_cq_read(fe->cq, NULL, 0));
}

void fixture_expect_empty(struct fixture_ep *fe)
{
	struct kfi_cq_data_entry entry;

	KUNIT_EXPECT_EQ(fe->f->test, (ssize_t)-EAGAIN,
			kfi_cq_read(fe->cq, &entry, 1));
}

int fixture_event(struct fixture_ep *fe, u32 *event)
{
	struct kfi_eq_err_entry err = {};
	struct kfi_eq_cm_entry entry;
	ssize_t rc;

	rc = kfi_eq_sread(fe->eq, event, &entry, sizeof(entry),
			  jiffies_to_msecs(FIXTURE_PATIENCE), 0);
	if (rc != -KFI_EAVAIL) {
		KUNIT_EXPECT_EQ(fe->f->test, (ssize_t)sizeof(entry), rc);
		return 0;
	}
	KUNIT_EXPECT_EQ(fe->f->test, (ssize_t)sizeof(err),
			kfi_eq_readerr(fe->eq, &err, 0));
	return err.err;
}

void fixture_expect_shutdown(struct fixture_ep *fe)
{
	u32 event = KFI_NOTIFY;

	KUNIT_EXPECT_EQ(fe->f->test, 0, fixture_event(fe, &event));
	KUNIT_EXPECT_EQ(fe->f->test, (u32)KFI_SHUTDOWN, event);
}

void fixture_expect_no_event(struct fixture_ep *fe)
{
	struct kfi_eq_cm_entry entry;
	u32 event;

	/* breaking a connection takes a work item */
	flush_work(&fe->priv->breaker);
	KUNIT_EXPECT_EQ(fe->f->test, (ssize_t)-EAGAIN,
			kfi_eq_read(fe->eq, &event, &entry, sizeof(entry), 0));
}
