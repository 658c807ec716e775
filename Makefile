# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#
# Convenience. The build rules are in Kbuild.

KDIR ?= /lib/modules/$(shell uname -r)/build
BED ?= uml
MODULES ?= .
SCRIPT ?=
ARGS ?=

bed := tests/bed
version := $(shell git describe --tags --always 2>/dev/null | tr -c 'a-zA-Z0-9.\n' . || echo 0)
dkms-source = $(DESTDIR)/usr/src/kfabric-$(version)
kbuild = $(MAKE) -C $(KDIR) M=$(CURDIR)

.PHONY: help modules install install-dkms rxe demo test checks kunit func siw flush soak \
	beds bed powercut instr bench install-check clean

help:
	@echo 'To see it work (boots a virtual machine, leaves this one as it is):'
	@echo '  make demo         two kernel endpoints talk over soft-RoCE on a stock Debian kernel'
	@echo '  make test         all tests on all beds; the last line is "N passed, N failed"'
	@echo
	@echo 'To use it on this machine:'
	@echo '  make modules      build for the running kernel, or for KDIR=<kernel build directory>'
	@echo '  make install      install the modules of that kernel (as root)'
	@echo '  make install-dkms register with DKMS, which builds for each new kernel (as root)'
	@echo '  make rxe KSRC=... build rxe/rdma_rxe.ko, soft-RoCE that takes RDMA FLUSH from the kernel,'
	@echo '                    from the source of that 6.12 kernel (on Debian: linux-source-6.12)'
	@echo
	@echo 'To work on it:'
	@echo '  make checks       style, layering, kernel-doc, sparse'
	@echo '  make kunit        unit tests       [BED=uml|uml-san]'
	@echo '  make func         functional tests [BED=uml|uml-san|qemu-6.12|qemu-6.1]'
	@echo '  make siw          the same on soft-iWARP [BED=uml|uml-san|qemu-6.12]'
	@echo '  make flush        those of persistence on that soft-RoCE [BED=uml|uml-san|qemu-6.12]'
	@echo '  make powercut     the power-cut rig, all of it    [CUTS=10000]'
	@echo '  make instr        has kfabric come to take more instructions? [UPDATE=1 for the new ones]'
	@echo '  make bench        what kfabric costs over raw verbs  [BED=uml|qemu-6.12]'
	@echo '  make soak         long cycles under the sanitizers'
	@echo '  make install-check  installs in a guest, by make and by DKMS'
	@echo '  make bed          a shell in a bed, or somebody else'"'"'s work:'
	@echo '                    BED=qemu-6.12 MODULES=<dir of .ko or of source> SCRIPT=<file> ARGS=...'
	@echo '  make clean        remove what was built; CACHE=1: kernels and logs too'

modules:
	$(kbuild) modules

install: modules
	$(kbuild) modules_install
	/sbin/depmod $(shell cat $(KDIR)/include/config/kernel.release)

install-dkms:
	tests/bed/packages build dkms
	mkdir -p $(dkms-source)
	cp -r Kbuild LICENSES compat include shim tests $(dkms-source)
	sed 's/@VERSION@/$(version)/' compat/dkms.conf.in >$(dkms-source)/dkms.conf
	dkms install $(DKMS_ARGS) kfabric/$(version)

rxe:
	$(bed)/rxe-module --kernel $(KDIR) --source $(or $(KSRC),$(error KSRC=<kernel source> is missing)) $@

demo:
	@$(bed)/run qemu-6.12 --modules . --script tests/clients/demo.sh --timeout 900

test:
	@$(bed)/suite

# One suite, in the bed that was asked for or in all of them
checks kunit func siw flush soak beds install-check:
	@$(bed)/suite $(if $(filter command environment,$(firstword $(origin BED))),--bed $(BED)) $(@:-check=)

powercut: export CUTS ?= 10000
powercut:
	@$(bed)/suite powercut

instr:
	@$(bed)/suite instr

bench:
	@tests/perf/run $(BED)

bed:
	@$(bed)/run $(BED) --modules $(MODULES) $(if $(SCRIPT),--script $(SCRIPT)) -- $(ARGS)

clean:
	$(bed)/clean $(if $(CACHE),--all)
	-$(kbuild) clean
