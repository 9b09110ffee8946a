"""Arbitrary homes for hypothesis, drawn from the tables that the reader and the writer walk."""

from __future__ import annotations

import typing
from typing import Any
from xml.etree import ElementTree

from hypothesis import strategies as st

from scenes.home.basics import Element
from scenes.home.fields import Child, Color, Numbers, layout
from scenes.home.furniture import FurnitureGroup
from scenes.home.home import Camera, Home
from scenes.home.tags import CLASSES

MAX_GROUPS = 3

texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn"], include_characters="\n\t", exclude_characters="\ufffe\uffff"),
    max_size=8,
)
"""Any characters that XML keeps as they are."""

floats = st.floats(allow_nan=False, allow_infinity=False)
names = st.from_regex(r"x[a-zA-Z][a-zA-Z0-9]{0,5}", fullmatch=True)
"""Names of attributes and elements that no home has."""

_VALUES: dict[Any, st.SearchStrategy[Any]] = {
    str: texts,
    float: floats,
    int: st.integers(-(2**40), 2**40),
    bool: st.booleans(),
    Color: st.integers(0, 0xFFFFFFFF).map(Color),
    Numbers: st.lists(floats, max_size=4).map(lambda values: Numbers(tuple(values))),
}


@st.composite
def unknown_children(draw: st.DrawFn) -> str:
    """An element that the reader does not know, as it keeps it."""
    element = ElementTree.Element(draw(names), draw(st.dictionaries(names, texts, max_size=2)))
    if draw(st.booleans()):
        ElementTree.SubElement(element, draw(names)).text = (
            draw(texts.filter(str.strip)) if draw(st.booleans()) else None
        )
    return ElementTree.tostring(element, encoding="unicode")


@st.composite
def elements(draw: st.DrawFn, cls: type[Element], role: str | None = None, depth: int = 0) -> Any:
    """An element of a class with any values; `role`: what a camera is for."""
    hints = typing.get_type_hints(cls)
    table = layout(cls)
    values: dict[str, Any] = {}
    for entry in table.attributes.values():
        if entry.required or draw(st.booleans()):
            values[entry.key] = draw(_value(hints[entry.key]))
    if issubclass(cls, Camera):
        values["role"] = role or draw(st.sampled_from(["topCamera", "observerCamera", "storedCamera"]))
    if table.text:
        values[table.text] = draw(texts)
    for slot in table.children:
        values[slot.key] = draw(_children(slot, depth))
    values["unknown_attributes"] = tuple(draw(st.dictionaries(names, texts, max_size=1)).items())
    values["unknown_children"] = tuple(draw(st.lists(unknown_children(), max_size=1)))
    return cls(**values)


def homes() -> st.SearchStrategy[Home]:
    """A home with anything in it."""
    return elements(Home)


def _value(hint: Any) -> st.SearchStrategy[Any]:
    options = [option for option in typing.get_args(hint) if option is not type(None)]
    if not options or hint in _VALUES:
        return _VALUES[hint]
    return _VALUES[options[0]]


def _children(slot: Child, depth: int) -> st.SearchStrategy[Any]:
    classes = [CLASSES[tag] for tag in slot.tags]
    if depth >= MAX_GROUPS:
        classes = [cls for cls in classes if cls is not FurnitureGroup]
    one = st.one_of([elements(cls, slot.role, depth + 1) for cls in classes])
    return st.lists(one, max_size=2 if depth == 0 else 1).map(tuple) if slot.many else st.none() | one
