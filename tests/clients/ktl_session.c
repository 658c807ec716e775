// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/**
 * DOC: Sessions
 *
 * Purpose: a device by which a shell talks to a kernel module. Every open file
 * is a session: one line is written, then the answer is read to its end.
 *
 * Operation: the write starts a thread that carries out the command. What the
 * command prints goes into a pipe-like buffer and can be read at once. When the
 * command has ended and its text was read, a read returns 0 if all went well
 * and the command's error otherwise, so that cat(1) has an exit status to tell.
 *
 * Ownership: the file owns the thread. Closing it (control-C at the shell)
 * stops the thread and waits for it; the module cannot go away before that.
 *
 * Ordering: several threads may print; a text is never torn. The buffer is
 * bounded: a command that prints faster than somebody reads waits.
 *
 * Errors: a second line on the same file is refused with -EBUSY.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kfifo.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include "ktl.h"

#define KTL_SESSION_TEXT	SZ_16K
#define KTL_SESSION_LINE	SZ_4K

struct ktl_session {
	struct ktl_device *dev;
	wait_queue_head_t wait;

	struct mutex write_lock;	/* guards @task, @line */
	struct task_struct *task;
	char *line;

	struct mutex text_lock;		/* one printer at a time */
	struct mutex read_lock;		/* one reader at a time */
	DECLARE_KFIFO_PTR(text, char);

	int result;
	struct completion done;		/* after @result is set */
};

/* False when nobody will make room any more. Runs in a thread of the command. */
static bool ktl_session_wait_room(struct ktl_session *session)
{
	return !wait_event_interruptible(session->wait,
					 !kfifo_is_full(&session->text) ||
					 kthread_should_stop()) &&
	       !kthread_should_stop();
}

/**
 * ktl_session_puts - add a text of any length to the answer
 * @session: the session
 * @text: what to add
 *
 * Waits while the buffer is full, unless nobody will read it any more.
 *
 * Context: a thread of the command; may sleep.
 */
void ktl_session_puts(struct ktl_session *session, const char *text)
{
	size_t left = strlen(text);

	mutex_lock(&session->text_lock);
	while (left) {
		size_t n = kfifo_in(&session->text, text, left);

		text += n;
		left -= n;
		wake_up_interruptible(&session->wait);
		if (left && !ktl_session_wait_room(session))
			break;
	}
	mutex_unlock(&session->text_lock);
}
EXPORT_SYMBOL_GPL(ktl_session_puts);

/**
 * ktl_session_printf - add a formatted text to the answer
 * @session: the session
 * @fmt: as for printf()
 *
 * Context: a thread of the command; may sleep.
 */
void ktl_session_printf(struct ktl_session *session, const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	text = kvasprintf(GFP_KERNEL, fmt, args);
	va_end(args);

	ktl_session_puts(session, text ?: "(out of memory)\n");
	kfree(text);
}
EXPORT_SYMBOL_GPL(ktl_session_printf);

static int ktl_session_thread(void *arg)
{
	struct ktl_session *session = arg;

	session->result = session->dev->run(session, session->line);
	complete_all(&session->done);
	wake_up_interruptible(&session->wait);
	return 0;
}

static int ktl_session_start(struct ktl_session *session, char *line)
{
	struct task_struct *task;

	lockdep_assert_held(&session->write_lock);
	if (session->task)
		return -EBUSY;

	task = kthread_create(ktl_session_thread, session, "%s",
			      session->dev->name);
	if (IS_ERR(task))
		return PTR_ERR(task);

	session->line = line;
	session->task = get_task_struct(task);
	wake_up_process(task);
	return 0;
}

static int ktl_session_open(struct inode *inode, struct file *file)
{
	struct ktl_device *dev = container_of(file->private_data,
					      struct ktl_device, misc);
	struct ktl_session *session;
	int rc = -ENOMEM;

	/* misc_open() keeps misc_deregister() and so @dev waiting */
	if (!try_module_get(dev->owner))
		return -ENODEV;
	session = kzalloc(sizeof(*session), GFP_KERNEL);
	if (!session)
		goto put_owner;
	rc = kfifo_alloc(&session->text, KTL_SESSION_TEXT, GFP_KERNEL);
	if (rc)
		goto free_session;

	session->dev = dev;
	init_completion(&session->done);
	init_waitqueue_head(&session->wait);
	mutex_init(&session->write_lock);
	mutex_init(&session->text_lock);
	mutex_init(&session->read_lock);
	file->private_data = session;
	return nonseekable_open(inode, file);

free_session:
	kfree(session);
put_owner:
	module_put(dev->owner);
	return rc;
}

static int ktl_session_release(struct inode *inode, struct file *file)
{
	struct ktl_session *session = file->private_data;

	if (session->task) {
		kthread_stop(session->task);
		put_task_struct(session->task);
	}
	kfree(session->line);
	kfifo_free(&session->text);
	module_put(session->dev->owner);
	kfree(session);
	return 0;
}

static ssize_t ktl_session_write(struct file *file, const char __user *from,
				 size_t len, loff_t *pos)
{
	struct ktl_session *session = file->private_data;
	char *line;
	int rc;

	if (len >= KTL_SESSION_LINE)
		return -E2BIG;
	line = memdup_user_nul(from, len);
	if (IS_ERR(line))
		return PTR_ERR(line);
	strim(line);

	mutex_lock(&session->write_lock);
	rc = ktl_session_start(session, line);
	mutex_unlock(&session->write_lock);
	if (rc) {
		kfree(line);
		return rc;
	}
	return len;
}

/* Reading without a command gives the empty one. */
static int ktl_session_start_empty(struct ktl_session *session)
{
	char *line;
	int rc = 0;

	mutex_lock(&session->write_lock);
	if (!session->task) {
		line = kstrdup("", GFP_KERNEL);
		rc = line ? ktl_session_start(session, line) : -ENOMEM;
		if (rc)
			kfree(line);
	}
	mutex_unlock(&session->write_lock);
	return rc;
}

static ssize_t ktl_session_take(struct ktl_session *session, char __user *to,
				size_t len)
{
	unsigned int copied;
	int rc;

	rc = mutex_lock_interruptible(&session->read_lock);
	if (rc)
		return rc;
	rc = kfifo_to_user(&session->text, to, len, &copied);
	mutex_unlock(&session->read_lock);

	if (copied)
		wake_up_interruptible(&session->wait);
	return rc ?: copied;
}

static ssize_t ktl_session_read(struct file *file, char __user *to, size_t len,
				loff_t *pos)
{
	struct ktl_session *session = file->private_data;
	ssize_t rc;
	bool done;

	rc = ktl_session_start_empty(session);
	if (rc)
		return rc;

	do {
		/* What was printed before the end is there once it is seen */
		rc = wait_event_interruptible(session->wait,
					      !kfifo_is_empty(&session->text) ||
					      completion_done(&session->done));
		if (rc)
			return rc;
		done = completion_done(&session->done);
		rc = ktl_session_take(session, to, len);
	} while (!rc && !done && len);

	return rc ?: (done ? session->result : 0);
}

static const struct file_operations ktl_session_fops = {
	.owner = THIS_MODULE,
	.open = ktl_session_open,
	.release = ktl_session_release,
	.write = ktl_session_write,
	.read = ktl_session_read,
};

/**
 * ktl_session_register - make a device appear in /dev
 * @dev: name, owner and command are the caller's to fill in
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int ktl_session_register(struct ktl_device *dev)
{
	dev->misc = (struct miscdevice) {
		.minor = MISC_DYNAMIC_MINOR,
		.name = dev->name,
		.fops = &ktl_session_fops,
		.mode = 0600,
	};
	return misc_register(&dev->misc);
}
EXPORT_SYMBOL_GPL(ktl_session_register);

/**
 * ktl_session_deregister - take a device out of /dev
 * @dev: no file of it may be open
 *
 * Context: process, may sleep.
 */
void ktl_session_deregister(struct ktl_device *dev)
{
	misc_deregister(&dev->misc);
}
EXPORT_SYMBOL_GPL(ktl_session_deregister);

MODULE_DESCRIPTION("What kfabric clients and tests share");
MODULE_LICENSE("Dual BSD/GPL");
