// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Completion queues of an RDMA device without hardware.
 */
#include <linux/delay.h>
#include <linux/slab.h>

#include "fake_hca.h"

/* How long a test waits for what is under way in softirq context */
#define FAKE_PATIENCE	(10 * HZ)

/* Make a completion; true if it is to be announced */
bool fake_cq_add(struct fake_hca *hca, struct fake_cq *cq,
		 const struct ib_wc *wc)
{
	bool announce = cq->armed;

	lockdep_assert_held(&hca->lock);

	if (cq->head - cq->tail == cq->ibcq.cqe) {
		hca->cq_overruns++;
		return false;
	}
	cq->wcs[cq->head++ % cq->ibcq.cqe] = *wc;
	cq->armed = false;
	return announce;
}

void fake_cq_announce(struct fake_cq *cq)
{
	cq->ibcq.comp_handler(&cq->ibcq, cq->ibcq.cq_context);
}

static int fake_cq_poll(struct ib_cq *ibcq, int n, struct ib_wc *wc)
{
	struct fake_hca *hca = to_fake_hca(ibcq->device);
	struct fake_cq *cq = to_fake_cq(ibcq);
	unsigned long flags;
	int i;

	spin_lock_irqsave(&hca->lock, flags);
	for (i = 0; i < n && cq->tail != cq->head; i++)
		wc[i] = cq->wcs[cq->tail++ % cq->ibcq.cqe];
	spin_unlock_irqrestore(&hca->lock, flags);
	return i;
}

static int fake_cq_arm(struct ib_cq *ibcq, enum ib_cq_notify_flags notify)
{
	struct fake_hca *hca = to_fake_hca(ibcq->device);
	struct fake_cq *cq = to_fake_cq(ibcq);
	unsigned long flags;
	bool missed;

	if (hca->arming)
		hca->arming(hca->arming_data);
	spin_lock_irqsave(&hca->lock, flags);
	missed = cq->tail != cq->head;
	cq->armed = !missed || !(notify & IB_CQ_REPORT_MISSED_EVENTS);
	spin_unlock_irqrestore(&hca->lock, flags);
	return missed;
}

static bool fake_cq_quiet(struct fake_hca *hca, struct fake_cq *cq)
{
	unsigned long flags;
	bool quiet;

	spin_lock_irqsave(&hca->lock, flags);
	/* it is armed again when all that was polled has been handled */
	quiet = cq->tail == cq->head && cq->armed;
	spin_unlock_irqrestore(&hca->lock, flags);
	return quiet;
}

/* Softirqs may have been put off to ksoftirqd. */
void fake_cq_settle(struct fake_cq *cq)
{
	struct fake_hca *hca = to_fake_hca(cq->ibcq.device);
	unsigned long end = jiffies + FAKE_PATIENCE;

	/* its consumer polls it when he likes; also what the core did not allocate */
	if (cq->ibcq.poll_ctx == IB_POLL_DIRECT || !cq->ibcq.wc)
		return;
	while (!fake_cq_quiet(hca, cq)) {
		if (time_after(jiffies, end)) {
			KUNIT_FAIL(hca->test, "completions are not polled");
			return;
		}
		usleep_range(50, 100);
	}
}

static int fake_create_cq(struct ib_cq *ibcq,
			  const struct ib_cq_init_attr *attr,
			  struct uverbs_attr_bundle *attrs)
{
	struct fake_hca *hca = to_fake_hca(ibcq->device);
	struct fake_cq *cq = to_fake_cq(ibcq);

	if (hca->create_cq_rc)
		return hca->create_cq_rc;
	if (!attr->cqe || attr->cqe > FAKE_MAX_CQE ||
	    attr->comp_vector >= FAKE_VECTORS)
		return -EINVAL;
	cq->wcs = kvcalloc(attr->cqe, sizeof(*cq->wcs), GFP_KERNEL);
	if (!cq->wcs)
		return -ENOMEM;
	ibcq->cqe = attr->cqe;
	cq->comp_vector = attr->comp_vector;
	hca->cqs++;
	return 0;
}

static int fake_destroy_cq(struct ib_cq *ibcq, struct ib_udata *udata)
{
	to_fake_hca(ibcq->device)->cqs--;
	kvfree(to_fake_cq(ibcq)->wcs);
	return 0;
}

static const struct ib_device_ops fake_cq_ops = {
	.create_cq = fake_create_cq,
	.destroy_cq = fake_destroy_cq,
	.poll_cq = fake_cq_poll,
	.req_notify_cq = fake_cq_arm,

	INIT_RDMA_OBJ_SIZE(ib_cq, fake_cq, ibcq),
};

void fake_cq_setup(struct fake_hca *hca)
{
	ib_set_device_ops(&hca->ibdev, &fake_cq_ops);
}
