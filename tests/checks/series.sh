#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# The patches for mainline apply one after another and pass checkpatch --strict.
# KSRC names an unpacked kernel source. Not reported, for want of a git tree:
#   UNKNOWN_COMMIT_ID  whether the commits of Fixes: lines are there
set -u
: "${KSRC:?names an unpacked kernel source}"
cd "$(dirname "$0")/../.." || exit 1
. tests/checks/lib.sh
KSRC=$(realpath "$KSRC")
top=$PWD
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
bad=0

series=("$top"/docs/upstream/000[1-9]-*.patch)
mapfile -t files < <(sed -n 's,^+++ b/,,p' "${series[@]}" | sort -u)
key=$(checkpatch_tools | key_of tests/checks/series.sh "${series[@]}" "${files[@]/#/$KSRC/}") || exit 1
passed "$key" && exit 0
for file in "${files[@]}"; do
	mkdir -p "$dir/$(dirname "$file")"
	cp "$KSRC/$file" "$dir/$file"
done
cd "$dir" || exit 1
for patch in "${series[@]}"; do
	patch -s -p1 -i "$patch" || { echo "$patch does not apply"; exit 1; }
	"$KSRC/scripts/checkpatch.pl" --root="$KSRC" --strict --terse --quiet \
		--show-types --ignore UNKNOWN_COMMIT_ID "$patch" || bad=1
done
[ $bad != 0 ] || remember "$key"
exit $bad
