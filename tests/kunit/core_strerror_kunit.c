// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * kfi_strerror(): a text for every number, a sensible one for those of the API.
 */
#include <kunit/test.h>

#include <kfi_errno.h>

static const int strerror_codes[] = {
	KFI_SUCCESS, KFI_ENOENT, KFI_EIO, KFI_E2BIG, KFI_EBADF, KFI_EAGAIN,
	KFI_ENOMEM, KFI_EACCES, KFI_EBUSY, KFI_ENODEV, KFI_EINVAL, KFI_EMFILE,
	KFI_ENOSPC, KFI_ENOSYS, KFI_ENOMSG, KFI_ENODATA, KFI_EMSGSIZE,
	KFI_ENOPROTOOPT, KFI_EOPNOTSUPP, KFI_EADDRINUSE, KFI_EADDRNOTAVAIL,
	KFI_ENETDOWN, KFI_ENETUNREACH, KFI_ECONNABORTED, KFI_ECONNRESET,
	KFI_EISCONN, KFI_ENOTCONN, KFI_ESHUTDOWN, KFI_ETIMEDOUT,
	KFI_ECONNREFUSED, KFI_EHOSTUNREACH, KFI_EALREADY, KFI_EINPROGRESS,
	KFI_EREMOTEIO, KFI_ECANCELED, KFI_EKEYREJECTED, KFI_EOTHER,
	KFI_ETOOSMALL, KFI_EOPBADSTATE, KFI_EAVAIL, KFI_EBADFLAGS, KFI_ENOEQ,
	KFI_EDOMAIN, KFI_ENOCQ, KFI_ECRC, KFI_ETRUNC, KFI_ENOKEY, KFI_ENOAV,
	KFI_EOVERRUN, EPERM, EINTR, ENXIO, EFAULT, EEXIST, ERANGE, EPROTO,
	EOVERFLOW, EPROTONOSUPPORT, EAFNOSUPPORT, ENOBUFS, EHOSTDOWN, ESTALE,
};

static void strerror_every_code_test(struct kunit *test)
{
	const char *text;
	int i;

	for (i = 0; i < ARRAY_SIZE(strerror_codes); i++) {
		text = kfi_strerror(strerror_codes[i]);
		KUNIT_ASSERT_NOT_NULL(test, text);
		KUNIT_EXPECT_STRNEQ(test, "Unknown error", text);
		KUNIT_EXPECT_STRNEQ(test, "", text);
	}
}

static void strerror_texts_differ_test(struct kunit *test)
{
	int i;
	int j;

	for (i = 0; i < ARRAY_SIZE(strerror_codes); i++)
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test,
					    kfi_strerror(strerror_codes[i]),
					    kfi_strerror(strerror_codes[j]));
}

static void strerror_sign_does_not_matter_test(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(strerror_codes); i++)
		KUNIT_EXPECT_PTR_EQ(test, kfi_strerror(strerror_codes[i]),
				    kfi_strerror(-strerror_codes[i]));
}

/* Two numbers are two errors although Linux has one of the same name */
static void strerror_kfi_enokey_test(struct kunit *test)
{
	KUNIT_EXPECT_NE(test, KFI_ENOKEY, ENOKEY);
	KUNIT_EXPECT_STRNEQ(test, kfi_strerror(KFI_ENOKEY),
			    kfi_strerror(ENOKEY));
}

static const int strerror_unknown[] = {
	41, 58, 134, 255, KFI_ERRNO_MAX, 512, 4095, 4096, INT_MAX, INT_MIN,
	INT_MIN + 1,
};

static void strerror_unknown_desc(const int *code, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%d", *code);
}

KUNIT_ARRAY_PARAM(strerror_unknown, strerror_unknown, strerror_unknown_desc);

static void strerror_unknown_test(struct kunit *test)
{
	const int *code = test->param_value;

	KUNIT_EXPECT_STREQ(test, "Unknown error", kfi_strerror(*code));
}

static void strerror_whole_range_test(struct kunit *test)
{
	int i;

	for (i = -1000; i <= 1000; i++)
		KUNIT_EXPECT_NOT_NULL(test, kfi_strerror(i));
}

static struct kunit_case strerror_kunit_cases[] = {
	KUNIT_CASE(strerror_every_code_test),
	KUNIT_CASE(strerror_texts_differ_test),
	KUNIT_CASE(strerror_sign_does_not_matter_test),
	KUNIT_CASE(strerror_kfi_enokey_test),
	KUNIT_CASE_PARAM(strerror_unknown_test, strerror_unknown_gen_params),
	KUNIT_CASE(strerror_whole_range_test),
	{}
};

static struct kunit_suite strerror_suite = {
	.name = "kfi_core_strerror",
	.test_cases = strerror_kunit_cases,
};

kunit_test_suite(strerror_suite);
