#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# The tree builds inside a kernel tree that has the patches of docs/upstream:
# dropped into drivers/infiniband, sourced and listed there, everything on. W=1 and
# sparse are silent. The driver that the patches change builds, too. KSRC names an
# unpacked kernel source, KWORK a directory to build in; what is there is of use
# the next time.
set -euo pipefail
: "${KSRC:?names an unpacked kernel source}"
cd "$(dirname "$0")/../.."
. tests/checks/lib.sh
top=$PWD
where=drivers/infiniband
series=("$top"/docs/upstream/000[1-9]-*.patch)
dir=${KWORK:-}
if [ -z "$dir" ]; then
	dir=$(mktemp -d)
	trap 'rm -rf "$dir"' EXIT
fi
out=$dir/out/$where/kfabric
modules=("$out"/{shim/core/kfabric,shim/verbs/kfi_verbs,tests/func/kfi_func}.o)
key=$({
	realpath "$KSRC"
	cat tests/checks/intree.sh tests/bed/kconfig/uml.config shim/Kconfig "${series[@]}"
} | sha256sum)

# All of the tree, and what builds it
tree=$({
	echo "$key"
	gcc --version
	sparse --version
	git ls-files -z | xargs -0 sha256sum
} | key_of tests/checks/intree.sh)
if passed "$tree"; then
	exit 0
fi

kernel() # arguments of make
{
	make -s -C "$dir/src" ARCH=um O="$dir/out" -j"$(nproc)" "$@"
}

kernel_tree()
{
	local file patch

	rm -rf "$dir"
	mkdir -p "$dir/out"
	cp -rs "$(realpath "$KSRC")" "$dir/src"
	cd "$dir/src"
	for file in $where/{Makefile,Kconfig} $(sed -n 's,^+++ b/,,p' "${series[@]}" | sort -u); do
		cp --remove-destination "$(realpath "$file")" "$file"
	done
	for patch in "${series[@]}"; do
		patch -s -p1 -i "$patch"
	done
	# shellcheck disable=SC2016
	echo 'obj-$(CONFIG_KFABRIC) += kfabric/' >>$where/Makefile
	sed -i "s,^endif # INFINIBAND,source \"$where/kfabric/shim/Kconfig\"\n&," $where/Kconfig
	cd "$top"
}

configure()
{
	kernel tinyconfig >/dev/null
	cat tests/bed/kconfig/uml.config - >>"$dir/out/.config" <<-END
		CONFIG_KFABRIC=m
		CONFIG_KFABRIC_VERBS=m
		CONFIG_KFABRIC_KUNIT_TEST=m
		CONFIG_KFABRIC_VERBS_KUNIT_TEST=m
		CONFIG_KFABRIC_TESTS=m
	END
	kernel olddefconfig >/dev/null 2>&1
	[ "$(grep -c '^CONFIG_KFABRIC.*=m' "$dir/out/.config")" = 5 ]
}

# Times are not copied: what changed is newer than what was made from it.
copy_tree()
{
	mkdir "$dir/tree"
	git ls-files -z | xargs -0 cp --parents -t "$dir/tree"
	rsync -rlp --checksum --delete "$dir/tree/" "$dir/src/$where/kfabric/"
	rm -rf "$dir/tree"
}

# What was complained of is to be built again, whatever ended that build.
if [ "$(cat "$dir/key" 2>/dev/null)" != "$key" ] || grep -qs 'warning\|error' "$dir/log"; then
	kernel_tree
	copy_tree
	configure
	echo "$key" >"$dir/key"
fi
rm -rf "$dir/tree" "${modules[@]}"
copy_tree
if ! { kernel $where/sw/rxe/ && kernel W=1 C=1 $where/kfabric/; } 2>&1 | tee "$dir/log" ||
   grep -q 'warning\|error' "$dir/log"; then
	exit 1
fi
for module in "${modules[@]}"; do
	[ -e "$module" ] || { echo "no ${module#"$out/"}"; exit 1; }
done
remember "$tree"
