#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module checks the published packets and keys that lie in ../vectors.

. "$(dirname "$0")/../ktap.sh"

top=$(cd "$(dirname "$0")/../.." && pwd)

same()
{
	"$top/selftests/vectors/table.py" | diff - "$top/kmod/vectors.h"
}

ktap_begin
ktap_check "kmod/vectors.h is what table.py makes of the published texts" same
ktap_end
