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

tracing=/sys/kernel/tracing

# What the provider posts, and, where the kernel has probes, what the driver is given:
# the opcodes of a chain (+28 in struct ib_send_wr), each with what is next (+0).
posted_events()
{
	local at='%si' args='' i

	echo 1 >$tracing/events/kfi_verbs/kfv_post_send/enable || return
	[[ -e $tracing/kprobe_events ]] || return 0
	for ((i = 0; i < 12; i++)); do
		args+=" wr$i=+28($at):u32 next$i=+0($at):x64"
		at="+0($at)"
	done
	echo "p:kf_posted ${func_kind}_post_send$args" >$tracing/kprobe_events &&
		echo 1 >$tracing/events/kprobes/kf_posted/enable
}

posted_end()
{
	echo 0 >$tracing/events/kfi_verbs/kfv_post_send/enable
	[[ -e $tracing/kprobe_events ]] || return 0
	echo 0 >$tracing/events/kprobes/kf_posted/enable
	echo >$tracing/kprobe_events
}

# One opcode a line; what was read behind the end of a chain is none.
posted_opcodes()
{
	awk '/kf_posted/ { for (i = 1; i <= NF && $i !~ /^next[0-9]*=0x0$/; i++) if (sub(/^wr[0-9]*/, "wr", $i)) print $i }' \
		$tracing/trace
}

# posted_count WHO WRITE FLUSH: in what is read, by two patterns
posted_count()
{
	local text writes flushes

	text=$(cat)
	writes=$(grep -cw "$2" <<<"$text")
	flushes=$(grep -cw "$3" <<<"$text")
	note "$1: $writes writes, $flushes FLUSH and ATOMIC WRITE"
	((writes)) || fail "$1: nothing was seen" || return
	if ((func_flush)); then
		((flushes)) || fail "$1: FLUSH is not used"
	else
		((!flushes)) || fail "$1: the device does not take FLUSH"
	fi
}

# FLUSH and ATOMIC WRITE are for a device that takes them, and for no other.
posted()
{
	local status=0 name

	echo 8192 >$tracing/buffer_size_kb
	: >$tracing/trace
	posted_events || fail "no trace" || return
	for name in commit fence pointer fenced_data delivery; do
		run_case persist.$name || status=1
	done
	posted_count provider RDMA_WRITE 'FLUSH\|ATOMIC_WRITE' <$tracing/trace || status=1
	[[ ! -e $tracing/kprobe_events ]] ||
		posted_count device 'wr=0' 'wr=1[45]' < <(posted_opcodes) || status=1
	posted_end
	: >$tracing/trace
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
