#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# The tree builds inside a kernel tree that has the patches of docs/upstream:
# dropped into drivers/infiniband, sourced and listed there, everything on. So does
# the driver that they change. KSRC names an unpacked kernel source.
set -eu
: "${KSRC:?names an unpacked kernel source}"
cd "$(dirname "$0")/../.."
top=$PWD
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
where=drivers/infiniband

cp -rs "$(realpath "$KSRC")" "$dir/src"
cd "$dir/src"
mkdir $where/kfabric
(cd "$top" && git ls-files -z | xargs -0 cp --parents -t "$dir/src/$where/kfabric")
for file in Makefile Kconfig; do
	cp --remove-destination "$(realpath $where/$file)" $where/
done
series=("$top"/docs/upstream/000[1-9]-*.patch)
sed -n 's,^+++ b/,,p' "${series[@]}" | sort -u | while read -r file; do
	cp --remove-destination "$(realpath "$file")" "$file"
done
for patch in "${series[@]}"; do
	patch -s -p1 -i "$patch"
done
# shellcheck disable=SC2016
echo 'obj-$(CONFIG_KFABRIC) += kfabric/' >>$where/Makefile
sed -i "s,^endif # INFINIBAND,source \"$where/kfabric/shim/Kconfig\"\n&," $where/Kconfig

kernel() # arguments of make
{
	make -s ARCH=um O="$dir/out" -j"$(nproc)" "$@"
}

mkdir "$dir/out"
kernel tinyconfig >/dev/null
cat "$top/tests/bed/kconfig/uml.config" - >>"$dir/out/.config" <<END
CONFIG_KFABRIC=m
CONFIG_KFABRIC_VERBS=m
CONFIG_KFABRIC_KUNIT_TEST=m
CONFIG_KFABRIC_VERBS_KUNIT_TEST=m
CONFIG_KFABRIC_TESTS=m
END
kernel olddefconfig >/dev/null 2>&1
[ "$(grep -c '^CONFIG_KFABRIC.*=m' "$dir/out/.config")" = 5 ]
kernel $where/kfabric/ $where/sw/rxe/ 2>&1 | tee "$dir/log"
if grep -q 'warning\|error' "$dir/log"; then
	exit 1
fi
for module in shim/core/kfabric shim/verbs/kfi_verbs tests/func/kfi_func; do
	[ -e "$dir/out/$where/kfabric/$module.o" ] || { echo "no $module.o"; exit 1; }
done
