# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# shellcheck shell=bash
#
# What run.sh and soak.sh share. Sourced in a machine that has soft-RoCE, or
# soft-iWARP (see tests/bed), as root, with the modules where modprobe finds them.

func_dev=/dev/kfi_func
objects=/sys/kernel/debug/kfabric/objects
# shellcheck disable=SC2034 # for those who source this
timeout_file=/sys/module/kfi_verbs/parameters/connect_timeout_ms
func_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=$func_dir/../clients:$PATH

# With a soft-RoCE of our own (tests/bed/run --rxe patched) FLUSH can be posted.
func_flush=0
[[ ! -e ${KF_MODULES:-}/rdma_rxe.ko ]] || func_flush=1

# The devices are rxe0, rxe1, ... or siw0, siw1, ... made by rxe-up or siw-up.
#   func_use KIND
func_use()
{
	func_kind=$1
	case $1 in
	rxe) func_driver=rdma_rxe ;;
	*) func_driver=$1 ;;
	esac
}
func_use rxe

# How much of what is repeated: where the machine is emulated or under sanitizers, an
# operation takes twenty times as long, and there are fewer of them. None is left out.
#   turns FULL FEWER: sets $turns
turns()
{
	case ${KF_BED:-} in
	qemu-*|*-san) turns=$2 ;;
	*) turns=$1 ;;
	esac
}

# Why a scenario has nothing to test here
not_applicable=

note() { echo "# $*"; }

# Says why and fails.
fail() { note "$*"; return 1; }

# The device that the cases use, with its addresses.
device_up()
{
	"$func_kind-up" || return
	[[ -n $(ip -6 addr show dev kfnet0 to 2001:db8::1) ]] ||
		ip addr add 2001:db8::1/64 dev kfnet0 nodad
}

# A machine that has persistent memory (tests/bed/run --pmem) tests with that.
pmem_lend()
{
	local phys size

	[[ -e /sys/firmware/acpi/tables/NFIT ]] || return 0
	read -r _ phys size < <(pmem-up) && modprobe kfi_testlib pmem_phys="$phys" pmem_size="$size"
}

modules_load()
{
	pmem_lend || return
	modprobe kfi_verbs && modprobe kfi_func flush="$func_flush" &&
		modprobe -a kfi_info kfi_pingpong kfi_wal kfi_kpmem
}

modules_unload()
{
	rmmod kfi_func kfi_info kfi_pingpong kfi_wal kfi_kpmem kfi_rpm \
		kfi_testlib kfi_verbs kfabric
}

# Nothing is open any more, or nothing new since it was said last. Each line is
# one object and begins with a number that is never used again.
objects_left=
objects_empty()
{
	local lines

	mapfile -t lines <$objects
	[[ "${lines[*]%% *}" != "$objects_left" ]] || return 0
	objects_left="${lines[*]%% *}"
	[[ -n $objects_left ]] || return 0
	note "objects are left:"
	printf '#   %s\n' "${lines[@]}"
	return 1
}

# What a case has to say, on from the descriptor to the output. Without a process of
# its own, which takes longer than most cases. Fails unless the last line is that it
# has passed. $case_unable is why it had nothing to test, if so.
#   pass_on FD
case_unable=
pass_on()
{
	local line last=

	case_unable=
	# all lines have an end; what a read that has failed leaves behind is none
	while IFS= read -r -u "$1" line; do
		last=$line
		[[ $line != '# not applicable: '* ]] || case_unable=${line#*: }
		[[ $line == passed ]] || echo "$line"
	done 2>/dev/null
	[[ $last == passed ]]
}

# One case of kfi_func, with more words of the command if there are any.
run_case()
{
	local fd status=0

	exec {fd}<>$func_dev || return
	echo "case=$*" >&"$fd"
	pass_on "$fd" || status=1
	exec {fd}>&-
	return $status
}

# start_case NAME: a case that needs help, in the background. Returns when it is
# ready. $case_pid is its process.
start_case()
{
	local line fd

	coproc CASE {
		exec {fd}<>$func_dev && echo "case=$1" >&"$fd" &&
			exec cat <&"$fd" 2>/dev/null
	}
	# shellcheck disable=SC2153 # coproc sets it
	case_pid=$CASE_PID
	exec {case_out}<&"${CASE[0]}"
	while read -r -u "$case_out" line; do
		[[ $line == ready ]] && return
		echo "$line"
	done
	finish_case || true
	fail "$1 did not get ready"
}

# Waits for the case in the background and passes on what it has to say.
finish_case()
{
	local status=0

	pass_on "$case_out" || status=1
	exec {case_out}<&-
	wait "$case_pid" 2>/dev/null || status=1
	return $status
}

# Ends a case in the background that would go on for ever.
stop_case()
{
	kill "$case_pid"
	finish_case || true
}

# Takes the device away under a case and gives it back.
#   lose_device CASE COMMAND...
lose_device()
{
	local status=0

	start_case "$1" || return
	shift
	"$@" || fail "$*" || status=1
	finish_case || status=1
	objects_empty || status=1
	device_up || status=1
	return $status
}
