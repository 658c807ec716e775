#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# The public headers have every fact (function, layout, constant) of a list
# that was printed from another kfabric tree.
#
# usage: api.sh FACTS [TOOL]
#   FACTS  the list, one fact a line
#   TOOL   prints the facts of an include directory; default $API_FACTS
# KDIR names a kernel build tree to compile with, if not the tool's choice.
#
# Excepted is kcxi_addr.nic, wider here so that an IPv4 address fits, and with
# it the bit at which the flags that follow it begin.
set -u
facts=${1:?the list of facts}
tool=${2:-${API_FACTS:?names the tool that prints facts}}
facts=$(realpath "$facts") || exit 1
tool=$(realpath "$tool") || exit 1
cd "$(dirname "$0")/../.." || exit 1
excepted='^mem kcxi_addr: uint64_t (nic|flags):'

dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
[ -z "${KDIR:-}" ] || export KOBJ=$KDIR
"$tool" include/kfabric > "$dir/raw" || exit 1
sort -u "$dir/raw" > "$dir/have"
sort -u "$facts" | grep -vE "$excepted" > "$dir/want"
[ -s "$dir/want" ] || { echo "$facts has no facts"; exit 1; }

missing=$(comm -13 "$dir/have" "$dir/want")
if [ -n "$missing" ]; then
	echo "$(printf '%s\n' "$missing" | wc -l) of $(wc -l < "$dir/want") facts missing:"
	printf '%s\n' "$missing"
	exit 1
fi
grep -q '^mem kcxi_addr: uint64_t nic:32;' "$dir/have" || {
	echo 'kcxi_addr.nic does not hold an IPv4 address'
	exit 1
}
echo "all $(wc -l < "$dir/want") facts present"
