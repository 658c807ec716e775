# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# shellcheck shell=bash
#
# Scenarios of persistence, for run.sh, which sources this: every method that the
# device has, and what administrators say and take back.

verbs_parameters=/sys/module/kfi_verbs/parameters
func_parameters=/sys/module/kfi_func/parameters

# with_method NAME NUMBER READ COMMAND...: with a method forced that the cases
# then insist on (enum kfi_verbs_method), and what the administrator states.
with_method()
{
	local status=0

	echo "$1" >$verbs_parameters/persist_method &&
		echo "$3" >$verbs_parameters/read_after_write &&
		echo "$2" >$func_parameters/method || return
	"${@:4}" || status=1
	echo auto >$verbs_parameters/persist_method
	echo N >$verbs_parameters/read_after_write
	echo 0 >$func_parameters/method
	return $status
}

# All cases that write to persistent memory
persist_cases()
{
	local name status=0

	while read -r name; do
		run_case "$name" || fail "$name" || status=1
	done < <(grep '^persist\.\|^badpersist\.\(range\|close\)' $func_dev | grep -v outside)
	return $status
}

scenario_persist_responder() { with_method responder 4 N persist_cases; }

scenario_persist_read() { with_method read 3 Y persist_cases; }

# Where the kernel cannot post it, forcing it is of no use.
scenario_persist_flush()
{
	if ((func_flush)); then
		with_method flush 2 N persist_cases
	else
		with_method flush 0 N run_case badpersist.unable
	fi
}

scenario_persist_auto()
{
	local best=4

	((!func_flush)) || best=2
	with_method auto $best N run_case persist.agreed || return
	((func_flush)) || best=3
	with_method auto $best Y run_case persist.agreed
}

lapse()
{
	local status=0

	start_case badpersist.lapse || return
	grep -q 'commit=read .*why="forced by persist_method"' $objects ||
		fail "debugfs does not tell the method" || status=1
	echo N >$verbs_parameters/read_after_write || status=1
	finish_case || status=1
	return $status
}

scenario_persist_lapse() { with_method read 3 Y lapse; }

# What goes to the device: FLUSH and ATOMIC WRITE where it takes them, else never.
posted()
{
	local event=/sys/kernel/tracing/events/kfi_verbs/kfv_post_send
	local trace=/sys/kernel/tracing/trace status=0 name writes flushes

	echo 8192 >/sys/kernel/tracing/buffer_size_kb
	: >$trace
	echo 1 >$event/enable || return
	for name in commit fence pointer fenced_data delivery; do
		run_case persist.$name || status=1
	done
	echo 0 >$event/enable
	writes=$(grep -cw 'RDMA_WRITE' $trace)
	flushes=$(grep -cw 'FLUSH\|ATOMIC_WRITE' $trace)
	: >$trace
	note "$writes writes and $flushes of FLUSH and ATOMIC WRITE were posted"
	((writes)) || fail "nothing was seen" || return
	if ((func_flush)); then
		((flushes)) || fail "FLUSH is not used" || return
	else
		((!flushes)) || fail "the device does not take FLUSH" || return
	fi
	return $status
}

scenario_persist_posted()
{
	with_method auto 0 N posted
}

# shellcheck disable=SC2034 # for run.sh
persist_scenarios=(
	persist_auto persist_responder persist_read persist_flush persist_posted
	persist_lapse
)
