#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#
# usage: soak.sh [cycles [operations [kind]...]]
#
# Cycles (1000 unless said otherwise) each of: connect, exchange data, close
# ("connect"); take the device away under traffic and give it back ("device");
# unload and reload the modules ("modules"). Then a run of operations (100000) of
# random kind, size, alignment and memory with every byte compared ("data").
# With kinds, only these. Prints KTAP, with progress. After each cycle no object
# may be left; what the kernel has to say about it is for the bed to see.

set -u
. "$(dirname "$0")/lib.sh"

cycles=${1:-1000}
operations=${2:-100000}
kinds=("${@:3}")
((${#kinds[@]})) || kinds=(connect device modules data)
failed=0

cycle_connect() { run_case connect.alive; }

cycle_device() { lose_device gone.busy rdma link delete "${func_kind}0"; }

cycle_modules() { modules_unload && modules_load; }

# repeat KIND: all cycles of a kind; ends at the first that fails.
repeat()
{
	local i step=$((cycles / 20 + 1)) begin=$SECONDS

	for ((i = 1; i <= cycles; i++)); do
		if ! "cycle_$1" || ! objects_empty; then
			note "cycle $i of $cycles"
			return 1
		fi
		((i % step)) || note "$1: $i of $cycles, $((SECONDS - begin)) s"
	done
	note "$1: $cycles cycles, $((SECONDS - begin)) s"
}

soak()
{
	case $1 in
	connect|device|modules)
		repeat "$1" ;;
	data)	run_case random.operations "ops=$operations" && objects_empty ;;
	*)	fail "there is no kind $1" ;;
	esac
}

if ! device_up || ! modules_load; then
	echo "Bail out! no device, no modules"
	exit 1
fi
echo "KTAP version 1"
echo "1..${#kinds[@]}"
for ((n = 0; n < ${#kinds[@]}; n++)); do
	if soak "${kinds[n]}"; then
		echo "ok $((n + 1)) ${kinds[n]}"
	else
		((++failed))
		echo "not ok $((n + 1)) ${kinds[n]}"
	fi
done
modules_unload || failed=1
((!failed))
