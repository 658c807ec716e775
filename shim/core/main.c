// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * kfabric.ko: the order in which it starts and stops, its version and its
 * parameters.
 */
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/stringify.h>

#include <kfabric.h>

#include "core.h"

#define KFI_MODULE_VERSION \
	__stringify(KFI_MAJOR_VERSION) "." __stringify(KFI_MINOR_VERSION)

uint32_t kfi_version(void)
{
	return KFI_VERSION(KFI_MAJOR_VERSION, KFI_MINOR_VERSION);
}
EXPORT_SYMBOL(kfi_version);

/* There are none: providers are configured by parameters of their own modules */
int kfi_getparams(struct kfi_param **params, int *count)
{
	if (!params || !count)
		return -EINVAL;

	*params = NULL;
	*count = 0;
	return -ENODATA;
}
EXPORT_SYMBOL(kfi_getparams);

void kfi_freeparams(struct kfi_param *params)
{
}
EXPORT_SYMBOL(kfi_freeparams);

static int __init kfi_init(void)
{
	kfi_debugfs_init();
	return 0;
}

static void __exit kfi_exit(void)
{
	kfi_debugfs_exit();
	kfi_provider_exit();
	kfi_fid_exit();
}

module_init(kfi_init);
module_exit(kfi_exit);

MODULE_DESCRIPTION("Kernel fabric interface");
MODULE_AUTHOR("kfabric maintainers");
MODULE_LICENSE("Dual BSD/GPL");
MODULE_VERSION(KFI_MODULE_VERSION);
