#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# checkpatch --strict over the whole tree. KSRC names an unpacked kernel
# source. Types that it may not report, and why:
#   FILE_PATH_CHANGES, MISSING_KCONFIG  say nothing about files
#   PREFER_KERNEL_TYPES  the public API is spelled with uint64_t
#   ENOSYS  the answer of the API for what a provider or an object lacks
#   NEW_TYPEDEFS  the public API has typedefs (kfi_addr_t, kfid_t)
#   UNCOMMENTED_DEFINITION  what a lock guards is in the structure's kernel-doc
#   VOLATILE  the planted faults must survive the optimizer
#   MACRO_ARG_REUSE  in the tables, for names of members, types and arrays
# and in trace headers, which every kernel trace header is full of:
#   OPEN_ENDED_LINE, PARENTHESIS_ALIGNMENT
#
# What has passed is not looked at again, see lib.sh.
set -u
: "${KSRC:?names an unpacked kernel source}"
cd "$(dirname "$0")/../.." || exit 1
. tests/checks/lib.sh
ignore=FILE_PATH_CHANGES,MISSING_KCONFIG,PREFER_KERNEL_TYPES,NEW_TYPEDEFS
ignore=$ignore,UNCOMMENTED_DEFINITION,VOLATILE,ENOSYS
ignore=$ignore,MACRO_ARG_REUSE

# shellcheck disable=SC2317 # called by each_file
checkpatch() # files
{
	local out rc
	out=$(printf '%s\0' "$@" | xargs -0 -n 32 -P "$(nproc)" "$KSRC/scripts/checkpatch.pl" \
		"${options[@]}" -f 2>&1)
	rc=$?
	printf '%s\n' "$out" | grep -v '^total:'
	return $rc
}

check() # types to ignore, files
{
	local options key
	options=(--no-tree --strict --terse --quiet --show-types --max-line-length=100
		--ignore "$1")
	key=$({ echo "${options[*]}"; checkpatch_tools; } | key_of tests/checks/style.sh) || return
	each_file "$key" checkpatch "${@:2}"
}

bad=0
# shellcheck disable=SC2046
check "$ignore" $(git ls-files '*.c' '*.h' ':!*/trace.h') || bad=1
# shellcheck disable=SC2046
check "$ignore,OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT" $(git ls-files '*/trace.h') || bad=1
exit $bad
