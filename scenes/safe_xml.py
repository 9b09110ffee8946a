"""XML out of a file from elsewhere: no DTD, no entities, and within limits of size, elements and depth."""

from __future__ import annotations

from xml.etree import ElementTree

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from scenes.errors import HomeError
from scenes.limits import limits, require_within

_CHUNK = 2**20


def parse_xml(data: bytes, what: str, hint: str = "") -> ElementTree.Element:
    """Return the root of a document, parsed piece by piece, so that Ctrl-C is heard.

    `what` is the subject of errors, `hint` what a user may do about a damaged document.

    Raises:
        HomeError: not well-formed, over a limit, or a document that defines entities.
    """
    parser = defusedxml.ElementTree.DefusedXMLParser(target=_CountingBuilder(what), forbid_dtd=True)
    try:
        for start in range(0, len(data), _CHUNK):
            parser.feed(data[start : start + _CHUNK])
        root: ElementTree.Element = parser.close()
    except DefusedXmlException as error:
        raise HomeError(f"{what} declares a DTD or entities, which none needs: {error}") from error
    except HomeError:
        raise
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise HomeError(f"{what} is not well-formed XML ({error}){hint}") from error
    return root


class _CountingBuilder(ElementTree.TreeBuilder):
    """Builds a document, as long as it is within limits."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self.what = what
        self.count = self.depth = 0
        self.most, self.deepest = limits().elements, limits().nesting

    def start(self, tag: str, attributes: dict[str, str], /) -> ElementTree.Element:
        self.count, self.depth = self.count + 1, self.depth + 1
        if self.count > self.most:
            require_within("elements", self.count, self.what)
        if self.depth > self.deepest:
            require_within("nesting", self.depth, self.what)
        return super().start(tag, attributes)

    def end(self, tag: str, /) -> ElementTree.Element:
        self.depth -= 1
        return super().end(tag)
