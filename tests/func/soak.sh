#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#
# usage: soak.sh [cycles [operations]]
#
# Cycles (1000 unless said otherwise) each of: connect, exchange data, close;
# take the device away under traffic and give it back; unload and reload the
# modules. Then a run of operations (100000) of random kind, size, alignment and
# memory with every byte compared. Prints KTAP, with progress. After each cycle no
# object may be left; what the kernel has to say about it is for the bed to see.

set -u
. "$(dirname "$0")/lib.sh"

cycles=${1:-1000}
operations=${2:-100000}
failed=0

cycle_connect() { run_case connect.alive; }

cycle_device() { lose_device gone.busy rdma link delete rxe0; }

cycle_modules() { modules_unload && modules_load; }

# repeat NUMBER NAME: all cycles of a kind; ends at the first that fails.
repeat()
{
	local i step=$((cycles / 20 + 1)) begin=$SECONDS

	for ((i = 1; i <= cycles; i++)); do
		if ! "cycle_$2" || ! objects_empty; then
			((++failed))
			note "cycle $i of $cycles"
			echo "not ok $1 $2"
			return 1
		fi
		((i % step)) || note "$2: $i of $cycles, $((SECONDS - begin)) s"
	done
	note "$2: $cycles cycles, $((SECONDS - begin)) s"
	echo "ok $1 $2"
}

random_run()
{
	if run_case random.operations "ops=$operations" && objects_empty; then
		echo "ok $1 data"
	else
		((++failed))
		echo "not ok $1 data"
	fi
}

if ! device_up || ! modules_load; then
	echo "Bail out! no device, no modules"
	exit 1
fi
echo "KTAP version 1"
echo "1..4"
repeat 1 connect
repeat 2 device
repeat 3 modules
random_run 4
modules_unload || failed=1
((!failed))
