#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-timeout: 300
"""What an exchange of each mode costs both sides together, and what a first message that
proves nothing costs its receiver: in instructions, and in octets of the answer.
"""

from callgrind import measure
from mikeytool import begin, check, end, equal

MESSAGES = ("mikey_initiate", "mikey_respond", "mikey_pending_process")
# Most instructions that a message with a wrong MAC or signature may take, by mode, and one
# of a sender who is not known. Signatures are verified of known peers only, and not often.
FORGED = {"psk": 500000, "dhhmac": 500000, "dh": 4000000, "pk": 4000000, "rsar": 4000000}
STRANGER = 500000

begin()
counts, said = measure("count_exchange", MESSAGES)
for mode, most in FORGED.items():
    exchange, forged, stranger = ("%s: %s" % (mode, what) for what in
                                  ("an exchange", "a forged message", "a stranger"))
    cost = counts.of(exchange, *MESSAGES)
    equal(said[exchange][0], "ok", exchange + " is counted")
    print("# %s: %d instructions, %.3f per million" % (exchange, cost, 1e6 / cost))
    for part, bound in ((forged, most), (stranger, STRANGER)):
        reason, sent, answered = said[part]
        spent = counts.of(part, "mikey_respond")
        check(spent <= bound, "%s: no more than %d instructions" % (part, bound), spent)
        check(reason in ("auth-failed", "unknown-peer") and int(answered) <= int(sent),
              part + ": the answer is no longer than the message", said[part])
        print("# %s: %d instructions, %s octets, answered by %s" % (part, spent, sent, answered))
end()
