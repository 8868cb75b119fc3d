#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Prints kmod/vectors.h: the published packets and keys that the module checks when it is loaded."""

import os

HERE = os.path.dirname(os.path.abspath(__file__))


def read(name):
    values = {}
    with open(os.path.join(HERE, name + ".txt"), encoding="ascii") as f:
        for line in f:
            if " = " in line and not line.startswith("#"):
                key, value = line.strip().split(" = ", 1)
                values[key] = value
    return values


def packets():
    """(name, suite, class, clear, index, key, salt, auth, plain, wire as far as published)"""
    v = read("rfc3711_b1_aes_f8")
    wire = "".join(v["ciphertext_%d" % i] for i in range(3))
    yield ("RFC 3711 B.1", "F8_128_HMAC_SHA1_80", "RTP", 0, int(v["roc"] + v["rtp_header"][4:8], 16), v["key"],
           v["salt"] + "55" * 10, "", v["rtp_header"] + v["rtp_payload"], v["rtp_header"] + wire)
    v = read("rfc7714_s16_srtp_gcm")
    for n, bits in (("16_1_1", 128), ("16_2_1", 256)):
        yield ("RFC 7714 " + n.replace("_", "."), "AEAD_AES_%d_GCM" % bits, "RTP", 0, 0xf17b, v["s%s_key" % n],
               v["salt"], "", v["s%s_in_packet" % n], v["s%s_out_packet" % n])
    v = read("rfc7714_s17_srtcp_gcm")
    for n, bits, clear, sealed in (("17_1", 128, 0, "out"), ("17_2", 256, 0, "in"), ("17_3", 128, 1, "out"),
                                   ("17_4", 256, 1, "in")):
        plain = {"out": "in", "in": "out"}[sealed]
        yield ("RFC 7714 " + n.replace("_", "."), "AEAD_AES_%d_GCM" % bits, "RTCP", clear,
               int(v["srtcp_index"], 16), v["s%s_key" % n], v["salt"], "", v["s%s_%s_packet" % (n, plain)],
               v["s%s_%s_packet" % (n, sealed)])
    v = read("rfc8269_a1_a2_aria")
    head = v["ctr_common_rtp_header"]
    for bits in 128, 256:
        yield ("RFC 8269 A.1", "ARIA_%d_CTR_HMAC_SHA1_80" % bits, "RTP", 0, 0x315e, v["ctr%d_session_key" % bits],
               v["ctr_common_session_salt"], v["ctr_common_authentication_key"], head + v["ctr_common_rtp_payload"],
               head + v["ctr%d_encrypted_rtp_payload" % bits] + v["ctr%d_authentication_tag" % bits])
    for bits in 128, 256:
        yield ("RFC 8269 A.2", "AEAD_ARIA_%d_GCM" % bits, "RTP", 0, 0x315e, v["gcm%d_key" % bits],
               v["gcm_common_encryption_salt"], "", head + v["gcm_common_rtp_payload"],
               head + v["gcm%d_encrypted_rtp_payload" % bits])
    v = read("rfc5669_appA_seed")
    # The tag printed in A.1 is that of the plaintext, without the ROC.
    yield ("RFC 5669 A.1", "SEED_CTR_128_HMAC_SHA1_80", "RTP", 0, 0x315e, v["seed_ctr_session_key"],
           v["seed_ctr_session_salt"], "", head + v["seed_ctr_rtp_payload"], head + v["seed_ctr_encrypted_rtp_payload"])
    for name, suite in (("ccm", "SEED_128_CCM_80"), ("gcm", "SEED_128_GCM_96")):
        yield ("RFC 5669 A.%d" % (2 + (name == "gcm")), suite, "RTP", 0, 0x315e, v["seed_%s_key" % name], "00" * 12, "",
               head + v["seed_%s_payload" % name], head + v["seed_%s_encrypted_rtp_payload" % name] +
               v["seed_%s_authentication_tag" % name])


def keys():
    """(name, suite, master key, master salt, label, session key)"""
    sources = (("RFC 3711 B.3", "AES_CM_128_HMAC_SHA1_80", "rfc3711_b3_kdf_128", ""),
               ("RFC 6188 7.4", "AES_192_CM_HMAC_SHA1_80", "rfc6188_7_4_kdf_192", ""),
               ("RFC 6188 7.2", "AES_256_CM_HMAC_SHA1_80", "rfc6188_7_2_kdf_256", ""),
               ("RFC 8269 A.3", "ARIA_128_CTR_HMAC_SHA1_80", "rfc8269_a3_kdf_aria", "k128_"),
               ("RFC 8269 A.3", "ARIA_256_CTR_HMAC_SHA1_80", "rfc8269_a3_kdf_aria", "k256_"))
    for name, suite, source, prefix in sources:
        v = read(source)
        for label, key in enumerate(("cipher_key", "auth_key", "cipher_salt")):
            yield name, suite, v[prefix + "master_key"], v[prefix + "master_salt"], label, v[prefix + key]
    v = read("rfc6904_appA_hdrext")
    for label, key in ((6, "hdr_cipher_key_label06"), (7, "hdr_cipher_salt_label07")):
        yield "RFC 6904 A", "AES_CM_128_HMAC_SHA1_80", v["master_key"], v["master_salt"], label, v[key]


def streams():
    """(name, suite, session key, salt, [(number of the block, keystream)])"""
    for name, suite, source in (("RFC 3711 B.2", "AES_CM_128_HMAC_SHA1_80", "rfc3711_b2_aes_cm_128"),
                                ("RFC 6188 7.3", "AES_192_CM_HMAC_SHA1_80", "rfc6188_7_3_aes_cm_192"),
                                ("RFC 6188 7.1", "AES_256_CM_HMAC_SHA1_80", "rfc6188_7_1_aes_cm_256")):
        v = read(source)
        blocks = [(int(k[-4:], 16), v[k]) for k in v if k.startswith("ctr_")]
        yield name, suite, v["session_key"], v["salt_shifted"][:28], blocks


def text(octets):
    lines = ["\t\t\"%s\"" % octets[i:i + 64] for i in range(0, len(octets), 64)] or ["\t\t\"\""]
    return "\n".join(lines)


def main():
    print("/* SPDX-License-Identifier: GPL-2.0 */")
    print("/* Made by selftests/vectors/table.py from the texts beside it. */\n")
    print("static const struct srtp_packet_vector srtp_packet_vectors[] __initconst = {")
    for name, suite, kind, clear, index, *octets in packets():
        print("\t{ \"%s\", SRTP_SUITE_%s,\n\t  SRTP_CLASS_%s, %d, %#x," % (name, suite, kind, clear, index))
        print(",\n".join(text(o) for o in octets) + " },")
    print("};\n")
    print("static const struct srtp_key_vector srtp_key_vectors[] __initconst = {")
    for name, suite, key, salt, label, out in keys():
        print("\t{ \"%s\", SRTP_SUITE_%s, %d," % (name, suite, label))
        print(",\n".join(text(o) for o in (key, salt, out)) + " },")
    print("};\n")
    print("static const struct srtp_stream_vector srtp_stream_vectors[] __initconst = {")
    for name, suite, key, salt, blocks in streams():
        print("\t{ \"%s\", SRTP_SUITE_%s,\n%s,\n%s, {" % (name, suite, text(key), text(salt)))
        print(",\n".join("\t\t{ %#x, \"%s\" }" % b for b in blocks) + " } },")
    print("};")


main()
