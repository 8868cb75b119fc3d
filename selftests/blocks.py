# SPDX-License-Identifier: GPL-2.0
"""The commands and programs in a text, each with what is to be done with it.

A mark stands before each block that has a language:

    <!-- run: WORDS -->             .. run: WORDS
    ```sh                           .. code-block:: sh

A block without a mark is an error, so that none escapes its test. What the words
mean is said where they are used: test_readme.py, kernel/test_text.py.
"""

import os
import re
import textwrap

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MARKDOWN = re.compile(r"(?:^<!-- run: (?P<mark>[^\n]*?) -->\n)?^```(?P<lang>\w+)\n(?P<text>.*?)^```$",
                      re.S | re.M)
RST = re.compile(r"(?:^\.\. run: (?P<mark>[^\n]*)\n)?^\.\. code-block:: (?P<lang>\w+)\n\n"
                 r"(?P<text>(?:(?:   [^\n]*)?\n)+)", re.M)


class Block:
    def __init__(self, path, line, mark, lang, text):
        self.where = "%s:%d" % (path, line)
        self.words = mark.split()
        self.lang, self.text = lang, text


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        text = file.read()
    blocks = []
    for match in (MARKDOWN if path.endswith(".md") else RST).finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        if not match["mark"]:
            raise ValueError("%s:%d: a block without a mark" % (path, line))
        blocks.append(Block(path, line, match["mark"], match["lang"],
                            textwrap.dedent(match["text"])))
    return blocks


def marked(path, word):
    return [block for block in read(path) if word in block.words]
