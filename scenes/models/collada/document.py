"""A Collada document: its elements by id, and the numbers in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np

from scenes.errors import HomeError
from scenes.mesh import Floats, Ints
from scenes.safe_xml import parse_xml

Element = ElementTree.Element

_SPACE = re.compile(r"\s")
_CHARACTERS_AT_ONCE = 2**20


@dataclass(frozen=True)
class Document:
    """The root, with the namespace taken off all tags, and what has an id, by tag and id."""

    root: Element
    by_id: dict[tuple[str, str], Element]

    @classmethod
    def parse(cls, data: bytes) -> Document:
        """Read a document.

        Raises:
            HomeError: not well-formed XML, over a limit, or no Collada.
        """
        root = parse_xml(data, "the Collada model")
        by_id: dict[tuple[str, str], Element] = {}
        for element in root.iter():
            element.tag = element.tag.rpartition("}")[2]
            if "id" in element.attrib:
                by_id.setdefault((element.tag, element.attrib["id"]), element)
        if root.tag != "COLLADA":
            raise HomeError(f"the Collada model holds <{root.tag}>, not <COLLADA>")
        return cls(root, by_id)

    def target(self, url: str | None, tag: str) -> Element | None:
        """Return the element of this kind that a `url`, `source` or `target` names; None if it is not there."""
        return self.by_id.get((tag, (url or "").removeprefix("#")))


def floats(element: Element | None) -> Floats:
    """Return the numbers of an element, (N,); none where there is no element."""
    return np.concatenate([np.array(words, np.float64) for words in _words(element)])


def integers(element: Element | None) -> Ints:
    """Return the whole numbers of an element, (N,)."""
    return np.concatenate([np.array(words, np.int64) for words in _words(element)])


def whole(element: Element, name: str, otherwise: int) -> int:
    """Return an attribute that is a whole number from 0."""
    value = int(element.get(name, otherwise))
    if value < 0:
        raise HomeError(f"the Collada model is damaged: {name}={value} in <{element.tag}>")
    return value


def _words(element: Element | None) -> Iterator[list[str]]:
    """The words of an element, some at a time: as strings they take thirty times the memory of the text."""
    text = (element.text or "") if element is not None else ""
    start = 0
    while start < len(text):
        space = _SPACE.search(text, start + _CHARACTERS_AT_ONCE)
        end = space.start() if space else len(text)
        yield text[start:end].split()
        start = end
    yield []
