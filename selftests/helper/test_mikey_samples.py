#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Messages captured from GStreamer decode to what an independent decoder wrote
down about them, field by field, and their keys are hidden unless asked for."""

import json

from mikeytool import begin, check, dump, end, equal, samples

# Names that the descriptions use for SP parameters, by number
PARAMS = {"encr_alg": 0, "encr_keylen": 1, "auth_alg": 2, "auth_keylen": 3, "srtp_encr": 7,
          "srtcp_encr": 8, "srtp_auth": 10}
KEY_TYPES = {"TGK": 0, "TGK+SALT": 1, "TEK": 2, "TEK+SALT": 3}


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
    check(found == 6, f"there are captured messages: {found}")
    end()


main()
