# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# shellcheck shell=bash disable=SC2154
#
# The machines behind the beds. Sourced by run, which sets $bed, $kernel, $run,
# $memory, $shell and for QEMU $cpu, $pmem, $powercut, $rig, $plugin, $icount.
# The kernel's messages go to $run/console.log, the script's
# input and output are ours.

# Modules that the first stage must load to reach the host's files
machine_modules() {
	is_uml "$bed" || echo virtio_pci 9pnet_virtio 9p overlay
}

machine_boot() {
	if is_uml "$bed"; then
		boot_uml "$@"
	else
		boot_qemu "$@"
	fi
}

guest_variables() {
	echo "kf_bed=$bed kf_run=$run kf_guest=$bed_dir/guest TERM=${TERM:-dumb} panic=-1"
}

# User-Mode Linux keeps the guest's memory in a file and maps it executable.
memory_file_dir() {
	local dir free

	for dir in /dev/shm /tmp "$run"; do
		[[ -w $dir ]] || continue
		free=$(df --output=avail -BM "$dir" | tail -n 1)
		((${free%M} > memory + 64)) || continue
		[[ ,$(findmnt -no OPTIONS -T "$dir"), != *,noexec,* ]] || continue
		echo "$dir"
		return
	done
	die "no place for $memory MB of guest memory"
}

boot_uml() {
	local args

	read -ra args < <(guest_variables)
	args+=(mem="${memory}M" initrd="$run/initramfs.cpio" kf_root=hostfs kf_channel=tty1
	       con=null con0=null,fd:3 con1=fd:4,fd:5 console=tty0)
	TMPDIR=$(memory_file_dir) "$@" "$kernel/image" "${args[@]}" \
		3>"$run/console.log" 4<&0 5>&1 >"$run/uml.log" 2>&1 </dev/null
}

# A /dev/kvm that is there may still fail: believe it after a guest booted with it.
kvm_works() {
	local answer=$cache_dir/kvm-$(</proc/sys/kernel/random/boot_id)

	[[ -w /dev/kvm ]] || return 1
	if [[ ! -e $answer ]]; then
		rm -f "$cache_dir"/kvm-*
		timeout 20 "${qemu[@]}" -accel kvm -cpu host -serial null -serial stdio \
			-append "console=ttyS0 kf_probe=1 panic=-1" </dev/null 2>/dev/null |
			grep -qs 'kf-bed: alive' && echo yes >"$answer" || echo no >"$answer"
	fi
	[[ $(<"$answer") == yes ]]
}

# Persistent memory: an NVDIMM, or a part of the ordinary memory in the middle of
# which the kernel keeps its hands off. Sets $pmem_args, $view (the file behind it)
# and $view_start.
pmem_machine() {
	local mb=${pmem#legacy:} size

	view=$run/pmem view_start=0 pmem_args=()
	if [[ $pmem == legacy:* ]]; then
		size=$((memory + mb)) view=$run/ram view_start=$((128 << 20))
		pmem_args=(-m "$size" -machine memory-backend=ram
			   -object "memory-backend-file,id=ram,share=on,mem-path=$view,size=${size}M")
		cmdline+=" memmap=${mb}M!128M"
	elif [[ -n $pmem ]]; then
		size=$((memory + mb + 1024))
		pmem_args=(-m "$memory,slots=2,maxmem=${size}M"
			   -machine "nvdimm=on,nvdimm-persistence=mem-ctrl"
			   -object "memory-backend-file,id=pmem,share=on,mem-path=$view,size=${mb}M"
			   -device "nvdimm,id=nvdimm,memdev=pmem")
	fi
}

# The rig watches from 2 MB on, where pmem-up has the data begin. It knows where
# the kernel maps all memory when addresses are not random.
powercut_machine() {
	local options=view=$view,media=$run/media,result=$run/powercut

	options+=,start=$((view_start + (2 << 20))),size=$(((${pmem#legacy:} - 2) << 20))
	options+=,directmap=0xffff888000000000
	pmem_args+=(-plugin "$plugin,$options${rig:+,$rig}")
	cmdline+=" nokaslr"
}

# An instruction is a nanosecond, and a cycle. Nothing that is random takes part;
# waiting takes no time.
icount_machine() {
	accel=(-accel "tcg,thread=single" -cpu "max,la57=off,-rdrand,-rdseed${cpu:+,$cpu}"
	       -smp 1 -icount "shift=0,sleep=off" -rtc "base=2020-01-01,clock=vm")
	cmdline+=" nokaslr norandmaps"
}

boot_qemu() {
	local qemu accel channel=(-chardev "stdio,id=channel,signal=off") cmdline
	local pmem_args view view_start

	qemu=(qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot
	      -machine q35 -smp 2 -m "$memory" -kernel "$kernel/image"
	      -initrd "$run/initramfs.cpio")
	cmdline="$(guest_variables) kf_root=9p kf_channel=ttyS1 console=ttyS0 loglevel=7"
	pmem_machine
	if [[ -z $powercut$icount ]] && kvm_works; then
		accel=(-accel kvm -cpu "host${cpu:+,$cpu}")
	else
		# One thread for both processors: with two, QEMU may still run the
		# breakpoints by which the kernel patches code after they are gone.
		accel=(-accel "tcg,thread=single" -cpu "max,la57=off${cpu:+,$cpu}")
	fi
	[[ -z $powercut ]] || powercut_machine
	[[ -z $icount ]] || icount_machine
	"$@" "${qemu[@]}" "${accel[@]}" "${pmem_args[@]}" -serial "file:$run/console.log" \
		"${channel[@]}" -serial chardev:channel \
		-object rng-random,id=rng,filename=/dev/urandom -device virtio-rng-pci,rng=rng \
		-virtfs "local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap" \
		-virtfs "local,path=$run/out,mount_tag=out,security_model=none" \
		-append "$cmdline"
}
