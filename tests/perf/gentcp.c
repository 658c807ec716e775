// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Back end TCP
 *
 * Purpose: the work over sockets of the kernel, on the same network device.
 *
 * Operation: messages have a known length, so they need no header. A read is a
 * message of a few bytes that the server answers with the data. There is no write:
 * nothing of TCP puts bytes where the sender wants them. What is to be sent is put
 * into the socket as far as that takes it, and the rest when it is polled. An
 * operation is complete when the socket has all of it, a read when all of the
 * answer is there.
 *
 * Errors: as the socket says.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/in.h>
#include <linux/inet.h>
#include <linux/kthread.h>
#include <linux/minmax.h>
#include <linux/net.h>
#include <linux/tcp.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "gen.h"

#define KFP_GENTCP_REQUEST	8	/* bytes that ask for a read */

/**
 * struct kfp_gentcp_conn - an end of a connection
 * @conn: what all have
 * @sock: the socket
 * @to_send: bytes that were posted
 * @sent: of these, in the socket
 * @came: bytes that were received
 * @part: of these, of a message that is not complete
 * @answers: client: reads that were answered
 */
struct kfp_gentcp_conn {
	struct kfp_conn conn;
	struct socket *sock;
	u64 to_send;
	u64 sent;
	u64 came;
	u32 part;
	u64 answers;
};

/**
 * struct kfp_gentcp - a side
 * @side: what all have
 * @listener: server: where clients come
 */
struct kfp_gentcp {
	struct kfp_side side;
	struct socket *listener;
};

static struct kfp_gentcp *kfp_gentcp(struct kfp_side *side)
{
	return container_of(side, struct kfp_gentcp, side);
}

static struct kfp_gentcp_conn *kfp_gentcp_conn(struct kfp_conn *conn)
{
	return container_of(conn, struct kfp_gentcp_conn, conn);
}

static int kfp_gentcp_address(const struct kfp_side *side,
			      struct sockaddr_storage *addr)
{
	char port[8];

	snprintf(port, sizeof(port), "%u", side->port);
	return inet_pton_with_scope(&init_net, AF_UNSPEC, side->addr, port, addr);
}

static int kfp_gentcp_socket(const struct sockaddr_storage *addr,
			     struct socket **sock)
{
	int rc = sock_create_kern(&init_net, addr->ss_family, SOCK_STREAM,
				  IPPROTO_TCP, sock);

	if (rc) {
		*sock = NULL;
		return rc;
	}
	tcp_sock_set_nodelay((*sock)->sk);
	(*sock)->sk->sk_rcvtimeo = msecs_to_jiffies(KFP_GEN_TIMEOUT_MS);
	return 0;
}

static int kfp_gentcp_open(struct kfp_side *side)
{
	struct kfp_gentcp *tcp = kfp_gentcp(side);
	struct sockaddr_storage addr;
	int rc;

	if (!side->server)
		return 0;
	rc = kfp_gentcp_address(side, &addr);
	rc = rc ?: kfp_gentcp_socket(&addr, &tcp->listener);
	if (rc)
		return rc;
	sock_set_reuseaddr(tcp->listener->sk);
	rc = kernel_bind(tcp->listener, (struct sockaddr *)&addr, sizeof(addr));
	rc = rc ?: kernel_listen(tcp->listener, 16);
	if (rc)
		return rc;
	rc = kernel_getsockname(tcp->listener, (struct sockaddr *)&addr);
	/* the same place for both families */
	side->port = be16_to_cpu(((struct sockaddr_in *)&addr)->sin_port);
	return min(rc, 0);
}

static void kfp_gentcp_close(struct kfp_side *side)
{
	if (kfp_gentcp(side)->listener)
		sock_release(kfp_gentcp(side)->listener);
}

static int kfp_gentcp_say_hello(struct kfp_gentcp_conn *tconn)
{
	struct msghdr msg = {};
	struct kfp_hello hello;
	struct kvec iov = { .iov_base = &hello, .iov_len = sizeof(hello) };
	int rc;

	kfp_side_hello(tconn->conn.side, 0, 0, &hello);
	rc = kernel_sendmsg(tconn->sock, &msg, &iov, 1, sizeof(hello));
	return min(rc, 0);
}

static int kfp_gentcp_hear_hello(struct kfp_gentcp_conn *tconn)
{
	struct msghdr msg = {};
	struct kfp_hello hello;
	struct kvec iov = { .iov_base = &hello, .iov_len = sizeof(hello) };
	int rc;

	rc = kernel_recvmsg(tconn->sock, &msg, &iov, 1, sizeof(hello),
			    MSG_WAITALL);
	return rc < 0 ? rc : kfp_side_greeted(&tconn->conn, &hello, rc);
}

static int kfp_gentcp_connect(struct kfp_conn *conn)
{
	struct kfp_gentcp_conn *tconn = kfp_gentcp_conn(conn);
	struct sockaddr_storage addr;
	int rc;

	rc = kfp_gentcp_address(conn->side, &addr);
	rc = rc ?: kfp_gentcp_socket(&addr, &tconn->sock);
	rc = rc ?: kernel_connect(tconn->sock, (struct sockaddr *)&addr,
				  sizeof(addr), 0);
	return rc ?: kfp_gentcp_say_hello(tconn);
}

static int kfp_gentcp_accept(struct kfp_conn *conn)
{
	struct kfp_gentcp_conn *tconn = kfp_gentcp_conn(conn);
	struct kfp_gentcp *tcp = kfp_gentcp(conn->side);
	unsigned int waits = KFP_GEN_TIMEOUT_MS;
	int rc;

	for (;;) {
		rc = kernel_accept(tcp->listener, &tconn->sock, O_NONBLOCK);
		if (rc != -EAGAIN || !--waits || kthread_should_stop())
			break;
		usleep_range(500, 1000);
	}
	if (rc) {
		tconn->sock = NULL;
		return rc;
	}
	tcp_sock_set_nodelay(tconn->sock->sk);
	rc = kfp_gentcp_hear_hello(tconn);
	return rc ?: kfp_gentcp_say_hello(tconn);
}

static int kfp_gentcp_finish(struct kfp_conn *conn)
{
	return conn->side->server ? 0 :
	       kfp_gentcp_hear_hello(kfp_gentcp_conn(conn));
}

static void kfp_gentcp_disconnect(struct kfp_conn *conn)
{
	struct kfp_gentcp_conn *tconn = kfp_gentcp_conn(conn);

	if (!tconn->sock)
		return;
	kernel_sock_shutdown(tconn->sock, SHUT_RDWR);
	sock_release(tconn->sock);
}

/* Bytes of a message from the server, or to it */
static u32 kfp_gentcp_len(const struct kfp_side *side, bool to_server)
{
	return to_server && side->shape.verb == KFP_READ ? KFP_GENTCP_REQUEST :
							   side->shape.len;
}

/* As many bytes from @at on as are in one piece in a buffer of messages of @len */
static struct kvec kfp_gentcp_piece(const struct kfp_side *side, u8 *mem, u64 at,
				    u64 want, u32 len)
{
	u32 room = kfp_side_slots(side) * len;
	u32 from = do_div(at, room);

	return (struct kvec) {
		.iov_base = mem + from,
		.iov_len = min_t(u64, want, room - from),
	};
}

/* Give the socket what it takes */
static int kfp_gentcp_push(struct kfp_gentcp_conn *tconn)
{
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
	struct kfp_side *side = tconn->conn.side;
	u32 len = kfp_gentcp_len(side, !side->server);
	struct kvec iov;
	int n;

	while (tconn->sent < tconn->to_send) {
		iov = kfp_gentcp_piece(side, side->mem.out, tconn->sent,
				       tconn->to_send - tconn->sent, len);
		n = kernel_sendmsg(tconn->sock, &msg, &iov, 1, iov.iov_len);
		if (n == -EAGAIN)
			return 0;
		if (n < 0)
			return n;
		tconn->sent += n;
	}
	return 0;
}

static bool kfp_gentcp_reads(const struct kfp_side *side)
{
	return side->shape.verb == KFP_READ && !side->server;
}

/* Whatever is complete */
static void kfp_gentcp_complete(struct kfp_gentcp_conn *tconn)
{
	struct kfp_conn *conn = &tconn->conn;
	u32 len = kfp_gentcp_len(conn->side, !conn->side->server);
	bool reads = kfp_gentcp_reads(conn->side);
	u64 mark;

	while (conn->mark_tail != conn->mark_head) {
		mark = conn->marks[conn->mark_tail % KFP_GEN_DEPTH];
		if (reads ? mark > tconn->answers : mark * len > tconn->sent)
			break;
		kfp_conn_done(conn);
	}
}

static int kfp_gentcp_post(struct kfp_conn *conn, enum kfp_verb verb, u32 n,
			   bool signal)
{
	struct kfp_gentcp_conn *tconn = kfp_gentcp_conn(conn);

	tconn->to_send += n * kfp_gentcp_len(conn->side, !conn->side->server);
	return kfp_gentcp_push(tconn);
}

/* A message is complete. The first one to a client says that the server is ready. */
static int kfp_gentcp_message(struct kfp_gentcp_conn *tconn)
{
	struct kfp_side *side = tconn->conn.side;

	if (side->server && side->shape.verb == KFP_READ) {
		kfp_conn_got(&tconn->conn);
		return kfp_gentcp_post(&tconn->conn, KFP_SEND, 1, false);
	}
	if (kfp_gentcp_reads(side) && tconn->conn.got)
		tconn->answers++;
	else
		kfp_conn_got(&tconn->conn);
	return 0;
}

static int kfp_gentcp_gone(struct kfp_conn *conn)
{
	conn->gone = true;
	return conn->side->server ? 0 : -ECONNRESET;
}

/* Take what is in the socket */
static int kfp_gentcp_pull(struct kfp_gentcp_conn *tconn)
{
	struct msghdr msg = {};
	struct kfp_side *side = tconn->conn.side;
	u32 len = kfp_gentcp_len(side, side->server);
	struct kvec iov;
	int n, rc = 0;

	while (!rc) {
		iov = kfp_gentcp_piece(side, side->mem.in, tconn->came, U64_MAX,
				       len);
		n = kernel_recvmsg(tconn->sock, &msg, &iov, 1, iov.iov_len,
				   MSG_DONTWAIT);
		if (n == -EAGAIN)
			return 0;
		if (n <= 0)
			return n ?: kfp_gentcp_gone(&tconn->conn);
		tconn->part += n;
		tconn->came += n;
		for (; !rc && tconn->part >= len; tconn->part -= len)
			rc = kfp_gentcp_message(tconn);
	}
	return rc;
}

static int kfp_gentcp_poll(struct kfp_side *side)
{
	struct kfp_gentcp_conn *tconn;
	int rc = 0;
	u32 i;

	for (i = 0; !rc && i < side->count; i++) {
		tconn = kfp_gentcp_conn(side->conns[i]);
		rc = kfp_gentcp_push(tconn);
		rc = rc ?: kfp_gentcp_pull(tconn);
		kfp_gentcp_complete(tconn);
	}
	return rc;
}

const struct kfp_ops kfp_gentcp_ops = {
	.verbs = BIT(KFP_SEND) | BIT(KFP_READ),
	.side_size = sizeof(struct kfp_gentcp),
	.conn_size = sizeof(struct kfp_gentcp_conn),
	.open = kfp_gentcp_open,
	.close = kfp_gentcp_close,
	.connect = kfp_gentcp_connect,
	.accept = kfp_gentcp_accept,
	.finish = kfp_gentcp_finish,
	.disconnect = kfp_gentcp_disconnect,
	.post = kfp_gentcp_post,
	.poll = kfp_gentcp_poll,
};
