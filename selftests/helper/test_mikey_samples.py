#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Messages captured from GStreamer decode to what an independent decoder wrote
down about them, field by field, and their keys are hidden unless asked for."""

import base64
import json

from mikeytool import begin, check, dump, end, equal, samples

# Names that the descriptions use for SP parameters, by number
PARAMS = {"encr_alg": 0, "encr_keylen": 1, "auth_alg": 2, "auth_keylen": 3, "srtp_encr": 7,
          "srtcp_encr": 8, "srtp_auth": 10}
KEY_TYPES = {"TGK": 0, "TGK+SALT": 1, "TEK": 2, "TEK+SALT": 3}


# RFC 4567 5.1: an offer and its answer
RFC_4567 = (
    "AQAFgM0XflABAAAAAAAAAAAAAAsAyONQ6gAAAAAGEEoo2pee4hp2UaDX8ZE22YwKAAAPZG9uYWxk"
    "QGR1Y2suY29tAQAAAAAAAQAk0JKpgaVkDaawi9whVBtBt0KZ14ymNuu62+Nv3ozPLygwK/GbAV9i"
    "emnGUIZ19fWUQUOSrzKTAv9zV",
    "AQEFgM0XflABAAAAAAAAAAAAAAYAyONQ6gAAAAAJAAAQbWlja2V5QG1vdXNlLmNvbQABn8HdGE5B"
    "MDXFIuGEga+62AgY5cc=")


def decode(text):
    return base64.b64decode(text + "=" * (-len(text) % 4))


def check_rfc_4567():
    """The last character of the offer, as printed, is one too many for base64."""
    offer, answer = dump([decode(RFC_4567[0][:-1]), decode(RFC_4567[1])])
    equal([p["payload"] for p in offer["payloads"]], ["T", "RAND", "ID", "SP", "KEMAC"],
          "RFC 4567: the payloads of the offer")
    equal([p["payload"] for p in answer["payloads"]], ["T", "ID", "V"],
          "RFC 4567: the payloads of the answer")
    sp, kemac = offer["payloads"][3:]
    check(sp["param"] == [] and kemac["encr_alg"] == 1 and kemac["mac_alg"] == 1 and
          len(kemac["key_data"]) == 72 and "reason" not in offer,
          "RFC 4567: the offer has an SP without parameters, and encrypted keys")
    equal(bytes.fromhex(answer["payloads"][1]["data"]), b"mickey@mouse.com",
          "RFC 4567: the identity of the answer")
    equal(offer["hdr"]["csb_id"], answer["hdr"]["csb_id"], "RFC 4567: the same bundle")


def header(got):
    hdr = got["hdr"]
    return {"ver": hdr["version"], "data_type": {0: "PSK-init"}[hdr["type"]], "V": hdr["v"],
            "prf": hdr["prf_func"], "csb_id": f"{hdr['csb_id']:08x}", "ncs": hdr["cs_count"],
            "map_type": hdr["cs_id_map_type"]}


def key(got):
    out = {"type": got["type"], "key": got["data"], "keylen": len(got["data"]) // 2,
           "kv": got["kv"]}
    if "spi" in got:
        out["spi"] = got["spi"]
    return out


def wanted_key(described):
    out = {"type": KEY_TYPES[described["type"]], "key": described["key"],
           "keylen": described["keylen"], "kv": described["kv"]}
    if described["kv"] == 1:
        out["spi"] = described["spi"]
    return out


def payload(got):
    out = {"p": got["payload"], "off": got["offset"]}
    if got["payload"] == "T":
        out.update(ts_type=got["ts_type"], ts=got["ntp"])
    elif got["payload"] == "RAND":
        out.update(rand=got["data"])
    elif got["payload"] == "SP":
        out.update(policy=got["no"], prot=got["proto_type"],
                   params=[[p["type"], p["value"]] for p in got["param"]])
    elif got["payload"] == "KEMAC":
        out.update(encr_alg=got["encr_alg"], encr_len=len(got["key_data"]) // 2,
                   mac_alg=got["mac_alg"], mac=got["mac"], keys=[key(k) for k in got["keys"]])
    return out


def wanted(described):
    out = {k: v for k, v in described.items() if k not in ("left",)}
    if out["p"] == "SP":
        out["params"] = [[PARAMS[name], int(value, 16)] for name, value in out["params"]]
    elif out["p"] == "KEMAC":
        out["keys"] = [wanted_key(k) for k in out["keys"]]
    return out


def main():
    begin()
    found = 0
    for name, octets, described in samples():
        found += 1
        got, = dump([octets])
        check("reason" not in got, f"{name}: is a right message", got.get("reason"))
        next_name = described["hdr"].pop("next")
        equal(header(got), described["hdr"], f"{name}: header")
        equal(got["payloads"][0]["payload"], next_name, f"{name}: first payload")
        equal([{"policy": c["policy_no"], "ssrc": f"{c['ssrc']:08x}", "roc": c["roc"]}
               for c in got["hdr"]["srtp_id"]], described["cs_map"], f"{name}: map")
        equal(len(got["payloads"]), len(described["payloads"]), f"{name}: number of payloads")
        for have, want in zip(got["payloads"], described["payloads"]):
            equal(payload(have), wanted(want), f"{name}: {want['p']}")
        hidden = json.dumps(dump([octets], secrets=False))
        secret = described["payloads"][-1]["keys"][0]["key"]
        check(secret not in hidden and '"secret"' in hidden,
              f"{name}: the key is not shown unless asked for")
    check_rfc_4567()
    check(found == 6, f"there are captured messages: {found}")
    end()


main()
