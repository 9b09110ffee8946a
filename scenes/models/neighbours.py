"""The files beside a model: material libraries and images, by the names that programs write for them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PureWindowsPath

from scenes.home.reader import Contents

_OPTIONS = {
    "-blendu": 1, "-blendv": 1, "-bm": 1, "-boost": 1, "-cc": 1, "-clamp": 1, "-imfchan": 1, "-mm": 2, "-texres": 1,
    "-type": 1,
}  # fmt: skip
"""Options of a map in an MTL, and how many words belong to each (Alias Wavefront's own description of the format)."""
_VECTOR_OPTIONS = ("-o", "-s", "-t")
"""Options with one to three numbers."""


@dataclass
class Neighbours:
    """The files in the folder of a model, by content reference."""

    contents: Contents
    reference: str
    _found: dict[str, str | None] = field(default_factory=dict)

    def image(self, value: str) -> str | None:
        """Return the reference of the image that a map of an MTL names, None if it is not there.

        The options of a map are not used, as in Sweet Home 3D; a name may hold blanks.
        """
        return self._first(value, _names_in_map(value))

    def libraries(self, value: str) -> list[tuple[str, str | None]]:
        """Return names and references of what an `mtllib` names: one file, whose name may hold blanks, or several."""
        whole = self.file(value)
        words = value.split(" ") if whole is None and value.count(".") > 1 else [value]
        return [(word, self.file(word)) for word in words if word]

    def file(self, name: str) -> str | None:
        """Return the reference of the file with this name or path, None if it is not there."""
        return self._first(name, (name,))

    def _first(self, key: str, names: Iterator[str] | tuple[str, ...]) -> str | None:
        if key not in self._found:
            spelled = (spelling for name in names for spelling in _spellings(name))
            found = (self.contents.beside(self.reference, spelling) for spelling in spelled)
            self._found[key] = next((reference for reference in found if reference is not None), None)
        return self._found[key]


def _names_in_map(value: str) -> Iterator[str]:
    """What may be the name in the value of a map, most likely first."""
    yield value
    words = value.split(" ")
    yield " ".join(word for word in words if word)
    while words and words[0] in (*_OPTIONS, *_VECTOR_OPTIONS):
        option = words.pop(0)
        count = _OPTIONS.get(option) or sum(1 for _ in _leading_numbers(words[:3]))
        del words[:count]
    yield " ".join(words)
    yield words[-1] if words else ""


def _leading_numbers(words: list[str]) -> Iterator[float]:
    for word in words:
        try:
            yield float(word)
        except ValueError:
            return


def _spellings(name: str) -> Iterator[str]:
    """A name or path as it stands, as UTF-8, with slashes for backslashes, and its last part.

    Some programs write paths of the machine that they ran on.
    """
    name = name.strip('"')
    spellings = [name]
    with contextlib.suppress(UnicodeError):
        spellings.append(name.encode("latin-1").decode("utf-8"))
    for spelling in spellings:
        if spelling:
            yield spelling
            yield spelling.replace("\\", "/")
            yield PureWindowsPath(spelling).name
