"""`Home.xml` -> `Home`. Walks the tables of `fields.layout`; knows no element by name but `home`."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any
from xml.etree import ElementTree

from scenes.errors import HomeError
from scenes.home.basics import Element
from scenes.home.fields import Child, FieldError, layout
from scenes.home.home import Home
from scenes.home.tags import CLASSES
from scenes.limits import MIB, require_within
from scenes.safe_xml import parse_xml


def parse_home_xml(data: bytes) -> tuple[Home, list[str]]:
    """Reads the bytes of a `Home.xml`.

    Returns the home and warnings: elements left out because an attribute is missing or senseless, and attributes or
    elements that are kept without being understood.

    Raises:
        HomeError: not XML, not a home, or a document that defines entities.
    """
    require_within("xml_mib", len(data) / MIB, "Home.xml")
    root = parse_xml(data, "Home.xml", "; open and save the home in Sweet Home 3D")
    if root.tag != "home":
        raise HomeError(f"Home.xml holds <{root.tag}>, not <home>")
    reader = _Reader()
    try:
        home = reader.read(root, Home)
    except FieldError as error:
        raise HomeError(f"Home.xml: {error}") from error
    return home, reader.all_warnings()


class _Reader:
    """One pass over a document; collects warnings."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.unknown: Counter[str] = Counter()

    def all_warnings(self) -> list[str]:
        kept = [f"kept but not understood: {what} ({count} times)" for what, count in sorted(self.unknown.items())]
        return self.warnings + kept

    def read(self, node: ElementTree.Element, cls: type[Element]) -> Any:
        """The element of class `cls` that `node` says; FieldError names what is wrong with it."""
        table = layout(cls)
        values: dict[str, Any] = {}
        unknown: list[tuple[str, str]] = []
        for name, text in node.attrib.items():
            if name in table.attributes:
                known = table.attributes[name]
                try:
                    value = known.parse(text)
                    _require_finite(value)
                except FieldError as error:
                    if known.required:
                        raise FieldError(f"{_describe(node)}: {name} {error}") from None
                    self.warnings.append(f"{_describe(node)}: {name} {error}; ignored")
                    continue
                values[known.key] = value
            elif name != "attribute":
                unknown.append((name, text))
                self.unknown[f"attribute {name} of {node.tag}"] += 1
        missing = [a.name for a in table.attributes.values() if a.required and a.key not in values]
        if missing:
            raise FieldError(f"{_describe(node)}: {' and '.join(missing)} missing")
        values.update(self._read_children(node, cls))
        return cls(unknown_attributes=tuple(unknown), **values)

    def _read_children(self, node: ElementTree.Element, cls: type[Element]) -> dict[str, Any]:
        table = layout(cls)
        values: dict[str, Any] = {}
        lists: dict[str, list[Any]] = {}
        unknown: list[str] = []
        for kid in node:
            slot = _slot(table.children, kid)
            if slot is None:
                if table.text == kid.tag:
                    values[table.text] = kid.text or ""
                else:
                    unknown.append(_raw(kid))
                    self.unknown[f"element {kid.tag} in {node.tag}"] += 1
                continue
            try:
                element = self.read(kid, CLASSES[kid.tag])
            except FieldError as error:
                self.warnings.append(f"left out {error}")
                continue
            if slot.many:
                lists.setdefault(slot.key, []).append(element)
            else:
                values[slot.key] = element
        if unknown:
            values["unknown_children"] = tuple(unknown)
        return values | {key: tuple(elements) for key, elements in lists.items()}


def _raw(node: ElementTree.Element) -> str:
    """The text of an element, less the white space between its children: what indenting adds is not content."""
    for part in node.iter():
        part.text = part.text if part.text and part.text.strip() else None
        part.tail = part.tail if part.tail and part.tail.strip() and part is not node else None
    return ElementTree.tostring(node, encoding="unicode")


def _slot(slots: tuple[Child, ...], kid: ElementTree.Element) -> Child | None:
    """The field that a child goes to, by its tag and its role."""
    role = kid.get("attribute")
    matching = [slot for slot in slots if kid.tag in slot.tags]
    return next((slot for slot in matching if slot.role == role), None) or next(
        (slot for slot in matching if slot.role is None or role is None), None
    )


def _require_finite(value: Any) -> None:
    numbers = value if isinstance(value, tuple) else (value,)
    if any(isinstance(number, float) and not math.isfinite(number) for number in numbers):
        raise FieldError("is not a finite number")


def _describe(node: ElementTree.Element) -> str:
    """`wall 'wall-3f'`, as a user finds it in the file."""
    label = node.get("name") or node.get("id")
    return f"{node.tag} {label!r}" if label else node.tag
