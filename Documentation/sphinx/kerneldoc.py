# SPDX-License-Identifier: GPL-2.0
"""The directive "kernel-doc": comments that begin with /**, as text.

	.. kernel-doc:: uapi/linux/srtp.h helper/mikey/csb.h

takes files, or patterns, below the top of the tree. A file that has no such comment
is an error, and so is a comment without a summary: a page that silently lost what it
shows would be worse than none.
"""

import glob
import os
import re
import textwrap

from docutils import nodes
from docutils.parsers.rst import Directive
from docutils.statemachine import StringList
from sphinx.util.nodes import nested_parse_with_titles

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COMMENT = re.compile(r"^[ \t]*/\*\*\n(.*?)\*/\n(.*?)(?=^\}|;|\{|\Z)", re.S | re.M)
SUMMARY = re.compile(r"^(?:(struct|enum|union|typedef) )?(\w+)(?:\(\))? - (.*)$")
MEMBER = re.compile(r"^@([\w.\->\[\]]+|\.\.\.): *(.*)$")
RETURN = re.compile(r"^(Returns?): *(.*)$")


def marked_up(text):
    """Words of kernel-doc in terms of reStructuredText."""
    text = re.sub(r"([\\*|`])", r"\\\1", text)
    text = re.sub(r"(\w)_(?=\W|$)", r"\1\\_", text)
    text = re.sub(r"[&%]((?:struct |enum )?\w+)", r"``\1``", text)
    return re.sub(r"(?<![\w@])@(\w+)", r"``\1``", text)


def paragraphs(lines):
    """Runs of lines that belong together; what is indented is literal."""
    out = []
    for block in re.split(r"\n\s*\n", "\n".join(lines)):
        if not block.strip():
            continue
        if all(line.startswith(("\t", "    ")) for line in block.splitlines()):
            out += ["::", "", textwrap.indent(textwrap.dedent(block.expandtabs()), "    "), ""]
        else:
            out += [marked_up(" ".join(block.split())), ""]
    return out


class Comment:
    """One comment, taken apart."""

    def __init__(self, text, declaration, where):
        lines = [re.sub(r"^[ \t]*\* ?", "", line) for line in text.split("\n")]
        while lines and not lines[0].strip():
            lines.pop(0)
        head = self.whole_summary(lines)
        match = SUMMARY.match(head)
        if not match:
            raise ValueError("%s: no summary in the comment: %s" % (where, head))
        self.kind, self.name, self.summary = match.groups()
        self.declaration = " ".join(declaration.split())
        self.members, self.body = [], []
        self.read(lines)

    @staticmethod
    def whole_summary(lines):
        head = lines.pop(0).strip()
        while lines and lines[0].strip() and not MEMBER.match(lines[0]):
            head += " " + lines.pop(0).strip()
        return head

    def read(self, lines):
        current = self.body
        for line in lines:
            match = MEMBER.match(line) or RETURN.match(line)
            if match:
                current = [match[2]]
                self.members.append((match[1], current))
            elif not line.strip():
                current = self.body
                current.append("")
            else:
                current.append(line)

    def signature(self):
        if self.kind:
            return "%s %s" % (self.kind, self.name)
        if "(" in self.declaration and self.name in self.declaration:
            return self.declaration
        return self.name

    def text(self):
        out = [".. rubric:: %s" % marked_up(self.signature()), "",
               marked_up(self.summary), ""]
        for name, doc in self.members:
            out += ["``%s``" % name, "    " + marked_up(" ".join(" ".join(doc).split())), ""]
        return out + paragraphs(self.body)


def comments(path):
    with open(path, encoding="utf-8") as file:
        source = file.read()
    return [Comment(text, declaration, path) for text, declaration in COMMENT.findall(source)]


class KernelDoc(Directive):
    required_arguments = 1
    final_argument_whitespace = True

    def files(self):
        for pattern in self.arguments[0].split():
            found = sorted(glob.glob(os.path.join(TOP, pattern)))
            if not found:
                raise self.error("there is no file %s" % pattern)
            yield from found

    def text(self):
        for path in self.files():
            self.state.document.settings.env.note_dependency(path)
            try:
                here = comments(path)
            except ValueError as error:
                raise self.error(str(error)) from error
            if here:
                yield "**%s**" % os.path.relpath(path, TOP)
                yield ""
            for comment in here:
                yield from comment.text()

    def run(self):
        lines = [line for part in self.text() for line in part.split("\n")]
        if not lines:
            raise self.error("no kernel-doc in %s" % self.arguments[0])
        node = nodes.section()
        node.document = self.state.document
        nested_parse_with_titles(self.state, StringList(lines, self.arguments[0]), node)
        return node.children


def setup(app):
    app.add_directive("kernel-doc", KernelDoc)
    return {"parallel_read_safe": True}
