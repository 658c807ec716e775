/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef _KFI_LOG_H_
#define _KFI_LOG_H_

/**
 * DOC: Log macros
 *
 * For clients and providers written with them: pr_*() with the includer's
 * MODULE_NAME in front and the newline behind; warnings and worse say which
 * function they come from. New code uses pr_*() and pr_fmt().
 */

#include <linux/printk.h>

#ifndef MODULE_NAME
#define MODULE_NAME "KFI"
#endif

#define LOG_DEBUG(fmt, ...) \
	pr_debug("%s: %s: " fmt "\n", MODULE_NAME, __func__, ##__VA_ARGS__)
#define LOG_INFO(fmt, ...) \
	pr_info("%s: " fmt "\n", MODULE_NAME, ##__VA_ARGS__)
#define LOG_NOTICE(fmt, ...) \
	pr_notice("%s: " fmt "\n", MODULE_NAME, ##__VA_ARGS__)
#define LOG_WARN(fmt, ...) \
	pr_warn("%s: %s: " fmt "\n", MODULE_NAME, __func__, ##__VA_ARGS__)
#define LOG_ERR(fmt, ...) \
	pr_err("%s: %s: " fmt "\n", MODULE_NAME, __func__, ##__VA_ARGS__)
#define LOG_ERR_RL(fmt, ...) \
	pr_err_ratelimited("%s: %s: " fmt "\n", MODULE_NAME, __func__, ##__VA_ARGS__)
#define LOG_CRIT(fmt, ...) \
	pr_crit("%s: %s: " fmt "\n", MODULE_NAME, __func__, ##__VA_ARGS__)
#define LOG_ALERT(fmt, ...) \
	pr_alert("%s: %s: " fmt "\n", MODULE_NAME, __func__, ##__VA_ARGS__)
#define LOG_EMERG(fmt, ...) \
	pr_emerg("%s: %s: " fmt "\n", MODULE_NAME, __func__, ##__VA_ARGS__)

#endif /* _KFI_LOG_H_ */
