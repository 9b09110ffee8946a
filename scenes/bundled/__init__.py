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


def _two_levels() -> Drawing:
    from scenes.bundled.two_levels import draw

    return draw()


def _blocks() -> Drawing:
    from scenes.bundled.blocks import draw

    return draw()


def _round() -> Drawing:
    from scenes.bundled.round_room import draw

    return draw()


BUNDLED: dict[str, Callable[[], Drawing]] = {
    "oldenborg": _oldenborg,
    "two-levels": _two_levels,
    "blocks": _blocks,
    "round": _round,
}
"""What draws each home, by name."""

_DESCRIPTIONS = {
    "oldenborg": "a residence hall with two wings, its floors on three heights joined by stairs and inclines",
    "two-levels": "two levels, a straight staircase of 16 risers, the hole above it",
    "blocks": "a stair of boxes, a triangular prism and a tilted box as inclines, half levels",
    "round": "a round wall, walls with sloping tops",
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
