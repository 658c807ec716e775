# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# shellcheck shell=bash
#
# A memory of what has passed, for checks that take long. Sourced by them. $KPASSED
# names its directory; without one, everything is checked. A key is made of all that the
# verdict depends on: contents, names, options, tools. Failures are not remembered.

# key_of FILE...: of their names and contents, and of what is read
key_of()
{
	local sums

	sums=$(sha256sum -- "$@") || return
	{
		cat
		echo "$sums"
	} | sha256sum | cut -c1-32
}

# What a verdict of checkpatch depends on, beside the file and the options
checkpatch_tools()
{
	local file

	perl -v
	for file in "$KSRC"/scripts/{checkpatch.pl,spelling.txt,const_structs.checkpatch} \
		.checkpatch.conf .scripts/.checkpatch.conf "${HOME:-}/.checkpatch.conf"; do
		[ ! -e "$file" ] || sha256sum "$file"
	done
}

passed() # key
{
	[ -n "${KPASSED:-}" ] && [ -e "$KPASSED/$1" ]
}

remember() # key...
{
	[ -n "${KPASSED:-}" ] || return 0
	mkdir -p "$KPASSED" && (cd "$KPASSED" && touch -- "$@")
}

# each_file KEY COMMAND FILE...: a function that takes files and depends on what the key
# was made of. It gets those that have not passed; they pass together, and are not
# remembered if one has changed meanwhile.
each_file()
{
	local key=$1 command=$2 sums hash file new=() keys=()
	shift 2

	[ $# -gt 0 ] || return 1
	sums=$(sha256sum -- "$@") || return 1
	while read -r hash file; do
		passed "$key-$hash-${file//\//:}" && continue
		new+=("$file")
		keys+=("$key-$hash-${file//\//:}")
	done <<<"$sums"
	[ ${#new[@]} -gt 0 ] || return 0
	"$command" "${new[@]}" || return
	! sha256sum --check --status <<<"$sums" || remember "${keys[@]}"
}
