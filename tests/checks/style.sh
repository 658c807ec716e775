#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# checkpatch --strict over the whole tree. KSRC names an unpacked kernel
# source. Types that it may not report, and why:
#   FILE_PATH_CHANGES, MISSING_KCONFIG  say nothing about files
#   PREFER_KERNEL_TYPES  the public API is spelled with uint64_t
#   ENOSYS  the answer of the API for what a provider or an object lacks
#   NEW_TYPEDEFS  the public API has typedefs (kfi_addr_t, kfid_t)
set -u
: "${KSRC:?names an unpacked kernel source}"
cd "$(dirname "$0")/../.." || exit 1
ignore=FILE_PATH_CHANGES,MISSING_KCONFIG,PREFER_KERNEL_TYPES,NEW_TYPEDEFS,ENOSYS
files=$(git ls-files '*.c' '*.h') || exit 1
[ -n "$files" ] || exit 1
# shellcheck disable=SC2086
out=$("$KSRC/scripts/checkpatch.pl" --no-tree --strict --terse --quiet \
	--show-types --max-line-length=100 --ignore "$ignore" -f $files 2>&1)
rc=$?
printf '%s' "$out" | grep -v '^total:'
exit $rc
