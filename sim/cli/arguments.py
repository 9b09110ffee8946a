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


def parse_size(text: str) -> tuple[int, int]:
    """Width and height of an image, given as WIDTHxHEIGHT.

    Raises:
        HomeError: not given so.
    """
    from scenes.errors import HomeError

    match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text)
    if match is None or int(match[1]) < 1 or int(match[2]) < 1:
        raise HomeError(f"--size {text!r}: give it as WIDTHxHEIGHT, e.g. 640x480")
    return int(match[1]), int(match[2])
