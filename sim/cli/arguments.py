"""Arguments that several commands take."""

from __future__ import annotations

import re
from typing import Annotated

import typer

HomeArgument = Annotated[
    str, typer.Argument(help="A bundled scene's name, a .sh3d file, or an OBJ export (.obj, .zip).")
]
SceneOption = Annotated[
    str, typer.Option("--scene", help="A bundled scene's name, a .sh3d file, or an OBJ export (.obj, .zip).")
]

PLACE_HELP = (
    "a room (Kitchen, Kitchen@LEVEL, or 'room #3' as `sim info` numbers them), a level, a point X,Y,LEVEL in metres, "
    "or an object (sofa, 'object #31')"
)

CloseOption = Annotated[
    bool, typer.Option("--close", help="Give walls that enclose a space without a room a floor and a ceiling.")
]
OutdoorsOption = Annotated[
    bool, typer.Option("--outdoors", help="Terraces and gardens, too; homes whose walls are not closed.")
]


def parse_size(text: str) -> tuple[int, int]:
    """Width and height of an image, given as WIDTHxHEIGHT.

    Raises:
        HomeError: not given so.
    """
    from scenes.errors import HomeError
    from sim.camera import MAX_SIDE_PX

    match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text)
    size = (int(match[1]), int(match[2])) if match is not None else (0, 0)
    if not all(1 <= side <= MAX_SIDE_PX for side in size):
        raise HomeError(f"--size {text!r}: give it as WIDTHxHEIGHT, e.g. 640x480, each at most {MAX_SIDE_PX}")
    return size


def count(number: int, noun: str) -> str:
    """Return a number with its noun, "1 episode" or "1,200 episodes"."""
    return f"{number:,} {noun if number == 1 else noun + 's'}"
