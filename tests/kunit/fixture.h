/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Objects of the verbs provider on a fake HCA, for suites that start from a
 * working endpoint. Everything goes when the test ends, unless the test has
 * closed it before; failed expectations about leftovers count as the test's.
 *
 * All objects are the provider's own, with two exceptions: the fabric, because
 * a device without addresses is in no subnet, and the rdma_cm_id, which belongs
 * to the device but to no connection manager. Connecting goes straight to
 * conn.c.
 */
#ifndef _FIXTURE_H_
#define _FIXTURE_H_

#include <kunit/test.h>

#include "data.h"
#include "fake_dma.h"
#include "fake_hca.h"

/**
 * struct fixture - a fabric and a domain on a device
 * @test: whose it is
 * @dma: what is mapped for the device; NULL if it sees memory as the CPU does
 * @hca: the device
 * @fabric: the fabric
 * @domain: the domain; NULL once closed
 * @dom: the same
 * @info: what the device offers
 */
struct fixture {
	struct kunit *test;
	struct fake_dma *dma;
	struct fake_hca *hca;
	struct kfv_fabric fabric;
	struct kfid_domain *domain;
	struct kfv_domain *dom;
	struct kfi_info *info;
};

/**
 * struct fixture_ep_attr - what an endpoint is to be like
 * @tx_size: of the send queue, 0 for 16
 * @rx_size: of the receive queue, 0 for 16
 * @cq_size: of each completion queue, 0 for 64
 * @tx_flags: default flags of operations
 * @rx_flags: likewise of receives
 * @bind_flags: KFI_SELECTIVE_COMPLETION or 0
 * @cq: use this one; else the endpoint has one of its own
 * @rx_cq: of the receive queue, if that is another one
 * @handler: of its own completion queue
 * @map: buffers are mapped for the device
 * @pmem: opened with KFI_RMA_PMEM, and so is the peer
 * @peer: KFV_WIRE_F_xxx of the peer, beside the control queue pair
 */
struct fixture_ep_attr {
	size_t tx_size;
	size_t rx_size;
	size_t cq_size;
	u64 tx_flags;
	u64 rx_flags;
	u64 bind_flags;
	struct kfid_cq *cq;
	struct kfid_cq *rx_cq;
	kfi_comp_handler handler;
	bool map;
	bool pmem;
	u32 peer;
};

/**
 * struct fixture_ep - an endpoint and what belongs to it
 * @f: its domain
 * @ep: the endpoint; NULL once closed
 * @priv: the same
 * @cq: of both queues
 * @eq: of its own
 * @qp: from enable on
 * @ctl: control queue pair, likewise; NULL without KFI_RMA_PMEM
 * @reposts: for completion handlers, which get this structure as context
 */
struct fixture_ep {
	struct fixture *f;
	struct kfid_ep *ep;
	struct kfv_ep *priv;
	struct kfid_cq *cq;
	struct kfid_eq *eq;
	struct fake_qp *qp;
	struct fake_qp *ctl;
	int reposts;
};

/* The control queue pair of the peer of a fixture */
enum {
	FIXTURE_PEER_QPN = 0x123456,
	FIXTURE_PEER_PSN = 0x654321,
};

struct fixture *fixture_new(struct kunit *test);
/* For a client that makes one call at a time, and polls */
struct fixture *fixture_new_polled(struct kunit *test);
/* On a device that memory is really mapped for */
struct fixture *fixture_new_mapped(struct kunit *test);
/*
 * The port is an iWARP port. The domain was opened before, so that it needs no
 * connection to itself; for endpoints with KFI_RMA_PMEM likewise.
 */
struct fixture *fixture_new_iwarp(struct kunit *test);
struct fixture *fixture_new_iwarp_mapped(struct kunit *test);
struct kfid_cq *fixture_cq(struct fixture *f, struct kfi_cq_attr *attr,
			   kfi_comp_handler handler, void *context);
struct kfid_eq *fixture_eq(struct fixture *f, size_t size);
/* kfi_close() that the end of the test will not repeat; returns its answer */
int fixture_close(struct fixture *f, struct kfid *fid);

/* An endpoint in the states NEW, ENABLED and CONNECTED; NULL: all defaults */
struct fixture_ep *fixture_ep_open(struct fixture *f,
				   const struct fixture_ep_attr *attr);
struct fixture_ep *fixture_ep_enable(struct fixture *f,
				     const struct fixture_ep_attr *attr);
struct fixture_ep *fixture_ep_connect(struct fixture *f,
				      const struct fixture_ep_attr *attr);
int fixture_ep_close(struct fixture_ep *fe);
/* What a new endpoint needs before kfi_enable() */
void fixture_ep_give_id(struct fixture_ep *fe);

/* Memory that goes when the test ends; each byte has a value of its own */
void *fixture_kmalloc(struct kunit *test, size_t size);
void *fixture_vmalloc(struct kunit *test, size_t size);
/* @n pages of which no two that follow each other do so in memory */
void *fixture_scattered(struct kunit *test, u32 n);

/* Room in the completion queue, as the client sees it, and spare places */
int fixture_room(struct kfid_cq *cq);
int fixture_spare(struct kfid_cq *cq);

/*
 * What is next in the completion queue: a success of an initiator (exact in all
 * fields), a received message, an error, nothing
 */
void fixture_expect_sent(struct fixture_ep *fe, void *context, u64 flags);
void fixture_expect_received(struct fixture_ep *fe,
			     const struct kfi_cq_data_entry *want);
void fixture_expect_error(struct fixture_ep *fe, void *context, u64 flags,
			  enum ib_wc_status status);
void fixture_expect_empty(struct fixture_ep *fe);
/* A client that polls does so, and reads nothing. */
void fixture_progress(struct fixture_ep *fe);

/* Wait for the next event of an endpoint; 0, or the error's err */
int fixture_event(struct fixture_ep *fe, u32 *event);
/* KFI_SHUTDOWN is next; there is no event now */
void fixture_expect_shutdown(struct fixture_ep *fe);
void fixture_expect_no_event(struct fixture_ep *fe);

#endif /* _FIXTURE_H_ */
