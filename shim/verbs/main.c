// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Order of coming and going.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

#include "info.h"
#include "persist.h"

struct workqueue_struct *kfv_wq;

unsigned int kfv_connect_timeout_ms = 10000;
module_param_named(connect_timeout_ms, kfv_connect_timeout_ms, uint, 0644);
MODULE_PARM_DESC(connect_timeout_ms,
		 "Give up a connection attempt after so many milliseconds");

static struct kfi_provider kfv_provider = {
	.version = KFV_VERSION,
	.kfi_version = KFI_VERSION(KFI_MAJOR_VERSION, KFI_MINOR_VERSION),
	.name = KFV_PROV_NAME,
	.kgetinfo = kfv_info_getinfo,
	.kfabric = kfv_fabric_open,
};

static void __init kfv_init_ops(void)
{
	kfv_fabric_init_ops();
	kfv_eq_init_ops();
	kfv_domain_init_ops();
	kfv_mr_init_ops();
	kfv_cq_init_ops();
	kfv_ep_init_ops();
	kfv_pep_init_ops();
	kfv_connreq_init_ops();
	kfv_cm_init_ops();
	kfv_send_init_ops();
	kfv_rma_init_ops();
	kfv_track_init_ops();
	kfv_serial_init_ops();
}

static int __init kfv_init(void)
{
	int ret;

	kfv_init_ops();
	kfv_wq = alloc_workqueue("kfi_verbs", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!kfv_wq)
		return -ENOMEM;
	ret = kfv_device_register();
	if (ret)
		goto destroy_wq;

	/* published last */
	kfi_provider_set_owner(&kfv_provider, THIS_MODULE);
	ret = kfi_provider_register(&kfv_provider);
	if (ret)
		goto unregister_device;
	return 0;

unregister_device:
	kfv_device_unregister();
destroy_wq:
	destroy_workqueue(kfv_wq);
	return ret;
}

static void __exit kfv_exit(void)
{
	/* withdrawn first */
	kfi_provider_deregister(&kfv_provider);
	kfv_device_unregister();
	destroy_workqueue(kfv_wq);
}

module_init(kfv_init);
module_exit(kfv_exit);

MODULE_DESCRIPTION("kfabric provider over RDMA verbs");
MODULE_LICENSE("Dual BSD/GPL");
