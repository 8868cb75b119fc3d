#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What sparse, clang and the kernel's rules for coccinelle say of the module.
#
# ktap-timeout: 1800

. "$(dirname "$0")/sources.sh"

# The oldest kernel: its headers are known to each of the three.
kernel=6.1
headers=$top/build/kernels/$kernel/headers
module=$top/build/kmod-$kernel

# sparse looks at what is compiled already, with the flags that it was compiled
# with; build-module.sh says which.
sparse_module()
{
	flock "$module.lock" make -j2 -C "$headers" "M=$module" W=1 KCFLAGS=-Werror \
		C=2 CF=-Wsparse-error modules >"$TMPDIR/sparse.log" 2>&1 &&
	! grep -E '(warning|error):' "$TMPDIR/sparse.log" &&
	[ "$(grep -c '^  CHECK ' "$TMPDIR/sparse.log")" -ge "$(ls kmod/*.c | wc -l)" ] && return
	grep -vE '^ +(CC|LD|CHECK|MODPOST) ' "$TMPDIR/sparse.log"
	return 1
}

# How gcc was called for each source, as kbuild has noted it. A configuration
# made for gcc names options that clang has not, none of which changes what is
# a mistake: how to lay out code, and how to hinder speculation.
gcc_only="-mindirect-branch* -mfunction-return=* -mharden-sls=* -mrecord-mcount"
gcc_only+=" -mpreferred-stack-boundary=* -fconserve-stack -fno-allow-store-data-races"
gcc_only+=" -falign-* -ftrivial-auto-var-init=* -mno-fp-ret-in-387 -Wp,-MMD*"

gcc_flags()
{
	local arg pattern

	set -f
	set -- $(sed -n '1s/^[^ ]* := *[^ ]* \([^;]*\).*/\1/p' "$1")
	while [ $# -gt 0 ]; do
		arg=$1
		shift
		[ "$arg" != -o ] || { shift; continue; }
		for pattern in $gcc_only; do
			[[ $arg != $pattern ]] || continue 2
		done
		echo "$arg"
	done
	set +f
}

# -Wno-gnu is what the kernel's own build says to clang; a warning that clang
# does not know is one of gcc's.
clang_module()
{
	local notes flags n=0

	for notes in "$module"/kmod/.*.o.cmd "$module"/kmod/compat/.*.o.cmd; do
		case $notes in *.mod.o.cmd|*/.srtp.o.cmd)	continue ;; esac
		flags=$(gcc_flags "$notes" | tr '\n' ' ')
		# eval: the names of the module are in quotes there
		(cd "$headers" && eval "clang $flags" -Wno-unknown-warning-option -Wno-gnu \
			-Werror -fsyntax-only) || return
		n=$((n + 1))
	done
	[ $n -ge "$(ls kmod/*.c | wc -l)" ]
}

# Rules for what the module has nothing of: devices and their memory; that need
# OCaml; that warn of their own text; and cstptr, which does not follow a
# variable that is set to NULL before a loop and to something else in it.
left_out='/(platform_[a-z_]*|pm_runtime|device_attr_show|vma_pages|resource_size|clk_put'
left_out+='|devm_free|pci_free_consistent|iounmap|put_device|device_node_continue'
left_out+='|for_each_child|irqf_oneshot|of_table|check_bq27xxx_data|badzero|stream_open'
left_out+='|cstptr)\.cocci$'

rules()
{
	grep -rlE '^virtual report' --include='*.cocci' "$source/scripts/coccinelle" |
		grep -vE "$left_out" | sort
}

coccinelle()
{
	local rule n=0

	for rule in $(rules); do
		spatch -D report --no-show-diff --very-quiet --timeout 60 \
			--cocci-file "$rule" --dir kmod || echo "${rule##*/} failed"
		n=$((n + 1))
	done
	[ $n -gt 50 ]
}

cd "$top" || exit 1
ktap_begin
case " ${KERNELS:-$kernel} " in
*" $kernel "*)
	ktap_check "sparse, clang: the module builds for $kernel" \
		selftests/vm/build-module.sh $kernel
	ktap_check "sparse: the module" sparse_module
	ktap_check "clang: the module" silent clang_module
	;;
*)
	ktap_skip "sparse, clang: the module" "they look at its build for $kernel"
	;;
esac
if source=$(kernel_source); then
	ktap_check "coccinelle, the kernel's rules: the module" silent coccinelle
else
	ktap_fail "coccinelle: there is a kernel source"
fi
ktap_end
