#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# Runs every check of this directory that needs no machine and reports as KTAP.
# KSRC names an unpacked kernel source.
set -u
cd "$(dirname "$0")" || exit 1
checks='rooms style kdoc series intree'
n=0
failed=0
echo 'KTAP version 1'
echo "1..$(echo $checks | wc -w)"
for check in $checks; do
	n=$((n + 1))
	if out=$(bash "$check.sh" 2>&1); then
		echo "ok $n checks.$check"
	else
		printf '%s\n' "$out" | head -40 | sed 's/^/# /'
		echo "not ok $n checks.$check"
		failed=1
	fi
done
exit $failed
