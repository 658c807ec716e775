#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#
# usage: run.sh [--siw] [--short] [pattern]...
#
# Runs the functional tests on soft-RoCE, or on soft-iWARP, and prints KTAP: the cases of
# kfi_func.ko one by one, then the scenarios below, which do something from
# outside: take devices and modules away, look at files, use the clients. After
# each, no object may be left. With patterns, only what matches one of them. With
# --short, without the scenarios that are the same on every device.

set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/persist.sh"
. "$(dirname "$0")/pmem.sh"

# --- scenarios: modules ---

scenario_modprobe_dependency()
{
	modules_unload || return
	modprobe kfi_verbs || return
	grep -q '^kfabric ' /proc/modules || fail "kfabric was not loaded" ||
		return
	grep -q verbs /sys/kernel/debug/kfabric/providers ||
		fail "the provider is not there" || return
	modules_load
}

scenario_unload_while_open()
{
	local status=0 module

	start_case gone.hold || return
	for module in kfi_verbs kfabric kfi_func; do
		! rmmod $module 2>/dev/null || fail "$module went away" ||
			status=1
	done
	stop_case
	objects_empty || status=1
	return $status
}

scenario_unload_reload()
{
	local i

	turns 5 2
	for ((i = 0; i < turns; i++)); do
		modules_unload && modules_load || return
	done
	run_case connect.alive
}

# --- scenarios: devices ---

scenario_link_delete_idle() { lose_device gone.idle rdma link delete "${func_kind}0"; }

scenario_link_delete_busy() { lose_device gone.busy rdma link delete "${func_kind}0"; }

scenario_link_delete_connecting()
{
	lose_device gone.connecting rdma link delete "${func_kind}0"
}

scenario_link_delete_polled() { lose_device polled.gone.busy rdma link delete "${func_kind}0"; }

scenario_netdev_delete() { lose_device gone.idle ip link del kfnet0; }

scenario_netdev_delete_busy() { lose_device gone.busy ip link del kfnet0; }

# What the connection manager sends over a port that is down breaks the queue
# pair that soft-RoCE has for that, for good: the device is made anew.
scenario_netdev_down()
{
	local status=0

	start_case gone.netdev_down || return
	ip link set kfnet0 down || status=1
	finish_case || status=1
	ip link set kfnet0 up || status=1
	rdma link delete "${func_kind}0" || status=1
	device_up && run_case connect.alive || status=1
	return $status
}

scenario_netdev_flap()
{
	local status=0

	start_case gone.netdev_flap || return
	ip link set kfnet0 down || status=1
	sleep 0.5
	ip link set kfnet0 up || status=1
	finish_case || status=1
	device_up && run_case connect.alive || status=1
	return $status
}

scenario_driver_unload()
{
	local status=0

	start_case gone.idle || return
	rmmod "$func_driver" || status=1
	finish_case || status=1
	modprobe "$func_driver" || status=1
	device_up || status=1
	return $status
}

# The provider comes first or the device comes first: no difference.
scenario_device_after_provider()
{
	rdma link delete "${func_kind}0" || return
	! kfi-info -s 192.0.2.1 >/dev/null || fail "a device that is gone" ||
		return
	device_up || return
	kfi-info -s 192.0.2.1 >/dev/null && run_case connect.alive
}

scenario_two_devices()
{
	local status=0

	"$func_kind-up" 2 || return
	kfi-info | grep -q "${func_kind}0" || fail "no first one" || status=1
	kfi-info | grep -q "${func_kind}1" || fail "no second one" || status=1
	! kfi-info -s "${func_kind}1" | grep -q "${func_kind}0" ||
		fail "the first for the second" || status=1
	kfi-pingpong -q -V -s 0:4k -n 20 198.51.100.1 >/dev/null ||
		fail "no data over the second" || status=1
	start_case gone.idle || return
	rdma link delete "${func_kind}1" || status=1
	sleep 0.2
	[[ -n $(cat $objects) ]] || fail "the objects of the first went with the second" ||
		status=1
	rdma link delete "${func_kind}0" || status=1
	finish_case || status=1
	ip link del kfnet1
	device_up || status=1
	return $status
}

scenario_other_subnet()
{
	local status=0

	"$func_kind-up" 2 || return
	run_case connect.other_subnet || status=1
	rdma link delete "${func_kind}1" || status=1
	ip link del kfnet1 || status=1
	return $status
}

scenario_device_renamed()
{
	local status=0

	rdma dev set "${func_kind}0" name kfi0 || return
	kfi-info -d kfi0 >/dev/null || fail "no kfi0" || status=1
	! kfi-info -d "${func_kind}0" >/dev/null || fail "still the old name" || status=1
	kfi-pingpong -q -n 1 192.0.2.1 >/dev/null || fail "no data" || status=1
	rdma dev set kfi0 name "${func_kind}0" || status=1
	return $status
}

# --- scenarios: what an administrator sees ---

scenario_debugfs()
{
	local status=0 word

	start_case gone.hold || return
	for word in fabric domain eq cq ep pep; do
		grep -qw "$word" $objects || fail "no $word in objects" ||
			status=1
	done
	grep -q CONNECTED $objects || fail "no connected endpoint" || status=1
	grep -q '^verbs ' /sys/kernel/debug/kfabric/providers || status=1
	[[ $(cat /sys/kernel/debug/kfabric/version) == 1.7 ]] || status=1
	stop_case
	objects_empty || status=1
	return $status
}

# What a case that fails has said is told, once, and that it failed.
scenario_failing_case()
{
	run_case no.such_case >"$KF_OUT/no_such_case" && fail "it has passed" || true
	[[ $(<"$KF_OUT/no_such_case") == *'no case "no.such_case"'* ]] ||
		fail "it said: $(head -n 3 "$KF_OUT/no_such_case")"
}

scenario_debug_log()
{
	local control=/sys/kernel/debug/dynamic_debug/control

	[[ -w $control ]] || fail "no dynamic debug in this kernel" || return
	echo 'module kfabric +p; module kfi_verbs +p' >$control
	dmesg -C
	kfi-info -t rdm >/dev/null
	echo 'module kfabric -p; module kfi_verbs -p' >$control
	dmesg | grep -q 'ep_attr.*type' ||
		fail "the log does not say what did not match" ||
		{ dmesg | sed 's/^/#   /'; return 1; }
}

scenario_trace_events()
{
	local dir=/sys/kernel/tracing status=0 system

	for system in kfabric kfi_verbs; do
		[[ -d $dir/events/$system ]] ||
			fail "no events of $system" || return
		echo 1 >$dir/events/$system/enable
	done
	: >$dir/trace
	run_case connect.alive || status=1
	for system in kfabric kfi_verbs; do
		echo 0 >$dir/events/$system/enable
	done
	grep -q 'kfi_cqring_push' $dir/trace || fail "no kfi events" ||
		status=1
	grep -q 'kfv_' $dir/trace || fail "no kfv events" || status=1
	return $status
}

# --- scenarios: clients ---

scenario_info_table()
{
	kfi-info -s 192.0.2.1 | grep -Eq "^verbs .* ${func_kind}0 +MSG +192\.0\.2\.1:0" ||
		fail "the table lacks it" || return
	kfi-info -v -s 192.0.2.1 | grep -q 'type: MSG' ||
		fail "no type in the long form"
}

scenario_info_json()
{
	# shellcheck disable=SC2016
	kfi-info -j | perl -MJSON::PP -e '
		local $/;
		my $infos = decode_json(<STDIN>);
		for (@$infos) {
			die unless $_->{fabric_attr}{prov_name} eq "verbs";
			die unless $_->{ep_attr}{type} eq "MSG";
			die unless grep { $_ eq "MSG" } @{$_->{caps}};
			die unless $_->{ep_attr}{max_msg_size} > 0;
		}
		exit !@$infos;' || fail "kfi-info -j"
}

scenario_info_hints()
{
	kfi-info -p verbs -t msg -c msg+rma -d "${func_kind}0" >/dev/null ||
		fail "what is there was not found" || return
	! kfi-info -p nosuch >/dev/null || fail "provider nosuch" || return
	! kfi-info -t rdm >/dev/null || fail "type rdm" || return
	! kfi-info -c tagged >/dev/null || fail "caps tagged" || return
	kfi-info -c nonsense | grep -q 'unknown capability "nonsense"' ||
		fail "caps nonsense" || return
	kfi-info -t nonsense | grep -q 'none of any, msg' ||
		fail "type nonsense"
}

# Each kind of operation with each kind of memory. A message cannot be of several
# regions on soft-iWARP if one of them is of scattered pages.
scenario_pingpong()
{
	local type mem out max

	turns 5 2
	for type in send write read; do
		for mem in kmalloc vmalloc bvec sgl; do
			max=256k
			[[ $func_kind.$type.$mem != siw.send.vmalloc ]] || max=4k
			out=$(kfi-pingpong -q -t $type -m $mem -o 100 -V \
				-s 0:$max -n "$turns" 192.0.2.1) && continue
			fail "$type $mem"
			note "${out//$'\n'/$'\n'# }"
			return 1
		done
	done
}

# 16 MiB, or as much as the port takes in one message, and in one list of regions; 4
# where that takes long
scenario_pingpong_large()
{
	local type mega list

	mega=$(kfi-info | awk 'NR == 2 { print int($NF / 1024 / 1024) }')
	list=$(kfi-info -v | awk '
		$1 == "iov_limit:" && (!limit || $2 < limit) { limit = $2 }
		$1 == "mr_iov_limit:" { pages = $2 }
		END {
			for (n = 1; 2 * n <= limit * pages / 256; n *= 2)
				;
			print n
		}')
	((mega && list)) || fail "the port has no maximum" || return
	((mega < list)) || mega=$list
	turns 16 4
	((mega < turns)) || mega=$turns
	for type in send write read; do
		kfi-pingpong -q -t $type -m bvec -V -s "${mega}M" -n 2 192.0.2.1 |
			grep -Eq "^${mega}m .* 4 +0$" || fail "$type" || return
	done
}

scenario_pingpong_ipv6() { kfi-pingpong -q -V -s 4k -n 5 2001:db8::1 >/dev/null; }

scenario_pingpong_two_processes()
{
	local server status=0

	kfi-pingpong -S -p 7777 192.0.2.1 >"$KF_OUT/server" &
	server=$!
	for _ in {1..100}; do
		grep -q pep $objects && break
		sleep 0.05
	done
	kfi-pingpong -q -C -p 7777 -t write -V -s 1:64k -n 5 192.0.2.1 \
		>/dev/null || status=1
	wait $server || status=1
	grep -q '85 buffers, 0 wrong' "$KF_OUT/server" ||
		fail "the server says: $(cat "$KF_OUT/server")" || status=1
	return $status
}

scenario_pingpong_interrupted()
{
	local pid status=0

	kfi-pingpong -q -n 10000000 -s 4k 192.0.2.1 >/dev/null &
	pid=$!
	for _ in {1..100}; do
		grep -q CONNECTED $objects && break
		sleep 0.05
	done
	kill $pid || fail "it did not wait to be interrupted" || status=1
	! wait $pid || fail "success, although interrupted" || status=1
	for _ in {1..100}; do
		[[ -z $(cat $objects) ]] && break
		sleep 0.05
	done
	return $status
}

scenario_pingpong_errors()
{
	kfi-pingpong -t nonsense | grep -q 'none of send, write, read' ||
		fail "type nonsense" || return
	kfi-pingpong -n 0 | grep -q 'not a number from 1' ||
		fail "count 0" || return
	kfi-pingpong -s 8:4 | grep -q 'from small to large' ||
		fail "sizes 8:4" || return
	kfi-pingpong 203.0.113.77 | grep -q 'kfi_getinfo: Nothing matches' ||
		fail "unknown address" || return
	kfi-pingpong -C -p 9 192.0.2.1 | grep -qi 'refused' ||
		fail "nobody listens"
}

# Every work of the load generator, on each of its back ends
scenario_load()
{
	local out status=0

	if [[ $func_kind != rxe ]]; then
		not_applicable="the verbs of tests/perf are those of RoCE"
		return
	fi
	modprobe kfi_perf || return
	out=$("$func_dir/../perf/load" both 192.0.2.1 quick 2>&1) || {
		fail "it ends with:"
		tail -n 3 <<<"$out" | sed 's/^/#   /'
		status=1
	}
	rmmod kfi_perf || status=1
	return $status
}

# --- the order of things ---

# Sorted by what they leave behind: nothing, a new device, new modules
scenarios=(
	info_table info_json info_hints
	pingpong pingpong_large pingpong_ipv6 pingpong_two_processes
	pingpong_interrupted pingpong_errors load
	"${pmem_scenarios[@]}"
	failing_case debugfs debug_log trace_events
	link_delete_idle link_delete_busy link_delete_polled link_delete_connecting
	netdev_flap netdev_down netdev_delete netdev_delete_busy
	device_after_provider device_renamed two_devices other_subnet driver_unload
	unload_while_open unload_reload modprobe_dependency
	"${persist_scenarios[@]}"
)

# What the clients say, how modules come and go, how a block device takes its requests:
# the device has no part in that
any_device=(
	info_table info_json info_hints pingpong_errors pingpong_interrupted
	wal_sizes wal_errors wal_interrupted
	kpmem_tight kpmem_in_use kpmem_unload kpmem_ext4
	failing_case debugfs debug_log trace_events device_renamed unload_reload modprobe_dependency
)

count=0 failed=0 started=0 short=''
declare -A seconds=()

# report NAME STATUS [REASON]: with a reason, the device has nothing to test.
report()
{
	((++count))
	seconds[$1]=$((${EPOCHREALTIME/./} - started))
	if ((!$2)) && [[ -n ${3:-} ]]; then
		echo "ok $count $1 # not applicable: $3"
	elif (($2)); then
		((++failed))
		echo "not ok $count $1"
	else
		echo "ok $count $1"
	fi
}

# A case that waits for the connect timer does not wait long.
short_timeout()
{
	case $1 in
	badconn.timeout|badconn.nobody_there) echo 300 >$timeout_file ;;
	gone.netdev_down) echo 500 >$timeout_file ;;
	*) echo 30000 >$timeout_file ;;
	esac
}

one_case()
{
	local status=0

	started=${EPOCHREALTIME/./}
	short_timeout "$1"
	run_case "$1" || status=1
	objects_empty || status=1
	report "$1" $status "$case_unable"
}

one_scenario()
{
	local status=0

	started=${EPOCHREALTIME/./}
	[[ ! -e $timeout_file ]] || short_timeout "gone.$1"
	not_applicable=
	"scenario_$1" || status=1
	objects_empty || status=1
	report "scenario.$1" $status "$not_applicable"
}

# Where the time went
slowest()
{
	local name

	for name in "${!seconds[@]}"; do
		printf '%8d.%03d s %s\n' $((seconds[$name] / 1000000)) \
			$((seconds[$name] / 1000 % 1000)) "$name"
	done | sort -rn | head -n 12 | sed 's/^/#/'
}

main()
{
	local patterns name cases chosen

	patterns=$(printf '%s\n' "$@")

	if ! device_up || ! modules_load; then
		echo "Bail out! no device, no modules"
		exit 1
	fi
	mapfile -t cases < <(grep -v ' outside$' $func_dev | grep -e "$patterns")
	mapfile -t chosen < <(printf 'scenario.%s\n' "${scenarios[@]}" | grep -e "$patterns" |
		grep -vxFf <(printf 'scenario.%s\n' ${short:+"${any_device[@]}"}))

	echo "KTAP version 1"
	echo "1..$((${#cases[@]} + ${#chosen[@]}))"
	for name in "${cases[@]}"; do
		one_case "$name"
	done
	for name in "${chosen[@]}"; do
		one_scenario "${name#*.}"
	done
	slowest
	if ! modules_unload; then
		note "the modules do not unload"
		failed=1
	fi
	((!failed))
}

: "${KF_OUT:=/tmp}"
while [[ ${1:-} == --* ]]; do
	case $1 in
	--siw) func_use siw ;;
	--short) short=1 ;;
	esac
	shift
done
main "$@"
