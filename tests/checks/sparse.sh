#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# A build with W=1 and sparse is silent. KDIR names a kernel build tree.
set -u
: "${KDIR:?names a kernel build tree}"
cd "$(dirname "$0")/../.." || exit 1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
git ls-files -z | xargs -0 cp --parents -t "$dir" || exit 1
out=$(make -C "$KDIR" M="$dir" W=1 C=1 KFI_TESTS=1 -j"$(nproc)" modules 2>&1)
rc=$?
printf '%s\n' "$out" | grep -E '(warning|error): |\*\*\*' && rc=1
exit $rc
