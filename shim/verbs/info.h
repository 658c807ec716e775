/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * kfi_verbs private: local ports, their addresses, and what getinfo makes of
 * them. Prototypes are grouped by the file that defines them.
 */
#ifndef _KFV_INFO_H
#define _KFV_INFO_H

#include "verbs.h"

/* addr.c: names and addresses of local ports */

/**
 * struct kfv_local_addr - an address of a port that we may use
 * @addr: the address, port number 0
 * @prefix_len: bits of @addr that the subnet shares
 * @port: port of the device
 * @netdev: network device that has the address
 * @ibdev: RDMA device
 * @domain: @ibdev, and "/@port" if the device has several
 * @fabric: name of the subnet
 */
struct kfv_local_addr {
	union kfv_addr addr;
	u32 prefix_len;
	u32 port;
	char netdev[IFNAMSIZ];
	char ibdev[IB_DEVICE_NAME_MAX];
	char domain[KFV_DOMAIN_NAME_MAX];
	char fabric[KFI_NAME_MAX];
};

int kfv_addr_list(struct kfv_local_addr **list);
int kfv_addr_local(struct kfv_device *dev, struct ib_device *ibdev, u32 port,
		   const union kfv_addr *addr, struct kfv_local_addr *local);
int kfv_addr_of_port(struct ib_device *ibdev, u32 port, union kfv_addr *addr);
void kfv_addr_name_port(struct ib_device *ibdev, u32 port, const char *name,
			char *domain);
int kfv_addr_parse_node(const char *node, union kfv_addr *addr);
int kfv_addr_parse_service(const char *service, u16 *port);
bool kfv_addr_valid(const void *addr, size_t len);
bool kfv_addr_any(const union kfv_addr *addr);
void kfv_addr_set_scope(union kfv_addr *addr, int ifindex);
bool kfv_addr_same_host(const union kfv_addr *a, const union kfv_addr *b);
bool kfv_addr_in_subnet(const struct kfv_local_addr *local,
			const union kfv_addr *addr);
u16 kfv_addr_port(const union kfv_addr *addr);
void kfv_addr_set_port(union kfv_addr *addr, u16 port);

/* info.c: what getinfo answers */

/**
 * struct kfv_info_query - what the client wants to know
 * @hints: the client's, or NULL
 * @name: name of a local port, or NULL
 * @family: of the addresses, or AF_UNSPEC
 * @src_port: port number of the source
 * @src: address of the source, family AF_UNSPEC if any will do
 * @dest: address of the peer, family AF_UNSPEC if not known
 */
struct kfv_info_query {
	const struct kfi_info *hints;
	const char *name;
	sa_family_t family;
	u16 src_port;
	union kfv_addr src;
	union kfv_addr dest;
};

int kfv_info_parse(struct kfv_info_query *query, const char *node,
		   const char *service, u64 flags);
int kfv_info_select(const struct kfv_info_query *query,
		    struct kfv_local_addr *list, int n);
int kfv_info_getinfo(uint32_t version, const char *node, const char *service,
		     uint64_t flags, struct kfi_info *hints,
		     struct kfi_info **info);
int kfv_info_check_ep(const struct kfi_info *offer,
		      const struct kfi_info *info);
struct kfi_info *kfv_info_from_connreq(const struct kfv_pep *pep,
				       struct rdma_cm_id *id);

/* offer.c: what a port can do */
struct kfi_info *kfv_offer_make(struct ib_device *ibdev, u32 port,
				const char *domain, const char *fabric,
				u64 mode);
u64 kfv_offer_lacks(bool iwarp);
int kfv_offer_check_domain(struct ib_device *ibdev, u32 port,
			   const struct kfi_domain_attr *attr);

#endif /* _KFV_INFO_H */
