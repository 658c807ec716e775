# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# shellcheck shell=bash
#
# What the scripts of the test beds share: places, messages, locks, and the
# Debian archive. Sourced, never run.

set -Eeuo pipefail
trap 'echo "error: ${BASH_SOURCE[0]##*/}:$LINENO: $BASH_COMMAND" >&2' ERR
export LC_ALL=C

bed_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
top_dir=$(cd "$bed_dir/../.." && pwd -P)
cache_dir=${KFABRIC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kfabric}
all_beds=(uml uml-san qemu-6.12 qemu-6.1)
export jobs=${KFABRIC_JOBS:-$(nproc)}

PATH=$PATH:/usr/sbin:/sbin

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

[[ $cache_dir == /* && $cache_dir != *[[:space:],]* ]] ||
	die "the cache directory '$cache_dir' must be absolute, without blanks or commas"
mkdir -p "$cache_dir"/{lock,log}
# Guests see the host's files under another root: no links on the way there
cache_dir=$(realpath "$cache_dir")

is_bed() {
	local bed

	for bed in "${all_beds[@]}"; do
		[[ $1 == "$bed" ]] && return 0
	done
	return 1
}

is_uml() { [[ $1 == uml* ]]; }

short_hash() { sha256sum | cut -c1-8; }

# hold NAME COMMAND...: run the command while nobody else holds NAME. A failure
# ends the shell, as anywhere else, or is returned where failures are looked at.
hold() {
	local name=$1 fd status
	shift

	exec {fd}>"$cache_dir/lock/$name"
	flock -n "$fd" || { say "waiting for another run to finish with $name"; flock "$fd"; }
	"$@"
	status=$?
	exec {fd}>&-
	return "$status"
}

# quietly LOG COMMAND...: output goes to LOG, whose end is shown on failure.
quietly() {
	local log=$1
	shift

	mkdir -p "$(dirname "$log")"
	"$@" >"$log" 2>&1 </dev/null && return 0
	say "failed: $*"
	grep -E -m 10 '(error|Error|ERROR)[: ]|\*\*\*' "$log" >&2 || tail -n 20 "$log" >&2
	say "full log: $log"
	return 1
}

as_root() {
	if ((EUID == 0)); then
		"$@"
	else
		command -v sudo >/dev/null || die "need root for: $*"
		sudo "$@"
	fi
}

# The archive. Kernels come from the host's own apt sources when these carry
# them, else from the security archive beside the mirror that the host uses,
# through a private apt state, so that the host's configuration stays as it is.

apt_opts=()

private_apt() {
	local dir=$cache_dir/apt key=/usr/share/keyrings/debian-archive-keyring.gpg
	local mirror suite

	# shellcheck disable=SC2016
	mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Component: main' |
		sed -n 's,/debian/*$,/debian,p' | head -n 1)
	[[ -n $mirror ]] || die "apt has no Debian mirror to find kernels beside"
	mkdir -p "$dir/lists/partial" "$dir/archives/partial"
	for suite in bookworm bookworm-updates; do
		echo "deb [signed-by=$key] $mirror $suite main"
	done >"$dir/sources.list"
	echo "deb [signed-by=$key] $mirror-security bookworm-security main" >>"$dir/sources.list"
	apt_opts=(-o Dir::Etc::sourcelist="$dir/sources.list" -o Dir::Etc::sourceparts=-
		  -o Dir::State::lists="$dir/lists" -o Dir::Cache="$dir"
		  -o APT::Sandbox::User=)
	[[ -n $(find "$dir/lists" -name '*Packages*' -mmin -1440) ]] ||
		quietly "$cache_dir/log/apt-update.log" apt-get "${apt_opts[@]}" update
}

newest_package() {
	apt-cache "${apt_opts[@]}" search --names-only "^$1\$" | cut -d' ' -f1 |
		sort -V | tail -n 1
}

# find_package REGEX: sets $package to the package whose name matches and sorts
# last, $version to its version. The answer is kept until the package lists
# change, a day at most.
find_package() {
	local answer

	answer=$cache_dir/apt-answer/$(short_hash <<<"$1")
	if [[ $answer -nt /var/lib/apt/lists && $answer -nt /etc/apt/sources.list.d &&
	      -n $(find "$answer" -mmin -1440) ]]; then
		# shellcheck disable=SC1090
		. "$answer"
		return
	fi
	package=$(newest_package "$1")
	if [[ -z $package ]]; then
		private_apt
		package=$(newest_package "$1")
		[[ -n $package ]] || return 1
	fi
	version=$(apt-cache "${apt_opts[@]}" show --no-all-versions "$package" |
		  sed -n 's/^Version: //p')
	mkdir -p "${answer%/*}"
	printf 'package=%q version=%q apt_opts=(%s)\n' "$package" "$version" \
		"${apt_opts[*]@Q}" >"$answer"
}

# fetch_packages DIR PACKAGE...: download, with one refresh of stale lists.
fetch_packages() {
	local dir=$1 log=$cache_dir/log/apt-download.log
	shift

	mkdir -p "$dir"
	(
		cd "$dir"
		local get=(apt-get "${apt_opts[@]}" -o APT::Sandbox::User= download)

		"${get[@]}" "$@" >"$log" 2>&1 && exit 0
		if ((${#apt_opts[@]})); then
			apt-get "${apt_opts[@]}" update >"$log" 2>&1
		else
			as_root apt-get update >"$log" 2>&1
		fi
		quietly "$log" "${get[@]}" "$@"
	)
}

# The kernel of a bed, as "kernel" left it in the cache for this checkout.
kernel_link() { echo "$(build_dir "$top_dir" "$1")/kernel"; }
kernel_dir() { readlink -f "$(kernel_link "$1")"; }

# Arguments for a module build against it.
kernel_make_args() {
	echo "-C"
	echo "$(kernel_dir "$1")/build"
	if is_uml "$1"; then
		echo ARCH=um
	fi
}

# shared_dir BED: where all checkouts build their modules for the bed.
shared_dir() { echo "$cache_dir/build/shared/$1"; }

# hold_dir DIRECTORY COMMAND...: run the command while nobody else builds there.
hold_dir() { hold "build-$(short_hash <<<"$1")" "${@:2}"; }

# build_dir SOURCE BED: where the modules of that source are for the bed.
build_dir() {
	printf '%s/build/%s-%s/%s\n' "$cache_dir" "$(basename "$1")" \
		"$(short_hash <<<"$1")" "$2"
}
