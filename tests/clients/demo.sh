#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#
# Two kernel endpoints talk over soft-RoCE. Run by `make demo` in a machine of
# its own; as root elsewhere it wants rdma_rxe, the modules where modprobe finds
# them, and says what it does with the network: a veth pair and a device on it.
# Ends with 0 if every byte was right.

set -u
PATH=$(cd "$(dirname "$0")" && pwd):$PATH
address=192.0.2.1
failed=0

step() { printf '\n=== %s\n' "$*"; }

# Shows a command and runs it.
show()
{
	printf '$ %s\n' "$*"
	"$@" || { failed=1; echo "failed: $*"; }
}

have_rxe_up() { command -v rxe-up >/dev/null; }

# The same as rxe-up of the test beds, for other machines.
make_device()
{
	if have_rxe_up; then
		show rxe-up
		return
	fi
	show modprobe rdma_rxe
	show ip link add kfnet0 mtu 4200 type veth peer name kfpeer0 mtu 4200
	show ip link set kfpeer0 up
	show ip link set kfnet0 up
	show ip addr add $address/24 dev kfnet0
	show rdma link add rxe0 type rxe netdev kfnet0
}

step "Linux $(uname -r), soft-RoCE"
make_device
show rdma link show

step "kfabric, its provider for verbs, and two small clients"
for module in kfi_verbs kfi_info kfi_pingpong; do
	show modprobe $module
done

step "What is there?"
show kfi-info
show kfi-info -s -v $address

step "Server and client in this kernel, every byte compared on both sides"
for type in send write read; do
	show kfi-pingpong -t $type -s 0:4M -n 20 -V $address
	echo
done

step "The same from memory of other kinds, at odd places"
for memory in vmalloc bvec sgl; do
	show kfi-pingpong -t write -m $memory -o 77 -s 256k:1M -n 20 -V $address
	echo
done

if ((failed)); then
	step "Something failed, or a byte was wrong"
	exit 1
fi
step "Every byte was right"
