// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Error numbers in words.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>

#include <kfi_errno.h>

static const char * const kfi_strerror_linux[] = {
	[0] = "Success",
	[EPERM] = "Operation not permitted",
	[ENOENT] = "No such entry",
	[EINTR] = "Interrupted",
	[EIO] = "Input/output error",
	[ENXIO] = "No such device or address",
	[E2BIG] = "Too many items",
	[EBADF] = "Not an open object",
	[EAGAIN] = "Try again",
	[ENOMEM] = "Out of memory",
	[EACCES] = "Permission denied",
	[EFAULT] = "Bad address",
	[EBUSY] = "Object is in use",
	[EEXIST] = "Exists already",
	[ENODEV] = "No such device or provider",
	[EINVAL] = "Invalid argument",
	[EMFILE] = "Too many objects are open",
	[ENOSPC] = "No room left",
	[EPIPE] = "Broken pipe",
	[ERANGE] = "Result out of range",
	[ENOSYS] = "Not implemented",
	[ENOMSG] = "No matching message",
	[ENODATA] = "Nothing matches",
	[EPROTO] = "Protocol error",
	[EOVERFLOW] = "Value too large",
	[EMSGSIZE] = "Message too long",
	[ENOPROTOOPT] = "No such option",
	[EPROTONOSUPPORT] = "Protocol not supported",
	[EOPNOTSUPP] = "Not supported by this kind of object",
	[EAFNOSUPPORT] = "Address family not supported",
	[EADDRINUSE] = "Address in use",
	[EADDRNOTAVAIL] = "Address not available",
	[ENETDOWN] = "Port is down",
	[ENETUNREACH] = "Network unreachable",
	[ECONNABORTED] = "Connection aborted",
	[ECONNRESET] = "Connection reset by peer",
	[ENOBUFS] = "No buffer space",
	[EISCONN] = "Already connected",
	[ENOTCONN] = "Not connected",
	[ESHUTDOWN] = "Shut down",
	[ETIMEDOUT] = "Timed out",
	[ECONNREFUSED] = "Connection refused",
	[EHOSTDOWN] = "Host is down",
	[EHOSTUNREACH] = "Host unreachable",
	[EALREADY] = "Already in progress",
	[EINPROGRESS] = "In progress",
	[ESTALE] = "Stale handle",
	[EREMOTEIO] = "Remote input/output error",
	[ECANCELED] = "Operation cancelled",
	[EKEYREJECTED] = "Memory key rejected",
};

static const char * const kfi_strerror_kfi[] = {
	[KFI_EOTHER - KFI_ERRNO_OFFSET] = "Unspecified error",
	[KFI_ETOOSMALL - KFI_ERRNO_OFFSET] = "Buffer too small",
	[KFI_EOPBADSTATE - KFI_ERRNO_OFFSET] = "Not allowed in this state",
	[KFI_EAVAIL - KFI_ERRNO_OFFSET] = "Error entry available",
	[KFI_EBADFLAGS - KFI_ERRNO_OFFSET] = "Bad flags",
	[KFI_ENOEQ - KFI_ERRNO_OFFSET] = "No event queue bound",
	[KFI_EDOMAIN - KFI_ERRNO_OFFSET] = "Objects of different domains",
	[KFI_ENOCQ - KFI_ERRNO_OFFSET] = "No completion queue bound",
	[KFI_ECRC - KFI_ERRNO_OFFSET] = "Checksum error",
	[KFI_ETRUNC - KFI_ERRNO_OFFSET] = "Message truncated",
	[KFI_ENOKEY - KFI_ERRNO_OFFSET] = "Memory key not available",
	[KFI_ENOAV - KFI_ERRNO_OFFSET] = "No address vector bound",
	[KFI_EOVERRUN - KFI_ERRNO_OFFSET] = "Queue overrun",
};

static const char *kfi_strerror_look_up(const char * const *table, size_t count,
					unsigned int index)
{
	return index < count ? table[index] : NULL;
}

const char *kfi_strerror(int errnum)
{
	unsigned int err = errnum < 0 ? -(unsigned int)errnum : errnum;
	const char *text;

	if (err < KFI_ERRNO_OFFSET)
		text = kfi_strerror_look_up(kfi_strerror_linux,
					    ARRAY_SIZE(kfi_strerror_linux),
					    err);
	else
		text = kfi_strerror_look_up(kfi_strerror_kfi,
					    ARRAY_SIZE(kfi_strerror_kfi),
					    err - KFI_ERRNO_OFFSET);

	return text ?: "Unknown error";
}
EXPORT_SYMBOL(kfi_strerror);
