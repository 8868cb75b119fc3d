# SPDX-License-Identifier: GPL-2.0
"""The directive "netlink-spec": a reference of a netlink family from its YAML file.

	.. netlink-spec:: netlink/specs/srtp.yaml
"""

import os

import yaml
from docutils import nodes
from docutils.parsers.rst import Directive
from docutils.statemachine import StringList
from sphinx.util.nodes import nested_parse_with_titles

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def title(text, line):
    return [text, line * len(text), ""]


def flat(text):
    return " ".join((text or "").split())


def term(name, kind, doc):
    return ["``%s``%s" % (name, " (%s)" % kind if kind else ""), "    " + (flat(doc) or "\\"), ""]


def constants(spec):
    yield from title("Constants", "=")
    for item in spec["definitions"]:
        if item["type"] == "const":
            yield from term("%s = %s" % (item["name"], item["value"]), "", item.get("doc"))


def enumerations(spec):
    yield from title("Enumerations", "=")
    for item in spec["definitions"]:
        if item["type"] not in ("enum", "flags"):
            continue
        yield from title(item["name"], "-")
        yield flat(item.get("doc"))
        yield ""
        for number, entry in enumerate(item["entries"], item.get("value-start", 0)):
            if isinstance(entry, str):
                entry = {"name": entry}
            yield from term(entry["name"], str(entry.get("value", number)), entry.get("doc"))


def kind(attribute):
    words = [attribute.get("type", "")]
    if "enum" in attribute:
        words.append(attribute["enum"])
    if "nested-attributes" in attribute:
        words.append(attribute["nested-attributes"])
    words += ["%s %s" % pair for pair in attribute.get("checks", {}).items()]
    return ", ".join(word for word in words if word)


def attributes(spec):
    yield from title("Attributes", "=")
    for item in spec["attribute-sets"]:
        yield from title(item["name"], "-")
        if item.get("doc"):
            yield flat(item["doc"])
            yield ""
        for attribute in item["attributes"]:
            if attribute.get("type") not in ("pad", "unused"):
                yield from term(attribute["name"], kind(attribute), attribute.get("doc"))


def message(label, part):
    names = (part or {}).get("attributes") or []
    if names:
        yield "%s: %s" % (label, ", ".join("``%s``" % name for name in names))
        yield ""


def operations(spec):
    yield from title("Operations", "=")
    for item in spec["operations"]["list"]:
        yield from title(item["name"], "-")
        yield flat(item.get("doc"))
        yield ""
        yield "Attributes of the set %s." % item.get("attribute-set")
        yield ""
        for how in ("do", "dump"):
            for part in ("request", "reply"):
                yield from message("%s %s" % (how, part), item.get(how, {}).get(part))
        yield from message("event", item.get("event"))


class NetlinkSpec(Directive):
    required_arguments = 1

    def run(self):
        path = os.path.join(HERE, self.arguments[0])
        self.state.document.settings.env.note_dependency(path)
        with open(path, encoding="utf-8") as file:
            spec = yaml.safe_load(file)
        lines = []
        for block in spec["doc"].split("\n\n"):
            lines += [flat(block), ""]
        for part in (operations, attributes, enumerations, constants):
            lines += list(part(spec))
        node = nodes.section()
        node.document = self.state.document
        nested_parse_with_titles(self.state, StringList(lines, path), node)
        return node.children


def setup(app):
    app.add_directive("netlink-spec", NetlinkSpec)
    return {"parallel_read_safe": True}
