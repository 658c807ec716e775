// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Providers without hardware; see fake_prov.h.
 *
 * A provider's callbacks are not told which provider they belong to, so each of
 * the fakes has its own.
 */
#include <linux/slab.h>

#include "fake_prov.h"

struct fake_fabric {
	struct kfid_fabric fabric;
	struct kfi_fid_node node;
	struct fake_prov *fake;
};

static struct fake_prov fakes[FAKE_PROVS];

static struct fake_fabric *to_fake_fabric(struct kfid *fid)
{
	return container_of(fid, struct fake_fabric, fabric.fid);
}

static int fake_fabric_close(struct kfid *fid)
{
	struct fake_fabric *ff = to_fake_fabric(fid);
	int ret;

	if (ff->fake->close_err)
		return ff->fake->close_err;

	ret = kfi_fid_retire(&ff->node);
	if (ret)
		return ret;

	atomic_dec(&ff->fake->open);
	kfi_fid_fini(&ff->node);
	kfree(ff);
	return 0;
}

static int fake_fabric_ops_open(struct kfid *fid, const char *name,
				uint64_t flags, void **ops, void *context)
{
	if (strcmp(name, "fake"))
		return -ENOSYS;
	*ops = to_fake_fabric(fid)->fake;
	return 0;
}

/* bind and control are left out on purpose: the core fills them */
static struct kfi_ops fake_fabric_fid_ops = {
	.size = sizeof(struct kfi_ops),
	.close = fake_fabric_close,
	.ops_open = fake_fabric_ops_open,
};

static struct kfi_ops_fabric fake_fabric_ops;

static const struct kfi_fid_type fake_fabric_type = {
	.fclass = KFI_CLASS_FABRIC,
	.name = "fabric",
};

static struct kfi_info *fake_info(const struct fake_prov *fake)
{
	struct kfi_info *info = kfi_allocinfo();

	if (!info)
		return NULL;
	if (fake->bare) {
		kfree(info->fabric_attr);
		info->fabric_attr = NULL;
		return info;
	}
	info->fabric_attr->name = kstrdup("fab0", GFP_KERNEL);
	return info;
}

static int fake_answer_offer(const struct fake_prov *fake,
			     const struct kfi_info *hints,
			     struct kfi_info **info)
{
	if (!kfi_info_match(hints, fake->offer, NULL))
		return -ENODATA;

	*info = kfi_dupinfo(fake->offer);
	if (!*info)
		return -ENOMEM;
	kfi_info_narrow(*info, hints);
	return 0;
}

static int fake_answer_infos(const struct fake_prov *fake,
			     struct kfi_info **info)
{
	int i;

	for (i = 0; i < fake->infos; i++) {
		*info = fake_info(fake);
		if (!*info)
			return -ENOMEM;
		(*info)->domain_attr->cq_cnt = i;
		info = &(*info)->next;
	}
	return 0;
}

static int fake_getinfo(struct fake_prov *fake, uint32_t version,
			const char *node, const char *service, uint64_t flags,
			struct kfi_info *hints, struct kfi_info **info)
{
	fake->getinfos++;
	fake->version = version;
	fake->node = node;
	fake->service = service;
	fake->flags = flags;
	fake->hints = hints;

	if (fake->hook)
		fake->hook(fake->hook_arg);
	if (fake->getinfo_err)
		return fake->getinfo_err;
	if (fake->offer)
		return fake_answer_offer(fake, hints, info);
	return fake_answer_infos(fake, info);
}

static int fake_fabric(struct fake_prov *fake, struct kfid_fabric **fabric,
		       void *context)
{
	struct fake_fabric *ff;
	int ret;

	if (fake->hook)
		fake->hook(fake->hook_arg);
	if (fake->fabric_err)
		return fake->fabric_err;

	ff = kzalloc(sizeof(*ff), GFP_KERNEL);
	if (!ff)
		return -ENOMEM;

	ff->fake = fake;
	ff->fabric.ops = &fake_fabric_ops;
	ret = kfi_fid_init(&ff->node, &ff->fabric.fid, &fake_fabric_type,
			   &fake_fabric_fid_ops, NULL, context);
	if (ret) {
		kfree(ff);
		return ret;
	}

	atomic_inc(&fake->opened);
	atomic_inc(&fake->open);
	*fabric = &ff->fabric;
	kfi_fid_publish(&ff->node);
	return 0;
}

#define FAKE_CALLBACKS(n)						\
static int fake_getinfo_##n(uint32_t version, const char *node,	\
			    const char *service, uint64_t flags,	\
			    struct kfi_info *hints,			\
			    struct kfi_info **info)			\
{									\
	return fake_getinfo(&fakes[n], version, node, service, flags,	\
			    hints, info);				\
}									\
static int fake_fabric_##n(struct kfi_fabric_attr *attr,		\
			   struct kfid_fabric **fabric, void *context)	\
{									\
	return fake_fabric(&fakes[n], fabric, context);			\
}									\
static void fake_cleanup_##n(void)					\
{									\
	fakes[n].cleanups++;						\
}

FAKE_CALLBACKS(0)
FAKE_CALLBACKS(1)
FAKE_CALLBACKS(2)

static const struct {
	int (*kgetinfo)(uint32_t version, const char *node,
			const char *service, uint64_t flags,
			struct kfi_info *hints, struct kfi_info **info);
	int (*kfabric)(struct kfi_fabric_attr *attr,
		       struct kfid_fabric **fabric, void *context);
	void (*cleanup)(void);
} fake_callbacks[FAKE_PROVS] = {
	{ fake_getinfo_0, fake_fabric_0, fake_cleanup_0 },
	{ fake_getinfo_1, fake_fabric_1, fake_cleanup_1 },
	{ fake_getinfo_2, fake_fabric_2, fake_cleanup_2 },
};

static void fake_prov_put(void *arg)
{
	struct fake_prov *fake = arg;

	if (fake->registered)
		fake_prov_deregister(fake);
	fake->taken = false;
}

/* A provider that is not registered; it answers one info. Asserts. */
struct fake_prov *fake_prov_get(struct kunit *test, const char *name,
				u32 version)
{
	struct fake_prov *fake;
	int i = 0;

	while (i < FAKE_PROVS && fakes[i].taken)
		i++;
	KUNIT_ASSERT_LT(test, i, FAKE_PROVS);

	kfi_ops_fill(&fake_fabric_ops, &kfi_enosys_fabric);

	fake = &fakes[i];
	memset(fake, 0, sizeof(*fake));
	fake->prov.name = name;
	fake->prov.version = version;
	fake->prov.kfi_version = KFI_VERSION(KFI_MAJOR_VERSION,
					     KFI_MINOR_VERSION);
	fake->prov.kgetinfo = fake_callbacks[i].kgetinfo;
	fake->prov.kfabric = fake_callbacks[i].kfabric;
	fake->prov.cleanup = fake_callbacks[i].cleanup;
	fake->infos = 1;
	fake->taken = true;
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, fake_prov_put, fake));
	return fake;
}

int fake_prov_register(struct fake_prov *fake)
{
	int ret = kfi_provider_register(&fake->prov);

	if (!ret)
		fake->registered = true;
	return ret;
}

int fake_prov_deregister(struct fake_prov *fake)
{
	fake->registered = false;
	return kfi_provider_deregister(&fake->prov);
}

/* A registered provider. Asserts. */
struct fake_prov *fake_prov_start(struct kunit *test, const char *name,
				  u32 version)
{
	struct fake_prov *fake = fake_prov_get(test, name, version);

	KUNIT_ASSERT_EQ(test, 0, fake_prov_register(fake));
	return fake;
}

/* A fabric of a registered provider, for the test to close. Asserts. */
struct kfid_fabric *fake_prov_open(struct kunit *test, struct fake_prov *fake)
{
	struct kfi_fabric_attr attr = {
		.name = "fab0",
		.prov_name = (char *)fake->prov.name,
	};
	struct kfid_fabric *fabric = NULL;

	KUNIT_ASSERT_EQ(test, 0, kfi_fabric(&attr, &fabric, fake));
	KUNIT_ASSERT_NOT_NULL(test, fabric);
	return fabric;
}
