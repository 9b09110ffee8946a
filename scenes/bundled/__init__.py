"""The homes that come with the project: drawn by code, kept as files in `assets/homes`."""

from __future__ import annotations

import importlib.resources
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scenes.draw.drawing import Drawing


def _oldenborg() -> Drawing:
    from scenes.bundled.oldenborg import draw

    return draw()


BUNDLED: dict[str, Callable[[], Drawing]] = {"oldenborg": _oldenborg}
"""What draws each home, by name."""

_DESCRIPTIONS = {
    "oldenborg": "a residence hall: two wings on four heights, joined by stairs and inclines",
}


def bundled_names() -> tuple[str, ...]:
    """The names of the bundled homes."""
    return tuple(BUNDLED)


def description(name: str) -> str:
    """A bundled home in one line."""
    return _DESCRIPTIONS[name]


def bundled_path(name: str) -> Path:
    """The file of a bundled home."""
    return Path(str(importlib.resources.files("assets").joinpath("homes", f"{name}.sh3d")))
