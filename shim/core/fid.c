// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Object lifetime
 *
 * Purpose. One way to open and close for the objects of all providers, so that
 * "-EBUSY while children exist" and "nothing attaches to a closing object" are
 * decided in one place.
 *
 * Operation. &kfid.ref_cnt counts the client's reference and one for every
 * child and every object bound to this one. Closing swaps 1 for 0 in one atomic
 * step: with any other reference around it is -EBUSY, and after it nobody can
 * take one any more, because kfi_fid_get() refuses 0.
 *
 * Ownership. The provider embeds a &struct kfi_fid_node and owns the memory;
 * the table of live objects borrows it from kfi_fid_publish() to
 * kfi_fid_retire(). A child holds its parent's reference until kfi_fid_fini().
 *
 * Ordering. The mutex of the table is held around &kfi_fid_type.show, and
 * kfi_fid_retire() takes it before it returns 0. So show never runs on an
 * object whose teardown has begun, and it must not take a lock that is held
 * around kfi_fid_publish() or kfi_fid_retire().
 */
#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>

#include <kunit/visibility.h>

#include "core.h"
#include "trace.h"

static DEFINE_MUTEX(kfi_fid_lock);
/* published objects, oldest first, guarded by kfi_fid_lock */
static LIST_HEAD(kfi_fid_table);
static atomic_t kfi_fid_last_id;

/**
 * kfi_fid_get() - Take a reference on an object that may be closing
 * @fid: The object; its memory must be valid.
 *
 * Context: Any.
 * Return: True with a reference that kfi_deref_id() gives back, or false if the
 * object is being closed.
 */
bool kfi_fid_get(struct kfid *fid)
{
	return atomic_inc_not_zero(&fid->ref_cnt);
}
EXPORT_SYMBOL(kfi_fid_get);

/**
 * kfi_fid_init() - Start the life of an object
 * @node: The core's part of the object.
 * @fid: The object; its class, context, operations and reference are set.
 * @type: Kind of the object.
 * @ops: Complete table of the operations that every object has.
 * @parent: Object that must outlive this one, or NULL.
 * @context: The client's.
 *
 * On failure nothing was done. After success, kfi_fid_fini() ends the life of
 * the object, whether it was published or not.
 *
 * Context: Any.
 * Return: 0, or -ESHUTDOWN if @parent is being closed.
 */
int kfi_fid_init(struct kfi_fid_node *node, struct kfid *fid,
		 const struct kfi_fid_type *type, struct kfi_ops *ops,
		 struct kfid *parent, void *context)
{
	if (parent && !kfi_fid_get(parent))
		return -ESHUTDOWN;

	INIT_LIST_HEAD(&node->link);
	node->fid = fid;
	node->parent = parent;
	node->type = type;
	node->id = atomic_inc_return(&kfi_fid_last_id);

	fid->fclass = type->fclass;
	fid->context = context;
	fid->ops = ops;
	kfi_init_id(fid);

	trace_kfi_fid_init(node);
	return 0;
}
EXPORT_SYMBOL(kfi_fid_init);

/**
 * kfi_fid_publish() - Show an object in the table of live objects
 * @node: The core's part of the object.
 *
 * The last step of opening it: &kfi_fid_type.show may be called at once.
 *
 * Context: Process context, may sleep.
 */
void kfi_fid_publish(struct kfi_fid_node *node)
{
	trace_kfi_fid_publish(node);

	mutex_lock(&kfi_fid_lock);
	list_add_tail(&node->link, &kfi_fid_table);
	mutex_unlock(&kfi_fid_lock);
}
EXPORT_SYMBOL(kfi_fid_publish);

/**
 * kfi_fid_retire() - Begin to close an object
 * @node: The core's part of the object.
 *
 * The first step of closing it. After success, kfi_fid_get() fails and the
 * object is not in the table of live objects.
 *
 * Context: Process context, may sleep.
 * Return: 0, or -EBUSY while children or objects bound to it hold references;
 * then nothing has changed.
 */
int kfi_fid_retire(struct kfi_fid_node *node)
{
	if (atomic_cmpxchg(&node->fid->ref_cnt, 1, 0) != 1) {
		trace_kfi_fid_busy(node);
		return -EBUSY;
	}

	mutex_lock(&kfi_fid_lock);
	list_del_init(&node->link);
	mutex_unlock(&kfi_fid_lock);

	trace_kfi_fid_retire(node);
	return 0;
}
EXPORT_SYMBOL(kfi_fid_retire);

/**
 * kfi_fid_fini() - End the life of an object
 * @node: The core's part of an object that is not in the table: it was retired,
 *	or never published.
 *
 * Gives the parent's reference back: the last step before the memory is freed,
 * because the parent may be closed from now on.
 *
 * Context: Any.
 */
void kfi_fid_fini(struct kfi_fid_node *node)
{
	WARN_ON_ONCE(!list_empty(&node->link));
	trace_kfi_fid_fini(node);

	if (node->parent)
		kfi_deref_id(node->parent);
}
EXPORT_SYMBOL(kfi_fid_fini);

static u32 kfi_fid_id_of(const struct kfid *fid)
{
	struct kfi_fid_node *node;

	lockdep_assert_held(&kfi_fid_lock);

	list_for_each_entry(node, &kfi_fid_table, link)
		if (node->fid == fid)
			return node->id;
	return 0;
}

static void kfi_fid_show(struct seq_file *m, const struct kfi_fid_node *node)
{
	lockdep_assert_held(&kfi_fid_lock);

	seq_printf(m, "%u %s parent=%u refs=%d", node->id, node->type->name,
		   node->parent ? kfi_fid_id_of(node->parent) : 0,
		   atomic_read(&node->fid->ref_cnt));
	if (node->type->show)
		node->type->show(m, node->fid);
	seq_putc(m, '\n');
}

/**
 * kfi_fid_show_all() - Write the table of live objects
 * @m: Where to write it, one line per object.
 *
 * Context: Process context, may sleep.
 */
void kfi_fid_show_all(struct seq_file *m)
{
	struct kfi_fid_node *node;

	mutex_lock(&kfi_fid_lock);
	list_for_each_entry(node, &kfi_fid_table, link)
		kfi_fid_show(m, node);
	mutex_unlock(&kfi_fid_lock);
}
EXPORT_SYMBOL_IF_KUNIT(kfi_fid_show_all);

/**
 * kfi_fid_exit() - Check that no object outlives kfabric.ko
 *
 * Context: Process context, no provider is loaded any more.
 */
void kfi_fid_exit(void)
{
	WARN_ON(!list_empty(&kfi_fid_table));
}
