// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Endpoints: opening, binding, enabling, options, closing.
 */
#include <linux/string.h>

#include <kfi_atomic.h>
#include <kfi_tagged.h>

#include "fixture.h"

/*
 * Opening
 */

static void ep_no_ep_attr(struct kfi_info *info)
{
	info->ep_attr = NULL;
}

static void ep_no_tx_attr(struct kfi_info *info)
{
	info->tx_attr = NULL;
}

static void ep_no_rx_attr(struct kfi_info *info)
{
	info->rx_attr = NULL;
}

static void ep_wrong_type(struct kfi_info *info)
{
	info->ep_attr->type = KFI_EP_RDM;
}

static void ep_no_address(struct kfi_info *info)
{
	info->src_addr = NULL;
}

static void ep_no_address_length(struct kfi_info *info)
{
	info->src_addrlen = 0;
}

static void ep_short_address(struct kfi_info *info)
{
	info->src_addrlen = sizeof(struct sockaddr_in) - 1;
}

static void ep_large_queue(struct kfi_info *info)
{
	info->tx_attr->size = KFV_MAX_QUEUE + 1;
}

static void ep_large_rx_queue(struct kfi_info *info)
{
	info->rx_attr->size = KFV_MAX_QUEUE + 1;
}

static void ep_large_inject(struct kfi_info *info)
{
	info->tx_attr->inject_size = KFV_INJECT_SIZE + 1;
}

static void ep_large_message(struct kfi_info *info)
{
	info->ep_attr->max_msg_size++;
}

static void ep_long_list(struct kfi_info *info)
{
	info->tx_attr->iov_limit = KFV_MAX_SGE + 1;
}

static struct kfid ep_some_fid;

static void ep_unknown_handle(struct kfi_info *info)
{
	info->handle = &ep_some_fid;
}

struct ep_open_case {
	const char *name;
	void (*spoil)(struct kfi_info *info);
};

static const struct ep_open_case ep_open_cases[] = {
	{ "no ep_attr", ep_no_ep_attr },
	{ "no tx_attr", ep_no_tx_attr },
	{ "no rx_attr", ep_no_rx_attr },
	{ "wrong type", ep_wrong_type },
	{ "no address", ep_no_address },
	{ "address without length", ep_no_address_length },
	{ "address too short", ep_short_address },
	{ "send queue too large", ep_large_queue },
	{ "receive queue too large", ep_large_rx_queue },
	{ "inject size too large", ep_large_inject },
	{ "message size too large", ep_large_message },
	{ "list too long", ep_long_list },
	{ "handle of nothing", ep_unknown_handle },
};

static void ep_open_desc(const struct ep_open_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(ep_open, ep_open_cases, ep_open_desc);

static void ep_open_bad_info_test(struct kunit *test)
{
	const struct ep_open_case *c = test->param_value;
	struct fixture *f = fixture_new(test);
	struct kfi_ep_attr ep_attr = *f->info->ep_attr;
	struct kfi_tx_attr tx_attr = *f->info->tx_attr;
	struct kfi_rx_attr rx_attr = *f->info->rx_attr;
	struct kfi_info info = *f->info;
	struct kfid_ep *ep = NULL;

	info.ep_attr = &ep_attr;
	info.tx_attr = &tx_attr;
	info.rx_attr = &rx_attr;
	KUNIT_ASSERT_EQ(test, 0, kfi_endpoint(f->domain, &info, &ep, NULL));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&ep->fid));

	ep = NULL;
	c->spoil(&info);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfi_endpoint(f->domain, &info, &ep, NULL));
	KUNIT_EXPECT_NULL(test, ep);
}

static void ep_open_null_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_ep *ep;

	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_endpoint(f->domain, NULL, &ep,
						    NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_endpoint(f->domain, f->info, NULL,
						    NULL));
}

static void ep_open_device_gone_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_ep *ep;

	fake_hca_unplug(f->hca);
	KUNIT_EXPECT_EQ(test, -ENODEV, kfi_endpoint(f->domain, f->info, &ep,
						    NULL));
}

static void ep_tables_are_full_test(struct kunit *test)
{
	struct fixture_ep *fe = fixture_ep_open(fixture_new(test), NULL);
	struct kfid *alias;
	size_t count;
	void *ops;

	KUNIT_EXPECT_EQ(test, -ENOSYS, kfi_alias(&fe->ep->fid, &alias, 0));
	KUNIT_EXPECT_EQ(test, -ENOSYS, kfi_open_ops(&fe->ep->fid, "x", 0, &ops,
						    NULL));
	KUNIT_EXPECT_EQ(test, (ssize_t)-ENOSYS,
			kfi_tsend(fe->ep, NULL, 0, NULL, 0, 0, NULL));
	KUNIT_EXPECT_EQ(test, -ENOSYS,
			kfi_atomicvalid(fe->ep, KFI_UINT64, KFI_SUM, &count));
	KUNIT_EXPECT_EQ(test, -ENOSYS, kfi_setname(&fe->ep->fid, &count, 0));
}

/*
 * Binding
 */

/* An endpoint to which nothing is bound */
static struct kfid_ep *ep_bare(struct fixture *f)
{
	struct kfid_ep *ep;

	KUNIT_ASSERT_EQ(f->test, 0, kfi_endpoint(f->domain, f->info, &ep,
						 NULL));
	return ep;
}

static void ep_bind_sides_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_cq *tx = fixture_cq(f, NULL, NULL, NULL);
	struct kfid_cq *rx = fixture_cq(f, NULL, NULL, NULL);
	struct kfid_ep *ep = ep_bare(f);
	struct kfv_ep *priv = kfv_ep(&ep->fid);

	KUNIT_EXPECT_EQ(test, 0, kfi_ep_bind(ep, &tx->fid, KFI_SEND));
	KUNIT_EXPECT_PTR_EQ(test, kfv_cq(&tx->fid), priv->tx_cq);
	KUNIT_EXPECT_NULL(test, priv->rx_cq);
	KUNIT_EXPECT_EQ(test, -EBUSY, kfi_ep_bind(ep, &rx->fid, KFI_TRANSMIT));
	KUNIT_EXPECT_EQ(test, -EBUSY, kfi_ep_bind(ep, &rx->fid, 0));
	KUNIT_EXPECT_NULL(test, priv->rx_cq);
	KUNIT_EXPECT_EQ(test, 0,
			kfi_ep_bind(ep, &rx->fid,
				    KFI_RECV | KFI_SELECTIVE_COMPLETION));
	KUNIT_EXPECT_PTR_EQ(test, kfv_cq(&rx->fid), priv->rx_cq);
	KUNIT_EXPECT_FALSE(test, priv->tx_selective);
	KUNIT_EXPECT_TRUE(test, priv->rx_selective);
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&ep->fid));
}

static void ep_bind_holds_queues_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_cq *cq = fixture_cq(f, NULL, NULL, NULL);
	struct kfid_eq *eq = fixture_eq(f, 4);
	struct kfid_ep *ep = ep_bare(f);

	KUNIT_EXPECT_EQ(test, 0, kfi_ep_bind(ep, &cq->fid, 0));
	KUNIT_EXPECT_EQ(test, 0, kfi_ep_bind(ep, &eq->fid, 0));
	KUNIT_EXPECT_EQ(test, -EBUSY, fixture_close(f, &cq->fid));
	KUNIT_EXPECT_EQ(test, -EBUSY, fixture_close(f, &eq->fid));
	KUNIT_EXPECT_EQ(test, -EBUSY, fixture_close(f, &f->domain->fid));

	KUNIT_EXPECT_EQ(test, 0, kfi_close(&ep->fid));
	KUNIT_EXPECT_EQ(test, 0, fixture_close(f, &cq->fid));
	KUNIT_EXPECT_EQ(test, 0, fixture_close(f, &eq->fid));
}

static void ep_bind_bad_arguments_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_cq *cq = fixture_cq(f, NULL, NULL, NULL);
	struct kfid_eq *eq = fixture_eq(f, 4);
	struct kfid_ep *ep = ep_bare(f);

	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_ep_bind(ep, NULL, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_ep_bind(ep, &f->domain->fid, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_ep_bind(ep, &ep->fid, 0));
	KUNIT_EXPECT_EQ(test, -KFI_EBADFLAGS,
			kfi_ep_bind(ep, &cq->fid, KFI_RECV | KFI_READ));
	KUNIT_EXPECT_EQ(test, -KFI_EBADFLAGS,
			kfi_ep_bind(ep, &eq->fid, KFI_RECV));
	KUNIT_EXPECT_EQ(test, 0, kfi_ep_bind(ep, &eq->fid, 0));
	KUNIT_EXPECT_EQ(test, -EBUSY, kfi_ep_bind(ep, &eq->fid, 0));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&ep->fid));
}

static void ep_bind_foreign_queues_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test), *other = fixture_new(test);
	struct kfid_cq *cq = fixture_cq(other, NULL, NULL, NULL);
	struct kfid_eq *eq = fixture_eq(other, 4);
	struct kfid_ep *ep = ep_bare(f);

	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_ep_bind(ep, &cq->fid, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_ep_bind(ep, &eq->fid, 0));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&ep->fid));
}

static void ep_bind_too_late_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_enable(f, NULL);

	KUNIT_EXPECT_EQ(test, -KFI_EOPBADSTATE,
			kfi_ep_bind(fe->ep, &fe->cq->fid, 0));
	fake_hca_unplug(f->hca);
	KUNIT_EXPECT_EQ(test, -ENODEV,
			kfi_ep_bind(fe->ep, &fe->cq->fid, 0));
}

/*
 * Enabling
 */

static void ep_enable_unbound_test(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct kfid_cq *cq = fixture_cq(f, NULL, NULL, NULL);
	struct kfid_ep *ep = ep_bare(f);

	KUNIT_EXPECT_EQ(test, -KFI_ENOCQ, kfi_enable(ep));
	KUNIT_EXPECT_EQ(test, 0, kfi_ep_bind(ep, &cq->fid, KFI_RECV));
	KUNIT_EXPECT_EQ(test, -KFI_ENOCQ, kfi_enable(ep));
	KUNIT_EXPECT_EQ(test, 0, kfi_ep_bind(ep, &cq->fid, KFI_SEND));
	KUNIT_EXPECT_EQ(test, -KFI_ENOEQ, kfi_enable(ep));
	KUNIT_EXPECT_EQ(test, 0, kfi_close(&ep->fid));
}

static void ep_enable_twice_test(struct kunit *test)
{
	struct fixture_ep *fe = fixture_ep_enable(fixture_new(test), NULL);

	KUNIT_EXPECT_EQ(test, 0, kfi_enable(fe->ep));
	KUNIT_EXPECT_EQ(test, 1 + 1, fe->f->hca->qps);
}

static void ep_enable_full_event_queue_test(struct kunit *test)
{
	struct fixture_ep *fe = fixture_ep_open(fixture_new(test), NULL);
	struct kfi_evq *evq = &kfv_eq(&fe->eq->fid)->evq;
	struct kfi_evq_event *other[3];
	int i;

	fixture_ep_give_id(fe);
	for (i = 0; i < ARRAY_SIZE(other); i++)
		other[i] = kfi_evq_reserve(evq, 0, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, -ENOSPC, kfi_enable(fe->ep));
	KUNIT_EXPECT_EQ(test, (size_t)3, evq->used);

	for (i = 0; i < ARRAY_SIZE(other); i++)
		kfi_evq_release(evq, other[i]);
	KUNIT_EXPECT_EQ(test, 0, kfi_enable(fe->ep));
}

static void ep_enable_fails_and_succeeds_test(struct kunit *test)
{
	struct fixture_ep *fe = fixture_ep_open(fixture_new(test), NULL);
	struct kfi_evq *evq = &kfv_eq(&fe->eq->fid)->evq;

	fixture_ep_give_id(fe);
	fe->f->hca->create_qp_rc = -ENOMEM;
	KUNIT_EXPECT_EQ(test, -ENOMEM, kfi_enable(fe->ep));
	KUNIT_EXPECT_EQ(test, (size_t)0, evq->used);
	KUNIT_EXPECT_NULL(test, fe->priv->qp);
	KUNIT_EXPECT_EQ(test, (ssize_t)-KFI_EOPBADSTATE,
			kfi_recv(fe->ep, NULL, 0, NULL, 0, NULL));

	fe->f->hca->create_qp_rc = 0;
	KUNIT_EXPECT_EQ(test, 0, kfi_enable(fe->ep));
	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			kfi_recv(fe->ep, NULL, 0, NULL, 0, NULL));
}

static void ep_withdraw_request(void *ep)
{
	kfv_conn_down(ep, KFV_CONN_REQUEST, NULL);
}

/*
 * The peer takes its request back while the queue pair is being made. The
 * connection manager may see to it that none is, with the error of bad input.
 */
static void ep_enable_withdrawn_test(struct kunit *test)
{
	static const int answers[] = { 0, -EINVAL };
	struct fixture *f = fixture_new(test);
	int i;

	for (i = 0; i < ARRAY_SIZE(answers); i++) {
		struct fixture_ep *fe = fixture_ep_open(f, NULL);

		fixture_ep_give_id(fe);
		f->hca->create_qp_hook = ep_withdraw_request;
		f->hca->create_qp_arg = fe->priv;
		f->hca->create_qp_rc = answers[i];
		KUNIT_EXPECT_EQ(test, -ECONNABORTED, kfi_enable(fe->ep));
		KUNIT_EXPECT_NULL(test, fe->priv->qp);
		KUNIT_EXPECT_NULL(test, fe->priv->id->qp);
		KUNIT_EXPECT_EQ(test, (size_t)0,
				kfv_eq(&fe->eq->fid)->evq.used);
		KUNIT_EXPECT_EQ(test, -ECONNABORTED, kfi_enable(fe->ep));
		KUNIT_EXPECT_EQ(test, -ECONNABORTED,
				kfi_accept(fe->ep, NULL, 0));
		KUNIT_EXPECT_EQ(test, (ssize_t)-ENOTCONN,
				kfi_recv(fe->ep, NULL, 0, NULL, 0, NULL));
		KUNIT_EXPECT_EQ(test, 1, f->hca->qps);
		KUNIT_EXPECT_EQ(test, 0, fixture_ep_close(fe));
	}
}

/* Of the receive for the first message nothing is heard when the endpoint is gone. */
static void ep_enable_withdrawn_iwarp_test(struct kunit *test)
{
	struct fixture *f = fixture_new_iwarp(test);
	struct fixture_ep *fe = fixture_ep_open(f, NULL);
	int room = fixture_room(fe->cq), spare = fixture_spare(fe->cq);

	fixture_ep_give_id(fe);
	f->hca->create_qp_hook = ep_withdraw_request;
	f->hca->create_qp_arg = fe->priv;
	f->hca->no_cm = true;
	KUNIT_EXPECT_EQ(test, -ECONNABORTED, kfi_enable(fe->ep));
	KUNIT_EXPECT_EQ(test, 0U, f->hca->orphans);
	KUNIT_EXPECT_EQ(test, 0, fixture_ep_close(fe));
	KUNIT_EXPECT_EQ(test, room, fixture_room(fe->cq));
	KUNIT_EXPECT_EQ(test, spare, fixture_spare(fe->cq));
}

/*
 * The connection manager knows that a request is no more, and has not said so yet:
 * it gives no attributes.
 */
static void ep_enable_withdrawn_unheard_test(struct kunit *test)
{
	struct fixture_ep *fe = fixture_ep_open(fixture_new(test), NULL);
	struct ib_port_data *port = &fe->f->hca->ibdev.port_data[1];
	struct ib_pkey_cache *pkeys = port->cache.pkey;

	fixture_ep_give_id(fe);
	fe->f->hca->create_qp_rc = -EINVAL;
	port->cache.pkey = NULL;
	KUNIT_EXPECT_EQ(test, -ECONNABORTED, kfi_enable(fe->ep));
	KUNIT_EXPECT_EQ(test, -ECONNABORTED, kfi_enable(fe->ep));
	KUNIT_EXPECT_EQ(test, -ECONNABORTED, kfi_accept(fe->ep, NULL, 0));
	port->cache.pkey = pkeys;
	KUNIT_EXPECT_EQ(test, -KFI_EOPBADSTATE, kfi_accept(fe->ep, NULL, 0));
}

/* The device has no network address, so the connection manager knows none. */
static void ep_enable_unknown_address_test(struct kunit *test)
{
	struct fixture_ep *fe = fixture_ep_open(fixture_new(test), NULL);

	KUNIT_EXPECT_LT(test, kfi_enable(fe->ep), 0);
	KUNIT_EXPECT_NULL(test, fe->priv->id);
	KUNIT_EXPECT_EQ(test, (size_t)0, kfv_eq(&fe->eq->fid)->evq.used);
}

static void ep_enable_device_gone_test(struct kunit *test)
{
	struct fixture_ep *fe = fixture_ep_open(fixture_new(test), NULL);

	fake_hca_unplug(fe->f->hca);
	KUNIT_EXPECT_EQ(test, -ENODEV, kfi_enable(fe->ep));
}

/*
 * Flags and options
 */

static void ep_flags_test(struct kunit *test)
{
	struct fixture_ep *fe = fixture_ep_open(fixture_new(test), NULL);
	struct kfid *fid = &fe->ep->fid;
	u64 flags = KFI_TRANSMIT | KFI_COMPLETION | KFI_TRANSMIT_COMPLETE;

	KUNIT_EXPECT_EQ(test, 0, kfi_control(fid, KFI_SETOPSFLAG, &flags));
	flags = KFI_TRANSMIT;
	KUNIT_EXPECT_EQ(test, 0, kfi_control(fid, KFI_GETOPSFLAG, &flags));
	KUNIT_EXPECT_EQ(test, KFI_COMPLETION | KFI_TRANSMIT_COMPLETE, flags);
	flags = KFI_RECV;
	KUNIT_EXPECT_EQ(test, 0, kfi_control(fid, KFI_GETOPSFLAG, &flags));
	KUNIT_EXPECT_EQ(test, 0ULL, flags);
}

static void ep_bad_flags_test(struct kunit *test)
{
	struct fixture_ep *fe = fixture_ep_open(fixture_new(test), NULL);
	struct kfid *fid = &fe->ep->fid;
	u64 flags = KFI_COMPLETION;

	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_control(fid, KFI_SETOPSFLAG, NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_control(fid, KFI_GETOPSFLAG, NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfi_control(fid, KFI_SETOPSFLAG, &flags));
	flags = KFI_TRANSMIT | KFI_RECV;
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfi_control(fid, KFI_GETOPSFLAG, &flags));
	flags = KFI_TRANSMIT | KFI_COMMIT_COMPLETE;
	KUNIT_EXPECT_EQ(test, -KFI_EBADFLAGS,
			kfi_control(fid, KFI_SETOPSFLAG, &flags));
	flags = KFI_RECV | KFI_INJECT;
	KUNIT_EXPECT_EQ(test, -KFI_EBADFLAGS,
			kfi_control(fid, KFI_SETOPSFLAG, &flags));
	KUNIT_EXPECT_EQ(test, -ENOSYS, kfi_control(fid, KFI_GETWAIT, NULL));
}

static void ep_options_test(struct kunit *test)
{
	struct fixture_ep *fe = fixture_ep_open(fixture_new(test), NULL);
	struct kfid *fid = &fe->ep->fid;
	size_t value = 0, len = sizeof(value);

	KUNIT_EXPECT_EQ(test, 0, kfi_getopt(fid, KFI_OPT_ENDPOINT,
					    KFI_OPT_CM_DATA_SIZE, &value,
					    &len));
	KUNIT_EXPECT_EQ(test, (size_t)48, value);
	KUNIT_EXPECT_EQ(test, sizeof(value), len);
	len = sizeof(value) - 1;
	KUNIT_EXPECT_EQ(test, -KFI_ETOOSMALL,
			kfi_getopt(fid, KFI_OPT_ENDPOINT, KFI_OPT_CM_DATA_SIZE,
				   &value, &len));
	KUNIT_EXPECT_EQ(test, sizeof(value), len);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfi_getopt(fid, KFI_OPT_ENDPOINT, KFI_OPT_CM_DATA_SIZE,
				   NULL, &len));
	KUNIT_EXPECT_EQ(test, -ENOPROTOOPT,
			kfi_getopt(fid, KFI_OPT_ENDPOINT,
				   KFI_OPT_MIN_MULTI_RECV, &value, &len));
	KUNIT_EXPECT_EQ(test, -ENOPROTOOPT,
			kfi_getopt(fid, KFI_OPT_ENDPOINT + 1,
				   KFI_OPT_CM_DATA_SIZE, &value, &len));
	KUNIT_EXPECT_EQ(test, -ENOPROTOOPT,
			kfi_setopt(fid, KFI_OPT_ENDPOINT, KFI_OPT_CM_DATA_SIZE,
				   &value, sizeof(value)));
}

/* A control queue pair takes some of the private data. */
static void ep_pmem_options_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .pmem = true };
	struct fixture_ep *fe = fixture_ep_open(fixture_new(test), &attr);
	size_t value = 0, len = sizeof(value);

	KUNIT_EXPECT_EQ(test, 0, kfi_getopt(&fe->ep->fid, KFI_OPT_ENDPOINT,
					    KFI_OPT_CM_DATA_SIZE, &value,
					    &len));
	KUNIT_EXPECT_EQ(test, (size_t)40, value);
}

static void ep_pmem_flags_test(struct kunit *test)
{
	const struct fixture_ep_attr attr = { .pmem = true };
	struct fixture_ep *fe = fixture_ep_open(fixture_new(test), &attr);
	struct kfid *fid = &fe->ep->fid;
	u64 flags = KFI_TRANSMIT | KFI_COMMIT_COMPLETE | KFI_COMPLETION;

	KUNIT_EXPECT_EQ(test, 0, kfi_control(fid, KFI_SETOPSFLAG, &flags));
	flags = KFI_TRANSMIT;
	KUNIT_EXPECT_EQ(test, 0, kfi_control(fid, KFI_GETOPSFLAG, &flags));
	KUNIT_EXPECT_EQ(test, (u64)(KFI_COMMIT_COMPLETE | KFI_COMPLETION),
			flags);
	flags = KFI_RECV | KFI_COMMIT_COMPLETE;
	KUNIT_EXPECT_EQ(test, -KFI_EBADFLAGS,
			kfi_control(fid, KFI_SETOPSFLAG, &flags));
}

static void ep_cancel_test(struct kunit *test)
{
	struct fixture_ep *fe = fixture_ep_enable(fixture_new(test), NULL);

	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			kfi_recv(fe->ep, NULL, 0, NULL, 0, fe));
	KUNIT_EXPECT_EQ(test, (ssize_t)-ENOSYS,
			kfi_cancel(&fe->ep->fid, fe));
	fixture_expect_empty(fe);
}

/*
 * Closing
 */

static void ep_close_completes_everything_test(struct kunit *test)
{
	struct fixture_ep *fe = fixture_ep_connect(fixture_new(test), NULL);
	void *buf = fixture_kmalloc(test, 16);
	struct fixture_ep left = *fe;

	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_recv(fe->ep, buf, 16, NULL, 0, buf));
	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_send(fe->ep, buf, 16, NULL, 0, buf + 1));
	KUNIT_EXPECT_EQ(test, 0, fixture_ep_close(fe));

	fixture_expect_error(&left, buf + 1, KFI_MSG | KFI_SEND,
			     IB_WC_WR_FLUSH_ERR);
	fixture_expect_error(&left, buf, KFI_MSG | KFI_RECV,
			     IB_WC_WR_FLUSH_ERR);
	fixture_expect_empty(&left);
	KUNIT_EXPECT_EQ(test, 1, left.f->hca->qps);
}

static void ep_close_purges_events_test(struct kunit *test)
{
	struct fixture_ep *fe = fixture_ep_connect(fixture_new(test), NULL);
	struct kfi_evq *evq = &kfv_eq(&fe->eq->fid)->evq;

	KUNIT_EXPECT_EQ(test, 0, kfi_shutdown(fe->ep, 0));
	flush_work(&fe->priv->breaker);
	KUNIT_EXPECT_EQ(test, (size_t)1, evq->used);
	KUNIT_EXPECT_EQ(test, 0, fixture_ep_close(fe));
	KUNIT_EXPECT_EQ(test, (size_t)0, evq->used);
}

static void ep_close_after_removal_test(struct kunit *test)
{
	struct fixture_ep *fe = fixture_ep_connect(fixture_new(test), NULL);

	fake_hca_unplug(fe->f->hca);
	KUNIT_EXPECT_EQ(test, 0, fe->f->hca->qps);
	KUNIT_EXPECT_NULL(test, fe->priv->qp);
	KUNIT_EXPECT_NULL(test, fe->priv->id);
	fixture_expect_shutdown(fe);
	fixture_expect_no_event(fe);
	KUNIT_EXPECT_EQ(test, (ssize_t)-ENODEV,
			kfi_recv(fe->ep, NULL, 0, NULL, 0, NULL));
	KUNIT_EXPECT_EQ(test, -ENODEV, kfi_shutdown(fe->ep, 0));
	KUNIT_EXPECT_EQ(test, 0, fixture_ep_close(fe));
}

static struct kunit_case ep_cases[] = {
	KUNIT_CASE_PARAM(ep_open_bad_info_test, ep_open_gen_params),
	KUNIT_CASE(ep_open_null_test),
	KUNIT_CASE(ep_open_device_gone_test),
	KUNIT_CASE(ep_tables_are_full_test),
	KUNIT_CASE(ep_bind_sides_test),
	KUNIT_CASE(ep_bind_holds_queues_test),
	KUNIT_CASE(ep_bind_bad_arguments_test),
	KUNIT_CASE(ep_bind_foreign_queues_test),
	KUNIT_CASE(ep_bind_too_late_test),
	KUNIT_CASE(ep_enable_unbound_test),
	KUNIT_CASE(ep_enable_twice_test),
	KUNIT_CASE(ep_enable_full_event_queue_test),
	KUNIT_CASE(ep_enable_fails_and_succeeds_test),
	KUNIT_CASE(ep_enable_withdrawn_test),
	KUNIT_CASE(ep_enable_withdrawn_iwarp_test),
	KUNIT_CASE(ep_enable_withdrawn_unheard_test),
	KUNIT_CASE(ep_enable_unknown_address_test),
	KUNIT_CASE(ep_enable_device_gone_test),
	KUNIT_CASE(ep_flags_test),
	KUNIT_CASE(ep_bad_flags_test),
	KUNIT_CASE(ep_options_test),
	KUNIT_CASE(ep_pmem_options_test),
	KUNIT_CASE(ep_pmem_flags_test),
	KUNIT_CASE(ep_cancel_test),
	KUNIT_CASE(ep_close_completes_everything_test),
	KUNIT_CASE(ep_close_purges_events_test),
	KUNIT_CASE(ep_close_after_removal_test),
	{}
};

static struct kunit_suite ep_suite = {
	.name = "kfi_verbs_ep",
	.test_cases = ep_cases,
};

kunit_test_suite(ep_suite);
