/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * kfabric.ko private: prototypes, grouped by the file that defines them.
 */
#ifndef _KFI_CORE_H_
#define _KFI_CORE_H_

#include <linux/types.h>

#include <kfi_prov.h>

struct seq_file;

/* debugfs.c */
void kfi_debugfs_init(void);
void kfi_debugfs_exit(void);

/* fid.c */
void kfi_fid_show_all(struct seq_file *m);
void kfi_fid_exit(void);

/* tostr.c */
int kfi_tostr_attr(char *buf, size_t len, u64 value, int text);

/* provider.c */

/**
 * struct kfi_provider_pos - where a walk over the providers stands
 * @name: visit only the provider of this name; NULL for all
 * @seq: registration that was visited last; 0 before the first
 * @last: newest registration when the walk began
 */
struct kfi_provider_pos {
	const char *name;
	u64 seq;
	u64 last;
};

struct kfi_provider *kfi_provider_next(struct kfi_provider_pos *pos);
void kfi_provider_show_all(struct seq_file *m);
void kfi_provider_exit(void);

#endif /* _KFI_CORE_H_ */
