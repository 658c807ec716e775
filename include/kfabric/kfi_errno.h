/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef _KFI_ERRNO_H_
#define _KFI_ERRNO_H_

/**
 * DOC: Error numbers
 *
 * Calls return these negated; completion and event entries hold them positive.
 * Below %KFI_ERRNO_OFFSET they are those of Linux.
 */

#include <linux/errno.h>

#define KFI_SUCCESS		0

#define KFI_ENOENT		ENOENT		/* nothing of that name */
#define KFI_EIO			EIO		/* the device failed */
#define KFI_E2BIG		E2BIG		/* too many items */
#define KFI_EBADF		EBADF		/* not an open object */
#define KFI_EAGAIN		EAGAIN		/* nothing there, or no room */
#define KFI_ENOMEM		ENOMEM		/* no memory */
#define KFI_EACCES		EACCES		/* no right to do this */
#define KFI_EBUSY		EBUSY		/* still in use */
#define KFI_ENODEV		ENODEV		/* no such device or provider */
#define KFI_EINVAL		EINVAL		/* bad argument */
#define KFI_EMFILE		EMFILE		/* too many objects open */
#define KFI_ENOSPC		ENOSPC		/* no room left */
#define KFI_ENOSYS		ENOSYS		/* not implemented by the object */
#define KFI_ENOMSG		ENOMSG		/* no matching message */
#define KFI_ENODATA		ENODATA		/* nothing matches the hints */
#define KFI_EMSGSIZE		EMSGSIZE	/* message too long */
#define KFI_ENOPROTOOPT		ENOPROTOOPT	/* unknown option */
#define KFI_EOPNOTSUPP		EOPNOTSUPP	/* not for this kind of endpoint */
#define KFI_EADDRINUSE		EADDRINUSE	/* address taken */
#define KFI_EADDRNOTAVAIL	EADDRNOTAVAIL	/* address not of this node */
#define KFI_ENETDOWN		ENETDOWN	/* port is down */
#define KFI_ENETUNREACH		ENETUNREACH	/* no path to that network */
#define KFI_ECONNABORTED	ECONNABORTED	/* connection ended on this side */
#define KFI_ECONNRESET		ECONNRESET	/* connection ended by the peer */
#define KFI_EISCONN		EISCONN		/* already connected */
#define KFI_ENOTCONN		ENOTCONN	/* not connected */
#define KFI_ESHUTDOWN		ESHUTDOWN	/* endpoint was shut down */
#define KFI_ETIMEDOUT		ETIMEDOUT	/* no answer in time */
#define KFI_ECONNREFUSED	ECONNREFUSED	/* peer rejected, or nobody there */
#define KFI_EHOSTUNREACH	EHOSTUNREACH	/* no path to that node */
#define KFI_EALREADY		EALREADY	/* already under way */
#define KFI_EINPROGRESS		EINPROGRESS	/* under way, not done */
#define KFI_EREMOTEIO		EREMOTEIO	/* the peer failed */
#define KFI_ECANCELED		ECANCELED	/* cancelled or flushed */
#define KFI_EKEYREJECTED	EKEYREJECTED	/* bad memory key */

#define KFI_ERRNO_OFFSET	256

/**
 * enum kfi_errno - Errors that Linux has no number for
 * @KFI_EOTHER: None of the others.
 * @KFI_ETOOSMALL: The buffer is too small.
 * @KFI_EOPBADSTATE: Not in the present state of the object.
 * @KFI_EAVAIL: An error entry is next, take it with readerr.
 * @KFI_EBADFLAGS: Unknown or contradicting flags.
 * @KFI_ENOEQ: No event queue is bound.
 * @KFI_EDOMAIN: The objects are of different domains.
 * @KFI_ENOCQ: No completion queue is bound.
 * @KFI_ECRC: Data was corrupted on its way.
 * @KFI_ETRUNC: The message was longer than the buffer.
 * @KFI_ENOKEY: The memory key cannot be had. Not the same as ENOKEY.
 * @KFI_ENOAV: No address vector is bound.
 * @KFI_EOVERRUN: A queue has lost entries.
 * @KFI_ERRNO_MAX: One more than the largest number.
 * @FI_ERRNO_MAX: Old name of %KFI_ERRNO_MAX.
 */
enum kfi_errno {
	KFI_EOTHER	= KFI_ERRNO_OFFSET,
	KFI_ETOOSMALL	= 257,
	KFI_EOPBADSTATE	= 258,
	KFI_EAVAIL	= 259,
	KFI_EBADFLAGS	= 260,
	KFI_ENOEQ	= 261,
	KFI_EDOMAIN	= 262,
	KFI_ENOCQ	= 263,
	KFI_ECRC	= 264,
	KFI_ETRUNC	= 265,
	KFI_ENOKEY	= 266,
	KFI_ENOAV	= 267,
	KFI_EOVERRUN	= 268,
	KFI_ERRNO_MAX,
	FI_ERRNO_MAX	= KFI_ERRNO_MAX,
};

/**
 * kfi_strerror() - Say an error in words
 * @errnum: Error number, of either sign.
 *
 * Source: core.
 *
 * Context: Any.
 * Return: A constant text, never NULL.
 */
const char *kfi_strerror(int errnum);

#endif /* _KFI_ERRNO_H_ */
