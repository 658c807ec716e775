// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Fabrics
 *
 * Purpose: a subnet as an object, the root of all others. It has a name and no
 * hardware, so it outlives devices.
 *
 * Errors: the name must be that of a subnet in which a port of ours has an
 * address at the moment of opening.
 */
#include <kunit/visibility.h>
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "info.h"

static int kfv_fabric_close(struct kfid *fid)
{
	struct kfv_fabric *fabric = kfv_fabric(fid);
	int ret;

	ret = kfi_fid_retire(&fabric->node);
	if (ret)
		return ret;
	kfi_fid_fini(&fabric->node);
	kfree(fabric->name);
	kfree(fabric);
	return 0;
}

static void kfv_fabric_show(struct seq_file *m, struct kfid *fid)
{
	seq_printf(m, " subnet=%s", kfv_fabric(fid)->name);
}

static const struct kfi_fid_type kfv_fabric_type = {
	.fclass = KFI_CLASS_FABRIC,
	.name = "fabric",
	.show = kfv_fabric_show,
};

static struct kfi_ops kfv_fabric_fid_ops __ro_after_init = {
	.close = kfv_fabric_close,
};

static struct kfi_ops_fabric kfv_fabric_ops __ro_after_init = {
	.domain = kfv_domain_open,
	.passive_ep = kfv_pep_open,
	.eq_open = kfv_eq_open,
};

/**
 * kfv_fabric_is - whether an open fabric is ours and of a certain name
 * @fabric: an open fabric of any provider
 * @name: name of a subnet
 *
 * Context: Any.
 * Return: true if so.
 */
bool kfv_fabric_is(const struct kfid_fabric *fabric, const char *name)
{
	if (fabric->ops != &kfv_fabric_ops)
		return false;
	return !strcmp(container_of(fabric, struct kfv_fabric, fabric)->name,
		       name);
}
EXPORT_SYMBOL_IF_KUNIT(kfv_fabric_is);

/**
 * kfv_fabric_fits - whether something may be opened on a fabric
 * @fabric: the fabric
 * @info: what the client opens it with
 *
 * Context: Any.
 * Return: true if @info names this fabric or none.
 */
bool kfv_fabric_fits(const struct kfv_fabric *fabric,
		     const struct kfi_info *info)
{
	const struct kfi_fabric_attr *attr = info->fabric_attr;

	return !attr || !attr->name || !strcmp(attr->name, fabric->name);
}

static int kfv_fabric_find(const char *name)
{
	struct kfv_local_addr *list;
	int i, n, ret = -ENODEV;

	n = kfv_addr_list(&list);
	if (n < 0)
		return n;
	for (i = 0; i < n && ret; i++)
		if (!strcmp(list[i].fabric, name))
			ret = 0;
	kvfree(list);
	return ret;
}

/**
 * kfv_fabric_open - kfi_fabric() of the verbs provider
 * @attr: the name matters
 * @fabric: where to put the fabric
 * @context: the client's
 *
 * Context: Process.
 * Return: 0; -EINVAL without a name; -ENODEV if there is no such subnet;
 * -ENOMEM.
 */
int kfv_fabric_open(struct kfi_fabric_attr *attr, struct kfid_fabric **fabric,
		    void *context)
{
	struct kfv_fabric *fab;
	int ret;

	if (!attr || !attr->name || !fabric)
		return -EINVAL;
	ret = kfv_fabric_find(attr->name);
	if (ret)
		return ret;

	fab = kzalloc(sizeof(*fab), GFP_KERNEL);
	if (!fab)
		return -ENOMEM;
	fab->name = kstrdup(attr->name, GFP_KERNEL);
	if (!fab->name) {
		ret = -ENOMEM;
		goto free_fabric;
	}
	fab->fabric.ops = &kfv_fabric_ops;
	ret = kfi_fid_init(&fab->node, &fab->fabric.fid, &kfv_fabric_type,
			   &kfv_fabric_fid_ops, NULL, context);
	if (ret)
		goto free_name;

	*fabric = &fab->fabric;
	kfi_fid_publish(&fab->node);
	return 0;

free_name:
	kfree(fab->name);
free_fabric:
	kfree(fab);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_fabric_open);

/**
 * kfv_fabric_init_ops - complete the tables of this file
 *
 * Context: While the module is loading.
 */
void kfv_fabric_init_ops(void)
{
	kfi_ops_fill(&kfv_fabric_fid_ops, &kfi_enosys_fid);
	kfi_ops_fill(&kfv_fabric_ops, &kfi_enosys_fabric);
}
