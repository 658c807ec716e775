/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef _KFI_DEBUG_H_
#define _KFI_DEBUG_H_

/**
 * DOC: Debug macros
 *
 * For clients and providers written with them: a prefix DRV_PFX that the
 * includer defines, and debug messages by class. All classes go to pr_debug(),
 * so dynamic debug switches them, and the mask arguments say no more than what
 * a message is about. New code uses pr_debug() and trace events.
 */

#include <linux/printk.h>

#ifndef DRV_PFX
#define DRV_PFX ""
#endif

/**
 * enum kfi_debug_class - Classes of debug messages
 * @DEBUG_NONE: None.
 * @DEBUG_LOW: Rare.
 * @DEBUG_MED: Per object.
 * @DEBUG_HIGH: Per operation.
 * @DEBUG_TRACE: Entry and exit of functions.
 * @DEBUG_NEXT: First class that the includer may define.
 * @DEBUG_LEVEL_LOW: Rare ones.
 * @DEBUG_LEVEL_MED: Those per object too.
 * @DEBUG_LEVEL_HI: Those per operation too.
 */
enum kfi_debug_class {
	DEBUG_NONE	= 0x00,
	DEBUG_LOW	= 0x01,
	DEBUG_MED	= 0x02,
	DEBUG_HIGH	= 0x04,
	DEBUG_TRACE	= 0x08,
	DEBUG_NEXT	= 0x10,

	DEBUG_LEVEL_LOW	= 0x01,
	DEBUG_LEVEL_MED	= 0x03,
	DEBUG_LEVEL_HI	= 0x07,
};

#define set_debug_level(val)	((void)(val))
#define update_debug_level(val)	((void)(val))

#define print_info(fmt, ...)	pr_info(fmt, ##__VA_ARGS__)
#define print_err(fmt, ...) \
	pr_err(DRV_PFX "%s: " fmt, __func__, ##__VA_ARGS__)
#define print_msg(fmt, ...)	print_err(fmt, ##__VA_ARGS__)
#define print_dbg(fmt, ...) \
	pr_debug(DRV_PFX "%s: " fmt, __func__, ##__VA_ARGS__)
#define print_trace(fmt, ...)	print_dbg(fmt, ##__VA_ARGS__)
#define dprint(mask, fmt, ...) \
	do { (void)(mask); print_dbg(fmt, ##__VA_ARGS__); } while (0)

#endif /* _KFI_DEBUG_H_ */
