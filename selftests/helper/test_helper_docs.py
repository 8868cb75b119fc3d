#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What the documents say of mikey-helper's reasons, options, events and commands, against
its sources; and its completion, against its help."""

import glob
import os
import re
import subprocess

from helpercli import HELPER, HERE, helper
from mikeytool import begin, check, end, equal

TOP = os.path.join(HERE, "../..")
CLASSES = "OK USAGE MALFORMED AUTH POLICY REPLAY UNSUPPORTED SYSTEM PEER NO_ANSWER".split()


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        return file.read()


SOURCES = {path: read(path) for path in glob.glob("helper/**/*.[ch]", root_dir=TOP, recursive=True)}
CODE = "".join(SOURCES.values())
BOOK = read("Documentation/mikey-helper.rst")
# A backslash before a hyphen is for troff only
CONF = read("helper/man/mikey.conf.5").replace("\\-", "-")


def section(title):
    """From a heading of the book to the next one."""
    return re.search(r"^%s\n=+\n(.*?)(?=^[^\n]+\n=+\n(?!=)|\Z)" % title, BOOK, re.M | re.S)[1]


def written_reasons():
    """Reason and exit status, wherever the sources have both beside each other."""
    rows = re.findall(r'X\(\w+,\s*"([a-z-]+)",\s*(\w+),', SOURCES["helper/mikey/reason.h"])
    rows += [(word, name) for name, word in
             re.findall(r'MIKEY_EXIT_(\w+),\s*"([a-z-]+)"', CODE)]
    return {(word, CLASSES.index(name)) for word, name in rows}


def told_reasons():
    """The same, from the table of the book."""
    status, found = None, set()
    for line in section("Exit status and reasons").splitlines():
        status = int(line[0]) if re.match(r"\d ", line) else status
        found |= {(word, status) for word in re.findall(r"``([a-z0-9-]+)``", line)}
    return {(word, status) for word, status in found if word != "--json"} | {("ok", 0)}


def reasons():
    written, told = written_reasons(), told_reasons()
    equal(sorted(written - told), [], "each reason is in the book, under its exit status")
    equal(sorted(word for word, _ in told if '"%s"' % word not in CODE), [],
          "each reason in the book is one that the sources have")
    statuses = {}
    for word, status in told | written:
        statuses.setdefault(word, set()).add(status)
    equal(sorted(word for word, found in statuses.items() if len(found) > 1), [],
          "no reason has two exit statuses")


def options():
    names = set(re.findall(r'^\t\{ "([a-z-]+)", read', SOURCES["helper/option.c"], re.M))
    told = {name for line in re.findall(r"^\.TP\n(\.BR? .*)", CONF, re.M)
            for name in re.findall(r"[a-z-]{3,}", line)}
    check(len(names) > 30, "the options of the configuration are found", names)
    equal(sorted(names - told), [], "each option of the configuration is in mikey.conf(5)")
    equal(sorted(told - names), [], "mikey.conf(5) has no others")
    book = section("Configuration")
    equal(sorted(name for name in names if not re.search(r"(^|``)%s(``|\s|$)" % name, book, re.M)),
          [], "each option of the configuration is in the book")


def values():
    """The words that options take, and how the book writes them."""
    tables = re.findall(r"static const struct word \w+\[\] = \{(.*?)\n\};", SOURCES["helper/option.c"],
                        re.S)
    words = {word for table in tables for word in re.findall(r'"([a-z0-9-]+)"', table)}
    check(len(words) > 20, "the words of options are found", words)
    equal(sorted(word for word in words if "``%s``" % word not in BOOK and
                 not re.search(r"\b%s\b" % re.escape(word), section("Configuration"))), [],
          "each word that an option takes is in the book")
    equal(sorted(word for word in words if not re.search(r"\b%s\b" % re.escape(word), CONF)), [],
          "each word that an option takes is in mikey.conf(5)")


def events():
    names = set(re.findall(r'log_(?:event|session|call|bundle)\([^;"]*?"([a-z-]+)"', CODE))
    check(len(names) > 15, "the events of the daemon are found", names)
    told = section("The daemon")
    equal(sorted(name for name in names if not re.search(r"(^|``)%s(``|\s)" % name, told, re.M)),
          [], "each event of the daemon is in the book")


def commands():
    return re.findall(r"^  ([a-z-]+) ", helper("help").out.decode(), re.M)


def long_options(command):
    """Those that its source gives to getopt_long()."""
    text = next(text for path, text in SOURCES.items()
                if path.endswith(".c") and re.search(r'\.name = "%s",' % command, text))
    text = SOURCES["helper/mediate.c"] if '"mediate.h"' in text else text
    return set(re.findall(r'\{ "([a-z-]+)", (?:no|required)_argument', text))


def refuses(command, option):
    """A usage error that says so, not one about the value or what else is missing."""
    result = helper(command, "--" + option, "1")
    return result.status == 1 and result.reason() == "usage" and \
        re.search("is no option|no such option", result.err)


def completed(*words):
    """What the completion offers after these words."""
    script = "\n".join((
        "mikey-helper() { \"$HELPER\" \"$@\"; }", "compopt() { :; }",
        ". %s" % os.path.join(TOP, "helper/mikey-helper.bash"),
        "COMP_WORDS=(mikey-helper %s)" % " ".join(words),
        "COMP_CWORD=%d" % len(words), "_mikey_helper", "printf '%s\\n' \"${COMPREPLY[@]}\""))
    done = subprocess.run(["bash", "-c", script], env={**os.environ, "HELPER": HELPER}, text=True,
                          stdout=subprocess.PIPE, check=True)
    return set(done.stdout.split())


def command_lines():
    page = read("helper/man/mikey-helper.8").replace("\\-", "-")
    names = [name for name in commands() if name not in ("help", "version")]
    check(len(names) > 15, "the commands are found", names)
    equal(sorted(name for name in names if name not in page), [],
          "each command is in mikey-helper(8)")
    equal(completed("''") - {"--json", "--help", "--version"}, set(commands()),
          "the completion knows the commands")
    for name in names:
        told = helper("help", name).out.decode()
        known = set(re.findall(r"--([a-z-]+)", told)) - {"json"}
        given = long_options(name)
        equal(sorted(known - given), [], "%s: its help tells no other options than it has" % name)
        equal(sorted(option for option in given - known if not refuses(name, option)), [],
              "%s: what its help does not tell is no option" % name)
        equal(sorted(known - {word[2:] for word in completed(name, "--")}), [],
              "%s: the completion offers them" % name)


begin()
reasons()
options()
values()
events()
command_lines()
end()
