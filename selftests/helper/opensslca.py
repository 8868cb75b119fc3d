# SPDX-License-Identifier: GPL-2.0
"""A certification authority for tests, made with the openssl program when it is needed."""

import itertools
import os
import shutil
import subprocess

# Keys that are made when the tests are built: in an emulator each takes seconds.
READY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../build/selftests/rsa")
numbers = itertools.count(1)


def openssl(*args):
    subprocess.run(("openssl",) + args, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def rsa_key(path, bits):
    """No two of a program are the same."""
    ready = os.path.join(READY, "%d-%d.pem" % (bits, next(numbers)))
    if os.path.exists(ready):
        shutil.copyfile(ready, path)
    else:
        openssl("genrsa", "-out", path, str(bits))
    os.chmod(path, 0o600)


class Authority:
    """A root, and certificates of it, as files of a directory."""

    def __init__(self, directory, name="ca"):
        self.dir, self.name, self.serial = directory, name, 100
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-sha256", "-days", "30",
                "-subj", "/CN=" + name, "-keyout", self.path(name + ".key"),
                "-out", self.path(name + ".pem"))

    def path(self, name):
        return os.path.join(self.dir, name)

    @property
    def pem(self):
        return self.path(self.name + ".pem")

    def issue(self, name, names, bits=2048, days=30, key_of=None):
        """A certificate, and a key unless it is that of another one: paths of both."""
        key, pem, req = (self.path(name + end) for end in (".key", ".pem", ".req"))
        ext = self.path(name + ".ext")
        self.serial += 1
        if key_of:
            key = key_of
        else:
            rsa_key(key, bits)
        openssl("req", "-new", "-key", key, "-subj", "/CN=" + name, "-out", req)
        with open(ext, "w", encoding="ascii") as f:
            f.write("subjectAltName=%s\n" % names)
        openssl("x509", "-req", "-in", req, "-CA", self.pem, "-CAkey",
                self.path(self.name + ".key"), "-set_serial", str(self.serial), "-sha256",
                "-days", str(days), "-extfile", ext, "-out", pem)
        return pem, key

    def revoke(self, pem):
        """A revocation list with that certificate: its path."""
        conf, index, crl = (self.path(n) for n in ("crl.cnf", "index.txt", "crl.pem"))
        with open(conf, "w", encoding="ascii") as f:
            f.write("[ca]\ndefault_ca=d\n[d]\ndatabase=%s\ndefault_md=sha256\n"
                    "default_crl_days=30\n" % index)
        with open(index, "w", encoding="ascii"):
            pass
        common = ("-config", conf, "-cert", self.pem, "-keyfile", self.path(self.name + ".key"))
        openssl("ca", *common, "-revoke", pem)
        openssl("ca", *common, "-gencrl", "-out", crl)
        return crl
