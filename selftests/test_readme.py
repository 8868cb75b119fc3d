#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""README.md, CONTRIBUTING.md and the book, as far as the host can tell if they are true.

Of the blocks, see blocks.py,

    target      only name targets of make; they are looked for, and not run here
    build       the targets of make are run with DESTDIR, as far as they need no kernel;
                the packages that are named are compared with deps.sh
    packages    are run by "make check-packages" in clean roots, as far as they change
                the machine; the target is looked for
    compile     are compiled
    camera      is run by kernel/test_rtsp_gstreamer.py

and the rest is for kernel/test_text.py in the guest.
"""

import os
import re
import subprocess
import sys
import tempfile

import blocks
from blocks import TOP

TEXTS = ["README.md", "CONTRIBUTING.md", "Documentation/tutorial.rst"]
WORDS = {"target", "build", "packages", "compile", "alice", "bob", "both", "shell", "camera"}
INSTALLED = """sbin/mikey-helper libexec/mikey-fetch include/linux/srtp.h share/pkgconfig/ksrtp.pc
    lib/systemd/system/mikey-helper.service share/man/man8/mikey-helper.8
    share/man/man8/mikey-fetch.8 share/man/man5/mikey.conf.5 share/man/man7/srtp.7
    share/bash-completion/completions/mikey-helper""".split()


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        return file.read()


def run(*command, **more):
    done = subprocess.run(command, cwd=TOP, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, **more)
    if done.returncode:
        raise AssertionError("%s:\n%s" % (" ".join(command), done.stdout))
    return done.stdout


def targets():
    phony = re.search(r"^\.PHONY:((?:.*\\\n)*.*)$", read("Makefile"), re.M)[1]
    return set(phony.replace("\\\n", " ").split())


def every_block():
    for path in TEXTS:
        yield from blocks.read(path)


def marks_are_known():
    for block in every_block():
        if not block.words or block.words[0] not in WORDS:
            raise AssertionError("%s: run: %s" % (block.where, " ".join(block.words)))


def named_targets_exist():
    found = 0
    for block in every_block():
        for line in re.findall(r"^make\b([^#&\n]*)", block.text, re.M):
            for word in line.split():
                found += 1
                if "=" not in word and word not in targets():
                    raise AssertionError("%s: make %s" % (block.where, word))
    assert found > 5, "no targets were found"


def help_lists_all():
    listed = {line.split()[0] for line in run("make", "-s", "help").splitlines()}
    assert listed == targets(), "differ: %s" % (listed ^ targets())


def packages_are_those_of_the_build():
    block, = blocks.marked("README.md", "build")
    known = {line.split()[1] for line in read("selftests/deps.sh").splitlines()
             if line.startswith("build\t")}
    apt = block.text.replace("\\\n", " ").splitlines()[0]
    named = set(re.findall(r"lib[\w.-]+-dev\b", apt))
    wanted = {name for name in known if name.startswith("lib") and name.endswith("-dev")}
    wanted -= {"libc6-dev", "libnl-3-dev"}      # which others of them depend on
    assert named == wanted, "differ: %s" % (named ^ wanted)


def programs_compile():
    done = blocks.marked("README.md", "compile")
    assert done, "there is no program"
    for block in done:
        run("gcc", "-Wall", "-Wextra", "-Werror", "-Iuapi", "-xc", "-c", "-o", "/dev/null", "-",
            input=block.text)


def example_compiles():
    run("gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-Iuapi", "-o", "/dev/null",
        "Documentation/examples/rtp-talk.c")


def installs_all():
    with tempfile.TemporaryDirectory() as root:
        run("make", "-s", "install", "DESTDIR=" + root, "PREFIX=/usr")
        for name in INSTALLED:
            path = os.path.join(root, "usr", name)
            assert os.path.getsize(path), "%s is empty" % name
        flags = run("pkg-config", "--cflags", "--modversion",
                    os.path.join(root, "usr/share/pkgconfig/ksrtp.pc"))
        assert re.search(r"^\d+\.\d+", flags, re.M), flags
        with open(os.path.join(root, "usr/lib/systemd/system/mikey-helper.service"),
                  encoding="ascii") as unit:
            assert "ExecStart=/usr/sbin/mikey-helper daemon" in unit.read()


def versions_agree():
    version = re.search(r'^PACKAGE_VERSION="(.*)"', read("dkms.conf"), re.M)[1]
    assert read("debian/changelog").startswith("ksrtp (%s)" % version), "debian/changelog"
    assert "VERSION ?= %s\n" % version in read("helper/build.mk"), "helper/build.mk"


def links_lead_somewhere():
    found = 0
    for path in ("README.md", "CONTRIBUTING.md"):
        for link in re.findall(r"\]\(([^)#:]+)(?:#[\w-]*)?\)", read(path)):
            found += 1
            assert os.path.exists(os.path.join(TOP, link)), "%s: %s" % (path, link)
    assert found > 5, "no links were found"


def book_is_made():
    run("make", "-s", "docs")


TESTS = [
    ("every block of commands says how it is tested", marks_are_known),
    ("the targets of make in the texts exist", named_targets_exist),
    ("make help lists every target", help_lists_all),
    ("the packages that README names are those of the build", packages_are_those_of_the_build),
    ("the C of README compiles", programs_compile),
    ("the example compiles", example_compiles),
    ("make install installs program, header, pc file, unit, manual, completion", installs_all),
    ("all versions are the same", versions_agree),
    ("the links of README and CONTRIBUTING lead to files", links_lead_somewhere),
    ("make docs makes the book without a warning", book_is_made),
]


def main():
    failed = 0
    print("KTAP version 1\n1..%d" % len(TESTS))
    for number, (name, function) in enumerate(TESTS, 1):
        try:
            function()
            print("ok %d text: %s" % (number, name), flush=True)
        except (AssertionError, ValueError, OSError) as error:
            failed += 1
            for line in str(error).splitlines():
                print("# " + line)
            print("not ok %d text: %s" % (number, name), flush=True)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
