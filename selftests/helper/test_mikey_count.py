#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-timeout: 300
"""An envelope whose padding is wrong costs the receiver the same operations as one whose
KEMAC has a wrong MAC, and gives the same answer: callgrind counts the instructions.

Left out is RSA itself: what it does depends on the number that it is given, and it does
not know yet what is inside. What looks at the padding behind it counts.
"""

from callgrind import measure
from mikeytool import begin, check, end, equal

# What is counted: the way from the envelope to the end, and the answer
COUNTED = ("envelope_open", "answer_error")
RSA, PADDING = "RSA_private_decrypt", "RSA_padding_check_PKCS1_type_2"


def apart_from_rsa(part):
    return counts.of(part, *COUNTED, PADDING) - counts.of(part, RSA)


begin()
counts, answered = measure("count_envelope", COUNTED)
for padding in ("pkcs1", "oaep"):
    cases = [name for name in answered if name.startswith(padding)]
    first = cases[0]
    check(counts.of(first, RSA) > 1000000, padding + ": the private key was used")
    for case in cases[1:]:
        equal(answered[case], answered[first], case + ": the same answer as to a wrong MAC")
        equal(apart_from_rsa(case), apart_from_rsa(first),
              case + ": the same number of instructions")
end()
