#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# The house keeps its rooms: who may include what, how long a file or a
# function may be, and where kernel version tests may stand.
set -u
cd "$(dirname "$0")/../.." || exit 1
bad=0

complain() # headline, offending lines
{
	[ -z "$2" ] && return
	echo "$1:"
	printf '%s\n' "$2" | sed 's/^/    /'
	bad=1
}

sources() # directories
{
	find "$@" -name '*.[ch]' 2>/dev/null
}

complain 'rdma header in a room that must not know it' \
	"$(sources shim/core shim/rdm include | xargs -r grep -nE '#include <(rdma|uapi/rdma)/')"
complain 'private header included by the public ones' \
	"$(sources include | xargs -r grep -nE '#include ".*(core|verbs|wire)\.h"')"
complain 'kernel version test outside compat' \
	"$(sources include shim tests | xargs -r grep -nE '\b(LINUX_VERSION_CODE|KERNEL_VERSION|RHEL_RELEASE|HAVE_[A-Z])')"
complain 'BUG on something that can happen' \
	"$(sources include shim tests compat | xargs -r grep -nE '\bBUG(_ON)?\(')"
complain 'global rkey' \
	"$(sources shim | xargs -r grep -niE 'unsafe_global_rkey')"
complain 'unfinished' \
	"$(sources include shim tests compat | xargs -r grep -nE '\b(TODO|FIXME|XXX)\b')"
complain 'file over 800 lines' \
	"$(sources include shim tests compat | xargs -r wc -l | awk '$1 > 800 && $2 != "total"')"
# shellcheck disable=SC2016
complain 'function over 60 lines' "$(sources shim tests compat | xargs -r awk '
	FNR == 1 { name = ""; s = 0 }
	/^[a-zA-Z_].*[^;]$/ { name = $0 }
	/^{/ { s = FNR }
	/^}/ {
		if (s && FNR - s > 61)
			print FILENAME ": " name " (" FNR - s - 1 ")"
		s = 0
	}')"

# One noun a file: functions that other files see carry the file's name.
complain 'function without the prefix of its file' "$(awk '
	FNR == 1 {
		stem = FILENAME
		gsub(/.*\/|\.c$/, "", stem)
		p = (FILENAME ~ /^shim\/core\// ? "kfi_" : "kfv_") stem
		free = stem ~ /^(main|trace|enosys|enosys_data|provider|info|match)$/
	}
	free || /^static/ { next }
	/^[a-z].*[ *]kf[iv]_[a-z0-9_]+\(/ {
		match($0, /kf[iv]_[a-z0-9_]+\(/)
		name = substr($0, RSTART, RLENGTH - 1)
		if (index(name, p) != 1 && name !~ /^kfi_(strerror|tostr|version)/)
			print FILENAME ": " name
	}' shim/core/*.c shim/verbs/*.c)"

exit $bad
