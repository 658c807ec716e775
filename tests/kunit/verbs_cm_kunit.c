// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The connection manager's events as they come in, and the client's connection
 * calls. The rdma_cm_id of the fixture is on the device and in no connection,
 * so what is sent to the peer goes nowhere.
 */
#include <linux/string.h>
#include <rdma/ib_cm.h>

#include "fixture.h"

/* An endpoint in the middle of an attempt */
static struct fixture_ep *cm_trying(struct kunit *test, enum kfv_ep_state state)
{
	struct fixture *f = fixture_new(test);
	struct fixture_ep *fe = fixture_ep_enable(f, NULL);
	int rc;

	fe->priv->passive = state == KFV_EP_ACCEPTING;
	mutex_lock(&f->dom->lock);
	rc = kfv_conn_begin(fe->priv, state);
	mutex_unlock(&f->dom->lock);
	KUNIT_ASSERT_EQ(test, 0, rc);
	return fe;
}

static void cm_handle(struct fixture_ep *fe, struct rdma_cm_event *event)
{
	rdma_lock_handler(fe->priv->id);
	KUNIT_EXPECT_EQ(fe->f->test, 0, kfv_cm_handler(fe->priv->id, event));
	rdma_unlock_handler(fe->priv->id);
}

static void cm_event(struct fixture_ep *fe, enum rdma_cm_event_type type,
		     int status, const void *data, size_t len)
{
	struct rdma_cm_event event = {
		.event = type,
		.status = status,
		.param.conn.private_data = data,
		.param.conn.private_data_len = len,
		.param.conn.responder_resources = 1,
		.param.conn.initiator_depth = 1,
	};

	cm_handle(fe, &event);
}

static void cm_simple_event(struct fixture_ep *fe, enum rdma_cm_event_type type)
{
	cm_event(fe, type, 0, NULL, 0);
}

static void cm_expect_error(struct fixture_ep *fe, int err, int prov_errno,
			    const char *data)
{
	struct kunit *test = fe->f->test;
	struct kfi_eq_err_entry entry = {};

	KUNIT_ASSERT_EQ(test, (ssize_t)sizeof(entry),
			kfi_eq_readerr(fe->eq, &entry, 0));
	KUNIT_EXPECT_EQ(test, err, entry.err);
	KUNIT_EXPECT_EQ(test, prov_errno, entry.prov_errno);
	KUNIT_ASSERT_EQ(test, strlen(data), entry.err_data_size);
	if (*data)
		KUNIT_EXPECT_EQ(test, 0, memcmp(data, entry.err_data,
						strlen(data)));
	fixture_expect_no_event(fe);
	KUNIT_EXPECT_EQ(test, (ssize_t)-ENOTCONN,
			kfi_recv(fe->ep, NULL, 0, NULL, 0, NULL));
}

static void cm_expect_connected(struct fixture_ep *fe, const char *data)
{
	struct {
		struct kfi_eq_cm_entry cm;
		u8 data[KFV_WIRE_CM_DATA];
	} entry;
	struct kunit *test = fe->f->test;
	u32 event = KFI_NOTIFY;

	KUNIT_ASSERT_EQ(test, (ssize_t)(sizeof(entry.cm) + strlen(data)),
			kfi_eq_read(fe->eq, &event, &entry, sizeof(entry), 0));
	KUNIT_EXPECT_EQ(test, (u32)KFI_CONNECTED, event);
	KUNIT_EXPECT_EQ(test, 0, memcmp(data, entry.cm.data, strlen(data)));
}

/*
 * Attempts that succeed, or seem to
 */

static void cm_established_test(struct kunit *test)
{
	struct fixture_ep *fe = cm_trying(test, KFV_EP_CONNECTING);
	u8 reply[196] = {};

	kfv_wire_pack(reply, "welcome", 7);
	cm_event(fe, RDMA_CM_EVENT_ESTABLISHED, 0, reply, sizeof(reply));
	cm_expect_connected(fe, "welcome");
	fixture_expect_no_event(fe);
}

static void cm_established_passive_test(struct kunit *test)
{
	struct fixture_ep *fe = cm_trying(test, KFV_EP_ACCEPTING);

	cm_simple_event(fe, RDMA_CM_EVENT_ESTABLISHED);
	cm_expect_connected(fe, "");
	fixture_expect_no_event(fe);
}

struct cm_reply_case {
	const char *name;
	u8 reply[12];
	size_t len;
};

static const struct cm_reply_case cm_reply_cases[] = {
	{ "no private data", {}, 0 },
	{ "zeroes", {}, 196 },
	{ "another protocol", { 'n', 'o', 'n', 's', 'e', 'n', 's', 'e' }, 196 },
	{ "another version", { 0x6b, 0x66, 2 }, 196 },
	{ "impossible length", { 0x6b, 0x66, 1, 255 }, 196 },
};

static void cm_reply_desc(const struct cm_reply_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(cm_reply, cm_reply_cases, cm_reply_desc);

static void cm_foreign_reply_test(struct kunit *test)
{
	const struct cm_reply_case *c = test->param_value;
	struct fixture_ep *fe = cm_trying(test, KFV_EP_CONNECTING);
	u8 reply[196] = {};

	memcpy(reply, c->reply, sizeof(c->reply));
	cm_event(fe, RDMA_CM_EVENT_ESTABLISHED, 0, c->len ? reply : NULL,
		 c->len);
	cm_expect_error(fe, EPROTO, 0, "");
}

/* Reads would be accepted, and never complete. */
static void cm_reply_without_reads_test(struct kunit *test)
{
	static const u8 depths[][2] = { { 0, 16 }, { 16, 0 }, { 0, 0 } };
	u8 reply[196] = {};
	int i;

	kfv_wire_pack(reply, "welcome", 7);
	for (i = 0; i < ARRAY_SIZE(depths); i++) {
		struct fixture_ep *fe = cm_trying(test, KFV_EP_CONNECTING);
		struct rdma_cm_event event = {
			.event = RDMA_CM_EVENT_ESTABLISHED,
			.param.conn.private_data = reply,
			.param.conn.private_data_len = sizeof(reply),
			.param.conn.responder_resources = depths[i][0],
			.param.conn.initiator_depth = depths[i][1],
		};

		cm_handle(fe, &event);
		cm_expect_error(fe, EPROTO, 0, "");
	}
}

/*
 * Attempts that fail
 */

struct cm_reject_case {
	const char *name;
	int reason;
	u8 data[12];
	int err;
	const char *err_data;
};

static const struct cm_reject_case cm_reject_cases[] = {
	{ "with data", IB_CM_REJ_CONSUMER_DEFINED,
	  { 0x6b, 0x66, 1, 2, 0, 0, 0, 0, 'n', 'o' }, ECONNREFUSED, "no" },
	{ "without data", IB_CM_REJ_CONSUMER_DEFINED, { 0x6b, 0x66, 1 },
	  ECONNREFUSED, "" },
	{ "by the connection manager for its owner",
	  IB_CM_REJ_CONSUMER_DEFINED, {}, ECONNREFUSED, "" },
	{ "by another version", IB_CM_REJ_CONSUMER_DEFINED,
	  { 0x6b, 0x66, 2, 2, 0, 0, 0, 0, 'n', 'o' }, EPROTO, "" },
	{ "by another protocol", IB_CM_REJ_CONSUMER_DEFINED,
	  { 'n', 'o', 'n', 's', 'e', 'n', 's', 'e' }, EPROTO, "" },
	{ "nobody listens", IB_CM_REJ_INVALID_SERVICE_ID,
	  { 0x6b, 0x66, 1, 2, 0, 0, 0, 0, 'n', 'o' }, ECONNREFUSED, "" },
	{ "the peer's connection manager is tired", IB_CM_REJ_TIMEOUT,
	  {}, ECONNREFUSED, "" },
};

static void cm_reject_desc(const struct cm_reject_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(cm_reject, cm_reject_cases, cm_reject_desc);

static void cm_rejected_test(struct kunit *test)
{
	const struct cm_reject_case *c = test->param_value;
	struct fixture_ep *fe = cm_trying(test, KFV_EP_CONNECTING);
	u8 data[148] = {};

	memcpy(data, c->data, sizeof(c->data));
	cm_event(fe, RDMA_CM_EVENT_REJECTED, c->reason, data, sizeof(data));
	cm_expect_error(fe, c->err, c->reason, c->err_data);
}

struct cm_fail_case {
	enum rdma_cm_event_type type;
	int status;
	int err;
};

static const struct cm_fail_case cm_fail_cases[] = {
	{ RDMA_CM_EVENT_ADDR_ERROR, -ETIMEDOUT, EHOSTUNREACH },
	{ RDMA_CM_EVENT_ROUTE_ERROR, -EINVAL, EHOSTUNREACH },
	{ RDMA_CM_EVENT_UNREACHABLE, -ETIMEDOUT, EHOSTUNREACH },
	{ RDMA_CM_EVENT_CONNECT_ERROR, -EINVAL, EIO },
};

static void cm_fail_desc(const struct cm_fail_case *c, char *desc)
{
	strscpy(desc, rdma_event_msg(c->type), KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(cm_fail, cm_fail_cases, cm_fail_desc);

static void cm_failed_test(struct kunit *test)
{
	const struct cm_fail_case *c = test->param_value;
	struct fixture_ep *fe = cm_trying(test, KFV_EP_CONNECTING);

	cm_event(fe, c->type, c->status, NULL, 0);
	cm_expect_error(fe, c->err, c->status, "");
}

static void cm_failure_flushes_receives_test(struct kunit *test)
{
	struct fixture_ep *fe = cm_trying(test, KFV_EP_CONNECTING);
	u8 data[148] = {};

	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_recv(fe->ep, NULL, 0, NULL, 0, fe));
	cm_event(fe, RDMA_CM_EVENT_REJECTED, IB_CM_REJ_CONSUMER_DEFINED, data,
		 sizeof(data));
	fake_qp_settle(fe->qp);
	fixture_expect_error(fe, fe, KFI_MSG | KFI_RECV, IB_WC_WR_FLUSH_ERR);
	cm_expect_error(fe, ECONNREFUSED, IB_CM_REJ_CONSUMER_DEFINED, "");
}

/* Neither call is legal on an id that is not in that state. */
static void cm_next_step_fails_test(struct kunit *test)
{
	struct fixture_ep *fe = cm_trying(test, KFV_EP_CONNECTING);

	cm_simple_event(fe, RDMA_CM_EVENT_ADDR_RESOLVED);
	cm_expect_error(fe, EHOSTUNREACH, -EINVAL, "");
	cm_simple_event(fe, RDMA_CM_EVENT_ROUTE_RESOLVED);
	fixture_expect_no_event(fe);

	fe = cm_trying(test, KFV_EP_CONNECTING);
	cm_simple_event(fe, RDMA_CM_EVENT_ROUTE_RESOLVED);
	cm_expect_error(fe, EIO, -EINVAL, "");
}

/*
 * Connections that end
 */

static void cm_disconnected_test(struct kunit *test)
{
	struct fixture_ep *fe = fixture_ep_connect(fixture_new(test), NULL);

	cm_simple_event(fe, RDMA_CM_EVENT_DISCONNECTED);
	fixture_expect_shutdown(fe);
	cm_simple_event(fe, RDMA_CM_EVENT_DISCONNECTED);
	cm_simple_event(fe, RDMA_CM_EVENT_TIMEWAIT_EXIT);
	fixture_expect_no_event(fe);
}

static void cm_disconnected_before_established_test(struct kunit *test)
{
	struct fixture_ep *fe = cm_trying(test, KFV_EP_ACCEPTING);

	cm_simple_event(fe, RDMA_CM_EVENT_DISCONNECTED);
	cm_expect_connected(fe, "");
	fixture_expect_shutdown(fe);
	fixture_expect_no_event(fe);
}

static const enum rdma_cm_event_type cm_end_cases[] = {
	RDMA_CM_EVENT_DISCONNECTED,
	RDMA_CM_EVENT_UNREACHABLE,
	RDMA_CM_EVENT_ADDR_CHANGE,
};

static void cm_end_desc(const enum rdma_cm_event_type *type, char *desc)
{
	strscpy(desc, rdma_event_msg(*type), KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(cm_end, cm_end_cases, cm_end_desc);

static void cm_end_test(struct kunit *test)
{
	const enum rdma_cm_event_type *type = test->param_value;
	struct fixture_ep *fe = fixture_ep_connect(fixture_new(test), NULL);

	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_recv(fe->ep, NULL, 0, NULL, 0, fe));
	cm_simple_event(fe, *type);
	fixture_expect_shutdown(fe);
	fixture_expect_no_event(fe);
	fake_qp_settle(fe->qp);
	fixture_expect_error(fe, fe, KFI_MSG | KFI_RECV, IB_WC_WR_FLUSH_ERR);
	KUNIT_EXPECT_EQ(test, (ssize_t)-ENOTCONN,
			kfi_send(fe->ep, NULL, 0, NULL, 0, NULL));
}

static void cm_removal_is_not_ours_test(struct kunit *test)
{
	struct fixture_ep *fe = fixture_ep_connect(fixture_new(test), NULL);

	cm_simple_event(fe, RDMA_CM_EVENT_DEVICE_REMOVAL);
	fixture_expect_no_event(fe);
	KUNIT_EXPECT_TRUE(test, kfv_conn_in(fe->priv, BIT(KFV_EP_CONNECTED)));
}

/*
 * Calls
 */

static void cm_connect_arguments_test(struct kunit *test)
{
	struct fixture_ep *fe = fixture_ep_enable(fixture_new(test), NULL);
	struct sockaddr_in6 other = { .sin6_family = AF_INET6 };
	u8 data[49] = {};

	fe->priv->passive = false;
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_connect(fe->ep, NULL, NULL, 0));
	KUNIT_EXPECT_EQ(test, -EAFNOSUPPORT,
			kfi_connect(fe->ep, &other, NULL, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfi_connect(fe->ep, fe->f->info->src_addr, data, 49));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfi_connect(fe->ep, fe->f->info->src_addr, NULL, 1));
	KUNIT_EXPECT_EQ(test, -KFI_EOPBADSTATE, kfi_accept(fe->ep, NULL, 0));
	KUNIT_EXPECT_TRUE(test, kfv_conn_in(fe->priv, BIT(KFV_EP_ENABLED)));
}

static void cm_accept_arguments_test(struct kunit *test)
{
	struct fixture_ep *fe = fixture_ep_enable(fixture_new(test), NULL);
	u8 data[49] = {};

	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_accept(fe->ep, data, 49));
	KUNIT_EXPECT_EQ(test, -KFI_EOPBADSTATE,
			kfi_connect(fe->ep, fe->f->info->src_addr, NULL, 0));
	KUNIT_EXPECT_TRUE(test, kfv_conn_in(fe->priv, BIT(KFV_EP_ENABLED)));
}

/* The id is in no connection: as if the peer had taken its request back. */
static void cm_accept_too_late_test(struct kunit *test)
{
	struct fixture_ep *fe = fixture_ep_enable(fixture_new(test), NULL);

	KUNIT_ASSERT_EQ(test, (ssize_t)0,
			kfi_recv(fe->ep, NULL, 0, NULL, 0, fe));
	KUNIT_EXPECT_EQ(test, -ECONNABORTED, kfi_accept(fe->ep, NULL, 0));
	KUNIT_EXPECT_EQ(test, -ECONNABORTED, kfi_accept(fe->ep, NULL, 0));
	fake_qp_settle(fe->qp);
	fixture_expect_error(fe, fe, KFI_MSG | KFI_RECV, IB_WC_WR_FLUSH_ERR);
	fixture_expect_no_event(fe);
}

static void cm_calls_before_enable_test(struct kunit *test)
{
	struct fixture_ep *fe = fixture_ep_open(fixture_new(test), NULL);

	KUNIT_EXPECT_EQ(test, -KFI_EOPBADSTATE,
			kfi_connect(fe->ep, fe->f->info->src_addr, NULL, 0));
	KUNIT_EXPECT_EQ(test, -ENOTCONN, kfi_shutdown(fe->ep, 0));
	fixture_ep_give_id(fe);
	KUNIT_EXPECT_EQ(test, -KFI_EOPBADSTATE, kfi_accept(fe->ep, NULL, 0));
}

static void cm_calls_on_dead_device_test(struct kunit *test)
{
	struct fixture_ep *fe = fixture_ep_enable(fixture_new(test), NULL);
	struct sockaddr_storage addr;
	size_t len = sizeof(addr);

	fake_hca_unplug(fe->f->hca);
	KUNIT_EXPECT_EQ(test, -ENODEV,
			kfi_connect(fe->ep, fe->f->info->src_addr, NULL, 0));
	KUNIT_EXPECT_EQ(test, -ENODEV, kfi_accept(fe->ep, NULL, 0));
	KUNIT_EXPECT_EQ(test, -ENODEV, kfi_shutdown(fe->ep, 0));
	KUNIT_EXPECT_EQ(test, -ENODEV, kfi_getname(&fe->ep->fid, &addr, &len));
	KUNIT_EXPECT_EQ(test, -ENODEV, kfi_getpeer(fe->ep, &addr, &len));
}

static void cm_shutdown_test(struct kunit *test)
{
	struct fixture_ep *fe = fixture_ep_connect(fixture_new(test), NULL);

	KUNIT_EXPECT_EQ(test, -KFI_EBADFLAGS, kfi_shutdown(fe->ep, 1));
	fixture_expect_no_event(fe);
	KUNIT_EXPECT_EQ(test, 0, kfi_shutdown(fe->ep, 0));
	KUNIT_EXPECT_EQ(test, (ssize_t)-ENOTCONN,
			kfi_send(fe->ep, NULL, 0, NULL, 0, NULL));
	fixture_expect_shutdown(fe);
	KUNIT_EXPECT_EQ(test, -ENOTCONN, kfi_shutdown(fe->ep, 0));
	fixture_expect_no_event(fe);
}

static void cm_names_test(struct kunit *test)
{
	struct fixture_ep *fe = fixture_ep_connect(fixture_new(test), NULL);
	struct sockaddr_in addr = { .sin_addr.s_addr = htonl(INADDR_BROADCAST) };
	size_t len = offsetof(struct sockaddr_in, sin_addr);

	KUNIT_EXPECT_EQ(test, -KFI_ETOOSMALL,
			kfi_getname(&fe->ep->fid, &addr, &len));
	KUNIT_EXPECT_EQ(test, AF_INET, addr.sin_family);
	KUNIT_EXPECT_EQ(test, INADDR_BROADCAST, ntohl(addr.sin_addr.s_addr));
	KUNIT_EXPECT_EQ(test, sizeof(addr), len);
	KUNIT_EXPECT_EQ(test, 0, kfi_getname(&fe->ep->fid, &addr, &len));
	KUNIT_EXPECT_EQ(test, AF_INET, addr.sin_family);
	KUNIT_EXPECT_EQ(test, INADDR_LOOPBACK, ntohl(addr.sin_addr.s_addr));

	len = 0;
	KUNIT_EXPECT_EQ(test, -KFI_ETOOSMALL,
			kfi_getname(&fe->ep->fid, NULL, &len));
	KUNIT_EXPECT_EQ(test, sizeof(addr), len);
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_getname(&fe->ep->fid, NULL, &len));
	KUNIT_EXPECT_EQ(test, -EINVAL, kfi_getname(&fe->ep->fid, &addr, NULL));
}

static void cm_peer_only_when_connected_test(struct kunit *test)
{
	struct fixture_ep *fe = cm_trying(test, KFV_EP_ACCEPTING);
	struct sockaddr_in addr;
	size_t len = sizeof(addr);

	KUNIT_EXPECT_EQ(test, -ENOTCONN, kfi_getpeer(fe->ep, &addr, &len));
	fe->priv->peer.in.sin_family = AF_INET;
	cm_simple_event(fe, RDMA_CM_EVENT_ESTABLISHED);
	KUNIT_EXPECT_EQ(test, 0, kfi_getpeer(fe->ep, &addr, &len));
	KUNIT_EXPECT_EQ(test, sizeof(addr), len);
}

/* Whatever the peer thinks, there was no connection yet. */
static void cm_disconnected_while_connecting_test(struct kunit *test)
{
	struct fixture_ep *fe = cm_trying(test, KFV_EP_CONNECTING);

	cm_simple_event(fe, RDMA_CM_EVENT_DISCONNECTED);
	cm_expect_error(fe, ECONNRESET, 0, "");
}

/* No attempt was made, so the next one may be. */
static void cm_connect_cannot_start_test(struct kunit *test)
{
	struct fixture_ep *fe = fixture_ep_enable(fixture_new(test), NULL);
	struct sockaddr_in6 any = { .sin6_family = AF_INET6 };

	fe->priv->passive = false;
	/* an id that is bound in one family finds no peer in another */
	KUNIT_ASSERT_EQ(test, 0, rdma_bind_addr(fe->priv->id,
						(struct sockaddr *)&any));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kfi_connect(fe->ep, fe->f->info->src_addr, NULL, 0));
	KUNIT_EXPECT_TRUE(test, kfv_conn_in(fe->priv, BIT(KFV_EP_ENABLED)));
	fixture_expect_no_event(fe);
}

static struct kunit_case cm_cases[] = {
	KUNIT_CASE(cm_established_test),
	KUNIT_CASE(cm_established_passive_test),
	KUNIT_CASE_PARAM(cm_foreign_reply_test, cm_reply_gen_params),
	KUNIT_CASE(cm_reply_without_reads_test),
	KUNIT_CASE_PARAM(cm_rejected_test, cm_reject_gen_params),
	KUNIT_CASE_PARAM(cm_failed_test, cm_fail_gen_params),
	KUNIT_CASE(cm_failure_flushes_receives_test),
	KUNIT_CASE(cm_next_step_fails_test),
	KUNIT_CASE(cm_disconnected_test),
	KUNIT_CASE(cm_disconnected_before_established_test),
	KUNIT_CASE_PARAM(cm_end_test, cm_end_gen_params),
	KUNIT_CASE(cm_removal_is_not_ours_test),
	KUNIT_CASE(cm_connect_arguments_test),
	KUNIT_CASE(cm_accept_arguments_test),
	KUNIT_CASE(cm_accept_too_late_test),
	KUNIT_CASE(cm_calls_before_enable_test),
	KUNIT_CASE(cm_calls_on_dead_device_test),
	KUNIT_CASE(cm_shutdown_test),
	KUNIT_CASE(cm_names_test),
	KUNIT_CASE(cm_peer_only_when_connected_test),
	KUNIT_CASE(cm_disconnected_while_connecting_test),
	KUNIT_CASE(cm_connect_cannot_start_test),
	{}
};

static struct kunit_suite cm_suite = {
	.name = "kfi_verbs_cm",
	.test_cases = cm_cases,
};

kunit_test_suite(cm_suite);
