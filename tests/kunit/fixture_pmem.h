/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Persistent memory, and a peer that talks on the control queue pair, for suites
 * about writes that are committed.
 */
#ifndef _FIXTURE_PMEM_H_
#define _FIXTURE_PMEM_H_

#include "fixture.h"
#include "persist.h"

/*
 * Memory that goes when the test ends and passes for persistent; @desc is
 * IORES_DESC_PERSISTENT_MEMORY or the legacy kind. A kernel that cannot write it
 * back, or does not believe it, skips the test.
 */
void *fixture_pmem(struct kunit *test, size_t len, unsigned long desc);
/* A region of it, which goes when the test ends */
struct kfid_mr *fixture_pmem_reg(struct fixture *f, void *mem, size_t len,
				 u64 access);

/* The peer answers request @id */
void fixture_ctl_reply(struct fixture_ep *fe, u32 id, u8 status);
/* The @i-th message that we sent and whose completion is still to come */
struct kfv_wire_msg *fixture_ctl_sent(struct fixture_ep *fe, u32 i);

/* A commit request of the peer, to be built with the product's own functions */
struct kfv_wire_msg *fixture_request(struct kunit *test, u32 id);
/* The peer sends it */
void fixture_ctl_ask(struct fixture_ep *fe, struct kfv_wire_msg *msg);
/* The oldest message that we sent is a reply like this; it leaves the device */
void fixture_expect_reply(struct fixture_ep *fe, u32 id, u8 status);

#endif /* _FIXTURE_PMEM_H_ */
