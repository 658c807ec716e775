// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Offers
 *
 * Purpose: what an endpoint on a port can do, in the terms of kfabric.
 *
 * Operation: limits are what the device reports, cut to what we implement; the
 * rest is what this provider is.
 *
 * Over iWARP a send or a write is done when TCP has taken it: the peer may never
 * see it. That is less than KFI_TRANSMIT_COMPLETE promises, which is not offered
 * there, and neither is remote CQ data.
 *
 * Reliable connections keep the order of everything but what follows a read: a
 * read may be answered again, after later writes and sends, if its answer was
 * lost. So writes and sends after reads are not offered.
 */
#include <kunit/visibility.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "info.h"
#include "persist.h"
#include "sink.h"

#define KFV_OFFER_TX_CAPS	(KFI_MSG | KFI_RMA | KFI_SEND | KFI_READ | \
				 KFI_WRITE | KFI_FENCE)
#define KFV_OFFER_RX_CAPS	(KFI_MSG | KFI_RMA | KFI_RECV | \
				 KFI_REMOTE_READ | KFI_REMOTE_WRITE)
#define KFV_OFFER_DOMAIN_CAPS	(KFI_LOCAL_COMM | KFI_REMOTE_COMM)
#define KFV_OFFER_CAPS		(KFV_OFFER_TX_CAPS | KFV_OFFER_RX_CAPS | \
				 KFV_OFFER_DOMAIN_CAPS)

#define KFV_OFFER_TX_OP_FLAGS	(KFI_COMPLETION | KFI_INJECT | \
				 KFI_INJECT_COMPLETE | KFI_TRANSMIT_COMPLETE | \
				 KFI_DELIVERY_COMPLETE)
#define KFV_OFFER_RX_OP_FLAGS	KFI_COMPLETION

#define KFV_OFFER_MSG_ORDER	(KFI_ORDER_RAR | KFI_ORDER_RAW | \
				 KFI_ORDER_RAS | KFI_ORDER_WAW | \
				 KFI_ORDER_WAS | KFI_ORDER_SAW | \
				 KFI_ORDER_SAS)

/* memory keys and memory offsets are 64 bits */
#define KFV_OFFER_KEY_SIZE	sizeof(u64)

/**
 * kfv_offer_lacks - flags of operations that a port cannot have
 * @iwarp: it is an iWARP port
 *
 * Of reads, KFI_TRANSMIT_COMPLETE says nothing that is not true of any read.
 *
 * Context: Any.
 * Return: the flags.
 */
u64 kfv_offer_lacks(bool iwarp)
{
	return iwarp ? KFI_TRANSMIT_COMPLETE | KFI_REMOTE_CQ_DATA : 0;
}

/* Queue pairs that a domain has for itself: one and itself, or two */
static u32 kfv_offer_own_qps(bool iwarp)
{
	return iwarp ? 2 : 1;
}

static void kfv_offer_fill_domain(struct kfi_domain_attr *attr,
				  const struct ib_device_attr *dev, bool iwarp)
{
	attr->threading = KFI_THREAD_SAFE;
	attr->control_progress = KFI_PROGRESS_AUTO;
	attr->data_progress = KFI_PROGRESS_AUTO;
	attr->resource_mgmt = KFI_RM_ENABLED;
	attr->av_type = KFI_AV_UNSPEC;
	attr->mr_mode = KFI_MR_PROV_KEY;
	attr->mr_key_size = KFV_OFFER_KEY_SIZE;
	/* there is no immediate data in iWARP */
	attr->cq_data_size = iwarp ? 0 : KFV_CQ_DATA_SIZE;
	/* what the domain itself uses */
	attr->cq_cnt = dev->max_cq - 1;
	attr->ep_cnt = dev->max_qp - kfv_offer_own_qps(iwarp);
	attr->tx_ctx_cnt = attr->ep_cnt;
	attr->rx_ctx_cnt = attr->ep_cnt;
	attr->max_ep_tx_ctx = 1;
	attr->max_ep_rx_ctx = 1;
	attr->mr_iov_limit = min_t(u32, KFV_MAX_MR_PAGES,
				   dev->max_fast_reg_page_list_len);
	attr->mr_cnt = dev->max_mr;
	attr->caps = KFV_OFFER_DOMAIN_CAPS;
}

static void kfv_offer_fill_ep(struct kfi_ep_attr *attr,
			      const struct ib_device_attr *dev,
			      const struct ib_port_attr *port, bool iwarp)
{
	u32 max = port->max_msg_sz;

	if (iwarp)
		max = min(max, kfv_sink_max_msg(dev));
	attr->type = KFI_EP_MSG;
	attr->protocol = iwarp ? KFI_PROTO_IWARP : KFI_PROTO_RDMA_CM_IB_RC;
	attr->protocol_version = KFV_WIRE_VERSION;
	attr->max_msg_size = max;
	attr->max_order_raw_size = max;
	attr->max_order_waw_size = max;
	attr->tx_ctx_cnt = 1;
	attr->rx_ctx_cnt = 1;
}

static size_t kfv_offer_max_queue(const struct ib_device_attr *dev, bool iwarp)
{
	/* draining a queue takes one request more, and so does a first message */
	return min(dev->max_qp_wr - 1 - iwarp, KFV_MAX_QUEUE);
}

static void kfv_offer_fill_tx(struct kfi_tx_attr *attr,
			      const struct ib_device_attr *dev, bool iwarp)
{
	attr->caps = KFV_OFFER_TX_CAPS;
	attr->op_flags = KFV_OFFER_TX_OP_FLAGS & ~kfv_offer_lacks(iwarp);
	attr->msg_order = KFV_OFFER_MSG_ORDER;
	attr->comp_order = KFI_ORDER_STRICT;
	attr->inject_size = KFV_INJECT_SIZE;
	attr->size = kfv_offer_max_queue(dev, iwarp);
	attr->iov_limit = min(dev->max_send_sge, KFV_MAX_SGE);
	attr->rma_iov_limit = KFV_MAX_RMA_IOV;
}

static void kfv_offer_fill_rx(struct kfi_rx_attr *attr,
			      const struct ib_device_attr *dev, bool iwarp)
{
	attr->caps = KFV_OFFER_RX_CAPS;
	attr->op_flags = KFV_OFFER_RX_OP_FLAGS;
	attr->msg_order = KFV_OFFER_MSG_ORDER;
	attr->comp_order = KFI_ORDER_STRICT;
	attr->size = kfv_offer_max_queue(dev, iwarp);
	attr->iov_limit = min(dev->max_recv_sge, KFV_MAX_SGE);
}

static int kfv_offer_fill_names(struct kfi_info *info, const char *domain,
				const char *fabric)
{
	struct kfi_fabric_attr *attr = info->fabric_attr;

	info->domain_attr->name = kstrdup(domain, GFP_KERNEL);
	attr->name = kstrdup(fabric, GFP_KERNEL);
	attr->prov_name = kstrdup(KFV_PROV_NAME, GFP_KERNEL);
	attr->prov_version = KFV_VERSION;
	attr->api_version = KFI_VERSION(KFI_MAJOR_VERSION, KFI_MINOR_VERSION);
	return info->domain_attr->name && attr->name && attr->prov_name ?
	       0 : -ENOMEM;
}

/**
 * kfv_offer_make - make an offer of a port
 * @ibdev: the device
 * @port: the port
 * @domain: name of the domain that the port is
 * @fabric: name of the subnet
 * @mode: modes of the client
 *
 * Context: Process.
 * Return: The offer without addresses; ERR_PTR(-ENOMEM), or what the device
 * answered.
 */
struct kfi_info *kfv_offer_make(struct ib_device *ibdev, u32 port,
				const char *domain, const char *fabric,
				u64 mode)
{
	bool iwarp = rdma_protocol_iwarp(ibdev, port);
	struct ib_port_attr attr;
	struct kfi_info *info;
	int ret;

	ret = ib_query_port(ibdev, port, &attr);
	if (ret)
		return ERR_PTR(ret);

	info = kfi_allocinfo();
	if (!info)
		return ERR_PTR(-ENOMEM);
	ret = kfv_offer_fill_names(info, domain, fabric);
	if (ret) {
		kfi_freeinfo(info);
		return ERR_PTR(ret);
	}
	/* what there is none of takes up no receive */
	if (iwarp)
		mode &= ~KFI_RX_CQ_DATA;
	info->caps = KFV_OFFER_CAPS;
	info->mode = mode;
	info->rx_attr->mode = mode;
	kfv_offer_fill_domain(info->domain_attr, &ibdev->attrs, iwarp);
	kfv_offer_fill_ep(info->ep_attr, &ibdev->attrs, &attr, iwarp);
	kfv_offer_fill_tx(info->tx_attr, &ibdev->attrs, iwarp);
	kfv_offer_fill_rx(info->rx_attr, &ibdev->attrs, iwarp);
	if (kfv_persist_offered(ibdev)) {
		info->caps |= KFI_RMA_PMEM;
		info->tx_attr->op_flags |= KFI_COMMIT_COMPLETE;
	}
	return info;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_offer_make);

/**
 * kfv_offer_check_domain - whether a device has what a client asks for
 * @ibdev: the device
 * @port: the port
 * @attr: the client's
 *
 * Context: Any.
 * Return: 0; -EINVAL if not.
 */
int kfv_offer_check_domain(struct ib_device *ibdev, u32 port,
			   const struct kfi_domain_attr *attr)
{
	struct kfi_domain_attr max = {};

	kfv_offer_fill_domain(&max, &ibdev->attrs,
			      rdma_protocol_iwarp(ibdev, port));
	if (attr->mr_mode && max.mr_mode & ~attr->mr_mode)
		return -EINVAL;
	if (attr->mr_key_size > max.mr_key_size ||
	    attr->cq_data_size > max.cq_data_size ||
	    attr->cq_cnt > max.cq_cnt || attr->ep_cnt > max.ep_cnt ||
	    attr->tx_ctx_cnt > max.tx_ctx_cnt ||
	    attr->rx_ctx_cnt > max.rx_ctx_cnt ||
	    attr->max_ep_tx_ctx > max.max_ep_tx_ctx ||
	    attr->max_ep_rx_ctx > max.max_ep_rx_ctx ||
	    attr->max_ep_stx_ctx || attr->max_ep_srx_ctx || attr->cntr_cnt ||
	    attr->mr_iov_limit > max.mr_iov_limit || attr->mr_cnt > max.mr_cnt)
		return -EINVAL;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(kfv_offer_check_domain);
