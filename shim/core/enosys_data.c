// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Default operations of the data calls: messages, tagged messages, RMA and
 * atomics. See enosys.c.
 */
#include <linux/errno.h>
#include <linux/export.h>

#include <kfi_enosys.h>
#include <kfi_prov.h>

ssize_t kfi_no_msg_recv(struct kfid_ep *ep, void *buf, size_t len, void *desc,
			kfi_addr_t src_addr, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_msg_recv);

ssize_t kfi_no_msg_recvv(struct kfid_ep *ep, const struct kvec *iov,
			 void **desc, size_t count, kfi_addr_t src_addr,
			 void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_msg_recvv);

ssize_t kfi_no_msg_recvbv(struct kfid_ep *ep, const struct bio_vec *biov,
			  void **desc, size_t count, kfi_addr_t src_addr,
			  void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_msg_recvbv);

ssize_t kfi_no_msg_recvmsg(struct kfid_ep *ep, const struct kfi_msg *msg,
			   uint64_t flags)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_msg_recvmsg);

ssize_t kfi_no_msg_send(struct kfid_ep *ep, const void *buf, size_t len,
			void *desc, kfi_addr_t dest_addr, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_msg_send);

ssize_t kfi_no_msg_sendv(struct kfid_ep *ep, const struct kvec *iov,
			 void **desc, size_t count, kfi_addr_t dest_addr,
			 void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_msg_sendv);

ssize_t kfi_no_msg_sendbv(struct kfid_ep *ep, const struct bio_vec *biov,
			  void **desc, size_t count, kfi_addr_t dest_addr,
			  void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_msg_sendbv);

ssize_t kfi_no_msg_sendmsg(struct kfid_ep *ep, const struct kfi_msg *msg,
			   uint64_t flags)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_msg_sendmsg);

ssize_t kfi_no_msg_inject(struct kfid_ep *ep, const void *buf, size_t len,
			  kfi_addr_t dest_addr)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_msg_inject);

ssize_t kfi_no_msg_senddata(struct kfid_ep *ep, const void *buf, size_t len,
			    void *desc, uint64_t data, kfi_addr_t dest_addr,
			    void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_msg_senddata);

ssize_t kfi_no_msg_injectdata(struct kfid_ep *ep, const void *buf, size_t len,
			      uint64_t data, kfi_addr_t dest_addr)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_msg_injectdata);

ssize_t kfi_no_msg_recvsgl(struct kfid_ep *ep, const struct scatterlist *sgl,
			   void **desc, size_t count, kfi_addr_t src_addr,
			   void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_msg_recvsgl);

ssize_t kfi_no_msg_sendsgl(struct kfid_ep *ep, const struct scatterlist *sgl,
			   void **desc, size_t count, kfi_addr_t dest_addr,
			   void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_msg_sendsgl);

const struct kfi_ops_msg kfi_enosys_msg = {
	.size = sizeof(struct kfi_ops_msg),
	.recv = kfi_no_msg_recv,
	.recvv = kfi_no_msg_recvv,
	.recvbv = kfi_no_msg_recvbv,
	.recvmsg = kfi_no_msg_recvmsg,
	.send = kfi_no_msg_send,
	.sendv = kfi_no_msg_sendv,
	.sendbv = kfi_no_msg_sendbv,
	.sendmsg = kfi_no_msg_sendmsg,
	.inject = kfi_no_msg_inject,
	.senddata = kfi_no_msg_senddata,
	.injectdata = kfi_no_msg_injectdata,
	.recvsgl = kfi_no_msg_recvsgl,
	.sendsgl = kfi_no_msg_sendsgl,
};
EXPORT_SYMBOL(kfi_enosys_msg);

ssize_t kfi_no_tagged_recv(struct kfid_ep *ep, void *buf, size_t len,
			   void *desc, kfi_addr_t src_addr, uint64_t tag,
			   uint64_t ignore, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_tagged_recv);

ssize_t kfi_no_tagged_recvv(struct kfid_ep *ep, const struct kvec *iov,
			    void **desc, size_t count, kfi_addr_t src_addr,
			    uint64_t tag, uint64_t ignore, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_tagged_recvv);

ssize_t kfi_no_tagged_recvbv(struct kfid_ep *ep, const struct bio_vec *biov,
			     void **desc, size_t count, kfi_addr_t src_addr,
			     uint64_t tag, uint64_t ignore, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_tagged_recvbv);

ssize_t kfi_no_tagged_recvmsg(struct kfid_ep *ep,
			      const struct kfi_msg_tagged *msg, uint64_t flags)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_tagged_recvmsg);

ssize_t kfi_no_tagged_send(struct kfid_ep *ep, const void *buf, size_t len,
			   void *desc, kfi_addr_t dest_addr, uint64_t tag,
			   void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_tagged_send);

ssize_t kfi_no_tagged_sendv(struct kfid_ep *ep, const struct kvec *iov,
			    void **desc, size_t count, kfi_addr_t dest_addr,
			    uint64_t tag, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_tagged_sendv);

ssize_t kfi_no_tagged_sendbv(struct kfid_ep *ep, const struct bio_vec *biov,
			     void **desc, size_t count, kfi_addr_t dest_addr,
			     uint64_t tag, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_tagged_sendbv);

ssize_t kfi_no_tagged_sendmsg(struct kfid_ep *ep,
			      const struct kfi_msg_tagged *msg, uint64_t flags)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_tagged_sendmsg);

ssize_t kfi_no_tagged_inject(struct kfid_ep *ep, const void *buf, size_t len,
			     kfi_addr_t dest_addr, uint64_t tag)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_tagged_inject);

ssize_t kfi_no_tagged_senddata(struct kfid_ep *ep, const void *buf, size_t len,
			       void *desc, uint64_t data, kfi_addr_t dest_addr,
			       uint64_t tag, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_tagged_senddata);

ssize_t kfi_no_tagged_injectdata(struct kfid_ep *ep, const void *buf,
				 size_t len, uint64_t data,
				 kfi_addr_t dest_addr, uint64_t tag)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_tagged_injectdata);

ssize_t kfi_no_tagged_recvsgl(struct kfid_ep *ep, const struct scatterlist *sgl,
			      void **desc, size_t count, kfi_addr_t src_addr,
			      uint64_t tag, uint64_t ignore, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_tagged_recvsgl);

ssize_t kfi_no_tagged_sendsgl(struct kfid_ep *ep, const struct scatterlist *sgl,
			      void **desc, size_t count, kfi_addr_t dest_addr,
			      uint64_t tag, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_tagged_sendsgl);

const struct kfi_ops_tagged kfi_enosys_tagged = {
	.size = sizeof(struct kfi_ops_tagged),
	.recv = kfi_no_tagged_recv,
	.recvv = kfi_no_tagged_recvv,
	.recvbv = kfi_no_tagged_recvbv,
	.recvmsg = kfi_no_tagged_recvmsg,
	.send = kfi_no_tagged_send,
	.sendv = kfi_no_tagged_sendv,
	.sendbv = kfi_no_tagged_sendbv,
	.sendmsg = kfi_no_tagged_sendmsg,
	.inject = kfi_no_tagged_inject,
	.senddata = kfi_no_tagged_senddata,
	.injectdata = kfi_no_tagged_injectdata,
	.recvsgl = kfi_no_tagged_recvsgl,
	.sendsgl = kfi_no_tagged_sendsgl,
};
EXPORT_SYMBOL(kfi_enosys_tagged);

ssize_t kfi_no_rma_read(struct kfid_ep *ep, void *buf, size_t len, void *desc,
			kfi_addr_t src_addr, uint64_t addr, uint64_t key,
			void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_rma_read);

ssize_t kfi_no_rma_readv(struct kfid_ep *ep, const struct kvec *iov,
			 void **desc, size_t count, kfi_addr_t src_addr,
			 uint64_t addr, uint64_t key, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_rma_readv);

ssize_t kfi_no_rma_readbv(struct kfid_ep *ep, const struct bio_vec *biov,
			  void **desc, size_t count, kfi_addr_t src_addr,
			  uint64_t addr, uint64_t key, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_rma_readbv);

ssize_t kfi_no_rma_readmsg(struct kfid_ep *ep, const struct kfi_msg_rma *msg,
			   uint64_t flags)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_rma_readmsg);

ssize_t kfi_no_rma_write(struct kfid_ep *ep, const void *buf, size_t len,
			 void *desc, kfi_addr_t dest_addr, uint64_t addr,
			 uint64_t key, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_rma_write);

ssize_t kfi_no_rma_writev(struct kfid_ep *ep, const struct kvec *iov,
			  void **desc, size_t count, kfi_addr_t dest_addr,
			  uint64_t addr, uint64_t key, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_rma_writev);

ssize_t kfi_no_rma_writebv(struct kfid_ep *ep, const struct bio_vec *biov,
			   void **desc, size_t count, kfi_addr_t dest_addr,
			   uint64_t addr, uint64_t key, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_rma_writebv);

ssize_t kfi_no_rma_writemsg(struct kfid_ep *ep, const struct kfi_msg_rma *msg,
			    uint64_t flags)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_rma_writemsg);

ssize_t kfi_no_rma_inject(struct kfid_ep *ep, const void *buf, size_t len,
			  kfi_addr_t dest_addr, uint64_t addr, uint64_t key)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_rma_inject);

ssize_t kfi_no_rma_writedata(struct kfid_ep *ep, const void *buf, size_t len,
			     void *desc, uint64_t data, kfi_addr_t dest_addr,
			     uint64_t addr, uint64_t key, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_rma_writedata);

ssize_t kfi_no_rma_injectdata(struct kfid_ep *ep, const void *buf, size_t len,
			      uint64_t data, kfi_addr_t dest_addr,
			      uint64_t addr, uint64_t key)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_rma_injectdata);

ssize_t kfi_no_rma_readsgl(struct kfid_ep *ep, const struct scatterlist *sgl,
			   void **desc, size_t count, kfi_addr_t src_addr,
			   uint64_t addr, uint64_t key, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_rma_readsgl);

ssize_t kfi_no_rma_writesgl(struct kfid_ep *ep, const struct scatterlist *sgl,
			    void **desc, size_t count, kfi_addr_t dest_addr,
			    uint64_t addr, uint64_t key, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_rma_writesgl);

const struct kfi_ops_rma kfi_enosys_rma = {
	.size = sizeof(struct kfi_ops_rma),
	.read = kfi_no_rma_read,
	.readv = kfi_no_rma_readv,
	.readbv = kfi_no_rma_readbv,
	.readmsg = kfi_no_rma_readmsg,
	.write = kfi_no_rma_write,
	.writev = kfi_no_rma_writev,
	.writebv = kfi_no_rma_writebv,
	.writemsg = kfi_no_rma_writemsg,
	.inject = kfi_no_rma_inject,
	.writedata = kfi_no_rma_writedata,
	.injectdata = kfi_no_rma_injectdata,
	.readsgl = kfi_no_rma_readsgl,
	.writesgl = kfi_no_rma_writesgl,
};
EXPORT_SYMBOL(kfi_enosys_rma);

ssize_t kfi_no_atomic_write(struct kfid_ep *ep, const void *buf, size_t count,
			    void *desc, kfi_addr_t dest_addr, uint64_t addr,
			    uint64_t key, enum kfi_datatype datatype,
			    enum kfi_op op, void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_atomic_write);

ssize_t kfi_no_atomic_writev(struct kfid_ep *ep, const struct kfi_ioc *iov,
			     void **desc, size_t count, kfi_addr_t dest_addr,
			     uint64_t addr, uint64_t key,
			     enum kfi_datatype datatype, enum kfi_op op,
			     void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_atomic_writev);

ssize_t kfi_no_atomic_writemsg(struct kfid_ep *ep,
			       const struct kfi_msg_atomic *msg,
			       uint64_t flags)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_atomic_writemsg);

ssize_t kfi_no_atomic_inject(struct kfid_ep *ep, const void *buf, size_t count,
			     kfi_addr_t dest_addr, uint64_t addr, uint64_t key,
			     enum kfi_datatype datatype, enum kfi_op op)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_atomic_inject);

ssize_t kfi_no_atomic_readwrite(struct kfid_ep *ep, const void *buf,
				size_t count, void *desc, void *result,
				void *result_desc, kfi_addr_t dest_addr,
				uint64_t addr, uint64_t key,
				enum kfi_datatype datatype, enum kfi_op op,
				void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_atomic_readwrite);

ssize_t kfi_no_atomic_readwritev(struct kfid_ep *ep, const struct kfi_ioc *iov,
				 void **desc, size_t count,
				 struct kfi_ioc *resultv, void **result_desc,
				 size_t result_count, kfi_addr_t dest_addr,
				 uint64_t addr, uint64_t key,
				 enum kfi_datatype datatype, enum kfi_op op,
				 void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_atomic_readwritev);

ssize_t kfi_no_atomic_readwritemsg(struct kfid_ep *ep,
				   const struct kfi_msg_atomic *msg,
				   struct kfi_ioc *resultv, void **result_desc,
				   size_t result_count, uint64_t flags)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_atomic_readwritemsg);

ssize_t kfi_no_atomic_compwrite(struct kfid_ep *ep, const void *buf,
				size_t count, void *desc, const void *compare,
				void *compare_desc, void *result,
				void *result_desc, kfi_addr_t dest_addr,
				uint64_t addr, uint64_t key,
				enum kfi_datatype datatype, enum kfi_op op,
				void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_atomic_compwrite);

ssize_t kfi_no_atomic_compwritev(struct kfid_ep *ep, const struct kfi_ioc *iov,
				 void **desc, size_t count,
				 const struct kfi_ioc *comparev,
				 void **compare_desc, size_t compare_count,
				 struct kfi_ioc *resultv, void **result_desc,
				 size_t result_count, kfi_addr_t dest_addr,
				 uint64_t addr, uint64_t key,
				 enum kfi_datatype datatype, enum kfi_op op,
				 void *context)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_atomic_compwritev);

ssize_t kfi_no_atomic_compwritemsg(struct kfid_ep *ep,
				   const struct kfi_msg_atomic *msg,
				   const struct kfi_ioc *comparev,
				   void **compare_desc, size_t compare_count,
				   struct kfi_ioc *resultv, void **result_desc,
				   size_t result_count, uint64_t flags)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_atomic_compwritemsg);

int kfi_no_atomic_writevalid(struct kfid_ep *ep, enum kfi_datatype datatype,
			     enum kfi_op op, size_t *count)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_atomic_writevalid);

int kfi_no_atomic_readwritevalid(struct kfid_ep *ep, enum kfi_datatype datatype,
				 enum kfi_op op, size_t *count)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_atomic_readwritevalid);

int kfi_no_atomic_compwritevalid(struct kfid_ep *ep, enum kfi_datatype datatype,
				 enum kfi_op op, size_t *count)
{
	return -ENOSYS;
}
EXPORT_SYMBOL(kfi_no_atomic_compwritevalid);

const struct kfi_ops_atomic kfi_enosys_atomic = {
	.size = sizeof(struct kfi_ops_atomic),
	.write = kfi_no_atomic_write,
	.writev = kfi_no_atomic_writev,
	.writemsg = kfi_no_atomic_writemsg,
	.inject = kfi_no_atomic_inject,
	.readwrite = kfi_no_atomic_readwrite,
	.readwritev = kfi_no_atomic_readwritev,
	.readwritemsg = kfi_no_atomic_readwritemsg,
	.compwrite = kfi_no_atomic_compwrite,
	.compwritev = kfi_no_atomic_compwritev,
	.compwritemsg = kfi_no_atomic_compwritemsg,
	.writevalid = kfi_no_atomic_writevalid,
	.readwritevalid = kfi_no_atomic_readwritevalid,
	.compwritevalid = kfi_no_atomic_compwritevalid,
};
EXPORT_SYMBOL(kfi_enosys_atomic);
