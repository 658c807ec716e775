// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Persistent memory, and a peer that talks on the control queue pair.
 */
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/slab.h>

#include "fixture_pmem.h"

struct fixture_pmem {
	struct resource res;
	void *mem;
	size_t len;
};

static void fixture_pmem_free(void *data)
{
	struct fixture_pmem *pmem = data;

	remove_resource(&pmem->res);
	free_pages_exact(pmem->mem, pmem->len);
	kfree(pmem);
}

void *fixture_pmem(struct kunit *test, size_t len, unsigned long desc)
{
	struct fixture_pmem *pmem = kzalloc(sizeof(*pmem), GFP_KERNEL);

	if (!IS_ENABLED(CONFIG_ARCH_HAS_PMEM_API))
		kunit_skip(test, "this kernel cannot write caches back");
	KUNIT_ASSERT_NOT_NULL(test, pmem);
	pmem->len = PAGE_ALIGN(len);
	pmem->mem = alloc_pages_exact(pmem->len, GFP_KERNEL | __GFP_ZERO);
	KUNIT_ASSERT_NOT_NULL(test, pmem->mem);
	pmem->res = (struct resource) {
		.name = "kfabric kunit",
		.start = __pa(pmem->mem),
		.end = __pa(pmem->mem) + pmem->len - 1,
		.flags = IORESOURCE_MEM,
		.desc = desc,
	};
	KUNIT_ASSERT_EQ(test, 0, insert_resource(&iomem_resource, &pmem->res));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test,
							   fixture_pmem_free,
							   pmem));
	if (region_intersects(__pa(pmem->mem), pmem->len, IORESOURCE_MEM,
			      desc) != REGION_INTERSECTS)
		kunit_skip(test, "this kernel does not look below RAM");
	return pmem->mem;
}

static void fixture_pmem_close(void *fid)
{
	kfi_close(fid);
}

struct kfid_mr *fixture_pmem_reg(struct fixture *f, void *mem, size_t len,
				 u64 access)
{
	struct kfid_mr *mr;

	KUNIT_ASSERT_EQ(f->test, 0, kfi_mr_reg(f->domain, mem, len, access, 0,
					       0, KFI_RMA_PMEM, &mr, NULL));
	KUNIT_ASSERT_EQ(f->test, 0,
			kunit_add_action_or_reset(f->test, fixture_pmem_close,
						  &mr->fid));
	return mr;
}

void fixture_ctl_reply(struct fixture_ep *fe, u32 id, u8 status)
{
	const struct kfv_wire_msg reply = {
		.op = KFV_WIRE_REPLY,
		.status = status,
		.id = cpu_to_be32(id),
	};

	fake_qp_deliver(fe->ctl, &reply, sizeof(reply));
}

struct kfv_wire_msg *fixture_ctl_sent(struct fixture_ep *fe, u32 i)
{
	struct fake_wr *wr = fake_qp_send(fe->ctl, i);

	KUNIT_ASSERT_EQ(fe->f->test, IB_WR_SEND, wr->opcode);
	KUNIT_EXPECT_EQ(fe->f->test, (int)IB_SEND_SIGNALED, wr->send_flags);
	KUNIT_ASSERT_EQ(fe->f->test, 1U, wr->num_sge);
	return (struct kfv_wire_msg *)(uintptr_t)wr->sge[0].addr;
}

struct kfv_wire_msg *fixture_request(struct kunit *test, u32 id)
{
	struct kfv_wire_msg *msg = kunit_kzalloc(test, KFV_CTL_MSG, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, msg);
	msg->op = KFV_WIRE_COMMIT;
	msg->id = cpu_to_be32(id);
	return msg;
}

void fixture_ctl_ask(struct fixture_ep *fe, struct kfv_wire_msg *msg)
{
	fake_qp_deliver(fe->ctl, msg, kfv_wire_msg_len(msg));
	flush_work(&fe->priv->commit->ctl.work);
}

void fixture_expect_reply(struct fixture_ep *fe, u32 id, u8 status)
{
	const struct kfv_wire_msg want = {
		.op = KFV_WIRE_REPLY,
		.status = status,
		.id = cpu_to_be32(id),
	};

	KUNIT_ASSERT_LE(fe->f->test, 1U, fake_qp_sends(fe->ctl));
	KUNIT_EXPECT_EQ(fe->f->test, (u64)sizeof(want),
			fake_qp_send(fe->ctl, 0)->len);
	KUNIT_EXPECT_MEMEQ(fe->f->test, &want, fixture_ctl_sent(fe, 0),
			   sizeof(want));
	fake_qp_complete(fe->ctl, 1);
}
