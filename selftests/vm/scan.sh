#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# scan.sh LOG: what a kernel log holds against the kernel.
#
# Prints each complaint with the lines that follow it, and exits with 1 if
# there was one. Looks only at what comes after the line "vm: run begins".
#
# A data race that the module has no part in is named, but is no complaint: the
# kernel has them. What an interrupt or a softirq came upon has no part in it.

# Words of the kernel's own, with enough around them that no peaceful message
# has them too.
complaints='BUG:|BUG [a-z]|kernel BUG at|WARNING: (CPU|possible|suspicious|bad|inconsistent|nested|lock held)'
complaints="$complaints|Oops|general protection|Kernel panic|[Uu]nable to handle"
complaints="$complaints|RCU stall|rcu.*detected stall|rcu.*self-detected|refcount_t:"
complaints="$complaints|unregister_netdevice: waiting|blocked for more than|hung task"
complaints="$complaints|possible circular locking|possible recursive locking"
complaints="$complaints|inconsistent lock state|suspicious RCU|bad unlock balance"
complaints="$complaints|soft lockup|hard LOCKUP|scheduling while atomic"
complaints="$complaints|sleeping function called|UBSAN|KASAN|KCSAN|KFENCE|KMSAN"
complaints="$complaints|kmemleak: [0-9]+ new|list_(add|del) corruption"
complaints="$complaints|usercopy: |detected (buffer overflow|field-spanning write)"
complaints="$complaints|skb_(over|under)_panic|Voluntary context switch within RCU"
complaints="$complaints|page allocation failure|Out of memory|objects remaining in"
complaints="$complaints|double fault|int3:|stack guard page|Call Trace:"

tr -d '\r' <"$1" | awk -v complaints="$complaints" '
	# Of a race nothing is told before all of it was read.
	function end_of_race() {
		if (ours) {
			reports++
			print "kernel log" during ":\n" race
		} else {
			print "a race of the kernel alone" during ":" title
		}
		race = ""
	}

	/vm: run begins/	{ counts = 1; next }
	/vm: test /		{ during = " during" substr($0, index($0, ": test ") + 6) }
	!counts			{ next }
	/BUG: KCSAN:/ && !follow {
		race = "    " $0
		title = substr($0, index($0, "KCSAN:") + 6)
		ours = interrupted = 0
		next
	}
	race && /==========/	{ end_of_race(); next }
	race {
		race = race "\n    " $0
		if (/(read|write|assert).* to 0x/)
			interrupted = 0
		if (/ asm_[a-z_]*interrupt|softirq/)
			interrupted = 1
		if ((/\[srtp/ && !interrupted) || $0 ~ complaints)
			ours = 1
		next
	}
	$0 ~ complaints && !follow && reports < 5 {
		reports++
		follow = 40
		print "kernel log" during ":"
	}
	follow			{ print "    " $0; follow-- }
	/---\[ end trace|<\/TASK>/	{ follow = 0 }
	END {
		if (race)
			end_of_race()
		exit reports > 0
	}
'
