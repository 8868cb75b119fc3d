#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""mikey.py: MIKEY exchanges per million instructions, both sides together, for each mode:
a line of JSON each.  Counted by callgrind, by the programs of ../helper; no kernel takes
part, so the figures are of the kernel "none".
"""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../helper"))
from callgrind import measure	# pylint: disable=wrong-import-position

MODES = "psk", "dhhmac", "dh", "pk", "rsar"
MESSAGES = "mikey_initiate", "mikey_respond", "mikey_pending_process"


def main():
    counts, said = measure("count_exchange", MESSAGES)
    for mode in MODES:
        exchange = mode + ": an exchange"
        if said[exchange][0] != "ok":
            sys.exit("mikey.py: %s: %s" % (exchange, said[exchange][0]))
        cost = counts.of(exchange, *MESSAGES)
        for name, value, unit in (
                ("mikey/%s" % mode, 1e6 / cost, "exchanges/million instructions"),
                ("mikey/%s/cost" % mode, cost, "instructions/exchange")):
            print(json.dumps({"kernel": "none", "name": name, "value": float("%.4g" % value),
                              "unit": unit}))


if __name__ == "__main__":
    main()
