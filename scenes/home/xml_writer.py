"""`Home` -> `Home.xml`. The reverse of `xml_reader`, from the same tables."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import defusedxml.ElementTree

from scenes.errors import HomeError
from scenes.home.basics import Element
from scenes.home.fields import layout
from scenes.home.home import Home
from scenes.home.tags import TAGS

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def format_home_xml(home: Home) -> bytes:
    """The bytes of `Home.xml`. Attributes at their default are left out.

    Raises:
        HomeError: a text holds a character that XML cannot hold.
    """
    root = _node(home, None)
    ElementTree.indent(root)
    return b"<?xml version='1.0' encoding='UTF-8'?>\n" + ElementTree.tostring(root, encoding="utf-8") + b"\n"


def _node(element: Element, role: str | None) -> ElementTree.Element:
    table = layout(type(element))
    node = ElementTree.Element(TAGS[type(element)])
    if role is not None and "attribute" not in table.attributes:
        node.set("attribute", role)
    for entry in table.attributes.values():
        value = getattr(element, entry.key)
        if value is not None and (entry.required or value != entry.default):
            node.set(entry.name, _text(entry.format(value)))
    for name, text in element.unknown_attributes:
        node.set(name, _text(text))
    if table.text:
        ElementTree.SubElement(node, table.text).text = _text(getattr(element, table.text))
    for slot in table.children:
        held: Any = getattr(element, slot.key)
        for kid in held if slot.many else [held] * (held is not None):
            node.append(_node(kid, slot.role))
    node.extend(defusedxml.ElementTree.fromstring(raw) for raw in element.unknown_children)
    return node


def _text(text: str) -> str:
    bad = _NOT_IN_XML.search(text)
    if bad:
        raise HomeError(f"{text!r} holds {bad.group()!r}, which XML cannot; remove it")
    return text
