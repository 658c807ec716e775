#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# kernel-doc has nothing to complain about. KSRC names an unpacked kernel
# source.
set -u
: "${KSRC:?names an unpacked kernel source}"
cd "$(dirname "$0")/../.." || exit 1
files=$(git ls-files 'include/*.h' 'shim/*.[ch]' 'compat/*.[ch]' 'tests/*.[ch]') || exit 1
# shellcheck disable=SC2086
out=$("$KSRC/scripts/kernel-doc" -none -Wall $files 2>&1)
rc=$?
[ -z "$out" ] || { printf '%s\n' "$out"; exit 1; }
exit $rc
