#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The table of requirements: the files and the checks that it names are there, every row
has a check or says why not, and every number that the sources use has a row."""

import glob
import os
import re

from mikeytool import begin, check, end, equal

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
BOOK = "Documentation/requirements.rst"
NUMBER = re.compile(r"\b(?:REQ-\d{3}|T-\d{2})\b")
# Blocks of numbers: between them there are none.
BLOCKS = [("REQ-", 3, *block) for block in (
    (1, 31), (35, 41), (50, 57), (60, 70), (75, 87), (90, 103), (110, 118), (120, 133),
    (140, 158), (165, 171), (180, 192), (200, 209), (215, 217),
    (220, 247))] + [("T-", 2, 1, 59)]
EXCUSE = re.compile(r"not done|not tested|nothing")


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        return file.read()


def joined(text):
    """One line; a string literal that goes on in the next line is one."""
    return re.sub(r"\s+", " ", re.sub(r'"\s*\n\s*f?"', "", text))


def rows():
    """The five cells of each row, each on one line."""
    for row in re.split(r"^   \* - ", read(BOOK), flags=re.M)[1:]:
        cells = [joined(cell).strip() for cell in re.split(r"^     - ", row, flags=re.M)]
        if cells[0] != "number":
            yield cells


def numbers(text):
    """Those that a first cell names, "REQ-110 to REQ-118" among them."""
    span = re.fullmatch(r"REQ-(\d+) to REQ-(\d+)", text)
    if span:
        return ["REQ-%03d" % n for n in range(int(span[1]), int(span[2]) + 1)]
    return NUMBER.findall(text)


def file_there(name):
    return any(os.path.isfile(os.path.join(TOP, folder, name)) for folder in ("helper", ""))


def sources():
    """The text of each test program, by its name."""
    found = {}
    for path in glob.glob(os.path.join(TOP, "selftests/*/test_*")):
        name, suffix = os.path.splitext(os.path.basename(path))
        if suffix in (".c", ".py", ".sh"):
            found[name] = joined(read(path))
    return found


def used_numbers():
    """Those in comments and in names of checks."""
    paths = [path for folder in ("helper", "kmod", "selftests")
             for suffix in ("c", "h", "py", "sh")
             for path in glob.glob("%s/**/*.%s" % (folder, suffix), root_dir=TOP, recursive=True)]
    paths.remove("selftests/helper/test_helper_requirements.py")
    return {number for path in paths for number in NUMBER.findall(read(path))}


begin()
table, programs = list(rows()), sources()
check(len(table) > 150 and all(len(cells) == 5 for cells in table), "rows of five cells",
      [cells[0] for cells in table if len(cells) != 5])
listed = [number for cells in table for number in numbers(cells[0])]
equal(listed, ["%s%0*d" % (kind, digits, n) for kind, digits, first, last in BLOCKS
               for n in range(first, last + 1)], "each number has one row, in order")
equal(sorted(used_numbers() - set(listed)), [],
      "each number in a comment or a check has a row")
equal([(cells[0], name) for cells in table for name in re.findall(r"``(.*?)``", cells[3])
       if not file_there(name)], [], "each file is there")
named = [(cells[0], *pair) for cells in table
         for pair in re.findall(r"``(test_\w+)``: ``(.*?)``", cells[4])]
check(len(named) > 200, "the checks are found", len(named))
equal([row for row in named if row[1] not in programs], [], "each test program is there")
equal([row for row in named if row[2] not in programs.get(row[1], "")], [],
      "each check is in its test program")
equal([cells[0] for cells in table if not EXCUSE.search(cells[4]) and
       cells[0] not in {row[0] for row in named}], [], "each row has a check, or says why not")
equal([cells[0] for cells in table if cells[3] == "none" and not EXCUSE.search(cells[4])], [],
      "a row without code says why")
end()
