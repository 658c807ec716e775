/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef _KFI_DIRECT_H_
#define _KFI_DIRECT_H_

/*
 * Some kfabric trees let a provider replace the inline calls at build time
 * (KFABRIC_DIRECT). Here every call goes through the operations of its object,
 * so that one client binary works with all providers.
 */
#ifdef KFABRIC_DIRECT
#error "KFABRIC_DIRECT is not supported: build without it"
#endif

#endif /* _KFI_DIRECT_H_ */
