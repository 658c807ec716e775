// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * /sys/kernel/debug/kfabric:
 *
 *   version    of the interface
 *   providers  one line each: name, versions, references, module
 *   objects    one line each: id, kind, parent's id, references, and what the
 *              provider has to say
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "core.h"

static struct dentry *kfi_debugfs_dir;

static int kfi_debugfs_version_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "%u.%u\n", KFI_MAJOR(kfi_version()),
		   KFI_MINOR(kfi_version()));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(kfi_debugfs_version);

static int kfi_debugfs_providers_show(struct seq_file *m, void *unused)
{
	kfi_provider_show_all(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(kfi_debugfs_providers);

static int kfi_debugfs_objects_show(struct seq_file *m, void *unused)
{
	kfi_fid_show_all(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(kfi_debugfs_objects);

void kfi_debugfs_init(void)
{
	kfi_debugfs_dir = debugfs_create_dir("kfabric", NULL);

	debugfs_create_file("version", 0444, kfi_debugfs_dir, NULL,
			    &kfi_debugfs_version_fops);
	debugfs_create_file("providers", 0444, kfi_debugfs_dir, NULL,
			    &kfi_debugfs_providers_fops);
	debugfs_create_file("objects", 0444, kfi_debugfs_dir, NULL,
			    &kfi_debugfs_objects_fops);
}

void kfi_debugfs_exit(void)
{
	debugfs_remove(kfi_debugfs_dir);
}
