/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * For those who connect queue pairs of a device to each other by hand. Not in
 * kfi_testlib.ko, which needs no RDMA.
 */
#ifndef _KTL_VERBS_H_
#define _KTL_VERBS_H_

#include <linux/err.h>
#include <rdma/ib_cache.h>
#include <rdma/ib_verbs.h>

/**
 * ktl_verbs_set_ah - the way from a port to itself: any address of it leads there
 * @dev: the device
 * @port: its port
 * @ah: where to put it
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
static inline int ktl_verbs_set_ah(struct ib_device *dev, u8 port,
				   struct rdma_ah_attr *ah)
{
	const struct ib_gid_attr *gid = rdma_get_gid_attr(dev, port, 0);
	union ib_gid dgid;
	int rc;

	if (IS_ERR(gid))
		return PTR_ERR(gid);
	dgid = gid->gid;
	ah->type = RDMA_AH_ATTR_TYPE_ROCE;
	rc = rdma_read_gid_l2_fields(gid, NULL, ah->roce.dmac);
	rdma_put_gid_attr(gid);
	rdma_ah_set_port_num(ah, port);
	rdma_ah_set_grh(ah, &dgid, 0, 0, 1, 0);
	return rc;
}

#endif /* _KTL_VERBS_H_ */
