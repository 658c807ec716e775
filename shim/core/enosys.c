// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Default operations
 *
 * Purpose. A client calls through the operation tables without looking, so no
 * slot may be empty. Here is what stands in a slot that a provider leaves out:
 * a function that answers -ENOSYS. The data calls are in enosys_data.c.
 *
 * Operation. kfi_ops_fill() completes a provider's table from the default table
 * of the same type while the provider's module loads. The functions that
 * <kfi_enosys.h> declares can also be put into a table by name.
 *
 * Errors. -ENOSYS everywhere, but for the few calls that do not return an
 * errno: counters read 0, an address has no text (NULL), and an error number
 * of a provider has an empty explanation.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/string.h>

#include <kfi_enosys.h>
#include <kfi_prov.h>

/**
 * kfi_ops_fill_table() - Complete a provider's operation table
 * @ops: The table: its size, then pointers to functions.
 * @defaults: A complete table of the same type.
 * @size: Size of that type in bytes.
 *
 * Empty slots get the default and the size member is set. Providers use
 * kfi_ops_fill(), which checks the types.
 *
 * Context: Any; nobody may use the table yet.
 */
void kfi_ops_fill_table(void *ops, const void *defaults, size_t size)
{
	void **slot = ops;
	void *const *def = defaults;
	size_t i;

	for (i = sizeof(size_t) / sizeof(void *); i < size / sizeof(void *); i++)
		if (!slot[i])
			slot[i] = def[i];
	*(size_t *)ops = size;
}
EXPORT_SYMBOL(kfi_ops_fill_table);

static int kfi_no_close(struct kfid *fid)
{
	return -ENOSYS;
}

int kfi_no_bind(struct kfid *fid, struct kfid *bfid, uint64_t flags)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_bind);

int kfi_no_control(struct kfid *fid, int command, void *arg)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_control);

int kfi_no_ops_open(struct kfid *fid, const char *name, uint64_t flags,
		    void **ops, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_ops_open);

const struct kfi_ops kfi_enosys_fid = {
	.size = sizeof(struct kfi_ops),
	.close = kfi_no_close,
	.bind = kfi_no_bind,
	.control = kfi_no_control,
	.ops_open = kfi_no_ops_open,
};
EXPORT_SYMBOL(kfi_enosys_fid);

int kfi_no_domain(struct kfid_fabric *fabric, struct kfi_info *info,
		  struct kfid_domain **dom, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_domain);

int kfi_no_passive_ep(struct kfid_fabric *fabric, struct kfi_info *info,
		      struct kfid_pep **pep, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_passive_ep);

int kfi_no_eq_open(struct kfid_fabric *fabric, struct kfi_eq_attr *attr,
		   struct kfid_eq **eq, kfi_event_handler event_handler,
		   void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_eq_open);

int kfi_no_wait_open(struct kfid_fabric *fabric, struct kfi_wait_attr *attr,
		     struct kfid_wait **waitset)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_wait_open);

const struct kfi_ops_fabric kfi_enosys_fabric = {
	.size = sizeof(struct kfi_ops_fabric),
	.domain = kfi_no_domain,
	.passive_ep = kfi_no_passive_ep,
	.eq_open = kfi_no_eq_open,
	.wait_open = kfi_no_wait_open,
};
EXPORT_SYMBOL(kfi_enosys_fabric);

static int kfi_no_av_open(struct kfid_domain *domain, struct kfi_av_attr *attr,
			  struct kfid_av **av, void *context)
{
	return -ENOSYS;
}

static int kfi_no_scalable_ep(struct kfid_domain *domain, struct kfi_info *info,
			      struct kfid_ep **sep, void *context)
{
	return -ENOSYS;
}

int kfi_no_cq_open(struct kfid_domain *domain, struct kfi_cq_attr *attr,
		   struct kfid_cq **cq, kfi_comp_handler comp_handler,
		   void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_cq_open);

int kfi_no_endpoint(struct kfid_domain *domain, struct kfi_info *info,
		    struct kfid_ep **ep, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_endpoint);

int kfi_no_cntr_open(struct kfid_domain *domain, struct kfi_cntr_attr *attr,
		     struct kfid_cntr **cntr, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_cntr_open);

int kfi_no_poll_open(struct kfid_domain *domain, struct kfi_poll_attr *attr,
		     struct kfid_poll **pollset)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_poll_open);

int kfi_no_stx_ctx(struct kfid_domain *domain, struct kfi_tx_attr *attr,
		   struct kfid_stx **stx, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_stx_ctx);

int kfi_no_srx_ctx(struct kfid_domain *domain, struct kfi_rx_attr *attr,
		   struct kfid_ep **rx_ep, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_srx_ctx);

int kfi_no_query_atomic(struct kfid_domain *domain, enum kfi_datatype datatype,
			enum kfi_op op, struct kfi_atomic_attr *attr,
			uint64_t flags)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_query_atomic);

const struct kfi_ops_domain kfi_enosys_domain = {
	.size = sizeof(struct kfi_ops_domain),
	.av_open = kfi_no_av_open,
	.cq_open = kfi_no_cq_open,
	.endpoint = kfi_no_endpoint,
	.scalable_ep = kfi_no_scalable_ep,
	.cntr_open = kfi_no_cntr_open,
	.poll_open = kfi_no_poll_open,
	.stx_ctx = kfi_no_stx_ctx,
	.srx_ctx = kfi_no_srx_ctx,
	.query_atomic = kfi_no_query_atomic,
};
EXPORT_SYMBOL(kfi_enosys_domain);

int kfi_no_mr_reg(struct kfid *fid, const void *buf, size_t len,
		  uint64_t access, uint64_t offset, uint64_t requested_key,
		  uint64_t flags, struct kfid_mr **mr, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_mr_reg);

int kfi_no_mr_regv(struct kfid *fid, const struct kvec *iov, size_t count,
		   uint64_t access, uint64_t offset, uint64_t requested_key,
		   uint64_t flags, struct kfid_mr **mr, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_mr_regv);

int kfi_no_mr_regbv(struct kfid *fid, const struct bio_vec *biov, size_t count,
		    uint64_t access, uint64_t offset, uint64_t requested_key,
		    uint64_t flags, struct kfid_mr **mr, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_mr_regbv);

int kfi_no_mr_regattr(struct kfid *fid, const struct kfi_mr_attr *attr,
		      uint64_t flags, struct kfid_mr **mr)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_mr_regattr);

int kfi_no_mr_regsgl(struct kfid *fid, const struct scatterlist *sgl,
		     size_t count, uint64_t access, uint64_t offset,
		     uint64_t requested_key, uint64_t flags,
		     struct kfid_mr **mr, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_mr_regsgl);

const struct kfi_ops_mr kfi_enosys_mr = {
	.size = sizeof(struct kfi_ops_mr),
	.reg = kfi_no_mr_reg,
	.regv = kfi_no_mr_regv,
	.regbv = kfi_no_mr_regbv,
	.regattr = kfi_no_mr_regattr,
	.regsgl = kfi_no_mr_regsgl,
};
EXPORT_SYMBOL(kfi_enosys_mr);

int kfi_no_av_insert(struct kfid_av *av, const void *addr, size_t count,
		     kfi_addr_t *kfi_addr, uint64_t flags, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_av_insert);

int kfi_no_av_insertsvc(struct kfid_av *av, const char *node,
			const char *service, kfi_addr_t *kfi_addr,
			uint64_t flags, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_av_insertsvc);

int kfi_no_av_insertsym(struct kfid_av *av, const char *node, size_t nodecnt,
			const char *service, size_t svccnt,
			kfi_addr_t *kfi_addr, uint64_t flags, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_av_insertsym);

static int kfi_no_av_remove(struct kfid_av *av, kfi_addr_t *kfi_addr,
			    size_t count, uint64_t flags)
{
	return -ENOSYS;
}

static int kfi_no_av_lookup(struct kfid_av *av, kfi_addr_t kfi_addr,
			    void *addr, size_t *addrlen)
{
	return -ENOSYS;
}

static const char *kfi_no_av_straddr(struct kfid_av *av, const void *addr,
				     char *buf, size_t *len)
{
	return NULL;
}

const struct kfi_ops_av kfi_enosys_av = {
	.size = sizeof(struct kfi_ops_av),
	.insert = kfi_no_av_insert,
	.insertsvc = kfi_no_av_insertsvc,
	.insertsym = kfi_no_av_insertsym,
	.remove = kfi_no_av_remove,
	.lookup = kfi_no_av_lookup,
	.straddr = kfi_no_av_straddr,
};
EXPORT_SYMBOL(kfi_enosys_av);

ssize_t kfi_no_cancel(struct kfid *fid, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_cancel);

int kfi_no_getopt(struct kfid *fid, int level, int optname, void *optval,
		  size_t *optlen)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_getopt);

int kfi_no_setopt(struct kfid *fid, int level, int optname, const void *optval,
		  size_t optlen)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_setopt);

int kfi_no_tx_ctx(struct kfid_ep *sep, int index, struct kfi_tx_attr *attr,
		  struct kfid_ep **tx_ep, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_tx_ctx);

int kfi_no_rx_ctx(struct kfid_ep *sep, int index, struct kfi_rx_attr *attr,
		  struct kfid_ep **rx_ep, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_rx_ctx);

const struct kfi_ops_ep kfi_enosys_ep = {
	.size = sizeof(struct kfi_ops_ep),
	.cancel = kfi_no_cancel,
	.getopt = kfi_no_getopt,
	.setopt = kfi_no_setopt,
	.tx_ctx = kfi_no_tx_ctx,
	.rx_ctx = kfi_no_rx_ctx,
};
EXPORT_SYMBOL(kfi_enosys_ep);

/* In no table: endpoints had these once and their clients still build. */
ssize_t kfi_no_rx_size_left(struct kfid_ep *ep)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_rx_size_left);

ssize_t kfi_no_tx_size_left(struct kfid_ep *ep)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_tx_size_left);

int kfi_no_setname(kfid_t fid, void *addr, size_t addrlen)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_setname);

int kfi_no_getname(struct kfid *fid, void *addr, size_t *addrlen)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_getname);

int kfi_no_getpeer(struct kfid_ep *ep, void *addr, size_t *addrlen)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_getpeer);

int kfi_no_connect(struct kfid_ep *ep, const void *addr, const void *param,
		   size_t paramlen)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_connect);

int kfi_no_listen(struct kfid_pep *pep)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_listen);

int kfi_no_accept(struct kfid_ep *ep, const void *param, size_t paramlen)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_accept);

int kfi_no_reject(struct kfid_pep *pep, kfid_t handle, const void *param,
		  size_t paramlen)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_reject);

int kfi_no_shutdown(struct kfid_ep *ep, uint64_t flags)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_shutdown);

int kfi_no_join(struct kfid_ep *ep, const void *addr, uint64_t flags,
		struct kfid_mc **mc, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_join);

const struct kfi_ops_cm kfi_enosys_cm = {
	.size = sizeof(struct kfi_ops_cm),
	.setname = kfi_no_setname,
	.getname = kfi_no_getname,
	.getpeer = kfi_no_getpeer,
	.connect = kfi_no_connect,
	.listen = kfi_no_listen,
	.accept = kfi_no_accept,
	.reject = kfi_no_reject,
	.shutdown = kfi_no_shutdown,
	.join = kfi_no_join,
};
EXPORT_SYMBOL(kfi_enosys_cm);

static const char *kfi_no_text(char *buf, size_t len)
{
	if (buf && len)
		buf[0] = '\0';
	return "";
}

static ssize_t kfi_no_eq_read(struct kfid_eq *eq, uint32_t *event, void *buf,
			      size_t len, uint64_t flags)
{
	return -ENOSYS;
}

static ssize_t kfi_no_eq_readerr(struct kfid_eq *eq, struct kfi_eq_err_entry *buf,
				 uint64_t flags)
{
	return -ENOSYS;
}

static const char *kfi_no_eq_strerror(struct kfid_eq *eq, int prov_errno,
				      const void *err_data, char *buf,
				      size_t len)
{
	return kfi_no_text(buf, len);
}

ssize_t kfi_no_eq_write(struct kfid_eq *eq, uint32_t event, const void *buf,
			size_t len, uint64_t flags)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_eq_write);

ssize_t kfi_no_eq_sread(struct kfid_eq *eq, uint32_t *event, void *buf,
			size_t len, int timeout, uint64_t flags)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_eq_sread);

const struct kfi_ops_eq kfi_enosys_eq = {
	.size = sizeof(struct kfi_ops_eq),
	.read = kfi_no_eq_read,
	.readerr = kfi_no_eq_readerr,
	.write = kfi_no_eq_write,
	.sread = kfi_no_eq_sread,
	.strerror = kfi_no_eq_strerror,
};
EXPORT_SYMBOL(kfi_enosys_eq);

static ssize_t kfi_no_cq_read(struct kfid_cq *cq, void *buf, size_t count)
{
	return -ENOSYS;
}

static ssize_t kfi_no_cq_readerr(struct kfid_cq *cq, struct kfi_cq_err_entry *buf,
				 uint64_t flags)
{
	return -ENOSYS;
}

static const char *kfi_no_cq_strerror(struct kfid_cq *cq, int prov_errno,
				      const void *err_data, char *buf,
				      size_t len)
{
	return kfi_no_text(buf, len);
}

ssize_t kfi_no_cq_readfrom(struct kfid_cq *cq, void *buf, size_t count,
			   kfi_addr_t *src_addr)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_cq_readfrom);

ssize_t kfi_no_cq_sread(struct kfid_cq *cq, void *buf, size_t count,
			const void *cond, int timeout)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_cq_sread);

ssize_t kfi_no_cq_sreadfrom(struct kfid_cq *cq, void *buf, size_t count,
			    kfi_addr_t *src_addr, const void *cond,
			    int timeout)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_cq_sreadfrom);

int kfi_no_cq_signal(struct kfid_cq *cq)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_cq_signal);

const struct kfi_ops_cq kfi_enosys_cq = {
	.size = sizeof(struct kfi_ops_cq),
	.read = kfi_no_cq_read,
	.readfrom = kfi_no_cq_readfrom,
	.readerr = kfi_no_cq_readerr,
	.sread = kfi_no_cq_sread,
	.sreadfrom = kfi_no_cq_sreadfrom,
	.signal = kfi_no_cq_signal,
	.strerror = kfi_no_cq_strerror,
};
EXPORT_SYMBOL(kfi_enosys_cq);

static uint64_t kfi_no_cntr_read(struct kfid_cntr *cntr)
{
	return 0;
}

static uint64_t kfi_no_cntr_readerr(struct kfid_cntr *cntr)
{
	return 0;
}

static int kfi_no_cntr_add(struct kfid_cntr *cntr, uint64_t value)
{
	return -ENOSYS;
}

static int kfi_no_cntr_set(struct kfid_cntr *cntr, uint64_t value)
{
	return -ENOSYS;
}

static int kfi_no_cntr_adderr(struct kfid_cntr *cntr, uint64_t value)
{
	return -ENOSYS;
}

static int kfi_no_cntr_seterr(struct kfid_cntr *cntr, uint64_t value)
{
	return -ENOSYS;
}

static int kfi_no_cntr_wait(struct kfid_cntr *cntr, uint64_t threshold,
			    int timeout)
{
	return -ENOSYS;
}

const struct kfi_ops_cntr kfi_enosys_cntr = {
	.size = sizeof(struct kfi_ops_cntr),
	.read = kfi_no_cntr_read,
	.readerr = kfi_no_cntr_readerr,
	.add = kfi_no_cntr_add,
	.set = kfi_no_cntr_set,
	.wait = kfi_no_cntr_wait,
	.adderr = kfi_no_cntr_adderr,
	.seterr = kfi_no_cntr_seterr,
};
EXPORT_SYMBOL(kfi_enosys_cntr);

static int kfi_no_wait(struct kfid_wait *waitset, int timeout)
{
	return -ENOSYS;
}

const struct kfi_ops_wait kfi_enosys_wait = {
	.size = sizeof(struct kfi_ops_wait),
	.wait = kfi_no_wait,
};
EXPORT_SYMBOL(kfi_enosys_wait);

static int kfi_no_poll(struct kfid_poll *pollset, void **context, int count)
{
	return -ENOSYS;
}

static int kfi_no_poll_add(struct kfid_poll *pollset, struct kfid *event_fid,
			   uint64_t flags)
{
	return -ENOSYS;
}

static int kfi_no_poll_del(struct kfid_poll *pollset, struct kfid *event_fid,
			   uint64_t flags)
{
	return -ENOSYS;
}

const struct kfi_ops_poll kfi_enosys_poll = {
	.size = sizeof(struct kfi_ops_poll),
	.poll = kfi_no_poll,
	.poll_add = kfi_no_poll_add,
	.poll_del = kfi_no_poll_del,
};
EXPORT_SYMBOL(kfi_enosys_poll);
