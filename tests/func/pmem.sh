# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# shellcheck shell=bash disable=SC2154
#
# Scenarios of the clients that use memory of another machine: the log (kfi_wal)
# and the block device (kfi_kpmem). Sourced by run.sh. Nothing is cut here: what
# is tested is that everything arrives, and that ends are clean.

kpmem=/dev/kpmem0
pattern=/dev/shm/pattern

# A log, checked as soon as it was written. Over iWARP only commits say that it is there.
wal()
{
	local memory=()

	[[ $func_kind != siw ]] || memory=(--marked)
	kfi-wal "${memory[@]}" "$@"
}

# Each way to commit, several rounds, and the check of the log is checked, too.
scenario_wal()
{
	local commit out

	for commit in each flush pointer; do
		out=$(wal -c $commit -r 3 --spoil 100 192.0.2.1) &&
			[[ $out == *'3: spoiled 100 times, seen 100 times'* ]] &&
			[[ $out == *'epoch 3, 100 records, pointer behind 100'* ]] &&
			continue
		fail "$commit"
		note "${out//$'\n'/$'\n'# }"
		return 1
	done
}

# Records of one byte; records that are in two regions; a log that gets full.
scenario_wal_sizes()
{
	wal -m 1 -n 1000 -b 7 192.0.2.1 >/dev/null || fail "one byte" ||
		return
	wal -m 16k -s 5M -n 1200 -d 64 192.0.2.1 |
		grep -q 'recovered: epoch 1, 1200 records' ||
		fail "several regions" || return
	wal -s 64k -n 5000 -r 2 -d 1 192.0.2.1 |
		grep -Eq 'recovered: epoch 2, [0-9]{3} records' ||
		fail "a full log"
}

scenario_wal_two_processes()
{
	local target status=0

	kfi-wal -T --port 7777 192.0.2.1 >"$KF_OUT/target" &
	target=$!
	for _ in {1..100}; do
		grep -q pep "$objects" && break
		sleep 0.05
	done
	kfi-wal -W -l transmit --port 7777 -n 50 192.0.2.1 >/dev/null ||
		status=1
	wait $target || status=1
	grep -q 'epoch 1, 50 records, pointer behind 50' "$KF_OUT/target" ||
		fail "the target says: $(cat "$KF_OUT/target")" || status=1
	return $status
}

scenario_wal_errors()
{
	kfi-wal -c nonsense | grep -q 'none of each, flush, pointer' ||
		fail "commit nonsense" || return
	kfi-wal -R | grep -q 'no log' || fail "a log in fresh memory" || return
	kfi-wal -p 0x1000 192.0.2.1 | grep -q 'memory: No such device' ||
		fail "memory of this machine as persistent memory" || return
	kfi-wal -W -l transmit --port 9 192.0.2.1 | grep -qi refused ||
		fail "nobody listens"
}

scenario_wal_interrupted()
{
	local pid status=0

	kfi-wal -r 1000000 192.0.2.1 >/dev/null &
	pid=$!
	for _ in {1..100}; do
		grep -q CONNECTED "$objects" && break
		sleep 0.05
	done
	kill $pid || fail "it did not wait to be interrupted" || status=1
	! wait $pid || fail "success, although interrupted" || status=1
	for _ in {1..100}; do
		[[ -z $(cat "$objects") ]] && break
		sleep 0.05
	done
	return $status
}

# kpmem_fill SEED: write something over all of the device
kpmem_fill()
{
	kpmem_pattern "$1" >$pattern &&
		dd if=$pattern of=$kpmem bs=3M oflag=direct status=none
}

kpmem_pattern() { yes "line $1 of a device" | head -c "$(blockdev --getsize64 $kpmem)"; }

# What is there, past the page cache
kpmem_same() { dd if=$kpmem bs=5M iflag=direct status=none | cmp -s - $pattern; }

# Large and small requests, over the borders of regions (2 MiB), from odd addresses.
scenario_kpmem()
{
	local status=0

	kfi-kpmem up -s 5M 192.0.2.1 || fail "up" || return
	kpmem_fill 1 && kpmem_same || fail "large requests" || status=1
	kpmem_pattern 2 >$pattern
	cat $pattern >$kpmem && sync && kpmem_same ||
		fail "through the page cache" || status=1
	dd if=$pattern of=$kpmem bs=512 seek=4095 count=5 oflag=direct \
		conv=fsync status=none || fail "small requests" || status=1
	dd if=$pattern of=$pattern bs=512 seek=4095 count=5 \
		conv=notrunc status=none
	kpmem_same || fail "small requests over a border" || status=1
	kfi-kpmem down || fail "down" || status=1
	[[ ! -e $kpmem ]] || fail "it is still there" || status=1
	return $status
}

# More requests than the send queue has room for: they wait their turn.
scenario_kpmem_tight()
{
	local i pids=() status=0

	turns 1024 256
	kfi-kpmem up -s $((turns / 64))M -d 64 --tx 3 192.0.2.1 || fail "up" || return
	kpmem_pattern 3 >$pattern
	for i in {0..3}; do
		dd if=$pattern of=$kpmem bs=4k skip=$((i * turns)) \
			seek=$((i * turns)) count="$turns" conv=notrunc,fsync \
			status=none &
		pids+=($!)
	done
	wait "${pids[@]}" || fail "a write" || status=1
	kpmem_same || fail "contents" || status=1
	kfi-kpmem down || status=1
	return $status
}

# No bytes, be it that reading fails or that there is an end.
kpmem_reads_nothing()
{
	[[ $(dd bs=4k count=1 iflag=direct status=none 2>/dev/null | wc -c) == 0 ]]
}

# The target goes away: requests fail, the device can be taken away.
scenario_kpmem_target_gone()
{
	local status=0

	kfi-kpmem up -s 4M 192.0.2.1 || fail "up" || return
	exec {held}<$kpmem
	kfi-kpmem down target || status=1
	for _ in {1..100}; do
		kfi-kpmem | grep -q 'not connected' && break
		sleep 0.05
	done
	kpmem_reads_nothing <$kpmem || fail "read from nowhere" || status=1
	! dd if=/dev/zero of=$kpmem bs=4k count=1 oflag=direct conv=nocreat \
		status=none 2>/dev/null || fail "written to nowhere" || status=1
	! kfi-kpmem down || fail "it was in use" || status=1
	exec {held}<&-
	kfi-kpmem down || fail "down" || status=1
	return $status
}

# Somebody reads and writes while it is taken away.
scenario_kpmem_in_use()
{
	local pid status=0

	kfi-kpmem up -s 8M 192.0.2.1 || fail "up" || return
	exec {held}<$kpmem
	! rmmod kfi_kpmem 2>/dev/null || fail "unloaded while open" || status=1
	while dd if=/dev/zero of=$kpmem bs=64k count=64 oflag=direct \
		conv=nocreat status=none 2>/dev/null; do :; done &
	pid=$!
	! kfi-kpmem down || fail "down, although in use" || status=1
	kfi-kpmem down --force || fail "force" || status=1
	wait $pid
	kpmem_reads_nothing <&"$held" || fail "read after the end" || status=1
	exec {held}<&-
	return $status
}

scenario_kpmem_unload()
{
	kfi-kpmem up -s 4M 192.0.2.1 || fail "up" || return
	rmmod kfi_kpmem || fail "unload" || return
	modprobe kfi_kpmem
}

# A file system, where the kernel has one.
scenario_kpmem_ext4()
{
	local dir=$KF_OUT/mnt status=0

	modprobe ext4 && mkdir -p "$dir" || return
	kfi-kpmem up -s 16M 192.0.2.1 || fail "up" || return
	mkfs.ext4 -q $kpmem && mount $kpmem "$dir" || fail "mount" || status=1
	cp -r "$func_dir" "$dir/copy" && sync -f "$dir" || status=1
	! kfi-kpmem down || fail "down, although mounted" || status=1
	umount "$dir" && fsck.ext4 -fn $kpmem >/dev/null 2>&1 ||
		fail "fsck" || status=1
	mount $kpmem "$dir" && diff -r "$func_dir" "$dir/copy" ||
		fail "contents" || status=1
	umount "$dir" || status=1
	kfi-kpmem down || fail "down" || status=1
	return $status
}

# With what commits: on memory that passes for persistent.
scenario_wal_commit()
{
	local commit

	for commit in each flush pointer; do
		kfi-wal --marked -s 3M -c $commit -r 3 -n 300 192.0.2.1 |
			grep -q 'recovered: epoch 3, 300 records' ||
			fail "$commit" || return
	done
}

# Flushes reach all regions; FUA is a commit of its own.
scenario_kpmem_commit()
{
	local status=0

	kfi-kpmem up --marked -s 4M 192.0.2.1 || fail "up" || return
	kfi-kpmem | grep -q 'flushes commit' || fail "no commits" || status=1
	[[ $(<"/sys/block/${kpmem##*/}/queue/write_cache") == 'write back' &&
	   $(<"/sys/block/${kpmem##*/}/queue/fua") == 1 ]] ||
		fail "no cache to flush" || status=1
	kpmem_fill 4 && sync $kpmem && kpmem_same || fail "contents" ||
		status=1
	dd if=$pattern of=$kpmem bs=4k count=64 oflag=direct,dsync status=none && kpmem_same || fail "FUA" || status=1
	kfi-kpmem down || fail "down" || status=1
	return $status
}

pmem_scenarios=(
	wal wal_sizes wal_two_processes wal_errors wal_interrupted
	kpmem kpmem_tight kpmem_target_gone kpmem_in_use kpmem_unload
)
# Before 6.12 ordinary memory cannot pass for persistent
[[ ${KF_BED:-} == qemu-6.1 ]] || pmem_scenarios+=(wal_commit kpmem_commit)
# User-Mode Linux has no file system on blocks
[[ ${KF_BED:-} == uml* ]] || pmem_scenarios+=(kpmem_ext4)
